/* augment.c - random affine distortions of training images: see input.h.
 *
 * Result pixel (x, y) is the image at A·(x − centre) + centre + shift, bilinear between
 * its pixels, 0 outside. A turns, scales each axis and shears; all of it is drawn evenly
 * from a range that grows with strength. */
#include "bytes.h"
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
    return (affine){(float)a, (float)b, (float)c, (float)d,
                    (float)(cx + shift_x - a * cx - b * cy),
                    (float)(cy + shift_y - c * cx - d * cy)};
}

/* Pixel (x, y) of channel c, 0 outside. */
static float pixel_at(const dn_image *image, int x, int y, int c, const dn_view *v) {
    if (x < 0 || y < 0 || x >= v->w || y >= v->h) return 0.0f;
    return dn_pixel(image, ((size_t)y * (size_t)v->w + (size_t)x) * (size_t)v->c + (size_t)c);
}

static float sample(const dn_image *image, float x, float y, int c, const dn_view *v) {
    if (!(x > -1.0f && y > -1.0f && x < (float)v->w && y < (float)v->h)) return 0.0f;
    const int left = (int)(x + 1.0f) - 1, top = (int)(y + 1.0f) - 1;
    const float right_share = x - (float)left, low_share = y - (float)top;
    const float p00 = pixel_at(image, left, top, c, v);
    const float p01 = pixel_at(image, left + 1, top, c, v);
    const float p10 = pixel_at(image, left, top + 1, c, v);
    const float p11 = pixel_at(image, left + 1, top + 1, c, v);
    const float high = p00 + right_share * (p01 - p00);
    const float low = p10 + right_share * (p11 - p10);
    return high + low_share * (low - high);
}

void dn_input_distorted(const dn_view *x, const dn_image *images, const uint64_t *keys,
                        int n, float strength, float mean, float inverse) {
    for (int k = 0; k < 16; k++) {
        affine m = {0};
        if (k < n) m = random_affine(keys[k], (double)strength, x->h, x->w);
        for (int c = 0; c < x->c; c++)
            for (int row = 0; row < x->h; row++) {
                float *to = x->p + c * x->channel + row * x->row + k;
                for (int column = 0; column < x->w; column++) {
                    float value = 0.0f;
                    if (k < n) {
                        float sx = m.a * (float)column + m.b * (float)row + m.e;
                        float sy = m.c * (float)column + m.d * (float)row + m.f;
                        value = (sample(&images[k], sx, sy, c, x) - mean) * inverse;
                    }
                    to[column * x->column] = value;
                }
            }
    }
}
