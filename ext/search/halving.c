/* halving.c - one search for the best options, a trial at a time: see halving.h. */
#include <math.h>
#include <string.h>
#include "../base/argument.h"
#include "../base/error.h"
#include "../data/dataset.h"
#include "../base/option_object.h"
#include "../train/options.h"
#include "../train/run.h"
#include "halving.h"
#include "space.h"

/* Of the trials of a rung, one in this many goes on, for this many times as long. */
#define ETA 3

#define DEFAULT_BUDGET 40
#define MOST_EPOCHS    100000 /* of a budget: as of a training */
#define MOST_TRIALS    1000

typedef struct trial {
    char *options;    /* JSON, sqlite3_malloc'd */
    ext_options made; /* the same with what all share, as its first run read them */
    double loss;      /* on the holdout, in its last rung; infinity: it is out */
} trial;

struct ext_search {
    sqlite3 *db;
    ext_context *models;
    sqlite3_value *arguments[EXT_SEARCH_MOST]; /* copies; NULL: not given */
    ext_options shared; /* what is the same for all trials, and defaults */
    ext_dataset *data;
    ext_search_space *space;
    char *space_text; /* sqlite3_malloc'd */
    int budget;

    trial *trials; /* [n] */
    int n;
    int *order; /* [n] their numbers; the first `count` are in the rung, best of the last
                   rung first */

    /* The rung, and the place in it. */
    int rung, count, at;
    int wanted, epochs; /* by plan: trials in it, epochs of each */
    int last;           /* epochs of the last trial of all */

    sqlite3_int64 version; /* of the model; 0 before the first trial is done */
    double best_loss;      /* its holdout loss */
};

/* --- the plan ----------------------------------------------------------------------- */

static int next_count(int n) { return n > ETA ? n / ETA : 1; }

/* plan_cost - epochs for n trials that begin with one epoch each, until one is left. */
static int64_t plan_cost(int n) {
    int64_t cost = 0, epochs = 1;
    for (; n > 1; n = next_count(n)) {
        cost += n * epochs;
        epochs *= ETA;
    }
    return cost;
}

/* plan_make - how many trials, and how long the first rung's are. wanted: 0 for as many
 * as half of the budget is enough for. */
static int plan_make(ext_search *search, int wanted, char *error) {
    const int64_t half = search->budget / 2;
    int n = ext_search_space_size(search->space, wanted ? wanted : MOST_TRIALS);
    while (!wanted && n > 1 && plan_cost(n) > half) n--;
    const int64_t cost = plan_cost(n);
    if (cost > half) {
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "trials is %d, for which a budget of %lld epochs is needed; it is %d", n,
            (sqlite3_int64)(2 * cost), search->budget);
        return SQLITE_ERROR;
    }
    search->n = search->wanted = search->count = n;
    search->rung = 1;
    search->epochs = cost ? (int)(half / cost) : search->budget;
    search->last = search->budget - (int)cost * (cost ? search->epochs : 0);
    return SQLITE_OK;
}

/* --- start -------------------------------------------------------------------------- */

static int is_given(sqlite3_value *value) {
    return value && sqlite3_value_type(value) != SQLITE_NULL;
}

/* argument_read - a number from 1 to most; *out stays as it is if none is given. */
static int argument_read(int *out, ext_search *search, int k, const char *name, int most,
                         char *error) {
    sqlite3_value *value = search->arguments[k];
    return value ? ext_integer(out, value, name, 1, most, error) : SQLITE_OK;
}

/* argument_name - names the arguments that the JSON object in place of a budget may
 * have. */
static const char *argument_name(int k) {
    switch (k) {
    case SEARCH_SOURCE:
    case SEARCH_SPACE: return "";
    case SEARCH_BUDGET: return "budget";
    case SEARCH_MODEL: return "model";
    case SEARCH_TRIALS: return "trials";
    default: {
        const int option = ext_options_shared(k - SEARCH_FIRST_OPTION);
        return option < 0 ? NULL : ext_option_at(option)->name;
    }
    }
}

/* object_take - a third argument that is a JSON object holds options, the budget among
 * them.
 * Its values become arguments, which free them. */
static int object_take(ext_search *search, char *error) {
    ext_option_object object = {0};
    sqlite3_value *text = search->arguments[SEARCH_BUDGET];
    if (!text || sqlite3_value_type(text) != SQLITE_TEXT) return SQLITE_OK;
    const char *first = (const char *)sqlite3_value_text(text);
    if (!first) return ext_no_memory(error);
    if (first[strspn(first, " \t\r\n")] != '{') return SQLITE_OK;
    search->arguments[SEARCH_BUDGET] = NULL;
    const int rc = ext_option_object_read(&object, search->db, "search_model", text,
                                          argument_name, search->arguments, error);
    sqlite3_value_free(text);
    return rc;
}

/* numbers_read - the budget, and *trials. */
static int numbers_read(ext_search *search, int *trials, char *error) {
    const int rc = argument_read(&search->budget, search, SEARCH_BUDGET, "budget",
                                 MOST_EPOCHS, error);
    return rc == SQLITE_OK ? argument_read(trials, search, SEARCH_TRIALS, "trials",
                                           MOST_TRIALS, error)
                           : rc;
}

/* shared_read - what all trials have in common. */
static int shared_read(ext_search *search, char *error) {
    sqlite3_value *values[EXT_MOST_OPTIONS] = {NULL};
    for (int i = 0, k; (k = ext_options_shared(i)) >= 0; i++)
        values[k] = search->arguments[SEARCH_FIRST_OPTION + i];
    return ext_options_start(&search->shared, values, error);
}

/* space_given - reads the space, if there is one: before the data, which take longer. */
static int space_given(ext_search *search, char *error) {
    sqlite3_value *value = search->arguments[SEARCH_SPACE];
    if (!is_given(value)) return SQLITE_OK;
    const char *text;
    if (sqlite3_value_type(value) != SQLITE_TEXT) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "space is %s; expected TEXT, a JSON object",
                         ext_type_name(sqlite3_value_type(value)));
        return SQLITE_ERROR;
    }
    const int rc = ext_text(&text, value, "space", error);
    if (rc != SQLITE_OK || !*text) return rc;
    if (!(search->space_text = sqlite3_mprintf("%s", text))) return ext_no_memory(error);
    return ext_search_space_read(&search->space, search->db, search->space_text, error);
}

/* data_load - the rows, for all trials. */
static int data_load(ext_search *search, char *error) {
    const ext_options *o = &search->shared;
    const ext_dataset_request request = {.shape = o->net.shape,
                                         .holdout = o->holdout,
                                         .seed = o->net.seed,
                                         .cache = (sqlite3_int64)o->cache_mb << 20,
                                         .batch = o->net.batch,
                                         .distinct_labels = o->distinct_labels,
                                         .picture = o->picture};
    int rc = ext_dataset_load(&search->data, search->db, search->arguments[SEARCH_SOURCE],
                              &request, error);
    if (rc != SQLITE_OK) return rc;
    search->shared.net.shape = search->data->shape;
    search->shared.picture = search->data->picture;
    if (search->data->n_holdout) {
        const char *what = "compare trials by: which of them is best may be chance";
        rc = ext_dataset_few(search->data, what);
        return rc == SQLITE_OK ? rc : ext_no_memory(error);
    }
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "no rows are held out to compare trials by");
    return SQLITE_ERROR;
}

/* space_default - the space of one who gave none, which depends on the images. */
static int space_default(ext_search *search, char *error) {
    if (search->space) return SQLITE_OK;
    search->space_text =
        sqlite3_mprintf("%s", ext_search_space_default(search->data->shape));
    if (!search->space_text) return ext_no_memory(error);
    return ext_search_space_read(&search->space, search->db, search->space_text, error);
}

/* trial_start - a run of a trial. */
static int trial_start(ext_search *search, int i, int epochs, ext_training **run,
                       char *error) {
    ext_options *options = &search->trials[i].made;
    options->net.epochs = epochs;
    return ext_training_try(
        run, search->models, search->db, search->arguments[SEARCH_SOURCE],
        search->arguments[SEARCH_MODEL], search->data, options, error);
}

/* trial_make - the options of a trial: what the space says, then what all share. Whether
 * it can be trained is seen, and which versions its teachers and the model that it begins
 * from are: the search itself may give their names another one. */
static int trial_make(ext_search *search, int i, char *error) {
    trial *t = &search->trials[i];
    ext_training *run = NULL;
    if (!(t->options = ext_search_space_trial(search->space, i)))
        return ext_no_memory(error);
    t->made = search->shared;
    int rc = ext_options_given(&t->made, search->db, t->options, error);
    t->made.net.seed = search->shared.net.seed;
    if (rc == SQLITE_OK) rc = trial_start(search, i, 1, &run, error);
    if (rc == SQLITE_OK) t->made = *ext_training_options(run);
    ext_training_free(run);
    return rc;
}

/* trials_make - draws them, and sees whether each can be trained. */
static int trials_make(ext_search *search, char *error) {
    const size_t n = (size_t)search->n;
    search->trials = sqlite3_malloc64(n * sizeof *search->trials);
    if (!search->trials) return ext_no_memory(error);
    memset(search->trials, 0, n * sizeof *search->trials);
    search->order = sqlite3_malloc64(n * sizeof *search->order);
    if (!search->order) return ext_no_memory(error);
    if (ext_search_space_draw(search->space, search->n, search->shared.net.seed) !=
        SQLITE_OK)
        return ext_no_memory(error);
    for (int i = 0; i < search->n; i++) {
        search->order[i] = i;
        const int rc = trial_make(search, i, error);
        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}

int ext_search_start(ext_search **out, ext_context *models, sqlite3 *db,
                     sqlite3_value *const *arguments, char *error) {
    ext_search *search = sqlite3_malloc64(sizeof *search);
    int trials = 0, rc = SQLITE_OK;
    *out = NULL;
    if (!search) return ext_no_memory(error);
    memset(search, 0, sizeof *search);
    search->db = db;
    search->models = models;
    search->budget = DEFAULT_BUDGET;
    search->best_loss = INFINITY;
    for (int k = 0; k < EXT_SEARCH_MOST && rc == SQLITE_OK; k++)
        if (arguments[k] && !(search->arguments[k] = sqlite3_value_dup(arguments[k])))
            rc = ext_no_memory(error);
    if (rc == SQLITE_OK) rc = object_take(search, error);
    if (rc == SQLITE_OK) rc = numbers_read(search, &trials, error);
    if (rc == SQLITE_OK) rc = shared_read(search, error);
    if (rc == SQLITE_OK) rc = space_given(search, error);
    if (rc == SQLITE_OK) rc = data_load(search, error);
    if (rc == SQLITE_OK) rc = space_default(search, error);
    if (rc == SQLITE_OK) rc = plan_make(search, trials, error);
    if (rc == SQLITE_OK) rc = trials_make(search, error);
    if (rc == SQLITE_OK) rc = ext_store_try(db, error);
    if (rc == SQLITE_OK)
        *out = search;
    else
        ext_search_free(search);
    return rc;
}

void ext_search_free(ext_search *search) {
    if (!search) return;
    for (int i = 0; search->trials && i < search->n; i++)
        sqlite3_free(search->trials[i].options);
    sqlite3_free(search->order);
    sqlite3_free(search->trials);
    sqlite3_free(search->space_text);
    ext_search_space_free(search->space);
    ext_dataset_free(search->data);
    for (int k = 0; k < EXT_SEARCH_MOST; k++) sqlite3_value_free(search->arguments[k]);
    sqlite3_free(search);
}

const ext_notes *ext_search_notes(const ext_search *search) {
    return &search->data->notes;
}

void ext_search_result(sqlite3_context *context, const ext_search *search, int k) {
    switch (k) {
    case SEARCH_SPACE:
        sqlite3_result_text(context, search->space_text, -1, SQLITE_TRANSIENT);
        break;
    case SEARCH_BUDGET: sqlite3_result_int(context, search->budget); break;
    case SEARCH_TRIALS: sqlite3_result_int(context, search->n); break;
    case SEARCH_SOURCE:
    case SEARCH_MODEL:
        if (search->arguments[k]) sqlite3_result_value(context, search->arguments[k]);
        break;
    default:
        ext_options_result(context, &search->shared,
                           ext_options_shared(k - SEARCH_FIRST_OPTION));
    }
}

/* --- a trial ------------------------------------------------------------------------ */

/* rung_next - the best third, or those that are left, for three times as long. Returns
 * how many. */
static int rung_next(ext_search *search) {
    int *order = search->order;
    /* By loss, then number: an insertion sort of MOST_TRIALS at most. */
    for (int i = 1; i < search->count; i++) {
        const int moved = order[i];
        const double loss = search->trials[moved].loss;
        int k = i;
        for (; k > 0; k--) {
            const double other = search->trials[order[k - 1]].loss;
            if (other < loss || (other == loss && order[k - 1] < moved)) break;
            order[k] = order[k - 1];
        }
        order[k] = moved;
    }
    int alive = 0;
    while (alive < search->count && search->trials[order[alive]].loss < INFINITY) alive++;
    search->wanted = next_count(search->wanted);
    search->epochs *= ETA;
    search->rung++;
    search->at = 0;
    return search->count = alive < search->wanted ? alive : search->wanted;
}

/* trial_train - all epochs of a run; the row is that of its best. A loss that is no
 * number is none: the row stays without it. */
static int trial_train(ext_training *run, ext_search_row *row, char *error) {
    ext_store_epoch epoch;
    int rc;
    row->seconds = 0;
    while ((rc = ext_training_epoch(run, &epoch, error)) == SQLITE_ROW)
        row->seconds += epoch.seconds;
    row->loss = row->accuracy = row->holdout_loss = row->holdout_accuracy = NAN;
    if (rc != SQLITE_DONE) return ext_training_diverged(run) ? SQLITE_OK : rc;
    const ext_store_epoch *best = ext_training_best(run);
    row->loss = best->loss;
    row->accuracy = best->accuracy;
    row->holdout_loss = best->holdout_loss;
    row->holdout_accuracy = best->holdout_accuracy;
    return SQLITE_OK;
}

/* trial_run - one trial in this rung; stored, if it is the best so far. */
static int trial_run(ext_search *search, int i, ext_search_row *row, char *error) {
    trial *t = &search->trials[i];
    ext_training *run = NULL;
    row->trial = i + 1;
    row->rung = search->rung;
    row->epochs = search->wanted == 1 ? search->last : search->epochs;
    row->options = t->options;
    int rc = trial_start(search, i, row->epochs, &run, error);
    if (rc != SQLITE_OK) goto done;
    sqlite3_snprintf(sizeof row->layers, row->layers, "%s",
                     ext_options_layers(ext_training_options(run)->net.layers));
    rc = trial_train(run, row, error);
    if (rc != SQLITE_OK) goto done;
    t->loss = isnan(row->holdout_loss) ? INFINITY : row->holdout_loss;
    row->best = t->loss < search->best_loss;
    if (row->best) rc = ext_training_store(run, &search->version, error);
    if (rc == SQLITE_OK && row->best) search->best_loss = t->loss;
done:
    ext_training_free(run);
    return rc;
}

int ext_search_next(ext_search *search, ext_search_row *row, char *error) {
    if (search->at == search->count) {
        if (search->wanted == 1 || !rung_next(search)) {
            if (search->version) return SQLITE_DONE;
            sqlite3_snprintf(
                EXT_ERROR_SIZE, error,
                "in every trial the loss was no longer a number; lower rates "
                "may help");
            return SQLITE_ERROR;
        }
    }
    const int rc = trial_run(search, search->order[search->at], row, error);
    search->at++;
    return rc == SQLITE_OK ? SQLITE_ROW : rc;
}
