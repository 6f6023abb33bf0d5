/* kind.h - what the rest of core knows about a kind of layer: one struct, with a function
 * for each thing in which kinds differ. core/README.md says how to add one.
 *
 *     const dn_layer_kind *kind = dn_kind_of(layer);
 *     if (kind->packed_size) kind->pack_single(packed, weights, layer);
 *
 * A function that is not there (NULL) means that the kind has no use for it. Nothing here
 * allocates; only parse can fail. */
#ifndef DN_LAYERS_KIND_H
#define DN_LAYERS_KIND_H

#include "../int8.h"
#include "../kernels.h"
#include "../layout.h"
#include "../spec.h"
#include "../threads.h"
#include "../watch.h"
#include "notation.h"

#define DN_LAYER_TEXT  96
#define DN_MOST_GROUPS 4 /* that go through a layer together */

/* What a layer reads: maps, a vector (all values of the maps before it, in the order
 * [c][h][w]; what follows has no maps any more), or either. */
typedef enum dn_reads { DN_READS_MAPS, DN_READS_VECTOR, DN_READS_ANY } dn_reads;

/* A layer as a node of an ONNX graph. */
typedef struct dn_onnx_word {
    const char *op;     /* "Conv"; NULL: batch norm alone */
    int group;          /* maps are read in so many groups; 0: in one */
    int window;         /* it has the attributes kernel_shape, strides and pads */
    int zeros;          /* of a mean: what is beyond the maps counts as zeros */
    const char *scalar; /* name of a constant input "ratio", or NULL, … */
    float value;        /* … and what it is */
    int dims[4], rank;  /* shape of its weights, outputs first */
} dn_onnx_word;

/* A layer at work: on a group of 16 images in batch layout, or on one in single
 * layout. */
typedef struct dn_call {
    const dn_kernels *kernels;
    const dn_layer *layer;
    const dn_layer *pool; /* max pooling to be computed with it; NULL: none */
    const float *weights; /* packed for what is called; NULL if the kind has none */
    const float *bias;    /* [out rounded up to 16]; backward: [in …] zeros */
    int relu;             /* max(0, ·) is to be done at its end */
    int32_t *argmax;      /* where leaves_argmax: [c][h][w][16]; NULL: not wanted */
    const dn_int8_kernels *int8_kernels; /* of a layer in 8 bits … */
    const dn_int8 *int8;                 /* … its numbers, in place of weights … */
    const uint8_t *pixels;               /* … and [in.h][in.w][in.c], in place of x */
    float *work; /* floats: work_size, or for one image single_work */
    dn_ask *ask; /* dn_go_on before each piece of work */
    const dn_crew
        *crew; /* who may help; their work lies `scratch` floats on. NULL: none */
    uint64_t scratch;
    const dn_view *x; /* all that it reads: [layer->froms] */
    int from;         /* on the way back: whose gradient is wanted, of those … */
    int adds;         /* … and it is to be added to what is in dx: joins alone */
    int groups;       /* forward, where together: so many at once, whose views … */
    ptrdiff_t apart;  /* … lie so many floats apart; else 1 and 0 */
    /* Training: */
    float *sums;    /* norm_sums of the result, which a kind that sums adds; or NULL */
    uint64_t noise; /* key of the layer's random stream in this step */
    int group;      /* of the batch */
} dn_call;

typedef struct dn_layer_kind {
    /* --- notation --- */

    const char *notation; /* "nCk", for messages; of a join what it does: "adds" */
    dn_reads reads;

    /* parse - reads a layer that may be of this kind: into out.c, kh, kw, stride, valid,
     * norm, drop, and last the activation. l->in is set.
     *
     *   n  the number that stands before and is read already; −1 if there is none
     *
     * DN_OK; DN_ERROR and a sentence; DN_NOT_MINE with p->at where it was. NULL: the
     * kind is a join, which spec.c reads behind a group. */
    int (*parse)(dn_parser *p, dn_layer *l, int n);

    /* join - of a kind that reads several layers: what shape does for others, from the
     * shapes in[froms] of all of them. NULL, or why they do not fit. */
    const char *(*join)(dn_layer *l, const dn_shape *in);

    /* print - the notation of a layer, in DN_LAYER_TEXT bytes. */
    void (*print)(char *text, size_t size, const dn_layer *l);

    /* shape - from what parse read: out, padding, and the form of its weights (rows,
     * columns, ld, outputs_first). An out of h or w 0: the maps are too small. */
    void (*shape)(dn_layer *l);

    /* cost - multiply-adds of one image; where nothing is multiplied, values looked
     * at. */
    int64_t (*cost)(const dn_layer *l);

    /* single_cost, explain_cost - work as limits count it (cost.h): of one image in
     * single layout; of 16 in batch layout, forward and back to the inputs. NULL:
     * none. */
    uint64_t (*single_cost)(const dn_layer *l);
    uint64_t (*explain_cost)(const dn_layer *l);

    void (*onnx)(dn_onnx_word *out, const dn_layer *l);

    /* --- packed weights ---
     * packed_size floats each: for batches, for the gradient of the inputs of a batch,
     * for one image. NULL: they are used as they lie. unpack_forward gives the weights
     * back, up to rounding. */

    uint64_t (*packed_size)(const dn_layer *l);
    void (*pack_forward)(float *packed, const float *w, const dn_layer *l);
    void (*pack_backward)(float *packed, const float *w, const dn_layer *l);
    void (*pack_single)(float *packed, const float *w, const dn_layer *l);
    void (*unpack_forward)(float *w, const float *packed, const dn_layer *l);

    /* Or its weights are in blocks of 16 outputs (dn_pack_blocks), in a model and in
     * training, for all that is done with them. */
    int blocks;

    /* --- running, batch layout (layout.h); all views are the caller's, none overlap - */

    int trains_only;   /* it does nothing at prediction, and in training works in place:
                          the views of forward and of backward are the same */
    int starts_as_one; /* fresh weights are ones */
    int leaves_argmax; /* forward leaves call->argmax, and backward reads them */

    int together; /* forward takes several groups at once, to read weights once */

    /* fuses - whether forward can compute the next layer with this one, as call->pool. */
    int (*fuses)(const dn_layer *l, const dn_layer *next);

    /* work_size - floats of working memory, also for backward. pool: NULL for none. */
    uint64_t (*work_size)(const dn_layer *l, const dn_layer *pool);

    void (*forward)(const dn_call *call, const dn_view *y, const dn_view *x);

    int sums; /* forward adds to call->sums, while rows of y are in the cache */

    /* gradient - how the gradient of its result must lie; NULL: as maps without
     * margin. */
    dn_maps (*gradient)(const dn_layer *l);

    /* backward - the gradient dx of its input call->from, written; from dz, that of its
     * result before the activation. */
    void (*backward)(const dn_call *call, const dn_view *dx, const dn_view *dz);

    /* weight_gradient - dw, the gradient of its weights, written; of this group alone. */
    void (*weight_gradient)(const dn_call *call, float *dw, const dn_view *dz);

    /* maps_at_once - so many maps of dz may be all that weight_gradient is given, if dw
     * begins with theirs: then they are still in the cache. 0, or NULL: it wants all. */
    int (*maps_at_once)(const dn_layer *l);

    /* In place of it, where that is faster: keep_gradient leaves what batch_gradient will
     * need of each group, 16·ld floats; that makes rows first … first+count-1 of dw.
     *
     *   dw    [rows][ld] written
     *   x     group g's inputs at x[g] + at
     *   kept  [groups·16][ld] */
    void (*keep_gradient)(const dn_call *call, float *kept, const dn_view *dz);
    void (*batch_gradient)(const dn_kernels *kernels, const dn_layer *l, float *dw,
                           float *const *x, size_t at, const float *kept, int groups,
                           int first, int count);

    /* --- running, single layout: forward alone --- */

    uint64_t (*single_work)(const dn_layer *l);
    void (*single)(const dn_call *call, const dn_view *y, const dn_view *x);
} dn_layer_kind;

/* The table, by a layer's kind; and its entries (list.h). */
extern const dn_layer_kind *const dn_layer_kinds[DN_KINDS];

#define DN_DECLARE_KIND(number, name) extern const dn_layer_kind name;
DN_LAYER_KINDS(DN_DECLARE_KIND)
#undef DN_DECLARE_KIND

static inline const dn_layer_kind *dn_kind_of(const dn_layer *l) {
    return dn_layer_kinds[l->kind];
}

/* dn_values - values in maps of a shape. */
static inline int64_t dn_values(dn_shape s) { return (int64_t)s.c * s.h * s.w; }

#endif
