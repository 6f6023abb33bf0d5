-- curve.sql - the training curve as lines of text: loss by epoch on a logarithmic scale,
-- of the training images as a bar and of the held-out ones as a diamond, beside what they
-- got right.
--
-- Reads digitnet_epochs: the model that the other reports judge (report_model, see
-- predictions.sql), at most some 30 lines of it.
--
--     Model default@1
--     epoch  loss    held out  right    ▕0.00391                                0.25▏
--         1  0.2431  0.0192    99.42 %  ███████████████◆████████████████████████████
--         2  0.0849  0.0136    99.62 %  ████████████◆███████████████████
--         3  0.0774  0.0121    99.67 %  ██████████◆████████████████████
--         …
--        25  0.0079  0.0059    99.82 %  ███◆███
CREATE TEMP VIEW IF NOT EXISTS report_model AS SELECT NULL AS model;

WITH RECURSIVE
log AS (
    SELECT e.* FROM digitnet_epochs AS e, report_model
    WHERE e.name || '@' || e.version = digitnet_model(model)
    UNION ALL
    SELECT e.* FROM digitnet_builtin_epochs AS e, report_model WHERE digitnet_model(model) = 'builtin'
),
-- log2 x, nearly: n + x/2ⁿ − 1 for x from 2ⁿ to 2ⁿ⁺¹. (Not every SQLite has a logarithm.)
octaves(n, low) AS (
    VALUES (-40, 1.0 / 1099511627776) UNION ALL SELECT n + 1, 2 * low FROM octaves WHERE n < 20
),
heights(epoch, loss, holdout_loss, share, a, b) AS (
    SELECT epoch, loss, holdout_loss, coalesce(holdout_accuracy, accuracy),
           (SELECT n + loss / low - 1 FROM octaves WHERE loss >= low AND loss < 2 * low),
           (SELECT n + holdout_loss / low - 1 FROM octaves WHERE holdout_loss >= low AND holdout_loss < 2 * low)
    FROM log
),
-- Whole octaves, and the characters that they take.
scale(low, high, width, epochs, every) AS (
    SELECT CAST(min(a, b) + 40 AS INTEGER) - 40, CAST(max(c, d) + 41 AS INTEGER) - 40, 44, n, (n + 29) / 30
    FROM (SELECT min(a) AS a, coalesce(min(b), min(a)) AS b, max(a) AS c, coalesce(max(b), max(a)) AS d,
                 max(epoch) AS n FROM heights) WHERE n > 0
),
bars(epoch, loss, holdout_loss, share, bar, mark) AS (
    SELECT epoch, loss, holdout_loss, share, CAST(width * (a - low) / (high - low) + 0.5 AS INTEGER),
           CAST(width * (b - low) / (high - low) + 0.5 AS INTEGER)
    FROM heights, scale WHERE epoch = 1 OR epoch % every = 0 OR epoch = epochs
),
lines(epoch, line) AS (
    SELECT 0, 'epoch  loss    held out  right    ▕' ||
           printf('%-*.3g%*.3g', width / 2, (SELECT o.low FROM octaves AS o WHERE n = s.low), width - width / 2 - 1,
                  (SELECT o.low FROM octaves AS o WHERE n = s.high)) || '▏' FROM scale AS s
    UNION ALL
    SELECT epoch, printf('%5d  %.4f  %-8s %6.2f %%  ', epoch, loss,
                         CASE WHEN holdout_loss IS NULL THEN '' ELSE printf('%.4f', holdout_loss) END, 100 * share + 1e-9) ||
           CASE WHEN mark IS NULL OR holdout_loss IS NULL THEN replace(printf('%*s', bar, ''), ' ', '█')
                WHEN mark < bar THEN replace(printf('%*s', max(mark - 1, 0), ''), ' ', '█') || '◆' ||
                                     replace(printf('%*s', bar - max(mark, 1), ''), ' ', '█')
                ELSE replace(printf('%*s', bar, ''), ' ', '█') || printf('%*s', max(mark - bar - 1, 0), '') || '◆' END
    FROM bars
)
SELECT 'Model ' || digitnet_model(model) AS curve FROM report_model
UNION ALL
SELECT * FROM (SELECT line FROM lines ORDER BY epoch);
