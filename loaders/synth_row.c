/* synth_row.c - digits in a row, and where one is cut out of it: see synth_parts.h.
 *
 * Neighbours stand so close that strokes touch, mostly. A digit is cut out near its ends:
 * parts of neighbours remain, and a part of its own may be missing. A miscut holds much
 * of two digits. */
#include <math.h>
#include "synth_parts.h"

/* From where to where a path reaches. */
typedef struct {
    double left, right, top, bottom;
} extent;

static extent extent_of(const synth_path *p) {
    extent e = {p->at[0].x, p->at[0].x, p->at[0].y, p->at[0].y};
    for (int i = 1; i < p->n; i++) {
        e.left = fmin(e.left, p->at[i].x);
        e.right = fmax(e.right, p->at[i].x);
        e.top = fmin(e.top, p->at[i].y);
        e.bottom = fmax(e.bottom, p->at[i].y);
    }
    return e;
}

static void move(synth_path *p, double scale, double x, double y) {
    for (int i = 0; i < p->n; i++) {
        p->at[i].x = x + scale * p->at[i].x;
        p->at[i].y = y + scale * p->at[i].y;
    }
}

static void append(synth_path *row, const synth_path *p) {
    for (int i = 0; i < p->n && row->n < SYNTH_KNOTS; i++) {
        row->pen[row->n] = p->pen[i];
        row->at[row->n++] = p->at[i];
    }
}

/* How all the digits of a row are written. */
static synth_style choose_writer(synth_chance *c) {
    const double pick = synth_uniform(c);
    return pick < 0.25   ? SYNTH_PEN
           : pick < 0.5  ? SYNTH_WORLD
           : pick < 0.75 ? SYNTH_CURSIVE
           : pick < 0.9  ? SYNTH_MOUSE
                         : SYNTH_PRINT;
}

/* Any digit; a 0 three times as often as others, as in people's numbers. */
static int choose_digit(synth_chance *c) {
    const int pick = (int)(synth_uniform(c) * 12.0);
    return pick < 10 ? pick : 0;
}

/* A neighbour as high as the digit, about, on its line, about. side: -1 to its left, 1 to
 * its right. Returns where it reaches. */
static extent add_neighbour(synth_path *row, synth_chance *c, const extent *digit,
                            synth_style style, int side) {
    const int other = choose_digit(c);
    synth_path p;
    synth_path_write(&p, c, style, other);
    extent e = extent_of(&p);
    const double high = digit->bottom - digit->top;
    const double size = synth_between(c, 0.85, 1.15), rise = 0.07 * synth_bell(c);
    const double gap = synth_between(c, -0.2, 0.1) * high;
    const double scale = fmin(size * high / fmax(e.bottom - e.top, 1e-3), 3.0);
    const double x = side < 0 ? digit->left - gap - scale * e.right
                              : digit->right + gap - scale * e.left;
    move(&p, scale, x, digit->bottom - scale * e.bottom + rise * high);
    append(row, &p);
    return extent_of(&p);
}

/* Cuts out the digit: neighbours at both sides, or at one. */
void synth_row_cut(synth_path *row, synth_chance *c, int digit) {
    const synth_style style = choose_writer(c);
    synth_path_write(row, c, style, digit);
    const extent e = extent_of(row);
    const double sides = synth_uniform(c), high = e.bottom - e.top;
    if (sides < 0.7) add_neighbour(row, c, &e, style, -1);
    if (sides > 0.3) add_neighbour(row, c, &e, style, 1);
    row->left = e.left - fmax(0.05 + 0.06 * synth_bell(c), -0.06) * high;
    row->right = e.right + fmax(0.05 + 0.06 * synth_bell(c), -0.06) * high;
    row->lean = 0.12 * synth_bell(c);
}

/* Cuts out the end of one digit and the start of the next: more than a third of each. */
void synth_row_miscut(synth_path *row, synth_chance *c) {
    const synth_style style = choose_writer(c);
    const int digit = choose_digit(c);
    synth_path_write(row, c, style, digit);
    const extent a = extent_of(row);
    const extent b = add_neighbour(row, c, &a, style, 1);
    const double from = synth_uniform(c), to = synth_uniform(c);
    row->left = a.left + 0.55 * fmax(0.0, 1.6 * from - 0.6) * (a.right - a.left) - 0.05;
    row->right = b.right - 0.55 * fmax(0.0, 1.6 * to - 0.6) * (b.right - b.left) + 0.05;
    row->lean = 0.12 * synth_bell(c);
}
