#!/bin/sh
# run.sh - `make fuzz`: made-up inputs for everything that takes bytes from outside, with
# libFuzzer, AddressSanitizer and UBSan (clang). A line for each target:
#
#     target            runs    runs/s  coverage   corpus  crashes
#     png          1,234,567    41,152      2310      900        0
#
# coverage: edges of the library's code that inputs have gone through; corpus: inputs kept
# because each goes another way. They stay in build/fuzz/corpus, and the next run begins
# with them. An input that crashes, hangs or takes too much memory ends its target's run
# and is kept in build/fuzz/found; then the exit status is 1. To see it again:
#
#     build/fuzz/tests/fuzz/fuzz_NAME build/fuzz/found/NAME/crash-…
#
# When the bug is fixed the input goes to tests/fuzz/regressions/NAME: make test runs it.
#
# Environment: SECONDS_EACH (120), how long; SHORT=1, 30 s; ONLY='png gzip', which
# targets; JOBS, how many at once, else as many as there are cores; CLANG (clang). Exits
# with 77 where clang or its run-time library is not there (Debian: clang and
# libclang-rt-14-dev).
set -u
cd "$(dirname "$0")/../.." || exit 1
CLANG=${CLANG:-clang}
B=build/fuzz
seconds=${SECONDS_EACH:-120}
[ -z "${SHORT:-}" ] || seconds=${SECONDS_EACH:-30}
jobs=${JOBS:-$(nproc 2> /dev/null || echo 2)}
names=
for file in tests/fuzz/fuzz_*.c; do
    name=${file##*/fuzz_}
    name=${name%.c}
    case " ${ONLY:-$name} " in *" $name "*) names="$names $name" ;; esac
done
[ -n "$names" ] || { echo "no target is called $ONLY"; exit 1; }

mkdir -p $B/log
echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' \
    > $B/try.c
if ! $CLANG -fsanitize=fuzzer,address,undefined -o $B/try $B/try.c > $B/log/try 2>&1; then
    echo "not done: $CLANG with libFuzzer is not here (Debian: clang libclang-rt-14-dev)"
    exit 77
fi

# -O2: the more runs, the more is found.
programs=
for name in $names; do programs="$programs $B/tests/fuzz/fuzz_$name"; done
${MAKE:-make} --no-print-directory CC="$CLANG" B=$B SO=$B/digitnet.so WARN= \
    FUZZ_MAIN=tests/fuzz/libfuzzer.c FUZZ_FLAGS=-fsanitize=fuzzer \
    CFLAGS='-O2 -g -fno-omit-frame-pointer -fno-sanitize-recover=undefined -fsanitize=address,undefined,float-cast-overflow,fuzzer-no-link' \
    -j"$jobs" $programs > $B/log/build 2>&1 || { cat $B/log/build; exit 1; }

# An allocation of more than this fails, as it would on a small machine.
export ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=256:detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1

# fuzz - one target; libFuzzer's output goes to its log. Status 0 if nothing was found.
fuzz() {
    mkdir -p $B/corpus/$1 $B/found/$1
    FUZZ_SEEDS=$B/corpus/$1 $B/tests/fuzz/fuzz_$1 > $B/log/$1 2>&1 || return 1
    dict=
    [ ! -e tests/fuzz/$1.dict ] || dict=-dict=tests/fuzz/$1.dict
    regressions=
    [ ! -e tests/fuzz/regressions/$1 ] || regressions=tests/fuzz/regressions/$1
    timeout $((seconds + 120)) $B/tests/fuzz/fuzz_$1 $dict -max_total_time=$seconds -max_len=4096 \
        -timeout=30 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix=$B/found/$1/ $B/corpus/$1 $regressions >> $B/log/$1 2>&1
}

# report - a target's line, from its log.
report() {
    awk -v name=$1 -v status=$2 '
        function commas(n, out) {
            for (out = ""; length(n) > 3; n = substr(n, 1, length(n) - 3))
                out = "," substr(n, length(n) - 2) out
            return n out
        }
        /cov: [0-9]/ {
            for (i = 1; i < NF; i++) {
                if ($i == "cov:") cov = $(i + 1)
                if ($i == "corp:") { corpus = $(i + 1); sub("/.*", "", corpus) }
            }
        }
        /^stat::number_of_executed_units/ { runs = $2 }
        /^stat::average_exec_per_sec/ { rate = $2 }
        END {
            printf "%-9s %14s %9s %9s %8s %8d\n", name, commas(runs + 0 ""),
                commas(rate + 0 ""), commas(cov + 0 ""), commas(corpus + 0 ""), status != 0
        }' $B/log/$1
}

printf '%-9s %14s %9s %9s %8s %8s\n' target runs runs/s coverage corpus crashes
failed=0
set --
finish() {
    wait
    for name in "$@"; do
        status=$(cat $B/log/$name.status)
        report $name "$status"
        [ "$status" = 0 ] || { failed=1 && tail -n 60 $B/log/$name; }
    done
}
for name in $names; do
    (fuzz $name && echo 0 || echo 1) > $B/log/$name.status &
    set -- "$@" $name
    if [ $# -ge "$jobs" ]; then
        finish "$@"
        set --
    fi
done
finish "$@"
exit $failed
