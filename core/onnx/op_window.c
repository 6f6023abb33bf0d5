/* op_window.c - ONNX's operators that lay a window over maps: Conv and the poolings. */
#include <stdio.h>
#include "../bytes.h"
#include "../memory.h"
#include "import.h"

#define MAX_SIDE 64 /* of kernels and windows, and strides */

/* A window on its way over maps, by the attributes of Conv and pooling. */
typedef struct window {
    int64_t kh, kw, stride;
    int64_t top, left; /* rows and columns of padding that are before the maps */
    int64_t out_h, out_w;
    char pads[64]; /* in words */
} window;

/* Along one axis: results, and padding before the first. */
static int64_t window_axis(int64_t in, int64_t k, int64_t stride, int64_t before,
                           int64_t after, int ceil) {
    const int64_t room = in + before + after - k;
    return room < 0 ? 0 : (room + (ceil ? stride - 1 : 0)) / stride + 1;
}

static int64_t list_at(const onnx_attribute *a, int i, int64_t otherwise) {
    return a && i < a->n_ints ? a->ints[i] : otherwise;
}

/* auto_pad's padding along one axis. */
static void auto_pad(int64_t in, int64_t k, int64_t stride, int lower, int64_t *before,
                     int64_t *after) {
    const int64_t zeros = ((in + stride - 1) / stride - 1) * stride + k - in;
    *before = zeros > 0 ? (zeros + lower) / 2 : 0;
    *after = zeros > 0 ? zeros - *before : 0;
}

static int window_read(onnx_import *im, window *w, int64_t kh, int64_t kw) {
    const onnx_node *node = im->node;
    const onnx_attribute *strides = dn_onnx_attribute(node, "strides", TYPE_INTS);
    const onnx_attribute *dilations = dn_onnx_attribute(node, "dilations", TYPE_INTS);
    const onnx_attribute *pads = dn_onnx_attribute(node, "pads", TYPE_INTS);
    const onnx_attribute *how = dn_onnx_attribute(node, "auto_pad", TYPE_S);
    int64_t p[4];
    *w = (window){.kh = kh, .kw = kw, .stride = list_at(strides, 0, 1)};
    if (w->stride != list_at(strides, 1, w->stride))
        return dn_onnx_fail(im, "strides are %lld and %lld; expected the same both ways",
                            (long long)w->stride, (long long)list_at(strides, 1, 1));
    if (w->stride < 1 || w->stride > MAX_SIDE)
        return dn_onnx_fail(im, "stride is %lld; expected 1..%d", (long long)w->stride,
                            MAX_SIDE);
    if (list_at(dilations, 0, 1) != 1 || list_at(dilations, 1, 1) != 1)
        return dn_onnx_fail(im, "dilations are %lld and %lld; expected 1",
                            (long long)list_at(dilations, 0, 1),
                            (long long)list_at(dilations, 1, 1));
    for (int i = 0; i < 4; i++) {
        p[i] = list_at(pads, i, 0);
        if (p[i] < 0 || p[i] > DN_MAX_SIDE)
            return dn_onnx_fail(im, "a pad is %lld; expected 0..%d", (long long)p[i],
                                DN_MAX_SIDE);
    }
    if (how && (dn_pb_is(how->s, "SAME_UPPER") || dn_pb_is(how->s, "SAME_LOWER"))) {
        const int lower = dn_pb_is(how->s, "SAME_LOWER");
        auto_pad(im->maps.h, kh, w->stride, lower, &p[0], &p[2]);
        auto_pad(im->maps.w, kw, w->stride, lower, &p[1], &p[3]);
    } else if (how && dn_pb_is(how->s, "VALID")) {
        memset(p, 0, sizeof p);
    } else if (how && !dn_pb_is(how->s, "NOTSET")) {
        return dn_onnx_fail(im, "auto_pad is '%s', which is not known",
                            dn_onnx_text(how->s).text);
    }
    const int ceil = dn_onnx_int(node, "ceil_mode", 0) != 0;
    w->top = p[0];
    w->left = p[1];
    w->out_h = window_axis(im->maps.h, kh, w->stride, p[0], p[2], ceil);
    w->out_w = window_axis(im->maps.w, kw, w->stride, p[1], p[3], ceil);
    snprintf(w->pads, sizeof w->pads, "[%lld, %lld, %lld, %lld]", (long long)p[0],
             (long long)p[1], (long long)p[2], (long long)p[3]);
    return DN_OK;
}

/* Whether it never reads beyond the maps. */
static int window_inside(const onnx_import *im, const window *w) {
    return w->top == 0 && w->left == 0 &&
           w->out_h == window_axis(im->maps.h, w->kh, w->stride, 0, 0, 0) &&
           w->out_w == window_axis(im->maps.w, w->kw, w->stride, 0, 0, 0);
}

int dn_onnx_op_conv(onnx_import *im) {
    const onnx_constant *c = dn_onnx_constant_at(im, 1);
    onnx_layer *l;
    window w;
    int status = dn_onnx_need_maps(im);
    if (status != DN_OK) return status;
    if (!c || c->is_ints || c->rank != 4)
        return dn_onnx_fail(im, "its weights are no constant of 4 dimensions");
    if (dn_onnx_int(im->node, "group", 1) != 1)
        return dn_onnx_fail(im, "group is %lld; expected 1",
                            (long long)dn_onnx_int(im->node, "group", 1));
    if (c->dims[2] != c->dims[3] || c->dims[2] > MAX_SIDE)
        return dn_onnx_fail(im, "the kernel is %lldx%lld; expected a square of 1..%d",
                            (long long)c->dims[2], (long long)c->dims[3], MAX_SIDE);
    if (c->dims[1] != im->maps.c)
        return dn_onnx_fail(im, "its weights are for %lld channels; it reads %d",
                            (long long)c->dims[1], im->maps.c);
    if ((status = window_read(im, &w, c->dims[2], c->dims[3])) != DN_OK) return status;
    const int k = (int)w.kh, stride = (int)w.stride;
    int same_h, same_w;
    const int top = dn_same_padding(im->maps.h, k, stride, &same_h);
    const int left = dn_same_padding(im->maps.w, k, stride, &same_w);
    const int same = w.top == top && w.left == left && w.out_h == same_h &&
                     w.out_w == same_w;
    if (!same && !window_inside(im, &w)) {
        int64_t bottom, right, before;
        auto_pad(im->maps.h, k, stride, 0, &before, &bottom);
        auto_pad(im->maps.w, k, stride, 0, &before, &right);
        return dn_onnx_fail(im,
                            "pads are %s, for a kernel of %dx%d, stride %d and maps of "
                            "%dx%d; expected none or [%d, %d, %d, %d]",
                            w.pads, k, k, stride, im->maps.h, im->maps.w, top, left,
                            (int)bottom, (int)right);
    }
    if (w.out_h < 1 || w.out_w < 1)
        return dn_onnx_fail(im, "a kernel of %dx%d does not fit maps of %dx%d", k, k,
                            im->maps.h, im->maps.w);
    status = dn_onnx_add_linear(im, DN_CONV, c->dims[0],
                                (uint64_t)im->maps.c * (uint64_t)(k * k), &l);
    if (status != DN_OK) return status;
    l->k = k;
    l->stride = stride;
    l->valid = !same;
    float *numbers;
    if ((status = dn_onnx_constant_read(im, c, &numbers)) != DN_OK) return status;
    dn_floats_release(&im->file.heap, l->w);
    l->w = numbers;
    dn_onnx_maps_set(im, (int)w.out_h, (int)w.out_w, l->out);
    if (!dn_onnx_input(im->node, 2).size) return DN_OK;
    if ((status = dn_onnx_per_channel(im, 2, 1, &numbers)) != DN_OK) return status;
    memcpy(l->ends, numbers, (size_t)l->out * sizeof *numbers);
    dn_floats_release(&im->file.heap, numbers);
    return DN_OK;
}

static int add_pool(onnx_import *im, dn_kind kind, const window *w) {
    onnx_layer *l = NULL;
    int status = DN_OK;
    if (kind == DN_AVGPOOL) status = dn_onnx_need_relu(im);
    if (status == DN_OK) status = dn_onnx_add_layer(im, kind, &l);
    if (status != DN_OK) return status;
    l->k = (int)w->kh;
    l->stride = (int)w->stride;
    l->whole = kind == DN_AVGPOOL && w->kh == im->maps.h && w->kw == im->maps.w;
    if (im->open >= 0) im->pooled = 1;
    return dn_onnx_maps_set(im, (int)w->out_h, (int)w->out_w, im->maps.c);
}

int dn_onnx_op_pool(onnx_import *im) {
    const onnx_attribute *kernel = dn_onnx_attribute(im->node, "kernel_shape", TYPE_INTS);
    const dn_kind kind = im->node->op.p[0] == 'M' ? DN_MAXPOOL : DN_AVGPOOL;
    window w;
    int status = dn_onnx_need_maps(im);
    if (status != DN_OK) return status;
    const int64_t kh = list_at(kernel, 0, 0), kw = list_at(kernel, 1, 0);
    const int whole = kind == DN_AVGPOOL && kh == im->maps.h && kw == im->maps.w;
    if (!whole && (kh != kw || kh < 1 || kh > MAX_SIDE))
        return dn_onnx_fail(im, "the window is %lldx%lld; expected a square of 1..%d",
                            (long long)kh, (long long)kw, MAX_SIDE);
    if ((status = window_read(im, &w, kh, kw)) != DN_OK) return status;
    if (!window_inside(im, &w))
        return dn_onnx_fail(
            im,
            "pads are %s%s, so that windows reach beyond the maps of "
            "%dx%d; expected none that do",
            w.pads, dn_onnx_int(im->node, "ceil_mode", 0) ? " with ceil_mode" : "",
            im->maps.h, im->maps.w);
    if (w.out_h < 1 || w.out_w < 1)
        return dn_onnx_fail(im, "a window of %lldx%lld does not fit maps of %dx%d",
                            (long long)kh, (long long)kw, im->maps.h, im->maps.w);
    return add_pool(im, kind, &w);
}

/* GlobalAveragePool and GlobalMaxPool: one window, the whole map. */
int dn_onnx_op_pool_all(onnx_import *im) {
    const dn_kind kind = im->node->op.p[6] == 'M' ? DN_MAXPOOL : DN_AVGPOOL;
    const int status = dn_onnx_need_maps(im);
    if (status != DN_OK) return status;
    const dn_shape m = im->maps;
    if (kind == DN_MAXPOOL && (m.h != m.w || m.h > MAX_SIDE))
        return dn_onnx_fail(im, "the maps are %dx%d; expected a square of 1..%d", m.h,
                            m.w, MAX_SIDE);
    return add_pool(im, kind,
                    &(window){m.h, m.w, kind == DN_MAXPOOL ? m.h : 1, 0, 0, 1, 1, ""});
}

/* ReduceMean over height and width: what Keras's global average pooling becomes. */
int dn_onnx_op_reduce(onnx_import *im) {
    int n;
    const int64_t *axes = dn_onnx_constant_ints(im, 1, "axes", &n);
    unsigned seen = 0;
    for (int i = 0; i < n; i++) {
        const int64_t axis = axes[i] < 0 ? axes[i] + 4 : axes[i];
        if (axis >= 0 && axis < 4) seen |= 1u << axis;
    }
    if (!im->maps.h || im->rank != 3 || n != 2 || seen != (im->hwc ? 6u : 12u))
        return dn_onnx_fail(im, "is not over height and width of maps after a layer");
    const dn_shape m = im->maps;
    const int status = add_pool(im, DN_AVGPOOL, &(window){m.h, m.w, 1, 0, 0, 1, 1, ""});
    if (status != DN_OK || dn_onnx_int(im->node, "keepdims", 1)) return status;
    im->rank = 1;
    im->dims[0] = m.c;
    return DN_OK;
}
