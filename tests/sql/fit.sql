-- import_model's option fit: the usual mean and std are tried on a table.
.load ./digitnet
CREATE TABLE digits AS SELECT id, pixels, digit_predict(pixels) AS label
FROM synthetic_digits(60, 4);
-- Networks for pixels of -1..1, of 0..255, as MNIST's, and of 0..1.
CREATE TABLE made(name, mean, std);
INSERT INTO made VALUES ('signed', -1, 2), ('bytes', 0, 255), ('mnist', -0.1307 / 0.3081, 1 / 0.3081), ('plain', 0, 1);
SELECT name, json_extract(import_model(name, export_model('builtin'), json_object('mean', mean, 'std', std)), '$.version') FROM made;
SELECT name, json_extract(import_model('net', export_model(name), '{"fit": "digits"}'), '$.version') FROM made;
SELECT version, json_extract(options, '$.mean'), round(json_extract(options, '$.std'), 6), json_extract(options, '$.fit'),
    (SELECT sum(label = prediction) FROM predict_model('digits', 'net@' || version))
FROM digitnet_models WHERE name = 'net' ORDER BY version;
-- MNIST's pair gives as many their label as that of -1..1, at more loss.
CREATE VIEW third AS SELECT * FROM digits WHERE id <= 20;
SELECT json_extract(import_model('tie', export_model('signed'), '{"fit": "third"}'), '$.version');
SELECT json_extract(options, '$.mean'), json_extract(options, '$.fit.accuracy') FROM digitnet_models WHERE name = 'tie';
-- What the plain import says and does.
SELECT version, active FROM digitnet_models WHERE name = 'net' AND active;
SELECT json_extract(import_model('wrong', export_model('bytes')), '$.version');
SELECT sum(label = prediction) < 20 FROM predict_model('digits', 'wrong');
-- ImageNet's, of three channels; labels that are texts; rows that are left out.
CREATE TABLE few AS SELECT id, CASE WHEN label = 1 THEN 'one' WHEN label = 0 THEN 'none' ELSE 'c' END AS label,
    substr(pixels, 350, 75) AS pixels FROM synthetic_digits(300, 7);
SELECT count(*) FROM train_model('few', 'rgb') WHERE layers = 'softmax' AND shape = '5x5x3' AND epochs = 20 AND threads = 1;
SELECT json_extract(import_model('imagenet', export_model('rgb'),
    json_object('mean', json_array(-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225),
        'std', json_array(1 / 0.229, 1 / 0.224, 1 / 0.225))), '$.version');
CREATE TABLE colours AS SELECT id, digit_predict(pixels, 'rgb') AS label, pixels, 'train' AS split FROM few WHERE id <= 200;
SELECT label, count(*) > 1 FROM colours GROUP BY label;
INSERT INTO colours SELECT id + 200, CASE WHEN id % 2 THEN 'c' END, pixels, CASE WHEN id % 2 THEN 'test' ELSE 'train' END FROM colours;
SELECT import_model('rgb', export_model('imagenet'), '{"fit": "main.colours", "activate": 0}');
SELECT json_extract(options, '$.mean'), json_extract(options, '$.std'), json_extract(options, '$.fit'), active FROM digitnet_models WHERE name = 'rgb' AND version = 2;
-- A file that says nothing says so.
SELECT import_model('torch', readfile('tests/onnx/torch_cnn.onnx'));
SELECT json_extract(options, '$.note') FROM digitnet_models WHERE name = 'torch';
-- Inverted ink: the network gets 1 - x; twice, and it gets x.
SELECT json_extract(import_model('dark', export_model('builtin'), '{"mean": 1, "std": -1}'), '$.version');
SELECT json_extract(import_model('light', export_model('dark'), '{"mean": 1, "std": -1}'), '$.version');
SELECT sum(label = digit_predict(pixels, 'dark')) < 20, sum(label = digit_predict(pixels, 'light')) FROM digits;
-- A mean and std of 0..255. A large std says nothing: beside a mean below 0, say.
SELECT import_model('x', export_model('plain'), '{"mean": 33.3, "std": 78.6}');
SELECT import_model('x', export_model('plain'), '{"mean": 127.5}');
SELECT import_model('x', export_model('imagenet'), '{"mean": [0, 116.28, 103.53], "std": [1, 57.12, 57.375]}');
SELECT json_extract(import_model('scaled', export_model('plain'), '{"mean": 1.5, "std": 255}'), '$.std'),
    json_extract(import_model('scaled', export_model('plain'), '{"mean": -300, "std": 78.6}'), '$.mean');
-- Given, a mean and std of which nothing is left of 0..1 are a note: 255 for pixels / 255
-- or any beside what the file does. What the file multiplies again is none.
SELECT json_extract(import_model('scaled', export_model('plain'), '{"std": 255}'), '$.notes');
SELECT json_extract(options, '$.note') FROM digitnet_models WHERE name = 'scaled' AND active;
SELECT json_extract(import_model('scaled', export_model('scaled'), '{"std": 0.00392156862745098}'), '$.notes');
-- Errors.
SELECT import_model('x', export_model('bytes'), '{"fit": "digits", "std": 1}');
SELECT import_model('x', export_model('bytes'), '{"fit": "nothing"}');
SELECT import_model('x', export_model('bytes'), '{"fit": 1}');
SELECT import_model('x', export_model('bytes'), '{"fit": "made"}');
CREATE VIEW none AS SELECT * FROM digits WHERE label IS NULL;
CREATE VIEW one AS SELECT id, pixels, 7 AS label FROM digits;
CREATE VIEW words AS SELECT id, pixels, 'seven' AS label FROM digits;
CREATE VIEW turned AS SELECT id, pixels, 9 - label AS label FROM digits;
SELECT import_model('x', export_model('bytes'), '{"fit": "none"}');
SELECT import_model('x', export_model('bytes'), '{"fit": "one"}');
SELECT import_model('x', export_model('bytes'), '{"fit": "words"}');
SELECT import_model('x', export_model('bytes'), '{"fit": "turned"}');
-- More than the commonest label, but not clearly: a network that reads noise.
CREATE VIEW nearly AS SELECT id, pixels, CASE WHEN id <= 9 THEN label ELSE 9 - label END AS label
FROM digits;
SELECT import_model('x', export_model('bytes'), '{"fit": "nearly"}');
SELECT count(*) FROM digitnet_models WHERE name = 'x';
