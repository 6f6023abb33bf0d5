/* external.c - whether the data that was given is the file that was written with an ONNX
 * file: see dn_onnx_data_check in onnx.h. */
#include "message.h"

/* Alignment of tensors: no exporter's is larger. */
#define MOST_PADDING 65536

/* What the tensors say of the file that has their numbers. */
typedef struct beside {
    const onnx_file *file;
    pb_bytes location;
    int n;       /* tensors in it */
    int unknown; /* one of them has an unknown type, so an unknown end */
    size_t end;  /* of the last one's bytes */
} beside;

static int add(beside *b, const onnx_tensor *t) {
    const onnx_file *file = b->file;
    if (!t->external) return DN_OK;
    if (b->n++ && !dn_pb_same(b->location, t->location))
        return dn_fail(file->error, file->error_size,
                       "its tensors are in several files, '%s', '%s'; expected one: "
                       "onnx.save(model, 'one.onnx') writes all into the ONNX file",
                       dn_onnx_text(b->location).text, dn_onnx_text(t->location).text);
    b->location = t->location;
    if (!t->raw.p) {
        b->unknown = 1;
        return DN_OK;
    }
    const size_t end = (size_t)(t->raw.p - file->data.p) + t->raw.size;
    if (end > b->end) b->end = end;
    return DN_OK;
}

/* The tensors that are attributes. One that cannot be read is an error where it is
 * used. */
static int add_attributes(beside *b) {
    onnx_node node;
    onnx_tensor tensor;
    int status = DN_OK;
    for (int i = 0; i < b->file->n_nodes && status == DN_OK; i++) {
        status = dn_onnx_node_at(&node, b->file, i);
        for (int k = 0; status == DN_OK && k < node.n_attributes; k++)
            if (node.attributes[k].t.p &&
                dn_onnx_tensor_at(&tensor, b->file, node.attributes[k].t) == DN_OK)
                status = add(b, &tensor);
    }
    return status;
}

/* Whether bytes from end on are more than what fills a file up. */
static int is_more(pb_bytes data, size_t end) {
    size_t i = end;
    if (data.size - end >= MOST_PADDING) return 1;
    while (i < data.size && data.p[i] == 0) i++;
    return i < data.size;
}

int dn_onnx_data_check(const onnx_file *file) {
    beside b = {.file = file};
    int status = DN_OK;
    if (!file->data.p) return DN_OK;
    for (int i = 0; i < file->n_tensors && status == DN_OK; i++)
        status = add(&b, &file->tensors[i]);
    if (status == DN_OK) status = add_attributes(&b);
    if (status != DN_OK) return status;
    if (!b.n)
        return dn_fail(file->error, file->error_size,
                       "%zu bytes of data were given, but the ONNX file has all its "
                       "tensors within; leave data out",
                       file->data.size);
    if (b.unknown || !is_more(file->data, b.end)) return DN_OK;
    return dn_fail(file->error, file->error_size,
                   "the tensors are in the first %zu bytes of the data, and %zu were "
                   "given: is it the file '%s' that was written with this one? If "
                   "several share it, give substr(data, 1, %zu)",
                   b.end, file->data.size, dn_onnx_text(b.location).text, b.end);
}
