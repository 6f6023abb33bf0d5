/* direct.c - what no schema may call: see direct.h. */
#include <string.h>
#include "direct.h"
#include "error.h"
#include "schema.h"
#include "tvf.h"

/* is_query - whether a running statement evaluates what its own text says, and no
 * CHECK. */
static int is_query(sqlite3_stmt *statement) {
    static const char *const words[] = {"SELECT", "VALUES", "WITH"};
    const char *sql = sqlite3_sql(statement);
    if (!sql) return 1;
    if (!sqlite3_stmt_readonly(statement)) return 0;
    for (sql = ext_sql_blank(sql); *sql == ';'; sql = ext_sql_blank(sql + 1)) {}
    for (int i = 0; i < 3; i++)
        if (sqlite3_strnicmp(sql, words[i], (int)strlen(words[i])) == 0) return 1;
    return 0;
}

/* running - the first running statement that is no query; *queries is how many are, up to
 * it. */
static sqlite3_stmt *running(sqlite3 *db, int *queries) {
    sqlite3_stmt *s = NULL;
    *queries = 0;
    while ((s = sqlite3_next_stmt(db, s)) != NULL) {
        if (!sqlite3_stmt_busy(s)) continue;
        if (!is_query(s)) return s;
        ++*queries;
    }
    return NULL;
}

int ext_only_queries(sqlite3 *db) {
    int queries;
    return !running(db, &queries) && queries > 0;
}

static int queries_only(sqlite3 *db, const char *function, char *error) {
    int queries;
    sqlite3_stmt *other = running(db, &queries);
    if (!other && queries > 0) return SQLITE_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "runs only while all running statements are queries, so that no table's "
        "CHECK can call it; '%!.80s' runs; expected SELECT %s(…) by itself",
        other ? sqlite3_sql(other) : "", function);
    return SQLITE_ERROR;
}

/* not_in_schemas - refuses what SQLite would let a schema call, if one calls it: before
 * 3.36 a view, and in any version a virtual table, whose module may prepare a query. */
static int not_in_schemas(sqlite3 *db, const char *name, unsigned as_table, char *error) {
    char reason[EXT_ERROR_SIZE];
    const int open = sqlite3_libversion_number() < EXT_VIEWS_CLOSED;
    const unsigned which = open ? EXT_IN_VIEWS | as_table : EXT_VIRTUAL_ALONE;
    const int rc = ext_schema_calls(db, &name, 1, EXT_IN_MAIN | which, reason);
    if (rc == SQLITE_ERROR)
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            open ? "%s, which SQLite lets it do before 3.36; drop that, or use "
                   "a newer SQLite"
                 : "%s, as a virtual table may; drop or DETACH that",
            reason);
    else if (rc != SQLITE_OK)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s", reason);
    return rc;
}

int ext_direct_only(sqlite3_context *context, const char *function) {
    char error[EXT_ERROR_SIZE];
    sqlite3 *db = sqlite3_context_db_handle(context);
    int rc = queries_only(db, function, error);
    if (rc == SQLITE_OK) rc = not_in_schemas(db, function, 0, error);
    if (rc != SQLITE_OK) ext_result_code(context, function, rc, error);
    return rc;
}

int ext_direct_table(sqlite3_vtab *table, sqlite3 *db, const char *name) {
    char error[EXT_ERROR_SIZE];
    /* A virtual table can only name a table, and ours need arguments. This is asked for
     * each row. */
    if (sqlite3_libversion_number() >= EXT_VIEWS_CLOSED) return SQLITE_OK;
    const int rc = not_in_schemas(db, name, EXT_AS_TABLE, error);
    return rc == SQLITE_OK ? rc : ext_tvf_error(table, rc, "%s: %s", name, error);
}
