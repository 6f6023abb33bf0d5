/* bytes.h - numbers in stored bytes: little-endian, at any alignment, on any machine; the
 * checksum over them; and aligned memory for vectors. */
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

/* dn_checksum - FNV-1a over 32-bit little-endian words, 64 bits wide; size is a multiple
 * of 4. Each step is a bijection of the state, so a change within one word always
 * changes the sum. */
static inline uint64_t dn_checksum(const uint8_t *p, size_t size) {
    uint64_t sum = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i += 4) sum = (sum ^ get32(p + i)) * 0x100000001b3u;
    return sum ^ sum >> 29;
}

/* dn_floats - n zeros, at least one, aligned for the widest vectors; NULL: no memory.
 * For free(). */
static inline float *dn_floats(size_t n) {
    size_t size = (n * sizeof(float) + 63) / 64 * 64;
    float *p = aligned_alloc(64, size ? size : 64);
    if (p) memset(p, 0, size ? size : 64);
    return p;
}

#endif
