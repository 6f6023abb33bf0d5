/* test_png.c - PNGs in the place of pixels: every picture of a data set survives them bit
 * for bit, and training and predicting from them is training and predicting from the
 * pixels. */
#include "sql.h"

/* Every image of MNIST's test set where it is there, of the synthetic digits where
 * not. */
static void test_round_trip(void) {
    sqlite3 *db = sql_new("build/tmp/png.db");
    const int mnist = access("mnist", F_OK) == 0;
    sql_run(db, mnist ? "CREATE TABLE images AS SELECT * FROM read_mnist('mnist') "
                        "WHERE split = 'test'"
                      : "CREATE TABLE images AS SELECT * FROM synthetic_digits(2000)");
    sql_run(db, "CREATE TABLE pngs AS SELECT digit_png(pixels) AS pixels FROM images");
    CHECK_SQL(db,
              "SELECT count(*), sum(digit_image(p.pixels) IS i.pixels) "
              "FROM images i JOIN pngs p ON p.rowid = i.rowid",
              mnist ? "10000|10000" : "2000|2000");
    /* As they come in IDX files, too. */
    sql_run(db, "CREATE TABLE bytes(pixels)");
    sql_run(db, "INSERT INTO bytes VALUES(zeroblob(784)), (x'')");
    CHECK_SQL(db,
              "SELECT digit_image(digit_png(pixels)) = zeroblob(3136) FROM bytes LIMIT 1",
              "1");
    sql_close(db);
}

#define TRAIN(source, model, more)                                                       \
    "SELECT count(*) FROM train_model('" source "', '" model                             \
    "') WHERE layers = '4C5/4' "                                                         \
    "AND epochs = 2 AND batch = 64 " more

static void test_same_model(void) {
    sqlite3 *db = sql_new("build/tmp/png.db");
    sql_run(db,
            "CREATE TABLE blobs AS SELECT id, label, pixels FROM synthetic_digits(1500)");
    sql_run(db, "CREATE TABLE pngs AS SELECT id, label, digit_png(pixels) AS pixels "
                "FROM blobs");
    sql_run(db, "CREATE TABLE mixed AS SELECT p.id, p.label, "
                "CASE WHEN p.id % 3 THEN p.pixels ELSE b.pixels END AS pixels "
                "FROM blobs b JOIN pngs p USING(id)");
    CHECK_SQL(db, TRAIN("blobs", "b", ""), "2");
    CHECK_SQL(db, TRAIN("pngs", "p", ""), "2");
    CHECK_SQL(db, TRAIN("mixed", "m", ""), "2");
    CHECK_SQL(db,
              "SELECT count(DISTINCT weights), count(DISTINCT shape), max(shape) "
              "FROM digitnet_models",
              "1|1|28x28x1");
    /* A budget of 1 MB: 1,329 rows fit, so the others are read again. */
    CHECK_SQL(db, TRAIN("blobs", "b", "AND cache_mb = 1"), "2");
    CHECK_SQL(db, TRAIN("pngs", "p", "AND cache_mb = 1"), "2");
    CHECK_SQL(db, "SELECT count(DISTINCT weights) FROM digitnet_models WHERE version = 2",
              "1");

    CHECK_SQL(db,
              "SELECT count(*), "
              "sum(digit_predict(p.pixels, 'b') IS digit_predict(b.pixels, 'b')), "
              "sum(digit_confidence(p.pixels, 'b') IS digit_confidence(b.pixels, 'b')), "
              "sum(digit_embedding(p.pixels, 'b') IS digit_embedding(b.pixels, 'b')), "
              "sum(digit_probabilities(p.pixels, 'b') IS "
              "digit_probabilities(b.pixels, 'b')) FROM blobs b JOIN pngs p USING(id)",
              "1500|1500|1500|1500|1500");
    CHECK_SQL(
        db,
        "SELECT (SELECT group_concat(prediction || ' ' || confidence) "
        "FROM predict_model('blobs', 'b')) = (SELECT group_concat(prediction || ' ' "
        "|| confidence) FROM predict_model('mixed', 'b'))",
        "1");
    sql_close(db);
}

static void test_errors(void) {
    sqlite3 *db = sql_new("build/tmp/png.db");
    sql_run(db, "CREATE TABLE t AS SELECT id, label, digit_png(pixels) AS pixels "
                "FROM synthetic_digits(40)");
    CHECK_SQL(db, TRAIN("t", "m", ""), "2");
    sql_run(db, "UPDATE t SET pixels = substr(pixels, 1, 40) WHERE rowid = 7");
    CHECK_SQL(db, "SELECT max(digit_predict(pixels, 'm')) FROM t",
              "error: digit_predict: PNG: ends within a chunk's frame");
    CHECK_SQL(db, "SELECT count(*) FROM predict_model('t', 'm')",
              "error: predict_model: t, rowid 7, id 6: PNG: ends within a chunk's frame; "
              "try_predict(pixels) gives NULL for such a row");
    CHECK_SQL(db, TRAIN("t", "n", ""),
              "error: train_model: t, rowid 7, id 6: PNG: ends within a chunk's frame");
    /* The first row sets the shape, and nothing else is said of it. */
    sql_run(db, "DELETE FROM t WHERE rowid < 7");
    CHECK_SQL(db, TRAIN("t", "n", ""),
              "error: train_model: t, rowid 7, id 6: PNG: ends within a chunk's frame");
    sql_run(db, "DELETE FROM t WHERE rowid = 7; UPDATE t SET pixels = zeroblob(600) "
                "WHERE rowid = 9");
    CHECK_SQL(db, TRAIN("t", "n", ""),
              "error: train_model: t, rowid 9, id 8: image has 600 bytes; expected 784 "
              "(uint8), "
              "3136 (float32) or a PNG");

    /* A model with colours reads a grey picture as one whose channels are the same. */
    sql_run(db, "CREATE TABLE rgb AS SELECT id % 2 AS label, randomblob(48) AS pixels "
                "FROM synthetic_digits(40)");
    sql_run(db, TRAIN("rgb", "c", "AND shape = '4x4x3'"));
    CHECK_SQL(db,
              "SELECT digit_confidence(digit_png(zeroblob(16)), 'c') = "
              "digit_confidence(zeroblob(48), 'c')",
              "1");
    /* One of another size gets it, and any other PNG with it. */
    sql_run(db, "CREATE TABLE small AS SELECT id % 2 AS label, digit_png(randomblob(25)) "
                "AS pixels FROM synthetic_digits(40)");
    sql_run(db, TRAIN("small", "s", "AND shape = '12x10'"));
    CHECK_SQL(db, "SELECT shape FROM digitnet_models WHERE name = 's'", "12x10x1");
    CHECK_SQL(db, "SELECT digit_predict(digit_png(zeroblob(784), 3), 's') IN (0, 1)",
              "1");
    sql_close(db);
}

int main(void) {
    test_round_trip();
    test_same_model();
    test_errors();
    return check_done("test_png");
}
