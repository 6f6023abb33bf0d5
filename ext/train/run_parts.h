/* run_parts.h - what a training run is made of: what run.c, run_network.c and
 * run_epoch.c share, and nobody else. */
#ifndef EXT_RUN_PARTS_H
#define EXT_RUN_PARTS_H

#include "../base/interrupt.h"
#include "../model/cache.h"
#include "../model/stored_bytes.h"
#include "run.h"

/* Images of the holdout between two looks at the clock. */
#define HOLDOUT_BATCH 256

struct ext_training {
    sqlite3 *db;
    dn_host host; /* what the network may take; asks ext_training_watch */
    ext_options options;
    ext_dataset *data;
    int is_trial;    /* checkpoints go into log and kept; data are the caller's, … */
    int64_t repeats; /* … but for a run that repeats another one, of so many epochs */
    int diverged;
    dn_trainer *trainer;
    ext_model *teachers[DN_MAX_TEACHERS]; /* counted */
    int n_teachers;
    ext_start_model
        start;       /* what it begins from; no bytes if nothing, or if it is resumed */
    int takes_shape; /* its images' shape is that model's: none was given */
    ext_poll poll;
    int polled; /* what it said last: SQLITE_OK, or why work on the network was stopped */

    /* One batch, and the order of the epoch. */
    uint32_t *order;  /* [n_train] places in data->train */
    uint32_t *rows;   /* [batch] */
    uint32_t *keys;   /* [batch] */
    dn_image *images; /* [batch] */
    int n_images;     /* of these are of the rows that were measured last */
    int32_t *classes; /* [batch] */
    int batch;        /* the larger of options.net.batch and HOLDOUT_BATCH */

    /* What the network says of the holdout, as many of its rows as are kept. */
    float *probabilities; /* [n_kept + HOLDOUT_BATCH][classes] */
    int32_t *truth;       /* [n_kept + HOLDOUT_BATCH] */
    uint32_t n_kept;

    /* The model's row. Its texts are sqlite3_malloc'd. */
    ext_store_model model; /* version is 0 before the first checkpoint */
    char *name, *source, *shape, *labels, *json;

    int64_t epoch;      /* done */
    int64_t best_epoch; /* the one whose weights are kept, or 0 */
    double best_loss;   /* its, on the holdout */

    /* Of a trial only: what ext_training_store will write. */
    ext_store_epoch *log; /* [epoch] */
    void *kept;           /* for sqlite3_free: the kept epoch's model bytes */
    size_t kept_size;
};

/* ext_run_network - makes run->trainer, when options and rows are known; old is the
 * model's row if the run goes on from it or repeats it. SQLITE_OK, or an error and its
 * sentence. */
int ext_run_network(ext_training *run, ext_context *models, const ext_store_resumed *old,
                    char *error);

/* ext_training_watch - whether to go on with a run: stop of a dn_watch, whose context it
 * is. */
int ext_training_watch(void *run);

/* ext_training_chooses - whether the holdout says which epoch is kept. Who sets patience
 * asks for it however few rows it has. */
static inline int ext_training_chooses(const ext_training *run) {
    return run->data->n_holdout >= EXT_LEAST_HELD ||
           (run->data->n_holdout && run->options.patience);
}

/* ext_training_calibrates - whether the temperature is fitted on the holdout, and not 1:
 * of fewer rows the fit goes to its limits, 0.2 where all of them are right. A run that
 * repeats another does what that one did. */
static inline int ext_training_calibrates(const ext_training *run) {
    const ext_options *o = &run->options;
    const int did = run->repeats && (o->fitted < 1 || o->fitted > 1);
    return !(o->temperature > 0) && (run->data->n_holdout >= EXT_LEAST_HELD || did);
}

/* to_resume - what ends the sentence about something that has changed. */
static inline const char *to_resume(const ext_training *run) {
    return run->repeats ? "" : "; to resume it they must be the same";
}

/* ext_start_find - the same, for the option: "start: " comes before the sentence. */
int ext_start_find(ext_start_model *out, ext_context *models, sqlite3 *db,
                   const char *name, char *error);

#endif
