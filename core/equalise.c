/* equalise.c - see equalise.h. */
#include "equalise.h"
#include <math.h>

/* --- where -------------------------------------------------------------------------- */

static int readers(const dn_spec *spec, int i) {
    int n = 0;
    for (int j = i + 1; j < spec->n; j++)
        for (int k = 0; k < spec->layers[j].froms; k++) n += spec->layers[j].from[k] == i;
    return n;
}

/* Whether f(s·u) = s·f(u) for each s > 0. */
static int scales(const dn_layer *l) {
    return l->activation == DN_LINEAR || l->activation == DN_RELU ||
           l->activation == DN_LEAKY;
}

int dn_equal_source(const dn_spec *spec, int i) {
    for (int at = spec->layers[i].from[0]; at >= 0; at = spec->layers[at].from[0]) {
        const dn_layer *l = &spec->layers[at];
        if (readers(spec, at) != 1 || !scales(l)) return -1;
        if (l->rows) return at;
        if (l->kind != DN_MAXPOOL && l->kind != DN_AVGPOOL && l->kind != DN_DROPOUT)
            return -1;
    }
    return -1;
}

/* --- how much ----------------------------------------------------------------------- */

/* What is much smaller than the mean may be larger in other images than in those that
 * measure: it counts as so many bits smaller at most. */
#define LEAST_BITS 3

/* Weights of 0. */
#define NO_BITS 24

/* What differs by less is left alone: there is little to gain. */
#define FEW_BITS 2

/* Numbers of one row of weights take as long as so many multiply-adds. */
#define NUMBER 4

/* Which output and which channel of its inputs weight (r, c) is of: the inputs of a
 * channel are next to each other. */
static int output_of(const dn_layer *l, int r, int c) { return l->outputs_first ? r : c; }

static int channel_of(const dn_layer *l, int r, int c) {
    const int each = l->kind == DN_CONV ? l->kh * l->kw : l->in.h * l->in.w;
    return (l->outputs_first ? c : r) / each;
}

/* The exponent of a magnitude, `least` if it is less. */
static int exponent(float v, int least) {
    int e = least;
    if (v > 0 && v <= 3e38f) frexpf(v, &e);
    return e > least ? e : least;
}

/* The mean of the exponents of what is not 0. */
static int mean_exponent(const float *values, int n) {
    int sum = 0, count = 0;
    for (int i = 0; i < n; i++) {
        if (!(values[i] > 0)) continue;
        sum += exponent(values[i], -200);
        count++;
    }
    return count ? sum / count : 0;
}

/* reach_of - the largest weight of each channel, as a share of its output's largest. */
static int reach_of(float *reach, float *largest, const dn_layer *l, const float *w,
                    dn_ask *ask) {
    for (int c = 0; c < l->in.c; c++) reach[c] = 0;
    for (int o = 0; o < l->out.c; o++) largest[o] = 1e-30f;
    for (int k = 0; k < 2; k++)
        for (int r = 0; r < l->rows; r++) {
            const float *row = w + (size_t)r * (size_t)l->ld;
            if (!dn_go_on(ask, NUMBER * (int64_t)l->columns)) return DN_STOPPED;
            for (int c = 0; c < l->columns; c++) {
                float *most = &largest[output_of(l, r, c)];
                float *share = &reach[channel_of(l, r, c)];
                if (k)
                    *share = fmaxf(*share, fabsf(row[c]) / *most);
                else
                    *most = fmaxf(*most, fabsf(row[c]));
            }
        }
    return DN_OK;
}

int dn_equal_factors(float *factor, float *work, const dn_layer *l, const float *w,
                     const float *most, dn_ask *ask) {
    const int n = l->in.c;
    const int status = reach_of(work, work + n, l, w, ask);
    if (status != DN_OK) return status;
    const int size = mean_exponent(most, n), weight = mean_exponent(work, n);
    for (int c = 0; c < n; c++) {
        const int larger = exponent(most[c], size - LEAST_BITS) - size;
        const int smaller = weight - exponent(work[c], weight - NO_BITS);
        const int bits = (larger + smaller) / 2;
        factor[c] = bits > -FEW_BITS && bits < FEW_BITS ? 1 : ldexpf(1, -bits);
    }
    return DN_OK;
}

/* --- done --------------------------------------------------------------------------- */

int dn_equal_apply(const dn_layer *from, float *w_from, float *bias_from,
                   const dn_layer *l, float *w, const float *factor, dn_ask *ask) {
    for (int o = 0; o < from->out.c; o++) bias_from[o] *= factor[o];
    for (int r = 0; r < from->rows; r++) {
        float *row = w_from + (size_t)r * (size_t)from->ld;
        if (!dn_go_on(ask, NUMBER * (int64_t)from->columns)) return DN_STOPPED;
        for (int c = 0; c < from->columns; c++) row[c] *= factor[output_of(from, r, c)];
    }
    for (int r = 0; r < l->rows; r++) {
        float *row = w + (size_t)r * (size_t)l->ld;
        if (!dn_go_on(ask, NUMBER * (int64_t)l->columns)) return DN_STOPPED;
        for (int c = 0; c < l->columns; c++) row[c] /= factor[channel_of(l, r, c)];
    }
    return DN_OK;
}
