/* fuzz_model.c - model bytes, and the training state.
 *
 *     1 byte   0: the rest is a model
 *              1: … whose size and checksum are to be put right
 *              2: … of which we write the header: format, height, width, channels, layers
 *                 (networks.h), classes; the rest is labels and weights, noise where they
 *                 end
 *              3: … a training state, put right as far as the second byte's bit 0 says;
 *                 its other bits: the network it is for
 *
 * What can be read is run, unless that would take long. */
#include "../../core/bytes.h"
#include "../../core/layers/int8.h"
#include "../../core/memory.h"
#include "../../core/model.h"
#include "networks.h"

static void run(const dn_model *m) {
    char error[256];
    dn_model_info info;
    dn_model_get_info(m, &info);
    if (!fuzz_is_quick(&m->spec)) return;
    const size_t pixels = (size_t)info.shape.h * (size_t)info.shape.w *
                          (size_t)info.shape.c;
    const size_t classes = (size_t)info.classes;
    float *p = malloc(3 * classes * sizeof *p), *saliency = malloc(pixels * sizeof *p);
    float *embedding = malloc((size_t)info.embedding * sizeof *p);
    uint8_t *grey = malloc(pixels);
    dn_scratch *scratch = dn_scratch_new(m);
    if (!p || !saliency || !embedding || !grey || !scratch) abort();
    for (size_t i = 0; i < pixels; i++) grey[i] = (uint8_t)(i * 37);
    const dn_image images[2] = {{grey, DN_UINT8}, {grey, DN_UINT8}};
    dn_predict(m, scratch, images, p, embedding, NULL);
    const int best = dn_argmax(p, info.classes);
    FUZZ_CHECK(best >= 0 && best < info.classes);
    FUZZ_CHECK(dn_predict_batch(m, NULL, images, 2, p + classes) == DN_OK);
    for (size_t i = 0; i < classes; i++) /* what overflows is no number, in both */
        FUZZ_CHECK(p[i] == p[classes + i] ||
                   (p[i] != p[i] && p[classes + i] != p[classes + i]));
    FUZZ_CHECK(dn_saliency(m, images, best, saliency, NULL, error, sizeof error) ==
               DN_OK);
    dn_scratch_free(scratch);
    free(grey);
    free(embedding);
    free(saliency);
    free(p);
}

static void read_model(const uint8_t *bytes, size_t size) {
    char error[256] = "";
    const dn_heap heap = dn_heap_of(NULL);
    dn_model *m = NULL;
    dn_numbers numbers;
    const int status = dn_model_decode(&m, bytes, size, NULL, error, sizeof error);
    FUZZ_CHECK((status == DN_OK) == (m != NULL));
    FUZZ_CHECK(status != DN_ERROR || error[0]);
    const int again = dn_numbers_read(&numbers, bytes, size, NULL, error, sizeof error);
    if (status != DN_NOMEM && again != DN_NOMEM) FUZZ_CHECK(status == again);
    if (again ==
        DN_OK) { /* written again they are the same, except for what was filled up */
        void *copy = NULL;
        size_t n;
        const dn_content content = {
            .spec = &numbers.spec,
            .labels = numbers.labels,
            .mean = numbers.mean,
            .std = numbers.std,
            .weights = numbers.weights,
            .stats = numbers.stats,
            .temperature = 1,
            .precision = get32(bytes + 16) % 256 == 2 ? DN_KEEP_FLOAT16 : DN_KEEP_FLOAT32,
            .extras = numbers.extras};
        if (dn_model_encode(&copy, &n, &content, &heap) == DN_OK)
            FUZZ_CHECK(n <= size || numbers.precision == DN_KEEP_INT8);
        free(copy);
    }
    dn_numbers_clear(&numbers);
    if (m) run(m);
    dn_model_free(m);
}

static void put_right(uint8_t *p, size_t size) {
    if (size < 52) return;
    memcpy(p, "DIGITNET", 8);
    put32(p + 20, (uint32_t)size);
    put64(p + 8, dn_checksum(p + 16, size - 16));
}

/* write_model - a header, and as many bytes behind it as it asks for. */
static void write_model(fuzz_input *in) {
    static dn_spec spec;
    char error[256], notation[DN_MAX_NOTATION];
    const unsigned kind = fuzz_byte(in) & 3, format = kind == 3 ? 3 : 1 + (kind & 1);
    const dn_shape shape = fuzz_shape(in);
    fuzz_notation(notation, in);
    const int classes = 2 + fuzz_below(in, 8);
    const unsigned wild = fuzz_byte(in);
    if (dn_spec_parse(&spec, notation, shape, classes, NULL, error, sizeof error) !=
            DN_OK ||
        spec.parameters > 40000)
        return;
    const size_t text = strlen(notation), head = 52 + (text + 3) / 4 * 4;
    size_t size = head + 12 * (size_t)classes;
    for (int i = 0; i < spec.n; i++) {
        const dn_layer *l = &spec.layers[i];
        if (!l->rows) continue;
        const size_t weights = (size_t)l->rows * (size_t)l->columns;
        if (format == 3) {
            size += dn_int8_suits(l) ? (dn_int8_of_image(l) ? 0 : 8) +
                                           8 * (size_t)l->out.c + (weights + 3) / 4 * 4
                                     : 4 * (weights + (size_t)l->out.c);
            continue;
        }
        size += format == 2 ? (2 * weights + 3) / 4 * 4 : 4 * weights;
        size += 4 * (size_t)l->out.c * (l->norm ? 4 : 1);
    }
    uint8_t *p = calloc(1, size);
    if (!p) abort();
    put32(p + 16, format);
    put32(p + 24, (uint32_t)shape.h);
    put32(p + 28, (uint32_t)shape.w);
    put32(p + 32, (uint32_t)shape.c);
    put32(p + 36, (uint32_t)classes);
    put_float(p + 40, wild & 16 ? 1e6f : 0.25f);
    put_float(p + 44, wild & 32 ? 1e-6f : 0.5f);
    put32(p + 48, (uint32_t)text);
    memcpy(p + 52, notation, text);
    for (int i = 0; i < classes; i++) put32(p + head + 12 * (size_t)i, 0xffffffffu);
    unsigned noise = wild;
    for (size_t i = head + 12 * (size_t)classes; i + 4 <= size; i += 4) {
        noise = noise * 1664525u + 1013904223u;
        if (wild & 1)
            put_float(p + i, (float)(noise >> 8 & 0xffff) * (wild & 2 ? 1e33f : 1e-5f));
        else
            put32(p + i, noise & 0x3dff3dffu);
    }
    uint8_t *q = p + head + 12 * (size_t)classes; /* steps that there can be */
    for (int i = 0; i < spec.n && format == 3; i++) {
        const dn_layer *l = &spec.layers[i];
        const size_t weights = (size_t)l->rows * (size_t)l->columns;
        if (dn_int8_suits(l)) {
            if (!dn_int8_of_image(l)) {
                put_float(q, wild & 4 ? 1e-3f : 1e12f);
                put32(q + 4, wild);
                q += 8;
            }
            for (int o = 0; o < l->out.c; o++)
                put_float(q + 4 * o, wild & 8 ? 1e-2f : 1e9f);
            memset(q + 8 * l->out.c, (int)wild >> 1, weights);
            q += 8 * (size_t)l->out.c + (weights + 3) / 4 * 4;
        } else if (l->rows)
            q += 4 * (weights + (size_t)l->out.c);
    }
    /* The input's own bytes go over labels and the first weights. */
    const size_t own = in->left < size - head ? in->left : size - head;
    if (own) memcpy(p + head, in->at, own);
    put_right(p, size);
    read_model(p, size);
    free(p);
}

static void resume(fuzz_input *in) {
    static const char *const notations[4] = {"", "3C3b-MP2-4N", "4N-D0.5", "2C2-GAP"};
    static const dn_label labels[2] = {{NULL, 0, 0}, {NULL, 0, 1}};
    static const uint8_t pixels[16] = {255, 0, 255};
    char error[256] = "";
    dn_options options;
    dn_trainer *t = NULL;
    const unsigned mode = fuzz_byte(in);
    FUZZ_CHECK(dn_options_default(&options, notations[mode >> 1 & 3], error,
                                  sizeof error) == DN_OK);
    options.shape = (dn_shape){4, 4, 1};
    options.epochs = 2;
    options.batch = 1;
    FUZZ_CHECK(dn_trainer_new(&t, &options, labels, 2, 1, 0.5f, 0.5f, NULL, error,
                              sizeof error) == DN_OK);
    void *state = NULL;
    size_t size;
    FUZZ_CHECK(dn_trainer_state(t, &state, &size) == DN_OK);
    if (mode & 1) { /* over the step and the numbers */
        uint8_t *p = state;
        for (size_t i = 16; i < size - 8 && in->left; i++) {
            if (i == 24) i = 40;
            p[i] ^= (uint8_t)fuzz_byte(in);
        }
        put64(p + size - 8, dn_checksum(p, size - 8));
        if (dn_trainer_resume(t, p, size, error, sizeof error) == DN_OK) {
            dn_metrics metrics = {0};
            const dn_image image = {pixels, DN_UINT8};
            const int32_t truth = 1;
            const uint32_t key = 0;
            dn_trainer_step(t, NULL, &image, &truth, &key, 1, &metrics);
            FUZZ_CHECK(dn_trainer_rate(t) >= 0);
        } else
            FUZZ_CHECK(error[0]);
    } else {
        const size_t n = in->left;
        uint8_t *p = fuzz_copy(in, n);
        FUZZ_CHECK(dn_trainer_resume(t, p, n, error, sizeof error) != DN_OK);
        FUZZ_CHECK(error[0]);
        free(p);
    }
    free(state);
    dn_trainer_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fuzz_input in = {bytes, size};
    const int mode = fuzz_below(&in, 4);
    fuzz_kernels(2);
    if (mode == 2) {
        write_model(&in);
    } else if (mode == 3) {
        resume(&in);
    } else {
        const size_t n = mode == 1 ? in.left & ~(size_t)3 : in.left;
        uint8_t *copy = fuzz_copy(&in, n);
        if (mode == 1) put_right(copy, n);
        read_model(copy, n);
        free(copy);
    }
    return 0;
}

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    static const char *const notations[4] = {"", "2C3b-MP2-4N", "4Nb", "2C2v-GAP-D0.5"};
    static const dn_label labels[2] = {{NULL, 0, 0}, {"one", 3, 0}};
    char error[256];
    if (i < 8) {
        dn_options options;
        dn_trainer *t = NULL;
        void *model = NULL;
        size_t size;
        dn_options_default(&options, notations[i / 2], error, sizeof error);
        options.shape = (dn_shape){4, 4, 1};
        options.precision = i & 1 ? DN_KEEP_FLOAT16 : DN_KEEP_FLOAT32;
        if (dn_trainer_new(&t, &options, labels, 2, 1, 0.5f, 0.5f, NULL, error,
                           sizeof error) ||
            dn_trainer_model(t, 1, &model, &size))
            abort();
        out[0] = i < 6;
        memcpy(out + 1, model, size);
        free(model);
        dn_trainer_free(t);
        return 1 + size;
    }
    if (i < 12) {
        static const uint8_t heads[4][16] = {
            {2, 0, 7, 7, 0, 2, 0, 45, 0, 6, 20, 3, 0},
            {2, 1, 11, 11, 1, 3, 1, 90, 2, 5, 1, 6, 9, 4, 3},
            {2, 0, 3, 3, 0, 1, 6, 150, 2, 1},
            {2, 1, 5, 5, 2, 2, 7, 5, 4, 6, 1, 2}};
        memcpy(out, heads[i - 8], 16);
        return 16;
    }
    if (i < 16) {
        out[0] = 3;
        out[1] = (uint8_t)(2 * (i - 12) + 1);
        memset(out + 2, 0, 24);
        return 26;
    }
    return 0;
}
