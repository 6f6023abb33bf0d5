-- sql/explore.sql over images written by hand.
.load ./digitnet
.headers on
CREATE TABLE images(split, id, label, pixels);

-- Nothing at all.
.read sql/explore.sql

-- uint8, 2×2; one row without a split and pixels, one without a label.
INSERT INTO images VALUES ('train', 1, 3, x'05FF0703'), ('train', 2, 3, x'05F00702'),
    ('train', 3, NULL, x'80808080'), ('test', 1, 'Öl', x'05FF0703'), (NULL, 4, 'b', NULL);
.read sql/explore.sql

-- float32, 3×3: 0.25, 0.5, 0.75, 0.5, 0.0625, 0.125, 0.5, 0.25, 0.5; and blobs of two
-- sizes.
DELETE FROM images;
INSERT INTO images VALUES ('x', 1, 1,
    x'0000803E0000003F0000403F0000003F0000803D0000003E0000003F0000803E0000003F');
.read sql/explore.sql
INSERT INTO images VALUES ('x', 1, 1, x'FF'), ('x', 2, 1, x'00');
.read sql/explore.sql

-- PNGs: grey, in colours, large; beside bytes that are no square.
DELETE FROM images;
INSERT INTO images VALUES ('png', 1, 'grey', digit_png(x'10802030', 1, '2x2')), ('png', 2, 'grey', digit_png(x'05FF0703', 1, '2x2')),
    ('png', 3, 'red', digit_png(x'FF0000400000', 1, '1x2x3')), ('png', 4, 'large', digit_png(zeroblob(100000), 1, '250x400')),
    ('png', 5, 'long', x'0102030405'), ('png', 6, 'none', NULL);
SELECT replace(digit_show(pixels, 2, 1, NULL, 'fit'), char(27), '<') AS shown FROM images WHERE id = 3;
.read sql/explore.sql
