# Sourced by scripts at the top of the checkout: installs the workspace where it is missing, and puts its Node.js
# (>= 24, an npm package) in front of PATH.

if [ ! -e node_modules/.package-lock.json ]; then
  echo "setup: npm ci"
  npm ci --no-audit --no-fund --loglevel=error
fi

for folder in "$PWD"/node_modules/node-linux-*/bin; do
  if [ -x "$folder/node" ] && "$folder/node" --version >/dev/null 2>&1; then PATH=$folder:$PATH; fi
done
PATH=$PWD/node_modules/.bin:$PATH
export PATH

version=$(node --version 2>/dev/null || echo none)
major=${version#v}
if [ "${major%%.*}" = none ] || [ "${major%%.*}" -lt 24 ]; then
  echo "setup: Node.js 24 or newer is needed, and there is $version; run 'npm ci' with optional packages" >&2
  exit 8
fi
