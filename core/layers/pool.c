/* pool.c - MPk[/s][d…][p…], APk[/s][p…|z…] and GAP: the maximum or the mean of windows,
 * k × k every s (k where no s stands), or of whole maps; with padding, of what is within
 * the maps. Of two numbers, as in MP2.1/2.1, the first is that of rows, the second that
 * of columns. d2 reads every second place of a window. */
#include <stdio.h>
#include "kind.h"
#include "window.h"

/* "." n, if it stands here: the second number, of columns. Without it *out stays. */
static int parse_second(dn_parser *p, int *out, const char *what) {
    if (*p->at != '.') return DN_OK;
    p->at++;
    p->newer = 1;
    *out = dn_parse_number(p);
    return *out < 1 || *out > DN_MAX_WINDOW ? dn_parse_fail(p, what) : DN_OK;
}

/* "d" n ["." n]: from one place of a window to the next. */
static int parse_gaps(dn_parser *p, dn_layer *l) {
    static const char what[] = "dilation is not 1..64";
    p->newer = 1;
    l->gap_y = l->gap_x = dn_parse_number(p);
    if (l->gap_y < 1 || l->gap_y > DN_MAX_WINDOW) return dn_parse_fail(p, what);
    const int status = parse_second(p, &l->gap_x, what);
    l->gap_y--;
    l->gap_x--;
    return status;
}

/* padding: 'p' reads nothing there, 'z' of a mean zeros. */
static int parse_window(dn_parser *p, dn_layer *l, int mean) {
    int status = dn_parse_window(p, l, "window is not 1..64"), across;
    if (status == DN_OK) status = parse_second(p, &l->kw, "window is not 1..64");
    l->stride = l->kh;
    across = l->kw;
    if (status == DN_OK && *p->at == '/') {
        status = dn_parse_stride(p, l);
        across = l->stride;
        if (status == DN_OK) status = parse_second(p, &across, "stride is not 1..64");
    }
    l->stride_x = across == l->stride ? 0 : across;
    if (status == DN_OK && !mean && dn_parse_letter(p, 'D')) status = parse_gaps(p, l);
    if (status != DN_OK) return status;
    l->padded = dn_is_uneven(l);
    if (dn_parse_letter(p, 'P')) return dn_parse_padding(p, l);
    l->zeros = mean && dn_parse_letter(p, 'Z');
    return l->zeros ? dn_parse_padding(p, l) : DN_OK;
}

static int parse_max(dn_parser *p, dn_layer *l, int n) {
    if (n >= 0 || !dn_parse_word(p, "MP")) return DN_NOT_MINE;
    return parse_window(p, l, 0);
}

static int parse_mean(dn_parser *p, dn_layer *l, int n) {
    if (n < 0 && dn_parse_word(p, "AP")) return parse_window(p, l, 1);
    if (n >= 0 || !dn_parse_word(p, "GAP")) return DN_NOT_MINE;
    l->kh = l->in.h;
    l->kw = l->in.w;
    l->stride = 1;
    return DN_OK;
}

static void print_pair(char *text, size_t size, const char *sign, int y, int x) {
    const int n = snprintf(text, size, "%s%d", sign, y);
    if (x != y) snprintf(text + n, size - (size_t)n, ".%d", x);
}

static void print_window(char *text, size_t size, const char *word, const dn_layer *l) {
    const int plain = l->stride == l->kh && dn_stride_x(l) == l->kw;
    const int bare = dn_is_uneven(l) && !l->zeros && !l->pad_y && !l->pad_x &&
                     !l->end_y && !l->end_x;
    char window[16], stride[16] = "", gaps[16] = "", padding[DN_PADDING_TEXT] = "";
    print_pair(window, sizeof window, "", l->kh, l->kw);
    if (!plain) print_pair(stride, sizeof stride, "/", l->stride, dn_stride_x(l));
    if (l->gap_y || l->gap_x)
        print_pair(gaps, sizeof gaps, "d", l->gap_y + 1, l->gap_x + 1);
    if (!bare) dn_print_padding(padding, l, l->zeros ? 'z' : 'p');
    snprintf(text, size, "%s%s%s%s%s", word, window, stride, gaps, padding);
}

static void print_max(char *text, size_t size, const dn_layer *l) {
    print_window(text, size, "MP", l);
}

static int is_whole(const dn_layer *l) {
    return l->kh == l->in.h && l->kw == l->in.w && !l->padded;
}

/* "GAP" reads back with a stride of 1: what has another keeps its window. */
static void print_mean(char *text, size_t size, const dn_layer *l) {
    if (is_whole(l) && l->stride == 1)
        snprintf(text, size, "GAP");
    else
        print_window(text, size, "AP", l);
}

/* Whether each window along one axis has a place within the maps: without gaps it has, as
 * padding is less than a window. */
static int reads_something(int in, int out, int k, int stride, int gap, int pad) {
    for (int r = 0; r < out && gap; r++) {
        int within = 0;
        for (int i = 0; i < k; i++) {
            const int at = r * stride - pad + i * (gap + 1);
            within |= at >= 0 && at < in;
        }
        if (!within) return 0;
    }
    return 1;
}

static void shape(dn_layer *l) {
    l->out.c = l->in.c;
    if (l->padded) {
        dn_shape_window(l);
        if (!reads_something(l->in.h, l->out.h, l->kh, l->stride, l->gap_y, l->pad_y) ||
            !reads_something(l->in.w, l->out.w, l->kw, dn_stride_x(l), l->gap_x,
                             l->pad_x))
            l->out.h = 0;
        return;
    }
    l->out.h = l->in.h < l->kh ? 0 : (l->in.h - l->kh) / l->stride + 1;
    l->out.w = l->in.w < l->kw ? 0 : (l->in.w - l->kw) / l->stride + 1;
}

static int64_t cost(const dn_layer *l) { return dn_values(l->out) * l->kh * l->kw; }

/* A comparison takes as long as two multiply-adds, an addition of its gradient as
 * four. */
#define FORWARD  2
#define BACKWARD 4

static uint64_t single_cost(const dn_layer *l) {
    const int64_t channels = (l->out.c + 15) / 16 * 16;
    return (uint64_t)(FORWARD * channels * (l->cost / l->out.c));
}

static uint64_t explain_cost(const dn_layer *l) {
    return (uint64_t)((FORWARD + BACKWARD) * l->cost * DN_LANES);
}

static void onnx_max(dn_onnx_word *out, const dn_layer *l) {
    (void)l;
    *out = (dn_onnx_word){.op = "MaxPool", .window = 1};
}

static void onnx_mean(dn_onnx_word *out, const dn_layer *l) {
    *out = (dn_onnx_word){.op = "AveragePool", .window = 1, .zeros = l->zeros};
    if (is_whole(l)) *out = (dn_onnx_word){.op = "GlobalAveragePool"};
}

/* --- 16 images ---------------------------------------------------------------------- */

/* Values that one result of a group looks at. */
static int64_t place_cost(const dn_layer *l) { return (int64_t)l->kh * l->kw * DN_LANES; }

/* The parts of a pooling between which questions come: rows r … r+n-1 of the results in
 * some channels, or where one channel is long work, in one. */
typedef struct part {
    int channel, channels, row, rows;
} part;

/* next_part - the part after p; 0 after the last, or if it is to stop. Start from
 * zeros. */
static int next_part(part *p, const dn_call *c) {
    const dn_shape out = c->layer->out;
    const int64_t row = place_cost(c->layer) * out.w;
    p->row += p->rows;
    if (p->row == out.h || !p->channels) {
        p->channel += p->channels;
        p->row = 0;
    }
    if (p->channel == out.c) return 0;
    p->channels = dn_band(c->ask, 1, row * out.h, out.c - p->channel);
    p->rows = p->channels > 1 ? out.h : dn_band(c->ask, 1, row, out.h - p->row);
    return dn_go_on(c->ask, row * p->rows * p->channels);
}

/* The results' view, and what they are of, for a part. */
static dn_view results_of(const dn_view *y, const part *p) {
    dn_view view = *y;
    view.p += p->channel * y->channel + p->row * y->row;
    view.c = p->channels;
    view.h = p->rows;
    return view;
}

static dn_view inputs_of(const dn_view *x, const part *p, int stride) {
    dn_view view = *x;
    view.p += p->channel * x->channel + p->row * stride * x->row;
    view.c = p->channels;
    return view;
}

static int32_t *places_of(const dn_call *c, const part *p) {
    const dn_shape out = c->layer->out;
    if (!c->argmax) return NULL;
    return c->argmax + ((ptrdiff_t)p->channel * out.h + p->row) * out.w * DN_LANES;
}

static dn_window window_of(const dn_layer *l) {
    return (dn_window){.kh = l->kh,
                       .kw = l->kw,
                       .stride = l->stride,
                       .stride_x = dn_stride_x(l),
                       .step_y = l->gap_y + 1,
                       .step_x = l->gap_x + 1,
                       .pad_y = l->pad_y,
                       .pad_x = l->pad_x,
                       .mean = l->kind == DN_AVGPOOL,
                       .zeros = l->zeros};
}

/* With padding: each part of the results reads its channels' maps. */
static void clip_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_window window = window_of(c->layer);
    for (part p = {0}; next_part(&p, c);) {
        const dn_view to = results_of(y, &p);
        dn_view from = *x;
        from.p += p.channel * x->channel;
        from.c = p.channels;
        c->kernels->clip_forward(&to, window.mean ? NULL : places_of(c, &p),
                                 (ptrdiff_t)y->h * y->w * DN_LANES, &from, &window,
                                 p.row);
    }
}

static void clip_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_layer *l = c->layer;
    const dn_window window = window_of(l);
    const int64_t cost = place_cost(l) * l->out.h * l->out.w;
    const ptrdiff_t places = (ptrdiff_t)l->out.h * l->out.w * DN_LANES;
    dn_view to = *dx, from = *dz;
    for (int o = 0; o < dz->c; o += to.c) {
        to.c = from.c = dn_band(c->ask, 1, cost, dz->c - o);
        if (!dn_go_on(c->ask, to.c * cost)) return;
        to.p = dx->p + o * dx->channel;
        from.p = dz->p + o * dz->channel;
        c->kernels->clip_backward(&to, &from, window.mean ? NULL : c->argmax + o * places,
                                  places, &window);
    }
}

static void clip_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const dn_window window = window_of(l);
    const dn_view all = dn_as_batch(y), from = dn_as_batch(x);
    const int64_t cost = l->cost / l->out.h;
    dn_view to = all;
    for (int r = 0; r < l->out.h; r += to.h) {
        to.h = dn_band(c->ask, 1, cost, l->out.h - r);
        if (!dn_go_on(c->ask, to.h * cost)) return;
        to.p = all.p + r * all.row;
        c->kernels->clip_forward(&to, NULL, 0, &from, &window, r);
    }
}

static void max_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    if (l->padded) {
        clip_forward(c, y, x);
        return;
    }
    for (part p = {0}; next_part(&p, c);) {
        const dn_view to = results_of(y, &p), from = inputs_of(x, &p, l->stride);
        c->kernels->maxpool_forward(&to, places_of(c, &p),
                                    (ptrdiff_t)y->h * y->w * DN_LANES, &from, NULL, NULL,
                                    l->kh, l->stride, 0);
    }
}

static void mean_forward(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    if (l->padded) {
        clip_forward(c, y, x);
        return;
    }
    for (part p = {0}; next_part(&p, c);) {
        const dn_view to = results_of(y, &p), from = inputs_of(x, &p, l->stride);
        c->kernels->avgpool_forward(&to, &from, l->kh, l->kw, l->stride);
    }
}

static void max_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_layer *l = c->layer;
    if (l->padded) {
        clip_backward(c, dx, dz);
        return;
    }
    for (part p = {0}; next_part(&p, c);) {
        const dn_view from = results_of(dz, &p), to = inputs_of(dx, &p, l->stride);
        c->kernels->maxpool_backward(&to, &from, places_of(c, &p), l->kh, l->stride,
                                     p.row > 0);
    }
}

static void mean_backward(const dn_call *c, const dn_view *dx, const dn_view *dz) {
    const dn_layer *l = c->layer;
    if (l->padded) {
        clip_backward(c, dx, dz);
        return;
    }
    for (part p = {0}; next_part(&p, c);) {
        const dn_view from = results_of(dz, &p), to = inputs_of(dx, &p, l->stride);
        c->kernels->avgpool_backward(&to, &from, l->kh, l->kw, l->stride, p.row > 0);
    }
}

/* --- one image ---------------------------------------------------------------------- */

static void max_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const int64_t cost = l->cost / l->out.h;
    if (l->padded) {
        clip_single(c, y, x);
        return;
    }
    for (int r = 0, n; r < l->out.h; r += n) {
        n = dn_band(c->ask, 1, cost, l->out.h - r);
        if (!dn_go_on(c->ask, n * cost)) return;
        c->kernels->single_maxpool(y->p + r * y->row, y->row, y->column,
                                   x->p + r * l->stride * x->row, x->row, x->column, n,
                                   l->out.w, (l->out.c + 15) / 16 * 16, l->kh, l->stride);
    }
}

static void mean_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const int64_t cost = l->cost / l->out.h;
    if (l->padded) {
        clip_single(c, y, x);
        return;
    }
    for (int r = 0, n; r < l->out.h; r += n) {
        n = dn_band(c->ask, 1, cost, l->out.h - r);
        if (!dn_go_on(c->ask, n * cost)) return;
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
                                       .single_cost = single_cost,
                                       .explain_cost = explain_cost,
                                       .onnx = onnx_max,
                                       .leaves_argmax = 1,
                                       .forward = max_forward,
                                       .backward = max_backward,
                                       .single = max_single};

const dn_layer_kind dn_avgpool_kind = {.notation = "APk, GAP",
                                       .reads = DN_READS_MAPS,
                                       .parse = parse_mean,
                                       .print = print_mean,
                                       .shape = shape,
                                       .cost = cost,
                                       .single_cost = single_cost,
                                       .explain_cost = explain_cost,
                                       .onnx = onnx_mean,
                                       .forward = mean_forward,
                                       .backward = mean_backward,
                                       .single = mean_single};
