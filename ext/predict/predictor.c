/* predictor.c - from the rows of a source to answers: see predictor.h. */
#include <string.h>
#include "../base/error.h"
#include "predictor.h"

#define FIRST_ROWS    64
#define THREAD_ROWS   256 /* for each thread, at most */
#define MOST_THREADS  64
#define BATCH_SECONDS 0.03 /* grow below, shrink above twice this … */
#define WORTH_SECONDS 0.3  /* … this, where fewer rows would cost more each */

int ext_predictor_open(ext_predictor *p, sqlite3 *db, sqlite3_value *name,
                       sqlite3_value *key, int flags, char *error) {
    const int rc = ext_source_open(&p->source, db, name, key, flags, error);
    if (rc != SQLITE_OK) ext_source_close(&p->source);
    return rc;
}

/* team_stop - no more threads, until some are started again. */
static void team_stop(ext_predictor *p) {
    dn_threads_stop(p->threads);
    p->threads = NULL;
}

void ext_predictor_close(ext_predictor *p) {
    team_stop(p);
    ext_batch_free(&p->batches[0]);
    ext_batch_free(&p->batches[1]);
    ext_poll_end(&p->watch.poll);
    ext_source_close(&p->source);
    memset(p, 0, sizeof *p);
}

/* batch_read - the rows that come next, into the batch that is not the answered one. */
static void batch_read(void *pointer) {
    ext_predictor *p = pointer;
    ext_batch *next = &p->batches[!p->now];
    ext_batch_clear(next);
    if (p->rc != SQLITE_ROW) return;
    p->rc = ext_batch_read(next, &p->source, &p->model->info, p->wanted, p->error);
}

int ext_predictor_start(ext_predictor *p, ext_model *model, sqlite3_value *model_name,
                        sqlite3_value *value, char *error) {
    const double start = ext_seconds();
    const int rc = ext_source_restart(&p->source, value, error);
    if (rc != SQLITE_OK) return rc;
    if (dn_threads_stopped(p->threads)) team_stop(p); /* they would do nothing */
    p->model = model;
    p->source.room.picture = model->room.picture;
    p->model_name = model_name;
    p->wanted = FIRST_ROWS;
    p->rc = SQLITE_ROW;
    batch_read(p);
    p->reading += ext_seconds() - start;
    return SQLITE_OK;
}

/* one_predict - a single image, without threads: starting them would take longer. */
static int one_predict(ext_predictor *p, ext_batch *batch, char *error) {
    const double start = ext_seconds();
    const int rc = ext_model_run(p->model, p->source.db, &batch->images[0], error);
    if (rc != SQLITE_OK) return rc;
    memcpy(batch->probabilities, p->model->probabilities,
           (size_t)p->model->info.classes * sizeof(float));
    p->predicting += ext_seconds() - start;
    p->predicted++;
    batch_read(p);
    return SQLITE_OK;
}

static void team_start(ext_predictor *p) {
    if (p->threads) return;
    p->threads = dn_threads_start(dn_threads_available());
    p->watch.db = p->source.db;
    dn_threads_watch(p->threads, ext_watch_stop, &p->watch);
}

/* rows_next - rows of the next batch, after one that took so long. At its end all threads
 * wait for the last group: so each has up to 16 groups. More would be new memory, whose
 * first touch takes as long as reading rows into it, and leave the caches. */
static int rows_next(const ext_predictor *p, double seconds) {
    const int available = dn_threads_available();
    const int threads = available < MOST_THREADS ? available : MOST_THREADS;
    const int worth = threads * dn_predict_worth(p->model->model);
    const int most = threads * THREAD_ROWS, rows = p->wanted;
    const double least = rows < worth ? WORTH_SECONDS / 2 : BATCH_SECONDS;
    const double longest = 2 * (rows / 2 < worth ? WORTH_SECONDS : BATCH_SECONDS);
    if (seconds < least && rows < most) return 2 * rows;
    return seconds > longest && rows > 1 ? rows / 2 : rows;
}

/* many_predict - while the next batch is read. */
static int many_predict(ext_predictor *p, ext_batch *batch, char *error) {
    const double start = ext_seconds();
    team_start(p);
    const int status = dn_predict_batch_beside(p->model->model, p->threads, batch->images,
                                               batch->n_images, batch->probabilities,
                                               batch_read, p);
    if (status != DN_OK) return ext_no_memory(error);
    if (dn_threads_stopped(p->threads)) return ext_from_core(DN_STOPPED, error);
    p->wanted = rows_next(p, ext_seconds() - start);
    return SQLITE_OK;
}

int ext_predictor_next(ext_predictor *p, char *error) {
    p->now = !p->now;
    ext_batch *batch = &p->batches[p->now];
    int rc = p->rc;
    if (!batch->answers.n) {
        if (rc != SQLITE_DONE) memcpy(error, p->error, sizeof p->error);
        team_stop(p);
        return rc;
    }
    rc = SQLITE_OK;
    if (batch->n_images == 0)
        batch_read(p);
    else if (batch->n_images == 1)
        rc = one_predict(p, batch, error);
    else
        rc = many_predict(p, batch, error);
    if (rc == SQLITE_OK)
        rc = ext_model_numbers(batch->probabilities,
                               (size_t)batch->n_images * (size_t)p->model->info.classes,
                               p->model_name, error);
    if (rc != SQLITE_OK) return rc;
    ext_batch_answer(batch, &p->model->info);
    rc = ext_poll_check(&p->watch.poll, p->source.db);
    if (rc == SQLITE_OK) return SQLITE_ROW;
    return rc == SQLITE_INTERRUPT ? ext_from_core(DN_STOPPED, error)
                                  : ext_sqlite_error(p->source.db, rc, error);
}

const ext_answers *ext_predictor_answers(const ext_predictor *p) {
    return &p->batches[p->now].answers;
}
