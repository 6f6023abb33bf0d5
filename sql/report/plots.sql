-- plots.sql - what the drawings have in common: report_frame, the axes of a square plot
-- from 0 to 1, and report_octaves, a logarithm for the drawings of a loss.
--
-- A point (x, y) of the plot is at 44 + 264·x, 252 − 240·y of the drawing.
DROP VIEW IF EXISTS temp.report_frame;
CREATE TEMP VIEW report_frame AS
WITH ticks(t, text) AS (VALUES (0.0, '0'), (0.25, '25'), (0.5, '50'), (0.75, '75'), (1.0, '100 %'))
SELECT '<svg viewBox="0 0 320 290" role="img"><g class="grid">' ||
       group_concat(printf('<path d="M%.0f 252V12M44 %.0fH308"/>', 44 + 264 * t, 252 - 240 * t), '') ||
       '</g><g class="tick">' ||
       group_concat(printf('<text x="%.0f" y="267" text-anchor="middle">%s</text>' ||
                           '<text x="39" y="%.0f" text-anchor="end">%s</text>',
                           44 + 264 * t - CASE WHEN t = 1 THEN 6 ELSE 0 END, text, 256 - 240 * t,
                           replace(text, ' %', '')), '') || '</g>' AS svg
FROM ticks;

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
