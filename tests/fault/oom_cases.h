/* oom_cases.h - the scripts that oom.c runs: all that SQL can ask of the library, on the
 * database and the files that it makes first. */
#ifndef OOM_CASES_H
#define OOM_CASES_H

#include "state.h"

#define WORK  "build/tmp/oom.db"
#define START "build/tmp/start.db"
#define FILES "build/tmp/oom"

typedef struct oom_case {
    const char *name;
    int kind;
    const char *sql;
    long most; /* so many k at most, evenly spread; 0: all */
} oom_case;

#define TINY "layers = '4C3b/2-D0.2-6N' AND epochs = 2 AND batch = 16 AND threads = 2 "

static oom_case cases[] = {
    {"open and load", READS, NULL, 0},
    {"version", READS, "SELECT digitnet_version(), digitnet_debug()", 0},
    {"digit_predict", READS,
     "SELECT digit_predict(pixels), digit_predict(pixels, 'default@1'), "
     "digit_predict(pixels, 'words') FROM images LIMIT 3; SELECT digit_predict(png) FROM "
     "pngs",
     0},
    {"builtin", READS, "SELECT digit_predict(pixels, 'builtin') FROM images LIMIT 2", 0},
    {"digit_confidence", READS,
     "SELECT digit_confidence(pixels), digit_confidence(png, 'words') FROM pngs", 0},
    {"digit_probabilities", READS,
     "SELECT digit_probabilities(pixels), digit_probabilities(pixels, 'words') FROM pngs",
     0},
    {"digit_embedding", READS,
     "SELECT digit_embedding(pixels), digit_embedding(pixels, 'words') FROM pngs", 0},
    {"digit_image", READS,
     "SELECT digit_image(png), digit_image(pixels), digit_image(png, NULL, NULL, "
     "'uint8'), "
     "digit_image(digit_image(png), NULL, NULL, 'uint8') FROM pngs",
     0},
    {"digit_image, colours", READS,
     "SELECT digit_image(digit_png(pixels, 1, '14x14x4'), '9x7x3', 'crop'), "
     "digit_image(digit_png(substr(pixels, 1, 588), 1, '14x14x3'), NULL, 'fit'), "
     "digit_image(png, '20x30x3', 'stretch') FROM pngs",
     0},
    {"digit_shape", READS, "SELECT digit_shape(png), digit_shape(pixels) FROM pngs", 0},
    {"digit_pixels", READS,
     "SELECT count(*), sum(value) FROM pngs, digit_pixels(png); "
     "SELECT * FROM pngs, digit_pixels(png, '2x2x3', 'fit')",
     0},
    {"zeroblob", READS,
     "SELECT digit_image(zeroblob(784)), digit_predict(zeroblob(784)), "
     "digit_png(zeroblob(784)), digit_show(zeroblob(784))",
     0},
    {"digit_png", READS,
     "SELECT digit_png(pixels), digit_png(pixels, 3), digit_png(png) FROM pngs", 0},
    {"digit_show", READS,
     "SELECT digit_show(pixels), digit_show(png, 9), digit_show(pixels, NULL, 1) FROM "
     "pngs",
     0},
    {"digit_sheet", READS,
     "SELECT digit_sheet(pixels), digit_sheet(png, label || ' é') FROM pngs; "
     "SELECT label, digit_sheet(pixels, id) FROM images WHERE label < 2 GROUP BY label",
     0},
    {"digit_saliency", READS,
     "SELECT digit_saliency(pixels), digit_saliency(png, 'words') FROM pngs", 0},
    {"digit_read", READS,
     "SELECT digit_read(png), digit_read(png, 'words'), digit_read_confidence(png) FROM "
     "pngs",
     0},
    {"digit_find", READS, "SELECT f.* FROM pngs, digit_find(png) AS f", 0},
    {"digit_data_uri", READS, "SELECT digit_data_uri(png) FROM pngs", 0},
    {"read_idx", READS,
     "SELECT * FROM read_idx('" FILES "/idx/train-images-idx3-ubyte'); "
     "SELECT * FROM read_idx('" FILES "/idx/train-images-idx3-ubyte', '" FILES
     "/idx/train-labels-idx1-ubyte')",
     0},
    {"read_cifar", READS, "SELECT * FROM read_cifar('" FILES "/cifar')", 0},
    {"read_mnist", READS, "SELECT * FROM read_mnist('" FILES "/idx')", 0},
    {"read_mnist, gzip", READS, "SELECT * FROM read_mnist('" FILES "/gz', 'uint8')", 0},
    {"read_png", READS,
     "SELECT * FROM read_png('" FILES "/png'); "
     "SELECT * FROM read_png('" FILES "/png', '9x7x3', 'crop', 'uint8') WHERE error IS "
     "NULL",
     0},
    {"synthetic_digits", READS,
     "SELECT * FROM synthetic_digits(3, 5, 'none'); "
     "SELECT * FROM synthetic_digits(2, 5, 'pen', 'uint8')",
     0},
    {"digitnet_builtin", READS,
     "SELECT * FROM digitnet_builtin; SELECT * FROM digitnet_builtin_epochs", 0},
    {"digitnet_limit", READS,
     "SELECT digitnet_limit('memory'), digitnet_limit('memory', 268435456), "
     "digitnet_limit('work', 1 << 34)",
     0},
    {"digitnet_options", READS, "SELECT * FROM digitnet_options", 0},
    {"predict_model", READS,
     "SELECT * FROM predict_model('images'); SELECT * FROM predict_model('main.pngs', "
     "'words')",
     0},
    {"predict_model, look-ups", READS,
     "SELECT id, label FROM predict_model('images') WHERE rowid = 2; "
     "SELECT p.id, p.label, prediction FROM images AS i LEFT JOIN "
     "predict_model('images', "
     "NULL, 'label') AS p ON p.id = i.label; "
     "SELECT (SELECT count(id) FROM predict_model('images') AS p WHERE p.label = "
     "i.label) "
     "FROM images AS i; "
     "DROP TABLE IF EXISTS temp.said; CREATE TEMP TABLE said AS SELECT * FROM "
     "predict_model('images')",
     0},
    {"try_predict", READS,
     "SELECT try_predict(pixels), try_predict(png, 'words'), try_predict(x'00') FROM "
     "pngs",
     0},
    {"image_rows", READS,
     "SELECT * FROM image_rows('images'); SELECT id FROM image_rows('main.pngs', "
     "'label') WHERE id = 3",
     0},
    {"digitnet_model", READS,
     "SELECT digitnet_model(), digitnet_model('words'), digitnet_model('words', 'shape')",
     0},
    {"copy_model", WRITES, "SELECT copy_model('words', 'new', 0)", 0},
    {"train_model, the function", TRAINS,
     "SELECT json_extract(train_model('images', 'new', '{\"layers\": \"softmax\", "
     "\"epochs\": 1}'), '$.loss')",
     0},
    {"verify_model", READS,
     "SELECT name, version, epochs, same, note FROM verify_model('default'); "
     "SELECT name, version, epochs, same, note FROM verify_model('words')",
     0},
    {"export_model", READS,
     "SELECT export_model('words'), export_model('default@1'), export_model()", 0},
    {"export_c", READS, "SELECT export_c('words'), export_c('default@1', 'net')", 0},
    {"import_model", TRAINS, "SELECT import_model('new', export_model('words'))", 0},
    {"import_model, fitted", TRAINS,
     "SELECT import_model('new', export_model('builtin'), '{\"fit\": \"images\"}')", 300},
    {"quantise_model", TRAINS,
     "SELECT quantise_model('words', 'new', 'images', '{\"activate\": 1}'), "
     "digitnet_model('words', 'precision'); SELECT digit_predict(pixels, 'new') FROM "
     "images LIMIT 2; SELECT * "
     "FROM train_model('images', 'new') WHERE precision = 'int8' AND " TINY,
     400},
    {"inspect_model", TRAINS,
     "SELECT * FROM (SELECT export_model('words') AS file), inspect_model(file)", 0},
    {"import_model, with options", TRAINS,
     "SELECT import_model('words', export_model('default'), '{\"mean\": "
     "0.1, \"std\": 2, \"shape\": \"28x28\", \"classes\": [1, 2, \"c\", 4, 5, 6, 7, 8, "
     "9, \"j\"]}')",
     0},
    {"import", WRITES, "CREATE TABLE a AS SELECT * FROM read_mnist('" FILES "/idx')", 0},
    {"import of PNGs", WRITES,
     "CREATE TABLE a AS SELECT * FROM read_png('" FILES "/png')", 0},
    {"train_model", TRAINS, "SELECT * FROM train_model('images', 'new') WHERE " TINY, 0},
    {"train_model, options as JSON", TRAINS,
     "SELECT * FROM train_model('images', 'new', '{\"layers\": \"softmax\", \"holdout\": "
     "0, "
     "\"optimizer\": \"sgd\"}') WHERE epochs = 1",
     0},
    {"train_model, a version more", TRAINS,
     "SELECT * FROM train_model('images') WHERE " TINY "AND start = 'default' AND "
     "teacher = 'default@1,builtin' AND augment = 1 AND ema = 0.9 AND blank = 0.1",
     0},
    {"train_model, a view of PNGs", TRAINS,
     "SELECT * FROM train_model('seen', 'new') WHERE layers = 'softmax' AND epochs = 1 "
     "AND "
     "shape = '28x28x1' AND holdout = 0",
     0},
    {"train_model, in windows", TRAINS,
     "SELECT * FROM train_model('many', 'new') WHERE layers = 'softmax' AND epochs = 1 "
     "AND "
     "cache_mb = 1",
     2000},
    {"INSERT … SELECT", WRITES,
     "INSERT INTO runs SELECT epoch FROM train_model('images') WHERE " TINY, 0},
    {"in a transaction", WRITES,
     "BEGIN; SELECT epoch FROM train_model('images', 'new') WHERE " TINY "; COMMIT", 0},
    {"resume", TRAINS,
     "SELECT * FROM train_model('images') WHERE resume = 1 AND epochs = 3", 0},
    {"search_model", TRAINS,
     "SELECT trial, rung, epochs, layers, options, loss, holdout_loss, best FROM "
     "search_model('images', '{\"layers\": [\"softmax\", \"5N\"], \"rate\": {\"min\": "
     "0.01, "
     "\"max\": 0.1, \"log\": true}}', 6) WHERE model = 'found' AND trials "
     "= 2",
     0},
    {"search_model, its own space", TRAINS,
     "SELECT trial, loss FROM search_model('images', NULL, 1) LIMIT 1", 1000},
    {"suspect_labels", READS,
     "SELECT * FROM suspect_labels('images', NULL, 'id', '{\"layers\": \"4C3-6N\", "
     "\"epochs\": 1, \"threads\": 2}')",
     300},
    {"suspect_labels, by a model", READS,
     "SELECT id, label, suggestion FROM suspect_labels('images', 'default'); SELECT "
     "label FROM suspect_labels('pngs', 'words')",
     300},
    {"UPDATE", WRITES, "UPDATE digitnet_models SET active = 1 - active", 0},
    {"reports", READS,
     "sql/predictions.sql sql/explore.sql sql/accuracy.sql "
     "sql/calibration.sql sql/confusion.sql sql/mistakes.sql "
     "sql/answers.sql sql/compare.sql sql/progress.sql sql/curve.sql",
     2000},
    {"report", READS, "sql/report/page.sql", 500},
    {"report_model", READS, "SELECT length(report_model('images', 'default')) > 9999",
     60},
};

#define N_CASES ((int)(sizeof cases / sizeof *cases))

#endif
