/* loss.h - softmax cross-entropy and the optimizer's step.
 * Included by kernels.c; each function is described in ../kernels.h. */
#ifndef DN_KERNELS_LOSS_H
#define DN_KERNELS_LOSS_H

#include <math.h>
#include "softmax.h"

/* What is dropped (see vflush): errors of an output, gradients, and the moments that
 * follow them. With AdamW's epsilon, a weight would need 10¹⁰ steps of such gradients to
 * move. */
#define LEAST_ERROR    1e-20
#define LEAST_GRADIENT 1e-18f
#define LEAST_MOMENT   1e-30f
#define LEAST_SQUARE   1e-36f

/* One image's logits, LANES apart, at a temperature. */
typedef struct softened {
    const float *z;
    double top, inverse; /* the largest; 1/T */
    double sum;          /* Σ exp((z − top)/T) */
} softened;

/* Of n ≤ 16 classes from `first` on. */
static void softened_exps(double e[LANES], const softened *s, int first, int n) {
    softmax_exps(e, s->z + (ptrdiff_t)first * LANES, LANES, n, s->top, s->inverse);
}

static softened soften(const float *z, int classes, double temperature) {
    softened s = {z, softmax_top(z, LANES, classes), 1 / temperature, 0};
    double e[LANES];
    for (int o = 0, n; o < classes; o += n) {
        n = classes - o < LANES ? classes - o : LANES;
        softened_exps(e, &s, o, n);
        for (int k = 0; k < n; k++) s.sum += e[k];
    }
    return s;
}

/* dz of one image, with a teacher or without; p[o] = e[o]/sum, e being what dz holds. */
static void loss_gradient(float *dz, double sum, const float *z,
                          const dn_targets *targets, int n, int classes, float weight) {
    const int truth = targets->classes[n];
    const double smoothing = truth < 0 ? 1 : (double)targets->smoothing;
    const double off = smoothing / classes, on = 1 - smoothing + off;
    double share = targets->teacher && truth >= 0 ? (double)targets->share : 0;
    const double temperature = (double)targets->temperature;
    softened student = {0}, teacher = {0};
    double mine[LANES], taught[LANES];
    if (share > 0) {
        student = soften(z, classes, temperature);
        teacher = soften(targets->teacher + n, classes, temperature);
        if (targets->checked && (double)teacher.z[(ptrdiff_t)truth * LANES] < teacher.top)
            share = 0;
    }
    for (int first = 0; first < classes; first += LANES) {
        const int some = classes - first < LANES ? classes - first : LANES;
        if (share > 0) {
            softened_exps(mine, &student, first, some);
            softened_exps(taught, &teacher, first, some);
        }
        for (int k = 0; k < some; k++) {
            float *at = dz + (ptrdiff_t)(first + k) * LANES;
            double d = (double)*at / sum - (first + k == truth ? on : off);
            if (share > 0)
                d = (1 - share) * d +
                    share * temperature *
                        (mine[k] / student.sum - taught[k] / teacher.sum);
            d *= (double)weight;
            *at = d > LEAST_ERROR || d < -LEAST_ERROR ? (float)d : 0;
        }
    }
}

static void softmax_loss(float *dz, float *loss, int32_t *hit, const float *z,
                         const dn_targets *targets, int classes, int lanes,
                         float weight) {
    for (int n = 0; n < LANES; n++) {
        loss[n] = 0.0f;
        hit[n] = 0;
        if (n >= lanes) {
            for (int o = 0; o < classes; o++) dz[(ptrdiff_t)o * LANES + n] = 0.0f;
            continue;
        }
        int best = 0;
        for (int o = 1; o < classes; o++)
            if (z[(ptrdiff_t)o * LANES + n] > z[(ptrdiff_t)best * LANES + n]) best = o;
        const double top = (double)z[(ptrdiff_t)best * LANES + n];
        double sum = 0, e[LANES];
        for (int o = 0, some; o < classes; o += some) {
            some = classes - o < LANES ? classes - o : LANES;
            softmax_exps(e, z + (ptrdiff_t)o * LANES + n, LANES, some, top, 1);
            for (int k = 0; k < some; k++) {
                dz[(ptrdiff_t)(o + k) * LANES + n] = (float)e[k];
                sum += e[k];
            }
        }
        loss_gradient(dz + n, sum, z + n, targets, n, classes, weight);
        const int truth = targets->classes[n];
        hit[n] = truth < 0 ? -1 : best == truth;
        if (truth < 0) continue;
        loss[n] = (float)(dn_log(sum) + top - (double)z[(ptrdiff_t)truth * LANES + n]);
    }
}

/* √v in each lane: correctly rounded everywhere, unlike the processor's estimates. */
DN_INLINE vf vsqrt(vf v) {
#if DN_WIDTH == 16
    return (vf)_mm512_sqrt_ps((__m512)v);
#elif DN_WIDTH == 8
    return (vf)_mm256_sqrt_ps((__m256)v);
#else
    return (vf){sqrtf(v[0]), sqrtf(v[1]), sqrtf(v[2]), sqrtf(v[3])};
#endif
}

DN_INLINE void update_vector(float *w, float *m, float *v, float *average,
                             const float *gradient, const dn_update *step) {
    vf g = vflush(vload(gradient), LEAST_GRADIENT), weight = vload(w) * vset(step->decay),
       change;
    if (step->optimizer == DN_ADAMW) {
        vf first = vfma(vset(step->momentum), vload(m) - g, g);
        vf second = vfma(vset(step->beta2), vload(v) - g * g, g * g);
        first = vflush(first, LEAST_MOMENT);
        second = vflush(second, LEAST_SQUARE);
        vstore(m, first);
        vstore(v, second);
        change = first / (vsqrt(second) + vset(step->epsilon));
    } else {
        vf velocity = vfma(vset(step->momentum), vload(m), g);
        velocity = vflush(velocity, LEAST_MOMENT);
        vstore(m, velocity);
        change = vfma(vset(step->momentum), velocity, g);
    }
    weight = vfma(vset(-step->rate), change, weight);
    vstore(w, weight);
    vstore(average, vfma(vset(step->ema), vload(average) - weight, weight));
}

static void update(float *w, float *m, float *v, float *average, const float *gradient,
                   size_t n, const dn_update *step) {
    size_t i = 0;
    for (; i + DN_WIDTH <= n; i += DN_WIDTH)
        update_vector(w + i, m + i, v + i, average + i, gradient + i, step);
    if (i == n) return;
    /* The last few go through a whole vector of their own. */
    float tail[5][DN_WIDTH] = {{0}};
    const size_t size = (n - i) * sizeof(float);
    memcpy(tail[0], w + i, size);
    memcpy(tail[1], m + i, size);
    memcpy(tail[2], v + i, size);
    memcpy(tail[3], average + i, size);
    memcpy(tail[4], gradient + i, size);
    update_vector(tail[0], tail[1], tail[2], tail[3], tail[4], step);
    memcpy(w + i, tail[0], size);
    memcpy(m + i, tail[1], size);
    memcpy(v + i, tail[2], size);
    memcpy(average + i, tail[3], size);
}

static void add(float *sum, const float *x, size_t n) {
    for (size_t i = 0; i < n; i++) sum[i] = sum[i] + x[i];
}

#endif
