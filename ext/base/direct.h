/* direct.h - what top-level SQL alone may call, never the schema of a file: functions and
 * tables that read files, write or train, and those that hand out weights.
 *
 *     static void import(sqlite3_context *context, int argc, sqlite3_value **argv) {
 *         if (ext_direct_only(context, "import_model") != SQLITE_OK) return;
 *         …
 *     }
 *
 * They are registered with SQLITE_DIRECTONLY or SQLITE_VTAB_DIRECTONLY, which SQLite does
 * not apply everywhere:
 *
 *   before 3.50   not in a CHECK constraint. That is evaluated while a statement writes,
 *                 or while PRAGMA integrity_check or quick_check runs, be it through the
 *                 table pragma_quick_check or within ALTER TABLE. So a function asks
 *                 which statements are running. (A table cannot stand in a CHECK.)
 *   before 3.36   not in a view's or trigger's OVER, WINDOW and FILTER. So functions and
 *                 tables do not run while the schema of an open file calls them
 *                 (schema.h). */
#ifndef EXT_DIRECT_H
#define EXT_DIRECT_H

#include "ext.h"

/* SQLite's first versions known to apply it to all of a view, and to a CHECK. */
#define EXT_VIEWS_CLOSED  3036000
#define EXT_CHECKS_CLOSED 3050004

/* ext_only_queries - whether what runs on the connection is queries alone: read-only
 * statements begun by SELECT, VALUES or WITH. Not if nothing runs: SQLite can evaluate a
 * constant while it prepares. An open sqlite3_blob is a running statement without a text;
 * it evaluates nothing and does not count. */
int ext_only_queries(sqlite3 *db);

/* ext_direct_only - SQLITE_OK where only queries run. Else an error that the function
 * then has:
 * it returns at once.
 *
 * Thus INSERT … SELECT f(…), CREATE TABLE … AS SELECT f(…) and RETURNING f(…) are refused
 * as well: SQLite does not say which part of a statement calls. */
int ext_direct_only(sqlite3_context *context, const char *function);

/* ext_direct_table - for xFilter: SQLITE_OK, or an error that the table then has. A table
 * may well stand in a statement that writes. */
int ext_direct_table(sqlite3_vtab *table, sqlite3 *db, const char *name);

#endif
