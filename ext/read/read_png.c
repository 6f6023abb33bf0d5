/* read_png.c - PNG files in folders as a table.
 *
 *     CREATE TABLE mine AS SELECT * FROM read_png('digits');         -- digits/7/a.png, …
 *     SELECT path, label, digit_predict(pixels) FROM read_png('digits');
 *     CREATE TABLE cats AS SELECT * FROM read_png('cats', '96x128x3', 'crop');
 *
 * read_png(dir [, shape [, picture [, type]]]): path TEXT; label: the name of the folder
 * in dir that the file lies in, an INTEGER where it is written as one ('7', not '07'),
 * else TEXT, NULL for a file in dir itself; pixels BLOB, normalised (float32), as
 * digit_image gives them with shape and picture: by default a digit of 28×28. With type
 * 'uint8' they are a byte each.
 *
 * Files are those whose names end in .png, in the order of loaders/folder.h. A file is
 * read only for a row whose pixels are asked for, and one that is no good is an error
 * that names it. The hidden column error is that sentence, NULL where the file is good:
 *
 *     CREATE TABLE mine AS SELECT * FROM read_png('digits') WHERE error IS NULL;
 *     SELECT path, error FROM read_png('digits') WHERE error IS NOT NULL;
 *
 * As it reads files, the function works in top-level SQL alone, not in views and
 * triggers. */
#include <stdlib.h>
#include <string.h>
#include "../../loaders/file.h"
#include "../../loaders/folder.h"
#include "../../loaders/png.h"
#include "../base/direct.h"
#include "../base/tvf.h"
#include "../image/image.h"
#include "../image/picture.h"
#include "../image/pixel_type.h"

#define ARGUMENTS 4

enum column {
    PATH,
    LABEL,
    PIXELS,
    FOLDER, /* and shape, picture, type */
    PROBLEM = FOLDER + ARGUMENTS
};

typedef struct table {
    sqlite3_vtab base;
    sqlite3 *db;
} table;

typedef struct {
    sqlite3_vtab_cursor base;
    folder_walk *walk; /* NULL: at the end */
    sqlite3_value
        *given[ARGUMENTS]; /* dir, shape, picture, type: ours; NULL: not given */
    dn_shape shape;        /* h is 0: each file's own */
    dn_pixel_type type;
    sqlite3_int64 id; /* of the row, from 0 */
    /* Of the file that the cursor stands on, once they were asked for: */
    unsigned char *blob; /* [size] sqlite3_malloc'd: its pixels, or NULL … */
    size_t size;
    char problem[EXT_ERROR_SIZE]; /* … and why it has none, or "" */
    ext_room room;                /* for its watch and its picture */
    load_stop stop;               /* which asks it */
} cursor;

/* fail - hands on an error of the loaders. */
static int fail(cursor *c, int status, char *error) {
    const int rc = ext_from_loader(status, error);
    return ext_tvf_error(c->base.pVtab, rc, "read_png: %s", error);
}

static int read_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                        sqlite3_vtab **out, char **error) {
    (void)aux, (void)argc, (void)argv, (void)error;
    const int rc =
        ext_tvf_connect(out, sizeof(table), db,
                        "CREATE TABLE read_png(path TEXT, label, pixels BLOB, "
                        "dir HIDDEN, shape HIDDEN, picture HIDDEN, type HIDDEN, "
                        "error HIDDEN)",
                        SQLITE_VTAB_DIRECTONLY);
    if (rc == SQLITE_OK) ((table *)*out)->db = db;
    return rc;
}

/* error is no argument: a fifth one would be compared with it, and leave no row. */
static int read_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
    if (ext_tvf_equals(info, PROBLEM) >= 0)
        return ext_tvf_error(vtab, SQLITE_ERROR,
                             "read_png: expected read_png(dir [, shape [, picture [, "
                             "type]]]); error is compared by IS NULL and IS NOT NULL");
    return ext_tvf_best_index(vtab, info, FOLDER, ARGUMENTS, 1e6, 1000);
}

static int read_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out) {
    const int rc = ext_tvf_open(out, sizeof(cursor));
    if (rc != SQLITE_OK) return rc;
    cursor *c = (cursor *)*out;
    c->room.watch.db = ((const table *)vtab)->db;
    c->stop = ext_room_stop(&c->room);
    return SQLITE_OK;
}

/* file_forget - what was made of the last file. */
static void file_forget(cursor *c) {
    sqlite3_free(c->blob);
    c->blob = NULL;
    c->problem[0] = '\0';
}

static void reset(cursor *c) {
    file_forget(c);
    folder_close(c->walk);
    c->walk = NULL;
    for (int k = 0; k < ARGUMENTS; k++) {
        sqlite3_value_free(c->given[k]);
        c->given[k] = NULL;
    }
    c->shape = (dn_shape){0};
    c->type = DN_FLOAT32;
    c->room.picture = EXT_PICTURE_UNSAID;
    c->id = -1;
}

static int read_close(sqlite3_vtab_cursor *base) {
    reset((cursor *)base);
    ext_room_free(&((cursor *)base)->room);
    sqlite3_free(base);
    return SQLITE_OK;
}

static int read_next(sqlite3_vtab_cursor *base) {
    cursor *c = (cursor *)base;
    char error[EXT_ERROR_SIZE];
    file_forget(c);
    ext_watch_begin(&c->room.watch);
    const int status = folder_next(c->walk, error, sizeof error);
    ext_watch_end(&c->room.watch);
    c->id++;
    if (status == FOLDER_OK) return SQLITE_OK;
    if (status != FOLDER_END) return fail(c, status, error);
    folder_close(c->walk);
    c->walk = NULL;
    return SQLITE_OK;
}

/* arguments_take - keeps what is given, and reads what an image is to be. */
static int arguments_take(cursor *c, int idx_num, sqlite3_value **argv) {
    char error[EXT_ERROR_SIZE];
    for (int k = 0; k < ARGUMENTS; k++) {
        sqlite3_value *value = ext_tvf_argument(idx_num, argv, k);
        if (value && !(c->given[k] = sqlite3_value_dup(value))) return SQLITE_NOMEM;
    }
    int rc = SQLITE_OK;
    if (c->given[1] && sqlite3_value_type(c->given[1]) != SQLITE_NULL)
        rc = ext_shape_value(&c->shape, c->given[1], error);
    if (rc == SQLITE_OK && c->given[2])
        rc = ext_picture_value(&c->room.picture, c->given[2], error);
    if (rc == SQLITE_OK && c->given[3])
        rc = ext_pixel_type_value(&c->type, c->given[3], error);
    if (rc == SQLITE_OK && c->shape.h)
        rc = ext_png_check(c->shape, c->room.picture, error);
    return rc == SQLITE_OK ? rc : ext_tvf_error(c->base.pVtab, rc, "read_png: %s", error);
}

/* Called again for each row of an outer table: whatever was open is closed first. */
static int read_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                       int argc, sqlite3_value **argv) {
    (void)idx_str, (void)argc;
    cursor *c = (cursor *)base;
    char error[EXT_ERROR_SIZE];
    const char *path;
    reset(c);
    int rc = ext_direct_table(base->pVtab, ((const table *)base->pVtab)->db, "read_png");
    if (rc == SQLITE_OK) rc = arguments_take(c, idx_num, argv);
    if (rc != SQLITE_OK) return rc;
    rc = ext_tvf_path(base->pVtab, "read_png(dir)", "dir", c->given[0], &path);
    if (rc != SQLITE_OK) return rc;
    ext_watch_begin(&c->room.watch);
    const int status = folder_open(&c->walk, path, ".png", &c->stop, error, sizeof error);
    ext_watch_end(&c->room.watch);
    if (status != FOLDER_OK) return fail(c, status, error);
    return read_next(base);
}

static int read_eof(sqlite3_vtab_cursor *base) { return !((const cursor *)base)->walk; }

/* label_integer - the number that a text is, if it is written the one way there is. */
static int label_integer(const char *text, sqlite3_int64 *out) {
    const int negative = text[0] == '-';
    const char *digits = text + negative;
    const size_t n = strlen(digits);
    if (n < 1 || n > 18 || strspn(digits, "0123456789") != n) return 0;
    if (digits[0] == '0' && (n > 1 || negative)) return 0;
    *out = 0;
    for (size_t i = 0; i < n; i++) *out = 10 * *out + (digits[i] - '0');
    if (negative) *out = -*out;
    return 1;
}

static void result_label(sqlite3_context *context, const char *label) {
    sqlite3_int64 number;
    if (!label) return;
    if (label_integer(label, &number))
        sqlite3_result_int64(context, number);
    else
        sqlite3_result_text(context, label, -1, SQLITE_TRANSIENT);
}

/* image_make - the image of a file's bytes, in the cursor's blob. */
static int image_make(cursor *c, const void *bytes, size_t size, char *error) {
    dn_shape shape = c->shape;
    dn_image image;
    const int rc =
        shape.h ? ext_image_from(&image, SQLITE_BLOB, bytes, size, shape, &c->room, error)
                : ext_image_infer_from(&image, &shape, SQLITE_BLOB, bytes, size, &c->room,
                                       error);
    if (rc != SQLITE_OK) return rc;
    const size_t n = ext_image_size(&image, shape) / ext_pixel_size(image.type);
    c->size = ext_pixel_size(c->type) * n;
    return ext_image_blob(&c->blob, &image, n, c->type, &c->room, error);
}

/* file_try - makes the image of the file that the cursor stands on, or says in c->problem
 * why there is none. Only what ends the query is an error. */
static int file_try(cursor *c) {
    char name[FILE_NAME], why[EXT_ERROR_SIZE];
    unsigned char *bytes;
    size_t size = 0;
    if (c->blob || c->problem[0]) return SQLITE_OK;
    const char *path = folder_path(c->walk);
    ext_watch_begin(&c->room.watch);
    const int status =
        png_load(&bytes, &size, path, &c->stop, c->problem, EXT_ERROR_SIZE);
    ext_watch_end(&c->room.watch);
    int rc = ext_from_loader(status, c->problem);
    if (status == PNG_OK) {
        rc = image_make(c, bytes, size, why);
        free(bytes);
        file_name(name, path);
        if (rc != SQLITE_OK)
            sqlite3_snprintf(EXT_ERROR_SIZE, c->problem, "%s: %s", name, why);
    }
    if (rc != SQLITE_NOMEM && rc != SQLITE_INTERRUPT) return SQLITE_OK;
    return ext_tvf_error(c->base.pVtab, rc, "read_png: %s", c->problem);
}

static int result_pixels(sqlite3_context *context, cursor *c) {
    const int rc = file_try(c);
    if (rc != SQLITE_OK) return rc;
    if (c->problem[0])
        return ext_tvf_error(c->base.pVtab, SQLITE_ERROR,
                             "read_png: %s; WHERE error IS NULL leaves such files out",
                             c->problem);
    sqlite3_result_blob64(context, c->blob, c->size, sqlite3_free);
    c->blob = NULL;
    return SQLITE_OK;
}

static int result_error(sqlite3_context *context, cursor *c) {
    const int rc = file_try(c);
    if (rc == SQLITE_OK && c->problem[0])
        sqlite3_result_text(context, c->problem, -1, SQLITE_TRANSIENT);
    return rc;
}

static int read_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int i) {
    cursor *c = (cursor *)base;
    switch (i) {
    case PATH:
        sqlite3_result_text(context, folder_path(c->walk), -1, SQLITE_TRANSIENT);
        break;
    case LABEL: result_label(context, folder_label(c->walk)); break;
    case PIXELS: return result_pixels(context, c);
    case PROBLEM: return result_error(context, c);
    default:
        if (c->given[i - FOLDER]) sqlite3_result_value(context, c->given[i - FOLDER]);
    }
    return SQLITE_OK;
}

static int read_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    const cursor *c = (const cursor *)base;
    *rowid = ext_tvf_rowid(c->id, c->given, ARGUMENTS);
    return SQLITE_OK;
}

/* Without xCreate there is no CREATE VIRTUAL TABLE: it is a function only. */
static const sqlite3_module read_module = {
    .iVersion = 0,
    .xConnect = read_connect,
    .xDisconnect = ext_tvf_disconnect,
    .xBestIndex = read_best_index,
    .xOpen = read_open,
    .xClose = read_close,
    .xFilter = read_filter,
    .xNext = read_next,
    .xEof = read_eof,
    .xColumn = read_column,
    .xRowid = read_rowid,
};

int ext_register_read_png(sqlite3 *db) {
    return sqlite3_create_module_v2(db, "read_png", &read_module, NULL, NULL);
}
