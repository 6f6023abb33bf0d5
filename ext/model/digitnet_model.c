/* digitnet_model.c - digitnet_model([model]): the version that a name stands for.
 *
 *     SELECT digitnet_model();      -- 'default@3', or 'builtin' as long as there is none
 *     SELECT digitnet_model('digits');      -- 'digits@2'
 *
 * It is the model that digit_predict asks, so a report can say whom it judges. Open to
 * whatever may call digit_predict. */
#include "cache.h"

static void digitnet_model(sqlite3_context *context, int argc, sqlite3_value **argv) {
    char error[EXT_ERROR_SIZE] = "", *exact = NULL;
    const int rc = ext_model_exact(&exact, sqlite3_user_data(context), context,
                                   argc ? argv[0] : NULL, error);
    if (rc == SQLITE_OK)
        sqlite3_result_text(context, exact, -1, sqlite3_free);
    else
        ext_result_code(context, "digitnet_model", rc, error);
}

int ext_register_digitnet_model(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 0; n <= 1 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(db, "digitnet_model", n, SQLITE_UTF8,
                                        ext_context_ref(context), digitnet_model, NULL,
                                        NULL, ext_context_unref);
    return rc;
}
