-- answers.sql - the table that compare.sql reads: answers(model, id, label, prediction),
-- what each of several models says of the same rows.
--
--     sqlite> .read sql/answers.sql
--     sqlite> .read sql/compare.sql
--
-- Here it is made of all versions of the model named default and the rows of images that
-- have split = 'test'; id is the column id of images, or the rowid where there is no such
-- column: then the inner query takes the outer one's. For other models, or other rows,
-- write it anew: any query with these four columns will do.
--
-- A TEMP table: this connection's own, gone when it closes. It holds the answers as they
-- are now, so run this again after further training.
DROP TABLE IF EXISTS temp.answers;
CREATE TEMP TABLE answers AS
SELECT m.name || '@' || m.version AS model,
       (SELECT id FROM images AS own WHERE own.rowid = i.place) AS id,
       i.label,
       digit_predict(i.pixels, m.name || '@' || m.version) AS prediction
FROM main.digitnet_models AS m CROSS JOIN
     (SELECT rowid AS id, rowid AS place, label, pixels FROM images WHERE split = 'test') AS i
WHERE m.name = 'default' AND m.weights IS NOT NULL;
