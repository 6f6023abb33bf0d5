/* import_options.c - the options of import_model: see import_options.h. */
#include "import_options.h"
#include <math.h>
#include <string.h>
#include "../base/argument.h"
#include "../base/error.h"
#include "../base/json.h"
#include "../image/picture.h"
#include "../image/shape.h"

/* --- JSON --------------------------------------------------------------------------- */

int ext_import_rows(sqlite3_stmt **out, sqlite3 *db, const char *sql, const char *json,
                    size_t size, char *error) {
    int rc = sqlite3_prepare_v2(db, sql, -1, out, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text64(*out, 1, json, size, SQLITE_STATIC, SQLITE_UTF8);
    return rc == SQLITE_OK ? rc : ext_sqlite_error(db, rc, error);
}

int ext_import_done(sqlite3_stmt *s, sqlite3 *db, int stopped, char *error) {
    const int rc = sqlite3_finalize(s);
    if (stopped != SQLITE_OK) return stopped;
    return rc == SQLITE_OK ? rc : ext_sqlite_error(db, rc, error);
}

/* --- mean and std ------------------------------------------------------------------- */

/* number - a mean, or a deviation, which is not 0. */
static int number(double *out, int is_mean, sqlite3_value *value, char *error) {
    const int kind = sqlite3_value_type(value);
    *out = sqlite3_value_double(value);
    if ((kind == SQLITE_INTEGER || kind == SQLITE_FLOAT) && fabs(*out) <= 1e6 &&
        (is_mean || fabs(*out) >= 1e-6))
        return SQLITE_OK;
    return ext_argument_error(error, is_mean ? "mean" : "std", value,
                              is_mean ? "a number from -1e6 to 1e6, or an array of one "
                                        "for each channel"
                                      : "a number from 1e-6 to 1e6, or its negative, "
                                        "or an array of one for each channel");
}

/* numbers - those of a JSON array. */
static int numbers(double **list, int *n, int is_mean, sqlite3 *db, sqlite3_value *value,
                   char *error) {
    sqlite3_stmt *s = NULL;
    const char *json = (const char *)sqlite3_value_text(value);
    if (!json) return ext_no_memory(error);
    sqlite3_free(*list);
    *n = 0;
    if (!(*list = sqlite3_malloc64(DN_MAX_CHANNELS * sizeof **list)))
        return ext_no_memory(error);
    int rc = ext_import_rows(&s, db, "SELECT value FROM json_each(?1)", json,
                             strlen(json), error);
    int took = rc;
    while (took == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
        sqlite3_value *one = sqlite3_value_dup(sqlite3_column_value(s, 0));
        if (!one)
            took = ext_no_memory(error);
        else if (*n == DN_MAX_CHANNELS)
            took = ext_argument_error(error, is_mean ? "mean" : "std", value,
                                      "as many numbers as an image has channels");
        else
            took = number(&(*list)[(*n)++], is_mean, one, error);
        sqlite3_value_free(one);
    }
    rc = ext_import_done(s, db, took, error);
    if (rc == SQLITE_OK && *n == 0)
        rc = ext_argument_error(error, is_mean ? "mean" : "std", value,
                                "a number for each channel");
    return rc;
}

/* fill - n times the number that stands in place of an array. */
static int fill(double **list, int n, double one, char *error) {
    if (!(*list = sqlite3_malloc64((sqlite3_uint64)n * sizeof **list)))
        return ext_no_memory(error);
    for (int i = 0; i < n; i++) (*list)[i] = one;
    return SQLITE_OK;
}

/* channels_find - two arrays of one length, if one of them was given. */
static int channels_find(ext_import_options *o, char *error) {
    int rc = SQLITE_OK;
    if (!o->means && !o->stds) return rc;
    if (!o->means) rc = fill(&o->means, o->n_means = o->n_stds, o->given.mean, error);
    if (!o->stds) rc = fill(&o->stds, o->n_stds = o->n_means, o->given.std, error);
    o->given.means = o->means;
    o->given.stds = o->stds;
    o->given.channels = o->n_means;
    if (rc != SQLITE_OK || o->n_means == o->n_stds) return rc;
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "mean has %d numbers and std %d; expected one of each for each "
                     "channel",
                     o->n_means, o->n_stds);
    return SQLITE_ERROR;
}

/* scale_check - pixels are 0..1: a mean far above is one of pixels of 0..255, and with it
 * all images look alike. A large std says nothing: a network that divides by 255 itself
 * has std 1/255, and one that multiplies by it 255. */
static int scale_check(const ext_import_options *o, char *error) {
    const double most = 1.5;
    for (int i = 0; i < (o->means ? o->n_means : 1); i++) {
        const double mean = o->means ? o->means[i] : o->given.mean;
        const double std = o->means ? o->stds[i] : o->given.std;
        if (mean <= most) continue;
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         "mean is %g and std %g, as of pixels of 0..255; they are 0..1 "
                         "here: divide both by 255, which gives mean %.4g and std %.4g",
                         mean, std, mean / 255, std / 255);
        return SQLITE_ERROR;
    }
    return SQLITE_OK;
}

/* --- all ---------------------------------------------------------------------------- */

/* check_once - no member of the JSON object has the name of another. */
static int check_once(sqlite3 *db, const char *json, char *error) {
    sqlite3_stmt *s = NULL;
    int rc = ext_import_rows(&s, db,
                             "SELECT key FROM json_each(?1) GROUP BY key "
                             "HAVING count(*) > 1",
                             json, strlen(json), error);
    int took = rc;
    if (took == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "%.100s is given twice",
                         (const char *)sqlite3_column_text(s, 0));
        took = SQLITE_ERROR;
    }
    return ext_import_done(s, db, took, error);
}

/* member - takes one member of the JSON object. */
static int member(ext_import_options *o, sqlite3 *db, const char *key, const char *type,
                  sqlite3_value *value, char *error) {
    const int is_mean = strcmp(key, "mean") == 0, is_array = strcmp(type, "array") == 0;
    if (is_mean || strcmp(key, "std") == 0) {
        o->given.said = 1;
        if (!is_array)
            return number(is_mean ? &o->given.mean : &o->given.std, is_mean, value,
                          error);
        return is_mean ? numbers(&o->means, &o->n_means, 1, db, value, error)
                       : numbers(&o->stds, &o->n_stds, 0, db, value, error);
    }
    if (strcmp(key, "shape") == 0) return ext_shape_value(&o->given.shape, value, error);
    if (strcmp(key, "picture") == 0) return ext_picture_value(&o->picture, value, error);
    if (strcmp(key, "activate") == 0)
        return ext_integer(&o->activate, value, "activate", 0, 1, error);
    if (strcmp(key, "output") == 0 && strcmp(type, "text") == 0) {
        sqlite3_free(o->output);
        o->output = sqlite3_mprintf("%s", (const char *)sqlite3_value_text(value));
        o->given.output = o->output;
        return o->output ? SQLITE_OK : ext_no_memory(error);
    }
    if (strcmp(key, "fit") == 0 && strcmp(type, "text") == 0) {
        sqlite3_value_free(o->fit);
        o->fit = sqlite3_value_dup(value);
        return o->fit ? SQLITE_OK : ext_no_memory(error);
    }
    if (strcmp(key, "classes") == 0 && is_array) {
        o->has_classes = 1;
        return SQLITE_OK;
    }
    sqlite3_snprintf(EXT_ERROR_SIZE, error,
                     "options have '%.100s', a JSON %s; expected mean, std, shape, "
                     "picture, activate, the texts output and fit, or an array of "
                     "classes",
                     key, type);
    return SQLITE_ERROR;
}

int ext_import_options_read(ext_import_options *o, sqlite3 *db, const char *json,
                            char *error) {
    sqlite3_stmt *s = NULL;
    char reason[EXT_ERROR_SIZE] = "";
    *o = (ext_import_options){.given = {.std = 1}, .activate = 1};
    if (!json) return SQLITE_OK;
    int rc = ext_json_object(db, json, "options", "{\"mean\": 0.1307, \"std\": 0.3081}",
                             error);
    if (rc != SQLITE_OK) return rc;
    rc = check_once(db, json, reason);
    if (rc == SQLITE_OK)
        rc = ext_import_rows(&s, db, "SELECT key, type, value FROM json_each(?1)", json,
                             strlen(json), reason);
    int took = rc;
    while (took == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(s, 0);
        const char *type = (const char *)sqlite3_column_text(s, 1);
        sqlite3_value *value = sqlite3_value_dup(sqlite3_column_value(s, 2));
        if (!key || !type || !value)
            took = ext_no_memory(reason);
        else
            took = member(o, db, key, type, value, reason);
        sqlite3_value_free(value);
    }
    rc = ext_import_done(s, db, took, reason);
    if (rc == SQLITE_OK) rc = channels_find(o, reason);
    if (rc == SQLITE_OK) rc = scale_check(o, reason);
    if (rc == SQLITE_OK && o->fit && o->given.said) {
        sqlite3_snprintf(EXT_ERROR_SIZE, reason,
                         "fit finds mean and std; expected it or them");
        rc = SQLITE_ERROR;
    }
    if (rc != SQLITE_OK)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s%s",
                         rc == SQLITE_ERROR ? "options: " : "", reason);
    return rc;
}

void ext_import_options_free(ext_import_options *o) {
    sqlite3_free(o->means);
    sqlite3_free(o->stds);
    sqlite3_free(o->output);
    sqlite3_value_free(o->fit);
}

static void put_numbers(sqlite3_str *out, const char *name, const double *list, int n,
                        double one) {
    sqlite3_str_appendf(out, ",\"%s\":", name);
    if (n == 0) ext_json_real(out, one);
    for (int i = 0; i < n; i++) {
        sqlite3_str_appendchar(out, 1, i ? ',' : '[');
        ext_json_real(out, list[i]);
    }
    if (n) sqlite3_str_appendchar(out, 1, ']');
}

/* put_fit - what the numbers come from. */
static void put_fit(sqlite3_str *out, const ext_import_options *o) {
    const char *source = (const char *)sqlite3_value_text(o->fit);
    sqlite3_str_appendall(out, ",\"fit\":{\"source\":");
    ext_json_string(out, source ? source : "", source ? strlen(source) : 0);
    sqlite3_str_appendf(out, ",\"images\":%d,\"accuracy\":%.4f}", o->fitted,
                        (double)o->right / o->fitted);
}

void ext_import_json(sqlite3_str *out, const ext_import_options *o, double std) {
    put_numbers(out, "mean", o->given.means, o->given.channels, o->given.mean);
    put_numbers(out, "std", o->given.stds, o->given.channels, std);
    if (o->fit) put_fit(out, o);
    if (!o->output) return;
    sqlite3_str_appendall(out, ",\"output\":");
    ext_json_string(out, o->output, strlen(o->output));
}
