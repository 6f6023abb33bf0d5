/* subject.h - what a peer in C is measured at: the test images and the networks that
 * bench.c left in its folder, and a loop that answers for it as peer.h says.
 * A peer fills in a peer_engine and calls subject_serve, which returns when its input
 * ends. Its inputs are the pixels as they are stored, float32, and its outputs logits: no
 * engine standardises pixels or computes a softmax that another does not. Only digitnet
 * does both, and reads its rows by SQL. */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include "../../core/model.h"

typedef struct subject {
    const char *folder; /* bench.db, and NAME.onnx for each network */
    float *images;      /* [n][pixels] */
    int n, pixels, classes;
} subject;

typedef struct peer_engine {
    /* version - such as "ONNX Runtime 1.20.1", or NULL: it is not there. */
    const char *(*version)(void);

    /* open - a network for batches of one size on so many threads; NULL: it cannot, and
     * error says why. Sessions live as long as the process. */
    void *(*open)(const subject *s, const char *name, int batch, int threads,
                  char error[256]);

    /* run - y[batch][classes] from x[batch][pixels]; 0: it failed. */
    int (*run)(void *session, const float *x, float *y);
} peer_engine;

/* subject_model - the model called name, in bytes that free() takes; NULL: none. */
void *subject_model(const subject *s, const char *name, size_t *size);

int subject_serve(const peer_engine *engine, const char *folder);

/* The peers that are linked in: each 1 if it is not there. */
int peer_onnx_main(const char *library, const char *folder);
int peer_dnnl_main(const char *folder);

#endif
