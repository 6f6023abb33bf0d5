/* making.c - a step becomes a layer, or none can be made of it: see making.h. */
#include "making.h"
#include <string.h>
#include "../error.h"

int dn_onnx_refuse(const onnx_making *m, const onnx_step *s, const char *why) {
    return dn_fail(m->error, m->error_size, "%s: %s", s->name, why);
}

int dn_onnx_no_layer(const onnx_making *m, const onnx_step *s) {
    switch (s->kind) {
    case STEP_SCALE:
    case STEP_NORM:
        return dn_onnx_refuse(
            m, s,
            "stands alone on too many channels; expected it right after a Conv, "
            "Gemm or MatMul");
    case STEP_ACT:
        return s->curve.is == DN_LINEAR
                   ? dn_onnx_refuse(
                         m, s,
                         "is an activation that layers do not have; expected Relu, "
                         "LeakyRelu, Sigmoid, Tanh, Elu, Selu, Gelu, Clip, HardSigmoid, "
                         "HardSwish, Swish, Mish, Softplus, Softsign or ThresholdedRelu")
                   : dn_onnx_refuse(
                         m, s,
                         "stands alone on too many channels; expected it right "
                         "after a Conv, Gemm or MatMul");
    case STEP_SOFTMAX:
        return dn_onnx_refuse(m, s, "is within the network; expected it last");
    case STEP_SHAPE:
        return dn_onnx_refuse(m, s,
                              "reads other maps than the layer before gives; expected "
                              "layers on those maps");
    default: return dn_onnx_refuse(m, s, "has too many channels to slice");
    }
}

int dn_onnx_room_for(const onnx_making *m, const onnx_step *s, uint64_t reads) {
    onnx_net *net = m->net;
    const uint64_t out = (uint64_t)s->out.c, before = s->w ? (uint64_t)s->reads * out : 0;
    if (reads > DN_MAX_PARAMETERS ||
        net->weights - before + reads * out > DN_MAX_PARAMETERS)
        return dn_onnx_refuse(
            m, s,
            "would need too many weights as a layer here, most of them zeros; expected a "
            "kernel of its own size with usual padding, and group = 1");
    net->weights = net->weights - before + reads * out;
    return DN_OK;
}

int dn_onnx_layer_vector(const onnx_making *m, int layer) {
    return layer > 0 && m->out->layers[layer - 1].vector;
}

int dn_onnx_layer_put(onnx_making *m, onnx_step *s, const int *from, int n) {
    dn_onnx *out = m->out;
    if (out->n == DN_MAX_LAYERS + 1)
        return dn_fail(m->error, m->error_size, "%s: is one more than %d layers", s->name,
                       DN_MAX_LAYERS);
    if ((s->kind == STEP_CONV || s->kind == STEP_MAXPOOL || s->kind == STEP_AVGPOOL) &&
        dn_onnx_layer_vector(m, from[0]))
        return dn_onnx_refuse(m, s,
                              "makes larger maps of what a fully connected layer gave, "
                              "or pads it; expected Gemm, MatMul or a Conv of 1x1");
    onnx_step *to = &out->layers[out->n];
    *to = *s;
    to->inputs = to->order = NULL;
    to->n = n;
    to->vector = s->kind == STEP_DENSE;
    for (int k = 0; k < n; k++) /* what multiplies may be a vector */
        to->vector |= (k == 0 || s->kind != STEP_MUL) && dn_onnx_layer_vector(m, from[k]);
    memcpy(out->from[out->n++], from, (size_t)n * sizeof *from);
    s->w = s->ends = NULL;
    return DN_OK;
}
