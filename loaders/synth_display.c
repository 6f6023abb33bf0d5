/* synth_display.c - digits as displays of many makes show them: see synth_parts.h.
 *
 *     digit ─► lights ─► 20×20 ─► 28×28
 *
 * A light is a segment or a dot. Segments are thick or thin, with square, pointed or
 * round ends, apart or joined; dots are round or square, 5×7 or 3×5 of them. On some
 * displays the lights that are off show faintly. */
#include <math.h>
#include "synth_parts.h"

/* A light, in hundredths of a digit's height: x to the right, y downwards. */
typedef struct {
    double x, y;       /* its middle */
    double half, wide; /* half its length, half its thickness */
    double level;      /* 1: lit; less: off, and seen all the same */
    int upright;       /* its length is along y */
} light;

typedef struct {
    int n;
    light lights[SYNTH_LIGHTS];
    double slant;  /* x per unit of y */
    double point;  /* how pointed the ends are: 0 square, 1 with right angles */
    int round;     /* the ends are half circles */
    double shadow; /* level of a light that is off; 0: none is seen */
} display;

static void add_light(display *d, light l, int lit) {
    if (!lit) l.level = d->shadow;
    if (l.level > 0.0) d->lights[d->n++] = l;
}

/* --- segments --------------------------------------------------------------------- */

/* The middles of the seven in halves of the width and of the height, and which are
 * upright: b, c, e and f. */
static void light_segments(display *d, synth_chance *c, int digit) {
    static const double middle[7][2] = {{1, 0},   {2, 0.5}, {2, 1.5}, {1, 2},
                                        {0, 1.5}, {0, 0.5}, {1, 1}};
    static const unsigned upright = 0x36;
    const unsigned on = synth_segments(c, digit, 0.22);
    const double thick = synth_between(c, 5.0, 23.0), ends = synth_uniform(c);
    const double width = synth_between(c, 32.0, 72.0) * (1.0 - thick / 100.0);
    const double apart = synth_uniform(c), gap = synth_between(c, 0.0, 9.0);
    d->round = ends < 0.2;
    d->point = ends < 0.45 ? 0.0 : ends < 0.85 ? 1.0 : synth_between(c, 0.2, 1.0);
    /* Pointed ends meet at the corners; the others overlap there or stay apart. */
    double short_by = apart < 0.25 ? 0.0 : gap;
    if (d->point <= 0.5) short_by += apart < 0.6 ? -0.5 * thick : 0.5 * thick;
    if (d->point <= 0.5 && apart < 0.25) short_by = -0.5 * thick;
    for (int i = 0; i < 7; i++) {
        light l = {.level = 1.0, .wide = thick / 2.0, .upright = upright >> i & 1};
        l.x = width * middle[i][0] / 2.0;
        l.y = (100.0 - thick) * middle[i][1] / 2.0;
        l.half = (l.upright ? (100.0 - thick) / 4.0 : width / 2.0) - short_by;
        l.half = fmax(l.half, 1.5 * l.wide + 1.0); /* no blots */
        add_light(d, l, on >> i & 1);
    }
}

/* --- dots ------------------------------------------------------------------------- */

#define DOT_ROWS 7

/* A row a byte, the leftmost dot its highest bit of width. */
typedef struct {
    int width, rows;
    unsigned char row[10][DOT_ROWS];
} dot_font;

static const dot_font dot_fonts[] = {
    {5,
     7,
     {{14, 17, 17, 17, 17, 17, 14},
      {4, 12, 4, 4, 4, 4, 14},
      {14, 17, 1, 2, 4, 8, 31},
      {14, 17, 1, 6, 1, 17, 14},
      {2, 6, 10, 18, 31, 2, 2},
      {31, 16, 30, 1, 1, 17, 14},
      {6, 8, 16, 30, 17, 17, 14},
      {31, 1, 2, 4, 8, 8, 8},
      {14, 17, 17, 14, 17, 17, 14},
      {14, 17, 17, 15, 1, 2, 12}}},
    {5,
     7,
     {{14, 17, 19, 21, 25, 17, 14},
      {4, 12, 20, 4, 4, 4, 31},
      {31, 1, 1, 31, 16, 16, 31},
      {31, 2, 4, 2, 1, 17, 14},
      {17, 17, 17, 31, 1, 1, 1},
      {31, 16, 16, 30, 1, 1, 30},
      {14, 16, 16, 30, 17, 17, 14},
      {31, 17, 1, 2, 4, 4, 4},
      {31, 17, 17, 31, 17, 17, 31},
      {14, 17, 17, 15, 1, 1, 14}}},
    {3,
     5,
     {{7, 5, 5, 5, 7},
      {2, 6, 2, 2, 7},
      {7, 1, 7, 4, 7},
      {7, 1, 7, 1, 7},
      {5, 5, 7, 1, 1},
      {7, 4, 7, 1, 7},
      {7, 4, 7, 5, 7},
      {7, 1, 1, 1, 1},
      {7, 5, 7, 5, 7},
      {7, 5, 7, 1, 7}}},
    {4,
     7,
     {{6, 9, 9, 9, 9, 9, 6},
      {1, 3, 5, 1, 1, 1, 1},
      {6, 9, 1, 2, 4, 8, 15},
      {6, 9, 1, 6, 1, 9, 6},
      {9, 9, 9, 15, 1, 1, 1},
      {15, 8, 14, 1, 1, 9, 6},
      {6, 8, 8, 14, 9, 9, 6},
      {15, 1, 1, 2, 2, 4, 4},
      {6, 9, 9, 6, 9, 9, 6},
      {6, 9, 9, 7, 1, 1, 6}}},
};

static void light_dots(display *d, synth_chance *c, int digit) {
    static const int fonts = sizeof dot_fonts / sizeof *dot_fonts;
    const dot_font *f = &dot_fonts[(int)(synth_uniform(c) * fonts)];
    const double size = synth_between(c, 0.3, 0.6), stretch = synth_between(c, 0.8, 1.1);
    const double pitch = 100.0 / f->rows, square = synth_uniform(c);
    d->round = square < 0.7;
    d->point = 0.0;
    for (int y = 0; y < f->rows; y++)
        for (int x = 0; x < f->width; x++) {
            const light l = {.x = pitch * stretch * x,
                             .y = pitch * y,
                             .level = 1.0,
                             .half = size * pitch,
                             .wide = size * pitch};
            add_light(d, l, f->row[digit][y] >> (f->width - 1 - x) & 1);
        }
}

/* --- ink -------------------------------------------------------------------------- */

/* How far a place is outside of a light, in hundredths; negative within. */
static double outside(const display *d, const light *l, double x, double y) {
    const double dx = fabs(x - l->x), dy = fabs(y - l->y);
    double along = l->upright ? dy : dx;
    const double across = l->upright ? dx : dy;
    if (d->round) {
        along = fmax(along - (l->half - l->wide), 0.0);
        return sqrt(along * along + across * across) - l->wide;
    }
    const double end = (along + d->point * across - l->half) /
                       sqrt(1.0 + d->point * d->point);
    return fmax(across - l->wide, end);
}

/* Where the display lies, slanted. */
typedef struct {
    double left, right, top, bottom;
} extent;

static extent measure(const display *d) {
    extent e = {1e9, -1e9, 1e9, -1e9};
    for (int i = 0; i < d->n; i++) {
        const light *l = &d->lights[i];
        const double hx = l->upright ? l->wide : l->half;
        const double hy = l->upright ? l->half : l->wide;
        const double x = l->x - d->slant * l->y, lean = fabs(d->slant) * hy;
        e.left = fmin(e.left, x - hx - lean);
        e.right = fmax(e.right, x + hx + lean);
        e.top = fmin(e.top, l->y - hy);
        e.bottom = fmax(e.bottom, l->y + hy);
    }
    return e;
}

/* The strongest light of each cell. The display fills the cells one way, with half a
 * pixel's room for soft edges. */
static void light_cells(double ink[SYNTH_BOX][SYNTH_BOX], const display *d,
                        const synth_pen *pen) {
    const extent e = measure(d);
    const double cells = pen->cells, room = cells - 0.4;
    const double scale = fmin(room / (e.right - e.left), room / (e.bottom - e.top));
    const double soft = cells < SYNTH_BOX ? fmax(pen->soft * cells / SYNTH_BOX, 1.0)
                                          : pen->soft;
    for (int row = 0; row < pen->cells; row++)
        for (int column = 0; column < pen->cells; column++) {
            const double y = (row + 0.5 - cells / 2.0) / scale + (e.top + e.bottom) / 2.0;
            const double x = (column + 0.5 - cells / 2.0) / scale +
                             (e.left + e.right) / 2.0 + d->slant * y;
            double most = 0.0;
            for (int i = 0; i < d->n; i++) {
                const light *l = &d->lights[i];
                const double v = 0.5 - outside(d, l, x, y) * scale / soft;
                most = fmax(most, l->level * fmin(v, 1.0));
            }
            ink[row][column] = most;
        }
}

void synth_display(unsigned char image[SYNTH_PIXELS], int digit, const synth_pen *pen,
                   synth_chance *c) {
    double ink[SYNTH_BOX][SYNTH_BOX];
    display d = {.n = 0};
    const double kind = synth_uniform(c), off = synth_uniform(c);
    const double faint = synth_between(c, 0.04, 0.32), lean = synth_uniform(c);
    const double slant = synth_between(c, 0.03, 0.22), back = synth_between(c, -0.1, 0.0);
    d.shadow = off < 0.25 ? faint : 0.0;
    d.slant = lean < 0.45 ? 0.0 : lean < 0.92 ? slant : back;
    if (kind < 0.75)
        light_segments(&d, c, digit);
    else
        light_dots(&d, c, digit);
    light_cells(ink, &d, pen);
    synth_finish(image, ink, pen);
}
