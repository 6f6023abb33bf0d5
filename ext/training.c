/* training.c - one training run, an epoch at a time: see training.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "dataset.h"
#include "error.h"
#include "json.h"
#include "poll.h"
#include "training.h"

/* Images of the holdout between two looks at the clock. */
#define HOLDOUT_BATCH 256

struct ext_training {
    sqlite3 *db;
    ext_options options;
    ext_dataset *data;
    dn_trainer *trainer;
    ext_poll poll;

    /* One batch, and the order of the epoch. */
    uint32_t *order;  /* [n_train] places in data->train */
    uint32_t *rows;   /* [batch] */
    uint32_t *keys;   /* [batch] */
    dn_image *images; /* [batch] */
    int32_t *classes; /* [batch] */
    int batch;        /* the larger of options.net.batch and HOLDOUT_BATCH */

    /* The model's row. Its texts are sqlite3_malloc'd. */
    store_model model; /* version is 0 before the first checkpoint */
    char *name, *source, *shape, *labels, *json;

    int64_t epoch; /* done */
    int64_t best_epoch;
    double best_loss; /* on the holdout */
};

/* --- start ------------------------------------------------------------------------------------ */

static int no_memory(char *error) {
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "out of memory");
    return SQLITE_NOMEM;
}

/* name_check - copies a model's name, which must be one that can be looked up again. */
static int name_check(ext_training *run, sqlite3_value *model, char *error) {
    const int type = model ? sqlite3_value_type(model) : SQLITE_NULL;
    const char *name = "default";
    if (type != SQLITE_NULL) name = (const char *)sqlite3_value_text(model);
    if (!name) return no_memory(error);
    if ((type != SQLITE_NULL && type != SQLITE_TEXT) || !*name || strchr(name, '@') ||
        strcmp(name, "builtin") == 0) {
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "'%.100s' cannot be a model's name; expected a text without '@' that "
            "is neither empty nor 'builtin'",
            name);
        return SQLITE_ERROR;
    }
    run->name = sqlite3_mprintf("%s", name);
    return run->name ? SQLITE_OK : no_memory(error);
}

/* options_read - the options of this run; *old is the model's row if it resumes one. */
static int options_read(ext_training *run, sqlite3_value *const *values,
                        store_resumed *old, char *error) {
    int rc = options_start(&run->options, values, error);
    if (rc != SQLITE_OK || !run->options.resume) return rc;
    rc = store_resume(run->db, run->name, old, error);
    if (rc == SQLITE_OK)
        rc = options_resume(&run->options, run->db, old->options, values, error);
    if (rc != SQLITE_OK || old->epochs < run->options.net.epochs) return rc;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "model %.100s@%lld has had all of its %d epochs; say epochs = %lld for more",
        run->name, old->version, run->options.net.epochs, 2 * old->epochs);
    return SQLITE_ERROR;
}

/* data_read - loads the rows; for a run that goes on, the very same as before. */
static int data_read(ext_training *run, sqlite3_value *source, const store_resumed *old,
                     char *error) {
    ext_options *o = &run->options;
    const dataset_request request = {o->net.shape, o->holdout, o->net.seed,
                                     (sqlite3_int64)o->cache_mb << 20, o->net.batch};
    int rc = ext_dataset_load(&run->data, run->db, source, &request, error);
    if (rc != SQLITE_OK) return rc;
    const ext_dataset *data = run->data;
    run->labels = json_labels(data->labels, data->classes);
    if (!run->labels) return no_memory(error);
    if (o->resume && (o->images != data->n_train || o->checksum != data->checksum ||
                      strcmp(old->classes, run->labels) != 0)) {
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "model %.100s@%lld was trained on other data (%u images an epoch, now "
            "%u); to resume it they must be the same",
            run->name, old->version, o->images, data->n_train);
        return SQLITE_ERROR;
    }
    if (o->patience && !data->n_holdout) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "patience is %d, but no rows are held out to measure by",
                         o->patience);
        return SQLITE_ERROR;
    }
    o->net.shape = data->shape;
    o->images = data->n_train;
    o->checksum = data->checksum;
    return SQLITE_OK;
}

/* trainer_make - the network; for a run that goes on, where it stopped. */
static int trainer_make(ext_training *run, const store_resumed *old, char *error) {
    ext_options *o = &run->options;
    const ext_dataset *data = run->data;
    int status = dn_trainer_new(&run->trainer, &o->net, data->labels, data->classes,
                                data->n_train, data->mean, data->std, error,
                                EXT_ERROR_SIZE);
    if (status == DN_OK) {
        const char *notation = dn_trainer_notation(run->trainer);
        if (o->resume && strcmp(notation, old->layers) != 0) {
            sqlite3_snprintf(
                EXT_ERROR_SIZE, error,
                "layers is '%.150s', but model %.50s@%lld was made with '%.150s'",
                notation, run->name, old->version, old->layers);
            return SQLITE_ERROR;
        }
        sqlite3_snprintf(sizeof o->net.layers, o->net.layers, "%s", notation);
        if (o->resume)
            status = dn_trainer_resume(run->trainer, old->state, old->state_size, error,
                                       EXT_ERROR_SIZE);
    }
    if (status == DN_NOMEM) return no_memory(error);
    return status == DN_OK ? SQLITE_OK : SQLITE_ERROR;
}

/* model_fill - what of the model's row stays the same, and what a resumed one begins with. */
static int model_fill(ext_training *run, sqlite3_value *source, const store_resumed *old,
                      char *error) {
    const ext_options *o = &run->options;
    run->source = sqlite3_mprintf("%s", (const char *)sqlite3_value_text(source));
    run->shape = options_shape(o->net.shape);
    run->json = options_json(o);
    if (!run->source || !run->shape || !run->json) return no_memory(error);
    run->model = (store_model){.name = run->name,
                               .source = run->source,
                               .layers = dn_trainer_notation(run->trainer),
                               .shape = run->shape,
                               .classes = run->labels,
                               .options = run->json,
                               .seed = (sqlite3_int64)o->net.seed};
    run->best_loss = INFINITY;
    if (!o->resume) return SQLITE_OK;
    run->epoch = old->epochs;
    run->best_epoch = old->best_epoch;
    run->best_loss = old->best_holdout_loss;
    run->model.version = old->version;
    run->model.loss = old->loss;
    run->model.accuracy = old->accuracy;
    run->model.holdout_accuracy = old->holdout_accuracy;
    run->model.seconds = old->seconds;
    return SQLITE_OK;
}

/* batch_allocate - room for one batch of training or holdout, and an epoch's order. */
static int batch_allocate(ext_training *run, char *error) {
    const int wanted = run->options.net.batch;
    run->batch = wanted > HOLDOUT_BATCH ? wanted : HOLDOUT_BATCH;
    const sqlite3_uint64 n = (sqlite3_uint64)run->batch;
    run->order = sqlite3_malloc64(run->data->n_train * sizeof *run->order);
    run->rows = sqlite3_malloc64(n * sizeof *run->rows);
    run->keys = sqlite3_malloc64(n * sizeof *run->keys);
    run->images = sqlite3_malloc64(n * sizeof *run->images);
    run->classes = sqlite3_malloc64(n * sizeof *run->classes);
    if (run->order && run->rows && run->keys && run->images && run->classes)
        return SQLITE_OK;
    return no_memory(error);
}

int ext_training_start(ext_training **out, sqlite3 *db, sqlite3_value *source,
                       sqlite3_value *model, sqlite3_value *const *options, char *error) {
    store_resumed old = {0};
    ext_training *run = sqlite3_malloc64(sizeof *run);
    *out = NULL;
    if (!run) return no_memory(error);
    memset(run, 0, sizeof *run);
    run->db = db;
    int rc = name_check(run, model, error);
    if (rc == SQLITE_OK) rc = options_read(run, options, &old, error);
    if (rc == SQLITE_OK) rc = data_read(run, source, &old, error);
    if (rc == SQLITE_OK) rc = trainer_make(run, &old, error);
    if (rc == SQLITE_OK) rc = model_fill(run, source, &old, error);
    if (rc == SQLITE_OK) rc = batch_allocate(run, error);
    if (rc == SQLITE_OK) rc = store_try(db, error);
    store_resumed_clear(&old);
    if (rc == SQLITE_OK)
        *out = run;
    else
        ext_training_free(run);
    return rc;
}

void ext_training_free(ext_training *run) {
    if (!run) return;
    ext_poll_end(&run->poll);
    sqlite3_free(run->classes);
    sqlite3_free(run->images);
    sqlite3_free(run->keys);
    sqlite3_free(run->rows);
    sqlite3_free(run->order);
    sqlite3_free(run->json);
    sqlite3_free(run->labels);
    sqlite3_free(run->shape);
    sqlite3_free(run->source);
    sqlite3_free(run->name);
    dn_trainer_free(run->trainer);
    ext_dataset_free(run->data);
    sqlite3_free(run);
}

const ext_options *ext_training_options(const ext_training *run) { return &run->options; }

/* --- an epoch ---------------------------------------------------------------------------------- */

/* poll_error - words the result of a poll. */
static int poll_error(const ext_training *run, int rc, char *error) {
    if (rc == SQLITE_INTERRUPT)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "interrupted");
    else if (rc != SQLITE_OK)
        ext_sqlite_error(run->db, rc, error);
    return rc;
}

/* epoch_window - trains on n rows that are held, by their places in data->train. */
static int epoch_window(ext_training *run, dn_threads *threads, const uint32_t *order,
                        uint32_t n, dn_metrics *metrics, double *rate, char *error) {
    const ext_dataset *data = run->data;
    const uint32_t batch = (uint32_t)run->options.net.batch;
    for (uint32_t start = 0; start < n; start += batch) {
        const int size = (int)(n - start < batch ? n - start : batch);
        for (int i = 0; i < size; i++) {
            run->keys[i] = order[start + (uint32_t)i];
            run->rows[i] = data->train[run->keys[i]];
        }
        ext_dataset_get(data, run->rows, size, run->images, run->classes);
        *rate = dn_trainer_rate(run->trainer);
        dn_trainer_step(run->trainer, threads, run->images, run->classes, run->keys, size,
                        metrics);
        if (!isfinite(metrics->loss)) {
            sqlite3_snprintf(
                EXT_ERROR_SIZE, error,
                "the loss is no longer a number in epoch %lld; a lower rate than "
                "%g may help",
                (sqlite3_int64)run->epoch + 1, run->options.net.rate);
            return SQLITE_ERROR;
        }
        const int rc = poll_error(run, ext_poll_check(&run->poll, run->db), error);
        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}

/* epoch_train - one pass over the training rows; *rate becomes the last step's. */
static int epoch_train(ext_training *run, dn_threads *threads, dn_metrics *metrics,
                       double *rate, char *error) {
    ext_dataset *data = run->data;
    int rc = ext_dataset_order(data, run->order, run->options.net.seed,
                               (uint64_t)run->epoch + 1);
    if (rc != SQLITE_OK) return no_memory(error);
    for (uint32_t at = 0, n; at < data->n_train && rc == SQLITE_OK; at += n) {
        n = data->n_train - at < data->window ? data->n_train - at : data->window;
        rc = ext_dataset_hold(data, data->train, run->order + at, n, error);
        if (rc == SQLITE_OK)
            rc = epoch_window(run, threads, run->order + at, n, metrics, rate, error);
    }
    return rc;
}

/* epoch_measure - loss and hits of the network's bytes on the holdout. */
static int epoch_measure(ext_training *run, dn_threads *threads, const void *bytes,
                         size_t size, dn_metrics *metrics, char *error) {
    ext_dataset *data = run->data;
    dn_model *model = NULL;
    int rc = SQLITE_OK;
    int status = dn_model_decode(&model, bytes, size, error, EXT_ERROR_SIZE);
    uint32_t held = 0; /* rows of the holdout that were or are in memory */
    for (uint32_t i = 0, n; i < data->n_holdout && status == DN_OK && rc == SQLITE_OK;
         i += n) {
        const uint32_t left = data->n_holdout - i;
        if (i == held) {
            held += left < data->window ? left : data->window;
            rc = ext_dataset_hold(data, data->holdout + i, NULL, held - i, error);
            if (rc != SQLITE_OK) break;
        }
        n = held - i < HOLDOUT_BATCH ? held - i : HOLDOUT_BATCH;
        ext_dataset_get(data, data->holdout + i, (int)n, run->images, run->classes);
        status = dn_evaluate(model, threads, run->images, run->classes, (int)n, metrics);
        if (status == DN_OK)
            rc = poll_error(run, ext_poll_check(&run->poll, run->db), error);
    }
    dn_model_free(model);
    if (status == DN_NOMEM) return no_memory(error);
    return status == DN_OK ? rc : SQLITE_ERROR;
}

/* epoch_store - the checkpoint. bytes are the weights after this epoch. */
static int epoch_store(ext_training *run, const store_epoch *row, const void *bytes,
                       size_t size, char *error) {
    store_model *model = &run->model;
    const int is_better = !run->data->n_holdout || row->holdout_loss < run->best_loss ||
                          !model->version;
    void *state = NULL;
    model->epochs = row->epoch;
    model->seconds += row->seconds;
    model->weights = is_better ? bytes : NULL;
    model->weights_size = is_better ? size : 0;
    if (is_better) {
        model->loss = row->loss;
        model->accuracy = row->accuracy;
        model->holdout_accuracy = row->holdout_accuracy;
    }
    if (dn_trainer_state(run->trainer, &state, &model->state_size) != DN_OK)
        return no_memory(error);
    model->state = state;
    const int rc = store_checkpoint(run->db, &run->poll, model, row, error);
    free(state);
    model->state = model->weights = NULL;
    if (rc == SQLITE_OK && is_better) {
        run->best_loss = row->holdout_loss;
        run->best_epoch = row->epoch;
    }
    return rc;
}

/* epoch_run - trains, measures, stores. */
static int epoch_run(ext_training *run, dn_threads *threads, store_epoch *row,
                     char *error) {
    const double start = ext_seconds();
    dn_metrics train = {0}, holdout = {0};
    void *bytes = NULL;
    size_t size = 0;
    *row = (store_epoch){
        .epoch = run->epoch + 1, .holdout_loss = NAN, .holdout_accuracy = NAN};
    int rc = epoch_train(run, threads, &train, &row->rate, error);
    if (rc != SQLITE_OK) return rc;
    const double trained = ext_seconds();
    row->loss = train.loss / (double)train.images;
    row->accuracy = (double)train.correct / (double)train.images;
    row->images_per_second = (double)train.images / (trained - start);

    if (dn_trainer_model(run->trainer, &bytes, &size) != DN_OK) return no_memory(error);
    if (run->data->n_holdout) {
        rc = epoch_measure(run, threads, bytes, size, &holdout, error);
        row->holdout_loss = holdout.loss / (double)holdout.images;
        row->holdout_accuracy = (double)holdout.correct / (double)holdout.images;
    }
    row->seconds = ext_seconds() - start;
    if (rc == SQLITE_OK) rc = poll_error(run, ext_poll_now(&run->poll, run->db), error);
    if (rc == SQLITE_OK) rc = epoch_store(run, row, bytes, size, error);
    free(bytes);
    return rc;
}

int ext_training_epoch(ext_training *run, store_epoch *row, char *error) {
    const ext_options *o = &run->options;
    if (run->epoch >= o->net.epochs) return SQLITE_DONE;
    if (o->patience && run->best_epoch && run->epoch - run->best_epoch >= o->patience)
        return SQLITE_DONE;
    dn_threads *threads = dn_threads_start(o->threads);
    const int rc = epoch_run(run, threads, row, error);
    dn_threads_stop(threads);
    if (rc != SQLITE_OK) return rc;
    run->epoch++;
    return SQLITE_ROW;
}
