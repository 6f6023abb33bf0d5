/* digit_paper.c - from grey to ink: what is paper, and how much darker or brighter than
 * it is each pixel? See digit_parts.h.
 *
 *     grey ─► even paper?  ─yes─► distance from the paper's grey ──────┐
 *                          ─no──► distance from the paper's envelope ──┴─► 0 … 1
 *
 * Even paper has one grey: the picture was drawn, or scanned well. Then the border says
 * which grey, and ink is what differs from it, however wide and wherever it is.
 *
 * A photograph has light and shadow, which can differ more than ink from paper. There the
 * paper at a place is what would be seen if strokes were filled: the envelope. It follows
 * ramps of light and edges of shadows but not strokes, as they are narrow. Ink reflects a
 * share of the light that falls on the paper, so it is measured as a share of the paper's
 * grey: the same in light and shadow.
 *
 * In the end ink is stretched to 0 … 1: 1 is what most of the strokes reach, 0 what
 * grain, noise and faint lines reach where there are no strokes. */
#include <stdlib.h>
#include "digit_parts.h"

#define LEAST_CONTRAST 8.0f /* greys; less is no ink but an uneven sheet */

/* The value that but a few outliers stay below: those are one pixel in 2000, or two. */
static float nearly_highest(const float *plane, size_t n) {
    float top = 0.0f;
    for (size_t i = 0; i < n; i++) top = plane[i] > top ? plane[i] : top;
    double outliers = n > 4000 ? 1.0 / 2000 : 1.5 / (double)n;
    return digit_quantile(plane, NULL, n, top, 1.0 - outliers);
}

/* --- even paper ----------------------------------------------------------------- */

/* Marks the frame of pixels along the border, about 1/32 of the picture wide. */
static void mark_ring(unsigned char *ring, int w, int h) {
    int t = at_least(1, least(w, h) / 32);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            ring[(size_t)y * (size_t)w + (size_t)x] = x < t || y < t || x >= w - t ||
                                                      y >= h - t;
}

/* The paper's grey: the median of the ring, or rather the mean of what is near to it. */
static float ring_grey(const float *grey, const unsigned char *ring, size_t n) {
    float median = digit_quantile(grey, ring, n, 255.0f, 0.5);
    double sum = 0.0;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        float off = grey[i] - median;
        if (!ring[i] || off > 2.0f || off < -2.0f) continue;
        sum += (double)grey[i];
        count++;
    }
    return count ? (float)(sum / (double)count) : median;
}

/* +1 if ink is darker than the paper, -1 if it is brighter: the side on which pixels are
 * farther away, by the sum of their squares. */
static float ink_side(const float *grey, size_t n, float paper) {
    double dark = 0.0, bright = 0.0;
    for (size_t i = 0; i < n; i++) {
        double off = (double)(paper - grey[i]);
        if (off > 0.0)
            dark += off * off;
        else
            bright += off * off;
    }
    return dark >= bright ? 1.0f : -1.0f;
}

/* Side of the largest square that lies in the mask. side[w] is the last row's. */
static int largest_square(const unsigned char *mask, int *side, int w, int h) {
    int most = 0;
    for (int x = 0; x < w; x++) side[x] = 0;
    for (int y = 0; y < h; y++) {
        int corner = 0; /* up and to the left */
        for (int x = 0; x < w; x++) {
            int up = side[x], left = x ? side[x - 1] : 0;
            side[x] = mask[(size_t)y * (size_t)w + (size_t)x]
                          ? 1 + least(corner, least(up, left))
                          : 0;
            corner = up;
            most = at_least(most, side[x]);
        }
    }
    return most;
}

/* Longer side of the box around the mask. */
static int mask_extent(const unsigned char *mask, int w, int h) {
    int x0 = w, x1 = 0, y0 = h, y1 = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            if (!mask[(size_t)y * (size_t)w + (size_t)x]) continue;
            x0 = least(x0, x);
            x1 = at_least(x1, x + 1);
            y0 = least(y0, y);
            y1 = at_least(y1, y + 1);
        }
    return at_least(x1 - x0, y1 - y0);
}

/* Is all that differs from one grey ink? ink[i] is how far it differs. Not if part of the
 * border does, or pixels differ the other way, or a patch is too wide for a stroke, or
 * half tones lie where there is no stroke: light, vignettes and shadows do these. */
static int is_even(const float *ink, const unsigned char *ring, unsigned char *mask,
                   int *distance, int w, int h) {
    size_t n = area_of(w, h), frame = 0, clean = 0, other = 0, half = 0;
    float full = nearly_highest(ink, n);
    for (size_t i = 0; i < n; i++) {
        mask[i] = ink[i] > 0.5f * full;
        frame += ring[i];
        clean += ring[i] && ink[i] < 0.15f * full && ink[i] > -0.15f * full;
        other += ink[i] < -0.15f * full;
    }
    if ((double)clean < 0.5 * (double)frame || (double)other > 0.01 * (double)n) return 0;
    if (largest_square(mask, distance, w, h) > 0.36 * mask_extent(mask, w, h)) return 0;
    int near = at_least(3, least(w, h) / 12);
    if (digit_distances(distance, mask, w, h)) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++)
        half += ink[i] > 0.25f * full && distance[i] > near * near;
    return (double)half < 0.01 * (double)n;
}

/* --- uneven paper --------------------------------------------------------------- */

/* Ink is the side on which pixels differ more from their surroundings, by the sum of
 * their cubes: an edge of a shadow has as much on both sides, and a stroke is narrower
 * than what surrounds it, so it differs more. */
static int local_side(float *side, float *work, const float *grey, int w, int h) {
    double sum = 0.0;
    size_t n = area_of(w, h);
    if (digit_means(work, grey, w, h, at_least(2, least(w, h) / 4))) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++) {
        double off = (double)(work[i] - grey[i]);
        sum += off * off * off;
    }
    *side = sum >= 0.0 ? 1.0f : -1.0f;
    return 0;
}

/* grey becomes ink as a share of the paper's grey, work the paper's grey. darkest: what
 * is darker counts as so dark, or noise in the dark would be ink. */
static int local_ink(float *grey, float *work, int w, int h, float darkest) {
    size_t n = area_of(w, h);
    float side;
    if (least(w, h) >= 64) digit_blur(grey, w, h);
    if (local_side(&side, work, grey, w, h) ||
        digit_envelope(work, grey, w, h, at_least(2, least(w, h) / 6), side > 0.0f))
        return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++) {
        float paper = work[i] > darkest ? work[i] : darkest;
        grey[i] = side * (work[i] - grey[i]) / paper;
    }
    return 0;
}

/* --- levels --------------------------------------------------------------------- */

/* Deviation of the noise: pixels are compared with their neighbours by a filter that is
 * blind to ramps and edges (Immerkær 1996), and the median is not moved by strokes. */
static float noise_of(const float *grey, float *work, int w, int h) {
    size_t n = 0;
    for (int y = 1; y + 1 < h; y++)
        for (int x = 1; x + 1 < w; x++) {
            const float *p = grey + (size_t)y * (size_t)w + (size_t)x;
            const float *a = p - w, *b = p + w;
            float v = 4.0f * p[0] - 2.0f * (p[-1] + p[1] + a[0] + b[0]) + a[-1] + a[1] +
                      b[-1] + b[1];
            work[n++] = v < 0.0f ? -v : v;
        }
    return digit_quantile(work, NULL, n, 1024.0f, 0.5) / (6.0f * 0.6745f);
}

/* Stretches ink to 0..1. scale: greys in one unit of it. */
static int stretch(float *ink, unsigned char *mask, int *distance, int w, int h,
                   float scale, float noise, int even) {
    size_t n = area_of(w, h), far = 0;
    float full = nearly_highest(ink, n);
    for (size_t i = 0; i < n; i++) mask[i] = ink[i] > 0.5f * full;
    full = digit_quantile(ink, mask, n, full, 0.8);
    if (!(full * scale > LEAST_CONTRAST)) return DIGIT_BLANK;
    if (!even && full * scale < 4.0f * noise) return DIGIT_BLANK;
    if (digit_distances(distance, mask, w, h)) return DIGIT_NOMEM;
    int near = at_least(2, least(w, h) / 40);
    for (size_t i = 0; i < n; i++) {
        mask[i] = distance[i] > near * near;
        far += mask[i];
    }
    /* Ink everywhere: that is no digit but grain. */
    if (!even && (double)far < 0.25 * (double)n) return DIGIT_BLANK;
    float floor = digit_quantile(ink, mask, n, full, 0.995);
    floor = floor > 0.35f * full ? 0.35f * full : floor;
    for (size_t i = 0; i < n; i++) {
        float v = (ink[i] - floor) / (full - floor);
        ink[i] = v < 0.0f ? 0.0f : v > 1.0f ? 1.0f : v;
    }
    return DIGIT_INK;
}

int digit_contrast(float *plane, int w, int h) {
    size_t n = area_of(w, h);
    float *work = calloc(n, sizeof *work);
    int *distance = malloc(n * sizeof *distance);
    unsigned char *ring = malloc(n), *mask = malloc(n);
    int status = DIGIT_NOMEM;
    if (!work || !distance || !ring || !mask) goto done;
    float noise = noise_of(plane, work, w, h), scale = 1.0f;
    mark_ring(ring, w, h);
    float paper = ring_grey(plane, ring, n), side = ink_side(plane, n, paper);
    for (size_t i = 0; i < n; i++) work[i] = side * (paper - plane[i]);
    int even = is_even(work, ring, mask, distance, w, h);
    if (even == DIGIT_NOMEM) goto done;
    if (even) {
        for (size_t i = 0; i < n; i++) plane[i] = work[i];
    } else {
        scale = paper > 8.0f ? paper : 8.0f;
        if (local_ink(plane, work, w, h, 0.3f * scale)) goto done;
    }
    status = stretch(plane, mask, distance, w, h, scale, noise, even);
done:
    free(mask);
    free(ring);
    free(distance);
    free(work);
    return status;
}
