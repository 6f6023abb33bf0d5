/* digit_parts.h - what digit.c and its parts share, and number.c and its own with them.
 *
 * A plane is [h][w] floats, row by row. Functions that need memory of their own return -1
 * if there is none; those that look for ink return 0 if they find none, 1 if they do. */
#ifndef DIGIT_PARTS_H
#define DIGIT_PARTS_H

#include <stddef.h>
#include "digit.h"

/* A place in a plane: x0 ≤ x < x1, y0 ≤ y < y1. */
typedef struct {
    int x0, y0, x1, y1;
} digit_box;

static inline int least(int a, int b) { return a < b ? a : b; }
static inline int at_least(int a, int b) { return a > b ? a : b; }
static inline size_t area_of(int w, int h) { return (size_t)w * (size_t)h; }

/* A picture while it is worked on. */
typedef struct digit_view {
    const unsigned char *grey, *alpha;
    const uint16_t *deep; /* instead of grey */
    int w, h;
    int paper; /* what shows where it is transparent: 255 or 0 */
    const load_stop *stop;
} digit_view;

/* (digit.c) */

/* digit_view_of - looks at what is transparent; the picture must outlive the view. */
digit_view digit_view_of(const digit_picture *picture, const load_stop *stop);

/* digit_reduce - the part of a picture in box, brought down: each pixel is the mean of
 * k × k.
 *
 *   plane   [⌈high/k⌉][⌈wide/k⌉] written: grey 0..255, over paper
 *
 * 0, DIGIT_NOMEM or DIGIT_STOPPED. */
int digit_reduce(float *plane, const digit_view *view, const digit_box *box, int k);

/* digit_draw - a plane of ink, 0..1, all of which is one digit's, becomes h × w pixels as
 * by digit_normalise.
 *
 *   plane   [high][wide], overwritten
 *
 * DIGIT_INK, DIGIT_BLANK, DIGIT_NOMEM or DIGIT_STOPPED. */
int digit_draw(unsigned char *out, int h, int w, float *plane, int wide, int high,
               const load_stop *stop);

/* digit_contrast - (digit_paper.c) grey becomes ink.
 *
 *   plane   grey 0..255, overwritten: 0 paper .. 1 ink
 *
 * DIGIT_INK, DIGIT_BLANK if nothing stands out from the paper, DIGIT_NOMEM. */
int digit_contrast(float *plane, int w, int h);

/* digit_strokes - (digit_ink.c) leaves the digit alone on the paper, and its pen one that
 * people write with.
 *
 *   plane   0 paper .. 1 ink, overwritten: as before, without specks and strangers,
 *           strokes made wider or narrower if need be
 *   field   how many pixels the digit's longer side will have in the end: 20
 *   box     written: where ink is
 *
 * DIGIT_INK, DIGIT_BLANK, DIGIT_NOMEM. */
int digit_strokes(float *plane, int w, int h, double field, digit_box *box);

/* digit_pen - (digit_ink.c) the same of a plane in which all ink is the digit's. */
int digit_pen(float *plane, int w, int h, double field, digit_box *box);

/* (digit_plane.c) */

/* digit_distances - the square of each pixel's distance to the nearest one that is set.
 *
 *   out     [h][w] written; a large number where mask is empty
 *   mask    [h][w] 0 or 1
 *
 * 0 or DIGIT_NOMEM. Exact: Meijster, Roerdink, Hesselink (2000). */
int digit_distances(int *out, const unsigned char *mask, int w, int h);

/* digit_envelope - what remains of a plane when dark strokes are filled (closing, dark =
 * 1) or bright ones levelled (opening, dark = 0), up to 2·reach pixels wide.
 *
 *   out     [h][w] written; outside the plane its border goes on
 *
 * Edges between light and shadow, ramps and wide patches stay as they are. 0 or
 * DIGIT_NOMEM. */
int digit_envelope(float *out, const float *plane, int w, int h, int reach, int dark);

/* digit_blur - in place: each pixel and its eight neighbours, weighed 1 2 1 both
 * ways. */
void digit_blur(float *plane, int w, int h);

/* digit_means - out[y][x]: the mean of the square of pixels up to reach away. 0 or
 * DIGIT_NOMEM. */
int digit_means(float *out, const float *plane, int w, int h, int reach);

/* digit_quantile - the value that this share of the chosen pixels lies below, 0..top, to
 * within top/4096; 0 if none is chosen.
 *
 *   plane   [n]; values outside 0..top count as 0 or top
 *   chosen  [n] 0 or 1; NULL: all */
float digit_quantile(const float *plane, const unsigned char *chosen, size_t n, float top,
                     double share);

#endif
