-- answers.sql - the table that compare.sql reads: answers(model, id, label, prediction),
-- what each of several models says of the same rows.
--
--     sqlite> .read sql/answers.sql
--     sqlite> .read sql/compare.sql
--
-- Here it is made of all versions of the model named default and the rows of images that
-- have split = 'test'; id is the row's rowid. For other models, or other rows, write it
-- anew: any query with these four columns will do.
--
-- A TEMP table: this connection's own, gone when it closes. It holds the answers as they
-- are now, so run this again after further training.
DROP TABLE IF EXISTS temp.answers;
CREATE TEMP TABLE answers AS
SELECT m.name || '@' || m.version AS model,
       i.rowid AS id,
       i.label,
       digit_predict(i.pixels, m.name || '@' || m.version) AS prediction
FROM main.digitnet_models AS m CROSS JOIN images AS i
WHERE m.name = 'default' AND m.weights IS NOT NULL AND i.split = 'test';
