/* op_parts.c - operators that take a part of an ONNX graph's values, or lay them beside
 * each other or in zeros: see import.h.
 *
 *     x[:, 4:8], x[:, [2, 1, 0]]       a CHOICE of channels
 *     x[:, :, 1:-1, ::2]               a PAD by less than 0, then a pooling of one place
 *     F.pad(x, (0, 0, 0, 0, 4, 4))     channels of zeros: a CONV of 1×1
 *     F.pad(x, (1, 1), value=0.5)      x − 0.5, then a PAD of zeros, then + 0.5
 *     F.pad(x, (1, 1), value=-1e9)     x in zeros, + −1e9 where ones in zeros have 0 */
#include <math.h>
#include "../memory.h"
#include "import.h"

#define MAX_SHIFT 16      /* x − it + it is x to 1e-6 */
#define MAX_PAD   1.01e30 /* the float next to 1e30 is above it */

/* --- channels ----------------------------------------------------------------------- */

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
    const int unknown = dn_onnx_unknown(im, v), rank = v->view.rank;
    *dim = unknown ? -1 : channel_dim(im, v);
    if (*dim >= 0 || rank != 4 || !dn_onnx_batch_first(im, &v->view) ||
        (unknown && v->view.dims[1] > 4)) /* [N, H, W, C], it seems */
        return DN_OK;
    const int status = dn_onnx_need_maps(im, v, &step);
    if (status != DN_OK) return status;
    *v = (onnx_value){.step = step, .view = dn_onnx_view_of(4, v->view.dims, 0)};
    *dim = 1;
    return DN_OK;
}

/* v lies as it did, and is now what the last step gives, whose size differs in a
 * dimension or two. dim is that of the channels. */
static void follow(const onnx_import *im, onnx_value *v, int dim) {
    const dn_shape s = im->net.steps[im->net.n - 1].out;
    const int batch = v->view.batch, rank = v->view.rank;
    int64_t dims[ONNX_MAX_RANK];
    v->step = im->net.n - 1;
    if (rank == 4 && (dim == 1 || s.h * s.w > 1)) {
        v->view = dn_onnx_view_of(4, (int64_t[]){1, s.c, s.h, s.w}, 0);
        if (dim == 3) dn_onnx_view_turn(&v->view, (int64_t[]){0, 2, 3, 1});
    } else if (rank == 4) {
        v->view = dn_onnx_view_of(4, (int64_t[]){1, 1, 1, s.c}, 0);
    } else {
        memcpy(dims, v->view.dims, sizeof dims);
        dims[dim] = s.c;
        v->view = dn_onnx_view_of(rank, dims, batch);
    }
    v->view.batch = batch;
}

/* v becomes `count` of its channels: *order is to say which. */
static int choose(onnx_import *im, onnx_value *v, int dim, int64_t count, int **order) {
    const int status = dn_onnx_choice(im, v->step, count, order);
    if (status == DN_OK) follow(im, v, dim);
    return status;
}

/* n integers, of a short list or, if that is NULL, of a constant: a new list, to be freed
 * whatever is returned. */
static int read_integers(onnx_import *im, const int64_t *list, const onnx_constant *c,
                         uint64_t n, int64_t **out) {
    if (!(*out = dn_new(&im->file.heap, n, sizeof **out))) return DN_NOMEM;
    if (!list) return dn_onnx_ints(*out, &im->file, &c->tensor);
    memcpy(*out, list, (size_t)n * sizeof **out);
    return DN_OK;
}

/* The channels of each output of a Split, as a new list; NULL where it does not say. */
static int read_sizes(onnx_import *im, int64_t **out) {
    const onnx_constant *c = dn_onnx_constant_at(im, 1);
    int n;
    const int64_t *list = dn_onnx_constant_ints(im, 1, "split", &n);
    if (!list && !dn_onnx_input(im->node, 1).size) return DN_OK;
    if (!list) n = c && !c->computed && c->rank == 1 ? (int)c->dims[0] : 0;
    if (n != im->node->n_outputs)
        return dn_onnx_fail(im, "its sizes are no constant of %d numbers",
                            im->node->n_outputs);
    return read_integers(im, list, c, (uint64_t)n, out);
}

/* Split, of channels. */
int dn_onnx_op_split(onnx_import *im) {
    onnx_value v = *dn_onnx_first(im);
    const int64_t given = dn_onnx_int(im->node, "axis", 0);
    const int64_t axis = given < 0 ? given + v.view.rank : given;
    const int outputs = im->node->n_outputs;
    int dim, *order, status = as_channels(im, &v, &dim);
    int64_t *sizes = NULL, from = 0;
    if (status != DN_OK) return status;
    if (dim < 0 || axis != dim)
        return dn_onnx_fail(im, "axis is %lld; expected the channels' of a layer",
                            (long long)given);
    const int64_t all = v.view.dims[axis], even = (all + outputs - 1) / outputs;
    status = read_sizes(im, &sizes);
    for (int i = 0; i < outputs && status == DN_OK; i++) {
        const int64_t left = all - from;
        const int64_t count = sizes ? sizes[i] : even < left ? even : left;
        onnx_value part = v;
        if (count < 1 || count > left)
            status = dn_onnx_fail(im,
                                  "makes a part of %lld channels of %lld that are left",
                                  (long long)count, (long long)left);
        else
            status = choose(im, &part, dim, count, &order);
        for (int64_t k = 0; k < count && status == DN_OK; k++) order[k] = (int)(from + k);
        if (status == DN_OK) status = dn_onnx_give(im, i, &part);
        if (status == DN_OK) from += count;
    }
    dn_release(&im->file.heap, sizes);
    return status;
}

/* --- Slice -------------------------------------------------------------------------- */

/* Every y'th row and x'th column: a pooling of single places. */
static int every(onnx_import *im, onnx_value *v, int dim, int64_t y, int64_t x) {
    onnx_step *s;
    const int status = dn_onnx_step(im, STEP_MAXPOOL, v->step, &s);
    if (status != DN_OK) return status;
    s->window = (onnx_window){1, 1, y, x, 1, 1, 0, 0, 0, 0, 0, 0};
    s->out.h = (int)((s->in.h - 1) / y + 1);
    s->out.w = (int)((s->in.w - 1) / x + 1);
    follow(im, v, dim);
    return DN_OK;
}

/* Rows and columns before and after are laid around maps, or cut off. What was done so
 * right before goes into it, but where that cut off what is now to be zeros. */
static int surround(onnx_import *im, onnx_value *v, int dim, int64_t *sides) {
    const onnx_step *last = &im->net.steps[v->step];
    const int64_t before[4] = {last->window.top, last->window.left, last->window.bottom,
                               last->window.right};
    onnx_step *s;
    int joins = last->kind == STEP_PAD;
    for (int i = 0; i < 4; i++) joins = joins && !(before[i] < 0 && sides[i] > 0);
    for (int i = 0; i < 4 && joins; i++) sides[i] += before[i];
    int status = dn_onnx_step(im, STEP_PAD, joins ? last->input : v->step, &s);
    if (status != DN_OK) return status;
    s->window = (onnx_window){
        .top = sides[0], .left = sides[1], .bottom = sides[2], .right = sides[3]};
    status = dn_onnx_gives(im, s, s->in.h + sides[0] + sides[2],
                           s->in.w + sides[1] + sides[3], s->in.c);
    if (status == DN_OK) follow(im, v, dim);
    return status;
}

/* What is taken of rows and columns: what is cut off of each side, and how many steps it
 * is to the next. */
typedef struct window_of {
    int64_t sides[4], y, x;
} window_of;

/* n of an axis of maps are taken, from `first` on: rows if is_row, else columns. */
static void take(window_of *w, int is_row, int64_t all, int64_t first, int64_t n,
                 int64_t step) {
    const int64_t left = all - first - 1 - (n - 1) * step;
    w->sides[is_row ? 0 : 1] = -first;
    w->sides[is_row ? 2 : 3] = left < step ? 0 : -left; /* the next step leads over it */
    if (is_row)
        w->y = step;
    else
        w->x = step;
}

/* Slice along one axis: channels are chosen, rows and columns noted. */
static int slice_axis(onnx_import *im, onnx_value *v, int axis, int64_t first, int64_t n,
                      int64_t step, window_of *window) {
    const int64_t all = v->view.dims[axis];
    int dim, *order, status = as_channels(im, v, &dim);
    if (status != DN_OK) return status;
    if (axis == dim) {
        status = choose(im, v, dim, n, &order);
        for (int64_t k = 0; k < n && status == DN_OK; k++)
            order[k] = (int)(first + k * step);
        return status;
    }
    const int row = dim == 1 ? 2 : 1;
    if (dim < 0 || v->view.rank != 4 || (axis != row && axis != row + 1) || step < 1)
        return dn_onnx_fail(im,
                            "axis is %d; expected the channels of a layer, or rows or "
                            "columns of maps, forwards",
                            axis);
    take(window, axis == row, all, first, n, step);
    return DN_OK;
}

/* Rows and columns that were noted. */
static int slice_maps(onnx_import *im, onnx_value *v, window_of *w) {
    int64_t *p = w->sides;
    int dim, status = as_channels(im, v, &dim);
    if (status == DN_OK && (p[0] || p[1] || p[2] || p[3]))
        status = surround(im, v, dim, p);
    if (status == DN_OK && (w->y > 1 || w->x > 1)) status = every(im, v, dim, w->y, w->x);
    return status;
}

/* The image, of which nothing is known but its dimensions: 1 if a Slice of it is read by
 * what it does to them. Channels that change places are left for the second time. */
static int passes(const onnx_import *im, const onnx_value *v, int64_t n, int axis) {
    return dn_onnx_unknown(im, v) && n == v->view.dims[axis];
}

int dn_onnx_op_slice(onnx_import *im) {
    onnx_value v = *dn_onnx_first(im);
    onnx_slice s = {0};
    window_of window = {{0}, 1, 1};
    int status = dn_onnx_slice_inputs(im, v.view.rank, &s);
    for (int i = 0; i < s.n && status == DN_OK; i++) {
        int64_t first = 0;
        const int64_t all = v.view.dims[s.axis[i]];
        const int64_t n = dn_onnx_sliced(all, s.start[i], s.end[i], s.step[i], &first);
        if (n == all && s.step[i] == 1) continue;
        if (n < 1)
            status = dn_onnx_fail(im, "takes nothing of dimension %d", s.axis[i]);
        else if (!passes(im, &v, n, s.axis[i]))
            status = slice_axis(im, &v, s.axis[i], first, n, s.step[i], &window);
    }
    if (status == DN_OK && !dn_onnx_unknown(im, &v)) status = slice_maps(im, &v, &window);
    return status == DN_OK ? dn_onnx_give(im, 0, &v) : status;
}

/* --- Gather ------------------------------------------------------------------------- */

/* v without a dimension of 1. */
static int drop_dim(onnx_import *im, onnx_value *v, int axis) {
    const int batch = v->view.batch;
    int64_t dims[ONNX_MAX_RANK];
    int n = 0, status = DN_OK;
    for (int i = 0; i < v->view.rank; i++)
        if (i != axis) dims[n++] = v->view.dims[i];
    if (axis == batch) status = dn_onnx_pin(im);
    dn_onnx_view_reshape(&v->view, n, dims);
    v->view.batch = axis == batch ? -1 : batch > axis ? batch - 1 : batch;
    return status;
}

/* Channels by their numbers; a single number takes the dimension away. */
static int gather(onnx_import *im, onnx_value *v, int axis, int64_t *places, uint64_t n,
                  int alone) {
    const int64_t all = v->view.dims[axis];
    int dim = -1, *order, status = DN_OK, same = 1;
    for (uint64_t k = 0; k < n; k++) {
        if (places[k] < 0) places[k] += all;
        if (places[k] < 0 || places[k] >= all)
            return dn_onnx_fail(im, "takes number %lld of %lld", (long long)places[k],
                                (long long)all);
        same = same && places[k] == (int64_t)k;
    }
    same = same && (int64_t)n == all;
    if (!same && !passes(im, v, (int64_t)n, axis)) {
        if ((status = as_channels(im, v, &dim)) != DN_OK) return status;
        if (axis != dim)
            return dn_onnx_fail(im, "axis is %d; expected the channels' of a layer",
                                axis);
        status = choose(im, v, dim, (int64_t)n, &order);
        for (uint64_t k = 0; k < n && status == DN_OK; k++) order[k] = (int)places[k];
    }
    if (status == DN_OK && alone) status = drop_dim(im, v, axis);
    return status;
}

int dn_onnx_op_gather(onnx_import *im) {
    onnx_value v = *dn_onnx_first(im);
    const onnx_constant *c = dn_onnx_constant_at(im, 1);
    const int64_t given = dn_onnx_int(im->node, "axis", 0);
    const int64_t axis = given < 0 ? given + v.view.rank : given;
    int64_t *places = NULL;
    const uint64_t n = c ? dn_onnx_constant_size(c) : 0;
    if (axis < 0 || axis >= v.view.rank)
        return dn_onnx_fail(im, "axis is %lld; expected %d..%d", (long long)given,
                            -v.view.rank, v.view.rank - 1);
    if (!c || c->rank > 1 || c->computed || n < 1 || n > DN_MAX_UNITS)
        return dn_onnx_fail(im, "which it takes is no constant of one dimension");
    int status = read_integers(im, c->is_ints ? c->ints : NULL, c, n, &places);
    if (status == DN_OK) status = gather(im, &v, (int)axis, places, n, c->rank == 0);
    dn_release(&im->file.heap, places);
    return status == DN_OK ? dn_onnx_give(im, 0, &v) : status;
}

/* --- Concat ------------------------------------------------------------------------- */

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
    if (status == DN_OK) status = dn_onnx_gives(im, s, s->in.h, s->in.w, all);
    if (status != DN_OK) return status;
    follow(im, &first, dim);
    return dn_onnx_give(im, 0, &first);
}

/* --- Pad ---------------------------------------------------------------------------- */

/* Channels of zeros before and after: a convolution of 1×1 that copies the others. */
static int more_channels(onnx_import *im, onnx_value *v, int dim, int64_t before,
                         int64_t after) {
    const dn_shape in = im->net.steps[v->step].out;
    onnx_step *s;
    if (before < 0 || after < 0 || before > DN_MAX_UNITS || after > DN_MAX_UNITS)
        return dn_onnx_fail(im, "pads by %lld and %lld channels; expected 0..%d",
                            (long long)before, (long long)after, DN_MAX_UNITS);
    int status =
        dn_onnx_linear(im, STEP_CONV, v->step, in.c + before + after, (uint64_t)in.c, &s);
    if (status != DN_OK) return status;
    for (size_t k = 0; k < (size_t)in.c; k++)
        s->w[((size_t)before + k) * s->reads + k] = 1;
    s->group = 1;
    s->window = (onnx_window){1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    status = dn_onnx_gives(im, s, in.h, in.w, s->out.c);
    if (status == DN_OK) follow(im, v, dim);
    return status;
}

/* v·gain + shift, as a step more. */
static int scaled(onnx_import *im, onnx_value *v, double gain, double shift) {
    const int status = dn_onnx_scale_by(im, v->step, gain, shift);
    v->step = im->net.n - 1;
    return status;
}

/* Zeros around maps: rows, columns and channels, whose dimension is c. */
static int lay_zeros(onnx_import *im, onnx_value *v, int c, const int64_t *pads) {
    const int y = c == 3 ? 1 : 2;
    int64_t sides[4] = {pads[y], pads[y + 1], pads[y + 4], pads[y + 5]};
    int status = DN_OK;
    if (pads[c] || pads[c + 4]) status = more_channels(im, v, c, pads[c], pads[c + 4]);
    if (status == DN_OK && (sides[0] || sides[1] || sides[2] || sides[3]))
        status = surround(im, v, c, sides);
    return status;
}

/* The same number around maps. Of one that is large, x − number keeps few digits of x, or
 * none: then it is added where ones, laid in zeros like the maps, leave zeros. */
static int lay_number(onnx_import *im, onnx_value *v, int c, const int64_t *pads,
                      double number) {
    onnx_value inside = *v;
    onnx_step *sum;
    int status;
    if (fabs(number) <= MAX_SHIFT) {
        status = scaled(im, v, 1, -number);
        if (status == DN_OK) status = lay_zeros(im, v, c, pads);
        return status == DN_OK ? scaled(im, v, 1, number) : status;
    }
    status = scaled(im, &inside, 0, 1);
    if (status == DN_OK) status = lay_zeros(im, &inside, c, pads);
    if (status == DN_OK) status = scaled(im, &inside, -number, number);
    if (status == DN_OK) status = lay_zeros(im, v, c, pads);
    const int steps[2] = {v->step, inside.step};
    if (status == DN_OK) status = dn_onnx_step(im, STEP_ADD, v->step, &sum);
    if (status == DN_OK) status = dn_onnx_step_inputs(&im->net, sum, steps, 2);
    v->step = im->net.n - 1;
    return status;
}

/* What lies around maps: of channels, rows and columns, a number. */
static int pad_maps(onnx_import *im, onnx_value *v, const int64_t *pads, double value) {
    const int last = !dn_onnx_unknown(im, v) && dn_onnx_layout(im, v) == 'w' &&
                     im->net.steps[v->step].out.c > 1;
    const int y = last ? 1 : 2, c = last ? 3 : 1;
    const int64_t sides[4] = {pads[y], pads[y + 1], pads[y + 4], pads[y + 5]};
    onnx_value maps = *v;
    int status = DN_OK;
    if (last) dn_onnx_view_turn(&maps.view, (int64_t[]){0, 3, 1, 2});
    if ((status = dn_onnx_need_maps(im, &maps, &maps.step)) != DN_OK) return status;
    v->step = maps.step;
    for (int i = 0; i < 4; i++)
        if (sides[i] < -DN_MAX_SIDE || sides[i] > DN_MAX_SIDE)
            return dn_onnx_fail(im, "pads by %lld; expected %d..%d", (long long)sides[i],
                                -DN_MAX_SIDE, DN_MAX_SIDE);
    return value == 0 ? lay_zeros(im, v, c, pads) : lay_number(im, v, c, pads, value);
}

/* A Pad's numbers for all of rank dimensions, [2·rank], of which operator set 18 has some
 * by input 3. 1, or 0 if they are none. */
static int spread_pads(onnx_import *im, int rank, const int64_t *pads, int n,
                       int64_t *out) {
    int k, seen = 0;
    const int64_t *axes = dn_onnx_constant_ints(im, 3, "axes", &k);
    if (!axes && dn_onnx_input(im->node, 3).size) return 0;
    if (!axes) k = rank;
    if (n != 2 * k || 2 * rank > ONNX_MAX_RANK) return 0;
    memset(out, 0, ONNX_MAX_RANK * sizeof *out);
    for (int i = 0; i < k; i++) {
        const int64_t axis = !axes ? i : axes[i] < 0 ? axes[i] + rank : axes[i];
        if (axis < 0 || axis >= rank || seen >> axis & 1) return 0;
        seen |= 1 << axis;
        out[axis] = pads[i];
        out[axis + rank] = pads[i + k];
    }
    return 1;
}

/* PyTorch lays a Pad that adds nothing before an AveragePool. */
int dn_onnx_op_pad(onnx_import *im) {
    onnx_value v = *dn_onnx_first(im);
    const onnx_attribute *mode = dn_onnx_attribute(im->node, "mode", TYPE_S);
    double value = dn_onnx_real(im->node, "value", 0);
    int n, zeros = 1, status = DN_OK;
    int64_t all[ONNX_MAX_RANK];
    const int64_t *pads = dn_onnx_constant_ints(im, 1, "pads", &n);
    if (!pads) pads = dn_onnx_constant_ints(im, 1, "paddings", &n); /* operator set 1 */
    if (!pads) return dn_onnx_fail(im, "its pads are no constant");
    for (int i = 0; i < n; i++) zeros = zeros && pads[i] == 0;
    if (zeros) return dn_onnx_give(im, 0, &v);
    if (mode && !dn_pb_is(mode->s, "constant"))
        return dn_onnx_fail(im,
                            "mode is '%s', which repeats rows and columns; expected "
                            "constant: zeros, or another number, around maps",
                            dn_onnx_text(mode->s).text);
    if (dn_onnx_input(im->node, 2).size) status = dn_onnx_one_number(im, 2, &value);
    if (status == DN_NOMEM) return status;
    if (status != DN_OK || !(fabs(value) <= MAX_PAD))
        return dn_onnx_fail(im,
                            "the number that it pads with is no constant of "
                            "-1e30..1e30; before a MaxPool -1e30 does what less does");
    if (v.view.rank != 4 || !spread_pads(im, 4, pads, n, all) || all[0] || all[4])
        return dn_onnx_fail(im, "pads other dimensions than those of maps");
    status = pad_maps(im, &v, all, value);
    return status == DN_OK ? dn_onnx_give(im, 0, &v) : status;
}
