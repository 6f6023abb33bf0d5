/* op_dense.c - fully connected layers of an ONNX graph, and what stands between and after
 * them: activations, Dropout, Softmax. See import.h. */
#include <math.h>
#include "../bytes.h"
#include "../memory.h"
#include "import.h"

/* --- fully connected ---------------------------------------------------------------- */

/* y = x·W; across: W's rows are outputs. The inputs of step->w are in the order in which
 * the step before gives them. */
static int add_dense(onnx_import *im, int across, double alpha, onnx_step **out) {
    const onnx_constant *c = dn_onnx_constant_at(im, 1);
    const onnx_value *v = dn_onnx_value_at(im, 0);
    if (!v || !c)
        return dn_onnx_fail(im, v ? "its weights are no constant of 2 dimensions"
                                  : "multiplies a constant with a value; expected the "
                                    "value first");
    if (c->is_ints || c->rank != 2)
        return dn_onnx_fail(im, "its weights are no constant of 2 dimensions");
    int status = dn_onnx_need_flat(im, v);
    if (status != DN_OK) return status;
    const int64_t n = c->dims[across ? 0 : 1], reads = c->dims[across ? 1 : 0];
    if (reads != dn_onnx_view_size(&v->view))
        return dn_onnx_fail(im, "its weights are for %lld inputs; it reads %lld",
                            (long long)reads, (long long)dn_onnx_view_size(&v->view));
    status = dn_onnx_linear(im, STEP_DENSE, v->step, n, (uint64_t)reads, out);
    if (status != DN_OK) return status;
    const onnx_step *s = *out;
    float *numbers;
    if ((status = dn_onnx_constant_read(im, c, &numbers)) != DN_OK) return status;
    onnx_places p = dn_onnx_places(&v->view);
    for (size_t j = 0; j < s->reads && dn_onnx_worked(im->file.work, (uint64_t)n); j++) {
        for (size_t o = 0; o < (size_t)n; o++) {
            const float w = numbers[across ? o * s->reads + j : j * (size_t)n + o];
            s->w[(size_t)p.at * (size_t)n + o] = alpha == 1 ? w
                                                            : (float)((double)w * alpha);
        }
        dn_onnx_next(&p);
    }
    dn_floats_release(&im->file.heap, numbers);
    return DN_OK;
}

/* What it gives has the dimensions of what it reads, but for the last. */
static int give_dense(onnx_import *im, const onnx_view *read, int64_t n) {
    int64_t dims[ONNX_MAX_RANK] = {0};
    for (int i = 0; i < read->rank; i++) dims[i] = i == read->rank - 1 ? n : 1;
    return dn_onnx_give(
        im, 0,
        &(onnx_value){.step = im->net.n - 1,
                      .view = dn_onnx_view_of(read->rank, dims, read->batch)});
}

/* --- rows of channels --------------------------------------------------------------- */

/* Whether v is [H, W, C] of what its step gives, whatever dimensions H and W are now:
 * then weights for its last dimension are a convolution of 1×1. */
static int is_rows(const onnx_import *im, const onnx_value *v) {
    const dn_shape s = im->net.steps[v->step].out;
    const int rank = v->view.rank;
    if (dn_onnx_unknown(im, v) || rank < 2 || s.h * s.w == 1) return 0;
    onnx_view rows = dn_onnx_view_of(3, (int64_t[]){s.c, s.h, s.w}, -1);
    dn_onnx_view_turn(&rows, (int64_t[]){1, 2, 0});
    return v->view.dims[rank - 1] == s.c && dn_onnx_view_alike(&rows, &v->view);
}

static int conv_of_rows(onnx_import *im, int across, double alpha, onnx_step **out) {
    const onnx_constant *c = dn_onnx_constant_at(im, 1);
    const onnx_value *v = dn_onnx_value_at(im, 0);
    const dn_shape in = im->net.steps[v->step].out;
    if (!c || c->is_ints || c->rank != 2 || c->dims[across ? 1 : 0] != in.c)
        return dn_onnx_fail(im,
                            "its weights are no constant of 2 dimensions, for %d "
                            "channels",
                            in.c);
    const size_t n = (size_t)c->dims[across ? 0 : 1], reads = (size_t)in.c;
    int status = dn_onnx_linear(im, STEP_CONV, v->step, (int64_t)n, reads, out);
    float *numbers;
    if (status != DN_OK) return status;
    if ((status = dn_onnx_constant_read(im, c, &numbers)) != DN_OK) return status;
    onnx_step *s = *out;
    for (size_t o = 0; o < n; o++)
        for (size_t i = 0; i < reads; i++)
            s->w[o * reads + i] =
                (float)((double)numbers[across ? o * reads + i : i * n + o] * alpha);
    dn_floats_release(&im->file.heap, numbers);
    s->group = 1;
    s->window = (onnx_window){1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    return dn_onnx_gives(im, s, in.h, in.w, s->out.c);
}

/* The rows lie as those lay that it read. */
static int give_rows(onnx_import *im, const onnx_view *read) {
    const dn_shape s = im->net.steps[im->net.n - 1].out;
    onnx_value v = {.step = im->net.n - 1};
    int64_t dims[ONNX_MAX_RANK];
    memcpy(dims, read->dims, sizeof dims);
    dims[read->rank - 1] = s.c;
    v.view = dn_onnx_view_of(3, (int64_t[]){s.c, s.h, s.w}, -1);
    dn_onnx_view_turn(&v.view, (int64_t[]){1, 2, 0});
    dn_onnx_view_reshape(&v.view, read->rank, dims);
    v.view.batch = read->batch;
    return dn_onnx_give(im, 0, &v);
}

/* --- MatMul and Gemm ---------------------------------------------------------------- */

int dn_onnx_op_gemm(onnx_import *im) {
    const double alpha = dn_onnx_real(im->node, "alpha", 1),
                 beta = dn_onnx_real(im->node, "beta", 1);
    const onnx_value *v = dn_onnx_value_at(im, 0);
    onnx_step *s = NULL;
    float *bias;
    if (dn_onnx_int(im->node, "transA", 0))
        return dn_onnx_fail(im, "transA is 1; expected 0");
    if (!(fabs(alpha) <= 1e6 && fabs(beta) <= 1e6))
        return dn_onnx_fail(im, "alpha or beta is out of range");
    const int across = dn_onnx_int(im->node, "transB", 0) != 0,
              rows = v && is_rows(im, v);
    int status = rows ? conv_of_rows(im, across, alpha, &s)
                      : add_dense(im, across, alpha, &s);
    if (status != DN_OK) return status;
    if (dn_onnx_input(im->node, 2).size) {
        if ((status = dn_onnx_vector(im, 2, s->out.c, &bias)) != DN_OK) return status;
        for (int o = 0; o < s->out.c; o++)
            s->ends[o] = beta == 1 ? bias[o] : (float)((double)bias[o] * beta);
        dn_floats_release(&im->file.heap, bias);
    }
    return rows ? give_rows(im, &v->view) : give_dense(im, &v->view, s->out.c);
}

int dn_onnx_op_matmul(onnx_import *im) {
    const onnx_value *v = dn_onnx_value_at(im, 0);
    onnx_step *s = NULL;
    if (v && dn_onnx_value_at(im, 1))
        return dn_onnx_fail(im, "multiplies two values, as attention does; expected "
                                "weights that are a constant");
    const int rows = v && is_rows(im, v);
    const int status = rows ? conv_of_rows(im, 0, 1, &s) : add_dense(im, 0, 1, &s);
    if (status == DN_OK && rows) return give_rows(im, &v->view);
    return status == DN_OK ? give_dense(im, &v->view, s->out.c) : status;
}

/* --- number by number --------------------------------------------------------------- */

/* outer·f(inner·x). */
static int scaled(onnx_import *im, const onnx_value *of, const char *act, dn_curve curve,
                  double inner, double outer) {
    onnx_value v = *of;
    onnx_step *s;
    int status = DN_OK;
    if (dn_onnx_unknown(im, &v)) return dn_onnx_give(im, 0, &v);
    if (inner != 1) {
        status = dn_onnx_scale_by(im, v.step, inner, 0);
        v.step = im->net.n - 1;
    }
    if (status == DN_OK) status = dn_onnx_step(im, STEP_ACT, v.step, &s);
    if (status != DN_OK) return status;
    s->act = act;
    s->curve = curve;
    if (outer != 1) status = dn_onnx_scale_by(im, im->net.n - 1, outer, 0);
    v.step = im->net.n - 1;
    return status == DN_OK ? dn_onnx_give(im, 0, &v) : status;
}

static int activation(onnx_import *im, const onnx_value *of, const char *act,
                      dn_curve curve) {
    return scaled(im, of, act, curve, 1, 1);
}

/* Operators of one number each: which of our curves they are, by its numbers where the
 * node does not say. DN_LINEAR: none, by itself. */
static const struct act {
    const char *op;
    dn_curve curve;
} acts[] = {
    {"Relu", {DN_RELU, 0, 0}},
    {"LeakyRelu", {DN_LEAKY, 0.01f, 0}},
    {"Sigmoid", {DN_SIGMOID, 0, 0}},
    {"Tanh", {DN_TANH, 0, 0}},
    {"Elu", {DN_ELU, 1, 1}},
    {"Selu", {DN_ELU, 1.67326319217681884765625f, 1.05070102214813232421875f}},
    {"Celu", {DN_ELU, 1, 1}},
    {"HardSigmoid", {DN_HARD_SIGMOID, 0.2f, 0.5f}},
    {"HardSwish", {DN_HARD_SWISH, 0, 0}},
    {"Swish", {DN_SWISH, 1, 0}},
    {"Mish", {DN_MISH, 0, 0}},
    {"Gelu", {DN_GELU, 0, 0}},
    {"Softplus", {DN_SOFTPLUS, 0, 0}},
    {"Softsign", {DN_SOFTSIGN, 0, 0}},
    {"ThresholdedRelu", {DN_THRESHOLD, 1, 0}},
    {"Erf", {DN_LINEAR, 0, 0}},
    {"Exp", {DN_LINEAR, 0, 0}},
    {"Abs", {DN_LEAKY, -1, 0}},
    {"Sqrt", {DN_LINEAR, 0, 0}},
    {"Tan", {DN_LINEAR, 0, 0}},
    {"Sin", {DN_LINEAR, 0, 0}},
    {"Cos", {DN_LINEAR, 0, 0}},
    {"Reciprocal", {DN_LINEAR, 0, 0}},
};

int dn_onnx_op_activation(onnx_import *im) {
    const onnx_attribute *gamma = dn_onnx_attribute(im->node, "gamma", TYPE_F);
    const onnx_attribute *how = dn_onnx_attribute(im->node, "approximate", TYPE_S);
    const struct act *act = acts;
    while (!dn_pb_is(im->node->op, act->op)) act++;
    dn_curve curve = act->curve;
    const double alpha = dn_onnx_real(im->node, "alpha", (double)curve.alpha);
    const double beta = gamma ? gamma->f
                              : dn_onnx_real(im->node, "beta", (double)curve.beta);
    if (!(fabs(alpha) <= 1e6 && fabs(beta) <= 1e6))
        return dn_onnx_fail(im, "alpha is %g and beta or gamma %g; expected -1e6..1e6",
                            alpha, beta);
    const int celu = dn_pb_is(im->node->op, "Celu"),
              swish = dn_pb_is(im->node->op, "Swish");
    const int by_tanh = how && dn_pb_is(how->s, "tanh");
    if ((celu || swish) && !(alpha >= 1e-3 && alpha <= 1e3))
        return dn_onnx_fail(im, "alpha is %g; expected 0.001..1000", alpha);
    if (celu) /* a·ELU(x/a) */
        return scaled(im, dn_onnx_first(im), act->op, (dn_curve){DN_ELU, 1, (float)alpha},
                      1 / alpha, 1);
    if (swish) /* x·σ(a·x) is 1/a of u·σ(u) */
        return scaled(im, dn_onnx_first(im), act->op, act->curve, alpha, 1 / alpha);
    if (how && !by_tanh && !dn_pb_is(how->s, "none"))
        return dn_onnx_fail(im, "approximate is '%s'; expected none or tanh",
                            dn_onnx_text(how->s).text);
    curve.alpha = (float)alpha;
    curve.beta = (float)beta;
    if (by_tanh) curve = (dn_curve){DN_QUICK_GELU, 0, 0};
    return activation(im, dn_onnx_first(im), act->op, curve);
}

/* A bound of a Clip: an attribute, since operator set 11 an input; or none. */
static int bound(onnx_import *im, int i, const char *name, double *out) {
    *out = dn_onnx_real(im->node, name, *out);
    return dn_onnx_input(im->node, i).size ? dn_onnx_one_number(im, i, out) : DN_OK;
}

int dn_onnx_clip(onnx_import *im, const onnx_value *v, double least, double most) {
    if (!(least < most))
        return dn_onnx_fail(im, "clips to %g..%g; expected a range", least, most);
    if (least == 0 && most >= 3e38)
        return activation(im, v, "Relu", (dn_curve){DN_RELU, 0, 0});
    const dn_curve clip = {DN_CLIP, (float)(least < -3e38 ? -3e38 : least),
                           (float)(most > 3e38 ? 3e38 : most)};
    return activation(im, v, "Clip", clip);
}

int dn_onnx_op_clip(onnx_import *im) {
    double least = -HUGE_VAL, most = HUGE_VAL;
    int status = bound(im, 1, "min", &least);
    if (status == DN_OK) status = bound(im, 2, "max", &most);
    return status == DN_OK ? dn_onnx_clip(im, dn_onnx_first(im), least, most) : status;
}

/* PRelu: a slope for each channel below 0. */
int dn_onnx_op_prelu(onnx_import *im) {
    onnx_value v = *dn_onnx_first(im);
    onnx_step *s;
    float *slopes;
    size_t each;
    if (dn_onnx_unknown(im, &v)) return dn_onnx_give(im, 0, &v);
    const onnx_constant *c = dn_onnx_constant_at(im, 1);
    if (c && c->rank > v.view.rank)
        return dn_onnx_fail(im, "its slopes have %d dimensions; what it reads has %d",
                            c->rank, v.view.rank);
    int status = dn_onnx_spread(im, 1, &v, -1, &slopes, &each);
    if (status != DN_OK) return status;
    if ((status = dn_onnx_step(im, STEP_ACT, v.step, &s)) != DN_OK) {
        dn_floats_release(&im->file.heap, slopes);
        return status;
    }
    s->act = "PRelu";
    s->ends = slopes;
    s->each = each;
    size_t k = 1;
    while (k < each && slopes[k] == slopes[0]) k++;
    if (k == each) s->curve = (dn_curve){DN_LEAKY, slopes[0], 0};
    v.step = im->net.n - 1;
    return dn_onnx_give(im, 0, &v);
}

/* At prediction it does nothing; a network that is trained further has it again. */
int dn_onnx_op_dropout(onnx_import *im) {
    const onnx_constant *c = dn_onnx_constant_at(im, 1);
    const onnx_attribute *a = dn_onnx_attribute(im->node, "ratio", TYPE_F);
    double ratio = a ? a->f : 0.5;
    onnx_value v = *dn_onnx_first(im);
    onnx_step *s;
    if (c && (c->is_ints || dn_onnx_constant_size(c) != 1))
        return dn_onnx_fail(im, "its ratio is not one float");
    if (c) {
        const int status = dn_onnx_one_number(im, 1, &ratio);
        if (status != DN_OK) return status;
    }
    const onnx_constant *mode = dn_onnx_constant_at(im, 2);
    if (dn_onnx_input(im->node, 2).size &&
        !(mode && mode->is_ints && mode->n_ints == 1 && mode->ints[0] == 0))
        return dn_onnx_fail(im, "its training_mode is not false: export it "
                                "after model.eval()");
    if (!(ratio >= 0 && ratio < 1))
        return dn_onnx_fail(im, "the ratio is %g; expected 0..1", ratio);
    if (dn_onnx_unknown(im, &v)) return dn_onnx_give(im, 0, &v);
    const int status = dn_onnx_step(im, STEP_DROPOUT, v.step, &s);
    if (status != DN_OK) return status;
    s->drop = (float)ratio;
    v.step = im->net.n - 1;
    return dn_onnx_give(im, 0, &v);
}

/* --- the end ------------------------------------------------------------------------ */

/* The end of a network, of which v are the classes. */
static int end(onnx_import *im, onnx_value v, const char *act) {
    onnx_step *s;
    const int status = dn_onnx_step(im, STEP_SOFTMAX, v.step, &s);
    if (status != DN_OK) return status;
    s->act = act;
    v.step = im->net.n - 1;
    return dn_onnx_give(im, 0, &v);
}

int dn_onnx_largest(onnx_import *im, const onnx_value *v) {
    return end(im, *v, "ArgMax");
}

/* Softmax, LogSoftmax, ArgMax and TopK over the classes: nothing but the end of a
 * network, and the order of the classes is that of what they read. */
int dn_onnx_op_softmax(onnx_import *im) {
    const int is_arg = im->node->op.p[0] == 'A', is_top = im->node->op.p[0] == 'T';
    const int old = im->file.opset < 13 && !is_arg && !is_top; /* all from axis on */
    const int64_t axis = dn_onnx_int(im->node, "axis", is_arg ? 0 : old ? 1 : -1);
    const onnx_value v = *dn_onnx_first(im);
    const int64_t at = axis < 0 ? axis + v.view.rank : axis;
    const int in = at >= 0 && at < v.view.rank;
    int64_t over = 1;
    for (int i = in ? (int)at : v.view.rank; i < v.view.rank; i++)
        over *= i == at || old ? v.view.dims[i] : 1;
    if (dn_onnx_unknown(im, &v)) return dn_onnx_fail(im, "comes before any layer");
    if (!in || over != dn_onnx_view_size(&v.view) || v.view.batch == at)
        return dn_onnx_fail(im, "axis is %lld; expected that of the classes",
                            (long long)axis);
    if (is_top && !dn_onnx_int(im->node, "largest", 1))
        return dn_onnx_fail(im, "largest is 0; expected 1");
    return end(im, v, is_arg || is_top ? "ArgMax" : NULL);
}

/* The logarithm of a Softmax, which many write themselves. */
int dn_onnx_op_log(onnx_import *im) {
    const onnx_value *v = dn_onnx_first(im);
    if (!dn_onnx_unknown(im, v) && im->net.steps[v->step].kind == STEP_SOFTMAX)
        return dn_onnx_give(im, 0, v);
    return dn_onnx_fail(im, "does not follow a Softmax; expected it only there");
}
