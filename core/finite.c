/* finite.c - whether training has diverged: see dn.h. */
#include <math.h>
#include "trainer.h"

#define MOST      3e38 /* what model bytes may hold: model.c */
#define MOST_HALF 65504.0

/* Numbers looked at between two questions, and multiply-adds that take as long as one. */
#define SOME ((size_t)1 << 16)
#define WORK 8

/* The largest of n magnitudes; infinity if one is no number. */
static double largest(const float *values, size_t n) {
    float most = 0;
    int bad = 0;
    for (size_t i = 0; i < n; i++) {
        const float size = fabsf(values[i]);
        bad |= !(size <= (float)MOST);
        if (size > most) most = size;
    }
    return bad ? (double)INFINITY : (double)most;
}

/* largest_of - the same of a vector of all weights; as soon as somebody wants to stop it
 * may be too small. */
static double largest_of(const float *values, size_t n, dn_ask *ask) {
    double most = 0;
    for (size_t i = 0, some; i < n && dn_go_on(ask, WORK * SOME); i += some) {
        some = n - i < SOME ? n - i : SOME;
        const double part = largest(values + i, some);
        if (part > most) most = part;
    }
    return most;
}

/* How much batch norm multiplies a weight by, or its mean, at most. */
static double largest_scale(const dn_trainer *t) {
    double most = 1;
    for (int i = 0; i < t->spec.n; i++) {
        const dn_layer *l = &t->spec.layers[i];
        const size_t out = (size_t)l->out.c;
        for (size_t o = 0; l->norm && o < out; o++) {
            const double variance = (double)t->stats[l->stat + out + o];
            const double scale = fabs((double)t->average[l->gamma + o]) /
                                 sqrt(variance + DN_NORM_EPSILON);
            if (!(scale <= most)) most = scale;
        }
    }
    return most;
}

int dn_trainer_finite(const dn_trainer *t, double temperature) {
    const float *vectors[] = {t->w, t->m, t->v, t->average};
    const double limit = t->options.precision == DN_KEEP_FLOAT16 ? MOST_HALF : MOST;
    const double divisor = temperature < 1 ? (double)(float)temperature : 1;
    dn_ask ask = {.watch = t->watch, .pace = t->kernels->pace};
    double weight = 0;
    for (int k = 0; k < 4; k++) {
        weight = largest_of(vectors[k], t->spec.total, &ask);
        if (ask.stopped) return DN_STOPPED;
        if (!(weight <= MOST)) return DN_ERROR;
    }
    const double stat = largest(t->stats, t->spec.stats);
    const int fits = weight / divisor <= limit && stat <= MOST &&
                     (weight + stat) * largest_scale(t) <= MOST;
    return fits ? DN_OK : DN_ERROR;
}
