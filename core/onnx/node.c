/* node.c - what a node of an ONNX graph says: attributes, inputs, its name in errors. See
 * import.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "../error.h"
#include "import.h"

/* "'conv1' (node 3)", or "node 3" for one without a name. */
void dn_onnx_node_name(char *out, size_t size, const onnx_node *node) {
    if (node->name.size)
        snprintf(out, size, "'%s' (node %d)", dn_onnx_text(node->name).text,
                 node->number);
    else
        snprintf(out, size, "node %d", node->number);
}

int dn_onnx_fail(onnx_import *im, const char *format, ...) {
    char name[80], reason[400];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    dn_onnx_node_name(name, sizeof name, im->node);
    return dn_fail(im->file.error, im->file.error_size, "%s %s: %s",
                   dn_onnx_text(im->node->op).text, name, reason);
}

int dn_onnx_cannot(onnx_import *im) {
    return dn_onnx_fail(im, "its arithmetic on constants is not supported; onnxsim "
                            "writes a file with what comes of them");
}

const onnx_attribute *dn_onnx_attribute(const onnx_node *node, const char *name,
                                        int type) {
    for (int i = 0; i < node->n_attributes; i++)
        if (dn_pb_is(node->attributes[i].name, name) && node->attributes[i].type == type)
            return &node->attributes[i];
    return NULL;
}

int64_t dn_onnx_int(const onnx_node *node, const char *name, int64_t otherwise) {
    const onnx_attribute *a = dn_onnx_attribute(node, name, TYPE_I);
    return a ? a->i : otherwise;
}

double dn_onnx_real(const onnx_node *node, const char *name, double otherwise) {
    const onnx_attribute *a = dn_onnx_attribute(node, name, TYPE_F);
    return a ? a->f : otherwise;
}

pb_bytes dn_onnx_input(const onnx_node *node, int i) {
    return i < node->n_inputs ? node->inputs[i] : (pb_bytes){NULL, 0};
}

/* Attributes by their type, each between spaces; "value" is of two. */
static const struct kind {
    int type;
    const char *is, *names;
} kinds[] = {
    {TYPE_F, "a float", " alpha beta epsilon gamma max min momentum ratio value_float "},
    {TYPE_I, "an integer",
     " allowzero axis blocksize broadcast ceil_mode count_include_pad end group is_test "
     "k "
     "keepdims largest noop_with_empty_axes num_outputs start to training_mode transA "
     "transB value_int "},
    {TYPE_S, "a text", " approximate auto_pad mode "},
    {TYPE_T, "a tensor", ""},
    {TYPE_INTS, "a list of integers",
     " axes dilations ends kernel_shape paddings pads perm shape split starts strides "
     "value_ints "},
};

/* What an attribute is to be; NULL: any. */
static const struct kind *expected_kind(const onnx_node *node, pb_bytes name) {
    char between[48];
    const int at = dn_pb_is(name, "value") ? dn_pb_is(node->op, "Pad") ? 0 : 3 : -1;
    if (at >= 0) return &kinds[at];
    snprintf(between, sizeof between, " %.40s ", dn_onnx_text(name).text);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strstr(kinds[i].names, between)) return &kinds[i];
    return NULL;
}

static const char *kind_of(int type) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].type == type) return kinds[i].is;
    return type ? "of another type" : "of no type";
}

int dn_onnx_check_attributes(onnx_import *im) {
    for (int i = 0; i < im->node->n_attributes; i++) {
        const onnx_attribute *a = &im->node->attributes[i];
        const struct kind *kind = expected_kind(im->node, a->name);
        const int type = a->holds ? a->holds : a->type;
        if (a->long_list)
            return dn_onnx_fail(im, "attribute '%s' has more than %d numbers",
                                dn_onnx_text(a->name).text, ONNX_MAX_RANK);
        if (kind && (type != kind->type || a->type != type))
            return dn_onnx_fail(im, "attribute '%s' is %s; expected %s",
                                dn_onnx_text(a->name).text,
                                kind_of(type != kind->type ? type : a->type), kind->is);
    }
    return DN_OK;
}
