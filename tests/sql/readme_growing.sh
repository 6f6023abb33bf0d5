#!/bin/sh
# readme_growing.sh - runs what "Growing" in ext/package/README.md shows of many files and
# of replicas, as it stands there, and looks at what comes of it.
set -eu
here=$PWD
readme=$here/ext/package/README.md
sql() { $SQLITE3 -batch -bail -init /dev/null "$@"; }

# block SECTION LANGUAGE - that block of the README.
block() {
    awk -v section="### $1" -v fence="\`\`\`$2" '
        /^##/ { inside = $0 == section }
        /^```$/ { open = 0 }
        open { print; lines++ }
        inside && $0 == fence { open = 1 }
        END { exit !lines }' "$readme"
}

# expect WHAT FILE - that the file is what comes from standard input.
expect() {
    diff -u --label "expected of $1" - --label "is" "$2" || exit 1
}

mkdir -p build/tmp/growing/days build/tmp/growing/bin
cd build/tmp/growing
ln -sf "$here/digitnet.so" digitnet.so
# The README calls sqlite3; here it is the one under test.
printf '#!/bin/sh\nPATH=%s\nexec %s -batch -init /dev/null "$@"\n' "'$PATH'" "$SQLITE3" \
    > bin/sqlite3
chmod +x bin/sqlite3
sql days/mon.db ".load ./digitnet" "CREATE TABLE images AS SELECT * FROM synthetic_digits(120, 5)"
sql days/tue.db ".load ./digitnet" "CREATE TABLE images AS SELECT * FROM synthetic_digits(80, 6)"
sql model.db ".load ./digitnet" \
    "CREATE TABLE images AS SELECT * FROM synthetic_digits(600)" \
    "CREATE TABLE runs AS SELECT epoch FROM train_model('images') WHERE layers = 'mlp' AND epochs = 5"
cp model.db before.db

block "Many files" sh > loop.sh
PATH=$PWD/bin:$PATH sh -eu loop.sh > loop.txt
# right DAY - the same by another way: the model's row beside the images.
right() {
    cp "days/$1.db" both.db
    sql before.db ".dump digitnet_models" | sql both.db
    sql both.db ".load ./digitnet" "SELECT sum(digit_predict(pixels) = label) FROM images"
}
mon=$(right mon)
tue=$(right tue)
expect "the loop" loop.txt << END
days/mon.db|120|$mon
days/tue.db|80|$tue
END
[ "$mon" -gt 80 ] && [ "$tue" -gt 50 ] || { echo "only $mon of 120, $tue of 80" && exit 1; }
cmp model.db before.db

block "Many files" sql > week.sql
sql model.db ".load ./digitnet" ".read week.sql" > week.txt
head -n 2 week.txt > days.txt
expect "the view" days.txt << END
mon|120|$mon
tue|80|$tue
END
[ "$(sql model.db "SELECT group_concat(name || ' of ' || source || ' ' || epochs) FROM
    digitnet_models WHERE name = 'week'")" = "week of temp.days 100" ]

block "Readers and replicas" sh > replica.sh
PATH=$PWD/bin:$PATH sh -eu replica.sh
models="SELECT name, version, active, hex(weights), hex(state) FROM digitnet_models"
sql model.db "$models" > model.txt
sql -readonly replica.db "$models" | cmp - model.txt
[ "$(grep -c . model.txt)" = 2 ]
sql -readonly replica.db ".load ./digitnet" "ATTACH 'days/mon.db' AS day" \
    "SELECT sum(prediction = label) FROM predict_model('day.images', 'default')" > replica.txt
expect "a read-only replica" replica.txt << END
$mon
END
