/* predict.c - a model's forward pass, for one image and for many: see dn.h.
 *
 * One image goes through the single layout, sixteen at a time through the batch layout
 * (kernels.h). Every buffer between layers is laid out when the working memory is made,
 * margins and all, so a prediction only runs kernels. */
#include <string.h>
#include "fmath.h"
#include "input.h"
#include "memory.h"
#include "model.h"
#include "threads.h"
#include "walk.h"

struct dn_scratch {
    dn_heap heap; /* it came from */
    dn_walk walk; /* in single layout */
    float *memory;
};

/* --- sixteen images ----------------------------------------------------------------- */

/* p = softmax(z), z's values `step` apart. */
static void softmax(float *p, const float *z, int step, int classes) {
    double top = (double)z[0], sum = 0;
    for (int o = 1; o < classes; o++)
        if ((double)z[o * step] > top) top = (double)z[o * step];
    for (int o = 0; o < classes; o++) {
        double e = dn_exp((double)z[o * step] - top);
        p[o] = (float)e;
        sum += e;
    }
    for (int o = 0; o < classes; o++) p[o] = (float)((double)p[o] / sum);
}

/* A prediction of many images, for the tasks: one is 16 of them. */
typedef struct batch_job {
    const dn_model *model;
    const dn_image *images;
    int64_t n;
    float *probabilities;
    dn_threads *threads;
    dn_walk walk;
    float *memory[DN_MAX_THREADS];
} batch_job;

static void batch_task(void *context, int task, int thread) {
    batch_job *job = context;
    const int classes = job->model->spec.classes;
    const int64_t first = (int64_t)task * DN_LANES, left = job->n - first;
    const int n = left < DN_LANES ? (int)left : DN_LANES;
    const dn_model *m = job->model;
    dn_member member = {job->threads, thread};
    dn_pass pass = dn_model_pass(m, &job->walk, job->memory[thread]);
    const dn_view x = dn_pass_input(&pass), z = dn_pass_output(&pass);
    pass.ask.watch = (dn_watch){dn_member_stops, &member};
    dn_input_group(&x, job->images + first, n, m->input_table, m->mean, m->inverse);
    if (dn_pass_forward(&pass, -1) < job->walk.n) return; /* stopped */
    for (int k = 0; k < n; k++)
        softmax(job->probabilities + (first + k) * classes, z.p + k, DN_LANES, classes);
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
    if (!job) {
        if (aside) aside(context);
        return DN_NOMEM;
    }
    job->model = m;
    job->threads = threads;
    dn_walk_plan(&job->walk, &m->spec, DN_WALK_BATCH);
    int ready = 0; /* threads that have memory: one is enough */
    while (ready < dn_threads_count(threads) &&
           (job->memory[ready] = dn_floats(&m->heap, dn_walk_size(&job->walk))))
        ready++;
    /* Tasks are counted in an int: more images than that go in several turns. */
    const int64_t most = (int64_t)DN_LANES << 24;
    for (int64_t done = 0; ready > 0 && done < n; done += job->n) {
        job->images = images + done;
        job->probabilities = probabilities + done * m->spec.classes;
        job->n = n - done < most ? n - done : most;
        dn_threads_run_beside(threads, ready, batch_task, job,
                              (int)((job->n + DN_LANES - 1) / DN_LANES), &turn);
        turn.run = NULL;
    }
    if (turn.run) turn.run(context); /* no image, or no memory */
    for (int i = 0; i < ready; i++) dn_floats_release(&m->heap, job->memory[i]);
    dn_release(&m->heap, job);
    return ready > 0 ? DN_OK : DN_NOMEM;
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
    int best = 0;
    for (int i = 1; i < n; i++)
        if (values[i] > values[best]) best = i;
    return best;
}

/* --- one image ---------------------------------------------------------------------- */

dn_scratch *dn_scratch_new(const dn_model *m) {
    dn_scratch *s = dn_new(&m->heap, 1, sizeof *s);
    if (!s) return NULL;
    s->heap = m->heap;
    dn_walk_plan(&s->walk, &m->spec, DN_WALK_SINGLE);
    s->memory = dn_floats(&s->heap, dn_walk_size(&s->walk));
    if (s->memory) return s;
    dn_release(&m->heap, s);
    return NULL;
}

void dn_scratch_free(dn_scratch *s) {
    if (!s) return;
    const dn_heap heap = s->heap;
    dn_floats_release(&heap, s->memory);
    dn_release(&heap, s);
}

int dn_predict(const dn_model *m, dn_scratch *s, const dn_image *image,
               float *probabilities, float *embedding, const dn_watch *watch) {
    const dn_walk *walk = &s->walk;
    dn_pass pass = dn_model_pass(m, walk, s->memory);
    const dn_view x = dn_pass_input(&pass);
    pass.weights = m->single_weights;
    if (watch) pass.ask.watch = *watch;
    dn_input_single(x.p, x.row, m->spec.shape, image, m->input_table, m->mean,
                    m->inverse);
    if (dn_pass_forward(&pass, -1) < walk->n) return DN_STOPPED;
    if (embedding) {
        const dn_place *last = dn_walk_source(walk, walk->n - 1);
        const dn_view inputs = dn_at(&last->maps, s->memory + last->at);
        const float *flat = dn_flat(embedding, &inputs);
        if (flat != embedding) memcpy(embedding, flat, (size_t)inputs.c * sizeof *flat);
    }
    softmax(probabilities, dn_pass_output(&pass).p, 1, m->spec.classes);
    return DN_OK;
}
