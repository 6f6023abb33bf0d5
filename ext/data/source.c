/* source.c - the rows of a table or view that a query names as text: see source.h. */
#include <string.h>
#include "../base/argument.h"
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

/* schema_take - puts a schema in the place of an empty *schema, if it has the table.
 * Returns what schema_has does. */
static int schema_take(sqlite3 *db, const char *candidate, char **schema,
                       const char *table, int *kind, char *error) {
    const int found = candidate ? schema_has(db, candidate, table, kind, error)
                                : ext_sqlite_error(db, SQLITE_NOMEM, error);
    if (found != SQLITE_ROW) return found;
    sqlite3_free(*schema);
    *schema = sqlite3_mprintf("%s", candidate);
    return *schema ? found : ext_sqlite_error(db, SQLITE_NOMEM, error);
}

/* name_resolve - puts the schema that has a table in the place of an empty *schema: as in
 * SQLite temp, main, or the first of the attached ones. Returns what schema_has does. */
static int name_resolve(sqlite3 *db, char **schema, const char *table, int *kind,
                        char *error) {
    if (**schema) return schema_has(db, *schema, table, kind, error);
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &s, NULL);
    if (rc != SQLITE_OK) return ext_sqlite_error(db, rc, error);
    /* temp is number 1, and is there only if the connection has used it. */
    int found = SQLITE_DONE;
    for (int temp = 1; temp >= 0 && found == SQLITE_DONE; temp--) {
        sqlite3_reset(s);
        while (found == SQLITE_DONE && (rc = sqlite3_step(s)) == SQLITE_ROW)
            if ((sqlite3_column_int(s, 0) == 1) == temp)
                found = schema_take(db, (const char *)sqlite3_column_text(s, 1), schema,
                                    table, kind, error);
        if (rc != SQLITE_ROW && rc != SQLITE_DONE) break;
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
    const char *id;    /* the one that has the ids; "" for the rowid */
    const char *rowid; /* a name of the rowid that no column hides */
} source_columns;

static const char *const rowid_names[3] = {"rowid", "_rowid_", "oid"};

/* columns_find - what a statement "SELECT *" offers; the names live as long as it. */
static source_columns columns_find(sqlite3_stmt *all, const char *id) {
    source_columns found = {"", "", "", "", ""};
    int hidden[3] = {0};
    for (int i = 0; i < sqlite3_column_count(all); i++) {
        const char *name = sqlite3_column_name(all, i);
        if (!name) continue;
        if (sqlite3_stricmp(name, "pixels") == 0) found.pixels = name;
        if (sqlite3_stricmp(name, "label") == 0) found.label = name;
        if (sqlite3_stricmp(name, "split") == 0) found.split = name;
        if (sqlite3_stricmp(name, id) == 0) found.id = name;
        for (int k = 0; k < 3; k++)
            hidden[k] |= sqlite3_stricmp(name, rowid_names[k]) == 0;
    }
    for (int k = 2; k >= 0; k--)
        if (!hidden[k]) found.rowid = rowid_names[k];
    return found;
}

/* sql_column - one more column of the statement: its number, or -1 for no name. */
static int sql_column(sqlite3_str *sql, const char *name, int *n) {
    if (!*name) return -1;
    sqlite3_str_appendf(sql, ", \"%w\"", name);
    return (*n)++;
}

/* is_numeric - whether a column of a table turns each number into one, by SQLite's rules
 * of affinity. ANY does not in a STRICT table. */
static int is_numeric(sqlite3 *db, const char *schema, const char *table,
                      const char *column) {
    static const char *const others[] = {"%CHAR%", "%CLOB%", "%TEXT%", "%BLOB%", "ANY"};
    const char *type = NULL;
    sqlite3_table_column_metadata(db, schema, table, column, &type, NULL, NULL, NULL,
                                  NULL);
    if (!type || !*type) return 0;
    if (sqlite3_strlike("%INT%", type, 0) == 0) return 1;
    for (int i = 0; i < 5; i++)
        if (sqlite3_strlike(others[i], type, 0) == 0) return 0;
    return 1;
}

/* has_text - whether a source has an id that is TEXT, or may have one. */
static int has_text(sqlite3 *db, const char *schema, const char *table, const char *id) {
    sqlite3_stmt *s = NULL;
    char *sql = sqlite3_mprintf(
        "SELECT 1 FROM \"%w\".\"%w\" WHERE typeof(\"%w\") = 'text'", schema, table, id);
    int rc = sql ? sqlite3_prepare_v2(db, sql, -1, &s, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    if (rc == SQLITE_OK) rc = sqlite3_step(s);
    sqlite3_finalize(s);
    return rc != SQLITE_DONE;
}

/* sql_has_id - the condition that a row has the id ?1, which an index can answer; or that
 * some affinity makes it that number. As REAL, since a column of a view may make each
 * number one, and SQLite tests the condition before. */
static void sql_has_id(sqlite3_str *sql, const char *id, int flags) {
    sqlite3_str_appendf(sql,
                        flags & SOURCE_BY_ANY_ID
                            ? "CAST(\"%w\" AS REAL) = CAST(?1 AS REAL)"
                            : "\"%w\" = ?1",
                        id);
}

/* sql_numbers - see ext_source.numbers. It selects the same columns, so that its rows
 * come in the order of a scan. NULL: out of memory. */
static char *sql_numbers(ext_source *source, const char *select, const char *schema,
                         const char *table, const char *id, int flags) {
    sqlite3_str *sql = sqlite3_str_new(source->db);
    sqlite3_str_appendf(sql, "%s, ", select);
    sql_has_id(sql, id, flags);
    sqlite3_str_appendf(sql, " FROM \"%w\".\"%w\"", schema, table);
    return sqlite3_str_finish(sql);
}

/* sql_rows - which rows, and in what order: those of a table by their rowids. */
static void sql_rows(ext_source *source, sqlite3_str *sql, const char *schema,
                     const char *table, const source_columns *columns, int by_rowid,
                     int flags) {
    const char *rowid = columns->rowid;
    source->by_range = by_rowid && flags & SOURCE_RANGE;
    const int by_id = flags & (SOURCE_BY_ID | SOURCE_BY_ANY_ID);
    source->by_value = by_id || (by_rowid && flags & SOURCE_BY_ROWID);
    if (by_id && *columns->id) {
        sqlite3_str_appendall(sql, " WHERE ");
        sql_has_id(sql, columns->id, flags);
    } else if (source->by_value)
        sqlite3_str_appendf(sql, " WHERE %s = ?1", rowid);
    else if (source->by_range)
        sqlite3_str_appendf(sql, " WHERE %s BETWEEN ?1 AND ?2", rowid);
    else if (by_rowid)
        sqlite3_str_appendf(
            sql, " WHERE %s <= (SELECT %s FROM \"%w\".\"%w\" ORDER BY 1 DESC LIMIT 1)",
            rowid, rowid, schema, table);
    if (by_rowid) sqlite3_str_appendf(sql, " ORDER BY %s", rowid);
}

/* rows_prepare - the statement that reads the columns found. Without the rowid if it
 * cannot be had: that is how a WITHOUT ROWID table shows. Its error text is SQLite's, or
 * in error. */
static int rows_prepare(ext_source *source, const char *schema, const char *table,
                        const source_columns *columns, int kind, int flags, char *error) {
    int rc = SQLITE_ERROR;
    *error = 0;
    for (int with = kind != VIEW && *columns->rowid; with >= 0 && rc == SQLITE_ERROR;
         with--) {
        const int by_id = flags & (SOURCE_BY_ID | SOURCE_BY_ANY_ID),
                  wants_id = by_id | (flags & SOURCE_ID);
        if (wants_id && !with && !*columns->id) {
            sqlite3_snprintf(
                EXT_ERROR_SIZE, error,
                "%.200s has neither a column 'id' nor a rowid; name the column of its "
                "ids, by the argument key or, of a table, WHERE key = 'name'",
                source->name);
            return SQLITE_ERROR;
        }
        sqlite3_str *sql = sqlite3_str_new(source->db);
        sqlite3_str_appendf(sql, "SELECT \"%w\"", columns->pixels);
        int n = 1;
        source->label = sql_column(sql, columns->label, &n);
        source->split = sql_column(sql, columns->split, &n);
        source->rowid = with ? n++ : -1;
        /* Without quotes: "rowid" in quotes would be a text where there is no rowid. */
        if (with) sqlite3_str_appendf(sql, ", %s", columns->rowid);
        source->id = wants_id ? sql_column(sql, columns->id, &n) : -1;
        source->named = source->id;
        if (wants_id && !*columns->id) source->id = source->rowid;
        if (!wants_id && kind != VIEW) source->named = sql_column(sql, columns->id, &n);
        if (by_id && !with)
            source->numbers = sql_numbers(source, sqlite3_str_value(sql), schema, table,
                                          columns->id, flags);
        sqlite3_str_appendf(sql, " FROM \"%w\".\"%w\"", schema, table);
        sql_rows(source, sql, schema, table, columns, with && kind == TABLE, flags);
        char *text = sqlite3_str_finish(sql);
        if (!text || (by_id && !with && !source->numbers))
            rc = SQLITE_NOMEM;
        else
            rc = sqlite3_prepare_v2(source->db, text, -1, &source->rows, NULL);
        sqlite3_free(text);
    }
    const char *id = columns->id;
    if (rc == SQLITE_OK && flags & SOURCE_BY_ID)
        source->numeric_ids =
            !*id || (kind == TABLE && is_numeric(source->db, schema, table, id)) ||
            !has_text(source->db, schema, table, id);
    return rc;
}

/* columns_check - SQLITE_OK, or which column is missing. Those that are not asked for are
 * taken out. A key may name the rowid. */
static int columns_check(const ext_source *source, source_columns *columns,
                         const char *key, int flags, char *error) {
    int is_rowid = 0;
    if (!(flags & SOURCE_SPLIT)) columns->split = "";
    if (!(flags & (SOURCE_LABEL | SOURCE_LABEL_IF_ANY))) columns->label = "";
    for (int k = 0; key && k < 3; k++)
        is_rowid |= sqlite3_stricmp(key, rowid_names[k]) == 0;
    const char *missing = !*columns->pixels                          ? "pixels"
                          : flags & SOURCE_LABEL && !*columns->label ? "label"
                          : key && !*columns->id && !is_rowid        ? key
                                                                     : NULL;
    if (!missing) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "%.200s has no column '%.200s'%s",
                     source->name, missing, missing == key ? ", which key names" : "");
    return SQLITE_ERROR;
}

/* rows_open - finds the columns, says which is missing, starts reading. */
static int rows_open(ext_source *source, const char *schema, const char *table, int kind,
                     const char *key, int flags, char *error) {
    sqlite3_stmt *all = NULL;
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\".\"%w\"", schema, table);
    int rc = sql ? sqlite3_prepare_v2(source->db, sql, -1, &all, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    *error = 0;
    if (rc == SQLITE_OK) {
        source_columns columns = columns_find(all, key ? key : "id");
        rc = columns_check(source, &columns, key, flags, error);
        if (rc == SQLITE_OK)
            rc = rows_prepare(source, schema, table, &columns, kind, flags, error);
    }
    if (rc != SQLITE_OK && !*error) ext_sqlite_error(source->db, rc, error);
    sqlite3_finalize(all);
    return rc;
}

/* key_text - the name in a key, or NULL for none. SQLITE_OK, or an error and its text. */
static int key_text(const char **out, sqlite3_value *key, char *error) {
    const int type = key ? sqlite3_value_type(key) : SQLITE_NULL;
    *out = NULL;
    if (type == SQLITE_NULL) return SQLITE_OK;
    if (type != SQLITE_TEXT) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "key is %s; expected the name of a column of the source",
                         ext_type_name(type));
        return SQLITE_ERROR;
    }
    return ext_text(out, key, "key", error);
}

/* --- reading ------------------------------------------------------------------------ */

int ext_source_open(ext_source *out, sqlite3 *db, sqlite3_value *name, sqlite3_value *key,
                    int flags, char *error) {
    char *schema = NULL, *table = NULL;
    const char *key_name;
    int kind = VIEW;
    memset(out, 0, sizeof *out);
    out->db = out->room.watch.db = db;
    out->poll.last = ext_seconds();
    const int type = name ? sqlite3_value_type(name) : SQLITE_NULL;
    if (type != SQLITE_TEXT) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "source is %s; expected the name of a table or view",
                         name ? ext_type_name(type) : "missing");
        return SQLITE_ERROR;
    }
    int rc = key_text(&key_name, key, error);
    if (rc != SQLITE_OK) return rc;
    const char *text;
    rc = ext_text(&text, name, "source", error);
    if (rc != SQLITE_OK) return rc;
    out->name = sqlite3_mprintf("%s", text);
    rc = out->name ? name_split(out->name, &schema, &table) : SQLITE_NOMEM;
    if (rc == SQLITE_ERROR)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "'%.200s' is no name of a table or view",
                         out->name);
    if (rc == SQLITE_OK) {
        rc = name_resolve(db, &schema, table, &kind, error);
        if (rc == SQLITE_ROW) {
            rc = rows_open(out, schema, table, kind, key_name, flags, error);
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
    sqlite3_free(source->numbers);
    sqlite3_value_free(source->value);
    ext_poll_end(&source->poll);
    ext_room_free(&source->room);
    memset(source, 0, sizeof *source);
}

int ext_source_next(ext_source *source, char *error) {
    int rc = sqlite3_step(source->rows);
    source->row++;
    /* A progress handler counts steps, and large rows have few of them. */
    if (rc == SQLITE_ROW && ext_poll_check(&source->poll, source->db) == SQLITE_INTERRUPT)
        rc = SQLITE_INTERRUPT;
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

int ext_source_restart(ext_source *source, sqlite3_value *value, char *error) {
    source->row = 0;
    sqlite3_reset(source->rows); /* says what the last step said, which has been told */
    int rc = source->by_value ? sqlite3_bind_value(source->rows, 1, value) : SQLITE_OK;
    if (rc == SQLITE_OK && source->numbers) {
        sqlite3_value_free(source->value);
        source->value = sqlite3_value_dup(value);
        if (!source->value) rc = SQLITE_NOMEM;
    }
    return rc == SQLITE_OK ? rc : ext_sqlite_error(source->db, rc, error);
}

int ext_source_finds(const ext_source *source, sqlite3_value *value) {
    const int type = sqlite3_value_type(value);
    return source->numeric_ids || (type != SQLITE_INTEGER && type != SQLITE_FLOAT);
}

sqlite3_int64 ext_source_rowid(const ext_source *source) {
    if (source->rowid < 0) return source->row;
    return sqlite3_column_int64(source->rows, source->rowid);
}

int ext_source_number(const ext_source *source, sqlite3_value *id, sqlite3_int64 nth,
                      sqlite3_int64 *number, char *error) {
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(source->db, source->numbers, -1, &s, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_value(s, 1, id ? id : source->value);
    if (rc == SQLITE_OK) rc = SQLITE_ROW;
    *number = 0;
    while (nth > 0 && rc == SQLITE_ROW && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        nth -= sqlite3_column_int(s, sqlite3_column_count(s) - 1);
        ++*number;
    }
    *number += nth; /* where the row has gone meanwhile, one behind the last */
    if (rc == SQLITE_ROW || rc == SQLITE_DONE)
        rc = SQLITE_OK;
    else
        ext_sqlite_error(source->db, rc, error);
    sqlite3_finalize(s);
    return rc;
}
