/* number_spans.c - runs of parts that may be a digit, what they cost and look like:
 * number_parts.h.
 *
 * Costs are of the kind of -log p, so that a network's can be added: 0 for one part of a
 * digit's height, more for what is joined over a gap, is too wide or too low. */
#include <stdlib.h>
#include "number_parts.h"

#define MOST_SHARED 0.8f /* width of what two digits share, sway of cuts included */
#define DRAWN_SIDE  96   /* pixels a side, at most, from which a span is drawn */

/* --- spans ---------------------------------------------------------------------- */

static float above(float value, float limit) {
    return value > limit ? value - limit : 0.0f;
}

/* What was cut before a part; 0 for nothing. */
static float cut_before(const number_desk *d, int part) {
    return part == d->n_parts ? 0.0f : d->parts[part].cut;
}

/* Whether a pixel is of a side that a span leaves to its neighbour: that runs between the
 * part that both have and the span's next one. */
static int is_left_out(const number_desk *d, size_t i, const number_span *span) {
    if (d->shared[i] != 2) return 0;
    return ((span->ends & NUMBER_LEFT) && d->owner[i] == span->first) ||
           ((span->ends & NUMBER_RIGHT) && d->owner[i] == span->last - 2);
}

/* A span of parts first … last - 1, in the plane; 0 if it cannot be a digit. */
static int span_of(number_span *span, const number_desk *d, int first, int last,
                   float height) {
    number_piece all = d->parts[first];
    digit_box piece = all.box; /* what was not cut apart */
    int highest = number_high(&piece), whole = 1, doubt = all.sign == 1;
    float gap = 0.0f, own = height;
    for (int i = first + 1; i < last; i++) {
        const number_piece *p = &d->parts[i];
        if (!(p->cut > 0.0f)) gap += above(p->left, all.right);
        if (p->cut > 0.0f) {
            number_box_join(&piece, &p->box);
        } else {
            piece = p->box;
            whole = 0;
        }
        highest = at_least(highest, number_high(&piece));
        doubt &= p->sign == 1;
        number_box_join(&all.box, &p->box);
        all.outline += p->outline;
        all.left = p->left < all.left ? p->left : all.left;
        all.right = p->right > all.right ? p->right : all.right;
    }
    if ((float)highest > NUMBER_TALL * height) own = (float)highest;
    *span = (number_span){.first = first,
                          .last = last,
                          .x = all.box.x0,
                          .y = all.box.y0,
                          .width = number_wide(&all.box),
                          .height = number_high(&all.box),
                          .wide = (all.right - all.left) / own,
                          .high = (float)number_high(&all.box) / height,
                          .ink = 0.39f * (float)all.outline / own,
                          .gap = gap / own};
    span->cut = cut_before(d, first) + cut_before(d, last);
    span->doubt = doubt;
    span->whole = whole && !(span->cut > 0.0f);
    return span->high >= 0.45f && (float)highest >= 0.4f * height &&
           (last - first == 1 || span->wide <= 1.4f);
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

/* Leaves out of a span what its ends say: whether there is any at each of them. */
static int leave_out(number_span *span, const number_desk *d, float height) {
    int left = 0, right = 0;
    for (int y = span->y; y < span->y + span->height; y++)
        for (int x = span->x; x < span->x + span->width; x++) {
            const size_t i = (size_t)y * (size_t)d->w + (size_t)x;
            if (!is_left_out(d, i, span)) continue;
            left += d->owner[i] == span->first;
            right += d->owner[i] == span->last - 2;
        }
    span->ink -= (float)at_least(left, right) / (d->stroke * height);
    return (left || !(span->ends & NUMBER_LEFT)) &&
           (right || !(span->ends & NUMBER_RIGHT));
}

static int span_add(number_lattice *out, const number_span *span, int *room) {
    const int status = out->n_spans == *room ? spans_grow(out, room) : 0;
    if (!status) out->spans[out->n_spans++] = *span;
    return status;
}

/* Adds a span as it is, and without the sides of neighbours that it may share its ends
 * with. */
static int spans_add(number_lattice *out, const number_desk *d, const number_span *span,
                     float height, int *room) {
    int status = span_add(out, span, room);
    const int left = out->share[span->first] < NUMBER_NEVER ? NUMBER_LEFT : 0;
    const int right = out->share[span->last - 1] < NUMBER_NEVER ? NUMBER_RIGHT : 0;
    if (span->first + 1 == span->last) return status;
    for (int ends = 1; ends < 4 && !status; ends++) {
        number_span other = *span;
        if (ends & ~(left | right)) continue;
        other.ends = ends;
        if (ends & NUMBER_LEFT) other.cut -= cut_before(d, span->first);
        if (ends & NUMBER_RIGHT) other.cut -= cut_before(d, span->last);
        if (leave_out(&other, d, height)) status = span_add(out, &other, room);
    }
    return status;
}

static int line_spans(number_lattice *out, const number_desk *d, number_line *line,
                      float height, int *room) {
    line->first_span = out->n_spans;
    for (int last = line->first + 1; last <= line->last; last++)
        for (int first = at_least(line->first, last - NUMBER_MOST_JOINED); first < last;
             first++) {
            number_span span;
            if (load_stopped(d->stop)) return DIGIT_STOPPED;
            if (!span_of(&span, d, first, last, height)) continue;
            const int status = spans_add(out, d, &span, height, room);
            if (status) return status;
        }
    line->last_span = out->n_spans;
    return 0;
}

/* What it costs to take a part for no digit's: the more, the more ink it has; less for
 * what is low and stands alone. */
static float skip_cost(const number_desk *d, int part, float height) {
    const number_piece *p = &d->parts[part];
    const int alone = !(p->cut > 0.0f) &&
                      (part + 1 == d->n_parts || !(d->parts[part + 1].cut > 0.0f));
    const float high = (float)number_high(&p->box) / height;
    const float ink = 24.0f * (float)p->area / (d->stroke * height);
    const float cost = alone && 48.0f * high * high < ink ? 48.0f * high * high : ink;
    return cost < 0.8f ? 0.8f : cost;
}

/* What it costs each of its neighbours to take a part for both's: nothing but its width,
 * between two cuts. */
static float share_cost(const number_desk *d, int part, float height) {
    const number_piece *p = &d->parts[part];
    const float wide = (p->right - p->left) / height;
    const int between = p->cut > 0.0f && cut_before(d, part + 1) > 0.0f;
    return between && wide <= MOST_SHARED ? 0.15f * wide : NUMBER_NEVER;
}

static int find_spans(number_lattice *out, number_desk *d) {
    int room = 0, status = 0;
    out->skip = malloc((size_t)d->n_parts * sizeof *out->skip);
    out->share = malloc((size_t)d->n_parts * sizeof *out->share);
    if (!out->skip || !out->share) status = DIGIT_NOMEM;
    for (int k = 0; k < d->n_lines && !status; k++) {
        number_line *line = &d->lines[k];
        const float height = d->high[k];
        for (int i = line->first; i < line->last; i++) {
            out->skip[i] = skip_cost(d, i, height);
            out->share[i] = share_cost(d, i, height);
        }
        status = line_spans(out, d, line, height, &room);
    }
    return status || out->n_spans ? status : NUMBER_BLANK;
}

/* Mean and deviation of a digit's width and ink, as spans have them: of 9,000 of MNIST's
 * training images, six in a line. */
typedef struct {
    float wide, wide_by, ink, ink_by;
} digit_form;

static const digit_form digits[10] = {
    {0.83f, 0.147f, 2.26f, 0.362f}, {0.35f, 0.158f, 1.13f, 0.167f},
    {0.87f, 0.161f, 2.08f, 0.348f}, {0.76f, 0.163f, 2.03f, 0.389f},
    {0.75f, 0.150f, 1.88f, 0.234f}, {0.81f, 0.158f, 2.02f, 0.368f},
    {0.69f, 0.165f, 1.95f, 0.394f}, {0.75f, 0.156f, 1.71f, 0.247f},
    {0.70f, 0.144f, 2.23f, 0.374f}, {0.65f, 0.143f, 1.85f, 0.359f},
};

/* The factors were chosen on strings of MNIST's training images and of synthetic digits,
 * apart and touching. */
float number_cost(const number_span *span, int digit) {
    float cost = 6.0f * span->gap + 2.8f * above(0.75f, span->high) +
                 0.7f * above(span->wide, 1.0f) + 0.38f * span->cut;
    if (digit < 0) return cost;
    const float wide = (span->wide - digits[digit].wide) / digits[digit].wide_by;
    const float ink = (span->ink - digits[digit].ink) / digits[digit].ink_by;
    return cost + 0.052f * above(wide, 0.6f) + 0.052f * above(ink, 0.6f) +
           0.14f * above(-ink, 1.2f);
}

static int has_ring(int digit) {
    return digit == 0 || digit == 6 || digit == 8 || digit == 9;
}

float number_share(const number_lattice *lattice, int part, int digit) {
    return has_ring(digit) ? lattice->share[part] : NUMBER_NEVER;
}

/* --- pictures ------------------------------------------------------------------- */

/* Whether a pixel is of a span: of one of its parts, or shared by its first. */
static int is_of(const number_desk *d, size_t i, const number_span *span) {
    const int owner = d->owner[i];
    return owner < span->last && owner + !!d->shared[i] >= span->first && owner >= 0 &&
           !is_left_out(d, i, span);
}

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
                    if (is_of(d, i, span)) sum += d->plane[i];
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
