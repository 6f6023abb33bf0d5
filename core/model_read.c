/* model_read.c - model bytes, read: see model.c, which draws them. */
#include <math.h>
#include <string.h>
#include "bytes.h"
#include "cost.h"
#include "error.h"
#include "input.h"
#include "layers/int8.h"
#include "memory.h"
#include "model_parts.h"

static int read_header(dn_model_reader *r, dn_model *m, size_t size) {
    const uint8_t *p = r->at;
    if (size < DN_MODEL_HEADER || memcmp(p, DN_MODEL_MAGIC, 8) != 0)
        return dn_fail(
            r->error, r->error_size,
            "not a model: %zu bytes that do not begin with '" DN_MODEL_MAGIC "'", size);
    const uint32_t format = get32(p + 16) & ~(uint32_t)DN_FORMAT_EXTRAS;
    if (format < DN_MODEL_FORMAT_FLOAT32 || format > DN_MODEL_FORMAT_INT8)
        return dn_fail(r->error, r->error_size,
                       "model bytes are of format %u; this version reads formats %d to "
                       "%d",
                       (unsigned)get32(p + 16), DN_MODEL_FORMAT_FLOAT32,
                       DN_MODEL_FORMAT_INT8);
    m->precision = r->precision = (dn_precision)(format - DN_MODEL_FORMAT_FLOAT32);
    r->has_extras = format != get32(p + 16);
    if (get32(p + 20) != size)
        return dn_fail(r->error, r->error_size,
                       "model bytes are damaged: %zu bytes; expected %u", size,
                       (unsigned)get32(p + 20));
    if (size % 4 != 0)
        return dn_fail(r->error, r->error_size,
                       "model bytes are damaged: %zu bytes; expected a multiple of 4",
                       size);
    const uint64_t sum =
        dn_checksum_asking(p + DN_MODEL_CHECKED, size - DN_MODEL_CHECKED, &r->ask);
    if (r->ask.stopped) return DN_STOPPED;
    if (get64(p + DN_MODEL_CHECKSUM_AT) != sum)
        return dn_model_damaged(r, "the checksum differs");
    r->end = p + size;

    dn_shape shape = {0, 0, 0};
    if (get32(p + 24) <= DN_MAX_SIDE) shape.h = (int)get32(p + 24);
    if (get32(p + 28) <= DN_MAX_SIDE) shape.w = (int)get32(p + 28);
    if (get32(p + 32) <= DN_MAX_CHANNELS) shape.c = (int)get32(p + 32);
    uint32_t classes = get32(p + 36), text = get32(p + 48);
    float std = get_float(p + 44);
    m->mean = get_float(p + 40);
    if (!(fabsf(m->mean) <= 1e6f && std >= 1e-6f && std <= 1e6f))
        return dn_model_damaged(r, "mean and deviation of the pixels are out of range");
    m->inverse = 1.0f / std;
    r->image = dn_int8_image(m->mean, std);
    if (text >= DN_MAX_TEXT || dn_round4(text) > (size_t)(r->end - p) - DN_MODEL_HEADER)
        return dn_model_damaged(r, "the notation is too long");
    char *layers = dn_new(&m->heap, (uint64_t)text + 1, 1);
    if (!layers) return DN_NOMEM;
    memcpy(layers, p + DN_MODEL_HEADER, text);
    r->at = p + DN_MODEL_HEADER + dn_round4(text);
    const int status = dn_spec_parse(&m->spec, layers, shape,
                                     classes <= DN_MAX_CLASSES ? (int)classes : 0,
                                     &m->heap, r->error, r->error_size);
    dn_release(&m->heap, layers);
    for (int i = 0; i < m->spec.n && r->precision == DN_KEEP_INT8; i++)
        m->spec.layers[i].int8 = dn_int8_suits(&m->spec.layers[i]);
    return status;
}

/* One label; its text still lies in the bytes. */
static int read_label(dn_model_reader *r, dn_label *label) {
    if (r->end - r->at < 4) return dn_model_damaged(r, "labels are missing");
    const uint32_t length = get32(r->at);
    r->at += 4;
    const size_t rest = (size_t)(r->end - r->at);
    if (length != DN_MODEL_INTEGER_LABEL && length > rest) /* before it is rounded up */
        return dn_model_damaged(r, "labels are missing");
    const size_t stored = length == DN_MODEL_INTEGER_LABEL ? 8 : dn_round4(length);
    if (rest < stored) return dn_model_damaged(r, "labels are missing");
    if (length == DN_MODEL_INTEGER_LABEL) {
        label->integer = (int64_t)get64(r->at);
    } else {
        label->text = (const char *)r->at;
        label->text_size = length;
    }
    r->at += stored;
    return DN_OK;
}

/* All labels; *texts is the size of their texts. */
static int read_labels(dn_model_reader *r, dn_model *m, uint64_t *texts) {
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

static int read_extras(dn_model_reader *r, dn_model *m) {
    const size_t rest = (size_t)(r->end - r->at);
    if (!r->has_extras) return DN_OK;
    if (rest < 4 || get32(r->at) % 4 != 0 || get32(r->at) > rest - 4)
        return dn_model_damaged(r, "sections are cut off");
    const size_t size = 4 + (size_t)get32(r->at);
    const char *why = dn_extras_get(&m->extras, r->at, size);
    r->at += size;
    return why ? dn_model_damaged(r, why) : DN_OK;
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

/* read_size - whether what is left is as long as the notation says. */
static int read_size(dn_model_reader *r, const dn_spec *spec) {
    uint64_t expected = 0;
    for (int i = 0; i < spec->n; i++)
        expected += (uint64_t)dn_stored_size(&spec->layers[i], r->precision);
    if ((uint64_t)(r->end - r->at) == expected) return DN_OK;
    return dn_model_damaged(r, "the number of weights does not fit the notation");
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
static int read_head(dn_model_reader *r, dn_model *m, size_t size,
                     const dn_limits *limits) {
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

static int decode(dn_model **out, dn_model_reader r, size_t size, const dn_host *host) {
    const dn_heap heap = dn_heap_of(host);
    const dn_limits limits = dn_limits_of(host);
    *out = NULL;
    dn_model *m = model_new(&heap);
    if (!m) return DN_NOMEM;
    m->limits = limits;
    m->kernels = dn_kernels_best();
    m->int8_kernels = r.int8_kernels = dn_int8_best();
    r.ask.pace = m->kernels->pace;
    if (host) r.ask.watch = host->watch;
    int status = read_head(&r, m, size, &limits);
    if (status == DN_OK) status = model_lists(m);
    for (int i = 0; i < m->spec.n && status == DN_OK; i++)
        status = dn_model_read_layer(&r, m, i);
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
    const dn_model_reader r = {.at = bytes, .error = error, .error_size = error_size};
    return decode(out, r, size, host);
}

int dn_model_decode_plain(dn_model **out, const void *bytes, size_t size,
                          const dn_host *host, char *error, size_t error_size) {
    const dn_model_reader r = {
        .at = bytes, .error = error, .error_size = error_size, .plain = 1};
    return decode(out, r, size, host);
}

int dn_numbers_read(dn_numbers *out, const void *bytes, size_t size, const dn_host *host,
                    char *error, size_t error_size) {
    dn_model_reader r = {.at = bytes, .error = error, .error_size = error_size};
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
        status =
            dn_model_read_parameters(&r, &out->spec.layers[i], out->weights, out->stats);
    out->labels = head->labels;
    out->label_text = head->label_text;
    head->labels = NULL;
    head->label_text = NULL;
    dn_model_free(head);
    return status;
}
