#!/bin/sh
# deps.sh - what `make deps` runs: sees to a compiler, the sqlite3 shell, and the headers
# of SQLite, libpng and zlib.
#
# Quick and silent where all is there. Else it installs with apt where it may (as root, or
# by a sudo that asks nothing), and otherwise prints the one command that would do it.
set -u
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# missing - prints what is not there, nothing if all is. It tries to use each thing: a
# header that lies somewhere else than in /usr/include is as good.
missing() {
    cat > "$scratch/a.c" << 'END'
#include <png.h>
#include <sqlite3ext.h>
#include <zlib.h>
#if SQLITE_VERSION_NUMBER < 3031000
#error
#endif
int main(void) { return !png_access_version_number() + !zlibVersion(); }
END
    if ! ${CC:-cc} --version > /dev/null 2>&1; then
        echo "a C compiler"
    elif ! ${CC:-cc} -o "$scratch/a" "$scratch/a.c" -lpng -lz -lsqlite3 2> /dev/null; then
        echo "the headers of SQLite (3.31 or newer), libpng or zlib"
    fi
    if ! command -v sqlite3 > /dev/null; then
        echo "the sqlite3 shell"
    # One that may load extensions says so by failing to find this one.
    elif ! sqlite3 -batch -init /dev/null :memory: "SELECT load_extension('./none')" 2>&1 |
        grep -q 'none'; then
        echo "an sqlite3 shell that can load extensions"
    elif [ "$(sqlite3 -batch -init /dev/null :memory: \
        "SELECT printf('%d%03d', substr(v, 1, 1), substr(v, 3)) >= 3031
         FROM (SELECT sqlite_version() AS v)")" != 1 ]; then
        echo "an sqlite3 shell of version 3.31 or newer"
    fi
}

list=$(missing)
[ -z "$list" ] && exit 0
printf 'Missing: %s\n' "$(printf '%s' "$list" | paste -sd, - | sed 's/,/, /g')"

# curl and its certificates are for the demo alone, which can fetch MNIST with them.
apt="gcc libc6-dev sqlite3 libsqlite3-dev libpng-dev zlib1g-dev curl ca-certificates"
if command -v apt-get > /dev/null; then
    as_root=
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2> /dev/null; then
            printf 'Please run:\n  sudo apt-get install %s\n' "$apt"
            exit 1
        fi
        as_root="sudo -n"
    fi
    install="$as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends $apt"
    # The lists of packages may be absent or too old: then once more with fresh ones.
    if ! $install > "$scratch/log" 2>&1 < /dev/null; then
        $as_root apt-get update -q > "$scratch/log" 2>&1 < /dev/null
        if ! $install >> "$scratch/log" 2>&1 < /dev/null; then
            cat "$scratch/log"
            exit 1
        fi
    fi
else
    echo 'Please run the one of these that is for your system:'
    echo '  sudo dnf install gcc sqlite sqlite-devel libpng-devel zlib-devel curl'
    echo '  sudo apk add gcc musl-dev sqlite sqlite-dev libpng-dev zlib-dev curl'
    echo '  brew install gcc sqlite libpng zlib curl'
    exit 1
fi

list=$(missing)
[ -z "$list" ] && echo "Installed." && exit 0
printf 'Still missing: %s\n' "$list"
exit 1
