-- log.sql - the model's training log, report_log, and the points of its curves,
-- report_points:
-- losses as octaves (plots.sql), accuracies as they are; series a is that of the training
-- images, b that of the held-out ones.
DROP TABLE IF EXISTS temp.report_log;
CREATE TEMP TABLE report_log AS
SELECT e.* FROM (SELECT * FROM digitnet_epochs
                 UNION ALL SELECT * FROM digitnet_builtin_epochs) AS e
JOIN report_card AS c ON c.name = e.name AND c.version = e.version;

DROP TABLE IF EXISTS temp.report_points;
CREATE TEMP TABLE report_points AS
SELECT 'loss' AS plot, 'a' AS series, epoch, n + loss / low - 1 AS value FROM report_log JOIN report_octaves
    ON loss >= low AND loss < 2 * low
UNION ALL
SELECT 'loss', 'b', epoch, n + holdout_loss / low - 1 FROM report_log JOIN report_octaves
    ON holdout_loss >= low AND holdout_loss < 2 * low
UNION ALL SELECT 'accuracy', 'a', epoch, accuracy FROM report_log
UNION ALL SELECT 'accuracy', 'b', epoch, holdout_accuracy FROM report_log
    WHERE holdout_accuracy IS NOT NULL;
