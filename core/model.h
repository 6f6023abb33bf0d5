/* model.h - a trained network as core's own files see it, and its bytes. */
#ifndef DN_MODEL_H
#define DN_MODEL_H

#include "cost.h"
#include "dn.h"
#include "extras.h"
#include "int8.h"
#include "kernels.h"
#include "spec.h"
#include "watch.h"
#include "walk.h"

struct dn_model {
    dn_heap heap;     /* it came from */
    dn_limits limits; /* of a call, as the host set them then */
    dn_spec spec;
    dn_label *labels; /* [classes]; texts lie in label_text */
    char *label_text;
    float mean, inverse; /* inputs become (x − mean)·inverse */
    dn_extras extras;
    const dn_kernels *kernels;
    float *input_table; /* [256]: what a uint8 pixel becomes */
    /* Ready to use, one of each a layer, NULL where it has no use for it: */
    float **batch_weights;  /* conv: packed; dense: in blocks */
    float **single_weights; /* conv: packed; dense: the same pointer */
    float **bias;           /* [out rounded up to 16 and 16 more], zeros at the end */
    dn_precision precision; /* of the stored weights */
    dn_int8 *int8; /* of a quantised model: of its layers in 8 bits, which have no
                               single_weights; NULL: it is none */
    const dn_int8_kernels *int8_kernels;
    int bytes;    /* all layers that read the image are in 8 bits, and take its pixels, if
                  they are bytes, as they are */
    dn_cost cost; /* of one prediction */
};

/* dn_model_pass - a pass of a group through it, in memory of dn_walk_size floats. For one
 * image the weights are single_weights. */
dn_pass dn_model_pass(const dn_model *model, const dn_walk *walk, float *memory);

/* dn_model_decode_plain - as dn_model_decode (dn.h), but batch_weights lie as a layer has
 * them, [rows][ld], with batch norm folded, and single_weights are the same: not to
 * predict with. */
int dn_model_decode_plain(dn_model **out, const void *bytes, size_t size,
                          const dn_host *host, char *error, size_t error_size);

/* What a layer in 8 bits reads, by calibration: dn_int8's step and zero. */
typedef struct dn_int8_range {
    float step; /* 1e-30..1e30 */
    float zero; /* an integer, 0..255; of the image any number */
} dn_int8_range;

/* dn_int8_image - what a layer that reads the image reads: its bytes. */
static inline dn_int8_range dn_int8_image(float mean, float std) {
    return (dn_int8_range){1 / (255 * std), 255 * mean};
}

/* Why an int8 model is not written as something else: "an ONNX file". */
#define DN_IN_INT8                                                                       \
    "the model is in int8, whose integer arithmetic %s does not have; export the model " \
    "that it was made from"

/* dn_checksum_asking - dn_checksum (bytes.h), which has no meaning once ask says to
 * stop. */
uint64_t dn_checksum_asking(const uint8_t *p, size_t size, dn_ask *ask);

/* What goes into model bytes, wherever it comes from. Something new that a model is to
 * carry is a section: a field of dn_extras and a row in extras.c; who writes models sets
 * it here, and finds it again in dn_model and dn_numbers. */
typedef struct dn_content {
    const dn_spec *spec;
    const dn_label *labels; /* [spec.classes] */
    float mean, std;
    const float *weights; /* parameter vector, spec.total floats, rows filled to ld */
    const float *stats;   /* statistics vector, spec.stats floats */
    double temperature;   /* the output layer's numbers are divided by it */
    dn_precision precision;
    /* Of DN_KEEP_INT8, in place of weights and stats: a model decoded plain, and what its
     * layers in 8 bits read; temperature is 1. */
    const dn_model *plain;
    const dn_int8_range *ranges; /* [spec.n] */
    dn_extras extras;            /* zeros: the bytes of version 0.1 */
    dn_ask *ask; /* the caller's, asked while they are written; NULL: nobody */
} dn_content;

/* dn_model_encode - model bytes (drawn atop model.c), which the caller releases to the
 * heap. DN_OK, DN_NOMEM or DN_STOPPED. */
int dn_model_encode(void **bytes, size_t *size, const dn_content *content,
                    const dn_heap *heap);

/* Model bytes, read to be trained further: what dn_content would write again. */
typedef struct dn_numbers {
    dn_heap heap; /* it came from */
    dn_spec spec;
    dn_label *labels; /* [spec.classes]; texts lie in label_text */
    char *label_text;
    float mean, std;
    dn_precision precision; /* they were stored in; int8: weights are what the bytes stand
                               for, and batch norm has been folded into them */
    dn_extras extras;
    float *weights; /* parameter vector, spec.total floats; with batch norm not folded */
    float *stats;   /* statistics vector, spec.stats floats */
} dn_numbers;

/* dn_numbers_read - DN_OK, or DN_ERROR and why the bytes are no model's, DN_NOMEM or
 * DN_STOPPED. host: its heap, and its watch is asked; may be NULL. Free with
 * dn_numbers_clear, also after an error. */
int dn_numbers_read(dn_numbers *out, const void *bytes, size_t size, const dn_host *host,
                    char *error, size_t error_size);
void dn_numbers_clear(dn_numbers *numbers);

/* dn_same_label - whether two classes are called the same: 1 or 0. */
int dn_same_label(const dn_label *a, const dn_label *b);

#endif
