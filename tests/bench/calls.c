/* calls.c - what a call costs beside the network: start-up, look-up of the model, the
 * scan around it; and what one epoch learns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"
#include "host.h"
#include "table.h"

/* --- start-up ----------------------------------------------------------------------- */

void bench_start_child(const char *so, const char *database, const char *model) {
    const double start = host_seconds();
    sqlite3 *db = host_open(database, so);
    const double loaded = host_seconds();
    const double label =
        host_number(db, "SELECT digit_predict(pixels, %Q) FROM test LIMIT 1", model);
    const double end = host_seconds();
    printf("%.3f %.3f %.0f\n", 1e3 * (loaded - start), 1e3 * (end - loaded), label);
    sqlite3_close(db);
}

#define STARTS 15

/* Milliseconds of STARTS fresh processes. 0 if there is no such model. */
static int starts(const bench *b, const char *model, double load[STARTS],
                  double first[STARTS], double whole[STARTS]) {
    char command[3 * 4096];
    snprintf(command, sizeof command, "'%s' first '%s' '%s/bench.db' '%s' 2> /dev/null",
             b->self, b->so, b->folder, model);
    for (int i = 0; i < STARTS; i++) {
        const double start = host_seconds();
        FILE *child = popen(command, "r");
        if (!child) return 0;
        const int n = fscanf(child, "%lf %lf", &load[i], &first[i]);
        if (pclose(child) != 0 || n != 2) return 0;
        whole[i] = 1e3 * (host_seconds() - start);
    }
    return 1;
}

void bench_start(bench *b) {
    table t = {.align = "lrrrr"};
    table_row(&t, "model | open and load | first prediction | both, ms | process, ms");
    for (int i = -1; i < b->n_networks; i++) {
        const char *model = i < 0 ? "builtin" : b->networks[i].name;
        double load[STARTS], first[STARTS], both[STARTS], whole[STARTS];
        if (!starts(b, model, load, first, whole)) continue;
        for (int k = 0; k < STARTS; k++) both[k] = load[k] + first[k];
        const double median = host_median(both, STARTS);
        /* The built-in model comes first, if there is one; else the largest counts. */
        if (i < 0 || (median > b->start_ms && strcmp(b->start_model, "builtin") != 0)) {
            b->start_ms = median;
            b->start_model = model;
        }
        table_row(&t, "%s | %.2f | %.2f | %.2f | %.2f", model, host_median(load, STARTS),
                  host_median(first, STARTS), median, host_median(whole, STARTS));
    }
    printf(
        "### Start-up\n\nFresh processes, median of %d. The process's time is from fork "
        "to exit, a shell's included.\n\n",
        STARTS);
    table_print(&t);
}

/* --- the look-up -------------------------------------------------------------------- */

/* Microseconds a call of a query that makes n calls, the best of some: what disturbs can
 * only add. */
static double call_cost(const bench *b, sqlite3 *db, const char *sql, int n) {
    double best = INFINITY;
    for (int i = 0; i < (b->quick ? 2 : 7); i++) {
        const double start = host_seconds();
        host_number(db, sql, n);
        const double seconds = host_seconds() - start;
        if (seconds < best) best = seconds;
    }
    return 1e6 * best / n;
}

#define COUNTER                                                                          \
    "(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT %d) "         \
    "SELECT i FROM c)"
#define EITHER "CASE WHEN i & 1 THEN a ELSE b END"

void bench_lookup(bench *b, sqlite3 *db) {
    /* A network of two numbers: one pixel, two classes. */
    host_run(db, "CREATE TABLE dots(label INTEGER, pixels BLOB)");
    host_run(db, "INSERT INTO dots VALUES (0, x'00'), (1, x'ff')");
    host_run(db, "SELECT * FROM train_model('dots', 'dot') WHERE layers = 'softmax' AND "
                 "holdout = 0 AND epochs = 1 AND shape = '1x1'");
    host_run(db, "CREATE TABLE pair AS SELECT x'00' AS a, x'ff' AS b");
    const int n = b->quick ? 20000 : 200000;
    const char *bare = "SELECT count(length(" EITHER ")) FROM pair, " COUNTER;
    const char *call = "SELECT count(digit_predict(" EITHER
                       ", 'dot')) FROM pair, " COUNTER;
    const char *apart = "SELECT count(digit_predict(x'ff', 'dot')) FROM " COUNTER;

    table t = {.align = "lr"};
    const double floor = call_cost(b, db, bare, n);
    b->lookup_us = call_cost(b, db, call, n) - floor;
    table_row(&t, "one call, a network of 1 pixel and 2 classes | µs");
    table_row(&t, "length(), to compare with | %.3f", floor);
    table_row(&t, "digit_predict, beyond that | %.3f", b->lookup_us);
    table_row(&t,
              "the same where main is not being read (no table, or one elsewhere) | %.3f",
              call_cost(b, db, apart, n / 4) - floor);
    host_run(db, "BEGIN IMMEDIATE");
    host_run(db, "INSERT INTO pair VALUES (x'', x'')");
    host_run(db, "DELETE FROM pair WHERE length(a) = 0");
    table_row(&t, "the same in a transaction that has written | %.3f",
              call_cost(b, db, call, n / 4) - floor);
    host_run(db, "ROLLBACK");
    printf("### The look-up of the model\n\n");
    table_print(&t);
}

/* --- one epoch ---------------------------------------------------------------------- */

#define SEEDS 10

/* A recipe for one epoch: Adam with short memories, one cycle, no decay of the weights,
 * and labels smoothed (on 6,000 held-out training images worth 0.25 %). */
void bench_accuracy(bench *b, sqlite3 *db) {
    double sum = 0, squares = 0;
    printf(
        "### One epoch\n\n`24C5v-MP2-32C3v-MP2-256N` on all 60,000 images, tested on the "
        "10,000:");
    for (int seed = 1; seed <= SEEDS; seed++) {
        host_run(db,
                 "SELECT * FROM train_model('train', 'epoch') WHERE "
                 "layers = '24C5v-MP2-32C3v-MP2-256N' AND batch = 256 AND epochs = 1 AND "
                 "holdout = 0 AND rate = 0.01 AND momentum = 0.7 AND beta2 = 0.9 AND "
                 "weight_decay = 0 AND label_smoothing = 0.05 AND seed = %d",
                 seed);
        const double right =
            100 *
            host_number(
                db, "SELECT avg(prediction = label) FROM predict_model('test', 'epoch')");
        printf(" %.2f", right);
        fflush(stdout);
        sum += right;
        squares += right * right;
    }
    const double mean = sum / SEEDS;
    b->accuracy = mean;
    printf(" %%\n\nMean of %d seeds %.3f %%, standard deviation %.3f.\n\n", SEEDS, mean,
           sqrt((squares - SEEDS * mean * mean) / (SEEDS - 1)));
}

/* What a user has who says no more than train_model('images'): how well it reads, and how
 * long it took, beside one epoch of the six-convolution network in PyTorch. */
void bench_defaults(bench *b, sqlite3 *db) {
    const double start = host_seconds();
    host_run(db, "SELECT * FROM train_model('train', 'defaults')");
    const double seconds = host_seconds() - start;
    b->defaults = 100 * host_number(db, "SELECT avg(prediction = label) FROM "
                                        "predict_model('test', 'defaults')");
    printf("### Defaults\n\n`train_model('images')` took %.1f s; %.2f %% of the test "
           "images are read right then.",
           seconds, b->defaults);
    for (int i = 0; i < b->n_networks; i++) {
        const double torch = b->results[i][TRAIN_ALL].peers[TORCH].median;
        if (strcmp(b->networks[i].name, "sixconv") != 0 || !(torch > 0)) continue;
        b->defaults_time = seconds * torch / bench_train_rows(b);
        printf(" One epoch of the six convolutions in PyTorch: %.1f s.",
               seconds / b->defaults_time);
    }
    printf("\n\n");
    fflush(stdout);
}
