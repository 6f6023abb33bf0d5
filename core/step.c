/* step.c - one step of training: forward, loss, backward, update. See trainer.h.
 *
 * The work of a group runs from one meeting point to the next. Without batch norm that is
 * the whole way there and back; each normalised layer adds two meetings:
 *
 *     image → … → z of layer 2 | y of 2 → … → z of 5 | y of 5 → … → loss → … → dy of 5 |
 *     dz of 5 → … → dy of 2 | dz of 2 → … → first layer
 *
 * At a "|" all groups have left their sums, and one thread makes of them what the rest of
 * the layer needs. */
#include <math.h>
#include <string.h>
#include "conv.h"
#include "input.h"
#include "pass.h"
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
    int at;       /* normalised layer whose sums are done; −1: start */
    int backward; /* on the way back */
} batch;

/* One group of it, on one thread. */
typedef struct group {
    const batch *job;
    dn_trainer *t;
    int number, lanes, thread;
    float *memory, *work; /* the group's arena, the thread's arena */
    dn_view dy;           /* gradient of the layer that is next on the way back */
} group;

static dn_view view_in(float *arena, const dn_place *place) {
    return dn_at(&place->maps, arena + place->at);
}

/* What layer i reads: a layer's y, or the images. */
static dn_view input_of(const group *g, int i) {
    const int source = g->t->nodes[i].source;
    return view_in(g->memory, source < 0 ? &g->t->input : &g->t->nodes[source].y);
}

static dn_view dz_of(const group *g, const dn_node *node) {
    return view_in(node->layer->norm ? g->memory : g->work, &node->dz);
}

static int32_t *places_of(const group *g, const dn_node *node) {
    return (int32_t *)(void *)(g->memory + node->places);
}

/* The buffer for the gradient of layer i's inputs: of the two, the one dy is not in. */
static dn_view dx_of(const group *g, const dn_layer *l) {
    float *ping = g->work + g->t->ping, *pong = g->work + g->t->pong;
    dn_maps maps = dn_maps_batch(l->in, NULL);
    return dn_at(&maps, g->dy.p == ping ? pong : ping);
}

static float *norm_row(const dn_node *node, int row) {
    return node->norm + row * node->layer->out.c;
}

static float *sums_of(const group *g, const dn_node *node) {
    return node->sums + (ptrdiff_t)g->number * 2 * node->layer->out.c;
}

/* --- forward ----------------------------------------------------------------------------- */

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
    dn_view x = view_in(g->memory, &t->input);
    if (dn_is_distorted(&t->options)) {
        uint64_t keys[DN_LANES];
        image_keys(g, keys);
        dn_input_distorted(t->kernels, &x, g->job->images + first, keys, g->lanes,
                           t->options.augment, t->options.flip, t->options.blank,
                           t->table, t->mean, t->inverse, g->work + t->work);
    } else {
        dn_input_group(&x, g->job->images + first, g->lanes, t->table, t->mean,
                       t->inverse);
    }
}

/* What the step's teacher says of the images in x, into the group's logits. Its inputs are
 * standardised in its own way: (x·std + mean − its mean)·its inverse. */
static void ask_teacher(const group *g) {
    dn_trainer *t = g->t;
    const int k = (int)(t->step % t->teacher_count);
    const dn_model *teacher = t->teachers[k];
    float *memory = t->teacher_memory[g->thread];
    for (int i = 0; i < k; i++) memory += t->passes[i].size;
    const float scale = t->std * teacher->inverse;
    const float shift = (t->mean - teacher->mean) * teacher->inverse;
    const dn_view from = view_in(g->memory, &t->input);
    const dn_view to = dn_pass_input(&t->passes[k], memory);
    for (int c = 0; c < from.c; c++)
        for (int y = 0; y < from.h; y++)
            for (int x = 0; x < from.w; x++) {
                const float *p = from.p + c * from.channel + y * from.row +
                                 x * from.column;
                float *q = to.p + c * to.channel + y * to.row + x * to.column;
                for (int n = 0; n < DN_LANES; n++) q[n] = p[n] * scale + shift;
            }
    const size_t size = (size_t)t->spec.classes * DN_LANES;
    memcpy(t->logits + (size_t)g->number * size,
           dn_pass_run(teacher, &t->passes[k], memory), size * sizeof(float));
}

static void drop(const group *g, int i, const dn_view *x) {
    const dn_trainer *t = g->t;
    const float p = t->spec.layers[i].drop;
    uint32_t keys[DN_LANES];
    uint64_t stream = rng_key(rng_key(t->options.seed, RNG_DROPOUT), (uint64_t)t->step);
    stream = rng_key(stream, (uint64_t)i);
    for (int k = 0; k < DN_LANES; k++)
        keys[k] = (uint32_t)rng_key(stream, (uint64_t)(g->number * DN_LANES + k));
    t->kernels->dropout(x, x, keys, (uint32_t)((double)p * 4294967295.0),
                        1.0f / (1.0f - p));
}

/* Up to z, if the layer is normalised, else all of it. */
static void forward_layer(const group *g, int i) {
    const dn_trainer *t = g->t;
    const dn_node *node = &t->nodes[i];
    const dn_layer *l = node->layer;
    dn_view x = input_of(g, i), y = view_in(g->memory, l->norm ? &node->z : &node->y);
    const float *bias = l->norm ? t->zeros : t->w + l->bias;
    const int relu = l->relu && !l->norm;
    switch (l->kind) {
    case DN_CONV: {
        dn_view taps = dn_under_taps(x, l);
        if (node->pool && !l->norm)
            dn_conv_pool(t->kernels, &y, places_of(g, node), &taps, node->forward, bias,
                         l, node->pool, g->work + t->work);
        else
            dn_conv(t->kernels, &y, &taps, node->forward, bias, l, relu,
                    g->work + t->work);
        break;
    }
    case DN_DENSE:
        t->kernels->dense_forward(y.p, x.p, t->w + l->w, bias,
                                  l->in.c * l->in.h * l->in.w, l->out.c, l->ld, relu);
        break;
    case DN_MAXPOOL:
        t->kernels->maxpool_forward(&y, places_of(g, node),
                                    (ptrdiff_t)y.h * y.w * DN_LANES, &x, NULL, NULL,
                                    l->kh, l->stride, 0);
        break;
    case DN_AVGPOOL: t->kernels->avgpool_forward(&y, &x, l->kh, l->kw, l->stride); break;
    case DN_DROPOUT: drop(g, i, &x); break;
    }
    if (l->norm) t->kernels->norm_sums(sums_of(g, node), &y, g->lanes);
}

/* The rest of a normalised layer, when mean and variance are known. */
static void forward_norm(const group *g, int i) {
    const dn_kernels *k = g->t->kernels;
    const dn_node *node = &g->t->nodes[i];
    const dn_layer *l = node->layer, *pool = node->pool;
    const float *scale = norm_row(node, NORM_SCALE), *shift = norm_row(node, NORM_SHIFT);
    dn_view z = view_in(g->memory, &node->z), y = view_in(g->memory, &node->y);
    if (pool)
        k->maxpool_forward(&y, places_of(g, node), (ptrdiff_t)y.h * y.w * DN_LANES, &z,
                           scale, shift, pool->kh, pool->stride, l->relu);
    else
        k->norm_forward(&y, &z, scale, shift, l->relu);
}

static void loss(group *g) {
    const dn_trainer *t = g->t;
    const int last = t->spec.n - 1, first = g->number * DN_LANES;
    const dn_layer *l = &t->spec.layers[last];
    int32_t truth[DN_LANES] = {0};
    memcpy(truth, g->job->classes + first, (size_t)g->lanes * sizeof *truth);
    if (t->options.blank > 0) {
        uint64_t keys[DN_LANES];
        image_keys(g, keys);
        for (int k = 0; k < g->lanes; k++)
            if (dn_is_blank(keys[k], t->options.blank)) truth[k] = -1;
    }
    dn_targets targets = {.classes = truth,
                          .smoothing = (float)t->options.label_smoothing,
                          .share = (float)t->options.teacher_share,
                          .temperature = (float)t->options.teacher_temperature};
    if (t->teacher_count)
        targets.teacher = t->logits + (size_t)first * (size_t)t->spec.classes;
    dn_view z = view_in(g->memory, &t->nodes[last].y);
    dn_maps maps = dn_maps_batch(l->out, NULL);
    g->dy = dn_at(&maps, g->work + t->ping);
    t->kernels->softmax_loss(g->dy.p, t->losses + first, t->hits + first, z.p, &targets,
                             t->spec.classes, g->lanes, 1.0f / (float)g->job->n);
}

/* --- backward ------------------------------------------------------------------------------ */

/* dz of a layer with weights, from dy of its result: back through pool and ReLU. Returns
 * 0 where the layer is normalised: then the sums of all groups come first. */
static int backward_result(const group *g, int i) {
    const dn_kernels *k = g->t->kernels;
    const dn_node *node = &g->t->nodes[i];
    const dn_layer *l = node->layer;
    dn_view dz = dz_of(g, node);
    if (node->pool) {
        k->maxpool_backward(&dz, &g->dy, places_of(g, node), node->pool->kh,
                            node->pool->stride);
    } else if (l->relu) {
        dn_view y = view_in(g->memory, &node->y);
        k->relu_backward(&dz, &g->dy, &y);
    } else {
        memcpy(dz.p, g->dy.p, (size_t)l->out.c * DN_LANES * sizeof(float));
    }
    if (!l->norm) return 1;
    dn_view z = view_in(g->memory, &node->z);
    k->norm_grad_sums(sums_of(g, node), &dz, &z, norm_row(node, NORM_MEAN),
                      norm_row(node, NORM_INVERSE), g->lanes);
    return 0;
}

/* Gradients of the weights and of the inputs, from dz. */
static void backward_weights(group *g, int i) {
    dn_trainer *t = g->t;
    const dn_kernels *k = t->kernels;
    const dn_node *node = &t->nodes[i];
    const dn_layer *l = node->layer;
    float *partial = g->memory + t->partial;
    dn_view dz = dz_of(g, node), x = input_of(g, i), dx = dx_of(g, l);
    if (l->norm) {
        dn_view z = view_in(g->memory, &node->z);
        k->norm_backward(&dz, &dz, &z, norm_row(node, NORM_A), norm_row(node, NORM_B),
                         norm_row(node, NORM_E), g->lanes);
    } else
        k->channel_sums(partial + l->bias, &dz);

    if (l->kind == DN_DENSE) {
        k->dense_transpose(node->dyt + (ptrdiff_t)g->number * DN_LANES * l->ld, dz.p,
                           l->out.c, l->ld);
        if (node->source >= 0)
            k->dense_dgrad(dx.p, dz.p, t->w + l->w, l->in.c * l->in.h * l->in.w, l->out.c,
                           l->ld);
    } else {
        dn_view taps = dn_under_taps(x, l);
        k->conv_wgrad(partial + l->w, &dz, &taps, l->kh, l->stride);
        if (node->source >= 0) {
            /* A convolution again, over dz spread out with its margin: the whole buffer. */
            dn_view spread = dz;
            spread.p -= node->dz.maps.origin;
            spread.row /= l->stride;
            spread.column /= l->stride;
            dn_conv_dgrad(k, &dx, &spread, node->backward, t->zeros, l,
                          g->work + t->work);
        }
    }
    g->dy = dx;
}

static void backward_plain(group *g, int i) {
    const dn_trainer *t = g->t;
    const dn_node *node = &t->nodes[i];
    const dn_layer *l = node->layer;
    if (node->source < 0) return;
    if (l->kind == DN_DROPOUT) {
        drop(g, i, &g->dy);
        return;
    }
    dn_view dx = dx_of(g, l);
    if (l->kind == DN_MAXPOOL)
        t->kernels->maxpool_backward(&dx, &g->dy, places_of(g, node), l->kh, l->stride);
    else
        t->kernels->avgpool_backward(&dx, &g->dy, l->kh, l->kw, l->stride);
    g->dy = dx;
}

/* From layer i down to the next meeting point or the first layer. */
static void backward(group *g, int i) {
    for (; i >= 0; i--) {
        const dn_layer *l = &g->t->spec.layers[i];
        if (i > 0 && g->t->nodes[i - 1].pool) continue; /* goes with its convolution */
        if (!dn_threads_go_on(g->job->threads, g->thread)) return;
        if (l->kind != DN_CONV && l->kind != DN_DENSE) {
            backward_plain(g, i);
            continue;
        }
        if (!backward_result(g, i)) return;
        backward_weights(g, i);
    }
}

/* --- meeting points -------------------------------------------------------------------------- */

/* One group's work from the meeting point that the job is at to the next. */
static void run_group(void *context, int task, int thread) {
    const batch *job = context;
    dn_trainer *t = job->t;
    const int left = job->n - task * DN_LANES;
    group g = {.job = job,
               .t = t,
               .number = task,
               .lanes = left < DN_LANES ? left : DN_LANES,
               .thread = thread,
               .memory = t->group_memory[task],
               .work = t->thread_memory[thread]};
    int i = job->at;
    if (job->backward) {
        backward_weights(&g, i);
        backward(&g, i - 1);
        return;
    }
    if (i < 0) {
        load_images(&g);
        if (t->teacher_count) ask_teacher(&g);
    } else
        forward_norm(&g, i);
    for (i++; i < t->spec.n; i++) {
        if (i > 0 && t->nodes[i - 1].pool) continue;
        if (!dn_threads_go_on(job->threads, thread)) return;
        forward_layer(&g, i);
        if (t->spec.layers[i].norm) return;
    }
    loss(&g);
    backward(&g, t->spec.n - 1);
}

/* Σ over the groups, in their order; of channel c in row 0 or 1 of the sums. */
static double sum_groups(const dn_node *node, int groups, int row, int c) {
    const int channels = node->layer->out.c;
    double sum = 0;
    for (int g = 0; g < groups; g++)
        sum += (double)node->sums[((ptrdiff_t)g * 2 + row) * channels + c];
    return sum;
}

/* Mean and variance of the batch; scale and shift; the running statistics. */
static void meet_forward(const batch *job, const dn_node *node) {
    dn_trainer *t = job->t;
    const dn_layer *l = node->layer;
    const double n = (double)job->n * l->out.h * l->out.w;
    const float keep = (float)(t->options.ema > 0 ? t->options.ema : 0.9);
    const float young = (float)(t->step + 1) / (float)(t->step + 10);
    const float kept = keep < young ? keep : young;
    for (int c = 0; c < l->out.c; c++) {
        double mean = sum_groups(node, job->groups, 0, c) / n;
        double variance = sum_groups(node, job->groups, 1, c) / n - mean * mean;
        if (variance < 0) variance = 0;
        double inverse = 1 / sqrt(variance + DN_NORM_EPSILON);
        double scale = (double)t->w[l->gain + (size_t)c] * inverse;
        norm_row(node, NORM_MEAN)[c] = (float)mean;
        norm_row(node, NORM_INVERSE)[c] = (float)inverse;
        norm_row(node, NORM_SCALE)[c] = (float)scale;
        norm_row(node, NORM_SHIFT)[c] =
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
static void meet_backward(const batch *job, const dn_node *node) {
    dn_trainer *t = job->t;
    const dn_layer *l = node->layer;
    const double n = (double)job->n * l->out.h * l->out.w;
    float *partial = t->group_memory[0] + t->partial;
    for (int c = 0; c < l->out.c; c++) {
        const double sum = sum_groups(node, job->groups, 0, c);
        const double product = sum_groups(node, job->groups, 1, c);
        const double inverse = (double)norm_row(node, NORM_INVERSE)[c];
        const double mean = (double)norm_row(node, NORM_MEAN)[c];
        const double a = (double)t->w[l->gain + (size_t)c] * inverse;
        const double b = -a * inverse * product / n;
        norm_row(node, NORM_A)[c] = (float)a;
        norm_row(node, NORM_B)[c] = (float)b;
        norm_row(node, NORM_E)[c] = (float)(-a * sum / n - b * mean);
        /* The first group's share stands for all; the others' stays zero. */
        partial[l->bias + (size_t)c] = (float)sum;
        partial[l->gain + (size_t)c] = (float)product;
    }
}

void dn_gradient(dn_trainer *t, dn_threads *threads, const dn_image *images,
                 const int32_t *classes, const uint32_t *keys, int n,
                 dn_metrics *metrics) {
    batch job = {t,  threads, images, classes, keys, n, (n + DN_LANES - 1) / DN_LANES,
                 -1, 0};
    const int limit = dn_thread_memory(t, threads);
    dn_threads_run(threads, limit, run_group, &job, job.groups);
    for (int i = 0; i < t->spec.n; i++) {
        if (!t->spec.layers[i].norm) continue;
        meet_forward(&job, &t->nodes[i]);
        job.at = i;
        dn_threads_run(threads, limit, run_group, &job, job.groups);
    }
    job.backward = 1;
    for (int i = t->spec.n - 1; i >= 0; i--) {
        if (!t->spec.layers[i].norm) continue;
        meet_backward(&job, &t->nodes[i]);
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
