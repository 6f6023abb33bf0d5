/* bench.h - what the parts of the benchmark share: see bench.c. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <sqlite3.h>
#include "peer.h"

#define MAX_ROUNDS   31
#define MAX_NETWORKS 10

/* A network to measure. */
typedef struct network {
    const char *name;     /* a word: of the stored model, and of the peers' files */
    const char *title;    /* for people */
    const char *layers;   /* as train_model takes it */
    int batch;            /* of training; 0: the preset's */
    const char *row_goal; /* a row at a time, by ONNX Runtime: "≥ 1.6" */
    char notation[512];   /* canonical */
    double macs;          /* multiply-adds of one image, by the direct algorithm */
    double train_macs;    /* of one image in training: forward and both gradients */
} network;

/* The work that a network is timed at. BYTES: the rows are stored as uint8, a quarter as
 * large. INT8: the model is quantised; of the peers' networks ORT_INT8's alone. ONE: one
 * row or one core, by CPU time; ALL: all cores, by the clock. EPOCHS: rows are read once
 * and learned five times; those of TRAIN_ONE and TRAIN_ALL are read for one epoch. */
enum {
    ROW_ONE,
    ROW_BYTES,
    ROW_INT8,
    ROW_INT8_BYTES,
    BATCH_ONE,
    BATCH_ONE_BYTES,
    BATCH_ALL,
    BATCH_BYTES,
    TRAIN_ONE,
    TRAIN_EPOCHS,
    TRAIN_ALL,
    WORKS
};

/* ORT_INT8: ONNX Runtime again, with its own networks in 8 bits, beside ours. */
enum { ORT, DNNL, TORCH, ORT_INT8, PEERS };

/* Figures of several rounds. */
typedef struct figure {
    double best, median;
} figure;

/* What was measured: images/s. */
typedef struct result {
    figure rate;
    double share;        /* of the FMA peak, median */
    figure peers[PEERS]; /* zeros: not measured */
    figure over[PEERS];  /* ours by theirs: best by best; median of the rounds' */
} result;

typedef struct bench {
    /* Given. */
    const char *self, *so, *folder, *mnist;
    const char *only; /* names of networks, or "": all, and all other tables */
    int quick, rounds;
    double seconds; /* that one measurement takes, about */

    /* Found out. */
    const char *isa;
    int cores;
    peer *peers[PEERS]; /* NULL where one was not found */
    int n_networks;
    network networks[MAX_NETWORKS];
    result results[MAX_NETWORKS][WORKS];
    double peak_one, peak_all; /* GFLOP/s, the best seen */

    /* For the list of goals; 0 where it was not measured. */
    double flat;                     /* cost a row, a million rows by 10,000 */
    double start_ms;                 /* load and first prediction, … */
    const char *start_model;         /* … with this model */
    double lookup_us, accuracy;      /* µs; % */
    double memory_mb, memory_slower; /* with the cache; by all in memory */
    double defaults, defaults_time;  /* %; by an epoch of PyTorch's */
} bench;

/* What the name of a network's quantised model, and of its file, has at its end. */
#define INT8 "-int8"

/* bench_data - makes FOLDER/bench.db: train and test (label, pixels in float32), a
 * model for each network: PyTorch's where it writes ONNX files, else one trained here. */
sqlite3 *bench_data(bench *b);
int bench_train_rows(const bench *b);
int bench_test_rows(const bench *b);

/* bench_bytes - pixels from 0 to 1 as bytes. */
void bench_bytes(unsigned char bytes[784], const float *pixels);

/* Each prints its tables. */
void bench_networks(bench *b, sqlite3 *db);
void bench_prediction_curve(bench *b);
void bench_training_curve(bench *b);
void bench_threads(bench *b, sqlite3 *db);
void bench_start(bench *b);
void bench_lookup(bench *b, sqlite3 *db);
void bench_accuracy(bench *b, sqlite3 *db);
void bench_defaults(bench *b, sqlite3 *db);

/* bench_train - some epochs of a network on the first rows of a table (label, pixels), 0
 * for all: images/s while it trained the first. */
double bench_train(sqlite3 *db, const network *n, const char *from, int rows, int epochs,
                   int threads);

/* Two that run in a process of their own: see bench.c. */
void bench_start_child(const char *so, const char *database, const char *model);
void bench_memory_child(const char *so, const char *database, int cache_mb);

#endif
