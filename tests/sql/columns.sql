-- What every table-valued function has beside its columns: its arguments and options as
-- hidden columns, which read back as they were given, and a rowid, by which SQLite tells
-- rows of two calls apart.
.load ./digitnet
SELECT id, n, seed, style FROM synthetic_digits(2, 7, 'print');
SELECT rowid, name, version FROM digitnet_builtin;
SELECT rowid, epoch FROM digitnet_builtin_epochs WHERE epoch <= 2;
SELECT path FROM read_png('tests/drawn') AS p LIMIT 1;
SELECT count(*), count(DISTINCT rowid) FROM (SELECT rowid FROM read_png('tests/drawn/0')
    UNION ALL SELECT rowid FROM read_png('tests/drawn/1')
    UNION ALL SELECT rowid FROM read_png('tests/drawn/1'));
SELECT 1 FROM read_png('tests/drawn') AS p WHERE p.rowid = 1;

CREATE TABLE few AS SELECT id, label, pixels FROM synthetic_digits(4, 1);
SELECT rowid, source, model, id FROM predict_model('few', 'builtin');
SELECT p.rowid, p.model FROM predict_model('few', NULL) AS p WHERE id > 2;

.print -- options given are read back, of every kind
SELECT epoch, source, model, layers, epochs, batch, rate, seed, threads, optimizer, schedule,
    precision, shape
FROM train_model('few', 'm') WHERE layers = '4N' AND epochs = 2 AND batch = 2
    AND rate = 0.25 AND seed = 9 AND threads = 1 AND optimizer = 'sgd'
    AND schedule = 'constant' AND precision = 'float16' AND shape = '28x28' AND holdout = 0;
SELECT epoch, start, teacher FROM train_model('few', 'n')
WHERE layers = '4N' AND epochs = 1 AND holdout = 0 AND start = 'm' AND teacher = 'm';
.print -- resumed with all of them, and with each that is another
SELECT epoch FROM train_model('few', 'm') WHERE resume = 1 AND layers = '4N'
    AND epochs = 3 AND batch = 2 AND rate = 0.25 AND seed = 9 AND optimizer = 'sgd'
    AND schedule = 'constant' AND precision = 'float16' AND shape = '28x28' AND holdout = 0;
SELECT 'batch' FROM train_model('few', 'm') WHERE resume = 1 AND batch = 3;
SELECT 'rate' FROM train_model('few', 'm') WHERE resume = 1 AND rate = 0.5;
SELECT 'seed' FROM train_model('few', 'm') WHERE resume = 1 AND seed = 10;
SELECT 'optimizer' FROM train_model('few', 'm') WHERE resume = 1 AND optimizer = 'adamw';
SELECT 'schedule' FROM train_model('few', 'm') WHERE resume = 1 AND schedule = 'cosine';
SELECT 'precision' FROM train_model('few', 'm') WHERE resume = 1 AND precision = 'float32';
SELECT 'shape' FROM train_model('few', 'm') WHERE resume = 1 AND shape = '14x56';

.print -- a search: of too few rows, and of enough
SELECT * FROM search_model('few') WHERE holdout = 0.5;
CREATE TABLE more AS SELECT id, label, pixels FROM synthetic_digits(40, 1);
SELECT trial, source, model, json_valid(space), budget, seed, holdout, threads, shape
FROM search_model('more', '{"layers": "4N", "batch": [1, 2]}', 2)
WHERE model = 's' AND seed = 3 AND holdout = 0.5 AND threads = 1 AND shape = '28x28' LIMIT 1;
