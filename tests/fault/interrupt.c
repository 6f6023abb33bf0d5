/* interrupt.c - how long it takes from an interrupt, at any moment, until a statement
 * returns.
 *
 *     make interrupt              20 interrupts of each scenario, of 1,000,000 rows or
 *                                 20,000 digits; SHORT=1: 3, of fewer; TIMES=n: n, up to
 *                                 64
 *
 * Each function and table of ours, on its largest input: interrupt_networks.h,
 * interrupt_pictures.h; one that none of them has fails. Here are the phases of training:
 * reading rows, the first batches, the windows of a set larger than its memory, the
 * holdout, its temperature, the checkpoint. It passes if all return within 100 ms, or as
 * much as MOST_MS says (interrupt_scenario.h: how that is measured), and no statement
 * goes longer without a check: gap. */
#include "interrupt_scenario.h"

#define FILE_NAME "build/tmp/interrupt.db"

#include "interrupt_networks.h"
#include "interrupt_pictures.h"

/* many_rows - images of 25 bytes: of 16, one in a hundred looks like four floats. */
static void many_rows(sqlite3 *db, int rows) {
    char sql[400];
    snprintf(
        sql, sizeof sql,
        "CREATE TABLE many(id INTEGER PRIMARY KEY, pixels, label); "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
        "INSERT INTO many SELECT i, randomblob(25), i %% 10 FROM n; "
        "CREATE VIEW seen AS SELECT pixels, label FROM many",
        rows);
    sql_run(db, sql);
}

#define TRAIN(source, options)                                                           \
    "SELECT * FROM train_model('" source "', 't') WHERE " options

int main(void) {
    const int is_short = getenv("SHORT") != NULL;
    const int wanted = getenv("TIMES") ? atoi(getenv("TIMES")) : is_short ? 3 : 20;
    const int times = wanted < 1 ? 1 : wanted > 64 ? 64 : wanted;
    const double most = (getenv("MOST_MS") ? atof(getenv("MOST_MS")) : 100) / 1e3;
    sqlite3 *db = sql_new(FILE_NAME);
    many_rows(db, is_short ? 100000 : 1000000);
    sql_run(db, is_short
                    ? "CREATE TABLE digits AS SELECT * FROM synthetic_digits(1000)"
                    : "CREATE TABLE digits AS SELECT * FROM synthetic_digits(20000)");
    printf("%-48s %8s %4s %8s %8s %8s\n", "from interrupt to return, worst ms", "length",
           "n", "call", "handler", "gap");
#define ROWS(options)                                                                    \
    TRAIN("many", options " AND epochs = 99"), TRAIN("many", options " AND epochs = 1")
    interrupts(db, is_short ? "100,000 rows in memory" : "1,000,000 rows in memory",
               ROWS("layers = '16N' AND batch = 256"), times, most);
    interrupts(db, "the same, holdout = 0.9", ROWS("layers = '16N' AND holdout = 0.9"),
               times, most);
    interrupts(db, "the same in windows of 1 MB",
               ROWS("layers = 'softmax' AND batch = 1024 AND cache_mb = 1"), times, most);
    interrupts(db, "a view, 8 MB of memory",
               TRAIN("seen", "layers = 'softmax' AND cache_mb = 8 AND epochs = 99"),
               TRAIN("seen", "layers = 'softmax' AND cache_mb = 8 AND epochs = 1"), times,
               most);
#define DIGITS(options)                                                                  \
    TRAIN("digits", options " AND epochs = 99"),                                         \
        TRAIN("digits", options " AND epochs = 1")
    interrupts(db, "'deep', augmented", DIGITS("layers = 'deep' AND augment = 1"), times,
               most);
    interrupts(db, "'cnn', 10,000 images a step, one thread",
               DIGITS("layers = 'cnn' AND batch = 10000 AND threads = 1"), times, most);
    interrupts(db, "three layers of 32 maps of 28x28, 5x5",
               DIGITS("layers = '32C5-32C5b-32C5' AND batch = 500 AND holdout = 0.5"),
               times, most);
    sql_run(db, TRAIN("digits", "layers = 'cnn' AND epochs = 3"));
    interrupts(db, "verify_model", "SELECT * FROM verify_model('t')", NULL, times, most);
    interrupts(db, "predict_model",
               "SELECT count(*) FROM predict_model('digits'), (VALUES (1), (2), (3))",
               "SELECT count(*) FROM predict_model('digits')", times, most);
    CHECK(strcmp(sql_text(db, "PRAGMA integrity_check"), "ok") == 0);
    sql_close(db);
    networks(times, most);
    pictures(times, most);
    all_interrupted();
    CHECK(sqlite3_memory_used() == 0);
    return check_done("interrupt");
}
