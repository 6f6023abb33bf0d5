-- mistakes.sql - the worst mistakes, with their pictures: the images whose prediction is
-- wrong and was given with the highest confidence. Two stand side by side, if there is
-- room, each below its id, its label, and what it was taken for.
--
-- Reads predictions, report_source and report_model (predictions.sql). A picture is what
-- the model sees. An id of several images has none.
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
made(shape, picture, sides) AS (
    SELECT digitnet_model(model, 'shape'), digitnet_model(model, 'picture'),
           '[' || replace(digitnet_model(model, 'shape'), 'x', ',') || ']' FROM report_model
),
sizes(shape, picture, size) AS (
    SELECT shape, picture, json_extract(sides, '$[0]') * json_extract(sides, '$[1]') * json_extract(sides, '$[2]')
    FROM made
),
wrong(id, label, prediction, confidence) AS (
    SELECT id, label, prediction, confidence FROM predictions
    WHERE prediction <> label
    ORDER BY confidence DESC, id
    LIMIT 6
),
-- Bytes of another size than the model's are shown as the square that they make.
shown(id, label, prediction, confidence, picture) AS (
    SELECT w.id, w.label, prediction, confidence,
           CASE count(*) WHEN 1 THEN CASE
               WHEN length(pixels) IN (size, 4 * size) OR hex(substr(pixels, 1, 4)) = '89504E47'
               THEN digit_show(pixels, NULL, 0, shape, m.picture) ELSE digit_show(pixels) END
           ELSE 'several images have this id' END
    FROM report_source AS s, sizes AS m, wrong AS w JOIN image_rows(s.source) AS i ON i.id = w.id
    GROUP BY w.id
),
worst(place, caption, picture) AS (
    SELECT row_number() OVER (ORDER BY confidence DESC, id) - 1,
           printf('%s: %s read as %s, %.1f %%', id, label, prediction, 100 * confidence),
           picture
    FROM shown
),
-- Each line of a picture has w characters, and there are h.
sized(place, caption, picture, w, h) AS (
    SELECT place, caption, picture, w, (length(picture) + 1) / (w + 1)
    FROM (SELECT *, instr(picture || char(10), char(10)) - 1 AS w FROM worst)
),
-- Two that are wider than 60 characters, where .mode column wraps, stand one below the
-- other.
columns(across) AS (SELECT CASE WHEN max(w) > 29 THEN 1 ELSE 2 END FROM sized),
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
    FROM (SELECT place / across AS band, y, line FROM padded, columns ORDER BY place)
    GROUP BY band, y
    ORDER BY band, y
);
