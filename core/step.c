/* step.c - one step of training: forward, loss, backward, update. See trainer.h.
 *
 * The work of a group runs from one barrier to the next (walk.h). Without batch norm that
 * is the whole way there and back; each normalised layer adds two barriers. There all
 * groups have left their sums, and one thread makes of them what the rest of the layer
 * needs. */
#include <math.h>
#include <string.h>
#include "input.h"
#include "rng.h"
#include "trainer.h"

/* A batch on its way. */
typedef struct batch {
    dn_trainer *t;
    dn_threads *threads;
    const dn_image *images;
    const int32_t *classes;
    const uint32_t *keys;
    int n, groups;
    int at;       /* node whose barrier all have reached; −1: start */
    int backward; /* on the way back */
} batch;

/* One group of it, on one thread. */
typedef struct group {
    const batch *job;
    dn_trainer *t;
    int number, lanes, thread;
    dn_lesson lesson;
    dn_pass pass;
} group;

/* --- what goes in, and what is wanted ----------------------------------------------- */

/* The random streams of the group's images in this step. */
static void image_keys(const group *g, uint64_t *keys) {
    const dn_trainer *t = g->t;
    const uint64_t stream =
        rng_key(rng_key(t->options.seed, RNG_AUGMENT), (uint64_t)t->step);
    for (int k = 0; k < g->lanes; k++)
        keys[k] = rng_key(stream, g->job->keys[g->number * DN_LANES + k]);
}

static void load_images(const group *g) {
    const dn_trainer *t = g->t;
    const int first = g->number * DN_LANES;
    const dn_view x = dn_pass_input(&g->pass);
    if (dn_is_distorted(&t->options)) {
        uint64_t keys[DN_LANES];
        image_keys(g, keys);
        dn_input_distorted(t->kernels, &x, g->job->images + first, keys, g->lanes,
                           t->options.augment, t->options.flip, t->options.blank,
                           t->table, t->mean, t->inverse, g->pass.work + t->walk.scratch);
    } else {
        dn_input_group(&x, g->job->images + first, g->lanes, t->table, t->mean,
                       t->inverse);
    }
}

/* The group's classes; 0 in lanes without an image. */
static void true_classes(const group *g, int32_t *truth) {
    memset(truth, 0, DN_LANES * sizeof *truth);
    memcpy(truth, g->job->classes + g->number * DN_LANES,
           (size_t)g->lanes * sizeof *truth);
}

static void ask_teachers(group *g) {
    dn_trainer *t = g->t;
    const dn_view x = dn_pass_input(&g->pass);
    int32_t truth[DN_LANES];
    true_classes(g, truth);
    dn_ask_teachers(t, t->logits + (size_t)g->number * (size_t)t->spec.classes * DN_LANES,
                    &x, truth, g->thread, &g->pass.ask);
}

static void loss(const group *g) {
    const dn_trainer *t = g->t;
    const int first = g->number * DN_LANES;
    int32_t truth[DN_LANES];
    true_classes(g, truth);
    if (t->options.blank > 0) {
        uint64_t keys[DN_LANES];
        image_keys(g, keys);
        for (int k = 0; k < g->lanes; k++)
            if (dn_is_blank(keys[k], t->options.blank)) truth[k] = -1;
    }
    dn_targets targets = {.classes = truth,
                          .smoothing = (float)t->options.label_smoothing,
                          .share = (float)t->options.teacher_share,
                          .temperature = (float)t->options.teacher_temperature,
                          .checked = t->options.teacher_checked};
    if (t->teacher_count)
        targets.teacher = t->logits + (size_t)first * (size_t)t->spec.classes;
    t->kernels->softmax_loss(dn_pass_loss(&g->pass).p, t->losses + first, t->hits + first,
                             dn_pass_output(&g->pass).p, &targets, t->spec.classes,
                             g->lanes, 1.0f / (float)g->job->n);
}

/* --- barriers ----------------------------------------------------------------------- */

/* One group's work from the barrier that the job is at to the next. */
static void run_group(void *context, int task, int thread) {
    const batch *job = context;
    dn_trainer *t = job->t;
    const int left = job->n - task * DN_LANES, lanes = left < DN_LANES ? left : DN_LANES;
    const uint64_t noise = rng_key(t->options.seed, RNG_DROPOUT);
    dn_member member = {job->threads, thread};
    const dn_crew crew = {job->threads, thread, t->thread_memory};
    group g = {.job = job, .t = t, .number = task, .lanes = lanes, .thread = thread};
    g.lesson = (dn_lesson){.group = task,
                           .lanes = lanes,
                           .noise = rng_key(noise, (uint64_t)t->step),
                           .gradient = t->group_memory[task] + t->partial,
                           .kept_gradient = t->kept_gradient,
                           .norms = t->norms};
    g.pass =
        (dn_pass){.walk = &t->walk,
                  .kernels = t->kernels,
                  .groups = 1,
                  .kept = t->group_memory[task],
                  .work = t->thread_memory[thread],
                  .weights = t->weights,
                  .bias = t->bias,
                  .backward = t->backward,
                  .lesson = &g.lesson,
                  .crew = &crew,
                  .ask = {.watch = {dn_member_stops, &member}, .pace = t->kernels->pace}};
    if (job->backward) {
        dn_pass_backward(&g.pass, job->at);
        return;
    }
    if (job->at < 0) {
        load_images(&g);
        if (t->teacher_count) ask_teachers(&g);
    }
    if (dn_pass_forward(&g.pass, job->at) < t->walk.n) return; /* at a barrier */
    loss(&g);
    dn_pass_backward(&g.pass, t->walk.n);
}

/* Σ over the groups, in their order; of channel c in row 0 or 1 of the sums. */
static double sum_groups(const batch *job, const dn_node *node, int row, int c) {
    const float *sums = job->t->norms[node->number].sums;
    double sum = 0;
    for (int g = 0; g < job->groups; g++)
        sum += (double)sums[((ptrdiff_t)g * 2 + row) * node->layer->out.c + c];
    return sum;
}

static float *norm_row(const batch *job, const dn_node *node, int row) {
    return job->t->norms[node->number].rows + row * node->layer->out.c;
}

/* Mean and variance of the batch; scale and shift; the running statistics. */
static void barrier_forward(const batch *job, const dn_node *node) {
    dn_trainer *t = job->t;
    const dn_layer *l = node->layer;
    const double n = (double)job->n * l->out.h * l->out.w;
    const float keep = (float)(t->options.ema > 0 ? t->options.ema : 0.9);
    const float young = (float)(t->step + 1) / (float)(t->step + 10);
    const float kept = keep < young ? keep : young;
    for (int c = 0; c < l->out.c; c++) {
        double mean = sum_groups(job, node, 0, c) / n;
        double variance = sum_groups(job, node, 1, c) / n - mean * mean;
        if (variance < 0) variance = 0;
        double inverse = 1 / sqrt(variance + DN_NORM_EPSILON);
        double scale = (double)t->w[l->gamma + (size_t)c] * inverse;
        norm_row(job, node, DN_NORM_MEAN)[c] = (float)mean;
        norm_row(job, node, DN_NORM_INVERSE)[c] = (float)inverse;
        norm_row(job, node, DN_NORM_SCALE)[c] = (float)scale;
        norm_row(job, node, DN_NORM_SHIFT)[c] =
            (float)((double)t->w[l->bias + (size_t)c] - mean * scale);
        float *running = t->stats + l->stat + c;
        double unbiased = n > 1 ? variance * n / (n - 1) : variance;
        running[0] = (float)mean + kept * (running[0] - (float)mean);
        running += l->out.c;
        running[0] = (float)unbiased + kept * (running[0] - (float)unbiased);
    }
}

/* With the sums S = Σdy and P = Σdy·x̂ over n values, x̂ = (z − mean)·inverse:
 *     dbeta = S, dgamma = P, dz = gamma·inverse·(dy − S/n − x̂·P/n) = A·dy + B·z + E */
static void barrier_backward(const batch *job, const dn_node *node) {
    dn_trainer *t = job->t;
    const dn_layer *l = node->layer;
    const double n = (double)job->n * l->out.h * l->out.w;
    float *partial = t->group_memory[0] + t->partial;
    for (int c = 0; c < l->out.c; c++) {
        const double sum = sum_groups(job, node, 0, c);
        const double product = sum_groups(job, node, 1, c);
        const double inverse = (double)norm_row(job, node, DN_NORM_INVERSE)[c];
        const double mean = (double)norm_row(job, node, DN_NORM_MEAN)[c];
        const double a = (double)t->w[l->gamma + (size_t)c] * inverse;
        const double b = -a * inverse * product / n;
        norm_row(job, node, DN_NORM_A)[c] = (float)a;
        norm_row(job, node, DN_NORM_B)[c] = (float)b;
        norm_row(job, node, DN_NORM_E)[c] = (float)(-a * sum / n - b * mean);
        /* The first group's share stands for all; the others' stays zero. */
        partial[l->bias + (size_t)c] = (float)sum;
        partial[l->gamma + (size_t)c] = (float)product;
    }
}

void dn_gradient(dn_trainer *t, dn_threads *threads, const dn_image *images,
                 const int32_t *classes, const uint32_t *keys, int n,
                 dn_metrics *metrics) {
    batch job = {t,  threads, images, classes, keys, n, (n + DN_LANES - 1) / DN_LANES,
                 -1, 0};
    const int limit = dn_thread_memory(t, threads);
    dn_threads_run(threads, limit, run_group, &job, job.groups);
    for (int i = 0; i < t->walk.n; i++) {
        if (!t->walk.nodes[i].norm) continue;
        barrier_forward(&job, &t->walk.nodes[i]);
        job.at = i;
        dn_threads_run(threads, limit, run_group, &job, job.groups);
    }
    job.backward = 1;
    for (int i = t->walk.n - 1; i >= 0; i--) {
        if (!t->walk.nodes[i].norm) continue;
        barrier_backward(&job, &t->walk.nodes[i]);
        job.at = i;
        dn_threads_run(threads, limit, run_group, &job, job.groups);
    }
    for (int k = 0; k < n; k++) {
        if (t->hits[k] < 0) continue;
        metrics->loss += (double)t->losses[k];
        metrics->correct += t->hits[k];
        metrics->images++;
    }
}

void dn_trainer_step(dn_trainer *t, dn_threads *threads, const dn_image *images,
                     const int32_t *classes, const uint32_t *keys, int n,
                     dn_metrics *metrics) {
    dn_gradient(t, threads, images, classes, keys, n, metrics);
    dn_update_weights(t, threads, (n + DN_LANES - 1) / DN_LANES, 1);
    dn_pack_weights(t, threads);
    t->step++;
}
