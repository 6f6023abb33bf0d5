/* test_model.c - what of a trained network is stored, beside what test_train shows: half
 * precision, the temperature of its probabilities, and what a network learns from
 * teachers. */
#include <math.h>
#include <stdlib.h>
#include "../../../core/bytes.h"
#include "../../../core/dn.h"
#include "../../../core/rng.h"
#include "../check.h"

#define SIDE    8
#define COUNT   480
#define CLASSES 3

static uint8_t pixels[COUNT][SIDE * SIDE];
static dn_image images[COUNT];
static int32_t classes[COUNT], nonsense[COUNT];
static uint32_t keys[COUNT];
static const dn_label labels[CLASSES] = {{NULL, 0, 0}, {NULL, 0, 1}, {NULL, 0, 2}};

/* A bar in one of three directions, and noise. */
static void draw_images(void) {
    for (int n = 0; n < COUNT; n++) {
        const uint64_t key = rng_key(8, (uint64_t)n);
        classes[n] = n % CLASSES;
        nonsense[n] = (n + 1 + n / 7 % 2) % CLASSES;
        keys[n] = (uint32_t)n;
        const int at = 1 + (int)(rng_unit(key, 0) * 6);
        for (int i = 0; i < SIDE * SIDE; i++) {
            const int y = i / SIDE, x = i % SIDE;
            const int ink = classes[n] == 0   ? y == at
                            : classes[n] == 1 ? x == at
                                              : (x + y) % SIDE == at;
            pixels[n][i] =
                (uint8_t)(ink * 160 + (int)(rng_unit(key, (uint64_t)i + 1) * 90));
        }
        images[n] = (dn_image){pixels[n], DN_UINT8};
    }
}

static dn_trainer *trainer(dn_precision precision, double share, double augment) {
    char error[256];
    dn_options o;
    dn_trainer *t = NULL;
    CHECK(dn_options_default(&o, "6C3b-MP2-12N", error, sizeof error) == DN_OK);
    o.shape = (dn_shape){SIDE, SIDE, 1};
    o.epochs = 12;
    o.batch = 48;
    o.rate = 0.01;
    o.precision = precision;
    o.teacher_share = share;
    o.augment = augment;
    CHECK(dn_trainer_new(&t, &o, labels, CLASSES, COUNT, 0.2f, 0.3f, NULL, error,
                         sizeof error) == DN_OK);
    return t;
}

static void train(dn_trainer *t, dn_threads *threads, const int32_t *truth) {
    dn_metrics metrics = {0};
    for (int e = 0; e < 12; e++)
        for (int i = 0; i < COUNT; i += 48)
            dn_trainer_step(t, threads, images + i, truth + i, keys + i, 48, &metrics);
}

static dn_model *decode(const dn_trainer *t, double temperature, size_t *size,
                        uint64_t *sum) {
    char error[256] = "";
    void *bytes = NULL;
    dn_model *m = NULL;
    CHECK(dn_trainer_model(t, temperature, &bytes, size) == DN_OK);
    CHECK(dn_model_decode(&m, bytes, *size, NULL, error, sizeof error) == DN_OK);
    if (sum) *sum = dn_checksum(bytes, *size);
    free(bytes);
    return m;
}

static dn_metrics score(const dn_model *m, const int32_t *truth, float *p) {
    dn_metrics metrics = {0};
    CHECK(dn_predict_batch(m, NULL, images, COUNT, p) == DN_OK);
    dn_score(p, CLASSES, truth, COUNT, &metrics);
    return metrics;
}

/* --- half precision ----------------------------------------------------------------- */

/* The value of a finite half, by its definition. */
static double half_value(unsigned bits) {
    const int exponent = (int)(bits >> 10 & 31);
    const double m = exponent ? 1024 + (double)(bits & 1023) : (double)(bits & 1023);
    const double v = ldexp(m, (exponent ? exponent : 1) - 25);
    return bits >> 15 ? -v : v;
}

static void test_half(void) {
    int wrong = 0;
    uint8_t p[2];
    for (unsigned bits = 0; bits < 65536; bits++) {
        p[0] = (uint8_t)bits;
        p[1] = (uint8_t)(bits >> 8);
        const float v = get_half(p);
        if ((bits >> 10 & 31) == 31) {
            wrong += isfinite(v) != 0;
            continue;
        }
        wrong += (double)v != half_value(bits) || (signbit(v) != 0) != (bits >> 15 != 0);
        put_half(p, v);
        wrong += (unsigned)(p[0] | p[1] << 8) != bits;
        /* Just above and below the middle to the next, and the middle itself. */
        if ((bits & 0x7fff) >= 0x7bff) continue;
        const double next = half_value(bits + 1), middle = (half_value(bits) + next) / 2;
        const float tie = (float)middle, away = nextafterf(tie, (float)next),
                    near = nextafterf(tie, v);
        put_half(p, away);
        wrong += (unsigned)(p[0] | p[1] << 8) != bits + 1;
        put_half(p, near);
        wrong += (unsigned)(p[0] | p[1] << 8) != bits;
        put_half(p, tie);
        wrong += (unsigned)(p[0] | p[1] << 8) != bits + (bits & 1);
    }
    CHECK(wrong == 0);
    put_half(p, NAN);
    CHECK(isnan(get_half(p)));
    const float large[] = {65504, 65519, 65520, 1e6f, INFINITY};
    for (int i = 0; i < 5; i++) {
        put_half(p, large[i]);
        CHECK(get_half(p) == 65504);
        put_half(p, -large[i]);
        CHECK(get_half(p) == -65504);
    }
}

/* apart - the largest difference of two models' probabilities. (fmax here is an internal
 * error of gcc 12 for arm64.) */
static double apart(const float *p, const float *q) {
    double worst = 0;
    for (int i = 0; i < COUNT * CLASSES; i++) {
        const double difference = fabs((double)p[i] - (double)q[i]);
        if (difference > worst) worst = difference;
    }
    return worst;
}

static void test_precision(void) {
    float p[COUNT * CLASSES], q[COUNT * CLASSES];
    size_t whole = 0, half = 0;
    dn_trainer *t = trainer(DN_KEEP_FLOAT32, 0, 0), *u = trainer(DN_KEEP_FLOAT16, 0, 0);
    train(t, NULL, classes);
    train(u, NULL, classes);
    dn_model *m = decode(t, 1, &whole, NULL), *n = decode(u, 1, &half, NULL);
    CHECK(score(m, classes, p).correct > COUNT * 97 / 100);
    CHECK(score(n, classes, q).correct > COUNT * 97 / 100);
    /* 6·9 + 96·12 + 12·3 weights lose two bytes each. */
    CHECK(whole - half == 2 * (6 * 9 + 96 * 12 + 12 * 3));
    CHECK(apart(p, q) > 0 && apart(p, q) < 0.01);
    dn_model_free(m);
    dn_model_free(n);
    dn_trainer_free(t);
    dn_trainer_free(u);
}

/* --- temperature -------------------------------------------------------------------- */

/* Labels drawn from the very probabilities of logits, which are then sharpened threefold:
 * the temperature that mends them is 3. */
static void test_calibrate(void) {
    enum { N = 40000 };
    float *p = malloc(sizeof(float) * N * CLASSES);
    int32_t *truth = malloc(sizeof(int32_t) * N);
    for (int n = 0; n < N; n++) {
        double sum = 0, u = (double)rng_unit(11, (uint64_t)n);
        for (int o = 0; o < CLASSES; o++)
            sum += exp(3 * (double)rng_unit(rng_key(12, (uint64_t)n), (uint64_t)o));
        truth[n] = CLASSES - 1;
        for (int o = CLASSES - 1; o >= 0; o--) {
            const double l = 3 * (double)rng_unit(rng_key(12, (uint64_t)n), (uint64_t)o);
            p[n * CLASSES + o] =
                (float)(exp(3 * l) / sum); /* not normalised: no matter */
            if (u >= 0 && u < exp(l) / sum) truth[n] = o;
            u -= exp(l) / sum;
        }
    }
    dn_soften(NULL, p, CLASSES, N, 1);
    const double temperature = dn_calibrate(NULL, p, CLASSES, truth, N);
    CHECK(fabs(temperature - 3) < 0.15);
    dn_metrics before = {0}, after = {0}, beyond = {0};
    dn_score(p, CLASSES, truth, N, &before);
    dn_soften(NULL, p, CLASSES, N, temperature);
    dn_score(p, CLASSES, truth, N, &after);
    CHECK(after.loss < before.loss && after.correct == before.correct);
    CHECK(fabs(dn_calibrate(NULL, p, CLASSES, truth, N) - 1) < 0.01);
    dn_soften(NULL, p, CLASSES, N, 1.1);
    dn_score(p, CLASSES, truth, N, &beyond);
    CHECK(after.loss < beyond.loss);
    free(p);
    free(truth);
}

/* A stored temperature is what dn_soften does. */
static void test_temperature(void) {
    float p[COUNT * CLASSES], q[COUNT * CLASSES];
    size_t size;
    dn_trainer *t = trainer(DN_KEEP_FLOAT32, 0, 0);
    train(t, NULL, classes);
    dn_model *m = decode(t, 1, &size, NULL), *n = decode(t, 2.5, &size, NULL);
    score(m, classes, p);
    score(n, classes, q);
    CHECK(apart(p, q) > 0.01);
    dn_soften(NULL, p, CLASSES, COUNT, 2.5);
    CHECK(apart(p, q) < 1e-4);
    dn_model_free(m);
    dn_model_free(n);
    dn_trainer_free(t);
}

/* --- teachers ----------------------------------------------------------------------- */

/* With all of its loss the teacher's, a network learns the classes from it, though the
 * labels it is given are nonsense; and the same bits on any number of threads. */
static void test_teacher(void) {
    char error[256] = "";
    float p[COUNT * CLASSES];
    size_t size;
    dn_trainer *t = trainer(DN_KEEP_FLOAT32, 0, 0);
    train(t, NULL, classes);
    dn_model *teacher = decode(t, 1, &size, NULL);
    dn_trainer_free(t);
    const dn_model *two[2] = {teacher, teacher};
    uint64_t first = 0;
    for (int threads = 1; threads <= 3; threads++) {
        dn_threads *team = dn_threads_start(threads);
        uint64_t sum;
        t = trainer(DN_KEEP_FLOAT32, 1, 0.3);
        CHECK(dn_trainer_teach(t, two, threads == 2 ? 2 : 1, error, sizeof error) ==
              DN_OK);
        train(t, team, nonsense);
        dn_model *m = decode(t, 1, &size, &sum);
        CHECK(score(m, classes, p).correct > COUNT * 95 / 100);
        if (threads == 1) first = sum;
        CHECK(sum == first);
        dn_model_free(m);
        dn_trainer_free(t);
        dn_threads_stop(team);
    }
    t = trainer(DN_KEEP_FLOAT32, 0, 0);
    train(t, NULL, nonsense);
    dn_model *m = decode(t, 1, &size, NULL);
    CHECK(score(m, classes, p).correct < COUNT / 3);
    dn_model_free(m);
    dn_trainer_free(t);
    dn_model_free(teacher);
}

/* A network that was shown pictures of nothing is not sure of them, and knows the
 * others. */
static void test_blank(void) {
    enum { NOISE = 100 };
    float p[COUNT * CLASSES], q[NOISE * CLASSES];
    static uint8_t noise[NOISE][SIDE * SIDE];
    dn_image nothing[NOISE];
    uint64_t sums[3];
    double sure[3] = {0, 0, 0};
    for (int n = 0; n < NOISE; n++) {
        for (int i = 0; i < SIDE * SIDE; i++)
            noise[n][i] =
                (uint8_t)(255 * rng_unit(rng_key(77, (uint64_t)n), (uint64_t)i));
        nothing[n] = (dn_image){noise[n], DN_UINT8};
    }
    for (int i = 0; i < 3; i++) {
        char error[256];
        dn_options o;
        dn_trainer *t = NULL;
        size_t size;
        dn_threads *team = dn_threads_start(1 + i);
        CHECK(dn_options_default(&o, "6C3b-MP2-12N", error, sizeof error) == DN_OK);
        o.shape = (dn_shape){SIDE, SIDE, 1};
        o.epochs = 12;
        o.batch = 48;
        o.rate = 0.01;
        o.blank = i ? 0.2 : 0;
        CHECK(dn_trainer_new(&t, &o, labels, CLASSES, COUNT, 0.2f, 0.3f, NULL, error,
                             sizeof error) == DN_OK);
        dn_metrics metrics = {0};
        for (int k = 0; k < COUNT; k += 48)
            dn_trainer_step(t, team, images + k, classes + k, keys + k, 48, &metrics);
        /* What is of no class is not counted. */
        CHECK(i ? metrics.images > COUNT * 70 / 100 && metrics.images < COUNT * 90 / 100
                : metrics.images == COUNT);
        train(t, team, classes);
        dn_model *m = decode(t, 1, &size, &sums[i]);
        CHECK(score(m, classes, p).correct > COUNT * 97 / 100);
        CHECK(dn_predict_batch(m, NULL, nothing, NOISE, q) == DN_OK);
        for (int n = 0; n < NOISE; n++)
            sure[i] += (double)q[n * CLASSES + dn_argmax(q + n * CLASSES, CLASSES)] /
                       NOISE;
        dn_model_free(m);
        dn_trainer_free(t);
        dn_threads_stop(team);
    }
    CHECK(sums[1] == sums[2] && sums[0] != sums[1]);
    if (!CHECK(sure[1] < 0.75 && sure[0] > sure[1] + 0.1))
        printf("%g %g\n", sure[0], sure[1]);
}

static void test_strange_teacher(void) {
    char error[256];
    static const dn_label others[CLASSES] = {{NULL, 0, 0}, {NULL, 0, 1}, {"2", 1, 0}};
    const struct {
        dn_shape shape;
        int classes;
        const dn_label *labels;
        const char *error;
    } cases[] = {
        {{8, 9, 1}, 3, labels, "it takes images of 8x9x1; these have 8x8x1"},
        {{8, 8, 1}, 2, labels, "it knows 2 classes; the images have 3"},
        {{8, 8, 1}, 3, others, "its classes are not those of the images"},
    };
    dn_trainer *t = trainer(DN_KEEP_FLOAT32, 1, 0);
    for (int i = 0; i < 3; i++) {
        dn_options o;
        dn_trainer *other = NULL;
        size_t size;
        CHECK(dn_options_default(&o, "softmax", error, sizeof error) == DN_OK);
        o.shape = cases[i].shape;
        CHECK(dn_trainer_new(&other, &o, cases[i].labels, cases[i].classes, COUNT, 0, 1,
                             NULL, error, sizeof error) == DN_OK);
        dn_model *m = decode(other, 1, &size, NULL);
        const dn_model *teachers[1] = {m};
        CHECK(dn_trainer_teach(t, teachers, 1, error, sizeof error) == DN_ERROR);
        CHECK_STR(error, cases[i].error);
        dn_model_free(m);
        dn_trainer_free(other);
    }
    dn_trainer_free(t);
}

/* --- starting from another's weights ------------------------------------------------ */

static dn_trainer *beginner(const char *layers, dn_shape shape, int n_classes,
                            const dn_label *names, dn_precision precision) {
    char error[256];
    dn_options o;
    dn_trainer *t = NULL;
    CHECK(dn_options_default(&o, layers, error, sizeof error) == DN_OK);
    o.shape = shape;
    o.seed = 77;
    o.batch = 48;
    o.precision = precision;
    CHECK(dn_trainer_new(&t, &o, names, n_classes, COUNT, 0.4f, 0.1f, NULL, error,
                         sizeof error) == DN_OK);
    return t;
}

/* A trainer that starts from a model's bytes is that model, to the last byte. */
static void test_start(dn_precision precision, double temperature) {
    char error[256] = "";
    void *bytes = NULL, *again = NULL, *state[2] = {NULL, NULL};
    size_t size, size2, state_size;
    dn_trainer *t = trainer(precision, 0, 0);
    train(t, NULL, classes);
    CHECK(dn_trainer_model(t, temperature, &bytes, &size) == DN_OK);
    dn_trainer_free(t);
    for (int i = 0; i < 2; i++) {
        t = beginner("6c3B-mp2-12n", (dn_shape){SIDE, SIDE, 1}, CLASSES, labels,
                     precision);
        CHECK(dn_trainer_start(t, bytes, size, error, sizeof error) == DN_OK);
        CHECK(dn_trainer_steps(t) == 0);
        CHECK(dn_trainer_model(t, 1, &again, &size2) == DN_OK);
        CHECK(size == size2 && memcmp(bytes, again, size) == 0);
        free(again);
        /* It learns on, the same each time. */
        dn_threads *team = dn_threads_start(1 + i);
        train(t, team, nonsense);
        dn_threads_stop(team);
        CHECK(dn_trainer_state(t, &state[i], &state_size) == DN_OK);
        dn_trainer_free(t);
    }
    CHECK(memcmp(state[0], state[1], state_size) == 0);
    free(state[0]);
    free(state[1]);
    free(bytes);
}

/* With other classes all but the output layer is taken. */
static void test_start_classes(void) {
    static const dn_label renamed[CLASSES] = {{NULL, 0, 0}, {NULL, 0, 1}, {"2", 1, 0}};
    char error[256] = "";
    void *bytes = NULL, *again = NULL;
    size_t size, size2;
    dn_trainer *t = trainer(DN_KEEP_FLOAT32, 0, 0);
    train(t, NULL, classes);
    CHECK(dn_trainer_model(t, 1, &bytes, &size) == DN_OK);
    dn_model *old = NULL;
    CHECK(dn_model_decode(&old, bytes, size, NULL, error, sizeof error) == DN_OK);
    dn_scratch *s = dn_scratch_new(old);
    float p[8], was[12], is[12];
    dn_predict(old, s, &images[5], p, was, NULL);
    dn_scratch_free(s);
    for (int i = 0; i < 2; i++) {
        dn_model *m = NULL;
        dn_trainer *u = beginner("6C3b-MP2-12N", (dn_shape){SIDE, SIDE, 1}, 3 + i,
                                 i ? (const dn_label[4]){{NULL, 0, 0},
                                                         {NULL, 0, 1},
                                                         {NULL, 0, 2},
                                                         {NULL, 0, 3}}
                                   : renamed,
                                 DN_KEEP_FLOAT32);
        CHECK(dn_trainer_start(u, bytes, size, error, sizeof error) == DN_OK);
        CHECK(dn_trainer_model(u, 1, &again, &size2) == DN_OK);
        CHECK(dn_model_decode(&m, again, size2, NULL, error, sizeof error) == DN_OK);
        s = dn_scratch_new(m);
        dn_predict(m, s, &images[5], p, is, NULL);
        CHECK(memcmp(was, is, sizeof is) == 0);
        CHECK(memcmp(bytes, again, size < size2 ? size : size2) != 0);
        dn_scratch_free(s);
        dn_model_free(m);
        free(again);
        dn_trainer_free(u);
    }
    dn_model_free(old);
    dn_trainer_free(t);
    free(bytes);
}

/* What it cannot start from leaves it as it was. */
static void test_start_errors(void) {
    char error[256] = "";
    void *bytes = NULL, *before = NULL, *after = NULL;
    size_t size, size1, size2;
    dn_trainer *t = trainer(DN_KEEP_FLOAT16, 0, 0), *u;
    CHECK(dn_trainer_model(t, 1, &bytes, &size) == DN_OK);
    u = beginner("6C3b-MP2-13N", (dn_shape){SIDE, SIDE, 1}, CLASSES, labels,
                 DN_KEEP_FLOAT32);
    CHECK(dn_trainer_state(u, &before, &size1) == DN_OK);
    CHECK(dn_trainer_start(u, bytes, size, error, sizeof error) == DN_ERROR);
    CHECK_STR(error,
              "its layers are '6C3b-MP2-12N'; expected '6C3b-MP2-13N', as asked for");
    /* Any byte changed, and any end cut off. */
    int taken = 0;
    for (size_t i = 0; i < size; i++) {
        ((uint8_t *)bytes)[i] ^= 4;
        taken += dn_trainer_start(u, bytes, size, error, sizeof error) != DN_ERROR;
        ((uint8_t *)bytes)[i] ^= 4;
        taken += dn_trainer_start(u, bytes, i, error, sizeof error) != DN_ERROR;
    }
    CHECK(taken == 0);
    CHECK(dn_trainer_state(u, &after, &size2) == DN_OK);
    CHECK(size1 == size2 && memcmp(before, after, size1) == 0);
    dn_trainer_free(u);
    u = beginner("6C3b-MP2-12N", (dn_shape){SIDE, SIDE + 1, 1}, CLASSES, labels,
                 DN_KEEP_FLOAT32);
    CHECK(dn_trainer_start(u, bytes, size, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, "it takes images of 8x8x1; these have 8x9x1");
    dn_trainer_free(u);
    dn_trainer_free(t);
    free(before);
    free(after);
    free(bytes);
}

/* --- stopping ----------------------------------------------------------------------- */

static int countdown(void *left) { return --*(int *)left < 0; }

/* Work that is watched has the same bits; stopped, the rest of it is left out. */
static void test_watch(void) {
    float p[COUNT * CLASSES];
    size_t size;
    uint64_t sums[2];
    for (int threads = 1; threads <= 3; threads++) {
        for (int watched = 0; watched < 2; watched++) {
            int left = 1 << 30;
            dn_threads *team = dn_threads_start(threads);
            if (watched) dn_threads_watch(team, countdown, &left);
            dn_trainer *t = trainer(DN_KEEP_FLOAT32, 0, 0.5);
            train(t, team, classes);
            CHECK(!dn_threads_stopped(team) && (left < 1 << 30) == watched);
            dn_model_free(decode(t, 1, &size, &sums[watched]));
            dn_trainer_free(t);
            dn_threads_stop(team);
        }
        CHECK(sums[0] == sums[1]);
        int left = 20;
        dn_threads *team = dn_threads_start(threads);
        dn_threads_watch(team, countdown, &left);
        dn_trainer *t = trainer(DN_KEEP_FLOAT32, 0, 0);
        train(t, team, classes);
        CHECK(dn_threads_stopped(team) && left == -1);
        dn_model *m = decode(t, 1, &size, NULL);
        memset(p, 0xff, sizeof p);
        const float first = p[0];
        CHECK(dn_predict_batch(m, team, images, COUNT, p) == DN_OK);
        CHECK(memcmp(&p[0], &first, sizeof first) == 0);
        dn_model_free(m);
        dn_trainer_free(t);
        dn_threads_stop(team);
    }
    CHECK(!dn_threads_stopped(NULL));
    dn_threads_watch(NULL, countdown, NULL);
}

int main(void) {
    draw_images();
    test_watch();
    test_start(DN_KEEP_FLOAT32, 1);
    test_start(DN_KEEP_FLOAT32, 1.7);
    test_start(DN_KEEP_FLOAT16, 0.8);
    test_start_classes();
    test_start_errors();
    test_half();
    test_precision();
    test_calibrate();
    test_temperature();
    test_teacher();
    test_blank();
    test_strange_teacher();
    return check_done("test_model");
}
