/* augment.c - random affine distortions of training images: see input.h.
 *
 * Result pixel (x, y) is the image at A·(x − centre) + centre + shift, bilinear between
 * its pixels, 0 outside. A turns, scales each axis and shears; all of it is drawn evenly
 * from a range that grows with strength. */
#include "fmath.h"
#include "input.h"
#include "rng.h"

typedef struct affine {
    float a, b, c, d; /* source = (a b; c d)·target + (e, f) */
    float e, f;
} affine;

/* The i-th number of a stream, evenly in -1..1. */
static double draw(uint64_t key, uint64_t i) { return 2 * (double)rng_unit(key, i) - 1; }

static affine random_affine(uint64_t key, double strength, int h, int w) {
    const double angle = draw(key, 0) * strength * 12 * (DN_PI / 180);
    double scale_x = 1 + draw(key, 1) * strength * 0.12;
    double scale_y = 1 + draw(key, 2) * strength * 0.12;
    const double shear = draw(key, 3) * strength * 0.15;
    const double shift_x = draw(key, 4) * strength * 2.5 / 28 * w;
    const double shift_y = draw(key, 5) * strength * 2.5 / 28 * h;
    /* At great strengths an axis must not vanish or be mirrored. */
    if (scale_x < 0.3) scale_x = 0.3;
    if (scale_y < 0.3) scale_y = 0.3;
    const double cosine = dn_cos(angle), sine = dn_sin(angle);
    const double a = cosine / scale_x, b = (cosine * shear - sine) / scale_y;
    const double c = sine / scale_x, d = (sine * shear + cosine) / scale_y;
    const double cx = 0.5 * (w - 1), cy = 0.5 * (h - 1);
    return (affine){(float)a,
                    (float)b,
                    (float)c,
                    (float)d,
                    (float)(cx + shift_x - a * cx - b * cy),
                    (float)(cy + shift_y - c * cx - d * cy)};
}

/* An image with a margin of paper around it, one pixel before and two behind: what lies
 * outside then needs no test. */
typedef struct sheet {
    const float *p; /* [c][h + 3][w + 3]; (−1, −1) comes first */
    int h, w, c;
    ptrdiff_t row, map;
} sheet;

static sheet lay_out(float *to, dn_shape shape, const dn_image *image, const float *table,
                     float mean, float inverse) {
    sheet s = {to, shape.h, shape.w, shape.c, shape.w + 3, 0};
    s.map = (shape.h + 3) * s.row;
    const float paper = table[0];
    for (ptrdiff_t i = 0; i < s.map * shape.c; i++) to[i] = paper;
    for (int c = 0; c < shape.c; c++)
        for (int y = 0; y < shape.h; y++)
            dn_input_row(to + c * s.map + (y + 1) * s.row + 1, 1, image, shape, y, c,
                         table, mean, inverse);
    return s;
}

/* Bilinear at (x, y) of channel c. */
static float sample(const sheet *s, float x, float y, int c) {
    x = x > -1.0f ? x : -1.0f;
    y = y > -1.0f ? y : -1.0f;
    x = x < (float)s->w ? x : (float)s->w;
    y = y < (float)s->h ? y : (float)s->h;
    const int left = (int)(x + 1.0f), top = (int)(y + 1.0f); /* counted from the margin */
    const float right_share = x + 1.0f - (float)left, low_share = y + 1.0f - (float)top;
    const float *p = s->p + c * s->map + top * s->row + left, *q = p + s->row;
    const float high = p[0] + right_share * (p[1] - p[0]);
    const float low = q[0] + right_share * (q[1] - q[0]);
    return high + low_share * (low - high);
}

size_t dn_distorted_work(dn_shape shape) {
    return (size_t)shape.c * (size_t)(shape.h + 3) * (size_t)(shape.w + 3);
}

void dn_input_distorted(const dn_view *x, const dn_image *images, const uint64_t *keys,
                        int n, float strength, const float *table, float mean,
                        float inverse, float *work) {
    const dn_shape shape = {x->h, x->w, x->c};
    for (int k = 0; k < 16; k++) {
        float *lane = x->p + k;
        if (k >= n) {
            for (int c = 0; c < x->c; c++)
                for (int row = 0; row < x->h; row++)
                    for (int column = 0; column < x->w; column++)
                        lane[c * x->channel + row * x->row + column * x->column] = 0.0f;
            continue;
        }
        const sheet s = lay_out(work, shape, &images[k], table, mean, inverse);
        const affine m = random_affine(keys[k], (double)strength, x->h, x->w);
        for (int c = 0; c < x->c; c++)
            for (int row = 0; row < x->h; row++) {
                float *to = lane + c * x->channel + row * x->row;
                const float left = m.b * (float)row + m.e, top = m.d * (float)row + m.f;
                for (int column = 0; column < x->w; column++)
                    to[column * x->column] = sample(&s, m.a * (float)column + left,
                                                    m.c * (float)column + top, c);
            }
    }
}
