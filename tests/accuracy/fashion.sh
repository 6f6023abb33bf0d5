#!/bin/sh
# fashion.sh - Fashion-MNIST as Debian has it (dataset-fashion-mnist), loaded and learned
# as "Datasets" in ext/README.md says: what the defaults reach; with FULL=1 what 'deep'
# reaches, in a quarter of an hour on two cores.
set -eu
[ -z "${SAN:-}" ] || { echo "a sanitised library is too slow for this one"; exit 77; }
dir=/usr/share/datasets/fashion-mnist
[ -e $dir/train-images-idx3-ubyte.gz ] || { echo "no Fashion-MNIST in $dir"; exit 77; }
db=build/tmp/fashion.db

sql() { sqlite3 -batch -bail -init /dev/null "$db" ".load ./digitnet" "$@"; }

# demand - at least so many percent of the test images, with the model of this name.
demand() {
    percent=$(sql "SELECT round(100 * avg(prediction = label), 2)
                   FROM predict_model('test', '$1')")
    echo "$1: $percent % of the test images, at least $2 demanded"
    [ "$(sql "SELECT $percent >= $2")" = 1 ]
}

# learn - trains by the statement there that holds a text; all of it stands in one line.
learn() {
    statement=$(grep "train_model('fashion', '$1')" ext/README.md)
    sql "$statement"
}

sql "CREATE TABLE fashion AS SELECT * FROM read_mnist('$dir');
     CREATE VIEW test AS SELECT * FROM fashion WHERE split = 'test'"
learn clothes
demand clothes 91
[ -z "${FULL:-}" ] || { learn wardrobe && demand wardrobe 93.5; }
