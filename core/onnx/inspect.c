/* inspect.c - what is in an ONNX file, told part by part: see dn.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "../error.h"
#include "../memory.h"
#include "import.h"
#include "layers.h"
#include "message.h"

typedef struct inspection {
    onnx_file file;
    int (*tell)(void *context, const dn_onnx_part *part);
    void *context;
    char wrong[512]; /* why the data that was given is not the file's; "": it is */
} inspection;

static int say(inspection *in, dn_onnx_part part) { return in->tell(in->context, &part); }

/* --- inputs and outputs ------------------------------------------------------------- */

/* A type's name, [16]. */
static const char *type_name(char *text, int type) {
    static const char *const names[] = {
        [ELEM_FLOAT] = "float32",   [ELEM_UINT8] = "uint8",   [ELEM_INT8] = "int8",
        [ELEM_INT32] = "int32",     [ELEM_INT64] = "int64",   [ELEM_BOOL] = "bool",
        [ELEM_FLOAT16] = "float16", [ELEM_DOUBLE] = "float64"};
    const int n = (int)(sizeof names / sizeof *names);
    if (type > 0 && type < n && names[type]) return names[type];
    snprintf(text, 16, "type %d", type);
    return text;
}

/* "[N, 1, 28, 28]", [200]. */
static const char *shape_text(char *text, const onnx_input *input) {
    size_t n = 0;
    if (input->rank < 0) return NULL;
    n += (size_t)snprintf(text, 200, "[");
    for (int i = 0; i < input->rank; i++) {
        const char *between = i ? ", " : "";
        if (input->dims[i] == ONNX_UNKNOWN)
            n += (size_t)snprintf(text + n, 200 - n, "%s%s", between, i ? "?" : "N");
        else
            n += (size_t)snprintf(text + n, 200 - n, "%s%lld", between,
                                  (long long)input->dims[i]);
    }
    snprintf(text + n, 200 - n, "]");
    return text;
}

static int tell_value(inspection *in, const char *part, pb_bytes bytes) {
    onnx_input value;
    char type[16], shape[200];
    const int status = dn_onnx_read_value(&value, &in->file, bytes);
    if (status != DN_OK) return status;
    const int is_input = part[0] == 'i', t = value.elem_type;
    if (is_input && dn_onnx_names_find(&in->file.names, value.name) >= 0) return DN_OK;
    const int read = !t || t == ELEM_FLOAT || t == ELEM_UINT8 || t == ELEM_FLOAT16 ||
                     t == ELEM_DOUBLE;
    const onnx_text name = dn_onnx_text(value.name);
    return say(in, (dn_onnx_part){.part = part,
                                  .name = name.text,
                                  .count = -1,
                                  .shape = shape_text(shape, &value),
                                  .type = t ? type_name(type, t) : NULL,
                                  .supported = is_input ? read : -1,
                                  .note = is_input && !read ? "expected floats or bytes"
                                                            : NULL});
}

/* Those of one kind, in the order of the file. */
static int tell_values(inspection *in, const char *part, uint32_t field) {
    message m = dn_message(&in->file, "GraphProto", in->file.graph);
    pb_bytes bytes;
    int more, status = DN_OK;
    while (status == DN_OK && (more = dn_message_next(&m)) > 0) {
        if (m.field.number != field) continue;
        status = dn_message_bytes(&m, &bytes);
        if (status == DN_OK) status = tell_value(in, part, bytes);
    }
    return status;
}

/* --- data and operators ------------------------------------------------------------- */

/* Files beside this one that have tensors' numbers: each once. */
static int tell_data(inspection *in) {
    const onnx_file *file = &in->file;
    int status = DN_OK;
    for (int i = 0; i < file->n_tensors && status == DN_OK; i++) {
        const onnx_tensor *t = &file->tensors[i];
        int before = 0, count = 0;
        if (!t->external || !dn_onnx_worked(file->work, (uint64_t)file->n_tensors))
            continue;
        for (int k = 0; k < file->n_tensors; k++) {
            const onnx_tensor *other = &file->tensors[k];
            const int is = other->external && dn_pb_same(other->location, t->location);
            before += is && k < i;
            count += is;
        }
        if (before) continue;
        const onnx_text name = dn_onnx_text(t->location);
        status =
            say(in, (dn_onnx_part){.part = "data",
                                   .name = name.text,
                                   .count = count,
                                   .supported = file->data.p != NULL,
                                   .note = in->wrong[0]   ? in->wrong
                                           : file->data.p ? NULL
                                                          : "give its bytes as the last "
                                                            "argument"});
    }
    return status;
}

/* One operator of those seen: how many nodes are of it. */
typedef struct seen {
    pb_bytes op;
    int count;
    int first; /* node, from 1 */
} seen;

static int count_operators(const onnx_file *file, seen *list, int *n) {
    onnx_node node;
    int status = DN_OK;
    for (int i = 0; i < file->n_nodes && status == DN_OK; i++) {
        int k = 0;
        if ((status = dn_onnx_node_at(&node, file, i)) != DN_OK) break;
        while (k < *n && dn_onnx_worked(file->work, 1) &&
               !dn_pb_same(list[k].op, node.op))
            k++;
        if (k == *n) list[(*n)++] = (seen){node.op, 0, i + 1};
        list[k].count++;
    }
    return status;
}

static int tell_operators(inspection *in) {
    const onnx_file *file = &in->file;
    int n = 0;
    seen *list = dn_new(&file->heap, (uint64_t)file->n_nodes, sizeof *list);
    if (!list) return DN_NOMEM;
    int status = count_operators(file, list, &n);
    for (int i = 0; i < n && status == DN_OK && !file->work->stopped; i++) {
        char note[300];
        const char *hint = dn_onnx_operator_hint(list[i].op);
        const onnx_text name = dn_onnx_text(list[i].op);
        if (hint) snprintf(note, sizeof note, "node %d: %s", list[i].first, hint);
        status = say(in, (dn_onnx_part){.part = "operator",
                                        .name = name.text,
                                        .count = list[i].count,
                                        .supported = !hint,
                                        .note = hint ? note : NULL});
    }
    dn_release(&file->heap, list);
    return status;
}

/* --- all ---------------------------------------------------------------------------- */

static int tell_file(inspection *in) {
    char note[48], name[100];
    const onnx_text producer = dn_onnx_text(in->file.producer),
                    version = dn_onnx_text(in->file.producer_version);
    snprintf(note, sizeof note, "operator set %lld", (long long)in->file.opset);
    snprintf(name, sizeof name, "%s%s%s", producer.text,
             producer.text[0] && version.text[0] ? " " : "", version.text);
    return say(
        in,
        (dn_onnx_part){
            .part = "file", .name = name, .count = -1, .supported = -1, .note = note});
}

/* A mean or a deviation of all channels, "0.5", or one of each, "[0.485, 0.456, 0.406]":
 * the first four of them. What rounding left of 0 is 0. */
static void numbers_text(char *text, size_t size, const double *list, int n) {
    const int shown = n < 4 ? n : 4;
    size_t at = 0;
    for (int c = 0; c < shown && at < size; c++) {
        const double x = fabs(list[c]) < 1e-7 ? 0 : list[c];
        const char *before = n == 1 ? "" : c ? ", " : "[";
        at += (size_t)snprintf(text + at, size - at, "%s%.6g", before, x);
    }
    if (n > 1 && at < size) snprintf(text + at, size - at, "%s]", n > 4 ? ", ..." : "");
}

/* 1 if all of the list are the same, else n. */
static int different(const double *list, int n) {
    for (int c = 1; c < n; c++)
        if (list[c] != list[0]) return n;
    return 1;
}

#define PIXELS_TEXT 192

/* What the first layer gets of a pixel x: "x", "1 - x", "(x - 0.5) / 0.25". */
static void pixels_text(char *text, const dn_onnx *net) {
    const int n = net->means ? net->channels : 1;
    const double *list_of_means = net->means ? net->means : &net->mean;
    const double *list_of_stds = net->stds ? net->stds : &net->std;
    const int means = different(list_of_means, n), stds = different(list_of_stds, n);
    const int turned = means == 1 && stds == 1 && list_of_stds[0] < 0;
    const int below = means == 1 && list_of_means[0] < 0;
    const double m = fabs(list_of_means[0]),
                 s = turned ? -list_of_stds[0] : list_of_stds[0];
    char mean[80], std[80], centred[PIXELS_TEXT - 90];
    numbers_text(mean, sizeof mean, means == 1 ? &m : list_of_means, means);
    numbers_text(std, sizeof std, stds == 1 ? &s : list_of_stds, stds);
    const int none = strcmp(mean, "0") == 0, one = strcmp(std, "1") == 0;
    if (none)
        snprintf(centred, sizeof centred, "%sx", turned ? "-" : "");
    else if (turned)
        snprintf(centred, sizeof centred, "%s%s - x", below ? "-" : "", mean);
    else
        snprintf(centred, sizeof centred, "x %c %s", below ? '+' : '-', mean);
    if (one)
        snprintf(text, PIXELS_TEXT, "%s", centred);
    else
        snprintf(text, PIXELS_TEXT, none ? "%s / %s" : "(%s) / %s", centred, std);
}

/* What the first layer gets of pixels of 0..1, if nothing is said: where that is wrong,
 * the network goes wrong in silence. */
static int tell_pixels(inspection *in, const dn_onnx *net) {
    static const char *const notes[] = {
        [RANGE_SAID] = "x is 0..1; mean and std are those given in options",
        [RANGE_OURS] = "x is 0..1, as in all files of digitnet",
        [RANGE_OPEN] =
            "x is 0..1; the file normalises it itself, and its input is taken to be 0..1",
        [RANGE_BYTES] =
            "x is 0..1; the file's input is bytes, so it gets 0..255 (std = 1/255)",
        [RANGE_SCALED] = ("x is 0..1; the file scales 0..255 down itself, so its input "
                          "gets 0..255 (std = 1/255)")};
    static const char *const doubts[] = {
        [DN_ONNX_BY_VALUE] = ("x is 0..1; then the file scales each value by itself: if "
                              "its numbers are for 0..255, give std = 1/255"),
        [DN_ONNX_UNSAID] = ("x is 0..1, as the file tells nothing else; if that is "
                            "wrong, give mean and std, or let fit find them: see 'Which "
                            "normalisation?' in the manual"),
        [DN_ONNX_ALIKE] = NULL};
    char name[PIXELS_TEXT];
    pixels_text(name, net);
    const char *note = doubts[dn_onnx_doubt_of(net)];
    if (!note) note = notes[net->range];
    return say(
        in,
        (dn_onnx_part){
            .part = "pixels", .name = name, .count = -1, .supported = -1, .note = note});
}

/* Whether it can be read as a whole. */
static int tell_network(inspection *in, const void *bytes, size_t size,
                        const dn_onnx_given *given, const dn_host *host) {
    char why[512] = "", shape[48] = "";
    dn_onnx *net;
    dn_onnx_info info;
    const int status = dn_onnx_read(&net, bytes, size, given, host, why, sizeof why);
    if (status != DN_OK && status != DN_ERROR) return status;
    dn_onnx_part part = {.part = "network",
                         .name = "",
                         .count = -1,
                         .supported = status == DN_OK,
                         .note = why};
    if (status == DN_OK) {
        dn_onnx_get_info(net, &info);
        snprintf(shape, sizeof shape, "%dx%dx%d", info.shape.h, info.shape.w,
                 info.shape.c);
        part.shape = shape;
        part.note = info.layers;
    }
    int told = status == DN_OK ? tell_pixels(in, net) : DN_OK;
    if (told == DN_OK) told = say(in, part);
    dn_onnx_free(net);
    return told;
}

/* With its data, or without where that is not the file's: what is in the file can be told
 * all the same. error: where dn_onnx_open's and its parts' sentences go. */
static int open_file(inspection *in, pb_bytes bytes, pb_bytes data, const dn_heap *heap,
                     onnx_work *work, char *error, size_t error_size) {
    int status = dn_onnx_open(&in->file, bytes, data, heap, work, error, error_size);
    if (status == DN_OK) status = dn_onnx_data_check(&in->file);
    if (status != DN_ERROR || !data.p) return status;
    snprintf(in->wrong, sizeof in->wrong, "%s", error);
    dn_onnx_close(&in->file);
    return dn_onnx_open(&in->file, bytes, (pb_bytes){NULL, 0}, heap, work, error,
                        error_size);
}

int dn_onnx_inspect(const void *bytes, size_t size, const dn_onnx_given *given,
                    const dn_host *host,
                    int (*tell)(void *context, const dn_onnx_part *part), void *context,
                    char *error, size_t error_size) {
    onnx_work work = dn_onnx_work_begin(host ? &host->watch : NULL, size);
    inspection in = {.tell = tell, .context = context};
    const dn_heap heap = dn_heap_of(host);
    int status = open_file(&in, (pb_bytes){bytes, size},
                           (pb_bytes){given->data, given->data_size}, &heap, &work, error,
                           error_size);
    if (status == DN_OK) status = tell_file(&in);
    if (status == DN_OK) status = tell_values(&in, "input", GRAPH_INPUT);
    if (status == DN_OK) status = tell_values(&in, "output", GRAPH_OUTPUT);
    if (status == DN_OK) status = tell_data(&in);
    if (status == DN_OK) status = tell_operators(&in);
    status = dn_onnx_work_end(&work, status, error, error_size);
    dn_onnx_close(&in.file);
    return status == DN_OK ? tell_network(&in, bytes, size, given, host) : status;
}
