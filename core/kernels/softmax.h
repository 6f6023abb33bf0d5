/* softmax.h - exponentials in double, several side by side, to the bits of dn_exp; and
 * softmax. Included by kernels.c; each function is described in ../kernels.h. */
#ifndef DN_KERNELS_SOFTMAX_H
#define DN_KERNELS_SOFTMAX_H

#include "simd.h"
#include "../fmath.h"
#include "../kernels.h"

#define DOUBLES (DN_WIDTH / 2)

typedef double vd __attribute__((vector_size(DN_WIDTH * 4)));
typedef int64_t vl __attribute__((vector_size(DN_WIDTH * 4)));
typedef uint64_t vul __attribute__((vector_size(DN_WIDTH * 4)));

DN_INLINE vd vdset(double x) { return x - (vd){0}; }

/* e^x for x ≤ 0: dn_exp's operations in dn_exp's order, each rounded as there. Divisions
 * by 2, 4 and 8 are exact, so that r/6 is r/3·½ to the bit, and six of thirteen suffice.
 * To round towards 0, as a cast does, 1.5·2^52 is added: that rounds to the nearest. */
DN_INLINE vd vdexp(vd x) {
    const vd shift = vdset(6755399441055744.0);
    const vd t = x / vdset(DN_LN2) - vdset(0.5);
    vd shifted = t + shift;
    shifted = shifted + (vd)((vl)vdset(1) & (vl)(shifted - shift < t));
    const vd n = shifted - shift;
    const vd r = (x - n * vdset(0.6931471803691238164)) -
                 n * vdset(1.9082149292705877e-10);
    const vd third = r / vdset(3), fifth = r / vdset(5);
    const vd parts[13] = {r,
                          r * vdset(0.5),
                          third,
                          r * vdset(0.25),
                          fifth,
                          third * vdset(0.5),
                          r / vdset(7),
                          r * vdset(0.125),
                          r / vdset(9),
                          fifth * vdset(0.5),
                          r / vdset(11),
                          third * vdset(0.25),
                          r / vdset(13)};
    vd sum = vdset(1), term = sum;
    for (int i = 0; i < 13; i++) {
        term = term * parts[i];
        sum = sum + term;
    }
    const vul power = ((vul)shifted - (vul)shift + (uint64_t)1023) << 52; /* may wrap */
    return (vd)((vl)(sum * (vd)power) & ~(vl)(x < vdset(-700)));
}

/* e[o] = e^((z[o] − top)/T) for o < n ≤ 16, z's values `step` apart and inverse 1/T; e
 * has room for 16. */
DN_INLINE void softmax_exps(double e[LANES], const float *z, ptrdiff_t step, int n,
                            double top, double inverse) {
    for (int o = 0; o < LANES; o++)
        e[o] = o < n ? ((double)z[o * step] - top) * inverse : 0;
    for (int o = 0; o < n; o += DOUBLES) {
        vd x;
        memcpy(&x, e + o, sizeof x);
        x = vdexp(x);
        memcpy(e + o, &x, sizeof x);
    }
}

/* The largest. (Of a NaN all sums are NaN, whatever is taken for the largest.) */
static double softmax_top(const float *z, ptrdiff_t step, int classes) {
    float top = z[0], lanes[DN_WIDTH];
    int o = 1;
    if (step == 1 && classes >= DN_WIDTH) {
        vf tops = vload(z);
        for (o = DN_WIDTH; o + DN_WIDTH <= classes; o += DN_WIDTH)
            tops = vmax(vload(z + o), tops);
        vstore(lanes, tops);
        for (int k = 0; k < DN_WIDTH; k++)
            if (lanes[k] > top) top = lanes[k];
    }
    for (; o < classes; o++)
        if (z[o * step] > top) top = z[o * step];
    return (double)top;
}

static void softmax(float *p, const float *z, ptrdiff_t step, int classes) {
    const double top = softmax_top(z, step, classes);
    double sum = 0, e[LANES];
    for (int o = 0, n; o < classes; o += n) {
        n = classes - o < LANES ? classes - o : LANES;
        softmax_exps(e, z + o * step, step, n, top, 1);
        for (int k = 0; k < n; k++) {
            p[o + k] = (float)e[k];
            sum += e[k];
        }
    }
    for (int o = 0; o < classes; o++) p[o] = (float)((double)p[o] / sum);
}

#endif
