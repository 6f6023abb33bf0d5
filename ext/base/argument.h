/* argument.h - an SQL value that should be a number or a text: one reader for the
 * arguments of all functions and for all options.
 *
 *     int scale = 1;
 *     rc = ext_integer(&scale, argv[1], "scale", 1, 64, error);
 *
 * Some clients bind every number as a REAL, so a whole REAL is an integer. Beyond ±2^53
 * it is refused, because a REAL no longer holds each integer. TEXT is refused. A NULL
 * leaves *out as it is: the default. (SQLite has no NaN: it makes NULL of one.)
 *
 * Functions that return int return SQLITE_OK, or SQLITE_ERROR and a sentence in error
 * [EXT_ERROR_SIZE]: "scale is 7.5; expected an integer from 1 to 64". */
#ifndef EXT_ARGUMENT_H
#define EXT_ARGUMENT_H

#include "ext.h"

/* ext_integer - an integer from low to high, at most 32 bits wide. ext_integer64 - the
 * same of any width; INT64_MIN and INT64_MAX mean any integer. name is the argument's. */
int ext_integer(int *out, sqlite3_value *value, const char *name, int low, int high,
                char *error);
int ext_integer64(sqlite3_int64 *out, sqlite3_value *value, const char *name,
                  sqlite3_int64 low, sqlite3_int64 high, char *error);

/* ext_real - a number from low to high; open: above low. */
int ext_real(double *out, sqlite3_value *value, const char *name, double low, double high,
             int open, char *error);

/* ext_text - the text of a value that is TEXT, which lives as long as the value. A zero
 * byte in it is an error: what follows would be cut off in silence. SQLITE_NOMEM and its
 * sentence too. */
int ext_text(const char **out, sqlite3_value *value, const char *name, char *error);

/* ext_whole - whether a REAL is an integer that it holds exactly; *out is that
 * integer. */
int ext_whole(double number, sqlite3_int64 *out);

/* ext_argument_error - "name is VALUE; expected EXPECTED"; returns SQLITE_ERROR. */
int ext_argument_error(char *error, const char *name, sqlite3_value *value,
                       const char *expected);

#endif
