/* init.c - fresh weights: see trainer.h. */
#include <math.h>
#include <string.h>
#include "rng.h"
#include "trainer.h"

void dn_initialise(dn_trainer *t) {
    for (int i = 0; i < t->spec.n; i++) {
        const dn_layer *l = &t->spec.layers[i];
        const uint64_t key = rng_key(rng_key(t->options.seed, RNG_INIT), (uint64_t)i);
        const int dense = l->kind == DN_DENSE;
        if (!dense && l->kind != DN_CONV) continue;
        const int reads = l->in.c * (dense ? l->in.h * l->in.w : l->kh * l->kw);
        const float bound = sqrtf(1.0f / (float)reads);
        float *w = t->w + l->w;
        uint64_t drawn = 0;
        /* Conv [out][reads], dense [reads][ld]: drawn in the order they lie. */
        const int rows = dense ? reads : l->out.c, columns = dense ? l->out.c : reads;
        const ptrdiff_t row = dense ? l->ld : reads;
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                w[r * row + c] = (2.0f * rng_unit(key, drawn++) - 1.0f) * bound;
        for (int o = 0; o < l->out.c && l->norm; o++) {
            t->w[l->gain + (size_t)o] = 1.0f;
            t->stats[l->stat + (size_t)(l->out.c + o)] = 1.0f;
        }
    }
    memcpy(t->average, t->w, t->spec.total * sizeof *t->w);
}
