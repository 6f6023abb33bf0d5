/* schema.c - whether a schema calls a function of ours: see schema.h. */
#include <string.h>
#include "error.h"
#include "schema.h"

/* --- tokens, as SQLite's tokenizer takes them --------------------------------------- */

const char *ext_sql_blank(const char *sql) {
    for (;;) {
        sql += strspn(sql, " \t\n\v\f\r");
        if (strncmp(sql, "\xef\xbb\xbf", 3) == 0) { /* byte order mark */
            sql += 3;
        } else if (strncmp(sql, "--", 2) == 0) {
            sql += strcspn(sql, "\n");
        } else if (strncmp(sql, "/*", 2) == 0) {
            const char *end = strstr(sql + 2, "*/");
            sql = end ? end + 2 : sql + strlen(sql);
        } else {
            return sql;
        }
    }
}

static int is_word(unsigned char c) {
    return c >= 0x80 || c == '_' || c == '$' || (c >= '0' && c <= '9') ||
           (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* token_end - behind the token at p. What stands in its quotes, or the word, is size
 * bytes at *text. A doubled quote ends a token here and begins another: none of our names
 * has any. */
static const char *token_end(const char *p, const char **text, size_t *size) {
    const char close = *p == '[' ? ']' : *p;
    *text = p;
    if (strchr("'\"`[", *p)) {
        const char *end = strchr(p + 1, close);
        *text = p + 1;
        *size = end ? (size_t)(end - p - 1) : strlen(p + 1);
        return end ? end + 1 : p + 1 + *size;
    }
    *size = 1;
    if (is_word((unsigned char)*p))
        while (is_word((unsigned char)p[*size])) ++*size;
    return p + *size;
}

/* hides - whether at p is a variable with a parenthesis behind it, $a(…): to SQLite's
 * tokenizer all of it is one, unless it was built without. */
static int hides(const char *p) {
    if (!strchr("$@#:", *p)) return 0;
    for (p++; is_word((unsigned char)*p); p++) {}
    return *p == '(' || *p == ':';
}

/* is_virtual - whether a text makes a virtual table. */
static int is_virtual(const char *sql) {
    const char *text;
    size_t size;
    sql = ext_sql_blank(token_end(ext_sql_blank(sql), &text, &size));
    token_end(sql, &text, &size);
    return size == 7 && sqlite3_strnicmp(text, "VIRTUAL", 7) == 0;
}

/* calls - which of the names a statement calls; NULL: none. */
static const char *calls(const char *sql, const char *const *names, int n,
                         unsigned which) {
    const char *text, *end;
    size_t size;
    if (is_virtual(sql)) which |= EXT_AS_TABLE;
    for (const char *p = ext_sql_blank(sql); *p; p = ext_sql_blank(end)) {
        end = token_end(p, &text, &size);
        if (hides(p)) return names[0];
        for (int i = 0; i < n; i++)
            if (size == strlen(names[i]) &&
                sqlite3_strnicmp(text, names[i], (int)size) == 0 &&
                (which & EXT_AS_TABLE || *ext_sql_blank(end) == '('))
                return names[i];
    }
    return NULL;
}

/* --- schemas ------------------------------------------------------------------------ */

/* is_view - whether a text can make nothing but a view or trigger. */
static int is_view(const char *sql) {
    return sqlite3_strnicmp(sql, "CREATE VIEW ", 12) == 0 ||
           sqlite3_strnicmp(sql, "CREATE TRIGGER ", 15) == 0;
}

static int schema_calls(sqlite3 *db, const char *schema, const char *const *names, int n,
                        unsigned which, char *error) {
    sqlite3_stmt *s = NULL;
    char *text = sqlite3_mprintf("SELECT sql, name FROM \"%w\".sqlite_master", schema);
    const char *called = NULL;
    if (!text) return ext_no_memory(error);
    int rc = sqlite3_prepare_v2(db, text, -1, &s, NULL);
    sqlite3_free(text);
    while (rc == SQLITE_OK && !called && sqlite3_step(s) == SQLITE_ROW) {
        const char *sql = (const char *)sqlite3_column_text(s, 0);
        if (!sql || (!(which & EXT_IN_VIEWS) && is_view(sql))) continue;
        if (which & EXT_VIRTUAL_ALONE && !is_virtual(sql)) continue;
        called = calls(sql, names, n, which);
        if (called)
            sqlite3_snprintf(EXT_ERROR_SIZE, error, "%!.50s's '%!.50s' calls %s", schema,
                             (const char *)sqlite3_column_text(s, 1), called);
    }
    if (rc == SQLITE_OK) rc = sqlite3_reset(s);
    if (rc != SQLITE_OK) ext_sqlite_error(db, rc, error);
    sqlite3_finalize(s);
    return rc == SQLITE_OK && called ? SQLITE_ERROR : rc;
}

/* Main is number 0 and temp number 1. */
static int is_asked(int number, unsigned which) {
    return number > 1 || (number == 0 && which & EXT_IN_MAIN);
}

/* listed - before SQLite 3.39 a PRAGMA alone tells the names of the databases. */
static int listed(sqlite3 *db, const char *const *names, int n, unsigned which,
                  char *error) {
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &s, NULL);
    if (rc != SQLITE_OK) return ext_sqlite_error(db, rc, error);
    while (rc == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
        const char *schema = (const char *)sqlite3_column_text(s, 1);
        if (!schema)
            rc = ext_no_memory(error);
        else if (is_asked(sqlite3_column_int(s, 0), which))
            rc = schema_calls(db, schema, names, n, which, error);
    }
    const int ended = sqlite3_finalize(s);
    return rc == SQLITE_OK && ended != SQLITE_OK ? ext_sqlite_error(db, ended, error)
                                                 : rc;
}

int ext_schema_calls(sqlite3 *db, const char *const *names, int n, unsigned which,
                     char *error) {
#if SQLITE_VERSION_NUMBER >= 3039000
    if (sqlite3_libversion_number() >= 3039000) {
        const char *schema;
        int rc = SQLITE_OK;
        for (int i = 0; rc == SQLITE_OK && (schema = sqlite3_db_name(db, i)) != NULL; i++)
            if (is_asked(i, which)) rc = schema_calls(db, schema, names, n, which, error);
        return rc;
    }
#endif
    return listed(db, names, n, which, error);
}
