/* database.c - what the SQL targets work on: see database.h. */
#include "database.h"

static double deadline;

/* Of the processor: others may be at work. */
static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int is_late(void *context) {
    (void)context;
    return seconds() > deadline;
}

static int authorize(void *context, int action, const char *a, const char *b,
                     const char *c, const char *d) {
    (void)context, (void)c, (void)d;
    if (action == SQLITE_ATTACH || action == SQLITE_DETACH) return SQLITE_DENY;
    if (action == SQLITE_PRAGMA && strcmp(a, "user_version") != 0) return SQLITE_DENY;
    if (action == SQLITE_FUNCTION && strcmp(b, "load_extension") == 0) return SQLITE_DENY;
    return SQLITE_OK;
}

/* The first one, from which all others are copied. */
static unsigned char *make(sqlite3_int64 *size) {
    sqlite3 *db = library_open();
    library_run(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, pixels, label);"
                    "WITH n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 11)"
                    "INSERT INTO t SELECT i, CASE WHEN i % 2 THEN "
                    "x'c0d0e0ffb0c0d0e00000000000000000' ELSE "
                    "x'0000000000000000d0c0ffe0a0c0e0d0' END, i % 2 FROM n;"
                    "CREATE TABLE words AS SELECT pixels, "
                    "CASE label WHEN 1 THEN 'one' ELSE 'nought' END AS label, 'train' AS "
                    "split FROM t;"
                    "CREATE VIEW v AS SELECT * FROM t WHERE id < 8;"
                    "CREATE TABLE out(a, b, c);");
    library_run(db,
                "SELECT * FROM train_model('t') WHERE layers = 'softmax' AND epochs = 2 "
                "AND batch = 4 AND threads = 1;"
                "SELECT * FROM train_model('words', 'w') WHERE layers = '2C3b-MP2-4N' "
                "AND epochs = 1 AND batch = 4 AND threads = 1 AND holdout = 0;");
    unsigned char *bytes = sqlite3_serialize(db, "main", size, 0);
    if (!bytes) abort();
    sqlite3_close(db);
    return bytes;
}

sqlite3 *database_open(void) {
    static unsigned char *first;
    static sqlite3_int64 size;
    if (!first) first = make(&size);
    sqlite3 *db = library_open();
    unsigned char *copy = sqlite3_malloc64((sqlite3_uint64)size);
    if (!copy) abort();
    memcpy(copy, first, (size_t)size);
    if (sqlite3_deserialize(db, "main", copy, size, size,
                            SQLITE_DESERIALIZE_FREEONCLOSE |
                                SQLITE_DESERIALIZE_RESIZEABLE) != SQLITE_OK)
        abort();
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1000000);
    sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 60);
    sqlite3_set_authorizer(db, authorize, NULL);
    deadline = seconds() + DATABASE_MS / 1000.0;
    sqlite3_progress_handler(db, 200, is_late, NULL);
    return db;
}

void database_close(sqlite3 *db) { FUZZ_CHECK(sqlite3_close(db) == SQLITE_OK); }
