-- labels.sql - the section Labels: which of them may be wrong, by confident learning
-- (Northcutt, Jiang and Chuang, 2021). A class's threshold is its mean probability over
-- the images that bear its label; an image is suspected if another class reaches its own
-- threshold and is the likeliest to do so, and its own label is not. The least likely
-- labels come first.
DROP VIEW IF EXISTS temp.page_labels;
CREATE TEMP VIEW page_labels AS
WITH
thresholds(k, t) AS (SELECT k, avg(score) FROM report_scores WHERE hit GROUP BY k),
sure(id, k, score, hit, best) AS (
    SELECT id, k, score, hit, row_number() OVER (PARTITION BY id ORDER BY score DESC, k)
    FROM report_scores CROSS JOIN thresholds USING (k) WHERE score >= t
),
suspects(id, k, own, place, many) AS (
    SELECT s.id, s.k, o.score, row_number() OVER (ORDER BY o.score, s.id), count(*) OVER ()
    FROM sure AS s CROSS JOIN report_scores AS o ON o.id = s.id AND o.hit
    WHERE s.best = 1 AND NOT s.hit
),
pictures(place, many, html) AS (
    SELECT place, many, printf('<figure><figcaption>%s: <b class="miss">%s</b>, rather <b class="hit">%s</b></figcaption>' ||
                               '<img src="%s" alt="Image %s, labelled %s"> %.3g %%</figure>',
                               r.row, l.name, c.name, uri, r.row, l.name, 100 * own)
    FROM suspects AS s
    JOIN report_rows AS r ON r.id = s.id JOIN report_pictures AS i ON i.id = s.id
    JOIN report_classes AS c ON c.k = s.k JOIN report_classes AS l ON l.class = r.label
    WHERE place <= 24
)
SELECT '<section id="labels"><h2>Labels that may be wrong</h2>' || coalesce(
       printf('<p>%d of %,d images look more like another class, as sure as that class usually is. These are the least ' ||
              'likely, with the probability of the label they bear: worth a look before the model is blamed.</p>',
              max(many), images) || '<div class="pairs">' || group_concat(html, '') || '</div>',
       '<p>None is suspect.</p>') || '</section>' AS html
FROM report_summary LEFT JOIN (SELECT many, html FROM pictures ORDER BY place);
