/* name.c - what a model's name asks for: see name.h. */
#include <string.h>
#include "../base/argument.h"
#include "../base/error.h"
#include "name.h"

int ext_model_request_text(ext_model_request *out, const char *text, int size,
                           char *error) {
    *out = (ext_model_request){
        .text = text, .size = size, .name_size = size, .by = BY_ACTIVE};
    if (size == 7 && memcmp(text, "builtin", 7) == 0) {
        out->by = BUILTIN;
        return SQLITE_OK;
    }
    const char *at = memchr(text, '@', (size_t)size);
    if (!at) return SQLITE_OK;
    out->by = BY_VERSION;
    out->name_size = (int)(at - text);
    const char *end = text + size, *p = at + 1;
    int digits = p < end && end - p <= 18;
    for (; digits && p < end; p++) {
        digits = *p >= '0' && *p <= '9';
        out->version = 10 * out->version + (*p - '0');
    }
    if (digits) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "model is '%.*s'; expected 'name', 'name@version' or 'builtin'",
                     size > 100 ? 100 : size, text);
    return SQLITE_ERROR;
}

int ext_model_request_parse(ext_model_request *out, sqlite3_value *name, char *error) {
    const int type = name ? sqlite3_value_type(name) : SQLITE_NULL;
    if (type == SQLITE_NULL) {
        *out = (ext_model_request){
            .text = "default", .size = 7, .name_size = 7, .has_default = 1};
        return SQLITE_OK;
    }
    if (type != SQLITE_TEXT) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "model is %s; expected 'name', 'name@version' or 'builtin'",
                         ext_type_name(type));
        return SQLITE_ERROR;
    }
    const char *text;
    const int rc = ext_text(&text, name, "model", error);
    if (rc != SQLITE_OK) return rc;
    return ext_model_request_text(out, text, sqlite3_value_bytes(name), error);
}

int ext_model_request_missing(sqlite3 *db, const ext_model_request *request,
                              int has_table, char *error) {
    const int size = request->name_size;
    sqlite3_stmt *newest = NULL;
    sqlite3_int64 version = 0;
    int rc = SQLITE_OK;
    if (has_table)
        rc = sqlite3_prepare_v2(
            db, "SELECT max(version) FROM main.digitnet_models WHERE name = ?1", -1,
            &newest, NULL);
    if (newest) {
        sqlite3_bind_text(newest, 1, request->text, size, SQLITE_STATIC);
        if (sqlite3_step(newest) == SQLITE_ROW) version = sqlite3_column_int64(newest, 0);
        rc = sqlite3_finalize(newest);
    }
    if (rc != SQLITE_OK) return ext_sqlite_error(db, rc, error);
    if (version && request->by == BY_VERSION)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "model '%.*s' has no version %lld",
                         size > 100 ? 100 : size, request->text, request->version);
    else if (version)
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "no version of model '%.*s' is active; '%.*s@%lld' names the newest",
            size > 100 ? 100 : size, request->text, size > 100 ? 100 : size,
            request->text, version);
    else
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "there is no model named '%.*s'",
                         size > 100 ? 100 : size, request->text);
    return SQLITE_ERROR;
}

/* in_schema - whether a name begins with that of a database of the connection, and a
 * dot. */
static int in_schema(sqlite3 *db, const char *text) {
    const size_t before = strcspn(text, ".");
    char *schema = text[before] ? sqlite3_mprintf("%.*s", (int)before, text) : NULL;
    const int found = schema && sqlite3_db_readonly(db, schema) >= 0;
    sqlite3_free(schema);
    return found;
}

int ext_model_request_new(char **out, sqlite3 *db, sqlite3_value *name, char *error) {
    const int type = name ? sqlite3_value_type(name) : SQLITE_NULL;
    const char *text = "default";
    *out = NULL;
    const int rc = type == SQLITE_NULL ? SQLITE_OK
                                       : ext_text(&text, name, "model", error);
    if (rc != SQLITE_OK) return rc;
    if ((type != SQLITE_NULL && type != SQLITE_TEXT) || !*text || strchr(text, '@') ||
        strcmp(text, "builtin") == 0) {
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "'%.100s' cannot be a model's name; expected a text without '@' that "
            "is neither empty nor 'builtin'",
            text);
        return SQLITE_ERROR;
    }
    if (in_schema(db, text)) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "'%!.100s' names a database, but a new model goes into main; "
                         "leave the database out, and use copy_model afterwards",
                         text);
        return SQLITE_ERROR;
    }
    *out = sqlite3_mprintf("%s", text);
    return *out ? SQLITE_OK : ext_no_memory(error);
}
