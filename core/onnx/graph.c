/* graph.c - an ONNX file, taken apart: see onnx.h. */
#include "../bytes.h"
#include "../memory.h"
#include "../error.h"
#include "message.h"

/* --- nodes -------------------------------------------------------------------------- */

/* Of a list that is too long the first numbers, and that there are more: what reads it
 * refuses it, and what does not need not know. */
static int attribute_ints(message *m, onnx_attribute *a) {
    pb_numbers numbers = dn_pb_numbers(&m->field, PB_VARINT);
    uint64_t value;
    int more;
    while ((more = dn_pb_number(&numbers, &value)) > 0) {
        if (!dn_onnx_worked(m->file->work, 1)) return DN_ERROR;
        if (a->n_ints < ONNX_MAX_RANK)
            a->ints[a->n_ints++] = (int64_t)value;
        else
            a->long_list = 1;
    }
    return more < 0 ? dn_message_damaged(m, "no list of integers") : DN_OK;
}

static int attribute_field(message *m, onnx_attribute *a) {
    int64_t type = 0;
    uint32_t bits;
    float value;
    int status = DN_OK;
    switch (m->field.number) {
    case ATTRIBUTE_NAME: return dn_message_bytes(m, &a->name);
    case ATTRIBUTE_F:
        if (m->field.wire != PB_FIXED32) return dn_message_damaged(m, "no float");
        bits = (uint32_t)m->field.value;
        memcpy(&value, &bits, sizeof value);
        a->f = (double)value;
        a->holds = TYPE_F;
        return DN_OK;
    case ATTRIBUTE_I: a->holds = TYPE_I; return dn_message_int(m, &a->i);
    case ATTRIBUTE_S: a->holds = TYPE_S; return dn_message_bytes(m, &a->s);
    case ATTRIBUTE_T: a->holds = TYPE_T; return dn_message_bytes(m, &a->t);
    case ATTRIBUTE_INTS: a->holds = TYPE_INTS; return attribute_ints(m, a);
    case ATTRIBUTE_TYPE:
        status = dn_message_int(m, &type);
        a->type = type > 0 && type < 100 ? (int)type : 0;
        return status;
    default: return DN_OK;
    }
}

static int node_attribute(const onnx_file *file, onnx_attribute *a, pb_bytes bytes) {
    message m = dn_message(file, "AttributeProto", bytes);
    int more, status = DN_OK;
    memset(a, 0, sizeof *a);
    while (status == DN_OK && (more = dn_message_next(&m)) != 0)
        status = more < 0 ? DN_ERROR : attribute_field(&m, a);
    if (!a->type) a->type = a->holds; /* version 1 of the format does not say */
    return status;
}

static int node_field(message *m, onnx_node *node) {
    pb_bytes bytes;
    int status = DN_OK;
    switch (m->field.number) {
    case NODE_NAME: return dn_message_bytes(m, &node->name);
    case NODE_OP_TYPE: return dn_message_bytes(m, &node->op);
    case NODE_DOMAIN: return dn_message_bytes(m, &node->domain);
    case NODE_INPUT:
        status = dn_message_count(m, &node->n_inputs, ONNX_MAX_INPUTS, "inputs");
        return status == DN_OK ? dn_message_bytes(m, &node->inputs[node->n_inputs - 1])
                               : status;
    case NODE_OUTPUT:
        status = dn_message_count(m, &node->n_outputs, ONNX_MAX_OUTPUTS, "outputs");
        return status == DN_OK ? dn_message_bytes(m, &node->outputs[node->n_outputs - 1])
                               : status;
    case NODE_ATTRIBUTE:
        status =
            dn_message_count(m, &node->n_attributes, ONNX_MAX_ATTRIBUTES, "attributes");
        if (status == DN_OK) status = dn_message_bytes(m, &bytes);
        return status == DN_OK
                   ? node_attribute(m->file, &node->attributes[node->n_attributes - 1],
                                    bytes)
                   : status;
    default: return DN_OK;
    }
}

int dn_onnx_node_at(onnx_node *out, const onnx_file *file, int i) {
    message m = dn_message(file, "NodeProto", file->nodes[i]);
    int more, status = DN_OK;
    memset(out, 0, sizeof *out);
    out->number = i + 1;
    while (status == DN_OK && (more = dn_message_next(&m)) != 0)
        status = more < 0 ? DN_ERROR : node_field(&m, out);
    return status;
}

/* --- inputs and outputs ------------------------------------------------------------- */

/* The bytes of field `number` of a message, the last if there are several; p NULL:
 * none. */
static int inner(const onnx_file *file, const char *name, pb_bytes bytes, uint32_t number,
                 pb_bytes *out) {
    message m = dn_message(file, name, bytes);
    int more, status = DN_OK;
    *out = (pb_bytes){NULL, 0};
    while (status == DN_OK && (more = dn_message_next(&m)) != 0)
        if (more < 0)
            status = DN_ERROR;
        else if (m.field.number == number)
            status = dn_message_bytes(&m, out);
    return status;
}

/* A Dimension's number, or ONNX_UNKNOWN. */
static int read_dimension(const onnx_file *file, pb_bytes bytes, int64_t *out) {
    message m = dn_message(file, "Dimension", bytes);
    int more, status = DN_OK;
    *out = ONNX_UNKNOWN;
    while (status == DN_OK && (more = dn_message_next(&m)) != 0)
        if (more < 0)
            status = DN_ERROR;
        else if (m.field.number == DIM_VALUE)
            status = dn_message_int(&m, out);
        else if (m.field.number == DIM_PARAM)
            *out = ONNX_UNKNOWN;
    if (*out < 1 || *out > ONNX_MAX_DIM) *out = ONNX_UNKNOWN;
    return status;
}

static int read_shape(const onnx_file *file, pb_bytes bytes, onnx_input *input) {
    message m = dn_message(file, "TensorShapeProto", bytes);
    pb_bytes dim;
    int more, status = DN_OK;
    input->rank = 0;
    while (status == DN_OK && (more = dn_message_next(&m)) != 0) {
        if (more < 0) return DN_ERROR;
        if (m.field.number != SHAPE_DIM) continue;
        status = dn_message_count(&m, &input->rank, ONNX_MAX_RANK, "dimensions");
        if (status == DN_OK) status = dn_message_bytes(&m, &dim);
        if (status == DN_OK)
            status = read_dimension(file, dim, &input->dims[input->rank - 1]);
    }
    return status;
}

int dn_onnx_read_value(onnx_input *input, const onnx_file *file, pb_bytes bytes) {
    pb_bytes type, tensor = {NULL, 0};
    int status = inner(file, "ValueInfoProto", bytes, VALUE_NAME, &input->name);
    if (status == DN_OK) status = inner(file, "ValueInfoProto", bytes, VALUE_TYPE, &type);
    input->elem_type = 0;
    input->rank = -1;
    if (status == DN_OK && type.p)
        status = inner(file, "TypeProto", type, TYPE_TENSOR_TYPE, &tensor);
    if (status != DN_OK || !tensor.p) return status;
    message m = dn_message(file, "Tensor", tensor);
    int64_t elem = 0;
    int more;
    while (status == DN_OK && (more = dn_message_next(&m)) != 0)
        if (more < 0)
            status = DN_ERROR;
        else if (m.field.number == TENSOR_TYPE_ELEM_TYPE)
            status = dn_message_int(&m, &elem);
        else if (m.field.number == TENSOR_TYPE_SHAPE)
            status = m.field.wire == PB_BYTES ? read_shape(file, m.field.bytes, input)
                                              : dn_message_damaged(&m, "no shape");
    input->elem_type = elem > 0 && elem < 1000 ? (int)elem : 0;
    return status;
}

/* --- the graph and the file --------------------------------------------------------- */

/* Takes initializers and nodes into the lists, which have room for them. */
static int graph_lists(onnx_file *file) {
    message m = dn_message(file, "GraphProto", file->graph);
    pb_bytes bytes;
    int more, status = DN_OK;
    file->n_nodes = file->n_tensors = 0;
    while (status == DN_OK && (more = dn_message_next(&m)) > 0) {
        if (m.field.number == GRAPH_NODE)
            status = dn_message_bytes(&m, &file->nodes[file->n_nodes++]);
        else if (m.field.number == GRAPH_INITIALIZER) {
            onnx_tensor *tensor = &file->tensors[file->n_tensors];
            status = dn_message_bytes(&m, &bytes);
            if (status == DN_OK) status = dn_onnx_tensor_at(tensor, file, bytes);
            if (status != DN_OK) break;
            dn_onnx_names_put(&file->names, tensor->name, file->n_tensors++);
        }
    }
    return status;
}

/* The input that is no initializer, and the outputs. Before version 4 of the format the
 * initializers are among the inputs. */
static int graph_ends(onnx_file *file) {
    message m = dn_message(file, "GraphProto", file->graph);
    int more, status = DN_OK;
    while (status == DN_OK && (more = dn_message_next(&m)) > 0) {
        pb_bytes bytes;
        onnx_input input;
        if (m.field.number != GRAPH_INPUT && m.field.number != GRAPH_OUTPUT) continue;
        status = dn_message_bytes(&m, &bytes);
        if (status == DN_OK) status = dn_onnx_read_value(&input, file, bytes);
        if (status != DN_OK) break;
        if (m.field.number == GRAPH_OUTPUT)
            file->outputs[file->n_outputs++] = input.name;
        else if (dn_onnx_names_find(&file->names, input.name) < 0 && !file->n_inputs++)
            file->input = input;
    }
    return status;
}

static int read_graph(onnx_file *file) {
    message m = dn_message(file, "GraphProto", file->graph);
    int more, status = DN_OK, nodes = 0, tensors = 0, inputs = 0, outputs = 0;
    while (status == DN_OK && (more = dn_message_next(&m)) != 0)
        if (more < 0)
            status = DN_ERROR;
        else if (m.field.number == GRAPH_NODE)
            status = dn_message_count(&m, &nodes, ONNX_MAX_NODES, "nodes");
        else if (m.field.number == GRAPH_INITIALIZER)
            status = dn_message_count(&m, &tensors, ONNX_MAX_TENSORS, "initializers");
        else if (m.field.number == GRAPH_INPUT) /* one, and the initializers */
            status = dn_message_count(&m, &inputs, ONNX_MAX_TENSORS + 1, "inputs");
        else if (m.field.number == GRAPH_OUTPUT)
            status = dn_message_count(&m, &outputs, ONNX_MAX_OUTPUTS, "outputs");
    if (status != DN_OK) return status;
    file->nodes = dn_new(&file->heap, (uint64_t)nodes, sizeof *file->nodes);
    file->tensors = dn_new(&file->heap, (uint64_t)tensors, sizeof *file->tensors);
    if (!file->nodes || !file->tensors) return DN_NOMEM;
    status =
        dn_onnx_names_new(&file->names, (uint64_t)(nodes + tensors) + 1, &file->heap);
    if (status == DN_OK) status = graph_lists(file);
    return status == DN_OK ? graph_ends(file) : status;
}

/* An entry of opset_import: the version of ONNX's own operators. */
static int read_opset(onnx_file *file, pb_bytes bytes) {
    message m = dn_message(file, "OperatorSetIdProto", bytes);
    pb_bytes domain = {NULL, 0};
    int64_t version = 0;
    int more, status = DN_OK;
    while (status == DN_OK && (more = dn_message_next(&m)) != 0)
        if (more < 0)
            status = DN_ERROR;
        else if (m.field.number == OPSET_DOMAIN)
            status = dn_message_bytes(&m, &domain);
        else if (m.field.number == OPSET_VERSION)
            status = dn_message_int(&m, &version);
    if (domain.size == 0 || dn_pb_is(domain, "ai.onnx")) file->opset = version;
    return status;
}

/* An entry of metadata_props. */
static int read_property(onnx_file *file, pb_bytes bytes) {
    pb_bytes key, value;
    int status = inner(file, "StringStringEntryProto", bytes, PROP_KEY, &key);
    if (status == DN_OK)
        status = inner(file, "StringStringEntryProto", bytes, PROP_VALUE, &value);
    if (status == DN_OK && dn_pb_is(key, "layers")) file->layers = value;
    if (status != DN_OK || !value.p || !dn_pb_is(key, "classes")) return status;
    file->classes = value;
    if (value.size <= ONNX_MAX_CLASSES) return DN_OK;
    return dn_fail(file->error, file->error_size,
                   "the file's classes are %zu bytes of text; expected %d at most",
                   value.size, ONNX_MAX_CLASSES);
}

static int model_field(message *m, onnx_file *file) {
    pb_bytes bytes;
    const uint32_t number = m->field.number;
    switch (number) {
    case MODEL_PRODUCER_NAME: return dn_message_bytes(m, &file->producer);
    case MODEL_PRODUCER_VERSION: return dn_message_bytes(m, &file->producer_version);
    case MODEL_GRAPH:
        if (file->graph.p) return dn_message_damaged(m, "a second graph");
        return dn_message_bytes(m, &file->graph);
    case MODEL_OPSET_IMPORT:
    case MODEL_METADATA_PROPS: {
        const int status = dn_message_bytes(m, &bytes);
        if (status != DN_OK) return status;
        return number == MODEL_OPSET_IMPORT ? read_opset(file, bytes)
                                            : read_property(file, bytes);
    }
    default: return DN_OK;
    }
}

/* What stands in a repository in place of a large file. */
static int is_pointer(pb_bytes bytes) {
    static const char start[] = "version https://git-lfs";
    return bytes.p && bytes.size >= sizeof start - 1 &&
           memcmp(bytes.p, start, sizeof start - 1) == 0;
}

int dn_onnx_open(onnx_file *file, pb_bytes bytes, pb_bytes data, const dn_heap *heap,
                 onnx_work *work, char *error, size_t error_size) {
    memset(file, 0, sizeof *file);
    file->heap = *heap;
    file->bytes = bytes;
    file->data = data;
    file->error = error;
    file->error_size = error_size;
    file->work = work;
    if (is_pointer(bytes) || is_pointer(data))
        return dn_fail(error, error_size,
                       "the %s is a Git LFS pointer, a short text in place of a large "
                       "file; 'git lfs pull' fetches the file",
                       is_pointer(bytes) ? "ONNX file" : "data");
    message m = dn_message(file, "ModelProto", file->bytes);
    int more, status = DN_OK;
    while (status == DN_OK && (more = dn_message_next(&m)) != 0)
        status = more < 0 ? DN_ERROR : model_field(&m, file);
    if (status != DN_OK) return status;
    if (!file->graph.p) return dn_message_damaged(&m, "no graph");
    return read_graph(file);
}

void dn_onnx_close(onnx_file *file) {
    dn_release(&file->heap, file->nodes);
    dn_release(&file->heap, file->tensors);
    dn_release(&file->heap, file->order);
    dn_onnx_names_free(&file->names);
    memset(file, 0, sizeof *file);
}
