/* bytes.h - numbers in stored bytes: little-endian, at any alignment, on any machine; the
 * checksum over them. */
#ifndef DN_BYTES_H
#define DN_BYTES_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint32_t get32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static inline uint64_t get64(const uint8_t *p) {
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static inline float get_float(const uint8_t *p) {
    uint32_t bits = get32(p);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void put32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> 8 * i);
}

static inline void put64(uint8_t *p, uint64_t v) {
    put32(p, (uint32_t)v);
    put32(p + 4, (uint32_t)(v >> 32));
}

static inline void put_float(uint8_t *p, float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    put32(p, bits);
}

/* get_half, put_half - IEEE 754 half precision. Rounds to the nearest, ties to even; what
 * is too large becomes the largest finite number. */
static inline float get_half(const uint8_t *p) {
    const uint32_t bits = (uint32_t)p[0] | (uint32_t)p[1] << 8;
    const uint32_t exponent = bits >> 10 & 31, rest = bits & 1023;
    uint8_t out[4];
    float value;
    if (exponent == 0) { /* rest · 2⁻²⁴, exactly */
        value = (float)rest * 5.9604644775390625e-08f;
        return bits >> 15 ? -value : value;
    }
    put32(out,
          bits >> 15 << 31 | (exponent == 31 ? 255 : exponent + 112) << 23 | rest << 13);
    return get_float(out);
}

static inline void put_half(uint8_t *p, float v) {
    uint8_t in[4];
    put_float(in, v);
    const uint32_t bits = get32(in), magnitude = bits & 0x7fffffffu;
    uint32_t half;
    if (magnitude > 0x477fe000u) { /* above 65504, or no number */
        half = magnitude > 0x7f800000u ? 0x7e00 : 0x7bff;
    } else if (magnitude < 0x38800000u) { /* below 2⁻¹⁴: a multiple of 2⁻²⁴ */
        const int shift = 126 - (int)(magnitude >> 23);
        const uint32_t m = (magnitude & 0x7fffffu) | 0x800000u;
        half = shift > 24 ? 0 : m >> shift;
        if (shift <= 24) {
            const uint32_t lost = m & ((1u << shift) - 1), tie = 1u << (shift - 1);
            half += lost > tie || (lost == tie && (half & 1));
        }
    } else {
        half = (magnitude - 0x38000000u) >> 13;
        const uint32_t lost = magnitude & 0x1fffu;
        half += lost > 0x1000u || (lost == 0x1000u && (half & 1));
    }
    half |= bits >> 31 << 15;
    p[0] = (uint8_t)half;
    p[1] = (uint8_t)(half >> 8);
}

/* dn_checksum - FNV-1a over 32-bit little-endian words, 64 bits wide; size is a multiple
 * of 4. Each step is a bijection of the state, so a change within one word always
 * changes the sum. */
#define DN_CHECKSUM_START 0xcbf29ce484222325u

static inline uint64_t dn_checksum_add(uint64_t sum, const uint8_t *p, size_t size) {
    for (size_t i = 0; i < size; i += 4) sum = (sum ^ get32(p + i)) * 0x100000001b3u;
    return sum;
}

static inline uint64_t dn_checksum_end(uint64_t sum) { return sum ^ sum >> 29; }

static inline uint64_t dn_checksum(const uint8_t *p, size_t size) {
    return dn_checksum_end(dn_checksum_add(DN_CHECKSUM_START, p, size));
}

#endif
