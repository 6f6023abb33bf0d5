/* model.c - model bytes: what a trained network is when it is stored.
 *
 *     offset  bytes  little-endian throughout
 *     0       8      "DIGITNET"
 *     8       8      checksum of all that follows (bytes.h): here at the front, where it
 *                    is cheap to read from a database without the rest
 *     16      4      format version: 1; 2 where the layers' weights are float16; 3 where
 *                    the model is quantised; 256 more where there are optional sections
 *     20      4      size of all of this in bytes, a multiple of 4
 *     24      12     height, width, channels of an image
 *     36      4      number of classes
 *     40      4      float32  mean of the training pixels
 *     44      4      float32  their standard deviation
 *     48      4      length of the layer notation, then it, filled up to 4 bytes with 0
 *     …              each class's label: 0xffffffff and 8 bytes for an integer, or the
 *                    length of a text and the text, filled up with 0
 *     …              optional sections, only where the version says so: extras.h
 *     …              each layer's numbers, float32, in the notation's order, output last:
 *                    convolution [out][in][k][k], dense [in][out] with a map's inputs in
 *                    the order [c][h][w]; then the bias [out], or with batch norm beta,
 *                    gamma, mean, variance [out] each. In version 2 the weights before
 *                    the bias are float16, filled up to 4 bytes with 0. In version 3
 *                    batch norm is folded into weights and bias, and has no numbers; of
 *                    a layer in 8 bits (dn_int8_suits) there are, as int8.h has them:
 *
 *                    4           step of its inputs, float32, and
 *                    4           their zero; neither if they are the image's pixels
 *                    4 [out]     steps of each output's weights, float32
 *                    4 [out]     bias, float32
 *                    1 …         weights, int8, filled up to 4 bytes with 0
 *
 * A machine of either byte order writes and reads the same bytes. */
#include <string.h>
#include "bytes.h"
#include "error.h"
#include "layers/int8.h"
#include "memory.h"
#include "model_parts.h"

uint64_t dn_checksum_asking(const uint8_t *p, size_t size, dn_ask *ask) {
    const size_t piece = 1 << 18; /* bytes */
    uint64_t sum = DN_CHECKSUM_START;
    for (size_t at = 0, n; at < size && dn_go_on(ask, 16 * (int64_t)piece); at += n) {
        n = size - at < piece ? size - at : piece;
        sum = dn_checksum_add(sum, p + at, n);
    }
    return dn_checksum_end(sum);
}

/* Weights of a layer, and the other numbers that follow them. */
size_t dn_stored_weights(const dn_layer *l, dn_precision precision) {
    if (l->unit && precision != DN_KEEP_INT8) return 0;
    return (size_t)l->rows * (size_t)l->columns;
}

size_t dn_stored_ends(const dn_layer *l, dn_precision precision) {
    const int norm = l->norm && precision != DN_KEEP_INT8;
    return l->rows ? (size_t)l->out.c * (norm ? 4 : 1) : 0;
}

size_t dn_stored_size(const dn_layer *l, dn_precision precision) {
    const size_t weight = precision == DN_KEEP_FLOAT16 ? 2 : 4;
    const size_t weights = dn_stored_weights(l, precision);
    if (l->int8 && precision == DN_KEEP_INT8)
        return (dn_int8_of_image(l) ? 0 : 8) + 8 * (size_t)l->out.c + dn_round4(weights);
    return dn_round4(weight * weights) + 4 * dn_stored_ends(l, precision);
}

int dn_model_damaged(dn_model_reader *r, const char *what) {
    return dn_fail(r->error, r->error_size, "model bytes are damaged: %s", what);
}

void dn_numbers_clear(dn_numbers *numbers) {
    const dn_heap heap = numbers->heap;
    dn_floats_release(&heap, numbers->weights);
    dn_floats_release(&heap, numbers->stats);
    dn_release(&heap, numbers->labels);
    dn_release(&heap, numbers->label_text);
    dn_spec_clear(&numbers->spec);
    memset(numbers, 0, sizeof *numbers);
}

int dn_same_label(const dn_label *a, const dn_label *b) {
    if (!a->text || !b->text) return !a->text && !b->text && a->integer == b->integer;
    return a->text_size == b->text_size && memcmp(a->text, b->text, a->text_size) == 0;
}

void dn_model_free(dn_model *m) {
    if (!m) return;
    const dn_heap heap = m->heap;
    for (int i = 0; i < m->spec.n && m->batch_weights; i++) {
        if (m->single_weights[i] != m->batch_weights[i])
            dn_floats_release(&heap, m->single_weights[i]);
        dn_floats_release(&heap, m->batch_weights[i]);
        dn_floats_release(&heap, m->bias[i]);
        if (m->int8) dn_int8_free(&m->int8[i], &heap);
    }
    dn_release(&heap, m->int8);
    dn_release(&heap, m->batch_weights);
    dn_spec_clear(&m->spec);
    dn_floats_release(&heap, m->input_table);
    dn_release(&heap, m->labels);
    dn_release(&heap, m->label_text);
    dn_release(&heap, m);
}

dn_pass dn_model_pass(const dn_model *m, const dn_walk *walk, float *memory) {
    return (dn_pass){.walk = walk,
                     .kernels = m->kernels,
                     .groups = 1,
                     .kept = memory,
                     .work = memory + walk->kept_size,
                     .weights = m->batch_weights,
                     .bias = m->bias,
                     .int8_kernels = m->int8_kernels,
                     .int8 = m->int8,
                     .ask = {.pace = m->kernels->pace}};
}

void dn_model_get_info(const dn_model *m, dn_model_info *info) {
    const dn_layer *output = &m->spec.layers[m->spec.n - 1];
    info->layers = m->spec.text;
    info->shape = m->spec.shape;
    info->classes = m->spec.classes;
    info->labels = m->labels;
    info->embedding = output->in.c * output->in.h * output->in.w;
    info->parameters = m->spec.parameters;
    info->memory = m->cost.memory;
    info->work = m->cost.work;
    info->mean = m->mean;
    info->std = 1 / m->inverse;
    info->picture = m->extras.picture;
    info->precision = m->precision;
}
