/* test_kernels.c - kernels in every instruction set this processor has: against the
 * reference, and against each other to the bit. What test_gradient shows of whole
 * networks is not shown again here: this is about odd sizes, the single layout, and
 * exactness. */
#include "../../../core/fmath.h"
#include "../../../core/kernels.h"
#define DN_WIDTH 4 /* of simd.h, for its soft_fma */
#include "../../../core/input.h"
#include "../../../core/kernels/simd.h"
#include "../../../core/layers/kind.h"
#include "../../../core/layout.h"
#include "../../../core/rng.h"
#include "../check.h"
#include "reference.h"

static const char *const isas[] = {"portable", "avx2", "avx512", "vfpv4"};
#define ISAS ((int)(sizeof isas / sizeof *isas))

/* A number for place i of a test's data, -1..1, the same in every run. */
static float number(uint64_t stream, size_t i) {
    return 2.0f * rng_unit(rng_key(99, stream), i) - 1.0f;
}

static float *numbers(uint64_t stream, size_t n) {
    float *v = malloc((n + 16) * sizeof *v);
    for (size_t i = 0; i < n + 16; i++) v[i] = number(stream, i);
    return v;
}

/* --- fused multiply-add and friends ------------------------------------------------- */

static float from_bits(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static int differ(float expected, float got) {
    return memcmp(&expected, &got, sizeof got) != 0 && !(isnan(expected) && isnan(got));
}

/* halfway - x·y + z next to the middle of two floats, by less than a double tells: either
 * x·y is that middle and z next to nothing, or x·y is next to half an ulp of z. */
static void halfway(uint64_t random, float *x, float *y, float *z) {
    const float sign = random & 1 ? 1.0f : -1.0f, other = random & 2 ? 1.0f : -1.0f;
    const float some = (float)(random >> 8 & 1023);
    if (random & 4) {
        *x = sign * (4097.0f + 2.0f * some);
        *y = 4097.0f + 2.0f * (float)(random >> 18 & 255);
        *z = other * ldexpf(1.0f, -40 - (int)(random >> 26 & 63));
    } else {
        const float n = ldexpf((float)(1 + (random >> 18 & 1023)), -23);
        *x = sign * (1.0f + n); /* x·y = 1 - n² */
        *y = 1.0f - n;
        *z = other * (ldexpf(1.0f, 24) + 2.0f * some);
    }
}

static void test_soft_fma(void) {
    int wrong = 0, wrong_in_lanes = 0;
    vf a4 = vzero(), b4 = vzero(), c4 = vzero(), expected4 = vzero();
    for (uint64_t i = 0; i < 3000000; i++) {
        /* Exponents close to each other, so that the sum cancels and rounds hard; every
         * eighth case takes any bits at all. */
        uint64_t a = rng_key(1, i), b = rng_key(2, i);
        uint32_t mask = i % 8 ? 0x83ffffffu : 0xffffffffu, base = i % 8 ? 0x3c000000u : 0;
        float x = from_bits(((uint32_t)a & mask) | base);
        float y = from_bits(((uint32_t)(a >> 32) & mask) | base);
        float z = from_bits(((uint32_t)b & mask) | base);
        if (i % 8 == 1) z = -x * y;
        if (i % 8 == 2) halfway(b, &x, &y, &z);
        const float expected = fmaf(x, y, z);
        wrong += differ(expected, soft_fma(x, y, z));
        a4[i % 4] = x, b4[i % 4] = y, c4[i % 4] = z, expected4[i % 4] = expected;
        if (i % 4 < 3) continue;
        const vf got = vfma(a4, b4, c4);
        for (int lane = 0; lane < 4; lane++)
            wrong_in_lanes += differ(expected4[lane], got[lane]);
    }
    CHECK(wrong == 0);
    CHECK(wrong_in_lanes == 0);
}

static void test_functions(void) {
    double worst_exp = 0, worst_log = 0, worst_cos = 0;
    for (int i = -6000; i <= 6000; i++) {
        double x = i / 100.0 + 1e-3;
        worst_exp = fmax(worst_exp, fabs(dn_exp(x) / exp(x) - 1));
        worst_log = fmax(worst_log, fabs(dn_log(exp(x)) - log(exp(x))) / (1 + fabs(x)));
        worst_cos = fmax(worst_cos, fabs(dn_cos(x) - cos(x)) + fabs(dn_sin(x) - sin(x)));
    }
    CHECK(worst_exp < 1e-14);
    CHECK(worst_log < 1e-14);
    CHECK(worst_cos < 1e-13);
    CHECK(dn_exp(-1e9) == 0);
    CHECK(fabs(dn_power(0.999, 1000) - pow(0.999, 1000)) < 1e-14);
}

/* --- convolution and pooling -------------------------------------------------------- */

static dn_layer conv_layer(int in, int h, int w, int out, int k, int stride, int valid) {
    char text[64], error[256];
    static dn_spec spec;
    snprintf(text, sizeof text, "%dC%d%s/%d", out, k, valid ? "v" : "", stride);
    CHECK(dn_spec_parse(&spec, text, (dn_shape){h, w, in}, 2, NULL, error,
                        sizeof error) == DN_OK);
    return spec.layers[0];
}

/* One convolution, in both layouts, by one table; the results into batch and single. The
 * layer says whether Winograd's is meant. */
static void run_conv(const dn_kernels *k, const dn_layer *l, const float *x,
                     const float *w, const float *bias, float *batch, float *single) {
    const int out16 = (l->out.c + 15) / 16 * 16, in = l->in.c;
    const int column = l->winograd ? (in + 15) / 16 * 16 : in;
    const dn_layer_kind *kind = dn_kind_of(l);
    float *packed = malloc(sizeof(float) * (size_t)kind->packed_size(l));
    float *padded = calloc((size_t)out16, sizeof(float));
    float *work =
        malloc(sizeof(float) * (size_t)(kind->work_size(l, NULL) + kind->single_work(l)));
    dn_ask ask = {.pace = k->pace};
    dn_call call = {.kernels = k,
                    .layer = l,
                    .weights = packed,
                    .bias = padded,
                    .relu = 1,
                    .work = work,
                    .ask = &ask};
    memcpy(padded, bias, sizeof(float) * (size_t)l->out.c);
    dn_maps maps = dn_maps_batch(l->in, l), out = dn_maps_batch(l->out, NULL);
    float *input = calloc((size_t)maps.size, sizeof(float));
    dn_view vx = dn_at(&maps, input), vy = dn_at(&out, batch);
    for (int c = 0; c < in; c++)
        for (int r = 0; r < l->in.h; r++)
            for (int q = 0; q < l->in.w; q++)
                memcpy(vx.p + c * vx.channel + r * vx.row + q * vx.column,
                       x + ((c * l->in.h + r) * l->in.w + q) * 16, 64);
    kind->pack_forward(packed, w, l);
    kind->forward(&call, &vy, &vx);
    free(input);

    maps = dn_maps_single(l->in, l, column);
    out = dn_maps_single(l->out, NULL, out16);
    input = calloc((size_t)maps.size, sizeof(float));
    vx = dn_at(&maps, input);
    vy = dn_at(&out, single);
    for (int c = 0; c < in; c++) /* image 5 of the 16 */
        for (int r = 0; r < l->in.h; r++)
            for (int q = 0; q < l->in.w; q++)
                vx.p[r * vx.row + q * vx.column + c] =
                    x[((c * l->in.h + r) * l->in.w + q) * 16 + 5];
    kind->pack_single(packed, w, l);
    kind->single(&call, &vy, &vx);
    free(input);
    free(packed);
    free(padded);
    free(work);
}

/* Against the reference; both layouts and all instruction sets against each other. */
static void check_layer(const dn_layer *l, const float *x, const float *weights,
                        const float *bias, const tensor *expected) {
    const int maps = l->out.h * l->out.w, out = l->out.c, out16 = (out + 15) / 16 * 16;
    const size_t size = (size_t)(out * maps * 16), size1 = (size_t)(out16 * maps);
    float *first = malloc(size * 4), *first1 = malloc(size1 * 4);
    float *batch = malloc(size * 4), *single = malloc(size1 * 4);
    run_conv(dn_kernels_named("portable"), l, x, weights, bias, first, first1);
    double worst = 0;
    EACH(expected, n, o, r, q)
    worst =
        fmax(worst, fabs(*cell(expected, n, o, r, q) -
                         (double)first[((o * l->out.h + r) * l->out.w + q) * 16 + n]));
    CHECK(worst < (l->winograd ? 5e-5 : 2e-5));
    int differ = 0;
    for (int o = 0; o < out; o++)
        for (int p = 0; p < maps; p++)
            differ += first[(o * maps + p) * 16 + 5] != first1[p * out16 + o];
    CHECK(differ == 0);
    for (int i = 1; i < ISAS; i++) {
        const dn_kernels *kernels = dn_kernels_named(isas[i]);
        if (!kernels) continue;
        run_conv(kernels, l, x, weights, bias, batch, single);
        CHECK(memcmp(batch, first, size * 4) == 0);
        CHECK(memcmp(single, first1, size1 * 4) == 0);
    }
    float *all[] = {first, first1, batch, single};
    for (int i = 0; i < 4; i++) free(all[i]);
}

static void check_conv(int in, int h, int w, int out, int k, int stride, int valid) {
    dn_layer l = conv_layer(in, h, w, out, k, stride, valid);
    float *x = numbers(1, (size_t)(in * h * w * 16));
    float *weights = numbers(2, (size_t)(out * in * k * k)),
          *bias = numbers(3, (size_t)out);
    tensor image = tensor_new(16, in, h, w);
    for (int n = 0; n < 16; n++)
        for (int i = 0; i < in * h * w; i++)
            image.v[n * in * h * w + i] = (double)x[i * 16 + n];
    double *w64 = malloc(sizeof(double) * (size_t)(out * in * k * k)), b64[64];
    for (int i = 0; i < out * in * k * k; i++) w64[i] = (double)weights[i];
    for (int i = 0; i < out; i++) b64[i] = (double)bias[i];
    tensor expected = ref_conv(&image, w64, b64, &l);
    ref_relu(&expected);
    check_layer(&l, x, weights, bias, &expected);
    if (k == 3 && stride == 1) {
        l.winograd = 1;
        check_layer(&l, x, weights, bias, &expected);
    }
    free(x);
    free(weights);
    free(bias);
    free(image.v);
    free(expected.v);
    free(w64);
}

static void test_conv(void) {
    for (int width = 1; width <= 30; width += width < 16 ? 1 : 7)
        check_conv(2, 5, width, 5, 3, 1, 0);
    for (int k = 1; k <= 7; k++) check_conv(3, 9, 10, 6, k, 1, 0);
    for (int k = 1; k <= 7; k++) check_conv(1, 9, 8, 17, k, 1 + k % 3, k % 2);
    for (int width = 1; width <= 28; width += 3) check_conv(11, 4, width, 18, 3, 1, 0);
    check_conv(17, 7, 7, 33, 3, 1, 0);
    check_conv(4, 14, 14, 48, 5, 2, 0);
    check_conv(1, 28, 28, 24, 5, 1, 1);
}

/* --- gradient of the weights -------------------------------------------------------- */

/* dw of a 3×3 convolution of a padded image, as ../kernels.h has it, `at_once` maps at a
 * time; by Winograd's or directly. */
static void run_wgrad(const dn_kernels *k, const dn_view *dy, const dn_view *x,
                      int at_once, int winograd, float *dw) {
    float *work =
        malloc(sizeof(float) * (size_t)dn_winograd_wgrad_work(dy->h, dy->w, at_once));
    dn_view some = *dy;
    for (int o = 0; o < dy->c; o += at_once) {
        some.p = dy->p + o * dy->channel;
        some.c = dy->c - o < at_once ? dy->c - o : at_once;
        if (winograd)
            k->winograd_wgrad(dw + (ptrdiff_t)o * x->c * 9, &some, x, work);
        else
            k->conv_wgrad(dw + (ptrdiff_t)o * x->c * 9, &some, x, 3, 1);
    }
    free(work);
}

static double sum_of_products(const dn_view *dy, const dn_view *x, int o, int i, int ky,
                              int kx) {
    double sum = 0;
    for (int r = 0; r < dy->h; r++)
        for (int q = 0; q < dy->w; q++)
            for (int n = 0; n < 16; n++)
                sum += (double)dy->p[o * dy->channel + r * dy->row + q * dy->column + n] *
                       (double)x->p[i * x->channel + (r + ky) * x->row +
                                    (q + kx) * x->column + n];
    return sum;
}

/* Against sums in double; the same bits by each instruction set and by other numbers of
 * maps at a time. */
static void check_wgrad(int in, int h, int w, int out) {
    const dn_maps maps = dn_maps_batch((dn_shape){h, w, out}, NULL);
    const dn_maps pixels = dn_maps_batch((dn_shape){h + 2, w + 2, in}, NULL);
    const size_t size = (size_t)(out * in * 9);
    float *gradient = numbers(5, (size_t)maps.size),
          *image = numbers(6, (size_t)pixels.size);
    float *first = numbers(7, size), *dw = numbers(8, size);
    const dn_view dy = dn_at(&maps, gradient), x = dn_at(&pixels, image);
    double worst = 0;
    for (int winograd = 0; winograd < 2; winograd++) {
        run_wgrad(dn_kernels_named("portable"), &dy, &x, 8, winograd, first);
        for (int at = 0; at < (int)size; at++)
            worst = fmax(worst, fabs(sum_of_products(&dy, &x, at / (in * 9), at / 9 % in,
                                                     at / 3 % 3, at % 3) -
                                     (double)first[at]));
        for (int i = 0; i < ISAS; i++) {
            const dn_kernels *kernels = dn_kernels_named(isas[i]);
            if (!kernels) continue;
            run_wgrad(kernels, &dy, &x, 4 + 8 * i, winograd, dw);
            CHECK(memcmp(dw, first, size * sizeof *dw) == 0);
        }
    }
    if (worst > 1e-6 * h * w) printf("%d×%d×%d→%d: off by %g\n", in, h, w, out, worst);
    CHECK(worst <= 1e-6 * h * w);
    float *all[] = {gradient, image, first, dw};
    for (int i = 0; i < 4; i++) free(all[i]);
}

static void test_wgrad(void) {
    for (int width = 1; width <= 13; width++) check_wgrad(3, 5, width, 6);
    check_wgrad(1, 28, 28, 9); /* several bands of rows, an odd map */
    check_wgrad(5, 7, 7, 33);
    check_wgrad(2, 9, 65, 4);
}

/* --- the rest, as one long calculation ---------------------------------------------- */

/* Everything that test_conv leaves out, on sizes that no vector divides. All results are
 * gathered in out; returns how many. */
static size_t run_others(const dn_kernels *k, float *out) {
    const int c = 5, h = 7, w = 9, in = 37, units = 29, ld = 32;
    float *at = out;
    float *z = numbers(1, (size_t)(c * h * w * 16)),
          *dy = numbers(2, (size_t)(c * h * w * 16));
    float *scale = numbers(3, 64), *shift = numbers(4, 64);
    dn_maps full = dn_maps_batch((dn_shape){h, w, c}, NULL);
    dn_maps pooled = dn_maps_batch((dn_shape){3, 4, c}, NULL);
    dn_view vz = dn_at(&full, z), vdy = dn_at(&full, dy), view;
    int32_t *place = calloc((size_t)pooled.size, sizeof *place);

    view = dn_at(&pooled, at);
    k->maxpool_forward(&view, place, 3 * 4 * 16, &vz, scale, shift, 2, 2, 1);
    at += pooled.size;
    for (size_t i = 0; i < pooled.size; i++) *at++ = (float)place[i];
    dn_view small = dn_at(&pooled, dy);
    view = dn_at(&full, at);
    k->maxpool_backward(&view, &small, place, 2, 2, 0);
    at += full.size;
    view = dn_at(&pooled, at);
    k->avgpool_forward(&view, &vz, 3, 2, 2);
    at += pooled.size;
    view = dn_at(&full, at);
    k->avgpool_backward(&view, &small, 3, 2, 2, 0);
    at += full.size;
    view = dn_at(&full, at);
    k->relu_backward(&view, &vdy, &vz);
    at += full.size;
    uint32_t keys[16];
    for (uint32_t i = 0; i < 16; i++) keys[i] = i * 77u;
    view = dn_at(&full, at);
    k->dropout(&view, &vz, keys, 1u << 30, 1.25f);
    at += full.size;
    k->channel_sums(at, &vz);
    at += c;
    memset(at, 0, (size_t)c * 32 * sizeof *at);
    for (int row = 0; row < h; row += view.h) {
        view = vz;
        view.h = row == 4 ? 3 : 2;
        view.p += row * vz.row;
        k->norm_sums(at, &view);
    }
    at += c * 32;
    k->norm_total(at, at - c * 32, c, 11);
    at += 2 * c;
    view = dn_at(&full, at);
    k->norm_forward(&view, &vz, scale, shift, 0);
    at += full.size;
    const dn_gate gates[] = {{.k = 0},
                             {.scale = scale, .shift = shift},
                             {.place = place, .k = 2},
                             {.place = place, .k = 3}};
    for (int i = 0; i < 4; i++) {
        const dn_view *from = gates[i].place ? &small : &vdy;
        k->norm_grad_sums(at, from, &vz, &gates[i], scale, shift, 16);
        at += 2 * c;
        view = dn_at(&full, at);
        k->norm_backward(&view, from, &vz, &gates[i], scale, shift, scale + 8, 13);
        at += full.size;
    }

    float *weights = numbers(5, (size_t)(in * ld));
    float *blocks = malloc(sizeof(float) * (size_t)(in * ld));
    dn_pack_blocks(blocks, weights, in, ld);
    for (int many = 1; many <= 4; many++) { /* so many groups at once */
        float *from[4], *to[4];
        for (int g = 0; g < many; g++, at += units * 16) {
            from[g] = z + g * 160;
            to[g] = at;
        }
        k->dense_forward(to, from, many, blocks, shift, in, units, many & 1);
    }
    k->dense_dgrad(at, dy, blocks, in, units, 0, 20);
    k->dense_dgrad(at + 20 * 16, dy, blocks, in, units, 20, in - 20);
    at += in * 16;
    float *dyt = malloc(sizeof(float) * 32 * (size_t)ld);
    k->dense_transpose(dyt, dy, units, ld);
    k->dense_transpose(dyt + 16 * ld, dy + 1000, units, ld);
    float *const groups[] = {z, z + 640};
    k->dense_wgrad(at, groups, 0, dyt, 2, 0, 20, ld);
    k->dense_wgrad(at, groups, 0, dyt, 2, 20, in - 20, ld);
    at += in * ld;
    int32_t target[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3}, hit[16];
    const dn_targets targets = {.classes = target, .smoothing = 0.1f};
    k->softmax_loss(at, at + 160, hit, z, &targets, 10, 13, 0.5f);
    at += 176;
    for (int i = 0; i < 16; i++) *at++ = (float)hit[i];
    target[3] = -1;
    const dn_targets taught = {target, 0.1f, dy, 0.75f, 2.5f, 0};
    k->softmax_loss(at, at + 160, hit, z, &taught, 10, 16, 0.5f);
    at += 176;

    for (int i = 0; i < 16; i++) *at++ = (float)hit[i];

    /* Sixteen sheets of random pixels, turned and shifted, partly beyond their
     * margins. */
    float maps[6][16];
    for (int i = 0; i < 96; i++) maps[i / 16][i % 16] = z[i] * (i < 64 ? 1.3f : 9.0f);
    dn_view drawn = dn_at(&pooled, at);
    float *sheets = numbers(6, (size_t)(16 * c * 6 * 7));
    k->distort(&drawn, sheets, c * 6 * 7, (const float(*)[6][16]) & maps);
    free(sheets);
    at += pooled.size;

    int32_t *places = malloc(sizeof *places * (size_t)in);
    k->single_dense(at, z, blocks, shift, in, ld, 1, NULL);
    at += ld;
    for (int i = 0; i < in; i += 2) z[i] = 0;
    k->single_dense(at, z, blocks, shift, in, ld, 1, places);
    at += ld;
    free(places);
    free(blocks);
    k->single_maxpool(at, 4 * 16, 16, z, 9 * 16, 16, 3, 4, 16, 3, 2);
    at += 3 * 4 * 16;
    k->single_avgpool(at, 4 * 16, 16, z, 9 * 16, 16, 3, 4, 16, 2, 3, 2);
    at += 3 * 4 * 16;

    for (int optimizer = 0; optimizer < 2; optimizer++) {
        const size_t n = 101;
        dn_update step = {
            optimizer ? DN_SGD : DN_ADAMW, 0.01f, 0.999f, 0.9f, 0.99f, 1e-8f, 0.9f};
        for (int i = 0; i < 4; i++)
            memcpy(at + i * (int)n, z + i * 200, n * sizeof(float));
        for (size_t i = 2 * n; i < 3 * n; i++) at[i] = fabsf(at[i]);
        k->update(at, at + n, at + 2 * n, at + 3 * n, dy, n, &step);
        k->add(at, dy, n);
        at += 4 * n;
    }
    float *all[] = {z, dy, scale, shift, weights, dyt};
    for (int i = 0; i < 6; i++) free(all[i]);
    free(place);
    return (size_t)(at - out);
}

/* softmax is what dn_exp makes of it, to the bit: over differences of all sizes, with
 * ties at the top, numbers that round either way, and what is too small to count. */
static void test_softmax(void) {
    enum { CLASSES = 5000, STEP = 3 };
    float *z = numbers(9, CLASSES * STEP), *expected = calloc(CLASSES, sizeof *expected),
          *p = calloc(CLASSES, sizeof *p);
    for (int isa = 0; isa < ISAS; isa++) {
        const dn_kernels *k = dn_kernels_named(isas[isa]);
        for (int round = 0; round < 12 && k; round++) {
            static const float scales[] = {1e-30f, 1e-9f, 1e-3f, 1, 5, 20, 90, 300, 1e4f};
            const int classes = round < 9 ? CLASSES : round - 7,
                      step = round % 2 ? 1 : STEP;
            const float scale = scales[round % 9];
            double sum = 0;
            for (int o = 0; o < CLASSES * STEP; o++) z[o] = scale * (float)cos(o * 1.7);
            if (round == 5)
                for (int o = 0; o < CLASSES * STEP; o++)
                    z[o] = (float)(-0.34657359 * (o / step % 300)); /* halves of ln 2 */
            float top = z[0];
            for (int o = 1; o < classes; o++) top = fmaxf(top, z[o * step]);
            for (int o = 0; o < classes; o++) {
                const double e = dn_exp((double)z[o * step] - (double)top);
                expected[o] = (float)e;
                sum += e;
            }
            for (int o = 0; o < classes; o++)
                expected[o] = (float)((double)expected[o] / sum);
            k->softmax(p, z, step, classes);
            CHECK(memcmp(p, expected, sizeof *p * (size_t)classes) == 0);
        }
    }
    free(p);
    free(expected);
    free(z);
}

static void test_others(void) {
    const size_t room = 100000;
    float *first = calloc(room, 4), *other = calloc(room, 4);
    size_t n = run_others(dn_kernels_named("portable"), first);
    CHECK(n < room);
    int finite = 1;
    for (size_t i = 0; i < n; i++) finite = finite && isfinite(first[i]);
    CHECK(finite);
    for (int i = 1; i < ISAS; i++) {
        const dn_kernels *kernels = dn_kernels_named(isas[i]);
        if (!kernels) continue;
        memset(other, 0, room * 4);
        CHECK(run_others(kernels, other) == n);
        CHECK(memcmp(first, other, n * 4) == 0);
    }
    free(first);
    free(other);
}

/* Every activation and its slope: near the textbook's, and the same bits with any
 * kernels. */
static void test_curves(void) {
    enum { N = 16 * 400 };
    static float x[N], one[N], y[N], dy[N], first_y[N], first_dy[N];
    const dn_maps maps = dn_maps_batch((dn_shape){20, 20, 1}, NULL);
    const dn_view from = dn_at(&maps, x), ones = dn_at(&maps, one), to = dn_at(&maps, y),
                  slope = dn_at(&maps, dy);
    for (int i = 0; i < N; i++) {
        one[i] = 1;
        x[i] = (float)(i - N / 2) * (i % 3 ? 0.003f : i % 2 ? 0.03f : 1e-6f);
    }
    for (int is = 0; is < DN_ACTIVATIONS; is++) {
        const dn_layer l = {.activation = (dn_activation)is, .alpha = 0.3f, .beta = 0.6f};
        const dn_curve curve = {l.activation, l.alpha, l.beta};
        double off = 0, off_slope = 0;
        for (int k = 0; k < ISAS; k++) {
            const dn_kernels *kernels = dn_kernels_named(isas[k]);
            if (!kernels) continue;
            kernels->activate(&to, &from, &curve);
            kernels->activate_backward(&slope, &ones, &from, NULL, NULL, &curve);
            if (k == 0) {
                memcpy(first_y, y, sizeof y);
                memcpy(first_dy, dy, sizeof dy);
            }
            CHECK(memcmp(first_y, y, sizeof y) == 0);
            CHECK(memcmp(first_dy, dy, sizeof dy) == 0);
        }
        for (int i = 0; i < N; i++) {
            const double u = (double)x[i], h = 1e-5 * (1 + fabs(u));
            const double value = ref_curve(&l, u);
            off = fmax(off, fabs(value - (double)y[i]) / (1 + fabs(value)));
            /* At a kink there is no slope. */
            const double above = (ref_curve(&l, u + h) - value) / h,
                         below = (value - ref_curve(&l, u - h)) / h;
            if (fabs(above - below) < 1e-3)
                off_slope = fmax(off_slope, fabs((above + below) / 2 - (double)dy[i]));
        }
        if (off > 1e-6 || off_slope > 1e-5)
            printf("activation %d: off by %g, its slope by %g\n", is, off, off_slope);
        CHECK(off <= 1e-6 && off_slope <= 1e-5);
    }
}

/* A teacher that is checked: where it has the image wrong, the gradient is what it is
 * without a teacher, else what it was. */
static void check_checked_teacher(const dn_targets *targets, const float *z) {
    enum { CLASSES = 5 };
    float with[CLASSES * 16], without[CLASSES * 16], checked[CLASSES * 16], loss[16];
    int32_t hit[16];
    const float *teacher = targets->teacher;
    const dn_kernels *k = dn_kernels_best();
    dn_targets t = *targets;
    int wrong = 0;
    k->softmax_loss(with, loss, hit, z, &t, CLASSES, 16, 0.5f);
    t.checked = 1;
    k->softmax_loss(checked, loss, hit, z, &t, CLASSES, 16, 0.5f);
    t.teacher = NULL;
    k->softmax_loss(without, loss, hit, z, &t, CLASSES, 16, 0.5f);
    for (int n = 0; n < 15; n++) {
        int best = 0;
        for (int o = 1; o < CLASSES; o++)
            if (teacher[o * 16 + n] > teacher[best * 16 + n]) best = o;
        const int right = best == t.classes[n];
        wrong += !right;
        for (int o = 0; o < CLASSES; o++)
            CHECK(checked[o * 16 + n] == (right ? with : without)[o * 16 + n]);
    }
    CHECK(wrong > 3 && wrong < 15);
}

/* The gradient with a teacher, against its formula. */
static void test_teacher_loss(void) {
    enum { CLASSES = 5 };
    float *z = numbers(20, CLASSES * 16), *teacher = numbers(21, CLASSES * 16);
    float dz[CLASSES * 16], loss[16];
    int32_t truth[16], hit[16];
    for (int n = 0; n < 16; n++) truth[n] = n % CLASSES;
    truth[15] = -1;
    const dn_targets targets = {truth, 0.1f, teacher, 0.75f, 2.5f, 0};
    dn_kernels_best()->softmax_loss(dz, loss, hit, z, &targets, CLASSES, 16, 0.5f);
    double worst = 0;
    for (int n = 0; n < 16; n++) {
        double sum = 0, soft = 0, taught = 0;
        for (int o = 0; o < CLASSES; o++) {
            sum += exp((double)z[o * 16 + n]);
            soft += exp((double)z[o * 16 + n] / 2.5);
            taught += exp((double)teacher[o * 16 + n] / 2.5);
        }
        for (int o = 0; o < CLASSES; o++) {
            const double target = (o == truth[n] ? 0.9 : 0) + 0.02;
            const double d = 0.25 * (exp((double)z[o * 16 + n]) / sum - target) +
                             0.75 * 2.5 *
                                 (exp((double)z[o * 16 + n] / 2.5) / soft -
                                  exp((double)teacher[o * 16 + n] / 2.5) / taught);
            if (n < 15) worst = fmax(worst, fabs(0.5 * d - (double)dz[o * 16 + n]));
        }
    }
    CHECK(worst < 1e-6);
    /* An image of no class: each is to be as likely as any other. */
    double sum = 0;
    for (int o = 0; o < CLASSES; o++) sum += exp((double)z[o * 16 + 15]);
    for (int o = 0; o < CLASSES; o++) {
        const double d = exp((double)z[o * 16 + 15]) / sum - 1.0 / CLASSES;
        CHECK(fabs(0.5 * d - (double)dz[o * 16 + 15]) < 1e-6);
    }
    CHECK(hit[15] == -1 && loss[15] == 0 && hit[14] >= 0);
    check_checked_teacher(&targets, z);
    free(z);
    free(teacher);
}

/* Sixteen images, each distorted in a way that can be told: not at all, shifted,
 * turned. */
static void test_distort(void) {
    enum { H = 5, W = 4, SHEET = (H + 3) * (W + 3) };
    float *sheets = calloc(16 * SHEET, sizeof *sheets), maps[6][16] = {{0}};
    float y[H * W * 16];
    for (int n = 0; n < 16; n++) {
        for (int r = 0; r < H; r++)
            for (int q = 0; q < W; q++)
                sheets[n * SHEET + (r + 1) * (W + 3) + q + 1] = (float)(10 * r + q + 1);
        maps[0][n] = maps[3][n] = 1;
    }
    maps[4][1] = 1;               /* image 1: one column to the right in the source */
    maps[5][2] = -0.5f;           /* 2: half a row up */
    maps[0][3] = maps[3][3] = -1; /* 3: turned by half a turn */
    maps[4][3] = W - 1;
    maps[5][3] = H - 1;
    maps[4][4] = 1e9f; /* 4: far away */
    dn_maps full = dn_maps_batch((dn_shape){H, W, 1}, NULL);
    dn_view view = dn_at(&full, y);
    dn_kernels_best()->distort(&view, sheets, SHEET, (const float(*)[6][16]) & maps);
    int wrong = 0;
    for (int r = 0; r < H; r++)
        for (int q = 0; q < W; q++) {
            const float *at = y + (r * W + q) * 16, here = (float)(10 * r + q + 1);
            wrong += at[0] != here || at[15] != here;
            wrong += at[1] != (q == W - 1 ? 0 : here + 1);
            wrong += at[2] != (r == 0 ? here / 2 : here - 5);
            wrong += at[3] != (float)(10 * (H - 1 - r) + (W - 1 - q) + 1);
            wrong += at[4] != 0;
        }
    CHECK(wrong == 0);
    free(sheets);
}

/* Mirrored images are read from right to left: all of them, about half, or none; and what
 * mirrors them does not turn or shift them. */
static void test_flip(void) {
    enum { H = 3, W = 5, N = 16, TIMES = 40 };
    const dn_shape shape = {H, W, 1};
    static float y[H * W * N];
    float table[256], *work = malloc(sizeof *work * (size_t)dn_distorted_work(shape));
    uint8_t pixels[H * W];
    dn_image images[N];
    dn_view view = {
        .p = y, .column = N, .row = W * N, .channel = H * W * N, .c = 1, .h = H, .w = W};
    dn_input_table(table, 0, 1);
    for (int i = 0; i < H * W; i++) pixels[i] = (uint8_t)(10 * i);
    for (int k = 0; k < N; k++) images[k] = (dn_image){pixels, DN_UINT8};
    const double shares[] = {0, 0.5, 1};
    for (int s = 0; s < 3; s++) {
        int mirrored = 0, straight = 0;
        for (int t = 0; t < TIMES; t++) {
            uint64_t keys[N];
            for (int k = 0; k < N; k++) keys[k] = rng_key(5, (uint64_t)(N * t + k));
            dn_input_distorted(dn_kernels_best(), &view, images, keys, N, 0, shares[s], 0,
                               table, 0, 1, work);
            for (int k = 0; k < N; k++) {
                int same = 0, other = 0;
                for (int i = 0; i < H * W; i++) {
                    const int back = i - i % W + W - 1 - i % W;
                    same += y[i * N + k] == table[pixels[i]];
                    other += y[i * N + k] == table[pixels[back]];
                }
                straight += same == H * W;
                mirrored += other == H * W;
            }
        }
        CHECK(straight + mirrored == N * TIMES);
        CHECK(fabs(mirrored - shares[s] * N * TIMES) <= (s == 1 ? 50 : 0));
    }
    free(work);
}

/* One Adam step with known numbers: m = 0.1·g, v = 0.01·g², and with both corrections the
 * step is rate·sign(g). */
static void test_update(void) {
    float w[3] = {1, 1, 1}, m[3] = {0}, v[3] = {0}, average[3] = {1, 1, 1};
    const float g[3] = {0.5f, -2, 0};
    dn_update step = {DN_ADAMW, (float)(0.1 * sqrt(0.01) / 0.1), 1, 0.9f, 0.99f, 0, 0};
    step.epsilon = 1e-9f;
    dn_kernels_best()->update(w, m, v, average, g, 3, &step);
    CHECK(fabsf(w[0] - 0.9f) < 1e-5f && fabsf(w[1] - 1.1f) < 1e-5f && w[2] == 1);
    CHECK(fabsf(m[1] + 0.2f) < 1e-6f && fabsf(v[1] - 0.04f) < 1e-6f);
    CHECK(average[0] == w[0]);
    /* Nesterov: v = 0.9·0 + g, w −= rate·(0.9·v + g), after the decay. */
    float u[1] = {2}, velocity[1] = {0}, unused[1] = {0}, mean[1] = {0};
    const float one[1] = {1};
    dn_update sgd = {DN_SGD, 0.1f, 0.5f, 0.9f, 0, 0, 0.5f};
    dn_kernels_best()->update(u, velocity, unused, mean, one, 1, &sgd);
    CHECK(fabsf(u[0] - (1 - 0.19f)) < 1e-6f && fabsf(mean[0] - u[0] / 2) < 1e-6f);
}

/* Numbers that would become too small for float32's normal range are dropped. */
static void test_flush(void) {
    float w[1] = {1}, m[1] = {1e-30f}, v[1] = {1e-36f}, average[1] = {1};
    const float g[1] = {1e-19f};
    dn_update step = {DN_ADAMW, 0.1f, 1, 0.9f, 0.9f, 1e-8f, 0};
    dn_kernels_best()->update(w, m, v, average, g, 1, &step);
    CHECK(m[0] == 0 && v[0] == 0 && w[0] == 1);
    float z[2 * 16] = {0}, dz[2 * 16], loss[16];
    int32_t hit[16], target[16] = {0};
    z[16] = -50; /* of image 0: a probability of 2e-22 for the wrong class */
    const dn_targets targets = {.classes = target};
    dn_kernels_best()->softmax_loss(dz, loss, hit, z, &targets, 2, 2, 1);
    CHECK(dz[0] == 0 && dz[16] == 0 && loss[0] == 0 && hit[0] == 1);
    CHECK(dz[1] == -0.5f && dz[17] == 0.5f && hit[1] == 1);
}

int main(void) {
    test_curves();
    test_flush();
    test_soft_fma();
    test_functions();
    test_conv();
    test_wgrad();
    test_others();
    test_softmax();
    test_update();
    test_teacher_loss();
    test_distort();
    test_flip();
    return check_done("test_kernels");
}
