/* winograd_wgrad.h - the gradient of 3×3 weights, stride 1, in half the multiplications.
 * Included by kernels.c; described in ../kernels.h.
 *
 * A result of winograd.h's is linear in its kernel's row, y = A·[(G·g) ∘ (B·d)], so the
 * gradient of g for gradients e of four results is
 *
 *     dg = Gᵀ·[(Aᵀ·e) ∘ (B·d)]
 *
 * with six products for twelve. They are added up over all rows, tiles and images before
 * Gᵀ is applied. Each of the six is then a small matrix product: the tiles of a band of
 * rows stand in one line, and the rows of the kernel are three places in it. */
#ifndef DN_KERNELS_WINOGRAD_WGRAD_H
#define DN_KERNELS_WINOGRAD_WGRAD_H

#include "conv.h"
#include "winograd.h"

/* t = Aᵀ·e */
DN_INLINE void transform_gradient(vf t[6], const vf e[4]) {
    const vf even = e[0] + e[2], odd = e[1] + e[3];
    const vf far_even = vfma(vset(4.0f), e[2], e[0]);
    const vf far_odd = vfma(vset(8.0f), e[3], e[1] + e[1]);
    t[0] = e[0];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = far_even + far_odd;
    t[4] = far_even - far_odd;
    t[5] = e[3];
}

/* A band of dy's rows: g[map][6][tile of the band][16]. */
static void gradient_band(float *g, const dn_view *dy, int first, int rows) {
    const ptrdiff_t step = (ptrdiff_t)rows * ((dy->w + 3) / 4) * LANES;
    for (int c = 0; c < dy->c; c++, g += 5 * step)
        for (int row = first; row < first + rows; row++) {
            const float *from = dy->p + c * dy->channel + row * dy->row;
            for (int left = dy->w; left > 0;
                 left -= 4, g += LANES, from += 4 * dy->column)
                for (int s = 0; s < LANES; s += DN_WIDTH) {
                    vf e[4], t[6];
                    for (int i = 0; i < 4; i++)
                        e[i] = i < left ? vload(from + i * dy->column + s) : vzero();
                    transform_gradient(t, e);
                    for (int i = 0; i < 6; i++) vstore(g + i * step + s, t[i]);
                }
        }
}

/* The rows of one channel that a band reads: v[6][tile][16]. */
static void pixel_band(float *v, const dn_view *x, int channel, int first, int rows,
                       int width) {
    const ptrdiff_t step = (ptrdiff_t)rows * ((width + 3) / 4) * LANES;
    for (int row = first; row < first + rows; row++) {
        const float *from = x->p + channel * x->channel + row * x->row;
        for (int left = width + 2; left > 2; left -= 4, v += LANES, from += 4 * x->column)
            winograd_pixels(v, step, from, x->column, left);
    }
}

/* dg = Gᵀ·m, where m's six are step floats apart, into three as far apart. */
DN_INLINE void transform_sums(float *dg, const float *m, ptrdiff_t step) {
    const vf sixth = vset(1.0f / 6), twelfth = vset(1.0f / 12);
    const vf twenty_fourth = vset(1.0f / 24), quarter = vset(0.25f);
    vf t[6];
    for (int i = 0; i < 6; i++) t[i] = vload(m + i * step);
    const vf s1 = t[1] + t[2], d1 = t[2] - t[1], s2 = t[3] + t[4], d2 = t[3] - t[4];
    vstore(dg, vfma(quarter, t[0], vfma(twenty_fourth, s2, -sixth * s1)));
    vstore(dg + step, vfma(twelfth, d2, sixth * d1));
    vstore(dg + 2 * step, vfma(sixth, s2 - s1, t[5]));
}

#define WGRAD_LANES (WGRAD_SUMS * LANES)

/* Four maps of a band, `inputs` channels from the i-th on, which begin at g and v; a row
 * of each is a product's, and the kernel's rows are `tap` floats apart. */
static void gradient_of_four(float *dw, int maps, int in, int i, int inputs,
                             const dn_view *g, const dn_view *v, ptrdiff_t tap) {
    float lanes[6 * WGRAD_LANES], sums[3][WGRAD_SUMS];
    const int n = inputs * 12;
    ptrdiff_t channel[4];
    for (int j = 0; j < 4; j++) channel[j] = (j < maps ? j : maps - 1) * g->channel;
    for (int s = 0; s < LANES; s += DN_WIDTH)
        for (int product = 0; product < 6; product++)
            wgrad_tiles(inputs, 3, lanes + product * WGRAD_LANES + s, g,
                        g->p + product * g->row + s, v, v->p + product * v->row + s, 1,
                        tap, channel);
    for (int at = 0; at < n * LANES; at += DN_WIDTH)
        transform_sums(lanes + at, lanes + at, WGRAD_LANES);
    for (int kx = 0; kx < 3; kx++)
        for (int j = 0; j < n; j += 8) {
            const int first = j < n - 8 ? j : n - 8;
            sums16(sums[kx] + first, lanes + kx * WGRAD_LANES + first * LANES);
        }
    for (int o = 0; o < maps; o++)
        for (int j = 0; j < inputs; j++)
            for (int ky = 0; ky < 3; ky++)
                for (int kx = 0; kx < 3; kx++)
                    dw[((ptrdiff_t)o * in + i + j) * 9 + ky * 3 + kx] +=
                        sums[kx][(j * 3 + ky) * 4 + o];
}

static void winograd_wgrad(float *dw, const dn_view *dy, const dn_view *x, float *work) {
    const int tiles = (dy->w + 3) / 4, each = dn_winograd_band(dy->h, dy->w), in = x->c;
    memset(dw, 0, (size_t)dy->c * (size_t)in * 9 * sizeof *dw);
    for (int row = 0, rows; row < dy->h; row += rows) {
        rows = dy->h - row < each ? dy->h - row : each;
        const ptrdiff_t g_row = (ptrdiff_t)rows * tiles * LANES,
                        v_row = (ptrdiff_t)(rows + 2) * tiles * LANES;
        float *pixels = work + dy->c * 6 * g_row;
        dn_view g = {.channel = 6 * g_row, .row = g_row, .column = LANES, .h = 1};
        dn_view v = {.p = pixels, .channel = 6 * v_row, .row = v_row, .column = LANES};
        g.w = rows * tiles;
        gradient_band(work, dy, row, rows);
        for (int i = 0, inputs; i < in; i += inputs) {
            inputs = in - i >= 2 ? DN_INPUTS : 1;
            for (int j = 0; j < inputs; j++)
                pixel_band(pixels + j * v.channel, x, i + j, row, rows + 2, dy->w);
            for (int o = 0; o < dy->c; o += 4) {
                const int maps = dy->c - o < 4 ? dy->c - o : 4;
                g.p = work + o * g.channel;
                gradient_of_four(dw + (ptrdiff_t)o * in * 9, maps, in, i, inputs, &g, &v,
                                 tiles * LANES);
            }
        }
    }
}

#endif
