-- calibration.sql - how well confidences are calibrated: a reliability table of 15 bins
-- of equal width, and the expected calibration error, the mean distance between
-- confidence and accuracy, each bin counting as often as it has images (Naeini et al.
-- 2015; Guo et al. 2017).
--
-- Reads predictions (predictions.sql); rows without a label or a prediction are left out.
-- Bins that are empty are not shown. With MNIST and the built-in model:
--
--     confidence     images  mean    accuracy  gap     model
--     …
--     0.933 - 1.000  9939    0.9991  0.9992    0.0001  builtin
--     all            10000   0.9968  0.9972    0.0009  builtin
--
-- The last row's gap is the expected calibration error.
WITH
rows(bin, confidence, hit) AS (
    SELECT min(CAST(15 * confidence AS INTEGER), 14), confidence, prediction IS label
    FROM predictions
    WHERE label IS NOT NULL AND prediction IS NOT NULL
),
bins(bin, images, mean, accuracy) AS (
    SELECT bin, count(*), avg(confidence), avg(hit) FROM rows GROUP BY bin
),
report(bin, images, mean, accuracy, gap) AS (
    SELECT bin, images, mean, accuracy, abs(mean - accuracy) FROM bins
    UNION ALL
    SELECT 15, sum(images), sum(mean * images) / sum(images),
           sum(accuracy * images) / sum(images),
           sum(abs(mean - accuracy) * images) / sum(images)
    FROM bins
)
SELECT CASE bin WHEN 15 THEN 'all'
       ELSE printf('%.3f - %.3f', bin / 15.0, (bin + 1) / 15.0) END AS confidence,
       coalesce(images, 0) AS images, round(mean, 4) AS mean, round(accuracy, 4) AS accuracy,
       round(gap, 4) AS gap, (SELECT model FROM predictions LIMIT 1) AS model
FROM report
ORDER BY bin;
