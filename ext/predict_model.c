/* predict_model.c - predict_model(source [, model]): predictions for all rows of a table.
 *
 *     SELECT * FROM predict_model('images') LIMIT 5;
 *     SELECT avg(prediction = label) FROM predict_model('images', 'digits@2');
 *     SELECT i.split, avg(p.prediction = p.label)
 *         FROM predict_model('images') AS p JOIN images AS i ON i.rowid = p.id GROUP BY 1;
 *
 * id is the row's rowid, or its number (from 1) in a view or a WITHOUT ROWID table; label is
 * NULL where the source has no such column. The answers are digit_predict's and
 * digit_confidence's, bit for bit, on all cores: rows are read a block at a time, and the
 * block goes through the network as one batch. Rows come in the order of the source.
 *
 * The first block is small, so that LIMIT 5 is quick, and blocks grow as long as one takes
 * no more than some tens of milliseconds, after which an interrupt is looked for. Threads
 * live within one block. A scan uses the model as it is when the scan begins. */
#include <string.h>
#include "image.h"
#include "models.h"
#include "poll.h"
#include "source.h"
#include "tvf.h"

enum {
    COLUMN_ID,
    COLUMN_LABEL,
    COLUMN_PREDICTION,
    COLUMN_CONFIDENCE,
    COLUMN_SOURCE,
    COLUMN_MODEL
};
enum { ARGUMENT_SOURCE, ARGUMENT_MODEL, N_ARGUMENTS };

#define FIRST_BLOCK   64
#define LARGEST_BLOCK 4096
#define BLOCK_BYTES   (32 << 20) /* at most this many bytes of pixels */
#define BLOCK_SECONDS 0.03       /* grow below, shrink above twice this */

typedef struct predict_table {
    sqlite3_vtab base;
    sqlite3 *db;
    ext_context *models; /* the registration's, which outlives the table */
} predict_table;

/* One row of a block. */
typedef struct predict_row {
    sqlite3_int64 id;
    sqlite3_value *label; /* a copy; NULL for none */
    int image;            /* its place among the block's images, or -1 for a NULL */
} predict_row;

typedef struct predict_cursor {
    sqlite3_vtab_cursor base;
    ext_source source;
    ext_model *model; /* counted */
    ext_poll poll;
    sqlite3_value *arguments[N_ARGUMENTS]; /* copies, for their columns */

    int block;             /* rows wanted of the next block */
    int largest;           /* rows there is room for */
    predict_row *rows;     /* [largest] */
    dn_image *images;      /* [largest] those of the rows that have one, in order */
    unsigned char *pixels; /* [largest][4·h·w·c] what images point to */
    float *probabilities;  /* [largest][classes] */
    int n_rows, n_images;  /* in this block */
    int at;                /* row it stands on */
    int ended;             /* the source has no more */
    sqlite3_int64 number;  /* rows given so far */
} predict_cursor;

/* --- the table ------------------------------------------------------------------------------- */

static int predict_connect(sqlite3 *db, void *models, int argc, const char *const *argv,
                           sqlite3_vtab **out, char **error) {
    (void)argc;
    (void)argv;
    (void)error;
    int rc = sqlite3_declare_vtab(db, "CREATE TABLE x(id INTEGER, label, prediction, "
                                      "confidence REAL, source HIDDEN, model HIDDEN)");
    if (rc != SQLITE_OK) return rc;
    predict_table *table = sqlite3_malloc64(sizeof *table);
    if (!table) return SQLITE_NOMEM;
    memset(table, 0, sizeof *table);
    table->db = db;
    table->models = models;
    *out = &table->base;
    return SQLITE_OK;
}

static int predict_disconnect(sqlite3_vtab *table) {
    sqlite3_free(table);
    return SQLITE_OK;
}

static int predict_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    (void)table;
    return tvf_best_index(info, COLUMN_SOURCE, N_ARGUMENTS, 1e9, 100000);
}

/* --- a block --------------------------------------------------------------------------------- */

static int predict_fail(predict_cursor *cursor, int rc, const char *error) {
    return tvf_error(cursor->base.pVtab, rc, "predict_model: %s", error);
}

static void block_clear(predict_cursor *cursor) {
    for (int i = 0; i < cursor->n_rows; i++) sqlite3_value_free(cursor->rows[i].label);
    cursor->n_rows = cursor->n_images = cursor->at = 0;
}

/* block_allocate - room for a block of cursor->block rows. */
static int block_allocate(predict_cursor *cursor) {
    if (cursor->block <= cursor->largest) return SQLITE_OK;
    const dn_shape shape = cursor->model->info.shape;
    const sqlite3_uint64 rows = (sqlite3_uint64)cursor->block;
    const sqlite3_uint64 image = 4 * (sqlite3_uint64)shape.h * (sqlite3_uint64)shape.w *
                                 (sqlite3_uint64)shape.c;
    const sqlite3_uint64 classes = (sqlite3_uint64)cursor->model->info.classes;
    sqlite3_free(cursor->rows);
    sqlite3_free(cursor->images);
    sqlite3_free(cursor->pixels);
    sqlite3_free(cursor->probabilities);
    cursor->largest = 0;
    cursor->rows = sqlite3_malloc64(rows * sizeof *cursor->rows);
    cursor->images = sqlite3_malloc64(rows * sizeof *cursor->images);
    cursor->pixels = sqlite3_malloc64(rows * image);
    cursor->probabilities = sqlite3_malloc64(rows * classes * sizeof(float));
    if (!cursor->rows || !cursor->images || !cursor->pixels || !cursor->probabilities)
        return SQLITE_NOMEM;
    cursor->largest = cursor->block;
    return SQLITE_OK;
}

/* block_add - copies the row the source stands on. */
static int block_add(predict_cursor *cursor) {
    sqlite3_stmt *s = cursor->source.rows;
    predict_row *row = &cursor->rows[cursor->n_rows];
    char error[EXT_ERROR_SIZE], where[EXT_ERROR_SIZE];
    const dn_shape shape = cursor->model->info.shape;
    const size_t values = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    *row = (predict_row){ext_source_id(&cursor->source), NULL, -1};
    if (cursor->source.label >= 0) {
        row->label = sqlite3_value_dup(sqlite3_column_value(s, cursor->source.label));
        if (!row->label) return SQLITE_NOMEM;
    }
    cursor->n_rows++;
    const int type = sqlite3_column_type(s, 0);
    if (type == SQLITE_NULL) return SQLITE_OK;
    const void *bytes = type == SQLITE_BLOB ? sqlite3_column_blob(s, 0) : NULL;
    const size_t size = (size_t)sqlite3_column_bytes(s, 0);
    dn_image *image = &cursor->images[cursor->n_images];
    const int rc =
        ext_image_from(image, type, bytes, size, shape, &cursor->source.room, error);
    if (rc == SQLITE_NOMEM) return rc;
    if (rc != SQLITE_OK) {
        sqlite3_snprintf(sizeof where, where, "%.100s, %s %lld: %s", cursor->source.name,
                         cursor->source.rowid < 0 ? "row" : "rowid", row->id, error);
        return predict_fail(cursor, SQLITE_ERROR, where);
    }
    unsigned char *copy = cursor->pixels + (size_t)cursor->n_images * 4 * values;
    memcpy(copy, image->pixels, ext_image_size(image, shape));
    image->pixels = copy;
    row->image = cursor->n_images++;
    return SQLITE_OK;
}

/* block_resize - chooses how many rows the next block has, from how long this one took. */
static void block_resize(predict_cursor *cursor, double seconds) {
    const dn_shape shape = cursor->model->info.shape;
    const double image = 4.0 * shape.h * shape.w * shape.c;
    if (seconds < BLOCK_SECONDS && cursor->block < LARGEST_BLOCK &&
        2 * cursor->block * image <= BLOCK_BYTES)
        cursor->block *= 2;
    else if (seconds > 2 * BLOCK_SECONDS && cursor->block > 1)
        cursor->block /= 2;
}

/* block_read - the next block: its rows, and what the network says of them. */
static int block_read(predict_cursor *cursor) {
    char error[EXT_ERROR_SIZE] = "";
    const double start = ext_seconds();
    block_clear(cursor);
    int rc = block_allocate(cursor);
    while (rc == SQLITE_OK && cursor->n_rows < cursor->block && !cursor->ended) {
        rc = ext_source_next(&cursor->source, error);
        cursor->ended = rc != SQLITE_ROW;
        if (rc == SQLITE_ROW)
            rc = block_add(cursor);
        else if (rc == SQLITE_DONE)
            rc = SQLITE_OK;
        else
            return predict_fail(cursor, rc, error);
    }
    if (rc != SQLITE_OK || !cursor->n_images) return rc;
    dn_threads *threads = dn_threads_start(dn_threads_available());
    int status = dn_predict_batch(cursor->model->model, threads, cursor->images,
                                  cursor->n_images, cursor->probabilities);
    dn_threads_stop(threads);
    if (status != DN_OK) return SQLITE_NOMEM;
    block_resize(cursor, ext_seconds() - start);
    rc = ext_poll_check(&cursor->poll, cursor->source.db);
    if (rc == SQLITE_INTERRUPT) return predict_fail(cursor, rc, "interrupted");
    return rc;
}

/* --- the cursor ------------------------------------------------------------------------------ */

static int predict_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    predict_cursor *cursor = sqlite3_malloc64(sizeof *cursor);
    if (!cursor) return SQLITE_NOMEM;
    memset(cursor, 0, sizeof *cursor);
    *out = &cursor->base;
    return SQLITE_OK;
}

/* cursor_clear - ends a scan; all that is left is as predict_open made it. */
static void cursor_clear(predict_cursor *cursor) {
    const sqlite3_vtab_cursor base = cursor->base;
    block_clear(cursor);
    sqlite3_free(cursor->probabilities);
    sqlite3_free(cursor->pixels);
    sqlite3_free(cursor->images);
    sqlite3_free(cursor->rows);
    for (int k = 0; k < N_ARGUMENTS; k++) sqlite3_value_free(cursor->arguments[k]);
    ext_poll_end(&cursor->poll);
    ext_model_unref(cursor->model);
    ext_source_close(&cursor->source);
    memset(cursor, 0, sizeof *cursor);
    cursor->base = base;
}

static int predict_close(sqlite3_vtab_cursor *base) {
    cursor_clear((predict_cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

static int predict_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                          int argc, sqlite3_value **argv) {
    (void)idx_str;
    (void)argc;
    predict_cursor *cursor = (predict_cursor *)base;
    const predict_table *table = (predict_table *)base->pVtab;
    char error[EXT_ERROR_SIZE] = "";
    ext_model *model;
    cursor_clear(cursor);
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value *value = tvf_argument(idx_num, argv, k);
        if (value && !(cursor->arguments[k] = sqlite3_value_dup(value)))
            return SQLITE_NOMEM;
    }
    int rc = ext_source_open(&cursor->source, table->db,
                             cursor->arguments[ARGUMENT_SOURCE], 0, error);
    if (rc == SQLITE_OK)
        rc = ext_model_find(&model, table->models, NULL,
                            cursor->arguments[ARGUMENT_MODEL], error);
    if (rc != SQLITE_OK) return predict_fail(cursor, rc, error);
    cursor->model = ext_model_ref(model);
    cursor->block = FIRST_BLOCK;
    cursor->number = 1;
    return block_read(cursor);
}

static int predict_next(sqlite3_vtab_cursor *base) {
    predict_cursor *cursor = (predict_cursor *)base;
    cursor->number++;
    if (++cursor->at < cursor->n_rows) return SQLITE_OK;
    if (!cursor->ended) return block_read(cursor);
    block_clear(cursor);
    return SQLITE_OK;
}

static int predict_eof(sqlite3_vtab_cursor *base) {
    const predict_cursor *cursor = (predict_cursor *)base;
    return cursor->at >= cursor->n_rows;
}

static int predict_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                          int column) {
    const predict_cursor *cursor = (predict_cursor *)base;
    const predict_row *row = &cursor->rows[cursor->at];
    const dn_model_info *info = &cursor->model->info;
    const float *p = row->image < 0 ? NULL
                                    : cursor->probabilities +
                                          (size_t)row->image * (size_t)info->classes;
    switch (column) {
    case COLUMN_ID: sqlite3_result_int64(context, row->id); break;
    case COLUMN_LABEL:
        if (row->label) sqlite3_result_value(context, row->label);
        break;
    case COLUMN_PREDICTION:
        if (p) ext_result_class(context, cursor->model, dn_argmax(p, info->classes));
        break;
    case COLUMN_CONFIDENCE:
        if (p) sqlite3_result_double(context, (double)p[dn_argmax(p, info->classes)]);
        break;
    default:
        if (cursor->arguments[column - COLUMN_SOURCE])
            sqlite3_result_value(context, cursor->arguments[column - COLUMN_SOURCE]);
    }
    return SQLITE_OK;
}

static int predict_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    *rowid = ((predict_cursor *)base)->number;
    return SQLITE_OK;
}

static const sqlite3_module predict_module = {
    .iVersion = 0,
    .xConnect = predict_connect,
    .xBestIndex = predict_best_index,
    .xDisconnect = predict_disconnect,
    .xOpen = predict_open,
    .xClose = predict_close,
    .xFilter = predict_filter,
    .xNext = predict_next,
    .xEof = predict_eof,
    .xColumn = predict_column,
    .xRowid = predict_rowid,
};

int ext_register_predict_model(sqlite3 *db, ext_context *context) {
    return sqlite3_create_module_v2(db, "predict_model", &predict_module,
                                    ext_context_ref(context), ext_context_unref);
}
