/* option_table.c - the options of train_model, one by one: names, ranges, values. See options.h and,
 * for what options.c uses, option_table.h. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "../base/argument.h"
#include "../base/json.h"
#include "../image/image.h"
#include "option_table.h"

typedef enum option_kind {
    LAYERS,
    INTEGER,
    SEED,
    REAL,
    SHAPE,
    OPTIMIZER,
    SCHEDULE,
    PRECISION,
    MODELS,
    MODEL
} option_kind;

/* Where an option is kept and what is allowed. Ranges are those of dn_options_check. */
static const struct option {
    const char *name;
    option_kind kind;
    size_t offset;      /* INTEGER: of an int; REAL: of a double */
    double least, most; /* for these two; least -1 for "above 0" */
    int free; /* may differ when a run is resumed; then also not data or network */
} table[N_OPTIONS] = {
    [OPTION_LAYERS] = {"layers", LAYERS, 0, 0, 0, 0},
    [OPTION_EPOCHS] = {"epochs", INTEGER, offsetof(ext_options, net.epochs), 1, 100000,
                       1},
    [OPTION_BATCH] = {"batch", INTEGER, offsetof(ext_options, net.batch), 1, 65536, 0},
    [OPTION_RATE] = {"rate", REAL, offsetof(ext_options, net.rate), -1, 100, 0},
    [OPTION_SEED] = {"seed", SEED, 0, 0, 0, 0},
    [OPTION_HOLDOUT] = {"holdout", REAL, offsetof(ext_options, holdout), 0, 0.9, 0},
    [OPTION_AUGMENT] = {"augment", REAL, offsetof(ext_options, net.augment), 0, 4, 0},
    [OPTION_PATIENCE] = {"patience", INTEGER, offsetof(ext_options, patience), 0, 100000,
                         1},
    [OPTION_RESUME] = {"resume", INTEGER, offsetof(ext_options, resume), 0, 1, 1},
    [OPTION_THREADS] = {"threads", INTEGER, offsetof(ext_options, threads), 1, 1024, 1},
    [OPTION_SHAPE] = {"shape", SHAPE, 0, 0, 0, 0},
    [OPTION_OPTIMIZER] = {"optimizer", OPTIMIZER, 0, 0, 0, 0},
    [OPTION_SCHEDULE] = {"schedule", SCHEDULE, 0, 0, 0, 0},
    [OPTION_WARMUP] = {"warmup", REAL, offsetof(ext_options, net.warmup), 0, 1, 0},
    [OPTION_MOMENTUM] = {"momentum", REAL, offsetof(ext_options, net.momentum), 0, 0.9999,
                         0},
    [OPTION_BETA2] = {"beta2", REAL, offsetof(ext_options, net.beta2), 0, 0.99999, 0},
    [OPTION_WEIGHT_DECAY] = {"weight_decay", REAL,
                             offsetof(ext_options, net.weight_decay), 0, 1, 0},
    [OPTION_LABEL_SMOOTHING] = {"label_smoothing", REAL,
                                offsetof(ext_options, net.label_smoothing), 0, 0.9, 0},
    [OPTION_EMA] = {"ema", REAL, offsetof(ext_options, net.ema), 0, 0.99999, 0},
    [OPTION_FLIP] = {"flip", REAL, offsetof(ext_options, net.flip), 0, 1, 0},
    [OPTION_BLANK] = {"blank", REAL, offsetof(ext_options, net.blank), 0, 0.5, 0},
    [OPTION_TEACHER] = {"teacher", MODELS, offsetof(ext_options, teacher), 0, 0, 0},
    [OPTION_TEACHER_SHARE] = {"teacher_share", REAL,
                              offsetof(ext_options, net.teacher_share), 0, 1, 0},
    [OPTION_TEACHER_TEMPERATURE] = {"teacher_temperature", REAL,
                                    offsetof(ext_options, net.teacher_temperature), -1,
                                    100, 0},
    [OPTION_TEMPERATURE] = {"temperature", REAL, offsetof(ext_options, temperature), 0,
                            100, 0},
    [OPTION_PRECISION] = {"precision", PRECISION, 0, 0, 0, 0},
    [OPTION_CACHE_MB] = {"cache_mb", INTEGER, offsetof(ext_options, cache_mb), 1, 1 << 20,
                         0},
    [OPTION_START] = {"start", MODEL, 0, 0, 0, 0},
};

const char *ext_options_name(int k) { return table[k].name; }

int ext_options_find(const char *name) {
    for (int k = 0; k < N_OPTIONS; k++)
        if (strcmp(name, table[k].name) == 0) return k;
    return -1;
}

int ext_options_numbers(int k) {
    return table[k].kind == REAL ? 1 : table[k].kind == INTEGER ? 2 : 0;
}

static int *integer_of(ext_options *o, int k) {
    return (int *)((char *)o + table[k].offset);
}
static double *real_of(ext_options *o, int k) {
    return (double *)((char *)o + table[k].offset);
}

int ext_option_is_free(int k) { return table[k].free; }

/* --- a value comes in ------------------------------------------------------------------- */

/* expected - what an option takes, in words. */
static void expected(int k, char *out, int size) {
    const struct option *option = &table[k];
    switch (option->kind) {
    case LAYERS:
        sqlite3_snprintf(size, out,
                         "a notation like '24C5-MP2-256N' or 'softmax', 'mlp', "
                         "'lenet5', 'cnn', 'deep'");
        break;
    case SHAPE: sqlite3_snprintf(size, out, EXT_SHAPE_FORM); break;
    case OPTIMIZER: sqlite3_snprintf(size, out, "'adamw' or 'sgd'"); break;
    case SCHEDULE:
        sqlite3_snprintf(size, out, "'onecycle', 'cosine' or 'constant'");
        break;
    case PRECISION: sqlite3_snprintf(size, out, "'float32' or 'float16'"); break;
    case MODELS:
        sqlite3_snprintf(size, out, "up to %d models' names, joined by commas",
                         DN_MAX_TEACHERS);
        break;
    case MODEL: sqlite3_snprintf(size, out, "'name', 'name@version' or 'builtin'"); break;
    default: break;
    }
}

/* value_error - "rate is -1; expected a number above 0, up to 100". */
static int value_error(int k, sqlite3_value *value, char *error) {
    char takes[128];
    expected(k, takes, sizeof takes);
    return ext_argument_error(error, table[k].name, value, takes);
}

int ext_option_layers(ext_options *o, const char *layers, char *error) {
    const dn_shape shape = o->net.shape;
    if (dn_options_default(&o->net, layers, error, EXT_ERROR_SIZE) != DN_OK)
        return SQLITE_ERROR;
    o->net.shape = shape;
    return SQLITE_OK;
}

static int text_set(ext_options *o, int k, sqlite3_value *value, char *error) {
    if (sqlite3_value_type(value) != SQLITE_TEXT) return value_error(k, value, error);
    const char *text = (const char *)sqlite3_value_text(value);
    int good = 0;
    if (!text) return SQLITE_NOMEM;
    switch (table[k].kind) {
    case LAYERS: return ext_option_layers(o, text, error);
    case SHAPE: good = ext_shape_parse(&o->net.shape, text); break;
    case OPTIMIZER: good = dn_optimizer_parse(&o->net.optimizer, text) == DN_OK; break;
    case SCHEDULE: good = dn_schedule_parse(&o->net.schedule, text) == DN_OK; break;
    case PRECISION: good = dn_precision_parse(&o->net.precision, text) == DN_OK; break;
    case MODELS:
        good = strlen(text) < sizeof o->teacher;
        if (good) sqlite3_snprintf(sizeof o->teacher, o->teacher, "%s", text);
        break;
    case MODEL:
        good = strlen(text) < sizeof o->start;
        if (good) sqlite3_snprintf(sizeof o->start, o->start, "%s", text);
        break;
    default: break;
    }
    return good ? SQLITE_OK : value_error(k, value, error);
}

int ext_option_set(ext_options *o, int k, sqlite3_value *value, char *error) {
    const struct option *option = &table[k];
    const double least = option->least;
    int rc;
    if (option->kind == SEED) {
        sqlite3_int64 seed = (sqlite3_int64)o->net.seed;
        rc = ext_integer64(&seed, value, option->name, INT64_MIN, INT64_MAX, error);
        o->net.seed = (uint64_t)seed;
    } else if (option->kind == INTEGER) {
        rc = ext_integer(integer_of(o, k), value, option->name, (int)least,
                         (int)option->most, error);
    } else if (option->kind == REAL) {
        double *number = real_of(o, k);
        rc = ext_real(number, value, option->name, least < 0 ? 0 : least, option->most,
                      least < 0, error);
        *number = ext_json_round(*number) + 0.0; /* -0 becomes 0, as JSON gives back */
    } else {
        rc = text_set(o, k, value, error);
    }
    return rc;
}

/* same_model - whether a model's name will do for the one that is stored: 'digits' for the
 * 'digits@2' that it stood for. */
static int same_model(const char *given, size_t given_size, const char *stored,
                      size_t stored_size) {
    if (stored_size < given_size || strncmp(given, stored, given_size) != 0) return 0;
    return stored_size == given_size || (given_size && stored[given_size] == '@');
}

/* same_models - the same of names joined by commas. */
static int same_models(const char *given, const char *stored) {
    for (;;) {
        const size_t size = strcspn(given, ","), stored_size = strcspn(stored, ",");
        if (!same_model(given, size, stored, stored_size)) return 0;
        given += size;
        stored += stored_size;
        if (!*given || !*stored) return *given == *stored;
        given++, stored++;
    }
}

int ext_option_same(const ext_options *a, const ext_options *b, int k) {
    const dn_shape s = a->net.shape, t = b->net.shape;
    switch (table[k].kind) {
    case LAYERS: return 1; /* compared as parsed notations, when a trainer is made */
    case INTEGER:
        return *integer_of((ext_options *)a, k) == *integer_of((ext_options *)b, k);
    case SEED: return a->net.seed == b->net.seed;
    case REAL: return *real_of((ext_options *)a, k) == *real_of((ext_options *)b, k);
    case SHAPE: return s.h == t.h && s.w == t.w && s.c == t.c;
    case OPTIMIZER: return a->net.optimizer == b->net.optimizer;
    case SCHEDULE: return a->net.schedule == b->net.schedule;
    case PRECISION: return a->net.precision == b->net.precision;
    case MODELS: return same_models(a->teacher, b->teacher);
    case MODEL: return same_model(a->start, strlen(a->start), b->start, strlen(b->start));
    }
    return 0;
}

/* --- and goes out ------------------------------------------------------------------------ */

void ext_option_json(sqlite3_str *out, const ext_options *options, int k) {
    ext_options *o =
        (ext_options *)options; /* integer_of takes no const; nothing changes */
    switch (table[k].kind) {
    case LAYERS: ext_json_string(out, o->net.layers, strlen(o->net.layers)); break;
    case INTEGER: sqlite3_str_appendf(out, "%d", *integer_of(o, k)); break;
    case SEED: sqlite3_str_appendf(out, "%lld", (sqlite3_int64)o->net.seed); break;
    case REAL: ext_json_real(out, *real_of(o, k)); break;
    case SHAPE:
        sqlite3_str_appendf(out, "\"%dx%dx%d\"", o->net.shape.h, o->net.shape.w,
                            o->net.shape.c);
        break;
    case OPTIMIZER:
        sqlite3_str_appendf(out, "\"%s\"", dn_optimizer_name(o->net.optimizer));
        break;
    case SCHEDULE:
        sqlite3_str_appendf(out, "\"%s\"", dn_schedule_name(o->net.schedule));
        break;
    case PRECISION:
        sqlite3_str_appendf(out, "\"%s\"", dn_precision_name(o->net.precision));
        break;
    case MODELS: ext_json_string(out, o->teacher, strlen(o->teacher)); break;
    case MODEL: ext_json_string(out, o->start, strlen(o->start)); break;
    }
}

void ext_options_result(sqlite3_context *context, const ext_options *options, int k) {
    ext_options *o = (ext_options *)options;
    switch (table[k].kind) {
    case LAYERS: sqlite3_result_text(context, o->net.layers, -1, SQLITE_TRANSIENT); break;
    case INTEGER: sqlite3_result_int(context, *integer_of(o, k)); break;
    case SEED: sqlite3_result_int64(context, (sqlite3_int64)o->net.seed); break;
    case REAL: sqlite3_result_double(context, *real_of(o, k)); break;
    case SHAPE: {
        char *text = ext_shape_text(o->net.shape);
        if (text)
            sqlite3_result_text(context, text, -1, sqlite3_free);
        else
            sqlite3_result_error_nomem(context);
        break;
    }
    case OPTIMIZER:
        sqlite3_result_text(context, dn_optimizer_name(o->net.optimizer), -1,
                            SQLITE_STATIC);
        break;
    case SCHEDULE:
        sqlite3_result_text(context, dn_schedule_name(o->net.schedule), -1,
                            SQLITE_STATIC);
        break;
    case PRECISION:
        sqlite3_result_text(context, dn_precision_name(o->net.precision), -1,
                            SQLITE_STATIC);
        break;
    case MODELS: sqlite3_result_text(context, o->teacher, -1, SQLITE_TRANSIENT); break;
    case MODEL: sqlite3_result_text(context, o->start, -1, SQLITE_TRANSIENT); break;
    }
}
