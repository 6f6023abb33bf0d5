/* digitnet.h - digitnet linked into a program, in place of loading it.
 *
 *     digitnet_auto();                      // first: every connection opened from now on
 *     sqlite3_open("mnist.db", &db);           // has digit_predict and all the rest
 *
 *     cc program.c $(pkg-config --cflags --libs digitnet)       // after make install, or
 *     cc -DSQLITE_CORE program.c digitnet.c -lsqlite3 -lpng -lz -lm -pthread
 *
 * For one connection alone: sqlite3_digitnet_init(db, NULL, NULL). */
#ifndef DIGITNET_H
#define DIGITNET_H

#include <sqlite3.h>

#ifdef __cplusplus
extern "C" {
#endif

/* sqlite3_digitnet_init - registers all functions and tables on a connection: the entry
 * point that load_extension calls. Linked in (SQLITE_CORE), api is not looked at.
 *
 *   error  NULL, or where a text goes that is to be freed by sqlite3_free
 *
 * SQLITE_OK, or an SQLite error code. Writes nothing and reads no file. */
int sqlite3_digitnet_init(sqlite3 *db, char **error, const sqlite3_api_routines *api);

/* digitnet_auto - sqlite3_auto_extension of the above, cast as it wants it; only linked
 * in.
 * SQLITE_OK, or SQLITE_NOMEM. Twice does no harm. */
int digitnet_auto(void);

#ifdef __cplusplus
}
#endif

#endif
