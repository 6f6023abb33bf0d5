/* test_models.c - look-up of models: each change of the tables shows in the next row
 * predicted, on every connection, and nothing stands in the way of closing. */
#include "../../core/bytes.h"
#include "sql.h"

#define FILE_NAME "build/tmp/models.db"
/* The built-in model, which takes other images than these. */
#define BUILTIN_ERROR                                                                    \
    "error: digit_predict: image has 16 bytes; expected 784 (uint8), 3136 (float32) or " \
    "a PNG; model 'builtin' takes images of 28x28x1"
#define PREDICT "SELECT digit_predict(pixels) FROM images WHERE id = 0"

/* Version 1 says 0 of image 0 and version 2, trained on swapped labels, says 1. */
static void make_models(sqlite3 *db) {
    sql_images(db, "images", 40, 0);
    sql_images(db, "swapped", 40, 1);
    sql_run(db, "SELECT * FROM train_model('images')" QUICK);
    sql_run(db, "SELECT * FROM train_model('swapped')" QUICK);
}

#define ACTIVATE(version)                                                                \
    "UPDATE digitnet_models SET active = (version = " #version ") WHERE name = "         \
    "'default'"

static void test_versions(sqlite3 *db) {
    CHECK_SQL(db, PREDICT, "1");
    CHECK_SQL(db, "SELECT digit_predict(pixels, 'default@1') FROM images WHERE id < 2",
              "0 1");
    CHECK_SQL(db, "SELECT digit_predict(pixels, 'default@2') FROM images WHERE id < 2",
              "1 0");
    CHECK_SQL(db, "SELECT version, active FROM digitnet_models", "1|0 2|1");
    sql_run(db, ACTIVATE(1));
    CHECK_SQL(db, PREDICT, "0");
    CHECK_SQL(db, "SELECT version, active FROM digitnet_models", "1|1 2|0");
    sql_run(db, ACTIVATE(2));
    CHECK_SQL(db, PREDICT, "1");
    /* Should both be active, the newer one counts. */
    sql_run(db, "UPDATE digitnet_models SET active = 1");
    CHECK_SQL(db, PREDICT, "1");
    sql_run(db, "UPDATE digitnet_models SET active = 0");
    CHECK_SQL(db, "SELECT digit_predict(pixels, 'default') FROM images",
              "error: digit_predict: no version of model 'default' is active; "
              "'default@2' names "
              "the newest");
    sql_run(db, ACTIVATE(1));
    sql_run(db, "UPDATE digitnet_models SET name = 'other' WHERE version = 2");
    CHECK_SQL(db, "SELECT digit_predict(pixels, 'other@2') FROM images WHERE id = 0",
              "1");
    CHECK_SQL(db, "SELECT digit_predict(pixels, 'default@2') FROM images WHERE id = 0",
              "error: digit_predict: model 'default' has no version 2");
    sql_run(db, "UPDATE digitnet_models SET name = 'default' WHERE version = 2");
    /* Weights replaced in place, by others of the same size. */
    CHECK_SQL(db, PREDICT, "0");
    sql_run(db,
            "CREATE TABLE kept AS SELECT weights FROM digitnet_models WHERE version = 1");
    sql_run(db,
            "UPDATE digitnet_models SET weights = (SELECT weights FROM digitnet_models "
            "WHERE version = 2) WHERE version = 1");
    CHECK_SQL(db, PREDICT, "1");
    sql_run(db, "UPDATE digitnet_models SET weights = (SELECT weights FROM kept) "
                "WHERE version = 1");
    CHECK_SQL(db, PREDICT, "0");
}

static void test_transactions(sqlite3 *db) {
    sql_run(db, ACTIVATE(1));
    CHECK_SQL(db, PREDICT, "0");
    sql_run(db, "BEGIN");
    sql_run(db, ACTIVATE(2));
    CHECK_SQL(db, PREDICT, "1");
    sql_run(db, "ROLLBACK");
    CHECK_SQL(db, PREDICT, "0");
    sql_run(db, "BEGIN");
    CHECK_SQL(db, PREDICT, "0");
    sql_run(db, ACTIVATE(2));
    CHECK_SQL(db, PREDICT, "1");
    sql_run(db, "ROLLBACK; BEGIN");
    CHECK_SQL(db, PREDICT, "0");
    sql_run(db, "UPDATE images SET label = label; SAVEPOINT a");
    sql_run(db, ACTIVATE(2));
    CHECK_SQL(db, PREDICT, "1");
    sql_run(db, "ROLLBACK TO a");
    CHECK_SQL(db, PREDICT, "0");
    sql_run(db, "DROP TABLE digitnet_models");
    CHECK_SQL(db, PREDICT, BUILTIN_ERROR);
    sql_run(db, "ROLLBACK TO a");
    CHECK_SQL(db, PREDICT, "0");
    sql_run(db, "DELETE FROM digitnet_models");
    CHECK_SQL(db, "SELECT digit_predict(pixels, 'other') FROM images",
              "error: digit_predict: there is no model named 'other'");
    sql_run(db, "ROLLBACK");
    CHECK_SQL(db, PREDICT, "0");
}

static int step_int(sqlite3_stmt *s) {
    if (sqlite3_step(s) != SQLITE_ROW) return -1;
    return sqlite3_column_int(s, 0);
}

/* Changes between two rows of one running statement. */
static void test_running(sqlite3 *db, int in_transaction) {
    sqlite3_stmt *s = NULL;
    sql_run(db, ACTIVATE(1));
    if (in_transaction) sql_run(db, "BEGIN; UPDATE images SET label = label");
    CHECK(sqlite3_prepare_v2(db,
                             "SELECT digit_predict(pixels) FROM images WHERE id % 2 = 0",
                             -1, &s, NULL) == SQLITE_OK);
    CHECK(step_int(s) == 0);
    CHECK(step_int(s) == 0);
    sql_run(db, ACTIVATE(2));
    CHECK(step_int(s) == 1);
    if (in_transaction) {
        sql_run(db, "SAVEPOINT a");
        sql_run(db, ACTIVATE(1));
        CHECK(step_int(s) == 0);
        sql_run(db, "ROLLBACK TO a");
        CHECK(step_int(s) == 1);
        CHECK(step_int(s) == 1);
    }
    sqlite3_reset(s);
    CHECK(step_int(s) == 1);
    sqlite3_finalize(s);
    if (in_transaction) sql_run(db, "ROLLBACK");
}

/* A statement that changes the active version itself as it goes. */
static void test_trigger(sqlite3 *db) {
    sql_run(db, ACTIVATE(1));
    sql_run(db, "CREATE TABLE r(id INTEGER PRIMARY KEY, prediction)");
    sql_run(db, "INSERT INTO r(id) VALUES(0), (2), (4), (6)");
    sql_run(db, "CREATE TRIGGER flip AFTER UPDATE ON r BEGIN "
                "UPDATE digitnet_models SET active = NOT active; END");
    sql_run(db, "UPDATE r SET prediction = "
                "(SELECT digit_predict(pixels) FROM images i WHERE i.id = r.id)");
    CHECK_SQL(db, "SELECT prediction FROM r", "0 1 0 1");
    sql_run(db, "DROP TABLE r");
    /* Predicting in a trigger and in a view. */
    sql_run(db, "CREATE TABLE incoming(pixels, guess)");
    sql_run(db, "CREATE TRIGGER guess AFTER INSERT ON incoming BEGIN UPDATE incoming SET "
                "guess = digit_predict(NEW.pixels) WHERE rowid = NEW.rowid; END");
    sql_run(db, "INSERT INTO incoming(pixels) SELECT pixels FROM images WHERE id < 2");
    CHECK_SQL(db, "SELECT guess FROM incoming", "0 1");
    sql_run(db, "CREATE VIEW guesses AS SELECT digit_predict(pixels) AS g FROM images");
    CHECK_SQL(db, "SELECT avg(g) FROM guesses", "0.5");
    CHECK_SQL(db, "SELECT count(*), avg(prediction) FROM predict_model('images')",
              "40|0.5");
    sql_run(db, "DROP TABLE incoming; DROP VIEW guesses");
}

static void test_names(sqlite3 *db) {
    sql_run(db, ACTIVATE(1));
    sql_run(db, "CREATE TEMP TABLE digitnet_models(name, version, active, weights)");
    CHECK_SQL(db, PREDICT, "0");
    sql_run(db, "DROP TABLE temp.digitnet_models");
    sql_run(db, "SAVEPOINT a");
    sql_run(db, "UPDATE digitnet_models SET weights = CAST(substr(weights, 1, 60) || "
                "x'00000000' || substr(weights, 65, 80) AS BLOB) WHERE version = 1");
    CHECK_SQL(db, PREDICT,
              "error: digit_predict: model default@1: model bytes are damaged: 144 "
              "bytes; expected 228");
    sql_run(db, "UPDATE digitnet_models SET weights = 'text' WHERE version = 1");
    CHECK_SQL(
        db, PREDICT,
        "error: digit_predict: model default@1: not a model: 4 bytes that do not begin "
        "with 'DIGITNET'");
    sql_run(db, "UPDATE digitnet_models SET weights = 12 WHERE version = 1");
    CHECK_SQL(db, PREDICT, "error: digit_predict: cannot open value of type integer");
    sql_run(db, "UPDATE digitnet_models SET weights = NULL WHERE version = 1");
    CHECK_SQL(db, PREDICT, "error: digit_predict: model default@1: weights are NULL");
    sql_run(db, "UPDATE digitnet_models SET weights = x'' WHERE version = 1");
    CHECK_SQL(db, PREDICT,
              "error: digit_predict: model default@1: not a model: 0 bytes that do "
              "not begin with 'DIGITNET'");
    sql_run(db, "ROLLBACK TO a; RELEASE a");
    CHECK_SQL(db, PREDICT, "0");
    /* More models in one query than the cache has room for. */
    sql_run(db, "BEGIN; INSERT INTO digitnet_models(name, version, weights) "
                "SELECT 'many', i.id, m.weights FROM images i JOIN digitnet_models m "
                "ON m.name = 'default' AND m.version = 1 + i.id % 2 WHERE i.id < 20");
    CHECK_SQL(db,
              "SELECT group_concat(digit_predict(i.pixels, 'many@' || m.version), '') "
              "FROM images i, digitnet_models m WHERE i.id = 0 AND m.name = 'many'",
              "01010101010101010101");
    sql_run(db, "ROLLBACK");
}

/* One byte of the weights changed under the model that is in the cache. */
static void test_damage(sqlite3 *db) {
    sql_run(db, ACTIVATE(1));
    CHECK_SQL(db, PREDICT, "0");
    sql_run(
        db,
        "CREATE TABLE intact AS SELECT weights FROM digitnet_models WHERE version = 1");
    sql_run(
        db,
        "UPDATE digitnet_models SET weights = CAST(substr(weights, 1, 99) || x'FF' || "
        "substr(weights, 101) AS BLOB) WHERE version = 1");
    CHECK_SQL(db, PREDICT,
              "error: digit_predict: model default@1: model bytes are damaged: the "
              "checksum differs");
    sql_run(db, "UPDATE digitnet_models SET weights = (SELECT weights FROM intact) "
                "WHERE version = 1; DROP TABLE intact");
    CHECK_SQL(db, PREDICT, "0");
}

/* Weights so large that their sums are infinite give no answer, but an error. */
static void test_overflow(sqlite3 *db) {
    sqlite3_stmt *s = NULL;
    uint8_t bytes[1024];
    sql_run(db, "CREATE TABLE intact AS SELECT weights FROM digitnet_models "
                "WHERE version = 1");
    CHECK(sqlite3_prepare_v2(db, "SELECT weights FROM intact", -1, &s, NULL) ==
          SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    const size_t size = (size_t)sqlite3_column_bytes(s, 0);
    if (!CHECK(size == 52 + 2 * 12 + 4 * (16 * 2 + 2) + 16))
        return; /* softmax, 4×4, 2 classes, a picture */
    memcpy(bytes, sqlite3_column_blob(s, 0), size);
    sqlite3_finalize(s);
    for (size_t i = 92; i < size; i += 4) put_float(bytes + i, 3e38f);
    put64(bytes + 8, dn_checksum(bytes + 16, size - 16));
    CHECK(sqlite3_prepare_v2(db,
                             "UPDATE digitnet_models SET weights = ?1 WHERE version = 1",
                             -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_blob(s, 1, bytes, (int)size, SQLITE_STATIC);
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
    CHECK(strstr(sql_text(db, "SELECT digit_probabilities(zeroblob(16))"),
                 "model 'default' has an output that is not a finite number") != NULL);
    CHECK(strstr(sql_text(db, "SELECT digit_confidence(zeroblob(16))"),
                 "model 'default' has an output that is not a finite number") != NULL);
    sql_run(db, "UPDATE digitnet_models SET weights = (SELECT weights FROM intact) "
                "WHERE version = 1; DROP TABLE intact");
}

/* Two connections, in both journal modes. */
static void test_connections(const char *mode) {
    char sql[64];
    sqlite3 *a = sql_new(FILE_NAME), *b;
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", mode);
    sql_text(a, sql);
    make_models(a);
    b = sql_open(FILE_NAME);
    CHECK_SQL(a, PREDICT, "1");
    CHECK_SQL(b, PREDICT, "1");
    sql_run(b, ACTIVATE(1));
    CHECK_SQL(a, PREDICT, "0");
    CHECK_SQL(a, "SELECT digit_predict((SELECT pixels FROM images))", "0");

    /* No table of main is read by this one. */
    sqlite3_stmt *s = NULL;
    unsigned char pixels[16] = {255, 255, 255, 255, 255, 255, 255, 255};
    CHECK(sqlite3_prepare_v2(a, "SELECT digit_predict(?1)", -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_blob(s, 1, pixels, sizeof pixels, SQLITE_STATIC);
    CHECK(step_int(s) == 0);
    sqlite3_reset(s);
    sql_run(b, ACTIVATE(2));
    CHECK(step_int(s) == 1);
    sqlite3_reset(s);
    sql_run(b, ACTIVATE(1));
    CHECK(step_int(s) == 0);
    sqlite3_finalize(s);

    /* A transaction sees one state of the database, to its end. */
    if (strcmp(mode, "wal") == 0) {
        sql_run(a, "BEGIN");
        CHECK_SQL(a, PREDICT, "0");
        sql_run(b, ACTIVATE(2));
        CHECK_SQL(b, PREDICT, "1");
        CHECK_SQL(a, PREDICT, "0");
        sql_run(a, "COMMIT");
        CHECK_SQL(a, PREDICT, "1");
    }
    /* Pixels from another database. */
    sql_run(b, ACTIVATE(1));
    sql_run(a, "ATTACH ':memory:' AS aux; CREATE TABLE aux.copy AS SELECT * FROM images");
    CHECK_SQL(a, "SELECT avg(digit_predict(pixels)) FROM aux.copy", "0.5");
    CHECK_SQL(a, "SELECT avg(prediction) FROM predict_model('aux.copy')", "0.5");
    CHECK_SQL(a, "SELECT avg(prediction) FROM predict_model('copy')", "0.5");
    sql_run(b, "DELETE FROM digitnet_models WHERE version = 1");
    CHECK_SQL(a, "SELECT digit_predict(pixels, 'default@1') FROM aux.copy",
              "error: digit_predict: model 'default' has no version 1");
    sql_close(a);
    sql_close(b);
}

/* Another database in the place of main. */
static void test_deserialize(void) {
    sqlite3 *db = sql_open(":memory:"), *one = sql_open(":memory:");
    sqlite3_int64 size1, size2;
    make_models(one);
    sql_run(one, ACTIVATE(1));
    unsigned char *bytes1 = sqlite3_serialize(one, "main", &size1, 0);
    sql_run(one, ACTIVATE(2));
    unsigned char *bytes2 = sqlite3_serialize(one, "main", &size2, 0);
    sqlite3_stmt *s = NULL;
    CHECK(sqlite3_deserialize(db, "main", bytes1, size1, size1,
                              SQLITE_DESERIALIZE_FREEONCLOSE) == SQLITE_OK);
    CHECK(sqlite3_prepare_v2(db, PREDICT, -1, &s, NULL) == SQLITE_OK);
    CHECK(step_int(s) == 0);
    sqlite3_reset(s);
    CHECK(sqlite3_deserialize(db, "main", bytes2, size2, size2,
                              SQLITE_DESERIALIZE_FREEONCLOSE) == SQLITE_OK);
    CHECK(step_int(s) == 1);
    sqlite3_finalize(s);
    sql_close(db);
    sql_close(one);
}

/* Statements that end early, fail, or are interrupted leave nothing behind. */
static void test_endings(sqlite3 *db) {
    sqlite3_stmt *s = NULL;
    sql_run(db, "BEGIN; UPDATE images SET label = label");
    CHECK(sqlite3_prepare_v2(db, "SELECT digit_predict(pixels) FROM images", -1, &s,
                             NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    sqlite3_interrupt(db);
    CHECK(sqlite3_step(s) == SQLITE_INTERRUPT);
    sqlite3_finalize(s);
    if (!sqlite3_get_autocommit(db)) sql_run(db, "ROLLBACK");
    CHECK_SQL(
        db, "SELECT digit_predict(x'00')",
        "error: digit_predict: image has 1 bytes; expected 16 (uint8), 64 (float32) or a "
        "PNG; model 'default@1' takes images of 4x4x1");
    CHECK(sqlite3_prepare_v2(db, "SELECT id FROM predict_model('images')", -1, &s,
                             NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    /* A running statement of the host's does keep the connection open. */
    CHECK(sqlite3_close(db) == SQLITE_BUSY);
    sqlite3_finalize(s);
}

int main(void) {
    sqlite3 *db = sql_open(":memory:");
    CHECK_SQL(db, "SELECT digit_predict(NULL)", "NULL");
    make_models(db);
    test_versions(db);
    test_transactions(db);
    test_running(db, 0);
    test_running(db, 1);
    test_trigger(db);
    test_names(db);
    test_damage(db);
    test_overflow(db);
    test_endings(db);
    sql_close(db);
    test_connections("delete");
    test_connections("wal");
    test_deserialize();
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_models");
}
