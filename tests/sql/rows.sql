-- What names a row, how one row is found, and what a statement that writes sees.
.load ./digitnet
.print -- its own id, which counts from 0 here; else the rowid; else what key names
CREATE TABLE images AS SELECT id, label, pixels FROM synthetic_digits(300);
SELECT count(*), sum(p.label = i.label) FROM predict_model('images') AS p JOIN images AS i USING (id);
SELECT count(*), sum(p.label = i.label) FROM predict_model('images') AS p JOIN images AS i ON i.rowid = p.rowid;
CREATE TABLE tickets("no" INTEGER PRIMARY KEY, img BLOB, class INTEGER, guess);
INSERT INTO tickets(img, class) SELECT pixels, label FROM images;
DELETE FROM tickets WHERE "no" % 10 = 1;
CREATE VIEW open AS SELECT "no" AS id, img AS pixels, class AS label FROM tickets;
SELECT count(*), sum(p.prediction IS digit_predict(img)) FROM predict_model('open') AS p JOIN tickets ON p.id = "no";
CREATE VIEW bare AS SELECT "no", img AS pixels, class AS label FROM tickets;
SELECT count(*), avg(prediction = label) > 0.9 FROM predict_model('bare');
SELECT id FROM predict_model('bare');
SELECT count(*) FROM predict_model('bare') AS p JOIN tickets ON "no" = id;
SELECT id, label FROM predict_model('bare') WHERE key = 'NO' LIMIT 2;
SELECT count(*), sum(prediction IS digit_predict(img)) FROM tickets LEFT JOIN predict_model('bare', NULL, 'no') ON id = "no";
CREATE TABLE plain(pixels, label);
INSERT INTO plain SELECT pixels, label FROM images LIMIT 3;
SELECT id, key, model FROM predict_model('plain', NULL, NULL);
SELECT id, key FROM predict_model('plain') WHERE key = 'OID';
SELECT id FROM predict_model('plain') WHERE key = 'id';
SELECT id, rowid FROM predict_model('images') WHERE key = 'rowid' LIMIT 2;
SELECT count(*) FROM predict_model('images') WHERE key = 'label' AND id = 3;

.print -- of any type, and never of another
CREATE TABLE texts(id TEXT PRIMARY KEY, pixels, label) WITHOUT ROWID;
INSERT INTO texts SELECT value, pixels, label FROM json_each('["7", "007", "a", "A", "7.0"]') AS e JOIN images AS i ON i.id = e.key;
SELECT id, typeof(id), label FROM predict_model('texts');
SELECT id FROM predict_model('texts') WHERE id = '7';
SELECT id FROM predict_model('texts') WHERE id IN ('a', '007', 'b') ORDER BY 1;
SELECT count(*) FROM predict_model('texts') AS p JOIN texts AS t USING (id) WHERE p.label IS t.label;
CREATE TABLE mixed(id, pixels, label);
INSERT INTO mixed SELECT CASE id % 6 WHEN 0 THEN id WHEN 1 THEN id + 0.5 WHEN 2 THEN '' || id WHEN 3 THEN CAST('' || id AS BLOB) WHEN 4 THEN NULL ELSE id / 6 END, pixels, label FROM images;
SELECT count(*) FROM mixed AS m JOIN mixed AS p WHERE p.id = m.id;
SELECT count(*) FROM predict_model('mixed') WHERE id IS NULL;

.print -- an id that several rows have, one that none has, a row without pixels
CREATE TABLE twice AS SELECT id / 100 AS id, CASE WHEN id % 3 THEN pixels END AS pixels, label FROM images;
SELECT count(*), count(prediction) FROM predict_model('twice') WHERE id = 1;
SELECT count(*) FROM predict_model('twice') WHERE id = 3;
SELECT count(*), count(prediction) FROM images LEFT JOIN predict_model('twice') AS p USING (id);
SELECT prediction IS NULL FROM predict_model('twice') WHERE rowid = 1;
SELECT count(*) FROM predict_model('twice') WHERE rowid = -1;
SELECT count(*) FROM predict_model('images') WHERE id = 3 OR rowid = 3 OR id = 299;

.print -- a bad row stops a scan where it is, and a look-up that finds it
CREATE TABLE bad AS SELECT * FROM images LIMIT 200;
UPDATE bad SET pixels = x'00' WHERE id = 150;
SELECT label FROM predict_model('bad') WHERE id = 151;
SELECT label FROM predict_model('bad') WHERE id = 150;
SELECT count(*) FROM images AS i LEFT JOIN predict_model('bad') AS p ON p.id = i.id WHERE i.id < 150;
SELECT count(*) FROM images AS i LEFT JOIN predict_model('bad') AS p ON p.id = i.id;
CREATE TABLE seen(id);
INSERT INTO seen SELECT id FROM predict_model('bad');
INSERT INTO seen SELECT id FROM predict_model('bad') LIMIT 150;
SELECT count(*), max(id) FROM seen;

.print -- what is written while it is read
CREATE TABLE q(label, pixels);
INSERT INTO q SELECT NULL, pixels FROM synthetic_digits(255);
INSERT INTO q SELECT prediction, NULL FROM predict_model('q');
SELECT count(*), count(label), count(pixels) FROM q;
INSERT INTO q SELECT prediction, pixels FROM predict_model('q') AS p JOIN q ON q.rowid = p.rowid;
SELECT count(*), count(label), count(pixels) FROM q;
CREATE VIEW both AS SELECT rowid AS id, * FROM q UNION ALL SELECT -rowid, * FROM q;
INSERT INTO q SELECT prediction, NULL FROM predict_model('both');
SELECT count(*) FROM q;
CREATE TABLE w(k TEXT PRIMARY KEY, pixels) WITHOUT ROWID;
INSERT INTO w SELECT printf('%04d', id), pixels FROM images;
INSERT INTO w SELECT id || '+', zeroblob(784) FROM predict_model('w', NULL, 'k');
SELECT count(*) FROM w;
UPDATE w SET pixels = zeroblob(784), k = k || (SELECT '=' || prediction FROM predict_model('w') AS p WHERE p.key = 'k' AND p.id = w.k) WHERE k LIKE '%+';
SELECT count(*), sum(k LIKE '%+=%'), sum(digit_predict(zeroblob(784)) = CAST(substr(k, -1) AS INTEGER)) FROM w WHERE k LIKE '%+%';
REPLACE INTO w SELECT id, NULL FROM predict_model('w') WHERE key = 'k' AND prediction = 1;
SELECT count(*), sum(pixels IS NULL) > 0 FROM w;
DELETE FROM images WHERE EXISTS (SELECT 1 FROM predict_model('images') AS p WHERE p.id <> images.id AND p.label = images.label);
SELECT count(*) FROM images;
