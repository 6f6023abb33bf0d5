/* model_write.c - model bytes, written: see model.c, which draws them. */
#include <math.h>
#include <string.h>
#include "bytes.h"
#include "layers/int8.h"
#include "memory.h"
#include "model_parts.h"

/* By dn_precision. */
static const uint32_t formats[] = {DN_MODEL_FORMAT_FLOAT32, DN_MODEL_FORMAT_FLOAT16,
                                   DN_MODEL_FORMAT_INT8};

static uint8_t *put_floats(uint8_t *p, const float *values, size_t n, float divisor) {
    for (size_t i = 0; i < n; i++, p += 4) put_float(p, values[i] / divisor);
    return p;
}

static uint8_t *put_weights(uint8_t *p, const float *values, size_t n, float divisor,
                            dn_precision precision) {
    if (precision == DN_KEEP_FLOAT32) return put_floats(p, values, n, divisor);
    for (size_t i = 0; i < n; i++, p += 2) put_half(p, values[i] / divisor);
    return p;
}

static int goes_on(const dn_content *content, int numbers) {
    return !content->ask || dn_go_on(content->ask, DN_NUMBER_WORK * numbers);
}

/* The largest magnitude of the weights of an output. */
static float largest(const dn_layer *l, const float *w, int o) {
    const ptrdiff_t step = l->outputs_first ? 1 : l->ld;
    float most = 0;
    w += l->outputs_first ? (ptrdiff_t)o * l->ld : o;
    for (int i = 0; i < dn_layer_reads(l); i++) most = fmaxf(most, fabsf(w[i * step]));
    return most;
}

/* put_int8 - a layer in 8 bits; w [rows][ld], batch norm folded. */
static uint8_t *put_int8(uint8_t *p, const dn_layer *l, const dn_content *content,
                         const float *w, const float *bias, const dn_int8_range *range) {
    const size_t out = (size_t)l->out.c;
    uint8_t *const end = p + dn_stored_size(l, DN_KEEP_INT8);
    if (!dn_int8_of_image(l)) {
        put_float(p, range->step);
        put32(p + 4, (uint32_t)range->zero);
        p += 8;
    }
    uint8_t *const steps = p, *const biases = steps + 4 * out;
    int8_t *weights = (int8_t *)(biases + 4 * out);
    for (int o = 0; o < l->out.c && goes_on(content, dn_layer_reads(l)); o++) {
        const float most = largest(l, w, o);
        put_float(steps + 4 * o, most > 1e-30f ? most / 127 : 1e-30f);
        put_float(biases + 4 * o, bias[o]);
    }
    for (int r = 0; r < l->rows && goes_on(content, l->columns); r++)
        for (int c = 0; c < l->columns; c++) {
            const int o = l->outputs_first ? r : c;
            const float step = get_float(steps + 4 * o);
            const float q = rintf(w[(size_t)r * (size_t)l->ld + (size_t)c] / step);
            *weights++ = (int8_t)fmaxf(-127, fminf(q, 127));
        }
    memset(weights, 0, (size_t)(end - (uint8_t *)weights));
    return end;
}

/* put_folded - a layer of a quantised model. */
static uint8_t *put_folded(uint8_t *p, const dn_content *content, int i) {
    const dn_layer *l = &content->spec->layers[i];
    const float *w = content->plain->batch_weights[i], *bias = content->plain->bias[i];
    if (l->int8) return put_int8(p, l, content, w, bias, &content->ranges[i]);
    for (int r = 0; r < l->rows && goes_on(content, l->columns); r++)
        p = put_floats(p, w + (size_t)r * (size_t)l->ld, (size_t)l->columns, 1);
    return l->rows ? put_floats(p, bias, (size_t)l->out.c, 1) : p;
}

static uint8_t *put_layer(uint8_t *p, const dn_layer *l, const dn_content *content,
                          float divisor) {
    const float *w = content->weights;
    const size_t out = (size_t)l->out.c;
    uint8_t *const end = p + dn_round4((content->precision == DN_KEEP_FLOAT16 ? 2 : 4) *
                                       dn_stored_weights(l, content->precision));
    if (!l->rows) return p;
    if (end > p) memset(end - 2, 0, 2); /* what fills float16 up */
    for (int r = 0; end > p && r < l->rows && goes_on(content, l->columns); r++)
        p = put_weights(p, w + l->w + (size_t)r * (size_t)l->ld, (size_t)l->columns,
                        divisor, content->precision);
    p = put_floats(end, w + l->bias, out, divisor);
    if (!l->norm) return p;
    p = put_floats(p, w + l->gamma, out, 1);
    return put_floats(p, content->stats + l->stat, 2 * out, 1);
}

int dn_model_encode(void **bytes, size_t *size, const dn_content *content,
                    const dn_heap *heap) {
    const dn_spec *spec = content->spec;
    const size_t text = strlen(spec->text);
    uint64_t n = DN_MODEL_HEADER + dn_round4(text);
    for (int i = 0; i < spec->classes; i++) {
        const dn_label *label = &content->labels[i];
        n += 4 + (label->text ? dn_round4(label->text_size) : 8);
    }
    const size_t extras = dn_extras_size(&content->extras);
    n += extras;
    const size_t head = (size_t)n;
    for (int i = 0; i < spec->n; i++)
        n += dn_stored_size(&spec->layers[i], content->precision);
    uint8_t *start = n <= UINT32_MAX ? dn_room(heap, n) : NULL, *p = start;
    if (!p) return DN_NOMEM;
    memset(p, 0, head);
    memcpy(p, DN_MODEL_MAGIC, 8);
    put32(p + 16,
          formats[content->precision] + (extras ? (uint32_t)DN_FORMAT_EXTRAS : 0));
    put32(p + 20, (uint32_t)n);
    put32(p + 24, (uint32_t)spec->shape.h);
    put32(p + 28, (uint32_t)spec->shape.w);
    put32(p + 32, (uint32_t)spec->shape.c);
    put32(p + 36, (uint32_t)spec->classes);
    put_float(p + 40, content->mean);
    put_float(p + 44, content->std);
    put32(p + 48, (uint32_t)text);
    memcpy(p + DN_MODEL_HEADER, spec->text, text);
    p += DN_MODEL_HEADER + dn_round4(text);
    for (int i = 0; i < spec->classes; i++) {
        const dn_label *label = &content->labels[i];
        put32(p, label->text ? (uint32_t)label->text_size : DN_MODEL_INTEGER_LABEL);
        p += 4;
        if (label->text) {
            memcpy(p, label->text, label->text_size);
            p += dn_round4(label->text_size);
        } else {
            put64(p, (uint64_t)label->integer);
            p += 8;
        }
    }
    p = dn_extras_put(p, &content->extras);
    for (int i = 0; i < spec->n; i++)
        p = content->precision == DN_KEEP_INT8
                ? put_folded(p, content, i)
                : put_layer(p, &spec->layers[i], content,
                            i == spec->n - 1 ? (float)content->temperature : 1.0f);
    dn_ask nobody = {0}, *ask = content->ask ? content->ask : &nobody;
    const uint64_t sum =
        dn_checksum_asking(start + DN_MODEL_CHECKED, (size_t)n - DN_MODEL_CHECKED, ask);
    if (ask->stopped) {
        dn_release(heap, start);
        return DN_STOPPED;
    }
    put64(start + DN_MODEL_CHECKSUM_AT, sum);
    *bytes = start;
    *size = (size_t)n;
    return DN_OK;
}
