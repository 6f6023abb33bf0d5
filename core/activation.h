/* activation.h - what a layer does at its end: a function of each value alone.
 *
 *     const dn_curve curve = {DN_LEAKY, 0.01f, 0};       // u < 0: 0.01·u
 *     kernels->activate(&y, &z, &curve);
 *
 * kernels/activate.h computes them from +, −, ·, / and fma alone, so their bits are the
 * same everywhere. */
#ifndef DN_ACTIVATION_H
#define DN_ACTIVATION_H

typedef enum dn_activation {
    DN_LINEAR,
    DN_RELU,         /* max(0, u) */
    DN_SIGMOID,      /* σ(u) = 1/(1 + e^−u) */
    DN_TANH,         /* tanh u */
    DN_LEAKY,        /* u < 0: alpha·u */
    DN_ELU,          /* beta·u; u < 0: beta·alpha·(e^u − 1). SELU is one */
    DN_GELU,         /* u·Φ(u) = u/2·(1 + erf(u/√2)) */
    DN_CLIP,         /* alpha … beta; ReLU6 is 0 … 6 */
    DN_HARD_SIGMOID, /* alpha·u + beta within 0 … 1 */
    DN_HARD_SWISH,   /* u·(u/6 + ½ within 0 … 1) */
    DN_SWISH,        /* u·σ(u) */
    DN_MISH,         /* u·tanh(log(1 + e^u)) */
    DN_QUICK_GELU,   /* u/2·(1 + tanh(√(2/π)·(u + 0.044715·u³))), near GELU */
    DN_SOFTPLUS,     /* log(1 + e^u) */
    DN_SOFTSIGN,     /* u/(1 + |u|) */
    DN_THRESHOLD,    /* u > alpha: u; else 0 */
    DN_ACTIVATIONS
} dn_activation;

/* One of them, with its numbers. */
typedef struct dn_curve {
    dn_activation is;
    float alpha, beta;
} dn_curve;

#endif
