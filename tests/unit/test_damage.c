/* test_damage.c - stored bytes that were changed: whatever one byte becomes, wherever they are
 * cut off, whatever is appended, they are no model and no training state any more. */
#include <stdlib.h>
#include "../../core/dn.h"
#include "../../core/model.h"
#include "check.h"

static const dn_label labels[3] = {{NULL, 0, -7}, {"three", 5, 0}, {NULL, 0, 1}};

static dn_trainer *trainer(const char *layers, dn_precision precision) {
    char error[256];
    dn_options o;
    dn_trainer *t = NULL;
    CHECK(dn_options_default(&o, layers, error, sizeof error) == DN_OK);
    o.shape = (dn_shape){4, 4, 1};
    o.precision = precision;
    CHECK(dn_trainer_new(&t, &o, labels, 3, 10, 0.25f, 0.5f, error, sizeof error) ==
          DN_OK);
    return t;
}

/* Whether bytes are taken for what they are not, by any of those who read them. */
static int taken(dn_trainer *t, const uint8_t *bytes, size_t size) {
    char error[256] = "";
    dn_model *m = NULL;
    dn_numbers numbers;
    int good = dn_model_decode(&m, bytes, size, error, sizeof error) != DN_ERROR;
    good |= m != NULL || !error[0];
    error[0] = 0;
    good |= dn_numbers_read(&numbers, bytes, size, error, sizeof error) != DN_ERROR;
    dn_numbers_clear(&numbers);
    good |= !error[0];
    error[0] = 0;
    good |= dn_trainer_resume(t, bytes, size, error, sizeof error) != DN_ERROR;
    return good || !error[0];
}

/* damage - counts the changes that were not noticed: all that a byte can become, or each bit
 * alone. */
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
    CHECK(dn_model_decode(&m, bytes, size, error, sizeof error) == DN_OK); /* unchanged */
    damage(t, bytes, size, 1);
    dn_model_free(m);
    free(bytes);
    CHECK(dn_trainer_state(t, &bytes, &size) == DN_OK);
    damage(t, bytes, size, 0);
    CHECK(dn_trainer_resume(t, bytes, size, error, sizeof error) == DN_OK);
    free(bytes);
    dn_trainer_free(t);
}

int main(void) {
    test_damage("", DN_KEEP_FLOAT32);
    test_damage("2C3b-MP2", DN_KEEP_FLOAT16);
    return check_done("test_damage");
}
