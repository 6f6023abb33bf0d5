-- synthetic_digits: the same digits for the same seed, everywhere.
.load ./digitnet
SELECT id, label, length(pixels) FROM synthetic_digits(3);
SELECT count(*), min(id), max(id), sum(label) FROM synthetic_digits(1000);
SELECT count(*) FROM synthetic_digits(0);

.print -- bit for bit: the float of each pixel is k/255; this is row 14 of a 1 and a 7
SELECT hex(substr(pixels, 1 + 14 * 112, 112)) FROM synthetic_digits(10) WHERE label IN (1, 7);

.print -- rows depend on seed and id alone
SELECT count(*) FROM synthetic_digits(20) a JOIN synthetic_digits(50, 1) b ON a.id = b.id
    WHERE a.pixels = b.pixels;
SELECT count(*) FROM synthetic_digits(20) a JOIN synthetic_digits(20, 2) b ON a.id = b.id
    WHERE a.pixels = b.pixels;
SELECT count(DISTINCT pixels) FROM synthetic_digits(500, -9223372036854775808);

.print -- the arguments are columns; whole REALs will do
SELECT id, n, seed FROM synthetic_digits(2, NULL);
SELECT id, n, seed FROM synthetic_digits WHERE n = 1 AND seed = 9;
SELECT count(*), n, seed FROM synthetic_digits(4.0, 3.0);
SELECT seed FROM synthetic_digits(1, NULL);
SELECT id, label, style FROM synthetic_digits(2, 1, 'World');
SELECT id, label, style FROM synthetic_digits(2) WHERE style = 'none';
SELECT style FROM synthetic_digits(1, 1, NULL);
SELECT column1, count(id) FROM (VALUES (2), (0), (3)) CROSS JOIN synthetic_digits(column1) GROUP BY 1;

.print -- each style has pictures of its own; 'pen' is what there is without one
SELECT column1, count(DISTINCT pixels), min(label), max(label), count(label)
    FROM (VALUES ('pen'), ('world'), ('print'), ('segments'), ('none'),
        ('mouse'), ('displays'), ('cursive'), ('cut'), ('miscut')) CROSS JOIN synthetic_digits(200, 1, column1) GROUP BY 1;
SELECT count(*) FROM synthetic_digits(20) a JOIN synthetic_digits(20, 1, 'pen') b ON a.id = b.id WHERE a.pixels = b.pixels;
SELECT count(*) FROM synthetic_digits(20) a JOIN synthetic_digits(20, 1, 'world') b ON a.id = b.id WHERE a.pixels = b.pixels;
SELECT hex(substr(pixels, 1 + 14 * 112, 112)) FROM synthetic_digits(2, 1, 'world') WHERE id = 1;

.print -- as bytes, the same
SELECT count(*), max(length(b.pixels)), sum(digit_image(b.pixels) = f.pixels), b.type
    FROM synthetic_digits(50, 3, 'world', 'uint8') b JOIN synthetic_digits(50, 3, 'world') f USING (id);
SELECT type FROM synthetic_digits(1) WHERE type = 'float32';
SELECT type FROM synthetic_digits(1, 1, NULL, NULL);

.print -- lazy: only three of two thousand million are drawn
SELECT count(pixels) FROM (SELECT pixels FROM synthetic_digits(2147483647) LIMIT 3);

.print -- arguments
SELECT * FROM synthetic_digits(1, -9.0e18);
SELECT * FROM synthetic_digits;
SELECT * FROM synthetic_digits(NULL);
SELECT * FROM synthetic_digits(-1);
SELECT * FROM synthetic_digits(2147483648);
SELECT * FROM synthetic_digits(1.5);
SELECT * FROM synthetic_digits(1e300);
SELECT * FROM synthetic_digits('ten');
SELECT * FROM synthetic_digits(x'01');
SELECT * FROM synthetic_digits(1, 'a seed that is so long that it is cut somewhere');
SELECT * FROM synthetic_digits(1, 0.5);
SELECT * FROM synthetic_digits(1, 2, 3);
SELECT * FROM synthetic_digits(1, 2, 'Welt');
SELECT * FROM synthetic_digits(1, 2, x'70656e');
SELECT * FROM synthetic_digits(1, 2, 'pen', 4);
SELECT * FROM synthetic_digits(1, 2, 'pen', 'float64');
SELECT * FROM synthetic_digits(1, 2, 'pen', 'uint8', 5);

.print -- a function only; it does no harm, so that a view may use it
CREATE VIRTUAL TABLE v USING synthetic_digits;
CREATE VIEW w AS SELECT count(*) FROM synthetic_digits(5);
PRAGMA trusted_schema = OFF;
SELECT * FROM w;
