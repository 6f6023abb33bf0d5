-- copy_model: a model and its log under another name, or in another database.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(200);
SELECT json_extract(train_model('images', 'm', '{"layers": "8N", "epochs": 2}'), '$.version');

.print -- the next version of a name, active or not
SELECT copy_model('m', 'n'), copy_model('m@1', 'n', 0.0);
.print -- another database; a version of its own
ATTACH ':memory:' AS night;
SELECT copy_model('m', 'night.m'), copy_model('night.m', 'night.m@7', 0), copy_model('night.m@7', 'main.m');
SELECT 'main', name, version, active FROM main.digitnet_models
UNION ALL SELECT 'night', name, version, active FROM night.digitnet_models;

.print -- the same model: all columns, the log, what it says; and it can be resumed
SELECT count(DISTINCT hex(weights) || hex(state) || options || layers || loss || epochs) FROM digitnet_models;
SELECT count(*), count(DISTINCT loss) FROM night.digitnet_epochs;
SELECT sum(digit_predict(pixels, 'm') IS NOT digit_predict(pixels, 'n')) FROM images;
SELECT epoch FROM train_model('images', 'n') WHERE resume = 1 AND epochs = 3;

.print -- a name with a dot is written with its database
SELECT copy_model('m', 'main.v1.2'), copy_model('main.v1.2', 'main.v1.3');

.print -- errors
SELECT copy_model('night.m@7', 'night.m@7');
SELECT copy_model('night.absent', 'm');
SELECT copy_model('night.absent@3', 'm');
SELECT copy_model('temp.m', 'm');
SELECT copy_model('absent.m', 'm');
SELECT copy_model('m', 'nigth.m');
SELECT train_model('images', 'night.m');
SELECT import_model('night.m', export_model('m'));
SELECT copy_model('builtin', 'm');
SELECT copy_model('m', '');
SELECT copy_model('m', 7);
SELECT copy_model('m', 'n', 2);
SELECT copy_model('m@', 'n');
UPDATE digitnet_models SET weights = x'00' WHERE name = 'v1.3';
SELECT copy_model('main.v1.3', 'm');

.print -- all or nothing: in a transaction, and where a trigger refuses the log
SELECT count(*) FROM digitnet_models;
BEGIN;
SELECT copy_model('m', 'gone');
ROLLBACK;
CREATE TRIGGER no_log BEFORE INSERT ON digitnet_epochs BEGIN SELECT raise(FAIL, 'no log'); END;
SELECT copy_model('m', 'gone') FROM images LIMIT 2;
BEGIN;
CREATE TABLE mine(x);
SELECT copy_model('m', 'gone');
COMMIT;
SELECT (SELECT count(*) FROM digitnet_models), (SELECT count(*) FROM mine);

.print -- what is no model in the other file's table leaves main's as it is
DROP TRIGGER no_log;
CREATE TABLE night.kept AS SELECT * FROM night.digitnet_models;
DROP TABLE night.digitnet_models;
CREATE TABLE night.digitnet_models AS SELECT * FROM night.kept;
UPDATE night.digitnet_models SET name = 'odd' || rowid, active = 1;
UPDATE night.digitnet_models SET version = 2.5 WHERE name = 'odd1';
UPDATE night.digitnet_models SET weights = 'text' WHERE name = 'odd2';
SELECT copy_model('night.odd1', 'm');
SELECT copy_model('night.odd2', 'm');
SELECT copy_model('m', 'builtin@2');
SELECT name, version FROM digitnet_models WHERE name = 'm' AND active;
