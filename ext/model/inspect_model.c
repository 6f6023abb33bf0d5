/* inspect_model.c - what is in an ONNX file, and whether import_model would read it.
 *
 *     SELECT part, name, count, shape, type, supported, note
 *     FROM inspect_model(readfile('net.onnx'));
 *     -- file      pytorch 2.1.2                                     operator set 17
 *     -- input     pixels             [N, 1, 28, 28]  float32  1
 *     -- output    scores             [N, 10]         float32
 *     -- operator  Conv            2                           1
 *     -- operator  Resize          1                           0  node 4: makes maps …
 *     -- network                                               0  Resize 'up' (node …
 *     -- pixels    (x - 0.13) / 0.31                              x is 0..1; … (if read)
 *
 * inspect_model(onnx [, data]): data is the file beside it that holds its tensors, as
 * import_model takes it. A row a part; supported is 1, 0, or NULL where that does not
 * apply. The last row is the network: note is its layers, or why it is refused. A file
 * that is no ONNX file is an error, and so is a NULL, readfile's of a wrong path; data
 * that is not given, or not the file's, is a note of the row 'data'. */
#include <string.h>
#include "../base/interrupt.h"
#include "../base/tvf.h"
#include "cache.h"

enum {
    SAYS_PART,
    SAYS_NAME,
    SAYS_COUNT,
    SAYS_SHAPE,
    SAYS_TYPE,
    SAYS_SUPPORTED,
    SAYS_NOTE,
    GIVEN_ONNX /* and data */
};

#define N_ARGUMENTS 2
#define TEXTS       5

/* One row: its texts lie one after the other, each with its zero; NULL: not there. */
typedef struct row {
    char *part, *name, *shape, *type, *note;
    sqlite3_int64 count;
    int supported;
} row;

typedef struct table {
    sqlite3_vtab base;
    sqlite3 *db;
    ext_context *models;
} table;

typedef struct cursor {
    sqlite3_vtab_cursor base;
    sqlite3_value *given[N_ARGUMENTS]; /* ours; NULL: not given */
    row *rows;
    int n, room, at;
} cursor;

static int inspect_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                           sqlite3_vtab **out, char **error) {
    (void)argc, (void)argv, (void)error;
    const int rc = ext_tvf_connect(
        out, sizeof(table), db,
        "CREATE TABLE inspect_model(part TEXT, name TEXT, count INTEGER, shape TEXT, "
        "type TEXT, supported INTEGER, note TEXT, onnx HIDDEN, data HIDDEN)",
        SQLITE_VTAB_DIRECTONLY);
    if (rc != SQLITE_OK) return rc;
    ((table *)*out)->db = db;
    ((table *)*out)->models = aux;
    return SQLITE_OK;
}

static int inspect_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
    return ext_tvf_best_index(vtab, info, GIVEN_ONNX, N_ARGUMENTS, 1e6, 20);
}

static int inspect_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out) {
    (void)vtab;
    return ext_tvf_open(out, sizeof(cursor));
}

static void reset(cursor *c) {
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value_free(c->given[k]);
        c->given[k] = NULL;
    }
    for (int i = 0; i < c->n; i++) sqlite3_free(c->rows[i].part);
    sqlite3_free(c->rows);
    c->rows = NULL;
    c->n = c->room = c->at = 0;
}

static int inspect_close(sqlite3_vtab_cursor *base) {
    reset((cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* keep - a part becomes a row: DN_OK or DN_NOMEM. */
static int keep(void *context, const dn_onnx_part *part) {
    cursor *c = context;
    const char *texts[TEXTS] = {part->part, part->name, part->shape, part->type,
                                part->note};
    size_t size = 0;
    if (c->n == c->room) {
        const int room = c->room ? 2 * c->room : 16;
        row *rows = sqlite3_realloc64(c->rows, (sqlite3_uint64)room * sizeof *rows);
        if (!rows) return DN_NOMEM;
        c->rows = rows;
        c->room = room;
    }
    for (int k = 0; k < TEXTS; k++) size += texts[k] ? strlen(texts[k]) + 1 : 0;
    char *at = sqlite3_malloc64(size), *copies[TEXTS] = {NULL};
    if (!at) return DN_NOMEM;
    for (int k = 0; k < TEXTS; k++) {
        if (!texts[k]) continue;
        const size_t n = strlen(texts[k]) + 1;
        copies[k] = memcpy(at, texts[k], n);
        at += n;
    }
    c->rows[c->n++] = (row){copies[0], copies[1],   copies[2],      copies[3],
                            copies[4], part->count, part->supported};
    return DN_OK;
}

/* inspect_run - all rows of a file. */
static int inspect_run(cursor *c, const table *t, char *error) {
    ext_watch watch = {.db = t->db};
    const dn_host host = ext_context_host(t->models, &watch);
    dn_onnx_given given = {.std = 1};
    if (c->given[1] && sqlite3_value_type(c->given[1]) == SQLITE_BLOB) {
        given.data = sqlite3_value_blob(c->given[1]);
        given.data_size = (size_t)sqlite3_value_bytes(c->given[1]);
    }
    const int status = dn_onnx_inspect(sqlite3_value_blob(c->given[0]),
                                       (size_t)sqlite3_value_bytes(c->given[0]), &given,
                                       &host, keep, c, error, EXT_ERROR_SIZE);
    ext_poll_end(&watch.poll);
    return status == DN_OK ? SQLITE_OK : ext_from_core(status, error);
}

/* Called again for each row of an outer table. */
static int inspect_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                          int argc, sqlite3_value **argv) {
    static const char *const names[N_ARGUMENTS] = {"onnx", "data"};
    (void)idx_str, (void)argc;
    cursor *c = (cursor *)base;
    char error[EXT_ERROR_SIZE] = "";
    reset(c);
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value *value = ext_tvf_argument(idx_num, argv, k);
        if (value && !(c->given[k] = sqlite3_value_dup(value))) return SQLITE_NOMEM;
        const int type = value ? sqlite3_value_type(value) : SQLITE_NULL;
        if (type != SQLITE_NULL && type != SQLITE_BLOB)
            return ext_tvf_error(base->pVtab, SQLITE_ERROR,
                                 "inspect_model: %s is %s; expected a BLOB, a file",
                                 names[k], ext_type_name(type));
    }
    if (!c->given[0])
        return ext_tvf_error(base->pVtab, SQLITE_ERROR,
                             "inspect_model: expected inspect_model(onnx [, data]); "
                             "'onnx' is missing");
    if (sqlite3_value_type(c->given[0]) == SQLITE_NULL)
        return ext_tvf_error(base->pVtab, SQLITE_ERROR,
                             "inspect_model: onnx is NULL; expected a BLOB, a file: "
                             "readfile(path) gives NULL where it cannot read the file");
    const int rc = inspect_run(c, (const table *)base->pVtab, error);
    return rc == SQLITE_OK ? rc
                           : ext_tvf_error(base->pVtab, rc, "inspect_model: %s", error);
}

static int inspect_next(sqlite3_vtab_cursor *base) {
    ((cursor *)base)->at++;
    return SQLITE_OK;
}

static int inspect_eof(sqlite3_vtab_cursor *base) {
    const cursor *c = (const cursor *)base;
    return c->at >= c->n;
}

static void result_text(sqlite3_context *context, const char *text) {
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT); /* NULL for NULL */
}

static int inspect_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int i) {
    const cursor *c = (const cursor *)base;
    const row *r = &c->rows[c->at];
    switch (i) {
    case SAYS_PART: result_text(context, r->part); break;
    case SAYS_NAME: result_text(context, r->name); break;
    case SAYS_COUNT:
        if (r->count >= 0) sqlite3_result_int64(context, r->count);
        break;
    case SAYS_SHAPE: result_text(context, r->shape); break;
    case SAYS_TYPE: result_text(context, r->type); break;
    case SAYS_SUPPORTED:
        if (r->supported >= 0) sqlite3_result_int(context, r->supported);
        break;
    case SAYS_NOTE: result_text(context, r->note); break;
    default:
        if (c->given[i - GIVEN_ONNX])
            sqlite3_result_value(context, c->given[i - GIVEN_ONNX]);
    }
    return SQLITE_OK;
}

static int inspect_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    const cursor *c = (const cursor *)base;
    *rowid = ext_tvf_rowid(c->at, c->given, N_ARGUMENTS);
    return SQLITE_OK;
}

/* Without xCreate there is no CREATE VIRTUAL TABLE: it is a function only. */
static const sqlite3_module inspect_module = {
    .iVersion = 0,
    .xConnect = inspect_connect,
    .xDisconnect = ext_tvf_disconnect,
    .xBestIndex = inspect_best_index,
    .xOpen = inspect_open,
    .xClose = inspect_close,
    .xFilter = inspect_filter,
    .xNext = inspect_next,
    .xEof = inspect_eof,
    .xColumn = inspect_column,
    .xRowid = inspect_rowid,
};

int ext_register_inspect_model(sqlite3 *db, ext_context *context) {
    return sqlite3_create_module_v2(db, "inspect_model", &inspect_module,
                                    ext_context_ref(context), ext_context_unref);
}
