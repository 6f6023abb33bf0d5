/* depthwise.c - DWk[v][p…][/s][b][activation]: a convolution of k × k, every s, in which
 * each map is read alone and gives one. */
#include <stdio.h>
#include "activation.h"
#include "kind.h"
#include "window.h"

static int parse(dn_parser *p, dn_layer *l, int n) {
    if (n >= 0 || !dn_parse_word(p, "DW")) return DN_NOT_MINE;
    l->stride = 1;
    l->activation = DN_RELU;
    p->newer = 1;
    int status = dn_parse_window(p, l, "kernel is not 1..64");
    while (status == DN_OK) {
        if (dn_parse_letter(p, 'V'))
            l->valid = 1;
        else if (dn_parse_letter(p, 'P'))
            status = dn_parse_padding(p, l);
        else if (dn_parse_letter(p, 'B'))
            l->norm = 1;
        else if (*p->at == '/')
            status = dn_parse_stride(p, l);
        else
            break;
    }
    return status == DN_OK ? dn_parse_activation(p, l) : status;
}

static void print(char *text, size_t size, const dn_layer *l) {
    char stride[16] = "", padding[DN_PADDING_TEXT], activation[DN_ACTIVATION_TEXT];
    if (l->stride != 1) snprintf(stride, sizeof stride, "/%d", l->stride);
    dn_print_padding(padding, l, 'p');
    dn_print_activation(activation, l, DN_RELU);
    snprintf(text, size, "DW%d%s%s%s%s", l->kh, padding, stride, l->norm ? "b" : "",
             activation);
}

/* Weights [c][k][k]. */
static void shape(dn_layer *l) {
    dn_shape_window(l);
    l->out.c = l->in.c;
    l->outputs_first = 1;
    l->rows = l->out.c;
    l->columns = l->ld = l->kh * l->kw;
}

static int64_t cost(const dn_layer *l) { return dn_values(l->out) * l->columns; }

/* A tap loads what it multiplies: that takes as long as so many multiply-adds of a
 * convolution of many maps. */
#define TAP 3

static uint64_t single_cost(const dn_layer *l) {
    const uint64_t channels = ((uint64_t)l->out.c + 15) / 16 * 16;
    return TAP * channels * (uint64_t)(l->cost / l->out.c);
}

static uint64_t explain_cost(const dn_layer *l) {
    const uint64_t back = (uint64_t)dn_values(l->in) * (uint64_t)l->columns;
    return TAP * DN_LANES * ((uint64_t)l->cost + back);
}

static void onnx(dn_onnx_word *out, const dn_layer *l) {
    *out = (dn_onnx_word){.op = "Conv",
                          .window = 1,
                          .group = l->in.c,
                          .dims = {l->out.c, 1, l->kh, l->kw},
                          .rank = 4};
}

/* --- packed weights ----------------------------------------------------------------- */

static uint64_t packed_size(const dn_layer *l) {
    return ((uint64_t)l->out.c + 15) / 16 * 16 * (uint64_t)l->columns;
}

static void pack_forward(float *packed, const float *w, const dn_layer *l) {
    memcpy(packed, w, (size_t)l->rows * (size_t)l->columns * sizeof *w);
}

static void unpack_forward(float *w, const float *packed, const dn_layer *l) {
    pack_forward(w, packed, l);
}

/* Taps in the order of the way back. */
static void pack_backward(float *packed, const float *w, const dn_layer *l) {
    for (int c = 0; c < l->rows; c++, w += l->columns)
        for (int tap = 0; tap < l->columns; tap++) *packed++ = w[l->columns - 1 - tap];
}

/* [k][k][c rounded up to 16] */
static void pack_single(float *packed, const float *w, const dn_layer *l) {
    const int channels = (l->out.c + 15) / 16 * 16;
    for (int tap = 0; tap < l->columns; tap++)
        for (int c = 0; c < channels; c++)
            *packed++ = c < l->out.c ? w[(ptrdiff_t)c * l->columns + tap] : 0.0f;
}

/* --- running ------------------------------------------------------------------------ */

/* Bands of rows of a group of 16: rows of y, from a view under the first tap. */
static void run(const dn_call *c, const dn_view *y, const dn_view *taps, const float *w,
                int stride, int relu) {
    const dn_layer *l = c->layer;
    dn_view to = *y, from = *taps;
    const int64_t row = (int64_t)TAP * DN_LANES * l->columns * y->w;
    for (int o = 0; o < y->c; o += to.c) {
        to.c = from.c = dn_band(c->ask, 1, row * y->h, y->c - o);
        to.p = y->p + o * y->channel;
        from.p = taps->p + o * taps->channel;
        const dn_view band = to;
        for (int r = 0; r < y->h; r += to.h) {
            to.h = dn_band(c->ask, 1, row * to.c, y->h - r);
            if (!dn_go_on(c->ask, row * to.c * to.h)) return;
            to.p = band.p + r * band.row;
            c->kernels->depthwise_rows(&to, &from, w + (ptrdiff_t)o * l->columns,
                                       c->bias + o, l->kh, stride, relu, r, to.h);
        }
    }
}

static void forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_view taps = dn_under_taps(*x, c->layer);
    run(c, y, &taps, c->weights, c->layer->stride, c->relu);
}

static void backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_layer *l = c->layer;
    dn_view spread = *dz;
    spread.p -= dn_spread(l).origin;
    spread.row /= l->stride;
    spread.column /= l->stride;
    run(c, dx, &spread, c->weights, 1, 0);
}

static void weight_gradient(const dn_call *c, float *dw, const dn_view *dz) {
    const dn_layer *l = c->layer;
    const dn_view taps = dn_under_taps(*c->x, l);
    const int64_t cost = TAP * DN_LANES * (l->cost / l->out.c);
    dn_view part = *dz, from = taps;
    for (int o = 0; o < dz->c; o += part.c) {
        part.c = dn_band(c->ask, 1, cost, dz->c - o);
        if (!dn_go_on(c->ask, part.c * cost)) return;
        part.p = dz->p + o * dz->channel;
        from.p = taps.p + o * taps.channel;
        c->kernels->depthwise_wgrad(dw + (ptrdiff_t)o * l->columns, &part, &from, l->kh,
                                    l->stride);
    }
}

static void single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const dn_view taps = dn_under_taps(*x, l);
    const int channels = (l->out.c + 15) / 16 * 16;
    const int64_t cost = (int64_t)TAP * l->columns * channels * l->out.w;
    for (int r = 0, h; r < l->out.h; r += h) {
        h = dn_band(c->ask, 1, cost, l->out.h - r);
        if (!dn_go_on(c->ask, cost * h)) return;
        c->kernels->single_depthwise(y->p + r * y->row, y->row, y->column,
                                     taps.p + r * l->stride * taps.row, taps.row,
                                     taps.column, c->weights, c->bias, h, l->out.w,
                                     channels, l->kh, l->stride, c->relu);
    }
}

const dn_layer_kind dn_depthwise_kind = {.notation = "DWk",
                                         .reads = DN_READS_MAPS,
                                         .parse = parse,
                                         .print = print,
                                         .shape = shape,
                                         .cost = cost,
                                         .single_cost = single_cost,
                                         .explain_cost = explain_cost,
                                         .onnx = onnx,
                                         .packed_size = packed_size,
                                         .pack_forward = pack_forward,
                                         .pack_backward = pack_backward,
                                         .pack_single = pack_single,
                                         .unpack_forward = unpack_forward,
                                         .forward = forward,
                                         .gradient = dn_spread,
                                         .backward = backward,
                                         .weight_gradient = weight_gradient,
                                         .single = single};
