/* test_quantise.c - what becomes of a model in 8 bits: pixels of any mean, units of very
 * different sizes, weights that are too large; who else reads such a model; and bytes
 * that someone has changed who knows how the checksum is made. */
#include <math.h>
#include <stdlib.h>
#include "../../../core/bytes.h"
#include "../../../core/memory.h"
#include "../../../core/model.h"
#include "forged.h"
#include "quantised.h"

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
    CHECK_STR(error,
              "the model is in int8, whose integer arithmetic an ONNX file does not "
              "have; export the model that it was made from");
    const dn_c_words c = {"m", "m", "1"};
    char *text = NULL;
    size_t text_size;
    CHECK(dn_c_export(&text, &text_size, bytes, size, &c, NULL, error, sizeof error) ==
          DN_ERROR);
    CHECK(strstr(error, "integer arithmetic a C file does not have") && !text);
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
    static const float nothing[SIDE * SIDE * 16];
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
        most = fmax(most, furthest(one, two, info.embedding));
        largest = fmax(largest, furthest(two, nothing, info.embedding));
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
            const double most = furthest(p, f, COUNT * LABELS);
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
    /* And biases, which grow where the weights that read them are made equal. */
    put_float(made + made_size - 4 * (5 * LABELS + LABELS), 1);
    for (int o = 0; o < 5; o++)
        put_float(made + made_size - 4 * (5 * LABELS + LABELS + 5 - o), -2.9e38f);
    put64(made + DN_MODEL_CHECKSUM_AT, dn_checksum(made + 16, made_size - 16));
    CHECK(dn_quantise(&out, &size, made, made_size, images, 50, NULL, error,
                      sizeof error) == DN_ERROR);
    CHECK(!out);
    CHECK_STR(error, "layer 1 has a bias that grows beyond what int8 holds; train the "
                     "model again, with a lower rate or more weight decay");
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

static void test_forged(void) {
    static const char range[] =
        "model bytes are damaged: the step of a layer's input is out of range";
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
    /* The first layer's 720 weights and its 2·5 numbers: with such pixels its biases
     * would be no numbers. */
    put_float(bytes + at - 720 - 40, 1e26f);
    with_pixels(bytes, size, 1e6f, 1e-6f);
    refused(bytes, size, weight);
    free(made_int8), free(made);
}

int main(void) {
    test_others();
    test_pixels();
    test_unequal();
    test_too_large();
    test_limit();
    test_forged();
    return check_done("test_quantise");
}
