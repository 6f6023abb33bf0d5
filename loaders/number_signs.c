/* number_signs.c - signs that stand among digits and are none: number_parts.h.
 *
 * What tells them from digits is where they stand, not what they look like:
 *
 *     point, comma      low, small or hanging below the digits' feet
 *     ' " ° ²           high, small, and nothing below
 *     : ;               two small ones alike, one above the other
 *     ( [ ] ) /         thin, bent or leaning, above and below the digits on both sides
 *     ( )  [ ]          facing each other (number_brackets.c)
 *     $                 above and below printed digits
 *     %                 a leaning line between a ring above and one below
 *
 * A slash that is no higher than digits may be a 1 that leans: it stays, in doubt. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "number_parts.h"

/* --- commas ----------------------------------------------------------------------- */

/* Whether a piece hangs below the foot of digits from top to foot, so high, and is one
 * short stroke: a small digit has more ink. */
static int is_comma(const number_desk *d, const number_piece *p, int top, int foot,
                    int high) {
    const digit_box *box = &p->box;
    const int wide = number_wide(box), own = number_high(box);
    const int length = at_least(wide, own) + least(wide, own) / 2;
    return (float)p->area < 1.5f * d->stroke * (float)length &&
           number_high(box) * 10 < high * 7 && number_wide(box) * 20 < high * 9 &&
           2 * box->y0 > top + foot && box->y0 < foot && (box->y1 - foot) * 25 > high;
}

static int hangs(const number_desk *d, int group) {
    const digit_box *box = &d->groups[group].box;
    for (int i = 0; i < d->n_groups; i++) {
        const digit_box *b = &d->groups[i].box;
        const int high = number_high(b);
        if (i == group || !d->groups[i].area) continue;
        if (-number_overlap(box->x0, box->x1, b->x0, b->x1) * 10 < high * 6 &&
            is_comma(d, &d->groups[group], b->y0, b->y1, high))
            return 1;
    }
    return 0;
}

int number_commas(number_desk *d) {
    for (int i = 0; i < d->n_groups; i++) {
        number_piece *g = &d->groups[i];
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        g->sign = (float)number_high(&g->box) < 0.8f * d->height && hangs(d, i);
    }
    return 0;
}

/* --- what shapes are like --------------------------------------------------------- */

/* Of a piece's ink: what a line through it is like. */
typedef struct {
    double n, x, y, xx, xy, yy; /* sums over its pixels */
} form;

static void find_forms(form *forms, const number_desk *d) {
    memset(forms, 0, (size_t)d->n_pieces * sizeof *forms);
    for (int v = 0; v < d->h; v++)
        for (int u = 0; u < d->w; u++) {
            const int owner = d->owner[(size_t)v * (size_t)d->w + (size_t)u];
            if (owner < 0) continue;
            const digit_box *b = &d->pieces[owner].box;
            const double x = u - b->x0, y = v - b->y0;
            form *f = &forms[owner];
            f->n += 1.0;
            f->x += x;
            f->y += y;
            f->xx += x * x;
            f->xy += x * y;
            f->yy += y * y;
        }
}

/* Pixels to the right in one up. */
static double lean_of(const form *f) {
    const double spread = f->yy - f->y * f->y / f->n;
    return spread > 0.0 ? -(f->xy - f->x * f->y / f->n) / spread : 0.0;
}

/* Whether all of its ink lies along one line. */
static int is_straight(const form *f, float stroke) {
    const double lean = lean_of(f);
    const double rest = f->xx - f->x * f->x / f->n + lean * (f->xy - f->x * f->y / f->n);
    const double most = 0.4 * (double)stroke * sqrt(1.0 + lean * lean) + 0.3;
    return rest < f->n * most * most;
}

/* What a piece's shape is like, beside a digit's. */
typedef struct {
    int high; /* about as high as digits are */
    int straight;
    double lean; /* of a straight line, in pixels to the right in one up */
    int leans;   /* a straight line that leans */
    int bends; /* thin, both its ends at one side: 1 as a square bracket, 2 as a round */
} shape;

#define LEANS 0.18
#define SLASH 0.27 /* what a slash leans at least */

static shape shape_of(const number_desk *d, const form *f, int piece) {
    const number_piece *p = &d->pieces[piece];
    const float high = (float)number_high(&p->box);
    shape s = {.high = p->line >= 0 && high >= 0.6f * d->height};
    const float ink = (float)p->area / (d->stroke * high);
    if (!s.high) return s;
    s.straight = is_straight(f, d->stroke);
    if (s.straight) s.lean = lean_of(f);
    s.leans = ink < 2.0f && s.lean >= LEANS;
    if (!s.leans) s.bends = abs(number_bends(d, piece));
    return s;
}

/* Those beside a piece in its line, two at either side, that are like digits. */
typedef struct {
    int n;
    int between;               /* some at both sides */
    int high;                  /* of the highest */
    int top, foot;             /* the highest top, the lowest foot */
    int least_top, least_foot; /* the other way round */
} company;

/* The nearest to the left, or right, beyond one that is known, or -1. */
static int beside(const number_desk *d, const shape *shapes, int piece, int beyond,
                  int right) {
    const number_piece *p = &d->pieces[piece], *from = &d->pieces[beyond];
    const int middle = from->box.x0 + from->box.x1;
    int best = -1, nearest = 4 * d->w;
    for (int i = 0; i < d->n_pieces; i++) {
        const number_piece *q = &d->pieces[i];
        const int off = q->box.x0 + q->box.x1 - middle, away = right ? off : -off;
        if (i == piece || q->line != p->line || away <= 0 || away >= nearest) continue;
        if (!shapes[i].high || shapes[i].leans || shapes[i].bends) continue;
        nearest = away;
        best = i;
    }
    return best;
}

static company company_of(const number_desk *d, const shape *shapes, int piece) {
    company c = {.top = d->h, .least_foot = d->h};
    int sides = 0;
    for (int right = 0; right < 2; right++)
        for (int k = 0, at = piece; k < 2; k++) {
            at = beside(d, shapes, piece, at, right);
            if (at < 0) break;
            const digit_box *q = &d->pieces[at].box;
            c.high = at_least(c.high, number_high(q));
            c.top = least(c.top, q->y0);
            c.foot = at_least(c.foot, q->y1);
            c.least_top = at_least(c.least_top, q->y0);
            c.least_foot = least(c.least_foot, q->y1);
            c.n++;
            sides |= 1 << right;
        }
    c.between = sides == 3;
    return c;
}

/* A ring, or what is as even about its middle, at one side of a leaning line: above the
 * middle to its left, or below to its right. */
static int is_ring(const number_desk *d, const form *f, int i, int line, int right) {
    const number_piece *p = &d->pieces[i], *l = &d->pieces[line];
    const int high = number_high(&p->box), all = number_high(&l->box);
    const int gap = right ? p->box.x0 - l->box.x1 : l->box.x0 - p->box.x1;
    const int off = right ? l->box.y1 - p->box.y1 : p->box.y0 - l->box.y0;
    const double x = f->x / f->n + 0.5 - 0.5 * number_wide(&p->box);
    const double y = f->y / f->n + 0.5 - 0.5 * high;
    const size_t middle = (size_t)((p->box.y0 + p->box.y1) / 2) * (size_t)d->w +
                          (size_t)((p->box.x0 + p->box.x1) / 2);
    return i != line && high * 20 < all * 13 && high * 4 > all && abs(off) * 5 < all &&
           (all - high - off) * 3 > all && gap * 5 < all * 2 && gap * 2 > -all &&
           (right ? p->box.x1 > l->box.x1 : p->box.x0 < l->box.x0) &&
           d->owner[middle] != i && fabs(x) * 12.0 < high && fabs(y) * 12.0 < high;
}

static int is_percent(const number_desk *d, const form *forms, int line, int *left,
                      int *right) {
    *left = *right = -1;
    for (int i = 0; i < d->n_pieces; i++) {
        if (is_ring(d, &forms[i], i, line, 0)) *left = i;
        if (is_ring(d, &forms[i], i, line, 1)) *right = i;
    }
    return *left >= 0 && *right >= 0;
}

/* Whether another straight line of i's line leans about as much, as 1s of one hand do. */
static int has_like(const number_desk *d, const shape *shapes, int i) {
    for (int k = 0; k < d->n_pieces; k++)
        if (k != i && d->pieces[k].line == d->pieces[i].line &&
            shapes[k].lean > 0.6 * shapes[i].lean)
            return 1;
    return 0;
}

/* 2: a slash; 1: it may be one, or a 1 that leans; 0: neither. A slash stands between
 * digits, higher than they are and beyond them above and below; half as high again, or a
 * sixth where no other stroke leans so. */
static int slash_of(const number_desk *d, const shape *shapes, int i, const company *c) {
    const digit_box *b = &d->pieces[i].box;
    const int high = number_high(b), out = least(c->top - b->y0, b->y1 - c->foot);
    if (!shapes[i].leans || !c->between) return 0;
    if (out * 10 > c->high && high * 20 > c->high * 29) return 2;
    if (shapes[i].lean < SLASH || out < 0) return 0;
    if (out * 100 >= c->high * 6 && high * 20 >= c->high * 23)
        return has_like(d, shapes, i) ? 1 : 2;
    return high * 10 >= c->high * 11;
}

/* 2: a sign for sure; 1: it may be one; 0: a digit, for all that is seen here. Printed
 * digits have their tops and feet on two lines, written ones hardly ever. */
static int sign_of(const number_desk *d, const shape *shapes, int i) {
    const shape *s = &shapes[i];
    const digit_box *b = &d->pieces[i].box;
    const company c = company_of(d, shapes, i);
    const int high = number_high(b), out = least(c.top - b->y0, b->y1 - c.foot);
    const int uneven = at_least(c.least_top - c.top, c.foot - c.least_foot);
    const int even = c.n >= 2 && (uneven * 20 <= c.high || uneven <= 1);
    const int beyond = out * 20 > c.high && high * 20 > c.high * 23;
    if (!c.n || high < c.high) return 0;
    if (s->leans && even && c.n > 2 && uneven * 40 <= c.high && high * 50 > c.high * 51)
        return 2;
    const int slash = slash_of(d, shapes, i, &c);
    if (slash || (s->leans && (even || beyond))) return at_least(slash, 1);
    if (s->bends == 2 && out >= 0 && high * 10 > c.high * 11) return 2;
    if (s->bends == 1 && (even || !s->straight) && out >= 0 && high * 20 > c.high * 23)
        return 2;
    if (even && c.n > 2 && beyond) return 2;
    return even && out > 0 && out * 100 >= c.high && high * 10 > c.high * 11;
}

/* --- small ones -------------------------------------------------------------------- */

/* Whether there is another piece of i's line in the columns of box, or a stroke beside,
 * between two rows; neither i nor j. */
static int has_ink(const number_desk *d, const digit_box *box, int y0, int y1, int i,
                   int j) {
    const int near = 1 + (int)d->stroke;
    for (int k = 0; k < d->n_pieces; k++) {
        const digit_box *b = &d->pieces[k].box;
        if (k != i && k != j && d->pieces[k].line == d->pieces[i].line &&
            number_overlap(y0, y1, b->y0, b->y1) > 0 &&
            number_overlap(box->x0 - near, box->x1 + near, b->x0, b->x1) > 0)
            return 1;
    }
    return 0;
}

/* High beside digits, with nothing below, and neither flat nor long, as the bar of a 5 or
 * the side of a 4 may be. */
static int is_raised(const number_desk *d, int piece, const company *c) {
    const digit_box *b = &d->pieces[piece].box;
    const int own = number_high(b);
    return own * 2 <= c->high && number_wide(b) * 2 < c->high &&
           own * 5 > number_wide(b) * 3 && own * 7 > c->high &&
           2 * b->y1 < c->top + c->foot + c->high / 8 && (b->y0 - c->top) * 4 < c->high &&
           (c->top - b->y0) * 4 < c->high && !has_ink(d, b, b->y1, c->foot, piece, piece);
}

/* Two alike, one above the other, lower than a digit and alone in their columns. The
 * lower may be a comma. */
static int is_pair(const number_desk *d, int i, int j) {
    const digit_box *a = &d->pieces[i].box, *b = &d->pieces[j].box;
    const int wide = at_least(number_wide(a), number_wide(b));
    const float most = 0.35f * d->height;
    digit_box both = *a;
    number_box_join(&both, b);
    return (float)number_high(a) < most && (float)number_high(b) < 1.6f * most &&
           (float)number_high(&both) < 1.1f * d->height &&
           (float)wide < 0.75f * d->height && a->y1 <= b->y0 &&
           number_wide(&both) * 10 < wide * 13 &&
           number_wide(a) * 10 > number_wide(b) * 6 &&
           number_wide(b) * 10 > number_wide(a) * 6 &&
           d->pieces[i].area < 2 * d->pieces[j].area &&
           d->pieces[j].area < 3 * d->pieces[i].area &&
           !has_ink(d, &both, both.y0 - (int)most, both.y1 + (int)most, i, j);
}

static int is_small_sign(const number_desk *d, const shape *shapes, int piece) {
    const number_piece *p = &d->pieces[piece];
    const company c = company_of(d, shapes, piece);
    if (!c.n) return 0;
    const int foot = (c.foot + c.least_foot) / 2, below = p->box.y1 - foot;
    if (is_comma(d, p, c.least_top, foot, c.high))
        return below * 5 > c.high || !has_ink(d, &p->box, c.top, p->box.y0, piece, piece);
    return is_raised(d, piece, &c);
}

/* Whether a piece may be the upper dot of a colon: half a side of a display's 1 is
 * longer. */
static int is_dot(const number_piece *p) {
    return 2 * number_high(&p->box) <= 3 * number_wide(&p->box);
}

static void find_small_signs(const number_desk *d, const shape *shapes, int *signs) {
    for (int i = 0; i < d->n_pieces; i++) {
        const number_piece *p = &d->pieces[i];
        if (p->line < 0 || (float)number_high(&p->box) > 0.7f * d->height) continue;
        if (!p->broken && is_small_sign(d, shapes, i)) signs[i] = 2;
        if (p->broken && !is_dot(p)) continue;
        for (int j = 0; j < d->n_pieces; j++)
            if (i != j && d->pieces[j].line == p->line && is_pair(d, i, j))
                signs[i] = signs[j] = 2;
    }
}

/* --- together ---------------------------------------------------------------------- */

static int find_signs(number_desk *d, const form *forms, shape *shapes, int *signs) {
    for (int i = 0; i < d->n_pieces; i++) shapes[i] = shape_of(d, &forms[i], i);
    for (int i = 0; i < d->n_pieces; i++) {
        int ring, other;
        if (!shapes[i].high) continue;
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        signs[i] = at_least(signs[i], sign_of(d, shapes, i));
        if (shapes[i].leans && is_percent(d, forms, i, &ring, &other))
            signs[i] = signs[ring] = signs[other] = 2;
    }
    find_small_signs(d, shapes, signs);
    return number_brackets(d, signs);
}

/* Takes signs out of their lines: NUMBER_BLANK if nothing is left. */
static int leave_out(number_desk *d, const int *signs) {
    int left = 0;
    for (int i = 0; i < d->n_pieces; i++) {
        d->pieces[i].sign = signs[i];
        if (signs[i] == 2) d->pieces[i].line = -1;
        left += d->pieces[i].line >= 0;
    }
    return left ? 0 : NUMBER_BLANK;
}

int number_signs(number_desk *d) {
    const size_t n = (size_t)d->n_pieces;
    form *forms = malloc(n * sizeof *forms);
    shape *shapes = malloc(n * sizeof *shapes);
    int *signs = calloc(n, sizeof *signs), status = DIGIT_NOMEM;
    if (!forms || !shapes || !signs) goto done;
    find_forms(forms, d);
    status = find_signs(d, forms, shapes, signs);
    if (!status) status = leave_out(d, signs);
done:
    free(signs);
    free(shapes);
    free(forms);
    return status;
}
