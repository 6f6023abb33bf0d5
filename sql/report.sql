-- report.sql - one query, one web page: data, training, accuracy, mistakes and their
-- reasons, calibration, and the model's card, with pictures, in a single file that needs
-- nothing else.
--
--     sqlite3 mnist.db '.read sql/report.sql' > report.html
--
-- It reads the table images and the active model, or the built-in one. Judged are the
-- rows with split = 'test', all of them where there is no such column. Another table or
-- view, another model: make these two views first, and the report takes them.
--
--     CREATE TEMP VIEW report_source AS SELECT 'letters' AS source;
--     CREATE TEMP VIEW report_model AS SELECT 'letters@2' AS model;
--
-- A row is named by its column id, or by its rowid where it has none: of the rows that
-- are judged no two may have the same.
--
-- The parts in sql/report/ are plain SQL for any client: they make temporary tables and
-- views, and write nothing into the database. Its reader sees:
--
--     Data         rows of each split, images of each class
--     Training     loss and accuracy by epoch
--     Accuracy     precision, recall, F1 of each class; the confusion matrix and its
--                  pictures
--     Mistakes     the most confident ones, why, and labels that may be wrong
--     Calibration  reliability, accuracy by coverage, ROC and precision-recall
--     Model        layers, options, seed, data, size, speed
.bail on
.load ./digitnet
.mode list
.headers off
.read sql/report/source.sql
.read sql/report/answers.sql
.read sql/report/scores.sql
.read sql/report/plots.sql
.read sql/report/style.sql
.read sql/report/head.sql
.read sql/report/data.sql
.read sql/report/log.sql
.read sql/report/training.sql
.read sql/report/classes.sql
.read sql/report/confusion.sql
.read sql/report/mistakes.sql
.read sql/report/labels.sql
.read sql/report/calibration.sql
.read sql/report/curves.sql
.read sql/report/card.sql

SELECT '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">' ||
       '<meta name="viewport" content="width=device-width, initial-scale=1">' ||
       '<link rel="icon" href="data:,"><title>Report: ' || title || '</title><style>' ||
       (SELECT css FROM page_style) || '</style></head><body>' || (SELECT html FROM page_head) ||
       '<main>' || (SELECT html FROM page_data) || (SELECT html FROM page_training) ||
       CASE WHEN images = 0 THEN '' ELSE
           (SELECT html FROM page_classes) || (SELECT html FROM page_confusion) ||
           (SELECT html FROM page_mistakes) || (SELECT html FROM page_labels) ||
           (SELECT html FROM page_calibration) || (SELECT html FROM page_curves) END ||
       (SELECT html FROM page_card) || '</main></body></html>'
FROM report_summary;
