/* dense.h - fully connected layers of 16 images in batch layout: forward and both
 * gradients. Included by kernels.c; each function is described in ../kernels.h.
 *
 * Forward and the gradient of the inputs are one loop: a block of results is held in
 * registers while a row or a column of the weights is broadcast, one float an FMA. */
#ifndef DN_KERNELS_DENSE_H
#define DN_KERNELS_DENSE_H

#include "simd.h"
#include "../kernels.h"

#define DENSE_TILE (DN_REGISTERS == 32 ? 24 : 12)

/* y[j] = bias[j] + Σr w[r·across + j·along]·x[r], for `tile` results. */
DN_INLINE void dense_tile(const int tile, float *y, const float *x, const float *w,
                          ptrdiff_t across, const ptrdiff_t along, const float *bias,
                          int terms, int relu) {
    vf sum[DENSE_TILE];
    for (int j = 0; j < tile; j++) sum[j] = bias ? vset(bias[j]) : vzero();
    for (int r = 0; r < terms; r++) {
        vf v = vload(x + (ptrdiff_t)r * LANES);
        for (int j = 0; j < tile; j++) sum[j] = vfma(v, vset(w[j * along]), sum[j]);
        w += across;
    }
    for (int j = 0; j < tile; j++)
        vstore(y + j * LANES, relu ? vmax(sum[j], vzero()) : sum[j]);
}

DN_INLINE void dense_tiles(float *y, const float *x, const float *w, ptrdiff_t across,
                           const ptrdiff_t along, const float *bias, int terms, int n,
                           int relu) {
    for (int j = 0, tile; j < n; j += tile) {
        const int left = n - j;
        tile = left >= DENSE_TILE ? DENSE_TILE : left >= 8 ? 8 : left >= 4 ? 4 : 1;
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            float *to = y + (ptrdiff_t)j * LANES + s;
            const float *row = w + j * along, *b = bias ? bias + j : NULL;
            switch (tile) {
            case DENSE_TILE:
                dense_tile(DENSE_TILE, to, x + s, row, across, along, b, terms, relu);
                break;
            case 8: dense_tile(8, to, x + s, row, across, along, b, terms, relu); break;
            case 4: dense_tile(4, to, x + s, row, across, along, b, terms, relu); break;
            default: dense_tile(1, to, x + s, row, across, along, b, terms, relu); break;
            }
        }
    }
}

static void dense_forward(float *y, const float *x, const float *w, const float *bias,
                          int in, int out, int ld, int relu) {
    dense_tiles(y, x, w, ld, 1, bias, in, out, relu);
}

static void dense_dgrad(float *dx, const float *dy, const float *w, int in, int out,
                        int ld) {
    dense_tiles(dx, dy, w, 1, ld, NULL, out, in, 0);
}

static void dense_transpose(float *dyt, const float *dy, int out, int ld) {
    for (int n = 0; n < LANES; n++) {
        for (int o = 0; o < out; o++)
            dyt[(ptrdiff_t)n * ld + o] = dy[(ptrdiff_t)o * LANES + n];
        for (int o = out; o < ld; o++) dyt[(ptrdiff_t)n * ld + o] = 0.0f;
    }
}

#define WGRAD_ROWS (DN_REGISTERS == 32 ? 6 : 3)

/* `rows` rows × `vectors` vectors of dw, over all images of the batch. */
DN_INLINE void dense_wgrad_tile(const int rows, const int vectors, float *dw,
                                float *const *x, size_t at, const float *dyt, int groups,
                                int ld) {
    vf sum[WGRAD_ROWS][4];
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++) sum[i][v] = vzero();
    for (int g = 0; g < groups; g++) {
        const float *inputs = x[g] + at;
        for (int n = 0; n < LANES; n++) {
            vf gradient[4];
            for (int v = 0; v < vectors; v++) gradient[v] = vload(dyt + v * DN_WIDTH);
            for (int i = 0; i < rows; i++) {
                vf input = vset(inputs[i * LANES + n]);
                for (int v = 0; v < vectors; v++)
                    sum[i][v] = vfma(input, gradient[v], sum[i][v]);
            }
            dyt += ld;
        }
    }
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++)
            vstore(dw + (ptrdiff_t)i * ld + v * DN_WIDTH, sum[i][v]);
}

static void dense_wgrad(float *dw, float *const *x, size_t at, const float *dyt,
                        int groups, int first, int rows, int ld) {
    for (int o = 0, vectors; o < ld; o += vectors * DN_WIDTH) {
        const int left = (ld - o) / DN_WIDTH;
        vectors = left >= 4 ? 4 : left >= 2 ? 2 : 1;
        for (int i = first, n; i < first + rows; i += n) {
            n = first + rows - i >= WGRAD_ROWS ? WGRAD_ROWS : 1;
            float *to = dw + (ptrdiff_t)i * ld + o;
            const size_t from = at + (size_t)i * LANES;
#define DENSE_WGRAD(r, v) dense_wgrad_tile(r, v, to, x, from, dyt + o, groups, ld)
            switch ((n > 1) * 8 + vectors) {
            case 1: DENSE_WGRAD(1, 1); break;
            case 2: DENSE_WGRAD(1, 2); break;
            case 4: DENSE_WGRAD(1, 4); break;
            case 8 + 1: DENSE_WGRAD(WGRAD_ROWS, 1); break;
            case 8 + 2: DENSE_WGRAD(WGRAD_ROWS, 2); break;
            default: DENSE_WGRAD(WGRAD_ROWS, 4); break;
            }
#undef DENSE_WGRAD
        }
    }
}

#endif
