-- mistakes.sql - the section Mistakes: the dozen that were made with the highest
-- confidence, each beside the pixels that support the answer (digit_saliency), and the
-- likeliest classes.
DROP VIEW IF EXISTS temp.page_mistakes;
CREATE TEMP VIEW page_mistakes AS
WITH
worst(id, row, label, prediction, confidence, place) AS (
    SELECT * FROM (SELECT id, row, label, prediction, confidence, row_number() OVER (ORDER BY confidence DESC, id) AS place
                   FROM report_rows WHERE prediction <> label)
    WHERE place <= 12
),
ranked(id, k, score, hit, place) AS (
    SELECT id, k, score, hit, row_number() OVER (PARTITION BY id ORDER BY score DESC, k)
    FROM report_scores WHERE id IN (SELECT id FROM worst)
),
-- The three likeliest, and the label wherever it stands.
chances(id, html) AS (
    SELECT id, group_concat(printf('<tr><th scope="row" class="%s">%s</th><td class="cellbar"><svg class="bar" ' ||
                                   'aria-hidden="true"><rect width="%.1f%%"/></svg></td><td>%.2f %%</td></tr>',
                                   CASE WHEN hit THEN 'hit' WHEN place = 1 THEN 'miss' ELSE '' END,
                                   name, max(1.0, 100 * score), 100 * score), '')
    FROM (SELECT * FROM ranked JOIN report_classes USING (k) WHERE place <= 3 OR hit ORDER BY id, place)
    GROUP BY id
),
cards(place, html) AS (
    SELECT place, printf('<figure><figcaption>%s, read as %s <small>%s</small></figcaption><div class="strip big">' ||
               '<img src="%s" alt="Image %s: a %s that was read as %s"><img src="%s" alt="The same: orange pixels spoke ' ||
               'for %s, blue ones against it"></div><table><tbody>%s</tbody></table></figure>',
               l.name, p.name, w.row, uri, w.row, l.name, p.name,
               digit_data_uri(digit_saliency(pixels, model)), p.name, chances.html)
    FROM worst AS w JOIN chances USING (id)
    JOIN report_images AS i ON i.id = w.id JOIN report_pictures AS u ON u.id = w.id
    JOIN report_classes AS l ON l.class = w.label JOIN report_classes AS p ON p.class = w.prediction, report_model
)
SELECT '<section id="mistakes"><h2>Mistakes</h2>' || coalesce(
       '<p>The most confident ones. On the right the reasons: orange pixels support the answer given, blue ones oppose it. ' ||
       'Below, probabilities: <span class="hit">the label</span>, <span class="miss">the answer</span>.</p>' ||
       '<div class="cards">' || group_concat(html, '') || '</div>', '<p>There are none.</p>') || '</section>' AS html
FROM (SELECT html FROM cards ORDER BY place);
