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
 *                    4           step of its inputs, float32
 *                    4           their zero
 *                    4 [out]     steps of each output's weights, float32
 *                    4 [out]     bias, float32
 *                    1 …         weights, int8, filled up to 4 bytes with 0
 *
 * A machine of either byte order writes and reads the same bytes. */
#include <math.h>
#include <string.h>
#include "bytes.h"
#include "cost.h"
#include "error.h"
#include "input.h"
#include "layers/int8.h"
#include "layers/kind.h"
#include "memory.h"
#include "model.h"

#define MAGIC          "DIGITNET"
#define FORMAT_FLOAT32 1
#define FORMAT_FLOAT16 2
#define FORMAT_INT8    3
#define HEADER         52
#define CHECKED        16 /* where that which the checksum is of begins */
#define INTEGER_LABEL  0xffffffffu

/* By dn_precision. */
static const uint32_t formats[] = {FORMAT_FLOAT32, FORMAT_FLOAT16, FORMAT_INT8};

static size_t round4(size_t n) { return (n + 3) & ~(size_t)3; }

uint64_t dn_checksum_asking(const uint8_t *p, size_t size, dn_ask *ask) {
    const size_t piece = 1 << 18; /* bytes */
    uint64_t sum = DN_CHECKSUM_START;
    for (size_t at = 0, n; at < size && dn_go_on(ask, 16 * (int64_t)piece); at += n) {
        n = size - at < piece ? size - at : piece;
        sum = dn_checksum_add(sum, p + at, n);
    }
    return dn_checksum_end(sum);
}

/* --- writing ------------------------------------------------------------------------ */

/* Weights of a layer, and the other numbers that follow them. */
static size_t stored_weights(const dn_layer *l, dn_precision precision) {
    if (l->unit && precision != DN_KEEP_INT8) return 0;
    return (size_t)l->rows * (size_t)l->columns;
}

static size_t stored_ends(const dn_layer *l, dn_precision precision) {
    const int norm = l->norm && precision != DN_KEEP_INT8;
    return l->rows ? (size_t)l->out.c * (norm ? 4 : 1) : 0;
}

static size_t stored_size(const dn_layer *l, dn_precision precision) {
    const size_t weight = precision == DN_KEEP_FLOAT16 ? 2 : 4;
    const size_t weights = stored_weights(l, precision);
    if (l->int8 && precision == DN_KEEP_INT8)
        return 8 + 8 * (size_t)l->out.c + round4(weights);
    return round4(weight * weights) + 4 * stored_ends(l, precision);
}

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

/* To write or to read a number takes as long as some multiply-adds. */
#define NUMBER ((int64_t)64)

static int goes_on(const dn_content *content, int numbers) {
    return !content->ask || dn_go_on(content->ask, NUMBER * numbers);
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
    uint8_t *const steps = p + 8, *const biases = steps + 4 * out;
    int8_t *weights = (int8_t *)(biases + 4 * out);
    put_float(p, range->step);
    put32(p + 4, (uint32_t)range->zero);
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
            if (range->shift > 0 || range->shift < 0)
                put_float(biases + 4 * o,
                          get_float(biases + 4 * o) + q * step * range->shift);
        }
    memset(weights, 0, (size_t)(p + stored_size(l, DN_KEEP_INT8) - (uint8_t *)weights));
    return p + stored_size(l, DN_KEEP_INT8);
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
    uint8_t *const end = p + round4((content->precision == DN_KEEP_FLOAT16 ? 2 : 4) *
                                    stored_weights(l, content->precision));
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
    uint64_t n = HEADER + round4(text);
    for (int i = 0; i < spec->classes; i++) {
        const dn_label *label = &content->labels[i];
        n += 4 + (label->text ? round4(label->text_size) : 8);
    }
    const size_t extras = dn_extras_size(&content->extras);
    n += extras;
    const size_t head = (size_t)n;
    for (int i = 0; i < spec->n; i++)
        n += stored_size(&spec->layers[i], content->precision);
    uint8_t *start = n <= UINT32_MAX ? dn_room(heap, n) : NULL, *p = start;
    if (!p) return DN_NOMEM;
    memset(p, 0, head);
    memcpy(p, MAGIC, 8);
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
    memcpy(p + HEADER, spec->text, text);
    p += HEADER + round4(text);
    for (int i = 0; i < spec->classes; i++) {
        const dn_label *label = &content->labels[i];
        put32(p, label->text ? (uint32_t)label->text_size : INTEGER_LABEL);
        p += 4;
        if (label->text) {
            memcpy(p, label->text, label->text_size);
            p += round4(label->text_size);
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
    const uint64_t sum = dn_checksum_asking(start + CHECKED, (size_t)n - CHECKED, ask);
    if (ask->stopped) {
        dn_release(heap, start);
        return DN_STOPPED;
    }
    put64(start + DN_MODEL_CHECKSUM_AT, sum);
    *bytes = start;
    *size = (size_t)n;
    return DN_OK;
}

/* --- reading ------------------------------------------------------------------------ */

typedef struct reader {
    dn_precision precision;
    int has_extras;
    int plain;               /* weights are not packed */
    const uint8_t *at, *end; /* what is left */
    char *error;
    size_t error_size;
    dn_ask ask; /* while they are read */
} reader;

static int damaged(reader *r, const char *what) {
    return dn_fail(r->error, r->error_size, "model bytes are damaged: %s", what);
}

static int read_header(reader *r, dn_model *m, size_t size) {
    const uint8_t *p = r->at;
    if (size < HEADER || memcmp(p, MAGIC, 8) != 0)
        return dn_fail(r->error, r->error_size,
                       "not a model: %zu bytes that do not begin with '" MAGIC "'", size);
    const uint32_t format = get32(p + 16) & ~(uint32_t)DN_FORMAT_EXTRAS;
    if (format < FORMAT_FLOAT32 || format > FORMAT_INT8)
        return dn_fail(r->error, r->error_size,
                       "model bytes are of format %u; this version reads formats %d to "
                       "%d",
                       (unsigned)get32(p + 16), FORMAT_FLOAT32, FORMAT_INT8);
    m->precision = r->precision = (dn_precision)(format - FORMAT_FLOAT32);
    r->has_extras = format != get32(p + 16);
    if (get32(p + 20) != size)
        return dn_fail(r->error, r->error_size,
                       "model bytes are damaged: %zu bytes; expected %u", size,
                       (unsigned)get32(p + 20));
    if (size % 4 != 0)
        return dn_fail(r->error, r->error_size,
                       "model bytes are damaged: %zu bytes; expected a multiple of 4",
                       size);
    const uint64_t sum = dn_checksum_asking(p + CHECKED, size - CHECKED, &r->ask);
    if (r->ask.stopped) return DN_STOPPED;
    if (get64(p + DN_MODEL_CHECKSUM_AT) != sum) return damaged(r, "the checksum differs");
    r->end = p + size;

    dn_shape shape = {0, 0, 0};
    if (get32(p + 24) <= DN_MAX_SIDE) shape.h = (int)get32(p + 24);
    if (get32(p + 28) <= DN_MAX_SIDE) shape.w = (int)get32(p + 28);
    if (get32(p + 32) <= DN_MAX_CHANNELS) shape.c = (int)get32(p + 32);
    uint32_t classes = get32(p + 36), text = get32(p + 48);
    float std = get_float(p + 44);
    m->mean = get_float(p + 40);
    if (!(fabsf(m->mean) <= 1e6f && std >= 1e-6f && std <= 1e6f))
        return damaged(r, "mean and deviation of the pixels are out of range");
    m->inverse = 1.0f / std;
    if (text >= DN_MAX_TEXT || round4(text) > (size_t)(r->end - p) - HEADER)
        return damaged(r, "the notation is too long");
    char *layers = dn_new(&m->heap, (uint64_t)text + 1, 1);
    if (!layers) return DN_NOMEM;
    memcpy(layers, p + HEADER, text);
    r->at = p + HEADER + round4(text);
    const int status = dn_spec_parse(&m->spec, layers, shape,
                                     classes <= DN_MAX_CLASSES ? (int)classes : 0,
                                     &m->heap, r->error, r->error_size);
    dn_release(&m->heap, layers);
    for (int i = 0; i < m->spec.n && r->precision == DN_KEEP_INT8; i++)
        m->spec.layers[i].int8 = dn_int8_suits(&m->spec.layers[i]);
    return status;
}

/* One label; its text still lies in the bytes. */
static int read_label(reader *r, dn_label *label) {
    if (r->end - r->at < 4) return damaged(r, "labels are missing");
    const uint32_t length = get32(r->at);
    r->at += 4;
    const size_t rest = (size_t)(r->end - r->at);
    if (length != INTEGER_LABEL && length > rest) /* before it is rounded up */
        return damaged(r, "labels are missing");
    const size_t stored = length == INTEGER_LABEL ? 8 : round4(length);
    if (rest < stored) return damaged(r, "labels are missing");
    if (length == INTEGER_LABEL) {
        label->integer = (int64_t)get64(r->at);
    } else {
        label->text = (const char *)r->at;
        label->text_size = length;
    }
    r->at += stored;
    return DN_OK;
}

/* All labels; *texts is the size of their texts. */
static int read_labels(reader *r, dn_model *m, uint64_t *texts) {
    int status = DN_OK;
    *texts = 0;
    m->labels = dn_new(&m->heap, (uint64_t)m->spec.classes, sizeof *m->labels);
    if (!m->labels) return DN_NOMEM;
    for (int i = 0; i < m->spec.classes && status == DN_OK; i++) {
        status = read_label(r, &m->labels[i]);
        *texts += m->labels[i].text_size;
    }
    return status;
}

static int read_extras(reader *r, dn_model *m) {
    const size_t rest = (size_t)(r->end - r->at);
    if (!r->has_extras) return DN_OK;
    if (rest < 4 || get32(r->at) % 4 != 0 || get32(r->at) > rest - 4)
        return damaged(r, "sections are cut off");
    const size_t size = 4 + (size_t)get32(r->at);
    const char *why = dn_extras_get(&m->extras, r->at, size);
    r->at += size;
    return why ? damaged(r, why) : DN_OK;
}

/* The texts become the model's own, one after the other. */
static int keep_texts(dn_model *m, uint64_t size) {
    char *text = m->label_text = dn_new(&m->heap, size, 1);
    if (!text) return DN_NOMEM;
    for (int i = 0; i < m->spec.classes; i++) {
        dn_label *label = &m->labels[i];
        if (!label->text) continue;
        memcpy(text, label->text, label->text_size);
        label->text = text;
        text += label->text_size;
    }
    return DN_OK;
}

/* n floats; −1 if one of them is not finite. */
static int get_floats(reader *r, float *to, size_t n) {
    for (size_t i = 0; i < n; i++, r->at += 4) {
        to[i] = get_float(r->at);
        if (!(fabsf(to[i]) <= 3e38f)) return -1;
    }
    return 0;
}

/* n weights; −1 if one of them is not finite. */
static int get_weights(reader *r, float *to, size_t n) {
    if (r->precision != DN_KEEP_FLOAT16) return get_floats(r, to, n);
    for (size_t i = 0; i < n; i++, r->at += 2) {
        to[i] = get_half(r->at);
        if (!(fabsf(to[i]) <= 65504.0f)) return -1;
    }
    return 0;
}

/* How a layer's weights lie: column c of row i at i·row + c/16·block + c%16. */
typedef struct order {
    ptrdiff_t row, block;
} order;

static order in_rows(const dn_layer *l) { return (order){l->ld, DN_DENSE_BLOCK}; }

/* In a decoded model: dn_pack_blocks', where the kind has them so. */
static order in_model(const dn_layer *l) {
    if (!dn_kind_of(l)->blocks) return in_rows(l);
    return (order){DN_DENSE_BLOCK, (ptrdiff_t)l->rows * DN_DENSE_BLOCK};
}

static ptrdiff_t column_of(order at, int c) {
    return c / DN_DENSE_BLOCK * at.block + c % DN_DENSE_BLOCK;
}

/* Row i of the weights. 0, or -1 if one is not finite. */
static int get_row(reader *r, const dn_layer *l, float *w, order at, int i) {
    int bad = 0;
    float *row = w + i * at.row;
    if (at.block == DN_DENSE_BLOCK) return get_weights(r, row, (size_t)l->columns);
    for (int c = 0, n; c < l->columns && !bad; c += n) {
        n = l->columns - c < DN_DENSE_BLOCK ? l->columns - c : DN_DENSE_BLOCK;
        bad = get_weights(r, row + column_of(at, c), (size_t)n);
    }
    return bad;
}

/* Batch norm becomes part of the layer before it:
 *     gamma·(z − mean)/√(var + ε) + beta = scale·z + (beta − mean·scale) */
static int fold_norm(reader *r, const dn_layer *l, float *w, order at, float *bias,
                     const float *gamma, const float *mean, const float *variance) {
    const ptrdiff_t step = l->outputs_first ? 1 : at.row; /* from weight to weight */
    for (int o = 0; o < l->out.c; o++) {
        if (!dn_go_on(&r->ask, NUMBER * dn_layer_reads(l))) return DN_STOPPED;
        double scale = (double)gamma[o] / sqrt((double)variance[o] + DN_NORM_EPSILON);
        bias[o] = (float)((double)bias[o] - (double)mean[o] * scale);
        float *weight = w + (l->outputs_first ? o * at.row : column_of(at, o));
        for (int i = 0; i < dn_layer_reads(l); i++, weight += step)
            *weight = (float)((double)*weight * scale);
    }
    return DN_OK;
}

/* A layer in 8 bits: into q, and what its weights stand for into w, but where one of them
 * is NULL. */
static int read_int8(reader *r, const dn_layer *l, dn_int8 *q, const dn_heap *heap,
                     float *w, order at, float *bias) {
    const size_t out = (size_t)l->out.c;
    const uint8_t *const p = r->at, *const steps = p + 8;
    const float step = get_float(p);
    int bad = !(step >= 1e-30f && step <= 1e30f) || get32(p + 4) > 255;
    if (bad) return damaged(r, "what a layer reads is out of range");
    if (q && dn_int8_new(q, l, step, (int)get32(p + 4), heap) != DN_OK) return DN_NOMEM;
    for (size_t o = 0; o < out; o++) {
        const float scale = get_float(steps + 4 * o), both = step * scale;
        bad |= !(scale >= 1e-30f && scale <= 1e30f && both <= 1e30f);
        if (q) q->scale[o] = both;
    }
    r->at = steps + 4 * out;
    bad |= get_floats(r, bias, out);
    const int8_t *weight = (const int8_t *)r->at;
    for (int i = 0; i < l->rows && !bad && dn_go_on(&r->ask, NUMBER * l->columns); i++)
        for (int c = 0; c < l->columns; c++, weight++) {
            const int o = l->outputs_first ? i : c;
            bad |= *weight < -127;
            if (q) dn_int8_put(q, l, i, c, *weight);
            if (w)
                w[i * at.row + column_of(at, c)] = (float)*weight *
                                                   get_float(steps + 4 * o);
        }
    r->at = p + stored_size(l, DN_KEEP_INT8);
    if (r->ask.stopped) return DN_STOPPED;
    return bad ? damaged(r, "a weight is out of range") : DN_OK;
}

/* Batch norm of a layer into which it has been folded: it changes nothing. */
static void no_norm(const dn_layer *l, float *gamma, float *stats) {
    for (int o = 0; o < l->out.c; o++) {
        if (!l->unit) gamma[o] = 1;
        stats[o] = 0;
        stats[l->out.c + o] = (float)(1 - DN_NORM_EPSILON);
    }
}

/* One layer's numbers: weights in rows, bias, and with batch norm gamma, and mean and
 * variance one after the other. */
static int read_numbers(reader *r, const dn_layer *l, float *w, order at, float *bias,
                        float *gamma, float *stats) {
    const size_t out = (size_t)l->out.c;
    const uint8_t *const end = r->at + stored_size(l, r->precision) -
                               4 * stored_ends(l, r->precision);
    const int folded = r->precision == DN_KEEP_INT8, ones = l->unit && !folded;
    int bad = 0;
    for (int i = 0; i < l->rows && ones && w; i++) w[i] = 1;
    for (int i = 0;
         i < l->rows && !ones && !bad && dn_go_on(&r->ask, NUMBER * l->columns); i++)
        bad = get_row(r, l, w ? w : gamma, at, i);
    r->at = end;
    if (r->ask.stopped) return DN_STOPPED;
    if (bad || get_floats(r, bias, out)) return damaged(r, "a weight is not finite");
    if (!l->norm || folded) return DN_OK;
    bad = get_floats(r, gamma, out) || get_floats(r, stats, 2 * out);
    for (size_t o = 0; o < out && !bad; o++) bad = stats[out + o] < 0;
    return bad ? damaged(r, "batch norm's numbers are out of range") : DN_OK;
}

/* read_folded - the same, with batch norm folded into weights and bias. int8: of a layer
 * in 8 bits, or NULL. */
static int read_folded(reader *r, const dn_heap *heap, const dn_layer *l, dn_int8 *int8,
                       float *w, float *bias) {
    const size_t out = (size_t)l->out.c;
    const order at = r->plain ? in_rows(l) : in_model(l);
    if (l->int8) return read_int8(r, l, int8, heap, w, at, bias);
    if (!l->norm || r->precision == DN_KEEP_INT8)
        return read_numbers(r, l, w, at, bias, NULL, NULL);
    float *norm = dn_floats(heap, 3 * out);
    if (!norm) return DN_NOMEM;
    int status = read_numbers(r, l, w, at, bias, norm, norm + out);
    if (status == DN_OK)
        status = fold_norm(r, l, w, at, bias, norm, norm + out, norm + 2 * out);
    dn_floats_release(heap, norm);
    return status;
}

/* read_parameters - the same into a parameter vector and a statistics vector. */
static int read_parameters(reader *r, const dn_layer *l, float *w, float *stats) {
    if (!l->rows) return DN_OK;
    if (l->norm && r->precision == DN_KEEP_INT8)
        no_norm(l, w + l->gamma, stats + l->stat);
    if (l->int8) return read_int8(r, l, NULL, NULL, w + l->w, in_rows(l), w + l->bias);
    return read_numbers(r, l, l->unit ? NULL : w + l->w, in_rows(l), w + l->bias,
                        w + l->gamma, stats + l->stat);
}

/* read_size - whether what is left is as long as the notation says. */
static int read_size(reader *r, const dn_spec *spec) {
    uint64_t expected = 0;
    for (int i = 0; i < spec->n; i++)
        expected += (uint64_t)stored_size(&spec->layers[i], r->precision);
    if ((uint64_t)(r->end - r->at) == expected) return DN_OK;
    return damaged(r, "the number of weights does not fit the notation");
}

static int read_layer(reader *r, dn_model *m, int i) {
    const dn_layer *l = &m->spec.layers[i];
    const dn_layer_kind *kind = dn_kind_of(l);
    const dn_heap *heap = &m->heap;
    const dn_watch *watch = &r->ask.watch;
    dn_int8 *int8 = l->int8 && m->int8 ? &m->int8[i] : NULL;
    float *w = NULL;
    if (!l->rows) return DN_OK;
    /* A kernel may read 16 from any of them on. */
    m->bias[i] = dn_floats(heap, round16((uint64_t)l->out.c) + 16);
    if (!m->bias[i]) return DN_NOMEM;
    /* Kernels of single layout read them sixteen at a time. */
    int status =
        dn_floats_new(&w, heap, round16((uint64_t)l->rows * (uint64_t)l->ld), watch);
    if (!kind->packed_size || r->plain) {
        m->batch_weights[i] = w;
        if (!int8) m->single_weights[i] = w;
        return status == DN_OK ? read_folded(r, heap, l, int8, w, m->bias[i]) : status;
    }
    const uint64_t packed = kind->packed_size(l);
    if (status == DN_OK)
        status = dn_floats_new(&m->batch_weights[i], heap, packed, watch);
    if (status == DN_OK && !int8)
        status = dn_floats_new(&m->single_weights[i], heap, packed, watch);
    if (status == DN_OK) status = read_folded(r, heap, l, int8, w, m->bias[i]);
    if (status == DN_OK) {
        kind->pack_forward(m->batch_weights[i], w, l);
        if (!dn_go_on(&r->ask, r->ask.pace)) status = DN_STOPPED;
    }
    if (status == DN_OK && !int8) kind->pack_single(m->single_weights[i], w, l);
    dn_floats_release(heap, w);
    return status;
}

/* model_lists - of its layers, all NULL. */
static int model_lists(dn_model *m) {
    const uint64_t n = (uint64_t)m->spec.n;
    m->batch_weights = dn_new(&m->heap, 3 * n, sizeof *m->batch_weights);
    if (!m->batch_weights) return DN_NOMEM;
    m->single_weights = m->batch_weights + n;
    m->bias = m->single_weights + n;
    if (m->precision == DN_KEEP_INT8) {
        m->int8 = dn_new(&m->heap, n, sizeof *m->int8);
        if (!m->int8) return DN_NOMEM;
    }
    m->cost = dn_cost_predict(&m->spec);
    return dn_cost_is_known(&m->cost) ? DN_OK : DN_NOMEM;
}

/* takes_bytes - whether a pixel that is a byte is this very byte to all that read it. */
static int takes_bytes(const dn_model *m) {
    for (int i = 0; i < m->spec.n; i++) {
        const dn_layer *l = &m->spec.layers[i];
        uint8_t q[256 + 16];
        int reads = 0;
        for (int k = 0; k < l->froms; k++) reads |= l->from[k] < 0;
        if (!reads) continue;
        if (!l->int8) return 0;
        m->int8_kernels->bytes(q, m->input_table, 256, 1, 256, m->int8[i].inverse,
                               m->int8[i].zero);
        for (int k = 0; k < 256; k++)
            if (q[k] != k) return 0;
    }
    return 1;
}

/* model_new - an empty one; NULL: no memory. */
static dn_model *model_new(const dn_heap *heap) {
    dn_model *m = dn_new(heap, 1, sizeof *m);
    if (m) m->heap = *heap;
    return m;
}

/* read_head - all but the weights, if limits (NULL: none) allow them. */
static int read_head(reader *r, dn_model *m, size_t size, const dn_limits *limits) {
    uint64_t texts;
    int status = read_header(r, m, size);
    if (status == DN_OK) status = read_labels(r, m, &texts);
    if (status == DN_OK) status = read_extras(r, m);
    if (status == DN_OK) status = read_size(r, &m->spec);
    if (status == DN_OK && limits) {
        dn_cost cost = dn_cost_predict(&m->spec);
        cost.memory += 2 * texts; /* stored and kept */
        status = dn_cost_check(&cost, limits, "a prediction", r->error, r->error_size);
    }
    return status == DN_OK ? keep_texts(m, texts) : status;
}

static int decode(dn_model **out, reader r, size_t size, const dn_host *host) {
    const dn_heap heap = dn_heap_of(host);
    const dn_limits limits = dn_limits_of(host);
    *out = NULL;
    dn_model *m = model_new(&heap);
    if (!m) return DN_NOMEM;
    m->limits = limits;
    m->kernels = dn_kernels_best();
    m->int8_kernels = dn_int8_best();
    r.ask.pace = m->kernels->pace;
    if (host) r.ask.watch = host->watch;
    int status = read_head(&r, m, size, &limits);
    if (status == DN_OK) status = model_lists(m);
    for (int i = 0; i < m->spec.n && status == DN_OK; i++) status = read_layer(&r, m, i);
    if (status == DN_OK) {
        m->input_table = dn_floats(&m->heap, 256);
        if (m->input_table)
            dn_input_table(m->input_table, m->mean, m->inverse);
        else
            status = DN_NOMEM;
    }
    if (status == DN_OK && m->int8 && !r.plain) m->bytes = takes_bytes(m);
    if (status == DN_OK)
        *out = m;
    else
        dn_model_free(m);
    return status;
}

int dn_model_decode(dn_model **out, const void *bytes, size_t size, const dn_host *host,
                    char *error, size_t error_size) {
    const reader r = {.at = bytes, .error = error, .error_size = error_size};
    return decode(out, r, size, host);
}

int dn_model_decode_plain(dn_model **out, const void *bytes, size_t size,
                          const dn_host *host, char *error, size_t error_size) {
    const reader r = {.at = bytes, .error = error, .error_size = error_size, .plain = 1};
    return decode(out, r, size, host);
}

int dn_numbers_read(dn_numbers *out, const void *bytes, size_t size, const dn_host *host,
                    char *error, size_t error_size) {
    reader r = {.at = bytes, .error = error, .error_size = error_size};
    memset(out, 0, sizeof *out);
    out->heap = dn_heap_of(host);
    const dn_heap *heap = &out->heap;
    r.ask.pace = dn_kernels_best()->pace;
    if (host) r.ask.watch = host->watch;
    dn_model *head = model_new(heap);
    if (!head) return DN_NOMEM;
    int status = read_head(&r, head, size, NULL);
    if (status == DN_OK) {
        out->spec = head->spec;
        memset(&head->spec, 0, sizeof head->spec);
        out->mean = head->mean;
        out->precision = head->precision;
        out->extras = head->extras;
        out->std = get_float((const uint8_t *)bytes + 44);
        status = dn_floats_new(&out->weights, heap, out->spec.total, &r.ask.watch);
        out->stats = dn_floats(heap, out->spec.stats);
        if (status == DN_OK && !out->stats) status = DN_NOMEM;
    }
    for (int i = 0; i < out->spec.n && status == DN_OK; i++)
        status = read_parameters(&r, &out->spec.layers[i], out->weights, out->stats);
    out->labels = head->labels;
    out->label_text = head->label_text;
    head->labels = NULL;
    head->label_text = NULL;
    dn_model_free(head);
    return status;
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
