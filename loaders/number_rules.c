/* number_rules.c - lines that were there before the digits are taken away: rules, boxes,
 * the walls between cells, the teeth of a comb. See number_parts.h.
 *
 * A line is followed along one axis, pixel by pixel, as a thin run of ink across it that
 * hardly moves; where a digit crosses it or stands on it, it is taken to go on behind.
 * What has been followed is a rule if it is far longer than a digit is high, or one side
 * of a box, or runs from one rule to another, or is one of three equal teeth on a rule.
 * Bars of digits that touch, as in 444, are none: a digit begins where they begin.
 * Its thin runs go; what a digit shares with it stays. */
#include <stdlib.h>
#include <string.h>
#include "number_parts.h"

#define MOST_TRACES 256 /* in one direction; more are a texture */

/* A line that is followed: along from first to last, across at a + b·along. */
typedef struct {
    int first, last;
    int n;                          /* places where it was thin */
    double s, t, ss, st, tt, thick; /* sums over these: along, across, products, width */
    int rule;                       /* 1: it is one; 2: a wall or a tooth */
    int doubtful;                   /* it may be digits' strokes */
    int comb;                       /* teeth stand at both its ends */
} trace;

/* One direction of looking at a plane. */
typedef struct {
    const float *plane;
    size_t along, across; /* strides */
    int length, breadth;
    int thin, bridge; /* the widest run of a line, the longest way behind a digit */
    int least;        /* the shortest line worth keeping */
    trace *live;      /* [breadth] by where they are */
    trace *found;     /* [n] */
    int n;
    const load_stop *stop;
} view;

static double slope_of(const trace *l) {
    const double n = l->n, spread = l->ss - l->s * l->s / n;
    return spread > 0.0 ? (l->st - l->s * l->t / n) / spread : 0.0;
}

static double place_at(const trace *l, double along) {
    const double n = l->n;
    return l->t / n + slope_of(l) * (along - l->s / n);
}

/* At how many places along a trace there is ink, thin or not. */
static int inked(const view *v, const trace *l) {
    int n = 0;
    for (int s = l->first; s <= l->last; s++) {
        const float *line = v->plane + (size_t)s * v->along;
        const int at = (int)(place_at(l, s) + 0.5);
        int ink = 0;
        for (int k = at_least(at - 1, 0); k <= least(at + 1, v->breadth - 1); k++)
            ink |= line[(size_t)k * v->across] > NUMBER_INK;
        n += ink;
    }
    return n;
}

/* Straight, hardly tilted, thin along most of it, and without gaps: the feet of digits
 * are a line that has some. */
static int is_straight(const view *v, const trace *l) {
    const double n = l->n, b = slope_of(l), thick = l->thick / n;
    const double rest = (l->tt - l->t * l->t / n) - b * (l->st - l->s * l->t / n);
    const double most = 0.6 + 0.25 * thick;
    const int length = l->last - l->first + 1;
    return 2 * l->n >= length && b < 0.12 && b > -0.12 && rest <= n * most * most &&
           inked(v, l) * 20 >= length * 19;
}

/* Keeps a trace that has ended, if it may be a rule. */
static void trace_end(view *v, trace *l) {
    if (l->n && l->last - l->first + 1 >= v->least && v->n < MOST_TRACES &&
        is_straight(v, l))
        v->found[v->n++] = *l;
    l->n = 0;
}

/* Whether a trace may go on at a place: behind ink, or over a gap that is short beside
 * it. The boxes of a row are not one. */
static int goes_on(const view *v, const trace *l, int at, int middle) {
    const int from = at_least(middle - 2, 0), to = least(middle + 2, v->breadth - 1);
    int paper = 0;
    for (int s = l->last + 1; s < at; s++) {
        const float *line = v->plane + (size_t)s * v->along;
        int ink = 0;
        for (int k = from; k <= to; k++) ink |= line[(size_t)k * v->across] > NUMBER_INK;
        paper += !ink;
    }
    return paper <= at_least(2, l->n / 40);
}

/* A thin run across, from a to b - 1: goes on with a trace that is near, or begins
 * one. */
static void trace_step(view *v, int at, int a, int b) {
    const int middle = (a + b) / 2;
    int best = -1;
    for (int k = at_least(middle - 2, 0); k <= least(middle + 2, v->breadth - 1); k++) {
        const trace *l = &v->live[k];
        if (!l->n || l->last >= at || at - l->last > v->bridge + 1) continue;
        /* A digit's own stroke may run two pixels beside. */
        if (abs(k - middle) > (at - l->last > 2 ? 2 : 1)) continue;
        if (!goes_on(v, l, at, middle)) continue;
        if (best < 0 || l->n > v->live[best].n) best = k;
    }
    trace now = {.first = at};
    if (best >= 0) {
        now = v->live[best];
        v->live[best].n = 0;
    }
    const double s = at, t = 0.5 * (a + b - 1);
    now.last = at;
    now.n++;
    now.s += s;
    now.t += t;
    now.ss += s * s;
    now.st += s * t;
    now.tt += t * t;
    now.thick += b - a;
    if (v->live[middle].n && v->live[middle].last < at) trace_end(v, &v->live[middle]);
    if (!v->live[middle].n) v->live[middle] = now;
}

static int find_traces(view *v) {
    for (int s = 0; s < v->length; s++) {
        const float *line = v->plane + (size_t)s * v->along;
        if (load_stopped(v->stop)) return DIGIT_STOPPED;
        for (int a = 0, b; a < v->breadth; a = b + 1) {
            for (b = a; b < v->breadth && line[(size_t)b * v->across] > NUMBER_INK;) b++;
            if (b > a && b - a <= v->thin) trace_step(v, s, a, b);
        }
    }
    for (int k = 0; k < v->breadth; k++) trace_end(v, &v->live[k]);
    return 0;
}

/* --- which are rules ------------------------------------------------------------- */

static int is_near(double a, double b, double by) { return a - b <= by && b - a <= by; }

/* Whether one end of l, at `along`, lies on r, which runs across it. */
static int meets(const trace *l, int along, const trace *r, double by) {
    const double across = place_at(l, along);
    return across >= r->first - by && across <= r->last + by &&
           is_near(place_at(r, across), along, by);
}

/* Whether there is ink between two lines, one above the other, for a third of the way at
 * least: there is none in a clock's 0, and a bar in its 8. */
static int holds_ink(const view *v, const trace *p, const trace *q) {
    const double s = 0.5 * (p->first + p->last), t0 = place_at(p, s), t1 = place_at(q, s);
    const int from = (int)(t0 < t1 ? t0 : t1), to = (int)(t0 < t1 ? t1 : t0) + 1;
    const int off = (p->last - p->first) / 5, gap = (to - from) / 8;
    int rows = 0;
    for (int t = at_least(from + gap, 0); t < least(to - gap, v->breadth); t++) {
        int ink = 0;
        for (int k = p->first + off; k <= p->last - off; k++)
            ink |= v->plane[(size_t)k * v->along + (size_t)t * v->across] > NUMBER_INK;
        rows += ink;
    }
    return rows * 3 >= to - from;
}

/* Which of the lines from p to q is nearest to a place where both end, or NULL. */
static trace *side_at(const view *b, const trace *p, const trace *q, double place) {
    const double middle = 0.5 * (p->first + p->last);
    const double apart = place_at(p, middle) - place_at(q, middle);
    double by = 0.15 * (apart < 0.0 ? -apart : apart) + 2.0;
    trace *side = NULL;
    for (int k = 0; k < b->n; k++) {
        trace *l = &b->found[k];
        const double at = place_at(l, 0.5 * (l->first + l->last));
        if (!is_near(at, place, by)) continue;
        if (!(meets(l, l->first, p, by) && meets(l, l->last, q, by)) &&
            !(meets(l, l->first, q, by) && meets(l, l->last, p, by)))
            continue;
        by = at > place ? at - place : place - at;
        side = l;
    }
    return side;
}

/* Two lines of about one length, one above the other, whose ends two others join, around
 * something. */
static void find_box(view *a, view *b, trace *p, trace *q, double high) {
    const double by = 0.15 * (p->last - p->first + 1);
    if (!is_near(p->first, q->first, by) || !is_near(p->last, q->last, by)) return;
    trace *left = side_at(b, p, q, 0.5 * (p->first + q->first));
    trace *right = side_at(b, p, q, 0.5 * (p->last + q->last));
    if (!left || !right || left->last - left->first < 0.8 * high || !holds_ink(a, p, q))
        return;
    p->rule = q->rule = left->rule = right->rule = 1;
    p->doubtful = q->doubtful = 0;
}

/* All pairs of MOST_TRACES take 0.3 s: it asks for each line. */
static int find_boxes(view *a, view *b, double high) {
    for (int i = 0; i < a->n; i++) {
        if (load_stopped(a->stop)) return DIGIT_STOPPED;
        for (int j = 0; j < i; j++) find_box(a, b, &a->found[i], &a->found[j], high);
    }
    return 0;
}

/* Whether teeth stand at both ends of a rule, as a comb's do, and those of digits that
 * stand on a line hardly ever. */
static int is_comb(const view *b, const trace *rule, double by) {
    int ends[2] = {0, 0};
    for (int k = 0; k < b->n; k++) {
        const trace *l = &b->found[k];
        const int first = meets(l, l->first, rule, by),
                  last = meets(l, l->last, rule, by);
        if (!first && !last) continue;
        const double at = place_at(l, first ? l->first : l->last);
        ends[0] |= is_near(at, rule->first, by);
        ends[1] |= is_near(at, rule->last, by);
    }
    return ends[0] && ends[1];
}

/* 2: one end of l, at `along`, reaches r, but for a pixel or two; 1: nearly; 0: not. */
static int reaches(const trace *l, int along, const trace *r, double by) {
    if (!meets(l, along, r, by)) return 0;
    return meets(l, along, r, 0.5 * r->thick / r->n + 2.0) ? 2 : 1;
}

/* Lines from one rule to another, and teeth: from a rule to where at least two others
 * like it end. */
static void find_walls(view *a, view *b, double by, int keep) {
    for (int i = 0; i < a->n; i++)
        a->found[i].comb = a->found[i].rule == 1 && is_comb(b, &a->found[i], by);
    for (int k = 0; k < b->n; k++) {
        trace *l = &b->found[k];
        int first = 0, last = 0, same = 0, comb = 0;
        for (int i = 0; i < a->n; i++) {
            const trace *r = &a->found[i];
            if (r->rule != 1) continue;
            const int here = reaches(l, l->first, r, by),
                      there = reaches(l, l->last, r, by);
            first = at_least(first, here);
            last = at_least(last, there);
            comb |= r->comb && (here == 2 || there == 2);
        }
        for (int i = 0; i < b->n; i++)
            same += b->found[i].rule != 1 && is_near(b->found[i].first, l->first, by) &&
                    is_near(b->found[i].last, l->last, by);
        if (l->rule || !((first && last) || ((first || last) && same >= 3))) continue;
        l->doubtful = !(first && last ? first == 2 && last == 2 : comb);
        l->rule = keep && l->doubtful ? 0 : 2;
    }
}

/* How many pixels of ink there are across a trace at a place, without a gap. */
static int run_at(const view *v, const trace *l, int along) {
    const float *line = v->plane + (size_t)along * v->along;
    const int middle = (int)(place_at(l, along) + 0.5);
    int a = at_least(middle - 1, 0), b;
    while (a <= middle && a < v->breadth && !(line[(size_t)a * v->across] > NUMBER_INK))
        a++;
    for (b = a; b < v->breadth && line[(size_t)b * v->across] > NUMBER_INK;) b++;
    while (b > a && a > 0 && line[(size_t)(a - 1) * v->across] > NUMBER_INK) a--;
    return b - a;
}

/* Whether a trace may be made of digits' strokes that touch: close to one of its ends
 * the ink rises from it, as the bar of a 4 does, or the foot of a 2. Most rules reach
 * beyond the digits. */
static int may_be_strokes(const view *v, const trace *l, double high) {
    const int reach = least((int)(0.35 * high), l->last - l->first);
    for (int end = 0; end < 2; end++) {
        const int step = end ? -1 : 1;
        int at = end ? l->last : l->first;
        for (int k = 0; k < v->bridge; k++) {
            const int before = at - step;
            if (before < 0 || before >= v->length || !run_at(v, l, before)) break;
            at = before;
        }
        if (at == 0 || at == v->length - 1) continue;
        for (int k = 0; k <= reach; k++)
            if (run_at(v, l, at + k * step) > v->thin + 1) return 1;
    }
    return 0;
}

/* Whether a line runs from one side of a box to another. */
static int is_walled(const view *b, const trace *l, double by) {
    int first = 0, last = 0;
    for (int k = 0; k < b->n; k++) {
        if (b->found[k].rule != 1) continue;
        first |= meets(l, l->first, &b->found[k], by);
        last |= meets(l, l->last, &b->found[k], by);
    }
    return first && last;
}

/* keep: lines that may be digits' strokes are no rules. */
static int find_rules(view *a, view *b, double high, double by, int keep) {
    view *views[2] = {a, b};
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < views[k]->n; i++) {
            trace *l = &views[k]->found[i];
            l->rule = l->last - l->first + 1 >= (k ? 2.5 : 1.8) * high;
            l->doubtful = l->rule && !k && may_be_strokes(a, l, high);
        }
    const int status = find_boxes(a, b, high);
    if (status) return status;
    for (int i = 0; i < a->n; i++) {
        trace *l = &a->found[i];
        if (l->doubtful && is_walled(b, l, by)) l->doubtful = 0;
        if (keep && l->doubtful) l->rule = 0;
    }
    find_walls(a, b, by, keep);
    find_walls(b, a, by, keep);
    return 0;
}

/* --- taking them away ------------------------------------------------------------ */

enum { BAND = 1, GONE = 4 }; /* BAND << 0, BAND << 1: of a rule in that direction */

/* Marks a rule's ink, or where it would be behind a digit. */
static void mark(unsigned char *marks, const view *v, const trace *l, int direction) {
    const double thick = l->thick / l->n;
    for (int s = l->first; s <= l->last; s++) {
        const float *line = v->plane + (size_t)s * v->along;
        unsigned char *m = marks + (size_t)s * v->along;
        const int middle = (int)(place_at(l, s) + 0.5);
        int a = middle, b = middle + 1;
        if (middle < 0 || middle >= v->breadth) continue;
        while (a > 0 && line[(size_t)(a - 1) * v->across] > NUMBER_INK) a--;
        while (b < v->breadth && line[(size_t)b * v->across] > NUMBER_INK) b++;
        const int half = (int)(0.5 * thick + 1.0);
        const int above = middle - half - a, below = b - middle - half - 1;
        /* A digit crosses the rule only if it goes on at both sides. */
        const int crosses = b - a > v->thin + 1 && above > 1 && below > 1;
        if (b - a > v->thin + 1) {
            a = at_least(a, middle - half);
            b = least(b, middle + half + 1);
        }
        for (int k = a; k < b; k++)
            m[(size_t)k * v->across] |=
                (unsigned char)(crosses ? BAND << direction : GONE);
    }
}

/* Wipes what is marked, and pale pixels beside it. */
static void wipe(float *plane, const unsigned char *marks, int w, int h) {
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const size_t i = (size_t)y * (size_t)w + (size_t)x;
            if (!(marks[i] & GONE) && marks[i] != (BAND | BAND << 1)) continue;
            plane[i] = 0.0f;
            for (int v = at_least(y - 2, 0); v <= least(y + 2, h - 1); v++)
                for (int u = at_least(x - 2, 0); u <= least(x + 2, w - 1); u++) {
                    float *p = plane + (size_t)v * (size_t)w + (size_t)u;
                    if (!(*p > NUMBER_INK)) *p = 0.0f;
                }
        }
}

/* --- together --------------------------------------------------------------------- */

/* The height that half of the pieces do not reach, without those that are thin lines. */
static float usual_height(const number_desk *d, double *weight) {
    memset(weight, 0, ((size_t)d->h + 1) * sizeof *weight);
    for (int i = 0; i < d->n_pieces; i++) {
        const number_piece *p = &d->pieces[i];
        if ((float)p->area < 3.0f * d->stroke * d->stroke) continue;
        if (number_flat(p, d->stroke)) continue;
        if ((float)number_high(&p->box) > 2.0f * d->stroke)
            weight[number_high(&p->box)] += 1.0;
    }
    return number_middle(weight, d->h + 1);
}

static int view_open(view *v, const number_desk *d, int upright, float high) {
    const int thin = at_least(2, (int)(1.6f * d->stroke));
    *v = (view){.plane = d->plane,
                .along = upright ? (size_t)d->w : 1,
                .across = upright ? 1 : (size_t)d->w,
                .length = upright ? d->h : d->w,
                .breadth = upright ? d->w : d->h,
                .thin = thin,
                .bridge = least(40, at_least(thin + 2, (int)(0.35f * high))),
                .least = at_least(10, (int)((upright ? 0.3f : 0.6f) * high)),
                .stop = d->stop};
    v->live = calloc((size_t)v->breadth, sizeof *v->live);
    v->found = malloc(MOST_TRACES * sizeof *v->found);
    return v->live && v->found ? find_traces(v) : DIGIT_NOMEM;
}

static void view_close(view *v) {
    free(v->found);
    free(v->live);
}

/* Marks all rules, or those beyond doubt. Returns how many, or DIGIT_STOPPED; *doubtful:
 * whether there are others. */
static int mark_rules(unsigned char *marks, view views[2], float high, float stroke,
                      int keep, int *doubtful) {
    const double by = 2.0 + 1.5 * (double)stroke;
    const int status = find_rules(&views[0], &views[1], (double)high, by, keep);
    int n = 0;
    if (status) return status;
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < views[k].n; i++) {
            const trace *l = &views[k].found[i];
            if (load_stopped(views[k].stop)) return DIGIT_STOPPED;
            *doubtful |= l->doubtful;
            if (!l->rule) continue;
            mark(marks, &views[k], l, k);
            n++;
        }
    return n;
}

int number_rules(number_desk *d, int *erased) {
    unsigned char *marks = calloc(area_of(d->w, d->h), 1);
    double *weight = malloc(((size_t)d->h + 1) * sizeof *weight);
    view views[2] = {{0}, {0}};
    int status = DIGIT_NOMEM;
    *erased = 0;
    if (!marks || !weight) goto done;
    const float usual = usual_height(d, weight);
    const float high = usual > 0.0f ? usual : d->height;
    status = view_open(&views[0], d, 0, high);
    if (!status) status = view_open(&views[1], d, 1, high);
    if (status) goto done;
    const int n = mark_rules(marks, views, high, d->stroke, d->keep, &d->doubtful);
    if (n < 0) status = n;
    *erased = n > 0;
    if (*erased) wipe(d->plane, marks, d->w, d->h);
done:
    view_close(&views[1]);
    view_close(&views[0]);
    free(weight);
    free(marks);
    return status;
}
