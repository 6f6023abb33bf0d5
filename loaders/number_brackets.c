/* number_brackets.c - two brackets that face each other, no higher than the digits
 * between them: number_parts.h.
 *
 *     (123)     [45]
 *
 * One alone may be a 1, bent as some write it. Its spine is one thin stroke from top to
 * foot; a round one bends all along, and both ends of a square one reach to one side. */
#include <math.h>
#include <stdlib.h>
#include "number_parts.h"

/* Of each row of a piece: where its ink begins and ends. */
typedef struct {
    const number_desk *d;
    const digit_box *box;
    int piece;
} strip;

/* The columns of a row, from the top 0 … 1 the foot. */
static void row_of(const strip *s, double at, int *x0, int *x1) {
    const int y = s->box->y0 + (int)(at * (number_high(s->box) - 1) + 0.5);
    const int *row = s->d->owner + area_of(y, s->d->w);
    *x0 = s->box->x0;
    *x1 = s->box->x1;
    while (*x0 < *x1 && row[*x0] != s->piece) ++*x0;
    while (*x1 > *x0 && row[*x1 - 1] != s->piece) --*x1;
}

static double middle_of(const strip *s, double at) {
    int x0, x1;
    row_of(s, at, &x0, &x1);
    return 0.5 * (x0 + x1);
}

/* Whether no row between two is wider than a stroke, with some room. */
static int is_thin(const strip *s, double from, double to) {
    const double most = 1.8 * (double)s->d->stroke + 1.5;
    for (double at = from; at <= to; at += 0.02) {
        int x0, x1;
        row_of(s, at, &x0, &x1);
        if (x1 - x0 > most) return 0;
    }
    return 1;
}

/* How far the middle of a bracket is to the left of the line between its ends, to its
 * height, if all of it is bent to one side. */
static double bend_of(const strip *s) {
    const double top = middle_of(s, 0.04), foot = middle_of(s, 0.96);
    const double high = number_high(s->box);
    double bend[3];
    for (int i = 0; i < 3; i++) {
        const double at = 0.25 * (i + 1);
        bend[i] = (top + (foot - top) * (at - 0.04) / 0.92 - middle_of(s, at)) / high;
    }
    const double least_of = fabs(bend[0]) < fabs(bend[2]) ? bend[0] : bend[2];
    return least_of * bend[1] > 0.0 && fabs(least_of) > 0.4 * fabs(bend[1]) ? bend[1]
                                                                            : 0.0;
}

/* How far an end reaches beyond the spine to the right, or the left, to the height. */
static double foot_of(const strip *s, int end, int right) {
    int x0, x1, most = right ? s->box->x0 : s->box->x1;
    for (double at = 0.0; at <= 0.12; at += 0.02) {
        row_of(s, end ? 1.0 - at : at, &x0, &x1);
        most = right ? at_least(most, x1) : least(most, x0);
    }
    row_of(s, end ? 0.8 : 0.2, &x0, &x1);
    return (double)(right ? most - x1 : x0 - most) / number_high(s->box);
}

/* Whether both ends reach to one side, and not to the other. */
static int has_feet(const strip *s, int right) {
    return foot_of(s, 0, right) > 0.07 && foot_of(s, 1, right) > 0.07 &&
           foot_of(s, 0, !right) < 0.05 && foot_of(s, 1, !right) < 0.05;
}

int number_bends(const number_desk *d, int piece) {
    const strip s = {d, &d->pieces[piece].box, piece};
    if (2 * number_wide(s.box) >= number_high(s.box)) return 0;
    if (!is_thin(&s, 0.2, 0.8)) return 0;
    const double bend = is_thin(&s, 0.04, 0.96) ? bend_of(&s) : 0.0;
    if (fabs(bend) > 0.045) return (bend < 0.0 ? -1 : 1) * (fabs(bend) > 0.1 ? 2 : 1);
    return has_feet(&s, 1) - has_feet(&s, 0);
}

/* Whether a piece is in a line, as high as digits are. */
static int is_high(const number_desk *d, int piece, int line) {
    const number_piece *p = &d->pieces[piece];
    return p->line == line && (float)number_high(&p->box) >= 0.6f * d->height;
}

/* The piece of a line farthest to one side that is as high as digits, or -1. */
static int end_of(const number_desk *d, int line, int right) {
    int best = -1, place = 0;
    for (int i = 0; i < d->n_pieces; i++) {
        const number_piece *p = &d->pieces[i];
        const int here = right ? p->box.x1 : -p->box.x0;
        if (!is_high(d, i, line) || (best >= 0 && here <= place)) continue;
        best = i;
        place = here;
    }
    return best;
}

static int has_between(const number_desk *d, int line, int left, int right) {
    for (int i = 0; i < d->n_pieces; i++)
        if (i != left && i != right && d->pieces[i].line == line &&
            2.0f * (float)number_high(&d->pieces[i].box) > d->height)
            return 1;
    return 0;
}

/* Whether boxes are of one height and level, a sixth more or less. */
static int are_alike(const digit_box *a, const digit_box *b) {
    const int high = at_least(number_high(a), number_high(b));
    return abs(a->y0 - b->y0) * 6 <= high && abs(a->y1 - b->y1) * 6 <= high;
}

int number_brackets(const number_desk *d, int *signs) {
    for (int k = 0; k < d->n_lines; k++) {
        const int left = end_of(d, k, 0), right = end_of(d, k, 1);
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        if (left < 0 || left == right) continue;
        const digit_box *a = &d->pieces[left].box, *b = &d->pieces[right].box;
        if (are_alike(a, b) && has_between(d, k, left, right) &&
            number_bends(d, left) > 0 && number_bends(d, right) < 0)
            signs[left] = signs[right] = 2;
    }
    return 0;
}
