/* export.c - a model as an ONNX file: see dn.h, and onnx.h for the format. chain.c writes
 * its nodes, which here get their constants w1, b1, … of layer 1, … around them.
 *
 * Gemm has transB = 1 and weights [out][in], as PyTorch writes it: OpenCV 4 takes them to
 * lie so whatever transB says. A network with a Clip is of operator set 10, in which its
 * bounds and a Dropout's ratio are attributes: OpenCV 4.6 reads no other Clip.
 *
 * Batch norm is not folded and the deviation is divided by: what is read back has every
 * number as it was. The temperature is a part of the output layer in model bytes
 * already. */
#include "../bytes.h"
#include "../error.h"
#include "../layers/kind.h"
#include "../memory.h"
#include "chain.h"
#include "export.h"

#define IR_VERSION 7 /* the one that operator set 13 came with */
#define OPSET      13
#define CLIP_OPSET 10 /* with a Clip */

/* --- constants ---------------------------------------------------------------------- */

/* A matrix of floats: element (r, c) is at values[r·row + c·column]. */
typedef struct matrix {
    const float *values;
    size_t rows, columns, row, column;
} matrix;

/* An initializer of a matrix' numbers, row by row. */
static void put_tensor(pb_writer *w, const char *text, const int64_t *dims, int rank,
                       const matrix *m, onnx_work *work) {
    const size_t start = dn_pb_open(w, GRAPH_INITIALIZER);
    for (int i = 0; i < rank; i++) dn_pb_put_int(w, TENSOR_DIMS, dims[i]);
    dn_pb_put_int(w, TENSOR_DATA_TYPE, ELEM_FLOAT);
    dn_pb_put_text(w, TENSOR_NAME, text);
    uint8_t *p = dn_pb_put_room(w, TENSOR_RAW_DATA, 4 * m->rows * m->columns);
    for (size_t i = 0; p && i < m->rows && dn_onnx_worked(work, m->columns); i++)
        for (size_t k = 0; k < m->columns; k++, p += 4)
            put_float(p, m->values[i * m->row + k * m->column]);
    dn_pb_close(w, start);
}

static void put_vector(pb_writer *w, const char *prefix, int i, const float *values,
                       int n, onnx_work *work) {
    const int64_t size = n;
    put_tensor(w, dn_onnx_numbered(prefix, i).text, &size, 1,
               &(matrix){values, 1, (size_t)n, (size_t)n, 1}, work);
}

static void put_scalar(pb_writer *w, const char *text, float value, onnx_work *work) {
    put_tensor(w, text, NULL, 0, &(matrix){&value, 1, 1, 1, 1}, work);
}

static void put_numbers(pb_writer *w, const dn_numbers *m, const dn_layer *l, int i,
                        onnx_work *work) {
    dn_onnx_word word;
    int64_t dims[4];
    dn_kind_of(l)->onnx(&word, l);
    if (word.scalar && !dn_onnx_has_clip(&m->spec))
        put_scalar(w, dn_onnx_numbered(word.scalar, i).text, word.value, work);
    if (!l->rows) return;
    for (int k = 0; k < word.rank; k++) dims[k] = word.dims[k];
    const float *values = m->weights + l->w;
    const size_t rows = (size_t)l->rows, columns = (size_t)l->columns;
    const size_t ld = (size_t)l->ld;
    const matrix straight = {values, rows, columns, ld, 1};
    const matrix across = {values, columns, rows, 1, ld};
    if (!l->unit)
        put_tensor(w, dn_onnx_numbered("w", i).text, dims, word.rank,
                   dn_onnx_turned(l) ? &across : &straight, work);
    put_vector(w, l->norm ? "beta" : "b", i, m->weights + l->bias, l->out.c, work);
    if (!l->norm) return;
    if (l->kind == DN_DENSE && dn_onnx_has_clip(&m->spec)) {
        const int64_t n = l->out.c;
        put_tensor(w, dn_onnx_numbered("zeros", i).text, &n, 1,
                   &(matrix){&(const float){0}, 1, (size_t)n, 0, 0}, work);
    }
    put_vector(w, "gamma", i, m->weights + l->gamma, l->out.c, work);
    put_vector(w, "mean", i, m->stats + l->stat, l->out.c, work);
    put_vector(w, "variance", i, m->stats + l->stat + l->out.c, l->out.c, work);
}

/* --- the file ----------------------------------------------------------------------- */

/* An input or output of the graph: float [N, dims …]. */
static void put_value(pb_writer *w, uint32_t field, const char *text, const int *dims,
                      int n) {
    const size_t value = dn_pb_open(w, field);
    dn_pb_put_text(w, VALUE_NAME, text);
    const size_t type = dn_pb_open(w, VALUE_TYPE);
    const size_t tensor = dn_pb_open(w, TYPE_TENSOR_TYPE);
    dn_pb_put_int(w, TENSOR_TYPE_ELEM_TYPE, ELEM_FLOAT);
    const size_t shape = dn_pb_open(w, TENSOR_TYPE_SHAPE);
    for (int i = -1; i < n; i++) {
        const size_t dim = dn_pb_open(w, SHAPE_DIM);
        if (i < 0)
            dn_pb_put_text(w, DIM_PARAM, "N");
        else
            dn_pb_put_int(w, DIM_VALUE, dims[i]);
        dn_pb_close(w, dim);
    }
    dn_pb_close(w, shape);
    dn_pb_close(w, tensor);
    dn_pb_close(w, type);
    dn_pb_close(w, value);
}

/* The shape of a vector as maps of one place. (OpenCV 4.6 reads no Unsqueeze of two
 * axes.) */
static void put_as_maps(pb_writer *w) {
    static const int64_t shape[4] = {0, -1, 1, 1};
    const size_t start = dn_pb_open(w, GRAPH_INITIALIZER);
    dn_pb_put_int(w, TENSOR_DIMS, 4);
    dn_pb_put_int(w, TENSOR_DATA_TYPE, ELEM_INT64);
    dn_pb_put_text(w, TENSOR_NAME, "as_maps");
    uint8_t *p = dn_pb_put_room(w, TENSOR_RAW_DATA, sizeof shape);
    for (int i = 0; p && i < 4; i++) put64(p + 8 * i, (uint64_t)shape[i]);
    dn_pb_close(w, start);
}

/* What several nodes may share, where one does. */
static void put_shared(pb_writer *w, const dn_spec *spec, onnx_work *work) {
    int gelu = 0, quick = 0, as_maps = 0;
    for (int i = 0; i < spec->n; i++) {
        const dn_layer *l = &spec->layers[i];
        gelu |= l->activation == DN_GELU;
        quick |= l->activation == DN_QUICK_GELU;
        for (int k = 0; k < l->froms; k++)
            as_maps |= !l->vector && l->from[k] >= 0 && spec->layers[l->from[k]].vector;
    }
    if (as_maps) put_as_maps(w);
    if (quick) {
        put_scalar(w, "gelu_cube", 1.5957691f * 0.044715f, work);
        put_scalar(w, "gelu_first", 1.5957691f, work);
    }
    if (!gelu) return;
    put_scalar(w, "gelu_root", 1.41421356f, work);
    put_scalar(w, "gelu_one", 1, work);
    put_scalar(w, "gelu_half", 0.5f, work);
}

/* DN_OK or DN_NOMEM. */
static int put_graph(pb_writer *w, const dn_numbers *m, const char *text,
                     onnx_work *work) {
    const dn_spec *spec = &m->spec;
    const int image[3] = {spec->shape.c, spec->shape.h, spec->shape.w};
    const size_t start = dn_pb_open(w, MODEL_GRAPH);
    const int status = dn_onnx_chain(w, spec);
    if (status != DN_OK) return status;
    dn_pb_put_text(w, GRAPH_NAME, text);
    put_scalar(w, "mean", m->mean, work);
    put_scalar(w, "deviation", m->std, work);
    put_shared(w, spec, work);
    for (int i = 0; i < spec->n; i++) put_numbers(w, m, &spec->layers[i], i, work);
    put_value(w, GRAPH_INPUT, "pixels", image, 3);
    put_value(w, GRAPH_OUTPUT, "probabilities", &spec->classes, 1);
    dn_pb_close(w, start);
    return DN_OK;
}

static void put_property(pb_writer *w, const char *key, const char *value) {
    const size_t start = dn_pb_open(w, MODEL_METADATA_PROPS);
    dn_pb_put_text(w, PROP_KEY, key);
    dn_pb_put_text(w, PROP_VALUE, value);
    dn_pb_close(w, start);
}

int dn_onnx_write(pb_writer *w, const dn_numbers *m, const dn_onnx_words *words,
                  onnx_work *work) {
    dn_pb_put_int(w, MODEL_IR_VERSION, IR_VERSION);
    const size_t opset = dn_pb_open(w, MODEL_OPSET_IMPORT);
    dn_pb_put_text(w, OPSET_DOMAIN, "");
    dn_pb_put_int(w, OPSET_VERSION, dn_onnx_has_clip(&m->spec) ? CLIP_OPSET : OPSET);
    dn_pb_close(w, opset);
    dn_pb_put_text(w, MODEL_PRODUCER_NAME, DN_ONNX_PRODUCER);
    dn_pb_put_text(w, MODEL_PRODUCER_VERSION, words->version);
    const int status = put_graph(w, m, words->name, work);
    put_property(w, "classes", words->classes);
    put_property(w, "layers", m->spec.text);
    return status;
}

int dn_onnx_export(void **onnx, size_t *onnx_size, const void *bytes, size_t size,
                   const dn_onnx_words *words, const dn_host *host, char *error,
                   size_t error_size) {
    const dn_heap heap = dn_heap_of(host);
    dn_numbers m;
    pb_writer w = {.heap = heap};
    onnx_work work = dn_onnx_work_begin(host ? &host->watch : NULL, size);
    *onnx = NULL;
    int status = dn_numbers_read(&m, bytes, size, host, error, error_size);
    if (status == DN_OK && m.precision == DN_KEEP_INT8)
        status = dn_fail(error, error_size, DN_IN_INT8, "an ONNX file");
    if (status == DN_OK) {
        status = dn_onnx_write(&w, &m, words, &work);
        if (w.failed) status = DN_NOMEM;
        status = dn_onnx_work_end(&work, status, error, error_size);
    }
    dn_numbers_clear(&m);
    if (status == DN_OK) {
        *onnx = w.p;
        *onnx_size = w.size;
    } else {
        dn_release(&heap, w.p);
    }
    return status;
}
