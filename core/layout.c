/* layout.c - see layout.h. */
#include "layout.h"

static dn_maps plan(dn_shape shape, const dn_layer *reader, int column, int batch) {
    int64_t h = shape.h, w = shape.w, top = 0, left = 0;
    if (reader && reader->stride > 0) { /* it reads windows */
        const int rows = (reader->out.h - 1) * reader->stride + reader->kh;
        const int columns = (reader->out.w - 1) * reader->stride + reader->kw;
        top = reader->pad_y;
        left = reader->pad_x;
        h = h + top > rows ? h + top : rows;
        w = w + left > columns ? w + left : columns;
    }
    dn_maps maps = {.view = {.c = shape.c, .h = shape.h, .w = shape.w}};
    const int64_t row = w * column;
    maps.view.column = column;
    maps.view.row = (ptrdiff_t)row;
    maps.view.channel = batch ? (ptrdiff_t)(h * row) : 1;
    maps.origin = (uint64_t)(top * row + left * column);
    maps.size = (uint64_t)(h * row * (batch ? shape.c : 1));
    return maps;
}

dn_maps dn_maps_batch(dn_shape shape, const dn_layer *reader) {
    return plan(shape, reader, DN_LANES, 1);
}

dn_maps dn_maps_single(dn_shape shape, const dn_layer *reader, int column) {
    return plan(shape, reader, column, 0);
}

const float *dn_flat(float *to, const dn_view *x) {
    if (x->h == 1 && x->w == 1) return x->p;
    float *start = to;
    for (int c = 0; c < x->c; c++)
        for (int row = 0; row < x->h; row++)
            for (int column = 0; column < x->w; column++)
                *to++ = x->p[row * x->row + column * x->column + c];
    return start;
}
