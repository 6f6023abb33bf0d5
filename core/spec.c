/* spec.c - parses the layer notation: see spec.h.
 *
 *     notation = [ layer { "-" layer } ]
 *     layer    = n "C" k { "v" | "/" s | "b" } [a]  convolution: n maps, k×k, stride s
 *              | ("MP" | "AP") k [ "/" s ]          pooling, k×k windows every s (k)
 *              | "GAP"                              mean of each map
 *              | n "N" [ "b" ] [a]                  fully connected, n units
 *              | "D" p                              dropout with probability p < 1
 *
 * a is an activation: layers/activation.h. Letters in either case; numbers are decimal.
 * A layer is read by its kind (layers/). */
#include <string.h>
#include "error.h"
#include "layers/kind.h"
#include "spec.h"

/* Values that one image and all its layers may have, and multiply-adds (in pooling,
 * values looked at): bounds the memory and the time that a few bytes of notation can ask
 * for. */
#define MAX_VALUES (1 << 25)
#define MAX_WORK   ((int64_t)1 << 34)

/* What the layers so far come to. */
typedef struct totals {
    int64_t values, work;
} totals;

/* "expected nCk, MPk, APk, GAP, nN or Dp" */
static int fail_expected(dn_parser *p) {
    char text[128] = "expected ";
    for (int k = 0; k < DN_KINDS; k++) {
        const char *between = k == 0 ? "" : k == DN_KINDS - 1 ? " or " : ", ";
        const size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s%s", between, dn_layer_kinds[k]->notation);
    }
    return dn_parse_fail(p, text);
}

/* One layer, by the first kind whose notation it is. */
static int parse_layer(dn_parser *p, dn_layer *l) {
    const int n = dn_parse_number(p);
    if (n == 0) return dn_parse_fail(p, "a layer of size 0");
    for (int k = 0; k < DN_KINDS; k++) {
        l->kind = (dn_kind)k;
        const int status = dn_layer_kinds[k]->parse(p, l, n);
        if (status == DN_NOT_MINE) continue;
        if (status == DN_OK) dn_layer_kinds[k]->shape(l);
        return status;
    }
    return fail_expected(p);
}

/* The canonical form. Of a layer that version 0.1 knew, what was read, with 'v' and 'b'
 * small and all else capital: as it is stored since then. DN_OK or DN_ERROR. */
static int append_text(dn_spec *spec, dn_parser *p, const dn_layer *l) {
    char layer[DN_LAYER_TEXT] = "";
    size_t n = (size_t)(p->at - p->start);
    char *end = spec->text + strlen(spec->text);
    const size_t room = (size_t)(spec->text + sizeof spec->text - end);
    if (p->newer) {
        dn_kind_of(l)->print(layer, sizeof layer, l);
        n = strlen(layer);
    }
    if (n + 2 > room) return dn_parse_fail(p, "the notation becomes too long");
    if (end > spec->text) *end++ = '-';
    for (size_t i = 0; i < n; i++) {
        char c = p->newer ? layer[i] : p->start[i];
        if (!p->newer && c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
        *end++ = p->newer ? c : c == 'V' ? 'v' : c == 'B' ? 'b' : c;
    }
    *end = '\0';
    return DN_OK;
}

/* Places every layer's numbers in the parameter vector: see spec.h for its three
 * parts. */
static void place_parameters(dn_spec *spec) {
    size_t conv = 0, other = 0, dense = 0;
    for (int i = 0; i < spec->n; i++) {
        dn_layer *l = &spec->layers[i];
        const size_t out = (size_t)l->out.c;
        size_t *part = dn_kind_of(l)->batch_gradient ? &dense : &conv;
        if (!l->rows) continue;
        l->w = *part;
        *part += (size_t)l->rows * (size_t)l->ld;
        l->bias = other;
        other += out;
        if (!l->norm) continue;
        l->gamma = other;
        other += out;
        l->stat = spec->stats;
        spec->stats += 2 * out;
    }
    for (int i = 0; i < spec->n; i++) {
        dn_layer *l = &spec->layers[i];
        l->bias += conv;
        l->gamma += conv;
        if (dn_kind_of(l)->batch_gradient) l->w += conv + other;
    }
    spec->conv = conv;
    spec->small = conv + other;
    spec->total = conv + other + dense;
}

/* Weights and bias of a layer, batch norm's two. */
static int64_t layer_parameters(const dn_layer *l) {
    if (!l->rows) return 0;
    return (int64_t)l->rows * l->columns + (int64_t)l->out.c * (1 + l->norm);
}

static int add_layer(dn_spec *spec, totals *sum, dn_parser *p, dn_layer *l) {
    if (l->out.h < 1 || l->out.w < 1)
        return dn_fail(p->error, p->error_size,
                       "layers: '%.80s': '%.*s' at character %d needs maps of %dx%d at "
                       "least; here they are %dx%d",
                       p->text, (int)(p->at - p->start), p->start,
                       (int)(p->start - p->text) + 1, l->kh, l->kw, l->in.h, l->in.w);
    sum->values += dn_values(l->out); /* at most 64 · 2^40 */
    if (sum->values > MAX_VALUES)
        return dn_parse_fail(p, "more than 2^25 values an image");
    spec->parameters += layer_parameters(l);
    if (spec->parameters > DN_MAX_PARAMETERS)
        return dn_parse_fail(p, "more than 2^26 weights");
    l->cost = dn_kind_of(l)->cost(l); /* now at most 2^25 · 2^26 */
    sum->work += l->cost;
    if (sum->work > MAX_WORK)
        return dn_parse_fail(p, "more than 2^34 multiply-adds an image");
    spec->layers[spec->n++] = *l;
    return DN_OK;
}

/* What the notation and the image may be. */
static int check_limits(const char *layers, dn_shape shape, int classes, char *error,
                        size_t error_size) {
    if (strlen(layers) >= DN_MAX_NOTATION)
        return dn_fail(error, error_size, "layers: %d characters; expected at most %d",
                       (int)strlen(layers), DN_MAX_NOTATION - 1);
    if (shape.h < 1 || shape.h > DN_MAX_SIDE || shape.w < 1 || shape.w > DN_MAX_SIDE ||
        shape.c < 1 || shape.c > DN_MAX_CHANNELS || dn_values(shape) > MAX_VALUES)
        return dn_fail(error, error_size,
                       "shape is %dx%dx%d; expected sides of 1..%d and 1..%d channels",
                       shape.h, shape.w, shape.c, DN_MAX_SIDE, DN_MAX_CHANNELS);
    if (classes < 2 || classes > DN_MAX_CLASSES)
        return dn_fail(error, error_size, "%d classes; expected 2..%d", classes,
                       DN_MAX_CLASSES);
    return DN_OK;
}

int dn_spec_parse(dn_spec *spec, const char *layers, dn_shape shape, int classes,
                  char *error, size_t error_size) {
    dn_parser p = {.text = layers,
                   .start = layers,
                   .at = layers,
                   .error = error,
                   .error_size = error_size};
    totals sum = {.values = dn_values(shape)};
    memset(spec, 0, sizeof *spec);
    spec->shape = shape;
    spec->classes = classes;
    int status = check_limits(layers, shape, classes, error, error_size);
    if (status != DN_OK) return status;

    dn_shape maps = shape;
    int vector = 0; /* a dense layer came by: no maps any more */
    while (*p.at) {
        p.start = p.at;
        p.newer = 0;
        dn_layer l = {.in = maps, .first = spec->n == 0};
        if (spec->n == DN_MAX_LAYERS) return dn_parse_fail(&p, "more than 64 layers");
        status = parse_layer(&p, &l);
        if (status != DN_OK) return status;
        const dn_reads reads = dn_kind_of(&l)->reads;
        if (*p.at && *p.at != '-')
            return dn_parse_fail(&p, "expected '-' after the layer");
        if (vector && reads == DN_READS_MAPS)
            return dn_parse_fail(&p, "no maps are left after a fully connected layer");
        status = add_layer(spec, &sum, &p, &l);
        if (status != DN_OK) return status;
        status = append_text(spec, &p, &l);
        if (status != DN_OK) return status;
        vector = vector || reads == DN_READS_VECTOR;
        maps = l.out;
        if (*p.at == '-' && !*++p.at)
            return dn_parse_fail(&p, "nothing after the last '-'");
    }
    dn_layer output = {.kind = DN_DENSE, .in = maps, .out = {1, 1, classes}};
    p.start = p.at;
    dn_kind_of(&output)->shape(&output);
    status = add_layer(spec, &sum, &p, &output);
    if (status != DN_OK) return status;
    place_parameters(spec);
    return DN_OK;
}
