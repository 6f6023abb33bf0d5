/* import.c - from an ONNX graph to the layers of our notation: see dn.h.
 *
 *     graph.c, tensor.c   the file, taken apart
 *     sort.c              its nodes, in an order in which they can be computed
 *     import.c            goes over them: each is a constant (constants.c, integers.c,
 *                         compute.c) or becomes a step of a network (op_*.c, net.h),
 *                         or only looks at what there is in another way (view.h)
 *     fold.c              makes few kinds of steps of the many: what is added or scaled
 *                         becomes part of a layer, activations go where we have them
 *     layers.c            and that our layers */
#include <stdarg.h>
#include <stdio.h>
#include "../bytes.h"
#include "../error.h"
#include "../memory.h"
#include "fold.h"
#include "import.h"
#include "own.h"

/* --- operators ---------------------------------------------------------------------- */

#define POOL "auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides"

/* What a node that reads a value does. Attributes are those that may be there; all may
 * have what operator sets before 7 had. */
static const struct op {
    const char *name;
    int (*run)(onnx_import *im);
    const char *attributes;
} operators[] = {
    {"Abs", dn_onnx_op_activation, ""},
    {"Add", dn_onnx_op_arithmetic, "axis broadcast"},
    {"ArgMax", dn_onnx_op_softmax, "axis keepdims select_last_index"},
    {"AveragePool", dn_onnx_op_pool, POOL},
    {"BatchNormalization", dn_onnx_op_norm,
     "epsilon is_test momentum spatial training_mode"},
    {"Cast", dn_onnx_op_cast, "saturate to"},
    {"Celu", dn_onnx_op_activation, "alpha"},
    {"Clip", dn_onnx_op_clip, "max min"},
    {"Concat", dn_onnx_op_concat, "axis"},
    {"Conv", dn_onnx_op_conv, "auto_pad dilations group kernel_shape pads strides"},
    {"Cos", dn_onnx_op_activation, ""},
    {"Div", dn_onnx_op_arithmetic, "axis broadcast"},
    {"Dropout", dn_onnx_op_dropout, "is_test ratio seed"},
    {"Elu", dn_onnx_op_activation, "alpha"},
    {"Erf", dn_onnx_op_activation, ""},
    {"Exp", dn_onnx_op_activation, ""},
    {"Flatten", dn_onnx_op_flatten, "axis"},
    {"Gather", dn_onnx_op_gather, "axis"},
    {"Gelu", dn_onnx_op_activation, "approximate"},
    {"Gemm", dn_onnx_op_gemm, "alpha beta broadcast transA transB"},
    {"GlobalAveragePool", dn_onnx_op_pool_all, ""},
    {"GlobalMaxPool", dn_onnx_op_pool_all, ""},
    {"HardSigmoid", dn_onnx_op_activation, "alpha beta"},
    {"HardSwish", dn_onnx_op_activation, ""},
    {"Identity", dn_onnx_op_same, ""},
    {"LeakyRelu", dn_onnx_op_activation, "alpha"},
    {"Log", dn_onnx_op_log, ""},
    {"LogSoftmax", dn_onnx_op_softmax, "axis"},
    {"MatMul", dn_onnx_op_matmul, ""},
    {"MaxPool", dn_onnx_op_pool, POOL " storage_order"},
    {"Mish", dn_onnx_op_activation, ""},
    {"Mul", dn_onnx_op_arithmetic, "axis broadcast"},
    {"Neg", dn_onnx_op_neg, ""},
    {"PRelu", dn_onnx_op_prelu, ""},
    {"Pad", dn_onnx_op_pad, "mode paddings pads value"},
    {"Pow", dn_onnx_op_pow, ""},
    {"Reciprocal", dn_onnx_op_activation, ""},
    {"ReduceMax", dn_onnx_op_reduce, "axes keepdims noop_with_empty_axes"},
    {"ReduceMean", dn_onnx_op_reduce, "axes keepdims noop_with_empty_axes"},
    {"Relu", dn_onnx_op_activation, ""},
    {"Reshape", dn_onnx_op_reshape, "allowzero shape"},
    {"Selu", dn_onnx_op_activation, "alpha gamma"},
    {"Sigmoid", dn_onnx_op_activation, ""},
    {"Sin", dn_onnx_op_activation, ""},
    {"Slice", dn_onnx_op_slice, "axes ends starts"},
    {"Softmax", dn_onnx_op_softmax, "axis"},
    {"Softplus", dn_onnx_op_activation, ""},
    {"Softsign", dn_onnx_op_activation, ""},
    {"Split", dn_onnx_op_split, "axis num_outputs split"},
    {"Sqrt", dn_onnx_op_activation, ""},
    {"Squeeze", dn_onnx_op_squeeze, "axes"},
    {"Sub", dn_onnx_op_arithmetic, "axis broadcast"},
    {"Sum", dn_onnx_op_sum, ""},
    {"Swish", dn_onnx_op_activation, "alpha"},
    {"Tan", dn_onnx_op_activation, ""},
    {"Tanh", dn_onnx_op_activation, ""},
    {"ThresholdedRelu", dn_onnx_op_activation, "alpha"},
    {"Transpose", dn_onnx_op_transpose, "perm"},
    {"Unsqueeze", dn_onnx_op_unsqueeze, "axes"},
};

/* Operators that are not here, by what their names hold: what they are, and what works in
 * their place. */
static const struct hint {
    const char *part, *says;
} hints[] = {
    {"Quant",
     "belongs to a quantised network, of 8-bit integers; expected one of floats: "
     "export it before it is quantised"},
    {"QLinear", "belongs to a quantised network, of 8-bit integers; expected one of "
                "floats: export it before it is quantised"},
    {"Integer", "belongs to a quantised network, of 8-bit integers; expected one of "
                "floats: export it before it is quantised"},
    {"ConvTranspose", "makes maps larger; expected layers that lead to classes: Conv, "
                      "MaxPool, AveragePool, Gemm"},
    {"Resize", "makes maps of another size; expected Conv with strides, or MaxPool"},
    {"Upsample", "makes maps of another size; expected Conv with strides, or MaxPool"},
    {"LSTM", "reads sequences; expected layers without memory: Conv, Gemm"},
    {"GRU", "reads sequences; expected layers without memory: Conv, Gemm"},
    {"RNN", "reads sequences; expected layers without memory: Conv, Gemm"},
    {"LayerNormalization",
     "normalises each image by itself; expected BatchNormalization"},
    {"InstanceNorm", "normalises each image by itself; expected BatchNormalization"},
    {"GroupNorm", "normalises each image by itself; expected BatchNormalization"},
    {"LpPool", "is a pooling that we do not have; expected MaxPool or AveragePool"},
    {"LRN", "normalises across channels; expected BatchNormalization"},
    {"Loop", "holds a graph of its own; expected layers one after the other"},
    {"If", "holds a graph of its own; expected layers one after the other"},
    {"Scan", "holds a graph of its own; expected layers one after the other"},
};

/* Whether a word is among words between spaces. */
static int is_among(pb_bytes word, const char *words) {
    while (*words) {
        const size_t size = strcspn(words, " ");
        if (dn_pb_same(word, (pb_bytes){(const uint8_t *)words, size})) return 1;
        words += size + (words[size] == ' ');
    }
    return 0;
}

static const struct op *find_operator(pb_bytes name) {
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (dn_pb_is(name, operators[i].name)) return &operators[i];
    return NULL;
}

const char *dn_onnx_operator_hint(pb_bytes op) {
    const onnx_text name = dn_onnx_text(op);
    if (find_operator(op) || is_among(op, "Constant ConstantOfShape Shape")) return NULL;
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strstr(name.text, hints[i].part)) return hints[i].says;
    return "is an operator that no layer can be made of; expected Conv, Gemm, MatMul, "
           "poolings, activations, and what lies between them";
}

/* A node that reads a value. */
static int value_node(onnx_import *im) {
    const onnx_node *node = im->node;
    const struct op *op = find_operator(node->op);
    if (!op) {
        const char *hint = dn_onnx_operator_hint(node->op);
        return dn_onnx_fail(im, "%s", hint ? hint : "reads a value behind a constant");
    }
    for (int i = 0; i < node->n_attributes; i++)
        if (!is_among(node->attributes[i].name, op->attributes) &&
            !dn_pb_is(node->attributes[i].name, "consumed_inputs"))
            return dn_onnx_fail(im, "attribute '%s' is not known",
                                dn_onnx_text(node->attributes[i].name).text);
    if (!dn_onnx_first(im) && op->run != dn_onnx_op_arithmetic &&
        op->run != dn_onnx_op_concat && op->run != dn_onnx_op_matmul &&
        op->run != dn_onnx_op_gemm && op->run != dn_onnx_op_conv &&
        op->run != dn_onnx_op_sum)
        return dn_onnx_fail(im, "reads a constant where it should read a layer's result");
    return op->run(im);
}

/* --- the walk ----------------------------------------------------------------------- */

/* Whether a node reads the image, or what a layer made of it. */
static int reads_value(const onnx_import *im) {
    for (int i = 0; i < im->node->n_inputs; i++)
        if (dn_onnx_value_at(im, i)) return 1;
    return 0;
}

static int walk_node(onnx_import *im) {
    const onnx_node *node = im->node;
    if (node->domain.size && !dn_pb_is(node->domain, "ai.onnx"))
        return dn_onnx_fail(im, "is of domain '%s'; expected ONNX's own operators",
                            dn_onnx_text(node->domain).text);
    if (!node->n_outputs || !node->outputs[0].size)
        return dn_onnx_fail(im, "has no output");
    for (int i = 0; i < node->n_inputs; i++)
        if (node->inputs[i].size && !dn_onnx_constant_at(im, i) &&
            !dn_onnx_value_at(im, i))
            return dn_onnx_fail(im, "reads '%s', which no node gives",
                                dn_onnx_text(node->inputs[i]).text);
    if (!reads_value(im)) {
        if (strstr(dn_onnx_text(node->op).text, "uantize"))
            return dn_onnx_fail(im, "%s", dn_onnx_operator_hint(node->op));
        int status = dn_onnx_integers_node(im);
        if (status == -1) status = dn_onnx_constant_node(im);
        return status == -1 ? dn_onnx_compute(im) : status;
    }
    if (dn_pb_is(node->op, "Shape") && dn_onnx_first(im))
        return dn_onnx_shape_node(im, dn_onnx_first(im));
    return value_node(im);
}

/* What is done to pixels before the file's network begins, where it is not the same for
 * all channels, or turns dark into light: a step. */
static int standardise(onnx_import *im, onnx_value *v) {
    const dn_onnx_given *given = im->more;
    const size_t n = (size_t)im->image.c;
    onnx_step *s;
    if (!given->channels && given->std > 0) return DN_OK;
    if (given->channels && (size_t)given->channels != n)
        return dn_fail(im->file.error, im->file.error_size,
                       "mean and std have %d numbers; the images have %zu channels",
                       given->channels, n);
    if (dn_onnx_step_new(&im->net, STEP_SCALE, 0, &s) < 0) return DN_NOMEM;
    snprintf(s->name, sizeof s->name, "mean and std");
    s->each = n;
    if (!(s->ends = dn_floats(&im->file.heap, 2 * (uint64_t)n))) return DN_NOMEM;
    for (size_t c = 0; c < n; c++) {
        const double mean = given->channels ? given->means[c] : given->mean;
        const double std = given->channels ? given->stds[c] : given->std;
        s->ends[ENDS_GAIN * n + c] = (float)(1 / std);
        s->ends[ENDS_BIAS * n + c] = (float)(-mean / std);
    }
    v->step = 1;
    return DN_OK;
}

/* Values begin with the image, as the file's input has it. */
static int start(onnx_import *im) {
    const onnx_input *input = &im->file.input;
    const int rank = input->rank - 1, is_set = im->image.h != 0;
    onnx_value *v = &im->values[0];
    onnx_step *image;
    int64_t dims[ONNX_MAX_RANK] = {1};
    dn_onnx_net_free(&im->net);
    int status =
        dn_onnx_net_new(&im->net, 4 * (uint64_t)im->file.n_order + 8, &im->file.heap);
    if (status == DN_OK) status = dn_onnx_constants_start(im);
    if (status != DN_OK) return status;
    if (dn_onnx_step_new(&im->net, STEP_IMAGE, -1, &image) < 0) return DN_NOMEM;
    image->out = im->image;
    memset(v, 0, sizeof *v);
    memcpy(dims + 1, input->dims + 1, (size_t)rank * sizeof *dims);
    if (im->given.h && rank == 3) { /* what has no number is as the given shape has it */
        const int64_t chw[3] = {im->given.c, im->given.h, im->given.w};
        for (int i = 0; i < 3; i++)
            if (dims[i + 1] == ONNX_UNKNOWN) dims[i + 1] = chw[i];
    }
    v->step = 0;
    v->view = dn_onnx_view_of(rank + 1, dims, 0);
    if (is_set && im->hwc) {
        const dn_shape s = im->image;
        onnx_view as = dn_onnx_view_of(3, (int64_t[]){s.c, s.h, s.w}, -1);
        dn_onnx_view_turn(&as, (int64_t[]){1, 2, 0});
        dn_onnx_view_reshape(&as, rank + 1, dims);
        v->view = as;
        v->view.batch = 0;
    }
    if (rank > 1) {
        v->image_rank = rank;
        memcpy(v->image, dims + 1, sizeof v->image);
    }
    im->n_values = 1;
    im->made.n = 0;
    dn_onnx_names_put(&im->made, input->name, 0);
    return is_set ? standardise(im, v) : DN_OK;
}

static int check_input(onnx_import *im) {
    const onnx_file *file = &im->file;
    const onnx_input *input = &file->input;
    const onnx_text name = dn_onnx_text(input->name);
    const int type = input->elem_type;
    if (file->n_inputs != 1)
        return dn_fail(file->error, file->error_size,
                       "the graph has %d inputs that are no constants; expected one, the "
                       "images",
                       file->n_inputs);
    if (type && type != ELEM_FLOAT && type != ELEM_FLOAT16 && type != ELEM_DOUBLE &&
        type != ELEM_UINT8)
        return dn_fail(file->error, file->error_size,
                       "input '%s' has elements of type %d; expected float (1), float16 "
                       "(10), double (11) or uint8 (2)",
                       name.text, type);
    if (input->rank < 2 || input->rank > 4)
        return dn_fail(file->error, file->error_size,
                       "input '%s' has %d dimensions; expected 2 to 4, the first for the "
                       "images",
                       name.text, input->rank < 0 ? 0 : input->rank);
    int64_t n = 1; /* values of an image: as few as a layer may have */
    const int64_t chw[3] = {im->given.c, im->given.h, im->given.w};
    for (int i = 1; i < input->rank; i++) {
        int64_t d = input->dims[i];
        if (d == ONNX_UNKNOWN && im->given.h && input->rank == 4) d = chw[i - 1];
        if (d < 1)
            return dn_fail(file->error, file->error_size,
                           "dimension %d of input '%s' has no number; give the images' "
                           "shape in options, as {\"shape\": \"28x28x1\"}",
                           i + 1, name.text);
        if (d > DN_MAX_PARAMETERS / n)
            return dn_fail(file->error, file->error_size,
                           "input '%s' has more than %d values an image", name.text,
                           DN_MAX_PARAMETERS);
        n *= d;
    }
    im->batch = input->dims[0];
    return DN_OK;
}

/* All nodes that the output depends on, once. */
static int walk(onnx_import *im) {
    onnx_node node;
    int status = start(im);
    im->node = &node;
    for (int i = 0; i < im->file.n_order && status == DN_OK; i++) {
        status = dn_onnx_node_at(&node, &im->file, im->file.order[i]);
        if (status == DN_OK) status = walk_node(im);
    }
    im->node = NULL;
    return status;
}

/* What the output is becomes the network's result. Classes in another order than its step
 * gives them are put into it. */
static int finish(onnx_import *im) {
    const int number = dn_onnx_names_find(&im->made, im->file.output);
    char *error = im->file.error;
    const size_t size = im->file.error_size;
    if (number < 0)
        return dn_fail(error, size, "the output is '%s', which no layer gives",
                       dn_onnx_text(im->file.output).text);
    const onnx_value *v = &im->values[number];
    if (!im->image.h || v->step == 0)
        return dn_fail(error, size,
                       "the output is '%s', which is the image; expected "
                       "layers",
                       dn_onnx_text(im->file.output).text);
    im->net.result = v->step;
    if (dn_onnx_view_plain(&v->view)) return DN_OK;
    return dn_fail(error, size,
                   "the output '%s' has its classes in another order than the last layer",
                   dn_onnx_text(im->file.output).text);
}

static int keep_words(const onnx_file *file, dn_onnx *out) {
    out->opset = file->opset;
    snprintf(out->producer, sizeof out->producer, "%s%s%s",
             dn_onnx_text(file->producer).text,
             file->producer.size && file->producer_version.size ? " " : "",
             dn_onnx_text(file->producer_version).text);
    if (!file->classes.p) return DN_OK;
    out->classes = dn_new(&out->heap, file->classes.size, 1);
    if (!out->classes) return DN_NOMEM;
    memcpy(out->classes, file->classes.p, file->classes.size);
    out->classes_size = file->classes.size;
    return DN_OK;
}

/* The file's network: im->net. */
static int read_net(onnx_import *im, const dn_onnx_given *given) {
    int status = check_input(im);
    if (status == DN_OK) status = dn_onnx_sort(&im->file, given->output);
    if (status != DN_OK) return status;
    const uint64_t room = (uint64_t)im->file.n_values + 1;
    im->values = dn_new(&im->file.heap, room, sizeof *im->values);
    status = im->values ? dn_onnx_names_new(&im->made, room, &im->file.heap) : DN_NOMEM;
    if (status == DN_OK) status = walk(im);
    if (status == ONNX_AGAIN) status = walk(im);
    return status == DN_OK ? finish(im) : status;
}

/* What is done to pixels before the file's network begins, where it is the same for all
 * channels; else standardise has made a step of it. */
static void standard(dn_onnx *made, const dn_onnx_given *given, const onnx_file *file) {
    const int steps = given->channels || given->std <= 0;
    const int open = !steps && !given->said && given->mean == 0 && given->std == 1;
    made->range = !open                                        ? RANGE_SAID
                  : dn_pb_is(file->producer, DN_ONNX_PRODUCER) ? RANGE_OURS
                  : file->input.elem_type == ELEM_UINT8        ? RANGE_BYTES
                                                               : RANGE_OPEN;
    made->mean = steps ? 0 : given->mean;
    made->std = steps ? 1 : made->range == RANGE_BYTES ? ONNX_BYTE : given->std;
    made->given_std = steps ? given->std : made->std;
}

int dn_onnx_read(dn_onnx **out, const void *bytes, size_t size,
                 const dn_onnx_given *given, const dn_host *host, char *error,
                 size_t error_size) {
    onnx_work work = dn_onnx_work_begin(host ? &host->watch : NULL, size);
    onnx_import im = {.given = given->shape, .more = given};
    dn_onnx *made;
    int is_own = 0;
    *out = NULL;
    const dn_heap heap = dn_heap_of(host);
    if (!(made = dn_new(&heap, 1, sizeof *made))) return DN_NOMEM;
    made->heap = heap;
    int status = dn_onnx_open(&im.file, (pb_bytes){bytes, size},
                              (pb_bytes){given->data, given->data_size}, &heap, &work,
                              error, error_size);
    if (status == DN_OK) standard(made, given, &im.file);
    if (status == DN_OK && made->range == RANGE_OURS && !given->shape.h && !given->output)
        status = dn_onnx_own(made, &im.file, &is_own);
    if (status == DN_OK && !is_own) status = read_net(&im, given);
    if (status == DN_OK && !is_own)
        status = dn_onnx_fold(&im.net, made, &work, error, error_size);
    if (status == DN_OK && !is_own)
        status = dn_onnx_layers_of(made, &im.net, &work, error, error_size);
    if (status == DN_OK) status = keep_words(&im.file, made);
    status = dn_onnx_work_end(&work, status, error, error_size);
    dn_onnx_constants_free(&im);
    dn_onnx_names_free(&im.made);
    dn_release(&heap, im.values);
    dn_onnx_net_free(&im.net);
    dn_onnx_close(&im.file);
    if (status == DN_OK)
        *out = made;
    else
        dn_onnx_free(made);
    return status;
}
