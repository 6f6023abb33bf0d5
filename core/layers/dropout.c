/* dropout.c - Dp: at random, values become 0 with probability p, in training only. */
#include <math.h>
#include <stdio.h>
#include "../rng.h"
#include "kind.h"

static int parse(dn_parser *p, dn_layer *l, int n) {
    if (n >= 0 || !dn_parse_word(p, "D")) return DN_NOT_MINE;
    if (!dn_parse_fraction(p, &l->drop))
        return dn_parse_fail(p, "probability is not 0..1");
    return DN_OK;
}

/* The shortest decimals that the notation reads as p again; 0 ≤ p < 1. */
static void print(char *text, size_t size, const dn_layer *l) {
    double unit = 10;
    for (int digits = 1; digits <= 9; digits++, unit *= 10) {
        const long n = lround((double)l->drop * unit);
        float value;
        snprintf(text, size, "D0.%0*ld", digits, n);
        dn_parser p = {.at = text + 1};
        if (n < (long)unit && dn_parse_fraction(&p, &value) && value == l->drop) return;
    }
}

static void shape(dn_layer *l) { l->out = l->in; }

static int64_t cost(const dn_layer *l) {
    (void)l;
    return 0; /* it does nothing at prediction */
}

static void onnx(dn_onnx_word *out, const dn_layer *l) {
    *out = (dn_onnx_word){.op = "Dropout", .scalar = "ratio", .value = l->drop};
}

/* In place; the gradient is the same function of the gradient. */
static void drop(const dn_call *c, const dn_view *y, const dn_view *x) {
    const float p = c->layer->drop;
    uint32_t keys[DN_LANES];
    for (int k = 0; k < DN_LANES; k++)
        keys[k] = (uint32_t)rng_key(c->noise, (uint64_t)(c->group * DN_LANES + k));
    c->kernels->dropout(y, x, keys, (uint32_t)((double)p * 4294967295.0),
                        1.0f / (1.0f - p));
}

const dn_layer_kind dn_dropout_kind = {.notation = "Dp",
                                       .reads = DN_READS_ANY,
                                       .parse = parse,
                                       .print = print,
                                       .shape = shape,
                                       .cost = cost,
                                       .onnx = onnx,
                                       .trains_only = 1,
                                       .forward = drop,
                                       .backward = drop};
