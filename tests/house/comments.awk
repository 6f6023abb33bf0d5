# comments.awk - the names of files in comments, a line each: "where:line name". For
# comments.sh.

FNR == 1 { open = 0; c = FILENAME ~ /\.[ch]$/ }

# words - prints the names in a text of a comment.
function words(text,   name) {
    while (match(text, /[A-Za-z0-9_.\/$*-]+\.(c|h|sh|sql|awk|mk|md|js|py|go)[^A-Za-z0-9_\/]/)) {
        name = substr(text, RSTART, RLENGTH - 1)
        text = substr(text, RSTART + RLENGTH - 1)
        print FILENAME ":" FNR " " name
    }
}

!c {
    if (match($0, /^ *(#|--)/)) words(substr($0, RLENGTH + 1) " ")
    next
}

{
    rest = $0
    while (rest != "") {
        if (open) {
            end = index(rest, "*/")
            words((end ? substr(rest, 1, end - 1) : rest) " ")
            open = !end
            rest = end ? substr(rest, end + 2) : ""
        } else {
            start = index(rest, "/*")
            slashes = index(rest, "//")
            if (slashes && (!start || slashes < start)) { words(substr(rest, slashes) " "); break }
            if (!start) break
            open = 1
            rest = substr(rest, start + 2)
        }
    }
}
