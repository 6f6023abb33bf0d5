/* test_onnx_limits.c - how much an ONNX file may ask for: counts, weights, work, and that
 * the caller can stop it. */
#include "onnx_words.h"

/* --- names -------------------------------------------------------------------------- */

static void test_names(void) {
    enum { MANY = 600 };
    static char text[MANY][8];
    const dn_heap heap = dn_heap_of(NULL);
    onnx_names names;
    CHECK(dn_onnx_names_new(&names, MANY + 1, &heap) == DN_OK);
    CHECK(dn_onnx_names_find(&names, (pb_bytes){NULL, 0}) == -1);
    for (int k = 0; k < MANY; k++) {
        const int i = k * 7 % MANY; /* in no order */
        const int size = snprintf(text[i], sizeof text[i], "%d", i);
        dn_onnx_names_put(&names, (pb_bytes){(uint8_t *)text[i], (size_t)size}, i);
    }
    int wrong = names.n != MANY;
    for (int i = 0; i < MANY; i++)
        wrong += dn_onnx_names_find(&names,
                                    (pb_bytes){(uint8_t *)text[i], strlen(text[i])}) != i;
    CHECK(wrong == 0);
    CHECK(dn_onnx_names_find(&names, (pb_bytes){(const uint8_t *)"0x", 2}) == -1);
    CHECK(dn_onnx_names_find(&names, (pb_bytes){NULL, 0}) == -1);
    dn_onnx_names_put(&names, (pb_bytes){NULL, 0}, 5);
    CHECK(dn_onnx_names_find(&names, (pb_bytes){NULL, 0}) == 5);
    dn_onnx_names_put(&names, (pb_bytes){(const uint8_t *)"17", 2},
                      1000); /* the later one */
    CHECK(dn_onnx_names_find(&names, (pb_bytes){(uint8_t *)text[17], 2}) == 1000);
    CHECK(names.n == MANY + 1);
    dn_onnx_names_free(&names);
}

/* --- counts ------------------------------------------------------------------------- */

/* A graph of n fields that hold nothing. */
static const char *many_fields(uint32_t field, int n) {
    pb_writer w = {.heap = dn_heap_of(NULL)};
    const size_t graph = dn_pb_open(&w, MODEL_GRAPH);
    for (int i = 0; i < n; i++) dn_pb_put_text(&w, field, "");
    dn_pb_close(&w, graph);
    dn_pb_put_bytes(&w, MODEL_OPSET_IMPORT, "\x10\x0d", 2);
    const char *says = read_bytes(w.p, w.size, &plain);
    free(w.p);
    return says;
}

static void test_counts(void) {
    CHECK_STR(many_fields(GRAPH_NODE, ONNX_MAX_NODES + 1),
              "a GraphProto has more than 2048 nodes");
    CHECK_STR(many_fields(GRAPH_INITIALIZER, ONNX_MAX_TENSORS + 1),
              "a GraphProto has more than 2048 initializers");
    CHECK_STR(many_fields(GRAPH_INPUT, 1000000),
              "a GraphProto has more than 2049 inputs");
    CHECK_STR(
        many_fields(GRAPH_INPUT, ONNX_MAX_TENSORS + 1),
        "the graph has 2049 inputs that are not constants; expected one, the images");
    CHECK_STR(many_fields(GRAPH_OUTPUT, ONNX_MAX_OUTPUTS + 1),
              "a GraphProto has more than 32 outputs");
    pb_writer w = {.heap = dn_heap_of(NULL)};
    const size_t property = dn_pb_open(&w, MODEL_METADATA_PROPS);
    dn_pb_put_text(&w, PROP_KEY, "classes");
    memset(dn_pb_put_room(&w, PROP_VALUE, ONNX_MAX_CLASSES + 1), ' ',
           ONNX_MAX_CLASSES + 1);
    dn_pb_close(&w, property);
    CHECK_STR(read_bytes(w.p, w.size, &plain),
              "the file's classes are 16777217 bytes of text; expected 16777216 at most");
    free(w.p);
}

/* Weights of all layers together: a small file may use one tensor again and again. */
static void test_weights(void) {
    static char graph[8000] =
        "input x 0,2050\noutput y\ntensor k 2050,2050\nMatMul - x k > m0\n";
    for (int i = 0; i < 15; i++)
        snprintf(graph + strlen(graph), 80, "Relu - m%d > r%d\nMatMul - r%d k > m%d\n", i,
                 i, i, i + 1);
    const dn_onnx_given given = {.shape = {41, 50, 1}, .std = 1};
    words_fail = 0;
    CHECK_STR(
        read_set(graph, 13, &given),
        "MatMul node 31: has 2050 outputs of 2050 inputs; expected 67108864 weights "
        "at most in all layers");
    words_fail = 1;
}

/* One constant of more numbers than any network has weights. */
static void test_constant(void) {
    words_fail = 0;
    CHECK_STR(read_text("input x 0,1,8,8\noutput y\nbools n 67108865\ntensor k 64,2\n"
                        "Flatten - x > f\nMatMul - f k > m\nAdd a m n > y\n"),
              "Add 'a' (node 3): constant 'n' has 67108865 numbers; expected 1, or as "
              "many as there are channels, 2");
    words_fail = 1;
}

/* Shapes whose numbers no int holds: each side is one that a layer may have. */
static void test_shapes(void) {
#define WIDE "input x 0,1,4096,4096\noutput y\ntensor w 1,1,1,1\nConv - x w > c\n"
#define TOO_MANY(maps)                                                                   \
    "gives " maps " maps of 4096x4096; expected sides of 1..4096, and 67108864 numbers " \
    "at most"
    const expected all[] = {
        {WIDE "Transpose - c > t perm=0,2,3,1\ntensor k 1,65536\nMatMul m t k > y\n",
         "MatMul 'm' (node 3): " TOO_MANY("65536")},
        {WIDE "Pad p c > y pads=0,60000,0,0,0,0,0,0\n",
         "Pad 'p' (node 2): " TOO_MANY("60001")},
        {WIDE "Concat o c c c c c > y axis=1\n", "Concat 'o' (node 2): " TOO_MANY("5")},
        {WIDE "ints i 0,0,0,0,0\nGather g c i > y axis=1\n",
         "Gather 'g' (node 2): " TOO_MANY("5")},
        {WIDE "tensor v 5,1,1,1\nConv v c v > y\n", "Conv 'v' (node 2): " TOO_MANY("5")},
        {WIDE "Pad p c > y pads=0,0,4096,0,0,0,-9,0\n",
         "Pad 'p' (node 2): gives 1 maps of 8183x4096; expected sides of 1..4096, and "
         "67108864 numbers at most"},
        {"input x 0,4096,4096,5\noutput y\nTranspose - x > t perm=0,3,1,2\n"
         "tensor w 1,5,1,1\nConv c t w > y\n",
         "input 'x' has more than 67108864 values an image"},
        /* One image without a batch, whose first dimension was not counted. */
        {"input x 4096,4096,4096\noutput y\ntensor w 1,4096,1,1\n"
         "Unsqueeze - x > u axes=0,\nConv c u w > y\n",
         "Conv 'c' (node 2): reads values of 4 dimensions; expected 4, [N, C, H, W]"},
        {WIDE "tensor v 4,1,1,1\nConv - c v > d\ntensor b 1,1,4096,1 1,2\n"
              "Mul m d b > y\n",
         "Mul 'm' (node 3): has a number for each of 67108864 values; expected 67108864 "
         "weights at most in all layers"},
    };
    words_fail = 0;
    CHECK_ALL(all);
    words_fail = 1;
}

/* --- memory ------------------------------------------------------------------------- */

/* A heap that knows how many bytes it has given at most; each block begins with its
 * size. */
typedef struct measured {
    size_t held, most;
} measured;

static void *measure(void *context, size_t size) {
    measured *m = context;
    char *p = malloc(size + 16);
    if (!p) return NULL;
    memcpy(p, &size, sizeof size);
    m->held += size;
    if (m->held > m->most) m->most = m->held;
    return p + 16;
}

static void measure_less(void *context, void *p) {
    measured *m = context;
    size_t size;
    memcpy(&size, (char *)p - 16, sizeof size);
    m->held -= size;
    free((char *)p - 16);
}

/* A small file that asks for much is refused before it has it: as much as is said, and
 * the steps' own table. */
static void refuses_memory(const char *graph, const char *node) {
    measured m = {0, 0};
    const dn_host host = {.heap = {measure, measure_less, &m}};
    pb_writer w = file_of(graph, 13);
    const size_t most = ((size_t)1 << 26) + 16 * w.size;
    char says[512];
    dn_onnx *net;
    snprintf(says, sizeof says,
             "%s: takes more than %zu bytes of memory, 64 MiB and 16 a byte of the file; "
             "expected weights that the file has, not such as come of few numbers",
             node, most);
    CHECK(dn_onnx_read(&net, w.p, w.size, &plain, &host, words_error, 512) == DN_ERROR);
    CHECK_STR(words_error, says);
    CHECK(m.held == 0 && m.most <= most + ((size_t)1 << 20));
    free(w.p);
}

static void test_memory(void) {
    static char alone[4000] =
        "input x 0,4\noutput y\ntensor k 4,1024\nMatMul - x k > s0\n";
    for (int i = 0; i < 40; i++)
        snprintf(alone + strlen(alone), 40, "Sigmoid - s%d > s%d\n", i, i + 1);
    snprintf(alone + strlen(alone), 80, "tensor f 1024,3\nMatMul - s40 f > y\n");
    refuses_memory(alone, "Sigmoid node 19");
    /* A row of numbers, and four of them, laid along maps. */
    refuses_memory(WIDE "tensor b 4096\nMul m c b > y\n", "Mul 'm' (node 2)");
    refuses_memory("input x 0,1,2048,2048\noutput y\ntensor w 1,1,1,1\nConv - x w > c\n"
                   "tensor b 1,1,2048\nBatchNormalization n c b b b b > y\n",
                   "BatchNormalization 'n' (node 2)");
}

/* --- export ------------------------------------------------------------------------- */

static int stop_export(void *context) {
    int *asked_so_far = context;
    return ++*asked_so_far == 2;
}

/* A model as a file: each allocation fails once, and the caller stops it in the
 * middle. */
static void test_export(void) {
    static const dn_onnx_words words = {"name", "0", "[]"};
    const dn_label labels[] = {{NULL, 0, 0}, {NULL, 0, 1}};
    dn_options o;
    dn_trainer *trainer;
    void *model, *onnx;
    size_t size, onnx_size;
    CHECK(dn_options_default(&o, "4C3b-MP2-D0.5-1024N", words_error, 512) == DN_OK);
    o.shape = (dn_shape){16, 16, 1};
    CHECK(dn_trainer_new(&trainer, &o, labels, 2, 1, 0, 1, NULL, words_error, 512) ==
          DN_OK);
    CHECK(dn_trainer_model(trainer, 1, &model, &size) == DN_OK);
    for (long k = 1;; k++) {
        words_heap heap = {.fail_at = k};
        const dn_host host = {.heap = {words_allocate, words_release, &heap}};
        const int status = dn_onnx_export(&onnx, &onnx_size, model, size, &words, &host,
                                          words_error, 512);
        CHECK((status == DN_OK) == (heap.made < k) &&
              (onnx != NULL) == (status == DN_OK));
        if (onnx) words_release(&heap, onnx);
        CHECK(heap.held == 0);
        if (status != DN_NOMEM) break;
    }
    int asked_so_far = 0;
    const dn_host host = {.watch = {stop_export, &asked_so_far}};
    CHECK(dn_onnx_export(&onnx, &onnx_size, model, size, &words, &host, words_error,
                         512) == DN_STOPPED);
    CHECK(!onnx && asked_so_far == 2);
    CHECK(dn_onnx_export(&onnx, &onnx_size, model, size - 4, &words, NULL, words_error,
                         512) == DN_ERROR);
    CHECK(!onnx);
    free(model);
    dn_trainer_free(trainer);
}

/* --- work --------------------------------------------------------------------------- */

static int asked, stop_at;

static int stop(void *context) {
    CHECK(context == &asked);
    return ++asked == stop_at;
}

static void test_work(void) {
    char error[200] = "";
    onnx_work work = dn_onnx_work_begin(NULL, 100);
    uint64_t done = 0;
    for (; dn_onnx_worked(&work, 1 << 20); done += 1 << 20) CHECK(done < work.most);
    CHECK(done == (12ull << 26));
    CHECK(dn_onnx_work_end(&work, DN_OK, error, sizeof error) == DN_ERROR);
    CHECK_STR(error, "the file reads or changes its constants too often, more than "
                     "805306768 numbers; expected each to be used once");
    CHECK(!dn_onnx_worked(&work, 0)); /* and so it stays */
    const dn_watch deaf = {NULL, NULL};
    work = dn_onnx_work_begin(&deaf, 100);
    CHECK(dn_onnx_worked(&work, 1 << 20));
    CHECK(dn_onnx_work_end(&work, DN_NOMEM, error, sizeof error) == DN_NOMEM);
}

/* The caller stops it, whenever it is asked; what was made by then is freed. */
static void test_stop(void) {
    const dn_host host = {.watch = {stop, &asked}};
    pb_writer w = file_of("input x 0,400\noutput y\ntensor k 400,400\ntensor b 400\n"
                          "MatMul - x k > m\nBatchNormalization - m b b b b > n\n"
                          "Mul - n b > o\nRelu - o > r\nTranspose - k > t perm=1,0\n"
                          "MatMul - r t > y\n",
                          13);
    const dn_onnx_given given = {.shape = {20, 20, 1}, .std = 1};
    dn_onnx *net;
    asked = stop_at = 0;
    CHECK(dn_onnx_read(&net, w.p, w.size, &given, &host, words_error, 512) == DN_OK);
    dn_onnx_free(net);
    const int most = asked;
    CHECK(most > 10);
    for (stop_at = 1; stop_at <= most; stop_at++) {
        asked = 0;
        CHECK(dn_onnx_read(&net, w.p, w.size, &given, &host, words_error, 512) ==
              DN_STOPPED);
        CHECK(!net && asked == stop_at); /* it asks no more */
    }
    free(w.p);
}

/* How often the caller is asked while a graph is read. */
static int asked_for(const char *graph) {
    const dn_host host = {.watch = {stop, &asked}};
    pb_writer w = file_of(graph, 13);
    dn_onnx *net = NULL;
    asked = stop_at = 0;
    const int status =
        dn_onnx_read(&net, w.p, w.size, &plain, &host, words_error, sizeof words_error);
    CHECK(status == DN_ERROR); /* so many values are no classes */
    dn_onnx_free(net);
    free(w.p);
    return asked;
}

/* Each number that is laid along maps counts, as often as it is touched: 4 times 65,536
 * of them. */
static void test_asks(void) {
#define LARGE "input x 0,1,512,512\noutput y\ntensor w 1,1,1,1\nConv - x w > c\n"
    CHECK(asked_for(LARGE "tensor b 512 1,2,3\nDiv - c b > y\n") >= 4 * 7);
    CHECK(asked_for(LARGE "tensor b 1,1,512 1,2,3\n"
                          "BatchNormalization - c b b b b > y\n") >= 4 * 21);
}

/* The same while model bytes are made of what was read. */
static void test_stop_model(void) {
    const dn_watch watch = {stop, &asked};
    pb_writer w =
        file_of("input x 0,1100\noutput y\ntensor k 1100,1100\nMatMul - x k > y\n", 13);
    const dn_onnx_given given = {.shape = {44, 25, 1}, .std = 1};
    static const dn_label labels[1100];
    dn_onnx *net;
    void *model = NULL;
    size_t size;
    CHECK(dn_onnx_read(&net, w.p, w.size, &given, NULL, words_error, 512) == DN_OK);
    asked = 0;
    stop_at = 1;
    CHECK(dn_onnx_model(net, labels, &watch, &model, &size) == DN_STOPPED);
    CHECK(!model && asked == 1);
    CHECK(dn_onnx_model(net, labels, NULL, &model, &size) == DN_OK);
    CHECK(size > 4 * 1100 * 1100);
    free(model);
    dn_onnx_free(net);
    free(w.p);
}

int main(void) {
    test_names();
    test_counts();
    if (!check_emulated()) { /* 300 MB, and as many steps */
        test_weights();
        test_constant();
        test_shapes();
        test_memory();
    }
    test_export();
    test_work();
    test_stop();
    test_asks();
    test_stop_model();
    return check_done("test_onnx_limits");
}
