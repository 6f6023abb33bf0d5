/* compute.c - constants of an ONNX graph that are computed of others, number by number:
 * what exporters leave that fold nothing, such as a batch normalisation written out.
 *
 * Only what has one right result on every machine: +, −, ·, / and a root. */
#include <math.h>
#include "../memory.h"
#include "import.h"

/* b is not 0 if it divides. What no 64 bits hold begins anew. */
static int64_t whole(char op, int64_t a, int64_t b) {
    switch (op) {
    case 'A': return (int64_t)((uint64_t)a + (uint64_t)b);
    case 'S': return (int64_t)((uint64_t)a - (uint64_t)b);
    case 'M': return (int64_t)((uint64_t)a * (uint64_t)b);
    default: return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
    }
}

/* Lists of integers: of one length, or one number and a list. The number of images can
 * only be multiplied or divided by 1. */
static int of_integers(onnx_import *im, onnx_constant *out, char op) {
    const onnx_constant *a = dn_onnx_constant_at(im, 0), *b = dn_onnx_constant_at(im, 1);
    const int n = a->n_ints > b->n_ints ? a->n_ints : b->n_ints;
    int64_t ints[ONNX_MAX_RANK];
    if ((a->n_ints != n && a->n_ints != 1) || (b->n_ints != n && b->n_ints != 1) ||
        (n != 1 && (a->rank > 1 || b->rank > 1)))
        return dn_onnx_cannot(im);
    for (int i = 0; i < n; i++) {
        const int64_t x = a->ints[a->n_ints == 1 ? 0 : i];
        const int64_t y = b->ints[b->n_ints == 1 ? 0 : i];
        const int scales = op == 'M' || op == 'D';
        if (x == ONNX_BATCH && scales && y == 1)
            ints[i] = x;
        else if (y == ONNX_BATCH && op == 'M' && x == 1)
            ints[i] = y;
        else if (x == ONNX_BATCH || y == ONNX_BATCH || (op == 'D' && y == 0))
            return dn_onnx_cannot(im);
        else
            ints[i] = whole(op, x, y);
    }
    out->is_ints = 1;
    out->n_ints = n;
    out->rank = a->rank > b->rank ? a->rank : b->rank;
    for (int i = 0; i < out->rank; i++) out->dims[i] = n; /* of several there is one */
    memcpy(out->ints, ints, (size_t)n * sizeof *ints);
    return DN_OK;
}

static float real(char op, float a, float b) {
    switch (op) {
    case 'A': return a + b;
    case 'S': return a - b;
    case 'M': return a * b;
    default: return a / b;
    }
}

/* The dimensions of two constants laid along each other, as numpy does it: 1, or 0 if
 * they do not fit. */
static int broadcast(onnx_constant *out, const onnx_constant *a, const onnx_constant *b,
                     uint64_t *n) {
    out->rank = a->rank > b->rank ? a->rank : b->rank;
    *n = 1;
    for (int i = 0; i < out->rank; i++) {
        const int at_a = i - (out->rank - a->rank), at_b = i - (out->rank - b->rank);
        const int64_t x = at_a < 0 ? 1 : a->dims[at_a], y = at_b < 0 ? 1 : b->dims[at_b];
        if (x != y && x != 1 && y != 1) return 0;
        out->dims[i] = x > y ? x : y;
        if (out->dims[i] < 1 || *n > DN_MAX_PARAMETERS / (uint64_t)out->dims[i]) return 0;
        *n *= (uint64_t)out->dims[i];
    }
    return 1;
}

/* The place in x of element `at` of out, by their dimensions. */
static uint64_t place(const onnx_constant *x, const onnx_constant *out, uint64_t at) {
    uint64_t to = 0, step = 1;
    for (int i = 1; i <= out->rank; i++) {
        const uint64_t size = (uint64_t)out->dims[out->rank - i], index = at % size;
        at /= size;
        if (i > x->rank || x->dims[x->rank - i] == 1) continue;
        to += index * step;
        step *= (uint64_t)x->dims[x->rank - i];
    }
    return to;
}

/* Room for n computed numbers. */
static int room(onnx_import *im, onnx_constant *out, uint64_t n) {
    if (im->computed + n > DN_MAX_PARAMETERS) return dn_onnx_cannot(im);
    if (!(out->computed = dn_onnx_zeros(im->file.work, &im->file.heap, n)))
        return DN_NOMEM;
    im->computed += n;
    out->is_ints = 0;
    out->tensor = (onnx_tensor){.n = n, .name = out->name};
    dn_onnx_constant_strides(out);
    return DN_OK;
}

static int of_two(onnx_import *im, onnx_constant *out, char op) {
    const onnx_constant *a = dn_onnx_constant_at(im, 0), *b = dn_onnx_constant_at(im, 1);
    float *x = NULL, *y = NULL;
    uint64_t n;
    if (!a || !b || !broadcast(out, a, b, &n)) return dn_onnx_cannot(im);
    int status = dn_onnx_constant_reals(im, a, &x);
    if (status == DN_OK) status = dn_onnx_constant_reals(im, b, &y);
    if (status == DN_OK) status = room(im, out, n);
    for (uint64_t i = 0; status == DN_OK && i < n && dn_onnx_worked(im->file.work, 4);
         i++)
        out->computed[i] = real(op, x[place(a, out, i)], y[place(b, out, i)]);
    dn_floats_release(&im->file.heap, x);
    dn_floats_release(&im->file.heap, y);
    return status;
}

static int of_one(onnx_import *im, onnx_constant *out, char op) {
    const onnx_constant *a = dn_onnx_constant_at(im, 0);
    float *x = NULL;
    if (!a || a->is_ints) return dn_onnx_cannot(im);
    out->rank = a->rank;
    memcpy(out->dims, a->dims, sizeof out->dims);
    const uint64_t n = dn_onnx_constant_size(a);
    int status = dn_onnx_constant_read(im, a, &x);
    if (status == DN_OK) status = room(im, out, n);
    for (uint64_t i = 0; status == DN_OK && i < n && dn_onnx_worked(im->file.work, 1);
         i++)
        out->computed[i] = op == 'q' ? sqrtf(x[i]) : op == 'N' ? -x[i] : 1.0f / x[i];
    dn_floats_release(&im->file.heap, x);
    return status;
}

static int compute(onnx_import *im, onnx_constant *out) {
    static const char *const two[] = {"Add", "Sub", "Mul", "Div"};
    static const struct {
        const char *op;
        char what;
    } one[] = {{"Sqrt", 'q'}, {"Neg", 'N'}, {"Reciprocal", 'R'}};
    const onnx_constant *a = dn_onnx_constant_at(im, 0), *b = dn_onnx_constant_at(im, 1);
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        if (dn_pb_is(im->node->op, two[i]))
            return a && b && a->is_ints && b->is_ints ? of_integers(im, out, two[i][0])
                                                      : of_two(im, out, two[i][0]);
    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
        if (dn_pb_is(im->node->op, one[i].op)) return of_one(im, out, one[i].what);
    return dn_onnx_cannot(im);
}

int dn_onnx_compute(onnx_import *im) {
    onnx_constant out;
    memset(&out, 0, sizeof out);
    out.name = im->node->outputs[0];
    const int status = compute(im, &out);
    if (status == DN_OK)
        dn_onnx_constant_add(im, &out);
    else
        dn_floats_release(&im->file.heap, out.computed);
    return status;
}
