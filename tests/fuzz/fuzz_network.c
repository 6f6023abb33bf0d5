/* fuzz_network.c - small networks of all kinds: trained a step or two, stored, read,
 * resumed, run on one image and on many. All ways come to the same bits.
 *
 *     3 bytes  height, width, channels
 *     …        layers: networks.h
 *     …        options, a byte each; then pixels */
#include <stdlib.h>
#include "networks.h"

#define IMAGES 20

static const dn_label labels[4] = {
    {NULL, 0, 7}, {"three", 5, 0}, {NULL, 0, -1}, {"", 0, 0}};

/* A run's data. */
typedef struct job {
    dn_options options;
    int classes, batch, steps;
    dn_image images[IMAGES];
    int32_t truth[IMAGES];
    uint32_t keys[IMAGES];
} job;

static dn_trainer *new_trainer(const job *j) {
    char error[256];
    dn_trainer *t = NULL;
    FUZZ_CHECK(dn_trainer_new(&t, &j->options, labels, j->classes, IMAGES, 0.25f, 0.5f,
                              NULL, error, sizeof error) == DN_OK);
    return t;
}

static void steps(const job *j, dn_trainer *t, int from, int to) {
    dn_metrics metrics = {0};
    for (int s = from; s < to; s++) {
        const int at = s * j->batch % (IMAGES - j->batch + 1);
        dn_trainer_step(t, NULL, j->images + at, j->truth + at, j->keys + at, j->batch,
                        &metrics);
    }
}

/* same_model - the bytes of two trainers' models are the same, and are given back. */
static void *same_model(const dn_trainer *a, const dn_trainer *b, size_t *size) {
    void *one = NULL, *two = NULL;
    size_t other;
    FUZZ_CHECK(dn_trainer_model(a, 1.5, &one, size) == DN_OK);
    FUZZ_CHECK(dn_trainer_model(b, 1.5, &two, &other) == DN_OK);
    FUZZ_CHECK(*size == other && memcmp(one, two, other) == 0);
    free(two);
    return one;
}

static void predict(const job *j, const void *bytes, size_t size) {
    char error[256];
    dn_model *m = NULL;
    dn_model_info info;
    static float many[IMAGES * 4], one[4], embedding[1 << 16];
    const size_t pixels = (size_t)j->options.shape.h * (size_t)j->options.shape.w *
                          (size_t)j->options.shape.c;
    const int status = dn_model_decode(&m, bytes, size, NULL, error, sizeof error);
    if (status != DN_OK) { /* it diverged: a hostile rate can do that */
        FUZZ_CHECK(strstr(error, "not finite") || strstr(error, "out of range"));
        return;
    }
    dn_model_get_info(m, &info);
    dn_scratch *scratch = dn_scratch_new(m);
    float *saliency = malloc(pixels * sizeof *saliency);
    if (!scratch || !saliency) abort();
    FUZZ_CHECK(dn_predict_batch(m, NULL, j->images, IMAGES, many) == DN_OK);
    for (int i = 0; i < IMAGES; i += 7) {
        dn_predict(m, scratch, &j->images[i], one, embedding, NULL);
        FUZZ_CHECK(memcmp(one, many + i * j->classes, sizeof *one * (size_t)j->classes) ==
                   0);
    }
    FUZZ_CHECK(dn_saliency(m, &j->images[0], 1, saliency, NULL, error, sizeof error) ==
               DN_OK);
    free(saliency);
    dn_scratch_free(scratch);
    dn_model_free(m);
}

static void run(const job *j, int isa) {
    char error[256];
    void *state = NULL;
    size_t state_size, size;
    fuzz_kernels(isa);
    dn_trainer *t = new_trainer(j);
    steps(j, t, 0, 1);
    FUZZ_CHECK(dn_trainer_state(t, &state, &state_size) == DN_OK);
    /* The other one goes on from there, with other kernels. */
    fuzz_kernels((isa + 1) % 3);
    dn_trainer *u = new_trainer(j);
    FUZZ_CHECK(dn_trainer_resume(u, state, state_size, error, sizeof error) == DN_OK);
    steps(j, t, 1, j->steps);
    steps(j, u, 1, j->steps);
    void *bytes = same_model(t, u, &size);
    predict(j, bytes, size);
    free(bytes);
    free(state);
    dn_trainer_free(u);
    dn_trainer_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static const double rates[8] = {0.01, 1e-6, 1, 100, 0.1, 0.5, 1e-3, 10};
    static const double shares[8] = {0, 0.5, 0.9, 0.1, 0, 0.3, 0, 0.25};
    static dn_spec spec;
    static uint8_t pixels[IMAGES * 12 * 12 * 3 * 4];
    fuzz_input in = {bytes, size};
    char error[256], notation[DN_MAX_NOTATION];
    job j;
    const dn_shape shape = fuzz_shape(&in);
    fuzz_notation(notation, &in);
    j.classes = 2 + fuzz_below(&in, 3);
    if (dn_spec_parse(&spec, notation, shape, j.classes, NULL, error, sizeof error) !=
            DN_OK ||
        !fuzz_is_quick(&spec))
        return 0;
    FUZZ_CHECK(dn_options_default(&j.options, notation, error, sizeof error) == DN_OK);
    const unsigned kinds = fuzz_byte(&in), numbers = fuzz_byte(&in);
    j.options.shape = shape;
    j.options.optimizer = kinds & 1 ? DN_SGD : DN_ADAMW;
    j.options.schedule = (dn_schedule)(kinds / 2 % 3);
    j.options.precision = kinds & 16 ? DN_KEEP_FLOAT16 : DN_KEEP_FLOAT32;
    j.options.rate = rates[numbers % 8];
    j.options.ema = shares[numbers / 8 % 8];
    j.options.blank = numbers & 64 ? 0.5 : 0;
    j.options.flip = numbers & 64 ? 0.5 : 0;
    j.options.augment = numbers & 128 ? 2 : 0;
    j.options.label_smoothing = kinds & 32 ? 0.1 : 0;
    j.options.weight_decay = kinds & 64 ? 0.5 : 0;
    j.options.epochs = 1 + fuzz_below(&in, 3);
    j.options.batch = j.batch = 1 + fuzz_below(&in, 18);
    j.steps = 1 + fuzz_below(&in, 3);
    const int isa = fuzz_below(&in, 3), floats = fuzz_below(&in, 2);
    const size_t n = (size_t)shape.h * (size_t)shape.w * (size_t)shape.c;
    unsigned noise = fuzz_byte(&in);
    for (size_t i = 0; i < IMAGES * n; i++) {
        noise = noise * 1664525u + 1013904223u;
        const uint8_t grey = (uint8_t)(i < in.left ? in.at[i] : noise >> 24);
        const float value = (float)grey / 255.0f;
        if (floats)
            memcpy(pixels + 4 * i, &value, 4);
        else
            pixels[i] = grey;
    }
    for (int i = 0; i < IMAGES; i++) {
        j.images[i] = (dn_image){pixels + (size_t)i * n * (floats ? 4 : 1),
                                 floats ? DN_FLOAT32 : DN_UINT8};
        j.truth[i] = i % j.classes;
        j.keys[i] = (uint32_t)i;
    }
    run(&j, isa);
    return 0;
}

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    static const uint8_t seeds[][24] = {
        {7, 7, 0, 3, 0, 45, 0, 5, 1, 6, 12, 1, 0, 0, 1, 15, 1, 2},
        {11, 11, 1, 2, 1, 47, 2, 7, 5, 0, 1, 72, 2, 7, 1, 0},
        {3, 4, 2, 1, 6, 200, 2, 17, 193, 0, 3, 2, 1, 0},
        {9, 9, 0, 6, 0, 67, 2, 0, 51, 1, 3, 5, 4, 3, 7, 4, 6, 9, 0, 96, 1, 17, 2, 2},
        {5, 5, 0, 0}};
    if (i >= (int)(sizeof seeds / sizeof *seeds)) return 0;
    memcpy(out, seeds[i], sizeof *seeds);
    return sizeof *seeds;
}
