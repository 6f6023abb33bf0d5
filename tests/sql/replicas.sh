#!/bin/sh
# replicas.sh - what rqlite needs, which sends statements and not pages: databases that
# are given the same statements end with the same models, to the last byte, on machines
# that differ. Those that are told apart here:
#
#   one    all cores, the best instruction set of this processor
#   two    one core, DIGITNET_ISA=portable
#   three  three threads in each training, DIGITNET_ISA=avx2 where the processor has it
#
# Compared is each column of both tables but those that differ by nature: created, seconds
# and images_per_second.
set -eu
dir=build/tmp
pinned=
if command -v taskset > /dev/null; then pinned="taskset -c $(taskset -cp $$ | grep -o '[0-9]*$')"; fi

# The statements, as they would come to each node.
cat > $dir/statements.sql << 'END'
CREATE TABLE images AS SELECT label, pixels FROM synthetic_digits(150);
CREATE TABLE runs(epoch, loss, accuracy, holdout_loss, holdout_accuracy, rate);
INSERT INTO runs SELECT epoch, loss, accuracy, holdout_loss, holdout_accuracy, rate
    FROM train_model('images') WHERE epochs = 2;
INSERT INTO runs SELECT epoch, loss, accuracy, holdout_loss, holdout_accuracy, rate
    FROM train_model('images', 'small') WHERE epochs = 3 AND batch = 32 AND augment = 1
        AND layers = '8C3b-MP2-16C3b/2-GAP-D0.2-20N' LIMIT 2;
INSERT INTO runs SELECT epoch, loss, accuracy, holdout_loss, holdout_accuracy, rate
    FROM train_model('images', 'small') WHERE resume = 1;
INSERT INTO runs SELECT epoch, loss, accuracy, holdout_loss, holdout_accuracy, rate
    FROM train_model('images', 'student') WHERE layers = 'mlp' AND epochs = 2
        AND teacher = 'default,small' AND precision = 'float16' AND optimizer = 'sgd';
INSERT INTO runs(epoch, loss, rate) SELECT trial, holdout_loss, epochs
    FROM search_model('images', '{"layers": ["softmax", "mlp"], "batch": [16, 64]}', 6)
        WHERE model = 'found' AND seed = 3;
SELECT import_model('copy', export_model('small'));
INSERT INTO runs SELECT epoch, loss, accuracy, holdout_loss, holdout_accuracy, rate
    FROM train_model('images') WHERE epochs = 1 AND seed = 2;
UPDATE digitnet_models SET active = (version = 1) WHERE name = 'default';
CREATE TABLE answers AS SELECT id, prediction, confidence FROM predict_model('images');
END

# replica NAME COMMAND… - a database of that name, in which they ran.
replica() {
    name=$1
    shift
    { echo ".load ./digitnet"; cat; } |
        "$@" $SQLITE3 -batch -bail -init /dev/null "$dir/$name.db"
    $SQLITE3 -batch -bail -init /dev/null "$dir/$name.db" "
        SELECT name, version, active, source, layers, shape, classes, options, seed, epochs,
            quote(loss), quote(accuracy), quote(holdout_accuracy), hex(weights), hex(state)
        FROM digitnet_models ORDER BY name, version;
        SELECT name, version, epoch, quote(loss), quote(accuracy), quote(holdout_loss),
            quote(holdout_accuracy), quote(rate)
        FROM digitnet_epochs ORDER BY name, version, epoch;
        SELECT epoch, quote(loss), quote(accuracy), quote(rate) FROM runs ORDER BY rowid;
        SELECT id, prediction, quote(confidence) FROM answers ORDER BY id" > "$dir/$name.txt"
    # The names and counts of what is compared: a table that were empty would be equal,
    # too.
    [ "$($SQLITE3 -init /dev/null "$dir/$name.db" \
        "SELECT count(*) || ' ' || group_concat(DISTINCT name) FROM
            (SELECT * FROM digitnet_models WHERE weights IS NOT NULL ORDER BY name)")" = \
        "6 copy,default,found,small,student" ]
}

# same NAME NAME - or a few words on where they are not.
same() {
    cmp "$dir/$1.txt" "$dir/$2.txt" && return
    diff "$dir/$1.txt" "$dir/$2.txt" | cut -c 1-200 | head -n 8
    exit 1
}

replica one env -u DIGITNET_ISA < $dir/statements.sql
replica two env DIGITNET_ISA=portable $pinned < $dir/statements.sql
sed 's/WHERE /WHERE threads = 3 AND /; /^UPDATE/s/threads = 3 AND //' $dir/statements.sql |
    replica three env DIGITNET_ISA=avx2
same one two
same one three
