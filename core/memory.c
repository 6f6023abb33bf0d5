/* memory.c - see memory.h. */
#include <stdlib.h>
#include <string.h>
#include "memory.h"

#define ALIGNMENT 64 /* bytes: a line of the cache, and the widest vector */

/* Made zero between two questions: 4 MB of new pages take 2 ms. */
#define FLOATS_A_TIME ((uint64_t)1 << 20)

static void *c_allocate(void *context, size_t size) {
    (void)context;
    return malloc(size);
}

static void c_release(void *context, void *p) {
    (void)context;
    free(p);
}

dn_heap dn_heap_of(const dn_host *host) {
    if (host && host->heap.allocate) return host->heap;
    return (dn_heap){c_allocate, c_release, NULL};
}

void *dn_room(const dn_heap *heap, uint64_t bytes) {
    if (bytes > SIZE_MAX / 2) return NULL;
    return heap->allocate(heap->context, bytes ? (size_t)bytes : 1);
}

void *dn_new(const dn_heap *heap, uint64_t count, size_t size) {
    if (count > SIZE_MAX / 2 / size) return NULL;
    void *p = dn_room(heap, count * size);
    if (p) memset(p, 0, count ? (size_t)count * size : 1);
    return p;
}

void dn_release(const dn_heap *heap, void *p) {
    if (p) heap->release(heap->context, p);
}

/* The heap's block begins somewhere before the floats; where, it says just before them:
 *
 *     block … [void *block] floats …         floats at a multiple of ALIGNMENT */
float *dn_floats_room(const dn_heap *heap, uint64_t n) {
    const size_t before = ALIGNMENT + sizeof(void *);
    if (n > (SIZE_MAX / 2 - before) / sizeof(float)) return NULL;
    const size_t bytes = (n ? (size_t)n : 1) * sizeof(float);
    char *block = heap->allocate(heap->context, before + bytes);
    if (!block) return NULL;
    char *p = block + before - ((uintptr_t)block + before) % ALIGNMENT;
    memcpy(p - sizeof block, &block, sizeof block);
    return (float *)(void *)p;
}

float *dn_floats(const dn_heap *heap, uint64_t n) {
    float *p = dn_floats_room(heap, n);
    if (p) dn_zero(p, n ? n : 1, NULL);
    return p;
}

int dn_floats_new(float **out, const dn_heap *heap, uint64_t n, const dn_watch *watch) {
    *out = dn_floats_room(heap, n);
    if (!*out) return DN_NOMEM;
    const int status = dn_zero(*out, n ? n : 1, watch);
    if (status == DN_OK) return DN_OK;
    dn_floats_release(heap, *out);
    *out = NULL;
    return status;
}

int dn_zero(float *p, uint64_t n, const dn_watch *watch) {
    for (uint64_t i = 0, some; i < n; i += some) {
        if (i && watch && watch->stop && watch->stop(watch->context)) return DN_STOPPED;
        some = n - i < FLOATS_A_TIME ? n - i : FLOATS_A_TIME;
        memset(p + i, 0, (size_t)some * sizeof *p);
    }
    return DN_OK;
}

void dn_floats_release(const dn_heap *heap, float *p) {
    char *block;
    if (!p) return;
    memcpy(&block, (char *)p - sizeof block, sizeof block);
    heap->release(heap->context, block);
}
