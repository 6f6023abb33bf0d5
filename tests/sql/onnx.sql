-- ONNX files in and out. What others say of the same files: tests/onnx/run.sh.
.load ./digitnet
CREATE TABLE files(name PRIMARY KEY, bytes);
INSERT INTO files VALUES('torch_cnn', 0), ('torch_view', 0), ('torch_gap', 0),
    ('keras_cnn', 0), ('keras_rgb', 0), ('keras_gap', 0), ('cntk', 0);
UPDATE files SET bytes = readfile('tests/onnx/' || name || '.onnx');

-- What they are, and what they say of a piece of a digit.
SELECT name, import_model(name, bytes) FROM files;
SELECT name, version, active, layers, shape, classes, options FROM digitnet_models;
SELECT typeof(created), typeof(source), typeof(seed), epochs, typeof(loss), typeof(accuracy),
    typeof(holdout_accuracy), typeof(seconds), typeof(weights), typeof(state), count(*)
FROM digitnet_models GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
SELECT count(*) FROM digitnet_epochs;
CREATE TABLE pieces AS
    SELECT m.name, substr(d.pixels, 1201, 4 * h * w * substr(rest, instr(rest, 'x') + 1)) AS pixels
    FROM synthetic_digits(1, 5) AS d,
        (SELECT name, 0 + shape AS h, 0 + substr(shape, instr(shape, 'x') + 1) AS w,
             substr(shape, instr(shape, 'x') + 1) AS rest FROM digitnet_models) AS m;
SELECT name, digit_predict(pixels, name), printf('%.4f', digit_confidence(pixels, name))
FROM pieces;

-- A file that version 0.1 wrote, whose Gemm has transB = 0.
SELECT import_model('v01', readfile('tests/onnx/digitnet_0_1.onnx'));
SELECT digit_predict(p, 'v01'), printf('%.4f', digit_confidence(p, 'v01'))
FROM (SELECT substr(pixels, 1201, 192) AS p FROM synthetic_digits(1, 1));

-- Out and in again: the same bytes. Gemm's weights lie as PyTorch has them.
SELECT name, instr(export_model(name), CAST('transB' AS BLOB)) > 0 FROM digitnet_models
WHERE name IN ('torch_cnn', 'v01');
SELECT m.name, json_extract(import_model('again', export_model(m.name)), '$.version') AS version,
    (SELECT a.weights = m.weights FROM digitnet_models AS a
     WHERE a.name = 'again' AND a.active) AS same
FROM digitnet_models AS m WHERE m.name IN ('torch_cnn', 'torch_view', 'keras_rgb', 'cntk');
SELECT m.name, json_extract(import_model('again', export_model(m.name)), '$.version') AS version,
    (SELECT a.layers = m.layers FROM digitnet_models AS a
     WHERE a.name = 'again' AND a.active) AS same_layers,
    (SELECT digit_predict(pixels, 'again') = digit_predict(pixels, m.name)
     FROM pieces AS p WHERE p.name = m.name) AS same_class
FROM digitnet_models AS m WHERE m.name IN ('torch_gap', 'keras_gap');
SELECT export_model() = export_model('builtin'), export_model() = export_model(NULL),
    typeof(export_model());
SELECT json_extract(import_model('b', export_model()), '$.version');
SELECT count(*), sum(digit_probabilities(pixels) = digit_probabilities(pixels, 'b'))
FROM synthetic_digits(20);

-- What the file does not say.
SELECT import_model('said', bytes, '{"classes": ["a", "b", 3], "mean": 0.5, "std": 0.25,
    "shape": "6x8x3"}') FROM files WHERE name = 'keras_rgb';
SELECT classes, options FROM digitnet_models WHERE name = 'said';
SELECT digit_predict(pixels, 'said'), typeof(digit_predict(pixels, 'said'))
FROM pieces WHERE name = 'keras_rgb';
SELECT printf('%.4f', digit_confidence(pixels, 'keras_cnn')) FROM pieces WHERE name = 'keras_cnn';
SELECT import_model('keras_cnn', bytes, '{"std": 2}') FROM files WHERE name = 'keras_cnn';
SELECT version, active FROM digitnet_models WHERE name = 'keras_cnn';
SELECT printf('%.4f', digit_confidence(pixels, 'keras_cnn')) FROM pieces WHERE name = 'keras_cnn';
-- Classes travel with a file of ours.
SELECT import_model('travelled', export_model('said'));
SELECT classes FROM digitnet_models WHERE name = 'travelled';

-- What is in a file.
SELECT part, i.name, count, shape, type, supported, note FROM files, inspect_model(bytes) AS i
WHERE files.name = 'torch_view';
SELECT * FROM inspect_model(NULL);
SELECT * FROM inspect_model(x'0011');
SELECT * FROM inspect_model('text');
SELECT * FROM inspect_model(x'', 7);
SELECT * FROM inspect_model;

-- The usual normalisations of a network that was trained on another than 0..1.
CREATE TABLE digits AS SELECT id, pixels, digit_predict(pixels, 'builtin') AS label
FROM synthetic_digits(200, 4, 'mouse');
SELECT json_extract(import_model('half', export_model('builtin'), '{"mean": -1, "std": 2}'), '$.version');
SELECT json_extract(import_model('net', export_model('half'),
    json_object('mean', column1, 'std', column2, 'activate', 0)), '$.version')
FROM (VALUES (0, 1), (0.1307, 0.3081), (0.5, 0.5), (0, 1 / 255.0));
CREATE TEMP TABLE fit AS SELECT version, json_extract(options, '$.mean') AS mean,
    json_extract(options, '$.std') AS std,
    (SELECT avg(p.label = p.prediction) FROM predict_model('digits', 'net@' || version) AS p)
        AS accuracy
FROM digitnet_models WHERE name = 'net' ORDER BY accuracy DESC;
SELECT version, mean, std, accuracy > 0.9 FROM fit LIMIT 1;
UPDATE digitnet_models SET active = (version = (SELECT version FROM fit LIMIT 1))
WHERE name = 'net';
DELETE FROM digitnet_models WHERE name = 'net' AND NOT active;
SELECT count(*), min(version) FROM digitnet_models WHERE name = 'net';

-- A model to go on from, and one that cannot be repeated.
CREATE TABLE images AS WITH RECURSIVE i(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM i WHERE i < 39)
    SELECT i AS id, substr(d.pixels, 1201, 576) AS pixels, i % 10 AS label
    FROM i, synthetic_digits(1, 3) AS d;
SELECT epoch FROM train_model('images', 'further')
WHERE start = 'torch_cnn' AND epochs = 2 AND holdout = 0;
SELECT layers, json_extract(options, '$.start') FROM digitnet_models WHERE name = 'further';
SELECT epochs, same, note FROM verify_model('torch_cnn');
SELECT * FROM train_model('images', 'torch_cnn') WHERE resume = 1;

-- From a network whose classes have a Sigmoid each: on with a Softmax.
SELECT json_extract(import_model('labels', readfile('tests/onnx/labels.onnx')), '$.version');
SELECT layers FROM digitnet_models WHERE name = 'labels';
CREATE VIEW four AS SELECT id, pixels, label % 4 AS label FROM images;
SELECT train_model('four', 'labels2', '{"start": "labels", "epochs": 1, "holdout": 0}') IS NULL;
SELECT layers FROM digitnet_models WHERE name = 'labels2';
SELECT same, note FROM verify_model('labels2');
DELETE FROM digitnet_models WHERE name IN ('labels', 'labels2');

-- Only queries at top level may import and export; a failed one leaves nothing.
CREATE VIEW v AS SELECT import_model('view', bytes) FROM files;
SELECT * FROM v;
DROP VIEW v;
CREATE VIEW w AS SELECT length(export_model('cntk')) > 5000 FROM files LIMIT 1;
SELECT * FROM w;
DROP VIEW w;
CREATE TABLE exported AS SELECT export_model('cntk') AS onnx;
INSERT INTO files(name) SELECT import_model('stored', bytes) FROM files;
BEGIN;
SELECT import_model('undone', bytes) FROM files WHERE name = 'cntk';
SELECT count(*) FROM digitnet_models WHERE name = 'undone';
ROLLBACK;
SELECT count(*) FROM digitnet_models WHERE name = 'undone';
SELECT json_extract(import_model('stored', bytes), '$.version') FROM files WHERE name LIKE 'keras%';
SELECT version, active FROM digitnet_models WHERE name = 'stored';

-- Errors.
SELECT export_model('none');
SELECT export_model(7);
SELECT export_model('torch_cnn@9');
SELECT import_model('x', NULL);
SELECT import_model('x', 'text');
SELECT import_model('x', x'');
SELECT import_model('x', x'0011');
SELECT import_model('x@1', bytes) FROM files;
SELECT import_model('builtin', bytes) FROM files;
SELECT import_model('', bytes) FROM files;
SELECT import_model('x', bytes, '{"classes": [1, 2]}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"classes": [1, 2, 1]}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"classes": [1, 2, 0.5]}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"classes": 3}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"classes": [1, 2, [3]]}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"mean": [0.1], "mean": 0.2}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"scale": 3}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"std": 0}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"mean": "x"}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"shape": "8x6x3"}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"shape": "8"}') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '{"mean": ') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '1') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '"mean"') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, 'null') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '["a"]') FROM files WHERE name = 'keras_rgb';
SELECT import_model('x', bytes, '') FROM files WHERE name = 'keras_rgb';
UPDATE digitnet_models SET options = 'null' WHERE name = 'further';
SELECT same, note FROM verify_model('further');
SELECT * FROM train_model('images', 'further') WHERE resume = 1 AND epochs = 3;
SELECT count(*) FROM digitnet_models WHERE name = 'x';
SELECT import_model('x', substr(bytes, 1, length(bytes) - 1)) FROM files WHERE name = 'cntk';
.print -- What it tells is JSON, whatever the name is, and classes must be such that it is.
CREATE TABLE odd(name);
INSERT INTO odd VALUES('a"b\c'), (char(10, 1, 127)), (CAST(x'61ff62c3' AS TEXT)), ('é😀');
SELECT json_valid(said), json_extract(said, '$.model') = name, hex(json_extract(said, '$.model'))
FROM (SELECT odd.name, import_model(odd.name, bytes) AS said FROM odd, files WHERE files.name = 'keras_gap');
SELECT hex(json_extract(train_model('images', CAST(x'61ff62' AS TEXT), '{"layers": "4N", "epochs": 1}'), '$.model'));
SELECT import_model('x', bytes, json_object('classes', json_array('a"', CAST(x'62ff' AS TEXT), 'c'))) FROM files WHERE name = 'keras_rgb';
SELECT json_valid(import_model('odd', bytes, json_object('classes', json_array('a"', 'b\' || char(10), 'é'))))
FROM files WHERE name = 'keras_rgb';
SELECT json_valid(classes), json_extract(classes, '$[1]') = 'b\' || char(10) FROM digitnet_models WHERE name = 'odd';
