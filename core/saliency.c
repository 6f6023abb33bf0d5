/* saliency.c - which pixels speak for a class: see dn.h.
 *
 * Gradient × input, smoothed over 16 copies of the image, in which pixels were rubbed out
 * at random (after Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017).
 * With b for blank paper and x' for a copy:
 *
 *     saliency[i] = (x[i] − b) · mean over x' of d log p[class] / d x[i] at x'
 *
 * A pixel is rubbed out with probability 0.3, in all channels; copy 0 is the image
 * itself. So a pixel counts by what it says beside what is left of the others, not only
 * beside all of them, where a confident network's gradient saturates. Rubbing out the
 * tenth of the ink that is marked most leaves a mean p of 0.51 on 300 of MNIST's test
 * images with the built-in model, at random 0.99 (tests/host/test_saliency.c prints
 * both). With one of its forerunners it was 0.44; without the copies 0.63, by integrated
 * gradients (Sundararajan, Taly and Yan, 2017) 0.89.
 *
 * The copies are the 16 lanes of the batch layout (view.h): one pass forward, one back,
 * by the kernels that train. All that the way back needs is kept on the way forward, so
 * no pooling is computed together with its convolution. */
#include "cost.h"
#include "fmath.h"
#include "input.h"
#include "memory.h"
#include "model.h"
#include "rng.h"
#include "walk.h"

#define RUB_OUT 0x4CCCCCCDu /* 0.3 of 2^32 */

static float paper(const dn_model *m) { return (0.0f - m->mean) * m->inverse; }

/* The image in lane 0, and copies of it with pixels rubbed out in the others. */
static void load_copies(const dn_model *m, const dn_view *to, const dn_image *image) {
    const dn_view x = *to;
    const float blank = paper(m);
    dn_input_group(to, image, 1, m->input_table, m->mean, m->inverse);
    for (int c = 0; c < x.c; c++)
        for (int row = 0; row < x.h; row++)
            for (int column = 0; column < x.w; column++) {
                float *p = x.p + c * x.channel + row * x.row + column * x.column;
                const uint32_t pixel = (uint32_t)(row * x.w + column);
                for (uint32_t k = 1; k < DN_LANES; k++)
                    p[k] = rng_hash32(k, pixel) < RUB_OUT ? blank : p[0];
            }
}

/* d log p[class] / d p[o] = [o = class]/p[o], where each p is a sigmoid by itself. */
static void sigmoid_backward(const dn_view *gradient, const dn_view *p, int class) {
    for (int o = 0; o < p->c; o++)
        for (int k = 0; k < DN_LANES; k++)
            gradient->p[o * DN_LANES + k] =
                o == class && p->p[o * DN_LANES + k] > 0 ? 1 / p->p[o * DN_LANES + k] : 0;
}

/* d log p[class] / d z[o] = [o = class] − p[o], in every lane. */
static void loss_backward(const dn_view *gradient, const dn_view *logits, int class) {
    const dn_view z = *logits, dz = *gradient;
    for (int k = 0; k < DN_LANES; k++) {
        double top = (double)z.p[k], sum = 0;
        for (int o = 1; o < z.c; o++)
            if ((double)z.p[o * DN_LANES + k] > top) top = (double)z.p[o * DN_LANES + k];
        for (int o = 0; o < z.c; o++) sum += dn_exp((double)z.p[o * DN_LANES + k] - top);
        for (int o = 0; o < z.c; o++)
            dz.p[o * DN_LANES + k] =
                (float)((o == class) - dn_exp((double)z.p[o * DN_LANES + k] - top) / sum);
    }
}

/* read_gradient - the mean over the copies of what the gradient says of each pixel. */
static void read_gradient(const dn_model *m, const dn_view *gradient,
                          const dn_view *image, float *out) {
    const dn_view dx = *gradient, x = *image;
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
}

int dn_saliency(const dn_model *m, const dn_image *image, int class, float *out,
                const dn_watch *watch, char *error, size_t error_size) {
    const dn_cost cost = dn_cost_saliency(&m->spec);
    int status = dn_cost_check(&cost, &m->limits, "saliency", error, error_size);
    if (status != DN_OK) return status;
    status = DN_NOMEM;
    float *memory = NULL;
    dn_walk plan, *const walk = &plan;
    if (dn_walk_plan(walk, &m->spec, DN_WALK_EXPLAIN) != DN_OK) goto done;
    status = dn_floats_new(&memory, &m->heap, dn_walk_size(walk), watch);
    if (status != DN_OK) goto done;
    dn_pass pass = dn_model_pass(m, walk, memory);
    const dn_view x = dn_pass_input(&pass), z = dn_pass_output(&pass);
    const dn_view dz = dn_pass_loss(&pass);
    if (watch) pass.ask.watch = *watch;
    load_copies(m, &x, image);
    if (dn_pass_forward(&pass, -1) == walk->n) {
        if (m->spec.layers[m->spec.n - 1].activation == DN_SIGMOID)
            sigmoid_backward(&dz, &z, class);
        else
            loss_backward(&dz, &z, class);
        dn_pass_backward(&pass, walk->n);
    }
    status = pass.ask.stopped ? DN_STOPPED : DN_OK;
    if (status == DN_OK) read_gradient(m, &pass.dy, &x, out);
done:
    dn_floats_release(&m->heap, memory);
    dn_walk_clear(walk);
    return status;
}
