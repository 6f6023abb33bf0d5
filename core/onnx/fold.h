/* fold.h - a network's steps (net.h) become fewer, and of fewer kinds, without another
 * result: see fold.c. */
#ifndef DN_ONNX_FOLD_H
#define DN_ONNX_FOLD_H

#include "layers.h"
#include "net.h"
#include "work.h"

/* A pass over a network. */
typedef struct onnx_folding {
    onnx_net *net;
    onnx_work *work;
    char *error;
    size_t error_size;
} onnx_folding;

/* dn_onnx_fold - all of it. out->mean and std, before it those given, and range become
 * those of the pixels; means and stds are set. DN_OK, DN_ERROR or DN_NOMEM. */
int dn_onnx_fold(onnx_net *net, dn_onnx *out, onnx_work *work, char *error,
                 size_t error_size);

/* dn_onnx_pattern - an activation that is written out, of which step i is the last: a
 * value times its Sigmoid is a Swish. 1 if it became one, else 0. fold_pattern.c. */
int dn_onnx_pattern(onnx_folding *f, int i);

/* --- choices of channels: fold_choice.c --------------------------------------------- */

#define ONNX_ALONE (1 << 20) /* weights of a layer that does what stands alone, at most */

/* dn_onnx_choice_join - a CHOICE of what a CHOICE gives becomes one of what that reads;
 * and one of all channels goes. 1 if so, else 0. */
int dn_onnx_choice_join(onnx_folding *f, int i);

/* dn_onnx_choice_down - a CHOICE goes into the layer that reads it: 1 if so, 0; −1: no
 * memory. */
int dn_onnx_choice_down(onnx_folding *f, int i);

/* --- scales: fold_scale.c ----------------------------------------------------------- */

/* dn_onnx_fold_image - what is done to each pixel before anything else becomes their mean
 * and deviation: out's, as dn_onnx_fold has it. DN_OK, DN_ERROR or DN_NOMEM. */
int dn_onnx_fold_image(onnx_folding *f, dn_onnx *out);

/* dn_onnx_plain_scale - a NORM becomes a SCALE of the same numbers; a SCALE that divides
 * multiplies. */
void dn_onnx_plain_scale(onnx_step *s);

/* dn_onnx_scale_join - two SCALEs, one after the other, become one: 1 if so. */
int dn_onnx_scale_join(onnx_net *net, int i);

/* dn_onnx_scale_up, dn_onnx_scale_down - a SCALE or NORM goes into the layer before, or
 * into the one after, or a step towards it: 1 if anything changed, 0; −1: no
 * memory. */
int dn_onnx_scale_up(onnx_folding *f, int i);
int dn_onnx_scale_down(onnx_folding *f, int i);

/* dn_onnx_scale_end - two SCALEs or NORMs that the network ends with become one, which
 * nothing else took: 1 if so, 0; −1: no memory. */
int dn_onnx_scale_end(onnx_folding *f);

/* dn_onnx_is_linear - a CONV or DENSE that nothing follows yet. */
static inline int dn_onnx_is_linear(const onnx_step *s) {
    return (s->kind == STEP_CONV || s->kind == STEP_DENSE) && !s->act;
}

/* dn_onnx_has_pads - whether a window reads beyond its maps. */
static inline int dn_onnx_has_pads(const onnx_step *s) {
    const onnx_window *w = &s->window;
    return w->top > 0 || w->left > 0 ||
           (s->out.h - 1) * w->stride_y + (w->kh - 1) * w->dilation_y + 1 > s->in.h ||
           (s->out.w - 1) * w->stride_x + (w->kw - 1) * w->dilation_x + 1 > s->in.w;
}

#endif
