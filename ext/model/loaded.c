/* loaded.c - a parsed model: made, used for one image, freed. See cache.h. */
#include <math.h>
#include <string.h>
#include "../base/hash.h"
#include "../base/interrupt.h"
#include "../image/picture.h"
#include "cache.h"

ext_model *ext_model_ref(ext_model *model) {
    model->references++;
    return model;
}

void ext_model_unref(ext_model *model) {
    if (!model || --model->references > 0) return;
    ext_room_free(&model->room);
    sqlite3_free(model->memory);
    sqlite3_free(model->embedding);
    sqlite3_free(model->probabilities);
    dn_scratch_free(model->scratch);
    dn_model_free(model->model);
    sqlite3_free(model);
}

int ext_model_picture(const dn_model_info *info) {
    if (info->picture >= EXT_PICTURE_DIGIT && info->picture <= EXT_PICTURE_STRETCH)
        return info->picture;
    return ext_picture_of(EXT_PICTURE_UNSAID, info->shape);
}

int ext_model_decode(ext_model **out, const dn_host *host, const void *bytes,
                     sqlite3_int64 size, char *error) {
    ext_model *model = sqlite3_malloc64(sizeof *model);
    if (!model) return DN_NOMEM;
    memset(model, 0, sizeof *model);
    model->references = 1;
    model->size = size;
    int status =
        dn_model_decode(&model->model, bytes, (size_t)size, host, error, EXT_ERROR_SIZE);
    if (status != DN_OK) goto done;
    memcpy(model->checksum, (const char *)bytes + DN_MODEL_CHECKSUM_AT,
           DN_MODEL_CHECKSUM);
    model->hash = hash_bytes(HASH_START, bytes, (size_t)size);
    dn_model_get_info(model->model, &model->info);
    const dn_shape shape = model->info.shape;
    model->room.picture = ext_model_picture(&model->info);
    const sqlite3_uint64 pixels = (sqlite3_uint64)shape.h * (sqlite3_uint64)shape.w *
                                  (sqlite3_uint64)shape.c;
    status = DN_NOMEM;
    if (!(model->scratch = dn_scratch_new(model->model))) goto done;
    model->probabilities =
        sqlite3_malloc64((sqlite3_uint64)model->info.classes * sizeof(float));
    model->embedding =
        sqlite3_malloc64((sqlite3_uint64)model->info.embedding * sizeof(float));
    model->memory = sqlite3_malloc64(pixels * sizeof(float));
    if (!model->probabilities || !model->embedding || !model->memory) goto done;
    status = DN_OK;
done:
    if (status == DN_OK)
        *out = model;
    else
        ext_model_unref(model);
    return status;
}

int ext_model_run(ext_model *model, sqlite3 *db, const dn_image *image, char *error) {
    const size_t size = ext_image_size(image, model->info.shape);
    ext_watch watch = {.db = db};
    const dn_watch asked = {ext_watch_stop, &watch};
    if (size == model->memory_size && memcmp(model->memory, image->pixels, size) == 0)
        return SQLITE_OK;
    model->memory_size = 0;
    const int status = dn_predict(model->model, model->scratch, image,
                                  model->probabilities, model->embedding, &asked);
    ext_poll_end(&watch.poll);
    if (status != DN_OK) return ext_from_core(status, error);
    memcpy(model->memory, image->pixels, size);
    model->memory_size = size;
    return SQLITE_OK;
}

void ext_several_doubt(float *probabilities, const dn_model_info *info) {
    const int n = info->classes;
    if (ext_picture_usual(info->shape, info->labels, n) != EXT_PICTURE_DIGIT) return;
    for (int i = 0; i < n; i++)
        probabilities[i] = 0.5f * probabilities[i] + 0.5f / (float)n;
}

int ext_model_numbers(const float *probabilities, size_t n, sqlite3_value *name,
                      char *error) {
    size_t i = 0;
    while (i < n && isfinite(probabilities[i])) i++;
    if (i == n) return SQLITE_OK;
    const char *text = name ? (const char *)sqlite3_value_text(name) : NULL;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "model '%!.100s' has an output that is not a finite number: its weights are too "
        "large; train it with a lower rate, or import another one",
        text ? text : "default");
    return SQLITE_ERROR;
}

void ext_result_class(sqlite3_context *context, const ext_model *model, int class) {
    const dn_label *label = &model->info.labels[class];
    if (label->text)
        sqlite3_result_text64(context, label->text, label->text_size, SQLITE_TRANSIENT,
                              SQLITE_UTF8);
    else
        sqlite3_result_int64(context, label->integer);
}
