/* import.c - from an ONNX graph to the layers of our notation: see dn.h.
 *
 * The nodes come in an order in which each finds its inputs ready, so one walk will do.
 * It follows one value, the images' on their way through the network, and knows of it how
 * its dimensions stand for height, width and channels: converters from Keras lay a
 * Transpose around convolutions, and a fully connected layer then counts its inputs in
 * another order.
 *
 * What comes after a convolution or fully connected layer and before its Relu becomes a
 * part of it: a bias added, a scale, batch normalisation; also after a max pooling in
 * between, which a scale that is not negative and a Relu can change places with. */
#include <stdarg.h>
#include <stdio.h>
#include "../bytes.h"
#include "../error.h"
#include "../memory.h"
#include "import.h"

/* --- the walk ----------------------------------------------------------------------- */

/* What a node of the images' values does. at_end: it may come after the Softmax. */
static const struct op {
    const char *name;
    int (*run)(onnx_import *im);
    const char *attributes; /* that may be there */
    int at_end;
} operators[] = {
    {"Add", dn_onnx_op_arithmetic, "", 0},
    {"AveragePool", dn_onnx_op_pool,
     "auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides", 0},
    {"BatchNormalization", dn_onnx_op_norm, "epsilon momentum spatial training_mode", 0},
    {"Cast", dn_onnx_op_cast, "saturate to", 1},
    {"Conv", dn_onnx_op_conv, "auto_pad dilations group kernel_shape pads strides", 0},
    {"Div", dn_onnx_op_arithmetic, "", 0},
    {"Dropout", dn_onnx_op_dropout, "ratio seed", 0},
    {"Flatten", dn_onnx_op_flatten, "axis", 1},
    {"Gemm", dn_onnx_op_gemm, "alpha beta transA transB", 0},
    {"GlobalAveragePool", dn_onnx_op_pool_all, "", 0},
    {"GlobalMaxPool", dn_onnx_op_pool_all, "", 0},
    {"Identity", dn_onnx_op_same, "", 1},
    {"LogSoftmax", dn_onnx_op_softmax, "axis", 0},
    {"MatMul", dn_onnx_op_matmul, "", 0},
    {"MaxPool", dn_onnx_op_pool,
     "auto_pad ceil_mode dilations kernel_shape pads storage_order strides", 0},
    {"Mul", dn_onnx_op_arithmetic, "", 0},
    {"Pad", dn_onnx_op_pad, "mode pads value", 0},
    {"ReduceMean", dn_onnx_op_reduce, "axes keepdims noop_with_empty_axes", 0},
    {"Relu", dn_onnx_op_relu, "", 0},
    {"Reshape", dn_onnx_op_reshape, "allowzero", 1},
    {"Softmax", dn_onnx_op_softmax, "axis", 0},
    {"Squeeze", dn_onnx_op_squeeze, "axes", 1},
    {"Sub", dn_onnx_op_arithmetic, "", 0},
    {"Transpose", dn_onnx_op_transpose, "perm", 0},
    {"Unsqueeze", dn_onnx_op_squeeze, "axes", 1},
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

/* A node that reads the images' values. */
static int data_node(onnx_import *im) {
    const onnx_node *node = im->node;
    const struct op *op = operators;
    const size_t n = sizeof operators / sizeof operators[0];
    while (op < operators + n && !dn_pb_is(node->op, op->name)) op++;
    if (op == operators + n)
        return dn_onnx_fail(im, "the operator is none that a layer could be made of");
    if (im->finished && !op->at_end)
        return dn_onnx_fail(im, "comes after the Softmax; expected nothing more");
    for (int i = 0; i < node->n_attributes; i++)
        if (!is_among(node->attributes[i].name, op->attributes))
            return dn_onnx_fail(im, "attribute '%s' is not known",
                                dn_onnx_text(node->attributes[i].name).text);
    const int status = op->run(im);
    im->current = node->outputs[0];
    return status;
}

/* Whether one of a node's inputs is the images' values. */
static int reads_current(const onnx_import *im) {
    for (int i = 0; i < im->node->n_inputs; i++)
        if (dn_pb_same(im->node->inputs[i], im->current)) return 1;
    return 0;
}

static int walk_node(onnx_import *im) {
    const onnx_node *node = im->node;
    if (node->domain.size && !dn_pb_is(node->domain, "ai.onnx"))
        return dn_onnx_fail(im, "is of domain '%s'; expected ONNX's own operators",
                            dn_onnx_text(node->domain).text);
    if (!node->n_outputs || !node->outputs[0].size)
        return dn_onnx_fail(im, "has no output");
    if (reads_current(im))
        return dn_pb_is(node->op, "Shape") ? dn_onnx_shape_node(im) : data_node(im);
    for (int i = 0; i < node->n_inputs; i++)
        if (node->inputs[i].size && !dn_onnx_constant_at(im, i))
            return dn_onnx_fail(im,
                                "reads '%s', which is neither a constant nor what the "
                                "layer before gives; expected layers one after the other",
                                dn_onnx_text(node->inputs[i]).text);
    return dn_onnx_constant_node(im);
}

/* The images as the graph's input has them. */
static int walk_start(onnx_import *im) {
    const onnx_input *input = &im->file.input;
    const onnx_text name = dn_onnx_text(input->name);
    const int type = input->elem_type;
    if (type && type != ELEM_FLOAT && type != ELEM_FLOAT16 && type != ELEM_DOUBLE)
        return dn_fail(im->file.error, im->file.error_size,
                       "input '%s' has elements of type %d; expected float (1)",
                       name.text, type);
    if (input->rank < 2 || input->rank > 4)
        return dn_fail(im->file.error, im->file.error_size,
                       "input '%s' has %d dimensions; expected 2 to 4, the first for the "
                       "images",
                       name.text, input->rank < 0 ? 0 : input->rank);
    im->current = input->name;
    im->batch = input->dims[0];
    im->rank = input->rank - 1;
    memcpy(im->dims, input->dims + 1, sizeof im->dims);
    /* A dimension without a number is as the given shape has it. */
    const int64_t chw[3] = {im->given.c, im->given.h, im->given.w};
    for (int i = 0; i < im->rank; i++) {
        if (im->dims[i] == ONNX_UNKNOWN && im->given.h && im->rank == 3)
            im->dims[i] = chw[i];
        if (im->dims[i] < 1)
            return dn_fail(im->file.error, im->file.error_size,
                           "dimension %d of input '%s' has no number; the images' shape "
                           "is to be said",
                           i + 2, name.text);
    }
    int64_t n = 1; /* values of an image: as few as a layer may have */
    for (int i = 0; i < im->rank; i++) {
        if (im->dims[i] > DN_MAX_PARAMETERS / n)
            return dn_fail(im->file.error, im->file.error_size,
                           "input '%s' has more than %d values an image", name.text,
                           DN_MAX_PARAMETERS);
        n *= im->dims[i];
    }
    if (im->rank > 1) {
        im->image_rank = im->rank;
        memcpy(im->image, im->dims, sizeof im->image);
    }
    return DN_OK;
}

/* The last layer is the output: what comes after it can only be dropout. */
static int walk_end(onnx_import *im) {
    dn_onnx *net = im->net;
    char *error = im->file.error;
    const size_t size = im->file.error_size;
    if (!dn_pb_same(im->current, im->file.output))
        return dn_fail(error, size, "the output is '%s', but the last layer gives '%s'",
                       dn_onnx_text(im->file.output).text,
                       dn_onnx_text(im->current).text);
    if (im->open < 0 || im->pooled || im->maps.h * im->maps.w != 1)
        return dn_fail(
            error, size,
            "the network ends with %s; expected a Gemm or MatMul without Relu, "
            "or a Softmax",
            net->n ? net->layers[net->n - 1].name : "its input");
    const onnx_layer *l = &net->layers[im->open];
    if (l->kind == DN_CONV && (l->in.h != l->k || l->in.w != l->k))
        return dn_fail(error, size,
                       "%s is the output, but does not read just the maps of %dx%d",
                       l->name, l->in.h, l->in.w);
    net->n = im->open + 1;
    return dn_onnx_layers_end(net, im->file.work, error, size);
}

static int keep_words(onnx_import *im) {
    const onnx_file *file = &im->file;
    dn_onnx *net = im->net;
    net->opset = file->opset;
    snprintf(net->producer, sizeof net->producer, "%s%s%s",
             dn_onnx_text(file->producer).text,
             file->producer.size && file->producer_version.size ? " " : "",
             dn_onnx_text(file->producer_version).text);
    if (!file->classes.p) return DN_OK;
    net->classes = dn_new(&net->heap, file->classes.size, 1);
    if (!net->classes) return DN_NOMEM;
    memcpy(net->classes, file->classes.p, file->classes.size);
    net->classes_size = file->classes.size;
    return DN_OK;
}

int dn_onnx_read(dn_onnx **out, const void *bytes, size_t size,
                 const dn_onnx_given *given, const dn_host *host, char *error,
                 size_t error_size) {
    onnx_work work = dn_onnx_work_begin(host ? &host->watch : NULL, size);
    onnx_import im = {.given = given->shape, .open = -1};
    onnx_node node = {0};
    *out = NULL;
    const dn_heap heap = dn_heap_of(host);
    if (!(im.net = dn_new(&heap, 1, sizeof *im.net))) return DN_NOMEM;
    im.net->heap = heap;
    im.net->mean = given->mean;
    im.net->std = given->std;
    im.node = &node;
    int status = dn_onnx_open(&im.file, bytes, size, &heap, &work, error, error_size);
    if (status == DN_OK) status = dn_onnx_initializers(&im);
    if (status == DN_OK) status = walk_start(&im);
    for (int i = 0; i < im.file.n_nodes && status == DN_OK; i++) {
        status = dn_onnx_node_at(&node, &im.file, i);
        if (status == DN_OK) status = walk_node(&im);
    }
    if (status == DN_OK) status = walk_end(&im);
    if (status == DN_OK) status = keep_words(&im);
    status = dn_onnx_work_end(&work, status, error, error_size);
    dn_release(&heap, im.constants);
    dn_onnx_close(&im.file);
    if (status == DN_OK)
        *out = im.net;
    else
        dn_onnx_free(im.net);
    return status;
}
