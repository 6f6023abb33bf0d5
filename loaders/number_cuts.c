/* number_cuts.c - from the pieces of a line to its parts, from left to right:
 * number_parts.h.
 *
 * Where digits lean, one reaches over the next. So all that is asked here of left and
 * right is asked as if the line stood upright: of x + slant·y.
 *
 * Pieces that lie above each other are one part: the bar of a 5, the two rings of an 8.
 * So are all of a group of low pieces that is of a digit's size: a display's segments.
 * A point between digits was left out before. */
#include <stdlib.h>
#include <string.h>
#include "number_parts.h"

/* --- slant ---------------------------------------------------------------------- */

#define SLANTS 15 /* -0.4, -0.3 … 1 */

static float slant_of(int k) { return (float)(k - 4) / 10.0f; }

/* Upright, strokes fall into few columns: the sum of the columns' squares is large. */
static double slant_score(const int *pixels, int n, int *columns, const number_desk *d,
                          float slant) {
    const int shift = 1 + (int)(0.4f * (float)d->h), room = d->w + shift + d->h + 1;
    double sum = 0.0;
    memset(columns, 0, (size_t)room * sizeof *columns);
    for (int i = 0; i < n; i++) {
        const int x = pixels[i] % d->w, y = pixels[i] / d->w;
        columns[x + shift + (int)(slant * (float)y + (slant < 0.0f ? -0.5f : 0.5f))]++;
    }
    for (int i = 0; i < room; i++) sum += (double)columns[i] * columns[i];
    return sum;
}

/* The slant of a line with these pixels: upright unless another is clearly better. A line
 * of all the plane's pixels takes 60 ms, so it asks for each slant. */
static int find_slant(float *slant, const int *pixels, int n, int *columns,
                      const number_desk *d) {
    double best = 1.05 * slant_score(pixels, n, columns, d, 0.0f);
    *slant = 0.0f;
    for (int k = 0; k < SLANTS; k++) {
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        const double score = slant_score(pixels, n, columns, d, slant_of(k));
        if (score <= best) continue;
        best = score;
        *slant = slant_of(k);
    }
    return 0;
}

static int line_of(const number_desk *d, size_t i) {
    return d->owner[i] < 0 ? -1 : d->pieces[d->owner[i]].line;
}

/* pixels: room for all, columns: for 2·(w + h). start [n_lines + 1]. */
static int find_slants(number_desk *d, int *pixels, int *columns, int *start) {
    const size_t n = area_of(d->w, d->h);
    int status = 0;
    memset(start, 0, ((size_t)d->n_lines + 1) * sizeof *start);
    for (size_t i = 0; i < n; i++)
        if (line_of(d, i) >= 0) start[line_of(d, i) + 1]++;
    for (int k = 0; k < d->n_lines; k++) start[k + 1] += start[k];
    for (size_t i = 0; i < n; i++)
        if (line_of(d, i) >= 0) pixels[start[line_of(d, i)]++] = (int)i;
    for (int k = 0, from = 0; k < d->n_lines && !status; k++) {
        status = find_slant(&d->slant[k], pixels + from, start[k] - from, columns, d);
        from = start[k];
    }
    return status;
}

static int slants(number_desk *d) {
    const size_t n = area_of(d->w, d->h);
    const size_t wide = 2 * ((size_t)d->w + (size_t)d->h);
    int *pixels = malloc(n * sizeof *pixels), *columns = malloc(wide * sizeof *columns);
    int *start = malloc(((size_t)d->n_lines + 1) * sizeof *start), status = DIGIT_NOMEM;
    d->slant = malloc((size_t)d->n_lines * sizeof *d->slant);
    if (pixels && columns && start && d->slant)
        status = find_slants(d, pixels, columns, start);
    free(start);
    free(columns);
    free(pixels);
    return status;
}

/* --- parts ---------------------------------------------------------------------- */

/* Where each piece's ink begins and ends, upright. */
static void find_sides(number_desk *d) {
    for (int i = 0; i < d->n_pieces; i++) {
        d->pieces[i].left = 1e9f;
        d->pieces[i].right = -1e9f;
    }
    for (int y = 0; y < d->h; y++)
        for (int x = 0; x < d->w; x++) {
            const int owner = d->owner[(size_t)y * (size_t)d->w + (size_t)x];
            if (owner < 0 || d->pieces[owner].line < 0) continue;
            number_piece *p = &d->pieces[owner];
            const float u = (float)x + d->slant[p->line] * (float)y;
            p->left = u < p->left ? u : p->left;
            p->right = u + 1.0f > p->right ? u + 1.0f : p->right;
        }
}

/* Whether a piece belongs to a part: it lies above or below it, mostly. Two that are high
 * both must do so the more. */
static int lies_within(const number_desk *d, const number_piece *a,
                       const number_piece *b) {
    const float both = (a->right < b->right ? a->right : b->right) -
                       (a->left > b->left ? a->left : b->left);
    const float wide_a = a->right - a->left, wide_b = b->right - b->left;
    const float high = 0.6f * d->height;
    const int high_both = (float)number_high(&a->box) > high &&
                          (float)number_high(&b->box) > high;
    return both >= (high_both ? 0.7f : 0.5f) * (wide_a < wide_b ? wide_a : wide_b);
}

/* Whether a piece is of a part: of the same broken digit, or above or below it. */
static int is_part_of(const number_desk *d, const number_piece *p,
                      const number_piece *part) {
    if (p->broken || part->broken)
        return p->broken && part->broken && p->group == part->group;
    return lies_within(d, p, part);
}

static void part_add(number_piece *part, const number_piece *p) {
    number_box_join(&part->box, &p->box);
    part->area += p->area;
    part->left = p->left < part->left ? p->left : part->left;
    part->right = p->right > part->right ? p->right : part->right;
}

/* Orders the parts of a line from left to right; to [n] is written: where each went. */
static void sort_parts(number_piece *parts, int *to, int *from, int n) {
    for (int i = 0; i < n; i++) {
        const number_piece p = parts[i];
        int at = i;
        for (; at > 0 && parts[at - 1].left + parts[at - 1].right > p.left + p.right;
             at--) {
            parts[at] = parts[at - 1];
            from[at] = from[at - 1];
        }
        parts[at] = p;
        from[at] = i;
    }
    for (int i = 0; i < n; i++) to[from[i]] = i;
}

/* The parts of line k, from the highest piece to the lowest. work: room for two numbers a
 * piece. */
static void line_parts(number_desk *d, int k, const int *by_height, int *work) {
    const int first = d->n_parts;
    for (int i = 0; i < d->n_pieces; i++) {
        number_piece *p = &d->pieces[by_height[i]];
        int at = first;
        if (p->line != k) continue;
        while (at < d->n_parts && !is_part_of(d, p, &d->parts[at])) at++;
        p->part = at;
        if (at < d->n_parts)
            part_add(&d->parts[at], p);
        else
            d->parts[d->n_parts++] = *p;
    }
    const int n = d->n_parts - first;
    sort_parts(d->parts + first, work, work + n, n);
    for (int i = 0; i < d->n_pieces; i++)
        if (d->pieces[i].line == k)
            d->pieces[i].part = first + work[d->pieces[i].part - first];
    d->lines[k] = (number_line){first, d->n_parts, 0, 0};
}

static void sort_heights(const number_desk *d, int *order) {
    for (int i = 0; i < d->n_pieces; i++) {
        const int high = number_high(&d->pieces[i].box);
        int at = i;
        for (; at > 0 && number_high(&d->pieces[order[at - 1]].box) < high; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static int find_parts(number_desk *d) {
    const size_t n = (size_t)d->n_pieces;
    int *work = malloc(3 * n * sizeof *work), status = DIGIT_NOMEM;
    d->lines = malloc((size_t)d->n_lines * sizeof *d->lines);
    d->parts = malloc(n * sizeof *d->parts);
    if (!work || !d->lines || !d->parts) goto done;
    sort_heights(d, work);
    status = 0;
    for (int k = 0; k < d->n_lines && !status; k++) {
        line_parts(d, k, work, work + n);
        if (load_stopped(d->stop)) status = DIGIT_STOPPED;
    }
done:
    free(work);
    return status;
}

/* --- owners --------------------------------------------------------------------- */

/* A pixel beside one that is of a part, or the pixel itself. */
static size_t edge_of(const int *owner, int w, int h, int x, int y) {
    for (int v = at_least(y - 1, 0); v <= least(y + 1, h - 1); v++)
        for (int u = at_least(x - 1, 0); u <= least(x + 1, w - 1); u++)
            if (owner[area_of(v, w) + (size_t)u] >= 0) return area_of(v, w) + (size_t)u;
    return area_of(y, w) + (size_t)x;
}

/* Gives pale pixels beside a part to it: twice, as edges are two pixels wide or so. */
static int own_edges(number_desk *d) {
    const size_t n = area_of(d->w, d->h);
    int *work = malloc(n * sizeof *work);
    if (!work) return DIGIT_NOMEM;
    for (int pass = 0; pass < 2; pass++) {
        memcpy(work, d->owner, n * sizeof *work);
        for (int y = 0; y < d->h; y++)
            for (int x = 0; x < d->w; x++) {
                const size_t i = (size_t)y * (size_t)d->w + (size_t)x;
                if (work[i] != -1 || !(d->plane[i] > 0.0f)) continue;
                const size_t from = edge_of(work, d->w, d->h, x, y);
                d->owner[i] = work[from];
                d->shared[i] = d->shared[from];
            }
    }
    free(work);
    return load_stopped(d->stop) ? DIGIT_STOPPED : 0;
}

static void own_pieces(number_desk *d) {
    const size_t n = area_of(d->w, d->h);
    for (size_t i = 0; i < n; i++) {
        if (d->owner[i] < 0) continue;
        const number_piece *p = &d->pieces[d->owner[i]];
        d->owner[i] = p->line < 0 ? -2 : p->part; /* -2: what has no part has edges too */
    }
}

/* Whether a piece's group is one digit of small pieces: a display's segments or dots. */
static int is_broken(const number_desk *d, const number_piece *p) {
    const digit_box *b = &d->groups[p->group].box;
    const float high = (float)number_high(b);
    return d->groups[p->group].broken && high >= 0.72f * d->height &&
           (float)number_wide(b) <= high;
}

/* Marks pieces whose groups have none as high as a digit. */
static void find_broken(number_desk *d) {
    for (int i = 0; i < d->n_groups; i++) d->groups[i].broken = 1;
    for (int i = 0; i < d->n_pieces; i++)
        if ((float)number_high(&d->pieces[i].box) >= 0.6f * d->height)
            d->groups[d->pieces[i].group].broken = 0;
    for (int i = 0; i < d->n_pieces; i++)
        d->pieces[i].broken = is_broken(d, &d->pieces[i]);
}

int number_cuts(number_desk *d) {
    int status = slants(d);
    find_broken(d);
    if (!status) status = number_signs(d);
    if (status) return status;
    find_sides(d);
    status = find_parts(d);
    if (status) return status;
    own_pieces(d);
    status = number_seams(d);
    return status ? status : own_edges(d);
}
