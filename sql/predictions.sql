-- predictions.sql - the view that the reports read: predictions(model, id, label,
-- prediction, confidence), a row for each image that a model is judged by.
--
--     sqlite3 mnist.db
--     sqlite> .load ./digitnet
--     sqlite> .read sql/predictions.sql
--     sqlite> .read sql/accuracy.sql
--
-- Here it is made of the table images and the active model, or the built-in one. Of a
-- table with a column split the 'test' rows are judged, of any other all of them. Another
-- table or view, another model: make these two views first, and all reports take them.
--
--     CREATE TEMP VIEW report_source AS SELECT 'letters' AS source;
--     CREATE TEMP VIEW report_model AS SELECT 'mlp@2' AS model;
--
-- A prediction is computed when a report asks for it. id is the source's column id, or
-- the rowid where it has none (image_rows). Answers that are stored do as well: write the
-- view again, any query with these five columns.
--
-- Labels and predictions that are whole numbers become INTEGERs, as digit_predict(pixels)
-- = label compares them: a CSV file's '7' is 7.
--
-- A TEMP view is this connection's own and leaves the database file as it is.
CREATE TEMP VIEW IF NOT EXISTS report_source AS SELECT 'images' AS source;
CREATE TEMP VIEW IF NOT EXISTS report_model AS SELECT NULL AS model;

DROP VIEW IF EXISTS temp.predictions;
CREATE TEMP VIEW predictions AS
SELECT digitnet_model(model) AS model, id,
       CASE WHEN typeof(label) = 'text' AND CAST(CAST(label AS INTEGER) AS TEXT) = label
                 OR typeof(label) = 'real' AND CAST(label AS INTEGER) = label
            THEN CAST(label AS INTEGER) ELSE label END AS label,
       CASE WHEN typeof(prediction) = 'text' AND CAST(CAST(prediction AS INTEGER) AS TEXT) = prediction
            THEN CAST(prediction AS INTEGER) ELSE prediction END AS prediction,
       confidence
FROM (SELECT model, id, label, digit_predict(pixels, model) AS prediction,
             digit_confidence(pixels, model) AS confidence
      FROM report_model, report_source AS s, image_rows(s.source)
      WHERE split = 'test' OR
            NOT EXISTS (SELECT 1 FROM image_rows(s.source) WHERE split IS NOT NULL));
