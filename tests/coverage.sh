#!/bin/sh
# coverage.sh - what the tests reach: `make coverage` builds with gcc's --coverage, runs
# the tests of tests/run.sh and the fault tests, and calls this.
#
#     coverage.sh FOLDER_OF_OBJECTS OUTPUT
#
# It prints a line a file, and the totals. OUTPUT gets the lines that were never reached
# and the branches never taken, each with its text. A line in a header that many objects
# share counts once, and is reached if it is in any of them. Assertions are compiled out.
#
# A branch is one of gcov's: a way out of a condition, so that `a && b` has four. The
# kernels are compiled for each instruction set, and inlined with many constant shapes: of
# a line of theirs two count, on and away, wherever they are taken. They alone are
# optimised, and their counters are not atomic: or it would take hours.
#
# What is left is in tests/coverage.txt, line by line, each under the reason why no test
# here reaches it. What is missed and not in that list is printed: a test is wanting, or a
# reason. Runs differ a little, by what a clock or an interrupt meets.
#
# A comment "unreachable: why" in a line takes that line and its branches from the count:
# the reason stands where the reader of the code needs it, and in the table how many.
set -eu
objects=$1 output=$2
at=$objects/gcov
rm -rf "$at"
mkdir -p "$at"
find "$objects" -name '*.gcda' -o -name '*.gcno' | grep -E '/(core|loaders|ext|tests)/' |
    sed 's/\.gc..$//' | sort -u > "$at/list"
while read -r object; do
    name=$(echo "${object#"$objects/"}" | tr / _)
    mkdir -p "$at/$name"
    # gcov wants to read the sources by the names that the compiler was given.
    ln -s "$PWD/core" "$PWD/loaders" "$PWD/ext" "$PWD/tests" "$at/$name"
    (cd "$at/$name" && gcov -b -c -p -s "$PWD" "$object.gcno" > /dev/null 2>&1) || true
done < "$at/list"

find "$at" -name '*.gcov' | sort | xargs awk '
    FNR == 1 { file = "" }
    /^ *-: *0:Source:/ {
        file = $0
        sub(/^.*Source:/, "", file)
        sub(/^tests\/([a-z]+\/)+(\.\.\/)+/, "", file) # as a test includes it
        if (file !~ /^(core|loaders|ext)\// || file ~ /\.inc$/) file = ""
        kernel = file ~ /^core\/kernels\//
        next
    }
    file == "" { next }
    /^branch/ {
        if (!executable) next
        key = place SUBSEP (kernel ? /\(fallthrough\)/ : $2)
        if (!(key in branch)) { branch[key] = 0; branch_at[key] = place }
        if ($3 == "taken" && $4 > 0) branch[key] = 1
        next
    }
    /^(call|function|-----)/ || /^[^ ]*:$/ { next }
    /^ *[^:]+: *[0-9]+:/ {
        split($0, part, ":")
        count = part[1]; number = part[2] + 0
        gsub(/[ *]/, "", count)
        executable = count != "-" && number > 0
        if (!executable) next
        place = file ":" number
        if (!(place in line)) {
            line[place] = 0; line_file[place] = file; line_number[place] = number
            text[place] = $0
            sub(/^[^:]*:[^:]*:/, "", text[place])
        }
        if (count ~ /^[0-9]/ && count + 0 > 0) line[place] = 1
    }
    END {
        for (place in line) {
            f = line_file[place]
            if (text[place] ~ /unreachable:/) { left[f]++; all_left++; continue }
            lines[f]++; all_lines++
            if (line[place]) { reached[f]++; all_reached++ }
            else printf "L\t%s\t%d\t%s\n", f, line_number[place], text[place]
        }
        for (key in branch) {
            place = branch_at[key]
            if (text[place] ~ /unreachable:/) continue
            f = line_file[place]
            branches[f]++; all_branches++
            if (branch[key]) { taken[f]++; all_taken++ }
            else missed[place]++
        }
        for (place in missed) if (line[place])
            printf "B\t%s\t%d\t%s\n", line_file[place], line_number[place], text[place]
        for (f in lines) printf "T\t%s\t%d\t%d\t%d\t%d\t%d\n", f, reached[f], lines[f],
                                taken[f], branches[f], left[f]
        printf "Z\ttotal\t%d\t%d\t%d\t%d\t%d\n", all_reached, all_lines, all_taken,
               all_branches, all_left
    }' | sort -t "$(printf '\t')" -k 1,1 -k 2,2 -k 3,3n > "$at/all"

awk -F '\t' '$1 == "L" { print $2 ":" $3 ": not reached: " $4 }
             $1 == "B" { print $2 ":" $3 ": a branch not taken: " $4 }' "$at/all" > "$output"
awk -F '\t' '
    function share(a, b) { return b ? sprintf("%6.2f %%", 100 * a / b) : "       -" }
    BEGIN { print "lines               branches            unreachable  file" }
    $1 == "T" || $1 == "Z" {
        printf "%s %5d/%-5d %s %5d/%-5d %4s  %s\n", share($3, $4), $3, $4, share($5, $6), $5,
               $6, $7 ? $7 : "", $2
    }' "$at/all"

awk '
    FNR == NR { if ($0 !~ /^#/) listed[$0]; next }
    {
        file = $0; sub(/:.*/, "", file)
        text = $0; sub(/^[^:]*:[0-9]+: (not reached|a branch not taken): */, "", text)
        missed++
        if (!((file ": " text) in listed)) { print "not in tests/coverage.txt: " $0; more++ }
    }
    END { printf "lines missed, or with a branch that is: %d, %d of them without a reason\n",
                 missed, more }' tests/coverage.txt "$output"
echo "all of them: $output"

# What is promised of a whole run.
[ -n "${ONLY:-}" ] || awk -F '\t' '$1 == "Z" && ($3 < 0.98 * $4 || $5 < 0.90 * $6) {
    print "expected 98 % of the lines and 90 % of the branches"; exit 1 }' "$at/all"
