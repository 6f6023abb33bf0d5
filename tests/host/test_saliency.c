/* test_saliency.c - the pixels that digit_saliency marks are those that count: without
 * them the label's probability falls faster than without others. And what it makes of a
 * model whose numbers run over.
 *
 * It prints the figures at the head of core/saliency.c: those of the built-in model on
 * 300 of MNIST's test images, or on synthetic digits where MNIST is not there. Where the
 * library is:
 *
 *     ln -s ../shared/mnist mnist; mkdir -p build/tmp; build/tests/host/test_saliency */
#include "../../core/bytes.h"
#include "../../core/rng.h"
#include "../../core/trainer.h"
#include "sql.h"

#define PIXELS 784

static char error[512];

/* model_of - a stored model, as core has it. */
static dn_model *model_of(sqlite3 *db) {
    sqlite3_stmt *s = NULL;
    dn_model *m = NULL;
    CHECK(sqlite3_prepare_v2(db, "SELECT weights FROM digitnet_builtin", -1, &s, NULL) ==
          SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    CHECK(dn_model_decode(&m, sqlite3_column_blob(s, 0),
                          (size_t)sqlite3_column_bytes(s, 0), NULL, error,
                          sizeof error) == DN_OK);
    sqlite3_finalize(s);
    return m;
}

/* without - the class's probability when a tenth of the ink is gone: that of the highest
 * rank. */
static double without(const dn_model *m, dn_scratch *s, const unsigned char *digit,
                      const float *rank, int class) {
    unsigned char left[PIXELS];
    float p[10];
    int ink = 0;
    for (int i = 0; i < PIXELS; i++) ink += digit[i] > 0;
    memcpy(left, digit, sizeof left);
    for (int gone = 0; gone < ink / 10; gone++) {
        int best = -1;
        for (int i = 0; i < PIXELS; i++)
            if (left[i] && (best < 0 || rank[i] > rank[best])) best = i;
        left[best] = 0;
    }
    dn_predict(m, s, &(dn_image){left, DN_UINT8}, p, NULL, NULL);
    return (double)p[class];
}

/* bytes_of - k/255 as k. */
static void bytes_of(unsigned char *out, sqlite3_stmt *row) {
    const unsigned char *blob = sqlite3_column_blob(row, 0);
    CHECK(sqlite3_column_bytes(row, 0) == 4 * PIXELS);
    for (int i = 0; i < PIXELS; i++)
        out[i] = (unsigned char)(get_float(blob + 4 * i) * 255 + 0.5f);
}

static void test_deletion(sqlite3 *db) {
    const int mnist = access("mnist", F_OK) == 0;
    const int test = check_emulated() || check_sanitised() ? 30 : 300;
    sqlite3_stmt *rows = NULL;
    dn_model *m = model_of(db);
    dn_scratch *s = dn_scratch_new(m);
    double before = 0, marked = 0, random = 0, against = 0;
    int n = 0;
    CHECK(sqlite3_prepare_v2(db,
                             mnist
                                 ? "SELECT pixels FROM read_mnist('mnist') WHERE split = "
                                   "'test' LIMIT ?1"
                                 : "SELECT pixels FROM synthetic_digits(?1)",
                             -1, &rows, NULL) == SQLITE_OK);
    sqlite3_bind_int(rows, 1, test);
    for (; sqlite3_step(rows) == SQLITE_ROW; n++) {
        unsigned char digit[PIXELS];
        float p[10], rank[PIXELS], noise[PIXELS];
        bytes_of(digit, rows);
        const dn_image image = {digit, DN_UINT8};
        dn_predict(m, s, &image, p, NULL, NULL);
        const int class = dn_argmax(p, 10);
        before += (double)p[class] / test;
        CHECK(dn_saliency(m, &image, class, rank, NULL, error, sizeof error) == DN_OK);
        marked += without(m, s, digit, rank, class) / test;
        for (int i = 0; i < PIXELS; i++) {
            noise[i] = rng_unit(99, (uint64_t)(n * PIXELS + i));
            if (digit[i] == 0) CHECK(rank[i] == 0);
            rank[i] = -rank[i];
        }
        random += without(m, s, digit, noise, class) / test;
        against += without(m, s, digit, rank, class) / test;
    }
    CHECK(n == test);
    sqlite3_finalize(rows);
    printf("%s, built-in model, mean probability %.3f; without a tenth of the ink: %.2f "
           "what "
           "speaks for it, %.2f random, %.2f what speaks against it\n",
           mnist ? "MNIST" : "synthetic digits", before, marked, random, against);
    CHECK(before > 0.9);
    CHECK(before - marked > 3 * (before - random));
    CHECK(against > random);
    dn_scratch_free(s);
    dn_model_free(m);
}

/* Weights that are numbers, and whose product is none: two pixels of 1e-20 are two units
 * of 1, and those two classes of 1e20, as likely as each other. */
static void test_overflow(sqlite3 *db) {
    static const float tiny[4] = {1e-20f, 1e-20f, 0, 0};
    dn_options o;
    dn_label labels[2] = {{0}, {.integer = 1}};
    dn_trainer *t = NULL;
    void *bytes = NULL;
    size_t size = 0;
    sqlite3_stmt *s = NULL;
    dn_options_default(&o, "2N", error, sizeof error);
    o.shape = (dn_shape){2, 2, 1};
    CHECK(dn_trainer_new(&t, &o, labels, 2, 1, 0, 1, NULL, error, sizeof error) == DN_OK);
    memset(t->average, 0, t->spec.total * sizeof *t->average);
    for (int layer = 0; layer < 2; layer++)
        for (int i = 0; i < 2; i++)
            t->average[t->spec.layers[layer].w +
                       (size_t)(i * t->spec.layers[layer].ld + i)] = 1e20f;
    CHECK(dn_trainer_model(t, 1, &bytes, &size) == DN_OK);
    sql_run(db,
            "CREATE TABLE small AS SELECT x'00000000' AS pixels, 0 AS label UNION ALL "
            "SELECT x'FFFFFFFF', 1");
    sql_run(
        db,
        "SELECT * FROM train_model('small', 'wild') WHERE layers = 'softmax' AND epochs "
        "= 1 AND holdout = 0 AND shape = '2x2'");
    CHECK(sqlite3_prepare_v2(db, "UPDATE digitnet_models SET weights = ?1", -1, &s,
                             NULL) == SQLITE_OK);
    sqlite3_bind_blob(s, 1, bytes, (int)size, SQLITE_STATIC);
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
    CHECK(sqlite3_prepare_v2(db, "SELECT hex(substr(digit_saliency(?1, 'wild'), 17, 8))",
                             -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_blob(s, 1, tiny, sizeof tiny, SQLITE_STATIC);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    CHECK_STR((const char *)sqlite3_column_text(s, 0), "0000000200000002");
    sqlite3_finalize(s);
    free(bytes);
    dn_trainer_free(t);
}

int main(void) {
    sqlite3 *db = sql_new("build/tmp/saliency.db");
    test_deletion(db);
    test_overflow(db);
    sql_close(db);
    return check_done("test_saliency");
}
