/* node.c - what a node of an ONNX graph says: attributes, inputs, its name in errors. See
 * import.h. */
#include <stdarg.h>
#include <stdio.h>
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

int dn_onnx_check_lists(onnx_import *im) {
    for (int i = 0; i < im->node->n_attributes; i++)
        if (im->node->attributes[i].long_list)
            return dn_onnx_fail(im, "attribute '%s' has more than %d numbers",
                                dn_onnx_text(im->node->attributes[i].name).text,
                                ONNX_MAX_RANK);
    return DN_OK;
}
