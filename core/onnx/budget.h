/* budget.h - how much memory reading an ONNX file may take: so much, and so much a byte.
 * A small file may ask for much by saying little: a constant that is laid along maps, or
 * one layer of a thousand units after the other that stands alone.
 *
 *     onnx_budget budget = dn_onnx_budget_begin(&heap, size);
 *     const dn_heap counted = dn_onnx_budget_heap(&budget);
 *     float *x = dn_floats(&counted, n);     // NULL, and budget.over, if it is too much
 *
 * All that is read of a file, and what is made of it, comes from such a heap. It asks
 * before anything is allocated. */
#ifndef DN_ONNX_BUDGET_H
#define DN_ONNX_BUDGET_H

#include "../dn.h"

/* What is said of what asks for more: %llu is most. */
#define DN_ONNX_OVER                                                                     \
    "takes more than %llu bytes of memory, 64 MiB and 16 a byte of the file; expected "  \
    "weights that the file has, not such as come of few numbers"

typedef struct onnx_budget {
    dn_heap heap;        /* where memory comes from */
    uint64_t held, most; /* bytes */
    int over;            /* more was asked for, and not given */
} onnx_budget;

/* dn_onnx_budget_begin - for a file of size bytes. A number of two bytes becomes a weight
 * of four, and a few copies of it are held at a time. */
onnx_budget dn_onnx_budget_begin(const dn_heap *heap, uint64_t size);

/* dn_onnx_budget_heap - a heap of it, for as long as the budget lies where it is. */
dn_heap dn_onnx_budget_heap(onnx_budget *budget);

#endif
