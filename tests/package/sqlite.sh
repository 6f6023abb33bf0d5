#!/bin/sh
# sqlite.sh - SQLite's sources with its shell's, which npm's package sqlite3 carries:
#
#     tests/package/sqlite.sh build/portable/sqlite      sqlite3.c, shell.c and headers
set -eu
to=$1
[ ! -e "$to/shell.c" ] || exit 0
command -v npm > /dev/null || { echo "npm is not here" && exit 1; }
mkdir -p "$to"
cd "$to"
file=$(timeout 300 npm pack --silent sqlite3@6.0.1 2> npm.log) ||
    { echo "npm could not fetch sqlite3@6.0.1" && exit 1; }
tar -xzf "$file" package/deps/sqlite-autoconf-3520000.tar.gz
tar -xzf package/deps/sqlite-autoconf-3520000.tar.gz --strip-components=1
rm -r package "$file"
