/* simd.h - the vector type that kernels are written in, DN_WIDTH floats wide.
 *
 * kernels.c is compiled once an instruction set, with DN_WIDTH 16 (AVX-512), 8 (AVX2 with
 * FMA) or 4 (everything else: NEON, SSE2, or no vectors at all). The same source gives
 * the same bits in each, because of two rules that every kernel keeps:
 *
 *   1. Lanes are independent results (images, channels or units), each the sum of its own
 *      terms in index order, so it does not matter how many stand side by side.
 *   2. A sum across lanes is always one over 16, by sum16's tree.
 *
 * vfma rounds once on every machine. Where the processor has no fused multiply-add it is
 * computed in double precision: exact, and slow. */
#ifndef DN_KERNELS_SIMD_H
#define DN_KERNELS_SIMD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if DN_WIDTH == 16 || DN_WIDTH == 8
#include <immintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

/* gcc orders instructions before it allots registers, and so as to want more of them than
 * even 32: accumulators would go to the stack and back. Until kernels.c ends. */
#if defined(__aarch64__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("O3", "no-schedule-insns")
#endif

#define DN_INLINE static inline __attribute__((always_inline))

/* UNROLL - before a loop of constant length over sums: they stay in registers only if all
 * their places are constants, and a compiler may find the loop too long to unroll. */
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* Images that lie side by side in batch layout: the innermost dimension, always 16. */
#define LANES 16

/* Vector registers to hold accumulators in, of which a kernel leaves some for
 * operands. */
#if DN_WIDTH == 16 || defined(__aarch64__)
#define DN_REGISTERS 32
#else
#define DN_REGISTERS 16
#endif

typedef float vf __attribute__((vector_size(DN_WIDTH * 4)));
typedef int32_t vi __attribute__((vector_size(DN_WIDTH * 4)));
typedef uint32_t vu __attribute__((vector_size(DN_WIDTH * 4)));
typedef float vf_unaligned
    __attribute__((vector_size(DN_WIDTH * 4), aligned(4), may_alias));
typedef int32_t vi_unaligned
    __attribute__((vector_size(DN_WIDTH * 4), aligned(4), may_alias));

DN_INLINE vf vload(const float *p) { return *(const vf_unaligned *)p; }
DN_INLINE void vstore(float *p, vf v) { *(vf_unaligned *)p = v; }
DN_INLINE vi viload(const int32_t *p) { return *(const vi_unaligned *)p; }
DN_INLINE void vistore(int32_t *p, vi v) { *(vi_unaligned *)p = v; }

/* DN_FMA - the processor has a fused multiply-add. gcc tells by __FP_FAST_FMAF; of clang
 * the instruction set is to be asked. */
#if DN_WIDTH > 4 || defined(__FP_FAST_FMAF) || defined(__FMA__) ||                       \
    defined(__ARM_FEATURE_FMA) || defined(__s390x__) || defined(__powerpc64__) ||        \
    (defined(__riscv_flen) && __riscv_flen >= 32)
#define DN_FMA
#endif

/* fmaf for machines that have none, after Boldo and Melquiond, "Emulation of FMA and
 * correctly rounded sums" (IEEE Trans. Comput. 2008): the product of two floats is exact
 * in double; the sum is rounded to odd there, and a number rounded to odd with more than
 * two bits to spare rounds to float as the exact one would. */
DN_INLINE float soft_fma(float a, float b, float c) {
    double product = (double)a * (double)b, addend = (double)c;
    double sum = product + addend;
    double seen = sum - product;
    double lost = (product - (sum - seen)) + (addend - seen);
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    /* lost is NaN where sum is not finite: then nothing is to be done. */
    if ((lost < 0 || lost > 0) && !(bits & 1)) {
        if ((lost > 0) == (sum > 0))
            bits++;
        else
            bits--;
        memcpy(&sum, &bits, sizeof bits);
    }
    return (float)sum;
}

/* soft_fma2 - soft_fma in two lanes, without a branch: almost twice as fast. */
#if DN_WIDTH == 4
typedef float vf2 __attribute__((vector_size(8)));
typedef double vd2 __attribute__((vector_size(16)));
typedef int64_t vl2 __attribute__((vector_size(16)));

DN_INLINE vf2 soft_fma2(vf2 a, vf2 b, vf2 c) {
    const vd2 product = __builtin_convertvector(a, vd2) * __builtin_convertvector(b, vd2);
    const vd2 addend = __builtin_convertvector(c, vd2), sum = product + addend;
    const vd2 seen = sum - product;
    const vd2 lost = (product - (sum - seen)) + (addend - seen);
    /* Masks: all ones, which is -1, where it is so. */
    const vl2 below = (vl2)(lost < 0), inexact = below | (vl2)(lost > 0);
    const vl2 even = ((vl2)sum & 1) - 1;
    /* 1 or -1: away from 0 or towards it. */
    const vl2 away = (below ^ (vl2)(sum < 0)) | 1;
    return __builtin_convertvector((vd2)((vl2)sum + (away & inexact & even)), vf2);
}
#endif

/* PACE - multiply-adds that take a few milliseconds. */
#if defined(DN_FMA) || defined(__wasm_relaxed_simd__)
#define PACE (1 << 25)
#else
#define PACE (1 << 21)
#endif

#if DN_WIDTH == 16
DN_INLINE vf vset(float x) { return (vf)_mm512_set1_ps(x); }
DN_INLINE vf vfma(vf a, vf b, vf c) {
    return (vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}
/* a > b ? a : b, in each lane; b where they cannot be ordered. */
DN_INLINE vf vmax(vf a, vf b) { return (vf)_mm512_max_ps((__m512)a, (__m512)b); }
DN_INLINE float fma1(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
#elif DN_WIDTH == 8
DN_INLINE vf vset(float x) { return (vf)_mm256_set1_ps(x); }
DN_INLINE vf vfma(vf a, vf b, vf c) {
    return (vf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}
DN_INLINE vf vmax(vf a, vf b) { return (vf)_mm256_max_ps((__m256)a, (__m256)b); }
DN_INLINE float fma1(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
#else
#if defined(DN_FMA)
DN_INLINE float fma1(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
#elif defined(__wasm_relaxed_simd__)
/* Rounds once where the processor does: ext/package/wasm/index.js asks it. */
DN_INLINE float fma1(float a, float b, float c) {
    return __builtin_wasm_fma_f32x4((vf){a}, (vf){b}, (vf){c})[0];
}
#else
DN_INLINE float fma1(float a, float b, float c) { return soft_fma(a, b, c); }
#endif
DN_INLINE vf vset(float x) { return (vf){x, x, x, x}; }
DN_INLINE vf vfma(vf a, vf b, vf c) {
#if defined(__ARM_NEON) && defined(__aarch64__)
    return (vf)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#elif defined(__VSX__)
    /* gcc 12 would also take vmaddfp, in whose mode under Linux denormals are zeros. */
    __asm__("xvmaddasp %x0,%x1,%x2" : "+wa"(c) : "wa"(a), "wa"(b));
    return c;
#elif defined(DN_FMA)
    return (vf){fma1(a[0], b[0], c[0]), fma1(a[1], b[1], c[1]), fma1(a[2], b[2], c[2]),
                fma1(a[3], b[3], c[3])};
#elif defined(__wasm_relaxed_simd__)
    return __builtin_wasm_fma_f32x4(a, b, c);
#else
    const vf x = {a[2], a[3]}, y = {b[2], b[3]}, z = {c[2], c[3]};
    const vf2 low = soft_fma2((vf2){a[0], a[1]}, (vf2){b[0], b[1]}, (vf2){c[0], c[1]});
    const vf2 high = soft_fma2((vf2){x[0], x[1]}, (vf2){y[0], y[1]}, (vf2){z[0], z[1]});
    return (vf){low[0], low[1], high[0], high[1]};
#endif
}
DN_INLINE vf vmax(vf a, vf b) {
    vi greater = (vi)(a > b);
    return (vf)(((vi)a & greater) | ((vi)b & ~greater));
}
#endif

DN_INLINE vf vzero(void) { return vset(0.0f); }

/* mask ? a : b, where mask is all ones or all zeros in each lane. */
DN_INLINE vf vselect(vi mask, vf a, vf b) {
    return (vf)(((vi)a & mask) | ((vi)b & ~mask));
}

/* vflush - 0 in the lanes whose magnitude is below least, which is above 0.
 *
 * Numbers too small for the normal range of float32 cost a processor a hundred times what
 * others do, and a network that has learned its data is full of them: gradients that are
 * next to nothing, and moments that only shrink. The mode that makes them zero everywhere
 * belongs to the host, so kernels drop them where they arise. */
DN_INLINE vf vflush(vf v, float least) {
    return vselect((vi)(vmax(v, -v) >= vset(least)), v, vzero());
}

/* sum16 - the sum of 16 floats, always by this tree: 8 apart, then 4, 2, 1. */
DN_INLINE float sum16(const float *v) {
    float a[8];
    for (int i = 0; i < 8; i++) a[i] = v[i] + v[i + 8];
    for (int i = 0; i < 4; i++) a[i] = a[i] + a[i + 4];
    return (a[0] + a[2]) + (a[1] + a[3]);
}

/* sums16 - out[i] = sum16(v + 16·i), i = 0..7: the same trees, eight side by side. */
#if DN_WIDTH == 16
DN_INLINE void sums16(float *out, const float *v) {
    __m512 a[8];
    for (int i = 0; i < 8; i++) a[i] = (__m512)vload(v + i * LANES);
    for (int i = 0; i < 4; i++) /* 8 apart: two sums of 8 in a vector */
        a[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a[2 * i], a[2 * i + 1], 0x44),
                             _mm512_shuffle_f32x4(a[2 * i], a[2 * i + 1], 0xee));
    for (int i = 0; i < 2; i++) /* 4 apart: four sums of 4 */
        a[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a[2 * i], a[2 * i + 1], 0x88),
                             _mm512_shuffle_f32x4(a[2 * i], a[2 * i + 1], 0xdd));
    a[0] = _mm512_add_ps(_mm512_shuffle_ps(a[0], a[1], 0x44),
                         _mm512_shuffle_ps(a[0], a[1], 0xee));
    a[0] = _mm512_add_ps(_mm512_shuffle_ps(a[0], a[0], 0x88),
                         _mm512_shuffle_ps(a[0], a[0], 0xdd));
    /* Sum k stands at 4·k, sum 4 + k beside it. */
    const __m512i places =
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 0, 0, 0, 0, 0, 0, 0, 0);
    _mm256_storeu_ps(out, _mm512_castps512_ps256(_mm512_permutexvar_ps(places, a[0])));
}
#elif DN_WIDTH == 8
DN_INLINE void sums16(float *out, const float *v) {
    __m256 a[8];
    for (int i = 0; i < 8; i++) /* 8 apart */
        a[i] =
            _mm256_add_ps((__m256)vload(v + i * LANES), (__m256)vload(v + i * LANES + 8));
    for (int i = 0; i < 4; i++) /* 4 apart: two sums of 4 in a vector, i and i + 4 */
        a[i] = _mm256_add_ps(_mm256_permute2f128_ps(a[i], a[i + 4], 0x20),
                             _mm256_permute2f128_ps(a[i], a[i + 4], 0x31));
    for (int i = 0; i < 2; i++)
        a[i] = _mm256_add_ps(_mm256_shuffle_ps(a[2 * i], a[2 * i + 1], 0x44),
                             _mm256_shuffle_ps(a[2 * i], a[2 * i + 1], 0xee));
    a[0] = _mm256_add_ps(_mm256_shuffle_ps(a[0], a[1], 0x88),
                         _mm256_shuffle_ps(a[0], a[1], 0xdd));
    _mm256_storeu_ps(out, a[0]);
}
#else
DN_INLINE void sums16(float *out, const float *v) {
    for (int i = 0; i < 8; i++) out[i] = sum16(v + i * LANES);
}
#endif

#endif
