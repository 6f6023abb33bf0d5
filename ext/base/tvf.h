/* tvf.h - what our table-valued functions have in common: how they are made, and arguments in
 * hidden columns.
 *
 * SELECT … FROM f(a, b) WHERE c = 3 reaches xBestIndex as three equality constraints on
 * hidden columns. ext_tvf_best_index hands all that are usable to xFilter, in column
 * order, and ext_tvf_argument finds one of them there. */
#ifndef EXT_TVF_H
#define EXT_TVF_H

#include "ext.h"

/* ext_tvf_connect - for xConnect: declares the columns, and makes the table, size bytes
 * of zeros that begin with an sqlite3_vtab.
 *
 *   safety   SQLITE_VTAB_DIRECTONLY or SQLITE_VTAB_INNOCUOUS
 *
 * ext_tvf_disconnect - xDisconnect itself. ext_tvf_open - for xOpen: makes the cursor,
 * size bytes of zeros too. */
int ext_tvf_connect(sqlite3_vtab **out, size_t size, sqlite3 *db, const char *columns,
                    int safety);
int ext_tvf_disconnect(sqlite3_vtab *table);
int ext_tvf_open(sqlite3_vtab_cursor **out, size_t size);

/* ext_tvf_best_index - plans a scan of a table-valued function.
 *
 *   first_hidden, n_hidden   the hidden columns are first_hidden … +n_hidden-1, n ≤ 31
 *   cost, rows               the estimates given to the planner
 *
 * Passes each hidden column that has a usable "=" to xFilter; idxNum gets bit k for the
 * k-th hidden column. Returns SQLITE_CONSTRAINT for a plan in which an argument is
 * there but not yet known, so that SQLite looks for another join order. */
int ext_tvf_best_index(sqlite3_index_info *info, int first_hidden, int n_hidden,
                       double cost, sqlite3_int64 rows);

/* ext_tvf_argument - the value of hidden column k (0 for the first), or NULL if the query
 * gives none. An SQL NULL is returned as the value it is. */
sqlite3_value *ext_tvf_argument(int idx_num, sqlite3_value **argv, int k);

/* ext_tvf_path - an argument as the name of a file or folder.
 *
 *   usage      "read_png(dir)": for messages, as is the argument's own name
 *   value      the argument, NULL if the query gives none
 *   path       lives as long as value
 *
 * Returns SQLITE_OK, or an error whose text is set. */
int ext_tvf_path(sqlite3_vtab *table, const char *usage, const char *argument,
                 sqlite3_value *value, const char **path);

/* ext_tvf_error - sets a virtual table's error text (printf format) and returns code. */
int ext_tvf_error(sqlite3_vtab *table, int code, const char *format, ...);

#endif
