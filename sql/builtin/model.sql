-- model.sql - how the built-in model was made: `make model` runs it, in some six hours
-- on two cores, and replaces ext/model/builtin.model and ext/model/builtin.json by what
-- comes out.
--
-- Needs MNIST's files in ./mnist. The 10,000 test images take no part: every choice was
-- made on held-out training images and on drawn digits of other seeds, which the views
-- show. The same on every machine, bit for bit, except for the seconds in the log.
.bail on
.load ./digitnet
CREATE TABLE images AS SELECT * FROM read_mnist('mnist') WHERE split = 'train';
CREATE VIEW divided AS SELECT pixels, label, CASE WHEN id % 10 = 9 THEN 'holdout' ELSE 'train' END AS split FROM images;
.mode list
.separator ' '

-- 1. Teachers: three networks, each kept as it was in its best epoch.
SELECT 'teacher', 1, epoch, loss, holdout_loss, holdout_accuracy FROM train_model('divided', 'teacher')
    WHERE layers = 'deep' AND epochs = 25 AND blank = 0 AND seed = 101;
SELECT 'teacher', 2, epoch, loss, holdout_loss, holdout_accuracy FROM train_model('divided', 'teacher')
    WHERE layers = 'deep' AND epochs = 25 AND blank = 0 AND seed = 102;
SELECT 'teacher', 3, epoch, loss, holdout_loss, holdout_accuracy FROM train_model('divided', 'teacher')
    WHERE layers = 'deep' AND epochs = 25 AND blank = 0 AND seed = 103;

-- 2. A trial of what follows, on 54,000 images: the others tell how sure of itself the
--    network may be.
SELECT 'trial', epoch, loss, holdout_loss, holdout_accuracy FROM train_model('divided', 'trial')
    WHERE layers = 'deep' AND epochs = 30 AND teacher = 'teacher@1,teacher@2,teacher@3';

-- 3. The same on all 60,000, with the trial's temperature: the built-in model of 0.1. It
--    knows how MNIST's writers write, and takes other people's 1s for 7s.
SELECT 'plain', epoch, loss FROM train_model('images', 'plain')
    WHERE layers = 'deep' AND epochs = 30 AND teacher = 'teacher@1,teacher@2,teacher@3'
    AND holdout = 0 AND precision = 'float16'
    AND temperature = (SELECT json_extract(options, '$.fitted') FROM digitnet_models WHERE name = 'trial');

-- 4. What the world adds: digits of other hands, of type and of displays, and pictures of
--    no digit. Each of these has any label except the one that the network would give, so
--    all that can be learned of them is not to be sure. (The accuracy in the log counts
--    them; so it is lower than that of the holdout, which has none.)
CREATE TABLE drawn AS
    SELECT 'train' AS split, label, pixels FROM synthetic_digits(16000, 1, 'world')
    UNION ALL SELECT 'train', label, pixels FROM synthetic_digits(6000, 1, 'print')
    UNION ALL SELECT 'train', label, pixels FROM synthetic_digits(4000, 1, 'segments')
    UNION ALL SELECT 'train', (digit_predict(pixels, 'plain') + 1 + id % 9) % 10, pixels FROM synthetic_digits(9000, 1, 'none')
    UNION ALL SELECT 'holdout', label, pixels FROM synthetic_digits(3000, 2, 'world')
    UNION ALL SELECT 'holdout', label, pixels FROM synthetic_digits(1500, 2, 'print')
    UNION ALL SELECT 'holdout', label, pixels FROM synthetic_digits(1500, 2, 'segments');
CREATE VIEW world AS SELECT split, label, pixels FROM divided UNION ALL SELECT split, label, pixels FROM drawn;

-- 5. From the network of step 3, which is the teacher too wherever it is right.
SELECT 'first', epoch, loss, holdout_loss, holdout_accuracy FROM train_model('world', 'first')
    WHERE layers = 'deep' AND start = 'plain' AND epochs = 6 AND rate = 0.004 AND warmup = 0.2 AND blank = 0.02
    AND teacher = 'plain' AND teacher_checked = 1 AND precision = 'float16';

-- 6. From there with other and more drawn digits, 1s and 7s above all. The holdout tells
--    how sure of itself the network may be.
CREATE TABLE more AS
    SELECT 'train' AS split, label, pixels FROM synthetic_digits(24000, 3, 'world')
    UNION ALL SELECT 'train', label, pixels FROM synthetic_digits(40000, 4, 'world') WHERE label IN (1, 7)
    UNION ALL SELECT 'train', label, pixels FROM synthetic_digits(8000, 3, 'print')
    UNION ALL SELECT 'train', label, pixels FROM synthetic_digits(5000, 3, 'segments')
    UNION ALL SELECT 'train', (digit_predict(pixels, 'plain') + 1 + id % 9) % 10, pixels FROM synthetic_digits(8000, 3, 'none')
    UNION ALL SELECT split, label, pixels FROM drawn WHERE split = 'holdout';
CREATE VIEW wider AS SELECT split, label, pixels FROM divided UNION ALL SELECT split, label, pixels FROM more;
SELECT 'second', epoch, loss, holdout_loss, holdout_accuracy FROM train_model('wider', 'second')
    WHERE layers = 'deep' AND start = 'first' AND epochs = 6 AND rate = 0.003 AND warmup = 0.2 AND seed = 2 AND blank = 0.02
    AND teacher = 'plain' AND teacher_checked = 1 AND precision = 'float16';

-- 7. Once more from there: MNIST's images twice, so that they are two in three again, and
--    fresh digits and pictures of none. The two networks teach in turn: the one knows
--    MNIST's writers, the other the world.
CREATE TABLE again AS
    SELECT 'train' AS split, label, pixels FROM synthetic_digits(20000, 5, 'world')
    UNION ALL SELECT 'train', label, pixels FROM synthetic_digits(30000, 6, 'world') WHERE label IN (1, 7)
    UNION ALL SELECT 'train', label, pixels FROM synthetic_digits(6000, 5, 'print')
    UNION ALL SELECT 'train', label, pixels FROM synthetic_digits(4000, 5, 'segments')
    UNION ALL SELECT 'train', (digit_predict(pixels, 'plain') + 1 + id % 9) % 10, pixels FROM synthetic_digits(10000, 5, 'none')
    UNION ALL SELECT split, label, pixels FROM drawn WHERE split = 'holdout';
CREATE VIEW balanced AS SELECT split, label, pixels FROM divided
    UNION ALL SELECT split, label, pixels FROM divided WHERE split = 'train'
    UNION ALL SELECT split, label, pixels FROM again;
SELECT 'third', epoch, loss, holdout_loss, holdout_accuracy FROM train_model('balanced', 'third')
    WHERE layers = 'deep' AND start = 'second' AND epochs = 5 AND rate = 0.0025 AND warmup = 0.2 AND seed = 3 AND blank = 0.02
    AND teacher = 'plain,second' AND teacher_checked = 1 AND precision = 'float16';

-- 8. Digits as pictures give them: small ones enlarged (side: 8 to 16 pixels), large ones
--    reduced, each found and made as digit_image does; and drawn as with a mouse, and of
--    displays. The holdout has each of these too, and so is the hardest here.
CREATE VIEW bytes AS SELECT id, label, digit_image(pixels, NULL, NULL, 'uint8') AS pixels,
    CASE WHEN id % 10 = 9 THEN 'holdout' ELSE 'train' END AS split FROM images;
CREATE TABLE drawn_8 AS
    SELECT 'train' AS split, label, pixels, 'world' AS style FROM synthetic_digits(24000, 1, 'world', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'world' FROM synthetic_digits(30000, 2, 'world', 'uint8') WHERE label IN (1, 7)
    UNION ALL SELECT 'train', label, pixels, 'mouse' FROM synthetic_digits(10000, 1, 'mouse', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'print' FROM synthetic_digits(7000, 1, 'print', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'segments' FROM synthetic_digits(4000, 1, 'segments', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'displays' FROM synthetic_digits(4000, 1, 'displays', 'uint8')
    UNION ALL SELECT 'train', (id * 7 + id / 10) % 10, pixels, 'none' FROM synthetic_digits(10000, 1, 'none', 'uint8')
    UNION ALL SELECT 'holdout', label, pixels, 'world' FROM synthetic_digits(3000, 3, 'world', 'uint8')
    UNION ALL SELECT 'holdout', label, pixels, 'mouse' FROM synthetic_digits(1500, 3, 'mouse', 'uint8')
    UNION ALL SELECT 'holdout', label, pixels, 'print' FROM synthetic_digits(1000, 3, 'print', 'uint8')
    UNION ALL SELECT 'holdout', label, pixels, 'segments' FROM synthetic_digits(1000, 3, 'segments', 'uint8')
    UNION ALL SELECT 'holdout', label, pixels, 'displays' FROM synthetic_digits(500, 3, 'displays', 'uint8');
CREATE TABLE sizes AS
    SELECT 8 AS step, split, label, pixels, 8 + id / 4 % 9 AS side, 32 + id / 36 % 9 * 6 AS wide FROM bytes WHERE id % 10 < 3 OR id % 40 = 9
    UNION ALL SELECT 8, split, label, pixels, NULL, 40 + id / 10 % 20 * 6 FROM bytes WHERE id % 20 = 5 OR id % 20 = 7 OR id % 100 = 19
    UNION ALL SELECT 8, split, label, pixels, 9 + rowid / 4 % 8, 32 + rowid / 36 % 9 * 6 FROM drawn_8
        WHERE split = 'train' AND style IN ('world', 'mouse') AND rowid % 5 = 0;
CREATE VIEW resized AS SELECT step, split, label, digit_image(digit_png(digit_image(CASE WHEN side
            THEN digit_png(digit_image(digit_png(pixels), printf('%dx%d', side, side), 'stretch')) ELSE digit_png(pixels) END,
        printf('%dx%d', wide, wide), 'stretch')), NULL, NULL, 'uint8') AS pixels FROM sizes;
CREATE VIEW pictures AS SELECT split, label, pixels FROM bytes
    UNION ALL SELECT split, label, pixels FROM bytes WHERE split = 'train' AND id % 2 = 0
    UNION ALL SELECT split, label, pixels FROM drawn_8
    UNION ALL SELECT split, label, pixels FROM resized WHERE step = 8;
SELECT 'fourth', epoch, loss, holdout_loss, holdout_accuracy FROM train_model('pictures', 'fourth')
    WHERE layers = 'deep' AND start = 'third' AND epochs = 10 AND rate = 0.004 AND warmup = 0.2 AND seed = 4 AND blank = 0.02
    AND teacher = 'third' AND teacher_checked = 1;

-- 9. The same once more with fresh digits, and with some that are written in one go,
--    whose loops cross.
CREATE TABLE drawn_9 AS
    SELECT 'train' AS split, label, pixels, 'world' AS style FROM synthetic_digits(16000, 7, 'world', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'world' FROM synthetic_digits(40000, 8, 'world', 'uint8') WHERE label IN (1, 7)
    UNION ALL SELECT 'train', label, pixels, 'cursive' FROM synthetic_digits(16000, 1, 'cursive', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'mouse' FROM synthetic_digits(10000, 2, 'mouse', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'print' FROM synthetic_digits(5000, 7, 'print', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'segments' FROM synthetic_digits(3000, 7, 'segments', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'displays' FROM synthetic_digits(4000, 2, 'displays', 'uint8')
    UNION ALL SELECT 'train', (id * 7 + id / 10) % 10, pixels, 'none' FROM synthetic_digits(10000, 7, 'none', 'uint8')
    UNION ALL SELECT 'holdout', label, pixels, 'cursive' FROM synthetic_digits(1500, 3, 'cursive', 'uint8')
    UNION ALL SELECT split, label, pixels, style FROM drawn_8 WHERE split = 'holdout';
INSERT INTO sizes
    SELECT 9, split, label, pixels, 8 + id / 4 % 9, 32 + id / 36 % 9 * 6 FROM bytes WHERE id % 10 IN (4, 6, 8)
    UNION ALL SELECT 9, split, label, pixels, NULL, 40 + id / 10 % 20 * 6 FROM bytes WHERE id % 20 = 10 OR id % 20 = 13
    UNION ALL SELECT 9, split, label, pixels, 9 + rowid / 4 % 8, 32 + rowid / 36 % 9 * 6 FROM drawn_9
        WHERE split = 'train' AND style IN ('world', 'mouse', 'cursive') AND rowid % 5 = 0;
CREATE VIEW hands AS SELECT split, label, pixels FROM bytes
    UNION ALL SELECT split, label, pixels FROM bytes WHERE split = 'train' AND id % 2 = 1
    UNION ALL SELECT split, label, pixels FROM drawn_9
    UNION ALL SELECT split, label, pixels FROM resized WHERE step = 9
    UNION ALL SELECT split, label, pixels FROM resized WHERE step = 8 AND split = 'holdout';
SELECT 'fifth', epoch, loss, holdout_loss, holdout_accuracy FROM train_model('hands', 'fifth')
    WHERE layers = 'deep' AND start = 'fourth' AND epochs = 5 AND rate = 0.003 AND warmup = 0.2 AND seed = 5 AND blank = 0.02
    AND teacher = 'third,fourth' AND teacher_checked = 1 AND precision = 'float16';

-- 10. Digits as digit_read cuts them out of numbers: with remains of their neighbours.
--     What is cut at wrong places is no digit. MNIST's images twice again.
CREATE TABLE drawn_10 AS
    SELECT 'train' AS split, label, pixels, 'world' AS style FROM synthetic_digits(12000, 9, 'world', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'world' FROM synthetic_digits(20000, 10, 'world', 'uint8') WHERE label IN (1, 7)
    UNION ALL SELECT 'train', label, pixels, 'cut' FROM synthetic_digits(30000, 1, 'cut', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'cursive' FROM synthetic_digits(10000, 2, 'cursive', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'mouse' FROM synthetic_digits(10000, 4, 'mouse', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'print' FROM synthetic_digits(4000, 8, 'print', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'segments' FROM synthetic_digits(2000, 8, 'segments', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'displays' FROM synthetic_digits(3000, 4, 'displays', 'uint8')
    UNION ALL SELECT 'train', (id * 7 + id / 10) % 10, pixels, 'none' FROM synthetic_digits(12000, 8, 'none', 'uint8')
    UNION ALL SELECT 'train', (id * 7 + id / 10) % 10, pixels, 'miscut' FROM synthetic_digits(15000, 1, 'miscut', 'uint8')
    UNION ALL SELECT 'holdout', label, pixels, 'cut' FROM synthetic_digits(1500, 3, 'cut', 'uint8')
    UNION ALL SELECT split, label, pixels, style FROM drawn_9 WHERE split = 'holdout';
CREATE VIEW cuts AS SELECT split, label, pixels FROM bytes
    UNION ALL SELECT split, label, pixels FROM bytes WHERE split = 'train'
    UNION ALL SELECT split, label, pixels FROM drawn_10
    UNION ALL SELECT split, label, pixels FROM resized WHERE step = 9
    UNION ALL SELECT split, label, pixels FROM resized WHERE step = 8 AND split = 'holdout';
SELECT 'sixth', epoch, loss, holdout_loss, holdout_accuracy FROM train_model('cuts', 'sixth')
    WHERE layers = 'deep' AND start = 'fifth' AND epochs = 4 AND rate = 0.004 AND warmup = 0.2 AND seed = 6 AND blank = 0.02
    AND teacher = 'third,fifth' AND teacher_checked = 1 AND precision = 'float16';

-- 11. The same once more with fresh digits, in smaller steps.
CREATE TABLE drawn_11 AS
    SELECT 'train' AS split, label, pixels, 'world' AS style FROM synthetic_digits(12000, 11, 'world', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'world' FROM synthetic_digits(20000, 12, 'world', 'uint8') WHERE label IN (1, 7)
    UNION ALL SELECT 'train', label, pixels, 'cut' FROM synthetic_digits(30000, 2, 'cut', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'cursive' FROM synthetic_digits(10000, 4, 'cursive', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'mouse' FROM synthetic_digits(10000, 5, 'mouse', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'print' FROM synthetic_digits(4000, 9, 'print', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'segments' FROM synthetic_digits(3000, 9, 'segments', 'uint8')
    UNION ALL SELECT 'train', label, pixels, 'displays' FROM synthetic_digits(4000, 5, 'displays', 'uint8')
    UNION ALL SELECT 'train', (id * 7 + id / 10) % 10, pixels, 'none' FROM synthetic_digits(12000, 9, 'none', 'uint8')
    UNION ALL SELECT 'train', (id * 7 + id / 10) % 10, pixels, 'miscut' FROM synthetic_digits(12000, 2, 'miscut', 'uint8')
    UNION ALL SELECT split, label, pixels, style FROM drawn_10 WHERE split = 'holdout';
CREATE VIEW numbers AS SELECT split, label, pixels FROM bytes
    UNION ALL SELECT split, label, pixels FROM bytes WHERE split = 'train'
    UNION ALL SELECT split, label, pixels FROM drawn_11
    UNION ALL SELECT split, label, pixels FROM resized WHERE step = 8;
SELECT 'builtin', epoch, loss, holdout_loss, holdout_accuracy FROM train_model('numbers', 'digits')
    WHERE layers = 'deep' AND start = 'sixth' AND epochs = 3 AND rate = 0.002 AND warmup = 0.1 AND seed = 7 AND blank = 0.02
    AND teacher = 'third,fifth,sixth' AND teacher_checked = 1 AND precision = 'float16';

-- What goes into the library.
SELECT 'bytes:', writefile('builtin.model', weights) FROM digitnet_models WHERE name = 'digits';
SELECT 'bytes:', writefile('builtin.json', json_object('created', created, 'source', 'MNIST''s training images, digits drawn by code',
    'layers', layers, 'shape', shape, 'classes', json(classes), 'options', json(options), 'seed', seed,
    'epochs', epochs, 'loss', loss, 'accuracy', accuracy, 'holdout_accuracy', holdout_accuracy, 'seconds', seconds,
    'parameters', parameters, 'log', (SELECT json_group_array(json_object('epoch', epoch, 'loss', loss, 'accuracy', accuracy, 'holdout_loss', holdout_loss,
        'holdout_accuracy', holdout_accuracy, 'rate', rate, 'images_per_second', images_per_second, 'seconds', seconds))
        FROM digitnet_epochs AS e WHERE e.name = m.name AND e.version = m.version)) || char(10))
    FROM digitnet_models AS m WHERE name = 'digits';
