-- The training curve over logs written by hand: losses that are powers of two, of the
-- version that was trained last; without a holdout; long; and empty.
.load ./digitnet
CREATE TABLE digitnet_models(name, version, created);
CREATE TABLE digitnet_epochs(name, version, epoch, loss, accuracy, holdout_loss, holdout_accuracy, rate, images_per_second, seconds);
INSERT INTO digitnet_models VALUES ('a', 1, '2026-01-01T00:00:00Z'), ('b', 1, '2026-01-03T00:00:00Z'), ('a', 2, '2026-01-02T00:00:00Z');
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
