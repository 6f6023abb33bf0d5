/* train_model.c - train_model(source [, model [, options]]): trains a network, a row per
 * epoch.
 *
 *     SELECT * FROM train_model('images');
 *     SELECT epoch, holdout_accuracy FROM train_model('images', 'digits')
 *         WHERE layers = '24C5-MP2-256N' AND epochs = 10 AND rate = 0.005;
 *     SELECT * FROM train_model('images', 'digits', '{"layers": "mlp", "epochs": 5}');
 *     SELECT * FROM train_model('images') LIMIT 3;               -- three epochs, no more
 *     SELECT * FROM train_model('images') WHERE resume = 1;         -- the rest of them
 *     SELECT * FROM train_model('images') WHERE start = 'default';  -- from its weights
 *     INSERT INTO runs SELECT * FROM train_model('images');         -- all or nothing
 *
 * Epoch k is trained when row k is asked for: the first in xFilter, each other one in
 * xNext. Each xFilter is a run of its own and makes a version of its own, so a cross join
 * with train_model on the inner side trains once for each outer row. What a run does, and
 * when it writes, stands in run.h.
 *
 * Options are hidden columns, set by "=" or IS in WHERE, or members of a JSON object, the
 * third argument; one set twice is an error, and so is any other form (tvf.h). One of
 * them, rate, is also the name of a column that is shown: the rate at the epoch's end.
 * "WHERE rate = 0.01" on it is always taken as the option and never as a filter; with any
 * other operator it filters. SQLite is told not to test an option again (omit), as the
 * shown rate differs from the given one.
 *
 * As a SELECT in autocommit, each checkpoint is a transaction of its own, but the SELECT
 * itself reads main from its start to its end. In WAL mode others may read and write
 * meanwhile; but if another connection commits, SQLite refuses this statement's next
 * write (SQLITE_BUSY_SNAPSHOT): the run ends with its last checkpoint, and resume = 1
 * goes on.
 * With a rollback journal others may read, and cannot commit until the statement ends. */
#include <math.h>
#include "../base/error.h"
#include "../base/tvf.h"
#include "../model/cache.h"
#include "../model/own_rows.h"
#include "../base/option_object.h"
#include "run.h"

enum {
    COLUMN_EPOCH,
    COLUMN_LOSS,
    COLUMN_ACCURACY,
    COLUMN_HOLDOUT_LOSS,
    COLUMN_HOLDOUT_ACCURACY,
    COLUMN_RATE,
    COLUMN_IMAGES_PER_SECOND,
    COLUMN_SECONDS,
    COLUMN_SOURCE, /* the first hidden one */
    COLUMN_MODEL,
    COLUMN_OPTIONS,
    COLUMN_FIRST_OPTION /* then one an option, in their order, without rate */
};

#define N_ARGUMENTS (COLUMN_FIRST_OPTION - COLUMN_SOURCE)

typedef struct train_table {
    sqlite3_vtab base;
    sqlite3 *db;
    ext_context *models;
    sqlite3_int64 runs; /* begun so far */
} train_table;

typedef struct train_cursor {
    sqlite3_vtab_cursor base;
    ext_training *run;
    sqlite3_int64 number; /* of the run */
    ext_store_epoch row;
    int done;
    int waits;    /* the first epoch, until a column that is shown is read (tvf.h) */
    uint64_t set; /* bit k: column k is set */
    sqlite3_value *given[N_ARGUMENTS]; /* copies, for their columns */
} train_cursor;

/* option_column - the column of option k; column_option - the option of a column. */
static int option_column(int k) {
    const int rate = ext_options_find("rate");
    return k == rate ? COLUMN_RATE : COLUMN_FIRST_OPTION + k - (k > rate);
}
static int column_option(int column) {
    const int k = column - COLUMN_FIRST_OPTION;
    return k + (k >= ext_options_find("rate"));
}

/* --- the table ---------------------------------------------------------------------- */

static int train_connect(sqlite3 *db, void *models, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **error) {
    (void)argc;
    (void)argv;
    (void)error;
    sqlite3_str *sql = sqlite3_str_new(db);
    sqlite3_str_appendall(
        sql, "CREATE TABLE train_model(epoch INTEGER, loss REAL, accuracy REAL, "
             "holdout_loss REAL, "
             "holdout_accuracy REAL, rate REAL, images_per_second REAL, seconds REAL, "
             "source HIDDEN, model HIDDEN, options HIDDEN");
    const dn_option *option;
    for (int k = 0; (option = ext_option_at(k)); k++)
        if (option_column(k) != COLUMN_RATE)
            sqlite3_str_appendf(sql, ", %s HIDDEN", option->name);
    sqlite3_str_appendchar(sql, 1, ')');
    char *text = sqlite3_str_finish(sql);
    if (!text) return SQLITE_NOMEM;
    const int rc =
        ext_tvf_connect(out, sizeof(train_table), db, text, SQLITE_VTAB_DIRECTONLY);
    sqlite3_free(text);
    if (rc != SQLITE_OK) return rc;
    train_table *table = (train_table *)*out;
    table->db = db;
    table->models = models;
    return SQLITE_OK;
}

static int train_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    /* High cost: in a join, the planner should run this as rarely as possible, so
     * outermost. */
    return ext_tvf_plan_options(table, info, COLUMN_SOURCE, N_ARGUMENTS, COLUMN_RATE,
                                1e12, 10);
}

/* --- the cursor --------------------------------------------------------------------- */

static int train_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    return ext_tvf_open(out, sizeof(train_cursor));
}

/* cursor_clear - ends the run that a cursor is in. */
static void cursor_clear(train_cursor *cursor) {
    ext_training_free(cursor->run);
    cursor->run = NULL;
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value_free(cursor->given[k]);
        cursor->given[k] = NULL;
    }
}

static int train_close(sqlite3_vtab_cursor *base) {
    cursor_clear((train_cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

static int train_fail(sqlite3_vtab_cursor *base, int rc, const char *error) {
    return ext_tvf_error(base->pVtab, rc, "train_model: %s", error);
}

/* epoch_next - trains one epoch more. */
static int epoch_next(sqlite3_vtab_cursor *base) {
    train_cursor *cursor = (train_cursor *)base;
    char error[EXT_ERROR_SIZE] = "";
    const int rc = ext_training_epoch(cursor->run, &cursor->row, error);
    cursor->done = rc != SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK
                                                 : train_fail(base, rc, error);
}

/* epoch_train - the same, called by SQLite. */
static int epoch_train(sqlite3_vtab_cursor *base) {
    ext_context *models = ((const train_table *)base->pVtab)->models;
    int rc = ext_tvf_enter(base->pVtab, "train_model", models);
    if (rc != SQLITE_OK) return rc;
    rc = epoch_next(base);
    ext_leave(models);
    return rc;
}

/* epoch_first - the first epoch, if it still waits. */
static int epoch_first(train_cursor *cursor) {
    if (!cursor->waits) return SQLITE_OK;
    cursor->waits = 0;
    return epoch_train(&cursor->base);
}

static int train_next(sqlite3_vtab_cursor *base) {
    train_cursor *cursor = (train_cursor *)base;
    const int rc = epoch_first(cursor);
    return rc == SQLITE_OK && !cursor->done ? epoch_train(base) : rc;
}

/* run_start - begins the run that the arguments and options ask for. */
static int run_start(train_cursor *cursor, const char *idx_str, sqlite3_value **argv,
                     char *error) {
    const train_table *table = (train_table *)cursor->base.pVtab;
    sqlite3_value *values[EXT_MOST_OPTIONS] = {NULL};
    ext_option_object object = {0};
    for (int k = 0; ext_option_at(k); k++)
        values[k] = ext_tvf_value(idx_str, argv, option_column(k));
    int rc = ext_option_object_read(&object, table->db, "train_model",
                                    cursor->given[COLUMN_OPTIONS - COLUMN_SOURCE],
                                    ext_train_option_name, values, error);
    if (rc == SQLITE_OK) rc = ext_own_rows(table->db, "main", NULL, NULL, error);
    if (rc == SQLITE_OK)
        rc = ext_training_start(&cursor->run, table->models, table->db, cursor->given[0],
                                cursor->given[COLUMN_MODEL - COLUMN_SOURCE], values,
                                error);
    ext_option_object_clear(&object);
    return rc;
}

static int train_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                        int argc, sqlite3_value **argv) {
    (void)argc;
    train_cursor *cursor = (train_cursor *)base;
    train_table *table = (train_table *)base->pVtab;
    char error[EXT_ERROR_SIZE] = "";
    cursor_clear(cursor);
    cursor->number = ++table->runs;
    cursor->done = 1;
    cursor->waits = 0;
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value *value = ext_tvf_value(idx_str, argv, COLUMN_SOURCE + k);
        if (value && !(cursor->given[k] = sqlite3_value_dup(value))) return SQLITE_NOMEM;
    }
    cursor->set = ext_tvf_columns(idx_str);
    int rc = ext_tvf_no_null(base->pVtab, idx_str, argv, COLUMN_SOURCE, N_ARGUMENTS);
    if (rc == SQLITE_OK) rc = ext_tvf_enter(base->pVtab, "train_model", table->models);
    if (rc != SQLITE_OK) return rc;
    rc = run_start(cursor, idx_str, argv, error);
    if (rc != SQLITE_OK)
        rc = train_fail(base, rc, error);
    else if (idx_num)
        cursor->waits = 1, cursor->done = 0;
    else
        rc = epoch_next(base);
    ext_leave(table->models);
    return rc;
}

static int train_eof(sqlite3_vtab_cursor *base) { return ((train_cursor *)base)->done; }

/* result_number - NaN, where nothing was measured, is NULL. */
static void result_number(sqlite3_context *context, double value) {
    if (!isnan(value)) sqlite3_result_double(context, value);
}

static int train_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
    train_cursor *cursor = (train_cursor *)base;
    const ext_store_epoch *row = &cursor->row;
    const int rc = column < COLUMN_SOURCE ? epoch_first(cursor) : SQLITE_OK;
    if (rc != SQLITE_OK) return rc;
    switch (column) {
    case COLUMN_EPOCH: sqlite3_result_int64(context, row->epoch); break;
    case COLUMN_LOSS: result_number(context, row->loss); break;
    case COLUMN_ACCURACY: result_number(context, row->accuracy); break;
    case COLUMN_HOLDOUT_LOSS: result_number(context, row->holdout_loss); break;
    case COLUMN_HOLDOUT_ACCURACY: result_number(context, row->holdout_accuracy); break;
    case COLUMN_RATE: result_number(context, row->rate); break;
    case COLUMN_IMAGES_PER_SECOND: result_number(context, row->images_per_second); break;
    case COLUMN_SECONDS: result_number(context, row->seconds); break;
    case COLUMN_SOURCE:
    case COLUMN_MODEL:
    case COLUMN_OPTIONS:
        if (!(cursor->set >> column & 1)) return ext_tvf_unset(base->pVtab, column);
        sqlite3_result_value(context, cursor->given[column - COLUMN_SOURCE]);
        break;
    default:
        if (!(cursor->set >> column & 1)) return ext_tvf_unset(base->pVtab, column);
        ext_options_result(context, ext_training_options(cursor->run),
                           column_option(column));
    }
    return SQLITE_OK;
}

static int train_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    train_cursor *cursor = (train_cursor *)base;
    const int rc = epoch_first(cursor);
    *rowid = cursor->number << 32 | cursor->row.epoch; /* no two runs share one */
    return rc;
}

static const sqlite3_module train_module = {
    .iVersion = 0,
    .xConnect = train_connect,
    .xBestIndex = train_best_index,
    .xDisconnect = ext_tvf_disconnect,
    .xOpen = train_open,
    .xClose = train_close,
    .xFilter = train_filter,
    .xNext = train_next,
    .xEof = train_eof,
    .xColumn = train_column,
    .xRowid = train_rowid,
};

int ext_register_train_model(sqlite3 *db, ext_context *context) {
    int rc = ext_store_register(db);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_module_v2(db, "train_model", &train_module,
                                      ext_context_ref(context), ext_context_unref);
    return rc;
}
