/* digit_sheet.c - a sheet that lies on a table: see digit_parts.h.
 *
 *     ▒▒▒▒▒▒▒▒▒▒▒
 *     ▒▒▒______▒▒   a sheet of paper is of one grey, its sides are straight, and it is
 *     ▒▒/  7  /▒▒   convex; the table is of another, reaches the border, and nothing is
 *     ▒/_____/▒▒▒   written on it
 *
 * So is the lit part of a picture on which a shadow with a hard edge falls, where the
 * digit does not cross that edge; and a scan whose one side is dark. Ink that reaches
 * the border is no table: it leaves no sheet with ink on it, or several pieces of paper.
 *
 * Limits: a table of about one grey, sides that lean by 10° at most. */
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

#define SHADES     64 /* a grey is four */
#define AROUND     3  /* shades about one that are of the same grey */
#define APART      12 /* shades between paper and table, at least */
#define SAME       24.0f
#define LEAST_SIDE 24    /* pixels: what is smaller holds no digit */
#define PEN        0.24f /* of a digit's length: strokes are no wider */

/* --- two greys ------------------------------------------------------------------ */

typedef struct {
    size_t of[SHADES], all;
} shades;

static void count_shade(shades *s, float grey) {
    s->of[least((int)(grey * (SHADES / 256.0f)), SHADES - 1)]++;
    s->all++;
}

static shades ring_shades(const float *grey, int w, int h) {
    shades s = {{0}, 0};
    for (int x = 0; x < w; x++) {
        count_shade(&s, grey[x]);
        count_shade(&s, grey[area_of(h - 1, w) + (size_t)x]);
    }
    for (int y = 0; y < h; y++) {
        count_shade(&s, grey[area_of(y, w)]);
        count_shade(&s, grey[area_of(y, w) + (size_t)w - 1]);
    }
    return s;
}

/* Of every third pixel, both ways. */
static shades plane_shades(const float *grey, int w, int h) {
    shades s = {{0}, 0};
    for (int y = 1; y < h; y += 3)
        for (int x = 1; x < w; x += 3) count_shade(&s, grey[area_of(y, w) + (size_t)x]);
    return s;
}

/* The shade that most are about, at least APART from one (-1: from none); -1 if fewer
 * than a share of all are. */
static int shade_of(const shades *s, int but, double share) {
    size_t most = 0;
    int best = -1;
    for (int k = 0; k < SHADES; k++) {
        size_t n = 0;
        if (but >= 0 && abs(k - but) < APART) continue;
        for (int i = at_least(k - AROUND, 0); i <= least(k + AROUND, SHADES - 1); i++)
            n += s->of[i];
        if (n <= most) continue;
        most = n;
        best = k;
    }
    return (double)most < share * (double)s->all ? -1 : best;
}

static float grey_of_shade(int k) { return ((float)k + 0.5f) * (256.0f / SHADES); }

/* --- a sheet -------------------------------------------------------------------- */

typedef struct {
    float *grey; /* [h][w] */
    int w, h;
    float paper, near;    /* its grey, and how far that may be off */
    unsigned char *table; /* [h][w] 1 where the table is; later, where paper is */
    unsigned char *cover; /* [h][w] the same, and the soft edge of the sheet */
    int *labels;          /* [h][w] of what is not the table: */
    int sheet;            /* the largest of its pieces, */
    digit_piece piece;    /* and its place and size */
} desk;

static int is_sheet(const desk *d, int x, int y) {
    return d->labels[area_of(y, d->w) + (size_t)x] == d->sheet;
}

/* Marks what is nearer to the table's grey, and hangs together with the border. 0 or
 * DIGIT_NOMEM. */
static int mark_table(const desk *d, float table) {
    const float side = d->paper > table ? 1.0f : -1.0f;
    const float most = 0.4f * side * (d->paper - table);
    for (size_t i = 0; i < area_of(d->w, d->h); i++)
        d->table[i] = side * (d->grey[i] - table) < most;
    return digit_reach_border(d->table, d->w, d->h);
}

/* Whether what is left is a sheet and specks. DIGIT_INK, DIGIT_BLANK, DIGIT_NOMEM. */
static int find_sheet(desk *d) {
    const size_t n = area_of(d->w, d->h);
    digit_piece *pieces;
    size_t left = 0;
    for (size_t i = 0; i < n; i++) left += d->cover[i] = !d->table[i];
    if (left == n) return DIGIT_BLANK;
    const int count = digit_pieces(&pieces, d->labels, d->cover, d->w, d->h);
    d->sheet = 0;
    for (int i = 1; i < count; i++)
        if (pieces[i].area > pieces[d->sheet].area) d->sheet = i;
    if (count > 0) d->piece = pieces[d->sheet];
    free(pieces);
    if (count <= 0) return count;
    const digit_box *b = &d->piece.box;
    if (least(b->x1 - b->x0, b->y1 - b->y0) < LEAST_SIDE) return DIGIT_BLANK;
    return 32 * (left - (size_t)d->piece.area) < n ? DIGIT_INK : DIGIT_BLANK;
}

/* What a line of n pixels that begins at x, y has of the sheet: where it begins and ends,
 * and how many pixels between are none. */
static int gaps_along(const desk *d, int x, int y, int dx, int dy, int n, int *from,
                      int *to) {
    int count = 0;
    *from = *to = -1;
    for (int i = 0; i < n; i++, x += dx, y += dy) {
        if (!is_sheet(d, x, y)) continue;
        if (*from < 0) *from = i;
        *to = i;
        count++;
    }
    return *from < 0 ? 0 : *to - *from + 1 - count;
}

/* Whether a side of the sheet, seen as the distances of its pixels from the border, is
 * straight; or lies along the border, but for the end of a side that leans. */
static int is_straight(const int *at, int n, int span, int *work) {
    int lean, from, count = 0;
    for (int i = 0; i < n; i++) count += at[i] >= 0;
    if (count * 3 < n) return 1;
    return digit_straight(&lean, &from, at, n, span, work) * 20 > count * 13;
}

/* The profile of the sheet's two opposite sides, first along x: at[2][n] becomes the
 * distance from the border, -1 where that is 0. Returns its gaps. */
static int profile(const desk *d, int upright, int *at) {
    const int n = upright ? d->h : d->w, across = upright ? d->w : d->h;
    int gaps = 0, from, to;
    for (int i = 0; i < n; i++) {
        gaps += upright ? gaps_along(d, 0, i, 1, 0, across, &from, &to)
                        : gaps_along(d, i, 0, 0, 1, across, &from, &to);
        at[i] = from > 0 ? from : -1;
        at[n + i] = from >= 0 && to < across - 1 ? across - 1 - to : -1;
    }
    return gaps;
}

/* Whether the sheet is convex, its sides straight. DIGIT_INK, DIGIT_BLANK or DIGIT_NOMEM.
 */
static int has_form(const desk *d) {
    const int most = at_least(d->w, d->h);
    int *at = malloc(8 * (size_t)most * sizeof *at), status = DIGIT_INK;
    if (!at) return DIGIT_NOMEM;
    for (int upright = 0; upright < 2 && status; upright++) {
        const int n = upright ? d->h : d->w, across = upright ? d->w : d->h;
        if (profile(d, upright, at) * 100 > d->piece.area) status = DIGIT_BLANK;
        for (int far = 0; far < 2 && status; far++)
            if (!is_straight(at + far * n, n, across, at + 2 * most))
                status = DIGIT_BLANK;
    }
    free(at);
    return status;
}

/* Whether a pixel is of the paper's grey. */
static int is_paper(const desk *d, float grey) {
    const float off = grey - d->paper;
    return off < d->near && off > -d->near;
}

/* Covers all but the sheet, and its soft edge. 0 or DIGIT_NOMEM. */
static int cover(const desk *d) {
    for (size_t i = 0; i < area_of(d->w, d->h); i++)
        d->cover[i] = d->labels[i] != d->sheet;
    return digit_grow(d->cover, d->w, d->h, 2 + at_least(d->w, d->h) / 100);
}

/* Whether what is not covered is paper with ink on it: a bold 0 or 8 has holes, but no
 * place that is wider than a pen. DIGIT_INK or DIGIT_BLANK. */
static int has_ink(const desk *d) {
    const digit_box *b = &d->piece.box;
    const int long_side = at_least(b->x1 - b->x0, b->y1 - b->y0);
    size_t paper = 0, ink = 0;
    for (size_t i = 0; i < area_of(d->w, d->h); i++) {
        d->table[i] = !d->cover[i] && is_paper(d, d->grey[i]);
        paper += d->table[i];
        ink += !d->cover[i] && !d->table[i];
    }
    if (2 * paper < 3 * ink || 200 * ink < paper) return DIGIT_BLANK;
    const int wide = digit_square(d->table, d->labels, d->w, d->h);
    return (float)wide > PEN * (float)long_side ? DIGIT_INK : DIGIT_BLANK;
}

/* What is covered in a row becomes as the paper beside it. */
static void paint_row(const desk *d, int y) {
    float *grey = d->grey + area_of(y, d->w), last = d->paper;
    const unsigned char *cover = d->cover + area_of(y, d->w);
    int x = 0;
    while (x < d->w && (cover[x] || !is_paper(d, grey[x]))) x++;
    if (x < d->w) last = grey[x];
    for (x = 0; x < d->w; x++) {
        if (cover[x])
            grey[x] = last;
        else if (is_paper(d, grey[x]))
            last += 0.25f * (grey[x] - last);
    }
}

/* Looks for a sheet of one shade on a table of another. DIGIT_INK if it is there,
 * DIGIT_BLANK, DIGIT_NOMEM. */
static int look_for(desk *d, int table, int paper) {
    const float apart = grey_of_shade(abs(paper - table));
    d->paper = grey_of_shade(paper);
    d->near = apart * 0.2f > SAME ? apart * 0.2f : SAME;
    if (mark_table(d, grey_of_shade(table))) return DIGIT_NOMEM;
    int status = find_sheet(d);
    if (status == DIGIT_INK) status = has_form(d);
    if (status == DIGIT_INK && cover(d)) return DIGIT_NOMEM;
    if (status == DIGIT_INK) status = has_ink(d);
    for (int y = 0; y < d->h && status == DIGIT_INK; y++) paint_row(d, y);
    return status;
}

int digit_sheet(digit_box *box, float *grey, int w, int h) {
    *box = (digit_box){0, 0, w, h};
    if (least(w, h) < LEAST_SIDE) return 0;
    const shades ring = ring_shades(grey, w, h);
    const int first = shade_of(&ring, -1, 0.0);
    int second = shade_of(&ring, first, 0.08), both = second >= 0;
    if (!both) {
        const shades plane = plane_shades(grey, w, h);
        second = shade_of(&plane, first, 0.12);
    }
    if (second < 0) return 0;
    const size_t n = area_of(w, h);
    desk d = {.grey = grey, .w = w, .h = h, .table = malloc(n), .cover = malloc(n)};
    d.labels = malloc(n * sizeof *d.labels);
    int status = DIGIT_NOMEM;
    if (d.table && d.cover && d.labels) {
        status = look_for(&d, first, second);
        if (!status && both) status = look_for(&d, second, first);
    }
    if (status == DIGIT_INK) *box = d.piece.box;
    free(d.labels);
    free(d.cover);
    free(d.table);
    return status == DIGIT_NOMEM ? DIGIT_NOMEM : 0;
}
