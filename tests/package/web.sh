#!/bin/bash
# web.sh - what `make page-test` runs: the page of `make page` in headless Chromium
# (web.js): drawing, reading, training, SQL, saving, at a phone's and a desk's width; and
# what it saved, as this machine's library and shell see it.
#
# Skipped without chromium; what axe-core finds, without npm. Environment: B, SO.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/package/checks.sh
. tests/page/browser.sh
case ${SO:=digitnet.so} in /*) ;; *) SO=$top/$SO ;; esac
tmp=$B/web

ask() {
    sqlite3 -batch -bail -init /dev/null "$tmp/digitnet.db" ".load ${SO%.so}" "$@"
}

# verified - the model that the browser trained: this machine trains it to the same bits,
# and reads the drawings by it.
verified() {
    ask "SELECT count(*), min(digit_predict(pixels, 'mine') = label) FROM drawings" | grep -x '6|1' &&
        ask "SELECT same FROM verify_model('mine')" | grep -x 1
}

in_browser() {
    node tests/package/web.js "$B/page" "$tmp" | tee "$B/package/web.log"
    [[ $(tail -n 1 "$B/package/web.log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]] || return
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
}

if [ -z "$browser" ]; then
    echo "skipped make page-test: no chromium"
elif needs "make page-test" node; then
    rm -rf "$tmp/profile" "$tmp"/digitnet.db "$tmp"/mine.onnx
    mkdir -p "$tmp"
    [ -d "$tmp/node_modules/axe-core" ] || timeout 120 npm install --no-audit --no-fund --prefix "$tmp" \
        axe-core@4 < /dev/null > "$tmp/npm.log" 2>&1 || echo "skipped axe: npm's axe-core cannot be installed"
    export BROWSER=$browser
    in_browser || check "the browser's test ends" false
    check "what was trained in the browser, trained here: the same bits" verified
    summary
fi
