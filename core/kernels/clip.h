/* clip.h - pooling whose windows reach beyond the maps (what lies there is not looked at,
 * or for a mean counts as zero), are not square, or have gaps. Included by kernels.c; see
 * ../kernels.h. */
#ifndef DN_KERNELS_CLIP_H
#define DN_KERNELS_CLIP_H

#include "pool.h"

/* The part of a window of k places, `step` apart, that lies within n: from … to, from its
 * first on. */
DN_INLINE int clip_from(int start, int step) {
    return start < 0 ? (-start + step - 1) / step : 0;
}
DN_INLINE int clip_to(int start, int step, int k, int n) {
    const int within = start < n ? (n - start + step - 1) / step : 0;
    return within < k ? within : k;
}

DN_INLINE float clip_share(const dn_window *w, int rows, int columns) {
    return 1.0f / (float)(w->zeros ? w->kh * w->kw : rows * columns);
}

static void clip_forward(const dn_view *y, int32_t *place, ptrdiff_t place_channel,
                         const dn_view *x, const dn_window *w, int first) {
    FOR_EACH(y, c, row, column) {
        const int top = (first + row) * w->stride - w->pad_y;
        const int left = column * w->stride_x - w->pad_x;
        const int i0 = clip_from(top, w->step_y),
                  i1 = clip_to(top, w->step_y, w->kh, x->h);
        const int j0 = clip_from(left, w->step_x),
                  j1 = clip_to(left, w->step_x, w->kw, x->w);
        const vf share = vset(clip_share(w, i1 - i0, j1 - j0));
        float *result = at(y, c, row, column);
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf best =
                w->mean
                    ? vzero()
                    : vload(at(x, c, top + i0 * w->step_y, left + j0 * w->step_x) + s);
            vi best_place = vifill(i0 * w->kw + j0);
            for (int i = i0; i < i1; i++)
                for (int j = j0; j < j1; j++) {
                    const vf v =
                        vload(at(x, c, top + i * w->step_y, left + j * w->step_x) + s);
                    const vi larger = (vi)(v > best);
                    best = w->mean ? best + v : vselect(larger, v, best);
                    best_place = (larger & vifill(i * w->kw + j)) |
                                 (~larger & best_place);
                }
            vstore(result + s, w->mean ? best * share : best);
            if (place)
                vistore(place + c * place_channel + (row * y->w + column) * LANES + s,
                        best_place);
        }
    }
}

static void clip_backward(const dn_view *dx, const dn_view *dy, const int32_t *place,
                          ptrdiff_t place_channel, const dn_window *w) {
    fill_zero(dx);
    FOR_EACH(dy, c, row, column) {
        const int top = row * w->stride - w->pad_y,
                  left = column * w->stride_x - w->pad_x;
        const int i0 = clip_from(top, w->step_y),
                  i1 = clip_to(top, w->step_y, w->kh, dx->h);
        const int j0 = clip_from(left, w->step_x),
                  j1 = clip_to(left, w->step_x, w->kw, dx->w);
        const vf share = vset(clip_share(w, i1 - i0, j1 - j0));
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            const vf g = vload(at(dy, c, row, column) + s);
            const int32_t *chosen = w->mean ? NULL
                                            : place + c * place_channel +
                                                  (row * dy->w + column) * LANES + s;
            for (int i = i0; i < i1; i++)
                for (int j = j0; j < j1; j++) {
                    float *to = at(dx, c, top + i * w->step_y, left + j * w->step_x) + s;
                    const vf here =
                        w->mean ? g * share
                                : vselect((vi)(viload(chosen) == vifill(i * w->kw + j)),
                                          g, vzero());
                    vstore(to, vload(to) + here);
                }
        }
    }
}

#endif
