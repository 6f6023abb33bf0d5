/* model_layer.c - a layer's numbers in model bytes, read: see model_parts.h. */
#include <math.h>
#include "bytes.h"
#include "layers/int8.h"
#include "layers/kind.h"
#include "memory.h"
#include "model_parts.h"

/* n floats; −1 if one of them is not finite. */
static int get_floats(dn_model_reader *r, float *to, size_t n) {
    for (size_t i = 0; i < n; i++, r->at += 4) {
        to[i] = get_float(r->at);
        if (!(fabsf(to[i]) <= 3e38f)) return -1;
    }
    return 0;
}

/* n weights; −1 if one of them is not finite. */
static int get_weights(dn_model_reader *r, float *to, size_t n) {
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
static int get_row(dn_model_reader *r, const dn_layer *l, float *w, order at, int i) {
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
static int fold_norm(dn_model_reader *r, const dn_layer *l, float *w, order at,
                     float *bias, const float *gamma, const float *mean,
                     const float *variance) {
    const ptrdiff_t step = l->outputs_first ? 1 : at.row; /* from weight to weight */
    for (int o = 0; o < l->out.c; o++) {
        if (!dn_go_on(&r->ask, DN_NUMBER_WORK * dn_layer_reads(l))) return DN_STOPPED;
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
static int read_int8(dn_model_reader *r, const dn_layer *l, dn_int8 *q,
                     const dn_heap *heap, float *w, order at, float *bias) {
    const size_t out = (size_t)l->out.c;
    const uint8_t *const end = r->at + dn_stored_size(l, DN_KEEP_INT8);
    dn_int8_range range = r->image;
    if (!dn_int8_of_image(l)) {
        range = (dn_int8_range){get_float(r->at), (float)get32(r->at + 4)};
        if (!(range.step >= 1e-30f && range.step <= 1e30f) || get32(r->at + 4) > 255)
            return dn_model_damaged(r, "the step of a layer's input is out of range");
        r->at += 8;
    }
    if (q && dn_int8_new(q, l, range.step, range.zero, r->int8_kernels, heap) != DN_OK)
        return DN_NOMEM;
    const uint8_t *const steps = r->at;
    int bad = 0;
    for (size_t o = 0; o < out; o++) {
        const float scale = get_float(steps + 4 * o), both = range.step * scale;
        bad |= !(scale >= 1e-30f && scale <= 1e30f && both <= 1e30f);
        if (q) q->scale[o] = both;
    }
    r->at = steps + 4 * out;
    bad |= get_floats(r, bias, out);
    for (size_t o = 0; o < out && !bad; o++)
        bad =
            !dn_int8_holds(l, range.zero, range.step * get_float(steps + 4 * o), bias[o]);
    const int8_t *weight = (const int8_t *)r->at;
    for (int i = 0; i < l->rows && !bad && dn_go_on(&r->ask, DN_NUMBER_WORK * l->columns);
         i++)
        for (int c = 0; c < l->columns; c++, weight++) {
            const int o = l->outputs_first ? i : c;
            bad |= *weight < -127;
            if (q) dn_int8_put(q, l, i, c, *weight);
            if (w)
                w[i * at.row + column_of(at, c)] = (float)*weight *
                                                   get_float(steps + 4 * o);
        }
    r->at = end;
    if (q && !bad) dn_int8_place(q, l, bias, &r->ask);
    if (r->ask.stopped) return DN_STOPPED;
    return bad ? dn_model_damaged(r, "a weight is out of range") : DN_OK;
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
static int read_numbers(dn_model_reader *r, const dn_layer *l, float *w, order at,
                        float *bias, float *gamma, float *stats) {
    const size_t out = (size_t)l->out.c;
    const uint8_t *const end = r->at + dn_stored_size(l, r->precision) -
                               4 * dn_stored_ends(l, r->precision);
    const int folded = r->precision == DN_KEEP_INT8, ones = l->unit && !folded;
    int bad = 0;
    for (int i = 0; i < l->rows && ones && w; i++) w[i] = 1;
    for (int i = 0;
         i < l->rows && !ones && !bad && dn_go_on(&r->ask, DN_NUMBER_WORK * l->columns);
         i++)
        bad = get_row(r, l, w ? w : gamma, at, i);
    r->at = end;
    if (r->ask.stopped) return DN_STOPPED;
    if (bad || get_floats(r, bias, out))
        return dn_model_damaged(r, "a weight is not finite");
    if (!l->norm || folded) return DN_OK;
    bad = get_floats(r, gamma, out) || get_floats(r, stats, 2 * out);
    for (size_t o = 0; o < out && !bad; o++) bad = stats[out + o] < 0;
    return bad ? dn_model_damaged(r, "batch norm's numbers are out of range") : DN_OK;
}

/* read_folded - the same, with batch norm folded into weights and bias. int8: of a layer
 * in 8 bits, or NULL. */
static int read_folded(dn_model_reader *r, const dn_heap *heap, const dn_layer *l,
                       dn_int8 *int8, float *w, float *bias) {
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

int dn_model_read_parameters(dn_model_reader *r, const dn_layer *l, float *w,
                             float *stats) {
    if (!l->rows) return DN_OK;
    if (l->norm && r->precision == DN_KEEP_INT8)
        no_norm(l, w + l->gamma, stats + l->stat);
    if (l->int8) return read_int8(r, l, NULL, NULL, w + l->w, in_rows(l), w + l->bias);
    return read_numbers(r, l, l->unit ? NULL : w + l->w, in_rows(l), w + l->bias,
                        w + l->gamma, stats + l->stat);
}

int dn_model_read_layer(dn_model_reader *r, dn_model *m, int i) {
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
