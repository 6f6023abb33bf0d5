/* window.h - what convolutions and poolings have in common: windows that go over maps,
 * and the zeros around them.
 *
 *     8C3        "same": dn_same_padding     8C3p1        a row or column on each side
 *     8C3v       "valid": none               8C3p1.0.2.0  above, left, below, right */
#ifndef DN_LAYERS_WINDOW_H
#define DN_LAYERS_WINDOW_H

#include "../layout.h"
#include "notation.h"

#define DN_PADDING_TEXT 28

/* dn_is_uneven - whether a window is not square, has gaps, or goes on in other steps
 * along rows than down columns. */
int dn_is_uneven(const dn_layer *l);

/* dn_parse_padding - the numbers behind a 'p'. DN_OK or DN_ERROR. */
int dn_parse_padding(dn_parser *p, dn_layer *l);

/* dn_print_padding - "v", "p1", "p1.0.2.0" or "", behind the sign that is given. */
void dn_print_padding(char text[DN_PADDING_TEXT], const dn_layer *l, char sign);

/* dn_shape_window - height and width of the result and the padding, from what was
 * read. */
void dn_shape_window(dn_layer *l);

/* dn_spread - how the gradient of a convolution's result must lie: spread out by the
 * stride, zeros between and around; so the gradient of its inputs is a convolution again,
 * over the whole buffer. */
dn_maps dn_spread(const dn_layer *l);

#endif
