/* test_train_scalar.c - train_model() as a function: one row for all epochs, also for a
 * host that fetches one row; other connections write between its checkpoints; the same
 * model as the table's; and what it says of the rows it left out. */
#include "sql.h"

#define FILE_NAME "build/tmp/train_scalar.db"
#define OPTIONS   "{\"layers\":\"16N\",\"epochs\":12,\"batch\":8,\"threads\":1}"

#if SQLITE_VERSION_NUMBER >= 3034000
/* An app that inserts a row whenever training holds no lock. */
typedef struct app {
    sqlite3 *training, *db;
    int inserted, refused;
} app;

static int app_turn(void *context) {
    app *a = context;
    if (a->inserted >= 500 || sqlite3_txn_state(a->training, "main") != SQLITE_TXN_NONE)
        return 0;
    const int rc = sqlite3_exec(a->db,
                                "INSERT INTO images SELECT NULL, pixels, label "
                                "FROM images WHERE id = 1",
                                NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        a->inserted++;
    else
        a->refused++;
    return 0;
}

static void check_live(const char *mode) {
    sqlite3 *db = sql_new(FILE_NAME);
    char sql[200];
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", mode);
    CHECK_SQL(db, sql, mode);
    sql_images(db, "images", 1000, 0);
    app a = {db, sql_open(FILE_NAME), 0, 0};
    sqlite3_progress_handler(db, 1000, app_turn, &a);
    CHECK_SQL(db,
              "SELECT json_extract(train_model('images', 'live', '" OPTIONS "'), "
              "'$.epochs', '$.images')",
              "[12,900]");
    sqlite3_progress_handler(db, 0, NULL, NULL);
    CHECK_SQL(db, "SELECT epochs, active FROM digitnet_models", "12|1");
    CHECK(a.inserted > 0 && a.refused == 0);
    printf("journal %s: %d rows inserted while it trained\n", mode, a.inserted);
    sql_close(a.db);
    sql_close(db);
}
#else
static void check_live(const char *mode) {
    printf("journal %s: not tried, SQLite before 3.34 does not tell what is locked\n",
           mode);
}
#endif

/* A host that fetches one row, as Python's execute and node's get do. */
static void check_lazy(void) {
    sqlite3 *db = sql_new(FILE_NAME);
    sqlite3_stmt *s = NULL;
    sql_images(db, "images", 100, 0);
    CHECK(sqlite3_prepare_v2(db, "SELECT train_model('images', 'one', '" OPTIONS "')", -1,
                             &s, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    sqlite3_reset(s);
    sqlite3_finalize(s);
    CHECK_SQL(db, "SELECT epochs FROM digitnet_models", "12");
    sql_close(db);
}

static void check_same(void) {
    sqlite3 *db = sql_new(FILE_NAME);
    sql_images(db, "images", 100, 0);
    sql_run(db, "SELECT train_model('images', 'function', '" OPTIONS "')");
    sql_run(db, "SELECT * FROM train_model('images', 'table') WHERE layers = '16N' AND "
                "epochs = 12 AND batch = 8 AND threads = 1");
    CHECK_SQL(db,
              "SELECT count(*), count(DISTINCT weights), count(DISTINCT state), "
              "count(DISTINCT options) FROM digitnet_models",
              "2|1|1|1");
    CHECK_SQL(db,
              "SELECT count(*) FROM (SELECT epoch, loss, accuracy, holdout_loss FROM "
              "digitnet_epochs GROUP BY 1, 2, 3, 4 HAVING count(*) = 2)",
              "12");
    sql_close(db);
}

static int stop(void *context) {
    (void)context;
    return 1;
}

/* An interrupt leaves the last checkpoint; a transaction takes all of it back. */
static void check_ends(void) {
    sqlite3 *db = sql_new(FILE_NAME);
    sql_images(db, "images", 1000, 0);
    sql_run(db, "BEGIN; SELECT train_model('images', 'm', '" OPTIONS "'); ROLLBACK");
    CHECK_SQL(db, "SELECT name FROM sqlite_master WHERE type = 'table'", "images");
    sqlite3_progress_handler(db, 100000, stop, NULL);
    CHECK_SQL(
        db, "SELECT train_model('images', 'm', '{\"layers\":\"16N\",\"epochs\":10000}')",
        "error: train_model: interrupted");
    sqlite3_progress_handler(db, 0, NULL, NULL);
    CHECK_SQL(
        db, "INSERT INTO images(label) SELECT train_model('images')",
        "error: train_model: runs only while all running statements are queries, so "
        "that no table's CHECK can call it; 'INSERT INTO images(label) SELECT "
        "train_model('images')' runs; expected SELECT train_model(…) by itself");
    sql_close(db);
}

static void check_notes(void) {
    sqlite3 *db = sql_new(FILE_NAME);
    sql_images(db, "images", 60, 0);
    sql_run(db,
            "ALTER TABLE images ADD split; UPDATE images SET split = CASE id % 10 WHEN 0 "
            "THEN 'Train' WHEN 1 THEN NULL WHEN 2 THEN 'test' ELSE 'train' END");
    sql_run(
        db,
        "UPDATE images SET label = NULL WHERE id = 3; UPDATE images SET pixels = NULL "
        "WHERE id = 4; UPDATE images SET pixels = zeroblob(16) WHERE id IN (13, 15); "
        "UPDATE images SET label = '' WHERE id IN (6, 7)");
    CHECK_SQL(
        db,
        "SELECT json_extract(train_model('images', 'm', '{\"layers\":\"4N\"}'), "
        "'$.notes')",
        "[\"1 rows are left out: their pixels are NULL\","
        "\"1 rows are left out: their label is NULL\","
        "\"12 rows are left out: their split is 'Train', NULL; expected 'train', "
        "'holdout' or 'test'\",\"2 of 40 images are blank: all of their pixels are 0\","
        "\"the label '' is a class like any other; NULL leaves a row out\","
        "\"36 images are few for epochs = 5, batch = 128, which stay because layers is "
        "set; epochs = 100, batch = 16 would train longer\","
        "\"4 held-out images are too few to choose an epoch or fit a temperature by: the "
        "last epoch's weights are kept, and confidences are not calibrated\"]");
    sql_run(db, "UPDATE images SET split = 'Train'");
    CHECK_SQL(db, "SELECT train_model('images')",
              "error: train_model: images has no usable rows: none has split = 'train', "
              "pixels and a label; there are rows whose split is 'Train'");
    sql_close(db);
}

/* check_label - what comes of the label of one row in three, beside 7 and 'other'. */
static void check_label(const char *label, const char *options, const char *want) {
    sqlite3 *db = sql_new(FILE_NAME);
    char sql[400];
    sql_images(db, "images", 30, 0);
    snprintf(sql, sizeof sql,
             "UPDATE images SET label = CASE id %% 3 WHEN 0 THEN %s WHEN 1 THEN 7 ELSE "
             "'other' END",
             label);
    sql_run(db, sql);
    snprintf(sql, sizeof sql,
             "SELECT json_extract(train_model('images', 'm', '{\"layers\": \"softmax\", "
             "\"epochs\": 1, \"holdout\": 0%s}'), '$.notes')",
             options);
    CHECK_SQL(db, sql, want);
    sql_close(db);
}

static void check_labels(void) {
    check_label(
        "'07'", "",
        "[\"labels 7 (INTEGER) and \\\"07\\\" (TEXT) are two classes, and may mean "
        "one number; CAST(label AS INTEGER) makes them one\"]");
    check_label("' +7.0'", "",
                "[\"labels 7 (INTEGER) and \\\" +7.0\\\" (TEXT) are two classes, and may "
                "mean one number; CAST(label AS INTEGER) makes them one\"]");
    check_label("'-7'", "", "[]");
    check_label("'007a'", "", "[]");
    check_label("'+'", "", "[]");
    check_label(
        "CAST(x'636166E9' AS TEXT)", "",
        "error: train_model: the label 'caf?' is no UTF-8 text; make it one where "
        "it is written, or set distinct_labels = 1");
    check_label("CAST(x'636166E9' AS TEXT)", ", \"distinct_labels\": 1", "[]");
    check_label(
        "1e18", "",
        "error: train_model: images, rowid 0: label is 1.0e+18, a REAL beyond 2^53, "
        "which holds no longer each integer; expected an INTEGER or TEXT");
    check_label("-2e300", "",
                "error: train_model: images, rowid 0: label is -2.0e+300, a REAL beyond "
                "2^53, which holds no longer each integer; expected an INTEGER or TEXT");
    check_label("9007199254740992.0", "", "[]");
}

static void check_alike(const char *first, const char *second, const char *shown) {
    sqlite3 *db = sql_new(FILE_NAME);
    char sql[300], want[400];
    sql_images(db, "images", 20, 0);
    snprintf(sql, sizeof sql,
             "UPDATE images SET label = CASE id %% 3 WHEN 0 THEN %s WHEN 1 "
             "THEN %s ELSE 'other' END",
             first, second);
    sql_run(db, sql);
    snprintf(
        want, sizeof want,
        "error: train_model: labels %s differ in type or white space alone; make them "
        "one in a view, by CAST and trim(), or set distinct_labels = 1",
        shown);
    CHECK_SQL(db, "SELECT train_model('images')", want);
    sql_close(db);
}

int main(void) {
    check_lazy();
    check_same();
    check_live("wal");
    check_live("delete");
    check_ends();
    check_notes();
    check_alike("7", "'7'", "7 (INTEGER) and \"7\" (TEXT)");
    check_alike("'7'", "'7 '", "\"7\" (TEXT) and \"7 \" (TEXT)");
    check_alike("'a'", "'a' || char(13)", "\"a\" (TEXT) and \"a\\u000d\" (TEXT)");
    check_alike("7", "'7.0'", "7 (INTEGER) and \"7.0\" (TEXT)");
    check_alike("'7' || char(160)", "'7'", "\"7\xC2\xA0\" (TEXT) and \"7\" (TEXT)");
    check_alike("char(65279, 97)", "char(97, 8239, 13)",
                "\"\xEF\xBB\xBF"
                "a\" (TEXT) and \"a\xE2\x80\xAF\\u000d\" (TEXT)");
    check_labels();
    return check_done("test_train_scalar");
}
