-- predict_model reads ahead: what it says is what digit_predict says, block after block,
-- and rows before a bad one are given out.
.load ./digitnet
CREATE TABLE many AS SELECT id, label, pixels FROM synthetic_digits(3000);
SELECT epoch FROM train_model('many') WHERE layers = '8C5-MP2' AND epochs = 1;
UPDATE many SET pixels = NULL WHERE id % 7 = 3 OR id BETWEEN 500 AND 900;
SELECT count(*), count(prediction), min(id), max(id), sum(id) FROM predict_model('many');
SELECT count(*) FROM predict_model('many') AS p JOIN many AS m USING (id)
    WHERE p.label IS NOT m.label OR p.prediction IS NOT digit_predict(m.pixels)
    OR p.confidence IS NOT digit_confidence(m.pixels);
SELECT count(*) FROM (SELECT id - lag(id) OVER () AS step FROM predict_model('many')) WHERE step <> 1;
SELECT id FROM predict_model('many') LIMIT 3 OFFSET 2996;

.print -- none, and nothing but NULLs
CREATE TABLE none(pixels);
SELECT count(*) FROM predict_model('none');
CREATE TABLE empty AS SELECT NULL AS pixels, 5 AS label FROM many;
SELECT count(*), count(prediction), sum(label) FROM predict_model('empty');

.print -- a bad row
UPDATE many SET pixels = x'00' WHERE id = 2000;
CREATE TABLE seen(id);
INSERT INTO seen SELECT id FROM predict_model('many') LIMIT 2000;
SELECT count(*), max(id) FROM seen;
SELECT count(*) FROM predict_model('many');
