/* test_int8.c - models in 8 bits: the kernels of every instruction set against sums of
 * 64 bits; quantised networks beside those they were made from, the same bits on each
 * instruction set, alone and in a batch; and bytes that someone has changed who knows how
 * the checksum is made. */
#include <math.h>
#include <stdlib.h>
#include "../../../core/bytes.h"
#include "../../../core/dn.h"
#include "../../../core/layers/int8.h"
#include "../../../core/memory.h"
#include "../../../core/model.h"
#include "../../../core/rng.h"
#include "../check.h"

static const char *const isas[] = {"portable", "avx2", "avx512", "vnni"};
#define ISAS 4

static unsigned random_number(uint64_t stream, size_t i, unsigned n) {
    return (unsigned)(rng_unit(rng_key(31, stream), i) * (float)n) % n;
}

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
                            (int64_t)
                                q[(r * down + i) * window.row + c * window.column + b] *
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

#define SIDE   12
#define COUNT  300
#define LABELS 4

static uint8_t pixels[COUNT][SIDE * SIDE * 3];
static dn_image images[COUNT];
static int32_t classes[COUNT];
static uint32_t keys[COUNT];
static const dn_label labels[LABELS] = {
    {NULL, 0, 0}, {"one", 3, 0}, {NULL, 0, 2}, {NULL, 0, 3}};

/* A bar in one of four places, and noise. */
static void draw_images(int channels) {
    for (int n = 0; n < COUNT; n++) {
        classes[n] = n % LABELS;
        keys[n] = (uint32_t)n;
        for (int i = 0; i < SIDE * SIDE * channels; i++) {
            const int y = i / channels / SIDE, x = i / channels % SIDE,
                      at = 1 + n / 4 % 4;
            const int ink = classes[n] == 0   ? y == at
                            : classes[n] == 1 ? x == at
                            : classes[n] == 2 ? y == SIDE - 1 - at
                                              : x == SIDE - 1 - at;
            pixels[n][i] =
                (uint8_t)(ink * 180 + (int)random_number(7 + (uint64_t)n, (size_t)i, 70));
        }
        images[n] = (dn_image){pixels[n], DN_UINT8};
    }
}

/* Bytes of a network that was trained for a moment. */
static void *trained(const char *layers, int channels, size_t *size) {
    char error[256] = "";
    dn_options o;
    dn_trainer *t = NULL;
    dn_metrics metrics = {0};
    void *bytes = NULL;
    draw_images(channels);
    CHECK(dn_options_default(&o, layers, error, sizeof error) == DN_OK);
    o.shape = (dn_shape){SIDE, SIDE, channels};
    o.epochs = 3;
    o.batch = 50;
    o.rate = 0.01;
    o.augment = 0;
    if (!CHECK(dn_trainer_new(&t, &o, labels, LABELS, COUNT, 0.2f, 0.3f, NULL, error,
                              sizeof error) == DN_OK)) {
        printf("    %s: %s\n", layers, error);
        return NULL;
    }
    for (int e = 0; e < 3; e++)
        for (int i = 0; i + 50 <= COUNT; i += 50)
            dn_trainer_step(t, NULL, images + i, classes + i, keys + i, 50, &metrics);
    CHECK(dn_trainer_model(t, 1, &bytes, size) == DN_OK);
    dn_trainer_free(t);
    return bytes;
}

/* Its answers, row by row and in a batch, in p; whether they are the same. */
static int answers(float *p, const void *bytes, size_t size) {
    static float one[LABELS];
    char error[256] = "";
    dn_model *m = NULL;
    dn_scratch *scratch = NULL;
    dn_threads *threads = dn_threads_start(2);
    int same = 1;
    if (!CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_OK)) {
        printf("    %s\n", error);
        dn_threads_stop(threads);
        return 0;
    }
    CHECK((scratch = dn_scratch_new(m)) != NULL);
    CHECK(dn_predict_batch(m, threads, images, COUNT, p) == DN_OK);
    for (int k = 0; k < COUNT; k++) {
        CHECK(dn_predict(m, scratch, &images[k], one, NULL, NULL) == DN_OK);
        same &= memcmp(one, p + k * LABELS, sizeof one) == 0;
    }
    CHECK(dn_predict_batch(m, threads, images, 2, p) == DN_OK); /* one a task */
    dn_scratch_free(scratch);
    dn_model_free(m);
    dn_threads_stop(threads);
    return same;
}

/* The largest difference of two answers. */
static double furthest(const float *p, const float *f, int n) {
    double most = 0;
    for (int k = 0; k < n; k++) {
        const double far = fabs((double)p[k] - (double)f[k]);
        if (far > most) most = far;
    }
    return most;
}

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

/* What reads an int8 model as floats: a training that begins from it, and saliency; what
 * writes it as something else says no. */
static void test_others(void) {
    char error[512] = "";
    void *bytes = NULL, *out = NULL;
    size_t size = 0, made_size = 0;
    void *made = trained("8C3b-MP2-12N", 1, &made_size);
    dn_numbers q, f;
    dn_model *m = NULL;
    dn_model_info info;
    CHECK(dn_quantise(&bytes, &size, made, made_size, images, 100, NULL, error,
                      sizeof error) == DN_OK);
    CHECK(get32((uint8_t *)bytes + 16) == 3);
    CHECK(dn_numbers_read(&q, bytes, size, NULL, error, sizeof error) == DN_OK);
    CHECK(dn_numbers_read(&f, made, made_size, NULL, error, sizeof error) == DN_OK);
    const dn_layer *l = q.spec.layers;
    double most = 0, largest = 0;
    for (int o = 0; o < 8; o++)
        for (int i = 0; i < 9; i++) {
            const double fold = (double)f.weights[l->gamma + (size_t)o] /
                                sqrt((double)f.stats[l->stat + 8 + (size_t)o] + 1e-5);
            const size_t at = l->w + (size_t)(9 * o + i);
            const double w = (double)f.weights[at] * fold;
            most = fmax(most, fabs(w - (double)q.weights[at]));
            largest = fmax(largest, fabs(w));
        }
    CHECK(most <= largest / 253 && q.weights[l->gamma] == 1 && q.stats[l->stat] == 0);
    dn_numbers_clear(&q);
    dn_numbers_clear(&f);
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_OK);
    dn_model_get_info(m, &info);
    CHECK(info.precision == DN_KEEP_INT8 && m->bytes);
    /* Bytes go in as they are, floats by their values: the same answers. */
    dn_scratch *scratch = dn_scratch_new(m);
    int same = 1;
    for (int k = 0; k < COUNT; k++) {
        uint8_t values[SIDE * SIDE * 4];
        float p[2][LABELS];
        for (int i = 0; i < SIDE * SIDE; i++)
            put_float(values + 4 * i, (float)pixels[k][i] / 255.0f);
        const dn_image image = {values, DN_FLOAT32};
        dn_predict(m, scratch, &images[k], p[0], NULL, NULL);
        dn_predict(m, scratch, &image, p[1], NULL, NULL);
        same &= memcmp(p[0], p[1], sizeof p[0]) == 0;
    }
    CHECK(same);
    dn_scratch_free(scratch);
    float shares[SIDE * SIDE] = {0}, sum = 0;
    CHECK(dn_saliency(m, images, 0, shares, NULL, error, sizeof error) == DN_OK);
    for (int i = 0; i < SIDE * SIDE; i++) sum += fabsf(shares[i]);
    CHECK(sum > 0);
    dn_model_free(m);
    const dn_onnx_words onnx = {"m", "1", "[0,1,2,3]"};
    CHECK(dn_onnx_export(&out, &size, bytes, size, &onnx, NULL, error, sizeof error) ==
          DN_ERROR);
    CHECK_STR(error, "the model is in int8, and its answers are those of integers, which "
                     "an ONNX file of it would not give; export the model that it was "
                     "made from");
    const dn_c_words c = {"m", "m", "1"};
    char *text = NULL;
    size_t text_size;
    CHECK(dn_c_export(&text, &text_size, bytes, size, &c, NULL, error, sizeof error) ==
          DN_ERROR);
    CHECK(strstr(error, "which a file of C of it would not give") && !text);
    free(bytes), free(made);
}

/* with_pixels - the model's pixels have another mean and deviation. */
static void with_pixels(uint8_t *bytes, size_t size, float mean, float std) {
    put_float(bytes + 40, mean);
    put_float(bytes + 44, std);
    put64(bytes + DN_MODEL_CHECKSUM_AT, dn_checksum(bytes + 16, size - 16));
}

/* in_float32 - model bytes of numbers. */
static void *in_float32(const dn_numbers *numbers, size_t *size) {
    void *out = NULL;
    const dn_content content = {.spec = &numbers->spec,
                                .labels = numbers->labels,
                                .mean = numbers->mean,
                                .std = numbers->std,
                                .weights = numbers->weights,
                                .stats = numbers->stats,
                                .temperature = 1};
    CHECK(dn_model_encode(&out, size, &content, &numbers->heap) == DN_OK);
    return out;
}

/* in_floats - a model in float32 that has the weights which those of an int8 model stand
 * for. */
static void *in_floats(const void *bytes, size_t size, size_t *out_size) {
    char error[256] = "";
    dn_numbers numbers;
    CHECK(dn_numbers_read(&numbers, bytes, size, NULL, error, sizeof error) == DN_OK);
    void *out = in_float32(&numbers, out_size);
    dn_numbers_clear(&numbers);
    return out;
}

/* first_differs - by how much of the largest value what a layer gives that reads the
 * image differs between two models, the network's only one before the output. */
static double first_differs(const void *a, size_t a_size, const void *b, size_t b_size) {
    static float one[SIDE * SIDE * 16], two[SIDE * SIDE * 16];
    char error[256] = "";
    float p[LABELS];
    dn_model *ma = NULL, *mb = NULL;
    dn_model_info info;
    CHECK(dn_model_decode(&ma, a, a_size, NULL, error, sizeof error) == DN_OK);
    CHECK(dn_model_decode(&mb, b, b_size, NULL, error, sizeof error) == DN_OK);
    dn_scratch *sa = dn_scratch_new(ma), *sb = dn_scratch_new(mb);
    double most = 0, largest = 0;
    dn_model_get_info(ma, &info);
    for (int k = 0; k < 40; k++) {
        CHECK(dn_predict(ma, sa, &images[k], p, one, NULL) == DN_OK);
        CHECK(dn_predict(mb, sb, &images[k], p, two, NULL) == DN_OK);
        for (int i = 0; i < info.embedding; i++) {
            most = fmax(most, fabs((double)one[i] - (double)two[i]));
            largest = fmax(largest, fabs((double)two[i]));
        }
    }
    CHECK(ma->bytes);
    dn_scratch_free(sa), dn_scratch_free(sb);
    dn_model_free(ma), dn_model_free(mb);
    return most / largest;
}

/* Pixels are exact, whatever their mean and deviation: of a layer that reads them only
 * the weights are rounded, at the border too. */
static void test_pixels(void) {
    static const float pixels_of[][2] = {
        {.5f, .5f},  {.5f, 1},        {.5f, 1 / 255.0f},       {.1307f, .3081f},
        {0, 1},      {0, 1 / 255.0f}, {.5f / 255, 1 / 255.0f}, {-.3f, .2f},
        {1.4f, .5f}, {7, 3}};
    static const struct {
        const char *layers;
        int channels;
    } networks[] = {{"20Nl", 1},     {"5C5l", 1},           {"5C4p1.0.2.3l", 3},
                    {"9C5p4/3l", 1}, {"7C3p0.2.0.1/2l", 3}, {"3C7vl", 1},
                    {"4C9p8/8l", 1}};
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        char error[256] = "";
        void *q = NULL, *f;
        size_t size = 0, q_size = 0, f_size = 0;
        if (check_emulated() && i != 1) continue; /* it takes long */
        uint8_t *made = trained(networks[i].layers, networks[i].channels, &size);
        for (size_t k = 0; made && k < sizeof pixels_of / sizeof *pixels_of; k++) {
            with_pixels(made, size, pixels_of[k][0], pixels_of[k][1]);
            CHECK(dn_quantise(&q, &q_size, made, size, images, 50, NULL, error,
                              sizeof error) == DN_OK);
            f = in_floats(q, q_size, &f_size);
            const double differs = first_differs(q, q_size, f, f_size);
            if (!CHECK(differs < 5e-6))
                printf("    %s, mean %g, std %g: %g\n", networks[i].layers,
                       (double)pixels_of[k][0], (double)pixels_of[k][1], differs);
            free(q), free(f);
        }
        free(made);
    }
}

/* unequal - the same network, of which every other unit of layer a is k times as large,
 * and layer b reads that much less of it. */
static void *unequal(const void *bytes, size_t size, int a, int b, float k,
                     size_t *out_size) {
    char error[256] = "";
    dn_numbers m;
    CHECK(dn_numbers_read(&m, bytes, size, NULL, error, sizeof error) == DN_OK);
    const dn_layer *la = &m.spec.layers[a], *lb = &m.spec.layers[b];
    const int each = lb->kind == DN_CONV ? lb->kh * lb->kw : lb->in.h * lb->in.w;
    for (int o = 0; o < la->out.c; o += 2) m.weights[la->bias + (size_t)o] *= k;
    for (int o = 0; o < la->out.c && la->norm; o += 2)
        m.weights[la->gamma + (size_t)o] *= k;
    for (int r = 0; r < la->rows && !la->norm; r++)
        for (int c = 0; c < la->columns; c++)
            if ((la->outputs_first ? r : c) % 2 == 0)
                m.weights[la->w + (size_t)(r * la->ld + c)] *= k;
    for (int r = 0; r < lb->rows; r++)
        for (int c = 0; c < lb->columns; c++)
            if ((lb->outputs_first ? c : r) / each % 2 == 0)
                m.weights[lb->w + (size_t)(r * lb->ld + c)] /= k;
    void *out = in_float32(&m, out_size);
    dn_numbers_clear(&m);
    return out;
}

/* Units of very different sizes: 8 bits hold them as well as those of like size. */
static void test_unequal(void) {
    static const struct {
        const char *layers;
        int channels, a, b; /* the layers between which they are */
    } networks[] = {{"24Nl-10N", 1, 0, 1},
                    {"24Nl-10N", 1, 1, 2},
                    {"8C3b-8C3-GAP-9N", 3, 0, 1},
                    {"8C3bl-MP2-D0.2-7C3v-9N", 1, 0, 3},
                    {"6C5-AP2-16N", 1, 0, 2},
                    {"6C3-DW3-9C1-9N", 1, 1, 2},
                    {"8C3-(8C3b-8C3i)+-8C1-9N", 1, 1, 2}};
    static float p[COUNT * LABELS], f[COUNT * LABELS];
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        char error[256] = "";
        void *q = NULL;
        size_t size = 0, q_size = 0, other_size = 0;
        if (check_emulated() && i != 3) continue; /* it takes long */
        void *made = trained(networks[i].layers, networks[i].channels, &size);
        if (!made) continue;
        CHECK(answers(f, made, size));
        for (int k = -1; k <= 1; k += 2) {
            void *other = unequal(made, size, networks[i].a, networks[i].b,
                                  k < 0 ? 1e-4f : 1000, &other_size);
            CHECK(dn_quantise(&q, &q_size, other, other_size, images, 100, NULL, error,
                              sizeof error) == DN_OK);
            CHECK(answers(p, q, q_size));
            double most = 0;
            for (int j = 0; j < COUNT * LABELS; j++)
                most = fmax(most, fabs((double)p[j] - (double)f[j]));
            if (!CHECK(most < 0.12))
                printf("    %s, %d: %.3f\n", networks[i].layers, k, most);
            free(q), free(other);
        }
        free(made);
    }
}

/* A weight that a float holds and 8 bits with a scale do not: nothing is made. */
static void test_too_large(void) {
    char error[256] = "";
    void *out = NULL;
    size_t size, made_size;
    uint8_t *made = trained("5N", 1, &made_size);
    put_float(made + made_size - 4 * (5 * LABELS + LABELS), 2e32f);
    put64(made + DN_MODEL_CHECKSUM_AT, dn_checksum(made + 16, made_size - 16));
    CHECK(dn_quantise(&out, &size, made, made_size, images, 50, NULL, error,
                      sizeof error) == DN_ERROR);
    CHECK(!out && strstr(error, "layer 2 has a weight of 2e+32 and reads values in"));
    free(made);
}

/* Two decoded models count, as they are there at once. */
static void test_limit(void) {
    char error[256] = "";
    void *out = NULL;
    size_t size, made_size;
    void *made = trained("300N-300N", 1, &made_size);
    dn_model *m = NULL;
    dn_model_info info;
    CHECK(dn_model_decode(&m, made, made_size, NULL, error, sizeof error) == DN_OK);
    dn_model_get_info(m, &info);
    dn_model_free(m);
    const dn_host once = {.limits = {.memory = (int64_t)info.memory * 2 - 1}};
    const dn_host twice = {.limits = {.memory = (int64_t)info.memory * 2}};
    CHECK(dn_quantise(&out, &size, made, made_size, images, 5, &once, error,
                      sizeof error) == DN_ERROR);
    CHECK(!out && strstr(error, "to quantise it takes ") && strstr(error, "'memory'"));
    CHECK(dn_quantise(&out, &size, made, made_size, images, 5, &twice, error,
                      sizeof error) == DN_OK);
    free(out), free(made);
}

/* --- forged bytes ------------------------------------------------------------------- */

static void refused(uint8_t *bytes, size_t size, const char *reason) {
    char error[256] = "";
    dn_model *m = NULL;
    dn_numbers numbers;
    put64(bytes + DN_MODEL_CHECKSUM_AT, dn_checksum(bytes + 16, size - 16));
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_ERROR && !m);
    CHECK_STR(error, reason);
    error[0] = 0;
    CHECK(dn_numbers_read(&numbers, bytes, size, NULL, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, reason);
    dn_numbers_clear(&numbers);
}

static void test_forged(void) {
    static const char range[] = "model bytes are damaged: what a layer reads is out of "
                                "range";
    static const char weight[] = "model bytes are damaged: a weight is out of range";
    char error[256] = "";
    void *made, *made_int8 = NULL;
    size_t size, made_size;
    made = trained("5N", 1, &made_size);
    CHECK(dn_quantise(&made_int8, &size, made, made_size, images, 50, NULL, error,
                      sizeof error) == DN_OK);
    uint8_t *bytes = made_int8;
    /* From the end: the output layer's 20 weights and its 2 + 2·4 numbers. */
    const size_t at = size - 20 - 40;
    const struct {
        size_t at;
        uint32_t value;
        const char *reason;
    } forged[] = {
        {at, 0, range},
        {at, 0x7fc00000, range},
        {at, 0x7f800000, range},
        {at, 0xbf800000, range},
        {at + 4, 256, range},
        {at + 4, 0xffffffff, range},
        {at + 8, 0, weight},
        {at + 8, 0x7f800000, weight},
        {at + 20, 0xbf800000, weight},
        {at + 24, 0x7fc00000, weight},
        {at + 36, 0xff800000, weight},
        {at + 40, 0x80, weight},
        {size - 4, 0x80000000, weight},
        {16, 1,
         "model bytes are damaged: the number of weights does not fit the "
         "notation"},
        {16, 4, "model bytes are of format 4; this version reads formats 1 to 3"},
    };
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        const uint32_t kept = get32(bytes + forged[i].at);
        put32(bytes + forged[i].at, forged[i].value);
        refused(bytes, size, forged[i].reason);
        put32(bytes + forged[i].at, kept);
    }
    free(made_int8), free(made);
}

int main(void) {
    test_windows();
    test_bytes();
    test_networks();
    test_others();
    test_pixels();
    test_unequal();
    test_too_large();
    test_limit();
    test_forged();
    return check_done("test_int8");
}
