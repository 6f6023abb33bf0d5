/* stored_bytes.c - see stored_bytes.h. */
#include <string.h>
#include "../base/hash.h"
#include "builtin.h"
#include "store.h"
#include "stored_bytes.h"

/* stored_read - the bytes of a version of 'name' or 'name@version'. */
static int stored_read(ext_start_model *out, sqlite3 *db, const char *name,
                       sqlite3_int64 version, char *error) {
    ext_store_resumed row;
    const size_t size = strcspn(name, "@");
    char *plain = sqlite3_mprintf("%.*s", (int)size, name);
    if (!plain) return ext_no_memory(error);
    int rc = ext_store_find(db, plain, version, &row, error);
    if (rc == SQLITE_OK) {
        out->bytes = row.weights;
        out->size = row.weights_size;
        row.weights = NULL;
        out->exact = sqlite3_mprintf("%s@%lld", plain, row.version);
        if (!out->exact) rc = ext_no_memory(error);
    }
    ext_store_resumed_clear(&row);
    sqlite3_free(plain);
    return rc;
}

static int builtin_read(ext_start_model *out, char *error) {
    int size;
    const unsigned char *bytes = ext_builtin_weights(&size);
    out->size = (size_t)size;
    out->bytes = sqlite3_malloc(size);
    out->exact = sqlite3_mprintf("builtin");
    if (!out->bytes || !out->exact) return ext_no_memory(error);
    memcpy(out->bytes, bytes, out->size);
    return SQLITE_OK;
}

int ext_start_bytes(ext_start_model *out, ext_context *models, sqlite3 *db,
                    const char *name, char *error) {
    ext_model *model;
    sqlite3_int64 version;
    memset(out, 0, sizeof *out);
    /* Looked up as for a prediction first: that tells of names and bytes that are no
     * good. */
    int rc = ext_model_named(&model, &version, models, name, (int)strlen(name), error);
    const size_t length = rc == SQLITE_OK ? strlen(model->info.layers) : 0;
    if (length >= sizeof out->layers) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "its layers have a notation of %d characters; a training's have "
                         "%d at most",
                         (int)length, DN_MAX_NOTATION - 1);
        rc = SQLITE_ERROR;
    }
    if (rc == SQLITE_OK) {
        sqlite3_snprintf(sizeof out->layers, out->layers, "%s", model->info.layers);
        out->shape = model->info.shape;
        out->picture = ext_model_picture(&model->info);
        rc = strcmp(name, "builtin") == 0 ? builtin_read(out, error)
                                          : stored_read(out, db, name, version, error);
    }
    if (rc == SQLITE_OK) out->hash = hash_bytes(HASH_START, out->bytes, out->size);
    return rc;
}

int ext_export_bytes(ext_start_model *out, ext_context *models, sqlite3 *db,
                     sqlite3_value *name, char *error) {
    if (name && sqlite3_value_type(name) != SQLITE_NULL)
        return ext_start_bytes(out, models, db, (const char *)sqlite3_value_text(name),
                               error);
    const int rc = ext_start_bytes(out, models, db, "default", error);
    if (rc != SQLITE_ERROR) return rc;
    ext_start_clear(out);
    return ext_start_bytes(out, models, db, "builtin", error);
}

void ext_start_clear(ext_start_model *start) {
    sqlite3_free(start->bytes);
    sqlite3_free(start->exact);
    memset(start, 0, sizeof *start);
}
