-- training.sql - the section Training: loss and accuracy by epoch, from the model's log.
--
-- A drawing is 520×250: epochs from x = 46 to 508, values from y = 216 up to 14; of long
-- logs every so many-th epoch and the last are drawn.
DROP VIEW IF EXISTS temp.page_training;
CREATE TEMP VIEW page_training AS
WITH
extent(epochs, every) AS (SELECT max(epoch), max(epoch) / 200 + 1 FROM report_log),
ranges(plot, low, high) AS (
    SELECT plot,
           CASE WHEN plot = 'loss' THEN min(value) - 0.1 ELSE min(value) END,
           CASE WHEN plot = 'loss' THEN max(value) + 0.1 ELSE max(value) END
    FROM report_points GROUP BY plot
),
-- An axis of accuracies begins and ends at ticks.
axis(low, high, step, digits) AS (
    SELECT step * CAST(low / step AS INTEGER), step * CAST(high / step + 0.999999 AS INTEGER), min(step), digits
    FROM ranges, report_steps WHERE plot = 'accuracy' AND
         CAST(high / step + 0.999999 AS INTEGER) - CAST(low / step AS INTEGER) BETWEEN 1 AND 5
),
spans(plot, low, high) AS (
    SELECT plot, low, high FROM ranges WHERE plot = 'loss' UNION ALL SELECT 'accuracy', low, high FROM axis
),
places(plot, series, epoch, x, y) AS (
    SELECT plot, series, epoch,
           CASE WHEN epochs > 1 THEN 46 + 462.0 * (epoch - 1) / (epochs - 1) ELSE 277 END,
           216 - 202.0 * (value - low) / max(high - low, 1e-9)
    FROM report_points JOIN spans USING (plot), extent WHERE epoch % every = 0 OR epoch IN (1, epochs)
),
lines(plot, html) AS (
    SELECT plot, group_concat(printf('<polyline class="%s" points="%s"/>%s', series, line, dots), '')
    FROM (SELECT plot, series, group_concat(printf('%.1f,%.1f', x, y), ' ') AS line,
                 CASE WHEN count(*) > 40 THEN '' ELSE group_concat(printf('<circle class="dot%s" cx="%.1f" cy="%.1f" r="3"/>',
                     CASE WHEN series = 'b' THEN 'b' ELSE '' END, x, y), '') END AS dots
          FROM (SELECT * FROM places ORDER BY epoch) GROUP BY plot, series)
    GROUP BY plot
),
-- Losses have their ticks at 1, 2 and 5 times powers of ten; at powers alone where they
-- span more than ten octaves, and at multiples of a round step where less than three.
tens(ten) AS (VALUES (1e-9), (1e-8), (1e-7), (1e-6), (1e-5), (0.0001), (0.001), (0.01), (0.1), (1.0), (10.0), (100.0)),
round(first, value) AS (SELECT column1, column1 * ten FROM tens, (VALUES (1), (2), (5))),
span(octaves, least, most) AS (
    SELECT high - r.low, a.low * (1 + r.low - a.n), b.low * (1 + high - b.n)
    FROM ranges AS r JOIN report_octaves AS a ON r.low >= a.n AND r.low < a.n + 1
    JOIN report_octaves AS b ON high >= b.n AND high < b.n + 1 WHERE plot = 'loss'
),
marks(value) AS (
    SELECT value FROM round, span WHERE octaves >= 3 AND (first = 1 OR octaves < 10)
    UNION ALL
    SELECT step * (CAST(least / step AS INTEGER) + t)
    FROM (SELECT min(value) AS step, least FROM round, span WHERE octaves < 3 AND most - least <= 5 * value),
         (SELECT column1 AS t FROM (VALUES (1), (2), (3), (4), (5)))
),
ticks(plot, y, text) AS (
    SELECT 'accuracy', 216 - 202.0 * step * t / (high - low), printf('%.*f', digits, 100 * (low + step * t))
    FROM axis, (SELECT column1 AS t FROM (VALUES (0), (1), (2), (3), (4), (5))) WHERE step * t <= high - low + 1e-9
    UNION ALL
    SELECT 'loss', 216 - 202.0 * (n + value / o.low - 1 - r.low) / (high - r.low), printf('%g', value)
    FROM ranges AS r, marks JOIN report_octaves AS o ON value >= o.low AND value < 2 * o.low
    WHERE plot = 'loss' AND n + value / o.low - 1 BETWEEN r.low AND high
),
axes(plot, html) AS (
    SELECT plot, group_concat(printf('<g class="grid"><path d="M46 %.1fH508"/></g><text x="40" y="%.1f" ' ||
                                     'text-anchor="end">%s</text>', y, y + 4, text), '')
    FROM ticks GROUP BY plot
),
drawn(place, html) AS (
    SELECT plot = 'accuracy', printf('<figure><figcaption>%s</figcaption><svg viewBox="0 0 520 250" role="img" ' ||
        'aria-label="%s by epoch, 1 to %d">%s%s<text x="46" y="236">1</text><text x="508" y="236" ' ||
        'text-anchor="end">%d</text><text x="277" y="246" text-anchor="middle">epoch</text></svg></figure>',
        CASE plot WHEN 'loss' THEN 'Loss (logarithmic)' ELSE 'Accuracy, %' END,
        CASE plot WHEN 'loss' THEN 'Loss' ELSE 'Accuracy' END,
        epochs, axes.html, lines.html, epochs)
    FROM lines JOIN axes USING (plot), extent ORDER BY plot DESC
)
SELECT '<section id="training"><h2>Training</h2>' || coalesce(
    '<p class="key"><span><i></i>training images</span>' ||
    CASE WHEN EXISTS (SELECT 1 FROM report_points WHERE series = 'b') THEN '<span><i class="w"></i>held-out images</span>' ELSE '' END ||
    '</p><div class="two">' ||
    (SELECT group_concat(html, '') FROM (SELECT html FROM drawn ORDER BY place)) || '</div>',
    '<p>This model has no training log.</p>') || '</section>' AS html;
