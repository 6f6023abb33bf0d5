/* test_predict_model.c - what predict_model costs: rows read for a look-up, time of
 * joins, memory of large rows; that "id = …" finds what SQLite would; and what a program
 * sees that writes between two steps of a SELECT. */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/wait.h>
#include "one_core.h"
#include "sql.h"

#define MODEL "WHERE layers = 'softmax' AND shape = '4x4' AND epochs = 1"

/* touch(value) - gives value back, and counts. */
static void touch(sqlite3_context *context, int argc, sqlite3_value **argv) {
    int *count = sqlite3_user_data(context);
    (void)argc;
    ++*count;
    sqlite3_result_value(context, argv[0]);
}

/* open_counting - a table images of n rows whose id is a key, and views of it that count
 * the rows whose pixels are read. */
static sqlite3 *open_counting(int n, int *count) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", n, 0);
    sql_run(db, "SELECT * FROM train_model('images') " MODEL);
    CHECK(sqlite3_create_function(db, "touch", 1, SQLITE_UTF8, count, touch, NULL,
                                  NULL) == SQLITE_OK);
    sql_run(db,
            "CREATE TEMP VIEW counted AS SELECT id, touch(pixels) AS pixels, label FROM "
            "images");
    *count = 0;
    return db;
}

static void test_rows_read(void) {
    static const struct {
        const char *sql, *want;
        int count;
    } cases[] = {
        {"SELECT id, prediction FROM predict_model('counted') WHERE id = 7", "7|1", 1},
        {"SELECT count(*) FROM predict_model('counted') WHERE id = 5000", "0", 0},
        {"SELECT count(*) FROM predict_model('counted') WHERE id IN (1, 2, 3)", "3", 3},
        {"SELECT count(*) FROM images AS i JOIN predict_model('counted') AS p USING (id) "
         "WHERE i.id < 5",
         "5", 5},
        /* The first scan, and the one whose answers are held. */
        {"SELECT count(*), sum(prediction = label) FROM (VALUES (1), (2), (3), (4), (5)) "
         "CROSS JOIN predict_model('counted')",
         "5000|5000", 2000},
        {"SELECT sum((SELECT count(*) FROM predict_model('counted') AS p WHERE "
         "p.label = i.label)) FROM images AS i WHERE i.id < 20",
         "10000", 2000},
    };
    int count;
    sqlite3 *db = open_counting(1000, &count);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        count = 0;
        CHECK_SQL(db, cases[i].sql, cases[i].want);
        if (!CHECK(count == cases[i].count))
            printf("    %d rows read by %s\n", count, cases[i].sql);
    }
    sql_close(db);
}

/* A join takes a few times as long as a scan. Were it quadratic, it would take some
 * hundred times as long: each look-up would read all rows of a table without an index. */
static void test_linear(void) {
    static const char *const joins[] = {
        "SELECT count(*) FROM t JOIN predict_model('t') AS p USING (id)",
        "SELECT count(*) FROM predict_model('t') AS a JOIN predict_model('t') AS b USING "
        "(id)",
        "SELECT count(p.id) FROM t LEFT JOIN predict_model('t') AS p USING (id)",
        "SELECT count(*) FROM t WHERE EXISTS (SELECT 1 FROM predict_model('t') AS p "
        "WHERE "
        "p.id = t.id)",
        "SELECT count(*) FROM predict_model('t') WHERE id IN (SELECT id FROM t)",
        "UPDATE t SET guess = (SELECT prediction FROM predict_model('t') AS p WHERE p.id "
        "= "
        "t.id) RETURNING NULL LIMIT 0",
        "SELECT 4000 - count(*) FROM t WHERE EXISTS (SELECT 1 FROM predict_model('t') AS "
        "p "
        "WHERE p.id = t.id + 0.5)",
        /* A number may be each of '7', '07', '7.0'. */
        "SELECT count(*) FROM images AS i JOIN predict_model('texts') AS p ON p.id = "
        "i.id",
        "SELECT count(*) FROM predict_model('texts') WHERE id IN (SELECT id FROM images)",
        "SELECT count(*) FROM image_rows('texts') WHERE id IN (SELECT id FROM images)",
    };
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 4000, 0);
    sql_run(db, "SELECT * FROM train_model('images') " MODEL);
    sql_run(db, "CREATE TABLE t AS SELECT *, NULL AS guess FROM images");
    sql_run(db, "CREATE TABLE texts AS SELECT CAST(id AS TEXT) AS id, pixels FROM t");
    double start = sql_seconds();
    for (int i = 0; i < 3; i++)
        CHECK_SQL(db, "SELECT count(*) FROM predict_model('t')", "4000");
    const double scan = (sql_seconds() - start) / 3;
    for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
        if (strncmp(joins[i], "UPDATE", 6) == 0) continue;
        if (strstr(joins[i], "texts") && sqlite3_libversion_number() < 3038000) continue;
        start = sql_seconds();
        CHECK_SQL(db, joins[i], "4000");
        const double ratio = (sql_seconds() - start) / scan;
        if (!CHECK(ratio < 90)) printf("    %.0f scans' time: %s\n", ratio, joins[i]);
    }
    start = sql_seconds();
    sql_run(db,
            "UPDATE t SET guess = (SELECT prediction FROM predict_model('t') AS p WHERE "
            "p.id = t.id)");
    CHECK((sql_seconds() - start) / scan < 90);
    CHECK_SQL(db, "SELECT count(*), sum(guess = digit_predict(pixels)) FROM t",
              "4000|4000");
    sql_close(db);
}

/* same_as_copy - whether a query finds the same ids in predict_model or image_rows as in
 * a copy whose id has no type either, which SQLite searches itself. The query has %s in
 * the place of the table, called p, and gives q. */
static void same_as_copy(sqlite3 *db, const char *source, const char *query) {
    static const char *const functions[] = {"predict_model", "image_rows"};
    for (int i = 0; i < 2; i++) {
        char *function = sqlite3_mprintf("%s('%s')", functions[i], source);
        char *found = sqlite3_mprintf(query, function),
             *copy = sqlite3_mprintf(query, "m");
        char *sql =
            sqlite3_mprintf("SELECT (SELECT group_concat(q) FROM (%s ORDER BY 1)) "
                            "IS (SELECT group_concat(q) FROM (%s ORDER BY 1))",
                            found, copy);
        /* SQLite before 3.38 does not tell "=" from IN, nor does its header: no row
         * rather than too few. */
        const int tells = SQLITE_VERSION_NUMBER >= 3038000 &&
                          sqlite3_libversion_number() >= 3038000;
        const char *is = sql_text(db, sql);
        if (tells || !strstr(is, "before 3.38"))
            if (!CHECK_STR(is, "1")) printf("    %s: %s\n", source, found);
        sqlite3_free(sql);
        sqlite3_free(copy);
        sqlite3_free(found);
        sqlite3_free(function);
    }
}

/* "id = …" by the affinity and the collation of its other side: a look-up in the source
 * would compare by those of the source's column. */
static void test_affinity(void) {
    static const char *const sources[] = {"s_none", "s_int", "s_real", "s_text", "s_blob",
                                          "s_case", "s_key", "v_text", "v_union"};
    static const char *const conditions[] = {"o.i",
                                             "o.r",
                                             "o.t",
                                             "o.c",
                                             "o.n",
                                             "CAST(o.n AS INTEGER)",
                                             "CAST(o.n AS TEXT)",
                                             "CAST(o.n AS REAL)",
                                             "+o.t",
                                             "o.t COLLATE NOCASE"};
    static const char *const values[] = {"3",
                                         "'3'",
                                         "3.0",
                                         "'3.0'",
                                         "'03'",
                                         "'c'",
                                         "'C'",
                                         "x'33'",
                                         "NULL",
                                         "0.1 + 0.2",
                                         "'0.3'",
                                         "CAST(3 AS INTEGER)",
                                         "CAST(3 AS TEXT)",
                                         "CAST('3' AS NUMERIC)",
                                         "CAST(0.3 AS TEXT)",
                                         "'c' COLLATE NOCASE",
                                         "'c ' COLLATE RTRIM",
                                         "9007199254740993",
                                         "9007199254740992.0",
                                         "CAST('9007199254740993' AS INTEGER)"};
    static const char *const lists[] = {"SELECT i FROM o",
                                        "SELECT r FROM o",
                                        "SELECT t FROM o",
                                        "SELECT c FROM o",
                                        "SELECT n FROM o",
                                        "SELECT CAST(n AS INTEGER) FROM o",
                                        "SELECT CAST(n AS TEXT) FROM o",
                                        "SELECT n FROM o WHERE typeof(n) <> 'text'",
                                        "SELECT n FROM o WHERE typeof(n) = 'text'",
                                        "3, 4",
                                        "3, '3', 3.0, '03', NULL",
                                        "x'33', 'c'",
                                        "9007199254740993, 9007199254740992.0"};
    char query[300];
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 100, 0);
    sql_run(db, "SELECT * FROM train_model('images') " MODEL);
    sql_run(
        db,
        "CREATE TABLE ids(id); INSERT INTO ids VALUES (3), ('3'), (3.0), ('3.0'), "
        "('03'), (' 3'), ('c'), ('C'), ('c '), (x'33'), (NULL), (0.1 + 0.2), ('0.3'), "
        "(0.3), (9007199254740993), (9007199254740992.0), ('9007199254740993'), (4), "
        "('4'), (1e300), ('1.0e+300');"
        "CREATE TABLE s_none(id, pixels, label, split);"
        "CREATE TABLE s_int(id INT UNIQUE, pixels, label, split);"
        "CREATE TABLE s_real(id REAL, pixels, label, split);"
        "CREATE TABLE s_text(id VARCHAR, pixels, label, split);"
        "CREATE INDEX by_id ON s_text(id);"
        "CREATE TABLE s_blob(id BLOB, pixels, label, split);"
        "CREATE TABLE s_case(id TEXT COLLATE NOCASE, pixels, label, split);"
        "CREATE TABLE s_key(id TEXT PRIMARY KEY, pixels, label, split) WITHOUT ROWID;"
        "CREATE VIEW v_text AS SELECT * FROM s_text ORDER BY id DESC;"
        "CREATE VIEW v_union AS SELECT * FROM s_int UNION ALL SELECT * FROM s_text;"
        "CREATE TABLE o(i INTEGER, r REAL, t TEXT, c TEXT COLLATE NOCASE, n);"
        "INSERT INTO o SELECT id, id, id, id, id FROM ids");
    for (size_t s = 0; s < sizeof sources / sizeof *sources; s++) {
        if (sources[s][0] == 's') {
            snprintf(query, sizeof query,
                     "INSERT OR IGNORE INTO %s SELECT id, zeroblob(16), 1, NULL FROM ids "
                     "WHERE id IS NOT NULL",
                     sources[s]);
            sql_run(db, query);
        }
        snprintf(query, sizeof query,
                 "DROP TABLE IF EXISTS m; CREATE TABLE m AS SELECT * FROM "
                 "predict_model('%s')",
                 sources[s]);
        sql_run(db, query);
        for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
            snprintf(
                query, sizeof query,
                "SELECT quote(p.id) || quote(o.n) AS q FROM o CROSS JOIN %%s AS p ON "
                "p.id = %s",
                conditions[i]);
            same_as_copy(db, sources[s], query);
        }
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            snprintf(query, sizeof query, "SELECT quote(id) AS q FROM %%s WHERE id = %s",
                     values[i]);
            same_as_copy(db, sources[s], query);
        }
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
            snprintf(query, sizeof query,
                     "SELECT quote(id) AS q FROM %%s WHERE id IN (%s)", lists[i]);
            same_as_copy(db, sources[s], query);
            snprintf(query, sizeof query,
                     "SELECT quote(id) AS q FROM %%s WHERE id IN (%s) OR id = 4",
                     lists[i]);
            same_as_copy(db, sources[s], query);
        }
    }
    /* So many that the answers are held at some time. */
    sql_run(db, "DELETE FROM s_text; INSERT INTO s_text WITH n(x) AS (SELECT 1 UNION ALL "
                "SELECT x + 1 FROM n LIMIT 2000) SELECT x, zeroblob(16), 1, NULL FROM n;"
                "DROP TABLE m; CREATE TABLE m AS SELECT * FROM predict_model('s_text');"
                "DELETE FROM o; INSERT INTO o(i, c) SELECT id, id FROM s_text");
    same_as_copy(db, "s_text",
                 "SELECT count(*) AS q FROM o CROSS JOIN %s AS p ON p.id = o.i");
    same_as_copy(db, "s_text",
                 "SELECT count(*) AS q FROM o CROSS JOIN %s AS p ON p.id = o.i AND o.i < "
                 "200 AND p.id = o.c");
    sql_close(db);
}

/* Of a source without rowids, each row has its own number: by it, SQLite knows the rows
 * that two sides of an OR both find. */
static void test_row_numbers(void) {
    static const char *const functions[] = {"predict_model", "image_rows"},
                             *const sources[] = {"w", "v"};
    char sql[400];
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 10, 0);
    sql_run(db, "SELECT * FROM train_model('images') " MODEL);
    sql_run(db, "CREATE TABLE w(id TEXT PRIMARY KEY, pixels, label) WITHOUT ROWID;"
                "INSERT INTO w SELECT * FROM images;"
                "CREATE VIEW v AS SELECT id % 5 AS id, pixels, label FROM images");
    sql_run(db, "CREATE TABLE images2 AS SELECT id, pixels, 1 - label AS label FROM "
                "images");
    for (int i = 0; i < 4; i++) {
        const char *f = functions[i / 2], *s = sources[i % 2];
        /* Rows of two sources are two, whatever their rowids are. */
        snprintf(
            sql, sizeof sql,
            "SELECT group_concat(source || id || label) FROM (SELECT source, id, label "
            "FROM %s WHERE (source = 'images' AND id = 3) OR (source = 'images2' AND id "
            "= 3) OR (source = 'images' AND rowid = 3) ORDER BY 1)",
            f);
        CHECK_SQL(db, sql, "images31,images230");
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s('images') WHERE oid = 3", f);
        CHECK(strstr(sql_text(db, sql),
                     ": its rowid is no row of the source, but a number "
                     "within this query; compare another column"));
        /* Numbers among TEXT ids: an error there. */
        if (i % 2 == 0 && sqlite3_libversion_number() < 3038000) continue;
        snprintf(
            sql, sizeof sql,
            "SELECT count(*) FROM %s WHERE (source = '%s' AND id = CAST(1 AS INTEGER)) "
            "OR (source = '%s' AND id = CAST(2 AS INTEGER))",
            f, s, s);
        CHECK_SQL(db, sql, i % 2 ? "4" : "2");
        snprintf(sql, sizeof sql,
                 "SELECT group_concat(rowid) FROM %s('%s') WHERE id = CAST(3 AS INTEGER)",
                 f, s);
        CHECK_SQL(db, sql, i % 2 ? "4,9" : "4");
    }
    sql_close(db);
}

/* A program that reads predictions and writes into their source, on one connection. Its
 * first write is noticed with the next row: all that it adds is not read. */
static void test_host_writes(void) {
    static const char *const sources[] = {"t", "v", "w"};
    for (int i = 0; i < 3; i++) {
        char sql[200];
        int rows = 0;
        sqlite3_stmt *s = NULL;
        sqlite3 *db = sql_open(":memory:");
        sql_images(db, "t", 1000, 0);
        sql_run(db, "SELECT * FROM train_model('t') " MODEL);
        sql_run(db, "CREATE TABLE w(id INTEGER PRIMARY KEY, pixels, label) WITHOUT ROWID;"
                    "INSERT INTO w SELECT * FROM t; CREATE VIEW v AS SELECT * FROM t");
        snprintf(sql, sizeof sql, "SELECT id FROM predict_model('%s')", sources[i]);
        CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
        while (rows < 5000 && sqlite3_step(s) == SQLITE_ROW) {
            CHECK(sqlite3_column_int(s, 0) == rows || rows == 1000);
            rows++;
            sql_run(db, i == 2 ? "INSERT INTO w SELECT max(id) + 1, pixels, 0 FROM w"
                               : "INSERT INTO t SELECT max(id) + 1, pixels, 0 FROM t");
        }
        sqlite3_finalize(s);
        /* Of a view, the row that the first write added may be met. */
        CHECK(i == 0 ? rows == 1000 : rows == 1000 || rows == 1001);
        sql_close(db);
    }
    /* Rows that are changed or deleted when the rest has been read do not matter. */
    sqlite3_stmt *s = NULL;
    sqlite3 *db = sql_open(":memory:");
    int rows = 0, right = 0;
    sql_images(db, "t", 1000, 0);
    sql_run(db, "SELECT * FROM train_model('t') " MODEL);
    CHECK(sqlite3_prepare_v2(db, "SELECT id, label, prediction FROM predict_model('t')",
                             -1, &s, NULL) == SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        right += sqlite3_column_int(s, 1) == sqlite3_column_int(s, 2) &&
                 sqlite3_column_int(s, 0) == rows;
        if (rows++ == 0) sql_run(db, "UPDATE t SET label = 5 WHERE id = 0");
        if (rows == 10) sql_run(db, "UPDATE t SET pixels = NULL, label = 7, id = -id");
        if (rows == 20) sql_run(db, "DELETE FROM t");
    }
    sqlite3_finalize(s);
    CHECK(rows == 1000 && right == 1000);
    sql_close(db);
}

/* A second statement on the same connection has nothing from the first, which waits. */
static void test_two_statements(void) {
    int count;
    sqlite3_stmt *s = NULL;
    sqlite3 *db = open_counting(500, &count);
    const char *join =
        "SELECT count(*), sum(p.label) FROM (VALUES (1), (2), (3)) CROSS JOIN "
        "predict_model('images') AS p";
    CHECK(sqlite3_prepare_v2(
              db,
              "SELECT i.id, (SELECT label FROM predict_model('images') AS p "
              "WHERE p.label = 1 AND p.confidence > i.id - 1e9 LIMIT 1) FROM "
              "images AS i",
              -1, &s, NULL) == SQLITE_OK);
    for (int i = 0; i < 5; i++) CHECK(sqlite3_step(s) == SQLITE_ROW);
    sql_run(db, "BEGIN; DELETE FROM images WHERE id >= 100");
    CHECK_SQL(db, join, "300|150");
    sqlite3_reset(s); /* SQLite before 3.7.11 cannot roll back under a reader */
    for (int i = 0; i < 5; i++) CHECK(sqlite3_step(s) == SQLITE_ROW);
    sqlite3_finalize(s);
    sql_run(db, "ROLLBACK");
    CHECK_SQL(db, join, "1500|750");
    sql_close(db);
}

/* peak - the most memory that SQLite had at once while sql ran, above what it has now, in
 * megabytes. */
static int peak(sqlite3 *db, const char *sql, const char *want) {
    const sqlite3_int64 before = sqlite3_memory_used();
    sqlite3_memory_highwater(1);
    CHECK_SQL(db, sql, want);
    return (int)((sqlite3_memory_highwater(0) - before) >> 20);
}

/* Large rows come in small batches, and what nobody asks for is not copied. */
static void test_memory(void) {
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "images", 40, 0);
    sql_run(db, "SELECT * FROM train_model('images') " MODEL);
    sql_run(
        db,
        "CREATE TABLE large AS SELECT label, zeroblob(3 << 20) AS pixels FROM images");
    sql_run(db,
            "SELECT * FROM train_model('large', 'large') WHERE layers = '1C1/64-GAP' AND "
            "shape = '1024x1024x3' AND epochs = 1 AND batch = 2");
    sql_run(db,
            "CREATE TEMP VIEW floats AS SELECT zeroblob(12 << 20) AS pixels FROM images "
            "LIMIT 20");
    int most = peak(db, "SELECT count(*) FROM predict_model('floats', 'large')", "20");
    if (!CHECK(most < 350)) printf("    %d MB\n", most);

    sql_run(db,
            "CREATE TEMP VIEW labels AS SELECT id, pixels, zeroblob(20 << 20) AS label "
            "FROM images");
    most = peak(db, "SELECT count(*) FROM predict_model('labels')", "40");
    CHECK(most < 2);
    most = peak(db,
                "SELECT count(*), sum(length(label)) >> 20 FROM predict_model('labels')",
                "40|800");
    if (!CHECK(most < 200)) printf("    %d MB\n", most);
    sql_close(db);
}

/* What is read again in windows: rows that were added do not take part; one that was
 * changed or is gone stops training with its name. */
static void test_training(void) {
    static const char *const sources[] = {"t", "v", "w"};
#define WINDOWS " WHERE layers = 'softmax' AND epochs = 3 AND cache_mb = 1"
    for (int i = 0; i < 3; i++) {
        char sql[400];
        sqlite3 *db = sql_open(":memory:");
        sql_images(db, "t", 60000, 0);
        sql_run(db, "CREATE TABLE w(id INTEGER PRIMARY KEY, pixels, label) WITHOUT ROWID;"
                    "INSERT INTO w SELECT * FROM t; CREATE VIEW v AS SELECT * FROM t;"
                    "CREATE TABLE plain AS SELECT * FROM train_model('t', 'p')" WINDOWS);
        snprintf(
            sql, sizeof sql,
            "INSERT INTO %s(id, pixels, label) SELECT 70000 + epoch, zeroblob(16), 1 - "
            "epoch %% 2 FROM train_model('%s', 'q')" WINDOWS,
            i == 2 ? "w" : "t", sources[i]);
        sql_run(db, sql);
        CHECK_SQL(db, "SELECT count(DISTINCT weights), max(epochs) FROM digitnet_models",
                  "1|3");
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", sources[i]);
        CHECK_SQL(db, sql, "60003");
        sqlite3_stmt *s = NULL;
        snprintf(sql, sizeof sql, "SELECT epoch FROM train_model('%s', 'r')" WINDOWS,
                 sources[i]);
        CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
        CHECK(sqlite3_step(s) == SQLITE_ROW);
        sql_run(db, "UPDATE t SET pixels = zeroblob(16) WHERE id = 700;"
                    "UPDATE w SET pixels = zeroblob(16) WHERE id = 700");
        CHECK(sqlite3_step(s) == SQLITE_ERROR);
        snprintf(sql, sizeof sql,
                 "train_model: %s, row%s: it has changed since training began",
                 sources[i],
                 i == 0   ? "id 700"
                 : i == 1 ? " 701"
                          : " 701, id 700");
        CHECK_STR(sqlite3_errmsg(db), sql);
        sqlite3_finalize(s);
        sql_close(db);
    }
}

/* threads_here - of this process; 0 where nobody tells. */
static int threads_here(void) {
    DIR *tasks = opendir("/proc/self/task");
    int n = 0;
    for (struct dirent *task; tasks && (task = readdir(tasks)) != NULL;)
        n += task->d_name[0] != '.';
    if (tasks) closedir(tasks);
    return n;
}

/* in_child - in a child of this process, which has none of its threads: the rest of the
 * rows is read, and the statement ends. The rows read, or −1: it hung, or fell. */
static int in_child(sqlite3_stmt *s) {
    const pid_t pid = fork();
    int status = 0;
    if (pid == 0) {
        int n = 0;
        alarm(20);
        while (sqlite3_step(s) == SQLITE_ROW) n++;
        sqlite3_finalize(s);
        _exit(n / 10);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
    return WEXITSTATUS(status) * 10;
}

/* The threads stand from a statement's first batch until its rows are read, or it is
 * reset; the same ones. */
static void test_team(void) {
    cpu_set_t set;
    sched_getaffinity(0, sizeof set, &set);
    const int before = threads_here(), cores = CPU_COUNT(&set);
    const int more = before ? cores < 64 ? cores - 1 : 63 : 0;
    sqlite3_stmt *s = NULL;
    sqlite3 *db = sql_open(":memory:");
    sql_images(db, "t", 1001, 0);
    sql_run(db, "SELECT * FROM train_model('t') " MODEL);
    CHECK(threads_here() == before);
    CHECK(sqlite3_prepare_v2(db, "SELECT id FROM predict_model('t')", -1, &s, NULL) ==
          SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW && threads_here() == before + more);
    if (!check_sanitised()) CHECK(in_child(s) == 1000);
    for (int n = 1; n < 1001; n++) CHECK(sqlite3_step(s) == SQLITE_ROW);
    CHECK(threads_here() == before + more);
    CHECK(sqlite3_step(s) == SQLITE_DONE && threads_here() == before);
    sqlite3_reset(s);
    CHECK(sqlite3_step(s) == SQLITE_ROW && threads_here() == before + more);
    sqlite3_reset(s);
    CHECK(threads_here() == before);
    sqlite3_finalize(s);
    sql_close(db);
}

int main(void) {
    test_rows_read();
    test_linear();
    test_affinity();
    test_row_numbers();
    test_host_writes();
    test_two_statements();
    test_training();
    test_team();
    one_core(); /* each core has memory of its own to predict with */
    test_memory();
    return check_done("test_predict_model");
}
