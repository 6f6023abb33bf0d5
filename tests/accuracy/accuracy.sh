#!/bin/sh
# accuracy.sh - trains on MNIST, from SQL, and demands the accuracy that tests/README.md
# states, on test images that training never sees. Without MNIST it does so on digits
# drawn by code, and says it.
set -eu
[ -z "${SAN:-}" ] || { echo "a sanitised library is too slow for this one"; exit 77; }
db=build/tmp/accuracy.db

sql() { sqlite3 -batch -bail -init /dev/null "$db" ".load ./digitnet" "$@"; }

# demand - at least so many percent of the test images, with the model of this name.
demand() {
    percent=$(sql "SELECT round(100 * avg(digit_predict(pixels, '$1') = label), 2)
                   FROM images WHERE split = 'test'")
    echo "$1: $percent % of the test images, at least $2 demanded"
    [ "$(sql "SELECT $percent >= $2")" = 1 ]
}

if [ -e mnist ]; then
    sql "CREATE TABLE images AS SELECT * FROM read_mnist('mnist')"
    mlp=97.5
    cnn=99.4
else
    echo "synthetic digits stand in for MNIST"
    sql "CREATE TABLE images AS
         SELECT 'train' AS split, * FROM synthetic_digits(10000, 1) UNION ALL
         SELECT 'test', * FROM synthetic_digits(2000, 2)"
    mlp=90
    cnn=97
fi
sql "SELECT * FROM train_model('images', 'mlp') WHERE layers = 'mlp' AND epochs = 5"
sql "SELECT * FROM train_model('images', 'cnn')"
demand mlp $mlp
demand cnn $cnn
