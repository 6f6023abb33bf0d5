#!/bin/sh
# release.sh - what `make release` runs: all that is handed on, in one folder.
#
#     ext/package/release.sh build/release PLATFORM …
#
#   digitnet-VERSION.tar.gz             the sources of the commit
#   digitnet-VERSION-amalgamation.tar.gz   them as one file of C, and its header
#   digitnet-VERSION-PLATFORM.tar.gz    the portable library, its licences, the reports
#   *.whl, *.tgz                        Python's and npm's packages of each Linux
#   digitnet-wasm-VERSION.tgz           npm's package for browsers
#   SHA256SUMS                          of all these
#
# The same commit, compilers and Debian sources of zlib and libpng give the same bytes:
# no archive has a time or a user in it. Environment: MAKE, B, VERSION.
set -eu
to=$1
shift
portable=$B/portable
rm -rf "$to"
mkdir -p "$to"

make_() { env -u MAKEFLAGS -u MAKELEVEL "${MAKE:-make}" --no-print-directory B="$B" "$@"; }

# pack NAME FILE… - an archive whose folder has the name.
pack() {
    folder=$to/$1
    shift
    mkdir -p "$folder"
    cp "$@" "$folder"
    chmod 644 "$folder"/*
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$to" \
        -cf - "${folder##*/}" | gzip -n9 > "$folder.tar.gz"
    rm -r "$folder"
}

make_ dist amalgamation
cp "$B/package/digitnet-$VERSION.tar.gz" "$to"
pack "digitnet-$VERSION-amalgamation" LICENSE "$B"/amalgamation/digitnet.[ch]
for platform; do
    if [ "$platform" = wasm ]; then
        make_ wasm
        cp "$B"/wasm/digitnet-wasm-*.tgz "$to"
        continue
    fi
    if [ "$platform" = windows-x64 ]; then
        make_ windows
    else
        make_ portable FOR="$platform"
        rm -f "$B"/package/digitnet-*.whl "$B"/package/digitnet-*.tgz
        make_ wheel npm FOR="$platform"
        cp "$B"/package/digitnet-*.whl "$B"/package/digitnet-*.tgz "$to"
    fi
    pack "digitnet-$VERSION-$platform" "$portable/$platform"/digitnet.[ds]* \
        "$portable/LICENSES" ext/digitnet.h
done
cd "$to"
sha256sum -- * > SHA256SUMS
