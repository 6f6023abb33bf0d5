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

#define DIGITNET_VERSION "0.2.0"

/* Size of an error buffer. Every message fits, because names are truncated. */
#define EXT_ERROR_SIZE 512

typedef struct ext_context ext_context;

/* Each registers its functions or tables and returns an SQLite result code. */
int ext_register_info(sqlite3 *db);
int ext_register_builtin(sqlite3 *db);
int ext_register_show(sqlite3 *db);
int ext_register_picture(sqlite3 *db);
int ext_register_shape(sqlite3 *db);
int ext_register_pixels(sqlite3 *db);
int ext_register_sheet(sqlite3 *db);
int ext_register_uri(sqlite3 *db);
int ext_register_read_idx(sqlite3 *db);
int ext_register_read_png(sqlite3 *db);
int ext_register_read_cifar(sqlite3 *db);
int ext_register_synthetic(sqlite3 *db);
int ext_register_image_rows(sqlite3 *db, ext_context *context);
int ext_register_predict(sqlite3 *db, ext_context *context);
int ext_register_saliency(sqlite3 *db, ext_context *context);
int ext_register_digit_find(sqlite3 *db, ext_context *context);
int ext_register_digit_read(sqlite3 *db, ext_context *context);
int ext_register_predict_model(sqlite3 *db, ext_context *context);
int ext_register_train_model(sqlite3 *db, ext_context *context);
int ext_register_train_model_scalar(sqlite3 *db, ext_context *context);
int ext_register_options(sqlite3 *db);
int ext_register_verify_model(sqlite3 *db, ext_context *context);
int ext_register_search_model(sqlite3 *db, ext_context *context);
int ext_register_suspect_labels(sqlite3 *db, ext_context *context);
int ext_register_report_model(sqlite3 *db, ext_context *context);
int ext_register_export_c(sqlite3 *db, ext_context *context);
int ext_register_export_model(sqlite3 *db, ext_context *context);
int ext_register_digitnet_model(sqlite3 *db, ext_context *context);
int ext_register_copy_model(sqlite3 *db, ext_context *context);
int ext_register_quantise_model(sqlite3 *db, ext_context *context);
int ext_register_import_model(sqlite3 *db, ext_context *context);
int ext_register_limit(sqlite3 *db, ext_context *context);
int ext_register_inspect_model(sqlite3 *db, ext_context *context);

/* ext_api_take - keeps the table that the host hands over, before anything else is
 * called, once: the pointer is the whole process's, and when a connection loads, another
 * thread's may be calling by it. So a second SQLite library in the process, which has a
 * table of its own, gets SQLITE_ERROR and a sentence in its memory at *error. */
int ext_api_take(const sqlite3_api_routines *api, char **error);

#endif
