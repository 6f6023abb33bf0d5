/* layout.c - see layout.h. */
#include "layout.h"

static dn_maps plan(dn_shape shape, const dn_layer *reader, int column, int batch) {
    int64_t h = shape.h, w = shape.w, top = 0, left = 0;
    if (reader && reader->kind == DN_CONV) {
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

dn_maps dn_maps_gradient(const dn_layer *conv) {
    const int64_t h = conv->in.h + conv->kh - 1, w = conv->in.w + conv->kw - 1;
    dn_maps maps = {.view = {.c = conv->out.c, .h = conv->out.h, .w = conv->out.w}};
    const int64_t row = w * DN_LANES;
    maps.view.column = (ptrdiff_t)conv->stride * DN_LANES;
    maps.view.row = (ptrdiff_t)(conv->stride * row);
    maps.view.channel = (ptrdiff_t)(h * row);
    maps.origin = (uint64_t)((conv->kh - 1 - conv->pad_y) * row +
                             (conv->kw - 1 - conv->pad_x) * DN_LANES);
    maps.size = (uint64_t)(conv->out.c * h * row);
    return maps;
}

const dn_layer *dn_reader(const dn_spec *spec, int i) {
    for (i++; i < spec->n; i++)
        if (spec->layers[i].kind != DN_DROPOUT) return &spec->layers[i];
    return NULL;
}

const dn_layer *dn_fused_pool(const dn_spec *spec, int i) {
    const dn_layer *conv = &spec->layers[i], *pool = conv + 1;
    if (i + 1 >= spec->n || conv->kind != DN_CONV || pool->kind != DN_MAXPOOL)
        return NULL;
    return pool->stride == pool->kh ? pool : NULL;
}
