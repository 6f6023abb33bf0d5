/* data.c - what is measured: the networks, the rows, and a model of each network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../core/spec.h"
#include "bench.h"
#include "host.h"

/* Rows of a model trained only to be timed. */
#define SKETCH_ROWS 2048

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
        /* Its models of 80 MB take half of a short run's time, and show nothing more. */
        if (b->quick && !*b->only && strcmp(n.name, "n4096") == 0) continue;
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

void bench_bytes(unsigned char bytes[784], const float *pixels) {
    for (int k = 0; k < 784; k++) bytes[k] = (unsigned char)(pixels[k] * 255 + 0.5f);
}

double bench_train(sqlite3 *db, const network *n, const char *from, int rows, int epochs,
                   int threads) {
    if (rows > 0) {
        host_run(db, "DROP VIEW IF EXISTS part");
        host_run(
            db, "CREATE TEMP VIEW part AS SELECT label, pixels FROM %s WHERE rowid <= %d",
            from, rows);
        from = "part";
    }
    return host_number(db,
                       "SELECT images_per_second FROM train_model(%Q, %Q) WHERE "
                       "layers = %Q AND batch = %d AND epochs = %d AND holdout = 0 AND "
                       "threads = %d",
                       from, n->name, n->notation, n->batch, epochs, threads);
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

/* quantise - makes a network's model in 8 bits; 0: it cannot be made of these images.
 * PyTorch's weights are random, and an image's two likeliest labels near each other: too
 * many may get another label. Of two images one may, and time does not depend on them. */
static int quantise(sqlite3 *db, const network *n, const char *source) {
    char *sql = sqlite3_mprintf("SELECT quantise_model(%Q, '%w" INT8 "', %Q)", n->name,
                                n->name, source);
    if (!sql) host_fail("out of memory");
    const int done = host_try(db, sql);
    sqlite3_free(sql);
    return done;
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
            bench_train(db, &b->networks[i], "train", b->quick ? 256 : SKETCH_ROWS, 1,
                        b->cores);
    host_run(db, "SELECT digitnet_limit('memory', 1 << 29)"); /* n4096's takes 321 MB */
    host_run(db, "CREATE VIEW two AS SELECT pixels FROM train LIMIT 2");
    host_run(db, "CREATE VIEW some AS SELECT pixels FROM train LIMIT 256");
    for (int i = 0; i < b->n_networks; i++)
        if (!quantise(db, &b->networks[i], "some")) quantise(db, &b->networks[i], "two");
    return db;
}
