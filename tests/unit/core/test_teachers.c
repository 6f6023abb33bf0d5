/* test_teachers.c - what a step learns from its teachers, against the formula in dn.h:
 * of one of them or the mean of all, where checked by what each gives the true class. */
#include <math.h>
#include <stdlib.h>
#include "../../../core/rng.h"
#include "../../../core/trainer.h"
#include "../check.h"

#define SIDE     6
#define IMAGES   35 /* two full groups of 16 and a part of one */
#define CLASSES  3
#define TEACHERS 3
#define HEAT     2.5 /* the distillation temperature */

static uint8_t pixels[IMAGES][SIDE * SIDE];
static dn_image images[IMAGES];
static int32_t classes[IMAGES];
static uint32_t keys[IMAGES];
static const dn_label labels[CLASSES] = {{NULL, 0, 0}, {NULL, 0, 1}, {NULL, 0, 2}};
static double said[TEACHERS][IMAGES][CLASSES]; /* a teacher's probabilities */

static dn_trainer *trainer(const char *layers, uint64_t seed, int mean, int checked) {
    char error[256] = "";
    dn_options o;
    dn_trainer *t = NULL;
    dn_options_default(&o, layers, error, sizeof error);
    o.shape = (dn_shape){SIDE, SIDE, 1};
    o.batch = IMAGES;
    o.rate = 0.01;
    o.seed = seed;
    o.teacher_temperature = HEAT;
    o.teacher_mean = mean;
    o.teacher_checked = checked;
    CHECK(dn_trainer_new(&t, &o, labels, CLASSES, IMAGES, 0.4f, 0.3f, NULL, error,
                         sizeof error) == DN_OK);
    return t;
}

/* A teacher that has seen the images a few times and knows some of them; k tells it from
 * others. */
static dn_model *teacher(int k) {
    static const char *const layers[TEACHERS] = {"", "5N", "4C3-MP2"};
    char error[256] = "";
    float p[IMAGES * CLASSES];
    void *bytes = NULL;
    size_t size;
    dn_model *m = NULL;
    dn_metrics metrics = {0};
    dn_trainer *t = trainer(layers[k], (uint64_t)k + 1, 0, 0);
    for (int step = 0; step < 6; step++)
        dn_trainer_step(t, NULL, images, classes, keys, IMAGES, &metrics);
    CHECK(dn_trainer_model(t, 1, &bytes, &size) == DN_OK);
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_OK);
    CHECK(dn_predict_batch(m, NULL, images, IMAGES, p) == DN_OK);
    for (int i = 0; i < IMAGES * CLASSES; i++)
        said[k][i / CLASSES][i % CLASSES] = (double)p[i];
    free(bytes);
    dn_trainer_free(t);
    return m;
}

/* Adds weight times p at the distillation temperature to target. */
static void add(double *target, const double *p, double weight) {
    double sum = 0;
    for (int o = 0; o < CLASSES; o++) sum += pow(p[o], 1 / HEAT);
    for (int o = 0; o < CLASSES; o++) target[o] += weight * pow(p[o], 1 / HEAT) / sum;
}

static int is_right(const double *p, int truth) {
    for (int o = 0; o < CLASSES; o++)
        if (p[o] > p[truth]) return 0;
    return 1;
}

/* The mean of what all say of image n; how many of them count. */
static int mean_of(double *target, int n, int checked) {
    int count = 0;
    double sum = 0;
    for (int o = 0; o < CLASSES; o++) target[o] = 0;
    for (int k = 0; k < TEACHERS; k++) {
        const double *p = said[k][n];
        const double weight = !checked ? 1 : is_right(p, classes[n]) ? p[classes[n]] : 0;
        add(target, p, weight);
        sum += weight;
        count += weight > 0;
    }
    for (int o = 0; o < CLASSES; o++) target[o] /= sum > 0 ? sum : 1;
    return count;
}

/* What a step's logits say of image n, at the distillation temperature. */
static void learned(double *p, const dn_trainer *t, int n) {
    double sum = 0;
    for (int o = 0; o < CLASSES; o++)
        sum += p[o] = exp((double)t->logits[(n / 16 * CLASSES + o) * 16 + n % 16] / HEAT);
    for (int o = 0; o < CLASSES; o++) p[o] /= sum;
}

static void check_image(const dn_trainer *t, int n, const double *target) {
    double p[CLASSES];
    learned(p, t, n);
    for (int o = 0; o < CLASSES; o++) CHECK(fabs(p[o] - target[o]) < 1e-4);
}

/* Each step learns from one, the next from the next. */
static void test_turns(const dn_model *const *models) {
    char error[256] = "";
    dn_metrics metrics = {0};
    dn_trainer *t = trainer("4N", 9, 0, 0);
    CHECK(dn_trainer_teach(t, models, TEACHERS, error, sizeof error) == DN_OK);
    for (int step = 0; step < TEACHERS + 1; step++) {
        dn_trainer_step(t, NULL, images, classes, keys, IMAGES, &metrics);
        for (int n = 0; n < IMAGES; n++) {
            double target[CLASSES] = {0};
            add(target, said[step % TEACHERS][n], 1);
            check_image(t, n, target);
        }
    }
    dn_trainer_free(t);
}

/* Each step learns from all; an image that no checked teacher has right, from its label,
 * which the answer therefore does not have for the likeliest. */
static void test_mean(const dn_model *const *models, int checked) {
    char error[256] = "";
    dn_metrics metrics = {0};
    int counts[TEACHERS + 1] = {0};
    dn_trainer *t = trainer("4N", 9, 1, checked);
    CHECK(dn_trainer_teach(t, models, TEACHERS, error, sizeof error) == DN_OK);
    dn_trainer_step(t, NULL, images, classes, keys, IMAGES, &metrics);
    for (int n = 0; n < IMAGES; n++) {
        double target[CLASSES], p[CLASSES];
        const int count = mean_of(target, n, checked);
        counts[count]++;
        learned(p, t, n);
        if (count)
            check_image(t, n, target);
        else
            CHECK(!is_right(p, classes[n]));
    }
    if (checked)
        CHECK(counts[0] && counts[1] && counts[2]);
    else
        CHECK(counts[TEACHERS] == IMAGES);
    dn_trainer_free(t);
}

/* A teacher whose logits are no numbers: hidden units are as large as their biases,
 * whatever the image, and those times the weights behind them beyond all numbers. */
static dn_model *boundless(void) {
    char error[256] = "";
    void *bytes = NULL;
    size_t size;
    dn_model *m = NULL;
    dn_trainer *t = trainer("5N", 1, 0, 0);
    const dn_layer *l = t->spec.layers;
    for (size_t i = 0; i < t->spec.total; i++)
        t->average[i] = i >= l[0].w && i < l[1].w ? 0.0f : 3e38f;
    CHECK(dn_trainer_model(t, 1, &bytes, &size) == DN_OK);
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_OK);
    free(bytes);
    dn_trainer_free(t);
    return m;
}

/* In the mean of all it does not count; alone it says nothing, or, where it is checked,
 * what is wrong. */
static void test_boundless(const dn_model *known, int checked) {
    char error[256] = "";
    dn_metrics metrics = {0};
    dn_model *m = boundless();
    const dn_model *const models[2] = {m, known};
    for (int count = 1; count <= 2; count++) {
        dn_trainer *t = trainer("4N", 9, 1, checked);
        CHECK(dn_trainer_teach(t, models, count, error, sizeof error) == DN_OK);
        dn_trainer_step(t, NULL, images, classes, keys, IMAGES, &metrics);
        for (int n = 0; n < IMAGES; n++) {
            double target[CLASSES] = {0}, p[CLASSES];
            learned(p, t, n);
            add(target, said[0][n], 1);
            if (count > 1 && (!checked || is_right(said[0][n], classes[n])))
                check_image(t, n, target);
            else
                CHECK(checked ? !is_right(p, classes[n]) : isnan(p[0]));
        }
        dn_trainer_free(t);
    }
    dn_model_free(m);
}

int main(void) {
    dn_model *models[TEACHERS];
    for (int n = 0; n < IMAGES; n++) {
        for (int i = 0; i < SIDE * SIDE; i++)
            pixels[n][i] =
                (uint8_t)(rng_unit(rng_key(5, (uint64_t)n), (uint64_t)i) * 255);
        images[n] = (dn_image){pixels[n], DN_UINT8};
        classes[n] = n % CLASSES;
        keys[n] = (uint32_t)n;
    }
    for (int k = 0; k < TEACHERS; k++) models[k] = teacher(k);
    test_turns((const dn_model *const *)models);
    test_mean((const dn_model *const *)models, 0);
    test_mean((const dn_model *const *)models, 1);
    test_boundless(models[0], 0);
    test_boundless(models[0], 1);
    for (int k = 0; k < TEACHERS; k++) dn_model_free(models[k]);
    return check_done("test_teachers");
}
