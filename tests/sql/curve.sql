-- The training curve over logs written by hand: losses that are powers of two, of the
-- model that report_model names; without a holdout; long; and empty.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(60);
SELECT count(*) FROM train_model('images', 'a') WHERE layers = 'softmax' AND epochs = 1;
SELECT count(*) FROM train_model('images', 'b') WHERE layers = 'softmax' AND epochs = 1;
DELETE FROM digitnet_epochs;
CREATE TEMP VIEW report_model AS SELECT 'b' AS model;
INSERT INTO digitnet_epochs(name, version, epoch, loss, accuracy, holdout_loss, holdout_accuracy)
VALUES ('a', 1, 1, 9, 0.1, 9, 0.1), ('b', 1, 1, 1.0, 0.5, 0.5, 0.75), ('b', 1, 2, 0.25, 0.9, 0.25, 0.91),
       ('b', 1, 3, 0.125, 0.95, 0.375, 0.9), ('b', 1, 4, 0.0625, 1, 1, 0.8);
.read sql/curve.sql
UPDATE digitnet_epochs SET holdout_loss = NULL, holdout_accuracy = NULL;
.read sql/curve.sql
DELETE FROM digitnet_epochs;
.read sql/curve.sql
INSERT INTO digitnet_epochs(name, version, epoch, loss, accuracy) WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 95)
SELECT 'b', 1, i, 1.0 / i, 1 - 1.0 / i FROM n;
.read sql/curve.sql

-- Without a model of one's own: the built-in one's.
DROP VIEW report_model;
.read sql/curve.sql
