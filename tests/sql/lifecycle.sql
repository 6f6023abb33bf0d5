-- A model's life: begun from another one, gone on with, verified, moved, rolled back.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(300);
CREATE VIEW odd AS SELECT pixels, label FROM images WHERE label % 2;
.print -- which epoch is kept: of 100 held-out images the best, of fewer the last, or who sets patience
CREATE TABLE more AS SELECT * FROM synthetic_digits(1000);
CREATE VIEW fewer AS SELECT * FROM more LIMIT 900;
CREATE VIEW kept AS SELECT m.name, m.epochs, json_extract(options, '$.best') AS best, e.epoch AS least, m.holdout_accuracy = k.holdout_accuracy AS same
    FROM digitnet_models m, digitnet_epochs e, digitnet_epochs k
    WHERE e.name = m.name AND e.holdout_loss = (SELECT min(holdout_loss) FROM digitnet_epochs WHERE name = m.name)
    AND k.name = m.name AND k.epoch = json_extract(options, '$.best');
SELECT json_extract(train_model('more', 'k100', '{"layers": "softmax", "epochs": 6, "rate": 50, "schedule": "constant", "warmup": 0}'), '$.kept', '$.notes');
SELECT json_extract(train_model('fewer', 'k90', '{"layers": "softmax", "epochs": 6, "rate": 50, "schedule": "constant", "warmup": 0}'), '$.kept', '$.notes');
SELECT json_extract(train_model('fewer', 'asked', '{"layers": "softmax", "epochs": 6, "rate": 50, "schedule": "constant", "warmup": 0, "patience": 100}'), '$.kept', '$.notes');
SELECT json_extract(train_model('fewer', 'one', '{"layers": "softmax", "epochs": 1}'), '$.kept', '$.notes');
SELECT name, best = least, best = epochs, same FROM kept WHERE name <> 'one';
SELECT json_extract(train_model('fewer', 'k90', '{"resume": 1, "epochs": 8, "patience": 100}'), '$.kept', '$.notes');
SELECT name, epochs, same, note FROM verify_model('k100') UNION ALL SELECT name, epochs, same, note FROM verify_model('k90')
    UNION ALL SELECT name, epochs, same, note FROM verify_model('asked');
DELETE FROM digitnet_models;
DELETE FROM digitnet_epochs;

SELECT count(*) FROM train_model('images', 'm') WHERE layers = '8C3b-MP2-16N' AND epochs = 4;
SELECT name, version, epochs, same, seconds > 0, note FROM verify_model('m');

.print -- begun from another: its layers, and what it knows
SELECT epoch, loss < (SELECT loss FROM digitnet_epochs WHERE name = 'm' AND epoch = 1) FROM train_model('images', 'm')
    WHERE start = 'm' AND epochs = 2 AND rate = 0.0001;
SELECT version, active, layers, json_extract(options, '$.start') FROM digitnet_models;
SELECT count(*) FROM train_model('images', 'half') WHERE start = 'm@1' AND epochs = 1 AND precision = 'float16' AND augment = 0.5 AND threads = 1;
SELECT count(*) FROM train_model('images', 'again') WHERE start = 'half' AND layers = '8c3B-mp2-16n' AND epochs = 1;
SELECT count(*) FROM train_model('images', 'b') WHERE start = 'builtin' AND epochs = 1 AND rate = 0.0001;
SELECT same, note FROM verify_model('m@2');
SELECT same, note FROM verify_model('half');
SELECT same, note FROM verify_model('again');
SELECT same, note FROM verify_model('b');

.print -- other classes: all but the output layer
SELECT count(*) FROM train_model('odd', 'odd') WHERE start = 'm@1' AND epochs = 2 AND rate = 0.000001;
SELECT classes, json_extract(options, '$.start') FROM digitnet_models WHERE name = 'odd';
SELECT same, note FROM verify_model('odd');

.print -- stopped and gone on with, after what it began from is gone; its schedule lengthened twice
SELECT epoch FROM train_model('images', 'one') WHERE start = 'm@1' AND epochs = 4;
SELECT epoch FROM train_model('images', 'two') WHERE start = 'm@1' AND epochs = 4 LIMIT 2;
SELECT epoch FROM train_model('images', 'two') WHERE start = 'm' AND resume = 1 LIMIT 1;
BEGIN;
DELETE FROM digitnet_models WHERE name = 'm';
SELECT epoch FROM train_model('images', 'two') WHERE resume = 1;
SELECT same, note FROM verify_model('two');
SELECT count(DISTINCT weights), count(DISTINCT state), count(DISTINCT options) FROM digitnet_models WHERE name IN ('one', 'two');
ROLLBACK;
SELECT epoch FROM train_model('images', 'one') WHERE resume = 1 AND epochs = 5;
SELECT epoch FROM train_model('images', 'one') WHERE resume = 1 AND epochs = 9 LIMIT 1;
SELECT json_extract(options, '$.lengths') FROM digitnet_models WHERE name = 'one';
SELECT same, epochs, note FROM verify_model('one');

.print -- what verifying finds
UPDATE digitnet_epochs SET loss = loss + 0.001 WHERE name = 'one' AND epoch >= 3;
SELECT same, note FROM verify_model('one');
UPDATE digitnet_models SET options = json_set(options, '$.seed', 2) WHERE name = 'one';
SELECT same, note FROM verify_model('one');
UPDATE digitnet_models SET options = json_set(options, '$.seed', 1), weights = (SELECT weights FROM digitnet_models WHERE name = 'm' AND version = 1) WHERE name = 'one';
SELECT same, note FROM verify_model('one');
UPDATE digitnet_models SET state = (SELECT state FROM digitnet_models WHERE name = 'two') WHERE name = 'one';
SELECT same, note FROM verify_model('one');
UPDATE digitnet_models SET state = NULL WHERE name = 'one';
SELECT same, note FROM verify_model('one');
UPDATE digitnet_models SET state = zeroblob(9) WHERE name = 'half';
SELECT same, note FROM verify_model('half');
UPDATE digitnet_models SET state = NULL WHERE name = 'half';
SELECT same, note FROM verify_model('half');
UPDATE digitnet_models SET weights = (SELECT weights FROM digitnet_builtin) WHERE name = 'm' AND version = 1;
SELECT same, note FROM verify_model('m@2');
DELETE FROM digitnet_models WHERE name = 'm' AND version = 1;
SELECT same, note FROM verify_model('m@2');
UPDATE digitnet_models SET weights = zeroblob(9) WHERE name = 'two';
SELECT epoch FROM train_model('images', 'two') WHERE resume = 1;
SELECT name, model, same FROM verify_model('half@1');
UPDATE images SET label = 3 WHERE id = 7 AND label <> 3;
SELECT same, note FROM verify_model('again');
DROP TABLE images;
SELECT same, note FROM verify_model('again');
SELECT version, same, note FROM verify_model('m');
SELECT * FROM verify_model('m@1');
SELECT * FROM verify_model('m@');
SELECT * FROM verify_model('m@1x');
SELECT * FROM verify_model('m@0');
SELECT * FROM verify_model('m@1234567890123456789');
SELECT * FROM verify_model('builtin');
SELECT * FROM verify_model(1);
SELECT * FROM verify_model();
CREATE VIEW v AS SELECT * FROM verify_model('m');
SELECT * FROM v;
SELECT count(*), sum(epochs) FROM digitnet_models;

.print -- what cannot be begun from
CREATE TABLE images AS SELECT * FROM synthetic_digits(100);
SELECT * FROM train_model('images') WHERE start = 'again' AND layers = 'mlp';
SELECT * FROM train_model('images') WHERE start = 'nobody';
SELECT * FROM train_model('images') WHERE start = 'again@7';
SELECT * FROM train_model('images') WHERE start = 1.5;
CREATE TABLE small AS SELECT CAST(substr(pixels, 1, 4 * 64) AS BLOB) AS pixels, label FROM images;
SELECT * FROM train_model('small') WHERE start = 'again';
UPDATE digitnet_models SET weights = zeroblob(100) WHERE name = 'again';
SELECT * FROM train_model('images') WHERE start = 'again';
UPDATE digitnet_models SET weights = NULL WHERE name = 'again';
SELECT * FROM train_model('images') WHERE start = 'again';
SELECT * FROM train_model('images', 'again') WHERE resume = 1 AND epochs = 2;
SELECT count(*) FROM digitnet_models WHERE name = 'default';
