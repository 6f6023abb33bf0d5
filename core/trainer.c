/* trainer.c - a trainer's life: memory, model bytes, and the state to resume from.
 * See dn.h; the steps are in step.c and optimizer.c.
 *
 * State bytes, little-endian: "DNSTATE1", size (8), step (8), floats in the parameter
 * vector (8) and in the statistics (8); then float32: weights, first moments, second
 * moments, averages, statistics; checksum (8). */
#include <math.h>
#include <string.h>
#include "bytes.h"
#include "conv.h"
#include "error.h"
#include "input.h"
#include "memory.h"
#include "model.h"
#include "pass.h"
#include "rng.h"
#include "trainer.h"

#define MOST_STEPS   ((uint64_t)1 << 52) /* more than any run has */
#define STATE_MAGIC  "DNSTATE1"
#define STATE_HEADER 40

static uint64_t claim(uint64_t *arena, uint64_t n) {
    const uint64_t at = *arena;
    *arena += round16(n);
    return at;
}

static dn_place claim_maps(uint64_t *arena, dn_maps maps) {
    return (dn_place){claim(arena, maps.size), maps};
}

/* --- layout ------------------------------------------------------------------------------ */

static uint64_t values(dn_shape s) { return (uint64_t)s.c * (uint64_t)(s.h * s.w); }

/* Where everything of layer i lies, in the two arenas. */
static void plan_node(dn_trainer *t, int i, int *source) {
    dn_node *node = &t->nodes[i];
    const dn_layer *l = node->layer = &t->spec.layers[i];
    node->source = *source;
    if (l->kind == DN_DROPOUT) return;                   /* works in place */
    if (i > 0 && dn_fused_pool(&t->spec, i - 1)) return; /* its convolution does it */

    node->pool = dn_fused_pool(&t->spec, i);
    const dn_layer *last = node->pool ? node->pool : l;
    const dn_layer *reader = dn_reader(&t->spec, node->pool ? i + 1 : i);
    node->y = claim_maps(&t->group_size, dn_maps_batch(last->out, reader));
    if (last->kind == DN_MAXPOOL)
        node->places = claim(&t->group_size, values(last->out) * DN_LANES);
    if (l->kind == DN_CONV || l->kind == DN_DENSE) {
        dn_maps gradient = l->kind == DN_CONV ? dn_maps_gradient(l)
                                              : dn_maps_batch(l->out, NULL);
        /* Until the sums of all groups are known, a normalised layer's gradient waits. */
        uint64_t *arena = l->norm ? &t->group_size : &t->thread_size;
        node->dz = claim_maps(arena, gradient);
    }
    if (l->norm) node->z = claim_maps(&t->group_size, dn_maps_batch(l->out, NULL));
    *source = i;
}

static void plan(dn_trainer *t) {
    uint64_t largest = values(t->spec.shape), work = 0;
    int source = -1;
    t->input =
        claim_maps(&t->group_size, dn_maps_batch(t->spec.shape, dn_reader(&t->spec, -1)));
    for (int i = 0; i < t->spec.n; i++) {
        plan_node(t, i, &source);
        const dn_node *node = &t->nodes[i];
        if (values(node->layer->in) > largest) largest = values(node->layer->in);
        if (values(node->layer->out) > largest) largest = values(node->layer->out);
        if (node->layer->kind != DN_CONV) continue;
        const uint64_t need = dn_conv_work(node->layer) +
                              (node->pool ? dn_band_size(node->layer, node->pool) : 0);
        if (need > work) work = need;
    }
    t->ping = claim(&t->thread_size, largest * DN_LANES);
    t->pong = claim(&t->thread_size, largest * DN_LANES);
    if (dn_is_distorted(&t->options) && dn_distorted_work(t->spec.shape) > work)
        work = dn_distorted_work(t->spec.shape);
    t->work = claim(&t->thread_size, work);
    t->partial = claim(&t->group_size, t->spec.small);
}

/* Parameters a task of the update takes, as a share of the small part; and rows. */
#define BLOCK_SIZE 4096
#define BLOCK_ROWS 48

static size_t rows_of(const dn_layer *l) { return (size_t)values(l->in); }

/* Blocks do not cross spec.conv: weight decay ends there. */
static int add_blocks(dn_trainer *t) {
    size_t count = t->spec.small / BLOCK_SIZE + 2;
    for (int i = 0; i < t->spec.n; i++)
        if (t->spec.layers[i].kind == DN_DENSE)
            count += rows_of(&t->spec.layers[i]) / BLOCK_ROWS + 1;
    t->blocks = dn_new(&t->heap, count, sizeof *t->blocks);
    if (!t->blocks) return DN_NOMEM;
    for (int i = 0; i < t->spec.n; i++)
        if (t->spec.layers[i].kind == DN_DENSE)
            for (size_t row = 0, rows = rows_of(&t->spec.layers[i]); row < rows;
                 row += BLOCK_ROWS)
                t->blocks[t->block_count++] =
                    (dn_block){i, row, rows - row < BLOCK_ROWS ? rows - row : BLOCK_ROWS};
    for (size_t at = 0, end, n; at < t->spec.small; at += n) {
        end = at < t->spec.conv ? t->spec.conv : t->spec.small;
        n = end - at < BLOCK_SIZE ? end - at : BLOCK_SIZE;
        t->blocks[t->block_count++] = (dn_block){-1, at, n};
    }
    return DN_OK;
}

/* --- memory ---------------------------------------------------------------------------------- */

static int allocate_node(dn_trainer *t, dn_node *node) {
    const dn_layer *l = node->layer;
    const uint64_t out = (uint64_t)l->out.c, lanes = (uint64_t)t->groups * DN_LANES;
    int missing = 0;
    if (l->kind == DN_CONV) {
        missing |= !(node->forward = dn_floats(&t->heap, dn_packed_size(l)));
        if (node->source >= 0)
            missing |= !(node->backward = dn_floats(&t->heap, dn_packed_size(l)));
    }
    if (l->kind == DN_DENSE)
        missing |= !(node->dyt = dn_floats(&t->heap, lanes * (uint64_t)l->ld));
    if (l->norm) {
        missing |= !(node->norm = dn_floats(&t->heap, NORM_ROWS * out));
        missing |= !(node->sums = dn_floats(&t->heap, (uint64_t)t->groups * 2 * out));
    }
    return missing ? DN_NOMEM : DN_OK;
}

static int allocate(dn_trainer *t) {
    const uint64_t groups = (uint64_t)t->groups;
    int most = 0;
    for (int i = 0; i < t->spec.n; i++)
        if (t->spec.layers[i].in.c > most) most = t->spec.layers[i].in.c;
    float **vectors[] = {&t->w, &t->m, &t->v, &t->average, &t->gradient};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        if (!(*vectors[i] = dn_floats(&t->heap, t->spec.total))) return DN_NOMEM;
    t->stats = dn_floats(&t->heap, t->spec.stats);
    t->group_memory = dn_new(&t->heap, groups, sizeof *t->group_memory);
    t->zeros = dn_floats(&t->heap, round16((uint64_t)most));
    t->losses = dn_floats(&t->heap, groups * DN_LANES);
    t->hits = dn_new(&t->heap, groups * DN_LANES, sizeof *t->hits);
    t->thread_memory[0] = dn_floats(&t->heap, t->thread_size);
    if (!t->stats || !t->group_memory || !t->zeros || !t->losses || !t->hits ||
        !t->thread_memory[0])
        return DN_NOMEM;
    for (int g = 0; g < t->groups; g++)
        if (!(t->group_memory[g] = dn_floats(&t->heap, t->group_size))) return DN_NOMEM;
    for (int i = 0; i < t->spec.n; i++)
        if (allocate_node(t, &t->nodes[i]) != DN_OK) return DN_NOMEM;
    return add_blocks(t);
}

static uint64_t teacher_size(const dn_trainer *t) {
    uint64_t size = 0;
    for (int i = 0; i < t->teacher_count; i++) size += t->passes[i].size;
    return size;
}

int dn_thread_memory(dn_trainer *t, dn_threads *threads) {
    int n = dn_threads_count(threads), ready = 1;
    while (ready < n) {
        if (!t->thread_memory[ready])
            t->thread_memory[ready] = dn_floats(&t->heap, t->thread_size);
        if (t->teacher_count && !t->teacher_memory[ready])
            t->teacher_memory[ready] = dn_floats(&t->heap, teacher_size(t));
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

int dn_trainer_new(dn_trainer **out, const dn_options *options, const dn_label *labels,
                   int classes, int64_t n, float mean, float std, const dn_host *host,
                   char *error, size_t error_size) {
    *out = NULL;
    int status = dn_options_check(options, error, error_size);
    if (status != DN_OK) return status;
    const dn_heap heap = dn_heap_of(host);
    dn_trainer *t = dn_new(&heap, 1, sizeof *t);
    if (!t) return DN_NOMEM;
    t->heap = heap;
    t->options = *options;
    t->kernels = dn_kernels_best();
    t->mean = mean;
    t->std = std;
    t->inverse = 1.0f / std;
    dn_input_table(t->table, t->mean, t->inverse);
    t->steps = options->epochs * ((n + options->batch - 1) / options->batch);
    const int64_t most = n > 0 && n < options->batch ? n : options->batch;
    t->groups = (int)((most + DN_LANES - 1) / DN_LANES);
    status = dn_spec_parse(&t->spec, options->layers, options->shape, classes, error,
                           error_size);
    if (status == DN_OK) status = copy_labels(t, labels, classes);
    if (status == DN_OK) {
        plan(t);
        status = allocate(t);
    }
    if (status == DN_OK) {
        dn_initialise(t);
        dn_pack_weights(t, NULL);
        *out = t;
    } else
        dn_trainer_free(t);
    return status;
}

void dn_trainer_free(dn_trainer *t) {
    if (!t) return;
    const dn_heap heap = t->heap;
    float *vectors[] = {t->w,     t->m,     t->v,      t->average, t->gradient,
                        t->stats, t->zeros, t->logits, t->losses};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
        dn_floats_release(&heap, vectors[i]);
    for (int g = 0; t->group_memory && g < t->groups; g++)
        dn_floats_release(&heap, t->group_memory[g]);
    dn_release(&heap, t->group_memory);
    for (int i = 0; i < DN_MAX_THREADS; i++) {
        dn_floats_release(&heap, t->thread_memory[i]);
        dn_floats_release(&heap, t->teacher_memory[i]);
    }
    for (int i = 0; i < t->spec.n; i++) {
        dn_floats_release(&heap, t->nodes[i].forward);
        dn_floats_release(&heap, t->nodes[i].backward);
        dn_floats_release(&heap, t->nodes[i].dyt);
        dn_floats_release(&heap, t->nodes[i].norm);
        dn_floats_release(&heap, t->nodes[i].sums);
    }
    dn_release(&heap, t->blocks);
    dn_release(&heap, t->hits);
    dn_release(&heap, t->labels);
    dn_release(&heap, t->label_text);
    dn_release(&heap, t);
}

/* --- teachers ----------------------------------------------------------------------------------- */

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
    if (!t->logits) return DN_NOMEM;
    for (int i = 0; i < n; i++) {
        t->teachers[i] = teachers[i];
        dn_pass_plan(&t->passes[i], &teachers[i]->spec);
    }
    t->teacher_count = n;
    t->teacher_memory[0] = dn_floats(&t->heap, teacher_size(t));
    if (t->teacher_memory[0]) return DN_OK;
    t->teacher_count = 0;
    return DN_NOMEM;
}

/* --- what leaves it and comes back ------------------------------------------------------------- */

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
    dn_content content = {&t->spec,   t->labels, t->mean,     t->std,
                          t->average, t->stats,  temperature, t->options.precision};
    return dn_model_encode(bytes, size, &content, &t->heap);
}

static uint64_t state_size(const dn_trainer *t) {
    return STATE_HEADER + 4 * (4 * (uint64_t)t->spec.total + t->spec.stats) + 8;
}

int dn_trainer_state(const dn_trainer *t, void **bytes, size_t *size) {
    const float *vectors[] = {t->w, t->m, t->v, t->average, t->stats};
    const uint64_t n = state_size(t);
    uint8_t *start = dn_new(&t->heap, n, 1), *p = start;
    if (!start) return DN_NOMEM;
    memcpy(p, STATE_MAGIC, 8);
    put64(p + 8, n);
    put64(p + 16, (uint64_t)t->step);
    put64(p + 24, t->spec.total);
    put64(p + 32, t->spec.stats);
    p += STATE_HEADER;
    for (int k = 0; k < 5; k++)
        for (size_t i = 0; i < (k < 4 ? t->spec.total : t->spec.stats); i++, p += 4)
            put_float(p, vectors[k][i]);
    put64(p, dn_checksum(start, (size_t)n - 8));
    *bytes = start;
    *size = (size_t)n;
    return DN_OK;
}

int dn_trainer_resume(dn_trainer *t, const void *bytes, size_t size, char *error,
                      size_t error_size) {
    float *vectors[] = {t->w, t->m, t->v, t->average, t->stats};
    const uint8_t *p = bytes;
    if (size < STATE_HEADER || memcmp(p, STATE_MAGIC, 8) != 0)
        return dn_fail(
            error, error_size,
            "not a training state: %zu bytes that do not begin with '" STATE_MAGIC "'",
            size);
    if (get64(p + 24) != t->spec.total || get64(p + 32) != t->spec.stats)
        return dn_fail(error, error_size, "the training state is of another network");
    if (size != state_size(t) || get64(p + 8) != size ||
        get64(p + size - 8) != dn_checksum(p, size - 8) || get64(p + 16) > MOST_STEPS)
        return dn_fail(error, error_size, "the training state is damaged");
    t->step = (int64_t)get64(p + 16);
    p += STATE_HEADER;
    for (int k = 0; k < 5; k++)
        for (size_t i = 0; i < (k < 4 ? t->spec.total : t->spec.stats); i++, p += 4)
            vectors[k][i] = get_float(p);
    dn_pack_weights(t, NULL);
    return DN_OK;
}

static void pack_task(void *context, int task, int thread) {
    dn_trainer *t = context;
    const dn_node *node = &t->nodes[task / 2];
    const dn_layer *l = node->layer;
    (void)thread;
    if (task % 2 == 0 && node->forward) dn_pack_forward(node->forward, t->w + l->w, l);
    if (task % 2 == 1 && node->backward) dn_pack_backward(node->backward, t->w + l->w, l);
}

void dn_pack_weights(dn_trainer *t, dn_threads *threads) {
    dn_threads_run(threads, DN_MAX_THREADS, pack_task, t, 2 * t->spec.n);
}
