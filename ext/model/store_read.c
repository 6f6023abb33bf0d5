/* store_read.c - a stored model's row, to be trained further or again: see store.h. */
#include <math.h>
#include <string.h>
#include "../base/error.h"
#include "store.h"

void ext_store_resumed_clear(ext_store_resumed *resumed) {
    sqlite3_free(resumed->options);
    sqlite3_free(resumed->layers);
    sqlite3_free(resumed->classes);
    sqlite3_free(resumed->source);
    sqlite3_free(resumed->weights);
    sqlite3_free(resumed->state);
    memset(resumed, 0, sizeof *resumed);
}

/* column_copy - a column's text, or ""; NULL: out of memory. */
static char *column_copy(sqlite3_stmt *s, int column) {
    const char *text = (const char *)sqlite3_column_text(s, column);
    if (!text && sqlite3_column_type(s, column) != SQLITE_NULL) return NULL;
    return sqlite3_mprintf("%s", text ? text : "");
}

static double column_number(sqlite3_stmt *s, int column) {
    return sqlite3_column_type(s, column) == SQLITE_NULL
               ? NAN
               : sqlite3_column_double(s, column);
}

/* column_bytes - a copy of a BLOB; NULL for anything else. 0: out of memory. */
static int column_bytes(sqlite3_stmt *s, int column, void **out, size_t *size) {
    if (sqlite3_column_type(s, column) != SQLITE_BLOB) return 1;
    const void *bytes = sqlite3_column_blob(s, column);
    *size = (size_t)sqlite3_column_bytes(s, column);
    *out = sqlite3_malloc64(*size + 1);
    if (*out && *size) memcpy(*out, bytes, *size);
    return *out != NULL;
}

/* resumed_row - copies the model's row. */
static int resumed_row(sqlite3_stmt *s, ext_store_resumed *out, char *error) {
    out->version = sqlite3_column_int64(s, 0);
    out->epochs = sqlite3_column_int64(s, 1);
    out->seconds = sqlite3_column_double(s, 2);
    out->loss = column_number(s, 3);
    out->accuracy = column_number(s, 4);
    out->holdout_accuracy = column_number(s, 5);
    out->options = column_copy(s, 6);
    out->layers = column_copy(s, 7);
    out->classes = column_copy(s, 8);
    out->source = column_copy(s, 9);
    if (out->epochs < 0 || out->epochs > STORE_MOST_EPOCHS) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "version %lld of the model has had %lld epochs, says its row; "
                         "expected 0 to %d",
                         out->version, out->epochs, STORE_MOST_EPOCHS);
        return SQLITE_ERROR;
    }
    if (out->options && out->layers && out->classes && out->source &&
        column_bytes(s, 10, &out->state, &out->state_size) &&
        column_bytes(s, 11, &out->weights, &out->weights_size))
        return SQLITE_OK;
    return ext_no_memory(error);
}

/* resumed_best - the best epoch so far, from the log. */
static int resumed_best(sqlite3 *db, const char *name, ext_store_resumed *out,
                        char *error) {
    sqlite3_stmt *s = NULL;
    int rc =
        sqlite3_prepare_v2(db,
                           "SELECT epoch, holdout_loss FROM main.digitnet_epochs WHERE "
                           "name = ?1 AND version = ?2 AND epoch <= ?3 AND holdout_loss "
                           "IS NOT NULL ORDER BY holdout_loss, epoch LIMIT 1",
                           -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    if (rc != SQLITE_OK) {
        ext_sqlite_error(db, rc, error);
        sqlite3_finalize(s);
        return rc;
    }
    sqlite3_bind_int64(s, 2, out->version);
    sqlite3_bind_int64(s, 3, out->epochs);
    out->best_holdout_loss = INFINITY;
    if (sqlite3_step(s) == SQLITE_ROW) {
        out->best_epoch = sqlite3_column_int64(s, 0);
        out->best_holdout_loss = sqlite3_column_double(s, 1);
    }
    rc = sqlite3_finalize(s);
    return rc == SQLITE_OK ? rc : ext_sqlite_error(db, rc, error);
}

/* no_model - says that a name stands for no model. */
static int no_model(const char *name, char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "there is no model named '%.100s'", name);
    return SQLITE_ERROR;
}

int ext_store_find(sqlite3 *db, const char *name, sqlite3_int64 version,
                   ext_store_resumed *out, char *error) {
    sqlite3_stmt *s = NULL;
    memset(out, 0, sizeof *out);
    int rc = sqlite3_prepare_v2(
        db,
        "SELECT version, epochs, seconds, loss, accuracy, holdout_accuracy, options, "
        "layers, classes, source, state, weights FROM main.digitnet_models "
        "WHERE name = ?1 AND (version = ?2 OR (?2 = 0 AND active) OR ?2 < 0) "
        "ORDER BY version DESC LIMIT 1",
        -1, &s, NULL);
    if (rc == SQLITE_ERROR &&
        sqlite3_table_column_metadata(db, "main", "digitnet_models", NULL, NULL, NULL,
                                      NULL, NULL, NULL) == SQLITE_ERROR)
        return no_model(name, error);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int64(s, 2, version);
    if (rc != SQLITE_OK) {
        ext_sqlite_error(db, rc, error);
        sqlite3_finalize(s);
        return rc;
    }
    const int found = sqlite3_step(s);
    if (found == SQLITE_ROW) rc = resumed_row(s, out, error);
    const int ended = sqlite3_finalize(s);
    if (found == SQLITE_DONE) return no_model(name, error);
    if (found != SQLITE_ROW) return ext_sqlite_error(db, ended, error);
    return rc;
}

int ext_store_resume(sqlite3 *db, const char *name, ext_store_resumed *out, char *error) {
    char reason[EXT_ERROR_SIZE] = "";
    int rc = ext_store_find(db, name, STORE_NEWEST, out, reason);
    if (rc == SQLITE_ERROR && !out->version)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s to resume", reason);
    else if (rc != SQLITE_OK)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s", reason);
    if (rc != SQLITE_OK) return rc;
    if (out->state) return resumed_best(db, name, out, error);
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "model %.100s@%lld cannot be resumed: its state is not there", name,
                     out->version);
    return SQLITE_ERROR;
}
