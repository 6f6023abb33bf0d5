/* net.c - the network that an ONNX file holds: see net.h. */
#include <string.h>
#include "../memory.h"
#include "net.h"

int dn_onnx_net_new(onnx_net *net, uint64_t room, const dn_heap *heap) {
    *net = (onnx_net){.heap = *heap, .room = (int)room, .result = -1};
    net->steps = dn_new(heap, room, sizeof *net->steps);
    return net->steps ? DN_OK : DN_NOMEM;
}

static void release(onnx_net *net, onnx_step *s) {
    dn_release(&net->heap, s->inputs);
    dn_release(&net->heap, s->order);
    dn_floats_release(&net->heap, s->w);
    dn_floats_release(&net->heap, s->ends);
    s->inputs = s->order = NULL;
    s->w = s->ends = NULL;
}

void dn_onnx_net_free(onnx_net *net) {
    for (int i = 0; net->steps && i < net->n; i++) release(net, &net->steps[i]);
    dn_release(&net->heap, net->steps);
    memset(net, 0, sizeof *net);
}

int dn_onnx_step_new(onnx_net *net, onnx_kind kind, int input, onnx_step **out) {
    if (net->n == net->room) return -1;
    onnx_step *s = *out = &net->steps[net->n];
    *s = (onnx_step){.kind = kind, .n = input >= 0, .input = input, .group = 1};
    if (input >= 0) s->in = s->out = net->steps[input].out;
    return net->n++;
}

int dn_onnx_step_inputs(onnx_net *net, onnx_step *step, const int *inputs, int n) {
    step->n = n;
    step->input = inputs[0];
    if (n == 1) return DN_OK;
    if (!(step->inputs = dn_new(&net->heap, (uint64_t)n, sizeof *inputs)))
        return DN_NOMEM;
    memcpy(step->inputs, inputs, (size_t)n * sizeof *inputs);
    return DN_OK;
}

void dn_onnx_step_remove(onnx_net *net, int step) {
    const int to = net->steps[step].input;
    for (int i = step + 1; i < net->n; i++) {
        onnx_step *s = &net->steps[i];
        if (s->input == step) s->input = to;
        for (int k = 0; s->inputs && k < s->n; k++)
            if (s->inputs[k] == step) s->inputs[k] = to;
    }
    if (net->result == step) net->result = to;
    net->steps[to].readers += net->steps[step].readers - 1;
    release(net, &net->steps[step]);
    net->steps[step].kind = STEP_GONE;
    net->steps[step].n = 0;
}

/* Whether a step gives as many numbers as it reads. */
static int keeps_size(onnx_kind kind) {
    return kind == STEP_SCALE || kind == STEP_NORM || kind == STEP_ACT ||
           kind == STEP_DROPOUT;
}

void dn_onnx_step_swap(onnx_net *net, int before, int after) {
    onnx_step *a = &net->steps[before], *b = &net->steps[after];
    const onnx_step first = *a;
    const int readers = b->readers;
    *a = *b;
    *b = first;
    a->input = first.input;
    b->input = before;
    a->readers = 1;
    b->readers = readers;
    a->in = first.in;
    if (keeps_size(a->kind)) a->out = a->in;
    b->in = a->out;
    if (keeps_size(b->kind)) b->out = b->in;
}

void dn_onnx_count_readers(onnx_net *net) {
    for (int i = 0; i < net->n; i++) net->steps[i].readers = 0;
    for (int i = 0; i < net->n; i++)
        for (int k = 0; k < net->steps[i].n; k++)
            net->steps[dn_onnx_step_input(&net->steps[i], k)].readers++;
    if (net->result >= 0) net->steps[net->result].readers++;
}

int dn_onnx_only_reader(const onnx_net *net, int i) {
    if (net->steps[i].readers != 1 || net->result == i) return -1;
    for (int r = i + 1; r < net->n; r++)
        for (int k = 0; k < net->steps[r].n; k++)
            if (dn_onnx_step_input(&net->steps[r], k) == i) return r;
    return -1;
}

void dn_onnx_drop_unread(onnx_net *net) {
    for (int i = 0; i < net->n; i++) net->steps[i].readers = 0;
    net->steps[net->result].readers = 1;
    for (int i = net->n - 1; i > 0; i--) {
        onnx_step *s = &net->steps[i];
        if (!s->readers) {
            s->kind = STEP_GONE;
            s->n = 0;
        }
        for (int k = 0; k < s->n; k++) net->steps[dn_onnx_step_input(s, k)].readers = 1;
    }
    dn_onnx_count_readers(net);
}
