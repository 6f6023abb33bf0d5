-- accuracy.sql - how often the predictions are right, as a whole and for each class:
-- the figures, names and rows of scikit-learn's classification_report.
--
-- Reads predictions (predictions.sql); rows without a label are left out. With MNIST and
-- the default network:
--
--     class         precision  recall  f1      support  model
--     0             0.9919     0.9959  0.9939  980      default@1
--     1             0.9947     0.9974  0.996   1135     default@1
--     …
--     accuracy                         0.9931  10000    default@1
--     macro avg     0.9931     0.993   0.993   10000    default@1
--     weighted avg  0.9931     0.9931  0.9931  10000    default@1
WITH
cells(label, prediction, n) AS (
    SELECT label, prediction, count(*) FROM predictions
    WHERE label IS NOT NULL
    GROUP BY label, prediction
),
-- A class is whatever occurs as a label or as a prediction.
counts(class, hits, predicted, support) AS (
    SELECT class, sum(hits), sum(predicted), sum(support)
    FROM (
        SELECT label AS class, n * (prediction IS label) AS hits, 0 AS predicted,
               n AS support
        FROM cells
        UNION ALL
        SELECT prediction, 0, n, 0 FROM cells WHERE prediction IS NOT NULL
    )
    GROUP BY class
),
-- A class that is never predicted has precision 0, one without rows has recall 0.
scores(class, precision, recall, f1, support, hits) AS (
    SELECT class, coalesce(1.0 * hits / nullif(predicted, 0), 0),
           coalesce(1.0 * hits / nullif(support, 0), 0),
           2.0 * hits / (predicted + support), support, hits
    FROM counts
),
report(part, class, precision, recall, f1, support) AS (
    SELECT 1, class, precision, recall, f1, support FROM scores
    UNION ALL
    SELECT 2, 'accuracy', NULL, NULL, 1.0 * sum(hits) / sum(support), sum(support)
    FROM scores
    UNION ALL
    SELECT 3, 'macro avg', avg(precision), avg(recall), avg(f1), sum(support) FROM scores
    UNION ALL
    SELECT 4, 'weighted avg', sum(precision * support) / sum(support),
           sum(recall * support) / sum(support), sum(f1 * support) / sum(support),
           sum(support)
    FROM scores
)
SELECT class, round(precision, 4) AS precision, round(recall, 4) AS recall,
       round(f1, 4) AS f1, coalesce(support, 0) AS support,
       (SELECT model FROM predictions LIMIT 1) AS model
FROM report
ORDER BY part, class;
