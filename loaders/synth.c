/* synth.c - digits drawn by code: see synth.h.
 *
 *     form ─► knots ─► sheet ─► curve ─► 20×20 ─► 28×28
 *
 * The knots that the pen passes come from synth_path.c, and lie on a sheet that
 * synth_sheet.c bends; a digit that is cut out of a row comes from synth_row.c. Here a
 * pen is chosen, and synth_ink.c draws with it. Displays have no path: synth_display.c
 * draws their lights. */
#include "synth_parts.h"

const char *synth_style_name(synth_style style) {
    static const char *const names[SYNTH_STYLES] = {
        "pen",   "world",    "print",   "segments", "none",
        "mouse", "displays", "cursive", "cut",      "miscut"};
    return names[style];
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
    switch (style) {
    case SYNTH_CUT: synth_row_cut(&p, &c, digit); break;
    case SYNTH_MISCUT: synth_row_miscut(&p, &c); break;
    default: synth_path_write(&p, &c, style, digit);
    }
    const synth_pen pen = choose_pen(&c, style);
    synth_ink(image, &p, &pen, &c);
}
