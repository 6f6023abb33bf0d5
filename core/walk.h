/* walk.h - the one way through the layers of a network, forward and back, for all who go
 * it: prediction of one image and of many, saliency, training.
 *
 *     dn_walk walk;
 *     dn_walk_plan(&walk, &spec, DN_WALK_BATCH);         // DN_OK
 *     float *memory = dn_floats(&heap, dn_walk_size(&walk));
 *     dn_pass pass = {.walk = &walk, .kernels = kernels, .groups = 1, .kept = memory,
 *                     .work = memory + walk.kept_size, .weights = weights, .bias = bias,
 *                     .ask = {.watch = watch, .pace = kernels->pace}};
 *     dn_view x = dn_pass_input(&pass);       // images go here
 *     dn_pass_forward(&pass, -1);
 *     dn_view z = dn_pass_output(&pass);      // the logits
 *     …
 *     dn_walk_clear(&walk);
 *
 * A plan lists the layers as nodes in an order in which each comes after those it reads,
 * and gives every buffer its place in two arenas of zeros: "kept" lives from the forward
 * to the backward pass of a group, "work" is working memory of a thread. A pass is one
 * group of 16 images (or one image) on its way. What a layer does is its kind's matter
 * (layers/).
 *
 * Batch normalisation needs the sums of all groups of a batch before a group can go on.
 * So in training a pass ends at each normalised layer, in both directions: a barrier.
 *
 *     image → … → z of node 2 | y of 2 → … → z of 5 | y of 5 → … → loss → … → dy of 5 |
 *     dz of 5 → … → dy of 2 | dz of 2 → … → first node */
#ifndef DN_WALK_H
#define DN_WALK_H

#include "int8.h"
#include "kernels.h"
#include "layout.h"
#include "spec.h"
#include "threads.h"
#include "watch.h"

typedef enum dn_purpose {
    DN_WALK_SINGLE,  /* forward, one image in single layout */
    DN_WALK_BATCH,   /* forward, nothing kept; poolings with their convolutions */
    DN_WALK_EXPLAIN, /* forward, and back to the image */
    DN_WALK_TRAIN    /* forward with dropout and batch norm, and back to the weights */
} dn_purpose;

/* A buffer in an arena, by its place there; `maps` says how it is laid out. */
typedef struct dn_place {
    uint64_t at; /* in floats */
    dn_maps maps;
} dn_place;

/* A layer on the walk. */
typedef struct dn_node {
    const dn_layer *layer;
    const dn_layer *pool;     /* the max pooling computed with it, or NULL */
    int number;               /* of the layer in the spec */
    int sources[DN_MAX_FROM]; /* nodes whose y it reads; −1: the image. As layer->from,
                                 but for layers that are no nodes */
    int in_place;             /* its y is that of its source */
    int until;                /* the last node that reads its y; n: it is the result */
    dn_margin margin;         /* what its readers need around its y */
    dn_place x; /* kept: a copy of its input as a vector, where its source has
                             a margin. size 0: none */
    int norm;   /* a barrier stands between its z and its y */
    int curved; /* its y is a curve of z, other than max(0, ·) */
    dn_place y; /* kept: result, after the pool */
    dn_place z; /* kept: with norm, what is normalised; else, where the way back
                             needs it, what the curve is of. size 0: y's place */
    /* On the way back: */
    int learns;      /* the gradient of its y is wanted */
    int chained;     /* … and the next node alone gives it, in pass->dy */
    int adds;        /* bit i: to input i's gradient there is another already */
    dn_place dy;     /* kept: that gradient, with norm or unless chained */
    dn_place dz;     /* work: gradient of z, or of the result before its
                             activation. size 0: takes dy's place */
    uint64_t argmax; /* kept: where max pooling's maxima were, int32 */
} dn_node;

typedef struct dn_walk {
    dn_purpose purpose;
    dn_heap heap; /* nodes came from */
    int n;
    dn_node *nodes; /* [n] */
    int shares; /* buffers take the places of those that are read no more: so each has its
                   margin made zero before it is written */
    dn_node image;                 /* what is before them all: y, where the images are;
                                      margin, learns, chained and dy are as a node's */
    uint64_t kept_size, work_size; /* of the arenas, in floats; multiples of 16 */
    /* In work: */
    uint64_t ping, pong;  /* gradients between layers, by turns */
    uint64_t raw, packed; /* weights as they are, and for the way back */
    uint64_t zeros;       /* a bias of nothing */
    uint64_t sums;        /* norm_sums' of one normalised layer */
    uint64_t scratch;     /* the layers' working memory, up to the end */
} dn_walk;

/* dn_walk_plan - for a network; walk points into spec. Whatever was in it is overwritten.
 * DN_OK, or DN_NOMEM. Free with dn_walk_clear, which takes zeros too. */
int dn_walk_plan(dn_walk *walk, const dn_spec *spec, dn_purpose purpose);
void dn_walk_clear(dn_walk *walk);

/* dn_walk_size - floats of both arenas, work behind kept. */
static inline uint64_t dn_walk_size(const dn_walk *walk) {
    return walk->kept_size + walk->work_size;
}

/* dn_walk_before - the node that node i reads as its input k, which may be walk->image;
 * dn_walk_source - where that input lies. */
const dn_node *dn_walk_before(const dn_walk *walk, int i, int k);
const dn_place *dn_walk_source(const dn_walk *walk, int i, int k);

/* dn_walk_gives - whether node i has the gradient of an input to find. */
int dn_walk_gives(const dn_walk *walk, int i);

/* Batch norm of a layer in training. */
typedef struct dn_norm {
    float *rows; /* [DN_NORM_ROWS][c]: what a barrier leaves for the groups */
    float *sums; /* [groups][2·c]: what the groups leave for a barrier */
} dn_norm;

enum {
    DN_NORM_MEAN,
    DN_NORM_INVERSE,
    DN_NORM_SCALE, /* y = scale·z + shift */
    DN_NORM_SHIFT,
    DN_NORM_A, /* dz = a·dy + b·z + e */
    DN_NORM_B,
    DN_NORM_E,
    DN_NORM_ROWS
};

/* Training: what a pass learns. Lists are by the layer's number. */
typedef struct dn_lesson {
    int group, lanes;            /* of the batch; images in the group */
    uint64_t noise;              /* key of the step's random streams */
    float *gradient;             /* of this group: as the parameter vector, up to small */
    float *const *kept_gradient; /* batch-wide: [groups·16][ld] (kind.h) */
    const dn_norm *norms;
} dn_lesson;

/* One who looks at what each layer reads. */
typedef struct dn_probe {
    void (*see)(void *context, int number,
                const dn_view *x); /* of the layer; its first */
    void *context;
} dn_probe;

/* A group (or an image) on its way. Lists are by the layer's number. */
typedef struct dn_pass {
    const dn_walk *walk;
    const dn_kernels *kernels;
    float *kept, *work; /* the arenas; of several groups one kept after the other */
    int groups;         /* forward, without a lesson: as many as DN_MOST_GROUPS; else 1 */
    float *const *weights, *const *bias;
    float *const
        *backward; /* weights packed for the way back; NULL: unpacked on the way */
    const dn_lesson *lesson; /* NULL: nothing is learned */
    const dn_crew *crew;     /* who may help in the middle of it; NULL: nobody */
    const dn_probe *probe;   /* forward, or NULL */
    const dn_int8_kernels *int8_kernels;
    const dn_int8 *int8;   /* of layers in 8 bits; NULL: there are none */
    const uint8_t *pixels; /* in place of the image, for those; NULL: it is there */
    dn_ask ask;
    dn_view dy; /* gradient of what the node before produced */
} dn_pass;

/* dn_pass_input, dn_pass_output, dn_pass_loss - where the images go; where the logits
 * lie;
 * where the gradient of the logits goes, [classes][16]. */
dn_view dn_pass_input(const dn_pass *pass);
dn_view dn_pass_output(const dn_pass *pass);
dn_view dn_pass_loss(const dn_pass *pass);

/* dn_pass_group - the pass of one of its groups alone, to put images in and take logits
 * out; not to be run, as it does not know when to stop. */
dn_pass dn_pass_group(const dn_pass *pass, int group);

/* dn_pass_forward - from the image (at −1), or from the barrier in node `at`, to the next
 * barrier or to the logits. Returns the node of that barrier, n at the logits, or −1
 * where it was stopped on the way (pass->ask.stopped). */
int dn_pass_forward(dn_pass *pass, int at);

/* dn_pass_backward - from dn_pass_loss (at n), or from the barrier in node `at`, back to
 * the next barrier or to the end. Where that is the image, pass->dy is its gradient. If
 * it was stopped on the way, results have no meaning. */
void dn_pass_backward(dn_pass *pass, int at);

#endif
