/* kind.c - the table of the kinds of layers: see kind.h. */
#include "kind.h"

#define ENTRY(number, name) [number] = &name,
const dn_layer_kind *const dn_layer_kinds[DN_KINDS] = {DN_LAYER_KINDS(ENTRY)};
