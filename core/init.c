/* init.c - fresh weights: see trainer.h. */
#include <math.h>
#include <string.h>
#include "layers/kind.h"
#include "rng.h"
#include "trainer.h"

/* Whether its weights are drawn. */
static int draws(const dn_layer *l) { return !l->unit && !dn_kind_of(l)->starts_as_one; }

void dn_initialise(dn_trainer *t, dn_ask *ask) {
    for (int i = 0; i < t->spec.n; i++) {
        const dn_layer *l = &t->spec.layers[i];
        const uint64_t key = rng_key(rng_key(t->options.seed, RNG_INIT), (uint64_t)i);
        if (!l->rows) continue;
        const float bound = sqrtf(1.0f / (float)dn_layer_reads(l));
        float *w = t->w + l->w;
        uint64_t drawn = 0;
        /* Drawn in the order they lie. */
        for (int r = 0; r < l->rows && dn_kind_of(l)->starts_as_one; r++) w[r] = 1;
        for (int r = 0;
             r < l->rows && draws(l) && dn_go_on(ask, 64 * (int64_t)l->columns); r++)
            for (int c = 0; c < l->columns; c++)
                w[(ptrdiff_t)r * l->ld + c] = (2.0f * rng_unit(key, drawn++) - 1.0f) *
                                              bound;
        for (int o = 0; o < l->out.c && l->norm; o++) {
            t->w[l->gamma + (size_t)o] = 1.0f;
            t->stats[l->stat + (size_t)(l->out.c + o)] = 1.0f;
        }
    }
    memcpy(t->average, t->w, t->spec.total * sizeof *t->w);
}
