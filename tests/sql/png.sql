-- PNG in and out: digit_png, digit_image, read_png, and PNGs where an image is taken.
.load ./digitnet
CREATE TABLE digits AS SELECT * FROM synthetic_digits(200);
CREATE TABLE pngs AS SELECT id, label, digit_png(pixels) AS pixels FROM digits;

.print -- what is written is read back bit for bit; the same again gives the same bytes
SELECT count(*), sum(digit_image(p.pixels) IS d.pixels), sum(digit_png(p.pixels) IS p.pixels)
    FROM digits d JOIN pngs p USING(id);
SELECT typeof(pixels), hex(substr(pixels, 1, 33)) FROM pngs WHERE id = 0;
SELECT sum(digit_show(p.pixels) IS digit_show(d.pixels)) FROM digits d JOIN pngs p USING(id);

.print -- sizes, depths: 1, 2, 4 and 8 bits; a scale enlarges
SELECT hex(substr(digit_png(x'FF0000FF'), 17, 10));
SELECT hex(substr(digit_png(x'FF5500AA'), 17, 10));
SELECT hex(substr(digit_png(x'FF1100EE'), 17, 10));
SELECT hex(substr(digit_png(x'FE1100EE'), 17, 10));
SELECT hex(substr(digit_png(x'FF0000FF', 64), 17, 10));
SELECT digit_png(x'FF0000FF', NULL) = digit_png(x'FF0000FF'), digit_png(x'FF0000FF', 3.0) = digit_png(x'FF0000FF', 3);

.print -- floats: 1, 0.5, 0; rounded to 255, 128, 0
SELECT digit_png(x'0000803F0000003F0000000000000080') = digit_png(x'FF800000');
SELECT hex(digit_image(x'FF330000')), hex(digit_image(x'0000803F0000003F0000000000000080'));

.print -- as bytes: what a float is the nearest to; they are read back the same
SELECT hex(digit_image(x'0000803F0000003F0000000000000080', NULL, NULL, 'uint8')), hex(digit_image(x'FF330000', '2x2', NULL, 'uint8'));
SELECT sum(digit_image(digit_image(d.pixels, NULL, NULL, 'uint8')) = d.pixels), min(length(digit_image(p.pixels, NULL, NULL, 'uint8'))),
       sum(digit_image(p.pixels, NULL, NULL, 'uint8') = digit_image(d.pixels, '28x28', 'fit', 'uint8')), sum(digit_image(d.pixels, NULL, NULL, 'float32') = d.pixels)
    FROM digits d JOIN pngs p USING(id);
SELECT length(digit_image(pixels, '20x30x3', 'crop', 'uint8')), digit_image(pixels, NULL, NULL, NULL) = digit_image(pixels) FROM pngs WHERE id = 0;
SELECT digit_image(x'00', NULL, NULL, 'float64');
SELECT digit_image(x'00', NULL, NULL, 8);

.print -- NULL; what is no image; what is no scale
SELECT digit_png(NULL) IS NULL, digit_png(NULL, 'x') IS NULL, digit_image(NULL) IS NULL;
SELECT digit_png(zeroblob(700));
SELECT digit_image('text');
SELECT digit_image(x'0000803F0000803F0000803F0000C07F');
SELECT digit_png(x'00', 0);
SELECT digit_png(x'00', 65);
SELECT digit_png(x'00', 2.5);
SELECT digit_png(x'00', '2');
SELECT digit_png(zeroblob(65 * 65), 64);

.print -- no PNG: cut off, damaged, too large
SELECT digit_image(x'89504E470D0A1A0A');
SELECT digit_image(substr(pixels, 1, length(pixels) - 1)) = digit_image(pixels) FROM pngs WHERE id = 0;
SELECT digit_image(substr(pixels, 1, length(pixels) - 30)) FROM pngs WHERE id = 0;
SELECT digit_png(substr(pixels, 1, 50) || x'00' || substr(pixels, 52)) FROM pngs WHERE id = 0;
SELECT digit_png(CAST(substr(pixels, 1, 50) || x'00' || substr(pixels, 52) AS BLOB)) FROM pngs WHERE id = 0;
SELECT digit_show(x'89504E470D0A1A0A0000000D49484452000186A0000186A008000000008D395414');

.print -- other formats are named, whatever their size; a path is to be read
SELECT digit_predict(CAST(x'FFD8FFE000104A46494600010100000100010000FFDB' || zeroblob(762) AS BLOB));
SELECT digit_image(x'FFD8FFE000104A464946');
SELECT digit_show('GIF89a');
SELECT digit_png('digits/seven.png');
SELECT digit_predict('data:image/png;base64,iVBORw0KGgo=');
SELECT digit_predict(CAST('iVBORw0KGgoAAAANSUhEUg' AS BLOB));
SELECT digit_predict(CAST('version https://git-lfs.github.com/spec/v1' AS BLOB));
SELECT digit_image(CAST('<!DOCTYPE html><title>404</title>' AS BLOB));
SELECT digit_sheet(CAST('%PDF-1.4' AS BLOB));
SELECT digit_image('seven');

.print -- ink or not, a PNG of any form gives 28x28
SELECT length(digit_image(digit_png(zeroblob(25), 5))), digit_image(digit_png(zeroblob(784))) = zeroblob(3136);

.print -- read_png: folders are labels, in the order of their names
SELECT count(writefile('build/tmp/d/' || column1, CASE column2 WHEN -1 THEN x'00' ELSE (SELECT pixels FROM pngs WHERE id = column2) END)) FROM (VALUES
    ('7/b.png', 7), ('7/a.PNG', 17), ('7/notes.txt', -1), ('7/.hidden.png', -1), ('10/x.png', 10), ('10/deep/y.png', -1),
    ('07/x.png', 27), ('-3/x.png', 33), ('seven/x.png', 37), ('0/x.png', 0), ('stray.png', 5), ('readme', -1));
SELECT path, label, typeof(label), (SELECT id FROM digits WHERE pixels = r.pixels) FROM read_png('build/tmp/d') r;
SELECT count(*), min(path), dir FROM read_png('build/tmp/d/');
SELECT count(*), sum(length(b.pixels) = 784), sum(digit_image(b.pixels, '28x28') = f.pixels)
    FROM read_png('build/tmp/d', NULL, NULL, 'uint8') b JOIN read_png('build/tmp/d') f USING (path);
SELECT path FROM read_png('build/tmp/d') WHERE type = 'bytes';
SELECT path FROM read_png('build/tmp/d/10');
SELECT count(*) FROM (VALUES ('build/tmp/d'), ('build/tmp/d/7'), ('build/tmp/d')) f CROSS JOIN read_png(f.column1);
CREATE TABLE mine AS SELECT * FROM read_png('build/tmp/d');
SELECT sql FROM sqlite_master WHERE name = 'mine';
SELECT count(writefile('build/tmp/e/' || column1 || '/x.png', (SELECT pixels FROM pngs WHERE id = 7))) FROM (VALUES
    ('-'), ('-0'), ('-10'), ('123456789012345678'), ('1234567890123456789'), ('12:'), ('1.5'));
SELECT label, typeof(label) FROM read_png('build/tmp/e');

.print -- a wrong file stops the row that has it, if its pixels are asked for
SELECT writefile('build/tmp/d/7/c.png', x'89504E470D0A1A0A'), writefile('build/tmp/d/7/d.png', 'no picture at all');
SELECT count(*) FROM read_png('build/tmp/d');
SELECT path, length(pixels) FROM read_png('build/tmp/d/7');
SELECT length(pixels) FROM read_png('build/tmp/d/7') WHERE path LIKE '%/d.png';
SELECT writefile('build/tmp/d/7/c.png', (SELECT substr(pixels, 1, 40) FROM pngs WHERE id = 0));
SELECT length(pixels) FROM read_png('build/tmp/d/7') WHERE path LIKE '%/c.png';

.print -- error IS NULL leaves such files out; error says what is wrong with each
SELECT path, length(pixels) FROM read_png('build/tmp/d/7') WHERE error IS NULL;
SELECT path, error FROM read_png('build/tmp/d/7') WHERE error IS NOT NULL;
SELECT count(*), sum(error IS NULL), sum(CASE WHEN error IS NULL THEN length(pixels) END) FROM read_png('build/tmp/d', NULL, NULL, 'uint8');
CREATE TABLE kept AS SELECT * FROM read_png('build/tmp/d') WHERE error IS NULL;
SELECT sql FROM sqlite_master WHERE name = 'kept';
SELECT path FROM read_png('build/tmp/d') WHERE error = 'x';

.print -- of another shape and picture; their own; more channels than a PNG has
SELECT pixels = digit_image((SELECT pixels FROM pngs WHERE id = 7), '20x30x3', 'fit') FROM read_png('build/tmp/e', '20x30x3') LIMIT 1;
SELECT length(pixels), shape, picture FROM read_png('build/tmp/e', '20x30x3', 'crop') LIMIT 1;
SELECT length(pixels), shape, picture FROM read_png('build/tmp/e', NULL, 'fit') LIMIT 1;
SELECT length(pixels) FROM (VALUES ('9x9'), ('20x30x3'), (NULL)) CROSS JOIN read_png('build/tmp/e/12:', column1, NULL);
SELECT pixels FROM read_png('build/tmp/e', '20x30x3', 'digit');
SELECT pixels FROM read_png('build/tmp/e', '20x30x4');

.print -- arguments
SELECT * FROM read_png;
SELECT * FROM read_png(NULL);
SELECT * FROM read_png('build/tmp/missing');
SELECT * FROM read_png('build/tmp/d/readme');
SELECT * FROM read_png('a', 'b');
SELECT * FROM read_png('a', '2x2', 'b');
SELECT * FROM read_png('a', '2x2', 'fit', 'uint8', 1);

.print -- functions that schemas may use, and a table that they may not
PRAGMA trusted_schema = OFF;
CREATE INDEX i ON digits(digit_png(pixels, 2)) WHERE id < 3;
CREATE VIEW v AS SELECT length(digit_image(digit_png(x'FF', 2))) FROM digits LIMIT 1;
SELECT * FROM v;
CREATE VIEW w AS SELECT * FROM read_png('build/tmp/d');
SELECT * FROM w;
CREATE VIRTUAL TABLE x USING read_png;
