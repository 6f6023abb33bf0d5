-- How training and transactions meet: the caller's transaction is the caller's.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(60);
CREATE VIEW tables AS SELECT group_concat(name, ' ') AS tables FROM sqlite_master WHERE name GLOB 'digitnet_*';

.print -- loading and failing write nothing
SELECT tables IS NULL FROM tables;
SELECT * FROM train_model('images') WHERE layers = 'nonsense';
SELECT tables IS NULL FROM tables;

.print -- BEGIN … ROLLBACK takes model, log and tables back
BEGIN;
SELECT epoch FROM train_model('images') WHERE layers = 'softmax' AND epochs = 2;
SELECT typeof(digit_predict(pixels)) FROM images LIMIT 1;
SELECT tables FROM tables;
ROLLBACK;
SELECT tables IS NULL FROM tables;
SELECT digit_predict(pixels, 'default') FROM images LIMIT 1;

.print -- a savepoint
SELECT epoch FROM train_model('images') WHERE layers = 'softmax' AND epochs = 1;
SAVEPOINT a;
SELECT epoch FROM train_model('images') WHERE layers = 'softmax' AND epochs = 2;
SELECT version, active, epochs FROM digitnet_models;
ROLLBACK TO a;
SELECT version, active, epochs FROM digitnet_models;
RELEASE a;
SELECT version, epoch FROM digitnet_epochs;

.print -- INSERT … SELECT and CREATE TABLE AS
CREATE TABLE runs(epoch, loss, CONSTRAINT one CHECK (epoch < 2));
INSERT INTO runs SELECT epoch, loss FROM train_model('images', 'all') WHERE layers = 'softmax' AND epochs = 2;
SELECT count(*) FROM runs;
SELECT count(*) FROM digitnet_models WHERE name = 'all';
INSERT OR IGNORE INTO runs SELECT epoch, loss FROM train_model('images', 'all') WHERE layers = 'softmax' AND epochs = 2;
SELECT count(*) FROM runs;
SELECT name, version, epochs FROM digitnet_models WHERE name = 'all';
CREATE TABLE copy AS SELECT epoch FROM train_model('images', 'ctas') WHERE layers = 'softmax' AND epochs = 3;
SELECT count(*) FROM copy;
SELECT name, version, epochs FROM digitnet_models WHERE name = 'ctas';

.print -- LIMIT, then the rest
SELECT epoch FROM train_model('images', 'limit') WHERE layers = 'softmax' AND epochs = 5 LIMIT 2;
SELECT epoch FROM train_model('images', 'limit') WHERE resume = 1;
SELECT name, version, epochs FROM digitnet_models WHERE name = 'limit';
SELECT epoch FROM train_model('images', 'limit') WHERE resume = 1;

.print -- versions: the new one is active; going back is one UPDATE
SELECT count(*) FROM train_model('images') WHERE layers = 'mlp' AND epochs = 1;
SELECT version, active FROM digitnet_models WHERE name = 'default';
UPDATE digitnet_models SET active = (version = 1) WHERE name = 'default';
SELECT version, active FROM digitnet_models WHERE name = 'default';
SELECT sum(digit_embedding(pixels) = digit_embedding(pixels, 'default@1')) FROM images;
UPDATE digitnet_models SET active = (version = 2) WHERE name = 'default';
SELECT sum(digit_embedding(pixels) = digit_embedding(pixels, 'default@2')) FROM images;

.print -- a model is copied by plain SQL
ATTACH 'file:copy?mode=memory' AS copy;
CREATE TABLE copy.digitnet_models AS SELECT * FROM digitnet_models WHERE name = 'default';
INSERT INTO digitnet_models SELECT 'copy', version, active, created, source, layers, shape, classes, options, seed,
    epochs, loss, accuracy, holdout_accuracy, seconds, weights, state, parameters, bytes, precision, microseconds, picture FROM copy.digitnet_models;
SELECT sum(digit_embedding(pixels) = digit_embedding(pixels, 'copy')) FROM images;
DELETE FROM digitnet_models WHERE name = 'copy';
SELECT digit_predict(pixels, 'copy') FROM images;

.print -- only top-level SQL trains
CREATE VIEW sly AS SELECT * FROM train_model('images');
SELECT * FROM sly;
CREATE TRIGGER slyer AFTER INSERT ON runs BEGIN SELECT epoch FROM train_model('images'); END;
INSERT INTO runs VALUES(0, 0);
PRAGMA integrity_check;
