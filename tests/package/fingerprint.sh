#!/bin/sh
# fingerprint.sh - whether a library, wherever it runs, has the fingerprint that
# tests/sql/fingerprint.out shows.
#
#     tests/package/fingerprint.sh build/portable/digitnet          by this sqlite3
#     tests/package/fingerprint.sh digitnet qemu-aarch64 ./sqlite3  by another shell
#     tests/package/fingerprint.sh - wine64 ./sqlite3.exe           linked into the shell
#
# The shell reads the script from its input, in this folder's parent's parent: tests/drawn
# is there. It prints what differs.
set -eu
cd "$(dirname "$0")/../.."
library=$1
shift
[ $# -gt 0 ] || set -- sqlite3
{
    [ "$library" = - ] || echo ".load '$library'"
    sed '/^\.load /d' tests/sql/fingerprint.sql
} | "$@" -batch -init /dev/null :memory: 2>&1 | tr -d '\r' | diff tests/sql/fingerprint.out -
