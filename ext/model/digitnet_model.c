/* digitnet_model.c - digitnet_model([model [, what]]): which version a name stands for.
 *
 *     SELECT digitnet_model();      -- 'default@3', or 'builtin' as long as there is none
 *     SELECT digitnet_model('digits');             -- 'digits@2'
 *     SELECT digitnet_model('digits', 'shape');    -- '28x28x1': of its images
 *     SELECT digitnet_model('digits', 'picture');  -- 'digit': what a PNG becomes
 *     SELECT digitnet_model('digits', 'precision');  -- 'int8': of its stored weights
 *
 * It is the model that digit_predict asks, so a report can say whom it judges, and show
 * images as that model sees them. Open to whatever may call digit_predict. */
#include "../base/argument.h"
#include "../image/picture.h"
#include "cache.h"

enum { WHAT_NAME, WHAT_SHAPE, WHAT_PICTURE, WHAT_PRECISION };
static const char *const words[] = {"name", "shape", "picture", "precision", NULL};

/* what_read - which of words is asked for. */
static int what_read(int *what, sqlite3_value *value, char *error) {
    const int type = sqlite3_value_type(value);
    const char *text = type == SQLITE_TEXT ? (const char *)sqlite3_value_text(value)
                                           : NULL;
    if (type == SQLITE_TEXT && !text) return ext_no_memory(error);
    *what = text ? dn_word_find(words, text) : -1;
    if (*what >= 0) return SQLITE_OK;
    return ext_argument_error(error, "what", value,
                              "'name', 'shape', 'picture' or 'precision'");
}

/* result_part - the shape of a model's images, what it makes of a PNG, or how its weights
 * are kept. */
static void result_part(sqlite3_context *context, const ext_model *model, int what) {
    if (what == WHAT_PICTURE) {
        sqlite3_result_text(context, ext_picture_word(ext_model_picture(&model->info)),
                            -1, SQLITE_STATIC);
        return;
    }
    if (what == WHAT_PRECISION) {
        sqlite3_result_text(context, dn_precision_name(model->info.precision), -1,
                            SQLITE_STATIC);
        return;
    }
    char *shape = ext_shape_text(model->info.shape);
    if (shape)
        sqlite3_result_text(context, shape, -1, sqlite3_free);
    else
        sqlite3_result_error_nomem(context);
}

static void digitnet_model(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ext_context *models = sqlite3_user_data(context);
    sqlite3_value *name = argc ? argv[0] : NULL;
    char error[EXT_ERROR_SIZE] = "", *exact = NULL;
    ext_model *model = NULL;
    int what = WHAT_NAME, rc = SQLITE_OK;
    if (argc > 1) rc = what_read(&what, argv[1], error);
    if (rc == SQLITE_OK)
        rc = what == WHAT_NAME ? ext_model_exact(&exact, models, context, name, error)
                               : ext_model_find(&model, models, context, name, error);
    if (rc != SQLITE_OK)
        ext_result_code(context, "digitnet_model", rc, error);
    else if (exact)
        sqlite3_result_text(context, exact, -1, sqlite3_free);
    else
        result_part(context, model, what);
}

int ext_register_digitnet_model(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 0; n <= 2 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(db, "digitnet_model", n, SQLITE_UTF8,
                                        ext_context_ref(context), digitnet_model, NULL,
                                        NULL, ext_context_unref);
    return rc;
}
