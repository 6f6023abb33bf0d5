/* pass.c - a model's forward pass of 16 images: see pass.h. */
#include "conv.h"
#include "memory.h"
#include "pass.h"

void dn_pass_plan(dn_pass *a, const dn_spec *spec) {
    uint64_t work = 0;
    a->size = 0;
    for (int i = -1; i < spec->n; i++) {
        const dn_layer *l = i < 0 ? NULL : &spec->layers[i];
        if (l && l->kind == DN_DROPOUT) continue;
        const dn_layer *pool = l ? dn_fused_pool(spec, i) : NULL;
        if (l && l->kind == DN_CONV) {
            const uint64_t need = dn_conv_work(l) + (pool ? dn_band_size(l, pool) : 0);
            if (need > work) work = need;
        }
        if (pool) continue; /* its turn comes next */
        a->maps[i + 1] = dn_maps_batch(l ? l->out : spec->shape, dn_reader(spec, i));
        a->at[i + 1] = a->size;
        a->size += round16(a->maps[i + 1].size);
    }
    a->work = a->size;
    a->size += round16(work);
}

dn_view dn_pass_input(const dn_pass *a, float *memory) {
    return dn_at(&a->maps[0], memory + a->at[0]);
}

const float *dn_pass_run(const dn_model *m, const dn_pass *a, float *memory) {
    const dn_spec *spec = &m->spec;
    const dn_kernels *k = m->kernels;
    dn_view x = dn_pass_input(a, memory);
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        if (l->kind == DN_DROPOUT) continue;
        const dn_layer *pool = dn_fused_pool(spec, i);
        const int last = pool ? i + 1 : i;
        dn_view y = dn_at(&a->maps[last + 1], memory + a->at[last + 1]);
        if (l->kind == DN_CONV) {
            dn_view taps = dn_under_taps(x, l);
            if (pool)
                dn_conv_pool(k, &y, NULL, &taps, m->batch_weights[i], m->bias[i], l, pool,
                             memory + a->work);
            else
                dn_conv(k, &y, &taps, m->batch_weights[i], m->bias[i], l, l->relu,
                        memory + a->work);
        } else if (l->kind == DN_MAXPOOL) {
            k->maxpool_forward(&y, NULL, 0, &x, NULL, NULL, l->kh, l->stride, 0);
        } else if (l->kind == DN_AVGPOOL) {
            k->avgpool_forward(&y, &x, l->kh, l->kw, l->stride);
        } else {
            k->dense_forward(y.p, x.p, m->batch_weights[i], m->bias[i],
                             l->in.c * l->in.h * l->in.w, l->out.c, l->ld, l->relu);
        }
        x = y;
        i = last;
    }
    return x.p;
}
