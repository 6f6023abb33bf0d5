/* digit_piece.c - ink as pieces: what hangs together. See digit_parts.h. */
#include <stdlib.h>
#include <string.h>
#include "digit_parts.h"

/* Pixels of a row that touch: x0 ≤ x < x1. */
typedef struct {
    int x0, x1, label;
} run;

/* Finds the runs of a row of mask. */
static int runs_of(run *runs, const unsigned char *mask, int w) {
    int n = 0;
    for (int x = 0; x < w;) {
        const unsigned char *at = memchr(mask + x, 1, (size_t)(w - x));
        if (!at) break;
        const int x0 = (int)(at - mask);
        for (x = x0 + 1; x < w && mask[x];) x++;
        runs[n++] = (run){x0, x, -1};
    }
    return n;
}

/* Labels a row's runs by those above that they touch, by a corner at least; labels that
 * meet here are joined. Returns how many labels there are then. */
static int label_runs(run *runs, int n, const run *above, int others, int *parents,
                      int found) {
    for (int i = 0, k = 0; i < n; i++) {
        while (k < others && above[k].x1 < runs[i].x0) k++;
        for (int j = k; j < others && above[j].x0 <= runs[i].x1; j++) {
            if (runs[i].label < 0)
                runs[i].label = above[j].label;
            else
                digit_join(parents, runs[i].label, above[j].label);
        }
        if (runs[i].label >= 0) continue;
        parents[found] = found;
        runs[i].label = found++;
    }
    return found;
}

/* Labels pixels of mask that touch each other; -1 elsewhere. The result is how many
 * labels there are: their parents say which are the same. runs: room for w + 1. */
static int label_all(int *labels, int *parents, run *runs, const unsigned char *mask,
                     int w, int h) {
    run *here = runs, *above = runs + w / 2 + 1;
    int found = 0, others = 0;
    for (int y = 0; y < h; y++, labels += w, mask += w) {
        const int n = runs_of(here, mask, w);
        found = label_runs(here, n, above, others, parents, found);
        for (int i = 0, x = 0; i <= n; i++) {
            const int x0 = i < n ? here[i].x0 : w, x1 = i < n ? here[i].x1 : w;
            for (; x < x0; x++) labels[x] = -1;
            for (; x < x1; x++) labels[x] = here[i].label;
        }
        run *last = above;
        above = here;
        here = last;
        others = n;
    }
    return found;
}

/* A row's labels become their parents', its runs are added to the pieces. */
static void add_row(digit_piece *pieces, int *labels, const int *parents, int w, int y) {
    for (int x = 0; x < w;) {
        if (labels[x] < 0) {
            x++;
            continue;
        }
        const int x0 = x, label = parents[labels[x]];
        for (; x < w && labels[x] >= 0; x++) labels[x] = label;
        digit_box_add(&pieces[label].box, x0, y, x, y + 1);
        pieces[label].area += x - x0;
    }
}

int digit_pieces(digit_piece **pieces, int *labels, const unsigned char *mask, int w,
                 int h) {
    const size_t most = area_of((w + 1) / 2, (h + 1) / 2);
    int *parents = malloc(most * sizeof *parents), count = 0;
    run *runs = malloc(((size_t)w + 2) * sizeof *runs);
    digit_piece *p = NULL;
    *pieces = NULL;
    if (!parents || !runs) goto done;
    const int found = label_all(labels, parents, runs, mask, w, h);
    for (int i = 0; i < found; i++) /* a parent comes before its labels */
        parents[i] = parents[i] == i ? count++ : parents[parents[i]];
    p = malloc((size_t)at_least(count, 1) * sizeof *p);
    for (int i = 0; p && i < count; i++) p[i] = (digit_piece){{w, h, 0, 0}, 0};
    for (int y = 0; p && y < h; y++, labels += w) add_row(p, labels, parents, w, y);
done:
    free(runs);
    free(parents);
    *pieces = p;
    return p ? count : DIGIT_NOMEM;
}

/* Along a row: 1 where a pixel that is set is up to reach away. */
static void grow_row(unsigned char *out, const unsigned char *in, int w, int reach) {
    int since = reach + 1;
    for (int x = 0; x < w; x++) {
        since = in[x] ? 0 : since + 1;
        out[x] = since <= reach;
    }
    since = reach + 1;
    for (int x = w; x-- > 0;) {
        since = in[x] ? 0 : since + 1;
        out[x] |= since <= reach;
    }
}

/* The same along columns, row after row as they lie in memory. since: room for w. */
static void grow_columns(unsigned char *out, const unsigned char *in, int w, int h,
                         int reach, int *since) {
    for (int up = 0; up < 2; up++) {
        for (int x = 0; x < w; x++) since[x] = reach + 1;
        for (int i = 0; i < h; i++) {
            const size_t row = area_of(up ? h - 1 - i : i, w);
            for (int x = 0; x < w; x++) {
                const int steps = in[row + (size_t)x] ? 0 : since[x] + 1;
                since[x] = steps;
                out[row + (size_t)x] |= steps <= reach;
            }
        }
    }
}

int digit_grow(unsigned char *mask, int w, int h, int reach) {
    if (!reach) return 0;
    const size_t n = area_of(w, h);
    unsigned char *rows = malloc(n);
    int *since = malloc((size_t)w * sizeof *since);
    const int status = rows && since ? 0 : DIGIT_NOMEM;
    for (int y = 0; y < h && !status; y++)
        grow_row(rows + area_of(y, w), mask + area_of(y, w), w, reach);
    if (!status) {
        memset(mask, 0, n);
        grow_columns(mask, rows, w, h, reach, since);
    }
    free(since);
    free(rows);
    return status;
}
