/* test_search.c - search_model: when it writes, how it stops, and that what it leaves is
 * the best of the rows it has returned. */
#include <pthread.h>
#include "sql.h"

#define FILE_NAME "build/tmp/search.db"
#define MODELS    "SELECT name, version, active, epochs FROM digitnet_models"
#define NO_TABLES "SELECT count(*) FROM sqlite_master WHERE name GLOB 'digitnet*'"

/* Six trials, two of them for 3 epochs, one for 12. */
#define SPACE                                                                            \
    "'{\"layers\": \"softmax\", \"rate\": [0.0001, 0.0002, 0.0004], \"batch\": [8, "     \
    "16]}', "                                                                            \
    "24"
#define SEARCH "search_model('images', " SPACE ")"

/* The best trial of those in a table is what is stored as a model. */
#define SAME(table, model)                                                               \
    "SELECT count(*), max(t.epochs) = m.epochs, min(t.holdout_loss) = (SELECT "          \
    "min(holdout_loss) FROM digitnet_epochs e WHERE e.name = m.name AND "                \
    "e.version = m.version), (SELECT count(*) FROM digitnet_epochs e WHERE "             \
    "e.name = m.name) = m.epochs FROM " table " t, digitnet_models m WHERE "             \
    "t.best AND m.name = '" model "'"

static void test_rows(void) {
    sqlite3 *db = sql_new(FILE_NAME), *reader;
    sqlite3_stmt *s = NULL;
    sql_images(db, "images", 60, 0);
    sql_run(db, "CREATE TABLE other(x); INSERT INTO other VALUES(1), (2)");
    const sqlite3_int64 rowid = sqlite3_last_insert_rowid(db);
    reader = sql_open(FILE_NAME);

    /* Each row that is the best is there, for others too, when it is returned. */
    CHECK(sqlite3_prepare_v2(db,
                             "SELECT epochs, holdout_accuracy, best, rung FROM " SEARCH,
                             -1, &s, NULL) == SQLITE_OK);
    int rows = 0, bests = 0, rung = 0;
    while (sqlite3_step(s) == SQLITE_ROW) {
        rows++;
        rung = sqlite3_column_int(s, 3);
        if (!sqlite3_column_int(s, 2)) continue;
        char want[64];
        snprintf(want, sizeof want, "default|1|1|%d", sqlite3_column_int(s, 0));
        bests++;
        CHECK_SQL(reader, MODELS, want);
        CHECK_SQL(reader, "SELECT typeof(digit_predict(pixels)) FROM images LIMIT 1",
                  "integer");
    }
    CHECK(sqlite3_finalize(s) == SQLITE_OK);
    CHECK(rows == 9 && rung == 3 && bests >= 1);
    CHECK(sqlite3_last_insert_rowid(db) == rowid);
    CHECK(sqlite3_get_autocommit(db) == 1);
    sql_close(reader);

    /* LIMIT stops it with what it has. */
    sql_run(db,
            "CREATE TABLE few AS SELECT * FROM " SEARCH " WHERE model = 'few' LIMIT 4");
    CHECK_SQL(db, "SELECT count(*), max(rung) FROM few", "4|1");
    CHECK_SQL(
        db,
        "SELECT name, version, active, epochs FROM digitnet_models WHERE name = 'few'",
        "few|1|1|1");
    CHECK_SQL(db,
              "SELECT (SELECT min(holdout_loss) FROM few) = holdout_loss FROM "
              "digitnet_epochs WHERE name = 'few'",
              "1");
    CHECK_SQL(
        db,
        "SELECT epoch FROM train_model('images', 'few') WHERE resume = 1 AND epochs = 2",
        "2");

    /* A cursor used again starts a search of its own, as a join does. */
    CHECK_SQL(
        db,
        "SELECT o.x, t.trial FROM other o CROSS JOIN search_model('images', "
        "'{\"layers\": [\"softmax\", \"4N\"]}', 5) t WHERE t.model = 'c' AND rung = 1",
        "1|1 1|2 2|1 2|2");
    CHECK_SQL(db, "SELECT version, active FROM digitnet_models WHERE name = 'c'",
              "1|0 2|1");
    CHECK_SQL(db,
              "SELECT o.x, t.epochs FROM other o JOIN search_model('images', "
              "'{\"layers\":\"4N\"}', o.x) t "
              "WHERE t.model = 'd' || o.x",
              "1|1 2|2");
    CHECK_SQL(db, "SELECT name, epochs FROM digitnet_models WHERE name GLOB 'd[0-9]'",
              "d1|1 d2|2");
    sql_close(db);
}

static void test_transactions(const char *mode) {
    char sql[64];
    sqlite3 *db = sql_new(FILE_NAME);
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", mode);
    sql_text(db, sql);
    sql_images(db, "images", 40, 0);
    sql_run(db, "BEGIN");
    CHECK_SQL(db, "SELECT count(*) FROM " SEARCH, "9");
    CHECK(sqlite3_get_autocommit(db) == 0);
    CHECK_SQL(db, "SELECT count(*) FROM digitnet_models", "1");
    sql_run(db, "ROLLBACK");
    CHECK_SQL(db, NO_TABLES, "0");

    /* As one statement: all or nothing. */
    sql_run(db, "CREATE TABLE runs(rung, loss, CONSTRAINT two CHECK (rung < 3))");
    CHECK_SQL(db, "INSERT INTO runs SELECT rung, loss FROM " SEARCH,
              "error: CHECK constraint failed: two");
    CHECK_SQL(db, NO_TABLES, "0");
    CHECK_SQL(db, "SELECT count(*) FROM runs", "0");
    sql_run(db, "INSERT INTO runs SELECT rung, loss FROM " SEARCH " LIMIT 8");
    CHECK_SQL(db, "SELECT version, active FROM digitnet_models", "1|1");

    /* Log and model of a better trial come together or not at all. */
    sql_run(db,
            "CREATE TRIGGER third BEFORE INSERT ON digitnet_epochs WHEN NEW.epoch = 3 "
            "BEGIN SELECT RAISE(ABORT, 'no third'); END");
    CHECK_SQL(db, "SELECT count(*) FROM " SEARCH " WHERE model = 'once'",
              "error: search_model: no third");
    CHECK_SQL(db,
              "SELECT m.epochs, count(*), min(e.epoch) FROM digitnet_models m JOIN "
              "digitnet_epochs e USING (name, version) WHERE name = 'once'",
              "1|1|1");
    sql_run(db, "DROP TRIGGER third");

    /* The model deleted under a search. */
    sqlite3_stmt *s = NULL;
    CHECK(sqlite3_prepare_v2(db, "SELECT rung FROM " SEARCH " WHERE model = 'gone'", -1,
                             &s, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    sql_run(db, "DELETE FROM digitnet_models WHERE name = 'gone'");
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {}
    CHECK(rc == SQLITE_ERROR);
    CHECK_STR(sqlite3_errmsg(db),
              "search_model: model gone@1 was deleted while it trained");
    sqlite3_finalize(s);

    /* Only top-level SQL searches. */
    sql_run(db, "CREATE VIEW v AS SELECT * FROM search_model('images')");
    CHECK_SQL(db, "SELECT * FROM v",
              "error: unsafe use of virtual table \"search_model\"");
    CHECK_SQL(db, "PRAGMA integrity_check", "ok");
    sql_close(db);

    /* Nor on a database that cannot be written to. */
    db = sql_open_flags(FILE_NAME, SQLITE_OPEN_READONLY);
    CHECK_SQL(db, "SELECT * FROM " SEARCH,
              "error: search_model: attempt to write a readonly database");
    sql_close(db);
}

/* --- stopping ----------------------------------------------------------------------- */

static double stopped_at; /* sql_busy when the one who stops did so */

static void *interrupt_soon(void *db) {
    sql_sleep(300);
    stopped_at = sql_busy();
    sqlite3_interrupt(db);
    return NULL;
}

static void interrupted(sqlite3 *db, const char *sql) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, interrupt_soon, db) == 0);
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_INTERRUPT);
    const double now = sql_busy();
    pthread_join(thread, NULL);
    CHECK(now - stopped_at < sql_patience());
}

static void test_interrupt(void) {
    sqlite3 *db = sql_new(FILE_NAME);
    sql_images(db, "images", 20000, 0);
    /* In the first trial: nothing is there. */
    interrupted(db, "SELECT * FROM search_model('images', '{\"layers\": "
                    "\"64C5-64C5-64C5\", \"batch\": 16}', 4)");
    CHECK_SQL(db, NO_TABLES, "0");
    /* Later: the best so far, and a transaction goes on. */
    sql_run(db, "BEGIN; CREATE TABLE seen(best, epochs, holdout_loss)");
    sqlite3_stmt *s = NULL;
    CHECK(sqlite3_prepare_v2(
              db,
              "SELECT best, epochs, holdout_loss FROM search_model('images', "
              "'{\"layers\": \"softmax\", \"rate\": {\"min\": 0.0001, "
              "\"max\": 0.1, \"log\": true}}', 2000)",
              -1, &s, NULL) == SQLITE_OK);
    pthread_t thread;
    CHECK(sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int(s, 0) == 1);
    double least = sqlite3_column_double(s, 2);
    CHECK(pthread_create(&thread, NULL, interrupt_soon, db) == 0);
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW)
        if (sqlite3_column_int(s, 0)) least = sqlite3_column_double(s, 2);
    CHECK(rc == SQLITE_INTERRUPT);
    sqlite3_finalize(s);
    pthread_join(thread, NULL);
    CHECK(sqlite3_get_autocommit(db) == 0);
    sql_run(db, "COMMIT");
    CHECK(sqlite3_prepare_v2(db, "SELECT min(holdout_loss) FROM digitnet_epochs", -1, &s,
                             NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW && sqlite3_column_double(s, 0) == least);
    sqlite3_finalize(s);
    CHECK_SQL(db, "SELECT digit_predict(pixels) FROM images LIMIT 2", "0 1");
    sql_close(db);
}

/* --- the same again ----------------------------------------------------------------- */

/* A trial is what train_model makes of its options, also where rows are read in windows,
 * which depend on the batch. */
static void test_same(void) {
    sqlite3 *db = sql_new(FILE_NAME);
    sql_run(db,
            "CREATE TABLE images AS SELECT label, pixels FROM synthetic_digits(2500)");
    sql_run(db,
            "CREATE TABLE trials AS SELECT * FROM search_model('images', '{\"layers\": "
            "\"4C5/4\", \"batch\": [50, 300], \"augment\": [0, 1]}', 12) WHERE "
            "cache_mb = 1 AND model = 'found' AND seed = 7 AND threads = 1");
    CHECK_SQL(db, "SELECT count(*) FROM trials", "5");
    CHECK_SQL(db, SAME("trials", "found"), "2|1|1|1");
    CHECK_SQL(
        db,
        "SELECT count(*) FROM train_model('images', 'alone') WHERE cache_mb = 1 AND "
        "seed = 7 AND layers = '4C5/4' AND epochs = (SELECT max(epochs) FROM trials) "
        "AND batch = (SELECT json_extract(options, '$.batch') FROM trials WHERE rung "
        "= 2) AND augment = (SELECT json_extract(options, '$.augment') FROM trials "
        "WHERE rung = 2) AND threads = 2",
        "8");
    CHECK_SQL(db,
              "SELECT a.weights = b.weights, a.state = b.state, a.options = b.options, "
              "a.epochs FROM digitnet_models a, digitnet_models b WHERE a.name = 'found' "
              "AND b.name = 'alone'",
              "1|1|1|8");
    sql_close(db);
}

/* Another connection commits while it runs: the next trial that is the best cannot be
 * stored. */
static void test_other_writer(void) {
    sqlite3 *db = sql_new(FILE_NAME), *other;
    sqlite3_stmt *s = NULL;
    int rc;
    sql_text(db, "PRAGMA journal_mode = wal");
    sql_images(db, "images", 40, 0);
    sql_run(db, "CREATE TABLE notes(x)");
    other = sql_open(FILE_NAME);
    CHECK(sqlite3_prepare_v2(db, "SELECT trial FROM " SEARCH, -1, &s, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    sql_run(other, "INSERT INTO notes VALUES(1)");
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) continue;
    CHECK(rc == SQLITE_BUSY);
    CHECK_STR(sqlite3_errmsg(db),
              "search_model: another connection wrote to the database meanwhile, so this "
              "statement no longer can; the best model that was found until then stays");
    sqlite3_finalize(s);
    CHECK_SQL(db, MODELS, "default|1|1|1");
    sql_close(other);
    sql_close(db);
}

int main(void) {
    test_rows();
    test_transactions("delete");
    test_transactions("wal");
    test_interrupt();
    test_same();
    test_other_writer();
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_search");
}
