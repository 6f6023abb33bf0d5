-- answers.sql - the table that compare.sql reads: answers(model, id, label, prediction),
-- what each of several models says of the same rows.
--
--     sqlite> .read sql/answers.sql
--     sqlite> .read sql/compare.sql
--
-- Here it is made of all versions of the model that report_model names, or of 'default',
-- and the rows that the other reports judge (predictions.sql says which, and how to
-- choose others). For several names replace it: any query with these four columns will
-- do.
--
-- A TEMP table: this connection's own, gone when it closes. It holds the answers as they
-- are now, so run this again after further training.
CREATE TEMP VIEW IF NOT EXISTS report_source AS SELECT 'images' AS source;
CREATE TEMP VIEW IF NOT EXISTS report_model AS SELECT NULL AS model;
DROP TABLE IF EXISTS temp.answers;
CREATE TEMP TABLE answers AS
SELECT model, id,
       CASE WHEN typeof(label) = 'text' AND CAST(CAST(label AS INTEGER) AS TEXT) = label
                 OR typeof(label) = 'real' AND CAST(label AS INTEGER) = label
            THEN CAST(label AS INTEGER) ELSE label END AS label,
       CASE WHEN typeof(prediction) = 'text' AND CAST(CAST(prediction AS INTEGER) AS TEXT) = prediction
            THEN CAST(prediction AS INTEGER) ELSE prediction END AS prediction
FROM (SELECT m.name || '@' || m.version AS model, i.id AS id, i.label AS label,
             digit_predict(i.pixels, m.name || '@' || m.version) AS prediction
      FROM report_source AS s CROSS JOIN main.digitnet_models AS m CROSS JOIN image_rows(s.source) AS i
      WHERE m.name = (SELECT coalesce(substr(model, 1, instr(model || '@', '@') - 1), 'default') FROM report_model) AND
            m.weights IS NOT NULL AND
            (i.split = 'test' OR
             NOT EXISTS (SELECT 1 FROM image_rows(s.source) WHERE split IS NOT NULL)));
