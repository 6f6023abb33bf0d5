/* op_shape.c - operators that give an ONNX graph's values other dimensions: see view.h
 * and import.h. */
#include "../memory.h"
#include "import.h"

int dn_onnx_op_same(onnx_import *im) { return dn_onnx_give(im, 0, dn_onnx_first(im)); }

int dn_onnx_op_cast(onnx_import *im) {
    const int64_t to = dn_onnx_int(im->node, "to", 0);
    if (to == ELEM_FLOAT || to == ELEM_FLOAT16 || to == ELEM_DOUBLE ||
        (to == ELEM_UINT8 && im->file.input.elem_type == ELEM_UINT8 &&
         dn_onnx_unknown(im, dn_onnx_first(im))))
        return dn_onnx_op_same(im);
    return dn_onnx_fail(im, "casts the network's values to type %lld; expected a float",
                        (long long)to);
}

/* --- other dimensions --------------------------------------------------------------- */

static int64_t product(const int64_t *dims, int n) {
    int64_t all = 1;
    for (int i = 0; i < n; i++) all = all > INT32_MAX ? all : all * dims[i];
    return all;
}

/* v has these dimensions now, of which one is the batch's (−1: none). */
static int reshaped(onnx_import *im, onnx_value v, int rank, const int64_t *dims,
                    int batch) {
    const int64_t n = dn_onnx_view_size(&v.view);
    int more = 0;
    for (int i = 0; i < rank; i++)
        if (dims[i] < 1 || dims[i] > ONNX_MAX_DIM)
            return dn_onnx_fail(im, "makes a dimension of %lld", (long long)dims[i]);
    if (product(dims, rank) != n)
        return dn_onnx_fail(im, "makes %lld values of an image's %lld",
                            (long long)product(dims, rank), (long long)n);
    if (!dn_onnx_view_reshape(&v.view, rank, dims))
        return dn_onnx_fail(im, "reshapes across the existing dimensions");
    v.view.batch = batch;
    int64_t image[3];
    for (int i = 0; i < rank; i++) {
        if (i == batch || (i == 0 && rank > 1 && dims[0] == 1)) continue;
        if (more < 3) image[more] = dims[i];
        more++;
    }
    if (more > 1 && more <= 3) { /* what it was before it became flat */
        v.image_rank = more;
        memcpy(v.image, image, sizeof v.image);
    }
    return dn_onnx_give(im, 0, &v);
}

/* Where a Reshape's dimensions do not say which is the batch's: −1 may be, or 1 stands
 * for a batch of one. known: what the others multiply to; open: where −1 is. */
static int find_batch(onnx_import *im, int64_t *dims, int open, int64_t known,
                      const onnx_view *view, int *batch) {
    const int64_t n = dn_onnx_view_size(view);
    *batch = -1;
    if (view->batch >= 0 && im->batch != 1) {
        if (open >= 0 && known == n) {
            *batch = open;
        } else if (im->batch > 1 && dims[0] == im->batch) {
            *batch = 0;
            dims[0] = 1;
            known /= im->batch;
        } else {
            const int status = dn_onnx_pin(im);
            if (status != DN_OK) return status;
        }
    }
    if (open >= 0) dims[open] = known > 0 && n % known == 0 ? n / known : 0;
    if (*batch < 0 && dims[0] == 1) *batch = 0;
    return DN_OK;
}

int dn_onnx_op_reshape(onnx_import *im) {
    const onnx_value v = *dn_onnx_first(im);
    const int keeps_zeros = dn_onnx_int(im->node, "allowzero", 0) != 0;
    int64_t dims[ONNX_MAX_RANK], known = 1;
    int open = -1, batch = -1, rank;
    const int64_t *to = dn_onnx_constant_ints(im, 1, "shape", &rank);
    if (!to) return dn_onnx_fail(im, "its shape is not a constant that can be computed");
    if (rank < 1) return dn_onnx_fail(im, "makes values without dimensions");
    for (int i = 0; i < rank; i++) {
        const int copies = to[i] == 0 && i < v.view.rank && !keeps_zeros;
        dims[i] = copies ? v.view.dims[i] : to[i];
        if (to[i] == ONNX_BATCH || (copies && i == v.view.batch)) {
            if (batch >= 0) return dn_onnx_fail(im, "has the batch as two dimensions");
            batch = i;
            dims[i] = 1;
        } else if (dims[i] == -1 && open < 0) {
            open = i;
        } else if (dims[i] < 1 || known > ONNX_MAX_DIM / dims[i]) {
            return dn_onnx_fail(im, "makes a dimension of %lld", (long long)dims[i]);
        } else {
            known *= dims[i];
        }
    }
    int status = DN_OK;
    if (batch < 0)
        status = find_batch(im, dims, open, known, &v.view, &batch);
    else if (open >= 0)
        dims[open] = dn_onnx_view_size(&v.view) / known;
    return status == DN_OK ? reshaped(im, v, rank, dims, batch) : status;
}

int dn_onnx_op_flatten(onnx_import *im) {
    const onnx_value v = *dn_onnx_first(im);
    const int64_t given = dn_onnx_int(im->node, "axis", 1);
    const int64_t axis = given < 0 ? given + v.view.rank : given;
    if (axis < 0 || axis > v.view.rank)
        return dn_onnx_fail(im, "axis is %lld; expected %d..%d", (long long)given,
                            -v.view.rank, v.view.rank);
    const int64_t before = product(v.view.dims, (int)axis);
    const int64_t dims[2] = {before, dn_onnx_view_size(&v.view) / before};
    int status = DN_OK, batch = 0;
    if (!(v.view.batch >= 0 && v.view.batch < axis && before == 1)) {
        batch = before == 1 ? 0 : -1;
        if (v.view.batch >= 0) status = dn_onnx_pin(im);
    }
    return status == DN_OK ? reshaped(im, v, 2, dims, batch) : status;
}

/* The axes of a Squeeze or Unsqueeze, a bit each. */
static int read_axes(onnx_import *im, int of, unsigned *seen, int *n) {
    const int64_t *axes = dn_onnx_constant_ints(im, 1, "axes", n);
    *seen = 0;
    if (!axes && dn_onnx_input(im->node, 1).size)
        return dn_onnx_fail(im, "its axes are no constant");
    if (im->node->op.p[0] == 'U') of += *n;
    for (int i = 0; i < *n; i++) {
        const int64_t axis = axes[i] < 0 ? axes[i] + of : axes[i];
        if (axis < 0 || axis >= of || of > ONNX_MAX_RANK || *seen >> axis & 1)
            return dn_onnx_fail(im, "an axis is %lld; expected each of %d once at most",
                                (long long)axes[i], of);
        *seen |= 1u << axis;
    }
    return DN_OK;
}

int dn_onnx_op_unsqueeze(onnx_import *im) {
    const onnx_value v = *dn_onnx_first(im);
    int64_t dims[ONNX_MAX_RANK];
    int n, at = 0, batch = -1;
    unsigned seen;
    const int status = read_axes(im, v.view.rank, &seen, &n);
    if (status != DN_OK) return status;
    if (n == 0) return dn_onnx_fail(im, "has no axes");
    for (int i = 0; i < v.view.rank + n; i++) {
        if (!(seen >> i & 1) && at == v.view.batch) batch = i;
        dims[i] = seen >> i & 1 ? 1 : v.view.dims[at++];
    }
    if (batch < 0 && dims[0] == 1) batch = 0;
    return reshaped(im, v, v.view.rank + n, dims, batch);
}

int dn_onnx_op_squeeze(onnx_import *im) {
    const onnx_value v = *dn_onnx_first(im);
    int64_t dims[ONNX_MAX_RANK];
    int n, rank = 0, batch = -1;
    unsigned seen;
    int status = read_axes(im, v.view.rank, &seen, &n);
    for (int i = 0; i < v.view.rank && n == 0; i++) /* all that are 1 */
        if (v.view.dims[i] == 1 && (i != v.view.batch || im->batch == 1)) seen |= 1u << i;
    for (int i = 0; i < v.view.rank && status == DN_OK; i++) {
        if (!(seen >> i & 1)) {
            if (i == v.view.batch) batch = rank;
            dims[rank++] = v.view.dims[i];
        } else if (v.view.dims[i] != 1) {
            status = dn_onnx_fail(im, "removes a dimension of %lld; expected 1",
                                  (long long)v.view.dims[i]);
        } else if (i == v.view.batch) {
            status = dn_onnx_pin(im);
        }
    }
    return status == DN_OK ? reshaped(im, v, rank, dims, batch) : status;
}

int dn_onnx_op_transpose(onnx_import *im) {
    const onnx_attribute *perm = dn_onnx_attribute(im->node, "perm", TYPE_INTS);
    onnx_value v = *dn_onnx_first(im);
    int64_t to[ONNX_MAX_RANK];
    for (int i = 0; i < v.view.rank; i++)
        to[i] = perm && i < perm->n_ints ? perm->ints[i] : v.view.rank - 1 - i;
    if ((perm && perm->n_ints != v.view.rank) || !dn_onnx_view_turn(&v.view, to))
        return dn_onnx_fail(im, "perm is no order of its %d dimensions", v.view.rank);
    return dn_onnx_give(im, 0, &v);
}
