/* test_train.c - training and model bytes: it learns, it gives the same bytes on any
 * number of threads and any instruction set, it resumes where it stopped, and damaged
 * bytes are refused. */
#include <math.h>
#include <stdlib.h>
#include "../../../core/bytes.h"
#include "../../../core/dn.h"
#include "../../../core/rng.h"
#include "../check.h"

#define SIDE  12
#define SIZE  (SIDE * SIDE)
#define COUNT 600

/* Images of a task that a small network learns: where, of four quarters, a blob lies. */
static uint8_t pixels[COUNT][SIZE];
static uint8_t floats[COUNT][4 * SIZE]; /* little-endian, as in a blob */
static dn_image images[COUNT];
static int32_t classes[COUNT];
static uint32_t order[COUNT];

static const dn_label labels[4] = {
    {"north", 5, 0}, {NULL, 0, -7}, {"", 0, 0}, {"\xc3\xa9", 2, 0}};

static void draw_images(void) {
    for (int n = 0; n < COUNT; n++) {
        uint64_t key = rng_key(5, (uint64_t)n);
        classes[n] = (int32_t)(rng_unit(key, 0) * 4);
        int top = classes[n] / 2 * 6 + (int)(rng_unit(key, 1) * 4);
        int left = classes[n] % 2 * 6 + (int)(rng_unit(key, 2) * 4);
        for (int i = 0; i < SIZE; i++) {
            int y = i / SIDE, x = i % SIDE;
            int ink = y >= top && y < top + 3 && x >= left && x < left + 3;
            int noise = (int)(rng_unit(key, (uint64_t)(3 + i)) * 70);
            pixels[n][i] = (uint8_t)(ink * 180 + noise);
            put_float(floats[n] + 4 * i, (float)pixels[n][i] / 255.0f);
        }
        images[n] = (dn_image){pixels[n], DN_UINT8};
    }
}

static dn_trainer *trainer(const char *layers, int epochs, double augment) {
    char error[256];
    dn_options o;
    dn_trainer *t = NULL;
    CHECK(dn_options_default(&o, layers, error, sizeof error) == DN_OK);
    o.shape = (dn_shape){SIDE, SIDE, 1};
    o.epochs = epochs;
    o.batch = 72;
    o.rate = 0.01;
    o.augment = augment;
    o.ema = 0.9;
    CHECK(dn_trainer_new(&t, &o, labels, 4, COUNT, 0.2f, 0.3f, NULL, error,
                         sizeof error) == DN_OK);
    return t;
}

/* One epoch over all images, the last batch a part of one; the mean loss. */
static double epoch(dn_trainer *t, dn_threads *threads, uint64_t number) {
    dn_metrics metrics = {0};
    dn_image batch[72];
    int32_t batch_classes[72];
    dn_shuffle(order, COUNT, 1, number);
    for (int i = 0; i < COUNT; i += 72) {
        int n = COUNT - i < 72 ? COUNT - i : 72;
        for (int k = 0; k < n; k++) {
            batch[k] = images[order[i + k]];
            batch_classes[k] = classes[order[i + k]];
        }
        dn_trainer_step(t, threads, batch, batch_classes, order + i, n, &metrics);
    }
    CHECK(metrics.images == COUNT);
    return metrics.loss / COUNT;
}

/* Model and state bytes of a training run. */
static void *run(const char *layers, int threads, int epochs, size_t *size) {
    dn_trainer *t = trainer(layers, epochs, 0.5);
    dn_threads *team = dn_threads_start(threads);
    void *bytes = NULL, *state = NULL;
    size_t state_size = 0;
    for (int e = 1; e <= epochs; e++) epoch(t, team, (uint64_t)e);
    dn_threads_stop(team);
    CHECK(dn_trainer_model(t, 1, &bytes, size) == DN_OK);
    CHECK(dn_trainer_state(t, &state, &state_size) == DN_OK);
    bytes = realloc(bytes, *size + state_size);
    memcpy((char *)bytes + *size, state, state_size);
    *size += state_size;
    free(state);
    dn_trainer_free(t);
    return bytes;
}

/* An emulator takes its time, and knows one of them. */
#define ISAS (check_emulated() ? 1 : 3)

/* The same on every machine too: these sums are of models trained on x86-64. Whoever
 * means to change what training computes puts new ones here, and says so. */
static void test_same_bits(void) {
    static const char *const nets[] = {
        "6C3v-MP2-10C3v-MP2-21N", "8C3b-MP2-7C3b-D0.3-9Nb",
        "6C3b-(6C3b-6C3bi)+-MP2-(5C1s|8C3g2t)&-DW3/2br6-(GAP-13C1d)*-9Nq"};
    static const uint64_t sums[] = {0xe95b9c3bfbdf9e2fu, 0xb15769082041835fu,
                                    0xfde0e45275eebcc6u};
    static const char *const isas[] = {"avx512", "avx2", "portable"};
    for (int net = 0; net < 3; net++) {
        size_t size = 0;
        void *expected = run(nets[net], 1, 2, &size);
        const uint64_t sum = dn_checksum(expected, size);
        if (sum != sums[net])
            printf("%s: checksum 0x%llx\n", nets[net], (unsigned long long)sum);
        CHECK(sum == sums[net]);
        for (int isa = 0; isa < ISAS; isa++) {
            setenv("DIGITNET_ISA", isas[isa], 1);
            for (int threads = 1; threads <= 8; threads += threads < 3 ? 1 : 5) {
                size_t n = 0;
                void *bytes = run(nets[net], threads, 2, &n);
                CHECK(n == size && memcmp(bytes, expected, n) == 0);
                free(bytes);
            }
        }
        unsetenv("DIGITNET_ISA");
        free(expected);
    }
    /* A name that is none: as without. */
    char best[16];
    snprintf(best, sizeof best, "%s", dn_isa_name());
    setenv("DIGITNET_ISA", "none", 1);
    CHECK_STR(dn_isa_name(), best);
    unsetenv("DIGITNET_ISA");
}

/* Alone or in a batch the same bits, of each kind of layer on each instruction set. */
static void test_alone(void) {
    static const char *const nets[] = {"MP2-6C3b-AP2-GAP-9N", "AP3/2-MP3/1-5C2/2-D0.5",
                                       "12C3-16C3-MP2-8C3vb-GAP",
                                       "20C3-72C3-(72C3i|72C1w)+-48C3q-GAP"};
    static const char *const isas[] = {"avx512", "avx2", "portable"};
    float batch[COUNT * 4], one[4], embedding[64];
    char error[256] = "";
    for (int i = 0; i < 4 * ISAS; i++) {
        void *bytes = NULL;
        size_t size = 0;
        dn_model *m = NULL;
        const int count = i % 4 == 3 ? 40 : COUNT; /* that one is large */
        setenv("DIGITNET_ISA", isas[i / 4], 1);
        dn_trainer *t = trainer(nets[i % 4], 1, 0);
        CHECK(dn_trainer_model(t, 1, &bytes, &size) == DN_OK);
        CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_OK);
        dn_scratch *scratch = dn_scratch_new(m);
        CHECK(dn_predict_batch(m, NULL, images, count, batch) == DN_OK);
        int differ = 0;
        for (int n = 0; n < count; n++) {
            dn_predict(m, scratch, &images[n], one, embedding, NULL);
            differ += memcmp(one, batch + 4 * n, sizeof one) != 0;
        }
        CHECK(differ == 0);
        dn_scratch_free(scratch);
        dn_model_free(m);
        free(bytes);
        dn_trainer_free(t);
    }
    unsetenv("DIGITNET_ISA");
}

static void test_learning(void) {
    dn_trainer *t = trainer("8C3-MP2-16N", 6, 0);
    dn_threads *team = dn_threads_start(2);
    double first = epoch(t, team, 1), last = 0;
    for (int e = 2; e <= 6; e++) last = epoch(t, team, (uint64_t)e);
    CHECK(last < 0.1 && last < first / 4);
    CHECK(dn_trainer_steps(t) == 6 * 9);

    void *bytes = NULL;
    size_t size = 0;
    char error[256] = "";
    dn_model *m = NULL;
    CHECK(dn_trainer_model(t, 1, &bytes, &size) == DN_OK);
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_OK);
    dn_metrics metrics = {0};
    float *said = malloc(sizeof(float) * COUNT * 4);
    CHECK(dn_predict_batch(m, team, images, COUNT, said) == DN_OK);
    dn_score(said, 4, classes, COUNT, &metrics);
    free(said);
    CHECK(metrics.correct > COUNT * 98 / 100);
    dn_threads_stop(team);

    /* Alone or in a batch, uint8 or float: the same bits. */
    float *batch = malloc(sizeof(float) * COUNT * 4), one[4], embedding[16];
    CHECK(dn_predict_batch(m, NULL, images, COUNT, batch) == DN_OK);
    dn_scratch *scratch = dn_scratch_new(m);
    int differ = 0, positive = 0;
    for (int n = 0; n < COUNT; n++) {
        dn_image as_float = {floats[n], DN_FLOAT32};
        dn_predict(m, scratch, n % 2 ? &images[n] : &as_float, one, embedding, NULL);
        differ += memcmp(one, batch + 4 * n, sizeof one) != 0;
        differ += fabsf(one[0] + one[1] + one[2] + one[3] - 1) > 1e-6f;
        for (int i = 0; i < 16; i++) positive += embedding[i] > 0;
    }
    CHECK(differ == 0);
    CHECK(positive > COUNT);
    dn_model_info info;
    dn_model_get_info(m, &info);
    CHECK(info.classes == 4 && info.embedding == 16 && info.shape.h == SIDE);
    CHECK_STR(info.layers, "8C3-MP2-16N");
    CHECK(info.labels[0].text_size == 5 && memcmp(info.labels[0].text, "north", 5) == 0);
    CHECK(info.labels[1].text == NULL && info.labels[1].integer == -7);
    CHECK(info.labels[2].text != NULL && info.labels[2].text_size == 0);
    CHECK(memcmp(info.labels[3].text, "\xc3\xa9", 2) == 0);
    dn_scratch_free(scratch);
    dn_model_free(m);
    free(batch);
    free(bytes);
    dn_trainer_free(t);
}

/* Three epochs, a state, a new trainer and three more: as six at once. */
static void test_resume(void) {
    char error[256];
    void *state = NULL, *a = NULL, *b = NULL;
    size_t state_size = 0, a_size = 0, b_size = 0;
    static const char layers[] = "5C3b-MP2-D0.2-9N";
    dn_trainer *t = trainer(layers, 6, 1);
    for (uint64_t e = 1; e <= 3; e++) epoch(t, NULL, e);
    CHECK(dn_trainer_state(t, &state, &state_size) == DN_OK);
    for (uint64_t e = 4; e <= 6; e++) epoch(t, NULL, e);
    CHECK(dn_trainer_model(t, 1, &a, &a_size) == DN_OK);
    dn_trainer_free(t);

    t = trainer(layers, 6, 1);
    CHECK(dn_trainer_resume(t, state, state_size, error, sizeof error) == DN_OK);
    for (uint64_t e = 4; e <= 6; e++) epoch(t, NULL, e);
    CHECK(dn_trainer_model(t, 1, &b, &b_size) == DN_OK);
    CHECK(a_size == b_size && memcmp(a, b, a_size) == 0);

    unsigned char *bad = state;
    bad[state_size / 2] ^= 1;
    CHECK(dn_trainer_resume(t, bad, state_size, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, "the training state is damaged");
    CHECK(dn_trainer_resume(t, bad, state_size - 4, error, sizeof error) == DN_ERROR);
    CHECK(dn_trainer_resume(t, bad, 10, error, sizeof error) == DN_ERROR);
    dn_trainer_free(t);
    t = trainer("4N", 6, 1);
    bad[state_size / 2] ^= 1;
    CHECK(dn_trainer_resume(t, bad, state_size, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, "the training state is of another network");
    dn_trainer_free(t);
    free(state);
    free(a);
    free(b);
}

/* Every truncation and every change of a byte is refused, and nothing of it crashes. */
static void test_damage(void) {
    char error[256];
    dn_trainer *t = trainer("2C3b-MP4-3N", 1, 0);
    void *model = NULL;
    size_t size = 0;
    dn_model *m = NULL;
    CHECK(dn_trainer_model(t, 1, &model, &size) == DN_OK);
    dn_trainer_free(t);
    int accepted = 0;
    for (size_t n = 0; n < size; n++) {
        unsigned char *cut =
            malloc(n ? n : 1); /* so that a sanitizer sees a read past it */
        memcpy(cut, model, n);
        accepted += dn_model_decode(&m, cut, n, NULL, error, sizeof error) != DN_ERROR;
        free(cut);
    }
    unsigned char *bytes = model;
    for (size_t i = 0; i < size; i++)
        for (int change = 1; change < 256; change += 13) {
            bytes[i] ^= (unsigned char)change;
            accepted += dn_model_decode(&m, bytes, size, NULL, error, sizeof error) !=
                        DN_ERROR;
            bytes[i] ^= (unsigned char)change;
        }
    CHECK(accepted == 0);
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_OK);
    dn_model_free(m);
    bytes[size - 20] ^= 1;
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, "model bytes are damaged: the checksum differs");
    CHECK(dn_model_decode(&m, "0123456789", 10, NULL, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, "not a model: 10 bytes that do not begin with 'DIGITNET'");
    free(model);
}

static void test_shuffle(void) {
    int seen[COUNT] = {0}, moved = 0;
    dn_shuffle(order, COUNT, 1, 1);
    for (int i = 0; i < COUNT; i++) {
        seen[order[i]]++;
        moved += order[i] != (uint32_t)i;
    }
    for (int i = 0; i < COUNT; i++) seen[0] += seen[i] != 1;
    CHECK(seen[0] == 1);
    CHECK(moved > COUNT - 20);
    uint32_t first = order[0], second = order[1];
    dn_shuffle(order, COUNT, 1, 2);
    CHECK(order[0] != first || order[1] != second);
}

int main(void) {
    draw_images();
    test_shuffle();
    test_learning();
    test_alone();
    test_resume();
    test_same_bits();
    test_damage();
    return check_done("test_train");
}
