/* windowed.c - convolutions and poolings of an ONNX graph, as our notation has them: see
 * making.h. */
#include <stdio.h>
#include <string.h>
#include "../error.h"
#include "../layers/notation.h"
#include "../memory.h"
#include "making.h"

/* A convolution as one fully connected layer, where it gives one number a map: its
 * weights lie where the window does, and elsewhere are 0. */
static int conv_to_dense(const onnx_making *m, onnx_step *s) {
    const onnx_window w = s->window;
    const size_t h = (size_t)s->in.h, wide = (size_t)s->in.w, out = (size_t)s->out.c;
    const size_t reads = h * wide * (size_t)s->in.c, taps = (size_t)(w.kh * w.kw);
    const size_t inputs = s->reads / taps, group = out / (size_t)s->group;
    const int status = dn_onnx_room_for(m, s, reads);
    if (status != DN_OK) return status;
    float *dense = dn_onnx_zeros(m->work, &m->net->heap, (uint64_t)reads * out);
    if (!dense) return DN_NOMEM;
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
static int check_pads(const onnx_making *m, const onnx_step *s) {
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
static int check_square(const onnx_making *m, const onnx_step *s, const char *what) {
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

/* count_pads - what a step's windows read beyond the maps: no more than they do. */
static void count_pads(onnx_step *s) {
    onnx_window *w = &s->window;
    const int64_t below = (s->out.h - 1) * w->stride_y + reach(w->kh, w->dilation_y) -
                          s->in.h - w->top;
    const int64_t right = (s->out.w - 1) * w->stride_x + reach(w->kw, w->dilation_x) -
                          s->in.w - w->left;
    w->bottom = below > 0 ? below : 0;
    w->right = right > 0 ? right : 0;
}

/* set_pads - how that is said. can_be_same: of a convolution, whose window is square. */
static void set_pads(onnx_step *s, int can_be_same) {
    onnx_window *w = &s->window;
    const int stride = (int)w->stride_y, k = (int)w->kh;
    int h, wide;
    count_pads(s);
    s->pads = w->top || w->left || w->bottom || w->right ? PADS_SAID : PADS_NONE;
    if (can_be_same && w->top == dn_same_padding(s->in.h, k, stride, &h) &&
        w->left == dn_same_padding(s->in.w, k, stride, &wide) && s->out.h == h &&
        s->out.w == wide)
        s->pads = PADS_SAME;
}

/* A convolution whose kernel is dilated or not square, as one of a larger, square kernel
 * with zeros in it. */
static int plain_conv(const onnx_making *m, onnx_step *s, size_t side) {
    const onnx_window w = s->window;
    const size_t out = (size_t)s->out.c, taps = (size_t)(w.kh * w.kw);
    const size_t reads = s->reads / taps * side * side;
    const int status = dn_onnx_room_for(m, s, reads);
    if (status != DN_OK) return status;
    float *plain = dn_onnx_zeros(m->work, &m->net->heap, (uint64_t)reads * out);
    if (!plain) return DN_NOMEM;
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

void dn_onnx_settle_strides(onnx_step *s) {
    onnx_window *w = &s->window;
    if (s->out.h == 1 && s->in.h + w->top - reach(w->kh, w->dilation_y) < w->stride_x)
        w->stride_y = w->stride_x;
    else if (s->out.w == 1 &&
             s->in.w + w->left - reach(w->kw, w->dilation_x) < w->stride_y)
        w->stride_x = w->stride_y;
}

int dn_onnx_conv_layer(const onnx_making *m, onnx_step *s, int last, int flat) {
    onnx_window *w = &s->window;
    dn_onnx_settle_strides(s);
    const int64_t kh = (w->kh - 1) * w->dilation_y + 1,
                  kw = (w->kw - 1) * w->dilation_x + 1, k = kh > kw ? kh : kw;
    const int plain = w->kh == k && w->kw == k && w->top < k && w->left < k;
    const int fits = k <= DN_MAX_WINDOW && w->stride_y == w->stride_x &&
                     w->stride_y <= DN_MAX_WINDOW;
    if (s->out.h == 1 && s->out.w == 1 && (last || !plain || !fits || flat))
        return conv_to_dense(m, s);
    if (s->out.c > DN_MAX_CHANNELS)
        return dn_onnx_refuse(m, s, "has more than 4096 maps");
    int status = fits ? DN_OK : check_square(m, s, "kernel");
    if (!fits && status == DN_OK)
        status = dn_onnx_refuse(m, s, "has a kernel of more than 64x64");
    if (status == DN_OK && !plain) status = plain_conv(m, s, (size_t)k);
    if (status != DN_OK) return status;
    set_pads(s, 1);
    return check_pads(m, s);
}

static int pool_error(const onnx_making *m, const onnx_step *s, const char *what,
                      int64_t y, int64_t x, int most) {
    return dn_fail(m->error, m->error_size, "%s: %s are %lld and %lld; expected 1..%d",
                   s->name, what, (long long)y, (long long)x, most);
}

/* A pooling's numbers, which notation has. */
static int check_pool(const onnx_making *m, const onnx_step *s) {
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

/* Whether the only window along an axis of one place reads it, and no padding that
 * counts. */
static int reads_place(int64_t k, int64_t dilation, int64_t before, int counts) {
    return before < reach(k, dilation) && before % dilation == 0 && (k == 1 || !counts);
}

int dn_onnx_pool_idle(const onnx_step *s) {
    const onnx_window *w = &s->window;
    const int counts = s->kind == STEP_AVGPOOL && w->counts_pads;
    return s->in.h * s->in.w == 1 && s->out.h * s->out.w == 1 &&
           reads_place(w->kh, w->dilation_y, w->top, counts) &&
           reads_place(w->kw, w->dilation_x, w->left, counts);
}

int dn_onnx_pool_layer(const onnx_making *m, onnx_step *s) {
    onnx_window *w = &s->window;
    if (s->kind == STEP_AVGPOOL && s->whole) return DN_OK;
    if (s->whole) { /* as notation leaves it out */
        w->stride_y = w->kh;
        w->stride_x = w->kw;
    } else {
        dn_onnx_settle_strides(s);
    }
    const int status = check_pool(m, s);
    if (status != DN_OK) return status;
    set_pads(s, 0);
    if (s->pads == PADS_NONE || s->kind == STEP_MAXPOOL || !w->counts_pads || !w->ceil)
        return check_pads(m, s);
    return dn_onnx_refuse(m, s,
                          "has ceil_mode and count_include_pad; expected one of the two");
}

/* --- what lies around maps ---------------------------------------------------------- */

static int64_t above(int64_t a, int64_t least) { return a > least ? a : least; }

/* A kernel along one axis that copies numbers, so that there are p more before and q more
 * after: number *at is its 1, and it has *side numbers at least. Its padding, p + *at
 * before and q + *side − 1 − *at after, is less than *side. */
static void copies(int64_t p, int64_t q, int64_t *at, int64_t *side) {
    *at = above(above(-p, q), 0);
    *side = above(*at + 1 + above(above(p, -q), 0), *side);
}

int dn_onnx_pad_layer(const onnx_making *m, onnx_step *s) {
    const onnx_window p = s->window;
    const size_t c = (size_t)s->in.c;
    int64_t side = 1, y, x;
    copies(p.top, p.bottom, &y, &side);
    copies(p.left, p.right, &x, &side);
    const size_t taps = (size_t)(side * side);
    if (side > DN_MAX_WINDOW)
        return dn_onnx_refuse(
            m, s, "adds or cuts off too many rows or columns; expected 63 at most");
    const int status = dn_onnx_room_for(m, s, taps);
    if (status != DN_OK) return status;
    s->kind = STEP_CONV;
    s->group = s->in.c;
    s->reads = taps;
    s->each = c;
    s->w = dn_floats(&m->net->heap, (uint64_t)c * taps);
    s->ends = dn_floats(&m->net->heap, ENDS * (uint64_t)c);
    for (size_t k = 0; s->w && k < c; k++) s->w[k * taps + (size_t)(y * side + x)] = 1;
    s->window = (onnx_window){side, side, 1, 1, 1, 1, p.top + y, p.left + x, 0, 0, 0, 0};
    dn_onnx_worked(m->work, c * taps);
    return s->w && s->ends ? DN_OK : DN_NOMEM;
}

int dn_onnx_split_pads(onnx_step *s, onnx_step *pad) {
    onnx_window *w = &s->window;
    if (s->out.h * s->out.w == 1 && s->kind == STEP_CONV) return 0;
    if (s->kind == STEP_AVGPOOL && (s->whole || !w->counts_pads)) return 0;
    const int64_t y = reach(w->kh, w->dilation_y) - 1,
                  x = reach(w->kw, w->dilation_x) - 1;
    count_pads(s);
    const onnx_window more = {.top = above(w->top - y, 0),
                              .left = above(w->left - x, 0),
                              .bottom = above(w->bottom - y, 0),
                              .right = above(w->right - x, 0)};
    if (!(more.top || more.left || more.bottom || more.right)) return 0;
    *pad = (onnx_step){.kind = STEP_PAD, .n = 1, .in = s->in, .window = more};
    memcpy(pad->name, s->name, sizeof pad->name);
    pad->out = s->in;
    pad->out.h += (int)(more.top + more.bottom);
    pad->out.w += (int)(more.left + more.right);
    s->in = pad->out;
    w->top -= more.top;
    w->left -= more.left;
    w->bottom -= more.bottom;
    w->right -= more.right;
    return 1;
}

static int64_t common(int64_t a, int64_t b) { return b ? common(b, a % b) : a; }

/* A convolution whose strides differ: one of a stride that divides both, and of its
 * results those that are wanted, by a pooling of single places. */
int dn_onnx_picked_layers(onnx_making *m, onnx_step *s, int from) {
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
        return dn_onnx_refuse(m, s,
                              "has strides that differ, on too large maps; expected the "
                              "same both ways");
    w->stride_y = w->stride_x = stride;
    s->out.h = (int)h;
    s->out.w = (int)wide;
    pick.in = s->out;
    int status = dn_onnx_conv_layer(m, s, 0, dn_onnx_layer_vector(m, from));
    if (status == DN_OK) status = dn_onnx_layer_put(m, s, &from, 1);
    from = m->out->n;
    if (status == DN_OK) status = dn_onnx_pool_layer(m, &pick);
    return status == DN_OK ? dn_onnx_layer_put(m, &pick, &from, 1) : status;
}
