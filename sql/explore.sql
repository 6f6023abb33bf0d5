-- explore.sql - what is in the table images(split, id, label, pixels): counts and sizes,
-- the range of the values, how many images each class has, and the first few pictures.
--
--     split  images  classes  unlabelled  bytes_an_image     type     place     value
--     test   10000   10       0           3136               float32  smallest  0.0
--     train  60000   10       0           3136               float32  largest   1.0
--
--     label  images  percent  balance
--     0      6903    9.86     ███████████████████████████████████
--     …
WITH counted AS (SELECT *, length(pixels) AS bytes FROM images)
SELECT split, count(*) AS images, count(DISTINCT label) AS classes,
       sum(label IS NULL) AS unlabelled,
       min(bytes) || CASE WHEN min(bytes) < max(bytes) THEN '..' || max(bytes) ELSE '' END
           AS bytes_an_image
FROM counted GROUP BY split;

-- The smallest and largest value of the first 100 images. The width of the picture tells
-- how many bytes a value has: 1 for uint8, 4 for float32. Those four, from last to first
-- and in hex, sort as the values do.
WITH RECURSIVE
numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4096),
shown(pixels, w) AS (
    SELECT pixels, instr(digit_show(pixels) || char(10), char(10)) - 1
    FROM images WHERE pixels IS NOT NULL LIMIT 100
),
sample(pixels, size) AS (SELECT pixels, length(pixels) / (w * w) FROM shown),
value(size, digits) AS (
    SELECT size, hex(substr(pixels, size * n, 1)) || CASE size WHEN 1 THEN '' ELSE
           hex(substr(pixels, 4 * n - 1, 1)) || hex(substr(pixels, 4 * n - 2, 1)) ||
           hex(substr(pixels, 4 * n - 3, 1)) END
    FROM sample JOIN numbers ON size * n <= length(pixels)
),
edge(place, size, digits) AS (
    SELECT 'smallest', size, min(digits) FROM value GROUP BY size UNION ALL
    SELECT 'largest', size, max(digits) FROM value GROUP BY size
),
number(place, size, bits) AS (
    SELECT place, size, sum(instr('123456789ABCDEF', substr(digits, n, 1))
                            << 4 * (length(digits) - n))
    FROM edge JOIN numbers ON n <= length(digits)
    GROUP BY place, size
)
SELECT CASE size WHEN 1 THEN 'uint8' ELSE 'float32' END AS type, place,
       CASE WHEN size = 1 THEN bits WHEN bits = 0 THEN 0.0
            ELSE (1 + (bits & 0x7FFFFF) / 8388608.0) / (1 << 127 - (bits >> 23)) END AS value
FROM number ORDER BY type, place DESC;

-- The balance of the classes.
SELECT label, count(*) AS images,
       round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS percent,
       replace(printf('%*s', 40 * count(*) / max(count(*)) OVER (), ''), ' ', '█')
           AS balance
FROM images GROUP BY label;

-- Any image by its place: SELECT digit_show(pixels) FROM images WHERE rowid = 8.
SELECT coalesce(label, '') || char(10) || digit_show(pixels) AS first FROM images LIMIT 3;
