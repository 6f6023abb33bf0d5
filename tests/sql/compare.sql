-- compare.sql over answers written by hand, answers.sql and progress.sql over a model's
-- versions.
.load ./digitnet
.headers on
CREATE TEMP TABLE answers(model, id, label, prediction);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
INSERT INTO answers
SELECT 'a', i, i % 2, CASE WHEN i <= 12 THEN 7 ELSE i % 2 END FROM n UNION ALL
SELECT 'b', i, i % 2, CASE WHEN i IN (1, 2, 99) THEN NULL ELSE i % 2 END FROM n UNION ALL
SELECT 'c', i, i % 2, i % 2 FROM n UNION ALL
VALUES ('a', 101, NULL, 1), ('b', 101, NULL, 2);

-- a and b: 1 and 10 of 11 tosses: 2 · (1 + 11) / 2048. a and c: 0 of 12: 2 / 4096. b and
-- c: 0 of 3: 2 / 8.
.read sql/compare.sql
SELECT round(2 * 12 / 2048.0, 6) AS ab, round(2 / 4096.0, 6) AS ac, round(2 / 8.0, 6) AS bc;

-- As many to either side, none at all, and thousands: with whole numbers of any length,
-- 2 · Σ C(5000, 0..2400) / 2^5000 is 0.0048836497.
DELETE FROM answers;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
INSERT INTO answers
SELECT 'a', i, 1, i <= 2400 FROM n UNION ALL
SELECT 'b', i, 1, i > 2400 FROM n UNION ALL
SELECT 'c', i, 1, i > 2400 FROM n UNION ALL
SELECT 'd', i, 1, CASE WHEN i IN (2400, 2401) THEN i = 2401 ELSE i <= 2400 END FROM n;
.read sql/compare.sql
DELETE FROM answers;
.read sql/compare.sql

-- Real versions.
CREATE TABLE images AS SELECT CASE WHEN id % 3 THEN 'train' ELSE 'test' END AS split, * FROM synthetic_digits(300);
CREATE TABLE runs AS SELECT * FROM train_model('images') WHERE layers = 'softmax' AND epochs = 1;
INSERT INTO runs SELECT * FROM train_model('images') WHERE layers = 'softmax' AND epochs = 9 AND rate = 0.01 LIMIT 6;
INSERT INTO runs SELECT * FROM train_model('images', 'p') WHERE layers = 'softmax' AND epochs = 50 AND rate = 50 AND patience = 2
    AND schedule = 'constant' AND warmup = 0;
.read sql/answers.sql
SELECT model, count(*), sum(prediction IS digit_predict((SELECT pixels FROM images AS i WHERE i.id = a.id), model)) AS same
FROM answers AS a GROUP BY 1;
UPDATE digitnet_models SET created = '2025', seconds = 60 * epochs;
UPDATE digitnet_epochs SET seconds = 1000 + 60 * (epoch > 3);
.read sql/progress.sql
SELECT sum(seconds = 1000) AS first, sum(seconds = 1060) AS last FROM digitnet_epochs WHERE name = 'default' AND version = 2;

-- One version's answers against another's; then those of the model that report_model
-- names.
CREATE TEMP VIEW predictions AS
SELECT b.model, a.id, a.prediction AS label, b.prediction
FROM answers AS a JOIN answers AS b USING (id)
WHERE a.model = 'default@1' AND b.model = 'default@2';
.read sql/confusion.sql
DROP VIEW report_model;
CREATE TEMP VIEW report_model AS SELECT 'p@1' AS model;
.read sql/answers.sql
SELECT model, count(*) FROM answers GROUP BY 1;
