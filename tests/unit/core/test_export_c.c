/* test_export_c.c - models as C (dn_c_export): each file compiles without a warning, as
 * C99 and nothing else, and says of 1,000 images what the model says. */
#define _GNU_SOURCE /* dlopen */
#include <dlfcn.h>
#include <math.h>
#include <unistd.h>
#include "../../../core/memory.h"
#include "../../../core/model.h"
#include "../../../core/rng.h"
#include "../../../loaders/synth.h"
#include "../check.h"

/* Images of MNIST's size take an emulator long. Sanitised, too: what is compiled here is
 * not. */
#define IMAGES (check_emulated() || check_sanitised() ? 50 : 1000)
#define TRAIN  640
#define BATCH  64

static char error[512];

/* --- images and models -------------------------------------------------------------- */

/* Digits, scaled to a shape by taking each pixel of the nearest; in several channels,
 * with a shade each. */
static void draw(uint8_t *image, dn_shape s, uint64_t seed, int number) {
    unsigned char digit[SYNTH_PIXELS];
    synth_digit(digit, SYNTH_PEN, seed, (uint64_t)number);
    for (int y = 0; y < s.h; y++)
        for (int x = 0; x < s.w; x++)
            for (int c = 0; c < s.c; c++)
                *image++ = (uint8_t)(digit[y * SYNTH_SIZE / s.h * SYNTH_SIZE +
                                           x * SYNTH_SIZE / s.w] /
                                     (c + 1));
}

static size_t pixels_of(dn_shape s) { return (size_t)(s.h * s.w * s.c); }

/* A network after some steps: a blank that differs from zero, classes that it tells
 * apart. */
static void *trained(size_t *size, const char *layers, dn_shape s, const dn_label *labels,
                     int classes, dn_precision precision) {
    dn_options o;
    dn_trainer *t = NULL;
    dn_metrics metrics = {0};
    void *bytes = NULL;
    if (!CHECK(dn_options_default(&o, layers, error, sizeof error) == DN_OK)) return NULL;
    o.shape = s;
    o.epochs = 4;
    o.batch = BATCH;
    o.precision = precision;
    if (!CHECK(dn_trainer_new(&t, &o, labels, classes, TRAIN, 0.13f, 0.31f, NULL, error,
                              sizeof error) == DN_OK)) {
        printf("    %s: %s\n", layers, error);
        return NULL;
    }
    dn_threads *threads = dn_threads_start(1);
    uint8_t *pixels = malloc(TRAIN * pixels_of(s));
    for (int i = 0; i < TRAIN; i++) draw(pixels + (size_t)i * pixels_of(s), s, 1, i);
    for (int step = 0; step < 4 * TRAIN / BATCH; step++) {
        dn_image images[BATCH];
        int32_t truth[BATCH];
        uint32_t keys[BATCH];
        for (int i = 0; i < BATCH; i++) {
            const int k = (step * BATCH + i) % TRAIN;
            images[i] = (dn_image){pixels + (size_t)k * pixels_of(s), DN_UINT8};
            truth[i] = k % 10 % classes;
            keys[i] = (uint32_t)k;
        }
        dn_trainer_step(t, threads, images, truth, keys, BATCH, &metrics);
    }
    CHECK(dn_trainer_model(t, 1.3, &bytes, size) == DN_OK);
    dn_threads_stop(threads);
    dn_trainer_free(t);
    free(pixels);
    return bytes;
}

/* --- compiled ----------------------------------------------------------------------- */

typedef int predicts(const unsigned char *pixels, float *probabilities);

#define SOURCE  "build/tmp/exported.c"
#define LIBRARY "build/tmp/exported.so"

/* compiled - a file's functions; NULL if it does not compile. */
static void *compiled(const char *text, size_t size) {
    char command[512];
    const char *cc = getenv("CC");
    FILE *file = fopen(SOURCE, "w");
    if (!CHECK(file && strlen(text) == size && fwrite(text, 1, size, file) == size))
        return NULL;
    fclose(file);
    unlink(LIBRARY);
    snprintf(command, sizeof command,
             "%s -std=c99 -Wall -Wextra -Werror -pedantic -Wconversion -Wshadow -O2 "
             "-ffreestanding -shared -fPIC -o " LIBRARY " " SOURCE,
             cc ? cc : "cc");
    if (!CHECK(system(command) == 0)) return NULL;
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    return library;
}

/* --- alike -------------------------------------------------------------------------- */

static double worst_of_all;

static void alike(const char *layers, const dn_model *m, predicts *predict,
                  double apart) {
    dn_model_info info;
    dn_model_get_info(m, &info);
    const int classes = info.classes;
    uint8_t *pixels = malloc(pixels_of(info.shape));
    float *p = malloc((size_t)classes * sizeof *p),
          *q = malloc((size_t)classes * sizeof *q);
    dn_scratch *scratch = dn_scratch_new(m);
    double worst = 0;
    int others = 0;
    for (int i = 0; i < IMAGES; i++) {
        const dn_image image = {pixels, DN_UINT8};
        draw(pixels, info.shape, 9, i);
        CHECK(dn_predict(m, scratch, &image, p, NULL, NULL) == DN_OK);
        others += predict(pixels, q) != dn_argmax(p, classes);
        for (int o = 0; o < classes; o++)
            worst = fmax(worst, fabs((double)p[o] - (double)q[o]));
    }
    if (!CHECK(others == 0) || !CHECK(worst < apart))
        printf("    %s: %d other labels, probabilities %g apart\n", layers, others,
               worst);
    worst_of_all = fmax(worst_of_all, worst);
    dn_scratch_free(scratch);
    free(pixels);
    free(p);
    free(q);
}

/* check_model - bytes, which it frees, of a model whose labels these are. */
static void check_model(const char *layers, void *bytes, size_t size,
                        const dn_label *labels, double apart) {
    const dn_c_words words = {"net", "it's a */ model\n?\?/", "1.0"};
    size_t text_size;
    char *text = NULL;
    dn_model *m = NULL;
    dn_model_info info;
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_OK);
    dn_model_get_info(m, &info);
    CHECK(dn_c_export(&text, &text_size, bytes, size, &words, NULL, error,
                      sizeof error) == DN_OK);
    void *library = text ? compiled(text, text_size) : NULL;
    if (library) {
        predicts *predict;
        *(void **)&predict = dlsym(library, "net_predict");
        const char *const *names = dlsym(library, "net_labels");
        if (CHECK(predict && names)) alike(layers, m, predict, apart);
        for (int i = 0; names && i < info.classes; i++)
            if (labels[i].text)
                CHECK(strlen(names[i]) == labels[i].text_size &&
                      memcmp(names[i], labels[i].text, labels[i].text_size) == 0);
            else
                CHECK(atoi(names[i]) == labels[i].integer);
        dlclose(library);
    }
    free(text);
    free(bytes);
    dn_model_free(m);
}

static dn_label numbers[10];

static void check_network(const char *layers, dn_shape s, int classes,
                          dn_precision precision, double apart) {
    size_t size;
    void *bytes = trained(&size, layers, s, numbers, classes, precision);
    if (bytes) check_model(layers, bytes, size, numbers, apart);
}

/* What cannot be trained: each class has a sigmoid of its own. And names that would end a
 * text or a comment in C, or are longer than a literal may be. */
static void test_made(void) {
    static char long_name[5001];
    memset(long_name, '"', sizeof long_name - 1);
    const dn_label labels[5] = {{"\"; int x; //?\?/", 15, 0},
                                {"*/\n\\", 4, 0},
                                {"caf\xc3\xa9\x01"
                                 "1?\?=",
                                 10, 0},
                                {long_name, sizeof long_name - 1, 0},
                                {NULL, 0, -7}};
    const dn_shape s = {9, 12, 3};
    const char *const layers = "8C3-MP2-5Ni-OUTs";
    const dn_heap heap = dn_heap_of(NULL);
    dn_spec spec = {0};
    size_t size;
    void *bytes = NULL;
    CHECK(dn_spec_parse(&spec, layers, s, 5, NULL, error, sizeof error) == DN_OK);
    float *w = calloc(spec.total, sizeof *w);
    for (size_t i = 0; i < spec.total; i++) w[i] = 0.4f * (rng_unit(3, i) - 0.5f);
    const dn_content content = {.spec = &spec,
                                .labels = labels,
                                .mean = 0.1f,
                                .std = 0.3f,
                                .weights = w,
                                .temperature = 1};
    CHECK(dn_model_encode(&bytes, &size, &content, &heap) == DN_OK);
    check_model(layers, bytes, size, labels, 1e-6);
    free(w);
    dn_spec_clear(&spec);
}

/* A text that would take more than the host allows is refused, and stops where it wants
 * to. */
static int stop(void *context) {
    int *left = context;
    return --*left < 0;
}

static void test_refused(void) {
    const dn_c_words words = {"net", "m", "1.0"};
    const dn_shape s = {28, 28, 1};
    size_t size, text_size;
    char *text = NULL;
    void *bytes = trained(&size, "mlp", s, numbers, 10, DN_KEEP_FLOAT32);
    const dn_host poor = {.limits = {.memory = 1500000}};
    CHECK(dn_c_export(&text, &text_size, bytes, size, &words, &poor, error,
                      sizeof error) == DN_ERROR);
    CHECK(strncmp(error, "the model as C takes ", 21) == 0 && !text);
    int asked = 0, status;
    do {
        int left = asked;
        const dn_host host = {.watch = {stop, &left}};
        status = dn_c_export(&text, &text_size, bytes, size, &words, &host, error,
                             sizeof error);
        CHECK(status == (left < 0 ? DN_STOPPED : DN_OK) && !text == (left < 0));
    } while (status == DN_STOPPED && asked++ < 1000);
    CHECK(asked > 3);
    free(text);
    ((uint8_t *)bytes)[size - 1] ^= 1;
    CHECK(dn_c_export(&text, &text_size, bytes, size, &words, NULL, error,
                      sizeof error) == DN_ERROR &&
          !text);
    free(bytes);
}

static void test_networks(void) {
    static const dn_shape mnist = {28, 28, 1}, sensor = {8, 8, 1}, colour = {9, 12, 3};
    static const struct network {
        const char *layers;
        const dn_shape *shape;
        int classes;
        dn_precision precision;
        double apart; /* two sums of float32 in other orders; wide ones more */
    } networks[] = {
        {"softmax", &mnist, 10, DN_KEEP_FLOAT32, 4e-6},
        {"mlp", &mnist, 10, DN_KEEP_FLOAT32, 1e-6},
        {"lenet5", &mnist, 10, DN_KEEP_FLOAT32, 1e-6},
        {"cnn", &mnist, 10, DN_KEEP_FLOAT16, 1e-6},
        {"resnet8", &mnist, 10, DN_KEEP_FLOAT32, 1e-6},
        {"mobile", &mnist, 10, DN_KEEP_FLOAT32, 1e-6},
        {"16N-8N", &sensor, 5, DN_KEEP_FLOAT32, 1e-6},
        {"8C3b-MP2-16C3b-GAP", &sensor, 5, DN_KEEP_FLOAT16, 1e-6},
        {"6C3-MP2.1/2.1-AP1.3/1.2p0.1.0.1-MP3/1d2p2-AP3.2/1z1", &colour, 5,
         DN_KEEP_FLOAT32, 1e-6},
        {"8C3p1.0.1.2/2g1s-12C3g2t-MP3/2p1-Bl0.2-D0.5-8Nbe", &colour, 5, DN_KEEP_FLOAT32,
         1e-6},
        {"6C5/2g-DW3/2bw-AP3/1p1-6C1c-1:2-AP2/1z1-8C2m-9Nq-9Nd", &colour, 5,
         DN_KEEP_FLOAT32, 1e-6},
        {"8C3h-(8C3b-8C3bi|8C1i)+-(4C1|4C3|AP3/1p1)&r-(D0.1|GAP-16Ns)*-9Ne1.7:1.1-12N6",
         &colour, 5, DN_KEEP_FLOAT32, 4e-6},
        {"6C3f-DW3o-MP2-6C1u.25-9Nbf-9No", &colour, 5, DN_KEEP_FLOAT32, 1e-6},
        {"8C3-MP2-10N-5Nt-OUT", &colour, 5, DN_KEEP_FLOAT32, 1e-6},
        {"(4C3|4C3i|4C1)+-(3C3|3C3)*", &colour, 5, DN_KEEP_FLOAT32, 1e-6},
    };
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        check_network(networks[i].layers, *networks[i].shape, networks[i].classes,
                      networks[i].precision, networks[i].apart);
    printf("probabilities at most %.1e apart\n", worst_of_all);
}

int main(void) {
    for (int i = 0; i < 10; i++) numbers[i].integer = i;
    test_networks();
    test_made();
    test_refused();
    return check_done("test_export_c");
}
