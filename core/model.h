/* model.h - a trained network as core's own files see it, and its bytes. */
#ifndef DN_MODEL_H
#define DN_MODEL_H

#include "dn.h"
#include "kernels.h"
#include "layout.h"
#include "spec.h"

struct dn_model {
    dn_spec spec;
    dn_label *labels; /* [classes]; texts lie in label_text */
    char *label_text;
    float mean, inverse; /* inputs become (x − mean)·inverse */
    const dn_kernels *kernels;
    float *input_table; /* [256]: what a uint8 pixel becomes */
    /* Ready to use, one of each a layer, NULL where it has no use for it: */
    float *batch_weights[DN_MAX_LAYERS + 1];  /* conv: packed; dense: [in][ld] */
    float *single_weights[DN_MAX_LAYERS + 1]; /* conv: packed; dense: the same pointer */
    float *bias[DN_MAX_LAYERS + 1]; /* [out rounded up to 16], zeros at the end */
};

/* dn_pass - a forward pass of 16 images in the batch layout: where its buffers lie in a
 * memory of size floats, zeros at first. maps[0] is the input, maps[i + 1] what layer i
 * writes; a layer that writes nothing of its own (dropout, a convolution whose pool is
 * computed with it) has none. */
typedef struct dn_pass {
    dn_maps maps[DN_MAX_LAYERS + 2];
    size_t at[DN_MAX_LAYERS + 2]; /* where a buffer begins, in floats */
    size_t work;                  /* where working memory of convolutions begins */
    size_t size;                  /* of it all */
} dn_pass;

void dn_pass_plan(dn_pass *pass, const dn_spec *spec);

/* dn_pass_input - where the images go, standardised as the model wants them. */
dn_view dn_pass_input(const dn_pass *pass, float *memory);

/* dn_pass_run - the logits of the images there; returns where they lie, [classes][16]. */
const float *dn_pass_run(const dn_model *model, const dn_pass *pass, float *memory);

/* What goes into model bytes, wherever it comes from. */
typedef struct dn_content {
    const dn_spec *spec;
    const dn_label *labels; /* [spec.classes] */
    float mean, std;
    const float *weights; /* parameter vector, spec.total floats, rows filled to ld */
    const float *stats;   /* statistics vector, spec.stats floats */
    double temperature;   /* the output layer's numbers are divided by it */
    dn_precision precision;
} dn_content;

/* dn_model_encode - model bytes (drawn atop model.c), malloc'd. DN_OK or DN_NOMEM. */
int dn_model_encode(void **bytes, size_t *size, const dn_content *content);

/* Model bytes, read to be trained further: what dn_content would write again. */
typedef struct dn_numbers {
    dn_spec spec;
    dn_label *labels; /* [spec.classes]; texts lie in label_text */
    char *label_text;
    float mean, std;
    float *weights; /* parameter vector, spec.total floats; with batch norm not folded */
    float *stats;   /* statistics vector, spec.stats floats */
} dn_numbers;

/* dn_numbers_read - DN_OK, or DN_ERROR and why the bytes are no model's, or DN_NOMEM. Free
 * with dn_numbers_clear, also after an error. */
int dn_numbers_read(dn_numbers *out, const void *bytes, size_t size, char *error,
                    size_t error_size);
void dn_numbers_clear(dn_numbers *numbers);

/* dn_same_label - whether two classes are called the same: 1 or 0. */
int dn_same_label(const dn_label *a, const dn_label *b);

#endif
