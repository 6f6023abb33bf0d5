-- read_idx and read_mnist, on files of a few bytes made here: two images of 2×2.
.load ./digitnet
.print -- the files
SELECT sum(writefile('build/tmp/' || column1, column2)) FROM (VALUES
    ('images', x'0000080300000002000000020000000200FF0033FF000000'),
    ('images.gz', x'1F8B08000000000002FF6360E0606660606082E3FF0CC6FF810C005EEDB85118000000'),
    ('labels', x'00000801000000020705'),
    ('qmnist', x'00000C020000000200000003FFFFFFFF0000000100000002000000090000000100000002'),
    ('three', x'0000080100000003070503'),
    ('none', x'00000803000000000000001C0000001C'),
    ('short', x'0000080300000002000000020000000200FF0033FF0000'),
    ('many', x'00000803800000000000001C0000001C'),
    ('many.gz', x'1F8B08000000000002FF6360E0606E600003191006008170FEB310000000'),
    ('cut.gz', x'1F8B08000000000002FF6360E0606660606082E3FF0CC6'),
    ('float', x'00000D030000000200000001000000023F800000000000003F0000003FC00000'),
    ('halves', x'00000D010000000240E0000040F00000'));

.print -- plain and gzip
SELECT id, label, quote(pixels) FROM read_idx('build/tmp/images', 'build/tmp/labels');
SELECT id, label, quote(pixels) FROM read_idx('build/tmp/images.gz');
SELECT id, label FROM read_idx('build/tmp/images', 'build/tmp/qmnist');
SELECT count(*) FROM read_idx('build/tmp/none');

.print -- transposed
SELECT id, quote(pixels) FROM read_idx('build/tmp/images', NULL, 1);
SELECT quote(pixels) FROM read_idx('build/tmp/images') WHERE transpose = 0 AND id = 0;
SELECT DISTINCT images, labels, transpose FROM read_idx('build/tmp/images', NULL) WHERE transpose = NULL;
SELECT * FROM read_idx('build/tmp/images') WHERE transpose = 2;
SELECT * FROM read_idx('build/tmp/images') WHERE transpose = -1;
SELECT * FROM read_idx('build/tmp/images', NULL, 'yes');

.print -- no label file
SELECT id, label IS NULL FROM read_idx('build/tmp/images', NULL);
SELECT id FROM read_idx WHERE images = 'build/tmp/images' AND id = 1;

.print -- the arguments are columns
SELECT DISTINCT images, labels FROM read_idx('build/tmp/images', 'build/tmp/labels');

.print -- one cursor, several files
SELECT f.column1, r.id, hex(r.pixels) FROM
    (VALUES ('build/tmp/images'), ('build/tmp/images.gz'), ('build/tmp/none'), ('build/tmp/images')) f
    CROSS JOIN read_idx(f.column1) r WHERE r.id = 1;

.print -- arguments
SELECT * FROM read_idx;
SELECT * FROM read_idx WHERE labels = 'build/tmp/labels';
SELECT * FROM read_idx(NULL);
SELECT * FROM read_idx(1);
SELECT * FROM read_idx('build/tmp/images', x'00');
SELECT * FROM read_idx('build/tmp/images' || char(0) || 'x');
SELECT * FROM read_idx('a', 'b', 'c');
SELECT * FROM read_idx('a', 'b', 2);
SELECT * FROM read_idx('a', 'b', 1, 'uint8', 2);
SELECT * FROM read_mnist;
SELECT * FROM read_mnist(2.5);

.print -- files
SELECT * FROM read_idx('build/tmp/missing');
SELECT * FROM read_idx('build/tmp');
SELECT * FROM read_idx('/dev/zero');
SELECT * FROM read_idx('build/tmp/labels');
SELECT * FROM read_idx('build/tmp/short');
SELECT * FROM read_idx('build/tmp/many');
SELECT * FROM read_idx('build/tmp/many.gz');
SELECT * FROM read_idx('build/tmp/cut.gz');
SELECT * FROM read_idx('build/tmp/images', 'build/tmp/three');

.print -- a wrong value stops the row that has it, if it is asked for
SELECT id, hex(pixels) FROM read_idx('build/tmp/float') LIMIT 1;
SELECT id, hex(pixels) FROM read_idx('build/tmp/float') WHERE id = 1;
SELECT id FROM read_idx('build/tmp/float');
SELECT id, label FROM read_idx('build/tmp/images', 'build/tmp/halves') LIMIT 1;
SELECT sum(label) FROM read_idx('build/tmp/images', 'build/tmp/halves');

.print -- read_mnist
SELECT * FROM read_mnist('build/tmp/mnist');
SELECT count(writefile('build/tmp/mnist/' || column1, readfile('build/tmp/' || column2))) FROM (VALUES
    ('train-images-idx3-ubyte.gz', 'images.gz'), ('train-labels.idx1-ubyte', 'labels'),
    ('t10k-images.idx3-ubyte', 'images'));
SELECT * FROM read_mnist('build/tmp/mnist');
SELECT writefile('build/tmp/mnist/t10k-labels-idx1-ubyte', readfile('build/tmp/three'));
SELECT * FROM read_mnist('build/tmp/mnist');
SELECT writefile('build/tmp/mnist/t10k-labels-idx1-ubyte', readfile('build/tmp/labels'));
SELECT split, id, label, hex(pixels), dir FROM read_mnist('build/tmp/mnist');
SELECT split, count(*) FROM read_mnist('build/tmp/mnist') WHERE split = 'test';

.print -- a table of it
CREATE TABLE images AS SELECT * FROM read_mnist('build/tmp/mnist');
SELECT split, id, label, typeof(pixels) FROM images;

.print -- a function only, and not for views
CREATE VIRTUAL TABLE v USING read_idx;
CREATE VIEW w AS SELECT * FROM read_idx('build/tmp/images');
SELECT * FROM w;
CREATE VIEW x AS SELECT * FROM read_mnist('build/tmp/mnist');
SELECT * FROM x;

DROP VIEW IF EXISTS w;
DROP VIEW IF EXISTS x;
.print -- a byte a pixel
SELECT id, label, hex(pixels), type FROM read_idx('build/tmp/images', 'build/tmp/labels', 0, 'uint8');
SELECT id, hex(pixels) FROM read_idx('build/tmp/images.gz', NULL, 1) WHERE type = 'uint8';
SELECT count(*) FROM read_mnist('build/tmp/mnist', 'uint8') b JOIN read_mnist('build/tmp/mnist', 'float32') f
    USING (split, id, label) WHERE digit_image(b.pixels, '2x2') = digit_image(f.pixels, '2x2');
SELECT sum(a.pixels = b.pixels) FROM read_mnist('build/tmp/mnist') a JOIN read_mnist('build/tmp/mnist', NULL) b USING (id);
SELECT id FROM read_idx('build/tmp/float', NULL, 0, 'uint8');
SELECT pixels FROM read_idx('build/tmp/float', NULL, 0, 'uint8');
SELECT writefile('build/tmp/int', x'00000B0200000002000000020001000200FF0100');
SELECT id, hex(pixels) FROM read_idx('build/tmp/int', NULL, 0, 'uint8') LIMIT 1;
SELECT id, hex(pixels) FROM read_idx('build/tmp/int', NULL, 0, 'uint8');
SELECT id FROM read_mnist('build/tmp/mnist', 'int8');
SELECT id FROM read_mnist('build/tmp/mnist', 8);
