/* work.c - how much work reading an ONNX file has been: see work.h. */
#include "work.h"
#include "../error.h"

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

int dn_onnx_work_end(const onnx_work *work, int status, char *error, size_t error_size) {
    if (work->stopped != DN_ERROR) return work->stopped ? work->stopped : status;
    return dn_fail(error, error_size,
                   "the file reads or changes its constants too often, more than %llu "
                   "numbers; expected each to be used once",
                   (unsigned long long)work->most);
}
