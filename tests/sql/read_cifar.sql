-- read_cifar, on files of one or two rows made here: a label, 1,024 reds, greens, blues.
.load ./digitnet
.print -- the files
CREATE TABLE row AS SELECT value AS n, char(value + 1) || 'r' || replace(hex(zeroblob(511)), '0', 'R') || 'R'
    || replace(hex(zeroblob(512)), '0', 'G') || replace(hex(zeroblob(511)), '0', 'B') || 'B' || 'b' AS bytes
FROM (SELECT 1 AS value UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 9);
SELECT sum(writefile('build/tmp/' || CASE WHEN n < 6 THEN 'data_batch_' || n ELSE 'test_batch' END || '.bin', CAST(bytes AS BLOB))) FROM row WHERE n <= 6;
SELECT writefile('build/tmp/data_batch_5.bin', CAST((SELECT bytes FROM row WHERE n = 5) || (SELECT bytes FROM row WHERE n = 6) AS BLOB));

.print -- rows
SELECT split, id, label, length(pixels), dir FROM read_cifar('build/tmp');
.print -- the first pixel, the second and the last: red, green, blue
SELECT y, x, channel, round(255 * value) FROM read_cifar('build/tmp'), digit_pixels(pixels, '32x32x3')
WHERE id = 0 AND (y = 0 AND x < 2 OR y = 31 AND x = 31);
SELECT count(*), count(DISTINCT rowid) FROM read_cifar('build/tmp');
SELECT count(*) FROM (SELECT 1 UNION ALL SELECT 2) CROSS JOIN read_cifar('build/tmp');

SELECT id, length(a.pixels), digit_image(a.pixels) = digit_image(b.pixels)
FROM read_cifar('build/tmp', 'uint8') AS a JOIN read_cifar('build/tmp', 'float32') AS b USING (id) WHERE id > 4;

.print -- errors
SELECT * FROM read_cifar('build/tmp', 'int8');
SELECT * FROM read_cifar;
SELECT * FROM read_cifar(NULL);
SELECT count(*) FROM read_cifar('build/tmp/none');
SELECT writefile('build/tmp/data_batch_2.bin', zeroblob(3072));
SELECT count(*) FROM read_cifar('build/tmp');
SELECT writefile('build/tmp/data_batch_2.bin', CAST((SELECT bytes FROM row WHERE n = 9) AS BLOB));
SELECT count(label) FROM read_cifar('build/tmp');
.print -- gzip: of two rows, and cut off within the second
SELECT writefile('build/tmp/data_batch_2.bin', x'1F8B0800000000000203EDD0010D00000C02A06FBE7F66830811C8010000335E010000EC28F31C1C5C02180000');
SELECT id, label FROM read_cifar('build/tmp') WHERE id < 4;
SELECT writefile('build/tmp/data_batch_2.bin', x'1F8B0800000000000203EDD001090000080330E1F6CF6C0DE15B84650000801AAB000000FE3B2C72842DBA170000');
SELECT count(label) FROM read_cifar('build/tmp');
CREATE VIEW v AS SELECT id FROM read_cifar('build/tmp');
SELECT * FROM v;
