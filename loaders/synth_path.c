/* synth_path.c - the knots that the pen passes: see synth_parts.h.
 *
 * A form is chosen by its weight, and its knots lie somewhere between its two extremes or
 * a little beyond, the same share for all; each then strays a little on its own. The
 * forms and the ranges of chance were drawn by hand and adjusted by looking at where a
 * network that learned from these digits failed to read people's, and the other way
 * round. */
#include "synth_forms.h"
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

/* Seven segments, by their letters on data sheets:
 *
 *      --a--       bit 0: a … bit 6: g
 *     f     b
 *      --g--
 *     e     c
 *      --d--   */
static void draw_segments(synth_path *p, synth_chance *c, int digit) {
    static const unsigned char lit[10] = {0x3f, 0x06, 0x5b, 0x4f, 0x66,
                                          0x6d, 0x7d, 0x07, 0x7f, 0x6f};
    static const signed char ends[7][4] = {{0, 0, 1, 0}, {1, 0, 1, 1}, {1, 1, 1, 2},
                                           {0, 2, 1, 2}, {0, 1, 0, 2}, {0, 0, 0, 1},
                                           {0, 1, 1, 1}};
    /* 6 and 9 without their ends, 7 with a serif, 1 at the left. */
    static const unsigned char rare[10] = {0x3f, 0x30, 0x5b, 0x4f, 0x66,
                                           0x6d, 0x7c, 0x27, 0x7f, 0x67};
    const unsigned char on = synth_uniform(c) < 0.2 ? rare[digit] : lit[digit];
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
    p->n = 0;
    switch (style) {
    case SYNTH_WORLD: draw_world(p, c, digit); break;
    case SYNTH_PRINT:
        place_knots(p, c, choose_form(c, print_forms[digit], SYNTH_FORMS), 0.0, 1.2);
        break;
    case SYNTH_SEGMENTS: draw_segments(p, c, digit); break;
    case SYNTH_NONE: draw_none(p, c); break;
    default: place_knots(p, c, choose_form(c, pen_forms[digit], SYNTH_FORMS), 1.0, 5.5);
    }
}
