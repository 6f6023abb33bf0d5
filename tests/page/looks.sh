#!/bin/sh
# looks.sh - the page of sql/report.sql for the built-in model and MNIST looks as it does
# in the pictures that are stored, sql/report.png and tests/page/page.png: at the widths
# of a desk and of a phone, light and dark. Fonts differ between machines: what is
# compared is the brightness of squares of 20 dots, 0 to 255, whose mean difference may be
# 10. After a change that is meant to be seen, `make picture` stores new ones.
set -eu
. tests/page/browser.sh
[ -n "$browser" ] || { echo "chromium is not installed"; exit 77; }
[ -z "${SAN:-}" ] || { echo "a sanitised library cannot be loaded beside a browser's tests"; exit 77; }
[ -d mnist ] || { echo "the pictures are of MNIST, which is not here"; exit 77; }
tmp=$PWD/build/tmp
tests/page/picture.sh "$tmp"
{ echo '<!DOCTYPE html><pre id="found">'
  echo '</pre><script>const pairs = ['
  for name in sql/report.png tests/page/page.png; do
      printf '["data:image/png;base64,%s","data:image/png;base64,%s"],' \
          "$(base64 -w 0 $name)" "$(base64 -w 0 "$tmp/${name##*/}")"
  done
  cat << 'END'
];
const squares = async uri => {
    const image = new Image(), canvas = document.createElement('canvas'), pen = canvas.getContext('2d');
    await new Promise(done => { image.onload = done; image.src = uri; });
    const w = canvas.width = image.width, h = canvas.height = image.height, across = Math.ceil(w / 20);
    pen.drawImage(image, 0, 0);
    const data = pen.getImageData(0, 0, w, h).data, sums = Array(across * Math.ceil(h / 20)).fill(0);
    for (let i = 0; i < data.length; i += 4)
        sums[Math.floor(i / 4 / w / 20) * across + Math.floor(i / 4 % w / 20)] += (data[i] + data[i + 1] + data[i + 2]) / 1200;
    return [w + 'x' + h, sums];
};
(async () => {
    for (const pair of pairs) {
        const [[size, a], [now, b]] = await Promise.all(pair.map(squares));
        found.textContent += size + ' ' + now + ' ' + (a.reduce((sum, x, i) => sum + Math.abs(x - b[i]), 0) / a.length).toFixed(2) + '\n';
    }
})();
</script>
END
} > "$tmp/compared.html"
found compared.html 2 > "$tmp/found.txt"
cat "$tmp/found.txt"
awk '$1 ~ /x/ { n++; bad += $1 != $2 || $3 > 10 } END { exit bad || n != 2 }' "$tmp/found.txt"
