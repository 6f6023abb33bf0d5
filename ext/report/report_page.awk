# report_page.awk - the SQL of sql/report/page.sql and of the parts that it reads, as one
# text without comments and without the shell's commands.
#
#     awk -f ext/report/report_page.awk sql/report/page.sql
#
# A comment is a line of its own: what begins with "--" and has no space behind it may be
# a style's variable.

function part(line) { return line !~ /^ *--( |$)/ && line !~ /^ *$/ }

/^\.read / {
    got = 0
    while ((got = (getline line < $2)) > 0)
        if (part(line)) print line
    close($2)
    if (got < 0) {
        print "report_page: cannot read " $2 > "/dev/stderr"
        exit 1
    }
    next
}
/^\./ { next }
part($0) { print }
