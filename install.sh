#!/bin/sh
# Installs meshctl: install.sh [FILE or URL]
#
# Without an argument it takes dist/meshctl of the checkout this script is in, and makes it first if
# need be. MESHCTL_INSTALL_DIR says where it goes; by default that is ~/.local/bin.
set -eu

oldest_major=2
oldest_minor=9

fail() {
  echo "Error: $1" >&2
  [ $# -lt 2 ] || echo "$2" >&2
  exit 1
}

check_deno() {
  command -v deno >/dev/null || fail "meshctl needs Deno, and there is no \`deno\` on PATH" \
    "Install it: npm install -g deno, or see https://docs.deno.com/runtime/getting_started/installation"
  version=$(deno --version | sed -n 's/^deno \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p')
  major=${version%.*}
  minor=${version#*.}
  if [ "${major:-0}" -gt "$oldest_major" ]; then return; fi
  if [ "${major:-0}" -eq "$oldest_major" ] && [ "$minor" -ge "$oldest_minor" ]; then return; fi
  fail "meshctl needs Deno $oldest_major.$oldest_minor or newer, and the \`deno\` on PATH is ${version:-unknown}" \
    "Bring it up to date: deno upgrade, or npm install -g deno"
}

# Writes the program that the argument names to the file $2.
obtain() {
  case $1 in
    http://* | https://*)
      if command -v curl >/dev/null; then
        curl -fsSL "$1" -o "$2" || fail "$1 cannot be downloaded"
      elif command -v wget >/dev/null; then
        wget -qO "$2" "$1" || fail "$1 cannot be downloaded"
      else
        fail "there is neither curl nor wget to download $1 with"
      fi
      ;;
    *)
      [ -f "$1" ] || fail "there is no file $1"
      cp "$1" "$2"
      ;;
  esac
}

check_deno
source=${1:-}
if [ -z "$source" ]; then
  checkout=$(cd "$(dirname "$0")" && pwd)
  source=$checkout/dist/meshctl
  [ -f "$source" ] || (cd "$checkout" && deno task compile)
fi

folder=${MESHCTL_INSTALL_DIR:-${HOME:?is not set}/.local/bin}
mkdir -p "$folder"
# Beside its place, so that it appears there whole or not at all.
draft=$(mktemp "$folder/.meshctl.XXXXXX")
trap 'rm -f "$draft"' EXIT
obtain "$source" "$draft"
# Anything else is not even tried: a page that tells of an error is not to be run.
case $(head -c 4 "$draft" | od -An -tx1 | tr -d ' \n') in
  7f454c46 | cffaedfe) ;;
  *) [ "$(head -n 2 "$draft" | tail -n 1)" = '":" /*' ] || fail "what $source holds is not meshctl" ;;
esac
chmod 755 "$draft"
shown=$("$draft" --version 2>&1) || fail "what $source holds does not run: $shown"
mv "$draft" "$folder/meshctl"
echo "Installed $folder/meshctl ($shown)"
case :$PATH: in
  *":$folder:"*) ;;
  *) echo "Put it on your PATH: export PATH=\"$folder:\$PATH\"" ;;
esac
