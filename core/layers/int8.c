/* int8.c - see int8.h. */
#include "int8.h"
#include <math.h>
#include <string.h>
#include "../memory.h"

int dn_int8_suits(const dn_layer *l) {
    return (l->kind == DN_CONV || l->kind == DN_DENSE) && l->groups <= 1 &&
           dn_layer_reads(l) <= DN_INT8_MOST_READS;
}

/* zero as an integer of 0..255 */
static int margin_of(float zero) { return (int)rintf(fmaxf(0, fminf(zero, 255))); }

int dn_int8_holds(const dn_layer *l, float zero, float scale, float bias) {
    const double rest = fabs((double)margin_of(zero) - (double)zero);
    return fabs((double)bias) + (double)scale * rest * 127 * dn_layer_reads(l) <= 3e38;
}

int dn_int8_of_image(const dn_layer *l) { return l->from[0] < 0; }

/* How a layer's windows lie in the bytes of its input. A fully connected layer has one,
 * which is a row of all. */
typedef struct form {
    int rows, width; /* of a window; bytes of one of its rows */
    int h, w;        /* of the input with its margin, as far as windows reach */
    int blocks;      /* of outputs */
} form;

static form form_of(const dn_layer *l) {
    form f = {1, l->rows, l->in.h, l->in.w,
              (l->out.c + DN_INT8_BLOCK - 1) / DN_INT8_BLOCK};
    if (l->kind != DN_CONV) return f;
    f.rows = l->kh;
    f.width = l->kw * l->in.c;
    f.h = (l->out.h - 1) * l->stride + l->kh;
    f.w = (l->out.w - 1) * l->stride + l->kw;
    return f;
}

static int words_of(const form *f) { return (f->width + 3) / 4; }

static uint64_t weights_of(const form *f) {
    return (uint64_t)f->blocks * (uint64_t)f->rows * (uint64_t)words_of(f) * 4 *
           DN_INT8_BLOCK;
}

/* --- places ------------------------------------------------------------------------- */

/* Which rows, or columns, of a window are in the image and not in its margin. */
typedef struct span {
    int from, to;
} span;

static span rows_inside(const dn_layer *l, int row) {
    if (l->kind != DN_CONV) return (span){0, 1};
    const int at = row * l->stride - l->pad_y, rest = l->in.h - at;
    return (span){at < 0 ? -at : 0, rest < l->kh ? rest : l->kh};
}

static span columns_inside(const dn_layer *l, int column) {
    if (l->kind != DN_CONV) return (span){0, l->in.h * l->in.w};
    const int at = column * l->stride - l->pad_x, rest = l->in.w - at;
    return (span){at < 0 ? -at : 0, rest < l->kw ? rest : l->kw};
}

static int same(span a, span b) { return a.from == b.from && a.to == b.to; }

/* rows_alike - how many rows of results from this one on have windows that are inside by
 * the same rows. */
static int rows_alike(const dn_layer *l, int row) {
    int n = 1;
    while (row + n < l->out.h && same(rows_inside(l, row), rows_inside(l, row + n))) n++;
    return n;
}

/* Columns of the biases: those of the results, or one, if no window is in the margin. */
static int bias_columns(const dn_layer *l) {
    const int last = l->out.w - 1;
    return same(columns_inside(l, 0), columns_inside(l, last)) ? 1 : l->out.w;
}

/* Floats of the biases of all places. */
static uint64_t biases_of(const dn_layer *l) {
    uint64_t rows = 0;
    if (!dn_int8_of_image(l)) return 0;
    for (int r = 0; r < l->out.h; r += rows_alike(l, r)) rows++;
    return rows * (uint64_t)bias_columns(l) * round16((uint64_t)l->out.c);
}

/* Σ w of an output, over the part of its window that is inside. */
static int64_t sum_inside(const dn_int8 *q, const dn_layer *l, int o, span rows,
                          span columns) {
    const form f = form_of(l);
    const int words = words_of(&f), c = l->in.c;
    const int8_t *w = q->w + (size_t)(o / DN_INT8_BLOCK) * (size_t)(f.rows * words) * 4 *
                                 DN_INT8_BLOCK;
    int64_t sum = 0;
    for (int r = rows.from; r < rows.to; r++)
        for (int b = columns.from * c; b < columns.to * c; b++)
            sum += w[((size_t)(r * words + b / 4) * DN_INT8_BLOCK +
                      (size_t)(o % DN_INT8_BLOCK)) *
                         4 +
                     (size_t)(b % 4)];
    return sum;
}

/* place_row - the biases of a row of results. */
static int place_row(float *to, const dn_int8 *q, const dn_layer *l, span rows,
                     const float *bias, dn_ask *ask) {
    const size_t outputs = (size_t)round16((uint64_t)l->out.c);
    const double rest = (double)q->margin - (double)q->zero;
    for (int x = 0; x < bias_columns(l); x++, to += outputs) {
        const span columns = columns_inside(l, x);
        if (x && same(columns, columns_inside(l, x - 1))) {
            memcpy(to, to - outputs, outputs * sizeof *to);
            continue;
        }
        if (!dn_go_on(ask, 4 * (int64_t)dn_layer_reads(l) * l->out.c)) return DN_STOPPED;
        for (int o = 0; o < l->out.c; o++) {
            const double sum = (double)sum_inside(q, l, o, rows, columns);
            to[o] = (float)((double)bias[o] + (double)q->scale[o] * rest * sum);
        }
    }
    return DN_OK;
}

int dn_int8_place(dn_int8 *q, const dn_layer *l, const float *bias, dn_ask *ask) {
    float *to = q->bias;
    int status = DN_OK;
    for (int r = 0; r < l->out.h && to && status == DN_OK; r += rows_alike(l, r)) {
        status = place_row(to, q, l, rows_inside(l, r), bias, ask);
        to += (uint64_t)bias_columns(l) * round16((uint64_t)l->out.c);
    }
    return status;
}

/* --- numbers ------------------------------------------------------------------------ */

uint64_t dn_int8_size(const dn_layer *l) {
    const form f = form_of(l);
    return weights_of(&f) + sizeof(float) * biases_of(l) +
           (uint64_t)f.blocks * DN_INT8_BLOCK * 2 * sizeof(float);
}

int dn_int8_new(dn_int8 *out, const dn_layer *l, float step, float zero,
                const dn_int8_kernels *kernels, const dn_heap *heap) {
    const form f = form_of(l);
    const uint64_t outputs = (uint64_t)f.blocks * DN_INT8_BLOCK, biases = biases_of(l);
    *out = (dn_int8){.inverse = 1 / step, .zero = zero, .less = kernels->less};
    out->margin = margin_of(zero);
    out->scale = dn_floats(heap, outputs);
    out->start = dn_new(heap, outputs, sizeof *out->start);
    /* As floats: aligned for the widest vectors. */
    out->w = (int8_t *)dn_floats(heap, weights_of(&f) / sizeof(float));
    if (biases && !(out->bias = dn_floats(heap, biases))) return DN_NOMEM;
    return out->scale && out->start && out->w ? DN_OK : DN_NOMEM;
}

void dn_int8_free(dn_int8 *q, const dn_heap *heap) {
    dn_floats_release(heap, q->bias);
    dn_floats_release(heap, q->scale);
    dn_release(heap, q->start);
    dn_floats_release(heap, (float *)(void *)q->w);
    memset(q, 0, sizeof *q);
}

/* Where input i of an output is in its window: the row, and the byte of that. */
static void place_of(const dn_layer *l, int i, int *row, int *byte) {
    const int conv = l->kind == DN_CONV;
    const int h = conv ? l->kh : l->in.h, w = conv ? l->kw : l->in.w;
    const int c = i / (h * w), y = i / w % h, x = i % w;
    *row = conv ? y : 0;
    *byte = ((conv ? 0 : y * w) + x) * l->in.c + c;
}

void dn_int8_put(dn_int8 *q, const dn_layer *l, int row, int column, int weight) {
    const form f = form_of(l);
    const int o = l->outputs_first ? row : column;
    int r, b;
    place_of(l, l->outputs_first ? column : row, &r, &b);
    const size_t word = ((size_t)(o / DN_INT8_BLOCK) * (size_t)f.rows + (size_t)r) *
                            (size_t)words_of(&f) +
                        (size_t)(b / 4);
    q->w[(word * DN_INT8_BLOCK + (size_t)(o % DN_INT8_BLOCK)) * 4 + (size_t)(b % 4)] =
        (int8_t)weight;
    q->start[o] += (q->less - q->margin) * weight;
}

/* --- one image ---------------------------------------------------------------------- */

/* What kernels write and read beyond the last byte. */
#define BEYOND 16

uint64_t dn_int8_work(const dn_layer *l) {
    const form f = form_of(l);
    /* … and what bytes_of fills to the left of the row behind the last. */
    const uint64_t columns = (uint64_t)f.h * (uint64_t)f.w + (uint64_t)l->pad_x;
    return (columns * (uint64_t)l->in.c + BEYOND + 3) / 4;
}

/* bytes_of - the input as bytes, in its margin. Row by row from the top: what a row
 * writes too much, what follows it covers. 0: stopped. */
static int bytes_of(const dn_call *c, uint8_t *q, const dn_view *x) {
    const dn_layer *l = c->layer;
    const form f = form_of(l);
    const int top = l->pad_y, left = l->pad_x; /* less than a window */
    const int h = f.h - top < x->h ? f.h - top : x->h;
    const int w = f.w - left < x->w ? f.w - left : x->w;
    const size_t row = (size_t)f.w * (size_t)l->in.c;
    const size_t before = (size_t)left * (size_t)l->in.c,
                 inside = (size_t)w * (size_t)l->in.c;
    const int margin = c->int8->margin;
    memset(q, margin, (size_t)top * row + before);
    q += (size_t)top * row;
    for (int r = 0; r < h; r++, q += row) {
        if (!dn_go_on(c->ask, (int64_t)row)) return 0;
        if (c->pixels)
            memcpy(q + before, c->pixels + (size_t)r * (size_t)l->in.w * (size_t)l->in.c,
                   inside);
        else
            c->int8_kernels->bytes(q + before, x->p + r * x->row, x->column, w, l->in.c,
                                   c->int8->inverse, c->int8->zero);
        /* To the right of it, and to the left of the next. */
        memset(q + before + inside, margin, row - inside);
    }
    if (f.h > top + h) memset(q + before, margin, (size_t)(f.h - top - h) * row - before);
    return 1;
}

void dn_int8_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const form f = form_of(l);
    uint8_t *q = (uint8_t *)c->work;
    const int conv = l->kind == DN_CONV, stride = conv ? l->stride : 1;
    const int channels = f.blocks * DN_INT8_BLOCK;
    const float *bias = c->int8->bias ? c->int8->bias : c->bias;
    const int columns = c->int8->bias ? bias_columns(l) : 1;
    const int64_t cost = (int64_t)dn_layer_reads(l) * channels * l->out.w;
    dn_int8_window window = {.rows = f.rows,
                             .words = words_of(&f),
                             .row = (ptrdiff_t)f.w * l->in.c,
                             .column = (ptrdiff_t)stride * l->in.c,
                             .down = stride,
                             .w = l->out.w,
                             .out = channels,
                             .y_row = y->row,
                             .y_column = y->column,
                             .bias_column = columns > 1 ? channels : 0,
                             .relu = c->relu};
    if (!bytes_of(c, q, x)) return;
    for (int r = 0, alike = 0; r < l->out.h; r += window.h, alike -= window.h) {
        if (!alike) {
            if (r && c->int8->bias) bias += (ptrdiff_t)columns * channels;
            alike = c->int8->bias ? rows_alike(l, r) : l->out.h;
        }
        window.h = dn_band(c->ask, 1, cost, alike);
        if (!dn_go_on(c->ask, cost * window.h)) return;
        c->int8_kernels->windows(y->p + r * y->row, q + r * stride * window.row, c->int8,
                                 bias, &window);
    }
}
