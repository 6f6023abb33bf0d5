/* read_cifar.c - CIFAR-10's binary version as a table.
 *
 *     CREATE TABLE photos AS SELECT * FROM read_cifar('cifar-10-batches-bin');
 *     SELECT train_model('photos', 'm', '{"layers": "resnet20", "shape": "32x32x3"}');
 *
 * read_cifar(dir [, type]): split TEXT, 'train' (data_batch_1.bin … data_batch_5.bin) or
 * 'test' (test_batch.bin); id INTEGER, which runs on through all files; label INTEGER,
 * 0 … 9; pixels BLOB, 32×32×3, normalised (float32), or with type 'uint8' a byte each.
 * The files may be packed by gzip.
 *
 * Rows come as the files are read: memory does not grow with them. A missing file or a
 * wrong length is an error before the first row. As it reads files, it works in top-level
 * SQL alone, not in views and triggers. */
#include "../../loaders/cifar.h"
#include "../base/direct.h"
#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/tvf.h"
#include "../image/pixel_type.h"

#define FILES 6

enum column { SPLIT, ID, LABEL, PIXELS, FOLDER, TYPE };

#define ARGUMENTS 2

typedef struct {
    sqlite3_vtab base;
    sqlite3 *db;
} table;

typedef struct {
    sqlite3_vtab_cursor base;
    cifar_file *files[FILES]; /* the last is of tests */
    int current;              /* the file being read; FILES at the end */
    sqlite3_int64 id;
    dn_pixel_type type;
    sqlite3_value *arguments[ARGUMENTS]; /* ours; NULL: not given */
    ext_watch watch;
    load_stop stop; /* which asks it */
} cursor;

static int cifar_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **error) {
    (void)aux, (void)argc, (void)argv, (void)error;
    const int rc =
        ext_tvf_connect(out, sizeof(table), db,
                        "CREATE TABLE read_cifar(split TEXT, id INTEGER, label "
                        "INTEGER, pixels BLOB, dir HIDDEN, type HIDDEN)",
                        SQLITE_VTAB_DIRECTONLY);
    if (rc == SQLITE_OK) ((table *)*out)->db = db;
    return rc;
}

static int cifar_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
    return ext_tvf_best_index(vtab, info, FOLDER, ARGUMENTS, 1e6, 60000);
}

static int cifar_open_cursor(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out) {
    const int rc = ext_tvf_open(out, sizeof(cursor));
    if (rc != SQLITE_OK) return rc;
    cursor *c = (cursor *)*out;
    c->watch.db = ((const table *)vtab)->db;
    c->stop = (load_stop){ext_watch_stop, &c->watch};
    return SQLITE_OK;
}

static void reset(cursor *c) {
    for (int i = 0; i < FILES; i++) {
        cifar_close(c->files[i]);
        c->files[i] = NULL;
    }
    for (int k = 0; k < ARGUMENTS; k++) {
        sqlite3_value_free(c->arguments[k]);
        c->arguments[k] = NULL;
    }
    c->type = DN_FLOAT32;
    c->current = 0;
    c->id = -1;
}

static int cifar_close_cursor(sqlite3_vtab_cursor *base) {
    reset((cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* Hands on an error of the loaders. */
static int fail(cursor *c, int status, char *error) {
    const int rc = ext_from_loader(status, error);
    return ext_tvf_error(c->base.pVtab, rc, "read_cifar: %s", error);
}

static int open_files(cursor *c) {
    char error[EXT_ERROR_SIZE];
    const char *dir = NULL;
    sqlite3_value *type = c->arguments[1];
    const int rc = ext_tvf_path(c->base.pVtab, "read_cifar(dir [, type])", "dir",
                                c->arguments[0], &dir);
    if (rc != SQLITE_OK) return rc;
    if (type && ext_pixel_type_value(&c->type, type, error) != SQLITE_OK)
        return ext_tvf_error(c->base.pVtab, SQLITE_ERROR, "read_cifar: %s", error);
    for (int i = 0; i < FILES; i++) {
        char *path = i < FILES - 1 ? sqlite3_mprintf("%s/data_batch_%d.bin", dir, i + 1)
                                   : sqlite3_mprintf("%s/test_batch.bin", dir);
        if (!path) return SQLITE_NOMEM;
        const int status = cifar_open(&c->files[i], path, &c->stop, error, sizeof error);
        sqlite3_free(path);
        if (status != CIFAR_OK) return fail(c, status, error);
    }
    return SQLITE_OK;
}

static int next_row(cursor *c) {
    char error[EXT_ERROR_SIZE];
    for (; c->current < FILES; c->current++) {
        const int status = cifar_next(c->files[c->current], error, sizeof error);
        if (status == CIFAR_OK) return SQLITE_OK;
        if (status != CIFAR_END) return fail(c, status, error);
    }
    return SQLITE_OK;
}

static int cifar_next_row(sqlite3_vtab_cursor *base) {
    cursor *c = (cursor *)base;
    c->id++;
    ext_watch_begin(&c->watch);
    const int rc = next_row(c);
    ext_watch_end(&c->watch);
    return rc;
}

/* Called again for each row of an outer table: whatever was open is closed first. */
static int cifar_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                        int argc, sqlite3_value **argv) {
    (void)idx_str, (void)argc;
    cursor *c = (cursor *)base;
    reset(c);
    for (int k = 0; k < ARGUMENTS; k++) {
        sqlite3_value *value = ext_tvf_argument(idx_num, argv, k);
        if (value && !(c->arguments[k] = sqlite3_value_dup(value))) return SQLITE_NOMEM;
    }
    int rc =
        ext_direct_table(base->pVtab, ((const table *)base->pVtab)->db, "read_cifar");
    ext_watch_begin(&c->watch);
    if (rc == SQLITE_OK) rc = open_files(c);
    ext_watch_end(&c->watch);
    return rc == SQLITE_OK ? cifar_next_row(base) : rc;
}

static int cifar_eof(sqlite3_vtab_cursor *base) {
    return ((const cursor *)base)->current == FILES;
}

static int result_pixels(sqlite3_context *context, const cursor *c) {
    const size_t size = ext_pixel_size(c->type) * CIFAR_PIXELS;
    unsigned char *blob = sqlite3_malloc64(size);
    if (!blob) return SQLITE_NOMEM;
    (c->type == DN_UINT8 ? cifar_bytes : cifar_pixels)(c->files[c->current], blob);
    sqlite3_result_blob64(context, blob, size, sqlite3_free);
    return SQLITE_OK;
}

static int cifar_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int i) {
    const cursor *c = (const cursor *)base;
    const char *split = c->current < FILES - 1 ? "train" : "test";
    switch (i) {
    case SPLIT: sqlite3_result_text(context, split, -1, SQLITE_STATIC); break;
    case ID: sqlite3_result_int64(context, c->id); break;
    case LABEL: sqlite3_result_int(context, cifar_label(c->files[c->current])); break;
    case PIXELS: return result_pixels(context, c);
    default:
        if (c->arguments[i - FOLDER])
            sqlite3_result_value(context, c->arguments[i - FOLDER]);
    }
    return SQLITE_OK;
}

static int cifar_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    const cursor *c = (const cursor *)base;
    *rowid = ext_tvf_rowid(c->id, c->arguments, ARGUMENTS);
    return SQLITE_OK;
}

/* Without xCreate there is no CREATE VIRTUAL TABLE: it is a function only. */
static const sqlite3_module cifar_module = {
    .iVersion = 0,
    .xConnect = cifar_connect,
    .xDisconnect = ext_tvf_disconnect,
    .xBestIndex = cifar_best_index,
    .xOpen = cifar_open_cursor,
    .xClose = cifar_close_cursor,
    .xFilter = cifar_filter,
    .xNext = cifar_next_row,
    .xEof = cifar_eof,
    .xColumn = cifar_column,
    .xRowid = cifar_rowid,
};

int ext_register_read_cifar(sqlite3 *db) {
    return sqlite3_create_module_v2(db, "read_cifar", &cifar_module, NULL, NULL);
}
