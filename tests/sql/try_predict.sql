-- try_predict: NULL for what is no image, so that a trigger does not undo an
-- application's INSERT.
.load ./digitnet
PRAGMA trusted_schema = ON; -- else no trigger may call it; newer shells turn it off
CREATE TABLE uploads(id INTEGER PRIMARY KEY, png BLOB, digit);
CREATE TRIGGER uploads_digit AFTER INSERT ON uploads BEGIN
    UPDATE uploads SET digit = try_predict(NEW.png) WHERE id = NEW.id;
END;
INSERT INTO uploads(png) VALUES
    (readfile('tests/drawn/7/109-nib-kraft-rgb8.png')), (NULL), (x'00'), ('text'), (7),
    (substr(readfile('tests/drawn/7/109-nib-kraft-rgb8.png'), 1, 60)),
    (x'ffd8ffe000104a464946'), (zeroblob(0)), (zeroblob(784)), (CAST('GIF89a' AS BLOB));
SELECT id, typeof(digit), digit FROM uploads WHERE id <> 9;
SELECT digit IS digit_predict(png) FROM uploads WHERE id IN (1, 2, 9);

.print -- with a model; what is wrong with the model is an error
SELECT try_predict(x'00', 'builtin'), try_predict(zeroblob(784), 'builtin') IS NOT NULL;
SELECT try_predict(x'00', 'absent');
SELECT try_predict(NULL, 'absent');
SELECT digit_predict(x'00');
