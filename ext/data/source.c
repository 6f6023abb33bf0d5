/* source.c - the rows of a table or view that a query names as text: see source.h. */
#include <string.h>
#include "../base/error.h"
#include "source.h"

/* --- names -------------------------------------------------------------------------- */

/* name_part - reads one part of a name at *p, unquoted, into out (as long as the text).
 * Returns 0 if a quote is not closed or something follows it. */
static int name_part(const char **p, char *out) {
    const char *s = *p;
    const char quote = *s == '[' ? ']' : *s == '"' || *s == '`' ? *s : 0;
    if (!quote) {
        while (*s && *s != '.') *out++ = *s++;
    } else {
        for (s++; *s && (*s != quote || (quote != ']' && s[1] == quote)); s++) {
            if (*s == quote) s++;
            *out++ = *s;
        }
        if (*s++ != quote || (*s && *s != '.')) return 0;
    }
    *out = 0;
    *p = s;
    return 1;
}

/* name_split - takes 'schema.table' apart; *schema is "" if there is none. Both texts are
 * sqlite3_malloc'd. SQLITE_ERROR if it cannot be a name. */
static int name_split(const char *name, char **schema, char **table) {
    const sqlite3_uint64 size = strlen(name) + 1;
    char *a = sqlite3_malloc64(size), *b = sqlite3_malloc64(size);
    *schema = a;
    *table = b;
    if (!a || !b) return SQLITE_NOMEM;
    const char *p = name;
    if (!name_part(&p, a)) return SQLITE_ERROR;
    if (*p == '.') {
        p++;
        if (!*a || !name_part(&p, b)) return SQLITE_ERROR;
    } else {
        *schema = b;
        *table = a;
        *b = 0;
    }
    return **table && !*p ? SQLITE_OK : SQLITE_ERROR;
}

enum { VIEW = 0, VIRTUAL_TABLE = 1, TABLE = 2 };

/* schema_has - looks for a table or view in one schema: SQLITE_ROW and its *kind if it is
 * there, SQLITE_DONE if not, SQLITE_ERROR if there is no such schema; or another error
 * and its text. */
static int schema_has(sqlite3 *db, const char *schema, const char *table, int *kind,
                      char *error) {
    sqlite3_stmt *s = NULL;
    char *sql = sqlite3_mprintf(
        "SELECT (type = 'table') + (rootpage > 0) FROM \"%w\".sqlite_master "
        "WHERE name = ?1 COLLATE NOCASE AND type IN ('table', 'view')",
        schema);
    if (!sql) return ext_sqlite_error(db, SQLITE_NOMEM, error);
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    sqlite3_free(sql);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        *kind = sqlite3_column_int(s, 0);
    else if (rc != SQLITE_DONE)
        ext_sqlite_error(db, rc, error);
    sqlite3_finalize(s);
    return rc;
}

/* name_resolve - puts the schema that has a table in the place of an empty *schema.
 * Returns what schema_has does. */
static int name_resolve(sqlite3 *db, char **schema, const char *table, int *kind,
                        char *error) {
    if (**schema) return schema_has(db, *schema, table, kind, error);
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &s, NULL);
    if (rc != SQLITE_OK) return ext_sqlite_error(db, rc, error);
    /* main, temp and the attached ones come in this order. */
    int found = SQLITE_DONE;
    while (found == SQLITE_DONE && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        const char *candidate = (const char *)sqlite3_column_text(s, 1);
        found = candidate ? schema_has(db, candidate, table, kind, error)
                          : ext_sqlite_error(db, SQLITE_NOMEM, error);
        if (found != SQLITE_ROW) continue;
        sqlite3_free(*schema);
        *schema = sqlite3_mprintf("%s", candidate);
        if (!*schema) found = ext_sqlite_error(db, SQLITE_NOMEM, error);
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) found = ext_sqlite_error(db, rc, error);
    sqlite3_finalize(s);
    return found;
}

/* --- columns ------------------------------------------------------------------------ */

/* The columns of a source that matter, by their names there; "" for one that is
 * missing. */
typedef struct source_columns {
    const char *pixels, *label, *split;
    const char *rowid; /* a name of the rowid that no column hides */
} source_columns;

/* columns_find - what a statement "SELECT *" offers; the names live as long as it. */
static source_columns columns_find(sqlite3_stmt *all) {
    static const char *const rowids[3] = {"rowid", "_rowid_", "oid"};
    source_columns found = {"", "", "", ""};
    int hidden[3] = {0};
    for (int i = 0; i < sqlite3_column_count(all); i++) {
        const char *name = sqlite3_column_name(all, i);
        if (!name) continue;
        if (sqlite3_stricmp(name, "pixels") == 0) found.pixels = name;
        if (sqlite3_stricmp(name, "label") == 0) found.label = name;
        if (sqlite3_stricmp(name, "split") == 0) found.split = name;
        for (int k = 0; k < 3; k++) hidden[k] |= sqlite3_stricmp(name, rowids[k]) == 0;
    }
    for (int k = 2; k >= 0; k--)
        if (!hidden[k]) found.rowid = rowids[k];
    return found;
}

/* rows_prepare - the statement that reads the columns found. NULL stands for one that is
 * missing. Without the rowid if it cannot be had: that is how a WITHOUT ROWID table
 * shows. */
static int rows_prepare(ext_source *source, const char *schema, const char *table,
                        const source_columns *columns, int kind, int flags) {
    int rc = SQLITE_ERROR;
    for (int with = kind != VIEW && *columns->rowid; with >= 0 && rc == SQLITE_ERROR;
         with--) {
        sqlite3_str *sql = sqlite3_str_new(source->db);
        sqlite3_str_appendf(sql, "SELECT \"%w\"", columns->pixels);
        int n = 1;
        source->label = source->split = source->rowid = -1;
        if (*columns->label) {
            sqlite3_str_appendf(sql, ", \"%w\"", columns->label);
            source->label = n++;
        }
        if (*columns->split) {
            sqlite3_str_appendf(sql, ", \"%w\"", columns->split);
            source->split = n++;
        }
        if (with) {
            sqlite3_str_appendf(sql, ", %s", columns->rowid);
            source->rowid = n++;
        }
        sqlite3_str_appendf(sql, " FROM \"%w\".\"%w\"", schema, table);
        source->by_range = with && kind == TABLE && flags & SOURCE_RANGE;
        if (source->by_range)
            sqlite3_str_appendf(sql, " WHERE %s BETWEEN ?1 AND ?2", columns->rowid);
        if (with && kind == TABLE)
            sqlite3_str_appendf(sql, " ORDER BY %s", columns->rowid);
        char *text = sqlite3_str_finish(sql);
        if (!text) return SQLITE_NOMEM;
        rc = sqlite3_prepare_v2(source->db, text, -1, &source->rows, NULL);
        sqlite3_free(text);
    }
    return rc;
}

/* rows_open - finds the columns, says which is missing, starts reading. */
static int rows_open(ext_source *source, const char *schema, const char *table, int kind,
                     int flags, char *error) {
    sqlite3_stmt *all = NULL;
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\".\"%w\"", schema, table);
    int rc = sql ? sqlite3_prepare_v2(source->db, sql, -1, &all, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    if (rc == SQLITE_OK) {
        source_columns columns = columns_find(all);
        if (!(flags & SOURCE_SPLIT)) columns.split = "";
        const char *missing = !*columns.pixels                          ? "pixels"
                              : flags & SOURCE_LABEL && !*columns.label ? "label"
                                                                        : NULL;
        if (missing) {
            sqlite3_finalize(all);
            sqlite3_snprintf(EXT_ERROR_SIZE, error, "%.200s has no column '%s'",
                             source->name, missing);
            return SQLITE_ERROR;
        }
        rc = rows_prepare(source, schema, table, &columns, kind, flags);
    }
    if (rc != SQLITE_OK) ext_sqlite_error(source->db, rc, error);
    sqlite3_finalize(all);
    return rc;
}

/* --- reading ------------------------------------------------------------------------ */

int ext_source_open(ext_source *out, sqlite3 *db, sqlite3_value *name, int flags,
                    char *error) {
    char *schema = NULL, *table = NULL;
    int kind = VIEW;
    memset(out, 0, sizeof *out);
    out->db = out->room.watch.db = db;
    const int type = name ? sqlite3_value_type(name) : SQLITE_NULL;
    if (type != SQLITE_TEXT) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "source is %s; expected the name of a table or view",
                         name ? ext_type_name(type) : "missing");
        return SQLITE_ERROR;
    }
    const char *text = (const char *)sqlite3_value_text(name);
    out->name = text ? sqlite3_mprintf("%s", text) : NULL;
    int rc = out->name ? name_split(out->name, &schema, &table) : SQLITE_NOMEM;
    if (rc == SQLITE_ERROR)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "'%.200s' is no name of a table or view",
                         out->name);
    if (rc == SQLITE_OK) {
        rc = name_resolve(db, &schema, table, &kind, error);
        if (rc == SQLITE_ROW) {
            rc = rows_open(out, schema, table, kind, flags, error);
        } else if (rc == SQLITE_DONE || rc == SQLITE_ERROR) {
            /* SQLITE_ERROR: there is no such schema. */
            sqlite3_snprintf(EXT_ERROR_SIZE, error, "there is no table or view '%.200s'",
                             out->name);
            rc = SQLITE_ERROR;
        }
    } else if (rc == SQLITE_NOMEM) {
        ext_sqlite_error(db, rc, error);
    }
    sqlite3_free(table);
    sqlite3_free(schema);
    return rc;
}

void ext_source_close(ext_source *source) {
    sqlite3_finalize(source->rows);
    sqlite3_free(source->name);
    ext_room_free(&source->room);
    memset(source, 0, sizeof *source);
}

int ext_source_next(ext_source *source, char *error) {
    int rc = sqlite3_step(source->rows);
    source->row++;
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) return rc;
    return ext_sqlite_error(source->db, rc, error);
}

int ext_source_range(ext_source *source, sqlite3_int64 first, sqlite3_int64 last,
                     char *error) {
    int rc = sqlite3_reset(source->rows);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int64(source->rows, 1, first);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int64(source->rows, 2, last);
    return rc == SQLITE_OK ? rc : ext_sqlite_error(source->db, rc, error);
}

sqlite3_int64 ext_source_id(const ext_source *source) {
    if (source->rowid < 0) return source->row;
    return sqlite3_column_int64(source->rows, source->rowid);
}
