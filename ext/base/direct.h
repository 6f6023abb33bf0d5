/* direct.h - functions with side effects, and those that hand out weights: top-level SQL alone
 * may call them, never the schema of a file.
 *
 *     static void import_model(sqlite3_context *context, int argc, sqlite3_value **argv) {
 *         if (ext_direct_only(context, "import_model") != SQLITE_OK) return;
 *         …
 *     }
 *
 * SQLITE_DIRECTONLY, which they are registered with too, is not enough: SQLite 3.31 to 3.40
 * and some later versions do not apply it to a CHECK constraint. A CHECK is evaluated while a
 * statement writes, or while PRAGMA integrity_check or quick_check runs, be it through the table
 * pragma_quick_check or within ALTER TABLE. So the guard asks which statements are running. */
#ifndef EXT_DIRECT_H
#define EXT_DIRECT_H

#include "ext.h"

/* ext_direct_only - SQLITE_OK where every running statement of the connection is a query: read-
 * only, and begun by SELECT, VALUES or WITH. Else SQLITE_ERROR, and the function's error is set:
 * the function returns at once.
 *
 * Thus INSERT … SELECT f(…), CREATE TABLE … AS SELECT f(…) and RETURNING f(…) are refused as
 * well: SQLite does not say which part of a statement calls. An open sqlite3_blob is a
 * running statement without a text; it evaluates nothing and does not count. */
int ext_direct_only(sqlite3_context *context, const char *function);

#endif
