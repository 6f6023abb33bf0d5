/* number_parts.h - what number.c and its parts share; for them alone.
 *
 *     plane ─► pieces ─► lines of parts ─► spans
 *
 * Status: 0 to go on; NUMBER_BLANK where there is nothing like a digit, DIGIT_CROWDED,
 * DIGIT_NOMEM or DIGIT_STOPPED not to. */
#ifndef NUMBER_PARTS_H
#define NUMBER_PARTS_H

#include "digit_parts.h"
#include "number.h"

#define NUMBER_INK  0.4f  /* a plane's value from which on a pixel is ink */
#define NUMBER_TALL 1.25f /* a digit that high, to its line's, is its own measure */

enum { NUMBER_BLANK = -4 };

/* Ink in one piece, or a group of pieces, or a part of a line. */
typedef struct number_piece {
    digit_box box;
    int area;          /* pixels of ink */
    int group;         /* of a piece */
    int line;          /* -1: in none */
    int part;          /* of a piece: the first of those it was cut into */
    int sign;          /* 1: it may be a sign that is no digit; of a group: it is one */
    float left, right; /* of its ink in the line, upright: x + slant·y */
    int outline;       /* of a part: sides of its pixels where ink ends */
    float cut;  /* of a part: the ink that parts it from the one before, in strokes */
    int broken; /* of a part: a digit of small pieces, as displays have, not to be cut */
} number_piece;

/* What is known of the picture while it is worked on. */
typedef struct number_desk {
    float *plane; /* [h][w] 0 paper … 1 ink */
    int *owner;   /* [h][w] the piece, later the part, that a pixel is of; -1: none's */
    char *shared; /* [h][w] 1: the pixel is of the part behind its owner's, too; 2: and
                     of no use to a digit that has both. Until parts are cut: it lies
                     between two loops */
    int w, h;
    int x, y;             /* of the plane in the whole, which a frame may be around */
    number_piece *pieces; /* [n_pieces] */
    number_piece *groups; /* [n_groups] pieces that are close together */
    number_piece *parts;  /* [n_parts] line by line, from left to right */
    number_line *lines;   /* [n_lines] from top to bottom; their spans come later */
    float *high;          /* [n_lines] of most digits */
    float *slant;         /* [n_lines] pixels to the right that strokes rise in one up */
    int n_pieces, n_groups, n_parts, n_lines;
    float stroke; /* width of strokes, in pixels */
    float height; /* of most digits */
    int keep;     /* whether rules that may be digits' strokes stay */
    int doubtful; /* whether there are such */
    const load_stop *stop;
} number_desk;

static inline int number_high(const digit_box *b) { return b->y1 - b->y0; }
static inline int number_wide(const digit_box *b) { return b->x1 - b->x0; }

/* number_overlap - how much of a0 … a1 is in b0 … b1; below 0: how far apart they are. */
static inline int number_overlap(int a0, int a1, int b0, int b1) {
    return least(a1, b1) - at_least(a0, b0);
}

static inline void number_box_join(digit_box *box, const digit_box *b) {
    digit_box_add(box, b->x0, b->y0, b->x1, b->y1);
}

/* number_flat - whether a piece is one level stroke, or hardly tilted. */
static inline int number_flat(const number_piece *p, float stroke) {
    const float high = (float)number_high(&p->box), wide = (float)number_wide(&p->box);
    return high <= 3.5f * stroke && high <= 1.6f * stroke + 0.2f * wide &&
           2.0f * wide >= 3.0f * high && wide >= 1.7f * stroke &&
           (float)p->area <= 1.5f * stroke * wide;
}

/* number_middle - the place up to which half of n weights are. */
static inline float number_middle(const double *weight, int n) {
    double all = 0.0, below = 0.0;
    int at = 0;
    for (int i = 0; i < n; i++) all += weight[i];
    while (at + 1 < n && 2.0 * (below + weight[at]) < all) below += weight[at++];
    return (float)at;
}

/* (number_pieces.c) */

/* number_pieces - finds d's pieces and groups, owner, stroke and height: those that are
 * no dust. */
int number_pieces(number_desk *d);

/* number_wipe - takes a piece out of d's plane, and pale pixels beside it: where its box,
 * with one pixel more at each side, is not 0, or all of it. */
void number_wipe(number_desk *d, int piece, const unsigned char *where);

/* (number_pale.c) */

/* number_pale - stretches digits in d's plane that are pale beside others; *changed:
 * whether there were any, so that the pieces are others now. */
int number_pale(number_desk *d, int *changed);

/* (number_rings.c) */

/* number_rings - wipes what is drawn around digits from d's plane; *erased: whether there
 * was any, so that the pieces are others now. */
int number_rings(number_desk *d, int *erased);

/* (number_rules.c) */

/* number_rules - wipes rules, boxes, walls and combs from d's plane, all or those beyond
 * doubt; *erased: whether there were any, so that the pieces are others now. */
int number_rules(number_desk *d, int *erased);

/* (number_dashes.c) */

/* number_dashes - wipes level strokes that stand alone beside digits from d's plane;
 * *erased: whether there were any. */
int number_dashes(number_desk *d, int *erased);

/* (number_lines.c) */

/* number_lines - finds the lines, and which piece is in which. */
int number_lines(number_desk *d);

/* (number_brackets.c) */

/* number_bends - whether a piece has the shape of a bracket: 2 of a round one; 1 of a
 * square one, or of one that hardly bends; less than 0 if it closes; 0 if it is none. */
int number_bends(const number_desk *d, int piece);

/* number_brackets - signs [n_pieces]: 2 becomes of two brackets that face each other.
 * d's lines are known. 0 or DIGIT_STOPPED. */
int number_brackets(const number_desk *d, int *signs);

/* (number_signs.c) */

/* number_commas - marks groups that hang below the feet of others, before there are
 * lines: 0 or DIGIT_STOPPED. */
int number_commas(number_desk *d);

/* number_signs - takes pieces that are signs out of their lines, and marks those that may
 * be. */
int number_signs(number_desk *d);

/* (number_cuts.c) */

/* number_cuts - makes parts of the pieces of lines, and the owner of a pixel a part:
 * paler pixels that are the edge of a part are its own too. */
int number_cuts(number_desk *d);

/* (number_loops.c) */

/* What is between a loop of a part and the next one to its right. */
typedef struct number_wall {
    int *at;     /* [high of the part] the first column that is nearer to the right one */
    int *pixels; /* [n] of the plane, about a stroke from both */
    int n;
} number_wall;

typedef struct number_walls {
    number_wall *walls; /* [n] */
    int n;
} number_walls;

void number_walls_free(number_walls *walls);

/* number_loops - finds the walls between loops of a part, a stroke or two thick, in a
 * line of digits so high, and marks their pixels in shared.
 *
 *   walls   written, to be freed whatever the result */
int number_loops(number_walls *walls, number_desk *d, int part, float high);

/* (number_seams.c) */

/* number_seams - cuts wide parts, owners and all, into those of which a digit may be
 * made. A stroke between two loops becomes a part of both. */
int number_seams(number_desk *d);

/* (number_spans.c) */

/* number_spans - finds the spans of d's lines and draws them; out was all zeros, and gets
 * all but its lines. Boxes are the plane's. */
int number_spans(number_lattice *out, number_desk *d, int h, int w);

#endif
