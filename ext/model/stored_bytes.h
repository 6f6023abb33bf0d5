/* stored_bytes.h - the model that a training run begins from: train_model's option start. */
#ifndef EXT_START_H
#define EXT_START_H

#include "cache.h"

typedef struct start_model {
    void *bytes; /* the stored weights, sqlite3_malloc'd; NULL for none */
    size_t size;
    uint64_t hash;                /* hash.h's of them */
    char *exact;                  /* 'name@version', or 'builtin'; sqlite3_malloc'd */
    char layers[DN_MAX_NOTATION]; /* its notation */
} start_model;

/* start_bytes - reads what name stands for now. SQLITE_OK, or an error and a sentence in error
 * [EXT_ERROR_SIZE]. Free with start_clear, also after an error. */
int start_bytes(start_model *out, ext_context *models, sqlite3 *db, const char *name,
                char *error);

void start_clear(start_model *start);

#endif
