/* layers.h - the layers found in an ONNX file, on their way to model bytes. */
#ifndef DN_ONNX_LAYERS_H
#define DN_ONNX_LAYERS_H

#include "../dn.h"
#include "../spec.h"
#include "work.h"

/* One layer. Arrays are dn_floats. */
typedef struct onnx_layer {
    dn_kind kind;
    dn_shape in;                 /* maps that it reads */
    int out;                     /* conv: maps; dense: units */
    int k, stride, valid, whole; /* whole: the mean of each map */
    int norm;
    float drop;
    size_t reads; /* conv, dense: inputs of an output */
    float *w; /* conv [out][in][k][k]; dense [in][out], inputs in the order [c][h][w] */
    float *ends;   /* [4][out]: bias, or with norm beta, gamma, mean, variance */
    char name[64]; /* of its node, for errors */
} onnx_layer;

enum { ENDS_BIAS, ENDS_GAIN, ENDS_MEAN, ENDS_VARIANCE, ENDS };

/* What an ONNX file has come to: see dn.h. */
struct dn_onnx {
    dn_heap heap; /* it came from */
    onnx_layer layers[DN_MAX_LAYERS + 1];
    int n;
    double mean, std; /* of the pixels */
    dn_shape shape;
    dn_spec spec;
    char producer[96];
    char *classes; /* NULL for none */
    size_t classes_size;
    int64_t opset;
};

/* dn_onnx_layer_linear - room for a layer's numbers: out and reads are set. Bias zeros.
 * DN_OK or DN_NOMEM. */
int dn_onnx_layer_linear(onnx_layer *l, const dn_heap *heap);

/* dn_onnx_layer_affine - y becomes a·y + b in each of its outputs [out]. */
void dn_onnx_layer_affine(onnx_layer *l, const float *a, const float *b, onnx_work *work);

/* dn_onnx_layer_norm - batch normalisation after it. numbers is [4][out], as ends is,
 * with another epsilon. */
void dn_onnx_layer_norm(onnx_layer *l, const float *numbers, double epsilon);

/* dn_onnx_layers_end - all layers are there, the output last. Finds notation and spec.
 * DN_OK, or DN_ERROR and a sentence, or DN_NOMEM. */
int dn_onnx_layers_end(dn_onnx *net, onnx_work *work, char *error, size_t error_size);

#endif
