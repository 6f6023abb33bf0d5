-- classes.sql - the section Classes: the figures of sql/accuracy.sql, worst F1 in orange.
DROP VIEW IF EXISTS temp.page_classes;
CREATE TEMP VIEW page_classes AS
WITH
scores(part, k, name, precision, recall, f1, support) AS (
    SELECT 1, k, name, coalesce(1.0 * hits / nullif(predicted, 0), 0),
           coalesce(1.0 * hits / nullif(support, 0), 0), 2.0 * hits / (predicted + support), support
    FROM report_classes
),
report AS (
    SELECT * FROM scores
    UNION ALL
    SELECT 2, NULL, 'mean of classes', avg(precision), avg(recall), avg(f1), sum(support) FROM scores
    UNION ALL
    SELECT 3, NULL, 'weighted by images', sum(precision * support) / sum(support),
           sum(recall * support) / sum(support), sum(f1 * support) / sum(support), sum(support)
    FROM scores
),
rows(html) AS (
    SELECT group_concat(printf('<tr%s><th scope="row">%s</th><td>%.4f</td><td>%.4f</td><td%s>%.4f</td>' ||
               '<td class="cellbar"><svg class="bar" aria-hidden="true"><rect width="%.1f%%"/></svg></td><td>%s</td><td>%s</td><td>%,d</td></tr>',
               coalesce(' data-class="' || name || '"', ''), name, precision, recall,
               CASE WHEN f1 = (SELECT min(f1) FROM scores) AND part = 1 THEN ' class="miss"' ELSE '' END, f1, max(1.0, 100 * f1),
               CASE WHEN roc IS NULL THEN '' ELSE printf('%.5f', roc) END,
               CASE WHEN ap IS NULL THEN '' ELSE printf('%.5f', ap) END, support), '')
    FROM (SELECT r.*, a.roc, a.ap FROM report AS r LEFT JOIN report_areas AS a ON a.k = r.k ORDER BY part, r.k)
)
SELECT '<section id="classes"><h2>Classes</h2><p>Precision: of the images read as the class, the share that is. ' ||
       'Recall: of those that are, the share that is read so. F1: their harmonic mean. Area under the ROC curve ' ||
       'and average precision: the class against all the others, at every threshold.</p>' ||
       '<div class="wide" tabindex="0" role="group" aria-label="Figures of each class"><table><thead><tr><th scope="col" class="left">Class</th><th scope="col">Precision</th>' ||
       '<th scope="col">Recall</th><th scope="col">F1</th><td class="cellbar"></td>' ||
       '<th scope="col">ROC area</th><th scope="col">Average precision</th><th scope="col">Images</th></tr></thead>' ||
       '<tbody>' || html || '</tbody></table></div></section>' AS html
FROM rows;
