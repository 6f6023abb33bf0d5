.load ./digitnet
.load ./vec0
CREATE TABLE images AS SELECT * FROM synthetic_digits(200);
CREATE VIRTUAL TABLE near USING vec0(embedding float[448]);
INSERT INTO near(rowid, embedding) SELECT id, digit_embedding(pixels) FROM images;
SELECT label FROM near JOIN images ON id = near.rowid
WHERE embedding MATCH digit_embedding(readfile('tests/drawn/7/109-nib-kraft-rgb8.png'))
  AND k = 5;

-- The nearest other image is of the same class, for nearly all.
CREATE TABLE others AS
SELECT i.label, (SELECT j.label FROM near JOIN images AS j ON j.id = near.rowid
                 WHERE embedding MATCH digit_embedding(i.pixels) AND k = 2
                   AND j.id <> i.id ORDER BY distance LIMIT 1) AS nearest FROM images AS i;
SELECT printf('nearest: %s', CASE WHEN avg(label = nearest) >= 0.95 THEN 'same class'
                             ELSE avg(label = nearest) END) FROM others;
