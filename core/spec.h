/* spec.h - a layer notation, parsed: what a network consists of, and where each of its
 * numbers lies. */
#ifndef DN_SPEC_H
#define DN_SPEC_H

#include "activation.h"
#include "dn.h"
#include "layers/list.h"

#define DN_NORM_EPSILON 1e-5 /* batch norm's, as everywhere in the field */

/* Kinds of layers: DN_CONV, DN_MAXPOOL, … */
#define DN_NUMBER_KIND(number, name) number,
typedef enum dn_kind { DN_LAYER_KINDS(DN_NUMBER_KIND) DN_KINDS } dn_kind;
#undef DN_NUMBER_KIND

#define DN_MAX_FROM 8 /* inputs of a layer */

/* One layer. Layers are in an order in which each comes after those it reads; any number
 * may read one. The output layer is the last, which none reads: dense and linear. */
typedef struct dn_layer {
    dn_kind kind;
    int from[DN_MAX_FROM]; /* the layers it reads; −1: the image */
    int froms;
    dn_shape in, out; /* of maps; a vector of n has h = w = 1, c = n. in: of the first */
    int vector;       /* its result has no maps any more */
    int kh, kw;       /* window; a convolution's is square */
    int stride;
    int stride_x;     /* of a pooling, where it is another than stride, that of rows; 0 */
    int gap_y, gap_x; /* of a max pooling, places between those of a window; 0: none */
    int valid;        /* a convolution without padding */
    int padded;       /* with the padding that was written; else, as conv pads "same": */
    int pad_y;        /* rows of zeros above its input */
    int pad_x;        /* columns of zeros to the left of it */
    int end_y, end_x; /* if padded: rows below and columns to the right of it */
    int zeros;        /* mean pooling: padding counts as zeros */
    int groups;       /* of maps that a convolution reads apart; 0: all together */
    int winograd;     /* 3×3 convolution computed as kernels/winograd.h does: forward, */
    int winograd_back;    /* and the gradient of its inputs */
    int winograd_weights; /* and that of its weights */
    int norm;             /* batch normalisation */
    int int8; /* a quantised model's: one image is computed in 8 bits (int8.h) */
    dn_activation activation;
    float alpha, beta; /* its numbers */
    float drop;        /* dropout's probability */
    /* Its weights, if it has some: rows of columns, which lie ld apart. */
    int rows, columns, ld;
    int unit;          /* they are ones, neither trained nor stored */
    int outputs_first; /* row o holds the weights of output o; 0: column o does */
    /* Where its numbers begin in the parameter vector, in floats. */
    size_t w;     /* weights: conv [out][in][k][k]; dense [in][ld] */
    size_t bias;  /* [out]; with norm, batch norm's beta */
    size_t gamma; /* [out] batch norm's gamma; only with norm */
    size_t stat;  /* its mean [out] and variance [out] in the statistics vector */
    int64_t cost; /* multiply-adds of one image; pooling: values looked at */
} dn_layer;

/* dn_layer_reads - inputs of one output of a layer with weights. */
static inline int dn_layer_reads(const dn_layer *l) {
    return l->outputs_first ? l->columns : l->rows;
}

/* The parameter vector holds all trained numbers:
 *
 *     [0, conv)        weights of convolutions          decay applies
 *     [conv, small)    biases, gammas, betas            no decay
 *     [small, total)   weights of dense layers          decay applies
 *
 * Rows of dense weights are filled up with zeros to ld: those stay zero. */
typedef struct dn_spec {
    dn_heap heap; /* layers and text came from */
    dn_shape shape;
    int classes;
    int n, room;      /* layers, the output layer counted; those there is room for */
    dn_layer *layers; /* [n] */
    size_t conv, small, total, stats;
    int64_t parameters; /* trained numbers, without the filling */
    char *text;         /* canonical notation */
    size_t text_room;
} dn_spec;

/* dn_spec_parse - reads a notation (its grammar stands atop spec.c; '' is the output
 * layer alone) for images of a shape.
 * spec: zeros, or one that was parsed before, which is cleared first. heap: NULL for the
 * C library's. DN_OK; DN_NOMEM; or DN_ERROR: "layers: …", with the place and what was
 * expected. Free with dn_spec_clear, also after an error. */
int dn_spec_parse(dn_spec *spec, const char *layers, dn_shape shape, int classes,
                  const dn_heap *heap, char *error, size_t error_size);

/* dn_spec_clear - frees what it holds; it is zeros then. */
void dn_spec_clear(dn_spec *spec);

/* dn_layer_print - layer i (from 0) as a part of a notation, from its kind, what parse
 * would have read, and from[froms]: for those who have a graph and no text, such as an
 * importer. The parts of all layers but a fully connected output layer, one after the
 * other, are a notation of the network:
 *
 *     dn_layer l = {.kind = DN_CONV, .out = {.c = 16}, .kh = 3, .kw = 3, .stride = 1,
 *                   .activation = DN_RELU, .from = {-1}, .froms = 1};
 *     dn_layer_print(text, sizeof text, &l, 0);                            // "16C3"
 *     dn_layer add = {.kind = DN_ADD, .from = {0, 1}, .froms = 2};
 *     dn_layer_print(text, sizeof text, &add, 2);                  // "-(@1|@2)+i"
 *
 * Layers come after those that they read, and each but the last is read. The spec that is
 * parsed of it has its layers in the same order, so their numbers go to layers[i].w and
 * so on. */
#define DN_PRINTED_LAYER 192 /* room that is enough for any */
void dn_layer_print(char *text, size_t size, const dn_layer *l, int i);

/* dn_same_padding - "same" padding is TensorFlow's: ⌈in/stride⌉ results, and where the
 * zeros cannot be shared evenly, the odd one goes below or to the right. Returns those
 * before. */
int dn_same_padding(int in, int k, int stride, int *out);

/* dn_stride_x - from one result's window to the next one's, along a row. */
static inline int dn_stride_x(const dn_layer *l) {
    return l->stride_x ? l->stride_x : l->stride;
}

#endif
