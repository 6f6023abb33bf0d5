/* export.h - what a model's numbers are as an ONNX file, for all that write one. */
#ifndef DN_ONNX_EXPORT_H
#define DN_ONNX_EXPORT_H

#include "../model.h"
#include "onnx.h"

/* dn_onnx_write - the whole file into w, which may have failed then. labels of m are not
 * used. DN_OK or DN_NOMEM. */
int dn_onnx_write(pb_writer *w, const dn_numbers *m, const dn_onnx_words *words,
                  onnx_work *work);

#endif
