-- cache.sql - training sets larger than the budget for pixels: windows of rows, read
-- again from the table in each epoch.
.load ./digitnet
CREATE TABLE t(id, label, pixels);
INSERT INTO t SELECT id, label, pixels FROM synthetic_digits(4000);
CREATE TABLE sorted AS SELECT * FROM t ORDER BY label;
CREATE TABLE keyed(id INTEGER, label, pixels, PRIMARY KEY(id)) WITHOUT ROWID;
INSERT INTO keyed SELECT id, label, pixels FROM t;
CREATE VIEW v AS SELECT pixels, label FROM t;
-- Rows that take no part lie between the others, and rowids have gaps.
CREATE TABLE gaps(label, pixels);
INSERT INTO gaps(rowid, label, pixels) SELECT 3 * id - 5000, label, pixels FROM t;
INSERT INTO gaps(rowid, label) SELECT 3 * id - 4999, 7 FROM t WHERE id % 9 = 0;

.print "-- a budget of 1 MB for 3 MB of pixels: all sources give one model"
SELECT count(*) FROM train_model('t', 'table') WHERE cache_mb = 1 AND layers = '8C5/2-24N' AND epochs = 2;
SELECT count(*) FROM train_model('v', 'view') WHERE cache_mb = 1 AND layers = '8C5/2-24N' AND epochs = 2;
SELECT count(*) FROM train_model('keyed', 'keyed') WHERE cache_mb = 1 AND layers = '8C5/2-24N' AND epochs = 2;
SELECT count(*) FROM train_model('gaps', 'gaps') WHERE cache_mb = 1 AND layers = '8C5/2-24N' AND epochs = 2;
SELECT count(DISTINCT weights) AS models FROM digitnet_models;

.print "-- with room enough, another order and another model"
SELECT count(*) FROM train_model('t', 'whole') WHERE layers = '8C5/2-24N' AND epochs = 2;
SELECT count(DISTINCT weights) AS models FROM digitnet_models;

.print "-- one class after the other does no harm"
SELECT max(holdout_accuracy) > 0.9 FROM train_model('sorted') WHERE cache_mb = 1 AND layers = '8C5/2-24N' AND epochs = 4;

.print "-- resumed, the same as at once"
SELECT epoch FROM train_model('t', 'table') WHERE resume = 1 AND epochs = 3;
SELECT epoch FROM train_model('t', 'six') WHERE cache_mb = 1 AND layers = '8C5/2-24N' AND epochs = 4 LIMIT 2;
SELECT epoch FROM train_model('t', 'six') WHERE resume = 1;
SELECT count(*) FROM train_model('t', 'once') WHERE cache_mb = 1 AND layers = '8C5/2-24N' AND epochs = 4;
SELECT count(DISTINCT weights) = 1 FROM digitnet_models WHERE name IN ('six', 'once');

.print "-- out of range"
SELECT * FROM train_model('t') WHERE cache_mb = 0;
