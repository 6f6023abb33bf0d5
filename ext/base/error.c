/* error.c - from a status and a sentence to an SQLite error: see error.h. */
#include "../../core/dn.h"
#include "error.h"

void ext_result_code(sqlite3_context *context, const char *function, int rc,
                     const char *error) {
    char *text = rc == SQLITE_NOMEM ? NULL : sqlite3_mprintf("%s: %s", function, error);
    if (!text) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_error(context, text, -1);
    sqlite3_free(text);
    if (rc != SQLITE_ERROR) sqlite3_result_error_code(context, rc);
}

void ext_result_error(sqlite3_context *context, const char *function, const char *error) {
    ext_result_code(context, function, SQLITE_ERROR, error);
}

int ext_sqlite_error(sqlite3 *db, int rc, char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s",
                     rc == SQLITE_NOMEM ? "out of memory" : sqlite3_errmsg(db));
    return rc;
}

int ext_no_memory(char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "out of memory");
    return SQLITE_NOMEM;
}

const char *ext_type_name(int type) {
    switch (type) {
    case SQLITE_INTEGER: return "INTEGER";
    case SQLITE_FLOAT: return "REAL";
    case SQLITE_TEXT: return "TEXT";
    case SQLITE_BLOB: return "BLOB";
    default: return "NULL";
    }
}

int ext_from_core(int status, char *error) {
    if (status == DN_NOMEM) return ext_no_memory(error);
    if (status != DN_STOPPED) return SQLITE_ERROR;
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "interrupted");
    return SQLITE_INTERRUPT;
}
