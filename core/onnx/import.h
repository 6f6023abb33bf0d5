/* import.h - walking through an ONNX graph: what import.c, which knows the operators
 * of a network, and constants.c, which knows those of constants, share. */
#ifndef DN_ONNX_IMPORT_H
#define DN_ONNX_IMPORT_H

#include "onnx.h"
#include "layers.h"

/* Ownership of lists: a function that gives numbers by `float **out` sets *out to a new
 * list if it returns DN_OK, and to NULL otherwise. The list is the caller's, who frees it
 * once; so dn_floats_release of *out is right whatever the status is. Functions that take
 * a list only read it or change it in place; none frees or keeps it. Names and raw data
 * are bytes of the file, and nobody's to free. */

/* A constant by its name: an initializer, a Constant, or what was computed of these.
 *
 *     element (i, j, …) is number i·strides[0] + j·strides[1] + … of the tensor */
typedef struct onnx_constant {
    pb_bytes name;
    onnx_tensor tensor;
    int rank;
    int64_t dims[ONNX_MAX_RANK], strides[ONNX_MAX_RANK];
    int is_ints; /* a few integers: shapes, axes; then tensor is not used */
    int n_ints;
    int64_t ints[ONNX_MAX_RANK]; /* ONNX_UNKNOWN for the number of images in a batch */
} onnx_constant;

typedef struct onnx_import {
    onnx_file file;
    dn_onnx *net;
    dn_shape given;        /* h = 0: none */
    const onnx_node *node; /* the one that is read */
    onnx_constant *constants;
    int n_constants;
    uint64_t weights; /* of all layers so far */

    /* What the node before gave: the images' values on their way through the network. */
    pb_bytes current; /* its name */
    int64_t batch;    /* images that the file was written for, or ONNX_UNKNOWN */
    int rank;         /* of one image's: 1 flat, 3 maps; at first also 2 */
    int64_t dims[3];
    dn_shape maps;  /* once a layer or a Transpose told which is which; else h is 0 */
    int hwc;        /* then: they lie in the order [h][w][c], else [c][h][w] */
    int image_rank; /* before that: the last rank and dims that were not flat */
    int64_t image[3];

    int open;     /* layer that waits for its Relu; −1: none */
    int pooled;   /* and a max pooling came since */
    int positive; /* a Relu came by: no value is below 0 */
    int finished; /* so did the Softmax */
} onnx_import;

/* dn_onnx_fail - "Conv 'conv1' (node 3): " and a sentence. Returns DN_ERROR. */
int dn_onnx_fail(onnx_import *im, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* dn_onnx_node_name - "'conv1' (node 3)", or "node 3" for one without a name. */
void dn_onnx_node_name(char *out, size_t size, const onnx_node *node);

/* dn_onnx_attribute - an attribute of the node; NULL if it is not there, or of another
 * type. */
const onnx_attribute *dn_onnx_attribute(const onnx_node *node, const char *name,
                                        int type);
int64_t dn_onnx_int(const onnx_node *node, const char *name, int64_t otherwise);

/* dn_onnx_input - input i's name; size 0 if there is none. */
pb_bytes dn_onnx_input(const onnx_node *node, int i);

/* dn_onnx_constant_at - input i of the node as a constant; NULL if it is none. */
onnx_constant *dn_onnx_constant_at(const onnx_import *im, int i);

/* dn_onnx_initializers - the file's tensors become the first constants, and there is room
 * for one more a node. DN_OK, DN_ERROR or DN_NOMEM. */
int dn_onnx_initializers(onnx_import *im);

/* dn_onnx_constant_node - a node that computes a constant. */
int dn_onnx_constant_node(onnx_import *im);

/* dn_onnx_constant_ints - a list of integers that is the node's input i, or before it
 * became one, its attribute `name`. NULL if there is neither. */
const int64_t *dn_onnx_constant_ints(const onnx_import *im, int i, const char *name,
                                     int *n);

/* dn_onnx_constant_read - all elements, in order: finite floats. A new list (see above).
 * DN_OK, DN_ERROR or DN_NOMEM. */
int dn_onnx_constant_read(onnx_import *im, const onnx_constant *c, float **out);

uint64_t dn_onnx_constant_size(const onnx_constant *c);

/* dn_onnx_shape_node - Shape of the images: a constant. */
int dn_onnx_shape_node(onnx_import *im);

/* dn_onnx_real - attribute f. */
double dn_onnx_real(const onnx_node *node, const char *name, double otherwise);

/* --- dimensions: op_shape.c --------------------------------------------------------- */

int64_t dn_onnx_values(const onnx_import *im); /* of one image */

/* dn_onnx_either_way - whether [c][h][w] and [h][w][c] are the same order. */
int dn_onnx_either_way(const onnx_import *im);

/* dn_onnx_need_maps, dn_onnx_need_flat - the node reads maps [c][h][w], or a vector:
 * DN_OK, and what the image is has been decided if it was not; or DN_ERROR. */
int dn_onnx_need_maps(onnx_import *im);
int dn_onnx_need_flat(onnx_import *im);

/* dn_onnx_maps_set - the values are maps of another size now. DN_OK. */
int dn_onnx_maps_set(onnx_import *im, int h, int w, int c);

/* dn_onnx_channel_axis - which of an image's dimensions has the channels. */
int dn_onnx_channel_axis(const onnx_import *im);

/* --- layers: add_layer.c, op_dense.c, op_affine.c ----------------------------------- */

int dn_onnx_add_layer(onnx_import *im, dn_kind kind, onnx_layer **out);

/* dn_onnx_add_linear - a convolution or fully connected layer with room for its numbers,
 * which then waits for its Relu. DN_OK, DN_ERROR or DN_NOMEM. */
int dn_onnx_add_linear(onnx_import *im, dn_kind kind, int64_t out, uint64_t reads,
                       onnx_layer **layer);

/* dn_onnx_need_relu - DN_ERROR if a layer still waits for its Relu. */
int dn_onnx_need_relu(onnx_import *im);

/* dn_onnx_per_channel - input i as one number a channel, [maps.c]: a new list (see
 * above). It may have one for all of them; else it is laid along the values as numpy does
 * it, which must come out as one a channel. plain: it is a vector, whatever the
 * dimensions of what is read.
 * DN_OK, DN_ERROR or DN_NOMEM. */
int dn_onnx_per_channel(onnx_import *im, int i, int plain, float **out);

/* dn_onnx_one_number - input i, a constant whose numbers are all the same one. *out is
 * set if it returns DN_OK. */
int dn_onnx_one_number(onnx_import *im, int i, double *out);

/* --- operators on the values: DN_OK, DN_ERROR or DN_NOMEM --------------------------- */

int dn_onnx_op_arithmetic(onnx_import *im);
int dn_onnx_op_cast(onnx_import *im);
int dn_onnx_op_conv(onnx_import *im);
int dn_onnx_op_dropout(onnx_import *im);
int dn_onnx_op_flatten(onnx_import *im);
int dn_onnx_op_gemm(onnx_import *im);
int dn_onnx_op_matmul(onnx_import *im);
int dn_onnx_op_norm(onnx_import *im);
int dn_onnx_op_pad(onnx_import *im);
int dn_onnx_op_pool(onnx_import *im);
int dn_onnx_op_pool_all(onnx_import *im);
int dn_onnx_op_reduce(onnx_import *im);
int dn_onnx_op_relu(onnx_import *im);
int dn_onnx_op_reshape(onnx_import *im);
int dn_onnx_op_same(onnx_import *im);
int dn_onnx_op_softmax(onnx_import *im);
int dn_onnx_op_squeeze(onnx_import *im);
int dn_onnx_op_transpose(onnx_import *im);

#endif
