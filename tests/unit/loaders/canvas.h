/* canvas.h - pictures of digits, drawn to be normalised.
 *
 *     unsigned char out[OUT];
 *     canvas c = new_canvas(150, 150);
 *     put_digit(&c, digit, 4, 20, 20);  // ink 0..1
 *     put_ink(&c, 255, 0);              // grey: black on white
 *     finish(out, &c);                  // 28×28, and the canvas is gone
 */
#ifndef CANVAS_H
#define CANVAS_H

#include <math.h>
#include <stdlib.h>
#include "../check.h"
#include "../../../loaders/digit.h"
#include "../../../loaders/synth.h"

static inline int normalise(unsigned char *out, int h, int w, const unsigned char *grey,
                            const unsigned char *alpha, int height, int width) {
    const digit_picture picture = {
        .grey = grey, .alpha = alpha, .height = height, .width = width};
    return digit_normalise(out, h, w, &picture, NULL);
}

#define OUT SYNTH_PIXELS

/* A picture under construction: ink 0..1 at first, then grey. */
typedef struct {
    int w, h;
    float *v;
} canvas;

static inline canvas new_canvas(int w, int h) {
    canvas c = {w, h, calloc((size_t)w * (size_t)h, sizeof(float))};
    if (!c.v) exit(2);
    return c;
}

static inline float *at(const canvas *c, int x, int y) {
    return c->v + (size_t)y * (size_t)c->w + (size_t)x;
}

/* A digit, each of its pixels k × k large, with its field's corner at x0, y0. */
static inline void put_digit(canvas *c, const unsigned char digit[OUT], int k, int x0,
                             int y0) {
    for (int y = 0; y < 28 * k; y++)
        for (int x = 0; x < 28 * k; x++)
            if (x0 + x >= 0 && x0 + x < c->w && y0 + y >= 0 && y0 + y < c->h)
                *at(c, x0 + x, y0 + y) = digit[y / k * 28 + x / k] / 255.0f;
}

static inline void put_ring(canvas *c, double cx, double cy, double radius,
                            double width) {
    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++) {
            double dx = x + 0.5 - cx, dy = y + 0.5 - cy;
            double d = sqrt(dx * dx + dy * dy) - radius;
            if (d <= width / 2 && d >= -width / 2) *at(c, x, y) = 1.0f;
        }
}

static inline void put_ink(canvas *c, float paper, float ink) {
    for (int i = 0; i < c->w * c->h; i++) c->v[i] = paper + (ink - paper) * c->v[i];
}

static inline unsigned random_bits(unsigned *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* About normal. */
static inline float random_noise(unsigned *state) {
    float sum = 0.0f;
    for (int i = 0; i < 4; i++)
        sum += (float)(random_bits(state) & 1023) / 1024.0f - 0.5f;
    return sum * 1.73f;
}

/* Light falls from the left: 1 there, 'dark' on the right; beyond an oblique edge shadow
 * takes half of it, if there is one. */
static inline void light_up(canvas *c, float dark, int shadow) {
    for (int y = 0; y < c->h; y++)
        for (int x = 0; x < c->w; x++) {
            *at(c, x, y) *= 1.0f - (1.0f - dark) * (float)x / (float)c->w;
            if (shadow && 3 * x + 2 * y > 5 * c->w / 2) *at(c, x, y) *= 0.55f;
        }
}

static inline void add_noise(canvas *c, float deviation, unsigned state) {
    for (int i = 0; i < c->w * c->h; i++) c->v[i] += deviation * random_noise(&state);
}

static inline unsigned char *greys_of(const canvas *c) {
    unsigned char *grey = malloc((size_t)c->w * (size_t)c->h);
    if (!grey) exit(2);
    for (int i = 0; i < c->w * c->h; i++)
        grey[i] = (unsigned char)(c->v[i] < 0 ? 0 : c->v[i] > 255 ? 255 : c->v[i] + 0.5f);
    return grey;
}

/* Normalises and frees the canvas. */
static inline void finish(unsigned char out[OUT], canvas *c) {
    unsigned char *grey = greys_of(c);
    memset(out, 77, OUT); /* so that what is left unwritten shows */
    CHECK(normalise(out, 28, 28, grey, NULL, c->h, c->w) >= 0);
    free(grey);
    free(c->v);
}

/* Mean difference of pixels, where one of the two may be moved by a pixel: the centre of
 * mass is put to whole pixels, and the least change can make it the next one. */
static inline double difference(const unsigned char *a, const unsigned char *b) {
    int least = 255 * OUT;
    for (int move = 0; move < 9; move++) {
        int sum = 0;
        for (int i = 0; i < OUT; i++) {
            int x = i % 28 + move % 3 - 1, y = i / 28 + move / 3 - 1;
            int inside = x >= 0 && x < 28 && y >= 0 && y < 28;
            sum += abs(a[i] - (inside ? b[y * 28 + x] : 0));
        }
        least = sum < least ? sum : least;
    }
    return (double)least / OUT;
}

static inline int is_blank(const unsigned char *image, int n) {
    for (int i = 0; i < n; i++)
        if (image[i]) return 0;
    return 1;
}

/* Longer side of the box around ink, and how far the centre of mass is from pixel 14. */
static inline int extent_of(const unsigned char *image) {
    int x0 = 28, x1 = 0, y0 = 28, y1 = 0;
    for (int i = 0; i < OUT; i++) {
        if (image[i] < 25) continue;
        int x = i % 28, y = i / 28;
        x0 = x < x0 ? x : x0;
        x1 = x + 1 > x1 ? x + 1 : x1;
        y0 = y < y0 ? y : y0;
        y1 = y + 1 > y1 ? y + 1 : y1;
    }
    return x1 - x0 > y1 - y0 ? x1 - x0 : y1 - y0;
}

static inline double off_centre(const unsigned char *image) {
    double mass = 0, x = 0, y = 0;
    for (int i = 0; i < OUT; i++) {
        mass += image[i];
        x += image[i] * (i % 28);
        y += image[i] * (i / 28);
    }
    return fmax(fabs(x / mass - 14), fabs(y / mass - 14));
}

static inline double mass_of(const unsigned char *image) {
    double mass = 0;
    for (int i = 0; i < OUT; i++) mass += image[i] / 255.0;
    return mass;
}

#endif
