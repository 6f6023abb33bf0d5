/* test_walk.c - buffers of large pictures share their places: memory stays near what is
 * alive at once, and predictions are those of the other layout, whose places are
 * others. How many images share weights. */
#include <math.h>
#include <stdlib.h>
#include "../../../core/input.h"
#include "../../../core/memory.h"
#include "../../../core/trainer.h"
#include "../check.h"

static char error[256];

/* Floats between the layers, one image. */
static uint64_t kept(const char *layers, dn_shape shape) {
    dn_spec spec = {.n = 0};
    dn_walk walk = {.n = 0};
    CHECK(dn_spec_parse(&spec, layers, shape, 3, NULL, error, sizeof error) == DN_OK);
    CHECK(dn_walk_plan(&walk, &spec, DN_WALK_SINGLE) == DN_OK);
    const uint64_t size = walk.kept_size;
    dn_walk_clear(&walk);
    dn_spec_clear(&spec);
    return size;
}

static void test_memory(void) {
    const dn_shape shape = {96, 96, 3};
    const uint64_t map = 98 * 98 * 16;
    /* A chain needs two at a time, a residual three, however long they are. */
    CHECK(kept("X30[16C3]-GAP", shape) < 3 * map + 4000);
    CHECK(kept("16C3-X30[(16C3-16C3)+]-GAP", shape) < 4 * map + 4000);
    /* What is small has places of its own. */
    CHECK(kept("X9[16C3]-GAP", (dn_shape){28, 28, 1}) > 8 * 30 * 30 * 16);
}

enum { IMAGES = 20, CLASSES = 3 };

/* A model that has learned nothing. */
static dn_model *beginner(const char *layers, dn_shape shape) {
    static const dn_label labels[CLASSES] = {{NULL, 0, 0}, {NULL, 0, 1}, {NULL, 0, 2}};
    dn_options o;
    dn_trainer *t = NULL;
    dn_model *m = NULL;
    void *bytes = NULL;
    size_t n = 0;
    CHECK(dn_options_default(&o, layers, error, sizeof error) == DN_OK);
    o.shape = shape;
    CHECK(dn_trainer_new(&t, &o, labels, CLASSES, 16, 0.4f, 0.3f, NULL, error,
                         sizeof error) == DN_OK);
    CHECK(dn_trainer_model(t, 1, &bytes, &n) == DN_OK);
    CHECK(dn_model_decode(&m, bytes, n, NULL, error, sizeof error) == DN_OK);
    dn_trainer_free(t);
    free(bytes);
    return m;
}

/* Four groups of 16 share weights that no nearer cache holds; those of a convolution are
 * few. */
static void test_worth(void) {
    static const struct {
        const char *layers;
        int worth;
    } cases[] = {{"mlp", 1}, {"64C3-MP2-10N", 1}, {"9N-400N", 1}, {"400N-9N", 64}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dn_model *m = beginner(cases[i].layers, (dn_shape){28, 28, 1});
        CHECK(dn_predict_worth(m) == cases[i].worth);
        dn_model_free(m);
    }
}

/* Images into the lanes of a group, floats at any address: as one at a time. */
static void test_input(dn_shape shape, int n, int bytes) {
    enum { MOST = 9 * 9 * 2 };
    static uint8_t memory[16][4 * MOST + 4];
    static float group[MOST * DN_LANES], one[MOST], table[256];
    const dn_view x = {.p = group,
                       .channel = (ptrdiff_t)shape.h * shape.w * DN_LANES,
                       .row = (ptrdiff_t)shape.w * DN_LANES,
                       .column = DN_LANES,
                       .c = shape.c,
                       .h = shape.h,
                       .w = shape.w};
    const int values = shape.h * shape.w * shape.c;
    dn_image images[DN_LANES];
    int wrong = 0;
    dn_input_table(table, 0.3f, 2.7f);
    for (int k = 0; k < n; k++) {
        images[k] = (dn_image){memory[k] + k % 4, k < bytes ? DN_UINT8 : DN_FLOAT32};
        for (int i = 0; i < values; i++) {
            const float value = (float)((k * 31 + i * 7) % 256) / 255.0f;
            if (k < bytes)
                memory[k][k % 4 + i] = (uint8_t)(k * 31 + i * 7);
            else
                memcpy(memory[k] + k % 4 + 4 * i, &value, sizeof value);
        }
    }
    memset(group, 77, sizeof group);
    dn_input_group(&x, images, n, table, 0.3f, 2.7f);
    for (int k = 0; k < DN_LANES; k++) {
        if (k < n)
            dn_input_single(one, (ptrdiff_t)shape.w * shape.c, shape, &images[k], table,
                            0.3f, 2.7f);
        for (int i = 0; i < values; i++) {
            const int at = i % shape.c * (values / shape.c) + i / shape.c;
            const float wanted = k < n ? one[i] : 0;
            wrong += k < n && one[i] != table[(uint8_t)(k * 31 + i * 7)];
            wrong += memcmp(&group[at * DN_LANES + k], &wanted, sizeof wanted) != 0;
        }
    }
    CHECK(wrong == 0);
}

/* What the only layer reads is the image itself, standardised, channel by channel. */
static void test_embedding(dn_shape shape) {
    float pixels[90], embedding[90], one[CLASSES];
    const int values = shape.h * shape.w * shape.c;
    const dn_image image = {pixels, DN_FLOAT32};
    dn_model *m = beginner("softmax", shape);
    dn_scratch *scratch = dn_scratch_new(m);
    int wrong = 0;
    for (int i = 0; i < values; i++) pixels[i] = (float)i / 90;
    CHECK(dn_predict(m, scratch, &image, one, embedding, NULL) == DN_OK);
    for (int i = 0; i < values; i++) {
        const int at = i % shape.c * (values / shape.c) + i / shape.c;
        wrong += embedding[at] != (pixels[i] - m->mean) * m->inverse;
    }
    CHECK(wrong == 0);
    dn_scratch_free(scratch);
    dn_model_free(m);
}

/* One by one and sixteen at a time, many and few: the same bits, twice. */
static void test_same(const char *layers, dn_shape shape) {
    const size_t size = (size_t)(shape.h * shape.w * shape.c);
    uint8_t *pixels = malloc(IMAGES * size);
    dn_image images[IMAGES];
    float one[IMAGES * CLASSES], many[IMAGES * CLASSES];
    for (size_t i = 0; i < IMAGES * size; i++)
        pixels[i] = (uint8_t)(i * 2654435761u >> 24);
    for (size_t i = 0; i < IMAGES; i++)
        images[i] = (dn_image){pixels + i * size, DN_UINT8};
    dn_model *m = beginner(layers, shape);
    dn_scratch *scratch = dn_scratch_new(m);
    for (int twice = 0; twice < 2; twice++) {
        for (int i = 0; i < IMAGES; i++)
            CHECK(dn_predict(m, scratch, &images[i], one + i * CLASSES, NULL, NULL) ==
                  DN_OK);
        /* In batch layout whatever it takes. */
        dn_walk walk;
        CHECK(dn_walk_plan(&walk, &m->spec, DN_WALK_BATCH) == DN_OK);
        float *memory = dn_floats(&m->heap, dn_walk_size(&walk));
        for (int i = 0; i < IMAGES; i += 10) {
            dn_pass pass = dn_model_pass(m, &walk, memory);
            const dn_view x = dn_pass_input(&pass), z = dn_pass_output(&pass);
            dn_input_group(&x, images + i, 10, m->input_table, m->mean, m->inverse);
            CHECK(dn_pass_forward(&pass, -1) == walk.n);
            for (int k = 0; k < 10 * CLASSES; k++)
                many[i * CLASSES + k] = z.p[k % CLASSES * DN_LANES + k / CLASSES];
        }
        dn_floats_release(&m->heap, memory);
        CHECK(dn_walk_size(&walk) > 1 << 19);
        dn_walk_clear(&walk);
        int wrong = 0;
        for (int i = 0; i < IMAGES; i++) {
            /* Logits and probabilities: the same differences. */
            const float *z = many + i * CLASSES, *p = one + i * CLASSES;
            for (int k = 1; k < CLASSES; k++)
                wrong += fabs(log((double)p[k] / (double)p[0]) - (double)(z[k] - z[0])) >
                         1e-5 * (1 + fabs((double)(z[k] - z[0])));
        }
        CHECK(wrong == 0);
        CHECK(dn_predict_batch(m, NULL, images, IMAGES, many) == DN_OK);
        CHECK(memcmp(one, many, sizeof one) == 0);
    }
    dn_scratch_free(scratch);
    dn_model_free(m);
    free(pixels);
}

int main(void) {
    test_memory();
    test_worth();
    test_input((dn_shape){9, 9, 1}, 16, 0);
    test_input((dn_shape){3, 2, 1}, 16, 0);
    test_input((dn_shape){5, 8, 1}, 16, 5);
    test_input((dn_shape){8, 4, 1}, 7, 0);
    test_input((dn_shape){9, 9, 2}, 16, 0);
    test_embedding((dn_shape){5, 7, 1});
    test_embedding((dn_shape){9, 5, 2});
    test_same("16C3-(16C3)+-MP2-X3[(24C1|DW3p1)&-(GAP-4N-40Ns)*-16C3]-GAP",
              (dn_shape){64, 64, 3});
    test_same("8C5p2/2-12C3-(@1-12C3v|8C3v-12C1)&-DW5/2-(@0-20C7v/4|24C1)&-MP3/2p1-9N",
              (dn_shape){80, 80, 1});
    return check_done("test_walk");
}
