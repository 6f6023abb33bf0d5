-- calibration.sql - the section Calibration: whether a confidence of 90 % is right nine
-- times in ten, and how accurate the most confident images are.
DROP VIEW IF EXISTS temp.page_calibration;
CREATE TEMP VIEW page_calibration AS
WITH
bars(html) AS (
    SELECT group_concat(printf('<rect class="fill" x="%.1f" y="%.1f" width="15.6" height="%.1f"><title>%d images: mean confidence ' ||
                               '%.2f %%, accuracy %.2f %%</title></rect>', 45 + 17.6 * bin, 252 - 240 * accuracy,
                               240 * accuracy, images, 100 * mean, 100 * accuracy), '')
    FROM report_bins
),
-- At most 200 points; the scale of accuracy begins where the curve is lowest.
points(coverage, accuracy) AS (
    SELECT coverage, accuracy FROM report_most_confident
    WHERE place % (SELECT images / 200 + 1 FROM report_summary) = 0 OR coverage = 1
),
floor(low, step, digits) AS (
    SELECT 1 - step * CAST((1 - least) / step + 0.999999 AS INTEGER), min(step), digits
    FROM (SELECT max(0, min(accuracy) - max(0.0005, 0.1 * (1 - min(accuracy)))) AS least FROM points), report_steps
    WHERE (1 - least) / step <= 5
),
ticks(y, text) AS (
    SELECT 12 + 240 * step * t / (1 - low), printf('%.*f', digits, 100 * (1 - step * t))
    FROM floor, (SELECT column1 AS t FROM (VALUES (0), (1), (2), (3), (4), (5))) WHERE step * t <= 1 - low + 1e-9
),
most_confident(html) AS (
    SELECT '<svg viewBox="0 0 320 290" role="img" aria-label="Accuracy of the most confident images, by their share">' ||
           (SELECT group_concat(printf('<g class="grid"><path d="M44 %.0fH308"/></g><text x="39" y="%.0f" ' ||
                                       'text-anchor="end">%s</text>', y, y + 4, text), '') FROM ticks) ||
           '<text x="44" y="267">0</text><text x="308" y="267" text-anchor="end">100</text>' ||
           '<text x="176" y="284" text-anchor="middle">share of images, most confident first, %</text><polyline class="a" points="' ||
           group_concat(printf('%.1f,%.1f', 44 + 264 * coverage, 252 - 240 * (accuracy - low) / (1 - low)), ' ') || '"/></svg>'
    FROM (SELECT * FROM points ORDER BY coverage), floor
),
-- How many images the model can read at a wanted accuracy.
asked(html) AS (
    SELECT group_concat(printf('<tr><th scope="row">%s</th><td>%.2f %%</td><td>%.4f</td></tr>', text, 100 * share, least), '')
    FROM (SELECT text, max(coverage) AS share, min(confidence) AS least
          FROM (SELECT column1 AS text, column2 AS a FROM (VALUES ('99 %', 0.99), ('99.5 %', 0.995), ('99.9 %', 0.999), ('all right', 1.0)))
          JOIN report_most_confident ON accuracy >= a GROUP BY a)
)
SELECT '<section id="calibration"><h2>Calibration</h2><p>' ||
       printf('On average a confidence is %.2f&nbsp;percentage points away from the accuracy (expected calibration error, ' ||
              '15 bins of equal width).</p>', 100 * ece) ||
       '<div class="two"><figure><figcaption>Accuracy by confidence, %; on the dashed line where calibrated</figcaption>' ||
       (SELECT svg FROM report_frames WHERE plot = 'reliability') ||
       (SELECT html FROM bars) || '<path class="same" d="M44 252L308 12"/></g><text x="176" y="284" text-anchor="middle">confidence, %' ||
       '</text></svg></figure><figure><figcaption>Accuracy of the most confident images, %</figcaption>' || (SELECT html FROM most_confident) ||
       '</figure></div>' || coalesce('<h3>Accuracy by coverage</h3><p>What is left to the model when a person reads the least confident images:</p><div class="wide" tabindex="0" role="group" ' ||
       'aria-label="Accuracy by coverage"><table>' ||
       '<thead><tr><th scope="col" class="left">Accuracy wanted</th><th scope="col">Share of images</th>' ||
       '<th scope="col">Confidence at least</th></tr></thead><tbody>' || (SELECT html FROM asked) || '</tbody></table></div>', '') ||
       '</section>' AS html
FROM report_error;
