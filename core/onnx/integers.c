/* integers.c - small lists of integers among the constants of an ONNX graph: shapes, axes
 * and pads, which exporters compute from each other. See import.h.
 *
 * What PyTorch writes for F.pad(x, (0, 1, 0, 1)): the pads and ConstantOfShape(4) become
 * one list by Concat, that [4, 2] by Reshape, turned round by Slice with a step of −1,
 * Transpose, and a list again. */
#include "import.h"

/* c is a list of its integers. */
static void make_list(onnx_constant *c) {
    c->is_ints = 1;
    c->rank = 1;
    c->dims[0] = c->n_ints;
}

int64_t dn_onnx_sliced(int64_t n, int64_t start, int64_t end, int64_t step,
                       int64_t *first) {
    const int64_t least = step < 0 ? -1 : 0, most = step < 0 ? n - 1 : n;
    if (n < 1 || step == 0 || step == INT64_MIN) return 0;
    if (start < 0) start = start < -n ? least : start + n;
    if (end < 0) end = end < -n ? least : end + n;
    start = start > most ? most : start;
    end = end > most ? most : end;
    *first = start;
    const int64_t way = step < 0 ? start - end : end - start;
    const int64_t by = step < 0 ? -step : step;
    return way < 1 ? 0 : (way - 1) / by + 1;
}

int dn_onnx_slice_inputs(onnx_import *im, int rank, onnx_slice *out) {
    int n, ends, axes, steps;
    const int64_t *start = dn_onnx_constant_ints(im, 1, "starts", &n);
    const int64_t *end = dn_onnx_constant_ints(im, 2, "ends", &ends);
    const int64_t *axis = dn_onnx_constant_ints(im, 3, "axes", &axes);
    const int64_t *step = dn_onnx_constant_ints(im, 4, "steps", &steps);
    const int lacks = (!axis && dn_onnx_input(im->node, 3).size) ||
                      (!step && dn_onnx_input(im->node, 4).size);
    if (!start || !end || n < 1 || ends != n || lacks || (axis && axes != n) ||
        (step && steps != n))
        return dn_onnx_fail(im,
                            "its starts, ends, axes and steps are no constants of one "
                            "length");
    out->n = n;
    for (int i = 0; i < n; i++) {
        const int64_t at = axis ? axis[i] : i;
        if (start[i] == ONNX_BATCH || end[i] == ONNX_BATCH)
            return dn_onnx_fail(im, "takes as many as there are images in a batch; "
                                    "expected a number");
        out->axis[i] = (int)(at < -rank || at >= rank ? -1 : at < 0 ? at + rank : at);
        out->start[i] = start[i];
        out->end[i] = end[i];
        out->step[i] = step ? step[i] : 1;
        if (out->axis[i] < 0 || out->step[i] == 0)
            return dn_onnx_fail(im,
                                "axis is %lld and step %lld; expected an axis of %d, "
                                "and no step of 0",
                                (long long)at, (long long)out->step[i], rank);
    }
    return DN_OK;
}

/* Takes every step'th along an axis. */
static void slice_axis(onnx_constant *c, int axis, int64_t start, int64_t end,
                       int64_t step) {
    int64_t first = 0, inner = 1, outer = 1;
    int n = 0, ints = 0;
    int64_t to[ONNX_MAX_RANK];
    for (int i = axis + 1; i < c->rank; i++) inner *= c->dims[i];
    for (int i = 0; i < axis; i++) outer *= c->dims[i];
    const int64_t was = c->dims[axis];
    n = (int)dn_onnx_sliced(was, start, end, step, &first);
    for (int64_t o = 0; o < outer; o++)
        for (int64_t k = 0; k < n; k++)
            for (int64_t i = 0; i < inner; i++)
                to[ints++] = c->ints[(o * was + first + k * step) * inner + i];
    memcpy(c->ints, to, (size_t)ints * sizeof *to);
    c->n_ints = ints;
    c->dims[axis] = n;
}

static int node_slice(onnx_import *im, onnx_constant *out) {
    onnx_slice s;
    if (!out->is_ints) return dn_onnx_cannot(im);
    const int status = dn_onnx_slice_inputs(im, out->rank, &s);
    if (status != DN_OK) return status;
    for (int i = 0; i < s.n; i++)
        slice_axis(out, s.axis[i], s.start[i], s.end[i], s.step[i]);
    return DN_OK;
}

/* Dimension i becomes what perm[i] was. */
static void turn(onnx_constant *c, const int64_t *perm) {
    const onnx_constant from = *c;
    int64_t strides[ONNX_MAX_RANK], step = 1;
    for (int i = c->rank - 1; i >= 0; step *= from.dims[i--]) strides[i] = step;
    for (int i = 0; i < c->rank; i++) c->dims[i] = from.dims[perm[i]];
    for (int k = 0; k < c->n_ints; k++) {
        int64_t place = 0, left = k;
        for (int i = c->rank - 1; i >= 0; left /= c->dims[i--])
            place += left % c->dims[i] * strides[perm[i]];
        c->ints[k] = from.ints[place];
    }
}

/* Transpose. */
static int node_turn(onnx_import *im, onnx_constant *out) {
    const onnx_attribute *perm = dn_onnx_attribute(im->node, "perm", TYPE_INTS);
    int64_t to[ONNX_MAX_RANK];
    unsigned seen = 0;
    if (perm && perm->n_ints != out->rank) return dn_onnx_cannot(im);
    for (int i = 0; i < out->rank; i++) {
        to[i] = perm ? perm->ints[i] : out->rank - 1 - i;
        if (to[i] < 0 || to[i] >= out->rank || seen >> to[i] & 1)
            return dn_onnx_cannot(im);
        seen |= 1u << to[i];
    }
    turn(out, to);
    return DN_OK;
}

static int node_gather(onnx_import *im, onnx_constant *out) {
    const onnx_constant *places = dn_onnx_constant_at(im, 1);
    const onnx_constant from = *out;
    if (!from.is_ints || !places || !places->is_ints || from.rank > 1 ||
        dn_onnx_int(im->node, "axis", 0) != 0)
        return dn_onnx_cannot(im);
    out->n_ints = places->n_ints;
    for (int i = 0; i < places->n_ints; i++) {
        const int64_t k = places->ints[i] < 0 ? places->ints[i] + from.n_ints
                                              : places->ints[i];
        if (k < 0 || k >= from.n_ints) return dn_onnx_cannot(im);
        out->ints[i] = from.ints[k];
    }
    out->rank = places->rank; /* one by a single place is no list */
    memcpy(out->dims, places->dims, sizeof out->dims);
    return DN_OK;
}

static int node_concat(onnx_import *im, onnx_constant *out) {
    out->n_ints = 0;
    for (int i = 0; i < im->node->n_inputs; i++) {
        const onnx_constant *c = dn_onnx_constant_at(im, i);
        if (!c || !c->is_ints || c->rank > 1 || out->n_ints + c->n_ints > ONNX_MAX_RANK)
            return dn_onnx_cannot(im);
        memcpy(out->ints + out->n_ints, c->ints, (size_t)c->n_ints * sizeof *c->ints);
        out->n_ints += c->n_ints;
    }
    make_list(out);
    return DN_OK;
}

/* ConstantOfShape: of 0, or its value, again and again. */
static int node_fill(onnx_import *im, onnx_constant *out) {
    const onnx_attribute *value = dn_onnx_attribute(im->node, "value", TYPE_T);
    const onnx_constant shape = *out;
    onnx_tensor tensor;
    int64_t number = 0;
    if (!shape.is_ints || shape.n_ints != 1 || shape.ints[0] < 0 ||
        shape.ints[0] > ONNX_MAX_RANK)
        return dn_onnx_cannot(im);
    int status = value ? dn_onnx_tensor_at(&tensor, &im->file, value->t) : DN_OK;
    if (status == DN_OK && value) {
        if (!dn_onnx_is_integer(&tensor) || tensor.n != 1) return dn_onnx_cannot(im);
        status = dn_onnx_ints(&number, &im->file, &tensor);
    }
    out->n_ints = (int)shape.ints[0];
    for (int i = 0; i < out->n_ints; i++) out->ints[i] = number;
    make_list(out);
    return status;
}

/* The part of dimensions that a Shape asks for: a list. */
static void part_of_shape(const onnx_import *im, onnx_constant *out) {
    int64_t first = 0;
    const int64_t n = out->n_ints, start = dn_onnx_int(im->node, "start", 0);
    out->n_ints =
        (int)dn_onnx_sliced(n, start, dn_onnx_int(im->node, "end", n), 1, &first);
    memmove(out->ints, out->ints + first, (size_t)out->n_ints * sizeof *out->ints);
    make_list(out);
}

static int node_shape(onnx_import *im, onnx_constant *out) {
    out->n_ints = out->rank;
    memcpy(out->ints, out->dims, sizeof out->ints);
    part_of_shape(im, out);
    return DN_OK;
}

int dn_onnx_shape_node(onnx_import *im, const onnx_value *v) {
    onnx_constant out;
    memset(&out, 0, sizeof out);
    out.name = im->node->outputs[0];
    out.n_ints = v->view.rank;
    memcpy(out.ints, v->view.dims, sizeof out.ints);
    if (v->view.batch >= 0 && im->batch != 1) out.ints[v->view.batch] = ONNX_BATCH;
    part_of_shape(im, &out);
    dn_onnx_constant_add(im, &out);
    return DN_OK;
}

int dn_onnx_integers_node(onnx_import *im) {
    static const onnx_maker table[] = {
        {"Shape", node_shape, OF_ANY},   {"ConstantOfShape", node_fill, OF_ANY},
        {"Gather", node_gather, OF_ANY}, {"Concat", node_concat, OF_ANY},
        {"Slice", node_slice, OF_ANY},   {"Transpose", node_turn, OF_INTS},
    };
    return dn_onnx_make(im, table, sizeof table / sizeof *table);
}
