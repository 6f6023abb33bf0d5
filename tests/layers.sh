#!/bin/sh
# layers.sh - what `make layers` runs: each folder knows only what it may know.
#
#     tests/layers.sh digitnet.so "CORE OBJECTS" "LOADERS OBJECTS" "EXT OBJECTS"
#
# It looks at the symbols of the objects, not at the text: what is not in there is not used.
set -u
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
