#!/bin/sh
# layers.sh - what `make layers` runs: each folder knows only what it may know.
#
#     tests/layers.sh digitnet.so "CORE OBJECTS" "LOADERS OBJECTS" "EXT OBJECTS"
#
# Symbols of the objects show what is used: what is not in there is not used. Includes
# show what may be. By both, no file is in a circle with another, and ext's rooms keep
# their order:
#
#     base < image < {data, read} < model < {predict, train} < search < ext/*.c
#
# Folders are found, not listed. It runs at the top of a tree with core, loaders and ext;
# tests/house/layers.sh shows it one with each fault.
set -u
here=$(dirname "$0")
so=$1 core=$2 loaders=$3 ext=$4
bad=0

undefined() { nm -u $1 | sed -n 's/^ *[Uw] //p' | sed 's/@.*//' | sort -u; }
defined() { nm -g --defined-only $1 | sed -n 's/^[0-9a-fA-F]* [A-Z] //p' | sort -u; }

# none - what stands on its input is against the rule that it names.
none() {
    found=$(cat)
    [ -z "$found" ] && return
    echo "$1:"
    printf '%s\n' "$found" | sed 's/^/    /'
    bad=1
}

# both - the symbols that the first group of objects uses and the second defines.
both() {
    users=$(undefined "$1")
    defined "$2" | while read -r symbol; do
        printf '%s\n' "$users" | grep -x "$symbol"
    done
}

for object in $core $loaders $ext; do
    [ -e "$object" ] || none "make layers" << END
$object is not there
END
done

none "core may not use SQLite" << END
$(undefined "$core" | grep '^sqlite3_')
END
none "loaders may not use SQLite" << END
$(undefined "$loaders" | grep '^sqlite3_')
END
none "core may not use loaders" << END
$(both "$core" "$loaders")
END
none "core may not use ext" << END
$(both "$core" "$ext")
END
none "loaders may not use core" << END
$(both "$loaders" "$core")
END
none "loaders may not use ext" << END
$(both "$loaders" "$ext")
END
none "core may not use files, zlib or libpng" << END
$(undefined "$core" | grep -E '^(f?open|f?read|f?close|png_.*|gz.*|inflate.*)$')
END

# by_symbols, by_includes - lines "user used": files, as layers.awk wants them.
by_symbols() {
    nm -A -g $core $loaders $ext | awk '
        {
            object = $1
            sub(/\.o:.*/, "", object)
            if (match(object, /(^|\/)(core|loaders|ext)\/([a-z_0-9]+\/)?[a-z_0-9]+$/))
                object = substr(object, RSTART, RLENGTH)
            sub(/^\//, "", object)
        }
        $(NF - 1) ~ /^[Uw]$/ { users[$NF] = users[$NF] " " object; next }
        { owner[$NF] = object }
        END {
            for (symbol in users) {
                n = symbol in owner ? split(users[symbol], user, " ") : 0
                for (i = 1; i <= n; i++) print user[i], owner[symbol]
            }
        }'
}
by_includes() {
    find core loaders ext -name '*.[ch]' | sort | xargs awk '
        /^#include "/ {
            user = used = FILENAME
            sub(/[^\/]*$/, "", used)
            split($0, quoted, "\"")
            used = used quoted[2]
            while (sub(/[^\/.]+\/\.\.\//, "", used)) {}
            print user, used
        }'
}
none "rooms and circles" << END
$(by_symbols | awk -v by=symbols -f "$here/layers.awk")
END
none "rooms and circles" << END
$(by_includes | awk -v by=includes -f "$here/layers.awk")
END
none "core and loaders may include nothing but their own" << END
$(by_includes | awk '{
    from = $1
    to = $2
    sub(/\/.*/, "", from)
    sub(/\/.*/, "", to)
    if (from != "ext" && from != to) print $1 " includes " $2 }')
$(grep -rnE '^#include <(sqlite3|png|zlib)' core)
$(grep -rnE '^#include <sqlite3' loaders)
END

# These differ between C libraries in their last bits, and so would weights and digits.
none "core and loaders may not use what is not rounded correctly everywhere" << END
$(undefined "$core $loaders" |
    grep -E '^(exp2?|expm1|log(2|10|1p)?|pow|sin|cos|sincos|tan|atan2?|(sin|cos|tan)h|cbrt|hypot)f?$')
END

# The process is someone else's (house rule: no exit, no output, no mutable global).
none "core, loaders and ext may not end the process or print" << END
$(undefined "$core $loaders $ext" |
    grep -E '^(_?_?exit|abort|v?f?printf|__v?f?printf_chk|f?puts|putchar|perror)$')
END
none "core and loaders may not have mutable globals" << END
$(for object in $core $loaders; do
    size -A "$object" | awk -v o="$object" '/^\.(data|bss|tdata|tbss)[ .]/ && $2 > 0 &&
        $1 !~ /^\.data\.rel\.ro/ { print o ": " $1 }'
done)
END
none "$so may export sqlite3_digitnet_init alone" << END
$(nm -D --defined-only "$so" | grep -v ' T sqlite3_digitnet_init$')
END
nm -D --defined-only "$so" | grep -q ' T sqlite3_digitnet_init$' ||
    none "$so" << END
does not export sqlite3_digitnet_init
END
none "$so may not bring its own SQLite" << END
$(readelf -d "$so" | grep 'NEEDED.*sqlite')
END

[ $bad = 0 ] && echo "layers: ok"
exit $bad
