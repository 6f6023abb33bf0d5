/* export_c.c - a model as one file of C99: see dn.h.
 *
 *     head             a comment: what it is, how it is called, what it takes
 *     NAME_labels      the classes
 *     pieces           the functions that its layers need (pieces.h)
 *     w1, b1, s1, …    weights, bias, and shape of layer 1, …; batch norm folded
 *     memory           values between the layers
 *     NAME_predict     layer after layer
 *
 * Values between layers are planned as predictions of one image are (walk.h), but lie as
 * [c][h][w] without margins; each takes the place of one that is read no more. */
#include <stdio.h>
#include "../bytes.h"
#include "../error.h"
#include "../layers/kind.h"
#include "../layers/window.h"
#include "../memory.h"
#include "../model.h"
#include "pieces.h"
#include "text.h"

typedef struct c_file {
    dn_text text;
    const dn_model *model;
    const dn_c_words *words;
    dn_walk walk;
    uint64_t *places; /* of the image's values, then of each node's */
    uint64_t memory;  /* floats of all of them */
    int pieces;       /* DN_PIECE_…, that it has in it */
    dn_ask ask;
} c_file;

/* Bytes of one number in the text: -0x1.abcdefp-126f and a comma. */
#define NUMBER_TEXT 19

/* To write one takes as long as so many multiply-adds. */
#define NUMBER ((int64_t)8192)

/* --- places ------------------------------------------------------------------------- */

static const dn_node *node_at(const c_file *f, int i) {
    return i < 0 ? &f->walk.image : &f->walk.nodes[i];
}

static uint64_t values_of(const c_file *f, int i) {
    return (uint64_t)dn_values(i < 0 ? f->model->spec.shape
                                     : f->walk.nodes[i].layer->out);
}

/* The first place for node i's values that none has which it, or one after it, reads. */
static void place(c_file *f, int i) {
    const uint64_t size = values_of(f, i);
    uint64_t at = 0;
    for (int k = -1; k < i; k++) {
        const uint64_t from = f->places[k + 1], to = from + values_of(f, k);
        if (node_at(f, k)->until < i || to <= at || at + size <= from) continue;
        at = to;
        k = -2; /* look at all of them again */
    }
    f->places[i + 1] = at;
    if (at + size > f->memory) f->memory = at + size;
}

static int plan(c_file *f) {
    if (dn_walk_plan(&f->walk, &f->model->spec, DN_WALK_SINGLE) != DN_OK) return DN_NOMEM;
    f->places = dn_new(&f->text.heap, (uint64_t)f->walk.n + 1, sizeof *f->places);
    if (!f->places) return DN_NOMEM;
    for (int i = -1; i < f->walk.n; i++) place(f, i);
    return DN_OK;
}

/* --- what its layers need ----------------------------------------------------------- */

static int is_window(const dn_layer *l) {
    return l->kind == DN_CONV || l->kind == DN_DEPTHWISE || l->kind == DN_MAXPOOL ||
           l->kind == DN_AVGPOOL;
}

/* A pooling of windows that maxima and means do not know. */
static int is_uneven_pool(const dn_layer *l) {
    return (l->kind == DN_MAXPOOL || l->kind == DN_AVGPOOL) && l->padded &&
           dn_is_uneven(l);
}

static int piece_of(const dn_layer *l) {
    switch (l->kind) {
    case DN_CONV:
    case DN_DEPTHWISE: return DN_PIECE_CONV;
    case DN_DENSE: return DN_PIECE_DENSE;
    case DN_MAXPOOL: return is_uneven_pool(l) ? DN_PIECE_POOL : DN_PIECE_MAX;
    case DN_AVGPOOL: return is_uneven_pool(l) ? DN_PIECE_POOL : DN_PIECE_MEAN;
    default: return 0;
    }
}

static int is_softmax(const dn_spec *spec) {
    return spec->layers[spec->n - 1].activation != DN_SIGMOID;
}

static int pieces_of(const c_file *f) {
    int all = DN_PIECE_LARGEST | (is_softmax(&f->model->spec) ? DN_PIECE_SOFTMAX : 0);
    for (int i = 0; i < f->walk.n; i++) {
        const dn_layer *l = f->walk.nodes[i].layer;
        all |= piece_of(l) | dn_curve_pieces[l->activation].needs;
    }
    /* A piece stands behind those that it needs. */
    for (int i = DN_PIECES - 1; i >= 0; i--)
        if (all & dn_pieces[i].is) all |= dn_pieces[i].needs;
    return all;
}

static void put_pieces(c_file *f) {
    int curves[DN_ACTIVATIONS] = {0};
    for (int i = 0; i < DN_PIECES; i++)
        if (f->pieces & dn_pieces[i].is) dn_text_put(&f->text, dn_pieces[i].text);
    for (int i = 0; i < f->walk.n; i++) curves[f->walk.nodes[i].layer->activation] = 1;
    for (int i = 0; i < DN_ACTIVATIONS; i++)
        if (curves[i] && dn_curve_pieces[i].text)
            dn_text_put(&f->text, dn_curve_pieces[i].text);
}

/* --- head and labels ---------------------------------------------------------------- */

/* Bytes of constants in the file when it is compiled, but for labels. */
static uint64_t constants(const c_file *f) {
    uint64_t bytes = 0;
    for (int i = 0; i < f->walk.n; i++) {
        const dn_layer *l = f->walk.nodes[i].layer;
        if (is_window(l)) bytes += 48;
        if (l->rows)
            bytes += 4 * ((uint64_t)l->rows * (uint64_t)l->columns + (uint64_t)l->out.c);
    }
    return bytes;
}

static int64_t operations(const dn_spec *spec) {
    int64_t all = 0;
    for (int i = 0; i < spec->n; i++) all += spec->layers[i].cost;
    return all;
}

static void put_head(c_file *f) {
    dn_text *t = &f->text;
    const dn_spec *spec = &f->model->spec;
    const char *name = f->words->name;
    dn_text_print(t, "/* %s.c - which of %d classes an image shows.\n *\n * ", name,
                  spec->classes);
    dn_text_comment(t, "Written by digitnet ");
    dn_text_comment(t, f->words->version);
    dn_text_comment(t, " from the model '");
    dn_text_comment(t, f->words->model);
    dn_text_comment(t, "': ");
    dn_text_comment(t, spec->text);
    dn_text_print(t,
                  "\n *\n"
                  " *     int %s_predict(const unsigned char *pixels, float "
                  "*probabilities);\n"
                  " *     extern const char *const %s_labels[%d];\n *\n",
                  name, name, spec->classes);
    dn_text_print(
        t,
        " *   pixels         [%d][%d][%d] rows from the top, channels innermost, 0 .. "
        "255\n"
        " *   probabilities  [%d] written, 0 .. 1\n *\n",
        spec->shape.h, spec->shape.w, spec->shape.c, spec->classes);
    dn_text_put(
        t, " * Returns the number of the most probable class, whose name is in the "
           "labels. Cannot\n"
           " * fail, allocates nothing and needs no library. Its buffers are static: "
           "one call at a\n"
           " * time. Any compiler of C99 will do whose int has 32 bits.\n *\n");
    dn_text_print(t,
                  " * Constants (flash): %llu bytes, beside labels and code. Buffers "
                  "(RAM): %llu bytes.\n * %lld multiply-adds. */\n\n",
                  (unsigned long long)constants(f), (unsigned long long)(4 * f->memory),
                  (long long)operations(spec));
    dn_text_print(t,
                  "int %s_predict(const unsigned char *pixels, float *probabilities);\n"
                  "extern const char *const %s_labels[%d];\n\n",
                  name, name, spec->classes);
}

static void put_label(dn_text *t, const dn_label *label) {
    if (label->text)
        dn_text_string(t, label->text, label->text_size);
    else
        dn_text_print(t, "\"%lld\"", (long long)label->integer);
}

static void put_labels(c_file *f) {
    dn_text *t = &f->text;
    const int classes = f->model->spec.classes;
    for (int i = 0; i < classes && dn_go_on(&f->ask, NUMBER); i++) {
        dn_text_print(t, "static const char label%d[] = ", i);
        put_label(t, &f->model->labels[i]);
        dn_text_put(t, ";\n");
    }
    dn_text_print(t, "\nconst char *const %s_labels[%d] = {\n", f->words->name, classes);
    for (int i = 0; i < classes && dn_go_on(&f->ask, NUMBER); i++)
        dn_text_print(t, "%slabel%d%s", t->column ? " " : "    ", i,
                      i + 1 == classes ? "\n};\n\n"
                      : t->column > 70 ? ",\n"
                                       : ",");
}

/* --- numbers of layers -------------------------------------------------------------- */

/* A list of count numbers: number k is at values[k / columns · row + k % columns ·
 * column]. */
typedef struct list {
    const float *values;
    int rows, columns;
    ptrdiff_t row, column;
} list;

static void put_list(c_file *f, const char *name, int i, const list *l) {
    dn_text_print(&f->text, "static const float %s%d[%lld] = {\n", name, i + 1,
                  (long long)l->rows * l->columns);
    for (int r = 0; r < l->rows && dn_go_on(&f->ask, NUMBER * l->columns); r++)
        for (int c = 0; c < l->columns; c++)
            dn_text_element(&f->text, l->values[r * l->row + c * l->column]);
    dn_text_put(&f->text, "\n};\n\n");
}

/* Weights as the pieces read them, outputs first. */
static void put_numbers(c_file *f, const dn_node *node) {
    const dn_layer *l = node->layer;
    const int i = node->number;
    if (is_window(l))
        dn_text_print(&f->text,
                      "static const struct layer s%d = {%d, %d, %d, %d, %d, %d, %d, %d, "
                      "%d, %d, %d, %d};\n",
                      i + 1, l->in.c, l->in.h, l->in.w, l->out.c, l->out.h, l->out.w,
                      l->kh, l->kw, l->stride, l->pad_y, l->pad_x,
                      l->kind == DN_DEPTHWISE ? l->out.c
                      : l->groups > 1         ? l->groups
                                              : 1);
    if (!l->rows) return;
    const float *w = f->model->batch_weights[i];
    const list straight = {w, l->rows, l->columns, l->ld, 1};
    const list across = {w, l->columns, l->rows, 1, l->ld};
    put_list(f, "w", i, l->outputs_first ? &straight : &across);
    put_list(f, "b", i, &(list){f->model->bias[i], 1, l->out.c, 0, 1});
}

/* --- the function ------------------------------------------------------------------- */

/* Where input k of node n lies, as "memory + 64". */
static const char *source(char text[40], const c_file *f, int n, int k) {
    snprintf(text, 40, "memory + %llu",
             (unsigned long long)f->places[f->walk.nodes[n].sources[k] + 1]);
    return text;
}

/* y[i] is the sum, or the product, of what its inputs have there; b[i / places] where the
 * second has one value for each map. */
static void put_sum(c_file *f, int n) {
    const dn_layer *l = f->walk.nodes[n].layer;
    const int product = l->kind == DN_MUL;
    char text[40];
    dn_text_print(&f->text,
                  "    for (i = 0; i < %lld; i++) y[i] =", (long long)dn_values(l->out));
    for (int k = 0; k < l->froms; k++) {
        const int from = f->walk.nodes[n].sources[k];
        const int64_t times = dn_values(l->out) / (int64_t)values_of(f, from);
        dn_text_print(&f->text, "%s(%s)[i", k ? product ? " * " : " + " : " ",
                      source(text, f, n, k));
        if (times > 1) dn_text_print(&f->text, " / %lld", (long long)times);
        dn_text_put(&f->text, "]");
    }
    dn_text_put(&f->text, ";\n");
}

static void put_concat(c_file *f, int n) {
    const dn_node *node = &f->walk.nodes[n];
    uint64_t at = 0;
    char text[40];
    for (int k = 0; k < node->layer->froms; k++) {
        const uint64_t size = values_of(f, node->sources[k]);
        dn_text_print(&f->text, "    for (i = 0; i < %llu; i++) y[%llu + i] = (%s)[i];\n",
                      (unsigned long long)size, (unsigned long long)at,
                      source(text, f, n, k));
        at += size;
    }
}

/* A factor and a summand for each map. */
static void put_scale(c_file *f, int n) {
    const dn_layer *l = f->walk.nodes[n].layer;
    const int i = f->walk.nodes[n].number + 1, places = l->out.h * l->out.w;
    char text[40];
    dn_text_print(&f->text,
                  "    for (i = 0; i < %lld; i++)\n"
                  "        y[i] = w%d[i / %d] * (%s)[i] + b%d[i / %d];\n",
                  (long long)dn_values(l->out), i, places, source(text, f, n, 0), i,
                  places);
}

static void put_layer(c_file *f, int n) {
    const dn_layer *l = f->walk.nodes[n].layer;
    const int i = f->walk.nodes[n].number + 1;
    char text[40];
    const char *x = source(text, f, n, 0);
    if (is_uneven_pool(l)) {
        dn_text_print(&f->text, "    pool(y, %s, &s%d, %d, %d, %d, %d);\n", x, i,
                      dn_stride_x(l), l->gap_y + 1, l->gap_x + 1,
                      l->kind == DN_AVGPOOL ? 1 + l->zeros : 0);
        return;
    }
    switch (l->kind) {
    case DN_CONV:
    case DN_DEPTHWISE:
        dn_text_print(&f->text, "    convolve(y, %s, &s%d, w%d, b%d);\n", x, i, i, i);
        break;
    case DN_DENSE:
        dn_text_print(&f->text, "    dense(y, %s, %d, %d, w%d, b%d);\n", x, l->rows,
                      l->columns, i, i);
        break;
    case DN_MAXPOOL: dn_text_print(&f->text, "    maxima(y, %s, &s%d);\n", x, i); break;
    case DN_AVGPOOL:
        dn_text_print(&f->text, "    means(y, %s, &s%d, %d);\n", x, i, l->zeros);
        break;
    case DN_ADD:
    case DN_MUL: put_sum(f, n); break;
    case DN_CONCAT: put_concat(f, n); break;
    default: put_scale(f, n); break; /* DN_NORM, DN_OUTPUT */
    }
}

static void put_curve(c_file *f, const dn_layer *l) {
    const dn_curve_piece *curve = &dn_curve_pieces[l->activation];
    if (!curve->name) return;
    dn_text_print(&f->text, "    for (i = 0; i < %lld; i++) y[i] = %s(y[i]",
                  (long long)dn_values(l->out), curve->name);
    const float numbers[2] = {l->alpha, l->beta};
    for (int k = 0; k < curve->numbers; k++) {
        dn_text_put(&f->text, ", ");
        dn_text_float(&f->text, numbers[k], "");
    }
    dn_text_put(&f->text, ");\n");
}

/* Pixels become values, [c][h][w], as input.h has them. */
static void put_image(c_file *f) {
    const dn_shape shape = f->model->spec.shape;
    const int places = shape.h * shape.w;
    char to[64] = "i"; /* from [h][w][c] */
    if (shape.c > 1)
        snprintf(to, sizeof to, "i %% %d * %d + i / %d", shape.c, places, shape.c);
    dn_text_print(&f->text,
                  "    for (i = 0; i < %d; i++)\n"
                  "        y[%s] = ((float)pixels[i] / 255.0f - ",
                  places * shape.c, to);
    dn_text_float(&f->text, f->model->mean, ") * ");
    dn_text_float(&f->text, f->model->inverse, ";\n");
}

static void put_function(c_file *f) {
    const dn_spec *spec = &f->model->spec;
    const int n = f->walk.n;
    dn_text_print(&f->text,
                  "static float memory[%llu];\n\n"
                  "int %s_predict(const unsigned char *pixels, float *probabilities)\n"
                  "{\n    float *y = memory + %llu;\n    int i;\n",
                  (unsigned long long)f->memory, f->words->name,
                  (unsigned long long)f->places[0]);
    put_image(f);
    for (int k = 0; k < n; k++) {
        const dn_layer *l = f->walk.nodes[k].layer;
        char text[DN_LAYER_TEXT] = "";
        if (dn_kind_of(l)->print) dn_kind_of(l)->print(text, sizeof text, l);
        dn_text_put(&f->text, "\n    /* ");
        dn_text_comment(&f->text, *text ? text : dn_kind_of(l)->notation);
        dn_text_print(&f->text, " */\n    y = memory + %llu;\n",
                      (unsigned long long)f->places[k + 1]);
        put_layer(f, k);
        put_curve(f, l);
    }
    if (is_softmax(spec))
        dn_text_print(&f->text, "\n    softmax(probabilities, y, %d);\n", spec->classes);
    else
        dn_text_print(&f->text,
                      "\n    for (i = 0; i < %d; i++) probabilities[i] = y[i];\n",
                      spec->classes);
    dn_text_print(&f->text, "    return largest(probabilities, %d);\n}\n", spec->classes);
}

static void put_file(c_file *f) {
    f->pieces = pieces_of(f);
    put_head(f);
    put_labels(f);
    put_pieces(f);
    for (int i = 0; i < f->walk.n; i++) put_numbers(f, &f->walk.nodes[i]);
    put_function(f);
}

/* --- the whole ---------------------------------------------------------------------- */

/* The text is as much memory as the numbers that it holds have digits. */
static int reserve(c_file *f, const dn_limits *limits, char *error, size_t error_size) {
    dn_cost cost = dn_cost_predict(&f->model->spec);
    const uint64_t room = constants(f) / 4 * NUMBER_TEXT + (1 << 14);
    cost.memory += room;
    const int status = dn_cost_check(&cost, limits, "the model as C", error, error_size);
    if (status == DN_OK) dn_text_room(&f->text, room);
    return status;
}

int dn_c_export(char **text, size_t *text_size, const void *bytes, size_t size,
                const dn_c_words *words, const dn_host *host, char *error,
                size_t error_size) {
    dn_model *model = NULL;
    const dn_limits limits = dn_limits_of(host);
    *text = NULL;
    int status = dn_model_decode_plain(&model, bytes, size, host, error, error_size);
    if (status == DN_OK && model->precision == DN_KEEP_INT8)
        status = dn_fail(error, error_size, DN_IN_INT8, "a C file");
    if (status != DN_OK) {
        dn_model_free(model);
        return status;
    }
    c_file f = {.text = {.heap = dn_heap_of(host)}, .model = model, .words = words};
    f.ask.pace = model->kernels->pace;
    if (host) f.ask.watch = host->watch;
    status = plan(&f);
    if (status == DN_OK) status = reserve(&f, &limits, error, error_size);
    if (status == DN_OK) {
        put_file(&f);
        status = f.ask.stopped ? DN_STOPPED : f.text.failed ? DN_NOMEM : DN_OK;
    }
    if (status == DN_OK) {
        *text = f.text.p;
        *text_size = f.text.size;
    } else {
        dn_release(&f.text.heap, f.text.p);
    }
    dn_release(&f.text.heap, f.places);
    dn_walk_clear(&f.walk);
    dn_model_free(model);
    return status;
}
