/* made.c - an ONNX file that has become layers, as model bytes: see layers.h, dn.h. */
#include <string.h>
#include "../memory.h"
#include "../model.h"
#include "layers.h"

static void copy_layer(float *weights, float *stats, const onnx_step *from,
                       const dn_layer *to) {
    const size_t out = (size_t)from->out.c, one = sizeof(float);
    if (!to->rows) return;
    for (size_t r = 0; r < (size_t)to->rows; r++)
        memcpy(weights + to->w + r * (size_t)to->ld, from->w + r * (size_t)to->columns,
               (size_t)to->columns * one);
    memcpy(weights + to->bias, from->ends, out * one);
    if (!to->norm) return;
    memcpy(weights + to->gamma, from->ends + ENDS_GAIN * out, out * one);
    memcpy(stats + to->stat, from->ends + ENDS_MEAN * out, 2 * out * one);
}

void dn_onnx_picture(dn_onnx *net, int picture) { net->picture = picture; }

int dn_onnx_model(const dn_onnx *net, const dn_label *labels, const dn_watch *watch,
                  void **bytes, size_t *size) {
    const dn_spec *spec = &net->spec;
    dn_ask ask = {.watch = watch ? *watch : (dn_watch){NULL, NULL}};
    float *weights = net->weights ? net->weights
                                  : dn_floats(&net->budget.heap, spec->total);
    float *stats = net->weights ? net->stats : dn_floats(&net->budget.heap, spec->stats);
    const dn_content content = {.spec = spec,
                                .labels = labels,
                                .mean = (float)net->mean,
                                .std = (float)net->std,
                                .weights = weights,
                                .stats = stats,
                                .temperature = 1,
                                .precision = DN_KEEP_FLOAT32,
                                .extras.picture = net->picture,
                                .ask = &ask};
    int status = DN_NOMEM;
    if (weights && stats) {
        for (int i = 0; i < spec->n && !net->weights; i++)
            copy_layer(weights, stats, &net->layers[i], &spec->layers[i]);
        status = dn_model_encode(bytes, size, &content, &net->budget.heap);
    }
    if (net->weights) return status;
    dn_floats_release(&net->budget.heap, weights);
    dn_floats_release(&net->budget.heap, stats);
    return status;
}

dn_onnx_doubt dn_onnx_doubt_of(const dn_onnx *net) {
    const int alike = dn_onnx_of_bytes(net->means, net->stds, net->channels);
    if (net->range == RANGE_SAID) return alike ? DN_ONNX_ALIKE : DN_ONNX_SURE;
    if (net->range != RANGE_OPEN) return DN_ONNX_SURE;
    if (net->each_value) return DN_ONNX_BY_VALUE;
    for (int c = 0; c < net->channels; c++)
        if (net->means[c] != 0 || net->stds[c] != 1) return DN_ONNX_SURE;
    return DN_ONNX_UNSAID;
}

void dn_onnx_get_info(const dn_onnx *net, dn_onnx_info *info) {
    *info = (dn_onnx_info){.layers = net->spec.text,
                           .shape = net->spec.shape,
                           .classes = net->spec.classes,
                           .labels = net->classes,
                           .labels_size = net->classes_size,
                           .std = net->given_std,
                           .doubt = dn_onnx_doubt_of(net),
                           .producer = net->producer,
                           .opset = net->opset};
}

void dn_onnx_free(dn_onnx *net) {
    if (!net) return;
    const dn_heap heap = net->heap, hosts = net->budget.heap;
    for (int i = 0; i < DN_MAX_LAYERS + 1; i++) {
        dn_floats_release(&heap, net->layers[i].w);
        dn_floats_release(&heap, net->layers[i].ends);
    }
    dn_spec_clear(&net->spec);
    dn_floats_release(&heap, net->weights);
    dn_floats_release(&heap, net->stats);
    dn_release(&heap, net->classes);
    dn_release(&heap, net->means);
    dn_release(&heap, net->stds);
    dn_release(&hosts, net);
}
