/* schema.h - whether the schema of an open file calls a function of ours.
 *
 *     const char *const names[] = {"train_model"};
 *     int rc = ext_schema_calls(db, names, 1,
 *                               EXT_IN_MAIN | EXT_IN_VIEWS | EXT_AS_TABLE, error);
 *     // SQLITE_ERROR: "evil's 'v' calls train_model"
 *
 * SQLite does not tell a function who calls it, and some of its versions do not keep a
 * schema from calling. So this reads the schemas' text: a call has the function's name in
 * it as a token of its own, bare or in quotes, for SQL has no escapes within names. In
 * the text of a virtual table any name counts: fts4(body, uncompress=train_model) makes
 * the module call it in a query that looks like one of the host's. A variable such as
 * $a(…), behind which SQLite's builds differ, counts as a call. */
#ifndef EXT_SCHEMA_H
#define EXT_SCHEMA_H

#include "ext.h"

enum {
    EXT_IN_MAIN = 1, /* main's schema counts too, not just those of attached files */
    EXT_IN_VIEWS =
        2, /* views and triggers count too, not just tables, with their CHECKs */
    EXT_AS_TABLE =
        4, /* the name counts without a parenthesis behind it: FROM train_model */
    EXT_VIRTUAL_ALONE = 8 /* only texts of virtual tables count */
};

/* ext_schema_calls - SQLITE_OK if no schema calls one of the n names; temp's, which is
 * the connection's own, is not asked. SQLITE_ERROR if one does, and error
 * [EXT_ERROR_SIZE] says which; or what reading them gave. */
int ext_schema_calls(sqlite3 *db, const char *const *names, int n, unsigned which,
                     char *error);

/* ext_sql_blank - the first byte behind white space and comments. */
const char *ext_sql_blank(const char *sql);

#endif
