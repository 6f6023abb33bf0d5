/* test_limits.c - what is too much, and what is nearly so: labels, the probabilities of a
 * holdout, the names of models to begin from and to learn from, lengths of a run. */
#include <math.h>
#include "sql.h"

#define MODEL "WHERE layers = 'softmax' AND shape = '1x1x1' AND epochs = 1 "

static void test_labels(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_run(db, "CREATE TABLE t AS WITH RECURSIVE n(label) AS (SELECT 1 UNION ALL SELECT "
                "label + 1 FROM n LIMIT 65537) SELECT label, x'80' AS pixels FROM n");
    CHECK_SQL(db, "SELECT * FROM train_model('t') " MODEL,
              "error: train_model: t, rowid 65537: there are more than 65536 different "
              "labels");
    CHECK_SQL(db,
              "SELECT import_model('x', export_model('builtin'), json_object('classes', "
              "(SELECT json_group_array(label) FROM t)))",
              "error: import_model: there are more than 65536 classes; that is the most");
    CHECK_SQL(db, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'digitnet%'", "0");
    sql_close(db);
}

/* log_e - the natural logarithm, which SQLite 3.31 has not. */
static void log_e(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    sqlite3_result_double(context, log(sqlite3_value_double(argv[0])));
}

/* 1,000 classes times 6,000 rows of the holdout are more probabilities than are kept to
 * fit the temperature by: the rest is measured all the same. */
static void test_large_holdout(void) {
    sqlite3 *db = sql_open(":memory:");
    CHECK(sqlite3_create_function(db, "log_e", 1, SQLITE_UTF8, NULL, log_e, NULL, NULL) ==
          SQLITE_OK);
    sql_run(
        db,
        "CREATE TABLE t AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 "
        "FROM n LIMIT 7000) SELECT i * i % 1009 % 1000 AS label, "
        "CAST(char(i * 7 % 128) AS BLOB) AS pixels, CASE WHEN i < 1000 THEN 'train' ELSE "
        "'holdout' END AS split FROM n");
    sql_run(db, "UPDATE t SET label = rowid - 1 WHERE split = 'train'");
    CHECK_SQL(db, "SELECT count(*) FROM train_model('t') " MODEL "AND rate = 0.1", "1");
    /* The same, from the probabilities that the stored model gives. */
    sql_run(db, "CREATE TABLE said AS SELECT pixels, digit_predict(pixels) AS class, "
                "digit_probabilities(pixels) AS all_p FROM t GROUP BY pixels");
    sql_run(db,
            "CREATE TABLE p AS SELECT class = label AS good, json_extract(all_p, '$.' "
            "|| json_quote('' || label)) AS p FROM t JOIN said USING (pixels) "
            "WHERE split = 'holdout'");
    CHECK_SQL(db,
              "SELECT count(*), abs(avg(-log_e(p)) - holdout_loss) < 1e-4, avg(good) = "
              "holdout_accuracy FROM p, digitnet_epochs",
              "6000|1|1");
    sql_close(db);
}

/* The longest name that an option takes, and what it becomes with a version. */
static void test_names(void) {
    sqlite3 *db = sql_open(":memory:");
    char name[600], sql[1400], expected[1400];
    sql_images(db, "images", 40, 0);
    static const struct {
        const char *option;
        int most, room; /* of a name alone; and where "@1" follows */
        const char *reason;
    } names[] = {{"start", 255, 253, "start: the model's name is too long"},
                 {"teacher", 511, 508, "teacher: the names are too long"}};
    for (int i = 0; i < 2; i++) {
        for (int length = names[i].room; length <= names[i].most + 1; length++) {
            memset(name, 'm', (size_t)length);
            name[length] = '\0';
            snprintf(
                sql, sizeof sql,
                "SELECT count(*) FROM train_model('images', '%s') WHERE layers = '2N' "
                "AND epochs = 1",
                name);
            CHECK_SQL(db, sql, "1");
            snprintf(sql, sizeof sql,
                     "SELECT count(*) FROM train_model('images') WHERE %s = '%s' AND "
                     "layers = '2N' AND epochs = 1",
                     names[i].option, name);
            if (length <= names[i].room) {
                CHECK_SQL(db, sql, "1");
                snprintf(sql, sizeof sql,
                         "SELECT json_extract(options, '$.%s') = '%s@1' FROM "
                         "digitnet_models WHERE name = 'default' AND active",
                         names[i].option, name);
                CHECK_SQL(db, sql, "1");
            } else if (length <= names[i].most) {
                snprintf(expected, sizeof expected, "error: train_model: %s",
                         names[i].reason);
                CHECK_SQL(db, sql, expected);
            } else {
                snprintf(expected, sizeof expected, "error: train_model: %s is '",
                         names[i].option);
                CHECK(strncmp(sql_text(db, sql), expected, strlen(expected)) == 0);
            }
        }
    }
    sql_close(db);
}

/* A run whose length was changed more often than is written down can go on, but not be
 * repeated. */
static void test_lengths(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    sql_run(
        db,
        "SELECT * FROM train_model('images') WHERE layers = 'softmax' AND epochs = 9001 "
        "LIMIT 1");
    for (int i = 2; i <= 20; i++) {
        char sql[200], epoch[8];
        snprintf(sql, sizeof sql,
                 "SELECT epoch FROM train_model('images') WHERE resume = 1 AND epochs = "
                 "%d LIMIT 1",
                 9000 + i);
        snprintf(epoch, sizeof epoch, "%d", i);
        CHECK_SQL(db, sql, epoch);
    }
    CHECK_SQL(db, "SELECT json_extract(options, '$.lengths') FROM digitnet_models", "?");
    CHECK_SQL(
        db, "SELECT same, note FROM verify_model()",
        "NULL|cannot be repeated: it was resumed too often with other numbers of epochs");
    sql_close(db);
}

/* Teachers and starts named otherwise than they are stored: what counts as the same. */
static void test_same_names(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    sql_run(
        db,
        "SELECT * FROM train_model('images', 't') WHERE layers = '2N' AND epochs = 1");
    sql_run(db,
            "SELECT * FROM train_model('images', 'tt') WHERE layers = '2N' AND epochs "
            "= 1");
    sql_run(db,
            "SELECT * FROM train_model('images') WHERE layers = '2N' AND epochs = 9 AND "
            "teacher = 't,tt' LIMIT 1");
    static const struct {
        const char *teacher;
        int same;
    } names[] = {{"t,tt", 1},   {"t@1,tt", 1}, {"t@1,tt@1", 1}, {"t", 0},     {"tt,t", 0},
                 {"t,tt,t", 0}, {"t,t", 0},    {"t@1,tt@2", 0}, {"t,tt@", 0}, {",tt", 0}};
    int epoch = 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char sql[200], expected[16];
        snprintf(sql, sizeof sql,
                 "SELECT epoch FROM train_model('images') WHERE resume = 1 AND teacher = "
                 "'%s' LIMIT 1",
                 names[i].teacher);
        snprintf(expected, sizeof expected, "%d", epoch + 1);
        if (names[i].same) {
            CHECK_SQL(db, sql, expected);
            epoch++;
        } else {
            CHECK_SQL(db, sql,
                      "error: train_model: teacher is not what the model was made with; "
                      "leave it out to resume");
        }
    }
    sql_close(db);
}

int main(void) {
    test_labels();
    test_large_holdout();
    test_names();
    test_lengths();
    test_same_names();
    return check_done("test_limits");
}
