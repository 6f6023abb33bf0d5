/* own.h - files that dn_onnx_export wrote, read number by number. */
#ifndef DN_ONNX_OWN_H
#define DN_ONNX_OWN_H

#include "layers.h"
#include "onnx.h"

/* dn_onnx_own - whether a file is one that we wrote, to the last byte: then out has the
 * spec and the numbers that it was written of, and *is is 1; else out is as it was. A
 * graph's nodes can say a layer in other ways than notation, which round otherwise, so a
 * model that goes out and comes in again keeps its bits only so.
 *
 * DN_OK, DN_NOMEM; no meaning once file->work is stopped. */
int dn_onnx_own(dn_onnx *out, const onnx_file *file, int *is);

#endif
