/* suspects.c - the rows of a source whose label is likely wrong: see suspects.h. */
#include <stdlib.h>
#include <string.h>
#include "../base/error.h"
#include "../data/classes.h"
#include "../data/dataset.h"
#include "../image/scale.h"
#include "../base/option_object.h"
#include "../train/options.h"
#include "../train/run.h"
#include "suspects.h"

/* The networks that judge, where options say nothing else. Of those that were tried with
 * synthetic digits, 3 % of whose labels were wrong, this was the cheapest one nine tenths
 * of whose suspects are: without augmentation it is half, and with a quarter of the
 * steps three quarters. */
#define FOLDS         5
#define LAYERS        "8C5v-MP2-16C3v-MP2-64N"
#define SEEN          25000 /* images, all epochs together … */
#define LEAST_EPOCHS  4
#define MOST_EPOCHS   60
#define STEPS         90 /* … in so many steps an epoch, or more */
#define LEAST_BATCH   16
#define LARGEST_BATCH 128
#define AUGMENT       1

/* Rows that a network judges between two looks at the clock, and about the most bytes
 * that its probabilities of them take. */
#define JUDGED       256
#define JUDGED_BYTES (16 << 20)

/* What a network says of a row. */
typedef struct judgement {
    int32_t label, class; /* as in ext_suspect; label is -1 where it is not judged */
    float label_confidence, confidence;
} judgement;

/* One search for suspects. */
typedef struct search {
    ext_context *models;
    sqlite3 *db;
    const ext_suspects_request *request;
    ext_options options; /* of the trainings, and where pixels are held */
    ext_dataset *data;
    ext_watch watch;
    int32_t *class_of;      /* [data->classes] a label's class in the network, or -1 */
    judgement *judged;      /* [data->n] */
    unsigned char *fold_of; /* [data->n] */
    unsigned char *several; /* [visited] 1 for a picture of several digits */
    uint32_t visited, room; /* rows that were read, and that several has room for */
    uint32_t *rows;         /* [data->n] of them, those that are judged next */
    ext_suspects *found;
} search;

/* --- the rows ----------------------------------------------------------------------- */

/* Options that make no sense where each row is held out once, by a network that is of no
 * use later. */
static const char *option_name(int k) {
    static const char *const others[] = {"holdout", "patience",    "resume", "activate",
                                         "start",   "temperature", "teacher"};
    const char *name = ext_train_option_name(k);
    for (size_t i = 0; name && i < sizeof others / sizeof *others; i++)
        if (strcmp(name, others[i]) == 0) return "";
    return name;
}

static int options_read(search *s, char *error) {
    sqlite3_value *values[EXT_MOST_OPTIONS] = {NULL};
    ext_option_object object = {0};
    int rc = ext_option_object_read(&object, s->db, "suspect_labels", s->request->options,
                                    option_name, values, error);
    if (rc == SQLITE_OK) rc = ext_options_start(&s->options, values, error);
    const int open = s->options.open;
    if (rc == SQLITE_OK && !ext_options_is_given(values[ext_options_find("layers")]))
        rc = ext_options_start_layers(&s->options, LAYERS, values, error);
    ext_option_object_clear(&object);
    s->options.open = open;
    s->options.holdout = 0;
    return rc;
}

/* row_visit - keeps a row's id, where it is asked for, and whether it is a picture of
 * several digits. */
static int row_visit(void *context, const ext_source *source) {
    search *s = context;
    if (s->visited == s->room) {
        const uint32_t room = s->room ? 2 * s->room : 1024;
        void *several = sqlite3_realloc64(s->several, room);
        if (!several) return SQLITE_NOMEM;
        s->several = several;
        s->room = room;
    }
    s->several[s->visited++] = (unsigned char)source->room.several;
    return s->request->wants_ids ? ext_answers_add(&s->found->ids, source) : SQLITE_OK;
}

/* rows_load - all of them, as the model takes images, where there is one. */
static int rows_load(search *s, char *error) {
    const ext_options *o = &s->options;
    const ext_model *model = s->found->model;
    const ext_dataset_request request = {
        .shape = model ? model->info.shape : o->net.shape,
        .seed = o->net.seed,
        .cache = (sqlite3_int64)o->cache_mb << 20,
        .batch = o->net.batch,
        .one_class = model != NULL,
        .distinct_labels = model || o->distinct_labels,
        .picture = model ? model->room.picture : o->picture,
        .is_stored = model != NULL,
        .any_split = 1,
        .visit = row_visit,
        .context = s,
        .key = s->request->key,
        .flags = s->request->wants_ids ? SOURCE_ID : 0};
    int rc = ext_dataset_load(&s->data, s->db, s->request->source, &request, error);
    if (rc != SQLITE_OK) return rc;
    s->options.net.shape = s->data->shape;
    s->options.picture = s->data->picture;
    const sqlite3_uint64 n = s->data->n, classes = (sqlite3_uint64)s->data->classes;
    s->class_of = sqlite3_malloc64(classes * sizeof *s->class_of);
    s->judged = sqlite3_malloc64(n * sizeof *s->judged);
    s->fold_of = sqlite3_malloc64(n);
    s->rows = sqlite3_malloc64(n * sizeof *s->rows);
    if (s->class_of && s->judged && s->fold_of && s->rows) return SQLITE_OK;
    return ext_no_memory(error);
}

/* --- what a network says ------------------------------------------------------------ */

/* images_check - whether they are in the scale of those that the model knows. */
static int images_check(const ext_model *model, const dn_image *images, int n,
                        char *error) {
    for (int i = 0; i < n; i++)
        if (ext_scale_check(&images[i], &model->info, error) != SQLITE_OK)
            return SQLITE_ERROR;
    return SQLITE_OK;
}

/* rows_keep - what of the probabilities of n rows is kept. */
static void rows_keep(search *s, const uint32_t *rows, int n, float *probabilities,
                      const dn_model_info *info) {
    const int classes = info->classes;
    for (int i = 0; i < n; i++, probabilities += classes) {
        judgement *j = &s->judged[rows[i]];
        if (j->label < 0) continue;
        if (s->several[rows[i]]) ext_several_doubt(probabilities, info);
        j->class = dn_argmax(probabilities, classes);
        j->confidence = probabilities[j->class];
        j->label_confidence = probabilities[j->label];
    }
}

/* rows_judge - asks the model about n rows. */
static int rows_judge(search *s, ext_model *model, const uint32_t *rows, uint32_t n,
                      char *error) {
    const size_t bytes = (size_t)model->info.classes * sizeof(float);
    const size_t fits = JUDGED_BYTES / bytes;
    const uint32_t most = fits < 1 ? 1 : fits < JUDGED ? (uint32_t)fits : JUDGED;
    dn_image images[JUDGED];
    int32_t classes[JUDGED];
    float *probabilities = sqlite3_malloc64(most * bytes);
    if (!probabilities) return ext_no_memory(error);
    int rc = SQLITE_OK;
    uint32_t held = 0; /* rows that were or are in memory */
    dn_threads *threads = dn_threads_start(s->options.threads);
    dn_threads_watch(threads, ext_watch_stop, &s->watch);
    for (uint32_t i = 0, count; i < n && rc == SQLITE_OK; i += count) {
        if (i == held) {
            const uint32_t window = s->data->window;
            held += n - i < window ? n - i : window;
            rc = ext_dataset_hold(s->data, rows + i, NULL, held - i, error);
            if (rc != SQLITE_OK) break;
        }
        count = held - i < most ? held - i : most;
        ext_dataset_get(s->data, rows + i, (int)count, images, classes);
        rc = images_check(model, images, (int)count, error);
        if (rc != SQLITE_OK) break;
        const int status =
            dn_predict_batch(model->model, threads, images, count, probabilities);
        if (status != DN_OK)
            rc = ext_no_memory(error);
        else if (dn_threads_stopped(threads) || ext_watch_stop(&s->watch))
            rc = ext_from_core(DN_STOPPED, error);
        else
            rc = ext_model_numbers(probabilities,
                                   (size_t)count * (size_t)model->info.classes,
                                   s->request->model, error);
        if (rc == SQLITE_OK)
            rows_keep(s, rows + i, (int)count, probabilities, &model->info);
    }
    dn_threads_stop(threads);
    sqlite3_free(probabilities);
    return rc;
}

/* --- with a model ------------------------------------------------------------------- */

/* model_classes - the model's class of each label; -1 for one that it does not know. As
 * in predict_model, '7' is 7 for a model that has no '7', and 7 is '7' likewise. */
static int model_classes(search *s, char *error) {
    const dn_model_info *info = &s->found->model->info;
    ext_class_set known = {0};
    int32_t *classes = sqlite3_malloc64((sqlite3_uint64)info->classes * sizeof *classes);
    int rc = classes ? SQLITE_OK : SQLITE_NOMEM;
    for (int c = 0; c < info->classes && rc == SQLITE_OK; c++) {
        const int32_t n = ext_classes_find(&known, &info->labels[c]);
        if (n < 0)
            rc = SQLITE_NOMEM;
        else
            classes[n] = c;
    }
    for (int k = 0; k < s->data->classes && rc == SQLITE_OK; k++) {
        const int32_t n = ext_classes_match(&known, &s->data->labels[k]);
        s->class_of[k] = n < 0 ? -1 : classes[n];
    }
    ext_classes_free(&known);
    sqlite3_free(classes);
    return rc == SQLITE_OK ? rc : ext_no_memory(error);
}

/* labels_set - no row is judged yet; its label is the network's class of it. */
static void labels_set(search *s) {
    for (uint32_t i = 0; i < s->data->n; i++)
        s->judged[i] =
            (judgement){.label = s->class_of[ext_dataset_class(s->data, i)], .class = -1};
}

static int model_judge(search *s, char *error) {
    const int rc = model_classes(s, error);
    if (rc != SQLITE_OK) return rc;
    labels_set(s);
    for (uint32_t i = 0; i < s->data->n; i++) s->rows[i] = i;
    return rows_judge(s, s->found->model, s->rows, s->data->n, error);
}

/* --- without one -------------------------------------------------------------------- */

/* folds_deal - deals the rows of each class into folds, in an order that depends on the
 * seed: as many to each, as nearly as can be. Classes begin with one fold after the
 * other, so that no fold gets the rest of all. */
static int folds_deal(search *s, char *error) {
    const ext_dataset *data = s->data;
    const uint32_t n = data->n;
    uint32_t *dealt = sqlite3_malloc64((sqlite3_uint64)data->classes * sizeof *dealt);
    if (!dealt) return ext_no_memory(error);
    for (int k = 0; k < data->classes; k++) {
        s->class_of[k] = k;
        dealt[k] = (uint32_t)k % FOLDS;
    }
    dn_shuffle(s->rows, n, s->options.net.seed, 0);
    for (uint32_t i = 0; i < n; i++)
        s->fold_of[s->rows[i]] =
            (unsigned char)(dealt[ext_dataset_class(data, s->rows[i])]++ % FOLDS);
    for (int k = 0; k < data->classes; k++)
        if (dealt[k] - (uint32_t)k % FOLDS == 1) s->class_of[k] = -1;
    sqlite3_free(dealt);
    labels_set(s);
    return SQLITE_OK;
}

/* fold_train - the network of the other folds. */
static int fold_train(search *s, int fold, ext_model **out, char *error) {
    ext_training *run = NULL;
    ext_store_epoch epoch;
    size_t size;
    ext_dataset_leave_out(s->data, s->fold_of, fold);
    int rc = ext_training_try(&run, s->models, s->db, s->request->source, NULL, s->data,
                              &s->options, error);
    while (rc == SQLITE_OK || rc == SQLITE_ROW)
        rc = ext_training_epoch(run, &epoch, error);
    if (rc == SQLITE_DONE) {
        const void *weights = ext_training_weights(run, &size);
        const int status =
            ext_model_parse(out, s->models, weights, (sqlite3_int64)size, error);
        rc = status == DN_OK ? SQLITE_OK : ext_from_core(status, error);
    }
    ext_training_free(run);
    return rc;
}

/* fold_judge - the rows of a fold, by the network of the others, which is kept. */
static int fold_judge(search *s, int fold, char *error) {
    ext_model *model = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->data->n; i++)
        if (s->fold_of[i] == fold && s->judged[i].label >= 0) s->rows[n++] = i;
    if (!n) return SQLITE_OK;
    int rc = fold_train(s, fold, &model, error);
    if (rc != SQLITE_OK) return rc;
    ext_model_unref(s->found->model);
    s->found->model = model;
    return rows_judge(s, model, s->rows, n, error);
}

/* schedule_set - where nobody said it, few rows are seen more often, in smaller steps. */
static void schedule_set(search *s) {
    ext_options *o = &s->options;
    const uint32_t n = s->data->n;
    const uint32_t wanted = (SEEN + n - 1) / n;
    if (o->open & EXT_OPEN_EPOCHS)
        o->net.epochs = (int)(wanted < LEAST_EPOCHS  ? LEAST_EPOCHS
                              : wanted > MOST_EPOCHS ? MOST_EPOCHS
                                                     : wanted);
    if (o->open & EXT_OPEN_AUGMENT) o->net.augment = AUGMENT;
    if (!(o->open & EXT_OPEN_BATCH)) return;
    o->net.batch = LARGEST_BATCH;
    while (o->net.batch > LEAST_BATCH && n / (uint32_t)o->net.batch < STEPS)
        o->net.batch /= 2;
}

static int folds_judge(search *s, char *error) {
    schedule_set(s);
    int rc = folds_deal(s, error);
    for (int fold = 0; fold < FOLDS && rc == SQLITE_OK; fold++)
        rc = fold_judge(s, fold, error);
    return rc;
}

/* --- the rule ----------------------------------------------------------------------- */

/* thresholds_make - of each class, the mean probability of its label over the rows that
 * bear it; [classes], sqlite3_malloc'd. */
static double *thresholds_make(const search *s, int classes) {
    const sqlite3_uint64 n = (sqlite3_uint64)classes;
    double *sums = sqlite3_malloc64(n * sizeof *sums);
    uint32_t *counts = sqlite3_malloc64(n * sizeof *counts);
    if (sums && counts) {
        for (int c = 0; c < classes; c++) sums[c] = counts[c] = 0;
        for (uint32_t i = 0; i < s->data->n; i++) {
            const judgement *j = &s->judged[i];
            if (j->class < 0) continue;
            sums[j->label] += (double)j->label_confidence;
            counts[j->label]++;
        }
        for (int c = 0; c < classes; c++)
            if (counts[c]) sums[c] /= counts[c];
    }
    sqlite3_free(counts);
    if (counts) return sums;
    sqlite3_free(sums);
    return NULL;
}

/* suspect_order - for qsort: the least likely label first; of equals, the more confident
 * suggestion, then the row that came first. */
static int suspect_order(const void *a, const void *b) {
    const ext_suspect *x = a, *y = b;
    if (x->label_confidence != y->label_confidence)
        return x->label_confidence < y->label_confidence ? -1 : 1;
    if (x->confidence != y->confidence) return x->confidence > y->confidence ? -1 : 1;
    return x->row < y->row ? -1 : 1;
}

/* suspects_list - those that the rule finds. */
static int suspects_list(search *s, char *error) {
    ext_suspects *found = s->found;
    double *thresholds = found->model ? thresholds_make(s, found->model->info.classes)
                                      : NULL;
    found->list = sqlite3_malloc64((s->data->n + 1ull) * sizeof *found->list);
    if (!found->list || (found->model && !thresholds)) {
        sqlite3_free(thresholds);
        return ext_no_memory(error);
    }
    for (uint32_t i = 0; i < s->data->n; i++) {
        const judgement *j = &s->judged[i];
        if (j->class < 0 || j->class == j->label ||
            (double)j->confidence < thresholds[j->class])
            continue;
        found->list[found->n++] =
            (ext_suspect){i, j->label, j->class, j->label_confidence, j->confidence};
    }
    sqlite3_free(thresholds);
    if (found->n) qsort(found->list, found->n, sizeof *found->list, suspect_order);
    return SQLITE_OK;
}

/* --- the interface ------------------------------------------------------------------ */

static int model_find(search *s, char *error) {
    ext_model *model;
    const int rc = ext_model_find(&model, s->models, NULL, s->request->model, error);
    if (rc == SQLITE_OK) s->found->model = ext_model_ref(model);
    return rc;
}

int ext_suspects_find(ext_suspects **out, ext_context *models, sqlite3 *db,
                      const ext_suspects_request *request, char *error) {
    search s = {.models = models, .db = db, .request = request, .watch = {.db = db}};
    *out = NULL;
    s.found = sqlite3_malloc64(sizeof *s.found);
    if (!s.found) return ext_no_memory(error);
    memset(s.found, 0, sizeof *s.found);
    const int has_model = ext_options_is_given(request->model);
    int rc = options_read(&s, error);
    if (rc == SQLITE_OK && has_model) rc = model_find(&s, error);
    if (rc == SQLITE_OK) rc = rows_load(&s, error);
    if (rc == SQLITE_OK) rc = has_model ? model_judge(&s, error) : folds_judge(&s, error);
    if (rc == SQLITE_OK) rc = suspects_list(&s, error);
    ext_poll_end(&s.watch.poll);
    ext_dataset_free(s.data);
    sqlite3_free(s.several);
    sqlite3_free(s.class_of);
    sqlite3_free(s.judged);
    sqlite3_free(s.fold_of);
    sqlite3_free(s.rows);
    if (rc == SQLITE_OK)
        *out = s.found;
    else
        ext_suspects_free(s.found);
    return rc;
}

void ext_suspects_free(ext_suspects *suspects) {
    if (!suspects) return;
    ext_model_unref(suspects->model);
    ext_answers_free(&suspects->ids);
    sqlite3_free(suspects->list);
    sqlite3_free(suspects);
}
