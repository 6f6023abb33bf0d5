/* conv.h - a convolution by the kernel that suits its layer: forward, with its pooling, backward;
 * and its weights packed for that. */
#ifndef DN_CONV_H
#define DN_CONV_H

#include "layout.h"

/* dn_conv - a convolution, by the kernel that suits the layer.
 *
 *   y, x   result and input under the taps
 *   w      packed by dn_pack_forward
 *   work   dn_conv_work(conv) floats */
void dn_conv(const dn_kernels *kernels, const dn_view *y, const dn_view *x,
             const float *w, const float *bias, const dn_layer *conv, int relu,
             float *work);

/* dn_conv_pool - convolution, ReLU and max pooling in one pass over bands of a few rows,
 * which stay in the cache between.
 *
 *   y      the pooled maps, written
 *   place  as in maxpool_forward, [c][y.h][y.w][16]; or NULL
 *   work   dn_conv_work(conv) + dn_band_size(conv, pool) floats */
void dn_conv_pool(const dn_kernels *kernels, const dn_view *y, int32_t *place,
                  const dn_view *x, const float *w, const float *bias,
                  const dn_layer *conv, const dn_layer *pool, float *work);

/* dn_conv_dgrad - the gradient of a convolution's inputs.
 *
 *   dx      written
 *   spread  dz in the layout of dn_maps_gradient, the whole buffer, every column
 *   w       packed by dn_pack_backward
 *   zeros   [in.c rounded up to 4]
 *   work    dn_conv_work(conv) floats */
void dn_conv_dgrad(const dn_kernels *kernels, const dn_view *dx, const dn_view *spread,
                   const float *w, const float *zeros, const dn_layer *conv, float *work);

uint64_t dn_conv_work(const dn_layer *conv);
uint64_t dn_band_size(const dn_layer *conv, const dn_layer *pool);

/* dn_pack_forward, dn_pack_backward, dn_pack_alone - weights [out][in][k][k] packed for
 * dn_conv, dn_conv_dgrad, and for one image; into arrays of dn_packed_size floats at
 * most. */
void dn_pack_forward(float *packed, const float *w, const dn_layer *conv);
void dn_pack_backward(float *packed, const float *w, const dn_layer *conv);
void dn_pack_alone(float *packed, const float *w, const dn_layer *conv);
uint64_t dn_packed_size(const dn_layer *conv);

/* dn_unpack_forward - the weights [out][in][k][k] that dn_pack_forward packed: the same but, where
 * the layer is Winograd's, for rounding. */
void dn_unpack_forward(float *w, const float *packed, const dn_layer *conv);

#endif
