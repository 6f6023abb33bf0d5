/* digit_levels.c - ink is stretched to 0 … 1: see digit_parts.h.
 *
 * 1 is what most of the strokes reach, 0 what grain, noise and faint lines reach where
 * there are no strokes. */
#include <stdlib.h>
#include "digit_parts.h"

#define LEAST_CONTRAST 8.0f /* greys; less is no ink but an uneven sheet */

float digit_highest(const float *plane, size_t n) {
    float top = 0.0f;
    for (size_t i = 0; i < n; i++) top = plane[i] > top ? plane[i] : top;
    double outliers = n > 4000 ? 1.0 / 2000 : 1.5 / (double)n;
    return digit_quantile(plane, NULL, n, top, 1.0 - outliers);
}

/* --- what reaches the border ---------------------------------------------------- */

int digit_reach_border(unsigned char *mask, int w, int h) {
    const size_t n = area_of(w, h);
    int *labels = malloc(n * sizeof *labels), count = DIGIT_NOMEM;
    digit_piece *pieces = NULL;
    if (labels) count = digit_pieces(&pieces, labels, mask, w, h);
    for (size_t i = 0; i < n && count >= 0; i++) {
        if (!mask[i]) continue;
        const digit_box *b = &pieces[labels[i]].box;
        mask[i] = b->x0 == 0 || b->y0 == 0 || b->x1 == w || b->y1 == h;
    }
    free(pieces);
    free(labels);
    return count < 0 ? DIGIT_NOMEM : 0;
}

/* --- levels --------------------------------------------------------------------- */

/* Deviation of the noise: pixels are compared with their neighbours by a filter that is
 * blind to ramps and edges (Immerkær 1996), and the median is not moved by strokes. */
float digit_noise(const float *grey, float *work, int w, int h) {
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

/* By how much it rises from a pixel to the next, where it passes a half. */
float digit_softness(const float *ink, int w, int h, float full) {
    double rise = 0.0;
    size_t count = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const float *p = ink + area_of(y, w) + (size_t)x;
            for (int down = 0; down < 2; down++) {
                if (down ? y + 1 == h : x + 1 == w) continue;
                const float a = p[0], b = p[down ? w : 1];
                if ((a > 0.5f * full) == (b > 0.5f * full)) continue;
                rise += a > b ? (double)(a - b) : (double)(b - a);
                count++;
            }
        }
    return count ? (float)(full * (double)count / rise) : 1.0f;
}

/* What the paper reaches: nearly all pixels that are away from strokes, and those pale
 * ones that hang together with the border. Other pale ones are strokes, too. */
static int floor_of(float *floor, const float *ink, unsigned char *mask,
                    unsigned char *pale, const int *distance, int w, int h, float full,
                    int near) {
    const size_t n = area_of(w, h);
    for (size_t i = 0; i < n; i++)
        pale[i] = distance[i] > near * near && ink[i] > 0.1f * full;
    if (digit_reach_border(pale, w, h)) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++)
        mask[i] = distance[i] > near * near && (pale[i] || ink[i] <= 0.1f * full);
    *floor = digit_quantile(ink, mask, n, full, 0.995);
    *floor = *floor > 0.35f * full ? 0.35f * full : *floor;
    return 0;
}

int digit_stretch(float *ink, unsigned char *mask, int *distance, int w, int h,
                  float scale, float noise, int even) {
    size_t n = area_of(w, h), far = 0;
    float full = digit_highest(ink, n), floor;
    for (size_t i = 0; i < n; i++) mask[i] = ink[i] > 0.5f * full;
    full = digit_quantile(ink, mask, n, full, 0.8);
    if (!(full * scale > LEAST_CONTRAST)) return DIGIT_BLANK;
    if (!even && full * scale < 4.0f * noise) return DIGIT_BLANK;
    if (digit_distances(distance, mask, w, h)) return DIGIT_NOMEM;
    int near = at_least(2, least(w, h) / 40);
    for (size_t i = 0; i < n; i++) far += distance[i] > near * near;
    /* Ink everywhere: that is no digit but grain. */
    if (!even && (double)far < 0.25 * (double)n) return DIGIT_BLANK;
    near = at_least(near, (int)(digit_softness(ink, w, h, full) + 0.5f));
    unsigned char *pale = malloc(n);
    const int status = pale
                           ? floor_of(&floor, ink, mask, pale, distance, w, h, full, near)
                           : DIGIT_NOMEM;
    free(pale);
    if (status) return status;
    for (size_t i = 0; i < n; i++) {
        float v = (ink[i] - floor) / (full - floor);
        ink[i] = v < 0.0f ? 0.0f : v > 1.0f ? 1.0f : v;
    }
    return DIGIT_INK;
}
