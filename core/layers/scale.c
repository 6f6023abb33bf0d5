/* scale.c - layers of a factor and a summand for each map: B, batch normalisation as a
 * layer of its own, whose weights are ones until it is folded into them; and OUT, the
 * output layer of a network that ends with something else: what it reads are the logits,
 * times one and plus nothing as it begins. OUTs: each logit has a sigmoid of its own. */
#include <stdio.h>
#include "activation.h"
#include "kind.h"

static int parse_norm(dn_parser *p, dn_layer *l, int n) {
    if (n >= 0 || !dn_parse_word(p, "B")) return DN_NOT_MINE;
    p->newer = 1;
    l->norm = l->unit = 1;
    return dn_parse_activation(p, l);
}

static int parse_output(dn_parser *p, dn_layer *l, int n) {
    if (n >= 0 || !dn_parse_word(p, "OUT")) return DN_NOT_MINE;
    p->newer = 1;
    if (dn_parse_letter(p, 'S')) l->activation = DN_SIGMOID;
    return DN_OK;
}

static void print_norm(char *text, size_t size, const dn_layer *l) {
    char activation[DN_ACTIVATION_TEXT];
    dn_print_activation(activation, l, DN_LINEAR);
    snprintf(text, size, "B%s", activation);
}

static void print_output(char *text, size_t size, const dn_layer *l) {
    snprintf(text, size, "OUT%s", l->activation == DN_SIGMOID ? "s" : "");
}

static void shape_norm(dn_layer *l) {
    l->out = l->in;
    l->outputs_first = 1;
    l->rows = l->out.c;
    l->columns = l->ld = 1;
}

static void shape_output(dn_layer *l) {
    l->out = (dn_shape){1, 1, (int)dn_values(l->in)};
    l->outputs_first = 1;
    l->rows = l->out.c;
    l->columns = l->ld = 1;
}

static int64_t cost(const dn_layer *l) { return dn_values(l->out); }

/* A value is loaded, and written again. */
#define VALUE 8

static uint64_t single_cost(const dn_layer *l) {
    const uint64_t channels = ((uint64_t)l->out.c + 15) / 16 * 16;
    return VALUE * channels * (uint64_t)l->out.h * (uint64_t)l->out.w;
}

static uint64_t explain_cost(const dn_layer *l) {
    return 2 * VALUE * DN_LANES * (uint64_t)dn_values(l->out);
}

static void onnx_norm(dn_onnx_word *out, const dn_layer *l) {
    (void)l;
    *out = (dn_onnx_word){.op = NULL};
}

static void onnx_output(dn_onnx_word *out, const dn_layer *l) {
    *out = (dn_onnx_word){.op = "Mul", .dims = {l->out.c}, .rank = 1};
}

/* --- running ------------------------------------------------------------------------ */

/* Maps as a vector, which is how they lie where there is no margin. */
static dn_view as_vector(const dn_view *x) {
    return (dn_view){.p = x->p,
                     .channel = DN_LANES,
                     .row = DN_LANES,
                     .column = DN_LANES,
                     .c = x->c * x->h * x->w,
                     .h = 1,
                     .w = 1};
}

/* y = w·x + bias, map by map; a convolution of 1 × 1 that reads each map alone. */
static void scale(const dn_call *c, const dn_view *y, const dn_view *x) {
    const int64_t cost = (int64_t)VALUE * DN_LANES * y->h * y->w;
    dn_view to = *y, from = *x;
    for (int o = 0; o < y->c; o += to.c) {
        to.c = from.c = dn_band(c->ask, 1, cost, y->c - o);
        if (!dn_go_on(c->ask, to.c * cost)) return;
        to.p = y->p + o * y->channel;
        from.p = x->p + o * x->channel;
        c->kernels->depthwise_rows(&to, &from, c->weights + o, c->bias + o, 1, 1, c->relu,
                                   0, to.h);
    }
}

/* Weights that are not there are ones, without a bias: in training, before and behind the
 * barrier. */
static void norm_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    if (c->weights)
        scale(c, y, x);
    else if (dn_go_on(c->ask, dn_values(c->layer->out) * DN_LANES))
        dn_view_copy(y, x);
}

static void output_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_view from = as_vector(x);
    scale(c, y, &from);
}

static void output_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_view to = as_vector(dx);
    scale(c, &to, dz);
}

static void weight_gradient(const dn_call *c, float *dw, const dn_view *dz) {
    const dn_view x = as_vector(c->x);
    if (dn_go_on(c->ask, c->layer->cost * DN_LANES))
        c->kernels->depthwise_wgrad(dw, dz, &x, 1, 1);
}

/* --- one image ---------------------------------------------------------------------- */

static void norm_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const int channels = (l->out.c + 15) / 16 * 16;
    const int64_t cost = (int64_t)VALUE * channels * l->out.w;
    for (int r = 0, h; r < l->out.h; r += h) {
        h = dn_band(c->ask, 1, cost, l->out.h - r);
        if (!dn_go_on(c->ask, cost * h)) return;
        c->kernels->single_depthwise(y->p + r * y->row, y->row, y->column,
                                     x->p + r * x->row, x->row, x->column, c->weights,
                                     c->bias, h, l->out.w, channels, 1, 1, c->relu);
    }
}

/* A vector as maps has its channels one after the other. */
static uint64_t single_work(const dn_layer *l) {
    return ((uint64_t)l->out.c + 15) / 16 * 16;
}

static void output_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    dn_view from = *y;
    from.p = c->work;
    const float *flat = dn_flat(c->work, x);
    if (flat != c->work) memcpy(c->work, flat, (size_t)y->c * sizeof *flat);
    norm_single(c, y, &from);
}

const dn_layer_kind dn_norm_kind = {.notation = "B",
                                    .reads = DN_READS_ANY,
                                    .parse = parse_norm,
                                    .print = print_norm,
                                    .shape = shape_norm,
                                    .cost = cost,
                                    .single_cost = single_cost,
                                    .explain_cost = explain_cost,
                                    .onnx = onnx_norm,
                                    .forward = norm_forward,
                                    .backward = norm_forward,
                                    .single = norm_single};

const dn_layer_kind dn_output_kind = {.notation = "OUT",
                                      .reads = DN_READS_VECTOR,
                                      .parse = parse_output,
                                      .print = print_output,
                                      .shape = shape_output,
                                      .cost = cost,
                                      .single_cost = single_cost,
                                      .explain_cost = explain_cost,
                                      .onnx = onnx_output,
                                      .starts_as_one = 1,
                                      .forward = output_forward,
                                      .backward = output_backward,
                                      .weight_gradient = weight_gradient,
                                      .single_work = single_work,
                                      .single = output_single};
