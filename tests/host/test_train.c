/* test_train.c - train_model: when it trains, what it writes, how it stops, how it goes
 * on; and that none of it is left where it should not be. */
#include <pthread.h>
#include "sql.h"

#define FILE_NAME "build/tmp/train.db"
#define MODELS    "SELECT name, version, active, epochs FROM digitnet_models"
#define LOG       "SELECT version, epoch FROM digitnet_epochs"
#define NO_TABLES "SELECT count(*) FROM sqlite_master WHERE name GLOB 'digitnet*'"

/* What takes long enough to be interrupted: with 20,000 rows some seconds an epoch. */
#define SLOW                                                                             \
    " WHERE layers = '64C5-64C5-64C5' AND batch = 16 AND epochs = 100 AND holdout = 0 "

static void test_rows(void) {
    sqlite3 *db = sql_new(FILE_NAME);
    sqlite3_stmt *s = NULL;
    sql_images(db, "images", 40, 0);
    sql_run(db, "CREATE TABLE other(x); INSERT INTO other VALUES(1), (2), (3)");
    const sqlite3_int64 rowid = sqlite3_last_insert_rowid(db);

    /* Three rows asked for are three epochs trained. */
    CHECK_SQL(
        db,
        "SELECT epoch FROM train_model('images') WHERE layers = 'softmax' AND epochs = 9 "
        "LIMIT 3",
        "1 2 3");
    CHECK_SQL(db, MODELS, "default|1|1|3");
    CHECK_SQL(db, LOG, "1|1 1|2 1|3");
    CHECK(sqlite3_last_insert_rowid(db) == rowid);
    CHECK(sqlite3_get_autocommit(db) == 1);

    /* Each row is there, for this connection and for others, when it is returned. */
    sqlite3 *reader = sql_open(FILE_NAME);
    CHECK(sqlite3_prepare_v2(db, "SELECT epoch FROM train_model('images', 'b')" QUICK, -1,
                             &s, NULL) == SQLITE_OK);
    for (int epoch = 1; epoch <= 2; epoch++) {
        char want[64];
        CHECK(sqlite3_step(s) == SQLITE_ROW);
        snprintf(want, sizeof want, "b|1|1|%d|%d", epoch, epoch);
        const char *sql = "SELECT name, version, active, epochs, (SELECT count(*) FROM "
                          "digitnet_epochs WHERE name = 'b') FROM digitnet_models "
                          "WHERE name = 'b'";
        CHECK_SQL(db, sql, want);
        CHECK_SQL(reader, sql, want);
        CHECK_SQL(reader, "SELECT typeof(digit_predict(pixels, 'b')) FROM images LIMIT 1",
                  "integer");
    }
    sqlite3_finalize(s); /* in the middle of the run */
    CHECK_SQL(db, "SELECT epochs FROM digitnet_models WHERE name = 'b'", "2");
    sql_close(reader);

    /* A cursor used again starts a run of its own. */
    CHECK_SQL(db,
              "SELECT o.x, t.epoch FROM other o CROSS JOIN train_model('images', 'c') t "
              "WHERE layers = 'softmax' AND epochs = 2 AND o.x < 3",
              "1|1 1|2 2|1 2|2");
    CHECK_SQL(db, "SELECT version, active, epochs FROM digitnet_models WHERE name = 'c'",
              "1|0|2 2|1|2");
    /* Arguments from an outer table. */
    CHECK_SQL(db,
              "SELECT t.epoch FROM other o JOIN train_model('images', 'd' || o.x) t "
              "ON t.epochs = o.x WHERE t.layers = 'softmax'",
              "1 1 2 1 2 3");
    CHECK_SQL(db, "SELECT name, epochs FROM digitnet_models WHERE name GLOB 'd[0-9]'",
              "d1|1 d2|2 d3|3");
    sql_close(db);
}

/* rate is a column that is shown and an option. */
static void test_options(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    CHECK_SQL(
        db,
        "SELECT epoch, rate < 0.02 FROM train_model('images') WHERE layers = 'softmax' "
        "AND epochs = 2 AND rate = 0.02 AND schedule = 'cosine'",
        "1|1 2|1");
    CHECK_SQL(
        db,
        "SELECT json_extract(options, '$.rate'), json_extract(options, '$.epochs'), "
        "json_extract(options, '$.schedule') FROM digitnet_models",
        "0.02|2|cosine");
    /* An older SQLite does not tell IN from several "=", each of which is a run. Nor is
     * it asked by a library that was compiled with an older one's header. */
    const int tells =
        sqlite3_libversion_number() >= 3038000 &&
        atoi(sql_text(db, "SELECT substr(d, instr(d, 'header of 3.') + 12, 2) >= '38' "
                          "FROM (SELECT digitnet_debug() AS d)"));
    CHECK_SQL(db,
              "SELECT count(*) FROM train_model('images') WHERE layers = 'softmax' "
              "AND epochs IN (1, 2) AND rate = 0.02",
              tells ? "error: train_model: epochs has several values (IN); set epochs "
                      "with WHERE epochs = …"
                    : "3");
    CHECK_SQL(
        db,
        "SELECT epoch FROM train_model('images') WHERE layers = 'softmax' AND epochs = 3 "
        "AND rate IN (0.02, 0.03) AND epoch > 1",
        tells ? "error: train_model: rate has several values (IN); set rate with WHERE "
                "rate = …"
              : "2 3 2 3");
    CHECK_SQL(
        db,
        "SELECT rate > 0.029 FROM train_model('images') WHERE layers = 'softmax' AND "
        "epochs = 3 AND rate = 0.03 AND schedule = 'constant' AND warmup = 0 AND rate > "
        "0.01",
        "1 1 1");
    CHECK_SQL(
        db,
        "SELECT layers, epochs, batch, seed, optimizer, threads = 1 "
        "FROM train_model('images') WHERE epochs = 1 AND layers = '8n' AND threads = 1 "
        "AND batch = 10 AND seed = -5 AND optimizer = 'SGD'",
        "8N|1|10|-5|sgd|1");
    CHECK_SQL(db, "SELECT 1 FROM train_model('images') WHERE epochs = 1 AND epochs = 2",
              "error: train_model: epochs is given twice");
    sql_close(db);
}

/* A database that cannot be written to says so at once, and stays as it was. */
static void test_unwritable(void) {
    sqlite3 *db = sql_new(FILE_NAME), *other;
    sql_images(db, "images", 600, 0);
    sql_close(db);
    const double start = sql_busy();

    db = sql_open_flags(FILE_NAME, SQLITE_OPEN_READONLY);
    CHECK_SQL(db, "SELECT * FROM train_model('images')" SLOW,
              "error: train_model: attempt to write a readonly database");
    CHECK(sqlite3_errcode(db) == SQLITE_READONLY);
    CHECK_SQL(db, NO_TABLES, "0");
    CHECK_SQL(db, "SELECT typeof(digitnet_version())", "text");
    sql_close(db);

    db = sql_open(FILE_NAME);
    other = sql_open(FILE_NAME);
    sql_run(other, "BEGIN IMMEDIATE");
    CHECK_SQL(db, "SELECT * FROM train_model('images')" SLOW,
              "error: train_model: database is locked");
    CHECK(sqlite3_errcode(db) == SQLITE_BUSY);
    sql_run(other, "ROLLBACK");
    sql_run(db, "PRAGMA query_only = 1");
    CHECK_SQL(db, "SELECT * FROM train_model('images')" SLOW,
              "error: train_model: attempt to write a readonly database");
    sql_run(db, "PRAGMA query_only = 0");
    CHECK_SQL(db, NO_TABLES, "0");
    CHECK(sql_busy() - start < 2);
    sql_close(other);
    sql_close(db);
}

static void test_transactions(const char *mode) {
    char sql[64];
    sqlite3 *db = sql_new(FILE_NAME);
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", mode);
    sql_text(db, sql);
    sql_images(db, "images", 40, 0);

    sql_run(db, "BEGIN");
    sql_run(db, "SELECT * FROM train_model('images')" QUICK);
    CHECK(sqlite3_get_autocommit(db) == 0);
    CHECK_SQL(db, MODELS, "default|1|1|3");
    sql_run(db, "ROLLBACK");
    CHECK_SQL(db, NO_TABLES, "0");

    /* As one statement: all or nothing. */
    sql_run(db, "CREATE TABLE runs(epoch, loss, CONSTRAINT two CHECK (epoch < 3))");
    CHECK_SQL(db, "INSERT INTO runs SELECT epoch, loss FROM train_model('images')" QUICK,
              "error: CHECK constraint failed: two");
    CHECK_SQL(db, NO_TABLES, "0");
    CHECK_SQL(db, "SELECT count(*) FROM runs", "0");
    sql_run(db, "INSERT INTO runs SELECT epoch, loss FROM train_model('images')" QUICK
                "AND epochs < 9 LIMIT 2");
    CHECK_SQL(db, MODELS, "default|1|1|2");
    sql_run(db, "CREATE TABLE run2 AS SELECT * FROM train_model('images')" QUICK);
    CHECK_SQL(db, "SELECT count(*) FROM run2", "3");
    sql_run(db, "CREATE TEMP TABLE run3 AS SELECT * FROM train_model('images')" QUICK);
    CHECK_SQL(db, MODELS, "default|1|0|2 default|2|0|3 default|3|1|3");

    /* A failure in a transaction leaves the transaction and what came before it. */
    sql_run(db, "BEGIN; CREATE TABLE mine(x); SAVEPOINT a");
    CHECK_SQL(
        db,
        "SELECT * FROM train_model('images') WHERE layers = 'softmax' AND shape = '5x5'",
        "error: train_model: images, rowid 0: image has 16 bytes; expected 25 (uint8), "
        "100 "
        "(float32) or a PNG");
    sql_run(db, "SELECT * FROM train_model('images', 'inner')" QUICK);
    sql_run(db, "ROLLBACK TO a; COMMIT");
    CHECK_SQL(db, "SELECT count(*) FROM mine", "0");
    CHECK_SQL(db, "SELECT count(*) FROM digitnet_epochs WHERE name = 'inner'", "0");
    CHECK_SQL(db, "PRAGMA integrity_check", "ok");

    /* Only top-level SQL trains. */
    sql_run(db, "CREATE VIEW v AS SELECT * FROM train_model('images')");
    CHECK_SQL(db, "SELECT * FROM v",
              "error: unsafe use of virtual table \"train_model\"");
    sql_run(db, "DROP VIEW v"); /* before SQLite 3.36 it would stop all of train_model */

    /* Log and model are written together or not at all. */
    sql_run(db,
            "CREATE TRIGGER second BEFORE INSERT ON digitnet_epochs WHEN NEW.epoch = 2 "
            "BEGIN SELECT RAISE(ABORT, 'no second'); END");
    CHECK_SQL(db, "SELECT epoch FROM train_model('images', 'once')" QUICK,
              "error: train_model: no second");
    CHECK_SQL(db,
              "SELECT epochs, version, active FROM digitnet_models WHERE name = 'once'",
              "1|1|1");
    sql_run(db, "BEGIN");
    CHECK_SQL(db, "SELECT epoch FROM train_model('images', 'once')" QUICK,
              "error: train_model: no second");
    CHECK_SQL(db,
              "SELECT epochs, version, active FROM digitnet_models WHERE name = 'once'",
              "1|1|0 1|2|1");
    sql_run(db, "ROLLBACK; DROP TRIGGER second");
    sql_run(db, "CREATE TRIGGER no BEFORE UPDATE ON digitnet_models WHEN NEW.epochs = 2 "
                "BEGIN SELECT RAISE(ABORT, 'no update'); END");
    CHECK_SQL(db, "SELECT epoch FROM train_model('images', 'twice')" QUICK,
              "error: train_model: no update");
    CHECK_SQL(db, "SELECT epoch FROM digitnet_epochs WHERE name = 'twice'", "1");
    sql_run(db, "DROP TRIGGER no");
    CHECK_SQL(db, "SELECT digitnet_checkpoint(1)",
              "error: digitnet_checkpoint is for train_model alone");

    /* The model deleted under a run. */
    sqlite3_stmt *s = NULL;
    CHECK(sqlite3_prepare_v2(db, "SELECT epoch FROM train_model('images', 'gone')" QUICK,
                             -1, &s, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    sql_run(db, "DELETE FROM digitnet_models WHERE name = 'gone'");
    CHECK(sqlite3_step(s) == SQLITE_ERROR);
    CHECK_STR(sqlite3_errmsg(db),
              "train_model: model gone@1 was deleted while it trained");
    sqlite3_finalize(s);
    sql_close(db);
}

/* Another connection commits while a SELECT trains. */
static void test_other_writer(const char *mode) {
    char sql[64];
    const int wal = strcmp(mode, "wal") == 0;
    sqlite3 *db = sql_new(FILE_NAME), *other;
    sqlite3_stmt *s = NULL;
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", mode);
    sql_text(db, sql);
    sql_images(db, "images", 40, 0);
    sql_run(db, "CREATE TABLE notes(x)");
    other = sql_open(FILE_NAME);
    CHECK(sqlite3_prepare_v2(db, "SELECT epoch FROM train_model('images')" QUICK, -1, &s,
                             NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    CHECK_SQL(other, "INSERT INTO notes VALUES(1)",
              wal ? "" : "error: database is locked");
    if (wal) {
        CHECK(sqlite3_step(s) == SQLITE_BUSY);
        CHECK_STR(
            sqlite3_errmsg(db),
            "train_model: another connection wrote to the database meanwhile, so this "
            "statement no longer can; resume = 1 goes on from the last epoch stored, "
            "and SELECT train_model(…), the function, lets others write");
        sqlite3_finalize(s);
        CHECK_SQL(db, MODELS, "default|1|1|1");
        CHECK_SQL(db, LOG, "1|1");
        CHECK_SQL(
            db, "SELECT epoch FROM train_model('images') WHERE resume = 1 AND epochs = 3",
            "2 3");
    } else {
        CHECK(sqlite3_step(s) == SQLITE_ROW);
        CHECK(sqlite3_step(s) == SQLITE_ROW);
        CHECK(sqlite3_step(s) == SQLITE_DONE);
        sqlite3_finalize(s);
    }
    CHECK_SQL(other, MODELS, "default|1|1|3");
    sql_close(other);
    sql_close(db);
}

/* A reader in the way of a checkpoint's commit is waited for. */
static void *read_a_while(void *path) {
    sqlite3 *db = sql_open(path);
    sqlite3_stmt *s = NULL;
    sqlite3_prepare_v2(db, "SELECT label FROM images", -1, &s, NULL);
    sqlite3_step(s);
    sql_sleep(300);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return NULL;
}

static void test_other_reader(void) {
    pthread_t thread;
    sqlite3 *db = sql_new(FILE_NAME);
    sqlite3_stmt *s = NULL;
    sql_images(db, "images", 40, 0);
    CHECK(sqlite3_prepare_v2(db, "SELECT epoch FROM train_model('images')" QUICK, -1, &s,
                             NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    CHECK(pthread_create(&thread, NULL, read_a_while, FILE_NAME) == 0);
    sql_sleep(100);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
    pthread_join(thread, NULL);
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

static double started_at;
static int stop_by_handler(void *unused) {
    (void)unused;
    if (sql_busy() - started_at < 0.3) return 0;
    return 1;
}

/* late - runs SQL that is to be stopped; how late it was, in seconds
 * of the processor. */
static double interrupted(sqlite3 *db, const char *sql, int handler_steps) {
    pthread_t thread;
    started_at = sql_busy();
    stopped_at = started_at + 0.3;
    if (handler_steps)
        sqlite3_progress_handler(db, handler_steps, stop_by_handler, NULL);
    else
        CHECK(pthread_create(&thread, NULL, interrupt_soon, db) == 0);
    const int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    const double now = sql_busy();
    CHECK(rc == SQLITE_INTERRUPT);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    if (!handler_steps) pthread_join(thread, NULL);
    const double late = now - stopped_at;
    CHECK(late >= 0);
    return late;
}

static void test_interrupt(void) {
    sqlite3 *db = sql_new(FILE_NAME);
    sql_images(db, "images", 20000, 0);
    double late = interrupted(db, "SELECT * FROM train_model('images')" SLOW, 0);
    double handled = interrupted(db, "SELECT * FROM train_model('images')" SLOW, 1000);
    double rarely = interrupted(db, "SELECT * FROM train_model('images')" SLOW, 10000);
    printf("late by %.0f ms (interrupt), %.0f ms (progress handler each 1,000 steps), "
           "%.0f ms "
           "(10,000)\n",
           late * 1e3, handled * 1e3, rarely * 1e3);
    CHECK(late < sql_patience() && handled < sql_patience() && rarely < sql_patience());
    /* Nothing was finished, so nothing is there. */
    CHECK_SQL(db, NO_TABLES, "0");
    /* The host's transaction goes on. */
    sql_run(db, "BEGIN; CREATE TABLE mine(x)");
    interrupted(db, "SELECT * FROM train_model('images')" SLOW, 0);
    CHECK(sqlite3_get_autocommit(db) == 0);
    sql_run(db, "COMMIT");
    CHECK_SQL(db, "SELECT count(*) FROM mine", "0");
    CHECK_SQL(db, NO_TABLES, "0");

    /* Stopped later, it keeps its last checkpoint. */
    sql_run(db, "CREATE VIEW few AS SELECT * FROM images WHERE id < 40");
    late = interrupted(db,
                       "SELECT * FROM train_model('few') WHERE layers = 'softmax' AND "
                       "epochs = 100000",
                       0);
    CHECK(late < sql_patience());
    CHECK_SQL(
        db,
        "SELECT version, epochs > 0, epochs = (SELECT max(epoch) FROM digitnet_epochs) "
        "FROM digitnet_models",
        "1|1|1");
    CHECK_SQL(db, "SELECT digit_predict(pixels) FROM images LIMIT 2", "0 1");

    /* Predictions and the reading of rows stop too. */
    sql_run(
        db,
        "CREATE VIEW endless AS WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 "
        "FROM c) SELECT pixels, label FROM c JOIN images ON id = i % 4000");
    late = interrupted(db, "SELECT count(*) FROM predict_model('endless')", 0);
    CHECK(late < sql_patience());
    late = interrupted(db, "SELECT * FROM train_model('endless')", 1000);
    CHECK(late < sql_patience());
    sql_close(db);
}

/* A commit that waits for a reader to go stops at once, and its epoch is not stored. */
static void test_waiting(void) {
    pthread_t thread;
    sqlite3_stmt *train = NULL, *reader = NULL;
    sqlite3 *db = sql_new(FILE_NAME), *other;
    sql_images(db, "images", 40, 0);
    CHECK(sqlite3_prepare_v2(db, "SELECT epoch FROM train_model('images')" QUICK, -1,
                             &train, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(train) == SQLITE_ROW);
    other = sql_open(FILE_NAME);
    CHECK(sqlite3_prepare_v2(other, "SELECT id FROM images", -1, &reader, NULL) ==
          SQLITE_OK);
    CHECK(sqlite3_step(reader) == SQLITE_ROW);
    CHECK(pthread_create(&thread, NULL, interrupt_soon, db) == 0);
    CHECK(sqlite3_step(train) == SQLITE_INTERRUPT);
    const double now = sql_busy();
    pthread_join(thread, NULL);
    CHECK(now >= stopped_at && now - stopped_at < sql_patience());
    sqlite3_finalize(train);
    sqlite3_finalize(reader);
    sql_close(other);
    CHECK_SQL(db, MODELS, "default|1|1|1");
    CHECK_SQL(db, LOG, "1|1");
    sql_close(db);
}

/* --- going on ----------------------------------------------------------------------- */

#define NET                                                                              \
    " WHERE layers = '4C3b-MP2-D0.2-8N' AND batch = 16 AND augment = 0.5 AND ema = 0.9 "

static void test_resume(void) {
    sqlite3 *db = sql_open(":memory:");
    const char *same =
        "SELECT a.weights = b.weights, a.state = b.state, a.epochs, b.epochs "
        "FROM digitnet_models a, digitnet_models b WHERE a.name = 'once' AND "
        "b.name = 'parts'";
    sql_images(db, "images", 100, 0);
    sql_run(db, "SELECT * FROM train_model('images', 'once')" NET "AND epochs = 6");
    sql_run(db,
            "SELECT * FROM train_model('images', 'parts')" NET "AND epochs = 6 LIMIT 2");
    CHECK_SQL(db, same, "0|0|6|2");
    CHECK_SQL(db,
              "SELECT epoch FROM train_model('images', 'parts') WHERE resume = 1 AND "
              "threads = 1 LIMIT 1",
              "3");
    CHECK_SQL(db, "SELECT epoch FROM train_model('images', 'parts')" NET "AND resume = 1",
              "4 5 6");
    CHECK_SQL(db, same, "1|1|6|6");
    CHECK_SQL(db,
              "SELECT count(*) FROM digitnet_epochs a JOIN digitnet_epochs b USING "
              "(epoch, loss, "
              "accuracy, holdout_loss, holdout_accuracy, rate) WHERE a.name = 'once' AND "
              "b.name = 'parts'",
              "6");
    CHECK_SQL(db,
              "SELECT a.options = b.options FROM digitnet_models a, digitnet_models b "
              "WHERE a.name = 'once' AND b.name = 'parts'",
              "1");
    CHECK_SQL(db, "SELECT * FROM train_model('images', 'parts') WHERE resume = 1",
              "error: train_model: model parts@1 is already trained for 6 epochs; set "
              "epochs = 12 "
              "to continue");
    CHECK_SQL(db,
              "SELECT * FROM train_model('images', 'parts') WHERE resume = 1 AND layers "
              "= '8N'",
              "error: train_model: layers is '8N', but model parts@1 was made with "
              "'4C3b-MP2-D0.2-8N'; leave it out to resume");
    CHECK_SQL(db, "SELECT * FROM train_model('images', 'parts')" NET "AND resume = 1",
              "error: train_model: model parts@1 is already trained for 6 epochs; set "
              "epochs = 12 to continue");
    CHECK_SQL(db,
              "SELECT epoch FROM train_model('images', 'parts') WHERE resume = 1 AND "
              "epochs = 7",
              "7");
    CHECK_SQL(
        db,
        "SELECT * FROM train_model('images', 'parts') WHERE resume = 1 AND epochs = 9 "
        "AND "
        "rate = 1",
        "error: train_model: rate is not what the model was made with; leave it out to "
        "resume");
    CHECK_SQL(db,
              "SELECT * FROM train_model('images', 'parts') WHERE resume = 1 AND epochs "
              "= 9 AND "
              "layers = '8N'",
              "error: train_model: layers is '8N', but model parts@1 was made with "
              "'4C3b-MP2-D0.2-8N'; leave it out to "
              "resume");
    CHECK_SQL(
        db,
        "SELECT * FROM train_model('images', 'parts') WHERE resume = 1 AND epochs = 'x'",
        "error: train_model: epochs is 'x'; expected an integer from 1 to 100000, not "
        "TEXT");
    CHECK_SQL(db, "SELECT * FROM train_model('images', 'none') WHERE resume = 1",
              "error: train_model: there is no model named 'none' to resume");
    sql_run(db, "DELETE FROM images WHERE id = 3");
    CHECK_SQL(
        db,
        "SELECT * FROM train_model('images', 'parts') WHERE resume = 1 AND epochs = 9",
        "error: train_model: model parts@1 was trained on other data (90 images an "
        "epoch, "
        "now 89); to resume it they must be the same");
    sql_run(db, "UPDATE digitnet_models SET state = NULL");
    CHECK_SQL(
        db,
        "SELECT * FROM train_model('images', 'parts') WHERE resume = 1 AND epochs = 9",
        "error: train_model: model parts@1 cannot be resumed: its state is not there");
    sql_close(db);
}

int main(void) {
    test_rows();
    test_options();
    test_unwritable();
    test_transactions("delete");
    test_transactions("wal");
    test_other_writer("delete");
    test_other_writer("wal");
    test_other_reader();
    test_interrupt();
    test_waiting();
    test_resume();
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_train");
}
