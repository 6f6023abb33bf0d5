#!/bin/bash
# wasm.sh - what `make wasm-test` runs, once the package is made: the fingerprint of both
# modules, in SQLite's shell of the same objects, and the package's interface (wasm.js).
#
# Node before 21 knows relaxed SIMD by a flag alone, which later ones have no more.
# Environment: B.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/package/checks.sh
relaxed=$(node --v8-options | grep -o -m 1 -e --experimental-wasm-relaxed-simd)

fingerprint() {
    tests/package/fingerprint.sh - node $relaxed "$B/wasm/$1/sqlite3.js"
}

# fuses - whether node and this processor round once.
fuses() {
    [ "$(node $relaxed -e "require('$B/wasm/digitnet-wasm')().then(SQL => console.log(SQL.variant))")" = fused ]
}

# placeless - the modules do not tell in which folder they were built.
placeless() {
    ! grep -aoE '.{1,40}/amalgamation/digitnet\.c' "$1"/*.wasm
}

# installed - by npm, from the package, for require and import.
installed() {
    local to=$B/package/digitnet-wasm
    rm -rf "$to"
    mkdir -p "$to"
    npm install --no-audit --no-fund --offline --prefix "$to" "$B"/wasm/digitnet-wasm-*.tgz || return
    (cd "$to" && node -e "require('digitnet-wasm')().then(SQL => new SQL.Database())" &&
        node --input-type=module -e "import initSqlJs from 'digitnet-wasm';
            new (await initSqlJs()).Database()")
}

if needs "make wasm-test" node npm; then
    check "wasm: the package is installed, required, imported" installed
    check "wasm: no name of the build folder" placeless "$B/wasm/digitnet-wasm"
    check "wasm, soft: the fingerprint" fingerprint soft
    check "wasm, soft: the interface" node tests/package/wasm.js "$B/wasm/digitnet-wasm" soft
    if fuses; then
        check "wasm, fused: the fingerprint" fingerprint fused
        check "wasm, fused: the interface" node $relaxed tests/package/wasm.js "$B/wasm/digitnet-wasm" fused
    else
        echo "skipped wasm, fused: neither this node nor this processor has it"
    fi
    summary
fi
