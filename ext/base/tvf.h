/* tvf.h - what our table-valued functions have in common: how they are made, and
 * arguments and options in hidden columns.
 *
 * SELECT … FROM f(a, b) WHERE c = 3 reaches xBestIndex as three equality constraints on
 * hidden columns. ext_tvf_best_index hands all that are usable to xFilter, in column
 * order, and ext_tvf_argument finds one of them there.
 *
 * A hidden column without an "=" that is compared in another way (epochs < 3, layers LIKE
 * 'x') would not set anything: SQLite would compare its default, and drop all rows or
 * none. That is an error, which names the right form. So is f(a, c = 3): it sets b, to a
 * value that depends on what f returns. So is, where there are options, a column that
 * is set twice.
 *
 * A condition in an expression (epochs + 0 = 3), or in the ON of a LEFT JOIN behind it,
 * reaches no xBestIndex: SQLite tests it on each row. So an option that the query uses
 * must be set; one that is only selected too. An option that is NULL equals nothing.
 *
 * An older SQLite, 3.31 for one, does not say in colUsed that f(a, c = 3) uses b. It is
 * noticed when SQLite reads b, to compare it: before the first row is made if that waits
 * until a column is read, else after. */
#ifndef EXT_TVF_H
#define EXT_TVF_H

#include "ext.h"

/* ext_tvf_connect - for xConnect: declares the columns, and makes the table, size bytes
 * of zeros that begin with an sqlite3_vtab.
 *
 *   declaration  "CREATE TABLE f(shown TEXT, …, argument HIDDEN, …)": f is the function's
 *                name, and hidden columns come last
 *   safety       SQLITE_VTAB_DIRECTONLY or SQLITE_VTAB_INNOCUOUS
 *
 * ext_tvf_disconnect - xDisconnect itself. ext_tvf_open - for xOpen: makes the cursor,
 * size bytes of zeros too. */
int ext_tvf_connect(sqlite3_vtab **out, size_t size, sqlite3 *db, const char *declaration,
                    int safety);
int ext_tvf_disconnect(sqlite3_vtab *table);
int ext_tvf_open(sqlite3_vtab_cursor **out, size_t size);

/* ext_tvf_best_index - plans a scan of a table-valued function.
 *
 *   first_hidden, n_hidden   the hidden columns are first_hidden … +n_hidden-1, n ≤ 31
 *   cost, rows               the estimates given to the planner
 *
 * Passes each hidden column that has a usable "=" or IS to xFilter; idxNum gets bit k for
 * the k-th hidden column. Returns SQLITE_CONSTRAINT for a plan in which an argument is
 * there but not yet known, so that SQLite looks for another join order; or SQLITE_ERROR,
 * its text set. */
int ext_tvf_best_index(sqlite3_vtab *table, sqlite3_index_info *info, int first_hidden,
                       int n_hidden, double cost, sqlite3_int64 rows);

/* ext_tvf_equals - the number of a constraint "column = …" that can be used, and compares
 * by BINARY; -1 for none. */
int ext_tvf_equals(sqlite3_index_info *info, int column);

/* ext_tvf_is_list - whether such a constraint is "column IN (…)". ext_tvf_takes_list -
 * the same, and xFilter gets all values at once, as sqlite3_vtab_in_first reads them.
 * Where it gets one after the other, SQLite compares each without the affinity that
 * IN (SELECT …) has, and loses rows. ext_tvf_tells_lists - 0 in a library that does not
 * tell, before 3.38. */
int ext_tvf_is_list(sqlite3_index_info *info, int i);
int ext_tvf_takes_list(sqlite3_index_info *info, int i);
int ext_tvf_tells_lists(void);

/* ext_tvf_may_lose - whether SQLite may lose the row that a look-up by value gave, and
 * whose value is of a type: a TEXT where a number was looked up, in a library that does
 * not tell lists. ext_tvf_lost - the error then, instead of the column. */
int ext_tvf_may_lose(sqlite3_value *value, int type);
int ext_tvf_lost(sqlite3_vtab *table);

/* ext_tvf_argument - the value of hidden column k (0 for the first), or NULL if the query
 * gives none. An SQL NULL is returned as the value it is. */
sqlite3_value *ext_tvf_argument(int idx_num, sqlite3_value **argv, int k);

/* ext_tvf_plan_options - the same as ext_tvf_best_index for a function that has options
 * too.
 *
 *   first_hidden    columns from here to the last are hidden
 *   n_arguments     the first of them, which are arguments; the others are options, set
 *                   once, and not used where they are not set
 *   shown           a column that is shown and an option too: "=" sets it, and any other
 *                   comparison is one with what is shown; -1: none
 *
 * idxStr tells xFilter the columns. ext_tvf_value - the value of a column there, or NULL.
 * ext_tvf_columns - bit k: column k is there.
 * idxNum is 1 where the first row must wait until a column that is shown is read.
 *
 * ext_tvf_unset - the error that a column is used and not set, which xColumn raises of
 * one that idxStr does not have. ext_tvf_no_null - the error in xFilter that an option is
 * NULL; n_arguments from first_hidden on are none. */
int ext_tvf_plan_options(sqlite3_vtab *table, sqlite3_index_info *info, int first_hidden,
                         int n_arguments, int shown, double cost, sqlite3_int64 rows);
sqlite3_value *ext_tvf_value(const char *idx_str, sqlite3_value **argv, int column);
uint64_t ext_tvf_columns(const char *idx_str);
int ext_tvf_unset(sqlite3_vtab *table, int column);
int ext_tvf_no_null(sqlite3_vtab *table, const char *idx_str, sqlite3_value **argv,
                    int first_hidden, int n_arguments);

/* ext_tvf_rowid - for xRowid: the number of a row among all that the function can give,
 * from its number in one call and the n arguments, NULL for those not given. SQLite takes
 * rows of two calls for one where the numbers are equal: in
 *     FROM f WHERE (source = 'a' AND id = 1) OR (source = 'b' AND id = 1)
 * So it says nothing to a user. A function that has rowids declares a hidden column
 * "rowid"; ext_tvf_best_index and ext_tvf_plan_options refuse to compare the other. */
sqlite3_int64 ext_tvf_rowid(sqlite3_int64 row, sqlite3_value *const *arguments, int n);

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
