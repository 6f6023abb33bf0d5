/* trainer.h - what a trainer consists of. Only trainer.c, step.c, optimizer.c and their
 * like, and the tests that look at gradients, see inside.
 *
 * A batch is cut into groups of 16 images, the lanes of the batch layout. One group goes
 * through the network on one thread, forward and back, so its maps stay in that core's
 * cache; groups meet only where batch normalisation needs the sums of all of them, and
 * when their gradients are added up: always in the order of the groups, whoever computed
 * them. So neither the number of threads nor chance shows in the result. */
#ifndef DN_TRAIN_H
#define DN_TRAIN_H

#include "dn.h"
#include "kernels.h"
#include "model.h"
#include "spec.h"
#include "threads.h"
#include "walk.h"

/* Part of the parameters that is updated by one task. */
typedef struct dn_block {
    int node; /* of the walk: its weights' rows; −1: of what is before small */
    size_t first, count; /* rows, or parameters */
} dn_block;

struct dn_trainer {
    dn_heap heap;   /* it came from */
    dn_watch watch; /* the host's, asked in what takes long beside steps */
    dn_spec spec;
    dn_options options;
    dn_label *labels;
    char *label_text;
    float mean, std, inverse;
    float table[256]; /* uint8 pixel → input */
    const dn_kernels *kernels;
    int64_t step, steps; /* done; in the whole run */

    /* Parameter vectors of spec.total floats, and the statistics of batch norm. */
    float *w, *m, *v, *average, *gradient;
    float *stats;

    dn_walk walk;
    /* Of each layer, by its number; NULL where it has no use for it: */
    float **weights;       /* packed, or where they lie in w */
    float **backward;      /* packed for the gradient of its inputs */
    float **bias;          /* in w */
    float **kept_gradient; /* of the whole batch: see dn_lesson */
    dn_norm *norms;

    int groups;         /* of the largest batch there is */
    uint64_t partial;   /* in a group's memory, behind what the walk keeps: its gradients,
                           [spec.small] */
    uint64_t work_size; /* of a thread: the walk's, or more for distorting images */
    float **group_memory; /* [groups]: no heap has them all in one block */
    float *thread_memory[DN_MAX_THREADS];
    dn_block *blocks;
    int block_count;
    /* Teachers see the images as the network does. */
    const dn_model *teachers[DN_MAX_TEACHERS]; /* the caller's */
    dn_walk *teacher_walks;                    /* one after the other in teacher_memory */
    int teacher_count;
    float *teacher_memory[DN_MAX_THREADS];
    float *logits; /* [groups][classes][16]: what they say */

    float *losses; /* [groups][16] */
    int32_t *hits; /* [groups][16] */
};

/* dn_gradient - the first part of a step: t->gradient = dLoss/dw of the mean loss over
 * the batch (with label smoothing; without weight decay), metrics added to. */
void dn_gradient(dn_trainer *t, dn_threads *threads, const dn_image *images,
                 const int32_t *classes, const uint32_t *keys, int n,
                 dn_metrics *metrics);

/* dn_ask_teachers - what the step's teachers say of the 16 images in x, which is as the
 * network sees them: logits [classes][16], of the step's one teacher or, with
 * teacher_mean, of the mean of all. See dn_trainer_teach.
 *
 *   classes  [16] the true ones; −1: none
 *   thread   whose memory it uses */
void dn_ask_teachers(dn_trainer *t, float *logits, const dn_view *x,
                     const int32_t *classes, int thread, dn_ask *ask);

/* dn_is_distorted - whether the images are changed at random before a step. */
static inline int dn_is_distorted(const dn_options *o) {
    return o->augment > 0 || o->flip > 0 || o->blank > 0;
}

/* dn_update_begin - constants of the step that comes next; dn_rate - its learning
 * rate. */
dn_update dn_update_begin(const dn_trainer *t);
double dn_rate(const dn_options *o, int64_t step, int64_t steps);

/* dn_check_shape - DN_OK if a model of this shape takes the trainer's images, else
 * DN_ERROR and "it takes images of 28x28x1; these have 32x32x3". */
int dn_check_shape(const dn_trainer *t, dn_shape shape, char *error, size_t error_size);

/* dn_initialise - fresh weights, by He et al. (2015), even in ±√(6 / ((1 + a²)·inputs))
 * with a = √5, as PyTorch's layers do: ±√(1/inputs). With a = 0 the first epochs are
 * noisier:
 * trained on 54,000 images of MNIST for one epoch, '24C5v-MP2-32C3v-MP2-256N' had 98.67 %
 * of the other 6,000 right (mean of 30 seeds), with this 98.77 %. Gammas 1, biases 0,
 * variances 1. */
void dn_initialise(dn_trainer *t, dn_ask *ask);

/* dn_pack_weights - the packed copies of all convolutions' weights. */
void dn_pack_weights(dn_trainer *t, dn_threads *threads);

/* dn_update_weights - the second part: all blocks through the optimizer. */
void dn_update_weights(dn_trainer *t, dn_threads *threads, int groups, int update);

/* dn_thread_memory - how many threads have working memory, after giving it to those that
 * have none yet; at least 1. */
int dn_thread_memory(dn_trainer *t, dn_threads *threads);

#endif
