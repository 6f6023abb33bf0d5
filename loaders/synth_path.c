/* synth_path.c - the knots that the pen passes: see synth_parts.h.
 *
 * A form is chosen by its weight, and its knots lie somewhere between its two extremes or
 * a little beyond, the same share for all; each then strays a little on its own. The
 * forms and the ranges of chance were drawn by hand and adjusted by looking at where a
 * network that learned from these digits failed to read people's, and the other way
 * round. */
#include <math.h>
#include "synth_forms.h"
#include "synth_forms_cursive.h"
#include "synth_forms_none.h"
#include "synth_forms_print.h"
#include "synth_forms_world.h"
#include "synth_parts.h"

#define LENGTH(a) ((int)(sizeof(a) / sizeof *(a)))

static const synth_form *choose_form(synth_chance *c, const synth_form *f, int n) {
    int total = 0;
    for (int i = 0; i < n; i++) total += f[i].weight;
    int pick = (int)(synth_uniform(c) * total);
    while (pick >= f->weight) pick -= f++->weight;
    return f;
}

static void add_knot(synth_path *p, int pen, double x, double y) {
    synth_point at = {x, y};
    p->pen[p->n] = (signed char)pen;
    p->at[p->n++] = at;
}

static void place_knots(synth_path *p, synth_chance *c, const synth_form *f,
                        double least_stray, double most_stray) {
    double share = synth_between(c, -0.15, 1.15);
    double stray = synth_between(c, least_stray, most_stray);
    for (const synth_knot *k = f->knots; k->pen != END; k++) {
        double x = (1.0 - share) * k->ax + share * k->bx + stray * synth_bell(c);
        double y = (1.0 - share) * k->ay + share * k->by + stray * synth_bell(c);
        add_knot(p, k->pen, x, y);
    }
}

/* --- digits ----------------------------------------------------------------------- */

/* One in three as MNIST's writers write. */
static void draw_world(synth_path *p, synth_chance *c, int digit) {
    const double pick = synth_uniform(c);
    const synth_form *f = pick < 0.33 ? pen_forms[digit] : world_forms[digit];
    place_knots(p, c, choose_form(c, f, SYNTH_FORMS), 0.5, 4.5);
}

unsigned synth_segments(synth_chance *c, int digit, double rare) {
    static const unsigned char lit[10] = {0x3f, 0x06, 0x5b, 0x4f, 0x66,
                                          0x6d, 0x7d, 0x07, 0x7f, 0x6f};
    static const unsigned char other[10] = {0x3f, 0x30, 0x5b, 0x4f, 0x66,
                                            0x6d, 0x7c, 0x27, 0x7f, 0x67};
    return synth_uniform(c) < rare ? other[digit] : lit[digit];
}

/* Seven strokes of a pen. */
static void draw_segments(synth_path *p, synth_chance *c, int digit) {
    static const signed char ends[7][4] = {{0, 0, 1, 0}, {1, 0, 1, 1}, {1, 1, 1, 2},
                                           {0, 2, 1, 2}, {0, 1, 0, 2}, {0, 0, 0, 1},
                                           {0, 1, 1, 1}};
    const unsigned on = synth_segments(c, digit, 0.2);
    const double width = synth_between(c, 42.0, 72.0), gap = synth_between(c, 0.0, 15.0);
    for (int i = 0; i < 7; i++) {
        const double x0 = width * ends[i][0], x1 = width * ends[i][2];
        const double y0 = 50.0 * ends[i][1], y1 = 50.0 * ends[i][3];
        const double dx = x1 > x0 ? gap : 0.0, dy = y1 > y0 ? gap : 0.0;
        if (!(on >> i & 1)) continue;
        add_knot(p, DOWN, x0 + dx, y0 + dy);
        add_knot(p, TURN, x1 - dx, y1 - dy);
    }
}

/* --- mice and fingers --------------------------------------------------------------- */

/* A 1 of stem and flag, and a foot in one of three. The flag falls by 25 to 70 degrees: a
 * 7's hat falls less. */
static void draw_one(synth_path *p, synth_chance *c) {
    const double lean = 14.0 * synth_bell(c), foot = synth_uniform(c);
    const double length = synth_between(c, 14.0, 66.0);
    const double fall = synth_between(c, 0.47, 2.75); /* down per unit to the left */
    const double across = length / sqrt(1.0 + fall * fall);
    const double left = synth_between(c, 12.0, 40.0),
                 right = synth_between(c, 12.0, 40.0);
    const double base = 97.0 + 2.0 * synth_bell(c);
    add_knot(p, DOWN, 50.0 + lean / 2.0 - across, fall * across);
    add_knot(p, TURN, 50.0 + lean / 2.0, 0.0);
    add_knot(p, TURN, 50.0 - lean / 2.0, 100.0);
    if (foot > 0.35) return;
    add_knot(p, DOWN, 50.0 - lean / 2.0 - left, base);
    add_knot(p, TURN, 50.0 - lean / 2.0 + right, base + 2.0 * synth_bell(c));
}

/* A 7 of hat and stem, with a bar in two of five and a hook in one of five. */
static void draw_seven(synth_path *p, synth_chance *c) {
    const double hat = synth_between(c, 42.0, 92.0), tilt = 3.5 * synth_bell(c);
    const double foot = synth_between(c, -6.0, 62.0), bar = synth_uniform(c);
    const double hook = synth_uniform(c), drop = synth_between(c, 8.0, 24.0);
    const double at = synth_between(c, 0.4, 0.6), half = synth_between(c, 12.0, 30.0);
    const double rise = 5.0 * synth_bell(c), end = hat - foot;
    const double middle = hat + at * (end - hat), height = 100.0 * at;
    if (hook < 0.2) add_knot(p, DOWN, 2.0 * synth_bell(c), tilt + drop);
    add_knot(p, hook < 0.2 ? TURN : DOWN, 0.0, tilt);
    add_knot(p, TURN, hat, 0.0);
    add_knot(p, TURN, end, 100.0);
    if (bar > 0.4) return;
    add_knot(p, DOWN, middle - half, height + rise);
    add_knot(p, TURN, middle + half, height - rise);
}

/* The end of a stroke goes on beyond where it should stop, or stops before. */
static void move_end(synth_path *p, synth_chance *c, int end, int next) {
    const double by = 0.16 * synth_bell(c);
    p->at[end].x += by * (p->at[end].x - p->at[next].x);
    p->at[end].y += by * (p->at[end].y - p->at[next].y);
}

/* A hand that does not see its pen: corners where curves should be, rings that do not
 * close, strokes that end too soon or too late. */
static void draw_mouse(synth_path *p, synth_chance *c, int digit) {
    const double plain = synth_uniform(c), corners = synth_uniform(c);
    if (plain < 0.45 && digit == 1)
        draw_one(p, c);
    else if (plain < 0.45 && digit == 7)
        draw_seven(p, c);
    else
        draw_world(p, c, digit);
    const double share = corners < 0.3 ? 1.0 : corners < 0.6 ? 0.4 : 0.0;
    for (int i = 0; i < p->n; i++) {
        const double turn = synth_uniform(c);
        if (p->pen[i] == BEND && turn < share) p->pen[i] = TURN;
    }
    for (int i = 0; i < p->n; i++) {
        if (p->pen[i] == DOWN)
            move_end(p, c, i, i + 1);
        else if (i + 1 == p->n || p->pen[i + 1] == DOWN)
            move_end(p, c, i, i - 1);
    }
}

/* --- no digits -------------------------------------------------------------------- */

static void draw_scribble(synth_path *p, synth_chance *c) {
    const int strokes = 1 + (int)(synth_uniform(c) * 3.0);
    for (int s = 0; s < strokes; s++) {
        const int n = 5 + (int)(synth_uniform(c) * 12.0);
        for (int i = 0; i < n; i++) {
            const double corner = synth_uniform(c), x = synth_between(c, 0.0, 100.0);
            const double y = synth_between(c, 0.0, 100.0);
            add_knot(p, i == 0 ? DOWN : corner < 0.3 ? TURN : BEND, x, y);
        }
    }
}

/* Two to four digits, each beside the one before. */
static void draw_several(synth_path *p, synth_chance *c) {
    const int digits = 2 + (int)(3.0 * synth_uniform(c) * synth_uniform(c));
    double right = 0.0;
    for (int k = 0; k < digits; k++) {
        const int first = p->n, digit = (int)(synth_uniform(c) * 10.0);
        draw_world(p, c, digit);
        double left = p->at[first].x, end = left;
        for (int i = first; i < p->n; i++) {
            left = p->at[i].x < left ? p->at[i].x : left;
            end = p->at[i].x > end ? p->at[i].x : end;
        }
        const double move = right + synth_between(c, 8.0, 45.0) - left;
        for (int i = first; i < p->n; i++) p->at[i].x += move;
        right = end + move;
    }
}

static void draw_none(synth_path *p, synth_chance *c) {
    const double pick = synth_uniform(c);
    if (pick < 0.55)
        place_knots(p, c, choose_form(c, none_forms, LENGTH(none_forms)), 0.5, 4.5);
    else if (pick < 0.75)
        draw_scribble(p, c);
    else
        draw_several(p, c);
}

void synth_path_draw(synth_path *p, synth_chance *c, synth_style style, int digit) {
    *p = (synth_path){0};
    switch (style) {
    case SYNTH_WORLD: draw_world(p, c, digit); break;
    case SYNTH_PRINT:
        place_knots(p, c, choose_form(c, print_forms[digit], SYNTH_FORMS), 0.0, 1.2);
        break;
    case SYNTH_SEGMENTS: draw_segments(p, c, digit); break;
    case SYNTH_NONE: draw_none(p, c); break;
    case SYNTH_MOUSE: draw_mouse(p, c, digit); break;
    case SYNTH_CURSIVE:
        place_knots(p, c, choose_form(c, cursive_forms[digit], SYNTH_FORMS), 0.5, 4.5);
        break;
    default: place_knots(p, c, choose_form(c, pen_forms[digit], SYNTH_FORMS), 1.0, 5.5);
    }
}
