/* trainer.c - a trainer's life: memory, model bytes, and the state to resume from.
 * See dn.h; the steps are in step.c and optimizer.c.
 *
 * State bytes, little-endian: "DNSTATE1", size (8), step (8), floats in the parameter
 * vector (8) and in the statistics (8); then float32: weights, first moments, second
 * moments, averages, statistics; checksum (8). */
#include <math.h>
#include <string.h>
#include "bytes.h"
#include "cost.h"
#include "error.h"
#include "input.h"
#include "layers/kind.h"
#include "memory.h"
#include "model.h"
#include "rng.h"
#include "trainer.h"

#define MOST_STEPS   ((uint64_t)1 << 52) /* more than any run has */
#define STATE_MAGIC  "DNSTATE1"
#define STATE_HEADER 40

/* --- layout ------------------------------------------------------------------------- */

static int plan(dn_trainer *t) {
    if (dn_walk_plan(&t->walk, &t->spec, DN_WALK_TRAIN) != DN_OK) return DN_NOMEM;
    t->partial = t->walk.kept_size;
    t->work_size = t->walk.work_size;
    if (!dn_is_distorted(&t->options)) return DN_OK;
    const uint64_t end = t->walk.scratch + dn_distorted_work(t->spec.shape);
    if (end > t->work_size) t->work_size = end;
    return DN_OK;
}

/* Parameters a task of the update takes, as a share of the small part; and rows. */
#define BLOCK_SIZE 4096
#define BLOCK_ROWS 48

/* Blocks do not cross spec.conv: weight decay ends there. */
static int add_blocks(dn_trainer *t) {
    size_t count = t->spec.small / BLOCK_SIZE + 2;
    for (int i = 0; i < t->spec.n; i++)
        count += (size_t)t->spec.layers[i].rows / BLOCK_ROWS + 1;
    t->blocks = dn_new(&t->heap, count, sizeof *t->blocks);
    if (!t->blocks) return DN_NOMEM;
    for (int i = 0; i < t->walk.n; i++) {
        const dn_layer *l = t->walk.nodes[i].layer;
        const size_t rows = (size_t)l->rows;
        if (!dn_kind_of(l)->batch_gradient) continue;
        for (size_t row = 0; row < rows; row += BLOCK_ROWS)
            t->blocks[t->block_count++] =
                (dn_block){i, row, rows - row < BLOCK_ROWS ? rows - row : BLOCK_ROWS};
    }
    for (size_t at = 0, end, n; at < t->spec.small; at += n) {
        end = at < t->spec.conv ? t->spec.conv : t->spec.small;
        n = end - at < BLOCK_SIZE ? end - at : BLOCK_SIZE;
        t->blocks[t->block_count++] = (dn_block){-1, at, n};
    }
    return DN_OK;
}

/* --- memory ------------------------------------------------------------------------- */

static int floats_of(const dn_trainer *t, float **out, uint64_t n) {
    return dn_floats_new(out, &t->heap, n, &t->watch);
}

/* What layer i, on the walk as node n, has of its own. */
static int allocate_layer(dn_trainer *t, int i, int n) {
    const dn_layer *l = &t->spec.layers[i];
    const dn_layer_kind *kind = dn_kind_of(l);
    const uint64_t out = (uint64_t)l->out.c, lanes = (uint64_t)t->groups * DN_LANES;
    int status = DN_OK;
    if (!l->rows) return DN_OK;
    t->bias[i] = t->w + l->bias;
    if (!l->unit) t->weights[i] = t->w + l->w;
    if (kind->blocks)
        status = floats_of(t, &t->weights[i], (uint64_t)l->rows * (uint64_t)l->ld);
    if (status == DN_OK && kind->packed_size) {
        status = floats_of(t, &t->weights[i], kind->packed_size(l));
        if (status == DN_OK && dn_walk_gives(&t->walk, n))
            status = floats_of(t, &t->backward[i], kind->packed_size(l));
    }
    if (status == DN_OK && kind->batch_gradient)
        status = floats_of(t, &t->kept_gradient[i], lanes * (uint64_t)l->ld);
    if (status == DN_OK && l->norm)
        status = floats_of(t, &t->norms[i].rows, DN_NORM_ROWS * out);
    if (status == DN_OK && l->norm)
        status = floats_of(t, &t->norms[i].sums, (uint64_t)t->groups * 2 * out);
    return status;
}

/* Kernels read biases four at a time. */
#define SLACK 4

/* Lists of the layers, all NULL. */
static int allocate_lists(dn_trainer *t) {
    const uint64_t n = (uint64_t)t->spec.n;
    t->weights = dn_new(&t->heap, 4 * n, sizeof *t->weights);
    t->norms = dn_new(&t->heap, n, sizeof *t->norms);
    if (!t->weights || !t->norms) return DN_NOMEM;
    t->backward = t->weights + n;
    t->bias = t->backward + n;
    t->kept_gradient = t->bias + n;
    return DN_OK;
}

static int allocate(dn_trainer *t) {
    const uint64_t groups = (uint64_t)t->groups;
    float **vectors[] = {&t->w, &t->m, &t->v, &t->average, &t->gradient};
    int status = DN_OK;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors && status == DN_OK; i++)
        status = floats_of(t, vectors[i], (uint64_t)t->spec.total + SLACK);
    if (status == DN_OK) status = floats_of(t, &t->thread_memory[0], t->work_size);
    if (status != DN_OK) return status;
    t->stats = dn_floats(&t->heap, t->spec.stats);
    t->group_memory = dn_new(&t->heap, groups, sizeof *t->group_memory);
    t->losses = dn_floats(&t->heap, groups * DN_LANES);
    t->hits = dn_new(&t->heap, groups * DN_LANES, sizeof *t->hits);
    if (!t->stats || !t->group_memory || !t->losses || !t->hits) return DN_NOMEM;
    for (int g = 0; g < t->groups && status == DN_OK; g++)
        status = floats_of(t, &t->group_memory[g], t->partial + t->spec.small);
    for (int n = 0; n < t->walk.n && status == DN_OK; n++)
        status = allocate_layer(t, t->walk.nodes[n].number, n);
    return status == DN_OK ? add_blocks(t) : status;
}

static uint64_t teacher_size(const dn_trainer *t) {
    uint64_t size = 0;
    for (int i = 0; i < t->teacher_count; i++) size += dn_walk_size(&t->teacher_walks[i]);
    return size;
}

int dn_thread_memory(dn_trainer *t, dn_threads *threads) {
    dn_member member = {threads, 0};
    const dn_watch watch = {dn_member_stops, &member};
    int n = dn_threads_count(threads), ready = 1;
    while (ready < n) {
        if (!t->thread_memory[ready])
            dn_floats_new(&t->thread_memory[ready], &t->heap, t->work_size, &watch);
        if (t->teacher_count && !t->teacher_memory[ready])
            dn_floats_new(&t->teacher_memory[ready], &t->heap, teacher_size(t), &watch);
        if (!t->thread_memory[ready] || (t->teacher_count && !t->teacher_memory[ready]))
            break; /* fewer threads, the same result */
        ready++;
    }
    return ready;
}

static int copy_labels(dn_trainer *t, const dn_label *labels, int classes) {
    size_t size = 0;
    for (int i = 0; i < classes; i++)
        if (labels[i].text) size += labels[i].text_size;
    t->labels = dn_new(&t->heap, (uint64_t)classes, sizeof *t->labels);
    t->label_text = dn_new(&t->heap, size, 1);
    if (!t->labels || !t->label_text) return DN_NOMEM;
    char *text = t->label_text;
    for (int i = 0; i < classes; i++) {
        t->labels[i] = labels[i];
        if (!labels[i].text) continue;
        memcpy(text, labels[i].text, labels[i].text_size);
        t->labels[i].text = text;
        text += labels[i].text_size;
    }
    return DN_OK;
}

/* rounding_check - the thread must round to nearest, or the same seed gives other
 * weights.
 * Sums are tried, for fegetround sees but one of the two modes that an x86 has. Denormals
 * flushed to zero change nothing: the kernels flush them too (vflush). */
static int rounding_check(char *error, size_t error_size) {
    const volatile float one = 1, tiny = 0x1p-26f;
    const volatile float above = one + tiny, below = one - tiny, minus = -one - tiny;
    if (above == one && below == one && minus == -one) return DN_OK;
    return dn_fail(
        error, error_size,
        "this thread does not round floats to nearest, so the weights would differ from "
        "those made elsewhere; call fesetround(FE_TONEAREST) first");
}

static dn_ask ask_of(const dn_trainer *t) {
    return (dn_ask){.watch = t->watch, .pace = t->kernels->pace};
}

/* A head of sigmoids has another loss than softmax's. */
static int check_head(const dn_spec *spec, char *error, size_t error_size) {
    if (spec->layers[spec->n - 1].activation != DN_SIGMOID) return DN_OK;
    return dn_fail(error, error_size,
                   "layers: '%.150s': OUTs is not trained, only read from models; end "
                   "with OUT, or with nothing",
                   spec->text);
}

/* Nobody trains a model that cannot be used. */
static int check_cost(const dn_trainer *t, const dn_host *host, char *error,
                      size_t error_size) {
    const dn_limits limits = dn_limits_of(host);
    const dn_cost cost = dn_cost_predict(&t->spec);
    return dn_cost_check(&cost, &limits, "layers: a prediction", error, error_size);
}

int dn_trainer_new(dn_trainer **out, const dn_options *options, const dn_label *labels,
                   int classes, int64_t n, float mean, float std, const dn_host *host,
                   char *error, size_t error_size) {
    *out = NULL;
    int status = dn_options_check(options, error, error_size);
    if (status == DN_OK) status = rounding_check(error, error_size);
    if (status != DN_OK) return status;
    const dn_heap heap = dn_heap_of(host);
    dn_trainer *t = dn_new(&heap, 1, sizeof *t);
    if (!t) return DN_NOMEM;
    t->heap = heap;
    if (host) t->watch = host->watch;
    t->options = *options;
    t->kernels = dn_kernels_best();
    dn_ask ask = ask_of(t);
    t->mean = mean;
    t->std = std;
    t->inverse = 1.0f / std;
    dn_input_table(t->table, t->mean, t->inverse);
    t->steps = options->epochs * ((n + options->batch - 1) / options->batch);
    const int64_t most = n > 0 && n < options->batch ? n : options->batch;
    t->groups = (int)((most + DN_LANES - 1) / DN_LANES);
    status = dn_spec_parse(&t->spec, options->layers, options->shape, classes, &heap,
                           error, error_size);
    if (status == DN_OK) status = check_head(&t->spec, error, error_size);
    if (status == DN_OK) status = check_cost(t, host, error, error_size);
    if (status == DN_OK) status = copy_labels(t, labels, classes);
    if (status == DN_OK) {
        status = plan(t);
        if (status == DN_OK) status = allocate_lists(t);
        if (status == DN_OK) status = allocate(t);
    }
    if (status == DN_OK) {
        dn_initialise(t, &ask);
        dn_pack_weights(t, NULL);
        if (ask.stopped) status = DN_STOPPED;
    }
    if (status == DN_OK)
        *out = t;
    else
        dn_trainer_free(t);
    return status;
}

void dn_trainer_free(dn_trainer *t) {
    if (!t) return;
    const dn_heap heap = t->heap;
    float *vectors[] = {t->w,        t->m,     t->v,      t->average,
                        t->gradient, t->stats, t->logits, t->losses};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        dn_floats_release(&heap, vectors[i]);
    for (int g = 0; t->group_memory && g < t->groups; g++)
        dn_floats_release(&heap, t->group_memory[g]);
    dn_release(&heap, t->group_memory);
    for (int i = 0; i < DN_MAX_THREADS; i++) {
        dn_floats_release(&heap, t->thread_memory[i]);
        dn_floats_release(&heap, t->teacher_memory[i]);
    }
    for (int i = 0; i < t->spec.n && t->weights && t->norms; i++) {
        const dn_layer_kind *kind = dn_kind_of(&t->spec.layers[i]);
        if (kind->packed_size || kind->blocks) dn_floats_release(&heap, t->weights[i]);
        dn_floats_release(&heap, t->backward[i]);
        dn_floats_release(&heap, t->kept_gradient[i]);
        dn_floats_release(&heap, t->norms[i].rows);
        dn_floats_release(&heap, t->norms[i].sums);
    }
    dn_release(&heap, t->weights);
    dn_release(&heap, t->norms);
    for (int i = 0; i < t->teacher_count; i++) dn_walk_clear(&t->teacher_walks[i]);
    dn_release(&heap, t->teacher_walks);
    dn_walk_clear(&t->walk);
    dn_spec_clear(&t->spec);
    dn_release(&heap, t->blocks);
    dn_release(&heap, t->hits);
    dn_release(&heap, t->labels);
    dn_release(&heap, t->label_text);
    dn_release(&heap, t);
}

/* --- teachers ----------------------------------------------------------------------- */

int dn_check_shape(const dn_trainer *t, dn_shape shape, char *error, size_t error_size) {
    const dn_shape own = t->spec.shape;
    if (shape.h == own.h && shape.w == own.w && shape.c == own.c) return DN_OK;
    return dn_fail(error, error_size, "it takes images of %dx%dx%d; these have %dx%dx%d",
                   shape.h, shape.w, shape.c, own.h, own.w, own.c);
}

static int check_teacher(const dn_trainer *t, const dn_model *teacher, char *error,
                         size_t error_size) {
    const int status = dn_check_shape(t, teacher->spec.shape, error, error_size);
    if (status != DN_OK) return status;
    if (teacher->spec.layers[teacher->spec.n - 1].activation == DN_SIGMOID)
        return dn_fail(error, error_size, "its output is not a softmax");
    if (teacher->spec.classes != t->spec.classes)
        return dn_fail(error, error_size, "it knows %d classes; the images have %d",
                       teacher->spec.classes, t->spec.classes);
    for (int i = 0; i < t->spec.classes; i++)
        if (!dn_same_label(&teacher->labels[i], &t->labels[i]))
            return dn_fail(error, error_size, "its classes are not those of the images");
    return DN_OK;
}

int dn_trainer_teach(dn_trainer *t, const dn_model *const *teachers, int n, char *error,
                     size_t error_size) {
    for (int i = 0; i < n; i++) {
        const int status = check_teacher(t, teachers[i], error, error_size);
        if (status != DN_OK) return status;
    }
    t->logits =
        dn_floats(&t->heap, (uint64_t)t->groups * (uint64_t)t->spec.classes * DN_LANES);
    t->teacher_walks = dn_new(&t->heap, (uint64_t)n, sizeof *t->teacher_walks);
    if (!t->logits || !t->teacher_walks) return DN_NOMEM;
    for (int i = 0; i < n; i++) {
        t->teachers[i] = teachers[i];
        t->teacher_count = i + 1;
        if (dn_walk_plan(&t->teacher_walks[i], &teachers[i]->spec, DN_WALK_BATCH) !=
            DN_OK)
            return DN_NOMEM;
    }
    return floats_of(t, &t->teacher_memory[0], teacher_size(t));
}

/* --- what leaves it and comes back -------------------------------------------------- */

void dn_trainer_epochs(dn_trainer *t, int epochs) {
    t->steps = t->steps / t->options.epochs * epochs;
    t->options.epochs = epochs;
}

double dn_trainer_rate(const dn_trainer *t) {
    return dn_rate(&t->options, t->step, t->steps);
}

int64_t dn_trainer_steps(const dn_trainer *t) { return t->step; }

const char *dn_trainer_notation(const dn_trainer *t) { return t->spec.text; }

int dn_trainer_model(const dn_trainer *t, double temperature, void **bytes,
                     size_t *size) {
    dn_ask ask = ask_of(t);
    const dn_content content = {.spec = &t->spec,
                                .labels = t->labels,
                                .mean = t->mean,
                                .std = t->std,
                                .weights = t->average,
                                .stats = t->stats,
                                .temperature = temperature,
                                .precision = t->options.precision == DN_KEEP_FLOAT16
                                                 ? DN_KEEP_FLOAT16
                                                 : DN_KEEP_FLOAT32,
                                .extras.picture = t->options.picture,
                                .ask = &ask};
    return dn_model_encode(bytes, size, &content, &t->heap);
}

static uint64_t state_size(const dn_trainer *t) {
    return STATE_HEADER + 4 * (4 * (uint64_t)t->spec.total + t->spec.stats) + 8;
}

/* Numbers that are moved between two questions. */
#define PIECE ((size_t)1 << 18)

static size_t piece(size_t left) { return left < PIECE ? left : PIECE; }

int dn_trainer_state(const dn_trainer *t, void **bytes, size_t *size) {
    const float *vectors[] = {t->w, t->m, t->v, t->average, t->stats};
    const uint64_t n = state_size(t);
    uint8_t *start = dn_room(&t->heap, n), *p = start;
    dn_ask ask = ask_of(t);
    if (!start) return DN_NOMEM;
    memcpy(p, STATE_MAGIC, 8);
    put64(p + 8, n);
    put64(p + 16, (uint64_t)t->step);
    put64(p + 24, t->spec.total);
    put64(p + 32, t->spec.stats);
    p += STATE_HEADER;
    for (int k = 0; k < 5; k++)
        for (size_t at = 0, all = k < 4 ? t->spec.total : t->spec.stats, end;
             at < all && dn_go_on(&ask, 16 * (int64_t)PIECE); at = end)
            for (end = at + piece(all - at); at < end; at++, p += 4)
                put_float(p, vectors[k][at]);
    const uint64_t sum = dn_checksum_asking(start, (size_t)n - 8, &ask);
    if (ask.stopped) {
        dn_release(&t->heap, start);
        return DN_STOPPED;
    }
    put64(start + n - 8, sum);
    *bytes = start;
    *size = (size_t)n;
    return DN_OK;
}

int dn_trainer_resume(dn_trainer *t, const void *bytes, size_t size, char *error,
                      size_t error_size) {
    float *vectors[] = {t->w, t->m, t->v, t->average, t->stats};
    const uint8_t *p = bytes;
    dn_ask ask = ask_of(t);
    if (size < STATE_HEADER || memcmp(p, STATE_MAGIC, 8) != 0)
        return dn_fail(
            error, error_size,
            "not a training state: %zu bytes that do not begin with '" STATE_MAGIC "'",
            size);
    if (get64(p + 24) != t->spec.total || get64(p + 32) != t->spec.stats)
        return dn_fail(error, error_size, "the training state is of another network");
    if (size != state_size(t) || get64(p + 8) != size || get64(p + 16) > MOST_STEPS)
        return dn_fail(error, error_size, "the training state is damaged");
    const uint64_t sum = dn_checksum_asking(p, size - 8, &ask);
    if (ask.stopped) return DN_STOPPED;
    if (get64(p + size - 8) != sum)
        return dn_fail(error, error_size, "the training state is damaged");
    for (size_t at = STATE_HEADER; at < size - 8; at += 4)
        if (at % PIECE == 0 && !dn_go_on(&ask, 4 * (int64_t)PIECE))
            return DN_STOPPED;
        else if (!isfinite(get_float(p + at)))
            return dn_fail(error, error_size,
                           "the training had diverged: its state holds a number that is "
                           "not finite; train again with a lower rate");
    t->step = (int64_t)get64(p + 16);
    p += STATE_HEADER;
    for (int k = 0; k < 5; k++)
        for (size_t at = 0, all = k < 4 ? t->spec.total : t->spec.stats, end;
             at < all && dn_go_on(&ask, 16 * (int64_t)PIECE); at = end)
            for (end = at + piece(all - at); at < end; at++, p += 4)
                vectors[k][at] = get_float(p);
    dn_pack_weights(t, NULL);
    return ask.stopped ? DN_STOPPED : DN_OK;
}

static void pack_task(void *context, int task, int thread) {
    dn_trainer *t = context;
    const dn_layer *l = &t->spec.layers[task / 2];
    const dn_layer_kind *kind = dn_kind_of(l);
    (void)thread;
    if (kind->blocks && task % 2 == 0)
        dn_pack_blocks(t->weights[task / 2], t->w + l->w, l->rows, l->ld);
    if (!kind->packed_size) return;
    if (task % 2 == 0)
        kind->pack_forward(t->weights[task / 2], t->w + l->w, l);
    else if (t->backward[task / 2])
        kind->pack_backward(t->backward[task / 2], t->w + l->w, l);
}

void dn_pack_weights(dn_trainer *t, dn_threads *threads) {
    dn_threads_run(threads, DN_MAX_THREADS, pack_task, t, 2 * t->spec.n);
}
