/* space.h - what search_model tries: from a JSON object to the options of trials.
 *
 *     {"layers": ["cnn", "lenet5"],                         a choice
 *      "rate": {"min": 0.001, "max": 0.02, "log": true},    a range, even in its
 *                                                           logarithm
 *      "batch": 128}                                        the same for all trials
 *
 * Members are options of train_model, except those that all trials share or that the
 * search sets (DN_SHARED, DN_RESUMABLE: epochs, seed, holdout, …). A range needs an
 * option that is a number. It is sampled in integers for an integer option, else to three
 * significant digits.
 *
 * Trials are a Latin hypercube (McKay, Beckman and Conover, 1979): of n trials, each n-th
 * part of a range comes up once, and each choice about equally often. The seed decides
 * which comes with which. No two trials are the same where all members are choices.
 * Nothing here depends on the machine: the steps of a logarithm are made of · and sqrt
 * alone. */
#ifndef EXT_SPACE_H
#define EXT_SPACE_H

#include "../../core/dn.h"
#include "../base/ext.h"

typedef struct ext_search_space ext_search_space;

/* ext_search_space_read - reads and checks a space. SQLITE_OK, or an error and a sentence
 * in error [EXT_ERROR_SIZE]: 'space: "rte" is no option of train_model; expected layers,
 * batch, …'. */
int ext_search_space_read(ext_search_space **out, sqlite3 *db, const char *json,
                          char *error);
void ext_search_space_free(ext_search_space *space); /* takes NULL too */

/* ext_search_space_default - the space of one who gives none: architectures that fit
 * images of this shape, and what matters most in training them. */
const char *ext_search_space_default(dn_shape shape);

/* ext_search_space_size - different trials there are, at most `most`. */
int ext_search_space_size(const ext_search_space *space, int most);

/* ext_search_space_draw - n trials, 1 ≤ n ≤ ext_search_space_size. SQLITE_OK or
 * SQLITE_NOMEM. */
int ext_search_space_draw(ext_search_space *space, int n, uint64_t seed);

/* ext_search_space_trial - the options of trial i < n as a JSON object, sqlite3_malloc'd;
 * NULL: out of memory. */
char *ext_search_space_trial(const ext_search_space *space, int i);

#endif
