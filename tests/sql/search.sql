-- search_model: what it returns, what it stores, what it says of a space that is none.
-- Figures that measure the machine are left out.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(240);
CREATE VIEW noted AS SELECT pixels, nullif(label, 9) AS label FROM images;

.print -- a row per trial and rung: the best third goes on, for three times as long
.headers on
SELECT trial, rung, epochs, layers, options, loss > 0 AS l, accuracy BETWEEN 0 AND 1 AS a, holdout_loss > 0 AS hl,
       holdout_accuracy BETWEEN 0 AND 1 AS ha, seconds > 0 AS s, best
FROM search_model('images', '{"layers": ["softmax", "16n"], "rate": {"min": 0.0001, "max": 0.1, "log": true}, "batch": 16}', 36);
.headers off

.print -- the best so far is the model, with its log; the rest leaves no trace
CREATE TABLE trials AS SELECT * FROM search_model('images', '{"layers": ["softmax", "16n"],
    "rate": {"min": 0.0001, "max": 0.1, "log": true}, "batch": 16}', 36);
SELECT name, version, active, layers, epochs, (SELECT count(*) FROM digitnet_epochs e WHERE e.version = m.version)
    FROM digitnet_models m;
SELECT json_extract(m.options, '$.layers') = t.layers, m.epochs = t.epochs, m.loss = t.loss, m.accuracy = t.accuracy,
       m.holdout_accuracy = t.holdout_accuracy,
       t.holdout_loss = (SELECT min(holdout_loss) FROM trials),
       t.holdout_loss = (SELECT holdout_loss FROM digitnet_epochs e WHERE version = 2 AND e.epoch = m.epochs),
       json_extract(m.options, '$.rate') = json_extract(t.options, '$.rate')
    FROM digitnet_models m, trials t WHERE m.version = 2 AND t.rowid = (SELECT max(rowid) FROM trials WHERE best);
SELECT count(*) FROM trials a WHERE best <> (holdout_loss <= (SELECT min(holdout_loss) FROM trials b WHERE b.rowid <= a.rowid));
SELECT typeof(digit_predict(pixels)) FROM images LIMIT 1;

.print -- the same seed gives the same, whatever the threads; another seed does not
CREATE TABLE again AS SELECT * FROM search_model('images', '{"layers": ["softmax", "16n"],
    "rate": {"min": 0.0001, "max": 0.1, "log": true}, "batch": 16}', 36) WHERE model = 'again' AND threads = 3;
SELECT count(*) FROM trials JOIN again USING (trial, rung, epochs, layers, options, loss, accuracy, holdout_loss,
    holdout_accuracy, best);
SELECT a.weights = b.weights AND a.state = b.state AND a.options = b.options FROM digitnet_models a, digitnet_models b
    WHERE a.name = 'again' AND b.name = 'default' AND b.version = 2;
CREATE TABLE other AS SELECT * FROM search_model('images', '{"layers": ["softmax", "16n"],
    "rate": {"min": 0.0001, "max": 0.1, "log": true}, "batch": 16}', 36) WHERE model = 'other' AND seed = 2;
SELECT (SELECT group_concat(options) FROM trials) = (SELECT group_concat(options) FROM again),
       (SELECT group_concat(options) FROM trials) = (SELECT group_concat(options) FROM other);

.print -- a trial is what train_model makes of its options: weights, state and log
SELECT count(*) FROM train_model('images', 'by hand') WHERE layers = (SELECT layers FROM trials ORDER BY rung DESC LIMIT 1)
    AND batch = 16 AND epochs = 18 AND rate = (SELECT json_extract(options, '$.rate') FROM trials ORDER BY rung DESC LIMIT 1);
SELECT a.weights = b.weights, a.state = b.state, a.options = b.options FROM digitnet_models a, digitnet_models b
    WHERE a.name = 'again' AND b.name = 'by hand';
SELECT count(*) FROM digitnet_epochs a JOIN digitnet_epochs b USING (epoch, loss, accuracy, holdout_loss, holdout_accuracy, rate)
    WHERE a.name = 'again' AND b.name = 'by hand';
SELECT epoch FROM train_model('images', 'again') WHERE resume = 1 AND epochs = 20;

.print -- its model may learn from, and begin from, an earlier version of its own name: the same for all trials
SELECT epoch FROM train_model('images', 'own') WHERE layers = 'softmax' AND epochs = 1;
SELECT trial, rung, best FROM search_model('images', '{"layers": "softmax", "teacher": "own", "start": "own", "rate": [0.001, 0.002, 0.003]}', 24)
    WHERE model = 'own' AND rung = 2;
SELECT version, json_extract(options, '$.teacher'), json_extract(options, '$.start') FROM digitnet_models WHERE name = 'own';

.print -- as many trials as the budget is enough for, and no more than there are
SELECT group_concat(rung || ':' || epochs, ' ') FROM search_model('images', '{"layers": "softmax", "rate": {"min": 0.01, "max": 0.1}}', 12);
SELECT group_concat(rung || ':' || epochs, ' ') FROM search_model('images', '{"layers": "softmax", "rate": {"min": 0.01, "max": 0.1}}', 3);
SELECT group_concat(rung || ':' || epochs, ' ') FROM search_model('images', '{"layers": "softmax", "rate": {"min": 0.01, "max": 0.1}}', 20) WHERE trials = 3;
SELECT options FROM search_model('images', '{"layers": "softmax", "batch": [20, 40], "rate": [0.01, 0.02, 0.03]}', 40) WHERE rung = 1 ORDER BY 1;
SELECT rung, epochs, options FROM search_model('images', '{}', 2);
SELECT rung, epochs, options FROM search_model('images', '{"layers": "softmax", "batch": {"min": 16, "max": 64, "log": true},
    "ema": {"min": 0, "max": 0.9}, "augment": {"min": 1, "max": 1}, "optimizer": ["sgd", "adamw"]}', 8);

.print -- notes, in each row: what train_model would say of the rows, and that few are held out; NULL for none
SELECT trial, notes FROM search_model('images', '{"layers": "softmax", "rate": [0.001, 0.002]}', 4) WHERE model = 'few';
SELECT trial, notes FROM search_model('images', '{"layers": "softmax", "rate": [0.001, 0.002]}', 4) WHERE model = 'few' AND holdout = 0.5;
SELECT notes FROM search_model('noted', '{"layers": "softmax"}', 1) WHERE model = 'few' AND holdout = 0.5;

.print -- arguments by column, seen as columns
SELECT source, space, budget, model, holdout FROM search_model
    WHERE source = 'images' AND space = '{"layers":"softmax"}' AND budget = 1.0 AND model = 'm' AND holdout = 0.5;
SELECT json_type(space), trials FROM search_model('images', NULL) WHERE budget = 1 AND trials = 1;

.print -- split and views, other schemas, tiny images
CREATE VIEW parts AS SELECT CASE WHEN id < 40 THEN 'holdout' WHEN id < 100 THEN 'test' ELSE 'train' END AS split,
    pixels, CASE WHEN id BETWEEN 40 AND 99 THEN 'leaked' ELSE label END AS label FROM images;
SELECT trial, round(holdout_accuracy * 40, 9) = round(holdout_accuracy * 40) FROM search_model('parts', '{"layers":"softmax"}', 2);
ATTACH ':memory:' AS aux;
CREATE TABLE aux.small AS SELECT CAST(substr(pixels, 785, 36) AS BLOB) AS pixels, label % 2 AS label FROM images;
SELECT count(*), count(DISTINCT layers) > 2 FROM search_model('aux.small', NULL, 12) WHERE model = 'small' AND shape = '3x3x4' AND rung = 1;
SELECT source, shape FROM digitnet_models WHERE name = 'small';

.print -- a trial whose loss is no number any more is out; the others go on
SELECT trial, rung, loss IS NULL, holdout_loss IS NULL, best FROM search_model('images', '{"layers": "128N-128N", "optimizer": "sgd",
    "schedule": "constant", "warmup": 0, "momentum": 0.9999, "batch": 4, "rate": [100, 0.0001]}', 5);
SELECT trial FROM search_model('images', '{"layers": "128N-128N", "optimizer": "sgd",
    "schedule": "constant", "warmup": 0, "momentum": 0.9999, "batch": 4, "rate": [100, 99]}', 5);

.print -- results that bear the name of an option of train_model
SELECT * FROM search_model('images', '{"layers": "softmax"}') WHERE epochs = 5;
SELECT * FROM search_model('images') WHERE layers IS 'softmax';
SELECT * FROM search_model('images') WHERE options = '{"layers": "softmax"}';
SELECT trial FROM search_model('images', '{"layers": "softmax"}', 1) WHERE +epochs = 1 AND epochs > 0;

.print -- spaces that are none
SELECT * FROM search_model('images', 'cnn');
SELECT * FROM search_model('images', '["cnn"]');
SELECT * FROM search_model('images', '1');
SELECT * FROM search_model('images', 'null');
SELECT * FROM search_model('images', 5);
SELECT * FROM search_model('images', '{"rte": 0.1}');
SELECT * FROM search_model('images', '{"epochs": [1, 2]}');
SELECT * FROM search_model('images', '{"seed": 1}');
SELECT * FROM search_model('images', '{"batch": []}');
SELECT * FROM search_model('images', '{"batch": [16, 0]}');
SELECT * FROM search_model('images', '{"batch": [16, 16]}');
SELECT * FROM search_model('images', '{"batch": [16, [32]]}');
SELECT * FROM search_model('images', '{"batch": "many"}');
SELECT * FROM search_model('images', '{"batch": null}');
SELECT * FROM search_model('images', '{"rate": true}');
SELECT * FROM search_model('images', '{"rate": 0.1, "rate": 0.2}');
SELECT * FROM search_model('images', '{"rate": {"min": 1, "max": 0.1}}');
SELECT * FROM search_model('images', '{"rate": {"min": 1}}');
SELECT * FROM search_model('images', '{"rate": {}}');
SELECT * FROM search_model('images', '{"rate": {"min": 0.1, "max": "1"}}');
SELECT * FROM search_model('images', '{"rate": {"min": 0.1, "max": 1, "step": 0.1}}');
SELECT * FROM search_model('images', '{"rate": {"min": 0.1, "max": 1000}}');
SELECT * FROM search_model('images', '{"batch": {"min": 1.5, "max": 10}}');
SELECT * FROM search_model('images', '{"ema": {"min": 0, "max": 0.9, "log": true}}');
SELECT * FROM search_model('images', '{"ema": {"min": 0, "max": 0.9, "log": 1}}');
SELECT * FROM search_model('images', '{"layers": {"min": "mlp", "max": "cnn"}}');
SELECT * FROM search_model('images', '{"layers": ["softmax", "resnet"]}');
SELECT * FROM search_model('images', '{"teacher": "nobody"}');

.print -- other arguments
SELECT * FROM search_model('nothing');
SELECT * FROM search_model('nothing', '');
SELECT * FROM search_model;
SELECT * FROM search_model('images', NULL, 0);
SELECT * FROM search_model('images', NULL, 100001);
SELECT * FROM search_model('images', NULL, 1.5);
SELECT * FROM search_model('images', NULL, 'long');
SELECT * FROM search_model('images', NULL, 20) WHERE trials = 9;
SELECT * FROM search_model('images', NULL, 20) WHERE trials = 1.5;
SELECT * FROM search_model('images') WHERE holdout = 0;
SELECT * FROM search_model('images') WHERE threads = 0;
SELECT * FROM search_model('images') WHERE model = 'a@1';
