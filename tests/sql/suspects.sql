-- suspect_labels: wrong labels that were planted are found, by networks that have not
-- seen them and by a model; whose rows they are, what takes part, and what is an error.
.load ./digitnet
.headers on
CREATE TABLE images(id INTEGER PRIMARY KEY, label, pixels, truth);
INSERT INTO images SELECT id, label, pixels, label FROM synthetic_digits(1800, 5);
UPDATE images SET label = (label + 1 + id / 33 % 9) % 10 WHERE id % 33 = 5;
SELECT count(*) AS planted FROM images WHERE label <> truth;

.print -- by five networks, each of which judges the rows that it has not seen
CREATE TABLE suspects AS SELECT * FROM suspect_labels('images');
SELECT avg(s.label <> truth) >= 0.95 AS precise, sum(s.label <> truth) >= 0.8 * 55 AS found,
       avg(suggestion = truth) >= 0.9 AS right
    FROM suspects AS s JOIN images USING (id);
SELECT count(*) AS odd FROM suspects AS s JOIN images AS i USING (id)
    WHERE s.label IS NOT i.label OR suggestion = s.label OR label_confidence >= confidence OR confidence > 1;
SELECT count(*) AS out_of_order FROM suspects AS a JOIN suspects AS b ON b.rowid = a.rowid + 1
    WHERE a.label_confidence > b.label_confidence;

.print -- by a model; nothing is written, and a network is trained where nothing can be
PRAGMA query_only = 1;
SELECT avg(s.label <> truth) >= 0.9 AS precise, sum(s.label <> truth) >= 0.95 * 55 AS found
    FROM suspect_labels('images', 'builtin') AS s JOIN images USING (id);
SELECT count(*) > 0 AS found FROM suspect_labels('images') WHERE options = '{"layers": "softmax", "epochs": 2}';
PRAGMA query_only = 0;
SELECT name FROM sqlite_master;

.print -- the same each time, whatever the threads; another seed deals other folds
CREATE TABLE a AS SELECT * FROM suspect_labels('images') WHERE options = '{"layers": "softmax", "epochs": 3}';
CREATE TABLE b AS SELECT * FROM suspect_labels('images', NULL, NULL, '{"epochs": 3, "threads": 3, "layers": "softmax"}');
CREATE TABLE c AS SELECT * FROM suspect_labels('images', NULL, NULL, '{"epochs": 3, "seed": 2, "layers": "softmax"}');
SELECT count(*) > 0 AS rows, count(*) = sum(a.id = b.id AND a.label_confidence = b.label_confidence
                                            AND a.confidence = b.confidence) AS same
    FROM a LEFT JOIN b ON a.rowid = b.rowid;
SELECT count(*) < (SELECT count(*) FROM a) AS another FROM a JOIN c USING (id, label_confidence);

.print -- a set of which a part is in memory at a time
SELECT count(*) > 0 AS rows, avg(s.label <> truth) > 0.2 AS found
    FROM suspect_labels('images', NULL, NULL, '{"layers": "32N", "epochs": 6, "cache_mb": 1}') AS s JOIN images USING (id);
CREATE VIEW few AS SELECT id, label, pixels, CASE WHEN id % 2 THEN 'test' END AS split FROM images WHERE id < 300;
SELECT count(*) > 0 AS rows, avg(s.label <> truth) > 0.2 AS found
    FROM suspect_labels('few', NULL, NULL, '{"layers": "32N", "epochs": 20, "batch": 16}') AS s JOIN images USING (id);

.print -- any split takes part, a row without label or pixels does not, and the key names rows
CREATE TABLE tickets(number TEXT PRIMARY KEY, label, pixels, split) WITHOUT ROWID;
INSERT INTO tickets SELECT printf('t%03d', id), CAST(label AS TEXT), pixels, CASE id % 3 WHEN 0 THEN 'test' WHEN 1 THEN 'holdout' END
    FROM images WHERE id < 150;
INSERT INTO tickets VALUES ('x1', NULL, (SELECT pixels FROM images), 'train'), ('x2', '4', NULL, 'train'),
                           ('x3', 'frog', (SELECT pixels FROM images), 'train');
SELECT id, label, typeof(label) AS type, suggestion, key FROM suspect_labels('tickets', 'builtin') WHERE key = 'number' ORDER BY id;
SELECT count(*) AS without_ids FROM suspect_labels('tickets', 'builtin');
.headers off

.print -- a label of one row alone is not judged
CREATE TABLE lone AS SELECT id, label, pixels FROM images WHERE label = truth LIMIT 60;
UPDATE lone SET label = 'lone' WHERE id = 2;
SELECT count(*) FROM suspect_labels('lone') WHERE options = '{"layers": "softmax"}' AND label = 'lone';
SELECT count(*) FROM suspect_labels('lone') WHERE options = '{"layers": "softmax"}' AND suggestion = 'lone';

.print -- rows of one label are enough for a model; a picture of several digits is as doubtful as in predict_model
CREATE VIEW sevens AS SELECT id, 7 AS label, pixels FROM images WHERE id < 200;
SELECT avg(truth = suggestion) > 0.9, count(*) = sum(truth <> 7) FROM suspect_labels('sevens', 'builtin') JOIN images USING (id);
CREATE TABLE several AS SELECT 1 AS id, 4 AS label, readfile('tests/numbers/059-comb-315429.png') AS pixels;
INSERT INTO several SELECT 2, (truth + 1) % 10, digit_png(pixels) FROM images WHERE id = 1;
SELECT s.id, s.suggestion = p.prediction, s.confidence = p.confidence, s.confidence > 0.6
    FROM suspect_labels('several', 'builtin') AS s JOIN predict_model('several', 'builtin') AS p USING (id) ORDER BY s.id;

.print -- a label that is none of the classes is the class that is written so
CREATE TABLE letters AS SELECT id, CASE WHEN truth < 5 THEN truth ELSE 'l' || truth END AS label, truth, pixels FROM images WHERE id < 600;
SELECT count(*) FROM train_model('letters', 'mixed') WHERE layers = '16N' AND epochs = 8;
CREATE VIEW texts AS SELECT id, CAST(label AS TEXT) AS label, pixels FROM letters;
SELECT count(*) > 0, count(*) = (SELECT count(*) FROM suspect_labels('letters', 'mixed')), sum(typeof(label) = 'integer') > 0
    FROM suspect_labels('texts', 'mixed');

.print -- errors
SELECT * FROM suspect_labels;
SELECT * FROM suspect_labels('nothing');
SELECT * FROM suspect_labels('images', 'nobody');
SELECT id FROM suspect_labels('tickets', 'builtin');
SELECT * FROM suspect_labels('images', NULL, 'number');
SELECT * FROM suspect_labels('images', NULL, NULL, 'softmax');
SELECT * FROM suspect_labels('images', NULL, NULL, '{"holdout": 0.5}');
SELECT * FROM suspect_labels('images', NULL, NULL, '{"layers": "what"}');
CREATE VIEW ones AS SELECT id, 1 AS label, pixels FROM images;
SELECT * FROM suspect_labels('ones');
CREATE VIEW masks AS SELECT id, label, CAST(zeroblob(348) || x'01010101' || zeroblob(24) || x'01010101' || zeroblob(24) || x'01010101'
    || zeroblob(24) || x'01010101' || zeroblob(24) || x'01010101' || zeroblob(24) || x'01010101' || zeroblob(292) AS BLOB) AS pixels FROM images WHERE id < 3;
SELECT * FROM suspect_labels('masks', 'builtin');
CREATE TEMP VIEW again AS SELECT s.id AS id, 1 AS label, (SELECT pixels FROM images) AS pixels FROM suspect_labels('temp.again') AS s;
SELECT * FROM suspect_labels('temp.again');
SELECT * FROM suspect_labels('images') WHERE options = '{"rate": 1e30, "layers": "32N"}';
