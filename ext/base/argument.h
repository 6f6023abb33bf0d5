/* argument.h - a scalar function's arguments that are plain numbers. */
#ifndef EXT_ARGUMENT_H
#define EXT_ARGUMENT_H

#include "ext.h"

/* ext_integer - a whole number in low..high.
 *
 *   out    written where the value is one; left as it is where it is NULL: the default
 *   name   the argument's, for the error: "scale is TEXT; expected an integer from 1 to 64"
 *   error  [EXT_ERROR_SIZE], written unless the result is SQLITE_OK
 *
 * Some clients bind every number as a REAL: one that is whole will do. */
int ext_integer(int *out, sqlite3_value *value, const char *name, int low, int high,
                char *error);

#endif
