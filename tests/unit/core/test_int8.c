/* test_int8.c - layers in 8 bits: the kernels of every instruction set against sums of
 * 64 bits; quantised networks beside those they were made from, the same bits on each
 * instruction set, alone and in a batch. */
#include <math.h>
#include <stdlib.h>
#include "../../../core/int8.h"
#include "quantised.h"

static const char *const isas[] = {"portable", "avx2", "avx512", "vnni", "dotprod"};
#define ISAS 5

/* --- kernels ------------------------------------------------------------------------ */

/* The form of a case: positions, outputs, rows and bytes of a window, stride. */
typedef struct form {
    int h, w, out, rows, width, stride, c;
} form;

/* As extreme as there can be in every third case: no sum may be saturated. */
static void fill(uint8_t *q, size_t nq, int8_t *w, size_t nw, int k) {
    for (size_t i = 0; i < nq; i++)
        q[i] = (uint8_t)(k % 3 ? random_number(1, i, 256) : 255);
    for (size_t i = 0; i < nw; i++)
        w[i] = (int8_t)(k % 3 == 0   ? 127
                        : k % 3 == 1 ? (int)random_number(2, i, 255) - 127
                                     : -127);
}

/* windows_of - results that differ in a bit from what 64 bits say, in one table. */
static int windows_of(const dn_int8_kernels *kernels, const form *f, int k) {
    const int words = (f->width + 3) / 4, down = f->stride;
    const int in_w = (f->w - 1) * f->stride + (f->width + f->c - 1) / f->c;
    const int in_h = (f->h - 1) * down + f->rows;
    const size_t nq = (size_t)in_h * (size_t)in_w * (size_t)f->c + 4;
    const size_t nw = (size_t)f->out * (size_t)f->rows * (size_t)words * 4;
    const int outs = f->out;
    uint8_t *q = malloc(nq);
    int8_t *w = malloc(nw);
    int32_t *start = malloc((size_t)outs * sizeof *start);
    const int columns = k % 2 ? f->w : 1; /* with a bias of their own */
    const size_t biases = (size_t)outs * (size_t)columns;
    float *scale = malloc((size_t)outs * sizeof *scale), *bias = malloc(biases * 4);
    float *y = calloc((size_t)f->h * (size_t)f->w * (size_t)outs, sizeof *y);
    int wrong = 0;
    fill(q, nq, w, nw, k);
    for (int o = 0; o < outs; o++) {
        start[o] = (int32_t)random_number(3, (size_t)o, 2000) - 1000;
        scale[o] = 1e-4f * (float)(1 + random_number(4, (size_t)o, 9));
    }
    for (size_t i = 0; i < biases; i++) bias[i] = (float)random_number(5, i, 9) - 4;
    const dn_int8 layer = {.w = w, .start = start, .scale = scale};
    const dn_int8_window window = {.rows = f->rows,
                                   .words = words,
                                   .row = (ptrdiff_t)in_w * f->c,
                                   .column = (ptrdiff_t)f->stride * f->c,
                                   .down = down,
                                   .h = f->h,
                                   .w = f->w,
                                   .out = outs,
                                   .y_row = (ptrdiff_t)f->w * outs,
                                   .y_column = outs,
                                   .bias_column = columns > 1 ? outs : 0,
                                   .relu = k & 1};
    kernels->windows(y, q, &layer, bias, &window);
    for (int r = 0; r < f->h; r++)
        for (int c = 0; c < f->w; c++)
            for (int o = 0; o < outs; o++) {
                int64_t sum = start[o];
                for (int i = 0; i < f->rows; i++)
                    for (int b = 0; b < words * 4; b++)
                        sum +=
                            ((int64_t)
                                 q[(r * down + i) * window.row + c * window.column + b] -
                             kernels->less) *
                            w[(((o / 16 * f->rows + i) * words + b / 4) * 16 + o % 16) *
                                  4 +
                              b % 4];
                float z = (float)(int32_t)sum * scale[o];
                z += bias[c * window.bias_column + o];
                if (window.relu && !(z > 0)) z = 0;
                wrong += z != y[(r * f->w + c) * outs + o];
            }
    free(q), free(w), free(start), free(scale), free(bias), free(y);
    return wrong;
}

static void test_windows(void) {
    static const form forms[] = {
        {1, 1, 16, 1, 784, 1, 784}, {1, 1, 128, 1, 50, 1, 50}, {1, 1, 32, 1, 7, 1, 7},
        {1, 1, 16, 1, 65536, 1, 9}, {3, 13, 16, 3, 3, 1, 1},   {4, 7, 32, 3, 48, 1, 16},
        {2, 25, 48, 5, 30, 2, 6},   {5, 3, 64, 1, 64, 1, 64},  {1, 12, 16, 2, 9, 3, 3},
        {1, 1, 64, 3, 192, 1, 64},  {9, 1, 32, 1, 8, 1, 8},    {2, 5, 112, 3, 12, 1, 4},
    };
    for (int i = 0; i < ISAS; i++) {
        const dn_int8_kernels *kernels = dn_int8_named(isas[i]);
        for (size_t k = 0; kernels && k < 3 * sizeof forms / sizeof *forms; k++)
            if (!CHECK(windows_of(kernels, &forms[k / 3], (int)k) == 0))
                printf("    %s, case %zu\n", isas[i], k);
    }
    CHECK(dn_int8_named("portable") && !dn_int8_named("amx"));
}

static void test_bytes(void) {
    const float odd[] = {0,      -0.5f,   0.5f,    1.5f, 2.5f,     254.5f,
                         255.5f, 1e30f,   -1e30f,  NAN,  INFINITY, -INFINITY,
                         1e-40f, 100.49f, 100.51f, 3};
    for (int i = 0; i < ISAS; i++) {
        const dn_int8_kernels *kernels = dn_int8_named(isas[i]);
        if (!kernels) continue;
        for (int c = 1; c <= 33; c += c < 17 ? 1 : 4) {
            const int column = (c + 15) / 16 * 16, w = 5;
            float x[5 * 48];
            uint8_t q[5 * 33 + 16];
            int wrong = 0;
            for (int k = 0; k < w * column; k++)
                x[k] = k % 3 ? (float)random_number(6, (size_t)k, 4000) / 8 - 100
                             : odd[k / 3 % 16];
            memset(q, 77, sizeof q);
            kernels->bytes(q, x, column, w, c, 0.75f, 19.25f);
            for (int k = 0; k < w * c; k++) {
                const float v = x[k / c * column + k % c];
                float z = v * 0.75f;
                z += 19.25f;
                const float kept = !(z > 0) ? 0 : z < 255 ? z : 255;
                wrong += q[k] != (uint8_t)rintf(kept);
            }
            CHECK(wrong == 0 && q[sizeof q - 1] == 77);
        }
    }
}

/* --- networks ----------------------------------------------------------------------- */

/* What every layer beside those in 8 bits is: in float32 between them. */
static void test_networks(void) {
    static const struct {
        const char *layers;
        int channels;
    } networks[] = {
        {"24N-10N", 1},
        {"softmax", 3},
        {"6C5-MP2-16C5v-MP2-20N", 1},
        {"8C3b-8C3-AP2-20C3p1.0.2.0/2-GAP", 3},
        {"7C3/2-DW3-12C1i-B-D0.2-9Nt", 1},
        {"8C3-(8C3b-8C3bi)+-MP3/2-(8C1|4C3g2)&-4C2v-GAP-OUT", 3},
        {"16C5p4/3-4C3p2.0.1.2/7-16N", 1},
        {"8C3-8C3g2-6C3l-MP2p1-17N", 1},
    };
    static float p[COUNT * LABELS], f[COUNT * LABELS], first[COUNT * LABELS];
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        if (check_emulated() && i != 0 && i != 2) continue; /* it takes long */
        char error[256] = "";
        void *bytes = NULL, *again = NULL, *made;
        size_t size = 0, made_size = 0, again_size = 0;
        made = trained(networks[i].layers, networks[i].channels, &made_size);
        if (!made) continue;
        CHECK(answers(f, made, made_size));
        int changed = 0;
        for (int isa = 0; isa < ISAS; isa++) {
            if (!dn_int8_named(isas[isa])) continue;
            setenv("DIGITNET_ISA", isas[isa], 1);
            CHECK(dn_quantise(&again, &again_size, made, made_size, images, 100, NULL,
                              error, sizeof error) == DN_OK);
            CHECK(answers(p, again, again_size));
            if (!bytes) {
                bytes = again, size = again_size, again = NULL;
                memcpy(first, p, sizeof p);
            }
            CHECK(size == again_size && (!again || memcmp(bytes, again, size) == 0));
            if (!CHECK(memcmp(first, p, sizeof p) == 0))
                printf("    %s on %s\n", networks[i].layers, isas[isa]);
            free(again);
            again = NULL;
        }
        unsetenv("DIGITNET_ISA");
        for (int k = 0; k < COUNT; k++) {
            changed += dn_argmax(p + k * LABELS, LABELS) !=
                       dn_argmax(f + k * LABELS, LABELS);
        }
        const double most = furthest(p, f, COUNT * LABELS);
        if (!CHECK(most < 0.12 && changed <= COUNT / 20 && size < made_size))
            printf("    %s: %.3f, %d labels, %zu of %zu bytes\n", networks[i].layers,
                   most, changed, size, made_size);
        CHECK(dn_quantise(&again, &again_size, bytes, size, images, 9, NULL, error,
                          sizeof error) == DN_ERROR);
        CHECK_STR(error, "the model is in int8 already");
        free(bytes), free(made);
    }
}

int main(void) {
    test_windows();
    test_bytes();
    test_networks();
    return check_done("test_int8");
}
