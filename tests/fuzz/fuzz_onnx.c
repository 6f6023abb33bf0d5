/* fuzz_onnx.c - ONNX files: read, made into a model, written and read again.
 *
 *     1 byte   0: the rest is a file; a shape is not given
 *              1: … of images of 6×6
 *              2: the rest says how to put one together, of a few constants and any nodes
 *              3: … whose constants are of any type and rank, hold NaN, infinities and
 *                 denormals, or are not there
 *              4: the rest is a file, and nothing is said of it: those of ours are read
 *                 as such, changed ones by their graph
 *
 * Files are changed as messages, by mutate.h: a change of single bytes seldom leaves one
 * whole.
 * What is a network becomes model bytes, which must be a model's unless they were too
 * large to be tried; exported and read again they must be the same bytes. */
#include "../../core/dn.h"
#include "../../core/memory.h"
#include "../../core/onnx/onnx.h"
#include "fuzz.h"
#include "mutate.h"

#define LARGE (1 << 20) /* parameters: what is larger takes too long */

static const dn_onnx_given nothing = {.std = 1};

static void same_again(const void *model, size_t size, const dn_label *labels) {
    static const dn_onnx_words words = {"fuzz", "0", "[]"};
    char error[512] = "";
    void *onnx, *again;
    size_t onnx_size, again_size;
    dn_onnx *net;
    FUZZ_CHECK(dn_onnx_export(&onnx, &onnx_size, model, size, &words, NULL, error,
                              sizeof error) == DN_OK);
    FUZZ_CHECK(dn_onnx_read(&net, onnx, onnx_size, &nothing, NULL, error, sizeof error) ==
               DN_OK);
    FUZZ_CHECK(dn_onnx_model(net, labels, NULL, &again, &again_size) == DN_OK);
    FUZZ_CHECK(again_size == size && memcmp(again, model, size) == 0);
    free(again);
    dn_onnx_free(net);
    free(onnx);
}

static void read_file(const uint8_t *bytes, size_t size, const dn_onnx_given *given) {
    char error[512] = "";
    dn_onnx *net;
    dn_onnx_info info;
    const int status = dn_onnx_read(&net, bytes, size, given, NULL, error, sizeof error);
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
    FUZZ_CHECK(dn_onnx_model(net, labels, NULL, &model, &model_size) == DN_OK || !model);
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

/* --- files that are put together ---------------------------------------------------- */

static const char *const ops[] = {
    "Conv",
    "Relu",
    "MaxPool",
    "Flatten",
    "MatMul",
    "Gemm",
    "Add",
    "Mul",
    "Sub",
    "Div",
    "AveragePool",
    "Transpose",
    "Reshape",
    "Softmax",
    "BatchNormalization",
    "Dropout",
    "Squeeze",
    "Unsqueeze",
    "Shape",
    "Gather",
    "Concat",
    "Slice",
    "Cast",
    "Identity",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "ReduceMean",
    "LogSoftmax",
    "Constant",
    "Pad",
    "Tanh",
    "Sigmoid",
    "Clip",
    "PRelu",
    "Erf",
    "Softplus",
    "Split",
    "Sum",
    "Neg",
    "ArgMax",
    "Log",
    "Sqrt",
    "ReduceMax",
    "LeakyRelu",
    "HardSigmoid",
    "ConstantOfShape",
    "Reciprocal",
    "Selu",
    "Pow",
    "Max",
    "Min",
    "ReduceSum",
    "TopK",
    "Swish",
    "Softsign",
    "LayerNormalization",
};

static const char *const attributes[] = {
    "kernel_shape",
    "strides",
    "pads",
    "dilations",
    "perm",
    "axes",
    "axis",
    "group",
    "transA",
    "transB",
    "ceil_mode",
    "keepdims",
    "epsilon",
    "ratio",
    "alpha",
    "beta",
    "to",
    "value_ints",
    "starts",
    "ends",
    "start",
    "end",
    "auto_pad",
    "value",
    "split",
    "value_float",
    "value_int",
    "mode",
    "count_include_pad",
    "min",
    "max",
    "gamma",
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
    {"m", ELEM_FLOAT, 4, {3, 4, 4, 4}}, {"l", ELEM_INT64, 1, {12}},
    {"e", ELEM_INT32, 1, {8}},
};

/* A byte as a number: most as they are, a few as one near what something holds. */
static int64_t number_of(unsigned byte) {
    static const int64_t rare[] = {INT64_MIN, INT64_MAX, INT32_MAX, 1ll << 31,
                                   4096,      65536,     1 << 26,   INT64_MIN + 1};
    return byte >= 128 && byte < 136 ? rare[byte - 128] : (int8_t)byte;
}

static void put_constant(pb_writer *w, const struct constant *c, int64_t scale) {
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
            dn_pb_put_int(w,
                          c->type == ELEM_INT64 ? TENSOR_INT64_DATA : TENSOR_INT32_DATA,
                          i ? (int64_t)((uint64_t)scale + (uint64_t)i) : -1);
    dn_pb_close(w, start);
}

/* Value i of a constant in raw_data, as 8, 4, 2 or 1 bytes of its type. */
static void put_raw(uint8_t *p, int type, size_t size, int i) {
    static const uint16_t halves[] = {0x3400, 0x3800, 0x3a00, 0x3c00, 0};
    const double real = ((1 + i) % 5) / 4.0;
    const float single = (float)real;
    const int64_t whole = i ? i : -1;
    const void *from = &whole; /* little-endian, as the machines that fuzz are */
    if (type == ELEM_FLOAT) from = &single;
    if (type == ELEM_DOUBLE) from = &real;
    if (type == ELEM_FLOAT16) from = &halves[i % 5];
    memcpy(p, from, size);
}

/* put_strange - a constant as the input wants it: 3 bytes say which type, whether it is
 * there, once or twice, with which dimensions, and which of its values is a rare one. */
static void put_strange(pb_writer *w, const struct constant *c, fuzz_input *in) {
    static const int types[] = {0,          ELEM_FLOAT, ELEM_DOUBLE, ELEM_FLOAT16,
                                ELEM_INT64, ELEM_INT32, ELEM_BOOL,   2};
    static const int64_t dims[] = {0, 1, -1, 2, 1 << 20, INT32_MAX, 1ll << 40, INT64_MIN};
    const int kind = fuzz_below(in, 64), how = fuzz_below(in, 256),
              rare = fuzz_below(in, 256);
    const int type = types[kind % 8] ? types[kind % 8] : c->type;
    const size_t size = type == ELEM_DOUBLE || type == ELEM_INT64 ? 8
                        : type == ELEM_FLOAT16                    ? 2
                        : type == ELEM_BOOL                       ? 1
                                                                  : 4;
    size_t n = 1;
    if (kind / 8 == 7) return; /* missing */
    const size_t start = dn_pb_open(w, GRAPH_INITIALIZER);
    dn_pb_put_text(w, TENSOR_NAME, kind / 8 == 6 ? "b" : c->name); /* or twice */
    dn_pb_put_int(w, TENSOR_DATA_TYPE, type);
    if (how % 16 == 1) dn_pb_put_int(w, TENSOR_DIMS, 1);
    for (int i = how % 16 == 2; i < c->rank; i++) {
        const int changed = how % 16 == 3 && i == how / 16 % c->rank;
        dn_pb_put_int(w, TENSOR_DIMS, changed ? dims[rare % 8] : c->dims[i]);
        n *= (size_t)c->dims[i];
    }
    if (how % 16 == 4) n = (size_t)(how / 16);
    mutator m = {.random = (uint64_t)rare << 20 | 1};
    const uint32_t single = mutate_float(&m);
    const uint64_t wide = mutate_double(&m);
    const size_t at = n ? (size_t)(how / 16) % n : 0;
    uint8_t *p = dn_pb_put_room(w, TENSOR_RAW_DATA, n * size);
    for (size_t i = 0; p && i < n; i++) {
        put_raw(p + i * size, type, size, (int)i);
        if (rare && i == at && size == 4) memcpy(p + i * size, &single, size);
        if (rare && i == at && size == 8) memcpy(p + i * size, &wide, size);
        if (rare && i == at && size == 2) memset(p + i * size, 0x7e, size);
    }
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
    static const char *const texts[] = {"SAME_UPPER", "SAME_LOWER", "VALID",  "NOTSET",
                                        "constant",   "reflect",    "linear", "tanh"};
    const size_t start = dn_pb_open(w, NODE_ATTRIBUTE);
    const char *name = attributes[fuzz_below(in, N(attributes))];
    const int kind = fuzz_below(in, 4), n = fuzz_below(in, 9);
    dn_pb_put_text(w, ATTRIBUTE_NAME, name);
    if (kind == 0) {
        dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_INTS);
        for (int i = 0; i < n; i++)
            dn_pb_put_int(w, ATTRIBUTE_INTS, number_of(fuzz_byte(in)));
    } else if (kind == 1) {
        dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_I);
        dn_pb_put_int(w, ATTRIBUTE_I, number_of(fuzz_byte(in)));
    } else if (kind == 2) {
        const uint32_t bits = fuzz_word(in);
        float value;
        memcpy(&value, &bits, sizeof value);
        dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_F);
        dn_pb_put_float(w, ATTRIBUTE_F, value);
    } else {
        dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_S);
        dn_pb_put_text(w, ATTRIBUTE_S, texts[n % N(texts)]);
    }
    dn_pb_close(w, start);
}

/* The node that gives value n<k>: operator, further inputs, attributes, a byte each and
 * more. */
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
                      (i == 0 && rank > 1) || (rank == 4 && i == 1) ? 1
                      : rank == 2                                   ? 16
                                                                    : 6);
        dn_pb_close(w, dim);
    }
    dn_pb_close(w, shape);
    dn_pb_close(w, tensor);
    dn_pb_close(w, type);
    dn_pb_close(w, value);
}

/* rank of the image with its batch, opset, a number for lists, nodes; then the nodes. */
static pb_writer put_together(fuzz_input *in, int strange) {
    pb_writer w = {.heap = dn_heap_of(NULL)};
    const int ranks[] = {2, 3, 4, 1}, rank = ranks[fuzz_below(in, 4)];
    const int opset = 7 + fuzz_below(in, 12);
    const int64_t scale = number_of(fuzz_byte(in));
    const int n = fuzz_below(in, 32);
    const size_t set = dn_pb_open(&w, MODEL_OPSET_IMPORT);
    dn_pb_put_int(&w, OPSET_VERSION, opset);
    dn_pb_close(&w, set);
    const size_t graph = dn_pb_open(&w, MODEL_GRAPH);
    put_value(&w, GRAPH_INPUT, 0, rank);
    put_value(&w, GRAPH_OUTPUT, n, 2);
    for (int i = 0; i < N(constants); i++)
        if (strange)
            put_strange(&w, &constants[i], in);
        else
            put_constant(&w, &constants[i], scale);
    for (int k = 1; k <= n; k++) put_node(&w, in, k);
    dn_pb_close(&w, graph);
    if (w.failed) abort();
    return w;
}

#define KINDS 5

static int is_file(int kind) { return kind < 2 || kind == 4; }

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fuzz_input in = {bytes, size};
    const int kind = fuzz_below(&in, KINDS);
    dn_onnx_given given = {.mean = 0.25, .std = 0.5};
    if (kind == 1) given.shape = (dn_shape){6, 6, 1};
    if (kind == 4) given = nothing;
    if (!is_file(kind)) {
        pb_writer w = put_together(&in, kind == 3);
        read_file(w.p, w.size, &given);
        free(w.p);
    } else {
        const size_t n = in.left;
        uint8_t *copy = fuzz_copy(&in, n);
        read_file(copy, n, &given);
        free(copy);
    }
    return 0;
}

/* as_file - what takes the place of an input: its kind and a file, which it frees. */
static size_t as_file(uint8_t *bytes, size_t size, size_t room, int kind, pb_writer *w) {
    if (w->size && w->size < room) {
        bytes[0] = (uint8_t)kind;
        memcpy(bytes + 1, w->p, w->size);
        size = w->size + 1;
    }
    free(w->p);
    return size;
}

/* A file is changed as a message; what is put together becomes a file, or is changed as
 * bytes. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed) {
    const int kind = size ? bytes[0] % KINDS : 2;
    pb_writer w = {.heap = dn_heap_of(NULL)};
    if (size && is_file(kind) && seed % 8) {
        mutate_message(&w, (pb_bytes){bytes + 1, size - 1}, seed);
        return as_file(bytes, size, room, kind, &w);
    }
    if (!is_file(kind) && size && seed % 16 == 1) {
        fuzz_input in = {bytes + 1, size - 1};
        w = put_together(&in, kind == 3);
        return as_file(bytes, size, room, (int)(seed / 16 % 2), &w);
    }
    if (LLVMFuzzerMutate) return LLVMFuzzerMutate(bytes, size, room);
    if (size) bytes[seed / 16 % size] ^= (uint8_t)(seed >> 8 | 1);
    return size;
}

/* Batch norm and max pooling; a bias added; a vector; a Transpose before the Flatten. */
static const uint8_t seeds[][80] = {
    {2, 2,  6, 5, 6, 0, 2, 0, 1, 14, 4, 1, 1, 1, 1, 1, 0,
     2, 16, 0, 0, 2, 2, 2, 1, 0, 2,  2, 2, 3, 0, 4, 1, 6},
    {2, 2, 6, 5, 5, 0, 2, 0, 1, 6, 1, 5, 1, 0, 3, 0, 5, 1, 2},
    {2, 0, 6, 5, 2, 4, 1, 9, 13, 0},
    {2, 2, 6, 5, 6, 0, 1, 0, 1, 0, 11, 8, 4, 0, 4, 0, 2, 3, 1, 3, 0, 4, 1, 2, 13, 0},
};

/* An untrained network of ours, written. */
static size_t seed_written(const char *layers, uint8_t out[FUZZ_SEED_SIZE]) {
    static const dn_onnx_words words = {"fuzz", "0", "[0, 1, 2]"};
    const dn_label labels[] = {{NULL, 0, 0}, {NULL, 0, 1}, {NULL, 0, 2}};
    char error[256];
    dn_options o;
    dn_trainer *trainer;
    void *model, *onnx;
    size_t size, onnx_size;
    FUZZ_CHECK(dn_options_default(&o, layers, error, sizeof error) == DN_OK);
    o.shape = (dn_shape){6, 6, 1};
    FUZZ_CHECK(dn_trainer_new(&trainer, &o, labels, 3, 1, 0.25f, 0.5f, NULL, error,
                              sizeof error) == DN_OK);
    FUZZ_CHECK(dn_trainer_model(trainer, 1, &model, &size) == DN_OK);
    FUZZ_CHECK(dn_onnx_export(&onnx, &onnx_size, model, size, &words, NULL, error,
                              sizeof error) == DN_OK);
    out[0] = 4;
    FUZZ_CHECK(onnx_size < FUZZ_SEED_SIZE);
    memcpy(out + 1, onnx, onnx_size);
    free(onnx);
    free(model);
    dn_trainer_free(trainer);
    return onnx_size + 1;
}

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    static const char *const written[] = {"2C3b-MP2-4Nb-D0.5",
                                          "2C3v/2-AP2-3N",
                                          "3C3-GAP",
                                          "4N",
                                          "2C3b-(B-DW3b|2C1i)+-(2C1|2C1s)&-GAP",
                                          "2C3i-(@1|GAP-2C1s)*h-4C3g2p1-GAP"};
    const int n = N(seeds);
    if (i >= 3 * n)
        return i < 3 * n + N(written) ? seed_written(written[i - 3 * n], out) : 0;
    const uint8_t *seed = seeds[i % n];
    if (i < n) {
        memcpy(out, seed, sizeof *seeds);
        return sizeof *seeds;
    }
    if (i < 2 * n) { /* the same with strange constants, which first are not */
        const size_t strange = 3 * N(constants), head = 5;
        memset(out, 0, head + strange);
        memcpy(out, seed, head);
        out[0] = 3;
        memcpy(out + head + strange, seed + head, sizeof *seeds - head);
        return sizeof *seeds + strange;
    }
    /* The same as a file, as far as it fits. */
    fuzz_input in = {seed + 1, sizeof *seeds - 1};
    pb_writer w = put_together(&in, 0);
    const size_t size = w.size < FUZZ_SEED_SIZE ? w.size : FUZZ_SEED_SIZE - 1;
    out[0] = 0;
    memcpy(out + 1, w.p, size);
    free(w.p);
    return size + 1;
}
