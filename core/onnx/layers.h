/* layers.h - what an ONNX file has come to: layers, on their way to model bytes. */
#ifndef DN_ONNX_LAYERS_H
#define DN_ONNX_LAYERS_H

#include "../dn.h"
#include "../spec.h"
#include "budget.h"
#include "net.h"
#include "work.h"

#define ONNX_BYTE (1 / 255.0) /* the deviation that makes 0..255 of 0..1 */

/* What the file's input is taken to be, for pixels of 0..1. */
typedef enum onnx_range {
    RANGE_SAID,  /* mean and std were given */
    RANGE_OURS,  /* 0..1, of a file that we wrote */
    RANGE_OPEN,  /* 0..1, as nothing says another */
    RANGE_BYTES, /* 0..255, of uint8 */
    RANGE_SCALED /* 0..255, since the file scales it down itself */
} onnx_range;

/* See dn.h. */
struct dn_onnx {
    onnx_budget budget; /* its heap is where this came from, and model bytes do; */
    dn_heap heap;       /* of the budget: where all else comes from */
    onnx_step layers[DN_MAX_LAYERS + 1];      /* the last is the output: DENSE */
    int from[DN_MAX_LAYERS + 1][DN_MAX_FROM]; /* what each of them reads, as many as its
                                                 n: layers from 1; 0: the image */
    int n;
    double mean, std; /* of the pixels */
    onnx_range range;
    double given_std;     /* of dn_onnx_info */
    double *means, *stds; /* [channels] what the first layer gets of each channel's pixels
                             x: (x − mean) / std, of either sign */
    int channels;
    int each_value; /* the file then scales each value by itself: a picture of means */
    dn_spec spec;
    float *weights, *stats; /* all numbers, as dn_content has them; NULL: they are in
                               layers (own.h) */
    char producer[96];
    char *classes; /* NULL for none */
    size_t classes_size;
    int64_t opset;
    int picture; /* dn_onnx_picture's */
};

/* dn_onnx_of_bytes - whether each channel has a mean or a deviation of pixels of 0..255:
 * no image of 0..1 has such a one. fold_scale.c. */
int dn_onnx_of_bytes(const double *mean, const double *std, int channels);

/* dn_onnx_doubt_of - what may be wrong with what the first layer gets of pixels. */
dn_onnx_doubt dn_onnx_doubt_of(const dn_onnx *net);

/* dn_onnx_layers_of - the steps of a folded network become layers, notation and spec; the
 * numbers move from there. DN_OK; DN_ERROR and a sentence that names the step that no
 * layer is; or DN_NOMEM. */
int dn_onnx_layers_of(dn_onnx *out, onnx_net *net, onnx_work *work, char *error,
                      size_t error_size);

#endif
