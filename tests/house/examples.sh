#!/bin/sh
# examples.sh - the C in the comments at the heads of headers compiles, without a warning:
# what examples.awk makes of it, with what examples.txt declares. One that does not is
# seen.
set -eu
CC=${CC:-cc}
dir=$PWD/tests/house
out=build/tmp/example
examples=0

# compiles - HEADER FILE: whether its examples do; nothing is said of one that has none.
compiles() {
    awk -v header="$1" -f "$dir/examples.awk" "$dir/examples.txt" "$2" > $out.c
    [ -s $out.c ] || return 0
    examples=$((examples + $(grep -c '^int example_[0-9]*(void);' $out.c)))
    $CC -std=c11 -D_POSIX_C_SOURCE=200809L -I. -fsyntax-only -Wall -Wextra -Werror -Wno-unused \
        -Wno-return-type $out.c > $out.txt 2>&1
}

failed=0
for header in $(find -L core loaders ext tests -name '*.h' | sort); do
    compiles "$header" "$header" && continue
    echo "the example in $header does not compile (what it finds declared: tests/house/examples.txt):"
    grep -E 'error|warning' $out.txt | sed "s|^|    |"
    failed=1
done
echo "$examples examples"
[ $examples -ge 30 ] && [ $failed = 0 ]

# Wrong are: a function that is not, an argument too few, a type that does not fit.
for wrong in 'dn_models_decode(&m' 'dn_model_decode(&m, ' 'dn_model_decode(m'; do
    case $wrong in *', ') cut='bytes, size, NULL, error' ;; *) cut= ;; esac
    sed "s/dn_model_decode(&m${cut:+, $cut}/$wrong/" core/dn.h > $out.h
    if compiles core/dn.h $out.h; then echo "not seen: $wrong" && exit 1; fi
done
