/* synth_sheet.c - the sheet that a digit's knots lie on is bent, slanted, narrowed and
 * turned: see synth_parts.h. */
#include "synth_parts.h"

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
