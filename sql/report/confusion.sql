-- confusion.sql - the section Confusion: the matrix as a heat map, and the pictures
-- behind its cells: of the 60 most frequent confusions, the eight most confident of
-- each. A cell links to its own.
DROP VIEW IF EXISTS temp.page_confusion;
CREATE TEMP VIEW page_confusion AS
WITH
pairs(truth, guess, n, place) AS (
    SELECT truth, guess, n, row_number() OVER (ORDER BY n DESC, truth, guess)
    FROM report_cells WHERE truth <> guess
),
wrong(truth, guess, id, row, confidence, place) AS (
    SELECT t.k, g.k, id, row, confidence, row_number() OVER (PARTITION BY t.k, g.k ORDER BY confidence DESC, id)
    FROM report_rows AS r JOIN report_classes AS t ON t.class = label
    JOIN report_classes AS g ON g.class = prediction WHERE prediction <> label
),
-- Those whose pictures are shown, as many as there is room for.
chosen AS (
    SELECT * FROM (SELECT w.*, row_number() OVER (ORDER BY p.place, w.place) AS turn
                   FROM wrong AS w JOIN pairs AS p USING (truth, guess) WHERE p.place <= 60 AND w.place <= 8)
    WHERE turn <= (SELECT room FROM report_shape)
),
shown(truth, guess, images) AS (
    SELECT truth, guess, group_concat(printf('<span class="pic"><img src="%s" alt="Image %s" title="Image %s, confidence ' ||
                                             '%.1f %%"><small>%s</small></span>', uri, row, row, 100 * confidence, row), '')
    FROM (SELECT c.*, uri FROM chosen AS c JOIN report_pictures USING (id) ORDER BY turn)
    GROUP BY truth, guess
),
most(top, worst) AS (SELECT max(CASE WHEN truth = guess THEN n ELSE 1 END), max(CASE WHEN truth <> guess THEN n ELSE 1 END) FROM report_cells),
grid(truth, guess, name, html) AS (
    SELECT t.k, g.k, t.name, CASE WHEN n IS NULL THEN '<td></td>'
        WHEN t.k = g.k THEN printf('<td class="d v%.0f">%d</td>', 3 + 17.0 * n / top, n)
        WHEN place IS NOT NULL THEN printf('<td class="v%.0f"><a href="#c%d-%d" title="%s read as %s">%d</a></td>',
                                     4 + 16.0 * n / worst, t.k, g.k, t.name, g.name, n)
        ELSE printf('<td class="v%.0f">%d</td>', 4 + 16.0 * n / worst, n) END
    FROM report_classes AS t, report_classes AS g, most
    LEFT JOIN (SELECT c.*, s.truth AS place FROM report_cells AS c LEFT JOIN
               (SELECT DISTINCT truth, guess FROM chosen) AS s USING (truth, guess)) AS c
        ON c.truth = t.k AND c.guess = g.k
),
lines(html) AS (
    SELECT group_concat('<tr><th scope="row">' || name || '</th>' || cells || '</tr>', '')
    FROM (SELECT truth, name, group_concat(html, '') AS cells
          FROM (SELECT * FROM grid ORDER BY truth, guess) GROUP BY truth ORDER BY truth)
),
figures(place, html) AS (
    SELECT place, printf('<figure id="c%d-%d"><figcaption><b>%s</b> read as <b>%s</b>: %d</figcaption>' ||
                               '<div class="strip">%s</div></figure>', truth, guess, t.name, g.name, n, images)
    FROM pairs JOIN shown USING (truth, guess)
    JOIN report_classes AS t ON t.k = truth JOIN report_classes AS g ON g.k = guess
)
SELECT '<section id="confusion"><h2>Confusion</h2><p>A row for each label, a column for what it was read as. Blue is ' ||
       'right, orange is wrong; a number in orange leads to its pictures.</p><div class="wide" tabindex="0" role="group" ' ||
       'aria-label="Confusion matrix"><table class="heat' || CASE WHEN classes > 15 THEN ' many' ELSE '' END ||
       '"><thead><tr><th scope="col">label</th>' ||
       (SELECT group_concat('<th scope="col">' || name || '</th>', '') FROM (SELECT name FROM report_classes ORDER BY k)) ||
       '</tr></thead><tbody>' || (SELECT html FROM lines) || '</tbody></table></div>' ||
       coalesce('<h3>The pictures behind it</h3><div class="pairs">' || (SELECT group_concat(html, '') FROM (SELECT html FROM figures ORDER BY place)) || '</div>', '') ||
       '</section>' AS html
FROM report_summary;
