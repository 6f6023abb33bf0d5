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

/* What the readers of maps need around them, in rows and columns of zeros. */
typedef struct dn_margin {
    int top, left, bottom, right;
} dn_margin;

/* dn_margin_add - what one more reader needs; dn_margin_join - two of them at once. */
void dn_margin_add(dn_margin *margin, const dn_layer *reader);
void dn_margin_join(dn_margin *margin, const dn_margin *other);

static inline int dn_margin_is_none(const dn_margin *m) {
    return m->top + m->left + m->bottom + m->right == 0;
}

/* dn_maps_around - maps of a shape with a margin, in batch layout, or where column is
 * above 0 in single layout, whose columns are so many floats. */
dn_maps dn_maps_around(dn_shape shape, const dn_margin *margin, int column);

/* dn_clear_margin - makes the margin zero, in a buffer at base that held other values. */
void dn_clear_margin(const dn_maps *maps, const dn_margin *margin, float *base);

/* dn_maps_batch, dn_maps_single - maps of a shape for the layer that reads them (NULL:
 * any without padding), in batch layout or in single layout, where a column is `column`
 * floats.
 * Without a margin, maps are contiguous. */
dn_maps dn_maps_batch(dn_shape shape, const dn_layer *reader);
dn_maps dn_maps_single(dn_shape shape, const dn_layer *reader, int column);

/* dn_at - the view, when the buffer lies at base. */
static inline dn_view dn_at(const dn_maps *maps, float *base) {
    dn_view view = maps->view;
    view.p = base + maps->origin;
    return view;
}

/* dn_as_batch - a view in single layout as one in batch layout, where each 16 channels of
 * a place are a map: for kernels to which it is all one what the 16 lanes are. */
static inline dn_view dn_as_batch(const dn_view *single) {
    dn_view view = *single;
    view.c = (single->c + DN_LANES - 1) / DN_LANES;
    view.channel = DN_LANES;
    return view;
}

/* dn_under_taps - the view, moved so that its origin lies under a convolution's first
 * tap. */
static inline dn_view dn_under_taps(dn_view view, const dn_layer *conv) {
    view.p -= conv->pad_y * view.row + conv->pad_x * view.column;
    return view;
}

/* dn_flat - the values of a view in single layout as a vector in the order [c][h][w], in
 * which dense layers count: written to `to`, or where they lie, if that is the order. */
const float *dn_flat(float *to, const dn_view *x);

#endif
