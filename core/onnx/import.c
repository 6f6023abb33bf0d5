/* import.c - from an ONNX graph to the layers of our notation: see dn.h.
 *
 *     graph.c, tensor.c   the file, taken apart
 *     sort.c              its nodes, in an order in which they can be computed
 *     import.c            goes over them: each is a constant (constants.c, integers.c,
 *                         compute.c) or becomes a step of a network (op_*.c, net.h),
 *                         or only looks at what there is in another way (view.h)
 *     operators.c         which operators there are, and what is said of others
 *     fold.c              makes few kinds of steps of the many: what is added or scaled
 *                         becomes part of a layer, activations go where we have them
 *     layers.c            and that our layers */
#include <stdarg.h>
#include <stdio.h>
#include "../bytes.h"
#include "../error.h"
#include "../memory.h"
#include "fold.h"
#include "import.h"
#include "own.h"

/* --- the walk ----------------------------------------------------------------------- */

/* Whether a node reads the image, or what a layer made of it. */
static int reads_value(const onnx_import *im) {
    for (int i = 0; i < im->node->n_inputs; i++)
        if (dn_onnx_value_at(im, i)) return 1;
    return 0;
}

static int walk_node(onnx_import *im) {
    const onnx_node *node = im->node;
    if (dn_pb_is(node->op, "ZipMap"))
        return dn_onnx_fail(im, "makes pairs of probabilities and labels; expected "
                                "the probabilities: skl2onnx leaves it out with "
                                "options={'zipmap': False}");
    if (node->domain.size && !dn_pb_is(node->domain, "ai.onnx"))
        return dn_onnx_fail(im, "is of domain '%s'; expected ONNX's own operators",
                            dn_onnx_text(node->domain).text);
    if (!node->n_outputs || !node->outputs[0].size)
        return dn_onnx_fail(im, "has no output");
    for (int i = 0; i < node->n_inputs; i++)
        if (node->inputs[i].size && !dn_onnx_constant_at(im, i) &&
            !dn_onnx_value_at(im, i))
            return dn_onnx_fail(im, "reads '%s', which no node outputs",
                                dn_onnx_text(node->inputs[i]).text);
    if (!reads_value(im)) {
        if (strstr(dn_onnx_text(node->op).text, "uantize"))
            return dn_onnx_fail(im, "%s", dn_onnx_operator_hint(node->op));
        int status = dn_onnx_check_attributes(im);
        if (status == DN_OK) status = dn_onnx_integers_node(im);
        if (status == -1) status = dn_onnx_constant_node(im);
        return status == -1 ? dn_onnx_compute(im) : status;
    }
    if (dn_pb_is(node->op, "Shape") && dn_onnx_first(im))
        return dn_onnx_shape_node(im, dn_onnx_first(im));
    return dn_onnx_value_node(im);
}

/* What is done to pixels before the file's network begins, where it is not the same for
 * all channels, or turns dark into light: a step. */
static int standardise(onnx_import *im, onnx_value *v) {
    const dn_onnx_given *given = im->more;
    const size_t n = (size_t)im->image.c;
    onnx_step *s;
    if (!given->channels && given->std > 0) return DN_OK;
    if (given->channels && (size_t)given->channels != n)
        return dn_fail(im->file.error, im->file.error_size,
                       "mean and std have %d numbers; the images have %zu channels",
                       given->channels, n);
    if (dn_onnx_step_new(&im->net, STEP_SCALE, 0, &s) < 0) return DN_NOMEM;
    snprintf(s->name, sizeof s->name, "mean and std");
    s->each = n;
    if (!(s->ends = dn_floats(&im->file.heap, 2 * (uint64_t)n))) return DN_NOMEM;
    for (size_t c = 0; c < n; c++) {
        const double mean = given->channels ? given->means[c] : given->mean;
        const double std = given->channels ? given->stds[c] : given->std;
        s->ends[ENDS_GAIN * n + c] = (float)(1 / std);
        s->ends[ENDS_BIAS * n + c] = (float)(-mean / std);
    }
    v->step = 1;
    return DN_OK;
}

/* Values begin with the image, as the file's input has it. */
static int start(onnx_import *im) {
    const onnx_input *input = &im->file.input;
    const int first = im->alone ? 0 : 1, rank = input->rank - first;
    const int is_set = im->image.h != 0;
    onnx_value *v = &im->values[0];
    onnx_step *image;
    int64_t dims[ONNX_MAX_RANK] = {1};
    dn_onnx_net_free(&im->net);
    int status =
        dn_onnx_net_new(&im->net, 8 * (uint64_t)im->file.n_order + 64, &im->file.heap);
    if (status == DN_OK) status = dn_onnx_constants_start(im);
    if (status != DN_OK) return status;
    if (dn_onnx_step_new(&im->net, STEP_IMAGE, -1, &image) < 0) return DN_NOMEM;
    image->out = im->image;
    memset(v, 0, sizeof *v);
    memcpy(dims + first, input->dims + first, (size_t)rank * sizeof *dims);
    if (im->given.h && rank == 3) { /* what has no number is as the given shape has it */
        const int64_t chw[3] = {im->given.c, im->given.h, im->given.w};
        for (int i = 0; i < 3; i++)
            if (dims[i + 1] == ONNX_UNKNOWN) dims[i + 1] = chw[i];
    }
    v->step = 0;
    v->view = dn_onnx_view_of(input->rank, dims, first - 1);
    if (is_set && im->hwc) {
        const dn_shape s = im->image;
        onnx_view as = dn_onnx_view_of(3, (int64_t[]){s.c, s.h, s.w}, -1);
        dn_onnx_view_turn(&as, (int64_t[]){1, 2, 0});
        dn_onnx_view_reshape(&as, input->rank, dims);
        v->view = as;
        v->view.batch = first - 1;
    }
    if (rank > 1) {
        v->image_rank = rank;
        memcpy(v->image, dims + first, sizeof v->image);
    }
    im->n_values = 1;
    im->made.n = 0;
    dn_onnx_names_put(&im->made, input->name, 0);
    return is_set ? standardise(im, v) : DN_OK;
}

static int check_input(onnx_import *im) {
    const onnx_file *file = &im->file;
    const onnx_input *input = &file->input;
    const onnx_text name = dn_onnx_text(input->name);
    const int type = input->elem_type;
    if (file->n_inputs != 1)
        return dn_fail(
            file->error, file->error_size,
            "the graph has %d inputs that are not constants; expected one, the images",
            file->n_inputs);
    if (type && type != ELEM_FLOAT && type != ELEM_FLOAT16 && type != ELEM_DOUBLE &&
        type != ELEM_UINT8)
        return dn_fail(file->error, file->error_size,
                       "input '%s' has elements of type %d; expected float (1), float16 "
                       "(10), double (11) or uint8 (2)",
                       name.text, type);
    im->alone = input->rank == 1;
    if (input->rank < 1 || input->rank > 4)
        return dn_fail(file->error, file->error_size,
                       "input '%s' has %d dimensions; expected 1 to 4, the first for the "
                       "images if there is more than one",
                       name.text, input->rank < 0 ? 0 : input->rank);
    int64_t n = 1; /* values of an image: as few as a layer may have */
    const int64_t chw[3] = {im->given.c, im->given.h, im->given.w};
    for (int i = im->alone ? 0 : 1; i < input->rank; i++) {
        int64_t d = input->dims[i];
        if (d == ONNX_UNKNOWN && im->given.h && input->rank == 4) d = chw[i - 1];
        if (d < 1)
            return dn_fail(file->error, file->error_size,
                           "dimension %d of input '%s' has no number; give the images' "
                           "shape in options, as {\"shape\": \"28x28x1\"}",
                           i + 1, name.text);
        if (d > DN_MAX_PARAMETERS / n)
            return dn_fail(file->error, file->error_size,
                           "input '%s' has more than %d values an image", name.text,
                           DN_MAX_PARAMETERS);
        n *= d;
    }
    im->batch = im->alone ? 1 : input->dims[0];
    return DN_OK;
}

/* All nodes that the output depends on, once. */
static int walk(onnx_import *im) {
    const onnx_budget *budget = im->file.work->budget;
    onnx_node node;
    int status = start(im);
    im->node = &node;
    for (int i = 0; i < im->file.n_order && status == DN_OK; i++) {
        status = dn_onnx_node_at(&node, &im->file, im->file.order[i]);
        if (status == DN_OK) status = walk_node(im);
        if (status == DN_NOMEM && budget->over)
            status = dn_onnx_fail(im, DN_ONNX_OVER, (unsigned long long)budget->most);
    }
    im->node = NULL;
    return status;
}

/* The step `from` in another order, that of p: *step. Of maps it is a fully connected
 * layer. */
static int put_in_order(onnx_import *im, int from, onnx_places p, int *number) {
    const dn_shape s = im->net.steps[from].out;
    const int is_maps = s.h * s.w > 1;
    const size_t n = (size_t)s.h * (size_t)s.w * (size_t)s.c;
    const dn_heap *heap = &im->file.heap;
    onnx_step *step;
    if (is_maps && n * n > ONNX_ALONE)
        return dn_fail(im->file.error, im->file.error_size,
                       "the output '%s' is of %zu numbers in another order than the last "
                       "layer gives them; expected one for each class",
                       dn_onnx_text(im->file.output).text, n);
    *number = dn_onnx_step_new(&im->net, is_maps ? STEP_DENSE : STEP_CHOICE, from, &step);
    if (*number < 0) return DN_NOMEM;
    snprintf(step->name, sizeof step->name, "the output");
    step->out = (dn_shape){1, 1, (int)n};
    step->reads = step->each = is_maps ? n : 0;
    if (is_maps) step->w = dn_floats(heap, (uint64_t)n * n);
    if (is_maps) step->ends = dn_floats(heap, ENDS * (uint64_t)n);
    if (!is_maps) step->order = dn_new(heap, (uint64_t)n, sizeof *step->order);
    if (is_maps ? !step->w || !step->ends : !step->order) return DN_NOMEM;
    for (size_t k = 0; k < n; k++, dn_onnx_next(&p))
        if (is_maps)
            step->w[(size_t)p.at * n + k] = 1;
        else
            step->order[k] = (int)p.at;
    return DN_OK;
}

/* Classes that the last step gives in another order are put into theirs: before a Softmax
 * or Sigmoid, which stays last. */
static int reorder(onnx_import *im, onnx_value *v) {
    const onnx_step last = im->net.steps[v->step];
    const int stays = last.kind == STEP_SOFTMAX || last.curve.is == DN_SIGMOID;
    onnx_step *end;
    int status = put_in_order(im, stays ? last.input : v->step, dn_onnx_places(&v->view),
                              &v->step);
    if (status != DN_OK || !stays) return status;
    v->step = dn_onnx_step_new(&im->net, last.kind, v->step, &end);
    if (v->step < 0) return DN_NOMEM;
    memcpy(end->name, last.name, sizeof end->name);
    end->act = last.act;
    end->curve = last.curve;
    return DN_OK;
}

/* What the output is becomes the network's result. */
static int finish(onnx_import *im) {
    const int number = dn_onnx_names_find(&im->made, im->file.output);
    char *error = im->file.error;
    const size_t size = im->file.error_size;
    int status = DN_OK;
    if (number < 0)
        return dn_fail(error, size, "the output is '%s', which no layer outputs",
                       dn_onnx_text(im->file.output).text);
    onnx_value *v = &im->values[number];
    if (!im->image.h || v->step == 0)
        return dn_fail(error, size,
                       "the output is '%s', which is the image; expected "
                       "layers",
                       dn_onnx_text(im->file.output).text);
    if (!dn_onnx_view_plain(&v->view)) status = reorder(im, v);
    im->net.result = v->step;
    return status;
}

static int keep_words(const onnx_file *file, dn_onnx *out) {
    out->opset = file->opset;
    snprintf(out->producer, sizeof out->producer, "%s%s%s",
             dn_onnx_text(file->producer).text,
             file->producer.size && file->producer_version.size ? " " : "",
             dn_onnx_text(file->producer_version).text);
    if (!file->classes.p) return DN_OK;
    out->classes = dn_new(&out->heap, file->classes.size, 1);
    if (!out->classes) return DN_NOMEM;
    memcpy(out->classes, file->classes.p, file->classes.size);
    out->classes_size = file->classes.size;
    return DN_OK;
}

/* All nodes, as often as it takes. */
static int walk_all(onnx_import *im) {
    const int status = walk(im);
    return status == ONNX_AGAIN ? walk(im) : status;
}

/* Nodes that cannot be read with their first dimension as the batch's may be of a single
 * image, [H, W] or [C, H, W]. If they are not, the error is what it was. */
static int walk_alone(onnx_import *im) {
    const onnx_input *input = &im->file.input;
    char error[512];
    if (im->alone || input->rank > 3 || input->dims[0] < 2) return DN_ERROR;
    snprintf(error, sizeof error, "%s", im->file.error);
    im->alone = 1;
    im->batch = 1;
    im->image = (dn_shape){0, 0, 0};
    im->hwc = 0;
    const int status = walk_all(im);
    if (status == DN_ERROR) dn_fail(im->file.error, im->file.error_size, "%s", error);
    return status;
}

/* Which output it was that could not be read, where there are others. */
static void say_outputs(const onnx_file *file) {
    const size_t n = strlen(file->error);
    if (file->n_outputs < 2) return;
    snprintf(
        file->error + n, file->error_size - n,
        "; that was for output '%s': in options, {\"output\": \"%s\"} asks for another",
        dn_onnx_text(file->output).text, dn_onnx_text(file->outputs[1]).text);
}

/* The file's network: im->net. */
static int read_net(onnx_import *im, const dn_onnx_given *given) {
    int status = check_input(im);
    if (status == DN_OK) status = dn_onnx_sort(&im->file, given->output);
    if (status != DN_OK) return status;
    const uint64_t room = (uint64_t)im->file.n_values + 1;
    im->values = dn_new(&im->file.heap, room, sizeof *im->values);
    status = im->values ? dn_onnx_names_new(&im->made, room, &im->file.heap) : DN_NOMEM;
    if (status == DN_OK) status = walk_all(im);
    if (status == DN_ERROR) status = walk_alone(im);
    if (status == DN_ERROR && !given->output) say_outputs(&im->file);
    return status == DN_OK ? finish(im) : status;
}

/* What is done to pixels before the file's network begins, where it is the same for all
 * channels; else standardise has made a step of it. */
static void standard(dn_onnx *made, const dn_onnx_given *given, const onnx_file *file) {
    const int steps = given->channels || given->std <= 0;
    const int open = !steps && !given->said && given->mean == 0 && given->std == 1;
    made->range = !open                                        ? RANGE_SAID
                  : dn_pb_is(file->producer, DN_ONNX_PRODUCER) ? RANGE_OURS
                  : file->input.elem_type == ELEM_UINT8        ? RANGE_BYTES
                                                               : RANGE_OPEN;
    made->mean = steps ? 0 : given->mean;
    made->std = steps ? 1 : made->range == RANGE_BYTES ? ONNX_BYTE : given->std;
    made->given_std = steps ? given->std : made->std;
}

int dn_onnx_read(dn_onnx **out, const void *bytes, size_t size,
                 const dn_onnx_given *given, const dn_host *host, char *error,
                 size_t error_size) {
    onnx_work work = dn_onnx_work_begin(host ? &host->watch : NULL, size);
    onnx_import im = {.given = given->shape, .more = given};
    dn_onnx *made;
    int is_own = 0;
    *out = NULL;
    const dn_heap hosts = dn_heap_of(host);
    if (!(made = dn_new(&hosts, 1, sizeof *made))) return DN_NOMEM;
    made->budget = dn_onnx_budget_begin(&hosts, (uint64_t)size + given->data_size);
    work.budget = &made->budget;
    const dn_heap heap = made->heap = dn_onnx_budget_heap(&made->budget);
    int status = dn_onnx_open(&im.file, (pb_bytes){bytes, size},
                              (pb_bytes){given->data, given->data_size}, &heap, &work,
                              error, error_size);
    if (status == DN_OK) status = dn_onnx_data_check(&im.file);
    if (status == DN_OK) standard(made, given, &im.file);
    if (status == DN_OK && made->range == RANGE_OURS && !given->shape.h && !given->output)
        status = dn_onnx_own(made, &im.file, &is_own);
    if (status == DN_OK && !is_own) status = read_net(&im, given);
    if (status == DN_OK && !is_own)
        status = dn_onnx_fold(&im.net, made, &work, error, error_size);
    if (status == DN_OK && !is_own)
        status = dn_onnx_layers_of(made, &im.net, &work, error, error_size);
    if (status == DN_OK) status = keep_words(&im.file, made);
    status = dn_onnx_work_end(&work, status, error, error_size);
    dn_onnx_constants_free(&im);
    dn_onnx_names_free(&im.made);
    dn_release(&heap, im.values);
    dn_onnx_net_free(&im.net);
    dn_onnx_close(&im.file);
    if (status == DN_OK)
        *out = made;
    else
        dn_onnx_free(made);
    return status;
}
