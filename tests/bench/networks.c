/* networks.c - the networks, what they compute, and how fast: beside each peer by
 * turns. */
#include <stdio.h>
#include <string.h>
#include "../../core/spec.h"
#include "bench.h"
#include "host.h"
#include "peak.h"
#include "table.h"

/* Rows of a model trained only to be timed. */
#define SKETCH_ROWS 2048

/* --- what they are ------------------------------------------------------------------ */

/* The batch is that of the peers' scripts: the rate depends on it. */
static const network known[] = {
    {.name = "mlp", .title = "mlp", .layers = "mlp", .batch = 128},
    {.name = "lenet5", .title = "lenet5", .layers = "lenet5", .batch = 128},
    {.name = "sixconv",
     .title = "six convolutions",
     .layers = "16C3b-16C3b-MP2-32C3b-32C3b-MP2-64C3b-64C3b-MP2",
     .batch = 128},
    {.name = "fast",
     .title = "two convolutions",
     .layers = "24C5v-MP2-32C3v-MP2-256N",
     .batch = 256},
    {.name = "cnn", .title = "cnn, the default", .layers = "cnn", .batch = 0},
    {.name = "deep", .title = "deep", .layers = "deep", .batch = 128},
};

/* A gradient costs as much as the forward pass, and there are two: of the weights, and of
 * the inputs, which the first layer does not need. */
static void count_work(network *n, const dn_spec *spec) {
    double first = 0;
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        const double macs = l->rows ? (double)l->cost : 0;
        if (first <= 0) first = macs;
        n->macs += macs;
    }
    n->train_macs = 3 * n->macs - first;
}

/* resolve - presets become notations; a preset that is one of the others is no second
 * network. */
static void resolve(bench *b) {
    char error[256];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        network n = known[i];
        dn_options options;
        dn_spec spec;
        if (dn_options_default(&options, n.layers, error, sizeof error) != DN_OK ||
            dn_spec_parse(&spec, options.layers, (dn_shape){28, 28, 1}, 10, NULL, error,
                          sizeof error) != DN_OK)
            host_fail("%s", error);
        snprintf(n.notation, sizeof n.notation, "%s", spec.text);
        if (!n.batch) n.batch = options.batch;
        int seen = -1;
        for (int k = 0; k < b->n_networks; k++)
            if (strcmp(b->networks[k].notation, n.notation) == 0) seen = k;
        if (seen >= 0) {
            b->networks[seen].title = n.title;
            continue;
        }
        count_work(&n, &spec);
        b->networks[b->n_networks++] = n;
    }
}

/* --- data --------------------------------------------------------------------------- */

int bench_train_rows(const bench *b) { return b->quick ? 4096 : 60000; }
int bench_test_rows(const bench *b) { return b->quick ? 1000 : 10000; }

double bench_train(sqlite3 *db, const network *n, const char *from, int rows,
                   int threads) {
    if (rows > 0) {
        host_run(db, "DROP VIEW IF EXISTS part");
        host_run(db, "CREATE VIEW part AS SELECT label, pixels FROM %s WHERE rowid <= %d",
                 from, rows);
        from = "part";
    }
    return host_number(db,
                       "SELECT images_per_second FROM train_model(%Q, %Q) WHERE "
                       "layers = %Q AND batch = %d AND epochs = 1 AND holdout = 0 AND "
                       "threads = %d",
                       from, n->name, n->notation, n->batch, threads);
}

static void read_images(bench *b, sqlite3 *db) {
    const int train = bench_train_rows(b), test = bench_test_rows(b);
    host_run(db, "CREATE TABLE train(label INTEGER, pixels BLOB)");
    host_run(db, "CREATE TABLE test(label INTEGER, pixels BLOB)");
    host_run(db, "BEGIN");
    if (b->mnist && *b->mnist) {
        host_run(db,
                 "INSERT INTO train SELECT label, pixels FROM read_mnist(%Q) "
                 "WHERE split = 'train' LIMIT %d",
                 b->mnist, train);
        host_run(db,
                 "INSERT INTO test SELECT label, pixels FROM read_mnist(%Q) "
                 "WHERE split = 'test' LIMIT %d",
                 b->mnist, test);
    } else {
        host_run(db,
                 "INSERT INTO train SELECT label, pixels FROM synthetic_digits(%d, 1)",
                 train);
        host_run(db, "INSERT INTO test SELECT label, pixels FROM synthetic_digits(%d, 2)",
                 test);
    }
    host_run(db, "COMMIT");
}

sqlite3 *bench_data(bench *b) {
    char path[4096];
    snprintf(path, sizeof path, "%s/bench.db", b->folder);
    remove(path);
    sqlite3 *db = host_open(path, b->so);
    read_images(b, db);
    resolve(b);
    for (int i = 0; i < b->n_networks; i++) {
        bench_train(db, &b->networks[i], "train", b->quick ? 256 : SKETCH_ROWS, b->cores);
        peer_ask(b->torch, "net %s %s", b->networks[i].name, b->networks[i].notation);
    }
    return db;
}

/* --- one measurement ---------------------------------------------------------------- */

static const char *const works[WORKS] = {[ONE_ROW] = "digit_predict, 1 core",
                                         [BATCH_ONE] = "predict_model, 1 core",
                                         [BATCH_ALL] = "predict_model, all cores",
                                         [TRAIN_ONE] = "train_model, 1 core",
                                         [TRAIN_ALL] = "train_model, all cores"};

static int on_all_cores(int work) { return work == BATCH_ALL || work == TRAIN_ALL; }

/* predict - images/s of a query over the test rows, repeated until the time is up. */
static double predict(const bench *b, sqlite3 *db, const network *n, int work) {
    const char *sql =
        work == ONE_ROW
            ? "SELECT count(*) FROM test WHERE digit_predict(pixels, %Q) = label"
            : "SELECT count(*) FROM predict_model('test', %Q) "
              "WHERE prediction = label";
    const double start = host_seconds();
    double now = start, images = 0;
    do {
        host_number(db, sql, n->name);
        images += bench_test_rows(b);
        now = host_seconds();
    } while (now - start < b->seconds);
    return images / (now - start);
}

/* ours - images/s; *rows of training are as many as the time allows, found by the first
 * call. */
static double ours(const bench *b, sqlite3 *db, const network *n, int work, int *rows) {
    if (work < TRAIN_ONE) return predict(b, db, n, work);
    const int threads = work == TRAIN_ALL ? b->cores : 1;
    if (!*rows) {
        const double rate = bench_train(db, n, "train", 4 * n->batch, threads);
        int batches = (int)(rate * b->seconds / n->batch);
        const int most = bench_train_rows(b) / n->batch;
        if (batches < 4) batches = 4;
        *rows = (batches < most ? batches : most) * n->batch;
    }
    return bench_train(db, n, "train", *rows, threads);
}

static double theirs(const bench *b, peer *p, const network *n, int work) {
    const int threads = on_all_cores(work) ? b->cores : 1;
    if (work >= TRAIN_ONE)
        return p == b->ort
                   ? 0
                   : peer_rate(p, "train", n->name, n->batch, threads, b->seconds);
    return peer_rate(p, "infer", n->name, work == ONE_ROW ? 1 : 64, threads, b->seconds);
}

static double peak(bench *b, int work) {
    const int all = on_all_cores(work);
    const double rate = peak_measure(b->isa, all ? b->cores : 1, b->quick ? 0.005 : 0.02);
    double *best = all ? &b->peak_all : &b->peak_one;
    if (rate > *best) *best = rate;
    return rate;
}

/* measure - rounds of: the peak, we, the peak, each peer. predict_model takes the cores
 * it may run on; all else is free to move to the one that is idle. */
static result measure(bench *b, sqlite3 *db, const network *n, int work) {
    double rate[MAX_ROUNDS], share[MAX_ROUNDS], peers[2][MAX_ROUNDS], over[2][MAX_ROUNDS];
    const double flops = 2e-9 * (work < TRAIN_ONE ? n->macs : n->train_macs);
    int rows = 0, counts[2] = {0, 0};
    for (int round = 0; round < b->rounds; round++) {
        double top = peak(b, work);
        if (work == BATCH_ONE) host_use_cores(1);
        rate[round] = ours(b, db, n, work, &rows);
        host_use_cores(0);
        top = (top + peak(b, work)) / 2;
        share[round] = rate[round] * flops / top;
        peer *const both[2] = {b->ort, b->torch};
        for (int k = 0; k < 2; k++) {
            const double theirs_now = theirs(b, both[k], n, work);
            if (theirs_now <= 0) continue;
            peers[k][counts[k]] = theirs_now;
            over[k][counts[k]++] = rate[round] / theirs_now;
        }
    }
    return (result){.rate = host_median(rate, b->rounds),
                    .share = host_median(share, b->rounds),
                    .ort = host_median(peers[0], counts[0]),
                    .over_ort = host_median(over[0], counts[0]),
                    .torch = host_median(peers[1], counts[1]),
                    .over_torch = host_median(over[1], counts[1])};
}

/* --- the table ---------------------------------------------------------------------- */

/* number - a figure, or "-" where nothing was measured. */
static const char *number(char out[16], const char *format, double value) {
    if (value > 0)
        snprintf(out, 16, format, value);
    else
        snprintf(out, 16, "-");
    return out;
}

void bench_networks(bench *b, sqlite3 *db) {
    table t = {.align = "lrrrrrrr"};
    for (int i = 0; i < b->n_networks; i++) {
        const network *n = &b->networks[i];
        printf("### %s: `%s`\n\n%.2f M multiply-adds an image; training %.2f M, batch "
               "%d\n\n",
               n->title, n->notation, 1e-6 * n->macs, 1e-6 * n->train_macs, n->batch);
        table_row(&t, "work | images/s | GFLOP/s | of peak | ONNX Runtime | ratio | "
                      "PyTorch | ratio");
        for (int work = 0; work < WORKS; work++) {
            if (b->cores == 1 && on_all_cores(work)) continue;
            const result r = b->results[i][work] = measure(b, db, n, work);
            const double macs = work < TRAIN_ONE ? n->macs : n->train_macs;
            char c[4][16];
            table_row(&t, "%s | %.0f | %.1f | %.0f %% | %s | %s | %s | %s", works[work],
                      r.rate, 2e-9 * macs * r.rate, 100 * r.share,
                      number(c[0], "%.0f", r.ort), number(c[1], "%.2f", r.over_ort),
                      number(c[2], "%.0f", r.torch), number(c[3], "%.2f", r.over_torch));
        }
        table_print(&t);
    }
}
