/* digit_plane.c - distances, envelopes, means, parts and quantiles of
 * planes: see digit_parts.h.
 *
 * All of it takes time in proportion to the number of pixels, whatever the reach. */
#include <float.h>
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

/* --- distances ------------------------------------------------------------------ */

/* Along columns first: down[y][x] = steps to the nearest set pixel above or below, at
 * most w + h, which is farther than any. A row after the other, as they lie in memory. */
static void column_steps(int *out, const unsigned char *mask, int w, int h) {
    const size_t n = (size_t)w * (size_t)h, row = (size_t)w;
    const int far = w + h;
    for (size_t i = 0; i < n; i++) {
        const int above = i < row || out[i - row] >= far ? far : out[i - row] + 1;
        out[i] = mask[i] ? 0 : above;
    }
    for (size_t i = n - row; i-- > 0;)
        if (out[i + row] + 1 < out[i]) out[i] = out[i + row] + 1;
}

static int parabola(const int *steps, int i, int x) {
    return (x - i) * (x - i) + steps[i] * steps[i];
}

/* Then along a row: d²(x) = min over i of (x - i)² + steps(i)², the lower envelope of
 * parabolas. top[k] is the parabola that is lowest from start[k] on. */
static void row_distances(int *out, const int *steps, int w, int *top, int *start) {
    int k = 0;
    top[0] = start[0] = 0;
    for (int x = 1; x < w; x++) {
        while (k >= 0 && parabola(steps, top[k], start[k]) > parabola(steps, x, start[k]))
            k--;
        if (k < 0) {
            k = 0;
            top[0] = x;
            continue;
        }
        int i = top[k]; /* x's is lower than i's beyond: */
        const int sum = x * x - i * i + steps[x] * steps[x] - steps[i] * steps[i];
        const int place = sum / (2 * (x - i)) + 1;
        if (place >= w) continue;
        top[++k] = x;
        start[k] = place;
    }
    for (int x = w - 1; x >= 0; x--) {
        out[x] = parabola(steps, top[k], x);
        if (x == start[k]) k--;
    }
}

int digit_distances(int *out, const unsigned char *mask, int w, int h) {
    int *work = malloc(3 * (size_t)w * sizeof *work);
    if (!work) return DIGIT_NOMEM;
    column_steps(out, mask, w, h);
    for (int y = 0; y < h; y++) {
        int *row = out + (size_t)y * (size_t)w;
        memcpy(work, row, (size_t)w * sizeof *work);
        row_distances(row, work, w, work + w, work + 2 * w);
    }
    free(work);
    return 0;
}

/* --- envelopes ------------------------------------------------------------------ */

static inline float larger(float a, float b) { return a > b ? a : b; }

/* v[i] becomes the largest of span values, stride apart, from v[i] on, for i < n. What
 * each has seen doubles from step to step. */
static void look_ahead(float *v, size_t n, size_t stride, int span) {
    for (int seen = 1, step; seen < span; seen += step) {
        step = least(seen, span - seen);
        const size_t ahead = (size_t)step * stride;
        const size_t end = n + (size_t)(span - seen - step) * stride;
        for (size_t i = 0; i < end; i++) v[i] = larger(v[i], v[i + ahead]);
    }
}

static void fill(float *v, size_t n, float value) {
    for (size_t i = 0; i < n; i++) v[i] = value;
}

/* Numbers that largest() needs for work. */
static size_t largest_work(int w, int h, int reach) {
    return (size_t)at_least(w, 1 + 2 * reach) * ((size_t)h + 2 * (size_t)reach + 1);
}

/* Each value becomes the largest of sign·value up to reach away, in rows, then in
 * columns; and its sign again what it was. */
static void largest(float *plane, int w, int h, int reach, float sign, float *work) {
    const size_t n = area_of(w, h), margin = area_of(reach, w);
    const int span = 2 * reach + 1;
    for (float *row = plane; row < plane + n; row += w) {
        fill(work, (size_t)w + 2 * (size_t)reach, -FLT_MAX);
        for (int x = 0; x < w; x++) work[reach + x] = sign * row[x];
        look_ahead(work, (size_t)w, 1, span);
        memcpy(row, work, (size_t)w * sizeof *row);
    }
    fill(work, margin, -FLT_MAX);
    memcpy(work + margin, plane, n * sizeof *plane);
    fill(work + margin + n, margin, -FLT_MAX);
    look_ahead(work, n, (size_t)w, span);
    for (size_t i = 0; i < n; i++) plane[i] = sign * work[i];
}

int digit_dilate(float *plane, int w, int h, int reach) {
    float *work = malloc(largest_work(w, h, reach) * sizeof *work);
    if (!work) return DIGIT_NOMEM;
    largest(plane, w, h, reach, 1.0f, work);
    free(work);
    return 0;
}

static int clamp(int v, int low, int high) { return v < low ? low : v > high ? high : v; }

/* The plane is given a margin first, in which its border goes on. Without it a ramp's
 * dark end would be filled as if it were a stroke. */
int digit_envelope(float *out, const float *plane, int w, int h, int reach, int dark) {
    const int wide = w + 2 * reach, high = h + 2 * reach;
    float *large = malloc(area_of(wide, high) * sizeof *large);
    float *work = malloc(largest_work(wide, high, reach) * sizeof *work);
    const float sign = dark ? 1.0f : -1.0f;
    const int status = large && work ? 0 : DIGIT_NOMEM;
    if (status) goto done;
    for (int y = 0; y < high; y++)
        for (int x = 0; x < wide; x++)
            large[area_of(y, wide) + (size_t)x] =
                plane[area_of(clamp(y - reach, 0, h - 1), w) +
                      (size_t)clamp(x - reach, 0, w - 1)];
    largest(large, wide, high, reach, sign, work);
    largest(large, wide, high, reach, -sign, work);
    for (int y = 0; y < h; y++)
        memcpy(out + area_of(y, w), large + area_of(y + reach, wide) + reach,
               (size_t)w * sizeof *out);
done:
    free(work);
    free(large);
    return status;
}

/* --- means ---------------------------------------------------------------------- */

static void blur_line(float *line, int n, size_t stride) {
    float before = line[0];
    for (int i = 0; i < n; i++) {
        float here = line[(size_t)i * stride];
        float after = i + 1 < n ? line[(size_t)(i + 1) * stride] : here;
        line[(size_t)i * stride] = (before + 2.0f * here + after) * 0.25f;
        before = here;
    }
}

void digit_blur(float *plane, int w, int h) {
    for (int y = 0; y < h; y++) blur_line(plane + (size_t)y * (size_t)w, w, 1);
    for (int x = 0; x < w; x++) blur_line(plane + x, h, (size_t)w);
}

/* From a table of sums over all that lies above and to the left. Doubles: the sums of
 * greys, which are multiples of a power of two or nearly so, keep their digits. */
int digit_means(float *out, const float *plane, int w, int h, int reach) {
    size_t wide = (size_t)w + 1;
    double *sums = calloc(wide * ((size_t)h + 1), sizeof *sums);
    if (!sums) return DIGIT_NOMEM;
    for (int y = 0; y < h; y++) {
        double row = 0.0;
        double *here = sums + (size_t)(y + 1) * wide;
        for (int x = 0; x < w; x++) {
            row += (double)plane[(size_t)y * (size_t)w + (size_t)x];
            here[x + 1] = here[x + 1 - (int)wide] + row;
        }
    }
    for (int y = 0; y < h; y++) {
        size_t y0 = (size_t)clamp(y - reach, 0, h),
               y1 = (size_t)clamp(y + reach + 1, 0, h);
        for (int x = 0; x < w; x++) {
            size_t x0 = (size_t)clamp(x - reach, 0, w);
            size_t x1 = (size_t)clamp(x + reach + 1, 0, w);
            double sum = sums[y1 * wide + x1] - sums[y0 * wide + x1] -
                         sums[y1 * wide + x0] + sums[y0 * wide + x0];
            out[(size_t)y * (size_t)w + (size_t)x] =
                (float)(sum / (double)((y1 - y0) * (x1 - x0)));
        }
    }
    free(sums);
    return 0;
}

/* --- parts ---------------------------------------------------------------------- */

void digit_crop(float *plane, int *w, int *h, const digit_box *part) {
    const int wide = part->x1 - part->x0, high = part->y1 - part->y0;
    for (int y = 0; y < high; y++)
        memmove(plane + area_of(y, wide), plane + area_of(part->y0 + y, *w) + part->x0,
                (size_t)wide * sizeof *plane);
    *w = wide;
    *h = high;
}

/* --- quantiles ------------------------------------------------------------------ */

#define BINS 4096

float digit_quantile(const float *plane, const unsigned char *chosen, size_t n, float top,
                     double share) {
    size_t counts[BINS + 1] = {0}, total = 0;
    if (!(top > 0.0f)) return 0.0f;
    for (size_t i = 0; i < n; i++) {
        if (chosen && !chosen[i]) continue;
        float v = plane[i] < 0.0f ? 0.0f : plane[i] > top ? top : plane[i];
        counts[(int)(v / top * BINS)]++;
        total++;
    }
    if (total == 0) return 0.0f;
    double below = share * (double)total;
    size_t seen = 0;
    int bin = 0;
    while (bin < BINS && (double)(seen + counts[bin]) <= below) seen += counts[bin++];
    return top * (float)bin / BINS;
}
