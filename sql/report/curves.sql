-- curves.sql - the section Curves: ROC and precision-recall of each class against all
-- others;
-- where there are more than ten classes, of the ten with the smallest average precision.
--
-- A class's curve is drawn at 60 shares of its images: for each, the highest cut that
-- reaches it.
DROP VIEW IF EXISTS temp.page_curves;
CREATE TEMP VIEW page_curves AS
WITH RECURSIVE
sixtieths(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM sixtieths WHERE i < 60),
drawn(k, positives, negatives, roc, ap, place) AS (
    SELECT * FROM (SELECT *, row_number() OVER (ORDER BY ap, k) AS place FROM report_areas
                   WHERE positives > 0 AND negatives > 0)
    WHERE place <= 10
),
points(k, i, recall, fall_out, precision) AS (
    SELECT d.k, i, 1.0 * right / positives, 1.0 * (above - right) / negatives, 1.0 * right / above
    FROM drawn AS d CROSS JOIN sixtieths CROSS JOIN report_cuts AS c
    WHERE c.k = d.k AND c.hits > 0 AND c.right =
        (SELECT min(right) FROM report_cuts WHERE k = d.k AND hits > 0 AND right >= max(1, i * positives / 60))
),
lines(k, roc, pr) AS (
    SELECT k, group_concat(printf('%.1f,%.1f', 44 + 264 * fall_out, 252 - 240 * recall), ' '),
           group_concat(printf('%.1f,%.1f', 44 + 264 * recall, 252 - 240 * precision), ' ')
    FROM (SELECT * FROM points ORDER BY k, i) GROUP BY k
),
plots(roc, pr, key) AS (
    SELECT group_concat(printf('<polyline class="c" style="stroke:%s" points="44,252 %s 308,12"><title>%s: %.5f</title></polyline>',
                               colour, l.roc, name, d.roc), ''),
           group_concat(printf('<polyline class="c" style="stroke:%s" points="%s"><title>%s: %.5f</title></polyline>',
                               colour, l.pr, name, d.ap), ''),
           group_concat(printf('<span><i style="background:%s"></i>%s</span>', colour, name), '')
    FROM (SELECT *, printf('hsl(%d 75%% var(--l))', 36 * (place - 1)) AS colour FROM drawn ORDER BY k) AS d
    JOIN lines AS l USING (k) JOIN report_classes USING (k)
)
SELECT '<section id="curves"><h2>One class against the rest</h2>' || coalesce(
       '<p>How many of the class are found, against its false positive rate (ROC), and against how many of ' ||
       'those found are right (precision and recall). ' || CASE WHEN classes > 10 THEN 'The ten hardest classes. ' ELSE '' END ||
       'The areas stand in the table of classes.</p><p class="key">' || key || '</p><div class="two">' ||
       '<figure><figcaption>Found, % of the class</figcaption>' ||
       replace((SELECT svg FROM report_frame), 'role="img"', 'role="img" aria-label="ROC curves"') ||
       '<path class="same" d="M44 252L308 12"/>' || roc || '<text x="176" y="284" text-anchor="middle">' ||
       'false positive rate</text></svg></figure><figure><figcaption>Precision, %</figcaption>' ||
       replace((SELECT svg FROM report_frame), 'role="img"', 'role="img" aria-label="Precision-recall curves"') || pr ||
       '<text x="176" y="284" text-anchor="middle">recall</text></svg></figure></div>',
       '<p>It takes labels of two classes.</p>') || '</section>' AS html
FROM plots, report_summary;
