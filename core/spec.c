/* spec.c - parses the layer notation: see spec.h.
 *
 *     notation = [ layer { "-" layer } ]
 *     layer    = n "C" k { "v" | "/" s | "b" }      convolution: n maps, k×k, stride s
 *              | ("MP" | "AP") k [ "/" s ]          pooling, k×k windows every s (k)
 *              | "GAP"                              mean of each map
 *              | n "N" [ "b" ]                      fully connected, n units
 *              | "D" p                              dropout with probability p < 1
 *
 * Letters in either case; numbers are decimal. */
#include <string.h>
#include "error.h"
#include "spec.h"

#define MAX_KERNEL 64

/* Values that one image and all its layers may have, and multiply-adds (in pooling, values
 * looked at): bounds the memory and the time that a few bytes of notation can ask for. */
#define MAX_VALUES (1 << 25)
#define MAX_WORK   ((int64_t)1 << 34)

typedef struct parser {
    const char *text, *at; /* the notation, and how far it is read */
    dn_spec *spec;
    int64_t values, work; /* so far */
    char *error;
    size_t error_size;
} parser;

static int fail_at(parser *p, const char *where, const char *what) {
    int length = (int)strcspn(where, "-");
    return dn_fail(p->error, p->error_size,
                   "layers: '%.80s': %s in '%.*s' at character %d", p->text, what,
                   length > 40 ? 40 : length, where, (int)(where - p->text) + 1);
}

static int letter(parser *p, char upper) {
    if (*p->at != upper && *p->at != upper + ('a' - 'A')) return 0;
    p->at++;
    return 1;
}

/* A number without sign; −1 if there is none, capped far above every limit. */
static int number(parser *p) {
    if (*p->at < '0' || *p->at > '9') return -1;
    int value = 0;
    for (; *p->at >= '0' && *p->at <= '9'; p->at++)
        if (value < 100000000) value = value * 10 + (*p->at - '0');
    return value;
}

/* The p of dropout: digits, with a point among them. */
static int fraction(parser *p, float *out) {
    double value = 0, unit = 1;
    int digits = 0;
    for (; *p->at >= '0' && *p->at <= '9'; p->at++, digits++)
        value = value * 10 + (*p->at - '0');
    if (*p->at == '.')
        for (p->at++; *p->at >= '0' && *p->at <= '9'; p->at++, digits++)
            value += (*p->at - '0') * (unit /= 10);
    *out = (float)value; /* 0.99999999 becomes 1 */
    return digits > 0 && *out < 1;
}

int dn_same_padding(int in, int k, int stride, int *out) {
    *out = (in + stride - 1) / stride;
    int zeros = (*out - 1) * stride + k - in;
    return zeros > 0 ? zeros / 2 : 0;
}

static int parse_conv(parser *p, dn_layer *l, int n, const char *start) {
    int k = number(p), valid = 0;
    if (k < 1 || k > MAX_KERNEL) return fail_at(p, start, "kernel is not 1..64");
    if (n > DN_MAX_CHANNELS) return fail_at(p, start, "more than 4096 maps");
    l->kind = DN_CONV;
    l->kh = l->kw = k;
    l->stride = 1;
    l->relu = 1;
    for (;;) {
        if (letter(p, 'V'))
            valid = 1;
        else if (letter(p, 'B'))
            l->norm = 1;
        else if (*p->at == '/') {
            p->at++;
            l->stride = number(p);
            if (l->stride < 1 || l->stride > MAX_KERNEL)
                return fail_at(p, start, "stride is not 1..64");
        } else
            break;
    }
    if (valid) {
        l->out.h = l->in.h < k ? 0 : (l->in.h - k) / l->stride + 1;
        l->out.w = l->in.w < k ? 0 : (l->in.w - k) / l->stride + 1;
    } else {
        l->pad_y = dn_same_padding(l->in.h, k, l->stride, &l->out.h);
        l->pad_x = dn_same_padding(l->in.w, k, l->stride, &l->out.w);
    }
    l->out.c = n;
    return DN_OK;
}

static int parse_pool(parser *p, dn_layer *l, dn_kind kind, const char *start) {
    int k = number(p);
    if (k < 1 || k > MAX_KERNEL) return fail_at(p, start, "window is not 1..64");
    l->kind = kind;
    l->kh = l->kw = l->stride = k;
    if (*p->at == '/') {
        p->at++;
        l->stride = number(p);
        if (l->stride < 1 || l->stride > MAX_KERNEL)
            return fail_at(p, start, "stride is not 1..64");
    }
    l->out.c = l->in.c;
    l->out.h = l->in.h < k ? 0 : (l->in.h - k) / l->stride + 1;
    l->out.w = l->in.w < k ? 0 : (l->in.w - k) / l->stride + 1;
    return DN_OK;
}

static int parse_dense(parser *p, dn_layer *l, int n, const char *start) {
    if (n > DN_MAX_UNITS) return fail_at(p, start, "more than 65536 units");
    l->kind = DN_DENSE;
    l->relu = 1;
    l->norm = letter(p, 'B');
    l->out = (dn_shape){1, 1, n};
    return DN_OK;
}

static int parse_layer(parser *p, dn_layer *l) {
    const char *start = p->at;
    static const char expected[] = "expected nCk, MPk, APk, GAP, nN or Dp";
    int n = number(p);
    if (n == 0) return fail_at(p, start, "a layer of size 0");
    if (n > 0) {
        if (letter(p, 'C')) return parse_conv(p, l, n, start);
        if (letter(p, 'N')) return parse_dense(p, l, n, start);
        return fail_at(p, start, expected);
    }
    if (letter(p, 'M') && letter(p, 'P')) return parse_pool(p, l, DN_MAXPOOL, start);
    p->at = start;
    if (letter(p, 'A') && letter(p, 'P')) return parse_pool(p, l, DN_AVGPOOL, start);
    p->at = start;
    if (letter(p, 'G') && letter(p, 'A') && letter(p, 'P')) {
        l->kind = DN_AVGPOOL;
        l->kh = l->in.h;
        l->kw = l->in.w;
        l->stride = 1;
        l->out = (dn_shape){1, 1, l->in.c};
        return DN_OK;
    }
    p->at = start;
    if (letter(p, 'D')) {
        l->kind = DN_DROPOUT;
        l->out = l->in;
        if (!fraction(p, &l->drop)) return fail_at(p, start, "probability is not 0..1");
        return DN_OK;
    }
    return fail_at(p, start, expected);
}

/* The canonical form: what was read, with 'v' and 'b' small and all else capital. */
static void append_text(dn_spec *spec, const char *from, const char *to) {
    char *end = spec->text + strlen(spec->text);
    if (end > spec->text) *end++ = '-';
    for (; from < to; from++) {
        char c = *from;
        if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
        *end++ = c == 'V' ? 'v' : c == 'B' ? 'b' : c;
    }
    *end = '\0';
}

/* Places every layer's numbers in the parameter vector: see spec.h for its three parts. */
static void place_parameters(dn_spec *spec) {
    size_t conv = 0, other = 0, dense = 0;
    for (int i = 0; i < spec->n; i++) {
        dn_layer *l = &spec->layers[i];
        size_t out = (size_t)l->out.c, in = (size_t)l->in.c;
        if (l->kind == DN_CONV) {
            l->w = conv;
            conv += out * in * (size_t)(l->kh * l->kw);
        } else if (l->kind == DN_DENSE) {
            l->ld = (l->out.c + 15) / 16 * 16;
            l->w = dense;
            dense += in * (size_t)(l->in.h * l->in.w) * (size_t)l->ld;
        } else
            continue;
        l->bias = other;
        other += out;
        if (!l->norm) continue;
        l->gain = other;
        other += out;
        l->stat = spec->stats;
        spec->stats += 2 * out;
    }
    for (int i = 0; i < spec->n; i++) {
        dn_layer *l = &spec->layers[i];
        l->bias += conv;
        l->gain += conv;
        if (l->kind == DN_DENSE) l->w += conv + other;
    }
    spec->conv = conv;
    spec->small = conv + other;
    spec->total = conv + other + dense;
}

/* Inputs that one output is made of. */
static int64_t layer_reads(const dn_layer *l) {
    if (l->kind == DN_DENSE) return (int64_t)l->in.c * l->in.h * l->in.w;
    if (l->kind == DN_CONV) return (int64_t)l->in.c * l->kh * l->kw;
    return (int64_t)l->kh * l->kw; /* dropout: 0 */
}

/* Weights and bias of a layer, in 64 bits: out times what one output reads. */
static int64_t layer_parameters(const dn_layer *l) {
    if (l->kind != DN_CONV && l->kind != DN_DENSE) return 0;
    return l->out.c * (layer_reads(l) + 1 + l->norm);
}

/* Whether a convolution reading c channels and writing rows of a width gains by it. */
static int suits_winograd(const dn_layer *l, int c, int width) {
    return l->kind == DN_CONV && l->kh == 3 && l->stride == 1 && c >= 8 && width >= 3;
}

static int add_layer(parser *p, const dn_layer *l, const char *start) {
    dn_spec *spec = p->spec;
    if (l->out.h < 1 || l->out.w < 1)
        return dn_fail(p->error, p->error_size,
                       "layers: '%.80s': '%.*s' at character %d needs maps of %dx%d at "
                       "least; here they are %dx%d",
                       p->text, (int)(p->at - start), start, (int)(start - p->text) + 1,
                       l->kh, l->kw, l->in.h, l->in.w);
    const int64_t values = (int64_t)l->out.c * l->out.h * l->out.w;
    p->values += values; /* at most 64 · 2^40 */
    if (p->values > MAX_VALUES)
        return fail_at(p, start, "more than 2^25 values an image");
    spec->parameters += layer_parameters(l);
    if (spec->parameters > DN_MAX_PARAMETERS)
        return fail_at(p, start, "more than 2^26 weights");
    p->work += values * layer_reads(l); /* now at most 2^25 · 2^26 */
    if (p->work > MAX_WORK)
        return fail_at(p, start, "more than 2^34 multiply-adds an image");
    spec->layers[spec->n++] = *l;
    return DN_OK;
}

int dn_spec_parse(dn_spec *spec, const char *layers, dn_shape shape, int classes,
                  char *error, size_t error_size) {
    parser p = {.text = layers,
                .at = layers,
                .spec = spec,
                .values = (int64_t)shape.h * shape.w * shape.c,
                .error = error,
                .error_size = error_size};
    memset(spec, 0, sizeof *spec);
    spec->shape = shape;
    spec->classes = classes;
    if (strlen(layers) >= DN_MAX_NOTATION)
        return dn_fail(error, error_size, "layers: %d characters; expected at most %d",
                       (int)strlen(layers), DN_MAX_NOTATION - 1);
    if (shape.h < 1 || shape.h > DN_MAX_SIDE || shape.w < 1 || shape.w > DN_MAX_SIDE ||
        shape.c < 1 || shape.c > DN_MAX_CHANNELS || p.values > MAX_VALUES)
        return dn_fail(error, error_size,
                       "shape is %dx%dx%d; expected sides of 1..%d and 1..%d channels",
                       shape.h, shape.w, shape.c, DN_MAX_SIDE, DN_MAX_CHANNELS);
    if (classes < 2 || classes > DN_MAX_CLASSES)
        return dn_fail(error, error_size, "%d classes; expected 2..%d", classes,
                       DN_MAX_CLASSES);

    dn_shape maps = shape;
    int vector = 0; /* a dense layer came by: no maps any more */
    while (*p.at) {
        const char *start = p.at;
        dn_layer l = {.in = maps};
        if (spec->n == DN_MAX_LAYERS) return fail_at(&p, start, "more than 64 layers");
        int status = parse_layer(&p, &l);
        if (status != DN_OK) return status;
        /* Not where it reads the image: its channels are not laid out for it. */
        l.winograd = spec->n > 0 && suits_winograd(&l, l.in.c, l.out.w);
        l.winograd_back = suits_winograd(&l, l.out.c, l.in.w);
        if (*p.at && *p.at != '-')
            return fail_at(&p, start, "expected '-' after the layer");
        if (vector && l.kind != DN_DENSE && l.kind != DN_DROPOUT)
            return fail_at(&p, start, "no maps are left after a fully connected layer");
        status = add_layer(&p, &l, start);
        if (status != DN_OK) return status;
        append_text(spec, start, p.at);
        vector = vector || l.kind == DN_DENSE;
        maps = l.out;
        if (*p.at == '-' && !*++p.at)
            return fail_at(&p, start, "nothing after the last '-'");
    }
    dn_layer output = {.kind = DN_DENSE, .in = maps, .out = {1, 1, classes}};
    int status = add_layer(&p, &output, p.at);
    if (status != DN_OK) return status;
    place_parameters(spec);
    return DN_OK;
}
