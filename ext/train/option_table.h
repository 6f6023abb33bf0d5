/* option_table.h - one option of train_model: what options.c puts together. */
#ifndef EXT_OPTION_H
#define EXT_OPTION_H

#include "../base/error.h"
#include "options.h"

/* option_set - takes one value, checked for its type and range. SQLITE_OK, or an error; its
 * sentence is in error [EXT_ERROR_SIZE] unless memory ran out. */
int option_set(ext_options *o, int k, sqlite3_value *value, char *error);

/* option_layers - defaults for a notation or preset; what else was set before is lost. */
int option_layers(ext_options *o, const char *layers, char *error);

/* option_same - whether option k of a is the same as in b, which is stored. */
int option_same(const ext_options *a, const ext_options *b, int k);

/* option_is_free - whether it may differ when a run is resumed. */
int option_is_free(int k);

/* option_json - its value as JSON. */
void option_json(sqlite3_str *out, const ext_options *options, int k);

#endif
