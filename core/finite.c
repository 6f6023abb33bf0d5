/* finite.c - whether training has diverged: see dn.h. */
#include <math.h>
#include "trainer.h"

#define MOST      3e38 /* what model bytes may hold: model.c */
#define MOST_HALF 65504.0

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
    double weight = 0;
    for (int k = 0; k < 4; k++) {
        weight = largest(vectors[k], t->spec.total);
        if (!(weight <= MOST)) return 0;
    }
    const double stat = largest(t->stats, t->spec.stats);
    return weight / divisor <= limit && stat <= MOST &&
           (weight + stat) * largest_scale(t) <= MOST;
}
