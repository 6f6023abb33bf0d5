/* digitnet_builtin.c - the built-in model's bytes, and the two tables that tell of it:
 * see builtin.h.
 *
 * builtin.json is an object with the members of a row of digitnet_models, and "log", an
 * array of objects with those of digitnet_epochs. A scan is a statement over it that
 * SQLite's own JSON functions answer. */
#include "../base/error.h"
#include "../base/tvf.h"
#include "builtin.h"

/* One of the two tables: user data of its module. */
typedef struct builtin_kind {
    const char *name, *columns, *rows;
    int weights; /* column of the model's bytes, or -1 */
} builtin_kind;

#define MEMBER(name) "json_extract(value, '$." name "'), "

static const builtin_kind models = {
    "digitnet_builtin",
    "CREATE TABLE x(name TEXT, version INTEGER, active INTEGER, created TEXT, "
    "source TEXT, layers TEXT, shape TEXT, classes TEXT, options TEXT, seed INTEGER, "
    "epochs INTEGER, loss REAL, accuracy REAL, holdout_accuracy REAL, seconds REAL, "
    "weights BLOB, state BLOB, parameters INTEGER, bytes INTEGER, precision TEXT, "
    "microseconds REAL, picture TEXT)",
    "SELECT 'builtin', 1, 1, " MEMBER("created") MEMBER("source") MEMBER("layers")
        MEMBER("shape") MEMBER("classes") MEMBER("options") MEMBER("seed")
            MEMBER("epochs") MEMBER("loss") MEMBER("accuracy") MEMBER("holdout_accuracy")
                MEMBER("seconds") "NULL, NULL, " MEMBER("parameters") "?2, " MEMBER(
                    "options.precision") "NULL, 'digit' "
                                         "FROM (SELECT ?1 AS value)",
    15};

static const builtin_kind epochs = {
    "digitnet_builtin_epochs",
    "CREATE TABLE x(name TEXT, version INTEGER, epoch INTEGER, loss REAL, accuracy REAL, "
    "holdout_loss REAL, holdout_accuracy REAL, rate REAL, images_per_second REAL, "
    "seconds REAL)",
    "SELECT 'builtin', 1, " MEMBER("epoch") MEMBER("loss") MEMBER("accuracy")
        MEMBER("holdout_loss") MEMBER("holdout_accuracy") MEMBER("rate")
            MEMBER("images_per_second") MEMBER("seconds") "0 FROM json_each(?1, '$.log')",
    -1};

typedef struct builtin_table {
    sqlite3_vtab base;
    sqlite3 *db;
    const builtin_kind *kind;
} builtin_table;

typedef struct builtin_cursor {
    sqlite3_vtab_cursor base;
    sqlite3_stmt *rows; /* NULL at the end */
    sqlite3_int64 number;
} builtin_cursor;

static int builtin_connect(sqlite3 *db, void *kind, int argc, const char *const *argv,
                           sqlite3_vtab **out, char **error) {
    (void)argc, (void)argv, (void)error;
    const int rc = ext_tvf_connect(out, sizeof(builtin_table), db,
                                   ((const builtin_kind *)kind)->columns,
                                   SQLITE_VTAB_INNOCUOUS);
    if (rc != SQLITE_OK) return rc;
    builtin_table *table = (builtin_table *)*out;
    table->db = db;
    table->kind = kind;
    return SQLITE_OK;
}

static int builtin_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    return ext_tvf_best_index(table, info, 0, 0, 100, 30);
}

static int builtin_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    return ext_tvf_open(out, sizeof(builtin_cursor));
}

static int builtin_close(sqlite3_vtab_cursor *base) {
    sqlite3_finalize(((builtin_cursor *)base)->rows);
    sqlite3_free(base);
    return SQLITE_OK;
}

static int builtin_next(sqlite3_vtab_cursor *base) {
    builtin_cursor *cursor = (builtin_cursor *)base;
    cursor->number++;
    if (sqlite3_step(cursor->rows) == SQLITE_ROW) return SQLITE_OK;
    const int rc = sqlite3_finalize(cursor->rows);
    cursor->rows = NULL;
    return rc;
}

static int builtin_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                          int argc, sqlite3_value **argv) {
    (void)idx_num, (void)idx_str, (void)argc, (void)argv;
    builtin_cursor *cursor = (builtin_cursor *)base;
    const builtin_table *table = (builtin_table *)base->pVtab;
    char error[EXT_ERROR_SIZE];
    sqlite3_finalize(cursor->rows);
    cursor->rows = NULL;
    cursor->number = 0;
    int size;
    const unsigned char *json = ext_builtin_json(&size);
    int rc = sqlite3_prepare_v2(table->db, table->kind->rows, -1, &cursor->rows, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(cursor->rows, 1, (const char *)json, size, SQLITE_STATIC);
    ext_builtin_weights(&size);
    if (rc == SQLITE_OK && table->kind->weights >= 0)
        rc = sqlite3_bind_int(cursor->rows, 2, size);
    if (rc == SQLITE_OK) return builtin_next(base);
    ext_sqlite_error(table->db, rc, error);
    return ext_tvf_error(base->pVtab, rc, "%s: %s", table->kind->name, error);
}

static int builtin_eof(sqlite3_vtab_cursor *base) {
    return !((builtin_cursor *)base)->rows;
}

static int builtin_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                          int column) {
    const builtin_kind *kind = ((builtin_table *)base->pVtab)->kind;
    int size;
    const unsigned char *weights = ext_builtin_weights(&size);
    if (column == kind->weights)
        sqlite3_result_blob(context, weights, size, SQLITE_STATIC);
    else
        sqlite3_result_value(
            context, sqlite3_column_value(((builtin_cursor *)base)->rows, column));
    return SQLITE_OK;
}

static int builtin_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    *rowid = ((builtin_cursor *)base)->number;
    return SQLITE_OK;
}

/* No xCreate: the two are there without CREATE VIRTUAL TABLE, in every connection. */
static const sqlite3_module builtin_module = {
    .iVersion = 0,
    .xConnect = builtin_connect,
    .xBestIndex = builtin_best_index,
    .xDisconnect = ext_tvf_disconnect,
    .xOpen = builtin_open,
    .xClose = builtin_close,
    .xFilter = builtin_filter,
    .xNext = builtin_next,
    .xEof = builtin_eof,
    .xColumn = builtin_column,
    .xRowid = builtin_rowid,
};

int ext_register_builtin(sqlite3 *db) {
    int rc =
        sqlite3_create_module_v2(db, models.name, &builtin_module, (void *)&models, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_module_v2(db, epochs.name, &builtin_module, (void *)&epochs,
                                      NULL);
    return rc;
}
