-- scores.sql - the probability of each class for each image, report_scores(id, k, score,
-- hit);
-- what happens when it is cut off at each of its values, report_cuts; and of each class
-- the area under the ROC curve and the average precision, in report_areas.
DROP TABLE IF EXISTS temp.report_scores;
CREATE TEMP TABLE report_scores AS
SELECT r.id, c.k, CAST(p.value AS REAL) AS score, r.label IS c.class AS hit
FROM report_rows AS r, json_each(r.probabilities) AS p
JOIN report_classes AS c ON c.text = p.key;
CREATE INDEX temp.report_scores_own ON report_scores(id, k, score) WHERE hit;

-- above, right: images with at least this score, and those of the class among them.
-- Images of one score are cut off together.
DROP TABLE IF EXISTS temp.report_cuts;
CREATE TEMP TABLE report_cuts AS
SELECT k, score, n, hits, sum(n) OVER w AS above, sum(hits) OVER w AS right
FROM (SELECT k, score, count(*) AS n, sum(hit) AS hits FROM report_scores GROUP BY k, score)
WINDOW w AS (PARTITION BY k ORDER BY score DESC);
CREATE INDEX temp.report_cuts_place ON report_cuts(k, right) WHERE hits > 0;

-- Area under the ROC curve: the share of pairs, one of the class and one not, that are
-- in the right order, ties counting half. Average precision: the sum of precision times
-- the gain in recall, from cut to cut.
DROP TABLE IF EXISTS temp.report_areas;
CREATE TEMP TABLE report_areas AS
SELECT k, positives, total - positives AS negatives,
       better / nullif(1.0 * positives * (total - positives), 0) AS roc,
       precise / nullif(positives, 0) AS ap
FROM (SELECT k, sum(hits) AS positives, sum(n) AS total,
             sum((n - hits) * (right - 0.5 * hits)) AS better,
             sum(1.0 * right / above * hits) AS precise
      FROM report_cuts GROUP BY k);

-- Reliability in 15 bins, as in sql/calibration.sql.
DROP TABLE IF EXISTS temp.report_bins;
CREATE TEMP TABLE report_bins AS
SELECT min(CAST(15 * confidence AS INTEGER), 14) AS bin, count(*) AS images,
       avg(confidence) AS mean, avg(prediction IS label) AS accuracy
FROM report_rows GROUP BY 1;

DROP VIEW IF EXISTS temp.report_error;
CREATE TEMP VIEW report_error AS
SELECT sum(abs(mean - accuracy) * images) / sum(images) AS ece FROM report_bins;

-- Accuracy of the most confident images, by their number.
DROP TABLE IF EXISTS temp.report_most_confident;
CREATE TEMP TABLE report_most_confident AS
SELECT place, confidence, right, 1.0 * place / count(*) OVER () AS coverage,
       1.0 * right / place AS accuracy
FROM (SELECT row_number() OVER w AS place, confidence,
             sum(prediction IS label) OVER (ORDER BY confidence DESC, id ROWS UNBOUNDED PRECEDING) AS right
      FROM report_rows WINDOW w AS (ORDER BY confidence DESC, id));
