/* number_loops.c - strokes that two digits share: number_parts.h.
 *
 *      ██   ██         Two rings may have one side between them. Wherever it is cut, one
 *     █  ███  █        of them is left open, and looks like a 2 or a 6. So what lies
 *     █   █   █        between two loops and is about one stroke wide is of both: ink
 *     █  ███  █        that is drawn twice, and that a cut crosses for nothing.
 *      ██   ██
 *
 *      ███████         Two rings that cross have a lens between them, which is of both.
 *     █  █ █  █        There each has a side of the other within itself, and looks like
 *     █  █ █  █        an 8 or nothing at all: that side is left out of a digit that has
 *     █  █ █  █        the loops at both its sides, if its neighbour has the lens, too.
 *      ███████
 *
 * The wall between two loops is where one is as near as the other.
 *
 * A loop is paper that ink encloses. The two of an 8 lie above each other, and hardly
 * ever side by side. */
#include <stdlib.h>
#include <string.h>
#include "number_parts.h"

#define PALE       0.25f /* ink of a stroke's edge: what a loop does not leak through */
#define LEAST_HIGH 0.15f /* of a loop, to the height of the line's digits */
#define MOST_THICK 3.2f  /* of what is between two loops, in strokes */
#define NEAR       1.3f  /* to a loop, in strokes: what is so near to two is of both */
#define INNER      1.0f  /* strokes from other paper: of no use to who has both loops */
#define LEAST_SIDE 0.35f /* of a loop's height: so much of it faces another */

/* A part's box, with a margin of paper. */
typedef struct {
    int x0, y0, w, h;
    unsigned char *paper; /* [h][w] 1: paper */
    int *labels;          /* [h][w] which piece of paper */
    digit_piece *loops;   /* [n] area 0: it is none */
    int *faces;           /* [n] rows in which a loop faces another at either side */
    int *next;  /* [n] the loop that it faces most to its right and 1; 0: none */
    int *votes; /* [n] how much more than others (Boyer, Moore) */
    int n;
} field;

static void field_free(field *f) {
    free(f->votes);
    free(f->next);
    free(f->faces);
    free(f->loops);
    free(f->labels);
    free(f->paper);
}

static int is_loop(const field *f, const digit_box *b, float high) {
    return b->x0 > 0 && b->y0 > 0 && b->x1 < f->w && b->y1 < f->h &&
           (float)number_high(b) >= LEAST_HIGH * high;
}

/* Whether loops are one above the other, as an 8's. */
static int is_stack(const digit_box *a, const digit_box *b) {
    return 3 * number_overlap(a->x0, a->x1, b->x0, b->x1) >=
               least(number_wide(a), number_wide(b)) &&
           4 * number_overlap(a->y0, a->y1, b->y0, b->y1) <=
               least(number_high(a), number_high(b));
}

/* Loops one above the other become one: the lower is no more. */
static void join_stacks(field *f) {
    for (int i = 0; i < f->n; i++) f->faces[i] = i;
    for (int i = 1; i < f->n; i++)
        for (int k = 0; k < i && f->loops[i].area; k++) {
            if (!f->loops[k].area || !is_stack(&f->loops[k].box, &f->loops[i].box))
                continue;
            number_box_join(&f->loops[k].box, &f->loops[i].box);
            f->loops[i].area = 0;
            f->faces[i] = k;
        }
    for (size_t i = 0; i < area_of(f->w, f->h); i++)
        if (f->labels[i] >= 0) f->labels[i] = f->faces[f->labels[i]];
    memset(f->faces, 0, (size_t)f->n * sizeof *f->faces);
}

static int is_paper(const number_desk *d, int part, int x, int y) {
    if (x < 0 || y < 0 || x >= d->w || y >= d->h) return 1;
    const size_t i = (size_t)y * (size_t)d->w + (size_t)x;
    return d->owner[i] != part && (d->owner[i] >= 0 || d->plane[i] < PALE);
}

static int field_fill(field *f, const number_desk *d, int part, float high) {
    const digit_box *b = &d->parts[part].box;
    *f = (field){.x0 = b->x0 - 1,
                 .y0 = b->y0 - 1,
                 .w = number_wide(b) + 2,
                 .h = number_high(b) + 2};
    f->paper = malloc(area_of(f->w, f->h));
    f->labels = malloc(area_of(f->w, f->h) * sizeof *f->labels);
    if (!f->paper || !f->labels) return DIGIT_NOMEM;
    for (int y = 0; y < f->h; y++)
        for (int x = 0; x < f->w; x++)
            f->paper[(size_t)y * (size_t)f->w + (size_t)x] =
                (unsigned char)is_paper(d, part, f->x0 + x, f->y0 + y);
    f->n = digit_pieces(&f->loops, f->labels, f->paper, f->w, f->h);
    if (f->n < 0) return DIGIT_NOMEM;
    f->faces = calloc((size_t)f->n + 1, sizeof *f->faces);
    f->next = calloc((size_t)f->n + 1, sizeof *f->next);
    f->votes = calloc((size_t)f->n + 1, sizeof *f->votes);
    if (!f->faces || !f->next || !f->votes) return DIGIT_NOMEM;
    for (int i = 0; i < f->n; i++)
        if (!is_loop(f, &f->loops[i].box, high)) f->loops[i].area = 0;
    join_stacks(f);
    return 0;
}

static int faces_enough(const field *f, int loop) {
    return (float)f->faces[loop] >= LEAST_SIDE * (float)number_high(&f->loops[loop].box);
}

/* --- walls ---------------------------------------------------------------------- */

/* Distances, squared, in some columns of a field. */
typedef struct {
    unsigned char *mask;
    int *left, *right; /* to two loops */
    int *other;        /* to paper that is of neither */
    int x0, wide;
} ground;

/* What distance, squared, so many strokes are. */
static int strokes(const number_desk *d, float n) {
    return (int)(n * n * d->stroke * d->stroke);
}

/* From all paper that is loop a's or b's, or neither's: a < 0. */
static int distances_to(int *out, const ground *g, const field *f, int a, int b,
                        const load_stop *stop) {
    if (load_stopped(stop)) return DIGIT_STOPPED;
    for (int y = 0; y < f->h; y++)
        for (int x = 0; x < g->wide; x++) {
            const int label = f->labels[area_of(y, f->w) + (size_t)(g->x0 + x)];
            const int other = label >= 0 && label != ~a && label != b;
            g->mask[area_of(y, g->wide) + (size_t)x] =
                (unsigned char)(a < 0 ? other : label == a);
        }
    return digit_distances(out, g->mask, g->wide, f->h);
}

static int ground_fill(ground *g, const field *f, int a, int b, const load_stop *stop) {
    const digit_box *p = &f->loops[a].box, *q = &f->loops[b].box;
    *g = (ground){.x0 = least(p->x0, q->x0)};
    g->wide = at_least(p->x1, q->x1) - g->x0;
    const size_t n = area_of(g->wide, f->h);
    g->mask = malloc(n);
    g->left = malloc(3 * n * sizeof *g->left);
    if (!g->mask || !g->left) return DIGIT_NOMEM;
    g->right = g->left + n;
    g->other = g->right + n;
    int status = distances_to(g->left, g, f, a, a, stop);
    if (!status) status = distances_to(g->right, g, f, b, b, stop);
    if (!status) status = distances_to(g->other, g, f, ~a, b, stop);
    return status;
}

/* Marks the part's ink that is near to both loops, and adds it to the wall. */
static void wall_mark(number_wall *wall, const ground *g, const field *f, number_desk *d,
                      int part) {
    const int near = strokes(d, NEAR), inner = strokes(d, INNER);
    for (int y = 1; y < f->h - 1; y++)
        for (int x = 0; x < g->wide; x++) {
            const size_t i = area_of(y, g->wide) + (size_t)x;
            const int u = f->x0 + g->x0 + x, v = f->y0 + y;
            if (g->left[i] > near || g->right[i] > near) continue;
            if (u < 0 || u >= d->w || d->owner[area_of(v, d->w) + (size_t)u] != part)
                continue;
            d->shared[area_of(v, d->w) + (size_t)u] = g->other[i] > inner ? 2 : 1;
            wall->pixels[wall->n++] = (int)area_of(v, d->w) + u;
        }
}

/* The wall between loop a and loop b, to its right. */
static int wall_find(number_wall *wall, const field *f, number_desk *d, int part, int a,
                     int b) {
    ground g;
    int status = ground_fill(&g, f, a, b, d->stop);
    *wall = (number_wall){0};
    wall->at = malloc(area_of(f->h, 1) * sizeof *wall->at);
    wall->pixels = malloc(area_of(g.wide, f->h) * sizeof *wall->pixels);
    if (!wall->at || !wall->pixels) status = DIGIT_NOMEM;
    for (int y = 1; y < f->h - 1 && !status; y++) {
        wall->at[y - 1] = f->x0 + g.x0;
        for (size_t i = area_of(y, g.wide); i < area_of(y + 1, g.wide); i++)
            wall->at[y - 1] += g.left[i] <= g.right[i];
    }
    if (!status) wall_mark(wall, &g, f, d, part);
    free(g.left);
    free(g.mask);
    return status;
}

/* Those between all loops that face each other. */
static int walls_find(number_walls *walls, const field *f, number_desk *d, int part) {
    int status = 0;
    walls->walls = malloc(((size_t)f->n + 1) * sizeof *walls->walls);
    if (!walls->walls) return DIGIT_NOMEM;
    for (int i = 0; i < f->n && !status; i++) {
        if (!f->next[i]) continue;
        if (load_stopped(d->stop)) return DIGIT_STOPPED;
        status = wall_find(&walls->walls[walls->n++], f, d, part, i, f->next[i] - 1);
    }
    return status;
}

void number_walls_free(number_walls *walls) {
    for (int i = 0; i < walls->n; i++) {
        free(walls->walls[i].at);
        free(walls->walls[i].pixels);
    }
    free(walls->walls);
}

/* --- what is between ------------------------------------------------------------- */

/* Two loops face each other in a row: counted, or noted if they do so enough. */
static void face(field *f, int a, int b, int note) {
    if (!note) {
        f->faces[a]++;
        f->faces[b]++;
    } else if (faces_enough(f, a) || faces_enough(f, b)) {
        if (!f->votes[a]) f->next[a] = b + 1;
        f->votes[a] += f->next[a] == b + 1 ? 1 : -1;
    }
}

/* Looks for places where two loops face each other, a stroke or two apart. */
static void find_facing(field *f, const number_desk *d, int note) {
    const int most = 1 + (int)(MOST_THICK * d->stroke);
    for (int y = 0; y < f->h; y++) {
        const int *row = f->labels + (size_t)y * (size_t)f->w;
        int from = -1; /* the last column of a loop with ink behind it */
        for (int x = 0; x < f->w; x++) {
            if (row[x] < 0) continue;
            const int loop = f->loops[row[x]].area > 0;
            if (loop && from >= 0 && row[from] != row[x] && x - from - 1 <= most)
                face(f, row[from], row[x], note);
            from = loop ? x : -1;
        }
    }
}

int number_loops(number_walls *walls, number_desk *d, int part, float high) {
    field f;
    int status = field_fill(&f, d, part, high);
    for (int note = 0; note < 2 && !status; note++) find_facing(&f, d, note);
    *walls = (number_walls){0};
    if (!status) status = walls_find(walls, &f, d, part);
    field_free(&f);
    return status;
}
