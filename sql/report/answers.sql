-- answers.sql - what the model says of the images that it is judged by: table
-- report_rows (row is the id as the page shows it), the classes in report_classes, and
-- the figures on top of the page in report_summary.
DROP TABLE IF EXISTS temp.report_clock;
CREATE TEMP TABLE report_clock AS SELECT julianday('now') AS started;
DROP TABLE IF EXISTS temp.report_rows;
CREATE TEMP TABLE report_rows AS
SELECT id, replace(replace(replace(replace(substr(id, 1, 40), '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;') AS row,
       +label AS label, digit_predict(pixels, model) AS prediction,
       digit_confidence(pixels, model) AS confidence,
       digit_probabilities(pixels, model) AS probabilities
FROM report_images, report_model
WHERE split = 'test' AND label IS NOT NULL AND pixels IS NOT NULL;
CREATE TEMP TABLE IF NOT EXISTS report_check(id);
CREATE TEMP TRIGGER IF NOT EXISTS report_check_null BEFORE INSERT ON report_check
WHEN (SELECT count(*) FROM report_rows WHERE id IS NULL) BEGIN
    SELECT raise(ABORT, 'a row that is judged has a NULL as its id: make a view with an id of its own');
END;
CREATE TEMP TRIGGER IF NOT EXISTS report_check_id BEFORE INSERT ON report_check
WHEN (SELECT count(id) <> count(DISTINCT id) FROM report_rows) BEGIN
    SELECT raise(ABORT, 'several rows that are judged have the same id: make a view with an id of its own');
END;
INSERT INTO report_check VALUES (NULL);
CREATE UNIQUE INDEX temp.report_rows_id ON report_rows(id);
DROP TABLE IF EXISTS temp.report_seconds;
CREATE TEMP TABLE report_seconds AS
SELECT max((julianday('now') - started) * 86400, 0.001) AS seconds FROM report_clock;

-- A class is whatever occurs as a label or as a prediction; k is its place in order. The
-- number 7 and the text '7', as an import of CSV makes it, are one.
DROP TABLE IF EXISTS temp.report_classes;
CREATE TEMP TABLE report_classes AS
SELECT row_number() OVER (ORDER BY class) - 1 AS k, class, text, replace(replace(replace(replace(
       substr(text, 1, 40) || CASE WHEN length(text) > 40 THEN '…' ELSE '' END,
       '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;') AS name,
       0 AS hits, 0 AS predicted, 0 AS support
FROM (SELECT min(class) AS class, CAST(class AS TEXT) AS text
      FROM (SELECT label AS class FROM report_rows UNION SELECT prediction FROM report_rows)
      GROUP BY CAST(class AS TEXT));
CREATE UNIQUE INDEX temp.report_classes_class ON report_classes(class);
CREATE UNIQUE INDEX temp.report_classes_text ON report_classes(text);
UPDATE report_rows SET label = (SELECT class FROM report_classes WHERE text = CAST(label AS TEXT)),
    prediction = (SELECT class FROM report_classes WHERE text = CAST(prediction AS TEXT));

DROP TABLE IF EXISTS temp.report_cells;
CREATE TEMP TABLE report_cells AS
SELECT a.k AS truth, b.k AS guess, count(*) AS n
FROM report_rows AS r JOIN report_classes AS a ON a.class = label
JOIN report_classes AS b ON b.class = prediction
GROUP BY a.k, b.k;
CREATE UNIQUE INDEX temp.report_cells_place ON report_cells(truth, guess);
UPDATE report_classes SET
    hits = coalesce((SELECT n FROM report_cells WHERE truth = k AND guess = k), 0),
    predicted = (SELECT coalesce(sum(n), 0) FROM report_cells WHERE guess = k),
    support = (SELECT coalesce(sum(n), 0) FROM report_cells WHERE truth = k);

DROP TABLE IF EXISTS temp.report_summary;
CREATE TEMP TABLE report_summary AS
SELECT count(*) AS images, coalesce(sum(prediction IS label), 0) AS hits,
       avg(prediction IS label) AS accuracy, avg(confidence) AS confidence,
       (SELECT count(*) FROM report_classes) AS classes,
       (SELECT avg(coalesce(2.0 * hits / nullif(predicted + support, 0), 0)) FROM report_classes) AS f1,
       (SELECT replace(replace(name, '&', '&amp;'), '<', '&lt;') || '@' || version FROM report_card)
           AS title
FROM report_rows;
