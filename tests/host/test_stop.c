/* test_stop.c - interrupts and progress handlers end a large prediction, of one image and
 * of many, saliency and the web page, in their middle: with SQLITE_INTERRUPT and
 * "interrupted". */
#include <pthread.h>
#include "../../core/trainer.h"
#include "sql.h"

/* 8·10⁹ multiply-adds an image: some 0.2 s, and saliency thirty times as long. Where they
 * are slow (kernels.h's pace), a hundredth of it. */
#define LAYERS  "64C9-64C9-64C9-64C9-64C9-GAP"
#define CLASSES 2

static int sides;

/* large_model - stored as 'large', for images of sides × sides × 16. */
static void large_model(sqlite3 *db) {
    char error[256] = "";
    dn_options o;
    const dn_label labels[CLASSES] = {{.integer = 0}, {.integer = 1}};
    dn_trainer *t = NULL;
    void *bytes = NULL;
    size_t size = 0;
    sqlite3_stmt *s = NULL;
    dn_options_default(&o, LAYERS, error, sizeof error);
    o.shape = (dn_shape){sides, sides, 16};
    CHECK(dn_trainer_new(&t, &o, labels, CLASSES, 1, 0.4f, 0.3f, NULL, error,
                         sizeof error) == DN_OK);
    CHECK_STR(error, "");
    CHECK(dn_trainer_model(t, 1, &bytes, &size) == DN_OK);
    sql_images(db, "tiny", 40, 0);
    sql_run(db,
            "SELECT count(*) FROM train_model('tiny', 'large') WHERE layers = 'softmax' "
            "AND epochs = 1");
    CHECK(sqlite3_prepare_v2(db, "UPDATE digitnet_models SET weights = ?1", -1, &s,
                             NULL) == SQLITE_OK);
    sqlite3_bind_blob(s, 1, bytes, (int)size, SQLITE_STATIC);
    CHECK(sqlite3_step(s) == SQLITE_DONE);
    sqlite3_finalize(s);
    dn_trainer_free(t);
    free(bytes);
}

static int stop_at_once(void *asked) {
    ++*(int *)asked;
    return 1;
}

/* After more questions than come with looking up the model. */
static int stop_later(void *asked) { return ++*(int *)asked > 20; }

static void *interrupt_soon(void *db) {
    sql_sleep(20);
    sqlite3_interrupt(db);
    return NULL;
}

/* The statement's own steps are far fewer than the handler's: what calls it is the
 * question in the middle. */
static void check_handler(sqlite3 *db, const char *sql) {
    int asked = 0;
    sqlite3_progress_handler(db, 1000, stop_at_once, &asked);
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_INTERRUPT);
    CHECK(asked > 0);
    sqlite3_progress_handler(db, 0, NULL, NULL);
}

static void check_interrupt(sqlite3 *db, const char *sql, const char *message) {
    pthread_t thread;
    char *error = NULL;
    const double start = sql_seconds();
    CHECK(pthread_create(&thread, NULL, interrupt_soon, db) == 0);
    CHECK(sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_INTERRUPT);
    CHECK_STR(error, message);
    const double late = sql_seconds() - start - 0.02;
    pthread_join(thread, NULL);
    if (!CHECK(late < sql_patience())) printf("%s: %.2f s late\n", sql, late);
    sqlite3_free(error);
}

int main(void) {
    sqlite3 *db = sql_new(":memory:");
    char sql[256];
    sides = dn_kernels_best()->pace < 1 << 24 ? 8 : 64;
    large_model(db);
    snprintf(
        sql, sizeof sql,
        "CREATE TABLE images AS WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 200) SELECT i AS id, randomblob(%d) AS pixels FROM n",
        sides * sides * 16);
    sql_run(db, sql);

    check_handler(db, "SELECT digit_predict(pixels, 'large') FROM images LIMIT 1");
    check_handler(db, "SELECT digit_saliency(pixels, 'large') FROM images LIMIT 1");
    check_interrupt(db, "SELECT digit_predict(pixels, 'large') FROM images LIMIT 1",
                    "digit_predict: interrupted");
    check_interrupt(db, "SELECT digit_saliency(pixels, 'large') FROM images LIMIT 1",
                    "digit_saliency: interrupted");
    check_interrupt(db, "SELECT count(confidence) FROM predict_model('images', 'large')",
                    "predict_model: interrupted");
    /* The page is made on another connection, which has to ask this one. */
    sql_run(db, "CREATE TABLE two AS SELECT id, id % 2 AS label, pixels FROM images "
                "LIMIT 2");
    int asked = 0;
    sqlite3_progress_handler(db, 1000, stop_later, &asked);
    CHECK(sqlite3_exec(db, "SELECT report_model('two', 'large')", NULL, NULL, NULL) ==
          SQLITE_INTERRUPT);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    sql_run(db, "SELECT length(digit_embedding(pixels, 'large')) FROM images LIMIT 1");
    sql_close(db);
    return check_done("test_stop");
}
