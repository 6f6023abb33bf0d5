/* digit_parts.h - what digit.c and its parts share; and number.c and its own with them.
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

/* How many pixels of a picture's n become, k of them one. */
static inline int digit_reduced(int n, int k) { return (n + k - 1) / k; }

/* Of n pixels a digit takes so many: 20 of 28. */
static inline int digit_field(int n) { return at_least(1, (n * 5 + 3) / 7); }

/* Weights of red, green and blue in 2¹⁵ths: Rec. 709's luma. */
#define DIGIT_LUMA                                                                       \
    { 6968, 23434, 2366 }

/* A picture while it is worked on. */
typedef struct digit_view {
    const unsigned char *grey, *alpha;
    const uint16_t *deep; /* instead of grey */
    int w, h;
    int paper; /* what shows where it is transparent: 255 or 0 */
    const load_stop *stop;
    const unsigned char *rgb; /* instead of both: a colour's grey is, in 2¹⁵ths, */
    int weights[3], offset;   /* the sum of its weighed parts and offset, 0..255 */
} digit_view;

/* (digit_reduce.c) */

/* digit_view_of - looks at what is transparent; the picture must outlive the view. */
digit_view digit_view_of(const digit_picture *picture, const load_stop *stop);

/* digit_colour - (digit_colour.c) chooses by which weights a view's colours become grey.
 */
void digit_colour(digit_view *view);

/* digit_reduce - the part of a picture in box, brought down: each pixel is the mean of
 * k × k.
 *
 *   plane   [digit_reduced(high, k)][digit_reduced(wide, k)] written: grey 0..255, over
 *           paper
 *   box     within the picture, not empty
 *
 * 0, DIGIT_NOMEM or DIGIT_STOPPED. */
int digit_reduce(float *plane, const digit_view *view, const digit_box *box, int k);

/* digit_contrast - (digit_paper.c) grey becomes ink.
 *
 *   plane   grey 0..255, overwritten: 0 paper .. 1 ink
 *
 * DIGIT_INK, DIGIT_BLANK if nothing stands out from the paper, DIGIT_NOMEM,
 * DIGIT_STOPPED. */
int digit_contrast(float *plane, int w, int h, const load_stop *stop);

/* (digit_even.c) */

enum { DIGIT_UNEVEN, DIGIT_EVEN, DIGIT_PATCHED };

/* digit_evenness - whether all that differs from even paper is ink.
 *
 *   ink             [h][w] how far a pixel differs from the paper
 *   ring            [h][w] 1 along the border
 *   mask, distance  [h][w], for work
 *   shaded          whether a surface was fitted to all of the paper: it follows the
 *                   light, and so fewer half tones are a shadow
 *
 * DIGIT_EVEN; DIGIT_UNEVEN; DIGIT_PATCHED by a shadow that has a hard edge, which a
 * surface cannot follow; DIGIT_NOMEM. */
int digit_evenness(const float *ink, const unsigned char *ring, unsigned char *mask,
                   int *distance, int w, int h, int shaded);

/* digit_square - the side of the largest square that lies in a mask [h][w]. side: room
 * for w numbers. */
int digit_square(const unsigned char *mask, int *side, int w, int h);

/* (digit_levels.c) */

/* digit_highest - the value that but a few outliers stay below: those are one pixel in
 * 2000, or two. */
float digit_highest(const float *plane, size_t n);

/* digit_reach_border - leaves in a mask [h][w] what hangs together with the border. 0 or
 * DIGIT_NOMEM. */
int digit_reach_border(unsigned char *mask, int w, int h);

/* digit_noise - deviation of a plane's noise. work: [h][w]. */
float digit_noise(const float *grey, float *work, int w, int h);

/* digit_stretch - ink in any unit becomes 0 .. 1.
 *
 *   mask, distance   [h][w], for work
 *   scale            greys in one unit
 *   noise            in greys
 *   even             whether it lies on even paper
 *
 * DIGIT_INK, DIGIT_BLANK, DIGIT_NOMEM. */
int digit_stretch(float *ink, unsigned char *mask, int *distance, int w, int h,
                  float scale, float noise, int even);

/* digit_softness - over how many pixels ink rises from 0 to full at strokes' edges. */
float digit_softness(const float *ink, int w, int h, float full);

/* (digit_piece.c) */

/* Ink that hangs together. */
typedef struct {
    digit_box box;
    int area; /* pixels */
} digit_piece;

/* digit_box_add - makes a box as large as to hold another. */
static inline void digit_box_add(digit_box *box, int x0, int y0, int x1, int y1) {
    box->x0 = least(box->x0, x0);
    box->y0 = least(box->y0, y0);
    box->x1 = at_least(box->x1, x1);
    box->y1 = at_least(box->y1, y1);
}

/* digit_root - the first member of i's group, after making the way there shorter.
 * digit_join - makes one group of two.
 *
 *   group  a member of the same group each, the first one's own number */
static inline int digit_root(int *group, int i) {
    while (group[i] != i) i = group[i] = group[group[i]];
    return i;
}
static inline void digit_join(int *group, int i, int j) {
    const int a = digit_root(group, i), b = digit_root(group, j);
    group[at_least(a, b)] = least(a, b);
}

/* digit_pieces - finds the pieces of a mask: pixels that touch, by a corner at least.
 *
 *   pieces  malloc'd: free() them; in the order of their first pixels
 *   labels  [h][w] written: the piece a pixel is of, -1 where mask is 0
 *   mask    [h][w] 0 or 1
 *
 * Returns how many, or DIGIT_NOMEM. */
int digit_pieces(digit_piece **pieces, int *labels, const unsigned char *mask, int w,
                 int h);

/* digit_grow - sets what is up to reach pixels, along x and y, from what is set in mask.
 * 0 or DIGIT_NOMEM. */
int digit_grow(unsigned char *mask, int w, int h, int reach);

/* (digit_ink.c) */

/* digit_frame - (digit_frame.c) the part of a picture within what lies along its border
 * and is no paper.
 *
 *   grey   [h][w] 0..255
 *
 * 0 or DIGIT_NOMEM. */
int digit_frame(digit_box *box, const float *grey, int w, int h);

/* digit_sheet - (digit_sheet.c) the part of a picture around a sheet that lies on a
 * table; what is left of the table in it becomes paper. All, if there is none.
 *
 *   grey   [h][w] 0..255, changed
 *
 * 0 or DIGIT_NOMEM. */
int digit_sheet(digit_box *box, float *grey, int w, int h);

/* (digit_lean.c) */

#define DIGIT_LEAN 12 /* 64ths: lines that fall by more do not count as level */

/* digit_leant - by how much a line that falls by so many 64ths has fallen. */
static inline int digit_leant(int lean, int along) {
    const int sum = lean * along + 32;
    return sum >= 0 ? sum / 64 : -((63 - sum) / 64);
}

/* digit_straight - the line that most of a profile lies along, to within a pixel.
 *
 *   lean, from   written: it is at from + digit_leant(lean, i - n / 2)
 *   at           [n] places 0 … span - 1, or -1 for none
 *   work         room for span + n numbers, and 8
 *
 * Returns how many are on it; of lines with as many the one that is nearest to level. */
int digit_straight(int *lean, int *from, const int *at, int n, int span, int *work);

/* digit_rules - (digit_rule.c) takes boxes, circles, combs and underlines out of a mask
 * [h][w] of ink. 0 or DIGIT_NOMEM. */
int digit_rules(unsigned char *mask, int w, int h);

#define DIGIT_STRONG 0.4f  /* more is ink for sure */
#define DIGIT_PALE   0.15f /* more is ink where it hangs together with such */

/* digit_choose - which ink is the digit's: no specks, no strangers.
 *
 *   mask    [h][w] written: 1 where it is
 *   ink     [h][w] 0 paper .. 1 ink; changed: others' becomes paper
 *   box     written: around it
 *
 * DIGIT_INK, DIGIT_SEVERAL, DIGIT_BLANK, DIGIT_NOMEM. */
int digit_choose(unsigned char *mask, float *ink, int w, int h, digit_box *box);

/* (digit_field.c) */

/* digit_draw_part - a digit as MNIST has them: its pen one that people write
 * with, 20 of 28 pixels high or wide, its centre of mass in the middle.
 *
 *   out     [h][w] written: 0 paper … 255 ink
 *   ink     [ph][pw] 0 paper .. 1 ink
 *   mask    [ph][pw] 1 where that is the digit's; what lies near to it is taken for its
 *           soft edge
 *
 * DIGIT_INK, DIGIT_BLANK, DIGIT_NOMEM, DIGIT_STOPPED. */
int digit_draw_part(unsigned char *out, int h, int w, const float *ink,
                    const unsigned char *mask, int pw, int ph, const load_stop *stop);

/* digit_draw - the same of a plane [ph][pw] in which all ink is the digit's. */
int digit_draw(unsigned char *out, int h, int w, const float *ink, int pw, int ph,
               const load_stop *stop);

/* digit_pen - (digit_pen.c) makes strokes wider or narrower where people do not write so.
 *
 *   ink     [h][w] changed
 *   mask    [h][w] 1 where a stroke is; overwritten
 *   size    of the digit's longer side in it
 *   field   what that will be in the end: 20
 *
 * 0 or DIGIT_NOMEM. */
int digit_pen(float *ink, unsigned char *mask, int w, int h, int size, double field);

/* (digit_plane.c) */

/* digit_crop - a part of a plane [*h][*w] becomes the plane. */
void digit_crop(float *plane, int *w, int *h, const digit_box *part);

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

/* digit_dilate - each value becomes the largest of the square up to reach away. 0 or
 * DIGIT_NOMEM. */
int digit_dilate(float *plane, int w, int h, int reach);

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
