#!/bin/sh
# sentences.sh - no sentence of the README, the reference and the other texts has more
# than 35 words, and the README has at most 200 lines. A longer one is seen.
set -eu
find -L README.md .github core ext sql tests -name '*.md' | sort |
    xargs awk -v most=35 -f tests/house/sentences.awk > build/tmp/long
cat build/tmp/long
[ ! -s build/tmp/long ]
[ "$(wc -l < README.md)" -le 200 ]

printf '%s\n' '# Head' '' 'One two, three' 'four. Five `six seven` eight; nine' '- ten' '```' 'a b c d e' '```' > build/a.md
[ "$(awk -v most=3 -f tests/house/sentences.awk build/a.md)" = "build/a.md:2: a sentence of 4 words:   One two, three four" ]
