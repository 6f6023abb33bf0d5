/* digit_saliency.c - digit_saliency(image [, model]): a PNG of the image in which the
 * pixels that support the predicted label are orange, those against it blue.
 *
 *     SELECT writefile(id || '.png', digit_saliency(pixels)) FROM images
 *     WHERE digit_predict(pixels) <> label;
 *
 * It has the model's size, a pixel a pixel; ink that said little keeps a dim grey. The
 * colours are relative to the loudest pixel of the image, in seven steps each way. How
 * much a pixel said is dn_saliency's answer (core/saliency.c), added up over the
 * channels.
 *
 * A NULL image gives NULL. As with digit_predict, the model may change: neither
 * deterministic nor innocuous. */
#include <stdlib.h>
#include <string.h>
#include "../../loaders/png.h"
#include "../base/error.h"
#include "../base/interrupt.h"
#include "../image/image.h"
#include "../image/scale.h"
#include "../model/cache.h"

#define STEPS  7  /* of saliency, each way */
#define SHADES 16 /* of ink */

/* A pixel's place in the palette. */
static int index_of(int step, int shade) { return (step + STEPS) * SHADES + shade; }

/* palette_fill - from the ink's grey, at most half bright, towards a colour. */
static void palette_fill(unsigned char (*palette)[3]) {
    static const int speaks[2][3] = {{255, 160, 16}, {40, 140, 255}}; /* for, against */
    for (int step = -STEPS; step <= STEPS; step++)
        for (int shade = 0; shade < SHADES; shade++) {
            const int grey = shade * 140 / (SHADES - 1), much = abs(step);
            for (int c = 0; c < 3; c++)
                palette[index_of(step, shade)][c] =
                    (unsigned char)((grey * (STEPS - much) + speaks[step < 0][c] * much) /
                                    STEPS);
        }
}

/* picture_fill - the palette's places of all n pixels.
 *
 *   spoke   [n][channels] by dn_saliency; the first of each n becomes their sum */
static void picture_fill(unsigned char *indices, float *spoke, const dn_image *image,
                         size_t n, int channels) {
    const size_t c = (size_t)channels;
    float most = 0;
    for (size_t i = 0; i < n; i++) {
        float sum = 0;
        for (size_t k = 0; k < c; k++) sum += spoke[i * c + k];
        spoke[i] = sum;
        if (sum > most || -sum > most) most = sum < 0 ? -sum : sum;
    }
    for (size_t i = 0; i < n; i++) {
        float ink = 0;
        for (size_t k = 0; k < c; k++) ink += ext_value(image, i * c + k);
        /* Of numbers that run over, none is any louder: infinity by itself is no
         * number. */
        const float part = most > 0 ? spoke[i] / most * STEPS : 0;
        const int loud = part >= -STEPS && part <= STEPS;
        const int step = loud ? (int)(part < 0 ? part - 0.5f : part + 0.5f) : 0;
        const int shade = (int)(ink / (float)channels * (SHADES - 1) + 0.5f);
        indices[i] = (unsigned char)index_of(step, shade);
    }
}

/* saliency_png - of the image that the model was run for. */
static int saliency_png(unsigned char **out, size_t *size, ext_model *model, sqlite3 *db,
                        const dn_image *image, char *error) {
    ext_watch watch = {.db = db};
    const dn_watch asked = {ext_watch_stop, &watch};
    const dn_shape shape = model->info.shape;
    const size_t n = (size_t)shape.h * (size_t)shape.w;
    unsigned char palette[256][3];
    int rc = SQLITE_NOMEM, status;
    *out = NULL;
    float *spoke = sqlite3_malloc64(n * (size_t)shape.c * sizeof *spoke);
    unsigned char *indices = sqlite3_malloc64(n);
    if (!spoke || !indices) goto done;
    status = dn_saliency(model->model, image,
                         dn_argmax(model->probabilities, model->info.classes), spoke,
                         &asked, error, EXT_ERROR_SIZE);
    if (status != DN_OK) {
        rc = ext_from_core(status, error);
        goto done;
    }
    palette_fill(palette);
    picture_fill(indices, spoke, image, n, shape.c);
    const load_stop stop = {ext_watch_stop, &watch};
    status = png_encode_palette(out, size, indices, shape.w, shape.h,
                                (const unsigned char(*)[3])palette, &stop, error,
                                EXT_ERROR_SIZE);
    rc = ext_from_loader(status, error);
done:
    ext_poll_end(&watch.poll);
    sqlite3_free(indices);
    sqlite3_free(spoke);
    return rc;
}

static void saliency(sqlite3_context *context, int argc, sqlite3_value **argv) {
    ext_context *models = sqlite3_user_data(context);
    sqlite3_value *name = argc > 1 ? argv[1] : NULL;
    char error[EXT_ERROR_SIZE] = "";
    ext_model *model;
    dn_image image;
    unsigned char *out;
    size_t size;
    int rc = ext_model_find(&model, models, context, name, error);
    if (rc == SQLITE_OK && sqlite3_value_type(argv[0]) == SQLITE_NULL) return;
    if (rc == SQLITE_OK) {
        rc = ext_image_get(&image, argv[0], model->info.shape, &model->room, error);
        if (rc != SQLITE_OK) ext_model_takes(model, models, context, name, error);
    }
    if (rc == SQLITE_OK) rc = ext_scale_check(&image, &model->info, error);
    if (rc == SQLITE_OK)
        rc = ext_model_run(model, sqlite3_context_db_handle(context), &image, error);
    if (rc == SQLITE_OK)
        rc = ext_model_numbers(model->probabilities, (size_t)model->info.classes, name,
                               error);
    if (rc == SQLITE_OK)
        rc = saliency_png(&out, &size, model, sqlite3_context_db_handle(context), &image,
                          error);
    if (rc == SQLITE_OK)
        sqlite3_result_blob64(context, out, size, free);
    else
        ext_result_code(context, "digit_saliency", rc, error);
}

int ext_register_saliency(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 1; n <= 2 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(db, "digit_saliency", n, SQLITE_UTF8,
                                        ext_context_ref(context), saliency, NULL, NULL,
                                        ext_context_unref);
    return rc;
}
