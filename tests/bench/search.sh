#!/bin/sh
# search.sh - what `make search` runs: does search_model find something better than the
# default network, for the same money?
#
#     make search              Fashion-MNIST, a search of 40 epochs and its rivals;
#                              minutes
#     SHORT=1 make search      few images and a small budget: shows that it runs, no more
#
# The rival is train_model's default, layers = 'cnn', on the same rows, three times: with
# its own number of epochs; with as many epochs as the whole search; and with as many as
# cost what the whole search did, counted in multiply-adds (of the forward pass; every
# network's way back costs about twice that). Each is measured at the epoch with the least
# holdout loss, as search_model does, and its best epoch by accuracy is shown beside it.
# The holdout is the same 10,000 rows for all of them. A search picks the best of many on
# it, so the test rows, which none of them saw, have the last word.
#
# The table goes to standard output and to $B/search.md. Status 1: the search lost (not
# with SHORT).
#
# Environment: B and SO, the build folder and the library; FASHION_DIR, the folder with
# Fashion-MNIST's four files, else Debian's (package dataset-fashion-mnist), else digits
# drawn by code; ROWS, the training rows, up to 50000; BUDGET; SEED; SPACE, what to
# search.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/paths.sh
SEED=${SEED:-1}
ROWS=${ROWS:-12000}
BUDGET=${BUDGET:-40}
held=10000
if [ -n "${SHORT:-}" ]; then ROWS=600 BUDGET=9 held=300; fi
mkdir -p "$B"
db=$B/search.db
trap 'rm -f "$db" "$db-journal"' EXIT
trap 'exit 1' HUP INT TERM
rm -f "$db"

sql() { sqlite3 -batch -bail -init /dev/null -cmd ".load $SO" "$db" "$1"; }

dir=
for d in "${FASHION_DIR:-}" /usr/share/datasets/fashion-mnist; do
    if [ -e "$d/t10k-labels-idx1-ubyte.gz" ] || [ -e "$d/t10k-labels-idx1-ubyte" ]; then
        dir=$d
        break
    fi
done
if [ -n "$dir" ]; then
    what="Fashion-MNIST"
    rows="SELECT CASE WHEN split = 'test' THEN 'test' WHEN id < 50000 THEN 'train' ELSE 'holdout' END
              AS split, pixels, label
          FROM read_mnist('$dir') WHERE CASE WHEN split = 'test' THEN id < 60000 + $held
              WHEN id < 50000 THEN id < $ROWS ELSE id < 50000 + $held END"
else
    what="digits drawn by code (Fashion-MNIST was not found)"
    rows="SELECT CASE WHEN id < $ROWS THEN 'train' WHEN id < $ROWS + $held THEN 'holdout' ELSE 'test' END
              AS split, pixels, label
          FROM synthetic_digits($ROWS + 2 * $held)"
fi
sql "CREATE TABLE images AS $rows" || exit 1

# macs - multiply-adds of a notation's forward pass on 28×28 images: stands before a
# line's other fields.
macs() {
    awk -F'|' 'function side(n, k, s, valid) { return valid ? int((n - k) / s) + 1 : int((n + s - 1) / s) }
    {
        n = split(tolower($1), layer, "-"); w = 28; c = 1; sum = 0
        for (i = 1; i <= n; i++) {
            l = layer[i]; s = 1
            if (l ~ /\/[0-9]+/) { s = l; sub(/.*\//, "", s); s += 0 }
            if (l ~ /^[0-9]+c/) {
                maps = l + 0; k = l; sub(/^[0-9]+c/, "", k); k += 0
                w = side(w, k, s, l ~ /v/); sum += w * w * maps * c * k * k; c = maps
            } else if (l ~ /^[ma]p/) {
                k = substr(l, 3) + 0; if (l !~ /\//) s = k
                w = side(w, k, s, 1)
            } else if (l == "gap") { w = 1
            } else if (l ~ /^[0-9]+n/) { sum += w * w * c * l; c = l + 0; w = 1 }
        }
        print sum + w * w * c * 10 "|" $0
    }'
}

# row - a line of the table: name, model, epochs, multiply-adds (in 10^12), seconds.
row() {
    sql "SELECT printf('| %s | %d | %.1f | %.0f | %.2f %% | %.2f %% | %.2f %% | %d |', '$1', $3, $4, $5,
             100 * holdout_accuracy, 100 * (SELECT max(holdout_accuracy) FROM digitnet_epochs e
                 WHERE e.name = m.name AND e.version = m.version),
             100 * (SELECT avg(prediction = t.label) FROM predict_model('images', '$2') p
                 JOIN images t ON t.rowid = p.id WHERE t.split = 'test'),
             length(weights) / 4)
         FROM digitnet_models m WHERE name = '$2'" | tee -a "$B/search.md"
}

# rival - trains the default for some epochs and prints its line.
rival() {
    sql "SELECT count(*) FROM train_model('images', '$1') WHERE epochs = $2 AND seed = $SEED" > "$B/search.log" ||
        exit 1
    spent=$(sql "SELECT layers, epochs FROM digitnet_models WHERE name = '$1'" | macs |
        awk -F'|' -v n="$n" '{ print $1 * $3 * n / 1e12 }')
    row "train_model, $2 epochs" "$1" "$2" "$spent" \
        "$(sql "SELECT seconds FROM digitnet_models WHERE name = '$1'")"
}

n=$(sql "SELECT sum(split = 'train') FROM images")
{
    echo "$what: $n training rows, $(sql "SELECT sum(split = 'holdout') FROM images") held out; seed $SEED"
    echo
    echo "| | epochs | 10¹² multiply-adds | seconds | holdout | best epoch's | test | parameters |"
    echo "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
} | tee "$B/search.md"
sql "CREATE TABLE trials AS SELECT * FROM search_model('images', '${SPACE:-}', $BUDGET)
     WHERE model = 'found' AND seed = $SEED" || exit 1
cost=$(sql "SELECT layers, epochs FROM trials" | macs | awk -F'|' '{ sum += $1 * $3 } END { printf "%.0f", sum }')
own=$(sql "CREATE TEMP TABLE one AS SELECT epoch FROM train_model('images', 'one') WHERE epochs = 1 AND seed = $SEED;
    SELECT layers, 1 FROM digitnet_models WHERE name = 'one'" | macs | cut -d'|' -f1)
row "search_model, budget $BUDGET" found "$(sql "SELECT sum(epochs) FROM trials")" \
    "$(awk -v c="$cost" -v n="$n" 'BEGIN { print c * n / 1e12 }')" "$(sql "SELECT sum(seconds) FROM trials")"
rival few 10
rival same "$BUDGET"
rival equal "$(awk -v c="$cost" -v o="$own" 'BEGIN { printf "%.0f", c / o }')"
sql "SELECT 'trial ' || trial, rung, epochs, layers, options, round(holdout_accuracy, 4), best FROM trials
     ORDER BY rung, holdout_loss" > "$B/search.trials"
echo | tee -a "$B/search.md"
sql "SELECT 'the winner: ' || options FROM trials WHERE best ORDER BY rowid DESC LIMIT 1" | tee -a "$B/search.md"
[ -n "${SHORT:-}" ] && exit 0
[ "$(sql "SELECT (SELECT holdout_accuracy FROM digitnet_models WHERE name = 'found') >
     (SELECT max(holdout_accuracy) FROM digitnet_epochs WHERE name IN ('few', 'same', 'equal'))")" = 1 ]
