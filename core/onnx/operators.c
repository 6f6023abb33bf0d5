/* operators.c - which operators of ONNX there are for values, and what is said of others:
 * see import.h. */
#include <string.h>
#include "import.h"

#define POOL "auto_pad ceil_mode count_include_pad dilations kernel_shape pads strides"

/* What a node that reads a value does. Attributes are those that may be there; all may
 * have what operator sets before 7 had. */
static const struct op {
    const char *name;
    int (*run)(onnx_import *im);
    const char *attributes;
} operators[] = {
    {"Abs", dn_onnx_op_activation, ""},
    {"Add", dn_onnx_op_arithmetic, "axis broadcast"},
    {"ArgMax", dn_onnx_op_softmax, "axis keepdims select_last_index"},
    {"AveragePool", dn_onnx_op_pool, POOL},
    {"BatchNormalization", dn_onnx_op_norm,
     "epsilon is_test momentum spatial training_mode"},
    {"Cast", dn_onnx_op_cast, "saturate to"},
    {"Celu", dn_onnx_op_activation, "alpha"},
    {"Clip", dn_onnx_op_clip, "max min"},
    {"Concat", dn_onnx_op_concat, "axis"},
    {"Conv", dn_onnx_op_conv, "auto_pad dilations group kernel_shape pads strides"},
    {"Cos", dn_onnx_op_activation, ""},
    {"Div", dn_onnx_op_arithmetic, "axis broadcast"},
    {"Dropout", dn_onnx_op_dropout, "is_test ratio seed"},
    {"Elu", dn_onnx_op_activation, "alpha"},
    {"Erf", dn_onnx_op_activation, ""},
    {"Exp", dn_onnx_op_activation, ""},
    {"Flatten", dn_onnx_op_flatten, "axis"},
    {"Gather", dn_onnx_op_gather, "axis"},
    {"Gelu", dn_onnx_op_activation, "approximate"},
    {"Gemm", dn_onnx_op_gemm, "alpha beta broadcast transA transB"},
    {"GlobalAveragePool", dn_onnx_op_pool_all, ""},
    {"GlobalMaxPool", dn_onnx_op_pool_all, ""},
    {"HardSigmoid", dn_onnx_op_activation, "alpha beta"},
    {"HardSwish", dn_onnx_op_activation, ""},
    {"Identity", dn_onnx_op_same, ""},
    {"LeakyRelu", dn_onnx_op_activation, "alpha"},
    {"Log", dn_onnx_op_log, ""},
    {"LogSoftmax", dn_onnx_op_softmax, "axis"},
    {"MatMul", dn_onnx_op_matmul, ""},
    {"Max", dn_onnx_op_extreme, ""},
    {"MaxPool", dn_onnx_op_pool, POOL " storage_order"},
    {"Min", dn_onnx_op_extreme, ""},
    {"Mish", dn_onnx_op_activation, ""},
    {"Mul", dn_onnx_op_arithmetic, "axis broadcast"},
    {"Neg", dn_onnx_op_neg, ""},
    {"PRelu", dn_onnx_op_prelu, ""},
    {"Pad", dn_onnx_op_pad, "mode paddings pads value"},
    {"Pow", dn_onnx_op_pow, ""},
    {"Reciprocal", dn_onnx_op_activation, ""},
    {"ReduceMax", dn_onnx_op_reduce, "axes keepdims noop_with_empty_axes"},
    {"ReduceMean", dn_onnx_op_reduce, "axes keepdims noop_with_empty_axes"},
    {"ReduceSum", dn_onnx_op_reduce, "axes keepdims noop_with_empty_axes"},
    {"Relu", dn_onnx_op_activation, ""},
    {"Reshape", dn_onnx_op_reshape, "allowzero shape"},
    {"Selu", dn_onnx_op_activation, "alpha gamma"},
    {"Sigmoid", dn_onnx_op_activation, ""},
    {"Sin", dn_onnx_op_activation, ""},
    {"Slice", dn_onnx_op_slice, "axes ends starts"},
    {"Softmax", dn_onnx_op_softmax, "axis"},
    {"Softplus", dn_onnx_op_activation, ""},
    {"Softsign", dn_onnx_op_activation, ""},
    {"SpaceToDepth", dn_onnx_op_space, "blocksize"},
    {"Split", dn_onnx_op_split, "axis num_outputs split"},
    {"Sqrt", dn_onnx_op_activation, ""},
    {"Squeeze", dn_onnx_op_squeeze, "axes"},
    {"Sub", dn_onnx_op_arithmetic, "axis broadcast"},
    {"Sum", dn_onnx_op_sum, ""},
    {"TopK", dn_onnx_op_softmax, "axis k largest sorted"},
    {"Swish", dn_onnx_op_activation, "alpha"},
    {"Tan", dn_onnx_op_activation, ""},
    {"Tanh", dn_onnx_op_activation, ""},
    {"ThresholdedRelu", dn_onnx_op_activation, "alpha"},
    {"Transpose", dn_onnx_op_transpose, "perm"},
    {"Unsqueeze", dn_onnx_op_unsqueeze, "axes"},
};

/* Operators that are not here, by what their names hold: what they are, and what works in
 * their place. */
static const struct hint {
    const char *part, *says;
} hints[] = {
    {"uant", "belongs to a quantised network, of 8-bit integers; expected one of floats: "
             "export it before it is quantised"},
    {"QLinear", "belongs to a quantised network, of 8-bit integers; expected one of "
                "floats: export it before it is quantised"},
    {"Integer", "belongs to a quantised network, of 8-bit integers; expected one of "
                "floats: export it before it is quantised"},
    {"ConvTranspose", "makes maps larger; expected layers that lead to classes: Conv, "
                      "MaxPool, AveragePool, Gemm"},
    {"Resize", "makes maps of another size; expected Conv with strides, or MaxPool"},
    {"DepthToSpace", "makes maps larger; expected layers that lead to classes: Conv, "
                     "MaxPool, AveragePool, Gemm"},
    {"Where", "chooses between values; expected Max, Min, Clip or Relu"},
    {"Upsample", "makes maps of another size; expected Conv with strides, or MaxPool"},
    {"LSTM", "reads sequences; expected layers without memory: Conv, Gemm"},
    {"GRU", "reads sequences; expected layers without memory: Conv, Gemm"},
    {"RNN", "reads sequences; expected layers without memory: Conv, Gemm"},
    {"LayerNormalization",
     "normalises each image by itself; expected BatchNormalization"},
    {"InstanceNorm", "normalises each image by itself; expected BatchNormalization"},
    {"GroupNorm", "normalises each image by itself; expected BatchNormalization"},
    {"LpPool", "is an unsupported pooling; expected MaxPool or AveragePool"},
    {"LRN", "normalises across channels; expected BatchNormalization"},
    {"Loop", "contains a subgraph; expected layers one after the other"},
    {"If", "contains a subgraph; expected layers one after the other"},
    {"Scan", "contains a subgraph; expected layers one after the other"},
};

/* Whether a word is among words between spaces. */
static int is_among(pb_bytes word, const char *words) {
    while (*words) {
        const size_t size = strcspn(words, " ");
        if (dn_pb_same(word, (pb_bytes){(const uint8_t *)words, size})) return 1;
        words += size + (words[size] == ' ');
    }
    return 0;
}

static const struct op *find_operator(pb_bytes name) {
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (dn_pb_is(name, operators[i].name)) return &operators[i];
    return NULL;
}

const char *dn_onnx_operator_hint(pb_bytes op) {
    const onnx_text name = dn_onnx_text(op);
    if (find_operator(op) || is_among(op, "Constant ConstantOfShape Shape")) return NULL;
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strstr(name.text, hints[i].part)) return hints[i].says;
    return "is an unsupported operator; expected Conv, Gemm, MatMul, poolings, "
           "activations and reshapes";
}

int dn_onnx_value_node(onnx_import *im) {
    const onnx_node *node = im->node;
    const struct op *op = find_operator(node->op);
    if (!op) {
        const char *hint = dn_onnx_operator_hint(node->op);
        return dn_onnx_fail(
            im, "%s",
            hint ? hint : "is supported on constants alone, and reads a layer's result");
    }
    const int status = dn_onnx_check_attributes(im);
    if (status != DN_OK) return status;
    for (int i = 0; i < node->n_attributes; i++)
        if (!is_among(node->attributes[i].name, op->attributes) &&
            !dn_pb_is(node->attributes[i].name, "consumed_inputs"))
            return dn_onnx_fail(im, "attribute '%s' is not known",
                                dn_onnx_text(node->attributes[i].name).text);
    if (!dn_onnx_first(im) && op->run != dn_onnx_op_arithmetic &&
        op->run != dn_onnx_op_concat && op->run != dn_onnx_op_matmul &&
        op->run != dn_onnx_op_gemm && op->run != dn_onnx_op_conv &&
        op->run != dn_onnx_op_sum && op->run != dn_onnx_op_extreme)
        return dn_onnx_fail(im, "reads a constant where it should read a layer's result");
    return op->run(im);
}
