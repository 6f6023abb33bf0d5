/* spec_parts.h - what spec.c, which reads a notation, needs of the layers that it comes
 * to: spec_layers.c.
 *
 *     if (dn_spec_room(spec) == DN_OK) spec->layers[spec->n++] = layer;
 *     dn_spec_place(spec);                       // when all are there */
#ifndef DN_SPEC_PARTS_H
#define DN_SPEC_PARTS_H

#include "spec.h"

/* What joins the paths of a group. */
typedef struct dn_join {
    char sign;
    dn_kind kind;
    dn_activation activation; /* where nothing is said */
} dn_join;

#define DN_JOINS 3
extern const dn_join dn_joins[DN_JOINS];

/* dn_spec_room - for one more layer. DN_OK or DN_NOMEM. */
int dn_spec_room(dn_spec *spec);

/* dn_spec_place - places every layer's numbers in the parameter vector: see spec.h for
 * its three parts. */
void dn_spec_place(dn_spec *spec);

/* dn_layer_parameters - weights and bias of a layer, batch norm's two. */
int64_t dn_layer_parameters(const dn_layer *l);

#endif
