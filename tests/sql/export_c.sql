.load ./digitnet
-- A model as C: its head, its names, and who may ask for it. That it compiles and says
-- the same is tests/unit/core/test_export_c.c's.
CREATE TABLE sensor AS
SELECT digit_image(digit_png(pixels), '8x8x1', 'stretch') AS pixels,
       CASE label % 5 WHEN 0 THEN 'null */ "\?' ELSE label % 5 END AS label
FROM synthetic_digits(300);
SELECT epoch FROM train_model('sensor', 'night watch') WHERE layers = '8C3-MP2-16N' AND epochs = 1;
.mode list
SELECT substr(c, 1, instr(c, 'struct layer {') - 1) FROM (SELECT export_c('night watch') AS c);

-- The name of what is in it: the model's own, or one that is given.
SELECT substr(export_c(), 1, 14), substr(export_c('night watch@1', NULL), 1, 20),
    substr(export_c('night watch', 'Sensor_2'), 1, 14);
SELECT instr(export_c('night watch', 'n2'), 'int n2_predict(') > 0,
    export_c('night watch', 'n2') = export_c('night watch@1', 'n2'),
    typeof(export_c('builtin', 'b'));
-- The same model is the same file, in a transaction too.
BEGIN;
SELECT hex(sha3(export_c('night watch'))) = hex(sha3(export_c('night watch@1')));
COMMIT;

-- A limit holds for the text as well.
SELECT digitnet_limit('memory', 400000) > 0;
SELECT length(export_c('night watch')) > 10000;
SELECT digitnet_limit('memory', 200000) > 0;
SELECT export_c('night watch');
SELECT digitnet_limit('memory', 1 << 28) > 0;

-- Errors.
SELECT export_c('none');
SELECT export_c(7);
SELECT export_c('night watch@9');
SELECT export_c('night watch', '');
SELECT export_c('night watch', '2nd');
SELECT export_c('night watch', 'a-b');
SELECT export_c('night watch', 'é');
SELECT export_c('night watch', 5);
SELECT export_c('night watch', x'61');
SELECT length(export_c('night watch', printf('%.*c', 63, 'a'))) > 10000;
SELECT export_c('night watch', printf('%.*c', 64, 'a'));
CREATE VIEW v AS SELECT export_c('night watch');
SELECT * FROM v;
DROP VIEW v;
CREATE TABLE stolen AS SELECT export_c('night watch');
