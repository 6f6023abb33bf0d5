/* digit_rule.c - straight lines that belong to a form, not to the digit: digit_parts.h.
 *
 *     ┌───┐       ╷   ╷
 *     │ 7 │   7   │ 7 │     a box, a line below, a comb
 *     └───┘  ───  └───┘
 *
 * A bar is a level or upright run of ink, about as long as all ink is wide or high. A 7
 * has one as well, a 4 has two. What tells them from rules is the rest of the ink: rules
 * lie outside of it and reach beyond it at both their ends. Where a rule is taken away, a
 * stroke that crosses it remains. */
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

#define LEAST_LONG 16 /* pixels: what is shorter is part of a small digit */

/* Of level bars 'along' is x, of upright ones y. */
typedef struct {
    int from, to;    /* along; 0, 0 if there is none */
    int first, last; /* across: first ≤ … < last */
} bar;

enum { ABOVE, BELOW, LEFT, RIGHT };

typedef struct {
    unsigned char *mask; /* [h][w] */
    unsigned char *rest; /* [h][w] what is no bar */
    int w, h;
    digit_box ink;
    bar bars[4]; /* the outermost: ABOVE, … */
} form;

static unsigned char *pixel(const form *f, unsigned char *plane, int along, int across,
                            int upright) {
    return plane + (upright ? area_of(along, f->w) + (size_t)across
                            : area_of(across, f->w) + (size_t)along);
}

/* The longest run in a line, in large planes with gaps of a pixel or two. */
static void longest_run(const form *f, int across, int upright, int *from, int *to) {
    const int n = upright ? f->h : f->w, gap = least(2, least(f->w, f->h) / 64);
    int start = -1, end = 0;
    *from = *to = 0;
    for (int i = 0; i < n; i++) {
        if (!*pixel(f, f->mask, i, across, upright)) continue;
        if (start < 0 || i - end > gap) start = i;
        end = i + 1;
        if (end - start > *to - *from) {
            *from = start;
            *to = end;
        }
    }
}

/* A bar that begins with this line; none if it is too short or too broad: next lines
 * belong to it if they are as long, and lie beside it. */
static bar bar_at(const form *f, int at, int step, int upright, int least_long) {
    const int lines = upright ? f->w : f->h;
    bar b = {0, 0, at, at + 1};
    for (int i = at; i >= 0 && i < lines; i += step) {
        int from, to;
        longest_run(f, i, upright, &from, &to);
        const int shared = least(to, b.to) - at_least(from, b.from);
        if (to - from < least_long) break;
        if (i != at && 10 * shared < 8 * (b.to - b.from)) break;
        b.from = i == at ? from : least(b.from, from);
        b.to = i == at ? to : at_least(b.to, to);
        b.first = least(b.first, i);
        b.last = at_least(b.last, i + 1);
    }
    if ((b.last - b.first) * 6 > at_least(b.to - b.from, 12)) b.to = b.from = 0;
    return b;
}

/* The outermost bar of a side, if it is at the edge of the ink. */
static bar outer_bar(const form *f, int side) {
    const int upright = side >= LEFT, far = side % 2;
    const int a = upright ? f->ink.x0 : f->ink.y0, b = upright ? f->ink.x1 : f->ink.y1;
    const int along = upright ? f->ink.y1 - f->ink.y0 : f->ink.x1 - f->ink.x0;
    const int step = far ? -1 : 1, start = far ? b - 1 : a;
    if (along < LEAST_LONG) return (bar){0};
    for (int i = 0; i <= (b - a) / 16; i++) {
        const bar found = bar_at(f, start + i * step, step, upright, along * 4 / 5);
        if (found.to) return found;
    }
    return (bar){0};
}

/* --- what is left --------------------------------------------------------------- */

/* Wipes a bar from a plane, and so many ragged pixels on both sides; with crossing, but
 * for strokes that go on on both its sides. */
static void wipe_bar(const form *f, unsigned char *plane, const bar *b, int upright,
                     int ragged, int crossing) {
    const int lines = upright ? f->w : f->h;
    const int first = at_least(b->first - ragged, 0);
    const int last = least(b->last + ragged, lines);
    for (int i = b->from; i < b->to; i++) {
        if (crossing && first > 0 && last < lines &&
            *pixel(f, f->mask, i, first - 1, upright) &&
            *pixel(f, f->mask, i, last, upright))
            continue;
        for (int k = first; k < last; k++) *pixel(f, plane, i, k, upright) = 0;
    }
}

/* How ragged lines are: a pixel where there are many. */
static int ragged(const form *f) { return least(f->w, f->h) >= 64; }

/* The box of the largest piece that is left without all bars and what is near to them, or
 * without the one below. DIGIT_INK, DIGIT_BLANK, DIGIT_NOMEM. */
static int rest_box(digit_box *box, form *f, int all) {
    const size_t n = area_of(f->w, f->h);
    const int near = (f->ink.y1 - f->ink.y0) / 24 + 2;
    int *labels = malloc(n * sizeof *labels), best = 0;
    digit_piece *pieces = NULL;
    if (!labels) return DIGIT_NOMEM;
    memcpy(f->rest, f->mask, n);
    for (int side = 0; side < 4; side++)
        if (all || side == BELOW)
            wipe_bar(f, f->rest, f->bars + side, side >= LEFT, all ? near : ragged(f), 0);
    const int count = digit_pieces(&pieces, labels, f->rest, f->w, f->h);
    for (int i = 1; i < count; i++)
        if (pieces[i].area > pieces[best].area) best = i;
    if (count > 0) *box = pieces[best].box;
    free(pieces);
    free(labels);
    return count > 0 ? DIGIT_INK : count;
}

/* --- rules ---------------------------------------------------------------------- */

static int is_there(const bar *b) { return b->to > b->from; }

/* Whether a bar lies outside of box on its side, but for what touches it, and reaches
 * beyond it at both ends, by 'more' pixels. */
static int is_outside(const bar *b, int side, const digit_box *box, int more) {
    const int touch = b->last - b->first + 2, upright = side >= LEFT;
    const int from = upright ? box->y0 : box->x0, to = upright ? box->y1 : box->x1;
    const int near = upright ? box->x0 : box->y0, far = upright ? box->x1 : box->y1;
    if (b->from > from - more || b->to < to + more) return 0;
    return side % 2 ? b->first >= far - touch : b->last <= near + touch;
}

/* How far a comb's tooth rises from an end of its bar: 0 if there is none. */
static int tick_height(const form *f, const bar *b, int end) {
    const int thick = b->last - b->first, near = thick + 2;
    int most = 0;
    for (int k = 0; k < near; k++) {
        const int x = end ? b->to - 1 - k : b->from + k;
        int y = b->first;
        while (y > 0 && f->mask[area_of(y - 1, f->w) + (size_t)x]) y--;
        most = at_least(most, b->first - y);
    }
    return most > 2 * thick + 2 ? most : 0;
}

/* Whether a comb's tooth, that high, is joined to other ink on its inner side: a square
 * 6 is, at both ends of its foot. */
static int is_joined(const form *f, const bar *b, int end, int high) {
    const int near = b->last - b->first + 3;
    const int x = end ? b->to - 1 - near : b->from + near;
    for (int y = b->first - high; y < b->first - near; y++)
        if (x >= 0 && x < f->w && f->mask[area_of(y, f->w) + (size_t)x]) return 1;
    return 0;
}

/* Whether a bar has teeth at both its ends. */
static int is_comb(const form *f, const bar *b) {
    const int left = tick_height(f, b, 0), right = tick_height(f, b, 1);
    return left && right && !(is_joined(f, b, 0, left) && is_joined(f, b, 1, right));
}

/* Wipes the teeth of a comb. */
static void wipe_ticks(const form *f, const bar *b) {
    const int near = least(b->last - b->first + 3, (b->to - b->from) / 2);
    for (int end = 0; end < 2; end++) {
        if (!tick_height(f, b, end)) continue;
        for (int k = 0; k < near; k++) {
            const int x = end ? b->to - 1 - k : b->from + k;
            for (int y = b->first; y > 0; y--) {
                if (!f->mask[area_of(y - 1, f->w) + (size_t)x]) break;
                f->rest[area_of(y - 1, f->w) + (size_t)x] = 0;
            }
        }
    }
}

/* Whether a piece of the rest is a tooth of a comb whose bar goes on: thin, straight, and
 * it stands on the bar. */
static int is_tooth(const form *f, const digit_piece *p, const bar *b) {
    const int wide = p->box.x1 - p->box.x0, high = p->box.y1 - p->box.y0;
    const int thick = b->last - b->first;
    return p->box.y1 + 1 + ragged(f) >= b->first && p->box.y1 <= b->last &&
           wide <= thick + 3 && high > 2 * thick + 2 && high > 3 * wide &&
           p->area * 5 >= wide * high * 4;
}

/* Whether it is one beside a digit, which is higher. */
static int is_beside(const form *f, const digit_piece *p, const bar *b,
                     const digit_box *digit) {
    return (p->box.y1 - p->box.y0) * 10 < (digit->y1 - digit->y0) * 9 &&
           is_tooth(f, p, b);
}

/* Takes out of the rest the teeth that stand on the bar, if there are some on both sides
 * of its largest other piece: a 1 on a line has no such neighbours. */
static int take_teeth(form *f, const bar *b) {
    const size_t n = area_of(f->w, f->h);
    int *labels = malloc(n * sizeof *labels), count = DIGIT_NOMEM, left = 0, right = 0;
    digit_piece *pieces = NULL, digit = {{0, 0, 0, 0}, 0};
    if (labels) count = digit_pieces(&pieces, labels, f->rest, f->w, f->h);
    for (int i = 0; i < count; i++)
        if (pieces[i].area > digit.area && !is_tooth(f, &pieces[i], b)) digit = pieces[i];
    for (int i = 0; i < count; i++) {
        if (!is_beside(f, &pieces[i], b, &digit.box)) continue;
        left |= pieces[i].box.x1 <= digit.box.x0;
        right |= pieces[i].box.x0 >= digit.box.x1;
    }
    for (size_t i = 0; left && right && i < n; i++)
        if (labels[i] >= 0 && is_beside(f, &pieces[labels[i]], b, &digit.box))
            f->rest[i] = 0;
    free(pieces);
    free(labels);
    return count < 0 ? DIGIT_NOMEM : 0;
}

/* Whether a bar is thinner than the strokes of the rest: drawn by no pen that drew it. */
static int is_thin(const form *f, const bar *b) {
    double area = 0.0, sides = 0.0;
    for (int y = 0; y < f->h; y++)
        for (int x = 0; x < f->w; x++) {
            const unsigned char *p = f->rest + area_of(y, f->w) + (size_t)x;
            if (!*p) continue;
            area++;
            sides += (x == 0 || !p[-1]) + (x + 1 == f->w || !p[1]);
            sides += (y == 0 || !p[-f->w]) + (y + 1 == f->h || !p[f->w]);
        }
    return (b->last - b->first) * sides * 0.785 * 3.0 <= 4.0 * area; /* ⅔ of it */
}

/* Whether a bar below box underlines it. One that is the foot of a 2 or a 1 is attached
 * to it, and hardly longer; but a 1's may be thin. */
static int is_underline(const form *f, const bar *b, const digit_box *box) {
    const int apart = (box->y1 - box->y0) / 40 + 2;
    if (b->first >= box->y1 + apart) return is_outside(b, BELOW, box, 0);
    if (is_comb(f, b)) return is_outside(b, BELOW, box, 0);
    if ((box->x1 - box->x0) * 2 > box->y1 - box->y0 && is_thin(f, b))
        return is_outside(b, BELOW, box, (b->to - b->from) / 32 + 1);
    return is_outside(b, BELOW, box, at_least(3, (b->to - b->from) / 8));
}

/* Whether an upright bar is as long as all ink is high: a box's wall is. */
static int is_wall(const form *f, const bar *b) {
    const int off = (f->ink.y1 - f->ink.y0) / 24 + 2;
    return is_there(b) && b->from <= f->ink.y0 + off && b->to >= f->ink.y1 - off;
}

/* Which bars are those of a box or a tall comb, which stand on both sides of the rest. */
static void judge_box(int is_rule[4], const form *f, const digit_box *rest) {
    const bar *b = f->bars;
    const int left = b[LEFT].last - b[LEFT].first, right = b[RIGHT].last - b[RIGHT].first;
    if (!is_wall(f, b + LEFT) || !is_wall(f, b + RIGHT)) return;
    if (!is_there(b + ABOVE) && !is_there(b + BELOW)) return;
    if (b[LEFT].last > rest->x0 + left + 3 || b[RIGHT].first < rest->x1 - right - 3)
        return;
    is_rule[LEFT] = is_rule[RIGHT] = 1;
    is_rule[ABOVE] = is_there(b + ABOVE) && is_outside(b + ABOVE, ABOVE, rest, 0);
    is_rule[BELOW] = is_there(b + BELOW) && is_outside(b + BELOW, BELOW, rest, 0);
}

/* Which bars are rules: a box's, or a line below. A rest that is low is none. */
static int judge(int is_rule[4], form *f) {
    const int high = f->ink.y1 - f->ink.y0;
    digit_box rest;
    memset(is_rule, 0, 4 * sizeof *is_rule);
    int status = rest_box(&rest, f, 1);
    if (status == DIGIT_INK && (rest.y1 - rest.y0) * 10 >= high * 3)
        judge_box(is_rule, f, &rest);
    if (status == DIGIT_NOMEM || is_rule[LEFT] || !is_there(f->bars + BELOW))
        return status;
    status = rest_box(&rest, f, 0);
    if (status == DIGIT_INK && (rest.y1 - rest.y0) * 10 >= high * 3)
        is_rule[BELOW] = is_underline(f, f->bars + BELOW, &rest);
    return status;
}

/* Takes bars that are rules out of a mask. */
static int take_bars(unsigned char *mask, int w, int h) {
    const size_t n = area_of(w, h);
    form f = {mask, malloc(n), w, h, {w, h, 0, 0}, {{0}}};
    int is_rule[4], status = DIGIT_BLANK, any = 0;
    if (!f.rest) return DIGIT_NOMEM;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (mask[area_of(y, w) + (size_t)x])
                digit_box_add(&f.ink, x, y, x + 1, y + 1);
    for (int side = 0; side < 4; side++) {
        f.bars[side] = outer_bar(&f, side);
        any |= is_there(f.bars + side);
    }
    if (any) status = judge(is_rule, &f);
    if (any && status != DIGIT_NOMEM) {
        memcpy(f.rest, mask, n);
        for (int side = 0; side < 4; side++)
            if (is_rule[side])
                wipe_bar(&f, f.rest, f.bars + side, side >= LEFT, ragged(&f), 1);
        if (is_rule[BELOW] && is_comb(&f, f.bars + BELOW)) wipe_ticks(&f, f.bars + BELOW);
        if (is_rule[BELOW] && take_teeth(&f, f.bars + BELOW)) status = DIGIT_NOMEM;
        memcpy(mask, f.rest, n);
    }
    free(f.rest);
    return status == DIGIT_NOMEM ? DIGIT_NOMEM : 0;
}

/* --- rings ---------------------------------------------------------------------- */

/* Whether a piece's pixel is met on the way from x, y in steps of dx, dy. */
static int is_met(const int *labels, int w, int h, int label, int x, int y, int dx,
                  int dy) {
    for (; x >= 0 && x < w && y >= 0 && y < h; x += dx, y += dy)
        if (labels[area_of(y, w) + (size_t)x] == label) return 1;
    return 0;
}

/* The share of a piece's box that lies between its first and last pixel of a row. */
static double filled(const int *labels, int w, int label, const digit_box *b) {
    long sum = 0;
    for (int y = b->y0; y < b->y1; y++) {
        const int *row = labels + area_of(y, w);
        int x0 = b->x0, x1 = b->x1 - 1;
        while (x0 < x1 && row[x0] != label) x0++;
        while (x1 > x0 && row[x1] != label) x1--;
        sum += x1 - x0 + 1;
    }
    return (double)sum / (double)area_of(b->x1 - b->x0, b->y1 - b->y0);
}

/* Whether a piece is a box or a circle drawn around another. */
static int encloses(const digit_piece *pieces, const int *labels, int w, int h, int ring,
                    int inner) {
    const digit_box *p = &pieces[ring].box, *q = &pieces[inner].box;
    const int wide = p->x1 - p->x0, high = p->y1 - p->y0;
    const int x = (q->x0 + q->x1) / 2, y = (q->y0 + q->y1) / 2;
    if (q->x0 <= p->x0 || q->x1 >= p->x1 || q->y0 <= p->y0 || q->y1 >= p->y1) return 0;
    if ((q->y1 - q->y0) * 3 < high) return 0;
    if (!is_met(labels, w, h, ring, x, y, 1, 0) ||
        !is_met(labels, w, h, ring, x, y, -1, 0) ||
        !is_met(labels, w, h, ring, x, y, 0, 1) ||
        !is_met(labels, w, h, ring, x, y, 0, -1))
        return 0;
    const double share = filled(labels, w, ring, p);
    return share > 0.9 || (share > 0.7 && wide * 5 > high * 4 && high * 5 > wide * 4);
}

/* What a ring is around is a third of it in height at least, so pieces are few. */
static int is_ring(const digit_piece *pieces, int n, const int *labels, int w, int h,
                   int ring) {
    const digit_box *p = &pieces[ring].box;
    if ((p->y1 - p->y0) * 4 < h && (p->x1 - p->x0) * 4 < w) return 0;
    for (int i = 0; i < n; i++)
        if (i != ring && encloses(pieces, labels, w, h, ring, i)) return 1;
    return 0;
}

/* Takes out of a mask what is drawn around another piece. */
static int take_rings(unsigned char *mask, int w, int h) {
    const size_t n = area_of(w, h);
    int *labels = malloc(n * sizeof *labels), count = DIGIT_NOMEM;
    digit_piece *pieces = NULL;
    if (labels) count = digit_pieces(&pieces, labels, mask, w, h);
    for (int i = 0; i < count; i++) {
        if (!is_ring(pieces, count, labels, w, h, i)) continue;
        for (size_t k = 0; k < n; k++)
            if (labels[k] == i) mask[k] = 0;
    }
    free(pieces);
    free(labels);
    return count < 0 ? DIGIT_NOMEM : 0;
}

/* --- together ------------------------------------------------------------------- */

int digit_rules(unsigned char *mask, int w, int h) {
    if (take_rings(mask, w, h)) return DIGIT_NOMEM;
    return take_bars(mask, w, h);
}
