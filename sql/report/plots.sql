-- plots.sql - what the drawings have in common: report_frames, the axes of the square
-- plots; report_steps, round distances between ticks; and report_octaves, a logarithm for
-- the drawings of a loss.

-- A square plot shows the corner of the unit square where its curves are: x from `left`,
-- y up to 1, `side` wide and high. For ROC and precision-recall the smallest round corner
-- that each class's curve passes in the middle.
DROP TABLE IF EXISTS temp.report_corners;
CREATE TEMP TABLE report_corners AS
WITH
far(roc, pr) AS (
    SELECT max(roc), max(pr)
    FROM (SELECT min(max(1.0 * (above - right) / nullif(negatives, 0), 1 - 1.0 * right / positives)) AS roc,
                 min(max(1 - 1.0 * right / above, 1 - 1.0 * right / positives)) AS pr
          FROM report_cuts JOIN report_areas USING (k) WHERE positives > 0 GROUP BY k)
),
sides(side) AS (VALUES (0.01), (0.02), (0.05), (0.1), (0.2), (0.5), (1.0))
SELECT 'reliability' AS plot, 1.0 AS side, 0.0 AS "left"
UNION ALL SELECT 'roc', coalesce(min(side), 1.0), 0.0 FROM sides, far WHERE side >= 2 * far.roc
UNION ALL SELECT 'pr', coalesce(min(side), 1.0), 1 - coalesce(min(side), 1.0) FROM sides, far WHERE side >= 2 * far.pr;

-- The beginning of a drawing: label, ticks, and a group that the corner cuts off. A point
-- (x, y) of the plot is at 44 + 264·(x − left)/side, 12 + 240·(1 − y)/side.
DROP VIEW IF EXISTS temp.report_frames;
CREATE TEMP VIEW report_frames AS
WITH
parts(t) AS (VALUES (0.0), (0.2), (0.4), (0.6), (0.8), (1.0)),
ticks(plot, t, x, y) AS (
    SELECT plot, t, printf('%.*f', side < 0.05, 100 * ("left" + side * t)), printf('%.*f', side < 0.05, 100 * (1 - side * (1 - t)))
    FROM report_corners, parts
)
SELECT plot, printf('<svg viewBox="0 0 320 290" role="img" aria-label="%s"><clipPath id="corner-%s"><rect x="44" y="11" width="265" ' ||
                    'height="242"/></clipPath>',
                    CASE plot WHEN 'roc' THEN 'ROC curves' WHEN 'pr' THEN 'Precision-recall curves' ELSE 'Reliability diagram' END, plot) ||
       group_concat(printf('<g class="grid"><path d="M%.0f 252V12M44 %.0fH308"/></g>' ||
                           '<text x="%.0f" y="267" text-anchor="middle">%s</text><text x="39" y="%.0f" text-anchor="end">%s</text>',
                           44 + 264 * t, 252 - 240 * t, 44 + 264 * t - 3 * (t = 1), x, 256 - 240 * t, y), '') ||
       '<g clip-path="url(#corner-' || plot || ')">' AS svg
FROM ticks GROUP BY plot;

-- An axis has its ticks at whole multiples of a step: of the smallest one that makes five
-- gaps at most. digits: decimals of a tick in percent.
DROP TABLE IF EXISTS temp.report_steps;
CREATE TEMP TABLE report_steps AS
WITH steps(step, digits) AS (
    VALUES (0.0001, 2), (0.0002, 2), (0.0005, 2), (0.001, 1), (0.002, 1), (0.005, 1), (0.01, 0), (0.02, 0), (0.05, 0),
           (0.1, 0), (0.2, 0)
)
SELECT step, digits FROM steps;

-- log2 x, nearly: n + x/2ⁿ − 1 for x from 2ⁿ to 2ⁿ⁺¹, exact at powers of two. (SQLite has
-- a logarithm only since 3.35, and not in every build.)
DROP TABLE IF EXISTS temp.report_octaves;
CREATE TEMP TABLE report_octaves AS
WITH RECURSIVE octave(n, low) AS (
    VALUES (-40, 1.0 / 1099511627776)
    UNION ALL
    SELECT n + 1, 2 * low FROM octave WHERE n < 20
)
SELECT n, low FROM octave;
