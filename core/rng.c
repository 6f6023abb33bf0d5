/* rng.c - the order of an epoch: see dn.h. */
#include "dn.h"
#include "rng.h"

/* Fisher and Yates' shuffle; the i-th draw is a function of seed, epoch and i. */
void dn_shuffle(uint32_t *order, uint32_t n, uint64_t seed, uint64_t epoch) {
    const uint64_t key = rng_key(rng_key(seed, RNG_ORDER), epoch);
    for (uint32_t i = 0; i < n; i++) {
        /* j evenly in 0..i: the high half of a 32×32-bit product. */
        uint32_t j = (uint32_t)((rng_key(key, i) >> 32) * ((uint64_t)i + 1) >> 32);
        order[i] = order[j];
        order[j] = i;
    }
}
