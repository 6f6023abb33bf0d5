-- compare.sql - models side by side on the same rows: how many each has right, whether
-- the difference between two is more than chance, and where they disagree.
--
-- Reads the table answers: run .read sql/answers.sql first. Rows without a label are left
-- out. With MNIST, and 'mlp' and the default network as versions 1 and 2:
--
--     model      images  right  accuracy
--     default@2  10000   9931   0.9931
--     default@1  10000   9808   0.9808
--
--     a          b          both  only_a  only_b  neither  p
--     default@1  default@2  9785  23      146     46       0.0
--
--     a          b          label  a_says  b_says  images
--     default@1  default@2  9      4       9       12
--     …
-- p is McNemar's test in its exact form: if both were equally good, the rows that only
-- one of them has right would be heads and tails of a fair coin. p is how likely a toss
-- as uneven as this, or more, then is, to either side. Below 0.05 the difference is
-- called significant, which with many pairs some will be by chance. It speaks of these
-- rows, not of training anew with another seed. For a matrix of a's answers against b's:
--     CREATE TEMP VIEW predictions AS
--     SELECT b.model, a.id, a.prediction AS label, b.prediction
--     FROM answers AS a JOIN answers AS b USING (id)
--     WHERE a.model = 'default@1' AND b.model = 'default@2';
--     .read sql/confusion.sql
SELECT model, count(*) AS images, sum(prediction IS label) AS right,
       round(avg(prediction IS label), 4) AS accuracy
FROM answers WHERE label IS NOT NULL
GROUP BY model ORDER BY 3 DESC, model;

WITH RECURSIVE
pairs(a, b, both, only_a, only_b, neither) AS (
    SELECT a.model, b.model, sum(a.prediction IS a.label AND b.prediction IS a.label),
           sum(a.prediction IS a.label AND b.prediction IS NOT a.label),
           sum(a.prediction IS NOT a.label AND b.prediction IS a.label),
           sum(a.prediction IS NOT a.label AND b.prediction IS NOT a.label)
    FROM answers AS a JOIN answers AS b ON b.id = a.id AND b.model > a.model
    WHERE a.label IS NOT NULL
    GROUP BY a.model, b.model
),
-- Ways to have k heads in n tosses, from the middle down, as parts of those in the
-- middle:
-- these do not overflow. Both halves are alike, so one is counted twice.
tosses(n) AS (SELECT DISTINCT only_a + only_b FROM pairs),
ways(n, k, w) AS (
    SELECT n, n / 2, 1.0 FROM tosses
    UNION ALL
    SELECT n, k - 1, w * k / (n - k + 1) FROM ways WHERE k > 0
),
halves(n, w) AS (SELECT n, sum(CASE WHEN 2 * k = n THEN w / 2 ELSE w END) FROM ways GROUP BY n)
SELECT a, b, both, only_a, only_b, neither,
       (SELECT min(1.0, round(sum(ways.w) / halves.w, 6)) FROM ways JOIN halves USING (n)
        WHERE n = only_a + only_b AND k <= min(only_a, only_b)) AS p
FROM pairs ORDER BY a, b;

SELECT a.model AS a, b.model AS b, a.label, a.prediction AS a_says, b.prediction AS b_says,
       count(*) AS images
FROM answers AS a JOIN answers AS b ON b.id = a.id AND b.model > a.model
WHERE a.label IS NOT NULL AND a.prediction IS NOT b.prediction
GROUP BY 1, 2, 3, 4, 5 ORDER BY images DESC, 1, 2, 3, 4, 5 LIMIT 10;
