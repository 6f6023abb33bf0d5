/* quantise.c - a model in 8 bits: see dn_quantise in dn.h, int8.h.
 *
 * A layer's inputs become 255 steps between two ends. Some images go through the network
 * twice, in float32: first the least and the largest of what each layer reads are found,
 * then it is counted how often each value between them comes. The ends are those, times
 * one factor up to 1, by which the mean square of what is lost is least: of the values
 * between the ends by rounding, step²/12 in the mean, of those beyond by being cut off.
 * Zeros are not counted: they stay what they are.
 *
 * Pixels are not measured: a byte becomes that byte (dn_int8_image).
 *
 * Between the two looks, channels that are much larger than the others are made smaller:
 * see equalise.h.
 *
 * A weight is rounded to 127ths of the largest of its output. */
#include <math.h>
#include <string.h>
#include "bytes.h"
#include "equalise.h"
#include "error.h"
#include "input.h"
#include "layers/int8.h"
#include "layers/kind.h"
#include "memory.h"
#include "model.h"

#define BINS 1024

/* What a layer reads. */
typedef struct inputs {
    float low, high; /* with 0 between them */
    uint32_t *count; /* [BINS] from low to high; NULL: they are not measured */
    float *factor;   /* [in.c] by which a channel is multiplied: see equalise.h */
    float *least;    /* [in.c] of a channel, and 0; without the factor … */
    float *most;     /* [in.c] */
} inputs;

typedef struct calibration {
    const dn_model *model; /* in float32 */
    dn_model *plain;       /* the same, decoded plain */
    inputs *layers;        /* [n] */
    int counts;            /* they are counted now; else the ends are sought */
} calibration;

static void see_value(inputs *in, int channel, float v, int counts) {
    if (!counts) {
        if (v < in->least[channel]) in->least[channel] = v;
        if (v > in->most[channel]) in->most[channel] = v;
        return;
    }
    /* Not what is 0, nor what is no number. */
    if (!(v < 0 || v > 0)) return;
    v *= in->factor[channel];
    const float place = (v - in->low) / (in->high - in->low) * BINS;
    in->count[place < BINS ? (int)place : BINS - 1]++;
}

static void see(void *context, int number, const dn_view *x) {
    const calibration *c = context;
    inputs *in = &c->layers[number];
    if (!in->count) return;
    for (int row = 0; row < x->h; row++)
        for (int column = 0; column < x->w; column++) {
            const float *p = x->p + row * x->row + column * x->column;
            for (int i = 0; i < x->c; i++) see_value(in, i, p[i], c->counts);
        }
}

/* look - all images on their way through the network. */
static int look(calibration *c, const dn_image *images, int64_t n,
                const dn_watch *watch) {
    const dn_model *m = c->model;
    const dn_probe probe = {see, c};
    float *memory = NULL;
    dn_walk walk;
    int status = dn_walk_plan(&walk, &m->spec, DN_WALK_SINGLE);
    if (status == DN_OK)
        status = dn_floats_new(&memory, &m->heap, dn_walk_size(&walk), watch);
    if (status == DN_OK) {
        dn_pass pass = dn_model_pass(m, &walk, memory);
        const dn_view x = dn_pass_input(&pass);
        pass.weights = m->single_weights;
        pass.probe = &probe;
        pass.ask.watch = *watch;
        for (int64_t k = 0; k < n && status == DN_OK; k++) {
            dn_input_single(x.p, x.row, m->spec.shape, &images[k], m->input_table,
                            m->mean, m->inverse);
            if (dn_pass_forward(&pass, -1) < walk.n) status = DN_STOPPED;
        }
    }
    dn_floats_release(&m->heap, memory);
    dn_walk_clear(&walk);
    return status;
}

/* What is lost where the ends are low and high times a share. */
static double loss_of(const inputs *in, double share) {
    const double low = (double)in->low, width = (double)in->high - low;
    const double step = width * share / 255, rounding = step * step / 12;
    double sum = 0;
    for (int b = 0; b < BINS; b++) {
        const double v = low + (b + 0.5) * width / BINS;
        const double beyond = v > (double)in->high * share ? v - (double)in->high * share
                              : v < low * share            ? v - low * share
                                                           : 0;
        sum += in->count[b] * (rounding + beyond * beyond);
    }
    return sum;
}

#define SHARES 100

static dn_int8_range range_of(const inputs *in) {
    int best = SHARES;
    double least = 0;
    for (int k = SHARES; k >= SHARES / 4; k--) {
        const double loss = loss_of(in, (double)k / SHARES);
        if (k < SHARES && loss >= least) continue;
        best = k;
        least = loss;
    }
    const float share = (float)best / SHARES;
    const float width = (in->high - in->low) * share;
    dn_int8_range range = {.step = fminf(fmaxf(width / 255, 1e-30f), 1e30f)};
    const float zero = -in->low * share / range.step;
    range.zero = fminf(rintf(zero), 255);
    return range;
}

/* start - where to count. */
static int start(calibration *c) {
    const dn_model *m = c->model;
    c->layers = dn_new(&m->heap, (uint64_t)m->spec.n, sizeof *c->layers);
    if (!c->layers) return DN_NOMEM;
    for (int i = 0; i < m->spec.n; i++) {
        const dn_layer *l = &m->spec.layers[i];
        inputs *in = &c->layers[i];
        if (!dn_int8_suits(l) || dn_int8_of_image(l)) continue;
        const uint64_t channels = (uint64_t)l->in.c;
        in->count = dn_new(&m->heap, BINS, sizeof *in->count);
        in->factor = dn_floats(&m->heap, channels);
        in->least = dn_floats(&m->heap, channels);
        in->most = dn_floats(&m->heap, channels);
        if (!in->count || !in->factor || !in->least || !in->most) return DN_NOMEM;
        for (int k = 0; k < l->in.c; k++) in->factor[k] = 1;
    }
    return DN_OK;
}

static void finish(calibration *c) {
    const dn_model *m = c->model;
    for (int i = 0; i < m->spec.n && c->layers; i++) {
        dn_release(&m->heap, c->layers[i].count);
        dn_floats_release(&m->heap, c->layers[i].factor);
        dn_floats_release(&m->heap, c->layers[i].least);
        dn_floats_release(&m->heap, c->layers[i].most);
    }
    dn_release(&m->heap, c->layers);
}

/* equalise - channels of like size in what layer i reads, if that can be. */
static int equalise(calibration *c, int i, dn_ask *ask) {
    dn_model *plain = c->plain;
    inputs *in = &c->layers[i];
    const dn_layer *l = &plain->spec.layers[i];
    const int from = dn_equal_source(&plain->spec, i), channels = l->in.c;
    if (from < 0) return DN_OK;
    float *most = dn_floats(&plain->heap, (uint64_t)channels * 2 + (uint64_t)l->out.c);
    if (!most) return DN_NOMEM;
    for (int k = 0; k < channels; k++) most[k] = fmaxf(in->most[k], -in->least[k]);
    int status = dn_equal_factors(in->factor, most + channels, l, plain->batch_weights[i],
                                  most, ask);
    if (status == DN_OK)
        status = dn_equal_apply(&plain->spec.layers[from], plain->batch_weights[from],
                                plain->bias[from], l, plain->batch_weights[i], in->factor,
                                ask);
    dn_floats_release(&plain->heap, most);
    return status;
}

/* find_ends - when the first look is done. */
static int find_ends(calibration *c, const dn_watch *watch) {
    dn_ask ask = {.watch = *watch, .pace = c->model->kernels->pace};
    int status = DN_OK;
    for (int i = 0; i < c->model->spec.n && status == DN_OK; i++) {
        inputs *in = &c->layers[i];
        if (!in->count) continue;
        status = equalise(c, i, &ask);
        for (int k = 0; k < c->model->spec.layers[i].in.c; k++) {
            in->low = fminf(in->low, in->least[k] * in->factor[k]);
            in->high = fmaxf(in->high, in->most[k] * in->factor[k]);
        }
    }
    return status;
}

/* calibrate - what each layer reads; and its weights, where they are made equal. */
static int calibrate(dn_int8_range *ranges, const dn_model *m, dn_model *plain,
                     const dn_image *images, int64_t n, const dn_watch *watch) {
    calibration c = {.model = m, .plain = plain};
    int status = start(&c);
    if (status == DN_OK) status = look(&c, images, n, watch);
    if (status == DN_OK) status = find_ends(&c, watch);
    c.counts = 1;
    if (status == DN_OK) status = look(&c, images, n, watch);
    for (int i = 0; i < m->spec.n && status == DN_OK; i++)
        ranges[i] = c.layers[i].count ? range_of(&c.layers[i])
                                      : dn_int8_image(m->mean, 1 / m->inverse);
    finish(&c);
    return status;
}

/* encode - the bytes, from a model decoded plain. */
static int encode(void **bytes, size_t *size, const dn_model *plain, float std,
                  const dn_int8_range *ranges, const dn_watch *watch) {
    dn_ask ask = {.watch = *watch, .pace = plain->kernels->pace};
    const dn_content content = {.spec = &plain->spec,
                                .labels = plain->labels,
                                .mean = plain->mean,
                                .std = std,
                                .plain = plain,
                                .ranges = ranges,
                                .temperature = 1,
                                .precision = DN_KEEP_INT8,
                                .extras = plain->extras,
                                .ask = &ask};
    return dn_model_encode(bytes, size, &content, &plain->heap);
}

/* check_layer - whether 8 bits hold its weights: scales are 1e30 at most (model.c). */
static int check_layer(const dn_model *plain, int i, float step, float *most, char *error,
                       size_t error_size) {
    const dn_layer *l = &plain->spec.layers[i];
    *most = 0;
    for (int r = 0; r < l->rows; r++)
        for (int c = 0; c < l->columns; c++)
            *most = fmaxf(
                *most,
                fabsf(plain->batch_weights[i][(size_t)r * (size_t)l->ld + (size_t)c]));
    if (!l->int8 || (*most / 127 <= 1e30f && *most / 127 * step <= 1e30f)) return DN_OK;
    return dn_fail(
        error, error_size,
        "layer %d has a weight of %g and reads values in steps of %g, which is "
        "more than int8 holds; train the model again, with a lower rate or "
        "more weight decay",
        i + 1, (double)*most, (double)step);
}

/* check_biases - the same of its biases, which grow where the weights that read them are
 * made equal. */
static int check_biases(const dn_model *plain, int i, dn_int8_range range, float most,
                        char *error, size_t error_size) {
    const dn_layer *l = &plain->spec.layers[i];
    for (int o = 0; o < l->out.c && l->rows; o++) {
        const float bias = plain->bias[i][o];
        if (fabsf(bias) <= 3e38f &&
            (!l->int8 || dn_int8_holds(l, range.zero, most / 127 * range.step, bias)))
            continue;
        return dn_fail(error, error_size,
                       "layer %d has a bias that grows beyond what int8 holds; train the "
                       "model again, with a lower rate or more weight decay",
                       i + 1);
    }
    return DN_OK;
}

/* read_both - the model, and the same decoded plain, if there is room for both. */
static int read_both(dn_model **m, dn_model **plain, const void *model, size_t size,
                     const dn_host *host, char *error, size_t error_size) {
    int status = dn_model_decode(m, model, size, host, error, error_size);
    if (status != DN_OK) return status;
    if ((*m)->precision == DN_KEEP_INT8)
        return dn_fail(error, error_size, "the model is in int8 already");
    dn_cost both = (*m)->cost;
    both.memory *= 2;
    status = dn_cost_check(&both, &(*m)->limits, "to quantise it", error, error_size);
    if (status == DN_OK)
        status = dn_model_decode_plain(plain, model, size, host, error, error_size);
    for (int i = 0; status == DN_OK && i < (*m)->spec.n; i++)
        (*plain)->spec.layers[i].int8 = dn_int8_suits(&(*m)->spec.layers[i]);
    return status;
}

/* make - the bytes. */
static int make(void **bytes, size_t *size, const dn_model *m, dn_model *plain, float std,
                const dn_image *images, int64_t n, const dn_watch *watch, char *error,
                size_t error_size) {
    dn_int8_range *ranges = dn_new(&m->heap, (uint64_t)m->spec.n, sizeof *ranges);
    float most = 0;
    int status = ranges ? calibrate(ranges, m, plain, images, n, watch) : DN_NOMEM;
    for (int i = 0; status == DN_OK && i < m->spec.n; i++) {
        status = check_layer(plain, i, ranges[i].step, &most, error, error_size);
        if (status == DN_OK)
            status = check_biases(plain, i, ranges[i], most, error, error_size);
    }
    if (status == DN_OK) status = encode(bytes, size, plain, std, ranges, watch);
    dn_release(&m->heap, ranges);
    return status;
}

int dn_quantise(void **bytes, size_t *size, const void *model, size_t model_size,
                const dn_image *images, int64_t n, const dn_host *host, char *error,
                size_t error_size) {
    const dn_watch watch = host ? host->watch : (dn_watch){0};
    const dn_heap heap = dn_heap_of(host);
    dn_model *m = NULL, *plain = NULL, *made = NULL;
    *bytes = NULL;
    int status = read_both(&m, &plain, model, model_size, host, error, error_size);
    if (status == DN_OK)
        status = make(bytes, size, m, plain, get_float((const uint8_t *)model + 44),
                      images, n, &watch, error, error_size);
    dn_model_free(plain);
    dn_model_free(m);
    /* Nobody stores what cannot be read. */
    if (status == DN_OK)
        status = dn_model_decode(&made, *bytes, *size, host, error, error_size);
    dn_model_free(made);
    if (status != DN_OK && *bytes) {
        dn_release(&heap, *bytes);
        *bytes = NULL;
    }
    return status;
}
