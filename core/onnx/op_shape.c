/* op_shape.c - how the values' dimensions stand for height, width and channels while a
 * graph is walked through, and the operators that change them: see import.h. */
#include <math.h>
#include "../error.h"
#include "import.h"

/* --- which dimension is which ------------------------------------------------------- */

/* Values of one image; dimensions are known by now. */
int64_t dn_onnx_values(const onnx_import *im) {
    int64_t n = 1;
    for (int i = 0; i < im->rank; i++) n *= im->dims[i];
    return n;
}

/* Whether [c][h][w] and [h][w][c] are the same order. */
int dn_onnx_either_way(const onnx_import *im) {
    return im->maps.c == 1 || im->maps.h * im->maps.w == 1;
}

/* The images' shape is found: c maps of h×w, in one of the two orders. */
static int maps_are(onnx_import *im, int64_t h, int64_t w, int64_t c, int hwc) {
    const dn_shape given = im->given;
    if (h < 1 || w < 1 || h > DN_MAX_SIDE || w > DN_MAX_SIDE || c < 1 ||
        c > DN_MAX_CHANNELS)
        return dn_onnx_fail(
            im, "images are %lldx%lldx%lld; expected sides of 1..%d and 1..%d channels",
            (long long)h, (long long)w, (long long)c, DN_MAX_SIDE, DN_MAX_CHANNELS);
    if (given.h && (given.h != h || given.w != w || given.c != c))
        return dn_onnx_fail(im, "images are %lldx%lldx%lld; expected %dx%dx%d, as said",
                            (long long)h, (long long)w, (long long)c, given.h, given.w,
                            given.c);
    im->maps = im->net->shape = (dn_shape){(int)h, (int)w, (int)c};
    im->hwc = hwc;
    return DN_OK;
}

int dn_onnx_maps_set(onnx_import *im, int h, int w, int c) {
    im->maps = (dn_shape){h, w, c};
    im->rank = 3;
    im->dims[im->hwc ? 2 : 0] = c;
    im->dims[im->hwc ? 0 : 1] = h;
    im->dims[im->hwc ? 1 : 2] = w;
    return DN_OK;
}

/* The operator reads maps [c][h][w]. */
int dn_onnx_need_maps(onnx_import *im) {
    if (im->rank != 3)
        return dn_onnx_fail(im, "reads values of %d dimensions; expected 4, [N, C, H, W]",
                            im->rank + 1);
    if (!im->maps.h) return maps_are(im, im->dims[1], im->dims[2], im->dims[0], 0);
    if (im->hwc && !dn_onnx_either_way(im))
        return dn_onnx_fail(im, "reads [N, H, W, C]; expected [N, C, H, W]");
    if (im->hwc) {
        im->hwc = 0;
        return dn_onnx_maps_set(im, im->maps.h, im->maps.w, im->maps.c);
    }
    return DN_OK;
}

/* The operator reads a vector. Images that were never more are taken to be square, or of
 * the given shape with channels innermost, as ours are. */
int dn_onnx_need_flat(onnx_import *im) {
    const int64_t n = dn_onnx_values(im), *d = im->image;
    const dn_shape g = im->given;
    if (im->rank != 1)
        return dn_onnx_fail(im, "reads values of %d dimensions; expected 2, [N, inputs]",
                            im->rank + 1);
    if (im->maps.h) return DN_OK;
    if (im->image_rank == 3) {
        const int as_given = g.h && g.h == d[1] && g.w == d[2] && g.c == d[0];
        const int hwc = g.h ? !as_given : d[0] > 4 && d[2] <= 4;
        return hwc ? maps_are(im, d[0], d[1], d[2], 1)
                   : maps_are(im, d[1], d[2], d[0], 0);
    }
    if (im->image_rank == 2) return maps_are(im, d[0], d[1], 1, 0);
    if (g.h && (int64_t)g.h * g.w * g.c == n) return maps_are(im, g.h, g.w, g.c, 1);
    const int64_t side = n < INT32_MAX ? (int64_t)lround(sqrt((double)n)) : 0;
    if (!g.h && side * side == n) return maps_are(im, side, side, 1, 0);
    return dn_onnx_fail(im,
                        "images are %lld values in a row; their shape is to be said%s",
                        (long long)n, g.h ? ", and is not the one given" : "");
}

/* The place among the dimensions, from 0, of the channels: those of the layer before. */
int dn_onnx_channel_axis(const onnx_import *im) {
    return im->rank == 1 || !im->hwc ? 0 : 2;
}

/* --- operators: other dimensions ---------------------------------------------------- */

int dn_onnx_op_same(onnx_import *im) {
    (void)im;
    return DN_OK;
}

/* PyTorch lays one that adds nothing before an AveragePool. */
int dn_onnx_op_pad(onnx_import *im) {
    int n;
    const int64_t *pads = dn_onnx_constant_ints(im, 1, "pads", &n);
    for (int i = 0; i < n; i++)
        if (pads[i] != 0)
            return dn_onnx_fail(im, "pads by %lld; expected the pads in the Conv",
                                (long long)pads[i]);
    return pads ? DN_OK : dn_onnx_fail(im, "its pads are no constant");
}

int dn_onnx_op_cast(onnx_import *im) {
    const int64_t to = dn_onnx_int(im->node, "to", 0);
    if (to == ELEM_FLOAT || to == ELEM_FLOAT16 || to == ELEM_DOUBLE) return DN_OK;
    return dn_onnx_fail(im, "casts the network's values to type %lld; expected a float",
                        (long long)to);
}

/* The values get other dimensions, in the same order one after the other. */
static int reshaped(onnx_import *im, const int64_t *dims, int rank) {
    const dn_shape m = im->maps;
    int64_t n = 1;
    for (int i = 0; i < rank; i++) {
        if (dims[i] < 1 || n > INT32_MAX / dims[i])
            return dn_onnx_fail(im, "makes a dimension of %lld", (long long)dims[i]);
        n *= dims[i];
    }
    if (n != dn_onnx_values(im))
        return dn_onnx_fail(im, "makes %lld values of an image's %lld", (long long)n,
                            (long long)dn_onnx_values(im));
    if (m.h && rank == 3) {
        const int chw = dims[0] == m.c && dims[1] == m.h && dims[2] == m.w;
        const int hwc = dims[0] == m.h && dims[1] == m.w && dims[2] == m.c;
        if (chw && (!im->hwc || dn_onnx_either_way(im)))
            im->hwc = 0;
        else if (hwc && (im->hwc || dn_onnx_either_way(im)))
            im->hwc = 1;
        else
            return dn_onnx_fail(im, "makes [%lld, %lld, %lld] of %d maps of %dx%d",
                                (long long)dims[0], (long long)dims[1],
                                (long long)dims[2], m.c, m.h, m.w);
    } else if (m.h && rank != 1 && m.h * m.w != 1) {
        return dn_onnx_fail(im, "makes values of %d dimensions; expected 2 or 4",
                            rank + 1);
    } else if (!m.h && rank > 1) {
        im->image_rank = rank;
        memcpy(im->image, dims, sizeof im->image);
    }
    im->rank = rank;
    memcpy(im->dims, dims, (size_t)rank * sizeof *dims);
    return DN_OK;
}

int dn_onnx_op_reshape(onnx_import *im) {
    const onnx_constant *shape = dn_onnx_constant_at(im, 1);
    int64_t dims[3] = {0}, known = 1;
    int open = -1;
    if (!shape || !shape->is_ints)
        return dn_onnx_fail(im, "its shape is no constant that could be computed");
    const int64_t *to = shape->ints;
    const int rank = shape->n_ints - 1;
    if (rank < 1 || rank > 3)
        return dn_onnx_fail(im, "makes values of %d dimensions; expected 2 to 4",
                            rank + 1);
    for (int i = 0; i < rank; i++) {
        dims[i] = to[i + 1] == 0 && i < im->rank ? im->dims[i] : to[i + 1];
        if (dims[i] == ONNX_UNKNOWN && open < 0)
            open = i;
        else if (dims[i] < 1 || known > INT32_MAX / dims[i])
            return dn_onnx_fail(im, "makes a dimension of %lld", (long long)dims[i]);
        else
            known *= dims[i];
    }
    /* The first dimension is to stay the images'. */
    if (to[0] != ONNX_UNKNOWN && to[0] != 0 && to[0] != 1 && to[0] != im->batch)
        return dn_onnx_fail(im,
                            "makes %lld the first dimension; expected it to stay that "
                            "of the images",
                            (long long)to[0]);
    if (open >= 0) dims[open] = dn_onnx_values(im) / known;
    return reshaped(im, dims, rank);
}

int dn_onnx_op_flatten(onnx_import *im) {
    const int64_t axis = dn_onnx_int(im->node, "axis", 1);
    if ((axis < 0 ? axis + im->rank + 1 : axis) != 1)
        return dn_onnx_fail(im, "axis is %lld; expected 1", (long long)axis);
    const int64_t n = dn_onnx_values(im);
    return reshaped(im, &n, 1);
}

/* Squeeze and Unsqueeze: dimensions of 1 go or come. */
int dn_onnx_op_squeeze(onnx_import *im) {
    const int more = im->node->op.p[0] == 'U';
    int n, at = 0, rank = 0;
    const int64_t *axes = dn_onnx_constant_ints(im, 1, "axes", &n);
    const int before = im->rank + 1, after = more ? before + n : before - n;
    unsigned seen = 0;
    int64_t dims[3];
    if (!axes || after < 2 || after > 4)
        return dn_onnx_fail(im, "its axes are no constant that would leave 2 to 4 "
                                "dimensions");
    for (int i = 0; i < n; i++) {
        const int of = more ? after : before;
        const int64_t axis = axes[i] < 0 ? axes[i] + of : axes[i];
        if (axis < 1 || axis >= of || seen >> axis & 1)
            return dn_onnx_fail(im,
                                "an axis is %lld; expected one that is not the images'",
                                (long long)axes[i]);
        seen |= 1u << axis;
    }
    for (int i = 1; i < (more ? after : before); i++) {
        const int chosen = seen >> i & 1;
        if (!more && chosen && im->dims[i - 1] != 1)
            return dn_onnx_fail(im, "takes away a dimension of %lld",
                                (long long)im->dims[i - 1]);
        if (more)
            dims[rank++] = chosen ? 1 : im->dims[at++];
        else if (!chosen)
            dims[rank++] = im->dims[i - 1];
    }
    return reshaped(im, dims, rank);
}

/* Between [N, C, H, W] and [N, H, W, C]. */
int dn_onnx_op_transpose(onnx_import *im) {
    const onnx_attribute *perm = dn_onnx_attribute(im->node, "perm", TYPE_INTS);
    const int64_t *p = perm ? perm->ints : NULL, *d = im->dims;
    const int to_chw = p && p[1] == 3 && p[2] == 1 && p[3] == 2;
    const int to_hwc = p && p[1] == 2 && p[2] == 3 && p[3] == 1;
    if (!p || im->rank != 3 || perm->n_ints != 4 || p[0] != 0 || !(to_chw || to_hwc))
        return dn_onnx_fail(im,
                            "expected perm [0, 3, 1, 2] or [0, 2, 3, 1], of values of "
                            "4 dimensions");
    if (!im->maps.h) {
        const int status = to_chw ? maps_are(im, d[0], d[1], d[2], 1)
                                  : maps_are(im, d[1], d[2], d[0], 0);
        if (status != DN_OK) return status;
    }
    if (im->hwc != to_chw && !dn_onnx_either_way(im))
        return dn_onnx_fail(im, "turns maps that lie that way already");
    im->hwc = to_hwc;
    return dn_onnx_maps_set(im, im->maps.h, im->maps.w, im->maps.c);
}
