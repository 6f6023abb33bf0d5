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

const dn_place *dn_walk_source(const dn_walk *w, int i) {
    const int source = w->nodes[i].source;
    return source < 0 ? &w->input : &w->nodes[source].y;
}

static int goes_back(const dn_walk *w) {
    return w->purpose == DN_WALK_EXPLAIN || w->purpose == DN_WALK_TRAIN;
}

/* find_nodes - which layers do something, which are computed together, and what each
 * reads:
 * so far a chain. */
static void find_nodes(dn_walk *w, const dn_spec *spec) {
    const int trains = w->purpose == DN_WALK_TRAIN;
    const int fuse = trains || w->purpose == DN_WALK_BATCH;
    w->last = trains ? spec->n - 1 : 0;
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        const dn_layer_kind *kind = dn_kind_of(l);
        if (kind->trains_only && !trains) continue;
        dn_node *node = &w->nodes[w->n];
        *node = (dn_node){.layer = l,
                          .number = i,
                          .source = w->n - 1,
                          .norm = trains && l->norm,
                          .curved = l->activation > DN_RELU};
        if (fuse && kind->fuses && i + 1 < spec->n && kind->fuses(l, l + 1))
            node->pool = &spec->layers[++i];
        if (l->rows && w->n < w->last) w->last = w->n;
        w->n++;
    }
}

/* The layer that reads what node i writes (−1: the image): not one that works in place.
 * NULL after the last. */
static const dn_layer *reader_of(const dn_walk *w, int i) {
    for (i++; i < w->n; i++)
        if (!dn_kind_of(w->nodes[i].layer)->trains_only) return w->nodes[i].layer;
    return NULL;
}

/* Maps between layers. In single layout a column is as many channels as vectors need;
 * those of the image lie as they come. */
static dn_place claim_result(dn_walk *w, dn_shape shape, int i) {
    const dn_layer *reader = reader_of(w, i);
    if (w->purpose != DN_WALK_SINGLE)
        return claim_maps(&w->kept_size, dn_maps_batch(shape, reader));
    const int column = i < 0 ? shape.c : (int)round16((uint64_t)shape.c);
    dn_maps maps = dn_maps_single(shape, reader, column);
    maps.size += 16; /* pooling one channel reads whole vectors */
    return claim_maps(&w->kept_size, maps);
}

static void place_node(dn_walk *w, int i) {
    dn_node *node = &w->nodes[i];
    const dn_layer *l = node->layer, *end = node->pool ? node->pool : l;
    const dn_layer_kind *kind = dn_kind_of(l);
    if (kind->trains_only) {
        node->y = *dn_walk_source(w, i);
        return;
    }
    node->y = claim_result(w, end->out, i);
    if (!goes_back(w)) return;
    const dn_maps plain = dn_maps_batch(end->out, NULL);
    if (dn_kind_of(end)->leaves_argmax) node->argmax = claim(&w->kept_size, plain.size);
    if (kind->gradient || node->norm) {
        /* Until the sums of all groups are known, a normalised layer's gradient waits. */
        uint64_t *arena = node->norm ? &w->kept_size : &w->work_size;
        node->dz.maps = kind->gradient ? kind->gradient(l) : dn_maps_batch(l->out, NULL);
        if (w->purpose == DN_WALK_TRAIN) node->dz.at = claim(arena, node->dz.maps.size);
    }
    if (node->norm || node->curved)
        node->z = claim_maps(&w->kept_size, dn_maps_batch(l->out, NULL));
}

/* What one node at a time needs on the way back, for the largest. Explaining has a single
 * dz for all, which is cleared for each. */
static void place_backward(dn_walk *w, dn_shape image) {
    uint64_t maps = dn_maps_batch(image, NULL).size, channels = 0, dz = 0, packed = 0;
    for (int i = 0; i < w->n; i++) {
        const dn_layer *l = w->nodes[i].layer;
        const dn_layer_kind *kind = dn_kind_of(l);
        at_least(&maps, dn_maps_batch(l->out, NULL).size);
        at_least(&channels, (uint64_t)(l->in.c > l->out.c ? l->in.c : l->out.c));
        if (w->purpose == DN_WALK_TRAIN) continue;
        at_least(&dz, w->nodes[i].dz.maps.size);
        if (kind->packed_size) at_least(&packed, kind->packed_size(l));
    }
    w->ping = claim(&w->work_size, maps);
    w->pong = claim(&w->work_size, maps);
    w->zeros = claim(&w->work_size, channels);
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

void dn_walk_plan(dn_walk *w, const dn_spec *spec, dn_purpose purpose) {
    uint64_t work = 0;
    memset(w, 0, sizeof *w);
    w->purpose = purpose;
    find_nodes(w, spec);
    w->input = claim_result(w, spec->shape, -1);
    for (int i = 0; i < w->n; i++) {
        place_node(w, i);
        at_least(&work, node_work(w, &w->nodes[i]));
    }
    if (goes_back(w)) place_backward(w, spec->shape);
    w->scratch = claim(&w->work_size, work);
}
