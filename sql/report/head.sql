-- head.sql - the top of the page: how often it is right, and the figures behind that.
DROP VIEW IF EXISTS temp.page_head;
CREATE TEMP VIEW page_head AS
WITH tiles(place, figure, what) AS (
    SELECT 1, printf('%,d', images), 'images judged' FROM report_summary
    UNION ALL SELECT 2, printf('%,d', images - hits), 'mistakes' FROM report_summary
    UNION ALL SELECT 3, printf('%.4f', f1), 'F1, mean of classes' FROM report_summary
    UNION ALL SELECT 4, printf('%.5f', avg(roc)), 'area under ROC, mean' FROM report_areas
    UNION ALL SELECT 5, printf('%.2f %%', 100 * confidence), 'mean confidence' FROM report_summary
    UNION ALL SELECT 6, printf('%.2f %%', 100 * ece), 'calibration error' FROM report_error
),
-- Labels that are no class of the model, and its classes, some of each.
known(text) AS (SELECT key FROM json_each((SELECT probabilities FROM report_rows LIMIT 1))),
strange(name, support) AS (
    SELECT name, support FROM report_classes WHERE support > 0 AND text NOT IN (SELECT text FROM known) ORDER BY k
),
unknown(n, names, classes) AS (
    SELECT sum(support), (SELECT group_concat(name, ', ') FROM (SELECT name FROM strange LIMIT 5)) ||
               CASE WHEN count(*) > 5 THEN ', …' ELSE '' END,
           (SELECT group_concat(replace(replace(substr(text, 1, 40), '&', '&amp;'), '<', '&lt;'), ', ')
            FROM (SELECT text FROM known LIMIT 12)) ||
               CASE WHEN (SELECT count(*) FROM known) > 12 THEN ', …' ELSE '' END
    FROM strange
)
SELECT '<header><h1>Model ' || title || ', images of ' || source || ', <span class="whole">' || date('now') || '</span></h1>' ||
       CASE WHEN images = 0 THEN
           '<p class="lead">No predictions<small>There are no rows to judge: the table is ' ||
           'empty, or none of its rows has split = ''test'', a label and pixels.</small></p>'
       ELSE printf('<p class="lead">%.2f&nbsp;%%<small>of %,d images are read as what they are labelled, ' ||
                  'among %d classes.</small></p>', 100 * accuracy, images, classes) ||
           CASE WHEN (SELECT has FROM report_split) THEN '' ELSE
               '<p class="note">The table has no column split, so all of its rows are judged. The model may ' ||
               'have been trained on some of them; of those it knows the answers.</p>' END ||
           coalesce((SELECT '<p class="note">' || CASE WHEN n = images
                THEN 'None of the labels (' || names || ') is a class of the model, so no answer can be right. '
                ELSE printf('Of the images %,d bear a label that is no class of the model, such as %s: they count as ' ||
                            'mistakes. ', n, names) END || 'The classes are ' || classes || '.</p>'
                     FROM unknown WHERE n > 0), '') ||
           '<ul class="tiles">' ||
           (SELECT group_concat('<li><b>' || coalesce(figure, '–') || '</b><span>' || what || '</span></li>', '')
            FROM (SELECT * FROM tiles ORDER BY place)) || '</ul>' END ||
       '<nav aria-label="Sections"><a href="#data">Data</a><a href="#training">Training</a>' ||
       CASE WHEN images = 0 THEN '' ELSE
           '<a href="#classes">Classes</a><a href="#confusion">Confusion</a>' ||
           '<a href="#mistakes">Mistakes</a><a href="#labels">Labels</a>' ||
           '<a href="#calibration">Calibration</a><a href="#curves">Curves</a>' END ||
       '<a href="#model">Model</a></nav></header>' AS html
FROM report_summary, (SELECT replace(replace(source, '&', '&amp;'), '<', '&lt;') AS source FROM report_source);
