/* layout.c - see layout.h. */
#include "layout.h"
#include <string.h>

static int most(int a, int b) { return a > b ? a : b; }

void dn_margin_join(dn_margin *m, const dn_margin *other) {
    m->top = most(m->top, other->top);
    m->left = most(m->left, other->left);
    m->bottom = most(m->bottom, other->bottom);
    m->right = most(m->right, other->right);
}

void dn_margin_add(dn_margin *m, const dn_layer *l) {
    const int pools = l->kind == DN_MAXPOOL || l->kind == DN_AVGPOOL;
    if (l->stride <= 0 || (pools && l->padded)) return; /* it reads nothing beyond */
    const int rows = (l->out.h - 1) * l->stride + l->kh - l->pad_y - l->in.h;
    const int columns = (l->out.w - 1) * dn_stride_x(l) + l->kw - l->pad_x - l->in.w;
    const dn_margin own = {l->pad_y, l->pad_x, rows, columns};
    dn_margin_join(m, &own);
}

dn_maps dn_maps_around(dn_shape shape, const dn_margin *m, int column) {
    const int64_t h = (int64_t)m->top + shape.h + m->bottom,
                  w = (int64_t)m->left + shape.w + m->right;
    const int batch = column == 0;
    dn_maps maps = {.view = {.c = shape.c, .h = shape.h, .w = shape.w}};
    if (batch) column = DN_LANES;
    const int64_t row = w * column;
    maps.view.column = column;
    maps.view.row = (ptrdiff_t)row;
    maps.view.channel = batch ? (ptrdiff_t)(h * row) : 1;
    maps.origin = (uint64_t)(m->top * row + m->left * column);
    maps.size = (uint64_t)(h * row * (batch ? shape.c : 1));
    return maps;
}

static void clear(float *p, ptrdiff_t floats) {
    memset(p, 0, (size_t)floats * sizeof *p);
}

void dn_clear_margin(const dn_maps *maps, const dn_margin *m, float *base) {
    const dn_view *v = &maps->view;
    const int batch = v->channel != 1;
    for (int c = 0; c < (batch ? v->c : 1); c++) {
        float *row = base + c * v->channel;
        clear(row, m->top * v->row);
        row += m->top * v->row;
        for (int r = 0; r < v->h; r++, row += v->row) {
            clear(row, m->left * v->column);
            clear(row + (m->left + v->w) * v->column, m->right * v->column);
        }
        clear(row, m->bottom * v->row);
    }
}

dn_maps dn_maps_batch(dn_shape shape, const dn_layer *reader) {
    dn_margin margin = {0};
    if (reader) dn_margin_add(&margin, reader);
    return dn_maps_around(shape, &margin, 0);
}

dn_maps dn_maps_single(dn_shape shape, const dn_layer *reader, int column) {
    dn_margin margin = {0};
    if (reader) dn_margin_add(&margin, reader);
    return dn_maps_around(shape, &margin, column);
}

const float *dn_flat(float *to, const dn_view *x) {
    const int one_map = x->c == 1 && x->column == 1 && x->row == x->w;
    if (one_map || (x->h == 1 && x->w == 1)) return x->p;
    float *start = to;
    for (int c = 0; c < x->c; c++)
        for (int row = 0; row < x->h; row++)
            for (int column = 0; column < x->w; column++)
                *to++ = x->p[row * x->row + column * x->column + c];
    return start;
}
