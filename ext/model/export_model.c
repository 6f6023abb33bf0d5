/* export_model.c - export_model([model]): a model as an ONNX file. */
#include "../base/direct.h"
#include "../base/json.h"
#include "cache.h"
#include "stored_bytes.h"

static void export_model(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ext_context *models = sqlite3_user_data(context);
    sqlite3 *db = sqlite3_context_db_handle(context);
    sqlite3_value *name = argc ? argv[0] : NULL;
    char error[EXT_ERROR_SIZE] = "", *classes = NULL;
    ext_start_model model = {0};
    ext_model *parsed;
    void *onnx = NULL;
    size_t size;
    if (ext_direct_only(context, "export_model") != SQLITE_OK) return;
    int rc = ext_model_find(&parsed, models, context, name, error);
    if (rc == SQLITE_OK) {
        classes = ext_json_labels(parsed->info.labels, parsed->info.classes);
        if (!classes) rc = ext_no_memory(error);
    }
    if (rc == SQLITE_OK) rc = ext_export_bytes(&model, models, db, name, error);
    if (rc == SQLITE_OK) {
        const dn_onnx_words words = {model.exact, DIGITNET_VERSION, classes};
        ext_watch watch = {.db = db};
        const dn_host host = ext_context_host(models, &watch);
        const int status = dn_onnx_export(&onnx, &size, model.bytes, model.size, &words,
                                          &host, error, sizeof error);
        ext_poll_end(&watch.poll);
        if (status != DN_OK) rc = ext_from_core(status, error);
    }
    if (rc == SQLITE_OK)
        sqlite3_result_blob64(context, onnx, size, sqlite3_free);
    else
        ext_result_code(context, "export_model", rc, error);
    ext_start_clear(&model);
    sqlite3_free(classes);
}

int ext_register_export_model(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 0; n <= 1 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(
            db, "export_model", n, SQLITE_UTF8 | SQLITE_DIRECTONLY,
            ext_context_ref(context), export_model, NULL, NULL, ext_context_unref);
    return rc;
}
