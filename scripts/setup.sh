#!/bin/sh
# Installs Debian packages that are missing, and says so.
#
#   scripts/setup.sh PURPOSE PACKAGE[=PROGRAM]...
#
# A package counts as there when PROGRAM is found, or (without one) when dpkg knows it as installed. Without root
# nothing is installed: the line to run is printed, and the exit code is 8.
set -eu

purpose=$1
shift

is_there() {
  case $1 in
    *=*) PATH=$PATH:/usr/sbin:/sbin command -v "${1#*=}" >/dev/null 2>&1 && return 0 ;;
  esac
  [ "$(dpkg-query -W -f='${db:Status-Status}' "${1%%=*}" 2>/dev/null)" = installed ]
}

missing=
for spec in "$@"; do
  is_there "$spec" || missing="$missing ${spec%%=*}"
done
[ -n "$missing" ] || exit 0

line="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: $purpose needs these Debian packages (or what your system calls them):$missing" >&2
  exit 8
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "setup: $purpose needs packages that are not installed. Run this as root, then start again:" >&2
  echo "  $line" >&2
  exit 8
fi

echo "setup: installing for $purpose:$missing"

# Services of the packages stay off: nothing here needs them running.
policy=/usr/sbin/policy-rc.d
own_policy=
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  own_policy=1
fi
trap '[ -z "$own_policy" ] || rm -f "$policy"' EXIT
trap 'exit 130' INT TERM

log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if ! $line >"$log" 2>&1; then
  apt-get update -q >"$log" 2>&1 || true
  if ! $line >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    echo "setup: failed: $line" >&2
    exit 8
  fi
fi
rm -f "$log"
