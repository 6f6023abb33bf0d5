-- model.sql - how the built-in model was made: `make model` runs it, in some three hours
-- on two cores, and replaces ext/model/builtin.model and ext/model/builtin.json by what
-- comes out.
--
-- Needs MNIST's files in ./mnist. The 10,000 test images take no part: every choice was
-- made on the 6,000 held-out training images that the view shows. The same on every
-- machine, bit for bit, except for the seconds in the log.
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

-- 3. The same on all 60,000, with the trial's temperature.
SELECT 'builtin', epoch, loss FROM train_model('images', 'digits')
    WHERE layers = 'deep' AND epochs = 30 AND teacher = 'teacher@1,teacher@2,teacher@3'
    AND holdout = 0 AND precision = 'float16'
    AND temperature = (SELECT json_extract(options, '$.fitted') FROM digitnet_models WHERE name = 'trial');

-- What goes into the library.
SELECT 'bytes:', writefile('builtin.model', weights) FROM digitnet_models WHERE name = 'digits';
SELECT 'bytes:', writefile('builtin.json', json_object('created', created, 'source', 'MNIST, 60,000 training images',
    'layers', layers, 'shape', shape, 'classes', json(classes), 'options', json(options), 'seed', seed,
    'epochs', epochs, 'loss', loss, 'accuracy', accuracy, 'holdout_accuracy', holdout_accuracy, 'seconds', seconds,
    'parameters', parameters, 'log', (SELECT json_group_array(json_object('epoch', epoch, 'loss', loss, 'accuracy', accuracy, 'holdout_loss', holdout_loss,
        'holdout_accuracy', holdout_accuracy, 'rate', rate, 'images_per_second', images_per_second, 'seconds', seconds))
        FROM digitnet_epochs AS e WHERE e.name = m.name AND e.version = m.version)) || char(10))
    FROM digitnet_models AS m WHERE name = 'digits';
