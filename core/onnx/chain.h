/* chain.h - the nodes of an ONNX graph that is written: a network's layers, each a chain
 * of nodes.
 *
 *     const size_t graph = dn_pb_open(&w, MODEL_GRAPH);
 *     int status = dn_onnx_chain(&w, &spec);        // "pixels" becomes "probabilities"
 *     … the constants that its nodes name …
 *     dn_pb_close(&w, graph);
 *
 * Layer 1 reads the constants w1 and b1, or with a batch norm w1, gamma1, beta1, mean1
 * and variance1; the first two nodes read mean and deviation. */
#ifndef DN_ONNX_CHAIN_H
#define DN_ONNX_CHAIN_H

#include <stdio.h>
#include "../spec.h"
#include "onnx.h"

/* A name such as "w12". */
typedef struct onnx_name_text {
    char text[24];
} onnx_name_text;

static inline onnx_name_text dn_onnx_numbered(const char *prefix, int i) {
    onnx_name_text out;
    snprintf(out.text, sizeof out.text, "%s%d", prefix, i + 1);
    return out;
}

/* dn_onnx_has_clip - whether a layer is a Clip: the file is then of operator set 10. */
int dn_onnx_has_clip(const dn_spec *spec);

/* dn_onnx_turned - whether a layer's weights go into the file turned: a Gemm's,
 * [in][out] in the parameter vector. */
static inline int dn_onnx_turned(const dn_layer *l) {
    return l->rows && !l->outputs_first;
}

/* dn_onnx_chain - all nodes, from "pixels" to "probabilities", into a graph that is open.
 * DN_OK or DN_NOMEM. */
int dn_onnx_chain(pb_writer *w, const dn_spec *spec);

#endif
