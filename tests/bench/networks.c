/* networks.c - the networks, what they compute, and how fast: beside each peer by
 * turns. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../core/spec.h"
#include "bench.h"
#include "host.h"
#include "peak.h"
#include "table.h"

/* Rows of a model trained only to be timed. */
#define SKETCH_ROWS 2048

/* What the name of a network's quantised model has at its end. */
#define INT8 "-int8"

/* --- what they are ------------------------------------------------------------------ */

/* The batch is that of the peers' scripts: the rate depends on it. */
static const network known[] = {
    {.name = "mlp", .title = "mlp", .layers = "mlp", .row_goal = "≥ 1.6", .batch = 128},
    {.name = "lenet5",
     .title = "lenet5",
     .layers = "lenet5",
     .row_goal = "≥ 1.9",
     .batch = 128},
    {.name = "sixconv",
     .title = "six convolutions",
     .layers = "16C3b-16C3b-MP2-32C3b-32C3b-MP2-64C3b-64C3b-MP2",
     .row_goal = "≥ 1.6",
     .batch = 128},
    {.name = "fast",
     .title = "two convolutions",
     .layers = "24C5v-MP2-32C3v-MP2-256N",
     .row_goal = "≥ 2",
     .batch = 256},
    {.name = "cnn",
     .title = "cnn, the default",
     .layers = "cnn",
     .row_goal = "≥ 2",
     .batch = 0},
    {.name = "deep",
     .title = "deep",
     .layers = "deep",
     .row_goal = "≥ 1.4",
     .batch = 128},
    {.name = "n1024",
     .title = "1024N twice",
     .layers = "1024N-1024N",
     .row_goal = "≥ 0.9",
     .batch = 128},
    {.name = "n4096",
     .title = "4096N twice",
     .layers = "4096N-4096N",
     .row_goal = "≥ 0.9",
     .batch = 128},
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
        if (*b->only && !strstr(b->only, n.name)) continue;
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
void bench_bytes(unsigned char bytes[784], const float *pixels) {
    for (int k = 0; k < 784; k++) bytes[k] = (unsigned char)(pixels[k] * 255 + 0.5f);
}

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

/* copy_as_bytes - test8: the test rows, a byte a pixel. */
static void copy_as_bytes(sqlite3 *db) {
    sqlite3_stmt *in = NULL, *out = NULL;
    unsigned char bytes[784];
    if (sqlite3_prepare_v2(db, "SELECT label, pixels FROM test", -1, &in, NULL) ||
        sqlite3_prepare_v2(db, "INSERT INTO test8 VALUES (?1, ?2)", -1, &out, NULL))
        host_fail("%s", sqlite3_errmsg(db));
    while (sqlite3_step(in) == SQLITE_ROW) {
        bench_bytes(bytes, sqlite3_column_blob(in, 1));
        sqlite3_bind_int(out, 1, sqlite3_column_int(in, 0));
        sqlite3_bind_blob(out, 2, bytes, sizeof bytes, SQLITE_STATIC);
        if (sqlite3_step(out) != SQLITE_DONE) host_fail("%s", sqlite3_errmsg(db));
        sqlite3_reset(out);
    }
    sqlite3_finalize(in);
    sqlite3_finalize(out);
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
    host_run(db, "CREATE TABLE test8(label INTEGER, pixels BLOB)");
    copy_as_bytes(db);
    host_run(db, "COMMIT");
}

/* import - the network that PyTorch wrote: its peers have the same weights then. 0: it
 * wrote none. */
static int import(bench *b, sqlite3 *db, const network *n) {
    char path[4096];
    sqlite3_stmt *statement = NULL;
    snprintf(path, sizeof path, "%s/%s.onnx", b->folder, n->name);
    FILE *file = fopen(path, "rb");
    long size = 0;
    if (file && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
    char *bytes = size > 0 ? malloc((size_t)size) : NULL;
    const int whole = bytes && fseek(file, 0, SEEK_SET) == 0 &&
                      fread(bytes, 1, (size_t)size, file) == (size_t)size;
    if (file) fclose(file);
    if (whole && sqlite3_prepare_v2(db, "SELECT import_model(?1, ?2)", -1, &statement,
                                    NULL) == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, n->name, -1, SQLITE_STATIC);
        sqlite3_bind_blob(statement, 2, bytes, (int)size, SQLITE_STATIC);
        if (sqlite3_step(statement) != SQLITE_ROW)
            host_fail("%s: %s", path, sqlite3_errmsg(db));
    }
    sqlite3_finalize(statement);
    free(bytes);
    return whole;
}

sqlite3 *bench_data(bench *b) {
    char path[4096];
    snprintf(path, sizeof path, "%s/bench.db", b->folder);
    remove(path);
    sqlite3 *db = host_open(path, b->so);
    read_images(b, db);
    resolve(b);
    for (int i = 0; i < b->n_networks; i++)
        peer_ask(b->peers[TORCH], "net %s %s", b->networks[i].name,
                 b->networks[i].notation);
    const char *answer = peer_ask(b->peers[TORCH], "export %s", b->folder);
    if (b->peers[TORCH] && strcmp(answer, "ok") != 0)
        fprintf(stderr, "bench: no ONNX files from PyTorch: %s\n", answer);
    for (int i = 0; i < b->n_networks; i++)
        if (!import(b, db, &b->networks[i]))
            bench_train(db, &b->networks[i], "train", b->quick ? 256 : SKETCH_ROWS,
                        b->cores);
    host_run(db, "SELECT digitnet_limit('memory', 1 << 29)"); /* n4096's takes 321 MB */
    /* PyTorch's weights are random: an image's two likeliest labels are near each other.
     * Of two images one may get another label, and time does not depend on them. */
    host_run(db, "CREATE VIEW two AS SELECT pixels FROM train LIMIT 2");
    for (int i = 0; i < b->n_networks; i++)
        host_run(db, "SELECT quantise_model(%Q, '%w" INT8 "', 'two')",
                 b->networks[i].name, b->networks[i].name);
    return db;
}

/* --- one measurement ---------------------------------------------------------------- */

static const char *const works[WORKS] = {
    [ROW_ONE] = "digit_predict, 1 core",
    [ROW_BYTES] = "digit_predict, 1 core, uint8 rows",
    [ROW_INT8] = "digit_predict, 1 core, model in int8",
    [ROW_INT8_BYTES] = "digit_predict, 1 core, model in int8, uint8 rows",
    [BATCH_ONE] = "predict_model, 1 core",
    [BATCH_ALL] = "predict_model, all cores",
    [BATCH_BYTES] = "predict_model, all cores, uint8 rows",
    [TRAIN_ONE] = "train_model, 1 core",
    [TRAIN_ALL] = "train_model, all cores"};

static int on_all_cores(int work) {
    return work == BATCH_ALL || work == BATCH_BYTES || work == TRAIN_ALL;
}

static int of_bytes(int work) {
    return work == ROW_BYTES || work == ROW_INT8_BYTES || work == BATCH_BYTES;
}

static int in_int8(int work) { return work == ROW_INT8 || work == ROW_INT8_BYTES; }

static int row_by_row(int work) { return work < BATCH_ONE; }

/* A query over the first rows of the test set: its seconds, of the CPU or the clock. */
static double predict_once(sqlite3 *db, const network *n, int work, int rows) {
    const char *from = of_bytes(work) ? "test8" : "test";
    const int one = row_by_row(work);
    if (!one) {
        host_run(db, "DROP VIEW IF EXISTS part");
        host_run(db, "CREATE VIEW part AS SELECT label, pixels FROM %s WHERE rowid <= %d",
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
    if (!*rows) {
        const double rate = bench_train(db, n, "train", few, threads);
        int batches = (int)(rate * b->seconds / n->batch);
        const int most = bench_train_rows(b) / n->batch;
        if (batches < 8) batches = 8;
        *rows = (batches < most ? batches : most) * n->batch;
    }
    if (threads > 1) return bench_train(db, n, "train", *rows, threads);
    const double start = host_cpu();
    bench_train(db, n, "train", few, 1);
    const double middle = host_cpu(), rate = bench_train(db, n, "train", *rows, 1);
    const double more = (host_cpu() - middle) - (middle - start);
    return more > 0 ? (*rows - few) / more : rate;
}

/* ours - images/s; *rows are as many as the time allows, found by the first call. */
static double ours(const bench *b, sqlite3 *db, const network *n, int work, int *rows) {
    return work < TRAIN_ONE ? predict(b, db, n, work, rows) : train(b, db, n, work, rows);
}

static double theirs(const bench *b, int which, const network *n, int work) {
    const int threads = on_all_cores(work) ? b->cores : 1;
    const int one = row_by_row(work);
    if (work >= TRAIN_ONE && which != TORCH) return 0;
    return peer_rate(b->peers[which], work >= TRAIN_ONE ? "train" : "infer", n->name,
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
        if (work == BATCH_ONE) host_use_cores(1);
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

/* print_checks - whether the peers compute the same. Before training: that makes another
 * model of this name. */
static void print_checks(const bench *b, const network *n) {
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
    table t = {.align = "lrrrrrrrr"};
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
        print_checks(b, n);
        table_row(&t,
                  "work | images/s | of peak | ONNX Runtime | ratio | oneDNN | ratio | "
                  "PyTorch | ratio");
        for (int work = 0; work < WORKS; work++) {
            if (b->cores == 1 && on_all_cores(work)) continue;
            const result r = b->results[i][work] = measure(b, db, n, work);
            char c[1 + 2 * PEERS][32];
            cell(c[0], 0, r.rate);
            for (int k = 0; k < PEERS; k++) {
                cell(c[1 + 2 * k], 0, r.peers[k]);
                cell(c[2 + 2 * k], 2, r.over[k]);
            }
            table_row(&t, "%s | %s | %.0f %% | %s | %s | %s | %s | %s | %s", works[work],
                      c[0], 100 * r.share, c[1], c[2], c[3], c[4], c[5], c[6]);
        }
        table_print(&t);
    }
}
