-- data.sql - the section Data: rows of each split, and of each class how many, and some
-- pictures.
DROP VIEW IF EXISTS temp.page_data;
CREATE TEMP VIEW page_data AS
WITH
sizes(classes, most) AS (
    SELECT count(*), max(n) FROM (SELECT count(*) AS n FROM report_labels WHERE label IS NOT NULL GROUP BY label)
),
splits(html) AS (
    SELECT group_concat(printf('<tr><th scope="row">%s</th><td>%,d</td><td>%d</td><td>%,d</td></tr>',
                               name, n, classes, unlabelled), '')
    FROM (SELECT CASE WHEN split IS NOT NULL AND (SELECT has FROM report_split)
                     THEN replace(replace(split, '&', '&amp;'), '<', '&lt;') ELSE 'no split' END AS name, count(*) AS n,
                 count(DISTINCT label) AS classes, sum(label IS NULL) AS unlabelled
          FROM report_labels GROUP BY split ORDER BY split)
),
-- The first pictures of each class: 9 of a few classes, fewer of many or of large ones.
chosen(label, id, place, n) AS (
    SELECT label, id, row_number() OVER (PARTITION BY label ORDER BY blank, id),
           count(*) OVER (PARTITION BY label)
    FROM report_labels WHERE label IS NOT NULL
),
pictures(label, n, images) AS (
    SELECT c.label, n, group_concat(printf('<span class="pic"><img alt="" src="%s"><small>%s</small></span>', uri,
        replace(replace(substr(c.id, 1, 12), '&', '&amp;'), '<', '&lt;')), '')
    FROM chosen AS c JOIN report_pictures AS i ON i.id = c.id
    WHERE place <= (SELECT min(9, max(1, room / classes)) FROM sizes, report_shape)
    GROUP BY c.label
),
rows(html) AS (
    SELECT group_concat(printf('<tr><th scope="row">%s</th><td>%,d</td><td class="cellbar"><svg class="bar" ' ||
                               'aria-hidden="true"><rect width="%.1f%%"/></svg></td><td><div class="strip" role="img" ' ||
                               'aria-label="Pictures of %s">%s</div></td></tr>',
                               name, n, max(1.0, 100.0 * n / most), name, images), '')
    FROM (SELECT * FROM pictures JOIN report_names USING (label), sizes ORDER BY label)
)
SELECT '<section id="data"><h2>Data</h2>' || CASE WHEN classes = 0 THEN '<p>No labelled images.</p>' ELSE
       '<div class="wide" tabindex="0" role="group" aria-label="Splits"><table><thead><tr><th scope="col" class="left">Split</th><th scope="col">Images</th>' ||
       '<th scope="col">Classes</th><th scope="col">Unlabelled</th></tr></thead><tbody>' ||
       (SELECT html FROM splits) || '</tbody></table></div><h3>Classes</h3><div class="wide" tabindex="0" role="group" ' ||
       'aria-label="Images of each class"><table><thead><tr>' ||
       '<th scope="col" class="left">Class</th><th scope="col">Images</th><th scope="col" class="left cellbar">Balance</th>' ||
       '<th scope="col" class="left">The first ones</th></tr></thead><tbody>' || (SELECT html FROM rows) ||
       '</tbody></table></div>' END || '</section>' AS html
FROM sizes;
