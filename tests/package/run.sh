#!/bin/bash
# run.sh - what `make packages` runs: makes what is handed on, and uses it as others
# would.
#
# The one file of `make amalgamation`, by gcc and by clang, with each instruction set,
# must have the fingerprint of tests/sql/fingerprint.sql, and must be the same file
# whatever awk wrote it. The rest is installed into folders of its own in build/package
# and loaded from there.
#
# SHORT=1 leaves out clang's build and the Debian package. What needs a tool that is not
# here (npm, node, pip, pkg-config, dpkg-buildpackage, lintian) is skipped.
#
# Environment: B, SO, CC, MAKE, SHORT; PYTHON, tried before python3 and /usr/bin/python3.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/package/checks.sh
case ${SO:=digitnet.so} in /*) ;; *) SO=$top/$SO ;; esac
export B SO
P=$B/package
try=$P/try
seven="SELECT digit_predict(readfile('tests/drawn/7/109-nib-kraft-rgb8.png'))"

make_() {
    # What this make was told is not for the ones below it.
    env -u MAKEFLAGS -u MAKELEVEL "${MAKE:-make}" --no-print-directory B="$B" SO="$SO" "$@"
}

shell() {
    timeout 300 sqlite3 -batch -init /dev/null :memory: "$@"
}

# A wheel is tried elsewhere than here, where Python would take ./digitnet.so for a
# module.
in_python() {
    (cd "$try" && PYTHONPATH=$try/python "$python" "$@")
}

# reads_seven LIBRARY - it loads, and reads a PNG.
reads_seven() {
    test "$(shell ".load $1" "$seven")" = 7
}

# --- the one file ---

one_file() {
    mkdir -p "$try/$1"
    "$1" -O2 -Wall -Wextra -Werror -shared -fPIC -o "$try/$1/digitnet.so" \
        "$B/amalgamation/digitnet.c" -lpng -lz -lm -pthread &&
        exports "$try/$1/digitnet.so"
}

exports() {
    test "$(nm -D --defined-only "$1" | sed 's/.* //')" = sqlite3_digitnet_init
}

# 64-bit Arm has headers of its own in it; those of SQLite, libpng and zlib are any
# machine's.
one_file_arm64() {
    aarch64-linux-gnu-gcc -fsyntax-only -Werror -idirafter /usr/include \
        "$B/amalgamation/digitnet.c"
}

# refuses FLAG - flags under which it would compute something else.
refuses() {
    ! gcc -E "$1" "$B/amalgamation/digitnet.c" > "$P/refused" 2> "$P/why" &&
        grep '#error "digitnet' "$P/why"
}

same_bits() {
    local isa
    for isa in avx512 avx2 portable; do
        DIGITNET_ISA=$isa tests/package/fingerprint.sh "$1" || return
    done
}

# any_awk AWK… - what another awk writes.
any_awk() {
    make_ amalgamation B="$try/awk" AWK="$*" && cmp "$B/amalgamation/digitnet.c" \
        "$try/awk/amalgamation/digitnet.c" && rm -r "$try/awk"
}

# fresh - it is as new as all that it is made of: each source and header, in any folder.
fresh() {
    local file
    make_ -q "$B/amalgamation/digitnet.c" || return
    for file in $(find core loaders ext -path ext/package -prune -o -name '*.[ch]' -print); do
        make_ -q -W "$file" "$B/amalgamation/digitnet.c" && [ "$file" != ext/digitnet.h ] &&
            echo "not made again after a change of $file" && return 1
    done
    return 0
}

only_two_names() {
    diff <(nm -g --defined-only "$B/static/libdigitnet.a" | sed -n 's/.* [A-Z] //p' | sort) \
        <(printf 'digitnet_auto\nsqlite3_digitnet_init\n')
}

# --- install ---

installed() {
    make_ install PREFIX="$try/usr" && make_ install DESTDIR="$try/dest" PREFIX=/usr &&
        diff -r -x digitnet.pc -x '*.sql' "$try/usr" "$try/dest/usr" &&
        diff <(cd "$try/usr" && find . | sort) <(cd "$try/dest/usr" && find . | sort) &&
        grep -qx '.load /usr/lib/digitnet' "$try/dest/usr/share/digitnet/sql/report.sql" &&
        grep -qx 'libdir=/usr/lib' "$try/dest/usr/lib/pkgconfig/digitnet.pc" &&
        reads_seven "$try/usr/lib/digitnet"
}

# reports - they run from any folder, as do the statements that their heads show.
reports() (
    local sql=$try/usr/share/digitnet/sql
    mkdir -p "$try/elsewhere" && cd "$try/elsewhere" && rm -f my.db || return
    sqlite3 -batch -bail -init /dev/null my.db ".load $try/usr/lib/digitnet" \
        "CREATE TABLE images AS SELECT 'test' AS split, * FROM synthetic_digits(50)" &&
        sqlite3 -batch -bail -init /dev/null my.db ".read $sql/report.sql" > report.html &&
        grep -q '</html>' report.html &&
        sqlite3 -batch -bail -init /dev/null my.db ".load $try/usr/lib/digitnet" \
            ".read $sql/predictions.sql" ".read $sql/accuracy.sql" | grep '^accuracy' &&
        ! grep -nE '\.read sql/|\.load \./' "$sql"/*.sql "$sql"/report/*.sql
)

# The program of tests/clients, by nothing but pkg-config.
linked() {
    export PKG_CONFIG_PATH=$try/usr/lib/pkgconfig
    cp tests/clients/c.c "$try" &&
        ${CC:-cc} -o "$try/c" "$try/c.c" $(pkg-config --cflags --libs digitnet) &&
        "$try/c" | diff tests/clients/answers.out - &&
        reads_seven "$(pkg-config --variable=extension digitnet)"
}

uninstalled() {
    make_ uninstall PREFIX="$try/usr" && ! find "$try/usr" -type f | grep .
}

# --- packages ---

npm_package() {
    make_ npm && npm install --offline --no-audit --no-fund --prefix "$try/npm" \
        "$P"/digitnet-*.tgz
}

# npm_loads FILE - a module that loads it, of either kind.
npm_loads() {
    cat > "$try/npm/try.cjs" << 'END'
const { load, getLoadablePath } = require('digitnet');
require('./try')(load, getLoadablePath);
END
    cat > "$try/npm/try.mjs" << 'END'
import { load, getLoadablePath } from 'digitnet';
import tried from './try.js';
tried(load, getLoadablePath);
END
    cat > "$try/npm/try.js" << 'END'
module.exports = (load, getLoadablePath) => {
    const assert = require('assert');
    const db = require(process.env.BETTER)(':memory:');
    load(db);
    const png = require('fs').readFileSync('tests/drawn/7/109-nib-kraft-rgb8.png');
    assert.equal(db.prepare('SELECT digit_predict(?)').pluck().get(png), 7);
    assert.match(getLoadablePath(), /digitnet$/);
    assert.ok(require('fs').existsSync(getLoadablePath() + '.so'));
};
END
    BETTER=$B/clients/node/node_modules/better-sqlite3 node "$try/npm/$1"
}

# npm_without - what is said where the platform's own package was not installed, and on
# a platform that has none.
npm_without() {
    mkdir -p "$try/without/node_modules" &&
        cp -r "$try/npm/node_modules/digitnet" "$try/without/node_modules" || return
    cat > "$try/without/try.js" << 'END'
const assert = require('assert');
const digitnet = require('digitnet');
assert.throws(digitnet.getLoadablePath, /digitnet-linux-[a-z0-9-]* is not installed: .*npm install/);
Object.defineProperty(process, 'arch', { value: 'mips' });
assert.throws(digitnet.getLoadablePath, /no library for linux-mips.*; there are those for linux-x64, /);
END
    node "$try/without/try.js"
}

# npm_says_why, wheel_says_why - a library that the system refuses: its reason arrives.
npm_says_why() {
    rm -rf "$try/broken" && mkdir "$try/broken" && cp -r "$try"/npm/node_modules "$try/broken" &&
        echo "no library" | tee "$try"/broken/node_modules/digitnet-*/digitnet.so || return
    ! NODE_PATH=$B/clients/node/node_modules:$try/broken/node_modules node -e "
        require('digitnet').load(require('better-sqlite3')(':memory:'))" > "$P/why" 2>&1 &&
        grep -i 'digitnet\.so: .*\(elf\|too short\)' "$P/why" && ! grep -F .so.so "$P/why"
}

wheel_says_why() (
    rm -rf "$try/broken" && mkdir "$try/broken" && cp -r "$try/python/digitnet" "$try/broken" &&
        echo "no library" > "$try/broken/digitnet/digitnet.so" && cd "$try" || return
    ! PYTHONPATH=$try/broken "$python" -c 'import sqlite3, digitnet
digitnet.load(sqlite3.connect(":memory:"))' > "$P/why" 2>&1 &&
        grep -i 'digitnet\.so: .*\(elf\|too short\)' "$P/why" && ! grep -F .so.so "$P/why"
)

wheel() {
    make_ wheel PYTHON="$python" && cp "$P"/digitnet-*.whl "$try" && make_ wheel PYTHON="$python" &&
        cmp "$try"/digitnet-*.whl "$P"/digitnet-*.whl &&
        "$python" -m pip install --no-index --no-deps --target "$try/python" "$try"/digitnet-*.whl
}

wheel_loads() {
    in_python - "$top/tests/drawn/7/109-nib-kraft-rgb8.png" << 'END'
import sys, sqlite3, digitnet
db = sqlite3.connect(":memory:")
digitnet.load(db)
assert digitnet.loadable_path().endswith("digitnet"), digitnet.loadable_path()
assert db.execute("SELECT digitnet_version()").fetchone() == (digitnet.__version__,)
png = open(sys.argv[1], "rb").read()
assert db.execute("SELECT digit_predict(?)", [png]).fetchone() == (7,)
try:
    db.execute("SELECT load_extension('digitnet')")
except sqlite3.OperationalError as error:
    assert "not authorized" in str(error), error
else:
    raise SystemExit("extensions are still on")
try:
    digitnet.load(object())  # as a connection of a Python without extensions
except NotImplementedError as error:
    assert "without loadable extensions" in str(error), error
END
}

wheel_loads_apsw() {
    in_python -c '
import sys, apsw, digitnet
db = apsw.Connection(":memory:")
digitnet.load(db)
png = open(sys.argv[1], "rb").read()
assert db.cursor().execute("SELECT digit_predict(?)", [png]).fetchall() == [(7,)]' \
        "$top/tests/drawn/7/109-nib-kraft-rgb8.png"
}

dist() {
    local tar
    make_ dist && tar=$(echo "$P"/digitnet-*.tar.gz) && cp "$tar" "$try/dist" &&
        sleep 1 && make_ dist && cmp "$try/dist" "$tar" &&
        diff <(tar -tzf "$tar" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' | sort) \
            <(git ls-tree -r --name-only HEAD | sort)
}

deb() {
    make_ deb && dpkg-deb -x "$P"/deb/libsqlite3-mod-digitnet_*.deb "$try/deb" &&
        dpkg-deb -x "$P"/deb/libdigitnet-dev_*.deb "$try/deb" &&
        reads_seven "$(echo "$try"/deb/usr/lib/*/digitnet.so)" &&
        ls "$try"/deb/usr/lib/*/libdigitnet.a "$try/deb/usr/include/digitnet.h"
}

rm -rf "$try"
mkdir -p "$try"
rm -f "$P"/digitnet-*.tgz "$P"/digitnet-*.whl
make_ amalgamation > "$P/log" 2>&1 || exit 1
compilers=gcc
[ -n "${SHORT:-}" ] || compilers="gcc clang"
for compiler in $compilers; do
    if needs "one file, $compiler" "$compiler"; then
        check "one file, $compiler" one_file "$compiler"
        check "one file, $compiler: the same bits" same_bits "$try/$compiler/digitnet"
    fi
done
check "one file: made again" fresh
for awk in mawk gawk "gawk --posix" "busybox awk" original-awk; do
    if needs "one file: $awk" ${awk%% *}; then check "one file: $awk" any_awk $awk; fi
done
check "one file: not with -ffast-math" refuses -ffast-math
if [ "$(uname -m)" = x86_64 ]; then
    check "one file: not with the x87" refuses -mfpmath=387
fi
if needs "one file, arm64" aarch64-linux-gnu-gcc; then
    check "one file, arm64" one_file_arm64
fi
check "libdigitnet.a: two names" only_two_names
check "install" installed
check "install: reports from any folder" reports
if needs "pkg-config" pkg-config; then check "linked by pkg-config" linked; fi
check "uninstall" uninstalled
if needs "npm" npm; then
    check "npm" npm_package
    check "npm: says what is not installed" npm_without
    if [ -n "$(find "$B/clients/node" -name better_sqlite3.node 2> /dev/null)" ]; then
        check "npm: loads" npm_loads try.cjs
        check "npm: loads as an ES module" npm_loads try.mjs
        check "npm: says why it cannot be loaded" npm_says_why
    else
        echo "skipped npm: loads: no better-sqlite3 in $B/clients/node"
    fi
fi
for python in "${PYTHON:-python3}" python3 /usr/bin/python3 ''; do
    [ -z "$python" ] || "$python" -c 'import pip, sqlite3
sqlite3.connect(":memory:").enable_load_extension(True)' 2> /dev/null && break
done
if [ -n "$python" ]; then
    check "wheel" wheel
    check "wheel: loads" wheel_loads
    check "wheel: says why it cannot be loaded" wheel_says_why
    if "$python" -c 'import apsw' 2> /dev/null; then
        check "wheel: loads in apsw" wheel_loads_apsw
    fi
else
    echo "skipped wheel: no Python with pip whose sqlite3 may load extensions"
fi
if git rev-parse HEAD > /dev/null 2>&1; then
    check "dist" dist
else
    echo "skipped dist: not in a git checkout"
fi
if [ -z "${SHORT:-}" ] && needs "deb" dpkg-buildpackage dh; then
    check "deb" deb
    if needs "deb: lintian" lintian; then
        check "deb: lintian" lintian --fail-on error,warning --allow-root "$P"/deb/*.changes
    fi
fi

summary
