/* fold_pattern.c - activations that exporters write out become one step: see fold.h.
 *
 *     u·σ(u)                              Swish (SiLU)
 *     u·tanh(log(1 + e^u))                Mish
 *     u·HardSigmoid(u; 1/6, 1/2)          HardSwish,
 *     u·Clip(u + 3; 0, 6) / 6             and written out
 *     Clip(u + 3; 0, 6) / 6               HardSigmoid(u; 1/6, 1/2)
 *     u·(1 + erf(u/√2)) / 2               Gelu, the ½ anywhere
 *     u·(1 + tanh(b·(u + a·u·u·u))) / 2   its form with tanh: also as u·σ(u·(a·u·u + b))
 *     u·σ(k·u)                            Swish of k·u, divided by k */
#include <math.h>
#include <string.h>
#include "../memory.h"
#include "fold.h"

static int near(double a, double b) { return fabs(a - b) <= 1e-5 * fabs(b); }

/* A SCALE of one gain and one shift: *gain and *shift. */
static int is_scale(const onnx_step *s, double *gain, double *shift) {
    if (s->kind != STEP_SCALE) return 0;
    const float *shifts = s->ends + ENDS_BIAS * s->each,
                *gains = s->ends + ENDS_GAIN * s->each;
    for (size_t k = 1; k < s->each; k++)
        if (gains[k] != gains[0] || shifts[k] != shifts[0]) return 0;
    *gain = s->divides ? 1 / (double)gains[0] : (double)gains[0];
    *shift = (double)shifts[0];
    return s->each > 0;
}

/* Whether step i, read by one alone, is an ACT of that name. */
static const onnx_step *act_at(const onnx_net *net, int i, const char *name) {
    const onnx_step *s = &net->steps[i];
    return s->kind == STEP_ACT && s->readers == 1 && strcmp(s->act, name) == 0 ? s : NULL;
}

static int is_sixth(dn_curve c) {
    return near((double)c.alpha, 1.0 / 6) && near((double)c.beta, 0.5);
}

/* Whether step i is Clip(u + 3; 0, 6): *u. */
static int is_clip(const onnx_net *net, int i, int *u) {
    const onnx_step *clip = act_at(net, i, "Clip");
    double gain, shift;
    if (!clip || clip->curve.alpha != 0 || clip->curve.beta != 6) return 0;
    const onnx_step *add = &net->steps[clip->input];
    if (add->readers != 1 || !is_scale(add, &gain, &shift)) return 0;
    *u = add->input;
    return gain == 1 && shift == 3;
}

/* Whether step i is factor·(1 + erf(u/√2)): *u, *factor. */
static int is_erf(const onnx_net *net, int i, int *u, double *factor) {
    const onnx_step *add = &net->steps[i];
    double gain, shift;
    if (add->readers != 1 || !is_scale(add, &gain, &shift) || gain != shift) return 0;
    *factor = gain;
    const onnx_step *erf = act_at(net, add->input, "Erf");
    if (!erf) return 0;
    const onnx_step *root = &net->steps[erf->input];
    if (root->readers != 1 || !is_scale(root, &gain, &shift) || shift != 0) return 0;
    *u = root->input;
    return near(gain, 0.70710678118654752);
}

/* Step i reads u, and is that function of it. */
static int becomes(onnx_net *net, int i, int u, const char *act, dn_curve curve) {
    onnx_step *s = &net->steps[i];
    dn_release(&net->heap, s->inputs);
    dn_floats_release(&net->heap, s->ends);
    s->inputs = NULL;
    s->ends = NULL;
    s->kind = STEP_ACT;
    s->n = 1;
    s->input = u;
    s->act = act;
    s->curve = curve;
    dn_onnx_drop_unread(net);
    return 1;
}

/* The step that reads i alone and multiplies by k: it goes. k = 1: none need be there. */
static int takes_factor(onnx_net *net, int i, double k) {
    double gain, shift;
    if (near(k, 1)) return 1;
    const int r = dn_onnx_only_reader(net, i);
    if (r < 0 || !is_scale(&net->steps[r], &gain, &shift)) return 0;
    if (shift != 0 || !near(gain, k)) return 0;
    dn_onnx_step_remove(net, r);
    return 1;
}

/* u times factor·(1 + erf(u/√2)), where u may be multiplied first. */
static int gelu(onnx_net *net, int i, int a, int b) {
    double factor, gain = 1, shift = 0;
    int u;
    if (!is_erf(net, b, &u, &factor)) return 0;
    if (a != u && !(is_scale(&net->steps[a], &gain, &shift) && shift == 0 &&
                    net->steps[a].input == u && net->steps[a].readers == 1))
        return 0;
    if (!takes_factor(net, i, 1 / (2 * factor * gain))) return 0;
    return becomes(net, i, u, "Gelu", (dn_curve){DN_GELU, 0, 0});
}

/* Whether step i, read by one alone, is u·u, or with u·(u·u) u's cube. */
static int is_power(const onnx_net *net, int i, int u, int cube) {
    const onnx_step *s = &net->steps[i];
    if (s->kind != STEP_MUL || s->act || s->n != 2) return 0;
    const int a = s->inputs[0], b = s->inputs[1];
    if (!cube) return a == u && b == u && s->readers == 1;
    if (s->readers != 1) return 0;
    return (a == u && is_power(net, b, u, 0)) || (b == u && is_power(net, a, u, 0));
}

/* Whether step i is √(2/π)·(u + 0.044715·u³). */
static int is_quick(const onnx_net *net, int i, int u) {
    const onnx_step *s = &net->steps[i];
    double gain, shift;
    if (s->readers != 1 || !is_scale(s, &gain, &shift)) return 0;
    if (shift != 0 || !near(gain, 0.79788456080286536)) return 0;
    const onnx_step *sum = &net->steps[s->input];
    if (sum->kind != STEP_ADD || sum->act || sum->n != 2 || sum->readers != 1) return 0;
    const int other = sum->inputs[0] == u ? sum->inputs[1] : sum->inputs[0];
    const onnx_step *kappa = &net->steps[other];
    if ((sum->inputs[0] != u && sum->inputs[1] != u) || kappa->readers != 1) return 0;
    return is_scale(kappa, &gain, &shift) && shift == 0 && near(gain, 0.044715) &&
           is_power(net, kappa->input, u, 1);
}

/* u times factor·(1 + tanh(…)). */
static int quick_gelu(onnx_net *net, int i, int u, int b) {
    const onnx_step *add = &net->steps[b], *f;
    double gain, shift;
    if (add->readers != 1 || !is_scale(add, &gain, &shift) || gain != shift) return 0;
    if (!(f = act_at(net, add->input, "Tanh")) || !is_quick(net, f->input, u)) return 0;
    if (!takes_factor(net, i, 1 / (2 * gain))) return 0;
    return becomes(net, i, u, "Gelu", (dn_curve){DN_QUICK_GELU, 0, 0});
}

/* Whether step i is u·(0.0713548·u² + 1.5957691), as we write it. */
static int is_quick_product(const onnx_net *net, int i, int u) {
    const onnx_step *s = &net->steps[i];
    double gain, shift;
    if (s->kind != STEP_MUL || s->act || s->n != 2 || s->readers != 1) return 0;
    const int other = s->inputs[0] == u ? s->inputs[1] : s->inputs[0];
    const onnx_step *add = &net->steps[other];
    if ((s->inputs[0] != u && s->inputs[1] != u) || add->readers != 1) return 0;
    return is_scale(add, &gain, &shift) && near(gain, 1.5957691216 * 0.044715) &&
           near(shift, 1.5957691216) && is_power(net, add->input, u, 0);
}

/* u·σ(k·u), k > 0: the scale k·u stays, its Sigmoid becomes a Swish, and their product a
 * scale of 1/k. */
static int slow_swish(onnx_net *net, int i, int u, int b) {
    onnx_step *s = &net->steps[i], *sigmoid = &net->steps[b];
    const onnx_step *scale = &net->steps[sigmoid->input];
    double gain, shift;
    if (scale->readers != 1 || scale->input != u || !is_scale(scale, &gain, &shift) ||
        shift != 0 || !(gain >= 1e-3 && gain <= 1e3))
        return 0;
    float *ends = dn_floats(&net->heap, 2 * (uint64_t)s->out.c);
    if (!ends) return 0;
    for (int k = 0; k < s->out.c; k++) ends[ENDS_GAIN * s->out.c + k] = (float)(1 / gain);
    sigmoid->act = "Swish";
    sigmoid->curve = (dn_curve){DN_SWISH, 0, 0};
    dn_release(&net->heap, s->inputs);
    s->inputs = NULL;
    s->kind = STEP_SCALE;
    s->n = 1;
    s->input = b;
    s->in = s->out;
    s->ends = ends;
    s->each = (size_t)s->out.c;
    dn_onnx_drop_unread(net);
    return 1;
}

/* u·f(u), where f is step b. */
static int product(onnx_net *net, int i, int a, int b) {
    const onnx_step *f;
    int u;
    if ((f = act_at(net, b, "Sigmoid")) && is_quick_product(net, f->input, a))
        return becomes(net, i, a, "Gelu", (dn_curve){DN_QUICK_GELU, 0, 0});
    if (f && f->input != a && slow_swish(net, i, a, b)) return 1;
    if ((f = act_at(net, b, "Sigmoid")) && f->input == a)
        return becomes(net, i, a, "Swish", (dn_curve){DN_SWISH, 0, 0});
    if ((f = act_at(net, b, "HardSigmoid")) && f->input == a && is_sixth(f->curve))
        return becomes(net, i, a, "HardSwish", (dn_curve){DN_HARD_SWISH, 0, 0});
    if ((f = act_at(net, b, "Tanh")) && (f = act_at(net, f->input, "Softplus")) &&
        f->input == a)
        return becomes(net, i, a, "Mish", (dn_curve){DN_MISH, 0, 0});
    if (is_clip(net, b, &u) && u == a && takes_factor(net, i, 1.0 / 6))
        return becomes(net, i, a, "HardSwish", (dn_curve){DN_HARD_SWISH, 0, 0});
    return gelu(net, i, a, b) || quick_gelu(net, i, a, b);
}

int dn_onnx_pattern(onnx_folding *f, int i) {
    onnx_net *net = f->net;
    onnx_step *s = &net->steps[i];
    double gain, shift;
    int u;
    if (s->kind == STEP_MUL) {
        const int a = s->inputs[0], b = s->inputs[1];
        return product(net, i, a, b) || product(net, i, b, a);
    }
    if (is_scale(s, &gain, &shift) && shift == 0 && near(gain, 1.0 / 6) &&
        is_clip(net, s->input, &u))
        return becomes(net, i, u, "HardSigmoid",
                       (dn_curve){DN_HARD_SIGMOID, 1.0f / 6.0f, 0.5f});
    return 0;
}
