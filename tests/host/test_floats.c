/* test_floats.c - images of floats that are no k/255, which are kept as they are: trained
 * on they make the model that they should, read once or again in each epoch, alone or
 * among bytes. */
#include <math.h>
#include "../../core/bytes.h"
#include "sql.h"

/* scaled(image, factor) - float32 images times a factor; of bytes, their floats. */
static void scaled(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    const uint8_t *from = sqlite3_value_blob(argv[0]);
    const int size = sqlite3_value_bytes(argv[0]), n = size % 784 ? size : size / 4;
    const float factor = (float)sqlite3_value_double(argv[1]);
    uint8_t *to = sqlite3_malloc(4 * n);
    for (int i = 0; i < n; i++) {
        const float value = n == size ? (float)from[i] / 255 : get_float(from + 4 * i);
        put_float(to + 4 * i, value * factor);
    }
    sqlite3_result_blob(context, to, 4 * n, sqlite3_free);
}

static sqlite3 *open_with_scaled(void) {
    sqlite3 *db = sql_open(":memory:");
    CHECK(sqlite3_create_function(db, "scaled", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                  NULL, scaled, NULL, NULL) == SQLITE_OK);
    return db;
}

#define SMALL    "shape = '4x4x1' AND layers = '4C3-8N' AND epochs = 4"
#define WINDOWED "cache_mb = 1 AND layers = '4C5/4' AND epochs = 4"

/* train - a model of a table, and of its name. */
static void train(sqlite3 *db, const char *table, const char *options) {
    char sql[300];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM train_model('%s', '%s') WHERE %s",
             table, table, options);
    CHECK_SQL(db, sql, "4");
}

/* A network subtracts the mean of the training pixels and divides by their deviation:
 * images that are paler by a factor make the same one, up to rounding. */
static void test_paler(void) {
    sqlite3 *db = open_with_scaled();
    sql_images(db, "images", 300, 0);
    sql_run(db, "CREATE TABLE pale AS SELECT id, scaled(pixels, 0.7) AS pixels, label "
                "FROM images");
    sql_run(db,
            "CREATE TABLE mixed AS SELECT id, label, CASE WHEN id % 3 THEN pixels ELSE "
            "scaled(pixels, 0.999) END AS pixels FROM images");
    train(db, "images", SMALL);
    train(db, "pale", SMALL);
    train(db, "mixed", SMALL);
    CHECK_SQL(
        db, "SELECT count(DISTINCT weights), min(holdout_accuracy) FROM digitnet_models",
        "3|1.0");
    static const char off[] =
        "SELECT max(abs(a.value - b.value)) < 0.002 "
        "FROM %1$s AS t JOIN images USING (id), "
        "json_each(digit_probabilities(images.pixels, 'images')) AS a, "
        "json_each(digit_probabilities(t.pixels, '%1$s')) AS b WHERE a.key = b.key";
    char sql[500];
    snprintf(sql, sizeof sql, off, "pale");
    CHECK_SQL(db, sql, "1");
    snprintf(sql, sizeof sql, off, "mixed");
    CHECK_SQL(db, sql, "1");
    /* Bytes and floats that are k/255 are one and the same. */
    sql_run(db,
            "CREATE TABLE plain AS SELECT id, label, CASE WHEN id % 2 THEN pixels ELSE "
            "scaled(pixels, 1) END AS pixels FROM images");
    train(db, "plain", SMALL);
    CHECK_SQL(db,
              "SELECT count(DISTINCT weights) FROM digitnet_models WHERE name IN "
              "('images', 'plain')",
              "1");
    sql_close(db);
}

/* Read again in each epoch, by ranges of rowids or, of a view, from the start to the end:
 * the same bits; and a row that changes meanwhile is found out. */
static void test_windows(void) {
    sqlite3 *db = open_with_scaled();
    sql_run(db, "CREATE TABLE t AS SELECT label, CASE WHEN id % 5 THEN scaled(pixels, "
                "0.9) ELSE pixels END "
                "AS pixels FROM synthetic_digits(1500)");
    sql_run(db, "CREATE VIEW v AS SELECT label, pixels FROM t");
    train(db, "t", WINDOWED);
    train(db, "v", WINDOWED);
    CHECK_SQL(db, "SELECT count(*), count(DISTINCT weights) FROM digitnet_models", "2|1");
    CHECK_SQL(db, "SELECT same, note FROM verify_model('v')", "1|NULL");
    sqlite3_stmt *s = NULL;
    CHECK(sqlite3_prepare_v2(db,
                             "SELECT epoch FROM train_model('t') WHERE cache_mb = 1 "
                             "AND layers = '4C5/4' AND epochs = 2",
                             -1, &s, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    sql_run(db, "UPDATE t SET pixels = scaled(pixels, 0.99) WHERE rowid = 703");
    CHECK(sqlite3_step(s) == SQLITE_ERROR);
    CHECK_STR(sqlite3_errmsg(db),
              "train_model: t, rowid 703: it has changed since training began");
    sqlite3_finalize(s);
    sql_close(db);
}

int main(void) {
    test_paler();
    test_windows();
    return check_done("test_floats");
}
