/* export.c - a model as an ONNX file: see dn.h, and onnx.h for the format.
 *
 * Each layer is a chain of nodes, with the constants w1, b1, … of layer 1, …:
 *
 *     pixels → Sub mean → Div deviation
 *     nCk[v][/s][b]    Conv → [BatchNormalization] → Relu, or another activation
 *     MPk, APk, GAP    MaxPool, AveragePool, GlobalAveragePool
 *     nN[b]            [Flatten] → Gemm → [BatchNormalization] → Relu, or another
 *     Dp               Dropout, which does nothing at prediction
 *     (a|b)+  &  *     Add, Concat, Mul, then an activation
 *     the output       [Flatten] → Gemm → Softmax → probabilities
 *
 * Gemm has transB = 1 and weights [out][in], as PyTorch writes it: OpenCV 4 takes them to
 * lie so whatever transB says. A network with a Clip is of operator set 10, in which its
 * bounds, a Dropout's ratio and an Unsqueeze's axes are attributes: OpenCV 4.6 reads no
 * other Clip.
 *
 * Batch norm is not folded and the deviation is divided by: what is read back has every
 * number as it was. The temperature is a part of the output layer in model bytes
 * already. */
#include <stdio.h>
#include "../bytes.h"
#include "../error.h"
#include "../layers/kind.h"
#include "../memory.h"
#include "export.h"

#define IR_VERSION 7 /* the one that operator set 13 came with */
#define OPSET      13
#define CLIP_OPSET 10 /* with a Clip */

/* A name such as "w12". */
typedef struct name {
    char text[24];
} name;

static name numbered(const char *prefix, int i) {
    name out;
    snprintf(out.text, sizeof out.text, "%s%d", prefix, i + 1);
    return out;
}

/* --- parts of a graph --------------------------------------------------------------- */

/* The value that the next node reads; nodes are numbered as they come. */
typedef struct chain {
    pb_writer *w;
    name current;
    int n;
    const dn_spec *spec;
    int old;      /* of CLIP_OPSET */
    int *results; /* the node that gives the image, and each layer's result */
} chain;

static int has_clip(const dn_spec *spec) {
    for (int i = 0; i < spec->n; i++)
        if (spec->layers[i].activation == DN_CLIP) return 1;
    return 0;
}

/* Begins a node that reads the current value and gives a new one; attributes and further
 * inputs may follow until node_end. */
static size_t node_start(chain *c, const char *op, const char *output) {
    const size_t start = dn_pb_open(c->w, GRAPH_NODE);
    dn_pb_put_text(c->w, NODE_INPUT, c->current.text);
    c->current = numbered("x", c->n++);
    if (output) snprintf(c->current.text, sizeof c->current.text, "%s", output);
    dn_pb_put_text(c->w, NODE_OUTPUT, c->current.text);
    char text[48];
    snprintf(text, sizeof text, "%s_%d", op, c->n);
    dn_pb_put_text(c->w, NODE_NAME, text);
    dn_pb_put_text(c->w, NODE_OP_TYPE, op);
    return start;
}

static void node_end(chain *c, size_t start) { dn_pb_close(c->w, start); }

static void put_input(chain *c, const char *prefix, int i) {
    dn_pb_put_text(c->w, NODE_INPUT, numbered(prefix, i).text);
}

static void put_attribute(pb_writer *w, const char *text, int type, uint32_t field,
                          const int64_t *values, int n) {
    const size_t start = dn_pb_open(w, NODE_ATTRIBUTE);
    dn_pb_put_text(w, ATTRIBUTE_NAME, text);
    for (int i = 0; i < n; i++) dn_pb_put_int(w, field, values[i]);
    dn_pb_put_int(w, ATTRIBUTE_TYPE, type);
    dn_pb_close(w, start);
}

static void put_int(pb_writer *w, const char *text, int64_t value) {
    put_attribute(w, text, TYPE_I, ATTRIBUTE_I, &value, 1);
}

static void put_ints(pb_writer *w, const char *text, const int64_t *values, int n) {
    put_attribute(w, text, TYPE_INTS, ATTRIBUTE_INTS, values, n);
}

static void put_real(pb_writer *w, const char *text, float value) {
    const size_t start = dn_pb_open(w, NODE_ATTRIBUTE);
    dn_pb_put_text(w, ATTRIBUTE_NAME, text);
    dn_pb_put_float(w, ATTRIBUTE_F, value);
    dn_pb_put_int(w, ATTRIBUTE_TYPE, TYPE_F);
    dn_pb_close(w, start);
}

/* A matrix of floats: element (r, c) is at values[r·row + c·column]. */
typedef struct matrix {
    const float *values;
    size_t rows, columns, row, column;
} matrix;

/* An initializer of a matrix' numbers, row by row. */
static void put_tensor(pb_writer *w, const char *text, const int64_t *dims, int rank,
                       const matrix *m, onnx_work *work) {
    const size_t start = dn_pb_open(w, GRAPH_INITIALIZER);
    for (int i = 0; i < rank; i++) dn_pb_put_int(w, TENSOR_DIMS, dims[i]);
    dn_pb_put_int(w, TENSOR_DATA_TYPE, ELEM_FLOAT);
    dn_pb_put_text(w, TENSOR_NAME, text);
    uint8_t *p = dn_pb_put_room(w, TENSOR_RAW_DATA, 4 * m->rows * m->columns);
    for (size_t i = 0; p && i < m->rows && dn_onnx_worked(work, m->columns); i++)
        for (size_t k = 0; k < m->columns; k++, p += 4)
            put_float(p, m->values[i * m->row + k * m->column]);
    dn_pb_close(w, start);
}

static void put_vector(pb_writer *w, const char *prefix, int i, const float *values,
                       int n, onnx_work *work) {
    const int64_t size = n;
    put_tensor(w, numbered(prefix, i).text, &size, 1,
               &(matrix){values, 1, (size_t)n, (size_t)n, 1}, work);
}

static void put_scalar(pb_writer *w, const char *text, float value, onnx_work *work) {
    put_tensor(w, text, NULL, 0, &(matrix){&value, 1, 1, 1, 1}, work);
}

/* --- nodes -------------------------------------------------------------------------- */

static void simple_node(chain *c, const char *op) {
    node_end(c, node_start(c, op, NULL));
}

static void scalar_node(chain *c, const char *op, const char *constant) {
    const size_t start = node_start(c, op, NULL);
    dn_pb_put_text(c->w, NODE_INPUT, constant);
    node_end(c, start);
}

static void window_attributes(pb_writer *w, const dn_layer *l) {
    const int64_t kernel[2] = {l->kh, l->kw};
    const int64_t strides[2] = {l->stride, dn_stride_x(l)};
    const int64_t steps[2] = {l->gap_y + 1, l->gap_x + 1};
    /* After the maps, what the last window reads beyond them. */
    const int64_t bottom = (l->out.h - 1) * strides[0] + (l->kh - 1) * steps[0] + 1 -
                           l->pad_y - l->in.h;
    const int64_t right = (l->out.w - 1) * strides[1] + (l->kw - 1) * steps[1] + 1 -
                          l->pad_x - l->in.w;
    const int64_t pads[4] = {l->pad_y, l->pad_x, bottom > 0 ? bottom : 0,
                             right > 0 ? right : 0};
    put_ints(w, "kernel_shape", kernel, 2);
    put_ints(w, "strides", strides, 2);
    put_ints(w, "pads", pads, 4);
    if (l->gap_y || l->gap_x) put_ints(w, "dilations", steps, 2);
}

/* A node with up to two attributes; the second name may be NULL. */
static void real_node(chain *c, const char *op, const char *first, float alpha,
                      const char *second, float beta) {
    const size_t start = node_start(c, op, NULL);
    put_real(c->w, first, alpha);
    if (second) put_real(c->w, second, beta);
    node_end(c, start);
}

/* The current value times an earlier one. */
static void times(chain *c, const name *factor) { scalar_node(c, "Mul", factor->text); }

/* u/2·(1 + erf(u/√2)): Gelu is of a later operator set. */
static void gelu_nodes(chain *c) {
    const name u = c->current;
    scalar_node(c, "Div", "gelu_root");
    simple_node(c, "Erf");
    scalar_node(c, "Add", "gelu_one");
    times(c, &u);
    scalar_node(c, "Mul", "gelu_half");
}

/* u·σ(u·(a·u² + b)) */
static void quick_gelu_nodes(chain *c) {
    const name u = c->current;
    times(c, &u);
    scalar_node(c, "Mul", "gelu_cube");
    scalar_node(c, "Add", "gelu_first");
    times(c, &u);
    simple_node(c, "Sigmoid");
    times(c, &u);
}

static void put_activation(chain *c, const dn_layer *l) {
    const name u = c->current;
    if (l->kind == DN_OUTPUT) return; /* the last node has it */
    switch (l->activation) {
    case DN_RELU: simple_node(c, "Relu"); break;
    case DN_SIGMOID: simple_node(c, "Sigmoid"); break;
    case DN_TANH: simple_node(c, "Tanh"); break;
    case DN_LEAKY: real_node(c, "LeakyRelu", "alpha", l->alpha, NULL, 0); break;
    case DN_ELU:
        if (l->beta == 1)
            real_node(c, "Elu", "alpha", l->alpha, NULL, 0);
        else
            real_node(c, "Selu", "alpha", l->alpha, "gamma", l->beta);
        break;
    case DN_GELU: gelu_nodes(c); break;
    case DN_CLIP: real_node(c, "Clip", "min", l->alpha, "max", l->beta); break;
    case DN_HARD_SIGMOID:
        real_node(c, "HardSigmoid", "alpha", l->alpha, "beta", l->beta);
        break;
    case DN_HARD_SWISH:
        real_node(c, "HardSigmoid", "alpha", 1.0f / 6.0f, "beta", 0.5f);
        times(c, &u);
        break;
    case DN_SWISH:
        simple_node(c, "Sigmoid");
        times(c, &u);
        break;
    case DN_MISH:
        simple_node(c, "Softplus");
        simple_node(c, "Tanh");
        times(c, &u);
        break;
    case DN_QUICK_GELU: quick_gelu_nodes(c); break;
    default: break;
    }
}

static void layer_end(chain *c, const dn_layer *l, int i) {
    if (l->norm) {
        const size_t start = node_start(c, "BatchNormalization", NULL);
        put_input(c, "gamma", i);
        put_input(c, "beta", i);
        put_input(c, "mean", i);
        put_input(c, "variance", i);
        put_real(c->w, "epsilon", (float)DN_NORM_EPSILON);
        node_end(c, start);
    }
    put_activation(c, l);
}

/* Whether a layer's weights go into the file turned: a Gemm's, [in][out] in the parameter
 * vector. */
static int turned(const dn_layer *l) { return l->rows && !l->outputs_first; }

/* A vector gets the axes of maps. */
static void unsqueeze_node(chain *c) {
    static const int64_t axes[2] = {2, 3};
    const size_t start = node_start(c, "Unsqueeze", NULL);
    if (c->old)
        put_ints(c->w, "axes", axes, 2);
    else
        dn_pb_put_text(c->w, NODE_INPUT, "places");
    node_end(c, start);
}

/* Input k of a layer becomes the current value: as a vector, or as maps of one place,
 * where the others are so. */
static void read_input(chain *c, const dn_layer *l, int k) {
    const int from = l->from[k];
    const int is_vector = from >= 0 && c->spec->layers[from].vector;
    c->current = numbered("x", c->results[from + 1]);
    if (l->vector && !is_vector) simple_node(c, "Flatten");
    if (!l->vector && is_vector) unsqueeze_node(c);
}

/* The node of a layer itself, whose first input is the current value. */
static void put_node(chain *c, const dn_layer *l, int i, const dn_onnx_word *word,
                     const name *inputs) {
    const size_t start = node_start(c, word->op, NULL);
    for (int k = 1; k < l->froms; k++) dn_pb_put_text(c->w, NODE_INPUT, inputs[k].text);
    if (l->kind == DN_CONCAT) put_int(c->w, "axis", 1);
    if (l->rows) put_input(c, "w", i);
    if (l->rows && !l->norm && l->kind != DN_OUTPUT) put_input(c, "b", i);
    if (c->old && l->norm && l->kind == DN_DENSE) /* a Gemm must have a bias then */
        put_input(c, "zeros", i);
    if (word->scalar && !c->old) put_input(c, word->scalar, i);
    if (word->scalar && c->old) put_real(c->w, word->scalar, word->value);
    if (word->window) window_attributes(c->w, l);
    if (word->group > 1) put_int(c->w, "group", word->group);
    if (word->zeros) put_int(c->w, "count_include_pad", 1);
    if (turned(l)) put_int(c->w, "transB", 1);
    node_end(c, start);
    if (l->kind == DN_OUTPUT) scalar_node(c, "Add", numbered("b", i).text);
}

/* Add and Mul have two inputs. What multiplies comes first: OpenCV 4.6 takes one number a
 * map wrongly, and in silence, where it comes second. */
static void put_pairs(chain *c, const dn_layer *l, const char *op, const name *inputs) {
    for (int k = 1; k < l->froms; k++) {
        const name so_far = c->current;
        const int factor = l->kind == DN_MUL;
        if (factor) c->current = inputs[k];
        scalar_node(c, op, factor ? so_far.text : inputs[k].text);
    }
}

static void put_layer(chain *c, const dn_layer *l, int i) {
    name inputs[DN_MAX_FROM];
    dn_onnx_word word;
    dn_kind_of(l)->onnx(&word, l);
    for (int k = 0; k < l->froms; k++) {
        read_input(c, l, k);
        inputs[k] = c->current;
    }
    c->current = inputs[0];
    if (l->froms > 1 && l->kind != DN_CONCAT)
        put_pairs(c, l, word.op, inputs);
    else if (word.op)
        put_node(c, l, i, &word, inputs);
    layer_end(c, l, i);
    c->results[i + 1] = c->n - 1;
}

static void put_numbers(pb_writer *w, const dn_numbers *m, const dn_layer *l, int i,
                        onnx_work *work) {
    dn_onnx_word word;
    int64_t dims[4];
    dn_kind_of(l)->onnx(&word, l);
    if (word.scalar && !has_clip(&m->spec))
        put_scalar(w, numbered(word.scalar, i).text, word.value, work);
    if (!l->rows) return;
    for (int k = 0; k < word.rank; k++) dims[k] = word.dims[k];
    const float *values = m->weights + l->w;
    const size_t rows = (size_t)l->rows, columns = (size_t)l->columns;
    const size_t ld = (size_t)l->ld;
    const matrix straight = {values, rows, columns, ld, 1};
    const matrix across = {values, columns, rows, 1, ld};
    if (!l->unit)
        put_tensor(w, numbered("w", i).text, dims, word.rank,
                   turned(l) ? &across : &straight, work);
    put_vector(w, l->norm ? "beta" : "b", i, m->weights + l->bias, l->out.c, work);
    if (!l->norm) return;
    if (l->kind == DN_DENSE && has_clip(&m->spec)) {
        const int64_t n = l->out.c;
        put_tensor(w, numbered("zeros", i).text, &n, 1,
                   &(matrix){&(const float){0}, 1, (size_t)n, 0, 0}, work);
    }
    put_vector(w, "gamma", i, m->weights + l->gamma, l->out.c, work);
    put_vector(w, "mean", i, m->stats + l->stat, l->out.c, work);
    put_vector(w, "variance", i, m->stats + l->stat + l->out.c, l->out.c, work);
}

/* An input or output of the graph: float [N, dims …]. */
static void put_value(pb_writer *w, uint32_t field, const char *text, const int *dims,
                      int n) {
    const size_t value = dn_pb_open(w, field);
    dn_pb_put_text(w, VALUE_NAME, text);
    const size_t type = dn_pb_open(w, VALUE_TYPE);
    const size_t tensor = dn_pb_open(w, TYPE_TENSOR_TYPE);
    dn_pb_put_int(w, TENSOR_TYPE_ELEM_TYPE, ELEM_FLOAT);
    const size_t shape = dn_pb_open(w, TENSOR_TYPE_SHAPE);
    for (int i = -1; i < n; i++) {
        const size_t dim = dn_pb_open(w, SHAPE_DIM);
        if (i < 0)
            dn_pb_put_text(w, DIM_PARAM, "N");
        else
            dn_pb_put_int(w, DIM_VALUE, dims[i]);
        dn_pb_close(w, dim);
    }
    dn_pb_close(w, shape);
    dn_pb_close(w, tensor);
    dn_pb_close(w, type);
    dn_pb_close(w, value);
}

/* The axes of a map, of which a vector has none. */
static void put_places(pb_writer *w) {
    const size_t start = dn_pb_open(w, GRAPH_INITIALIZER);
    dn_pb_put_int(w, TENSOR_DIMS, 2);
    dn_pb_put_int(w, TENSOR_DATA_TYPE, ELEM_INT64);
    dn_pb_put_text(w, TENSOR_NAME, "places");
    uint8_t *p = dn_pb_put_room(w, TENSOR_RAW_DATA, 16);
    if (p) put64(p, 2);
    if (p) put64(p + 8, 3);
    dn_pb_close(w, start);
}

/* What several nodes may share, where one does. */
static void put_shared(pb_writer *w, const dn_spec *spec, onnx_work *work) {
    int gelu = 0, quick = 0, places = 0;
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        gelu |= l->activation == DN_GELU;
        quick |= l->activation == DN_QUICK_GELU;
        for (int k = 0; k < l->froms; k++)
            places |= !l->vector && l->from[k] >= 0 && spec->layers[l->from[k]].vector;
    }
    if (places && !has_clip(spec)) put_places(w);
    if (quick) {
        put_scalar(w, "gelu_cube", 1.5957691f * 0.044715f, work);
        put_scalar(w, "gelu_first", 1.5957691f, work);
    }
    if (!gelu) return;
    put_scalar(w, "gelu_root", 1.41421356f, work);
    put_scalar(w, "gelu_one", 1, work);
    put_scalar(w, "gelu_half", 0.5f, work);
}

/* DN_OK or DN_NOMEM. */
static int put_graph(pb_writer *w, const dn_numbers *m, const char *text,
                     onnx_work *work) {
    const dn_spec *spec = &m->spec;
    const int image[3] = {spec->shape.c, spec->shape.h, spec->shape.w};
    chain c = {
        w,    {"pixels"},     0,
        spec, has_clip(spec), dn_new(&w->heap, (uint64_t)spec->n + 1, sizeof *c.results)};
    if (!c.results) return DN_NOMEM;
    const size_t start = dn_pb_open(w, MODEL_GRAPH);
    scalar_node(&c, "Sub", "mean");
    scalar_node(&c, "Div", "deviation");
    c.results[0] = c.n - 1;
    for (int i = 0; i < spec->n; i++) put_layer(&c, &spec->layers[i], i);
    const int sigmoid = spec->layers[spec->n - 1].activation == DN_SIGMOID;
    const size_t last = node_start(&c, sigmoid ? "Sigmoid" : "Softmax", "probabilities");
    if (!sigmoid) put_int(w, "axis", 1);
    node_end(&c, last);
    dn_pb_put_text(w, GRAPH_NAME, text);
    put_scalar(w, "mean", m->mean, work);
    put_scalar(w, "deviation", m->std, work);
    put_shared(w, spec, work);
    for (int i = 0; i < spec->n; i++) put_numbers(w, m, &spec->layers[i], i, work);
    put_value(w, GRAPH_INPUT, "pixels", image, 3);
    put_value(w, GRAPH_OUTPUT, "probabilities", &spec->classes, 1);
    dn_pb_close(w, start);
    dn_release(&w->heap, c.results);
    return DN_OK;
}

static void put_property(pb_writer *w, const char *key, const char *value) {
    const size_t start = dn_pb_open(w, MODEL_METADATA_PROPS);
    dn_pb_put_text(w, PROP_KEY, key);
    dn_pb_put_text(w, PROP_VALUE, value);
    dn_pb_close(w, start);
}

int dn_onnx_write(pb_writer *w, const dn_numbers *m, const dn_onnx_words *words,
                  onnx_work *work) {
    dn_pb_put_int(w, MODEL_IR_VERSION, IR_VERSION);
    const size_t opset = dn_pb_open(w, MODEL_OPSET_IMPORT);
    dn_pb_put_text(w, OPSET_DOMAIN, "");
    dn_pb_put_int(w, OPSET_VERSION, has_clip(&m->spec) ? CLIP_OPSET : OPSET);
    dn_pb_close(w, opset);
    dn_pb_put_text(w, MODEL_PRODUCER_NAME, DN_ONNX_PRODUCER);
    dn_pb_put_text(w, MODEL_PRODUCER_VERSION, words->version);
    const int status = put_graph(w, m, words->name, work);
    put_property(w, "classes", words->classes);
    put_property(w, "layers", m->spec.text);
    return status;
}

int dn_onnx_export(void **onnx, size_t *onnx_size, const void *bytes, size_t size,
                   const dn_onnx_words *words, const dn_host *host, char *error,
                   size_t error_size) {
    const dn_heap heap = dn_heap_of(host);
    dn_numbers m;
    pb_writer w = {.heap = heap};
    onnx_work work = dn_onnx_work_begin(host ? &host->watch : NULL, size);
    *onnx = NULL;
    int status = dn_numbers_read(&m, bytes, size, host, error, error_size);
    if (status == DN_OK && m.precision == DN_KEEP_INT8)
        status = dn_fail(error, error_size, DN_IN_INT8, "an ONNX file");
    if (status == DN_OK) {
        status = dn_onnx_write(&w, &m, words, &work);
        if (w.failed) status = DN_NOMEM;
        status = dn_onnx_work_end(&work, status, error, error_size);
    }
    dn_numbers_clear(&m);
    if (status == DN_OK) {
        *onnx = w.p;
        *onnx_size = w.size;
    } else {
        dn_release(&heap, w.p);
    }
    return status;
}
