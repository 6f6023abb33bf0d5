-- tutorial.sql - the statements of tutorial.md, which explains them.
--
--     sqlite3 mnist.db '.read sql/tutorial.sql'
--
-- Needs MNIST's files in ./mnist.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM read_mnist('mnist');
SELECT split, count(*), digit_shape(pixels) FROM images GROUP BY split;
SELECT label, count(*) FROM images WHERE split = 'train' GROUP BY label;
SELECT group_concat(printf('%3.0f', 255 * value), ' ')
FROM images, digit_pixels(pixels) WHERE id = 0 AND y BETWEEN 5 AND 12 AND x BETWEEN 10 AND 20
GROUP BY y;
SELECT min(value), max(value) FROM images, digit_pixels(pixels) WHERE id < 1000;
SELECT digit_show(pixels) FROM images WHERE id = 0;
SELECT epoch, round(loss, 4), round(accuracy, 4), round(holdout_accuracy, 4)
FROM train_model('images', 'ann', '{"layers": "100N", "epochs": 5}');
SELECT layers, shape, parameters FROM digitnet_models WHERE name = 'ann';
CREATE TEMP VIEW report_model AS SELECT 'ann' AS model;
.read sql/curve.sql
SELECT avg(digit_predict(pixels, 'ann') = label) FROM images WHERE split = 'test';
.read sql/predictions.sql
.read sql/confusion.sql
SELECT label, digit_predict(pixels, 'ann'), round(digit_confidence(pixels, 'ann'), 4)
FROM images WHERE split = 'test' LIMIT 1;
SELECT key, round(value, 4) FROM images, json_each(digit_probabilities(pixels, 'ann'))
WHERE images.id = 60000 AND value > 0.0001 ORDER BY value DESC;
