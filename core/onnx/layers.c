/* layers.c - from a folded network's steps to layers: see layers.h, making.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "../error.h"
#include "../memory.h"
#include "fold.h"
#include "making.h"

static int add(onnx_making *m, onnx_step *s, int from, int last);

/* Padding that is wider than a window becomes a layer. *from is then that one. */
static int add_pads(onnx_making *m, onnx_step *s, int *from) {
    onnx_step pad;
    if (!dn_onnx_split_pads(s, &pad)) return DN_OK;
    const int status = add(m, &pad, *from, 0);
    dn_floats_release(&m->net->heap, pad.w);
    dn_floats_release(&m->net->heap, pad.ends);
    *from = m->out->n;
    return status;
}

/* A layer with weights, a pooling or a dropout: it reads one other. */
static int add(onnx_making *m, onnx_step *s, int from, int last) {
    int status = DN_OK;
    if (s->kind == STEP_ACT && s->ends && s->curve.is == DN_LINEAR &&
        s->each == (size_t)s->in.c)
        return dn_onnx_prelu_layers(m, s, from);
    if (s->kind == STEP_SCALE || s->kind == STEP_NORM || s->kind == STEP_ACT)
        status = dn_onnx_alone_layer(m, s, from);
    else if (s->kind == STEP_CHOICE)
        status = dn_onnx_choice_layer(m, s, from);
    else if (s->kind == STEP_PAD)
        status = dn_onnx_pad_layer(m, s);
    else if (s->kind == STEP_CONV || s->kind == STEP_MAXPOOL || s->kind == STEP_AVGPOOL)
        status = add_pads(m, s, &from);
    if (status != DN_OK) return status;
    if (s->kind == STEP_CONV) dn_onnx_settle_strides(s);
    if (s->kind == STEP_CONV && s->window.stride_y != s->window.stride_x &&
        s->out.h * s->out.w > 1)
        return dn_onnx_picked_layers(m, s, from);
    if (s->kind == STEP_CONV)
        status = dn_onnx_conv_layer(m, s, last, dn_onnx_layer_vector(m, from));
    else if (s->kind == STEP_MAXPOOL || s->kind == STEP_AVGPOOL)
        status = dn_onnx_pool_layer(m, s);
    else if (s->kind != STEP_DENSE && s->kind != STEP_DROPOUT)
        status = dn_onnx_no_layer(m, s);
    return status == DN_OK ? dn_onnx_layer_put(m, s, &from, 1) : status;
}

/* A join of several layers: of as many at a time as notation has. */
static int add_join(onnx_making *m, onnx_step *s) {
    int from[DN_MAX_FROM], n = 0;
    const onnx_net *net = m->net;
    for (int k = 0; k < s->n; k++) {
        const dn_shape a = net->steps[s->inputs[0]].out, b = net->steps[s->inputs[k]].out;
        int one = m->number[s->inputs[k]], status = DN_OK;
        if (s->kind == STEP_ADD && (a.h != b.h || a.w != b.w))
            status = dn_onnx_spread_layers(m, s, m->number[s->inputs[0]], &one);
        if (status != DN_OK) return status;
        if (n == DN_MAX_FROM) { /* what there is so far */
            onnx_step some = *s;
            some.act = NULL;
            some.curve = (dn_curve){DN_LINEAR, 0, 0};
            status = dn_onnx_layer_put(m, &some, from, n);
            if (status != DN_OK) return status;
            from[0] = m->out->n;
            n = 1;
        }
        from[n++] = one;
    }
    if (s->kind == STEP_MUL && dn_onnx_layer_vector(m, from[0]) &&
        !dn_onnx_layer_vector(m, from[1])) {
        const int factor = from[0]; /* for each map one number: the maps come first */
        from[0] = from[1];
        from[1] = factor;
    }
    return dn_onnx_layer_put(m, s, from, n);
}

/* OUT, an output layer of a factor and a summand for each number: those of the SCALE s,
 * or ones and zeros for a network that ends with something else than a layer of weights,
 * or with a Sigmoid of each number. It reads layer `from`. */
static int add_output(onnx_making *m, const onnx_step *s, int from) {
    const int is_scale = s->kind == STEP_SCALE;
    const size_t n = (size_t)s->out.h * (size_t)s->out.w * (size_t)s->out.c;
    if (n > DN_MAX_CLASSES)
        return dn_fail(m->error, m->error_size,
                       "the network ends with %s, which gives %zu numbers; expected one "
                       "for each class",
                       s->name, n);
    onnx_step end = {.kind = STEP_OUTPUT,
                     .in = s->out,
                     .out = {1, 1, (int)n},
                     .reads = 1,
                     .each = n,
                     .curve.is = m->net->sigmoid ? DN_SIGMOID : DN_LINEAR,
                     .w = dn_floats(&m->net->heap, (uint64_t)n),
                     .ends = dn_floats(&m->net->heap, ENDS * (uint64_t)n)};
    int status = end.w && end.ends ? DN_OK : DN_NOMEM;
    memcpy(end.name, s->name, sizeof end.name);
    for (size_t i = 0; i < n && status == DN_OK; i++) {
        const size_t k = is_scale ? i / (n / s->each)
                                  : 0; /* one a channel, or a number */
        end.w[i] = is_scale ? s->ends[ENDS_GAIN * s->each + k] : 1.0f;
        end.ends[i] = is_scale ? s->ends[ENDS_BIAS * s->each + k] : 0.0f;
    }
    if (status == DN_OK) status = dn_onnx_layer_put(m, &end, &from, 1);
    dn_floats_release(&m->net->heap, end.w);
    dn_floats_release(&m->net->heap, end.ends);
    return status;
}

/* Whether a step is what OUT does. */
static int suits_output(onnx_step *s) {
    if (s->kind != STEP_SCALE && s->kind != STEP_NORM) return 0;
    dn_onnx_plain_scale(s);
    return 1;
}

/* Whether a step is a pooling of a vector, of which each map has one place: it gives what
 * it reads. */
static int is_idle(const onnx_making *m, const onnx_step *s) {
    return (s->kind == STEP_MAXPOOL || s->kind == STEP_AVGPOOL) &&
           dn_onnx_layer_vector(m, m->number[s->input]) && dn_onnx_pool_idle(s);
}

/* A step as the layers that do what it does, if any. */
static int add_step(onnx_making *m, int i, int last) {
    onnx_step *s = &m->net->steps[i];
    if (is_idle(m, s)) {
        m->number[i] = m->number[s->input];
        return DN_OK;
    }
    const int status = s->n > 1 ? add_join(m, s) : add(m, s, m->number[s->input], last);
    m->number[i] = m->out->n;
    return status;
}

/* All steps. The result, which none reads, is the last. */
static int add_all(onnx_making *m) {
    onnx_net *net = m->net;
    int status = DN_OK;
    for (int i = 1; i <= net->result && status == DN_OK && !m->work->stopped; i++) {
        onnx_step *s = &net->steps[i];
        if (s->kind == STEP_GONE) continue;
        const int last =
            i == net->result && !s->act && !net->sigmoid &&
            (s->kind == STEP_DENSE || (s->kind == STEP_CONV && s->out.h * s->out.w == 1));
        if (s->readers > 1 && i == net->result)
            return dn_onnx_refuse(m, s, "is the output, and read by other nodes, too");
        if (i == net->result && suits_output(s))
            return add_output(m, s, m->number[s->input]);
        status = add_step(m, i, last);
        if (status == DN_NOMEM && m->work->budget->over)
            return dn_fail(m->error, m->error_size, "%s: " DN_ONNX_OVER, s->name,
                           (unsigned long long)m->work->budget->most);
        if (status == DN_OK && i == net->result && !last)
            status = add_output(m, &m->out->layers[m->number[i] - 1], m->number[i]);
    }
    if (status == DN_OK && m->out->n == 0)
        return dn_fail(m->error, m->error_size,
                       "the network has no layer that has weights");
    return status;
}

/* Batch norm becomes part of the weights: the output layer has none in our notation. */
static void fold_norm(onnx_step *l, onnx_work *work) {
    const size_t out = (size_t)l->out.c;
    for (size_t o = 0; o < out && dn_onnx_worked(work, l->reads); o++) {
        const double scale =
            (double)l->ends[ENDS_GAIN * out + o] /
            sqrt((double)l->ends[ENDS_VARIANCE * out + o] + DN_NORM_EPSILON);
        for (size_t i = 0; i < l->reads; i++)
            *dn_onnx_weight(l, o, i) = (float)((double)*dn_onnx_weight(l, o, i) * scale);
        l->ends[o] =
            (float)((double)l->ends[o] - (double)l->ends[ENDS_MEAN * out + o] * scale);
    }
    l->norm = 0;
}

/* A step as a layer of ours, as far as notation tells of it. */
static dn_layer layer_of(const onnx_step *from) {
    static const dn_kind kinds[] = {
        [STEP_CONV] = DN_CONV,       [STEP_DENSE] = DN_DENSE,
        [STEP_MAXPOOL] = DN_MAXPOOL, [STEP_AVGPOOL] = DN_AVGPOOL,
        [STEP_DROPOUT] = DN_DROPOUT, [STEP_ADD] = DN_ADD,
        [STEP_MUL] = DN_MUL,         [STEP_CONCAT] = DN_CONCAT,
        [STEP_OUTPUT] = DN_OUTPUT};
    const onnx_window *w = &from->window;
    const int pools = from->kind == STEP_MAXPOOL || from->kind == STEP_AVGPOOL;
    const int windowed = from->kind == STEP_CONV || pools;
    const int said = windowed && from->pads == PADS_SAID;
    const int apart = from->kind == STEP_CONV && from->group > 1 &&
                      from->group == from->in.c && from->group == from->out.c;
    return (dn_layer){.kind = apart ? DN_DEPTHWISE : kinds[from->kind],
                      .in = from->in,
                      .out = {.c = from->out.c},
                      .kh = (int)w->kh,
                      .kw = (int)w->kw,
                      .stride = (int)w->stride_y,
                      .stride_x = w->stride_x == w->stride_y ? 0 : (int)w->stride_x,
                      .gap_y = pools ? (int)w->dilation_y - 1 : 0,
                      .gap_x = pools ? (int)w->dilation_x - 1 : 0,
                      .valid = from->kind == STEP_CONV && from->pads == PADS_NONE,
                      .padded = said,
                      .pad_y = said ? (int)w->top : 0,
                      .pad_x = said ? (int)w->left : 0,
                      .end_y = said ? (int)w->bottom : 0,
                      .end_x = said ? (int)w->right : 0,
                      .zeros = said && from->kind == STEP_AVGPOOL && w->counts_pads,
                      .groups = apart || from->group < 2 ? 0 : from->group,
                      .norm = from->norm,
                      .activation = from->curve.is,
                      .alpha = from->curve.alpha,
                      .beta = from->curve.beta,
                      .drop = from->drop,
                      .froms = from->n};
}

/* The notation of layer i, from 0. A fully connected output layer is not written, but
 * where it goes on from is. */
static void print_layer(char *text, size_t size, const dn_onnx *net, int i) {
    dn_layer l = layer_of(&net->layers[i]);
    const int *from = net->from[i];
    text[0] = '\0';
    for (int k = 0; k < l.froms; k++) l.from[k] = from[k] - 1;
    if (i < net->n - 1 || l.kind == DN_OUTPUT)
        dn_layer_print(text, size, &l, i);
    else if (from[0] != i)
        snprintf(text, size, "%s@%d", i ? "-" : "", from[0]);
}

/* Factors were multiplied, so a number may have left the range of floats. */
static int check_finite(const onnx_making *m) {
    for (int i = 0; i < m->out->n; i++) {
        const onnx_step *l = &m->out->layers[i];
        const size_t out = (size_t)l->out.c, n = l->w ? out * l->reads : 0;
        size_t bad = 0;
        for (size_t k = 0; k < n && dn_onnx_worked(m->work, 1); k++)
            bad += !(fabsf(l->w[k]) <= 3e38f);
        for (size_t k = 0; l->w && k < ENDS * out; k++)
            bad += !(fabsf(l->ends[k]) <= 3e38f);
        if (bad)
            return dn_fail(m->error, m->error_size,
                           "%zu weights of %s are not finite once the nodes behind it "
                           "are folded into it",
                           bad, l->name);
    }
    return DN_OK;
}

/* Each layer gives what its step does: so no layer was said wrongly. */
static int check_shapes(const onnx_making *m) {
    const dn_onnx *out = m->out;
    for (int i = 0; i < out->n; i++) {
        const dn_shape a = out->layers[i].out, b = out->spec.layers[i].out;
        if (a.h != b.h || a.w != b.w || a.c != b.c)
            return dn_fail(m->error, m->error_size,
                           "%s: gives %d maps of %dx%d; as a layer here it would give %d "
                           "of %dx%d; expected another stride or padding",
                           out->layers[i].name, a.c, a.h, a.w, b.c, b.h, b.w);
    }
    return DN_OK;
}

static int find_spec(const onnx_making *m) {
    dn_onnx *out = m->out;
    const onnx_step *last = &out->layers[out->n - 1];
    const size_t room = (size_t)out->n * DN_PRINTED_LAYER + 1;
    if (last->out.c == 1)
        return dn_fail(m->error, m->error_size,
                       "the network ends with %s, which gives one number; expected one "
                       "for each class, or a Sigmoid of the one, which is then the "
                       "probability of the second of two classes",
                       last->name);
    char *notation = dn_new(&out->heap, room, 1);
    size_t n = 0;
    if (!notation) return DN_NOMEM;
    for (int i = 0; i < out->n; i++) {
        print_layer(notation + n, room - n, out, i);
        n += strlen(notation + n);
    }
    const int status = dn_spec_parse(&out->spec, notation, m->net->steps[0].out,
                                     last->out.c, &out->heap, m->error, m->error_size);
    dn_release(&out->heap, notation);
    return status == DN_OK ? check_shapes(m) : status;
}

int dn_onnx_layers_of(dn_onnx *out, onnx_net *net, onnx_work *work, char *error,
                      size_t error_size) {
    onnx_making m = {out, net, NULL, work, error, error_size};
    m.number = dn_new(&net->heap, (uint64_t)net->n, sizeof *m.number);
    int status = m.number ? add_all(&m) : DN_NOMEM;
    dn_release(&net->heap, m.number);
    if (status != DN_OK) return status;
    onnx_step *last = &out->layers[out->n - 1];
    if (last->norm) fold_norm(last, work);
    status = check_finite(&m);
    return status == DN_OK ? find_spec(&m) : status;
}
