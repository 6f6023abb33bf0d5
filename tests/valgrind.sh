#!/bin/sh
# valgrind.sh - what `make valgrind` runs: the tests under memcheck. A read or write where
# none is allowed, a decision by what was never set, a byte that nobody holds at the end:
# each fails its test.
#
#     make valgrind            the units and the scripts of tests/sql
#     SHORT=1 make valgrind    some of both, in minutes
#
# valgrind 3.19 knows no AVX-512, which a test of the kernels looks for in the processor
# that valgrind shows it: $DIGITNET_ISA need not be set. Programs run some fifty times
# slower.
set -eu
cd "$(dirname "$0")/.."
command -v valgrind > /dev/null || {
    echo "skipped: make valgrind: valgrind is not here"
    exit 0
}
# What SQLite's shell itself leaves at its end is not ours: only definite losses count.
#
# The library is loaded before all else and stays: tests open thousands of connections,
# and valgrind would read its symbols again for each.
library=$(realpath "${SO:-digitnet.so}")
check="env LD_PRELOAD=$library valgrind -q --error-exitcode=99 --leak-check=full"
check="$check --show-leak-kinds=definite --errors-for-leak-kinds=definite"
short="unit/core/test_spec unit/loaders/test_idx unit/loaders/test_gzip unit/loaders/test_synth"
short="$short unit/loaders/test_folder host/test_cache host/test_png"
units=
for test in "$@"; do
    case " ${SHORT:+$short} " in
    "  " | *" ${test#*/tests/} "*) units="$units $test" ;;
    esac
done
run() {
    B=${B:-build} RUN=$check SQLITE3="$check sqlite3" SECONDS_EACH=${SECONDS_EACH:-3000} \
        ONLY=$1 tests/run.sh $units
}
if [ -n "${ONLY:-}" ]; then
    run "$ONLY"
elif [ -n "${SHORT:-}" ]; then
    units="$units" && run '*/test_*'
    units= && run 'sql/[ei][rn][rf]*'
else
    run '*[!.]??'
fi
