/* distort.h - sixteen images through sixteen affine maps: see ../kernels.h.
 * Included by kernels.c.
 *
 * The lanes are the images, so a result is one store; their pixels are gathered. */
#ifndef DN_KERNELS_DISTORT_H
#define DN_KERNELS_DISTORT_H

#include "simd.h"
#include "../kernels.h"

/* p[index] in each lane. */
DN_INLINE vf vgather(const float *p, vi index) {
#if DN_WIDTH == 16
    return (vf)_mm512_i32gather_ps((__m512i)index, p, 4);
#elif DN_WIDTH == 8
    return (vf)_mm256_i32gather_ps(p, (__m256i)index, 4);
#else
    return (vf){p[index[0]], p[index[1]], p[index[2]], p[index[3]]};
#endif
}

/* a + share·(b − a) */
DN_INLINE vf vmix(vf a, vf b, vf share) { return a + share * (b - a); }

/* Where a coordinate lies, counted from the margin: the whole part goes to *whole, the
 * rest is returned. Beyond the margins all is paper. */
DN_INLINE vf vsplit(vf x, float size, vi *whole) {
    x = vmax(x, vset(-1.0f));
    x = vselect((vi)(x < vset(size)), x, vset(size)) + vset(1.0f);
    *whole = __builtin_convertvector(x, vi);
    return x - __builtin_convertvector(*whole, vf);
}

static void distort(const dn_view *y, const float *sheets, ptrdiff_t sheet,
                    const float (*maps)[6][LANES]) {
    const int32_t row = y->w + 3;
    for (int k = 0; k < LANES; k += DN_WIDTH) {
        const vf a = vload((*maps)[0] + k), b = vload((*maps)[1] + k);
        const vf c = vload((*maps)[2] + k), d = vload((*maps)[3] + k);
        const vf e = vload((*maps)[4] + k), f = vload((*maps)[5] + k);
        int32_t starts[DN_WIDTH];
        for (int i = 0; i < DN_WIDTH; i++) starts[i] = (int32_t)((k + i) * sheet);
        const vi start = viload(starts);
        for (int channel = 0; channel < y->c; channel++)
            for (int r = 0; r < y->h; r++) {
                const float *p = sheets + channel * (ptrdiff_t)(y->h + 3) * row;
                float *to = y->p + channel * y->channel + r * y->row + k;
                const vf left = b * vset((float)r) + e, top = d * vset((float)r) + f;
                for (int q = 0; q < y->w; q++, to += y->column) {
                    vi column, line;
                    const vf right =
                        vsplit(a * vset((float)q) + left, (float)y->w, &column);
                    const vf low = vsplit(c * vset((float)q) + top, (float)y->h, &line);
                    const vi at = start + line * row + column;
                    const vf upper = vmix(vgather(p, at), vgather(p + 1, at), right);
                    const vf lower =
                        vmix(vgather(p + row, at), vgather(p + row + 1, at), right);
                    vstore(to, vmix(upper, lower, low));
                }
            }
    }
}

#endif
