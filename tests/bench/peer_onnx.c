/* peer_onnx.c - ONNX Runtime by its C API, as a peer of bench.c (see peer.h, subject.h).
 *
 * The library is opened at run time, and has no header beside it in its npm package. What
 * is used of it is declared here, after the header of its C API in release 1.20.1 (MIT
 * licence): OrtApi is a table of functions, to which each release adds at the end alone.
 * */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "subject.h"

/* Places in OrtApi. */
enum {
    GET_ERROR_MESSAGE = 2,
    CREATE_ENV = 3,
    CREATE_SESSION = 7,
    RUN = 9,
    CREATE_SESSION_OPTIONS = 10,
    SET_GRAPH_OPTIMIZATION_LEVEL = 23,
    SET_INTRA_OP_NUM_THREADS = 24,
    SET_INTER_OP_NUM_THREADS = 25,
    CREATE_TENSOR_WITH_DATA = 49,
    CREATE_CPU_MEMORY_INFO = 69,
    RELEASE_VALUE = 96
};

enum { LOG_ERRORS = 3, OPTIMIZE_ALL = 99, ELEMENT_FLOAT = 1, ARENA = 1, MEMORY = 0 };

typedef void (*ort_entry)(void);
typedef struct ort_base {
    const ort_entry *(*api)(uint32_t version);
    const char *(*version)(void);
} ort_base;

typedef void *ort_status; /* NULL: it went well */
typedef const char *(*get_error_message)(ort_status);
typedef ort_status (*create_env)(int level, const char *id, void **env);
typedef ort_status (*create_session)(void *env, const char *path, void *options,
                                     void **session);
typedef ort_status (*create_options)(void **options);
typedef ort_status (*set_option)(void *options, int value);
typedef ort_status (*create_memory)(int allocator, int type, void **memory);
typedef ort_status (*create_tensor)(void *memory, void *data, size_t bytes,
                                    const int64_t *dims, size_t rank, int element,
                                    void **value);
typedef ort_status (*run_session)(void *session, const void *options,
                                  const char *const *input_names, void *const *inputs,
                                  size_t n_inputs, const char *const *output_names,
                                  size_t n_outputs, void **outputs);
typedef void (*release_value)(void *value);

static struct {
    const ort_entry *api;
    char version[64];
    void *env, *memory;
} ort;

#define ORT(type, place) ((type)ort.api[place])

typedef struct ort_session {
    void *session;
    int64_t batch, classes, pixels, side;
} ort_session;

static const char *version(void) { return ort.api ? ort.version : NULL; }

static void *open_session(const subject *s, const char *name, int batch, int threads,
                          char error[256]) {
    char path[4096];
    void *options = NULL;
    ort_session *made = calloc(1, sizeof *made);
    if (!made) return NULL;
    *made = (ort_session){NULL, batch, 10, s->pixels, 28};
    snprintf(path, sizeof path, "%s/%s.onnx", s->folder, name);
    ort_status bad = ORT(create_options, CREATE_SESSION_OPTIONS)(&options);
    if (!bad) bad = ORT(set_option, SET_INTRA_OP_NUM_THREADS)(options, threads);
    if (!bad) bad = ORT(set_option, SET_INTER_OP_NUM_THREADS)(options, 1);
    if (!bad) bad = ORT(set_option, SET_GRAPH_OPTIMIZATION_LEVEL)(options, OPTIMIZE_ALL);
    if (!bad)
        bad = ORT(create_session, CREATE_SESSION)(ort.env, path, options, &made->session);
    if (!bad) return made;
    snprintf(error, 256, "%.255s", ORT(get_error_message, GET_ERROR_MESSAGE)(bad));
    free(made);
    return NULL;
}

/* run - with the caller's memory for inputs and outputs: nothing is copied. */
static int run(void *session, const float *x, float *y) {
    const ort_session *s = session;
    const int64_t in[4] = {s->batch, 1, s->side, s->side},
                  out[2] = {s->batch, s->classes};
    void *input = NULL, *output = NULL;
    const create_tensor tensor = ORT(create_tensor, CREATE_TENSOR_WITH_DATA);
    float *pixels = (float *)(uintptr_t)x; /* which it does not change */
    ort_status bad = tensor(ort.memory, pixels,
                            sizeof *x * (size_t)(s->batch * s->pixels), in, 4,
                            ELEMENT_FLOAT, &input);
    if (!bad)
        bad = tensor(ort.memory, y, sizeof *y * (size_t)(s->batch * s->classes), out, 2,
                     ELEMENT_FLOAT, &output);
    if (!bad)
        bad = ORT(run_session, RUN)(s->session, NULL, (const char *[]){"x"},
                                    (void *[]){input}, 1, (const char *[]){"y"}, 1,
                                    &output);
    if (input) ORT(release_value, RELEASE_VALUE)(input);
    if (output) ORT(release_value, RELEASE_VALUE)(output);
    return !bad;
}

static void load(const char *library) {
    void *handle = dlopen(library, RTLD_NOW);
    const ort_base *(*base)(void) = NULL;
    if (handle) *(void **)&base = dlsym(handle, "OrtGetApiBase");
    if (!base) return;
    ort.api = base()->api(1);
    snprintf(ort.version, sizeof ort.version, "ONNX Runtime %s", base()->version());
    if (ORT(create_env, CREATE_ENV)(LOG_ERRORS, "bench", &ort.env) ||
        ORT(create_memory, CREATE_CPU_MEMORY_INFO)(ARENA, MEMORY, &ort.memory))
        ort.api = NULL;
}

int peer_onnx_main(const char *library, const char *folder) {
    static const peer_engine engine = {version, open_session, run};
    load(library);
    return subject_serve(&engine, folder);
}
