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

# strangers - of lines "where name", those whose file is not there.
strangers() {
    awk '
        NR == FNR {
            n = split($0, part, "/")
            for (tail = ""; n; n--) there[tail = part[n] (tail == "" ? "" : "/" tail)]
            for (path = "/" $0; path != ""; sub(/\/[^\/]*$/, "", path)) there[path]
            next
        }
        {
            name = $2
            sub(/\/$/, "", name)
            sub(/^(\.\.?\/)+/, "", name)
            if (name in there || name ~ /[*$]|KIND|NAME|\.\.[^\/]|^build\/|^[a-z][a-z]?\.[ch]$|shape\.h$/) next
            if (name ~ /^(maps|picture|program|sensor|malloc\/malloc|stmtrand|shell|sqlite3|in|out)\.c$/) next
            if (name ~ /^(\/\/)?(sql|digitnet-wasm)\.js$/) next
            if (name ~ /^(sqlite3|sqlite3ext|zlib|png|libpng)\.h$/) next
            print $1 ": there is no " $2
        }' build/tmp/files -
}

find -L README.md .github core loaders ext sql tests -name '*.[ch]' -o -name '*.sh' -o \
    -name '*.sql' -o -name '*.awk' -o -name '*.mk' -o -name '*.md' | sort |
    xargs awk -f tests/house/comments.awk > build/tmp/named
strangers < build/tmp/named > build/tmp/strangers
cat build/tmp/strangers
echo "$(wc -l < build/tmp/named) names"
[ ! -s build/tmp/strangers ]
[ "$(wc -l < build/tmp/named)" -gt 300 ]

printf '%s\n' '/* a.c - of ../norm.c and' ' * core/dn.h, b.h (core/kernels/nothing.h) */ int x; // see none.c' \
    > build/tmp/a.c
printf '%s\n' 'See [how](../core/README.md#bits), [none](none/README.md), `sql/none.sql`.' > build/a.md
awk -f tests/house/comments.awk build/tmp/a.c build/a.md | strangers > build/tmp/seen
diff - build/tmp/seen << END
build/tmp/a.c:1: there is no ../norm.c
build/tmp/a.c:2: there is no core/kernels/nothing.h
build/tmp/a.c:2: there is no none.c
build/a.md:1: there is no none/README.md
build/a.md:1: there is no sql/none.sql
build/a.md:1: there is no /build/none/README.md
END
