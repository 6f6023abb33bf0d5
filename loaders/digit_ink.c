/* digit_ink.c - which ink is the digit: see digit_parts.h.
 *
 *     ink ─► pieces ─► without rules ─► those that lie together
 *
 * Pieces are what remains in one piece if gaps of a few pixels are closed: a pencil's
 * line is all gaps. The largest is (most of) the digit. Others belong to it if they are
 * near to it, or to what belongs to it, and not too small: the bar of a 5 does, and all
 * segments of a clock's digit; dust does not. */
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

static int extent(const digit_box *b) { return at_least(b->x1 - b->x0, b->y1 - b->y0); }

/* Pixels between two boxes, along x or y, whichever is more; negative if they overlap. */
static int gap(const digit_box *a, const digit_box *b) {
    int x = at_least(a->x0 - b->x1, b->x0 - a->x1);
    int y = at_least(a->y0 - b->y1, b->y0 - a->y1);
    return at_least(x, y);
}

/* A line from one border to the other, on its own: ruled paper, a frame, the sheet's
 * edge. */
static int is_line_across(const digit_piece *p, int w, int h) {
    int wide = p->box.x1 - p->box.x0, high = p->box.y1 - p->box.y0;
    return (wide >= w - 2 && high * 8 < wide) || (high >= h - 2 && wide * 8 < high);
}

/* The piece with most pixels that is no line, or any; -1 if all are dropped. */
static int largest_piece(const digit_piece *pieces, int n, int w, int h) {
    int best = -1;
    for (int i = 0; i < n; i++) {
        const digit_piece *p = pieces + i;
        if (!p->area) continue;
        if (best >= 0) {
            const digit_piece *b = pieces + best;
            int worse = is_line_across(p, w, h) - is_line_across(b, w, h);
            if (worse > 0 || (worse == 0 && p->area <= b->area)) continue;
        }
        best = i;
    }
    return best;
}

#define MOST_PIECES 256 /* that are looked at: the others are dust */

static int by_area(const void *a, const void *b) {
    return ((const digit_piece *)b)->area - ((const digit_piece *)a)->area;
}

/* The least area of what is no dust. work: room for n pieces. */
static int least_area(digit_piece *work, const digit_piece *pieces, int n) {
    if (n <= MOST_PIECES) return 1;
    memcpy(work, pieces, (size_t)n * sizeof *work);
    qsort(work, (size_t)n, sizeof *work, by_area);
    return work[MOST_PIECES].area + 1;
}

static int belongs(const digit_piece *p, const digit_piece *other, int size, int w,
                   int h) {
    if (!p->area || extent(&p->box) * 8 < size || is_line_across(p, w, h)) return 0;
    return gap(&p->box, &other->box) * 4 <= size;
}

/* in[i] becomes 1 for pieces that belong to the largest, 0 for others; queue has room for
 * n. box: around them. */
static int join_pieces(unsigned char *in, int *queue, digit_box *box,
                       const digit_piece *pieces, int n, int w, int h) {
    int first = 0, last = 0;
    const int digit = largest_piece(pieces, n, w, h);
    memset(in, 0, (size_t)n);
    if (digit < 0) return DIGIT_BLANK;
    *box = pieces[digit].box;
    in[digit] = 1;
    for (queue[last++] = digit; first < last; first++)
        for (int i = 0; i < n; i++) {
            const digit_box *b = &pieces[i].box;
            if (in[i] || !belongs(pieces + i, pieces + queue[first], extent(box), w, h))
                continue;
            in[i] = 1;
            queue[last++] = i;
            digit_box_add(box, b->x0, b->y0, b->x1, b->y1);
        }
    return DIGIT_INK;
}

/* --- several --------------------------------------------------------------------- */

#define MOST_WIDE 2.0f /* of a digit, to its height */

static int shared(int a0, int a1, int b0, int b1) {
    return least(a1, b1) - at_least(a0, b0);
}

/* Whether boxes lie side by side, as digits of a number do: level, about as high, and not
 * far apart. */
static int are_beside(const digit_box *a, const digit_box *b) {
    const int high = b->y1 - b->y0, wide = b->x1 - b->x0, other = a->y1 - a->y0;
    const int x = shared(a->x0, a->x1, b->x0, b->x1);
    const int y = shared(a->y0, a->y1, b->y0, b->y1);
    return x * 4 <= least(wide, a->x1 - a->x0) && -x <= 2 * high &&
           5 * high >= 3 * other && 5 * other >= 3 * high &&
           5 * y >= 3 * least(high, other);
}

/* Whether a piece may be a digit of its own, beside one in a box: no dust, and no narrow
 * rest of something that the border cuts. */
static int may_be_digit(const digit_piece *p, int area, int w, int h) {
    const int wide = p->box.x1 - p->box.x0, high = p->box.y1 - p->box.y0;
    const int is_cut = (p->box.x0 == 0 || p->box.x1 == w) && wide * 3 < high;
    return p->area * 6 > area && !is_cut && !is_line_across(p, w, h);
}

/* Whether what was chosen, in box, seems to be one of several digits, or several. */
static int are_several(const digit_piece *pieces, int n, const unsigned char *in,
                       const digit_box *box, int w, int h) {
    const int high = box->y1 - box->y0;
    int area = 0;
    for (int i = 0; i < n; i++) area = at_least(area, in[i] ? pieces[i].area : 0);
    if ((float)(box->x1 - box->x0) > MOST_WIDE * (float)high && high * 8 > extent(box))
        return 1;
    for (int i = 0; i < n; i++) {
        const digit_box *b = &pieces[i].box;
        if ((b->y1 - b->y0) * 5 < high * 3 || !may_be_digit(pieces + i, area, w, h))
            continue;
        if (!in[i] && are_beside(b, box)) return 1;
        for (int k = 0; k < i; k++)
            if (pieces[k].area && are_beside(b, &pieces[k].box) &&
                may_be_digit(pieces + k, area, w, h))
                return 1;
    }
    return 0;
}

/* --- together -------------------------------------------------------------------- */

/* Ink that was not chosen becomes paper, and its soft edges with it. work: [h][w]. */
static int wipe_others(float *ink, unsigned char *work, const unsigned char *mask, int w,
                       int h) {
    const size_t n = area_of(w, h);
    for (size_t i = 0; i < n; i++) work[i] = ink[i] > DIGIT_PALE && !mask[i];
    if (digit_grow(work, w, h, 1 + least(w, h) / 128)) return DIGIT_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (work[i] && !mask[i]) ink[i] = 0.0f;
    return 0;
}

int digit_choose(unsigned char *mask, float *ink, int w, int h, digit_box *box) {
    const size_t n = area_of(w, h);
    int *labels = malloc(n * sizeof *labels), count = 0, status = DIGIT_NOMEM;
    digit_piece *pieces = NULL, *work = NULL;
    unsigned char *in = NULL, *near = malloc(n);
    int *queue = NULL;
    if (!labels || !near) goto done;
    for (size_t i = 0; i < n; i++) mask[i] = ink[i] > DIGIT_PALE;
    if (digit_rules(mask, w, h)) goto done;
    memcpy(near, mask, n);
    if (digit_grow(near, w, h, least(w, h) / 64)) goto done;
    count = digit_pieces(&pieces, labels, near, w, h);
    if (count < 0) goto done;
    for (int i = 0; i < count; i++) pieces[i].area = 0;
    for (size_t i = 0; i < n; i++)
        if (mask[i] && ink[i] > DIGIT_STRONG) pieces[labels[i]].area++;
    work = malloc((size_t)count * sizeof *work + 1);
    in = malloc((size_t)count + 1);
    queue = malloc((size_t)count * sizeof *queue + 1);
    if (!work || !in || !queue) goto done;
    const int dust = least_area(work, pieces, count);
    for (int i = 0; i < count; i++)
        if (pieces[i].area < dust) pieces[i].area = 0;
    status = join_pieces(in, queue, box, pieces, count, w, h);
    if (status == DIGIT_INK && are_several(pieces, count, in, box, w, h))
        status = DIGIT_SEVERAL;
    for (size_t i = 0; i < n; i++) mask[i] = mask[i] && labels[i] >= 0 && in[labels[i]];
    if (status > DIGIT_BLANK && wipe_others(ink, near, mask, w, h)) status = DIGIT_NOMEM;
done:
    free(queue);
    free(in);
    free(work);
    free(pieces);
    free(near);
    free(labels);
    return status;
}
