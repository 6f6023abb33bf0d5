/* op_dense.c - layers that an ONNX graph's nodes add, those fully connected, and what
 * stands between and after them: Relu, Dropout, Softmax. */
#include <math.h>
#include <stdio.h>
#include "../bytes.h"
#include "../memory.h"
#include "import.h"

/* --- operators ---------------------------------------------------------------------- */

/* Input j of a fully connected layer in our order [c][h][w] is input … of it in
 * [h][w][c]. */
static size_t source_row(const onnx_import *im, size_t j) {
    const size_t h = (size_t)im->maps.h, w = (size_t)im->maps.w, c = (size_t)im->maps.c;
    const size_t place = j % (h * w);
    return im->hwc ? place * c + j / (h * w) : j;
}

/* y = x·W; across: W's rows are outputs. */
static int add_dense(onnx_import *im, int across, double alpha, onnx_layer **out) {
    const onnx_constant *c = dn_onnx_constant_at(im, 1);
    onnx_layer *l;
    int status = dn_onnx_need_flat(im);
    if (status != DN_OK) return status;
    if (!c || c->is_ints || c->rank != 2)
        return dn_onnx_fail(im, "its weights are no constant of 2 dimensions");
    const int64_t n = c->dims[across ? 0 : 1], reads = c->dims[across ? 1 : 0];
    if (reads != dn_onnx_values(im))
        return dn_onnx_fail(im, "its weights are for %lld inputs; it reads %lld",
                            (long long)reads, (long long)dn_onnx_values(im));
    status = dn_onnx_add_linear(im, DN_DENSE, n, (uint64_t)reads, &l);
    if (status != DN_OK) return status;
    float *numbers;
    if ((status = dn_onnx_constant_read(im, c, &numbers)) != DN_OK) return status;
    for (size_t j = 0; j < l->reads && dn_onnx_worked(im->file.work, (uint64_t)n); j++) {
        const size_t from = source_row(im, j);
        for (size_t o = 0; o < (size_t)n; o++) {
            const float w = numbers[across ? o * l->reads + from : from * (size_t)n + o];
            l->w[j * (size_t)n + o] = alpha == 1 ? w : (float)((double)w * alpha);
        }
    }
    dn_floats_release(&im->file.heap, numbers);
    im->hwc = 0;
    im->maps = (dn_shape){1, 1, (int)n};
    im->dims[0] = n;
    *out = l;
    return DN_OK;
}

int dn_onnx_op_gemm(onnx_import *im) {
    const double alpha = dn_onnx_real(im->node, "alpha", 1),
                 beta = dn_onnx_real(im->node, "beta", 1);
    onnx_layer *l = NULL;
    float *bias;
    if (dn_onnx_int(im->node, "transA", 0))
        return dn_onnx_fail(im, "transA is 1; expected 0");
    if (!(fabs(alpha) <= 1e6 && fabs(beta) <= 1e6))
        return dn_onnx_fail(im, "alpha or beta is out of range");
    int status = add_dense(im, dn_onnx_int(im->node, "transB", 0) != 0, alpha, &l);
    if (status != DN_OK || !dn_onnx_input(im->node, 2).size) return status;
    if ((status = dn_onnx_per_channel(im, 2, 0, &bias)) != DN_OK) return status;
    for (int o = 0; o < l->out; o++)
        l->ends[o] = beta == 1 ? bias[o] : (float)((double)bias[o] * beta);
    dn_floats_release(&im->file.heap, bias);
    return DN_OK;
}

int dn_onnx_op_matmul(onnx_import *im) {
    onnx_layer *l;
    return add_dense(im, 0, 1, &l);
}

int dn_onnx_op_relu(onnx_import *im) {
    if (im->open < 0 && !im->positive)
        return dn_onnx_fail(im, "comes before any Conv, Gemm or MatMul");
    im->open = -1;
    im->positive = 1;
    return DN_OK;
}

/* At prediction it does nothing; a network that is trained further has it again. */
int dn_onnx_op_dropout(onnx_import *im) {
    const onnx_constant *c = dn_onnx_constant_at(im, 1);
    const onnx_attribute *a = dn_onnx_attribute(im->node, "ratio", TYPE_F);
    double ratio = a ? a->f : 0.5;
    onnx_layer *l;
    if (c && (c->is_ints || dn_onnx_constant_size(c) != 1))
        return dn_onnx_fail(im, "its ratio is not one float");
    if (c) {
        const int status = dn_onnx_one_number(im, 1, &ratio);
        if (status != DN_OK) return status;
    }
    const onnx_constant *mode = dn_onnx_constant_at(im, 2);
    if (dn_onnx_input(im->node, 2).size &&
        !(mode && mode->is_ints && mode->n_ints == 1 && mode->ints[0] == 0))
        return dn_onnx_fail(im, "its training_mode is not false");
    if (!(ratio >= 0 && ratio < 1))
        return dn_onnx_fail(im, "the ratio is %g; expected 0..1", ratio);
    const int status = dn_onnx_add_layer(im, DN_DROPOUT, &l);
    if (status == DN_OK) l->drop = (float)ratio;
    return status;
}

/* Softmax over the classes, at the end; its logarithm has the same order. */
int dn_onnx_op_softmax(onnx_import *im) {
    const int64_t axis = dn_onnx_int(im->node, "axis", im->file.opset < 13 ? 1 : -1);
    const int rank = im->rank + 1;
    if (im->open < 0 || im->pooled || im->maps.h * im->maps.w != 1)
        return dn_onnx_fail(im,
                            "does not follow a Gemm, MatMul or a Conv with one result "
                            "a map");
    if ((axis < 0 ? axis + rank : axis) != 1 + dn_onnx_channel_axis(im))
        return dn_onnx_fail(im, "axis is %lld; expected that of the classes, %d",
                            (long long)axis, 1 + dn_onnx_channel_axis(im));
    im->finished = 1;
    return DN_OK;
}
