/* peer.h - another system that times the same networks, in a process of its own.
 *
 * A peer is a command that reads a line and answers with one:
 *
 *     net NAME LAYERS                 ok             what a name stands for
 *     export FOLDER                   ok             writes FOLDER/NAME.onnx of all of
 *                                     them
 *     infer NAME BATCH THREADS S      912.5 907.1    images/s, measured for S seconds: of
 *                                                    CPU time, and of the clock's
 *     train NAME BATCH THREADS S      345.7 341.0
 *     check NAME                      3e-7 0.8       largest difference of its outputs
 *                                                    from ours; spread of ours
 *     agree NAME MODEL                0.98           share of images to which it gives
 *                                                    the label that our MODEL gives
 *     version                         PyTorch 1.13
 *
 * or "error: …" where it cannot. Between two lines it does nothing: so it and the library
 * can be measured by turns. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

typedef struct peer peer;

/* peer_start - NULL if command is NULL or empty, or if it does not answer "version". */
peer *peer_start(const char *command);
void peer_stop(peer *p); /* takes NULL too */

/* peer_version - the answer to "version". */
const char *peer_version(const peer *p);

/* peer_ask - sends a line, returns the answer; "error: …" if there is none or p is NULL.
 * Valid until the next one. */
const char *peer_ask(peer *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* peer_rate - the same for "infer" and "train": images/s of CPU time on one thread, of
 * the clock's on several; 0 for an error. */
double peer_rate(peer *p, const char *what, const char *name, int batch, int threads,
                 double seconds);

#endif
