/* synthetic_digits.c - digits drawn by code, as a table.
 *
 *     CREATE TABLE digits AS SELECT * FROM synthetic_digits(20000);
 *     SELECT digit_show(pixels) FROM synthetic_digits(10, 7);      -- another seed
 *     SELECT digit_sheet(pixels) FROM synthetic_digits(100, 1, 'world');
 *
 * synthetic_digits(n [, seed [, style [, type]]]): id INTEGER, 0..n-1; label INTEGER,
 * id % 10, or NULL where the style is one of no digit; pixels BLOB, 28×28, normalised
 * (float32), or with type 'uint8' a byte each. seed is any integer, 1 where it is left
 * out. style is one of loaders/synth.h: 'pen', as MNIST's writers write, where it is left
 * out; 'world', 'cursive', 'mouse', 'print', 'segments', 'displays' or 'cut'; or 'none'
 * and 'miscut', pictures of no digit. A row depends on style, seed and id alone: the same
 * digits on every machine, and the first 100 of n are the same for every n. A picture is
 * drawn only for a row whose pixels are asked for. */
#include "../../loaders/pixels.h"
#include "../../loaders/synth.h"
#include "../base/argument.h"
#include "../base/hash.h"
#include "../base/tvf.h"
#include "../image/pixel_type.h"

#define MAX_N        2147483647
#define DEFAULT_SEED 1

#define N_ARGUMENTS 4

enum column { ID, LABEL, PIXELS, N, SEED, STYLE, TYPE };

typedef struct {
    sqlite3_vtab_cursor base;
    sqlite3_int64 id, n, seed;
    synth_style style;
    dn_pixel_type type;
} cursor;

static int synthetic_connect(sqlite3 *db, void *aux, int argc, const char *const *argv,
                             sqlite3_vtab **out, char **error) {
    (void)aux, (void)argc, (void)argv, (void)error;
    return ext_tvf_connect(
        out, sizeof(sqlite3_vtab), db,
        "CREATE TABLE synthetic_digits(id INTEGER, label INTEGER, pixels BLOB, "
        "n HIDDEN, seed HIDDEN, style HIDDEN, type HIDDEN)",
        SQLITE_VTAB_INNOCUOUS);
}

static int synthetic_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
    return ext_tvf_best_index(vtab, info, N, N_ARGUMENTS, 1e6, 20000);
}

static int synthetic_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out) {
    (void)vtab;
    return ext_tvf_open(out, sizeof(cursor));
}

static int synthetic_close(sqlite3_vtab_cursor *base) {
    sqlite3_free(base);
    return SQLITE_OK;
}

static int read_style(synth_style *out, sqlite3_value *value, char *error) {
    if (sqlite3_value_type(value) == SQLITE_NULL) return SQLITE_OK;
    if (sqlite3_value_type(value) == SQLITE_TEXT) {
        const char *text = (const char *)sqlite3_value_text(value);
        if (!text) return SQLITE_NOMEM;
        for (int i = 0; i < SYNTH_STYLES; i++)
            if (sqlite3_stricmp(text, synth_style_name((synth_style)i)) == 0) {
                *out = (synth_style)i;
                return SQLITE_OK;
            }
    }
    return ext_argument_error(error, "style", value,
                              "'pen', 'world', 'print', 'segments', 'none', 'mouse', "
                              "'displays', 'cursive', 'cut' or 'miscut'");
}

static int synthetic_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                            int argc, sqlite3_value **argv) {
    (void)idx_str, (void)argc;
    cursor *c = (cursor *)base;
    char error[EXT_ERROR_SIZE];
    int rc;
    sqlite3_value *n = ext_tvf_argument(idx_num, argv, 0);
    sqlite3_value *seed = ext_tvf_argument(idx_num, argv, 1);
    sqlite3_value *style = ext_tvf_argument(idx_num, argv, 2);
    sqlite3_value *type = ext_tvf_argument(idx_num, argv, 3);
    c->id = 0;
    c->seed = DEFAULT_SEED;
    c->style = SYNTH_PEN;
    c->type = DN_FLOAT32;
    if (!n)
        return ext_tvf_error(
            base->pVtab, SQLITE_ERROR,
            "synthetic_digits: expected synthetic_digits(n [, seed [, style [, type]]]); "
            "'n' is missing");
    if (sqlite3_value_type(n) == SQLITE_NULL)
        rc = ext_argument_error(error, "n", n, "an integer from 0 to 2147483647");
    else
        rc = ext_integer64(&c->n, n, "n", 0, MAX_N, error);
    if (rc == SQLITE_OK && seed)
        rc = ext_integer64(&c->seed, seed, "seed", INT64_MIN, INT64_MAX, error);
    if (rc == SQLITE_OK && style) rc = read_style(&c->style, style, error);
    if (rc == SQLITE_OK && type) rc = ext_pixel_type_value(&c->type, type, error);
    if (rc != SQLITE_OK)
        return ext_tvf_error(base->pVtab, rc, "synthetic_digits: %s", error);
    return SQLITE_OK;
}

static int synthetic_next(sqlite3_vtab_cursor *base) {
    ((cursor *)base)->id++;
    return SQLITE_OK;
}

static int synthetic_eof(sqlite3_vtab_cursor *base) {
    const cursor *c = (const cursor *)base;
    return c->id >= c->n;
}

static int result_pixels(sqlite3_context *context, const cursor *c) {
    unsigned char image[SYNTH_PIXELS];
    synth_digit(image, c->style, (uint64_t)c->seed, (uint64_t)c->id);
    if (c->type == DN_UINT8) {
        sqlite3_result_blob(context, image, SYNTH_PIXELS, SQLITE_TRANSIENT);
        return SQLITE_OK;
    }
    unsigned char *blob = sqlite3_malloc64(4 * SYNTH_PIXELS);
    if (!blob) return SQLITE_NOMEM;
    pixels_from_grey(blob, image, SYNTH_PIXELS, NULL);
    sqlite3_result_blob64(context, blob, 4 * SYNTH_PIXELS, sqlite3_free);
    return SQLITE_OK;
}

static int synthetic_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int i) {
    const cursor *c = (const cursor *)base;
    const int label = synth_label(c->style, (uint64_t)c->id);
    switch (i) {
    case ID: sqlite3_result_int64(context, c->id); break;
    case LABEL:
        if (label >= 0) sqlite3_result_int(context, label);
        break;
    case PIXELS: return result_pixels(context, c);
    case N: sqlite3_result_int64(context, c->n); break;
    case SEED: sqlite3_result_int64(context, c->seed); break;
    case STYLE:
        sqlite3_result_text(context, synth_style_name(c->style), -1, SQLITE_STATIC);
        break;
    case TYPE:
        sqlite3_result_text(context, ext_pixel_type_name(c->type), -1, SQLITE_STATIC);
        break;
    }
    return SQLITE_OK;
}

static int synthetic_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    const cursor *c = (const cursor *)base;
    uint64_t call = hash_word(hash_word(HASH_START, (uint64_t)c->n), (uint64_t)c->seed);
    call = hash_word(hash_word(call, (uint64_t)c->style), (uint64_t)c->type);
    *rowid = (sqlite3_int64)((uint64_t)c->id + call); /* ext_tvf_rowid says why */
    return SQLITE_OK;
}

/* Without xCreate there is no CREATE VIRTUAL TABLE: it is a function only. */
static const sqlite3_module synthetic_module = {
    .iVersion = 0,
    .xConnect = synthetic_connect,
    .xDisconnect = ext_tvf_disconnect,
    .xBestIndex = synthetic_best_index,
    .xOpen = synthetic_open,
    .xClose = synthetic_close,
    .xFilter = synthetic_filter,
    .xNext = synthetic_next,
    .xEof = synthetic_eof,
    .xColumn = synthetic_column,
    .xRowid = synthetic_rowid,
};

int ext_register_synthetic(sqlite3 *db) {
    return sqlite3_create_module_v2(db, "synthetic_digits", &synthetic_module, NULL,
                                    NULL);
}
