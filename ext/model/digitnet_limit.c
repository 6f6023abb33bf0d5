/* digitnet_limit.c - digitnet_limit(name [, value]): what one prediction may take on this
 * connection.
 *
 *     SELECT digitnet_limit('memory');                    -- 268435456 bytes: the default
 *     SELECT digitnet_limit('work', 1000000000);       -- 17179869184: what it was before
 *
 * 'memory' is in bytes, 'work' in multiply-adds (core/cost.h). A model that would take
 * more is refused when it is read, imported, or trained; so is digit_saliency, which
 * takes more than a prediction. As with sqlite3_limit, the result is the limit in force
 * before the call, and it lasts as long as the connection. A NULL for value leaves the
 * limit as it is.
 *
 * Top-level SQL alone may call it, or a file's schema would lift the limits that protect
 * its reader. */
#include "../base/argument.h"
#include "../base/direct.h"
#include "cache.h"

static void limit(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ext_context *models = sqlite3_user_data(context);
    char error[EXT_ERROR_SIZE] = "";
    if (ext_direct_only(context, "digitnet_limit") != SQLITE_OK) return;
    dn_limits limits = ext_context_limits(models);
    const char *name = "NULL";
    int rc = sqlite3_value_type(argv[0]) == SQLITE_NULL
                 ? SQLITE_OK
                 : ext_text(&name, argv[0], "name", error);
    int64_t *one = rc == SQLITE_OK && sqlite3_stricmp(name, "memory") == 0
                       ? &limits.memory
                   : rc == SQLITE_OK && sqlite3_stricmp(name, "work") == 0 ? &limits.work
                                                                           : NULL;
    if (!one) {
        if (rc == SQLITE_OK) {
            rc = SQLITE_ERROR;
            sqlite3_snprintf(EXT_ERROR_SIZE, error,
                             "name is '%!.40s'; expected 'memory' or 'work'", name);
        }
        ext_result_code(context, "digitnet_limit", rc, error);
        return;
    }
    const sqlite3_int64 before = *one;
    const int type = argc > 1 ? sqlite3_value_type(argv[1]) : SQLITE_NULL;
    if (type != SQLITE_NULL) {
        *one = sqlite3_value_int64(argv[1]);
        if (type != SQLITE_INTEGER || *one < 1) {
            ext_result_error(context, "digitnet_limit",
                             "value is no integer above 0; expected bytes for 'memory', "
                             "multiply-adds for 'work'");
            return;
        }
        ext_context_limit(models, &limits);
    }
    sqlite3_result_int64(context, before);
}

int ext_register_limit(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 1; n <= 2 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(
            db, "digitnet_limit", n, SQLITE_UTF8 | SQLITE_DIRECTONLY,
            ext_context_ref(context), limit, NULL, NULL, ext_context_unref);
    return rc;
}
