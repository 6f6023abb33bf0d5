/* op_window.c - ONNX's operators that lay a window over maps: Conv and the poolings. See
 * import.h. */
#include <stdio.h>
#include "../memory.h"
#include "import.h"

/* --- windows ------------------------------------------------------------------------ */

static int64_t list_at(const onnx_attribute *a, int i, int64_t otherwise) {
    return a && i < a->n_ints ? a->ints[i] : otherwise;
}

/* The lists have one number a side, or pads two; an empty one says nothing. */
static int check_sides(onnx_import *im) {
    static const char *const names[] = {"kernel_shape", "strides", "dilations", "pads"};
    for (int i = 0; i < 4; i++) {
        const onnx_attribute *a = dn_onnx_attribute(im->node, names[i], TYPE_INTS);
        const int n = i == 3 ? 4 : 2;
        if (a && a->n_ints && a->n_ints != n)
            return dn_onnx_fail(im,
                                "%s are %d numbers; expected %d, for rows and columns",
                                names[i], a->n_ints, n);
    }
    return DN_OK;
}

static int range(onnx_import *im, const char *what, int64_t value, int64_t least) {
    if (value >= least && value <= DN_MAX_SIDE) return DN_OK;
    return dn_onnx_fail(im, "a %s is %lld; expected %lld..%d", what, (long long)value,
                        (long long)least, DN_MAX_SIDE);
}

/* auto_pad's padding along one axis. */
static void auto_pad(int64_t in, int64_t k, int64_t stride, int lower, int64_t *before,
                     int64_t *after) {
    const int64_t zeros = ((in + stride - 1) / stride - 1) * stride + k - in;
    *before = zeros > 0 ? (zeros + lower) / 2 : 0;
    *after = zeros > 0 ? zeros - *before : 0;
}

static int read_pads(onnx_import *im, onnx_window *w, dn_shape in) {
    const onnx_node *node = im->node;
    const onnx_attribute *pads = dn_onnx_attribute(node, "pads", TYPE_INTS);
    const onnx_attribute *how = dn_onnx_attribute(node, "auto_pad", TYPE_S);
    const int64_t kh = (w->kh - 1) * w->dilation_y + 1,
                  kw = (w->kw - 1) * w->dilation_x + 1;
    int64_t *p[4] = {&w->top, &w->left, &w->bottom, &w->right};
    if (how && (dn_pb_is(how->s, "SAME_UPPER") || dn_pb_is(how->s, "SAME_LOWER"))) {
        const int lower = dn_pb_is(how->s, "SAME_LOWER");
        auto_pad(in.h, kh, w->stride_y, lower, &w->top, &w->bottom);
        auto_pad(in.w, kw, w->stride_x, lower, &w->left, &w->right);
        return DN_OK;
    }
    if (how && dn_pb_is(how->s, "VALID")) return DN_OK;
    if (how && !dn_pb_is(how->s, "NOTSET"))
        return dn_onnx_fail(im,
                            "auto_pad is '%s'; expected SAME_UPPER, SAME_LOWER, "
                            "VALID or NOTSET",
                            dn_onnx_text(how->s).text);
    for (int i = 0; i < 4; i++) {
        *p[i] = list_at(pads, i, 0);
        const int status = range(im, "pad", *p[i], 0);
        if (status != DN_OK) return status;
    }
    return DN_OK;
}

/* The window's attributes; its size is known. */
static int read_window(onnx_import *im, onnx_window *w, dn_shape in) {
    const onnx_node *node = im->node;
    const onnx_attribute *strides = dn_onnx_attribute(node, "strides", TYPE_INTS);
    const onnx_attribute *dilations = dn_onnx_attribute(node, "dilations", TYPE_INTS);
    w->stride_y = list_at(strides, 0, 1);
    w->stride_x = list_at(strides, 1, w->stride_y);
    w->dilation_y = list_at(dilations, 0, 1);
    w->dilation_x = list_at(dilations, 1, w->dilation_y);
    w->ceil = dn_onnx_int(node, "ceil_mode", 0) != 0;
    w->counts_pads = dn_onnx_int(node, "count_include_pad", 0) != 0;
    int status = check_sides(im);
    if (status == DN_OK) status = range(im, "side of the window", w->kh, 1);
    if (status == DN_OK) status = range(im, "side of the window", w->kw, 1);
    if (status == DN_OK) status = range(im, "stride", w->stride_y, 1);
    if (status == DN_OK) status = range(im, "stride", w->stride_x, 1);
    if (status == DN_OK) status = range(im, "dilation", w->dilation_y, 1);
    if (status == DN_OK) status = range(im, "dilation", w->dilation_x, 1);
    return status == DN_OK ? read_pads(im, w, in) : status;
}

/* Results along one axis. With ceil_mode there may be one more, unless its window would
 * begin in the padding behind; what it reads beyond becomes part of that. */
static int64_t results(int64_t in, int64_t k, int64_t stride, int64_t before,
                       int64_t *after, int ceil) {
    const int64_t room = in + before + *after - k;
    if (room < 0) return 0;
    int64_t n = (room + (ceil ? stride - 1 : 0)) / stride + 1;
    if (ceil && (n - 1) * stride >= in + before) n--;
    const int64_t beyond = (n - 1) * stride + k - in - before;
    if (beyond > *after) *after = beyond;
    return n;
}

/* The step's window and the size of what it gives: of c maps. */
static int set_window(onnx_import *im, onnx_step *s, onnx_window w, int c) {
    const int64_t kh = (w.kh - 1) * w.dilation_y + 1, kw = (w.kw - 1) * w.dilation_x + 1;
    const int64_t h = results(s->in.h, kh, w.stride_y, w.top, &w.bottom, w.ceil);
    const int64_t wide = results(s->in.w, kw, w.stride_x, w.left, &w.right, w.ceil);
    if (h < 1 || wide < 1)
        return dn_onnx_fail(im, "a window of %lldx%lld does not fit maps of %dx%d",
                            (long long)kh, (long long)kw, s->in.h, s->in.w);
    const int status = dn_onnx_gives(im, s, h, wide, c);
    if (status != DN_OK) return status;
    s->window = w;
    s->whole = w.kh == s->in.h && w.kw == s->in.w && h == 1 && wide == 1 && w.top == 0 &&
               w.left == 0;
    return DN_OK;
}

/* --- Conv --------------------------------------------------------------------------- */

static int check_conv(onnx_import *im, const onnx_constant *c, dn_shape in,
                      int64_t group) {
    const onnx_attribute *kernel = dn_onnx_attribute(im->node, "kernel_shape", TYPE_INTS);
    if (group < 1 || in.c % group || c->dims[0] % group)
        return dn_onnx_fail(im,
                            "group is %lld; expected to divide its %d inputs and "
                            "%lld outputs",
                            (long long)group, in.c, (long long)c->dims[0]);
    if (c->dims[1] != in.c / group)
        return dn_onnx_fail(im, "its weights are for %lld channels; it reads %d",
                            (long long)(c->dims[1] * group), in.c);
    if (list_at(kernel, 0, c->dims[2]) != c->dims[2] ||
        list_at(kernel, 1, c->dims[3]) != c->dims[3])
        return dn_onnx_fail(im,
                            "kernel_shape is %lldx%lld; expected that of the weights, "
                            "%lldx%lld",
                            (long long)list_at(kernel, 0, 0),
                            (long long)list_at(kernel, 1, 0), (long long)c->dims[2],
                            (long long)c->dims[3]);
    return DN_OK;
}

/* Its weights and bias. */
static int read_conv(onnx_import *im, const onnx_constant *c, onnx_step *s) {
    float *numbers;
    int status = dn_onnx_constant_read(im, c, &numbers);
    if (status != DN_OK) return status;
    dn_floats_release(&im->file.heap, s->w);
    s->w = numbers;
    if (!dn_onnx_input(im->node, 2).size) return DN_OK;
    if ((status = dn_onnx_vector(im, 2, s->out.c, &numbers)) != DN_OK) return status;
    memcpy(s->ends, numbers, (size_t)s->out.c * sizeof *numbers);
    dn_floats_release(&im->file.heap, numbers);
    return DN_OK;
}

int dn_onnx_op_conv(onnx_import *im) {
    const onnx_constant *c = dn_onnx_constant_at(im, 1);
    const onnx_value *v = dn_onnx_value_at(im, 0);
    const int64_t group = dn_onnx_int(im->node, "group", 1);
    onnx_step *s;
    int step;
    if (!v) return dn_onnx_fail(im, "reads a constant; expected maps");
    int status = dn_onnx_need_maps(im, v, &step);
    if (status != DN_OK) return status;
    if (!c || c->is_ints || c->rank != 4)
        return dn_onnx_fail(im, "its weights are no constant of 4 dimensions");
    status = check_conv(im, c, im->net.steps[step].out, group);
    onnx_window w = {.kh = c->dims[2], .kw = c->dims[3]};
    if (status == DN_OK) status = read_window(im, &w, im->net.steps[step].out);
    if (status == DN_OK)
        status = dn_onnx_linear(im, STEP_CONV, step, c->dims[0],
                                (uint64_t)c->dims[1] * (uint64_t)(w.kh * w.kw), &s);
    if (status != DN_OK) return status;
    s->group = (int)group;
    status = set_window(im, s, w, s->out.c);
    if (status == DN_OK) status = read_conv(im, c, s);
    return status == DN_OK ? dn_onnx_give_maps(im, im->net.n - 1) : status;
}

/* SpaceToDepth: each place of a block of maps becomes maps of its own, by a convolution
 * of a single 1 each. */
int dn_onnx_op_space(onnx_import *im) {
    const int64_t side = dn_onnx_int(im->node, "blocksize", 0);
    onnx_step *s;
    int step;
    int status = dn_onnx_need_maps(im, dn_onnx_first(im), &step);
    if (status != DN_OK) return status;
    const dn_shape in = im->net.steps[step].out;
    if (side < 1 || side > DN_MAX_SIDE || in.h % side || in.w % side)
        return dn_onnx_fail(im, "its blocks are of %lldx%lld; expected to divide %dx%d",
                            (long long)side, (long long)side, in.h, in.w);
    const int64_t reads = in.c * side * side;
    status = dn_onnx_linear(im, STEP_CONV, step, reads, (uint64_t)reads, &s);
    if (status != DN_OK) return status;
    for (int64_t o = 0; o < reads; o++) /* channels are innermost now */
        s->w[o * reads + o % in.c * side * side + o / in.c] = 1;
    s->group = 1;
    const onnx_window w = {side, side, side, side, 1, 1, 0, 0, 0, 0, 0, 0};
    status = set_window(im, s, w, s->out.c);
    return status == DN_OK ? dn_onnx_give_maps(im, im->net.n - 1) : status;
}

/* --- poolings ----------------------------------------------------------------------- */

static int add_pool(onnx_import *im, onnx_kind kind, int input, const onnx_window *w) {
    onnx_step *s;
    const int status = dn_onnx_step(im, kind, input, &s);
    return status == DN_OK ? set_window(im, s, *w, s->in.c) : status;
}

int dn_onnx_op_pool(onnx_import *im) {
    const onnx_attribute *kernel = dn_onnx_attribute(im->node, "kernel_shape", TYPE_INTS);
    const onnx_kind kind = im->node->op.p[0] == 'M' ? STEP_MAXPOOL : STEP_AVGPOOL;
    onnx_window w = {.kh = list_at(kernel, 0, 0), .kw = list_at(kernel, 1, 0)};
    int step;
    int status = dn_onnx_need_maps(im, dn_onnx_first(im), &step);
    if (status == DN_OK) status = read_window(im, &w, im->net.steps[step].out);
    if (status == DN_OK) status = add_pool(im, kind, step, &w);
    return status == DN_OK ? dn_onnx_give_maps(im, im->net.n - 1) : status;
}

/* A pooling over all of a step's rows, all of its columns, or both. */
static int pool_all(onnx_import *im, onnx_kind kind, int step, int rows, int columns) {
    const dn_shape m = im->net.steps[step].out;
    return add_pool(im, kind, step,
                    &(onnx_window){.kh = rows ? m.h : 1,
                                   .kw = columns ? m.w : 1,
                                   .stride_y = 1,
                                   .stride_x = 1,
                                   .dilation_y = 1,
                                   .dilation_x = 1});
}

/* GlobalAveragePool and GlobalMaxPool: one window, the whole map. */
int dn_onnx_op_pool_all(onnx_import *im) {
    const onnx_kind kind = im->node->op.p[6] == 'M' ? STEP_MAXPOOL : STEP_AVGPOOL;
    int step;
    int status = dn_onnx_need_maps(im, dn_onnx_first(im), &step);
    if (status == DN_OK) status = pool_all(im, kind, step, 1, 1);
    return status == DN_OK ? dn_onnx_give_maps(im, im->net.n - 1) : status;
}

/* ReduceMean, ReduceSum and ReduceMax over height and width, or one of them, or their
 * product: what Keras's global pooling becomes, and x.mean([2, 3]), x.flatten(2).mean(2).
 * ReduceMax over the classes is the end of a network. */
int dn_onnx_op_reduce(onnx_import *im) {
    const onnx_kind kind = im->node->op.p[7] == 'a' ? STEP_MAXPOOL : STEP_AVGPOOL;
    const int sums = im->node->op.p[6] == 'S';
    const int keeps = dn_onnx_int(im->node, "keepdims", 1) != 0;
    onnx_value v = *dn_onnx_first(im);
    const onnx_view *view = &v.view;
    int n, rows = 0, columns = 0, after = 0, batch = -1;
    int64_t dims[ONNX_MAX_RANK];
    unsigned seen = 0;
    const int64_t *axes = dn_onnx_constant_ints(im, 1, "axes", &n);
    if (dn_onnx_unknown(im, &v) || !axes || n < 1)
        return dn_onnx_fail(im, "is not over height and width of maps after a layer");
    for (int i = 0; i < n; i++) {
        const int64_t axis = axes[i] < 0 ? axes[i] + view->rank : axes[i];
        const int in = axis >= 0 && axis < view->rank && axis != view->batch;
        const int is = in ? dn_onnx_axis(im, &v, (int)axis) : 0;
        if (kind == STEP_MAXPOOL && n == 1 && is == 'c' &&
            view->dims[axis] == dn_onnx_view_size(view))
            return dn_onnx_largest(im, &v);
        if (is != 'h' && is != 'w' && is != 'a' && is != '1')
            return dn_onnx_fail(im, "is not over height and width of maps alone");
        seen |= 1u << axis;
        rows |= is == 'h' || is == 'a';
        columns |= is == 'w' || is == 'a';
    }
    int status = DN_OK, step = v.step;
    if (!dn_onnx_view_plain(view) && dn_onnx_layout(im, &v) != 'w') {
        /* Channels in another order: as maps of their own. */
        status = dn_onnx_need_maps(im, &v, &step);
        if (status != DN_OK) return status;
        v.view = dn_onnx_view_of(4, v.view.dims, v.view.batch);
    }
    v.step = step;
    const onnx_view before = *view;
    const dn_shape of = im->net.steps[v.step].out;
    status = pool_all(im, kind, v.step, rows, columns);
    if (status == DN_OK && sums) /* the mean times as many numbers as it is of */
        status = dn_onnx_scale_by(
            im, im->net.n - 1,
            (rows ? (double)of.h : 1.0) * (columns ? (double)of.w : 1.0), 0);
    if (status != DN_OK) return status;
    for (int i = 0; i < before.rank; i++) {
        if (seen >> i & 1 && !keeps) continue;
        if (i == before.batch) batch = after;
        dims[after++] = seen >> i & 1 ? 1 : before.dims[i];
    }
    v.step = im->net.n - 1;
    if (!(rows && columns) && !dn_onnx_view_plain(&before))
        return dn_onnx_fail(im, "is over one axis of maps that lie [N, H, W, C]");
    v.view = dn_onnx_view_of(after, dims, batch);
    return dn_onnx_give(im, 0, &v);
}
