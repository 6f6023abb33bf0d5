/* int8.h - layers computed in 8 bits: a convolution or a fully connected layer of a model
 * that was quantised (quantise.c), for one image.
 *
 *     q = round(x / step + zero), kept in 0..255        its inputs; round half to even
 *     y[o] = bias[o] + scale[o] · Σ w[o][i]·(q[i] − zero)    w in −127..127
 *
 * The sum is an integer of 32 bits, and so exact: the bits are the same whatever adds it
 * up. What comes before and behind it is a multiplication and an addition of float32,
 * each rounded. `step` and `zero` are the layer's, `scale` is the channel's: Jacob et
 * al., "Quantization and training of neural networks for efficient
 * integer-arithmetic-only inference" (2018).
 *
 * What reads the image has step = 1/(255·std) and zero = 255·mean, a fraction: a byte
 * becomes that byte, whatever mean and std are. The sum takes its nearest integer in
 * 0..255, m, and the rest goes into the bias, for each place what its window reads of the
 * image and not of the margin:
 *
 *     bias[place][o] = bias[o] + scale[o] · (m − zero) · Σ w[o][i inside]
 *
 * Inputs lie as bytes [h][w][c] with the margin that a padded convolution reads, filled
 * with m, so that a row of a window is k·c bytes one after the other:
 *
 *     m m m m m m m m
 *     m m a a b b m m      c = 2, k = 3: the first window's second row is m m a a b b
 *
 * Rows of a window are filled up to whole words of 4 bytes by weights of 0. */
#ifndef DN_INT8_H
#define DN_INT8_H

#include <stddef.h>
#include <stdint.h>

/* Inputs of one output that an int32 has room for: 255 · 127 · this is below 2³¹. */
#define DN_INT8_MOST_READS 65536

/* DN_HAS_DOTPROD - there is a table for Arm's products of bytes, sdot of ARMv8.2, which
 * most of its processors of 64 bits have since 2018. */
#if defined(__aarch64__) && (defined(__linux__) || defined(__ARM_FEATURE_DOTPROD)) &&    \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define DN_HAS_DOTPROD
#endif

#define DN_INT8_BLOCK 16 /* outputs side by side */

/* A layer's numbers, ready to use; lists are filled up with zeros to whole blocks. */
typedef struct dn_int8 {
    int8_t *w;      /* [⌈out/16⌉][window's rows][words][16][4] */
    int32_t *start; /* [out] (less − margin)·Σ w: where a sum over q − less begins */
    float *scale;   /* [out] */
    float *bias;    /* of what reads the image; else NULL: places share the layer's.
                       [rows that differ][columns, or 1 if all are alike][out] */
    float inverse;  /* 1 / step */
    float zero;
    int margin; /* zero as an integer of 0..255 */
    int less;   /* of the kernels that it is for */
} dn_int8;

/* What a kernel is given of a layer, or of a part of it. */
typedef struct dn_int8_window {
    int rows, words;       /* of a window: its height, and its width in words */
    ptrdiff_t row, column; /* bytes from one row of the input to the next, and from one
                               position of the window to the next */
    int down;              /* rows of the input from one row of results to the next */
    int h, w;              /* results */
    int out;               /* a multiple of 16 */
    ptrdiff_t y_row, y_column; /* of the results, in floats */
    ptrdiff_t bias_column;     /* from the bias of a position to that of the next; 0 */
    int relu;                  /* max(0, ·) of them */
} dn_int8_window;

/* The arithmetic for one instruction set, as dn_kernels (kernels.h): the same bits in
 * each. AMX, whose tiles a process must ask the system for, would be one more. */
typedef struct dn_int8_kernels {
    const char *name;
    int less; /* 128: bytes are multiplied as q − 128, which has a sign; 0: as q */

    /* bytes - w columns of c values as bytes: q above. NaN becomes 0.
     *
     *   q  columns of c bytes; up to 15 more than w·c are written
     *   x  columns of c rounded up to 16, x_column floats apart */
    void (*bytes)(uint8_t *q, const float *x, ptrdiff_t x_column, int w, int c,
                  float inverse, float zero);

    /* windows - y of all positions.
     *
     *   q     first byte of the first window; up to 3 beyond the last are read
     *   bias  [out], of every column if they have their own */
    void (*windows)(float *y, const uint8_t *q, const dn_int8 *layer, const float *bias,
                    const dn_int8_window *window);
} dn_int8_kernels;

/* dn_int8_best - the table for this processor, or for what DIGITNET_ISA names: "vnni",
 * "avx512", "avx2", "dotprod" (Arm's), "portable". dn_int8_named - NULL if there is none
 * of that name, or the processor lacks it. */
const dn_int8_kernels *dn_int8_best(void);
const dn_int8_kernels *dn_int8_named(const char *name);

#endif
