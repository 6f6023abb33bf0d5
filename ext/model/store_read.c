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

/* A statement reads a row's 400 MB at a stretch, which takes 0.5 s. */
int ext_store_bytes(sqlite3 *db, sqlite3_int64 rowid, const char *column, void **out,
                    size_t *size, char *error) {
    const int piece = 1 << 20;
    sqlite3_blob *blob = NULL;
    ext_poll poll = {0};
    int rc = sqlite3_blob_open(db, "main", "digitnet_models", column, rowid, 0, &blob);
    const int n = rc == SQLITE_OK ? sqlite3_blob_bytes(blob) : 0;
    char *bytes = rc == SQLITE_OK ? sqlite3_malloc64((sqlite3_uint64)n + 1) : NULL;
    if (rc == SQLITE_OK && !bytes) rc = SQLITE_NOMEM;
    for (int at = 0; at < n && rc == SQLITE_OK; at += piece) {
        rc = sqlite3_blob_read(blob, bytes + at, n - at < piece ? n - at : piece, at);
        if (rc == SQLITE_OK) rc = ext_poll_check(&poll, db);
    }
    if (rc != SQLITE_OK) ext_sqlite_error(db, rc, error);
    ext_poll_end(&poll);
    sqlite3_blob_close(blob);
    if (rc != SQLITE_OK) {
        sqlite3_free(bytes);
        return rc;
    }
    *out = bytes;
    *size = (size_t)n;
    return SQLITE_OK;
}

/* resumed_row - copies the model's row. */
static int resumed_row(sqlite3 *db, sqlite3_stmt *s, ext_store_resumed *out,
                       char *error) {
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
    out->rowid = sqlite3_column_int64(s, 10);
    out->has_state = sqlite3_column_int(s, 11);
    if (!out->options || !out->layers || !out->classes || !out->source)
        return ext_no_memory(error);
    if (!sqlite3_column_int(s, 12)) return SQLITE_OK;
    return ext_store_bytes(db, out->rowid, "weights", &out->weights, &out->weights_size,
                           error);
}

int ext_store_state(sqlite3 *db, ext_store_resumed *out, char *error) {
    if (!out->has_state) return SQLITE_OK;
    return ext_store_bytes(db, out->rowid, "state", &out->state, &out->state_size, error);
}

/* resumed_best - the epoch whose weights are kept, from the log: the options say which;
 * in those that do not, it is the best so far. */
static int resumed_best(sqlite3 *db, const char *name, ext_store_resumed *out,
                        char *error) {
    sqlite3_stmt *s = NULL;
    int rc =
        sqlite3_prepare_v2(db,
                           "SELECT epoch, holdout_loss FROM main.digitnet_epochs WHERE "
                           "name = ?1 AND version = ?2 AND epoch <= ?3 AND holdout_loss "
                           "IS NOT NULL ORDER BY epoch IS CASE WHEN json_valid(?4) THEN "
                           "json_extract(?4, '$.best') END DESC, holdout_loss, epoch "
                           "LIMIT 1",
                           -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 4, out->options, -1, SQLITE_STATIC);
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
        "layers, classes, source, rowid, typeof(state) = 'blob', typeof(weights) = "
        "'blob' "
        "FROM main.digitnet_models "
        "WHERE name = ?1 AND (version = ?2 OR (?2 = 0 AND active) OR ?2 < 0) "
        "ORDER BY version DESC LIMIT 1",
        -1, &s, NULL);
    if (rc != SQLITE_OK) {
        ext_sqlite_error(db, rc, error);
        if (rc == SQLITE_ERROR &&
            sqlite3_table_column_metadata(db, "main", "digitnet_models", NULL, NULL, NULL,
                                          NULL, NULL, NULL) == SQLITE_ERROR)
            return no_model(name, error);
        return rc;
    }
    rc = sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int64(s, 2, version);
    if (rc != SQLITE_OK) {
        ext_sqlite_error(db, rc, error);
        sqlite3_finalize(s);
        return rc;
    }
    const int found = sqlite3_step(s);
    if (found == SQLITE_ROW) rc = resumed_row(db, s, out, error);
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
    if (out->has_state) {
        rc = ext_store_state(db, out, error);
        return rc == SQLITE_OK ? resumed_best(db, name, out, error) : rc;
    }
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "model %.100s@%lld cannot be resumed: its state is not there", name,
                     out->version);
    return SQLITE_ERROR;
}
