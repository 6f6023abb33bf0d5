/* reference.h - every operator as its formula says, in double, one loop an index: what
 * the kernels must match. Tensors are [image][channel][row][column], n images. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../../../core/rng.h"
#include "../../../core/spec.h"

typedef struct tensor {
    int n, c, h, w;
    double *v;
} tensor;

static inline tensor tensor_new(int n, int c, int h, int w) {
    return (tensor){n, c, h, w, calloc((size_t)(n * c * h * w), sizeof(double))};
}

static inline double *cell(const tensor *t, int n, int c, int y, int x) {
    return &t->v[((n * t->c + c) * t->h + y) * t->w + x];
}

/* The same, 0 outside the maps. */
static inline double pixel(const tensor *t, int n, int c, int y, int x) {
    return y < 0 || x < 0 || y >= t->h || x >= t->w ? 0 : *cell(t, n, c, y, x);
}

#define EACH(t, n_, c_, y_, x_)                                                          \
    for (int n_ = 0; n_ < (t)->n; n_++)                                                  \
        for (int c_ = 0; c_ < (t)->c; c_++)                                              \
            for (int y_ = 0; y_ < (t)->h; y_++)                                          \
                for (int x_ = 0; x_ < (t)->w; x_++)

/* y[o] = bias[o] + Σ w[o][i][ky][kx]·x[i][r·s + ky − pad_y][q·s + kx − pad_x] */
static inline tensor ref_conv(const tensor *x, const double *w, const double *bias,
                              const dn_layer *l) {
    tensor y = tensor_new(x->n, l->out.c, l->out.h, l->out.w);
    EACH(&y, n, o, r, q) {
        const int groups = l->kind == DN_DEPTHWISE ? x->c : l->groups ? l->groups : 1;
        const int in = x->c / groups, first = o / (l->out.c / groups) * in;
        double sum = bias ? bias[o] : 0;
        for (int i = 0; i < in; i++)
            for (int ky = 0; ky < l->kh; ky++)
                for (int kx = 0; kx < l->kw; kx++)
                    sum += w[((o * in + i) * l->kh + ky) * l->kw + kx] *
                           pixel(x, n, first + i, r * l->stride + ky - l->pad_y,
                                 q * l->stride + kx - l->pad_x);
        *cell(&y, n, o, r, q) = sum;
    }
    return y;
}

/* y[o] = bias[o] + Σi w[i][ld·o…]·x[i], x flattened [c][h][w] */
static inline tensor ref_dense(const tensor *x, const double *w, const double *bias,
                               const dn_layer *l) {
    tensor y = tensor_new(x->n, l->out.c, 1, 1);
    const int in = x->c * x->h * x->w;
    EACH(&y, n, o, r, q) {
        double sum = bias ? bias[o] : 0;
        for (int i = 0; i < in; i++) sum += w[i * l->ld + o] * x->v[n * in + i];
        *cell(&y, n, o, r, q) = sum;
    }
    return y;
}

static inline tensor ref_pool(const tensor *x, const dn_layer *l) {
    tensor y = tensor_new(x->n, l->out.c, l->out.h, l->out.w);
    EACH(&y, n, c, r, q) {
        double most = -1e300, sum = 0, count = 0;
        for (int i = 0; i < l->kh; i++)
            for (int j = 0; j < l->kw; j++) {
                const int a = r * l->stride + i * (l->gap_y + 1) - l->pad_y,
                          b = q * (l->stride_x ? l->stride_x : l->stride) +
                              j * (l->gap_x + 1) - l->pad_x;
                const int within = a >= 0 && b >= 0 && a < x->h && b < x->w;
                double v = pixel(x, n, c, a, b);
                sum += v;
                count += within || l->zeros;
                if (within && v > most) most = v;
            }
        *cell(&y, n, c, r, q) = l->kind == DN_MAXPOOL ? most : sum / count;
    }
    return y;
}

#define EACH_OF(t, n_, y_, x_)                                                           \
    for (int n_ = 0; n_ < (t)->n; n_++)                                                  \
        for (int y_ = 0; y_ < (t)->h; y_++)                                              \
            for (int x_ = 0; x_ < (t)->w; x_++)

/* y = gamma·(x − mean)/√(variance + 1e-5) + beta, over the batch */
static inline void ref_norm(const tensor *x, const double *gamma, const double *beta) {
    const double count = (double)x->n * x->h * x->w;
    for (int c = 0; c < x->c; c++) {
        double mean = 0, variance = 0;
        EACH_OF(x, n, r, q) mean += *cell(x, n, c, r, q) / count;
        EACH_OF(x, n, r, q) variance += pow(*cell(x, n, c, r, q) - mean, 2) / count;
        EACH_OF(x, n, r, q) {
            double *v = cell(x, n, c, r, q);
            *v = gamma[c] * (*v - mean) / sqrt(variance + 1e-5) + beta[c];
        }
    }
}

static inline void ref_relu(const tensor *x) {
    EACH(x, n, c, r, q) if (*cell(x, n, c, r, q) < 0) * cell(x, n, c, r, q) = 0;
}

/* What a layer does at its end, by the textbook. */
static inline double ref_curve(const dn_layer *l, double u) {
    const double a = (double)l->alpha, b = (double)l->beta;
    switch (l->activation) {
    case DN_RELU: return u > 0 ? u : 0;
    case DN_SIGMOID: return 1 / (1 + exp(-u));
    case DN_TANH: return tanh(u);
    case DN_LEAKY: return u < 0 ? a * u : u;
    case DN_ELU: return b * (u < 0 ? a * (exp(u) - 1) : u);
    case DN_GELU: return u * 0.5 * (1 + erf(u / sqrt(2)));
    case DN_CLIP: return fmin(fmax(u, a), b);
    case DN_HARD_SIGMOID: return fmin(fmax(a * u + b, 0), 1);
    case DN_HARD_SWISH: return u * fmin(fmax(u / 6 + 0.5, 0), 1);
    case DN_SWISH: return u / (1 + exp(-u));
    case DN_MISH: return u * tanh(log1p(exp(u)));
    case DN_SOFTPLUS: return log1p(exp(u));
    case DN_SOFTSIGN: return u / (1 + fabs(u));
    case DN_THRESHOLD: return u > a ? u : 0;
    case DN_QUICK_GELU:
        return u / 2 * (1 + tanh(sqrt(2 / acos(-1.0)) * (u + 0.044715 * u * u * u)));
    default: return u;
    }
}

/* Dropout as it is in the step-th step of a run with this seed: the same units. */
static inline void ref_dropout(const tensor *x, const dn_layer *l, int layer,
                               uint64_t seed, uint64_t step) {
    uint64_t stream = rng_key(rng_key(rng_key(seed, RNG_DROPOUT), step), (uint64_t)layer);
    EACH(x, n, c, r, q) {
        uint32_t unit = (uint32_t)((c * x->h + r) * x->w + q);
        uint32_t hash = rng_hash32((uint32_t)rng_key(stream, (uint64_t)n), unit);
        int kept = hash >= (uint32_t)((double)l->drop * 4294967295.0);
        *cell(x, n, c, r, q) *= kept ? 1 / (1 - (double)l->drop) : 0;
    }
}

/* Mean over the batch of −Σ target·log softmax, target = (1−ε)·[class] + ε/classes. */
static inline double ref_loss(const tensor *z, const int32_t *classes, double smoothing) {
    double loss = 0;
    for (int n = 0; n < z->n; n++) {
        double sum = 0;
        for (int o = 0; o < z->c; o++) sum += exp(*cell(z, n, o, 0, 0));
        for (int o = 0; o < z->c; o++) {
            double target = smoothing / z->c + (o == classes[n] ? 1 - smoothing : 0);
            loss -= target * (*cell(z, n, o, 0, 0) - log(sum));
        }
    }
    return loss / z->n;
}

/* y = Σ x, Π x, or all x side by side. */
static inline tensor ref_join(const tensor *const *x, const dn_layer *l) {
    tensor y = tensor_new(x[0]->n, l->out.c, l->out.h, l->out.w);
    for (int k = 0, first = 0; k < l->froms; first += x[k++]->c) EACH(&y, n, c, r, q) {
            const tensor *from = x[k];
            if (c >= from->c) continue;
            double *to = cell(&y, n, l->kind == DN_CONCAT ? first + c : c, r, q);
            const double v = from->h == 1 && from->w == 1 ? *cell(from, n, c, 0, 0)
                                                          : *cell(from, n, c, r, q);
            *to = k && l->kind == DN_ADD ? *to + v : k && l->kind == DN_MUL ? *to * v : v;
        }
    return y;
}

static inline tensor ref_copy(const tensor *x) {
    tensor y = tensor_new(x->n, x->c, x->h, x->w);
    memcpy(y.v, x->v, sizeof(double) * (size_t)(x->n * x->c * x->h * x->w));
    return y;
}

/* One layer, from what it reads. */
static inline tensor ref_layer(const dn_spec *spec, int i, const double *w,
                               const tensor *const *x, uint64_t seed, uint64_t step) {
    const dn_layer *l = &spec->layers[i];
    const double *bias = l->norm ? NULL : w + l->bias;
    tensor y;
    switch (l->kind) {
    case DN_DEPTHWISE:
    case DN_CONV: y = ref_conv(x[0], w + l->w, bias, l); break;
    case DN_DENSE: y = ref_dense(x[0], w + l->w, bias, l); break;
    case DN_ADD:
    case DN_MUL:
    case DN_CONCAT: y = ref_join(x, l); break;
    case DN_NORM: y = ref_copy(x[0]); break;
    case DN_OUTPUT:
        y = tensor_new(x[0]->n, l->out.c, 1, 1);
        EACH(&y, n, c, r, q)
        *cell(&y, n, c, r, q) = bias[c] + w[l->w + (size_t)c] * x[0]->v[n * l->out.c + c];
        break;
    case DN_DROPOUT:
        y = ref_copy(x[0]);
        ref_dropout(&y, l, i, seed, step);
        break;
    default: y = ref_pool(x[0], l); break;
    }
    if (l->norm) ref_norm(&y, w + l->gamma, w + l->bias);
    EACH(&y, n, c, r, q) * cell(&y, n, c, r, q) = ref_curve(l, *cell(&y, n, c, r, q));
    return y;
}

/* What a network's layers give, from the first-th on: those before are there. */
static inline void ref_results(tensor *results, int first, const dn_spec *spec,
                               const double *w, const tensor *images, uint64_t seed,
                               uint64_t step) {
    for (int i = first; i < spec->n; i++) {
        const tensor *x[DN_MAX_FROM];
        for (int k = 0; k < spec->layers[i].froms; k++) {
            const int from = spec->layers[i].from[k];
            x[k] = from < 0 ? images : &results[from];
        }
        results[i] = ref_layer(spec, i, w, x, seed, step);
    }
}

static inline void ref_free(tensor *results, int first, const dn_spec *spec) {
    for (int i = first; i < spec->n; i++) free(results[i].v);
}

/* The training loss of a whole network, with parameters as in dn_spec. */
static inline double ref_network(const dn_spec *spec, const double *w,
                                 const tensor *images, const int32_t *classes,
                                 double smoothing, uint64_t seed, uint64_t step) {
    static tensor results[DN_MAX_LAYERS + 1];
    ref_results(results, 0, spec, w, images, seed, step);
    const double loss = ref_loss(&results[spec->n - 1], classes, smoothing);
    ref_free(results, 0, spec);
    return loss;
}

#endif
