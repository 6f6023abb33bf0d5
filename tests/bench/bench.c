/* bench.c - how fast it is: `make bench` builds this, and tests/bench/run.sh runs it.
 *
 *     tests/bench/run.sh                 all of it, some 15 minutes
 *     SHORT=1 tests/bench/run.sh         a minute: shows that it runs, not how fast
 *
 * It loads the library as any host does and prints tables in Markdown: each network as
 * images/s, share of the peak, and beside ONNX Runtime, oneDNN and PyTorch where these
 * are found; cost by rows and threads; start-up; look-up of the model; what one epoch
 * learns; and the goals.
 *
 * In each round the peak, the library and the peers are measured one right after the
 * other: a machine whose speed drifts, or that others use too, changes them alike. On one
 * core CPU time counts, which others do not lengthen; on all cores the clock. The best of
 * the rounds is what the code can do, their median what it did. GFLOP are counted by the
 * direct algorithm, whatever is really computed: Winograd's does with less, and so a
 * share of the peak can be larger than that of busy multipliers.
 *
 * Peers compute the same network, with the same weights, and their outputs are compared
 * with the library's before anything is timed: PyTorch writes each network as ONNX, ONNX
 * Runtime and the library read that, and oneDNN gets the library's numbers. Beside the
 * library's quantised models ONNX Runtime has its own, too, which round otherwise: of
 * these labels are compared.
 *
 * Environment, set by run.sh: SO, BENCH_DIR (where it may write), MNIST_DIR, TORCH, ORT
 * and DNNL (commands that run the peers), SHORT, NETWORKS (names: these tables alone). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../core/dn.h"
#include "bench.h"
#include "host.h"
#include "peak.h"
#include "subject.h"
#include "table.h"

/* --- the machine -------------------------------------------------------------------- */

/* processor - its name, of /proc/cpuinfo. */
static void processor(char *out, size_t size) {
    char line[512];
    FILE *file = fopen("/proc/cpuinfo", "r");
    snprintf(out, size, "unknown processor");
    while (file && fgets(line, sizeof line, file)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon) continue;
        snprintf(out, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (file) fclose(file);
}

/* machine_seconds - what all cores together have worked since the machine started, and
 * what was stolen from it by others on its host; 0 where it cannot be known. */
static void machine_seconds(double *worked, double *stolen) {
    double user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0,
           steal = 0;
    FILE *file = fopen("/proc/stat", "r");
    const int n = file ? fscanf(file, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &user, &nice,
                                &system, &idle, &wait, &irq, &soft, &steal)
                       : 0;
    if (file) fclose(file);
    *worked = n == 8 ? (user + nice + system + irq + soft) / 100 : 0;
    *stolen = n == 8 ? steal / 100 : 0;
}

static void print_head(bench *b, sqlite3 *db) {
    char name[256], compiler[64];
    double clock = 0;
    processor(name, sizeof name);
    host_text(db,
              "SELECT substr(d, 1, instr(d, char(10)) - 1) FROM (SELECT substr(d, "
              "instr(d, 'compiler: ') + 10) AS d FROM (SELECT digitnet_debug() AS d))",
              compiler, sizeof compiler);
    for (int i = 0; i < 5; i++) {
        const double one = peak_measure(b->isa, 1, 0.02), now = peak_clock(0.02);
        const double all = peak_measure(b->isa, b->cores, 0.02);
        if (one > b->peak_one) b->peak_one = one;
        if (all > b->peak_all) b->peak_all = all;
        if (now > clock) clock = now;
    }
    printf("`%smake bench` on %s, %d cores, %s; %s; SQLite %s; %s.\n\n",
           b->quick ? "SHORT=1 " : "", name, b->cores, b->isa, compiler,
           sqlite3_libversion(), *b->mnist ? "MNIST" : "synthetic digits");
    printf("FMA peak: %.0f GFLOP/s on one core, %.0f on all (%.2f GHz · %d lanes · 2 "
           "multipliers · 2 = %.0f). ",
           b->peak_one, b->peak_all, clock, peak_lanes(b->isa),
           clock * peak_lanes(b->isa) * 4);
    printf("Peers: ");
    for (int k = ORT; k <= TORCH; k++) {
        static const char *const missing[] = {"no ONNX Runtime", "no oneDNN",
                                              "no PyTorch"};
        printf("%s%s", b->peers[k] ? peer_version(b->peers[k]) : missing[k],
               k < TORCH ? "; " : ".");
    }
    printf(" Load average at the start: %.2f.\n\n", host_load());
    fflush(stdout);
}

/* --- the goals ---------------------------------------------------------------------- */

static const result *result_of(const bench *b, const char *name, int work) {
    static const result none;
    for (int i = 0; i < b->n_networks; i++)
        if (strcmp(b->networks[i].name, name) == 0) return &b->results[i][work];
    return &none;
}

static void goal(table *t, const char *what, const char *wanted, const char *format,
                 double value) {
    char cell[32] = "not measured";
    if (value > 0) snprintf(cell, sizeof cell, format, value);
    table_row(t, "%s | %s | %s", what, wanted, cell);
}

static void print_goals(const bench *b) {
    table t = {.align = "lrr"};
    char start[64];
    snprintf(start, sizeof start, "load + first prediction, %s",
             b->start_model[0] ? b->start_model : "no model");
    table_row(&t, "what | goal | here");
    for (int i = 0; i < b->n_networks; i++) {
        const network *n = &b->networks[i];
        char what[128];
        snprintf(what, sizeof what, "%s, a row at a time, by ONNX Runtime batch 1",
                 n->title);
        goal(&t, what, n->row_goal, "%.2f", b->results[i][ROW_ONE].over[ORT].best);
    }
    static const struct {
        const char *name, *wanted;
    } int8[] = {{"mlp", "≥ 3"}, {"lenet5", "≥ 2.5"}, {"sixconv", "≥ 1.8"}};
    for (size_t i = 0; i < sizeof int8 / sizeof *int8; i++) {
        const result *r = result_of(b, int8[i].name, ROW_INT8);
        char what[128];
        snprintf(what, sizeof what,
                 "%s in int8, a row at a time (uint8 rows: %.2f), by the same",
                 int8[i].name,
                 result_of(b, int8[i].name, ROW_INT8_BYTES)->over[ORT].best);
        goal(&t, what, int8[i].wanted, "%.2f", r->over[ORT].best);
        goal(&t, "the same, by ONNX Runtime in int8", "≥ 1", "%.2f",
             r->over[ORT_INT8].best);
    }
    goal(&t, "six convolutions, predict_model, all cores, by ONNX Runtime batch 64",
         "≥ 1.8", "%.2f", result_of(b, "sixconv", BATCH_ALL)->over[ORT].best);
    goal(&t, "mlp, uint8 rows, predict_model, all cores, by ONNX Runtime batch 64", "≥ 1",
         "%.2f", result_of(b, "mlp", BATCH_BYTES)->over[ORT].best);
    goal(&t, "training two convolutions, one core, five epochs, by PyTorch", "≥ 3.8",
         "%.2f", result_of(b, "fast", TRAIN_EPOCHS)->over[TORCH].best);
    goal(&t, "one epoch of it, mean of 10 seeds, test", "≥ 99.00 %", "%.3f %%",
         b->accuracy);
    goal(&t, "training six convolutions with batch norm, the same, by PyTorch", "≥ 2.4",
         "%.2f", result_of(b, "sixconv", TRAIN_EPOCHS)->over[TORCH].best);
    goal(&t, "training mlp, the same, by PyTorch", "≥ 2.5", "%.2f",
         result_of(b, "mlp", TRAIN_EPOCHS)->over[TORCH].best);
    goal(&t, "training six convolutions, all cores, share of the peak", "≥ 50 %",
         "%.0f %%", 100 * result_of(b, "sixconv", TRAIN_ALL)->share);
    goal(&t, "training deep, all cores, share of the peak", "≥ 50 %", "%.0f %%",
         100 * result_of(b, "deep", TRAIN_ALL)->share);
    goal(&t, "cost a row, 1,000,000 rows by 10,000", "0.9 to 1.1", "%.2f", b->flat);
    goal(&t, "training on 1,000,000 rows, cache of 256 MB: memory", "≤ 400 MB", "%.0f MB",
         b->memory_mb);
    goal(&t, "the same: time by all in memory", "≤ 1.5", "%.2f", b->memory_slower);
    goal(&t, start, "≤ 10 ms", "%.1f ms", b->start_ms);
    goal(&t, "look-up of the model per call", "< 2 µs", "%.2f µs", b->lookup_us);
    goal(&t, "all defaults, test", "≥ 99.50 %", "%.2f %%", b->defaults);
    goal(&t, "the same: time by one epoch of six convolutions in PyTorch", "≤ 1", "%.2f",
         b->defaults_time);
    printf("### Goals\n\n");
    table_print(&t);
}

/* --- all of it ---------------------------------------------------------------------- */

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

/* rest - the tables that need no peer. */
static void rest(bench *b, sqlite3 *db) {
    bench_prediction_curve(b);
    bench_training_curve(b);
    bench_start(b);
    bench_lookup(b, db);
    if (b->quick || !*b->mnist) return;
    bench_accuracy(b, db);
    bench_defaults(b, db);
}

static void run(bench *b) {
    double worked[2], stolen[2];
    const double start = host_seconds();
    machine_seconds(&worked[0], &stolen[0]);
    b->peers[TORCH] = peer_start(setting("TORCH"));
    sqlite3 *db = bench_data(b);
    b->peers[ORT] = peer_start(setting("ORT"));
    b->peers[ORT_INT8] = peer_start(setting("ORT"));
    b->peers[DNNL] = peer_start(setting("DNNL"));
    print_head(b, db);
    bench_networks(b, db);
    if (!*b->only) bench_threads(b, db);
    for (int k = 0; k < PEERS; k++) peer_stop(b->peers[k]);
    if (!*b->only) rest(b, db);
    print_goals(b);
    sqlite3_close(db);

    machine_seconds(&worked[1], &stolen[1]);
    const double seconds = host_seconds() - start, all = seconds * b->cores;
    printf("It took %.0f s; load average at the end: %.2f. ", seconds, host_load());
    if (worked[1] > 0)
        printf(
            "Others had %.0f %% of the cores' time, %.0f %% of it on the same machine.\n",
            100 * (worked[1] - worked[0] - host_worked() + stolen[1] - stolen[0]) / all,
            100 * (worked[1] - worked[0] - host_worked()) / all);
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "first") == 0) {
        bench_start_child(argv[2], argv[3], argv[4]);
        return 0;
    }
    if (argc == 5 && strcmp(argv[1], "memory") == 0) {
        bench_memory_child(argv[2], argv[3], atoi(argv[4]));
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "onnx") == 0)
        return peer_onnx_main(argv[2], argv[3]);
    if (argc == 3 && strcmp(argv[1], "dnnl") == 0) return peer_dnnl_main(argv[2]);
    bench *b = calloc(1, sizeof *b);
    if (!b) host_fail("out of memory");
    b->self = argv[0];
    b->so = setting("SO");
    b->folder = setting("BENCH_DIR");
    b->mnist = setting("MNIST_DIR");
    b->only = setting("NETWORKS");
    b->start_model = "";
    b->quick = *setting("SHORT") != 0;
    b->rounds = b->quick ? 2 : 9;
    b->seconds = b->quick ? 0.03 : 0.25;
    b->isa = dn_isa_name();
    b->cores = host_cores();
    if (argc != 1 || !*b->so || !*b->folder)
        host_fail("tests/bench/run.sh runs this, with SO and BENCH_DIR set");
    run(b);
    free(b);
    return 0;
}
