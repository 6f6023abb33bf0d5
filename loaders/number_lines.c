/* number_lines.c - which ink is in a line of digits, and in which: number_parts.h.
 *
 * A group about as high as most is a body: a digit, several that touch, or most of one.
 * Each body looks to its right for the next that stands about as high in the picture as
 * itself. So a line may rise or fall as it likes, and a gap be as wide as it likes.
 *
 * What is smaller goes to the line it lies in. There a dot at the foot of the digits is a
 * point, which is left out; so is what lies in no line, or is far too high, or is one of
 * the signs of number_signs.c. */
#include <stdlib.h>
#include <string.h>
#include "number_parts.h"

/* --- bodies --------------------------------------------------------------------- */

static int is_body(const number_desk *d, const number_piece *g) {
    const float high = (float)number_high(&g->box);
    return !g->sign && high >= 0.5f * d->height && high <= 2.5f * d->height &&
           (float)number_wide(&g->box) <= 30.0f * d->height;
}

/* Two halves of a digit, one above the other, are one body from here on. */
static int is_stacked(const number_desk *d, const digit_box *a, const digit_box *b) {
    const int wide = least(number_wide(a), number_wide(b));
    const int gap = -number_overlap(a->y0, a->y1, b->y0, b->y1);
    const int high = at_least(a->y1, b->y1) - least(a->y0, b->y0);
    return 2 * number_overlap(a->x0, a->x1, b->x0, b->x1) >= wide &&
           (float)gap < 0.25f * d->height && (float)high <= 1.25f * d->height;
}

static void join_stacked(number_desk *d) {
    for (int i = 0; i < d->n_groups; i++)
        for (int j = 0; j < i; j++) {
            number_piece *a = &d->groups[j], *b = &d->groups[i];
            if (!a->area || !b->area || a->sign || b->sign) continue;
            if (!is_stacked(d, &a->box, &b->box)) continue;
            number_box_join(&a->box, &b->box);
            a->area += b->area;
            b->area = 0; /* no more: its pieces are a's */
            for (int k = 0; k < d->n_pieces; k++)
                if (d->pieces[k].group == i) d->pieces[k].group = j;
        }
}

/* --- lines ---------------------------------------------------------------------- */

/* The next body to the right in the same line, or -1. */
static int right_of(const number_desk *d, const int *bodies, int n, int at) {
    const digit_box *a = &d->groups[bodies[at]].box;
    int best = -1, nearest = d->w;
    for (int i = 0; i < n; i++) {
        const digit_box *b = &d->groups[bodies[i]].box;
        const int both = number_overlap(a->y0, a->y1, b->y0, b->y1);
        if (i == at || b->x0 + b->x1 <= a->x0 + a->x1) continue;
        if (both * 5 < 2 * least(number_high(a), number_high(b))) continue;
        if (b->x0 - a->x1 >= nearest) continue;
        nearest = b->x0 - a->x1;
        best = i;
    }
    return best;
}

/* line [n]: a number for each body, the same for all of one line: its first's. */
static int chain(const number_desk *d, const int *bodies, int *line, int n) {
    for (int i = 0; i < n; i++) line[i] = i;
    for (int i = 0; i < n; i++) {
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        const int next = right_of(d, bodies, n, i);
        if (next < 0 || line[next] == line[i]) continue;
        const int from = at_least(line[next], line[i]), to = least(line[next], line[i]);
        for (int k = 0; k < n; k++)
            if (line[k] == from) line[k] = to;
    }
    return 0;
}

/* Bodies of a line: groups, one after the other. */
typedef struct {
    int *bodies, n;
} members;

/* Whether line a is above line b: where they come closest, from left to right. */
static int is_above(const number_desk *d, const members *a, const members *b) {
    int nearest = 2 * d->w, above = 0;
    for (int i = 0; i < a->n; i++)
        for (int j = 0; j < b->n; j++) {
            const digit_box *p = &d->groups[a->bodies[i]].box,
                            *q = &d->groups[b->bodies[j]].box;
            const int away = abs(p->x0 + p->x1 - q->x0 - q->x1);
            if (away >= nearest) continue;
            nearest = away;
            above = p->y0 + p->y1 < q->y0 + q->y1;
        }
    return above;
}

/* Puts lines in order from top to bottom. sorted, lines: room for n. */
static int order_lines(number_desk *d, const int *bodies, const int *line, int *sorted,
                       members *lines, int n) {
    int found = 0, used = 0;
    for (int i = 0; i < n; i++) {
        members now = {sorted + used, 0};
        int at = found;
        if (line[i] != i) continue;
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        for (int k = i; k < n; k++)
            if (line[k] == i) now.bodies[now.n++] = bodies[k];
        used += now.n;
        for (; at > 0 && is_above(d, &now, &lines[at - 1]); at--)
            lines[at] = lines[at - 1];
        lines[at] = now;
        found++;
    }
    for (int k = 0; k < found; k++)
        for (int i = 0; i < lines[k].n; i++) d->groups[lines[k].bodies[i]].line = k;
    d->n_lines = found;
    return 0;
}

static int find_lines(number_desk *d) {
    const size_t room = (size_t)d->n_groups;
    int *bodies = malloc(3 * room * sizeof *bodies), n = 0, status = DIGIT_NOMEM;
    members *lines = malloc(room * sizeof *lines);
    if (!bodies || !lines) goto done;
    for (int i = 0; i < d->n_groups; i++) {
        d->groups[i].line = -1;
        if (d->groups[i].area && is_body(d, &d->groups[i])) bodies[n++] = i;
    }
    status = chain(d, bodies, bodies + room, n);
    if (!status)
        status = order_lines(d, bodies, bodies + room, bodies + 2 * room, lines, n);
done:
    free(lines);
    free(bodies);
    return status;
}

/* --- what is small -------------------------------------------------------------- */

/* The body that is nearest along the line to a group that is none, and in whose height
 * that lies, or nearly. -1: none. */
static int host_of(const number_desk *d, const digit_box *box) {
    int best = -1, nearest = (int)d->height;
    for (int i = 0; i < d->n_groups; i++) {
        const number_piece *g = &d->groups[i];
        const float middle = 0.5f * (float)(box->y0 + box->y1);
        const float more = 0.3f * d->height;
        const int gap = -number_overlap(box->x0, box->x1, g->box.x0, g->box.x1);
        if (g->line < 0 || gap >= nearest) continue;
        if (middle < (float)g->box.y0 - more || middle > (float)g->box.y1 + more)
            continue;
        nearest = gap;
        best = i;
    }
    return best;
}

/* A decimal point: small, at the foot of the body beside it or below. */
static int is_point(const digit_box *box, const digit_box *body) {
    const int high = number_high(body);
    const int middle = box->y0 + box->y1, foot = 2 * body->y1 - high * 7 / 10;
    return number_high(box) * 20 < high * 8 && number_wide(box) * 20 < high * 7 &&
           middle > foot;
}

static void place_small(number_desk *d) {
    for (int i = 0; i < d->n_groups; i++) {
        number_piece *g = &d->groups[i];
        g->part = g->line; /* until now, only bodies have a line */
        if (!g->area || g->line >= 0 || g->sign) continue;
        if ((float)number_high(&g->box) > d->height) continue;
        const int host = host_of(d, &g->box);
        if (host >= 0 && !is_point(&g->box, &d->groups[host].box))
            g->part = d->groups[host].line;
    }
    for (int i = 0; i < d->n_pieces; i++)
        d->pieces[i].line = d->groups[d->pieces[i].group].part;
}

/* The height that half of the ink of each line's bodies lies below. */
static int find_heights(number_desk *d) {
    double *weight = malloc(((size_t)d->h + 1) * sizeof *weight);
    d->high = malloc((size_t)d->n_lines * sizeof *d->high);
    if (!weight || !d->high) {
        free(weight);
        return DIGIT_NOMEM;
    }
    for (int k = 0; k < d->n_lines; k++) {
        memset(weight, 0, ((size_t)d->h + 1) * sizeof *weight);
        for (int i = 0; i < d->n_groups; i++)
            if (d->groups[i].line == k)
                weight[number_high(&d->groups[i].box)] += d->groups[i].area;
        d->high[k] = number_middle(weight, d->h + 1);
    }
    free(weight);
    return 0;
}

int number_lines(number_desk *d) {
    int status = number_commas(d);
    if (status) return status;
    join_stacked(d);
    status = find_lines(d);
    if (status) return status;
    if (!d->n_lines) return NUMBER_BLANK;
    place_small(d);
    return find_heights(d);
}
