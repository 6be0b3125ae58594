#!/bin/sh
# The whole test: installs what the tests need, checks format, types and lint, runs every test, then the OCI
# conformance suite where Go is there. With CI set, a test that misses a program fails instead of being skipped.
set -eu
cd "$(dirname "$0")/.."

if ! scripts/setup.sh 'the tests' \
  crun=crun runc=runc skopeo=skopeo umoci=umoci docker-registry=docker-registry busybox-static \
  uidmap=newuidmap qemu-user-static=qemu-aarch64-static docker.io=dockerd podman=podman git=git openssh-client=ssh-agent \
  zstd=zstd xz-utils=xz bzip2=bzip2 util-linux=unshare bsdutils=script ca-certificates openssl=openssl graphviz=dot; then
  [ -z "${CI:-}" ] || exit 8
  echo "setup: going on without them; the tests that need them are skipped" >&2
fi

# Some tests run as other users, who have to reach the checkout. Where a folder above it is closed to them, this run alone sees
# the checkout at a place that is open.
if [ "$(id -u)" -eq 0 ] && [ -z "${ONEBUILD_TEST_SHOWN:-}" ] &&
  ! setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$PWD/packages/cli/bin/onebuild"; then
  export ONEBUILD_TEST_SHOWN=1
  [ ! -d ../shared/cases ] || export ONEBUILD_CASES="${ONEBUILD_CASES:-$PWD/../shared/cases}"
  shown=$(mktemp -d "${TMPDIR:-/tmp}/onebuild-checkout-XXXXXX")
  chmod 755 "$shown"
  status=0
  unshare --mount sh -c 'mount --bind "$1" "$2" && cd "$2" && exec scripts/test.sh' sh "$PWD" "$shown" || status=$?
  rmdir "$shown"
  exit "$status"
fi

. scripts/use-node.sh

[ -z "${CI:-}" ] || export ONEBUILD_TEST_STRICT=1

npm run --silent check
npm run --silent bundle

node --test --test-concurrency=2 --test-reporter=spec \
  'packages/*/src/**/*.test.ts' 'packages/*/test/**/*.test.ts' 'test/**/*.test.ts'

scripts/conformance.sh
