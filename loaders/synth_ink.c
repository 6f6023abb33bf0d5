/* synth_ink.c - a path becomes a picture: see synth_parts.h.
 *
 *     path ─► curve ─► 20×20 ─► 28×28
 *
 *   curve   smooth through the knots except at the corners, cut into short pieces
 *   20×20   the curve scaled to fit, inked by a pen: the darkness of a pixel follows from
 *           its distance to the curve, which is what antialiases it. Of fewer cells where
 *           the picture is one that was enlarged
 *   28×28   moved by whole pixels until the centre of mass is in the middle */
#include <math.h>
#include <string.h>
#include "synth_parts.h"

/* --- curve ---------------------------------------------------------------------- */

#define STEPS      6 /* pieces from knot to knot */
#define MAX_PIECES ((SYNTH_KNOTS - 1) * STEPS)

typedef struct {
    synth_point from, to;
} piece;

static double distance(synth_point a, synth_point b) {
    double dx = b.x - a.x, dy = b.y - a.y;
    return sqrt(dx * dx + dy * dy) + 1e-9; /* never 0: it is divided by */
}

/* The direction in which the pen passes knot i, as change of place per unit of length.
 * It is that of the parabola through the knot and its neighbours: the directions before
 * and after, each weighted by the length of the other side. Where the curve starts, ends
 * or turns, before or after is i itself, and the other side alone counts. */
static synth_point direction(const synth_path *p, int before, int i, int after) {
    synth_point a = p->at[before], b = p->at[i], c = p->at[after];
    double ab = distance(a, b), bc = distance(b, c);
    double wa = before == i ? 0.0 : after == i ? 1.0 / ab : bc / (ab * (ab + bc));
    double wc = after == i ? 0.0 : before == i ? 1.0 / bc : ab / (bc * (ab + bc));
    synth_point d = {wa * (b.x - a.x) + wc * (c.x - b.x),
                     wa * (b.y - a.y) + wc * (c.y - b.y)};
    return d;
}

/* From knot to knot a cubic (Hermite's) with the given directions at both ends:
 *     h(t) = (1-3t²+2t³)·a + (3t²-2t³)·b + (t-2t²+t³)·da + (t³-t²)·db */
static int draw_curve(piece pieces[MAX_PIECES], const synth_path *p) {
    int n = 0;
    for (int i = 0; i + 1 < p->n; i++) {
        if (p->pen[i + 1] == DOWN) continue;
        int goes_on = p->pen[i + 1] == BEND && i + 2 < p->n && p->pen[i + 2] != DOWN;
        synth_point a = p->at[i], b = p->at[i + 1];
        synth_point da = direction(p, p->pen[i] == BEND ? i - 1 : i, i, i + 1);
        synth_point db = direction(p, i, i + 1, goes_on ? i + 2 : i + 1);
        double length = distance(a, b);
        synth_point from = a;
        for (int step = 1; step <= STEPS; step++) {
            double t = (double)step / STEPS, t2 = t * t, t3 = t2 * t;
            double hb = 3.0 * t2 - 2.0 * t3, ha = 1.0 - hb;
            double ga = (t - 2.0 * t2 + t3) * length, gb = (t3 - t2) * length;
            synth_point to = {ha * a.x + hb * b.x + ga * da.x + gb * db.x,
                              ha * a.y + hb * b.y + ga * da.y + gb * db.y};
            pieces[n].from = from;
            pieces[n++].to = to;
            from = to;
        }
    }
    return n;
}

/* A shaking hand: where one piece ends and the next begins strays. */
static void shake_curve(piece *pieces, int n, double wobble, synth_chance *c) {
    for (int i = 0; i < n; i++) {
        synth_point *to = &pieces[i].to;
        const int joined = i + 1 < n && pieces[i + 1].from.x == to->x &&
                           pieces[i + 1].from.y == to->y;
        to->x += wobble * synth_bell(c);
        to->y += wobble * synth_bell(c);
        if (joined) pieces[i + 1].from = *to;
    }
}

/* Keeps the pieces that are seen. */
static int cut_out(piece *pieces, int n, const synth_path *p) {
    int kept = 0;
    if (p->left == 0.0 && p->right == 0.0) return n;
    for (int i = 0; i < n; i++) {
        const double x = 0.5 * (pieces[i].from.x + pieces[i].to.x);
        const double y = 0.5 * (pieces[i].from.y + pieces[i].to.y);
        const double at = x + p->lean * y;
        if (at >= p->left && at <= p->right) pieces[kept++] = pieces[i];
    }
    return kept ? kept : n;
}

/* --- 20×20 ---------------------------------------------------------------------- */

#define BOX SYNTH_BOX

/* Scales the curve and puts it into the middle of a box of this size, with room for the
 * pen. */
static void fit_curve(piece *pieces, int n, double box, double radius, double nib) {
    double left = pieces[0].from.x, right = left, top = pieces[0].from.y, bottom = top;
    for (int i = 0; i < n; i++) {
        left = fmin(left, fmin(pieces[i].from.x, pieces[i].to.x));
        right = fmax(right, fmax(pieces[i].from.x, pieces[i].to.x));
        top = fmin(top, fmin(pieces[i].from.y, pieces[i].to.y));
        bottom = fmax(bottom, fmax(pieces[i].from.y, pieces[i].to.y));
    }
    double width = fmax(right - left, 1e-3), height = fmax(bottom - top, 1e-3);
    double scale = fmin((box - 2.0 * radius * nib - 0.4) / width,
                        (box - 2.0 * radius - 0.4) / height);
    double x0 = (box - scale * (right - left)) / 2.0 - scale * left;
    double y0 = (box - scale * (bottom - top)) / 2.0 - scale * top;
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
 * curve, where this piece comes nearer. A pen that is nib times as wide as high is a
 * round one on a sheet that is so much narrower. */
static void near_piece(double gap[BOX][BOX], const piece *k, double radius, double nib) {
    double reach = radius + 1.0; /* beyond it no ink falls */
    int x0 = clamp(fmin(k->from.x, k->to.x) - reach * nib, 0, BOX - 1);
    int x1 = clamp(fmax(k->from.x, k->to.x) + reach * nib, 0, BOX - 1);
    int y0 = clamp(fmin(k->from.y, k->to.y) - reach, 0, BOX - 1);
    int y1 = clamp(fmax(k->from.y, k->to.y) + reach, 0, BOX - 1);
    double dx = (k->to.x - k->from.x) / nib, dy = k->to.y - k->from.y;
    double per_length2 = 1.0 / (dx * dx + dy * dy + 1e-12);
    double per_radius2 = 1.0 / (radius * radius);
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            double px = (x + 0.5 - k->from.x) / nib, py = y + 0.5 - k->from.y;
            double t = (px * dx + py * dy) * per_length2; /* the nearest place on it */
            t = t < 0.0 ? 0.0 : t;
            t = t > 1.0 ? 1.0 : t;
            px -= t * dx;
            py -= t * dy;
            double g = (px * px + py * py) * per_radius2;
            gap[y][x] = g < gap[y][x] ? g : gap[y][x];
        }
}

/* The darkness of a pixel, 0..255. x and y: its place, about -0.5..0.5. */
static unsigned char darkness(double ink, double x, double y, const synth_pen *pen) {
    if (pen->hard) ink = ink < 0.5 ? 0.0 : 1.0;
    ink = ink < 0.0 ? 0.0 : ink > 1.0 ? 1.0 : ink;
    if (pen->fade > 0.0) {
        const double dx = 2.0 * pen->fade_turn - 1.0;
        const double dy = dx < 0.0 ? 1.0 + dx : 1.0 - dx;
        ink *= 1.0 - pen->fade * (0.5 + dx * x + dy * y);
    }
    return (unsigned char)clamp(ink * pen->peak * 255.0 + 0.5, 0, 255);
}

/* The pen's radius is about the same all along, a little larger at one end or in the
 * middle. */
static void ink_curve(double ink[BOX][BOX], const synth_pen *pen, piece *pieces, int n) {
    const double share = pen->cells / (double)BOX;
    const double radius = pen->cells < BOX ? fmax(pen->radius * share, 0.45)
                                           : pen->radius;
    const double soft = pen->cells < BOX ? fmax(pen->soft * share, 1.0) : pen->soft;
    double gap[BOX][BOX];
    for (int i = 0; i < BOX * BOX; i++) gap[i / BOX][i % BOX] = 1e6;
    fit_curve(pieces, n, pen->cells, radius, pen->nib);
    for (int i = 0; i < n; i++) {
        double w = (double)i / n - 0.5;
        double pressure = 1.0 + pen->swell * w + pen->belly * (4.0 * w * w - 0.5);
        near_piece(gap, &pieces[i], radius * pressure, pen->nib);
    }
    for (int y = 0; y < pen->cells; y++)
        for (int x = 0; x < pen->cells; x++)
            ink[y][x] = radius * (1.0 - sqrt(gap[y][x])) / soft + 0.5;
}

/* Bilinear between the middles of the cells, of which there are fewer than pixels. */
static void enlarge(unsigned char box[BOX][BOX], int cells) {
    unsigned char from[BOX][BOX];
    memcpy(from, box, sizeof from);
    for (int y = 0; y < BOX; y++)
        for (int x = 0; x < BOX; x++) {
            const double u = (x + 0.5) * cells / BOX - 0.5;
            const double v = (y + 0.5) * cells / BOX - 0.5;
            const int left = clamp(u, 0, cells - 2), top = clamp(v, 0, cells - 2);
            double s = u - left, t = v - top;
            s = s < 0.0 ? 0.0 : s > 1.0 ? 1.0 : s;
            t = t < 0.0 ? 0.0 : t > 1.0 ? 1.0 : t;
            const double above = (1.0 - s) * from[top][left] + s * from[top][left + 1];
            const double below = (1.0 - s) * from[top + 1][left] +
                                 s * from[top + 1][left + 1];
            box[y][x] = (unsigned char)((1.0 - t) * above + t * below + 0.5);
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
    if (mass == 0) mass = 1; /* ink so pale that none shows */
    const int middle = SYNTH_SIZE / 2, most = SYNTH_SIZE - BOX;
    int left = clamp(middle - (double)moment_x / mass + 0.5, 0, most);
    int top = clamp(middle - (double)moment_y / mass + 0.5, 0, most);
    memset(image, 0, SYNTH_PIXELS);
    for (int y = 0; y < BOX; y++)
        memcpy(image + (top + y) * SYNTH_SIZE + left, box[y], BOX);
}

void synth_finish(unsigned char image[SYNTH_PIXELS], double ink[BOX][BOX],
                  const synth_pen *pen) {
    unsigned char box[BOX][BOX];
    const int cells = pen->cells;
    for (int y = 0; y < cells; y++)
        for (int x = 0; x < cells; x++)
            box[y][x] = darkness(ink[y][x], (x + 0.5) / cells - 0.5,
                                 (y + 0.5) / cells - 0.5, pen);
    if (cells < BOX) enlarge(box, cells);
    centre(image, box);
}

void synth_ink(unsigned char image[SYNTH_PIXELS], const synth_path *p,
               const synth_pen *pen, synth_chance *c) {
    piece pieces[MAX_PIECES];
    double ink[BOX][BOX];
    int n = draw_curve(pieces, p);
    if (pen->wobble > 0.0) shake_curve(pieces, n, pen->wobble, c);
    n = cut_out(pieces, n, p);
    ink_curve(ink, pen, pieces, n);
    synth_finish(image, ink, pen);
}
