/* batch.c - some rows of a source: see batch.h. */
#include <string.h>
#include "../base/error.h"
#include "../data/row.h"
#include "../image/image.h"
#include "../image/scale.h"
#include "../model/cache.h"
#include "batch.h"

void ext_batch_clear(ext_batch *batch) {
    ext_answers_clear(&batch->answers);
    batch->n_images = 0;
    batch->used = 0;
}

void ext_batch_free(ext_batch *batch) {
    sqlite3_free(batch->pixels);
    sqlite3_free(batch->several);
    sqlite3_free(batch->probabilities);
    sqlite3_free(batch->images);
    ext_answers_free(&batch->answers);
    memset(batch, 0, sizeof *batch);
}

/* image_room - bytes of an image in float32, the larger form. */
static size_t image_room(dn_shape shape) {
    return (size_t)4 * (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
}

/* batch_allocate - room for `wanted` rows in an empty batch, or fewer if they are
 * large. */
static int batch_allocate(ext_batch *batch, const dn_model_info *info, int wanted) {
    const size_t classes = (size_t)info->classes * sizeof(float);
    const size_t image = image_room(info->shape);
    if ((size_t)wanted > EXT_BATCH_BYTES / classes)
        wanted = (int)(EXT_BATCH_BYTES / classes);
    if (wanted < 1) wanted = 1;
    if (wanted <= batch->largest) return SQLITE_OK;
    const size_t rows = (size_t)wanted;
    ext_batch_free(batch);
    batch->room = rows > EXT_BATCH_BYTES / image ? EXT_BATCH_BYTES : rows * image;
    if (batch->room < image) batch->room = image;
    batch->images = sqlite3_malloc64(rows * sizeof *batch->images);
    batch->several = sqlite3_malloc64(rows);
    batch->pixels = sqlite3_malloc64(batch->room);
    batch->probabilities = sqlite3_malloc64(rows * classes);
    if (!batch->images || !batch->several || !batch->pixels || !batch->probabilities)
        return SQLITE_NOMEM;
    batch->largest = wanted;
    return SQLITE_OK;
}

/* not_image - says which row it is, and what predicts the others. */
static int not_image(const ext_source *source, const char *reason, char *error) {
    const int rc = ext_row_error(source, reason, error);
    const size_t end = strlen(error);
    sqlite3_snprintf((int)(EXT_ERROR_SIZE - end), error + end,
                     "; try_predict(pixels) gives NULL for such a row");
    return rc;
}

/* batch_add - copies the row the source stands on. */
static int batch_add(ext_batch *batch, ext_source *source, const dn_model_info *info,
                     char *error) {
    sqlite3_stmt *s = source->rows;
    char reason[EXT_ERROR_SIZE];
    dn_image *image = &batch->images[batch->n_images];
    const int type = sqlite3_column_type(s, 0);
    if (type != SQLITE_NULL) {
        const void *bytes = ext_image_column(s, 0);
        const size_t size = (size_t)sqlite3_column_bytes(s, 0);
        int rc =
            ext_image_from(image, type, bytes, size, info->shape, &source->room, reason);
        if (rc == SQLITE_OK) rc = ext_scale_check(image, info, reason);
        if (rc == SQLITE_ERROR) return not_image(source, reason, error);
        if (rc != SQLITE_OK) {
            sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s", reason);
            return rc;
        }
        const size_t taken = ext_image_size(image, info->shape);
        memcpy(batch->pixels + batch->used, image->pixels, taken);
        image->pixels = batch->pixels + batch->used;
        batch->used += taken;
        batch->several[batch->n_images] = (unsigned char)source->room.several;
    }
    const int rc = ext_answers_add(&batch->answers, source);
    if (rc == SQLITE_OK && type != SQLITE_NULL)
        batch->answers.rows[batch->answers.n - 1].class = batch->n_images++;
    return rc;
}

int ext_batch_read(ext_batch *batch, ext_source *source, const dn_model_info *info,
                   int wanted, char *error) {
    int rc = batch_allocate(batch, info, wanted);
    if (wanted > batch->largest) wanted = batch->largest;
    while (rc == SQLITE_OK && batch->answers.n < (size_t)wanted &&
           batch->room - batch->used >= image_room(info->shape) &&
           batch->answers.size < EXT_BATCH_BYTES) {
        rc = ext_source_next(source, error);
        if (rc != SQLITE_ROW) return rc;
        rc = batch_add(batch, source, info, error);
    }
    if (rc == SQLITE_OK) return SQLITE_ROW;
    if (rc == SQLITE_NOMEM) ext_no_memory(error);
    return rc;
}

void ext_batch_answer(ext_batch *batch, const dn_model_info *info) {
    for (size_t i = 0; i < batch->answers.n; i++) {
        ext_answer *answer = &batch->answers.rows[i];
        if (answer->class < 0) continue;
        float *p = batch->probabilities + (size_t)answer->class * (size_t)info->classes;
        if (batch->several[answer->class]) ext_several_doubt(p, info);
        answer->class = dn_argmax(p, info->classes);
        answer->confidence = p[answer->class];
    }
}
