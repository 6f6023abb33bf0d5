/* augment.c - random affine distortions of training images, and pictures of nothing among
 * them: see input.h.
 *
 * Result pixel (x, y) is the image at A·(x − centre) + centre + shift, bilinear between
 * its pixels, 0 outside. A turns, scales each axis and shears; all of it is drawn evenly
 * from a range that grows with strength. A mirrored image is read from right to left.
 *
 * Outlier exposure: some images are replaced by noise of an amplitude of a² of the range,
 * a evenly in 0..1, and every class is as right as any other. So the network learns to be
 * unsure of images that contain no digit (Hendrycks et al., "Deep anomaly detection
 * with outlier exposure", 2019). */
#include "fmath.h"
#include "input.h"
#include "rng.h"

/* The i-th number of a stream, evenly in -1..1. */
static double draw(uint64_t key, uint64_t i) { return 2 * (double)rng_unit(key, i) - 1; }

/* Image k's row of the numbers that the kernel takes: the source of a pixel is
 * (a b; c d)·(column, row) + (e, f). */
static void random_affine(float (*maps)[6][16], int k, uint64_t key, double strength,
                          double flip, int h, int w) {
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
    double a = cosine / scale_x, b = (cosine * shear - sine) / scale_y;
    const double c = sine / scale_x, d = (sine * shear + cosine) / scale_y;
    if (flip > 0 && (double)rng_unit(rng_key(key, RNG_FLIP), 0) < flip) {
        a = -a;
        b = -b;
    }
    const double cx = 0.5 * (w - 1), cy = 0.5 * (h - 1);
    const double numbers[6] = {
        a, b, c, d, cx + shift_x - a * cx - b * cy, cy + shift_y - c * cx - d * cy};
    for (int i = 0; i < 6; i++) (*maps)[i][k] = (float)numbers[i];
}

/* An image with a margin of paper around it, one pixel before and two behind: what lies
 * outside then needs no test. [c][h + 3][w + 3] */
static void lay_out(float *to, dn_shape shape, const dn_image *image, const float *table,
                    float mean, float inverse) {
    const ptrdiff_t row = shape.w + 3, map = (shape.h + 3) * row;
    for (ptrdiff_t i = 0; i < map * shape.c; i++) to[i] = table[0];
    for (int c = 0; c < shape.c; c++)
        for (int y = 0; y < shape.h; y++)
            dn_input_row(to + c * map + (y + 1) * row + 1, 1, image, shape, y, c, table,
                         mean, inverse);
}

/* The same with noise. */
static void lay_noise(float *to, dn_shape shape, uint64_t key, const float *table,
                      float mean, float inverse) {
    const ptrdiff_t row = shape.w + 3, map = (shape.h + 3) * row;
    const float root = rng_unit(key, 7), most = root * root;
    for (ptrdiff_t i = 0; i < map * shape.c; i++) to[i] = table[0];
    for (int c = 0; c < shape.c; c++)
        for (int y = 0; y < shape.h; y++)
            for (int x = 0; x < shape.w; x++) {
                const ptrdiff_t i = c * map + (y + 1) * row + 1 + x;
                to[i] = (most * rng_unit(key, 8 + (uint64_t)i) - mean) * inverse;
            }
}

int dn_is_blank(uint64_t key, double share) {
    return share > 0 && (double)rng_unit(key, 6) < share;
}

static size_t sheet_size(dn_shape shape) {
    return (size_t)shape.c * (size_t)(shape.h + 3) * (size_t)(shape.w + 3);
}

uint64_t dn_distorted_work(dn_shape shape) { return 16 * (uint64_t)sheet_size(shape); }

void dn_input_distorted(const dn_kernels *kernels, const dn_view *x,
                        const dn_image *images, const uint64_t *keys, int n,
                        double strength, double flip, double blank, const float *table,
                        float mean, float inverse, float *work) {
    const dn_shape shape = {x->h, x->w, x->c};
    const size_t size = sheet_size(shape);
    float maps[6][16] = {{0}};
    for (int k = 0; k < n; k++) {
        float *to = work + (size_t)k * size;
        if (dn_is_blank(keys[k], blank))
            lay_noise(to, shape, keys[k], table, mean, inverse);
        else
            lay_out(to, shape, &images[k], table, mean, inverse);
        random_affine(&maps, k, keys[k], strength, flip, x->h, x->w);
    }
    for (size_t i = (size_t)n * size; i < 16 * size; i++) work[i] = 0.0f;
    kernels->distort(x, work, (ptrdiff_t)size, (const float(*)[6][16]) & maps);
}
