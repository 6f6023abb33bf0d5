/* test_transactions.c - how training and transactions meet, case by case:
 *
 *     {autocommit, BEGIN, SAVEPOINT} × {SELECT, INSERT … SELECT, CREATE TABLE AS} ×
 *     {finishes, LIMIT, error, interrupt, ROLLBACK, kill -9} × {delete, WAL}
 *
 * In each the database has version 1 of a model, and a run of three epochs makes version
 * 2, which says the opposite of every image. What must be there at the end:
 *
 * - as a SELECT, the epochs that were returned before it ended; as one write statement,
 *   all of
 *   it or nothing;
 * - the caller's transaction, open or not as before, with what the caller wrote in it.
 *   One
 *   exception is SQLite's own: an interrupted write takes the transaction around it
 *   back (https://www.sqlite.org/c3ref/interrupt.html);
 * - predictions by what is stored.
 *
 * Then names, schemas and sources that change, what another connection sees, and
 * dqlite. */
#include <signal.h>
#include <sys/wait.h>
#include "sql.h"

#define FILE_NAME "build/tmp/transactions.db"
#define TINY      QUICK "AND threads = 1 "

enum { AUTOCOMMIT, BEGIN, SAVEPOINT, N_AROUND };
enum { SELECT, INSERT, CREATE, N_FORMS };
enum { FINISHES, LIMIT, ERROR, INTERRUPT, ROLLBACK, KILL, N_ENDINGS };
static const char *const arounds[] = {"autocommit", "BEGIN", "SAVEPOINT"};
static const char *const forms[] = {"SELECT", "INSERT … SELECT", "CREATE TABLE AS"};
static const char *const endings[] = {"finishes",  "LIMIT",    "error",
                                      "interrupt", "ROLLBACK", "kill -9"};

typedef struct cell {
    int around, form, ending, wal;
} cell;

/* end_it(epoch) - gives epoch back; in the second one, interrupts or kills. */
static void end_it(sqlite3_context *context, int argc, sqlite3_value **argv) {
    const cell *c = sqlite3_user_data(context);
    (void)argc;
    if (sqlite3_value_int(argv[0]) == 2 && c->ending == INTERRUPT)
        sqlite3_interrupt(sqlite3_context_db_handle(context));
    if (sqlite3_value_int(argv[0]) == 2 && c->ending == KILL) raise(SIGKILL);
    sqlite3_result_value(context, argv[0]);
}

/* perform - the caller's work and the training in it, up to its end; the result code. */
static int perform(sqlite3 *db, const cell *c) {
    char sql[400];
    /* What the system was given outlives the process; only a loss of power needs more. */
    sql_run(db, "PRAGMA synchronous = off");
    sqlite3_create_function(db, "end_it", 1, SQLITE_UTF8, (void *)c, end_it, NULL, NULL);
    if (c->around == BEGIN) sql_run(db, "BEGIN");
    if (c->around == SAVEPOINT) sql_run(db, "SAVEPOINT a");
    sql_run(db, "INSERT INTO mine VALUES(1)");
    snprintf(sql, sizeof sql,
             "%sSELECT end_it(epoch) AS e FROM train_model('swapped')" TINY "%s",
             c->form == INSERT   ? "INSERT INTO runs "
             : c->form == CREATE ? "CREATE TABLE made AS "
                                 : "",
             c->ending == LIMIT ? "LIMIT 2" : "");
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* killed - the same in a process that dies. No connection is open when it is forked. */
static void killed(const cell *c) {
    int status = 0;
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        perform(sql_open(FILE_NAME), c);
        _exit(1); /* it should not have lived to see this */
    }
    waitpid(pid, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* keeps_part - whether this SQLite, within a transaction, leaves the rows that an INSERT
 * … SELECT from a virtual table had inserted before the table failed, and so ours: 3.31.1
 * does. */
static int keeps_part(const cell *c) {
    return c->form == INSERT && c->around != AUTOCOMMIT &&
           sqlite3_libversion_number() < 3032000;
}

/* What must be there. */
static int epochs_wanted(const cell *c) {
    const int one_by_one = c->form == SELECT;
    switch (c->ending) {
    case FINISHES: return 3;
    case LIMIT: return 2;
    case ROLLBACK: return c->around == AUTOCOMMIT ? 3 : 0;
    case KILL: return one_by_one && c->around == AUTOCOMMIT ? 2 : 0;
    case ERROR: return one_by_one || keeps_part(c) ? 2 : 0;
    default: return one_by_one ? 2 : 0;
    }
}

/* Whether the transaction around it is lost. */
static int is_lost(const cell *c) {
    if (c->around == AUTOCOMMIT) return 0;
    return c->ending == ROLLBACK || c->ending == KILL ||
           (c->ending == INTERRUPT && c->form != SELECT);
}

/* finish - what the caller does after the training, if its transaction is as it must
 * be. */
static void finish(sqlite3 *db, const cell *c, int rc) {
    const int gone = c->ending == INTERRUPT && c->form != SELECT;
    CHECK(rc == (c->ending == ERROR       ? SQLITE_CONSTRAINT
                 : c->ending == INTERRUPT ? SQLITE_INTERRUPT
                                          : SQLITE_OK) ||
          (c->ending == ERROR && (rc & 0xff) == SQLITE_CONSTRAINT));
    CHECK(sqlite3_get_autocommit(db) == (c->around == AUTOCOMMIT || gone));
#if SQLITE_VERSION_NUMBER >= 3034000
    if (c->around == AUTOCOMMIT || gone)
        CHECK(sqlite3_txn_state(db, "main") == SQLITE_TXN_NONE);
#endif
    if (c->around == AUTOCOMMIT || gone) return;
    if (c->ending == ROLLBACK)
        sql_run(db, c->around == BEGIN ? "ROLLBACK" : "ROLLBACK TO a; RELEASE a");
    else
        sql_run(db, c->around == BEGIN ? "COMMIT" : "RELEASE a");
    CHECK(sqlite3_get_autocommit(db) == 1);
}

static void inspect(sqlite3 *db, const cell *c) {
    char want[64];
    const int epochs = epochs_wanted(c);
    CHECK_SQL(db, "PRAGMA integrity_check", "ok");
    CHECK_SQL(db, "SELECT count(*) FROM mine", is_lost(c) ? "0" : "1");
    snprintf(want, sizeof want, epochs ? "1|0|3 2|1|%d" : "1|1|3", epochs);
    CHECK_SQL(db, "SELECT version, active, epochs FROM digitnet_models ORDER BY 1", want);
    snprintf(want, sizeof want, "%d", 3 + epochs);
    CHECK_SQL(db, "SELECT count(*) FROM digitnet_epochs", want);
    CHECK_SQL(db, "SELECT digit_predict(pixels) FROM images WHERE id < 2",
              epochs ? "1 0" : "0 1");
    snprintf(want, sizeof want, "%d", epochs);
    if (c->form == INSERT) CHECK_SQL(db, "SELECT count(*) FROM runs", want);
    if (c->form == CREATE && epochs) CHECK_SQL(db, "SELECT count(*) FROM made", want);
    if (c->form == CREATE && !epochs)
        CHECK_SQL(db, "SELECT count(*) FROM sqlite_master WHERE name = 'made'", "0");
}

static void test_cell(const cell *c) {
    const int failed = check_failed;
    sqlite3 *db = sql_open(FILE_NAME);
    sql_run(db,
            "DELETE FROM digitnet_models WHERE version = 2; DELETE FROM digitnet_epochs "
            "WHERE version = 2; UPDATE digitnet_models SET active = 1; DELETE FROM mine; "
            "DELETE FROM runs; DROP TABLE IF EXISTS made; DROP TRIGGER IF EXISTS no");
    if (c->ending == ERROR)
        sql_run(db,
                "CREATE TRIGGER no BEFORE INSERT ON digitnet_epochs WHEN NEW.epoch = 3 "
                "BEGIN SELECT RAISE(ABORT, 'no third'); END");
    if (c->ending == KILL) {
        sql_close(db);
        killed(c);
        db = sql_open(FILE_NAME);
    } else {
        const int rc = perform(db, c);
        finish(db, c, rc);
    }
    inspect(db, c);
    sqlite3 *other = sql_open(FILE_NAME);
    inspect(other, c);
    sql_close(other);
    /* The next run is none the wiser. */
    sql_run(db, "DROP TRIGGER IF EXISTS no");
    CHECK_SQL(db, "SELECT epoch FROM train_model('images', 'next')" TINY, "1 2 3");
    sql_run(
        db,
        "DELETE FROM digitnet_models WHERE name = 'next'; DELETE FROM digitnet_epochs "
        "WHERE name = 'next'");
    sql_close(db);
    if (check_failed != failed)
        printf("in the case: %s, %s, %s, %s\n", arounds[c->around], forms[c->form],
               endings[c->ending], c->wal ? "WAL" : "delete");
}

static void test_all(int wal) {
    sqlite3 *db = sql_new(FILE_NAME);
    sql_text(db, wal ? "PRAGMA journal_mode = wal" : "PRAGMA journal_mode = delete");
    sql_images(db, "images", 40, 0);
    sql_images(db, "swapped", 40, 1);
    sql_run(db, "CREATE TABLE mine(x); CREATE TABLE runs(epoch)");
    sql_run(db, "SELECT * FROM train_model('images')" TINY);
    sql_close(db);
    for (int around = 0; around < N_AROUND; around++)
        for (int form = 0; form < N_FORMS; form++)
            for (int ending = 0; ending < N_ENDINGS; ending++)
                test_cell(&(cell){around, form, ending, wal});
}

/* --- names and schemas -------------------------------------------------------------- */

/* hostile - a model and a source of these names, as SQL text quotes them. */
static void hostile(sqlite3 *db, const char *table, const char *model) {
    char *sql = sqlite3_mprintf("CREATE TABLE \"%w\" AS SELECT pixels, label AS "
                                "\"LABEL\", 'x' AS \"split\"\"\" FROM images",
                                table);
    sql_run(db, sql);
    sqlite3_free(sql);
    char *quoted = sqlite3_mprintf("\"%w\"", table);
    sql = sqlite3_mprintf("SELECT group_concat(epoch) FROM train_model(%Q, %Q)" TINY,
                          quoted, model);
    CHECK_SQL(db, sql, "1,2,3");
    sqlite3_free(sql);
    sql = sqlite3_mprintf(
        "SELECT source = %Q, version FROM digitnet_models WHERE name = %Q", quoted,
        model);
    CHECK_SQL(db, sql, "1|1");
    sqlite3_free(sql);
    sql = sqlite3_mprintf("SELECT digit_predict(pixels, %Q) FROM \"%w\" LIMIT 2", model,
                          table);
    CHECK_SQL(db, sql, "0 1");
    sqlite3_free(sql);
    sql = sqlite3_mprintf("SELECT same FROM verify_model(%Q)", model);
    CHECK_SQL(db, sql, "1");
    sqlite3_free(sql);
    sql = sqlite3_mprintf(
        "SELECT count(*) FROM train_model(%Q, 'other') WHERE start = %Q AND "
        "epochs = 1",
        quoted, model);
    CHECK_SQL(db, sql, "1");
    sqlite3_free(sql);
    sqlite3_free(quoted);
}

static void test_names(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    hostile(db, "a\"b; DROP TABLE images; --", "m\"; DROP TABLE digitnet_models; --");
    hostile(db, "'); DELETE FROM images; --", "'); DELETE FROM digitnet_models; --");
    hostile(db, "a.b", "a.b");
    hostile(db, "[x]", "?1 :name %s %n");
    hostile(db, "`\"'", "\xc3\x9c \xe6\x95\xb0\xe5\xad\x97\n");
    CHECK_SQL(db, "SELECT count(*) FROM images", "40");
    /* Tables of the same names in temp and in an attached database are not ours. */
    sql_run(
        db,
        "CREATE TEMP TABLE digitnet_models(name, version); CREATE TEMP TABLE "
        "digitnet_epochs(name); ATTACH ':memory:' AS other; CREATE TABLE "
        "other.digitnet_models(name, version); CREATE TABLE other.more AS SELECT * FROM "
        "images; CREATE TEMP VIEW mine AS SELECT * FROM other.more");
    CHECK_SQL(db, "SELECT count(*) FROM train_model('other.more', 't')" TINY, "3");
    CHECK_SQL(db, "SELECT count(*) FROM train_model('mine', 't')" TINY, "3");
    CHECK_SQL(db,
              "SELECT count(*) FROM train_model('temp.mine', 't')" TINY
              " AND start = 't@1'",
              "3");
    CHECK_SQL(db, "SELECT count(*) FROM temp.digitnet_models", "0");
    CHECK_SQL(db, "SELECT count(*) FROM other.digitnet_models", "0");
    CHECK_SQL(db,
              "SELECT version, source, active FROM main.digitnet_models WHERE name = 't'",
              "1|other.more|0 2|mine|0 3|temp.mine|1");
    CHECK_SQL(db, "SELECT same FROM verify_model('t@1')", "1");
    CHECK_SQL(db, "SELECT same FROM verify_model('t')", "1");
    sql_close(db);
}

/* --- the source changes ------------------------------------------------------------- */

/* The table that a run reads is changed by the same connection between two epochs. */
static void test_changes(void) {
    sqlite3 *db = sql_open(":memory:");
    sqlite3_stmt *s = NULL;
    sql_images(db, "images", 40, 0);
    sql_run(db, "CREATE TABLE again AS SELECT * FROM images");
    CHECK(sqlite3_prepare_v2(db, "SELECT epoch FROM train_model('images', 'a')" TINY, -1,
                             &s, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    sql_run(db, "UPDATE images SET label = 0, pixels = zeroblob(16); DELETE FROM images "
                "WHERE id > 5");
    CHECK(sqlite3_step(s) == SQLITE_ROW && sqlite3_step(s) == SQLITE_ROW);
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
    /* All of it was in memory: it learned what it had read. */
    sql_run(db, "SELECT * FROM train_model('again', 'b')" TINY);
    CHECK_SQL(db, "SELECT count(DISTINCT weights) FROM digitnet_models", "1");
    CHECK_SQL(
        db, "SELECT same, note FROM verify_model('a')",
        "NULL|cannot be repeated: images has one label only, 0; expected 2 or more");

    /* More than may be in memory is read again, and a change is noticed. */
    sql_run(
        db,
        "CREATE TABLE digits AS SELECT id, pixels, label FROM synthetic_digits(3000)");
#define WINDOWED                                                                         \
    "SELECT epoch FROM train_model('digits', 'w') WHERE layers = 'softmax' AND epochs "  \
    "= 3 AND "                                                                           \
    "cache_mb = 1"
    static const char *const changes[2] = {
        "UPDATE digits SET pixels = zeroblob(784) WHERE id = 1234",
        "DELETE FROM digits WHERE id > 2990"};
    static const char *const errors[2] = {
        "train_model: digits, rowid 1235, id 1234: it has changed since training began",
        "train_model: digits, rowid 2992: it was deleted after training began"};
    for (int i = 0; i < 2; i++) {
        CHECK(sqlite3_prepare_v2(db, WINDOWED, -1, &s, NULL) == SQLITE_OK);
        CHECK(sqlite3_step(s) == SQLITE_ROW);
        sql_run(db, changes[i]);
        CHECK(sqlite3_step(s) == SQLITE_ERROR);
        CHECK_STR(sqlite3_errmsg(db), errors[i]);
        sqlite3_finalize(s);
    }
    CHECK_SQL(db, "SELECT version, epochs FROM digitnet_models WHERE name = 'w'",
              "1|1 2|1");
    sql_close(db);
}

/* --- watching from elsewhere -------------------------------------------------------- */

/* Each epoch is seen by another connection as soon as its row is returned, in the log, in
 * the model and in what it predicts. */
static void test_watch(int wal) {
    sqlite3 *db = sql_new(FILE_NAME), *other;
    sqlite3_stmt *s = NULL;
    char want[64];
    sql_text(db, wal ? "PRAGMA journal_mode = wal" : "PRAGMA journal_mode = delete");
    sql_images(db, "images", 40, 0);
    sql_images(db, "swapped", 40, 1);
    other = sql_open(FILE_NAME);
    sql_run(db, "SELECT * FROM train_model('images')" TINY);
    CHECK_SQL(other, "SELECT digit_predict(pixels) FROM images WHERE id < 2", "0 1");
    CHECK(sqlite3_prepare_v2(db, "SELECT epoch FROM train_model('swapped')" TINY, -1, &s,
                             NULL) == SQLITE_OK);
    for (int epoch = 1; epoch <= 3; epoch++) {
        CHECK(sqlite3_step(s) == SQLITE_ROW);
        snprintf(want, sizeof want, "%d|%d|%d|3", epoch, epoch, epoch);
        CHECK_SQL(
            other,
            "SELECT count(*), max(epoch), (SELECT epochs FROM digitnet_models WHERE "
            "version = 2), (SELECT json_extract(options, '$.epochs') FROM "
            "digitnet_models "
            "WHERE version = 2) FROM digitnet_epochs WHERE version = 2",
            want);
        CHECK_SQL(other, "SELECT digit_predict(pixels) FROM images WHERE id < 2", "1 0");
        CHECK_SQL(other,
                  "SELECT digit_predict(pixels, 'default@1') FROM images WHERE id < 2",
                  "0 1");
    }
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
    sql_close(other);
    sql_close(db);
}

/* A model moved to another database, renamed and deleted there by plain SQL. */
static void test_moved(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    sql_images(db, "swapped", 40, 1);
    sql_run(db, "SELECT * FROM train_model('images')" TINY "LIMIT 2");
    sqlite3 *to = sql_new(FILE_NAME);
    sql_close(to);
    sql_run(
        db,
        "ATTACH '" FILE_NAME "' AS there; CREATE TABLE there.images AS SELECT * FROM "
        "images; CREATE TABLE there.digitnet_models AS SELECT * FROM digitnet_models; "
        "CREATE TABLE there.digitnet_epochs AS SELECT * FROM digitnet_epochs; "
        "DETACH there");
    to = sql_open(FILE_NAME);
    CHECK_SQL(to, "SELECT digit_predict(pixels) FROM images WHERE id < 2", "0 1");
    CHECK_SQL(to, "SELECT same FROM verify_model()", "1");
    /* It goes on there, and ends as it would have here. */
    CHECK_SQL(to, "SELECT epoch FROM train_model('images') WHERE resume = 1", "3");
    sql_run(db, "SELECT * FROM train_model('images') WHERE resume = 1");
    sql_run(db, "ATTACH '" FILE_NAME "' AS there");
    CHECK_SQL(
        db,
        "SELECT a.weights = b.weights AND a.state = b.state FROM digitnet_models AS a, "
        "there.digitnet_models AS b",
        "1");
    sql_run(db, "DETACH there");
    sql_run(to, "UPDATE digitnet_models SET name = 'moved'");
    CHECK_SQL(to, "SELECT digit_predict(pixels, 'moved@1') FROM images WHERE id < 2",
              "0 1");
    sql_run(to, "DELETE FROM digitnet_models");
    CHECK_SQL(to, "SELECT digit_predict(pixels, 'moved') FROM images",
              "error: digit_predict: there is no model named 'moved'");
    sql_close(to);
    sql_close(db);
}

#define NOT_REPLICATED                                                                   \
    "dqlite does not replicate what a SELECT writes; expected BEGIN before it, or, of "  \
    "a "                                                                                 \
    "table, INSERT INTO … SELECT"

/* In a dqlite node, told by the name of its VFS, what a SELECT writes by itself would be
 * lost and end the process; a write statement or a transaction is as good as anywhere. */
static void test_dqlite(void) {
    static const char refused[] = "error: train_model: " NOT_REPLICATED;
    static sqlite3_vfs vfs;
    vfs = *sqlite3_vfs_find(NULL);
    vfs.zName = "dqlite-1";
    CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
    sql_close(sql_new(FILE_NAME));
    sqlite3 *db = sql_open_flags("file:" FILE_NAME "?vfs=dqlite-1",
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI);
    sql_images(db, "images", 40, 0);
    sql_run(db, "CREATE TABLE runs(a)");
#define TRAIN "SELECT epoch FROM train_model('images')" TINY
    CHECK_SQL(db, TRAIN, refused);
    CHECK_SQL(db,
              "SELECT trial FROM search_model('images', '{\"layers\": \"softmax\"}', 2)",
              "error: search_model: " NOT_REPLICATED);
    CHECK_SQL(db, "SELECT count(*) FROM sqlite_master", "2");
    CHECK_SQL(db, "INSERT INTO runs " TRAIN, "");
    CHECK_SQL(db, "SELECT import_model('new', export_model())",
              "error: import_model: " NOT_REPLICATED);
    sql_run(db, "BEGIN");
    CHECK_SQL(db, "SELECT json_extract(import_model('new', export_model()), '$.version')",
              "1");
    CHECK_SQL(db, TRAIN, "1 2 3");
    sql_run(db, "COMMIT");
    CHECK_SQL(db, TRAIN, refused);
    CHECK_SQL(db, "SELECT name, version FROM digitnet_models ORDER BY 1, 2",
              "default|1 default|2 new|1");
    CHECK_SQL(db, "SELECT same FROM verify_model()", "1");
    sql_close(db);
    sqlite3_vfs_unregister(&vfs);
}

int main(void) {
    test_all(0);
    test_all(1);
    test_names();
    test_changes();
    test_watch(0);
    test_watch(1);
    test_moved();
    test_dqlite();
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_transactions");
}
