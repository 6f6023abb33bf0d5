/* digit_colour.c - which mixture of red, green and blue shows the ink: digit_parts.h.
 *
 * Luma, as a rule. But yellow on white, or red on a green as bright as it, hardly differ
 * in luma. Where colours differ at least twice as much along another direction, that is
 * taken: the axis along which their variance is largest. */
#include <math.h>
#include "digit_parts.h"

#define SEEN 65536 /* pixels that are looked at, about */

/* Sums over pixels of 1, colours, and products of two. */
typedef struct {
    double n, sum[3], product[3][3];
} moments;

static void add_colour(moments *m, const double c[3]) {
    m->n += 1.0;
    for (int i = 0; i < 3; i++) {
        m->sum[i] += c[i];
        for (int j = 0; j < 3; j++) m->product[i][j] += c[i] * c[j];
    }
}

/* Adds n opaque pixels: sums of whole numbers, so exactly what add_colour() adds. */
static void add_opaque(moments *m, const unsigned char *rgb, int n) {
    uint64_t sum[3] = {0}, product[3][3] = {{0}};
    for (int x = 0; x < n; x++, rgb += 3)
        for (int i = 0; i < 3; i++) {
            sum[i] += rgb[i];
            for (int j = 0; j <= i; j++)
                product[i][j] += (unsigned)rgb[i] * (unsigned)rgb[j];
        }
    m->n += n;
    for (int i = 0; i < 3; i++) {
        m->sum[i] += (double)sum[i];
        for (int j = 0; j < 3; j++)
            m->product[i][j] += (double)product[at_least(i, j)][least(i, j)];
    }
}

static void covariance(double out[3][3], const digit_view *p) {
    const int step = 1 + (int)(area_of(p->w, p->h) / SEEN); /* of rows */
    moments m = {0};
    for (int y = 0; y < p->h; y += step) {
        if (!p->alpha) add_opaque(&m, p->rgb + 3 * area_of(y, p->w), p->w);
        for (int x = 0; x < p->w && p->alpha; x++) {
            const size_t at = area_of(y, p->w) + (size_t)x;
            const double alpha = p->alpha[at] / 255.0;
            double c[3];
            for (int i = 0; i < 3; i++)
                c[i] = alpha * p->rgb[3 * at + (size_t)i] + (1.0 - alpha) * p->paper;
            add_colour(&m, c);
        }
    }
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = m.product[i][j] / m.n - m.sum[i] / m.n * (m.sum[j] / m.n);
}

/* axis = a · axis, of length 1. Returns how long it was. */
static double turn(double axis[3], double a[3][3]) {
    double out[3], square = 0.0;
    for (int i = 0; i < 3; i++) {
        out[i] = a[i][0] * axis[0] + a[i][1] * axis[1] + a[i][2] * axis[2];
        square += out[i] * out[i];
    }
    const double length = sqrt(square);
    for (int i = 0; i < 3 && length > 0.0; i++) axis[i] = out[i] / length;
    return length;
}

static double variance_along(double axis[3], double a[3][3]) {
    double sum = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) sum += axis[i] * axis[j] * a[i][j];
    return sum;
}

void digit_colour(digit_view *view) {
    double a[3][3], luma[3] = {0.2126, 0.7152, 0.0722}, square = 0.0, size = 0.0;
    covariance(a, view);
    int most = a[1][1] > a[0][0];
    if (a[2][2] > a[most][most]) most = 2;
    double axis[3] = {a[most][0], a[most][1], a[most][2]}, largest = 0.0;
    for (int again = 0; again < 40; again++) largest = turn(axis, a);
    for (int i = 0; i < 3; i++) square += luma[i] * luma[i];
    if (4.0 * variance_along(luma, a) / square >= largest) return;
    for (int i = 0; i < 3; i++) size += axis[i] < 0.0 ? -axis[i] : axis[i];
    view->offset = 0;
    for (int i = 0; i < 3; i++) {
        view->weights[i] = (int)(axis[i] / size * 32767.0);
        if (axis[i] < 0.0) view->offset -= 255 * view->weights[i];
    }
}
