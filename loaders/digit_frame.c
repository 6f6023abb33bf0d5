/* digit_frame.c - what lies along a picture's border and is no paper: see digit_parts.h.
 *
 *     ┌─────────┐  a box cut out by its own lines, a window's title, a scan's black edge:
 *     │█████████│  rows of one grey, and behind them all is of another
 *     │         │
 *     │    7    │
 *     └─────────┘
 *
 * Paper around a digit is of one grey as well, but what comes behind it is a little ink
 * and more of the same. */
#include <stdlib.h>
#include "digit_parts.h"

#define NEAR     24.0f /* greys that one colour may differ */
#define MOST_OFF 0.25  /* of the picture's side, that a frame may take */

typedef struct {
    const float *grey;
    int w, h;
} page;

/* A side of a box is seen as lines of pixels, from its border inwards: line i of side
 * 0 above, 1 below, 2 left, 3 right. */
typedef struct {
    const float *first;
    size_t step;
    int n;
} line;

static line line_of(const page *p, const digit_box *b, int side, int i) {
    const int x = side == 2 ? b->x0 + i : side == 3 ? b->x1 - 1 - i : b->x0;
    const int y = side == 0 ? b->y0 + i : side == 1 ? b->y1 - 1 - i : b->y0;
    const int upright = side > 1;
    return (line){p->grey + area_of(y, p->w) + x, upright ? (size_t)p->w : 1,
                  upright ? b->y1 - b->y0 : b->x1 - b->x0};
}

/* The share of a line's pixels that are near to a grey. */
static double share_near(const line *l, float grey) {
    int near = 0;
    for (int i = 0; i < l->n; i++) {
        const float off = l->first[(size_t)i * l->step] - grey;
        near += off < NEAR && off > -NEAR;
    }
    return (double)near / l->n;
}

static int by_value(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The median of a line. work: room for it. */
static float median_of(float *work, const line *l) {
    for (int i = 0; i < l->n; i++) work[i] = l->first[(size_t)i * l->step];
    qsort(work, (size_t)l->n, sizeof *work, by_value);
    return work[l->n / 2];
}

/* How many lines from a side on are of one grey; 0 if too many are. */
static int depth_of(const page *p, const digit_box *b, int side, float grey) {
    const int all = side > 1 ? b->x1 - b->x0 : b->y1 - b->y0;
    for (int i = 0; i < all * MOST_OFF; i++) {
        const line l = line_of(p, b, side, i);
        if (share_near(&l, grey) < 0.97) return i;
    }
    return 0;
}

static void take_off(digit_box *b, int side, int lines) {
    if (side == 0) b->y0 += lines;
    if (side == 1) b->y1 -= lines;
    if (side == 2) b->x0 += lines;
    if (side == 3) b->x1 -= lines;
}

/* The share of a box that is near to a grey. */
static double share_inside(const page *p, const digit_box *b, float grey) {
    double sum = 0.0;
    for (int i = 0; i < b->y1 - b->y0; i++) {
        const line l = line_of(p, b, 0, i);
        sum += share_near(&l, grey);
    }
    return sum / (b->y1 - b->y0);
}

/* Takes a frame off: all four sides are of one grey, the paper within of another. */
static int frame_off(const page *p, digit_box *box, float *work) {
    digit_box inner = *box;
    const line above = line_of(p, box, 0, 0);
    const float grey = median_of(work, &above);
    for (int side = 0; side < 4; side++) {
        const int lines = depth_of(p, box, side, grey);
        if (!lines) return 0;
        take_off(&inner, side, lines);
    }
    float paper = 0.0f;
    for (int side = 0; side < 4; side++) {
        const line l = line_of(p, &inner, side, 1);
        const float here = median_of(work, &l);
        if (share_near(&l, grey) > 0.4) return 0;
        if (side && (here - paper > NEAR || paper - here > NEAR)) return 0;
        paper = here;
    }
    if (share_inside(p, &inner, paper) < 0.65) return 0;
    for (int side = 0; side < 4; side++) { /* what is neither, between the two */
        const line l = line_of(p, &inner, side, 0);
        if (share_near(&l, paper) < 0.6) take_off(&inner, side, 1);
    }
    *box = inner;
    return 1;
}

/* Takes an edge off: one side is of one grey, and at once behind it all is paper. The bar
 * of a 7 whose picture ends with it has its stroke below. */
static void edge_off(const page *p, digit_box *box, int side, float *work) {
    const int all = side >= 2 ? box->x1 - box->x0 : box->y1 - box->y0;
    const line first = line_of(p, box, side, 0);
    const float grey = median_of(work, &first);
    const int lines = depth_of(p, box, side, grey);
    if (!lines || lines * 5 > all) return;
    digit_box inner = *box; /* without its like on the sides that meet this one */
    for (int k = 0; k < 2; k++) {
        const int other = (side < 2 ? 2 : 0) + k;
        const int deep = depth_of(p, box, other, grey);
        if (deep) take_off(&inner, other, deep + 1);
    }
    const line behind = line_of(p, &inner, side, lines + 2);
    const float paper = median_of(work, &behind);
    if (grey - paper < 2 * NEAR && paper - grey < 2 * NEAR) return;
    for (int i = lines + 1; i < lines + 3; i++) {
        const line l = line_of(p, &inner, side, i);
        if (share_near(&l, paper) < 0.96) return;
    }
    if (share_inside(p, &inner, paper) >= 0.5) take_off(box, side, lines + 1);
}

int digit_frame(digit_box *box, const float *grey, int w, int h) {
    const page p = {grey, w, h};
    float *work = malloc((size_t)at_least(w, h) * sizeof *work);
    *box = (digit_box){0, 0, w, h};
    if (!work) return DIGIT_NOMEM;
    if (least(w, h) >= 16 && !frame_off(&p, box, work))
        for (int side = 0; side < 4; side++) edge_off(&p, box, side, work);
    free(work);
    return 0;
}
