/* given.c - see given.h. */
#include <string.h>
#include "../base/error.h"
#include "given.h"

int ext_given_take(ext_given *given, int option, sqlite3_value *value, char *error) {
    if (given->values[option]) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s is given twice",
                         ext_options_name(option));
        return SQLITE_ERROR;
    }
    given->values[option] = sqlite3_value_dup(value);
    return given->values[option] ? SQLITE_OK : ext_no_memory(error);
}

/* nearest - the option whose name begins or ends most alike, or -1. */
static int nearest(const char *name) {
    const size_t size = strlen(name);
    for (int k = 0; k < N_OPTIONS; k++) {
        const char *option = ext_options_name(k);
        const size_t same = strlen(option) < size ? strlen(option) : size;
        if (same >= 3 && sqlite3_strnicmp(option, name, (int)same) == 0) return k;
    }
    return -1;
}

static int unknown(const char *name, char *error) {
    const int k = nearest(name);
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "'%!.40s' is no option%s%s%s", name,
                     k < 0 ? "; digitnet_options lists them" : "; did you mean ",
                     k < 0 ? "" : ext_options_name(k), k < 0 ? "" : "?");
    return SQLITE_ERROR;
}

/* member - takes one member of the object. */
static int member(ext_given *given, sqlite3_stmt *row, char *error) {
    const char *key = (const char *)sqlite3_column_text(row, 0);
    const char *type = (const char *)sqlite3_column_text(row, 1);
    if (!key || !type) return ext_no_memory(error);
    const int k = ext_options_find(key);
    if (k < 0) return unknown(key, error);
    if (strcmp(type, "array") == 0 || strcmp(type, "object") == 0) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "%s is a JSON %s; expected a number or a string", key, type);
        return SQLITE_ERROR;
    }
    sqlite3_value *value = sqlite3_column_value(row, 2);
    return sqlite3_value_type(value) == SQLITE_NULL
               ? SQLITE_OK
               : ext_given_take(given, k, value, error);
}

int ext_given_json(ext_given *given, sqlite3 *db, sqlite3_value *json, char *error) {
    sqlite3_stmt *s = NULL;
    if (!json || sqlite3_value_type(json) == SQLITE_NULL) return SQLITE_OK;
    int rc = sqlite3_prepare_v2(
        db, "SELECT key, type, value FROM json_each(?1) WHERE json_type(?1) = 'object'",
        -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_value(s, 1, json);
    int took = SQLITE_OK, n = 0;
    for (; rc == SQLITE_OK && took == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW; n++)
        took = member(given, s, error);
    const int ended = sqlite3_finalize(s);
    if (took != SQLITE_OK) return took;
    if (rc == SQLITE_OK) rc = ended;
    const char *text = (const char *)sqlite3_value_text(json);
    if (!text || rc == SQLITE_NOMEM) return ext_no_memory(error);
    if (rc == SQLITE_OK && (n || text[strspn(text, " \t\r\n")] == '{')) return rc;
    if (rc != SQLITE_OK && rc != SQLITE_ERROR) return ext_sqlite_error(db, rc, error);
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "options are '%!.60s'; expected a JSON object such as "
                     "'{\"layers\": \"mlp\", \"epochs\": 5}'",
                     text);
    return SQLITE_ERROR;
}

void ext_given_free(ext_given *given) {
    for (int k = 0; k < N_OPTIONS; k++) sqlite3_value_free(given->values[k]);
    memset(given, 0, sizeof *given);
}
