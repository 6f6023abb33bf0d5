/* import.h - from the nodes of an ONNX graph to a network's steps (net.h): what import.c,
 * which goes over the nodes, constants.c, which computes constants, and op_*.c, which
 * know what operators do, share.
 *
 * Names of a graph stand for constants or for values, which depend on the image. A value
 * is what a step gives, seen in a way (view.h): layers of numbers are never moved. */
#ifndef DN_ONNX_IMPORT_H
#define DN_ONNX_IMPORT_H

#include "net.h"
#include "onnx.h"
#include "view.h"

/* Ownership of lists: a function that gives numbers by `float **out` sets *out to a new
 * list if it returns DN_OK, and to NULL otherwise. The list is the caller's, who frees it
 * once; so dn_floats_release of *out is right whatever the status is. Functions that take
 * a list only read it or change it in place; none frees or keeps it, but for the two that
 * say so (dn_onnx_scale, dn_onnx_norm). Names and raw data are bytes of the file, and
 * nobody's to free. */

/* A constant by its name: an initializer, a Constant, or what was computed of these.
 *
 *     element (i, j, …) is number i·strides[0] + j·strides[1] + … of the tensor */
typedef struct onnx_constant {
    pb_bytes name;
    onnx_tensor tensor;
    float
        *computed; /* its numbers, if they are not the tensor's: freed with the import */
    int rank;
    int64_t dims[ONNX_MAX_RANK], strides[ONNX_MAX_RANK];
    int is_ints; /* a few integers: shapes, axes; then tensor and strides are not used */
    int n_ints;
    int64_t ints[ONNX_MAX_RANK]; /* ONNX_BATCH for the number of images in a batch */
} onnx_constant;

/* Among integers: the number of images. No exporter writes such a number; INT64_MIN and
 * the next are what they write for "to the very first". */
#define ONNX_BATCH (INT64_MIN + 0x0ba7c4)

typedef struct onnx_value {
    int step;
    onnx_view view;
    int image_rank; /* before the image's shape is known: the last rank and dimensions, */
    int64_t image[3]; /* without the batch, that were not flat */
} onnx_value;

typedef struct onnx_import {
    onnx_file file;
    onnx_net net;
    const onnx_node *node; /* the one that is read */
    onnx_constant *constants;
    int n_constants;
    uint64_t computed; /* numbers of all computed ones */
    onnx_value *values;
    int n_values;
    onnx_names made;           /* their names */
    const dn_onnx_given *more; /* the caller's */
    dn_shape given;            /* of it; h = 0: none */
    int64_t batch;  /* images that the file was written for, or ONNX_UNKNOWN; 1 as soon
                        as it is known to be right for one at a time only */
    int alone;      /* the input is one image, without a dimension for the batch */
    dn_shape image; /* h = 0: not known yet, and then no step was made */
    int hwc;        /* the file has it as [h][w][c], else [c][h][w] */
} onnx_import;

/* Besides DN_OK, DN_ERROR and DN_NOMEM, operators may return this: now the image's shape
 * is known; the nodes are to be gone over again. */
enum { ONNX_AGAIN = 100 };

/* dn_onnx_fail - "Conv 'conv1' (node 3): " and a sentence. Returns DN_ERROR. */
int dn_onnx_fail(onnx_import *im, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* dn_onnx_cannot - the node computes of constants what we do not. Returns DN_ERROR. */
int dn_onnx_cannot(onnx_import *im);

/* dn_onnx_node_name - "'conv1' (node 3)", or "node 3" for one without a name. */
void dn_onnx_node_name(char *out, size_t size, const onnx_node *node);

/* dn_onnx_attribute - an attribute of the node; NULL if it is not there, or of another
 * type. */
const onnx_attribute *dn_onnx_attribute(const onnx_node *node, const char *name,
                                        int type);
int64_t dn_onnx_int(const onnx_node *node, const char *name, int64_t otherwise);
double dn_onnx_real(const onnx_node *node, const char *name, double otherwise);

/* dn_onnx_check_attributes - each attribute that we read is of the type that its operator
 * has it in, and no longer list than what is kept of it: DN_OK or DN_ERROR. */
int dn_onnx_check_attributes(onnx_import *im);

/* dn_onnx_input - input i's name; size 0 if there is none. */
pb_bytes dn_onnx_input(const onnx_node *node, int i);

/* --- constants: constants.c, integers.c, compute.c, operands.c ---------------------- */

/* dn_onnx_constant_at - input i of the node as a constant; NULL if it is none. */
onnx_constant *dn_onnx_constant_at(const onnx_import *im, int i);

/* dn_onnx_constants_start - the file's tensors are the constants, and no others. There is
 * room for one more a node. DN_OK, DN_ERROR or DN_NOMEM. */
int dn_onnx_constants_start(onnx_import *im);
void dn_onnx_constants_free(onnx_import *im);

/* An operator that makes a constant: *out is first what its first input is, OF_INTS a
 * list of integers, OF_ANY any constant, or OF_NONE: it may have no input. */
typedef struct onnx_maker {
    const char *op;
    int (*run)(onnx_import *im, onnx_constant *out);
    enum { OF_ANY, OF_INTS, OF_NONE } of;
} onnx_maker;

/* dn_onnx_make - the node's constant, by the one of n operators that it is: DN_OK,
 * DN_ERROR, DN_NOMEM; −1: it is another operator. */
int dn_onnx_make(onnx_import *im, const onnx_maker *table, size_t n);

/* dn_onnx_constant_node - a node of constants that looks at them in another way: DN_OK,
 * DN_ERROR, DN_NOMEM; −1: it is another operator.
 * dn_onnx_integers_node - one that picks some of a list of integers, or makes one.
 * dn_onnx_compute - one that makes numbers of numbers, one by one (Add, Sqrt …). */
int dn_onnx_constant_node(onnx_import *im);
int dn_onnx_integers_node(onnx_import *im);
int dn_onnx_compute(onnx_import *im);

/* dn_onnx_constant_add - one more, of that name. */
void dn_onnx_constant_add(onnx_import *im, const onnx_constant *c);

/* dn_onnx_constant_strides - c's elements lie one after the other. */
void dn_onnx_constant_strides(onnx_constant *c);

/* dn_onnx_constant_ints - a list of integers that is the node's input i, or before it
 * became one, its attribute `name`. NULL if there is neither. */
const int64_t *dn_onnx_constant_ints(const onnx_import *im, int i, const char *name,
                                     int *n);

/* dn_onnx_constant_read - all elements, in order: finite floats. A new list (see above).
 * DN_OK, DN_ERROR or DN_NOMEM. */
int dn_onnx_constant_read(onnx_import *im, const onnx_constant *c, float **out);

/* dn_onnx_constant_reals - the same of one that may be of integers, too. */
int dn_onnx_constant_reals(onnx_import *im, const onnx_constant *c, float **out);

uint64_t dn_onnx_constant_size(const onnx_constant *c);

/* dn_onnx_shape_node - Shape of a value: a constant. */
int dn_onnx_shape_node(onnx_import *im, const onnx_value *v);

/* What a Slice takes, axis by axis. */
typedef struct onnx_slice {
    int n, axis[ONNX_MAX_RANK];
    int64_t start[ONNX_MAX_RANK], end[ONNX_MAX_RANK], step[ONNX_MAX_RANK];
} onnx_slice;

/* dn_onnx_slice_inputs - a Slice's inputs, of a value or constant of that rank. DN_OK or
 * DN_ERROR. */
int dn_onnx_slice_inputs(onnx_import *im, int rank, onnx_slice *out);

/* dn_onnx_sliced - how many of n a Slice takes: number *first, first + step, … */
int64_t dn_onnx_sliced(int64_t n, int64_t start, int64_t end, int64_t step,
                       int64_t *first);

/* dn_onnx_one_number - input i, a constant of one number. DN_OK and *out is set;
 * DN_ERROR, DN_NOMEM. */
int dn_onnx_one_number(onnx_import *im, int i, double *out);

/* dn_onnx_vector - input i as n numbers, or one that stands for all: a new list (see
 * above). */
int dn_onnx_vector(onnx_import *im, int i, int n, float **out);

/* dn_onnx_spread - input i, a constant, laid along a value as numpy does it, or if axis
 * is not −1, with its first dimension along that one of the value. A new list of *each
 * numbers (see above): one a channel of what the value's step gives, or if they differ
 * within a channel, one a number of it. */
int dn_onnx_spread(onnx_import *im, int i, const onnx_value *v, int axis, float **out,
                   size_t *each);

/* --- values: values.c --------------------------------------------------------------- */

/* dn_onnx_value_at - input i of the node as a value; NULL if it is none. */
const onnx_value *dn_onnx_value_at(const onnx_import *im, int i);

/* dn_onnx_first - the node's first input, which the caller knows to be a value. */
const onnx_value *dn_onnx_first(const onnx_import *im);

/* dn_onnx_give - the node's output number i is this value. DN_OK. */
int dn_onnx_give(onnx_import *im, int i, const onnx_value *v);

/* dn_onnx_give_maps - its output is what a step gives, [N, C, H, W]; _flat: [N, C]. */
int dn_onnx_give_maps(onnx_import *im, int step);
int dn_onnx_give_flat(onnx_import *im, int step);

/* dn_onnx_pin - what follows is right for a batch of one image: DN_OK, or DN_ERROR if the
 * file is for batches of another size. */
int dn_onnx_pin(onnx_import *im);

/* dn_onnx_batch_first - whether the batch is dimension 0, or could be. */
int dn_onnx_batch_first(const onnx_import *im, const onnx_view *v);

/* dn_onnx_unknown - whether v is the image, whose shape is not known yet. Then operators
 * that do something to each number for itself just pass it on. */
int dn_onnx_unknown(const onnx_import *im, const onnx_value *v);

/* dn_onnx_need_maps - the operator reads v as [N, C, H, W]: *step gives these maps.
 * dn_onnx_need_flat - it reads v as vectors, whose inputs are all numbers: DN_OK and
 * v->view says in which order. Else DN_ERROR; or ONNX_AGAIN. */
int dn_onnx_need_maps(onnx_import *im, const onnx_value *v, int *step);
int dn_onnx_need_flat(onnx_import *im, const onnx_value *v);

/* dn_onnx_axis - which of the step's axes dimension i of a value is: 'c', 'h', 'w'; 'a'
 * for the whole area, h·w; '1' for one of size 1, 0 for anything else. */
int dn_onnx_axis(const onnx_import *im, const onnx_value *v, int i);

/* dn_onnx_layout - 'c' for [N, C, H, W], 'w' for [N, H, W, C], 0 for anything else. */
int dn_onnx_layout(const onnx_import *im, const onnx_value *v);

/* --- steps: steps.c ----------------------------------------------------------------- */

/* dn_onnx_step - a step named after the node, which reads one step. *out is set if it
 * returns DN_OK; then its number is im->net.n − 1. */
int dn_onnx_step(onnx_import *im, onnx_kind kind, int input, onnx_step **out);

/* dn_onnx_linear - a CONV or DENSE of that many outputs with room for its weights, and no
 * bias. */
int dn_onnx_linear(onnx_import *im, onnx_kind kind, int input, int64_t out,
                   uint64_t reads, onnx_step **step);

/* dn_onnx_gives - a step gives c maps of h×w: DN_OK; DN_ERROR if a side or all numbers
 * are more than a layer may have. What no int holds is never a shape. */
int dn_onnx_gives(onnx_import *im, onnx_step *s, int64_t h, int64_t w, int64_t c);

/* dn_onnx_choice - a CHOICE of n channels, which *order is to say: the step's own. */
int dn_onnx_choice(onnx_import *im, int input, int64_t n, int **order);

/* dn_onnx_scale, dn_onnx_norm - a step of one list after the other, [2][each] or
 * [4][each] as ENDS_… number them. It keeps ends, and frees it in an error. */
int dn_onnx_scale(onnx_import *im, int input, float *ends, size_t each);

/* dn_onnx_scale_by - a SCALE of all numbers by the same two: gain·x + shift. */
int dn_onnx_scale_by(onnx_import *im, int input, double gain, double shift);
int dn_onnx_norm(onnx_import *im, int input, float *ends, size_t each);

/* --- what several operators come to ------------------------------------------------- */

/* dn_onnx_clip - the node's output is v within least … most, which may be infinite.
 * dn_onnx_largest - it is the largest of v, the classes: a network's end. */
int dn_onnx_clip(onnx_import *im, const onnx_value *v, double least, double most);
int dn_onnx_largest(onnx_import *im, const onnx_value *v);

/* --- operators: operators.c --------------------------------------------------------- */

/* dn_onnx_value_node - a node that reads a value. DN_OK, DN_ERROR, DN_NOMEM or
 * ONNX_AGAIN. */
int dn_onnx_value_node(onnx_import *im);

/* dn_onnx_operator_hint - why an operator cannot be read, and what can; NULL: it can. */
const char *dn_onnx_operator_hint(pb_bytes op);

/* --- operators on values: DN_OK, DN_ERROR, DN_NOMEM or ONNX_AGAIN ------------------- */

int dn_onnx_op_arithmetic(onnx_import *im);
int dn_onnx_op_cast(onnx_import *im);
int dn_onnx_op_clip(onnx_import *im);
int dn_onnx_op_concat(onnx_import *im);
int dn_onnx_op_conv(onnx_import *im);
int dn_onnx_op_dropout(onnx_import *im);
int dn_onnx_op_extreme(onnx_import *im);
int dn_onnx_op_flatten(onnx_import *im);
int dn_onnx_op_gather(onnx_import *im);
int dn_onnx_op_gemm(onnx_import *im);
int dn_onnx_op_log(onnx_import *im);
int dn_onnx_op_matmul(onnx_import *im);
int dn_onnx_op_neg(onnx_import *im);
int dn_onnx_op_norm(onnx_import *im);
int dn_onnx_op_pad(onnx_import *im);
int dn_onnx_op_pool(onnx_import *im);
int dn_onnx_op_pool_all(onnx_import *im);
int dn_onnx_op_pow(onnx_import *im);
int dn_onnx_op_prelu(onnx_import *im);
int dn_onnx_op_reduce(onnx_import *im);
int dn_onnx_op_activation(onnx_import *im);
int dn_onnx_op_reshape(onnx_import *im);
int dn_onnx_op_same(onnx_import *im);
int dn_onnx_op_slice(onnx_import *im);
int dn_onnx_op_softmax(onnx_import *im);
int dn_onnx_op_space(onnx_import *im);
int dn_onnx_op_split(onnx_import *im);
int dn_onnx_op_squeeze(onnx_import *im);
int dn_onnx_op_sum(onnx_import *im);
int dn_onnx_op_transpose(onnx_import *im);
int dn_onnx_op_unsqueeze(onnx_import *im);

#endif
