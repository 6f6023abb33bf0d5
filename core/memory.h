/* memory.h - aligned memory for vectors. */
#ifndef DN_MEMORY_H
#define DN_MEMORY_H

#include <stdlib.h>
#include <string.h>

static inline size_t round16(size_t n) { return (n + 15) & ~(size_t)15; }

/* dn_floats - n zeros, at least one, aligned for the widest vectors; NULL: no memory.
 * For free(). */
static inline float *dn_floats(size_t n) {
    size_t size = (n * sizeof(float) + 63) / 64 * 64;
    float *p = aligned_alloc(64, size ? size : 64);
    if (p) memset(p, 0, size ? size : 64);
    return p;
}

#endif
