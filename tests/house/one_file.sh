#!/bin/sh
# one_file.sh - the library's sources compile as the one file of C that is handed on, too:
# no two of them give one name to different things. So does what is left without the parts
# that can be left out: a function new in png.h is wanted in png_omitted.c.
set -eu
CC=${CC:-cc}
${MAKE:-make} -s B=build/tmp amalgamation
compiles() {
    $CC -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -fPIC -fsyntax-only \
        -DSQLITE_CORE "$@" build/tmp/amalgamation/digitnet.c
}
compiles
compiles -Werror -DDIGITNET_OMIT_BUILTIN
compiles -Werror -DDIGITNET_OMIT_TRAIN -DDIGITNET_OMIT_ONNX -DDIGITNET_OMIT_PNG \
    -DDIGITNET_OMIT_BUILTIN -DDIGITNET_OMIT_REPORT
