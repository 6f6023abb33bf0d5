-- Bad input to training and prediction: one sentence each, and the database stays as it
-- was.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(60);

.print -- no such model; without a name it is the built-in one
SELECT digit_predict(pixels, 'default') FROM images;
SELECT digit_confidence(NULL, 'default');
SELECT digit_predict(pixels, 'digits') FROM images;
SELECT * FROM predict_model('images', 'default');
SELECT digit_predict(x'00');

.print -- sources
SELECT * FROM train_model;
SELECT * FROM train_model(NULL);
SELECT * FROM train_model(7);
SELECT * FROM train_model('');
SELECT * FROM train_model('nowhere');
SELECT * FROM train_model('aux.images');
SELECT * FROM train_model('main.');
SELECT * FROM train_model('"images');
SELECT * FROM train_model('images; DROP TABLE images');
SELECT * FROM train_model('main.images.x');
SELECT * FROM train_model('main.[images].x');
SELECT * FROM train_model('main."images');
SELECT * FROM train_model('"images"x');
SELECT * FROM train_model('`images');
SELECT * FROM train_model('.images');
SELECT * FROM train_model('images') WHERE source = 'images';
CREATE TABLE bare(x);
SELECT * FROM train_model('bare');
CREATE TABLE unlabelled(pixels);
SELECT * FROM train_model('unlabelled');
CREATE VIEW broken AS SELECT pixels, label FROM images JOIN main.missing;
SELECT * FROM train_model('broken');

.print -- rows
CREATE TABLE t(pixels, label);
SELECT * FROM train_model('t');
INSERT INTO t VALUES(NULL, 1), (zeroblob(784), NULL);
SELECT * FROM train_model('t');
CREATE TABLE untrained AS SELECT 'test' AS split, * FROM images;
SELECT * FROM train_model('untrained');
DELETE FROM t; INSERT INTO t VALUES(zeroblob(784), 1), (zeroblob(784), 1);
SELECT * FROM train_model('t');
UPDATE t SET label = 'one';
SELECT * FROM train_model('t');
UPDATE t SET label = 2.5 WHERE rowid = 2;
SELECT * FROM train_model('t');
UPDATE t SET label = x'07' WHERE rowid = 2;
SELECT * FROM train_model('t');
UPDATE t SET label = 2, pixels = zeroblob(783) WHERE rowid = 2;
SELECT * FROM train_model('t');
UPDATE t SET pixels = 'text' WHERE rowid = 2;
SELECT * FROM train_model('t');
UPDATE t SET pixels = 5 WHERE rowid = 2;
SELECT * FROM train_model('t');
UPDATE t SET pixels = zeroblob(700);
SELECT * FROM train_model('t');
UPDATE t SET pixels = x'';
SELECT * FROM train_model('t');
SELECT * FROM train_model('t') WHERE shape = '28x28';
UPDATE t SET pixels = CAST(x'89504E470D0A1A0A' || zeroblob(100) AS BLOB);
SELECT * FROM train_model('t') WHERE shape = '28x28';
CREATE VIEW two AS SELECT pixels, label FROM images UNION ALL SELECT x'00', 5;
SELECT * FROM train_model('two');
CREATE TABLE bits(pixels, label);
INSERT INTO bits VALUES(x'0000803F0000000000000000000000000000803F0000000000000000000000000000803F', 0), (x'0000803F0000000000000000000000000000C07F0000000000000000000000000000803F', 1);
SELECT * FROM train_model('bits');
UPDATE bits SET pixels = x'0000803F0000000000000000000000000000807F0000000000000000000000000000803F' WHERE label = 1;
SELECT * FROM train_model('bits');
UPDATE bits SET pixels = x'0000803F0000000000000000000000000000803F00000000000000000000000000008040' WHERE label = 1;
SELECT * FROM train_model('bits');
UPDATE bits SET pixels = x'0000803F0000000000000000CDCCCCBD0000803F0000000000000000000000000000803F' WHERE label = 1;
SELECT * FROM train_model('bits');
UPDATE bits SET pixels = x'0000803F0000000000000000000000000000C07F0000000000000000000000000000803F';
SELECT * FROM train_model('bits');

.print -- models' names
SELECT * FROM train_model('images', '');
SELECT * FROM train_model('images', 'a@1');
SELECT * FROM train_model('images', 'builtin');
SELECT * FROM train_model('images', 3);
SELECT * FROM train_model('images', 'm') WHERE model = 'm';

.print -- options
SELECT * FROM train_model('images') WHERE epochs = 0;
SELECT * FROM train_model('images') WHERE epochs = 'ten';
SELECT * FROM train_model('images') WHERE epochs = 2.5;
SELECT * FROM train_model('images') WHERE epochs = 1e300;
SELECT * FROM train_model('images') WHERE batch = 65537;
SELECT * FROM train_model('images') WHERE rate = 0;
SELECT * FROM train_model('images') WHERE rate = 'fast';
SELECT * FROM train_model('images') WHERE rate = 9e999;
SELECT * FROM train_model('images') WHERE seed = 1.5;
SELECT * FROM train_model('images') WHERE holdout = 1;
SELECT * FROM train_model('images') WHERE augment = -1;
SELECT * FROM train_model('images') WHERE patience = -1;
SELECT * FROM train_model('images') WHERE patience = 2 AND holdout = 0;
SELECT * FROM train_model('images') WHERE resume = 2;
SELECT * FROM train_model('images') WHERE resume = 1;
SELECT * FROM train_model('images') WHERE threads = 0;
SELECT * FROM train_model('images') WHERE shape = '28';
SELECT * FROM train_model('images') WHERE shape = '28x28x';
SELECT * FROM train_model('images') WHERE shape = '0x28';
SELECT * FROM train_model('images') WHERE shape = '99999999999999999999x1';
SELECT * FROM train_model('images') WHERE shape = 'x28';
SELECT * FROM train_model('images') WHERE shape = '28x0';
SELECT * FROM train_model('images') WHERE shape = '28x28x0';
SELECT * FROM train_model('images') WHERE shape = '28x28/1';
SELECT * FROM train_model('images') WHERE shape = '28x28x1x1';
SELECT * FROM train_model('images') WHERE shape = '1x4097';
SELECT * FROM train_model('images') WHERE shape = '1x1x4097';
SELECT * FROM train_model('images') WHERE shape = '4096x4096x4096';
SELECT * FROM train_model('images') WHERE shape = '27x28';
SELECT * FROM train_model('images') WHERE optimizer = 'adam';
SELECT * FROM train_model('images') WHERE schedule = x'00';
SELECT * FROM train_model('images') WHERE warmup = 1.1;
SELECT * FROM train_model('images') WHERE momentum = 1;
SELECT * FROM train_model('images') WHERE beta2 = 1;
SELECT * FROM train_model('images') WHERE weight_decay = 2;
SELECT * FROM train_model('images') WHERE label_smoothing = 1;
SELECT * FROM train_model('images') WHERE ema = 1;
SELECT * FROM train_model('images') WHERE epochs = 1 AND epochs = 1;

.print -- layers
SELECT * FROM train_model('images') WHERE layers = 5;
SELECT * FROM train_model('images') WHERE layers = 'resnet';
SELECT * FROM train_model('images') WHERE layers = 'mpl';
SELECT train_model('images', 'm', '{"layers": "LeNet"}');
SELECT * FROM train_model('images') WHERE layers = '8C3{';
SELECT * FROM train_model('images') WHERE layers = '8C5v-MP2-8C5v-MP2-8C5v';
SELECT * FROM train_model('images') WHERE layers = printf('%.3000c', 'x');

SELECT * FROM train_model('images') WHERE start = '';
SELECT train_model('images', 'm', '{"teacher": ""}');
SELECT train_model('images', 'm', '{"layers": ""}');
SELECT * FROM search_model('images', '{"layers": ["softmax", ""]}');

.print -- a loss that is no number any more
SELECT * FROM train_model('images') WHERE layers = '512N-512N' AND rate = 100 AND optimizer = 'sgd' AND schedule = 'constant' AND warmup = 0 AND momentum = 0.9999 AND epochs = 50 AND batch = 4;
SELECT count(*) < 50 FROM digitnet_epochs;

.print -- images and models
SELECT count(*) FROM train_model('`images`', 'm') WHERE layers = 'softmax' AND epochs = 1 AND shape = '28X28x1';
SELECT layers, json_extract(options, '$.layers') FROM digitnet_models WHERE name = 'm';
SELECT digit_predict(x'00', 'm');
SELECT digit_predict(zeroblob(700), 'm');
SELECT digit_confidence('a text', 'm');
SELECT digit_probabilities(5, 'm');
SELECT digit_embedding(CAST(x'89504E470D0A1A0A' || zeroblob(776) AS BLOB), 'm');
SELECT digit_predict(CAST(zeroblob(400) || x'0000C07F' || zeroblob(2732) AS BLOB), 'm');
SELECT digit_predict(CAST(zeroblob(3132) || x'0100803F' AS BLOB), 'm');
SELECT digit_predict(zeroblob(784), 'nobody');
SELECT digit_predict(zeroblob(784), 'm@2');
SELECT digit_predict(zeroblob(784), 'm@');
SELECT digit_predict(zeroblob(784), 'm@1x');
SELECT digit_predict(zeroblob(784), 'm@-1');
SELECT digit_predict(zeroblob(784), 'm@123456789012345678');
SELECT digit_predict(zeroblob(784), 'm@1234567890123456789');
SELECT digit_predict(zeroblob(784), '');
SELECT digit_predict(zeroblob(784), 1);
SELECT count(*) FROM predict_model('two', 'm') WHERE id > 58;
SELECT count(*) FROM predict_model('two', 'm') WHERE rowid > 58;
SELECT count(*) FROM predict_model('two', 'm') WHERE key = 'number';
SELECT count(*) FROM predict_model('two', 'm') WHERE key = 5;
SELECT count(*) FROM digitnet_options WHERE name = 'start' AND name = 'layers';
SELECT * FROM predict_model('bare', 'm');
SELECT * FROM predict_model('images', 'm@3');
UPDATE digitnet_models SET weights = CAST(substr(weights, 1, 99) || x'FF' || substr(weights, 101) AS BLOB) WHERE name = 'm';
SELECT digit_predict(zeroblob(784), 'm');
UPDATE digitnet_models SET weights = CAST(substr(weights, 1, 1000) AS BLOB) WHERE name = 'm';
SELECT digit_predict(zeroblob(784), 'm');
DROP VIEW broken;
ALTER TABLE digitnet_models RENAME COLUMN active TO current;
SELECT digit_predict(zeroblob(784), 'm');
PRAGMA integrity_check;
