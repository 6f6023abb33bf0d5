/* predict_model.c - predict_model(source [, model]): predictions for all rows of a table.
 *
 *     SELECT * FROM predict_model('images') LIMIT 5;
 *     SELECT avg(prediction = label) FROM predict_model('images', 'digits@2');
 *     SELECT i.split, avg(p.prediction = p.label)
 *     FROM predict_model('images') AS p JOIN images AS i ON i.rowid = p.id GROUP BY 1;
 *
 * id is the row's rowid, or its number (from 1) in a view or a WITHOUT ROWID table; label
 * is NULL where the source has no such column. The answers are digit_predict's and
 * digit_confidence's, bit for bit, on all cores: rows are read a block at a time
 * (batch.h), and while one block goes through the network the calling thread reads the
 * next. Rows come in the order of the source.
 *
 * The first block is small, so that LIMIT 5 is quick, and blocks grow as long as one
 * takes no more than some tens of milliseconds, after which an interrupt is looked for.
 * Threads live within one block. A scan uses the model as it is when the scan begins.
 *
 * For top-level SQL and TEMP views alone: the source is named by a text, so a view or
 * trigger of a file could read with it what SQLite keeps from them, tables of other
 * files. There, digit_predict does the same row by row. */
#include <string.h>
#include "../base/interrupt.h"
#include "../base/tvf.h"
#include "../data/source.h"
#include "../model/cache.h"
#include "batch.h"

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

typedef struct predict_cursor {
    sqlite3_vtab_cursor base;
    ext_source source;
    ext_model *model; /* counted */
    ext_watch watch;
    sqlite3_value *arguments[N_ARGUMENTS]; /* copies, for their columns */

    ext_block blocks[2]; /* the one it stands in, and the one after it */
    int now, at;         /* which of them; row in it */
    int wanted;          /* rows of the next block */
    int rc;              /* of reading: SQLITE_ROW as long as there may be more */
    char error[EXT_ERROR_SIZE];
    sqlite3_int64 number; /* rows given so far */
} predict_cursor;

/* --- the table ---------------------------------------------------------------------- */

static int predict_connect(sqlite3 *db, void *models, int argc, const char *const *argv,
                           sqlite3_vtab **out, char **error) {
    (void)argc;
    (void)argv;
    (void)error;
    const int rc =
        ext_tvf_connect(out, sizeof(predict_table), db,
                        "CREATE TABLE predict_model(id INTEGER, label, prediction, "
                        "confidence REAL, source HIDDEN, model HIDDEN)",
                        SQLITE_VTAB_DIRECTONLY);
    if (rc != SQLITE_OK) return rc;
    predict_table *table = (predict_table *)*out;
    table->db = db;
    table->models = models;
    return SQLITE_OK;
}

static int predict_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    return ext_tvf_best_index(table, info, COLUMN_SOURCE, N_ARGUMENTS, 1e9, 100000);
}

/* --- blocks ------------------------------------------------------------------------- */

static int predict_fail(predict_cursor *cursor, int rc, const char *error) {
    return ext_tvf_error(cursor->base.pVtab, rc, "predict_model: %s", error);
}

/* blocks_resize - chooses how many rows the next block has, from how long one took. */
static void blocks_resize(predict_cursor *cursor, double seconds) {
    const dn_shape shape = cursor->model->info.shape;
    const double image = 4.0 * shape.h * shape.w * shape.c;
    if (seconds < BLOCK_SECONDS && cursor->wanted < LARGEST_BLOCK &&
        2 * cursor->wanted * image <= BLOCK_BYTES)
        cursor->wanted *= 2;
    else if (seconds > 2 * BLOCK_SECONDS && cursor->wanted > 1)
        cursor->wanted /= 2;
}

/* blocks_read - the rows that come next, into the block the cursor does not stand in.
 * What goes wrong is told when those before it have been given out. */
static void blocks_read(void *pointer) {
    predict_cursor *cursor = pointer;
    ext_block *next = &cursor->blocks[!cursor->now];
    ext_block_clear(next);
    if (cursor->rc != SQLITE_ROW) return;
    cursor->rc = ext_block_read(next, &cursor->source, &cursor->model->info,
                                cursor->wanted, cursor->error);
}

/* blocks_turn - goes on to the block that was read, and asks the network about it while
 * the one after it is read. */
static int blocks_turn(predict_cursor *cursor) {
    char error[EXT_ERROR_SIZE];
    const double start = ext_seconds();
    cursor->now = !cursor->now;
    cursor->at = 0;
    ext_block *block = &cursor->blocks[cursor->now];
    if (!block->n_rows) {
        if (cursor->rc == SQLITE_DONE) return SQLITE_OK;
        return predict_fail(cursor, cursor->rc, cursor->error);
    }
    dn_threads *threads = dn_threads_start(dn_threads_available());
    cursor->watch.db = cursor->source.db;
    dn_threads_watch(threads, ext_watch_stop, &cursor->watch);
    const int status = dn_predict_batch_beside(cursor->model->model, threads,
                                               block->images, block->n_images,
                                               block->probabilities, blocks_read, cursor);
    const int stopped = dn_threads_stopped(threads);
    dn_threads_stop(threads);
    if (status != DN_OK) return SQLITE_NOMEM;
    if (stopped) return predict_fail(cursor, SQLITE_INTERRUPT, "interrupted");
    blocks_resize(cursor, ext_seconds() - start);
    int rc =
        ext_model_numbers(block->probabilities,
                          (size_t)block->n_images * (size_t)cursor->model->info.classes,
                          cursor->arguments[ARGUMENT_MODEL], error);
    if (rc != SQLITE_OK) return predict_fail(cursor, rc, error);
    rc = ext_poll_check(&cursor->watch.poll, cursor->source.db);
    if (rc == SQLITE_INTERRUPT) return predict_fail(cursor, rc, "interrupted");
    return rc == SQLITE_OK
               ? rc
               : predict_fail(cursor, ext_sqlite_error(cursor->source.db, rc, error),
                              error);
}

/* --- the cursor --------------------------------------------------------------------- */

static int predict_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    return ext_tvf_open(out, sizeof(predict_cursor));
}

/* cursor_clear - ends a scan; all that is left is as predict_open made it. */
static void cursor_clear(predict_cursor *cursor) {
    const sqlite3_vtab_cursor base = cursor->base;
    ext_block_free(&cursor->blocks[0]);
    ext_block_free(&cursor->blocks[1]);
    for (int k = 0; k < N_ARGUMENTS; k++) sqlite3_value_free(cursor->arguments[k]);
    ext_poll_end(&cursor->watch.poll);
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

/* scan_start - opens source and model and reads the first block. */
static int scan_start(predict_cursor *cursor, const predict_table *table) {
    char error[EXT_ERROR_SIZE] = "";
    ext_model *model;
    int rc = ext_source_open(&cursor->source, table->db,
                             cursor->arguments[ARGUMENT_SOURCE], 0, error);
    if (rc == SQLITE_OK)
        rc = ext_model_find(&model, table->models, NULL,
                            cursor->arguments[ARGUMENT_MODEL], error);
    if (rc != SQLITE_OK) return predict_fail(cursor, rc, error);
    cursor->model = ext_model_ref(model);
    cursor->wanted = FIRST_BLOCK;
    cursor->number = 1;
    cursor->rc = SQLITE_ROW;
    blocks_read(cursor);
    return blocks_turn(cursor);
}

static int predict_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                          int argc, sqlite3_value **argv) {
    (void)idx_str;
    (void)argc;
    predict_cursor *cursor = (predict_cursor *)base;
    const predict_table *table = (predict_table *)base->pVtab;
    cursor_clear(cursor);
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value *value = ext_tvf_argument(idx_num, argv, k);
        if (value && !(cursor->arguments[k] = sqlite3_value_dup(value)))
            return SQLITE_NOMEM;
    }
    int rc = ext_tvf_enter(base->pVtab, "predict_model", table->models);
    if (rc != SQLITE_OK) return rc;
    rc = scan_start(cursor, table);
    ext_leave(table->models);
    return rc;
}

static int predict_next(sqlite3_vtab_cursor *base) {
    predict_cursor *cursor = (predict_cursor *)base;
    cursor->number++;
    if (++cursor->at < cursor->blocks[cursor->now].n_rows) return SQLITE_OK;
    ext_context *models = ((const predict_table *)base->pVtab)->models;
    int rc = ext_tvf_enter(base->pVtab, "predict_model", models);
    if (rc != SQLITE_OK) return rc;
    rc = blocks_turn(cursor);
    ext_leave(models);
    return rc;
}

static int predict_eof(sqlite3_vtab_cursor *base) {
    const predict_cursor *cursor = (predict_cursor *)base;
    return cursor->at >= cursor->blocks[cursor->now].n_rows;
}

static int predict_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                          int column) {
    const predict_cursor *cursor = (predict_cursor *)base;
    const ext_block *block = &cursor->blocks[cursor->now];
    const ext_block_row *row = &block->rows[cursor->at];
    const dn_model_info *info = &cursor->model->info;
    const float *p = row->image < 0 ? NULL
                                    : block->probabilities +
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
    .xDisconnect = ext_tvf_disconnect,
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
