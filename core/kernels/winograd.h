/* winograd.h - convolution with 3×3 kernels, stride 1, in half the multiplications.
 * Included by kernels.c; each function is described in ../kernels.h.
 *
 * Winograd's F(4,3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
 * 2016, section 4.3), along the rows alone: four results of a row from six pixels d and a
 * row of the kernel g take six products instead of twelve,
 *
 *     y = A·[(G·g) ∘ (B·d)]
 *
 * and each of the six products is added up over all input channels and all three kernel
 * rows before A is applied: six small matrix products, and little else. Taking both
 * directions would save twice as much again, but then the transforms weigh as much as the
 * products, rounding errors grow, and maps whose size is no multiple of 4 lose twice.
 *
 * Pixels beyond the last that a result needs count as zero, in both layouts alike: they
 * cancel in exact arithmetic, and would not quite in ours. */
#ifndef DN_KERNELS_WINOGRAD_H
#define DN_KERNELS_WINOGRAD_H

#include "simd.h"
#include "../kernels.h"

/* v = B·d */
DN_INLINE void transform_pixels(vf v[6], const vf d[6]) {
    const vf four = vset(4.0f), five = vset(5.0f), two = vset(2.0f);
    const vf even = vfma(-four, d[2], d[4]), odd = vfma(-four, d[1], d[3]);
    const vf outer = d[4] - d[2], inner = d[3] - d[1];
    v[0] = vfma(four, d[0], vfma(-five, d[2], d[4]));
    v[1] = even + odd;
    v[2] = even - odd;
    v[3] = vfma(two, inner, outer);
    v[4] = vfma(-two, inner, outer);
    v[5] = vfma(four, d[1], vfma(-five, d[3], d[5]));
}

/* y = A·m + bias */
DN_INLINE void transform_result(vf y[4], const vf m[6], vf bias, int relu) {
    const vf s1 = m[1] + m[2], d1 = m[1] - m[2], s2 = m[3] + m[4], d2 = m[3] - m[4];
    y[0] = (m[0] + s1) + (s2 + bias);
    y[1] = vfma(vset(2.0f), d2, d1) + bias;
    y[2] = vfma(vset(4.0f), s2, s1) + bias;
    y[3] = vfma(vset(8.0f), d2, d1) + (m[5] + bias);
    if (relu)
        for (int i = 0; i < 4; i++) y[i] = vmax(y[i], vzero());
}

/* Six pixels, `column` floats apart; those from the `valid`-th on are zero. */
DN_INLINE void load_pixels(vf d[6], const float *x, ptrdiff_t column, int valid) {
    for (int i = 0; i < 6; i++) d[i] = i < valid ? vload(x + i * column) : vzero();
}

/* --- batch layout ------------------------------------------------------------------- */

/* Tiles of a row at once, 4 channels of each; with few tiles, several of the six
 * products, so that there are sums enough to keep the multipliers busy. */
#define WINOGRAD_TILES (DN_REGISTERS == 32 ? 6 : 3)

/* One tile of a channel, of whose row `left` pixels are left: its six products `step`
 * floats apart. */
DN_INLINE void winograd_pixels(float *v, ptrdiff_t step, const float *x, ptrdiff_t column,
                               int left) {
    for (int s = 0; s < LANES; s += DN_WIDTH) {
        vf d[6], t[6];
        if (left >= 6)
            load_pixels(d, x + s, column, 6);
        else
            load_pixels(d, x + s, column, left);
        transform_pixels(t, d);
        for (int i = 0; i < 6; i++) vstore(v + i * step + s, t[i]);
    }
}

/* One row of all channels: v[c][tile][6][16]. */
static void winograd_row(float *v, const dn_view *x, int row, int width) {
    for (int c = 0; c < x->c; c++) {
        const float *from = x->p + c * x->channel + row * x->row;
        for (int left = width + 2; left > 2; left -= 4) {
            winograd_pixels(v, LANES, from, x->column, left);
            v += 6 * LANES;
            from += 4 * x->column;
        }
    }
}

/* Sums for `tiles` tiles, `products` of the six from rows and u on, 4 channels:
 * m[o][tile][product][16]. rows[ky] are the transformed rows, channel floats apart. */
DN_INLINE void winograd_sums(const int tiles, const int products, float *m,
                             ptrdiff_t m_channel, const float *const rows[3], int at,
                             ptrdiff_t channel, const float *u, int c) {
    vf sum[6][3][4];
    for (int t = 0; t < tiles; t++)
        for (int i = 0; i < products; i++)
            for (int o = 0; o < 4; o++) sum[t][i][o] = vzero();
    for (int k = 0; k < c; k++)
        for (int ky = 0; ky < 3; ky++) {
            const float *v = rows[ky] + k * channel + at;
            for (int i = 0; i < products; i++) {
                vf w0 = vset(u[4 * i]), w1 = vset(u[4 * i + 1]), w2 = vset(u[4 * i + 2]),
                   w3 = vset(u[4 * i + 3]);
                for (int t = 0; t < tiles; t++) {
                    vf pixel = vload(v + (t * 6 + i) * LANES);
                    sum[t][i][0] = vfma(pixel, w0, sum[t][i][0]);
                    sum[t][i][1] = vfma(pixel, w1, sum[t][i][1]);
                    sum[t][i][2] = vfma(pixel, w2, sum[t][i][2]);
                    sum[t][i][3] = vfma(pixel, w3, sum[t][i][3]);
                }
            }
            u += 24;
        }
    for (int t = 0; t < tiles; t++)
        for (int i = 0; i < products; i++)
            for (int o = 0; o < 4; o++)
                vstore(m + o * m_channel + (t * 6 + i) * LANES, sum[t][i][o]);
}

/* All six products of all channels. The pixels of one product are few enough to stay in
 * the nearest cache while the channels go by. */
DN_INLINE void winograd_products(const int tiles, const int products, float *m,
                                 const float *const rows[3], int at, ptrdiff_t channel,
                                 const float *u, int c, int out) {
    const ptrdiff_t m_channel = WINOGRAD_TILES * 6 * LANES;
    for (int i = 0; i < 6; i += products)
        for (int o = 0; o < out; o += 4)
            winograd_sums(tiles, products, m + o * m_channel + i * LANES, m_channel, rows,
                          at + i * LANES, channel, u + (ptrdiff_t)o * c * 18 + i * 4, c);
}

/* `tiles` tiles of a row, all channels: y points at the first. */
static void winograd_tiles(int tiles, const dn_view *y, float *to, int width,
                           const float *const rows[3], int at, ptrdiff_t channel,
                           const float *u, const float *bias, int c, int relu, float *m) {
#define WINOGRAD(t, p)                                                                   \
    case t: winograd_products(t, p, m, rows, at, channel, u, c, y->c); break
    switch (tiles) {
        WINOGRAD(1, 3);
#if DN_REGISTERS == 32
        WINOGRAD(2, 3);
        WINOGRAD(3, 2);
        WINOGRAD(4, 1);
        WINOGRAD(5, 1);
        WINOGRAD(6, 1);
#else
        WINOGRAD(2, 1);
        WINOGRAD(3, 1);
#endif
    default: break;
    }
#undef WINOGRAD
    for (int o = 0; o < y->c; o++)
        for (int t = 0; t < tiles; t++) {
            const float *sums = m + (o * WINOGRAD_TILES + t) * 6 * LANES;
            float *result = to + o * y->channel + 4 * t * y->column;
            vf sum[6], four[4];
            for (int i = 0; i < 6; i++) sum[i] = vload(sums + i * LANES);
            transform_result(four, sum, vset(bias[o]), relu);
            for (int i = 0; i < 4; i++)
                if (4 * t + i < width) vstore(result + i * y->column, four[i]);
        }
}

static void winograd_rows(const dn_view *y, const dn_view *x, const float *u,
                          const float *bias, int relu, int first, int rows, float *work) {
    const int tiles = (y->w + 3) / 4, c = x->c;
    const int parts = (tiles + WINOGRAD_TILES - 1) / WINOGRAD_TILES;
    const ptrdiff_t channel = (ptrdiff_t)tiles * 6 * LANES, ring = c * channel;
    float *m = work + 3 * ring;
    for (int row = first; row < first + rows; row++) {
        /* Row r of x is kept at place r mod 3 until the results need it no more. */
        for (int r = row == 0 ? 0 : row + 2; r <= row + 2; r++)
            winograd_row(work + r % 3 * ring, x, r, y->w);
        const float *const ring_rows[3] = {work + row % 3 * ring,
                                           work + (row + 1) % 3 * ring,
                                           work + (row + 2) % 3 * ring};
        for (int p = 0; p < parts; p++) {
            const int from = tiles * p / parts, to = tiles * (p + 1) / parts;
            for (int s = 0; s < LANES; s += DN_WIDTH)
                winograd_tiles(to - from, y,
                               y->p + (row - first) * y->row + 4 * from * y->column + s,
                               y->w - 4 * from, ring_rows, from * 6 * LANES + s, channel,
                               u, bias, c, relu, m);
        }
    }
}

/* --- single layout ------------------------------------------------------------------ */

/* Positions (tiles, counted through all rows) at once, and vectors of channels of
 * each. */
#if DN_WIDTH == 16
#define POSITIONS        14
#define POSITION_VECTORS 2
#elif DN_REGISTERS == 32
#define POSITIONS        6
#define POSITION_VECTORS 4
#else
#define POSITIONS        4
#define POSITION_VECTORS 2
#endif

/* m[position] = Σ over c and ky of one product, `vectors` vectors of channels. */
DN_INLINE void single_sums(const int positions, const int vectors, float *m,
                           ptrdiff_t m_position, const float *v, ptrdiff_t v_row,
                           ptrdiff_t v_position, const float *u, ptrdiff_t u_block,
                           int c) {
    vf sum[POSITIONS][POSITION_VECTORS];
    for (int p = 0; p < positions; p++)
        for (int s = 0; s < vectors; s++) sum[p][s] = vzero();
    for (int k = 0; k < c; k++)
        for (int ky = 0; ky < 3; ky++) {
            /* Pointers and offsets as in single.h. */
            const float *at[(POSITIONS + 3) / 4];
            for (int p = 0; p < positions; p += 4)
                at[p / 4] = v + ky * v_row + k + p * v_position;
            vf weight[POSITION_VECTORS];
            for (int s = 0; s < vectors; s++)
                weight[s] =
                    vload(u + s * DN_WIDTH / LANES * u_block + s * DN_WIDTH % LANES);
            for (int p = 0; p < positions; p++) {
                vf pixel = vset(at[p / 4][p % 4 * v_position]);
                for (int s = 0; s < vectors; s++)
                    sum[p][s] = vfma(pixel, weight[s], sum[p][s]);
            }
            u += 6 * LANES;
        }
    for (int p = 0; p < positions; p++)
        for (int s = 0; s < vectors; s++)
            vstore(m + p * m_position + s * DN_WIDTH, sum[p][s]);
}

/* All six products of `positions` positions: m[position][6][n] for n channels, as many as
 * POSITION_VECTORS have or a block of 16. */
DN_INLINE void single_products(const int positions, float *m, int n, const float *v,
                               ptrdiff_t v_row, int stride, const float *u,
                               ptrdiff_t u_block, int c) {
    for (int i = 0; i < 6; i++)
        if (n == POSITION_VECTORS * DN_WIDTH)
            single_sums(positions, POSITION_VECTORS, m + i * n, 6 * n, v + i * stride,
                        v_row, 6 * stride, u + i * LANES, u_block, c);
        else
            single_sums(positions, LANES / DN_WIDTH, m + i * n, 6 * n, v + i * stride,
                        v_row, 6 * stride, u + i * LANES, u_block, c);
}

/* All rows of one image: v[h + 2][tile][6][stride]. */
static void single_transform(float *v, const float *x, ptrdiff_t x_row,
                             ptrdiff_t x_column, int h, int width, int stride) {
    for (int row = 0; row < h + 2; row++)
        for (int first = 0; first < width; first += 4) {
            const float *from = x + row * x_row + first * x_column;
            const int left = width + 2 - first;
            for (int s = 0; s < stride; s += DN_WIDTH) {
                vf d[6], t[6];
                if (left >= 6)
                    load_pixels(d, from + s, x_column, 6);
                else
                    load_pixels(d, from + s, x_column, left);
                transform_pixels(t, d);
                for (int i = 0; i < 6; i++) vstore(v + i * stride + s, t[i]);
            }
            v += 6 * stride;
        }
}

/* A result's four positions, of n channels. */
DN_INLINE void single_results(float *y, ptrdiff_t y_column, int left, const float *m,
                              int n, const float *bias, int relu) {
    for (int o = 0; o < n; o += DN_WIDTH) {
        vf sum[6], four[4];
        for (int i = 0; i < 6; i++) sum[i] = vload(m + i * n + o);
        transform_result(four, sum, vload(bias + o), relu);
        for (int i = 0; i < 4; i++)
            if (i < left) vstore(y + i * y_column + o, four[i]);
    }
}

/* A few channels of all positions before the next: their weights stay in the cache. */
static void single_winograd(float *y, ptrdiff_t y_row, ptrdiff_t y_column, const float *x,
                            ptrdiff_t x_row, ptrdiff_t x_column, const float *u,
                            const float *bias, int h, int width, int c, int out, int relu,
                            float *work) {
    const int tiles = (width + 3) / 4, stride = (c + LANES - 1) / LANES * LANES;
    const int channels = POSITION_VECTORS * DN_WIDTH;
    const ptrdiff_t v_row = (ptrdiff_t)tiles * 6 * stride;
    const ptrdiff_t u_block = (ptrdiff_t)c * 18 * LANES;
    float *m = work + (h + 2) * v_row;
    single_transform(work, x, x_row, x_column, h, width, stride);
    for (int o = 0, n; o < out; o += n) {
        const float *weights = u + o / LANES * u_block + o % LANES;
        n = channels > LANES && out - o < channels ? LANES : channels;
        for (int t = 0, count; t < h * tiles; t += count) {
            const float *v = work + (ptrdiff_t)t * 6 * stride;
            const int left = h * tiles - t;
            count = left >= POSITIONS ? POSITIONS : left >= 4 ? 4 : 1;
            if (count == POSITIONS)
                single_products(POSITIONS, m, n, v, v_row, stride, weights, u_block, c);
            else if (count == 4)
                single_products(4, m, n, v, v_row, stride, weights, u_block, c);
            else
                single_products(1, m, n, v, v_row, stride, weights, u_block, c);
            for (int p = 0; p < count; p++) {
                const int row = (t + p) / tiles, first = (t + p) % tiles * 4;
                single_results(y + row * y_row + first * y_column + o, y_column,
                               width - first, m + p * 6 * n, n, bias + o, relu);
            }
        }
    }
}

#endif
