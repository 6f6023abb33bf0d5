/* memory.h - all memory of core: from the host's heap (dn_heap), sizes checked in 64
 * bits.
 *
 *     float *x = dn_floats(&heap, (uint64_t)h * w * DN_LANES);
 *     if (!x) return DN_NOMEM;
 *     …
 *     dn_floats_release(&heap, x);
 *
 * Sizes come as a uint64_t count of elements, so a product that would wrap a 32-bit
 * size_t gives NULL and never too small a block. An object keeps a copy of the heap that
 * it came from. Only the calling thread allocates: no task of a team does. */
#ifndef DN_MEMORY_H
#define DN_MEMORY_H

#include "dn.h"

static inline uint64_t round16(uint64_t n) { return (n + 15) & ~(uint64_t)15; }

/* dn_heap_of - the host's heap; the C library's if host is NULL or names none. */
dn_heap dn_heap_of(const dn_host *host);

/* dn_new - count elements of a size, at least a byte, all zero; NULL: no memory, or more
 * than half of what a size_t can tell. dn_release takes NULL too. */
void *dn_new(const dn_heap *heap, uint64_t count, size_t size);

/* dn_room - the same bytes as they come, for what will be written whole: to touch 300 MB
 * takes 0.2 s in which nobody asks whether to go on. dn_release frees it, too. */
void *dn_room(const dn_heap *heap, uint64_t bytes);
void dn_release(const dn_heap *heap, void *p);

/* dn_floats - n zeros, at least one, aligned for the widest vectors; NULL: no memory.
 * Only dn_floats_release may free them; it takes NULL too. */
float *dn_floats(const dn_heap *heap, uint64_t n);

/* dn_floats_room - room for them, not made zero yet: dn_zero does that. */
float *dn_floats_room(const dn_heap *heap, uint64_t n);

/* dn_floats_new - the same for what may be large: asks while they become zero. watch may
 * be NULL. DN_OK, or *out is NULL: DN_NOMEM, DN_STOPPED. */
int dn_floats_new(float **out, const dn_heap *heap, uint64_t n, const dn_watch *watch);

/* dn_zero - makes n floats zero. DN_OK or DN_STOPPED. */
int dn_zero(float *p, uint64_t n, const dn_watch *watch);

/* dn_floats_release - of them all. */
void dn_floats_release(const dn_heap *heap, float *p);

#endif
