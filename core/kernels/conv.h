/* conv.h - convolution of 16 images in batch layout (view.h): forward, and both
 * gradients. Included by kernels.c; each function is described in kernels.h.
 *
 * All three are register tiles: a block of results is held in registers while its sum
 * runs, so each FMA costs a fraction of a load.
 *
 *   forward    DN_TILE positions of a row × 4 channels; a step loads DN_TILE pixels and
 *              broadcasts 4 weights for 4·DN_TILE FMAs
 *   weights    up to 3 or 5 taps of a row × 4 channels × 1 or 2 inputs; a position loads
 *              4 gradients and the pixels under the taps */
#ifndef DN_KERNELS_CONV_H
#define DN_KERNELS_CONV_H

#include "simd.h"
#include "../kernels.h"

/* Positions of a tile: with 16 registers two, for three would want one more than there
 * are, and all of them would go to the stack and back. */
#define DN_TILE (DN_REGISTERS == 32 ? 6 : 2)

/* One tile: `tile` positions of a row, 4 channels from w. Weights lie [c][k][k][4]. */
DN_INLINE void conv_tile(const int tile, float *y, ptrdiff_t y_channel,
                         ptrdiff_t y_column, const float *x, ptrdiff_t x_channel,
                         ptrdiff_t x_row, ptrdiff_t x_column, int stride, const float *w,
                         const float *bias, int c, int k, int channels, int relu) {
    vf sum[DN_TILE][4];
    for (int p = 0; p < tile; p++)
        for (int o = 0; o < 4; o++) sum[p][o] = vset(bias[o]);
    for (int i = 0; i < c; i++) {
        const float *map = x + i * x_channel;
        for (int ky = 0; ky < k; ky++) {
            const float *tap = map + ky * x_row;
            for (int kx = 0; kx < k; kx++) {
                vf w0 = vset(w[0]), w1 = vset(w[1]), w2 = vset(w[2]), w3 = vset(w[3]);
                for (int p = 0; p < tile; p++) {
                    vf pixel = vload(tap + p * stride * x_column);
                    sum[p][0] = vfma(pixel, w0, sum[p][0]);
                    sum[p][1] = vfma(pixel, w1, sum[p][1]);
                    sum[p][2] = vfma(pixel, w2, sum[p][2]);
                    sum[p][3] = vfma(pixel, w3, sum[p][3]);
                }
                tap += x_column;
                w += 4;
            }
        }
    }
    /* Spelt out, and no loop to `channels`: sums whose places were known only at run time
     * could not have stayed in registers. */
    UNROLL
    for (int p = 0; p < tile; p++, y += y_column) {
        for (int o = 0; o < 4; o++)
            if (relu) sum[p][o] = vmax(sum[p][o], vzero());
        vstore(y, sum[p][0]);
        if (channels > 1) vstore(y + y_channel, sum[p][1]);
        if (channels > 2) vstore(y + 2 * y_channel, sum[p][2]);
        if (channels > 3) vstore(y + 3 * y_channel, sum[p][3]);
    }
}

/* The tile of a width known only at run time, unrolled for each width there is. */
DN_INLINE void conv_tiles(int tile, float *y, ptrdiff_t y_channel, ptrdiff_t y_column,
                          const float *x, ptrdiff_t x_channel, ptrdiff_t x_row,
                          ptrdiff_t x_column, int stride, const float *w,
                          const float *bias, int c, int k, int channels, int relu) {
#define CONV_TILE(n)                                                                     \
    conv_tile(n, y, y_channel, y_column, x, x_channel, x_row, x_column, stride, w, bias, \
              c, k, channels, relu)
    switch (tile) {
    case 1: CONV_TILE(1); break;
    case 2: CONV_TILE(2); break;
#if DN_REGISTERS == 32
    case 3: CONV_TILE(3); break;
    case 4: CONV_TILE(4); break;
    case 5: CONV_TILE(5); break;
    case 6: CONV_TILE(6); break;
#endif
    default: break;
    }
#undef CONV_TILE
}

static void conv_rows(const dn_view *y, const dn_view *x, const float *w,
                      const float *bias, int k, int stride, int relu, int first,
                      int rows) {
    const int c = x->c, width = y->w;
    const int tiles = (width + DN_TILE - 1) / DN_TILE;
    for (int row = 0; row < rows; row++) {
        const float *x_row = x->p + (ptrdiff_t)(first + row) * stride * x->row;
        for (int t = 0; t < tiles; t++) {
            /* Tiles as even as can be: 14 positions are 5 + 5 + 4, not 6 + 6 + 2. */
            int from = width * t / tiles, to = width * (t + 1) / tiles;
            for (int o = 0; o < y->c; o += 4) {
                int channels = y->c - o < 4 ? y->c - o : 4;
                for (int s = 0; s < LANES; s += DN_WIDTH)
                    conv_tiles(
                        to - from,
                        y->p + o * y->channel + row * y->row + from * y->column + s,
                        y->channel, y->column,
                        x_row + (ptrdiff_t)from * stride * x->column + s, x->channel,
                        x->row, x->column, stride, w + (ptrdiff_t)o * c * k * k, bias + o,
                        c, k, channels, relu);
            }
        }
    }
}

/* --- gradient of the weights ------------------------------------------------------- */

#define DN_TAPS   (DN_REGISTERS == 32 ? 5 : 3)
#define DN_INPUTS (DN_REGISTERS == 32 ? 2 : 1)

#define WGRAD_SUMS (DN_REGISTERS == 32 ? 24 : 16)

/* Sums for `taps` taps of a kernel, which lie `tap` floats apart, `inputs` input
 * channels, 4 output channels: sum[i][t][o] += dy[o][y][x] · x[i][y·stride][x·stride], t
 * taps on, over all positions. */
DN_INLINE void wgrad_tile(const int inputs, const int taps, float *sums,
                          const dn_view *dy, const float *dy_p, const dn_view *x,
                          const float *x_p, int stride, ptrdiff_t tap,
                          const ptrdiff_t *channel) {
    vf sum[DN_INPUTS][DN_TAPS][4];
    for (int i = 0; i < inputs; i++)
        for (int t = 0; t < taps; t++)
            for (int o = 0; o < 4; o++) sum[i][t][o] = vzero();
    const ptrdiff_t step = stride * x->column;
    for (int row = 0; row < dy->h; row++) {
        const float *g = dy_p + row * dy->row;
        const float *a = x_p + (ptrdiff_t)row * stride * x->row;
        for (int column = 0; column < dy->w; column++) {
            vf g0 = vload(g), g1 = vload(g + channel[1]), g2 = vload(g + channel[2]),
               g3 = vload(g + channel[3]);
            for (int i = 0; i < inputs; i++)
                for (int t = 0; t < taps; t++) {
                    vf pixel = vload(a + i * x->channel + t * tap);
                    sum[i][t][0] = vfma(pixel, g0, sum[i][t][0]);
                    sum[i][t][1] = vfma(pixel, g1, sum[i][t][1]);
                    sum[i][t][2] = vfma(pixel, g2, sum[i][t][2]);
                    sum[i][t][3] = vfma(pixel, g3, sum[i][t][3]);
                }
            g += dy->column;
            a += step;
        }
    }
    for (int i = 0; i < inputs; i++)
        for (int t = 0; t < taps; t++)
            for (int o = 0; o < 4; o++)
                vstore(sums + ((i * taps + t) * 4 + o) * LANES, sum[i][t][o]);
}

DN_INLINE void wgrad_tiles(int inputs, int taps, float *sums, const dn_view *dy,
                           const float *dy_p, const dn_view *x, const float *x_p,
                           int stride, ptrdiff_t tap, const ptrdiff_t *channel) {
#define WGRAD_TILE(i, t) wgrad_tile(i, t, sums, dy, dy_p, x, x_p, stride, tap, channel)
    switch (inputs * 8 + taps) {
    case 8 + 1: WGRAD_TILE(1, 1); break;
    case 8 + 2: WGRAD_TILE(1, 2); break;
    case 8 + 3: WGRAD_TILE(1, 3); break;
#if DN_REGISTERS == 32
    case 8 + 4: WGRAD_TILE(1, 4); break;
    case 8 + 5: WGRAD_TILE(1, 5); break;
    case 16 + 1: WGRAD_TILE(2, 1); break;
    case 16 + 2: WGRAD_TILE(2, 2); break;
    case 16 + 3: WGRAD_TILE(2, 3); break;
#endif
    default: break;
    }
#undef WGRAD_TILE
}

static void conv_wgrad(float *dw, const dn_view *dy, const dn_view *x, int k,
                       int stride) {
    /* Sums of one tile, each of 16 lanes; rounded up to what sums16 takes. */
    float lanes[WGRAD_SUMS * LANES] = {0}, sums[WGRAD_SUMS];
    const int c = x->c;
    for (int o = 0; o < dy->c; o += 4) {
        const int channels = dy->c - o < 4 ? dy->c - o : 4;
        /* Past the last channel the last one stands in, and its sum is dropped. */
        ptrdiff_t channel[4];
        for (int j = 0; j < 4; j++)
            channel[j] = (j < channels ? j : channels - 1) * dy->channel;
        const float *dy_p = dy->p + o * dy->channel;
        for (int ky = 0; ky < k; ky++)
            for (int kx = 0, taps; kx < k; kx += taps) {
                taps = k - kx <= DN_TAPS ? k - kx : (k - kx + 1) / 2;
                if (taps > DN_TAPS) taps = DN_TAPS;
                for (int i = 0, inputs; i < c; i += inputs) {
                    inputs = taps <= 3 && c - i >= 2 ? DN_INPUTS : 1;
                    const float *x_p = x->p + i * x->channel + ky * x->row +
                                       kx * x->column;
                    for (int s = 0; s < LANES; s += DN_WIDTH)
                        wgrad_tiles(inputs, taps, lanes + s, dy, dy_p + s, x, x_p + s,
                                    stride, x->column, channel);
                    for (int j = 0; j < inputs * taps * 4; j += 8)
                        sums16(sums + j, lanes + j * LANES);
                    for (int j = 0; j < inputs; j++)
                        for (int t = 0; t < taps; t++)
                            for (int q = 0; q < channels; q++)
                                dw[(((ptrdiff_t)(o + q) * c + i + j) * k + ky) * k + kx +
                                   t] = sums[(j * taps + t) * 4 + q];
                }
            }
    }
}

#endif
