/* test_onnx_pixels.c - what an ONNX file does to its pixels: as inspect tells it, and as
 * the network that is read takes them. */
#include "onnx_words.h"

/* The row 'pixels'. */
typedef struct pixels_row {
    char name[200], note[200];
} pixels_row;

static int keep(void *context, const dn_onnx_part *part) {
    pixels_row *row = context;
    if (strcmp(part->part, "network") == 0 && !part->supported)
        snprintf(row->note, sizeof row->note, "%s", part->note);
    if (strcmp(part->part, "pixels") != 0) return DN_OK;
    snprintf(row->name, sizeof row->name, "%s", part->name);
    snprintf(row->note, sizeof row->note, "%s", part->note);
    return DN_OK;
}

/* "x - 0.5: x is 0..1; …" */
static const char *told(const char *graph) {
    static char out[500];
    pixels_row row = {"", ""};
    pb_writer w = file_of(graph, 13);
    char error[512] = "";
    const int status =
        dn_onnx_inspect(w.p, w.size, &plain, NULL, keep, &row, error, sizeof error);
    free(w.p);
    snprintf(out, sizeof out, "%s: %s%s", row.name, row.note,
             status == DN_OK ? "" : error);
    return out;
}

#define FILE_SAYS                                                                        \
    "x is 0..1; the file normalises it itself, and its input is taken to be 0..1"
#define SCALED                                                                           \
    "x is 0..1; the file scales 0..255 down itself, so its input gets 0..255 "           \
    "(std = 1/255)"
#define BYTES "x is 0..1; the file's input is bytes, so it gets 0..255 (std = 1/255)"

#define GREY      "input x 0,4\noutput y\ntensor w 4,2 1,2,3,4,5,6,7,8\n"
#define GREY8     "input x 0,4 2\noutput y\ntensor w 4,2 1,2,3,4,5,6,7,8\n"
#define LAST      "MatMul - p w > y\n"
#define ONE(of)   "tensor k 1 " of "\n"
#define TWO(a, b) "tensor k 1 " a "\ntensor u 1 " b "\n"

static void test_grey(void) {
    CHECK_STR(told(GREY "Identity - x > p\n" LAST),
              "x: x is 0..1, as the file tells nothing else; if that is wrong, give mean "
              "and std, or let fit find them: see 'Which normalisation?' in the manual");
    CHECK_STR(told(GREY ONE("1") "Sub - k x > p\n" LAST), "1 - x: " FILE_SAYS);
    CHECK_STR(told(GREY "Neg - x > p\n" LAST), "-x: " FILE_SAYS);
    CHECK_STR(told(GREY ONE("0.5") "Sub - x k > p\n" LAST), "x - 0.5: " FILE_SAYS);
    CHECK_STR(told(GREY ONE("0.5") "Add - x k > p\n" LAST), "x + 0.5: " FILE_SAYS);
    CHECK_STR(told(GREY ONE("2") "Mul - x k > p\n" LAST), "x / 0.5: " FILE_SAYS);
    CHECK_STR(told(GREY TWO("0.1307", "0.3081") "Sub - x k > q\nDiv - q u > p\n" LAST),
              "(x - 0.1307) / 0.3081: " FILE_SAYS);
    CHECK_STR(told(GREY TWO("0.5", "-0.25") "Sub - x k > q\nDiv - q u > p\n" LAST),
              "(0.5 - x) / 0.25: " FILE_SAYS);
}

/* Its input is 0..255, since it scales that itself, in whatever order. */
static void test_scaled(void) {
    CHECK_STR(told(GREY ONE("255") "Div - x k > p\n" LAST), "x: " SCALED);
    CHECK_STR(told(GREY ONE("0.00392156862745098") "Mul - x k > p\n" LAST), "x: " SCALED);
    CHECK_STR(told(GREY TWO("127.5", "127.5") "Sub - x k > q\nDiv - q u > p\n" LAST),
              "(x - 0.5) / 0.5: " SCALED);
    CHECK_STR(told(GREY TWO("255", "255") "Sub - k x > q\nDiv - q u > p\n" LAST),
              "1 - x: " SCALED);
    CHECK_STR(told(GREY TWO("255", "0.5") "Div - x k > q\nSub - q u > p\n" LAST),
              "x - 0.5: " SCALED);
    CHECK_STR(told(GREY ONE("127.5") "Sub - x k > p\n" LAST),
              "(x - 0.5) / 0.00392157: " SCALED);
    CHECK_STR(told(GREY "tensor m 4 33.3\ntensor v 4 6180\ntensor n 4 1\ntensor z 4 0\n"
                        "BatchNormalization - x n z m v > p epsilon~0\n" LAST),
              "(x - 0.130588) / 0.308286: " SCALED);
    CHECK_STR(told(GREY8 "Cast - x > p to=1\n" LAST), "x / 0.00392157: " BYTES);
    CHECK_STR(told(GREY8 ONE("255") "Cast - x > f to=1\nDiv - f k > p\n" LAST),
              "x: " BYTES);
}

#define COLOUR     "input x 0,3,1,2\noutput y\ntensor w 6,2 1,2,3,4,5,6,7,8\n"
#define COLOUR_END "Flatten - q > f\nMatMul - f w > y\n"

/* Each channel's own. */
static void test_channels(void) {
    CHECK_STR(told(COLOUR "tensor m 1,3,1,1 0.485,0.456,0.406\ntensor s 1,3,1,1 "
                          "0.229,0.224,0.225\nSub - x m > p\nDiv - p s > q\n" COLOUR_END),
              "(x - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]: " FILE_SAYS);
    CHECK_STR(told(COLOUR "tensor m 1,3,1,1 103.939,116.779,123.68\n"
                          "Sub - x m > q\n" COLOUR_END),
              "(x - [0.407604, 0.457957, 0.48502]) / 0.00392157: " SCALED);
    CHECK_STR(told(COLOUR "tensor s 1,3,1,1 1,-1,2\nMul - x s > q\n" COLOUR_END),
              "x / [1, -1, 0.5]: " FILE_SAYS);
    CHECK_STR(
        told("input x 0,5,1,1\noutput y\ntensor w 2,5,1,1\ntensor m 1,5,1,1 "
             "0.1,0.2,0.3,0.4,0.5\nSub - x m > q\nConv - q w > c\nFlatten - c > y\n"),
        "x - [0.1, 0.2, 0.3, 0.4, ...]: " FILE_SAYS);
    /* Each value's own. */
    CHECK_STR(
        told(GREY "tensor m 4 0,33,128,2\nSub - x m > p\n" LAST),
        "x: x is 0..1; then the file scales each value by itself: if its numbers are "
        "for 0..255, give std = 1/255");
}

/* What is said of a graph to whoever imports it. */
static dn_onnx_doubt doubt_of(const char *graph, const dn_onnx_given *given) {
    pb_writer w = file_of(graph, 13);
    dn_onnx *net;
    dn_onnx_info info = {0};
    char error[512];
    CHECK(dn_onnx_read(&net, w.p, w.size, given, NULL, error, sizeof error) == DN_OK);
    dn_onnx_get_info(net, &info);
    dn_onnx_free(net);
    free(w.p);
    return info.doubt;
}

static void test_doubts(void) {
    const char *each = GREY "tensor m 4 0,33,128,2\nSub - x m > p\n" LAST;
    const char *none = GREY "Identity - x > p\n" LAST;
    const char *byte = GREY "tensor s 1 255\nDiv - x s > p\n" LAST;
    const dn_onnx_given bytes = {.std = 255, .said = 1};
    const dn_onnx_given half = {.mean = 0.5, .std = 0.5, .said = 1};
    const dn_onnx_given back = {.std = 1 / 255.0, .said = 1};
    CHECK(doubt_of(none, &plain) == DN_ONNX_UNSAID);
    CHECK(doubt_of(none, &half) == DN_ONNX_SURE);
    CHECK(doubt_of(none, &bytes) == DN_ONNX_ALIKE);
    CHECK(doubt_of(byte, &plain) == DN_ONNX_SURE);
    CHECK(doubt_of(byte, &half) == DN_ONNX_ALIKE);
    CHECK(doubt_of(byte, &back) == DN_ONNX_SURE);
    CHECK(doubt_of(each, &plain) == DN_ONNX_BY_VALUE);
    CHECK(doubt_of(each, &half) == DN_ONNX_SURE);
}

/* Model bytes of a graph, and the deviation that was taken. */
static void *read_it(const char *graph, const dn_onnx_given *given, size_t *size,
                     double *std) {
    static const dn_label labels[2] = {{NULL, 0, 0}, {NULL, 0, 1}};
    pb_writer w = file_of(graph, 13);
    void *bytes = NULL;
    dn_onnx *net;
    dn_onnx_info info;
    char error[512];
    CHECK(dn_onnx_read(&net, w.p, w.size, given, NULL, error, sizeof error) == DN_OK);
    dn_onnx_get_info(net, &info);
    *std = info.std;
    CHECK(dn_onnx_model(net, labels, NULL, &bytes, size) == DN_OK);
    dn_onnx_free(net);
    free(w.p);
    return bytes;
}

/* Whether two graphs become the same model. */
static int makes(const char *one, const dn_onnx_given *given, const char *other,
                 double std) {
    size_t size, other_size;
    double taken, none;
    void *a = read_it(one, given, &size, &taken);
    void *b = read_it(other, &plain, &other_size, &none);
    const int is = size == other_size && memcmp(a, b, size) == 0 && taken == std;
    free(a);
    free(b);
    return is;
}

/* The network gets what is told, unless mean or std is given: these hold. */
static void test_read(void) {
    static const dn_onnx_given said = {.std = 1, .said = 1};
    CHECK(makes(GREY ONE("255") "Div - x k > p\n" LAST, &plain, GREY "MatMul - x w > y\n",
                1 / 255.0));
    CHECK(makes(GREY ONE("3") "Div - x k > p\n" LAST, &said,
                GREY ONE("3") "Div - x k > p\n" LAST, 1));
    CHECK(!makes(GREY ONE("255") "Div - x k > p\n" LAST, &said, GREY "MatMul - x w > y\n",
                 1));
    CHECK(makes(GREY TWO("127.5", "127.5") "Sub - x k > q\nDiv - q u > p\n" LAST, &plain,
                GREY TWO("0.5", "0.5") "Sub - x k > q\nDiv - q u > p\n" LAST, 1 / 255.0));
}

int main(void) {
    test_grey();
    test_scaled();
    test_channels();
    test_doubts();
    test_read();
    return check_done("test_onnx_pixels");
}
