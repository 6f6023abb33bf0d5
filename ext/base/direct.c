/* direct.c - functions that no schema may call: see direct.h. */
#include <string.h>
#include "direct.h"
#include "error.h"

/* sql_start - the first word of a statement: past what SQLite's tokenizer skips. */
static const char *sql_start(const char *sql) {
    for (;;) {
        sql += strspn(sql, " \t\n\v\f\r;");
        if (strncmp(sql, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
            sql += 3;
        } else if (strncmp(sql, "--", 2) == 0) {
            sql += strcspn(sql, "\n");
        } else if (strncmp(sql, "/*", 2) == 0) {
            const char *end = strstr(sql + 2, "*/");
            if (!end) return "";
            sql = end + 2;
        } else {
            return sql;
        }
    }
}

/* is_query - whether a running statement evaluates what its own text says, and no CHECK. */
static int is_query(sqlite3_stmt *statement) {
    static const char *const words[] = {"SELECT", "VALUES", "WITH"};
    const char *sql = sqlite3_sql(statement);
    if (!sql) return 1;
    if (!sqlite3_stmt_readonly(statement)) return 0;
    sql = sql_start(sql);
    for (int i = 0; i < 3; i++)
        if (sqlite3_strnicmp(sql, words[i], (int)strlen(words[i])) == 0) return 1;
    return 0;
}

int ext_direct_only(sqlite3_context *context, const char *function) {
    char error[EXT_ERROR_SIZE];
    sqlite3 *db = sqlite3_context_db_handle(context);
    sqlite3_stmt *s = NULL, *other = NULL;
    int queries = 0; /* none: SQLite evaluates a constant while it prepares */
    while (!other && (s = sqlite3_next_stmt(db, s)) != NULL) {
        if (!sqlite3_stmt_busy(s)) continue;
        if (is_query(s))
            queries++;
        else
            other = s;
    }
    if (queries && !other) return SQLITE_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "runs only while all running statements are queries, so that no table's "
        "CHECK can call it; '%!.80s' runs; expected SELECT %s(…) by itself",
        other ? sqlite3_sql(other) : "", function);
    ext_result_error(context, function, error);
    return SQLITE_ERROR;
}
