#!/bin/sh
# sources.sh - zlib and libpng, as Debian's source packages have them, patches applied:
# `make portable` puts them into the libraries that it makes.
#
#     ext/package/portable/sources.sh build/portable/sources
#
# makes the folders zlib and libpng in there. Lists and packages are kept apart from the
# machine's, and apt-get checks their signatures; no root is needed. Elsewhere than on
# Debian, unpack zlib (1.2.13 or newer) and libpng (1.6) into these two folders by hand.
set -eu
umask 022
to=$1
[ -e "$to/zlib/zlib.h" ] && [ -e "$to/libpng/png.h" ] && exit
command -v apt-get > /dev/null && command -v dpkg-source > /dev/null || {
    echo "sources.sh: apt-get and dpkg-source (dpkg-dev) are not here: unpack zlib and" \
        "libpng into $to/zlib and $to/libpng" >&2
    exit 1
}
mkdir -p "$to"
cd "$to"

# fetch - from the archives that are named, "FOLDER SUITE" each.
fetch() {
    rm -rf apt ./*.dsc ./*.tar.* zlib-*/ libpng1.6-*/
    mkdir -p apt/lists/partial apt/archives/partial apt/parts
    : > apt/status
    for archive; do
        echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
            "${DEBIAN:-http://deb.debian.org}/${archive% *} ${archive#* } main"
    done > apt/parts/sources.list
    set -- -q -o APT::Sandbox::User="$(id -un)" -o Dir::Etc::SourceList=/dev/null \
        -o Dir::Etc::SourceParts="$PWD/apt/parts" -o Dir::State="$PWD/apt" \
        -o Dir::State::status="$PWD/apt/status" -o Dir::Cache="$PWD/apt"
    apt-get "$@" update > apt/log 2>&1 && apt-get "$@" source zlib libpng1.6 >> apt/log 2>&1
}

# What is mended for security is taken where the archive for that has its sources.
fetch "debian bookworm" "debian-security bookworm-security" || fetch "debian bookworm" ||
    { cat apt/log >&2 && exit 1; }
mv zlib-*/ zlib
mv libpng1.6-*/ libpng
rm -rf apt ./*.dsc ./*.tar.*
