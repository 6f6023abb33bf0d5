/* layout.c - see layout.h. */
#include "layout.h"

static dn_maps plan(dn_shape shape, const dn_layer *reader, int column, int batch) {
    int h = shape.h, w = shape.w, top = 0, left = 0;
    if (reader && reader->kind == DN_CONV) {
        int rows = (reader->out.h - 1) * reader->stride + reader->kh;
        int columns = (reader->out.w - 1) * reader->stride + reader->kw;
        top = reader->pad_y;
        left = reader->pad_x;
        h = h + top > rows ? h + top : rows;
        w = w + left > columns ? w + left : columns;
    }
    dn_maps maps = {.view = {.c = shape.c, .h = shape.h, .w = shape.w}};
    maps.view.column = column;
    maps.view.row = (ptrdiff_t)w * column;
    maps.view.channel = batch ? h * maps.view.row : 1;
    maps.origin = (size_t)(top * maps.view.row + left * column);
    maps.size = (size_t)h * (size_t)maps.view.row * (batch ? (size_t)shape.c : 1);
    return maps;
}

dn_maps dn_maps_batch(dn_shape shape, const dn_layer *reader) {
    return plan(shape, reader, DN_LANES, 1);
}

dn_maps dn_maps_single(dn_shape shape, const dn_layer *reader, int column) {
    return plan(shape, reader, column, 0);
}

dn_maps dn_maps_gradient(const dn_layer *conv) {
    const int h = conv->in.h + conv->kh - 1, w = conv->in.w + conv->kw - 1;
    dn_maps maps = {.view = {.c = conv->out.c, .h = conv->out.h, .w = conv->out.w}};
    const ptrdiff_t row = (ptrdiff_t)w * DN_LANES;
    maps.view.column = (ptrdiff_t)conv->stride * DN_LANES;
    maps.view.row = conv->stride * row;
    maps.view.channel = h * row;
    maps.origin = (size_t)((conv->kh - 1 - conv->pad_y) * row +
                           (conv->kw - 1 - conv->pad_x) * DN_LANES);
    maps.size = (size_t)conv->out.c * (size_t)maps.view.channel;
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

/* --- convolution -------------------------------------------------------------------------- */

/* Rows first … first+rows-1 of a convolution, into rows 0 … of y. */
static void conv_rows(const dn_kernels *kernels, const dn_view *y, const dn_view *x,
                      const float *w, const float *bias, const dn_layer *conv, int relu,
                      int first, int rows, float *work) {
    if (conv->winograd)
        kernels->winograd_rows(y, x, w, bias, relu, first, rows, work);
    else
        kernels->conv_rows(y, x, w, bias, conv->kh, conv->stride, relu, first, rows);
}

void dn_conv(const dn_kernels *kernels, const dn_view *y, const dn_view *x,
             const float *w, const float *bias, const dn_layer *conv, int relu,
             float *work) {
    conv_rows(kernels, y, x, w, bias, conv, relu, 0, y->h, work);
}

void dn_conv_dgrad(const dn_kernels *kernels, const dn_view *dx, const dn_view *spread,
                   const float *w, const float *zeros, const dn_layer *conv,
                   float *work) {
    if (conv->winograd_back)
        kernels->winograd_rows(dx, spread, w, zeros, 0, 0, dx->h, work);
    else
        kernels->conv_rows(dx, spread, w, zeros, conv->kh, 1, 0, 0, dx->h);
}

size_t dn_conv_work(const dn_layer *conv) {
    size_t forward = 0, backward = 0;
    if (conv->winograd) forward = dn_winograd_work(conv->out.w, conv->in.c, conv->out.c);
    if (conv->winograd_back)
        backward = dn_winograd_work(conv->in.w, conv->out.c, conv->in.c);
    return forward > backward ? forward : backward;
}

/* Channels in a band. A direct convolution computes four at a time, and so few stay in
 * the nearest cache; Winograd's shares its transformed rows among all. */
static int band_channels(const dn_layer *conv) {
    return conv->winograd ? conv->out.c : 4;
}

size_t dn_band_size(const dn_layer *conv, const dn_layer *pool) {
    return (size_t)band_channels(conv) * (size_t)pool->kh * (size_t)conv->out.w *
           DN_LANES;
}

void dn_conv_pool(const dn_kernels *kernels, const dn_view *y, int32_t *place,
                  const dn_view *x, const float *w, const float *bias,
                  const dn_layer *conv, const dn_layer *pool, float *work) {
    const int channels = band_channels(conv);
    const ptrdiff_t weights = (ptrdiff_t)conv->in.c * conv->kh * conv->kw;
    const ptrdiff_t maps = (ptrdiff_t)y->h * y->w * DN_LANES;
    dn_view band = {.p = work, .column = DN_LANES, .h = pool->kh, .w = conv->out.w};
    band.row = (ptrdiff_t)band.w * DN_LANES;
    band.channel = band.h * band.row;
    work += dn_band_size(conv, pool);
    for (int r = 0; r < y->h; r++)
        for (int o = 0; o < y->c; o += channels) {
            band.c = y->c - o < channels ? y->c - o : channels;
            conv_rows(kernels, &band, x, w + o * weights, bias + o, conv, 0,
                      r * pool->stride, pool->kh, work);
            dn_view pooled = *y;
            pooled.p += o * y->channel + r * y->row;
            pooled.c = band.c;
            pooled.h = 1;
            kernels->maxpool_forward(
                &pooled, place ? place + o * maps + r * y->w * DN_LANES : NULL, maps,
                &band, NULL, NULL, pool->kh, pool->stride, 1);
        }
}

/* --- packing ------------------------------------------------------------------------------- */

size_t dn_packed_size(const dn_layer *conv) {
    size_t taps = conv->kh == 3 ? 18 : (size_t)(conv->kh * conv->kw);
    size_t in = (size_t)conv->in.c, out = (size_t)conv->out.c;
    size_t forward = (out + 15) / 16 * 16 * in, backward = (in + 3) / 4 * 4 * out;
    return taps * (forward > backward ? forward : backward);
}

void dn_pack_forward(float *packed, const float *w, const dn_layer *conv) {
    if (conv->winograd)
        dn_pack_winograd(packed, w, conv->out.c, conv->in.c, 4, 0);
    else
        dn_pack_conv(packed, w, conv->out.c, conv->in.c, conv->kh);
}

void dn_pack_backward(float *packed, const float *w, const dn_layer *conv) {
    if (conv->winograd_back)
        dn_pack_winograd(packed, w, conv->out.c, conv->in.c, 4, 1);
    else
        dn_pack_conv_transposed(packed, w, conv->out.c, conv->in.c, conv->kh);
}

void dn_pack_alone(float *packed, const float *w, const dn_layer *conv) {
    if (conv->winograd)
        dn_pack_winograd(packed, w, conv->out.c, conv->in.c, 16, 0);
    else
        dn_pack_single(packed, w, conv->out.c, conv->in.c, conv->kh);
}

void dn_unpack_forward(float *w, const float *packed, const dn_layer *conv) {
    if (conv->winograd)
        dn_unpack_winograd(w, packed, conv->out.c, conv->in.c, 4);
    else
        dn_unpack_conv(w, packed, conv->out.c, conv->in.c, conv->kh);
}
