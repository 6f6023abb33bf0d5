/* dense.c - nN[b][activation]: a fully connected layer of n units. */
#include <stdio.h>
#include "activation.h"
#include "int8.h"
#include "kind.h"

static int parse(dn_parser *p, dn_layer *l, int n) {
    if (n < 0 || !dn_parse_word(p, "N")) return DN_NOT_MINE;
    if (n > DN_MAX_UNITS) return dn_parse_fail(p, "more than 65536 units");
    l->out.c = n;
    l->activation = DN_RELU;
    l->norm = dn_parse_letter(p, 'B');
    return dn_parse_activation(p, l);
}

static void print(char *text, size_t size, const dn_layer *l) {
    char activation[DN_ACTIVATION_TEXT];
    dn_print_activation(activation, l, DN_RELU);
    snprintf(text, size, "%dN%s%s", l->out.c, l->norm ? "b" : "", activation);
}

/* Weights [in][out], rows filled up to a multiple of 16. */
static void shape(dn_layer *l) {
    l->out.h = l->out.w = 1;
    l->rows = (int)dn_values(l->in);
    l->columns = l->out.c;
    l->ld = (l->out.c + 15) / 16 * 16;
}

static int64_t cost(const dn_layer *l) { return (int64_t)l->rows * l->columns; }

static uint64_t single_cost(const dn_layer *l) {
    return (uint64_t)l->rows * (uint64_t)l->ld;
}

static uint64_t explain_cost(const dn_layer *l) { return 2 * DN_LANES * single_cost(l); }

static void onnx(dn_onnx_word *out, const dn_layer *l) {
    *out = (dn_onnx_word){.op = "Gemm", .dims = {l->columns, l->rows}, .rank = 2};
}

/* Where it is so large that questions come between, whole blocks of results are done. */
static void forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const int64_t cost = (int64_t)l->rows * DN_LANES * c->groups;
    float *from[DN_MOST_GROUPS], *to[DN_MOST_GROUPS];
    for (int g = 0; g < c->groups; g++) from[g] = x->p + g * c->apart;
    for (int o = 0, n; o < l->columns; o += n) {
        n = dn_band(c->ask, DN_DENSE_BLOCK, cost, l->columns - o);
        if (!dn_go_on(c->ask, n * cost)) return;
        for (int g = 0; g < c->groups; g++)
            to[g] = y->p + g * c->apart + (ptrdiff_t)o * DN_LANES;
        c->kernels->dense_forward(to, from, c->groups,
                                  c->weights + (ptrdiff_t)o * l->rows, c->bias + o,
                                  l->rows, n, c->relu);
    }
}

/* Inputs done at once: 16 and 6 go into it without a remainder. */
#define TILE 48

static void backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_layer *l = c->layer;
    const int64_t cost = (int64_t)l->columns * DN_LANES;
    for (int i = 0, n; i < l->rows; i += n) {
        n = dn_band(c->ask, TILE, cost, l->rows - i);
        if (!dn_go_on(c->ask, n * cost)) return;
        c->kernels->dense_dgrad(dx->p + (ptrdiff_t)i * DN_LANES, dz->p, c->weights,
                                l->rows, l->columns, i, n);
    }
}

static void keep_gradient(const dn_call *c, float *kept, const dn_view *dz) {
    c->kernels->dense_transpose(kept, dz->p, c->layer->columns, c->layer->ld);
}

static void batch_gradient(const dn_kernels *kernels, const dn_layer *l, float *dw,
                           float *const *x, size_t at, const float *kept, int groups,
                           int first, int count) {
    kernels->dense_wgrad(dw, x, at, kept, groups, first, count, l->ld);
}

/* A vector of its inputs, and places of those that are not 0. */
static uint64_t single_work(const dn_layer *l) {
    return l->int8 ? dn_int8_work(l) : 2 * (uint64_t)l->rows;
}

/* No bands: of the largest there can be, with 2^26 weights, one question is enough. The
 * pixels are rarely 0, standardised as they are. */
static void single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    int32_t *places = (int32_t *)(void *)(c->work + l->rows);
    if (l->int8) {
        dn_int8_single(c, y, x);
        return;
    }
    if (!dn_go_on(c->ask, l->cost)) return;
    c->kernels->single_dense(y->p, dn_flat(c->work, x), c->weights, c->bias, l->rows,
                             (l->columns + 15) / 16 * 16, c->relu,
                             l->from[0] < 0 ? NULL : places);
}

const dn_layer_kind dn_dense_kind = {.notation = "nN",
                                     .reads = DN_READS_VECTOR,
                                     .parse = parse,
                                     .print = print,
                                     .shape = shape,
                                     .cost = cost,
                                     .single_cost = single_cost,
                                     .explain_cost = explain_cost,
                                     .onnx = onnx,
                                     .blocks = 1,
                                     .together = 1,
                                     .forward = forward,
                                     .backward = backward,
                                     .keep_gradient = keep_gradient,
                                     .batch_gradient = batch_gradient,
                                     .single_work = single_work,
                                     .single = single};
