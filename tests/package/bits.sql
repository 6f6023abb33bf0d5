-- bits.sql - what every build of the library must print alike, to the last digit: weights
-- and state of a small training with all kinds of layers, and what the built-in model
-- says.
CREATE TABLE images AS SELECT * FROM synthetic_digits(32, 3);
SELECT epoch, loss, holdout_loss FROM train_model('images')
WHERE layers = '8C3b-MP2-8C5/2-AP2-8C3v-D0.2-24Nb' AND epochs = 2 AND batch = 16
  AND augment = 1 AND flip = 0.5 AND blank = 0.1 AND ema = 0.9;
SELECT hex(sha3(weights)), hex(sha3(state)) FROM digitnet_models;
SELECT hex(sha3(group_concat(digit_probabilities(pixels, 'builtin')))),
       hex(sha3(group_concat(hex(digit_embedding(pixels, 'builtin'))))),
       hex(sha3(group_concat(hex(digit_saliency(pixels, 'builtin')))))
FROM (SELECT pixels FROM images LIMIT 2);
CREATE TABLE few AS SELECT * FROM images LIMIT 5;
SELECT hex(sha3(group_concat(prediction || ' ' || confidence)))
FROM predict_model('few', 'builtin');
