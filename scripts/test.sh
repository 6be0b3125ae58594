#!/bin/sh
# The whole test: installs what the tests need, checks format, types and lint, runs every test, then the OCI
# conformance suite where Go is there. With CI set, a test that misses a program fails instead of being skipped.
set -eu
cd "$(dirname "$0")/.."

if ! scripts/setup.sh 'the tests' \
  crun=crun runc=runc skopeo=skopeo umoci=umoci docker-registry=docker-registry busybox-static \
  uidmap=newuidmap qemu-user-static=qemu-aarch64-static docker.io=dockerd podman=podman git=git openssh-client=ssh-agent \
  zstd=zstd xz-utils=xz bzip2=bzip2 util-linux=unshare bsdutils=script ca-certificates openssl=openssl; then
  [ -z "${CI:-}" ] || exit 8
  echo "setup: going on without them; the tests that need them are skipped" >&2
fi

. scripts/use-node.sh

[ -z "${CI:-}" ] || export ONEBUILD_TEST_STRICT=1

npm run --silent check
npm run --silent bundle

node --test --test-concurrency=2 --test-reporter=spec \
  'packages/*/src/**/*.test.ts' 'packages/*/test/**/*.test.ts' 'test/**/*.test.ts'

scripts/conformance.sh
