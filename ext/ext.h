/* ext.h - what the files of the SQLite side share.
 *
 * Every file here implements one function family or virtual table and exports one
 * ext_register_…() that digitnet.c calls. Only this folder turns a status and an error
 * text of core/ or loaders/ into an SQLite error.
 *
 * Built as a loadable library, all calls go through the host's table of routines
 * (sqlite3ext.h); built with -DSQLITE_CORE they are linked directly. */
#ifndef EXT_H
#define EXT_H

#include <stddef.h>
#include <stdint.h>
#include "sqlite3ext.h"
#ifndef SQLITE_CORE
extern const sqlite3_api_routines *sqlite3_api;
#endif

#define DIGITNET_VERSION "0.1.0"

/* Room for one error text. All of ours fit: names are cut where they are printed. */
#define EXT_ERROR_SIZE 512

typedef struct ext_context ext_context;

/* ext_context - what one connection shares between its functions: the model cache
 * (models.h). Counted: each function and module that SQLite registers holds one
 * reference and gives it back by ext_context_unref, its destructor. */
ext_context *ext_context_new(sqlite3 *db);
void *ext_context_ref(ext_context *context);
void ext_context_unref(void *context);

/* ext_enter - before SQL that others wrote is run: a source, triggers. It may call us again,
 * and a view that reads itself through predict_model would do so until the stack is full.
 * SQLITE_OK, or SQLITE_ERROR and its sentence in error [EXT_ERROR_SIZE] where that is nested
 * too deeply. ext_leave - after it, if it was SQLITE_OK. */
int ext_enter(ext_context *context, char *error);
void ext_leave(ext_context *context);

/* Each registers its functions or tables and returns an SQLite result code. */
int ext_register_info(sqlite3 *db);
int ext_register_builtin(sqlite3 *db);
int ext_register_show(sqlite3 *db);
int ext_register_picture(sqlite3 *db);
int ext_register_sheet(sqlite3 *db);
int ext_register_uri(sqlite3 *db);
int ext_register_read_idx(sqlite3 *db);
int ext_register_read_png(sqlite3 *db);
int ext_register_synthetic(sqlite3 *db);
int ext_register_predict(sqlite3 *db, ext_context *context);
int ext_register_saliency(sqlite3 *db, ext_context *context);
int ext_register_predict_model(sqlite3 *db, ext_context *context);
int ext_register_train_model(sqlite3 *db, ext_context *context);
int ext_register_verify_model(sqlite3 *db, ext_context *context);
int ext_register_search_model(sqlite3 *db, ext_context *context);
int ext_register_onnx(sqlite3 *db, ext_context *context);

#endif
