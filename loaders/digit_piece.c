/* digit_piece.c - ink as pieces: what hangs together. See digit_parts.h. */
#include <stdlib.h>
#include "digit_parts.h"

static int root_of(int *parents, int label) {
    while (parents[label] != label) label = parents[label] = parents[parents[label]];
    return label;
}

/* The label of a pixel by what was labelled before it: the left one, and the three above;
 * -1 if it touches nothing. Labels that meet here are joined. */
static int label_near(int *parents, const int *at, int x, int y, int w) {
    int label = x ? at[-1] : -1;
    for (int u = x ? -1 : 0; y && u <= (x + 1 < w); u++) {
        const int other = at[u - w];
        if (other < 0 || other == label) continue;
        if (label >= 0) {
            const int a = root_of(parents, label), b = root_of(parents, other);
            parents[at_least(a, b)] = least(a, b);
        } else
            label = other;
    }
    return label;
}

/* Labels pixels of mask that touch each other, by a corner at least; -1 elsewhere. The
 * result is how many labels there are: their parents say which are the same. */
static int label_all(int *labels, int *parents, const unsigned char *mask, int w, int h) {
    int found = 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++, labels++, mask++) {
            *labels = *mask ? label_near(parents, labels, x, y, w) : -1;
            if (!*mask || *labels >= 0) continue;
            parents[found] = found;
            *labels = found++;
        }
    return found;
}

int digit_pieces(digit_piece **pieces, int *labels, const unsigned char *mask, int w,
                 int h) {
    const size_t most = area_of((w + 1) / 2, (h + 1) / 2);
    int *parents = malloc(most * sizeof *parents), count = 0;
    *pieces = NULL;
    if (!parents) return DIGIT_NOMEM;
    const int found = label_all(labels, parents, mask, w, h);
    for (int i = 0; i < found; i++) /* a parent comes before its labels */
        parents[i] = parents[i] == i ? count++ : parents[parents[i]];
    digit_piece *p = malloc((size_t)at_least(count, 1) * sizeof *p);
    for (int i = 0; p && i < count; i++) p[i] = (digit_piece){{w, h, 0, 0}, 0};
    for (int y = 0; p && y < h; y++)
        for (int x = 0; x < w; x++, labels++) {
            if (*labels < 0) continue;
            digit_piece *at = p + (*labels = parents[*labels]);
            digit_box_add(&at->box, x, y, x + 1, y + 1);
            at->area++;
        }
    free(parents);
    *pieces = p;
    return p ? count : DIGIT_NOMEM;
}

/* Along a line of n pixels, stride apart: 1 where one that is set is up to reach away. */
static void grow_line(unsigned char *out, const unsigned char *in, int n, size_t stride,
                      int reach) {
    int since = reach + 1;
    for (int i = 0; i < n; i++) {
        since = in[(size_t)i * stride] ? 0 : since + 1;
        out[i] = since <= reach;
    }
    since = reach + 1;
    for (int i = n; i-- > 0;) {
        since = in[(size_t)i * stride] ? 0 : since + 1;
        out[i] |= since <= reach;
    }
}

int digit_grow(unsigned char *mask, int w, int h, int reach) {
    unsigned char *line = malloc((size_t)at_least(w, h));
    if (!line) return DIGIT_NOMEM;
    for (int y = 0; y < h && reach; y++) {
        unsigned char *row = mask + (size_t)y * (size_t)w;
        grow_line(line, row, w, 1, reach);
        for (int x = 0; x < w; x++) row[x] = line[x];
    }
    for (int x = 0; x < w && reach; x++) {
        grow_line(line, mask + x, h, (size_t)w, reach);
        for (int y = 0; y < h; y++) mask[(size_t)y * (size_t)w + (size_t)x] = line[y];
    }
    free(line);
    return 0;
}
