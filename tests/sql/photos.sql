-- Training and predicting from PNGs that are no digits, as the model has it.
.load ./digitnet
-- 90 pictures of 20x30, a bar in one of three colours; in other sizes; in grey.
CREATE TABLE raw AS WITH RECURSIVE n(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n WHERE id < 89),
    k(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM k WHERE at < 599)
    SELECT id, (SELECT CAST(group_concat(CASE WHEN at / 30 - id % 13 IN (2, 3, 4) AND at % 30 > id % 7
        THEN CASE id % 3 WHEN 0 THEN x'FF2010' WHEN 1 THEN x'20D030' ELSE x'1020F0' END ELSE x'606468' END, '') AS BLOB) FROM k) AS rgb FROM n;
CREATE TABLE photos(id INTEGER PRIMARY KEY, pixels BLOB, label TEXT);
INSERT INTO photos SELECT id, digit_png(rgb, 1, '20x30x3'), substr('red  greenblue ', 1 + id % 3 * 5, 5) FROM raw;
CREATE VIEW sizes AS SELECT id, digit_png(digit_image(pixels, printf('%dx%dx3', 10 + id % 5, 12 + id % 4), 'stretch'), 1, printf('%dx%dx3', 10 + id % 5, 12 + id % 4)) AS pixels, label FROM photos;
CREATE VIEW grey AS SELECT id, digit_png(digit_image(pixels, '20x30', 'fit'), 4, '20x30') AS pixels, label FROM photos;
CREATE VIEW numbered AS SELECT id, pixels, id % 3 AS label FROM photos;
CREATE VIEW ten AS SELECT id, pixels, id % 10 AS label FROM photos;
CREATE TEMP VIEW made AS SELECT name, shape, json_extract(options, '$.picture') AS picture, json_extract(options, '$.rows') AS rows FROM digitnet_models;

.print -- their own size and colours; few of them are seen more often
SELECT json_extract(r, '$.epochs'), json_extract(r, '$.accuracy') > 0.99, json_extract(r, '$.notes') FROM (SELECT train_model('photos', 'p', '{"epochs": 9, "holdout": 0}') AS r);
SELECT name, json_extract(options, '$.epochs'), json_extract(options, '$.batch'), json_extract(options, '$.augment') FROM digitnet_models;
SELECT sum(digit_predict(pixels, 'p') = label), sum(prediction = label) FROM photos JOIN predict_model('photos', 'p') USING (id, label);
SELECT sum(digit_probabilities(p.pixels, 'p') = digit_probabilities(digit_image(p.pixels, '20x30x3', 'fit'), 'p')) FROM photos AS p;
SELECT hex(substr(digit_saliency(pixels, 'p'), 17, 8)) FROM photos LIMIT 1;

.print -- layers bring their own epochs; other sizes become squares, large ones smaller; grey has one channel
SELECT json_extract(r, '$.epochs'), json_extract(r, '$.notes') FROM (SELECT train_model('sizes', 's', '{"layers": "softmax", "epochs": 3}') AS r);
SELECT json_extract(r, '$.epochs'), json_extract(r, '$.notes') FROM (SELECT train_model('grey', 'g', '{"layers": "softmax", "epochs": 3}') AS r);
SELECT json_extract(r, '$.epochs'), json_extract(r, '$.notes') FROM (SELECT train_model('numbered', 'n', '{"layers": "softmax", "epochs": 1}') AS r);

.print -- the ten digits are digits, if nobody says another picture or a shape of three channels
SELECT json_extract(r, '$.notes') FROM (SELECT train_model('ten', 't', '{"layers": "softmax", "epochs": 1}') AS r);
SELECT json_extract(r, '$.notes') FROM (SELECT train_model('ten', 't3', '{"layers": "softmax", "epochs": 1, "shape": "9x9x3"}') AS r);
SELECT json_extract(r, '$.notes') FROM (SELECT train_model('ten', 'tf', '{"layers": "softmax", "epochs": 1, "picture": "FIT", "shape": "9x9"}') AS r);
SELECT json_extract(r, '$.notes') FROM (SELECT train_model('photos', 'd', '{"layers": "softmax", "epochs": 1, "picture": "digit"}') AS r);
SELECT json_extract(r, '$.notes') FROM (SELECT train_model('photos', 'c', '{"layers": "softmax", "epochs": 1, "picture": "crop", "shape": "12x12x3"}') AS r);
SELECT * FROM made;

.print -- letters that are no PNGs: a note says what their model makes of PNGs
CREATE VIEW letters AS SELECT char(65 + label % 3) AS label, pixels FROM synthetic_digits(60);
SELECT json_extract(train_model('letters', 'l', '{"layers": "softmax", "epochs": 1}'), '$.notes');
SELECT json_extract(train_model('letters', 'l', '{"layers": "softmax", "epochs": 1, "picture": "digit"}'), '$.notes');
SELECT json_extract(train_model('letters', 'l', '{"epochs": 1}'), '$.notes');
SELECT json_extract(options, '$.epochs'), json_extract(options, '$.batch'), json_extract(options, '$.augment') FROM digitnet_models WHERE name = 'l' ORDER BY version DESC LIMIT 1;
DELETE FROM digitnet_models WHERE name = 'l';
.print -- labels of 0 to 9 whose images are no digits in MNIST's form, such as clothes
CREATE VIEW halves AS SELECT label, CAST(substr(pixels, 393) || substr(pixels, 1, 392) AS BLOB) AS pixels
    FROM synthetic_digits(60, 1, 'world', 'uint8');
SELECT json_extract(train_model('halves', 'h', '{"layers": "softmax", "epochs": 1}'), '$.notes[0]'), digitnet_model('h', 'picture');
DELETE FROM digitnet_models WHERE name = 'h';

.print -- the model's bytes keep it; of one channel and digits, of three and fitted, they say nothing
SELECT name, hex(substr(weights, 17, 4)), instr(weights, CAST('PICT' AS BLOB)) > 0 FROM digitnet_models ORDER BY rowid;
SELECT copy_model('tf', 'copied'), copy_model('c', 'cropped');
SELECT sum(digit_probabilities(pixels, 'tf') = digit_probabilities(digit_image(pixels, '9x9', 'fit'), 'copied')),
       sum(digit_probabilities(pixels, 'cropped') = digit_probabilities(digit_image(pixels, '12x12x3', 'crop'), 'c')) FROM photos;
SELECT sum(confidence = digit_confidence(pixels, 'c')), sum(confidence = digit_confidence(digit_image(pixels, '12x12x3', 'fit'), 'c'))
    FROM photos JOIN predict_model('photos', 'c') USING (id, label);

.print -- resumed, repeated, searched for: the same picture
SELECT count(*) FROM train_model('photos', 'c') WHERE resume = 1 AND epochs = 2;
SELECT count(*) FROM train_model('photos', 'c') WHERE resume = 1 AND epochs = 3 AND picture = 'fit';
SELECT model, version, same FROM verify_model('c');
SELECT json_extract(options, '$.layers'), holdout_accuracy > 0.5 FROM search_model('photos', '{"layers": "softmax", "batch": [8, 16]}', 1) WHERE model = 'found' AND trials = 1 AND picture = 'stretch';
SELECT shape, picture FROM made WHERE name = 'found';

.print -- an ONNX file says nothing of it: an option does
SELECT json_extract(import_model('in', export_model('c')), '$.version'), json_extract(import_model('in', export_model('c'), '{"picture": "CROP"}'), '$.version'),
    json_extract(import_model('ten', export_model('tf'), '{"picture": "fit"}'), '$.version');
SELECT name, version, picture FROM digitnet_models WHERE name IN ('in', 'ten', 'p', 'c', 't') ORDER BY 1, 2;
SELECT sum(digit_predict(pixels, 'in') = digit_predict(pixels, 'c')), sum(digit_predict(pixels, 'ten') = digit_predict(pixels, 'tf')),
       sum(digit_predict(pixels, 'in@1') = digit_predict(digit_image(pixels, '12x12x3', 'fit'), 'c')) FROM photos;
SELECT import_model('in', export_model('c'), '{"picture": "digit"}');
SELECT import_model('in', export_model('c'), '{"picture": "round"}');
SELECT picture FROM digitnet_builtin;

.print -- what cannot be
SELECT train_model('photos', 'x', '{"picture": "photo"}');
SELECT train_model('photos', 'x', '{"picture": 7}');
SELECT train_model('photos', 'x', '{"picture": "digit", "shape": "9x9x3"}');
SELECT train_model('photos', 'x', '{"shape": "9x9x2"}');
SELECT name, type, value FROM digitnet_options WHERE name = 'picture';

.print -- a model that begins from another takes its shape and its picture
SELECT train_model('photos', 'from', '{"layers": "4C3-8N", "epochs": 1, "picture": "crop", "shape": "12x16x3"}') IS NOT NULL;
SELECT train_model('sizes', 'goes', '{"epochs": 1, "start": "from"}') IS NOT NULL, train_model('sizes', 'fits', '{"epochs": 1, "start": "from", "picture": "fit"}') IS NOT NULL;
SELECT train_model('photos', 'letters', '{"epochs": 1, "start": "builtin"}') IS NOT NULL;
SELECT train_model('photos', 'none', '{"epochs": 1, "start": "from", "shape": "12x12x3"}');
SELECT name, shape, picture FROM made WHERE name IN ('from', 'goes', 'fits', 'letters');
SELECT digitnet_model('goes'), digitnet_model('goes', 'shape'), digitnet_model('goes@1', 'PICTURE'), digitnet_model(NULL, 'picture'), digitnet_model('d', 'name');
SELECT digitnet_model('goes', 'colour');
SELECT digitnet_model('goes', 7);
SELECT digitnet_model('nobody', 'shape');

.print -- bytes that say nothing, as those of 0.1: a PNG is a digit, and what it repeats and resumes stays so
SELECT sum(digit_probabilities(pixels, 'd') = digit_probabilities(digit_image(pixels, '28x28', 'digit'), 'd')) FROM photos;
UPDATE digitnet_models SET options = json_remove(options, '$.picture'), picture = NULL WHERE name = 'd';
SELECT name, same FROM verify_model('d');
SELECT count(*) FROM train_model('photos', 'd') WHERE resume = 1 AND epochs = 2;
SELECT instr(weights, CAST('PICT' AS BLOB)) FROM digitnet_models WHERE name = 'd';

.print -- the worst mistakes as the model sees them: 12x16 in colours, side by side; of 48 columns, one below the other
SELECT count(*) FROM train_model('photos', 'wide') WHERE layers = 'softmax' AND epochs = 1 AND shape = '20x48x3';
UPDATE photos SET label = 'blue';
CREATE TEMP VIEW report_source AS SELECT 'photos' AS source;
CREATE TEMP TABLE of_model AS SELECT 'from' AS model;
CREATE TEMP VIEW report_model AS SELECT model FROM of_model;
.read sql/predictions.sql
.once build/tmp/worst.txt
.read sql/mistakes.sql
WITH t(text) AS (SELECT CAST(readfile('build/tmp/worst.txt') AS TEXT)),
    top(picture) AS (SELECT digit_show(p.pixels, NULL, 0, '12x16x3', 'crop') FROM photos AS p JOIN predictions USING (id)
    WHERE prediction <> 'blue' ORDER BY confidence DESC, id LIMIT 1)
SELECT instr(text, 'Model from@1') = 1, instr(text, substr(picture, 1, 16)) > 0 FROM t, top;
UPDATE of_model SET model = 'wide';
.once build/tmp/wide.txt
.read sql/mistakes.sql
WITH RECURSIVE files(file, text) AS (SELECT column1, CAST(readfile('build/tmp/' || column1) AS TEXT) FROM (VALUES ('wide.txt'), ('worst.txt'))),
    lines(file, line, rest) AS (SELECT file, '', text FROM files
    UNION ALL SELECT file, substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1) FROM lines WHERE rest <> '')
SELECT file, max(length(line)) <= 80, count(*) > 12, max((length(line) - length(replace(line, ' read as ', ''))) / 9) FROM lines GROUP BY file;
