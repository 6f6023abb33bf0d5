#!/bin/sh
# model.sh - what `make model` runs: sql/builtin/model.sql, in a folder of its own under
# $B, which keeps the database with all models and their logs. What it made replaces the
# built-in model.
#
# SEEDS=5: trains the last step with seeds 8 to 11 too, and tells how many of MNIST's test
# images each of the five has right, their mean and standard deviation.
#
# SHORT=1: a minute instead of hours, with less of everything: shows that the recipe
# works, and replaces nothing.
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
B=${B:-build}
SO=${SO:-digitnet.so}
case $SO in /*) ;; *) SO=$top/$SO ;; esac
. sql/demo/mnist.sh
if [ -z "$dir" ]; then
    echo "make model: MNIST is not here and cannot be fetched; set MNIST_DIR" >&2
    exit 1
fi
case $dir in /*) ;; *) dir=$top/$dir ;; esac

# shorter - the recipe with fewer images, epochs and maps.
shorter() {
    sed -e "s/FROM read_mnist('mnist') WHERE split = 'train'/& LIMIT 3000/" \
        -e "s/synthetic_digits([0-9]*/synthetic_digits(300/" \
        -e "s/epochs = [0-9]*/epochs = 2/" \
        -e "s/layers = '[^']*'/layers = '8C5vb-MP2-16C3b-MP2-16C3vb' AND batch = 64/"
}

# seeds - the recipe's last training again, with other seeds, then how good each is.
seeds() {
    echo ".bail on
.load ./digitnet
.mode list
.separator ' '"
    for seed in $(seq 8 "$(($1 + 6))"); do
        sed -n "/^SELECT 'builtin'/,/;\$/p" model.sql |
            sed "s/'builtin'/'seed', $seed/; s/'digits'/'seed$seed'/; s/seed = 7/seed = $seed/"
    done
    echo "CREATE TEMP TABLE test AS SELECT * FROM read_mnist('mnist') WHERE split = 'test';
CREATE TEMP TABLE right AS SELECT name, m.seed, 100.0 * avg(digit_predict(pixels, name) = label) AS percent
    FROM digitnet_models AS m, test WHERE name = 'digits' OR name GLOB 'seed[0-9]*' GROUP BY name ORDER BY m.seed;
SELECT 'test', 'seed', seed, printf('%.2f %%', percent) FROM right;
SELECT 'test', count(*), 'seeds', printf('mean %.3f %%, standard deviation %.3f', mean,
        sqrt(sum((percent - mean) * (percent - mean)) / (count(*) - 1)))
    FROM right, (SELECT avg(percent) AS mean FROM right);"
}

folder=$B/model
mkdir -p "$folder"
if [ -n "${SHORT:-}" ]; then shorter < sql/builtin/model.sql; else cat sql/builtin/model.sql; fi > "$folder/model.sql"
ln -sf "$SO" "$folder/digitnet.so"
ln -sfn "$dir" "$folder/mnist"
cd "$folder"
rm -f model.db model.db-journal builtin.model builtin.json
sqlite3 -batch -bail -init /dev/null model.db < model.sql
if [ -n "${SEEDS:-}" ]; then seeds "$SEEDS" | sqlite3 -batch -bail -init /dev/null model.db; fi
[ -n "${SHORT:-}" ] || mv builtin.model builtin.json "$top/ext/model/"
