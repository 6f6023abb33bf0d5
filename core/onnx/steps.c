/* steps.c - a step more, for whichever node it comes of: see import.h. */
#include <stdio.h>
#include "../memory.h"
#include "import.h"

int dn_onnx_step(onnx_import *im, onnx_kind kind, int input, onnx_step **out) {
    if (dn_onnx_step_new(&im->net, kind, input, out) < 0)
        return dn_onnx_fail(im, "is one more than %d steps", im->net.room);
    snprintf((*out)->name, sizeof(*out)->name, "%.20s ", dn_onnx_text(im->node->op).text);
    const size_t at = strlen((*out)->name);
    dn_onnx_node_name((*out)->name + at, sizeof(*out)->name - at, im->node);
    return DN_OK;
}

int dn_onnx_linear(onnx_import *im, onnx_kind kind, int input, int64_t out,
                   uint64_t reads, onnx_step **step) {
    if (out < 1 || out > DN_MAX_UNITS || reads > DN_MAX_PARAMETERS ||
        im->net.weights + reads * (uint64_t)out > DN_MAX_PARAMETERS)
        return dn_onnx_fail(im,
                            "has %lld outputs of %llu inputs; expected %d weights at "
                            "most in all layers",
                            (long long)out, (unsigned long long)reads, DN_MAX_PARAMETERS);
    const int status = dn_onnx_step(im, kind, input, step);
    if (status != DN_OK) return status;
    onnx_step *s = *step;
    im->net.weights += reads * (uint64_t)out;
    s->out = (dn_shape){1, 1, (int)out};
    s->reads = (size_t)reads;
    s->each = (size_t)out;
    s->w = dn_onnx_zeros(im->file.work, &im->file.heap, (uint64_t)out * reads);
    s->ends = dn_floats(&im->file.heap, ENDS * (uint64_t)out);
    return s->w && s->ends ? DN_OK : DN_NOMEM;
}

int dn_onnx_gives(onnx_import *im, onnx_step *s, int64_t h, int64_t w, int64_t c) {
    if (h < 1 || w < 1 || c < 1 || h > DN_MAX_SIDE || w > DN_MAX_SIDE ||
        c > DN_MAX_PARAMETERS / (h * w))
        return dn_onnx_fail(im,
                            "gives %lld maps of %lldx%lld; expected sides of 1..%d, and "
                            "%d numbers at most",
                            (long long)c, (long long)h, (long long)w, DN_MAX_SIDE,
                            DN_MAX_PARAMETERS);
    s->out = (dn_shape){(int)h, (int)w, (int)c};
    return DN_OK;
}

int dn_onnx_choice(onnx_import *im, int input, int64_t n, int **order) {
    onnx_step *s;
    if (n < 1 || im->net.weights + (uint64_t)n > DN_MAX_PARAMETERS)
        return dn_onnx_fail(im, "is of too many channels");
    int status = dn_onnx_step(im, STEP_CHOICE, input, &s);
    if (status == DN_OK) status = dn_onnx_gives(im, s, s->in.h, s->in.w, n);
    if (status != DN_OK) return status;
    im->net.weights += (uint64_t)n;
    dn_onnx_worked(im->file.work, (uint64_t)n);
    *order = s->order = dn_new(&im->file.heap, (uint64_t)n, sizeof **order);
    return s->order ? DN_OK : DN_NOMEM;
}

static int affine(onnx_import *im, onnx_kind kind, int input, float *ends, size_t each) {
    onnx_step *s;
    const int status = dn_onnx_step(im, kind, input, &s);
    if (status != DN_OK) {
        dn_floats_release(&im->file.heap, ends);
        return status;
    }
    s->ends = ends;
    s->each = each;
    return DN_OK;
}

int dn_onnx_scale_by(onnx_import *im, int input, double gain, double shift) {
    const size_t each = (size_t)im->net.steps[input].out.c;
    float *ends = dn_floats(&im->file.heap, 2 * (uint64_t)each);
    if (!ends) return DN_NOMEM;
    for (size_t k = 0; k < each; k++) {
        ends[ENDS_GAIN * each + k] = (float)gain;
        ends[ENDS_BIAS * each + k] = (float)shift;
    }
    return dn_onnx_scale(im, input, ends, each);
}

int dn_onnx_scale(onnx_import *im, int input, float *ends, size_t each) {
    return affine(im, STEP_SCALE, input, ends, each);
}

int dn_onnx_norm(onnx_import *im, int input, float *ends, size_t each) {
    return affine(im, STEP_NORM, input, ends, each);
}
