/* run.c - one training run, from its options and rows to its end: see run.h. The
 * network is made in run_network.c and trained in run_epoch.c. */
#include <math.h>
#include <string.h>
#include "../base/argument.h"
#include "../base/error.h"
#include "../base/json.h"
#include "../image/picture.h"
#include "../model/name.h"
#include "run_parts.h"

/* Probabilities kept of the holdout to fit the temperature by: 16 MB, 400,000 rows of
 * ten classes. Rows beyond that are measured and not kept. */
#define MOST_PROBABILITIES (1u << 22)

/* A preset that few images would be seen so many times longer than is noted. */
#define MANY_EPOCHS 2

/* Bytes of a model's row for its numbers, its head and what the options' text may grow
 * by. */
#define ROW_REST 400

/* start_layers - a notation that ends with OUTs, which is only read from models, goes on
 * with OUT. */
static void start_layers(char *layers) {
    const size_t n = strlen(layers);
    if (n >= 4 && strcmp(layers + n - 4, "OUTs") == 0) layers[n - 1] = '\0';
}

/* start_read - looks up the model to begin from; its layers, the shape of its images and
 * what it makes of PNGs are this run's where these are not given. */
static int start_read(ext_training *run, ext_context *models,
                      sqlite3_value *const *values, char *error) {
    ext_options *o = &run->options;
    int rc = ext_start_find(&run->start, models, run->db, o->start, error);
    if (rc == SQLITE_OK) start_layers(run->start.layers);
    if (rc == SQLITE_OK && !ext_options_is_given(values[ext_options_find("layers")]))
        rc = ext_options_start_layers(o, run->start.layers, values, error);
    if (rc != SQLITE_OK) return rc;
    run->takes_shape = !o->net.shape.h;
    if (run->takes_shape) o->net.shape = run->start.shape;
    if (!o->picture) o->picture = run->start.picture;
    return SQLITE_OK;
}

/* epochs_check - whether a run that goes on has epochs left. Where layers are given, they
 * are compared first: more epochs would not help other layers. */
static int epochs_check(const ext_training *run, const ext_store_resumed *old,
                        char *error) {
    if (!run->options.resume || old->epochs < run->options.net.epochs) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "model %.100s@%lld is already trained for %d epochs; set epochs = "
                     "%lld to continue",
                     run->name, old->version, run->options.net.epochs, 2 * old->epochs);
    return SQLITE_ERROR;
}

/* options_read - the options of this run; *old is the model's row if it resumes one. */
static int options_read(ext_training *run, ext_context *models,
                        sqlite3_value *const *values, ext_store_resumed *old,
                        char *error) {
    int rc = ext_options_start(&run->options, values, error);
    if (rc == SQLITE_OK && !run->options.resume && run->options.start[0])
        return start_read(run, models, values, error);
    if (rc != SQLITE_OK || !run->options.resume) return rc;
    rc = ext_store_resume(run->db, run->name, old, error);
    if (rc == SQLITE_OK)
        rc = ext_options_resume(&run->options, run->db, old->options, values, error);
    if (rc != SQLITE_OK) return rc;
    ext_options_lengthen(&run->options, old->epochs);
    return ext_options_is_given(values[ext_options_find("layers")])
               ? rc
               : epochs_check(run, old, error);
}

/* data_load - loads the rows. */
static int data_load(ext_training *run, sqlite3_value *source, char *error) {
    const ext_options *o = &run->options;
    const ext_dataset_request request = {.shape = o->net.shape,
                                         .holdout = o->holdout,
                                         .seed = o->net.seed,
                                         .cache = (sqlite3_int64)o->cache_mb << 20,
                                         .batch = o->net.batch,
                                         .distinct_labels = o->distinct_labels ||
                                                            o->resume || run->repeats,
                                         .picture = o->picture,
                                         .is_stored = o->resume || run->repeats};
    const int rc = ext_dataset_load(&run->data, run->db, source, &request, error);
    if (rc != SQLITE_ERROR || !run->takes_shape) return rc;
    const size_t end = strlen(error);
    sqlite3_snprintf((int)(EXT_ERROR_SIZE - end), error + end,
                     "; start '%.100s' takes images of %dx%dx%d", run->start.exact,
                     o->net.shape.h, o->net.shape.w, o->net.shape.c);
    return rc;
}

/* few_take - images that are few are seen more often; where layers are given, their
 * preset stays, and a note says what would be longer. */
static int few_take(ext_training *run, char *error) {
    ext_options *o = &run->options, few = *o;
    ext_dataset *data = run->data;
    int changed, rc = SQLITE_OK;
    few.open |= o->preset;
    ext_options_few(&few, data->n_train, strcmp(data->rows, "PNG") == 0, &changed);
    if (o->open && changed) {
        *o = few;
        ext_dataset_batch(data, o->net.batch);
        rc = ext_note(&data->notes,
                      "%u images are few, so here epochs = %d, batch = "
                      "%d, augment = %g; options that are set, or layers, keep theirs",
                      data->n_train, o->net.epochs, o->net.batch, o->net.augment);
    } else if (few.net.epochs >= MANY_EPOCHS * o->net.epochs) {
        rc = ext_note(&data->notes,
                      "%u images are few for epochs = %d, batch = %d, which stay because "
                      "layers is set; epochs = %d, batch = %d would train longer",
                      data->n_train, o->net.epochs, o->net.batch, few.net.epochs,
                      few.net.batch);
    }
    return rc == SQLITE_OK ? rc : ext_no_memory(error);
}

/* held_notes - what is not done by the holdout, because it has few rows. */
static int held_notes(ext_training *run, char *error) {
    const int epoch = !ext_training_chooses(run) && run->options.net.epochs > 1;
    const int temperature = !(run->options.temperature > 0);
    int rc = SQLITE_OK;
    if (epoch && temperature)
        rc = ext_dataset_few(run->data, "choose an epoch or fit a temperature by: the "
                                        "last epoch's weights are kept, and confidences "
                                        "are not calibrated");
    else if (epoch)
        rc = ext_dataset_few(run->data,
                             "choose an epoch by: the last one's weights are kept");
    else if (temperature)
        rc = ext_dataset_few(run->data,
                             "fit a temperature by: confidences are not calibrated");
    return rc == SQLITE_OK ? rc : ext_no_memory(error);
}

/* teacher_note - what options of teachers do without any. */
static int teacher_note(ext_training *run, char *error) {
    const ext_options *o = &run->options;
    if (o->teacher[0] || !(o->net.teacher_checked || o->net.teacher_mean))
        return SQLITE_OK;
    const int rc = ext_note(&run->data->notes, "teacher_checked and teacher_mean change "
                                               "nothing, for teacher is not set");
    return rc == SQLITE_OK ? rc : ext_no_memory(error);
}

/* data_take - what the options learn from the rows; for a run that goes on, they are to
 * be the very same as before. */
static int data_take(ext_training *run, const ext_store_resumed *old, char *error) {
    ext_options *o = &run->options;
    const ext_dataset *data = run->data;
    int rc = few_take(run, error);
    if (rc == SQLITE_OK && !run->is_trial) rc = held_notes(run, error);
    if (rc == SQLITE_OK) rc = teacher_note(run, error);
    if (rc != SQLITE_OK) return rc;
    run->labels = ext_json_labels(data->labels, data->classes);
    if (!run->labels) return ext_no_memory(error);
    if ((o->resume || run->repeats) &&
        (o->images != data->n_train || o->checksum != data->checksum ||
         strcmp(old->classes, run->labels) != 0)) {
        char now[40] = "as now, but not the same";
        if (o->images != data->n_train)
            sqlite3_snprintf(sizeof now, now, "now %u", data->n_train);
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "model %.100s@%lld was trained on other data (%u images an epoch, %s)%s",
            run->name, old->version, o->images, now, to_resume(run));
        return SQLITE_ERROR;
    }
    if (o->patience && !data->n_holdout) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "patience is %d, but no rows are held out to measure by",
                         o->patience);
        return SQLITE_ERROR;
    }
    o->net.shape = data->shape;
    o->picture = data->picture;
    o->net.picture = o->picture == ext_picture_of(EXT_PICTURE_UNSAID, data->shape)
                         ? EXT_PICTURE_UNSAID
                         : o->picture;
    o->images = data->n_train;
    o->checksum = data->checksum;
    o->rows = data->rows;
    return SQLITE_OK;
}

/* model_fill - what of the model's row stays the same, and what a resumed one begins
 * with. */
static int model_fill(ext_training *run, sqlite3_value *source,
                      const ext_store_resumed *old, char *error) {
    const ext_options *o = &run->options;
    run->source = sqlite3_mprintf("%s", (const char *)sqlite3_value_text(source));
    run->shape = ext_shape_text(o->net.shape);
    run->json = ext_options_json(o);
    if (!run->source || !run->shape || !run->json) return ext_no_memory(error);
    run->model = (ext_store_model){.name = run->name,
                                   .source = run->source,
                                   .layers = dn_trainer_notation(run->trainer),
                                   .shape = run->shape,
                                   .classes = run->labels,
                                   .options = run->json,
                                   .seed = (sqlite3_int64)o->net.seed,
                                   .precision = dn_precision_name(o->net.precision),
                                   .microseconds = NAN,
                                   .picture = ext_picture_word(o->picture),
                                   .inactive = !o->activate};
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
    if (!run->probabilities || !run->truth) return ext_no_memory(error);
    if (run->order && run->rows && run->keys && run->images && run->classes)
        return SQLITE_OK;
    return ext_no_memory(error);
}

/* run_make - all that comes after options and data. */
static int run_make(ext_training *run, ext_context *models, sqlite3_value *source,
                    const ext_store_resumed *old, char *error) {
    int rc = data_take(run, old, error);
    if (rc == SQLITE_OK) rc = ext_run_network(run, models, old, error);
    if (rc == SQLITE_OK) rc = epochs_check(run, old, error);
    if (rc == SQLITE_OK) rc = model_fill(run, source, old, error);
    if (rc == SQLITE_OK) rc = batch_allocate(run, error);
    ext_start_clear(&run->start);
    return rc;
}

static ext_training *run_new(ext_context *models, sqlite3 *db) {
    ext_training *run = sqlite3_malloc64(sizeof *run);
    if (!run) return NULL;
    memset(run, 0, sizeof *run);
    run->db = db;
    run->host = ext_context_host(models, NULL);
    run->host.watch = (dn_watch){ext_training_watch, run};
    return run;
}

/* log_allocate - room for the log of a trial of so many epochs. */
static int log_allocate(ext_training *run, int64_t epochs, char *error) {
    run->log = sqlite3_malloc64((sqlite3_uint64)epochs * sizeof *run->log);
    return run->log ? SQLITE_OK : ext_no_memory(error);
}

/* repeat_options - those of the run that made a model, and what it began from. */
static int repeat_options(ext_training *run, ext_context *models,
                          const ext_store_resumed *old, char *error) {
    ext_options *o = &run->options;
    int rc = ext_options_stored(o, run->db, old->options, error);
    if (rc != SQLITE_OK) return rc;
    const uint64_t started = o->started;
    o->net.epochs = ext_options_length(o, 0);
    if (!o->net.epochs || !ext_options_length(o, old->epochs - 1)) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "it was resumed too often with other numbers of epochs");
        return SQLITE_ERROR;
    }
    if (!o->start[0]) return SQLITE_OK;
    rc = ext_start_find(&run->start, models, run->db, o->start, error);
    if (rc != SQLITE_OK || run->start.hash == started) return rc;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "it began from other weights than those of '%.100s' now", o->start);
    return SQLITE_ERROR;
}

int ext_training_repeat(ext_training **out, ext_context *models, sqlite3 *db,
                        const char *name, sqlite3_value *source,
                        const ext_store_resumed *old, char *error) {
    ext_training *run = run_new(models, db);
    *out = NULL;
    if (!run) return ext_no_memory(error);
    run->is_trial = 1;
    run->repeats = old->epochs;
    run->name = sqlite3_mprintf("%s", name);
    int rc = run->name ? repeat_options(run, models, old, error) : ext_no_memory(error);
    if (rc == SQLITE_OK) rc = data_load(run, source, error);
    if (rc == SQLITE_OK) rc = run_make(run, models, source, old, error);
    if (rc == SQLITE_OK) rc = log_allocate(run, run->repeats, error);
    if (rc == SQLITE_OK)
        *out = run;
    else
        ext_training_free(run);
    return rc;
}

/* name_read - the model's name. What is likely to be meant as an option is none. */
static int name_read(ext_training *run, sqlite3_value *model, char *error) {
    const int type = model ? sqlite3_value_type(model) : SQLITE_NULL;
    const char *text = type == SQLITE_TEXT ? (const char *)sqlite3_value_text(model) : "";
    if (!text) return ext_no_memory(error);
    if (type == SQLITE_NULL || (type == SQLITE_TEXT && text[0] != '{'))
        return ext_model_request_new(&run->name, run->db, model, error);
    return ext_argument_error(
        error, "model", model,
        "a name; options are set with WHERE, as in WHERE epochs = 5, "
        "or are the third argument");
}

/* run_fits - whether a checkpoint can be stored, told before hours of work: SQLite allows
 * a row no more bytes than a blob. */
static int run_fits(ext_training *run, char *error) {
    const ext_store_model *m = &run->model;
    void *state = NULL, *weights = NULL;
    size_t state_size = 0, weights_size = 0;
    int status = dn_trainer_state(run->trainer, &state, &state_size);
    if (status == DN_OK)
        status = dn_trainer_model(run->trainer, 1, &weights, &weights_size);
    sqlite3_free(weights);
    sqlite3_free(state);
    if (status != DN_OK) return ext_from_core(status, error);
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
    ext_store_resumed old = {0};
    ext_training *run = run_new(models, db);
    *out = NULL;
    if (!run) return ext_no_memory(error);
    int rc = name_read(run, model, error);
    if (rc == SQLITE_OK) rc = options_read(run, models, options, &old, error);
    if (rc == SQLITE_OK) rc = data_load(run, source, error);
    if (rc == SQLITE_OK) rc = run_make(run, models, source, &old, error);
    if (rc == SQLITE_OK) rc = run_fits(run, error);
    if (rc == SQLITE_OK) rc = ext_store_try(db, error);
    ext_store_resumed_clear(&old);
    if (rc == SQLITE_OK)
        *out = run;
    else
        ext_training_free(run);
    return rc;
}

int ext_training_try(ext_training **out, ext_context *models, sqlite3 *db,
                     sqlite3_value *source, sqlite3_value *model, ext_dataset *data,
                     const ext_options *options, char *error) {
    const ext_store_resumed none = {0};
    ext_training *run = run_new(models, db);
    *out = NULL;
    if (!run) return ext_no_memory(error);
    run->is_trial = 1;
    run->options = *options;
    run->options.open = 0; /* the search has chosen */
    run->data = data;
    ext_dataset_batch(data, options->net.batch);
    int rc = name_read(run, model, error);
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
    ext_start_clear(&run->start);
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
    sqlite3_free(run->kept);
    sqlite3_free(run);
}

const ext_options *ext_training_options(const ext_training *run) { return &run->options; }

ext_training_result ext_training_result_of(const ext_training *run) {
    const ext_store_model *model = &run->model;
    return (ext_training_result){
        .name = run->name,
        .version = model->version,
        .epochs = run->epoch,
        .kept = run->best_epoch,
        .loss = model->loss,
        .accuracy = model->accuracy,
        .holdout_loss = run->data->n_holdout ? run->best_loss : NAN,
        .holdout_accuracy = model->holdout_accuracy,
        .images = run->data->n_train,
        .seconds = model->seconds,
        .notes = &run->data->notes,
    };
}

const ext_store_epoch *ext_training_best(const ext_training *run) {
    return run->best_epoch ? &run->log[run->best_epoch - 1] : NULL;
}

const void *ext_training_weights(const ext_training *run, size_t *size) {
    *size = run->kept_size;
    return run->kept;
}

int ext_training_diverged(const ext_training *run) { return run->diverged; }

int ext_training_same(const ext_training *run, const ext_store_resumed *stored,
                      int *weights, int *state, char *error) {
    void *bytes = NULL;
    size_t size;
    const int status = dn_trainer_state(run->trainer, &bytes, &size);
    if (status != DN_OK) return ext_from_core(status, error);
    *weights = stored->weights && run->kept && stored->weights_size == run->kept_size &&
               memcmp(stored->weights, run->kept, run->kept_size) == 0;
    *state = stored->state && stored->state_size == size &&
             memcmp(stored->state, bytes, size) == 0;
    sqlite3_free(bytes);
    return SQLITE_OK;
}
