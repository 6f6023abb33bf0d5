/* watch.h - asking, in the middle of long work, whether to go on (dn_watch in dn.h).
 *
 *     dn_ask ask = {.watch = watch, .pace = kernels->pace};
 *     for (int row = 0, n; row < rows; row += n) {
 *         n = dn_band(&ask, 1, work_of_a_row, rows - row);
 *         if (!dn_go_on(&ask, n * work_of_a_row)) return;
 *         … n rows …
 *     }
 *
 * Work is counted in multiply-adds. Less than `pace` of it costs an addition and no
 * question:
 * a network of 4 µs never asks. */
#ifndef DN_WATCH_H
#define DN_WATCH_H

#include "dn.h"

typedef struct dn_ask {
    dn_watch watch; /* stop NULL: nobody wants to know */
    int64_t pace;   /* multiply-adds between two questions */
    int64_t since;  /* those since the last */
    int stopped;    /* the answer was to stop; nobody is asked again */
} dn_ask;

/* dn_go_on - before a piece of work: 1, or 0 once the one who watches wants to stop. */
static inline int dn_go_on(dn_ask *ask, int64_t work) {
    ask->since += work;
    if (ask->since < ask->pace || ask->stopped || !ask->watch.stop) return !ask->stopped;
    ask->since = work;
    ask->stopped = ask->watch.stop(ask->watch.context) != 0;
    return !ask->stopped;
}

/* dn_band - how many of the `left` pieces of a work each may be done before the next
 * question: whole steps of them, such as the tiles that a kernel works in, or all. */
static inline int dn_band(const dn_ask *ask, int step, int64_t work, int left) {
    const int64_t most = (ask->pace / (step * work + 1) + 1) * step;
    return left < most ? left : (int)most;
}

#endif
