/* quantise_model.c - quantise_model(from, to, source [, options]): a model in 8 bits,
 * which is a quarter as large and up to twice as fast, and is computed in integers.
 *
 *     SELECT quantise_model('digits', 'small', 'images');        -- 1, the new version
 *     SELECT quantise_model('builtin', 'builtin8', 'images');
 *     SELECT digitnet_model('small', 'precision');               -- 'int8'
 *
 *     SELECT quantise_model('digits', 'digits', 'images', '{"activate": 0}');
 *
 * from is what digit_predict takes for a model, but not one in int8; to gets the next
 * version of its name, and NULL is 'default'. It becomes the active one, unless options,
 * a JSON object, have "activate": 0.
 *
 * What the layers read is measured on some images of the source: its rows whose split is
 * 'train', or all, if it has none. Of many rows a thousand are taken, from its first to
 * its last at even distances. Core does the rest: dn_quantise. Where the two models
 * disagree about more than one of twenty of these images, nothing is stored. */
#include <string.h>
#include "../base/argument.h"
#include "../base/direct.h"
#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/json.h"
#include "../base/option_object.h"
#include "../image/picture.h"
#include "cache.h"
#include "name.h"
#include "own_rows.h"
#include "sample.h"
#include "store.h"
#include "stored_bytes.h"

/* One label of so many may be another in int8. */
#define LEAST_AGREEMENT 20

/* --- the function ------------------------------------------------------------------- */

typedef struct quantising {
    ext_context *models;
    ext_watch watch;
    ext_model *model; /* counted */
    ext_start_model from;
    ext_sample sample;
    char *to; /* sqlite3_malloc'd */
    const char *source;
    int activate;
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
    return ext_text_mend(sqlite3_str_finish(out));
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
                           EXT_STORE_UNMEASURED,
                           .parameters = info->parameters,
                           .precision = "int8",
                           .picture = ext_picture_word(ext_model_picture(info)),
                           .weights = q->bytes,
                           .weights_size = q->size,
                           .inactive = !q->activate};
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

/* compare - counts the images that both models call the same. */
static int compare(quantising *q, char *error) {
    const int n = q->sample.n;
    const dn_host host = ext_context_host(q->models, &q->watch);
    dn_model *made = NULL;
    int *labels = sqlite3_malloc64(2 * (sqlite3_uint64)n * sizeof *labels);
    int status = DN_NOMEM;
    if (labels)
        status = dn_model_decode(&made, q->bytes, q->size, &host, error, EXT_ERROR_SIZE);
    if (status == DN_OK)
        status =
            ext_sample_predict(labels, NULL, &q->sample, q->model->model, &host.watch);
    if (status == DN_OK)
        status = ext_sample_predict(labels + n, NULL, &q->sample, made, &host.watch);
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
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "in int8, %d of %d images of '%.100s' get another label; expected "
                     "1 of %d at most, so nothing is stored; use its training images, "
                     "train it longer or with more weight decay, or keep it in float16",
                     differ, n, q->source, LEAST_AGREEMENT);
    return SQLITE_ERROR;
}

static const char *option_name(int k) { return k == 0 ? "activate" : NULL; }

/* options_read - of the fourth argument; NULL for none. */
static int options_read(quantising *q, sqlite3_value *options, char *error) {
    ext_option_object object = {.example = "{\"activate\": 0}"};
    sqlite3_value *activate = NULL;
    int rc = ext_option_object_read(&object, q->watch.db, "quantise_model", options,
                                    option_name, &activate, error);
    q->activate = 1;
    if (rc == SQLITE_OK && ext_options_is_given(activate))
        rc = ext_integer(&q->activate, activate, "activate", 0, 1, error);
    ext_option_object_clear(&object);
    return rc;
}

static int quantise(quantising *q, sqlite3_context *context, sqlite3_value **argv,
                    sqlite3_int64 *version, char *error) {
    sqlite3 *db = q->watch.db;
    int rc = ext_store_replicable(db, error);
    if (rc == SQLITE_OK) rc = ext_own_rows(db, "main", "quantise_model", context, error);
    if (rc == SQLITE_OK) rc = from_find(q, context, argv[0], error);
    if (rc == SQLITE_OK) rc = ext_sample_new(&q->sample, &q->model->info, error);
    if (rc == SQLITE_OK)
        rc =
            ext_sample_read(&q->sample, db, argv[2], q->model->room.picture, NULL, error);
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
    if (ext_direct_only(context, "quantise_model") != SQLITE_OK) return;
    int rc = ext_model_request_new(&q.to, q.watch.db, argv[1], error);
    if (rc == SQLITE_OK && sqlite3_value_type(argv[2]) == SQLITE_TEXT)
        rc = ext_text(&q.source, argv[2], "source", error); /* else no table is named */
    if (rc == SQLITE_OK) rc = options_read(&q, argc > 3 ? argv[3] : NULL, error);
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
    ext_sample_free(&q.sample);
    ext_start_clear(&q.from);
    ext_model_unref(q.model);
}

int ext_register_quantise_model(sqlite3 *db, ext_context *context) {
    int rc = SQLITE_OK;
    for (int n = 3; n <= 4 && rc == SQLITE_OK; n++)
        rc = sqlite3_create_function_v2(
            db, "quantise_model", n, SQLITE_UTF8 | SQLITE_DIRECTONLY,
            ext_context_ref(context), quantise_model, NULL, NULL, ext_context_unref);
    return rc;
}
