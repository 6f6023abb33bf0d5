/* option_object.h - options as a JSON object: the third argument of train_model and of
 * search_model, the fourth of quantise_model.
 *
 *     ext_option_object object = {0};
 *     rc = ext_option_object_read(&object, db, "train_model", argument, name,
 *                                 values, error);
 *     … use values …
 *     ext_option_object_clear(&object);                      // after an error too
 */
#ifndef EXT_OPTION_OBJECT_H
#define EXT_OPTION_OBJECT_H

#include "ext.h"

/* The most options of a function. */
#define EXT_MOST_OPTIONS 48

/* The values of the members, for as long as they are used. */
typedef struct ext_option_object {
    const char *example; /* of an object, for errors; NULL: one of train_model's */
    sqlite3_value *values[EXT_MOST_OPTIONS]; /* [n] */
    int n;
} ext_option_object;

/* ext_options_is_given - whether a value is there and not SQL NULL. */
int ext_options_is_given(sqlite3_value *value);

/* What value k of a function is called: "" for one that is no option, NULL past the
 * last. */
typedef const char *(*ext_option_namer)(int k);

/* ext_option_object_read - puts the members of a JSON object among the values.
 *
 *   function   for errors
 *   argument   the object, TEXT; NULL or SQL NULL for none
 *   name       names the values
 *   values     those given with WHERE, or NULL; a member is put where its name is
 *
 * SQLITE_OK, or an error and its sentence in error [EXT_ERROR_SIZE]: no JSON object, a
 * member that is no option, or one that is given with WHERE or as a member already. */
int ext_option_object_read(ext_option_object *out, sqlite3 *db, const char *function,
                           sqlite3_value *argument, ext_option_namer name,
                           sqlite3_value **values, char *error);
void ext_option_object_clear(ext_option_object *object);

/* ext_option_near - the name that a key differs from by two letters at most, or NULL. */
const char *ext_option_near(const char *key, ext_option_namer name);

/* ext_option_unknown - says that there is no option of that name, and which one may be
 * meant or what there is; returns SQLITE_ERROR. */
int ext_option_unknown(const char *function, const char *key, ext_option_namer name,
                       char *error);

#endif
