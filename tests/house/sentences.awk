# sentences.awk - sentences of more than `most` words in Markdown, told by file and line.
#
#     awk -v most=35 -f tests/house/sentences.awk README.md
#
# A sentence ends at . ! ? and at : or ; and so does a table's cell. What is code counts
# as a word, a link as its text; blocks of code are left out.

function settle(  text, parts, words, n, k, i) {
    text = held
    held = ""
    gsub(/`[^`]*`/, "code", text)
    gsub(/\]\([^)]*\)/, "]", text)
    n = split(text, parts, /[.!?:;]["')]* +|\| */)
    for (i = 1; i <= n; i++) {
        k = split(parts[i], words, " ")
        if (k > most) print FILENAME ":" line ": a sentence of " k " words: " parts[i]
    }
}
FNR == 1 { settle(); block = 0 }
/^ *```/ { settle(); block = !block; next }
block { next }
/^$|^#|^\||^ *- |^[0-9]+\. / { settle(); line = FNR }
{ held = held " " $0 }
END { settle() }
