/* digit_lean.c - straight lines that lean: see digit_parts.h. */
#include <string.h>
#include "digit_parts.h"

/* How many places are within a pixel of a line that leans so, at its best; from: where
 * that is in the middle. work: room for what is counted. */
static int count_along(int *from, const int *at, int n, int span, int lean, int *work) {
    const int room = n * DIGIT_LEAN / 128 + 2, all = span + 2 * room;
    int most = 0;
    memset(work, 0, (size_t)all * sizeof *work);
    for (int i = 0; i < n; i++)
        if (at[i] >= 0) work[at[i] - digit_leant(lean, i - n / 2) + room]++;
    for (int k = 1; k + 1 < all; k++) {
        const int count = work[k - 1] + work[k] + work[k + 1];
        if (count <= most) continue;
        most = count;
        *from = k - room;
    }
    return most;
}

int digit_straight(int *lean, int *from, const int *at, int n, int span, int *work) {
    int most = 0;
    *lean = *from = 0;
    for (int turn = 0; turn <= 2 * DIGIT_LEAN; turn++) { /* 0, 1, -1, 2, … */
        const int this = turn % 2 ? (turn + 1) / 2 : -turn / 2;
        int where = 0;
        const int count = count_along(&where, at, n, span, this, work);
        if (count <= most) continue;
        most = count;
        *lean = this;
        *from = where;
    }
    return most;
}
