/* digit_ink.c - which ink is the digit, and how wide its strokes should be:
 * digit_parts.h.
 *
 *     ink ─► pieces ─► those that belong together ─► width of the pen ─► wider, narrower
 *
 * Pieces are what remains in one piece if gaps of a few pixels are closed: a pencil's
 * line is all gaps. The largest is (most of) the digit. Others belong to it unless they
 * are small, far away, or a line across the whole picture: the bar of a 5 does, dust does
 * not.
 *
 * A line one pixel wide in a picture a thousand wide would vanish when that becomes 28,
 * and a broad pen would close the rings of an 8. MNIST's strokes are 1.3 to 4.6 pixels
 * wide in 98 of 100 digits, when twice the area over the outline's length is taken as
 * width. What is beyond is brought back to these. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

#define LEAST_WIDTH 1.3 /* pixels of the final picture, whose digit is 20 high */
#define MOST_WIDTH  4.6
#define INK         0.4f /* of the plane's 0..1; paler is a soft edge */

/* --- pieces --------------------------------------------------------------------- */

typedef struct {
    digit_box box;
    int area;
} piece;

/* Collects the piece of mask around pixel start: takes it out of mask, writes label into
 * its pixels. stack has room for each pixel once. */
static void flood(piece *p, unsigned char *mask, int *labels, int *stack, int w, int h,
                  int start, int label) {
    int n = 0;
    *p = (piece){{w, h, 0, 0}, 0};
    stack[n++] = start;
    mask[start] = 0;
    while (n) {
        int at = stack[--n], x = at % w, y = at / w;
        labels[at] = label;
        p->area++;
        p->box.x0 = least(p->box.x0, x);
        p->box.x1 = at_least(p->box.x1, x + 1);
        p->box.y0 = least(p->box.y0, y);
        p->box.y1 = at_least(p->box.y1, y + 1);
        for (int v = at_least(y - 1, 0); v <= least(y + 1, h - 1); v++)
            for (int u = at_least(x - 1, 0); u <= least(x + 1, w - 1); u++)
                if (mask[v * w + u]) {
                    mask[v * w + u] = 0;
                    stack[n++] = v * w + u;
                }
    }
}

static int extent(const digit_box *b) { return at_least(b->x1 - b->x0, b->y1 - b->y0); }

/* Pixels between two boxes, along x or y, whichever is more; negative if they overlap. */
static int gap(const digit_box *a, const digit_box *b) {
    int x = at_least(a->x0 - b->x1, b->x0 - a->x1);
    int y = at_least(a->y0 - b->y1, b->y0 - a->y1);
    return at_least(x, y);
}

/* A line from one border to the other, on its own: ruled paper, a frame, the sheet's
 * edge. */
static int is_line_across(const piece *p, int w, int h) {
    int wide = p->box.x1 - p->box.x0, high = p->box.y1 - p->box.y0;
    return (wide >= w - 2 && high * 8 < wide) || (high >= h - 2 && wide * 8 < high);
}

static int belongs(const piece *p, const piece *digit, int w, int h) {
    int size = extent(&digit->box);
    if (p == digit) return 1;
    if (extent(&p->box) * 8 < size) return 0;
    if (gap(&p->box, &digit->box) * 4 > size) return 0;
    return !is_line_across(p, w, h);
}

/* The piece with most pixels that is no line, or any. */
static const piece *largest_piece(const piece *pieces, int n, int w, int h) {
    const piece *best = NULL;
    for (int i = 0; i < n; i++) {
        const piece *p = pieces + i;
        if (best) {
            int worse = is_line_across(p, w, h) - is_line_across(best, w, h);
            if (worse > 0 || (worse == 0 && p->area <= best->area)) continue;
        }
        best = p;
    }
    return best;
}

#define MAX_PIECES 4096 /* beyond it is dust */

/* Working memory of digit_strokes: all of one size, that of the plane. */
typedef struct {
    int *distance, *labels;
    unsigned char *mask, *near;
    piece *pieces; /* [MAX_PIECES] */
} desk;

/* d->mask becomes 1 where plane has ink of the digit, 0 elsewhere. box: around it. */
static int choose_pieces(desk *d, const float *plane, int w, int h, digit_box *box) {
    size_t n = area_of(w, h);
    int found = 0, reach = least(w, h) / 64;
    for (size_t i = 0; i < n; i++) d->mask[i] = plane[i] > INK;
    if (digit_distances(d->distance, d->mask, w, h)) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++) {
        d->near[i] = d->distance[i] <= reach * reach;
        d->labels[i] = -1;
    }
    for (size_t i = 0; i < n; i++)
        if (d->near[i] && found < MAX_PIECES) {
            flood(d->pieces + found, d->near, d->labels, d->distance, w, h, (int)i,
                  found);
            found++;
        }
    const piece *digit = largest_piece(d->pieces, found, w, h);
    if (!digit) return DIGIT_BLANK;
    *box = digit->box;
    for (size_t i = 0; i < n; i++) {
        const piece *p = d->labels[i] < 0 ? NULL : d->pieces + d->labels[i];
        if (!p || !belongs(p, digit, w, h)) {
            d->mask[i] = 0;
            continue;
        }
        box->x0 = least(box->x0, p->box.x0);
        box->x1 = at_least(box->x1, p->box.x1);
        box->y0 = least(box->y0, p->box.y0);
        box->y1 = at_least(box->y1, p->box.y1);
    }
    return DIGIT_INK;
}

/* --- width ---------------------------------------------------------------------- */

/* Width of the strokes: a stroke of width a and length b has area a·b and an outline of
 * 2·b. The outline is counted along pixels' sides, which in the mean over all directions
 * is 4/π times too long. */
static double stroke_width(const desk *d, const float *plane, int w, int h) {
    double area = 0.0;
    long sides = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            size_t i = (size_t)y * (size_t)w + (size_t)x;
            if (!d->mask[i]) continue;
            area += (double)plane[i];
            sides += x == 0 || !d->mask[i - 1];
            sides += x == w - 1 || !d->mask[i + 1];
            sides += y == 0 || !d->mask[i - (size_t)w];
            sides += y == h - 1 || !d->mask[i + (size_t)w];
        }
    return 2.0 * area / ((double)sides * 0.785398);
}

/* r more ink on each side of the strokes, or less where r < 0. A pixel's share of ink is
 * how far its middle is inside the new edge, which is what antialiases it. The old edge
 * is half a pixel from the middle of the mask's outermost pixels. */
static int change_width(desk *d, float *plane, int w, int h, double r) {
    size_t n = area_of(w, h);
    if (r < 0.0)
        for (size_t i = 0; i < n; i++) d->mask[i] = !d->mask[i];
    if (digit_distances(d->distance, d->mask, w, h)) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++) {
        double away = sqrt((double)d->distance[i]);
        float ink = (float)(r < 0.0 ? away + r : r + 1.0 - away);
        ink = ink < 0.0f ? 0.0f : ink > 1.0f ? 1.0f : ink;
        if (r < 0.0 ? ink < plane[i] : ink > plane[i]) plane[i] = ink;
    }
    return 0;
}

/* Change of the width on each side that brings strokes to 'want' pixels in the end, when
 * the digit, which grows with them, is scaled to 'field':
 *     width + 2r = want/field · (size + 2r) */
static double change_to(double want, double field, double width, double size) {
    double share = want / field;
    return (share * size - width) / (2.0 * (1.0 - share));
}

static int adjust_width(desk *d, float *plane, int w, int h, double field, double size) {
    double width = stroke_width(d, plane, w, h), unit = field / 20.0;
    double final = width * field / size, r = 0.0;
    if (final < LEAST_WIDTH * unit)
        r = change_to(LEAST_WIDTH * unit, field, width, size);
    else if (final > MOST_WIDTH * unit) {
        r = change_to(MOST_WIDTH * unit, field, width, size);
        r = r < -0.3 * width ? -0.3 * width : r; /* something must remain */
    }
    return r != 0.0 ? change_width(d, plane, w, h, r) : 0;
}

/* --- together ------------------------------------------------------------------- */

/* Wipes what is farther from the digit's strokes than their soft edges are: 1.5 pixels in
 * the end. */
static int wipe(desk *d, float *plane, int w, int h, double field, double size) {
    size_t n = area_of(w, h);
    double edge = 1.0 + 1.5 * size / field;
    if (digit_distances(d->distance, d->mask, w, h)) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (d->distance[i] > edge * edge) plane[i] = 0.0f;
    return 0;
}

/* All ink: d->mask and the box around it. */
static int choose_all(desk *d, const float *plane, int w, int h, digit_box *box) {
    *box = (digit_box){w, h, 0, 0};
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const size_t i = (size_t)y * (size_t)w + (size_t)x;
            d->mask[i] = plane[i] > INK;
            if (!d->mask[i]) continue;
            box->x0 = least(box->x0, x);
            box->x1 = at_least(box->x1, x + 1);
            box->y0 = least(box->y0, y);
            box->y1 = at_least(box->y1, y + 1);
        }
    return box->x1 ? DIGIT_INK : DIGIT_BLANK;
}

/* What choose leaves, wiped, and its strokes as wide as they should be. */
static int strokes(float *plane, int w, int h, double field, digit_box *box,
                   int (*choose)(desk *, const float *, int, int, digit_box *)) {
    size_t n = area_of(w, h);
    desk d = {malloc(n * sizeof(int)), malloc(n * sizeof(int)), calloc(n, 1), malloc(n),
              malloc(MAX_PIECES * sizeof(piece))};
    int status = DIGIT_NOMEM;
    if (!d.distance || !d.labels || !d.mask || !d.near || !d.pieces) goto done;
    status = choose(&d, plane, w, h, box);
    if (status != DIGIT_INK) goto done;
    double size = extent(box);
    if (wipe(&d, plane, w, h, field, size) || adjust_width(&d, plane, w, h, field, size))
        status = DIGIT_NOMEM;
done:
    free(d.pieces);
    free(d.near);
    free(d.mask);
    free(d.labels);
    free(d.distance);
    return status;
}

int digit_strokes(float *plane, int w, int h, double field, digit_box *box) {
    return strokes(plane, w, h, field, box, choose_pieces);
}

int digit_pen(float *plane, int w, int h, double field, digit_box *box) {
    return strokes(plane, w, h, field, box, choose_all);
}
