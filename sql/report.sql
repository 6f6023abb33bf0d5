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
-- are judged each has one, and no two the same.
--
-- The function report_model makes the page, in one read of the database. Its reader sees:
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
CREATE TEMP VIEW IF NOT EXISTS report_source AS SELECT 'images' AS source;
CREATE TEMP VIEW IF NOT EXISTS report_model AS SELECT NULL AS model;
SELECT report_model(source, model) FROM report_source, report_model;
