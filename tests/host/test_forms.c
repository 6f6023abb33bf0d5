/* test_forms.c - blobs that are no images in 0..1 or 0..255: floats in another range, of
 * another width or byte order, integers, masks of 0 and 1. Whether one row of a table is
 * such a blob, its first or one in its middle, or all are: training and predicting name
 * what was seen and what mends it, and no table is taken for images of another size. */
#include <math.h>
#include "../../core/bytes.h"
#include "sql.h"

#define SIDE   28
#define PIXELS (SIDE * SIDE)

/* --- blobs -------------------------------------------------------------------------- */

/* put - the low bytes of a number, the lowest first or last; where comes after it. */
static uint8_t *put(uint8_t *to, uint64_t bits, int width, int is_big) {
    for (int i = 0; i < width; i++)
        to[is_big ? width - 1 - i : i] = (uint8_t)(bits >> 8 * i);
    return to + width;
}

static uint64_t float_bits(double value) {
    const float f = (float)value;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static uint64_t double_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* half_bits - of 0..1, cut off. */
static uint64_t half_bits(double value) {
    int exponent;
    const double fraction = frexp(value, &exponent);
    if (value < 1.0 / 16384) return 0;
    return (uint64_t)(exponent + 14) << 10 | ((uint64_t)(fraction * 2048) & 1023);
}

/* What a pixel of 0..1, number k, is stored as. */
typedef struct blob_form {
    const char *name;
    const char *says;  /* what every refusal of it has; NULL: it is taken */
    const char *notes; /* what training on such rows alone notes, or NULL */
    int width, is_big;
    uint64_t (*bits)(double pixel, int k);
} blob_form;

static uint64_t as_float(double p, int k) { return (void)k, float_bits(p); }
static uint64_t as_byte(double p, int k) { return (void)k, (uint64_t)(p * 255 + 0.5); }
static uint64_t as_double(double p, int k) { return (void)k, double_bits(p); }
static uint64_t as_half(double p, int k) { return (void)k, half_bits(p); }
static uint64_t as_255(double p, int k) { return (void)k, float_bits(p * 255); }
static uint64_t as_65535(double p, int k) { return (void)k, float_bits(p * 65535); }
static uint64_t as_double_255(double p, int k) { return (void)k, double_bits(p * 255); }
static uint64_t as_signed(double p, int k) { return (void)k, float_bits(2 * p - 1); }
static uint64_t as_bit(double p, int k) { return (void)k, p > 0.4; }
static uint64_t as_paper(double p, int k) { return (void)k, 255 - as_byte(p, k); }
static uint64_t as_white(double p, int k) { return (void)k, float_bits(1 - p); }
static uint64_t as_denormal(double p, int k) { return (void)k, float_bits(p * 1e-39); }
static uint64_t as_faint(double p, int k) { return (void)k, float_bits(p * 1e-12); }
static uint64_t as_sharpened(double p, int k) {
    return float_bits(k % 97 == 5 ? -0.05 : p);
}
static uint64_t as_standardised(double p, int k) {
    return (void)k, float_bits((p - 0.1307) / 0.3081);
}
static uint64_t as_infinite(double p, int k) {
    return k == 400 ? 0x7F800000 : float_bits(p);
}
static uint64_t as_nan(double p, int k) { return k == 3 ? 0x7FC00000 : float_bits(p); }
static uint64_t as_all_nan(double p, int k) { return (void)p, (void)k, 0xFFC00000; }

static const blob_form forms[] = {
    {"float32", NULL, NULL, 4, 0, as_float},
    {"uint8", NULL, NULL, 1, 0, as_byte},
    {"255", "the image looks like float32 of 0..255; in numpy, store (x / 255).astype",
     NULL, 4, 0, as_255},
    {"65535", "looks like float32 of 0..65535; in numpy, store (x / 65535).astype('<f4')",
     NULL, 4, 0, as_65535},
    {"signed", "looks like float32 of -1..1; in numpy, store ((x + 1) / 2).astype('<f4')",
     NULL, 4, 0, as_signed},
    {"standardised", "looks like float32 standardised as (pixel - mean) / std; in numpy",
     NULL, 4, 0, as_standardised},
    {"sharpened", "leaves 0..1 in places; in numpy, store numpy.clip(x, 0, 1)", NULL, 4,
     0, as_sharpened},
    {"infinite",
     "pixel 400 is Inf; expected 0..1: the image looks like float32 that is "
     "infinite or NaN in places; in numpy, store numpy.nan_to_num(x",
     NULL, 4, 0, as_infinite},
    {"nan", "pixel 3 is NaN; expected 0..1: the image looks like float32 that is", NULL,
     4, 0, as_nan},
    {"all nan",
     "the image looks like float32 that is infinite or NaN in places; in numpy", NULL, 4,
     0, as_all_nan},
    {"big-endian", "looks like big-endian float32; in numpy, store x.astype('<f4')", NULL,
     4, 1, as_float},
    {"big-endian 255",
     "looks like big-endian float32 of 0..255; in numpy, store (x / 255).astype('<f4')",
     NULL, 4, 1, as_255},
    {"big-endian bits",
     "looks like big-endian int32; in numpy, store (x * 255).astype("
     "'u1')",
     NULL, 4, 1, as_bit},
    {"int32", "looks like int32; in numpy, store x.astype('u1')", NULL, 4, 0, as_byte},
    {"int32 bits", "looks like int32; in numpy, store (x * 255).astype('u1')", NULL, 4, 0,
     as_bit},
    {"big-endian int32", "looks like big-endian int32; in numpy, store x.astype('u1')",
     NULL, 4, 1, as_byte},
    {"int64", "looks like int64; in numpy, store x.astype('u1')", NULL, 8, 0, as_byte},
    {"float64", "looks like float64; in numpy, store x.astype('<f4')", NULL, 8, 0,
     as_double},
    {"float64 255", "looks like float64 of 0..255; in numpy, store (x / 255).astype('<f4",
     NULL, 8, 0, as_double_255},
    {"float16", "looks like float16; in numpy, store x.astype('<f4')", NULL, 2, 0,
     as_half},
    {"int16", "looks like int16; in numpy, store x.astype('u1')", NULL, 2, 0, as_byte},
    {"denormal",
     "its floats are denormal, smaller than 1e-37; in numpy, store (x / x.max", NULL, 4,
     0, as_denormal},
    {"bits", NULL, "60 of 60 images have bytes of 0 and 1 alone, nearly black", 1, 0,
     as_bit},
    {"faint", NULL, "60 of 60 images are nearly blank: their floats add up to less", 4, 0,
     as_faint},
    {"paper", NULL, "60 of 60 images have a bright border, as of dark ink on paper", 1, 0,
     as_paper},
    {"white", NULL, "60 of 60 images have a bright border, as of dark ink on paper", 4, 0,
     as_white},
};
#define FORMS ((int)(sizeof forms / sizeof *forms))

/* stored(image, form) - a float32 image in a form by its name. */
static void stored(sqlite3_context *context, int argc, sqlite3_value **argv) {
    (void)argc;
    const uint8_t *from = sqlite3_value_blob(argv[0]);
    const char *name = (const char *)sqlite3_value_text(argv[1]);
    const blob_form *f = forms;
    while (strcmp(f->name, name) != 0) f++;
    const int n = sqlite3_value_bytes(argv[0]) / 4, size = n * f->width;
    uint8_t *to = sqlite3_malloc(size), *end = to;
    for (int k = 0; k < n; k++)
        end = put(end, f->bits((double)get_float(from + 4 * k), k), f->width, f->is_big);
    sqlite3_result_blob(context, to, size, sqlite3_free);
}

static sqlite3 *open_with_stored(void) {
    sqlite3 *db = sql_open(":memory:");
    CHECK(sqlite3_create_function(db, "stored", 2, SQLITE_UTF8, NULL, stored, NULL,
                                  NULL) == SQLITE_OK);
    sql_run(db, "CREATE TABLE good AS SELECT id, label, pixels FROM synthetic_digits(60);"
                "CREATE TABLE t AS SELECT * FROM good");
    return db;
}

/* --- what is said ------------------------------------------------------------------- */

#define TRAIN                                                                            \
    "SELECT train_model('t', 't', '{\"layers\": \"softmax\", \"epochs\": 1, "            \
    "\"batch\": 16, \"temperature\": 1}')"

/* says - whether a statement's text, or error, has a part; NULL: whether it is no error,
 * and of training without a note. */
static void says(sqlite3 *db, const char *form, const char *sql, const char *part) {
    const char *text = sql_text(db, sql);
    if (CHECK(part ? strstr(text, part) != NULL
                   : !strstr(text, "error: ") &&
                         (!strstr(text, "notes") || strstr(text, "\"notes\":[]"))))
        return;
    printf("    %s: %s\n    %s\n    has no '%s'\n", form, sql, text, part ? part : "");
}

/* is_faint - whether a form is floats so small that only a shape tells that they are. */
static int is_faint(const blob_form *f) { return strcmp(f->name, "faint") == 0; }

/* fill - t with the good rows, those between two ids in a form. */
static void fill(sqlite3 *db, const char *form, int first, int last) {
    char sql[300];
    snprintf(sql, sizeof sql,
             "DELETE FROM t; INSERT INTO t SELECT id, label, CASE WHEN id BETWEEN %d AND "
             "%d THEN stored(pixels, '%s') ELSE pixels END FROM good",
             first, last, form);
    sql_run(db, sql);
}

/* A form alone: each function that knows the model's shape says the same, and names the
 * row where it reads a table. */
static void test_predicting(void) {
    sqlite3 *db = open_with_stored();
    sql_run(db, TRAIN);
    for (int i = 0; i < FORMS; i++) {
        const blob_form *f = &forms[i];
        const int is_mask = strcmp(f->name, "bits") == 0;
        const char *part = is_mask ? "bytes of 0 and 1 alone, nearly black" : f->says;
        char sql[200], at[300];
        static const char *const functions[] = {"digit_predict", "digit_confidence",
                                                "digit_saliency"};
        for (int k = 0; k < 3; k++) {
            snprintf(sql, sizeof sql,
                     "SELECT length(%s(stored(pixels, '%s'), 't')) FROM good WHERE id = "
                     "7",
                     functions[k], f->name);
            says(db, f->name, sql, part);
        }
        snprintf(sql, sizeof sql,
                 "SELECT try_predict(stored(pixels, '%s'), 't') IS NULL "
                 "FROM good WHERE id = 7",
                 f->name);
        CHECK_SQL(db, sql, part ? "1" : "0");
        fill(db, f->name, 40, 40);
        snprintf(at, sizeof at, "t, rowid %s, id 40: ",
                 sql_text(db, "SELECT rowid FROM t WHERE "
                              "id = 40"));
        for (int k = 0; k < 2; k++)
            says(db, f->name,
                 "SELECT count(*), max(confidence) FROM predict_model('t', "
                 "'t')",
                 !part ? NULL
                 : k   ? at
                       : part);
    }
    sql_close(db);
}

/* Whichever rows have the form, training names the first of them, and stores nothing. */
static void test_training(void) {
    static const int rows[4][2] = {{0, 0}, {30, 30}, {0, 59}, {1, 59}};
    sqlite3 *db = open_with_stored();
    for (int i = 0; i < FORMS; i++) {
        const blob_form *f = &forms[i];
        for (int k = 0; k < 4; k++) {
            char at[60];
            fill(db, f->name, rows[k][0], rows[k][1]);
            if (k == 3) sql_run(db, "UPDATE t SET pixels = zeroblob(3136) WHERE id = 0");
            snprintf(at, sizeof at,
                     "error: train_model: t, rowid %d, id %d: ", rows[k][0] + 1,
                     rows[k][0]);
            if (f->says) {
                says(db, f->name, TRAIN, f->says);
                says(db, f->name, TRAIN, at);
            } else if (k == 2 && !is_faint(f)) {
                says(db, f->name, TRAIN, f->notes);
                says(db, f->name, "SELECT shape FROM digitnet_models WHERE active",
                     "28x28x1");
            }
        }
    }
    CHECK_SQL(db, "SELECT count(*), count(DISTINCT shape) FROM digitnet_models", "5|1");
    fill(db, "faint", 0, 59);
    says(db, "faint",
         "SELECT train_model('t', 't', '{\"layers\": \"softmax\", \"epochs\": 1, "
         "\"shape\": \"28x28\"}')",
         "60 of 60 images are nearly blank: their floats add up to less");
    sql_close(db);
}

/* Without a model or a shape: what cannot be told apart is asked for, and a picture of
 * bytes is never taken for words. */
static void test_alone(void) {
    sqlite3 *db = open_with_stored();
    for (int i = 0; i < FORMS; i++) {
        const blob_form *f = &forms[i];
        char sql[200];
        snprintf(sql, sizeof sql,
                 "SELECT length(digit_image(digit_png(stored(pixels, '%s')))) FROM good "
                 "WHERE id = 7",
                 f->name);
        if (!is_faint(f)) says(db, f->name, sql, f->says ? f->says : "3136");
    }
    says(db, "flat", "SELECT digit_png(CAST(printf('%.3136c', '<') AS BLOB))",
         "image may be 56x56 of uint8 or 28x28 of float32: give its shape");
    CHECK_SQL(db,
              "SELECT length(digit_png(CAST(printf('%.3136c', '<') AS BLOB), 1, "
              "'28x28')) > 0, digit_show(x'00000001') IS NOT NULL",
              "1|1");
    CHECK_SQL(db,
              "SELECT count(*) FROM synthetic_digits(2000) WHERE "
              "length(digit_image(digit_png(stored(pixels, 'uint8')))) <> 3136 OR "
              "length(digit_image(digit_png(pixels))) <> 3136",
              "0");
    sql_close(db);
}

/* Rows of two readings: shape decides. Rows of floats where bytes of twice the sides are
 * expected are found by their values. */
static void test_split(void) {
    sqlite3 *db = open_with_stored();
    sql_run(db, "UPDATE t SET pixels = (SELECT CAST(pixels || pixels || pixels || "
                "pixels AS BLOB) FROM (SELECT stored(pixels, 'uint8') AS pixels FROM "
                "good WHERE good.id = t.id)) WHERE id % 2");
    says(db, "split", TRAIN,
         "t: of its first 60 images 30 look like 28x28 and 30 like 56x56; tell which "
         "they are, as in shape = '28x28'");
    says(db, "split", "SELECT epoch FROM train_model('t') WHERE shape = '28x28'",
         "t, rowid 2, id 1: pixel ");
    says(db, "split", "SELECT epoch FROM train_model('t') WHERE shape = '56x56'",
         "t, rowid 1, id 0: image has 3136 bytes that look like 28x28 pixels of float32; "
         "expected 56x56");
    sql_close(db);
}

/* A model remembers what its rows were: by name in its options, and masks by its mean. */
static void test_memory(void) {
    static const char *const rows[][2] = {
        {"pixels", "float32"},
        {"stored(pixels, 'uint8')", "uint8"},
        {"digit_png(pixels)", "PNG"},
        {"CASE WHEN id % 2 THEN pixels ELSE digit_png(pixels) END", "mixed"}};
    sqlite3 *db = open_with_stored();
    for (int i = 0; i < 4; i++) {
        char sql[200];
        snprintf(sql, sizeof sql,
                 "UPDATE t SET pixels = (SELECT %s FROM good WHERE "
                 "good.id = t.id)",
                 rows[i][0]);
        sql_run(db, sql);
        says(db, rows[i][1], TRAIN, NULL);
        CHECK_SQL(db,
                  "SELECT json_extract(options, '$.rows') FROM digitnet_models WHERE "
                  "active",
                  rows[i][1]);
    }
    CHECK_SQL(db, "SELECT count(DISTINCT weights) FROM digitnet_models", "1");
    CHECK_SQL(db, "SELECT same FROM verify_model('t')", "1");
    sql_run(db, "SELECT train_model('t', 't', '{\"resume\": 1, \"epochs\": 2}')");
    CHECK_SQL(db,
              "SELECT json_extract(options, '$.rows') FROM digitnet_models WHERE active",
              "mixed");
    fill(db, "bits", 0, 59);
    says(db, "bits", TRAIN, "60 of 60 images have bytes of 0 and 1 alone");
    says(db, "bits", "SELECT avg(digit_predict(pixels, 't') = label) FROM t", NULL);
    says(db, "bits", "SELECT digit_predict(pixels, 't') FROM good",
         "image has pixels above 1, but the model was trained on bytes of 0 and 1");
    sql_close(db);
}

int main(void) {
    test_predicting();
    test_training();
    test_alone();
    test_split();
    test_memory();
    return check_done("test_forms");
}
