/* conv.c - see conv.h. */
#include "conv.h"

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

uint64_t dn_conv_work(const dn_layer *conv) {
    uint64_t forward = 0, backward = 0;
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

uint64_t dn_band_size(const dn_layer *conv, const dn_layer *pool) {
    return (uint64_t)band_channels(conv) * (uint64_t)pool->kh * (uint64_t)conv->out.w *
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

uint64_t dn_packed_size(const dn_layer *conv) {
    const uint64_t taps = conv->kh == 3 ? 18 : (uint64_t)(conv->kh * conv->kw);
    const uint64_t in = (uint64_t)conv->in.c, out = (uint64_t)conv->out.c;
    const uint64_t forward = (out + 15) / 16 * 16 * in, backward = (in + 3) / 4 * 4 * out;
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
