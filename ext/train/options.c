/* options.c - the options of train_model, all together: see options.h. What each one is
 * stands in core/options.c and option_table.c. */
#include <stdlib.h>
#include <string.h>
#include "../base/error.h"
#include "../base/json.h"
#include "option_table.h"

#define LEAST_TEMPERATURE 0.01

static int options_default(ext_options *o, const char *layers, char *error) {
    memset(o, 0, sizeof *o);
    for (int k = 0; ext_option_at(k); k++) ext_option_default(o, k, 0);
    o->threads = dn_threads_available();
    return ext_option_layers(o, layers, error);
}

/* open_options - those that nobody gave. They are left to the data, but where layers are
 * given, with which their defaults come. */
static void open_options(ext_options *o, sqlite3_value *const *values) {
    static const struct {
        const char *name;
        int bit;
    } all[] = {{"epochs", EXT_OPEN_EPOCHS},
               {"batch", EXT_OPEN_BATCH},
               {"augment", EXT_OPEN_AUGMENT}};
    const int layers = ext_options_is_given(values[ext_options_find("layers")]);
    int open = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!ext_options_is_given(values[ext_options_find(all[i].name)]))
            open |= all[i].bit;
    o->open = layers ? 0 : open;
    o->preset = layers ? open : 0;
}

int ext_options_start(ext_options *out, sqlite3_value *const *values, char *error) {
    const int rc = ext_options_start_layers(out, EXT_DEFAULT_LAYERS, values, error);
    open_options(out, values);
    return rc;
}

/* Tried with the default network, others to test by. Of 300 digits drawn by code it
 * learns 87.0 % by its preset and 98.7 % in 100 epochs of batch 16; of 1,000, 96.3 and
 * 99.7 %; of 300 and 1,000 of MNIST's training images 85.1 and 96.6 %, 95.3 and 98.3 %;
 * of 3,000, 98.4 and 98.7 %. Of 300 icons of six classes, in any two colours, 77 % by its
 * preset; with augment 1 97.9 % in 60 epochs of batch 32, 99.0 % in 100 of batch 16. */
#define FEW_SEEN  32000 /* images, all epochs together */
#define FEW_MOST  100   /* epochs */
#define FEW_STEPS 24    /* an epoch */
#define FEW_BATCH 16    /* the smallest */

void ext_options_few(ext_options *o, uint32_t n, int pictures, int *changed) {
    const ext_options before = *o;
    const int epochs = (int)((FEW_SEEN + n - 1) / n);
    const int wanted = epochs < FEW_MOST ? epochs : FEW_MOST;
    if ((o->open & EXT_OPEN_EPOCHS) && wanted > o->net.epochs) o->net.epochs = wanted;
    if (o->open & EXT_OPEN_BATCH)
        while (o->net.batch > FEW_BATCH && n / (uint32_t)o->net.batch < FEW_STEPS)
            o->net.batch /= 2;
    *changed = o->net.epochs != before.net.epochs || o->net.batch != before.net.batch;
    if (*changed && pictures && (o->open & EXT_OPEN_AUGMENT)) o->net.augment = 1;
}

/* temperature_check - the output layer is divided by it: its numbers must stay finite. */
static int temperature_check(const ext_options *o, char *error) {
    if (o->temperature == 0 || o->temperature >= LEAST_TEMPERATURE) return SQLITE_OK;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "temperature is %g; expected 0 (fitted on the holdout), or a number "
                     "from %g to 100",
                     o->temperature, LEAST_TEMPERATURE);
    return SQLITE_ERROR;
}

int ext_options_start_layers(ext_options *out, const char *layers,
                             sqlite3_value *const *values, char *error) {
    int rc = options_default(out, layers, error);
    /* layers is number 0: the others replace the defaults that come with it. */
    for (int k = 0; ext_option_at(k) && rc == SQLITE_OK; k++)
        if (ext_options_is_given(values[k]))
            rc = ext_option_give(out, k, values[k], error);
    if (rc == SQLITE_OK) rc = temperature_check(out, error);
    if (rc == SQLITE_NOMEM) sqlite3_snprintf(EXT_ERROR_SIZE, error, "out of memory");
    return rc;
}

/* option_setter - ext_option_give of what the caller wrote, ext_option_set of what is
 * stored. */
typedef int option_setter(ext_options *o, int k, sqlite3_value *value, char *error);

/* member_set - takes one member of the JSON object. What it does not know is ignored. */
static int member_set(ext_options *o, const char *key, sqlite3_value *value,
                      option_setter *setter, char *error) {
    if (strcmp(key, "images") == 0) {
        o->images = (uint32_t)sqlite3_value_int64(value);
    } else if (strcmp(key, "data") == 0) {
        const char *text = (const char *)sqlite3_value_text(value);
        o->checksum = text ? strtoull(text, NULL, 16) : 0;
    } else if (strcmp(key, "teachers") == 0) {
        const char *text = (const char *)sqlite3_value_text(value);
        o->taught = text ? strtoull(text, NULL, 16) : 0;
    } else if (strcmp(key, "started") == 0) {
        const char *text = (const char *)sqlite3_value_text(value);
        o->started = text ? strtoull(text, NULL, 16) : 0;
    } else if (strcmp(key, "best") == 0) {
        o->best = sqlite3_value_int(value);
    } else if (strcmp(key, "lengths") == 0) {
        const char *text = (const char *)sqlite3_value_text(value);
        sqlite3_snprintf(sizeof o->lengths, o->lengths, "%s", text ? text : "");
    } else if (strcmp(key, "fitted") == 0) {
        o->fitted = sqlite3_value_double(value);
        if (o->fitted > 0 && o->fitted <= 100) return SQLITE_OK;
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "fitted is %g; expected a number above 0, up to 100", o->fitted);
        return SQLITE_ERROR;
    } else {
        const int k = ext_options_find(key);
        if (k >= 0) return setter(o, k, value, error);
    }
    return SQLITE_OK;
}

static int members_set(ext_options *o, sqlite3 *db, const char *json,
                       option_setter *setter, char *error) {
    sqlite3_stmt *s = NULL;
    int rc = ext_json_object(db, json, "options", "{\"layers\": \"mlp\"}", error);
    if (rc != SQLITE_OK) return rc;
    rc = sqlite3_prepare_v2(
        db, "SELECT key, value FROM json_each(?1) ORDER BY key <> 'layers'", -1, &s,
        NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 1, json, -1, SQLITE_STATIC);
    int set = SQLITE_OK;
    while (rc == SQLITE_OK && set == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(s, 0);
        sqlite3_value *value = sqlite3_value_dup(sqlite3_column_value(s, 1));
        /* A text that cannot be made UTF-8 for want of memory must not be read as
         * none. */
        const int is_there = value && (sqlite3_value_type(value) != SQLITE_TEXT ||
                                       sqlite3_value_text(value));
        set = key && is_there ? member_set(o, key, value, setter, error) : SQLITE_NOMEM;
        sqlite3_value_free(value);
    }
    const int ended = set == SQLITE_OK ? sqlite3_reset(s) : set;
    if (rc == SQLITE_OK) rc = ended;
    if (rc == SQLITE_NOMEM || (rc != SQLITE_OK && set == SQLITE_OK))
        ext_sqlite_error(db, rc, error);
    sqlite3_finalize(s);
    return rc;
}

int ext_options_given(ext_options *o, sqlite3 *db, const char *json, char *error) {
    return members_set(o, db, json, ext_option_give, error);
}

int ext_options_stored(ext_options *out, sqlite3 *db, const char *json, char *error) {
    char reason[EXT_ERROR_SIZE] = "";
    int rc = options_default(out, EXT_DEFAULT_LAYERS, error);
    if (rc == SQLITE_OK) rc = members_set(out, db, json, ext_option_set, reason);
    out->stored_epochs = out->net.epochs;
    if (rc == SQLITE_OK) return rc;
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "the stored options cannot be read: %s",
                     reason);
    return rc;
}

int ext_options_resume(ext_options *out, sqlite3 *db, const char *json,
                       sqlite3_value *const *values, char *error) {
    int rc = ext_options_stored(out, db, json, error);
    if (rc != SQLITE_OK) return rc;
    const dn_option *option;
    for (int k = 0; (option = ext_option_at(k)); k++) {
        if (!ext_options_is_given(values[k])) continue;
        ext_options given = *out;
        rc = ext_option_set(&given, k, values[k], error);
        if (rc != SQLITE_OK) return rc;
        if (option->flags & DN_RESUMABLE) {
            *out = given;
        } else if (option->type == DN_NOTATION) {
            memcpy(out->net.layers, given.net.layers, sizeof out->net.layers);
        } else if (!ext_option_same(&given, out, k)) {
            sqlite3_snprintf(
                EXT_ERROR_SIZE, error,
                "%s is not what the model was made with; leave it out to resume",
                option->name);
            return SQLITE_ERROR;
        }
    }
    return SQLITE_OK;
}

void ext_options_lengthen(ext_options *o, int64_t done) {
    const int end = (int)strlen(o->lengths), room = (int)sizeof o->lengths - end;
    if (!o->stored_epochs || o->stored_epochs == o->net.epochs || o->lengths[0] == '?')
        return;
    if (room < 24) /* two numbers of up to 100,000, and a space */
        sqlite3_snprintf(sizeof o->lengths, o->lengths, "?");
    else
        sqlite3_snprintf(room, o->lengths + end, "%s%lld/%d", end ? " " : "",
                         (sqlite3_int64)done, o->stored_epochs);
}

int ext_options_length(const ext_options *o, int64_t done) {
    const char *p = o->lengths;
    if (*p == '?') return 0;
    while (*p) {
        char *end;
        const long until = strtol(p, &end, 10);
        if (*end != '/') return 0;
        const long length = strtol(end + 1, &end, 10);
        if (length < 1 || length > 100000) return 0;
        if (done < until) return (int)length;
        p = *end == ' ' ? end + 1 : end;
        if (p == end && *p) return 0;
    }
    return o->stored_epochs;
}

char *ext_options_json(const ext_options *o) {
    sqlite3_str *out = sqlite3_str_new(NULL);
    const dn_option *option;
    for (int k = 0; (option = ext_option_at(k)); k++) {
        if (option->flags & EXT_OPTION_UNSTORED) continue;
        sqlite3_str_appendf(out, "%s\"%s\":", k ? "," : "{", option->name);
        ext_option_json(out, o, k);
    }
    sqlite3_str_appendf(out, ",\"images\":%u,\"data\":\"%016llx\"", o->images,
                        (sqlite3_uint64)o->checksum);
    if (o->rows) sqlite3_str_appendf(out, ",\"rows\":\"%s\"", o->rows);
    if (o->taught)
        sqlite3_str_appendf(out, ",\"teachers\":\"%016llx\"", (sqlite3_uint64)o->taught);
    if (o->started)
        sqlite3_str_appendf(out, ",\"started\":\"%016llx\"", (sqlite3_uint64)o->started);
    if (o->lengths[0]) {
        sqlite3_str_appendall(out, ",\"lengths\":");
        ext_json_string(out, o->lengths, strlen(o->lengths));
    }
    if (o->best) sqlite3_str_appendf(out, ",\"best\":%d", o->best);
    if (o->fitted > 0) {
        sqlite3_str_appendall(out, ",\"fitted\":");
        ext_json_real(out, o->fitted);
    }
    sqlite3_str_appendchar(out, 1, '}');
    return sqlite3_str_finish(out);
}
