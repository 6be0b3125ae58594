#!/bin/sh
# Writes what the real `docker buildx bake --print` says of the files of packages/project/test/wild beside them:
#   scripts/compare-bake.sh PATH/TO/docker-buildx
# The tests of packages/project then compare with it. It needs no daemon; the benchmark's root has the program under
# usr/libexec/docker/cli-plugins.
set -eu
buildx=${1:?the path of the docker-buildx program is missing}
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top/packages/project/test/wild"
failed=0
for file in *.hcl *.yaml *.json; do
  case $file in *.expected.json) continue ;; esac
  if env -i PATH="$PATH" HOME=/root "$buildx" bake --progress=quiet -f "$file" --print >"$file.expected.json.new" 2>"$file.error"; then
    mv "$file.expected.json.new" "$file.expected.json"
    rm -f "$file.error"
  else
    echo "$file: $(tail -n 3 "$file.error")" >&2
    rm -f "$file.expected.json.new" "$file.error"
    failed=1
  fi
done
"$top/node_modules/.bin/biome" format --write "$top/packages/project/test/wild" >/dev/null
exit $failed
