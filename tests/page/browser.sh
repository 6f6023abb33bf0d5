# browser.sh - headless Chromium, for the tests that read it with ".": $browser, empty if
# there is none, and functions that look at a page in the folder $tmp.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)

# chromium - in a profile of its own; what the page's console says goes to console.txt.
chromium() {
    timeout 900 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars \
        --user-data-dir="$tmp/profile" --enable-logging=stderr --virtual-time-budget=8000 "$@" 2> "$tmp/log.txt"
    grep 'CONSOLE' "$tmp/log.txt" >> "$tmp/console.txt" || true
}

# found - PAGE LINES [PATTERN]: what its script writes into the element of that name, so
# many lines of the pattern or more. On a machine that is busy a page may be taken before
# its script is done: then again, up to eight times.
found() {
    for _ in 1 2 3 4 5 6 7 8; do
        chromium --dump-dom --window-size=1700,3000 "file://$tmp/$1" |
            sed -n '/<pre id="found">/,/<\/pre>/p' | sed 's/.*<pre id="found">//; s/<\/pre>.*//; /^$/d' > "$tmp/lines.txt"
        [ "$(grep -c "${3:-}" "$tmp/lines.txt")" -lt "$2" ] || break
    done
    cat "$tmp/lines.txt"
}
