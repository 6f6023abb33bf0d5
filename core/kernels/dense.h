/* dense.h - fully connected layers of 16 images in batch layout: forward and both
 * gradients. Included by kernels.c; each function is described in ../kernels.h.
 *
 * Weights lie in blocks of 16 outputs, [⌈out/16⌉][in][16] (dn_pack_blocks): a tile reads
 * them from one end to the other, however wide the layer, and what it reads of them
 * serves as many images as there are registers for. */
#ifndef DN_KERNELS_DENSE_H
#define DN_KERNELS_DENSE_H

#include "simd.h"
#include "../kernels.h"

/* Vectors of images that a tile may be wide, and vectors in a group. */
#define DENSE_VECTORS (DN_REGISTERS == 32 ? 4 : 2)
#define DENSE_PER     (LANES / DN_WIDTH)

/* Terms whose weights are asked for ahead of their turn: a page of them, as processors
 * themselves look no further than to the page's end. */
#define DENSE_AHEAD 64

/* The vectors of a tile: of some groups' x or y, from vector `first` on. */
typedef struct dense_lanes {
    float *p[DENSE_VECTORS];
} dense_lanes;

DN_INLINE dense_lanes dense_lanes_of(float *const *groups, int first, int n) {
    dense_lanes lanes = {{0}};
    for (int v = 0; v < n; v++)
        lanes.p[v] = groups[(first + v) / DENSE_PER] + (first + v) % DENSE_PER * DN_WIDTH;
    return lanes;
}

/* y[j] = bias[j] + Σr w[r][j]·x[r], for `tile` outputs of a block and `vectors` vectors
 * of images; the first n are stored. */
DN_INLINE void dense_tile(const int tile, const int vectors, const dense_lanes *y,
                          const dense_lanes *x, const float *w, const float *bias,
                          int terms, int n, int relu) {
    vf sum[DN_DENSE_BLOCK][DENSE_VECTORS];
    for (int j = 0; j < tile; j++)
        for (int v = 0; v < vectors; v++) sum[j][v] = j < n ? vset(bias[j]) : vzero();
    for (ptrdiff_t r = 0; r < terms; r++) {
        vf input[DENSE_VECTORS];
        for (int v = 0; v < vectors; v++) input[v] = vload(x->p[v] + r * LANES);
        __builtin_prefetch(w + DENSE_AHEAD * DN_DENSE_BLOCK);
        for (int j = 0; j < tile; j++) {
            const vf weight = vset(w[j]);
            for (int v = 0; v < vectors; v++)
                sum[j][v] = vfma(input[v], weight, sum[j][v]);
        }
        w += DN_DENSE_BLOCK;
    }
    UNROLL
    for (int j = 0; j < tile; j++)
        for (int v = 0; v < vectors; v++) {
            const vf result = relu ? vmax(sum[j][v], vzero()) : sum[j][v];
            if (j < n) vstore(y->p[v] + j * LANES, result);
        }
}

/* One block of outputs, at most 16, of some vectors: as large tiles as the registers
 * hold. */
DN_INLINE void dense_block(const int vectors, const dense_lanes *y, const dense_lanes *x,
                           const float *w, const float *bias, int terms, int out,
                           int relu) {
    const int most = DENSE_VECTORS == 2 || vectors == 4 ? 6 : vectors == 2 ? 8 : 16;
    dense_lanes to = *y;
    for (int j = 0, tile; j < out; j += tile) {
        const int left = out - j;
        tile = left > most - 2 ? most : left > 4 && most > 8 ? 8 : 4;
        if (most == 16 && left <= 8) tile = left > 4 ? 8 : 4;
#define DENSE_TILE(t)                                                                    \
    dense_tile(t, vectors, &to, x, w + j, bias + j, terms, left < t ? left : t, relu)
        if (most == 16 && tile == 16)
            DENSE_TILE(16);
        else if (most >= 8 && tile == 8)
            DENSE_TILE(8);
        else if (most == 6 && tile == 6)
            DENSE_TILE(6);
        else
            DENSE_TILE(4);
#undef DENSE_TILE
        for (int v = 0; v < vectors; v++) to.p[v] += tile * LANES;
    }
}

static void dense_forward(float *const *y, float *const *x, int groups, const float *w,
                          const float *bias, int in, int out, int relu) {
    const int vectors = groups * DENSE_PER;
    for (int o = 0; o < out; o += DN_DENSE_BLOCK) {
        const int some = out - o < DN_DENSE_BLOCK ? out - o : DN_DENSE_BLOCK;
        for (int v = 0, n; v < vectors; v += n) {
            const int left = vectors - v;
            n = left >= 4 && DENSE_VECTORS == 4 ? 4 : left >= 2 ? 2 : 1;
            dense_lanes to = dense_lanes_of(y, v, n), from = dense_lanes_of(x, v, n);
            for (int k = 0; k < n; k++) to.p[k] += (ptrdiff_t)o * LANES;
            if (DENSE_VECTORS == 4 && n == 4)
                dense_block(DENSE_VECTORS, &to, &from, w, bias + o, in, some, relu);
            else if (n == 2)
                dense_block(2, &to, &from, w, bias + o, in, some, relu);
            else if (DENSE_PER == 1)
                dense_block(1, &to, &from, w, bias + o, in, some, relu);
        }
        w += (ptrdiff_t)in * DN_DENSE_BLOCK;
    }
}

/* dx[j] = Σo w[o][j]·dy[o] for `tile` inputs of one group, block after block of
 * outputs. */
DN_INLINE void dense_back_tile(const int tile, const int vectors, float *dx,
                               const float *dy, const float *w, ptrdiff_t block,
                               int out) {
    vf sum[DN_DENSE_BLOCK][DENSE_VECTORS];
    for (int j = 0; j < tile; j++)
        for (int v = 0; v < vectors; v++) sum[j][v] = vzero();
    for (int o = 0; o < out; o += DN_DENSE_BLOCK, w += block) {
        const int some = out - o < DN_DENSE_BLOCK ? out - o : DN_DENSE_BLOCK;
        for (int k = 0; k < some; k++, dy += LANES) {
            vf gradient[DENSE_VECTORS];
            for (int v = 0; v < vectors; v++) gradient[v] = vload(dy + v * DN_WIDTH);
            for (int j = 0; j < tile; j++) {
                const vf weight = vset(w[j * DN_DENSE_BLOCK + k]);
                for (int v = 0; v < vectors; v++)
                    sum[j][v] = vfma(gradient[v], weight, sum[j][v]);
            }
        }
    }
    for (int j = 0; j < tile; j++)
        for (int v = 0; v < vectors; v++)
            vstore(dx + j * LANES + v * DN_WIDTH, sum[j][v]);
}

#define DENSE_BACK_VECTORS (DENSE_PER < DENSE_VECTORS ? DENSE_PER : DENSE_VECTORS)
#define DENSE_BACK_TILE    (DENSE_BACK_VECTORS == 1 ? 16 : 6)

static void dense_dgrad(float *dx, const float *dy, const float *w, int in, int out,
                        int first, int count) {
    const ptrdiff_t block = (ptrdiff_t)in * DN_DENSE_BLOCK;
    w += (ptrdiff_t)first * DN_DENSE_BLOCK;
    for (int i = 0, tile; i < count; i += tile) {
        const int left = count - i;
        tile = left >= DENSE_BACK_TILE ? DENSE_BACK_TILE : left >= 4 ? 4 : 1;
        for (int s = 0; s < LANES; s += DENSE_BACK_VECTORS * DN_WIDTH) {
            float *to = dx + (ptrdiff_t)i * LANES + s;
            const float *rows = w + (ptrdiff_t)i * DN_DENSE_BLOCK;
#define DENSE_BACK(t) dense_back_tile(t, DENSE_BACK_VECTORS, to, dy + s, rows, block, out)
            if (tile == DENSE_BACK_TILE)
                DENSE_BACK(DENSE_BACK_TILE);
            else if (tile == 4)
                DENSE_BACK(4);
            else
                DENSE_BACK(1);
#undef DENSE_BACK
        }
    }
}

/* Panels of dy as dense_wgrad reads them: [panel][16][width], 64 outputs in each but the
 * last. */
#define PANEL 64

DN_INLINE int panel_width(int o, int ld) { return ld - o < PANEL ? ld - o : PANEL; }

static void dense_transpose(float *dyt, const float *dy, int out, int ld) {
    for (int o = 0; o < ld; o += PANEL) {
        const int width = panel_width(o, ld);
        for (int n = 0; n < LANES; n++)
            for (int k = 0; k < width; k++)
                *dyt++ = o + k < out ? dy[(ptrdiff_t)(o + k) * LANES + n] : 0.0f;
    }
}

#define WGRAD_ROWS (DN_REGISTERS == 32 ? 6 : 3)

/* `rows` rows × `vectors` vectors of dw, over all images of the batch. group: from one
 * group's panel to the next one's. */
DN_INLINE void dense_wgrad_tile(const int rows, const int vectors, float *dw,
                                float *const *x, size_t at, const float *panel,
                                int groups, ptrdiff_t group, int width, int ld) {
    vf sum[WGRAD_ROWS][4];
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++) sum[i][v] = vzero();
    for (int g = 0; g < groups; g++, panel += group) {
        const float *inputs = x[g] + at, *dyt = panel;
        for (int n = 0; n < LANES; n++) {
            vf gradient[4];
            for (int v = 0; v < vectors; v++) gradient[v] = vload(dyt + v * DN_WIDTH);
            for (int i = 0; i < rows; i++) {
                vf input = vset(inputs[i * LANES + n]);
                for (int v = 0; v < vectors; v++)
                    sum[i][v] = vfma(input, gradient[v], sum[i][v]);
            }
            dyt += width;
        }
    }
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < vectors; v++)
            vstore(dw + (ptrdiff_t)i * ld + v * DN_WIDTH, sum[i][v]);
}

static void dense_wgrad(float *dw, float *const *x, size_t at, const float *dyt,
                        int groups, int first, int rows, int ld) {
    for (int o = 0, vectors; o < ld; o += vectors * DN_WIDTH) {
        const int start = o / PANEL * PANEL, width = panel_width(start, ld);
        const float *panel = dyt + (ptrdiff_t)start * LANES + (o - start);
        const int left = (width - (o - start)) / DN_WIDTH;
        vectors = left >= 4 ? 4 : left >= 2 ? 2 : 1;
        for (int i = first, n; i < first + rows; i += n) {
            n = first + rows - i >= WGRAD_ROWS ? WGRAD_ROWS : 1;
            float *to = dw + (ptrdiff_t)i * ld + o;
            const size_t from = at + (size_t)i * LANES;
#define DENSE_WGRAD(r, v)                                                                \
    dense_wgrad_tile(r, v, to, x, from, panel, groups, (ptrdiff_t)ld *LANES, width, ld)
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
