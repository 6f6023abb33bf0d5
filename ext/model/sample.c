/* sample.c - some images of a source: see sample.h. */
#include "sample.h"
#include <string.h>
#include "../base/error.h"
#include "../data/row.h"

/* Images that are kept; those of a network that takes long are fewer: all that is done
 * with them is so many multiply-adds, or some images. */
#define MOST_IMAGES  1024
#define LEAST_IMAGES 32
#define MOST_WORK    ((uint64_t)1 << 37)
#define MOST_BYTES   ((size_t)64 << 20)

void ext_sample_free(ext_sample *s) {
    sqlite3_free(s->pixels);
    sqlite3_free(s->types);
    sqlite3_free(s->images);
    sqlite3_free(s->labels);
}

int ext_sample_new(ext_sample *s, const dn_model_info *info, char *error) {
    const dn_shape shape = info->shape;
    const uint64_t most = MOST_WORK / (info->work + 1);
    memset(s, 0, sizeof *s);
    s->every = 1;
    s->shape = shape;
    s->classes = info->classes;
    s->size = sizeof(float) * (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    s->room = most > MOST_IMAGES    ? MOST_IMAGES
              : most < LEAST_IMAGES ? LEAST_IMAGES
                                    : (int)most / 2 * 2;
    while (s->room > 2 && (size_t)s->room > MOST_BYTES / s->size) s->room /= 2;
    s->pixels = sqlite3_malloc64((sqlite3_uint64)s->size * (sqlite3_uint64)s->room);
    s->types = sqlite3_malloc64(sizeof *s->types * (sqlite3_uint64)s->room);
    s->images = sqlite3_malloc64(sizeof *s->images * (sqlite3_uint64)s->room);
    s->labels = sqlite3_malloc64(sizeof *s->labels * (sqlite3_uint64)s->room);
    return s->pixels && s->types && s->images && s->labels ? SQLITE_OK
                                                           : ext_no_memory(error);
}

/* sample_thin - gives up every other image. */
static void sample_thin(ext_sample *s) {
    for (int i = 1; 2 * i < s->n; i++) {
        memcpy(s->pixels + s->size * (size_t)i, s->pixels + s->size * (size_t)(2 * i),
               s->size);
        s->types[i] = s->types[2 * i];
        s->labels[i] = s->labels[2 * i];
    }
    s->n = (s->n + 1) / 2;
    s->every *= 2;
}

/* size_of - bytes that an image takes. */
static size_t size_of(const ext_sample *s, dn_pixel_type type) {
    return type == DN_UINT8 ? s->size / sizeof(float) : s->size;
}

/* sample_add - a row's image, if its turn has come. */
static int sample_add(ext_sample *s, ext_source *source, const ext_class_set *classes,
                      char *error) {
    dn_image image;
    dn_label label;
    if (s->seen++ % s->every) return SQLITE_OK;
    if (s->n == s->room) {
        sample_thin(s);
        if ((s->seen - 1) % s->every) return SQLITE_OK;
    }
    int rc = ext_row_image(source, &s->shape, &image, error);
    if (rc == SQLITE_OK && classes) rc = ext_row_label(source, &label, error);
    if (rc != SQLITE_OK) return rc;
    s->labels[s->n] = classes ? ext_classes_match(classes, &label) : -1;
    memcpy(s->pixels + s->size * (size_t)s->n, image.pixels, size_of(s, image.type));
    s->types[s->n++] = image.type;
    return SQLITE_OK;
}

/* is_used - whether a row is one to learn from. */
static int is_used(const ext_source *source) {
    if (sqlite3_column_type(source->rows, 0) == SQLITE_NULL) return 0;
    if (source->label >= 0 &&
        sqlite3_column_type(source->rows, source->label) == SQLITE_NULL)
        return 0;
    if (source->split < 0) return 1;
    const char *split = (const char *)sqlite3_column_text(source->rows, source->split);
    return split && strcmp(split, "train") == 0;
}

/* is_flat - whether all pixels of an image are the same: each is the one before it. */
static int is_flat(const ext_sample *s, int i) {
    const int places = s->shape.h * s->shape.w;
    const unsigned char *image = s->pixels + s->size * (size_t)i;
    const size_t size = size_of(s, s->types[i]), pixel = size / (size_t)places;
    return places > 1 && memcmp(image, image + pixel, size - pixel) == 0;
}

static int is_same(const ext_sample *s, int i, int k) {
    return s->types[i] == s->types[k] &&
           memcmp(s->pixels + s->size * (size_t)i, s->pixels + s->size * (size_t)k,
                  size_of(s, s->types[i])) == 0;
}

/* sample_says - whether the images say how large values become: one alone, many that are
 * one, or those of one colour each do not. */
static int sample_says(const ext_sample *s, char *error) {
    int first = -1; /* that is not flat */
    for (int i = 0; i < s->n; i++) {
        if (is_flat(s, i)) continue;
        if (first < 0) first = i;
        if (!is_same(s, first, i)) return SQLITE_OK;
    }
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "%s; expected some hundred of the model's training images, of all labels",
        s->n == 1   ? "the source has one image to measure by"
        : first < 0 ? "each image to measure by is a single colour"
                    : "all images to measure by are the same, or a single colour");
    return SQLITE_ERROR;
}

int ext_sample_read(ext_sample *s, sqlite3 *db, sqlite3_value *source, int picture,
                    const ext_class_set *classes, char *error) {
    ext_source rows;
    int rc = ext_source_open(&rows, db, source, NULL,
                             classes ? SOURCE_SPLIT | SOURCE_LABEL : SOURCE_SPLIT, error);
    if (rc == SQLITE_OK) {
        rows.room.picture = picture;
        while ((rc = ext_source_next(&rows, error)) == SQLITE_ROW)
            if (is_used(&rows) &&
                (rc = sample_add(s, &rows, classes, error)) != SQLITE_OK)
                break;
        if (rc == SQLITE_DONE) rc = SQLITE_OK;
    }
    if (rc == SQLITE_OK && !s->n) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "%.100s has no images%s%s; expected some of those that the "
                         "model was trained on",
                         rows.name, classes ? " with a label" : "",
                         rows.split < 0 ? "" : " whose split is 'train'");
        rc = SQLITE_ERROR;
    }
    if (rc == SQLITE_OK) rc = sample_says(s, error);
    ext_source_close(&rows);
    for (int i = 0; i < s->n; i++)
        s->images[i] = (dn_image){s->pixels + s->size * (size_t)i, s->types[i]};
    return rc;
}

int ext_sample_predict(int *chosen, dn_metrics *metrics, const ext_sample *s,
                       const dn_model *model, const dn_watch *watch) {
    dn_scratch *scratch = dn_scratch_new(model);
    float *p = sqlite3_malloc64((sqlite3_uint64)s->classes * sizeof *p);
    int status = scratch && p ? DN_OK : DN_NOMEM;
    for (int k = 0; k < s->n && status == DN_OK; k++) {
        status = dn_predict(model, scratch, &s->images[k], p, NULL, watch);
        if (status != DN_OK) break;
        chosen[k] = dn_argmax(p, s->classes);
        if (metrics && s->labels[k] >= 0)
            dn_score(p, s->classes, &s->labels[k], 1, metrics);
    }
    sqlite3_free(p);
    dn_scratch_free(scratch);
    return status;
}
