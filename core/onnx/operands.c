/* operands.c - constants as the numbers of a step: one, one a channel, or one for each
 * number of a value. See import.h. */
#include "../memory.h"
#include "import.h"

int dn_onnx_one_number(onnx_import *im, int i, double *out) {
    const onnx_constant *c = dn_onnx_constant_at(im, i);
    float *numbers = NULL;
    if (!c || dn_onnx_constant_size(c) != 1)
        return dn_onnx_fail(im, "input %d, '%s', is no constant of one number", i + 1,
                            dn_onnx_text(dn_onnx_input(im->node, i)).text);
    const int status = dn_onnx_constant_reals(im, c, &numbers);
    if (status == DN_OK) *out = (double)numbers[0];
    dn_floats_release(&im->file.heap, numbers);
    return status;
}

/* widen - n numbers, all of them the first of a list, in its place. */
static int widen(const dn_heap *heap, float **list, size_t n) {
    float *all = dn_floats(heap, n);
    for (size_t k = 0; all && k < n; k++) all[k] = (*list)[0];
    dn_floats_release(heap, *list);
    *list = all;
    return all ? DN_OK : DN_NOMEM;
}

int dn_onnx_vector(onnx_import *im, int i, int n, float **out) {
    const onnx_constant *c = dn_onnx_constant_at(im, i);
    const onnx_text name = dn_onnx_text(dn_onnx_input(im->node, i));
    *out = NULL;
    if (!c) return dn_onnx_fail(im, "input '%s' is no constant", name.text);
    const uint64_t size = dn_onnx_constant_size(c);
    int more = 0;
    for (int k = 0; k < c->rank; k++) more += c->dims[k] != 1;
    if ((size != 1 && size != (uint64_t)n) || more > 1)
        return dn_onnx_fail(im, "constant '%s' has %llu numbers; expected %d", name.text,
                            (unsigned long long)size, n);
    const int status = dn_onnx_constant_read(im, c, out);
    return status == DN_OK && size == 1 ? widen(&im->file.heap, out, (size_t)n) : status;
}

/* How a constant's dimensions lie along a value's: for each of these, how far the next
 * number is. 1, or 0 if they do not fit. */
static int align(const onnx_constant *c, const onnx_view *v, int axis, int64_t *steps) {
    const int first = axis < 0 ? v->rank - c->rank : axis;
    int64_t step = 1;
    memset(steps, 0, ONNX_MAX_RANK * sizeof *steps);
    for (int i = c->rank - 1; i >= 0; i--) {
        const int at = first + i;
        if (c->dims[i] == 1) continue;
        if (at < 0 || at >= v->rank || v->dims[at] != c->dims[i]) return 0;
        steps[at] = step;
        step *= c->dims[i];
    }
    return 1;
}

/* The numbers in the order in which the value's step gives its own. */
static float *laid(onnx_import *im, const float *numbers, const onnx_view *v,
                   const int64_t *steps) {
    const int64_t n = dn_onnx_view_size(v);
    float *out = dn_onnx_zeros(im->file.work, &im->file.heap, (uint64_t)n);
    onnx_places p = dn_onnx_places(v);
    int64_t index[ONNX_MAX_RANK] = {0}, from = 0;
    for (int64_t k = 0; out && k < n && dn_onnx_worked(im->file.work, 2); k++) {
        out[p.at] = numbers[from];
        dn_onnx_next(&p);
        for (int i = v->rank - 1; i >= 0; i--) {
            from += steps[i];
            if (++index[i] < v->dims[i]) break;
            from -= v->dims[i] * steps[i];
            index[i] = 0;
        }
    }
    return out;
}

/* One number a channel, if no channel has two: in place. */
static size_t per_channel(float *all, dn_shape s, onnx_work *work) {
    const size_t area = (size_t)s.h * (size_t)s.w, n = area * (size_t)s.c;
    for (size_t i = 0; i < n && dn_onnx_worked(work, 1); i++)
        if (all[i] != all[i / area * area]) return n;
    for (size_t c = 0; c < (size_t)s.c; c++) all[c] = all[c * area];
    return (size_t)s.c;
}

/* The only dimension of the value that the constant goes along; −1: several. */
static int along(const int64_t *steps, int rank) {
    int found = -1;
    for (int i = 0; i < rank; i++)
        if (steps[i] && found >= 0)
            return -1;
        else if (steps[i])
            found = i;
    return found;
}

int dn_onnx_spread(onnx_import *im, int i, const onnx_value *v, int axis, float **out,
                   size_t *each) {
    const onnx_constant *c = dn_onnx_constant_at(im, i);
    const onnx_text name = dn_onnx_text(dn_onnx_input(im->node, i));
    const dn_shape s = im->net.steps[v->step].out;
    int64_t steps[ONNX_MAX_RANK];
    *out = NULL;
    if (!c) return dn_onnx_fail(im, "input '%s' is no constant", name.text);
    const uint64_t size = dn_onnx_constant_size(c);
    if (!align(c, &v->view, axis, steps) || size == 0)
        return dn_onnx_fail(im,
                            "constant '%s' has %llu numbers; expected 1, or as many as "
                            "there are channels, %d",
                            name.text, (unsigned long long)size, s.c);
    int status = dn_onnx_constant_reals(im, c, out);
    if (status != DN_OK) return status;
    *each = (size_t)s.c;
    if (size == 1) return widen(&im->file.heap, out, *each);
    const int only = along(steps, v->view.rank);
    if (only >= 0 && dn_onnx_axis(im, v, only) == 'c') return DN_OK;
    float *numbers = *out;
    const uint64_t all = (uint64_t)dn_onnx_view_size(&v->view);
    if (im->net.weights + all > DN_MAX_PARAMETERS) {
        dn_floats_release(&im->file.heap, numbers);
        *out = NULL;
        return dn_onnx_fail(im,
                            "has a number for each of %llu values; expected %d weights "
                            "at most in all layers",
                            (unsigned long long)all, DN_MAX_PARAMETERS);
    }
    *out = laid(im, numbers, &v->view, steps);
    dn_floats_release(&im->file.heap, numbers);
    if (!*out) return DN_NOMEM;
    *each = per_channel(*out, s, im->file.work);
    im->net.weights += *each;
    return DN_OK;
}
