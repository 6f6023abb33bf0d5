/* halving.h - one search for the best options, a trial at a time.
 *
 *     ext_search *search;
 *     int rc = ext_search_start(&search, models, db, arguments, error);
 *     if (rc == SQLITE_OK)
 *         while ((rc = ext_search_next(search, &row, error)) == SQLITE_ROW) …
 *     ext_search_free(search);
 *
 * Successive halving (Jamieson and Talwalkar, 2016): rung 1 trains n trials for r epochs
 * each, every further rung the best third of the one before for three times as many,
 * until one is left. Half of the budget is for that, and the other half trains this last
 * one, the winner. A budget of 40 epochs is
 *
 *     rung 1   11 trials of 1 epoch     rung 2   3 of 3     rung 3   1 of 20
 *
 * n is the greatest for which that half is enough, or the number of different trials in
 * the space; r is the greatest then, and what is left over goes to the last trial.
 *
 * Each rung trains its trials from the start, with the whole of their schedule, and
 * resumes none. That costs 50 % more, and pays off because a learning rate that has
 * decayed to 0 tells in one epoch what a high one tells in several. So the last trial is
 * a finished model, and train_model repeats any row, to the byte, with its options,
 * epochs, seed and holdout.
 *
 * Trials are compared by holdout loss, at their best epoch, as train_model compares
 * epochs. The best so far is the version of the model, log included,
 * before its row is returned. A trial whose loss is not finite is dropped.
 *
 * start reads the space, then all rows, once for all trials. It makes each trial's
 * network, so that a space which cannot be trained fails there. Nothing is written before
 * the first trial is done. Nothing depends on time, threads or the machine. */
#ifndef EXT_HALVING_H
#define EXT_HALVING_H

#include "../../core/dn.h"
#include "../base/ext.h"
#include "../base/notes.h"
#include "../train/options.h"

/* The arguments. Last come those options of train_model that all trials share, in the
 * order of ext_options_shared. */
enum {
    SEARCH_SOURCE,
    SEARCH_SPACE,
    SEARCH_BUDGET,
    SEARCH_MODEL,
    SEARCH_TRIALS,
    SEARCH_FIRST_OPTION
};

/* Room for all arguments. */
#define EXT_SEARCH_MOST (SEARCH_FIRST_OPTION + EXT_MOST_OPTIONS)

typedef struct ext_search ext_search;

/* One trial in one rung. NaN stands for NULL. */
typedef struct ext_search_row {
    int trial, rung, epochs; /* from 1 */
    char layers[DN_MAX_NOTATION];
    const char *options; /* JSON; lives with the search */
    double loss, accuracy, holdout_loss, holdout_accuracy, seconds;
    int best; /* of all so far: it is now the model */
} ext_search_row;

/* ext_search_start - arguments [EXT_SEARCH_MOST], NULL or SQL NULL for "not given".
 * Returns an SQLite result code; a sentence in error [EXT_ERROR_SIZE] unless it is
 * SQLITE_OK. */
int ext_search_start(ext_search **out, ext_context *models, sqlite3 *db,
                     sqlite3_value *const *arguments, char *error);

/* ext_search_next - SQLITE_ROW and a trial's row; SQLITE_DONE after the last one; or an
 * error, SQLITE_INTERRUPT among them, and its sentence. */
int ext_search_next(ext_search *search, ext_search_row *row, char *error);

/* ext_search_notes - what it saw of the rows and left alone; lives with the search. */
const ext_notes *ext_search_notes(const ext_search *search);

/* ext_search_result - argument k, given or by default, as the result of a column. */
void ext_search_result(sqlite3_context *context, const ext_search *search, int k);

void ext_search_free(ext_search *search); /* takes NULL too */

#endif
