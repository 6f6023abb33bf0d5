/* test_hostile.c - a digitnet_models that somebody else made, or changed: nobody crashes,
 * what is said is an error of ours or a right answer, and the file is sound afterwards.
 * What such a file can make a connection do is test_trust.c's. */
#define _GNU_SOURCE
#include "one_core.h"
#include "sql.h"

#define FILE_NAME "build/tmp/hostile.db"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* A digitnet_models of the author's: what predicting and training say. */
typedef struct models_case {
    const char *name, *schema;
    const char *predicts; /* digit_predict's answer */
    const char *trains;   /* train_model's; NULL for any */
} models_case;

#define COLUMNS                                                                          \
    "name, version, active, created, source, layers, shape, classes, options, seed, "    \
    "epochs, loss, accuracy, holdout_accuracy, seconds, weights, state"
#define MODELS(more)                                                                     \
    "CREATE TABLE digitnet_models(name, version, active, created, source, layers, "      \
    "shape, classes, options, seed, epochs, loss, accuracy, holdout_accuracy, seconds, " \
    "weights, state, PRIMARY KEY(name, version))" more
#define KEPT_OUT                                                                         \
    "model default@1 was written, but is not in digitnet_models: a trigger or an "       \
    "authorizer keeps it out"
#define BAD_ROW                                                                          \
    "INSERT INTO digitnet_models(name, version, active, weights) VALUES('default', 1, "  \
    "1, "

static const models_case cases[] = {
    {"a view",
     "CREATE VIEW digitnet_models AS SELECT 'default' AS name, 1 AS version, 1 AS "
     "active, x'00' AS weights",
     NULL, "error: train_model: cannot modify digitnet_models because it is a view"},
    {"a view with a rowid",
     "CREATE VIEW digitnet_models AS SELECT 'default' AS name, 1 AS version, 1 AS "
     "active, "
     "1 AS rowid, x'00' AS weights",
     "error: digit_predict: cannot open view: digitnet_models", NULL},
    {"a view that takes inserts",
     "CREATE TABLE t(a); CREATE VIEW digitnet_models AS SELECT 'default' AS name, 1 AS "
     "version, 0 AS active, 1 AS rowid, x'00' AS weights, 1 AS created, 1 AS source, 1 "
     "AS "
     "layers, 1 AS shape, 1 AS classes, 1 AS options, 1 AS seed, 1 AS epochs, 1 AS loss, "
     "1 "
     "AS accuracy, 1 AS holdout_accuracy, 1 AS seconds, 1 AS state; CREATE TRIGGER i "
     "INSTEAD OF INSERT ON digitnet_models BEGIN INSERT INTO t VALUES(1); END; CREATE "
     "TRIGGER u INSTEAD OF UPDATE ON digitnet_models BEGIN INSERT INTO t VALUES(2); END",
     NULL, NULL},
    {"a virtual table",
     "CREATE VIRTUAL TABLE digitnet_models USING fts5(" COLUMNS
     "); INSERT INTO digitnet_models(name, version, active, weights) VALUES('default', "
     "1, "
     "1, 'abc')",
     "error: digit_predict: cannot open virtual table: digitnet_models", NULL},
    {"a table without its columns", "CREATE TABLE digitnet_models(a)",
     "error: digit_predict: no such column: version",
     "error: train_model: no such column: version"},
    {"a table WITHOUT ROWID", MODELS(" WITHOUT ROWID; " BAD_ROW "x'00')"),
     "error: digit_predict: no such column: rowid", NULL},
    {"weights of another type", MODELS("; " BAD_ROW "12)"),
     "error: digit_predict: cannot open value of type integer", "1 2 3"},
    {"weights that are a real", MODELS("; " BAD_ROW "1.5)"),
     "error: digit_predict: cannot open value of type real", "1 2 3"},
    /* length() counts a text's characters. */
    {"weights that are a text", MODELS("; " BAD_ROW "'äöüß€')"), NULL, "1 2 3"},
    {"weights that are a text with a zero byte",
     MODELS("; " BAD_ROW "CAST(x'444e4d4f44454c00ffff' AS TEXT))"), NULL, "1 2 3"},
    {"generated weights",
     "CREATE TABLE digitnet_models(name, version, active, weights AS (zeroblob(9)))",
     NULL, "error: train_model: table main.digitnet_models has no column named created"},
    {"versions and names of any type",
     MODELS(
         "; INSERT INTO digitnet_models(name, version, active, weights) VALUES(1, 'a', "
         "'b', 'c'), (NULL, NULL, NULL, NULL), (x'00', x'00', x'00', x'00'), "
         "('default', 1e300, 9e18, x'00'), ('default', 'x', 1, zeroblob(100000))"),
     NULL, NULL},
    {"a trigger that takes the row away",
     MODELS("; CREATE TRIGGER r AFTER INSERT ON digitnet_models BEGIN DELETE FROM "
            "digitnet_models; END"),
     "7", "error: train_model: " KEPT_OUT},
    {"a trigger that ignores the row",
     MODELS("; CREATE TRIGGER r BEFORE INSERT ON digitnet_models BEGIN SELECT "
            "RAISE(IGNORE); END"),
     "7", "error: train_model: " KEPT_OUT},
    {"a trigger that empties the log",
     MODELS(
         "; CREATE TABLE digitnet_epochs(name, version, epoch, loss, accuracy, "
         "holdout_loss, holdout_accuracy, rate, images_per_second, seconds, PRIMARY "
         "KEY(name, version, epoch)); CREATE TRIGGER r AFTER UPDATE ON digitnet_models "
         "BEGIN DELETE FROM digitnet_epochs; INSERT INTO digitnet_epochs(name) SELECT "
         "value FROM json_each('[1,2,3,4,5,6,7,8,9]'); END"),
     NULL, NULL},
    {"a trigger that drops out",
     MODELS("; CREATE TRIGGER r BEFORE INSERT ON digitnet_models BEGIN SELECT "
            "RAISE(ROLLBACK, 'out'); END"),
     "7", "error: train_model: out"},
    {"a trigger that trains",
     MODELS("; CREATE TRIGGER r AFTER INSERT ON digitnet_models BEGIN INSERT INTO images "
            "SELECT 1, 2, epoch FROM train_model('images'); END"),
     "7", "error: train_model: unsafe use of virtual table \"train_model\""},
    {"a trigger that predicts",
     MODELS("; CREATE TRIGGER r AFTER INSERT ON digitnet_models BEGIN SELECT "
            "digit_predict(zeroblob(16)); END"),
     "7",
     "error: train_model: digit_predict: image has 16 bytes; expected 784 (uint8), "
     "3136 (float32) or a PNG; model 'builtin' takes images of 28x28x1"},
};

/* An image that the built-in model is sure of. */
#define A_SEVEN "FROM synthetic_digits(8) WHERE id = 7"

static void test_models(void) {
    for (int i = 0; i < COUNT(cases); i++) {
        const models_case *c = &cases[i];
        const int failed = check_failed;
        sqlite3 *db = sql_new(FILE_NAME);
        sql_run(db, "PRAGMA synchronous = off; PRAGMA journal_mode = memory");
        sql_images(db, "images", 40, 0);
        sql_run(db, c->schema);
        sql_close(db);
        db = sql_open(FILE_NAME);
        const char *text = sql_text(db, "SELECT digit_predict(pixels) " A_SEVEN);
        if (c->predicts)
            CHECK_STR(text, c->predicts);
        else if (!CHECK(strncmp(text, "error: digit_predict: ", 22) == 0 ||
                        strcmp(text, "7") == 0))
            printf("    %s\n", text);
        text = sql_text(db, "SELECT epoch FROM train_model('images')" QUICK);
        if (c->trains)
            CHECK_STR(text, c->trains);
        else if (!CHECK(strncmp(text, "error: train_model: ", 20) == 0 ||
                        strcmp(text, "1 2 3") == 0))
            printf("    %s\n", text);
        CHECK(sqlite3_get_autocommit(db) == 1);
        CHECK_SQL(db, "PRAGMA integrity_check", "ok");
        static const char *const others[] = {
            "SELECT digit_predict(pixels, 'default@1') FROM images LIMIT 1",
            "SELECT count(*) FROM train_model('images') WHERE resume = 1",
            "SELECT count(*) FROM predict_model('images', 'default')",
            "SELECT same FROM verify_model()"};
        for (int k = 0; k < COUNT(others); k++) sql_text(db, others[k]);
        CHECK_SQL(db, "PRAGMA integrity_check", "ok");
        /* The built-in model and the rest of the library do as before. */
        CHECK_SQL(db, "SELECT digit_predict(pixels, 'builtin') " A_SEVEN, "7");
        sql_close(db);
        if (check_failed != failed) printf("in the case: %s\n", c->name);
    }
}

/* Any value in any column of a model that was trained, and of its log: each use of it
 * works or is an error of ours that says something. */
static void test_values(void) {
    static const char *const values[] = {"NULL",
                                         "-1",
                                         "0",
                                         "1",
                                         "100001",
                                         "288230376151711745",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         "1e308",
                                         "-1e308",
                                         "9e999",
                                         "''",
                                         "'x'",
                                         "'1/5 2/0'",
                                         "'{}'",
                                         "'[]'",
                                         "'{\"epochs\": 288230376151711745}'",
                                         "x''",
                                         "x'00'",
                                         "zeroblob(3000)",
                                         "CAST(zeroblob(9) AS TEXT)",
                                         "printf('%5000c', 'x')",
                                         "substr(state, 9)",
                                         "substr(weights, 1, 100)",
                                         "weights",
                                         "state"};
    static const char *const uses[] = {
        "SELECT digit_predict(pixels) FROM images WHERE id < 3",
        "SELECT digit_embedding(pixels, 'default@1') FROM images WHERE id < 3",
        "SELECT count(*) FROM predict_model('images', 'default')",
        "SELECT count(*) FROM verify_model()",
        "SELECT count(*) FROM verify_model('default@1')",
        "SELECT count(*) FROM train_model('images') WHERE resume = 1 AND epochs = 5",
        "SELECT count(*) FROM train_model('images', 'b') WHERE start = 'default' AND "
        "epochs = 1",
        "SELECT count(*) FROM train_model('images', 'c') WHERE teacher = 'default@1' AND "
        "layers = 'softmax' AND epochs = 1"};
    /* Sanitised code takes its time: it gets every third. */
    const int step = check_sanitised() ? 3 : 1;
    int worked = 0, refused = 0;
    sqlite3 *start = sql_open(":memory:"), *db = sql_open(":memory:");
    sqlite3_stmt *columns;
    sql_images(start, "images", 40, 0);
    sql_run(start, "SELECT * FROM train_model('images')" QUICK);
    CHECK(sqlite3_prepare_v2(start,
                             "SELECT 'digitnet_models', name FROM "
                             "pragma_table_info('digitnet_models') UNION "
                             "ALL SELECT 'digitnet_epochs', name FROM "
                             "pragma_table_info('digitnet_epochs')",
                             -1, &columns, NULL) == SQLITE_OK);
    while (sqlite3_step(columns) == SQLITE_ROW)
        for (int v = 0; v < COUNT(values); v += step) {
            sqlite3_backup *copy = sqlite3_backup_init(db, "main", start, "main");
            CHECK(sqlite3_backup_step(copy, -1) == SQLITE_DONE);
            CHECK(sqlite3_backup_finish(copy) == SQLITE_OK);
            char *sql = sqlite3_mprintf("UPDATE %s SET %s = %s",
                                        sqlite3_column_text(columns, 0),
                                        sqlite3_column_text(columns, 1), values[v]);
            sqlite3_exec(db, sql, NULL, NULL, NULL); /* NOT NULL, and no column state */
            for (int k = 0; k < COUNT(uses); k++) {
                const char *text = sql_text(db, uses[k]);
                const int is_error = strncmp(text, "error: ", 7) == 0;
                worked += !is_error;
                refused += is_error;
                if (is_error &&
                    !CHECK(strstr(text, "_model: ") || strstr(text, "digit_")))
                    printf("    %s\n    %s: %s\n", sql, uses[k], text);
            }
            if (!CHECK(sqlite3_get_autocommit(db) == 1) ||
                !CHECK(strcmp(sql_text(db, "PRAGMA integrity_check"), "ok") == 0))
                printf("    %s\n", sql);
            sqlite3_free(sql);
        }
    sqlite3_finalize(columns);
    printf("values: %d uses worked, %d refused\n", worked, refused);
    CHECK(worked > 0 && refused > 0);
    /* The number of epochs is one that room is made by. */
    sql_run(start, "UPDATE digitnet_models SET epochs = 288230376151711745");
    CHECK_SQL(
        start, "SELECT * FROM verify_model()",
        "error: verify_model: version 1 of the model has had 288230376151711745 epochs, "
        "says its row; expected 0 to 100000");
    sql_close(db);
    sql_close(start);
}

/* The record of a run that was resumed with other numbers of epochs: one that is none
 * cannot be repeated by. */
static void test_lengths(void) {
    static const char *const bad[] = {"?",   "3",        "3-9",  "3/",
                                      "3/0", "3/100001", "3/9x", "1/9 x"};
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    sql_run(db, "SELECT * FROM train_model('images')" QUICK);
    CHECK_SQL(db,
              "SELECT epoch FROM train_model('images') WHERE resume = 1 AND epochs = 5",
              "4 5");
    CHECK_SQL(db, "SELECT json_extract(options, '$.lengths') FROM digitnet_models",
              "3/3");
    CHECK_SQL(db, "SELECT same FROM verify_model()", "1");
    for (int i = 0; i < COUNT(bad); i++) {
        char *sql = sqlite3_mprintf(
            "UPDATE digitnet_models SET options = json_set(options, '$.lengths', %Q)",
            bad[i]);
        sql_run(db, sql);
        sqlite3_free(sql);
        if (!CHECK_SQL(db, "SELECT note FROM verify_model()",
                       "cannot be repeated: it was resumed too often with other numbers "
                       "of epochs"))
            printf("    %s\n", bad[i]);
    }
    sql_close(db);
}

/* What else the stored options may hold: NULL for what is left out, what a later version
 * might write, and what cannot be. */
static void test_options(void) {
    static const struct {
        const char *path, *value, *note;
    } all[] = {
        {"$.later", "1", NULL},
        {"$.teachers", "NULL", NULL},
        {"$.started", "NULL", NULL},
        {"$.lengths", "NULL", NULL},
        {"$.data", "NULL",
         "cannot be repeated: model default@1 was trained on other data (36 images an "
         "epoch, as "
         "now, but not the same)"},
        {"$.fitted", "101",
         "cannot be repeated: the stored options cannot be read: fitted is 101; expected "
         "a "
         "number above 0, up to 100"},
        {"$.fitted", "0",
         "cannot be repeated: the stored options cannot be read: fitted is 0; expected a "
         "number above 0, up to 100"}};
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    for (int i = 0; i < COUNT(all); i++) {
        sql_run(
            db,
            "DROP TABLE IF EXISTS digitnet_models; DROP TABLE IF EXISTS digitnet_epochs");
        sql_run(db, "SELECT * FROM train_model('images')" QUICK);
        char *sql = sqlite3_mprintf(
            "UPDATE digitnet_models SET options = json_set(options, %Q, %s)", all[i].path,
            all[i].value);
        sql_run(db, sql);
        sqlite3_free(sql);
        if (all[i].note)
            CHECK_SQL(db, "SELECT note FROM verify_model()", all[i].note);
        else
            CHECK_SQL(db, "SELECT same FROM verify_model()", "1");
    }
    sql_close(db);
}

int main(void) {
    one_core();
    test_models();
    test_values();
    test_lengths();
    test_options();
    CHECK(sqlite3_memory_used() == 0);
    return check_done("test_hostile");
}
