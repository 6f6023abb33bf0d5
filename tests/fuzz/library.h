/* library.h - for the targets that need SQLite: digitnet linked in.
 *
 * The objects are those of the loadable library, which call SQLite through the table of
 * routines that it hands to the entry point. A target that includes a header of ext/ does
 * so too: library_open comes first. */
#ifndef FUZZ_LIBRARY_H
#define FUZZ_LIBRARY_H

#include <sqlite3.h>
#include "fuzz.h"

/* library_open - a database in memory with digitnet in it. */
sqlite3 *library_open(void);

/* library_start - once, so that what lies under SQL can be called alone. */
void library_start(void);

/* library_run - SQL that is to succeed. */
void library_run(sqlite3 *db, const char *sql);

#endif
