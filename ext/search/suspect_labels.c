/* suspect_labels.c - suspect_labels(source [, model [, key [, options]]]): rows whose
 * label is likely wrong, the most suspicious first.
 *
 *     SELECT * FROM suspect_labels('images') LIMIT 20;
 *     SELECT * FROM suspect_labels('images', 'digits@2');       -- by that model
 *     SELECT s.id, s.label, s.suggestion, digit_show(i.pixels)
 *         FROM suspect_labels('images') AS s JOIN images AS i USING (id);
 *     SELECT id FROM suspect_labels('icons') WHERE options = '{"shape": "24x32x3"}';
 *
 * Without a model it trains five small networks, each on four fifths of the rows, and has
 * each row judged by the one that has not seen it. The rule, and which rows take part,
 * stand in suspects.h. All of it happens when the statement asks for the first row.
 * Nothing is written.
 *
 * For top-level SQL and TEMP views alone, as predict_model and for its reason. */
#include "../base/tvf.h"
#include "suspects.h"

enum {
    COLUMN_ID,
    COLUMN_LABEL,
    COLUMN_SUGGESTION,
    COLUMN_LABEL_CONFIDENCE,
    COLUMN_CONFIDENCE,
    COLUMN_SOURCE, /* the first of the arguments */
    COLUMN_MODEL,
    COLUMN_KEY,
    COLUMN_OPTIONS,
    COLUMN_END
};

#define N_ARGUMENTS (COLUMN_END - COLUMN_SOURCE)

/* Of a plan's number, above the bits of ext_tvf_best_index: id is asked for. */
#define PLAN_ID (1 << 8)

typedef struct suspect_table {
    sqlite3_vtab base;
    sqlite3 *db;
    ext_context *models;
} suspect_table;

typedef struct suspect_cursor {
    sqlite3_vtab_cursor base;
    ext_suspects *suspects; /* NULL at first */
    size_t at;
    sqlite3_value *arguments[N_ARGUMENTS]; /* copies; NULL for those not given */
} suspect_cursor;

static int suspect_connect(sqlite3 *db, void *models, int argc, const char *const *argv,
                           sqlite3_vtab **out, char **error) {
    (void)argc, (void)argv, (void)error;
    const int rc = ext_tvf_connect(
        out, sizeof(suspect_table), db,
        "CREATE TABLE suspect_labels(id, label, suggestion, label_confidence REAL, "
        "confidence REAL, source HIDDEN, model HIDDEN, key HIDDEN, options HIDDEN)",
        SQLITE_VTAB_DIRECTONLY);
    if (rc != SQLITE_OK) return rc;
    ((suspect_table *)*out)->db = db;
    ((suspect_table *)*out)->models = models;
    return SQLITE_OK;
}

static int suspect_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    /* High cost: in a join, the planner should run this as rarely as possible, so
     * outermost. */
    const int rc = ext_tvf_best_index(table, info, COLUMN_SOURCE, N_ARGUMENTS, 1e12, 100);
    if (rc == SQLITE_OK && info->colUsed & 1 << COLUMN_ID) info->idxNum |= PLAN_ID;
    return rc;
}

static int suspect_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    return ext_tvf_open(out, sizeof(suspect_cursor));
}

static void cursor_clear(suspect_cursor *cursor) {
    ext_suspects_free(cursor->suspects);
    cursor->suspects = NULL;
    cursor->at = 0;
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value_free(cursor->arguments[k]);
        cursor->arguments[k] = NULL;
    }
}

static int suspect_close(sqlite3_vtab_cursor *base) {
    cursor_clear((suspect_cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

static int suspect_filter(sqlite3_vtab_cursor *base, int plan, const char *idx_str,
                          int argc, sqlite3_value **argv) {
    (void)idx_str, (void)argc;
    suspect_cursor *cursor = (suspect_cursor *)base;
    const suspect_table *table = (suspect_table *)base->pVtab;
    char error[EXT_ERROR_SIZE] = "";
    cursor_clear(cursor);
    for (int k = 0; k < N_ARGUMENTS; k++) {
        sqlite3_value *value = ext_tvf_argument(plan, argv, k);
        if (value && !(cursor->arguments[k] = sqlite3_value_dup(value)))
            return SQLITE_NOMEM;
    }
    const ext_suspects_request request = {
        .source = cursor->arguments[0],
        .model = cursor->arguments[COLUMN_MODEL - COLUMN_SOURCE],
        .key = cursor->arguments[COLUMN_KEY - COLUMN_SOURCE],
        .options = cursor->arguments[COLUMN_OPTIONS - COLUMN_SOURCE],
        .wants_ids = (plan & PLAN_ID) != 0};
    int rc = ext_tvf_enter(base->pVtab, "suspect_labels", table->models);
    if (rc != SQLITE_OK) return rc;
    rc = ext_suspects_find(&cursor->suspects, table->models, table->db, &request, error);
    ext_leave(table->models);
    return rc == SQLITE_OK ? rc
                           : ext_tvf_error(base->pVtab, rc, "suspect_labels: %s", error);
}

static int suspect_next(sqlite3_vtab_cursor *base) {
    ((suspect_cursor *)base)->at++;
    return SQLITE_OK;
}

static int suspect_eof(sqlite3_vtab_cursor *base) {
    const suspect_cursor *cursor = (suspect_cursor *)base;
    return cursor->at >= cursor->suspects->n;
}

static int suspect_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                          int column) {
    const suspect_cursor *cursor = (suspect_cursor *)base;
    const ext_suspects *suspects = cursor->suspects;
    const ext_suspect *suspect = &suspects->list[cursor->at];
    sqlite3_value *argument;
    switch (column) {
    case COLUMN_ID:
        ext_answers_result(&suspects->ids, suspect->row, ANSWER_ID, context);
        break;
    case COLUMN_LABEL: ext_result_class(context, suspects->model, suspect->label); break;
    case COLUMN_SUGGESTION:
        ext_result_class(context, suspects->model, suspect->class);
        break;
    case COLUMN_LABEL_CONFIDENCE:
        sqlite3_result_double(context, (double)suspect->label_confidence);
        break;
    case COLUMN_CONFIDENCE:
        sqlite3_result_double(context, (double)suspect->confidence);
        break;
    default:
        argument = cursor->arguments[column - COLUMN_SOURCE];
        if (argument) sqlite3_result_value(context, argument);
    }
    return SQLITE_OK;
}

static int suspect_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    const suspect_cursor *cursor = (suspect_cursor *)base;
    *rowid = ext_tvf_rowid((sqlite3_int64)cursor->suspects->list[cursor->at].row,
                           cursor->arguments, N_ARGUMENTS);
    return SQLITE_OK;
}

static const sqlite3_module suspect_module = {
    .iVersion = 0,
    .xConnect = suspect_connect,
    .xBestIndex = suspect_best_index,
    .xDisconnect = ext_tvf_disconnect,
    .xOpen = suspect_open,
    .xClose = suspect_close,
    .xFilter = suspect_filter,
    .xNext = suspect_next,
    .xEof = suspect_eof,
    .xColumn = suspect_column,
    .xRowid = suspect_rowid,
};

int ext_register_suspect_labels(sqlite3 *db, ext_context *context) {
    return sqlite3_create_module_v2(db, "suspect_labels", &suspect_module,
                                    ext_context_ref(context), ext_context_unref);
}
