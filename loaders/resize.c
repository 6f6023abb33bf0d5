/* resize.c - a picture at another size, antialiased: see resize.h.
 *
 * First every row gets its new width, then every column its new height, with bytes in
 * between. In one direction pixel i of the result has its centre at
 *
 *     (start + (2i + 1)·over) / (2·under)
 *
 * of the picture, whose pixel k has its own at k + ½: over/under pixels of the picture
 * are one of the result. Pixel k's weight is 2m − |distance·2·under|, m the larger of
 * over and under, where that is above 0. Weights are then scaled to the sum of 2^22. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "resize.h"

#define BITS 22 /* 255·2^22 is an int */

/* One direction of the work. */
typedef struct axis {
    int n, of; /* pixels of the result, of the picture */
    int over, under;
    int64_t start;
    int most;     /* weights that a pixel has room for */
    int *first;   /* [n] the picture's first pixel that counts for a pixel, … */
    int *count;   /* [n] … how many do, … */
    int *weights; /* [n][most] … and what they weigh */
} axis;

/* axis_whole - n pixels of the result show all of the picture's. */
static axis axis_whole(int n, int of) {
    return (axis){.n = n, .of = of, .over = of, .under = n};
}

/* axis_middle - they show its middle, at a scale that the other direction gives. */
static axis axis_middle(int n, int of, int over, int under) {
    return (axis){.n = n,
                  .of = of,
                  .over = over,
                  .under = under,
                  .start = (int64_t)of * under - (int64_t)n * over};
}

/* axis_weigh - the weights of pixel i. */
static void axis_weigh(axis *a, int i) {
    const int64_t step = 2 * (int64_t)a->under,
                  reach = 2 * (int64_t)(a->over > a->under ? a->over : a->under),
                  centre = a->start + (2 * (int64_t)i + 1) * a->over;
    int64_t k = (centre - reach) / step, sum = 0;
    int *weights = a->weights + (size_t)i * (size_t)a->most, n = 0;
    if (k < 0) k = 0;
    for (; k < a->of; k++) {
        const int64_t away = llabs((2 * k + 1) * a->under - centre), w = reach - away;
        if (w <= 0 && n) break;
        if (w <= 0) continue;
        if (n == 0) a->first[i] = (int)k;
        weights[n++] = (int)w;
        sum += w;
    }
    a->count[i] = n;
    for (int j = 0; j < n; j++)
        weights[j] = (int)((((int64_t)weights[j] << BITS) + sum / 2) / sum);
}

static int axis_start(axis *a) {
    const int larger = a->over > a->under ? a->over : a->under;
    const size_t n = (size_t)a->n;
    a->most = 2 * larger / a->under + 2;
    a->first = malloc(n * sizeof *a->first);
    a->count = malloc(n * sizeof *a->count);
    a->weights = malloc(n * (size_t)a->most * sizeof *a->weights);
    if (!a->first || !a->count || !a->weights) return RESIZE_NOMEM;
    for (int i = 0; i < a->n; i++) axis_weigh(a, i);
    return RESIZE_OK;
}

static void axis_end(axis *a) {
    free(a->weights);
    free(a->count);
    free(a->first);
}

/* row_narrow - one row of the picture at the result's width. */
static void row_narrow(unsigned char *out, const unsigned char *in, const axis *a,
                       int channels) {
    for (int x = 0; x < a->n; x++) {
        const int *weights = a->weights + (size_t)x * (size_t)a->most;
        for (int c = 0; c < channels; c++) {
            const unsigned char *p = in + (ptrdiff_t)a->first[x] * channels + c;
            int sum = 1 << (BITS - 1);
            for (int k = 0; k < a->count[x]; k++, p += channels) sum += *p * weights[k];
            *out++ = (unsigned char)(sum >> BITS);
        }
    }
}

/* row_mix - row y of the result, of `size` bytes, from rows of its width; sums is room
 * for as many. */
static void row_mix(unsigned char *out, int *sums, const unsigned char *rows, size_t size,
                    const axis *a, int y) {
    const int *weights = a->weights + (size_t)y * (size_t)a->most;
    for (size_t i = 0; i < size; i++) sums[i] = 1 << (BITS - 1);
    for (int k = 0; k < a->count[y]; k++, rows += size)
        for (size_t i = 0; i < size; i++) sums[i] += rows[i] * weights[k];
    for (size_t i = 0; i < size; i++) out[i] = (unsigned char)(sums[i] >> BITS);
}

static int resize(unsigned char *out, size_t stride, axis *down, axis *across,
                  const resize_picture *picture, const load_stop *stop) {
    const size_t size = (size_t)across->n * (size_t)picture->channels,
                 row = (size_t)picture->w * (size_t)picture->channels;
    unsigned char *rows = NULL;
    int *sums = malloc(size * sizeof *sums);
    int rc = axis_start(down);
    if (rc == RESIZE_OK) rc = axis_start(across);
    if (rc != RESIZE_OK || !sums) goto done;
    const int first = down->first[0],
              last = down->first[down->n - 1] + down->count[down->n - 1];
    rows = malloc((size_t)(last - first) * size);
    for (int y = first; y < last && rows && rc == RESIZE_OK; y++) {
        row_narrow(rows + (size_t)(y - first) * size, picture->pixels + (size_t)y * row,
                   across, picture->channels);
        if (load_stopped(stop)) rc = RESIZE_STOPPED;
    }
    for (int y = 0; y < down->n && rows && rc == RESIZE_OK; y++) {
        row_mix(out + (size_t)y * stride, sums,
                rows + (size_t)(down->first[y] - first) * size, size, down, y);
        if (load_stopped(stop)) rc = RESIZE_STOPPED;
    }
done:
    if (!sums || !rows) rc = RESIZE_NOMEM;
    axis_end(across);
    axis_end(down);
    free(rows);
    free(sums);
    return rc;
}

int resize_stretch(unsigned char *out, size_t stride, int h, int w,
                   const resize_picture *picture, const load_stop *stop) {
    axis down = axis_whole(h, picture->h), across = axis_whole(w, picture->w);
    return resize(out, stride, &down, &across, picture, stop);
}

int resize_cover(unsigned char *out, size_t stride, int h, int w,
                 const resize_picture *picture, const load_stop *stop) {
    const int is_wide = (int64_t)picture->w * h >=
                        (int64_t)picture->h * w; /* than the result */
    axis down = is_wide ? axis_whole(h, picture->h)
                        : axis_middle(h, picture->h, picture->w, w);
    axis across = is_wide ? axis_middle(w, picture->w, picture->h, h)
                          : axis_whole(w, picture->w);
    return resize(out, stride, &down, &across, picture, stop);
}
