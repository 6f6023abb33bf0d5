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
           CASE WHEN plot = 'loss' THEN CAST(min(value) - 41 AS INTEGER) + 40 ELSE min(value) - 0.002 END,
           CASE WHEN plot = 'loss' THEN CAST(max(value) + 41 AS INTEGER) - 40 ELSE min(1, max(value) + 0.002) END
    FROM report_points GROUP BY plot
),
places(plot, series, epoch, x, y) AS (
    SELECT plot, series, epoch,
           CASE WHEN epochs > 1 THEN 46 + 462.0 * (epoch - 1) / (epochs - 1) ELSE 277 END,
           216 - 202.0 * (value - low) / max(high - low, 1e-9)
    FROM report_points JOIN ranges USING (plot), extent WHERE epoch % every = 0 OR epoch IN (1, epochs)
),
lines(plot, html) AS (
    SELECT plot, group_concat(printf('<polyline class="%s" points="%s"/>%s', series, line, dots), '')
    FROM (SELECT plot, series, group_concat(printf('%.1f,%.1f', x, y), ' ') AS line,
                 CASE WHEN count(*) > 40 THEN '' ELSE group_concat(printf('<circle class="dot%s" cx="%.1f" cy="%.1f" r="3"/>',
                     CASE WHEN series = 'b' THEN 'b' ELSE '' END, x, y), '') END AS dots
          FROM (SELECT * FROM places ORDER BY epoch) GROUP BY plot, series)
    GROUP BY plot
),
ticks(plot, y, text) AS (
    SELECT plot, 216 - 202.0 * t / 4, printf('%.1f', 100 * (low + (high - low) * t / 4))
    FROM ranges, (SELECT column1 AS t FROM (VALUES (0), (1), (2), (3), (4))) WHERE plot = 'accuracy'
    UNION ALL
    SELECT plot, 216 - 202.0 * (o.n - r.low) / (high - r.low), printf('%.2g', o.low)
    FROM ranges AS r JOIN report_octaves AS o ON o.n BETWEEN r.low AND high
    WHERE plot = 'loss' AND (o.n - CAST(r.low AS INTEGER)) % (CAST(high - r.low AS INTEGER) / 8 + 1) = 0
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
