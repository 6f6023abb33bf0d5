/* fold_choice.c - a part of the channels, or all in another order, becomes part of the
 * layer that reads it: see fold.h. */
#include "../memory.h"
#include "fold.h"

/* Whether it gives what it reads. */
static int is_all(const onnx_step *s) {
    for (int k = 0; k < s->out.c; k++)
        if (s->order[k] != k) return 0;
    return s->out.c == s->in.c;
}

int dn_onnx_choice_join(onnx_folding *f, int i) {
    onnx_net *net = f->net;
    onnx_step *s = &net->steps[i];
    if (s->kind != STEP_CHOICE || !dn_onnx_worked(f->work, (uint64_t)s->out.c)) return 0;
    const onnx_step *before = &net->steps[s->input];
    if (is_all(s)) {
        dn_onnx_step_remove(net, i);
        return 1;
    }
    if (before->kind != STEP_CHOICE) return 0;
    for (int k = 0; k < s->out.c; k++) s->order[k] = before->order[s->order[k]];
    s->in = before->in;
    s->input = before->input;
    dn_onnx_drop_unread(net); /* others may read the one before */
    return 1;
}

/* Numbers of a channel that one output of a layer reads. */
static size_t taps_of(const onnx_step *l) { return l->reads / (size_t)l->in.c; }

/* Whether the layer is smaller with the choice in it than the choice is as a layer of its
 * own (layers.c): a weight for each channel that is left out is a zero in it. */
static int takes(const onnx_step *l, const onnx_step *s) {
    if (l->kind != STEP_DENSE && (l->kind != STEP_CONV || l->group != 1)) return 0;
    const uint64_t in = (uint64_t)s->in.c, out = (uint64_t)s->out.c;
    if (in < out || in * out > ONNX_ALONE) return 0;
    return (in - out) * taps_of(l) * (uint64_t)l->out.c <= in * out;
}

int dn_onnx_choice_down(onnx_folding *f, int i) {
    onnx_net *net = f->net;
    const onnx_step *s = &net->steps[i];
    const int reader = s->kind == STEP_CHOICE ? dn_onnx_only_reader(net, i) : -1;
    if (reader < 0 || !takes(&net->steps[reader], s)) return 0;
    onnx_step *l = &net->steps[reader];
    const onnx_step was = *l;
    const size_t taps = taps_of(l), out = (size_t)l->out.c;
    l->in.c = s->in.c;
    l->reads = (size_t)s->in.c * taps;
    const uint64_t more = (uint64_t)(l->reads - was.reads) * out;
    if (net->weights + more > DN_MAX_PARAMETERS) {
        *l = was;
        return 0;
    }
    if (!(l->w = dn_onnx_zeros(f->work, &net->heap, (uint64_t)l->reads * out))) {
        *l = was;
        return -1;
    }
    net->weights += more;
    for (size_t o = 0; o < out && dn_onnx_worked(f->work, l->reads); o++)
        for (size_t k = 0; k < was.reads; k++) {
            const size_t at = (size_t)s->order[k / taps] * taps + k % taps;
            *dn_onnx_weight(l, o, at) += *dn_onnx_weight(&was, o, k);
        }
    dn_floats_release(&net->heap, was.w);
    dn_onnx_step_remove(net, i);
    return 1;
}
