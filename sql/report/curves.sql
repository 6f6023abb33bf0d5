-- curves.sql - the section Curves: ROC and precision-recall of each class against all
-- others; where there are more than ten classes, of the ten with the smallest average
-- precision.
--
-- Of a class's curve 61 points are drawn, at recalls that are evenly spaced in the corner
-- that is shown (plots.sql): for each, the highest cut that reaches it.
DROP VIEW IF EXISTS temp.page_curves;
CREATE TEMP VIEW page_curves AS
WITH RECURSIVE
sixtieths(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM sixtieths WHERE i < 60),
drawn(k, positives, negatives, roc, ap, place) AS (
    SELECT * FROM (SELECT *, row_number() OVER (ORDER BY ap, k) AS place FROM report_areas
                   WHERE positives > 0 AND negatives > 0)
    WHERE place <= 10
),
wanted(plot, k, i, right) AS (
    SELECT plot, k, i, (SELECT min(right) FROM report_cuts AS c WHERE c.k = d.k AND hits > 0 AND
                        right >= max(1, CAST(positives * (1 - side * (60 - i) / 60.0) AS INTEGER)))
    FROM drawn AS d CROSS JOIN report_corners CROSS JOIN sixtieths WHERE plot <> 'reliability'
),
points(plot, k, i, x, y) AS (
    SELECT plot, w.k, i, CASE plot WHEN 'roc' THEN 1.0 * (above - c.right) / negatives ELSE 1.0 * c.right / positives END,
           CASE plot WHEN 'roc' THEN 1.0 * c.right / positives ELSE 1.0 * c.right / above END
    FROM wanted AS w CROSS JOIN report_cuts AS c ON c.k = w.k AND c.right = w.right AND hits > 0 JOIN drawn AS d ON d.k = w.k
),
lines(plot, k, line) AS (
    SELECT plot, k, group_concat(printf('%.1f,%.1f', 44 + 264 * (x - "left") / side, 12 + 240 * (1 - y) / side), ' ')
    FROM (SELECT * FROM points JOIN report_corners USING (plot) ORDER BY plot, k, i) GROUP BY plot, k
),
curves(plot, k, html, key) AS (
    SELECT plot, k, printf('<polyline class="c c%d" points="%s"><title>%s: %.5f</title></polyline>', place - 1,
                           CASE plot WHEN 'roc' THEN '44,' || (12 + 240 / side) || ' ' || line || ' ' || (44 + 264 / side) || ',12'
                                     ELSE line END, name, CASE plot WHEN 'roc' THEN roc ELSE ap END),
           printf('<span><i class="c%d"></i>%s</span>', place - 1, name)
    FROM drawn JOIN lines USING (k) JOIN report_corners USING (plot) JOIN report_classes USING (k)
),
plots(plot, html, key) AS (
    SELECT plot, svg || CASE WHEN plot = 'roc' AND side = 1 THEN '<path class="same" d="M44 252L308 12"/>' ELSE '' END ||
           group_concat(html, '') || '</g>', group_concat(key, '')
    FROM (SELECT * FROM curves JOIN report_frames USING (plot) JOIN report_corners USING (plot) ORDER BY plot, k) GROUP BY plot
)
SELECT '<section id="curves"><h2>One class against the rest</h2>' || coalesce(
       '<p>How many of the class are found, against how many of the others are taken for it (ROC), and against how many of ' ||
       'those found are right (precision and recall). ' || CASE WHEN classes > 10 THEN 'The ten hardest classes. ' ELSE '' END ||
       CASE WHEN (SELECT min(side) FROM report_corners) < 1 THEN 'The axes show the corner where the curves are. ' ELSE '' END ||
       'The areas stand in the table of classes.</p><p class="key">' || roc.key || '</p><div class="two">' ||
       '<figure><figcaption>True positive rate, %</figcaption>' || roc.html ||
       '<text x="176" y="284" text-anchor="middle">false positive rate, %</text></svg></figure>' ||
       '<figure><figcaption>Precision, %</figcaption>' || pr.html ||
       '<text x="176" y="284" text-anchor="middle">recall, %</text></svg></figure></div>',
       '<p>The curves need labels of two classes.</p>') || '</section>' AS html
FROM report_summary LEFT JOIN plots AS roc ON roc.plot = 'roc' LEFT JOIN plots AS pr ON pr.plot = 'pr';
