/* digit_predict.c - what a model says of an image:
 *
 *     SELECT digit_predict(pixels) FROM images;                        -- 7
 *     SELECT digit_confidence(pixels) FROM images;                     -- 0.998
 *     SELECT digit_probabilities(pixels, 'digits@2') FROM images;      -- {"0":1e-05,…}
 *     SELECT digit_embedding(pixels) FROM images;                      -- BLOB of float32
 *
 *     SELECT try_predict(upload) FROM inbox;                    -- NULL if it is no image
 *     SELECT p.key, p.value FROM images, json_each(digit_probabilities(pixels)) AS p;
 *
 * A PNG in which several digits stand side by side gives the one that is found in it, or
 * that all at once look like, and no confidence above a half and a little; digit_read
 * (digit_read.c) reads them. digit_image shows what was looked at.
 *
 * A NULL image gives NULL. What is no image is an error; try_predict gives NULL for it
 * too, so that a trigger does not undo an application's INSERT; of a model that is not
 * there or damaged it is an error as well. Which model, and how its changes are noticed:
 * cache.h. Several of these on one row run the network once (ext_model_run).
 *
 * Not deterministic, for the model can change; not innocuous, for they read a table; but
 * open to views and triggers. */
#include <string.h>
#include "../base/json.h"
#include "../image/image.h"
#include "../image/scale.h"
#include "../model/cache.h"

/* The result of each function, from a model that has just seen the image. */
typedef void (*predict_result)(sqlite3_context *context, const ext_model *model);

/* One function as it is registered: user data of its calls. */
typedef struct predict_function {
    const char *name;
    predict_result result;
    int lenient;         /* what is no image gives NULL */
    ext_context *models; /* counted */
} predict_function;

static void result_label(sqlite3_context *context, const ext_model *model) {
    ext_result_class(context, model,
                     dn_argmax(model->probabilities, model->info.classes));
}

static void result_confidence(sqlite3_context *context, const ext_model *model) {
    const int class = dn_argmax(model->probabilities, model->info.classes);
    sqlite3_result_double(context, (double)model->probabilities[class]);
}

static void result_probabilities(sqlite3_context *context, const ext_model *model) {
    sqlite3_str *out = sqlite3_str_new(sqlite3_context_db_handle(context));
    for (int i = 0; i < model->info.classes; i++) {
        sqlite3_str_appendchar(out, 1, i ? ',' : '{');
        ext_json_label(out, &model->info.labels[i], 1);
        sqlite3_str_appendchar(out, 1, ':');
        ext_json_float(out, model->probabilities[i]);
    }
    sqlite3_str_appendchar(out, 1, '}');
    char *text = sqlite3_str_finish(out);
    if (!text) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_text(context, text, -1, sqlite3_free);
    sqlite3_result_subtype(context,
                           'J'); /* JSON functions take it as JSON, not as text */
}

/* A blob of ours is little-endian on any machine. */
static void result_embedding(sqlite3_context *context, const ext_model *model) {
    const size_t n = (size_t)model->info.embedding;
    unsigned char *blob = sqlite3_malloc64(4 * n);
    if (!blob) {
        sqlite3_result_error_nomem(context);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &model->embedding[i], sizeof bits);
        for (int k = 0; k < 4; k++)
            blob[4 * i + (size_t)k] = (unsigned char)(bits >> 8 * k);
    }
    sqlite3_result_blob64(context, blob, 4 * n, sqlite3_free);
}

static void predict(sqlite3_context *context, int argc, sqlite3_value **argv) {
    const predict_function *function = sqlite3_user_data(context);
    sqlite3_value *name = argc > 1 ? argv[1] : NULL;
    char error[EXT_ERROR_SIZE] = "";
    ext_model *model;
    dn_image image;
    int rc = ext_model_find(&model, function->models, context, name, error);
    if (rc != SQLITE_OK) {
        ext_result_code(context, function->name, rc, error);
        return;
    }
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    rc = ext_image_get(&image, argv[0], model->info.shape, &model->room, error);
    if (rc == SQLITE_OK) rc = ext_scale_check(&image, &model->info, error);
    if (rc == SQLITE_ERROR && function->lenient) return;
    if (rc != SQLITE_OK) {
        ext_model_takes(model, function->models, context, name, error);
        ext_result_code(context, function->name, rc, error);
        return;
    }
    rc = ext_model_run(model, sqlite3_context_db_handle(context), &image, error);
    if (rc == SQLITE_OK && model->room.several) {
        ext_several_doubt(model->probabilities, &model->info);
        model->memory_size = 0; /* they are no longer the image's own */
    }
    if (rc == SQLITE_OK)
        rc = ext_model_numbers(model->probabilities, (size_t)model->info.classes, name,
                               error);
    if (rc == SQLITE_OK)
        function->result(context, model);
    else
        ext_result_code(context, function->name, rc, error);
}

static void predict_function_free(void *pointer) {
    predict_function *function = pointer;
    ext_context_unref(function->models);
    sqlite3_free(function);
}

/* predict_register - one name, with and without the model's. Each has a struct of its
 * own, which SQLite frees, also if this fails. */
static int predict_register(sqlite3 *db, ext_context *models, const char *name,
                            predict_result result, int lenient, int flags) {
    for (int n = 1; n <= 2; n++) {
        predict_function *function = sqlite3_malloc64(sizeof *function);
        if (!function) return SQLITE_NOMEM;
        *function = (predict_function){name, result, lenient, ext_context_ref(models)};
        int rc = sqlite3_create_function_v2(db, name, n, SQLITE_UTF8 | flags, function,
                                            predict, NULL, NULL, predict_function_free);
        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}

/* Newer versions drop the subtype of a function that does not announce it. */
#ifndef SQLITE_RESULT_SUBTYPE
#define SQLITE_RESULT_SUBTYPE 0x001000000
#endif

int ext_register_predict(sqlite3 *db, ext_context *context) {
    /* Introduced in 3.45; older ones must not see an unknown flag. */
    const int subtype = sqlite3_libversion_number() >= 3045000 ? SQLITE_RESULT_SUBTYPE
                                                               : 0;
    int rc = predict_register(db, context, "digit_predict", result_label, 0, 0);
    if (rc == SQLITE_OK)
        rc = predict_register(db, context, "try_predict", result_label, 1, 0);
    if (rc == SQLITE_OK)
        rc = predict_register(db, context, "digit_confidence", result_confidence, 0, 0);
    if (rc == SQLITE_OK)
        rc = predict_register(db, context, "digit_probabilities", result_probabilities, 0,
                              subtype);
    if (rc == SQLITE_OK)
        rc = predict_register(db, context, "digit_embedding", result_embedding, 0, 0);
    return rc;
}
