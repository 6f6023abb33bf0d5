/* kernels.h - the arithmetic of every operator, as a table of functions.
 *
 * There is one table for each instruction set, all compiled from core/kernels/. Whatever
 * table is used, the bits are the same (kernels/simd.h says why). Nothing here allocates
 * or can fail; buffers never overlap unless a line says so; floats are float32.
 *
 * Two layouts:
 *
 *   batch   view.h: 16 images side by side in the innermost dimension. Training, and
 *           prediction of many rows.
 *   single  [h][w][channels rounded up to 16]: one image, the channels side by side, the
 *           surplus ones zero. Prediction of one row.
 *
 * Both add up in the same order, so a row predicted alone or in a batch has the same
 * bits. Sources: convolution and its gradients as in Dumoulin and Visin, "A guide to
 * convolution arithmetic" (2016); batch normalisation, Ioffe and Szegedy (2015), section
 * 3; Adam, Kingma and Ba (2015); decoupled decay, Loshchilov and Hutter (2019); Nesterov
 * momentum as in Sutskever et al. (2013). */
#ifndef DN_KERNELS_H
#define DN_KERNELS_H

#include <stddef.h>
#include <stdint.h>
#include "activation.h"
#include "dn.h"
#include "view.h"

#define DN_LANES 16 /* images in a group of the batch layout */

/* Constants of one optimizer step, the same for every weight. */
typedef struct dn_update {
    dn_optimizer optimizer;
    float rate;     /* learning rate; AdamW: already times √(1−β2ᵗ)/(1−β1ᵗ) */
    float decay;    /* what a weight is multiplied by first: 1 − rate·weight_decay */
    float momentum; /* β1, or Nesterov's */
    float beta2;    /* AdamW */
    float epsilon;  /* AdamW: already times √(1−β2ᵗ) */
    float ema;      /* share of the old average kept; 0: average = weight */
} dn_update;

/* What the images of a group should have come out as. */
typedef struct dn_targets {
    const int32_t *classes; /* [16] the true ones; −1: none more than another */
    float smoothing;        /* share of the truth that is spread over all classes */
    const float *teacher;   /* [classes][16] logits of a teacher; NULL: there is none */
    float share;            /* its share of the loss, the truth having the rest */
    float temperature;      /* distillation temperature */
    int checked;            /* a teacher that is wrong is not heard: share is 0 */
} dn_targets;

/* What stands between a normalised value z and the gradient dy of the layer's result: a
 * ReLU, or a max pooling with its ReLU, or neither. All zeros: neither. */
typedef struct dn_gate {
    const float *scale, *shift; /* ReLU: dy passes where scale[c]·z + shift[c] > 0 */
    const int32_t *place;       /* max pooling, [c][dy.h][dy.w][16], as maxpool_forward
                                   left them: dy goes to those values, 0 to others … */
    int k;                      /* … of windows of k×k side by side */
} dn_gate;

/* Windows of a pooling that may reach beyond its maps. */
typedef struct dn_window {
    int kh, kw, stride, stride_x, pad_y, pad_x;
    int step_y, step_x; /* from one place of a window to the next; 1: side by side */
    int mean;           /* else the maximum */
    int zeros; /* of a mean: what is beyond counts as zero; else it does not count */
} dn_window;

typedef struct dn_kernels {
    const char *name;
    int64_t pace; /* multiply-adds between two questions whether to go on (watch.h) */

    /* --- convolution, batch layout ------------------------------------------------ */

    /* conv_rows - rows first … first+rows-1 of a convolution, into rows 0 … of y:
     *
     *     bias[o] + Σi Σky Σkx w[o][i][ky][kx] · x[i][r·stride+ky][q·stride+kx]
     *
     *   y     written; its w says how much of a row is computed
     *   x     view whose row 0, column 0 lies under the first tap: for "same" padding it
     *         starts in the margin of zeros
     *   w     packed by dn_pack_conv: [⌈o/4⌉][i][k][k][4]
     *   bias  [o rounded up to 4]
     *   relu  1: max(0, ·) of the result
     *
     * Also the gradient of the inputs, with dy for x and weights packed by
     * dn_pack_conv_transposed. */
    void (*conv_rows)(const dn_view *y, const dn_view *x, const float *w,
                      const float *bias, int k, int stride, int relu, int first,
                      int rows);

    /* winograd_rows - rows first … first+rows-1 of a convolution with k = 3, stride 1,
     * into rows 0 … of y, in half the multiplications (kernels/winograd.h). Columns of x
     * from y->w + 2 on are not read.
     *
     *   u     packed by dn_pack_winograd with blocks of 4: [⌈o/4⌉][i][3][6][4]
     *   work  dn_winograd_work(y->w, x->c, y->c) floats. Calls for one x follow each
     *         other from row 0 on: rows that the last one left there are used again */
    void (*winograd_rows)(const dn_view *y, const dn_view *x, const float *u,
                          const float *bias, int relu, int first, int rows, float *work);

    /* conv_wgrad - dw[o][i][ky][kx] = Σn Σr Σq dy[o][r][q][n] ·
     *                                       x[i][r·stride+ky][q·stride+kx][n]
     *
     *   dw  [o][i][k][k], written
     *   dy  zero in unused lanes */
    void (*conv_wgrad)(float *dw, const dn_view *dy, const dn_view *x, int k, int stride);

    /* winograd_wgrad - conv_wgrad for k = 3, stride 1, in half the multiplications
     * (kernels/winograd_wgrad.h). Other bits; the same for any number of maps at a time.
     *
     *   work  dn_winograd_wgrad_work(dy->h, dy->w, dy->c) floats */
    void (*winograd_wgrad)(float *dw, const dn_view *dy, const dn_view *x, float *work);

    /* channel_sums - sum[c] = Σ x[c], over positions and lanes: the gradient of a
     * bias. */
    void (*channel_sums)(float *sum, const dn_view *x);

    /* --- pooling, ReLU, batch layout ------------------------------------------------ */

    /* maxpool_forward - y = max(0, scale[c]·x + shift[c]) pooled by k×k windows, every
     * stride. Scale and shift are batch normalisation's; NULL for 1 and 0.
     *
     *   y      written
     *   place  channel c's maps place_channel·c on, [y.h][y.w][16], written: which place
     *          of the window, 0..k·k-1, was the largest, the first of equals; −1 where
     *          relu is 1 and the maximum is ≤ 0. NULL: not wanted
     *   relu   0: no max(0, ·) */
    void (*maxpool_forward)(const dn_view *y, int32_t *place, ptrdiff_t place_channel,
                            const dn_view *x, const float *scale, const float *shift,
                            int k, int stride, int relu);

    /* maxpool_backward - dx = dy where place says, zero elsewhere; windows that overlap
     * add. place: [c][y.h][y.w][16].
     *
     *   dx    all of it is written; with `more`, which is for further rows of dy, added
     *         to: dx then begins at their first window */
    void (*maxpool_backward)(const dn_view *dx, const dn_view *dy, const int32_t *place,
                             int k, int stride, int more);

    /* avgpool - y = mean of each kh×kw window, every stride; and its gradient, with
     * `more` as above. */
    void (*avgpool_forward)(const dn_view *y, const dn_view *x, int kh, int kw,
                            int stride);
    void (*avgpool_backward)(const dn_view *dx, const dn_view *dy, int kh, int kw,
                             int stride, int more);

    /* clip_forward - the same with padding: rows first … of the results. place: as above,
     * i·kw + j of the window's whole. In single layout, 16 channels are a map.
     *
     *   y  its c, h and w say how much is computed
     *   x  all maps, from their first row */
    void (*clip_forward)(const dn_view *y, int32_t *place, ptrdiff_t place_channel,
                         const dn_view *x, const dn_window *window, int first);
    void (*clip_backward)(const dn_view *dx, const dn_view *dy, const int32_t *place,
                          ptrdiff_t place_channel, const dn_window *window);

    /* --- convolution of each map alone ------------------------------------------------
     * Weights [c][k][k]; otherwise as conv_rows, conv_wgrad and single_conv, whose
     * weights here are [k][k][c], c a multiple of 16. */
    void (*depthwise_rows)(const dn_view *y, const dn_view *x, const float *w,
                           const float *bias, int k, int stride, int relu, int first,
                           int rows);
    void (*depthwise_wgrad)(float *dw, const dn_view *dy, const dn_view *x, int k,
                            int stride);
    void (*single_depthwise)(float *y, ptrdiff_t y_row, ptrdiff_t y_column,
                             const float *x, ptrdiff_t x_row, ptrdiff_t x_column,
                             const float *w, const float *bias, int h, int width, int c,
                             int k, int stride, int relu);

    /* relu_backward - dx = y > 0 ? dy : 0, where y is the ReLU's result. dx may be dy. */
    void (*relu_backward)(const dn_view *dx, const dn_view *dy, const dn_view *y);

    /* sum - y = a + b, with max(0, ·) if relu. y may be a or b. */
    void (*sum)(const dn_view *y, const dn_view *a, const dn_view *b, int relu);

    /* product - y = a·b. b may have one place a map, which then stands for all. y may be
     * a. */
    void (*product)(const dn_view *y, const dn_view *a, const dn_view *b);

    /* product_sums - y[c] = Σ a·b over the places of a map: y has one a map. */
    void (*product_sums)(const dn_view *y, const dn_view *a, const dn_view *b);

    /* activate - y = f(x), f being the curve. y may be x. */
    void (*activate)(const dn_view *y, const dn_view *x, const dn_curve *curve);

    /* activate_backward - dz = dy·f'(scale[c]·z + shift[c]). Scale and shift are batch
     * normalisation's; NULL for 1 and 0. dz may be dy. */
    void (*activate_backward)(const dn_view *dz, const dn_view *dy, const dn_view *z,
                              const float *scale, const float *shift,
                              const dn_curve *curve);

    /* dropout - y = keep ? scale·x : 0. Whether unit u of image n (0..15) is kept follows
     * from a hash of key[n] and u compared with threshold: kept where hash ≥ threshold.
     * y may be x. The gradient is the same function of dy. */
    void (*dropout)(const dn_view *y, const dn_view *x, const uint32_t *key,
                    uint32_t threshold, float scale);

    /* --- batch normalisation, batch layout --------------------------------------------
     * z is the input, lanes the number of images in the group that count. */

    /* norm_sums - sums[c][0][n] += Σ z, sums[c][1][n] += Σ z², of each image n, in the
     * order of the rows: [c][2][16]. Rows of z may come one call after the other. */
    void (*norm_sums)(float *sums, const dn_view *z);

    /* norm_total - of those: total[c] = Σ z, total[C + c] = Σ z² over the images. */
    void (*norm_total)(float *total, const float *sums, int channels, int lanes);

    /* norm_forward - y = scale[c]·z + shift[c], with max(0, ·) if relu. */
    void (*norm_forward)(const dn_view *y, const dn_view *z, const float *scale,
                         const float *shift, int relu);

    /* norm_grad_sums - sums[c] = Σ g, sums[C + c] = Σ g·x̂, x̂ = (z − mean)·inverse. g is
     * dy as the gate lets it through, which is never written down. */
    void (*norm_grad_sums)(float *sums, const dn_view *dy, const dn_view *z,
                           const dn_gate *gate, const float *mean, const float *inverse,
                           int lanes);

    /* norm_backward - dz = a[c]·g + b[c]·z + e[c], and 0 in lanes that do not count: what
     * the gradient of batch normalisation comes to when its sums are known. */
    void (*norm_backward)(const dn_view *dz, const dn_view *dy, const dn_view *z,
                          const dn_gate *gate, const float *a, const float *b,
                          const float *e, int lanes);

    /* --- fully connected, batch layout -------------------------------------------------
     * A group's vector of n units lies [n][16]. */

    /* dense_forward - y[o] = bias[o] + Σi w[i][o]·x[i], with max(0, ·) if relu.
     *
     *   y, x  of so many groups: weights that are read serve all of them
     *   w     packed by dn_pack_blocks, from the first of these outputs on, which begins
     *         a block */
    void (*dense_forward)(float *const *y, float *const *x, int groups, const float *w,
                          const float *bias, int in, int out, int relu);

    /* dense_dgrad - dx[i] = Σo w[i][o]·dy[o] for the inputs first … first+count-1, the
     * first of which goes to dx[0]. w: packed by dn_pack_blocks, all of it. */
    void (*dense_dgrad)(float *dx, const float *dy, const float *w, int in, int out,
                        int first, int count);

    /* dense_wgrad - rows first … first+rows-1 of dw[i][o] = Σn x[i][n]·dyt[n][o].
     *
     *   dw   [in][ld] written
     *   x    group g of the batch at x[g] + at
     *   dyt  [groups][16·ld]: each made by dense_transpose; ld a multiple of 16 */
    void (*dense_wgrad)(float *dw, float *const *x, size_t at, const float *dyt,
                        int groups, int first, int rows, int ld);

    /* dense_transpose - dy of one group, transposed, in panels of 64 outputs:
     * [⌈ld/64⌉][16][64], the last as narrow as what is left; outputs out … ld-1 zero. */
    void (*dense_transpose)(float *dyt, const float *dy, int out, int ld);

    /* --- input ---------------------------------------------------------------------- */

    /* distort - each image n through its affine map, bilinear, 0·x + paper outside:
     *     y[c][r][q][n] = sheet n, channel c, at (a·q + b·r + e, c·q + d·r + f)
     *
     *   y       view, written
     *   sheets  [16] images `sheet` floats apart, [c][h + 3][w + 3] each: pixels with a
     *           margin of paper, one before and two behind
     *   maps    the numbers a, b, c, d, e, f of every image */
    void (*distort)(const dn_view *y, const float *sheets, ptrdiff_t sheet,
                    const float (*maps)[6][16]);

    /* --- loss ----------------------------------------------------------------------- */

    /* softmax - p[o] = e^(z[o] − top) / Σ e^(z − top), z's values `step` apart, top the
     * largest. The exponentials, in double, are dn_exp's to the bit (fmath.h). */
    void (*softmax)(float *p, const float *z, ptrdiff_t step, int classes);

    /* softmax_loss - for each image n < lanes with logits z[·][n] and class t:
     *     p = softmax(z)    loss[n] = −log p[t]
     *     target = (1−ε)·[o = t] + ε/classes
     *     dz[o][n] = weight · (1−λ)·(p[o] − target[o])
     *              + weight · λ·T·(softmax(z/T)[o] − softmax(teacher/T)[o])
     * with ε smoothing, λ the teacher's share, T its temperature: the gradient of
     * (1−λ)·cross-entropy + λ·T²·KL (Hinton, Vinyals and Dean, 2015). λ is 0 where a
     * checked teacher gives another class a larger logit than the true one.
     *
     *   dz    [classes][16] written; zero in lanes ≥ lanes
     *   loss  [16] written; the cross-entropy with the true class alone
     *   hit   [16] written: 1 where the true class has the largest logit; −1 without one,
     *         where target is 1/classes for each, whatever ε and λ, and loss 0 */
    void (*softmax_loss)(float *dz, float *loss, int32_t *hit, const float *z,
                         const dn_targets *targets, int classes, int lanes, float weight);

    /* --- single layout -------------------------------------------------------------- */

    /* single_conv - conv_rows for one image, all rows.
     *
     *   y       first position; rows y_row floats apart, positions y_column
     *   x       first tap of the first position; x_row, x_column likewise
     *   c, out  channels read and written; out a multiple of 16
     *   w       packed by dn_pack_single: [out/16][c][k][k][16]
     *   bias    [out] */
    void (*single_conv)(float *y, ptrdiff_t y_row, ptrdiff_t y_column, const float *x,
                        ptrdiff_t x_row, ptrdiff_t x_column, const float *w,
                        const float *bias, int h, int width, int c, int out, int k,
                        int stride, int relu);

    /* single_winograd - winograd_rows for one image, all rows.
     *
     *   c     channels read; x has them rounded up to 16
     *   u     packed by dn_pack_winograd with blocks of 16: [out/16][c][3][6][16]
     *   work  dn_single_winograd_work(h, width, c, out) floats */
    void (*single_winograd)(float *y, ptrdiff_t y_row, ptrdiff_t y_column, const float *x,
                            ptrdiff_t x_row, ptrdiff_t x_column, const float *u,
                            const float *bias, int h, int width, int c, int out, int relu,
                            float *work);

    /* single_maxpool, single_avgpool - c a multiple of 16. */
    void (*single_maxpool)(float *y, ptrdiff_t y_row, ptrdiff_t y_column, const float *x,
                           ptrdiff_t x_row, ptrdiff_t x_column, int h, int width, int c,
                           int k, int stride);
    void (*single_avgpool)(float *y, ptrdiff_t y_row, ptrdiff_t y_column, const float *x,
                           ptrdiff_t x_row, ptrdiff_t x_column, int h, int width, int c,
                           int kh, int kw, int stride);

    /* single_dense - y[o] = bias[o] + Σi w[i][o]·x[i]; out a multiple of 16.
     *
     *   w        packed by dn_pack_blocks
     *   nonzero  room for `in` numbers: inputs that are 0, of which a ReLU leaves many,
     *            are passed over. NULL: all are taken */
    void (*single_dense)(float *y, const float *x, const float *w, const float *bias,
                         int in, int out, int relu, int32_t *nonzero);

    /* --- weights -------------------------------------------------------------------- */

    /* update - one step of the optimizer on n weights: w, m (momentum), v (AdamW's second
     * moment) and average are changed. */
    void (*update)(float *w, float *m, float *v, float *average, const float *gradient,
                   size_t n, const dn_update *step);

    /* add - sum[i] += x[i]. */
    void (*add)(float *sum, const float *x, size_t n);
} dn_kernels;

/* 32-bit Arm under Linux: a table for processors that have a fused multiply-add, VFPv4.
 * Not of NEON there, which turns numbers below the normal range into zeros. clang's
 * pragmas cannot ask for it. */
#if defined(__arm__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define DN_HAS_VFPV4
#endif

/* dn_kernels_best - the table for this processor, or for a lesser instruction set that
 * the environment variable DIGITNET_ISA names. */
const dn_kernels *dn_kernels_best(void);

/* dn_kernels_named - the table called name, NULL if this build or processor has none. */
const dn_kernels *dn_kernels_named(const char *name);

/* Packing of a convolution's weights w[out][in][k][k] for the kernels above:
 *   dn_pack_conv             [⌈out/4⌉][in][k][k][4], surplus channels zero
 *   dn_pack_conv_transposed  [⌈in/4⌉][out][k][k][4] with both kernel axes reversed
 *   dn_pack_single           [⌈out/16⌉][in][k][k][16], surplus channels zero
 *   dn_pack_winograd         [⌈out/block⌉][in][3][6][block]: each row of a 3×3 kernel as
 *                            six numbers; transposed as in dn_pack_conv_transposed */
void dn_pack_conv(float *packed, const float *w, int out, int in, int k);
void dn_pack_conv_transposed(float *packed, const float *w, int out, int in, int k);
void dn_pack_single(float *packed, const float *w, int out, int in, int k);
void dn_pack_winograd(float *packed, const float *w, int out, int in, int block,
                      int transposed);

/* Outputs in a block of a fully connected layer's weights. */
#define DN_DENSE_BLOCK 16

/* dn_pack_blocks - w[in][ld] as [ld/16][in][16]; ld a multiple of 16. */
void dn_pack_blocks(float *packed, const float *w, int in, int ld);

/* The weights back from what dn_pack_conv and dn_pack_winograd (not transposed) made. */
void dn_unpack_conv(float *w, const float *packed, int out, int in, int k);
void dn_unpack_winograd(float *w, const float *packed, int out, int in, int block);

/* Working memory of the kernels that take it, in floats: the transformed pixels, and the
 * sums of as many tiles (and of one image, channels) as are computed at once. */
static inline uint64_t dn_winograd_work(int width, int in, int out) {
    const uint64_t tiles = ((uint64_t)width + 3) / 4, sums = ((uint64_t)out + 3) / 4 * 24;
    return (3 * (uint64_t)in * tiles + sums) * 6 * DN_LANES;
}

/* Rows of a gradient whose products are summed up at once: about 64 tiles stay in the
 * cache; of very wide maps four rows, as each band reads two rows more. */
static inline int dn_winograd_band(int h, int width) {
    const int tiles = (width + 3) / 4, most = tiles < 16 ? 64 / tiles : 4;
    const int bands = (h + most - 1) / most;
    return (h + bands - 1) / bands;
}
static inline uint64_t dn_winograd_wgrad_work(int h, int width, int out) {
    const uint64_t tiles = ((uint64_t)width + 3) / 4,
                   rows = (uint64_t)dn_winograd_band(h, width);
    return ((uint64_t)out * rows + 2 * (rows + 2)) * tiles * 6 * DN_LANES;
}
static inline uint64_t dn_single_winograd_work(int h, int width, int in, int out) {
    const uint64_t tiles = ((uint64_t)width + 3) / 4,
                   stride = ((uint64_t)in + 15) / 16 * 16;
    return ((uint64_t)h + 2) * tiles * 6 * stride + (out > 16 ? 84 * 32 : 84 * 16);
}

#endif
