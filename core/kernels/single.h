/* single.h - operators on one image, [h][w][channels rounded up to 16]: the lanes of a
 * vector are channels. Included by kernels.c; each function is described in
 * ../kernels.h.
 *
 * A convolution tile is DN_SINGLE positions of a row × 1 or 2 blocks of 16 channels: a
 * step loads the weights of a tap once and broadcasts one pixel an FMA. */
#ifndef DN_KERNELS_SINGLE_H
#define DN_KERNELS_SINGLE_H

#include "simd.h"
#include "../kernels.h"

#define BLOCK_VECTORS (LANES / DN_WIDTH) /* vectors in a block of 16 channels */

#if DN_WIDTH == 16
#define DN_SINGLE        14
#define DN_SINGLE_BLOCKS 2
#elif DN_WIDTH == 8
#define DN_SINGLE        6
#define DN_SINGLE_BLOCKS 1
#else
#define DN_SINGLE        (DN_REGISTERS == 32 ? 6 : 2)
#define DN_SINGLE_BLOCKS 1
#endif

/* One tile. x_step is the distance of two positions' first taps: stride columns. */
DN_INLINE void single_tile(const int tile, const int blocks, float *y, ptrdiff_t y_column,
                           const float *x, ptrdiff_t x_row, ptrdiff_t x_column,
                           ptrdiff_t x_step, const float *w, ptrdiff_t w_block,
                           const float *bias, int c, int k, int relu) {
    const int vectors = blocks * BLOCK_VECTORS;
    vf sum[DN_SINGLE][DN_SINGLE_BLOCKS * BLOCK_VECTORS];
    for (int p = 0; p < tile; p++)
        for (int v = 0; v < vectors; v++) sum[p][v] = vload(bias + v * DN_WIDTH);
    for (int i = 0; i < c; i++)
        for (int ky = 0; ky < k; ky++) {
            const float *tap = x + i + ky * x_row;
            for (int kx = 0; kx < k; kx++) {
                vf weight[DN_SINGLE_BLOCKS * BLOCK_VECTORS];
                for (int v = 0; v < vectors; v++)
                    weight[v] = vload(w + v / BLOCK_VECTORS * w_block +
                                      v % BLOCK_VECTORS * DN_WIDTH);
                /* Every fourth position has a pointer, the others an offset from it:
                 * more addresses than that do not fit the processor's registers. */
                const float *at[(DN_SINGLE + 3) / 4];
                for (int p = 0; p < tile; p += 4) at[p / 4] = tap + p * x_step;
                for (int p = 0; p < tile; p++) {
                    vf pixel = vset(at[p / 4][p % 4 * x_step]);
                    for (int v = 0; v < vectors; v++)
                        sum[p][v] = vfma(pixel, weight[v], sum[p][v]);
                }
                tap += x_column;
                w += LANES;
            }
        }
    for (int p = 0; p < tile; p++)
        for (int v = 0; v < vectors; v++)
            vstore(y + p * y_column + v * DN_WIDTH,
                   relu ? vmax(sum[p][v], vzero()) : sum[p][v]);
}

DN_INLINE void single_tiles(int tile, const int blocks, float *y, ptrdiff_t y_column,
                            const float *x, ptrdiff_t x_row, ptrdiff_t x_column,
                            ptrdiff_t x_step, const float *w, ptrdiff_t w_block,
                            const float *bias, int c, int k, int relu) {
#define SINGLE_TILE(n)                                                                   \
    case n:                                                                              \
        single_tile(n, blocks, y, y_column, x, x_row, x_column, x_step, w, w_block,      \
                    bias, c, k, relu);                                                   \
        break
    switch (tile) {
        SINGLE_TILE(1);
        SINGLE_TILE(2);
#if DN_SINGLE > 2
        SINGLE_TILE(3);
        SINGLE_TILE(4);
        SINGLE_TILE(5);
        SINGLE_TILE(6);
#endif
#if DN_SINGLE > 6
        SINGLE_TILE(7);
        SINGLE_TILE(8);
        SINGLE_TILE(9);
        SINGLE_TILE(10);
        SINGLE_TILE(11);
        SINGLE_TILE(12);
        SINGLE_TILE(13);
        SINGLE_TILE(14);
#endif
    default: break;
    }
#undef SINGLE_TILE
}

static void single_conv(float *y, ptrdiff_t y_row, ptrdiff_t y_column, const float *x,
                        ptrdiff_t x_row, ptrdiff_t x_column, const float *w,
                        const float *bias, int h, int width, int c, int out, int k,
                        int stride, int relu) {
    const ptrdiff_t w_block = (ptrdiff_t)c * k * k * LANES, x_step = stride * x_column;
    const int tiles = (width + DN_SINGLE - 1) / DN_SINGLE;
    for (int o = 0, blocks; o < out; o += blocks * LANES) {
        blocks = DN_SINGLE_BLOCKS == 2 && out - o >= 2 * LANES ? 2 : 1;
        const float *weights = w + o / LANES * w_block;
        for (int row = 0; row < h; row++)
            for (int t = 0; t < tiles; t++) {
                int from = width * t / tiles, to = width * (t + 1) / tiles;
                float *result = y + row * y_row + from * y_column + o;
                const float *tap = x + (ptrdiff_t)row * stride * x_row + from * x_step;
                if (DN_SINGLE_BLOCKS == 2 && blocks == 2)
                    single_tiles(to - from, DN_SINGLE_BLOCKS, result, y_column, tap,
                                 x_row, x_column, x_step, weights, w_block, bias + o, c,
                                 k, relu);
                else
                    single_tiles(to - from, 1, result, y_column, tap, x_row, x_column,
                                 x_step, weights, w_block, bias + o, c, k, relu);
            }
    }
}

static void single_maxpool(float *y, ptrdiff_t y_row, ptrdiff_t y_column, const float *x,
                           ptrdiff_t x_row, ptrdiff_t x_column, int h, int width, int c,
                           int k, int stride) {
    for (int row = 0; row < h; row++)
        for (int column = 0; column < width; column++) {
            const float *window = x + (ptrdiff_t)row * stride * x_row +
                                  (ptrdiff_t)column * stride * x_column;
            for (int s = 0; s < c; s += DN_WIDTH) {
                vf best = vload(window + s);
                for (int i = 1; i < k * k; i++) {
                    vf v = vload(window + i / k * x_row + i % k * x_column + s);
                    best = vmax(v, best);
                }
                vstore(y + row * y_row + column * y_column + s, best);
            }
        }
}

static void single_avgpool(float *y, ptrdiff_t y_row, ptrdiff_t y_column, const float *x,
                           ptrdiff_t x_row, ptrdiff_t x_column, int h, int width, int c,
                           int kh, int kw, int stride) {
    const vf share = vset(1.0f / (float)(kh * kw));
    for (int row = 0; row < h; row++)
        for (int column = 0; column < width; column++) {
            const float *window = x + (ptrdiff_t)row * stride * x_row +
                                  (ptrdiff_t)column * stride * x_column;
            for (int s = 0; s < c; s += DN_WIDTH) {
                vf sum = vzero();
                for (int i = 0; i < kh; i++)
                    for (int j = 0; j < kw; j++)
                        sum = sum + vload(window + i * x_row + j * x_column + s);
                vstore(y + row * y_row + column * y_column + s, sum * share);
            }
        }
}

/* Vectors of outputs, of as many blocks as they are in. nonzero: the inputs to be taken,
 * n of them; NULL: the first n. */
DN_INLINE void single_dense_tile(const int vectors, float *y, const float *x,
                                 const float *w, ptrdiff_t block, const float *bias,
                                 const int32_t *nonzero, int n, int relu) {
    vf sum[8];
    for (int v = 0; v < vectors; v++) sum[v] = vload(bias + v * DN_WIDTH);
    for (int k = 0; k < n; k++) {
        const ptrdiff_t i = nonzero ? nonzero[k] : k;
        const vf input = vset(x[i]);
        const float *row = w + i * DN_DENSE_BLOCK;
        for (int v = 0; v < vectors; v++)
            sum[v] = vfma(
                input,
                vload(row + v / BLOCK_VECTORS * block + v % BLOCK_VECTORS * DN_WIDTH),
                sum[v]);
    }
    for (int v = 0; v < vectors; v++)
        vstore(y + v * DN_WIDTH, relu ? vmax(sum[v], vzero()) : sum[v]);
}

/* A term of 0 changes no sum, but for the sign of one that is 0 itself. */
static void single_dense(float *y, const float *x, const float *w, const float *bias,
                         int in, int out, int relu, int32_t *nonzero) {
    const ptrdiff_t block = (ptrdiff_t)in * DN_DENSE_BLOCK;
    int n = nonzero ? 0 : in;
    for (int i = 0; nonzero && i < in; i++) {
        nonzero[n] = i;
        n += x[i] != 0; /* a NaN is taken */
    }
    for (int o = 0, vectors; o < out; o += vectors * DN_WIDTH) {
        const int left = (out - o) / DN_WIDTH;
        const float *from = w + o / DN_DENSE_BLOCK * block;
        vectors = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
#define SINGLE_DENSE(v)                                                                  \
    if (nonzero)                                                                         \
        single_dense_tile(v, y + o, x, from, block, bias + o, nonzero, n, relu);         \
    else                                                                                 \
        single_dense_tile(v, y + o, x, from, block, bias + o, NULL, n, relu)
        switch (vectors) {
        case 8: SINGLE_DENSE(8); break;
        case 4: SINGLE_DENSE(4); break;
        case 2: SINGLE_DENSE(2); break;
        default: SINGLE_DENSE(1); break;
        }
#undef SINGLE_DENSE
    }
}

#endif
