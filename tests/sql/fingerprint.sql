-- fingerprint.sql - what is the same wherever the library runs, to the last bit: on
-- another system, with another C library, compiler, instruction set or zlib. Each line
-- is a name and what it sums up. A PNG file is told by its pixels: zlib's versions pack
-- them differently.
.load ./digitnet
SELECT 'png', digit_predict(readfile('tests/drawn/7/109-nib-kraft-rgb8.png')),
       hex(sha3(digit_image(readfile('tests/drawn/7/109-nib-kraft-rgb8.png')), 256));
CREATE TABLE images AS SELECT * FROM synthetic_digits(300, 5);
SELECT 'pixels', hex(sha3_query('SELECT id, label, pixels FROM images', 256));

-- Three trainings: every kind of layer and what changes images; float16, two threads and
-- a temperature, fitted on 120 held-out images;
-- a short one in which all that is random happens often.
CREATE TABLE few AS SELECT * FROM images WHERE id < 32;
CREATE TABLE runs AS
SELECT 'cnn' AS name, epoch, loss, holdout_loss FROM train_model('images', 'cnn')
WHERE layers = '8C3b-MP2-16C5v-AP2-D0.2-32N' AND epochs = 2 AND augment = 1 UNION ALL
SELECT 'half', epoch, loss, holdout_loss FROM train_model('images', 'half')
WHERE layers = 'mlp' AND epochs = 2 AND optimizer = 'sgd' AND precision = 'float16'
  AND threads = 2 AND holdout = 0.4 UNION ALL
SELECT 'often', epoch, loss, holdout_loss FROM train_model('few', 'often')
WHERE layers = '8C3b-MP2-8C5/2-AP2-8C3v-D0.2-24Nb' AND epochs = 2 AND batch = 16
  AND augment = 1 AND flip = 0.5 AND blank = 0.1 AND ema = 0.9;
SELECT 'epochs', hex(sha3_query('SELECT * FROM runs', 256));
SELECT name, epochs, printf('%.9f', loss), printf('%.9f', accuracy),
       hex(sha3(weights, 256)), hex(sha3(state, 256))
FROM digitnet_models ORDER BY name;

SELECT 'answers', m, hex(sha3(group_concat(digit_probabilities(pixels, m) ||
       hex(digit_embedding(pixels, m)) || hex(digit_image(digit_saliency(pixels, m)))), 256))
FROM images,
     (SELECT column1 AS m FROM (VALUES ('cnn'), ('half'), ('often'), ('builtin')))
WHERE id < 5 GROUP BY m;
SELECT 'batches', hex(sha3_query(
    'SELECT id, label, prediction, confidence FROM predict_model(''images'', ''cnn'')', 256));
SELECT 'pngs', group_concat(digit_predict(digit_png(pixels, 3))),
       hex(sha3(group_concat(hex(digit_image(digit_png(pixels, 3)))), 256))
FROM images WHERE id < 5;
SELECT 'sheet', hex(sha3(digit_image(digit_sheet(pixels, label)), 256)) FROM images WHERE id < 20;
SELECT 'show', hex(sha3(digit_show(pixels), 256)) FROM images WHERE id = 3;
SELECT 'onnx', hex(sha3(export_model('cnn'), 256)), hex(sha3(export_model('builtin'), 256));
