/* add_layer.c - a layer more, for whichever node it comes of: see import.h. */
#include <stdio.h>
#include "import.h"

int dn_onnx_add_layer(onnx_import *im, dn_kind kind, onnx_layer **out) {
    dn_onnx *net = im->net;
    if (net->n == DN_MAX_LAYERS + 1)
        return dn_onnx_fail(im, "is one more than %d layers", DN_MAX_LAYERS);
    *out = &net->layers[net->n++];
    (*out)->kind = kind;
    (*out)->in = im->maps;
    snprintf((*out)->name, sizeof(*out)->name, "%.20s ", dn_onnx_text(im->node->op).text);
    const size_t at = strlen((*out)->name);
    dn_onnx_node_name((*out)->name + at, sizeof(*out)->name - at, im->node);
    return DN_OK;
}

/* The last layer must have had its Relu by now. */
int dn_onnx_need_relu(onnx_import *im) {
    if (im->open < 0) return DN_OK;
    return dn_onnx_fail(im, "%s before it has no Relu, as every layer but the last must",
                        im->net->layers[im->open].name);
}

/* A convolution or fully connected layer, with room for its numbers. */
int dn_onnx_add_linear(onnx_import *im, dn_kind kind, int64_t out, uint64_t reads,
                       onnx_layer **layer) {
    int status = dn_onnx_need_relu(im);
    if (status != DN_OK) return status;
    if (out < 1 || out > DN_MAX_UNITS || reads > DN_MAX_PARAMETERS ||
        im->weights + reads * (uint64_t)out > DN_MAX_PARAMETERS)
        return dn_onnx_fail(im,
                            "has %lld outputs of %llu inputs; expected %d weights at "
                            "most in all layers",
                            (long long)out, (unsigned long long)reads, DN_MAX_PARAMETERS);
    if ((status = dn_onnx_add_layer(im, kind, layer)) != DN_OK) return status;
    im->weights += reads * (uint64_t)out;
    (*layer)->out = (int)out;
    (*layer)->reads = (size_t)reads;
    im->open = im->net->n - 1;
    im->pooled = 0;
    status = dn_onnx_layer_linear(*layer, &im->file.heap);
    dn_onnx_worked(im->file.work, reads * (uint64_t)out); /* zeros take their time */
    return status;
}
