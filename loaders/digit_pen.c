/* digit_pen.c - how wide a digit's strokes should be: see digit_parts.h.
 *
 * A line one pixel wide in a picture a thousand wide would vanish when that becomes 28,
 * and a broad pen would close the rings of an 8. MNIST's strokes are 1.3 to 4.6 pixels
 * wide in 98 of 100 digits, when twice the area over the outline's length is taken as
 * width. What is beyond is brought back to these. */
#include <math.h>
#include <stdlib.h>
#include "digit_parts.h"

#define LEAST_WIDTH 1.3 /* pixels of the final picture, whose digit is 20 high */
#define MOST_WIDTH  4.6

/* Width of the strokes: a stroke of width a and length b has area a·b and an outline of
 * 2·b. The outline is counted along pixels' sides, which in the mean over all directions
 * is 4/π times too long. */
static double stroke_width(const float *ink, const unsigned char *mask, int w, int h) {
    double area = 0.0;
    long sides = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            size_t i = (size_t)y * (size_t)w + (size_t)x;
            if (!mask[i]) continue;
            area += (double)ink[i];
            sides += x == 0 || !mask[i - 1];
            sides += x == w - 1 || !mask[i + 1];
            sides += y == 0 || !mask[i - (size_t)w];
            sides += y == h - 1 || !mask[i + (size_t)w];
        }
    return 2.0 * area / ((double)sides * 0.785398);
}

/* r more ink on each side of the strokes, or less where r < 0. A pixel's share of ink is
 * how far its middle is inside the new edge, which is what antialiases it. The old edge
 * is half a pixel from the middle of the mask's outermost pixels. */
static int change_width(float *ink, unsigned char *mask, int w, int h, double r) {
    size_t n = area_of(w, h);
    int *distance = malloc(n * sizeof *distance);
    if (!distance) return DIGIT_NOMEM;
    for (size_t i = 0; i < n && r < 0.0; i++) mask[i] = !mask[i];
    const int status = digit_distances(distance, mask, w, h);
    for (size_t i = 0; i < n && !status; i++) {
        double away = sqrt((double)distance[i]);
        float v = (float)(r < 0.0 ? away + r : r + 1.0 - away);
        v = v < 0.0f ? 0.0f : v > 1.0f ? 1.0f : v;
        if (r < 0.0 ? v < ink[i] : v > ink[i]) ink[i] = v;
    }
    free(distance);
    return status;
}

/* Change of the width on each side that brings strokes to 'want' pixels in the end, when
 * the digit, which grows with them, is scaled to 'field':
 *     width + 2r = want/field · (size + 2r) */
static double change_to(double want, double field, double width, double size) {
    double share = want / field;
    return (share * size - width) / (2.0 * (1.0 - share));
}

int digit_pen(float *ink, unsigned char *mask, int w, int h, int size, double field) {
    double width = stroke_width(ink, mask, w, h), unit = field / 20.0;
    double final = width * field / size, r = 0.0;
    if (final < LEAST_WIDTH * unit)
        r = change_to(LEAST_WIDTH * unit, field, width, size);
    else if (final > MOST_WIDTH * unit) {
        r = change_to(MOST_WIDTH * unit, field, width, size);
        r = r < -0.3 * width ? -0.3 * width : r; /* something must remain */
    }
    return r != 0.0 ? change_width(ink, mask, w, h, r) : 0;
}
