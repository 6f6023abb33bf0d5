-- The reports over answers written by hand: TEXT labels, one class never predicted, one
-- that is no label, rows without label or prediction. The figures were worked out by
-- hand:
-- of 10 rows with a label, 6 are right.
.load ./digitnet
.headers on
CREATE TABLE answers(id INTEGER PRIMARY KEY, label, prediction, confidence);
INSERT INTO answers(label, prediction, confidence) VALUES
    ('Öl', 'Öl', 0.9), ('Öl', 'Öl', 0.8), ('Öl', 'Öl', 0.7), ('Öl', 'sneaker', 0.95),
    ('shirt', 'shirt', 0.6), ('shirt', 'shirt', 0.6), ('shirt', 'Öl', 0.4),
    ('never', 'shirt', 0.5),
    ('bag', 'bag', 0.99),
    (NULL, 'bag', 0.3),
    ('bag', NULL, NULL);
CREATE TABLE images(label, pixels);
INSERT INTO images SELECT label, x'FF00FFFF00FF00FF00' FROM answers;
CREATE TEMP VIEW predictions AS SELECT 'mine@3' AS model, * FROM answers;
CREATE TEMP VIEW report_source AS SELECT 'images' AS source;
CREATE TEMP VIEW report_model AS SELECT NULL AS model;
.read sql/accuracy.sql
.read sql/confusion.sql
.read sql/calibration.sql
.read sql/mistakes.sql

-- Integer labels sort as numbers.
DELETE FROM answers;
INSERT INTO answers(label, prediction, confidence)
VALUES (10, 10, 1), (9, 9, 1), (9, 10, 1), (2, 2, 1);
.read sql/accuracy.sql
.read sql/confusion.sql

-- Nothing at all.
DELETE FROM answers;
.read sql/accuracy.sql
.read sql/confusion.sql
.read sql/calibration.sql
.read sql/mistakes.sql
