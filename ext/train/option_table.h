/* option_table.h - one option of train_model: what options.c puts together. */
#ifndef EXT_OPTION_TABLE_H
#define EXT_OPTION_TABLE_H

#include "../base/error.h"
#include "options.h"

/* ext_option_set - takes one value, checked for its type and range. SQLITE_OK, or an
 * error; its sentence is in error [EXT_ERROR_SIZE] unless memory ran out. */
int ext_option_set(ext_options *o, int k, sqlite3_value *value, char *error);

/* ext_option_give - the same of a value that the caller gave: '' is an error, as from a
 * program's empty variable. A stored '' says that there is no model or layer. */
int ext_option_give(ext_options *o, int k, sqlite3_value *value, char *error);

/* ext_option_layers - defaults for a notation or preset; what else was set before is
 * lost. */
int ext_option_layers(ext_options *o, const char *layers, char *error);

/* ext_option_same - whether option k of a is the same as in b, which is stored. */
int ext_option_same(const ext_options *a, const ext_options *b, int k);

/* An option that changes no result: it is not kept with the model. */
#define EXT_OPTION_UNSTORED DN_OPTION_FLAGS

/* ext_option_type - "INTEGER", "REAL" or "TEXT". */
const char *ext_option_type(const dn_option *option);

/* ext_option_default - the default that option k has with a preset (see
 * dn_preset_name). */
void ext_option_default(ext_options *o, int k, int preset);

/* ext_option_json - its value as JSON. */
void ext_option_json(sqlite3_str *out, const ext_options *options, int k);

#endif
