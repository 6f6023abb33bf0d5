#!/bin/sh
# layers.sh - `make layers` sees what it is there to see: a small tree that has all of the
# rooms passes; with one fault planted in it, it fails and names the file.
set -eu
top=$PWD
tree=$top/build/tmp/tree
CC=${CC:-cc}

# plant - FILE LINE…: lines at the end of a file of the tree.
plant() {
    to=$tree/$1
    shift
    mkdir -p "${to%/*}"
    printf '%s\n' "$@" >> "$to"
    rm -f "${to%.*}.o"
}

# tree_as_it_should_be - each file has a function named after it, and uses what it may.
tree_as_it_should_be() {
    rm -rf "$tree" "$tree.kept"
    for file in core/a core/layers/b core/onnx/c loaders/d ext/base/e ext/image/f ext/data/g \
        ext/read/h ext/model/i ext/predict/j ext/train/k ext/search/l ext/m; do
        plant $file.h "int ${file##*/}(void);"
        plant $file.c "#include \"${file##*/}.h\"" "int ${file##*/}(void) { return 0; }"
    done
    while read -r user used; do uses "$user" "$used"; done << END
core/layers/b core/a
core/onnx/c core/layers/b
ext/base/e core/a
ext/image/f ext/base/e
ext/image/f loaders/d
ext/data/g ext/image/f
ext/read/h ext/image/f
ext/model/i ext/data/g
ext/predict/j ext/model/i
ext/train/k ext/model/i
ext/search/l ext/train/k
ext/m ext/search/l
END
    plant ext/m.c '__attribute__((visibility("default"))) int sqlite3_digitnet_init(void);' \
        'int sqlite3_digitnet_init(void) { return m(); }'
}

# uses - FILE OTHER: the first calls the second's function, whose header it includes.
uses() {
    up=$(echo "${1%/*}" | sed 's/[^/]*/../g')
    plant "$1.c" "#include \"$up/$2.h\"" "int ${1##*/}_${2##*/}(void);" \
        "int ${1##*/}_${2##*/}(void) { return ${2##*/}(); }"
}

# layers - `make layers` of the tree; what it says goes to said.
layers() (
    cd "$tree"
    for source in $(find core loaders ext -name '*.c'); do
        [ -e "${source%.c}.o" ] || $CC -fPIC -fvisibility=hidden -c -o "${source%.c}.o" "$source"
    done
    $CC -shared -o digitnet.so $(find core loaders ext -name '*.o')
    "$top/tests/layers.sh" digitnet.so "$(find core -name '*.o')" "$(find loaders -name '*.o')" \
        "$(find ext -name '*.o')" > said 2>&1
)

# caught - WORDS…: the tree as it is now fails with each of these words; then it is as it
# was.
caught() {
    if layers; then echo "passed: $*" && exit 1; fi
    for words in "$@"; do
        grep "$words" "$tree/said" || { echo "not caught: $words" && cat "$tree/said" && exit 1; }
    done
    rm -rf "$tree"
    cp -r "$tree.kept" "$tree"
}

tree_as_it_should_be
layers || { cat "$tree/said" && exit 1; }
cp -r "$tree" "$tree.kept"

uses core/a core/onnx/c
caught 'circle by symbols: core/.* > core/.* > core/'
plant core/a2.h '#include "a.h"'
plant core/a.h '#pragma once' '#include "a2.h"'
caught 'circle by includes: core/a2*.h > core/a2*.h > core/a2*.h'
uses core/layers/b core/layers/b2
plant core/layers/b2.h 'int b2(void);'
plant core/layers/b2.c 'int b_core(void);' 'int b(void);' 'int b2(void) { return b(); }'
caught 'circle by symbols: core/layers/b2* > core/layers/b2* > '
for pair in ext/base/e:ext/image/f ext/image/f:ext/data/g ext/data/g:ext/read/h ext/read/h:ext/data/g \
    ext/data/g:ext/model/i ext/model/i:ext/train/k ext/predict/j:ext/train/k ext/train/k:ext/search/l \
    ext/search/l:ext/m; do
    uses "${pair%:*}" "${pair#*:}"
    caught "^ *${pair%:*} may not use ${pair#*:}\$" "${pair%:*}.c may not use ${pair#*:}.h"
done
plant ext/attic/n.c '#include "../base/e.h"'
caught 'ext/attic has no place'
plant core/a.c '#include "../loaders/d.h"'
caught 'core/a.c includes loaders/d.h'
uses loaders/d core/a
caught 'loaders may not use core'
plant core/a.c 'int sqlite3_open(void);' 'int o(void);' 'int o(void) { return sqlite3_open(); }'
caught 'core may not use SQLite'
