/* layers.c - from a folded network's steps to layers and model bytes: see layers.h,
 * dn.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "../bytes.h"
#include "../error.h"
#include "../layers/kind.h"
#include "../memory.h"
#include "../model.h"
#include "../layers/activation.h"
#include "../layers/notation.h"
#include "fold.h"
#include "layers.h"

/* How a window's padding is said: as our notation has it, where nothing is said; none;
 * or in numbers. In `pads` of a CONV or a pooling. */
enum { PADS_SAME, PADS_NONE, PADS_SAID };

/* What is being done, for all that can fail. */
typedef struct making {
    dn_onnx *out;
    onnx_net *net;
    int *number; /* [net->n] which layer gives what a step does, from 1; 0: the image */
    onnx_work *work;
    char *error;
    size_t error_size;
} making;

static int refuse(const making *m, const onnx_step *s, const char *why) {
    return dn_fail(m->error, m->error_size, "%s: %s", s->name, why);
}

/* --- what our notation has ---------------------------------------------------------- */

/* A convolution as one fully connected layer, where it gives one number a map: its
 * weights lie where the window does, and elsewhere are 0. */
static int conv_to_dense(const making *m, onnx_step *s) {
    const onnx_window w = s->window;
    const size_t h = (size_t)s->in.h, wide = (size_t)s->in.w, out = (size_t)s->out.c;
    const size_t reads = h * wide * (size_t)s->in.c, taps = (size_t)(w.kh * w.kw);
    const size_t inputs = s->reads / taps, group = out / (size_t)s->group;
    if (reads > DN_MAX_PARAMETERS / out)
        return refuse(m, s, "reads too many numbers for one fully connected layer");
    float *dense = dn_floats(&m->net->heap, (uint64_t)reads * out);
    if (!dense) return DN_NOMEM;
    dn_onnx_worked(m->work, reads * out);
    for (size_t o = 0; o < out && dn_onnx_worked(m->work, s->reads); o++)
        for (size_t i = 0; i < s->reads; i++) {
            const int64_t y = (int64_t)(i % taps) / w.kw * w.dilation_y - w.top;
            const int64_t x = (int64_t)(i % taps) % w.kw * w.dilation_x - w.left;
            if (y < 0 || x < 0 || y >= s->in.h || x >= s->in.w) continue;
            const size_t c = o / group * inputs + i / taps;
            dense[((c * h + (size_t)y) * wide + (size_t)x) * out + o] =
                s->w[o * s->reads + i];
        }
    dn_floats_release(&m->net->heap, s->w);
    s->w = dense;
    s->reads = reads;
    s->kind = STEP_DENSE;
    return DN_OK;
}

/* Places from a window's first to its last, and one. */
static int64_t reach(int64_t k, int64_t dilation) { return (k - 1) * dilation + 1; }

/* Padding of less than a window, as notation has it. */
static int check_pads(const making *m, const onnx_step *s) {
    const onnx_window *w = &s->window;
    const int64_t kh = reach(w->kh, w->dilation_y), kw = reach(w->kw, w->dilation_x);
    if (s->pads != PADS_SAID ||
        (w->top < kh && w->left < kw && w->bottom < kh && w->right < kw))
        return DN_OK;
    return dn_fail(m->error, m->error_size,
                   "%s: pads are [%lld, %lld, %lld, %lld], for a window of %lldx%lld; "
                   "expected each below its side",
                   s->name, (long long)w->top, (long long)w->left, (long long)w->bottom,
                   (long long)w->right, (long long)kh, (long long)kw);
}

/* A square window, of a size and stride that notation has. */
static int check_square(const making *m, const onnx_step *s, const char *what) {
    const onnx_window *w = &s->window;
    if (w->dilation_y != 1 || w->dilation_x != 1)
        return dn_fail(m->error, m->error_size,
                       "%s: dilations are %lld and %lld; expected 1", s->name,
                       (long long)w->dilation_y, (long long)w->dilation_x);
    if (w->kh != w->kw || w->kh > DN_MAX_WINDOW)
        return dn_fail(m->error, m->error_size,
                       "%s: the %s is %lldx%lld; expected a square of 1..%d", s->name,
                       what, (long long)w->kh, (long long)w->kw, DN_MAX_WINDOW);
    if (w->stride_y == w->stride_x && w->stride_y <= DN_MAX_WINDOW) return DN_OK;
    return dn_fail(m->error, m->error_size,
                   "%s: strides are %lld and %lld; expected the same both ways, of 1..%d",
                   s->name, (long long)w->stride_y, (long long)w->stride_x,
                   DN_MAX_WINDOW);
}

/* set_pads - what a step's windows read beyond the maps, all counted. can_be_same: of a
 * convolution, whose window is square. */
static void set_pads(onnx_step *s, int can_be_same) {
    onnx_window *w = &s->window;
    const int stride = (int)w->stride_y, k = (int)w->kh;
    int h, wide;
    const int64_t below = (s->out.h - 1) * w->stride_y + reach(w->kh, w->dilation_y) -
                          s->in.h - w->top;
    const int64_t right = (s->out.w - 1) * w->stride_x + reach(w->kw, w->dilation_x) -
                          s->in.w - w->left;
    w->bottom = below > 0 ? below : 0;
    w->right = right > 0 ? right : 0;
    s->pads = w->top || w->left || w->bottom || w->right ? PADS_SAID : PADS_NONE;
    if (can_be_same && w->top == dn_same_padding(s->in.h, k, stride, &h) &&
        w->left == dn_same_padding(s->in.w, k, stride, &wide) && s->out.h == h &&
        s->out.w == wide)
        s->pads = PADS_SAME;
}

/* room_for - numbers of a step that becomes larger: DN_OK, or DN_ERROR if all weights
 * would be too many. */
static int room_for(const making *m, const onnx_step *s, uint64_t reads) {
    onnx_net *net = m->net;
    const uint64_t out = (uint64_t)s->out.c, before = s->w ? (uint64_t)s->reads * out : 0;
    if (reads > DN_MAX_PARAMETERS ||
        net->weights - before + reads * out > DN_MAX_PARAMETERS)
        return refuse(m, s,
                      "would have too many weights, most of them zeros, as our "
                      "layers say it; expected a kernel of its own size with usual "
                      "padding, and group = 1");
    net->weights = net->weights - before + reads * out;
    return DN_OK;
}

/* A convolution whose kernel is dilated or not square, as one of a larger, square kernel
 * with zeros in it. */
static int plain_conv(const making *m, onnx_step *s, size_t side) {
    const onnx_window w = s->window;
    const size_t out = (size_t)s->out.c, taps = (size_t)(w.kh * w.kw);
    const size_t reads = s->reads / taps * side * side;
    const int status = room_for(m, s, reads);
    if (status != DN_OK) return status;
    float *plain = dn_floats(&m->net->heap, (uint64_t)reads * out);
    if (!plain) return DN_NOMEM;
    dn_onnx_worked(m->work, reads * out);
    for (size_t o = 0; o < out && dn_onnx_worked(m->work, s->reads); o++)
        for (size_t i = 0; i < s->reads; i++) {
            const size_t y = (i % taps) / (size_t)w.kw * (size_t)w.dilation_y,
                         x = (i % taps) % (size_t)w.kw * (size_t)w.dilation_x;
            plain[o * reads + (i / taps * side + y) * side + x] = s->w[o * s->reads + i];
        }
    dn_floats_release(&m->net->heap, s->w);
    s->w = plain;
    s->reads = reads;
    s->window.kh = s->window.kw = (int64_t)side;
    s->window.dilation_y = s->window.dilation_x = 1;
    return DN_OK;
}

/* Along an axis with one result the stride says nothing, if a second would not fit. */
static void settle_strides(onnx_step *s) {
    onnx_window *w = &s->window;
    if (s->out.h == 1 && s->in.h + w->top - reach(w->kh, w->dilation_y) < w->stride_x)
        w->stride_y = w->stride_x;
    else if (s->out.w == 1 &&
             s->in.w + w->left - reach(w->kw, w->dilation_x) < w->stride_y)
        w->stride_x = w->stride_y;
}

/* last: it is the network's end; flat: it reads a vector. */
static int conv(const making *m, onnx_step *s, int last, int flat) {
    onnx_window *w = &s->window;
    settle_strides(s);
    const int64_t kh = (w->kh - 1) * w->dilation_y + 1,
                  kw = (w->kw - 1) * w->dilation_x + 1, k = kh > kw ? kh : kw;
    const int plain = w->kh == k && w->kw == k;
    const int fits = k <= DN_MAX_WINDOW && w->stride_y == w->stride_x &&
                     w->stride_y <= DN_MAX_WINDOW;
    if (s->out.h == 1 && s->out.w == 1 && (last || !plain || !fits || flat))
        return conv_to_dense(m, s);
    if (s->out.c > DN_MAX_CHANNELS) return refuse(m, s, "has more than 4096 maps");
    int status = fits ? DN_OK : check_square(m, s, "kernel");
    if (!fits && status == DN_OK)
        status = refuse(m, s, "has a kernel of more than 64x64");
    if (status == DN_OK && !plain) status = plain_conv(m, s, (size_t)k);
    if (status != DN_OK) return status;
    set_pads(s, 1);
    return check_pads(m, s);
}

static int pool_error(const making *m, const onnx_step *s, const char *what, int64_t y,
                      int64_t x, int most) {
    return dn_fail(m->error, m->error_size, "%s: %s are %lld and %lld; expected 1..%d",
                   s->name, what, (long long)y, (long long)x, most);
}

/* A pooling's numbers, which notation has. */
static int check_pool(const making *m, const onnx_step *s) {
    const onnx_window *w = &s->window;
    const int most = DN_MAX_WINDOW, max = s->kind == STEP_MAXPOOL;
    if (w->kh > most || w->kw > most)
        return pool_error(m, s, "sides of the window", w->kh, w->kw, most);
    if (w->stride_y > most || w->stride_x > most)
        return pool_error(m, s, "strides", w->stride_y, w->stride_x, most);
    if (w->dilation_y > (max ? most : 1) || w->dilation_x > (max ? most : 1))
        return pool_error(m, s, "dilations", w->dilation_y, w->dilation_x,
                          max ? most : 1);
    return DN_OK;
}

static int pool(const making *m, onnx_step *s) {
    onnx_window *w = &s->window;
    if (s->kind == STEP_AVGPOOL && s->whole) return DN_OK;
    if (s->whole) { /* as notation leaves it out */
        w->stride_y = w->kh;
        w->stride_x = w->kw;
    } else {
        settle_strides(s);
    }
    const int status = check_pool(m, s);
    if (status != DN_OK) return status;
    set_pads(s, 0);
    if (s->pads == PADS_NONE || s->kind == STEP_MAXPOOL || !w->counts_pads || !w->ceil)
        return check_pads(m, s);
    return refuse(m, s, "has ceil_mode and count_include_pad; expected one of the two");
}

/* A step that is no layer. */
static int no_layer(const making *m, const onnx_step *s) {
    switch (s->kind) {
    case STEP_SCALE:
    case STEP_NORM:
        return refuse(
            m, s,
            "stands alone on too many channels; expected it right after a Conv, "
            "Gemm or MatMul");
    case STEP_ACT:
        return s->curve.is == DN_LINEAR
                   ? refuse(
                         m, s,
                         "is an activation that layers do not have; expected Relu, "
                         "LeakyRelu, Sigmoid, Tanh, Elu, Selu, Gelu, Clip, HardSigmoid, "
                         "HardSwish, Swish or Mish")
                   : refuse(m, s,
                            "stands alone on too many channels; expected it right "
                            "after a Conv, Gemm or MatMul");
    case STEP_SOFTMAX: return refuse(m, s, "is within the network; expected it last");
    case STEP_SHAPE:
        return refuse(m, s,
                      "reads other maps than the layer before gives; expected "
                      "layers on those maps");
    case STEP_PAD:
        return refuse(m, s,
                      "pads what no Conv or AveragePool reads next; expected the "
                      "pads in the Conv");
    default: return refuse(m, s, "is of too many channels to take a part of them");
    }
}

/* --- layers ------------------------------------------------------------------------- */

/* Whether what a layer gives, from 1, has no maps any more. */
static int is_vector(const making *m, int layer) {
    return layer > 0 && m->out->layers[layer - 1].vector;
}

/* becomes_channels - a step becomes a layer that multiplies each channel by a number of
 * its own and adds one: gain[c] and shift[c], NULL for zeros. On maps a depthwise
 * convolution of 1×1, on a vector, which layer `from` gives, a fully connected one whose
 * other weights are 0. */
static int becomes_channels(const making *m, onnx_step *s, int from, const float *gain,
                            const float *shift) {
    const size_t c = (size_t)s->in.c;
    const int flat = is_vector(m, from);
    if (flat && c * c > ONNX_ALONE) return no_layer(m, s);
    s->kind = flat ? STEP_DENSE : STEP_CONV;
    s->window = (onnx_window){1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    s->group = flat ? 1 : s->in.c;
    s->reads = flat ? c : 1;
    s->each = c;
    s->w = dn_floats(&m->net->heap, (uint64_t)c * s->reads);
    s->ends = dn_floats(&m->net->heap, ENDS * (uint64_t)c);
    for (size_t k = 0; s->w && s->ends && k < c; k++) {
        *dn_onnx_weight(s, k, flat ? k : 0) = gain[k];
        s->ends[k] = shift ? shift[k] : 0.0f;
    }
    dn_onnx_worked(m->work, c * s->reads);
    return s->w && s->ends ? DN_OK : DN_NOMEM;
}

/* What stands alone becomes a layer of its own. */
static int alone(const making *m, onnx_step *s, int from) {
    const size_t c = (size_t)s->in.c;
    const int is_act = s->kind == STEP_ACT;
    if ((!is_act && s->each != c) || (is_act && s->curve.is == DN_LINEAR))
        return no_layer(m, s);
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
static int choice(const making *m, onnx_step *s, int from) {
    const size_t in = (size_t)s->in.c, out = (size_t)s->out.c;
    if (in * out > ONNX_ALONE) return no_layer(m, s);
    const int flat = is_vector(m, from);
    s->kind = flat ? STEP_DENSE : STEP_CONV;
    s->window = (onnx_window){1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
    s->reads = in;
    s->each = out;
    s->w = dn_floats(&m->net->heap, (uint64_t)in * out);
    s->ends = dn_floats(&m->net->heap, ENDS * (uint64_t)out);
    for (size_t k = 0; s->w && s->ends && k < out; k++)
        *dn_onnx_weight(s, k, (size_t)s->order[k]) = 1;
    dn_onnx_worked(m->work, in * out);
    return s->w && s->ends ? DN_OK : DN_NOMEM;
}

/* A layer more, of what a step has become. Its numbers move. It reads the n layers of
 * from. */
static int put(making *m, onnx_step *s, const int *from, int n) {
    dn_onnx *out = m->out;
    if (out->n == DN_MAX_LAYERS + 1)
        return dn_fail(m->error, m->error_size, "%s: is one more than %d layers", s->name,
                       DN_MAX_LAYERS);
    onnx_step *to = &out->layers[out->n];
    *to = *s;
    to->inputs = to->order = NULL;
    to->n = n;
    to->vector = s->kind == STEP_DENSE;
    for (int k = 0; k < n; k++) /* what multiplies may be a vector */
        to->vector |= (k == 0 || s->kind != STEP_MUL) && is_vector(m, from[k]);
    memcpy(out->from[out->n++], from, (size_t)n * sizeof *from);
    s->w = s->ends = NULL;
    return DN_OK;
}

/* One layer of those that a PRelu becomes: of what `from` gives times these numbers. */
static int add_channels(making *m, const onnx_step *s, const float *gain, int relu,
                        int from) {
    onnx_step part = *s;
    part.w = part.ends = NULL;
    part.act = NULL;
    part.curve = (dn_curve){relu ? DN_RELU : DN_LINEAR, 0, 0};
    int status = becomes_channels(m, &part, from, gain, NULL);
    if (status == DN_OK) status = put(m, &part, &from, 1);
    dn_floats_release(&m->net->heap, part.w);
    dn_floats_release(&m->net->heap, part.ends);
    return status;
}

/* PRelu with slopes a of its channels: max(0, (1 − a)·x) + a·x, two layers and their sum.
 * Where an a is above 1, (1 − a)·max(0, x), in two. */
static int add_prelu(making *m, onnx_step *s, int from) {
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
    return status == DN_OK ? put(m, s, ends, 2) : status;
}

static int64_t common(int64_t a, int64_t b) { return b ? common(b, a % b) : a; }

/* A convolution whose strides differ: one of a stride that divides both, and of its
 * results those that are wanted, by a pooling of single places. */
static int add_picked(making *m, onnx_step *s, int from) {
    onnx_window *w = &s->window;
    const int64_t stride = common(w->stride_y, w->stride_x);
    const int64_t y = w->stride_y / stride, x = w->stride_x / stride;
    const int64_t below = s->in.h + w->top + w->bottom - reach(w->kh, w->dilation_y);
    const int64_t right = s->in.w + w->left + w->right - reach(w->kw, w->dilation_x);
    const int64_t h = below / stride + 1, wide = right / stride + 1;
    onnx_step pick = {.kind = STEP_MAXPOOL,
                      .n = 1,
                      .out = s->out,
                      .window = {1, 1, y, x, 1, 1, 0, 0, 0, 0, 0, 0}};
    snprintf(pick.name, sizeof pick.name, "%s", s->name);
    if (h > DN_MAX_SIDE || wide > DN_MAX_SIDE || h * wide * s->out.c > DN_MAX_PARAMETERS)
        return refuse(m, s,
                      "has strides that differ, on too large maps; expected the "
                      "same both ways");
    w->stride_y = w->stride_x = stride;
    s->out.h = (int)h;
    s->out.w = (int)wide;
    pick.in = s->out;
    int status = conv(m, s, 0, is_vector(m, from));
    if (status == DN_OK) status = put(m, s, &from, 1);
    from = m->out->n;
    if (status == DN_OK) status = pool(m, &pick);
    return status == DN_OK ? put(m, &pick, &from, 1) : status;
}

/* A layer with weights, a pooling or a dropout: it reads one other. */
static int add(making *m, onnx_step *s, int from, int last) {
    int status = DN_OK;
    if (s->kind == STEP_ACT && s->ends && s->curve.is == DN_LINEAR &&
        s->each == (size_t)s->in.c)
        return add_prelu(m, s, from);
    if (s->kind == STEP_SCALE || s->kind == STEP_NORM || s->kind == STEP_ACT)
        status = alone(m, s, from);
    else if (s->kind == STEP_CHOICE)
        status = choice(m, s, from);
    if (status != DN_OK) return status;
    if (s->kind == STEP_CONV) settle_strides(s);
    if (s->kind == STEP_CONV && s->window.stride_y != s->window.stride_x &&
        s->out.h * s->out.w > 1)
        return add_picked(m, s, from);
    if (s->kind == STEP_CONV)
        status = conv(m, s, last, is_vector(m, from));
    else if (s->kind == STEP_MAXPOOL || s->kind == STEP_AVGPOOL)
        status = pool(m, s);
    else if (s->kind != STEP_DENSE && s->kind != STEP_DROPOUT)
        status = no_layer(m, s);
    return status == DN_OK ? put(m, s, &from, 1) : status;
}

/* A number for each map, which layer *from gives, becomes maps of a join's size: it is
 * multiplied with ones, which a layer of zeros makes of maps of that size. */
static int add_spread(making *m, const onnx_step *s, int maps, int *from) {
    const size_t c = (size_t)s->out.c;
    onnx_step part = *s;
    float *zeros = dn_floats(&m->net->heap, 2 * (uint64_t)c), *ones = zeros + c;
    int ends[2] = {0, *from};
    part.act = NULL;
    part.curve = (dn_curve){DN_LINEAR, 0, 0};
    part.in = s->out;
    for (size_t k = 0; zeros && k < c; k++) ones[k] = 1;
    int status = zeros ? becomes_channels(m, &part, maps, zeros, ones) : DN_NOMEM;
    if (status == DN_OK) status = put(m, &part, &maps, 1);
    dn_floats_release(&m->net->heap, part.w);
    dn_floats_release(&m->net->heap, part.ends);
    dn_floats_release(&m->net->heap, zeros);
    if (status != DN_OK) return status;
    part.kind = STEP_MUL;
    ends[0] = m->out->n;
    status = put(m, &part, ends, 2);
    *from = m->out->n;
    return status;
}

/* A join of several layers: of as many at a time as notation has. */
static int add_join(making *m, onnx_step *s) {
    int from[DN_MAX_FROM], n = 0;
    const onnx_net *net = m->net;
    for (int k = 0; k < s->n; k++) {
        const dn_shape a = net->steps[s->inputs[0]].out, b = net->steps[s->inputs[k]].out;
        int one = m->number[s->inputs[k]], status = DN_OK;
        if (s->kind == STEP_ADD && (a.h != b.h || a.w != b.w))
            status = add_spread(m, s, m->number[s->inputs[0]], &one);
        if (status != DN_OK) return status;
        if (n == DN_MAX_FROM) { /* what there is so far */
            onnx_step some = *s;
            some.act = NULL;
            some.curve = (dn_curve){DN_LINEAR, 0, 0};
            status = put(m, &some, from, n);
            if (status != DN_OK) return status;
            from[0] = m->out->n;
            n = 1;
        }
        from[n++] = one;
    }
    if (s->kind == STEP_MUL && is_vector(m, from[0]) && !is_vector(m, from[1])) {
        const int factor = from[0]; /* for each map one number: the maps come first */
        from[0] = from[1];
        from[1] = factor;
    }
    return put(m, s, from, n);
}

/* OUT, an output layer of a factor and a summand for each number: those of the SCALE s,
 * or ones and zeros for a network that ends with something else than a layer of weights,
 * or with a Sigmoid of each number. It reads layer `from`. */
static int add_output(making *m, const onnx_step *s, int from) {
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
    if (status == DN_OK) status = put(m, &end, &from, 1);
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

/* All steps. The result, which none reads, is the last. */
static int add_all(making *m) {
    onnx_net *net = m->net;
    int status = DN_OK;
    for (int i = 1; i <= net->result && status == DN_OK && !m->work->stopped; i++) {
        onnx_step *s = &net->steps[i];
        if (s->kind == STEP_GONE) continue;
        const int last =
            i == net->result && !s->act && !net->sigmoid &&
            (s->kind == STEP_DENSE || (s->kind == STEP_CONV && s->out.h * s->out.w == 1));
        if (s->readers > 1 && i == net->result)
            return refuse(m, s, "is the output, and read by other nodes, too");
        if (i == net->result && suits_output(s))
            return add_output(m, s, m->number[s->input]);
        status = s->n > 1 ? add_join(m, s) : add(m, s, m->number[s->input], last);
        m->number[i] = m->out->n;
        if (status == DN_OK && i == net->result && !last)
            status = add_output(m, &m->out->layers[m->out->n - 1], m->out->n);
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
static int check_finite(const making *m) {
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
                           "%zu numbers of %s are not finite once all that follows it is "
                           "made a part of it",
                           bad, l->name);
    }
    return DN_OK;
}

/* Each layer gives what its step does: so no layer was said wrongly. */
static int check_shapes(const making *m) {
    const dn_onnx *out = m->out;
    for (int i = 0; i < out->n; i++) {
        const dn_shape a = out->layers[i].out, b = out->spec.layers[i].out;
        if (a.h != b.h || a.w != b.w || a.c != b.c)
            return dn_fail(
                m->error, m->error_size,
                "%s: gives %d maps of %dx%d; as a layer of ours it gives %d of "
                "%dx%d; expected another stride or padding",
                out->layers[i].name, a.c, a.h, a.w, b.c, b.h, b.w);
    }
    return DN_OK;
}

static int find_spec(const making *m) {
    dn_onnx *out = m->out;
    const onnx_step *last = &out->layers[out->n - 1];
    const size_t room = (size_t)out->n * DN_PRINTED_LAYER + 1;
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
    making m = {out, net, NULL, work, error, error_size};
    m.number = dn_new(&net->heap, (uint64_t)net->n, sizeof *m.number);
    int status = m.number ? add_all(&m) : DN_NOMEM;
    dn_release(&net->heap, m.number);
    if (status != DN_OK) return status;
    onnx_step *last = &out->layers[out->n - 1];
    if (last->norm) fold_norm(last, work);
    status = check_finite(&m);
    return status == DN_OK ? find_spec(&m) : status;
}

/* --- model bytes -------------------------------------------------------------------- */

static void copy_layer(float *weights, float *stats, const onnx_step *from,
                       const dn_layer *to) {
    const size_t out = (size_t)from->out.c, one = sizeof(float);
    if (!to->rows) return;
    for (size_t r = 0; r < (size_t)to->rows; r++)
        memcpy(weights + to->w + r * (size_t)to->ld, from->w + r * (size_t)to->columns,
               (size_t)to->columns * one);
    memcpy(weights + to->bias, from->ends, out * one);
    if (!to->norm) return;
    memcpy(weights + to->gamma, from->ends + ENDS_GAIN * out, out * one);
    memcpy(stats + to->stat, from->ends + ENDS_MEAN * out, 2 * out * one);
}

void dn_onnx_picture(dn_onnx *net, int picture) { net->picture = picture; }

int dn_onnx_model(const dn_onnx *net, const dn_label *labels, const dn_watch *watch,
                  void **bytes, size_t *size) {
    const dn_spec *spec = &net->spec;
    dn_ask ask = {.watch = watch ? *watch : (dn_watch){NULL, NULL}};
    float *weights = net->weights ? net->weights : dn_floats(&net->heap, spec->total);
    float *stats = net->weights ? net->stats : dn_floats(&net->heap, spec->stats);
    const dn_content content = {.spec = spec,
                                .labels = labels,
                                .mean = (float)net->mean,
                                .std = (float)net->std,
                                .weights = weights,
                                .stats = stats,
                                .temperature = 1,
                                .precision = DN_KEEP_FLOAT32,
                                .extras.picture = net->picture,
                                .ask = &ask};
    int status = DN_NOMEM;
    if (weights && stats) {
        for (int i = 0; i < spec->n && !net->weights; i++)
            copy_layer(weights, stats, &net->layers[i], &spec->layers[i]);
        status = dn_model_encode(bytes, size, &content, &net->heap);
    }
    if (net->weights) return status;
    dn_floats_release(&net->heap, weights);
    dn_floats_release(&net->heap, stats);
    return status;
}

int dn_onnx_unsaid(const dn_onnx *net) {
    if (net->range != RANGE_OPEN || net->each_value) return 0;
    for (int c = 0; c < net->channels; c++)
        if (net->means[c] != 0 || net->stds[c] != 1) return 0;
    return 1;
}

void dn_onnx_get_info(const dn_onnx *net, dn_onnx_info *info) {
    *info = (dn_onnx_info){.layers = net->spec.text,
                           .shape = net->spec.shape,
                           .classes = net->spec.classes,
                           .labels = net->classes,
                           .labels_size = net->classes_size,
                           .std = net->given_std,
                           .unsaid = dn_onnx_unsaid(net),
                           .producer = net->producer,
                           .opset = net->opset};
}

void dn_onnx_free(dn_onnx *net) {
    if (!net) return;
    const dn_heap heap = net->heap;
    for (int i = 0; i < DN_MAX_LAYERS + 1; i++) {
        dn_floats_release(&heap, net->layers[i].w);
        dn_floats_release(&heap, net->layers[i].ends);
    }
    dn_spec_clear(&net->spec);
    dn_floats_release(&heap, net->weights);
    dn_floats_release(&heap, net->stats);
    dn_release(&heap, net->classes);
    dn_release(&heap, net->means);
    dn_release(&heap, net->stds);
    dn_release(&heap, net);
}
