/* stop.h - how a caller ends long work in a loader.
 *
 *     static int is_over(void *context) { return *(volatile int *)context; }
 *     …
 *     load_stop stop = {is_over, &over};
 *     if (png_decode(&picture, bytes, size, &stop, error, sizeof error) == PNG_STOPPED) …
 *
 * Loaders ask every few milliseconds at least, and give up as soon as the answer is not
 * 0: what they hold is freed, the status ends in _STOPPED. The question should be cheap.
 */
#ifndef LOADERS_STOP_H
#define LOADERS_STOP_H

/* What PNG_NOMEM, GZ_STOPPED, … are, each a loader's own name for it. */
enum { LOAD_NOMEM = 2, LOAD_STOPPED = 4 };

typedef struct load_stop {
    int (*stop)(void *context);
    void *context;
} load_stop;

/* load_stopped - asks; stop may be NULL: then nobody ever stops. */
static inline int load_stopped(const load_stop *stop) {
    return stop && stop->stop(stop->context);
}

#endif
