/* conv.h - what the files of convolutions share: conv.c, which describes them, and
 * conv_batch.c and conv_single.c, which compute them.
 *
 *     const dn_layer part = dn_conv_part(layer);
 *     const int64_t multiply_adds = dn_conv_groups(layer) * part.cost;   // of all
 *     const float *of_second = packed + dn_conv_packed(layer);
 */
#ifndef DN_LAYERS_CONV_H
#define DN_LAYERS_CONV_H

#include "kind.h"

/* Columns or channels at a time, where all are long work: those of a kernel's tiles. */
#define DN_CONV_TILE 4

/* dn_conv_groups - of maps that are convolved apart: 1 or more. dn_conv_part - one of
 * them, as a convolution without groups. */
static inline int dn_conv_groups(const dn_layer *l) {
    return l->groups > 1 ? l->groups : 1;
}
static inline dn_layer dn_conv_part(const dn_layer *l) {
    const int groups = dn_conv_groups(l);
    dn_layer part = *l;
    part.groups = 0;
    part.in.c /= groups;
    part.out.c /= groups;
    part.rows /= groups;
    part.cost /= groups;
    return part;
}

/* dn_conv_weights, dn_conv_packed - floats of one group's weights, and of them packed. */
static inline size_t dn_conv_weights(const dn_layer *l) {
    return (size_t)l->rows / (size_t)dn_conv_groups(l) * (size_t)l->columns;
}
static inline uint64_t dn_conv_packed(const dn_layer *l) {
    const uint64_t taps = l->kh == 3 ? 18 : (uint64_t)(l->kh * l->kw);
    const uint64_t groups = (uint64_t)dn_conv_groups(l);
    const uint64_t in = (uint64_t)l->in.c / groups, out = (uint64_t)l->out.c / groups;
    const uint64_t forward = (out + 15) / 16 * 16 * in, backward = (in + 3) / 4 * 4 * out;
    return taps * (forward > backward ? forward : backward);
}

/* What dn_conv_kind names, as kind.h describes them. */
int dn_conv_fuses(const dn_layer *l, const dn_layer *next);
int dn_conv_maps_at_once(const dn_layer *l);
uint64_t dn_conv_work_size(const dn_layer *l, const dn_layer *pool);
void dn_conv_forward(const dn_call *c, const dn_view *y, const dn_view *x);
void dn_conv_backward(const dn_call *c, const dn_view *dx, const dn_view *dz);
void dn_conv_weight_gradient(const dn_call *c, float *dw, const dn_view *dz);
uint64_t dn_conv_single_work(const dn_layer *l);
void dn_conv_single(const dn_call *c, const dn_view *y, const dn_view *x);

#endif
