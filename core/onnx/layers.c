/* layers.c - from layers found in an ONNX file to model bytes: see layers.h, dn.h. */
#include <math.h>
#include <string.h>
#include "../bytes.h"
#include "../error.h"
#include "../layers/kind.h"
#include "../memory.h"
#include "../model.h"
#include "layers.h"

/* --- a layer's numbers -------------------------------------------------------------- */

int dn_onnx_layer_linear(onnx_layer *l, const dn_heap *heap) {
    l->w = dn_floats(heap, (uint64_t)l->out * l->reads);
    l->ends = dn_floats(heap, ENDS * (uint64_t)l->out);
    return l->w && l->ends ? DN_OK : DN_NOMEM;
}

/* Weight i of output o. */
static float *weight(onnx_layer *l, size_t o, size_t i) {
    return l->kind == DN_CONV ? &l->w[o * l->reads + i] : &l->w[i * (size_t)l->out + o];
}

void dn_onnx_layer_affine(onnx_layer *l, const float *a, const float *b,
                          onnx_work *work) {
    const size_t out = (size_t)l->out;
    for (size_t o = 0; o < out && dn_onnx_worked(work, l->reads); o++) {
        l->ends[o] = l->ends[o] * a[o] + b[o];
        if (l->norm)
            l->ends[ENDS_GAIN * out + o] *= a[o];
        else
            for (size_t i = 0; i < l->reads && a[o] != 1; i++) *weight(l, o, i) *= a[o];
    }
}

/* gamma·(z + bias − mean)/√(var + e) + beta. The bias goes into the mean; our epsilon is
 * a constant, so another one goes into the variance, or where that would be below 0, into
 * gamma. */
void dn_onnx_layer_norm(onnx_layer *l, const float *numbers, double epsilon) {
    const size_t out = (size_t)l->out;
    l->norm = 1;
    for (size_t o = 0; o < out; o++) {
        const double wanted = (double)numbers[ENDS_VARIANCE * out + o] + epsilon;
        double variance = (double)numbers[ENDS_VARIANCE * out + o];
        double gain = (double)numbers[ENDS_GAIN * out + o];
        if ((float)epsilon != (float)DN_NORM_EPSILON) {
            variance = wanted > DN_NORM_EPSILON ? wanted - DN_NORM_EPSILON : 0;
            variance = (double)(float)variance;
            gain *= sqrt((variance + DN_NORM_EPSILON) / wanted);
        }
        l->ends[ENDS_MEAN * out + o] = numbers[ENDS_MEAN * out + o] - l->ends[o];
        l->ends[o] = numbers[o];
        l->ends[ENDS_GAIN * out + o] = (float)gain;
        l->ends[ENDS_VARIANCE * out + o] = (float)variance;
    }
}

/* --- the end ------------------------------------------------------------------------ */

/* Batch norm becomes part of the weights: the output layer has none in our notation. */
static void fold_norm(onnx_layer *l, onnx_work *work) {
    const size_t out = (size_t)l->out;
    for (size_t o = 0; o < out && dn_onnx_worked(work, l->reads); o++) {
        const double scale =
            (double)l->ends[ENDS_GAIN * out + o] /
            sqrt((double)l->ends[ENDS_VARIANCE * out + o] + DN_NORM_EPSILON);
        for (size_t i = 0; i < l->reads; i++)
            *weight(l, o, i) = (float)((double)*weight(l, o, i) * scale);
        l->ends[o] =
            (float)((double)l->ends[o] - (double)l->ends[ENDS_MEAN * out + o] * scale);
    }
    l->norm = 0;
}

/* A convolution with one result a map is a fully connected layer. */
static int conv_to_dense(onnx_layer *l, const dn_heap *heap, onnx_work *work) {
    float *w = dn_floats(heap, (uint64_t)l->out * l->reads);
    if (!w) return DN_NOMEM;
    for (size_t o = 0; o < (size_t)l->out && dn_onnx_worked(work, l->reads); o++)
        for (size_t i = 0; i < l->reads; i++)
            w[i * (size_t)l->out + o] = *weight(l, o, i);
    dn_floats_release(heap, l->w);
    l->w = w;
    l->kind = DN_DENSE;
    return DN_OK;
}

static void print_layer(char *text, size_t size, const onnx_layer *from) {
    dn_layer l = {.kind = from->kind,
                  .in = from->in,
                  .out = {.c = from->out},
                  .kh = from->whole ? from->in.h : from->k,
                  .kw = from->whole ? from->in.w : from->k,
                  .stride = from->stride,
                  .valid = from->valid,
                  .norm = from->norm,
                  .activation = DN_RELU,
                  .drop = from->drop};
    dn_kind_of(&l)->print(text, size, &l);
}

/* Factors were multiplied, so a number may have left the range of floats. */
static int check_finite(const dn_onnx *net, onnx_work *work, char *error,
                        size_t error_size) {
    for (int i = 0; i < net->n; i++) {
        const onnx_layer *l = &net->layers[i];
        const size_t out = (size_t)l->out, n = l->w ? out * l->reads : 0;
        size_t bad = 0;
        for (size_t k = 0; k < n && dn_onnx_worked(work, 1); k++)
            bad += !(fabsf(l->w[k]) <= 3e38f);
        for (size_t k = 0; l->w && k < ENDS * out; k++)
            bad += !(fabsf(l->ends[k]) <= 3e38f);
        if (bad)
            return dn_fail(error, error_size,
                           "%zu numbers of %s are not finite once all that follows it is "
                           "made a part of it",
                           bad, l->name);
    }
    return DN_OK;
}

static int find_spec(dn_onnx *net, char *error, size_t error_size) {
    char notation[DN_MAX_NOTATION] = "", text[64];
    size_t n = 0;
    for (int i = 0; i < net->n - 1; i++) {
        print_layer(text, sizeof text, &net->layers[i]);
        n += (size_t)snprintf(notation + n, sizeof notation - n, "%s%s", i ? "-" : "",
                              text);
        if (n >= sizeof notation)
            return dn_fail(error, error_size,
                           "the layers' notation is longer than %d characters",
                           DN_MAX_NOTATION - 1);
    }
    return dn_spec_parse(&net->spec, notation, net->shape, net->layers[net->n - 1].out,
                         error, error_size);
}

int dn_onnx_layers_end(dn_onnx *net, onnx_work *work, char *error, size_t error_size) {
    onnx_layer *output = &net->layers[net->n - 1];
    if (output->kind == DN_CONV && conv_to_dense(output, &net->heap, work) != DN_OK)
        return DN_NOMEM;
    if (output->norm) fold_norm(output, work);
    const int status = check_finite(net, work, error, error_size);
    return status == DN_OK ? find_spec(net, error, error_size) : status;
}

/* --- model bytes -------------------------------------------------------------------- */

static void copy_layer(float *weights, float *stats, const onnx_layer *from,
                       const dn_layer *to) {
    const size_t out = (size_t)from->out, one = sizeof(float);
    if (!to->rows) return;
    for (size_t r = 0; r < (size_t)to->rows; r++)
        memcpy(weights + to->w + r * (size_t)to->ld, from->w + r * (size_t)to->columns,
               (size_t)to->columns * one);
    memcpy(weights + to->bias, from->ends, out * one);
    if (!to->norm) return;
    memcpy(weights + to->gamma, from->ends + ENDS_GAIN * out, out * one);
    memcpy(stats + to->stat, from->ends + ENDS_MEAN * out, 2 * out * one);
}

int dn_onnx_model(const dn_onnx *net, const dn_label *labels, const dn_watch *watch,
                  void **bytes, size_t *size) {
    const dn_spec *spec = &net->spec;
    dn_ask ask = {.watch = watch ? *watch : (dn_watch){NULL, NULL}};
    float *weights = dn_floats(&net->heap, spec->total);
    float *stats = dn_floats(&net->heap, spec->stats);
    const dn_content content = {.spec = spec,
                                .labels = labels,
                                .mean = (float)net->mean,
                                .std = (float)net->std,
                                .weights = weights,
                                .stats = stats,
                                .temperature = 1,
                                .precision = DN_KEEP_FLOAT32,
                                .ask = &ask};
    int status = DN_NOMEM;
    if (weights && stats) {
        for (int i = 0; i < spec->n; i++)
            copy_layer(weights, stats, &net->layers[i], &spec->layers[i]);
        status = dn_model_encode(bytes, size, &content, &net->heap);
    }
    dn_floats_release(&net->heap, weights);
    dn_floats_release(&net->heap, stats);
    return status;
}

void dn_onnx_get_info(const dn_onnx *net, dn_onnx_info *info) {
    *info = (dn_onnx_info){.layers = net->spec.text,
                           .shape = net->spec.shape,
                           .classes = net->spec.classes,
                           .labels = net->classes,
                           .labels_size = net->classes_size,
                           .producer = net->producer,
                           .opset = net->opset};
}

void dn_onnx_free(dn_onnx *net) {
    if (!net) return;
    const dn_heap heap = net->heap;
    for (int i = 0; i < DN_MAX_LAYERS + 1; i++) {
        dn_floats_release(&heap, net->layers[i].w);
        dn_floats_release(&heap, net->layers[i].ends);
    }
    dn_release(&heap, net->classes);
    dn_release(&heap, net);
}
