/* option_object.c - options as a JSON object: see option_object.h. */
#include "option_object.h"
#include <string.h>
#include "argument.h"
#include "error.h"
#include "json.h"

#define EXAMPLE "{\"seed\": 2, \"holdout\": 0.2}"

/* Letters of a name that may be wrong, for one to be meant that is like it. */
#define MOST_WRONG 2
#define MOST_NAME  32

/* Options that an error lists. */
#define MOST_LISTED 16

int ext_options_is_given(sqlite3_value *value) {
    return value && sqlite3_value_type(value) != SQLITE_NULL;
}

/* --- unknown names ------------------------------------------------------------------ */

static int least(int a, int b) { return a < b ? a : b; }

/* distance - letters to change, add or leave out to make b of a (Levenshtein, 1965). */
static int distance(const char *a, const char *b) {
    int row[MOST_NAME + 1];
    const int n = (int)strlen(b);
    if (n > MOST_NAME) return MOST_NAME;
    for (int k = 0; k <= n; k++) row[k] = k;
    for (int i = 0; a[i]; i++) {
        int diagonal = row[0];
        row[0] = i + 1;
        for (int k = 1; k <= n; k++) {
            const int changed = diagonal + (a[i] != b[k - 1]);
            diagonal = row[k];
            row[k] = least(changed, 1 + least(row[k], row[k - 1]));
        }
    }
    return row[n];
}

const char *ext_option_near(const char *key, ext_option_namer name) {
    const char *found = NULL, *each;
    int wrong = least(MOST_WRONG + 1, (int)strlen(key)); /* none of its letters is left */
    for (int k = 0; (each = name(k)); k++) {
        const int d = each[0] ? distance(key, each) : wrong;
        if (d >= wrong) continue;
        wrong = d;
        found = each;
    }
    return found;
}

/* What Keras, PyTorch and scikit-learn call an option, and what an error says of it where
 * its name is not enough. */
static const struct other_names {
    const char *option, *others, *meant;
} other_names[] = {
    {"rate", "lr learning_rate learning_rate_init max_lr base_lr", NULL},
    {"batch", "batch_size minibatch_size bs", NULL},
    {"epochs", "n_epochs num_epochs nb_epoch max_epochs max_iter num_train_epochs", NULL},
    {"holdout", "val_split validation_split validation_fraction val_size test_size",
     NULL},
    {"seed", "random_state random_seed manual_seed", NULL},
    {"threads", "n_jobs num_threads n_threads num_workers workers", NULL},
    {"label_smoothing", "smoothing", NULL},
    {"weight_decay", "wd l2 decay", NULL},
    {"schedule", "scheduler lr_scheduler lr_schedule", NULL},
    {"optimizer", "solver opt", NULL},
    {"patience", "early_stopping early_stopping_patience n_iter_no_change", NULL},
    {"warmup", "pct_start warmup_ratio", NULL},
    {"momentum", "beta1 beta_1", NULL},
    {"ema", "ema_decay ema_momentum", NULL},
    {"augment", "augmentation data_augmentation", NULL},
    {"flip", "horizontal_flip hflip", NULL},
    {"shape", "input_shape image_size img_size target_size", NULL},
    {"start", "pretrained weights checkpoint warm_start", NULL},
    {"precision", "dtype", NULL},
    {"trials", "n_trials num_trials n_iter", NULL},
    {"layers", "dropout dropout_rate", "layers, as in '16C3-MP2-D0.3-64N'"},
    {"layers", "activation", "layers, as in '16C3w-MP2-64Nt'"},
    {"layers", "batch_norm batch_normalization", "layers, as in '16C3b-MP2-64N'"},
    {"layers", "hidden_layer_sizes hidden_size hidden_units", "layers, as in '128N-64N'"},
    {"layers", "architecture arch network", NULL},
};

/* is_word - whether a key is one of the words of a text. */
static int is_word(const char *key, const char *words) {
    const size_t n = strlen(key);
    for (const char *at = words; *at; at += strcspn(at, " "), at += *at == ' ')
        if (strcspn(at, " ") == n && memcmp(at, key, n) == 0) return 1;
    return 0;
}

/* other_name - what is meant by a key that is an option's name elsewhere, or NULL. */
static const char *other_name(const char *key, ext_option_namer name) {
    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++) {
        const struct other_names *other = &other_names[i];
        const char *each;
        if (!is_word(key, other->others)) continue;
        for (int k = 0; (each = name(k)); k++)
            if (strcmp(each, other->option) == 0)
                return other->meant ? other->meant : each;
    }
    return NULL;
}

/* names_list - the options, joined by commas; "" if there are too many for a sentence. */
static void names_list(ext_option_namer name, char *out, int size) {
    const char *each;
    int many = 0;
    out[0] = 0;
    for (int k = 0; (each = name(k)); k++) {
        const int n = (int)strlen(out);
        if (!each[0]) continue;
        sqlite3_snprintf(size - n, out + n, many++ ? ", %s" : "%s", each);
    }
    if (many > MOST_LISTED) out[0] = 0;
}

int ext_option_unknown(const char *function, const char *key, ext_option_namer name,
                       char *error) {
    const char *other = other_name(key, name);
    const char *meant = other ? other : ext_option_near(key, name);
    char list[MOST_LISTED * MOST_NAME];
    names_list(name, list, sizeof list);
    sqlite3_snprintf(EXT_ERROR_SIZE, error, "\"%!.50s\" is no option of %s; %s%s%s", key,
                     function,
                     meant     ? "did you mean "
                     : list[0] ? "expected "
                               : "the table digitnet_options lists them",
                     meant ? meant : list, meant ? "?" : "");
    return SQLITE_ERROR;
}

/* --- the object --------------------------------------------------------------------- */

/* member_take - puts one member among the values. */
static int member_take(ext_option_object *object, sqlite3_stmt *member,
                       const char *function, ext_option_namer name,
                       sqlite3_value **values, char *error) {
    const char *key = (const char *)sqlite3_column_text(member, 0), *each;
    const char *type = (const char *)sqlite3_column_text(member, 1);
    int k = 0;
    if (!key || !type) return ext_no_memory(error);
    while ((each = name(k)) && (!each[0] || strcmp(each, key) != 0)) k++;
    if (!each) return ext_option_unknown(function, key, name, error);
    if (values[k]) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s is given twice", key);
        return SQLITE_ERROR;
    }
    if (strcmp(type, "array") == 0 || strcmp(type, "object") == 0) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s is a JSON %s; expected one value",
                         key, type);
        return SQLITE_ERROR;
    }
    sqlite3_value *value = sqlite3_value_dup(sqlite3_column_value(member, 2));
    if (!value) return ext_no_memory(error);
    object->values[object->n++] = values[k] = value;
    /* A text that cannot be made UTF-8 for want of memory must not be read as none. */
    if (sqlite3_value_type(value) == SQLITE_TEXT && !sqlite3_value_text(value))
        return ext_no_memory(error);
    return SQLITE_OK;
}

/* members_take - puts all of them there. */
static int members_take(ext_option_object *object, sqlite3 *db, const char *json,
                        const char *function, ext_option_namer name,
                        sqlite3_value **values, char *error) {
    sqlite3_stmt *s = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT key, type, value FROM json_each(?1)", -1, &s,
                                NULL);
    if (rc == SQLITE_OK) rc = sqlite3_bind_text(s, 1, json, -1, SQLITE_STATIC);
    int took = SQLITE_OK;
    while (rc == SQLITE_OK && took == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        took = member_take(object, s, function, name, values, error);
        rc = SQLITE_OK;
    }
    if (took == SQLITE_OK && rc != SQLITE_DONE) took = ext_sqlite_error(db, rc, error);
    sqlite3_finalize(s);
    return took;
}

int ext_option_object_read(ext_option_object *out, sqlite3 *db, const char *function,
                           sqlite3_value *argument, ext_option_namer name,
                           sqlite3_value **values, char *error) {
    if (!ext_options_is_given(argument)) return SQLITE_OK;
    const char *example = out->example ? out->example : EXAMPLE, *json;
    if (sqlite3_value_type(argument) != SQLITE_TEXT) {
        char expected[EXT_ERROR_SIZE];
        sqlite3_snprintf(sizeof expected, expected, "a JSON object like %s", example);
        return ext_argument_error(error, "options", argument, expected);
    }
    int rc = ext_text(&json, argument, "options", error);
    if (rc == SQLITE_OK) rc = ext_json_object(db, json, "options", example, error);
    return rc == SQLITE_OK ? members_take(out, db, json, function, name, values, error)
                           : rc;
}

void ext_option_object_clear(ext_option_object *object) {
    for (int i = 0; i < object->n; i++) sqlite3_value_free(object->values[i]);
    object->n = 0;
}
