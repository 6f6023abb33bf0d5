/* update.c - fresh weights, the learning rate, and the optimizer's step. See train.h. */
#include <math.h>
#include <string.h>
#include "fmath.h"
#include "rng.h"
#include "train.h"

static const float adam_epsilon = 1e-8f;

void dn_initialise(dn_trainer *t) {
    for (int i = 0; i < t->spec.n; i++) {
        const dn_layer *l = &t->spec.layers[i];
        const uint64_t key = rng_key(rng_key(t->options.seed, RNG_INIT), (uint64_t)i);
        const int dense = l->kind == DN_DENSE;
        if (!dense && l->kind != DN_CONV) continue;
        const int reads = l->in.c * (dense ? l->in.h * l->in.w : l->kh * l->kw);
        const float bound = sqrtf(1.0f / (float)reads);
        float *w = t->w + l->w;
        uint64_t drawn = 0;
        /* Conv [out][reads], dense [reads][ld]: drawn in the order they lie. */
        const int rows = dense ? reads : l->out.c, columns = dense ? l->out.c : reads;
        const ptrdiff_t row = dense ? l->ld : reads;
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                w[r * row + c] = (2.0f * rng_unit(key, drawn++) - 1.0f) * bound;
        for (int o = 0; o < l->out.c && l->norm; o++) {
            t->w[l->gain + (size_t)o] = 1.0f;
            t->stats[l->stat + (size_t)(l->out.c + o)] = 1.0f;
        }
    }
    memcpy(t->average, t->w, t->spec.total * sizeof *t->w);
}

/* --- the learning rate ---------------------------------------------------------------- */

double dn_rate(const dn_options *o, int64_t step, int64_t steps) {
    const double t = step < steps ? ((double)step + 0.5) / (double)steps : 1;
    if (t < o->warmup) {
        const double part = t / o->warmup;
        if (o->schedule != DN_ONECYCLE) return o->rate * part;
        const double lowest = 1.0 / 25;
        return o->rate * (lowest + (1 - lowest) * 0.5 * (1 - dn_cos(DN_PI * part)));
    }
    if (o->schedule == DN_CONSTANT) return o->rate;
    const double part = o->warmup < 1 ? (t - o->warmup) / (1 - o->warmup) : 1;
    const double height = 1 + dn_cos(DN_PI * part);
    return height > 0 ? o->rate * 0.5 * height : 0; /* cos π comes out below −1 */
}

/* The share of an average that is kept: a young one forgets its beginning faster. */
static double average_decay(double decay, int64_t step) {
    const double young = ((double)step + 1) / ((double)step + 10);
    return decay < young ? decay : young;
}

dn_update dn_update_begin(const dn_trainer *t) {
    const dn_options *o = &t->options;
    const double rate = dn_rate(o, t->step, t->steps), steps = (double)t->step + 1;
    dn_update u = {.optimizer = o->optimizer,
                   .rate = (float)rate,
                   .decay = (float)(1 - rate * o->weight_decay),
                   .momentum = (float)o->momentum,
                   .beta2 = (float)o->beta2,
                   .ema = (float)average_decay(o->ema, t->step)};
    if (o->optimizer == DN_ADAMW) {
        double first = o->momentum > 0 ? 1 - dn_power(o->momentum, steps) : 1;
        double second = o->beta2 > 0 ? 1 - dn_power(o->beta2, steps) : 1;
        u.rate = (float)(rate * sqrt(second) / first);
        u.epsilon = (float)((double)adam_epsilon * sqrt(second));
    }
    return u;
}

/* --- the update -------------------------------------------------------------------------- */

typedef struct update_job {
    dn_trainer *t;
    int groups; /* in this batch */
    int update; /* 0: gradients only */
    dn_update step;
} update_job;

/* The gradient of a block, complete, and then its weights. */
static void update_task(void *context, int task, int thread) {
    update_job *job = context;
    dn_trainer *t = job->t;
    const dn_block *block = &t->blocks[task];
    dn_update step = job->step;
    size_t at = block->first, n = block->count;
    (void)thread;
    if (block->node >= 0) {
        const dn_node *node = &t->nodes[block->node];
        const dn_layer *l = node->layer;
        const dn_place *x = node->source < 0 ? &t->input : &t->nodes[node->source].y;
        t->kernels->dense_wgrad(t->gradient + l->w,
                                t->group_memory + x->at + x->maps.origin,
                                (ptrdiff_t)t->group_size, node->dyt, job->groups,
                                (int)block->first, (int)block->count, l->ld);
        at = l->w + block->first * (size_t)l->ld;
        n = block->count * (size_t)l->ld;
    } else {
        if (at >= t->spec.conv) step.decay = 1.0f;
        memcpy(t->gradient + at, t->partial + at, n * sizeof(float));
        for (int g = 1; g < job->groups; g++)
            t->kernels->add(t->gradient + at, t->partial + (size_t)g * t->spec.small + at,
                            n);
    }
    if (job->update)
        t->kernels->update(t->w + at, t->m + at, t->v + at, t->average + at,
                           t->gradient + at, n, &step);
}

void dn_update_weights(dn_trainer *t, dn_threads *threads, int groups, int update) {
    update_job job = {t, groups, update, dn_update_begin(t)};
    dn_threads_run(threads, DN_MAX_THREADS, update_task, &job, t->block_count);
}

static void pack_task(void *context, int task, int thread) {
    dn_trainer *t = context;
    const dn_node *node = &t->nodes[task / 2];
    const dn_layer *l = node->layer;
    (void)thread;
    if (task % 2 == 0 && node->forward) dn_pack_forward(node->forward, t->w + l->w, l);
    if (task % 2 == 1 && node->backward) dn_pack_backward(node->backward, t->w + l->w, l);
}

void dn_pack_weights(dn_trainer *t, dn_threads *threads) {
    dn_threads_run(threads, DN_MAX_THREADS, pack_task, t, 2 * t->spec.n);
}
