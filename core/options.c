/* options.c - training options, one row each: range, default, meaning. See dn.h. */
#include <stddef.h>
#include <string.h>
#include "error.h"

/* The presets: a name for a notation, with what suits it on 28×28 images. 'mlp' is the
 * network of many a first notebook (Flatten, Dense, Dense); 'lenet5' is LeCun et al.
 * (1998) with ReLU and max pooling; 'deep' is the built-in model's; 'resnet8' and
 * 'resnet20' are residual networks after He et al. (2016), whose steps down have a
 * convolution of 1×1 beside them; 'mobile' has the inverted residuals of Sandler et al.
 * (2018).
 *
 * 'cnn' was tuned on the last 10,000 of the training images of MNIST and of
 * Fashion-MNIST, trained on the others. Digits hardly mind: 99.60 to 99.66 % of them
 * right with augment from 0.4 to 0.8, 10 epochs or 18, with and without ema. Clothes do:
 * 91.0 % with 0.8 and 10 epochs, 91.5 % with 18, 92.4 % with 0.4, 92.5 % with ema. 12 is
 * what there is time for. */
static const struct preset {
    const char *name, *layers;
} presets[DN_PRESETS] = {
    {NULL, NULL}, /* any other notation */
    {"softmax", ""},
    {"mlp", "128N"},
    {"lenet5", "6C5-MP2-16C5v-MP2-120N-84N"},
    {"cnn", "24C5v-MP2-32C3v-MP2-256N"},
    {"deep", "32C5vb-MP2-64C3b-64C3b-MP2-112C3vb-112C3vb-D0.3"},
    {"resnet8", "16C3b-(16C3b-16C3bi)+-(32C3b/2-32C3bi|32C1b/2i)+"
                "-(64C3b/2-64C3bi|64C1b/2i)+-GAP"},
    {"resnet20",
     "16C3b-X3[(16C3b-16C3bi)+]-(32C3b/2-32C3bi|32C1b/2i)+-X2[(32C3b-32C3bi)+]"
     "-(64C3b/2-64C3bi|64C1b/2i)+-X2[(64C3b-64C3bi)+]-GAP"},
    {"mobile", "16C3br6-DW3br6-16C1bi-64C1br6-DW3/2br6-24C1bi-(96C1br6-DW3br6-24C1bi)+i"
               "-96C1br6-DW3/2br6-40C1bi-X2[(160C1br6-DW3br6-40C1bi)+i]-160C1br6-GAP"},
};

static const char *const optimizers[] = {"adamw", "sgd", NULL};
static const char *const schedules[] = {"onecycle", "cosine", "constant", NULL};
static const char *const precisions[] = {"float32", "float16", "int8", NULL};

const char *dn_precision_name(dn_precision precision) { return precisions[precision]; }

/* A row. Its last arguments are the defaults of other notations, softmax, mlp, lenet5,
 * cnn, deep, resnet8, resnet20 and mobile. */
#define ROW(field, kind, low, high, bits, list, text, ...)                               \
    {                                                                                    \
        .name = #field, .type = kind, .offset = offsetof(dn_options, field),             \
        .least = low, .most = high, .flags = bits, .value = {__VA_ARGS__},               \
        .words = list, .meaning = text                                                   \
    }
#define INTEGER(field, low, high, bits, text, ...)                                       \
    ROW(field, DN_INTEGER, low, high, bits, NULL, text, __VA_ARGS__)
#define REAL(field, low, high, bits, text, ...)                                          \
    ROW(field, DN_REAL, low, high, bits, NULL, text, __VA_ARGS__)
#define WORD(field, list, text, word)                                                    \
    ROW(field, DN_WORD, 0, 0, 0, list, text, DN_SAME(word))

static const dn_option table[] = {
    ROW(layers, DN_NOTATION, 0, DN_MAX_NOTATION, 0, NULL, "a preset or a layer notation",
        0),
    INTEGER(epochs, 1, 100000, DN_RESUMABLE,
            "how often the training goes through all images", 5, 5, 5, 5, 12, 15, 15, 15,
            15),
    INTEGER(batch, 1, 65536, 0, "images a step of the optimizer", 128, 128, 128, 128, 256,
            128, 128, 128, 128),
    REAL(rate, 0, 100, DN_OPEN, "the highest learning rate, above 0", 0.003, 0.003, 0.003,
         0.004, 0.006, 0.01, 0.01, 0.01, 0.01),
    ROW(seed, DN_INTEGER64, 0, 0, DN_SHARED, NULL,
        "the same seed gives the same model, bit for bit", DN_SAME(1)),
    REAL(augment, 0, 4, 0,
         "strength of random shift, turn, scale and shear; 1: up to 9 % of the side, 12 "
         "degrees, 12 % and 0.15",
         0, 0, 0, 0, 0.5, 1, 0.5, 0.5, 0.5),
    WORD(optimizer, optimizers, "'adamw', or 'sgd' with Nesterov momentum", DN_ADAMW),
    WORD(schedule, schedules,
         "'onecycle', 'cosine' or 'constant': the learning rate over the steps",
         DN_ONECYCLE),
    REAL(warmup, 0, 1, 0, "share of the steps until the highest learning rate",
         DN_SAME(0.3)),
    REAL(momentum, 0, 0.9999, 0, "momentum of sgd, beta1 of adamw", DN_SAME(0.9)),
    REAL(beta2, 0, 0.99999, 0, "beta2 of adamw", DN_SAME(0.99)),
    REAL(weight_decay, 0, 1, 0, "decoupled weight decay; biases and batch norm have none",
         DN_SAME(0.01)),
    REAL(label_smoothing, 0, 0.9, 0,
         "share of the target probability that is spread over all classes", 0, 0, 0, 0,
         0.03, 0, 0.03, 0.03, 0.03),
    REAL(ema, 0, 0.99999, 0,
         "decay a step of the averaged weights, which are then the model's; 0: none", 0,
         0, 0, 0, 0.998, 0.999, 0.998, 0.998, 0.998),
    REAL(flip, 0, 1, 0,
         "share of the images mirrored left to right; 0.5 for things without left and "
         "right",
         DN_SAME(0)),
    REAL(blank, 0, 0.5, 0,
         "share of the images replaced by noise of no class, which lowers the confidence "
         "on images that show no digit",
         0, 0, 0, 0, 0.01, 0.01, 0.01, 0.01, 0.01),
    REAL(teacher_share, 0, 1, 0,
         "share of the loss that is the distance from the teachers", DN_SAME(0.9)),
    INTEGER(teacher_checked, 0, 1, 0,
            "1: of an image that the teacher has wrong, the label alone is learned",
            DN_SAME(0)),
    INTEGER(teacher_mean, 0, 1, 0,
            "1: each step learns the mean of all teachers, 0: of one after the other; "
            "with teacher_checked each counts as much as it is sure of the label",
            DN_SAME(0)),
    REAL(teacher_temperature, 0, 100, DN_OPEN, "distillation temperature, above 0",
         DN_SAME(3)),
    WORD(precision, precisions,
         "of the stored model: 'float32'; 'float16' halves it; 'int8' is a quarter, and "
         "predicts in integers, faster",
         DN_KEEP_FLOAT32),
};

#define N_TABLE ((int)(sizeof table / sizeof *table))

const dn_option *dn_option_at(int i) { return i >= 0 && i < N_TABLE ? &table[i] : NULL; }

const char *dn_preset_name(int preset) {
    return preset >= 0 && preset < DN_PRESETS ? presets[preset].name : NULL;
}

const char *dn_preset_layers(int preset) {
    return preset >= 0 && preset < DN_PRESETS ? presets[preset].layers : NULL;
}

/* --- words -------------------------------------------------------------------------- */

static int same_word(const char *a, const char *b) {
    for (; *a && *b; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a - 'A' + 'a') : *a;
        if (x != *b) return 0;
    }
    return *a == *b;
}

int dn_word_find(const char *const *words, const char *word) {
    for (int i = 0; words[i]; i++)
        if (same_word(word, words[i])) return i;
    return -1;
}

/* --- defaults ----------------------------------------------------------------------- */

void dn_option_default(void *options, const dn_option *option, int preset) {
    char *at = (char *)options + option->offset;
    const double value = option->value[preset];
    switch (option->type) {
    case DN_INTEGER:
    case DN_WORD: *(int *)at = (int)value; break;
    case DN_INTEGER64: *(uint64_t *)at = (uint64_t)value; break;
    case DN_REAL: *(double *)at = value; break;
    default: break; /* a text: empty */
    }
}

int dn_options_default(dn_options *o, const char *layers, char *error,
                       size_t error_size) {
    int preset = 0;
    if (strlen(layers) >= DN_MAX_NOTATION)
        return dn_fail(error, error_size, "layers: %d characters; expected at most %d",
                       (int)strlen(layers), DN_MAX_NOTATION - 1);
    for (int i = 1; i < DN_PRESETS; i++)
        if (same_word(layers, presets[i].name)) layers = presets[preset = i].layers;
    memset(o, 0, sizeof *o);
    memcpy(o->layers, layers, strlen(layers) + 1);
    for (int i = 0; i < N_TABLE; i++) dn_option_default(o, &table[i], preset);
    return DN_OK;
}

/* --- ranges ------------------------------------------------------------------------- */

int dn_options_check(const dn_options *o, char *error, size_t error_size) {
    for (int i = 0; i < N_TABLE; i++) {
        const dn_option *option = &table[i];
        const char *at = (const char *)o + option->offset;
        if (option->type != DN_INTEGER && option->type != DN_REAL) continue;
        const double value = option->type == DN_INTEGER ? *(const int *)at
                                                        : *(const double *)at;
        const int open = option->flags & DN_OPEN;
        /* Written so that NaN fails. */
        if (value >= option->least && value <= option->most &&
            !(open && value == option->least))
            continue;
        return dn_fail(error, error_size, "%s is %g; expected %s%g%s to %g", option->name,
                       value, open ? "above " : "", option->least, open ? ", up" : "",
                       option->most);
    }
    return DN_OK;
}
