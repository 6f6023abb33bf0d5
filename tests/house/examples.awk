# examples.awk - the C in the comment at a header's head, as a program:
# tests/house/examples.sh.
#
#     awk -v header=core/dn.h -f tests/house/examples.awk tests/house/examples.txt
#     core/dn.h
#
# An example is a run of lines that stand four columns further in than prose, the first of
# which ends as C does. Each is the body of a function that begins with what examples.txt
# declares for the header; one that defines a function stands alone. "…" stands for what a
# reader fills in: "… words …" and "…" become empty statements.


FILENAME == ARGV[1] && /^== / { mine = $2 == "all" || index(header, $2) == 1; next }
FILENAME == ARGV[1] && mine && /^#include / { includes = includes "\n" $0; next }
FILENAME == ARGV[1] && mine { declared = declared "\n    " $0; next }
FILENAME == ARGV[1] || ended { next }

function flush(  first) {
    first = example
    sub(/\n.*/, "", first)
    sub(/ *\/[\/*].*$/, "", first)
    if (first ~ /(^ *…|[;{]|…|\))$/ && first !~ /^ *(SELECT|INSERT|UPDATE|CREATE|WITH|DROP|\{|cc|\.|[a-z]+  )/)
        examples[++n] = example
    example = ""
}

{
    line = $0
    if (sub(/ *\*\/ *$/, "", line)) ended = 1
    if (line ~ /^ \*     /) {
        sub(/^ \*     /, "", line)
        example = example (example == "" ? "" : "\n") line
    } else if (example != "") {
        flush()
    }
}

END {
    if (example != "") flush()
    if (!n) exit
    print includes "\n#include \"" header "\""
    for (i = 1; i <= n; i++) {
        gsub(/… [^…\n]+ …/, "(void)0;", examples[i])
        gsub(/…/, "(void)0;", examples[i])
        if (examples[i] ~ /^(static )?(int|void) [a-z_0-9]+\([^\n]*\{[^\n]*\n/)
            print "int example_" i "(void);\n" examples[i]
        else
            print "int example_" i "(void);\nint example_" i "(void) {" declared "\n    {\n" \
                examples[i] "\n    }\n}"
    }
}
