/* read_idx.c - IDX files as tables.
 *
 *     SELECT id, label, pixels FROM read_idx('images.gz', 'labels.gz');
 *     CREATE TABLE images AS SELECT * FROM read_mnist('mnist');
 *
 * read_idx(images [, labels [, transpose [, type]]]): id INTEGER, from 0; label INTEGER,
 * NULL without a label file; pixels BLOB, normalised (float32), or with type 'uint8' a
 * byte each. transpose 1: rows and columns of each image are exchanged, for EMNIST's,
 * which lie on their sides.
 *
 * read_mnist(dir [, type]): the four files of MNIST and its kin: split TEXT, 'train' or
 * 'test' (the files named t10k); id, which runs on from one to the other; label; pixels.
 * Each file is found under its own name or Kaggle's (train-images.idx3-ubyte), with or
 * without .gz.
 *
 * Rows come as the files are read: memory does not grow with them. A blob is made only
 * for a row whose pixels are asked for. A wrong header or length, a missing file, more
 * labels than images or fewer: each is an error before the first row. As they read files,
 * both work in top-level SQL alone, not in views and triggers. */
#include <string.h>
#include <unistd.h>
#include "../../loaders/idx.h"
#include "../base/argument.h"
#include "../base/direct.h"
#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/tvf.h"
#include "../image/pixel_type.h"

#define MAX_ARGUMENTS 4
#define MAX_PARTS     2

enum column { SPLIT, ID, LABEL, PIXELS, ARGUMENT };

typedef struct {
    idx_file *images;
    idx_file *labels;  /* NULL: there are none */
    const char *split; /* a constant */
} part;

typedef struct {
    sqlite3_vtab_cursor base;
    part parts[MAX_PARTS];
    int n_parts;
    int transpose;
    dn_pixel_type type;
    int current; /* the part being read; n_parts at the end */
    sqlite3_int64 id;
    sqlite3_value *arguments[MAX_ARGUMENTS]; /* ours; NULL: not given */
    ext_watch watch;
    load_stop stop; /* which asks it */
} cursor;

/* What differs between the two functions. */
typedef struct {
    const char *name;
    const char *usage;
    const char *schema;
    enum column first; /* column 0 is this one, and the others follow in order */
    int n_arguments;
    const char *arguments[MAX_ARGUMENTS];
    int (*open)(cursor *c); /* opens the parts; an SQLite result code, text set */
} function;

typedef struct {
    sqlite3_vtab base;
    sqlite3 *db;
    const function *f;
} table;

/* --- arguments and files -------------------------------------------------------- */

static const function *function_of(const cursor *c) {
    return ((const table *)c->base.pVtab)->f;
}

/* Hands on an error of the loaders. */
static int fail(cursor *c, int status, char *error) {
    const int rc = ext_from_loader(status, error);
    return ext_tvf_error(c->base.pVtab, rc, "%s: %s", function_of(c)->name, error);
}

/* Argument k as the name of a file or folder. *path lives as long as the argument. */
static int path_argument(cursor *c, int k, const char **path) {
    const function *f = function_of(c);
    return ext_tvf_path(c->base.pVtab, f->usage, f->arguments[k], c->arguments[k], path);
}

static int open_part(cursor *c, const char *split, const char *images,
                     const char *labels) {
    char error[EXT_ERROR_SIZE];
    part *p = &c->parts[c->n_parts++];
    p->split = split;
    int status = idx_open_images(&p->images, images, &c->stop, error, sizeof error);
    if (status == IDX_OK && labels)
        status = idx_open_labels(&p->labels, labels, &c->stop, error, sizeof error);
    if (status != IDX_OK) return fail(c, status, error);
    if (p->labels && idx_count(p->images) != idx_count(p->labels))
        return ext_tvf_error(
            c->base.pVtab, SQLITE_ERROR, "%s: %s has %llu images, but %s has %llu labels",
            function_of(c)->name, idx_name(p->images),
            (unsigned long long)idx_count(p->images), idx_name(p->labels),
            (unsigned long long)idx_count(p->labels));
    return SQLITE_OK;
}

static int transpose_argument(cursor *c, sqlite3_value *value) {
    char error[EXT_ERROR_SIZE];
    if (!value ||
        ext_integer(&c->transpose, value, "transpose", 0, 1, error) == SQLITE_OK)
        return SQLITE_OK;
    return ext_tvf_error(c->base.pVtab, SQLITE_ERROR, "%s: %s", function_of(c)->name,
                         error);
}

static int type_argument(cursor *c, sqlite3_value *value) {
    char error[EXT_ERROR_SIZE];
    const int rc = value ? ext_pixel_type_value(&c->type, value, error) : SQLITE_OK;
    if (rc == SQLITE_OK) return rc;
    return ext_tvf_error(c->base.pVtab, rc, "%s: %s", function_of(c)->name, error);
}

static int open_idx(cursor *c) {
    const char *images = NULL, *labels = NULL;
    int rc = path_argument(c, 0, &images);
    sqlite3_value *second = c->arguments[1];
    if (rc == SQLITE_OK && second && sqlite3_value_type(second) != SQLITE_NULL)
        rc = path_argument(c, 1, &labels);
    if (rc == SQLITE_OK) rc = transpose_argument(c, c->arguments[2]);
    if (rc == SQLITE_OK) rc = type_argument(c, c->arguments[3]);
    return rc == SQLITE_OK ? open_part(c, NULL, images, labels) : rc;
}

/* Finds what (such as "train-images") in dir under one of its names; *path is the
 * caller's, by sqlite3_free. */
static int find_file(cursor *c, char **path, const char *dir, const char *what,
                     int rank) {
    static const char *const names[] = {"%s/%s-idx%d-ubyte", "%s/%s-idx%d-ubyte.gz",
                                        "%s/%s.idx%d-ubyte", "%s/%s.idx%d-ubyte.gz"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *path = sqlite3_mprintf(names[i], dir, what, rank);
        if (!*path) return SQLITE_NOMEM;
        if (access(*path, F_OK) == 0) return SQLITE_OK;
        sqlite3_free(*path);
        *path = NULL;
    }
    return ext_tvf_error(
        c->base.pVtab, SQLITE_ERROR,
        "%s: '%s' has no %s-idx%d-ubyte, nor %s.idx%d-ubyte, nor either of "
        "them with .gz",
        function_of(c)->name, dir, what, rank, what, rank);
}

static int open_mnist_part(cursor *c, const char *dir, const char *split,
                           const char *images_name, const char *labels_name) {
    char *images = NULL, *labels = NULL;
    int rc = find_file(c, &images, dir, images_name, 3);
    if (rc == SQLITE_OK) rc = find_file(c, &labels, dir, labels_name, 1);
    if (rc == SQLITE_OK) rc = open_part(c, split, images, labels);
    sqlite3_free(labels);
    sqlite3_free(images);
    return rc;
}

static int open_mnist(cursor *c) {
    const char *dir = NULL;
    int rc = path_argument(c, 0, &dir);
    if (rc == SQLITE_OK) rc = type_argument(c, c->arguments[1]);
    if (rc == SQLITE_OK)
        rc = open_mnist_part(c, dir, "train", "train-images", "train-labels");
    if (rc == SQLITE_OK)
        rc = open_mnist_part(c, dir, "test", "t10k-images", "t10k-labels");
    return rc;
}

static const function read_idx = {
    .name = "read_idx",
    .usage = "read_idx(images [, labels [, transpose [, type]]])",
    .schema =
        "CREATE TABLE read_idx(id INTEGER, label INTEGER, pixels BLOB, images HIDDEN, "
        "labels HIDDEN, transpose HIDDEN, type HIDDEN)",
    .first = ID,
    .n_arguments = 4,
    .arguments = {"images", "labels", "transpose", "type"},
    .open = open_idx,
};

static const function read_mnist = {
    .name = "read_mnist",
    .usage = "read_mnist(dir [, type])",
    .schema =
        "CREATE TABLE read_mnist(split TEXT, id INTEGER, label INTEGER, pixels BLOB, "
        "dir HIDDEN, type HIDDEN)",
    .first = SPLIT,
    .n_arguments = 2,
    .arguments = {"dir", "type"},
    .open = open_mnist,
};

/* --- the virtual table, in the order of its life -------------------------------- */

static int read_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                        sqlite3_vtab **out, char **error) {
    (void)argc, (void)argv, (void)error;
    const function *f = aux;
    const int rc =
        ext_tvf_connect(out, sizeof(table), db, f->schema, SQLITE_VTAB_DIRECTONLY);
    if (rc != SQLITE_OK) return rc;
    table *t = (table *)*out;
    t->f = f;
    t->db = db;
    return SQLITE_OK;
}

static int read_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
    const function *f = ((const table *)vtab)->f;
    return ext_tvf_best_index(vtab, info, (int)(ARGUMENT - f->first), f->n_arguments, 1e6,
                              70000);
}

static int read_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out) {
    const int rc = ext_tvf_open(out, sizeof(cursor));
    if (rc != SQLITE_OK) return rc;
    cursor *c = (cursor *)*out;
    c->watch.db = ((const table *)vtab)->db;
    c->stop = (load_stop){ext_watch_stop, &c->watch};
    return SQLITE_OK;
}

static void reset(cursor *c) {
    for (int i = 0; i < c->n_parts; i++) {
        idx_close(c->parts[i].labels);
        idx_close(c->parts[i].images);
    }
    for (int k = 0; k < MAX_ARGUMENTS; k++) {
        sqlite3_value_free(c->arguments[k]);
        c->arguments[k] = NULL;
    }
    memset(c->parts, 0, sizeof c->parts);
    c->n_parts = c->current = c->transpose = 0;
    c->type = DN_FLOAT32;
    c->id = -1;
}

static int read_close(sqlite3_vtab_cursor *base) {
    reset((cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* next_item - goes on by one in all files of the current part, or to the next part. */
static int next_item(cursor *c) {
    char error[EXT_ERROR_SIZE];
    for (; c->current < c->n_parts; c->current++) {
        part *p = &c->parts[c->current];
        int status = idx_next(p->images, error, sizeof error);
        if (status != IDX_OK && status != IDX_END) return fail(c, status, error);
        /* As many labels as images: both go on or end together. */
        int label_status = p->labels ? idx_next(p->labels, error, sizeof error) : status;
        if (label_status != status) return fail(c, label_status, error);
        if (status == IDX_OK) break;
    }
    return SQLITE_OK;
}

static int read_next(sqlite3_vtab_cursor *base) {
    cursor *c = (cursor *)base;
    c->id++;
    ext_watch_begin(&c->watch);
    const int rc = next_item(c);
    ext_watch_end(&c->watch);
    return rc;
}

/* Called again for each row of an outer table: whatever was open is closed first. */
static int read_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                       int argc, sqlite3_value **argv) {
    (void)idx_str, (void)argc;
    cursor *c = (cursor *)base;
    const function *f = function_of(c);
    reset(c);
    for (int k = 0; k < f->n_arguments; k++) {
        sqlite3_value *value = ext_tvf_argument(idx_num, argv, k);
        if (!value) continue;
        c->arguments[k] = sqlite3_value_dup(value);
        if (!c->arguments[k]) return SQLITE_NOMEM;
    }
    int rc = ext_direct_table(base->pVtab, ((const table *)base->pVtab)->db, f->name);
    ext_watch_begin(&c->watch);
    if (rc == SQLITE_OK) rc = f->open(c);
    ext_watch_end(&c->watch);
    return rc == SQLITE_OK ? read_next(base) : rc;
}

static int read_eof(sqlite3_vtab_cursor *base) {
    const cursor *c = (const cursor *)base;
    return c->current == c->n_parts;
}

#define TILE                                                                             \
    32 /* pixels a side: rows of one and columns of the other stay in the cache */

/* Rows and columns exchanged, of pixels of `size` bytes; 0 if it was stopped. */
static int transposed(unsigned char *to, const unsigned char *from, size_t rows,
                      size_t columns, size_t size, const load_stop *stop) {
    for (size_t r0 = 0; r0 < rows; r0 += TILE)
        for (size_t q0 = 0; q0 < columns; q0 += TILE) {
            if (load_stopped(stop)) return 0;
            for (size_t r = r0; r < rows && r < r0 + TILE; r++)
                for (size_t q = q0; q < columns && q < q0 + TILE; q++)
                    memcpy(to + (q * rows + r) * size, from + (r * columns + q) * size,
                           size);
        }
    return 1;
}

/* pixels_make - the current image's, transposed if they are to be. */
static int pixels_make(unsigned char **out, cursor *c, const part *p) {
    char error[EXT_ERROR_SIZE];
    const size_t size = ext_pixel_size(c->type) * idx_pixel_count(p->images);
    const size_t rows = idx_rows(p->images), columns = idx_columns(p->images);
    /* Made in memory that SQLite takes over: the pixels are written once, not copied. */
    unsigned char *blob = sqlite3_malloc64(size), *other = NULL;
    int rc = blob ? SQLITE_OK : SQLITE_NOMEM;
    if (rc == SQLITE_OK) {
        const int status = (c->type == DN_UINT8 ? idx_bytes : idx_pixels)(
            p->images, blob, error, sizeof error);
        if (status != IDX_OK) rc = fail(c, status, error);
    }
    if (rc == SQLITE_OK && c->transpose) {
        other = sqlite3_malloc64(size);
        if (!other)
            rc = SQLITE_NOMEM;
        else if (!transposed(other, blob, rows, columns, size / (rows * columns),
                             &c->stop))
            rc = SQLITE_INTERRUPT;
        unsigned char *done = other;
        other = blob;
        blob = done;
    }
    sqlite3_free(other);
    if (rc == SQLITE_OK)
        *out = blob;
    else
        sqlite3_free(blob);
    return rc;
}

static int result_pixels(sqlite3_context *context, cursor *c, const part *p) {
    unsigned char *blob;
    ext_watch_begin(&c->watch);
    const int rc = pixels_make(&blob, c, p);
    ext_watch_end(&c->watch);
    if (rc == SQLITE_OK)
        sqlite3_result_blob64(context, blob,
                              ext_pixel_size(c->type) * idx_pixel_count(p->images),
                              sqlite3_free);
    return rc;
}

static int result_label(sqlite3_context *context, cursor *c, const part *p) {
    char error[EXT_ERROR_SIZE];
    int64_t label;
    if (!p->labels) return SQLITE_OK;
    int status = idx_label(p->labels, &label, error, sizeof error);
    if (status != IDX_OK) return fail(c, status, error);
    sqlite3_result_int64(context, label);
    return SQLITE_OK;
}

static int read_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int i) {
    cursor *c = (cursor *)base;
    const part *p = &c->parts[c->current];
    int column = i + (int)function_of(c)->first;
    switch (column) {
    case SPLIT: sqlite3_result_text(context, p->split, -1, SQLITE_STATIC); break;
    case ID: sqlite3_result_int64(context, c->id); break;
    case LABEL: return result_label(context, c, p);
    case PIXELS: return result_pixels(context, c, p);
    default:
        if (c->arguments[column - ARGUMENT])
            sqlite3_result_value(context, c->arguments[column - ARGUMENT]);
    }
    return SQLITE_OK;
}

static int read_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    const cursor *c = (const cursor *)base;
    *rowid = ext_tvf_rowid(c->id, c->arguments, MAX_ARGUMENTS);
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

int ext_register_read_idx(sqlite3 *db) {
    int rc = sqlite3_create_module_v2(db, read_idx.name, &read_module, (void *)&read_idx,
                                      NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_module_v2(db, read_mnist.name, &read_module,
                                      (void *)&read_mnist, NULL);
    return rc;
}
