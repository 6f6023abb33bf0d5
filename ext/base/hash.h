/* hash.h - a 64-bit hash, to tell data that differ: FNV-1a's step on words of 8 bytes,
 * with its high bits folded in. The same on any machine. No defence against forgery. */
#ifndef EXT_HASH_H
#define EXT_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 0xcbf29ce484222325u

static inline uint64_t hash_word(uint64_t sum, uint64_t word) {
    sum = (sum ^ word) * 0x100000001b3u;
    return sum ^ sum >> 29;
}

/* hash_bytes - adds bytes as little-endian words, the last one filled up with 0. */
static inline uint64_t hash_bytes(uint64_t sum, const unsigned char *p, size_t size) {
    for (; size >= 8; p += 8, size -= 8)
        sum = hash_word(sum, (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
                                 (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
                                 (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
                                 (uint64_t)p[7] << 56);
    uint64_t word = 0;
    for (size_t k = 0; k < size; k++) word |= (uint64_t)p[k] << 8 * k;
    return size ? hash_word(sum, word) : sum;
}

#endif
