-- curve.sql - the training curve as lines of text: loss by epoch on a logarithmic scale,
-- of the training images as a bar and of the held-out ones as a diamond, beside what they
-- got right.
--
-- Reads digitnet_epochs: the version that was trained last, at most some 30 lines of it.
--
--     epoch  loss    held out  right    ▕0.00391                                0.25▏
--         1  0.2431  0.0192    99.42 %  ███████████████◆████████████████████████████
--         2  0.0849  0.0136    99.62 %  ████████████◆███████████████████
--         3  0.0774  0.0121    99.67 %  ██████████◆████████████████████
--         …
--        25  0.0079  0.0059    99.82 %  ███◆███
WITH RECURSIVE
trained(name, version) AS (SELECT name, version FROM digitnet_models ORDER BY created DESC, rowid DESC LIMIT 1),
log AS (SELECT e.* FROM digitnet_epochs AS e JOIN trained USING (name, version)),
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
                         CASE WHEN holdout_loss IS NULL THEN '' ELSE printf('%.4f', holdout_loss) END, 100 * share) ||
           CASE WHEN mark IS NULL OR holdout_loss IS NULL THEN replace(printf('%*s', bar, ''), ' ', '█')
                WHEN mark < bar THEN replace(printf('%*s', max(mark - 1, 0), ''), ' ', '█') || '◆' ||
                                     replace(printf('%*s', bar - max(mark, 1), ''), ' ', '█')
                ELSE replace(printf('%*s', bar, ''), ' ', '█') || printf('%*s', max(mark - bar - 1, 0), '') || '◆' END
    FROM bars
)
SELECT line AS curve FROM lines ORDER BY epoch;
