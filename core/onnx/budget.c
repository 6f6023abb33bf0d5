/* budget.c - how much memory reading an ONNX file may take: see budget.h. */
#include "budget.h"
#include <string.h>

#define FIXED    ((uint64_t)1 << 26)
#define PER_BYTE 16
#define BEFORE   16 /* bytes before each block, which have its size: it stays aligned */

static void *allocate(void *context, size_t size) {
    onnx_budget *b = context;
    const uint64_t all = (uint64_t)size + BEFORE;
    if (all > b->most - b->held) {
        b->over = 1;
        return NULL;
    }
    char *block = b->heap.allocate(b->heap.context, (size_t)all);
    if (!block) return NULL;
    memcpy(block, &all, sizeof all);
    b->held += all;
    return block + BEFORE;
}

static void release(void *context, void *p) {
    onnx_budget *b = context;
    char *block = (char *)p - BEFORE;
    uint64_t all;
    memcpy(&all, block, sizeof all);
    b->held -= all;
    b->heap.release(b->heap.context, block);
}

onnx_budget dn_onnx_budget_begin(const dn_heap *heap, uint64_t size) {
    return (onnx_budget){.heap = *heap, .most = FIXED + PER_BYTE * size};
}

dn_heap dn_onnx_budget_heap(onnx_budget *budget) {
    return (dn_heap){allocate, release, budget};
}
