/* making.h - from a folded network's steps to layers: what layers.c, which goes over the
 * steps, windowed.c and channels.c, which know how one becomes a layer, share.
 *
 *     if (s->kind == STEP_CONV) status = dn_onnx_conv_layer(m, s, 0, 0);
 *     if (status == DN_OK) status = dn_onnx_layer_put(m, s, &from, 1); */
#ifndef DN_ONNX_MAKING_H
#define DN_ONNX_MAKING_H

#include "layers.h"

/* How a window's padding is said: as our notation has it, where nothing is said; none;
 * or in numbers. In `pads` of a CONV or a pooling. */
enum { PADS_SAME, PADS_NONE, PADS_SAID };

/* What is being done, for all that can fail. */
typedef struct onnx_making {
    dn_onnx *out;
    onnx_net *net;
    int *number; /* [net->n] which layer gives what a step does, from 1; 0: the image */
    onnx_work *work;
    char *error;
    size_t error_size;
} onnx_making;

/* All functions return DN_OK, DN_ERROR and its sentence, or DN_NOMEM. */

/* --- making.c ----------------------------------------------------------------------- */

/* dn_onnx_refuse - the step's name, and why no layer is made of it. Returns DN_ERROR.
 * dn_onnx_no_layer - the same of a step that stands where no layer does what it does. */
int dn_onnx_refuse(const onnx_making *m, const onnx_step *s, const char *why);
int dn_onnx_no_layer(const onnx_making *m, const onnx_step *s);

/* dn_onnx_room_for - the step's outputs are to read so many numbers each, where they read
 * fewer or have no weights yet: DN_OK and they are counted, or DN_ERROR if all weights
 * would be too many. */
int dn_onnx_room_for(const onnx_making *m, const onnx_step *s, uint64_t reads);

/* dn_onnx_layer_vector - whether what a layer gives, from 1, has no maps any more. */
int dn_onnx_layer_vector(const onnx_making *m, int layer);

/* dn_onnx_layer_put - a layer more, of what a step has become. Its numbers move. It reads
 * the n layers of from. */
int dn_onnx_layer_put(onnx_making *m, onnx_step *s, const int *from, int n);

/* --- windowed.c --------------------------------------------------------------------- */

/* dn_onnx_settle_strides - along an axis with one result the stride says nothing, if a
 * second would not fit: it becomes the other axis's. */
void dn_onnx_settle_strides(onnx_step *s);

/* dn_onnx_conv_layer - a CONV becomes one that notation has, or a DENSE.
 * dn_onnx_pool_layer - the same of a pooling.
 *
 *   last  it is the network's end
 *   flat  it reads a vector */
int dn_onnx_conv_layer(const onnx_making *m, onnx_step *s, int last, int flat);
int dn_onnx_pool_layer(const onnx_making *m, onnx_step *s);

/* dn_onnx_pool_idle - whether a pooling of maps of one place gives what it reads. */
int dn_onnx_pool_idle(const onnx_step *s);

/* dn_onnx_pad_layer - a PAD becomes a depthwise CONV that copies.
 * dn_onnx_split_pads - rows and columns of padding that no window of a CONV or pooling
 * reads beside a number of its maps become the PAD *pad, which is to come before it: 1,
 * or 0 if there are none. */
int dn_onnx_pad_layer(const onnx_making *m, onnx_step *s);
int dn_onnx_split_pads(onnx_step *s, onnx_step *pad);

/* dn_onnx_picked_layers - a convolution whose strides differ, which reads layer from. */
int dn_onnx_picked_layers(onnx_making *m, onnx_step *s, int from);

/* --- channels.c --------------------------------------------------------------------- */

/* dn_onnx_alone_layer - a SCALE, NORM or ACT that stands alone, which reads layer from,
 * becomes a CONV or DENSE. dn_onnx_choice_layer - the same of a CHOICE. */
int dn_onnx_alone_layer(const onnx_making *m, onnx_step *s, int from);
int dn_onnx_choice_layer(const onnx_making *m, onnx_step *s, int from);

/* dn_onnx_prelu_layers - a PRelu with slopes of its channels, which reads layer from. */
int dn_onnx_prelu_layers(onnx_making *m, onnx_step *s, int from);

/* dn_onnx_spread_layers - a number for each map, which layer *from gives, becomes maps of
 * the size of the ADD s, the size that layer `maps` gives. *from is then their layer. */
int dn_onnx_spread_layers(onnx_making *m, const onnx_step *s, int maps, int *from);

#endif
