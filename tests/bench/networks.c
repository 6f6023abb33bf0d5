/* networks.c - how fast each network is, and whether its peers compute the same: beside
 * each peer by turns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench.h"
#include "host.h"
#include "peak.h"
#include "table.h"

/* The share of labels that a peer in 8 bits keeps at least. */
#define LEAST_AGREEMENT 0.8

/* Of TRAIN_EPOCHS. */
#define EPOCHS 5

/* --- one measurement ---------------------------------------------------------------- */

static const char *const works[WORKS] = {
    [ROW_ONE] = "digit_predict, 1 core",
    [ROW_BYTES] = "digit_predict, 1 core, uint8 rows",
    [ROW_INT8] = "digit_predict, 1 core, model in int8",
    [ROW_INT8_BYTES] = "digit_predict, 1 core, model in int8, uint8 rows",
    [BATCH_ONE] = "predict_model, 1 core",
    [BATCH_ONE_BYTES] = "predict_model, 1 core, uint8 rows",
    [BATCH_ALL] = "predict_model, all cores",
    [BATCH_BYTES] = "predict_model, all cores, uint8 rows",
    [TRAIN_ONE] = "train_model, 1 core, one epoch",
    [TRAIN_EPOCHS] = "train_model, 1 core, five epochs",
    [TRAIN_ALL] = "train_model, all cores, one epoch"};

static int on_all_cores(int work) {
    return work == BATCH_ALL || work == BATCH_BYTES || work == TRAIN_ALL;
}

static int of_bytes(int work) {
    return work == ROW_BYTES || work == ROW_INT8_BYTES || work == BATCH_ONE_BYTES ||
           work == BATCH_BYTES;
}

static int in_int8(int work) { return work == ROW_INT8 || work == ROW_INT8_BYTES; }

static int row_by_row(int work) { return work < BATCH_ONE; }

/* A query over the first rows of the test set: its seconds, of the CPU or the clock. The
 * view is temporary: after a write to the model's file its weights are read again. */
static double predict_once(sqlite3 *db, const network *n, int work, int rows) {
    const char *from = of_bytes(work) ? "test8" : "test";
    const int one = row_by_row(work);
    if (!one) {
        host_run(db, "DROP VIEW IF EXISTS part");
        host_run(
            db, "CREATE TEMP VIEW part AS SELECT label, pixels FROM %s WHERE rowid <= %d",
            from, rows);
    }
    const double wall = host_seconds(), cpu = host_cpu();
    if (one)
        host_number(db,
                    "SELECT count(*) FROM %s WHERE rowid <= %d AND "
                    "digit_predict(pixels, '%w%s') = label",
                    from, rows, n->name, in_int8(work) ? INT8 : "");
    else
        host_number(db,
                    "SELECT count(*) FROM predict_model('part', %Q) WHERE "
                    "prediction = label",
                    n->name);
    return on_all_cores(work) ? host_seconds() - wall : host_cpu() - cpu;
}

/* predict - images/s of a query over *rows test rows, repeated until the time is up. */
static double predict(const bench *b, sqlite3 *db, const network *n, int work,
                      int *rows) {
    const int most = bench_test_rows(b);
    if (!*rows) {
        const double wanted = 256 * b->seconds / predict_once(db, n, work, 256);
        *rows = wanted > most ? most : wanted < 256 ? 256 : (int)wanted;
    }
    const double start = host_seconds();
    double images = 0, seconds = 0;
    do {
        seconds += predict_once(db, n, work, *rows);
        images += *rows;
    } while (host_seconds() - start < b->seconds);
    return images / seconds;
}

/* train - images/s: on all cores while it trained, by the clock; on one of CPU time, of
 * what more rows cost, so that reading and storing what does not grow is left out. */
static double train(const bench *b, sqlite3 *db, const network *n, int work, int *rows) {
    const int threads = work == TRAIN_ALL ? b->cores : 1, few = 2 * n->batch;
    const int epochs = work == TRAIN_EPOCHS ? EPOCHS : 1;
    if (!*rows) {
        const double rate = bench_train(db, n, "train", few, 1, threads);
        int batches = (int)(rate * b->seconds / (epochs * n->batch));
        const int most = bench_train_rows(b) / n->batch;
        const int least = b->quick ? 4 : 8;
        if (batches < least) batches = least;
        *rows = (batches < most ? batches : most) * n->batch;
    }
    if (threads > 1) return bench_train(db, n, "train", *rows, epochs, threads);
    const double start = host_cpu();
    bench_train(db, n, "train", few, epochs, 1);
    const double middle = host_cpu(),
                 rate = bench_train(db, n, "train", *rows, epochs, 1);
    const double more = (host_cpu() - middle) - (middle - start);
    return more > 0 ? epochs * (*rows - few) / more : rate;
}

/* ours - images/s; *rows are as many as the time allows, found by the first call. */
static double ours(const bench *b, sqlite3 *db, const network *n, int work, int *rows) {
    return work < TRAIN_ONE ? predict(b, db, n, work, rows) : train(b, db, n, work, rows);
}

static double theirs(const bench *b, int which, const network *n, int work) {
    const int threads = on_all_cores(work) ? b->cores : 1;
    const int one = row_by_row(work);
    char name[128];
    if (work >= TRAIN_ONE && which != TORCH) return 0;
    if (which == ORT_INT8 && !in_int8(work)) return 0;
    snprintf(name, sizeof name, "%s%s", n->name, which == ORT_INT8 ? INT8 : "");
    return peer_rate(b->peers[which], work >= TRAIN_ONE ? "train" : "infer", name,
                     work >= TRAIN_ONE ? n->batch
                     : one             ? 1
                                       : 64,
                     threads, b->seconds);
}

static double peak(bench *b, int work) {
    const int all = on_all_cores(work);
    const double rate = peak_measure(b->isa, all ? b->cores : 1, b->quick ? 0.005 : 0.02);
    double *best = all ? &b->peak_all : &b->peak_one;
    if (rate > *best) *best = rate;
    return rate;
}

static figure figure_of(double *values, int n) {
    const double median = host_median(values, n); /* sorts them */
    return (figure){n > 0 ? values[n - 1] : 0, median};
}

/* measure - rounds of: the peak, we, the peak, each peer. predict_model takes the cores
 * it may run on; all else is free to move to the one that is idle. */
static result measure(bench *b, sqlite3 *db, const network *n, int work) {
    double rate[MAX_ROUNDS], share[MAX_ROUNDS], peers[PEERS][MAX_ROUNDS],
        over[PEERS][MAX_ROUNDS];
    const double flops = 2e-9 * (work < TRAIN_ONE ? n->macs : n->train_macs);
    int rows = 0, counts[PEERS] = {0};
    for (int round = 0; round < b->rounds; round++) {
        double top = peak(b, work);
        if (work == BATCH_ONE || work == BATCH_ONE_BYTES) host_use_cores(1);
        rate[round] = ours(b, db, n, work, &rows);
        host_use_cores(0);
        top = (top + peak(b, work)) / 2;
        share[round] = rate[round] * flops / top;
        for (int k = 0; k < PEERS; k++) {
            const double theirs_now = theirs(b, k, n, work);
            if (theirs_now <= 0) continue;
            peers[k][counts[k]] = theirs_now;
            over[k][counts[k]++] = rate[round] / theirs_now;
        }
    }
    result r = {
        figure_of(rate, b->rounds), host_median(share, b->rounds), {{0, 0}}, {{0, 0}}};
    for (int k = 0; k < PEERS; k++) {
        r.peers[k] = figure_of(peers[k], counts[k]);
        r.over[k].median = host_median(over[k], counts[k]);
        if (counts[k]) r.over[k].best = r.rate.best / r.peers[k].best;
    }
    return r;
}

/* --- the table ---------------------------------------------------------------------- */

/* print_agreement - of how many images 8 bits keep the label, ours and ONNX Runtime's.
 * A peer that keeps few computes something else. */
static void print_agreement(const bench *b, sqlite3 *db, const network *n) {
    double share = 0;
    const double mine =
        host_number(db,
                    "SELECT avg(digit_predict(pixels, %Q) = digit_predict(pixels, "
                    "'%w" INT8 "')) FROM test WHERE rowid <= 256",
                    n->name, n->name);
    const char *answer =
        peer_ask(b->peers[ORT_INT8], "agree %s" INT8 " %s", n->name, n->name);
    printf("In 8 bits digitnet keeps %.1f %% of the labels", 100 * mine);
    if (sscanf(answer, "%lf", &share) == 1)
        printf(", ONNX Runtime %.1f %%", 100 * share);
    else if (b->peers[ORT_INT8])
        printf(" (ONNX Runtime: %s)", answer);
    printf(".");
    if (share > 0 && share < LEAST_AGREEMENT)
        host_fail("ONNX Runtime's 8 bits compute something else");
}

/* print_checks - whether the peers compute the same. Before training: that makes another
 * model of this name. */
static void print_checks(const bench *b, sqlite3 *db, const network *n) {
    static const char *const names[PEERS] = {"ONNX Runtime", "oneDNN", "PyTorch"};
    for (int k = ORT; k <= DNNL; k++) {
        double most = 0, spread = 0;
        const char *answer = peer_ask(b->peers[k], "check %s", n->name);
        if (!b->peers[k]) continue;
        if (sscanf(answer, "%lf %lf", &most, &spread) != 2)
            printf("%s: %s. ", names[k], answer);
        else if (most < 1e-4 && spread > 100 * most)
            printf("Probabilities of %s differ from digitnet's by %.0e at most (spread "
                   "%.2f). ",
                   names[k], most, spread);
        else
            host_fail("%s computes something else: %s", names[k], answer);
    }
    print_agreement(b, db, n);
    printf("\n\n");
}

/* cell - the best and, in brackets, the median; "-" where nothing was measured. */
static const char *cell(char out[32], int digits, figure f) {
    if (f.best > 0)
        snprintf(out, 32, "%.*f (%.*f)", digits, f.best, digits, f.median);
    else
        snprintf(out, 32, "-");
    return out;
}

void bench_networks(bench *b, sqlite3 *db) {
    table t = {.align = "lrrrrrrrrrr"};
    printf("Images/s, the best of %d rounds and in brackets their median; 1 core: CPU "
           "time, all cores: the clock. A ratio is best by best, and in brackets the "
           "median of the rounds'. Peers get float32 in memory and give logits, batch 1 "
           "beside digit_predict and 64 beside predict_model; digitnet reads rows by "
           "SQL.\n\n",
           b->rounds);
    for (int i = 0; i < b->n_networks; i++) {
        const network *n = &b->networks[i];
        printf("### %s: `%s`\n\n%.2f M multiply-adds an image; training %.2f M, batch "
               "%d. ",
               n->title, n->notation, 1e-6 * n->macs, 1e-6 * n->train_macs, n->batch);
        print_checks(b, db, n);
        table_row(&t,
                  "work | images/s | of peak | ONNX Runtime | ratio | oneDNN | ratio | "
                  "PyTorch | ratio | ONNX Runtime in int8 | ratio");
        for (int work = 0; work < WORKS; work++) {
            if (b->cores == 1 && on_all_cores(work)) continue;
            const result r = b->results[i][work] = measure(b, db, n, work);
            char c[1 + 2 * PEERS][32];
            cell(c[0], 0, r.rate);
            for (int k = 0; k < PEERS; k++) {
                cell(c[1 + 2 * k], 0, r.peers[k]);
                cell(c[2 + 2 * k], 2, r.over[k]);
            }
            table_row(&t, "%s | %s | %.0f %% | %s | %s | %s | %s | %s | %s | %s | %s",
                      works[work], c[0], 100 * r.share, c[1], c[2], c[3], c[4], c[5],
                      c[6], c[7], c[8]);
        }
        table_print(&t);
    }
}
