-- source.sql - what the report is about: views report_source, report_key and
-- report_model, unless they are there already (sql/report.sql says how to make them),
-- view report_images, table report_labels, and the pictures.
--
-- A database may lack the tables digitnet_models and digitnet_epochs. A name without a
-- schema is looked up in temp, then main, then in what is attached: empty tables attached
-- last stand in for those that are missing. A source that is missing is an error.
ATTACH ':memory:' AS report_fallback;
CREATE TABLE report_fallback.digitnet_models AS SELECT * FROM digitnet_builtin WHERE 0;
CREATE TABLE report_fallback.digitnet_epochs AS SELECT * FROM digitnet_builtin_epochs WHERE 0;

CREATE TEMP VIEW IF NOT EXISTS report_source AS SELECT 'images' AS source;
CREATE TEMP VIEW IF NOT EXISTS report_key AS SELECT NULL AS key;
CREATE TEMP VIEW IF NOT EXISTS report_model AS SELECT NULL AS model;

-- Without a column split all rows are judged, and the page says so.
DROP TABLE IF EXISTS temp.report_split;
CREATE TEMP TABLE report_split AS
SELECT EXISTS (SELECT 1 FROM report_source AS s, report_key AS k, image_rows(s.source, k.key) WHERE split IS NOT NULL) AS has;

DROP VIEW IF EXISTS temp.report_images;
CREATE TEMP VIEW report_images AS
SELECT i.id AS id, CASE WHEN (SELECT has FROM report_split) THEN i.split ELSE 'test' END AS split,
       CASE WHEN typeof(i.label) = 'real' AND CAST(i.label AS INTEGER) = i.label
            THEN CAST(i.label AS INTEGER) ELSE i.label END AS label, i.pixels AS pixels
FROM report_source AS s, report_key AS k, image_rows(s.source, k.key) AS i;

DROP TABLE IF EXISTS temp.report_labels;
CREATE TEMP TABLE report_labels AS
SELECT id, split, label, pixels IS NULL AS blank FROM report_images;

-- HTML in a name would be HTML in the page; of a long one the first 40 characters will
-- do.
DROP VIEW IF EXISTS temp.report_names;
CREATE TEMP VIEW report_names AS
SELECT label, replace(replace(replace(replace(
       substr(label, 1, 40) || CASE WHEN length(label) > 40 THEN '…' ELSE '' END,
       '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;') AS name
FROM (SELECT DISTINCT label FROM report_labels WHERE label IS NOT NULL);

-- The stored row of the model, or the built-in one's. Its shape and picture, too, are
-- asked of the model itself: anybody may write into a row.
DROP VIEW IF EXISTS temp.report_card;
CREATE TEMP VIEW report_card AS
SELECT m.*, length(m.weights) AS bytes FROM (
    SELECT * FROM (SELECT d.* FROM digitnet_models AS d, report_model AS w
                   WHERE d.name || '@' || d.version = digitnet_model(w.model))
    UNION ALL
    SELECT * FROM digitnet_builtin
) AS m LIMIT 1;

-- The pictures, in the model's shape; NULL for what is of another size, which it cannot
-- read either. A page has room for so many of a class or a confusion: the larger, the
-- fewer.
DROP TABLE IF EXISTS temp.report_shape;
CREATE TEMP TABLE report_shape AS
SELECT shape, picture, size, channels, max(20, min(600, 600 * 784 / size)) AS room
FROM (SELECT shape, picture, json_extract(sides, '$[2]') AS channels,
             json_extract(sides, '$[0]') * json_extract(sides, '$[1]') * json_extract(sides, '$[2]') AS size
      FROM (SELECT shape, picture, '[' || replace(shape, 'x', ',') || ']' AS sides
            FROM (SELECT digitnet_model(model, 'shape') AS shape, digitnet_model(model, 'picture') AS picture
                  FROM report_model)));

DROP VIEW IF EXISTS temp.report_pictures;
CREATE TEMP VIEW report_pictures AS
SELECT id, CASE WHEN length(pixels) IN (size, 4 * size) OR
                     (channels IN (1, 3) AND hex(substr(pixels, 1, 4)) = '89504E47')
           THEN digit_data_uri(digit_png(pixels, 1, shape, picture)) END AS uri
FROM report_images, report_shape;
