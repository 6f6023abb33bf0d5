/* quantised.h - small networks, trained for a moment on COUNT images of SIDE × SIDE, and
 * their answers: for the tests of models in 8 bits. */
#ifndef QUANTISED_H
#define QUANTISED_H

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "../../../core/dn.h"
#include "../../../core/rng.h"
#include "../check.h"

static unsigned random_number(uint64_t stream, size_t i, unsigned n) {
    return (unsigned)(rng_unit(rng_key(31, stream), i) * (float)n) % n;
}

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

#endif
