/* own_rows.h - whether a statement would meet the models that it makes itself.
 *
 *     int rc = ext_own_rows(db, "main", "copy_model", context, error);
 *
 * SELECT copy_model(name, 'copy') FROM digitnet_models adds a row to the table that it
 * reads, comes to that row, adds one more for it, and never ends. SQLite does not tell a
 * function who calls it. But EXPLAIN of the statements that run shows their loops: one
 * that goes through the whole table and calls the function before its end is refused. One
 * that looks up some of the models (name = 'a') may meet its own or not: a scalar
 * function lets it make as many as there were, a table-valued one none. What has been
 * read to its end before the call never meets them: a subquery that gives one value, or a
 * temporary table. */
#ifndef EXT_OWN_ROWS_H
#define EXT_OWN_ROWS_H

#include "../base/ext.h"

/* ext_own_rows - SQLITE_OK; or SQLITE_ERROR and its sentence in error [EXT_ERROR_SIZE],
 * where a running statement calls a function from within a loop over digitnet_models or
 * digitnet_epochs.
 *
 *   schema    the database that gets the model
 *   function  the scalar function that makes it; NULL for a table-valued one
 *   context   of the scalar function's call; it keeps how many were made */
int ext_own_rows(sqlite3 *db, const char *schema, const char *function,
                 sqlite3_context *context, char *error);

#endif
