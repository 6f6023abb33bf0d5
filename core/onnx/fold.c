/* fold.c - a network's steps become fewer, and of fewer kinds: see fold.h.
 *
 * Pass by pass until nothing changes. Each makes a step part of another, or brings it
 * nearer to where that is possible: past a max pooling, whose maxima a rising function
 * does not change, past an average, past dropout. */
#include <string.h>
#include "../error.h"
#include "../memory.h"
#include "fold.h"

/* --- the end ------------------------------------------------------------------------ */

/* Softmax and what does nothing at prediction: a model ends with a Softmax of its own. */
static int drop_softmax(onnx_net *net) {
    for (int found = 0;; net->result = net->steps[net->result].input) {
        const onnx_step *s = &net->steps[net->result];
        if (s->kind == STEP_SOFTMAX && !found)
            found = !s->act; /* the largest of them may be looked for after it */
        else if (s->kind != STEP_DROPOUT)
            return found;
    }
}

/* A layer of two outputs, of which one is z and the other always 0: then the Softmax of
 * what it gives is the Sigmoid of z, of that class. */
static int two_classes(onnx_net *net, int class) {
    const onnx_step *z = &net->steps[net->result];
    onnx_step *s;
    if (dn_onnx_step_new(net, STEP_DENSE, net->result, &s) < 0) return DN_NOMEM;
    memcpy(s->name, z->name, sizeof s->name);
    s->out = (dn_shape){1, 1, 2};
    s->reads = 1;
    s->each = 2;
    s->w = dn_floats(&net->heap, 2);
    s->ends = dn_floats(&net->heap, ENDS * 2);
    if (!s->w || !s->ends) return DN_NOMEM;
    s->w[class] = 1;
    net->result = net->n - 1;
    return DN_OK;
}

static int is_sigmoid(const onnx_step *s) {
    return s->kind == STEP_ACT && s->curve.is == DN_SIGMOID;
}

/* Whether input k of a Concat is 1 − p, and the other p, the Sigmoid of one number. */
static int is_pair(const onnx_net *net, const onnx_step *s, int k) {
    if (s->kind != STEP_CONCAT || s->n != 2 || s->out.c * s->out.h * s->out.w != 2)
        return 0;
    const onnx_step *rest = &net->steps[s->inputs[k]];
    return is_sigmoid(&net->steps[s->inputs[!k]]) && rest->kind == STEP_SCALE &&
           rest->input == s->inputs[!k] && rest->ends[ENDS_GAIN] == -1 &&
           rest->ends[ENDS_BIAS] == 1;
}

/* A Sigmoid at the end: of one number, the probability p of the second of two classes, or
 * with 1 − p beside it, as scikit-learn has it; of several, each class by itself, which
 * is what OUTs says. */
static int drop_sigmoid(onnx_net *net) {
    const onnx_step *s = &net->steps[net->result];
    for (int k = 0; k < 2; k++)
        if (is_pair(net, s, k)) {
            net->result = net->steps[s->inputs[!k]].input;
            return two_classes(net, !k);
        }
    if (!is_sigmoid(s)) return DN_OK;
    net->result = s->input;
    if (s->out.c * s->out.h * s->out.w == 1) return two_classes(net, 1);
    net->sigmoid = 1;
    return DN_OK;
}

/* --- passes ------------------------------------------------------------------------- */

/* Whether no number that a step gives is below 0. */
static int is_positive(const onnx_net *net, int i) {
    for (;; i = net->steps[i].input) {
        const onnx_step *s = &net->steps[i];
        if (s->act && (s->curve.is == DN_RELU || s->curve.is == DN_SIGMOID)) return 1;
        if (s->kind != STEP_MAXPOOL && s->kind != STEP_AVGPOOL &&
            s->kind != STEP_DROPOUT && s->kind != STEP_SHAPE && s->kind != STEP_PAD)
            return 0;
    }
}

/* Curves that rise all the way: the largest of numbers stays the largest. */
static int rises(dn_curve curve) {
    switch (curve.is) {
    case DN_RELU:
    case DN_SIGMOID:
    case DN_TANH:
    case DN_SOFTPLUS:
    case DN_SOFTSIGN: return 1;
    case DN_CLIP: return curve.alpha <= curve.beta;
    case DN_LEAKY:
    case DN_THRESHOLD:
    case DN_HARD_SIGMOID: return curve.alpha >= 0;
    case DN_ELU: return curve.alpha >= 0 && curve.beta >= 0;
    default: return 0;
    }
}

/* Whether a layer can have an activation at its end, and has none. */
static int takes_act(const onnx_step *s) {
    const int joins = s->kind == STEP_ADD || s->kind == STEP_MUL ||
                      s->kind == STEP_CONCAT;
    return dn_onnx_is_linear(s) || (joins && !s->act);
}

/* An activation becomes the end of a layer, perhaps past poolings. */
static int act_up(onnx_net *net, int i) {
    onnx_step *s = &net->steps[i];
    if (s->kind != STEP_ACT || s->curve.is == DN_LINEAR) return 0;
    if (s->curve.is == DN_RELU && is_positive(net, s->input)) {
        dn_onnx_step_remove(net, i);
        return 1;
    }
    for (int b = s->input;; b = net->steps[b].input) {
        const onnx_step *before = &net->steps[b];
        if (before->readers != 1) return 0;
        if (takes_act(before)) break;
        if (before->kind != STEP_DROPOUT &&
            (before->kind != STEP_MAXPOOL || !rises(s->curve)))
            return 0;
    }
    onnx_step *before = &net->steps[s->input];
    if (!takes_act(before)) {
        dn_onnx_step_swap(net, s->input, i);
        return 1;
    }
    before->act = s->act;
    before->curve = s->curve;
    dn_onnx_step_remove(net, i);
    return 1;
}

/* The bounds of an activation that only bounds: *least and *most. */
static int is_bounds(const onnx_step *s, float *least, float *most) {
    *least = s->curve.is == DN_RELU ? 0 : s->curve.alpha;
    *most = s->curve.is == DN_RELU ? 3e38f : s->curve.beta;
    return s->kind == STEP_ACT && (s->curve.is == DN_RELU || s->curve.is == DN_CLIP);
}

static float within(float x, float least, float most) {
    return x < least ? least : x > most ? most : x;
}

/* One bound after the other, as ReLU6 is written: one activation. */
static int bounds_join(onnx_net *net, int i) {
    onnx_step *s = &net->steps[i];
    float least, most, low, high;
    if (!is_bounds(s, &least, &most)) return 0;
    onnx_step *before = &net->steps[s->input];
    if (before->readers != 1 || !is_bounds(before, &low, &high)) return 0;
    low = within(low, least, most);
    high = within(high, least, most);
    if (!(low < high)) return 0;
    s->curve = low == 0 && high >= 3e38f ? (dn_curve){DN_RELU, 0, 0}
                                         : (dn_curve){DN_CLIP, low, high};
    s->act = s->curve.is == DN_RELU ? "Relu" : "Clip";
    dn_onnx_step_remove(net, s->input);
    return 1;
}

/* Zeros around maps become the padding of what reads them. */
static int pad_down(onnx_net *net, int i) {
    const onnx_step *pad = &net->steps[i];
    const int r = pad->kind == STEP_PAD ? dn_onnx_only_reader(net, i) : -1;
    if (r < 0) return 0;
    onnx_step *s = &net->steps[r];
    const onnx_window *p = &pad->window;
    if (p->top < 0 || p->left < 0 || p->bottom < 0 || p->right < 0) return 0;
    const int is_max = s->kind == STEP_MAXPOOL && is_positive(net, pad->input);
    if (s->kind != STEP_CONV && s->kind != STEP_AVGPOOL && !is_max) return 0;
    if (s->kind == STEP_AVGPOOL) {
        if (dn_onnx_has_pads(s) && !s->window.counts_pads) return 0;
        s->window.counts_pads = 1;
    }
    s->window.top += p->top;
    s->window.left += p->left;
    s->window.bottom += p->bottom;
    s->window.right += p->right;
    s->in = pad->in;
    s->whole = 0;
    dn_onnx_step_remove(net, i);
    return 1;
}

/* A fully connected layer reads all numbers, whatever maps they are. */
static int shape_down(onnx_net *net, int i) {
    const onnx_step *s = &net->steps[i];
    if (s->kind != STEP_SHAPE) return 0;
    for (int r = i + 1; r < net->n; r++)
        for (int k = 0; k < net->steps[r].n; k++)
            if (dn_onnx_step_input(&net->steps[r], k) == i &&
                net->steps[r].kind != STEP_DENSE)
                return 0;
    if (net->result == i) return 0;
    for (int r = i + 1; r < net->n; r++)
        if (net->steps[r].n == 1 && net->steps[r].input == i) net->steps[r].in = s->in;
    dn_onnx_step_remove(net, i);
    return 1;
}

/* One pass: whether anything changed; −1: no memory. What is written out is found before
 * its parts go into layers. */
static int pass(onnx_folding *f) {
    onnx_net *net = f->net;
    const uint64_t work = (uint64_t)net->n;
    int changed = 0, now = 0;
    for (int i = 1; i < net->n && dn_onnx_worked(f->work, work + net->steps[i].each); i++)
        changed |= dn_onnx_scale_join(net, i) || dn_onnx_choice_join(f, i) ||
                   dn_onnx_pattern(f, i) || bounds_join(net, i);
    if (changed) return 1;
    for (int i = 1; i < net->n && dn_onnx_worked(f->work, work + net->steps[i].each); i++)
        changed |= dn_onnx_scale_up(f, i) || act_up(net, i) || pad_down(net, i) ||
                   shape_down(net, i);
    if (changed) return 1;
    for (int i = net->n - 1;
         i > 0 && !now && dn_onnx_worked(f->work, work + net->steps[i].each); i--)
        if (!(now = dn_onnx_scale_down(f, i))) now = dn_onnx_choice_down(f, i);
    return now ? now : dn_onnx_scale_end(f);
}

int dn_onnx_fold(onnx_net *net, dn_onnx *out, onnx_work *work, char *error,
                 size_t error_size) {
    onnx_folding f = {net, work, error, error_size};
    int status = DN_OK, changed = 1;
    if (!drop_softmax(net)) status = drop_sigmoid(net);
    if (status != DN_OK) return status;
    dn_onnx_drop_unread(net);
    status = dn_onnx_fold_image(&f, out);
    while (status == DN_OK && changed && !work->stopped) {
        changed = pass(&f);
        if (changed < 0) status = DN_NOMEM;
    }
    return status;
}
