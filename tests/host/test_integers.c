/* test_integers.c - every argument and option that is an integer, given as each type
 * there is.
 * Some clients bind every number as a REAL: a whole one counts as the integer. */
#include <math.h>
#include "sql.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* How a table-valued function is asked. Each statement gets its value as ?1. */
#define TRAIN(condition)                                                                 \
    "SELECT count(*), max(loss) FROM train_model('t') WHERE layers = 'softmax' AND "     \
    "holdout = 0.5 AND threads = 1 AND " condition
#define SEARCH(condition)                                                                \
    "SELECT count(*), max(loss) FROM search_model('t', '{\"layers\": [\"softmax\", "     \
    "\"2N\"]}', 4) WHERE holdout = 0.5 AND " condition

static const struct argument {
    const char *sql;
    int good;       /* an integer that it takes */
    int needed;     /* NULL is an error, not the default */
    int takes_huge; /* 2^53 + 2 */
} arguments[] = {
    {"SELECT hex(digit_png(zeroblob(16), ?1))", 7, 0, 0},
    {"SELECT digit_show(zeroblob(16), ?1)", 7, 0, 0},
    {"SELECT digit_show(zeroblob(16), 4, ?1)", 1, 0, 0},
    {"SELECT count(*) FROM synthetic_digits(?1)", 7, 1, 0},
    {"SELECT hex(pixels) FROM synthetic_digits(1, ?1)", 7, 0, 1},
    {TRAIN("epochs = ?1"), 7, 0, 0},
    {TRAIN("epochs = 1 AND batch = ?1"), 7, 0, 0},
    {TRAIN("epochs = 1 AND seed = ?1"), 7, 0, 1},
    {TRAIN("epochs = 1 AND patience = ?1"), 7, 0, 0},
    {TRAIN("epochs = 1 AND cache_mb = ?1"), 7, 0, 0},
    {"SELECT count(*) FROM train_model('t') WHERE layers = 'softmax' AND epochs = 1 AND "
     "threads = ?1",
     7, 0, 0},
    {SEARCH("trials = ?1"), 1, 0, 0},
    {SEARCH("seed = ?1"), 7, 0, 1},
    {SEARCH("cache_mb = ?1"), 7, 0, 0},
    {SEARCH("threads = ?1"), 7, 0, 0},
    {"SELECT count(*), max(loss) FROM search_model('t', '{\"layers\": \"softmax\"}', ?1)",
     7, 0, 0},
};

enum { INTEGER, REAL, TEXT, NONE };

/* answer - what the statement gives for a value; valid until four calls more. */
static const char *answer(sqlite3 *db, const char *sql, int type, double number) {
    static char texts[4][512];
    static int next;
    char *text = texts[next++ % 4];
    sqlite3_stmt *s = NULL;
    text[0] = 0;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    switch (type) {
    case INTEGER: sqlite3_bind_int64(s, 1, (sqlite3_int64)number); break;
    case REAL: sqlite3_bind_double(s, 1, number); break;
    case TEXT: sqlite3_bind_text(s, 1, "7", -1, SQLITE_STATIC); break;
    default: sqlite3_bind_null(s, 1); break;
    }
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        snprintf(text, sizeof texts[0], "%s|%s", sqlite3_column_text(s, 0),
                 sqlite3_column_count(s) > 1 ? (const char *)sqlite3_column_text(s, 1)
                                             : "");
    else
        snprintf(text, sizeof texts[0], "error: %s", sqlite3_errmsg(db));
    sqlite3_finalize(s);
    return text;
}

static int has(const char *text, const char *part) { return strstr(text, part) != NULL; }

static int is_error(const char *text) { return strncmp(text, "error: ", 7) == 0; }

static void test_argument(sqlite3 *db, const struct argument *a) {
    const double huge = 9007199254740994.0;
    const int failed = check_failed;
    const char *one = answer(db, a->sql, INTEGER, a->good);
    CHECK(!is_error(one));
    CHECK_STR(answer(db, a->sql, REAL, a->good), one);
    CHECK(has(answer(db, a->sql, REAL, 7.5), "is 7.5; expected "));
    const char *text = answer(db, a->sql, TEXT, 0);
    CHECK(has(text, "is '7'; expected ") && has(text, ", not TEXT"));
    const char *null = answer(db, a->sql, NONE, 0);
    if (has(a->sql, " = ?1")) /* an option */
        CHECK(has(null, "is compared with NULL, which equals nothing"));
    else
        CHECK(a->needed ? has(null, "is NULL; expected an integer") : !is_error(null));
    CHECK_STR(answer(db, a->sql, REAL, NAN), null); /* SQLite makes NULL of it */
    CHECK(has(answer(db, a->sql, REAL, 1e300), "is 1.0e+300; expected "));
    CHECK(has(answer(db, a->sql, REAL, -INFINITY), "expected "));
    CHECK(is_error(answer(db, a->sql, REAL, -0.0)) ==
          is_error(answer(db, a->sql, INTEGER, 0)));
    CHECK(is_error(answer(db, a->sql, REAL, huge))); /* it may have been rounded */
    CHECK(is_error(answer(db, a->sql, INTEGER, huge)) != a->takes_huge);
    if (failed != check_failed) printf("    %s: %s\n", a->sql, one);
}

/* The file is opened after the arguments are read. */
static void test_transpose(sqlite3 *db) {
    static const char sql[] = "SELECT * FROM read_idx('none', NULL, ?1)";
    CHECK(has(answer(db, sql, REAL, 1), "none: cannot be opened"));
    CHECK(has(answer(db, sql, REAL, -0.0), "none: cannot be opened"));
    CHECK(has(answer(db, sql, REAL, 0.5), "transpose is 0.5; expected 0 or 1"));
    CHECK(has(answer(db, sql, TEXT, 0), "transpose is '7'; expected 0 or 1, not TEXT"));
    CHECK(has(answer(db, sql, INTEGER, 2), "transpose is 2; expected 0 or 1"));
}

/* pandas makes REAL of an INTEGER column in which a value is missing. */
static void test_labels(sqlite3 *db) {
    sql_run(db, "CREATE TABLE real AS SELECT id, pixels, label * 1.0 AS label FROM t;"
                "INSERT INTO real(pixels) SELECT pixels FROM t LIMIT 3");
    CHECK_SQL(db,
              "SELECT count(*) FROM train_model('real', 'real') WHERE layers = 'softmax' "
              "AND epochs = 1",
              "1");
    CHECK_SQL(db, "SELECT classes FROM digitnet_models WHERE name = 'real'", "[0,1]");
    CHECK_SQL(db, "SELECT DISTINCT typeof(prediction) FROM predict_model('real', 'real')",
              "integer");
    sql_run(db, "UPDATE real SET label = 0.5 WHERE id = 3");
    CHECK(has(sql_text(db, "SELECT * FROM train_model('real')"),
              "label is 0.5; expected an INTEGER or TEXT"));
    sql_run(db, "UPDATE real SET label = 1e17 WHERE id = 3");
    CHECK(has(sql_text(db, "SELECT * FROM train_model('real')"),
              "label is 1.0e+17, a REAL beyond 2^53, which holds no longer each integer; "
              "expected an INTEGER or TEXT"));
}

int main(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "t", 24, 0);
    for (int i = 0; i < COUNT(arguments); i++) test_argument(db, &arguments[i]);
    test_transpose(db);
    test_labels(db);
    sql_close(db);
    return check_done("test_integers");
}
