/* fuzz_options.c - the options of train_model, as values and as JSON, and the space of
 * search_model.
 *
 *     1 byte   0: options as values: 1 byte which one, 1 byte its type, its value
 *              1: the rest is the JSON of a stored model's options
 *              2: 1 byte how many trials, and the JSON of a space */
#include <sqlite3.h>
#include "../../ext/train/options.h"
#include "../../ext/search/space.h"
#include "library.h"

static sqlite3 *db;
static sqlite3_stmt *values; /* SELECT ?1, ?2, … : makes values of what is bound */
static sqlite3_stmt *valid;  /* SELECT json_valid(?1) */

static void start(void) {
    char sql[8 * EXT_MOST_OPTIONS];
    int n = 0;
    if (db) return;
    db = library_open();
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1000000);
    for (int k = 0; ext_option_at(k); k++)
        n += snprintf(sql + n, sizeof sql - (size_t)n, "%s?%d", k ? "," : "SELECT ",
                      k + 1);
    if (sqlite3_prepare_v2(db, sql, -1, &values, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT json_valid(?1)", -1, &valid, NULL) != SQLITE_OK)
        abort();
}

static int is_json(const char *text) {
    sqlite3_bind_text(valid, 1, text, -1, SQLITE_STATIC);
    if (sqlite3_step(valid) != SQLITE_ROW) abort();
    const int is = sqlite3_column_int(valid, 0);
    sqlite3_reset(valid);
    return is;
}

/* check_json - what is written of options is JSON and is read as the same; returns it. */
static char *check_json(ext_options *o) {
    char error[EXT_ERROR_SIZE] = "";
    ext_options again;
    if (!o->net.shape.h) o->net.shape = (dn_shape){28, 28, 1}; /* a run knows it by now */
    char *one = ext_options_json(o);
    if (!one) abort();
    FUZZ_CHECK(is_json(one));
    const int rc = ext_options_stored(&again, db, one, error);
    if (rc != SQLITE_OK) fprintf(stderr, "%s\n%s\n", one, error);
    FUZZ_CHECK(rc == SQLITE_OK);
    again.threads = o->threads;
    char *two = ext_options_json(&again);
    if (!two) abort();
    if (strcmp(one, two) != 0) fprintf(stderr, "%s\n%s\n", one, two);
    FUZZ_CHECK(strcmp(one, two) == 0);
    sqlite3_free(two);
    return one;
}

static void bind_value(fuzz_input *in) {
    static const char *const words[16] = {
        "cnn",     "sgd",          "adamw", "cosine", "constant", "onecycle",
        "float16", "float32",      "28x28", "1x1x3",  "builtin",  "a@1",
        "a,b",     "16C3-MP2-10N", "1e3",   "mlp"};
    static const double reals[8] = {0, 0.5, -1, 1e-300, 1e300, 0.1, 3, 99999.5};
    const int k = 1 + fuzz_below(in, sqlite3_column_count(values));
    switch (fuzz_below(in, 8)) {
    case 0: sqlite3_bind_int64(values, k, (sqlite3_int64)fuzz_word(in)); break;
    case 1:
        sqlite3_bind_int64(values, k, (sqlite3_int64)((uint64_t)fuzz_word(in) << 32));
        break;
    case 2: sqlite3_bind_int(values, k, fuzz_below(in, 256)); break;
    case 3: sqlite3_bind_double(values, k, reals[fuzz_below(in, 8)]); break;
    case 4: {
        const uint64_t high = fuzz_word(in), bits = high << 32 | fuzz_word(in);
        double real;
        memcpy(&real, &bits, 8);
        sqlite3_bind_double(values, k, real);
        break;
    }
    case 5:
        sqlite3_bind_text(values, k, words[fuzz_below(in, 16)], -1, SQLITE_STATIC);
        break;
    case 6: {
        const size_t n = fuzz_byte(in);
        const size_t there = n < in->left ? n : in->left;
        uint8_t *text = fuzz_copy(in, there);
        sqlite3_bind_text(values, k, (char *)text, (int)there, SQLITE_TRANSIENT);
        free(text);
        break;
    }
    case 7: sqlite3_bind_blob(values, k, "blob", fuzz_below(in, 5), SQLITE_STATIC); break;
    }
}

static void take_values(fuzz_input *in) {
    char error[EXT_ERROR_SIZE] = "";
    ext_options o, resumed;
    sqlite3_value *given[EXT_MOST_OPTIONS] = {NULL};
    while (in->left) bind_value(in);
    if (sqlite3_step(values) != SQLITE_ROW) abort();
    for (int k = 0; ext_option_at(k); k++) given[k] = sqlite3_column_value(values, k);
    const int rc = ext_options_start(&o, given, error);
    FUZZ_CHECK(rc == SQLITE_OK || (rc == SQLITE_ERROR && error[0]));
    if (rc == SQLITE_OK) {
        char *json = check_json(&o);
        const int status = ext_options_resume(&resumed, db, json, given, error);
        if (status != SQLITE_OK) fprintf(stderr, "%s\n", error);
        FUZZ_CHECK(status == SQLITE_OK);
        sqlite3_free(json);
    }
    sqlite3_reset(values);
    sqlite3_clear_bindings(values);
}

static void take_json(fuzz_input *in) {
    char error[EXT_ERROR_SIZE] = "";
    ext_options o;
    char *json = (char *)fuzz_copy(in, in->left + 1);
    const int rc = ext_options_stored(&o, db, json, error);
    FUZZ_CHECK(rc == SQLITE_OK || error[0]);
    if (rc == SQLITE_OK) {
        sqlite3_free(check_json(&o));
        for (int done = 0; done < 20; done += 3) {
            const int length = ext_options_length(&o, done);
            FUZZ_CHECK(length >= 0 && length <= 100000);
        }
        o.net.epochs = 7;
        for (int done = 1; done < 40; done++) ext_options_lengthen(&o, done);
        sqlite3_free(check_json(&o));
    }
    free(json);
}

static void take_space(fuzz_input *in) {
    char error[EXT_ERROR_SIZE] = "";
    ext_search_space *space = NULL;
    const int trials = 1 + fuzz_below(in, 40);
    char *json = (char *)fuzz_copy(in, in->left + 1);
    const int rc = ext_search_space_read(&space, db, json, error);
    FUZZ_CHECK(rc == SQLITE_OK || error[0]);
    if (rc == SQLITE_OK) {
        const int most = ext_search_space_size(space, trials);
        FUZZ_CHECK(most >= 1 && most <= trials);
        FUZZ_CHECK(ext_search_space_draw(space, most, 7) == SQLITE_OK);
        for (int i = 0; i < most; i++) {
            ext_options o;
            char *trial = ext_search_space_trial(space, i);
            if (!trial) abort();
            const int status = ext_options_stored(&o, db, trial, error);
            if (status != SQLITE_OK) fprintf(stderr, "%s\n%s\n", trial, error);
            FUZZ_CHECK(status == SQLITE_OK);
            sqlite3_free(trial);
        }
    }
    ext_search_space_free(space);
    free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    fuzz_input in = {bytes, size};
    start();
    switch (fuzz_below(&in, 3)) {
    case 0: take_values(&in); break;
    case 1: take_json(&in); break;
    case 2: take_space(&in); break;
    }
    return 0;
}

size_t fuzz_seed(int i, uint8_t out[FUZZ_SEED_SIZE]) {
    static const char *const texts[] = {
        "\1{\"layers\":\"128N\",\"epochs\":5,\"batch\":128,\"rate\":0.01,\"seed\":1,"
        "\"holdout\":0.1,\"shape\":\"28x28x1\",\"images\":54000,"
        "\"data\":\"9f3c0a55d1e07b62\",\"lengths\":\"6/6 "
        "9/20\",\"best\":3,\"fitted\":0.87}",
        "\1{\"optimizer\":\"sgd\",\"teacher\":\"a,b\",\"start\":\"builtin\","
        "\"precision\":"
        "\"float16\",\"seed\":-5}",
        "\2\x08{\"layers\":[\"cnn\",\"lenet5\"],\"rate\":{\"min\":0.001,\"max\":0.02,"
        "\"log\":true},\"batch\":128}",
        "\2\x14{\"batch\":{\"min\":16,\"max\":256},\"ema\":[0,0.99],\"schedule\":"
        "\"cosine\"}"};
    static const uint8_t given[3][20] = {
        {0, 0, 5, 0, 1, 2, 5, 3, 3, 5, 10, 5, 8, 11, 5, 1},
        {0, 4, 0, 0, 0, 0, 9, 20, 5, 12, 26, 5, 10, 24, 5, 6},
        {0, 0, 6, 5, '8', 'N', '-', '4', 'N', 6, 3, 1, 9, 2, 4}};
    if (i < 3) {
        memcpy(out, given[i], sizeof given[i]);
        return 16 + (size_t)i;
    }
    i -= 3;
    if (i >= (int)(sizeof texts / sizeof *texts)) return 0;
    memcpy(out, texts[i], strlen(texts[i]));
    return strlen(texts[i]);
}
