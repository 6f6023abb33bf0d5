/* test_diverged.c - networks whose numbers have left what a float can hold: training
 * stops with a sentence and keeps the last good weights; a model that gives no numbers is
 * an error and never an answer. */
#include "../../core/bytes.h"
#include "../unit/core/onnx_words.h"
#include "sql.h"

#define WILD                                                                             \
    " AND holdout = 0 AND schedule = 'constant' AND warmup = 0 AND momentum = 0.9999 "
#define DEEP "16N-16N-16N-16N-16N-16N-16N-16N"

/* What is stored gives numbers for every image. */
#define ALL_NUMBERS(model)                                                               \
    "SELECT count(*) = count(digit_confidence(pixels, '" model "')) FROM images"

static void test_training(void) {
    sqlite3 *db = sql_new(":memory:");
    sql_run(db, "CREATE TABLE images AS SELECT label, pixels FROM synthetic_digits(60)");

    /* The loss was finite before the last step; the network it led to gives no
     * numbers. */
    CHECK_SQL(db,
              "SELECT count(*) FROM train_model('images', 'm') WHERE layers = '" DEEP
              "' AND rate = 70 AND batch = 60 AND epochs = 12" WILD,
              "error: train_model: the probabilities are no longer numbers in epoch 2; a "
              "lower rate than 70 may help; model m@1 keeps the weights of epoch 1");
    CHECK_SQL(db, "SELECT name, version, active, epochs FROM digitnet_models", "m|1|1|1");
    CHECK_SQL(db, ALL_NUMBERS("m"), "1");
    CHECK_SQL(
        db,
        "SELECT count(*) FROM train_model('images', 'm') WHERE resume = 1 AND epochs "
        "= 14",
        "error: train_model: the probabilities are no longer numbers in epoch 2; a "
        "lower rate than 70 may help; model m@1 keeps the weights of epoch 1");

    /* A weight too large for the precision that it is stored in. */
    CHECK_SQL(
        db,
        "SELECT count(*) FROM train_model('images', 'n') WHERE layers = '32N' AND "
        "precision = 'float16' AND rate = 20 AND optimizer = 'sgd' AND batch = 60 AND "
        "epochs = 30" WILD,
        "error: train_model: a weight is no longer a finite number in epoch 3; a "
        "lower rate than 20 may help; model n@1 keeps the weights of epoch 2");
    CHECK_SQL(db, ALL_NUMBERS("n"), "1");

    /* With rows held out. */
    CHECK_SQL(
        db,
        "SELECT count(*) FROM train_model('images', 'o') WHERE layers = '8C3b-16Nb-16N' "
        "AND rate = 100 AND optimizer = 'sgd' AND batch = 20 AND epochs = 40 AND "
        "holdout = 0.2 AND schedule = 'constant' AND warmup = 0 AND momentum = 0.9999",
        "error: train_model: a weight is no longer a finite number in epoch 2; a "
        "lower rate than 100 may help; model o@1 keeps the weights of epoch 1");
    CHECK_SQL(db, ALL_NUMBERS("o"), "1");

    CHECK_SQL(
        db, "SELECT count(*) FROM train_model('images') WHERE temperature = 1e-300",
        "error: train_model: temperature is 1e-300; expected 0 (fitted on the holdout), "
        "or a number from 0.01 to 100");
    CHECK_SQL(db,
              "SELECT count(*) FROM train_model('images', 'p') WHERE layers = 'softmax' "
              "AND epochs "
              "= 1 AND temperature = 0.01",
              "1");
    CHECK_SQL(db, ALL_NUMBERS("p"), "1");
    sql_close(db);
}

/* The state that a run goes on from, as one that diverged without being noticed left
 * it. */
static void test_state(void) {
    sqlite3 *db = sql_new(":memory:");
    sqlite3_stmt *s = NULL;
    sql_images(db, "images", 40, 0);
    sql_run(db, "SELECT count(*) FROM train_model('images', 'm')" QUICK);
    CHECK(sqlite3_prepare_v2(db, "SELECT state FROM digitnet_models", -1, &s, NULL) ==
          SQLITE_OK);
    CHECK(sqlite3_step(s) == SQLITE_ROW);
    const size_t size = (size_t)sqlite3_column_bytes(s, 0);
    uint8_t *state = malloc(size);
    memcpy(state, sqlite3_column_blob(s, 0), size);
    sqlite3_finalize(s);
    put_float(state + size - 12, (float)INFINITY);
    put64(state + size - 8, dn_checksum(state, size - 8));
    CHECK(sqlite3_prepare_v2(db, "UPDATE digitnet_models SET state = ?1", -1, &s, NULL) ==
          SQLITE_OK);
    sqlite3_bind_blob(s, 1, state, (int)size, SQLITE_STATIC);
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
    free(state);
    CHECK_SQL(
        db,
        "SELECT count(*) FROM train_model('images', 'm') WHERE resume = 1 AND epochs "
        "= 5",
        "error: train_model: the training had diverged: its state holds a "
        "number that is not finite; train again with a lower rate");
    sql_close(db);
}

/* import - the version that import_model gives a graph in words, or its error. */
static const char *import(sqlite3 *db, const char *name, const char *graph) {
    sqlite3_stmt *s = NULL;
    static char text[600];
    pb_writer w = file_of(graph, 13);
    CHECK(sqlite3_prepare_v2(db, "SELECT json_extract(import_model(?1, ?2), '$.version')",
                             -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_blob(s, 2, w.p, (int)w.size, SQLITE_STATIC);
    const int rc = sqlite3_step(s);
    snprintf(text, sizeof text, "%s",
             rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0)
                              : sqlite3_errmsg(db));
    sqlite3_finalize(s);
    free(w.p);
    return text;
}

#define NO_NUMBER(function)                                                              \
    "error: " function                                                                   \
    ": model 'x' has an output that is not a finite number: its weights are "            \
    "too large; train it with a lower rate, or import another one"

static void test_imported(void) {
    sqlite3 *db = sql_new(":memory:");
    CHECK_STR(
        import(db, "w",
               "input x 0,1,4,4\noutput y\ntensor k 16,2 1e38\nFlatten - x > f\n"
               "MatMul - f k > y\n"),
        "import_model: the network's output for a plain grey image is not a finite "
        "number: its weights are too large; expected those of a training that converged");
    CHECK_SQL(db, "SELECT count(*) FROM sqlite_master", "0");
    /* Even pixels weigh as much as the odd ones take away: only stripes make it
     * overflow. */
    CHECK_STR(import(db, "x",
                     "input x 0,1,4,4\noutput y\ntensor k 16,2 1e38,1e38,-1e38,-1e38\n"
                     "Flatten - x > f\nMatMul - f k > y\n"),
              "1");
    sql_run(db, "CREATE TABLE stripes(label, pixels);"
                "INSERT INTO stripes VALUES(1, x'ff00ff00ff00ff00ff00ff00ff00ff00')");
    CHECK_SQL(db, "SELECT digit_predict(zeroblob(16), 'x')", "0");
    CHECK_SQL(db, "SELECT digit_predict(pixels, 'x') FROM stripes",
              NO_NUMBER("digit_predict"));
    CHECK_SQL(db, "SELECT try_predict(pixels, 'x') FROM stripes",
              NO_NUMBER("try_predict"));
    CHECK_SQL(db, "SELECT digit_confidence(pixels, 'x') FROM stripes",
              NO_NUMBER("digit_confidence"));
    CHECK_SQL(db, "SELECT digit_probabilities(pixels, 'x') FROM stripes",
              NO_NUMBER("digit_probabilities"));
    CHECK_SQL(db, "SELECT digit_saliency(pixels, 'x') FROM stripes",
              NO_NUMBER("digit_saliency"));
    CHECK_SQL(db, "SELECT count(*) FROM predict_model('stripes', 'x')",
              NO_NUMBER("predict_model"));
    sql_run(db, "UPDATE digitnet_models SET name = 'default'");
    CHECK_SQL(db, "SELECT digit_predict(pixels) FROM stripes",
              "error: digit_predict: model 'default' has an output that is not a finite "
              "number: its weights are too large; train it with a lower rate, or import "
              "another one");
    sql_close(db);
}

int main(void) {
    test_training();
    test_state();
    test_imported();
    return check_done("test_diverged");
}
