#!/bin/sh
# picture.sh - what `make picture` runs: makes the pictures of the page of sql/report.sql
# for the built-in model and MNIST's test images, by headless Chromium. With a folder they
# go there, and tests/page/looks.sh compares them; without one they take the place of
# those that are stored:
#
#     sql/report.png       the README's: at the width of a desk, light, and dark from
#                          Confusion on
#     tests/page/page.png  at the width of a phone
set -eu
case $0 in /*) ;; *) [ -e tests/page/picture.sh ] || cd "$(dirname "$0")/../.." ;; esac
. tests/page/browser.sh
[ -n "$browser" ] || { echo "chromium is not installed"; exit 1; }
SO=${SO:-digitnet.so}
case $SO in /*) ;; *) SO=$PWD/$SO ;; esac
dir=mnist # where tests/run.sh has it
[ -d "$dir" ] || . sql/demo/mnist.sh
[ -n "$dir" ] || { echo "MNIST is not here and cannot be fetched"; exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

sqlite3 -batch -bail -init /dev/null "$tmp/mnist.db" ".load ${SO%.so}" "CREATE TABLE images AS SELECT * FROM read_mnist('$dir')"
sqlite3 -batch -bail -init /dev/null "$tmp/mnist.db" '.read sql/report.sql' > "$tmp/page.html"
sed 's/<main>/<style>header,#data,#training,#classes{display:none}<\/style>&/' "$tmp/page.html" > "$tmp/rest.html"

# shot - NAME WIDTH HEIGHT FRAMES…: half as large as the frames; each is a page, width,
# height, scheme.
shot() {
    out=$1 size=$2,$3
    shift 3
    printf '<!DOCTYPE html><body style="margin:0;display:flex">' > "$tmp/frames.html"
    printf '<iframe src="%s" width="%s" height="%s" style="border:0;color-scheme:%s"></iframe>' "$@" >> "$tmp/frames.html"
    chromium --force-device-scale-factor=0.5 --window-size="$size" --screenshot="$tmp/$out" \
        "file://$tmp/frames.html" > "$tmp/out.txt"
    [ -s "$tmp/$out" ] || { cat "$tmp/log.txt"; exit 1; }
}
shot report.png 2360 1590 page.html 1180 1590 light rest.html 1180 1590 dark
shot page.png 780 2600 page.html 390 2600 light rest.html 390 2600 dark
if [ $# -gt 0 ]; then
    mv "$tmp/report.png" "$tmp/page.png" "$1"
else
    mv "$tmp/report.png" sql/report.png
    mv "$tmp/page.png" tests/page/page.png
fi
