/* heap.h - SQLite's allocator for core: what networks take counts towards
 * sqlite3_memory_used() and is kept within sqlite3_hard_heap_limit64().
 *
 *     const dn_host host = {.heap = ext_heap};
 *     dn_model_decode(&model, bytes, size, &host, error, EXT_ERROR_SIZE);
 *
 * Bytes that core gives away (a model's, a state's, an ONNX file's) are for
 * sqlite3_free. */
#ifndef EXT_HEAP_H
#define EXT_HEAP_H

#include "../../core/dn.h"

extern const dn_heap ext_heap;

#endif
