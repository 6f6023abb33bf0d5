/* layout.h - how the maps between two layers lie in a buffer.
 *
 * A layer writes its result into the middle of a buffer whose margin of zeros is what the
 * next layer, if it is a padded convolution, reads beyond the border:
 *
 *     0 0 0 0 0 0        the buffer is made zero once; only the inside
 *     0 a b c d 0        is ever written
 *     0 e f g h 0
 *     0 0 0 0 0 0
 */
#ifndef DN_LAYOUT_H
#define DN_LAYOUT_H

#include "kernels.h"
#include "spec.h"

typedef struct dn_maps {
    dn_view view;    /* with p NULL */
    uint64_t origin; /* of value (0, 0, 0) in the buffer, in floats */
    uint64_t
        size; /* of the buffer, in floats: in 32 bits more than there can be, perhaps;
                        then the strides of view mean nothing, and no memory is to be had */
} dn_maps;

/* dn_maps_batch, dn_maps_single - maps of a shape for a reader (NULL: any but a
 * convolution), in batch layout or in single layout, where a column is `column` floats.
 * Without a margin, maps are contiguous. */
dn_maps dn_maps_batch(dn_shape shape, const dn_layer *reader);
dn_maps dn_maps_single(dn_shape shape, const dn_layer *reader, int column);

/* dn_maps_gradient - maps for the gradient of a convolution's result: spread by its
 * stride, with the margin that the gradient of its inputs reads. */
dn_maps dn_maps_gradient(const dn_layer *conv);

/* dn_at - the view, when the buffer lies at base. */
static inline dn_view dn_at(const dn_maps *maps, float *base) {
    dn_view view = maps->view;
    view.p = base + maps->origin;
    return view;
}

/* dn_under_taps - the view, moved so that its origin lies under a convolution's first
 * tap. */
static inline dn_view dn_under_taps(dn_view view, const dn_layer *conv) {
    view.p -= conv->pad_y * view.row + conv->pad_x * view.column;
    return view;
}

/* dn_reader - the layer that reads what layer i writes (−1: the input): the next one that
 * is no dropout, which works in place. NULL after the last. */
const dn_layer *dn_reader(const dn_spec *spec, int i);

/* dn_fused_pool - the max pooling that follows convolution i directly and is computed
 * with it, or NULL: its windows must stand side by side, so that each row is needed once. */
const dn_layer *dn_fused_pool(const dn_spec *spec, int i);

#endif
