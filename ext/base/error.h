/* error.h - from a status and a sentence to an SQLite error. */
#ifndef EXT_ERROR_H
#define EXT_ERROR_H

#include "ext.h"

/* ext_text_mend - makes a text valid UTF-8, in place, for clients that decode it
 * strictly: names are cut at bytes to fit, and users' texts can be anything. What is no
 * character, or a part of one, becomes "?"; at the end of the text it is left out. All
 * error texts go through this, and JSON with names in it. NULL stays NULL; returns
 * text. */
char *ext_text_mend(char *text);

/* ext_text_is_whole - whether size bytes are valid UTF-8; a zero byte stands behind
 * them. */
int ext_text_is_whole(const char *text, size_t size);

/* ext_result_error - "function: error" as a scalar function's error. */
void ext_result_error(sqlite3_context *context, const char *function, const char *error);

/* ext_result_code - the same with an SQLite result code of its own: SQLITE_NOMEM and
 * SQLITE_INTERRUPT stay what they are. */
void ext_result_code(sqlite3_context *context, const char *function, int rc,
                     const char *error);

/* ext_sqlite_error - puts SQLite's own message into error [EXT_ERROR_SIZE]; returns
 * rc. */
int ext_sqlite_error(sqlite3 *db, int rc, char *error);

/* ext_no_memory - puts "out of memory" there; returns SQLITE_NOMEM. */
int ext_no_memory(char *error);

/* ext_type_name - "INTEGER", "REAL", "TEXT", "BLOB" or "NULL". */
const char *ext_type_name(int type);

/* ext_from_loader - the same for a loader's status: SQLITE_OK, SQLITE_NOMEM,
 * SQLITE_INTERRUPT or SQLITE_ERROR, whose sentence is there. */
int ext_from_loader(int status, char *error);

/* ext_from_core - SQLITE_NOMEM and its sentence for DN_NOMEM, SQLITE_INTERRUPT and
 * "interrupted" for DN_STOPPED, SQLITE_ERROR for DN_ERROR, whose sentence is there. */
int ext_from_core(int status, char *error);

#endif
