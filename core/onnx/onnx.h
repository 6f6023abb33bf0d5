/* onnx.h - an ONNX file, taken apart: what export.c writes and import.c reads.
 *
 * It is a ModelProto in the wire format of protobuf.h. What of it concerns us, with the
 * numbers of the fields (onnx.proto is the format's own description):
 *
 *     ModelProto      1 ir_version  2 producer_name  3 producer_version  7 graph
 *                     8 opset_import*  14 metadata_props*
 *     GraphProto      1 node*  2 name  5 initializer*  11 input*  12 output*
 *     NodeProto       1 input*  2 output*  3 name  4 op_type  5 attribute*  7 domain
 *     AttributeProto  1 name  2 f  3 i  4 s  5 t  8 ints*  20 type
 *     TensorProto     1 dims*  2 data_type  4 float_data*  5 int32_data*  7 int64_data*
 *                     8 name  9 raw_data  10 double_data*  13 external_data*
 *                     14 data_location
 *     ValueInfoProto  1 name  2 type → TypeProto: 1 tensor_type →
 *                     Tensor: 1 elem_type  2 shape → TensorShapeProto: 1 dim* →
 *                     Dimension: 1 dim_value  2 dim_param
 *     OperatorSetId   1 domain  2 version;   metadata_props: 1 key  2 value
 *
 * The nesting is a fixed one, so reading does not call itself; whatever else lies in a
 * file, graphs within attributes too, is stepped over. Everything here points into the
 * file. */
#ifndef DN_ONNX_H
#define DN_ONNX_H

#include "../dn.h"
#include "names.h"
#include "protobuf.h"
#include "work.h"

/* Field numbers. */
enum {
    MODEL_IR_VERSION = 1,
    MODEL_PRODUCER_NAME = 2,
    MODEL_PRODUCER_VERSION = 3,
    MODEL_GRAPH = 7,
    MODEL_OPSET_IMPORT = 8,
    MODEL_METADATA_PROPS = 14,
    GRAPH_NODE = 1,
    GRAPH_NAME = 2,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_NAME = 3,
    NODE_OP_TYPE = 4,
    NODE_ATTRIBUTE = 5,
    NODE_DOMAIN = 7,
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_F = 2,
    ATTRIBUTE_I = 3,
    ATTRIBUTE_S = 4,
    ATTRIBUTE_T = 5,
    ATTRIBUTE_INTS = 8,
    ATTRIBUTE_TYPE = 20,
    TENSOR_DIMS = 1,
    TENSOR_DATA_TYPE = 2,
    TENSOR_FLOAT_DATA = 4,
    TENSOR_INT32_DATA = 5,
    TENSOR_INT64_DATA = 7,
    TENSOR_NAME = 8,
    TENSOR_RAW_DATA = 9,
    TENSOR_DOUBLE_DATA = 10,
    TENSOR_EXTERNAL_DATA = 13,
    TENSOR_DATA_LOCATION = 14,
    VALUE_NAME = 1,
    VALUE_TYPE = 2,
    TYPE_TENSOR_TYPE = 1,
    TENSOR_TYPE_ELEM_TYPE = 1,
    TENSOR_TYPE_SHAPE = 2,
    SHAPE_DIM = 1,
    DIM_VALUE = 1,
    DIM_PARAM = 2,
    OPSET_DOMAIN = 1,
    OPSET_VERSION = 2,
    PROP_KEY = 1,
    PROP_VALUE = 2
};

/* AttributeProto.type and TensorProto.data_type: those we read or write. */
enum { TYPE_F = 1, TYPE_I = 2, TYPE_S = 3, TYPE_T = 4, TYPE_INTS = 7 };
enum {
    ELEM_FLOAT = 1,
    ELEM_UINT8 = 2,
    ELEM_INT8 = 3,
    ELEM_INT32 = 6,
    ELEM_INT64 = 7,
    ELEM_BOOL = 9,
    ELEM_FLOAT16 = 10,
    ELEM_DOUBLE = 11
};

/* Limits, for files of hostile make. A network of DN_MAX_LAYERS stays far below them. */
#define ONNX_MAX_NODES      2048
#define ONNX_MAX_TENSORS    2048
#define ONNX_MAX_INPUTS     64   /* of a node; */
#define ONNX_MAX_OUTPUTS    32   /* and of the graph */
#define ONNX_MAX_VALUES     4096 /* outputs of all nodes */
#define ONNX_MAX_ATTRIBUTES 16
#define ONNX_MAX_CLASSES    (1 << 24) /* bytes of the labels */
#define ONNX_MAX_RANK       8 /* and numbers of a list: pads have two a dimension */
#define ONNX_MAX_DIM        INT32_MAX

#define ONNX_UNKNOWN (-1) /* a dimension without a number, such as the batch */

typedef struct onnx_tensor {
    pb_bytes name, proto;
    int rank;
    int64_t dims[ONNX_MAX_RANK];
    uint64_t n; /* elements: as many as are there */
    int type;   /* ELEM_… */
    int field;  /* where they are: TENSOR_RAW_DATA, TENSOR_FLOAT_DATA, … */
    pb_bytes raw;
    int external;            /* they are in another file, */
    pb_bytes location;       /* of this name, */
    pb_bytes offset, length; /* from … on, so many bytes: decimal; p NULL: not said */
} onnx_tensor;

typedef struct onnx_attribute {
    pb_bytes name;
    int type;  /* TYPE_…; 0 for those we know nothing of */
    int holds; /* the same, of what is there */
    double f;
    int64_t i;
    pb_bytes s, t;
    int n_ints;
    int64_t ints[ONNX_MAX_RANK];
    int long_list; /* of more numbers than that */
} onnx_attribute;

typedef struct onnx_node {
    int number; /* its place in the graph, from 1 */
    pb_bytes op, name, domain;
    int n_inputs, n_outputs, n_attributes;
    pb_bytes inputs[ONNX_MAX_INPUTS], outputs[ONNX_MAX_OUTPUTS];
    onnx_attribute attributes[ONNX_MAX_ATTRIBUTES];
} onnx_node;

/* An input of the graph. */
typedef struct onnx_input {
    pb_bytes name;
    int elem_type; /* 0: not said */
    int rank;      /* −1: not said */
    int64_t dims[ONNX_MAX_RANK];
} onnx_input;

#define DN_ONNX_PRODUCER "digitnet" /* of the files that we write */

typedef struct onnx_file {
    dn_heap heap;   /* for what is read of it */
    pb_bytes bytes; /* all of it */
    pb_bytes data;  /* the file beside it that has the tensors' numbers; p NULL: none */
    char *error;
    size_t error_size;
    onnx_work *work; /* the caller's */
    int64_t opset;
    pb_bytes producer, producer_version, graph;
    pb_bytes classes; /* metadata_props' value of that key; p is NULL if there is none */
    pb_bytes layers;  /* the same */
    pb_bytes *nodes;  /* [n_nodes] NodeProto */
    onnx_tensor *tensors; /* [n_tensors] the graph's initializers */
    onnx_names names;     /* of these, with room for one more a node */
    onnx_input input;     /* the one that is no initializer */
    pb_bytes output;      /* the one that is wanted */
    pb_bytes outputs[ONNX_MAX_OUTPUTS];
    int n_nodes, n_tensors, n_inputs, n_outputs;
    int *order; /* [n_order] the nodes that the output depends on, each after those whose
                   results it reads; dn_onnx_sort */
    int n_order, n_values; /* and all outputs of all nodes */
} onnx_file;

/* dn_onnx_open - takes a file apart, but for its nodes. DN_OK, DN_ERROR with a sentence
 * in error, or DN_NOMEM. Close it also after an error. bytes, data, work, error: the
 * caller's, kept.
 *
 * The status of all that reads a file has no meaning once work has been stopped. */
int dn_onnx_open(onnx_file *file, pb_bytes bytes, pb_bytes data, const dn_heap *heap,
                 onnx_work *work, char *error, size_t error_size);
void dn_onnx_close(onnx_file *file);

/* dn_onnx_sort - finds order for an output: by its name, or the first if name is NULL.
 * DN_OK, DN_ERROR or DN_NOMEM. */
int dn_onnx_sort(onnx_file *file, const char *output);

/* dn_onnx_node_at - node i, from 0. DN_OK or DN_ERROR. */
int dn_onnx_node_at(onnx_node *out, const onnx_file *file, int i);

/* dn_onnx_read_value - a ValueInfoProto: an input or output of the graph. DN_OK or
 * DN_ERROR. */
int dn_onnx_read_value(onnx_input *out, const onnx_file *file, pb_bytes bytes);

/* dn_onnx_tensor_at - a TensorProto: its numbers are there, as many as its dimensions
 * say, if they are of a type that we read, and in this file or its data. DN_OK or
 * DN_ERROR. */
int dn_onnx_tensor_at(onnx_tensor *out, const onnx_file *file, pb_bytes proto);

/* dn_onnx_data_check - whether the data belongs to the file: its tensors are in one file
 * beside it, and end where the data does. Another network's larger file has their bytes,
 * too, and would be read as noise. DN_OK, also without data; or DN_ERROR. */
int dn_onnx_data_check(const onnx_file *file);

/* dn_onnx_floats, dn_onnx_ints - its n values: finite floats, of float16, float and
 * double; integers, of int32, int64 and bool. DN_OK, or DN_ERROR if it holds anything
 * else, or keeps its numbers elsewhere. */
int dn_onnx_floats(float *out, const onnx_file *file, const onnx_tensor *tensor);
int dn_onnx_ints(int64_t *out, const onnx_file *file, const onnx_tensor *tensor);

int dn_onnx_is_integer(const onnx_tensor *tensor);

/* dn_onnx_text - bytes of a file for a message: cut to 40, and what is not printable
 * ASCII is a '?'.*/
typedef struct onnx_text {
    char text[48];
} onnx_text;
onnx_text dn_onnx_text(pb_bytes bytes);

#endif
