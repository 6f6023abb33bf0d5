/* int8.c - see int8.h. */
#include "int8.h"
#include <string.h>
#include "../memory.h"

int dn_int8_suits(const dn_layer *l) {
    return (l->kind == DN_CONV || l->kind == DN_DENSE) && l->groups <= 1 &&
           dn_layer_reads(l) <= DN_INT8_MOST_READS;
}

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

/* --- numbers ------------------------------------------------------------------------ */

uint64_t dn_int8_size(const dn_layer *l) {
    const form f = form_of(l);
    return weights_of(&f) + (uint64_t)f.blocks * DN_INT8_BLOCK * 2 * sizeof(float);
}

int dn_int8_new(dn_int8 *out, const dn_layer *l, float step, int zero,
                const dn_heap *heap) {
    const form f = form_of(l);
    const uint64_t outputs = (uint64_t)f.blocks * DN_INT8_BLOCK;
    *out = (dn_int8){.inverse = 1 / step, .zero = zero};
    out->scale = dn_floats(heap, outputs);
    out->start = dn_new(heap, outputs, sizeof *out->start);
    /* As floats: aligned for the widest vectors. */
    out->w = (int8_t *)dn_floats(heap, weights_of(&f) / sizeof(float));
    return out->scale && out->start && out->w ? DN_OK : DN_NOMEM;
}

void dn_int8_free(dn_int8 *q, const dn_heap *heap) {
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
    q->start[o] -= q->zero * weight;
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
    const int zero = c->int8->zero;
    memset(q, zero, (size_t)top * row + before);
    q += (size_t)top * row;
    for (int r = 0; r < h; r++, q += row) {
        if (!dn_go_on(c->ask, (int64_t)row)) return 0;
        if (c->pixels)
            memcpy(q + before, c->pixels + (size_t)r * (size_t)l->in.w * (size_t)l->in.c,
                   inside);
        else
            c->int8_kernels->bytes(q + before, x->p + r * x->row, x->column, w, l->in.c,
                                   c->int8->inverse, zero);
        /* To the right of it, and to the left of the next. */
        memset(q + before + inside, zero, row - inside);
    }
    if (f.h > top + h) memset(q + before, zero, (size_t)(f.h - top - h) * row - before);
    return 1;
}

void dn_int8_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const form f = form_of(l);
    uint8_t *q = (uint8_t *)c->work;
    const int conv = l->kind == DN_CONV, stride = conv ? l->stride : 1;
    const int channels = f.blocks * DN_INT8_BLOCK;
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
                             .relu = c->relu};
    if (!bytes_of(c, q, x)) return;
    for (int r = 0; r < l->out.h; r += window.h) {
        window.h = dn_band(c->ask, 1, cost, l->out.h - r);
        if (!dn_go_on(c->ask, cost * window.h)) return;
        c->int8_kernels->windows(y->p + r * y->row, q + r * stride * window.row, c->int8,
                                 c->bias, &window);
    }
}
