#!/bin/sh
# demo.sh - what `make demo` runs: finds handwritten digits and walks through
# sql/demo/demo.sql with them, from files to a report. It leaves demo.db, with images and
# model, to play with.
#
# The digits are MNIST, if mnist.sh finds it; else digits drawn by code do.
set -eu
cd "$(dirname "$0")/../.."
SO=${SO:-digitnet.so}
case $SO in /*) ;; *) SO=./$SO ;; esac
. sql/demo/mnist.sh

# typed - shows what stands between .echo on and .echo off, then runs it. The shell's own
# echo would show the dots' lines too.
typed() {
    awk '/^\.echo / { on = $2 == "on"; next }
         !on { print; next }
         {
             shown = $0
             gsub(/["\\]/, "\\\\&", shown)
             print ".print \"" (statement == "" ? "sqlite> " : "   ...> ") shown "\""
             statement = statement $0 "\n"
         }
         /;$/ { printf "%s", statement; statement = "" }'
}

# import - the first statement, which depends on what there is.
import() {
    if [ -n "$dir" ]; then
        echo ".print \"The digits: MNIST, in $dir\""
        echo ".echo on"
        quoted=$(printf '%s' "$dir" | sed "s/'/''/g")
        echo "CREATE TABLE images AS SELECT * FROM read_mnist('$quoted');"
    else
        echo ".print 'The digits: drawn by code; MNIST is not here and cannot be fetched'"
        echo ".echo on"
        echo "CREATE TABLE images AS"
        echo "SELECT 'train' AS split, * FROM synthetic_digits(20000, 1)"
        echo "UNION ALL"
        echo "SELECT 'test', * FROM synthetic_digits(4000, 2);"
    fi
    echo ".echo off"
}

rm -f demo.db demo.db-journal demo.db-wal demo.db-shm
{ echo ".load '${SO%.so}'" && import && cat sql/demo/demo.sql; } | typed |
    sqlite3 -batch -bail -init /dev/null demo.db
