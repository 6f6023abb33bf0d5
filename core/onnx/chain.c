/* chain.c - the nodes of an ONNX graph that is written: see chain.h.
 *
 *     pixels → Sub mean → Div deviation
 *     nCk[v][/s][b]    Conv → [BatchNormalization] → Relu, or another activation
 *     MPk, APk, GAP    MaxPool, AveragePool, GlobalAveragePool
 *     nN[b]            [Flatten] → Gemm → [BatchNormalization] → Relu, or another
 *     Dp               Dropout, which does nothing at prediction
 *     (a|b)+  &  *     Add, Concat, Mul, then an activation
 *     the output       [Flatten] → Gemm → Softmax → probabilities */
#include <stdio.h>
#include "../layers/kind.h"
#include "../memory.h"
#include "chain.h"

/* The value that the next node reads; nodes are numbered as they come. */
typedef struct chain {
    pb_writer *w;
    onnx_name_text current;
    int n;
    const dn_spec *spec;
    int old;      /* of operator set 10 */
    int *results; /* the node that gives the image, and each layer's result */
} chain;

int dn_onnx_has_clip(const dn_spec *spec) {
    for (int i = 0; i < spec->n; i++)
        if (spec->layers[i].activation == DN_CLIP) return 1;
    return 0;
}

/* Begins a node that reads the current value and gives a new one; attributes and further
 * inputs may follow until node_end. */
static size_t node_start(chain *c, const char *op, const char *output) {
    const size_t start = dn_pb_open(c->w, GRAPH_NODE);
    dn_pb_put_text(c->w, NODE_INPUT, c->current.text);
    c->current = dn_onnx_numbered("x", c->n++);
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
    dn_pb_put_text(c->w, NODE_INPUT, dn_onnx_numbered(prefix, i).text);
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
static void times(chain *c, const onnx_name_text *factor) {
    scalar_node(c, "Mul", factor->text);
}

/* u/2·(1 + erf(u/√2)): Gelu is of a later operator set. */
static void gelu_nodes(chain *c) {
    const onnx_name_text u = c->current;
    scalar_node(c, "Div", "gelu_root");
    simple_node(c, "Erf");
    scalar_node(c, "Add", "gelu_one");
    times(c, &u);
    scalar_node(c, "Mul", "gelu_half");
}

/* u·σ(u·(a·u² + b)) */
static void quick_gelu_nodes(chain *c) {
    const onnx_name_text u = c->current;
    times(c, &u);
    scalar_node(c, "Mul", "gelu_cube");
    scalar_node(c, "Add", "gelu_first");
    times(c, &u);
    simple_node(c, "Sigmoid");
    times(c, &u);
}

static void put_activation(chain *c, const dn_layer *l) {
    const onnx_name_text u = c->current;
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
    case DN_SOFTPLUS: simple_node(c, "Softplus"); break;
    case DN_SOFTSIGN: simple_node(c, "Softsign"); break;
    case DN_THRESHOLD: real_node(c, "ThresholdedRelu", "alpha", l->alpha, NULL, 0); break;
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

/* Input k of a layer becomes the current value: as a vector, or as maps of one place,
 * where the others are so. */
static void read_input(chain *c, const dn_layer *l, int k) {
    const int from = l->from[k];
    const int is_vector = from >= 0 && c->spec->layers[from].vector;
    c->current = dn_onnx_numbered("x", c->results[from + 1]);
    if (l->vector && !is_vector) simple_node(c, "Flatten");
    if (!l->vector && is_vector) scalar_node(c, "Reshape", "as_maps");
}

/* The node of a layer itself, whose first input is the current value. */
static void put_node(chain *c, const dn_layer *l, int i, const dn_onnx_word *word,
                     const onnx_name_text *inputs) {
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
    if (dn_onnx_turned(l)) put_int(c->w, "transB", 1);
    node_end(c, start);
    if (l->kind == DN_OUTPUT) scalar_node(c, "Add", dn_onnx_numbered("b", i).text);
}

/* Add and Mul have two inputs. What multiplies comes first: OpenCV 4.6 takes one number a
 * map wrongly, and in silence, where it comes second. */
static void put_pairs(chain *c, const dn_layer *l, const char *op,
                      const onnx_name_text *inputs) {
    for (int k = 1; k < l->froms; k++) {
        const onnx_name_text so_far = c->current;
        const int factor = l->kind == DN_MUL;
        if (factor) c->current = inputs[k];
        scalar_node(c, op, factor ? so_far.text : inputs[k].text);
    }
}

static void put_layer(chain *c, const dn_layer *l, int i) {
    onnx_name_text inputs[DN_MAX_FROM];
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

int dn_onnx_chain(pb_writer *w, const dn_spec *spec) {
    chain c = {w, {"pixels"}, 0, spec, dn_onnx_has_clip(spec), NULL};
    c.results = dn_new(&w->heap, (uint64_t)spec->n + 1, sizeof *c.results);
    if (!c.results) return DN_NOMEM;
    scalar_node(&c, "Sub", "mean");
    scalar_node(&c, "Div", "deviation");
    c.results[0] = c.n - 1;
    for (int i = 0; i < spec->n; i++) put_layer(&c, &spec->layers[i], i);
    const int sigmoid = spec->layers[spec->n - 1].activation == DN_SIGMOID;
    const size_t last = node_start(&c, sigmoid ? "Sigmoid" : "Softmax", "probabilities");
    if (!sigmoid) put_int(w, "axis", 1);
    node_end(&c, last);
    dn_release(&w->heap, c.results);
    return DN_OK;
}
