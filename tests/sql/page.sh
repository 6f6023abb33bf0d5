#!/bin/sh
# page.sh - the page of sql/report.sql in a browser, headless Chromium, at the widths of a desk and
# of a phone: it renders, without an error in the console; its heat map has the numbers
# that SQL counts; every picture loads and has a text beside it; no link leads nowhere;
# nothing sticks out. For data of every kind: names that look like HTML, two classes, a hundred,
# no training log, no rows, no table.
set -eu
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -n "$browser" ] || { echo "chromium is not installed"; exit 77; }
[ -z "${SAN:-}" ] || { echo "a sanitised library cannot be loaded beside a browser's tests"; exit 77; }
tmp=$PWD/build/tmp
sql() { db=$1; shift; sqlite3 -batch -bail -init /dev/null "$tmp/$db.db" ".load ./digitnet" "$@"; }

# chromium - in a profile of its own; what the page's console says goes to console.txt.
chromium() {
    timeout 100 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
        --user-data-dir="$tmp/profile" --enable-logging=stderr --virtual-time-budget=8000 "$@" 2> "$tmp/log.txt"
    grep 'CONSOLE' "$tmp/log.txt" >> "$tmp/console.txt" || true
}

# look - the page in two frames, of 1200 and 390 pixels, and what a script finds in each: lines
# of "width key value".
look() {
    cat "$tmp/$1.html" - > "$tmp/looked.html" << 'END'
<script>
const out = [], all = s => [...document.querySelectorAll(s)];
const rows = all('.heat tbody tr');
rows.forEach((row, t) => [...row.cells].slice(1).forEach((cell, g) => cell.textContent && out.push('cell ' + t + ' ' + g + ' ' + cell.textContent)));
out.push('sections ' + all('section').length);
out.push('unloaded ' + all('img').filter(i => !i.naturalWidth).length);
out.push('textless ' + all('img').filter(i => !i.hasAttribute('alt')).length);
out.push('plots ' + all('svg').filter(s => s.getBoundingClientRect().height < 50 || !s.getAttribute('aria-label')).length);
out.push('astray ' + all('a').filter(a => !document.querySelector(a.getAttribute('href'))).length);
out.push('overhang ' + Math.max(0, document.documentElement.scrollWidth - innerWidth));
out.push('tags ' + all('b0, d').length + ' ' + (document.querySelector('main').innerText.match(/NaN|undefined|\bnull\b/g) || []).length);
parent.postMessage(out.map(line => innerWidth + ' ' + line + '\n').join(''), '*');
</script>
END
    cat > "$tmp/frame.html" << 'END'
<!DOCTYPE html><body style="margin:0"><iframe src="looked.html" width="1200" height="3000" style="border:0"></iframe>
<iframe src="looked.html" width="390" height="3000" style="border:0"></iframe>
<pre id="found"></pre><script>onmessage = e => found.textContent += e.data</script>
END
    chromium --dump-dom --window-size=1700,3000 "file://$tmp/frame.html" |
        sed -n '/<pre id="found">/,/<\/pre>/p' | sed 's/.*<pre id="found">//; s/<\/pre>.*//'
}

# page - makes one page, looks at it twice, and demands what every page must be.
page() {
    sqlite3 -batch -bail -init /dev/null "$tmp/$1.db" '.read sql/report.sql' > "$tmp/$1.html"
    size=$(wc -c < "$tmp/$1.html")
    look "$1" > "$tmp/found.txt"
    for width in 1200 390; do
        found=$(sed -n "/ cell /d; s/^$width //p" "$tmp/found.txt" | paste -sd' ')
        echo "$1, $width wide, $size bytes: $found"
        [ "$found" = "sections $2 unloaded 0 textless 0 plots 0 astray 0 overhang 0 tags 0 0" ]
    done
    [ "$size" -gt 3000 ] && [ "$size" -lt 2000000 ]
    ! grep -Eq 'https?://|<script|javascript:' "$tmp/$1.html"
}

# heat - the numbers of the page's heat map are those of SQL, whose classes come in the same order.
heat() {
    sed -n 's/^1200 cell/cell/p' "$tmp/found.txt" | sort > "$tmp/heat.txt"
    sql "$1" "WITH answers(label, prediction) AS MATERIALIZED (SELECT label, digit_predict(pixels) FROM images WHERE $2),
        classes AS (SELECT class, row_number() OVER (ORDER BY class) - 1 AS k
            FROM (SELECT label AS class FROM answers UNION SELECT prediction FROM answers))
        SELECT 'cell ' || t.k || ' ' || g.k || ' ' || count(*) FROM answers
        JOIN classes t ON t.class = label JOIN classes g ON g.class = prediction GROUP BY t.k, g.k" | sort > "$tmp/counted.txt"
    [ -s "$tmp/heat.txt" ] && diff "$tmp/heat.txt" "$tmp/counted.txt"
}

: > "$tmp/console.txt"
sql names "CREATE TABLE images AS SELECT CASE WHEN id < 1500 THEN 'train' ELSE 'test' END AS split, id,
        char(60) || 'b' || label || char(62) || char(38) || char(34) AS label, pixels FROM synthetic_digits(2500)" \
    "SELECT count(*) FROM train_model('images') WHERE layers = 'mlp' AND epochs = 3"
page names 9
heat names "split = 'test'"
sql two "CREATE TABLE images AS SELECT CASE WHEN label < 5 THEN 'low' ELSE 'high' END AS label, pixels FROM synthetic_digits(800)" \
    "SELECT count(*) FROM train_model('images') WHERE layers = 'mlp' AND epochs = 1" "DROP TABLE digitnet_epochs"
page two 9
heat two 1
sql hundred "CREATE TABLE images AS SELECT CASE WHEN id < 3000 THEN 'train' ELSE 'test' END AS split, label + id / 10 % 10 * 10 AS label,
        digit_png(pixels) AS pixels FROM synthetic_digits(5000)" \
    "SELECT count(*) FROM train_model('images') WHERE layers = 'mlp' AND epochs = 1"
page hundred 9
heat hundred "split = 'test'"
sql empty "CREATE TABLE images(split, id, label, pixels)"
page empty 3
grep -q 'There are no rows to judge' "$tmp/empty.html"
sql none "CREATE TABLE other(x)"
page none 3
sql one "CREATE TABLE images AS SELECT label, pixels FROM synthetic_digits(1)"
page one 9

# Screenshots at two widths: of many colours, and one is like the next, as soon as the browser has
# had the time to paint it all.
for width in 1200 500; do
    shots=0
    until [ $shots -gt 1 ] && cmp -s "$tmp/$width-$shots.png" "$tmp/$width-$((shots - 1)).png"; do
        shots=$((shots + 1))
        [ $shots -le 5 ]
        chromium --screenshot="$tmp/$width-$shots.png" --window-size=$width,2400 "file://$tmp/names.html" > "$tmp/shot.txt"
    done
    [ "$(wc -c < "$tmp/$width-$shots.png")" -gt 50000 ]
done
cat "$tmp/console.txt"
[ ! -s "$tmp/console.txt" ]
