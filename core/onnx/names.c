/* names.c - numbers by name: see names.h. */
#include <string.h>
#include "../memory.h"
#include "names.h"

int dn_onnx_names_new(onnx_names *names, uint64_t room, const dn_heap *heap) {
    *names = (onnx_names){*heap, dn_new(heap, room, sizeof *names->list), 0};
    return names->list ? DN_OK : DN_NOMEM;
}

void dn_onnx_names_free(onnx_names *names) { dn_release(&names->heap, names->list); }

static int compare(pb_bytes a, pb_bytes b) {
    if (a.size != b.size) return a.size < b.size ? -1 : 1;
    return a.size ? memcmp(a.p, b.p, a.size) : 0;
}

/* The place of the first name that is not before this one. */
static int place(const onnx_names *names, pb_bytes name) {
    int low = 0, high = names->n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (compare(names->list[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int is_at(const onnx_names *names, int i, pb_bytes name) {
    return i < names->n && dn_pb_same(names->list[i].name, name);
}

void dn_onnx_names_put(onnx_names *names, pb_bytes name, int number) {
    const int i = place(names, name);
    onnx_name *at = names->list + i;
    if (!is_at(names, i, name)) {
        memmove(at + 1, at, (size_t)(names->n - i) * sizeof *at);
        names->n++;
    }
    *at = (onnx_name){name, number};
}

int dn_onnx_names_find(const onnx_names *names, pb_bytes name) {
    const int i = place(names, name);
    return is_at(names, i, name) ? names->list[i].number : -1;
}
