/* report_model.c - report_model(source [, model [, key]]): a web page of data, training,
 * accuracy, mistakes and calibration, as TEXT.
 *
 *     SELECT writefile('report.html', report_model('images'));  -- in the sqlite3 shell
 *     SELECT report_model('aux.letters', 'letters@2');          -- in any client
 *     SELECT report_model('tickets', NULL, 'number');           -- ids in that column
 *
 * The page is made by SQL, sql/report/page.sql, which is compiled in. It runs on a
 * connection of its own, in memory, so that no table, view or attached database of it is
 * ever in the host's. That connection has those of our functions that the page asks, the
 * model's row and its log, copied, and image_rows, which reads the host's tables
 * (ext_context_read_from). So the host may be in a transaction, read-only or in memory,
 * and its own functions and collations serve a view that is the source.
 *
 * Its parts read the host's tables one after the other. A read transaction of the host's,
 * over all of its files, is held meanwhile, so that they read one state of each file.
 *
 * Whatever stops the host's statement stops the page: the connection asks the host every
 * some steps, by a progress handler. */
#include <string.h>
#include "../base/argument.h"
#include "../base/direct.h"
#include "../base/error.h"
#include "../model/cache.h"
#include "../model/name.h"
#include "../model/store.h"

/* Made by the Makefile of sql/report/page.sql: report_page.awk. */
static const unsigned char page_sql[] = {
#include "report_page.sql.inc"
    0};

/* Steps of SQLite's machine between two looks at the host: some tens of microseconds. */
#define STEPS 1000

/* A page while it is made. */
typedef struct page {
    sqlite3 *host, *db;  /* db: the page's own */
    sqlite3_stmt *state; /* the host's, which holds its read transaction */
    ext_context *models;
    ext_watch watch; /* of the host */
    char *error;     /* [EXT_ERROR_SIZE] */
} page;

/* --- the host's state --------------------------------------------------------------- */

/* state_sql - a query of one row that reads each of the host's files; temp, which is the
 * host's own, aside. NULL: rc says why. */
static char *state_sql(page *p, int *rc) {
    sqlite3_stmt *s = NULL;
    sqlite3_str *sql = sqlite3_str_new(p->host);
    sqlite3_str_appendf(sql, "SELECT 1");
    *rc = sqlite3_prepare_v2(p->host, "PRAGMA database_list", -1, &s, NULL);
    while (*rc == SQLITE_OK && (*rc = sqlite3_step(s)) == SQLITE_ROW) {
        *rc = SQLITE_OK;
        if (sqlite3_column_int(s, 0) == 1) continue;
        sqlite3_str_appendf(sql, ", EXISTS (SELECT 1 FROM \"%w\".sqlite_master)",
                            (const char *)sqlite3_column_text(s, 1));
    }
    if (*rc == SQLITE_DONE) *rc = SQLITE_OK;
    if (*rc != SQLITE_OK) ext_sqlite_error(p->host, *rc, p->error);
    sqlite3_finalize(s);
    char *text = sqlite3_str_finish(sql);
    if (!text && *rc == SQLITE_OK) *rc = ext_no_memory(p->error);
    if (*rc == SQLITE_OK) return text;
    sqlite3_free(text);
    return NULL;
}

/* state_hold - begins the read transaction, which lasts as long as p->state. */
static int state_hold(page *p) {
    int rc;
    char *sql = state_sql(p, &rc);
    if (!sql) return rc;
    rc = sqlite3_prepare_v2(p->host, sql, -1, &p->state, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(p->state);
    sqlite3_free(sql);
    return rc == SQLITE_ROW ? SQLITE_OK : ext_sqlite_error(p->host, rc, p->error);
}

/* --- the connection ----------------------------------------------------------------- */

/* functions_register - what the page asks. */
static int functions_register(page *p) {
    ext_context *context = ext_context_new(p->db);
    if (!context) return SQLITE_NOMEM;
    const dn_limits limits = ext_context_limits(p->models);
    ext_context_limit(context, &limits);
    ext_context_read_from(context, p->host);
    int rc = ext_register_info(p->db);
    if (rc == SQLITE_OK) rc = ext_register_picture(p->db);
    if (rc == SQLITE_OK) rc = ext_register_uri(p->db);
    if (rc == SQLITE_OK) rc = ext_register_image_rows(p->db, context);
    if (rc == SQLITE_OK) rc = ext_register_predict(p->db, context);
    if (rc == SQLITE_OK) rc = ext_register_saliency(p->db, context);
    if (rc == SQLITE_OK) rc = ext_register_digitnet_model(p->db, context);
#ifndef DIGITNET_OMIT_BUILTIN
    if (rc == SQLITE_OK) rc = ext_register_builtin(p->db);
#endif
    ext_context_unref(context);
    return rc;
}

/* text_copy - the first column of a row, sqlite3_malloc'd, as clients that decode UTF-8
 * strictly can have it: what the host's texts have of other bytes becomes "?", zeros
 * too. NULL: out of memory. */
static char *text_copy(sqlite3_stmt *row) {
    const unsigned char *text = sqlite3_column_text(row, 0);
    const int n = sqlite3_column_bytes(row, 0);
    char *out = text ? sqlite3_malloc64((sqlite3_uint64)n + 1) : NULL;
    if (!out) return NULL;
    for (int i = 0; i < n; i++) out[i] = text[i] ? (char)text[i] : '?';
    out[n] = 0;
    ext_text_mend(out);
    return out;
}

/* db_run - runs statements, and keeps the text of the last one that gives a row in *out,
 * sqlite3_malloc'd, if out is not NULL. */
static int db_run(page *p, const char *sql, char **out) {
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && *sql) {
        sqlite3_stmt *s = NULL;
        rc = sqlite3_prepare_v2(p->db, sql, -1, &s, &sql);
        while (rc == SQLITE_OK && s && (rc = sqlite3_step(s)) == SQLITE_ROW) {
            rc = SQLITE_OK;
            if (!out || sqlite3_column_type(s, 0) != SQLITE_TEXT) continue;
            sqlite3_free(*out);
            *out = text_copy(s);
            if (!*out) rc = SQLITE_NOMEM;
        }
        if (rc == SQLITE_DONE) rc = SQLITE_OK;
        if (rc != SQLITE_OK) ext_sqlite_error(p->db, rc, p->error);
        sqlite3_finalize(s);
    }
    return rc;
}

/* host_temp_store - where the host keeps temporary tables: one who wants them in memory
 * wants the page's there, too. 0, the default, where it may not be asked. */
static int host_temp_store(sqlite3 *host) {
    sqlite3_stmt *s = NULL;
    int store = 0;
    if (sqlite3_prepare_v2(host, "PRAGMA temp_store", -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        store = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return store;
}

static int db_open(page *p) {
    int rc = sqlite3_open_v2(":memory:", &p->db,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (rc == SQLITE_OK) rc = functions_register(p);
    if (rc == SQLITE_OK)
        sqlite3_progress_handler(p->db, STEPS, ext_watch_stop, &p->watch);
    if (rc == SQLITE_OK) return rc;
    return rc == SQLITE_NOMEM || !p->db ? ext_no_memory(p->error)
                                        : ext_sqlite_error(p->db, rc, p->error);
}

/* --- the model ---------------------------------------------------------------------- */

/* row_insert - inserts the row that a statement of the host stands on, into a table that
 * may have other columns; the state, which resuming needs, stays NULL. */
static int row_insert(page *p, sqlite3_stmt *row, const char *table) {
    sqlite3_str *sql = sqlite3_str_new(p->db), *values = sqlite3_str_new(p->db);
    sqlite3_stmt *s = NULL;
    int n = 0;
    sqlite3_str_appendf(sql, "INSERT INTO %s(", table);
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        const char *name = sqlite3_column_name(row, i);
        if (!name || !ext_store_has(p->db, "main", table, name)) continue;
        const char *comma = n++ ? ", " : "";
        const int is_state = sqlite3_stricmp(name, "state") == 0;
        sqlite3_str_appendf(sql, "%s\"%w\"", comma, name);
        sqlite3_str_appendf(values, is_state ? "%sNULL" : "%s?%d", comma, i + 1);
    }
    char *rest = sqlite3_str_finish(values);
    sqlite3_str_appendf(sql, ") VALUES(%s)", rest ? rest : "");
    char *text = sqlite3_str_finish(sql);
    int rc = rest && text ? sqlite3_prepare_v2(p->db, text, -1, &s, NULL) : SQLITE_NOMEM;
    const int parameters = sqlite3_bind_parameter_count(s);
    for (int i = 0; i < parameters && rc == SQLITE_OK; i++)
        rc = sqlite3_bind_value(s, i + 1, sqlite3_column_value(row, i));
    if (rc == SQLITE_OK && sqlite3_step(s) != SQLITE_DONE) rc = sqlite3_errcode(p->db);
    sqlite3_finalize(s);
    sqlite3_free(text);
    sqlite3_free(rest);
    return rc == SQLITE_OK ? rc : ext_sqlite_error(p->db, rc, p->error);
}

/* rows_copy - the rows of the host's table that are a version's. */
static int rows_copy(page *p, const char *table, const ext_model_request *request) {
    sqlite3_stmt *s = NULL;
    char *sql =
        sqlite3_mprintf("SELECT * FROM main.%s WHERE name = ?1 AND version = ?2", table);
    if (!sql) return ext_no_memory(p->error);
    int rc = sqlite3_prepare_v2(p->host, sql, -1, &s, NULL), put = SQLITE_OK;
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(s, 1, request->text, request->name_size, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_bind_int64(s, 2, request->version);
    while (rc == SQLITE_OK && put == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        put = row_insert(p, s, table);
        rc = SQLITE_OK;
    }
    if (rc != SQLITE_OK && rc != SQLITE_DONE)
        put = ext_sqlite_error(p->host, rc, p->error);
    sqlite3_finalize(s);
    sqlite3_free(sql);
    return put;
}

/* model_copy - the model's row and its log; of the built-in one there are tables of their
 * own. */
static int model_copy(page *p, const char *exact) {
    ext_model_request request;
    ext_poll poll = {0};
    int rc = ext_model_request_text(&request, exact, (int)strlen(exact), p->error);
    if (rc == SQLITE_OK) rc = ext_store_tables(p->db, &poll, "main", p->error);
    ext_poll_end(&poll);
#ifdef DIGITNET_OMIT_BUILTIN
    if (rc == SQLITE_OK)
        rc = db_run(p,
                    "CREATE TABLE digitnet_builtin AS SELECT * FROM digitnet_models; "
                    "CREATE TABLE digitnet_builtin_epochs AS SELECT * FROM "
                    "digitnet_epochs",
                    NULL);
#endif
    if (rc != SQLITE_OK || request.by == BUILTIN) return rc;
    rc = rows_copy(p, "digitnet_models", &request);
    if (rc == SQLITE_OK && ext_store_has(p->host, "main", "digitnet_epochs", "epoch"))
        rc = rows_copy(p, "digitnet_epochs", &request);
    return rc;
}

/* --- the page ----------------------------------------------------------------------- */

/* page_begin - tells the page's SQL of what it is: a source, its key or NULL, and a
 * model, 'name@version' or 'builtin'. */
static int page_begin(page *p, const char *source, const char *key, const char *exact) {
    char *sql = sqlite3_mprintf("PRAGMA temp_store = %d; "
                                "CREATE TEMP VIEW report_source AS SELECT %Q AS source; "
                                "CREATE TEMP VIEW report_key AS SELECT %Q AS key; "
                                "CREATE TEMP VIEW report_model AS SELECT %Q AS model",
                                host_temp_store(p->host), source, key, exact);
    const int rc = sql ? db_run(p, sql, NULL) : ext_no_memory(p->error);
    sqlite3_free(sql);
    return rc;
}

/* page_make - the page. */
static int page_make(page *p, const char *source, const char *key, const char *exact,
                     char **out) {
    int rc = db_open(p);
    if (rc == SQLITE_OK) rc = model_copy(p, exact);
    if (rc == SQLITE_OK) rc = page_begin(p, source, key, exact);
    if (rc == SQLITE_OK) rc = db_run(p, (const char *)page_sql, out);
    if (rc == SQLITE_OK && !*out) {
        sqlite3_snprintf(EXT_ERROR_SIZE, p->error,
                         "the page is NULL; expected a row of '%s' in digitnet_models "
                         "and digitnet_epochs as train_model writes it",
                         exact);
        rc = SQLITE_ERROR;
    }
    return rc;
}

/* text_read - an argument that must be TEXT. */
static int text_read(const char **out, sqlite3_value *value, const char *name,
                     const char *expected, char *error) {
    if (sqlite3_value_type(value) == SQLITE_TEXT)
        return ext_text(out, value, name, error);
    return ext_argument_error(error, name, value, expected);
}

static void report_model(sqlite3_context *context, int argc, sqlite3_value **argv) {
    char error[EXT_ERROR_SIZE] = "", *exact = NULL, *html = NULL;
    const char *source, *key = NULL;
    page p = {.host = sqlite3_context_db_handle(context),
              .models = sqlite3_user_data(context),
              .error = error};
    p.watch.db = p.host;
    if (ext_direct_only(context, "report_model") != SQLITE_OK) return;
    int rc = ext_enter(p.models, error);
    if (rc != SQLITE_OK) {
        ext_result_code(context, "report_model", rc, error);
        return;
    }
    rc = text_read(&source, argv[0], "source", "the name of a table or view", error);
    if (rc == SQLITE_OK && argc > 2 && sqlite3_value_type(argv[2]) != SQLITE_NULL)
        rc = text_read(&key, argv[2], "key", "the name of a column", error);
    if (rc == SQLITE_OK) rc = state_hold(&p);
    if (rc == SQLITE_OK)
        rc = ext_model_exact(&exact, p.models, context, argc > 1 ? argv[1] : NULL, error);
    if (rc == SQLITE_OK) rc = page_make(&p, source, key, exact, &html);
    sqlite3_close(p.db);
    sqlite3_finalize(p.state);
    ext_poll_end(&p.watch.poll);
    ext_leave(p.models);
    sqlite3_free(exact);
    if (rc == SQLITE_OK)
        sqlite3_result_text(context, html, -1, sqlite3_free);
    else {
        sqlite3_free(html);
        ext_result_code(context, "report_model", rc, error);
    }
}

int ext_register_report_model(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 1; n <= 3 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(
            db, "report_model", n, SQLITE_UTF8 | SQLITE_DIRECTONLY,
            ext_context_ref(context), report_model, NULL, NULL, ext_context_unref);
    return rc;
}
