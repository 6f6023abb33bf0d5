-- Options of what is learned and stored beside the labels: teacher, temperature,
-- precision.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(400);
SELECT count(*) FROM train_model('images', 't') WHERE layers = '8C3-MP2-32N' AND epochs = 3;
SELECT count(*) FROM train_model('images', 't') WHERE layers = '8C5-MP2-32N' AND epochs = 3;

.print -- a pupil; its teachers' weights are a part of what it is
SELECT epoch, holdout_accuracy > 0.3 FROM train_model('images', 'pupil') WHERE layers = 'mlp' AND epochs = 2 AND teacher = 't@1,t';
SELECT count(*) FROM train_model('images', 'pupil') WHERE layers = 'mlp' AND epochs = 2 AND teacher = 't@1,t@2';
SELECT count(*) FROM train_model('images', 'pupil') WHERE layers = 'mlp' AND epochs = 2 AND teacher = 't@1,t@2' AND teacher_share = 0.5;
SELECT count(*) FROM train_model('images', 'pupil') WHERE layers = 'mlp' AND epochs = 2;
SELECT count(DISTINCT weights), count(*) FROM digitnet_models WHERE name = 'pupil';
SELECT version, json_extract(options, '$.teacher'), json_extract(options, '$.teacher_share'), json_extract(options, '$.teachers') IS NULL
    FROM digitnet_models WHERE name = 'pupil';

-- a teacher that is wrong teaches what it says, or, checked, the label instead
CREATE TABLE wrong AS SELECT (label + 3) % 10 AS label, pixels FROM images;
CREATE TABLE good AS SELECT label, pixels FROM images;
SELECT count(*) FROM train_model('wrong', 'wrong') WHERE layers = '8C3-MP2-32N' AND epochs = 6;
SELECT max(epoch), max(accuracy) < 0.3 FROM train_model('good', 'misled') WHERE layers = 'mlp' AND epochs = 4 AND teacher = 'wrong' AND teacher_share = 1;
SELECT max(epoch), max(accuracy) > 0.7 FROM train_model('good', 'misled') WHERE layers = 'mlp' AND epochs = 4 AND teacher = 'wrong' AND teacher_share = 1 AND teacher_checked = 1;
SELECT version, json_extract(options, '$.teacher_checked') FROM digitnet_models WHERE name = 'misled';

.print -- the mean of all teachers, in which a checked one that is wrong does not count; the same on any number of threads
SELECT max(epoch), max(accuracy) > 0.7 FROM train_model('good', 'both') WHERE layers = 'mlp' AND epochs = 4 AND teacher = 'wrong,t@2' AND teacher_share = 1 AND teacher_checked = 1 AND teacher_mean = 1 AND threads = 1;
SELECT max(epoch), max(accuracy) > 0.7 FROM train_model('good', 'both') WHERE layers = 'mlp' AND epochs = 4 AND teacher = 'wrong,t@2' AND teacher_share = 1 AND teacher_checked = 1 AND teacher_mean = 1 AND threads = 3;
SELECT max(epoch), max(accuracy) > 0.7 FROM train_model('good', 'both') WHERE layers = 'mlp' AND epochs = 4 AND teacher = 'wrong,wrong,t@2' AND teacher_share = 1 AND teacher_mean = 1;
SELECT count(DISTINCT weights), max(json_extract(options, '$.teacher_mean')) FROM digitnet_models WHERE name = 'both';

.print -- without a teacher a note says that it is missing
SELECT value FROM json_each(train_model('images', 'alone', '{"layers": "softmax", "epochs": 1, "teacher_mean": 1}'), '$.notes') WHERE value GLOB '*teacher*';

.print -- resumed with the same teachers it ends as if it had not stopped; with others it is refused
SELECT count(*) FROM train_model('images', 'pupil') WHERE layers = 'mlp' AND epochs = 2 AND teacher = 't@1,t' LIMIT 1;
DELETE FROM digitnet_models WHERE name = 'pupil' AND version = 4;
SELECT epoch FROM train_model('images', 'half way') WHERE layers = 'mlp' AND epochs = 2 AND teacher = 't@1,t' LIMIT 1;
SELECT epoch FROM train_model('images', 'half way') WHERE resume = 1;
SELECT count(DISTINCT weights) FROM digitnet_models WHERE (name = 'pupil' AND version = 1) OR name = 'half way';
SELECT epoch FROM train_model('images', 'stopped') WHERE layers = 'mlp' AND epochs = 2 AND teacher = 't' LIMIT 1;
UPDATE digitnet_models SET active = (version = 1) WHERE name = 't';
SELECT epoch FROM train_model('images', 'stopped') WHERE resume = 1 AND teacher = 't@1';
SELECT epoch FROM train_model('images', 'stopped') WHERE resume = 1 AND teacher = 't@2,t@2';
SELECT epoch FROM train_model('images', 'stopped') WHERE resume = 1 AND teacher = 't';
SELECT epoch FROM train_model('images', 'changed') WHERE layers = 'mlp' AND epochs = 2 AND teacher = 't' LIMIT 1;
UPDATE digitnet_models SET weights = (SELECT weights FROM digitnet_models WHERE name = 't' AND version = 2) WHERE name = 't';
SELECT epoch FROM train_model('images', 'changed') WHERE resume = 1;

.print -- a model may learn from, and begin from, an earlier version of its own name
SELECT epoch FROM train_model('images') WHERE layers = 'softmax' AND epochs = 1;
SELECT epoch FROM train_model('images') WHERE layers = 'softmax' AND epochs = 2 AND teacher = 'builtin,default' LIMIT 1;
SELECT epoch FROM train_model('images') WHERE resume = 1;
SELECT epoch FROM train_model('images') WHERE epochs = 2 AND start = 'default' LIMIT 1;
SELECT epoch FROM train_model('images') WHERE resume = 1;
SELECT version, json_extract(options, '$.teacher'), json_extract(options, '$.start') FROM digitnet_models WHERE name = 'default';
DELETE FROM digitnet_models WHERE name = 'default';

.print -- errors
SELECT * FROM train_model('images') WHERE teacher = 'nobody';
SELECT count(*) FROM train_model('images', 'pupil') WHERE layers = 'mlp' AND teacher = 't@1,';
SELECT count(*) FROM train_model('images', 'pupil') WHERE layers = 'mlp' AND teacher = ',t@1';
SELECT * FROM train_model('images') WHERE teacher = 't,t@9';
SELECT * FROM train_model('images') WHERE teacher = 5;
SELECT * FROM train_model('images') WHERE teacher = 't,t,t,t,t,t,t,t,t,t,t,t,t,t,t,t,t';
SELECT * FROM train_model('images') WHERE teacher = 't' AND teacher_temperature = 0;
SELECT * FROM train_model('images') WHERE precision = 16;
SELECT * FROM train_model('images') WHERE precision = 'float8';
CREATE TABLE few AS SELECT pixels, label % 3 AS label FROM images;
SELECT * FROM train_model('few') WHERE teacher = 't';
CREATE TABLE texts AS SELECT pixels, label || '' AS label FROM images;
SELECT * FROM train_model('texts') WHERE teacher = 't';
SELECT count(*) FROM train_model('texts', 'words') WHERE layers = 'softmax' AND epochs = 1;
SELECT count(*) FROM train_model('texts', 'pupil of words') WHERE layers = 'softmax' AND epochs = 1 AND teacher = 'words';
SELECT * FROM train_model('images') WHERE teacher = 'words';
UPDATE texts SET label = label || '!' WHERE label = '9';
SELECT * FROM train_model('texts') WHERE teacher = 'words';
UPDATE texts SET label = '?' WHERE label = '9!';
SELECT * FROM train_model('texts') WHERE teacher = 'words';
SELECT count(*) FROM digitnet_models WHERE name = 'default';

.print -- the temperature: fitted on 100 held-out images or more, 1 for fewer, or as asked for; labels stay what they are
SELECT count(*) FROM train_model('images', 'fit') WHERE layers = 'softmax' AND epochs = 4 AND holdout = 0.25 AND label_smoothing = 0.4;
SELECT count(*) FROM train_model('images', 'one') WHERE layers = 'softmax' AND epochs = 4 AND holdout = 0.25 AND label_smoothing = 0.4 AND temperature = 1;
SELECT count(*) FROM train_model('images', 'flat') WHERE layers = 'softmax' AND epochs = 4 AND holdout = 0.25 AND label_smoothing = 0.4 AND temperature = 5;
SELECT count(*) FROM train_model('images', 'few') WHERE layers = 'softmax' AND epochs = 4 AND holdout = 0.2 AND label_smoothing = 0.4;
SELECT name, round(json_extract(options, '$.fitted'), 1), json_extract(options, '$.temperature')
    FROM digitnet_models WHERE name IN ('fit', 'one', 'flat', 'few');
SELECT same, note FROM verify_model('fit') UNION ALL SELECT same, note FROM verify_model('few');
SELECT sum(digit_predict(pixels, 'fit') <> digit_predict(pixels, 'one')), sum(digit_predict(pixels, 'fit') <> digit_predict(pixels, 'flat'))
    FROM images;
SELECT avg(digit_confidence(pixels, 'fit')) > avg(digit_confidence(pixels, 'one')) + 0.1,
       avg(digit_confidence(pixels, 'one')) > avg(digit_confidence(pixels, 'flat')) + 0.1 FROM images;
SELECT (SELECT min(holdout_loss) FROM digitnet_epochs WHERE name = 'fit') < (SELECT min(holdout_loss) FROM digitnet_epochs WHERE name = 'one');

.print -- half the size, the same labels
SELECT count(*) FROM train_model('images', 'half') WHERE layers = 'softmax' AND epochs = 4 AND holdout = 0.25 AND label_smoothing = 0.4 AND precision = 'float16';
SELECT f.holdout_accuracy = h.holdout_accuracy, length(f.weights) - length(h.weights), 2 * 784 * 10
    FROM digitnet_models f, digitnet_models h WHERE f.name = 'fit' AND h.name = 'half';
SELECT sum(digit_predict(pixels, 'fit') <> digit_predict(pixels, 'half')) FROM images;
