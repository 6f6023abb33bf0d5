/* digit_find.c - the digits of a picture, a row each:
 *
 *     SELECT line, label, confidence FROM digit_find(readfile('scan.png'));
 *     SELECT path, line, group_concat(label, '') FROM scans, digit_find(png)
 *         GROUP BY path, line;
 *     SELECT digit_show(pixels) FROM scans, digit_find(png) WHERE confidence < 0.9;
 *
 * digit_find(png [, model]): line and place INTEGER, from 1, in reading order; x, y,
 * width, height INTEGER, the digit's box in pixels of the picture; label, of the type the
 * training labels had; confidence REAL; pixels BLOB, uint8, as the model saw them, so
 * digit_predict(pixels) gives label again. The rows are those that digit_read's text is
 * made of; a NULL has none.
 *
 * (The argument's hidden column is named png_blob, so that a table's column png can stand
 * beside it.)
 *
 * For top-level SQL and TEMP views alone; in a view of a file, digit_read does. */
#include <string.h>
#include "../base/tvf.h"
#include "number.h"

enum {
    COLUMN_LINE,
    COLUMN_PLACE,
    COLUMN_X,
    COLUMN_Y,
    COLUMN_WIDTH,
    COLUMN_HEIGHT,
    COLUMN_LABEL,
    COLUMN_CONFIDENCE,
    COLUMN_PIXELS,
    COLUMN_PNG
};
#define N_ARGUMENTS 2

typedef struct find_table {
    sqlite3_vtab base;
    ext_context *models; /* the registration's, which outlives the table */
} find_table;

typedef struct find_cursor {
    sqlite3_vtab_cursor base;
    ext_number number;
    ext_model *model; /* counted; NULL: none yet */
    int at;
    sqlite3_int64 call; /* ext_tvf_rowid's, of row 0 */
} find_cursor;

static int find_connect(sqlite3 *db, void *models, int argc, const char *const *argv,
                        sqlite3_vtab **out, char **error) {
    (void)argc, (void)argv, (void)error;
    const int rc = ext_tvf_connect(
        out, sizeof(find_table), db,
        "CREATE TABLE digit_find(line INTEGER, place INTEGER, x INTEGER, y INTEGER, "
        "width INTEGER, height INTEGER, label, confidence REAL, pixels BLOB, "
        "png_blob HIDDEN, model HIDDEN)",
        SQLITE_VTAB_DIRECTONLY);
    if (rc == SQLITE_OK) ((find_table *)*out)->models = models;
    return rc;
}

static int find_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    return ext_tvf_best_index(table, info, COLUMN_PNG, N_ARGUMENTS, 1e5, 10);
}

static int find_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    return ext_tvf_open(out, sizeof(find_cursor));
}

/* find_clear - leaves a cursor as it was made. */
static void find_clear(find_cursor *cursor) {
    ext_number_free(&cursor->number);
    ext_model_unref(cursor->model);
    cursor->model = NULL;
    cursor->at = 0;
}

static int find_close(sqlite3_vtab_cursor *base) {
    find_clear((find_cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

static int find_filter(sqlite3_vtab_cursor *base, int plan, const char *idx_str, int argc,
                       sqlite3_value **argv) {
    (void)idx_str, (void)argc;
    find_cursor *cursor = (find_cursor *)base;
    ext_context *models = ((find_table *)base->pVtab)->models;
    sqlite3_value *png = ext_tvf_argument(plan, argv, 0);
    sqlite3_value *name = ext_tvf_argument(plan, argv, 1);
    char error[EXT_ERROR_SIZE] = "";
    ext_model *model;
    find_clear(cursor);
    if (!png)
        return ext_tvf_error(
            base->pVtab, SQLITE_ERROR,
            "digit_find: expected digit_find(png [, model]); 'png' is missing");
    cursor->call = ext_tvf_rowid(0, (sqlite3_value *[]){png, name}, N_ARGUMENTS);
    int rc = ext_tvf_enter(base->pVtab, "digit_find", models);
    if (rc != SQLITE_OK) return rc;
    rc = ext_model_find(&model, models, NULL, name, error);
    if (rc == SQLITE_OK) cursor->model = ext_model_ref(model);
    if (rc == SQLITE_OK && sqlite3_value_type(png) != SQLITE_NULL)
        rc = ext_number_read(&cursor->number, models, model, png, name, error);
    ext_leave(models);
    return rc == SQLITE_OK ? rc : ext_tvf_error(base->pVtab, rc, "digit_find: %s", error);
}

static int find_next(sqlite3_vtab_cursor *base) {
    ((find_cursor *)base)->at++;
    return SQLITE_OK;
}

static int find_eof(sqlite3_vtab_cursor *base) {
    const find_cursor *cursor = (const find_cursor *)base;
    return cursor->at >= cursor->number.n;
}

static int find_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
    const find_cursor *cursor = (const find_cursor *)base;
    const ext_digit *digit = &cursor->number.digits[cursor->at];
    const dn_shape shape = cursor->model->info.shape;
    switch (column) {
    case COLUMN_LINE: sqlite3_result_int(context, digit->line); break;
    case COLUMN_PLACE: sqlite3_result_int(context, digit->place); break;
    case COLUMN_X: sqlite3_result_int(context, digit->x); break;
    case COLUMN_Y: sqlite3_result_int(context, digit->y); break;
    case COLUMN_WIDTH: sqlite3_result_int(context, digit->width); break;
    case COLUMN_HEIGHT: sqlite3_result_int(context, digit->height); break;
    case COLUMN_LABEL: ext_result_class(context, cursor->model, digit->class); break;
    case COLUMN_CONFIDENCE:
        sqlite3_result_double(context, (double)digit->confidence);
        break;
    case COLUMN_PIXELS:
        sqlite3_result_blob64(context, digit->pixels,
                              (sqlite3_uint64)shape.h * (sqlite3_uint64)shape.w,
                              SQLITE_TRANSIENT);
        break;
    default: break; /* the arguments */
    }
    return SQLITE_OK;
}

static int find_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    const find_cursor *cursor = (const find_cursor *)base;
    *rowid = (sqlite3_int64)((uint64_t)cursor->call + (uint64_t)cursor->at);
    return SQLITE_OK;
}

/* Without xCreate there is no CREATE VIRTUAL TABLE: it is a function only. */
static const sqlite3_module find_module = {
    .iVersion = 0,
    .xConnect = find_connect,
    .xBestIndex = find_best_index,
    .xDisconnect = ext_tvf_disconnect,
    .xOpen = find_open,
    .xClose = find_close,
    .xFilter = find_filter,
    .xNext = find_next,
    .xEof = find_eof,
    .xColumn = find_column,
    .xRowid = find_rowid,
};

int ext_register_digit_find(sqlite3 *db, ext_context *context) {
    return sqlite3_create_module_v2(db, "digit_find", &find_module,
                                    ext_context_ref(context), ext_context_unref);
}
