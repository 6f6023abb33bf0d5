/* number_loops.c - strokes that two digits share: number_parts.h.
 *
 *      ██   ██         Two rings may have one side between them. Wherever it is cut, one
 *     █  ███  █        of them is left open, and looks like a 2 or a 6. So what lies
 *     █   █   █        between two loops and is about one stroke wide is of both: ink
 *     █  ███  █        that is drawn twice, and that a cut crosses for nothing.
 *      ██   ██
 *
 * A loop is paper that ink encloses. The two of an 8 lie above each other, and hardly
 * ever side by side. */
#include <stdlib.h>
#include "number_parts.h"

#define PALE       0.25f /* ink of a stroke's edge: what a loop does not leak through */
#define LEAST_HIGH 0.15f /* of a loop, to the height of the line's digits */
#define MOST_THICK 2.4f  /* of what is between two loops, in strokes */
#define LEAST_SIDE 0.35f /* of a loop's height: so much of it faces another */

/* A part's box, with a margin of paper. */
typedef struct {
    int x0, y0, w, h;
    unsigned char *paper; /* [h][w] 1: paper */
    int *labels;          /* [h][w] which piece of paper */
    digit_piece *loops;   /* [n] area 0: it is none */
    int *faces;           /* [n] rows in which a loop faces another at either side */
    int n;
} field;

static void field_free(field *f) {
    free(f->faces);
    free(f->loops);
    free(f->labels);
    free(f->paper);
}

static int is_loop(const field *f, const digit_box *b, float high) {
    return b->x0 > 0 && b->y0 > 0 && b->x1 < f->w && b->y1 < f->h &&
           (float)number_high(b) >= LEAST_HIGH * high;
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
    if (!f->faces) return DIGIT_NOMEM;
    for (int i = 0; i < f->n; i++)
        if (!is_loop(f, &f->loops[i].box, high)) f->loops[i].area = 0;
    return 0;
}

static int faces_enough(const field *f, int loop) {
    return (float)f->faces[loop] >= LEAST_SIDE * (float)number_high(&f->loops[loop].box);
}

/* What is between two loops in row y, from x0 to x1: counted, or marked as shared. */
static void between(const field *f, number_desk *d, int part, int y, int x0, int x1,
                    int mark) {
    const int *row = f->labels + (size_t)y * (size_t)f->w;
    const int a = row[x0 - 1], b = row[x1];
    if (!mark) {
        f->faces[a]++;
        f->faces[b]++;
    } else if (faces_enough(f, a) || faces_enough(f, b)) {
        for (int x = x0; x < x1; x++) {
            const size_t i = (size_t)(f->y0 + y) * (size_t)d->w + (size_t)(f->x0 + x);
            if (d->owner[i] == part) d->shared[i] = 1;
        }
    }
}

/* Looks for places where two loops face each other, a stroke apart. */
static void find_between(const field *f, number_desk *d, int part, int mark) {
    const int most = 1 + (int)(MOST_THICK * d->stroke);
    for (int y = 0; y < f->h; y++) {
        const int *row = f->labels + (size_t)y * (size_t)f->w;
        int from = -1; /* the last column of a loop with ink behind it */
        for (int x = 0; x < f->w; x++) {
            if (row[x] < 0) continue;
            const int loop = f->loops[row[x]].area > 0;
            if (loop && from >= 0 && row[from] != row[x] && x - from - 1 <= most)
                between(f, d, part, y, from + 1, x, mark);
            from = loop ? x : -1;
        }
    }
}

int number_loops(number_desk *d, int part, float high) {
    field f;
    const int status = field_fill(&f, d, part, high);
    for (int mark = 0; mark < 2 && !status; mark++) find_between(&f, d, part, mark);
    field_free(&f);
    return status;
}
