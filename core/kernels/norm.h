/* norm.h - batch normalisation of 16 images in batch layout: the parts that touch every
 * value. What is done once a channel stands in ../step.c.
 * Included by kernels.c; each function is described in ../kernels.h. */
#ifndef DN_KERNELS_NORM_H
#define DN_KERNELS_NORM_H

#include "pool.h"

/* 1 in the lanes of images that count, 0 in the rest. */
DN_INLINE void lane_mask(float *mask, int lanes) {
    for (int n = 0; n < LANES; n++) mask[n] = n < lanes ? 1.0f : 0.0f;
}

static void channel_sums(float *sum, const dn_view *x) {
    float lane_sums[LANES];
    for (int c = 0; c < x->c; c++) {
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf total = vzero();
            for (int row = 0; row < x->h; row++)
                for (int column = 0; column < x->w; column++)
                    total = total + vload(at(x, c, row, column) + s);
            vstore(lane_sums + s, total);
        }
        sum[c] = sum16(lane_sums);
    }
}

static void norm_sums(float *sums, const dn_view *z, int lanes) {
    float mask[LANES], first[LANES], second[LANES];
    lane_mask(mask, lanes);
    for (int c = 0; c < z->c; c++) {
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf sum = vzero(), squares = vzero();
            for (int row = 0; row < z->h; row++)
                for (int column = 0; column < z->w; column++) {
                    vf v = vload(at(z, c, row, column) + s);
                    sum = sum + v;
                    squares = vfma(v, v, squares);
                }
            vstore(first + s, sum * vload(mask + s));
            vstore(second + s, squares * vload(mask + s));
        }
        sums[c] = sum16(first);
        sums[z->c + c] = sum16(second);
    }
}

static void norm_forward(const dn_view *y, const dn_view *z, const float *scale,
                         const float *shift, int relu) {
    FOR_EACH(y, c, row, column) {
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf v = vfma(vload(at(z, c, row, column) + s), vset(scale[c]), vset(shift[c]));
            vstore(at(y, c, row, column) + s, relu ? vmax(v, vzero()) : v);
        }
    }
}

static void norm_grad_sums(float *sums, const dn_view *dy, const dn_view *z,
                           const float *mean, const float *inverse, int lanes) {
    float mask[LANES], first[LANES], second[LANES];
    lane_mask(mask, lanes);
    for (int c = 0; c < z->c; c++) {
        const vf m = vset(mean[c]), r = vset(inverse[c]);
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf sum = vzero(), product = vzero();
            for (int row = 0; row < z->h; row++)
                for (int column = 0; column < z->w; column++) {
                    vf g = vload(at(dy, c, row, column) + s);
                    vf normal = (vload(at(z, c, row, column) + s) - m) * r;
                    sum = sum + g;
                    product = vfma(g, normal, product);
                }
            vstore(first + s, sum * vload(mask + s));
            vstore(second + s, product * vload(mask + s));
        }
        sums[c] = sum16(first);
        sums[z->c + c] = sum16(second);
    }
}

static void norm_backward(const dn_view *dz, const dn_view *dy, const dn_view *z,
                          const float *a, const float *b, const float *e, int lanes) {
    float mask[LANES];
    lane_mask(mask, lanes);
    FOR_EACH(dz, c, row, column) {
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf v = vfma(vset(b[c]), vload(at(z, c, row, column) + s), vset(e[c]));
            v = vfma(vset(a[c]), vload(at(dy, c, row, column) + s), v);
            vstore(at(dz, c, row, column) + s, v * vload(mask + s));
        }
    }
}

#endif
