#!/bin/bash
# release.sh - `make release` gives the same bytes twice, from two folders, and its
# checksums hold. SHORT=1: for linux-x64 alone. Environment: B, MAKE, SHORT.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/package/checks.sh
platforms=()
[ -z "${SHORT:-}" ] || platforms=(RELEASED=linux-x64)

# released FOLDER - a release in a build folder of its own.
released() {
    rm -rf "$1/wasm" "$1/amalgamation" "$1/portable"/*-*/digitnet.* "$1/portable"/*-*/libraries.a
    env -u MAKEFLAGS -u MAKELEVEL "${MAKE:-make}" --no-print-directory B="$1" \
        "${platforms[@]}" release && (cd "$1/release" && sha256sum -c --quiet SHA256SUMS)
}

again=$B/again
mkdir -p "$again/portable"
check "release" released "$B"
cp -r "$B/portable/sources" "$again/portable" 2> /dev/null
check "release again, in another folder" released "$again"
check "the same bytes" diff "$B/release/SHA256SUMS" "$again/release/SHA256SUMS"
summary
