/* image_rows.c - image_rows(source [, key]): the rows of a table or view as training,
 * prediction and the reports read them.
 *
 *     SELECT split, count(*) FROM image_rows('images') GROUP BY 1;
 *     SELECT digit_show(pixels) FROM image_rows('tickets') WHERE id = 17;
 *
 * id is what predict_model names a row by: the column "id", else the rowid, else the
 * column that key names. split and label are NULL where the source has no such column,
 * and pixels are as they are stored. So one query reads any source, whatever it lacks.
 * "id = …" and "rowid = …" are look-ups in the source, as predict_model's are.
 *
 * For top-level SQL and TEMP views alone, as predict_model is. */
#include <string.h>
#include "../base/tvf.h"
#include "../data/source.h"
#include "../model/cache.h"

enum { ARGUMENT_SOURCE, ARGUMENT_KEY, N_ARGUMENTS };
enum {
    COLUMN_ID,
    COLUMN_SPLIT,
    COLUMN_LABEL,
    COLUMN_PIXELS,
    COLUMN_SOURCE,
    COLUMN_ROWID = COLUMN_SOURCE + N_ARGUMENTS
};

/* Of a plan's number, above the bits of ext_tvf_best_index: */
enum {
    PLAN_ID = 1 << 8,       /* id is asked for */
    PLAN_BY_ID = 1 << 9,    /* the last value is the id wanted … */
    PLAN_BY_ROWID = 1 << 10 /* … or the rowid */
};

typedef struct rows_table {
    sqlite3_vtab base;
    sqlite3 *db;
    ext_context *models; /* the registration's, which outlives the table */
} rows_table;

typedef struct rows_cursor {
    sqlite3_vtab_cursor base;
    ext_source source;
    sqlite3_value *arguments[N_ARGUMENTS]; /* copies; NULL for those not given */
    sqlite3_value *wanted; /* a copy of the id that is looked up, or NULL */
    int done;
} rows_cursor;

static int rows_connect(sqlite3 *db, void *models, int argc, const char *const *argv,
                        sqlite3_vtab **out, char **error) {
    (void)argc, (void)argv, (void)error;
    const int rc = ext_tvf_connect(out, sizeof(rows_table), db,
                                   "CREATE TABLE image_rows(id, split, label, pixels, "
                                   "source HIDDEN, key HIDDEN, rowid INTEGER HIDDEN)",
                                   SQLITE_VTAB_DIRECTONLY);
    if (rc != SQLITE_OK) return rc;
    ((rows_table *)*out)->db = ext_context_reads(models);
    ((rows_table *)*out)->models = models;
    return SQLITE_OK;
}

static int rows_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    const int rc =
        ext_tvf_best_index(table, info, COLUMN_SOURCE, N_ARGUMENTS, 1e6, 100000);
    if (rc != SQLITE_OK) return rc;
    const int arguments = (info->idxNum & 1) + (info->idxNum >> ARGUMENT_KEY & 1);
    if (info->colUsed & 1 << COLUMN_ID) info->idxNum |= PLAN_ID;
    const int by_rowid = ext_tvf_equals(info, COLUMN_ROWID),
              by_id = ext_tvf_equals(info, COLUMN_ID);
    const int by = by_rowid >= 0 ? by_rowid : by_id;
    /* "id IN (…)" is a scan: SQLite compares what it finds, with the list's affinity. */
    if (by < 0 || !(info->idxNum & 1 << ARGUMENT_SOURCE) || ext_tvf_is_list(info, by))
        return SQLITE_OK;
    info->idxNum |= by == by_rowid ? PLAN_BY_ROWID : PLAN_BY_ID;
    info->aConstraintUsage[by].argvIndex = arguments + 1;
    info->estimatedCost = 10;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

static int rows_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    return ext_tvf_open(out, sizeof(rows_cursor));
}

/* rows_clear - leaves a cursor as it was made. */
static void rows_clear(rows_cursor *cursor) {
    const sqlite3_vtab_cursor base = cursor->base;
    for (int k = 0; k < N_ARGUMENTS; k++) sqlite3_value_free(cursor->arguments[k]);
    sqlite3_value_free(cursor->wanted);
    ext_source_close(&cursor->source);
    memset(cursor, 0, sizeof *cursor);
    cursor->base = base;
}

static int rows_close(sqlite3_vtab_cursor *base) {
    rows_clear((rows_cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* rows_go - goes to the next row, and leaves the source's SQL, which was entered. rc is
 * an error that came before. */
static int rows_go(rows_cursor *cursor, int rc, char *error) {
    if (rc == SQLITE_OK) rc = ext_source_next(&cursor->source, error);
    ext_leave(((rows_table *)cursor->base.pVtab)->models);
    cursor->done = rc != SQLITE_ROW;
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) return SQLITE_OK;
    return ext_tvf_error(cursor->base.pVtab, rc, "image_rows: %s", error);
}

static int source_open(rows_cursor *cursor, int flags, char *error) {
    return ext_source_open(&cursor->source, ((rows_table *)cursor->base.pVtab)->db,
                           cursor->arguments[ARGUMENT_SOURCE],
                           cursor->arguments[ARGUMENT_KEY], flags, error);
}

static int rows_filter(sqlite3_vtab_cursor *base, int plan, const char *idx_str, int argc,
                       sqlite3_value **argv) {
    (void)idx_str;
    rows_cursor *cursor = (rows_cursor *)base;
    char error[EXT_ERROR_SIZE] = "";
    int flags = SOURCE_LABEL_IF_ANY | SOURCE_SPLIT;
    if (plan & (PLAN_ID | PLAN_BY_ID)) flags |= SOURCE_ID;
    if (plan & PLAN_BY_ID) flags |= SOURCE_BY_ID;
    if (plan & PLAN_BY_ROWID) flags |= SOURCE_BY_ROWID;
    rows_clear(cursor);
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value *value = ext_tvf_argument(plan, argv, k);
        if (value && !(cursor->arguments[k] = sqlite3_value_dup(value)))
            return SQLITE_NOMEM;
    }
    if (plan & PLAN_BY_ID && !(cursor->wanted = sqlite3_value_dup(argv[argc - 1])))
        return SQLITE_NOMEM;
    ext_context *models = ((rows_table *)base->pVtab)->models;
    int rc = ext_tvf_enter(base->pVtab, "image_rows", models);
    if (rc != SQLITE_OK) return rc;
    rc = source_open(cursor, flags, error);
    if (rc == SQLITE_OK && plan & PLAN_BY_ID &&
        !ext_source_finds(&cursor->source, argv[argc - 1])) {
        ext_source_close(&cursor->source);
        rc = source_open(cursor, (flags & ~SOURCE_BY_ID) | SOURCE_BY_ANY_ID, error);
    }
    if (rc == SQLITE_OK && cursor->source.by_value)
        rc = ext_source_restart(&cursor->source, argv[argc - 1], error);
    return rows_go(cursor, rc, error);
}

static int rows_next(sqlite3_vtab_cursor *base) {
    char error[EXT_ERROR_SIZE] = "";
    const int rc = ext_enter(((rows_table *)base->pVtab)->models, error);
    return rc == SQLITE_OK ? rows_go((rows_cursor *)base, rc, error)
                           : ext_tvf_error(base->pVtab, rc, "image_rows: %s", error);
}

static int rows_eof(sqlite3_vtab_cursor *base) { return ((rows_cursor *)base)->done; }

/* source_rowid - the rowid in the source, or the row's number. */
static int source_rowid(rows_cursor *cursor, sqlite3_int64 *rowid) {
    char error[EXT_ERROR_SIZE] = "";
    const ext_source *source = &cursor->source;
    ext_context *models = ((rows_table *)cursor->base.pVtab)->models;
    *rowid = ext_source_rowid(source);
    if (!source->numbers) return SQLITE_OK;
    int rc = ext_tvf_enter(cursor->base.pVtab, "image_rows", models);
    if (rc != SQLITE_OK) return rc;
    rc = ext_source_number(source, NULL, *rowid, rowid, error);
    ext_leave(models);
    return rc == SQLITE_OK
               ? rc
               : ext_tvf_error(cursor->base.pVtab, rc, "image_rows: %s", error);
}

static int rows_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
    rows_cursor *cursor = (rows_cursor *)base;
    const ext_source *source = &cursor->source;
    sqlite3_int64 rowid = 0;
    int rc = SQLITE_OK;
    const int columns[] = {source->id, source->split, source->label, 0};
    if (column < COLUMN_SOURCE) {
        if (column == COLUMN_ID && cursor->wanted &&
            ext_tvf_may_lose(cursor->wanted,
                             sqlite3_column_type(source->rows, source->id)))
            return ext_tvf_lost(base->pVtab);
        if (columns[column] >= 0)
            sqlite3_result_value(context,
                                 sqlite3_column_value(source->rows, columns[column]));
    } else if (column == COLUMN_ROWID) {
        rc = source_rowid(cursor, &rowid);
        sqlite3_result_int64(context, rowid);
    } else if (cursor->arguments[column - COLUMN_SOURCE]) {
        sqlite3_result_value(context, cursor->arguments[column - COLUMN_SOURCE]);
    }
    return rc;
}

static int rows_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    rows_cursor *cursor = (rows_cursor *)base;
    const int rc = source_rowid(cursor, rowid);
    *rowid = ext_tvf_rowid(*rowid, cursor->arguments, N_ARGUMENTS);
    return rc;
}

static const sqlite3_module rows_module = {
    .iVersion = 0,
    .xConnect = rows_connect,
    .xBestIndex = rows_best_index,
    .xDisconnect = ext_tvf_disconnect,
    .xOpen = rows_open,
    .xClose = rows_close,
    .xFilter = rows_filter,
    .xNext = rows_next,
    .xEof = rows_eof,
    .xColumn = rows_column,
    .xRowid = rows_rowid,
};

int ext_register_image_rows(sqlite3 *db, ext_context *context) {
    return sqlite3_create_module_v2(db, "image_rows", &rows_module,
                                    ext_context_ref(context), ext_context_unref);
}
