/* shape.h - the shape of an image as a text: 'HxW' or 'HxWxC'. */
#ifndef EXT_SHAPE_H
#define EXT_SHAPE_H

#include "../../core/dn.h"
#include "../base/ext.h"

/* ext_shape_parse - 'HxW' or 'HxWxC'. 0, and *out as it was, if text is neither, or too
 * large:
 * then EXT_SHAPE_FORM says in an error what was expected. */
#define EXT_SHAPE_FORM "'HxW' or 'HxWxC', of 1..4096 each and 2^26 values at most"
int ext_shape_parse(dn_shape *out, const char *text);

/* ext_shape_text - "28x28x1", sqlite3_malloc'd; NULL: out of memory. */
char *ext_shape_text(dn_shape shape);

/* ext_shape_value - the shape that an argument says. SQLITE_OK, or an error and its
 * sentence in error [EXT_ERROR_SIZE]. */
int ext_shape_value(dn_shape *out, sqlite3_value *value, char *error);

#endif
