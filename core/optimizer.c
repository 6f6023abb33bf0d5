/* optimizer.c - one step of the optimizer on all weights: see trainer.h. */
#include <math.h>
#include <string.h>
#include "fmath.h"
#include "layers/kind.h"
#include "trainer.h"

static const float adam_epsilon = 1e-8f;

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
        const dn_node *node = &t->walk.nodes[block->node];
        const dn_layer *l = node->layer;
        const dn_place *x = dn_walk_source(&t->walk, block->node, 0);
        dn_kind_of(l)->batch_gradient(t->kernels, l, t->gradient + l->w, t->group_memory,
                                      (size_t)(x->at + x->maps.origin),
                                      t->kept_gradient[node->number], job->groups,
                                      (int)block->first, (int)block->count);
        at = l->w + block->first * (size_t)l->ld;
        n = block->count * (size_t)l->ld;
    } else {
        if (at >= t->spec.conv) step.decay = 1.0f;
        memcpy(t->gradient + at, t->group_memory[0] + t->partial + at, n * sizeof(float));
        for (int g = 1; g < job->groups; g++)
            t->kernels->add(t->gradient + at, t->group_memory[g] + t->partial + at, n);
    }
    if (job->update)
        t->kernels->update(t->w + at, t->m + at, t->v + at, t->average + at,
                           t->gradient + at, n, &step);
}

void dn_update_weights(dn_trainer *t, dn_threads *threads, int groups, int update) {
    update_job job = {t, groups, update, dn_update_begin(t)};
    dn_threads_run(threads, DN_MAX_THREADS, update_task, &job, t->block_count);
}
