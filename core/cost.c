/* cost.c - what one call takes: see cost.h.
 *
 * Work is counted in multiply-adds as the kernels do them, surplus channels included.
 * What takes longer than a multiply-add of a wide convolution counts as several
 * (single_cost, explain_cost in layers/), so a unit takes about as long in every kind of
 * network. */
#include "cost.h"
#include "error.h"
#include "layers/activation.h"
#include "layers/int8.h"
#include "layers/kind.h"
#include "memory.h"
#include "walk.h"

/* Multiply-adds that a value between layers counts as: it is written, and read again. */
#define VALUE 8

/* Bytes of what has the same size for every network of up to so many layers: a model's
 * and a walk's lists; and of one layer more. */
#define FIXED        ((uint64_t)1 << 17)
#define FIXED_LAYERS 64
#define LAYER        2048

static uint64_t lists(const dn_spec *spec) {
    const int more = spec->n > FIXED_LAYERS ? spec->n - FIXED_LAYERS : 0;
    return FIXED + LAYER * (uint64_t)more;
}

/* The model's bytes, as float32, and decoded: weights packed for both layouts, and as
 * they are while that is done. */
static uint64_t model_floats(const dn_spec *spec) {
    uint64_t kept = (uint64_t)spec->parameters + spec->stats, raw = 0;
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        const dn_layer_kind *kind = dn_kind_of(l);
        const uint64_t weights = (uint64_t)l->rows * (uint64_t)l->ld;
        if (l->int8)
            kept += (kind->packed_size ? kind->packed_size(l) : weights) +
                    dn_int8_size(l) / sizeof(float);
        else
            kept += kind->packed_size ? 2 * kind->packed_size(l) : weights;
        if (kind->packed_size && weights > raw) raw = weights;
    }
    return kept + raw;
}

static uint64_t working_floats(const dn_spec *spec, dn_purpose purpose) {
    dn_walk walk;
    if (dn_walk_plan(&walk, spec, purpose) != DN_OK) return DN_COST_UNKNOWN;
    const uint64_t size = dn_walk_size(&walk);
    dn_walk_clear(&walk);
    return size;
}

dn_cost dn_cost_predict(const dn_spec *spec) {
    const dn_layer *output = &spec->layers[spec->n - 1];
    const uint64_t labels = (uint64_t)spec->classes * sizeof(dn_label);
    /* The image and the copy that digit_predict remembers, probabilities, embedding. */
    const uint64_t results =
        (uint64_t)(2 * dn_values(spec->shape) + spec->classes + dn_values(output->in));
    const uint64_t floats = model_floats(spec) + results +
                            working_floats(spec, DN_WALK_SINGLE);
    dn_cost cost = {.memory = lists(spec) + labels + sizeof(float) * floats};
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        const dn_layer_kind *kind = dn_kind_of(l);
        if (!kind->single_cost) continue;
        const uint64_t values = round16((uint64_t)dn_values(l->out));
        cost.work += kind->single_cost(l) + VALUE * values;
        cost.work += (uint64_t)dn_activation_cost(l->activation, 0) * values;
    }
    return cost;
}

/* A layer's activation and its slope, of 16 images; ReLU's is a part of the rest. */
static uint64_t curve_cost(const dn_layer *l) {
    if (l->activation <= DN_RELU) return 0;
    const int one = dn_activation_cost(l->activation, 0) +
                    dn_activation_cost(l->activation, 1);
    return (uint64_t)one * DN_LANES * (uint64_t)dn_values(l->out);
}

dn_cost dn_cost_saliency(const dn_spec *spec) {
    dn_cost cost = dn_cost_predict(spec);
    cost.memory += sizeof(float) * (working_floats(spec, DN_WALK_EXPLAIN) +
                                    (uint64_t)dn_values(spec->shape));
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        const dn_layer_kind *kind = dn_kind_of(l);
        const uint64_t values = (uint64_t)(dn_values(l->in) + dn_values(l->out));
        if (kind->explain_cost)
            cost.work += kind->explain_cost(l) + VALUE * DN_LANES * values;
        cost.work += curve_cost(l);
    }
    return cost;
}

/* --- limits ------------------------------------------------------------------------- */

static int check(uint64_t cost, uint64_t limit, const char *what, const char *unit,
                 const char *name, const char *advice, char *error, size_t error_size) {
    if (cost <= limit) return DN_OK;
    return dn_fail(error, error_size,
                   "%s takes %llu %s, more than the limit '%s' of %llu%s", what,
                   (unsigned long long)cost, unit, name, (unsigned long long)limit,
                   advice ? advice : "");
}

dn_limits dn_limits_of(const dn_host *host) {
    dn_limits limits = {0};
    if (host) limits = host->limits;
    if (!limits.memory) limits.memory = DN_LIMIT_MEMORY;
    if (!limits.work) limits.work = DN_LIMIT_WORK;
    return limits;
}

int dn_cost_check(const dn_cost *cost, const dn_limits *limits, const char *what,
                  char *error, size_t error_size) {
    if (!dn_cost_is_known(cost)) return DN_NOMEM;
    const int status = check(cost->memory, (uint64_t)limits->memory, what,
                             "bytes of memory", "memory", limits->advice, error,
                             error_size);
    if (status != DN_OK) return status;
    return check(cost->work, (uint64_t)limits->work, what, "multiply-adds", "work",
                 limits->advice, error, error_size);
}
