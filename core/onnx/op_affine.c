/* op_affine.c - what is added to an ONNX graph's values, or multiplied with them: a
 * constant, batch normalisation, or another value. See import.h. */
#include <math.h>
#include "../memory.h"
#include "import.h"

/* --- with a constant ---------------------------------------------------------------- */

/* The list [2][each] of a SCALE, of what Add, Sub, Mul or Div do with numbers. */
static float *scale_of(const onnx_file *file, char op, int constant_first,
                       const float *numbers, size_t each) {
    float *ends = dn_onnx_zeros(file->work, &file->heap, 2 * (uint64_t)each);
    for (size_t k = 0; ends && k < each && dn_onnx_worked(file->work, 1); k++) {
        float *shift = &ends[ENDS_BIAS * each + k], *gain = &ends[ENDS_GAIN * each + k];
        *gain = op == 'S' && constant_first ? -1.0f : 1.0f;
        if (op == 'M' || op == 'D') *gain = numbers[k];
        if (op == 'A' || op == 'S')
            *shift = op == 'S' && !constant_first ? -numbers[k] : numbers[k];
    }
    return ends;
}

/* A constant of more dimensions gives the result as many. */
static int add_dimensions(onnx_import *im, onnx_value *v, const onnx_constant *c) {
    const int more = c->rank - v->view.rank;
    if (more <= 0) return DN_OK;
    const int batch = v->view.batch;
    onnx_view to = {.rank = c->rank};
    for (int i = 0; i < c->rank; i++) to.dims[i] = i < more ? 1 : v->view.dims[i - more];
    if (!dn_onnx_view_reshape(&v->view, to.rank, to.dims))
        return dn_onnx_fail(im, "has too many dimensions");
    v->view.batch = batch < 0 ? -1 : batch + more;
    return DN_OK;
}

static int with_constant(onnx_import *im, char op, onnx_value v, int constant) {
    const onnx_constant *c = dn_onnx_constant_at(im, constant);
    const int64_t axis = dn_onnx_int(im->node, "axis", -1); /* before operator set 7 */
    float *numbers, *ends;
    size_t each;
    onnx_step *s;
    if (op == 'D' && constant == 0)
        return dn_onnx_fail(im, "divides a constant by a value; expected a value first");
    int status = add_dimensions(im, &v, c);
    if (status != DN_OK || dn_onnx_unknown(im, &v))
        return status == DN_OK ? dn_onnx_give(im, 0, &v) : status;
    if (axis < -1 || axis >= v.view.rank)
        return dn_onnx_fail(im, "axis is %lld", (long long)axis);
    status = dn_onnx_spread(im, constant, &v, (int)axis, &numbers, &each);
    if (status != DN_OK) return status;
    for (size_t k = 0; k < each && op == 'D' && status == DN_OK; k++)
        if (dn_onnx_worked(im->file.work, 1) && numbers[k] == 0)
            status = dn_onnx_fail(im, "divides by 0");
    if (status == DN_OK &&
        !(ends = scale_of(&im->file, op, constant == 0, numbers, each)))
        status = DN_NOMEM;
    if (status == DN_OK) status = dn_onnx_scale(im, v.step, ends, each);
    dn_floats_release(&im->file.heap, numbers);
    if (status != DN_OK) return status;
    s = &im->net.steps[im->net.n - 1];
    s->divides = op == 'D';
    v.step = im->net.n - 1;
    return dn_onnx_give(im, 0, &v);
}

int dn_onnx_op_neg(onnx_import *im) {
    onnx_value v = *dn_onnx_first(im);
    if (dn_onnx_unknown(im, &v)) return dn_onnx_give(im, 0, &v);
    const int status = dn_onnx_scale_by(im, v.step, -1, 0);
    v.step = im->net.n - 1;
    return status == DN_OK ? dn_onnx_give(im, 0, &v) : status;
}

/* --- two values --------------------------------------------------------------------- */

static int same_shape(dn_shape a, dn_shape b) {
    return a.h == b.h && a.w == b.w && a.c == b.c;
}

/* All numbers of a value as a vector in its own order: *step gives it. */
static int as_vector(onnx_import *im, const onnx_value *v, int *step) {
    const dn_shape s = im->net.steps[v->step].out;
    onnx_step *out;
    *step = v->step;
    if (!dn_onnx_view_plain(&v->view))
        return dn_onnx_fail(im, "reads values that lie in different orders");
    if (s.h == 1 && s.w == 1) return DN_OK;
    const int status = dn_onnx_step(im, STEP_SHAPE, v->step, &out);
    if (status != DN_OK) return status;
    out->out = (dn_shape){1, 1, s.c * s.h * s.w};
    *step = im->net.n - 1;
    return DN_OK;
}

/* A map that stands for all channels of the other value becomes as many. */
static int widen(onnx_import *im, onnx_value *one, const onnx_value *other) {
    const int layout = dn_onnx_layout(im, one);
    const dn_shape s = im->net.steps[one->step].out, t = im->net.steps[other->step].out;
    onnx_step *more;
    if (s.c != 1 || t.c == 1 || s.h != t.h || s.w != t.w || s.h * s.w == 1 ||
        dn_onnx_layout(im, other) != layout || !layout)
        return DN_OK;
    const int status = dn_onnx_linear(im, STEP_CONV, one->step, t.c, 1, &more);
    if (status != DN_OK) return status;
    for (int c = 0; c < t.c; c++) more->w[c] = 1;
    more->group = 1;
    more->window = (onnx_window){1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    more->out = t;
    one->step = im->net.n - 1;
    one->view = other->view;
    return DN_OK;
}

static int is_one(dn_shape s) { return s.h == 1 && s.w == 1 && s.c == 1; }

/* Two values of the same maps, or the second of one number a channel: 1 if they are.
 * They may come the other way round; then they change places. Numbers of channels that
 * lie along another dimension than the other's channels are none: [N, C, H, W] and
 * [N, 1, 1, C]. */
static int are_maps(const onnx_import *im, onnx_value *a, onnx_value *b) {
    const int layout = dn_onnx_layout(im, a);
    const dn_shape s = im->net.steps[a->step].out, t = im->net.steps[b->step].out;
    if (!layout || s.c != t.c) return 0;
    const int other = dn_onnx_layout(im, b);
    if (!other || (other != layout && !is_one(s) && !is_one(t))) return 0;
    if (same_shape(s, t) || (t.h == 1 && t.w == 1)) return 1;
    if (s.h != 1 || s.w != 1) return 0;
    const onnx_value first = *a;
    *a = *b;
    *b = first;
    return 1;
}

/* *out becomes what comes of two values. */
static int two_values(onnx_import *im, char op, onnx_value a, onnx_value b,
                      onnx_value *out) {
    int status = DN_OK;
    onnx_step *s;
    if (op == 'D')
        return dn_onnx_fail(im, "divides one value by another; expected a constant");
    *out = dn_onnx_unknown(im, &a) ? b : a;
    if (dn_onnx_unknown(im, &a) || dn_onnx_unknown(im, &b)) return DN_OK;
    if ((status = widen(im, &a, &b)) == DN_OK) status = widen(im, &b, &a);
    if (status != DN_OK) return status;
    const int first_step = a.step;
    int steps[2] = {a.step, b.step};
    if (are_maps(im, &a, &b)) {
        steps[0] = a.step;
        steps[1] = b.step;
    } else {
        if (a.view.rank != b.view.rank ||
            memcmp(a.view.dims, b.view.dims, (size_t)a.view.rank * sizeof(int64_t)) != 0)
            return dn_onnx_fail(im, "takes two values of different shapes");
        status = as_vector(im, &a, &steps[0]);
        if (status == DN_OK) status = as_vector(im, &b, &steps[1]);
        if (status != DN_OK) return status;
    }
    if (op == 'S') { /* a − b is a + (−1)·b; they may have changed places */
        const int taken = a.step == first_step;
        status = dn_onnx_scale_by(im, steps[taken], -1, 0);
        steps[taken] = im->net.n - 1;
    }
    if (status == DN_OK)
        status = dn_onnx_step(im, op == 'M' ? STEP_MUL : STEP_ADD, steps[0], &s);
    if (status == DN_OK) status = dn_onnx_step_inputs(&im->net, s, steps, 2);
    a.step = im->net.n - 1;
    *out = a;
    return status;
}

static int give_two(onnx_import *im, char op, onnx_value a, onnx_value b) {
    onnx_value out;
    const int status = two_values(im, op, a, b, &out);
    return status == DN_OK ? dn_onnx_give(im, 0, &out) : status;
}

int dn_onnx_op_arithmetic(onnx_import *im) {
    const char op = (char)im->node->op.p[0]; /* Add, Sub, Mul, Div */
    const onnx_value *a = dn_onnx_value_at(im, 0), *b = dn_onnx_value_at(im, 1);
    if (im->node->n_inputs > 2)
        return dn_onnx_fail(im, "has %d inputs; expected two", im->node->n_inputs);
    if (a && b) return give_two(im, op, *a, *b);
    if (!dn_onnx_constant_at(im, a ? 1 : 0))
        return dn_onnx_fail(im, "has one input; expected two");
    return with_constant(im, op, a ? *a : *b, a ? 1 : 0);
}

/* Pow: x², x·x² are products; x¹ is x. */
int dn_onnx_op_pow(onnx_import *im) {
    const onnx_value v = *dn_onnx_first(im);
    double exponent = 0;
    if (dn_onnx_value_at(im, 1))
        return dn_onnx_fail(im, "its exponent is no constant; expected 1, 2 or 3");
    int status = dn_onnx_one_number(im, 1, &exponent);
    if (status != DN_OK) return status;
    if (exponent != 1 && exponent != 2 && exponent != 3)
        return dn_onnx_fail(im, "exponent is %g; expected 1, 2 or 3", exponent);
    if (exponent == 1 || dn_onnx_unknown(im, &v)) return dn_onnx_give(im, 0, &v);
    onnx_value square, cube;
    status = two_values(im, 'M', v, v, &square);
    if (status == DN_OK && exponent == 3) {
        status = two_values(im, 'M', v, square, &cube);
        square = cube;
    }
    return status == DN_OK ? dn_onnx_give(im, 0, &square) : status;
}

/* Sum, of any number of values: two by two. */
int dn_onnx_op_sum(onnx_import *im) {
    const onnx_value *v = dn_onnx_value_at(im, 0);
    onnx_value sum = {0};
    int status = DN_OK;
    for (int i = 0; i < im->node->n_inputs && status == DN_OK; i++) {
        const onnx_value so_far = sum;
        if (!(v = dn_onnx_value_at(im, i)))
            return dn_onnx_fail(im, "input %d is a constant; expected what a layer gives",
                                i + 1);
        if (i == 0)
            sum = *v;
        else
            status = two_values(im, 'A', so_far, *v, &sum);
    }
    return status == DN_OK ? dn_onnx_give(im, 0, &sum) : status;
}

/* The largest number that was added to what a step gives, or multiplied with it, since
 * the layers before it. */
static double largest_said(const onnx_import *im, int step, int depth) {
    const onnx_step *s = &im->net.steps[step];
    const int weighs = s->kind == STEP_CONV || s->kind == STEP_DENSE;
    const int scales = s->kind == STEP_SCALE || s->kind == STEP_NORM;
    double most = 0;
    const size_t n = weighs ? s->each : scales ? 2 * s->each : 0;
    for (size_t k = 0; k < n && dn_onnx_worked(im->file.work, 1); k++)
        most = fmax(most, fabs((double)s->ends[k])); /* the bias, then the gain */
    for (int i = 0; i < s->n && i < 2 && depth && !weighs && s->kind != STEP_IMAGE; i++)
        most = fmax(most, largest_said(im, dn_onnx_step_input(s, i), depth - 1));
    return most;
}

/* max(a, b) is b + max(0, a − b), min(a, b) is b − max(0, b − a). Of a mask of −1e9 the
 * difference is all that is left: it is a, whichever comes first. */
static int extreme_of_two(onnx_import *im, int is_max, onnx_value a, onnx_value b) {
    onnx_value apart, out;
    onnx_step *s;
    if (dn_onnx_unknown(im, &a) || dn_onnx_unknown(im, &b))
        return dn_onnx_fail(im, "is of the image; expected what a layer gives");
    if (largest_said(im, b.step, 6) > largest_said(im, a.step, 6)) {
        const onnx_value first = a;
        a = b;
        b = first;
    }
    int status = two_values(im, 'S', is_max ? a : b, is_max ? b : a, &apart);
    if (status == DN_OK) status = dn_onnx_step(im, STEP_ACT, apart.step, &s);
    if (status != DN_OK) return status;
    s->act = "Relu";
    s->curve = (dn_curve){DN_RELU, 0, 0};
    apart.step = im->net.n - 1;
    status = two_values(im, is_max ? 'A' : 'S', b, apart, &out);
    return status == DN_OK ? dn_onnx_give(im, 0, &out) : status;
}

/* Max and Min, of a value and a number, which is a Clip, or of two values. */
int dn_onnx_op_extreme(onnx_import *im) {
    const int is_max = im->node->op.p[1] == 'a';
    const onnx_value *a = dn_onnx_value_at(im, 0), *b = dn_onnx_value_at(im, 1);
    double number;
    if (im->node->n_inputs == 1 && a) return dn_onnx_give(im, 0, a);
    if (im->node->n_inputs != 2)
        return dn_onnx_fail(im, "has %d inputs; expected two", im->node->n_inputs);
    if (a && b) return extreme_of_two(im, is_max, *a, *b);
    const int status = dn_onnx_one_number(im, a ? 1 : 0, &number);
    if (status != DN_OK) return status;
    return dn_onnx_clip(im, a ? a : b, is_max ? number : -HUGE_VAL,
                        is_max ? HUGE_VAL : number);
}

/* --- batch normalisation ------------------------------------------------------------ */

/* One list of a batch normalisation among the four, of as many numbers as there are: what
 * is one a channel is laid along the maps if the others need it. */
static void put_list(float *ends, size_t at, size_t each, const float *list, size_t n,
                     onnx_work *work) {
    for (size_t k = 0; k < each && dn_onnx_worked(work, 1); k++)
        ends[at * each + k] = list[n == each ? k : k / (each / n)];
}

static int check_variance(onnx_import *im, const float *variance, size_t each,
                          double epsilon) {
    for (size_t k = 0; k < each && dn_onnx_worked(im->file.work, 1); k++)
        if (!((double)variance[k] + epsilon > 0) || variance[k] < 0)
            return dn_onnx_fail(im, "variance %zu is %g; expected a number above 0", k,
                                (double)variance[k]);
    return DN_OK;
}

/* The four lists, [4][*each]: a new list. */
static int read_norm(onnx_import *im, const onnx_value *v, float **out, size_t *each) {
    static const int inputs[ENDS] = {2, 1, 3, 4}; /* bias, scale, mean, variance */
    float *lists[ENDS] = {NULL};
    size_t n[ENDS] = {0};
    int status = DN_OK;
    *out = NULL;
    *each = 0;
    for (int i = 0; i < ENDS && status == DN_OK; i++) {
        status = dn_onnx_spread(im, inputs[i], v, v->view.rank > 1, &lists[i], &n[i]);
        if (n[i] > *each) *each = n[i];
    }
    if (status == DN_OK &&
        !(*out = dn_onnx_zeros(im->file.work, &im->file.heap, ENDS * (uint64_t)*each)))
        status = DN_NOMEM;
    for (size_t i = 0; i < ENDS && status == DN_OK; i++)
        put_list(*out, i, *each, lists[i], n[i], im->file.work);
    for (int i = 0; i < ENDS; i++) dn_floats_release(&im->file.heap, lists[i]);
    return status;
}

int dn_onnx_op_norm(onnx_import *im) {
    const double epsilon = dn_onnx_real(im->node, "epsilon", 1e-5);
    onnx_value v = *dn_onnx_first(im);
    float *ends;
    size_t each;
    int step;
    if (dn_onnx_int(im->node, "training_mode", 0))
        return dn_onnx_fail(im, "training_mode is 1; expected 0: export it after "
                                "model.eval()");
    if (!(epsilon >= 0 && epsilon <= 1))
        return dn_onnx_fail(im, "epsilon is %g; expected 0..1", epsilon);
    if (dn_onnx_unknown(im, &v))
        return v.view.rank == 4 ? dn_onnx_need_maps(im, &v, &step)
                                : dn_onnx_give(im, 0, &v);
    int status = read_norm(im, &v, &ends, &each);
    if (status != DN_OK) return status;
    status = check_variance(im, ends + ENDS_VARIANCE * each, each, epsilon);
    if (status != DN_OK) {
        dn_floats_release(&im->file.heap, ends);
        return status;
    }
    if ((status = dn_onnx_norm(im, v.step, ends, each)) != DN_OK) return status;
    v.step = im->net.n - 1;
    im->net.steps[v.step].epsilon = epsilon;
    return dn_onnx_give(im, 0, &v);
}
