/* predict_model.c - predict_model(source [, model [, key]]): predictions for all rows of
 * a table.
 *
 *     SELECT * FROM predict_model('images') LIMIT 5;
 *     SELECT avg(prediction = label) FROM predict_model('images', 'digits@2');
 *     SELECT i.split, avg(p.prediction = p.label)
 *         FROM predict_model('images') AS p JOIN images AS i USING (id) GROUP BY 1;
 *     SELECT prediction FROM predict_model('images') WHERE id = 60008;
 *     SELECT * FROM predict_model('tickets') WHERE key = 'number';
 *
 * id is the source's own column id, of its type; its rowid where there is no such column;
 * or the column that key names. A view or a WITHOUT ROWID table may have none of them:
 * then a query that asks for id is an error. rowid is the source's, or the row's number,
 * from 1, where it has none. label is NULL where the source has no such column, and has
 * the type of the model's labels ('7' is 7 for a model of digits), so that label =
 * prediction says what label = digit_predict(pixels) does. The answers are
 * digit_predict's and digit_confidence's, bit for bit; rows come in the order of the
 * source.
 *
 * "id = …", "id IN (…)" and "rowid = …" are answered by a look-up in the source, which
 * uses its indexes: one row costs one row. Where id has no numeric type, a number costs
 * reading all ids, since '7' may have to equal it. A condition with a collation, as
 * COLLATE NOCASE, is a scan. How joins are kept linear, and what a statement that
 * writes sees, is in query.h; how rows are read and predicted, in predictor.h. A scan
 * uses the model as it is when the statement first asks.
 *
 * For top-level SQL and TEMP views alone: the source is named by a text, so a view or
 * trigger of a file could read with it what SQLite keeps from them, tables of other
 * files. There, digit_predict does the same row by row. */
#include <string.h>
#include "../base/tvf.h"
#include "query.h"

enum {
    COLUMN_ID,
    COLUMN_LABEL,
    COLUMN_PREDICTION,
    COLUMN_CONFIDENCE,
    COLUMN_SOURCE, /* and those behind it: the arguments, as EXT_QUERY_… */
    COLUMN_ROWID = COLUMN_SOURCE + EXT_QUERY_ARGUMENTS
};

/* Of a plan's number, above the bits of ext_tvf_best_index: */
enum {
    PLAN_ID = 1 << 8,       /* id is asked for */
    PLAN_LABEL = 1 << 9,    /* label is asked for */
    PLAN_BY_ID = 1 << 10,   /* the last value is the id wanted … */
    PLAN_BY_LIST = 1 << 11, /* … or a list of them … */
    PLAN_BY_ROWID = 1 << 12 /* … or the rowid */
};

/* High cost: in a join, the planner should scan as rarely as possible, so outermost. */
#define COST_SCAN    1e9
#define COST_LOOK_UP 2e3
#define ROWS_SCAN    100000

typedef struct predict_cursor predict_cursor;

typedef struct predict_table {
    sqlite3_vtab base;
    sqlite3 *db;
    ext_context *models;   /* the registration's, which outlives the table */
    predict_cursor *fresh; /* opened by the last call, or NULL */
} predict_table;

struct predict_cursor {
    sqlite3_vtab_cursor base;
    ext_query *query;  /* NULL at first */
    sqlite3_value *id; /* a copy of the one that is looked up, or NULL */
    ext_found found;
};

/* --- the table ---------------------------------------------------------------------- */

static int predict_connect(sqlite3 *db, void *models, int argc, const char *const *argv,
                           sqlite3_vtab **out, char **error) {
    (void)argc;
    (void)argv;
    (void)error;
    /* id has no type: with one, '007' would equal '7'. */
    const int rc = ext_tvf_connect(
        out, sizeof(predict_table), db,
        "CREATE TABLE predict_model(id, label, prediction, confidence REAL, "
        "source HIDDEN, model HIDDEN, key HIDDEN, rowid INTEGER HIDDEN)",
        SQLITE_VTAB_DIRECTONLY);
    if (rc != SQLITE_OK) return rc;
    predict_table *table = (predict_table *)*out;
    table->db = db;
    table->models = models;
    return SQLITE_OK;
}

static int predict_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    const int rc = ext_tvf_best_index(table, info, COLUMN_SOURCE, EXT_QUERY_ARGUMENTS,
                                      COST_SCAN, ROWS_SCAN);
    if (rc != SQLITE_OK) return rc;
    int arguments = 0;
    for (int k = 0; k < EXT_QUERY_ARGUMENTS; k++) arguments += info->idxNum >> k & 1;
    if (info->colUsed & 1 << COLUMN_ID) info->idxNum |= PLAN_ID;
    if (info->colUsed & 1 << COLUMN_LABEL) info->idxNum |= PLAN_LABEL;
    const int by_rowid = ext_tvf_equals(info, COLUMN_ROWID),
              by_id = ext_tvf_equals(info, COLUMN_ID);
    const int by = by_rowid >= 0 ? by_rowid : by_id;
    /* Without a source, SQLite is looking at one side of an OR. It compares what a
     * look-up finds (omit stays 0), so this may find more than it is asked for, never
     * less. */
    if (by < 0 || !(info->idxNum & 1 << EXT_QUERY_SOURCE)) return SQLITE_OK;
    info->idxNum |= by == by_rowid                 ? PLAN_BY_ROWID
                    : ext_tvf_takes_list(info, by) ? PLAN_BY_LIST
                                                   : PLAN_BY_ID;
    info->aConstraintUsage[by].argvIndex = arguments + 1;
    info->estimatedCost = COST_LOOK_UP;
    info->estimatedRows = 1;
    return SQLITE_OK;
}

/* --- the cursor --------------------------------------------------------------------- */

static int predict_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out) {
    predict_table *table = (predict_table *)base;
    const int rc = ext_tvf_open(out, sizeof(predict_cursor));
    table->fresh = rc == SQLITE_OK ? (predict_cursor *)*out : NULL;
    return rc;
}

/* A subquery that depends on the row outside is run for each of them. SQLite (3.40, for
 * one) then opens a new cursor and at once closes the old one: what the old one knows
 * goes over to the new one, or each run would begin without. */
static int predict_close(sqlite3_vtab_cursor *base) {
    predict_cursor *cursor = (predict_cursor *)base;
    predict_table *table = (predict_table *)base->pVtab;
    ext_found_clear(&cursor->found);
    sqlite3_value_free(cursor->id);
    if (table->fresh && table->fresh != cursor)
        table->fresh->query = cursor->query;
    else
        ext_query_free(cursor->query);
    table->fresh = NULL;
    sqlite3_free(base);
    return SQLITE_OK;
}

static int predict_fail(predict_cursor *cursor, int rc, const char *error) {
    return ext_tvf_error(cursor->base.pVtab, rc, "predict_model: %s", error);
}

/* query_take - the query of this plan and these arguments: the one there is, or a new
 * one. */
static int query_take(predict_cursor *cursor, int plan, sqlite3_value **argv) {
    const predict_table *table = (predict_table *)cursor->base.pVtab;
    const int columns = (plan & (PLAN_ID | PLAN_BY_ID | PLAN_BY_LIST) ? SOURCE_ID : 0) |
                        (plan & PLAN_LABEL ? SOURCE_LABEL_IF_ANY : 0);
    sqlite3_value *arguments[EXT_QUERY_ARGUMENTS];
    for (int k = 0; k < EXT_QUERY_ARGUMENTS; k++)
        arguments[k] = ext_tvf_argument(plan, argv, k);
    ext_found_clear(&cursor->found);
    if (cursor->query && ext_query_is(cursor->query, columns, arguments))
        return SQLITE_OK;
    ext_query_free(cursor->query);
    cursor->query = ext_query_new(table->db, table->models, columns, arguments);
    return cursor->query ? SQLITE_OK : SQLITE_NOMEM;
}

static int predict_filter(sqlite3_vtab_cursor *base, int plan, const char *idx_str,
                          int argc, sqlite3_value **argv) {
    (void)idx_str;
    char error[EXT_ERROR_SIZE] = "";
    predict_cursor *cursor = (predict_cursor *)base;
    predict_table *table = (predict_table *)base->pVtab;
    table->fresh = NULL;
    sqlite3_value_free(cursor->id);
    cursor->id = plan & PLAN_BY_ID ? sqlite3_value_dup(argv[argc - 1]) : NULL;
    if (plan & PLAN_BY_ID && !cursor->id) return SQLITE_NOMEM;
    int rc = query_take(cursor, plan, argv);
    if (rc != SQLITE_OK) return rc;
    rc = ext_tvf_enter(base->pVtab, "predict_model", table->models);
    if (rc != SQLITE_OK) return rc;
    if (plan & (PLAN_BY_ID | PLAN_BY_ROWID))
        rc = ext_query_find(cursor->query, &cursor->found, plan & PLAN_BY_ROWID,
                            argv[argc - 1], error);
    else if (plan & PLAN_BY_LIST)
        rc = ext_query_find_list(cursor->query, &cursor->found, argv[argc - 1], error);
    else
        rc = ext_query_scan(cursor->query, &cursor->found, error);
    ext_leave(table->models);
    return rc == SQLITE_OK ? rc : predict_fail(cursor, rc, error);
}

static int predict_next(sqlite3_vtab_cursor *base) {
    char error[EXT_ERROR_SIZE] = "";
    predict_cursor *cursor = (predict_cursor *)base;
    ext_context *models = ((const predict_table *)base->pVtab)->models;
    int rc = ext_tvf_enter(base->pVtab, "predict_model", models);
    if (rc != SQLITE_OK) return rc;
    rc = ext_found_next(&cursor->found, error);
    ext_leave(models);
    return rc == SQLITE_OK ? rc : predict_fail(cursor, rc, error);
}

static int predict_eof(sqlite3_vtab_cursor *base) {
    const ext_found *found = &((const predict_cursor *)base)->found;
    return found->at == found->end;
}

/* model_labels - which types the model's labels have; those that are INTEGER come
 * first. */
static int model_labels(const predict_cursor *cursor) {
    const dn_model_info *info = &ext_query_model(cursor->query)->info;
    if (!info->labels[info->classes - 1].text) return LABELS_INTEGER;
    return info->labels[0].text ? LABELS_TEXT : LABELS_MIXED;
}

/* source_rowid - the rowid in the source, or the row's number. */
static int source_rowid(predict_cursor *cursor, sqlite3_int64 *rowid) {
    char error[EXT_ERROR_SIZE] = "";
    ext_context *models = ((const predict_table *)cursor->base.pVtab)->models;
    int rc = ext_tvf_enter(cursor->base.pVtab, "predict_model", models);
    if (rc != SQLITE_OK) return rc;
    rc = ext_found_rowid(&cursor->found, rowid, error);
    ext_leave(models);
    return rc == SQLITE_OK ? rc : predict_fail(cursor, rc, error);
}

static int predict_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                          int column) {
    predict_cursor *cursor = (predict_cursor *)base;
    sqlite3_int64 rowid = 0;
    int rc = SQLITE_OK;
    const ext_found *found = &cursor->found;
    const size_t row = ext_found_row(found);
    const ext_answer *answer = &found->list->rows[row];
    sqlite3_value *argument;
    switch (column) {
    case COLUMN_ID:
        if (cursor->id && ext_tvf_may_lose(cursor->id, ext_answers_id(found->list, row)))
            return ext_tvf_lost(base->pVtab);
        ext_answers_result(found->list, row, ANSWER_ID, context);
        break;
    case COLUMN_LABEL:
        ext_answers_label(found->list, row, model_labels(cursor), context);
        break;
    case COLUMN_PREDICTION:
        if (answer->class >= 0)
            ext_result_class(context, ext_query_model(cursor->query), answer->class);
        break;
    case COLUMN_CONFIDENCE:
        if (answer->class >= 0)
            sqlite3_result_double(context, (double)answer->confidence);
        break;
    case COLUMN_ROWID:
        rc = source_rowid(cursor, &rowid);
        sqlite3_result_int64(context, rowid);
        break;
    default:
        argument = ext_query_argument(cursor->query, column - COLUMN_SOURCE);
        if (argument) sqlite3_result_value(context, argument);
    }
    return rc;
}

static int predict_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    const ext_query *query = ((const predict_cursor *)base)->query;
    sqlite3_value *arguments[EXT_QUERY_ARGUMENTS];
    const int rc = source_rowid((predict_cursor *)base, rowid);
    for (int k = 0; k < EXT_QUERY_ARGUMENTS; k++)
        arguments[k] = ext_query_argument(query, k);
    *rowid = ext_tvf_rowid(*rowid, arguments, EXT_QUERY_ARGUMENTS);
    return rc;
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
