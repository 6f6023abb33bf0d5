-- digit_saliency and digit_data_uri: pictures of reasons, and pictures as text.
.load ./digitnet
CREATE TABLE digits AS SELECT * FROM synthetic_digits(10);

.print -- 28x28, a palette; the same for the same image in any form, and for the model by name
SELECT count(*), min(hex(substr(s, 17, 8))), max(hex(substr(s, 26, 1))), count(DISTINCT s),
       sum(s IS digit_saliency(digit_png(pixels))), sum(s IS digit_saliency(pixels, 'builtin')), sum(s IS digit_saliency(pixels))
    FROM (SELECT pixels, digit_saliency(pixels) AS s FROM digits);
SELECT digit_saliency(NULL) IS NULL, length(digit_saliency(zeroblob(784))) < 120;
SELECT digit_saliency(zeroblob(700));
SELECT digit_saliency(zeroblob(784), 'nobody');
SELECT digit_saliency(7);

.print -- of a model of another shape, with colours
CREATE TABLE rgb AS SELECT id % 2 AS label, CAST(printf('%.*c', 60, char(33 + id % 2 * 80)) AS BLOB) AS pixels FROM digits;
SELECT count(*) FROM train_model('rgb', 'rgb') WHERE shape = '4x5x3' AND layers = '4C3' AND epochs = 2;
SELECT hex(substr(digit_saliency(pixels, 'rgb'), 17, 8)) FROM rgb LIMIT 1;

.print -- base64 (RFC 4648): 8, 9 and 10 bytes end with =, with nothing, and with ==
SELECT digit_data_uri(x'89504E470D0A1A0A'), digit_data_uri(x'89504E470D0A1A0AFB'), digit_data_uri(x'89504E470D0A1A0AFBFF');
SELECT digit_data_uri(digit_png(x'00'));
SELECT digit_data_uri(NULL) IS NULL;
SELECT digit_data_uri(x'89504E47');
SELECT digit_data_uri('png');
SELECT digit_data_uri(zeroblob(784));
