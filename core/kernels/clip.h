/* clip.h - pooling whose windows reach beyond the maps: what lies there is not looked at,
 * or for a mean counts as zero. Included by kernels.c; see ../kernels.h. */
#ifndef DN_KERNELS_CLIP_H
#define DN_KERNELS_CLIP_H

#include "pool.h"

/* The part of a window that lies within n places: from … to, from its first on. */
DN_INLINE int clip_from(int start) { return start < 0 ? -start : 0; }
DN_INLINE int clip_to(int start, int k, int n) { return start + k > n ? n - start : k; }

DN_INLINE float clip_share(const dn_window *w, int rows, int columns) {
    return 1.0f / (float)(w->zeros ? w->kh * w->kw : rows * columns);
}

static void clip_forward(const dn_view *y, int32_t *place, ptrdiff_t place_channel,
                         const dn_view *x, const dn_window *w, int first) {
    FOR_EACH(y, c, row, column) {
        const int top = (first + row) * w->stride - w->pad_y;
        const int left = column * w->stride - w->pad_x;
        const int i0 = clip_from(top), i1 = clip_to(top, w->kh, x->h);
        const int j0 = clip_from(left), j1 = clip_to(left, w->kw, x->w);
        const vf share = vset(clip_share(w, i1 - i0, j1 - j0));
        float *result = at(y, c, row, column);
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            vf best = w->mean ? vzero() : vload(at(x, c, top + i0, left + j0) + s);
            vi best_place = vifill(i0 * w->kw + j0);
            for (int i = i0; i < i1; i++)
                for (int j = j0; j < j1; j++) {
                    const vf v = vload(at(x, c, top + i, left + j) + s);
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
        const int top = row * w->stride - w->pad_y, left = column * w->stride - w->pad_x;
        const int i0 = clip_from(top), i1 = clip_to(top, w->kh, dx->h);
        const int j0 = clip_from(left), j1 = clip_to(left, w->kw, dx->w);
        const vf share = vset(clip_share(w, i1 - i0, j1 - j0));
        for (int s = 0; s < LANES; s += DN_WIDTH) {
            const vf g = vload(at(dy, c, row, column) + s);
            const int32_t *chosen = w->mean ? NULL
                                            : place + c * place_channel +
                                                  (row * dy->w + column) * LANES + s;
            for (int i = i0; i < i1; i++)
                for (int j = j0; j < j1; j++) {
                    float *to = at(dx, c, top + i, left + j) + s;
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
