/* spec.c - parses the layer notation: see spec.h.
 *
 *     path   = [ item { "-" item } ]
 *     item   = layer | group | "X" n "[" path "]" | "@" k
 *     group  = "(" path { "|" path } ")" join
 *     join   = ( "+" | "&" | "*" ) [a]              sum, side by side, product
 *     layer  = n "C" k { "v" | "p" p | "/" s | "b" | "g" m } [a]
 *                                                   convolution: n maps, k×k, stride s, m
 *                                                   groups
 *            | "DW" k { "v" | "p" p | "/" s | "b" } [a]    of each map alone
 *            | ("MP" | "AP") k [ "/" s ] [ "d" d ] [ ( "p" | "z" ) p ]
 *                                                   pooling, k×k windows every s (k); of
 *                                                   every d-th place; two numbers, "2.1",
 *                                                   for rows and columns
 *            | "GAP"                                mean of each map
 *            | n "N" [ "b" ] [a]                    fully connected, n units
 *            | "D" p                                dropout with probability p < 1
 *            | "B" [a]                              batch normalisation
 *            | "OUT" [ "s" ]                        the end: what it reads are the logits
 *
 * The paths of a group all read what stands before it; a single one is joined with that,
 * as in a residual. X4[…] stands for its path four times. @3 goes on from the result of
 * the third layer, counted as they are written, X's turns included, and joins after their
 * paths; @0 from the image.
 *
 * a is an activation: layers/activation.h. p is padding: layers/window.h. Letters in
 * either case; numbers are decimal. A layer is read by its kind (layers/). */
#include <stdio.h>
#include <string.h>
#include "error.h"
#include "layers/activation.h"
#include "layers/kind.h"
#include "memory.h"
#include "spec_parts.h"

#define TEXT_OF_(n) #n
#define TEXT_OF(n)  TEXT_OF_(n)
#define MOST        TEXT_OF(DN_MAX_LAYERS)

/* Values that one image and all its layers may have, and multiply-adds (in pooling,
 * values looked at): bounds the memory and the time that a few bytes of notation can ask
 * for. */
#define MAX_VALUES (1 << 25)
#define MAX_WORK   ((int64_t)1 << 34)

#define MAX_DEPTH 16   /* groups and repetitions within each other */
#define MAX_TURNS 4096 /* of all repetitions: some may have nothing in them */

/* What the next layer reads. */
typedef struct value {
    int from; /* the layer it comes of; −1: the image */
    dn_shape maps;
    int vector; /* a dense layer came by: no maps any more */
} value;

/* A notation that is being read, and what the layers so far come to. */
typedef struct reading {
    dn_spec *spec;
    dn_parser p;
    int64_t values, work;
    int depth, turns;
    int quiet; /* in a repetition's later turns, whose text is written already */
} reading;

/* --- text --------------------------------------------------------------------------- */

/* Appends to the canonical form. DN_OK or DN_ERROR. */
static int put(reading *r, const char *text) {
    dn_spec *spec = r->spec;
    const size_t have = strlen(spec->text), n = strlen(text);
    if (r->quiet) return DN_OK;
    if (have + n >= DN_MAX_TEXT)
        return dn_parse_fail(&r->p, "the notation becomes too long");
    if (have + n >= spec->text_room) {
        const size_t room = 2 * (have + n + 32);
        char *longer = dn_new(&spec->heap, room, 1);
        if (!longer) return DN_NOMEM;
        memcpy(longer, spec->text, have);
        dn_release(&spec->heap, spec->text);
        spec->text = longer;
        spec->text_room = room;
    }
    memcpy(spec->text + have, text, n + 1);
    return DN_OK;
}

/* put_layer - a layer that version 0.1 knew as it was read, with 'v' and 'b' small and
 * all else capital: so it is stored since then. */
static int put_layer(reading *r, const dn_layer *l) {
    char text[DN_LAYER_TEXT] = "", *at = text;
    const size_t n = (size_t)(r->p.at - r->p.start);
    if (r->p.newer) {
        dn_kind_of(l)->print(text, sizeof text, l);
        return put(r, text);
    }
    if (n >= sizeof text) return dn_parse_fail(&r->p, "the notation becomes too long");
    for (const char *from = r->p.start; from < r->p.at; from++, at++) {
        *at = *from >= 'a' && *from <= 'z' ? (char)(*from - 'a' + 'A') : *from;
        if (*at == 'V' || *at == 'B') *at = (char)(*at - 'A' + 'a');
    }
    return put(r, text);
}

/* "expected nCk, DWk, MPk, APk, GAP, nN, B, Dp or OUT" */
static int fail_expected(dn_parser *p) {
    char text[128] = "expected ";
    int last = DN_KINDS - 1;
    while (!dn_layer_kinds[last]->parse) last--;
    for (int k = 0; k <= last; k++) {
        if (!dn_layer_kinds[k]->parse) continue;
        const char *between = k == 0 ? "" : k == last ? " or " : ", ";
        const size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s%s", between, dn_layer_kinds[k]->notation);
    }
    return dn_parse_fail(p, text);
}

/* What stands behind a layer or group and is no '-'. A word is shown from where the
 * activation begins: 'SiLU', not the 'iLU' behind 's'. */
static int fail_after(dn_parser *p) {
    char letters[DN_ACTIVATION_LETTERS] = "";
    const char c = *p->at;
    const int is_word = p->curve && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                     (c >= '0' && c <= '9'));
    const char *from = is_word ? p->curve : p->at;
    const int read = (int)(from - p->start), length = (int)strcspn(from, "-|)]");
    if (is_word) dn_activation_letters(letters);
    return dn_fail(p->error, p->error_size,
                   "layers: '%.80s': expected '-' after '%.*s', not '%.*s' at character "
                   "%d%s%s",
                   p->text, read > 40 ? 40 : read, p->start,
                   length < 1    ? 1
                   : length > 40 ? 40
                                 : length,
                   from, (int)(from - p->text) + 1,
                   is_word ? "; b (batch normalisation), then one letter may follow: "
                           : "",
                   letters);
}

/* One layer, by the first kind whose notation it is. */
static int parse_layer(dn_parser *p, dn_layer *l) {
    const int n = dn_parse_number(p);
    if (n == 0) return dn_parse_fail(p, "a layer of size 0");
    for (int k = 0; k < DN_KINDS; k++) {
        if (!dn_layer_kinds[k]->parse) continue;
        l->kind = (dn_kind)k;
        const int status = dn_layer_kinds[k]->parse(p, l, n);
        if (status == DN_NOT_MINE) continue;
        if (status == DN_OK) dn_layer_kinds[k]->shape(l);
        return status;
    }
    return fail_expected(p);
}

/* add_layer - to the network, if its limits allow it; v becomes its result. */
static int add_layer(reading *r, dn_layer *l, value *v) {
    dn_parser *p = &r->p;
    dn_spec *spec = r->spec;
    if (l->out.h < 1 || l->out.w < 1)
        return dn_fail(p->error, p->error_size,
                       "layers: '%.80s': '%.*s' at character %d needs maps of %dx%d at "
                       "least; here they are %dx%d",
                       p->text, (int)(p->at - p->start), p->start,
                       (int)(p->start - p->text) + 1, l->kh, l->kw, l->in.h, l->in.w);
    r->values += dn_values(l->out); /* at most 64 · 2^40 */
    if (r->values > MAX_VALUES) return dn_parse_fail(p, "more than 2^25 values an image");
    spec->parameters += dn_layer_parameters(l);
    if (spec->parameters > DN_MAX_PARAMETERS)
        return dn_parse_fail(p, "more than 2^26 weights");
    l->cost = dn_kind_of(l)->cost(l); /* now at most 2^25 · 2^26 */
    r->work += l->cost;
    if (r->work > MAX_WORK)
        return dn_parse_fail(p, "more than 2^34 multiply-adds an image");
    if (dn_spec_room(spec) != DN_OK) return DN_NOMEM;
    l->vector = v->vector || dn_kind_of(l)->reads == DN_READS_VECTOR;
    *v = (value){spec->n, l->out, l->vector};
    spec->layers[spec->n++] = *l;
    return DN_OK;
}

/* --- reading ------------------------------------------------------------------------ */

static int read_layer(reading *r, value *v) {
    dn_parser *p = &r->p;
    dn_layer l = {.in = v->maps, .from = {v->from}, .froms = 1};
    if (r->spec->n == DN_MAX_LAYERS) return dn_parse_fail(p, "more than " MOST " layers");
    const int status = parse_layer(p, &l);
    if (status != DN_OK) return status;
    if (!strchr("-|)]", *p->at)) return fail_after(p);
    if (v->vector && dn_kind_of(&l)->reads == DN_READS_MAPS)
        return dn_parse_fail(p, "no maps are left after a fully connected layer");
    const int added = add_layer(r, &l, v);
    return added == DN_OK ? put_layer(r, &l) : added;
}

static int read_path(reading *r, value *v);

/* One level deeper, until leave. */
static int enter(reading *r) {
    if (++r->depth <= MAX_DEPTH) return DN_OK;
    return dn_parse_fail(&r->p, "more than 16 groups within each other");
}

/* The character, which must stand here. */
static int expect(reading *r, char c, const char *what) {
    if (*r->p.at != c) return dn_parse_fail(&r->p, what);
    r->p.at++;
    return DN_OK;
}

/* "X" n "[" path "]" */
static int read_repeat(reading *r, value *v) {
    dn_parser *p = &r->p;
    const char *const start = p->start;
    char text[24];
    p->at++;
    const int turns = dn_parse_number(p);
    if (turns < 1 || turns > DN_MAX_LAYERS)
        return dn_parse_fail(p, "repetitions are not 1.." MOST);
    int status = expect(r, '[', "expected '[' after the repetitions");
    if (status == DN_OK) status = enter(r);
    snprintf(text, sizeof text, "X%d[", turns);
    if (status == DN_OK) status = put(r, text);
    const char *const body = p->at;
    for (int k = 0; k < turns && status == DN_OK; k++) {
        p->at = body;
        if (++r->turns > MAX_TURNS) return dn_parse_fail(p, "more than 4096 repetitions");
        r->quiet += k == 1;
        status = read_path(r, v);
        if (status == DN_OK) status = expect(r, ']', "expected '-' or ']'");
    }
    r->quiet -= turns > 1;
    r->depth--;
    p->start = start;
    return status == DN_OK ? put(r, "]") : status;
}

/* "@" k */
static int read_back(reading *r, value *v) {
    dn_parser *p = &r->p;
    char text[24];
    p->at++;
    const int k = dn_parse_number(p);
    if (k < 0 || k > r->spec->n)
        return dn_parse_fail(p, "no layer before has this number");
    if (k == 0) {
        *v = (value){-1, r->spec->shape, 0};
    } else {
        const dn_layer *l = &r->spec->layers[k - 1];
        *v = (value){k - 1, l->out, l->vector};
    }
    snprintf(text, sizeof text, "@%d", k);
    return put(r, text);
}

/* add_join - what a group's paths come to. */
static int add_join(reading *r, dn_layer *l, const value *ends, value *v) {
    dn_parser *p = &r->p;
    const char *why = NULL;
    dn_shape in[DN_MAX_FROM];
    if (r->spec->n == DN_MAX_LAYERS) return dn_parse_fail(p, "more than " MOST " layers");
    v->vector = 0;
    for (int i = 0; i < l->froms; i++) {
        in[i] = ends[i].maps;
        l->from[i] = ends[i].from;
        /* What multiplies may be a vector: it has a value for each map. */
        if (i == 0 || l->kind != DN_MUL) v->vector |= ends[i].vector;
    }
    l->in = in[0];
    why = dn_kind_of(l)->join(l, in);
    if (!why) return add_layer(r, l, v);
    int other = 0;
    dn_layer pair = *l;
    pair.froms = 2; /* which of them is it? */
    do in[1] = ends[++other].maps;
    while (other < l->froms - 1 && !dn_kind_of(l)->join(&pair, in));
    return dn_fail(p->error, p->error_size,
                   "layers: '%.80s': the group at character %d %s %dx%dx%d and %dx%dx%d; "
                   "%s",
                   p->text, (int)(p->start - p->text) + 1, dn_kind_of(l)->notation,
                   in[0].h, in[0].w, in[0].c, in[1].h, in[1].w, in[1].c, why);
}

/* The join behind a group's paths: its kind and activation, and its text. */
static int read_join(reading *r, dn_layer *l) {
    dn_parser *p = &r->p;
    char text[DN_ACTIVATION_TEXT + 3] = ")";
    int status = expect(r, ')', "expected '-', '|' or ')'");
    if (status != DN_OK) return status;
    for (size_t i = 0; i < DN_JOINS; i++) {
        if (*p->at != dn_joins[i].sign) continue;
        p->at++;
        l->kind = dn_joins[i].kind;
        l->activation = dn_joins[i].activation;
        status = dn_parse_activation(p, l);
        text[1] = dn_joins[i].sign;
        dn_print_activation(text + 2, l, dn_joins[i].activation);
        return status == DN_OK ? put(r, text) : status;
    }
    return dn_parse_fail(p, "expected '+', '&' or '*' after the group");
}

/* "(" path { "|" path } ")" join */
static int read_group(reading *r, value *v) {
    dn_parser *p = &r->p;
    const char *const start = p->start;
    value ends[DN_MAX_FROM] = {*v};
    int n = 0;
    int status = enter(r);
    if (status == DN_OK) status = put(r, "(");
    do {
        if (status != DN_OK) return status;
        if (n == DN_MAX_FROM) return dn_parse_fail(p, "more than 8 paths in a group");
        p->at++;
        ends[n] = *v;
        status = read_path(r, &ends[n++]);
        if (status == DN_OK && *p->at == '|') status = put(r, "|");
    } while (*p->at == '|');
    dn_layer l = {.froms = n};
    if (status == DN_OK) status = read_join(r, &l);
    if (status != DN_OK) return status;
    if (n == 1) { /* with what was read */
        ends[1] = ends[0];
        ends[0] = *v;
        l.froms = 2;
    }
    r->depth--;
    p->start = start;
    if (!strchr("-|)]", *p->at)) return fail_after(p);
    return add_join(r, &l, ends, v);
}

static int read_item(reading *r, value *v) {
    r->p.start = r->p.at;
    r->p.curve = NULL;
    r->p.newer = 0;
    switch (*r->p.at) {
    case '(': return read_group(r, v);
    case '@': return read_back(r, v);
    case 'X':
    case 'x':
        if (r->p.at[1] >= '0' && r->p.at[1] <= '9') return read_repeat(r, v);
        return read_layer(r, v);
    default: return read_layer(r, v);
    }
}

static int read_path(reading *r, value *v) {
    if (strchr("|)]", *r->p.at)) return DN_OK; /* nothing, or the end */
    int status = read_item(r, v);
    while (status == DN_OK && *r->p.at == '-') {
        r->p.at++;
        if (strchr("|)]", *r->p.at))
            return dn_parse_fail(&r->p, "nothing after the last '-'");
        status = put(r, "-");
        if (status == DN_OK) status = read_item(r, v);
    }
    return status;
}

/* check_read - whether each layer is read by another: what nobody reads would have no
 * gradient. */
static int check_read(const reading *r) {
    char read[DN_MAX_LAYERS + 1] = {0};
    const dn_spec *spec = r->spec;
    for (int i = 0; i < spec->n; i++)
        for (int k = 0; k < spec->layers[i].froms; k++)
            if (spec->layers[i].from[k] >= 0) read[spec->layers[i].from[k]] = 1;
    for (int i = 0; i < spec->n - 1; i++)
        if (!read[i])
            return dn_fail(r->p.error, r->p.error_size,
                           "layers: '%.80s': nothing reads the result of layer %d",
                           r->p.text, i + 1);
    return DN_OK;
}

/* What the notation and the image may be. */
static int check_limits(const char *layers, dn_shape shape, int classes, char *error,
                        size_t error_size) {
    if (strlen(layers) >= DN_MAX_TEXT)
        return dn_fail(error, error_size, "layers: more than %d characters",
                       DN_MAX_TEXT - 1);
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

/* The output layer, unless it was written. */
static int add_output(reading *r, value *v) {
    const dn_spec *spec = r->spec;
    dn_parser *p = &r->p;
    int written = 0;
    for (int i = 0; i < spec->n; i++) written += spec->layers[i].kind == DN_OUTPUT;
    if (written > 1 || (written && spec->layers[spec->n - 1].kind != DN_OUTPUT))
        return dn_parse_fail(p, "something follows OUT");
    if (written && v->maps.c != spec->classes)
        return dn_fail(p->error, p->error_size,
                       "layers: '%.80s': OUT reads %d values; there are %d classes",
                       p->text, v->maps.c, spec->classes);
    if (written) return DN_OK;
    dn_layer output = {.kind = DN_DENSE,
                       .in = v->maps,
                       .out = {1, 1, spec->classes},
                       .from = {v->from},
                       .froms = 1};
    p->start = p->at;
    dn_kind_of(&output)->shape(&output);
    return add_layer(r, &output, v);
}

/* What stands behind all layers. */
static int fail_rest(dn_parser *p) {
    p->curve = NULL;
    if (!strchr("|)]", *p->at)) return fail_after(p);
    return dn_fail(p->error, p->error_size,
                   "layers: '%.80s': '%c' at character %d is in no group", p->text,
                   *p->at, (int)(p->at - p->text) + 1);
}

int dn_spec_parse(dn_spec *spec, const char *layers, dn_shape shape, int classes,
                  const dn_heap *heap, char *error, size_t error_size) {
    reading r = {.spec = spec,
                 .p = {.text = layers,
                       .start = layers,
                       .at = layers,
                       .error = error,
                       .error_size = error_size},
                 .values = dn_values(shape)};
    value v = {-1, shape, 0};
    dn_spec_clear(spec);
    spec->heap = heap ? *heap : dn_heap_of(NULL);
    spec->shape = shape;
    spec->classes = classes;
    int status = check_limits(layers, shape, classes, error, error_size);
    if (status == DN_OK && !(spec->text = dn_new(&spec->heap, spec->text_room = 64, 1)))
        status = DN_NOMEM;
    if (status == DN_OK && dn_spec_room(spec) != DN_OK) status = DN_NOMEM;
    if (status == DN_OK) status = read_path(&r, &v);
    if (status != DN_OK) return status;
    if (*r.p.at) return fail_rest(&r.p);
    status = add_output(&r, &v);
    if (status == DN_OK) status = check_read(&r);
    if (status == DN_OK) dn_spec_place(spec);
    return status;
}
