-- Options of train_model and search_model: what there are, and the forms that set them.
-- Any other form is an error: it would train a network of defaults.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(60);
CREATE TABLE none AS SELECT * FROM synthetic_digits(0);

.print -- what there are
.mode list
SELECT name, type, least, most, preset, value, meaning FROM digitnet_options
    WHERE name IN ('layers', 'epochs', 'rate', 'seed', 'optimizer', 'threads', 'shape', 'start');
SELECT min(length(meaning)) > 10, count(*) = max(rowid), max(rowid) > 40 FROM digitnet_options;
CREATE VIEW o AS SELECT name FROM digitnet_options WHERE name = 'epochs' AND preset IS NULL;
SELECT * FROM o;
SELECT json_group_array(DISTINCT name) = (SELECT json_group_array(name) FROM pragma_table_xinfo('train_model')
    WHERE name = 'rate' AND hidden = 0 OR hidden = 1 AND name NOT IN ('source', 'model', 'options'))
    FROM (SELECT name FROM digitnet_options WHERE preset IS NULL
          ORDER BY name <> 'rate', rowid);

.print -- what sets them: =, IS, JSON
SELECT epoch, layers, epochs, seed FROM train_model('images') WHERE layers = '4N' AND epochs IS 1.0 AND 7 = seed;
SELECT epoch, options FROM train_model('images', 'm', '{"layers": "4N", "epochs": 1, "batch": null}');
SELECT layers, epochs, json_extract(options, '$.batch') FROM digitnet_models WHERE name = 'm';
SELECT epoch, seed FROM train_model('images', NULL, '{"layers": "softmax", "optimizer": "SGD"}') WHERE epochs = 1 AND seed = 3;
SELECT seed, json_extract(options, '$.optimizer') FROM digitnet_models WHERE name = 'default' AND active;
SELECT epoch FROM train_model WHERE source = 'images' AND options = '{"layers": "2N", "epochs": 1}';
SELECT layers FROM digitnet_models WHERE name = 'default' AND active;
SELECT trial, budget, seed FROM search_model('images', '{"layers": "softmax"}', '{"budget": 2, "trials": 1}') WHERE seed = 5;
SELECT layers, epochs, printf('%.12f', rate) FROM train_model('images') WHERE layers = 'softmax' AND epochs = 1;
SELECT count(*) FROM train_model('images') WHERE layers = 'softmax' AND epochs = 2 AND epochs < 3 AND rate < 0.001;
SELECT batch, epoch FROM train_model('images', 'few') WHERE layers = 'softmax' AND epochs = 3 AND batch = 60 LIMIT 2;
SELECT epochs FROM digitnet_models WHERE name = 'few';
SELECT holdout, trial FROM search_model('images', '{"layers": "softmax"}', 1) WHERE holdout = 0.2;
SELECT epoch FROM train_model('images', 'joined') CROSS JOIN json_each('[1]') AS e WHERE layers = '4N' AND epochs = 2 AND e.value = 2;
SELECT trial FROM search_model('images', '{"layers": "softmax"}', 2, 'sought') CROSS JOIN json_each('[1]') AS e WHERE e.value = 2;
SELECT name, epochs FROM digitnet_models WHERE name IN ('joined', 'sought') ORDER BY name;

.print -- what does not
SELECT * FROM train_model('none') WHERE layers LIKE 'softmax';
SELECT * FROM train_model('none') WHERE layers GLOB 'softmax';
SELECT * FROM train_model('none') WHERE epochs < 3;
SELECT * FROM train_model('none') WHERE epochs <= 3;
SELECT * FROM train_model('none') WHERE 3 > epochs;
SELECT * FROM train_model('none') WHERE epochs >= 3;
SELECT * FROM train_model('none') WHERE epochs BETWEEN 2 AND 3;
SELECT * FROM train_model('none') WHERE epochs <> 3;
SELECT * FROM train_model('none') WHERE epochs IS NOT 3;
SELECT * FROM train_model('none') WHERE epochs IS NULL;
SELECT * FROM train_model('none') WHERE epochs NOT NULL;
SELECT * FROM train_model('images', layers = 'softmax');
SELECT * FROM train_model('images', 'm', epochs = 3);
SELECT count(*) FROM train_model('images', 'late', epochs = 3) WHERE layers = 'softmax';
SELECT * FROM train_model('images', 'late', epoch > 3) WHERE layers = 'softmax';
SELECT * FROM train_model('none', model = 'm');
SELECT * FROM train_model('none') WHERE model LIKE 'm';
SELECT epoch FROM train_model('images', 'x') WHERE epochs + 0 = 5;
SELECT count(*) FROM train_model('images', 'x') WHERE epochs + 0 = 12;
SELECT epoch, batch FROM train_model('images', 'x');
SELECT * FROM train_model('images', 'x') AS t LEFT JOIN (SELECT 3 AS e) ON t.epochs = e;
SELECT * FROM (SELECT NULL AS e) LEFT JOIN train_model('images', 'x') ON epochs = e;
SELECT count(*) FROM train_model('images', 'x') WHERE layers = 'softmax' AND epochs = NULL;
SELECT count(*) FROM train_model('images', 'x') WHERE layers IS NULL;
SELECT trial FROM search_model('images', '{"layers": "softmax"}', 1) WHERE model = 'x' AND trials = NULL;
SELECT epoch FROM train_model('images', 'x') WHERE epochs = 1 AND lower(layers) = 'softmax';
SELECT trial FROM search_model('images', '{"layers": "softmax"}', 1) WHERE model = 'x' AND seed + 0 = 9;
SELECT count(*) FROM digitnet_models WHERE name IN ('x', 'm') AND layers <> '4N';
SELECT * FROM search_model('images', seed = 2);
SELECT * FROM search_model('images', '{"layers": "softmax"}', trial > 2);
SELECT * FROM search_model('none', budget = 2);
SELECT * FROM search_model('none') WHERE trials > 2;
SELECT * FROM predict_model('none', model = 'builtin');
SELECT * FROM predict_model('none') WHERE model LIKE 'builtin';
SELECT * FROM read_idx('none', transpose = 1);
SELECT * FROM read_idx('none') WHERE transpose <> 0;
SELECT * FROM synthetic_digits(3, seed = 2);
SELECT * FROM read_png WHERE dir LIKE 'none';
SELECT * FROM verify_model WHERE model LIKE 'none';
SELECT * FROM train_model('none', 0);
SELECT * FROM train_model('none', 5.5) WHERE layers = 'mlp';
SELECT * FROM train_model('none', '{"layers": "mlp"}');
SELECT * FROM train_model('none', 'm', 5);
SELECT * FROM train_model('none', 'm', 'layers=mlp');
SELECT * FROM train_model('none', 'm', '["mlp"]');
SELECT * FROM train_model('none', 'm', '{"layers": ["mlp"]}');
SELECT * FROM train_model('none', 'm', '{"epoch": 5}');
SELECT * FROM train_model('none', 'm', '{"learning_rate": 0.1}');
SELECT * FROM train_model('none', 'm', '{"lr": 1}');
SELECT * FROM train_model('none', 'm', '{"batch_size": 1}');
SELECT * FROM train_model('none', 'm', '{"num_epochs": 1}');
SELECT * FROM train_model('none', 'm', '{"validation_split": 1}');
SELECT * FROM train_model('none', 'm', '{"random_state": 1}');
SELECT * FROM train_model('none', 'm', '{"n_jobs": 1}');
SELECT * FROM train_model('none', 'm', '{"smoothing": 1}');
SELECT * FROM train_model('none', 'm', '{"beta1": 1}');
SELECT * FROM train_model('none', 'm', '{"dropout": 1}');
SELECT * FROM train_model('none', 'm', '{"lr batch": 1}');
SELECT * FROM search_model('none', '{"lr": [0.1, 0.2]}');
SELECT * FROM search_model('none', NULL, '{"n_trials": 3}');
SELECT quantise_model('none', 'm', 'images', '{"lr": 1}');
SELECT * FROM train_model('none', 'm', '{"epochs": "5"}');
SELECT * FROM train_model('none', 'm', '{"epochs": 5}') WHERE epochs = 6;
SELECT * FROM train_model('none', 'm', '{"epochs": 5, "epochs": 6}');
SELECT * FROM train_model('none') WHERE epochs = 5 AND epochs IS 6;
SELECT * FROM search_model('none', NULL, '{"budjet": 5}');
SELECT * FROM search_model('none', NULL, '{"seed": 5}') WHERE seed = 5;
SELECT count(*) FROM digitnet_models WHERE layers NOT IN ('', '4N', '2N');

.print -- of each preset and of other layers: what the table says is what a training stores, or takes
CREATE TABLE presets AS SELECT preset, preset || '' AS name, preset || '' AS notation FROM digitnet_options
    WHERE name = 'layers' AND preset IS NOT NULL;
INSERT INTO presets VALUES (NULL, 'other', '4N');
CREATE TABLE twenty AS SELECT * FROM images WHERE id < 20;
SELECT count(*), sum((SELECT epoch FROM train_model('twenty', p.name, json_object('layers', notation)) LIMIT 1)) FROM presets AS p;
CREATE TABLE taken AS SELECT p.name AS preset, o.name, CASE WHEN own.name IS NULL THEN o.value ELSE own.value END AS said,
        json_extract(m.options, '$.' || o.name) AS stored
    FROM presets AS p JOIN digitnet_models AS m USING (name) JOIN digitnet_options AS o ON o.preset IS NULL
    LEFT JOIN digitnet_options AS own ON own.name = o.name AND own.preset = p.preset
    WHERE o.value IS NOT NULL AND o.name <> 'layers' AND json_type(m.options, '$.' || o.name) IS NOT NULL;
SELECT count(DISTINCT preset), count(DISTINCT name), count(*) FROM taken;
SELECT * FROM taken WHERE said IS NOT stored;
SELECT name, preset, value FROM digitnet_options WHERE preset IS NOT NULL AND name NOT IN (SELECT name FROM taken) AND name <> 'layers';
SELECT count(*), sum(m.active) FROM digitnet_models AS m JOIN presets USING (name);
