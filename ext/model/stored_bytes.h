/* stored_bytes.h - the model that a training run begins from (train_model's option
 * start), or that is exported. */
#ifndef EXT_STORED_BYTES_H
#define EXT_STORED_BYTES_H

#include "cache.h"

typedef struct ext_start_model {
    void *bytes; /* the stored weights, sqlite3_malloc'd; NULL for none */
    size_t size;
    uint64_t hash;                /* hash.h's of them */
    char *exact;                  /* 'name@version', or 'builtin'; sqlite3_malloc'd */
    char layers[DN_MAX_NOTATION]; /* its notation */
    dn_shape shape;               /* of its images */
    int picture;                  /* what it makes of PNGs: EXT_PICTURE_… */
} ext_start_model;

/* ext_start_bytes - reads what name stands for now. SQLITE_OK, or an error and a sentence
 * in error [EXT_ERROR_SIZE]. Free with ext_start_clear, also after an error. */
int ext_start_bytes(ext_start_model *out, ext_context *models, sqlite3 *db,
                    const char *name, char *error);

/* ext_export_bytes - the same of the argument of a function that exports: NULL, or an SQL
 * NULL, is the active version of 'default', or the built-in one if none is. */
int ext_export_bytes(ext_start_model *out, ext_context *models, sqlite3 *db,
                     sqlite3_value *name, char *error);

void ext_start_clear(ext_start_model *start);

#endif
