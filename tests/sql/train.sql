-- train_model: what it returns, what it stores, and what its options do. Figures that
-- measure the machine are left out; losses are rounded.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(300);

.print -- a row per epoch
.headers on
SELECT epoch, round(loss, 1) AS loss, accuracy BETWEEN 0 AND 1 AS a, holdout_loss > 0 AS hl,
       holdout_accuracy BETWEEN 0 AND 1 AS ha, printf('%.5f', rate) AS rate,
       images_per_second > 0 AS ips, seconds > 0 AS s
FROM train_model('images') WHERE layers = 'mlp' AND epochs = 3;

.print -- the tables
SELECT name, version, active, created GLOB '20[0-9][0-9]-*-*T*:*:*Z' AS created, source, layers,
       shape, classes, seed, epochs, round(loss, 1) AS loss, accuracy > 0 AS accuracy,
       holdout_accuracy > 0 AS holdout, seconds > 0 AS seconds, typeof(weights), typeof(state)
FROM digitnet_models;
SELECT json_remove(options, '$.data') AS options FROM digitnet_models;
SELECT name FROM pragma_table_info('digitnet_models');
SELECT name FROM pragma_table_info('digitnet_epochs');
.headers off
SELECT name, version, epoch, round(loss, 1), rate IS NOT NULL FROM digitnet_epochs;
SELECT count(*) FROM digitnet_epochs e JOIN digitnet_models m USING (name, version)
    WHERE m.holdout_accuracy = e.holdout_accuracy AND m.loss = e.loss;

.print -- presets and notation; versions count up for each name
SELECT count(*) FROM train_model('images', 'a') WHERE layers = 'Softmax' AND epochs = 1;
SELECT count(*) FROM train_model('images', 'a') WHERE layers = '4c5/2-mp2-16n' AND epochs = 1;
SELECT count(*) FROM train_model('images', 'b') WHERE layers = 'lenet5' AND epochs = 1;
SELECT count(*) FROM train_model('images', 'b c') WHERE layers = '4C3vb-AP2-D0.2-GAP' AND epochs = 1;
SELECT name, version, active, layers FROM digitnet_models WHERE name <> 'default';

.print -- the same seed gives the same bytes, whatever the threads; another seed does not
CREATE TABLE w(seed, threads, weights);
SELECT count(*) FROM train_model('images', 's1') WHERE layers = '4C3-MP2-8N' AND epochs = 2 AND threads = 1;
SELECT count(*) FROM train_model('images', 's2') WHERE layers = '4C3-MP2-8N' AND epochs = 2 AND threads = 3;
SELECT count(*) FROM train_model('images', 's3') WHERE layers = '4C3-MP2-8N' AND epochs = 2 AND seed = 2;
SELECT a.weights = b.weights, a.weights = c.weights FROM digitnet_models a, digitnet_models b, digitnet_models c
    WHERE a.name = 's1' AND b.name = 's2' AND c.name = 's3';

.print -- split: test rows are never seen, holdout rows are the holdout
CREATE TABLE parts AS SELECT CASE WHEN id < 20 THEN 'holdout' WHEN id < 100 THEN 'test' ELSE 'train' END AS split,
    pixels, CASE WHEN id BETWEEN 20 AND 99 THEN 'leaked' ELSE label END AS label FROM images;
SELECT epoch, round(holdout_accuracy * 20, 9) = round(holdout_accuracy * 20)
    FROM train_model('parts', 'parts') WHERE layers = 'softmax' AND epochs = 1;
SELECT classes, json_extract(options, '$.images') FROM digitnet_models WHERE name = 'parts';
SELECT epoch, holdout_loss, holdout_accuracy
    FROM train_model('parts', 'parts') WHERE layers = 'softmax' AND epochs = 1 AND holdout = 0;
SELECT version, json_extract(options, '$.images'), holdout_accuracy FROM digitnet_models WHERE name = 'parts';
SELECT count(*) FROM train_model('images', 'h') WHERE layers = 'softmax' AND epochs = 1 AND holdout = 0.5;
SELECT json_extract(options, '$.images') FROM digitnet_models WHERE name = 'h';

.print -- labels: integers first, then texts; rows without pixels or label are left out
CREATE TABLE words AS SELECT pixels, CASE label WHEN 3 THEN 'drei' WHEN 5 THEN 'a "5"' WHEN 7 THEN -7 WHEN 9 THEN '9' WHEN 8 THEN '\8/' WHEN 6 THEN '' ELSE label END AS label
    FROM images UNION ALL SELECT NULL, 'no pixels' UNION ALL SELECT x'00', NULL;
SELECT count(*) FROM train_model('words', 'words') WHERE layers = 'softmax' AND epochs = 8;
SELECT classes FROM digitnet_models WHERE name = 'words';
SELECT typeof(p), count(*) > 0 FROM (SELECT digit_predict(pixels, 'words') AS p FROM images) GROUP BY 1;
SELECT group_concat(key, ' ') FROM json_each((SELECT digit_probabilities(pixels, 'words') FROM images));

.print -- other shapes: 8×8 and 2×6 uint8, three channels; the first row's blob decides
CREATE TABLE small(pixels, label);
INSERT INTO small SELECT CAST(substr(pixels, 1, 64) AS BLOB), label % 2 FROM images;
UPDATE small SET pixels = zeroblob(64) WHERE rowid > 1;
UPDATE small SET pixels = x'000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F' WHERE rowid = 1;
SELECT count(*) FROM train_model('small', 'eight') WHERE layers = 'softmax' AND epochs = 1;
CREATE TABLE wide AS SELECT CAST(substr(pixels, 785, 12) AS BLOB) AS pixels, label % 2 AS label FROM images;
SELECT count(*) FROM train_model('wide', 'wide') WHERE layers = '2C3' AND epochs = 1 AND shape = '2x6';
SELECT count(*) FROM train_model('wide', 'rgb') WHERE layers = '2C1' AND epochs = 1 AND shape = '2X2x3';
SELECT name, shape FROM digitnet_models WHERE name IN ('eight', 'wide', 'rgb');

.print -- sources: views, other schemas, quoted names; temp comes before main
CREATE VIEW v AS SELECT pixels, label FROM images ORDER BY label;
ATTACH ':memory:' AS "an ""aux""";
CREATE TABLE "an ""aux"""."my.table" AS SELECT * FROM images;
CREATE TABLE keyed(k TEXT PRIMARY KEY, pixels, label) WITHOUT ROWID;
INSERT INTO keyed SELECT 'k' || id, pixels, label FROM images;
CREATE TEMP TABLE images AS SELECT 1 AS pixels;
CREATE TEMP TABLE only_temp AS SELECT * FROM main.images;
SELECT count(*) FROM train_model('v', 'n') WHERE layers = 'softmax' AND epochs = 1;
SELECT count(*) FROM train_model('"an ""aux"""."my.table"', 'n') WHERE layers = 'softmax' AND epochs = 1;
SELECT count(*) FROM train_model('"my.table"', 'n') WHERE layers = 'softmax' AND epochs = 1;
SELECT count(*) FROM train_model('KEYED', 'n') WHERE layers = 'softmax' AND epochs = 1;
SELECT count(*) FROM train_model('images', 'n') WHERE layers = 'softmax' AND epochs = 1;
DROP TABLE temp.images;
SELECT count(*) FROM train_model('images', 'n') WHERE layers = 'softmax' AND epochs = 1;
SELECT count(*) FROM train_model('Main.[images]', 'n') WHERE layers = 'softmax' AND epochs = 1;
SELECT count(*) FROM train_model('temp.only_temp', 'n') WHERE layers = 'softmax' AND epochs = 1;
SELECT count(*) FROM train_model('only_temp', 'n') WHERE layers = 'softmax' AND epochs = 1;
SELECT version, source FROM digitnet_models WHERE name = 'n';
SELECT count(DISTINCT weights) FROM digitnet_models WHERE name = 'n' AND version IN (2, 3, 5, 6, 7, 8);

.print -- patience: the rate is far too high, so the first epochs are the best
SELECT max(epoch) < 50 FROM train_model('main.images', 'p') WHERE layers = 'softmax' AND epochs = 50
    AND rate = 50 AND patience = 2 AND schedule = 'constant' AND warmup = 0;
SELECT m.epochs - e.epoch FROM digitnet_models m, digitnet_epochs e WHERE m.name = 'p' AND e.name = 'p'
    ORDER BY e.holdout_loss, e.epoch LIMIT 1;
SELECT m.holdout_accuracy = (SELECT holdout_accuracy FROM digitnet_epochs WHERE name = 'p' ORDER BY holdout_loss, epoch LIMIT 1)
    FROM digitnet_models m WHERE name = 'p';

.print -- arguments by column, NULL for one that is not given, options set seen as columns
SELECT DISTINCT epoch, source, model FROM train_model('images', 'o') WHERE layers = 'softmax' AND epochs = 2;
SELECT source, model FROM train_model('images', NULL) WHERE layers = 'softmax' AND epochs = 1;
SELECT layers, epochs, optimizer, schedule, momentum FROM train_model WHERE source = 'main.images' AND model = 'o' AND layers = 'softmax' AND epochs = 1.0
    AND optimizer = 'SGD' AND schedule = 'Cosine' AND momentum = 0.5;
