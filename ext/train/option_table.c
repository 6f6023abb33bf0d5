/* option_table.c - the options of train_model: the rows that core knows nothing of, and
 * for every row what becomes of its value. See options.h and, for what options.c uses,
 * option_table.h. */
#include <stddef.h>
#include <string.h>
#include "../base/argument.h"
#include "../base/json.h"
#include "../image/picture.h"
#include "../image/shape.h"
#include "option_table.h"

/* Types besides those of core. */
enum {
    SHAPE = DN_OPTION_TYPES, /* dn_shape */
    PICTURE,                 /* int, EXT_PICTURE_… */
    MODELS,                  /* char[most]: models' names, joined by commas */
    MODEL                    /* char[most] */
};

#define AT(field) offsetof(ext_options, field)
#define ROW(before, label, field, kind, low, high, bits, text, standard)                 \
    {                                                                                    \
        .after = before, .option = {                                                     \
            .name = label,                                                               \
            .type = kind,                                                                \
            .offset = AT(field),                                                         \
            .least = low,                                                                \
            .most = high,                                                                \
            .flags = bits,                                                               \
            .value = {DN_SAME(standard)},                                                \
            .meaning = text                                                              \
        }                                                                                \
    }
#define TEXT(before, field, kind, text)                                                  \
    ROW(before, #field, field, kind, 0, sizeof((ext_options *)0)->field, 0, text, 0)

_Static_assert(AT(net) == 0, "offsets of core's rows count from ext_options too");

/* Options of a training that are not core's. Each stands after a row of core's, for the
 * order in JSON and of columns. */
static const struct {
    const char *after;
    dn_option option;
} own[] = {
    ROW("seed", "holdout", holdout, DN_REAL, 0, 0.9, DN_SHARED,
        "share of the rows kept aside to measure by; 0: none", 0.1),
    ROW("augment", "patience", patience, DN_INTEGER, 0, 100000, DN_RESUMABLE,
        "stop after so many epochs without a better holdout loss; 0: never", 0),
    ROW("augment", "resume", resume, DN_INTEGER, 0, 1, DN_RESUMABLE | EXT_OPTION_UNSTORED,
        "1: go on from where the model's training stopped", 0),
    ROW("augment", "threads", threads, DN_INTEGER, 1, 1024,
        DN_RESUMABLE | DN_SHARED | EXT_OPTION_UNSTORED,
        "by default one a core; the number changes the speed, never the result", 0),
    ROW("augment", "activate", activate, DN_INTEGER, 0, 1,
        DN_RESUMABLE | DN_SHARED | EXT_OPTION_UNSTORED,
        "0: the version of the model that is active stays active", 1),
    ROW("augment", "distinct_labels", distinct_labels, DN_INTEGER, 0, 1,
        DN_RESUMABLE | DN_SHARED | EXT_OPTION_UNSTORED,
        "1: labels that differ in type or white space alone are allowed", 0),
    ROW("augment", "shape", net.shape, SHAPE, 0, 0, DN_SHARED,
        "'HxW' or 'HxWxC', by default what most of the first hundred images say", 0),
    ROW("augment", "picture", picture, PICTURE, 0, 0, DN_SHARED,
        "what a PNG becomes: 'digit' where the classes are the ten digits and images "
        "have "
        "one channel, else 'fit'; or 'crop', 'stretch'",
        0),
    TEXT("blank", teacher, MODELS, "models' names, joined by commas, to distil from"),
    ROW("teacher_temperature", "temperature", temperature, DN_REAL, 0, 100, 0,
        "of the stored model's probabilities, 0.01 or more; 0: fitted on the holdout, so "
        "that they are calibrated; 1 where fewer than 100 images are held out",
        0),
    ROW("precision", "cache_mb", cache_mb, DN_INTEGER, 1, 1 << 20, DN_SHARED,
        "memory for pixels (a byte each where they are k/255); a larger table is read "
        "again each epoch, in shuffled blocks",
        512),
    TEXT("precision", start, MODEL,
         "a model to begin from: its weights; its layers, shape and picture where none "
         "are "
         "given; with other classes, all but its output layer"),
};

const dn_option *ext_option_at(int k) {
    const dn_option *option;
    for (int i = 0; (option = dn_option_at(i)); i++) {
        if (k-- == 0) return option;
        for (size_t j = 0; j < sizeof own / sizeof *own; j++)
            if (strcmp(own[j].after, option->name) == 0 && k-- == 0)
                return &own[j].option;
    }
    return NULL;
}

const char *ext_train_option_name(int k) {
    const dn_option *option = ext_option_at(k);
    return option ? option->name : NULL;
}

int ext_options_find(const char *name) {
    const dn_option *option;
    for (int k = 0; (option = ext_option_at(k)); k++)
        if (strcmp(name, option->name) == 0) return k;
    return -1;
}

int ext_options_shared(int i) {
    const dn_option *option;
    for (int k = 0; (option = ext_option_at(k)); k++)
        if ((option->flags & DN_SHARED) && i-- == 0) return k;
    return -1;
}

const char *ext_option_type(const dn_option *option) {
    switch (option->type) {
    case DN_INTEGER:
    case DN_INTEGER64: return "INTEGER";
    case DN_REAL: return "REAL";
    default: return "TEXT";
    }
}

void ext_option_default(ext_options *o, int k, int preset) {
    dn_option_default(o, ext_option_at(k), preset);
}

/* field - where an option's value lies. */
static void *field(ext_options *o, const dn_option *option) {
    return (char *)o + option->offset;
}
static const void *value_at(const ext_options *o, const dn_option *option) {
    return (const char *)o + option->offset;
}

/* --- a value comes in --------------------------------------------------------------- */

/* words_expected - "'onecycle', 'cosine' or 'constant'". */
static void words_expected(const char *const *words, char *out, int size) {
    int n = 0;
    for (int i = 0; words[i]; i++) {
        const char *before = i == 0 ? "" : words[i + 1] ? ", " : " or ";
        sqlite3_snprintf(size - n, out + n, "%s'%s'", before, words[i]);
        n = (int)strlen(out);
    }
}

/* text_error - "precision is 'int4'; expected 'float32' or 'float16'". */
static int text_error(const dn_option *option, sqlite3_value *value, char *error) {
    char takes[200] = "";
    switch (option->type) {
    case DN_NOTATION: {
        int n = 0;
        sqlite3_snprintf(sizeof takes, takes, "a notation like '24C5-MP2-256N' or ");
        for (int i = 1; i < DN_PRESETS; i++) {
            n = (int)strlen(takes);
            sqlite3_snprintf((int)sizeof takes - n, takes + n, "%s'%s'",
                             i == 1 ? "" : ", ", dn_preset_name(i));
        }
        break;
    }
    case DN_WORD: words_expected(option->words, takes, sizeof takes); break;
    case SHAPE: sqlite3_snprintf(sizeof takes, takes, EXT_SHAPE_FORM); break;
    case MODELS:
        sqlite3_snprintf(sizeof takes, takes, "up to %d models' names, joined by commas",
                         DN_MAX_TEACHERS);
        break;
    default:
        sqlite3_snprintf(sizeof takes, takes, "'name', 'name@version' or 'builtin'");
        break;
    }
    return ext_argument_error(error, option->name, value, takes);
}

int ext_option_layers(ext_options *o, const char *layers, char *error) {
    const dn_shape shape = o->net.shape;
    if (dn_options_default(&o->net, layers, error, EXT_ERROR_SIZE) != DN_OK)
        return SQLITE_ERROR;
    o->net.shape = shape;
    return SQLITE_OK;
}

static int text_set(ext_options *o, const dn_option *option, sqlite3_value *value,
                    char *error) {
    if (sqlite3_value_type(value) != SQLITE_TEXT) return text_error(option, value, error);
    const char *text;
    void *to = field(o, option);
    int good = 0;
    const int rc = ext_text(&text, value, option->name, error);
    if (rc != SQLITE_OK) return rc;
    switch (option->type) {
    case DN_NOTATION: return ext_option_layers(o, text, error);
    case DN_WORD: {
        const int word = dn_word_find(option->words, text);
        good = word >= 0;
        if (good) *(int *)to = word;
        break;
    }
    case SHAPE: good = ext_shape_parse(to, text); break;
    default: /* MODELS, MODEL */
        good = strlen(text) < (size_t)option->most;
        if (good) sqlite3_snprintf((int)option->most, to, "%s", text);
    }
    return good ? SQLITE_OK : text_error(option, value, error);
}

int ext_option_set(ext_options *o, int k, sqlite3_value *value, char *error) {
    const dn_option *option = ext_option_at(k);
    const char *name = option->name;
    void *to = field(o, option);
    int rc;
    switch (option->type) {
    case DN_INTEGER:
        return ext_integer(to, value, name, (int)option->least, (int)option->most, error);
    case DN_INTEGER64: {
        sqlite3_int64 number = (sqlite3_int64) * (uint64_t *)to;
        rc = ext_integer64(&number, value, name, INT64_MIN, INT64_MAX, error);
        *(uint64_t *)to = (uint64_t)number;
        return rc;
    }
    case DN_REAL: {
        double *number = to;
        rc = ext_real(number, value, name, option->least, option->most,
                      option->flags & DN_OPEN, error);
        *number = ext_json_round(*number) + 0.0; /* -0 becomes 0, as JSON gives back */
        return rc;
    }
    case PICTURE: return ext_picture_value(to, value, error);
    default: return text_set(o, option, value, error);
    }
}

int ext_option_give(ext_options *o, int k, sqlite3_value *value, char *error) {
    const dn_option *option = ext_option_at(k);
    const int is_named = option->type == MODEL || option->type == MODELS ||
                         option->type == DN_NOTATION;
    if (is_named && sqlite3_value_type(value) == SQLITE_TEXT &&
        sqlite3_value_bytes(value) == 0)
        return text_error(option, value, error);
    return ext_option_set(o, k, value, error);
}

/* same_model - whether a model's name will do for the one that is stored: 'digits' for
 * the 'digits@2' that it stood for. */
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
    const dn_option *option = ext_option_at(k);
    const void *x = value_at(a, option), *y = value_at(b, option);
    switch (option->type) {
    case DN_NOTATION: return 1; /* compared as parsed notations, when a trainer is made */
    case DN_INTEGER:
    case PICTURE:
    case DN_WORD: return *(const int *)x == *(const int *)y;
    case DN_INTEGER64: return *(const uint64_t *)x == *(const uint64_t *)y;
    case DN_REAL: return *(const double *)x == *(const double *)y;
    case SHAPE: {
        const dn_shape *s = x, *t = y;
        return s->h == t->h && s->w == t->w && s->c == t->c;
    }
    case MODELS: return same_models(x, y);
    default: return same_model(x, strlen(x), y, strlen(y));
    }
}

/* --- and goes out ------------------------------------------------------------------- */

const char *ext_options_layers(const char *layers) {
    return *layers ? layers : "softmax";
}

void ext_option_json(sqlite3_str *out, const ext_options *options, int k) {
    const dn_option *option = ext_option_at(k);
    const void *at = value_at(options, option);
    switch (option->type) {
    case DN_INTEGER: sqlite3_str_appendf(out, "%d", *(const int *)at); break;
    case DN_INTEGER64:
        sqlite3_str_appendf(out, "%lld", (sqlite3_int64) * (const uint64_t *)at);
        break;
    case DN_REAL: ext_json_real(out, *(const double *)at); break;
    case DN_WORD:
        sqlite3_str_appendf(out, "\"%s\"", option->words[*(const int *)at]);
        break;
    case PICTURE: {
        const char *word = ext_picture_word(*(const int *)at);
        sqlite3_str_appendf(out, word ? "\"%s\"" : "null", word);
        break;
    }
    case SHAPE: {
        const dn_shape *s = at;
        sqlite3_str_appendf(out, "\"%dx%dx%d\"", s->h, s->w, s->c);
        break;
    }
    case DN_NOTATION: {
        const char *layers = ext_options_layers(at);
        ext_json_string(out, layers, strlen(layers));
        break;
    }
    default: ext_json_string(out, at, strlen(at)); break;
    }
}

void ext_options_result(sqlite3_context *context, const ext_options *options, int k) {
    const dn_option *option = ext_option_at(k);
    const void *at = value_at(options, option);
    switch (option->type) {
    case DN_INTEGER: sqlite3_result_int(context, *(const int *)at); break;
    case DN_INTEGER64:
        sqlite3_result_int64(context, (sqlite3_int64) * (const uint64_t *)at);
        break;
    case DN_REAL: sqlite3_result_double(context, *(const double *)at); break;
    case DN_WORD:
        sqlite3_result_text(context, option->words[*(const int *)at], -1, SQLITE_STATIC);
        break;
    case PICTURE:
        sqlite3_result_text(context, ext_picture_word(*(const int *)at), -1,
                            SQLITE_STATIC);
        break;
    case SHAPE: {
        char *text = ext_shape_text(*(const dn_shape *)at);
        if (text)
            sqlite3_result_text(context, text, -1, sqlite3_free);
        else
            sqlite3_result_error_nomem(context);
        break;
    }
    default: sqlite3_result_text(context, at, -1, SQLITE_TRANSIENT); break;
    }
}
