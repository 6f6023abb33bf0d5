/* pool.h - pooling, ReLU and dropout of 16 images in batch layout.
 * Included by kernels.c; each function is described in ../kernels.h. */
#ifndef DN_KERNELS_POOL_H
#define DN_KERNELS_POOL_H

#include "simd.h"
#include "../kernels.h"
#include "../rng.h"

/* The loops all have this form: channel, row, column, and the vectors of 16 lanes. */
#define FOR_EACH(view, c_, y_, x_)                                                       \
    for (int c_ = 0; c_ < (view)->c; c_++)                                               \
        for (int y_ = 0; y_ < (view)->h; y_++)                                           \
            for (int x_ = 0; x_ < (view)->w; x_++)

DN_INLINE float *at(const dn_view *v, int c, int y, int x) {
    return v->p + c * v->channel + y * v->row + x * v->column;
}

DN_INLINE vi vifill(int x) { return (vi)(vzero()) + x; }

/* k is a constant in the case that matters, 2×2, so that its loops unroll. */
DN_INLINE void maxpool_rows(const int k, const dn_view *y, int32_t *argmax,
                            ptrdiff_t place_channel, const dn_view *x, const float *scale,
                            const float *shift, int stride, int relu) {
    FOR_EACH(y, c, row, column) {
        const float *window = at(x, c, row * stride, column * stride);
        float *result = at(y, c, row, column);
        int32_t *place =
            argmax ? argmax + c * place_channel + (row * y->w + column) * LANES : NULL;
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf best = vzero();
            vi best_place = vifill(0);
            for (int i = 0; i < k * k; i++) {
                vf v = vload(window + i / k * x->row + i % k * x->column + s);
                if (scale) v = vfma(v, vset(scale[c]), vset(shift[c]));
                vi larger = i ? (vi)(v > best) : vifill(-1);
                best = vselect(larger, v, best);
                best_place = (larger & vifill(i)) | (~larger & best_place);
            }
            if (relu) {
                best_place |= (vi)(best <= vzero());
                best = vmax(best, vzero());
            }
            vstore(result + s, best);
            if (place) vistore(place + s, best_place);
        }
    }
}

static void maxpool_forward(const dn_view *y, int32_t *place, ptrdiff_t place_channel,
                            const dn_view *x, const float *scale, const float *shift,
                            int k, int stride, int relu) {
    if (k == 2)
        maxpool_rows(2, y, place, place_channel, x, scale, shift, stride, relu);
    else
        maxpool_rows(k, y, place, place_channel, x, scale, shift, stride, relu);
}

static void fill_zero(const dn_view *x) {
    FOR_EACH(x, c, row, column) memset(at(x, c, row, column), 0, LANES * sizeof(float));
}

DN_INLINE void maxpool_scatter(const int k, const int overlap, const dn_view *dx,
                               const dn_view *dy, const int32_t *place, int stride) {
    FOR_EACH(dy, c, row, column) {
        float *window = at(dx, c, row * stride, column * stride);
        const float *gradient = at(dy, c, row, column);
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf g = vload(gradient + s);
            vi chosen = viload(place + s);
            for (int i = 0; i < k * k; i++) {
                float *to = window + i / k * dx->row + i % k * dx->column + s;
                vf here = vselect((vi)(chosen == vifill(i)), g, vzero());
                vstore(to, overlap ? vload(to) + here : here);
            }
        }
        place += LANES;
    }
}

static void maxpool_backward(const dn_view *dx, const dn_view *dy, const int32_t *place,
                             int k, int stride, int more) {
    if (k == 2 && stride == 2 && dy->h * 2 == dx->h && dy->w * 2 == dx->w) {
        maxpool_scatter(2, 0, dx, dy, place, 2); /* each value written, and once */
    } else {
        if (!more) fill_zero(dx);
        maxpool_scatter(k, 1, dx, dy, place, stride);
    }
}

static void avgpool_forward(const dn_view *y, const dn_view *x, int kh, int kw,
                            int stride) {
    const vf share = vset(1.0f / (float)(kh * kw));
    FOR_EACH(y, c, row, column) {
        const float *window = at(x, c, row * stride, column * stride);
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf sum = vzero();
            for (int i = 0; i < kh; i++)
                for (int j = 0; j < kw; j++)
                    sum = sum + vload(window + i * x->row + j * x->column + s);
            vstore(at(y, c, row, column) + s, sum * share);
        }
    }
}

static void avgpool_backward(const dn_view *dx, const dn_view *dy, int kh, int kw,
                             int stride, int more) {
    const vf share = vset(1.0f / (float)(kh * kw));
    if (!more) fill_zero(dx);
    FOR_EACH(dy, c, row, column) {
        float *window = at(dx, c, row * stride, column * stride);
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf g = vload(at(dy, c, row, column) + s) * share;
            for (int i = 0; i < kh; i++)
                for (int j = 0; j < kw; j++) {
                    float *to = window + i * dx->row + j * dx->column + s;
                    vstore(to, vload(to) + g);
                }
        }
    }
}

static void relu_backward(const dn_view *dx, const dn_view *dy, const dn_view *y) {
    FOR_EACH(dx, c, row, column) {
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vi on = (vi)(vload(at(y, c, row, column) + s) > vzero());
            vstore(at(dx, c, row, column) + s,
                   vselect(on, vload(at(dy, c, row, column) + s), vzero()));
        }
    }
}

static void dropout(const dn_view *y, const dn_view *x, const uint32_t *key,
                    uint32_t threshold, float scale) {
    uint32_t unit = 0;
    FOR_EACH(y, c, row, column) {
        const float *from = at(x, c, row, column);
        float *to = at(y, c, row, column);
        for (int n = 0; n < LANES; n++)
            to[n] = rng_hash32(key[n], unit) >= threshold ? from[n] * scale : 0.0f;
        unit++;
    }
}

#endif
