#!/bin/sh
# run.sh - runs the tests: `make test` calls it with the unit test programs.
#
#   tests/unit, tests/host  programs, test_*.c; the last line says how many checks passed
#                           and failed. unit: functions of core and loaders; host: by SQL
#   tests/fuzz              programs that replay inputs on which something went wrong
#   tests/sql/*.sql         scripts for the sqlite3 shell; what it prints must be
#                           NAME.out. One with a line "-- Needs SQLite 3.33: …" is skipped
#                           before that
#   tests/sql/*.sh          programs that pass with status 0 and skip with 77, saying why;
#                           their shell is $SQLITE3
#   tests/house             such programs, too: the rules that sources keep
#   tests/page, tests/peers, tests/accuracy  likewise: the web page in a browser; beside
#                           other people's software; what training reaches
#
# As many run at once as the machine has processors, four at most (JOBS: another number).
# Each runs in a folder made afresh, $B/root (of the second job $B/root2 …), that looks
# like the top of the repository: ./digitnet.so, core, ext, loaders, sql and tests are
# there, build/tmp is empty and may be written to, and mnist holds MNIST's files if there
# are any. By hand, at the top:
#
#     mkdir -p build/tmp; sqlite3 -batch -init /dev/null :memory: < tests/sql/NAME.sql
#
# The words before an error text differ between versions of the shell ("Error: near line
# 3: …", "Runtime error near line 3: …"): both sides are compared with "Error: …".
#
# Environment: B and SO, the build folder and the library; SAN, set where both are
# sanitised; MNIST_DIR; JOBS; ONLY, patterns of which a test's name must match one, its
# path without tests/ and, but for .sh, ending: ONLY='sql/re* unit/core/*';
# RUN, what starts a unit test: an emulator, valgrind; SQLITE3, the same with the shell;
# SECONDS_EACH (600), of the processor, after which a program of a test is stopped: what
# else the machine does costs a test nothing. One that waits for what never comes is
# stopped, too, after ten times as long by the clock.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/paths.sh

# --- data ---

for dir in "${MNIST_DIR:-}" "$top/../shared/mnist"; do
    if [ -e "$dir/t10k-labels-idx1-ubyte.gz" ] || [ -e "$dir/t10k-labels-idx1-ubyte" ]; then
        MNIST_DIR=$(cd "$dir" && pwd)
        break
    fi
    MNIST_DIR=
done
export MNIST_DIR SAN
if [ -n "$MNIST_DIR" ]; then
    echo "data: MNIST in $MNIST_DIR"
else
    echo "data: synthetic digits; MNIST was not found (set MNIST_DIR to use it)"
fi

# The stock shell is not sanitised; the library in it is, if the run-time comes first.
SQLITE3=${SQLITE3:-sqlite3}
case ${SAN:-} in
'') ;;
thread)
    # Its shadow memory has fixed places: addresses drawn at random could lie in its way.
    RUN="setarch -R" preload=libtsan.so
    SECONDS_EACH=${SECONDS_EACH:-1500} ;;
*)
    preload=libasan.so
    SECONDS_EACH=${SECONDS_EACH:-600} ;;
esac
[ -z "${SAN:-}" ] ||
    SQLITE3="${RUN:-} env LD_PRELOAD=$(${CC:-cc} -print-file-name=$preload) sqlite3"
export SQLITE3

# --- one test ---

fresh_root() {
    rm -rf "$root"
    mkdir -p "$root/build/tmp"
    for name in README.md LICENSE Makefile .github core ext loaders sql tests; do
        ln -s "$top/$name" "$root/$name"
    done
    ln -s "$SO" "$root/digitnet.so"
    [ -z "$MNIST_DIR" ] || ln -s "$MNIST_DIR" "$root/mnist"
    cd "$root" || exit 1
}

# bounded - a test that hangs is one that fails: 152 (or 137) if it used the processor too
# long, 124 if it waited too long. What timeout runs is in a process group of its own:
# $log.pid tells stop_all which.
bounded() (
    ulimit -S -t "${SECONDS_EACH:-600}"
    exec sh -c 'echo $$ > "$0" && exec timeout "$@"' "$log.pid" \
        $((10 * ${SECONDS_EACH:-600})) "$@"
)

# stop_all - ends the jobs, then the tests that they were at, then this run.
stop_all() {
    trap '' INT TERM
    kill 0
    for file in "$B"/log*.pid; do
        [ ! -e "$file" ] || kill "$(cat "$file")"
    done
    trap - TERM
    kill $$
}

# why - words for the exit status of a test that was stopped.
why() {
    case $1 in
    124) echo "stopped: more than $((10 * ${SECONDS_EACH:-600})) s by the clock" ;;
    152) echo "stopped: more than ${SECONDS_EACH:-600} s of the processor" ;;
    *) echo "exit status $1" ;;
    esac
}

# plain_errors - "Error: …" alone, without a parse error's two lines of context.
plain_errors() {
    awk '/^ .*\^--- error here$/ || /^ .*error here ---\^$/ { held = 0; next }
         held { print line }
         {
             if (sub(/^((Parse|Runtime) )?[Ee]rror:? (near line [0-9]+: )?(stepping, )?/,
                     "Error: "))
                 sub(/ \([0-9]+\)$/, "")
             line = $0
             held = 1
         }
         END { if (held) print line }' "$1"
}

# needed - says what a script needs, and fails, where the shell's SQLite is older.
needed() {
    version=$(sed -n 's/^-- Needs SQLite 3\.\([0-9]*\): .*/\1/p' "$1")
    have=$($SQLITE3 -version | sed 's/^3\.\([0-9]*\).*/\1/')
    [ "$have" -ge "${version:-0}" ] || { echo "needs SQLite 3.$version, not 3.$have"; false; }
}

# The last line shows that the shell went through the whole script.
golden() {
    name=tests/sql/$1
    needed "$name.sql" || return 77
    { cat "$name.sql"; printf '\n.print -- end of %s\n' "$1"; } > "$log.sql"
    bounded $SQLITE3 -batch -init /dev/null :memory: < "$log.sql" > "$log" 2>&1
    status=$?
    [ $status -le 1 ] || why $status >> "$log"
    [ -e "$name.out" ] || { echo "there is no $name.out"; return 1; }
    { plain_errors "$name.out"; echo "-- end of $1"; } > "$log.expected"
    plain_errors "$log" > "$log.actual"
    diff -u --label "$name.out" "$log.expected" --label "this run" "$log.actual"
}

program() {
    bounded "$@" < /dev/null
    status=$?
    case $status in 0 | 77) ;; *) why $status ;; esac
    return $status
}

# unit - a program that made no check, or stopped before the end, has not passed.
unit() {
    program ${RUN:-} "$1" > "$log" 2>&1
    status=$?
    cat "$log"
    [ $status = 0 ] && tail -n 1 "$log" | grep -q '[1-9][0-9]* passed, 0 failed$'
}

# asked - whether ONLY has a pattern that a name matches.
asked() (
    set -f
    for pattern in ${ONLY:-*}; do
        case $1 in $pattern) exit 0 ;; esac
    done
    exit 1
)

# check - runs one test that no other job has, prints a line, and what the test printed if
# it failed.
check() {
    kind=$1 name=$2
    shift 2
    asked "$name" || return 0
    mkdir "$taken/$(echo "$name" | tr / _)" 2> /dev/null || return 0
    start=$(date +%s)
    (fresh_root && $kind "$@") > "$log.report" 2>&1
    case $? in
    0) verdict=ok passed=$((passed + 1)) ;;
    77) verdict=skipped ;;
    *) verdict=FAILED failed=$((failed + 1)) ;;
    esac
    rm -f "$log.pid"
    {
        printf '%-7s %-40s %3d s\n' $verdict "$name" $(($(date +%s) - start))
        [ $verdict = ok ] || sed 's/^/    /' "$log.report"
    } > "$log.line"
    cat "$log.line"
}

# --- all of them ---

# scripts - those of these that are tests.
scripts() {
    for file in "$@"; do
        case $file in
        tests/page/browser.sh | tests/page/picture.sh) ;; # what the tests of the page use
        *) check program "${file#tests/}" "$file" ;;
        esac
    done
}

all() {
    for file in "$@"; do
        case $file in /*) ;; *) file=$top/$file ;; esac
        check unit "${file#"$B/tests/"}" "$file"
    done
    # The longest before what is short: the jobs then end at about the same time.
    scripts tests/accuracy/*.sh tests/page/*.sh
    for file in tests/sql/*.sql; do
        [ -e "$file" ] || continue
        file=${file##*/}
        check golden "sql/${file%.sql}" "${file%.sql}"
    done
    scripts tests/sql/*.sh tests/peers/*.sh
    # What sources keep to is not a sanitised library's matter.
    [ -n "${SAN:-}" ] || scripts tests/house/*.sh
}

# job - NUMBER PROGRAM…: goes through all tests and runs those that no other job has.
job() {
    root=$B/root$1 log=$B/log$1 sum=$B/log$1.sum
    [ "$1" != 1 ] || root=$B/root log=$B/log
    passed=0 failed=0
    shift
    all "$@"
    echo "$passed $failed" > "$sum"
}

taken=$B/taken
rm -rf "$taken" "$B"/log*.sum "$B"/log*.pid
mkdir -p "$taken"
cores=$(nproc 2> /dev/null || echo 2)
[ "$cores" -lt 4 ] || cores=4
trap stop_all INT TERM
for number in $(seq "${JOBS:-$cores}"); do
    job "$number" "$@" &
done
wait
passed=0 failed=0
for number in $(seq "${JOBS:-$cores}"); do
    read -r more less < "$B/log$number.sum" || more=0 less=1
    passed=$((passed + more)) failed=$((failed + less))
done

if [ $((passed + failed)) = 0 ]; then
    echo "no test ran"
    failed=1
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
