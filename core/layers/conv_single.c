/* conv_single.c - a convolution of one image, whose channels lie side by side. See
 * conv.h. */
#include "conv.h"
#include "int8.h"
#include "window.h"

/* Groups are written with channels rounded up, which those of the next would lie in: so
 * each is computed aside. */
uint64_t dn_conv_single_work(const dn_layer *l) {
    const uint64_t channels = ((uint64_t)l->out.c / (uint64_t)dn_conv_groups(l) + 15) /
                              16 * 16;
    if (dn_conv_groups(l) > 1) return channels * (uint64_t)l->out.h * (uint64_t)l->out.w;
    if (l->int8) return dn_int8_work(l);
    if (!l->winograd) return 0;
    return dn_single_winograd_work(l->out.h, l->out.w, l->in.c, l->out.c);
}

/* A part of one image's results: rows r … r+h-1, columns q … q+w-1, channels o …
 * o+n-1. */
typedef struct part {
    int r, h, q, w, o, n;
} part;

static void single_part(const dn_call *c, const dn_view *y, const dn_view *taps,
                        const part *p) {
    const dn_layer *l = c->layer;
    const int relu = c->relu;
    const ptrdiff_t outputs = (ptrdiff_t)l->in.c * (l->winograd ? 18 : l->kh * l->kw);
    float *to = y->p + p->r * y->row + p->q * y->column + p->o;
    const float *from = taps->p + p->r * l->stride * taps->row +
                        p->q * l->stride * taps->column;
    const float *weights = c->weights + p->o * outputs, *bias = c->bias + p->o;
    if (l->winograd)
        c->kernels->single_winograd(to, y->row, y->column, from, taps->row, taps->column,
                                    weights, bias, p->h, p->w, l->in.c, p->n, relu,
                                    c->work);
    else
        c->kernels->single_conv(to, y->row, y->column, from, taps->row, taps->column,
                                weights, bias, p->h, p->w, l->in.c, p->n, l->kh,
                                l->stride, relu);
}

#define CHANNELS 32 /* that a kernel computes at once */

/* Many channels of small maps go some channels after the others, so that each weight is
 * read once; large maps some rows after the others. */
static void part_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer;
    const dn_view taps = dn_under_taps(*x, l);
    const int channels = (l->out.c + 15) / 16 * 16;
    const int64_t place = (int64_t)l->columns * channels;
    const int64_t channel = (int64_t)l->columns * l->out.h * l->out.w;
    part p = {0, l->out.h, 0, l->out.w, 0, channels};
    if (channel * CHANNELS <= c->ask->pace) {
        for (; p.o < channels; p.o += p.n) {
            p.n = dn_band(c->ask, CHANNELS, channel, channels - p.o);
            if (!dn_go_on(c->ask, channel * p.n)) return;
            single_part(c, y, &taps, &p);
        }
        return;
    }
    for (; p.q < l->out.w; p.q += p.w) {
        p.w = dn_band(c->ask, DN_CONV_TILE, place, l->out.w - p.q);
        for (p.r = 0; p.r < l->out.h; p.r += p.h) {
            p.h = dn_band(c->ask, 1, place * p.w, l->out.h - p.r);
            if (!dn_go_on(c->ask, place * p.w * p.h)) return;
            single_part(c, y, &taps, &p);
        }
    }
}

void dn_conv_single(const dn_call *c, const dn_view *y, const dn_view *x) {
    const dn_layer *l = c->layer, one = dn_conv_part(l);
    const int n = one.out.c, channels = (n + 15) / 16 * 16;
    const dn_view aside = {.p = c->work,
                           .channel = 1,
                           .row = (ptrdiff_t)l->out.w * channels,
                           .column = channels,
                           .c = n,
                           .h = l->out.h,
                           .w = l->out.w};
    dn_call call = *c;
    if (dn_conv_groups(l) == 1) {
        if (l->int8)
            dn_int8_single(c, y, x);
        else
            part_single(c, y, x);
        return;
    }
    call.layer = &one;
    for (int g = 0; g < dn_conv_groups(l) && !c->ask->stopped; g++) {
        dn_view from = *x;
        from.p += g * one.in.c;
        from.c = one.in.c;
        call.weights = c->weights + (size_t)g * (size_t)dn_conv_packed(l);
        call.bias = c->bias + g * n;
        part_single(&call, &aside, &from);
        for (int row = 0; row < y->h; row++)
            for (int column = 0; column < y->w; column++)
                memcpy(y->p + row * y->row + column * y->column + g * n,
                       aside.p + row * aside.row + column * aside.column,
                       (size_t)n * sizeof(float));
    }
}
