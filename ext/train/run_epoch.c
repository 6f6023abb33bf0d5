/* run_epoch.c - an epoch of a training run: all training rows, then the holdout, then the
 * checkpoint. See run.h. */
#include <math.h>
#include <string.h>
#include "../base/error.h"
#include "../base/json.h"
#include "run_parts.h"

/* poll_error - words the result of a poll. */
static int poll_error(const ext_training *run, int rc, char *error) {
    if (rc == SQLITE_INTERRUPT)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "interrupted");
    else if (rc != SQLITE_OK)
        ext_sqlite_error(run->db, rc, error);
    return rc;
}

/* Asked by the threads between two pieces of work. */
int ext_training_watch(void *context) {
    ext_training *run = context;
    run->polled = ext_poll_check(&run->poll, run->db);
    return run->polled != SQLITE_OK;
}

/* epoch_poll - the same between two batches: the threads have asked, but for a NULL
 * team. */
static int epoch_poll(ext_training *run, const dn_threads *threads, char *error) {
    if (!dn_threads_stopped(threads)) run->polled = ext_poll_check(&run->poll, run->db);
    return poll_error(run, run->polled, error);
}

/* epoch_diverged - ends the run; what earlier epochs stored stays. */
static int epoch_diverged(ext_training *run, const char *what, char *error) {
    const sqlite3_int64 stored = run->data->n_holdout ? run->best_epoch : run->epoch;
    char kept[200] = "";
    run->diverged = 1;
    if (run->model.version && stored)
        sqlite3_snprintf(sizeof kept, kept,
                         "; model %.100s@%lld keeps the weights of epoch %lld", run->name,
                         run->model.version, stored);
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "%s in epoch %lld; a lower rate than %g may help%s", what,
                     (sqlite3_int64)run->epoch + 1, run->options.net.rate, kept);
    return SQLITE_ERROR;
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
        const int rc = epoch_poll(run, threads, error);
        if (rc != SQLITE_OK) return rc;
        if (!isfinite(metrics->loss))
            return epoch_diverged(run, "the loss is no longer a number", error);
    }
    return SQLITE_OK;
}

/* epoch_train - one pass over the training rows; *rate becomes the last step's. */
static int epoch_train(ext_training *run, dn_threads *threads, dn_metrics *metrics,
                       double *rate, char *error) {
    ext_dataset *data = run->data;
    int rc = ext_dataset_order(data, run->order, run->options.net.seed,
                               (uint64_t)run->epoch + 1);
    if (rc != SQLITE_OK) return ext_no_memory(error);
    for (uint32_t at = 0, n; at < data->n_train && rc == SQLITE_OK; at += n) {
        n = data->n_train - at < data->window ? data->n_train - at : data->window;
        rc = ext_dataset_hold(data, data->train, run->order + at, n, error);
        if (rc == SQLITE_OK)
            rc = epoch_window(run, threads, run->order + at, n, metrics, rate, error);
    }
    return rc;
}

/* epoch_numbers - whether the network's probabilities of n rows are numbers. */
static int epoch_numbers(ext_training *run, const float *probabilities, uint32_t n,
                         char *error) {
    const size_t values = (size_t)n * (size_t)run->data->classes;
    for (size_t i = 0; i < values; i++)
        if (!isfinite(probabilities[i]))
            return epoch_diverged(run, "the probabilities are no longer numbers", error);
    return SQLITE_OK;
}

/* holdout_fit - the temperature that fits the kept rows best, unless one was asked for or
 * they are few: then the model has it already. Their probabilities become those at it. */
static void holdout_fit(ext_training *run, dn_threads *threads, double *temperature) {
    const int classes = run->data->classes;
    if (!ext_training_calibrates(run)) return;
    *temperature = ext_json_round(
        dn_calibrate(threads, run->probabilities, classes, run->truth, run->n_kept));
    dn_soften(threads, run->probabilities, classes, run->n_kept, *temperature);
}

/* holdout_measure - loss and hits of a model on the holdout, at the temperature that fits
 * it.
 * n_kept rows stay in the run's room until that is known; those after them are measured
 * as they come. */
static int holdout_measure(ext_training *run, dn_threads *threads, const dn_model *model,
                           double *temperature, dn_metrics *metrics, char *error) {
    ext_dataset *data = run->data;
    const int classes = data->classes;
    const uint32_t n_kept = run->n_kept;
    int rc = SQLITE_OK;
    uint32_t held = 0; /* rows of the holdout that were or are in memory */
    for (uint32_t i = 0, n; i < data->n_holdout; i += n) {
        const uint32_t left = data->n_holdout - i;
        if (i == held) {
            held += left < data->window ? left : data->window;
            rc = ext_dataset_hold(data, data->holdout + i, NULL, held - i, error);
            if (rc != SQLITE_OK) return rc;
        }
        n = held - i < HOLDOUT_BATCH ? held - i : HOLDOUT_BATCH;
        if (i < n_kept && i + n > n_kept) n = n_kept - i;
        const uint32_t at = i < n_kept ? i : n_kept;
        float *probabilities = run->probabilities + (size_t)at * (size_t)classes;
        ext_dataset_get(data, data->holdout + i, (int)n, run->images, run->truth + at);
        if (dn_predict_batch(model, threads, run->images, (int)n, probabilities) != DN_OK)
            return ext_no_memory(error);
        rc = epoch_poll(run, threads, error);
        if (rc == SQLITE_OK) rc = epoch_numbers(run, probabilities, n, error);
        if (rc != SQLITE_OK) return rc;
        if (at == n_kept) {
            if (ext_training_calibrates(run))
                dn_soften(threads, probabilities, classes, n, *temperature);
            dn_score(probabilities, classes, run->truth + at, n, metrics);
        } else if (i + n == n_kept)
            holdout_fit(run, threads, temperature);
        run->n_images = (int)n;
    }
    dn_score(run->probabilities, classes, run->truth, n_kept, metrics);
    return SQLITE_OK;
}

/* What a checkpoint stores of the network. */
typedef struct epoch_bytes {
    void *p; /* for sqlite3_free */
    size_t size;
    double temperature;
} epoch_bytes;

/* Images by which a model is quantised. */
#define QUANTISED_BY 1024

/* epoch_quantise - the same network in 8 bits, in place of out's bytes, by training rows
 * at even distances. run->images are some of those then: no others may be in memory. */
static int epoch_quantise(ext_training *run, epoch_bytes *out, char *error) {
    ext_dataset *data = run->data;
    uint32_t n = data->n_train < QUANTISED_BY ? data->n_train : QUANTISED_BY;
    if (n > data->window) n = data->window;
    uint32_t *rows = sqlite3_malloc64(n * sizeof *rows);
    int32_t *classes = sqlite3_malloc64(n * sizeof *classes);
    dn_image *images = sqlite3_malloc64(n * sizeof *images);
    void *bytes = NULL;
    size_t size = 0;
    int rc = rows && classes && images ? SQLITE_OK : ext_no_memory(error);
    for (uint32_t i = 0; i < n && rc == SQLITE_OK; i++)
        rows[i] = data->train[(uint64_t)i * data->n_train / n];
    if (rc == SQLITE_OK) rc = ext_dataset_hold(data, rows, NULL, n, error);
    if (rc == SQLITE_OK) {
        ext_dataset_get(data, rows, (int)n, images, classes);
        const int status = dn_quantise(&bytes, &size, out->p, out->size, images, n,
                                       &run->host, error, EXT_ERROR_SIZE);
        if (status != DN_OK) rc = ext_from_core(status, error);
    }
    if (rc == SQLITE_OK) {
        sqlite3_free(out->p);
        out->p = bytes;
        out->size = size;
        run->n_images = n < HOLDOUT_BATCH ? (int)n : HOLDOUT_BATCH;
        memcpy(run->images, images, (size_t)run->n_images * sizeof *images);
    }
    sqlite3_free(rows);
    sqlite3_free(classes);
    sqlite3_free(images);
    return rc;
}

/* epoch_model - the network's bytes at out->temperature, and the model that they are. */
static int epoch_model(ext_training *run, epoch_bytes *out, dn_model **model,
                       char *error) {
    dn_model_free(*model);
    *model = NULL;
    sqlite3_free(out->p);
    out->p = NULL;
    int status = dn_trainer_finite(run->trainer, out->temperature);
    if (status == DN_ERROR)
        return epoch_diverged(run, "a weight is no longer a finite number", error);
    if (status == DN_OK)
        status = dn_trainer_model(run->trainer, out->temperature, &out->p, &out->size);
    if (status == DN_OK && run->options.net.precision == DN_KEEP_INT8) {
        const int rc = epoch_quantise(run, out, error);
        if (rc != SQLITE_OK) return rc;
    }
    if (status == DN_OK)
        status =
            dn_model_decode(model, out->p, out->size, &run->host, error, EXT_ERROR_SIZE);
    return status == DN_OK ? SQLITE_OK : ext_from_core(status, error);
}

/* epoch_last - the rows that were trained on last, which are in memory. */
static void epoch_last(ext_training *run) {
    const ext_dataset *data = run->data;
    const uint32_t before = (data->n_train - 1) / data->window * data->window;
    const uint32_t held = data->n_train - before;
    const uint32_t n = held < HOLDOUT_BATCH ? held : HOLDOUT_BATCH;
    for (uint32_t i = 0; i < n; i++)
        run->rows[i] = data->train[run->order[data->n_train - n + i]];
    ext_dataset_get(data, run->rows, (int)n, run->images, run->classes);
    run->n_images = (int)n;
}

/* epoch_try - what will be stored is asked about some rows: weights that are finite may
 * still give what is no number. */
static int epoch_try(ext_training *run, dn_threads *threads, const dn_model *model,
                     char *error) {
    float *probabilities = run->probabilities +
                           (size_t)run->n_kept * (size_t)run->data->classes;
    if (dn_predict_batch(model, threads, run->images, run->n_images, probabilities) !=
        DN_OK)
        return ext_no_memory(error);
    const int rc = epoch_poll(run, threads, error);
    return rc == SQLITE_OK
               ? epoch_numbers(run, probabilities, (uint32_t)run->n_images, error)
               : rc;
}

/* Predictions that are timed, and the most seconds of them: enough for a figure, and
 * little beside an epoch. Two at least: in the first, memory becomes zero. */
#define TIMED         5
#define TIMED_SECONDS 0.002

/* epoch_time - notes what the model is, and how long one prediction takes: the least of
 * some, of an image that is there. */
static int epoch_time(ext_training *run, const dn_model *model, char *error) {
    dn_model_info info;
    dn_model_get_info(model, &info);
    run->model.parameters = info.parameters;
    dn_scratch *scratch = dn_scratch_new(model);
    float *embedding = sqlite3_malloc64((sqlite3_uint64)info.embedding * sizeof(float));
    float *probabilities = run->probabilities +
                           (size_t)run->n_kept * (size_t)info.classes;
    double least = INFINITY, all = 0;
    int status = scratch && embedding ? DN_OK : DN_NOMEM;
    for (int i = 0; status == DN_OK && i < TIMED && (i < 2 || all < TIMED_SECONDS); i++) {
        const double start = ext_seconds();
        status = dn_predict(model, scratch, &run->images[0], probabilities, embedding,
                            &run->host.watch);
        const double seconds = ext_seconds() - start;
        if (seconds < least) least = seconds;
        all += seconds;
    }
    sqlite3_free(embedding);
    dn_scratch_free(scratch);
    run->model.microseconds = 1e6 * least;
    return status == DN_OK ? SQLITE_OK : ext_from_core(status, error);
}

/* epoch_encode - the network's bytes, with probabilities as honest as they can be made:
 * the temperature is the one that was asked for, or fits the holdout best. */
static int epoch_encode(ext_training *run, dn_threads *threads, epoch_bytes *out,
                        dn_metrics *holdout, char *error) {
    const ext_options *o = &run->options;
    dn_model *model = NULL;
    double temperature = o->temperature > 0 ? o->temperature : 1;
    out->temperature = temperature;
    int rc = epoch_model(run, out, &model, error);
    if (rc == SQLITE_OK && run->data->n_holdout)
        rc = holdout_measure(run, threads, model, &temperature, holdout, error);
    else if (rc == SQLITE_OK && o->net.precision != DN_KEEP_INT8)
        epoch_last(run);
    if (rc == SQLITE_OK && temperature != out->temperature) {
        out->temperature = temperature;
        rc = epoch_model(run, out, &model, error);
    }
    if (rc == SQLITE_OK) rc = epoch_try(run, threads, model, error);
    if (rc == SQLITE_OK) rc = epoch_time(run, model, error);
    dn_model_free(model);
    return rc;
}

/* epoch_options - the options' text with what it says of the weights that are stored. */
static int epoch_options(ext_training *run, int64_t epoch, double temperature) {
    run->options.best = (int)epoch;
    run->options.fitted = temperature;
    char *json = ext_options_json(&run->options);
    if (!json) return SQLITE_NOMEM;
    sqlite3_free(run->json);
    run->model.options = run->json = json;
    return SQLITE_OK;
}

/* run_store - writes the model's row, with the weights that are in it, and n log rows. */
static int run_store(ext_training *run, const ext_store_epoch *log, int n, char *error) {
    ext_store_model *model = &run->model;
    void *state = NULL;
    const int status = dn_trainer_state(run->trainer, &state, &model->state_size);
    if (status != DN_OK) return ext_from_core(status, error);
    model->state = state;
    const int rc = ext_store_checkpoint(run->db, &run->poll, model, log, n, error);
    sqlite3_free(state);
    model->state = model->weights = NULL;
    if (rc == SQLITE_BUSY_SNAPSHOT && model->version) {
        const size_t end = strlen(error);
        sqlite3_snprintf((int)(EXT_ERROR_SIZE - end), error + end, "%s",
                         run->is_trial
                             ? "; the best model that was found until then stays"
                             : "; resume = 1 goes on from the last epoch stored, and "
                               "SELECT train_model(…), the function, lets others write");
    }
    return rc;
}

/* epoch_is_kept - whether the model's weights are to be those after this epoch: the one
 * with the least holdout loss, or the last where few rows are held out. A run that
 * repeats another keeps what that one has kept. */
static int epoch_is_kept(const ext_training *run, const ext_store_epoch *row) {
    if (run->repeats && run->options.best) return row->epoch == run->options.best;
    if (!ext_training_chooses(run)) return 1;
    return row->holdout_loss < run->best_loss || !run->best_epoch;
}

/* epoch_store - the checkpoint. bytes are the weights after this epoch. */
static int epoch_store(ext_training *run, const ext_store_epoch *row, epoch_bytes *bytes,
                       char *error) {
    ext_store_model *model = &run->model;
    const int is_kept = epoch_is_kept(run, row);
    int rc = SQLITE_OK;
    model->epochs = row->epoch;
    model->seconds += row->seconds;
    model->weights = is_kept ? bytes->p : NULL;
    model->weights_size = is_kept ? bytes->size : 0;
    if (is_kept) {
        if (epoch_options(run, row->epoch, bytes->temperature) != SQLITE_OK)
            return ext_no_memory(error);
        model->loss = row->loss;
        model->accuracy = row->accuracy;
        model->holdout_accuracy = row->holdout_accuracy;
    }
    if (!run->is_trial) {
        rc = run_store(run, row, 1, error);
    } else {
        run->log[row->epoch - 1] = *row;
        if (is_kept) {
            sqlite3_free(run->kept);
            run->kept = bytes->p;
            run->kept_size = bytes->size;
            bytes->p = NULL;
        }
    }
    if (rc == SQLITE_OK && is_kept) {
        run->best_loss = row->holdout_loss;
        run->best_epoch = row->epoch;
    }
    return rc;
}

int ext_training_store(ext_training *run, sqlite3_int64 *version, char *error) {
    ext_store_model *model = &run->model;
    int rc = poll_error(run, ext_poll_now(&run->poll, run->db), error);
    if (rc != SQLITE_OK) return rc;
    model->version = *version;
    model->weights = run->kept;
    model->weights_size = run->kept_size;
    rc = run_store(run, run->log, (int)run->epoch, error);
    if (rc == SQLITE_OK) *version = model->version;
    return rc;
}

/* epoch_run - trains, measures, stores. */
static int epoch_run(ext_training *run, dn_threads *threads, ext_store_epoch *row,
                     char *error) {
    const double start = ext_seconds();
    dn_metrics train = {0}, holdout = {0};
    epoch_bytes bytes = {NULL, 0, 1};
    *row = (ext_store_epoch){
        .epoch = run->epoch + 1, .holdout_loss = NAN, .holdout_accuracy = NAN};
    int rc = epoch_train(run, threads, &train, &row->rate, error);
    if (rc != SQLITE_OK) return rc;
    const double trained = ext_seconds();
    row->loss = train.loss / (double)train.images;
    row->accuracy = (double)train.correct / (double)train.images;
    row->images_per_second = (double)train.images / (trained - start);

    rc = epoch_encode(run, threads, &bytes, &holdout, error);
    if (run->data->n_holdout) {
        row->holdout_loss = holdout.loss / (double)holdout.images;
        row->holdout_accuracy = (double)holdout.correct / (double)holdout.images;
    }
    row->seconds = ext_seconds() - start;
    if (rc == SQLITE_OK) rc = poll_error(run, ext_poll_now(&run->poll, run->db), error);
    if (rc == SQLITE_OK) rc = epoch_store(run, row, &bytes, error);
    sqlite3_free(bytes.p);
    return rc;
}

/* repeat_length - the schedule as long as it was when this epoch was first trained. */
static void repeat_length(ext_training *run) {
    const int length = ext_options_length(&run->options, run->epoch);
    if (length == run->options.net.epochs) return;
    run->options.net.epochs = length;
    dn_trainer_epochs(run->trainer, length);
}

/* run_is_over - whether there is no further epoch. */
static int run_is_over(const ext_training *run) {
    const ext_options *o = &run->options;
    if (run->repeats) return run->epoch >= run->repeats;
    if (run->epoch >= o->net.epochs) return 1;
    return o->patience && run->best_epoch && run->epoch - run->best_epoch >= o->patience;
}

int ext_training_epoch(ext_training *run, ext_store_epoch *row, char *error) {
    if (run_is_over(run)) return SQLITE_DONE;
    if (run->repeats) repeat_length(run);
    dn_threads *threads = dn_threads_start(run->options.threads);
    dn_threads_watch(threads, ext_training_watch, run);
    const int rc = epoch_run(run, threads, row, error);
    dn_threads_stop(threads);
    if (rc != SQLITE_OK) return rc;
    run->epoch++;
    return SQLITE_ROW;
}
