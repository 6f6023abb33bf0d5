#!/bin/sh
# options_manual.sh - ext/README.md's table of options is what digitnet_options says.
#
#     tests/sql/options_manual.sh          compares them
#     tests/sql/options_manual.sh write    puts the table into the manual, after a new
#                                          option
set -eu
manual=$(cd "$(dirname "$0")/../.." && pwd)/ext/README.md
head='| option | range | default | meaning |'
table() {
    ${SQLITE3:-sqlite3} -batch -init /dev/null :memory: << 'END'
.load ./digitnet
.mode list
WITH other AS (SELECT name, group_concat(printf('%s %.15g', preset, value), ', ') AS presets
               FROM digitnet_options WHERE preset IS NOT NULL GROUP BY name)
SELECT '| `' || o.name || '` | '
    || CASE WHEN least IS NULL THEN '' ELSE printf('%.15g to %.15g', least, most) END || ' | '
    || CASE WHEN value IS NULL THEN '' WHEN type = 'TEXT' THEN '''' || value || ''''
            ELSE printf('%.15g', value) END
    || CASE WHEN o.name <> 'layers' AND presets IS NOT NULL THEN '; ' || presets ELSE '' END
    || ' | ' || meaning || ' |'
FROM digitnet_options o LEFT JOIN other USING (name) WHERE preset IS NULL ORDER BY o.rowid;
END
}
mkdir -p build/tmp
table > build/tmp/table
[ -s build/tmp/table ]
if [ "${1:-}" = write ]; then
    awk -v head="$head" -v table=build/tmp/table '
        $0 == head { print; getline; print; while ((getline row < table) > 0) print row; skip = 1; next }
        skip && /^\|/ { next }
        { skip = 0; print }' "$manual" > build/tmp/manual
    cat build/tmp/manual > "$manual"
fi
awk -v head="$head" '$0 == head { getline; there = 1; next } there && !/^\|/ { exit } there' "$manual" > build/tmp/there
diff -u --label ext/README.md build/tmp/there --label digitnet_options build/tmp/table
