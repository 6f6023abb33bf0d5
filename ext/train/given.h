/* given.h - the options that a call gives: those of its WHERE clause and those of a JSON object.
 *
 *     SELECT train_model('images', 'digits', '{"layers": "mlp", "epochs": 5}');
 *
 * Values are SQL values by the options' numbers (options.h), whichever way they came. */
#ifndef EXT_GIVEN_H
#define EXT_GIVEN_H

#include "options.h"

typedef struct ext_given {
    sqlite3_value *values[N_OPTIONS]; /* copies; NULL for those that are not given */
} ext_given;

/* ext_given_take - adds a copy of an option's value. SQLITE_ERROR and its sentence in error
 * [EXT_ERROR_SIZE] for one that is given already. */
int ext_given_take(ext_given *given, int option, sqlite3_value *value, char *error);

/* ext_given_json - adds the members of a JSON object: "epochs is given twice", "'epoch' is no
 * option; did you mean epochs?". NULL, or an SQL NULL, gives none. */
int ext_given_json(ext_given *given, sqlite3 *db, sqlite3_value *json, char *error);

void ext_given_free(ext_given *given); /* leaves an empty one */

#endif
