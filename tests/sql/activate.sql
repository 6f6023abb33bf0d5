-- activate = 0: a new version leaves the active one as it is; distinct_labels = 1 allows
-- labels that differ in type or white space alone.
.load ./digitnet
CREATE TABLE images AS SELECT * FROM synthetic_digits(100);
SELECT epoch FROM train_model('images', 'm') WHERE layers = '4N' AND epochs = 1;
SELECT epoch FROM train_model('images', 'm') WHERE layers = '4N' AND epochs = 2 AND activate = 0;
SELECT json_extract(train_model('images', 'm', '{"layers": "4N", "epochs": 1, "activate": 0}'), '$.version');
SELECT json_extract(import_model('m', export_model('m'), '{"activate": 0}'), '$.version');
SELECT name, version, active FROM digitnet_models;
.print -- a first version that is not active
SELECT epoch FROM train_model('images', 'new') WHERE layers = '4N' AND epochs = 1 AND activate = 0;
SELECT digit_predict(pixels, 'new') FROM images LIMIT 1;
SELECT digit_predict(pixels, 'new@1') IS NOT NULL FROM images LIMIT 1;
.print -- resumed, it stays so
SELECT epoch FROM train_model('images', 'new') WHERE resume = 1 AND epochs = 2;
SELECT name, version, active, epochs FROM digitnet_models WHERE name = 'new';
.print -- a search too
SELECT count(*) > 0 FROM search_model('images', '{"layers": ["4N", "8N"]}', 2) WHERE model = 'm' AND activate = 0;
SELECT version FROM digitnet_models WHERE name = 'm' AND active;
SELECT train_model('images', 'm', '{"activate": 2}');

CREATE TABLE mixed(pixels, label);
INSERT INTO mixed SELECT pixels, CASE id % 3 WHEN 0 THEN 7 WHEN 1 THEN '7' ELSE '7 ' END FROM images;
SELECT train_model('mixed', 'm');
SELECT json_extract(train_model('mixed', 'mixed', '{"layers": "4N", "epochs": 1, "distinct_labels": 1}'), '$.epochs');
SELECT classes FROM digitnet_models WHERE name = 'mixed';
SELECT epoch FROM train_model('mixed', 'mixed') WHERE resume = 1 AND epochs = 2;
SELECT same FROM verify_model('mixed');
.print -- a trigger keeps a new version out: the old one stays active
CREATE TRIGGER keep BEFORE INSERT ON digitnet_models BEGIN SELECT RAISE(IGNORE); END;
SELECT import_model('mixed', export_model('mixed'));
SELECT train_model('images', 'mixed', '{"layers": "4N", "epochs": 1}');
SELECT version, active FROM digitnet_models WHERE name = 'mixed';
DROP TRIGGER keep;
.print -- one keeps the old version active, another the new one from being so: nothing is written
CREATE TRIGGER keep BEFORE UPDATE ON digitnet_models WHEN old.active BEGIN SELECT RAISE(IGNORE); END;
SELECT import_model('mixed', export_model('mixed'));
SELECT train_model('images', 'mixed', '{"layers": "4N", "epochs": 1}');
SELECT copy_model('mixed', 'mixed');
DROP TRIGGER keep;
CREATE TRIGGER keep BEFORE UPDATE ON digitnet_models WHEN new.active BEGIN SELECT RAISE(IGNORE); END;
SELECT import_model('mixed', export_model('mixed'));
BEGIN;
SELECT quantise_model('mixed', 'images', 'mixed');
SELECT count(*) FROM train_model('images', 'mixed') WHERE layers = '4N' AND epochs = 2;
COMMIT;
SELECT version, active, (SELECT count(*) FROM digitnet_epochs WHERE name = 'mixed') FROM digitnet_models WHERE name = 'mixed';
.print -- what is not to be active is none of its business
SELECT json_extract(import_model('mixed', export_model('mixed'), '{"activate": 0}'), '$.version');
DROP TRIGGER keep;
.print -- one that takes the new version away at once
CREATE TRIGGER keep AFTER UPDATE ON digitnet_models BEGIN DELETE FROM digitnet_models WHERE name = new.name AND version > 2; END;
SELECT import_model('mixed', export_model('mixed'));
SELECT version, active FROM digitnet_models WHERE name = 'mixed';
