#!/bin/sh
# oldnew.sh - `make old-new`: the oldest SQLite that is promised and the newest there is.
#
# npm's packages carry SQLite's sources: sqlite3@5.0.0 those of 3.31.1, better-sqlite3 the
# newest. Each becomes a library and a shell; the newest comes without shell.c and takes
# that of sqlite3@6.0.1, 3.52. digitnet's ext is compiled with each header, without a
# warning, and each of the two libraries that gives must pass the SQL tests in each of the
# two SQLites:
# old in new shows that nothing is asked for that went, new in old that what came later is
# asked for only where it is.
#
#     make old-new              all four pairs, the whole of tests/sql and tests/host
#     SHORT=1 make old-new      old in new and new in old, the golden scripts of tests/sql
#     NEWEST=better-sqlite3@12.0.0 make old-new
#
# Nothing of it is kept but in $B/oldnew. Where npm or its network is not there it says
# "skipped: …" and passes. Environment: B, CORE and LOADERS, the build folder and its
# objects, which do not know SQLite; CC, MAKE, ONLY as in run.sh.
set -eu
cd "$(dirname "$0")/.."
CC=${CC:-cc}
MAKE=${MAKE:-make}
at=$B/oldnew
mkdir -p "$at"
at=$(cd "$at" && pwd)

# fetch - a package's file or folder, put into a folder of its own.
fetch() {
    package=$1 path=$2 to=$3
    rm -rf "$to"
    mkdir -p "$to"
    file=$(cd "$to" && timeout 300 npm pack --silent "$package" 2> npm.log) || {
        echo "skipped: make old-new: npm could not fetch $package"
        exit 0
    }
    tar -xzf "$to/$file" -C "$to" "package/$path"
}

# library - a folder with sqlite3.c and shell.c becomes one with libsqlite3.so.0 and
# sqlite3.
library() (
    cd "$1"
    flags="-O1 -w -DSQLITE_ENABLE_JSON1 -DSQLITE_ENABLE_MATH_FUNCTIONS"
    flags="$flags -DSQLITE_ENABLE_DESERIALIZE -DSQLITE_ENABLE_FTS5"
    $CC $flags -fPIC -shared -Wl,-soname,libsqlite3.so.0 -o libsqlite3.so.0 sqlite3.c \
        -lm -ldl -pthread
    ln -sf libsqlite3.so.0 libsqlite3.so
    $CC $flags -I. -o sqlite3 shell.c -L. -lsqlite3 -lm -lz
)

# here - a command that sees only the SQLite of this folder.
here() {
    folder=$1
    shift
    env LD_LIBRARY_PATH="$folder" PATH="$folder:$PATH" "$@"
}

command -v npm > /dev/null || { echo "skipped: make old-new: npm is not here"; exit 0; }
fetch sqlite3@5.0.0 deps/sqlite-autoconf-3310100.tar.gz "$at/fetched"
mkdir -p "$at/old"
tar -xzf "$at/fetched/package/deps/sqlite-autoconf-3310100.tar.gz" -C "$at/old" \
    --strip-components=1
fetch sqlite3@6.0.1 deps/sqlite-autoconf-3520000.tar.gz "$at/fetched"
mkdir -p "$at/new"
tar -xzf "$at/fetched/package/deps/sqlite-autoconf-3520000.tar.gz" -C "$at/new" \
    --strip-components=1
fetch "${NEWEST:-better-sqlite3@latest}" deps/sqlite3 "$at/fetched"
cp "$at/fetched/package/deps/sqlite3"/sqlite3*.[ch] "$at/new"

tests=
for file in tests/host/test_*.c; do
    [ -n "${SHORT:-}" ] || tests="$tests ${file%.c}"
done
for each in old new; do
    [ -e "$at/$each/sqlite3" ] && [ "$at/$each/sqlite3" -nt "$at/$each/sqlite3.c" ] ||
        library "$at/$each"
    goals=
    for test in $tests; do goals="$goals $at/$each/$test"; done
    LD_LIBRARY_PATH= $MAKE --no-print-directory CC="$CC" B="$at/$each" \
        SO="$at/$each/digitnet.so" CORE="$CORE" LOADERS="$LOADERS" \
        CFLAGS="-O2 -g -Werror -isystem $at/$each" LDFLAGS="-L$at/$each" all $goals
done

# pair - the SQL tests, where ext was compiled with one header and runs in another SQLite.
passed=0 failed=0
pair() {
    header=$1 library=$2
    units=
    for test in $tests; do units="$units $at/$library/$test"; done
    version=$(here "$at/$library" sqlite3 -batch -init /dev/null :memory: \
        ".load $at/$header/digitnet" "SELECT value FROM json_each('[\"' ||
            replace(digitnet_debug(), char(10), '\",\"') || '\"]') WHERE value GLOB 'SQLite*'")
    echo "== $version"
    if here "$at/$library" env B="$at/root" SO="$at/$header/digitnet.so" \
        ONLY="${ONLY:-$default}" tests/run.sh $units; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

# In short: names that do not end with ".sh".
default=*
[ -z "${SHORT:-}" ] || default='*[!.]??'
pair old new
pair new old
if [ -z "${SHORT:-}" ]; then
    pair old old
    pair new new
fi
echo "$passed pairs passed, $failed failed"
[ "$failed" = 0 ]
