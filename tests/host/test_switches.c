/* test_switches.c - what a host may limit and turn off, and what ours say then:
 *
 * - SQLite's limits, SQLITE_LIMIT_LENGTH of 1,000,000 among them
 * - defensive mode, trusted_schema = OFF and other switches, which change no answer
 * - query_only, read-only files and folders */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "one_core.h"
#include "operations.h"

#define FILE_NAME "build/tmp/host.db"

/* --- limits ------------------------------------------------------------------------- */

static void test_limits(sqlite3 *start) {
    static const int smaller[] = {100000, 10000, 3000, 1000, 300, 100, 30, 10, 3, 1, 0};
    /* SQLite 3.31.1 frees what lies on its stack when a virtual table is declared and
     * nothing may be as long as a byte. */
    const int is_old = sqlite3_libversion_number() < 3032000;
    int refused = 0, done = 0;
    for (int id = SQLITE_LIMIT_LENGTH; id <= SQLITE_LIMIT_WORKER_THREADS; id++)
        for (int k = 0; k < COUNT(smaller); k++)
            for (int i = 0; i < COUNT(operations); i++) {
                const operation *o = &operations[i];
                if (is_old && id == SQLITE_LIMIT_LENGTH && smaller[k] == 0) continue;
                sqlite3 *db = sql_open(":memory:");
                sql_run(db, PREDICTIONS);
                start_over(db, start);
                const int before = sqlite3_limit(db, id, smaller[k]);
                if (sqlite3_limit(db, id, -1) == before) { /* not smaller than it was */
                    sql_close(db);
                    continue;
                }
                const int rc = perform(db, o, NULL);
                /* Of 30 bytes, SQLite cannot word an error. */
                const int can_tell = id != SQLITE_LIMIT_LENGTH || smaller[k] >= 100;
                int ok = rc == SQLITE_OK || !can_tell || is_told(db, o);
                sqlite3_limit(db, id, before);
                ok &= is_whole(db, 0);
                if (!ok)
                    printf("    %s: limit %d of %d: rc %d\n", o->name, id, smaller[k],
                           rc);
                refused += rc != SQLITE_OK;
                done += rc == SQLITE_OK;
                sql_close(db);
            }
    printf("limits: %d operations refused, %d done\n", refused, done);
    CHECK(refused > 0 && done > 0);
}

/* A megabyte, as hosts of strangers' SQL have it: what fits works as ever, and training
 * says before it begins that its model does not. */
static void test_million(void) {
    sqlite3 *db = sql_open(":memory:");
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1000000);
    sql_run(db, "CREATE TABLE digits AS SELECT * FROM synthetic_digits(100)");
    CHECK_SQL(db,
              "SELECT count(*) FROM train_model('digits') WHERE layers = 'softmax' AND "
              "epochs = 2",
              "2");
    CHECK_SQL(db, "SELECT same FROM verify_model()", "1");
    CHECK_SQL(
        db, "SELECT count(*) FROM train_model('digits') WHERE resume = 1 AND epochs = 3",
        "1");
    CHECK_SQL(db, "SELECT count(prediction) FROM predict_model('digits', 'builtin')",
              "100");
    CHECK_SQL(db, "SELECT digit_predict(pixels, 'builtin') FROM digits WHERE id = 7",
              "7");
    CHECK_SQL(db, "SELECT length(digit_sheet(pixels)) > 9 FROM digits", "1");
    const double start = sql_busy();
    CHECK_SQL(db, "SELECT * FROM train_model('digits', 'large') WHERE epochs = 100000",
              "error: train_model: the model takes a row of 4329699 bytes, most of them "
              "weights (860972) and state (3467728); this connection allows 1000000 "
              "(SQLITE_LIMIT_LENGTH)");
    CHECK(sql_busy() - start < 60);
    CHECK(sqlite3_extended_errcode(db) == SQLITE_TOOBIG);
    CHECK_SQL(db, "SELECT count(*) FROM digitnet_models WHERE name = 'large'", "0");
    /* The reckoning is not too hard: at the limit it is stored. */
    const int length = sql_int(
        db,
        "SELECT length(weights) + length(state) + length(name) + length(source) + "
        "length(layers) + length(shape) + length(classes) + length(options) + 400 + 500 "
        "FROM digitnet_models");
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, length);
    CHECK_SQL(db,
              "SELECT count(*) FROM train_model('digits') WHERE layers = 'softmax' AND "
              "epochs = 2",
              "2");
    sql_close(db);
}

/* --- switches ----------------------------------------------------------------------- */

/* everything - the bytes of all that a life of a database leaves. */
static char *everything(sqlite3 *db) {
    for (int i = 0; i < COUNT(operations); i++)
        if (!CHECK(perform(db, &operations[i], NULL) == SQLITE_OK))
            printf("    %s: %s\n", operations[i].name, sqlite3_errmsg(db));
    is_whole(db, 1);
    sqlite3_stmt *s = NULL;
    CHECK(
        sqlite3_prepare_v2(
            db,
            "SELECT group_concat(x, ';') FROM (SELECT hex(weights) || hex(state) || "
            "options || epochs AS x FROM digitnet_models ORDER BY name, version) UNION "
            "ALL "
            "SELECT group_concat(x, ';') FROM (SELECT hex(digit_png(pixels)) || "
            "digit_probabilities(pixels, 'whole') || digit_show(pixels) AS x FROM images "
            "WHERE id < 9 ORDER BY id) UNION ALL SELECT group_concat(prediction || "
            "confidence) FROM predict_model('images', 'whole')",
            -1, &s, NULL) == SQLITE_OK);
    sqlite3_str *out = sqlite3_str_new(NULL);
    while (sqlite3_step(s) == SQLITE_ROW)
        sqlite3_str_appendf(out, "%s\n", sqlite3_column_text(s, 0));
    CHECK(sqlite3_finalize(s) == SQLITE_OK);
    return sqlite3_str_finish(out);
}

/* A host may turn all of this, and it is the same to us. */
static void test_switches(sqlite3 *start) {
    static const char *const pragmas[] = {
        "PRAGMA cell_size_check = on",        "PRAGMA reverse_unordered_selects = on",
        "PRAGMA foreign_keys = on",           "PRAGMA recursive_triggers = on",
        "PRAGMA case_sensitive_like = 1",     "PRAGMA secure_delete = on",
        "PRAGMA locking_mode = exclusive",    "PRAGMA automatic_index = off",
        "PRAGMA temp_store = memory",         "PRAGMA count_changes = on",
        "PRAGMA empty_result_callbacks = on", "PRAGMA threads = 4"};
    static const struct {
        int option, value;
    } options[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                   {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                   {SQLITE_DBCONFIG_DQS_DDL, 0},
                   {SQLITE_DBCONFIG_DQS_DML, 0},
                   {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                   {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
                   {SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 1},
                   {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
                   {SQLITE_DBCONFIG_ENABLE_QPSG, 1},
                   {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0}};
    sqlite3 *db = sql_open(":memory:");
    start_over(db, start);
    sql_run(db, PREDICTIONS);
    char *plain = everything(db);
    sql_close(db);
    db = sql_new(FILE_NAME);
    start_over(db, start);
    for (int i = 0; i < COUNT(options); i++)
        CHECK(sqlite3_db_config(db, options[i].option, options[i].value, NULL) ==
              SQLITE_OK);
    for (int i = 0; i < COUNT(pragmas); i++) sql_run(db, pragmas[i]);
    sql_run(db, PREDICTIONS);
    char *hard = everything(db);
    CHECK(plain && hard && strlen(plain) > 1000 && strcmp(plain, hard) == 0);
    sqlite3_free(hard);
    sqlite3_free(plain);
    /* Defensive mode is still on: ours have no need to turn it. */
    int on = 0;
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, -1, &on);
    CHECK(on == 1);
    sql_close(db);
}

/* --- nothing to be written ---------------------------------------------------------- */

/* cannot_write - what reads works, and what writes says why it cannot, and before it has
 * done an epoch's work. */
static void cannot_write(sqlite3 *db, const char *how) {
    static const char why[] = "attempt to write a readonly database";
    char want[200];
    const int failed = check_failed;
    for (int i = 0; i < COUNT(operations); i++) {
        const operation *o = &operations[i];
        const int rc = perform(db, o, NULL);
        if (!CHECK((rc & 0xff) == (o->writes ? SQLITE_READONLY : SQLITE_OK)))
            printf("    %s: rc %d: %s\n", o->name, rc, sqlite3_errmsg(db));
        if (!o->writes) continue;
        const char *text = sqlite3_errmsg(db);
        snprintf(want, sizeof want, "%s: %s",
                 strcmp(o->name, "search") == 0 ? "search_model" : "train_model", why);
        /* A statement that writes by itself may be refused before ours is asked. */
        if (strncmp(o->sql, "SELECT", 6) == 0 || strcmp(text, why) != 0)
            CHECK_STR(text, want);
    }
    CHECK(sqlite3_get_autocommit(db) == 1);
    CHECK_SQL(db, "SELECT count(*), sum(epochs) FROM digitnet_models", "2|4");
    if (check_failed != failed) printf("in: %s\n", how);
}

static void test_read_only(sqlite3 *start) {
    sqlite3 *db = sql_new(FILE_NAME);
    start_over(db, start);
    sql_run(db, PREDICTIONS);
    sql_run(db, "PRAGMA query_only = on");
    cannot_write(db, "query_only");
    sql_run(db, "PRAGMA query_only = off");
    CHECK_SQL(db, "SELECT epoch FROM train_model('images', 'new')" QUICK, "1 2 3");
    start_over(db, start);
    sql_close(db);
    static const struct {
        const char *name, *uri;
    } ways[] = {{"a connection that only reads", FILE_NAME},
                {"mode=ro", "file:" FILE_NAME "?mode=ro"},
                {"immutable", "file:" FILE_NAME "?immutable=1"}};
    for (int wal = 0; wal < 2; wal++) {
        db = sql_open(FILE_NAME);
        sql_text(db, wal ? "PRAGMA journal_mode = wal" : "PRAGMA journal_mode = delete");
        sql_close(db);
        for (int i = 0; i < COUNT(ways); i++) {
            db = sql_open_flags(ways[i].uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
            sql_run(db, PREDICTIONS);
            cannot_write(db, ways[i].name);
            sql_close(db);
        }
    }
}

/* load_everywhere - from now on every connection has digitnet, also one of a process that
 * may not read the library. */
static void load_everywhere(void) {
#ifdef SQLITE_CORE
    sqlite3_auto_extension((void (*)(void))sqlite3_digitnet_init);
#else
    void *library = dlopen("./digitnet.so", RTLD_NOW), (*init)(void);
    if (!CHECK(library != NULL)) exit(1);
    *(void **)&init = dlsym(library, "sqlite3_digitnet_init");
    CHECK(sqlite3_auto_extension(init) == SQLITE_OK);
#endif
}

/* nobody - a process that may not write to the folder; 0 if all was as it must be. */
static int nobody(const char *path, const char *how) {
    sqlite3 *db = NULL;
    check_failed = 0;
    load_everywhere();
    /* Root may write everywhere, until he is nobody. */
    if (geteuid() == 0 && (setgid(65534) || setuid(65534))) return 2;
    if (!CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK))
        return 3;
    sql_run(db, PREDICTIONS);
    cannot_write(db, how);
    sql_close(db);
    fflush(stdout);
    return check_failed != 0;
}

static void test_folder(sqlite3 *start) {
    char folder[] = "/tmp/digitnet-host-XXXXXX", path[64];
    static const char *const hows[2] = {"a file that may not be written to",
                                        "a folder that no journal can be made in"};
    if (!CHECK(mkdtemp(folder) != NULL)) return;
    snprintf(path, sizeof path, "%s/host.db", folder);
    sqlite3 *db = sql_open(path);
    start_over(db, start);
    sql_close(db);
    CHECK(chmod(folder, 0555) == 0);
    for (int i = 0; i < 2; i++) {
        int status = 0;
        CHECK(chmod(path, i ? 0666 : 0444) == 0);
        fflush(stdout);
        const pid_t pid = fork();
        if (pid == 0) _exit(nobody(path, hows[i]));
        waitpid(pid, &status, 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    chmod(folder, 0755);
    unlink(path);
    rmdir(folder);
}

int main(void) {
    one_core();
    sqlite3 *start = make_start();
    test_limits(start);
    test_million();
    test_switches(start);
    test_read_only(start);
    test_folder(start);
    sql_close(start);
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_switches");
}
