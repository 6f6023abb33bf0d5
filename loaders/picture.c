/* picture.c - a PNG as an image of another size: see picture.h. */
#include <stdlib.h>
#include <string.h>
#include "picture.h"

/* Pixels between two looks at whether to stop. */
#define PIXELS_A_TIME ((size_t)1 << 16)

/* Over white, what is at least so bright everywhere is as good as nothing. */
#define SWALLOWED 240

/* What is worked on: the picture's grey or rgb. */
typedef struct canvas {
    unsigned char *pixels; /* [h][w][c] */
    int h, w, c;
} canvas;

static canvas canvas_of(const png_picture *p) {
    return (canvas){p->rgb ? p->rgb : p->grey, p->height, p->width, p->rgb ? 3 : 1};
}

/* over - a value before a background that is 0 or 255, to the nearest. */
static unsigned char over(unsigned value, unsigned alpha, unsigned background) {
    return (unsigned char)((value * alpha + background * (255 - alpha) + 127) / 255);
}

/* is_swallowed - whether white would leave nothing of a picture, and black would. */
static int is_swallowed(const canvas *s, const unsigned char *alpha) {
    const size_t n = (size_t)s->h * (size_t)s->w;
    int seen = 0;
    for (size_t i = 0; i < n; i++) {
        seen |= alpha[i] > 255 - SWALLOWED;
        for (int c = 0; c < s->c; c++)
            if (over(s->pixels[i * (size_t)s->c + (size_t)c], alpha[i], 255) < SWALLOWED)
                return 0;
    }
    return seen;
}

/* background_fill - what is behind a picture becomes a part of it. */
static int background_fill(const canvas *s, const unsigned char *alpha,
                           const load_stop *stop) {
    const size_t n = (size_t)s->h * (size_t)s->w;
    const unsigned background = is_swallowed(s, alpha) ? 0 : 255;
    unsigned char *p = s->pixels;
    for (size_t i = 0; i < n; i++) {
        if (i % PIXELS_A_TIME == 0 && load_stopped(stop)) return RESIZE_STOPPED;
        for (int c = 0; c < s->c; c++, p++) *p = over(*p, alpha[i], background);
    }
    return RESIZE_OK;
}

/* luma_take - three channels become one, in place; as Pillow has it. */
static void luma_take(canvas *s) {
    const size_t n = (size_t)s->h * (size_t)s->w;
    const unsigned char *p = s->pixels;
    for (size_t i = 0; i < n; i++, p += 3)
        s->pixels[i] =
            (unsigned char)((19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768u) >>
                            16);
    s->c = 1;
}

/* border_mean - of channel c, of the pixels at the picture's edge, to the nearest. */
static unsigned char border_mean(const canvas *s, int c) {
    size_t sum = 0, n = 0;
    for (int y = 0; y < s->h; y++) {
        const int inside = y > 0 && y < s->h - 1 && s->w > 1;
        for (int x = 0; x < s->w; x += inside ? s->w - 1 : 1, n++)
            sum += s->pixels[((size_t)y * (size_t)s->w + (size_t)x) * (size_t)s->c +
                             (size_t)c];
    }
    return (unsigned char)((sum + n / 2) / n);
}

/* nearest - a/b to the nearest whole number, of two the even one; at least 1. */
static int nearest(int64_t a, int64_t b) {
    const int64_t whole = a / b, twice = 2 * (a % b);
    const int64_t n = whole + (twice > b || (twice == b && whole % 2));
    return n < 1 ? 1 : (int)n;
}

/* middle - where n pixels begin that stand in the middle of `of`; of two places the even
 * one, as in Pillow. */
static int middle(int n, int of) {
    const int rest = of - n;
    return rest / 2 + (rest % 4 == 3);
}

/* fit - as Pillow's ImageOps.pad has it, but for the colour around. */
static int fit(unsigned char *out, int h, int w, const canvas *s, const load_stop *stop) {
    const size_t c = (size_t)s->c, row = (size_t)w * c;
    int high = h, wide = w;
    if ((int64_t)s->w * h > (int64_t)s->h * w)
        high = nearest((int64_t)s->h * w, s->w);
    else
        wide = nearest((int64_t)s->w * h, s->h);
    unsigned char around[3] = {0};
    for (int k = 0; k < s->c; k++) around[k] = border_mean(s, k);
    for (size_t x = 0; x < row; x++) out[x] = around[x % c];
    for (int y = 1; y < h; y++) memcpy(out + (size_t)y * row, out, row);
    const size_t start = (size_t)middle(high, h) * row + (size_t)middle(wide, w) * c;
    const resize_picture picture = {s->pixels, s->h, s->w, s->c};
    return resize_stretch(out + start, row, high, wide, &picture, stop);
}

static int place(unsigned char *out, int h, int w, picture_way way, const canvas *s,
                 const load_stop *stop) {
    const resize_picture picture = {s->pixels, s->h, s->w, s->c};
    const size_t row = (size_t)w * (size_t)s->c;
    switch (way) {
    case PICTURE_FIT: return fit(out, h, w, s, stop);
    case PICTURE_CROP: return resize_cover(out, row, h, w, &picture, stop);
    default: return resize_stretch(out, row, h, w, &picture, stop);
    }
}

/* spread - n values of one channel become three each, from the last on. */
static void spread(unsigned char *out, size_t n) {
    for (size_t i = n; i-- > 0;) memset(out + 3 * i, out[i], 3);
}

int picture_place(unsigned char *out, int h, int w, int channels, picture_way way,
                  png_picture *picture, const load_stop *stop) {
    canvas s = canvas_of(picture);
    int rc = RESIZE_OK;
    if (picture->alpha) rc = background_fill(&s, picture->alpha, stop);
    if (s.c > channels) luma_take(&s);
    if (rc == RESIZE_OK) rc = place(out, h, w, way, &s, stop);
    if (rc == RESIZE_OK && s.c < channels) spread(out, (size_t)h * (size_t)w);
    return rc;
}
