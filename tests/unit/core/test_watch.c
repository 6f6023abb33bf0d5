/* test_watch.c - large predictions, one and many, and saliency ask again and again
 * whether to go on, with little work between two questions, and stop when they are told
 * to; those of small networks never ask. The bands of work between questions have the
 * bits of the whole. */
#include <time.h>
#include "../../../core/trainer.h"
#include "../../../core/watch.h"
#include "../check.h"

#define IMAGES  5
#define CLASSES 4

/* Each kind of layer is the one that costs most in one of them. Where multiply-adds are
 * slow, a quarter of the sides is as much work. */
static const struct {
    const char *layers;
    dn_shape shape;
} networks[] = {{"12C7-14C3-MP2-9C3/2", {64, 80, 3}}, /* direct, Winograd's */
                {"16C5b-13C9-GAP", {44, 50, 5}},      /* a large kernel, no pooling */
                {"MP6/1-AP12/1-5C3", {160, 240, 6}},  /* windows that overlap */
                {"3000N-2000N", {40, 40, 1}},         /* fully connected */
                {"64C9-64C9v-MP3-64C5", {48, 48, 4}} /* many maps */};
#define NETWORKS ((int)(sizeof networks / sizeof *networks))

/* Someone who says "stop" to question number `stops`, counted from 1; 0: never. */
typedef struct watcher {
    int stops, asked;
    double last, longest; /* seconds of this thread's CPU time between two questions */
} watcher;

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ask(void *context) {
    watcher *w = context;
    const double now = cpu_seconds();
    if (now - w->last > w->longest) w->longest = now - w->last;
    w->last = now;
    return ++w->asked == w->stops;
}

static dn_model *model_of(const char *layers, dn_shape shape) {
    const dn_host host = {.limits = {.memory = INT64_MAX, .work = INT64_MAX}};
    char error[256] = "";
    dn_options o;
    dn_label labels[CLASSES] = {{0}};
    dn_trainer *t = NULL;
    dn_model *m = NULL;
    void *bytes = NULL;
    size_t size = 0;
    for (int i = 0; i < CLASSES; i++) labels[i].integer = i;
    dn_options_default(&o, layers, error, sizeof error);
    o.shape = shape;
    CHECK(dn_trainer_new(&t, &o, labels, CLASSES, 1, 0.4f, 0.3f, &host, error,
                         sizeof error) == DN_OK);
    CHECK_STR(error, "");
    CHECK(dn_trainer_model(t, 1, &bytes, &size) == DN_OK);
    CHECK(dn_model_decode(&m, bytes, size, &host, error, sizeof error) == DN_OK);
    dn_trainer_free(t);
    free(bytes);
    return m;
}

/* What can be asked of a network; the results go to p. */
typedef struct question {
    dn_model *m;
    dn_image images[IMAGES];
    float p[IMAGES * CLASSES], *saliency;
} question;

static int single(question *q, watcher *w) {
    const dn_watch watch = {ask, w};
    dn_scratch *s = dn_scratch_new(q->m);
    w->last = cpu_seconds();
    const int status = dn_predict(q->m, s, &q->images[1], q->p, NULL, &watch);
    dn_scratch_free(s);
    return status;
}

static int batch(question *q, watcher *w) {
    dn_threads *team = dn_threads_start(1);
    dn_threads_watch(team, ask, w);
    w->last = cpu_seconds();
    int status = dn_predict_batch(q->m, team, q->images, IMAGES, q->p);
    if (status == DN_OK && dn_threads_stopped(team)) status = DN_STOPPED;
    dn_threads_stop(team);
    return status;
}

static int saliency(question *q, watcher *w) {
    char error[256];
    const dn_watch watch = {ask, w};
    w->last = cpu_seconds();
    return dn_saliency(q->m, &q->images[1], 2, q->saliency, &watch, error, sizeof error);
}

/* Of `work` multiply-adds: asks often enough, and stops at the first question and the
 * last. */
static void check(int (*run)(question *, watcher *), question *q, double work,
                  const char *what) {
    watcher never = {0};
    CHECK(run(q, &never) == DN_OK);
    if (!CHECK(never.asked >= (int)(work / (2.0 * (double)dn_kernels_best()->pace)) - 1))
        printf("%s: asked %d times in %.0f million multiply-adds\n", what, never.asked,
               work / 1e6);
    /* 10 ms are the goal; what runs this may be slow, or watch every access. */
    if (!CHECK(never.longest < (check_emulated() ? 30 : 0.5)))
        printf("%s: %.3f s between two questions\n", what, never.longest);
    for (int at = 1; at <= never.asked; at += never.asked > 1 ? never.asked - 1 : 1) {
        watcher w = {.stops = at};
        CHECK(run(q, &w) == DN_STOPPED);
        CHECK(w.asked == at); /* nothing more is asked, and nothing more is done */
    }
}

static double work_of(const char *layers, dn_shape shape) {
    static dn_spec spec;
    char error[256];
    double work = 0;
    CHECK(dn_spec_parse(&spec, layers, shape, CLASSES, NULL, error, sizeof error) ==
          DN_OK);
    for (int i = 0; i < spec.n; i++) work += (double)spec.layers[i].cost;
    return work;
}

static void test_network(const char *layers, dn_shape shape) {
    if (dn_kernels_best()->pace < 1 << 24) shape.h /= 4, shape.w /= 4;
    const int n = shape.h * shape.w * shape.c;
    const double work = work_of(layers, shape);
    uint8_t *pixels = malloc((size_t)(IMAGES * n));
    question q = {.m = model_of(layers, shape)};
    unsigned noise = 7;
    for (int i = 0; i < IMAGES * n; i++)
        pixels[i] = (uint8_t)((noise = noise * 1664525u + 1013904223u) >> 24);
    for (int i = 0; i < IMAGES; i++) q.images[i] = (dn_image){pixels + i * n, DN_UINT8};
    q.saliency = malloc(sizeof(float) * (size_t)n);

    check(batch, &q, IMAGES * work,
          layers); /* or of 16 lanes, if that takes little memory */
    check(single, &q, work, layers);
    check(saliency, &q, 2 * DN_LANES * work, layers);

    /* The same bits alone and in a batch, whose bands are others. */
    float one[CLASSES];
    watcher w = {0};
    CHECK(single(&q, &w) == DN_OK);
    memcpy(one, q.p, sizeof one);
    CHECK(batch(&q, &w) == DN_OK);
    CHECK(memcmp(one, q.p + CLASSES, sizeof one) == 0);

    dn_model_free(q.m);
    free(q.saliency);
    free(pixels);
}

static void test_small(void) {
    char error[256];
    uint8_t pixels[784] = {9};
    float saliency_of[784];
    question q = {.m = model_of("24C5v-MP2-32C3v-MP2-256N", (dn_shape){28, 28, 1}),
                  .saliency = saliency_of};
    for (int i = 0; i < IMAGES; i++) q.images[i] = (dn_image){pixels, DN_UINT8};
    watcher w = {.stops = 1};
    CHECK(single(&q, &w) == DN_OK && w.asked == 0);
    CHECK(dn_saliency(q.m, q.images, 0, saliency_of, NULL, error, sizeof error) == DN_OK);
    dn_model_free(q.m);
}

/* Setting a trainer up, what it stores, going on from there, and reading the model. */
static void test_trainer(void) {
    char error[256] = "";
    dn_options o;
    dn_label labels[CLASSES] = {{0}};
    dn_trainer *t = NULL, *never = NULL;
    dn_model *m = NULL;
    void *state = NULL, *bytes = NULL, *none = NULL;
    size_t state_size, size, none_size;
    watcher w = {0};
    const dn_host host = {.watch = {ask, &w}};
    for (int i = 0; i < CLASSES; i++) labels[i].integer = i;
    dn_options_default(&o, "2048N-1024N", error, sizeof error);
    o.shape = (dn_shape){28, 28, 1};
#define ASKS(call, stopped)                                                              \
    do {                                                                                 \
        w = (watcher){.last = cpu_seconds()};                                            \
        CHECK((call) == DN_OK);                                                          \
        const int most = w.asked;                                                        \
        CHECK(most > 0 && w.longest < (check_emulated() ? 30 : 0.5));                    \
        for (int at = 1; at <= most; at += most > 1 ? most - 1 : 1) {                    \
            w = (watcher){.stops = at};                                                  \
            CHECK((stopped) == DN_STOPPED);                                              \
            CHECK(w.asked == at);                                                        \
        }                                                                                \
        w = (watcher){0};                                                                \
    } while (0)
    ASKS(dn_trainer_new(&t, &o, labels, CLASSES, 16, 0, 1, &host, error, sizeof error),
         dn_trainer_new(&never, &o, labels, CLASSES, 16, 0, 1, &host, error,
                        sizeof error));
    CHECK(!never);
    ASKS(dn_trainer_state(t, &state, &state_size),
         dn_trainer_state(t, &none, &none_size));
    ASKS(dn_trainer_model(t, 1, &bytes, &size),
         dn_trainer_model(t, 1, &none, &none_size));
    ASKS(dn_model_decode(&m, bytes, size, &host, error, sizeof error),
         dn_model_decode((dn_model **)&none, bytes, size, &host, error, sizeof error));
    CHECK(!none);
    ASKS(dn_trainer_resume(t, state, state_size, error, sizeof error),
         dn_trainer_resume(t, state, state_size, error, sizeof error));
    dn_model_free(m);
    dn_trainer_free(t);
    free(bytes);
    free(state);
}

int main(void) {
    for (int i = 0; i < NETWORKS; i++)
        test_network(networks[i].layers, networks[i].shape);
    test_trainer();
    test_small();
    return check_done("test_watch");
}
