/* space.c - what search_model tries: see space.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/error.h"
#include "../base/json.h"
#include "../base/option_object.h"
#include "../train/options.h"
#include "space.h"

/* Order 0 and up are a training's epochs (dataset.h). */
#define FIRST_ORDER ((uint64_t)1 << 62)

/* One member: an option and what it may be. */
typedef struct dimension {
    int option;
    int n;          /* choices; 0: a range */
    char **choices; /* [n] JSON texts, sqlite3_malloc'd */
    double min, max;
    int is_log;
} dimension;

static const char *name_of(const dimension *d) { return ext_option_at(d->option)->name; }

static int type_of(const dimension *d) { return ext_option_at(d->option)->type; }

struct ext_search_space {
    dimension dimensions[EXT_MOST_OPTIONS];
    int n;
    /* What was drawn, a trial's values one after the other: a choice's number, or a
     * number of the range. */
    double *values; /* [trials][n] */
};

/* is_reserved - whether a space cannot have an option. */
static int is_reserved(const dn_option *option) {
    return option->flags & (DN_SHARED | DN_RESUMABLE);
}

/* --- the default -------------------------------------------------------------------- */

#define TRAINING                                                                         \
    "\"rate\": {\"min\": 0.002, \"max\": 0.02, \"log\": true}, \"batch\": [64, 128, "    \
    "256], "                                                                             \
    "\"augment\": [0, 0.25, 0.5], \"label_smoothing\": [0, 0.05, 0.1], "                 \
    "\"weight_decay\": {\"min\": 0.003, \"max\": 0.1, \"log\": true}, "                  \
    "\"ema\": [0, 0.99, 0.998]}"

/* For images of 16 pixels' side and more: convolutions; else what fits any image. */
static const char space_large[] = "{\"layers\": [\"cnn\", \"24C3b-MP2-48C3b-MP2-128N\", "
                                  "\"16C3b-16C3b-MP2-32C3b-32C3b-MP2-128N-D0.3\", "
                                  "\"24C5vb-MP2-48C3vb-MP2-D0.3-128N\", "
                                  "\"32C3b-MP2-64C3b-MP2-D0.3-128N-D0.3\"], " TRAINING;
static const char space_small[] = "{\"layers\": [\"softmax\", \"64N\", \"256N\", "
                                  "\"128Nb-64Nb\", \"16C3b-32C3b-64N\"], " TRAINING;

const char *ext_search_space_default(dn_shape shape) {
    return shape.h >= 16 && shape.w >= 16 ? space_large : space_small;
}

/* --- reading ------------------------------------------------------------------------ */

/* option_name - names the options that a space may have. */
static const char *option_name(int k) {
    const dn_option *option = ext_option_at(k);
    return !option ? NULL : is_reserved(option) ? "" : option->name;
}

static int unknown_option(const char *name, char *error) {
    char text[EXT_ERROR_SIZE];
    const int rc = ext_option_unknown("train_model", name, option_name, text);
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "space: %s", text);
    return rc;
}

/* value_check - whether train_model takes a value, a JSON text, for an option. */
static int value_check(sqlite3 *db, int option, const char *value, char *error) {
    char reason[EXT_ERROR_SIZE] = "";
    ext_options *options = sqlite3_malloc64(sizeof *options);
    char *json = sqlite3_mprintf("{\"%s\":%s}", ext_option_at(option)->name, value);
    int rc = options && json ? SQLITE_OK : ext_no_memory(error);
    if (rc == SQLITE_OK) {
        memset(options, 0, sizeof *options);
        rc = ext_options_given(options, db, json, reason);
        if (rc != SQLITE_OK) sqlite3_snprintf(EXT_ERROR_SIZE, error, "space: %s", reason);
    }
    sqlite3_free(json);
    sqlite3_free(options);
    return rc;
}

/* choice_add - one more value that an option may have: a JSON value of a type. */
static int choice_add(dimension *d, sqlite3 *db, const char *type, const char *value,
                      char *error) {
    if (strcmp(type, "text") != 0 && strcmp(type, "integer") != 0 &&
        strcmp(type, "real") != 0) {
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "space: \"%s\" has a value of type %s; expected numbers or texts", name_of(d),
            type);
        return SQLITE_ERROR;
    }
    int rc = value_check(db, d->option, value, error);
    for (int i = 0; i < d->n && rc == SQLITE_OK; i++) {
        if (strcmp(d->choices[i], value) != 0) continue;
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "space: \"%s\" has %.100s twice",
                         name_of(d), value);
        return SQLITE_ERROR;
    }
    if (rc != SQLITE_OK) return rc;
    char **choices =
        sqlite3_realloc64(d->choices, ((sqlite3_uint64)d->n + 1) * sizeof *choices);
    if (!choices) return ext_no_memory(error);
    d->choices = choices;
    if (!(choices[d->n] = sqlite3_mprintf("%s", value))) return ext_no_memory(error);
    d->n++;
    return SQLITE_OK;
}

/* range_bound - takes one member of a range. *seen gets a bit for it. */
static int range_bound(dimension *d, sqlite3 *db, sqlite3_stmt *member, int *seen,
                       char *error) {
    static const char *const names[] = {"min", "max", "log"};
    const char *key = (const char *)sqlite3_column_text(member, 0);
    const char *type = (const char *)sqlite3_column_text(member, 1);
    const char *value = (const char *)sqlite3_column_text(member, 2);
    int k = 0;
    if (!key || !type || !value) return ext_no_memory(error);
    while (k < 3 && strcmp(key, names[k]) != 0) k++;
    const int fits = k == 2 ? strcmp(type, "true") == 0 || strcmp(type, "false") == 0
                            : strcmp(type, "integer") == 0 || strcmp(type, "real") == 0;
    if (k == 3 || !fits) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "space: \"%s\": \"%.50s\" is %s; expected numbers \"min\" and "
                         "\"max\", and \"log\": true or false",
                         name_of(d), key, type);
        return SQLITE_ERROR;
    }
    *seen |= 1 << k;
    if (k == 2)
        d->is_log = strcmp(type, "true") == 0;
    else
        *(k ? &d->max : &d->min) = sqlite3_column_double(member, 3);
    return k == 2 ? SQLITE_OK : value_check(db, d->option, value, error);
}

/* range_check - the range as a whole. */
static int range_check(const dimension *d, int seen, char *error) {
    const char *name = name_of(d);
    if ((seen & 3) != 3)
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "space: \"%s\" has no \"%s\"; a range is {\"min\": …, \"max\": …}", name,
            seen & 1 ? "max" : "min");
    else if (d->min > d->max)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "space: \"%s\": min %g is above max %g",
                         name, d->min, d->max);
    else if (d->is_log && d->min <= 0)
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "space: \"%s\": min is %g; expected it above 0 where log is true", name,
            d->min);
    else
        return SQLITE_OK;
    return SQLITE_ERROR;
}

/* members_prepare - key, type and value, as a JSON text, of an array's or object's
 * members. */
static int members_prepare(sqlite3_stmt **out, sqlite3 *db, const char *json,
                           char *error) {
    int rc = sqlite3_prepare_v2(
        db,
        "SELECT key, type, CASE WHEN type IN ('array', 'object') "
        "THEN value ELSE json_quote(atom) END, atom FROM json_each(?1)",
        -1, out, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(*out, 1, json, -1, SQLITE_TRANSIENT);
    return rc == SQLITE_OK ? rc : ext_sqlite_error(db, rc, error);
}

/* value_read - what an option may be: a JSON value of a type. */
static int value_read(dimension *d, sqlite3 *db, const char *type, const char *value,
                      char *error) {
    const int is_range = strcmp(type, "object") == 0;
    sqlite3_stmt *s = NULL;
    int seen = 0;
    if (!is_range && strcmp(type, "array") != 0)
        return choice_add(d, db, type, value, error);
    if (is_range && type_of(d) != DN_REAL && type_of(d) != DN_INTEGER) {
        sqlite3_snprintf(
            EXT_ERROR_SIZE, error,
            "space: \"%s\" cannot be a range, for it is no number; expected a "
            "value or an array of values",
            name_of(d));
        return SQLITE_ERROR;
    }
    int rc = members_prepare(&s, db, value, error), took = rc;
    while (took == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        const char *t = (const char *)sqlite3_column_text(s, 1);
        const char *v = (const char *)sqlite3_column_text(s, 2);
        took = !t || !v   ? ext_no_memory(error)
               : is_range ? range_bound(d, db, s, &seen, error)
                          : choice_add(d, db, t, v, error);
    }
    if (took == SQLITE_OK && rc != SQLITE_DONE) took = ext_sqlite_error(db, rc, error);
    sqlite3_finalize(s);
    if (took != SQLITE_OK) return took;
    if (is_range) return range_check(d, seen, error);
    if (d->n) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "space: \"%s\" is an empty array; expected one value or more",
                     name_of(d));
    return SQLITE_ERROR;
}

/* member_read - one member of the space, which the statement stands on. */
static int member_read(ext_search_space *space, sqlite3 *db, sqlite3_stmt *member,
                       char *error) {
    const char *key = (const char *)sqlite3_column_text(member, 0);
    const char *type = (const char *)sqlite3_column_text(member, 1);
    const char *value = (const char *)sqlite3_column_text(member, 2);
    if (!key || !type || !value) return ext_no_memory(error);
    const int option = ext_options_find(key);
    if (option < 0) return unknown_option(key, error);
    const dn_option *row = ext_option_at(option);
    if (is_reserved(row)) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         row->flags & DN_SHARED
                             ? "space: \"%s\" cannot be searched: all trials share it: "
                               "WHERE %s = …"
                             : "space: \"%s\" cannot be searched: the search sets it",
                         key, key);
        return SQLITE_ERROR;
    }
    for (int i = 0; i < space->n; i++) {
        if (space->dimensions[i].option != option) continue;
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "space: \"%s\" is there twice", key);
        return SQLITE_ERROR;
    }
    dimension *d = &space->dimensions[space->n++];
    d->option = option;
    return value_read(d, db, type, value, error);
}

int ext_search_space_read(ext_search_space **out, sqlite3 *db, const char *json,
                          char *error) {
    ext_search_space *space = sqlite3_malloc64(sizeof *space);
    sqlite3_stmt *s = NULL;
    *out = NULL;
    if (!space) return ext_no_memory(error);
    memset(space, 0, sizeof *space);
    int rc =
            ext_json_object(db, json, "space",
                            "{\"layers\": [\"cnn\", \"mlp\"], \"rate\": {\"min\": 0.001, "
                            "\"max\": 0.01, \"log\": true}}",
                            error),
        took = SQLITE_OK;
    if (rc == SQLITE_OK) rc = members_prepare(&s, db, json, error);
    if (rc != SQLITE_OK) goto done;
    while (took == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW)
        took = member_read(space, db, s, error);
    if (took == SQLITE_OK && rc != SQLITE_DONE) ext_sqlite_error(db, rc, error);
    if (took != SQLITE_OK) rc = took;
    if (rc == SQLITE_DONE) rc = SQLITE_OK;
done:
    sqlite3_finalize(s);
    if (rc == SQLITE_OK)
        *out = space;
    else
        ext_search_space_free(space);
    return rc;
}

void ext_search_space_free(ext_search_space *space) {
    if (!space) return;
    for (int i = 0; i < space->n; i++) {
        for (int k = 0; k < space->dimensions[i].n; k++)
            sqlite3_free(space->dimensions[i].choices[k]);
        sqlite3_free(space->dimensions[i].choices);
    }
    sqlite3_free(space->values);
    sqlite3_free(space);
}

/* --- drawing ------------------------------------------------------------------------ */

/* is_endless - whether some range has more than one value. */
static int is_endless(const ext_search_space *space) {
    for (int i = 0; i < space->n; i++)
        if (!space->dimensions[i].n &&
            space->dimensions[i].min < space->dimensions[i].max)
            return 1;
    return 0;
}

int ext_search_space_size(const ext_search_space *space, int most) {
    int64_t size = 1;
    if (is_endless(space)) return most;
    for (int i = 0; i < space->n && size < most; i++)
        if (space->dimensions[i].n) size *= space->dimensions[i].n;
    return size < most ? (int)size : most;
}

/* three_digits - a number as it is shown in a trial's options. */
static double three_digits(double value) {
    char text[64];
    snprintf(text, sizeof text, "%.2e", value);
    return strtod(text, NULL);
}

/* power - ratio^u for 0 ≤ u < 1, from u's binary digits: √ratio for the first, its √ for
 * the second, … */
static double power(double ratio, double u) {
    double value = 1;
    for (int i = 0; i < 40; i++) {
        ratio = sqrt(ratio);
        u *= 2;
        if (u < 1) continue;
        u -= 1;
        value *= ratio;
    }
    return value;
}

/* range_at - the number at a part u of a range, 0 < u < 1. */
static double range_at(const dimension *d, double u) {
    const int whole = type_of(d) == DN_INTEGER;
    double value = d->is_log ? d->min * power(d->max / d->min, u)
                             : d->min + u * (d->max - d->min + (whole ? 1 : 0));
    value = whole ? floor(value) : three_digits(value);
    return value < d->min ? d->min : value > d->max ? d->max : value;
}

/* is_drawn - whether trial i is one of those before it. */
static int is_drawn(const ext_search_space *space, int i) {
    const size_t width = (size_t)space->n;
    const double *values = space->values + (size_t)i * width;
    for (int k = 0; k < i; k++)
        if (memcmp(space->values + (size_t)k * width, values, width * sizeof *values) ==
            0)
            return 1;
    return 0;
}

/* trial_advance - the next combination of choices: counts as an odometer does. */
static void trial_advance(const ext_search_space *space, int i) {
    double *values = space->values + (size_t)i * (size_t)space->n;
    for (int k = space->n - 1; k >= 0; k--) {
        if (!space->dimensions[k].n) continue;
        if (++values[k] < space->dimensions[k].n) return;
        values[k] = 0;
    }
}

int ext_search_space_draw(ext_search_space *space, int n, uint64_t seed) {
    const sqlite3_uint64 count = (sqlite3_uint64)n * (sqlite3_uint64)(space->n + 1);
    uint32_t *order = sqlite3_malloc64((sqlite3_uint64)n * sizeof *order);
    double *values = sqlite3_malloc64(count * sizeof *values);
    if (!order || !values) {
        sqlite3_free(order);
        sqlite3_free(values);
        return SQLITE_NOMEM;
    }
    sqlite3_free(space->values);
    space->values = values;
    for (int k = 0; k < space->n; k++) {
        const dimension *d = &space->dimensions[k];
        dn_shuffle(order, (uint32_t)n, seed, FIRST_ORDER + (uint64_t)k);
        for (int i = 0; i < n; i++) {
            const double u = ((double)order[i] + 0.5) / n;
            values[i * space->n + k] = d->n ? floor(u * d->n) : range_at(d, u);
        }
    }
    sqlite3_free(order);
    if (!is_endless(space))
        for (int i = 1; i < n; i++)
            while (is_drawn(space, i)) trial_advance(space, i);
    return SQLITE_OK;
}

char *ext_search_space_trial(const ext_search_space *space, int i) {
    const double *values = space->values + (size_t)i * (size_t)space->n;
    sqlite3_str *out = sqlite3_str_new(NULL);
    sqlite3_str_appendchar(out, 1, '{');
    for (int k = 0; k < space->n; k++) {
        const dimension *d = &space->dimensions[k];
        sqlite3_str_appendf(out, "%s\"%s\":", k ? "," : "", name_of(d));
        if (d->n)
            sqlite3_str_appendall(out, d->choices[(int)values[k]]);
        else
            ext_json_real(out, values[k]);
    }
    sqlite3_str_appendchar(out, 1, '}');
    return sqlite3_str_finish(out);
}
