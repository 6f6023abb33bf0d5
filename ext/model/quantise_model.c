/* quantise_model.c - quantise_model(from, to, source): a model in 8 bits, which is a
 * quarter as large and up to twice as fast, and is computed in integers.
 *
 *     SELECT quantise_model('digits', 'small', 'images');        -- 1, the new version
 *     SELECT quantise_model('builtin', 'builtin8', 'images');
 *     SELECT digitnet_model('small', 'precision');               -- 'int8'
 *
 * from is what digit_predict takes for a model, but not one in int8; to gets the next
 * version of its name, which becomes the active one, and NULL is 'default'. What the
 * layers read is measured on some images of the source: its rows whose split is 'train',
 * or all, if it has none. Of many rows a thousand are taken, from its first to its last
 * at even distances. Core does the rest: dn_quantise. Where the two models disagree about
 * more than one of twenty of these images, nothing is stored. */
#include <math.h>
#include <string.h>
#include "../base/argument.h"
#include "../base/direct.h"
#include "../base/interrupt.h"
#include "../base/json.h"
#include "../data/row.h"
#include "../image/picture.h"
#include "cache.h"
#include "name.h"
#include "own_rows.h"
#include "store.h"
#include "stored_bytes.h"

/* Images that are kept; those of a network that takes long are fewer: all that is done
 * with them is so many multiply-adds, or some images. */
#define MOST_IMAGES  1024
#define LEAST_IMAGES 32
#define MOST_WORK    ((uint64_t)1 << 37)
#define MOST_BYTES   ((size_t)64 << 20)

/* One label of so many may be another in int8. */
#define LEAST_AGREEMENT 20

/* Images at even distances: where there is no more room, every other one is given up, and
 * from then on so many rows are passed over. */
typedef struct sample {
    unsigned char *pixels; /* [room][size] */
    dn_pixel_type *types;  /* [room] */
    dn_image *images;      /* [room], when it is full */
    size_t size;           /* bytes that an image may take */
    int n, room;
    sqlite3_int64 every, seen; /* rows */
} sample;

static void sample_free(sample *s) {
    sqlite3_free(s->pixels);
    sqlite3_free(s->types);
    sqlite3_free(s->images);
}

static int sample_new(sample *s, const dn_model_info *info, char *error) {
    const dn_shape shape = info->shape;
    const uint64_t most = MOST_WORK / (info->work + 1);
    memset(s, 0, sizeof *s);
    s->every = 1;
    s->size = sizeof(float) * (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    s->room = most > MOST_IMAGES    ? MOST_IMAGES
              : most < LEAST_IMAGES ? LEAST_IMAGES
                                    : (int)most / 2 * 2;
    while (s->room > 2 && (size_t)s->room > MOST_BYTES / s->size) s->room /= 2;
    s->pixels = sqlite3_malloc64((sqlite3_uint64)s->size * (sqlite3_uint64)s->room);
    s->types = sqlite3_malloc64(sizeof *s->types * (sqlite3_uint64)s->room);
    s->images = sqlite3_malloc64(sizeof *s->images * (sqlite3_uint64)s->room);
    return s->pixels && s->types && s->images ? SQLITE_OK : ext_no_memory(error);
}

/* sample_thin - gives up every other image. */
static void sample_thin(sample *s) {
    for (int i = 1; 2 * i < s->n; i++) {
        memcpy(s->pixels + s->size * (size_t)i, s->pixels + s->size * (size_t)(2 * i),
               s->size);
        s->types[i] = s->types[2 * i];
    }
    s->n = (s->n + 1) / 2;
    s->every *= 2;
}

/* sample_add - a row's image, if its turn has come. */
static int sample_add(sample *s, ext_source *source, dn_shape shape, char *error) {
    dn_image image;
    if (s->seen++ % s->every) return SQLITE_OK;
    if (s->n == s->room) {
        sample_thin(s);
        if ((s->seen - 1) % s->every) return SQLITE_OK;
    }
    const int rc = ext_row_image(source, &shape, &image, error);
    if (rc != SQLITE_OK) return rc;
    memcpy(s->pixels + s->size * (size_t)s->n, image.pixels,
           image.type == DN_UINT8 ? s->size / sizeof(float) : s->size);
    s->types[s->n++] = image.type;
    return SQLITE_OK;
}

/* is_used - whether a row is one to learn from. */
static int is_used(const ext_source *source) {
    if (sqlite3_column_type(source->rows, 0) == SQLITE_NULL) return 0;
    if (source->split < 0) return 1;
    const char *split = (const char *)sqlite3_column_text(source->rows, source->split);
    return split && strcmp(split, "train") == 0;
}

/* sample_says - whether the images say how large values become: many that
 * are one, or one alone, do not. */
static int sample_says(const sample *s, char *error) {
    for (int i = 1; i < s->n; i++) {
        const unsigned char *image = s->pixels + s->size * (size_t)i;
        const dn_pixel_type type = s->types[i];
        const size_t size = type == DN_UINT8 ? s->size / sizeof(float) : s->size;
        if (type != s->types[0] || memcmp(image, s->pixels, size) != 0) return SQLITE_OK;
    }
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "%s; expected some hundred images of those that the model was trained on, "
        "of all its labels",
        s->n > 1 ? "all images to measure by are the same"
                 : "there is one image alone to measure by");
    return SQLITE_ERROR;
}

/* sample_read - from the rows of a source. */
static int sample_read(sample *s, sqlite3 *db, sqlite3_value *name,
                       const ext_model *model, char *error) {
    ext_source source;
    int rc = ext_source_open(&source, db, name, NULL, SOURCE_SPLIT, error);
    if (rc == SQLITE_OK) {
        source.room.picture = model->room.picture;
        while ((rc = ext_source_next(&source, error)) == SQLITE_ROW)
            if (is_used(&source) &&
                (rc = sample_add(s, &source, model->info.shape, error)) != SQLITE_OK)
                break;
        if (rc == SQLITE_DONE) rc = SQLITE_OK;
    }
    if (rc == SQLITE_OK && !s->n) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "%.100s has no images%s; expected some of those that the model "
                         "was trained on",
                         source.name, source.split < 0 ? "" : " whose split is 'train'");
        rc = SQLITE_ERROR;
    }
    if (rc == SQLITE_OK) rc = sample_says(s, error);
    ext_source_close(&source);
    for (int i = 0; i < s->n; i++)
        s->images[i] = (dn_image){s->pixels + s->size * (size_t)i, s->types[i]};
    return rc;
}

/* --- the function ------------------------------------------------------------------- */

typedef struct quantising {
    ext_context *models;
    ext_watch watch;
    ext_model *model; /* counted */
    ext_start_model from;
    sample sample;
    char *to; /* sqlite3_malloc'd */
    const char *source;
    void *bytes; /* core's, of SQLite's heap */
    size_t size;
    int same; /* images of the sample that both models call the same */
} quantising;

/* json_of - what is kept in digitnet_models.options. */
static char *json_of(const quantising *q) {
    sqlite3_str *out = sqlite3_str_new(NULL);
    sqlite3_str_appendall(out, "{\"quantised\":");
    ext_json_string(out, q->from.exact, strlen(q->from.exact));
    sqlite3_str_appendf(out, ",\"images\":%d,\"agreement\":%.4f}", q->sample.n,
                        (double)q->same / q->sample.n);
    return sqlite3_str_finish(out);
}

static int store(quantising *q, sqlite3_int64 *version, char *error) {
    const dn_model_info *info = &q->model->info;
    char *shape = ext_shape_text(info->shape), *json = json_of(q);
    char *labels = ext_json_labels(info->labels, info->classes);
    ext_store_model row = {.name = q->to,
                           .source = q->source,
                           .layers = info->layers,
                           .shape = shape,
                           .classes = labels,
                           .options = json,
                           .loss = NAN,
                           .accuracy = NAN,
                           .holdout_accuracy = NAN,
                           .seconds = NAN,
                           .parameters = info->parameters,
                           .precision = "int8",
                           .microseconds = NAN,
                           .picture = ext_picture_word(ext_model_picture(info)),
                           .weights = q->bytes,
                           .weights_size = q->size};
    int rc = shape && json && labels ? SQLITE_OK : ext_no_memory(error);
    if (rc == SQLITE_OK)
        rc = ext_store_checkpoint(q->watch.db, &q->watch.poll, &row, NULL, 0, error);
    *version = row.version;
    sqlite3_free(shape);
    sqlite3_free(json);
    sqlite3_free(labels);
    return rc;
}

/* from_find - the model, as predictions have it, and its bytes. */
static int from_find(quantising *q, sqlite3_context *context, sqlite3_value *name,
                     char *error) {
    ext_model *model;
    int rc = ext_model_find(&model, q->models, context, name, error);
    if (rc != SQLITE_OK) return rc;
    q->model = ext_model_ref(model);
    return ext_export_bytes(&q->from, q->models, q->watch.db, name, error);
}

/* labels_of - of all images of the sample, the class that a model says. */
static int labels_of(int *labels, const dn_model *model, int classes, const sample *s,
                     const dn_watch *watch) {
    dn_scratch *scratch = dn_scratch_new(model);
    float *p = sqlite3_malloc64((sqlite3_uint64)classes * sizeof *p);
    int status = scratch && p ? DN_OK : DN_NOMEM;
    for (int k = 0; k < s->n && status == DN_OK; k++) {
        status = dn_predict(model, scratch, &s->images[k], p, NULL, watch);
        if (status == DN_OK) labels[k] = dn_argmax(p, classes);
    }
    sqlite3_free(p);
    dn_scratch_free(scratch);
    return status;
}

/* compare - counts the images that both models call the same. */
static int compare(quantising *q, char *error) {
    const int n = q->sample.n, classes = q->model->info.classes;
    const dn_host host = ext_context_host(q->models, &q->watch);
    dn_model *made = NULL;
    int *labels = sqlite3_malloc64(2 * (sqlite3_uint64)n * sizeof *labels);
    int status = DN_NOMEM;
    if (labels)
        status = dn_model_decode(&made, q->bytes, q->size, &host, error, EXT_ERROR_SIZE);
    if (status == DN_OK)
        status = labels_of(labels, q->model->model, classes, &q->sample, &host.watch);
    if (status == DN_OK)
        status = labels_of(labels + n, made, classes, &q->sample, &host.watch);
    for (int k = 0; k < n && status == DN_OK; k++) q->same += labels[k] == labels[n + k];
    dn_model_free(made);
    sqlite3_free(labels);
    return status == DN_OK ? SQLITE_OK : ext_from_core(status, error);
}

/* agrees - whether the two models give enough images the same label. One may differ: its
 * two likeliest labels may be nearly as likely. */
static int agrees(const quantising *q, char *error) {
    const int n = q->sample.n, differ = n - q->same;
    if (differ <= 1 || differ <= n / LEAST_AGREEMENT) return SQLITE_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "in int8 the model gives %d of %d images of %.100s another label; expected no "
        "more than 1 of %d, and nothing is stored; measure by images it was "
        "trained on, train it for longer or with more weight decay, or keep "
        "it in float16",
        differ, n, q->source ? q->source : "the source", LEAST_AGREEMENT);
    return SQLITE_ERROR;
}

static int quantise(quantising *q, sqlite3_context *context, sqlite3_value **argv,
                    sqlite3_int64 *version, char *error) {
    sqlite3 *db = q->watch.db;
    int rc = ext_store_replicable(db, error);
    if (rc == SQLITE_OK) rc = ext_own_rows(db, "main", "quantise_model", context, error);
    if (rc == SQLITE_OK) rc = from_find(q, context, argv[0], error);
    if (rc == SQLITE_OK) rc = sample_new(&q->sample, &q->model->info, error);
    if (rc == SQLITE_OK) rc = sample_read(&q->sample, db, argv[2], q->model, error);
    if (rc == SQLITE_OK) {
        const dn_host host = ext_context_host(q->models, &q->watch);
        const int status = dn_quantise(&q->bytes, &q->size, q->from.bytes, q->from.size,
                                       q->sample.images, q->sample.n, &host, error,
                                       EXT_ERROR_SIZE);
        if (status != DN_OK) rc = ext_from_core(status, error);
    }
    if (rc == SQLITE_OK) rc = compare(q, error);
    if (rc == SQLITE_OK) rc = agrees(q, error);
    return rc == SQLITE_OK ? store(q, version, error) : rc;
}

static void quantise_model(sqlite3_context *context, int argc, sqlite3_value **argv) {
    char error[EXT_ERROR_SIZE] = "";
    quantising q = {.models = sqlite3_user_data(context),
                    .watch = {.db = sqlite3_context_db_handle(context)}};
    sqlite3_int64 version = 0;
    (void)argc;
    if (ext_direct_only(context, "quantise_model") != SQLITE_OK) return;
    int rc = ext_model_request_new(&q.to, q.watch.db, argv[1], error);
    if (rc == SQLITE_OK && sqlite3_value_type(argv[2]) == SQLITE_TEXT)
        rc = ext_text(&q.source, argv[2], "source", error); /* else no table is named */
    if (rc == SQLITE_OK && (rc = ext_enter(q.models, error)) == SQLITE_OK) {
        rc = quantise(&q, context, argv, &version, error);
        ext_leave(q.models);
    }
    ext_poll_end(&q.watch.poll);
    if (rc == SQLITE_OK)
        sqlite3_result_int64(context, version);
    else
        ext_result_code(context, "quantise_model", rc, error);
    sqlite3_free(q.bytes);
    sqlite3_free(q.to);
    sample_free(&q.sample);
    ext_start_clear(&q.from);
    ext_model_unref(q.model);
}

int ext_register_quantise_model(sqlite3 *db, ext_context *context) {
    return sqlite3_create_function_v2(
        db, "quantise_model", 3, SQLITE_UTF8 | SQLITE_DIRECTONLY,
        ext_context_ref(context), quantise_model, NULL, NULL, ext_context_unref);
}
