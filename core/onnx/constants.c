/* constants.c - the constants of an ONNX graph: see import.h.
 *
 * Weights are kept as they lie in the file and only looked at from another side
 * (Transpose, Reshape); they are read when a layer takes them. Small lists of integers
 * are computed: what exporters write for "flatten all but the batch" is Shape, Gather,
 * Unsqueeze, Concat. integers.c has the operators for these, compute.c those that make
 * other numbers. */
#include <math.h>
#include "../bytes.h"
#include "../error.h"
#include "../memory.h"
#include "import.h"

onnx_constant *dn_onnx_constant_at(const onnx_import *im, int i) {
    const pb_bytes name = dn_onnx_input(im->node, i);
    if (!name.size) return NULL;
    /* Not stopped here: a node may ask again for what it has found. */
    dn_onnx_worked(im->file.work, name.size);
    const int number = dn_onnx_names_find(&im->file.names, name);
    return number < 0 ? NULL : &im->constants[number];
}

void dn_onnx_constant_add(onnx_import *im, const onnx_constant *c) {
    im->constants[im->n_constants] = *c;
    dn_onnx_names_put(&im->file.names, c->name, im->n_constants++);
}

uint64_t dn_onnx_constant_size(const onnx_constant *c) {
    return c->is_ints ? (uint64_t)c->n_ints : c->tensor.n;
}

void dn_onnx_constant_strides(onnx_constant *c) {
    int64_t step = 1;
    for (int i = c->rank - 1; i >= 0; i--) {
        c->strides[i] = step;
        step *= c->dims[i];
    }
}

static int is_contiguous(const onnx_constant *c) {
    int64_t step = 1;
    for (int i = c->rank - 1; i >= 0; i--) {
        if (c->dims[i] != 1 && c->strides[i] != step) return 0;
        step *= c->dims[i];
    }
    return 1;
}

/* A tensor as a constant. */
static int from_tensor(onnx_import *im, onnx_constant *c, const onnx_tensor *tensor) {
    c->tensor = *tensor;
    c->rank = tensor->rank;
    memcpy(c->dims, tensor->dims, sizeof c->dims);
    dn_onnx_constant_strides(c);
    c->is_ints = dn_onnx_is_integer(tensor) && tensor->n <= ONNX_MAX_RANK &&
                 (tensor->n > 0 || tensor->rank <= 1);
    if (!c->is_ints) return DN_OK;
    c->n_ints = (int)tensor->n;
    return dn_onnx_ints(c->ints, &im->file, tensor);
}

static void release_computed(onnx_import *im) {
    for (int i = 0; im->constants && i < im->n_constants; i++)
        dn_floats_release(&im->file.heap, im->constants[i].computed);
    im->n_constants = 0;
    im->computed = 0;
}

void dn_onnx_constants_free(onnx_import *im) {
    release_computed(im);
    dn_release(&im->file.heap, im->constants);
}

int dn_onnx_constants_start(onnx_import *im) {
    const onnx_file *file = &im->file;
    const size_t most = (size_t)(file->n_tensors + file->n_nodes) + 1;
    onnx_names *names = &im->file.names;
    int status = DN_OK, n = 0;
    release_computed(im);
    if (!im->constants)
        im->constants = dn_new(&im->file.heap, most, sizeof *im->constants);
    if (!im->constants) return DN_NOMEM;
    for (int i = 0; i < names->n; i++) /* the initializers' names stay */
        if (names->list[i].number < file->n_tensors) names->list[n++] = names->list[i];
    names->n = n;
    for (int i = 0; i < file->n_tensors && status == DN_OK; i++) {
        onnx_constant *c = &im->constants[im->n_constants++];
        memset(c, 0, sizeof *c);
        c->name = file->tensors[i].name;
        status = from_tensor(im, c, &file->tensors[i]);
    }
    return status;
}

/* turned - the elements in the order of c's dimensions, of those in the order that they
 * lie in. NULL: no memory. */
static float *turned(const dn_heap *heap, const onnx_constant *c, const float *plain,
                     uint64_t n, onnx_work *work) {
    float *out = dn_onnx_zeros(work, heap, n);
    int64_t at[ONNX_MAX_RANK] = {0}, from = 0;
    for (uint64_t i = 0; out && i < n && dn_onnx_worked(work, 1); i++) {
        out[i] = plain[from];
        /* The next element: the last index that can go up does, those after it begin
         * anew. */
        for (int k = c->rank - 1; k >= 0; k--) {
            from += c->strides[k];
            if (++at[k] < c->dims[k]) break;
            from -= c->dims[k] * c->strides[k];
            at[k] = 0;
        }
    }
    return out;
}

int dn_onnx_constant_read(onnx_import *im, const onnx_constant *c, float **out) {
    const uint64_t n = dn_onnx_constant_size(c);
    *out = NULL;
    if (c->is_ints)
        return dn_onnx_fail(im, "'%s' is a list of integers; expected floats",
                            dn_onnx_text(c->name).text);
    if (n > DN_MAX_PARAMETERS)
        return dn_onnx_fail(im, "'%s' has %llu numbers; expected %d at most",
                            dn_onnx_text(c->name).text, (unsigned long long)n,
                            DN_MAX_PARAMETERS);
    float *plain = dn_onnx_zeros(im->file.work, &im->file.heap, n);
    if (!plain) return DN_NOMEM;
    int status = DN_OK;
    if (c->computed)
        memcpy(plain, c->computed, (size_t)n * sizeof *plain);
    else
        status = dn_onnx_floats(plain, &im->file, &c->tensor);
    if (status == DN_OK && is_contiguous(c)) {
        *out = plain;
        return DN_OK;
    }
    if (status == DN_OK && !(*out = turned(&im->file.heap, c, plain, n, im->file.work)))
        status = DN_NOMEM;
    dn_floats_release(&im->file.heap, plain);
    return status;
}

int dn_onnx_constant_reals(onnx_import *im, const onnx_constant *c, float **out) {
    if (!c->is_ints) return dn_onnx_constant_read(im, c, out);
    *out = NULL;
    for (int i = 0; i < c->n_ints; i++)
        if (c->ints[i] == ONNX_BATCH) return dn_onnx_cannot(im);
    if (!(*out = dn_floats(&im->file.heap, (uint64_t)c->n_ints))) return DN_NOMEM;
    for (int i = 0; i < c->n_ints; i++) (*out)[i] = (float)c->ints[i];
    return DN_OK;
}

const int64_t *dn_onnx_constant_ints(const onnx_import *im, int i, const char *name,
                                     int *n) {
    const onnx_attribute *a = dn_onnx_attribute(im->node, name, TYPE_INTS);
    const onnx_constant *c = dn_onnx_constant_at(im, i);
    *n = a ? a->n_ints : c && c->is_ints ? c->n_ints : 0;
    return a ? a->ints : c && c->is_ints ? c->ints : NULL;
}

/* --- nodes -------------------------------------------------------------------------- */

static int node_constant(onnx_import *im, onnx_constant *out) {
    const onnx_attribute *value = dn_onnx_attribute(im->node, "value", TYPE_T);
    const onnx_attribute *one = dn_onnx_attribute(im->node, "value_int", TYPE_I);
    const onnx_attribute *list = dn_onnx_attribute(im->node, "value_ints", TYPE_INTS);
    onnx_tensor tensor;
    if (value) {
        const int status = dn_onnx_tensor_at(&tensor, &im->file, value->t);
        if (status != DN_OK) return status;
        tensor.name = out->name;
        return from_tensor(im, out, &tensor);
    }
    const onnx_attribute *real = dn_onnx_attribute(im->node, "value_float", TYPE_F);
    if (real) {
        if (!(out->computed = dn_floats(&im->file.heap, 1))) return DN_NOMEM;
        out->computed[0] = (float)real->f;
        out->tensor.n = 1;
        return DN_OK;
    }
    if (!one && !list)
        return dn_onnx_fail(
            im, "it has none of value, value_float, value_int and value_ints");
    out->is_ints = 1;
    out->n_ints = one ? 1 : list->n_ints;
    memcpy(out->ints, one ? &one->i : list->ints,
           (size_t)out->n_ints * sizeof *out->ints);
    out->rank = !one;
    out->dims[0] = out->n_ints;
    return DN_OK;
}

static int node_transpose(onnx_import *im, onnx_constant *out) {
    const onnx_attribute *perm = dn_onnx_attribute(im->node, "perm", TYPE_INTS);
    const onnx_constant from = *out;
    unsigned seen = 0;
    if (perm && perm->n_ints != from.rank) return dn_onnx_cannot(im);
    for (int i = 0; i < from.rank; i++) {
        const int64_t k = perm ? perm->ints[i] : from.rank - 1 - i;
        if (k < 0 || k >= from.rank || seen >> k & 1) return dn_onnx_cannot(im);
        seen |= 1u << k;
        out->dims[i] = from.dims[k];
        out->strides[i] = from.strides[k];
    }
    return DN_OK;
}

/* Other dimensions of the same numbers. */
static int node_reshape(onnx_import *im, onnx_constant *out) {
    const onnx_constant *shape = dn_onnx_constant_at(im, 1);
    int64_t left = (int64_t)dn_onnx_constant_size(out), known = 1;
    int open = -1;
    if ((!out->is_ints && !is_contiguous(out)) || !shape || !shape->is_ints)
        return dn_onnx_cannot(im);
    const int64_t old_rank = out->rank;
    for (int i = 0; i < shape->n_ints; i++) {
        int64_t d = shape->ints[i];
        if (d == 0 && i < old_rank) d = out->dims[i];
        if (d == ONNX_UNKNOWN && open < 0)
            open = i;
        else if (d < 1 || d > left || known > left / d)
            return dn_onnx_cannot(im);
        else
            known *= d;
        out->dims[i] = d;
    }
    if (known == 0 || left % known || (open < 0 && known != left))
        return dn_onnx_cannot(im);
    if (open >= 0) out->dims[open] = left / known;
    out->rank = shape->n_ints;
    dn_onnx_constant_strides(out);
    return DN_OK;
}

/* The axes that a Squeeze takes away which names none: all of size 1. */
static int ones_of(const onnx_constant *c, int64_t *axes) {
    int n = 0;
    for (int i = 0; i < c->rank; i++)
        if (c->dims[i] == 1) axes[n++] = i;
    return n;
}

static int node_squeeze(onnx_import *im, onnx_constant *out) {
    int64_t ones[ONNX_MAX_RANK];
    int n, after = 0;
    const int64_t *axes = dn_onnx_constant_ints(im, 1, "axes", &n);
    const onnx_constant from = *out;
    const int more = im->node->op.p[0] == 'U';
    if (!axes && !more && !dn_onnx_input(im->node, 1).size) {
        axes = ones;
        n = ones_of(&from, ones);
    }
    const int rank = from.rank + (more ? n : -n);
    unsigned seen = 0;
    if (!axes || rank < 0 || rank > ONNX_MAX_RANK) return dn_onnx_cannot(im);
    for (int i = 0; i < n; i++) {
        const int of = more ? rank : from.rank;
        const int64_t axis = axes[i] < 0 ? axes[i] + of : axes[i];
        if (axis < 0 || axis >= of || seen >> axis & 1) return dn_onnx_cannot(im);
        seen |= 1u << axis;
    }
    for (int i = 0, at = 0; i < (more ? rank : from.rank); i++) {
        if (!more && seen >> i & 1) {
            if (from.dims[i] != 1) return dn_onnx_cannot(im);
            continue;
        }
        const int comes = more && seen >> i & 1;
        const int k = more ? at : i;
        out->dims[after] = comes ? 1 : from.dims[k];
        out->strides[after++] = comes ? 1 : from.strides[k];
        at += !comes;
    }
    out->rank = rank;
    return DN_OK;
}

static int node_same(onnx_import *im, onnx_constant *out) {
    (void)im, (void)out;
    return DN_OK;
}

/* Numbers as float16 has them. */
static int round_halves(onnx_import *im, float *numbers, uint64_t n) {
    uint8_t half[2];
    for (uint64_t i = 0; i < n && dn_onnx_worked(im->file.work, 1); i++) {
        if (!(fabsf(numbers[i]) < 65520))
            return dn_onnx_fail(im, "casts %g to float16, which has -65504..65504",
                                (double)numbers[i]);
        put_half(half, numbers[i]);
        numbers[i] = get_half(half);
    }
    return DN_OK;
}

/* The low 32 bits of each are kept. */
static void narrow(onnx_constant *c) {
    for (int i = 0; i < c->n_ints; i++)
        if (c->ints[i] != ONNX_BATCH) c->ints[i] = (int32_t)(uint32_t)c->ints[i];
}

/* Integers stay such, or become floats; floats are rounded if it is to float16. */
static int node_cast(onnx_import *im, onnx_constant *out) {
    const int64_t to = dn_onnx_int(im->node, "to", 0);
    const int real = to == ELEM_FLOAT || to == ELEM_FLOAT16 || to == ELEM_DOUBLE;
    const int integer = to == ELEM_INT32 || to == ELEM_INT64;
    const onnx_constant *from = dn_onnx_constant_at(im, 0);
    const int is_half = !from->computed && from->tensor.type == ELEM_FLOAT16;
    if (!real && !(out->is_ints && integer)) return dn_onnx_cannot(im);
    if (to == ELEM_INT32) narrow(out);
    if (integer || (!out->is_ints && (to != ELEM_FLOAT16 || is_half))) return DN_OK;
    const uint64_t n = dn_onnx_constant_size(from);
    if (im->computed + n > DN_MAX_PARAMETERS) return dn_onnx_cannot(im);
    int status = dn_onnx_constant_reals(im, from, &out->computed);
    im->computed += n;
    if (status == DN_OK && to == ELEM_FLOAT16)
        status = round_halves(im, out->computed, n);
    out->is_ints = 0; /* and of the tensor that they came from nothing is left */
    out->tensor = (onnx_tensor){.n = n, .name = out->name};
    dn_onnx_constant_strides(out);
    return status;
}

/* Another look at computed numbers: each constant has its own. */
static int copy_computed(onnx_import *im, onnx_constant *out, const onnx_constant *from) {
    const uint64_t n = from->tensor.n;
    if (im->computed + n > DN_MAX_PARAMETERS) return dn_onnx_cannot(im);
    if (!(out->computed = dn_onnx_zeros(im->file.work, &im->file.heap, n)))
        return DN_NOMEM;
    memcpy(out->computed, from->computed, (size_t)n * sizeof *out->computed);
    im->computed += n;
    return DN_OK;
}

/* is_whole - whether the dimensions are of as many integers as there are. */
static int is_whole(const onnx_constant *c) {
    int64_t n = 1;
    for (int i = 0; i < c->rank; i++) {
        if (c->dims[i] < 0 || c->dims[i] > ONNX_MAX_RANK) return 0;
        n *= c->dims[i];
    }
    return n == c->n_ints;
}

int dn_onnx_make(onnx_import *im, const onnx_maker *table, size_t n) {
    const onnx_constant *first = dn_onnx_constant_at(im, 0);
    const onnx_maker *made = NULL;
    onnx_constant out;
    memset(&out, 0, sizeof out);
    if (first) out = *first;
    out.name = im->node->outputs[0];
    out.computed = NULL;
    for (size_t i = 0; i < n && !made; i++)
        if (dn_pb_is(im->node->op, table[i].op) &&
            (out.is_ints || table[i].of != OF_INTS))
            made = &table[i];
    if (!made) return -1;
    if ((!first && made->of != OF_NONE) || (out.is_ints && !is_whole(&out)))
        return dn_onnx_cannot(im);
    int status = made->run(im, &out);
    if (status == DN_OK && first && first->computed && !out.computed && !out.is_ints)
        status = copy_computed(im, &out, first);
    if (status == DN_OK)
        dn_onnx_constant_add(im, &out);
    else
        dn_floats_release(&im->file.heap, out.computed);
    return status;
}

int dn_onnx_constant_node(onnx_import *im) {
    static const onnx_maker table[] = {
        {"Constant", node_constant, OF_NONE},  {"Identity", node_same, OF_ANY},
        {"Transpose", node_transpose, OF_ANY}, {"Reshape", node_reshape, OF_ANY},
        {"Cast", node_cast, OF_ANY},           {"Squeeze", node_squeeze, OF_ANY},
        {"Unsqueeze", node_squeeze, OF_ANY},
    };
    return dn_onnx_make(im, table, sizeof table / sizeof *table);
}
