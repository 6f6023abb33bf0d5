/* training.c - one training run, an epoch at a time: see training.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "dataset.h"
#include "error.h"
#include "hash.h"
#include "json.h"
#include "models.h"
#include "poll.h"
#include "start.h"
#include "training.h"

/* Images of the holdout between two looks at the clock. */
#define HOLDOUT_BATCH 256

/* Probabilities kept of the holdout to fit the temperature by: 64 MB. Rows beyond that are
 * measured and not kept. */
#define MOST_PROBABILITIES (1u << 24)

/* Bytes of a model's row for its numbers, its head and what the options' text may grow by. */
#define ROW_REST 400

struct ext_training {
    sqlite3 *db;
    ext_options options;
    ext_dataset *data;
    int is_trial;    /* checkpoints go into log and kept; data are the caller's, … */
    int64_t repeats; /* … but for a run that repeats another one, of so many epochs */
    int diverged;
    dn_trainer *trainer;
    ext_model *teachers[DN_MAX_TEACHERS]; /* counted */
    int n_teachers;
    start_model start; /* what it begins from; no bytes if nothing, or if it is resumed */
    ext_poll poll;
    int polled; /* what it said last: SQLITE_OK, or why work on the network was stopped */

    /* One batch, and the order of the epoch. */
    uint32_t *order;  /* [n_train] places in data->train */
    uint32_t *rows;   /* [batch] */
    uint32_t *keys;   /* [batch] */
    dn_image *images; /* [batch] */
    int32_t *classes; /* [batch] */
    int batch;        /* the larger of options.net.batch and HOLDOUT_BATCH */

    /* What the network says of the holdout, as many of its rows as are kept. */
    float *probabilities; /* [n_kept + HOLDOUT_BATCH][classes] */
    int32_t *truth;       /* [n_kept + HOLDOUT_BATCH] */
    uint32_t n_kept;

    /* The model's row. Its texts are sqlite3_malloc'd. */
    store_model model; /* version is 0 before the first checkpoint */
    char *name, *source, *shape, *labels, *json;

    int64_t epoch; /* done */
    int64_t best_epoch;
    double best_loss; /* on the holdout */

    /* Of a trial only: what ext_training_store will write. */
    store_epoch *log; /* [epoch] */
    void *kept;       /* malloc'd: the best epoch's model bytes */
    size_t kept_size;
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

/* start_read - looks up the model to begin from; its layers are this run's if none are given. */
static int start_read(ext_training *run, ext_context *models,
                      sqlite3_value *const *values, char *error) {
    ext_options *o = &run->options;
    int rc = start_find(&run->start, models, run->db, o->start, error);
    if (rc == SQLITE_OK && !options_is_given(values[OPTION_LAYERS]))
        rc = options_start_layers(o, run->start.layers, values, error);
    return rc;
}

/* options_read - the options of this run; *old is the model's row if it resumes one. */
static int options_read(ext_training *run, ext_context *models,
                        sqlite3_value *const *values, store_resumed *old, char *error) {
    int rc = options_start(&run->options, values, error);
    if (rc == SQLITE_OK && !run->options.resume && run->options.start[0])
        return start_read(run, models, values, error);
    if (rc != SQLITE_OK || !run->options.resume) return rc;
    rc = store_resume(run->db, run->name, old, error);
    if (rc == SQLITE_OK)
        rc = options_resume(&run->options, run->db, old->options, values, error);
    if (rc != SQLITE_OK) return rc;
    options_lengthen(&run->options, old->epochs);
    if (old->epochs < run->options.net.epochs) return rc;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "model %.100s@%lld has had all of its %d epochs; say epochs = %lld for more",
        run->name, old->version, run->options.net.epochs, 2 * old->epochs);
    return SQLITE_ERROR;
}

/* to_resume - what ends the sentence about something that has changed. */
static const char *to_resume(const ext_training *run) {
    return run->repeats ? "" : "; to resume it they must be the same";
}

/* data_load - loads the rows. */
static int data_load(ext_training *run, sqlite3_value *source, char *error) {
    const ext_options *o = &run->options;
    const dataset_request request = {o->net.shape, o->holdout, o->net.seed,
                                     (sqlite3_int64)o->cache_mb << 20, o->net.batch};
    return ext_dataset_load(&run->data, run->db, source, &request, error);
}

/* data_take - what the options learn from the rows; for a run that goes on, they are to be
 * the very same as before. */
static int data_take(ext_training *run, const store_resumed *old, char *error) {
    ext_options *o = &run->options;
    const ext_dataset *data = run->data;
    run->labels = json_labels(data->labels, data->classes);
    if (!run->labels) return no_memory(error);
    if ((o->resume || run->repeats) &&
        (o->images != data->n_train || o->checksum != data->checksum ||
         strcmp(old->classes, run->labels) != 0)) {
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "model %.100s@%lld was trained on other data (%u images an epoch, now "
            "%u)%s",
            run->name, old->version, o->images, data->n_train, to_resume(run));
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

/* teachers_find - looks up those that are named; *hash is of the weights of all of them. */
static int teachers_find(ext_training *run, ext_context *models, uint64_t *hash,
                         char *error) {
    char reason[EXT_ERROR_SIZE] = "";
    *hash = run->options.teacher[0] ? HASH_START : 0;
    for (const char *p = run->options.teacher; *p;) {
        const size_t size = strcspn(p, ",");
        ext_model *teacher;
        if (run->n_teachers == DN_MAX_TEACHERS) {
            sqlite3_snprintf(EXT_ERROR_SIZE, error, "teacher names more than %d models",
                             DN_MAX_TEACHERS);
            return SQLITE_ERROR;
        }
        int rc = ext_model_named(&teacher, models, p, (int)size, reason);
        if (rc != SQLITE_OK) {
            sqlite3_snprintf(EXT_ERROR_SIZE, error, "teacher: %s", reason);
            return rc;
        }
        run->teachers[run->n_teachers++] = ext_model_ref(teacher);
        *hash = hash_word(*hash, teacher->hash);
        p += size;
        if (*p == ',') p++;
    }
    return SQLITE_OK;
}

/* trainer_teach - gives the trainer its teachers. */
static int trainer_teach(ext_training *run, ext_context *models, const store_resumed *old,
                         char *error) {
    const dn_model *teachers[DN_MAX_TEACHERS];
    char reason[EXT_ERROR_SIZE] = "";
    uint64_t hash;
    int rc = teachers_find(run, models, &hash, error);
    if (rc != SQLITE_OK || !run->n_teachers) return rc;
    if ((run->options.resume || run->repeats) && run->options.taught != hash) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "model %.100s@%lld learned from another teacher than '%.100s' "
                         "is now%s",
                         run->name, old->version, run->options.teacher, to_resume(run));
        return SQLITE_ERROR;
    }
    run->options.taught = hash;
    for (int i = 0; i < run->n_teachers; i++) teachers[i] = run->teachers[i]->model;
    const int status =
        dn_trainer_teach(run->trainer, teachers, run->n_teachers, reason, sizeof reason);
    if (status == DN_OK) return SQLITE_OK;
    if (status == DN_NOMEM) return no_memory(error);
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "teacher '%.100s': %s", run->options.teacher,
                     reason);
    return SQLITE_ERROR;
}

/* trainer_start - begins from another model's weights. A run that goes on has all numbers from
 * its state but mean and deviation of the pixels: its own stored weights have the same. */
static int trainer_start(ext_training *run, const store_resumed *old, char *error) {
    const int resume = run->options.resume;
    char reason[EXT_ERROR_SIZE] = "its weights are not there";
    const void *bytes = resume ? old->weights : run->start.bytes;
    const size_t size = resume ? old->weights_size : run->start.size;
    const int status =
        bytes ? dn_trainer_start(run->trainer, bytes, size, reason, sizeof reason)
              : DN_ERROR;
    if (status == DN_ERROR && resume)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "model %.100s@%lld cannot be resumed: %s",
                         run->name, old->version, reason);
    else if (status == DN_ERROR)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "start '%.100s': %s", run->options.start,
                         reason);
    return status;
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
        if ((o->resume || run->repeats) && strcmp(notation, old->layers) != 0) {
            sqlite3_snprintf(
                EXT_ERROR_SIZE, error,
                "layers is '%.150s', but model %.50s@%lld was made with '%.150s'",
                notation, run->name, old->version, old->layers);
            return SQLITE_ERROR;
        }
        sqlite3_snprintf(sizeof o->net.layers, o->net.layers, "%s", notation);
        if (o->start[0]) status = trainer_start(run, old, error);
        if (o->resume && status == DN_OK)
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
    const sqlite3_uint64 classes = (sqlite3_uint64)run->data->classes;
    const sqlite3_uint64 most = MOST_PROBABILITIES / classes;
    run->n_kept = run->data->n_holdout < most ? run->data->n_holdout : (uint32_t)most;
    const sqlite3_uint64 kept = (sqlite3_uint64)run->n_kept + HOLDOUT_BATCH;
    run->probabilities = sqlite3_malloc64(kept * classes * sizeof *run->probabilities);
    run->truth = sqlite3_malloc64(kept * sizeof *run->truth);
    if (!run->probabilities || !run->truth) return no_memory(error);
    if (run->order && run->rows && run->keys && run->images && run->classes)
        return SQLITE_OK;
    return no_memory(error);
}

/* start_take - the model to begin from, looked up if the caller has not yet, as the options
 * are to name it. */
static int start_take(ext_training *run, ext_context *models, char *error) {
    ext_options *o = &run->options;
    if (!o->start[0] || o->resume) return SQLITE_OK;
    if (!run->start.bytes) {
        const int rc = start_find(&run->start, models, run->db, o->start, error);
        if (rc != SQLITE_OK) return rc;
    }
    if (strlen(run->start.exact) >= sizeof o->start) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "start: the model's name is too long");
        return SQLITE_ERROR;
    }
    sqlite3_snprintf(sizeof o->start, o->start, "%s", run->start.exact);
    o->started = run->start.hash;
    return SQLITE_OK;
}

/* run_make - all that comes after options and data. */
static int run_make(ext_training *run, ext_context *models, sqlite3_value *source,
                    const store_resumed *old, char *error) {
    int rc = data_take(run, old, error);
    if (rc == SQLITE_OK) rc = start_take(run, models, error);
    if (rc == SQLITE_OK) rc = trainer_make(run, old, error);
    if (rc == SQLITE_OK) rc = trainer_teach(run, models, old, error);
    if (rc == SQLITE_OK) rc = model_fill(run, source, old, error);
    if (rc == SQLITE_OK) rc = batch_allocate(run, error);
    start_clear(&run->start);
    return rc;
}

static ext_training *run_new(sqlite3 *db) {
    ext_training *run = sqlite3_malloc64(sizeof *run);
    if (!run) return NULL;
    memset(run, 0, sizeof *run);
    run->db = db;
    return run;
}

/* log_allocate - room for the log of a trial of so many epochs. */
static int log_allocate(ext_training *run, int64_t epochs, char *error) {
    run->log = sqlite3_malloc64((sqlite3_uint64)epochs * sizeof *run->log);
    return run->log ? SQLITE_OK : no_memory(error);
}

/* repeat_options - those of the run that made a model, and what it began from. */
static int repeat_options(ext_training *run, ext_context *models,
                          const store_resumed *old, char *error) {
    ext_options *o = &run->options;
    int rc = options_stored(o, run->db, old->options, error);
    if (rc != SQLITE_OK) return rc;
    const uint64_t started = o->started;
    o->net.epochs = options_length(o, 0);
    if (!old->epochs) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "it has had no epoch");
        return SQLITE_ERROR;
    }
    if (!o->net.epochs || !options_length(o, old->epochs - 1)) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "it was resumed with other numbers of epochs too often for the "
                         "record of them");
        return SQLITE_ERROR;
    }
    if (!o->start[0]) return SQLITE_OK;
    rc = start_find(&run->start, models, run->db, o->start, error);
    if (rc != SQLITE_OK || run->start.hash == started) return rc;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "it began from other weights than those of '%.100s' now", o->start);
    return SQLITE_ERROR;
}

int ext_training_repeat(ext_training **out, ext_context *models, sqlite3 *db,
                        const char *name, sqlite3_value *source, const store_resumed *old,
                        char *error) {
    ext_training *run = run_new(db);
    *out = NULL;
    if (!run) return no_memory(error);
    run->is_trial = 1;
    run->repeats = old->epochs;
    run->name = sqlite3_mprintf("%s", name);
    int rc = run->name ? repeat_options(run, models, old, error) : no_memory(error);
    if (rc == SQLITE_OK) rc = data_load(run, source, error);
    if (rc == SQLITE_OK) rc = run_make(run, models, source, old, error);
    if (rc == SQLITE_OK) rc = log_allocate(run, run->repeats, error);
    if (rc == SQLITE_OK)
        *out = run;
    else
        ext_training_free(run);
    return rc;
}

/* run_fits - whether a checkpoint can be stored, told before hours of work: SQLite allows a
 * row no more bytes than a blob. */
static int run_fits(ext_training *run, char *error) {
    const store_model *m = &run->model;
    void *state = NULL, *weights = NULL;
    size_t state_size = 0, weights_size = 0;
    int status = dn_trainer_state(run->trainer, &state, &state_size);
    if (status == DN_OK)
        status = dn_trainer_model(run->trainer, 1, &weights, &weights_size);
    free(weights);
    free(state);
    if (status != DN_OK) return no_memory(error);
    const size_t texts = strlen(m->name) + strlen(m->source) + strlen(m->layers) +
                         strlen(m->shape) + strlen(m->classes) + strlen(m->options);
    const int most = sqlite3_limit(run->db, SQLITE_LIMIT_LENGTH, -1);
    if (state_size + weights_size + texts + ROW_REST <= (size_t)most) return SQLITE_OK;
    sqlite3_snprintf(
        EXT_ERROR_SIZE, error,
        "the model takes a row of %lld bytes, most of them weights (%lld) and "
        "state (%lld); this connection allows %d (SQLITE_LIMIT_LENGTH)",
        (sqlite3_int64)(state_size + weights_size + texts + ROW_REST),
        (sqlite3_int64)weights_size, (sqlite3_int64)state_size, most);
    return SQLITE_TOOBIG;
}

int ext_training_start(ext_training **out, ext_context *models, sqlite3 *db,
                       sqlite3_value *source, sqlite3_value *model,
                       sqlite3_value *const *options, char *error) {
    store_resumed old = {0};
    ext_training *run = run_new(db);
    *out = NULL;
    if (!run) return no_memory(error);
    int rc = name_check(run, model, error);
    if (rc == SQLITE_OK) rc = options_read(run, models, options, &old, error);
    if (rc == SQLITE_OK) rc = data_load(run, source, error);
    if (rc == SQLITE_OK) rc = run_make(run, models, source, &old, error);
    if (rc == SQLITE_OK) rc = run_fits(run, error);
    if (rc == SQLITE_OK) rc = store_try(db, error);
    store_resumed_clear(&old);
    if (rc == SQLITE_OK)
        *out = run;
    else
        ext_training_free(run);
    return rc;
}

int ext_training_try(ext_training **out, ext_context *models, sqlite3 *db,
                     sqlite3_value *source, sqlite3_value *model, ext_dataset *data,
                     const ext_options *options, char *error) {
    const store_resumed none = {0};
    ext_training *run = run_new(db);
    *out = NULL;
    if (!run) return no_memory(error);
    run->is_trial = 1;
    run->options = *options;
    run->data = data;
    ext_dataset_batch(data, options->net.batch);
    int rc = name_check(run, model, error);
    if (rc == SQLITE_OK) rc = run_make(run, models, source, &none, error);
    if (rc == SQLITE_OK) rc = run_fits(run, error);
    if (rc == SQLITE_OK) rc = log_allocate(run, options->net.epochs, error);
    if (rc == SQLITE_OK)
        *out = run;
    else
        ext_training_free(run);
    return rc;
}

void ext_training_free(ext_training *run) {
    if (!run) return;
    ext_poll_end(&run->poll);
    start_clear(&run->start);
    sqlite3_free(run->truth);
    sqlite3_free(run->probabilities);
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
    for (int i = 0; i < run->n_teachers; i++) ext_model_unref(run->teachers[i]);
    if (!run->is_trial || run->repeats) ext_dataset_free(run->data);
    sqlite3_free(run->log);
    free(run->kept);
    sqlite3_free(run);
}

const ext_options *ext_training_options(const ext_training *run) { return &run->options; }

const store_epoch *ext_training_best(const ext_training *run) {
    return run->best_epoch ? &run->log[run->best_epoch - 1] : NULL;
}

int ext_training_diverged(const ext_training *run) { return run->diverged; }

/* --- an epoch ---------------------------------------------------------------------------------- */

/* poll_error - words the result of a poll. */
static int poll_error(const ext_training *run, int rc, char *error) {
    if (rc == SQLITE_INTERRUPT)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "interrupted");
    else if (rc != SQLITE_OK)
        ext_sqlite_error(run->db, rc, error);
    return rc;
}

/* epoch_watch - asked by the threads between two pieces of work. */
static int epoch_watch(void *context) {
    ext_training *run = context;
    run->polled = ext_poll_check(&run->poll, run->db);
    return run->polled != SQLITE_OK;
}

/* epoch_poll - the same between two batches: the threads have asked, but for a NULL team. */
static int epoch_poll(ext_training *run, const dn_threads *threads, char *error) {
    if (!dn_threads_stopped(threads)) run->polled = ext_poll_check(&run->poll, run->db);
    return poll_error(run, run->polled, error);
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
        if (!isfinite(metrics->loss)) {
            run->diverged = 1;
            sqlite3_snprintf(
                EXT_ERROR_SIZE, error,
                "the loss is no longer a number in epoch %lld; a lower rate than "
                "%g may help",
                (sqlite3_int64)run->epoch + 1, run->options.net.rate);
            return SQLITE_ERROR;
        }
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

/* holdout_predict - what a model says of the holdout, up to n_kept rows into the run's room.
 * Those beyond that are only counted into metrics, at the model's own temperature. */
static int holdout_predict(ext_training *run, dn_threads *threads, const dn_model *model,
                           dn_metrics *beyond, char *error) {
    ext_dataset *data = run->data;
    const int classes = data->classes;
    uint32_t held = 0; /* rows of the holdout that were or are in memory */
    for (uint32_t i = 0, n; i < data->n_holdout; i += n) {
        const uint32_t left = data->n_holdout - i;
        int rc = SQLITE_OK;
        if (i == held) {
            held += left < data->window ? left : data->window;
            rc = ext_dataset_hold(data, data->holdout + i, NULL, held - i, error);
            if (rc != SQLITE_OK) return rc;
        }
        n = held - i < HOLDOUT_BATCH ? held - i : HOLDOUT_BATCH;
        if (i < run->n_kept && i + n > run->n_kept) n = run->n_kept - i;
        const uint32_t at = i < run->n_kept ? i : run->n_kept;
        float *probabilities = run->probabilities + (size_t)at * (size_t)classes;
        ext_dataset_get(data, data->holdout + i, (int)n, run->images, run->truth + at);
        if (dn_predict_batch(model, threads, run->images, (int)n, probabilities) != DN_OK)
            return no_memory(error);
        rc = epoch_poll(run, threads, error);
        if (rc != SQLITE_OK) return rc;
        if (at == run->n_kept)
            dn_score(probabilities, classes, run->truth + at, n, beyond);
    }
    return SQLITE_OK;
}

/* What a checkpoint stores of the network. */
typedef struct epoch_bytes {
    void *p; /* malloc'd */
    size_t size;
    double temperature;
} epoch_bytes;

/* epoch_encode - the network's bytes, with probabilities as honest as they can be made: the
 * temperature is the one that was asked for, or fits the holdout best. Its loss and hits are
 * measured, with that temperature, of the rows that are kept. */
static int epoch_encode(ext_training *run, dn_threads *threads, epoch_bytes *out,
                        dn_metrics *holdout, char *error) {
    const ext_options *o = &run->options;
    dn_model *model = NULL;
    const double encoded = o->temperature > 0 ? o->temperature : 1;
    out->temperature = encoded;
    int rc = SQLITE_OK;
    int status = dn_trainer_model(run->trainer, out->temperature, &out->p, &out->size);
    if (status == DN_OK && run->data->n_holdout) {
        status = dn_model_decode(&model, out->p, out->size, error, EXT_ERROR_SIZE);
        if (status == DN_OK) rc = holdout_predict(run, threads, model, holdout, error);
        dn_model_free(model);
        if (status == DN_OK && rc == SQLITE_OK && !(o->temperature > 0)) {
            out->temperature =
                json_round(dn_calibrate(threads, run->probabilities, run->data->classes,
                                        run->truth, run->n_kept));
            dn_soften(threads, run->probabilities, run->data->classes, run->n_kept,
                      out->temperature);
            rc = epoch_poll(run, threads, error);
        }
        if (status == DN_OK && rc == SQLITE_OK && out->temperature != encoded) {
            free(out->p);
            out->p = NULL;
            status =
                dn_trainer_model(run->trainer, out->temperature, &out->p, &out->size);
        }
        if (status == DN_OK && rc == SQLITE_OK)
            dn_score(run->probabilities, run->data->classes, run->truth, run->n_kept,
                     holdout);
    }
    if (status == DN_NOMEM) return no_memory(error);
    return status == DN_OK ? rc : SQLITE_ERROR;
}

/* epoch_options - the options' text with what it says of the weights that are stored. */
static int epoch_options(ext_training *run, int64_t epoch, double temperature) {
    run->options.best = (int)epoch;
    run->options.fitted = temperature;
    char *json = options_json(&run->options);
    if (!json) return SQLITE_NOMEM;
    sqlite3_free(run->json);
    run->model.options = run->json = json;
    return SQLITE_OK;
}

/* run_store - writes the model's row, with the weights that are in it, and n log rows. */
static int run_store(ext_training *run, const store_epoch *log, int n, char *error) {
    store_model *model = &run->model;
    void *state = NULL;
    if (dn_trainer_state(run->trainer, &state, &model->state_size) != DN_OK)
        return no_memory(error);
    model->state = state;
    const int rc = store_checkpoint(run->db, &run->poll, model, log, n, error);
    free(state);
    model->state = model->weights = NULL;
    return rc;
}

/* epoch_store - the checkpoint. bytes are the weights after this epoch. */
static int epoch_store(ext_training *run, const store_epoch *row, epoch_bytes *bytes,
                       char *error) {
    store_model *model = &run->model;
    const int is_better = !run->data->n_holdout || row->holdout_loss < run->best_loss ||
                          !run->best_epoch;
    int rc = SQLITE_OK;
    model->epochs = row->epoch;
    model->seconds += row->seconds;
    model->weights = is_better ? bytes->p : NULL;
    model->weights_size = is_better ? bytes->size : 0;
    if (is_better) {
        if (epoch_options(run, row->epoch, bytes->temperature) != SQLITE_OK)
            return no_memory(error);
        model->loss = row->loss;
        model->accuracy = row->accuracy;
        model->holdout_accuracy = row->holdout_accuracy;
    }
    if (!run->is_trial) {
        rc = run_store(run, row, 1, error);
    } else {
        run->log[row->epoch - 1] = *row;
        if (is_better) {
            free(run->kept);
            run->kept = bytes->p;
            run->kept_size = bytes->size;
            bytes->p = NULL;
        }
    }
    if (rc == SQLITE_OK && is_better) {
        run->best_loss = row->holdout_loss;
        run->best_epoch = row->epoch;
    }
    return rc;
}

int ext_training_store(ext_training *run, sqlite3_int64 *version, char *error) {
    store_model *model = &run->model;
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
static int epoch_run(ext_training *run, dn_threads *threads, store_epoch *row,
                     char *error) {
    const double start = ext_seconds();
    dn_metrics train = {0}, holdout = {0};
    epoch_bytes bytes = {NULL, 0, 1};
    *row = (store_epoch){
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
    free(bytes.p);
    return rc;
}

/* repeat_length - the schedule as long as it was when this epoch was first trained. */
static void repeat_length(ext_training *run) {
    const int length = options_length(&run->options, run->epoch);
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

int ext_training_epoch(ext_training *run, store_epoch *row, char *error) {
    if (run_is_over(run)) return SQLITE_DONE;
    if (run->repeats) repeat_length(run);
    dn_threads *threads = dn_threads_start(run->options.threads);
    dn_threads_watch(threads, epoch_watch, run);
    const int rc = epoch_run(run, threads, row, error);
    dn_threads_stop(threads);
    if (rc != SQLITE_OK) return rc;
    run->epoch++;
    return SQLITE_ROW;
}

int ext_training_same(const ext_training *run, const store_resumed *stored, int *weights,
                      int *state, char *error) {
    void *bytes = NULL;
    size_t size;
    if (dn_trainer_state(run->trainer, &bytes, &size) != DN_OK) return no_memory(error);
    *weights = stored->weights && run->kept && stored->weights_size == run->kept_size &&
               memcmp(stored->weights, run->kept, run->kept_size) == 0;
    *state = stored->state && stored->state_size == size &&
             memcmp(stored->state, bytes, size) == 0;
    free(bytes);
    return SQLITE_OK;
}
