/* fuzz_onnx.c - ONNX files: read, made into a model, written and read again.
 *
 *     1 byte   0: the rest is a file; a shape is not given
 *              1: … of images of 6×6
 *              2: the rest says how to put one together, of a few constants and any nodes
 *
 * What is a network becomes model bytes, which must be a model's unless they were too large
 * to be tried; exported and read again they must be the same bytes. */
#include "../../core/dn.h"
#include "../../core/memory.h"
#include "../../core/onnx/onnx.h"
#include "fuzz.h"

#define LARGE (1 << 20) /* parameters: what is larger takes too long */

static void same_again(const void *model, size_t size, const dn_label *labels) {
    static const dn_onnx_words words = {"fuzz", "0", "[]"};
    static const dn_onnx_given plain = {{0, 0, 0}, 0, 1};
    char error[512] = "";
    void *onnx, *again;
    size_t onnx_size, again_size;
    dn_onnx *net;
    FUZZ_CHECK(dn_onnx_export(&onnx, &onnx_size, model, size, &words, NULL, error,
                              sizeof error) == DN_OK);
    FUZZ_CHECK(dn_onnx_read(&net, onnx, onnx_size, &plain, NULL, error, sizeof error) ==
               DN_OK);
    FUZZ_CHECK(dn_onnx_model(net, labels, &again, &again_size) == DN_OK);
    FUZZ_CHECK(again_size == size && memcmp(again, model, size) == 0);
    free(again);
    dn_onnx_free(net);
    free(onnx);
}

static void read_file(const uint8_t *bytes, size_t size, dn_shape shape) {
    const dn_onnx_given given = {shape, 0.25, 0.5};
    char error[512] = "";
    dn_onnx *net;
    dn_onnx_info info;
    const int status = dn_onnx_read(&net, bytes, size, &given, NULL, error, sizeof error);
    FUZZ_CHECK(status == DN_OK || status == DN_ERROR || status == DN_NOMEM);
    FUZZ_CHECK((status == DN_OK) == (net != NULL));
    FUZZ_CHECK((status == DN_ERROR) == (error[0] != 0));
    if (status != DN_OK) return;
    dn_onnx_get_info(net, &info);
    int64_t values = (int64_t)info.shape.h * info.shape.w * info.shape.c;
    dn_label *labels = calloc((size_t)info.classes, sizeof *labels);
    dn_model *m = NULL;
    void *model = NULL;
    size_t model_size = 0;
    if (!labels) abort();
    for (int i = 0; i < info.classes; i++) labels[i].integer = i;
    FUZZ_CHECK(dn_onnx_model(net, labels, &model, &model_size) == DN_OK || !model);
    if (model && model_size < LARGE && values < LARGE) {
        FUZZ_CHECK(dn_model_decode(&m, model, model_size, NULL, error, sizeof error) ==
                   DN_OK);
        same_again(model, model_size, labels);
    }
    dn_model_free(m);
    free(model);
    free(labels);
    dn_onnx_free(net);
}

/* --- files that are put together ------------------------------------------------------------ */

static const char *const ops[] = {
    "Conv",          "Relu",       "MaxPool",    "Flatten",  "MatMul",
    "Gemm",          "Add",        "Mul",        "Sub",      "Div",
    "AveragePool",   "Transpose",  "Reshape",    "Softmax",  "BatchNormalization",
    "Dropout",       "Squeeze",    "Unsqueeze",  "Shape",    "Gather",
    "Concat",        "Slice",      "Cast",       "Identity", "GlobalAveragePool",
    "GlobalMaxPool", "ReduceMean", "LogSoftmax", "Constant", "Pad",
    "Tanh",
};

static const char *const attributes[] = {
    "kernel_shape", "strides", "pads",   "dilations", "perm",      "axes",
    "axis",         "group",   "transA", "transB",    "ceil_mode", "keepdims",
    "epsilon",      "ratio",   "alpha",  "beta",      "to",        "value_ints",
    "starts",       "ends",    "start",  "end",       "auto_pad",  "value",
};

#define N(list) ((int)(sizeof list / sizeof list[0]))

/* Initializers: names, types and dimensions. */
static const struct constant {
    const char *name;
    int type, rank, dims[4];
} constants[] = {
    {"w", ELEM_FLOAT, 4, {3, 1, 3, 3}}, {"b", ELEM_FLOAT, 1, {3}},
    {"f", ELEM_FLOAT, 2, {48, 4}},      {"k", ELEM_FLOAT, 4, {3, 3, 3, 3}},
    {"one", ELEM_FLOAT, 0, {0}},        {"three", ELEM_FLOAT, 3, {3, 1, 1}},
    {"h", ELEM_FLOAT, 2, {12, 4}},      {"i", ELEM_INT64, 1, {3}},
    {"j", ELEM_INT64, 1, {1}},          {"p", ELEM_FLOAT, 2, {16, 5}},
    {"q", ELEM_FLOAT, 2, {4, 4}},       {"four", ELEM_FLOAT, 2, {1, 4}},
    {"m", ELEM_FLOAT, 4, {3, 4, 4, 4}},
};

static void put_constant(pb_writer *w, const struct constant *c, int scale) {
    const size_t start = dn_pb_open(w, GRAPH_INITIALIZER);
    int n = 1;
    dn_pb_put_text(w, TENSOR_NAME, c->name);
    dn_pb_put_int(w, TENSOR_DATA_TYPE, c->type);
    for (int i = 0; i < c->rank; i++) {
        dn_pb_put_int(w, TENSOR_DIMS, c->dims[i]);
        n *= c->dims[i];
    }
    for (int i = 0; i < n; i++)
        if (c->type == ELEM_FLOAT)
            dn_pb_put_float(w, TENSOR_FLOAT_DATA, (float)((1 + i) % 5) / 4);
        else
            dn_pb_put_int(w, TENSOR_INT64_DATA, i ? scale + i : -1);
    dn_pb_close(w, start);
}

/* A name of a value: 0 … of nodes, the image's, an initializer's. */
static void put_name(pb_writer *w, uint32_t field, int k) {
    char text[16];
    if (k < N(constants))
        snprintf(text, sizeof text, "%s", constants[k].name);
    else
        snprintf(text, sizeof text, "n%d", k - N(constants));
    dn_pb_put_text(w, field, text);
}

static void put_attribute(pb_writer *w, fuzz_input *in) {
    static const char *const pads[] = {"SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"};
    const size_t start = dn_pb_open(w, NODE_ATTRIBUTE);
    const char *name = attributes[fuzz_below(in, N(attributes))];
    const int kind = fuzz_below(in, 4), n = fuzz_below(in, 9);
    dn_pb_put_text(w, ATTRIBUTE_NAME, name);
    if (kind == 0) {
        dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_INTS);
        for (int i = 0; i < n; i++)
            dn_pb_put_int(w, ATTRIBUTE_INTS, (int8_t)fuzz_byte(in));
    } else if (kind == 1) {
        dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_I);
        dn_pb_put_int(w, ATTRIBUTE_I, (int8_t)fuzz_byte(in));
    } else if (kind == 2) {
        const uint32_t bits = fuzz_word(in);
        float value;
        memcpy(&value, &bits, sizeof value);
        dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_F);
        dn_pb_put_float(w, ATTRIBUTE_F, value);
    } else {
        dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_S);
        dn_pb_put_text(w, ATTRIBUTE_S, pads[n % 4]);
    }
    dn_pb_close(w, start);
}

/* The node that gives value n<k>: operator, further inputs, attributes, a byte each and more. */
static void put_node(pb_writer *w, fuzz_input *in, int k) {
    const size_t start = dn_pb_open(w, GRAPH_NODE);
    const char *op = ops[fuzz_below(in, N(ops))];
    const unsigned counts = fuzz_byte(in);
    dn_pb_put_text(w, NODE_OP_TYPE, op);
    if (!(counts & 128)) put_name(w, NODE_INPUT, N(constants) + k - 1);
    for (unsigned i = 0; i < (counts & 7); i++)
        put_name(w, NODE_INPUT, fuzz_below(in, N(constants) + k));
    put_name(w, NODE_OUTPUT, N(constants) + k);
    for (unsigned i = 0; i < (counts >> 3 & 7); i++) put_attribute(w, in);
    dn_pb_close(w, start);
}

static void put_value(pb_writer *w, uint32_t field, int k, int rank) {
    const size_t value = dn_pb_open(w, field);
    put_name(w, VALUE_NAME, N(constants) + k);
    const size_t type = dn_pb_open(w, VALUE_TYPE),
                 tensor = dn_pb_open(w, TYPE_TENSOR_TYPE);
    dn_pb_put_int(w, TENSOR_TYPE_ELEM_TYPE, ELEM_FLOAT);
    const size_t shape = dn_pb_open(w, TENSOR_TYPE_SHAPE);
    for (int i = 0; i < rank; i++) {
        const size_t dim = dn_pb_open(w, SHAPE_DIM);
        dn_pb_put_int(w, DIM_VALUE,
                      i == 0 || (rank == 4 && i == 1) ? 1
                      : rank == 2                     ? 16
                                                      : 6);
        dn_pb_close(w, dim);
    }
    dn_pb_close(w, shape);
    dn_pb_close(w, tensor);
    dn_pb_close(w, type);
    dn_pb_close(w, value);
}

/* rank of the image with its batch, opset, a number for lists, nodes; then the nodes. */
static pb_writer put_together(fuzz_input *in) {
    pb_writer w = {.heap = dn_heap_of(NULL)};
    const int rank = 2 + fuzz_below(in, 3), opset = 7 + fuzz_below(in, 12);
    const int scale = (int8_t)fuzz_byte(in), n = fuzz_below(in, 32);
    const size_t set = dn_pb_open(&w, MODEL_OPSET_IMPORT);
    dn_pb_put_int(&w, OPSET_VERSION, opset);
    dn_pb_close(&w, set);
    const size_t graph = dn_pb_open(&w, MODEL_GRAPH);
    put_value(&w, GRAPH_INPUT, 0, rank);
    put_value(&w, GRAPH_OUTPUT, n, 2);
    for (int i = 0; i < N(constants); i++) put_constant(&w, &constants[i], scale);
    for (int k = 1; k <= n; k++) put_node(&w, in, k);
    dn_pb_close(&w, graph);
    if (w.failed) abort();
    return w;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fuzz_input in = {bytes, size};
    const int kind = fuzz_below(&in, 3);
    const dn_shape shape = kind == 1 ? (dn_shape){6, 6, 1} : (dn_shape){0, 0, 0};
    if (kind == 2) {
        pb_writer w = put_together(&in);
        read_file(w.p, w.size, shape);
        free(w.p);
    } else {
        const size_t n = in.left;
        uint8_t *copy = fuzz_copy(&in, n);
        read_file(copy, n, shape);
        free(copy);
    }
    return 0;
}

/* Batch norm and max pooling; a bias added; a vector; a Transpose before the Flatten. */
static const uint8_t seeds[][80] = {
    {2, 2,  6, 5, 6, 0, 2, 0, 1, 14, 4, 1, 1, 1, 1, 1, 0,
     2, 16, 0, 0, 2, 2, 2, 1, 0, 2,  2, 2, 3, 0, 4, 1, 6},
    {2, 2, 6, 5, 5, 0, 2, 0, 1, 6, 1, 5, 1, 0, 3, 0, 5, 1, 2},
    {2, 0, 6, 5, 2, 4, 1, 9, 13, 0},
    {2, 2, 6, 5, 6, 0, 1, 0, 1, 0, 11, 8, 4, 0, 4, 0, 2, 3, 1, 3, 0, 4, 1, 2, 13, 0},
};

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    const int n = N(seeds);
    if (i >= 2 * n) return 0;
    if (i < n) {
        memcpy(out, seeds[i], sizeof seeds[i]);
        return sizeof seeds[i];
    }
    /* The same as a file, as far as it fits. */
    fuzz_input in = {seeds[i - n] + 1, sizeof seeds[0] - 1};
    pb_writer w = put_together(&in);
    const size_t size = w.size < FUZZ_SEED_SIZE ? w.size : FUZZ_SEED_SIZE - 1;
    out[0] = 0;
    memcpy(out + 1, w.p, size);
    free(w.p);
    return size + 1;
}
