/* spec_layers.c - the layers of a network: room for them, where their numbers lie, how
 * they are printed. See spec.h, spec_parts.h. */
#include <stdio.h>
#include <string.h>
#include "layers/activation.h"
#include "layers/kind.h"
#include "memory.h"
#include "spec_parts.h"

const dn_join dn_joins[DN_JOINS] = {
    {'+', DN_ADD, DN_RELU}, {'&', DN_CONCAT, DN_LINEAR}, {'*', DN_MUL, DN_LINEAR}};

int dn_spec_room(dn_spec *spec) {
    if (spec->n < spec->room) return DN_OK;
    const int room = 2 * spec->room + 8;
    dn_layer *more = dn_new(&spec->heap, (uint64_t)room, sizeof *more);
    if (!more) return DN_NOMEM;
    if (spec->n > 0) memcpy(more, spec->layers, (size_t)spec->n * sizeof *more);
    dn_release(&spec->heap, spec->layers);
    spec->layers = more;
    spec->room = room;
    return DN_OK;
}

void dn_spec_clear(dn_spec *spec) {
    const dn_heap heap = spec->heap;
    dn_release(&heap, spec->layers);
    dn_release(&heap, spec->text);
    memset(spec, 0, sizeof *spec);
}

void dn_spec_place(dn_spec *spec) {
    size_t conv = 0, other = 0, dense = 0;
    for (int i = 0; i < spec->n; i++) {
        dn_layer *l = &spec->layers[i];
        const size_t out = (size_t)l->out.c;
        size_t *part = dn_kind_of(l)->batch_gradient ? &dense : &conv;
        if (!l->rows) continue;
        l->w = *part;
        if (!l->unit) *part += (size_t)l->rows * (size_t)l->ld;
        l->bias = other;
        other += out;
        if (!l->norm) continue;
        l->gamma = other;
        other += out;
        l->stat = spec->stats;
        spec->stats += 2 * out;
    }
    for (int i = 0; i < spec->n; i++) {
        dn_layer *l = &spec->layers[i];
        l->bias += conv;
        l->gamma += conv;
        if (dn_kind_of(l)->batch_gradient) l->w += conv + other;
    }
    spec->conv = conv;
    spec->small = conv + other;
    spec->total = conv + other + dense;
}

int64_t dn_layer_parameters(const dn_layer *l) {
    if (!l->rows) return 0;
    const int64_t weights = l->unit ? 0 : (int64_t)l->rows * l->columns;
    return weights + (int64_t)l->out.c * (1 + l->norm);
}

void dn_layer_print(char *text, size_t size, const dn_layer *l, int i) {
    char activation[DN_ACTIVATION_TEXT];
    size_t n = (size_t)snprintf(text, size, "%s", i > 0 ? "-" : "");
    if (dn_kind_of(l)->parse) {
        if (l->from[0] != i - 1)
            n += (size_t)snprintf(text + n, size - n, "@%d-", l->from[0] + 1);
        dn_kind_of(l)->print(text + n, size - n, l);
        return;
    }
    for (int k = 0; k < l->froms; k++)
        n += (size_t)snprintf(text + n, size - n, "%c@%d", k ? '|' : '(', l->from[k] + 1);
    for (size_t k = 0; k < DN_JOINS; k++) {
        if (dn_joins[k].kind != l->kind) continue;
        dn_print_activation(activation, l, dn_joins[k].activation);
        snprintf(text + n, size - n, ")%c%s", dn_joins[k].sign, activation);
    }
}
