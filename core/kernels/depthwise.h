/* depthwise.h - convolutions in which each map is read alone: forward and the gradient of
 * their weights, and in single layout. Included by kernels.c; each function is described
 * in ../kernels.h. */
#ifndef DN_KERNELS_DEPTHWISE_H
#define DN_KERNELS_DEPTHWISE_H

#include "pool.h"

#define DEPTHWISE_TILE 8 /* positions of a row whose sums run side by side */

DN_INLINE void depthwise_tile(const int tile, float *y, ptrdiff_t y_column,
                              const float *x, ptrdiff_t x_row, ptrdiff_t x_column,
                              ptrdiff_t step, const float *w, float bias, int k,
                              int relu) {
    vf sum[DEPTHWISE_TILE];
    for (int p = 0; p < tile; p++) sum[p] = vset(bias);
    for (int ky = 0; ky < k; ky++)
        for (int kx = 0; kx < k; kx++) {
            const float *tap = x + ky * x_row + kx * x_column;
            const vf weight = vset(*w++);
            for (int p = 0; p < tile; p++)
                sum[p] = vfma(vload(tap + p * step), weight, sum[p]);
        }
    for (int p = 0; p < tile; p++)
        vstore(y + p * y_column, relu ? vmax(sum[p], vzero()) : sum[p]);
}

static void depthwise_rows(const dn_view *y, const dn_view *x, const float *w,
                           const float *bias, int k, int stride, int relu, int first,
                           int rows) {
    const ptrdiff_t step = stride * x->column;
    for (int c = 0; c < y->c; c++, w += k * k)
        for (int row = 0; row < rows; row++)
            for (int q = 0, n; q < y->w; q += n) {
                const int left = y->w - q;
                n = left >= DEPTHWISE_TILE ? DEPTHWISE_TILE : left >= 4 ? 4 : 1;
                for (int s = 0; s < LANES; s += DN_WIDTH) {
                    float *to = at(y, c, row, q) + s;
                    const float *from = at(x, c, (first + row) * stride, 0) + q * step +
                                        s;
#define DEPTHWISE(n)                                                                     \
    depthwise_tile(n, to, y->column, from, x->row, x->column, step, w, bias[c], k, relu)
                    switch (n) {
                    case DEPTHWISE_TILE: DEPTHWISE(DEPTHWISE_TILE); break;
                    case 4: DEPTHWISE(4); break;
                    default: DEPTHWISE(1); break;
                    }
#undef DEPTHWISE
                }
            }
}

/* Sums of `taps` taps of a kernel's row. */
DN_INLINE void depthwise_sums(const int taps, float *sums, const dn_view *dy,
                              const dn_view *x, int c, int ky, int kx, int stride) {
    vf sum[4];
    for (int s = 0; s < LANES; s += DN_WIDTH) {
        for (int t = 0; t < taps; t++) sum[t] = vzero();
        for (int row = 0; row < dy->h; row++) {
            const float *g = at(dy, c, row, 0) + s;
            const float *a = at(x, c, row * stride + ky, kx) + s;
            for (int q = 0; q < dy->w; q++, g += dy->column, a += stride * x->column)
                for (int t = 0; t < taps; t++)
                    sum[t] = vfma(vload(a + t * x->column), vload(g), sum[t]);
        }
        for (int t = 0; t < taps; t++) vstore(sums + t * LANES + s, sum[t]);
    }
}

static void depthwise_wgrad(float *dw, const dn_view *dy, const dn_view *x, int k,
                            int stride) {
    float sums[4 * LANES];
    for (int c = 0; c < dy->c; c++)
        for (int ky = 0; ky < k; ky++)
            for (int kx = 0, taps; kx < k; kx += taps) {
                taps = k - kx >= 4 ? 4 : k - kx == 3 ? 3 : 1;
                switch (taps) {
                case 4: depthwise_sums(4, sums, dy, x, c, ky, kx, stride); break;
                case 3: depthwise_sums(3, sums, dy, x, c, ky, kx, stride); break;
                default: depthwise_sums(1, sums, dy, x, c, ky, kx, stride); break;
                }
                for (int t = 0; t < taps; t++) *dw++ = sum16(sums + t * LANES);
            }
}

/* --- one image ---------------------------------------------------------------------- */

DN_INLINE void single_depthwise_tile(const int tile, float *y, ptrdiff_t y_column,
                                     const float *x, ptrdiff_t x_row, ptrdiff_t x_column,
                                     ptrdiff_t step, const float *w, int c, vf bias,
                                     int k, int relu) {
    vf sum[4];
    for (int p = 0; p < tile; p++) sum[p] = bias;
    for (int ky = 0; ky < k; ky++)
        for (int kx = 0; kx < k; kx++, w += c) {
            const float *tap = x + ky * x_row + kx * x_column;
            const vf weight = vload(w);
            for (int p = 0; p < tile; p++)
                sum[p] = vfma(vload(tap + p * step), weight, sum[p]);
        }
    for (int p = 0; p < tile; p++)
        vstore(y + p * y_column, relu ? vmax(sum[p], vzero()) : sum[p]);
}

static void single_depthwise(float *y, ptrdiff_t y_row, ptrdiff_t y_column,
                             const float *x, ptrdiff_t x_row, ptrdiff_t x_column,
                             const float *w, const float *bias, int h, int width, int c,
                             int k, int stride, int relu) {
    const ptrdiff_t step = stride * x_column;
    for (int row = 0; row < h; row++)
        for (int q = 0, n; q < width; q += n) {
            n = width - q >= 4 ? 4 : 1;
            for (int s = 0; s < c; s += DN_WIDTH) {
                float *to = y + row * y_row + q * y_column + s;
                const float *from = x + (ptrdiff_t)row * stride * x_row + q * step + s;
                if (n == 4)
                    single_depthwise_tile(4, to, y_column, from, x_row, x_column, step,
                                          w + s, c, vload(bias + s), k, relu);
                else
                    single_depthwise_tile(1, to, y_column, from, x_row, x_column, step,
                                          w + s, c, vload(bias + s), k, relu);
            }
        }
}

#endif
