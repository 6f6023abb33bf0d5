/* saliency.c - which pixels speak for a class: see dn.h.
 *
 * Gradient × input, smoothed over 16 copies of the image, in which pixels were rubbed out at
 * random (after Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017). With b
 * for blank paper and x' for a copy:
 *
 *     saliency[i] = (x[i] − b) · mean over x' of d log p[class] / d x[i] at x'
 *
 * A pixel is rubbed out with probability 0.3, in all channels; copy 0 is the image itself. So
 * a pixel counts by what it says beside what is left of the others, not only beside all
 * of them, when a sure network has heard enough. Rubbing out the tenth of the ink that is
 * marked most leaves a mean p of 0.51 on 300 of MNIST's test images with the built-in model, at
 * random 0.99 (tests/host/test_saliency.c prints both). With one of its forerunners it was
 * 0.44; without the copies 0.63, by integrated gradients (Sundararajan, Taly and Yan, 2017) 0.89.
 *
 * The copies are the 16 lanes of the batch layout (view.h): one pass forward, one back,
 * by the kernels that train. All that the way back needs is kept on the way forward, so no
 * pooling is computed together with its convolution. */
#include <string.h>
#include "bytes.h"
#include "conv.h"
#include "fmath.h"
#include "input.h"
#include "layout.h"
#include "memory.h"
#include "model.h"
#include "rng.h"

#define RUB_OUT 0x4CCCCCCDu /* 0.3 of 2^32 */

/* Where things lie in one memory, in floats; zeros at first. */
typedef struct saliency_plan {
    dn_maps maps[DN_MAX_LAYERS + 2];    /* [0] the input, [i + 1] what layer i writes */
    uint64_t at[DN_MAX_LAYERS + 2];     /* of those */
    uint64_t places[DN_MAX_LAYERS + 1]; /* of a max pooling's, as int32 */
    uint64_t ping, pong;                /* gradients, by turns */
    uint64_t spread;                    /* a convolution's gradient with zeros between */
    uint64_t spread_size;               /* of the largest */
    uint64_t raw, packed;               /* weights as they are, and for the way back */
    uint64_t zeros;                     /* a bias of nothing */
    uint64_t work;                      /* for Winograd's kernels */
    uint64_t size;
} saliency_plan;

typedef struct saliency {
    const dn_model *m;
    saliency_plan plan;
    float *memory;
} saliency;

static uint64_t take(uint64_t *size, uint64_t n) {
    const uint64_t at = *size;
    *size += round16(n);
    return at;
}

static void at_least(uint64_t *most, uint64_t n) {
    if (n > *most) *most = n;
}

static void plan_all(saliency_plan *p, const dn_spec *spec) {
    uint64_t map = 0, spread = 0, packed = 0, work = 0, channels = 0;
    for (int i = -1; i < spec->n; i++) {
        const dn_layer *l = i < 0 ? NULL : &spec->layers[i];
        if (l && l->kind == DN_DROPOUT) continue;
        p->maps[i + 1] = dn_maps_batch(l ? l->out : spec->shape, dn_reader(spec, i));
        p->at[i + 1] = take(&p->size, p->maps[i + 1].size);
        const dn_maps plain = dn_maps_batch(l ? l->out : spec->shape, NULL);
        at_least(&map, plain.size);
        if (!l) continue;
        at_least(&channels, (uint64_t)l->in.c + 3);
        if (l->kind == DN_MAXPOOL) p->places[i] = take(&p->size, plain.size);
        if (l->kind != DN_CONV) continue;
        at_least(&spread, dn_maps_gradient(l).size);
        at_least(&packed, dn_packed_size(l));
        at_least(&work, dn_conv_work(l));
    }
    p->ping = take(&p->size, map);
    p->pong = take(&p->size, map);
    p->spread = take(&p->size, spread);
    p->spread_size = spread;
    p->raw = take(&p->size, packed);
    p->packed = take(&p->size, packed);
    p->zeros = take(&p->size, channels);
    p->work = take(&p->size, work);
}

/* What layer i writes, −1 being the input. */
static dn_view map_of(const saliency *s, int i) {
    return dn_at(&s->plan.maps[i + 1], s->memory + s->plan.at[i + 1]);
}

/* What layer i reads: of the layer before it that is no dropout. */
static dn_view input_of(const saliency *s, int i) {
    do i--;
    while (i >= 0 && s->m->spec.layers[i].kind == DN_DROPOUT);
    return map_of(s, i);
}

static int32_t *places_of(const saliency *s, int i) {
    return (int32_t *)(void *)(s->memory + s->plan.places[i]);
}

/* --- forward ----------------------------------------------------------------------------- */

static float paper(const dn_model *m) { return (0.0f - m->mean) * m->inverse; }

/* The image in lane 0, and copies of it with pixels rubbed out in the others. */
static void load_copies(const saliency *s, const dn_image *image) {
    const dn_model *m = s->m;
    const dn_view x = map_of(s, -1);
    const float blank = paper(m);
    dn_input_group(&x, image, 1, m->input_table, m->mean, m->inverse);
    for (int c = 0; c < x.c; c++)
        for (int row = 0; row < x.h; row++)
            for (int column = 0; column < x.w; column++) {
                float *p = x.p + c * x.channel + row * x.row + column * x.column;
                const uint32_t pixel = (uint32_t)(row * x.w + column);
                for (uint32_t k = 1; k < DN_LANES; k++)
                    p[k] = rng_hash32(k, pixel) < RUB_OUT ? blank : p[0];
            }
}

static void forward(const saliency *s) {
    const dn_model *m = s->m;
    const dn_kernels *k = m->kernels;
    for (int i = 0; i < m->spec.n; i++) {
        const dn_layer *l = &m->spec.layers[i];
        if (l->kind == DN_DROPOUT) continue;
        const dn_view x = input_of(s, i), y = map_of(s, i);
        if (l->kind == DN_CONV) {
            const dn_view taps = dn_under_taps(x, l);
            dn_conv(k, &y, &taps, m->batch_weights[i], m->bias[i], l, l->relu,
                    s->memory + s->plan.work);
        } else if (l->kind == DN_MAXPOOL) {
            k->maxpool_forward(&y, places_of(s, i), (ptrdiff_t)y.h * y.w * DN_LANES, &x,
                               NULL, NULL, l->kh, l->stride, 0);
        } else if (l->kind == DN_AVGPOOL) {
            k->avgpool_forward(&y, &x, l->kh, l->kw, l->stride);
        } else {
            k->dense_forward(y.p, x.p, m->batch_weights[i], m->bias[i],
                             l->in.c * l->in.h * l->in.w, l->out.c, l->ld, l->relu);
        }
    }
}

/* --- backward ---------------------------------------------------------------------------- */

/* d log p[class] / d z[o] = [o = class] − p[o], in every lane. */
static dn_view loss_backward(const saliency *s, int class) {
    const dn_layer *l = &s->m->spec.layers[s->m->spec.n - 1];
    const dn_view z = map_of(s, s->m->spec.n - 1);
    const dn_maps maps = dn_maps_batch(l->out, NULL);
    const dn_view dz = dn_at(&maps, s->memory + s->plan.ping);
    for (int k = 0; k < DN_LANES; k++) {
        double top = (double)z.p[k], sum = 0;
        for (int o = 1; o < l->out.c; o++)
            if ((double)z.p[o * DN_LANES + k] > top) top = (double)z.p[o * DN_LANES + k];
        for (int o = 0; o < l->out.c; o++)
            sum += dn_exp((double)z.p[o * DN_LANES + k] - top);
        for (int o = 0; o < l->out.c; o++)
            dz.p[o * DN_LANES + k] =
                (float)((o == class) - dn_exp((double)z.p[o * DN_LANES + k] - top) / sum);
    }
    return dz;
}

static void conv_backward(const saliency *s, int i, const dn_view *dx, const dn_view *dy,
                          const dn_view *y) {
    const dn_layer *l = &s->m->spec.layers[i];
    const dn_maps maps = dn_maps_gradient(l);
    float *raw = s->memory + s->plan.raw, *packed = s->memory + s->plan.packed;
    memset(s->memory + s->plan.spread, 0, (size_t)s->plan.spread_size * sizeof(float));
    dn_view dz = dn_at(&maps, s->memory + s->plan.spread);
    s->m->kernels->relu_backward(&dz, dy, y); /* each convolution has one */
    /* A convolution again, over dz spread out with its margin: the whole buffer. */
    dz.p -= maps.origin;
    dz.row /= l->stride;
    dz.column /= l->stride;
    dn_unpack_forward(raw, s->m->batch_weights[i], l);
    dn_pack_backward(packed, raw, l);
    dn_conv_dgrad(s->m->kernels, dx, &dz, packed, s->memory + s->plan.zeros, l,
                  s->memory + s->plan.work);
}

/* The gradient of the input, [c][h][w][16]. */
static dn_view backward(const saliency *s, int class) {
    const dn_model *m = s->m;
    const dn_kernels *k = m->kernels;
    dn_view dy = loss_backward(s, class);
    float *free_half = s->memory + s->plan.pong;
    for (int i = m->spec.n - 1; i >= 0; i--) {
        const dn_layer *l = &m->spec.layers[i];
        if (l->kind == DN_DROPOUT) continue;
        const dn_maps maps = dn_maps_batch(l->in, NULL);
        const dn_view dx = dn_at(&maps, free_half), y = map_of(s, i);
        if (l->kind == DN_CONV) {
            conv_backward(s, i, &dx, &dy, &y);
        } else if (l->kind == DN_MAXPOOL) {
            k->maxpool_backward(&dx, &dy, places_of(s, i), l->kh, l->stride);
        } else if (l->kind == DN_AVGPOOL) {
            k->avgpool_backward(&dx, &dy, l->kh, l->kw, l->stride);
        } else {
            if (l->relu) k->relu_backward(&dy, &dy, &y);
            k->dense_dgrad(dx.p, dy.p, m->batch_weights[i], l->in.c * l->in.h * l->in.w,
                           l->out.c, l->ld);
        }
        free_half = dy.p;
        dy = dx;
    }
    return dy;
}

int dn_saliency(const dn_model *m, const dn_image *image, int class, float *out) {
    saliency *s = dn_new(&m->heap, 1, sizeof *s);
    if (!s) return DN_NOMEM;
    s->m = m;
    plan_all(&s->plan, &m->spec);
    s->memory = dn_floats(&m->heap, s->plan.size);
    if (!s->memory) {
        dn_release(&m->heap, s);
        return DN_NOMEM;
    }
    load_copies(s, image);
    forward(s);
    const dn_view dx = backward(s, class), x = map_of(s, -1);
    for (int row = 0; row < x.h; row++)
        for (int column = 0; column < x.w; column++)
            for (int c = 0; c < x.c; c++) {
                const float *g = dx.p + c * dx.channel + row * dx.row +
                                 column * dx.column;
                const float *p = x.p + c * x.channel + row * x.row + column * x.column;
                double sum = 0;
                for (int k = 0; k < DN_LANES; k++) sum += (double)g[k];
                *out++ = (float)(sum / DN_LANES * (double)(p[0] - paper(m)));
            }
    dn_floats_release(&m->heap, s->memory);
    dn_release(&m->heap, s);
    return DN_OK;
}
