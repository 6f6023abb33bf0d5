-- digitnet_models of version 0.1, which had four columns less: it is read as it is, and
-- gets them with the next model that is written.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(60);
SELECT count(*) FROM (SELECT 1 FROM train_model('images', 'm') WHERE layers = '4N' AND epochs = 4 LIMIT 2);
ATTACH ':memory:' AS old;
CREATE TABLE old.digitnet_models(name TEXT NOT NULL, version INTEGER NOT NULL,
    active INTEGER NOT NULL DEFAULT 0, created TEXT, source TEXT, layers TEXT, shape TEXT, classes TEXT,
    options TEXT, seed INTEGER, epochs INTEGER, loss REAL, accuracy REAL, holdout_accuracy REAL,
    seconds REAL, weights BLOB, state BLOB, PRIMARY KEY(name, version));
INSERT INTO old.digitnet_models SELECT name, version, active, created, source, layers, shape, classes, options, seed,
    epochs, loss, accuracy, holdout_accuracy, seconds, weights, state FROM main.digitnet_models;
CREATE TABLE old.digitnet_epochs AS SELECT * FROM main.digitnet_epochs;

.print -- out of an old table, and into one
SELECT copy_model('old.m', 'main.copied');
SELECT name, version, epochs, parameters, bytes, precision FROM main.digitnet_models ORDER BY name;
SELECT copy_model('main.m', 'old.m');
SELECT name, version, active, parameters, bytes = length(weights), precision, microseconds > 0 FROM old.digitnet_models;
SELECT group_concat(name, ' ') FROM pragma_table_info('digitnet_models', 'old') WHERE cid > 14;
SELECT (SELECT group_concat(name || type) FROM pragma_table_info('digitnet_models', 'old'))
    = (SELECT group_concat(name || type) FROM pragma_table_info('digitnet_models', 'main'));

.print -- predicted, resumed, trained: the first write adds the columns, while a SELECT runs
DELETE FROM old.digitnet_models WHERE version = 2;
CREATE TABLE kept AS SELECT name, version, 1 AS active, created, source, layers, shape, classes, options, seed,
    epochs, loss, accuracy, holdout_accuracy, seconds, weights, state FROM old.digitnet_models;
DROP TABLE main.digitnet_models;
CREATE TABLE digitnet_models(name TEXT NOT NULL, version INTEGER NOT NULL,
    active INTEGER NOT NULL DEFAULT 0, created TEXT, source TEXT, layers TEXT, shape TEXT, classes TEXT,
    options TEXT, seed INTEGER, epochs INTEGER, loss REAL, accuracy REAL, holdout_accuracy REAL,
    seconds REAL, weights BLOB, state BLOB, PRIMARY KEY(name, version));
INSERT INTO digitnet_models SELECT * FROM kept;
SELECT count(*), count(digit_predict(pixels, 'm@1')) FROM images;
SELECT same FROM verify_model('m@1');
SELECT count(*) FROM pragma_table_info('digitnet_models');
BEGIN;
SELECT epoch FROM train_model('images', 'm') WHERE resume = 1;
SELECT count(*) FROM pragma_table_info('digitnet_models');
ROLLBACK;
SELECT count(*) FROM pragma_table_info('digitnet_models');
SELECT epoch, (SELECT count(*) FROM digitnet_models) FROM train_model('images', 'm') WHERE resume = 1;
SELECT version, epochs, parameters, bytes = length(weights), precision, microseconds BETWEEN 0.1 AND 1e6 FROM digitnet_models;
SELECT count(*) FROM train_model('images', 'm') WHERE layers = '4N' AND epochs = 1 AND precision = 'float16';
SELECT version, parameters, bytes = length(weights), precision FROM digitnet_models ORDER BY 1;
SELECT json_extract(import_model('n', export_model('m')), '$.version');
SELECT parameters, bytes = length(weights), precision, microseconds FROM digitnet_models WHERE name = 'n';

.print -- the built-in model has them too, but for its time, which is another one here
SELECT parameters, bytes = length(weights), precision, microseconds FROM digitnet_builtin;
INSERT INTO digitnet_models(name, version, weights, parameters) SELECT 'own', 1, weights, parameters FROM digitnet_builtin;
SELECT count(*) FROM digitnet_models AS m JOIN digitnet_builtin AS b USING (weights, parameters);
