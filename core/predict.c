/* predict.c - a model's forward pass, for one image and for many: see dn.h.
 *
 * One image goes through the single layout, sixteen at a time through the batch layout
 * (kernels.h). Every buffer between layers is laid out when the working memory is made,
 * margins and all, so a prediction only runs kernels. */
#include <string.h>
#include "bytes.h"
#include "fmath.h"
#include "input.h"
#include "layout.h"
#include "memory.h"
#include "model.h"
#include "pass.h"
#include "threads.h"

struct dn_scratch {
    dn_heap heap;  /* it came from */
    dn_pass pass;  /* in single layout */
    uint64_t flat; /* where a dense layer's input [c][h][w] is put, in floats */
    float *memory;
};

static void plan_single(dn_scratch *s, const dn_spec *spec) {
    dn_pass *a = &s->pass;
    uint64_t flat = 0, work = 0;
    for (int i = -1; i < spec->n; i++) {
        const dn_layer *l = i < 0 ? NULL : &spec->layers[i];
        if (l && l->kind == DN_DROPOUT) continue;
        dn_shape shape = l ? l->out : spec->shape;
        int column = (int)round16((uint64_t)shape.c);
        if (!l) column = spec->shape.c; /* the input's channels lie as they come */
        a->maps[i + 1] = dn_maps_single(shape, dn_reader(spec, i), column);
        a->at[i + 1] = a->size;
        /* Rounded up, and a vector more: pooling one channel reads whole vectors. */
        a->size += round16(a->maps[i + 1].size + 16);
        if (l && l->winograd) {
            const uint64_t need =
                dn_single_winograd_work(l->out.h, l->out.w, l->in.c, l->out.c);
            work = need > work ? need : work;
        }
        if (l && l->kind == DN_DENSE) {
            const uint64_t in = (uint64_t)l->in.c * (uint64_t)(l->in.h * l->in.w);
            flat = in > flat ? in : flat;
        }
    }
    a->work = a->size;
    a->size += round16(work);
    s->flat = a->size;
    a->size += round16(flat);
}

/* --- sixteen images -------------------------------------------------------------------- */

/* p = softmax(z), z's values `step` apart. */
static void softmax(float *p, const float *z, int step, int classes) {
    double top = (double)z[0], sum = 0;
    for (int o = 1; o < classes; o++)
        if ((double)z[o * step] > top) top = (double)z[o * step];
    for (int o = 0; o < classes; o++) {
        double e = dn_exp((double)z[o * step] - top);
        p[o] = (float)e;
        sum += e;
    }
    for (int o = 0; o < classes; o++) p[o] = (float)((double)p[o] / sum);
}

/* A prediction of many images, for the tasks: one is 16 of them. */
typedef struct batch_job {
    const dn_model *model;
    const dn_image *images;
    int64_t n;
    float *probabilities;
    dn_pass pass;
    float *memory[DN_MAX_THREADS];
} batch_job;

static void batch_task(void *context, int task, int thread) {
    batch_job *job = context;
    const int classes = job->model->spec.classes;
    const int64_t first = (int64_t)task * DN_LANES, left = job->n - first;
    const int n = left < DN_LANES ? (int)left : DN_LANES;
    const dn_model *m = job->model;
    dn_view x = dn_pass_input(&job->pass, job->memory[thread]);
    dn_input_group(&x, job->images + first, n, m->input_table, m->mean, m->inverse);
    const float *z = dn_pass_run(m, &job->pass, job->memory[thread]);
    for (int k = 0; k < n; k++)
        softmax(job->probabilities + (first + k) * classes, z + k, DN_LANES, classes);
}

int dn_predict_batch(const dn_model *m, dn_threads *threads, const dn_image *images,
                     int64_t n, float *probabilities) {
    return dn_predict_batch_beside(m, threads, images, n, probabilities, NULL, NULL);
}

int dn_predict_batch_beside(const dn_model *m, dn_threads *threads,
                            const dn_image *images, int64_t n, float *probabilities,
                            void (*aside)(void *), void *context) {
    dn_aside turn = {aside, context};
    batch_job *job = dn_new(&m->heap, 1, sizeof *job);
    if (!job) {
        if (aside) aside(context);
        return DN_NOMEM;
    }
    job->model = m;
    job->probabilities = probabilities;
    dn_pass_plan(&job->pass, &m->spec);
    int ready = 0; /* threads that have memory: one is enough */
    while (ready < dn_threads_count(threads) &&
           (job->memory[ready] = dn_floats(&m->heap, job->pass.size)))
        ready++;
    /* Tasks are counted in an int: more images than that go in several turns. */
    const int64_t most = (int64_t)DN_LANES << 24;
    for (int64_t done = 0; ready > 0 && done < n; done += job->n) {
        job->images = images + done;
        job->probabilities = probabilities + done * m->spec.classes;
        job->n = n - done < most ? n - done : most;
        dn_threads_run_beside(threads, ready, batch_task, job,
                              (int)((job->n + DN_LANES - 1) / DN_LANES), &turn);
        turn.run = NULL;
    }
    if (turn.run) turn.run(context); /* no image, or no memory */
    for (int i = 0; i < ready; i++) dn_floats_release(&m->heap, job->memory[i]);
    dn_release(&m->heap, job);
    return ready > 0 ? DN_OK : DN_NOMEM;
}

void dn_score(const float *probabilities, int classes, const int32_t *truth, int64_t n,
              dn_metrics *metrics) {
    for (int64_t k = 0; k < n; k++, probabilities += classes) {
        /* A probability too small for a float counts as the smallest there is. */
        const float p = probabilities[truth[k]];
        metrics->loss -= dn_log(p > 1e-37f ? (double)p : 1e-37);
        metrics->correct += dn_argmax(probabilities, classes) == truth[k];
        metrics->images++;
    }
}

int dn_argmax(const float *values, int n) {
    int best = 0;
    for (int i = 1; i < n; i++)
        if (values[i] > values[best]) best = i;
    return best;
}

/* --- one image --------------------------------------------------------------------------- */

dn_scratch *dn_scratch_new(const dn_model *m) {
    dn_scratch *s = dn_new(&m->heap, 1, sizeof *s);
    if (!s) return NULL;
    s->heap = m->heap;
    plan_single(s, &m->spec);
    s->memory = dn_floats(&s->heap, s->pass.size);
    if (s->memory) return s;
    dn_release(&m->heap, s);
    return NULL;
}

void dn_scratch_free(dn_scratch *s) {
    if (!s) return;
    const dn_heap heap = s->heap;
    dn_floats_release(&heap, s->memory);
    dn_release(&heap, s);
}

/* Maps [h][w][column] to a vector in the order [c][h][w], which dense layers count in. */
static const float *flatten(float *to, const dn_view *x) {
    if (x->h == 1 && x->w == 1) return x->p;
    float *start = to;
    for (int c = 0; c < x->c; c++)
        for (int row = 0; row < x->h; row++)
            for (int column = 0; column < x->w; column++)
                *to++ = x->p[row * x->row + column * x->column + c];
    return start;
}

static void single_layer(const dn_model *m, int i, const dn_view *y, const dn_view *x,
                         float *work, float *flat) {
    const dn_layer *l = &m->spec.layers[i];
    const dn_kernels *k = m->kernels;
    const int channels = (l->out.c + 15) / 16 * 16;
    if (l->winograd) {
        dn_view taps = dn_under_taps(*x, l);
        k->single_winograd(y->p, y->row, y->column, taps.p, x->row, x->column,
                           m->single_weights[i], m->bias[i], l->out.h, l->out.w, l->in.c,
                           channels, l->relu, work);
    } else if (l->kind == DN_CONV) {
        dn_view taps = dn_under_taps(*x, l);
        k->single_conv(y->p, y->row, y->column, taps.p, x->row, x->column,
                       m->single_weights[i], m->bias[i], l->out.h, l->out.w, l->in.c,
                       channels, l->kh, l->stride, l->relu);
    } else if (l->kind == DN_MAXPOOL) {
        k->single_maxpool(y->p, y->row, y->column, x->p, x->row, x->column, l->out.h,
                          l->out.w, channels, l->kh, l->stride);
    } else if (l->kind == DN_AVGPOOL) {
        k->single_avgpool(y->p, y->row, y->column, x->p, x->row, x->column, l->out.h,
                          l->out.w, channels, l->kh, l->kw, l->stride);
    } else {
        k->single_dense(y->p, flatten(flat, x), m->single_weights[i], m->bias[i],
                        l->in.c * l->in.h * l->in.w, channels, l->ld, l->relu);
    }
}

void dn_predict(const dn_model *m, dn_scratch *s, const dn_image *image,
                float *probabilities, float *embedding) {
    const dn_spec *spec = &m->spec;
    const dn_pass *a = &s->pass;
    float *flat = s->memory + s->flat;
    dn_view x = dn_at(&a->maps[0], s->memory + a->at[0]);
    dn_input_single(x.p, x.row, spec->shape, image, m->input_table, m->mean, m->inverse);
    for (int i = 0; i < spec->n; i++) {
        if (spec->layers[i].kind == DN_DROPOUT) continue;
        if (i == spec->n - 1 && embedding) {
            const dn_layer *output = &spec->layers[i];
            const float *inputs = flatten(flat, &x);
            memcpy(embedding, inputs,
                   sizeof(float) * (size_t)(output->in.c * output->in.h * output->in.w));
        }
        dn_view y = dn_at(&a->maps[i + 1], s->memory + a->at[i + 1]);
        single_layer(m, i, &y, &x, s->memory + a->work, flat);
        x = y;
    }
    softmax(probabilities, x.p, 1, spec->classes);
}
