# comments.awk - the names of files in comments and in documentation, a line each:
# "where:line name"; "/path" is where a link leads. For comments.sh.

FNR == 1 { open = 0; c = FILENAME ~ /\.[ch]$/; prose = FILENAME ~ /\.md$/ }

function folder(path) {
    sub(/[^\/]*$/, "", path)
    return path
}

# words - prints the names in a text of a comment.
function words(text,   name) {
    while (match(text, /[A-Za-z0-9_.\/$*-]+\.(c|h|sh|sql|awk|mk|md|js|py|go)[^A-Za-z0-9_\/]/)) {
        name = substr(text, RSTART, RLENGTH - 1)
        text = substr(text, RSTART + RLENGTH - 1)
        print FILENAME ":" FNR " " name
    }
}

# Documentation: all of it; and where its links lead, from the folder that it is in.
prose {
    words($0 " ")
    for (line = $0; match(line, /\]\([^)#]+/); line = substr(line, RSTART + RLENGTH)) {
        link = substr(line, RSTART + 2, RLENGTH - 2)
        if (link ~ /^https?:/) continue
        link = folder(FILENAME) link
        while (sub(/[^\/]+\/\.\.\//, "", link)) {}
        print FILENAME ":" FNR " /" link
    }
    next
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
