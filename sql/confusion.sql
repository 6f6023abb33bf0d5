-- confusion.sql - the confusion matrix as lines of text: which classes are taken for
-- which. A row for each true class, a column for each predicted one, in the same order;
-- names are cut over the columns and whole before the rows. Dots are zeros.
--
-- Reads predictions (predictions.sql); rows without a label or prediction are left out.
--
--     Model default@1
--     true    0    1    2    3    4    5    6    7    8    9
--     0     976    .    .    .    .    .    1    1    1    1
--     1       . 1132    1    1    .    1    .    .    .    .
--     2       1    1 1027    .    1    .    .    2    .    .
--     …
--     9       .    .    .    1    4    3    .    3    2  996
WITH
cells(label, prediction, n) AS (
    SELECT label, prediction, count(*) FROM predictions
    WHERE label IS NOT NULL AND prediction IS NOT NULL
    GROUP BY label, prediction
),
classes(class) AS (
    SELECT label FROM cells UNION SELECT prediction FROM cells
),
-- Characters that a row's name and a cell take.
widths(name, cell) AS (
    SELECT max(4, (SELECT max(length(class)) FROM classes)),
           1 + max(4, (SELECT max(length(n)) FROM cells))
),
-- The whole grid; class NULL (sorted first) is the line of names on top.
grid(row, col, text) AS (
    SELECT NULL, class, substr(class, 1, cell - 1) FROM classes, widths
    UNION ALL
    SELECT r.class, c.class, coalesce(n, '.')
    FROM classes AS r, classes AS c
    LEFT JOIN cells ON label = r.class AND prediction = c.class
)
SELECT 'Model ' || model AS confusion FROM (SELECT model FROM predictions LIMIT 1)
UNION ALL
SELECT * FROM (
    SELECT printf('%-!*s', (SELECT name FROM widths), coalesce(row, 'true')) ||
           group_concat(printf('%!*s', (SELECT cell FROM widths), text), '')
    FROM (SELECT row, col, text FROM grid ORDER BY row, col)
    GROUP BY row
    ORDER BY row
);
