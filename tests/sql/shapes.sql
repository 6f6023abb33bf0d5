-- Images that are no grey squares: digit_png, digit_show, digit_sheet, digit_image and
-- digit_saliency.
.load ./digitnet
-- A white, a red, a green and a blue pixel above, black ones below: 2×4 in colours.
CREATE TABLE flag AS SELECT x'FFFFFFFF000000FF000000FF000000000000000000000000' AS pixels;

.print -- width, height, depth and colour type of a PNG; each pixel scaled; what it holds, as grey
SELECT hex(substr(digit_png(pixels, 1, '2x4x3'), 17, 10)), hex(substr(digit_png(pixels, 5, '2X4x3'), 17, 10)) FROM flag;
SELECT hex(substr(digit_png(zeroblob(24), NULL, '4x6'), 17, 10)), hex(substr(digit_png(zeroblob(24), 1, '4x6x1'), 17, 10));
SELECT digit_png(pixels, 1, '2x4x3') = digit_png(digit_image(pixels, '2x4x3'), 1, '2x4x3'), length(digit_image(pixels, '2x4x3')) FROM flag;
SELECT digit_png(x'FF00', 1, '1x1x2') = digit_png(x'80'), digit_png(x'00FF0011', 1, '1x1x4') = digit_png(x'44');

.print -- a square of three channels needs no shape, in uint8 and in float32; nor has a grey one any less
SELECT digit_png(x'FF8000') = digit_png(x'FF8000', 1, '1x1x3'), digit_png(CAST(printf('%.3072c', 'z') AS BLOB)) = digit_png(CAST(printf('%.3072c', 'z') AS BLOB), 1, '32x32x3'),
       digit_png(digit_image(x'FF8000')) = digit_png(x'FF8000'), digit_png(CAST(printf('%.784c', 'z') AS BLOB)) = digit_png(CAST(printf('%.784c', 'z') AS BLOB), 1, '28x28');
SELECT hex(digit_image(x'FF3300'));

.print -- a PNG is made a digit of the shape's size, which has one channel; three keep its colours
CREATE TABLE digit AS SELECT digit_png(pixels, 2) AS png FROM synthetic_digits(1);
SELECT length(digit_image(png)), length(digit_image(png, '20x30')), hex(substr(digit_png(png, 1, '20x30'), 17, 8)) FROM digit;
SELECT hex(substr(digit_png(png, 1, '28x28x3'), 17, 10)) FROM digit;
SELECT digit_png(png, 1, '28x28x3', 'digit') FROM digit;
SELECT digit_png(png, 1, '28x28x4') FROM digit;
SELECT digit_png(png, 1, '28x28', 'bild') FROM digit;

.print -- fit, crop and stretch: the mean of the border around; the middle; all of it. A PNG's own size
CREATE TABLE wide AS SELECT digit_png(x'002800500078', 1, '1x6') AS png;
SELECT digit_shape(png), length(digit_image(png)), length(digit_image(png, NULL, 'fit')) FROM wide;
SELECT column1, (SELECT group_concat(printf('%g', 255 * value), ' ') FROM digit_pixels(png, column2, column1)) FROM wide, (VALUES ('fit', '3x3'), ('crop', '1x3'), ('stretch', '2x3'), ('FIT', NULL), ('stretch', '1x2x3'));
SELECT digit_show(png, NULL, 0, '2x3', 'stretch'), digit_png(png, 1, '1x3', 'crop') = digit_png(digit_image(png, '1x3', 'crop'), 1, '1x3'),
       digit_sheet(png, NULL, '1x3', 'crop') = digit_sheet(digit_image(png, '1x3', 'crop'), NULL, '1x3') FROM wide;

.print -- the values of images in bytes and in floats, each k/255 where it stands for that
SELECT y, x, channel, value, value = 51 / 255.0 FROM digit_pixels(x'00330066FF99', '1x2x3');
SELECT group_concat(value, ' ') FROM digit_pixels(digit_image(x'00330066'));
SELECT printf('%.10f', value) FROM digit_pixels(x'FFFF7F3F', '1x1');
SELECT count(*), sum(a.value = b.value) FROM digit, digit_pixels(png) AS a JOIN digit_pixels(digit_image(png)) AS b USING (y, x, channel);
SELECT count(*) FROM digit_pixels(NULL);
SELECT * FROM digit_pixels;
SELECT * FROM digit_pixels(x'00', '2x2');
SELECT * FROM digit_pixels(x'00', 'two');
SELECT * FROM digit_pixels(x'00', '1x1', 'two');
SELECT image = x'00', shape, picture FROM digit_pixels(x'00', '1x1', 'fit');

.print -- the shape of a PNG, or of what bytes tell; NULL where they do not; an error for what is no image
SELECT digit_shape(digit_png(pixels, 3, '2x4x3')), digit_shape(digit_png(x'00FF', 2, '1x2')), digit_shape(zeroblob(3072)), digit_shape(NULL) FROM flag;
SELECT digit_shape(zeroblob(784)), digit_shape(digit_image(zeroblob(784))), digit_shape(zeroblob(700)) IS NULL, digit_shape(CAST(printf('%.4096c', char(0x4f)) AS BLOB));
SELECT digit_shape('text');
SELECT digit_shape(x'FFD8FFE000104A464946');
SELECT digit_shape(x'89504E470D0A1A0A');

.print -- in blocks by its brightness, as high as its width makes it; in colours
SELECT '[' || digit_show(pixels, NULL, 0, '2x4x3') || ']', '[' || digit_show(pixels, 8, NULL, '2x4x3') || ']' FROM flag;
SELECT replace(digit_show(pixels, NULL, 1, '2x4x3'), char(27), '<') FROM flag;
SELECT replace(digit_show(x'FF000000FF000000FF', NULL, 1, '3x1x3'), char(27), '<');
SELECT digit_show(x'FFFF00FF00FF', NULL, 0, '2x3'), digit_show(x'FFFF00FF00FF', NULL, 0, '3x2'), digit_show(x'FFFF00FF00FF', NULL, 0, '6x1');
SELECT length(digit_show(zeroblob(60), 1, 0, '60x1')), length(digit_show(zeroblob(60), 1, 0, '1x60')), length(digit_show(zeroblob(60), 512, 0, '1x60'));

.print -- a sheet: of two cells, of four
SELECT hex(substr(digit_sheet(pixels, NULL, '2x4x3'), 17, 10)), hex(substr(digit_sheet(pixels, 'flag', '2x4x3'), 17, 10)) FROM (SELECT * FROM flag UNION ALL SELECT * FROM flag);
SELECT hex(substr(digit_sheet(pixels, NULL, shape), 17, 10)) FROM (SELECT pixels, '2x4x3' AS shape FROM flag UNION ALL SELECT zeroblob(4), '4x1' UNION ALL SELECT NULL, NULL);

.print -- a model's shape is that of its first image, or is said; its reasons have it, too
CREATE TABLE tall AS SELECT id % 2 AS label, CAST(printf('%.*c', 60, char(33 + id % 2 * 80)) AS BLOB) AS pixels FROM synthetic_digits(40);
SELECT count(*) FROM train_model('tall', 'tall') WHERE shape = '10x6' AND layers = 'softmax' AND epochs = 1;
CREATE TABLE rgb AS SELECT id % 2 AS label, CAST(printf('%.*c', 75, char(33 + id % 2 * 80)) AS BLOB) AS pixels FROM synthetic_digits(40);
SELECT count(*) FROM train_model('rgb', 'rgb') WHERE layers = 'softmax' AND epochs = 1;
SELECT name, shape FROM digitnet_models ORDER BY name;
SELECT hex(substr(digit_saliency(pixels, 'tall'), 17, 8)), hex(substr(digit_png(pixels, 1, shape), 17, 8)) FROM tall, digitnet_models WHERE name = 'tall' LIMIT 1;
SELECT hex(substr(digit_saliency(pixels, 'rgb'), 17, 8)), hex(substr(digit_png(pixels), 17, 8)) FROM rgb LIMIT 1;

.print -- what is no shape, or not that of the image
SELECT digit_png(x'00', 1, '1');
SELECT digit_show(x'00', 1, 0, '1x1x');
SELECT digit_sheet(x'00', '', 'square');
SELECT digit_image(x'00', 28);
SELECT digit_image(x'00', x'3178');
SELECT digit_png(x'00', 1, '0x1');
SELECT digit_png(x'00', 1, '5000x1');
SELECT digit_png(x'0000', 1, '1x3');
SELECT digit_show(zeroblob(600), 512, 0, '600x1');
SELECT digit_png(NULL, 1, 'x') IS NULL, digit_show(NULL, 1, 1, 'x') IS NULL, digit_image(NULL, 'x') IS NULL, digit_png(x'FF', 1, NULL) = digit_png(x'FF');

.print -- rows without ink decide nothing: of the others most do
CREATE TABLE blank(pixels, label);
INSERT INTO blank VALUES (zeroblob(784), 0), (zeroblob(784), 1), (CAST(printf('%.784c', '~') AS BLOB), 1),
    (CAST(printf('%.784c', '0') AS BLOB), 0);
SELECT count(*) FROM train_model('blank', 'blank') WHERE layers = 'softmax' AND epochs = 1;
DELETE FROM blank;
INSERT INTO blank SELECT CAST(printf('%.784c', '~') AS BLOB), 3;
INSERT INTO blank SELECT pixels, label FROM synthetic_digits(40);
UPDATE blank SET pixels = zeroblob(3136) WHERE rowid IN (2, 3);
UPDATE blank SET pixels = CAST(printf('%.3136c', '~') AS BLOB) WHERE rowid = 1;
SELECT count(*) FROM train_model('blank', 'digits') WHERE layers = 'softmax' AND epochs = 1;
SELECT name, shape FROM digitnet_models WHERE name IN ('blank', 'digits');

-- Zeros may be bytes or floats: what has 28×28, the usual size, is that; others floats.
SELECT digit_shape(zeroblob(784)), digit_shape(zeroblob(3136)), digit_shape(zeroblob(1024)), length(digit_image(zeroblob(784)));
CREATE TABLE empty AS SELECT 1 AS id, zeroblob(784) AS pixels, 0 AS label UNION ALL SELECT 2, zeroblob(784), 1;
SELECT json_extract(train_model('empty', 'nothing', '{"layers": "softmax", "epochs": 1}'), '$.notes[0]');
SELECT shape FROM digitnet_models WHERE name = 'nothing';
