/* pool.c - MPk[/s], APk[/s] and GAP: the maximum or the mean of windows, k × k every s
 * (k where no s stands), or of whole maps. */
#include <stdio.h>
#include "kind.h"

static int parse_window(dn_parser *p, dn_layer *l) {
    const int status = dn_parse_window(p, l, "window is not 1..64");
    l->stride = l->kh;
    return status == DN_OK ? dn_parse_stride(p, l) : status;
}

static int parse_max(dn_parser *p, dn_layer *l, int n) {
    if (n >= 0 || !dn_parse_word(p, "MP")) return DN_NOT_MINE;
    return parse_window(p, l);
}

static int parse_mean(dn_parser *p, dn_layer *l, int n) {
    if (n < 0 && dn_parse_word(p, "AP")) return parse_window(p, l);
    if (n >= 0 || !dn_parse_word(p, "GAP")) return DN_NOT_MINE;
    l->kh = l->in.h;
    l->kw = l->in.w;
    l->stride = 1;
    return DN_OK;
}

static void print_window(char *text, size_t size, const char *word, const dn_layer *l) {
    char stride[16] = "";
    if (l->stride != l->kh) snprintf(stride, sizeof stride, "/%d", l->stride);
    snprintf(text, size, "%s%d%s", word, l->kh, stride);
}

static void print_max(char *text, size_t size, const dn_layer *l) {
    print_window(text, size, "MP", l);
}

static int is_whole(const dn_layer *l) { return l->kh == l->in.h && l->kw == l->in.w; }

static void print_mean(char *text, size_t size, const dn_layer *l) {
    if (is_whole(l))
        snprintf(text, size, "GAP");
    else
        print_window(text, size, "AP", l);
}

static void shape(dn_layer *l) {
    l->out.c = l->in.c;
    l->out.h = l->in.h < l->kh ? 0 : (l->in.h - l->kh) / l->stride + 1;
    l->out.w = l->in.w < l->kw ? 0 : (l->in.w - l->kw) / l->stride + 1;
}

static int64_t cost(const dn_layer *l) { return dn_values(l->out) * l->kh * l->kw; }

static void onnx_max(dn_onnx_word *out, const dn_layer *l) {
    (void)l;
    *out = (dn_onnx_word){.op = "MaxPool", .window = 1};
}

static void onnx_mean(dn_onnx_word *out, const dn_layer *l) {
    *out = (dn_onnx_word){.op = "AveragePool", .window = 1};
    if (is_whole(l)) *out = (dn_onnx_word){.op = "GlobalAveragePool"};
}

/* --- 16 images ---------------------------------------------------------------------- */

/* Values that one row of results looks at. */
static int64_t row_cost(const dn_layer *l) { return l->cost / l->out.h; }

static void max_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const int64_t cost = row_cost(l) * DN_LANES;
    const ptrdiff_t row = (ptrdiff_t)y->w * DN_LANES;
    dn_view part = *y, from = *x;
    for (int r = 0; r < y->h; r += part.h) {
        part.h = dn_band(cost, y->h - r);
        if (!dn_go_on(c->ask, part.h * cost)) return;
        part.p = y->p + r * y->row;
        from.p = x->p + r * l->stride * x->row;
        c->kernels->maxpool_forward(&part, c->places ? c->places + r * row : NULL,
                                    y->h * row, &from, NULL, NULL, l->kh, l->stride,
                                    c->activation == DN_RELU);
    }
}

static void mean_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const int64_t cost = row_cost(l) * DN_LANES;
    dn_view part = *y, from = *x;
    for (int r = 0; r < y->h; r += part.h) {
        part.h = dn_band(cost, y->h - r);
        if (!dn_go_on(c->ask, part.h * cost)) return;
        part.p = y->p + r * y->row;
        from.p = x->p + r * l->stride * x->row;
        c->kernels->avgpool_forward(&part, &from, l->kh, l->kw, l->stride);
    }
}

/* Windows overlap, so what is done between two questions is a number of channels. */
static void max_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_layer *l = c->layer;
    const int64_t cost = l->cost / l->out.c * DN_LANES;
    const ptrdiff_t map = (ptrdiff_t)dz->h * dz->w * DN_LANES;
    dn_view part = *dx, from = *dz;
    for (int i = 0; i < dx->c; i += part.c) {
        part.c = from.c = dn_band(cost, dx->c - i);
        if (!dn_go_on(c->ask, part.c * cost)) return;
        part.p = dx->p + i * dx->channel;
        from.p = dz->p + i * dz->channel;
        c->kernels->maxpool_backward(&part, &from, c->places + i * map, l->kh, l->stride);
    }
}

static void mean_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_layer *l = c->layer;
    const int64_t cost = l->cost / l->out.c * DN_LANES;
    dn_view part = *dx, from = *dz;
    for (int i = 0; i < dx->c; i += part.c) {
        part.c = from.c = dn_band(cost, dx->c - i);
        if (!dn_go_on(c->ask, part.c * cost)) return;
        part.p = dx->p + i * dx->channel;
        from.p = dz->p + i * dz->channel;
        c->kernels->avgpool_backward(&part, &from, l->kh, l->kw, l->stride);
    }
}

/* --- one image ---------------------------------------------------------------------- */

static void max_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    for (int r = 0, n; r < l->out.h; r += n) {
        n = dn_band(row_cost(l), l->out.h - r);
        if (!dn_go_on(c->ask, n * row_cost(l))) return;
        c->kernels->single_maxpool(y->p + r * y->row, y->row, y->column,
                                   x->p + r * l->stride * x->row, x->row, x->column, n,
                                   l->out.w, (l->out.c + 15) / 16 * 16, l->kh, l->stride);
    }
}

static void mean_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    for (int r = 0, n; r < l->out.h; r += n) {
        n = dn_band(row_cost(l), l->out.h - r);
        if (!dn_go_on(c->ask, n * row_cost(l))) return;
        c->kernels->single_avgpool(
            y->p + r * y->row, y->row, y->column, x->p + r * l->stride * x->row, x->row,
            x->column, n, l->out.w, (l->out.c + 15) / 16 * 16, l->kh, l->kw, l->stride);
    }
}

const dn_layer_kind dn_maxpool_kind = {.notation = "MPk",
                                       .reads = DN_READS_MAPS,
                                       .parse = parse_max,
                                       .print = print_max,
                                       .shape = shape,
                                       .cost = cost,
                                       .onnx = onnx_max,
                                       .leaves_places = 1,
                                       .forward = max_forward,
                                       .backward = max_backward,
                                       .single = max_single};

const dn_layer_kind dn_avgpool_kind = {.notation = "APk, GAP",
                                       .reads = DN_READS_MAPS,
                                       .parse = parse_mean,
                                       .print = print_mean,
                                       .shape = shape,
                                       .cost = cost,
                                       .onnx = onnx_mean,
                                       .forward = mean_forward,
                                       .backward = mean_backward,
                                       .single = mean_single};
