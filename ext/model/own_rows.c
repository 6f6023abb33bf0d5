/* own_rows.c - whether a statement would meet the models that it makes itself: see
 * own_rows.h.
 *
 * A row of EXPLAIN is an instruction: its address, name, and operands p1 to p4.
 *
 *     OpenRead   p1: cursor   p2: root page   p3: number of the database
 *     Rewind, Last p1: cursor that goes through all rows
 *     Next, Prev p1: cursor   p2: where the loop over it begins
 *     Function                                p4: "copy_model(2)"
 *     VFilter                                 a table-valued function begins
 *     Yield                                   gives a row to another loop */
#include <string.h>
#include "../base/error.h"
#include "own_rows.h"

enum { ADDRESS, NAME, P1, P2, P3, P4 };

/* Loops over our tables that a statement may have. Nobody writes so many by hand. */
#define MOST_LOOPS 32

typedef struct loops {
    sqlite3_stmt *ours; /* whether ?1 is the root page of one of our tables */
    int database;       /* number of its schema */
    int cursors[MOST_LOOPS], n_cursors;
    int begins[MOST_LOOPS], ends[MOST_LOOPS], n;
    int is_whole; /* one of the cursors goes through all rows */
} loops;

/* What sqlite3_set_auxdata keeps a count under, until the statement ends: below 0, where
 * it depends on no argument. */
#define MADE_KEY (-20111)

static int is(sqlite3_stmt *row, const char *name) {
    const char *text = (const char *)sqlite3_column_text(row, NAME);
    return text && strncmp(text, name, strlen(name)) == 0;
}

/* loops_open - notes a cursor that is opened on one of our tables, or its index.
 * SQLITE_OK, or an error. */
static int loops_open(loops *l, sqlite3_stmt *row) {
    if (!is(row, "OpenRead") || sqlite3_column_int(row, P3) != l->database)
        return SQLITE_OK;
    sqlite3_bind_int64(l->ours, 1, sqlite3_column_int64(row, P2));
    if (sqlite3_step(l->ours) == SQLITE_ROW && l->n_cursors < MOST_LOOPS)
        l->cursors[l->n_cursors++] = sqlite3_column_int(row, P1);
    return sqlite3_reset(l->ours);
}

/* loops_end - notes a loop over such a cursor, or how it begins. */
static void loops_end(loops *l, sqlite3_stmt *row) {
    const int is_whole = is(row, "Rewind") || is(row, "Last");
    if (!is_whole && !is(row, "Next") && !is(row, "Prev")) return;
    for (int i = 0; i < l->n_cursors && l->n < MOST_LOOPS; i++) {
        if (l->cursors[i] != sqlite3_column_int(row, P1)) continue;
        l->is_whole |= is_whole;
        if (is_whole) return;
        l->begins[l->n] = sqlite3_column_int(row, P2);
        l->ends[l->n++] = sqlite3_column_int(row, ADDRESS);
        return;
    }
}

/* loops_call - whether an instruction calls the function, or may, within a loop. */
static int loops_call(const loops *l, sqlite3_stmt *row, const char *function) {
    const char *p4 = (const char *)sqlite3_column_text(row, P4);
    const size_t length = function ? strlen(function) : 0;
    const int calls = is(row, "Yield") || (!function && is(row, "VFilter")) ||
                      (function && is(row, "Function") && p4 &&
                       strncmp(p4, function, length) == 0 && p4[length] == '(');
    const int at = sqlite3_column_int(row, ADDRESS);
    for (int i = 0; calls && i < l->n; i++)
        if (at >= l->begins[i] && at < l->ends[i]) return 1;
    return 0;
}

/* statement_meets - sets *meets to 1 if one statement is such a one. What cannot be
 * explained is none; SQLITE_OK then too, but for memory and an interrupt. */
static int statement_meets(loops *l, sqlite3 *db, const char *text, const char *function,
                           int *meets) {
    sqlite3_stmt *code = NULL;
    char *sql = sqlite3_mprintf("EXPLAIN %s", text);
    int rc = sql ? sqlite3_prepare_v2(db, sql, -1, &code, NULL) : SQLITE_NOMEM;
    const int is_ready = rc == SQLITE_OK;
    l->n_cursors = l->n = 0;
    if (is_ready) {
        while (rc == SQLITE_OK && sqlite3_step(code) == SQLITE_ROW)
            rc = loops_open(l, code);
        const int ended = sqlite3_reset(code);
        if (rc == SQLITE_OK) rc = ended;
        while (l->n_cursors && sqlite3_step(code) == SQLITE_ROW) loops_end(l, code);
        if (rc == SQLITE_OK) rc = sqlite3_reset(code);
        while (l->n && sqlite3_step(code) == SQLITE_ROW)
            *meets |= loops_call(l, code, function);
        if (rc == SQLITE_OK) rc = sqlite3_reset(code);
    }
    sqlite3_finalize(code);
    sqlite3_free(sql);
    return is_ready || rc == SQLITE_NOMEM || rc == SQLITE_INTERRUPT ? rc : SQLITE_OK;
}

/* loops_prepare - SQLITE_OK, or an error and its text. */
static int loops_prepare(loops *l, sqlite3 *db, const char *schema, char *error) {
    sqlite3_stmt *list = NULL;
    char *sql = sqlite3_mprintf("SELECT 1 FROM \"%w\".sqlite_master WHERE rootpage = ?1 "
                                "AND lower(tbl_name) IN ('digitnet_models', "
                                "'digitnet_epochs')",
                                schema);
    if (!sql) return ext_no_memory(error);
    int rc = sqlite3_prepare_v2(db, sql, -1, &l->ours, NULL);
    sqlite3_free(sql);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &list, NULL);
    while (rc == SQLITE_OK && sqlite3_step(list) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(list, 1);
        if (name && sqlite3_stricmp(name, schema) == 0)
            l->database = sqlite3_column_int(list, 0);
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_finalize(list);
    else
        sqlite3_finalize(list);
    return rc == SQLITE_OK ? rc : ext_sqlite_error(db, rc, error);
}

/* may_make - sets *may to whether a statement that looks models up has not yet made as
 * many as there were. */
static int may_make(sqlite3 *db, const char *schema, sqlite3_context *context, int *may) {
    sqlite3_int64 *left = sqlite3_get_auxdata(context, MADE_KEY);
    *may = !left || (*left)-- > 0;
    if (left) return SQLITE_OK;
    sqlite3_stmt *s = NULL;
    char *sql = sqlite3_mprintf("SELECT count(*) FROM \"%w\".digitnet_models", schema);
    left = sqlite3_malloc(sizeof *left);
    int rc = SQLITE_NOMEM;
    if (sql && left) rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (rc == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
        *left = sqlite3_column_int64(s, 0) - 1;
        sqlite3_set_auxdata(context, MADE_KEY, left, sqlite3_free);
        left = NULL;
    }
    const int ended = sqlite3_finalize(s);
    sqlite3_free(left);
    sqlite3_free(sql);
    return rc == SQLITE_OK ? ended : rc;
}

int ext_own_rows(sqlite3 *db, const char *schema, const char *function,
                 sqlite3_context *context, char *error) {
    loops l = {.database = -1};
    int meets = 0, may = 0, rc = loops_prepare(&l, db, schema, error);
    for (sqlite3_stmt *s = NULL; rc == SQLITE_OK && (s = sqlite3_next_stmt(db, s));)
        if (sqlite3_stmt_busy(s) && s != l.ours && sqlite3_sql(s) &&
            (rc = statement_meets(&l, db, sqlite3_sql(s), function, &meets)) != SQLITE_OK)
            ext_sqlite_error(db, rc, error);
    sqlite3_finalize(l.ours);
    if (rc != SQLITE_OK || !meets) return rc;
    if (context && !l.is_whole) rc = may_make(db, schema, context, &may);
    if (rc != SQLITE_OK) return ext_sqlite_error(db, rc, error);
    if (may) return SQLITE_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "it is called for the rows of %!.60s's models, or of their log, and would then "
        "read those it adds; read them first, into a TEMP table, or in a subquery: "
        "(SELECT name FROM digitnet_models …) as the argument",
        schema);
    return SQLITE_ERROR;
}
