/* join.h - sums and products of two maps of 16 images in batch layout.
 * Included by kernels.c; each function is described in ../kernels.h. */
#ifndef DN_KERNELS_JOIN_H
#define DN_KERNELS_JOIN_H

#include "pool.h"

static void sum(const dn_view *y, const dn_view *a, const dn_view *b, int relu) {
    FOR_EACH(y, c, row, column) {
        const float *p = at(a, c, row, column), *q = at(b, c, row, column);
        float *to = at(y, c, row, column);
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            const vf v = vload(p + s) + vload(q + s);
            vstore(to + s, relu ? vmax(v, vzero()) : v);
        }
    }
}

static void product(const dn_view *y, const dn_view *a, const dn_view *b) {
    const int one = b->h == 1 && b->w == 1;
    FOR_EACH(y, c, row, column) {
        const float *p = at(a, c, row, column);
        const float *q = one ? at(b, c, 0, 0) : at(b, c, row, column);
        float *to = at(y, c, row, column);
        for (int s = 0; s < LANES; s += DN_WIDTH)
            vstore(to + s, vload(p + s) * vload(q + s));
    }
}

static void product_sums(const dn_view *y, const dn_view *a, const dn_view *b) {
    for (int c = 0; c < y->c; c++)
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf total = vzero();
            for (int row = 0; row < a->h; row++)
                for (int column = 0; column < a->w; column++)
                    total = vfma(vload(at(a, c, row, column) + s),
                                 vload(at(b, c, row, column) + s), total);
            vstore(at(y, c, 0, 0) + s, total);
        }
}

#endif
