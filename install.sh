#!/bin/sh
# Installs meshctl: install.sh [--sha256 HASH] [FILE or URL]
#
# Without an argument it takes dist/meshctl of the checkout this script is in, and makes it first if
# need be. MESHCTL_INSTALL_DIR says where it goes; by default that is ~/.local/bin.
#
# Nothing is run that has another digest than HASH, or than the file SHA256SUMS beside FILE says.
# Over http:// from another machine HASH is needed: anybody on the way can change what comes.
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

# Writes the program that the argument names to the file $2. Without a digest, what begins with https:
# must not end with http: because a server sends it on.
obtain() {
  case $1 in
    http://* | https://*)
      onward==http,https
      case $1 in https://*) [ -n "$wanted" ] || onward==https ;; esac
      if command -v curl >/dev/null; then
        curl -fsSL --proto-redir "$onward" "$1" -o "$2" || fail "$1 cannot be downloaded"
      elif command -v wget >/dev/null; then
        [ -n "$wanted" ] || fail "wget does not say where $1 leads" \
          "Give its digest, from a place you trust: --sha256 HASH; or install curl"
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

# Prints the SHA-256 of the file $1.
digest() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null; then
    shasum -a 256 <"$1" | cut -d ' ' -f 1
  elif command -v openssl >/dev/null; then
    openssl dgst -sha256 <"$1" | sed 's/.* //'
  else
    fail "there is no sha256sum, shasum or openssl to check the program with"
  fi
}

# Prints the digest that the file SHA256SUMS beside the program $1 says it has, if there is one.
listed() {
  sums=$(dirname "$1")/SHA256SUMS
  [ -f "$sums" ] || return 0
  sed -n "s/^\([0-9a-f]\{64\}\)  $(basename "$1" | sed 's/[.[\*^$/]/\\&/g')\$/\1/p" "$sums" | head -n 1
}

wanted=
digests=0
source=
while [ $# -gt 0 ]; do
  case $1 in
    --sha256)
      [ $# -gt 1 ] || fail "--sha256 needs a digest"
      wanted=$2
      digests=$((digests + 1))
      shift
      ;;
    --sha256=*)
      wanted=${1#--sha256=}
      digests=$((digests + 1))
      ;;
    -*) fail "there is no option $1" "install.sh [--sha256 HASH] [FILE or URL]" ;;
    *)
      [ -z "$source" ] || fail "$source and $1 are two programs" "Name one of them."
      source=$1
      ;;
  esac
  shift
done
wanted=$(printf %s "$wanted" | tr 'A-F' 'a-f')
case $wanted in
  *[!0-9a-f]*) fail "--sha256 is \"$wanted\", which is no SHA-256" ;;
esac
# An empty one is a variable that was not set, and not the wish to compare with nothing.
[ $digests -eq 0 ] || [ ${#wanted} -eq 64 ] ||
  fail "--sha256 is \"$wanted\", which has ${#wanted} digits and not 64"

check_deno
if [ -z "$source" ]; then
  checkout=$(cd "$(dirname "$0")" && pwd)
  source=$checkout/dist/meshctl
  [ -f "$source" ] || (cd "$checkout" && deno task compile)
fi
authority=${source#*://}
case ${source%%:*}${authority%%[/?#]*} in
  http*@*) fail "$source names a user" "Leave out what is before the @." ;;
esac
case $source in
  http://127.0.0.1[:/]* | http://localhost[:/]* | "http://[::1]"[:/]* | https://*) ;;
  http://*)
    [ -n "$wanted" ] || fail "$source can be changed by anybody on the way" \
      "Give its digest, from a place you trust: --sha256 HASH"
    ;;
  *) [ -n "$wanted" ] || wanted=$(listed "$source") ;;
esac

folder=${MESHCTL_INSTALL_DIR:-${HOME:?is not set}/.local/bin}
mkdir -p "$folder"
# Beside its place, so that it appears there whole or not at all.
draft=$(mktemp "$folder/.meshctl.XXXXXX")
trap 'rm -f "$draft"' EXIT
obtain "$source" "$draft"
found=$(digest "$draft")
if [ -n "$wanted" ] && [ "$found" != "$wanted" ]; then
  fail "what $source holds is not what was meant: its SHA-256 is $found, not $wanted"
fi
# Anything else is not even tried: a page that tells of an error is not to be run.
case $(head -c 4 "$draft" | od -An -tx1 | tr -d ' \n') in
  7f454c46 | cffaedfe) ;;
  *) [ "$(head -n 2 "$draft" | tail -n 1)" = '":" /*' ] || fail "what $source holds is not meshctl" ;;
esac
[ -n "$wanted" ] || echo "Its SHA-256 is $found, which nothing was compared with: --sha256 does" >&2
chmod 755 "$draft"
shown=$("$draft" --version 2>&1) || fail "what $source holds does not run: $shown"
mv "$draft" "$folder/meshctl"
echo "Installed $folder/meshctl ($shown)"
case :$PATH: in
  *":$folder:"*) ;;
  *) echo "Put it on your PATH: export PATH=\"$folder:\$PATH\"" ;;
esac
