/* operations.h - all that a host may have ours do, for tests of what it forbids or
 * limits:
 *
 *     sqlite3 *start = make_start(), *db = sql_open(":memory:");
 *     start_over(db, start);                     // a database to do it in
 *     perform(db, &operations[0], NULL);         // does its work, or an error says why
 *     is_told(db, &operations[0]);
 *     is_whole(db, 1);                           // what is stored afterwards
 *
 * What is stored is whole where each model has the log of its epochs, and comes out of
 * its training again to the last byte (verify_model). */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "sql.h"

#define IDX "build/tmp/host-idx3-ubyte"

/* --- operations --------------------------------------------------------------------- */

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
    "'whole') AS prediction, 1 AS confidence, 'whole@1' AS model FROM main.images"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* What an operation gave and wrote. */
typedef struct outcome {
    int rows, changes;
    unsigned long long hash; /* of the rows' texts */
} outcome;

static inline int count_row(void *context, int columns, char **values, char **names) {
    outcome *given = context;
    (void)names;
    given->rows++;
    for (int i = 0; i < columns; i++)
        for (const char *c = values[i] ? values[i] : "NULL"; *c; c++)
            given->hash = (given->hash ^ (unsigned char)*c) * 1099511628211ull;
    return 0;
}

/* perform - an operation; its result code. given: what it gave, or NULL. */
static inline int perform(sqlite3 *db, const operation *o, outcome *given) {
    outcome all = {0, -sqlite3_total_changes(db), 14695981039346656037ull};
    static char report[8192];
    if (!report[0]) {
        FILE *f = fopen("sql/accuracy.sql", "rb");
        if (!CHECK(f != NULL)) exit(1);
        CHECK(fread(report, 1, sizeof report - 1, f) > 0 && feof(f));
        fclose(f);
    }
    const int rc = sqlite3_exec(db, o->sql ? o->sql : report, count_row, &all, NULL);
    all.changes += sqlite3_total_changes(db);
    if (given) *given = all;
    return rc;
}

static inline int is_same_outcome(const outcome *a, const outcome *b) {
    return a->rows == b->rows && a->changes == b->changes && a->hash == b->hash;
}

/* --- a database to do it in --------------------------------------------------------- */

/* The state that each operation starts from. */
static inline sqlite3 *make_start(void) {
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
static inline void start_over(sqlite3 *db, sqlite3 *start) {
    sqlite3_backup *copy = sqlite3_backup_init(db, "main", start, "main");
    CHECK(copy && sqlite3_backup_step(copy, -1) == SQLITE_DONE);
    CHECK(sqlite3_backup_finish(copy) == SQLITE_OK);
    /* It has another schema now; seen here, and not in the middle of what is tested. */
    CHECK(sqlite3_exec(db, "SELECT * FROM sqlite_master", NULL, NULL, NULL) == SQLITE_OK);
}

/* sql_int - the first number that a statement gives; -1 for none. */
static inline int sql_int(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s = NULL;
    int value = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        value = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return value;
}

/* is_whole - whether what is stored is; without models it is. same: also trained
 * again. */
static inline int is_whole(sqlite3 *db, int same) {
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
static inline int is_told(sqlite3 *db, const operation *o) {
    const char *text = sqlite3_errmsg(db);
    if (CHECK(strlen(text) > 8 && strcmp(text, "not an error") != 0 &&
              strcmp(text, "SQL logic error") != 0 && strcmp(text, "unknown error") != 0))
        return 1;
    printf("    %s: '%s'\n", o->name, text);
    return 0;
}

#endif
