/* number_rings.c - a circle or an ellipse that someone drew around digits is none:
 * number_parts.h.
 *
 * What tells a ring from a 0 is what it holds: ink that does not touch it, a third as
 * high as itself. It is a line that goes around that, and about as wide as high or wider:
 * a 0 with a stroke in it is narrower, one with a dot in it holds too little. It is wiped
 * as far inwards as the line is thick, so of a digit that touches it most stays. */
#include <stdlib.h>
#include <string.h>
#include "number_parts.h"

#define LEAST_WIDE 0.8f /* of a ring, to its height */

/* Whether one box lies in another. */
static int holds(const digit_box *ring, const digit_box *b) {
    return b->x0 > ring->x0 && b->x1 < ring->x1 && b->y0 > ring->y0 && b->y1 < ring->y1;
}

/* Whether what a piece holds may be digits. */
static int holds_digits(const number_desk *d, const number_piece *ring) {
    digit_box all = {d->w, d->h, 0, 0};
    for (int i = 0; i < d->n_pieces; i++)
        if (holds(&ring->box, &d->pieces[i].box))
            number_box_join(&all, &d->pieces[i].box);
    return number_high(&all) * 10 >= number_high(&ring->box) * 3;
}

/* Where the ink of a piece begins and ends in a row or a column, and where the runs end
 * that begin there. */
typedef struct {
    int first, last;             /* first ≤ … < last */
    int first_ends, last_begins; /* a run's end, another's beginning */
} reach;

/* Of a line of n pixels, step apart. */
static reach reach_of(const int *line, int n, size_t step, int piece) {
    reach r = {0, n, 0, 0};
    while (r.first < n && line[(size_t)r.first * step] != piece) r.first++;
    while (r.last > r.first && line[(size_t)(r.last - 1) * step] != piece) r.last--;
    r.first_ends = r.first;
    r.last_begins = r.last;
    while (r.first_ends < r.last && line[(size_t)r.first_ends * step] == piece)
        r.first_ends++;
    while (r.last_begins > r.first_ends &&
           line[(size_t)(r.last_begins - 1) * step] == piece)
        r.last_begins--;
    return r;
}

/* Whether a piece goes around something, as an oval does: in the middle of its box, rows
 * and columns begin and end with short runs of its ink, far apart. A box, whose corners
 * are full, is for number_rules.c. */
static int goes_around(const number_desk *d, int piece, int upright) {
    const digit_box *b = &d->pieces[piece].box;
    const int lines = upright ? number_wide(b) : number_high(b);
    const int n = upright ? number_high(b) : number_wide(b);
    const int *at = d->owner + area_of(b->y0, d->w) + b->x0;
    const size_t w = (size_t)d->w;
    int around = 0, all = 0;
    double filled = 0.0;
    for (int i = 0; i < lines; i++) {
        const reach r =
            reach_of(at + (size_t)i * (upright ? 1 : w), n, upright ? w : 1, piece);
        filled += r.last - r.first;
        if (i * 5 < lines || i * 5 >= lines * 4) continue;
        around += (r.last - r.first) * 10 > n * 6 &&
                  (r.last_begins - r.first_ends) * 5 > (r.last - r.first) * 3;
        all++;
    }
    return around * 20 >= all * 17 && filled < 0.88 * (double)area_of(lines, n);
}

static int is_ring(const number_desk *d, int piece) {
    const number_piece *p = &d->pieces[piece];
    const float high = (float)number_high(&p->box), wide = (float)number_wide(&p->box);
    return high > 6.0f * d->stroke && wide >= LEAST_WIDE * high && holds_digits(d, p) &&
           goes_around(d, piece, 0) && goes_around(d, piece, 1);
}

/* How thick a ring is: of half the rows that cross it, less. */
static int thickness_of(const number_desk *d, int piece, double *weight) {
    const digit_box *b = &d->pieces[piece].box;
    const int n = number_wide(b);
    for (int i = 0; i <= n; i++) weight[i] = 0.0;
    for (int y = b->y0; y < b->y1; y++) {
        const reach r = reach_of(d->owner + area_of(y, d->w) + b->x0, n, 1, piece);
        weight[r.first_ends - r.first] += 1.0;
        weight[r.last - r.last_begins] += 1.0;
    }
    return (int)number_middle(weight, n + 1);
}

/* Marks what is no ring in its box, with one pixel more at each side. */
static void mark_others(unsigned char *others, const number_desk *d, int piece) {
    const digit_box *b = &d->pieces[piece].box;
    const int w = number_wide(b), h = number_high(b);
    memset(others, 1, area_of(w + 2, h + 2));
    for (int y = 0; y < h; y++) {
        const int *row = d->owner + area_of(b->y0 + y, d->w) + b->x0;
        unsigned char *to = others + area_of(y + 1, w + 2) + 1;
        for (int x = 0; x < w; x++) to[x] = row[x] != piece;
    }
}

/* Wipes a ring as far inwards as it is thick: a digit that touches it stays. What is
 * looked at is its box: a page may have a thousand. outside: room for the plane, with one
 * pixel more at each side. */
static int take_ring(number_desk *d, int piece, unsigned char *outside, double *weight) {
    const digit_box *b = &d->pieces[piece].box;
    const int w = number_wide(b) + 2, h = number_high(b) + 2;
    const int thick = thickness_of(d, piece, weight);
    mark_others(outside, d, piece);
    if (digit_reach_border(outside, w, h) || digit_grow(outside, w, h, thick + 1))
        return DIGIT_NOMEM;
    number_wipe(d, piece, outside);
    return 0;
}

int number_rings(number_desk *d, int *erased) {
    unsigned char *outside = NULL;
    double *weight = NULL;
    int status = 0;
    *erased = 0;
    for (int i = 0; i < d->n_pieces && !status; i++) {
        if (!is_ring(d, i)) continue;
        if (!outside) outside = malloc(area_of(d->w + 2, d->h + 2));
        if (!weight) weight = malloc(((size_t)d->w + 1) * sizeof *weight);
        status = outside && weight ? take_ring(d, i, outside, weight) : DIGIT_NOMEM;
        *erased = 1;
        if (load_stopped(d->stop)) status = DIGIT_STOPPED;
    }
    free(weight);
    free(outside);
    return status;
}
