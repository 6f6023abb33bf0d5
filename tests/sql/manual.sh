#!/bin/sh
# manual.sh - the examples in ext/README.md and sql/recipes.md print what stands below
# them, and each function and table has one.
#
#     tests/sql/manual.sh          runs and compares them
#     tests/sql/manual.sh write    puts what they print into the two files
#
# An example is what a session of the sqlite3 shell shows: "sqlite> SELECT …" and, below,
# what is printed. Those of a file are one session, in memory, in a folder that has
# digitnet and tests. "…" stands for any text: what depends on the machine, the version
# or the clock. Those that name MNIST's folder are left out where it is not there.
set -eu
export LC_ALL=C
top=$PWD
tmp=$PWD/build/tmp
at=$tmp/manual
mkdir -p "$at"
ln -sf "$top/digitnet.so" "$at/digitnet.so"
ln -sfn "$top/tests" "$at/tests"
[ ! -d mnist ] || ln -sfn "$top/mnist" "$at/mnist"
sql() { (cd "$at" && ${SQLITE3:-sqlite3} -batch -init /dev/null :memory: "$@"); }

# marked FILE - its statements, each behind a mark.
marked() {
    awk -v mnist="$([ -d mnist ] && echo 1 || echo 0)" '
        function tell() { if (n && (mnist || text !~ /read_mnist/)) printf "%s", text; text = "" }
        /^sqlite> / { tell(); print ".print @@" ++n }
        /^sqlite> / || /^   \.\.\.> / { text = text substr($0, 9) "\n" }
        END { tell() }' "$1"
}

# printed - what the statements print, "Error: …" in each version of the shell.
printed() {
    sql 2>&1 |
        sed -E 's/ *$//; s/^((Parse|Runtime) )?[Ee]rror:? (near line [0-9]+: )?(stepping, )?/Error: /
                /^Error: /s/ \([0-9]+\)$//'
}

# now FILE - it with what was printed just now, where that is not what it says.
now() {
    awk -v mnist="$([ -d mnist ] && echo 1 || echo 0)" '
        function like(text, want,  parts, k, i, last) {
            last = split(want, parts, "…")
            if (index(text, parts[1]) != 1) return 0
            text = substr(text, length(parts[1]) + 1)
            for (i = 2; i <= last; i++) {
                if (i == last && parts[i] == "") return 1
                k = i == last ? length(text) - length(parts[i]) + 1 : index(text, parts[i])
                if (k < 1 || substr(text, k, length(parts[i])) != parts[i]) return 0
                text = substr(text, k + length(parts[i]))
            }
            return text == ""
        }
        function settle() {
            if (!open) return
            printf "%s", (!mnist && asked ~ /read_mnist/) || like(out[n], want) ? want : out[n]
            open = 0
        }
        FNR == NR { if (/^@@/) k = substr($0, 3) + 0; else out[k] = out[k] $0 "\n"; next }
        /^sqlite> / { settle(); n++; open = 1; want = ""; asked = $0; print; next }
        /^   \.\.\.> / { asked = asked $0; print; next }
        open && /^```$/ { settle() }
        open { want = want $0 "\n"; next }
        { print }' "$tmp/printed.txt" "$1"
}

for file in ext/README.md sql/recipes.md; do
    rm -f "$at/device.db"
    marked $file | printed > "$tmp/printed.txt"
    now $file > "$tmp/now.md"
    if [ "${1:-}" = write ]; then cat "$tmp/now.md" > $file; fi
    diff -u $file "$tmp/now.md"
done

# Each function and table, but for the one that writes checkpoints, is described, with its
# arguments, and has an example.
names() { sql "$@" "SELECT name FROM pragma_function_list UNION SELECT name FROM pragma_module_list" | sort -u; }
names > "$tmp/without.txt"
names ".load ./digitnet" | comm -13 "$tmp/without.txt" - | grep -vx digitnet_checkpoint > "$tmp/names.txt"
[ "$(grep -c . "$tmp/names.txt")" -ge 40 ]
manual=ext/README.md
while read -r name; do
    grep -q "\`$name\(\`\|(\)" $manual || { echo "$manual does not describe $name" && exit 1; }
    grep -E '^(sqlite|   \.\.\.)> ' $manual | grep -qw "$name" || { echo "$manual has no example of $name" && exit 1; }
done < "$tmp/names.txt"
