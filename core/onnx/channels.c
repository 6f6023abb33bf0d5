/* channels.c - what is done to each channel for itself, and choices of channels, as
 * layers with weights: see making.h. */
#include "../memory.h"
#include "fold.h"
#include "making.h"

/* becomes_channels - a step becomes a layer that multiplies each channel by a number of
 * its own and adds one: gain[c] and shift[c], NULL for zeros. On maps a depthwise
 * convolution of 1×1, on a vector, which layer `from` gives, a fully connected one whose
 * other weights are 0. */
static int becomes_channels(const onnx_making *m, onnx_step *s, int from,
                            const float *gain, const float *shift) {
    const size_t c = (size_t)s->in.c;
    const int flat = dn_onnx_layer_vector(m, from);
    if (flat && c * c > ONNX_ALONE) return dn_onnx_no_layer(m, s);
    s->kind = flat ? STEP_DENSE : STEP_CONV;
    s->window = (onnx_window){1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    s->group = flat ? 1 : s->in.c;
    s->reads = flat ? c : 1;
    s->each = c;
    const int status = dn_onnx_room_for(m, s, s->reads);
    if (status != DN_OK) return status;
    s->w = dn_onnx_zeros(m->work, &m->net->heap, (uint64_t)c * s->reads);
    s->ends = dn_floats(&m->net->heap, ENDS * (uint64_t)c);
    for (size_t k = 0; s->w && s->ends && k < c; k++) {
        *dn_onnx_weight(s, k, flat ? k : 0) = gain[k];
        s->ends[k] = shift ? shift[k] : 0.0f;
    }
    return s->w && s->ends ? DN_OK : DN_NOMEM;
}

/* What stands alone becomes a layer of its own. */
int dn_onnx_alone_layer(const onnx_making *m, onnx_step *s, int from) {
    const size_t c = (size_t)s->in.c;
    const int is_act = s->kind == STEP_ACT;
    if ((!is_act && s->each != c) || (is_act && s->curve.is == DN_LINEAR))
        return dn_onnx_no_layer(m, s);
    onnx_step was = *s;
    s->w = s->ends = NULL;
    float *ones = is_act ? dn_floats(&m->net->heap, c) : NULL;
    for (size_t k = 0; ones && k < c; k++) ones[k] = 1;
    int status = is_act && !ones ? DN_NOMEM : DN_OK;
    if (!is_act) dn_onnx_plain_scale(&was);
    if (status == DN_OK && is_act) status = becomes_channels(m, s, from, ones, NULL);
    if (status == DN_OK && !is_act)
        status = becomes_channels(m, s, from, was.ends + ENDS_GAIN * c,
                                  was.ends + ENDS_BIAS * c);
    dn_floats_release(&m->net->heap, ones);
    dn_floats_release(&m->net->heap, was.ends);
    return status;
}

/* A part of the channels, or all in another order: a convolution of 1×1, or on a vector
 * a fully connected layer, of a single 1 for each. */
int dn_onnx_choice_layer(const onnx_making *m, onnx_step *s, int from) {
    const size_t in = (size_t)s->in.c, out = (size_t)s->out.c;
    if (in * out > ONNX_ALONE) return dn_onnx_no_layer(m, s);
    const int flat = dn_onnx_layer_vector(m, from);
    s->kind = flat ? STEP_DENSE : STEP_CONV;
    s->window = (onnx_window){1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    s->reads = in;
    s->each = out;
    const int status = dn_onnx_room_for(m, s, in);
    if (status != DN_OK) return status;
    s->w = dn_onnx_zeros(m->work, &m->net->heap, (uint64_t)in * out);
    s->ends = dn_floats(&m->net->heap, ENDS * (uint64_t)out);
    for (size_t k = 0; s->w && s->ends && k < out; k++)
        *dn_onnx_weight(s, k, (size_t)s->order[k]) = 1;
    return s->w && s->ends ? DN_OK : DN_NOMEM;
}

/* One layer of those that a PRelu becomes: of what `from` gives times these numbers. */
static int add_channels(onnx_making *m, const onnx_step *s, const float *gain, int relu,
                        int from) {
    onnx_step part = *s;
    part.w = part.ends = NULL;
    part.act = NULL;
    part.curve = (dn_curve){relu ? DN_RELU : DN_LINEAR, 0, 0};
    int status = becomes_channels(m, &part, from, gain, NULL);
    if (status == DN_OK) status = dn_onnx_layer_put(m, &part, &from, 1);
    dn_floats_release(&m->net->heap, part.w);
    dn_floats_release(&m->net->heap, part.ends);
    return status;
}

/* PRelu with slopes a of its channels: max(0, (1 − a)·x) + a·x, two layers and their sum.
 * Where an a is above 1, (1 − a)·max(0, x), in two. */
int dn_onnx_prelu_layers(onnx_making *m, onnx_step *s, int from) {
    const size_t c = (size_t)s->in.c;
    float *gains = dn_floats(&m->net->heap, 2 * (uint64_t)c), *ones = gains + c;
    int steep = 0, status = gains ? DN_OK : DN_NOMEM, ends[2];
    for (size_t k = 0; gains && k < c; k++) {
        gains[k] = 1 - s->ends[k];
        ones[k] = 1;
        steep |= gains[k] < 0;
    }
    if (status == DN_OK) status = add_channels(m, s, steep ? ones : gains, 1, from);
    if (status == DN_OK && steep) status = add_channels(m, s, gains, 0, m->out->n);
    ends[0] = m->out->n;
    if (status == DN_OK) status = add_channels(m, s, s->ends, 0, from);
    ends[1] = m->out->n;
    dn_floats_release(&m->net->heap, gains);
    dn_floats_release(&m->net->heap, s->ends);
    s->ends = NULL;
    s->kind = STEP_ADD;
    return status == DN_OK ? dn_onnx_layer_put(m, s, ends, 2) : status;
}

/* A number for each map, which layer *from gives, becomes maps of a join's size: it is
 * multiplied with ones, which a layer of zeros makes of maps of that size. */
int dn_onnx_spread_layers(onnx_making *m, const onnx_step *s, int maps, int *from) {
    const size_t c = (size_t)s->out.c;
    onnx_step part = *s;
    float *zeros = dn_floats(&m->net->heap, 2 * (uint64_t)c), *ones = zeros + c;
    int ends[2] = {0, *from};
    part.act = NULL;
    part.curve = (dn_curve){DN_LINEAR, 0, 0};
    part.in = s->out;
    for (size_t k = 0; zeros && k < c; k++) ones[k] = 1;
    int status = zeros ? becomes_channels(m, &part, maps, zeros, ones) : DN_NOMEM;
    if (status == DN_OK) status = dn_onnx_layer_put(m, &part, &maps, 1);
    dn_floats_release(&m->net->heap, part.w);
    dn_floats_release(&m->net->heap, part.ends);
    dn_floats_release(&m->net->heap, zeros);
    if (status != DN_OK) return status;
    part.kind = STEP_MUL;
    ends[0] = m->out->n;
    status = dn_onnx_layer_put(m, &part, ends, 2);
    *from = m->out->n;
    return status;
}
