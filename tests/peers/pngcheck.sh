#!/bin/sh
# pngcheck.sh - what digit_png, digit_sheet and digit_saliency write passes pngcheck, at
# all depths, sizes and scales.
set -u
if ! command -v pngcheck > /dev/null; then
    echo "pngcheck is not installed"
    exit 77
fi
mkdir -p build/tmp/check
$SQLITE3 -batch -init /dev/null :memory: << 'END_OF_SQL' > /dev/null || exit 1
.load ./digitnet
CREATE TABLE digits AS SELECT * FROM synthetic_digits(300);
SELECT writefile(printf('build/tmp/check/%d.png', id), digit_png(pixels, 1 + id % 64)) FROM digits;
CREATE TABLE bytes(name, pixels);
INSERT INTO bytes VALUES('1bit', x'FF0000FF'), ('2bits', x'FF5500AA'), ('4bits', x'FF1100EE'), ('8bits', x'FE1100EE'),
    ('one', x'80'), ('blank', zeroblob(784)), ('large', zeroblob(4096 * 4096)), ('noise', randomblob(300 * 300));
SELECT writefile(printf('build/tmp/check/%s.png', name), digit_png(pixels)) FROM bytes;
SELECT writefile('build/tmp/check/sheet.png', digit_sheet(pixels, label)) FROM digits;
SELECT writefile(printf('build/tmp/check/why%d.png', id), digit_saliency(pixels)) FROM digits WHERE id < 20;
END_OF_SQL
set -- build/tmp/check/*.png
echo "$# files"
[ $# = 329 ] && pngcheck -q "$@"
