/* search_model.c - search_model(source [, space [, budget]]): tries options, a row per
 * trial.
 *
 *     SELECT trial, rung, epochs, layers, holdout_accuracy FROM search_model('images');
 *     SELECT * FROM search_model('images', '{"layers": ["cnn", "8C3b-MP2-64N"],
 *         "rate": {"min": 0.001, "max": 0.02, "log": true}, "batch": [64, 256]}', 60)
 *         WHERE model = 'found' AND holdout = 0.2;
 *     SELECT * FROM search_model('images') LIMIT 5;            -- five trials, no more
 *     INSERT INTO trials SELECT * FROM search_model('images'); -- all or nothing
 *
 * A trial is trained when its row is asked for: the first in xFilter, each other one in
 * xNext. The best of those that were returned is the model, always, and the rest is lost
 * but for its row. How a search goes, and when it writes, stands in halving.h, what can
 * be searched in space.h; what was said of transactions and other connections in
 * train_model.c is true here too. */
#include <math.h>
#include "../base/error.h"
#include "../base/tvf.h"
#include "../model/cache.h"
#include "../model/own_rows.h"
#include "halving.h"

enum {
    COLUMN_TRIAL,
    COLUMN_RUNG,
    COLUMN_EPOCHS,
    COLUMN_LAYERS,
    COLUMN_OPTIONS,
    COLUMN_LOSS,
    COLUMN_ACCURACY,
    COLUMN_HOLDOUT_LOSS,
    COLUMN_HOLDOUT_ACCURACY,
    COLUMN_SECONDS,
    COLUMN_BEST,
    COLUMN_NOTES,
    COLUMN_FIRST_ARGUMENT /* the first hidden one; in the order of halving.h */
};

typedef struct search_table {
    sqlite3_vtab base;
    sqlite3 *db;
    ext_context *models;
    sqlite3_int64 searches; /* begun so far */
} search_table;

typedef struct search_cursor {
    sqlite3_vtab_cursor base;
    ext_search *search;
    ext_search_row row;
    sqlite3_int64 number; /* of the row: of the search, and in it */
    int done;
    int waits;    /* the first trial, until a column that is shown is read (tvf.h) */
    uint64_t set; /* bit k: column k is set */
} search_cursor;

/* --- the table ---------------------------------------------------------------------- */

static int search_connect(sqlite3 *db, void *models, int argc, const char *const *argv,
                          sqlite3_vtab **out, char **error) {
    (void)argc;
    (void)argv;
    (void)error;
    sqlite3_str *sql = sqlite3_str_new(db);
    sqlite3_str_appendall(
        sql,
        "CREATE TABLE search_model(trial INTEGER, rung INTEGER, epochs INTEGER, "
        "layers TEXT, options TEXT, loss REAL, accuracy REAL, holdout_loss REAL, "
        "holdout_accuracy REAL, seconds REAL, best INTEGER, notes TEXT, source HIDDEN, "
        "space HIDDEN, budget HIDDEN, model HIDDEN, trials HIDDEN");
    for (int i = 0, k; (k = ext_options_shared(i)) >= 0; i++)
        sqlite3_str_appendf(sql, ", %s HIDDEN", ext_option_at(k)->name);
    sqlite3_str_appendchar(sql, 1, ')');
    char *text = sqlite3_str_finish(sql);
    if (!text) return SQLITE_NOMEM;
    const int rc =
        ext_tvf_connect(out, sizeof(search_table), db, text, SQLITE_VTAB_DIRECTONLY);
    sqlite3_free(text);
    if (rc != SQLITE_OK) return rc;
    search_table *table = (search_table *)*out;
    table->db = db;
    table->models = models;
    return SQLITE_OK;
}

/* results_check - refuses `WHERE epochs = 5`: what train_model would be told so is a
 * result here, so all trials would be trained, and their rows then hidden. */
static int results_check(sqlite3_vtab *table, const sqlite3_index_info *info) {
    static const char space[] = "name what to try in space, like '{\"layers\": \"8N\"}'";
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &info->aConstraint[i];
        const int is_equal = c->op == SQLITE_INDEX_CONSTRAINT_EQ ||
                             c->op == SQLITE_INDEX_CONSTRAINT_IS;
        const char *name = c->iColumn == COLUMN_EPOCHS    ? "epochs"
                           : c->iColumn == COLUMN_LAYERS  ? "layers"
                           : c->iColumn == COLUMN_OPTIONS ? "options"
                                                          : NULL;
        if (!name || !is_equal || !c->usable) continue;
        return ext_tvf_error(table, SQLITE_ERROR,
                             "search_model: %s is a result of search_model, no option; "
                             "%s, or select rows with WHERE +%s = …",
                             name,
                             c->iColumn == COLUMN_EPOCHS
                                 ? "set budget, the epochs of all trials together"
                                 : space,
                             name);
    }
    return SQLITE_OK;
}

static int search_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    const int rc = results_check(table, info);
    if (rc != SQLITE_OK) return rc;
    /* High cost: in a join, the planner should run this as rarely as possible, so
     * outermost. */
    return ext_tvf_plan_options(table, info, COLUMN_FIRST_ARGUMENT, SEARCH_MODEL, -1,
                                1e12, 20);
}

/* --- the cursor --------------------------------------------------------------------- */

static int search_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    return ext_tvf_open(out, sizeof(search_cursor));
}

static int search_close(sqlite3_vtab_cursor *base) {
    ext_search_free(((search_cursor *)base)->search);
    sqlite3_free(base);
    return SQLITE_OK;
}

static int search_fail(sqlite3_vtab_cursor *base, int rc, const char *error) {
    return ext_tvf_error(base->pVtab, rc, "search_model: %s", error);
}

/* trial_next - trains one trial more. */
static int trial_next(sqlite3_vtab_cursor *base) {
    search_cursor *cursor = (search_cursor *)base;
    char error[EXT_ERROR_SIZE] = "";
    const int rc = ext_search_next(cursor->search, &cursor->row, error);
    cursor->number++;
    cursor->done = rc != SQLITE_ROW;
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK
                                                 : search_fail(base, rc, error);
}

/* trial_train - the same, called by SQLite. */
static int trial_train(sqlite3_vtab_cursor *base) {
    ext_context *models = ((const search_table *)base->pVtab)->models;
    int rc = ext_tvf_enter(base->pVtab, "search_model", models);
    if (rc != SQLITE_OK) return rc;
    rc = trial_next(base);
    ext_leave(models);
    return rc;
}

/* trial_first - the first trial, if it still waits. */
static int trial_first(search_cursor *cursor) {
    if (!cursor->waits) return SQLITE_OK;
    cursor->waits = 0;
    return trial_train(&cursor->base);
}

static int search_next(sqlite3_vtab_cursor *base) {
    search_cursor *cursor = (search_cursor *)base;
    const int rc = trial_first(cursor);
    return rc == SQLITE_OK && !cursor->done ? trial_train(base) : rc;
}

static int search_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                         int argc, sqlite3_value **argv) {
    (void)argc;
    search_cursor *cursor = (search_cursor *)base;
    search_table *table = (search_table *)base->pVtab;
    char error[EXT_ERROR_SIZE] = "";
    sqlite3_value *arguments[EXT_SEARCH_MOST];
    for (int k = 0; k < EXT_SEARCH_MOST; k++)
        arguments[k] = ext_tvf_value(idx_str, argv, COLUMN_FIRST_ARGUMENT + k);
    ext_search_free(cursor->search);
    cursor->search = NULL;
    cursor->number = ++table->searches << 32;
    cursor->done = 1;
    cursor->waits = 0;
    cursor->set = ext_tvf_columns(idx_str);
    int rc =
        ext_tvf_no_null(base->pVtab, idx_str, argv, COLUMN_FIRST_ARGUMENT, SEARCH_MODEL);
    if (rc == SQLITE_OK) rc = ext_tvf_enter(base->pVtab, "search_model", table->models);
    if (rc != SQLITE_OK) return rc;
    rc = ext_own_rows(table->db, "main", NULL, NULL, error);
    if (rc == SQLITE_OK)
        rc =
            ext_search_start(&cursor->search, table->models, table->db, arguments, error);
    if (rc != SQLITE_OK)
        rc = search_fail(base, rc, error);
    else if (idx_num)
        cursor->waits = 1, cursor->done = 0;
    else
        rc = trial_next(base);
    ext_leave(table->models);
    return rc;
}

static int search_eof(sqlite3_vtab_cursor *base) { return ((search_cursor *)base)->done; }

/* result_number - NaN, where nothing was measured, is NULL. */
static void result_number(sqlite3_context *context, double value) {
    if (!isnan(value)) sqlite3_result_double(context, value);
}

/* result_notes - as train_model's: a JSON array, in every row; NULL where there is
 * none. */
static void result_notes(sqlite3_context *context, const ext_notes *notes) {
    if (!notes->n) return;
    sqlite3_str *out = sqlite3_str_new(sqlite3_context_db_handle(context));
    ext_notes_json(notes, out);
    char *text = sqlite3_str_finish(out);
    if (text)
        sqlite3_result_text(context, text, -1, sqlite3_free);
    else
        sqlite3_result_error_nomem(context);
}

static int search_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                         int column) {
    search_cursor *cursor = (search_cursor *)base;
    const ext_search_row *row = &cursor->row;
    const int rc = column < COLUMN_FIRST_ARGUMENT ? trial_first(cursor) : SQLITE_OK;
    if (rc != SQLITE_OK) return rc;
    switch (column) {
    case COLUMN_TRIAL: sqlite3_result_int(context, row->trial); break;
    case COLUMN_RUNG: sqlite3_result_int(context, row->rung); break;
    case COLUMN_EPOCHS: sqlite3_result_int(context, row->epochs); break;
    case COLUMN_LAYERS:
        sqlite3_result_text(context, row->layers, -1, SQLITE_TRANSIENT);
        break;
    case COLUMN_OPTIONS:
        sqlite3_result_text(context, row->options, -1, SQLITE_TRANSIENT);
        break;
    case COLUMN_LOSS: result_number(context, row->loss); break;
    case COLUMN_ACCURACY: result_number(context, row->accuracy); break;
    case COLUMN_HOLDOUT_LOSS: result_number(context, row->holdout_loss); break;
    case COLUMN_HOLDOUT_ACCURACY: result_number(context, row->holdout_accuracy); break;
    case COLUMN_SECONDS: result_number(context, row->seconds); break;
    case COLUMN_BEST: sqlite3_result_int(context, row->best); break;
    case COLUMN_NOTES: result_notes(context, ext_search_notes(cursor->search)); break;
    default:
        if (!(cursor->set >> column & 1)) return ext_tvf_unset(base->pVtab, column);
        ext_search_result(context, cursor->search, column - COLUMN_FIRST_ARGUMENT);
    }
    return SQLITE_OK;
}

static int search_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    search_cursor *cursor = (search_cursor *)base;
    const int rc = trial_first(cursor);
    *rowid = cursor->number;
    return rc;
}

static const sqlite3_module search_module = {
    .iVersion = 0,
    .xConnect = search_connect,
    .xBestIndex = search_best_index,
    .xDisconnect = ext_tvf_disconnect,
    .xOpen = search_open,
    .xClose = search_close,
    .xFilter = search_filter,
    .xNext = search_next,
    .xEof = search_eof,
    .xColumn = search_column,
    .xRowid = search_rowid,
};

int ext_register_search_model(sqlite3 *db, ext_context *context) {
    return sqlite3_create_module_v2(db, "search_model", &search_module,
                                    ext_context_ref(context), ext_context_unref);
}
