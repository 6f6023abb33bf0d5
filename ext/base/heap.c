/* heap.c - see heap.h. */
#include "ext.h"
#include "heap.h"

static void *heap_allocate(void *context, size_t size) {
    (void)context;
    return sqlite3_malloc64(size);
}

static void heap_release(void *context, void *p) {
    (void)context;
    sqlite3_free(p);
}

const dn_heap ext_heap = {heap_allocate, heap_release, NULL};
