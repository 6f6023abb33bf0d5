/* test_onnx_round.c - networks go out as ONNX files and come in again: by random
 * notations.
 *
 * A file that we wrote comes in with every bit: the same model bytes. With another
 * producer's name it is read by its graph, as anyone's: the same network up to
 * rounding. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../../../core/dn.h"
#include "../../../core/rng.h"
#include "../check.h"

#define CLASSES 3
#define PIXELS  (9 * 10 * 3)

static const dn_label labels[CLASSES] = {{"a", 1, 0}, {"b", 1, 0}, {NULL, 0, 7}};
static char error[512];

/* --- notations ---------------------------------------------------------------------- */

static uint64_t drawn;

/* One of n, from the next number. */
static int below(int n) {
    return (int)(rng_unit(rng_key(20, 0), drawn++) * (float)n) % n;
}

#define ONE_OF(list) (list)[below((int)(sizeof(list) / sizeof *(list)))]

static const char *act(void) {
    static const char *const acts[] = {
        "",  "i",        "s",        "t", "l", "e",  "g", "6", "h",   "c-1:1",
        "w", "d0.2:0.5", "e1.7:1.1", "m", "q", "r6", "f", "o", "u0.5"};
    return ONE_OF(acts);
}

/* One item of a path that has four maps before it and after it, or on a vector four. */
static void item(char *out, size_t size) {
    static const char
        *const pads[] = {"", "", "p1", "p1.0.1.2"},
               *const pools[] = {"MP2",     "AP2/1",         "MP3/2p1",
                                 "AP3/2z1", "AP3/1p1.0.1.0", "MP1.2/1.2",
                                 "AP2.3/1", "MP2/1d2p1",     "MP2.1/1d1.3p1.0.0.0"},
               *const gates[] = {"GAP-2N-4Ns", "GAP-4C1s", "4C1s", "3N-4Nt"};
    switch (below(10)) {
    case 0:
    case 1:
        snprintf(out, size, "4C3%s%s%s", ONE_OF(pads), below(2) ? "b" : "", act());
        break;
    case 2: snprintf(out, size, "DW3%s%s", ONE_OF(pads), act()); break;
    case 3: snprintf(out, size, "%s", ONE_OF(pools)); break;
    case 4: snprintf(out, size, "4C3g2/2%s", act()); break;
    case 5: snprintf(out, size, "(4C3b%s-4C1i)+%s", act(), act()); break;
    case 6: snprintf(out, size, "(1C1%s|2C3b|1C3i)&%s", act(), act()); break;
    case 7: snprintf(out, size, "(%s)*%s", ONE_OF(gates), act()); break;
    case 8: snprintf(out, size, "B%s", act()); break;
    default: snprintf(out, size, "X2[4C1-(|%s)*]", ONE_OF(gates)); break;
    }
}

/* A notation, nearly always right. */
static void notation(char *out, size_t size) {
    static const char *const starts[] = {"4C3", "4C3/2b", "4C3-MP3", "4C5-MP9",
                                         "4C3-GAP"},
                             *const ends[] = {"",        "-GAP",          "-D0.5-5Nb",
                                              "-7Ns-6N", "-3C1i-GAP-OUT", "-3Ni-OUTs"};
    size_t n = (size_t)snprintf(out, size, "%s", ONE_OF(starts));
    for (int k = below(4); k > 0; k--) {
        out[n++] = '-';
        item(out + n, size - n);
        n += strlen(out + n);
    }
    snprintf(out + n, size - n, "%s", ONE_OF(ends));
}

/* --- models ------------------------------------------------------------------------- */

static void pixels_of(float *pixels, int image) {
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = rng_unit(rng_key(21, (uint64_t)image), (uint64_t)i);
}

/* The bytes of a network that has learned for two steps; NULL if the notation is none for
 * these images. */
static void *model_of(const char *layers, size_t *size) {
    static float pixels[4][PIXELS];
    static const int32_t truth[4] = {0, 1, 2, 0};
    static const uint32_t keys[4] = {0, 1, 2, 3};
    dn_image images[4];
    dn_options o;
    dn_trainer *t;
    void *bytes = NULL;
    dn_metrics metrics = {0};
    if (dn_options_default(&o, layers, error, sizeof error) != DN_OK) return NULL;
    o.shape = (dn_shape){9, 10, 3};
    o.batch = 4;
    o.augment = 0;
    if (dn_trainer_new(&t, &o, labels, CLASSES, 8, 0.4f, 0.3f, NULL, error,
                       sizeof error) != DN_OK)
        return NULL;
    for (int i = 0; i < 4; i++) {
        pixels_of(pixels[i], i);
        images[i] = (dn_image){pixels[i], DN_FLOAT32};
    }
    for (int s = 0; s < 2; s++)
        dn_trainer_step(t, NULL, images, truth, keys, 4, &metrics);
    CHECK(dn_trainer_model(t, 1, &bytes, size) == DN_OK);
    dn_trainer_free(t);
    return bytes;
}

static void predict(float *out, const void *bytes, size_t size) {
    dn_model *m;
    float pixels[PIXELS];
    memset(out, 0, CLASSES * sizeof *out);
    if (!CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) == DN_OK))
        return;
    dn_scratch *scratch = dn_scratch_new(m);
    pixels_of(pixels, 9);
    const dn_image image = {pixels, DN_FLOAT32};
    CHECK(dn_predict(m, scratch, &image, out, NULL, NULL) == DN_OK);
    dn_scratch_free(scratch);
    dn_model_free(m);
}

/* The model that a file becomes, and what it says of an image; NULL if it is refused. */
static void *read_file(float *out, const void *file, size_t file_size, size_t *size) {
    static const dn_onnx_given given = {.std = 1};
    dn_onnx *net;
    void *bytes = NULL;
    if (dn_onnx_read(&net, file, file_size, &given, NULL, error, sizeof error) != DN_OK)
        return NULL;
    CHECK(dn_onnx_model(net, labels, NULL, &bytes, size) == DN_OK);
    dn_onnx_free(net);
    predict(out, bytes, *size);
    return bytes;
}

/* Out and in. 1 if there is such a network. */
static int go_round(const char *layers) {
    static const dn_onnx_words words = {"net", "9.9", "[\"a\",\"b\",7]"};
    void *file = NULL, *again, *other;
    float said[CLASSES], back[CLASSES], graph[CLASSES];
    size_t size, file_size, again_size, other_size;
    void *bytes = model_of(layers, &size);
    if (!bytes) return 0;
    predict(said, bytes, size);
    CHECK(dn_onnx_export(&file, &file_size, bytes, size, &words, NULL, error,
                         sizeof error) == DN_OK);
    again = read_file(back, file, file_size, &again_size);
    const int is = again && again_size == size && memcmp(again, bytes, size) == 0;
    if (!CHECK(is)) printf("    %s\n    %s\n", layers, again ? "other bits" : error);
    char *at = file;
    while (memcmp(at, "digitnet", 8) != 0) at++;
    memcpy(at, "whoever!", 8);
    other = read_file(graph, file, file_size, &other_size);
    double most = other ? 0 : 9;
    for (int c = 0; other && c < CLASSES; c++)
        most = fmax(most, fabs((double)said[c] - (double)graph[c]));
    if (!CHECK(most < 1e-5)) printf("    %s\n    %s\n", layers, other ? "other" : error);
    free(file);
    free(again);
    free(other);
    free(bytes);
    return 1;
}

/* A file of ours in which anything was changed is read by its graph. */
static void test_changed(void) {
    static const dn_onnx_words words = {"net", "9.9", "[\"a\",\"b\",7]"};
    size_t size, file_size, plain_size, changed_size;
    void *file, *bytes = model_of("4C3-MP3-B", &size);
    float said[CLASSES], other[CLASSES];
    CHECK(dn_onnx_export(&file, &file_size, bytes, size, &words, NULL, error,
                         sizeof error) == DN_OK);
    void *plain = read_file(said, file, file_size, &plain_size);
    CHECK(plain_size == size && memcmp(plain, bytes, size) == 0);
    /* A Relu of the graph becomes a Tanh; the notation says Relu still. */
    int changed = 0;
    for (char *at = file; at + 4 < (char *)file + file_size; at++)
        if (memcmp(at, "\"\4Relu", 6) == 0) {
            memcpy(at + 2, "Tanh", 4);
            changed++;
        }
    CHECK(changed == 1);
    void *tanh = read_file(other, file, file_size, &changed_size);
    CHECK(tanh && memcmp(said, other, sizeof said) != 0);
    free(tanh);
    free(plain);
    free(file);
    free(bytes);
}

/* Where the numbers of a tensor of ours lie: behind its name, a tag and a size. */
static char *numbers_of(char *file, size_t size, const char *name) {
    const size_t n = strlen(name);
    for (size_t i = 0; i + n + 2 < size; i++)
        if (memcmp(file + i, name, n) == 0 && file[i + n] == 0x4a)
            return file + i + n + 2;
    return NULL;
}

/* A number that no model may have is an error of the node that it belongs to. */
static void test_numbers(void) {
    static const dn_onnx_words words = {"net", "9.9", "[\"a\",\"b\",7]"};
    static const struct {
        const char *tensor;
        int byte;
        char value;
        const char *why;
    } all[] = {{"deviation", 3, 0x71, "Div 'Div_2' (node 2): with it the pixels'"},
               {"mean", 3, 0x71, "Sub 'Sub_1' (node 1): with it the pixels'"},
               {"variance3", 3, (char)0xbf, "BatchNormalization 'BatchNormalization_6'"}};
    float said[CLASSES];
    size_t size, file_size, read_size;
    void *bytes = model_of("4C3-MP3-B", &size);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        void *file;
        CHECK(dn_onnx_export(&file, &file_size, bytes, size, &words, NULL, error,
                             sizeof error) == DN_OK);
        char *numbers = numbers_of(file, file_size, all[i].tensor);
        if (CHECK(numbers)) numbers[all[i].byte] = all[i].value;
        CHECK(!read_file(said, file, file_size, &read_size));
        if (!CHECK(strncmp(error, all[i].why, strlen(all[i].why)) == 0))
            printf("    %s: %s\n", all[i].tensor, error);
        free(file);
    }
    free(bytes);
}

int main(void) {
    static const char *const some[] = {"",
                                       "OUT",
                                       "5N-OUT",
                                       "4C5-MP9-4C1-(GAP-2N-4Ns)*",
                                       "4C3-GAP-4C1-(2N-4Ns)*-4C1",
                                       "4C3-GAP-4C1-(GAP-2N-4Ns)*-DW3",
                                       "4C3-GAP-4C1-(GAP-2N-4Ns)*-B-MP3/1p1",
                                       "4C3-GAP-4C1-(GAP-2N-4Ns)*-4C1-4C1b",
                                       "B-4C3-B-MP2-Bs-5N-Bt",
                                       "3C1-B-OUT"};
    char text[512];
    int networks = 0;
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) go_round(some[i]);
    for (int i = 0; i < 300; i++) {
        notation(text, sizeof text);
        networks += go_round(text);
    }
    if (!CHECK(networks > 200)) printf("    %d networks\n", networks);
    test_changed();
    test_numbers();
    return check_done("test_onnx_round");
}
