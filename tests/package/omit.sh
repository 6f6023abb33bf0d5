#!/bin/bash
# omit.sh - what `make omit` runs: the one file compiled without parts, by
# -DDIGITNET_OMIT_….
#
# Each part goes alone, then all go at once. What is left loads, without a warning of the
# compiler; what went is not there; what was asked of both has the same answers. The
# sizes, of a library compiled for size, stand in ext/package/README.md. SHORT=1: all at
# once. Environment: B, SO, SHORT.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/package/checks.sh
case ${SO:=digitnet.so} in /*) ;; *) SO=$top/$SO ;; esac
try=$B/package/omit

# functions LIBRARY - the functions and tables that it has, but for SQLite's own.
functions() {
    sqlite3 -batch -init /dev/null :memory: "CREATE TEMP TABLE own AS
        SELECT name FROM pragma_function_list UNION SELECT name FROM pragma_module_list;" \
        ".load $1" "SELECT name FROM pragma_function_list UNION
        SELECT name FROM pragma_module_list EXCEPT SELECT name FROM temp.own
        EXCEPT SELECT name FROM (SELECT 'pragma_function_list' AS name UNION
                                 SELECT 'pragma_module_list')"
}

# ask LIBRARY - what every one of them must answer alike, of a database with a model.
ask() {
    sqlite3 -batch -bail -init /dev/null "$try/models.db" ".load $1" \
        "SELECT digit_probabilities(pixels, 'small'), hex(digit_embedding(pixels, 'small'))
         FROM synthetic_digits(5)" "SELECT * FROM predict_model('images', 'small')" \
        "SELECT digit_show(pixels) FROM synthetic_digits(1)" \
        "SELECT * FROM image_rows('images')"
}

# gone - the names that each part takes along, as a pattern.
declare -A gone=(
    [TRAIN]='digitnet_checkpoint|digitnet_options|search_model|suspect_labels|train_model|verify_model'
    [ONNX]='export_model|import_model|inspect_model'
    [PNG]='read_cifar|read_idx|read_mnist|read_png'
    [BUILTIN]='digitnet_builtin|digitnet_builtin_epochs'
    [REPORT]='report_model')

# compiled NAME FLAG… - a library, and its size.
compiled() {
    local name=$1 libraries="-lpng -lz"
    shift
    case "$*" in *OMIT_PNG*) libraries= ;; esac
    ${CC:-gcc} -Os -s -Wall -Wextra -Werror -shared -fPIC -Wl,-z,defs "$@" \
        -o "$try/$name.so" "$B/amalgamation/digitnet.c" $libraries -lm -pthread
}

# without PART… - what is left has the functions of the whole but for the parts', and the
# same answers.
without() {
    local name=without part pattern=
    for part; do
        name=$name-$part
        pattern="$pattern${pattern:+|}${gone[$part]}"
    done
    compiled "$name" "${@/#/-DDIGITNET_OMIT_}" || return
    mkdir -p "$try/$name" && mv "$try/$name.so" "$try/$name/digitnet.so" || return
    diff <(functions "$SO" | grep -vE "^($pattern)\$") <(functions "$try/$name/digitnet") &&
        diff "$try/expected" <(ask "$try/$name/digitnet") || return
    wc -c < "$try/$name/digitnet.so" > "$try/$name/size"
    case " $* " in *" PNG "*)
        sqlite3 -batch -init /dev/null :memory: ".load $try/$name/digitnet" \
            "SELECT digit_image(readfile('tests/drawn/7/109-nib-kraft-rgb8.png'))" 2>&1 |
            grep 'compiled with DIGITNET_OMIT_PNG' || return
        ! readelf -dW "$try/$name/digitnet.so" | grep -E 'libpng|libz' || return
        ;;
    esac
    case " $* " in *" BUILTIN "*)
        sqlite3 -batch -init /dev/null :memory: ".load $try/$name/digitnet" \
            "SELECT digit_predict(zeroblob(784))" 2>&1 |
            grep 'compiled with DIGITNET_OMIT_BUILTIN' || return
        ;;
    esac
}

rm -rf "$try"
mkdir -p "$try"
env -u MAKEFLAGS -u MAKELEVEL "${MAKE:-make}" --no-print-directory B="$B" SO="$SO" amalgamation \
    > "$B/package/log" 2>&1 || exit 1
sqlite3 -batch -bail -init /dev/null "$try/models.db" ".load ${SO%.so}" \
    "CREATE TABLE images AS SELECT * FROM synthetic_digits(60)" \
    "SELECT count(*) FROM train_model('images', 'small')
     WHERE layers = '4C5v-MP2-8N' AND epochs = 1" > "$B/package/log" || exit 1
ask "${SO%.so}" > "$try/expected" || exit 1
if [ -z "${SHORT:-}" ]; then
    check "nothing left out" without
    for part in TRAIN ONNX PNG BUILTIN REPORT; do check "without $part" without $part; done
fi
check "without all of them" without TRAIN ONNX PNG BUILTIN REPORT
for size in "$try"/*/size; do
    [ -n "${SHORT:-}" ] || printf '%9d bytes  %s\n' "$(cat "$size")" "$(basename "$(dirname "$size")")"
done
summary
