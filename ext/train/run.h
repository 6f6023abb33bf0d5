/* run.h - one training run, an epoch at a time.
 *
 *     ext_training *run;
 *     int rc = ext_training_start(&run, models, db, source, model, options, error);
 *     if (rc == SQLITE_OK)
 *         while ((rc = ext_training_epoch(run, &row, error)) == SQLITE_ROW) …
 *     ext_training_free(run);
 *
 * What is read and written, and when:
 *
 *     start   reads the options of the model to resume, then all rows of the source, and
 *             makes the network. A last write changes nothing (store.h): a database that
 *             cannot be written fails here, before any training
 *     epoch   trains on all training rows in an order drawn for this epoch, measures the
 *             holdout, and writes log and model: a checkpoint; then returns its row
 *
 * The first checkpoint creates the tables and the model's row, so a run that fails before
 * it leaves nothing. An error or an interrupt later leaves the last checkpoint. Threads
 * live within one call of ext_training_epoch. The data are in memory, so that changes of
 * the source do not matter meanwhile.
 *
 * weights are those of the epoch with the least holdout loss so far, or of the last epoch
 * if there is no holdout or a small one; state is always the last epoch's. */
#ifndef EXT_RUN_H
#define EXT_RUN_H

#include "../base/ext.h"
#include "../data/dataset.h"
#include "../model/store.h"
#include "options.h"

typedef struct ext_training ext_training;

/* ext_training_start - options [EXT_MOST_OPTIONS] as in options.h; model may be NULL or
 * SQL NULL:
 * 'default'. Returns an SQLite result code; a sentence in error [EXT_ERROR_SIZE] unless
 * it is SQLITE_OK. */
int ext_training_start(ext_training **out, ext_context *models, sqlite3 *db,
                       sqlite3_value *source, sqlite3_value *model,
                       sqlite3_value *const *options, char *error);

/* ext_training_try - a run that is one of many, as search_model's are.
 *
 *   data      not NULL: rows that are loaded, the caller's; they outlive the run
 *   options   checked, and complete except for what the data tell: shape, images and
 *             checksum
 *
 * Writes nothing, not even to try, and its checkpoints stay in memory until
 * ext_training_store. What it ends up with is what ext_training_start would with the same
 * options, to the byte. */
int ext_training_try(ext_training **out, ext_context *models, sqlite3 *db,
                     sqlite3_value *source, sqlite3_value *model, ext_dataset *data,
                     const ext_options *options, char *error);

/* ext_training_store - writes what such a run has come to, model and log: as the model of
 * *version, or if that is 0 as the next one, whose number it becomes. At least one epoch
 * is done, and no fewer than the version already has. */
int ext_training_store(ext_training *run, sqlite3_int64 *version, char *error);

/* ext_training_best - of such a run, the row of the epoch whose weights are kept; NULL
 * before the first. */
const ext_store_epoch *ext_training_best(const ext_training *run);

/* ext_training_weights - of such a run, the model's bytes that would be stored. They live
 * as long as the run; NULL before the first epoch. */
const void *ext_training_weights(const ext_training *run, size_t *size);

/* ext_training_diverged - whether ext_training_epoch failed for a loss that is no
 * number. */
int ext_training_diverged(const ext_training *run);

/* ext_training_epoch - SQLITE_ROW and the epoch's row; SQLITE_DONE after the last one; or
 * an error, SQLITE_INTERRUPT among them, and its sentence. */
int ext_training_epoch(ext_training *run, ext_store_epoch *row, char *error);

/* What a run has come to. */
typedef struct ext_training_result {
    const char *name;
    sqlite3_int64 version, epochs, kept; /* kept: the epoch whose weights are stored */
    double loss, accuracy, holdout_loss, holdout_accuracy; /* that epoch's; NaN: none */
    sqlite3_int64 images;                                  /* that an epoch trains on */
    double seconds;                                        /* of all epochs */
    const ext_notes *notes;
} ext_training_result;

/* ext_training_result_of - after an epoch; its texts live as long as the run. */
ext_training_result ext_training_result_of(const ext_training *run);

/* ext_training_options - what the run goes by: for the hidden columns. */
const ext_options *ext_training_options(const ext_training *run);

/* ext_training_repeat - the run that made a stored model once more: ext_training_epoch
 * gives as many epochs as the model has had, at least one, and nothing is written
 * anywhere.
 * SQLITE_ERROR where it cannot be repeated: the rows, the teachers or the model it began
 * from are others now. */
int ext_training_repeat(ext_training **out, ext_context *models, sqlite3 *db,
                        const char *name, sqlite3_value *source,
                        const ext_store_resumed *old, char *error);

/* ext_training_same - after its last epoch: whether such a run came to the weights and
 * the state that are stored, to the last byte. SQLITE_OK, or SQLITE_NOMEM and its
 * sentence. */
int ext_training_same(const ext_training *run, const ext_store_resumed *stored,
                      int *weights, int *state, char *error);

void ext_training_free(ext_training *run); /* takes NULL too */

#endif
