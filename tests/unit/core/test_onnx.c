/* test_onnx.c - ONNX files: the wire format, what is read of it, and every way to be
 * wrong. */
#include "onnx_words.h"

/* --- the wire format ---------------------------------------------------------------- */

/* The first field of some bytes: what dn_pb_next says. */
static int first(const char *bytes, size_t size, pb_field *field) {
    uint8_t *copy = malloc(size ? size : 1); /* so that a sanitizer sees the byte after */
    memcpy(copy, bytes, size);
    pb_reader r = dn_pb_reader((pb_bytes){copy, size});
    const int more = dn_pb_next(&r, field);
    if (more <= 0) CHECK(r.at == copy);
    free(copy);
    return more;
}

#define FIRST(text) first(text, sizeof text - 1, &f)

static void test_wire(void) {
    pb_field f;
    CHECK(FIRST("") == 0);
    CHECK(FIRST("\x08\x01") == 1 && f.number == 1 && f.wire == PB_VARINT && f.value == 1);
    CHECK(FIRST("\x08\xac\x02") == 1 && f.value == 300);
    CHECK(FIRST("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") == 1 &&
          f.value == UINT64_MAX);
    CHECK(FIRST("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02") == -1);
    CHECK(FIRST("\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01") == -1);
    CHECK(FIRST("\x08") == -1);
    CHECK(FIRST("\x08\x80") == -1);
    CHECK(FIRST("\x80") == -1);
    CHECK(FIRST("\x00\x01") == -1); /* field 0 */
    CHECK(FIRST("\xf8\xff\xff\xff\x0f\x01") == 1 && f.number == 536870911);
    CHECK(FIRST("\x80\x80\x80\x80\x10\x01") == -1); /* field 2^29 */
    CHECK(FIRST("\x0b\x0c") == -1);                 /* groups */
    CHECK(FIRST("\x0c") == -1);
    CHECK(FIRST("\x0e\x01") == -1); /* no wire type */
    CHECK(FIRST("\x0f\x01") == -1);
    CHECK(FIRST("\x15\x00\x00\x80\x3f") == 1 && f.number == 2 && f.value == 0x3f800000);
    CHECK(FIRST("\x15\x00\x00\x80") == -1);
    CHECK(FIRST("\x11\x01\x00\x00\x00\x00\x00\x00\x80") == 1 &&
          f.value == 1 + (1ull << 63));
    CHECK(FIRST("\x11\x01\x00\x00\x00\x00\x00\x00") == -1);
    CHECK(FIRST("\x12\x00") == 1 && f.bytes.size == 0);
    CHECK(FIRST("\x12\x02xy") == 1 && f.bytes.size == 2);
    CHECK(FIRST("\x12\x03xy") == -1);
    CHECK(FIRST("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01xy") == -1);
}

/* Adds the numbers of a field up; -1 if one of them is damaged. */
static int64_t sum(const char *bytes, size_t size, pb_wire wire) {
    pb_field f;
    uint64_t value;
    int64_t all = 0;
    int more;
    pb_reader r = dn_pb_reader((pb_bytes){(const uint8_t *)bytes, size});
    CHECK(dn_pb_next(&r, &f) == 1);
    pb_numbers numbers = dn_pb_numbers(&f, wire);
    while ((more = dn_pb_number(&numbers, &value)) > 0) all += (int64_t)value;
    return more < 0 ? -1 : all;
}

#define SUM(text, wire) sum(text, sizeof text - 1, wire)

static void test_numbers(void) {
    CHECK(SUM("\x08\x07", PB_VARINT) == 7);
    CHECK(SUM("\x0a\x04\x07\x01\xac\x02", PB_VARINT) == 308);
    CHECK(SUM("\x0a\x00", PB_VARINT) == 0);
    CHECK(SUM("\x0a\x03\x07\x01\xac", PB_VARINT) == -1);
    CHECK(SUM("\x0a\x08\x01\0\0\0\x02\0\0\0", PB_FIXED32) == 3);
    CHECK(SUM("\x0a\x07\x01\0\0\0\x02\0\0", PB_FIXED32) == -1);
    CHECK(SUM("\x0d\x05\0\0\0", PB_FIXED32) == 5);
    CHECK(SUM("\x0a\x08\x05\0\0\0\0\0\0\0", PB_FIXED64) == 5);
    CHECK(SUM("\x08\x07", PB_FIXED32) == -1);
    CHECK(SUM("\x0d\x05\0\0\0", PB_VARINT) == -1);
}

static void test_writer(void) {
    pb_writer w = {.heap = dn_heap_of(NULL)};
    pb_field f;
    const size_t outer = dn_pb_open(&w, 7), inner = dn_pb_open(&w, 300);
    char long_text[400];
    memset(long_text, 'x', sizeof long_text);
    dn_pb_put_int(&w, 1, -1);
    dn_pb_put_bytes(&w, 2, long_text, sizeof long_text);
    dn_pb_close(&w, inner);
    dn_pb_put_float(&w, 3, 1.5f);
    dn_pb_put_text(&w, 4, "");
    dn_pb_close(&w, outer);
    CHECK(!w.failed);
    pb_reader r = dn_pb_reader((pb_bytes){w.p, w.size});
    CHECK(dn_pb_next(&r, &f) == 1 && f.number == 7 && r.at == r.end);
    r = dn_pb_reader(f.bytes);
    CHECK(dn_pb_next(&r, &f) == 1 && f.number == 300);
    pb_reader in = dn_pb_reader(f.bytes);
    CHECK(dn_pb_next(&r, &f) == 1 && f.number == 3 && f.value == 0x3fc00000);
    CHECK(dn_pb_next(&r, &f) == 1 && f.number == 4 && f.bytes.size == 0);
    CHECK(dn_pb_next(&r, &f) == 0);
    CHECK(dn_pb_next(&in, &f) == 1 && f.value == UINT64_MAX);
    CHECK(dn_pb_next(&in, &f) == 1 && f.bytes.size == 400);
    CHECK(dn_pb_next(&in, &f) == 0);
    free(w.p);
}

/* --- what is read ------------------------------------------------------------------- */

static void test_reads(void) {
    CHECK_STR(read_text(HEAD CONV DENSE), "3C3v of 8x8x1, 4 classes");
    CHECK_STR(read_text(HEAD "Conv c x w > c pads=1,1,1,1\nRelu - c > r\n"
                             "MaxPool p r > d kernel_shape=3,3 strides=1,1\n" DENSE),
              "3C3-MP3/1 of 8x8x1, 4 classes");
    /* Pooling and what is done to a channel can change places with the Relu. */
    CHECK_STR(read_text(HEAD
                        "tensor k 27,4\nConv c x w b > c\nAdd a c three > a\n"
                        "MaxPool p a > p kernel_shape=2,2 strides=2,2\n"
                        "Mul u p three > u\nRelu - u > r\nDropout d r > d ratio~0.25\n"
                        "Flatten - d > e\nMatMul m e k > y\n"),
              "3C3v-MP2-D0.25 of 8x8x1, 4 classes");
    CHECK_STR(read_text(HEAD
                        "BatchNormalization n x one one one one > n\nConv c n w > c\n"
                        "Relu - c > d\n" DENSE),
              "3C3v of 8x8x1, 4 classes");
    /* The output may be a convolution. */
    CHECK_STR(read_text("input x 1,1,8,8\noutput y\ntensor w 5,1,8,8\nConv c x w > c\n"
                        "Flatten - c > y\n"),
              " of 8x8x1, 5 classes");
    /* A flat image. */
    CHECK_STR(read_text("input x 0,144\noutput y\ntensor w 5,144\n"
                        "Gemm g x w > y transB=1\n"),
              " of 12x12x1, 5 classes");
    dn_onnx_given given = {.shape = {4, 12, 3}, .std = 1};
    CHECK_STR(
        read_set("input x 0,144\noutput y\ntensor w 5,144\nGemm g x w > y transB=1\n", 13,
                 &given),
        " of 4x12x3, 5 classes");
    given.shape = (dn_shape){8, 8, 1};
    CHECK_STR(
        read_set("input x 0,0,0,0\noutput y\ntensor w 3,1,3,3\ntensor f 108,4\n" CONV
                 "Flatten - d > e\nMatMul m e f > y\ntensor b 3\n",
                 13, &given),
        "3C3v of 8x8x1, 4 classes");
    CHECK_STR(read_set(HEAD CONV "Flatten - d > e\nMatMul m e f > z\nSoftmax s z > y\n",
                       11, &plain),
              "3C3v of 8x8x1, 4 classes");
}

/* What our notation cannot say. */
static void test_refuses(void) {
    CHECK_STR(read_text(HEAD "Conv c x w b > c\nTanh t c > y\n"),
              "3C3vt-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD "Conv c x w > c group=3\n"),
              "Conv 'c' (node 1): group is 3; expected to divide its 1 inputs and 3 "
              "outputs");
    CHECK_STR(read_text(HEAD "Conv - x w > c dilations=2,2\n"),
              "3C5vi-OUT of 8x8x1, 48 classes");
    CHECK_STR(read_text(HEAD "Conv c x w > c strides=2,1\n"),
              "3C3vi-MP1/2.1-OUT of 8x8x1, 54 classes");
    CHECK_STR(read_text(HEAD "Conv c x w > c strides=4,6\n"),
              "3C3v/2i-MP1/2.3-OUT of 8x8x1, 6 classes");
    CHECK_STR(read_text(HEAD "Conv c x w > c strides=0,0\n"),
              "Conv 'c' (node 1): a stride is 0; expected 1..4096");
    CHECK_STR(read_text(HEAD "Conv c x w > c pads=1,1,1,1 strides=2,2\n"),
              "3C3p1.1.0.0/2i-OUT of 8x8x1, 48 classes");
    CHECK_STR(read_text(HEAD "Conv c x w > c pads=2,2,2,2\n"),
              "3C3p2i-OUT of 8x8x1, 300 classes");
    CHECK_STR(read_text(HEAD "Conv c x w > c pads=-1,0,0,0\n"),
              "Conv 'c' (node 1): a pad is -1; expected 0..4096");
    CHECK_STR(read_text(HEAD "Conv c x w > c auto_pad:ODD\n"),
              "Conv 'c' (node 1): auto_pad is 'ODD'; expected SAME_UPPER, SAME_LOWER, "
              "VALID or NOTSET");
    CHECK_STR(read_text(HEAD "Conv c x w > c rate=2\n"),
              "Conv 'c' (node 1): attribute 'rate' is not known");
    CHECK_STR(read_text(HEAD "tensor o 2,1,3,2\nConv c x o > c\n"),
              "2C3p0.0.0.1i-OUT of 8x8x1, 84 classes");
    CHECK_STR(read_text(HEAD "tensor o 2,2,3,3\nConv c x o > c\n"),
              "Conv 'c' (node 1): its weights are for 2 channels; it reads 1");
    CHECK_STR(read_text(HEAD "tensor o 2,1,9,9\nConv c x o > c\n"),
              "Conv 'c' (node 1): a window of 9x9 does not fit maps of 8x8");
    CHECK_STR(read_text(HEAD "Conv c x four > c\n"),
              "Conv 'c' (node 1): its weights are no constant of 4 dimensions");
    CHECK_STR(read_text(HEAD "Conv c x w four > c\n"),
              "Conv 'c' (node 1): constant 'four' has 4 numbers; expected 3");
    CHECK_STR(read_text(HEAD CONV "MaxPool p d > e kernel_shape=2,3\n"),
              "3C3v-MP2.3/1-OUT of 8x8x1, 60 classes");
    CHECK_STR(read_text(HEAD CONV "MaxPool p d > e kernel_shape=2,2 dilations=2,3\n"),
              "3C3v-MP2/1d2.3-OUT of 8x8x1, 36 classes");
    CHECK_STR(read_text(HEAD CONV "AveragePool p d > e kernel_shape=2,2 dilations=2,3\n"),
              "AveragePool 'p' (node 3): dilations are 2 and 3; expected 1..1");
    CHECK_STR(read_text(HEAD CONV "MaxPool p d > e kernel_shape=3,3 strides=2,2 "
                                  "pads=1,1,1,1\n"),
              "3C3v-MP3/2p1.1.0.0-OUT of 8x8x1, 27 classes");
    CHECK_STR(read_text(HEAD CONV "MaxPool p d > e kernel_shape=4,4 strides=4,4 "
                                  "ceil_mode=1\n"),
              "3C3v-MP4p0.0.2.2-OUT of 8x8x1, 12 classes");
    CHECK_STR(read_text(HEAD CONV "AveragePool p d > e kernel_shape=7,7\n"),
              "AveragePool 'p' (node 3): a window of 7x7 does not fit maps of 6x6");
    CHECK_STR(read_text(HEAD "Conv c x w > c\nAveragePool p c > e kernel_shape=2,2\n"),
              "3C3vi-AP2/1-OUT of 8x8x1, 75 classes");
    CHECK_STR(read_text(HEAD CONV "Add a d d > e\n"),
              "3C3v-(@1|@1)+i-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD CONV "Add a d c > e\n"),
              "3C3vi-DW1-(@2|@1)+i-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD CONV "Flatten g c > e\n"),
              "3C3vi-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD CONV "Add a d one > e\n"), "3C3v-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD "Conv c x w > c\nSub s one c > e\n"),
              "3C3vi-OUT of 8x8x1, 108 classes");
    CHECK_STR(
        read_text(HEAD "tensor k 3\nConv c x w > c\nAdd a c k > e\n"),
        "Add 'a' (node 2): constant 'k' has 3 numbers; expected 1, or as many as there "
        "are channels, 3");
    CHECK_STR(
        read_text(HEAD "Sub s x four > p\nConv - p w > a\n" END),
        "Sub 's' (node 1): constant 'four' has 4 numbers; expected 1, or as many as "
        "there are channels, 1");
    CHECK_STR(read_text(HEAD "ints z -1,0\nSub s x z > p\nConv - p w > a\n" END),
              "Sub 's' (node 1): constant 'z' has 2 numbers; expected 1, or as many as "
              "there are channels, 1");
    CHECK_STR(read_text(HEAD "Relu r x > e\n"),
              "the output is 'y', which is the image; expected layers");
    CHECK_STR(
        read_text(HEAD CONV "MatMul m d f > y\n"),
        "MatMul 'm' (node 3): reads values of 4 dimensions; expected 2, [N, inputs]");
    CHECK_STR(
        read_text(HEAD CONV "Flatten g d > e\nConv k e w > y\n"),
        "Conv 'k' (node 4): reads values of 2 dimensions; expected 4, [N, C, H, W]");
    CHECK_STR(read_text(HEAD CONV "Flatten g d > e axis=2\n"),
              "3C3v-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD CONV "Flatten g d > e\nGemm m e four > y\n"),
              "Gemm 'm' (node 4): its weights are no constant of 2 dimensions");
    CHECK_STR(read_text(HEAD CONV "Flatten g d > e\ntensor o 9,9\nGemm m e o > y\n"),
              "Gemm 'm' (node 4): its weights are for 9 inputs; it reads 108");
    CHECK_STR(read_text(HEAD CONV "Flatten g d > e\nGemm m e f > y transA=1\n"),
              "Gemm 'm' (node 4): transA is 1; expected 0");
    CHECK_STR(read_text(HEAD CONV "Transpose t d > e perm=0,2,3,1\nConv k e w > y\n"),
              "Conv 'k' (node 4): reads [N, H, W, C], or maps in another order; expected "
              "[N, C, H, W]");
    CHECK_STR(read_text(HEAD CONV "ints s -1,54\nReshape r d s > e\n"),
              "3C3v-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD CONV "ints s 108,-1\nReshape r d s > e\n"),
              "3C3v-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD CONV "ints s -1,6,3,6\nReshape r d s > e\n"),
              "3C3v-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD CONV "Reshape r d one > e\n"),
              "Reshape 'r' (node 3): its shape is not a constant that can be computed");
    CHECK_STR(read_text(HEAD CONV "ints s 2\nSqueeze r d s > e\n"),
              "Squeeze 'r' (node 3): removes a dimension of 6; expected 1");
    CHECK_STR(read_text(HEAD CONV "Dropout k d > e ratio~1\n"),
              "Dropout 'k' (node 3): the ratio is 1; expected 0..1");
    CHECK_STR(read_text(HEAD CONV "Softmax s d > y\n"),
              "Softmax 's' (node 3): axis is -1; expected that of the classes");
    CHECK_STR(read_text(HEAD CONV "Flatten - d > e\nMatMul m e f > g\nSoftmax s g > y "
                                  "axis=0\n"),
              "Softmax 's' (node 5): axis is 0; expected that of the classes");
    CHECK_STR(read_text(HEAD CONV "Flatten - d > e\nMatMul m e f > g\nSoftmax s g > h\n"
                                  "Relu r h > y\n"),
              "Softmax 's' (node 5): is within the network; expected it last");
    CHECK_STR(
        read_text(HEAD CONV "Cast k d > e to=7\n"),
        "Cast 'k' (node 3): casts the network's values to type 7; expected a float");
    CHECK_STR(read_text(HEAD CONV "Relu q d > e domain:com.x\n"),
              "Relu 'q' (node 3): is of domain 'com.x'; expected ONNX's own operators");
    CHECK_STR(
        read_text(HEAD "Conv c x w > c\nBatchNormalization n c b b b four > y\n"),
        "BatchNormalization 'n' (node 2): constant 'four' has 4 numbers; expected 1, "
        "or as many as there are channels, 3");
    CHECK_STR(read_text(HEAD CONV "BatchNormalization n d b b b b > y\n"),
              "3C3v-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD CONV "Flatten - d > y\n"), "3C3v-OUT of 8x8x1, 108 classes");
    CHECK_STR(read_text(HEAD CONV "Flatten - d > e\nMatMul m e f > z\n"),
              "3C3v of 8x8x1, 4 classes");
    CHECK_STR(read_text(HEAD), "the output is 'y', which no layer outputs");
    CHECK_STR(read_text("input x 0,12\noutput y\n"),
              "the output is 'y', which no layer outputs");
    CHECK_STR(read_text("input x 0,12\noutput y\ntensor w 12,3\nMatMul m x w > y\n"),
              "MatMul 'm' (node 1): images are 12 values in a row; give their shape in "
              "options, as {\"shape\": \"28x28x1\"}");
    CHECK_STR(
        read_text("input x 0,4\noutput y\ntensor w 4,1\nMatMul m x w > y\n"),
        "the network ends with MatMul 'm' (node 1), which gives one number; expected "
        "one for each class, or a Sigmoid of the one, which is then the probability "
        "of the second of two classes");
    CHECK_STR(read_text("input x 0,4\ninput z 0,4\noutput y\n"),
              "the graph has 2 inputs that are not constants; expected one, the images");
    CHECK_STR(
        read_text("input x 0\noutput y\n"),
        "dimension 1 of input 'x' has no number; give the images' shape in options, "
        "as {\"shape\": \"28x28x1\"}");
    CHECK_STR(read_text("input x 0,0,8\noutput y\n"),
              "dimension 2 of input 'x' has no number; give the images' shape in "
              "options, as {\"shape\": \"28x28x1\"}");
    CHECK_STR(
        read_text("input x 0,8 6\noutput y\n"),
        "input 'x' has elements of type 6; expected float (1), float16 (10), double "
        "(11) or uint8 (2)");
    CHECK_STR(read_text("input x 0,99999,99999\noutput y\n"),
              "input 'x' has more than 67108864 values an image");
    /* Before operator set 7 a constant says along which dimension it lies. */
    CHECK_STR(read_set(HEAD OPEN "Add - c b > a broadcast=1 axis=1\n" END, 6, &plain),
              FINE);
}

/* --- damaged files ------------------------------------------------------------------ */

/* A tensor alone: as it is read. */
static const char *tensor_error(pb_writer *w) {
    onnx_work work = dn_onnx_work_begin(NULL, w->size);
    onnx_file file = {.bytes = {w->p, w->size},
                      .error = words_error,
                      .error_size = sizeof words_error,
                      .work = &work};
    onnx_tensor tensor;
    float floats[8];
    int64_t ints[8];
    words_error[0] = 0;
    int status = dn_onnx_tensor_at(&tensor, &file, file.bytes);
    if (status == DN_OK && tensor.n <= 8)
        status = dn_onnx_is_integer(&tensor) ? dn_onnx_ints(ints, &file, &tensor)
                                             : dn_onnx_floats(floats, &file, &tensor);
    if (status == DN_OK)
        snprintf(words_error, sizeof words_error, "%g",
                 dn_onnx_is_integer(&tensor) ? (double)ints[0] : (double)floats[0]);
    free(w->p);
    *w = (pb_writer){.heap = w->heap};
    return words_error;
}

static void test_tensors(void) {
    pb_writer w = {.heap = dn_heap_of(NULL)};
#define TENSOR(type, dim)                                                                \
    dn_pb_put_text(&w, TENSOR_NAME, "t"), dn_pb_put_int(&w, TENSOR_DATA_TYPE, type),     \
        dn_pb_put_int(&w, TENSOR_DIMS, dim)
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_bytes(&w, TENSOR_RAW_DATA, "\0\0\x80\x3f", 4);
    CHECK_STR(tensor_error(&w), "1");
    TENSOR(ELEM_FLOAT16, 1);
    dn_pb_put_bytes(&w, TENSOR_RAW_DATA, "\0\x3e", 2);
    CHECK_STR(tensor_error(&w), "1.5");
    TENSOR(ELEM_FLOAT16, 1);
    dn_pb_put_int(&w, TENSOR_INT32_DATA, 0x3e00);
    CHECK_STR(tensor_error(&w), "1.5");
    TENSOR(ELEM_DOUBLE, 1);
    dn_pb_put_bytes(&w, TENSOR_RAW_DATA, "\0\0\0\0\0\0\xf8\x3f", 8);
    CHECK_STR(tensor_error(&w), "1.5");
    TENSOR(ELEM_DOUBLE, 1);
    dn_pb_put_bytes(&w, TENSOR_DOUBLE_DATA, "\0\0\0\0\0\0\xf8\x3f", 8);
    CHECK_STR(tensor_error(&w), "1.5");
    TENSOR(ELEM_INT64, 2);
    dn_pb_put_bytes(&w, TENSOR_INT64_DATA, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01",
                    11);
    CHECK_STR(tensor_error(&w), "-1");
    TENSOR(ELEM_INT32, 1);
    dn_pb_put_bytes(&w, TENSOR_RAW_DATA, "\xfe\xff\xff\xff", 4);
    CHECK_STR(tensor_error(&w), "-2");
    TENSOR(ELEM_BOOL, 1);
    dn_pb_put_bytes(&w, TENSOR_RAW_DATA, "\1", 1);
    CHECK_STR(tensor_error(&w), "1");
    /* In pieces, packed and not. */
    TENSOR(ELEM_FLOAT, 3);
    dn_pb_put_float(&w, TENSOR_FLOAT_DATA, 2);
    dn_pb_put_bytes(&w, TENSOR_FLOAT_DATA, "\0\0\x80\x3f\0\0\x80\x3f", 8);
    CHECK_STR(tensor_error(&w), "2");

    TENSOR(ELEM_FLOAT, 2);
    dn_pb_put_bytes(&w, TENSOR_RAW_DATA, "\0\0\x80\x3f", 4);
    CHECK_STR(tensor_error(&w),
              "tensor 't' has 1 numbers, or some of another type than it "
              "says; expected 2");
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_bytes(&w, TENSOR_RAW_DATA, "\0\0\x80\x3f\0", 5);
    CHECK_STR(tensor_error(&w),
              "tensor 't' has 1 numbers, or some of another type than it "
              "says; expected 1");
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_int(&w, TENSOR_INT64_DATA, 1);
    CHECK_STR(tensor_error(&w),
              "tensor 't' has 1 numbers, or some of another type than it "
              "says; expected 1");
    TENSOR(ELEM_FLOAT, -1);
    CHECK_STR(tensor_error(&w), "tensor 't' has a dimension of -1");
    TENSOR(ELEM_FLOAT, INT64_MAX);
    CHECK_STR(tensor_error(&w), "tensor 't' has a dimension of 9223372036854775807");
    TENSOR(ELEM_FLOAT, 0);
    dn_pb_put_int(&w, TENSOR_DIMS, INT32_MAX);
    dn_pb_put_int(&w, TENSOR_DIMS, INT32_MAX);
    dn_pb_put_int(&w, TENSOR_DIMS, INT32_MAX);
    CHECK_STR(tensor_error(&w), "tensor 't' has a dimension of 0");
    TENSOR(ELEM_FLOAT, INT32_MAX);
    for (int i = 0; i < 5; i++) dn_pb_put_int(&w, TENSOR_DIMS, INT32_MAX);
    CHECK_STR(tensor_error(&w), "tensor 't' has a dimension of 2147483647");
    TENSOR(ELEM_FLOAT, 1);
    for (int i = 0; i < 8; i++) dn_pb_put_int(&w, TENSOR_DIMS, 1);
    CHECK(strstr(tensor_error(&w), "more than 8 numbers") != NULL);
    TENSOR(2, 1);
    CHECK(strncmp(tensor_error(&w), "tensor 't' has elements of type 2; expected", 43) ==
          0);
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_bytes(&w, TENSOR_RAW_DATA, "\0\0\x80\x7f", 4);
    CHECK_STR(tensor_error(&w), "number 0 of tensor 't' is not a finite float");
    TENSOR(ELEM_DOUBLE, 1);
    dn_pb_put_bytes(&w, TENSOR_RAW_DATA, "\0\0\0\0\0\0\xf0\x7e", 8);
    CHECK_STR(tensor_error(&w), "number 0 of tensor 't' is not a finite float");
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_float(&w, TENSOR_FLOAT_DATA, 1);
    dn_pb_put_bytes(&w, TENSOR_RAW_DATA, "\0\0\x80\x3f", 4);
    CHECK(strstr(tensor_error(&w), "data of two kinds") != NULL);
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_bytes(&w, TENSOR_FLOAT_DATA, "\0\0\x80", 3);
    CHECK(strstr(tensor_error(&w), "a number cut off") != NULL);
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_int(&w, TENSOR_FLOAT_DATA, 1);
    CHECK(strstr(tensor_error(&w), "no list of numbers") != NULL);
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_int(&w, TENSOR_RAW_DATA, 1);
    CHECK(strstr(tensor_error(&w), "a number in the place of bytes") != NULL);
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_text(&w, TENSOR_DATA_TYPE, "x");
    CHECK(strstr(tensor_error(&w), "bytes in the place of an integer") != NULL);
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_int(&w, TENSOR_DATA_LOCATION, 1);
    CHECK(strstr(tensor_error(&w), "keeps its numbers in the file ''") != NULL);
    TENSOR(ELEM_FLOAT, 1);
    dn_pb_put_text(&w, TENSOR_EXTERNAL_DATA, "");
    CHECK(strstr(tensor_error(&w), "keeps its numbers in the file ''") != NULL);
}

/* Cut anywhere, and with any byte changed: an error or a network, never more. */
static void test_damage(void) {
    pb_writer w = file_of(HEAD CONV "Shape s d > s\nints z 0\nGather g s z > g axis=0\n"
                                    "ints m -1\nConcat k g m > k axis=0\n"
                                    "Reshape - d k > e\nMatMul m e f > y\n",
                          13);
    CHECK_STR(read_bytes(w.p, w.size, &plain), "3C3v of 8x8x1, 4 classes");
    for (size_t n = 0; n < w.size; n++)
        CHECK(strstr(read_bytes(w.p, n, &plain), " classes") == NULL);
    uint8_t *copy = malloc(w.size);
    const int before = check_failed;
    words_fail = 0;
    for (size_t i = 0; i < w.size; i++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(copy, w.p, w.size);
            copy[i] ^= (uint8_t)(1 << bit);
            read_bytes(copy, w.size, &plain);
        }
    CHECK(check_failed == before);
    words_fail = 1;
    free(copy);
    free(w.p);
}

/* Many of everything. */
static void test_limits(void) {
    pb_writer w = {.heap = dn_heap_of(NULL)};
    dn_pb_put_bytes(&w, MODEL_OPSET_IMPORT, "\x10\x0d", 2);
    dn_pb_put_text(&w, MODEL_GRAPH, "");
    dn_pb_put_text(&w, MODEL_GRAPH, "");
    CHECK(strstr(read_bytes(w.p, w.size, &plain), "a second graph") != NULL);
    free(w.p);
    static char many[20000] = HEAD CONV "Concat k";
    for (int i = 0; i <= ONNX_MAX_INPUTS; i++) strcat(many, " four");
    strcat(many, " > y\n");
    CHECK_STR(read_text(many), "a NodeProto has more than 64 inputs");
    strcpy(many, "input x 0,4\noutput y\ntensor w 4,4\nIdentity - x > a0\n");
    for (int i = 0; i < 514; i++)
        snprintf(many + strlen(many), 64, "Dropout - a%d > a%d\n", i, i + 1);
    strcat(many, "MatMul - a514 w > y\n");
    CHECK_STR(read_text(many), "Dropout node 515: is one more than 512 layers");
}

int main(void) {
    test_wire();
    test_numbers();
    test_writer();
    test_reads();
    test_refuses();
    test_tensors();
    test_damage();
    test_limits();
    return check_done("test_onnx");
}
