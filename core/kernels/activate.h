/* activate.h - activations (../activation.h) of 16 images in batch layout, and their
 * slopes. Included by kernels.c; each function is described in ../kernels.h.
 *
 * Errors are a few units in the last place of float32, but for the left tail of GELU,
 * where they are of the order of 1e-7·u. */
#ifndef DN_KERNELS_ACTIVATE_H
#define DN_KERNELS_ACTIVATE_H

#include "pool.h"

typedef uint32_t vu __attribute__((vector_size(DN_WIDTH * 4)));

/* u within low … high. */
DN_INLINE vf vwithin(vf u, float low, float high) {
    return -vmax(-vmax(u, vset(low)), vset(-high));
}

/* e^u for u within −86 … 88. u = n·ln 2 + r, |r| ≤ 0.35: 2^n times a polynomial, after
 * Cephes' expf. */
DN_INLINE vf vexp(vf u) {
    const vf shift = vset(12582912.0f); /* 1.5·2^23: n stands in the lowest bits */
    u = vwithin(u, -86.0f, 88.0f);
    const vf shifted = vfma(u, vset(1.44269504f), shift), n = shifted - shift;
    vf r = vfma(n, vset(-0.693359375f), u);
    r = vfma(n, vset(2.12194440e-4f), r);
    vf p = vset(1.9875691500e-4f);
    p = vfma(p, r, vset(1.3981999507e-3f));
    p = vfma(p, r, vset(8.3334519073e-3f));
    p = vfma(p, r, vset(4.1665795894e-2f));
    p = vfma(p, r, vset(1.6666665459e-1f));
    p = vfma(p, r, vset(5.0000001201e-1f));
    p = vfma(p, r * r, r) + vset(1.0f);
    return (vf)((vu)p + ((vu)shifted << 23));
}

DN_INLINE vf vsigmoid(vf u) { return vset(1.0f) / (vset(1.0f) + vexp(-u)); }

/* x·P(x²)/Q(x²), minimax for tanh, after Eigen's ptanh_float. */
DN_INLINE vf vtanh(vf u) {
    const vf x = vwithin(u, -7.90531110763549805f, 7.90531110763549805f), s = x * x;
    vf p = vset(-2.76076847742355e-16f), q = vset(1.19825839466702e-06f);
    p = vfma(p, s, vset(2.00018790482477e-13f));
    p = vfma(p, s, vset(-8.60467152213735e-11f));
    p = vfma(p, s, vset(5.12229709037114e-08f));
    p = vfma(p, s, vset(1.48572235717979e-05f));
    p = vfma(p, s, vset(6.37261928875436e-04f));
    p = vfma(p, s, vset(4.89352455891786e-03f));
    q = vfma(q, s, vset(1.18534705686654e-04f));
    q = vfma(q, s, vset(2.26843463243900e-03f));
    q = vfma(q, s, vset(4.89352518554385e-03f));
    return x * p / q;
}

/* The same for erf. */
DN_INLINE vf verf(vf u) {
    const vf x = vwithin(u, -4.0f, 4.0f), s = x * x;
    vf p = vset(-2.72614225801306e-10f), q = vset(-1.45660718464996e-05f);
    p = vfma(p, s, vset(2.77068142495902e-08f));
    p = vfma(p, s, vset(-2.10102402082508e-06f));
    p = vfma(p, s, vset(-5.69250639462346e-05f));
    p = vfma(p, s, vset(-7.34990630326855e-04f));
    p = vfma(p, s, vset(-2.95459980854025e-03f));
    p = vfma(p, s, vset(-1.60960333262415e-02f));
    q = vfma(q, s, vset(-2.13374055278905e-04f));
    q = vfma(q, s, vset(-1.68282697438203e-03f));
    q = vfma(q, s, vset(-7.37332916720468e-03f));
    q = vfma(q, s, vset(-1.42647390514189e-02f));
    return x * p / q;
}

/* e^u − 1 for u ≤ 0, exact near 0: with t = tanh(u/2) it is 2t/(1 − t). */
DN_INLINE vf vexpm1(vf u) {
    const vf t = vtanh(u * vset(0.5f));
    return (t + t) / (vset(1.0f) - t);
}

/* Φ(u), the normal distribution. */
DN_INLINE vf vnormal(vf u) {
    return vfma(vset(0.5f), verf(u * vset(0.70710678f)), vset(0.5f));
}

/* tanh(log(1 + e^u)) = n(n + 2)/(n(n + 2) + 2), n = e^u. */
DN_INLINE vf vmish(vf u) {
    const vf n = vexp(vwithin(u, -86.0f, 20.0f)), q = vfma(n, n, n + n);
    return q / (q + vset(2.0f));
}

/* log(1 + x) for x within 0 … 1: 2·artanh(s), s = x/(2 + x) ≤ 1/3, as its series. */
DN_INLINE vf vlog1p(vf x) {
    const vf s = x / (x + vset(2.0f)), t = s * s;
    vf p = vset(2.0f / 13.0f);
    p = vfma(p, t, vset(2.0f / 11.0f));
    p = vfma(p, t, vset(2.0f / 9.0f));
    p = vfma(p, t, vset(2.0f / 7.0f));
    p = vfma(p, t, vset(2.0f / 5.0f));
    p = vfma(p, t, vset(2.0f / 3.0f));
    return vfma(p * t, s, s + s);
}

/* log(1 + e^u) = max(0, u) + log(1 + e^−|u|). */
DN_INLINE vf vsoftplus(vf u) { return vmax(u, vzero()) + vlog1p(vexp(-vmax(u, -u))); }

/* v and dv/du, where ½·(1 + tanh(v/2)) = σ(v) is near Φ(u). */
DN_INLINE vf vquick(vf u) {
    return vfma(u * u, vset(1.5957691f * 0.044715f), vset(1.5957691f)) * u;
}
DN_INLINE vf vquick_slope(vf u) {
    u = vwithin(u, -16.0f, 16.0f); /* so that u² is finite; σ is 0 or 1 there */
    return vfma(u * u, vset(3.0f * 1.5957691f * 0.044715f), vset(1.5957691f));
}

DN_INLINE vf vcurve(const dn_activation is, vf u, vf a, vf b) {
    const vi negative = (vi)(u < vzero());
    switch (is) {
    case DN_RELU: return vmax(u, vzero());
    case DN_SIGMOID: return vsigmoid(u);
    case DN_TANH: return vtanh(u);
    case DN_LEAKY: return vselect(negative, a * u, u);
    case DN_ELU: return b * vselect(negative, a * vexpm1(-vmax(-u, vzero())), u);
    case DN_GELU: return u * vnormal(u);
    case DN_CLIP: return -vmax(-vmax(u, a), -b);
    case DN_HARD_SIGMOID: return vwithin(vfma(a, u, b), 0.0f, 1.0f);
    case DN_HARD_SWISH:
        return u * vwithin(vfma(u, vset(1.0f / 6.0f), vset(0.5f)), 0.0f, 1.0f);
    case DN_SWISH: return u * vsigmoid(u);
    case DN_MISH: return u * vmish(u);
    case DN_QUICK_GELU: return u * vsigmoid(vquick(u));
    case DN_SOFTPLUS: return vsoftplus(u);
    case DN_SOFTSIGN: return u / (vset(1.0f) + vmax(u, -u));
    case DN_THRESHOLD: return vselect((vi)(u > a), u, vzero());
    default: return u;
    }
}

/* d curve / du */
DN_INLINE vf vslope(const dn_activation is, vf u, vf a, vf b) {
    const vf one = vset(1.0f);
    const vi negative = (vi)(u < vzero());
    vf s;
    switch (is) {
    case DN_RELU: return vselect((vi)(u > vzero()), one, vzero());
    case DN_SIGMOID: s = vsigmoid(u); return s * (one - s);
    case DN_TANH: s = vtanh(u); return one - s * s;
    case DN_LEAKY: return vselect(negative, a, one);
    case DN_ELU: return b * vselect(negative, a * vexp(-vmax(-u, vzero())), one);
    case DN_GELU:
        s = vexp(vset(-0.5f) * u * u) * vset(0.39894228f);
        return vfma(u, s, vnormal(u));
    case DN_CLIP: return vselect((vi)(u > a) & (vi)(u < b), one, vzero());
    case DN_HARD_SIGMOID:
        s = vfma(a, u, b);
        return vselect((vi)(s > vzero()) & (vi)(s < one), a, vzero());
    case DN_HARD_SWISH:
        s = vfma(u, vset(1.0f / 3.0f), vset(0.5f));
        s = vselect((vi)(u < vset(3.0f)), s, one);
        return vselect((vi)(u > vset(-3.0f)), s, vzero());
    case DN_SWISH: s = vsigmoid(u); return vfma(u * s, one - s, s);
    case DN_QUICK_GELU:
        s = vsigmoid(vquick(u));
        return vfma(u * s * (one - s), vquick_slope(u), s);
    case DN_MISH: s = vmish(u); return vfma(u * vsigmoid(u), one - s * s, s);
    case DN_SOFTPLUS: return vsigmoid(u);
    case DN_SOFTSIGN: s = one / (one + vmax(u, -u)); return s * s;
    case DN_THRESHOLD: return vselect((vi)(u > a), one, vzero());
    default: return one;
    }
}

/* What is dropped of a gradient: see vflush. */
#define LEAST_SLOPE 1e-30f

DN_INLINE void curve_forward(const dn_activation is, const dn_view *y, const dn_view *x,
                             const dn_curve *curve) {
    const vf a = vset(curve->alpha), b = vset(curve->beta);
    FOR_EACH(y, c, row, column) {
        const float *from = at(x, c, row, column);
        float *to = at(y, c, row, column);
        for (int s = 0; s < LANES; s += DN_WIDTH)
            vstore(to + s, vcurve(is, vload(from + s), a, b));
    }
}

DN_INLINE void curve_backward(const dn_activation is, const dn_view *dz,
                              const dn_view *dy, const dn_view *z, const float *scale,
                              const float *shift, const dn_curve *curve) {
    const vf a = vset(curve->alpha), b = vset(curve->beta);
    FOR_EACH(dz, c, row, column) {
        const float *from = at(z, c, row, column), *gradient = at(dy, c, row, column);
        float *to = at(dz, c, row, column);
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf u = vload(from + s);
            if (scale) u = vfma(u, vset(scale[c]), vset(shift[c]));
            vstore(to + s,
                   vflush(vload(gradient + s) * vslope(is, u, a, b), LEAST_SLOPE));
        }
    }
}

/* Each spelt out, so that the choice is made outside the loops. */
#define EACH_CURVE(CASE)                                                                 \
    CASE(DN_LINEAR)                                                                      \
    CASE(DN_RELU)                                                                        \
    CASE(DN_SIGMOID)                                                                     \
    CASE(DN_TANH)                                                                        \
    CASE(DN_LEAKY)                                                                       \
    CASE(DN_ELU)                                                                         \
    CASE(DN_GELU)                                                                        \
    CASE(DN_CLIP)                                                                        \
    CASE(DN_HARD_SIGMOID)                                                                \
    CASE(DN_HARD_SWISH)                                                                  \
    CASE(DN_SWISH)                                                                       \
    CASE(DN_MISH)                                                                        \
    CASE(DN_QUICK_GELU)                                                                  \
    CASE(DN_SOFTPLUS)                                                                    \
    CASE(DN_SOFTSIGN)                                                                    \
    CASE(DN_THRESHOLD)

static void activate(const dn_view *y, const dn_view *x, const dn_curve *curve) {
#define FORWARD(is_)                                                                     \
    case is_: curve_forward(is_, y, x, curve); break;
    switch (curve->is) {
        EACH_CURVE(FORWARD)
    default: break;
    }
#undef FORWARD
}

static void activate_backward(const dn_view *dz, const dn_view *dy, const dn_view *z,
                              const float *scale, const float *shift,
                              const dn_curve *curve) {
#define BACKWARD(is_)                                                                    \
    case is_: curve_backward(is_, dz, dy, z, scale, shift, curve); break;
    switch (curve->is) {
        EACH_CURVE(BACKWARD)
    default: break;
    }
#undef BACKWARD
}

#endif
