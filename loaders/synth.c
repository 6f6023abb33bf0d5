/* synth.c - handwriting-like digits: see synth.h.
 *
 *     form ─► knots ─► curve ─► 20×20 ─► 28×28
 *
 *   form    one of the ways people write the digit, in two extremes (synth_forms.h)
 *   knots   somewhere between the extremes or a little beyond, the same share for all
 *           knots; each then strays a little on its own, and the sheet they lie on is
 *           bent, slanted, narrowed and turned
 *   curve   smooth through the knots except at the corners, cut into short pieces
 *   20×20   the curve scaled to fit, inked by a round pen: the darkness of a pixel
 *           follows from its distance to the curve, which is what antialiases it
 *   28×28   moved by whole pixels until the centre of mass is in the middle
 *
 * The forms and the ranges of chance were drawn by hand and adjusted by looking at
 * where a network that learned from these digits failed to read people's, and the other
 * way round.
 *
 * Two drawings of chance never share an expression: C leaves open which is made first. */
#include <math.h>
#include <string.h>
#include "synth.h"
#include "synth_forms.h"

/* --- chance --------------------------------------------------------------------- */

/* splitmix64 (Steele, Lea, Flood 2014): a counter, and a function that mixes its bits. */
typedef struct {
    uint64_t counter;
} chance;

#define GOLDEN 0x9e3779b97f4a7c15u

static uint64_t mix(uint64_t z) {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double uniform(chance *c) { /* 0 ≤ u < 1, a multiple of 2⁻⁵³ */
    c->counter += GOLDEN;
    return (double)(mix(c->counter) >> 11) * 0x1p-53;
}

static double between(chance *c, double low, double high) {
    return low + (high - low) * uniform(c);
}

/* Near to a normal deviate, mean 0 and variance 1, but never beyond ±3.47: no outlier
 * draws another digit. */
static double bell(chance *c) {
    double sum = -2.0;
    for (int i = 0; i < 4; i++) sum += uniform(c);
    return sum * 1.7320508075688772;
}

/* --- knots ---------------------------------------------------------------------- */

typedef struct {
    double x, y;
} point;

typedef struct {
    int n;
    signed char pen[MAX_KNOTS];
    point at[MAX_KNOTS];
} path;

static const form *choose_form(chance *c, int digit) {
    const form *f = forms[digit];
    int total = 0;
    for (int i = 0; i < MAX_FORMS; i++) total += f[i].weight;
    int pick = (int)(uniform(c) * total);
    while (pick >= f->weight) pick -= f++->weight;
    return f;
}

static void place_knots(path *p, chance *c, const form *f) {
    double share = between(c, -0.15, 1.15);
    double stray = between(c, 1.0, 5.5);
    p->n = 0;
    for (const knot *k = f->knots; k->pen != END; k++) {
        point *q = &p->at[p->n];
        q->x = (1.0 - share) * k->ax + share * k->bx + stray * bell(c);
        q->y = (1.0 - share) * k->ay + share * k->by + stray * bell(c);
        p->pen[p->n++] = k->pen;
    }
}

/* The sheet: with x and y about -0.5..0.5 and random a and b,
 *
 *     u = x + a0·y² + a1·xy + a2·x²      bows it, widens one end, widens one side
 *     v = y + b0·x² + b1·xy + b2·y²      the same upright: b2 moves the waist up or down
 *     (x, y) = R(turn) · (narrow·u - slant·v, v) */
static void distort(path *p, chance *c, int digit) {
    static const double spread_a[3] = {.20, .35, .20}, spread_b[3] = {.20, .20, .35};
    double a[3], b[3];
    double half = 0.05 * bell(c); /* tangent of half the turn: gives sine and cosine */
    double sine = 2.0 * half / (1.0 + half * half);
    double cosine = (1.0 - half * half) / (1.0 + half * half);
    double slant = lean[digit] + lean_spread[digit] * bell(c);
    double narrow = between(c, 0.68, 1.36);
    for (int i = 0; i < 3; i++) {
        a[i] = spread_a[i] * bell(c);
        b[i] = spread_b[i] * bell(c);
    }
    for (int i = 0; i < p->n; i++) {
        double x = p->at[i].x / 100.0 - 0.42, y = p->at[i].y / 100.0 - 0.5;
        double v = y + b[0] * x * x + b[1] * x * y + b[2] * y * y;
        double u = narrow * (x + a[0] * y * y + a[1] * x * y + a[2] * x * x) - slant * v;
        p->at[i].x = cosine * u - sine * v;
        p->at[i].y = sine * u + cosine * v;
    }
}

/* --- curve ---------------------------------------------------------------------- */

#define STEPS      6 /* pieces from knot to knot */
#define MAX_PIECES ((MAX_KNOTS - 1) * STEPS)

typedef struct {
    point from, to;
} piece;

static double distance(point a, point b) {
    double dx = b.x - a.x, dy = b.y - a.y;
    return sqrt(dx * dx + dy * dy) + 1e-9; /* never 0: it is divided by */
}

/* The direction in which the pen passes knot i, as change of place per unit of length.
 * It is that of the parabola through the knot and its neighbours: the directions before
 * and after, each weighted by the length of the other side. Where the curve starts, ends
 * or turns, before or after is i itself, and the other side alone counts. */
static point direction(const path *p, int before, int i, int after) {
    point a = p->at[before], b = p->at[i], c = p->at[after];
    double ab = distance(a, b), bc = distance(b, c);
    double wa = before == i ? 0.0 : after == i ? 1.0 / ab : bc / (ab * (ab + bc));
    double wc = after == i ? 0.0 : before == i ? 1.0 / bc : ab / (bc * (ab + bc));
    point d = {wa * (b.x - a.x) + wc * (c.x - b.x), wa * (b.y - a.y) + wc * (c.y - b.y)};
    return d;
}

/* From knot to knot a cubic (Hermite's) with the given directions at both ends:
 *     h(t) = (1-3t²+2t³)·a + (3t²-2t³)·b + (t-2t²+t³)·da + (t³-t²)·db */
static int draw_curve(piece pieces[MAX_PIECES], const path *p) {
    int n = 0;
    for (int i = 0; i + 1 < p->n; i++) {
        if (p->pen[i + 1] == DOWN) continue;
        int goes_on = p->pen[i + 1] == BEND && i + 2 < p->n && p->pen[i + 2] != DOWN;
        point a = p->at[i], b = p->at[i + 1];
        point da = direction(p, p->pen[i] == BEND ? i - 1 : i, i, i + 1);
        point db = direction(p, i, i + 1, goes_on ? i + 2 : i + 1);
        double length = distance(a, b);
        point from = a;
        for (int step = 1; step <= STEPS; step++) {
            double t = (double)step / STEPS, t2 = t * t, t3 = t2 * t;
            double hb = 3.0 * t2 - 2.0 * t3, ha = 1.0 - hb;
            double ga = (t - 2.0 * t2 + t3) * length, gb = (t3 - t2) * length;
            point to = {ha * a.x + hb * b.x + ga * da.x + gb * db.x,
                        ha * a.y + hb * b.y + ga * da.y + gb * db.y};
            pieces[n].from = from;
            pieces[n++].to = to;
            from = to;
        }
    }
    return n;
}

/* --- 20×20 ---------------------------------------------------------------------- */

#define BOX 20 /* pixels: what MNIST scales a digit to */

/* Scales the curve and puts it into the middle of the box, with room for the pen. */
static void fit_curve(piece *pieces, int n, double radius) {
    double left = pieces[0].from.x, right = left, top = pieces[0].from.y, bottom = top;
    for (int i = 0; i < n; i++) {
        left = fmin(left, fmin(pieces[i].from.x, pieces[i].to.x));
        right = fmax(right, fmax(pieces[i].from.x, pieces[i].to.x));
        top = fmin(top, fmin(pieces[i].from.y, pieces[i].to.y));
        bottom = fmax(bottom, fmax(pieces[i].from.y, pieces[i].to.y));
    }
    double width = right - left, height = bottom - top;
    double scale = (BOX - 2.0 * radius - 0.4) / fmax(width, height);
    double x0 = (BOX - scale * width) / 2.0 - scale * left;
    double y0 = (BOX - scale * height) / 2.0 - scale * top;
    for (int i = 0; i < n; i++) {
        pieces[i].from.x = x0 + scale * pieces[i].from.x;
        pieces[i].from.y = y0 + scale * pieces[i].from.y;
        pieces[i].to.x = x0 + scale * pieces[i].to.x;
        pieces[i].to.y = y0 + scale * pieces[i].to.y;
    }
}

static int clamp(double v, int low, int high) {
    return v < low ? low : v > high ? high : (int)v;
}

/* Lowers gap[y][x], the least (distance / radius)² from the middle of a pixel to the
 * curve, where this piece comes nearer. */
static void near_piece(double gap[BOX][BOX], const piece *k, double radius) {
    double reach = radius + 1.0; /* beyond it no ink falls */
    int x0 = clamp(fmin(k->from.x, k->to.x) - reach, 0, BOX - 1);
    int x1 = clamp(fmax(k->from.x, k->to.x) + reach, 0, BOX - 1);
    int y0 = clamp(fmin(k->from.y, k->to.y) - reach, 0, BOX - 1);
    int y1 = clamp(fmax(k->from.y, k->to.y) + reach, 0, BOX - 1);
    double dx = k->to.x - k->from.x, dy = k->to.y - k->from.y;
    double per_length2 = 1.0 / (dx * dx + dy * dy + 1e-12);
    double per_radius2 = 1.0 / (radius * radius);
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            double px = x + 0.5 - k->from.x, py = y + 0.5 - k->from.y;
            double t = (px * dx + py * dy) * per_length2; /* the nearest place on it */
            t = t < 0.0 ? 0.0 : t;
            t = t > 1.0 ? 1.0 : t;
            px -= t * dx;
            py -= t * dy;
            double g = (px * px + py * py) * per_radius2;
            gap[y][x] = g < gap[y][x] ? g : gap[y][x];
        }
}

/* The pen's radius is about the same all along, a little larger at one end or in the
 * middle. Across its edge the darkness falls from 1 to 0 within soft pixels. */
static void ink_curve(unsigned char box[BOX][BOX], chance *c, piece *pieces, int n) {
    double radius = between(c, 0.75, 1.95), soft = between(c, 1.0, 1.5);
    double swell = 0.12 * bell(c), belly = 0.12 * bell(c);
    double gap[BOX][BOX];
    for (int i = 0; i < BOX * BOX; i++) gap[i / BOX][i % BOX] = 1e6;
    fit_curve(pieces, n, radius);
    for (int i = 0; i < n; i++) {
        double w = (double)i / n - 0.5;
        double pressure = 1.0 + swell * w + belly * (4.0 * w * w - 0.5);
        near_piece(gap, &pieces[i], radius * pressure);
    }
    for (int y = 0; y < BOX; y++)
        for (int x = 0; x < BOX; x++) {
            double ink = radius * (1.0 - sqrt(gap[y][x])) / soft + 0.5;
            box[y][x] = (unsigned char)clamp(ink * 255.0 + 0.5, 0, 255);
        }
}

/* --- 28×28 ---------------------------------------------------------------------- */

static void centre(unsigned char image[SYNTH_PIXELS], unsigned char box[BOX][BOX]) {
    int mass = 0, moment_x = 0, moment_y = 0; /* at most 400 · 255 · 39: no overflow */
    for (int y = 0; y < BOX; y++)
        for (int x = 0; x < BOX; x++) {
            mass += 2 * box[y][x];
            moment_x += (2 * x + 1) * box[y][x];
            moment_y += (2 * y + 1) * box[y][x];
        }
    const int middle = SYNTH_SIZE / 2, most = SYNTH_SIZE - BOX;
    int left = clamp(middle - (double)moment_x / mass + 0.5, 0, most);
    int top = clamp(middle - (double)moment_y / mass + 0.5, 0, most);
    memset(image, 0, SYNTH_PIXELS);
    for (int y = 0; y < BOX; y++)
        memcpy(image + (top + y) * SYNTH_SIZE + left, box[y], BOX);
}

int synth_label(uint64_t id) { return (int)(id % 10); }

void synth_digit(unsigned char image[SYNTH_PIXELS], uint64_t seed, uint64_t id) {
    chance c = {mix(seed + GOLDEN) + mix(~id)};
    int digit = synth_label(id);
    path p;
    piece pieces[MAX_PIECES];
    unsigned char box[BOX][BOX];
    place_knots(&p, &c, choose_form(&c, digit));
    distort(&p, &c, digit);
    int n = draw_curve(pieces, &p);
    ink_curve(box, &c, pieces, n);
    centre(image, box);
}
