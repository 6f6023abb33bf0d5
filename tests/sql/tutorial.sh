#!/bin/sh
# tutorial.sh - sql/tutorial.md: its SQL blocks are sql/tutorial.sql, and print what
# stands below each.
#
#     tests/sql/tutorial.sh          runs and compares them
#     tests/sql/tutorial.sh write    puts what they print into the tutorial
set -eu
[ -e mnist/t10k-images-idx3-ubyte ] || [ -e mnist/t10k-images-idx3-ubyte.gz ] || { echo "the tutorial is about MNIST, which is not here"; exit 77; }
text=sql/tutorial.md

# The statements, each block behind a mark; then its head in the script.
awk '/^```sql$/ { print ".print @@" ++n; sql = 1; next } /^```/ { sql = 0 } sql' $text > build/tmp/marked.sql
{ sed '/^--/!d' sql/tutorial.sql && grep -v '^\.print @@' build/tmp/marked.sql; } | diff -u - sql/tutorial.sql

${SQLITE3:-sqlite3} -batch -bail -init /dev/null build/tmp/tutorial.db < build/tmp/marked.sql |
    sed 's/ *$//' > build/tmp/printed.txt

# now - the tutorial with what was printed just now.
now() {
    awk '
        function shown(n,  i, text) {
            text = out[n]
            sub(/\n+$/, "", text)
            if (text != "") print "\n```\n" text "\n```"
        }
        FNR == NR { if (/^@@/) k = substr($0, 3) + 0; else out[k] = out[k] $0 "\n"; next }
        /^```sql$/ { print; sql = 1; next }
        /^```$/ && sql { print; sql = 0; shown(++n); after = 1; next }
        after && /^$/ { after = 2; next }
        after && /^```$/ { skip = 1; after = 0; next }
        skip { if (/^```$/) skip = 0; next }
        { if (after == 2) print ""; after = 0; print }' build/tmp/printed.txt $text
}
now > build/tmp/tutorial.md
if [ "${1:-}" = write ]; then cat build/tmp/tutorial.md > $text; fi
diff -u $text build/tmp/tutorial.md
