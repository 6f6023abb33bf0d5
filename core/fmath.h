/* fmath.h - exp, log and cosine from +, -, ·, / alone.
 *
 * libm's differ in the last bit between versions and machines, and what differs in the
 * last bit here is another model after an epoch. These are plain C in double precision:
 * the compiler may not contract them (-ffp-contract=off), so every machine rounds alike.
 * Accurate to about 1e-15 relative, far below the float32 they are rounded to. */
#ifndef DN_FMATH_H
#define DN_FMATH_H

#include <float.h>
#include <stdint.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0
#error                                                                                   \
    "floats are computed as wider numbers; try -fexcess-precision=fast, on i386 -mfpmath=sse"
#endif

#define DN_LN2 0.693147180559945309417232121458
#define DN_PI  3.14159265358979323846264338328

/* dn_exp - e^x. 0 below −700, e^700 above 700; NaN stays NaN. */
static inline double dn_exp(double x) {
    if (x < -700) return 0;
    if (x > 700) x = 700;
    if (x != x) return x;
    /* x = n·ln 2 + r, |r| ≤ 0.35: then 2^n times a Taylor series. */
    double n = (double)(int)(x / DN_LN2 + (x < 0 ? -0.5 : 0.5));
    double r = (x - n * 0.6931471803691238164) - n * 1.9082149292705877e-10;
    double sum = 1, term = 1;
    for (int i = 1; i <= 13; i++) {
        term *= r / i;
        sum += term;
    }
    uint64_t bits = (uint64_t)(1023 + (int)n) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

/* dn_log - natural logarithm of a positive, normal, finite x. */
static inline double dn_log(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int n = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffu) | 1023ull << 52;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.41421356237309504880) {
        m *= 0.5;
        n++;
    }
    /* log m = 2·artanh(s), s = (m−1)/(m+1), |s| ≤ 0.172. */
    double s = (m - 1) / (m + 1), square = s * s, sum = 0;
    for (int i = 21; i >= 1; i -= 2) sum = sum * square + 1.0 / i;
    return 2 * s * sum + n * DN_LN2;
}

/* dn_cos, dn_sin - of an x in −100..100, in radians. */
static inline double dn_cos(double x) {
    x /= 2 * DN_PI;
    x -= (double)(int)(x + (x < 0 ? -0.5 : 0.5)); /* turns, −0.5..0.5 */
    double r = x * DN_PI; /* half the angle: cos 2r = 1 − 2 sin² r */
    double square = r * r, term = r, sum = r;
    for (int i = 3; i <= 21; i += 2) {
        term *= -square / (i * (i - 1));
        sum += term;
    }
    return 1 - 2 * sum * sum;
}

static inline double dn_sin(double x) { return dn_cos(x - DN_PI / 2); }

/* dn_power - base^exponent for a base in (0, 1]. */
static inline double dn_power(double base, double exponent) {
    return dn_exp(exponent * dn_log(base));
}

#endif
