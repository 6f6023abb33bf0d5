/* conv.c - nCk[v][p…][/s][b][gM][activation]: a convolution of n maps, k × k, every s, in
 * M groups of maps, each of which is one of its own: its notation, shape, cost and packed
 * weights, by the kernel that suits it. It is computed in conv_batch.c and, one image, in
 * conv_single.c. See kind.h. */
#include <stdio.h>
#include "activation.h"
#include "conv.h"
#include "window.h"

/* --- notation ----------------------------------------------------------------------- */

/* "g" m, which without a number is an activation. */
static int parse_groups(dn_parser *p, dn_layer *l) {
    p->at++;
    p->newer = 1;
    l->groups = dn_parse_number(p);
    if (l->groups < 1 || l->in.c % l->groups != 0 || l->out.c % l->groups != 0)
        return dn_parse_fail(p, "groups do not divide the maps before and after");
    if (l->groups == 1) l->groups = 0;
    return DN_OK;
}

static int parse(dn_parser *p, dn_layer *l, int n) {
    if (n < 0 || !dn_parse_word(p, "C")) return DN_NOT_MINE;
    int status = dn_parse_window(p, l, "kernel is not 1..64");
    if (status == DN_OK && n > DN_MAX_CHANNELS)
        status = dn_parse_fail(p, "more than 4096 maps");
    l->out.c = n;
    l->stride = 1;
    l->activation = DN_RELU;
    while (status == DN_OK) {
        if (dn_parse_letter(p, 'V'))
            l->valid = 1;
        else if (dn_parse_letter(p, 'P'))
            status = dn_parse_padding(p, l);
        else if ((*p->at == 'g' || *p->at == 'G') && p->at[1] >= '0' && p->at[1] <= '9')
            status = parse_groups(p, l);
        else if (dn_parse_letter(p, 'B'))
            l->norm = 1;
        else if (*p->at == '/')
            status = dn_parse_stride(p, l);
        else
            break;
    }
    return status == DN_OK ? dn_parse_activation(p, l) : status;
}

static void print(char *text, size_t size, const dn_layer *l) {
    char stride[16] = "", groups[16] = "", padding[DN_PADDING_TEXT],
         activation[DN_ACTIVATION_TEXT];
    if (l->stride != 1) snprintf(stride, sizeof stride, "/%d", l->stride);
    dn_print_activation(activation, l, DN_RELU);
    if (l->groups > 1) snprintf(groups, sizeof groups, "g%d", l->groups);
    dn_print_padding(padding, l, 'p');
    snprintf(text, size, "%dC%d%s%s%s%s%s", l->out.c, l->kh, padding, stride,
             l->norm ? "b" : "", groups, activation);
}

/* --- shape -------------------------------------------------------------------------- */

/* Whether a convolution reading c channels and writing rows of a width gains by it. */
static int suits_winograd(const dn_layer *l, int c, int width) {
    return l->kh == 3 && l->stride == 1 && c >= 8 && width >= 3;
}

/* Small maps have few products to make up for Winograd's more sums across lanes. */
static int suits_weights(const dn_layer *l) {
    return suits_winograd(l, l->in.c, l->out.w) && l->out.c >= 8 && l->out.w >= 6 &&
           l->out.h * l->out.w >= 36;
}

/* Weights [out][in][k][k]; in: of a group. */
static void shape(dn_layer *l) {
    dn_shape_window(l);
    l->outputs_first = 1;
    l->rows = l->out.c;
    l->columns = l->ld = l->in.c / dn_conv_groups(l) * l->kh * l->kw;
    if (dn_conv_groups(l) > 1) return;
    /* Not where it reads the image: its channels are not laid out for it. */
    l->winograd = l->from[0] >= 0 && suits_winograd(l, l->in.c, l->out.w);
    l->winograd_back = suits_winograd(l, l->out.c, l->in.w);
    l->winograd_weights = suits_weights(l);
}

static int64_t cost(const dn_layer *l) { return dn_values(l->out) * l->columns; }

/* Multiply-adds of a convolution that writes h rows of w; channels as they are computed.
 * Fewer than 4 positions take as long as 4: their sums wait for each other. */
static uint64_t work_of(int winograd, int h, int w, int in, int out, int k) {
    const uint64_t pairs = (uint64_t)h * (uint64_t)in * (uint64_t)out;
    if (winograd) return pairs * (uint64_t)((w + 3) / 4) * 18;
    return pairs * (uint64_t)(w < 4 ? 4 : w) * (uint64_t)(k * k);
}

static uint64_t part_single_cost(const dn_layer *l) {
    return work_of(l->winograd, l->out.h, l->out.w, l->in.c, (l->out.c + 15) / 16 * 16,
                   l->kh);
}

static uint64_t single_cost(const dn_layer *l) {
    const dn_layer part = dn_conv_part(l);
    return (uint64_t)dn_conv_groups(l) * part_single_cost(&part);
}

static uint64_t part_explain_cost(const dn_layer *l) {
    const int in = (l->in.c + 3) / 4 * 4, out = (l->out.c + 3) / 4 * 4;
    return DN_LANES * (work_of(l->winograd, l->out.h, l->out.w, l->in.c, out, l->kh) +
                       work_of(l->winograd_back, l->in.h, l->in.w, l->out.c, in, l->kh));
}

static uint64_t explain_cost(const dn_layer *l) {
    const dn_layer part = dn_conv_part(l);
    return (uint64_t)dn_conv_groups(l) * part_explain_cost(&part);
}

static void onnx(dn_onnx_word *out, const dn_layer *l) {
    *out = (dn_onnx_word){.op = "Conv",
                          .group = l->groups,
                          .window = 1,
                          .dims = {l->out.c, l->in.c / dn_conv_groups(l), l->kh, l->kw},
                          .rank = 4};
}

/* --- packed weights ----------------------------------------------------------------- */

static void part_pack_forward(float *packed, const float *w, const dn_layer *l) {
    if (l->winograd)
        dn_pack_winograd(packed, w, l->out.c, l->in.c, 4, 0);
    else
        dn_pack_conv(packed, w, l->out.c, l->in.c, l->kh);
}

static void part_pack_backward(float *packed, const float *w, const dn_layer *l) {
    if (l->winograd_back)
        dn_pack_winograd(packed, w, l->out.c, l->in.c, 4, 1);
    else
        dn_pack_conv_transposed(packed, w, l->out.c, l->in.c, l->kh);
}

static void part_pack_single(float *packed, const float *w, const dn_layer *l) {
    if (l->winograd)
        dn_pack_winograd(packed, w, l->out.c, l->in.c, 16, 0);
    else
        dn_pack_single(packed, w, l->out.c, l->in.c, l->kh);
}

static void part_unpack_forward(float *w, const float *packed, const dn_layer *l) {
    if (l->winograd)
        dn_unpack_winograd(w, packed, l->out.c, l->in.c, 4);
    else
        dn_unpack_conv(w, packed, l->out.c, l->in.c, l->kh);
}

static uint64_t packed_size(const dn_layer *l) {
    return (uint64_t)dn_conv_groups(l) * dn_conv_packed(l);
}

/* One group after the other. */
static void each_part(float *to, size_t to_step, const float *from, size_t from_step,
                      const dn_layer *l,
                      void (*run)(float *to, const float *from, const dn_layer *l)) {
    const dn_layer part = dn_conv_part(l);
    for (int g = 0; g < dn_conv_groups(l); g++, to += to_step, from += from_step)
        run(to, from, &part);
}

static void pack_forward(float *packed, const float *w, const dn_layer *l) {
    each_part(packed, (size_t)dn_conv_packed(l), w, dn_conv_weights(l), l,
              part_pack_forward);
}

static void pack_backward(float *packed, const float *w, const dn_layer *l) {
    each_part(packed, (size_t)dn_conv_packed(l), w, dn_conv_weights(l), l,
              part_pack_backward);
}

static void pack_single(float *packed, const float *w, const dn_layer *l) {
    each_part(packed, (size_t)dn_conv_packed(l), w, dn_conv_weights(l), l,
              part_pack_single);
}

static void unpack_forward(float *w, const float *packed, const dn_layer *l) {
    each_part(w, dn_conv_weights(l), packed, (size_t)dn_conv_packed(l), l,
              part_unpack_forward);
}

const dn_layer_kind dn_conv_kind = {.notation = "nCk",
                                    .reads = DN_READS_MAPS,
                                    .parse = parse,
                                    .print = print,
                                    .shape = shape,
                                    .cost = cost,
                                    .single_cost = single_cost,
                                    .explain_cost = explain_cost,
                                    .onnx = onnx,
                                    .packed_size = packed_size,
                                    .pack_forward = pack_forward,
                                    .pack_backward = pack_backward,
                                    .pack_single = pack_single,
                                    .unpack_forward = unpack_forward,
                                    .fuses = dn_conv_fuses,
                                    .work_size = dn_conv_work_size,
                                    .forward = dn_conv_forward,
                                    .sums = 1,
                                    .gradient = dn_spread,
                                    .backward = dn_conv_backward,
                                    .weight_gradient = dn_conv_weight_gradient,
                                    .maps_at_once = dn_conv_maps_at_once,
                                    .single_work = dn_conv_single_work,
                                    .single = dn_conv_single};
