/* pieces.c - see pieces.h. The formulas of activations are those of
 * ../kernels/activate.h, without fused multiply-adds. */
#include "pieces.h"
#include <stddef.h>

static const char layer[] =
    "/* A layer: the maps that it reads, those that it gives, and its window. */\n"
    "struct layer {\n"
    "    int in_c, in_h, in_w, c, h, w, k_h, k_w, stride, top, left, groups;\n"
    "};\n"
    "\n"
    "/* The part of a window of k from `at` on that lies within n places. */\n"
    "static int part_from(int at) { return at < 0 ? -at : 0; }\n"
    "static int part_to(int at, int k, int n) { return at + k > n ? n - at : k; }\n"
    "\n";

static const char convolve[] =
    "/* Sums over windows, of each group of maps apart. w: [c][in_c / groups][k_h][k_w]. "
    "*/\n"
    "static void convolve(float *y, const float *x, const struct layer *l, const float "
    "*w,\n"
    "                     const float *b)\n"
    "{\n"
    "    const int in = l->in_c / l->groups, out = l->c / l->groups, taps = l->k_h * "
    "l->k_w;\n"
    "    int o, r, q, i, j, k;\n"
    "    for (o = 0; o < l->c; o++, w += in * taps)\n"
    "        for (r = 0; r < l->h; r++)\n"
    "            for (q = 0; q < l->w; q++) {\n"
    "                const int top = r * l->stride - l->top, left = q * l->stride - "
    "l->left;\n"
    "                const int j0 = part_from(top), j1 = part_to(top, l->k_h, l->in_h);\n"
    "                const int k0 = part_from(left), k1 = part_to(left, l->k_w, "
    "l->in_w);\n"
    "                float sum = b[o];\n"
    "                for (i = 0; i < in; i++) {\n"
    "                    const int map = o / out * in + i;\n"
    "                    float part = 0;\n"
    "                    for (j = j0; j < j1; j++) {\n"
    "                        const float *row = x + (map * l->in_h + top + j) * "
    "l->in_w;\n"
    "                        const float *tap = w + i * taps + j * l->k_w;\n"
    "                        for (k = k0; k < k1; k++) part += row[left + k] * tap[k];\n"
    "                    }\n"
    "                    sum += part;\n"
    "                }\n"
    "                *y++ = sum;\n"
    "            }\n"
    "}\n"
    "\n";

static const char dense[] =
    "/* A fully connected layer. w: [out][in]. */\n"
    "static void dense(float *y, const float *x, int in, int out, const float *w,\n"
    "                  const float *b)\n"
    "{\n"
    "    int o, i;\n"
    "    for (o = 0; o < out; o++) {\n"
    "        float even = 0, odd = 0;\n"
    "        for (i = 0; i + 1 < in; i += 2, w += 2) {\n"
    "            even += x[i] * w[0];\n"
    "            odd += x[i + 1] * w[1];\n"
    "        }\n"
    "        if (i < in) even += x[i] * *w++;\n"
    "        y[o] = b[o] + (even + odd);\n"
    "    }\n"
    "}\n"
    "\n";

#define POOL(name, arguments, begin, loop, end)                                          \
    "static void " name "(float *y, const float *x, const struct layer *l" arguments     \
    ")\n"                                                                                \
    "{\n"                                                                                \
    "    int c, r, q, j, k;\n"                                                           \
    "    for (c = 0; c < l->c; c++, x += l->in_h * l->in_w)\n"                           \
    "        for (r = 0; r < l->h; r++)\n"                                               \
    "            for (q = 0; q < l->w; q++) {\n"                                         \
    "                const int top = r * l->stride - l->top, left = q * l->stride - "    \
    "l->left;\n"                                                                         \
    "                const int j0 = part_from(top), j1 = part_to(top, l->k_h, "          \
    "l->in_h);\n"                                                                        \
    "                const int k0 = part_from(left), k1 = part_to(left, l->k_w, "        \
    "l->in_w);\n"                                                                        \
    "                float all = " begin ";\n"                                           \
    "                for (j = j0; j < j1; j++)\n"                                        \
    "                    for (k = k0; k < k1; k++) {\n"                                  \
    "                        const float v = x[(top + j) * l->in_w + left + k];\n"       \
    "                        " loop "\n"                                                 \
    "                    }\n"                                                            \
    "                *y++ = all" end ";\n"                                               \
    "            }\n"                                                                    \
    "}\n"                                                                                \
    "\n"

static const char maxima[] = "/* The largest value of each window. */\n" POOL(
    "maxima", "", "x[(top + j0) * l->in_w + left + k0]", "if (v > all) all = v;", "");

static const char means[] =
    "/* The mean of each window; what lies beyond the maps counts as zeros, or not at "
    "all. */\n" POOL("means", ", int zeros", "0", "all += v;",
                     " / (float)(zeros ? l->k_h * l->k_w : (j1 - j0) * (k1 - k0))");

static const char pool[] =
    "/* The largest value of each window, or its mean: 2 counts zeros beyond the maps. "
    "*/\n"
    "static void pool(float *y, const float *x, const struct layer *l, int stride_x,\n"
    "                 int step_y, int step_x, int mean)\n"
    "{\n"
    "    int c, r, q, j, k;\n"
    "    for (c = 0; c < l->c; c++, x += l->in_h * l->in_w)\n"
    "        for (r = 0; r < l->h; r++)\n"
    "            for (q = 0; q < l->w; q++) {\n"
    "                int n = 0;\n"
    "                float all = 0;\n"
    "                for (j = 0; j < l->k_h; j++)\n"
    "                    for (k = 0; k < l->k_w; k++) {\n"
    "                        const int row = r * l->stride - l->top + j * step_y;\n"
    "                        const int column = q * stride_x - l->left + k * step_x;\n"
    "                        float v;\n"
    "                        if (row < 0 || row >= l->in_h) continue;\n"
    "                        if (column < 0 || column >= l->in_w) continue;\n"
    "                        v = x[row * l->in_w + column];\n"
    "                        all = mean ? all + v : n == 0 || v > all ? v : all;\n"
    "                        n++;\n"
    "                    }\n"
    "                if (mean) all /= (float)(mean == 2 ? l->k_h * l->k_w : n);\n"
    "                *y++ = all;\n"
    "            }\n"
    "}\n"
    "\n";

static const char exponential[] =
    "/* e^u = 2^n e^r, |r| < 0.35. */\n"
    "static float exponential(float u)\n"
    "{\n"
    "    float n, r, p;\n"
    "    if (!(u > -86)) return 0;\n"
    "    if (u > 88) u = 88;\n"
    "    n = (float)(int)(u * 1.44269504f + (u < 0 ? -0.5f : 0.5f));\n"
    "    r = u - n * 0.693359375f + n * 2.12194440e-4f;\n"
    "    p = 1.9875691500e-4f;\n"
    "    p = p * r + 1.3981999507e-3f;\n"
    "    p = p * r + 8.3334519073e-3f;\n"
    "    p = p * r + 4.1665795894e-2f;\n"
    "    p = p * r + 1.6666665459e-1f;\n"
    "    p = p * r + 5.0000001201e-1f;\n"
    "    p = p * (r * r) + r + 1;\n"
    "    for (; n > 0; n--) p *= 2;\n"
    "    for (; n < 0; n++) p *= 0.5f;\n"
    "    return p;\n"
    "}\n"
    "\n";

static const char tangent[] =
    "/* tanh u: a quotient of polynomials. */\n"
    "static float tangent(float u)\n"
    "{\n"
    "    const float x = u > 7.90531111f ? 7.90531111f : u < -7.90531111f ? -7.90531111f "
    ": u;\n"
    "    const float s = x * x;\n"
    "    float p = -2.76076847742355e-16f, q = 1.19825839466702e-06f;\n"
    "    p = p * s + 2.00018790482477e-13f;\n"
    "    p = p * s - 8.60467152213735e-11f;\n"
    "    p = p * s + 5.12229709037114e-08f;\n"
    "    p = p * s + 1.48572235717979e-05f;\n"
    "    p = p * s + 6.37261928875436e-04f;\n"
    "    p = p * s + 4.89352455891786e-03f;\n"
    "    q = q * s + 1.18534705686654e-04f;\n"
    "    q = q * s + 2.26843463243900e-03f;\n"
    "    q = q * s + 4.89352518554385e-03f;\n"
    "    return x * p / q;\n"
    "}\n"
    "\n";

static const char sigmoid[] =
    "static float sigmoid(float u) { return 1 / (1 + exponential(-u)); }\n"
    "\n";

static const char softmax[] =
    "/* Probabilities from n logits. */\n"
    "static void softmax(float *p, const float *z, int n)\n"
    "{\n"
    "    float top = z[0], sum = 0;\n"
    "    int i;\n"
    "    for (i = 1; i < n; i++)\n"
    "        if (z[i] > top) top = z[i];\n"
    "    for (i = 0; i < n; i++) sum += p[i] = exponential(z[i] - top);\n"
    "    for (i = 0; i < n; i++) p[i] /= sum;\n"
    "}\n"
    "\n";

static const char largest[] = "static int largest(const float *p, int n)\n"
                              "{\n"
                              "    int i, best = 0;\n"
                              "    for (i = 1; i < n; i++)\n"
                              "        if (p[i] > p[best]) best = i;\n"
                              "    return best;\n"
                              "}\n"
                              "\n";

const dn_piece dn_pieces[DN_PIECES] = {
    {DN_PIECE_LAYER, 0, layer},
    {DN_PIECE_CONV, DN_PIECE_LAYER, convolve},
    {DN_PIECE_DENSE, 0, dense},
    {DN_PIECE_MAX, DN_PIECE_LAYER, maxima},
    {DN_PIECE_MEAN, DN_PIECE_LAYER, means},
    {DN_PIECE_POOL, DN_PIECE_LAYER, pool},
    {DN_PIECE_EXP, 0, exponential},
    {DN_PIECE_TANH, 0, tangent},
    {DN_PIECE_SIGMA, DN_PIECE_EXP, sigmoid},
    {DN_PIECE_SOFTMAX, DN_PIECE_EXP, softmax},
    {DN_PIECE_LARGEST, 0, largest},
};

const dn_curve_piece dn_curve_pieces[DN_ACTIVATIONS] = {
    [DN_RELU] = {"relu", 0, 0,
                 "static float relu(float u) { return u > 0 ? u : 0; }\n"
                 "\n"},
    [DN_SIGMOID] = {"sigmoid", 0, DN_PIECE_SIGMA, NULL},
    [DN_TANH] = {"tangent", 0, DN_PIECE_TANH, NULL},
    [DN_LEAKY] = {"leaky", 1, 0,
                  "static float leaky(float u, float a) { return u < 0 ? a * u : u; }\n"
                  "\n"},
    [DN_ELU] = {"elu", 2, DN_PIECE_TANH, /* e^u - 1 = 2t/(1 - t), t = tanh(u/2) */
                "static float elu(float u, float a, float b)\n"
                "{\n"
                "    const float t = tangent(u * 0.5f);\n"
                "    return b * (u < 0 ? a * ((t + t) / (1 - t)) : u);\n"
                "}\n"
                "\n"},
    [DN_GELU] = {"gelu", 0, 0,
                 "/* u/2 (1 + erf(u/sqrt 2)), erf being a quotient of polynomials. */\n"
                 "static float gelu(float u)\n"
                 "{\n"
                 "    const float v = u * 0.70710678f, x = v > 4 ? 4 : v < -4 ? -4 : v, "
                 "s = x * x;\n"
                 "    float p = -2.72614225801306e-10f, q = -1.45660718464996e-05f;\n"
                 "    p = p * s + 2.77068142495902e-08f;\n"
                 "    p = p * s - 2.10102402082508e-06f;\n"
                 "    p = p * s - 5.69250639462346e-05f;\n"
                 "    p = p * s - 7.34990630326855e-04f;\n"
                 "    p = p * s - 2.95459980854025e-03f;\n"
                 "    p = p * s - 1.60960333262415e-02f;\n"
                 "    q = q * s - 2.13374055278905e-04f;\n"
                 "    q = q * s - 1.68282697438203e-03f;\n"
                 "    q = q * s - 7.37332916720468e-03f;\n"
                 "    q = q * s - 1.42647390514189e-02f;\n"
                 "    return u * (0.5f * (x * p / q) + 0.5f);\n"
                 "}\n"
                 "\n"},
    [DN_CLIP] = {"clip", 2, 0,
                 "static float clip(float u, float a, float b) { return u < a ? a : u > "
                 "b ? b : u; }\n"
                 "\n"},
    [DN_HARD_SIGMOID] = {"hard_sigmoid", 2, 0,
                         "static float hard_sigmoid(float u, float a, float b)\n"
                         "{\n"
                         "    const float v = a * u + b;\n"
                         "    return v < 0 ? 0 : v > 1 ? 1 : v;\n"
                         "}\n"
                         "\n"},
    [DN_HARD_SWISH] = {"hard_swish", 0, 0,
                       "static float hard_swish(float u)\n"
                       "{\n"
                       "    const float v = u * (1.0f / 6.0f) + 0.5f;\n"
                       "    return u * (v < 0 ? 0 : v > 1 ? 1 : v);\n"
                       "}\n"
                       "\n"},
    [DN_SWISH] = {"swish", 0, DN_PIECE_SIGMA,
                  "static float swish(float u) { return u * sigmoid(u); }\n"
                  "\n"},
    [DN_MISH] =
        {"mish", 0, DN_PIECE_EXP,
         "/* u tanh(log(1 + e^u)) */\n"
         "static float mish(float u)\n"
         "{\n"
         "    const float n = exponential(u > 20 ? 20 : u), q = n * n + (n + n);\n"
         "    return u * (q / (q + 2));\n"
         "}\n"
         "\n"},
    [DN_SOFTPLUS] =
        {"softplus", 0, DN_PIECE_EXP,
         "/* log(1 + e^u): with x = e^-|u| and s = x/(2 + x), 2 artanh s more than "
         "max(0, "
         "u). */\n"
         "static float softplus(float u)\n"
         "{\n"
         "    const float x = exponential(u < 0 ? u : -u), s = x / (x + 2), t = s * s;\n"
         "    float p = 2.0f / 13;\n"
         "    p = p * t + 2.0f / 11;\n"
         "    p = p * t + 2.0f / 9;\n"
         "    p = p * t + 2.0f / 7;\n"
         "    p = p * t + 2.0f / 5;\n"
         "    p = p * t + 2.0f / 3;\n"
         "    return (u > 0 ? u : 0) + (p * t * s + (s + s));\n"
         "}\n"
         "\n"},
    [DN_SOFTSIGN] = {"softsign", 0, 0,
                     "static float softsign(float u) { return u / (1 + (u < 0 ? -u : "
                     "u)); }\n"
                     "\n"},
    [DN_THRESHOLD] = {"threshold", 1, 0,
                      "static float threshold(float u, float a) { return u > a ? u : 0; "
                      "}\n"
                      "\n"},
    [DN_QUICK_GELU] =
        {"quick_gelu", 0, DN_PIECE_SIGMA,
         "static float quick_gelu(float u)\n"
         "{\n"
         "    return u * sigmoid((u * u * (1.5957691f * 0.044715f) + 1.5957691f) * u);\n"
         "}\n"
         "\n"},
};
