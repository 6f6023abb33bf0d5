-- explore.sql - what is in the table images(split, id, label, pixels), or in the one that
-- report_source names (predictions.sql): counts and sizes, the range of the values, how
-- many images each class has, and the first few pictures.
--
--     split  images  classes  unlabelled  bytes_an_image     type     place     value
--     test   10000   10       0           3136               float32  smallest  0.0
--     train  60000   10       0           3136               float32  largest   1.0
--
--     label  images  percent  balance
--     0      6903    9.86     ███████████████████████████████████
--     …
CREATE TEMP VIEW IF NOT EXISTS report_source AS SELECT 'images' AS source;
WITH counted AS (
    SELECT split, label, length(pixels) AS bytes FROM report_source AS s, image_rows(s.source)
)
SELECT split, count(*) AS images, count(DISTINCT label) AS classes,
       sum(label IS NULL) AS unlabelled,
       min(bytes) || CASE WHEN min(bytes) < max(bytes) THEN '..' || max(bytes) ELSE '' END
           AS bytes_an_image
FROM counted GROUP BY split;

-- The smallest and largest value of the first 100 images; of PNG files, of the digits
-- that a model sees in them. The width of the picture tells how many bytes a value has: 1
-- for uint8, 4 for float32. Those four, from last to first and in hex, sort as the values
-- do.
WITH RECURSIVE
numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4096),
stored(pixels, png) AS (
    SELECT pixels, hex(substr(pixels, 1, 4)) = '89504E47'
    FROM report_source AS s, image_rows(s.source) WHERE pixels IS NOT NULL LIMIT 100
),
seen(pixels, png) AS (SELECT CASE WHEN png THEN digit_image(pixels) ELSE pixels END, png FROM stored),
shown(pixels, png, w) AS (
    SELECT pixels, png, instr(digit_show(pixels) || char(10), char(10)) - 1 FROM seen
),
sample(pixels, png, size) AS (SELECT pixels, png, length(pixels) / (w * w) FROM shown),
value(png, size, digits) AS (
    SELECT png, size, hex(substr(pixels, size * n, 1)) || CASE size WHEN 1 THEN '' ELSE
           hex(substr(pixels, 4 * n - 1, 1)) || hex(substr(pixels, 4 * n - 2, 1)) ||
           hex(substr(pixels, 4 * n - 3, 1)) END
    FROM sample JOIN numbers ON size * n <= length(pixels)
),
edge(place, png, size, digits) AS (
    SELECT 'smallest', png, size, min(digits) FROM value GROUP BY png, size UNION ALL
    SELECT 'largest', png, size, max(digits) FROM value GROUP BY png, size
),
number(place, png, size, bits) AS (
    SELECT place, png, size, sum(instr('123456789ABCDEF', substr(digits, n, 1))
                                 << 4 * (length(digits) - n))
    FROM edge JOIN numbers ON n <= length(digits)
    GROUP BY place, png, size
)
SELECT CASE WHEN png THEN 'PNG' WHEN size = 1 THEN 'uint8' ELSE 'float32' END AS type, place,
       CASE WHEN size = 1 THEN bits WHEN bits = 0 THEN 0.0
            ELSE (1 + (bits & 0x7FFFFF) / 8388608.0) / (1 << 127 - (bits >> 23)) END AS value
FROM number ORDER BY type, place DESC;

-- The balance of the classes.
SELECT label, count(*) AS images,
       round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS percent,
       replace(printf('%*s', 40 * count(*) / max(count(*)) OVER (), ''), ' ', '█')
           AS balance
FROM report_source AS s, image_rows(s.source) GROUP BY label;

-- Any image by its place: SELECT digit_show(pixels) FROM images WHERE rowid = 8.
SELECT coalesce(label, '') || char(10) || digit_show(pixels) AS first
FROM report_source AS s, image_rows(s.source) LIMIT 3;
