-- explore.sql - what is in the table images(split, id, label, pixels), or in the one that
-- report_source names (predictions.sql): counts and sizes, the range of the values, how
-- many images each class has, and the first few pictures.
--
--     split  images  classes  unlabelled  bytes_an_image
--     test   10000   10       0           3136
--     train  60000   10       0           3136
--
--     type     shape    images  place     value
--     float32  28x28x1  100     smallest  0.0
--     float32  28x28x1  100     largest   1.0
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

-- Of the first 100 images: how many of each type and shape, the smallest value and the
-- largest; a PNG file counts as it is, a large one as 64x64 pixels of it. Bytes that make
-- no square have a shape that only their owner knows.
WITH
stored(pixels, size, shape, sides) AS (
    SELECT pixels, length(pixels), digit_shape(pixels),
           '[' || replace(digit_shape(pixels), 'x', ',') || ']'
    FROM report_source AS s, image_rows(s.source) WHERE pixels IS NOT NULL LIMIT 100
),
sized(pixels, shape, size, n) AS (
    SELECT pixels, shape, size, json_extract(sides, '$[0]') * json_extract(sides, '$[1]') * json_extract(sides, '$[2]')
    FROM stored
),
kinds(known, shape, type, seen) AS (
    SELECT CASE WHEN shape IS NOT NULL THEN pixels END, shape, CASE WHEN hex(substr(pixels, 1, 4)) = '89504E47' THEN 'PNG' WHEN size = n THEN 'uint8'
                               WHEN size = 4 * n THEN 'float32' ELSE 'unknown' END,
           CASE WHEN n > 65536 THEN '64x64x' || substr(shape, -1) ELSE shape END
    FROM sized
),
edges(type, shape, images, least, most) AS (
    SELECT type, shape, count(*), min(least), max(most)
    FROM (SELECT type, shape, (SELECT min(value) FROM digit_pixels(known, seen, 'stretch')) AS least,
                 (SELECT max(value) FROM digit_pixels(known, seen, 'stretch')) AS most
          FROM kinds)
    GROUP BY type, shape
)
SELECT type, shape, images, place, CASE type WHEN 'uint8' THEN CAST(255 * value + 0.5 AS INTEGER) ELSE round(value, 6) END AS value
FROM (SELECT *, 'smallest' AS place, least AS value FROM edges UNION ALL SELECT *, 'largest', most FROM edges)
ORDER BY type, shape, place DESC;

-- The balance of the classes.
SELECT label, count(*) AS images,
       round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS percent,
       replace(printf('%*s', 40 * count(*) / max(count(*)) OVER (), ''), ' ', '█')
           AS balance
FROM report_source AS s, image_rows(s.source) GROUP BY label;

-- Any image by its place: SELECT digit_show(pixels) FROM images WHERE rowid = 8. A PNG in
-- colours is shown whole, any other as the digit that a model would see. Its colours come
-- with digit_show(pixels, 40, 1, NULL, 'fit'); the shell of SQLite 3.50 and newer shows
-- them after .mode list --escape off
SELECT coalesce(label, '') || char(10) || CASE
           WHEN digit_shape(pixels) IS NULL THEN 'no square'
           WHEN hex(substr(pixels, 1, 4)) = '89504E47' AND digit_shape(pixels) LIKE '%x3' THEN digit_show(pixels, 40, 0, NULL, 'fit')
           ELSE digit_show(pixels) END AS first
FROM report_source AS s, image_rows(s.source) LIMIT 3;
