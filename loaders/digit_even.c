/* digit_even.c - whether all that differs from even paper is ink: see digit_parts.h.
 *
 * Light, vignettes and shadows differ from it too: most of the border may, or pixels the
 * other way (few, where the rest has all of a side of the border), or a patch that is too
 * wide for a stroke, or half tones that reach the border and lie where there is no
 * stroke. */
#include "digit_parts.h"

#define SHADES 64

/* side[w] is the last row's. */
int digit_square(const unsigned char *mask, int *side, int w, int h) {
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

/* Whether most of a corner of the picture is set: a straight shadow has one, and strokes
 * hardly come there. */
static int has_corner(const unsigned char *mask, int w, int h) {
    const int k = 1 + least(w, h) / 24;
    int most = 0;
    for (int corner = 0; corner < 4; corner++) {
        const int x0 = corner % 2 ? w - k : 0, y0 = corner / 2 ? h - k : 0;
        int count = 0;
        for (int i = 0; i < k * k; i++)
            count += mask[area_of(y0 + i / k, w) + (size_t)(x0 + i % k)];
        most = at_least(most, count);
    }
    return 2 * most > k * k;
}

/* Whether a patch of one half tone, wider than a stroke's soft edge, reaches the border
 * and is a tenth of that: a shadow, nearly as dark as ink in the light. One that has a
 * corner may be narrower, as of a bold digit no stroke has. mask, side: for work. */
static int has_patch(const float *ink, float full, const unsigned char *ring,
                     unsigned char *mask, int *side, int w, int h) {
    const size_t n = area_of(w, h);
    size_t counts[SHADES] = {0}, most = 0, frame = 0, seen = 0;
    int at = 0;
    for (size_t i = 0; i < n; i++)
        if (ring[i] && ink[i] > 0.25f * full && ink[i] < 0.9f * full)
            counts[(int)(ink[i] / full * SHADES)]++;
    for (int k = 2; k + 2 < SHADES; k++) {
        size_t around = 0;
        for (int i = k - 2; i <= k + 2; i++) around += counts[i];
        if (around <= most) continue;
        most = around;
        at = k;
    }
    const float low = ((float)at + 0.5f) / SHADES - 0.1f;
    for (size_t i = 0; i < n; i++) {
        mask[i] = most && ink[i] > low * full && ink[i] < (low + 0.2f) * full;
        frame += ring[i];
        seen += ring[i] && mask[i];
    }
    if (10 * seen < frame) return 0;
    if (digit_reach_border(mask, w, h)) return DIGIT_NOMEM;
    const int parts = has_corner(mask, w, h) ? 8 : 4;
    return parts * digit_square(mask, side, w, h) > least(w, h);
}

/* Whether all of one side of the border is set, but for a twentieth. */
static int has_side(const unsigned char *mask, int w, int h) {
    int above = 0, below = 0, left = 0, right = 0;
    for (int x = 0; x < w; x++) {
        above += mask[x];
        below += mask[area_of(h - 1, w) + (size_t)x];
    }
    for (int y = 0; y < h; y++) {
        left += mask[area_of(y, w)];
        right += mask[area_of(y, w) + (size_t)w - 1];
    }
    return 20 * at_least(above, below) > 19 * w || 20 * at_least(left, right) > 19 * h;
}

int digit_evenness(const float *ink, const unsigned char *ring, unsigned char *mask,
                   int *distance, int w, int h, int shaded) {
    size_t n = area_of(w, h), frame = 0, clean = 0, strong = 0, other = 0, half = 0;
    float full = digit_highest(ink, n);
    const int patch = shaded ? 0 : has_patch(ink, full, ring, mask, distance, w, h);
    if (patch) return patch == DIGIT_NOMEM ? patch : DIGIT_PATCHED;
    for (size_t i = 0; i < n; i++) {
        mask[i] = ink[i] > 0.5f * full;
        frame += ring[i];
        clean += ring[i] && ink[i] < 0.15f * full && ink[i] > -0.15f * full;
        strong += ring[i] && mask[i];
        other += ink[i] < -0.15f * full;
    }
    if (5 * (clean + strong) < 2 * frame || 5 * clean < frame || 20 * other > n + 100)
        return DIGIT_UNEVEN;
    /* Paper beside a shade that has dark ink: a 7's bar has no ink of the other kind. */
    if (200 * other > n && has_side(mask, w, h)) return DIGIT_UNEVEN;
    const double most = 20 * clean > 19 * frame ? 0.8 : 0.5; /* in the digit's length */
    if (digit_square(mask, distance, w, h) > most * mask_extent(mask, w, h))
        return DIGIT_UNEVEN;
    int near = at_least(3, least(w, h) / 12);
    if (digit_distances(distance, mask, w, h)) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++)
        mask[i] = ink[i] > 0.25f * full && distance[i] > near * near;
    if (digit_reach_border(mask, w, h)) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++) half += mask[i];
    const size_t parts = shaded ? 200 : 5 * clean > 4 * frame ? 100 : 40;
    return half * parts < n ? DIGIT_EVEN : DIGIT_UNEVEN;
}
