/* number.c - a picture of digits becomes spans that may be one: see number.h.
 *
 *     picture ─► plane ─► pieces ─► lines ─► parts ─► spans
 *
 *   plane   grey brought down to MOST_PIXELS or fewer, without a frame along the border
 *           (digit_frame.c), and from grey to ink as for one digit (digit_paper.c)
 *   pieces  ink that hangs together, without dust (number_pieces.c); pale digits beside
 *           dark ones are made as dark (number_pale.c); rings (number_rings.c), rules
 *           (number_rules.c) and dashes (number_dashes.c) are wiped
 *   lines   pieces of about one height side by side, and what lies among them
 *           (number_lines.c)
 *   parts   pieces from left to right (number_cuts.c)
 *   spans   runs of parts, each drawn as if it were one digit (number_spans.c)
 *
 * Small digits in a large picture are looked at again, at LARGEST pixels or fewer.
 *
 * Limits: paper that fills the picture, digits that are neither turned nor more than 2.5
 * times as high as most, on lines that do not touch. */
#include <stdlib.h>
#include <string.h>
#include "number_parts.h"

#define MOST_PIXELS 600000.0
#define LARGEST     2400000.0
#define MIXED       48.0f /* greys that differ more are not all paper */
#define LEAST_HIGH  20.0f /* pixels of a digit; lower ones are worth a second look */

/* The least k that brings a picture down to so many pixels. */
static int reduction(const digit_view *view, double most) {
    int k = 1;
    while ((double)view->w * (double)view->h > most * k * k) k++;
    return k;
}

static void desk_free(number_desk *d) {
    free(d->slant);
    free(d->high);
    free(d->lines);
    free(d->parts);
    free(d->groups);
    free(d->pieces);
    free(d->shared);
    free(d->owner);
    free(d->plane);
    *d = (number_desk){0};
}

/* Pieces anew, of a plane that has changed. */
static int look_again(number_desk *d) {
    free(d->groups);
    free(d->pieces);
    d->groups = d->pieces = NULL;
    d->n_pieces = 0;
    return number_pieces(d);
}

/* Whether ink may reach a row of the plane: it is not of one grey. */
static int is_mixed(const number_desk *d, const digit_box *b, int y) {
    const float *row = d->plane + area_of(y, d->w);
    float low = row[b->x0], high = low;
    for (int x = b->x0; x < b->x1; x++) {
        low = row[x] < low ? row[x] : low;
        high = row[x] > high ? row[x] : high;
    }
    return high - low > MIXED;
}

/* Takes off the grey plane what lies along its border and is no paper: a frame, a table,
 * the dark edge of a scan. Where digits reach the border, one at the left or the right
 * may be a 1, and stays. */
static int cut_frame(number_desk *d) {
    digit_box paper;
    const int status = digit_frame(&paper, d->plane, d->w, d->h);
    if (status) return status;
    const int framed = paper.x0 > 0 && paper.x1 < d->w && paper.y0 > 0 && paper.y1 < d->h;
    if (!framed && (is_mixed(d, &paper, paper.y0) || is_mixed(d, &paper, paper.y1 - 1)))
        return 0;
    digit_crop(d->plane, &d->w, &d->h, &paper);
    d->x = paper.x0;
    d->y = paper.y0;
    return 0;
}

/* Ink in pieces, each pixel of the plane k × k of the picture. */
static int look(number_desk *d, const digit_view *view, int k, int keep) {
    const digit_box all = {0, 0, view->w, view->h};
    int changed = 0;
    *d = (number_desk){.w = (view->w + k - 1) / k,
                       .h = (view->h + k - 1) / k,
                       .keep = keep,
                       .stop = view->stop};
    d->plane = malloc(area_of(d->w, d->h) * sizeof *d->plane);
    d->owner = malloc(area_of(d->w, d->h) * sizeof *d->owner);
    d->shared = calloc(area_of(d->w, d->h), sizeof *d->shared);
    if (!d->plane || !d->owner || !d->shared) return DIGIT_NOMEM;
    int status = digit_reduce(d->plane, view, &all, k);
    if (!status) status = cut_frame(d);
    if (status) return status;
    status = digit_contrast(d->plane, d->w, d->h, d->stop);
    if (status == DIGIT_BLANK) return NUMBER_BLANK;
    if (status != DIGIT_INK) return status;
    status = number_pieces(d);
    if (!status) status = number_pale(d, &changed);
    if (!status && changed) status = look_again(d);
    if (!status) status = number_rings(d, &changed);
    if (!status && changed) status = look_again(d);
    if (!status) status = number_rules(d, &changed);
    if (!status && changed) status = look_again(d);
    if (!status) status = number_dashes(d, &changed);
    return !status && changed ? look_again(d) : status;
}

/* From the plane's pixels to the picture's. */
static void enlarge(number_lattice *out, const number_desk *d, const digit_view *view,
                    int k) {
    for (int i = 0; i < out->n_spans; i++) {
        number_span *s = &out->spans[i];
        s->x = (s->x + d->x) * k;
        s->y = (s->y + d->y) * k;
        s->width = least(s->width * k, view->w - s->x);
        s->height = least(s->height * k, view->h - s->y);
    }
}

int number_find(number_lattice *out, int h, int w, const digit_picture *picture, int keep,
                const load_stop *stop) {
    const digit_view view = digit_view_of(picture, stop);
    int k = reduction(&view, MOST_PIXELS);
    number_desk d;
    memset(out, 0, sizeof *out);
    int status = look(&d, &view, k, keep);
    if (!status && d.height < LEAST_HIGH && reduction(&view, LARGEST) < k) {
        const int wanted = at_least(1, (int)((float)k * d.height / LEAST_HIGH));
        k = at_least(wanted, reduction(&view, LARGEST));
        desk_free(&d);
        status = look(&d, &view, k, keep);
    }
    if (!status) status = number_lines(&d);
    if (!status) status = number_cuts(&d);
    if (!status) status = number_spans(out, &d, h, w);
    if (!status) {
        out->lines = d.lines;
        out->n_lines = d.n_lines;
        out->n_parts = d.n_parts;
        d.lines = NULL;
        enlarge(out, &d, &view, k);
    }
    out->doubtful = d.doubtful;
    desk_free(&d);
    return status == NUMBER_BLANK ? DIGIT_BLANK : status ? status : DIGIT_INK;
}

void number_free(number_lattice *lattice) {
    free(lattice->pixels);
    free(lattice->skip);
    free(lattice->share);
    free(lattice->spans);
    free(lattice->lines);
    memset(lattice, 0, sizeof *lattice);
}
