/* number.h - a picture of digits: where they may be, and what each would look like.
 *
 *     number_lattice lattice;
 *     digit_picture picture = {.grey = grey, .height = 200, .width = 900};
 *     if (number_find(&lattice, 28, 28, &picture, 0, NULL) == DIGIT_INK) {
 *         … a network looks at lattice.pixels; the cheapest way through each line … }
 *     number_free(&lattice);
 *
 * Where one digit ends and the next begins, a network knows better than any rule. So ink
 * is cut into too many parts rather than too few, and each run of neighbouring parts that
 * may be one digit is a span, with a picture of its own. Who reads the number lets a
 * network look at all spans, and takes those that together are cheapest: as cheques are
 * read (LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
 * recognition", 1998).
 *
 * A stroke that two loops share is drawn with both. Where rings cross, the part between
 * the cuts may be taken for both. So boxes of neighbours may overlap.
 *
 *     parts  0 │ 1 │ 2 │ 3      spans  0-1, 1-2, 2-3, 3-4, 1-3 (a 5 and its bar?), …
 *                                      0-2 and 1-4 (two 0s that cross?) */
#ifndef NUMBER_H
#define NUMBER_H

#include <stddef.h>
#include "digit.h"

/* Beyond these a picture is a page, or noise: DIGIT_CROWDED. */
#define NUMBER_MAX_PARTS 2048
#define NUMBER_MAX_SPANS 8192

#define NUMBER_MOST_JOINED 7 /* parts of one span */

enum { DIGIT_CROWDED = -3 };
enum { NUMBER_LEFT = 1, NUMBER_RIGHT = 2 };

/* A run of parts of one line that may be a digit. Lengths are to the height of the line's
 * digits, and of the upright line: as if it did not lean. */
typedef struct number_span {
    int first, last;         /* parts first … last - 1, numbered through all lines */
    int x, y, width, height; /* in pixels of the picture, within it */
    float wide, high;
    float ink; /* length of its strokes */
    float gap; /* what is empty between its parts, from left to right */
    float cut; /* strokes that were cut at its ends; together */
    int doubt; /* it may be a slash, however much it looks like a 1 */
    int whole; /* it is one piece of ink, all of it, that stood alone */
    int ends;  /* NUMBER_LEFT, NUMBER_RIGHT: ends that it must have in common with its
                  neighbour there, whose side in them is left out of it */
} number_span;

/* A line of digits, from left to right. */
typedef struct number_line {
    int first, last;           /* parts */
    int first_span, last_span; /* spans, in order of `last`, then of `first` */
} number_line;

typedef struct number_lattice {
    number_line *lines;    /* [n_lines] from top to bottom */
    number_span *spans;    /* [n_spans] */
    float *skip;           /* [n_parts] the cost of taking a part for no digit's */
    float *share;          /* [n_parts] that of having it both, to each: number_share */
    unsigned char *pixels; /* [n_spans][h][w] 0 paper … 255 ink, as digit_normalise's */
    int n_lines, n_spans, n_parts;
    int doubtful; /* whether there are rules that may be strokes of digits that touch */
} number_lattice;

/* number_find - looks for lines of digits in a picture.
 *
 *   out    written, zeros at first or not; number_free frees it, whatever the result
 *   h, w   size of a span's pixels: 28, 28
 *   keep   0: rules are left out; 1: those stay that may be strokes of digits. Whether
 *          there are any, doubtful says: a network knows which is better
 *   stop   asked every few milliseconds; may be NULL
 *
 * The same on every machine. Returns DIGIT_INK; DIGIT_BLANK if there is nothing like a
 * digit; DIGIT_CROWDED; DIGIT_NOMEM; DIGIT_STOPPED. */
int number_find(number_lattice *out, int h, int w, const digit_picture *picture, int keep,
                const load_stop *stop);
void number_free(number_lattice *lattice);

/* number_cost - what it costs to take a span for one digit, 0..9, or for another sign
 * (-1), whatever a network says of it: 0 for one part of the digit's size, more for what
 * is joined over a gap, cut off, too low, or wider or with more ink than that digit. Of
 * the kind of -log p. */
float number_cost(const number_span *span, int digit);

#define NUMBER_NEVER 1e9f /* what it costs to do what cannot be */

/* number_share - what it costs a digit, or -1 for another sign, to have a part in common
 * with its neighbour, which has its own share of that: little where the part was cut at
 * both sides, and the digit has a ring. */
float number_share(const number_lattice *lattice, int part, int digit);

#endif
