#!/bin/sh
# one_file.sh - the library's sources compile as the one file of C that is handed on, too:
# no two of them give one name to different things.
set -eu
CC=${CC:-cc}
${MAKE:-make} -s B=build/tmp amalgamation
$CC -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -fPIC -fsyntax-only \
    -DSQLITE_CORE build/tmp/amalgamation/digitnet.c
