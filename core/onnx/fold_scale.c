/* fold_scale.c - what is added to a network's values, or multiplied with them, becomes
 * part of a layer: see fold.h. */
#include <math.h>
#include "../error.h"
#include "../memory.h"
#include "fold.h"

#define MAX_STD 1e6 /* as model bytes have it */

/* A mean or a deviation of pixels of 0..255 is more; of pixels of 0..1 both are less. */
#define LEAST_OF_BYTES 30

/* --- lists -------------------------------------------------------------------------- */

static float *list_of(const onnx_step *s, int which) {
    return s->ends + (size_t)which * s->each;
}

void dn_onnx_plain_scale(onnx_step *s) {
    float *shift = list_of(s, ENDS_BIAS), *gain = list_of(s, ENDS_GAIN);
    for (size_t k = 0; k < s->each && s->kind == STEP_NORM; k++) {
        const double a = (double)gain[k] /
                         sqrt((double)list_of(s, ENDS_VARIANCE)[k] + s->epsilon);
        shift[k] = (float)((double)shift[k] - (double)list_of(s, ENDS_MEAN)[k] * a);
        gain[k] = (float)a;
    }
    for (size_t k = 0; k < s->each && s->divides; k++) gain[k] = 1.0f / gain[k];
    if (s->kind == STEP_NORM) s->kind = STEP_SCALE;
    s->divides = 0;
}

static int is_scale(const onnx_step *s) {
    return s->kind == STEP_SCALE || s->kind == STEP_NORM;
}

static int is_per_channel(const onnx_step *s) { return s->each == (size_t)s->in.c; }

static int keeps_order(const onnx_step *s) {
    for (size_t k = 0; k < s->each; k++)
        if (list_of(s, ENDS_GAIN)[k] < 0) return 0;
    return 1;
}

static int only_scales(const onnx_step *s) {
    for (size_t k = 0; k < s->each; k++)
        if (list_of(s, ENDS_BIAS)[k] != 0) return 0;
    return 1;
}

/* --- the image ---------------------------------------------------------------------- */

/* Pixels so far: (x − mean) / std, a channel each. */
typedef struct pixels {
    double *mean, *std; /* [c] */
    int c;
} pixels;

static void image_step(pixels *p, const onnx_step *s) {
    for (int c = 0; c < p->c; c++) {
        const size_t k = (size_t)c;
        const double gain = (double)list_of(s, ENDS_GAIN)[k],
                     shift = (double)list_of(s, ENDS_BIAS)[k];
        if (s->kind == STEP_NORM) {
            const double root = sqrt((double)list_of(s, ENDS_VARIANCE)[k] + s->epsilon);
            p->mean[c] += (double)list_of(s, ENDS_MEAN)[k] * p->std[c];
            p->std[c] /= gain / root;
        } else if (s->divides) {
            p->std[c] *= gain; /* not by 1 / gain, which is rounded */
        } else {
            p->std[c] /= gain;
        }
        p->mean[c] -= shift * p->std[c];
    }
}

/* Whether a step can become part of the pixels' numbers. */
static int suits_image(const onnx_step *s) {
    if (!is_scale(s) || !is_per_channel(s)) return 0;
    for (size_t k = 0; k < s->each; k++)
        if (list_of(s, ENDS_GAIN)[k] == 0) return 0;
    return 1;
}

/* What is left of the pixels' numbers when all have the first channel's: a SCALE, if they
 * are not the same. Step i takes its place. */
static int rest(onnx_folding *f, const pixels *p, int i) {
    onnx_step *s = &f->net->steps[i];
    const double mean = p->mean[0], std = fabs(p->std[0]);
    float *ends = dn_floats(&f->net->heap, 2 * (uint64_t)p->c);
    if (!ends) return DN_NOMEM;
    dn_floats_release(&f->net->heap, s->ends);
    s->kind = STEP_SCALE;
    s->divides = 0;
    s->each = (size_t)p->c;
    s->ends = ends;
    for (int c = 0; c < p->c; c++) {
        list_of(s, ENDS_GAIN)[c] = (float)(std / p->std[c]);
        list_of(s, ENDS_BIAS)[c] = (float)((mean - p->mean[c]) / p->std[c]);
    }
    return DN_OK;
}

static int check_pixels(const onnx_folding *f, const pixels *p, const onnx_step *s) {
    for (int c = 0; c < p->c; c++) {
        const double std = fabs(p->std[c]);
        if (!(fabs(p->mean[c]) <= MAX_STD && std >= 1 / MAX_STD && std <= MAX_STD))
            return dn_fail(f->error, f->error_size,
                           "%s: with it the pixels' mean is %g and their deviation %g; "
                           "expected a mean of -1e6..1e6 and a deviation of 1e-6..1e6",
                           s->name, p->mean[c], p->std[c]);
    }
    return DN_OK;
}

static int is_uniform(const pixels *p) {
    for (int c = 1; c < p->c; c++)
        if (p->mean[c] != p->mean[0] || p->std[c] != p->std[0]) return 0;
    return p->std[0] > 0;
}

/* Goes over what is done to each pixel before anything else; *last is the last such step,
 * −1 for none. */
static int read_pixels(const onnx_folding *f, pixels *p, double mean, double std,
                       int *last) {
    const onnx_net *net = f->net;
    int status = DN_OK, i;
    *last = -1;
    for (int c = 0; c < p->c; c++) {
        p->mean[c] = mean;
        p->std[c] = std;
    }
    while ((i = dn_onnx_only_reader(net, *last < 0 ? 0 : *last)) > 0) {
        const onnx_step *s = &net->steps[i];
        if (s->kind != STEP_DROPOUT && !suits_image(s)) break;
        if (s->kind != STEP_DROPOUT) {
            image_step(p, s);
            if ((status = check_pixels(f, p, s)) != DN_OK) return status;
        }
        *last = i;
    }
    return status;
}

int dn_onnx_of_bytes(const double *mean, const double *std, int channels) {
    for (int c = 0; c < channels; c++)
        if (fabs(mean[c]) < LEAST_OF_BYTES && fabs(std[c]) < LEAST_OF_BYTES) return 0;
    return 1;
}

/* All but the last of the steps up to `last` that became pixels' numbers go, and it, too,
 * if nothing is left. */
static int fold_pixels(onnx_folding *f, const pixels *p, int last) {
    onnx_net *net = f->net;
    int status = DN_OK, rests = is_uniform(p);
    for (int k = 1; k <= last && status == DN_OK; k++) {
        if (!is_scale(&net->steps[k])) continue;
        if (rests)
            dn_onnx_step_remove(net, k);
        else
            status = rest(f, p, k);
        rests = 1;
    }
    return status;
}

int dn_onnx_fold_image(onnx_folding *f, dn_onnx *out) {
    const int n = f->net->steps[0].out.c;
    int last = -1;
    out->channels = n;
    out->means = dn_new(&out->heap, (uint64_t)n, sizeof(double));
    out->stds = dn_new(&out->heap, (uint64_t)n, sizeof(double));
    if (!out->means || !out->stds) return DN_NOMEM;
    pixels p = {out->means, out->stds, n};
    int status = read_pixels(f, &p, out->mean, out->std, &last);
    if (status == DN_OK && out->range == RANGE_OPEN &&
        dn_onnx_of_bytes(p.mean, p.std, n)) {
        out->range = RANGE_SCALED;
        out->given_std = ONNX_BYTE;
        status = read_pixels(f, &p, 0, ONNX_BYTE, &last);
    }
    const int next = dn_onnx_only_reader(f->net, last < 0 ? 0 : last);
    out->each_value = next > 0 && is_scale(&f->net->steps[next]);
    if (status == DN_OK) status = fold_pixels(f, &p, last);
    if (status != DN_OK) return status;
    out->mean = p.mean[0];
    out->std = fabs(p.std[0]);
    return DN_OK;
}

int dn_onnx_scale_join(onnx_net *net, int i) {
    onnx_step *s = &net->steps[i], *before = &net->steps[s->input];
    if (s->kind != STEP_SCALE || before->kind != STEP_SCALE || before->readers != 1 ||
        s->each != before->each)
        return 0;
    dn_onnx_plain_scale(before);
    dn_onnx_plain_scale(s);
    for (size_t k = 0; k < s->each; k++) {
        const float a = list_of(s, ENDS_GAIN)[k];
        list_of(before, ENDS_GAIN)[k] *= a;
        list_of(before, ENDS_BIAS)[k] = list_of(before, ENDS_BIAS)[k] * a +
                                        list_of(s, ENDS_BIAS)[k];
    }
    dn_onnx_step_remove(net, i);
    return 1;
}

/* --- into the layer before ---------------------------------------------------------- */

/* y becomes gain·y + shift in each output of a layer. */
static void absorb_scale(onnx_folding *f, onnx_step *l, const onnx_step *s) {
    const size_t out = (size_t)l->out.c;
    const float *a = list_of(s, ENDS_GAIN), *b = list_of(s, ENDS_BIAS);
    for (size_t o = 0; o < out && dn_onnx_worked(f->work, l->reads); o++) {
        l->ends[o] = l->ends[o] * a[o] + b[o];
        if (l->norm)
            l->ends[ENDS_GAIN * out + o] *= a[o];
        else
            for (size_t i = 0; i < l->reads && a[o] != 1; i++)
                *dn_onnx_weight(l, o, i) *= a[o];
    }
}

/* gamma·(z + bias − mean)/√(var + e) + beta. The bias goes into the mean; our epsilon is
 * a constant, so another one goes into the variance, or where that would be below 0, into
 * gamma. */
static void absorb_norm(onnx_step *l, const onnx_step *s) {
    const size_t out = (size_t)l->out.c;
    l->norm = 1;
    for (size_t o = 0; o < out; o++) {
        double variance = (double)list_of(s, ENDS_VARIANCE)[o];
        const double wanted = variance + s->epsilon;
        double gain = (double)list_of(s, ENDS_GAIN)[o];
        if ((float)s->epsilon != (float)DN_NORM_EPSILON) {
            variance = wanted > DN_NORM_EPSILON ? wanted - DN_NORM_EPSILON : 0;
            variance = (double)(float)variance;
            gain *= sqrt((variance + DN_NORM_EPSILON) / wanted);
        }
        l->ends[ENDS_MEAN * out + o] = list_of(s, ENDS_MEAN)[o] - l->ends[o];
        l->ends[o] = list_of(s, ENDS_BIAS)[o];
        l->ends[ENDS_GAIN * out + o] = (float)gain;
        l->ends[ENDS_VARIANCE * out + o] = (float)variance;
    }
}

/* Whether a scale can change places with the step before it. */
static int passes_up(const onnx_step *before, const onnx_step *s) {
    if (before->kind == STEP_DROPOUT) return 1;
    if (!is_per_channel(s) || before->readers != 1) return 0;
    if (before->kind == STEP_MAXPOOL) return keeps_order(s);
    return before->kind == STEP_AVGPOOL &&
           (!before->window.counts_pads || !dn_onnx_has_pads(before));
}

/* Whether a layer that can take it is up there. */
static int has_layer_before(const onnx_net *net, const onnx_step *s) {
    for (int i = s->input;; i = net->steps[i].input) {
        const onnx_step *b = &net->steps[i];
        if (b->readers != 1) return 0;
        if (dn_onnx_is_linear(b)) return s->each == (size_t)b->out.c;
        if (!passes_up(b, s)) return 0;
    }
}

int dn_onnx_scale_up(onnx_folding *f, int i) {
    onnx_net *net = f->net;
    onnx_step *s = &net->steps[i];
    if (!is_scale(s) || !has_layer_before(net, s)) return 0;
    onnx_step *before = &net->steps[s->input];
    if (!dn_onnx_is_linear(before)) {
        dn_onnx_step_swap(net, s->input, i);
        return 1;
    }
    if (s->kind == STEP_NORM && !before->norm) {
        absorb_norm(before, s);
    } else {
        dn_onnx_plain_scale(s);
        absorb_scale(f, before, s);
    }
    dn_onnx_step_remove(net, i);
    return 1;
}

/* --- into the layer after ----------------------------------------------------------- */

/* Which of the scale's numbers input i of a layer has; the layer reads the scale. */
static size_t number_of(const onnx_step *l, const onnx_step *s, size_t o, size_t i) {
    const size_t area = (size_t)s->out.h * (size_t)s->out.w;
    if (l->kind == STEP_DENSE || s->each != (size_t)s->in.c)
        return s->each == (size_t)s->in.c ? i / area : i;
    const size_t taps = (size_t)(l->window.kh * l->window.kw);
    const size_t group = o / ((size_t)l->out.c / (size_t)l->group);
    return group * (l->reads / taps) + i / taps;
}

/* w·(gain·x + shift) is (w·gain)·x and a number more in the bias. */
static void absorb_before(onnx_folding *f, onnx_step *l, const onnx_step *s) {
    const size_t out = (size_t)l->out.c;
    for (size_t o = 0; o < out && dn_onnx_worked(f->work, 2 * l->reads); o++) {
        double more = 0;
        for (size_t i = 0; i < l->reads; i++) {
            const size_t k = number_of(l, s, o, i);
            float *w = dn_onnx_weight(l, o, i);
            more += (double)*w * (double)list_of(s, ENDS_BIAS)[k];
            *w *= list_of(s, ENDS_GAIN)[k];
        }
        float *bias = l->norm ? &l->ends[ENDS_MEAN * out + o] : &l->ends[o];
        *bias = (float)((double)*bias + (l->norm ? -more : more));
    }
}

/* Whether a layer can take a scale that it reads. */
static int takes(const onnx_step *l, const onnx_step *s) {
    if (l->kind == STEP_DENSE) return 1;
    if (l->kind != STEP_CONV) return 0;
    if (!is_per_channel(s)) return l->whole && l->group == 1;
    return !dn_onnx_has_pads(l) || only_scales(s);
}

/* Whether a scale can change places with the step after it. */
static int passes_down(const onnx_step *after, const onnx_step *s) {
    if (after->kind == STEP_DROPOUT || after->kind == STEP_SHAPE) return 1;
    if (after->kind == STEP_PAD) return is_per_channel(s) && only_scales(s);
    return passes_up(&(onnx_step){.kind = after->kind,
                                  .readers = 1,
                                  .in = after->in,
                                  .out = after->out,
                                  .window = after->window},
                     s);
}

/* A number for each value. */
static int widen(onnx_folding *f, onnx_step *s) {
    const size_t area = (size_t)s->out.h * (size_t)s->out.w, n = area * (size_t)s->out.c;
    float *ends = s->each == n ? s->ends
                               : dn_onnx_zeros(f->work, &f->net->heap, 2 * (uint64_t)n);
    if (!ends) return 0;
    if (ends == s->ends) return 1;
    for (size_t k = 0; k < 2 * n && dn_onnx_worked(f->work, 1); k++)
        ends[k] = s->ends[k / n * s->each + k % n / area];
    dn_floats_release(&f->net->heap, s->ends);
    s->ends = ends;
    s->each = n;
    return 1;
}

/* Whether a layer that can take it is down there. */
static int has_layer_after(const onnx_net *net, int i) {
    const onnx_step *s = &net->steps[i];
    int each_is_value = 0;
    for (int r = dn_onnx_only_reader(net, i); r > 0; r = dn_onnx_only_reader(net, r)) {
        const onnx_step *after = &net->steps[r];
        if (after->kind == STEP_DENSE) return 1;
        if (each_is_value) return 0;
        if (after->kind == STEP_CONV) return takes(after, s);
        if (!passes_down(after, s)) return 0;
        each_is_value = after->kind == STEP_SHAPE;
    }
    return 0;
}

int dn_onnx_scale_down(onnx_folding *f, int i) {
    onnx_net *net = f->net;
    onnx_step *s = &net->steps[i];
    if (!is_scale(s) || !has_layer_after(net, i)) return 0;
    const int reader = dn_onnx_only_reader(net, i);
    onnx_step *after = &net->steps[reader];
    dn_onnx_plain_scale(s);
    if (takes(after, s)) {
        absorb_before(f, after, s);
        dn_onnx_step_remove(net, i);
        return 1;
    }
    if (after->kind == STEP_SHAPE && !widen(f, s)) return -1;
    dn_onnx_step_swap(net, i, reader);
    return 1;
}

/* --- at the end --------------------------------------------------------------------- */

int dn_onnx_scale_end(onnx_folding *f) {
    onnx_net *net = f->net;
    onnx_step *s = &net->steps[net->result], *before = &net->steps[s->input];
    if (!is_scale(s) || before->readers != 1 || !is_scale(before)) return 0;
    dn_onnx_plain_scale(before);
    dn_onnx_plain_scale(s);
    if (!widen(f, before) || !widen(f, s)) return -1;
    return dn_onnx_scale_join(net, net->result);
}
