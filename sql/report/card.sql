-- card.sql - the section Model: what it is, how it was made, and how fast it answers.
DROP VIEW IF EXISTS temp.page_card;
CREATE TEMP VIEW page_card AS
WITH
facts(place, name, value) AS (
    SELECT 1, 'Name', name || '@' || version FROM report_card
    UNION ALL SELECT 2, 'Made', created FROM report_card
    UNION ALL SELECT 3, 'Trained on', source || coalesce(printf(': %,d images',
        CASE WHEN json_valid(options) THEN json_extract(options, '$.images') END), '') FROM report_card
    UNION ALL SELECT 4, 'Layers', layers FROM report_card
    UNION ALL SELECT 5, 'Input', shape FROM report_shape
    UNION ALL SELECT 6, 'Classes', json_array_length(classes) FROM report_card WHERE json_valid(classes)
    UNION ALL SELECT 7, 'Seed', seed FROM report_card
    UNION ALL SELECT 8, 'Epochs', epochs FROM report_card
    UNION ALL SELECT 9, 'Training accuracy', printf('%.2f %%', 100 * accuracy) FROM report_card WHERE accuracy IS NOT NULL
    UNION ALL SELECT 10, 'Held-out accuracy', printf('%.2f %%', 100 * holdout_accuracy) FROM report_card
        WHERE holdout_accuracy IS NOT NULL
    UNION ALL SELECT 11, 'Training time', printf('%.0f s', seconds) FROM report_card WHERE seconds IS NOT NULL
    UNION ALL SELECT 12, 'Size', printf('%,d bytes', bytes) FROM report_card
    UNION ALL SELECT 13, 'Speed', printf('%,d images a second, one by one, for this page', images / seconds)
        FROM report_summary, report_seconds WHERE images > 0
    UNION ALL SELECT 14, 'Options', (SELECT group_concat(key || ' ' || atom, ', ') FROM json_each(options)
                                     WHERE atom <> '' AND key NOT IN ('layers', 'epochs', 'seed', 'shape', 'images'))
        FROM report_card WHERE json_valid(options)
    UNION ALL SELECT 15, 'Software', 'digitnet ' || digitnet_version() || ', SQLite ' || sqlite_version()
)
SELECT '<section id="model"><h2>Model</h2><dl>' ||
       group_concat('<dt>' || name || '</dt><dd>' || replace(replace(value, '&', '&amp;'), '<', '&lt;') || '</dd>', '') ||
       '</dl></section>' AS html
FROM (SELECT * FROM facts WHERE value IS NOT NULL ORDER BY place);
