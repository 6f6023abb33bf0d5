/* test_damage.c - stored bytes that were changed: whatever one byte becomes, wherever
 * they are cut off, whatever is appended, they are no model and no training state any
 * more. And what someone made who knows how the checksum is made is refused for what is
 * wrong with it. */
#include <stdlib.h>
#include "../../../core/bytes.h"
#include "../../../core/dn.h"
#include "../../../core/memory.h"
#include "../../../core/model.h"
#include "../check.h"
#include "forged.h"

static const dn_label labels[3] = {{NULL, 0, -7}, {"three", 5, 0}, {NULL, 0, 1}};

static dn_trainer *trainer(const char *layers, dn_precision precision) {
    char error[256];
    dn_options o;
    dn_trainer *t = NULL;
    CHECK(dn_options_default(&o, layers, error, sizeof error) == DN_OK);
    o.shape = (dn_shape){4, 4, 1};
    o.precision = precision;
    CHECK(dn_trainer_new(&t, &o, labels, 3, 10, 0.25f, 0.5f, NULL, error, sizeof error) ==
          DN_OK);
    return t;
}

/* Whether bytes are taken for what they are not, by any of those who read them. */
static int taken(dn_trainer *t, const uint8_t *bytes, size_t size) {
    char error[256] = "";
    dn_model *m = NULL;
    dn_numbers numbers;
    int good = dn_model_decode(&m, bytes, size, NULL, error, sizeof error) != DN_ERROR;
    good |= m != NULL || !error[0];
    error[0] = 0;
    good |= dn_numbers_read(&numbers, bytes, size, NULL, error, sizeof error) != DN_ERROR;
    dn_numbers_clear(&numbers);
    good |= !error[0];
    error[0] = 0;
    good |= dn_trainer_resume(t, bytes, size, error, sizeof error) != DN_ERROR;
    return good || !error[0];
}

/* damage - counts the changes that were not noticed: all that a byte can become, or each
 * bit alone. */
static void damage(dn_trainer *t, const uint8_t *bytes, size_t size, int all) {
    int changed = 0, cut = 0, longer = 0;
    uint8_t *copy = malloc(size);
    if (!CHECK(copy != NULL)) return;
    memcpy(copy, bytes, size);
    for (size_t i = 0; i < size; i++) {
        for (unsigned x = 1; x < 256; x = all ? x + 1 : 2 * x) {
            copy[i] = (uint8_t)(bytes[i] ^ x);
            changed += taken(t, copy, size);
        }
        copy[i] = bytes[i];
    }
    free(copy);
    CHECK(changed == 0);
    for (size_t n = 0; n < size + 64; n++) {
        if (n == size) continue;
        copy = calloc(1, n ? n : 1); /* no byte more: a sanitizer would see it read */
        if (!CHECK(copy != NULL)) return;
        memcpy(copy, bytes, n < size ? n : size);
        *(n < size ? &cut : &longer) += taken(t, copy, n);
        if (n > size) { /* not only zeros */
            memset(copy + size, 0xA5, n - size);
            longer += taken(t, copy, n);
        }
        free(copy);
    }
    CHECK(cut == 0);
    CHECK(longer == 0);
}

static void test_damage(const char *layers, dn_precision precision) {
    char error[256];
    void *bytes = NULL;
    size_t size = 0;
    dn_trainer *t = trainer(layers, precision);
    dn_model *m = NULL;
    CHECK(dn_trainer_model(t, 1.5, &bytes, &size) == DN_OK);
    CHECK(dn_model_decode(&m, bytes, size, NULL, error, sizeof error) ==
          DN_OK); /* unchanged */
    damage(t, bytes, size, 1);
    dn_model_free(m);
    free(bytes);
    CHECK(dn_trainer_state(t, &bytes, &size) == DN_OK);
    damage(t, bytes, size, 0);
    CHECK(dn_trainer_resume(t, bytes, size, error, sizeof error) == DN_OK);
    free(bytes);
    dn_trainer_free(t);
}

/* --- a right checksum, and all else wrong ------------------------------------------- */

#define FORMAT 16 /* where core/model.c says that they are; the layers are 2C3b-MP2 */
#define SIZE   20
#define SHAPE  24
#define COUNT  36 /* of classes */
#define MEAN   40
#define STD    44
#define LENGTH 48 /* of the notation */
#define LAYERS 52
#define LABELS 60 /* -7 12 bytes, three 12, 1 12 */
#define CONV   96

static void test_forged(dn_precision precision) {
    static const char damaged[] = "model bytes are damaged: ";
    const int half = precision == DN_KEEP_FLOAT16, wide = half ? 2 : 4;
    const size_t beta = CONV + (size_t)(18 * wide), dense = beta + 4 * 2 * 4,
                 bias = dense + (size_t)(24 * wide), size = bias + 3 * 4;
    const uint32_t nan = half ? 0x7e007e00 : 0x7fc00000, one = 0x3f800000;
    const struct {
        size_t at;
        uint32_t value;
        const char *reason; /* after "model bytes are damaged: "; after '!' the whole */
    } forged[] = {
        {FORMAT, 4, "!model bytes are of format 4; this version reads formats 1 to 3"},
        {SHAPE, 0, "!shape is 0x4x1; expected sides of 1..4096 and 1..4096 channels"},
        {SHAPE + 4, 4097,
         "!shape is 4x0x1; expected sides of 1..4096 and 1..4096 channels"},
        {SHAPE + 8, 4097,
         "!shape is 4x4x0; expected sides of 1..4096 and 1..4096 channels"},
        {SHAPE, 0xffffffff,
         "!shape is 0x4x1; expected sides of 1..4096 and 1..4096 channels"},
        {COUNT, 1, "!1 classes; expected 2..65536"},
        {COUNT, 0xffffffff, "!0 classes; expected 2..65536"},
        {COUNT, 1000, "labels are missing"},
        {MEAN, 0x7fc00000, "mean and deviation of the pixels are out of range"},
        {MEAN, 0xff7fffff, "mean and deviation of the pixels are out of range"},
        {STD, 0, "mean and deviation of the pixels are out of range"},
        {STD, 0x7f800000, "mean and deviation of the pixels are out of range"},
        {LENGTH, 0xffffffff, "the notation is too long"},
        {LENGTH, 511, "the notation is too long"},
        {LAYERS, 0x58585858,
         "!layers: 'XXXX-MP2': expected nCk, DWk, MPk, APk, GAP, nN, B, Dp or OUT in "
         "'XXXX' at "
         "character 1"},
        {LAYERS, 0x62334333,
         "the number of weights does not fit the notation"}, /* 3C3b */
        {LABELS, 1000, "labels are missing"},
        {LABELS, 0xfffffffe, "labels are missing"},
        {CONV, nan, "a weight is not finite"},
        {beta - 4, nan, "a weight is not finite"},
        {beta, 0x7f800000, "a weight is not finite"},
        {beta + 8, 0x7fc00000, "batch norm's numbers are out of range"},
        {beta + 16, 0xff800000, "batch norm's numbers are out of range"},
        {beta + 28, one | 0x80000000, "batch norm's numbers are out of range"},
        {dense, nan, "a weight is not finite"},
        {bias - 4, nan, "a weight is not finite"},
        {bias + 8, 0x7fc00000, "a weight is not finite"},
    };
    char error[256];
    void *made = NULL;
    size_t made_size = 0;
    dn_trainer *t = trainer("2C3b-MP2", precision);
    CHECK(dn_trainer_model(t, 1, &made, &made_size) == DN_OK);
    dn_trainer_free(t);
    uint8_t *bytes = made, whole[512];
    if (!CHECK(made_size == size && size <= sizeof whole)) return;
    memcpy(whole, bytes, size);
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        const char *reason = forged[i].reason;
        snprintf(error, sizeof error, "%s%s", *reason == '!' ? "" : damaged,
                 reason + (*reason == '!'));
        put32(bytes + forged[i].at, forged[i].value);
        refused(bytes, size, error);
        memcpy(bytes, whole, size);
    }
    /* Cut off after the labels, and within them. */
    for (size_t n = LABELS; n <= CONV; n += 4) {
        put32(bytes + SIZE, (uint32_t)n);
        refused(bytes, n,
                n == CONV ? "model bytes are damaged: the number of weights does not fit "
                            "the notation"
                          : "model bytes are damaged: labels are missing");
        memcpy(bytes, whole, size);
    }
    put32(bytes + SIZE, (uint32_t)size - 2);
    snprintf(error, sizeof error,
             "model bytes are damaged: %zu bytes; expected a multiple of 4", size - 2);
    refused(bytes, size - 2, error);
    free(made);
}

/* --- optional sections -------------------------------------------------------------- */

/* The model with extras; *size and where they begin. */
static uint8_t *with_extras(dn_trainer *t, const dn_extras *extras, size_t *size) {
    const dn_heap heap = dn_heap_of(NULL);
    char error[256];
    void *plain = NULL, *bytes = NULL;
    size_t plain_size;
    dn_numbers numbers;
    CHECK(dn_trainer_model(t, 1, &plain, &plain_size) == DN_OK);
    CHECK(dn_numbers_read(&numbers, plain, plain_size, NULL, error, sizeof error) ==
          DN_OK);
    const dn_content content = {.spec = &numbers.spec,
                                .labels = numbers.labels,
                                .mean = numbers.mean,
                                .std = numbers.std,
                                .weights = numbers.weights,
                                .stats = numbers.stats,
                                .temperature = 1,
                                .extras = *extras};
    CHECK(dn_model_encode(&bytes, size, &content, &heap) == DN_OK);
    CHECK(*size == plain_size + dn_extras_size(extras));
    dn_numbers_clear(&numbers);
    free(plain);
    return bytes;
}

static void test_extras(void) {
    char error[256];
    size_t size;
    dn_trainer *t = trainer("2C3b-MP2", DN_KEEP_FLOAT32);
    dn_numbers numbers;
    const dn_extras extras = {.picture = 3};
    uint8_t *bytes = with_extras(t, &extras, &size);
    CHECK(get32(bytes + FORMAT) == 257);
    CHECK(dn_numbers_read(&numbers, bytes, size, NULL, error, sizeof error) == DN_OK);
    CHECK(numbers.extras.picture == 3);
    dn_numbers_clear(&numbers);
    damage(t, bytes, size, 1);
    /* The sections, 16 bytes, stand where the numbers of others do. */
    const struct {
        size_t at;
        uint32_t value;
        const char *reason;
    } forged[] = {
        {CONV, 0xfffffffc, "sections are cut off"},
        {CONV, 11, "sections are cut off"},
        {CONV, 4, "a section is cut off"},
        {CONV, 8, "a section is cut off"},
        {CONV, 0, "the number of weights does not fit the notation"},
        {CONV + 4, 0x58434950, "a section is of a later version of digitnet"},
        {CONV + 8, 0xffffffff, "a section is cut off"},
        {CONV + 8, 3, "its picture is out of range"},
        {CONV + 12, 256, "its picture is out of range"},
    };
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        const uint32_t kept = get32(bytes + forged[i].at);
        snprintf(error, sizeof error, "model bytes are damaged: %s", forged[i].reason);
        put32(bytes + forged[i].at, forged[i].value);
        refused(bytes, size, error);
        put32(bytes + forged[i].at, kept);
    }
    free(bytes);
    dn_trainer_free(t);
}

int main(void) {
    test_extras();
    test_damage("", DN_KEEP_FLOAT32);
    test_damage("2C3b-MP2", DN_KEEP_FLOAT16);
    test_forged(DN_KEEP_FLOAT32);
    test_forged(DN_KEEP_FLOAT16);
    return check_done("test_damage");
}
