/* digitnet.c - the entry point: registers every function and table on a connection.
 *
 *     .load ./digitnet                                  -- the sqlite3 shell
 *     SELECT load_extension('./digitnet');              -- where SQL may load
 *     digitnet_auto();                                  -- linked in: digitnet.h
 *
 * Loading writes nothing and reads no file, so a read-only connection may load. */
#include "base/ext.h"
#include "digitnet.h"
#include "model/cache.h"

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* SQLITE_INNOCUOUS and SQLITE_VTAB_DIRECTONLY came with 3.31; without them the trust
 * rules of the manual cannot be kept. */
#define OLDEST_SQLITE 3031000

EXPORT int sqlite3_digitnet_init(sqlite3 *db, char **error,
                                 const sqlite3_api_routines *api) {
    if (ext_api_take(api, error) != SQLITE_OK) return SQLITE_ERROR;
    if (sqlite3_libversion_number() < OLDEST_SQLITE) {
        if (error)
            *error = sqlite3_mprintf("digitnet needs SQLite 3.31 or newer; this is %s",
                                     sqlite3_libversion());
        return SQLITE_ERROR;
    }
    ext_context *context = ext_context_new(db);
    if (!context) return SQLITE_NOMEM;
    int rc = ext_register_info(db);
    if (rc == SQLITE_OK) rc = ext_register_show(db);
    if (rc == SQLITE_OK) rc = ext_register_picture(db);
    if (rc == SQLITE_OK) rc = ext_register_shape(db);
    if (rc == SQLITE_OK) rc = ext_register_pixels(db);
    if (rc == SQLITE_OK) rc = ext_register_sheet(db);
    if (rc == SQLITE_OK) rc = ext_register_uri(db);
    if (rc == SQLITE_OK) rc = ext_register_synthetic(db);
    if (rc == SQLITE_OK) rc = ext_register_image_rows(db, context);
    if (rc == SQLITE_OK) rc = ext_register_predict(db, context);
    if (rc == SQLITE_OK) rc = ext_register_saliency(db, context);
    if (rc == SQLITE_OK) rc = ext_register_digit_find(db, context);
    if (rc == SQLITE_OK) rc = ext_register_digit_read(db, context);
    if (rc == SQLITE_OK) rc = ext_register_predict_model(db, context);
    if (rc == SQLITE_OK) rc = ext_register_digitnet_model(db, context);
    if (rc == SQLITE_OK) rc = ext_register_copy_model(db, context);
    if (rc == SQLITE_OK) rc = ext_register_quantise_model(db, context);
    if (rc == SQLITE_OK) rc = ext_register_limit(db, context);
    if (rc == SQLITE_OK) rc = ext_register_export_c(db, context);
        /* What the amalgamation leaves out on demand: ext/package/amalgamate.awk. */
#ifndef DIGITNET_OMIT_BUILTIN
    if (rc == SQLITE_OK) rc = ext_register_builtin(db);
#endif
#ifndef DIGITNET_OMIT_PNG
    if (rc == SQLITE_OK) rc = ext_register_read_idx(db);
    if (rc == SQLITE_OK) rc = ext_register_read_png(db);
    if (rc == SQLITE_OK) rc = ext_register_read_cifar(db);
#endif
#ifndef DIGITNET_OMIT_TRAIN
    if (rc == SQLITE_OK) rc = ext_register_train_model(db, context);
    if (rc == SQLITE_OK) rc = ext_register_train_model_scalar(db, context);
    if (rc == SQLITE_OK) rc = ext_register_options(db);
    if (rc == SQLITE_OK) rc = ext_register_verify_model(db, context);
    if (rc == SQLITE_OK) rc = ext_register_search_model(db, context);
    if (rc == SQLITE_OK) rc = ext_register_suspect_labels(db, context);
#endif
#ifndef DIGITNET_OMIT_REPORT
    if (rc == SQLITE_OK) rc = ext_register_report_model(db, context);
#endif
#ifndef DIGITNET_OMIT_ONNX
    if (rc == SQLITE_OK) rc = ext_register_export_model(db, context);
    if (rc == SQLITE_OK) rc = ext_register_import_model(db, context);
    if (rc == SQLITE_OK) rc = ext_register_inspect_model(db, context);
#endif
    ext_context_unref(context);
    return rc;
}

#ifdef SQLITE_CORE
EXPORT int digitnet_auto(void) {
    return sqlite3_auto_extension((void (*)(void))sqlite3_digitnet_init);
}
#endif
