/* pass.h - a model's forward pass of 16 images. */
#ifndef DN_PASS_H
#define DN_PASS_H

#include "model.h"

/* dn_pass - a forward pass of 16 images in the batch layout: where its buffers lie in a
 * memory of size floats, zeros at first. maps[0] is the input, maps[i + 1] what layer i
 * writes; a layer that writes nothing of its own (dropout, a convolution whose pool is
 * computed with it) has none. */
typedef struct dn_pass {
    dn_maps maps[DN_MAX_LAYERS + 2];
    uint64_t at[DN_MAX_LAYERS + 2]; /* where a buffer begins, in floats */
    uint64_t work;                  /* where working memory of convolutions begins */
    uint64_t size;                  /* of it all */
} dn_pass;

void dn_pass_plan(dn_pass *pass, const dn_spec *spec);

/* dn_pass_input - where the images go, standardised as the model wants them. */
dn_view dn_pass_input(const dn_pass *pass, float *memory);

/* dn_pass_run - the logits of the images there; returns where they lie, [classes][16]. */
const float *dn_pass_run(const dn_model *model, const dn_pass *pass, float *memory);

#endif
