/* number_spans.c - runs of parts that may be a digit, what they cost and look like:
 * number_parts.h.
 *
 * Costs are of the kind of -log p, so that a network's can be added: 0 for one part of a
 * digit's height, more for what is joined over a gap, is too wide or too low. */
#include <stdlib.h>
#include <string.h>
#include "number_parts.h"

#define MOST_JOINED 6  /* parts of one span */
#define DRAWN_SIDE  96 /* pixels a side, at most, from which a span is drawn */

/* --- spans ---------------------------------------------------------------------- */

/* The height that half of a line's ink lies below. weight has room for d->h + 1. */
static float line_height(const number_desk *d, const number_line *line, double *weight) {
    double all = 0.0, below = 0.0;
    int at = 0;
    memset(weight, 0, ((size_t)d->h + 1) * sizeof *weight);
    for (int i = line->first; i < line->last; i++) {
        weight[number_high(&d->parts[i].box)] += d->parts[i].area;
        all += d->parts[i].area;
    }
    while (at < d->h && 2.0 * (below + weight[at]) < all) below += weight[at++];
    return (float)at;
}

static float above(float value, float limit) {
    return value > limit ? value - limit : 0.0f;
}

/* A span of parts first … last - 1, in the plane; 0 if it cannot be a digit. */
static int span_of(number_span *span, const number_desk *d, int first, int last,
                   float height) {
    number_piece all = d->parts[first];
    float cost = 0.0f;
    for (int i = first + 1; i < last; i++) {
        const number_piece *p = &d->parts[i];
        cost += 4.0f * above(p->left - all.right, 0.0f) / height;
        number_box_add(&all.box, &p->box);
        all.left = p->left < all.left ? p->left : all.left;
        all.right = p->right > all.right ? p->right : all.right;
    }
    const float high = (float)number_high(&all.box) / height;
    const float wide = (all.right - all.left) / height;
    if (high < 0.45f || (last - first > 1 && wide > 1.35f)) return 0;
    cost += 2.0f * above(wide, 1.0f) + 4.0f * above(0.85f, high);
    const digit_box *b = &all.box;
    *span =
        (number_span){first, last, b->x0, b->y0, number_wide(b), number_high(b), cost};
    return 1;
}

static int spans_grow(number_lattice *out, int *room) {
    const int more = *room ? 2 * *room : 64;
    if (out->n_spans == NUMBER_MAX_SPANS) return DIGIT_CROWDED;
    number_span *spans = realloc(out->spans, (size_t)more * sizeof *spans);
    if (!spans) return DIGIT_NOMEM;
    out->spans = spans;
    *room = more;
    return 0;
}

static int line_spans(number_lattice *out, const number_desk *d, number_line *line,
                      float height, int *room) {
    line->first_span = out->n_spans;
    for (int last = line->first + 1; last <= line->last; last++)
        for (int first = at_least(line->first, last - MOST_JOINED); first < last;
             first++) {
            number_span span;
            if (!span_of(&span, d, first, last, height)) continue;
            const int status = out->n_spans == *room ? spans_grow(out, room) : 0;
            if (status) return status;
            out->spans[out->n_spans++] = span;
        }
    line->last_span = out->n_spans;
    return 0;
}

/* What it costs to take a part for no digit's: little for what is low or small. */
static float skip_cost(const number_piece *part, float height) {
    const float high = (float)number_high(&part->box) / height;
    const float cost = 8.0f * high * high;
    return cost < 0.3f ? 0.3f : cost > 6.0f ? 6.0f : cost;
}

static int find_spans(number_lattice *out, number_desk *d) {
    double *weight = malloc(((size_t)d->h + 1) * sizeof *weight);
    int room = 0, status = 0;
    out->skip = malloc((size_t)d->n_parts * sizeof *out->skip);
    if (!weight || !out->skip) status = DIGIT_NOMEM;
    for (int k = 0; k < d->n_lines && !status; k++) {
        number_line *line = &d->lines[k];
        const float height = line_height(d, line, weight);
        for (int i = line->first; i < line->last; i++)
            out->skip[i] = skip_cost(&d->parts[i], height);
        status = line_spans(out, d, line, height, &room);
    }
    free(weight);
    return status || out->n_spans ? status : NUMBER_BLANK;
}

/* --- pictures ------------------------------------------------------------------- */

/* The ink of a span's parts, brought down by k: each pixel the mean of k × k. A margin of
 * one pixel, or more, is paper. */
static void cut_out(float *out, int wide, int high, const number_desk *d,
                    const number_span *span, int k) {
    const int x0 = span->x - 2 * k, y0 = span->y - 2 * k;
    for (int y = 0; y < high; y++)
        for (int x = 0; x < wide; x++) {
            float sum = 0.0f;
            for (int v = at_least(y0 + y * k, 0); v < least(y0 + y * k + k, d->h); v++)
                for (int u = at_least(x0 + x * k, 0); u < least(x0 + x * k + k, d->w);
                     u++) {
                    const size_t i = (size_t)v * (size_t)d->w + (size_t)u;
                    if (d->owner[i] >= span->first && d->owner[i] < span->last)
                        sum += d->plane[i];
                }
            out[(size_t)y * (size_t)wide + (size_t)x] = sum / (float)(k * k);
        }
}

static int draw_span(unsigned char *pixels, int h, int w, const number_desk *d,
                     const number_span *span) {
    const int k = 1 + at_least(span->width, span->height) / DRAWN_SIDE;
    const int wide = (span->width + k - 1) / k + 4, high = (span->height + k - 1) / k + 4;
    float *plane = malloc(area_of(wide, high) * sizeof *plane);
    if (!plane) return DIGIT_NOMEM;
    cut_out(plane, wide, high, d, span, k);
    const int status = digit_draw(pixels, h, w, plane, wide, high, d->stop);
    free(plane);
    return status < 0 ? status : 0;
}

int number_spans(number_lattice *out, number_desk *d, int h, int w) {
    const size_t n = area_of(w, h);
    int status = find_spans(out, d);
    if (status) return status;
    out->pixels = malloc((size_t)out->n_spans * n);
    if (!out->pixels) return DIGIT_NOMEM;
    for (int i = 0; i < out->n_spans; i++) {
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        status = draw_span(out->pixels + (size_t)i * n, h, w, d, &out->spans[i]);
        if (status) return status;
    }
    return 0;
}
