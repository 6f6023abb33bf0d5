/* test_cost.c - networks made up within the checks take no more memory and time than
 * their cost says: windows, strides and channels at their limits, decoded, predicted one
 * by one and in batches, explained.
 *
 *     build/tests/unit/core/test_cost            SEED=7 … for others
 *
 * It prints the slowest of them, and fails if that is ten times slower than a core of
 * 2024. Under AddressSanitizer, on 32 bits too, it shows that no size wraps (make cross
 * ARCH=i386; make test SAN=1). */
#include <time.h>
#include "../../../core/cost.h"
#include "../../../core/memory.h"
#include "../../../core/model.h"
#include "../../../core/layers/int8.h"
#include "../../../core/layers/kind.h"
#include "../check.h"

#define NETWORKS 100
#define IMAGES   17

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* --- a heap that measures ----------------------------------------------------------- */

typedef struct measure {
    uint64_t held, most;
} measure;

static void *measure_allocate(void *context, size_t size) {
    measure *m = context;
    uint64_t *p = malloc(size + 16);
    if (!p) return NULL;
    *p = size;
    m->held += size;
    if (m->held > m->most) m->most = m->held;
    return p + 2;
}

static void measure_release(void *context, void *pointer) {
    uint64_t *p = (uint64_t *)pointer - 2;
    ((measure *)context)->held -= *p;
    free(p);
}

/* --- networks ----------------------------------------------------------------------- */

static uint64_t state;

static int below(int n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int)((state >> 33) % (uint64_t)n);
}

/* One of the ends of a range more often than its middle. */
static int between(int low, int high) {
    const int which = below(5);
    return which == 0 ? low : which == 1 ? high : low + below(high - low + 1);
}

static void make_up(char *layers, size_t size, dn_shape *shape) {
    size_t at = 0;
    const int n = 1 + below(4), small = below(2);
    shape->h = between(1, below(2) ? 64 : 600);
    shape->w = between(1, below(3) ? 64 : 600);
    shape->c = below(3) ? between(1, 4) : between(1, 300);
    layers[0] = 0;
    for (int i = 0; i < n; i++) {
        char layer[64];
        const int k = small ? 1 + below(5) : between(1, 64);
        const int stride = below(2) ? 1 : between(1, small ? 3 : 64);
        switch (below(6)) {
        case 0: snprintf(layer, sizeof layer, "MP%d/%d", k, stride); break;
        case 1: snprintf(layer, sizeof layer, "AP%d/%d", k, stride); break;
        case 2:
            snprintf(layer, sizeof layer, "%dC3%s", between(1, 70), below(2) ? "v" : "b");
            break;
        default:
            snprintf(layer, sizeof layer, "%dC%d%s/%d", between(1, below(4) ? 40 : 300),
                     k, below(2) ? "v" : "", stride);
        }
        at += (size_t)snprintf(layers + at, size - at, "%s%s", i ? "-" : "", layer);
    }
    if (below(2)) at += (size_t)snprintf(layers + at, size - at, "-GAP");
    if (below(3) == 0) snprintf(layers + at, size - at, "-%dN", between(1, 500));
}

/* bytes_of - a model of a network; NULL: no memory. */
static void *bytes_of(const dn_spec *spec, size_t *size) {
    const dn_heap heap = dn_heap_of(NULL);
    const dn_label labels[2] = {{NULL, 0, 0}, {"one", 3, 0}};
    float *weights = dn_floats(&heap, spec->total),
          *stats = dn_floats(&heap, spec->stats);
    void *bytes = NULL;
    for (size_t i = 0; weights && i < spec->total; i++)
        weights[i] = (float)((int)(i * 2654435761u >> 7 & 255) - 120) / 4096.0f;
    for (size_t i = 0; stats && i < spec->stats; i++) stats[i] = 1;
    const dn_content content = {.spec = spec,
                                .labels = labels,
                                .mean = 0.25f,
                                .std = 0.5f,
                                .weights = weights,
                                .stats = stats,
                                .temperature = 1,
                                .precision = below(2) ? DN_KEEP_FLOAT16
                                                      : DN_KEEP_FLOAT32};
    if (weights && stats && dn_model_encode(&bytes, size, &content, &heap) != DN_OK)
        bytes = NULL;
    dn_floats_release(&heap, weights);
    dn_floats_release(&heap, stats);
    return bytes;
}

/* --- measured ----------------------------------------------------------------------- */

/* Seconds that a call took, as a share of those that its cost stands for: one for each of
 * the limits that it reaches. The largest share of predictions, and of saliency. */
static double share[2];
static char share_of[2][DN_MAX_NOTATION + 40];

static void rate(int explained, const char *layers, dn_shape shape, const dn_cost *cost,
                 double taken) {
    const double expected = (double)cost->work / (double)DN_LIMIT_WORK +
                            (double)cost->memory / (double)DN_LIMIT_MEMORY;
    if (taken < 0.01 || taken / expected < share[explained]) return;
    share[explained] = taken / expected;
    snprintf(share_of[explained], sizeof share_of[0], "%s of %dx%dx%d", layers, shape.h,
             shape.w, shape.c);
}

/* A call's memory beside what its cost says: its stored bytes count too. */
static int within(const measure *m, uint64_t stored, const dn_cost *cost) {
    return m->most + stored <= cost->memory;
}

static void run(dn_model *model, const char *layers, const dn_spec *spec, measure *m,
                size_t stored) {
    char error[256] = "";
    const dn_cost cost = dn_cost_predict(spec), explained = dn_cost_saliency(spec);
    const size_t pixels = (size_t)dn_values(spec->shape);
    const size_t inputs = (size_t)dn_values(spec->layers[spec->n - 1].in);
    uint8_t *grey = malloc(pixels);
    float *saliency = malloc(pixels * sizeof *saliency);
    float *embedding = malloc(inputs * sizeof *embedding);
    float one[2], many[IMAGES * 2];
    dn_image images[IMAGES];
    if (!grey || !saliency || !embedding) exit(1);
    for (size_t i = 0; i < pixels; i++) grey[i] = (uint8_t)(i * 37);
    for (int i = 0; i < IMAGES; i++) images[i] = (dn_image){grey, DN_UINT8};

    dn_scratch *scratch = dn_scratch_new(model);
    if (!CHECK(scratch != NULL)) exit(1);
    double start = seconds();
    CHECK(dn_predict(model, scratch, images, one, embedding, NULL) == DN_OK);
    rate(0, layers, spec->shape, &cost, seconds() - start);
    CHECK(within(m, stored, &cost));
    dn_scratch_free(scratch);

    for (int n = 1; n <= IMAGES;
         n += 16) { /* alone; in groups, where they are small enough */
        CHECK(dn_predict_batch(model, NULL, images, n, many) == DN_OK);
        CHECK(memcmp(one, many + 2 * (n - 1), sizeof one) == 0);
    }
    CHECK(m->most <= cost.memory + ((uint64_t)64 << 20));

    if (explained.memory < (uint64_t)100 << 20 && explained.work < (uint64_t)1 << 30) {
        start = seconds();
        CHECK(dn_saliency(model, images, 1, saliency, NULL, error, sizeof error) ==
              DN_OK);
        rate(1, layers, spec->shape, &explained, seconds() - start);
        CHECK(within(m, stored, &explained));
    }
    free(embedding);
    free(saliency);
    free(grey);
}

/* run_model - model bytes. */
static void run_model(const char *layers, const dn_spec *spec, const void *bytes,
                      size_t size) {
    char error[256];
    measure m = {0};
    const dn_host host = {.heap = {measure_allocate, measure_release, &m},
                          .limits = {.memory = INT64_MAX, .work = INT64_MAX}};
    dn_model *model;
    if (!CHECK(dn_model_decode(&model, bytes, size, &host, error, sizeof error) == DN_OK))
        return;
    const int before = check_failed;
    run(model, layers, spec, &m, size);
    if (check_failed > before)
        printf("    %s of %dx%dx%d\n", layers, spec->shape.h, spec->shape.w,
               spec->shape.c);
    dn_model_free(model);
    CHECK(m.held == 0);
}

/* run_int8 - the same network in 8 bits. */
static void run_int8(const char *layers, dn_spec *spec, const void *bytes, size_t size) {
    char error[256];
    void *made = NULL;
    size_t made_size;
    uint8_t *grey = calloc(1, (size_t)dn_values(spec->shape));
    if (!grey) exit(1);
    const dn_image image = {grey, DN_UINT8};
    CHECK(dn_quantise(&made, &made_size, bytes, size, &image, 1, NULL, error,
                      sizeof error) == DN_OK);
    for (int i = 0; i < spec->n; i++)
        spec->layers[i].int8 = dn_int8_suits(&spec->layers[i]);
    if (made) run_model(layers, spec, made, made_size);
    free(grey);
    free(made);
}

/* one - a network; 0 if it is none, or takes too long for a test. */
static int one(const char *layers, dn_shape shape) {
    char error[256];
    static dn_spec spec;
    size_t size;
    if (dn_spec_parse(&spec, layers, shape, 2, NULL, error, sizeof error) != DN_OK)
        return 0;
    const dn_cost cost = dn_cost_predict(&spec);
    if (cost.memory > (uint64_t)50 << 20 || cost.work > (uint64_t)1 << 29) return 0;
    void *bytes = bytes_of(&spec, &size);
    if (!CHECK(bytes != NULL)) return 0;
    run_model(layers, &spec, bytes, size);
    if (cost.work < (uint64_t)1 << 25) run_int8(layers, &spec, bytes, size);
    free(bytes);
    return 1;
}

/* --- limits ------------------------------------------------------------------------- */

/* refused - what decoding a model says. */
static const char *decode(const char *layers, dn_shape shape, dn_limits limits) {
    static char error[256];
    static dn_spec spec;
    size_t size;
    const dn_host host = {.limits = limits};
    dn_model *model = NULL;
    snprintf(error, sizeof error, "fine");
    if (!CHECK(dn_spec_parse(&spec, layers, shape, 2, NULL, error, sizeof error) ==
               DN_OK))
        return error;
    void *bytes = bytes_of(&spec, &size);
    dn_model_decode(&model, bytes, size, &host, error, sizeof error);
    dn_model_free(model);
    free(bytes);
    return error;
}

static void test_limits(void) {
    const dn_shape small = {500, 500, 1}, large = {2110, 2110, 1}, deep = {4096, 2047, 1};
    const dn_limits none = {0, 0, NULL},
                    more = {(int64_t)1 << 40, (int64_t)1 << 50, NULL};
    const dn_limits less = {1 << 20, 1 << 20, "; ask for more"};
    /* Models of a hundred bytes that took 2 s, 36 s and 1.6 GB. */
    CHECK_STR(
        decode("MP64/1-GAP", small, none),
        "a prediction takes 25038327856 multiply-adds, more than the limit 'work' of "
        "17179869184");
    CHECK(strstr(decode("MP64/1-GAP", large, none),
                 "bytes of memory, more than the limit"));
    CHECK(strstr(decode("1C1-1C1-1C1-GAP", deep, none), "bytes of memory, more than"));
    CHECK_STR(decode("MP64/1-GAP", small, more), "fine");
    CHECK(strstr(decode("3C3", (dn_shape){300, 300, 1}, less),
                 "'memory' of 1048576; ask for more"));
    CHECK(strstr(decode("9C9", (dn_shape){30, 30, 1}, less),
                 "'work' of 1048576; ask for more"));
    CHECK_STR(decode("3C3", (dn_shape){30, 30, 1}, less), "fine");
}

/* No size wraps where a size_t has 32 bits: this one's buffers came to 27 MB there, for 8
 * GB. */
static void test_wrap(void) {
    char error[256] = "";
    static dn_spec spec;
    const dn_shape shape = {128, 128, 1};
    CHECK(dn_spec_parse(&spec, "2046C2-GAP", shape, 3, NULL, error, sizeof error) ==
          DN_OK);
    const dn_cost cost = dn_cost_saliency(&spec);
    CHECK(cost.memory > (uint64_t)8 << 30);
}

int main(void) {
    const char *seed = getenv("SEED");
    char layers[DN_MAX_NOTATION];
    dn_shape shape;
    int n = 0;
    state = seed ? strtoull(seed, NULL, 10) : 1;
    test_limits();
    test_wrap();
    /* Each place has a bias of its own in 8 bits. */
    CHECK(one("1C3", (dn_shape){3, 4000, 1}));
    for (int tries = 0; n < (check_emulated() ? 10 : NETWORKS) && tries < 10000;
         tries++) {
        make_up(layers, sizeof layers, &shape);
        n += one(layers, shape);
    }
    for (int i = 0; i < 2; i++)
        printf("%s: the slowest took %.2f of the time that its cost stands for: %s\n",
               i ? "saliency" : "prediction", share[i], share_of[i]);
    if (!check_emulated() && !check_sanitised()) CHECK(share[0] < 10 && share[1] < 10);
    return check_done("test_cost");
}
