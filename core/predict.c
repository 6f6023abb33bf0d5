/* predict.c - a model's forward pass, for one image and for many: see dn.h.
 *
 * One image goes through the single layout, sixteen at a time through the batch layout
 * (kernels.h). Every buffer between layers is laid out when the working memory is made,
 * margins and all, so a prediction only runs kernels. */
#include <string.h>
#include "fmath.h"
#include "input.h"
#include "layers/kind.h"
#include "memory.h"
#include "model.h"
#include "threads.h"
#include "walk.h"

struct dn_scratch {
    dn_heap heap; /* it came from */
    dn_walk walk; /* in single layout */
    float *memory;
    int is_ready; /* memory is zero where no layer writes */
};

/* --- many images -------------------------------------------------------------------- */

/* p = softmax(z), z's values `step` apart; or z, where each has had its sigmoid. */
static void head(const dn_model *m, float *p, const float *z, ptrdiff_t step) {
    const int classes = m->spec.classes;
    if (m->spec.layers[m->spec.n - 1].activation == DN_SIGMOID) {
        for (int o = 0; o < classes; o++) p[o] = z[o * step];
        return;
    }
    m->kernels->softmax(p, z, step, classes);
}

/* One image through the single layout. DN_OK or DN_STOPPED. */
static int predict_single(const dn_model *m, const dn_walk *walk, float *memory,
                          const dn_image *image, float *probabilities,
                          const dn_watch *watch) {
    dn_pass pass = dn_model_pass(m, walk, memory);
    const dn_view x = dn_pass_input(&pass);
    pass.weights = m->single_weights;
    if (watch) pass.ask.watch = *watch;
    if (m->bytes && image->type == DN_UINT8)
        pass.pixels = image->pixels;
    else
        dn_input_single(x.p, x.row, m->spec.shape, image, m->input_table, m->mean,
                        m->inverse);
    if (dn_pass_forward(&pass, -1) < walk->n) return DN_STOPPED;
    head(m, probabilities, dn_pass_output(&pass).p, 1);
    return DN_OK;
}

/* A prediction of many images, for the tasks: one is 16 of them, or one; of a model in 8
 * bits, which are computed one by one, some. */
typedef struct batch_job {
    const dn_model *model;
    const dn_image *images;
    int64_t n;
    float *probabilities;
    dn_threads *threads;
    dn_walk walk;
    int groups; /* of a task; 0: it is `each` images, one by one */
    int each;
    float *memory[DN_MAX_THREADS];
    char is_ready[DN_MAX_THREADS]; /* it is zero where no layer writes */
} batch_job;

/* job_size - floats of a thread's memory. */
static uint64_t job_size(const batch_job *job) {
    const uint64_t more = job->groups > 1 ? (uint64_t)(job->groups - 1) : 0;
    return dn_walk_size(&job->walk) + more * job->walk.kept_size;
}

/* job_memory - a thread's, made zero by its first task; NULL: stopped. */
static float *job_memory(batch_job *job, int thread, const dn_watch *watch) {
    if (!job->is_ready[thread]) {
        if (dn_zero(job->memory[thread], job_size(job), watch) != DN_OK) return NULL;
        job->is_ready[thread] = 1;
    }
    return job->memory[thread];
}

static void group_task(void *context, int task, int thread) {
    batch_job *job = context;
    const dn_model *m = job->model;
    const int classes = m->spec.classes;
    const int64_t first = (int64_t)task * job->groups * DN_LANES, left = job->n - first;
    const int64_t most = job->groups * DN_LANES;
    const int n = (int)(left < most ? left : most);
    dn_member member = {job->threads, thread};
    const dn_watch watch = {dn_member_stops, &member};
    float *memory = job_memory(job, thread, &watch);
    if (!memory) return;
    dn_pass pass = dn_model_pass(m, &job->walk, memory);
    pass.work = pass.kept + (ptrdiff_t)job->walk.kept_size * job->groups;
    pass.groups = (n + DN_LANES - 1) / DN_LANES;
    pass.ask.watch = watch;
    for (int k = 0; k < n; k += DN_LANES) {
        const dn_pass group = dn_pass_group(&pass, k / DN_LANES);
        const dn_view x = dn_pass_input(&group);
        dn_input_group(&x, job->images + first + k, n - k < DN_LANES ? n - k : DN_LANES,
                       m->input_table, m->mean, m->inverse);
    }
    if (dn_pass_forward(&pass, -1) < job->walk.n) return; /* stopped */
    for (int k = 0; k < n; k++) {
        const dn_pass group = dn_pass_group(&pass, k / DN_LANES);
        head(m, job->probabilities + (first + k) * classes,
             dn_pass_output(&group).p + k % DN_LANES, DN_LANES);
    }
}

static void image_task(void *context, int task, int thread) {
    batch_job *job = context;
    dn_member member = {job->threads, thread};
    const dn_watch watch = {dn_member_stops, &member};
    float *memory = job_memory(job, thread, &watch);
    const int64_t first = (int64_t)task * job->each, left = job->n - first;
    for (int64_t k = first; memory && k < first + (left < job->each ? left : job->each);
         k++)
        if (predict_single(job->model, &job->walk, memory, job->images + k,
                           job->probabilities + k * job->model->spec.classes,
                           &watch) != DN_OK)
            return;
}

/* What a group of 16 may take, so that it stays in the nearer caches; where it is more,
 * images go one by one: the same bits, as fast with 32 registers, and half as fast again
 * with 16. It may be more where the weights of a dense layer are more still: a group
 * reads these once, an image each time. A few images, too, go one by one: a group of them
 * has lanes that nobody needs. */
#define GROUP_BYTES      ((uint64_t)3 << 19)
#define MOST_GROUP_BYTES ((uint64_t)4 << 20)
#define FEW_IMAGES       3

/* The layer with the most weights that groups of a task share; rows, if it is not NULL,
 * the most units of one. */
static uint64_t shared_weights(const dn_spec *spec, int64_t *rows) {
    uint64_t most = 0;
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        const uint64_t size = (uint64_t)l->rows * (uint64_t)l->ld;
        if (!dn_kind_of(l)->together) continue;
        if (size > most) most = size;
        if (rows && l->rows > *rows) *rows = l->rows;
    }
    return most;
}

/* Weights that are read from afar each time, in floats. */
#define FAR_WEIGHTS ((uint64_t)1 << 18)

int dn_predict_worth(const dn_model *m) {
    const int far = !m->int8 && shared_weights(&m->spec, NULL) > FAR_WEIGHTS;
    return far ? DN_LANES * DN_MOST_GROUPS : 1;
}

/* Whether images go 16 at a time. */
static int fits(const batch_job *job) {
    const uint64_t floats = dn_walk_size(&job->walk), bytes = floats * sizeof(float);
    return bytes <= GROUP_BYTES || (bytes <= MOST_GROUP_BYTES &&
                                    floats < shared_weights(&job->model->spec, NULL));
}

/* Tasks that are left for each thread at least when groups share them. All threads wait
 * for the last one, and of weights in the second cache sharing saves little. */
#define NEAR_TASKS 8
#define FAR_TASKS  1

/* Groups that share a task: as many as its threads leave, while their buffers are no
 * larger than the weights that are read once for all of them, and a block of outputs is
 * soon done. */
static int groups_of(const batch_job *job, int64_t n) {
    const int64_t groups = (n + DN_LANES - 1) / DN_LANES;
    const int64_t each = groups / dn_threads_count(job->threads);
    const int64_t pace = job->model->kernels->pace;
    const int tasks = dn_predict_worth(job->model) > 1 ? FAR_TASKS : NEAR_TASKS;
    int64_t rows = 0;
    const uint64_t weights = shared_weights(&job->model->spec, &rows);
    int most = 1;
    while (most < DN_MOST_GROUPS && 2 * most * tasks <= each &&
           2 * (uint64_t)most * job->walk.kept_size <= weights &&
           2 * most * rows * DN_LANES * DN_DENSE_BLOCK <= pace)
        most *= 2;
    return most;
}

/* batch_plan - what a task is. DN_OK or DN_NOMEM. */
static int batch_plan(batch_job *job, int64_t n) {
    const dn_spec *spec = &job->model->spec;
    const int int8 = job->model->int8 != NULL;
    if (n > FEW_IMAGES && !int8) {
        if (dn_walk_plan(&job->walk, spec, DN_WALK_BATCH) != DN_OK) return DN_NOMEM;
        if (fits(job)) {
            job->groups = groups_of(job, n);
            job->each = DN_LANES * job->groups;
            return DN_OK;
        }
        dn_walk_clear(&job->walk);
    }
    job->each = int8 && n / DN_LANES >= dn_threads_count(job->threads) ? DN_LANES : 1;
    return dn_walk_plan(&job->walk, spec, DN_WALK_SINGLE);
}

/* batch_memory - working memory for as many threads as there are, as have something to
 * do, and as the limit allows; one is enough. Returns how many have it. */
static int batch_memory(batch_job *job, int64_t tasks) {
    const uint64_t floats = job_size(job), each = floats * sizeof(float);
    const uint64_t limit = (uint64_t)job->model->limits.memory;
    int most = dn_threads_count(job->threads), ready = 0;
    if (most > tasks) most = (int)tasks;
    while (ready < most && (!ready || (uint64_t)(ready + 1) * each <= limit) &&
           (job->memory[ready] = dn_floats_room(&job->model->heap, floats)))
        ready++;
    return ready;
}

int dn_predict_batch(const dn_model *m, dn_threads *threads, const dn_image *images,
                     int64_t n, float *probabilities) {
    return dn_predict_batch_beside(m, threads, images, n, probabilities, NULL, NULL);
}

int dn_predict_batch_beside(const dn_model *m, dn_threads *threads,
                            const dn_image *images, int64_t n, float *probabilities,
                            void (*aside)(void *), void *context) {
    dn_aside turn = {aside, context};
    batch_job *job = dn_new(&m->heap, 1, sizeof *job);
    int ready = 0;
    if (job && n > 0) {
        job->model = m;
        job->threads = threads;
        if (batch_plan(job, n) == DN_OK)
            ready = batch_memory(job, (n + job->each - 1) / job->each);
        /* Tasks are counted in an int: more images than that go in several turns. */
        const int64_t most = (int64_t)job->each << 24;
        for (int64_t done = 0; ready > 0 && done < n; done += job->n) {
            job->images = images + done;
            job->probabilities = probabilities + done * m->spec.classes;
            job->n = n - done < most ? n - done : most;
            dn_threads_run_beside(threads, ready, job->groups ? group_task : image_task,
                                  job, (int)((job->n + job->each - 1) / job->each),
                                  &turn);
            turn.run = NULL;
        }
    }
    if (turn.run) turn.run(context); /* no image, or no memory */
    for (int i = 0; i < ready; i++) dn_floats_release(&m->heap, job->memory[i]);
    if (job) dn_walk_clear(&job->walk);
    dn_release(&m->heap, job);
    return job && (ready > 0 || n <= 0) ? DN_OK : DN_NOMEM;
}

void dn_score(const float *probabilities, int classes, const int32_t *truth, int64_t n,
              dn_metrics *metrics) {
    for (int64_t k = 0; k < n; k++, probabilities += classes) {
        /* A probability too small for a float counts as the smallest there is. */
        const float p = probabilities[truth[k]];
        metrics->loss -= dn_log(p > 1e-37f ? (double)p : 1e-37);
        metrics->correct += dn_argmax(probabilities, classes) == truth[k];
        metrics->images++;
    }
}

int dn_argmax(const float *values, int n) {
    float top = values[0];
    int best = 0;
    for (int i = 1; i < n; i++)
        if (values[i] > top) top = values[best = i];
    return best;
}

/* --- one image ---------------------------------------------------------------------- */

dn_scratch *dn_scratch_new(const dn_model *m) {
    dn_scratch *s = dn_new(&m->heap, 1, sizeof *s);
    if (!s) return NULL;
    s->heap = m->heap;
    if (dn_walk_plan(&s->walk, &m->spec, DN_WALK_SINGLE) == DN_OK)
        s->memory = dn_floats_room(&s->heap, dn_walk_size(&s->walk));
    if (s->memory) return s;
    dn_scratch_free(s);
    return NULL;
}

void dn_scratch_free(dn_scratch *s) {
    if (!s) return;
    const dn_heap heap = s->heap;
    dn_floats_release(&heap, s->memory);
    dn_walk_clear(&s->walk);
    dn_release(&heap, s);
}

int dn_predict(const dn_model *m, dn_scratch *s, const dn_image *image,
               float *probabilities, float *embedding, const dn_watch *watch) {
    int status = DN_OK;
    if (!s->is_ready) status = dn_zero(s->memory, dn_walk_size(&s->walk), watch);
    if (status != DN_OK) return status;
    s->is_ready = 1;
    status = predict_single(m, &s->walk, s->memory, image, probabilities, watch);
    if (status == DN_OK && embedding) {
        const dn_place *last = dn_walk_source(&s->walk, s->walk.n - 1, 0);
        const dn_view inputs = dn_at(&last->maps, s->memory + last->at);
        const float *flat = dn_flat(embedding, &inputs);
        const size_t values = (size_t)inputs.c * (size_t)inputs.h * (size_t)inputs.w;
        if (flat != embedding) memcpy(embedding, flat, values * sizeof *flat);
    }
    return status;
}
