-- digit_read, digit_read_confidence and digit_find: numbers in pictures.
.load ./digitnet
CREATE TABLE digits AS SELECT * FROM synthetic_digits(200);
CREATE TABLE pngs AS SELECT id, label, digit_png(pixels, 3) AS png FROM digits;

.print -- a digit alone is a number
SELECT count(*), sum(digit_read(png) = label) > 190, sum(typeof(digit_read(png)) = 'text') FROM pngs;
SELECT sum(digit_read_confidence(png) = (SELECT min(confidence) FROM digit_find(p.png))) FROM pngs AS p;
SELECT count(*) < 3 FROM pngs, digit_find(png) WHERE line > 1 OR place > 1;

.print -- digit_find's pixels are what the model saw
SELECT count(*) > 190, sum(f.label IS digit_predict(f.pixels)) - count(*), sum(f.confidence IS digit_confidence(f.pixels)) - count(*),
       min(length(f.pixels)), max(length(f.pixels)) FROM pngs, digit_find(png) AS f;
SELECT typeof(line), typeof(place), typeof(x), typeof(y), typeof(width), typeof(height), typeof(f.label), typeof(confidence), typeof(f.pixels)
    FROM pngs, digit_find(png) AS f LIMIT 1;
SELECT sum(x >= 0 AND y >= 0 AND x + width <= 84 AND y + height <= 84 AND max(width, height) BETWEEN 55 AND 66) > 190 FROM pngs, digit_find(png);

.print -- the manual's examples; words; boxes are the picture's
SELECT digit_read(readfile('tests/numbers/059-comb-315429.png'));
SELECT line, group_concat(label, '') FROM digit_find(readfile('tests/numbers/061-twolines-323+85830.png')) GROUP BY line;
SELECT digit_read(readfile('tests/numbers/061-twolines-323+85830.png'));
SELECT line, place, x / 10, y / 10, width / 10, height / 10, label FROM digit_find(readfile('tests/numbers/059-comb-315429.png'));

.print -- digit_predict of several: what it sees of them, but half as sure; of one, as sure as of its image
CREATE VIEW many AS SELECT id, label, png AS pixels FROM several;
CREATE TABLE several AS SELECT a.id AS id, a.label AS label, digit_sheet(b.pixels) AS png FROM digits AS a JOIN digits AS b ON b.id IN (a.id, a.id + 1) WHERE a.id < 60 GROUP BY a.id;
SELECT count(*), max(digit_confidence(png)) <= 0.55001, sum(abs(digit_confidence(png) - 0.5 * digit_confidence(digit_image(png)) - 0.05) < 0.0001) > 57,
       sum(digit_predict(png) = digit_predict(digit_image(png))), max(abs((SELECT sum(value) FROM json_each(digit_probabilities(png))) - 1)) < 0.001 FROM several;
SELECT sum(confidence = digit_confidence(png)), sum(prediction = digit_predict(png)) FROM predict_model('many') JOIN several USING (id);
SELECT sum(confidence = digit_confidence(png)) FROM several JOIN predict_model('many') USING (id) WHERE several.id = 7;
SELECT sum(digit_confidence(png) = digit_confidence(digit_image(png))) > 195 FROM pngs;

.print -- nothing there, and NULL
SELECT digit_read(NULL) IS NULL, digit_read_confidence(NULL) IS NULL, digit_read(digit_png(zeroblob(784))) IS NULL,
       digit_read_confidence(digit_png(zeroblob(784))) IS NULL;
SELECT count(*) FROM digit_find(NULL);
SELECT count(*) FROM digit_find(digit_png(zeroblob(784)));
SELECT digit_read(NULL, 'nobody');

.print -- what is no PNG
SELECT digit_read(zeroblob(784));
SELECT digit_read(zeroblob(700));
SELECT digit_read('7');
SELECT digit_read_confidence(x'FFD8FFE0');
SELECT count(*) FROM digit_find(7);
SELECT * FROM digit_find;
SELECT digit_read(digit_png(zeroblob(784)), 'nobody');
SELECT * FROM digit_find(digit_png(zeroblob(784)), 'nobody');

.print -- a model of one's own, and one of another shape
SELECT max(epoch) FROM train_model('digits', 'mine', '{"layers": "8C5-MP2-32N", "epochs": 4}');
SELECT sum(CAST(digit_read(png, 'mine') AS INTEGER) = digit_predict(png, 'mine')) > 180, sum(digit_read(png, 'mine@1') = digit_read(png, 'mine')) FROM pngs;
CREATE TABLE small AS SELECT label, zeroblob(300) AS pixels FROM digits LIMIT 20;
SELECT max(epoch) FROM train_model('small', 'rgb', '{"layers": "softmax", "epochs": 1, "shape": "10x10x3"}');
SELECT digit_read(png, 'rgb') FROM pngs LIMIT 1;
