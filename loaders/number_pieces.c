/* number_pieces.c - ink in pieces, how wide its strokes are and how high its digits:
 * number_parts.h.
 *
 * Seven segments, a pencil's line and a worn stamp leave gaps within a digit. They are
 * narrower than the strokes beside them, so pieces so close together count as one group.
 * The two halves of a display's side may be farther apart, and dots, where there is
 * nothing else. The height that most of the ink's groups have is the digits'. Then low
 * groups that are as high as a digit together become one. */
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

/* Pixels between two boxes in the direction in which there are more; negative if they
 * overlap. */
static int box_gap(const digit_box *a, const digit_box *b) {
    const int x = at_least(a->x0 - b->x1, b->x0 - a->x1);
    const int y = at_least(a->y0 - b->y1, b->y0 - a->y1);
    return at_least(x, y);
}

/* Whether boxes are two sides of a display's digit, one above the other. */
static int are_sides(const digit_box *a, const digit_box *b, float stroke) {
    const int wide = at_least(number_wide(a), number_wide(b));
    const int high = least(number_high(a), number_high(b));
    const int other = at_least(number_high(a), number_high(b));
    const int x = least(a->x1, b->x1) - at_least(a->x0, b->x0);
    const int gap = at_least(a->y0 - b->y1, b->y0 - a->y1);
    return 2 * wide <= high && 4 * other <= 5 * high && (float)high >= 2.0f * stroke &&
           (float)x >= -0.3f * stroke && (float)gap <= 1.6f * stroke;
}

/* Groups of pieces up to so many strokes apart. */
static int find_groups(number_desk *d, int *group, float strokes) {
    const int reach = at_least(1, (int)(strokes * d->stroke));
    for (int i = 0; i < d->n_pieces; i++) group[i] = i;
    for (int i = 0; i < d->n_pieces; i++) {
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        for (int j = 0; j < i; j++)
            if (box_gap(&d->pieces[i].box, &d->pieces[j].box) <= reach ||
                are_sides(&d->pieces[i].box, &d->pieces[j].box, d->stroke))
                digit_join(group, i, j);
    }
    d->n_groups = 0;
    for (int i = 0; i < d->n_pieces; i++) {
        number_piece *p = &d->pieces[i], *g;
        const int root = digit_root(group, i); /* the first of its group */
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

/* The height that half of the ink lies below, in groups that are no lines; flat: without
 * level strokes, unless there is nothing else. weight has room for d->h + 1. */
static float middle_height(const number_desk *d, double *weight, int flat) {
    double all = 0.0;
    memset(weight, 0, ((size_t)d->h + 1) * sizeof *weight);
    for (int i = 0; i < d->n_pieces; i++) {
        const digit_box *b = &d->groups[d->pieces[i].group].box;
        if (number_wide(b) > 12 * number_high(b)) continue;
        if (flat && number_flat(&d->pieces[i], d->stroke)) continue;
        weight[number_high(b)] += d->pieces[i].area;
        all += d->pieces[i].area;
    }
    if (flat && !(all > 0.0)) return middle_height(d, weight, 0);
    return number_middle(weight, d->h + 1);
}

#define DOTTED 3.0f /* strokes: what is lower is a dot of a digit, or part of one */

/* Groups and height. Where pieces are all dots, those farther apart are one group, too:
 * if that makes digits of them. */
static int look_for_digits(number_desk *d, int *group, double *weight) {
    int status = find_groups(d, group, 0.7f);
    if (status) return status;
    d->height = middle_height(d, weight, 1);
    if (d->height >= DOTTED * d->stroke) return 0;
    const float dot = d->height;
    status = find_groups(d, group, 1.8f);
    if (status) return status;
    d->height = middle_height(d, weight, 1);
    if (d->height >= 3.0f * dot) return 0;
    d->height = dot;
    return find_groups(d, group, 0.7f);
}

/* --- digits in groups --------------------------------------------------------------- */

static int is_low(const number_desk *d, const number_piece *g) {
    return g->area && (float)number_high(&g->box) < 0.6f * d->height;
}

/* Roots of low groups that are close together. */
static void find_near(const number_desk *d, int *root) {
    const int reach = at_least(1, (int)(1.8f * d->stroke));
    for (int i = 0; i < d->n_groups; i++) {
        root[i] = i;
        if (!is_low(d, &d->groups[i])) continue;
        for (int j = 0; j < i; j++)
            if (is_low(d, &d->groups[j]) &&
                box_gap(&d->groups[i].box, &d->groups[j].box) <= reach)
                digit_join(root, i, j);
    }
    for (int i = 0; i < d->n_groups; i++) root[i] = digit_root(root, i);
}

/* Whether all groups with a root are one digit's size together. */
static int is_digit_size(const number_desk *d, const int *root, int first) {
    digit_box all = d->groups[first].box;
    for (int i = first + 1; i < d->n_groups; i++)
        if (root[i] == first) number_box_join(&all, &d->groups[i].box);
    return (float)number_high(&all) >= 0.8f * d->height &&
           (float)number_high(&all) <= 1.25f * d->height &&
           (float)number_wide(&all) <= 1.1f * d->height;
}

/* Low groups that together are as high as digits are become one: the others are no
 * more, their area is 0. root: room for groups. */
static void join_low(number_desk *d, int *root) {
    find_near(d, root);
    for (int i = 0; i < d->n_groups; i++) {
        if (root[i] != i || !is_low(d, &d->groups[i]) || !is_digit_size(d, root, i))
            continue;
        for (int j = i + 1; j < d->n_groups; j++) {
            if (root[j] != i) continue;
            number_box_join(&d->groups[i].box, &d->groups[j].box);
            d->groups[i].area += d->groups[j].area;
            d->groups[j].area = 0;
        }
    }
    for (int i = 0; i < d->n_pieces; i++) {
        const int group = d->pieces[i].group;
        if (!d->groups[group].area) d->pieces[i].group = root[group];
    }
}

static int find_height(number_desk *d) {
    int *group = malloc((size_t)d->n_pieces * sizeof *group);
    double *weight = malloc(((size_t)d->h + 1) * sizeof *weight);
    d->groups = malloc((size_t)d->n_pieces * sizeof *d->groups);
    int status = DIGIT_NOMEM;
    if (group && weight && d->groups) status = look_for_digits(d, group, weight);
    if (!status) join_low(d, group);
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

void number_wipe(number_desk *d, int piece, const unsigned char *where) {
    const digit_box *b = &d->pieces[piece].box;
    const int w = d->w, h = d->h;
    for (int y = b->y0; y < b->y1; y++)
        for (int x = b->x0; x < b->x1; x++) {
            const size_t i = area_of(y, w) + (size_t)x;
            const size_t at = area_of(y - b->y0 + 1, number_wide(b) + 2) +
                              (size_t)(x - b->x0 + 1);
            if (d->owner[i] != piece || (where && !where[at])) continue;
            for (int v = at_least(y - 2, 0); v <= least(y + 2, h - 1); v++)
                for (int u = at_least(x - 2, 0); u <= least(x + 2, w - 1); u++) {
                    float *p = d->plane + area_of(v, w) + u;
                    if (!(*p > NUMBER_INK)) *p = 0.0f;
                }
            d->plane[i] = 0.0f;
        }
}
