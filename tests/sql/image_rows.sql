-- image_rows: any source's id, split, label and pixels, whatever it lacks.
.load ./digitnet
CREATE TABLE plain(label, pixels);
INSERT INTO plain SELECT label, pixels FROM synthetic_digits(3);
CREATE TABLE named AS SELECT 'train' AS split, 10 * id AS id, label, pixels FROM synthetic_digits(3);
CREATE VIEW seen AS SELECT 'n' || id AS id, pixels FROM named;
CREATE VIEW bare AS SELECT pixels FROM named;
SELECT id, split, label, length(pixels) FROM image_rows('plain');
SELECT id, split, label, length(pixels) FROM image_rows('named');
SELECT id, split, label, length(pixels), rowid FROM image_rows('seen');
SELECT split, label, length(pixels) FROM image_rows('bare');
SELECT id FROM image_rows('bare');
SELECT id FROM image_rows('named', 'label');
SELECT id, rowid FROM image_rows('named') WHERE id = 20;
SELECT id, rowid FROM image_rows('named') WHERE rowid = 2;
SELECT id, rowid FROM image_rows('seen') WHERE id = 'n10';
SELECT id, rowid FROM image_rows('seen') WHERE rowid = 3;
SELECT count(*) FROM image_rows('named') AS a JOIN image_rows('named') AS b USING (id);
SELECT * FROM image_rows('absent');
SELECT * FROM image_rows();
CREATE TEMP VIEW circle AS SELECT pixels FROM image_rows('temp.circle');
SELECT * FROM circle;
.print -- a label has the type of the model's labels: label = prediction as label = digit_predict(pixels)
CREATE TABLE csv(label TEXT, pixels);
INSERT INTO csv SELECT label, pixels FROM synthetic_digits(50);
SELECT avg(digit_predict(pixels) = label) = (SELECT avg(prediction = label) FROM predict_model('csv')) FROM csv;
SELECT count(*), sum(prediction = label) > 40, min(typeof(label)) FROM predict_model('csv');
SELECT json_extract(train_model('csv', 'text', '{"layers": "64N", "epochs": 1}'), '$.epochs');
CREATE TABLE numbers AS SELECT CAST(label AS REAL) AS label, pixels FROM csv;
SELECT avg(digit_predict(pixels, 'text') = CAST(CAST(label AS INTEGER) AS TEXT)) = (SELECT avg(prediction = label) FROM predict_model('numbers', 'text')) FROM numbers;
INSERT INTO csv VALUES('07', zeroblob(784)), (' 7', zeroblob(784)), ('', zeroblob(784)), (NULL, zeroblob(784)), ('99999999999999999999', zeroblob(784));
SELECT typeof(label), quote(label) FROM predict_model('csv') WHERE rowid > 50;
-- A name without a schema is temp's, main's, or an attached database's, as in SQLite.
ATTACH ':memory:' AS aux;
CREATE TABLE aux.places AS SELECT id, label, pixels FROM synthetic_digits(30, 3);
SELECT count(*) FROM image_rows('places');
CREATE TABLE main.places AS SELECT * FROM aux.places WHERE id < 20;
SELECT count(*) FROM image_rows('places');
CREATE TEMP VIEW places AS SELECT * FROM aux.places WHERE id < 10;
SELECT (SELECT count(*) FROM places), (SELECT count(*) FROM image_rows('places')), (SELECT count(*) FROM predict_model('places')),
    (SELECT count(*) FROM predict_model('places') WHERE id = 15), (SELECT count(*) FROM image_rows('main.places')), (SELECT count(*) FROM image_rows('aux.places'));
