/* digit_pixels.c - the values of an image as a table.
 *
 *     SELECT y, x, value FROM digit_pixels((SELECT pixels FROM images WHERE id = 7))
 *     WHERE value > 0.5;
 *     SELECT channel, avg(value) FROM photos, digit_pixels(png, '32x32x3', 'crop')
 *     GROUP BY channel;
 *
 * digit_pixels(image [, shape [, picture]]): y, x, channel INTEGER, each from 0, in that
 * order of rows; value REAL, 0..1: what a model would see. One that is k/255 in bytes or
 * as a float32 is k/255 as a REAL is, too. shape and picture are digit_image's; a NULL
 * image has no rows. */
#include <string.h>
#include "../base/tvf.h"
#include "image.h"
#include "picture.h"

enum column { Y, X, CHANNEL, VALUE, IMAGE /* and shape, and picture */ };

#define N_ARGUMENTS 3

typedef struct table {
    sqlite3_vtab base;
    sqlite3 *db;
} table;

typedef struct {
    sqlite3_vtab_cursor base;
    sqlite3_value *given[N_ARGUMENTS]; /* ours; NULL: not given */
    dn_image image;                    /* in given[0], or in room */
    dn_shape shape;
    sqlite3_int64 at, n; /* values */
    ext_room room;
} cursor;

static int pixels_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                          sqlite3_vtab **out, char **error) {
    (void)aux, (void)argc, (void)argv, (void)error;
    const int rc = ext_tvf_connect(
        out, sizeof(table), db,
        "CREATE TABLE digit_pixels(y INTEGER, x INTEGER, channel INTEGER, value REAL, "
        "image HIDDEN, shape HIDDEN, picture HIDDEN)",
        SQLITE_VTAB_INNOCUOUS);
    if (rc == SQLITE_OK) ((table *)*out)->db = db;
    return rc;
}

static int pixels_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
    return ext_tvf_best_index(vtab, info, IMAGE, N_ARGUMENTS, 1e4, 1000);
}

static int pixels_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out) {
    const int rc = ext_tvf_open(out, sizeof(cursor));
    if (rc == SQLITE_OK) ((cursor *)*out)->room.watch.db = ((const table *)vtab)->db;
    return rc;
}

static void reset(cursor *c) {
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value_free(c->given[k]);
        c->given[k] = NULL;
    }
    c->room.picture = EXT_PICTURE_UNSAID;
    c->at = c->n = 0;
}

static int pixels_close(sqlite3_vtab_cursor *base) {
    cursor *c = (cursor *)base;
    reset(c);
    ext_room_free(&c->room);
    sqlite3_free(c);
    return SQLITE_OK;
}

/* Called again for each row of an outer table. */
static int pixels_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                         int argc, sqlite3_value **argv) {
    (void)idx_str, (void)argc;
    cursor *c = (cursor *)base;
    char error[EXT_ERROR_SIZE] = "";
    int rc = SQLITE_OK;
    reset(c);
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value *value = ext_tvf_argument(idx_num, argv, k);
        if (value && !(c->given[k] = sqlite3_value_dup(value))) return SQLITE_NOMEM;
    }
    if (!c->given[0])
        return ext_tvf_error(base->pVtab, SQLITE_ERROR,
                             "digit_pixels: expected digit_pixels(image [, shape [, "
                             "picture]]); 'image' is missing");
    if (sqlite3_value_type(c->given[0]) == SQLITE_NULL) return SQLITE_OK;
    if (c->given[2]) rc = ext_picture_value(&c->room.picture, c->given[2], error);
    if (rc == SQLITE_OK)
        rc = ext_image_shaped(&c->image, &c->shape, c->given[0], c->given[1], &c->room,
                              error);
    if (rc != SQLITE_OK) return ext_tvf_error(base->pVtab, rc, "digit_pixels: %s", error);
    c->n = (sqlite3_int64)c->shape.h * c->shape.w * c->shape.c;
    return SQLITE_OK;
}

static int pixels_next(sqlite3_vtab_cursor *base) {
    ((cursor *)base)->at++;
    return SQLITE_OK;
}

static int pixels_eof(sqlite3_vtab_cursor *base) {
    const cursor *c = (const cursor *)base;
    return c->at >= c->n;
}

/* value_of - a float that stands for k/255 is that; any other is itself. */
static double value_of(float value) {
    const int k = (int)(value * 255.0f + 0.5f);
    return (float)k / 255.0f == value ? k / 255.0 : (double)value;
}

static int pixels_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int i) {
    const cursor *c = (const cursor *)base;
    const sqlite3_int64 pixel = c->at / c->shape.c;
    switch (i) {
    case Y: sqlite3_result_int64(context, pixel / c->shape.w); break;
    case X: sqlite3_result_int64(context, pixel % c->shape.w); break;
    case CHANNEL: sqlite3_result_int64(context, c->at % c->shape.c); break;
    case VALUE:
        sqlite3_result_double(context, value_of(ext_value(&c->image, (size_t)c->at)));
        break;
    default:
        if (c->given[i - IMAGE]) sqlite3_result_value(context, c->given[i - IMAGE]);
    }
    return SQLITE_OK;
}

static int pixels_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    const cursor *c = (const cursor *)base;
    *rowid = ext_tvf_rowid(c->at, c->given, N_ARGUMENTS);
    return SQLITE_OK;
}

/* Without xCreate there is no CREATE VIRTUAL TABLE: it is a function only. */
static const sqlite3_module pixels_module = {
    .iVersion = 0,
    .xConnect = pixels_connect,
    .xDisconnect = ext_tvf_disconnect,
    .xBestIndex = pixels_best_index,
    .xOpen = pixels_open,
    .xClose = pixels_close,
    .xFilter = pixels_filter,
    .xNext = pixels_next,
    .xEof = pixels_eof,
    .xColumn = pixels_column,
    .xRowid = pixels_rowid,
};

int ext_register_pixels(sqlite3 *db) {
    return sqlite3_create_module_v2(db, "digit_pixels", &pixels_module, NULL, NULL);
}
