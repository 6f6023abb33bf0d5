#!/bin/bash
# macos.sh - what `make macos-test` runs: digitnet compiled and linked for macOS on both
# of its processors, by clang and lld with macOS's own headers; and what came of it. It is
# not run, for no macOS was at hand.
#
# Skipped without clang, lld, llvm or npm, which has the headers. Environment: B, MAKE.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/package/checks.sh

made() {
    env -u MAKEFLAGS -u MAKELEVEL "${MAKE:-make}" --no-print-directory B="$B" \
        "$B/portable/$1/digitnet.dylib" 2>&1 | tee "$B/package/macos.log" || return
    [ -e "$B/portable/$1/digitnet.dylib" ] && ! grep -E 'warning|error' "$B/package/macos.log"
}

# looks PLATFORM FORMAT ELSE - one name of its own; no library but macOS's C library, of
# which it asks what that has, and ELSE; no path of this machine.
looks() {
    local library=$B/portable/$1/digitnet.dylib
    diff <(llvm-objdump --macho --exports-trie "$library" | sed -n 's/.* \(_[a-z]\)/\1/p') \
        <(echo _sqlite3_digitnet_init) &&
        diff <(llvm-objdump --macho --dylibs-used "$library" | sed -n 's/^\t\([^ ]*\).*/\1/p') \
            <(printf '%s\n' @rpath/digitnet.dylib /usr/lib/libSystem.B.dylib) &&
        diff <(llvm-nm -um "$library" | grep -v '(from libSystem)' | sed 's/.* external //; s/ .*//') \
            <(printf "$3") &&
        llvm-objdump --macho --private-headers "$library" | grep -E "^ *MH_MAGIC_64 +$2 " &&
        ! grep -aF "$top" "$library"
}

lld=$(clang -print-prog-name=ld64.lld 2> /dev/null)
if needs "make macos-test" clang "${lld:-ld64.lld}" llvm-ar llvm-nm npm; then
    check "macos-arm64" made macos-arm64
    check "macos-arm64: what it has and asks for" looks macos-arm64 ARM64 ''
    check "macos-x64" made macos-x64
    check "macos-x64: what it has and asks for" looks macos-x64 X86_64 \
        '___cpu_features2\n___cpu_model\n'
    summary
fi
