/* work.c - how much work reading an ONNX file has been: see work.h. */
#include "work.h"
#include <string.h>
#include "../error.h"
#include "../memory.h"

#define BETWEEN    (1 << 16) /* pieces of work: far less than a millisecond */
#define PER_BYTE   4
#define PER_WEIGHT 12

onnx_work dn_onnx_work_begin(const dn_watch *watch, size_t size) {
    return (onnx_work){.watch = watch,
                       .next = BETWEEN,
                       .most = PER_WEIGHT * (uint64_t)DN_MAX_PARAMETERS +
                               PER_BYTE * (uint64_t)size};
}

void dn_onnx_work_ask(onnx_work *work) {
    const dn_watch *watch = work->watch;
    work->next = work->done + BETWEEN;
    if (work->stopped) return;
    if (watch && watch->stop && watch->stop(watch->context))
        work->stopped = DN_STOPPED;
    else if (work->done > work->most)
        work->stopped = DN_ERROR;
}

float *dn_onnx_zeros(onnx_work *work, const dn_heap *heap, uint64_t n) {
    float *p = dn_floats_room(heap, n ? n : 1);
    if (p && !n) *p = 0;
    for (uint64_t i = 0, some; p && i < n; i += some) {
        some = n - i < BETWEEN ? n - i : BETWEEN;
        memset(p + i, 0, (size_t)some * sizeof *p);
        if (dn_onnx_worked(work, some)) continue;
        dn_floats_release(heap, p);
        return NULL;
    }
    return p;
}

int dn_onnx_work_end(const onnx_work *work, int status, char *error, size_t error_size) {
    const onnx_budget *b = work->budget;
    if (work->stopped == DN_STOPPED) return DN_STOPPED;
    if (b && b->over && status != DN_ERROR)
        return dn_fail(error, error_size, "the file " DN_ONNX_OVER,
                       (unsigned long long)b->most);
    if (!work->stopped) return status;
    return dn_fail(error, error_size,
                   "the file reads or changes its constants too often, more than %llu "
                   "numbers; expected each to be used once",
                   (unsigned long long)work->most);
}
