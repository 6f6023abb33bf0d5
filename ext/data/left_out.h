/* left_out.h - the rows of a source that a training set leaves out, counted by their
 * reason.
 *
 * What is meant is left out in silence: split = 'test', and 'holdout' where none is
 * wanted.
 * All else becomes a note (base/notes.h), for it may be a slip of the pen. */
#ifndef EXT_LEFT_OUT_H
#define EXT_LEFT_OUT_H

#include "../base/notes.h"
#include "source.h"

#define LEFT_OUT_SPLITS 3 /* odd values of split that are named */

typedef struct ext_left_out {
    sqlite3_int64 no_pixels, no_label, odd_split;
    char *splits[LEFT_OUT_SPLITS]; /* the first of them, sqlite3_malloc'd */
} ext_left_out;

/* ext_left_out_add - counts the row that the source stands on, which is not used.
 * SQLITE_OK or SQLITE_NOMEM. */
int ext_left_out_add(ext_left_out *left, const ext_source *source);

/* ext_left_out_splits - appends "'Train', 'valid', …": the odd values that were met. */
void ext_left_out_splits(const ext_left_out *left, sqlite3_str *out);

/* ext_left_out_notes - the counts as sentences. SQLITE_OK or SQLITE_NOMEM. */
int ext_left_out_notes(const ext_left_out *left, ext_notes *notes);

void ext_left_out_free(ext_left_out *left);

#endif
