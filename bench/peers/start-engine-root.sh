#!/bin/sh
# Makes ROOT the root of this mount namespace and runs a command there: start-engine-root.sh ROOT WORK DATA COMMAND...
# A chroot is not enough: runc wants a real root to pivot from. WORK is seen under its own path, DATA as the folder
# where the engine and Buildah keep their state.
set -eu
root=$1
work=$2
data=$3
shift 3

mount --bind "$root" "$root"
mkdir -p "$root/old" "$data/docker" "$data/containers"
for place in proc sys dev; do mount --rbind "/$place" "$root/$place"; done
mount -t tmpfs none "$root/run"
mount -t tmpfs none "$root/tmp"
mkdir -p "$root$work"
mount --rbind "$work" "$root$work"
mkdir -p "$root/var/lib/docker" "$root/var/lib/containers" "$root/etc/docker"
mount --bind "$data/docker" "$root/var/lib/docker"
mount --bind "$data/containers" "$root/var/lib/containers"
echo '{"features":{"containerd-snapshotter":true}}' >"$root/etc/docker/daemon.json"
cd "$root"
pivot_root . old
umount -l /old
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"
