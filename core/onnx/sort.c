/* sort.c - the nodes of an ONNX graph in an order in which they can be computed: see
 * onnx.h, dn_onnx_sort.
 *
 * Only those that the wanted output depends on are in it. The search begins at that
 * output and goes back, on a stack of its own: files are hostile. */
#include "../error.h"
#include "../memory.h"
#include "onnx.h"

/* A node whose inputs are being gone through. */
typedef struct frame {
    int node, input;
} frame;

typedef struct sorting {
    onnx_file *file;
    onnx_names makers; /* outputs: which node gives them */
    frame *stack;      /* [n_nodes] */
    uint8_t *state;    /* [n_nodes] 0; 1: on the stack; 2: in the order */
    int depth;
} sorting;

/* All outputs of all nodes, by name. */
static int find_makers(sorting *s) {
    onnx_file *file = s->file;
    onnx_node node;
    int status = DN_OK;
    file->n_values = 0;
    for (int i = 0; i < file->n_nodes && status == DN_OK; i++) {
        status = dn_onnx_node_at(&node, file, i);
        file->n_values += status == DN_OK ? node.n_outputs : 0;
    }
    if (status == DN_OK && file->n_values > ONNX_MAX_VALUES)
        return dn_fail(file->error, file->error_size,
                       "the nodes have %d outputs; expected %d at most", file->n_values,
                       ONNX_MAX_VALUES);
    if (status == DN_OK)
        status = dn_onnx_names_new(&s->makers, (uint64_t)file->n_values + 1, &file->heap);
    for (int i = 0; i < file->n_nodes && status == DN_OK; i++) {
        status = dn_onnx_node_at(&node, file, i);
        for (int k = 0; k < node.n_outputs && status == DN_OK; k++) {
            if (!node.outputs[k].size) continue;
            if (dn_onnx_names_find(&s->makers, node.outputs[k]) >= 0)
                status = dn_fail(file->error, file->error_size,
                                 "two nodes give '%s'; expected each name once",
                                 dn_onnx_text(node.outputs[k]).text);
            else
                dn_onnx_names_put(&s->makers, node.outputs[k], i);
        }
    }
    return status;
}

static void push(sorting *s, int node) {
    s->stack[s->depth++] = (frame){node, 0};
    s->state[node] = 1;
}

/* Everything that a node depends on, then itself. */
static int sort_from(sorting *s, int node) {
    onnx_file *file = s->file;
    onnx_node at;
    push(s, node);
    while (s->depth) {
        frame *top = &s->stack[s->depth - 1];
        const int status = dn_onnx_node_at(&at, file, top->node);
        if (status != DN_OK) return status;
        if (top->input == at.n_inputs) {
            s->state[top->node] = 2;
            file->order[file->n_order++] = top->node;
            s->depth--;
            continue;
        }
        const pb_bytes name = at.inputs[top->input++];
        const int maker = name.size ? dn_onnx_names_find(&s->makers, name) : -1;
        if (maker < 0 || s->state[maker] == 2) continue;
        if (s->state[maker] == 1)
            return dn_fail(file->error, file->error_size,
                           "the graph runs in a circle: %s node %d reads '%s', which "
                           "depends on its own result",
                           dn_onnx_text(at.op).text, at.number, dn_onnx_text(name).text);
        push(s, maker);
    }
    return DN_OK;
}

/* The names of the graph's outputs, as far as there is room. */
static void list_outputs(char *text, size_t size, const onnx_file *file) {
    size_t n = 0;
    for (int i = 0; i < file->n_outputs && n < size; i++)
        n += (size_t)snprintf(text + n, size - n, "%s'%s'", i ? ", " : "",
                              dn_onnx_text(file->outputs[i]).text);
}

static int find_output(onnx_file *file, const char *output) {
    char text[200] = "none";
    for (int i = 0; i < file->n_outputs; i++)
        if (!output || dn_pb_is(file->outputs[i], output)) {
            file->output = file->outputs[i];
            return DN_OK;
        }
    list_outputs(text, sizeof text, file);
    return dn_fail(file->error, file->error_size,
                   "output is '%.60s'; the file's outputs are %s", output ? output : "",
                   text);
}

int dn_onnx_sort(onnx_file *file, const char *output) {
    sorting s = {.file = file};
    const uint64_t n = (uint64_t)file->n_nodes;
    int status = find_output(file, output);
    if (status != DN_OK) return status;
    file->n_order = 0;
    dn_release(&file->heap, file->order);
    file->order = dn_new(&file->heap, n, sizeof *file->order);
    s.stack = dn_new(&file->heap, n, sizeof *s.stack);
    s.state = dn_new(&file->heap, n, sizeof *s.state);
    status = file->order && s.stack && s.state ? find_makers(&s) : DN_NOMEM;
    const int last = status == DN_OK ? dn_onnx_names_find(&s.makers, file->output) : -1;
    if (last >= 0) status = sort_from(&s, last);
    dn_onnx_names_free(&s.makers);
    dn_release(&file->heap, s.stack);
    dn_release(&file->heap, s.state);
    return status;
}
