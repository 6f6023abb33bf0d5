-- digit_predict and its kin, and predict_model.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(400);
SELECT max(epoch) FROM train_model('images') WHERE layers = '8C5-MP2-32N' AND epochs = 6;

.print -- the four functions agree with each other
SELECT count(*) FROM images WHERE digit_predict(pixels) = label AND id < 100;
SELECT count(*) FROM images i WHERE digit_confidence(pixels) <>
    (SELECT max(value) FROM json_each(digit_probabilities(i.pixels)))
    AND abs(digit_confidence(pixels) - (SELECT max(value) FROM json_each(digit_probabilities(i.pixels)))) > 1e-7;
SELECT count(*) FROM images i WHERE digit_predict(pixels) <>
    (SELECT CAST(key AS INTEGER) FROM json_each(digit_probabilities(i.pixels)) ORDER BY value DESC LIMIT 1);
SELECT group_concat(key, ' '), round(sum(value), 5) FROM json_each((SELECT digit_probabilities(pixels) FROM images));
SELECT json_type(json_array(digit_probabilities(pixels)), '$[0]') FROM images LIMIT 1;
SELECT typeof(e), length(e) FROM (SELECT digit_embedding(pixels) AS e FROM images) GROUP BY 1, 2;
SELECT count(DISTINCT digit_embedding(pixels)) FROM images;

.print -- NULL, and the same image in both forms
SELECT digit_predict(NULL), digit_confidence(NULL), digit_probabilities(NULL), digit_embedding(NULL);
SELECT digit_predict(zeroblob(784)) = digit_predict(zeroblob(3136)),
       digit_probabilities(zeroblob(784)) = digit_probabilities(zeroblob(3136));
SELECT typeof(digit_predict(pixels)), typeof(digit_confidence(pixels)) FROM images LIMIT 1;

.print -- which model
SELECT max(epoch) FROM train_model('images', 'other') WHERE layers = 'softmax' AND epochs = 1;
SELECT digit_predict(pixels) = digit_predict(pixels, 'default'),
       digit_predict(pixels) = digit_predict(pixels, 'default@1'),
       digit_predict(pixels) = digit_predict(pixels, NULL) FROM images LIMIT 1;
SELECT sum(digit_embedding(pixels, 'other') = digit_embedding(pixels)) FROM images;

.print -- predict_model: the same answers, in order
SELECT id, label, prediction = label, typeof(confidence) FROM predict_model('images') LIMIT 3;
SELECT count(*), min(id), max(id), sum(prediction = digit_predict(pixels)), sum(confidence = digit_confidence(pixels)),
       sum(p.label = i.label) FROM predict_model('images') p JOIN images i USING (id);
SELECT count(*), sum(prediction = digit_predict(pixels, 'other')) FROM predict_model('images', 'other') p JOIN images i ON i.rowid = p.rowid;
SELECT sum(id < before) FROM (SELECT id, lag(id) OVER () AS before FROM predict_model('images'));

.print -- NULL pixels, no label, a view, WITHOUT ROWID, an empty table
CREATE TABLE holes(id TEXT PRIMARY KEY, pixels) WITHOUT ROWID;
INSERT INTO holes SELECT char(97 + id), CASE id WHEN 1 THEN NULL ELSE pixels END FROM images WHERE id < 4;
SELECT id, label, prediction IS NULL, confidence IS NULL FROM predict_model('holes');
CREATE VIEW backwards AS SELECT 'x' || label AS label, pixels FROM images ORDER BY id DESC;
SELECT p.rowid, p.label FROM predict_model('backwards') p LIMIT 3;
SELECT p.id FROM predict_model('backwards') p LIMIT 3;
SELECT label FROM images ORDER BY id DESC LIMIT 3;
CREATE TABLE empty(pixels, label);
SELECT * FROM predict_model('empty');
SELECT count(*) FROM predict_model('backwards') WHERE confidence > 2;
SELECT a.id, b.id FROM predict_model('images') a JOIN predict_model('images') b ON a.id = b.id LIMIT 2;

.print -- in views and triggers, with a schema that is not trusted
PRAGMA trusted_schema = OFF;
CREATE VIEW answers AS SELECT label, digit_predict(pixels) AS prediction FROM images;
SELECT count(*) FROM answers;
PRAGMA trusted_schema = ON;
SELECT count(*) FROM answers;
CREATE VIEW more AS SELECT * FROM predict_model('images');
SELECT count(*) FROM more;
DROP VIEW more;
CREATE TEMP VIEW own AS SELECT * FROM predict_model('images');
SELECT count(*) FROM own;
