-- mistakes.sql - the worst mistakes, with their pictures: the images whose prediction is
-- wrong and was given with the highest confidence. Two stand side by side, each below its
-- id, its label, and what it was taken for.
--
-- Reads predictions and report_source (predictions.sql). An id of several images has no
-- picture.
--
--     Model builtin
--     63521: 6 read as 4, 100.0 %     62131: 4 read as 9, 99.9 %
--
--                                                 ▄██▄
--             ▄██                               ▄██████ ▄███▄
--          ▄████▀         ▄▄▄                 ▄████▀  ▄█████▀
--          ███        ▄▄███████              ▄████▄▄██████▀
--          ▀███▄▄▄▄▄▄█████████▀              ████████████▀
--            ▀▀██████████▀▀▀                  ▀▀██▀▀████▀
--                                                  ▄███▀
--                                                 ▄███▀
--                                                 █████
--                                                 ▀████
WITH RECURSIVE
wanted(many, across) AS (VALUES (6, 2)),
wrong(id, label, prediction, confidence) AS (
    SELECT id, label, prediction, confidence FROM predictions
    WHERE prediction <> label
    ORDER BY confidence DESC, id
    LIMIT (SELECT many FROM wanted)
),
shown(id, label, prediction, confidence, picture) AS (
    SELECT w.id, w.label, prediction, confidence,
           CASE count(*) WHEN 1 THEN digit_show(pixels) ELSE 'several images have this id' END
    FROM report_source AS s, wrong AS w JOIN image_rows(s.source) AS i ON i.id = w.id
    GROUP BY w.id
),
worst(place, caption, picture) AS (
    SELECT row_number() OVER (ORDER BY confidence DESC, id) - 1,
           printf('%s: %s read as %s, %.1f %%', id, label, prediction, 100 * confidence),
           picture
    FROM shown
),
-- Each line of a picture has as many characters, w, as the image has columns.
sized(place, caption, picture, w, h) AS (
    SELECT place, caption, picture, w, (length(picture) + 1) / (w + 1)
    FROM (SELECT *, instr(picture || char(10), char(10)) - 1 AS w FROM worst)
),
-- Line -1 is the caption, line h is blank.
lines(place, y, line) AS (
    SELECT place, -1, caption FROM sized
    UNION ALL
    SELECT place, y + 1, substr(picture, 1 + (y + 1) * (w + 1), w)
    FROM lines JOIN sized USING (place)
    WHERE y < h
),
-- Room for the picture, and for a caption above a small one.
padded(place, y, line) AS (
    SELECT place, y, printf('%-!*s', max(w, 30), line) FROM lines JOIN sized USING (place)
)
SELECT 'Model ' || model AS mistakes FROM (SELECT model FROM predictions LIMIT 1)
UNION ALL
SELECT * FROM (
    SELECT rtrim(group_concat(line, '  '))
    FROM (SELECT place / across AS band, y, line FROM padded, wanted ORDER BY place)
    GROUP BY band, y
    ORDER BY band, y
);
