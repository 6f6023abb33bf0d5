# columns.awk - comment lines of more than 90 characters (not bytes): `make style`.
#
#     LC_ALL=C awk -f tests/house/columns.awk FILE…
#
# In C, every line counts: clang-format breaks code, and leaves alone what is longer for a
# reason.

FNR == 1 {
    c = FILENAME ~ /\.[ch]$/
    comment = FILENAME ~ /\.sql$/ ? "^ *--" : FILENAME ~ /\.(js|go)$/ ? "^[ \t]*//" : "^ *#"
}

# A line of C without a comment in it is code; within one it begins with " *".
c ? $0 ~ /^ *\*|\/\*|\/\// : $0 ~ comment {
    line = $0
    gsub(/[\200-\277]/, "", line) # what follows the first byte of a character
    if (length(line) > 90) {
        print FILENAME ":" FNR ": " length(line) " characters"
        bad = 1
    }
}

END { exit bad }
