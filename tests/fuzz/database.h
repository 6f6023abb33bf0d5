/* database.h - for the targets that run SQL: a database of tiny images and a model
 * trained on them, the same each time. */
#ifndef FUZZ_DATABASE_H
#define FUZZ_DATABASE_H

#include <time.h>
#include "library.h"

#define DATABASE_MS 150 /* how long the statements of one input may run */

/* database_open - a copy of it, in memory. Statements cannot attach, and are interrupted
 * after a while. */
sqlite3 *database_open(void);

/* database_close - nothing of ours may stand in the way. */
void database_close(sqlite3 *db);

#endif
