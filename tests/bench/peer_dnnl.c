/* peer_dnnl.c - oneDNN 2 by its C API, as a peer of bench.c (see peer.h, subject.h).
 *
 * A chain of convolutions, max poolings and fully connected layers, each a primitive that
 * chooses its own layout; ReLUs are computed along with what is before them, weights are
 * put in order once. Without Debian's libdnnl-dev this file has nothing in it. */
#define _GNU_SOURCE
#include "subject.h"

#if defined(__has_include)
#if __has_include(<oneapi/dnnl/dnnl.h>)
#define HAVE_DNNL
#endif
#endif

#ifndef HAVE_DNNL
int peer_dnnl_main(const char *folder) { return folder ? 1 : 1; }
#else
#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host.h"

#define MOST_STEPS 64

/* One primitive and what it reads and writes. */
typedef struct step {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t args[5];
    int n;
} step;

typedef struct session {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_memory_t in, out;
    step steps[MOST_STEPS];
    int n, threads;
} session;

static void must(dnnl_status_t status, const char *what) {
    if (status != dnnl_success) host_fail("oneDNN: %s: status %d", what, (int)status);
}

static const char *version(void) {
    static char text[64];
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "oneDNN %d.%d.%d", v->major, v->minor, v->patch);
    return text;
}

/* --- memory ------------------------------------------------------------------------- */

static dnnl_memory_desc_t desc(int n, const dnnl_dims_t dims, dnnl_format_tag_t tag) {
    dnnl_memory_desc_t d;
    must(dnnl_memory_desc_init_by_tag(&d, n, dims, dnnl_f32, tag), "a layout");
    return d;
}

static dnnl_memory_t memory(const session *s, const dnnl_memory_desc_t *d, void *data) {
    dnnl_memory_t m;
    must(dnnl_memory_create(&m, d, s->engine, data), "memory");
    return m;
}

static dnnl_memory_desc_t desc_of(dnnl_memory_t m) {
    const dnnl_memory_desc_t *d = NULL;
    must(dnnl_memory_get_memory_desc(m, &d), "a layout");
    return *d;
}

static step *add_step(session *s, dnnl_primitive_desc_t made) {
    if (s->n == MOST_STEPS) host_fail("oneDNN: too many layers");
    step *next = &s->steps[s->n++];
    next->n = 0;
    must(dnnl_primitive_create(&next->primitive, made), "a primitive");
    dnnl_primitive_desc_destroy(made);
    return next;
}

static void add_arg(step *at, int what, dnnl_memory_t m) {
    at->args[at->n++] = (dnnl_exec_arg_t){what, m};
}

/* m as a primitive wants it: itself, or what a reordering before it gives. */
static dnnl_memory_t reordered(session *s, dnnl_memory_t m, dnnl_memory_desc_t wanted) {
    const dnnl_memory_desc_t has = desc_of(m);
    if (dnnl_memory_desc_equal(&has, &wanted)) return m;
    dnnl_primitive_desc_t made;
    must(dnnl_reorder_primitive_desc_create(&made, &has, s->engine, &wanted, s->engine,
                                            NULL),
         "a reordering");
    const dnnl_memory_t to = memory(s, &wanted, DNNL_MEMORY_ALLOCATE);
    step *at = add_step(s, made);
    add_arg(at, DNNL_ARG_FROM, m);
    add_arg(at, DNNL_ARG_TO, to);
    return to;
}

static void run_steps(session *s, int from, int to) {
    for (int i = from; i < to; i++)
        must(dnnl_primitive_execute(s->steps[i].primitive, s->stream, s->steps[i].n,
                                    s->steps[i].args),
             "a run");
    must(dnnl_stream_wait(s->stream), "a run");
}

/* The same for weights: once, now. */
static dnnl_memory_t prepared(session *s, dnnl_memory_t m, dnnl_memory_desc_t wanted) {
    const int before = s->n;
    const dnnl_memory_t to = reordered(s, m, wanted);
    run_steps(s, before, s->n);
    s->n = before;
    return to;
}

static dnnl_memory_desc_t wants(const_dnnl_primitive_desc_t made, dnnl_query_t what) {
    return *dnnl_primitive_desc_query_md(made, what, 0);
}

/* --- layers ------------------------------------------------------------------------- */

static dnnl_primitive_attr_t with_relu(int relu) {
    dnnl_primitive_attr_t attr;
    dnnl_post_ops_t ops;
    must(dnnl_primitive_attr_create(&attr), "attributes");
    if (!relu) return attr;
    must(dnnl_post_ops_create(&ops), "attributes");
    must(dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0), "a ReLU");
    must(dnnl_primitive_attr_set_post_ops(attr, ops), "a ReLU");
    return attr;
}

/* w[out][in …] in plain order, as far as a layer has them. */
static float *plain_weights(const dn_layer *l, const float *w) {
    float *plain = malloc(sizeof *plain * (size_t)l->rows * (size_t)l->columns);
    if (!plain) host_fail("out of memory");
    for (int r = 0; r < l->rows; r++)
        for (int c = 0; c < l->columns; c++) {
            const size_t to = l->outputs_first
                                  ? (size_t)r * (size_t)l->columns + (size_t)c
                                  : (size_t)c * (size_t)l->rows + (size_t)r;
            plain[to] = w[(size_t)r * (size_t)l->ld + (size_t)c];
        }
    return plain;
}

/* Weights, bias and input in the layouts that a primitive chose; its result. */
static dnnl_memory_t finish(session *s, dnnl_primitive_desc_t made, dnnl_memory_t x,
                            dnnl_memory_t w, dnnl_memory_t b) {
    const dnnl_memory_desc_t result = wants(made, dnnl_query_dst_md);
    const dnnl_memory_t y = memory(s, &result, DNNL_MEMORY_ALLOCATE);
    x = reordered(s, x, wants(made, dnnl_query_src_md));
    if (w) w = prepared(s, w, wants(made, dnnl_query_weights_md));
    step *at = add_step(s, made);
    add_arg(at, DNNL_ARG_SRC, x);
    if (w) add_arg(at, DNNL_ARG_WEIGHTS, w);
    if (b) add_arg(at, DNNL_ARG_BIAS, b);
    add_arg(at, DNNL_ARG_DST, y);
    return y;
}

static dnnl_memory_t weighted(session *s, const dn_layer *l, const dn_numbers *m,
                              int batch, dnnl_memory_t x) {
    const int conv = l->kind == DN_CONV;
    /* A fully connected layer that reads maps is told of them: no flattening then. */
    const int maps = conv || l->in.h * l->in.w > 1, rank = maps ? 4 : 2;
    const dnnl_dims_t in = {batch, l->in.c, l->in.h, l->in.w};
    const dnnl_dims_t out = {batch, l->out.c, l->out.h, l->out.w}, bias = {l->out.c};
    const dnnl_dims_t kernel = {l->out.c, l->in.c, conv ? l->kh : l->in.h,
                                conv ? l->kw : l->in.w};
    const dnnl_memory_desc_t any_x = desc(rank, in, dnnl_format_tag_any),
                             any_w = desc(rank, kernel, dnnl_format_tag_any),
                             any_y = desc(conv ? 4 : 2, out, dnnl_format_tag_any),
                             plain = desc(rank, kernel, maps ? dnnl_oihw : dnnl_oi),
                             b = desc(1, bias, dnnl_a);
    dnnl_primitive_desc_t made;
    dnnl_convolution_desc_t convolution;
    dnnl_inner_product_desc_t product;
    if (conv) {
        const dnnl_dims_t strides = {l->stride, l->stride}, before = {l->pad_y, l->pad_x};
        const dnnl_dims_t after = {
            (l->out.h - 1) * l->stride + l->kh - l->pad_y - l->in.h,
            (l->out.w - 1) * l->stride + l->kw - l->pad_x - l->in.w};
        must(dnnl_convolution_forward_desc_init(&convolution, dnnl_forward_inference,
                                                dnnl_convolution_auto, &any_x, &any_w, &b,
                                                &any_y, strides, before, after),
             "a convolution");
    } else {
        must(dnnl_inner_product_forward_desc_init(&product, dnnl_forward_inference,
                                                  &any_x, &any_w, &b, &any_y),
             "a fully connected layer");
    }
    const dnnl_primitive_attr_t attr = with_relu(l->activation == DN_RELU);
    must(dnnl_primitive_desc_create(&made, conv ? (void *)&convolution : (void *)&product,
                                    attr, s->engine, NULL),
         "a layer");
    float *numbers = malloc(sizeof *numbers * (size_t)l->out.c);
    if (!numbers) host_fail("out of memory");
    memcpy(numbers, m->weights + l->bias, sizeof *numbers * (size_t)l->out.c);
    return finish(s, made, x, memory(s, &plain, plain_weights(l, m->weights + l->w)),
                  memory(s, &b, numbers));
}

static dnnl_memory_t pooled(session *s, const dn_layer *l, int batch, dnnl_memory_t x) {
    const dnnl_dims_t out = {batch, l->out.c, l->out.h, l->out.w};
    const dnnl_dims_t strides = {l->stride, l->stride}, kernel = {l->kh, l->kw},
                      none = {0};
    const dnnl_memory_desc_t in = desc_of(x), any = desc(4, out, dnnl_format_tag_any);
    dnnl_pooling_desc_t pooling;
    dnnl_primitive_desc_t made;
    must(dnnl_pooling_forward_desc_init(&pooling, dnnl_forward_inference,
                                        dnnl_pooling_max, &in, &any, strides, kernel,
                                        none, none),
         "a pooling");
    must(dnnl_primitive_desc_create(&made, &pooling, NULL, s->engine, NULL), "a pooling");
    return finish(s, made, x, NULL, NULL);
}

/* Why a network is none that this peer can do, or NULL. */
static const char *refused(const dn_spec *spec) {
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        const int known = l->kind == DN_CONV || l->kind == DN_DENSE ||
                          l->kind == DN_MAXPOOL;
        if (!known || l->norm || l->activation > DN_RELU || l->groups > 1 ||
            l->froms != 1 || l->from[0] != i - 1)
            return "a layer that is not known here";
    }
    return NULL;
}

static void build(session *s, const dn_numbers *m, int batch) {
    const dn_shape shape = m->spec.shape;
    const dnnl_dims_t image = {batch, shape.c, shape.h, shape.w};
    const dnnl_dims_t classes = {batch, m->spec.classes};
    const dnnl_memory_desc_t pixels = desc(4, image, dnnl_nchw),
                             logits = desc(2, classes, dnnl_nc);
    must(dnnl_engine_create(&s->engine, dnnl_cpu, 0), "an engine");
    must(dnnl_stream_create(&s->stream, s->engine, dnnl_stream_default_flags),
         "a stream");
    dnnl_memory_t x = s->in = memory(s, &pixels, DNNL_MEMORY_NONE);
    for (int i = 0; i < m->spec.n; i++) {
        const dn_layer *l = &m->spec.layers[i];
        x = l->kind == DN_MAXPOOL ? pooled(s, l, batch, x) : weighted(s, l, m, batch, x);
    }
    s->out = reordered(s, x, logits);
}

/* --- as a peer ---------------------------------------------------------------------- */

/* Debian's library computes on OpenMP's threads. */
static void use_threads(int n) {
    void (*set)(int) = NULL;
    *(void **)&set = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set) set(n);
}

static void *open_session(const subject *from, const char *name, int batch, int threads,
                          char error[256]) {
    size_t size = 0;
    dn_numbers numbers = {0};
    void *bytes = subject_model(from, name, &size);
    session *s = NULL;
    use_threads(threads);
    if (bytes && dn_numbers_read(&numbers, bytes, size, NULL, error, 256) == DN_OK) {
        const char *why = refused(&numbers.spec);
        snprintf(error, 256, "%s", why ? why : "");
        if (!why) s = calloc(1, sizeof *s);
        if (s) {
            s->threads = threads;
            build(s, &numbers, batch);
        }
        dn_numbers_clear(&numbers);
    }
    free(bytes);
    return s;
}

static int run(void *made, const float *x, float *y) {
    session *s = made;
    void *result = NULL;
    use_threads(s->threads);
    dnnl_memory_set_data_handle(s->in, (float *)(uintptr_t)x); /* read alone */
    run_steps(s, 0, s->n);
    const dnnl_memory_desc_t d = desc_of(s->out);
    if (dnnl_memory_get_data_handle(s->out, &result) != dnnl_success) return 0;
    memcpy(y, result, dnnl_memory_desc_get_size(&d));
    return 1;
}

int peer_dnnl_main(const char *folder) {
    static const peer_engine engine = {version, open_session, run};
    return subject_serve(&engine, folder);
}
#endif
