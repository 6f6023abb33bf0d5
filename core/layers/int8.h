/* int8.h - convolutions and fully connected layers in 8 bits: their numbers (dn_int8) as
 * the kernels read them, and the run of one image through such a layer.
 *
 *     if (dn_int8_suits(layer)) {
 *         dn_int8 q;
 *         if (dn_int8_new(&q, layer, 0.01f, 33, kernels, &heap) == DN_OK)
 *             dn_int8_put(&q, layer, row, column, -7);          // each weight, once
 *         dn_int8_place(&q, layer, bias, &ask);
 *         …
 *         dn_int8_free(&q, &heap);
 *     }
 */
#ifndef DN_LAYERS_INT8_H
#define DN_LAYERS_INT8_H

#include "kind.h"

/* dn_int8_suits - whether a layer is computed in 8 bits in a model that was quantised:
 * convolutions without groups and fully connected layers, as long as an int32 has room
 * for their sums. All others stay in float32. */
int dn_int8_suits(const dn_layer *l);

/* dn_int8_size - bytes of a layer's numbers in memory. */
uint64_t dn_int8_size(const dn_layer *l);

/* dn_int8_holds - whether the biases of an output, whatever its weights are, are within a
 * float's range; scale: of an output. */
int dn_int8_holds(const dn_layer *l, float zero, float scale, float bias);

/* dn_int8_of_image - whether a layer reads the image, and so its bytes. */
int dn_int8_of_image(const dn_layer *l);

/* dn_int8_new - room for them, all weights 0 and all scales 0. The caller sets scale[o].
 * zero: an integer of 0..255, or of what reads the image any number. kernels: that will
 * compute it.
 * DN_OK or DN_NOMEM. Free with dn_int8_free, which takes zeros too. */
int dn_int8_new(dn_int8 *out, const dn_layer *l, float step, float zero,
                const dn_int8_kernels *kernels, const dn_heap *heap);
void dn_int8_free(dn_int8 *q, const dn_heap *heap);

/* dn_int8_put - one weight, by its place in the layer's own order (spec.h). Each is put
 * once, for start counts them up. */
void dn_int8_put(dn_int8 *q, const dn_layer *l, int row, int column, int weight);

/* dn_int8_place - the bias of each place, when weights and scales are there; of what does
 * not read the image, nothing. bias: [out], the layer's. DN_OK or DN_STOPPED. */
int dn_int8_place(dn_int8 *q, const dn_layer *l, const float *bias, dn_ask *ask);

/* dn_int8_work, dn_int8_single - working memory in floats, and the run: as single_work
 * and single of a kind. */
uint64_t dn_int8_work(const dn_layer *l);
void dn_int8_single(const dn_call *call, const dn_view *y, const dn_view *x);

#endif
