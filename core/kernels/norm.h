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

static void norm_sums(float *sums, const dn_view *z) {
    for (int c = 0; c < z->c; c++, sums += 2 * LANES)
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf sum = vload(sums + s), squares = vload(sums + LANES + s);
            for (int row = 0; row < z->h; row++)
                for (int column = 0; column < z->w; column++) {
                    vf v = vload(at(z, c, row, column) + s);
                    sum = sum + v;
                    squares = vfma(v, v, squares);
                }
            vstore(sums + s, sum);
            vstore(sums + LANES + s, squares);
        }
}

static void norm_total(float *total, const float *sums, int channels, int lanes) {
    float mask[LANES], first[LANES], second[LANES];
    lane_mask(mask, lanes);
    for (int c = 0; c < channels; c++, sums += 2 * LANES) {
        for (int n = 0; n < LANES; n++) {
            first[n] = sums[n] * mask[n];
            second[n] = sums[LANES + n] * mask[n];
        }
        total[c] = sum16(first);
        total[channels + c] = sum16(second);
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

/* What a gate is, as a constant: its loops are compiled for each. */
enum { GATE_OPEN, GATE_RELU, GATE_POOL_2, GATE_POOL };

DN_INLINE int gate_is(const dn_gate *gate) {
    if (gate->place) return gate->k == 2 ? GATE_POOL_2 : GATE_POOL;
    return gate->scale ? GATE_RELU : GATE_OPEN;
}

/* The gradient that reaches value v, which is z(c, row, column), s lanes on. */
DN_INLINE vf gradient_at(const int is, const dn_gate *gate, const dn_view *dy, int c,
                         int row, int column, int s, vf v) {
    const int k = is == GATE_POOL_2 ? 2 : gate->k;
    if (is <= GATE_RELU) {
        const vf g = vload(at(dy, c, row, column) + s);
        if (is == GATE_OPEN) return g;
        const vf result = vfma(v, vset(gate->scale[c]), vset(gate->shift[c]));
        return vselect((vi)(result > vzero()), g, vzero());
    }
    const int r = row / k, q = column / k;
    if (r >= dy->h || q >= dy->w) return vzero();
    const ptrdiff_t window = ((ptrdiff_t)c * dy->h + r) * dy->w + q;
    const vi chosen = viload(gate->place + window * LANES + s);
    return vselect((vi)(chosen == vifill(row % k * k + column % k)),
                   vload(at(dy, c, r, q) + s), vzero());
}

DN_INLINE void grad_sums(const int is, float *sums, const dn_view *dy, const dn_view *z,
                         const dn_gate *gate, const float *mean, const float *inverse,
                         int lanes) {
    float mask[LANES], first[LANES], second[LANES];
    lane_mask(mask, lanes);
    for (int c = 0; c < z->c; c++) {
        const vf m = vset(mean[c]), r = vset(inverse[c]);
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf sum = vzero(), product = vzero();
            for (int row = 0; row < z->h; row++)
                for (int column = 0; column < z->w; column++) {
                    vf v = vload(at(z, c, row, column) + s);
                    vf g = gradient_at(is, gate, dy, c, row, column, s, v);
                    sum = sum + g;
                    product = vfma(g, (v - m) * r, product);
                }
            vstore(first + s, sum * vload(mask + s));
            vstore(second + s, product * vload(mask + s));
        }
        sums[c] = sum16(first);
        sums[z->c + c] = sum16(second);
    }
}

static void norm_grad_sums(float *sums, const dn_view *dy, const dn_view *z,
                           const dn_gate *gate, const float *mean, const float *inverse,
                           int lanes) {
    switch (gate_is(gate)) {
    case GATE_OPEN: grad_sums(GATE_OPEN, sums, dy, z, gate, mean, inverse, lanes); break;
    case GATE_RELU: grad_sums(GATE_RELU, sums, dy, z, gate, mean, inverse, lanes); break;
    case GATE_POOL_2:
        grad_sums(GATE_POOL_2, sums, dy, z, gate, mean, inverse, lanes);
        break;
    default: grad_sums(GATE_POOL, sums, dy, z, gate, mean, inverse, lanes); break;
    }
}

DN_INLINE void grad_back(const int is, const dn_view *dz, const dn_view *dy,
                         const dn_view *z, const dn_gate *gate, const float *a,
                         const float *b, const float *e, int lanes) {
    float mask[LANES];
    lane_mask(mask, lanes);
    FOR_EACH(dz, c, row, column) {
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            const vf x = vload(at(z, c, row, column) + s);
            const vf g = gradient_at(is, gate, dy, c, row, column, s, x);
            const vf v = vfma(vset(a[c]), g, vfma(vset(b[c]), x, vset(e[c])));
            vstore(at(dz, c, row, column) + s, v * vload(mask + s));
        }
    }
}

static void norm_backward(const dn_view *dz, const dn_view *dy, const dn_view *z,
                          const dn_gate *gate, const float *a, const float *b,
                          const float *e, int lanes) {
    switch (gate_is(gate)) {
    case GATE_OPEN: grad_back(GATE_OPEN, dz, dy, z, gate, a, b, e, lanes); break;
    case GATE_RELU: grad_back(GATE_RELU, dz, dy, z, gate, a, b, e, lanes); break;
    case GATE_POOL_2: grad_back(GATE_POOL_2, dz, dy, z, gate, a, b, e, lanes); break;
    default: grad_back(GATE_POOL, dz, dy, z, gate, a, b, e, lanes); break;
    }
}

#endif
