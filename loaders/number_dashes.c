/* number_dashes.c - a dash, or two, before or behind an amount: number_parts.h.
 *
 *     38.117.-     500,-     12.–     = 75     -4
 *
 * A level stroke that stands alone in its columns, neither at the digits' tops nor at
 * their feet, and is no part of a digit: the middle of a display's 4 has another stroke
 * close by on both its sides, that of a 3 one above and one below. Two, one above the
 * other, are an equals sign: they are closer together than that. */
#include <stdlib.h>
#include "number_parts.h"

static int is_level(const number_desk *d, int piece) {
    const number_piece *p = &d->pieces[piece];
    return number_flat(p, d->stroke) && (float)number_high(&p->box) < 0.45f * d->height;
}

/* Whether ink is no larger than a point or a comma. */
static int is_dot(const number_desk *d, const digit_box *b) {
    return (float)number_high(b) < 0.42f * d->height &&
           (float)number_wide(b) < 0.35f * d->height;
}

/* Whether a piece lies above or below a dash, as part of one digit would. */
static int covers(const number_desk *d, int piece, int dash, int level) {
    const digit_box *g = &d->pieces[piece].box, *b = &d->pieces[dash].box;
    const float gap = (float)-number_overlap(b->y0, b->y1, g->y0, g->y1);
    const float off = 0.5f * (float)abs(b->y0 + b->y1 - g->y0 - g->y1);
    if (number_overlap(b->x0, b->x1, g->x0, g->x1) * 4 <= number_wide(b)) return 0;
    if (level) return off > 0.4f * d->height && off < 0.7f * d->height;
    return gap < 0.45f * d->height && !(is_dot(d, g) && g->y1 > b->y1);
}

/* At which sides of a dash another piece is close by: 1 left, 2 right, 3 both. */
static int side_of(const number_desk *d, int piece, int dash) {
    const digit_box *g = &d->pieces[piece].box, *b = &d->pieces[dash].box;
    const float gap = (float)-number_overlap(b->x0, b->x1, g->x0, g->x1);
    const float beyond = (float)-number_overlap(b->y0, b->y1, g->y0, g->y1);
    if (beyond > 0.5f * d->stroke || gap >= 0.12f * d->height) return 0;
    return g->x0 + g->x1 < b->x0 + b->x1 ? 1 : 2;
}

/* What a group has: level strokes alone, with a point or a comma, with more, or with a
 * stroke as high as a digit. */
enum { LEVEL, DOTTED, SOLID, HIGH };

/* What a group of one kind becomes with a piece that is no level stroke. */
static int kind_with(const number_desk *d, int kind, const digit_box *b) {
    if ((float)number_high(b) >= 0.6f * d->height) return HIGH;
    return at_least(kind, kind == LEVEL && is_dot(d, b) ? DOTTED : SOLID);
}

/* Whether a dash is of a digit of small pieces, as the bar of a display's 7 is. */
static int is_within(const number_desk *d, int dash, const char *groups) {
    const int group = d->pieces[dash].group;
    return groups[group] == SOLID &&
           (float)number_high(&d->groups[group].box) >= 0.6f * d->height;
}

/* Whether there is a digit in whose height, neither at its top nor at its foot, a dash
 * stands. */
static int is_amid(const number_desk *d, int dash, const char *groups) {
    const digit_box *b = &d->pieces[dash].box;
    for (int i = 0; i < d->n_groups; i++) {
        const digit_box *g = &d->groups[i].box;
        const int middle = b->y0 + b->y1 - 2 * g->y0, high = number_high(g);
        if (groups[i] && (float)high >= 0.6f * d->height && middle * 10 > 4 * high &&
            middle * 10 < 18 * high)
            return 1;
    }
    return 0;
}

static int is_dash(const number_desk *d, int dash, const char *level,
                   const char *groups) {
    int sides = 0;
    for (int i = 0; i < d->n_pieces; i++) {
        if (i == dash) continue;
        if (covers(d, i, dash, level[i])) return 0;
        if (!level[i]) sides |= side_of(d, i, dash);
    }
    return sides < 3 && !is_within(d, dash, groups) && is_amid(d, dash, groups);
}

/* dashes [n_pieces] written; returns how many there are. work: room for pieces and
 * groups. */
static int find_dashes(const number_desk *d, char *dashes, char *work) {
    char *level = work, *groups = work + d->n_pieces;
    int n = 0;
    for (int i = 0; i < d->n_groups; i++) groups[i] = LEVEL;
    for (int i = 0; i < d->n_pieces; i++) {
        char *group = &groups[d->pieces[i].group];
        level[i] = (char)is_level(d, i);
        if (!level[i]) *group = (char)kind_with(d, *group, &d->pieces[i].box);
    }
    for (int i = 0; i < d->n_pieces; i++)
        n += dashes[i] = (char)(level[i] && is_dash(d, i, level, groups));
    return n;
}

int number_dashes(number_desk *d, int *erased) {
    const size_t n = (size_t)d->n_pieces;
    char *dashes = malloc(3 * n);
    *erased = 0;
    if (!dashes) return DIGIT_NOMEM;
    *erased = find_dashes(d, dashes, dashes + n);
    for (int i = 0; i < d->n_pieces; i++)
        if (dashes[i]) number_wipe(d, i, NULL);
    free(dashes);
    return load_stopped(d->stop) ? DIGIT_STOPPED : 0;
}
