/* equalise.h - channels of like size between two layers, before a model is quantised.
 *
 * All that a layer reads has one step. So where a channel is much larger than the others,
 * those are lost: a unit may have incoming weights a thousand times as large and outgoing
 * ones as small, and the network is the same. Here such a channel gets a factor, a power
 * of two, by which the layer that makes it is multiplied, and the weights that read it
 * are divided: Nagel et al., "Data-free quantization through weight equalization and bias
 * correction" (2019).
 *
 *     const int from = dn_equal_source(&spec, i);
 *     if (from >= 0 && dn_equal_factors(factor, work, l, w, most, &ask) == DN_OK)
 *         dn_equal_apply(&spec.layers[from], w_from, bias_from, l, w, factor, &ask);
 *
 * In float32 that changes nothing. Channels of like size are left alone. */
#ifndef DN_EQUALISE_H
#define DN_EQUALISE_H

#include "spec.h"
#include "watch.h"

/* dn_equal_source - the layer whose outputs are the channels that layer i reads, and that
 * no other reads, with nothing between but pooling, and with no activation but ReLU and
 * leaky ReLU. −1: there is none. */
int dn_equal_source(const dn_spec *spec, int i);

/* dn_equal_factors - of each channel of a layer's inputs: 2 to the power of half of the
 * bits by which it is smaller, and its weights larger, than the mean.
 *
 *   factor  [in.c] written; 1 for most
 *   work    [in.c + out.c] floats
 *   w       [rows][ld] the weights that read them
 *   most    [in.c] the largest magnitude of each channel
 *
 * DN_OK or DN_STOPPED. */
int dn_equal_factors(float *factor, float *work, const dn_layer *l, const float *w,
                     const float *most, dn_ask *ask);

/* dn_equal_apply - multiplies channels where they are made, w_from [rows][ld] and
 * bias_from [out.c], and divides the weights that read them. DN_OK or DN_STOPPED. */
int dn_equal_apply(const dn_layer *from, float *w_from, float *bias_from,
                   const dn_layer *l, float *w, const float *factor, dn_ask *ask);

#endif
