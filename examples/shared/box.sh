# Sourced by scripts that start images: an image is pulled with skopeo, unpacked with umoci and started with crun or
# runc. Nothing of OneBuild takes part in it: images are ordinary ones. Everything is kept in the folder $boxes.

box_here=${box_here:?the folder of this file}
box_flags=
[ "$(id -u)" -eq 0 ] || box_flags=--rootless

# can_run ARCHITECTURE: whether this machine runs its programs, itself or by emulation. Sets box_emulator.
can_run() {
  box_emulator=
  case $1-$(uname -m) in
    amd64-x86_64 | arm64-aarch64) return 0 ;;
    amd64-*) set -- x86_64 ;;
    arm64-*) set -- aarch64 ;;
  esac
  # The emulator is put into the box and started by name, so nothing has to be registered with the kernel.
  if box_emulator=$(command -v "qemu-$1-static"); then return 0; fi
  box_emulator=
  grep -qs '^flags:.*F' "/proc/sys/fs/binfmt_misc/qemu-$1"
}

# unpack_box IMAGE ARCHITECTURE: makes $boxes/bundle out of it, for the emulator that can_run found.
unpack_box() {
  rm -rf "$boxes/bundle"
  mkdir -p "$boxes"
  # The folder stays from run to run: skopeo pulls only layers that are not there yet.
  skopeo copy --quiet --src-tls-verify=false --src-no-creds --override-os linux --override-arch "$2" "docker://$1" "oci:$boxes/images:box"
  umoci --log error unpack $box_flags --image "$boxes/images:box" "$boxes/bundle"
  node "$box_here/prepare-bundle.ts" "$boxes/bundle" $box_emulator
}

# start_box ID [--detach]: starts what unpack_box made.
start_box() {
  # crun refuses machines with cgroups v1 and v2 side by side; runc takes them.
  for box_runtime in ${box_runtime:-crun runc}; do
    "$box_runtime" --root "$boxes/state/$box_runtime" run ${2:-} --bundle "$boxes/bundle" "$1" </dev/null && return 0
    delete_box "$1"
  done
  return 1
}

# in_box ID PROGRAM ARGUMENTS...: runs a program in a started box; its whole path, since an emulator does not search.
in_box() {
  box_id=$1
  shift
  "$box_runtime" --root "$boxes/state/$box_runtime" exec "$box_id" ${box_emulator:+/.emulator} "$@"
}

delete_box() {
  [ -z "${box_runtime:-}" ] || "$box_runtime" --root "$boxes/state/$box_runtime" delete --force "$1" >/dev/null 2>&1 || true
}
