/* synth_parts.h - what the parts of the drawing of synthetic pictures share: chance,
 * paths and forms. For synth*.c alone.
 *
 *     synth_path.c      chance ─► path: the knots that the pen passes
 *     synth_sheet.c     path ─► the sheet bent, slanted, turned
 *     synth_row.c       paths ─► a row, and where a digit is cut out of it
 *     synth_ink.c       path ─► curve ─► ink
 *     synth_display.c   digit ─► lights ─► ink
 *
 * Two drawings of chance never share an expression: C leaves open which is made first. */
#ifndef SYNTH_PARTS_H
#define SYNTH_PARTS_H

#include "synth.h"

/* --- chance ----------------------------------------------------------------------- */

/* splitmix64 (Steele, Lea, Flood 2014): a counter, and a function that mixes its bits. */
typedef struct {
    uint64_t counter;
} synth_chance;

#define SYNTH_GOLDEN 0x9e3779b97f4a7c15u

static inline uint64_t synth_mix(uint64_t z) {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline double synth_uniform(synth_chance *c) { /* 0 ≤ u < 1, a multiple of 2⁻⁵³ */
    c->counter += SYNTH_GOLDEN;
    return (double)(synth_mix(c->counter) >> 11) * 0x1p-53;
}

static inline double synth_between(synth_chance *c, double low, double high) {
    return low + (high - low) * synth_uniform(c);
}

/* Near to a normal deviate, mean 0 and variance 1, but never beyond ±3.47: no outlier
 * draws another digit. */
static inline double synth_bell(synth_chance *c) {
    double sum = -2.0;
    for (int i = 0; i < 4; i++) sum += synth_uniform(c);
    return sum * 1.7320508075688772;
}

/* --- paths ------------------------------------------------------------------------ */

/* What the pen does at a knot: DOWN starts a stroke, BEND is passed smoothly, TURN
 * sharply. */
enum { END, DOWN, BEND, TURN };

#define SYNTH_KNOTS 64 /* the most of a path: some digits side by side */

typedef struct {
    double x, y;
} synth_point;

typedef struct {
    int n;
    signed char pen[SYNTH_KNOTS];
    synth_point at[SYNTH_KNOTS];
    double left, right; /* what is seen of it: where x + lean·y is between; if both are
                           0, all */
    double lean;
} synth_path;

/* A form: one of the ways to write a digit, as the knots that the pen passes. Each knot
 * is given twice, for two extremes of the form: a round and a narrow 0, a small and a
 * large loop. */
typedef struct {
    signed char pen;    /* DOWN, BEND or TURN; END behind the last */
    signed char ax, ay; /* at one extreme: x to the right, y downwards, about 0..100 */
    signed char bx, by; /* at the other */
} synth_knot;

#define SYNTH_FORM_KNOTS 20
#define SYNTH_FORMS      12

typedef struct {
    int weight; /* how often it is written so; 0 in an unused place */
    synth_knot knots[SYNTH_FORM_KNOTS + 1]; /* up to END */
} synth_form;

/* synth_path_draw - the knots of a picture of this style and digit, in hundredths: x to
 * the right, y downwards, about 0..100. digit: 0..9, or −1 in the style of no digits. */
void synth_path_draw(synth_path *p, synth_chance *c, synth_style style, int digit);

/* synth_path_write - the knots of a digit on its sheet, bent, slanted and turned: x and y
 * about -0.5..0.5 (synth_sheet.c). */
void synth_path_write(synth_path *p, synth_chance *c, synth_style style, int digit);

/* synth_row_cut - a digit between others, or beside one, that it touches, mostly, and
 * where it is cut out: a part of the others remains, and a little may be missing. One
 * writer, in any of the styles, wrote all. */
void synth_row_cut(synth_path *row, synth_chance *c, int digit);

/* synth_row_miscut - two digits, of which much is seen of both: no digit. */
void synth_row_miscut(synth_path *row, synth_chance *c);

/* synth_segments - which of seven segments a display lights, by their letters on data
 * sheets. rare: how many of them, 0..1, have 6 and 9 without their ends, 7 with a serif
 * and 1 at the left.
 *
 *      --a--       bit 0: a … bit 6: g
 *     f     b
 *      --g--
 *     e     c
 *      --d--   */
unsigned synth_segments(synth_chance *c, int digit, double rare);

/* --- ink -------------------------------------------------------------------------- */

/* What a picture is drawn with. Lengths are in pixels of the 20×20 that it fills. */
typedef struct {
    double radius;    /* of the pen */
    double soft;      /* across its edge the darkness falls from 1 to 0 within this */
    double swell;     /* how much thicker the stroke is at its end than at its start */
    double belly;     /* and at both ends than in the middle */
    double nib;       /* width of the pen over its height: 1 is round */
    double wobble;    /* how far each piece of the curve strays */
    double fade;      /* how much paler one side is than the other; 0: not at all */
    double fade_turn; /* 0..1: which side */
    double peak;      /* the darkest there is, 0..1 */
    int cells;        /* pixels that the 20 are enlarged from; 20: sharp */
    int hard;         /* no half tones: pixels are ink or paper */
} synth_pen;

#define SYNTH_BOX 20 /* pixels: what MNIST scales a digit to */

/* synth_finish - darkness becomes a picture, faded, enlarged and centred as the pen says.
 *
 *   image  [28][28]  written
 *   ink    of the first pen->cells rows and columns, 0..1; beyond these it is clamped */
void synth_finish(unsigned char image[SYNTH_PIXELS], double ink[SYNTH_BOX][SYNTH_BOX],
                  const synth_pen *pen);

/* synth_ink - the curve through a path, inked, its centre of mass in the middle.
 *
 *   image  [28][28]  written */
void synth_ink(unsigned char image[SYNTH_PIXELS], const synth_path *p,
               const synth_pen *pen, synth_chance *c);

#define SYNTH_LIGHTS 35 /* the most of a display: 5×7 dots */

/* synth_display - a digit as a display of some make shows it.
 *
 *   image  [28][28]  written
 *   digit  0..9 */
void synth_display(unsigned char image[SYNTH_PIXELS], int digit, const synth_pen *pen,
                   synth_chance *c);

#endif
