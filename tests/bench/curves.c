/* curves.c - how the cost goes with the number of rows and of threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "bench.h"
#include "host.h"
#include "table.h"

#define SIZES 4
static const int sizes[SIZES] = {1000, 10000, 100000, 1000000};

/* --- the long table ----------------------------------------------------------------- */

/* room_for - whether a table of so many bytes fits the disk, twice over, and the memory:
 * what is not cached measures the disk. */
static int room_for(const bench *b, double bytes) {
    struct statvfs disk;
    if (statvfs(b->folder, &disk) != 0) return 0;
    const double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    return (double)disk.f_bavail * (double)disk.f_frsize > 2 * bytes &&
           memory > 4 * bytes;
}

/* sizes_used - how many of the sizes are measured. */
static int sizes_used(const bench *b) {
    if (b->quick) return 2;
    return room_for(b, 1e3 * sizes[SIZES - 1]) ? SIZES : SIZES - 1;
}

static const char *long_path(const bench *b) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/rows.db", b->folder);
    return path;
}

/* fill - n rows, the training images over and over, a byte a pixel. */
static void fill(sqlite3 *db, int n) {
    sqlite3_stmt *in = NULL, *out = NULL;
    unsigned char bytes[784];
    if (sqlite3_prepare_v2(db, "SELECT label, pixels FROM b.train", -1, &in, NULL) ||
        sqlite3_prepare_v2(db, "INSERT INTO rows VALUES (?1, ?2)", -1, &out, NULL))
        host_fail("%s", sqlite3_errmsg(db));
    for (int i = 0; i < n; i++) {
        while (sqlite3_step(in) != SQLITE_ROW) sqlite3_reset(in);
        bench_bytes(bytes, sqlite3_column_blob(in, 1));
        sqlite3_bind_int(out, 1, sqlite3_column_int(in, 0));
        sqlite3_bind_blob(out, 2, bytes, sizeof bytes, SQLITE_STATIC);
        if (sqlite3_step(out) != SQLITE_DONE) host_fail("%s", sqlite3_errmsg(db));
        sqlite3_reset(out);
    }
    sqlite3_finalize(in);
    sqlite3_finalize(out);
}

/* long_open - rows.db, made if it is not there: rows, and a model of each network. */
static sqlite3 *long_open(const bench *b) {
    const int is_new = access(long_path(b), F_OK) != 0;
    sqlite3 *db = host_open(long_path(b), b->so);
    if (!is_new) return db;
    host_run(db, "ATTACH '%q/bench.db' AS b", b->folder);
    host_run(db, "CREATE TABLE rows(label INTEGER, pixels BLOB)");
    host_run(db, "BEGIN");
    fill(db, sizes[sizes_used(b) - 1]);
    host_run(db, "COMMIT");
    host_run(db, "DETACH b");
    for (int i = 0; i < b->n_networks; i++)
        bench_train(db, &b->networks[i], "rows", 256, 1, b->cores);
    return db;
}

/* default_network - the default preset, under whichever name it is measured. */
static const network *default_network(const bench *b) {
    for (int i = 0; i < b->n_networks; i++)
        if (strstr(b->networks[i].title, "default")) return &b->networks[i];
    return &b->networks[0];
}

/* --- prediction --------------------------------------------------------------------- */

/* What is asked of the first n rows: the view part. */
static const char *const questions[4] = {
    "SELECT count(*) FROM part WHERE length(pixels) = label",
    "SELECT count(*) FROM part WHERE digit_predict(pixels, 'mlp') = label",
    "SELECT count(*) FROM part WHERE digit_predict(pixels, %Q) = label",
    "SELECT count(*) FROM predict_model('part', %Q) WHERE prediction = label"};

/* Seconds a row of one question over n rows, repeated where that is short. */
static double seconds_a_row(const bench *b, sqlite3 *db, const char *sql,
                            const char *model, int n) {
    host_run(db, "DROP VIEW IF EXISTS part");
    host_run(db,
             "CREATE TEMP VIEW part AS SELECT label, pixels FROM rows WHERE rowid <= %d",
             n);
    const double least = b->quick ? 0.02 : 0.2, start = host_seconds();
    double now = start, rows = 0;
    do {
        host_number(db, sql, model);
        rows += n;
        now = host_seconds();
    } while (now - start < least);
    return (now - start) / rows;
}

void bench_prediction_curve(bench *b) {
    sqlite3 *db = long_open(b);
    const char *model = default_network(b)->name;
    const int used = sizes_used(b);
    table t = {.align = "lrrrrr"};
    table_row(&t, "µs a row of | 1,000 rows | 10,000 | 100,000 | 1,000,000 | "
                  "longest by 10,000");
    for (int k = 0; k < 4; k++) {
        static const char *const titles[4] = {"the scan alone", "digit_predict, mlp",
                                              "digit_predict, default",
                                              "predict_model, default, all cores"};
        double cost[SIZES] = {0};
        char cells[SIZES][16] = {"-", "-", "-", "-"};
        /* Up and down again: a drift of the machine meets all sizes alike. */
        for (int i = 0; i < used; i++)
            cost[i] = seconds_a_row(b, db, questions[k], model, sizes[i]);
        for (int i = used - 2; i >= 0; i--)
            cost[i] = (cost[i] + seconds_a_row(b, db, questions[k], model, sizes[i])) / 2;
        for (int i = 0; i < used; i++) snprintf(cells[i], 16, "%.3f", 1e6 * cost[i]);
        const double flat = cost[used - 1] / cost[1];
        table_row(&t, "%s | %s | %s | %s | %s | %.2f", titles[k], cells[0], cells[1],
                  cells[2], cells[3], flat);
        if (k == 2 && used == SIZES) b->flat = flat;
    }
    sqlite3_close(db);
    printf("### Prediction by number of rows\n\nuint8 images of 784 bytes.\n\n");
    table_print(&t);
}

/* --- training ----------------------------------------------------------------------- */

/* memory_of - trains on the long table in a process of its own with cache_mb: the largest
 * memory it had, in MB, and its seconds. */
static double memory_of(const bench *b, int cache_mb, double *seconds) {
    char command[3 * 4096];
    double megabytes = 0;
    snprintf(command, sizeof command, "'%s' memory '%s' '%s' %d", b->self, b->so,
             long_path(b), cache_mb);
    const double start = host_seconds();
    FILE *child = popen(command, "r");
    const int n = child ? fscanf(child, "%lf", &megabytes) : 0;
    if (!child || pclose(child) != 0 || n != 1)
        host_fail("training in a process of its own failed");
    *seconds = host_seconds() - start;
    return megabytes;
}

void bench_memory_child(const char *so, const char *database, int cache_mb) {
    sqlite3 *db = host_open(database, so);
    host_run(db,
             "SELECT * FROM train_model('rows') WHERE epochs = 1 AND holdout = 0 AND "
             "cache_mb = %d",
             cache_mb);
    sqlite3_close(db);
    printf("%.1f\n", host_memory());
}

/* memory - a training set that is larger than the cache, between two runs of one that is
 * not. */
static void memory(bench *b, int rows) {
    const int cache = b->quick ? 4 : 256, enough = 2048;
    double before = 0, with = 0, after = 0;
    const double all = memory_of(b, enough, &before);
    const double some = memory_of(b, cache, &with);
    memory_of(b, enough, &after);
    const double slower = 2 * with / (before + after);
    printf(
        "One epoch on all %d rows in a process of its own: %.0f MB at most with all in "
        "memory; with cache_mb = %d %.0f MB, and %.2f times the time.\n\n",
        rows, all, cache, some, slower);
    if (rows < sizes[SIZES - 1]) return;
    b->memory_mb = some;
    b->memory_slower = slower;
}

void bench_training_curve(bench *b) {
    sqlite3 *db = long_open(b);
    const network *n = default_network(b);
    const int used = sizes_used(b);
    table t = {.align = "rrrrr"};
    printf("### Training by number of rows\n\nOne epoch of `%s`, all cores; reading the "
           "table and storing the model are a part of the statement.\n\n",
           n->notation);
    table_row(&t,
              "rows | seconds | µs a row | images/s while it trains | the statement's "
              "own work");
    for (int i = 0; i < used; i++) {
        const int turns = i < 2 && !b->quick ? 5 : 1;
        double seconds[5], rates[5];
        for (int k = 0; k < turns; k++) {
            const double start = host_seconds();
            rates[k] =
                bench_train(db, n, "rows", i < used - 1 ? sizes[i] : 0, 1, b->cores);
            seconds[k] = host_seconds() - start;
        }
        const double whole = host_median(seconds, turns),
                     rate = host_median(rates, turns);
        table_row(&t, "%d | %.2f | %.1f | %.0f | %.0f %%", sizes[i], whole,
                  1e6 * whole / sizes[i], rate, 100 - 100 * sizes[i] / rate / whole);
    }
    sqlite3_close(db);
    table_print(&t);
    memory(b, sizes[used - 1]);
    remove(long_path(b));
}

/* --- threads ------------------------------------------------------------------------ */

void bench_threads(bench *b, sqlite3 *db) {
    const network *n = default_network(b);
    const int rows = b->quick ? 1024 : 20480, most = b->cores < 16 ? b->cores : 16;
    double rates[2][16][MAX_ROUNDS], first[2] = {0, 0};
    for (int round = 0; round < b->rounds; round++)
        for (int k = 0; k < most; k++) {
            host_use_cores(k + 1);
            const double start = host_seconds();
            const double images = host_number(
                db, "SELECT count(prediction) FROM predict_model('test', %Q)", n->name);
            rates[0][k][round] = images / (host_seconds() - start);
            host_use_cores(0);
            rates[1][k][round] = bench_train(db, n, "train", rows, 1, k + 1);
        }
    table t = {.align = "rrrrr"};
    printf("### By number of threads\n\n`%s`, images/s.\n\n", n->notation);
    table_row(&t, "threads | predict_model | speed-up | train_model | speed-up");
    for (int k = 0; k < most; k++) {
        double rate[2];
        for (int i = 0; i < 2; i++) {
            rate[i] = host_median(rates[i][k], b->rounds);
            if (k == 0) first[i] = rate[i];
        }
        table_row(&t, "%d | %.0f | %.2f | %.0f | %.2f", k + 1, rate[0],
                  rate[0] / first[0], rate[1], rate[1] / first[1]);
    }
    table_print(&t);
}
