-- UPDATE … FROM predict_model, also where it changes what is predicted.
-- Needs SQLite 3.33: UPDATE … FROM.
.load ./digitnet
CREATE TABLE images AS SELECT id, label, pixels FROM synthetic_digits(300);
CREATE TABLE tickets("no" INTEGER PRIMARY KEY, img BLOB, class INTEGER, guess);
INSERT INTO tickets(img, class) SELECT pixels, label FROM images;
DELETE FROM tickets WHERE "no" % 10 = 1;
CREATE VIEW open AS SELECT "no" AS id, img AS pixels, class AS label FROM tickets;
UPDATE tickets SET guess = p.prediction FROM predict_model('open') AS p WHERE p.id = tickets."no";
SELECT count(*), sum(guess IS digit_predict(img)) FROM tickets;

CREATE TABLE before AS SELECT id, prediction FROM predict_model('images');
UPDATE images SET id = images.id + 1, pixels = zeroblob(784) FROM predict_model('images') AS p WHERE p.id = images.id AND p.prediction = images.label;
SELECT count(*) FROM images WHERE digit_predict(pixels) IS digit_predict(zeroblob(784)) AND length(pixels) = 784;
SELECT count(*), sum(i.id = b.id + 1) FROM before AS b JOIN images AS i ON i.rowid = b.id + 1 WHERE b.prediction = i.label;
