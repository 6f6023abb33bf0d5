/* own.c - files that dn_onnx_export wrote: see own.h.
 *
 * The notation is in the metadata entry 'layers', the numbers are in tensors whose names
 * export.c gives. Nothing of that is believed: what was read is written as a file again,
 * and unless that is the same bytes, the file's graph is read as any other's. So it is
 * where a number is none that model bytes may have: the graph's reader names its node. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "../memory.h"
#include "../model.h"
#include "export.h"
#include "message.h"
#include "own.h"

/* A file, and what is found in it. */
typedef struct owned {
    const onnx_file *file;
    dn_numbers numbers; /* its spec, weights and stats are our own */
    dn_shape shape;
    int classes;
    pb_bytes name;                            /* the graph's */
    char *texts;                              /* our own: */
    char *notation, *title, *version, *words; /* in it */
} owned;

/* The bytes as a text, at *to, which moves on. */
static char *text_of(char **to, pb_bytes bytes) {
    char *text = *to;
    if (bytes.size) memcpy(text, bytes.p, bytes.size);
    text[bytes.size] = '\0';
    *to += bytes.size + 1;
    return text;
}

/* The texts that the file was written with. DN_OK or DN_NOMEM. */
static int read_texts(owned *o) {
    const onnx_file *f = o->file;
    const uint64_t size = (uint64_t)f->layers.size + o->name.size +
                          f->producer_version.size + f->classes.size + 4;
    char *at = o->texts = dn_new(&f->heap, size, 1);
    if (!at) return DN_NOMEM;
    o->notation = text_of(&at, f->layers);
    o->title = text_of(&at, o->name);
    o->version = text_of(&at, f->producer_version);
    o->words = text_of(&at, f->classes);
    return DN_OK;
}

/* The graph's name, the image's shape, the number of classes: whether it has them. */
static int read_graph(owned *o) {
    const onnx_file *f = o->file;
    message m = dn_message(f, "GraphProto", f->graph);
    const int64_t *in = f->input.dims;
    onnx_input output = {.rank = 0};
    pb_bytes bytes;
    int more;
    while ((more = dn_message_next(&m)) > 0) {
        if (m.field.number != GRAPH_NAME && m.field.number != GRAPH_OUTPUT) continue;
        if (dn_message_bytes(&m, &bytes) != DN_OK) return 0;
        if (m.field.number == GRAPH_NAME)
            o->name = bytes;
        else if (dn_onnx_read_value(&output, f, bytes) != DN_OK)
            return 0;
    }
    if (more < 0 || f->input.rank != 4 || output.rank != 2) return 0;
    for (int i = 1; i < 4; i++)
        if (in[i] < 1 || in[i] > DN_MAX_PARAMETERS) return 0;
    if (output.dims[1] < 1 || output.dims[1] > DN_MAX_CLASSES) return 0;
    o->shape = (dn_shape){(int)in[2], (int)in[3], (int)in[1]};
    o->classes = (int)output.dims[1];
    return 1;
}

/* A tensor's n floats, by its name: whether it has them. */
static int take(const owned *o, const char *name, float *out, uint64_t n) {
    const onnx_file *f = o->file;
    const pb_bytes bytes = {(const uint8_t *)name, strlen(name)};
    const int i = dn_onnx_names_find(&f->names, bytes);
    if (i < 0 || f->tensors[i].n != n || f->tensors[i].external) return 0;
    return dn_onnx_floats(out, f, &f->tensors[i]) == DN_OK;
}

/* The same, of layer i: "w", "b", … and its number. */
static int take_of(const owned *o, const char *prefix, int i, float *out, int n) {
    char name[24];
    snprintf(name, sizeof name, "%s%d", prefix, i + 1);
    return take(o, name, out, (uint64_t)n);
}

/* A layer's weights: rows of columns, ld apart; what is not said by outputs lies in the
 * file the other way round. room: for all of them. */
static int take_weights(const owned *o, const dn_layer *l, int i, float *room) {
    const size_t rows = (size_t)l->rows, columns = (size_t)l->columns, ld = (size_t)l->ld;
    float *w = o->numbers.weights + l->w;
    if (!take_of(o, "w", i, room, l->rows * l->columns)) return 0;
    for (size_t r = 0; r < rows && dn_onnx_worked(o->file->work, columns); r++)
        for (size_t c = 0; c < columns; c++)
            w[r * ld + c] = room[l->outputs_first ? r * columns + c : c * rows + r];
    return 1;
}

static int is_variance(const float *values, int n) {
    for (int i = 0; i < n; i++)
        if (values[i] < 0) return 0;
    return 1;
}

static int take_layer(const owned *o, int i, float *room) {
    const dn_layer *l = &o->numbers.spec.layers[i];
    float *w = o->numbers.weights, *stats = o->numbers.stats;
    const int n = l->out.c;
    if (!l->rows) return 1;
    if (!l->unit && !take_weights(o, l, i, room)) return 0;
    if (!take_of(o, l->norm ? "beta" : "b", i, w + l->bias, n)) return 0;
    if (!l->norm) return 1;
    return take_of(o, "gamma", i, w + l->gamma, n) &&
           take_of(o, "mean", i, stats + l->stat, n) &&
           take_of(o, "variance", i, stats + l->stat + n, n) &&
           is_variance(stats + l->stat + n, n);
}

/* The two numbers of the pixels, as model bytes may have them. */
static int take_pixels(const owned *o, dn_numbers *m) {
    return take(o, "mean", &m->mean, 1) && take(o, "deviation", &m->std, 1) &&
           fabsf(m->mean) <= 1e6f && m->std >= 1e-6f && m->std <= 1e6f;
}

/* All numbers. DN_OK, also if *is becomes 0, or DN_NOMEM. */
static int read_numbers(owned *o, int *is) {
    dn_numbers *m = &o->numbers;
    char none[8];
    const dn_heap *heap = &o->file->heap;
    const int status = dn_spec_parse(&m->spec, o->notation, o->shape, o->classes, heap,
                                     none, sizeof none);
    *is = status == DN_OK && (uint64_t)m->spec.parameters <= o->file->bytes.size / 4;
    if (status == DN_NOMEM || !*is) return status == DN_NOMEM ? status : DN_OK;
    m->weights = dn_floats(heap, m->spec.total);
    m->stats = dn_floats(heap, m->spec.stats);
    float *room = dn_floats(heap, (uint64_t)m->spec.parameters);
    if (m->weights && m->stats && room) {
        *is = take_pixels(o, m);
        for (int i = 0; i < m->spec.n && *is; i++) *is = take_layer(o, i, room);
    }
    dn_floats_release(heap, room);
    return m->weights && m->stats && room ? DN_OK : DN_NOMEM;
}

/* Whether what was read is written as this file. DN_OK or DN_NOMEM. */
static int compare(const owned *o, int *is) {
    const size_t size = o->file->bytes.size, step = 1 << 20;
    const dn_onnx_words words = {o->title, o->version, o->words};
    pb_writer w = {.heap = o->file->heap};
    int status = dn_onnx_write(&w, &o->numbers, &words, o->file->work);
    if (w.failed) status = DN_NOMEM;
    *is = status == DN_OK && w.size == size;
    for (size_t at = 0; at < size && *is && dn_onnx_worked(o->file->work, step / 64);
         at += step)
        *is = memcmp(w.p + at, o->file->bytes.p + at,
                     size - at < step ? size - at : step) == 0;
    dn_release(&o->file->heap, w.p);
    return status;
}

int dn_onnx_own(dn_onnx *out, const onnx_file *file, int *is) {
    owned o = {.file = file};
    dn_numbers *m = &o.numbers;
    *is = file->layers.p && file->layers.size <= DN_MAX_TEXT && read_graph(&o);
    if (!*is) return DN_OK;
    int status = read_texts(&o);
    if (status == DN_OK) status = read_numbers(&o, is);
    if (status == DN_OK && *is) status = compare(&o, is);
    *is = *is && status == DN_OK && !file->work->stopped;
    dn_release(&file->heap, o.texts);
    if (*is) {
        out->spec = m->spec;
        out->weights = m->weights;
        out->stats = m->stats;
        out->mean = (double)m->mean;
        out->std = (double)m->std;
    } else {
        dn_spec_clear(&m->spec);
        dn_floats_release(&file->heap, m->weights);
        dn_floats_release(&file->heap, m->stats);
    }
    return status;
}
