-- quantise_model, and precision = 'int8': models in 8 bits.
.load ./digitnet
CREATE TABLE images AS SELECT row_number() OVER () AS id, label, pixels FROM synthetic_digits(700, 5);
ALTER TABLE images ADD COLUMN split TEXT;
UPDATE images SET split = CASE WHEN id > 600 THEN 'test' ELSE 'train' END;
SELECT count(*) FROM train_model('images', 'm') WHERE layers = '8C3b-MP2-DW3-24N' AND epochs = 5 AND threads = 1;
SELECT quantise_model('m', 'q', 'images'), quantise_model('m@1', 'q', 'images');
-- As many labels as in float32, but for one or two; a batch as row by row.
SELECT count(*), sum(digit_predict(pixels, 'm') <> digit_predict(pixels, 'q')) < 5,
    sum(digit_predict(pixels, 'q') = p.prediction), sum(digit_confidence(pixels, 'q') = p.confidence)
FROM images JOIN predict_model('images', 'q') AS p USING (id);
SELECT name, version, active, source, layers, shape, epochs, accuracy, bytes, precision, parameters, options, state IS NULL
FROM digitnet_models ORDER BY name DESC, version LIMIT 2;
SELECT digitnet_model('q', 'precision'), digitnet_model('m', 'precision'), digitnet_model('builtin', 'precision');
SELECT v.same, v.note FROM verify_model('q') AS v;
-- Every other image is measured where there are more than 1024: ids 1, 3, 5 …
CREATE TABLE many AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1500)
    SELECT i AS id, CASE WHEN i % 2 THEN (SELECT pixels FROM images WHERE id = 7 + i % 4) ELSE zeroblob(784) END AS pixels FROM n;
CREATE TABLE half AS SELECT * FROM many WHERE id % 2;
SELECT quantise_model('m', 'many', 'many'), quantise_model('m', 'half', 'half');
SELECT name, options FROM digitnet_models WHERE name IN ('many', 'half') ORDER BY 1;
SELECT count(DISTINCT weights) FROM digitnet_models WHERE name IN ('many', 'half');
-- Trained so: what is stored is what was measured, and it can be repeated and resumed.
SELECT count(*) FROM train_model('images', 't') WHERE layers = '16N' AND epochs = 2 AND precision = 'int8' AND threads = 1;
SELECT precision, bytes, (SELECT round(avg(p.label = p.prediction), 6) FROM predict_model('images', 't') AS p
    JOIN images AS i USING (id) WHERE split = 'train') >= 0 FROM digitnet_models WHERE name = 't';
SELECT same, note FROM verify_model('t');
SELECT epoch FROM train_model('images', 't') WHERE resume = 1 AND epochs = 3;
SELECT same, note FROM verify_model('t');
SELECT count(*) FROM train_model('images', 't0') WHERE layers = '16N' AND epochs = 1 AND precision = 'int8' AND holdout = 0 AND cache_mb = 1;
SELECT count(*) FROM train_model('images', 's') WHERE start = 'q' AND epochs = 1;
SELECT length(digit_saliency(pixels, 'q')) > 0 FROM images LIMIT 1;
-- What it is not for.

SELECT export_model('q');
SELECT export_c('q');
SELECT quantise_model('q', 'n', 'images');
SELECT quantise_model('absent', 'n', 'images');
SELECT quantise_model('m', 'n', 'absent');
SELECT quantise_model('m', 'builtin', 'images');
SELECT quantise_model('m', 7, 'images');
SELECT quantise_model('m', 'n', NULL);
SELECT quantise_model('m', NULL, 'images'), digit_predict(zeroblob(784)) IS digit_predict(zeroblob(784), 'default');
SELECT quantise_model('m', 'n', 'none') FROM (SELECT 1);
CREATE TABLE none(pixels BLOB);
SELECT quantise_model('m', 'n', 'none');
ALTER TABLE none ADD COLUMN split;
INSERT INTO none SELECT pixels, 'test' FROM images LIMIT 3;
SELECT quantise_model('m', 'n', 'none');
INSERT INTO none VALUES(x'0011', 'train');
SELECT quantise_model('m', 'n', 'none');
SELECT count(*) FROM train_model('images', 'q') WHERE resume = 1;
UPDATE digitnet_models SET weights = CAST(substr(weights, 1, length(weights) - 4) || x'00000080' AS BLOB) WHERE name = 'q';
SELECT digit_predict(pixels, 'q') FROM images LIMIT 1;
-- Images that say nothing, and a network that rounding makes another: nothing is stored.
CREATE TABLE alike AS SELECT pixels FROM many WHERE id % 4 = 1;
SELECT quantise_model('m', 'n', 'alike');
DELETE FROM alike WHERE rowid > 1;
SELECT quantise_model('m', 'n', 'alike');
-- Two greys say no more than one; with two other images beside them they do not matter.
CREATE TABLE greys AS SELECT CAST(replace(hex(zeroblob(392)), '0', g) AS BLOB) AS pixels FROM (SELECT 'a' AS g UNION ALL SELECT 'b');
SELECT quantise_model('m', 'n', 'greys');
INSERT INTO greys SELECT pixels FROM images WHERE id = 1;
SELECT quantise_model('m', 'n', 'greys');
INSERT INTO greys SELECT pixels FROM images WHERE id = 2;
SELECT typeof(quantise_model('m', 'greys', 'greys'));
SELECT count(*) FROM train_model('images', 'near') WHERE layers = '4N-4N-4N-4N-4N' AND epochs = 1 AND rate = 1e-6 AND threads = 1;
SELECT quantise_model('near', 'n', 'images');
CREATE VIEW v AS SELECT quantise_model('m', 'n', 'images');
SELECT * FROM v;
SELECT count(*) FROM digitnet_models WHERE name = 'n';
DROP VIEW v; -- before 3.36, no model is written beside it
-- options: a version that is not the active one.
SELECT quantise_model('m', 'a', 'images', '{"activate": 0}'), quantise_model('m', 'a', 'images', NULL), quantise_model('m', 'a', 'images', '{"activate": 0}');
SELECT group_concat(version || ':' || active, ' ') FROM (SELECT * FROM digitnet_models WHERE name = 'a' ORDER BY version);
SELECT quantise_model('m', 'a', 'images', '{}'), quantise_model('m', 'a', 'images', '{"activate": 1}');
SELECT digitnet_model('a');
SELECT quantise_model('m', 'a', 'images', '{"active": 0}');
SELECT quantise_model('m', 'a', 'images', '{"seed": 0}');
SELECT quantise_model('m', 'a', 'images', '{"activate": 2}');
SELECT quantise_model('m', 'a', 'images', '[1]');
SELECT quantise_model('m', 'a', 'images', 0);
SELECT quantise_model('m', 'a', 'images', '{"activate": 0, "activate": 1}');
