#!/bin/sh
# Kills builds, pushes, collections and the registry at random moments and checks that all survives; see --help.
set -eu
cd "$(dirname "$0")/.."

scripts/setup.sh 'the endurance test' crun=crun busybox-static util-linux=unshare
. scripts/use-node.sh

exec node --disable-warning=ExperimentalWarning packages/cli/test/endurance/main.ts "$@"
