#!/usr/bin/env bash
# Runs the conformance suites of the OCI distribution spec against OneBuild's registry, all four workflows
# (pull, push, content discovery, content management), and prints the counts. Code 1 when a check fails or is skipped
# without a reason. Without Go, or where the suites cannot be had, it says so loudly and ends with code 0.
#
# ONEBUILD_CONFORMANCE_DIR: folder with the suites already compiled (`release`: the tests of the v1.1.1 release,
# `current`: the program that came after it); nothing is downloaded then.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export PATH="$root/node_modules/.bin:$PATH"

module=github.com/opencontainers/distribution-spec/conformance
# the suite has no version tags of its own; these are the commits of the spec's v1.1.1 and of its main branch
release=v0.0.0-20250123160558-a139cc423184
current=v0.0.0-20260716174315-967efdc079b9

work=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  chmod -R u+w "$work"
  rm -rf "$work"
}
trap finish EXIT

skip() {
  printf '\n*** SKIPPED: registry conformance: %s ***\n\n' "$1" >&2
  exit 0
}

# A copy of the module at a version, with the versions of its dependencies that its own go.sum names.
get_suite() {
  local version=$1 to=$2 answer dir
  (mkdir -p "$work/get" && cd "$work/get" && { [ -f go.mod ] || go mod init get >/dev/null 2>&1; })
  if ! answer=$(cd "$work/get" && go mod download -json "$module@$version" 2>"$work/get.log"); then
    printf '%s\n' "$answer" >>"$work/get.log"
    return 1
  fi
  dir=$(node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).Dir' <<<"$answer")
  cp -r "$dir" "$to"
  chmod -R u+w "$to"
}

if [ -n "${ONEBUILD_CONFORMANCE_DIR:-}" ]; then
  suites=$ONEBUILD_CONFORMANCE_DIR
else
  suites=$work/suites
  mkdir "$suites"
  command -v go >/dev/null || skip 'Go is not installed (apt-get install golang, or https://go.dev/dl)'
  if ! get_suite "$release" "$work/release-source" || ! get_suite "$current" "$work/current-source"; then
    tail -n 3 "$work/get.log" >&2
    skip "the Go module proxy does not give $module"
  fi
  (cd "$work/release-source" && go test -c -o "$suites/release" .)
  (cd "$work/current-source" && go build -buildvcs=false -o "$suites/current" .)
fi

onebuild=packages/cli/bin/onebuild
if [ -x "$onebuild" ] && "$onebuild" registry serve --help >/dev/null 2>&1; then
  "$onebuild" registry serve --root "$work/registry" --listen 127.0.0.1:0 >"$work/server.log" 2>&1 &
else
  node --input-type=module --eval '
    import { serveRegistry } from "@onebuild/registry/server";
    console.log((await serveRegistry({ root: process.argv[1] })).url);
  ' "$work/registry" >"$work/server.log" 2>&1 &
fi
server=$!
url=
for _ in $(seq 100); do
  url=$(grep -om1 'http://127\.0\.0\.1:[0-9]*' "$work/server.log" || true)
  [ -z "$url" ] || break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
if [ -z "$url" ]; then
  cat "$work/server.log" >&2
  exit 1
fi

failed=0

# Checks of the release that are the other branch of one that ran: preparations without a push, and answers to a
# mount that a registry gives which cannot mount.
explained='Get tag name from environment
Populate registry with test tags (no push)
Cross-mounting of nonexistent blob should yield session id
Cross-mounting without from, and automatic content discovery disabled should return a 202'

for first in 0 1; do
  out=$work/release-$first
  mkdir "$out"
  OCI_ROOT_URL=$url OCI_NAMESPACE=conformance/one-$first OCI_CROSSMOUNT_NAMESPACE=conformance/two-$first \
    OCI_TEST_PULL=1 OCI_TEST_PUSH=1 OCI_TEST_CONTENT_DISCOVERY=1 OCI_TEST_CONTENT_MANAGEMENT=1 \
    OCI_AUTOMATIC_CROSSMOUNT=1 OCI_HIDE_SKIPPED_WORKFLOWS=0 OCI_DELETE_MANIFEST_BEFORE_BLOBS=$first \
    OCI_REPORT_DIR=$out "$suites/release" >"$out/log" 2>&1 || failed=1
  sed 's/\x1b\[[0-9;]*m//g' "$out/log" >"$out/plain"
  printf 'v1.1.1, manifests deleted %s blobs: %s\n' \
    "$([ $first = 1 ] && echo before || echo after)" "$(grep -E '(Passed|passed).*(Failed|failed)' "$out/plain" || echo 'no result')"
  [ "$failed" = 0 ] || sed -n '/Summarizing/,$p' "$out/plain"
  EXPLAINED=$explained node -e '
    const xml = require("fs").readFileSync(process.argv[1], "utf8");
    const text = (s) => s.replace(/&#(\d+);/g, (_, n) => String.fromCharCode(n)).replace(/&amp;/g, "&");
    const skipped = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*status="skipped"/g)].map((m) => text(m[1]));
    const known = process.env.EXPLAINED.split("\n");
    const others = skipped.filter((name) => !known.some((end) => name.endsWith(end)));
    for (const name of others) console.log(`skipped without a reason: ${name}`);
    process.exit(others.length > 0 ? 1 : 0);
  ' "$out/junit.xml" || failed=1
done

for version in 1.1 dev; do
  out=$work/current-$version
  mkdir "$out"
  (cd "$out" && OCI_VERSION=$version OCI_REGISTRY=${url#http://} OCI_TLS=disabled OCI_RESULTS_DIR=$out/results \
    OCI_REPO1=conformance/three-$version OCI_REPO2=conformance/four-$version "$suites/current" >"$out/log" 2>&1) || failed=1
  count() { sed -n "s/^  $1\.*: *//p" "$out/log" | head -n 1; }
  printf 'current suite, %s: %s passed, %s failed, %s errors, %s skipped, %s disabled by the version\n' \
    "$version" "$(count Pass)" "$(count FAIL)" "$(count Error)" "$(count Skip)" "$(count Disabled)"
  if [ "$(count FAIL)" != 0 ] || [ "$(count Error)" != 0 ] || [ "$(count Skip)" != 0 ]; then
    failed=1
    tail -n 80 "$out/log"
  fi
done

if [ "$failed" = 0 ]; then echo 'registry conformance: ok'; else echo 'registry conformance: FAILED'; fi
exit "$failed"
