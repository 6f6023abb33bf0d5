/* number_pieces.c - ink in pieces, how wide its strokes are and how high its digits:
 * number_parts.h.
 *
 * Seven segments, a pencil's line and a worn stamp leave gaps within a digit. They are
 * narrower than the strokes beside them, so pieces so close together count as one group.
 * The height that most of the ink's groups have is the digits'. */
#include <stdlib.h>
#include <string.h>
#include "number_parts.h"

/* --- pieces --------------------------------------------------------------------- */

static int find_pieces(number_desk *d) {
    const size_t n = area_of(d->w, d->h);
    digit_piece *found = NULL;
    unsigned char *mask = malloc(n);
    if (!mask) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++) mask[i] = d->plane[i] > NUMBER_INK;
    d->n_pieces = digit_pieces(&found, d->owner, mask, d->w, d->h);
    free(mask);
    if (d->n_pieces < 0) return DIGIT_NOMEM;
    d->pieces = malloc((size_t)at_least(d->n_pieces, 1) * sizeof *d->pieces);
    for (int i = 0; d->pieces && i < d->n_pieces; i++)
        d->pieces[i] =
            (number_piece){.box = found[i].box, .area = found[i].area, .line = -1};
    free(found);
    if (!d->pieces) return DIGIT_NOMEM;
    if (load_stopped(d->stop)) return DIGIT_STOPPED;
    return d->n_pieces ? 0 : NUMBER_BLANK;
}

/* Width of the strokes: twice the ink's area over its outline, as in digit_ink.c. */
static float find_stroke(const number_desk *d) {
    const int w = d->w, h = d->h;
    double area = 0.0;
    long sides = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const size_t i = (size_t)y * (size_t)w + (size_t)x;
            if (d->owner[i] < 0) continue;
            area += 1.0;
            sides += x == 0 || d->owner[i - 1] < 0;
            sides += x == w - 1 || d->owner[i + 1] < 0;
            sides += y == 0 || d->owner[i - (size_t)w] < 0;
            sides += y == h - 1 || d->owner[i + (size_t)w] < 0;
        }
    return (float)(2.0 * area / ((double)sides * 0.785398));
}

/* Takes the pieces out whose new number is -1, here and in owner. */
static void renumber(number_desk *d, const int *numbers) {
    const size_t n = area_of(d->w, d->h);
    int kept = 0;
    for (size_t i = 0; i < n; i++)
        if (d->owner[i] >= 0) d->owner[i] = numbers[d->owner[i]];
    for (int i = 0; i < d->n_pieces; i++)
        if (numbers[i] >= 0) d->pieces[kept++] = d->pieces[i];
    d->n_pieces = kept;
}

/* Dust is smaller than a dot of the pen. */
static int drop_dust(number_desk *d) {
    const float least_area = 0.35f * d->stroke * d->stroke;
    int *numbers = malloc((size_t)d->n_pieces * sizeof *numbers), kept = 0;
    if (!numbers) return DIGIT_NOMEM;
    for (int i = 0; i < d->n_pieces; i++)
        numbers[i] = (float)d->pieces[i].area < least_area ? -1 : kept++;
    renumber(d, numbers);
    free(numbers);
    return d->n_pieces > NUMBER_MAX_PARTS ? DIGIT_CROWDED : 0;
}

/* --- groups --------------------------------------------------------------------- */

static int root_of(int *group, int i) {
    while (group[i] != i) i = group[i] = group[group[i]];
    return i;
}

/* Pixels between two boxes in the direction in which there are more; negative if they
 * overlap. */
static int box_gap(const digit_box *a, const digit_box *b) {
    const int x = at_least(a->x0 - b->x1, b->x0 - a->x1);
    const int y = at_least(a->y0 - b->y1, b->y0 - a->y1);
    return at_least(x, y);
}

static int find_groups(number_desk *d, int *group) {
    const int reach = at_least(1, (int)(0.7f * d->stroke));
    for (int i = 0; i < d->n_pieces; i++) group[i] = i;
    for (int i = 0; i < d->n_pieces; i++) {
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        for (int j = 0; j < i; j++)
            if (box_gap(&d->pieces[i].box, &d->pieces[j].box) <= reach) {
                const int a = root_of(group, i), b = root_of(group, j);
                group[a > b ? a : b] = a < b ? a : b;
            }
    }
    d->n_groups = 0;
    for (int i = 0; i < d->n_pieces; i++) {
        number_piece *p = &d->pieces[i], *g;
        const int root = root_of(group, i); /* the first of its group */
        if (root == i) {
            p->group = d->n_groups++;
            d->groups[p->group] = *p;
            continue;
        }
        p->group = d->pieces[root].group;
        g = &d->groups[p->group];
        number_box_join(&g->box, &p->box);
        g->area += p->area;
    }
    return 0;
}

/* The height that half of the ink lies below, in groups that are no lines. weight has
 * room for d->h + 1. */
static float middle_height(const number_desk *d, double *weight) {
    memset(weight, 0, ((size_t)d->h + 1) * sizeof *weight);
    for (int i = 0; i < d->n_groups; i++) {
        const number_piece *g = &d->groups[i];
        if (number_wide(&g->box) > 12 * number_high(&g->box)) continue;
        weight[number_high(&g->box)] += g->area;
    }
    return number_middle(weight, d->h + 1);
}

static int find_height(number_desk *d) {
    int *group = malloc((size_t)d->n_pieces * sizeof *group);
    double *weight = malloc(((size_t)d->h + 1) * sizeof *weight);
    d->groups = malloc((size_t)d->n_pieces * sizeof *d->groups);
    int status = group && weight && d->groups ? find_groups(d, group) : DIGIT_NOMEM;
    if (!status) d->height = middle_height(d, weight);
    free(weight);
    free(group);
    return status;
}

int number_pieces(number_desk *d) {
    int status = find_pieces(d);
    if (status) return status;
    d->stroke = find_stroke(d);
    status = drop_dust(d);
    if (!status && !d->n_pieces) status = NUMBER_BLANK;
    if (!status) status = find_height(d);
    return status || d->height >= 5.0f ? status : NUMBER_BLANK;
}
