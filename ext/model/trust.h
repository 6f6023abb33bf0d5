/* trust.h - whether main's models may be looked up, though a schema might be asking.
 *
 * digit_predict and its kin stand in views and triggers, and are not told who calls them.
 * What a schema may ask:
 *
 *   main's own          its models, while PRAGMA trusted_schema is ON
 *   an attached file's  nothing of main.digitnet_models, ON or OFF
 *   temp's              all: it is the connection's
 *
 * SQLite sees to what is OFF: in a CHECK since 3.50, in OVER, WINDOW and FILTER since
 * 3.36, and always elsewhere. What it does not see to is refused here, and what an
 * attached file's schema may not do while it is ON: no model of main is looked up while a
 * schema that must not ask has a call in its text (base/schema.h). So one such file stops
 * the connection's own calls, too; the sentence names the file and what in it calls. */
#ifndef EXT_TRUST_H
#define EXT_TRUST_H

#include "../base/ext.h"

/* ext_model_trust - SQLITE_OK, or an error and its sentence in error [EXT_ERROR_SIZE].
 * The same for all calls of one running statement. */
int ext_model_trust(sqlite3 *db, char *error);

#endif
