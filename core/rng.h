/* rng.h - random numbers that are functions of what they are for, not of when they are
 * drawn: a seed, an epoch, an image. So threads may draw in any order, and a run that is
 * resumed needs no generator's state. */
#ifndef DN_RNG_H
#define DN_RNG_H

#include <stdint.h>

/* rng_mix - the finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
static inline uint64_t rng_mix(uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    x ^= x >> 31;
    return x;
}

/* rng_key - a stream's key from a parent's and a number that names the stream. */
static inline uint64_t rng_key(uint64_t parent, uint64_t name) {
    return rng_mix(parent + 0x9e3779b97f4a7c15u * (name + 1));
}

/* rng_unit - the i-th number of a stream, evenly in [0, 1), in steps of 2^-24. */
static inline float rng_unit(uint64_t key, uint64_t i) {
    return (float)(rng_key(key, i) >> 40) * (1.0f / 16777216.0f);
}

/* rng_hash32 - a quick hash of a 32-bit key and counter, for one bit a unit (dropout).
 * The mixer is "lowbias32" (C. Wellons, 2018). */
static inline uint32_t rng_hash32(uint32_t key, uint32_t i) {
    uint32_t x = key ^ (i * 0x9e3779b9u);
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}

/* The streams of one training run, named. */
enum { RNG_INIT = 1, RNG_ORDER, RNG_DROPOUT, RNG_AUGMENT, RNG_FLIP };

#endif
