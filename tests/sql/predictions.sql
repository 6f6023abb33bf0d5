-- sql/predictions.sql with a model: the view has the answers of digit_predict and of
-- predict_model, for the test rows alone, and reading it again replaces it.
.load ./digitnet
CREATE TABLE images AS
SELECT 'train' AS split, * FROM synthetic_digits(600, 1) UNION ALL
SELECT 'test', id + 1000, label, pixels FROM synthetic_digits(200, 2);
SELECT epoch FROM train_model('images') WHERE layers = 'softmax' AND epochs = 2;
CREATE TEMP VIEW predictions AS SELECT 'another';

-- A connection that trusts no schema may read it, for it is its own.
PRAGMA trusted_schema = OFF;
.read sql/predictions.sql
SELECT count(*), min(id), max(id), sum(confidence BETWEEN 0.1 AND 1) FROM predictions;
SELECT count(*) FROM predictions JOIN predict_model('images') AS m USING (id)
WHERE predictions.prediction = m.prediction AND predictions.label = m.label
  AND predictions.confidence = m.confidence;

-- The reports agree with plain queries.
SELECT avg(prediction = label) > 0.3, avg(prediction = label) < 1 FROM predictions;
CREATE TEMP TABLE stored AS SELECT * FROM predictions;
DROP VIEW predictions;
CREATE TEMP VIEW predictions AS SELECT * FROM stored;
.headers on
.mode list
.once build/tmp/accuracy.txt
.read sql/accuracy.sql
.once build/tmp/mistakes.txt
.read sql/mistakes.sql
.headers off
SELECT instr(readfile('build/tmp/accuracy.txt'),
             printf('accuracy|||%s|200|default@1', (SELECT round(avg(prediction = label), 4) FROM stored)))
       > 0;
SELECT instr(readfile('build/tmp/mistakes.txt'),
             (SELECT printf('%d: %d read as %d', id, label, prediction) FROM stored
              WHERE prediction <> label ORDER BY confidence DESC LIMIT 1)) > 0;

-- '7' is 7, for a model whose classes are integers.
DROP VIEW predictions;
UPDATE images SET label = CAST(label AS TEXT);
.read sql/predictions.sql
SELECT count(*), count(DISTINCT p.prediction) <= 10, sum(p.prediction = p.label) = (SELECT sum(prediction = label) FROM stored)
FROM predictions AS p;
