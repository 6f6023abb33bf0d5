/* test_sql_host.c - what a host may forbid or limit, and what ours say then:
 *
 * - an authorizer that denies, or ignores, each action code in turn, and each single call of it
 * - a progress handler that stops at the first, second, … step
 * - SQLite's limits, SQLITE_LIMIT_LENGTH of 1,000,000 among them
 * - defensive mode, trusted_schema = OFF and other switches, which change no answer
 * - query_only, read-only files and folders
 *
 * Each operation either does its work or ends with an error that says why; and what is stored
 * afterwards is whole: each model has the log of its epochs, and comes out of its training
 * again to the last byte (verify_model). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "one_core.h"
#include "sql.h"

#define FILE_NAME "build/tmp/host.db"
#define IDX       "build/tmp/host-idx3-ubyte"

/* --- operations --------------------------------------------------------------------------------- */

typedef struct operation {
    const char *name, *sql;
    int writes;
} operation;

static const operation operations[] = {
    {"import", "CREATE TABLE copy AS SELECT * FROM read_idx('" IDX "')", 1},
    {"import of PNGs",
     "INSERT INTO pngs SELECT path, label, pixels FROM read_png('build/tmp/png')", 1},
    {"training", "SELECT epoch FROM train_model('images', 'new')" QUICK, 1},
    {"training in a statement",
     "INSERT INTO runs SELECT epoch FROM train_model('images', 'new')" QUICK, 1},
    {"resuming", "SELECT epoch FROM train_model('images', 'half') WHERE resume = 1", 1},
    {"search",
     "SELECT trial FROM search_model('images', '{\"layers\": \"softmax\", \"batch\": "
     "8}', "
     "2) WHERE model = 'found'",
     1},
    {"verifying", "SELECT same FROM verify_model('whole')", 0},
    {"prediction",
     "SELECT digit_predict(pixels, 'whole'), digit_confidence(pixels, 'half@1') FROM "
     "images",
     0},
    {"prediction of a table",
     "SELECT id, label, prediction FROM predict_model('images', 'whole')", 0},
    {"prediction, built in", "SELECT digit_probabilities(zeroblob(784))", 0},
    {"pictures",
     "SELECT digit_sheet(pixels, label), max(digit_png(pixels, 3)), "
     "max(digit_saliency(pixels, 'whole')) FROM images",
     0},
    {"report", NULL, 0}, /* sql/accuracy.sql */
};

/* What the report reads. */
#define PREDICTIONS                                                                      \
    "CREATE TEMP VIEW predictions AS SELECT rowid AS id, label, digit_predict(pixels, "  \
    "'whole') AS prediction, 1 AS confidence FROM main.images"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static int count_row(void *rows, int columns, char **values, char **names) {
    (void)columns, (void)values, (void)names;
    ++*(int *)rows;
    return 0;
}

/* perform - an operation; its result code. rows: how many it gave, or NULL. */
static int perform(sqlite3 *db, const operation *o, int *rows) {
    int given = 0;
    static char report[8192];
    if (!report[0]) {
        FILE *f = fopen("sql/accuracy.sql", "rb");
        if (!CHECK(f != NULL)) exit(1);
        CHECK(fread(report, 1, sizeof report - 1, f) > 0 && feof(f));
        fclose(f);
    }
    const int rc = sqlite3_exec(db, o->sql ? o->sql : report, count_row, &given, NULL);
    if (rows) *rows = given;
    return rc;
}

/* --- a database to do it in --------------------------------------------------------------------- */

/* The state that each operation starts from. */
static sqlite3 *make_start(void) {
    static const unsigned char idx[20] = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0,
                                          0, 2, 0, 0, 0, 2, 9, 9, 9, 9};
    FILE *f = fopen(IDX, "wb");
    if (!CHECK(f != NULL)) exit(1);
    fwrite(idx, 1, sizeof idx, f);
    fclose(f);
    CHECK(system("mkdir -p build/tmp/png/7 && cp tests/drawn/7/109* build/tmp/png/7/") ==
          0);
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    sql_run(db, "CREATE TABLE runs(epoch); CREATE TABLE pngs(path, label, pixels)");
    sql_run(db, "SELECT * FROM train_model('images', 'whole')" QUICK);
    sql_run(db, "SELECT * FROM train_model('images', 'half')" QUICK " LIMIT 1");
    return db;
}

/* start_over - makes db as start is. */
static void start_over(sqlite3 *db, sqlite3 *start) {
    sqlite3_backup *copy = sqlite3_backup_init(db, "main", start, "main");
    CHECK(copy && sqlite3_backup_step(copy, -1) == SQLITE_DONE);
    CHECK(sqlite3_backup_finish(copy) == SQLITE_OK);
    /* It has another schema now; seen here, and not in the middle of what is tested. */
    CHECK(sqlite3_exec(db, "SELECT * FROM sqlite_master", NULL, NULL, NULL) == SQLITE_OK);
}

/* sql_int - the first number that a statement gives; -1 for none. */
static int sql_int(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s = NULL;
    int value = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        value = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return value;
}

/* is_whole - whether what is stored is; without models it is. same: also trained again. */
static int is_whole(sqlite3 *db, int same) {
    if (!CHECK(sqlite3_get_autocommit(db) == 1)) return 0;
    if (!CHECK(sqlite3_next_stmt(db, NULL) == NULL)) return 0;
    if (!CHECK(strcmp(sql_text(db, "PRAGMA integrity_check"), "ok") == 0)) return 0;
    if (!CHECK(
            sql_int(db,
                    "SELECT count(*) FROM digitnet_models AS m WHERE epochs <> (SELECT "
                    "count(*) FROM digitnet_epochs AS e WHERE e.name = m.name AND "
                    "e.version = m.version AND e.epoch <= m.epochs)") == 0))
        return 0;
    if (!CHECK(sql_int(db,
                       "SELECT count(*) FROM digitnet_epochs AS e WHERE NOT EXISTS "
                       "(SELECT 1 FROM digitnet_models AS m WHERE m.name = e.name AND "
                       "m.version = e.version AND m.epochs >= e.epoch)") == 0))
        return 0;
    if (!CHECK(sql_int(db,
                       "SELECT max(n) FROM (SELECT sum(active) AS n FROM digitnet_models "
                       "GROUP BY name)") == 1))
        return 0;
    return !same || CHECK(sql_int(db, "SELECT min(same) FROM digitnet_models AS m, "
                                      "verify_model(m.name || '@' || m.version)") == 1);
}

/* is_told - whether an error says something, and ours say who speaks. */
static int is_told(sqlite3 *db, const operation *o) {
    const char *text = sqlite3_errmsg(db);
    if (CHECK(strlen(text) > 8 && strcmp(text, "not an error") != 0 &&
              strcmp(text, "SQL logic error") != 0 && strcmp(text, "unknown error") != 0))
        return 1;
    printf("    %s: '%s'\n", o->name, text);
    return 0;
}

/* --- authorizers -------------------------------------------------------------------------------- */

#define MOST_ACTIONS 40

typedef struct guard {
    int code;   /* the action that is denied, each time; 0 for none */
    int call;   /* the call that is denied, 1 for the first; 0 for none */
    int answer; /* SQLITE_DENY or SQLITE_IGNORE */
    int calls, denied;
    int seen[MOST_ACTIONS]; /* calls by action */
    char what[200];         /* the last that was denied */
} guard;

static int authorize(void *context, int code, const char *a, const char *b,
                     const char *schema, const char *trigger) {
    guard *g = context;
    (void)trigger;
    g->calls++;
    if (code > 0 && code < MOST_ACTIONS) g->seen[code]++;
    if (code != g->code && g->calls != g->call) return SQLITE_OK;
    g->denied++;
    snprintf(g->what, sizeof g->what, "action %d (%s, %s, %s), call %d", code, a ? a : "",
             b ? b : "", schema ? schema : "", g->calls);
    return g->answer;
}

/* guarded - an operation under a guard; what is stored is then whole. */
static void guarded(sqlite3 *db, sqlite3 *start, const operation *o, guard *g) {
    start_over(db, start);
    sqlite3_set_authorizer(db, authorize, g);
    int rows;
    const int rc = perform(db, o, &rows);
    int ok = rc == SQLITE_OK || is_told(db, o);
    sqlite3_set_authorizer(db, NULL, NULL);
    /* A denial is an error, and says that it is one; but why a run cannot be verified may be
     * told by a row. */
    const int is_noted = rc == SQLITE_OK && strcmp(o->name, "verifying") == 0;
    if (g->denied && g->answer == SQLITE_DENY)
        ok &= CHECK(rc == SQLITE_AUTH || rc == SQLITE_ERROR || is_noted) &&
              CHECK(is_noted || strstr(sqlite3_errmsg(db), "not authorized") ||
                    strstr(sqlite3_errmsg(db), "authorization denied") ||
                    strstr(sqlite3_errmsg(db), "prohibited"));
    if (g->denied == 0) ok &= CHECK(rc == SQLITE_OK);
    /* Ignoring leaves out what the host wants left out: a column, an index. It is nobody's
     * training any more, but a row of training is one of a model that is there. */
    if (g->answer == SQLITE_DENY)
        ok &= is_whole(db, g->call % 8 == 0);
    else {
        ok &= CHECK(sqlite3_get_autocommit(db) == 1) &&
              CHECK(!sqlite3_next_stmt(db, NULL)) &&
              CHECK(strcmp(sql_text(db, "PRAGMA integrity_check"), "ok") == 0);
        if (rows && !strstr(g->what, "action 23") && o->sql && strstr(o->sql, "'new'"))
            ok &= CHECK(
                sql_int(db, "SELECT epochs FROM digitnet_models WHERE name = 'new'") ==
                rows);
    }
    if (!ok) printf("    %s: %s: rc %d\n", o->name, g->what, rc);
}

/* The report is SQLite's own affair: plain SQL, and 3.40 does not survive a SELECT of it that
 * is ignored. */
static void test_authorizer(sqlite3 *start) {
    int seen[MOST_ACTIONS] = {0}, calls = 0;
    for (int i = 0; i < COUNT(operations); i++) {
        const operation *o = &operations[i];
        sqlite3 *db = sql_open(":memory:");
        sql_run(db, PREDICTIONS);
        guard all = {0};
        guarded(db, start, o, &all);
        for (int code = 1; code < MOST_ACTIONS; code++) {
            seen[code] += all.seen[code];
            if (!all.seen[code]) continue;
            guarded(db, start, o, &(guard){.code = code, .answer = SQLITE_DENY});
            if (o->sql)
                guarded(db, start, o, &(guard){.code = code, .answer = SQLITE_IGNORE});
        }
        for (int call = 1; call <= all.calls; call++) {
            guarded(db, start, o, &(guard){.call = call, .answer = SQLITE_DENY});
            if (o->sql)
                guarded(db, start, o, &(guard){.call = call, .answer = SQLITE_IGNORE});
        }
        calls += all.calls;
        sql_close(db);
    }
    printf("authorizer: %d calls denied and ignored; actions", calls);
    for (int code = 1; code < MOST_ACTIONS; code++)
        if (seen[code]) printf(" %d", code);
    printf("\n");
    /* What ours are made of: SQLITE_INSERT, _PRAGMA, _READ, _SELECT, _UPDATE, _FUNCTION, _RECURSIVE. */
    CHECK(seen[SQLITE_INSERT] && seen[SQLITE_PRAGMA] && seen[SQLITE_READ] &&
          seen[SQLITE_SELECT] && seen[SQLITE_UPDATE] && seen[SQLITE_FUNCTION] &&
          seen[SQLITE_RECURSIVE] && seen[SQLITE_CREATE_TABLE]);
}

/* no_files - a host's authorizer that keeps SQL from files. */
static int no_files(void *context, int code, const char *a, const char *b,
                    const char *schema, const char *trigger) {
    (void)context, (void)b, (void)schema, (void)trigger;
    return code == SQLITE_READ && strncmp(a, "read_", 5) == 0 ? SQLITE_DENY : SQLITE_OK;
}

/* What a host that runs the SQL of others can take away: by name, or for good. */
static void test_taken_away(void) {
    static const char *const calls[] = {"SELECT * FROM read_idx('" IDX "')",
                                        "SELECT count(*) FROM read_idx('" IDX "')",
                                        "SELECT 1 FROM read_png('build/tmp/png')"};
    sqlite3 *db = sql_open(":memory:");
    for (int taken = 0; taken < 2; taken++) {
        sqlite3_set_authorizer(db, NULL, NULL);
        for (int i = 0; i < COUNT(calls); i++)
            CHECK(strncmp(sql_text(db, calls[i]), "error: ", 7) != 0);
        if (taken) {
            sqlite3_create_module(db, "read_idx", NULL, NULL);
            sqlite3_create_module(db, "read_png", NULL, NULL);
        } else
            sqlite3_set_authorizer(db, no_files, NULL);
        for (int i = 0; i < COUNT(calls); i++)
            CHECK(strncmp(sql_text(db, calls[i]), "error: ", 7) == 0);
        CHECK_SQL(db, "SELECT count(*) FROM synthetic_digits(2)", "2");
    }
    sql_close(db);
}

/* The very first training of a database, too: it makes the tables. */
static void test_authorizer_first(void) {
    static const operation first = {"training",
                                    "SELECT epoch FROM train_model('images')" QUICK, 1};
    sqlite3 *db = sql_open(":memory:"), *start = sql_open(":memory:");
    sql_images(start, "images", 40, 0);
    start_over(db, start);
    guard all = {0};
    sqlite3_set_authorizer(db, authorize, &all);
    CHECK(perform(db, &first, NULL) == SQLITE_OK);
    for (int call = 1; call <= all.calls; call++) {
        guard g = {.call = call, .answer = SQLITE_DENY};
        start_over(db, start);
        sqlite3_set_authorizer(db, authorize, &g);
        const int rc = perform(db, &first, NULL);
        sqlite3_set_authorizer(db, NULL, NULL);
        const int ok = CHECK(rc == SQLITE_AUTH || rc == SQLITE_ERROR || !g.denied);
        const int tables = sql_int(db, "SELECT count(*) FROM sqlite_master WHERE name IN "
                                       "('digitnet_models', 'digitnet_epochs')");
        const int models =
            tables > 0 ? sql_int(db, "SELECT count(*) FROM digitnet_models") : 0;
        if (!ok || !CHECK(models == 0 || is_whole(db, 1))) printf("    %s\n", g.what);
        /* The next one is none the wiser. */
        if (call % 16 == 0) {
            sql_run(db, first.sql);
            is_whole(db, 1);
        }
    }
    sql_close(start);
    sql_close(db);
}

/* --- progress handlers ----------------------------------------------------------------------------- */

typedef struct steps {
    int stop_at, so_far, always;
} steps;

static int progress(void *context) {
    steps *s = context;
    s->so_far++;
    return s->always ? s->so_far >= s->stop_at : s->so_far == s->stop_at;
}

/* stepped - an operation stopped at one call of the handler; 1 if it was stopped. */
static int stepped(sqlite3 *db, sqlite3 *start, const operation *o, int stop_at,
                   int always) {
    steps s = {stop_at, 0, always};
    start_over(db, start);
    sqlite3_progress_handler(db, 1, progress, &s);
    const int rc = perform(db, o, NULL);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    const int stopped = s.so_far >= stop_at;
    int ok = CHECK(rc == (stopped ? SQLITE_INTERRUPT : SQLITE_OK));
    if (stopped && !CHECK(strstr(sqlite3_errmsg(db), "interrupted") != NULL))
        printf("    %s: '%s'\n", o->name, sqlite3_errmsg(db));
    ok &= is_whole(db, stop_at % 8 == 0);
    if (!ok) printf("    %s: stopped at step %d: rc %d\n", o->name, stop_at, rc);
    return stopped;
}

static void test_progress(sqlite3 *start) {
    int stops = 0;
    for (int i = 0; i < COUNT(operations); i++) {
        sqlite3 *db = sql_open(":memory:");
        sql_run(db, PREDICTIONS);
        /* All of the first steps, then ever fewer. */
        for (int at = 1; stepped(db, start, &operations[i], at, at % 2);
             at += 1 + at / (sql_sanitised() ? 8 : 25))
            stops++;
        sql_close(db);
    }
    CHECK(stops > 12 * 25);
    printf("progress handler: %d stops\n", stops);
}

/* --- limits -------------------------------------------------------------------------------------- */

static void test_limits(sqlite3 *start) {
    static const int smaller[] = {100000, 10000, 3000, 1000, 300, 100, 30, 10, 3, 1, 0};
    /* SQLite 3.31.1 frees what lies on its stack when a virtual table is declared and nothing
     * may be as long as a byte. */
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

/* A megabyte, as hosts of strangers' SQL have it: what fits works as ever, and training says
 * before it begins that its model does not. */
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
    const double start = sql_seconds();
    CHECK_SQL(db, "SELECT * FROM train_model('digits', 'large') WHERE epochs = 100000",
              "error: train_model: the model takes a row of 4329628 bytes, most of them "
              "weights (860972) and state (3467728); this connection allows 1000000 "
              "(SQLITE_LIMIT_LENGTH)");
    CHECK(sql_seconds() - start < 60);
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

/* --- switches ------------------------------------------------------------------------------------- */

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

/* --- nothing to be written ------------------------------------------------------------------------- */

/* cannot_write - what reads works, and what writes says why it cannot, and before it has done
 * an epoch's work. */
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

/* load_everywhere - from now on every connection has digitnet, also one of a process that may
 * not read the library. */
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
    test_authorizer(start);
    test_authorizer_first();
    test_taken_away();
    test_progress(start);
    test_limits(start);
    test_million();
    test_switches(start);
    test_read_only(start);
    test_folder(start);
    sql_close(start);
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_sql_host");
}
