/* verify_model.c - verify_model([model]): trains a stored model once more, from its
 * stored options and source, and says whether the same bytes come out.
 *
 *     SELECT * FROM verify_model();                    -- the active version of 'default'
 *     SELECT same, note FROM verify_model('digits@2');
 *     SELECT v.* FROM digitnet_models, verify_model(name || '@' || version) AS v;
 *
 * One row: name, version, epochs, same, seconds, note. same is 1 if weights and state are
 * the stored ones to the last byte, 0 if not, and NULL where the run cannot be repeated;
 * note says what differs, and from which epoch on the log does, or why it cannot be
 * repeated: the source is gone or has other rows, a teacher or the model it began from is
 * another one now.
 *
 * Takes as long as the training did (epochs that were undone or never stored apart).
 * Nothing is written, so a read-only database can be verified. A state that was deleted
 * to save room is not compared. Its length may have changed when it was resumed: see
 * lengths in options.h. */
#include <math.h>
#include <string.h>
#include "../base/argument.h"
#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/tvf.h"
#include "../model/cache.h"
#include "../model/name.h"
#include "run.h"

enum {
    COLUMN_NAME,
    COLUMN_VERSION,
    COLUMN_EPOCHS,
    COLUMN_SAME,
    COLUMN_SECONDS,
    COLUMN_NOTE,
    COLUMN_MODEL /* the only hidden one */
};

enum { UNKNOWN = -1 };

typedef struct verify_table {
    sqlite3_vtab base;
    sqlite3 *db;
    ext_context *models;
} verify_table;

typedef struct verify_cursor {
    sqlite3_vtab_cursor base;
    sqlite3_value *model; /* as given */
    char *name;           /* sqlite3_malloc'd */
    sqlite3_int64 version, epochs;
    int same; /* 1, 0 or UNKNOWN */
    double seconds;
    char note[EXT_ERROR_SIZE]; /* "" for none */
    int done;
} verify_cursor;

/* --- the table ---------------------------------------------------------------------- */

static int verify_connect(sqlite3 *db, void *models, int argc, const char *const *argv,
                          sqlite3_vtab **out, char **error) {
    (void)argc, (void)argv, (void)error;
    const int rc =
        ext_tvf_connect(out, sizeof(verify_table), db,
                        "CREATE TABLE verify_model(name TEXT, version INTEGER, epochs "
                        "INTEGER, same INTEGER, seconds REAL, note TEXT, "
                        "model HIDDEN)",
                        SQLITE_VTAB_DIRECTONLY);
    if (rc != SQLITE_OK) return rc;
    verify_table *table = (verify_table *)*out;
    table->db = db;
    table->models = models;
    return SQLITE_OK;
}

static int verify_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    return ext_tvf_best_index(table, info, COLUMN_MODEL, 1, 1e12, 1);
}

/* --- repeating ---------------------------------------------------------------------- */

/* model_find - reads the row of the model that is asked for, and its name. */
static int model_find(verify_cursor *cursor, const verify_table *table,
                      ext_store_resumed *row, char *error) {
    ext_model_request request;
    char reason[EXT_ERROR_SIZE] = "";
    int rc = ext_model_request_parse(&request, cursor->model, reason);
    if (rc == SQLITE_NOMEM) return ext_no_memory(error);
    if (rc != SQLITE_OK || request.by == BUILTIN) {
        const char *text;
        rc = ext_text(&text, cursor->model, "model", error);
        if (rc != SQLITE_OK) return rc;
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "model is '%.100s'; expected 'name' or 'name@version', of a model "
            "in digitnet_models",
            text);
        return SQLITE_ERROR;
    }
    cursor->name = sqlite3_mprintf("%.*s", request.name_size, request.text);
    if (!cursor->name) return ext_no_memory(error);
    /* "name@0" is no version; 0 would find the active one. */
    sqlite3_int64 version = request.version;
    if (request.by == BY_VERSION && !version) version = INT64_MAX;
    rc = ext_store_find(table->db, cursor->name, version, row, error);
    if (rc == SQLITE_ERROR && !row->version) { /* why: as a prediction would say it */
        ext_model *model;
        if (ext_model_named(&model, &version, table->models, request.text, request.size,
                            reason) != SQLITE_OK)
            memcpy(error, reason, sizeof reason);
    }
    return rc == SQLITE_OK ? ext_store_state(table->db, row, error) : rc;
}

/* same_number - NaN stands for the NULL that is stored of it. */
static int same_number(sqlite3_stmt *s, int column, double value) {
    if (sqlite3_column_type(s, column) == SQLITE_NULL) return isnan(value);
    return sqlite3_column_double(s, column) == value;
}

/* log_compare - sets *differs if the stored log says something else of an epoch. A log
 * that is not there says nothing. */
static int log_compare(int *differs, sqlite3 *db, const verify_cursor *cursor,
                       const ext_store_epoch *row, char *error) {
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db,
                                "SELECT loss, accuracy, holdout_loss, holdout_accuracy, "
                                "rate FROM main.digitnet_epochs "
                                "WHERE name = ?1 AND version = ?2 AND epoch = ?3",
                                -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 1, cursor->name, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int64(s, 2, cursor->version);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int64(s, 3, row->epoch);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        *differs = !same_number(s, 0, row->loss) || !same_number(s, 1, row->accuracy) ||
                   !same_number(s, 2, row->holdout_loss) ||
                   !same_number(s, 3, row->holdout_accuracy) ||
                   !same_number(s, 4, row->rate);
    rc = rc == SQLITE_ROW || rc == SQLITE_DONE || rc == SQLITE_ERROR
             ? SQLITE_OK
             : ext_sqlite_error(db, rc, error);
    sqlite3_finalize(s);
    return rc;
}

/* result_note - what came out, in words. */
static void result_note(verify_cursor *cursor, const ext_store_resumed *stored,
                        int weights, int state, sqlite3_int64 first) {
    const int compared = stored->state != NULL;
    cursor->same = weights && (state || !compared);
    if (cursor->same) return;
    char log[64] = "";
    if (first)
        sqlite3_snprintf(sizeof log, log, "; the log does from epoch %lld on", first);
    sqlite3_snprintf(sizeof cursor->note, cursor->note, "%s%s",
                     weights              ? "the state differs"
                     : state || !compared ? "the weights differ"
                                          : "weights and state differ",
                     log);
}

/* verify - trains the model once more and compares. */
static int verify(verify_cursor *cursor, const verify_table *table,
                  ext_store_resumed *stored, char *error) {
    ext_training *run = NULL;
    sqlite3_stmt *s = NULL;
    ext_store_epoch row;
    sqlite3_int64 first = 0;
    int weights = 0, state = 0;
    if (!stored->epochs) {
        sqlite3_snprintf(sizeof cursor->note, cursor->note,
                         "cannot be repeated: it was not trained here but %s",
                         stored->options &&
                                 strncmp(stored->options, "{\"quantised\"", 12) == 0
                             ? "made by quantise_model"
                             : "imported");
        return SQLITE_OK;
    }
    /* The source's name as a value, as train_model has it. */
    int rc = sqlite3_prepare_v2(table->db, "SELECT ?1", -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 1, stored->source, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    sqlite3_value *source =
        rc == SQLITE_ROW ? sqlite3_value_dup(sqlite3_column_value(s, 0)) : NULL;
    if (!source)
        ext_sqlite_error(table->db, rc == SQLITE_ROW ? rc = SQLITE_NOMEM : rc, error);
    sqlite3_finalize(s);
    if (!source) return rc;
    rc = ext_training_repeat(&run, table->models, table->db, cursor->name, source, stored,
                             error);
    while (rc == SQLITE_OK && (rc = ext_training_epoch(run, &row, error)) == SQLITE_ROW) {
        int differs = 0;
        rc = first ? SQLITE_OK : log_compare(&differs, table->db, cursor, &row, error);
        if (differs) first = row.epoch;
    }
    if (rc == SQLITE_DONE) rc = ext_training_same(run, stored, &weights, &state, error);
    if (rc == SQLITE_OK)
        result_note(cursor, stored, weights, state, first);
    else if (rc == SQLITE_ERROR)
        sqlite3_snprintf(sizeof cursor->note, cursor->note, "cannot be repeated: %s",
                         error);
    ext_text_mend(cursor->note);
    ext_training_free(run);
    sqlite3_value_free(source);
    return rc == SQLITE_ERROR ? SQLITE_OK : rc;
}

/* --- the cursor --------------------------------------------------------------------- */

static int verify_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    (void)table;
    return ext_tvf_open(out, sizeof(verify_cursor));
}

static void cursor_clear(verify_cursor *cursor) {
    const sqlite3_vtab_cursor base = cursor->base;
    sqlite3_value_free(cursor->model);
    sqlite3_free(cursor->name);
    memset(cursor, 0, sizeof *cursor);
    cursor->base = base;
}

static int verify_close(sqlite3_vtab_cursor *base) {
    cursor_clear((verify_cursor *)base);
    sqlite3_free(base);
    return SQLITE_OK;
}

/* model_verify - finds the model that is asked for and trains it again. */
static int model_verify(verify_cursor *cursor, const verify_table *table, char *error) {
    ext_store_resumed stored;
    memset(&stored, 0, sizeof stored);
    const double start = ext_seconds();
    int rc = model_find(cursor, table, &stored, error);
    if (rc == SQLITE_OK) {
        cursor->version = stored.version;
        cursor->epochs = stored.epochs;
        cursor->same = UNKNOWN;
        rc = verify(cursor, table, &stored, error);
    }
    cursor->seconds = ext_seconds() - start;
    ext_store_resumed_clear(&stored);
    return rc;
}

static int verify_filter(sqlite3_vtab_cursor *base, int idx_num, const char *idx_str,
                         int argc, sqlite3_value **argv) {
    (void)idx_str, (void)argc;
    verify_cursor *cursor = (verify_cursor *)base;
    const verify_table *table = (verify_table *)base->pVtab;
    char error[EXT_ERROR_SIZE] = "";
    sqlite3_value *model = ext_tvf_argument(idx_num, argv, 0);
    cursor_clear(cursor);
    if (model && !(cursor->model = sqlite3_value_dup(model))) return SQLITE_NOMEM;
    int rc = ext_tvf_enter(base->pVtab, "verify_model", table->models);
    if (rc != SQLITE_OK) return rc;
    rc = model_verify(cursor, table, error);
    ext_leave(table->models);
    if (rc == SQLITE_OK) return rc;
    cursor->done = 1;
    return ext_tvf_error(base->pVtab, rc, "verify_model: %s", error);
}

static int verify_next(sqlite3_vtab_cursor *base) {
    ((verify_cursor *)base)->done = 1;
    return SQLITE_OK;
}

static int verify_eof(sqlite3_vtab_cursor *base) { return ((verify_cursor *)base)->done; }

static int verify_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                         int column) {
    const verify_cursor *cursor = (verify_cursor *)base;
    switch (column) {
    case COLUMN_NAME:
        sqlite3_result_text(context, cursor->name, -1, SQLITE_TRANSIENT);
        break;
    case COLUMN_VERSION: sqlite3_result_int64(context, cursor->version); break;
    case COLUMN_EPOCHS: sqlite3_result_int64(context, cursor->epochs); break;
    case COLUMN_SAME:
        if (cursor->same != UNKNOWN) sqlite3_result_int(context, cursor->same);
        break;
    case COLUMN_SECONDS: sqlite3_result_double(context, cursor->seconds); break;
    case COLUMN_NOTE:
        if (cursor->note[0])
            sqlite3_result_text(context, cursor->note, -1, SQLITE_TRANSIENT);
        break;
    default:
        if (cursor->model) sqlite3_result_value(context, cursor->model);
    }
    return SQLITE_OK;
}

static int verify_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
    *rowid = ext_tvf_rowid(1, &((verify_cursor *)base)->model, 1);
    return SQLITE_OK;
}

static const sqlite3_module verify_module = {
    .iVersion = 0,
    .xConnect = verify_connect,
    .xBestIndex = verify_best_index,
    .xDisconnect = ext_tvf_disconnect,
    .xOpen = verify_open,
    .xClose = verify_close,
    .xFilter = verify_filter,
    .xNext = verify_next,
    .xEof = verify_eof,
    .xColumn = verify_column,
    .xRowid = verify_rowid,
};

int ext_register_verify_model(sqlite3 *db, ext_context *context) {
    return sqlite3_create_module_v2(db, "verify_model", &verify_module,
                                    ext_context_ref(context), ext_context_unref);
}
