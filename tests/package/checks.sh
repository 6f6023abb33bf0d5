# checks.sh - what the scripts of this folder begin with: checks that are counted, and
# where things are.
top=$PWD
case ${B:=build} in /*) ;; *) B=$top/$B ;; esac
passed=0
failed=0
mkdir -p "$B/package"

# check NAME COMMAND… - one test. It speaks up only if it fails.
check() {
    local name=$1
    shift
    if "$@" > "$B/package/log" 2>&1; then
        echo "ok      $name"
        passed=$((passed + 1))
    else
        echo "FAILED  $name"
        tail -n 30 "$B/package/log" | sed 's/^/    /'
        failed=$((failed + 1))
    fi
}

# needs NAME COMMAND… - whether all commands are here; NAME is skipped if not.
needs() {
    local name=$1 command
    shift
    for command in "$@"; do
        command -v "$command" > /dev/null && continue
        echo "skipped $name: no $command"
        return 1
    done
}

# summary - the last line; its status is that of the script.
summary() {
    echo "$passed passed, $failed failed"
    [ $failed = 0 ]
}
