/* store.h - the tables of models and of training logs: made, written, read for resuming.
 *
 *     digitnet_models                                   digitnet_epochs
 *     name     TEXT     \ key                           name               TEXT     \
 *     version  INTEGER  / 1, 2, … for a name            version            INTEGER  | key
 *     active   INTEGER  1: what its name stands for     epoch              INTEGER  /
 *     created  TEXT     '2025-01-31T12:00:00Z'          loss               REAL
 *     source   TEXT     as given to train_model         accuracy           REAL
 *     layers   TEXT     canonical notation              holdout_loss       REAL
 *     shape    TEXT     'HxWxC'                         holdout_accuracy   REAL
 *     classes  TEXT     JSON array of the labels        rate               REAL
 *     options  TEXT     JSON object: options.h          images_per_second  REAL
 *     seed     INTEGER                                  seconds            REAL
 *     epochs   INTEGER  done so far
 *     loss, accuracy, holdout_accuracy   REAL   of the epoch whose weights are kept
 *     seconds  REAL     spent on all epochs
 *     weights  BLOB     model bytes (core/model.c): the best epoch's
 *     state    BLOB     what resuming needs: the last epoch's
 *     parameters    INTEGER  trained numbers         \  these five are not in tables of
 *     bytes         INTEGER  of weights               | 0.1, which get them with the next
 *     precision     TEXT     of the stored weights    | model that is written; NULL in
 *     microseconds  REAL     of one prediction, when /  the rows of before
 *                            training ended
 *     picture       TEXT     what it makes of a PNG: image/picture.h
 *
 * Both lie in main and are plain tables. Each call here is a few statements; whether they
 * are transactions of their own is the caller's affair: nothing here begins or commits.
 *
 * All return an SQLite result code, and with any but SQLITE_OK a sentence in error
 * [EXT_ERROR_SIZE]. A lock that another connection holds at a checkpoint is waited for, a
 * few seconds; not so in ext_store_try, which is to fail at once. */
#ifndef EXT_STORE_H
#define EXT_STORE_H

#include <math.h>
#include "../base/ext.h"
#include "../base/interrupt.h"

/* A model's row. Texts are the caller's; a NULL blob stands for "leave what is there". */
typedef struct ext_store_model {
    const char *name;
    sqlite3_int64 version; /* ext_store_checkpoint sets it */
    const char *source, *layers, *shape, *classes, *options;
    sqlite3_int64 seed, epochs; /* without a source, as it was imported, seed is NULL */
    double loss, accuracy, holdout_accuracy; /* NaN is stored as NULL */
    double seconds;
    const void *weights, *state;
    size_t weights_size, state_size;
    sqlite3_int64 parameters;
    const char *precision;
    double microseconds; /* of one prediction; NaN: not measured */
    const char *picture; /* what it makes of a PNG: image/picture.h */
    int inactive;        /* 1: a new version leaves the active one as it is */
} ext_store_model;

/* What is not known of a model that was made without training. */
#define EXT_STORE_UNMEASURED                                                             \
    .loss = NAN, .accuracy = NAN, .holdout_accuracy = NAN, .seconds = NAN,               \
    .microseconds = NAN

/* A row of the log, and of train_model. NaN stands for NULL. */
typedef struct ext_store_epoch {
    sqlite3_int64 epoch;
    double loss, accuracy, holdout_loss, holdout_accuracy;
    double rate, images_per_second, seconds;
} ext_store_epoch;

/* ext_store_try - writes to main without changing it (user_version becomes what it is),
 * so that a database that is read-only or locked says so before the work starts. */
int ext_store_try(sqlite3 *db, char *error);

/* ext_store_checkpoint - writes n log rows and the model's row, in one statement: all of
 * it or nothing. For model->version 0, the first checkpoint of a run, makes the tables if
 * need be and the model the next version of its name and the active one, and sets
 * model->version; else updates that version. A log row takes the place of the one of its
 * epoch. n may be 0: a model that has no log. */
int ext_store_checkpoint(sqlite3 *db, ext_poll *poll, ext_store_model *model,
                         const ext_store_epoch *epochs, int n, char *error);

/* ext_store_stands - an error unless a version is there as it was written and, if it is
 * to be active, the only active one of its name: triggers and authorizers can silently
 * keep rows as they are. What was written is the caller's to take back. */
int ext_store_stands(sqlite3 *db, const char *schema, const char *name,
                     sqlite3_int64 version, int active, char *error);

/* ext_store_replicable - an error where the database is dqlite's and what a SELECT writes
 * would not reach the other nodes. */
int ext_store_replicable(sqlite3 *db, char *error);

/* ext_store_added - the k-th column of digitnet_models that tables of 0.1 do not have;
 * NULL past the last. ext_store_has - whether a table of a schema has a column. */
const char *ext_store_added(int k);
int ext_store_has(sqlite3 *db, const char *schema, const char *table, const char *column);

/* ext_store_tables - makes both tables in a database of the connection, where they are
 * not there yet, and the columns that one of 0.1 lacks. Each is a statement of its own,
 * and any of them leaves a table that is right. */
int ext_store_tables(sqlite3 *db, ext_poll *poll, const char *schema, char *error);

/* ext_store_register - the functions that a checkpoint's statement calls
 * (store_write.c). */
int ext_store_register(sqlite3 *db);

/* A stored model, to go on with it or to repeat it; texts and bytes are
 * sqlite3_malloc'd. */
typedef struct ext_store_resumed {
    sqlite3_int64 version, epochs;
    double seconds;
    double loss, accuracy, holdout_accuracy; /* of the kept epoch */
    double
        best_holdout_loss; /* by ext_store_resume: +infinity if no epoch had a holdout */
    sqlite3_int64 best_epoch; /* the epoch that had it and is kept, or 0 */
    char *options, *layers, *classes, *source;
    void *state, *weights; /* NULL where the column holds no BLOB, or was not read */
    size_t state_size, weights_size;
    sqlite3_int64 rowid;
    int has_state;
} ext_store_resumed;

/* The most epochs that a model can have had. The row is anybody's: room is made by this
 * number. */
#define STORE_MOST_EPOCHS 100000

/* ext_store_find - reads version of a name, the active one for 0, the newest for
 * STORE_NEWEST; all but its state. SQLITE_ERROR if there is none. Free with
 * ext_store_resumed_clear, also after an error. */
#define STORE_NEWEST (-1)
int ext_store_find(sqlite3 *db, const char *name, sqlite3_int64 version,
                   ext_store_resumed *out, char *error);

/* ext_store_state - reads the state of what ext_store_find has found, if it has one. */
int ext_store_state(sqlite3 *db, ext_store_resumed *found, char *error);

/* ext_store_bytes - a column of digitnet_models, sqlite3_malloc'd, of which there is one
 * more byte than *size says; asks meanwhile whether to go on. */
int ext_store_bytes(sqlite3 *db, sqlite3_int64 rowid, const char *column, void **out,
                    size_t *size, char *error);

/* ext_store_resume - reads the newest version of a name, which must have its state. */
int ext_store_resume(sqlite3 *db, const char *name, ext_store_resumed *out, char *error);
void ext_store_resumed_clear(ext_store_resumed *resumed);

#endif
