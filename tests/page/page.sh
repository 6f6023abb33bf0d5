#!/bin/sh
# page.sh - the page of sql/report.sql in a browser, headless Chromium, from the width
# of a desk to that of a phone: it renders, without an error in the console; its heat
# map has the numbers that SQL counts; every picture loads and has a text beside it; no
# link leads nowhere; nothing sticks out; no word is cut, and no number from its unit;
# what is written and drawn stands off its ground as WCAG AA wants it, light and dark
# (page.js). For data of every kind. (How it looks: looks.sh.)
set -eu
. tests/page/browser.sh
[ -n "$browser" ] || { echo "chromium is not installed"; exit 77; }
[ -z "${SAN:-}" ] || { echo "a sanitised library cannot be loaded beside a browser's tests"; exit 77; }
tmp=$PWD/build/tmp

# sql - runs statements, its arguments or its input, in the database of that name.
sql() {
    db=$1
    shift
    [ $# -gt 0 ] || set -- "$(cat)"
    sqlite3 -batch -bail -init /dev/null "$tmp/$db.db" ".load ./digitnet" "$@"
}

# look - the page in frames of several widths, light and dark, and what page.js finds in
# each once its pictures have loaded: lines of "width scheme key value".
look() {
    { cat "$tmp/$1.html" && echo '<script>addEventListener("load", () => {' && cat tests/page/page.js &&
          echo '})</script>'; } > "$tmp/looked.html"
    { echo '<!DOCTYPE html><body style="margin:0">'
      printf '<iframe src="looked.html" width="%s" height="3000" style="border:0;color-scheme:%s"></iframe>' \
          1200 light 390 light 1200 dark 390 dark 820 light 1120 light 1400 light
      echo '<pre id="found"></pre><script>onmessage = e => found.textContent += e.data</script>'; } > "$tmp/frame.html"
    found frame.html 7 ' odd ' # the last line of each frame
}

# page - NAME SECTIONS [SQL]: makes a page, looks at it, and demands what every page must
# be.
page() {
    sqlite3 -batch -bail -init /dev/null "$tmp/$1.db" ${3:+"$3"} '.read sql/report.sql' > "$tmp/$1.html"
    size=$(wc -c < "$tmp/$1.html")
    look "$1" > "$tmp/found.txt"
    for frame in '1200 light' '390 light' '1200 dark' '390 dark' '820 light' '1120 light' '1400 light'; do
        line=$(sed -n "/ cell /d; s/^$frame //p" "$tmp/found.txt" | paste -sd' ')
        wanted="sections $2 unloaded 0 textless 0 plots 0 astray 0 overhang 0 cut 0 faint 0 pale 0 headings 0 scopeless 0 unreached 0 doubled 0 odd 0"
        [ "$line" = "$wanted" ] || { echo "$1, $frame: $line"; false; }
    done
    echo "$1: $size bytes"
    [ "$size" -gt 3000 ] && [ "$size" -lt 2000000 ]
    ! grep -Eq 'https?://|<script|javascript:|<[^>]* style=' "$tmp/$1.html"
}

# heat - the numbers of the page's heat map are those of SQL, whose classes come in the
# same order.
heat() {
    sed -n 's/^1200 light cell/cell/p' "$tmp/found.txt" | sort > "$tmp/heat.txt"
    sql "$1" "CREATE TEMP TABLE answers AS
            SELECT label, digit_predict(pixels) AS prediction FROM images WHERE $2;
        WITH classes AS (SELECT class, row_number() OVER (ORDER BY class) - 1 AS k
            FROM (SELECT label AS class FROM answers UNION SELECT prediction FROM answers))
        SELECT 'cell ' || t.k || ' ' || g.k || ' ' || count(*) FROM answers
        JOIN classes t ON t.class = label JOIN classes g ON g.class = prediction GROUP BY t.k, g.k" | sort > "$tmp/counted.txt"
    [ -s "$tmp/heat.txt" ] && diff "$tmp/heat.txt" "$tmp/counted.txt"
}

: > "$tmp/console.txt"

# Labels that look like HTML or SQL, of other scripts, very long, NULL.
sql names << 'END'
CREATE TABLE images AS SELECT CASE WHEN id < 1500 THEN 'train' ELSE 'test' END AS split, id,
    CASE WHEN id % 50 = 0 THEN NULL WHEN label = 3 THEN 'Ärger 漢字 🙂' WHEN label = 4 THEN printf('%.500c', 'w')
    WHEN label = 5 THEN '''); DROP TABLE images; --' ELSE '<b' || label || '>&"' END AS label, pixels
FROM synthetic_digits(2500);
SELECT 'unlabelled', sum(label IS NULL) FROM images WHERE split = 'test';
SELECT 'epochs', count(*) FROM train_model('images') WHERE layers = 'mlp' AND epochs = 3;
END
page names 9
heat names "split = 'test' AND label IS NOT NULL"
grep -q 'test</th><td>1,000</td><td>10</td><td>20</td>' "$tmp/names.html"

# A table and a model whose names want quotes; two classes, no log.
sql quoted << 'END'
CREATE TABLE "it's a ""table""" AS SELECT CASE WHEN label < 5 THEN 'low' ELSE 'high' END AS label, pixels FROM synthetic_digits(500);
SELECT 'epochs', count(*) FROM train_model('it''s a "table"', 'it''s "<b0>mine') WHERE layers = 'softmax' AND epochs = 1;
DROP TABLE digitnet_epochs;
END
page quoted 9 "CREATE TEMP VIEW report_source AS SELECT '\"it''s a \"\"table\"\"\"' AS source;
    CREATE TEMP VIEW report_model AS SELECT 'it''s \"<b0>mine@1' AS model;"
grep -q "<h1>Model it's \"&lt;b0>mine@1, images of " "$tmp/quoted.html"

# Digits as text, as a CSV file has them; a hundred classes, as PNGs.
sql csv "CREATE TABLE images(label TEXT, pixels)" "INSERT INTO images SELECT label, pixels FROM synthetic_digits(300)"
page csv 9
grep -Eq 'lead">(100|9[0-9])\.[0-9]+&nbsp;%.*among 10 classes' "$tmp/csv.html"
sql hundred << 'END'
CREATE TABLE images AS SELECT CASE WHEN id < 3000 THEN 'train' ELSE 'test' END AS split, label + id / 10 % 10 * 10 AS label,
    digit_png(pixels) AS pixels FROM synthetic_digits(5000);
SELECT 'epochs', count(*) FROM train_model('images') WHERE layers = 'mlp' AND epochs = 1;
END
page hundred 9
heat hundred "split = 'test'"
grep -q 'aria-label="Loss by epoch' "$tmp/hundred.html" # of one epoch, near no 1, 2 or 5

# In colours and higher than wide; what the model could not read is not shown. Where it is
# to be judged there is no page, and one error.
sql colour << 'END'
CREATE TABLE images AS SELECT CASE WHEN id < 700 THEN 'train' ELSE 'test' END AS split, label % 3 AS label,
    CAST(substr(pixels, 1, 720) || substr(pixels, 1, 720) || substr(pixels, 1, 720) AS BLOB) AS pixels
FROM (SELECT id, label, digit_image(digit_png(pixels), '36x20') AS pixels FROM synthetic_digits(900));
SELECT 'epochs', count(*) FROM train_model('images') WHERE layers = 'mlp' AND epochs = 2 AND shape = '18x10x3';
INSERT INTO images VALUES ('other', 1, x'0102'), ('other', 2, NULL);
END
page colour 9
heat colour "split = 'test'"
sql small "CREATE TABLE images AS SELECT label, zeroblob(700) AS pixels FROM synthetic_digits(9)"
! sqlite3 -batch -init /dev/null "$tmp/small.db" '.read sql/report.sql' > "$tmp/small.html" 2>&1
[ "$(grep -c . "$tmp/small.html")" = 1 ] && grep -q 'digit_predict: image has 700 bytes; expected 784' "$tmp/small.html"

# No rows, no table, one row.
sql empty "CREATE TABLE images(split, id, label, pixels)"
page empty 3
grep -q 'There are no rows to judge' "$tmp/empty.html"
sql none "CREATE TABLE other(x)"
! sqlite3 -batch -init /dev/null "$tmp/none.db" '.read sql/report.sql' > "$tmp/none.html" 2> "$tmp/none.txt"
[ ! -s "$tmp/none.html" ] && grep -q "there is no table or view 'images'" "$tmp/none.txt"

# A view with other names, without split: judged as a whole, which the page says. Digits
# as REAL, one of them wrong.
sql view << 'END'
CREATE TABLE tickets(no INTEGER PRIMARY KEY, img BLOB, class REAL);
INSERT INTO tickets SELECT 7 * id + 3, pixels, CASE id WHEN 40 THEN 5 ELSE label END FROM synthetic_digits(300);
CREATE VIEW images AS SELECT 'n' || no AS id, img AS pixels, class AS label FROM tickets;
END
page view 9
grep -q 'The table has no column split' "$tmp/view.html"
grep -Eq 'lead">(100|9[0-9])\.[0-9]+&nbsp;%.*among 10 classes' "$tmp/view.html"
grep -q 'Image n283, confidence' "$tmp/view.html"

# Rows of one id cannot be told apart.
sql twice "CREATE TABLE images AS SELECT 1 AS id, label, pixels FROM synthetic_digits(5)"
! sqlite3 -batch -init /dev/null "$tmp/twice.db" '.read sql/report.sql' > "$tmp/twice.html" 2> "$tmp/twice.txt"
grep -q 'have the same id' "$tmp/twice.txt"
sql one "CREATE TABLE images AS SELECT label, pixels FROM synthetic_digits(1)"
page one 9

# Fashion-MNIST: 10,000 predictions, in less than 10 s of the processor's time.
if [ -d /usr/share/datasets/fashion-mnist ]; then
    sql fashion << 'END'
CREATE TABLE images AS SELECT split, id, json_extract('["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal",
    "Shirt", "Sneaker", "Bag", "Ankle boot"]', '$[' || label || ']') AS label, pixels
FROM read_mnist('/usr/share/datasets/fashion-mnist') WHERE split = 'test' OR id < 5000;
SELECT 'epochs', count(*) FROM train_model('images') WHERE layers = 'lenet5' AND epochs = 1;
END
    page fashion 9
    heat fashion "split = 'test'"
    (sqlite3 -batch -bail -init /dev/null "$tmp/fashion.db" '.read sql/report.sql' > "$tmp/fashion.html" && times) |
        awk 'END { split($1, t, /[ms]/); s = 60 * t[1] + t[2]; print s " s of the processor"; exit s > 10 }'
else
    echo "without Fashion-MNIST (Debian's dataset-fashion-mnist)"
fi

cat "$tmp/console.txt"
[ ! -s "$tmp/console.txt" ]
