#!/bin/sh
# report_model.sh - report_model gives the page that sql/report/page.sql prints, and so
# does sql/report.sql, but for the clock's figures: of a stored model, of an older
# version, of the built-in one, of an attached table and a view; in a transaction, of a
# database that is read-only or in memory; and from Python. It leaves nothing behind, and
# says what is wrong.
set -eu
tmp=build/tmp
db=$tmp/page.db
sql() { $SQLITE3 -batch -bail -init /dev/null "$@"; }

# page NAME - a page from standard input, without what the clock tells.
page() { sed 's/[0-9,]* images a second//; s/<span class="whole">[-0-9]*//' > "$tmp/$1.html"; }

# same NAME NAME - two pages, whose elements have no style of their own.
same() {
    [ "$(wc -c < "$tmp/$2.html")" -gt 50000 ] || { echo "$2: too short for a page"; exit 1; }
    ! grep -o '<[^>]* style=.*' "$tmp/$2.html" | head -c 200 | grep . || { echo "$2: a style that is an attribute"; exit 1; }
    cmp "$tmp/$1.html" "$tmp/$2.html" || { echo "$2 is not the page $1"; exit 1; }
}

# says TEXT COMMAND… - a command fails, and says so.
says() {
    text=$1
    shift
    "$@" > "$tmp/said.txt" 2>&1 && { echo "no error: $*"; exit 1; }
    grep -qF "$text" "$tmp/said.txt" || { cat "$tmp/said.txt"; echo "wanted: $text"; exit 1; }
}

sql $db ".load ./digitnet" \
    "CREATE TABLE images AS SELECT id, CASE WHEN id % 4 = 0 THEN 'test' ELSE 'train' END AS split, label, pixels
         FROM synthetic_digits(400, 3)" \
    "CREATE VIEW letters AS SELECT id, char(97 + label) AS label, pixels FROM images WHERE id < 200" \
    "CREATE TABLE runs AS SELECT * FROM train_model('images', 'default') WHERE layers = '24N' AND epochs = 3" \
    "CREATE TABLE more AS SELECT * FROM train_model('images', 'default') WHERE layers = '16N' AND epochs = 2" \
    "CREATE TABLE named AS SELECT * FROM train_model('letters', 'it''s') WHERE layers = '16N' AND epochs = 2" > $tmp/said.txt
cp $db $tmp/other.db

sql $db '.read sql/report/page.sql' | page shell
sql $db ".load ./digitnet" "SELECT report_model('images')" | page function
same shell function
sql $db '.read sql/report.sql' | page report
same shell report

# Another source and model; nothing is left in temp, and nothing is attached.
sql $db "CREATE TEMP VIEW report_source AS SELECT 'letters' AS source" \
    "CREATE TEMP VIEW report_model AS SELECT 'it''s@1' AS model" '.read sql/report/page.sql' | page shell_letters
sql $db ".load ./digitnet" "SELECT report_model('letters', 'it''s@1')" \
    "SELECT 'left: ' || name FROM sqlite_temp_master" "SELECT 'attached: ' || name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')" |
    page letters
same shell_letters letters
sql $db "CREATE TEMP VIEW report_model AS SELECT 'default@1' AS model" '.read sql/report/page.sql' | page shell_first
sql $db ".load ./digitnet" "SELECT report_model('images', 'default@1')" | page first
same shell_first first
sql :memory: "ATTACH '$db' AS old" '.load ./digitnet' "CREATE TABLE images AS SELECT * FROM old.images" "DETACH old" \
    '.read sql/report/page.sql' | page shell_builtin
sql :memory: "ATTACH '$db' AS old" '.load ./digitnet' "CREATE TABLE images AS SELECT * FROM old.images" \
    "SELECT report_model('images')" | page builtin
same shell_builtin builtin

# Where the host stands.
sql $db "ATTACH '$tmp/other.db' AS aux" "CREATE TEMP VIEW report_source AS SELECT 'aux.images' AS source" \
    '.read sql/report/page.sql' | page shell_aux
sql $db "ATTACH '$tmp/other.db' AS aux" '.load ./digitnet' "SELECT report_model('aux.images')" | page aux
same shell_aux aux
sql $db ".load ./digitnet" "BEGIN; DELETE FROM images WHERE id = 8; DELETE FROM digitnet_epochs WHERE epoch = 2;" \
    '.read sql/report/page.sql' | page shell_changed
sql $db ".load ./digitnet" "BEGIN; DELETE FROM images WHERE id = 8; DELETE FROM digitnet_epochs WHERE epoch = 2;" \
    "SELECT report_model('images')" "ROLLBACK" | page changed
same shell_changed changed

# A name with signs of HTML is written with each of them once, in the heading and below.
sql $db ".load ./digitnet" "BEGIN; UPDATE digitnet_models SET name = 'R&D <1>' WHERE name = 'it''s'" \
    "SELECT report_model('letters', 'R&D <1>')" "ROLLBACK" > $tmp/signs.html
for part in '<h1>Model R&amp;D &lt;1>@1' '<dd>R&amp;D &lt;1>@1</dd>'; do
    grep -qF "$part" $tmp/signs.html || { grep -o '.\{20\}R&amp;.\{20\}' $tmp/signs.html; echo "wanted: $part"; exit 1; }
done

chmod a-w $db
sql "file:$db?mode=ro&immutable=1" "PRAGMA query_only = 1" ".load ./digitnet" "SELECT report_model('images')" | page only_read
same shell only_read
sql $db ".load ./digitnet" "CREATE TEMP VIEW mine AS SELECT * FROM main.images" "CREATE TEMP VIEW page AS SELECT report_model('images') AS html" \
    "SELECT html FROM page" | page of_view
same shell of_view
chmod u+w $db

for python in "${PYTHON:-python3}" /usr/bin/python3; do
    "$python" -c "import sqlite3; sqlite3.connect(':memory:').enable_load_extension(True)" 2> /dev/null || continue
    [ -z "${SAN:-}" ] || break
    "$python" - $db <<'END' | page python
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.enable_load_extension(True)
db.load_extension("./digitnet")
print(*db.execute("SELECT report_model('images')").fetchone())
END
    same shell python
    break
done

# Errors, and a file's schema.
says "report_model: image_rows: there is no table or view 'nothing'" sql $db ".load ./digitnet" "SELECT report_model('nothing')"
says "report_model: there is no model named 'nobody'" sql $db ".load ./digitnet" "SELECT report_model('images', 'nobody')"
says "report_model: source is NULL; expected the name of a table or view" sql $db ".load ./digitnet" "SELECT report_model(NULL)"
says "several rows that are judged have the same id" sql $db ".load ./digitnet" \
    "CREATE TEMP VIEW twice AS SELECT 1 AS id, label, pixels FROM images" "SELECT report_model('temp.twice')"
says "recursion deeper than 4" sql $db ".load ./digitnet" \
    "CREATE TEMP VIEW itself AS SELECT id, label, pixels FROM images WHERE report_model('temp.itself') > ''" \
    "SELECT report_model('temp.itself')"
says "unsafe use of report_model" sql $db ".load ./digitnet" "CREATE VIEW evil AS SELECT report_model('images') AS html" \
    "SELECT * FROM evil"
