/* walk.c - where everything lies on the way through a network: see walk.h. */
#include <string.h>
#include "layers/kind.h"
#include "memory.h"
#include "walk.h"

static uint64_t claim(uint64_t *arena, uint64_t n) {
    const uint64_t at = *arena;
    *arena += round16(n);
    return at;
}

static dn_place claim_maps(uint64_t *arena, dn_maps maps) {
    return (dn_place){claim(arena, maps.size), maps};
}

static void at_least(uint64_t *most, uint64_t n) {
    if (n > *most) *most = n;
}

/* The node of a number; −1: the image. */
static dn_node *node_at(dn_walk *w, int i) { return i < 0 ? &w->image : &w->nodes[i]; }

const dn_node *dn_walk_before(const dn_walk *w, int i, int k) {
    const int source = w->nodes[i].sources[k];
    return source < 0 ? &w->image : &w->nodes[source];
}

const dn_place *dn_walk_source(const dn_walk *w, int i, int k) {
    if (w->nodes[i].x.maps.size) return &w->nodes[i].x;
    return &dn_walk_before(w, i, k)->y;
}

int dn_walk_gives(const dn_walk *w, int i) {
    int gives = 0;
    for (int k = 0; k < w->nodes[i].layer->froms; k++)
        gives |= dn_walk_before(w, i, k)->learns;
    return gives;
}

static int goes_back(const dn_walk *w) {
    return w->purpose == DN_WALK_EXPLAIN || w->purpose == DN_WALK_TRAIN;
}

/* --- nodes -------------------------------------------------------------------------- */

/* find_nodes - which layers do something, which are computed together, and what each
 * reads. */
static void find_nodes(dn_walk *w, const dn_spec *spec) {
    const int trains = w->purpose == DN_WALK_TRAIN;
    const int fuse = trains || w->purpose == DN_WALK_BATCH;
    int readers[DN_MAX_LAYERS + 1] = {0}, node_of[DN_MAX_LAYERS + 1];
    for (int i = 0; i < spec->n; i++)
        for (int k = 0; k < spec->layers[i].froms; k++)
            if (spec->layers[i].from[k] >= 0) readers[spec->layers[i].from[k]]++;
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        const dn_layer_kind *kind = dn_kind_of(l);
        dn_node *node = &w->nodes[w->n]; /* never more than layers */
        *node = (dn_node){.layer = l,
                          .number = i,
                          .norm = trains && l->norm,
                          .curved = l->activation > DN_RELU};
        for (int k = 0; k < l->froms; k++)
            node->sources[k] = l->from[k] < 0 ? -1 : node_of[l->from[k]];
        node_of[i] = node->sources[0];
        if (kind->trains_only && !trains) continue;
        node_of[i] = w->n++;
        if (fuse && kind->fuses && i + 1 < spec->n && readers[i] == 1 &&
            l[1].from[0] == i && kind->fuses(l, l + 1)) {
            node->pool = &spec->layers[++i];
            node_of[i] = node_of[i - 1];
        }
    }
}

/* count_readers - what stands in the nodes because of those that read them. From the last
 * to the first: a node in place reads for those that read it. */
static void count_readers(dn_walk *w) {
    int readers[DN_MAX_LAYERS + 2] = {0}; /* of the image, of node 0, … */
    for (int i = 0; i < w->n; i++)
        for (int k = 0; k < w->nodes[i].layer->froms; k++)
            readers[w->nodes[i].sources[k] + 1]++;
    for (int i = w->n - 1; i >= 0; i--) {
        dn_node *node = &w->nodes[i];
        dn_node *first = node_at(w, node->sources[0]);
        node->in_place = dn_kind_of(node->layer)->trains_only &&
                         readers[node->sources[0] + 1] == 1;
        if (node->in_place) dn_margin_join(&first->margin, &node->margin);
        for (int k = 0; k < node->layer->froms; k++) {
            const int source = node->sources[k];
            dn_node *before = node_at(w, source);
            dn_margin_add(&before->margin, node->layer);
            if (i > before->until) before->until = i;
            before->chained = readers[source + 1] == 1 && source == i - 1;
        }
    }
}

/* find_learning - whose gradients are wanted: those of layers with numbers, and of what
 * stands behind such; explaining, all. Which of a node's readers is the first to give it
 * its share: the last one. */
static void find_learning(dn_walk *w) {
    char given[DN_MAX_LAYERS + 2] = {0};
    w->image.learns = w->purpose == DN_WALK_EXPLAIN;
    for (int i = 0; i < w->n; i++)
        w->nodes[i].learns = w->nodes[i].layer->rows > 0 || dn_walk_gives(w, i);
    for (int i = w->n - 1; i >= 0; i--) {
        dn_node *node = &w->nodes[i];
        for (int k = 0; k < node->layer->froms; k++) {
            char *there = &given[node->sources[k] + 1];
            node->adds |= *there << k;
            *there = 1;
        }
    }
}

/* Buffers share places from so many floats on: 2 MiB. */
#define SHARE_FROM ((uint64_t)1 << 19)

/* --- places ------------------------------------------------------------------------- */

static int overlap(const dn_place *a, uint64_t at, uint64_t size) {
    return at < a->at + round16(a->maps.size) && a->at < at + size;
}

/* A place for maps that node `now` writes: behind all others, or where none of the nodes
 * before `others` has a buffer that it, or one after it, reads. */
static dn_place claim_kept(dn_walk *w, dn_maps maps, int now, int others) {
    if (!w->shares) return claim_maps(&w->kept_size, maps);
    const uint64_t size = round16(maps.size);
    uint64_t at = 0;
    for (int i = -1; i < others; i++) {
        const dn_node *node = node_at(w, i);
        if (node->until < now || !overlap(&node->y, at, size)) continue;
        at = node->y.at + round16(node->y.maps.size);
        i = -2; /* look at all of them again */
    }
    at_least(&w->kept_size, at + size);
    return (dn_place){at, maps};
}

/* Maps between layers. In single layout a column is as many channels as vectors need;
 * those of the image lie as they come. */
static dn_place claim_result(dn_walk *w, dn_shape shape, const dn_node *node, int now) {
    if (w->purpose != DN_WALK_SINGLE)
        return claim_kept(w, dn_maps_around(shape, &node->margin, 0), now, now);
    const int column = node == &w->image ? shape.c : (int)round16((uint64_t)shape.c);
    dn_maps maps = dn_maps_around(shape, &node->margin, column);
    maps.size += 16; /* pooling one channel reads whole vectors */
    return claim_kept(w, maps, now, now);
}

/* Kernels of fully connected layers read a vector of 16 images, without a margin. */
static void place_input(dn_walk *w, int i) {
    dn_node *node = &w->nodes[i];
    const dn_node *before = dn_walk_before(w, i, 0);
    if (w->purpose == DN_WALK_SINGLE || dn_margin_is_none(&before->margin) ||
        dn_kind_of(node->layer)->reads != DN_READS_VECTOR)
        return;
    node->x = claim_kept(w, dn_maps_batch(node->layer->in, NULL), i, i + 1);
}

static void place_node(dn_walk *w, int i) {
    dn_node *node = &w->nodes[i];
    const dn_layer *l = node->layer, *end = node->pool ? node->pool : l;
    const dn_layer_kind *kind = dn_kind_of(l);
    if (node->in_place) {
        node->y = *dn_walk_source(w, i, 0);
        return;
    }
    node->y = claim_result(w, end->out, node, i);
    place_input(w, i);
    if (!goes_back(w)) return;
    const dn_maps plain = dn_maps_batch(end->out, NULL);
    if (dn_kind_of(end)->leaves_argmax) node->argmax = claim(&w->kept_size, plain.size);
    if (kind->gradient || node->norm) {
        node->dz.maps = kind->gradient ? kind->gradient(l) : dn_maps_batch(l->out, NULL);
        if (w->purpose == DN_WALK_TRAIN)
            node->dz.at = claim(&w->work_size, node->dz.maps.size);
    }
    if (node->norm || node->curved)
        node->z = claim_maps(&w->kept_size, dn_maps_batch(l->out, NULL));
}

/* A gradient that is not the next node's to take waits for its readers, at barriers too;
 * and a normalised layer's until the sums of all groups are known. */
static void place_gradient(dn_walk *w, dn_node *node, dn_shape shape) {
    if (node->learns && (!node->chained || node->norm))
        node->dy = claim_maps(&w->kept_size, dn_maps_batch(shape, NULL));
}

/* What one node at a time needs on the way back, for the largest. Explaining has a single
 * dz for all, which is cleared for each. */
static void place_backward(dn_walk *w, dn_shape image) {
    uint64_t maps = dn_maps_batch(image, NULL).size, channels = 0, dz = 0, packed = 0,
             normalised = 0;
    find_learning(w);
    place_gradient(w, &w->image, image);
    for (int i = 0; i < w->n; i++) {
        const dn_layer *l = w->nodes[i].layer, *pool = w->nodes[i].pool;
        const dn_layer_kind *kind = dn_kind_of(l);
        place_gradient(w, &w->nodes[i], pool ? pool->out : l->out);
        at_least(&maps, dn_maps_batch(l->out, NULL).size);
        at_least(&channels, (uint64_t)(l->in.c > l->out.c ? l->in.c : l->out.c));
        if (w->nodes[i].norm) at_least(&normalised, (uint64_t)l->out.c);
        if (w->purpose == DN_WALK_TRAIN) continue;
        at_least(&dz, w->nodes[i].dz.maps.size);
        if (kind->packed_size) at_least(&packed, kind->packed_size(l));
    }
    w->ping = claim(&w->work_size, maps);
    w->pong = claim(&w->work_size, maps);
    w->zeros = claim(&w->work_size, channels);
    w->sums = claim(&w->work_size, 2 * DN_LANES * normalised);
    w->raw = claim(&w->work_size, packed);
    w->packed = claim(&w->work_size, packed);
    const uint64_t at = claim(&w->work_size, dz);
    for (int i = 0; i < w->n && dz; i++) w->nodes[i].dz.at = at;
}

static uint64_t node_work(const dn_walk *w, const dn_node *node) {
    const dn_layer_kind *kind = dn_kind_of(node->layer);
    if (w->purpose == DN_WALK_SINGLE)
        return kind->single_work ? kind->single_work(node->layer) : 0;
    return kind->work_size ? kind->work_size(node->layer, node->pool) : 0;
}

static void place_all(dn_walk *w, const dn_spec *spec) {
    w->kept_size = 0;
    w->image.y = claim_result(w, spec->shape, &w->image, -1);
    for (int i = 0; i < w->n; i++) place_node(w, i);
}

void dn_walk_clear(dn_walk *w) {
    const dn_heap heap = w->heap;
    if (w->nodes) dn_release(&heap, w->nodes);
    memset(w, 0, sizeof *w);
}

int dn_walk_plan(dn_walk *w, const dn_spec *spec, dn_purpose purpose) {
    uint64_t work = 0;
    memset(w, 0, sizeof *w);
    w->purpose = purpose;
    w->heap = spec->heap;
    w->nodes = dn_new(&w->heap, (uint64_t)spec->n, sizeof *w->nodes);
    if (!w->nodes) return DN_NOMEM;
    find_nodes(w, spec);
    count_readers(w);
    w->nodes[w->n - 1].chained = 1; /* the loss gives it */
    w->nodes[w->n - 1].until = w->n;
    place_all(w, spec);
    /* What fits the cache is left in places of its own, whose margins stay zero. */
    w->shares = !goes_back(w) && w->kept_size > SHARE_FROM;
    if (w->shares) place_all(w, spec);
    for (int i = 0; i < w->n; i++) at_least(&work, node_work(w, &w->nodes[i]));
    if (goes_back(w)) place_backward(w, spec->shape);
    w->scratch = claim(&w->work_size, work);
    return DN_OK;
}
