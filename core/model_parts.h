/* model_parts.h - model bytes, drawn atop model.c: what model_write.c, which writes them,
 * model_read.c and model_layer.c, which read them, share.
 *
 *     expected += dn_stored_size(&spec->layers[i], r->precision);
 *     status = dn_model_read_parameters(r, &spec->layers[i], weights, stats); */
#ifndef DN_MODEL_PARTS_H
#define DN_MODEL_PARTS_H

#include "model.h"

#define DN_MODEL_MAGIC          "DIGITNET"
#define DN_MODEL_FORMAT_FLOAT32 1
#define DN_MODEL_FORMAT_FLOAT16 2
#define DN_MODEL_FORMAT_INT8    3
#define DN_MODEL_HEADER         52
#define DN_MODEL_CHECKED        16 /* where that which the checksum is of begins */
#define DN_MODEL_INTEGER_LABEL  0xffffffffu

/* To write or to read a number takes as long as some multiply-adds. */
#define DN_NUMBER_WORK ((int64_t)64)

static inline size_t dn_round4(size_t n) { return (n + 3) & ~(size_t)3; }

/* dn_stored_weights - weights of a layer that are stored; dn_stored_ends - the other
 * numbers, which follow them; dn_stored_size - bytes of all. */
size_t dn_stored_weights(const dn_layer *l, dn_precision precision);
size_t dn_stored_ends(const dn_layer *l, dn_precision precision);
size_t dn_stored_size(const dn_layer *l, dn_precision precision);

/* Bytes that are read. */
typedef struct dn_model_reader {
    dn_precision precision;
    int has_extras;
    int plain;                           /* weights are not packed */
    dn_int8_range image;                 /* of what reads the image in 8 bits */
    const dn_int8_kernels *int8_kernels; /* that layers in 8 bits are read for */
    const uint8_t *at, *end;             /* what is left */
    char *error;
    size_t error_size;
    dn_ask ask; /* while they are read */
} dn_model_reader;

/* dn_model_damaged - "model bytes are damaged: " and what. Returns DN_ERROR. */
int dn_model_damaged(dn_model_reader *r, const char *what);

/* dn_model_read_layer - layer i's numbers, packed as m uses them.
 * dn_model_read_parameters - the same into a parameter vector and a statistics vector.
 * There are as many bytes as dn_stored_size says. DN_OK, DN_ERROR and its sentence,
 * DN_NOMEM or DN_STOPPED. */
int dn_model_read_layer(dn_model_reader *r, dn_model *m, int i);
int dn_model_read_parameters(dn_model_reader *r, const dn_layer *l, float *w,
                             float *stats);

#endif
