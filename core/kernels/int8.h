/* int8.h - windows of bytes times weights of bytes, added up in int32: see ../int8.h.
 * Included by kernels.c.
 *
 * A tile is some positions of a row × 1 or 2 blocks of 16 outputs, or, where there is
 * one position (a fully connected layer), up to 4 vectors: of more streams of weights
 * the cache gives less. A step takes a word of 4 inputs and 4 weights of each
 * output. VNNI has an instruction for it, and so has Arm, whose inputs have a sign:
 * dn_int8_kernels' less. The others multiply numbers of 16 bits, the even and the odd
 * bytes apart: AVX2 has a product of 8 bits too, but its sum of two saturates. */
#ifndef DN_KERNELS_INT8_H
#define DN_KERNELS_INT8_H

#include "../int8.h"
#include "simd.h"

#define WORD         4                  /* bytes */
#define INT8_VECTORS (LANES / DN_WIDTH) /* in a block */
#define INT8_STEP    (LANES * WORD)     /* bytes of weights of a block and a word */
#define INT8_PLACES  (DN_WIDTH == 16 ? 7 : DN_WIDTH == 8 || DN_REGISTERS == 32 ? 4 : 2)
#define INT8_BLOCKS  (DN_WIDTH == 16 ? 2 : 1)

DN_INLINE uint32_t word_at(const uint8_t *p) {
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* How a word is multiplied. */
enum { BY_HALVES, BY_VNNI, BY_DOTPROD };

/* sum[i] + Σj w[i][j]·x[j] in each lane i, j being the word's bytes. */
DN_INLINE vi int8_step(const int how, vi sum, vi w, uint32_t x) {
#if DN_WIDTH == 16
    __m512i s = (__m512i)sum;
    const __m512i words = _mm512_set1_epi32((int)x), v = (__m512i)w;
    if (how == BY_VNNI) {
        /* As text: the file is compiled for processors that lack it, too. */
        __asm__("vpdpbusd %2, %1, %0" : "+v"(s) : "v"(words), "v"(v));
        return (vi)s;
    }
    const __m512i low = _mm512_set1_epi16(255);
    const __m512i even = _mm512_srai_epi16(_mm512_slli_epi16(v, 8), 8);
    s = _mm512_add_epi32(s, _mm512_madd_epi16(even, _mm512_and_si512(words, low)));
    return (vi)_mm512_add_epi32(
        s, _mm512_madd_epi16(_mm512_srai_epi16(v, 8), _mm512_srli_epi16(words, 8)));
#elif DN_WIDTH == 8
    __m256i s = (__m256i)sum;
    const __m256i words = _mm256_set1_epi32((int)x), v = (__m256i)w;
    const __m256i low = _mm256_set1_epi16(255);
    const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(v, 8), 8);
    (void)how;
    s = _mm256_add_epi32(s, _mm256_madd_epi16(even, _mm256_and_si256(words, low)));
    return (vi)_mm256_add_epi32(
        s, _mm256_madd_epi16(_mm256_srai_epi16(v, 8), _mm256_srli_epi16(words, 8)));
#else
#ifdef DN_HAS_DOTPROD
    if (how == BY_DOTPROD) {
        const vu words = (vu){0} + (x ^ 0x80808080u); /* each byte less 128 */
        /* As text: an intrinsic could not be part of a function that all share. */
        __asm__("sdot %0.4s, %1.16b, %2.16b" : "+w"(sum) : "w"(w), "w"(words));
        return sum;
    }
#endif
    /* Word and weights are read alike, so it does not matter which end comes first. */
    const vu bits = (vu)w;
    (void)how;
    sum += ((vi)(bits << 24) >> 24) * (int32_t)(x & 255);
    sum += ((vi)(bits << 16) >> 24) * (int32_t)(x >> 8 & 255);
    sum += ((vi)(bits << 8) >> 24) * (int32_t)(x >> 16 & 255);
    return sum + (w >> 24) * (int32_t)(x >> 24);
#endif
}

DN_INLINE vi int8_weights(const int8_t *w, int v) {
    return *(const vi_unaligned *)(const void *)(w + v * DN_WIDTH * WORD);
}

DN_INLINE void int8_store(float *y, vi sum, const float *scale, const float *bias,
                          int relu) {
    const vf z = __builtin_convertvector(sum, vf) * vload(scale) + vload(bias);
    vstore(y, relu ? vmax(z, vzero()) : z);
}

/* Some positions of a row, `blocks` blocks of outputs. */
DN_INLINE void int8_tile(const int how, const int places, const int blocks, float *y,
                         const uint8_t *q, const int8_t *w, ptrdiff_t w_block,
                         const int32_t *start, const float *scale, const float *bias,
                         const dn_int8_window *a) {
    const int vectors = blocks * INT8_VECTORS;
    vi sum[INT8_PLACES][INT8_BLOCKS * INT8_VECTORS];
    for (int p = 0; p < places; p++)
        for (int v = 0; v < vectors; v++) sum[p][v] = viload(start + v * DN_WIDTH);
    for (int r = 0; r < a->rows; r++, q += a->row)
        for (int t = 0; t < a->words; t++, w += INT8_STEP) {
            vi weight[INT8_BLOCKS * INT8_VECTORS];
            for (int v = 0; v < vectors; v++)
                weight[v] =
                    int8_weights(w + v / INT8_VECTORS * w_block, v % INT8_VECTORS);
            /* Every fourth position has a pointer: see single.h. */
            const uint8_t *at[(INT8_PLACES + 3) / 4];
            for (int p = 0; p < places; p += 4) at[p / 4] = q + t * WORD + p * a->column;
            for (int p = 0; p < places; p++) {
                const uint32_t x = word_at(at[p / 4] + p % 4 * a->column);
                for (int v = 0; v < vectors; v++)
                    sum[p][v] = int8_step(how, sum[p][v], weight[v], x);
            }
        }
    for (int p = 0; p < places; p++)
        for (int v = 0; v < vectors; v++)
            int8_store(y + p * a->y_column + v * DN_WIDTH, sum[p][v],
                       scale + v * DN_WIDTH, bias + p * a->bias_column + v * DN_WIDTH,
                       a->relu);
}

DN_INLINE void int8_tiles(const int how, int places, const int blocks, float *y,
                          const uint8_t *q, const int8_t *w, ptrdiff_t w_block,
                          const int32_t *start, const float *scale, const float *bias,
                          const dn_int8_window *a) {
#define INT8_TILE(n)                                                                     \
    case n: int8_tile(how, n, blocks, y, q, w, w_block, start, scale, bias, a); break
    switch (places) {
        INT8_TILE(1);
        INT8_TILE(2);
#if DN_WIDTH > 4 || DN_REGISTERS == 32
        INT8_TILE(3);
        INT8_TILE(4);
#endif
#if DN_WIDTH > 8
        INT8_TILE(5);
        INT8_TILE(6);
        INT8_TILE(7);
#endif
    default: break;
    }
#undef INT8_TILE
}

/* One position, `vectors` vectors of outputs: each word is multiplied in one of `chains`
 * sums in turn, which do not wait for each other. */
DN_INLINE void int8_place(const int how, const int vectors, const int chains, float *y,
                          const uint8_t *q, const int8_t *w, ptrdiff_t w_block,
                          const int32_t *start, const float *scale, const float *bias,
                          const dn_int8_window *a) {
    vi sum[4][4];
    for (int v = 0; v < vectors; v++)
        for (int c = 0; c < chains; c++)
            sum[v][c] = c ? (vi){0} : viload(start + v * DN_WIDTH);
    for (int r = 0; r < a->rows; r++, q += a->row) {
        int t = 0;
        for (; t + chains <= a->words; t += chains, w += chains * INT8_STEP)
            for (int c = 0; c < chains; c++) {
                const uint32_t x = word_at(q + (t + c) * WORD);
                for (int v = 0; v < vectors; v++)
                    sum[v][c] = int8_step(
                        how, sum[v][c],
                        int8_weights(w + c * INT8_STEP + v / INT8_VECTORS * w_block,
                                     v % INT8_VECTORS),
                        x);
            }
        for (; t < a->words; t++, w += INT8_STEP)
            for (int v = 0; v < vectors; v++)
                sum[v][0] = int8_step(
                    how, sum[v][0],
                    int8_weights(w + v / INT8_VECTORS * w_block, v % INT8_VECTORS),
                    word_at(q + t * WORD));
    }
    for (int v = 0; v < vectors; v++) {
        for (int c = 1; c < chains; c++) sum[v][0] += sum[v][c];
        int8_store(y + v * DN_WIDTH, sum[v][0], scale + v * DN_WIDTH, bias + v * DN_WIDTH,
                   a->relu);
    }
}

DN_INLINE void int8_vector(const int how, float *y, const uint8_t *q,
                           const dn_int8 *layer, const float *bias,
                           const dn_int8_window *a) {
    const ptrdiff_t block = (ptrdiff_t)a->rows * a->words * INT8_STEP;
    for (int o = 0, vectors; o < a->out; o += vectors * DN_WIDTH) {
        const int left = (a->out - o) / DN_WIDTH;
        const int8_t *w = layer->w + o / LANES * block;
        vectors = left >= 4 ? 4 : left >= 2 ? 2 : 1;
#define INT8_PLACE(v, chains)                                                            \
    int8_place(how, v, chains, y + o, q, w, block, layer->start + o, layer->scale + o,   \
               bias + o, a)
        switch (vectors) {
        case 4: INT8_PLACE(4, 2); break;
        case 2: INT8_PLACE(2, 2); break;
        default: INT8_PLACE(1, 4); break;
        }
#undef INT8_PLACE
    }
}

DN_INLINE void int8_all(const int how, float *y, const uint8_t *q, const dn_int8 *layer,
                        const float *bias, const dn_int8_window *a) {
    const ptrdiff_t block = (ptrdiff_t)a->rows * a->words * INT8_STEP;
    const int tiles = (a->w + INT8_PLACES - 1) / INT8_PLACES;
    if (a->h == 1 && a->w == 1) {
        int8_vector(how, y, q, layer, bias, a);
        return;
    }
    for (int o = 0, blocks; o < a->out; o += blocks * LANES) {
        blocks = INT8_BLOCKS == 2 && a->out - o >= 2 * LANES ? 2 : 1;
        for (int row = 0; row < a->h; row++)
            for (int t = 0; t < tiles; t++) {
                const int from = a->w * t / tiles, to = a->w * (t + 1) / tiles;
                float *result = y + row * a->y_row + from * a->y_column + o;
                const uint8_t *at = q + row * a->down * a->row + from * a->column;
                const int8_t *w = layer->w + o / LANES * block;
                const float *b = bias + from * a->bias_column + o;
                if (INT8_BLOCKS == 2 && blocks == 2)
                    int8_tiles(how, to - from, INT8_BLOCKS, result, at, w, block,
                               layer->start + o, layer->scale + o, b, a);
                else
                    int8_tiles(how, to - from, 1, result, at, w, block, layer->start + o,
                               layer->scale + o, b, a);
            }
    }
}

static void int8_windows(float *y, const uint8_t *q, const dn_int8 *layer,
                         const float *bias, const dn_int8_window *window) {
    int8_all(BY_HALVES, y, q, layer, bias, window);
}

#if DN_WIDTH == 16
static void int8_windows_vnni(float *y, const uint8_t *q, const dn_int8 *layer,
                              const float *bias, const dn_int8_window *window) {
    int8_all(BY_VNNI, y, q, layer, bias, window);
}
#endif

#ifdef DN_HAS_DOTPROD
/* The file is compiled for processors that lack it, too. */
#ifdef __clang__
__attribute__((target("dotprod")))
#else
__attribute__((target("arch=armv8.2-a+dotprod")))
#endif
static void
int8_windows_dotprod(float *y, const uint8_t *q, const dn_int8 *layer, const float *bias,
                     const dn_int8_window *window) {
    int8_all(BY_DOTPROD, y, q, layer, bias, window);
}
#endif

/* To this, 1.5·2²³, a number below 2²² is added to be rounded to the nearest integer. */
#define ROUNDS 12582912.0f

DN_INLINE vi int8_round(const float *x, float inverse, float zero) {
    const vf top = vset(255.0f);
    const vf q = -vmax(-vmax(vload(x) * inverse + zero, vzero()), -top);
    return (vi)(q + vset(ROUNDS)) - (vi)vset(ROUNDS);
}

/* 16 values; 16 bytes are written. */
DN_INLINE void int8_bytes_16(uint8_t *q, const float *x, float inverse, float zero) {
#if DN_WIDTH == 16
    _mm_storeu_si128((void *)q,
                     _mm512_cvtepi32_epi8((__m512i)int8_round(x, inverse, zero)));
#elif DN_WIDTH == 8
    const __m256i both = _mm256_packs_epi32((__m256i)int8_round(x, inverse, zero),
                                            (__m256i)int8_round(x + 8, inverse, zero));
    const __m256i order = _mm256_permute4x64_epi64(both, 0xd8);
    _mm_storeu_si128((void *)q, _mm_packus_epi16(_mm256_castsi256_si128(order),
                                                 _mm256_extracti128_si256(order, 1)));
#else
    for (int v = 0; v < LANES; v += DN_WIDTH) {
        const vi four = int8_round(x + v, inverse, zero);
        for (int i = 0; i < DN_WIDTH; i++) q[v + i] = (uint8_t)four[i];
    }
#endif
}

static void int8_bytes(uint8_t *q, const float *x, ptrdiff_t x_column, int w, int c,
                       float inverse, float zero) {
    if (x_column == c) { /* the row is one vector */
        for (int i = 0; i < w * c; i += LANES) int8_bytes_16(q + i, x + i, inverse, zero);
        return;
    }
    for (int column = 0; column < w; column++, q += c, x += x_column)
        for (int i = 0; i < c; i += LANES) int8_bytes_16(q + i, x + i, inverse, zero);
}

#endif
