/* name.h - what a model's name asks for: NULL, 'name', 'name@7' or 'builtin', as
 * cache.h has them. */
#ifndef EXT_NAME_H
#define EXT_NAME_H

#include "../base/ext.h"

enum { BY_ACTIVE, BY_VERSION, BUILTIN };

/* What was asked for, taken apart. */
typedef struct ext_model_request {
    const char *text; /* 'name' or 'name@7', not terminated */
    int size;
    int name_size; /* of it; the name comes first */
    int by;
    int has_default;       /* the built-in one will do if there is none */
    sqlite3_int64 version; /* BY_VERSION */
} ext_model_request;

/* ext_model_request_text - takes 'name' or 'name@7' apart, which *out points into.
 * SQLITE_OK, or SQLITE_ERROR and its sentence in error [EXT_ERROR_SIZE]. */
int ext_model_request_text(ext_model_request *out, const char *text, int size,
                           char *error);

/* ext_model_request_parse - the same from an argument; without one it is 'default'.
 * SQLITE_NOMEM too, without a sentence. */
int ext_model_request_parse(ext_model_request *out, sqlite3_value *name, char *error);

/* ext_model_request_missing - says why a look-up found no row. Returns SQLITE_ERROR, or
 * the error that asking for the reason ended in. */
int ext_model_request_missing(sqlite3 *db, const ext_model_request *request,
                              int has_table, char *error);

/* ext_model_request_new - a copy, sqlite3_malloc'd, of the name for a new model, which
 * must be one that can be looked up again; NULL stands for 'default'. */
int ext_model_request_new(char **out, sqlite3 *db, sqlite3_value *name, char *error);

#endif
