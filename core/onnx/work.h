/* work.h - how much work reading an ONNX file has been, so that the caller can stop it,
 * and that no file makes it endless.
 *
 *     onnx_work work = dn_onnx_work_begin(watch, size);
 *     for (uint64_t i = 0; i < nodes; i++) {
 *         if (!dn_onnx_worked(&work, 1)) break;      // then whatever status is returned
 *         … read node i …
 *     }
 *     return dn_onnx_work_end(&work, status, error, error_size);
 *
 * Every loop over what a file has many of counts its rounds here. Once the work has been
 * stopped it stays so: functions return at once, and only dn_onnx_work_end says why. */
#ifndef DN_ONNX_WORK_H
#define DN_ONNX_WORK_H

#include "budget.h"

typedef struct onnx_work {
    const dn_watch *watch; /* may be NULL */
    uint64_t done;         /* pieces of work, some nanoseconds each */
    uint64_t next;         /* of which the caller is asked then */
    uint64_t most;
    const onnx_budget *budget; /* of the memory that it takes; may be NULL */
    int stopped;               /* 0, or why: DN_STOPPED or DN_ERROR */
} onnx_work;

/* dn_onnx_work_begin - for a file of size bytes. A file may be gone through a few times,
 * and a network of DN_MAX_PARAMETERS weights too. */
onnx_work dn_onnx_work_begin(const dn_watch *watch, size_t size);

/* dn_onnx_work_ask - asks the caller, and looks at the limit. */
void dn_onnx_work_ask(onnx_work *work);

/* dn_onnx_worked - so many pieces of work were done: 1 to go on; 0 to return. */
static inline int dn_onnx_worked(onnx_work *work, uint64_t pieces) {
    work->done += pieces;
    if (work->done >= work->next) dn_onnx_work_ask(work);
    return !work->stopped;
}

/* dn_onnx_zeros - n zeros of a heap, which are counted as they are made: NULL if there is
 * no memory, or the work was stopped. dn_floats_release frees them. */
float *dn_onnx_zeros(onnx_work *work, const dn_heap *heap, uint64_t n);

/* dn_onnx_work_end - the status that is returned: that of the work, unless it was
 * stopped:
 * DN_STOPPED, or DN_ERROR and a sentence about what takes too long. */
int dn_onnx_work_end(const onnx_work *work, int status, char *error, size_t error_size);

#endif
