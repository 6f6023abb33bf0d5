/* names.h - numbers by name: which tensor or constant of an ONNX graph is called so.
 *
 *     onnx_names names;
 *     int status = dn_onnx_names_new(&names, 100, &heap);         // room for 100 of them
 *     dn_onnx_names_put(&names, name, 7);
 *     int i = dn_onnx_names_find(&names, name);             // 7; −1 if none is called so
 *     dn_onnx_names_free(&names);
 *
 * They lie sorted, so a hostile file cannot make one look-up look at more than a few
 * names, as it could with a hash that it knows. Names that are not of the same size are
 * not compared byte by byte. */
#ifndef DN_ONNX_NAMES_H
#define DN_ONNX_NAMES_H

#include "protobuf.h"

typedef struct onnx_name {
    pb_bytes name; /* someone else's bytes */
    int number;
} onnx_name;

typedef struct onnx_names {
    dn_heap heap;
    onnx_name *list; /* [n], sorted; there is room for as many as were asked for */
    int n;
} onnx_names;

/* dn_onnx_names_new - none yet. DN_OK or DN_NOMEM; free them after either. */
int dn_onnx_names_new(onnx_names *names, uint64_t room, const dn_heap *heap);
void dn_onnx_names_free(onnx_names *names);

/* dn_onnx_names_put - from now on the name means this number: a later one counts. */
void dn_onnx_names_put(onnx_names *names, pb_bytes name, int number);

/* dn_onnx_names_find - the number, or −1. */
int dn_onnx_names_find(const onnx_names *names, pb_bytes name);

#endif
