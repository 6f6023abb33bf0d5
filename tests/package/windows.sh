#!/bin/bash
# windows.sh - what `make windows-test` runs: makes digitnet.dll by mingw-w64, checks what
# it asks of Windows, and tries it under wine64 by SQLite's own shell.
#
# Skipped without the compiler (gcc-mingw-w64-x86-64-posix) and, but for the first checks,
# without wine64 or npm, which has the sources of the shell. No Windows itself was tried.
# Environment: B, MAKE, SHORT.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/package/checks.sh
case ${SO:=digitnet.so} in /*) ;; *) SO=$top/$SO ;; esac
library=$B/portable/windows-x64/digitnet
shell=$B/portable/sqlite/sqlite3.exe
wine=$(command -v wine64 || ls /usr/lib/wine/wine64 2> /dev/null)
export WINEDEBUG=-all WINEPREFIX=${WINEPREFIX:-$B/portable/wine}

made() {
    env -u MAKEFLAGS -u MAKELEVEL "${MAKE:-make}" --no-print-directory B="$B" windows
}

dump() { x86_64-w64-mingw32-objdump "$@" "$library.dll"; }

# asks_little - two libraries that each Windows has; one name of its own; no path of this
# machine.
asks_little() {
    diff <(dump -p | sed -n 's/.*DLL Name: //p') <(printf 'KERNEL32.dll\nmsvcrt.dll\n') &&
        diff <(dump -p | sed -n 's/^\t\[ *[0-9]*\] \([a-z].*\)/\1/p') <(echo sqlite3_digitnet_init) &&
        ! grep -aF "$top" "$library.dll"
}

# unaligned - Windows keeps the stack at 16 bytes alone, and gcc does not know: no vector
# of 32 or 64 goes to it or comes from it by an instruction that wants more.
unaligned() {
    ! dump -d | grep -E 'vmov(aps|apd|dqa|dqa32|dqa64|ntps|ntdq) .*%[yz]mm' |
        grep -E '\(%r[bs]p'
}

shell() {
    tests/package/sqlite.sh "${shell%/*}" || return
    [ -e "$shell" ] || x86_64-w64-mingw32-gcc-posix -O1 -w -static -municode -o "$shell" \
        "${shell%/*}/shell.c" "${shell%/*}/sqlite3.c" || return
    "$wine" "$shell" --version
}

fingerprint() {
    DIGITNET_ISA=$1 tests/package/fingerprint.sh "$library" "$wine" "$shell"
}

ask() {
    "$wine" "$shell" -batch -bail -init /dev/null :memory: ".load $library" "$@" | tr -d '\r'
}

# paths - of folders and files with names in UTF-8.
paths() {
    local dir=$B/tmp/ünï
    rm -rf "$dir"
    mkdir -p "$dir/größe" && cp tests/drawn/7/109-*.png "$dir/größe/数字.png" || return
    diff <(ask "SELECT path, label, digit_predict(pixels) FROM read_png('$dir')") \
        <(echo "$dir/größe/数字.png|größe|7") &&
        ask "SELECT * FROM read_png('$dir/größe/数')" 2>&1 |
        grep 'cannot be opened: No such file'
}

drawn() {
    test "$(ask "SELECT count(*), sum(label = digit_predict(pixels)) FROM read_png('tests/drawn')")" \
        = "$(sqlite3 -batch -init /dev/null :memory: ".load ${SO%.so}" \
            "SELECT count(*), sum(label = digit_predict(pixels)) FROM read_png('tests/drawn')")"
}

if needs "make windows-test" x86_64-w64-mingw32-gcc-posix apt-get; then
    check "windows-x64" made
    check "windows-x64: what it asks for" asks_little
    check "windows-x64: no aligned vectors on the stack" unaligned
    if [ -z "$wine" ]; then
        echo "skipped windows-x64 under wine64: it is not here"
    elif ! shell > "$B/package/log" 2>&1; then
        echo "skipped windows-x64 under wine64: no shell: $(tail -n 1 "$B/package/log")"
    else
        for isa in avx512 avx2 portable; do
            check "windows-x64: the same bits under wine64, $isa" fingerprint $isa
        done
        check "windows-x64: names in UTF-8" paths
        [ -n "${SHORT:-}" ] || check "windows-x64: tests/drawn" drawn
    fi
    summary
fi
