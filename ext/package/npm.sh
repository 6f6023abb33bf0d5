#!/bin/sh
# npm.sh - packs npm's packages: `make npm`.
#
#     ext/package/npm.sh main VERSION FOLDER README.md …
#     ext/package/npm.sh linux-x64 VERSION FOLDER digitnet.so LICENSE
#
# The first is digitnet, which has the documentation and asks for one of the others, each
# with the library of one platform: npm installs that whose os, cpu and libc it runs on.
# The packages are put into FOLDER, which has a folder npm for what they are made of.
set -eu
platforms="linux-x64 linux-arm64 linux-x64-musl linux-arm64-musl"
what=$1 version=$2 folder=$3
shift 3
here=$(dirname "$0")/npm
to=$folder/npm/$what
rm -rf "$to"
mkdir -p "$to"

# list FORMAT - the platforms, each as FORMAT says, with commas between.
list() {
    for each in $platforms; do printf "$1" "$each"; done | sed 's/, $//'
}

if [ "$what" = main ]; then
    cp LICENSE "$here/index.mjs" "$here/index.d.ts" "$to"
    cp "$here/index.d.ts" "$to/index.d.mts"
    cp --parents "$@" "$to"
    sed "s/@PLATFORMS@/[$(list "'%s', ")]/" "$here/index.cjs" > "$to/index.cjs"
    sed -e "s/@VERSION@/$version/" -e "s/@OPTIONAL@/{ $(list "\"digitnet-%s\": \"$version\", ") }/" \
        "$here/package.json" > "$to/package.json"
else
    cp "$1" "$to"
    cp "$2" "$to/LICENSES"
    cpu=${what#*-} os=${what%%-*} libc=glibc licence="MIT AND Zlib AND libpng-2.0"
    case $what in *-musl) libc=musl ;; esac
    case $os in
    linux) where="\"libc\": [\"$libc\"]," ;;
    windows) os=win32 where= ;;
    *) where= ;;
    esac
    case $2 in LICENSE) licence=MIT ;; esac
    sed -e "s/@VERSION@/$version/" -e "s/@PLATFORM@/$what/" -e "s/@LICENCE@/$licence/" \
        -e "s/@WHERE@/\"os\": [\"$os\"], \"cpu\": [\"${cpu%-musl}\"], $where/" \
        "$here/platform.json" > "$to/package.json"
fi
folder=$(cd "$folder" && pwd)
cd "$to"
npm pack --silent --pack-destination "$folder"
