/* pack.c - weights in the order that the convolution kernels read them: see kernels.h. */
#include <string.h>
#include "kernels.h"

/* packed[o/block][i][tap][o%block] = w(o, i, tap) */
static void pack(float *packed, const float *w, int out, int in, int k, int block,
                 int transposed) {
    const int taps = k * k;
    for (int first = 0; first < out; first += block)
        for (int i = 0; i < in; i++)
            for (int tap = 0; tap < taps; tap++)
                for (int o = first; o < first + block; o++) {
                    ptrdiff_t from = transposed ? ((ptrdiff_t)i * out + o) * taps + taps -
                                                      1 - tap
                                                : ((ptrdiff_t)o * in + i) * taps + tap;
                    *packed++ = o < out ? w[from] : 0.0f;
                }
}

/* u = G·g, in double: what is left of rounding then is that to float. */
static void transform_kernel(float *u, ptrdiff_t step, double g0, double g1, double g2) {
    const double ends = g0 + g2, far = g0 / 24 + g2 / 6;
    u[0] = (float)(g0 / 4);
    u[step] = (float)(-(ends + g1) / 6);
    u[2 * step] = (float)(-(ends - g1) / 6);
    u[3 * step] = (float)(far + g1 / 12);
    u[4 * step] = (float)(far - g1 / 12);
    u[5 * step] = (float)g2;
}

void dn_pack_winograd(float *packed, const float *w, int out, int in, int block,
                      int transposed) {
    const int outputs = transposed ? in : out, inputs = transposed ? out : in;
    for (int first = 0; first < outputs; first += block)
        for (int i = 0; i < inputs; i++)
            for (int ky = 0; ky < 3; ky++, packed += 6 * block)
                for (int o = first; o < first + block; o++) {
                    float *u = packed + o - first;
                    const float *g = w + ((ptrdiff_t)o * in + i) * 9 + ky * 3;
                    if (transposed) g = w + ((ptrdiff_t)i * in + o) * 9 + 8 - ky * 3;
                    if (o >= outputs)
                        transform_kernel(u, block, 0, 0, 0);
                    else if (transposed)
                        transform_kernel(u, block, (double)g[0], (double)g[-1],
                                         (double)g[-2]);
                    else
                        transform_kernel(u, block, (double)g[0], (double)g[1],
                                         (double)g[2]);
                }
}

void dn_pack_conv(float *packed, const float *w, int out, int in, int k) {
    pack(packed, w, out, in, k, 4, 0);
}

void dn_pack_conv_transposed(float *packed, const float *w, int out, int in, int k) {
    /* The gradient's outputs are the layer's inputs, and the other way round. */
    pack(packed, w, in, out, k, 4, 1);
}

void dn_pack_single(float *packed, const float *w, int out, int in, int k) {
    pack(packed, w, out, in, k, 16, 0);
}

/* Some rows at a time: they are read from one end to the other, and so are few pages. */
#define ROWS_AT_ONCE 16

void dn_pack_blocks(float *packed, const float *w, int in, int ld) {
    for (int first = 0; first < in; first += ROWS_AT_ONCE)
        for (int o = 0; o < ld; o += DN_DENSE_BLOCK) {
            const int end = in - first < ROWS_AT_ONCE ? in : first + ROWS_AT_ONCE;
            float *to = packed + (ptrdiff_t)o * in + (ptrdiff_t)first * DN_DENSE_BLOCK;
            for (int i = first; i < end; i++, to += DN_DENSE_BLOCK)
                memcpy(to, w + (ptrdiff_t)i * ld + o, DN_DENSE_BLOCK * sizeof *w);
        }
}

void dn_unpack_conv(float *w, const float *packed, int out, int in, int k) {
    const ptrdiff_t taps = (ptrdiff_t)k * k;
    for (ptrdiff_t o = 0; o < out; o++)
        for (ptrdiff_t i = 0; i < in; i++)
            for (ptrdiff_t tap = 0; tap < taps; tap++)
                *w++ = packed[((o / 4 * in + i) * taps + tap) * 4 + o % 4];
}

/* From u = G·g: g0 = 4·u0, g1 = 3·(u2 − u1), g2 = u5. */
void dn_unpack_winograd(float *w, const float *packed, int out, int in, int block) {
    for (ptrdiff_t o = 0; o < out; o++)
        for (ptrdiff_t i = 0; i < in; i++)
            for (ptrdiff_t ky = 0; ky < 3; ky++) {
                const float *u = packed + ((o / block * in + i) * 3 + ky) * 6 * block +
                                 o % block;
                *w++ = 4 * u[0];
                *w++ = (float)(3 * ((double)u[2 * block] - (double)u[block]));
                *w++ = u[5 * block];
            }
}
