/* onnx_words.h - ONNX files from a few words, for the tests that read them.
 *
 *     CHECK_STR(read_text("input x 0,144\noutput y\ntensor w 5,144\n"
 *                         "Gemm g x w > y transB=1\n"),
 *               " of 12x12x1, 5 classes"); */
#ifndef ONNX_WORDS_H
#define ONNX_WORDS_H

#include <math.h>
#include <stdlib.h>
#include "../../../core/dn.h"
#include "../../../core/memory.h"
#include "../../../core/onnx/onnx.h"
#include "../check.h"

static char words_error[512];

/* --- files in words --------------------------------------------------------------------
 *
 * A graph is lines; words stand between spaces:
 *
 *     input name d,d,d            0 for a dimension without a number
 *     output name
 *     tensor name d,d,… f,f,…     floats, again and again; 0.1, 0.2, … 0.7 if none are
 *                                 given
 *     ints name i,i,…             an int64 tensor
 *     bools name n                a tensor of n times true
 *     external name d,d,… file offset length
 *                                 floats in another file; "-" for what is not said
 *     Op name in in … > out key=i key=i,i key~f key:text key#f,f      "-" for an empty
 *                                                                     input
 *                                              key#: a tensor, of one dimension but for
 *                                              one float
 *                                              key!f: a float that says no type
 */

static const char *at;

/* The next word of the line; 0 at its end. */
static int word(char *out) {
    while (*at == ' ') at++;
    const size_t n = strcspn(at, " \n");
    memcpy(out, at, n);
    out[n] = 0;
    at += n;
    return n > 0;
}

/* The numbers of a word. */
static int list(const char *text, int64_t *out) {
    int n = 0;
    for (char *end; *text; text = *end ? end + 1 : end)
        out[n++] = strtoll(text, &end, 10);
    return n;
}

static void put_attribute(pb_writer *w, char *text) {
    int64_t values[40];
    const size_t length = strcspn(text, "=~:#!"), start = dn_pb_open(w, NODE_ATTRIBUTE);
    const char kind = text[length];
    const char *value = text + length + 1;
    text[length] = 0;
    dn_pb_put_text(w, ATTRIBUTE_NAME, text);
    if (kind == '~' || kind == '!') {
        dn_pb_put_float(w, ATTRIBUTE_F, strtof(value, NULL));
        if (kind == '~') dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_F);
    } else if (kind == '#') {
        const size_t tensor = dn_pb_open(w, ATTRIBUTE_T);
        int n = 0;
        for (char *p = text + length + 1; *p; p += *p == ',', n++)
            dn_pb_put_float(w, TENSOR_FLOAT_DATA, strtof(p, &p));
        if (n != 1) dn_pb_put_int(w, TENSOR_DIMS, n);
        dn_pb_put_int(w, TENSOR_DATA_TYPE, ELEM_FLOAT);
        dn_pb_close(w, tensor);
        dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_T);
    } else if (kind == ':') {
        dn_pb_put_text(w, ATTRIBUTE_S, value);
        dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_S);
    } else {
        const int n = list(value, values), one = !strchr(value, ',');
        for (int i = 0; i < n; i++)
            dn_pb_put_int(w, one ? ATTRIBUTE_I : ATTRIBUTE_INTS, values[i]);
        dn_pb_put_int(w, ATTRIBUTE_TYPE, one ? TYPE_I : TYPE_INTS);
    }
    dn_pb_close(w, start);
}

static void put_node(pb_writer *w, const char *op) {
    char text[200];
    const size_t start = dn_pb_open(w, GRAPH_NODE);
    int output = 0;
    dn_pb_put_text(w, NODE_OP_TYPE, op);
    if (word(text) && strcmp(text, "-")) dn_pb_put_text(w, NODE_NAME, text);
    while (word(text))
        if (strcmp(text, ">") == 0)
            output = 1;
        else if (strncmp(text, "domain:", 7) == 0)
            dn_pb_put_text(w, NODE_DOMAIN, text + 7);
        else if (strpbrk(text, "=~:#!"))
            put_attribute(w, text);
        else
            dn_pb_put_text(w, output ? NODE_OUTPUT : NODE_INPUT,
                           strcmp(text, "-") ? text : "");
    dn_pb_close(w, start);
}

static void put_tensor(pb_writer *w, int type) {
    char name[64], text[200];
    int64_t values[40], n = 1;
    float floats[40] = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f};
    int given = 0;
    const size_t start = dn_pb_open(w, GRAPH_INITIALIZER);
    word(name);
    const int rank = word(text) ? list(text, values) : 0;
    dn_pb_put_text(w, TENSOR_NAME, name);
    dn_pb_put_int(w, TENSOR_DATA_TYPE, type);
    if (type == ELEM_INT64) {
        dn_pb_put_int(w, TENSOR_DIMS, rank);
        for (int i = 0; i < rank; i++) dn_pb_put_int(w, TENSOR_INT64_DATA, values[i]);
    } else {
        for (int i = 0; i < rank; i++) {
            dn_pb_put_int(w, TENSOR_DIMS, values[i]);
            n *= values[i];
        }
        word(text);
        for (char *p = text; *p; p += *p == ',') floats[given++] = strtof(p, &p);
        for (int64_t i = 0; i < n; i++)
            dn_pb_put_float(w, TENSOR_FLOAT_DATA, floats[i % (given ? given : 7)]);
    }
    dn_pb_close(w, start);
}

static void put_bools(pb_writer *w) {
    char name[64], text[64] = "";
    const size_t start = dn_pb_open(w, GRAPH_INITIALIZER);
    word(name);
    word(text);
    const size_t n = strtoul(text, NULL, 10);
    dn_pb_put_text(w, TENSOR_NAME, name);
    dn_pb_put_int(w, TENSOR_DATA_TYPE, ELEM_BOOL);
    dn_pb_put_int(w, TENSOR_DIMS, (int64_t)n);
    uint8_t *p = dn_pb_put_room(w, TENSOR_RAW_DATA, n);
    if (p) memset(p, 1, n);
    dn_pb_close(w, start);
}

/* One entry of a tensor's external_data, of the next word. */
static void put_external_entry(pb_writer *w, const char *key) {
    char text[64] = "-";
    word(text);
    if (strcmp(text, "-") == 0) return;
    const size_t entry = dn_pb_open(w, TENSOR_EXTERNAL_DATA);
    dn_pb_put_text(w, PROP_KEY, key);
    dn_pb_put_text(w, PROP_VALUE, text);
    dn_pb_close(w, entry);
}

static void put_external(pb_writer *w) {
    char name[64], text[200];
    int64_t dims[40];
    const size_t start = dn_pb_open(w, GRAPH_INITIALIZER);
    word(name);
    const int rank = word(text) ? list(text, dims) : 0;
    dn_pb_put_text(w, TENSOR_NAME, name);
    dn_pb_put_int(w, TENSOR_DATA_TYPE, ELEM_FLOAT);
    for (int i = 0; i < rank; i++) dn_pb_put_int(w, TENSOR_DIMS, dims[i]);
    dn_pb_put_int(w, TENSOR_DATA_LOCATION, 1);
    put_external_entry(w, "location");
    put_external_entry(w, "offset");
    put_external_entry(w, "length");
    dn_pb_close(w, start);
}

static void put_value(pb_writer *w, uint32_t field) {
    char name[64], text[64];
    int64_t dims[40];
    const size_t value = dn_pb_open(w, field);
    word(name);
    dn_pb_put_text(w, VALUE_NAME, name);
    if (word(text)) {
        const size_t type = dn_pb_open(w, VALUE_TYPE);
        const size_t tensor = dn_pb_open(w, TYPE_TENSOR_TYPE);
        char kind[8];
        const int n = list(text, dims);
        dn_pb_put_int(w, TENSOR_TYPE_ELEM_TYPE, word(kind) ? atoi(kind) : ELEM_FLOAT);
        const size_t shape = dn_pb_open(w, TENSOR_TYPE_SHAPE);
        for (int i = 0; i < n; i++) {
            const size_t dim = dn_pb_open(w, SHAPE_DIM);
            if (dims[i])
                dn_pb_put_int(w, DIM_VALUE, dims[i]);
            else
                dn_pb_put_text(w, DIM_PARAM, "N");
            dn_pb_close(w, dim);
        }
        dn_pb_close(w, shape);
        dn_pb_close(w, tensor);
        dn_pb_close(w, type);
    }
    dn_pb_close(w, value);
}

static pb_writer file_of(const char *graph, int opset) {
    pb_writer w = {.heap = dn_heap_of(NULL)};
    char text[200];
    dn_pb_put_int(&w, MODEL_IR_VERSION, 7);
    const size_t set = dn_pb_open(&w, MODEL_OPSET_IMPORT);
    dn_pb_put_int(&w, OPSET_VERSION, opset);
    dn_pb_close(&w, set);
    const size_t start = dn_pb_open(&w, MODEL_GRAPH);
    for (at = graph; *at; at += *at == '\n') {
        if (!word(text)) continue;
        if (strcmp(text, "input") == 0)
            put_value(&w, GRAPH_INPUT);
        else if (strcmp(text, "output") == 0)
            put_value(&w, GRAPH_OUTPUT);
        else if (strcmp(text, "tensor") == 0)
            put_tensor(&w, ELEM_FLOAT);
        else if (strcmp(text, "ints") == 0)
            put_tensor(&w, ELEM_INT64);
        else if (strcmp(text, "bools") == 0)
            put_bools(&w);
        else if (strcmp(text, "external") == 0)
            put_external(&w);
        else
            put_node(&w, text);
    }
    dn_pb_close(&w, start);
    return w;
}

/* --- without memory ----------------------------------------------------------------- */

/* A heap whose allocation number fail_at, from 1, gives none. */
typedef struct words_heap {
    long made, fail_at, held;
} words_heap;

static void *words_allocate(void *context, size_t size) {
    words_heap *heap = context;
    void *p = ++heap->made == heap->fail_at ? NULL : malloc(size);
    heap->held += p != NULL;
    return p;
}

static void words_release(void *context, void *p) {
    words_heap *heap = context;
    heap->held--;
    free(p);
}

static int words_fail = 1; /* 0: not for what takes too long */

/* Each allocation fails once: nothing is lost, and where it was asked for the status says
 * so. */
static void read_without_memory(const uint8_t *bytes, size_t size,
                                const dn_onnx_given *given) {
    for (long k = 1; words_fail; k++) {
        words_heap heap = {.fail_at = k};
        const dn_host host = {.heap = {words_allocate, words_release, &heap}};
        const dn_label labels[512] = {{NULL, 0, 0}};
        char error[512] = "";
        void *model = NULL;
        size_t model_size;
        dn_onnx *net;
        int status = dn_onnx_read(&net, bytes, size, given, &host, error, sizeof error);
        if (status == DN_OK)
            status = dn_onnx_model(net, labels, NULL, &model, &model_size);
        dn_onnx_free(net);
        if (model) words_release(&heap, model);
        const int fine = heap.held == 0 && (heap.made < k || status == DN_NOMEM);
        if (!fine) printf("    allocation %ld failed\n", k);
        CHECK(fine);
        if (heap.made < k) return;
    }
}

/* --- what is read ------------------------------------------------------------------- */

/* What is read of bytes: the notation and shape, or the error. */
static const char *read_bytes(const uint8_t *bytes, size_t size,
                              const dn_onnx_given *given) {
    static char out[600];
    dn_onnx *net;
    dn_onnx_info info;
    uint8_t *copy = malloc(size ? size : 1);
    memcpy(copy, bytes, size);
    memset(words_error, 0, sizeof words_error);
    const int status =
        dn_onnx_read(&net, copy, size, given, NULL, words_error, sizeof words_error);
    read_without_memory(copy, size, given);
    free(copy);
    if (status != DN_OK) {
        CHECK(status == DN_ERROR && words_error[0] && !net);
        return words_error;
    }
    dn_onnx_get_info(net, &info);
    snprintf(out, sizeof out, "%s of %dx%dx%d, %d classes", info.layers, info.shape.h,
             info.shape.w, info.shape.c, info.classes);
    /* And what it makes is a model. */
    dn_label labels[512] = {{NULL, 0, 0}};
    void *model = NULL;
    size_t model_size = 0;
    dn_model *m = NULL;
    CHECK(info.classes <= 512);
    CHECK(dn_onnx_model(net, labels, NULL, &model, &model_size) == DN_OK);
    CHECK(dn_model_decode(&m, model, model_size, NULL, words_error, sizeof words_error) ==
          DN_OK);
    dn_model_free(m);
    free(model);
    dn_onnx_free(net);
    return out;
}

static const dn_onnx_given plain = {.std = 1};

/* The output y is what the last node gives, if no node gives it. */
static const char *with_output(const char *graph, char *out, size_t size) {
    const char *last = strrchr(graph, '>');
    char name[64] = "";
    if (strstr(graph, "> y") || !last) return graph;
    sscanf(last + 1, "%63s", name);
    snprintf(out, size, "%sIdentity - %s > y\n", graph, name);
    return out;
}

static const char *read_set(const char *graph, int opset, const dn_onnx_given *given) {
    static char whole[20000];
    pb_writer w = file_of(with_output(graph, whole, sizeof whole), opset);
    const char *out = read_bytes(w.p, w.size, given);
    free(w.p);
    return out;
}

static const char *read_text(const char *graph) { return read_set(graph, 13, &plain); }

/* A file that only differs in a few nodes between its input x and the end. */
#define HEAD                                                                             \
    "input x 0,1,8,8\noutput y\ntensor w 3,1,3,3\ntensor b 3\ntensor f 108,4\n"          \
    "tensor four 4\ntensor three 1,3,1,1\ntensor one\n"
#define CONV  "Conv c x w b > c\nRelu - c > d\n" /* 3 maps of 6×6: 108 values */
#define DENSE "Flatten - d > e\nMatMul m e f > y\n"
#define END   "Relu - a > d\n" DENSE
#define OPEN  "Conv c x w b > c\n" /* a layer that has no Relu yet */
#define POOL  "MaxPool p c > p kernel_shape=2,2 strides=2,2\n"
#define FINE  "3C3v of 8x8x1, 4 classes"

/* --- the same network --------------------------------------------------------------- */

/* The model bytes of a graph; NULL if it cannot be read. */
static inline void *model_of(const char *graph, size_t *size) {
    dn_label labels[512] = {{NULL, 0, 0}};
    void *model = NULL;
    dn_onnx *net = NULL;
    pb_writer w = file_of(graph, 13);
    const int status =
        dn_onnx_read(&net, w.p, w.size, &plain, NULL, words_error, sizeof words_error);
    if (status == DN_OK) CHECK(dn_onnx_model(net, labels, NULL, &model, size) == DN_OK);
    if (status != DN_OK) CHECK_STR(words_error, "no error");
    dn_onnx_free(net);
    free(w.p);
    return model;
}

/* Two graphs that are the same network: to the bit. */
static inline int same(const char *one, const char *other) {
    size_t size = 0, other_size = 0;
    void *a = model_of(one, &size), *b = model_of(other, &other_size);
    const int is = a && b && size == other_size && memcmp(a, b, size) == 0;
    free(a);
    free(b);
    return is;
}

#define CHECK_SAME(one, other)  CHECK(same(HEAD one, HEAD other))
#define CHECK_OTHER(one, other) CHECK(!same(HEAD one, HEAD other))

/* --- graphs and what is said of them ------------------------------------------------ */

typedef struct expected {
    const char *graph, *says;
} expected;

static inline void check_all(const expected *all, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!CHECK_STR(read_text(all[i].graph), all[i].says))
            printf("    graph:\n%s\n", all[i].graph);
}

#define CHECK_ALL(all) check_all(all, sizeof(all) / sizeof *(all))

#endif
