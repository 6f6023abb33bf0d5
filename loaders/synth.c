/* synth.c - digits drawn by code: see synth.h.
 *
 *     form ─► knots ─► sheet ─► curve ─► 20×20 ─► 28×28
 *
 * The knots that the pen passes come from synth_path.c. Here the sheet they lie on is
 * bent, slanted, narrowed and turned, and a pen is chosen. synth_ink.c draws with it.
 * Displays have no path: synth_display.c draws their lights. */
#include "synth_parts.h"

const char *synth_style_name(synth_style style) {
    static const char *const names[SYNTH_STYLES] = {
        "pen",      "world",   "print", "segments", "none", "mouse",
        "displays", "cursive", "cut",   "miscut"};
    return names[style];
}

/* --- the sheet ---------------------------------------------------------------------- */

/* How far the sheet is bent and turned: factors of deviates, and ranges. */
typedef struct {
    double bend, turn; /* turn: of the tangent of half the angle */
    double lean, lean_spread;
    double narrowest, widest;
} sheet;

static sheet choose_sheet(synth_chance *c, synth_style style, int digit) {
    /* How far each digit leans to the right, and the spread of that: people slant a 5
     * more than an 8. As x per unit of y. */
    static const double lean[10] = {.20, .27, .14, .04, .27, .16, .16, .02, .06, .15};
    static const double lean_spread[10] = {.20, .25, .28, .27, .31,
                                           .30, .18, .24, .24, .25};
    sheet pen = {1.0, 0.05, 0.1, 0.2, 0.68, 1.36};
    switch (style) {
    case SYNTH_WORLD: return (sheet){0.8, 0.05, 0.08, 0.17, 0.6, 1.3};
    case SYNTH_NONE: return (sheet){0.6, 0.05, 0.05, 0.17, 0.6, 1.3};
    case SYNTH_PRINT: /* upright, except one in four */
        return (sheet){0.05, 0.012, synth_uniform(c) < 0.25 ? 0.2 : 0.0, 0.03, 0.5, 0.9};
    case SYNTH_MOUSE: return (sheet){0.8, 0.06, 0.05, 0.16, 0.6, 1.35};
    case SYNTH_CURSIVE: return (sheet){0.8, 0.05, 0.14, 0.18, 0.6, 1.3};
    case SYNTH_SEGMENTS: return (sheet){0.05, 0.015, 0.08, 0.07, 0.75, 1.15};
    default: pen.lean = lean[digit], pen.lean_spread = lean_spread[digit]; return pen;
    }
}

/* With x and y about -0.5..0.5 and random a and b,
 *
 *     u = x + a0·y² + a1·xy + a2·x²      bows it, widens one end, widens one side
 *     v = y + b0·x² + b1·xy + b2·y²      the same upright: b2 moves the waist up or down
 *     (x, y) = R(turn) · (narrow·u - slant·v, v) */
static void distort(synth_path *p, synth_chance *c, const sheet *s) {
    static const double spread_a[3] = {.20, .35, .20}, spread_b[3] = {.20, .20, .35};
    double a[3], b[3];
    double half = s->turn * synth_bell(c); /* its tangent gives sine and cosine */
    double sine = 2.0 * half / (1.0 + half * half);
    double cosine = (1.0 - half * half) / (1.0 + half * half);
    double slant = s->lean + s->lean_spread * synth_bell(c);
    double narrow = synth_between(c, s->narrowest, s->widest);
    for (int i = 0; i < 3; i++) {
        a[i] = s->bend * spread_a[i] * synth_bell(c);
        b[i] = s->bend * spread_b[i] * synth_bell(c);
    }
    for (int i = 0; i < p->n; i++) {
        double x = p->at[i].x / 100.0 - 0.42, y = p->at[i].y / 100.0 - 0.5;
        double v = y + b[0] * x * x + b[1] * x * y + b[2] * y * y;
        double u = narrow * (x + a[0] * y * y + a[1] * x * y + a[2] * x * x) - slant * v;
        p->at[i].x = cosine * u - sine * v;
        p->at[i].y = sine * u + cosine * v;
    }
}

void synth_path_write(synth_path *p, synth_chance *c, synth_style style, int digit) {
    synth_path_draw(p, c, style, digit);
    const sheet s = choose_sheet(c, style, digit);
    distort(p, c, &s);
}

/* How all the digits of a row are written. */
static synth_style choose_writer(synth_chance *c) {
    const double pick = synth_uniform(c);
    return pick < 0.25   ? SYNTH_PEN
           : pick < 0.5  ? SYNTH_WORLD
           : pick < 0.75 ? SYNTH_CURSIVE
           : pick < 0.9  ? SYNTH_MOUSE
                         : SYNTH_PRINT;
}

/* --- the pen ------------------------------------------------------------------------ */

static synth_pen writers_pen(synth_chance *c) {
    synth_pen pen = {.nib = 1.0, .peak = 1.0, .cells = 20};
    pen.radius = synth_between(c, 0.75, 1.95);
    pen.soft = synth_between(c, 1.0, 1.5);
    pen.swell = 0.12 * synth_bell(c);
    pen.belly = 0.12 * synth_bell(c);
    return pen;
}

/* What mice, cameras and scanners make of it: one picture in six without half tones, one
 * in five enlarged, one in five pale at one side, one in four by a shaking hand. */
static void spoil(synth_pen *pen, synth_chance *c) {
    const double hard = synth_uniform(c), small = synth_uniform(c);
    const double fade = synth_uniform(c), shake = synth_uniform(c);
    pen->hard = hard < 0.16;
    if (pen->hard && pen->nib < 1.0) pen->nib = 1.0; /* some ink is left */
    if (!pen->hard && small < 0.2) pen->cells = 8 + (int)(synth_uniform(c) * 10.0);
    if (fade < 0.2) pen->fade = synth_between(c, 0.1, 0.6);
    pen->fade_turn = synth_uniform(c);
    if (fade >= 0.2 && fade < 0.35) pen->peak = synth_between(c, 0.65, 1.0);
    if (shake < 0.25) pen->wobble = synth_between(c, 0.005, 0.025);
}

/* A line of one width, mostly thin, of a hand that mostly shakes. */
static synth_pen mouse_pen(synth_chance *c) {
    synth_pen pen = {.nib = 1.0, .peak = 1.0, .cells = 20};
    const double thin = synth_uniform(c), hard = synth_uniform(c);
    const double small = synth_uniform(c), shake = synth_uniform(c);
    pen.radius = thin < 0.7 ? synth_between(c, 0.5, 1.1) : synth_between(c, 0.5, 2.2);
    pen.soft = synth_between(c, 0.7, 1.8);
    pen.hard = hard < 0.2 && pen.radius > 0.6;
    if (!pen.hard && small < 0.15) pen.cells = 10 + (int)(synth_uniform(c) * 9.0);
    if (shake < 0.65) pen.wobble = synth_between(c, 0.004, 0.028);
    return pen;
}

/* Thin pens are more frequent than thick ones. */
static double thickness(synth_chance *c, double least, double most) {
    const double u = synth_uniform(c), v = synth_uniform(c);
    return least + (most - least) * (u < v ? u : v);
}

static synth_pen choose_pen(synth_chance *c, synth_style style) {
    if (style == SYNTH_PEN) return writers_pen(c);
    if (style == SYNTH_MOUSE) return mouse_pen(c);
    if (style == SYNTH_CURSIVE && synth_uniform(c) < 0.5) return mouse_pen(c);
    synth_pen pen = {.nib = 1.0, .peak = 1.0, .cells = 20};
    pen.radius = thickness(c, 0.55, style == SYNTH_PRINT ? 2.5 : 2.8);
    pen.soft = thickness(c, 0.7, 2.4);
    pen.swell = 0.15 * synth_bell(c);
    pen.belly = 0.15 * synth_bell(c);
    const double flat = synth_uniform(c), blot = synth_uniform(c);
    if (style == SYNTH_PRINT || style == SYNTH_SEGMENTS) pen.swell = pen.belly = 0.0;
    if (style == SYNTH_PRINT)
        pen.nib = flat < 0.5 ? synth_between(c, 1.0, 1.25) : synth_between(c, 1.2, 2.4);
    if (style == SYNTH_WORLD && flat < 0.15) pen.nib = synth_between(c, 0.6, 1.8);
    if (pen.nib > 1.0) pen.radius = pen.radius * 2.0 / (1.0 + pen.nib);
    if (style == SYNTH_NONE && blot < 0.08) pen.radius = synth_between(c, 3.5, 9.0);
    spoil(&pen, c);
    if (style == SYNTH_PRINT || style == SYNTH_SEGMENTS) pen.wobble = 0.0;
    return pen;
}

/* --- pictures ----------------------------------------------------------------------- */

int synth_label(synth_style style, uint64_t id) {
    return style == SYNTH_NONE || style == SYNTH_MISCUT ? -1 : (int)(id % 10);
}

void synth_digit(unsigned char image[SYNTH_PIXELS], synth_style style, uint64_t seed,
                 uint64_t id) {
    synth_chance c = {synth_mix(seed + SYNTH_GOLDEN + (uint64_t)style * 0x51ed27) +
                      synth_mix(~id)};
    const int digit = synth_label(style, id);
    synth_path p;
    if (style == SYNTH_DISPLAYS) {
        const synth_pen screen = choose_pen(&c, style);
        synth_display(image, digit, &screen, &c);
        return;
    }
    if (style == SYNTH_CUT)
        synth_row_cut(&p, &c, choose_writer(&c), digit);
    else if (style == SYNTH_MISCUT)
        synth_row_miscut(&p, &c, choose_writer(&c));
    else
        synth_path_write(&p, &c, style, digit);
    const synth_pen pen = choose_pen(&c, style);
    synth_ink(image, &p, &pen, &c);
}
