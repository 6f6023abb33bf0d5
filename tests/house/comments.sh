#!/bin/sh
# comments.sh - each file that a comment names is there: by its path from the top, or by
# its name and the folders before it. A name that is not is seen.
#
# Not looked for: patterns and $variables, NAME, what a build makes, other people's files,
# and what only looks like a file: the height or the channels of a shape (x.h, in.c,
# net.shape.h).
set -eu

find -L . -name build -prune -o -name mnist -prune -o -type f -print | sed 's|^\./||' | sort \
    > build/tmp/files
echo Makefile >> build/tmp/files

# strangers - of lines "where name", those whose file is not there.
strangers() {
    awk '
        NR == FNR {
            n = split($0, part, "/")
            for (tail = ""; n; n--) there[tail = part[n] (tail == "" ? "" : "/" tail)]
            next
        }
        {
            name = $2
            sub(/^(\.\.?\/)+/, "", name)
            if (name in there || name ~ /[*$]|NAME|^build\/|^[a-z][a-z]?\.[ch]$|shape\.h$/) next
            if (name ~ /^(maps|picture|program|malloc\/malloc|stmtrand|shell|sqlite3|in|out)\.c$/) next
            if (name ~ /^(sqlite3|sqlite3ext|zlib|png|libpng)\.h$/) next
            print $1 ": there is no " $2
        }' build/tmp/files -
}

find -L core loaders ext sql tests -name '*.[ch]' -o -name '*.sh' -o -name '*.sql' -o -name '*.awk' \
    -o -name '*.mk' | sort | xargs awk -f tests/house/comments.awk > build/tmp/named
strangers < build/tmp/named > build/tmp/strangers
cat build/tmp/strangers
echo "$(wc -l < build/tmp/named) names"
[ ! -s build/tmp/strangers ]
[ "$(wc -l < build/tmp/named)" -gt 300 ]

printf '%s\n' '/* a.c - of ../norm.c and' ' * core/dn.h, b.h (core/kernels/nothing.h) */ int x; // see none.c' \
    > build/tmp/a.c
awk -f tests/house/comments.awk build/tmp/a.c | strangers > build/tmp/seen
printf 'build/tmp/a.c:%s\n' '1: there is no ../norm.c' '2: there is no core/kernels/nothing.h' \
    '2: there is no none.c' | diff - build/tmp/seen
