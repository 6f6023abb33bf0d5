#!/bin/sh
# model.sh - what `make model` runs: sql/model.sql, in a folder of its own under $B, which
# keeps the database with all models and their logs. What it made replaces the built-in model.
#
# SHORT=1: a minute instead of hours, with less of everything: shows that the recipe works,
# and replaces nothing.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
B=${B:-build}
SO=${SO:-digitnet.so}
case $SO in /*) ;; *) SO=$top/$SO ;; esac
. sql/mnist.sh
if [ -z "$dir" ]; then
    echo "make model: MNIST is not here and cannot be fetched; set MNIST_DIR" >&2
    exit 1
fi
case $dir in /*) ;; *) dir=$top/$dir ;; esac

# shorter - the recipe with fewer images, epochs and maps.
shorter() {
    sed -e "s/FROM read_mnist('mnist') WHERE split = 'train'/& LIMIT 3000/" \
        -e "s/epochs = [0-9]*/epochs = 2/" \
        -e "s/layers = 'deep'/layers = '8C5vb-MP2-16C3b-MP2-16C3vb' AND batch = 64/"
}

folder=$B/model
mkdir -p "$folder"
if [ -n "${SHORT:-}" ]; then shorter < sql/model.sql; else cat sql/model.sql; fi > "$folder/model.sql"
ln -sf "$SO" "$folder/digitnet.so"
ln -sfn "$dir" "$folder/mnist"
cd "$folder"
rm -f model.db model.db-journal builtin.model builtin.json
sqlite3 -batch -bail -init /dev/null model.db < model.sql
[ -n "${SHORT:-}" ] || mv builtin.model builtin.json "$top/ext/"
