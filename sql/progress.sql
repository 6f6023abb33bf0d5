-- progress.sql - how far training has come, from any other connection: each epoch shows
-- as soon as it is committed. Needs the sqlite3 shell, or any client, but not digitnet.
--
--     model      epochs  best  loss    holdout  minutes  left   finished
--     digits@2   7/30    6     0.0312  0.9934   12.4     40.9
--     default@1  4/4     4     0.0103  0.9907   0.1      0.0    patience
--
--     epoch  loss    accuracy  holdout_loss  holdout_accuracy  seconds  kept
--     1      0.2212  0.9311    0.0604        0.9811            106.1
--     …
--     6      0.0312  0.9903    0.0209        0.9934            105.8    *
--     7      0.0298  0.9907    0.0213        0.9932            106.2
--
-- minutes are those spent; left is what is left of the epochs asked for, at the pace of
-- the last three, and as much as an epoch too high, since the one that runs is not seen.
-- A run that was stopped looks as one that runs: resume = 1 goes on with it. best and
-- kept are the epoch whose weights are the model. The second table is that of the model
-- that was begun last.
SELECT m.name || '@' || m.version AS model,
       m.epochs || '/' || json_extract(m.options, '$.epochs') AS epochs,
       json_extract(m.options, '$.best') AS best,
       round(m.loss, 4) AS loss, round(m.holdout_accuracy, 4) AS holdout,
       round(m.seconds / 60, 1) AS minutes,
       round(CASE WHEN ended THEN 0 ELSE (wanted - m.epochs) * pace / 60 END, 1) AS left,
       CASE WHEN m.epochs >= wanted THEN 'yes' WHEN ended THEN 'patience' ELSE '' END AS finished
FROM (
    SELECT *,
           epochs >= wanted OR
           (patience > 0 AND epochs - json_extract(options, '$.best') >= patience) AS ended
    FROM (
        SELECT *, rowid AS place, json_extract(options, '$.epochs') AS wanted,
               json_extract(options, '$.patience') AS patience,
               (SELECT avg(seconds) FROM digitnet_epochs AS e
                WHERE e.name = models.name AND e.version = models.version
                AND e.epoch > models.epochs - 3) AS pace
        FROM digitnet_models AS models
    )
) AS m
ORDER BY m.created DESC, m.place DESC LIMIT 10;

SELECT e.epoch, round(e.loss, 4) AS loss, round(e.accuracy, 4) AS accuracy,
       round(e.holdout_loss, 4) AS holdout_loss,
       round(e.holdout_accuracy, 4) AS holdout_accuracy, round(e.seconds, 1) AS seconds,
       CASE WHEN e.epoch = json_extract(m.options, '$.best') THEN '*' ELSE '' END AS kept
FROM digitnet_epochs AS e
JOIN (SELECT * FROM digitnet_models ORDER BY created DESC, rowid DESC LIMIT 1) AS m
     ON m.name = e.name AND m.version = e.version
ORDER BY e.epoch;
