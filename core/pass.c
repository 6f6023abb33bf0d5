/* pass.c - a group of images, or one, on its way through a network: see walk.h. */
#include <string.h>
#include "layers/activation.h"
#include "layers/kind.h"
#include "memory.h"
#include "rng.h"
#include "walk.h"

static dn_view kept(const dn_pass *p, const dn_place *place) {
    return dn_at(&place->maps, p->kept + place->at);
}

dn_view dn_pass_input(const dn_pass *p) { return kept(p, &p->walk->image.y); }

dn_view dn_pass_output(const dn_pass *p) {
    return kept(p, &p->walk->nodes[p->walk->n - 1].y);
}

dn_pass dn_pass_group(const dn_pass *p, int group) {
    dn_pass one = *p;
    one.kept += (ptrdiff_t)p->walk->kept_size * group;
    one.groups = 1;
    return one;
}

/* Maps without margin in one of the two buffers for gradients. */
static dn_view plain_at(const dn_pass *p, dn_shape shape, uint64_t at) {
    const dn_maps maps = dn_maps_batch(shape, NULL);
    return dn_at(&maps, p->work + at);
}

dn_view dn_pass_loss(const dn_pass *p) {
    const dn_walk *w = p->walk;
    const dn_place *dy = &w->nodes[w->n - 1].dy;
    if (dy->maps.size) return kept(p, dy);
    return plain_at(p, w->nodes[w->n - 1].layer->out, w->ping);
}

/* A node's call; its weights are those of the forward pass. */
static dn_call call_of(dn_pass *p, const dn_node *node) {
    const int i = node->number, keeps = p->walk->purpose >= DN_WALK_EXPLAIN;
    dn_call call = {.kernels = p->kernels,
                    .layer = node->layer,
                    .pool = node->pool,
                    .weights = p->weights[i],
                    .bias = p->bias[i],
                    .relu = node->layer->activation == DN_RELU,
                    .work = p->work + p->walk->scratch,
                    .ask = &p->ask,
                    .crew = p->crew,
                    .scratch = p->walk->scratch,
                    .groups = 1};
    if (node->layer->int8) {
        call.int8_kernels = p->int8_kernels;
        call.int8 = &p->int8[i];
        if (node->sources[0] < 0) call.pixels = p->pixels;
    }
    if (keeps) call.argmax = (int32_t *)(void *)(p->kept + node->argmax);
    if (!p->lesson) return call;
    call.noise = rng_key(p->lesson->noise, (uint64_t)i);
    call.group = p->lesson->group;
    return call;
}

/* What node i reads: [layer->froms]. */
static void inputs_of(const dn_pass *p, int i, dn_view *x) {
    for (int k = 0; k < p->walk->nodes[i].layer->froms; k++)
        x[k] = kept(p, dn_walk_source(p->walk, i, k));
}

/* --- forward ------------------------------------------------------------------------ */

static float *norm_row(const dn_pass *p, const dn_node *node, int row) {
    return p->lesson->norms[node->number].rows + row * node->layer->out.c;
}

/* What the group leaves for a barrier: [2][c]. */
static float *norm_total(const dn_pass *p, const dn_node *node) {
    return p->lesson->norms[node->number].sums +
           (ptrdiff_t)p->lesson->group * 2 * node->layer->out.c;
}

/* Values of one image that are next to each other, in groups of 16: as maps of batch
 * layout. */
static dn_view as_lanes(const dn_walk *w, dn_view view) {
    if (w->purpose != DN_WALK_SINGLE) return view;
    view.w *= (int)(view.column / DN_LANES);
    view.c = 1;
    view.channel = 0;
    view.column = DN_LANES;
    return view;
}

/* The curve of a layer: its y from what is in x, which may be y. */
static void node_curve(dn_pass *p, const dn_node *node, const dn_view *x) {
    const dn_layer *l = node->layer;
    const dn_curve curve = {l->activation, l->alpha, l->beta};
    dn_view from = as_lanes(p->walk, *x), to = as_lanes(p->walk, kept(p, &node->y));
    const int64_t cost = (int64_t)dn_activation_cost(l->activation, 0) * DN_LANES * to.w;
    const int channels = to.c, rows = to.h;
    for (int c = 0; c < channels; c++, from.p += from.channel, to.p += to.channel) {
        dn_view x_rows = from, y_rows = to;
        x_rows.c = y_rows.c = 1;
        for (int r = 0; r < rows; r += y_rows.h) {
            y_rows.h = dn_band(&p->ask, 1, cost, rows - r);
            if (!dn_go_on(&p->ask, cost * y_rows.h)) return;
            y_rows.p = to.p + r * to.row;
            x_rows.p = from.p + r * from.row;
            p->kernels->activate(&y_rows, &x_rows, &curve);
        }
    }
}

/* Before a layer runs: the margin around its result, the copy of its input. */
static void node_start(const dn_pass *p, int i) {
    const dn_node *node = &p->walk->nodes[i];
    if (p->walk->shares)
        dn_clear_margin(&node->y.maps, &node->margin, p->kept + node->y.at);
    if (node->x.maps.size) {
        const dn_view from = kept(p, &dn_walk_before(p->walk, i, 0)->y);
        const dn_view to = kept(p, &node->x);
        dn_view_copy(&to, &from);
    }
}

/* All of a layer, of so many groups at once; of a normalised one what comes before the
 * barrier, up to z. */
static void node_run(dn_pass *p, int i, int groups) {
    const dn_node *node = &p->walk->nodes[i];
    const dn_layer_kind *kind = dn_kind_of(node->layer);
    const dn_view y = kept(p, node->z.maps.size ? &node->z : &node->y);
    dn_view x[DN_MAX_FROM];
    dn_call call = call_of(p, node);
    call.x = x;
    call.groups = groups;
    call.apart = (ptrdiff_t)p->walk->kept_size;
    inputs_of(p, i, x);
    if (p->probe) p->probe->see(p->probe->context, node->number, x);
    if (node->norm) {
        call.bias = p->work + p->walk->zeros;
        call.relu = 0;
        call.pool = NULL;
        call.sums = p->work + p->walk->sums;
        memset(call.sums, 0, 2 * DN_LANES * sizeof(float) * (size_t)y.c);
    }
    if (p->walk->purpose == DN_WALK_SINGLE)
        kind->single(&call, &y, x);
    else
        kind->forward(&call, &y, x);
    if (!node->norm) return;
    if (!kind->sums) p->kernels->norm_sums(call.sums, &y);
    p->kernels->norm_total(norm_total(p, node), call.sums, y.c, p->lesson->lanes);
}

static void node_end(dn_pass *p, int i) {
    const dn_node *node = &p->walk->nodes[i];
    const dn_view y = kept(p, node->z.maps.size ? &node->z : &node->y);
    if (!node->norm && node->curved) node_curve(p, node, &y);
}

/* A layer of all groups: one after the other, or together where its kind can. */
static void node_forward(dn_pass *p, int i) {
    float *const first = p->kept;
    const int together = dn_kind_of(p->walk->nodes[i].layer)->together;
    for (int g = 0; g < p->groups; g++) {
        p->kept = first + (ptrdiff_t)p->walk->kept_size * g;
        node_start(p, i);
        if (!together) node_run(p, i, 1);
    }
    p->kept = first;
    if (together) node_run(p, i, p->groups);
    for (int g = 0; g < p->groups; g++) {
        p->kept = first + (ptrdiff_t)p->walk->kept_size * g;
        node_end(p, i);
    }
    p->kept = first;
}

/* The rest of a normalised layer, when mean and variance are known. */
static void node_normalise(dn_pass *p, int i) {
    const dn_kernels *k = p->kernels;
    const dn_node *node = &p->walk->nodes[i];
    const dn_layer *l = node->layer, *pool = node->pool;
    const float *scale = norm_row(p, node, DN_NORM_SCALE);
    const float *shift = norm_row(p, node, DN_NORM_SHIFT);
    const dn_view z = kept(p, &node->z), y = kept(p, &node->y);
    const int relu = l->activation == DN_RELU;
    if (pool)
        k->maxpool_forward(&y, (int32_t *)(void *)(p->kept + node->argmax),
                           (ptrdiff_t)y.h * y.w * DN_LANES, &z, scale, shift, pool->kh,
                           pool->stride, relu);
    else
        k->norm_forward(&y, &z, scale, shift, relu);
    if (node->curved) node_curve(p, node, &y);
}

int dn_pass_forward(dn_pass *p, int at) {
    const dn_walk *w = p->walk;
    for (int g = 0; g < p->groups && at < 0 && w->shares; g++)
        dn_clear_margin(&w->image.y.maps, &w->image.margin,
                        p->kept + (ptrdiff_t)w->kept_size * g + w->image.y.at);
    if (at >= 0) node_normalise(p, at);
    for (int i = at + 1; i < w->n && !p->ask.stopped; i++) {
        node_forward(p, i);
        if (w->nodes[i].norm) return i;
    }
    return p->ask.stopped ? -1 : w->n;
}

/* --- backward ----------------------------------------------------------------------- */

/* dz of a node: its own buffer, or the place of dy. */
static dn_view dz_of(const dn_pass *p, const dn_node *node) {
    return node->dz.maps.size ? dn_at(&node->dz.maps, p->work + node->dz.at) : p->dy;
}

/* Maps first … first+n-1 of a view. */
static dn_view some_maps(const dn_view *view, int first, int n) {
    dn_view some = *view;
    some.p += first * view->channel;
    some.c = n;
    return some;
}

/* dz = dy·f'(u) of some maps, u being what the curve is of: z, or z normalised. dz may
 * take dy's place. */
static void curve_backward(dn_pass *p, const dn_node *node, const dn_view *dz,
                           int first) {
    const dn_layer *l = node->layer;
    const dn_curve curve = {l->activation, l->alpha, l->beta};
    const int64_t cost = (int64_t)dn_activation_cost(l->activation, 1) * DN_LANES *
                         dz->h * dz->w;
    const dn_view all = kept(p, &node->z);
    const float *scale = NULL, *shift = NULL;
    for (int c = 0, n; c < dz->c; c += n) {
        n = dn_band(&p->ask, 1, cost, dz->c - c);
        if (!dn_go_on(&p->ask, cost * n)) return;
        const dn_view to = some_maps(dz, c, n), dy = some_maps(&p->dy, first + c, n),
                      z = some_maps(&all, first + c, n);
        if (node->norm) {
            scale = norm_row(p, node, DN_NORM_SCALE) + first + c;
            shift = norm_row(p, node, DN_NORM_SHIFT) + first + c;
        }
        p->kernels->activate_backward(&to, &dy, &z, scale, shift, &curve);
    }
}

static int32_t *argmax_of(const dn_pass *p, const dn_node *node, int first) {
    const dn_shape out = node->pool->out;
    int32_t *places = (int32_t *)(void *)(p->kept + node->argmax);
    return places + (ptrdiff_t)first * out.h * out.w * DN_LANES;
}

/* How dy reaches what is normalised, for the maps from `first` on. Through a curve it
 * goes before the barrier, and lies in dy's place. */
static dn_gate gate_of(const dn_pass *p, const dn_node *node, int first) {
    dn_gate gate = {.place = NULL};
    if (node->pool) {
        gate.place = argmax_of(p, node, first);
        gate.k = node->pool->kh;
    } else if (node->layer->activation == DN_RELU) {
        gate.scale = norm_row(p, node, DN_NORM_SCALE) + first;
        gate.shift = norm_row(p, node, DN_NORM_SHIFT) + first;
    }
    return gate;
}

/* Of a normalised node what comes before the barrier on the way back: its sums. */
static void backward_sums(dn_pass *p, const dn_node *node) {
    const dn_view z = kept(p, &node->z);
    const dn_gate gate = gate_of(p, node, 0);
    if (node->curved) curve_backward(p, node, &p->dy, 0);
    p->kernels->norm_grad_sums(norm_total(p, node), &p->dy, &z, &gate,
                               norm_row(p, node, DN_NORM_MEAN),
                               norm_row(p, node, DN_NORM_INVERSE), p->lesson->lanes);
}

/* dz of a node's maps from `first` on, from dy: back through pool, activation and
 * normalisation. */
static void backward_maps(dn_pass *p, const dn_node *node, const dn_view *dz, int first) {
    const dn_view dy = some_maps(&p->dy, first, dz->c), all = kept(p, &node->y);
    if (node->norm) {
        const dn_view values = kept(p, &node->z), z = some_maps(&values, first, dz->c);
        const dn_gate gate = gate_of(p, node, first);
        p->kernels->norm_backward(dz, &dy, &z, &gate,
                                  norm_row(p, node, DN_NORM_A) + first,
                                  norm_row(p, node, DN_NORM_B) + first,
                                  norm_row(p, node, DN_NORM_E) + first, p->lesson->lanes);
    } else if (node->pool) {
        dn_layer pool = *node->pool;
        dn_call call = call_of(p, node);
        pool.out.c = dz->c;
        call.layer = &pool;
        call.argmax = argmax_of(p, node, first);
        dn_kind_of(&pool)->backward(&call, dz, &dy);
    } else if (node->curved) {
        curve_backward(p, node, dz, first);
    } else if (node->layer->activation == DN_RELU) {
        const dn_view y = some_maps(&all, first, dz->c);
        p->kernels->relu_backward(dz, &dy, &y);
    } else if (dz->p != dy.p) {
        dn_view_copy(dz, &dy);
    }
}

/* Gradients of weights and bias, from dz of the maps from `first` on: all, or as many as
 * the kind takes at once. */
static void backward_weights(const dn_pass *p, const dn_node *node, const dn_call *call,
                             const dn_view *dz, int first) {
    const dn_layer *l = node->layer;
    const dn_layer_kind *kind = dn_kind_of(l);
    const dn_lesson *lesson = p->lesson;
    if (!node->norm)
        p->kernels->channel_sums(lesson->gradient + l->bias + (size_t)first, dz);
    if (kind->keep_gradient)
        kind->keep_gradient(call,
                            lesson->kept_gradient[node->number] +
                                (ptrdiff_t)lesson->group * DN_LANES * l->ld,
                            dz);
    else if (kind->weight_gradient)
        kind->weight_gradient(
            call, lesson->gradient + l->w + (size_t)first * (size_t)l->columns, dz);
}

/* From dy to dz of a node, and to what is learned from it, some maps after the others. */
typedef struct result_job {
    const dn_pass *p;
    const dn_node *node;
    const dn_call *call;
    dn_view dz;
    int once;      /* maps at a time */
    int one_place; /* all have that of the first, as nobody reads dz after it */
    int learns;
} result_job;

/* Those from map `c` on. */
static void result_maps(dn_pass *p, const result_job *job, const dn_call *call, int c) {
    const int left = job->dz.c - c, n = left < job->once ? left : job->once;
    const dn_view dz = some_maps(&job->dz, job->one_place ? 0 : c, n);
    backward_maps(p, job->node, &dz, c);
    if (job->learns && !p->ask.stopped) backward_weights(p, job->node, call, &dz, c);
}

static void result_piece(void *context, int piece, int thread) {
    const result_job *job = context;
    dn_pass pass = *job->p;
    dn_call call = *job->call;
    dn_member member = {pass.crew->threads, thread};
    pass.ask.watch = (dn_watch){dn_member_stops, &member};
    call.ask = &pass.ask;
    call.work = pass.crew->work[thread] + call.scratch;
    result_maps(&pass, job, &call, piece * job->once);
}

static void backward_result(dn_pass *p, int i, const dn_call *call, const dn_view *dz) {
    const dn_node *node = &p->walk->nodes[i];
    const dn_layer_kind *kind = dn_kind_of(node->layer);
    result_job job = {p, node, call, *dz, dz->c, 0, node->layer->rows && p->lesson};
    if (job.learns && kind->maps_at_once && kind->maps_at_once(node->layer))
        job.once = kind->maps_at_once(node->layer);
    if (job.once < dz->c && dn_crew_has_idle(p->crew)) {
        dn_crew_share(p->crew, result_piece, &job, (dz->c + job.once - 1) / job.once);
        return;
    }
    job.one_place = !dn_walk_gives(p->walk, i) && dz->p != p->dy.p;
    for (int c = 0; c < dz->c && !p->ask.stopped; c += job.once)
        result_maps(p, &job, call, c);
}

/* Explaining has one dz for all, which begins as zeros. */
static void clear_dz(dn_pass *p, const dn_node *node) {
    if (p->walk->purpose == DN_WALK_EXPLAIN && node->dz.maps.size &&
        dn_zero(p->work + node->dz.at, (uint64_t)node->dz.maps.size, &p->ask.watch) !=
            DN_OK)
        p->ask.stopped = 1;
}

/* A layer's weights for the way back. */
static const float *weights_back(const dn_pass *p, const dn_node *node) {
    const dn_layer_kind *kind = dn_kind_of(node->layer);
    if (!kind->packed_size) return p->weights[node->number];
    if (p->backward) return p->backward[node->number];
    float *raw = p->work + p->walk->raw, *packed = p->work + p->walk->packed;
    kind->unpack_forward(raw, p->weights[node->number], node->layer);
    kind->pack_backward(packed, raw, node->layer);
    return packed;
}

/* The gradient of input k of a node, from dz: in a buffer for the node that comes next on
 * the way back, which is returned, or where it waits for its other readers' shares. */
static dn_view input_backward(dn_pass *p, int i, dn_call *call, int k,
                              const dn_view *dz) {
    const dn_walk *w = p->walk;
    const dn_node *node = &w->nodes[i], *before = dn_walk_before(w, i, k);
    const dn_layer_kind *kind = dn_kind_of(node->layer);
    const dn_shape shape = {call->x[k].h, call->x[k].w, call->x[k].c};
    const dn_view free =
        plain_at(p, shape, p->dy.p == p->work + w->ping ? w->pong : w->ping);
    const int adds = node->adds >> k & 1;
    dn_view dx = node->in_place ? *dz : free;
    if (before->dy.maps.size) dx = kept(p, &before->dy);
    call->from = k;
    call->adds = adds && kind->join;
    if (adds && !kind->join) {
        kind->backward(call, &free, dz);
        p->kernels->sum(&dx, &dx, &free, 0);
    } else {
        kind->backward(call, &dx, dz);
    }
    return dx;
}

/* All that a node's dy comes to; then dy is the gradient of the input that comes next, if
 * it is chained. */
static void node_backward(dn_pass *p, int i) {
    const dn_node *node = &p->walk->nodes[i];
    const dn_layer *l = node->layer;
    const dn_view dz = dz_of(p, node);
    dn_view x[DN_MAX_FROM], next = p->dy;
    dn_call call = call_of(p, node);
    inputs_of(p, i, x);
    call.x = x;
    clear_dz(p, node);
    backward_result(p, i, &call, &dz);
    if (!dn_walk_gives(p->walk, i)) return;
    call.weights = weights_back(p, node);
    call.bias = p->work + p->walk->zeros;
    for (int k = 0; k < l->froms; k++) {
        const dn_node *before = dn_walk_before(p->walk, i, k);
        if (!before->learns) continue;
        const dn_view dx = input_backward(p, i, &call, k, &dz);
        if (before->chained) next = dx;
    }
    p->dy = next;
}

void dn_pass_backward(dn_pass *p, int at) {
    const dn_walk *w = p->walk;
    if (at == w->n) p->dy = dn_pass_loss(p);
    for (int i = at < w->n ? at : at - 1; i >= 0 && !p->ask.stopped; i--) {
        const dn_node *node = &w->nodes[i];
        if (!node->learns) continue;
        if (node->dy.maps.size) p->dy = kept(p, &node->dy);
        if (node->norm && i != at) {
            backward_sums(p, node);
            return;
        }
        node_backward(p, i);
    }
    if (w->image.learns && !w->image.chained) p->dy = kept(p, &w->image.dy);
}
