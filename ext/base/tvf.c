/* tvf.c - what table-valued functions share: see tvf.h. */
#include <stdarg.h>
#include <string.h>
#include "error.h"
#include "tvf.h"

int ext_tvf_connect(sqlite3_vtab **out, size_t size, sqlite3 *db, const char *columns,
                    int safety) {
    int rc = sqlite3_declare_vtab(db, columns);
    if (rc == SQLITE_OK) rc = sqlite3_vtab_config(db, safety);
    if (rc != SQLITE_OK) return rc;
    *out = sqlite3_malloc64(size);
    if (!*out) return SQLITE_NOMEM;
    memset(*out, 0, size);
    return SQLITE_OK;
}

int ext_tvf_disconnect(sqlite3_vtab *table) {
    sqlite3_free(table);
    return SQLITE_OK;
}

int ext_tvf_open(sqlite3_vtab_cursor **out, size_t size) {
    *out = sqlite3_malloc64(size);
    if (!*out) return SQLITE_NOMEM;
    memset(*out, 0, size);
    return SQLITE_OK;
}

int ext_tvf_best_index(sqlite3_index_info *info, int first_hidden, int n_hidden,
                       double cost, sqlite3_int64 rows) {
    int constraint_of[32];
    for (int k = 0; k < n_hidden; k++) constraint_of[k] = -1;
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &info->aConstraint[i];
        int k = c->iColumn - first_hidden;
        if (k < 0 || k >= n_hidden || c->op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
        if (!c->usable) return SQLITE_CONSTRAINT;
        /* f(1) WHERE arg = 2: the first is taken and SQLite checks the second itself,
         * against the value that xColumn gives back. */
        if (constraint_of[k] < 0) constraint_of[k] = i;
    }
    int n = 0;
    info->idxNum = 0;
    for (int k = 0; k < n_hidden; k++) {
        if (constraint_of[k] < 0) continue;
        info->aConstraintUsage[constraint_of[k]].argvIndex = ++n;
        info->aConstraintUsage[constraint_of[k]].omit = 1;
        info->idxNum |= 1 << k;
    }
    info->estimatedCost = cost;
    info->estimatedRows = rows;
    return SQLITE_OK;
}

sqlite3_value *ext_tvf_argument(int idx_num, sqlite3_value **argv, int k) {
    if (!(idx_num & 1 << k)) return NULL;
    int place = 0;
    for (int i = 0; i < k; i++) place += idx_num >> i & 1;
    return argv[place];
}

int ext_tvf_path(sqlite3_vtab *table, const char *usage, const char *argument,
                 sqlite3_value *value, const char **path) {
    static const char *const types[] = {"an INTEGER", "a REAL", "TEXT", "a BLOB", "NULL"};
    const int name = (int)strcspn(usage, "(");
    if (!value)
        return ext_tvf_error(table, SQLITE_ERROR, "%.*s: expected %s; '%s' is missing",
                             name, usage, usage, argument);
    int type = sqlite3_value_type(value);
    if (type != SQLITE_TEXT)
        return ext_tvf_error(table, SQLITE_ERROR,
                             "%.*s: '%s' is %s; expected TEXT, a path", name, usage,
                             argument, types[type - 1]);
    *path = (const char *)sqlite3_value_text(value);
    if (!*path) return SQLITE_NOMEM;
    if (strlen(*path) != (size_t)sqlite3_value_bytes(value))
        return ext_tvf_error(table, SQLITE_ERROR, "%.*s: '%s' contains a zero byte", name,
                             usage, argument);
    return SQLITE_OK;
}

int ext_tvf_error(sqlite3_vtab *table, int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_vmprintf(format, args);
    va_end(args);
    if (table->zErrMsg) ext_text_mend(table->zErrMsg);
    return table->zErrMsg ? code : SQLITE_NOMEM;
}
