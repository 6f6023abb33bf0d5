/* op_shape.c - operators that give an ONNX graph's values other dimensions, or take a
 * part of them: see view.h and import.h. */
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
        return dn_onnx_fail(im, "makes dimensions that cut across those there were");
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
    if (!to) return dn_onnx_fail(im, "its shape is no constant that could be computed");
    if (rank < 1) return dn_onnx_fail(im, "makes values of no dimensions");
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
            status = dn_onnx_fail(im, "takes away a dimension of %lld",
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

/* --- parts -------------------------------------------------------------------------- */

/* The channels' dimension of a value that lies as maps or as a vector; −1: neither. */
static int channel_dim(const onnx_import *im, const onnx_value *v) {
    const int layout = dn_onnx_layout(im, v), rank = v->view.rank;
    const dn_shape s = im->net.steps[v->step].out;
    if (layout) return layout == 'c' ? 1 : 3;
    if (s.h * s.w == 1 && rank && v->view.dims[rank - 1] == s.c &&
        dn_onnx_view_plain(&v->view))
        return rank - 1;
    return -1;
}

/* The same, where channels in another order may first become maps of their own: v is
 * these then. DN_OK and *dim, which may be −1; or what failed. */
static int as_channels(onnx_import *im, onnx_value *v, int *dim) {
    int step;
    *dim = dn_onnx_unknown(im, v) ? -1 : channel_dim(im, v);
    if (*dim >= 0 || dn_onnx_unknown(im, v) || v->view.rank != 4 ||
        !dn_onnx_batch_first(im, &v->view))
        return DN_OK;
    const int status = dn_onnx_need_maps(im, v, &step);
    if (status != DN_OK) return status;
    *v = (onnx_value){.step = step, .view = dn_onnx_view_of(4, v->view.dims, 0)};
    *dim = 1;
    return DN_OK;
}

/* Output i becomes channels from … from + count of v. */
static int give_channels(onnx_import *im, int i, const onnx_value *v, int dim,
                         int64_t from, int64_t count) {
    onnx_value out = *v;
    int *order;
    const int status = dn_onnx_choice(im, v->step, count, &order);
    if (status != DN_OK) return status;
    for (int64_t k = 0; k < count; k++) order[k] = (int)(from + k);
    out.step = im->net.n - 1;
    const onnx_step *s = &im->net.steps[out.step];
    int64_t dims[ONNX_MAX_RANK];
    memcpy(dims, v->view.dims, sizeof dims);
    dims[dim] = count;
    out.view = dn_onnx_view_of(v->view.rank, dims, v->view.batch);
    if (dim == 3 && v->view.rank == 4 && s->out.h * s->out.w > 1) { /* [N, H, W, C] */
        out.view = dn_onnx_view_of(4, (int64_t[]){1, count, s->out.h, s->out.w}, 0);
        dn_onnx_view_turn(&out.view, (int64_t[]){0, 2, 3, 1});
        out.view.batch = v->view.batch;
    }
    return dn_onnx_give(im, i, &out);
}

/* Split, of channels. */
int dn_onnx_op_split(onnx_import *im) {
    onnx_value v = *dn_onnx_first(im);
    const int64_t given = dn_onnx_int(im->node, "axis", 0);
    const int64_t axis = given < 0 ? given + v.view.rank : given;
    const int outputs = im->node->n_outputs;
    int n, dim;
    const int64_t *sizes = dn_onnx_constant_ints(im, 1, "split", &n);
    int status = as_channels(im, &v, &dim);
    if (status != DN_OK) return status;
    if (dim < 0 || axis != dim)
        return dn_onnx_fail(im, "axis is %lld; expected the channels' of a layer",
                            (long long)given);
    const int64_t all = v.view.dims[axis], even = (all + outputs - 1) / outputs;
    int64_t from = 0;
    for (int i = 0; i < outputs && status == DN_OK; i++) {
        const int64_t left = all - from;
        const int64_t count = sizes && i < n ? sizes[i] : even < left ? even : left;
        if (count < 1 || count > left)
            return dn_onnx_fail(im, "makes a part of %lld channels of %lld that are left",
                                (long long)count, (long long)left);
        status = give_channels(im, i, &v, (int)axis, from, count);
        from += count;
    }
    return status;
}

static int64_t clipped(int64_t at, int64_t n) {
    if (at < 0) at = at < -n ? 0 : at + n;
    return at > n ? n : at;
}

/* Slice, of channels. */
int dn_onnx_op_slice(onnx_import *im) {
    onnx_value v = *dn_onnx_first(im);
    int n, ends, axes, steps, dim;
    const int64_t *start = dn_onnx_constant_ints(im, 1, "starts", &n);
    const int64_t *end = dn_onnx_constant_ints(im, 2, "ends", &ends);
    const int64_t *at = dn_onnx_constant_ints(im, 3, "axes", &axes);
    const int64_t *step = dn_onnx_constant_ints(im, 4, "steps", &steps);
    if (!start || !end || n != 1 || ends != 1 || (at && axes != 1) ||
        (step && (steps != 1 || step[0] != 1)))
        return dn_onnx_fail(im, "expected one axis, its start and its end, and steps of "
                                "1");
    const int64_t axis = !at ? 0 : at[0] < 0 ? at[0] + v.view.rank : at[0];
    const int status = as_channels(im, &v, &dim);
    if (status != DN_OK) return status;
    if (dim < 0 || axis != dim)
        return dn_onnx_fail(im, "axis is %lld; expected the channels' of a layer",
                            (long long)axis);
    const int64_t all = v.view.dims[axis], from = clipped(start[0], all),
                  to = clipped(end[0], all);
    if (from == 0 && to == all) return dn_onnx_give(im, 0, &v);
    if (to <= from) return dn_onnx_fail(im, "takes no channels");
    return give_channels(im, 0, &v, (int)axis, from, to - from);
}

/* Concat, of channels. */
int dn_onnx_op_concat(onnx_import *im) {
    const onnx_node *node = im->node;
    const int64_t given = dn_onnx_int(node, "axis", 1);
    int inputs[ONNX_MAX_INPUTS], dim = -1, is, status;
    onnx_value first = {0};
    int64_t all = 0;
    onnx_step *s;
    for (int i = 0; i < node->n_inputs; i++) {
        const onnx_value *v = dn_onnx_value_at(im, i);
        if (!v || dn_onnx_unknown(im, v))
            return dn_onnx_fail(im, "input %d is %s; expected what a layer gives", i + 1,
                                v ? "the image" : "a constant");
        onnx_value as = *v;
        if ((status = as_channels(im, &as, &is)) != DN_OK) return status;
        if (i == 0) {
            first = as;
            dim = is;
        }
        const dn_shape a = im->net.steps[first.step].out, b = im->net.steps[as.step].out;
        if (dim < 0 || is != dim || as.view.rank != first.view.rank ||
            (given < 0 ? given + as.view.rank : given) != dim || a.h != b.h || a.w != b.w)
            return dn_onnx_fail(im, "is not of the channels of maps of one size");
        inputs[i] = as.step;
        all += b.c;
    }
    if (node->n_inputs == 1) return dn_onnx_give(im, 0, &first);
    if (all > DN_MAX_UNITS)
        return dn_onnx_fail(im, "gives %lld channels", (long long)all);
    status = dn_onnx_step(im, STEP_CONCAT, inputs[0], &s);
    if (status == DN_OK)
        status = dn_onnx_step_inputs(&im->net, s, inputs, node->n_inputs);
    if (status != DN_OK) return status;
    s->out.c = (int)all;
    const dn_shape o = s->out;
    onnx_value out = {.step = im->net.n - 1};
    int64_t dims[ONNX_MAX_RANK];
    memcpy(dims, first.view.dims, sizeof dims);
    dims[dim] = all;
    out.view = dn_onnx_view_of(first.view.rank, dims, first.view.batch);
    if (dim == 3 && first.view.rank == 4 && o.h * o.w > 1) {
        out.view = dn_onnx_view_of(4, (int64_t[]){1, all, o.h, o.w}, 0);
        dn_onnx_view_turn(&out.view, (int64_t[]){0, 2, 3, 1});
        out.view.batch = first.view.batch;
    }
    return dn_onnx_give(im, 0, &out);
}

/* --- padding ------------------------------------------------------------------------ */

/* Zeros around maps. PyTorch lays a Pad that adds nothing before an AveragePool. */
int dn_onnx_op_pad(onnx_import *im) {
    const onnx_value v = *dn_onnx_first(im);
    const onnx_attribute *mode = dn_onnx_attribute(im->node, "mode", TYPE_S);
    double value = dn_onnx_real(im->node, "value", 0);
    int n, zeros = 1, step, status = DN_OK;
    const int64_t *pads = dn_onnx_constant_ints(im, 1, "pads", &n);
    if (!pads) return dn_onnx_fail(im, "its pads are no constant");
    for (int i = 0; i < n; i++) zeros = zeros && pads[i] == 0;
    if (zeros) return dn_onnx_give(im, 0, &v);
    if (mode && !dn_pb_is(mode->s, "constant"))
        return dn_onnx_fail(im, "mode is '%s'; expected constant",
                            dn_onnx_text(mode->s).text);
    if (dn_onnx_input(im->node, 2).size) status = dn_onnx_one_number(im, 2, &value);
    if (status == DN_OK && value != 0)
        status = dn_onnx_fail(im, "pads with %g; expected 0", value);
    if (status != DN_OK) return status;
    if (v.view.rank != 4 || n != 8 || pads[0] || pads[4])
        return dn_onnx_fail(im, "pads other dimensions than height and width");
    const int last = !dn_onnx_unknown(im, &v) && dn_onnx_layout(im, &v) == 'w' &&
                     im->net.steps[v.step].out.c > 1;
    const int y = last ? 1 : 2, x = y + 1, c = last ? 3 : 1;
    onnx_value maps = v;
    if (last) dn_onnx_view_turn(&maps.view, (int64_t[]){0, 3, 1, 2});
    if ((status = dn_onnx_need_maps(im, &maps, &step)) != DN_OK) return status;
    const int64_t p[4] = {pads[y], pads[x], pads[y + 4], pads[x + 4]};
    for (int i = 0; i < 4; i++)
        if (p[i] < 0 || p[i] > DN_MAX_SIDE || pads[c] || pads[c + 4])
            return dn_onnx_fail(im, "pads by %lld; expected 0..%d of height and width",
                                (long long)p[i], DN_MAX_SIDE);
    onnx_step *s;
    if ((status = dn_onnx_step(im, STEP_PAD, step, &s)) != DN_OK) return status;
    s->window = (onnx_window){.top = p[0], .left = p[1], .bottom = p[2], .right = p[3]};
    const int64_t h = s->in.h + p[0] + p[2], w = s->in.w + p[1] + p[3];
    if (h > DN_MAX_SIDE || w > DN_MAX_SIDE || h * w * s->in.c > DN_MAX_PARAMETERS)
        return dn_onnx_fail(im, "makes maps of %lldx%lld", (long long)h, (long long)w);
    s->out = (dn_shape){(int)h, (int)w, s->in.c};
    if (!last) return dn_onnx_give_maps(im, im->net.n - 1);
    onnx_value out = {.step = im->net.n - 1,
                      .view = dn_onnx_view_of(4, (int64_t[]){1, s->in.c, h, w}, 0)};
    dn_onnx_view_turn(&out.view, (int64_t[]){0, 2, 3, 1});
    return dn_onnx_give(im, 0, &out);
}
