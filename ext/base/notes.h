/* notes.h - what a call saw and left alone: sentences that come with a result.
 *
 *     ext_notes notes = {0};
 *     rc = ext_note(&notes, "%d of %d rows have no label", 3, 100);
 *     ext_notes_json(&notes, out);            // ["3 of 100 rows have no label"]
 *     ext_notes_free(&notes);
 *
 * A note is for what can be meant: whatever cannot is an error. */
#ifndef EXT_NOTES_H
#define EXT_NOTES_H

#include "ext.h"

#define EXT_MOST_NOTES 12

typedef struct ext_notes {
    char *texts[EXT_MOST_NOTES]; /* sqlite3_malloc'd */
    int n;
} ext_notes;

/* ext_note - adds a sentence (SQLite's printf format). SQLITE_OK or SQLITE_NOMEM. A list
 * that is full stays as it is. */
int ext_note(ext_notes *notes, const char *format, ...);

/* ext_notes_json - appends them as a JSON array of strings. */
void ext_notes_json(const ext_notes *notes, sqlite3_str *out);

void ext_notes_free(ext_notes *notes); /* leaves an empty list */

#endif
