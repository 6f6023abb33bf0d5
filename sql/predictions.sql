-- predictions.sql - the view that the reports read: predictions(id, label, prediction,
-- confidence), a row for each image that a model is judged by.
--
--     sqlite3 mnist.db
--     sqlite> .load ./digitnet
--     sqlite> .read sql/predictions.sql
--     sqlite> .read sql/accuracy.sql
--
-- Here it is made of the rows of images that have split = 'test', and the active model:
-- a prediction is computed when a report asks for it. id is the column id of images, or
-- the rowid where there is no such column: then the inner query takes the outer one's.
--
-- For another table, or another model ('mlp', 'mlp@2'), write the view anew: any query
-- with these four columns will do, also one over answers that are stored:
--
--     DROP VIEW temp.predictions;
--     CREATE TEMP VIEW predictions AS
--     SELECT id, label, prediction, confidence FROM predict_model('main.letters', 'mlp');
--
-- Labels that are TEXT, as a CSV import has them, are compared with the model's as TEXT.
--
-- As a TEMP view it is this connection's own and leaves the database file as it is.
-- Without TEMP it stays in the file; then it may use digit_predict, not predict_model,
-- and reading it takes a connection that trusts its schema (PRAGMA trusted_schema, on
-- unless someone has turned it off).
DROP VIEW IF EXISTS temp.predictions;
CREATE TEMP VIEW predictions AS
SELECT (SELECT id FROM images AS own WHERE own.rowid = i.place) AS id,
       label,
       CASE typeof(label) WHEN 'text' THEN CAST(digit_predict(pixels) AS TEXT)
                          ELSE digit_predict(pixels) END AS prediction,
       digit_confidence(pixels) AS confidence
FROM (SELECT rowid AS id, rowid AS place, label, pixels FROM images WHERE split = 'test') AS i;
