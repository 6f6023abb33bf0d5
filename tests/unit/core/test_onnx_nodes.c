/* test_onnx_nodes.c - the nodes of ONNX graphs: which ways of writing a network are the
 * same one. test_onnx_refused.c has those that cannot be read, test_onnx.c the rest. */
#include "onnx_words.h"

#define CANNOT                                                                           \
    "its arithmetic on constants is not supported; onnxsim writes a file with "          \
    "what comes of them"
#define PLACES "which it takes is no constant of one dimension"
#define BATCH  "takes as many as there are images in a batch; expected a number"
#define LENGTHS                                                                          \
    "Slice 's' (node 1): its starts, ends, axes and steps are no constants of one "      \
    "length"

/* --- the same network --------------------------------------------------------------- */

static void test_arithmetic(void) {
    CHECK_SAME(OPEN "Add - three c > a\n" END, OPEN "Add - c three > a\n" END);
    CHECK_SAME(OPEN "tensor m 1,3,1,1 -0.1,-0.2,-0.3\nSub - c m > a\n" END,
               OPEN "Add - c three > a\n" END);
    CHECK_SAME(OPEN "tensor h 1,3,1,1 2,4,0.5\nDiv - c h > a\n" END,
               OPEN "tensor h 1,3,1,1 0.5,0.25,2\nMul - h c > a\n" END);
    CHECK_OTHER(OPEN "tensor h 1,3,1,1 2,4,0.5\nDiv - c h > a\n" END,
                OPEN "tensor h 1,3,1,1 2,4,0.5\nMul - c h > a\n" END);
    /* One number stands for all. */
    CHECK_SAME(OPEN "Add - c one > a\n" END,
               OPEN "tensor t 1,3,1,1 0.1\nAdd - c t > a\n" END);
    CHECK_SAME("Conv c x w one > a\n" END, "tensor t 3 0.1\nConv c x w t > a\n" END);
    /* Pixels. */
    CHECK_SAME("tensor t 1 2\nDiv - x t > p\nConv c p w > a\n" END,
               "tensor h 1 0.5\nMul - x h > p\nConv c p w > a\n" END);
    CHECK_SAME("tensor t 1 -0.5\nSub - x t > p\nConv c p w > a\n" END,
               "tensor h 1 0.5\nAdd - h x > p\nConv c p w > a\n" END);
    CHECK_STR(read_text(HEAD "Dropout - x > k\nSub - k one > p\nConv c p w > a\n" END),
              "D0.5-3C3v of 8x8x1, 4 classes");
    /* A Gemm's factors. */
#define GEMM                                                                             \
    CONV "Flatten - d > e\ntensor k 4 1,2,3,4\ntensor k2 4 2,4,6,8\n"                    \
         "tensor g 108,4 1,2,3\ntensor g2 108,4 2,4,6\n"
    CHECK_SAME(GEMM "Gemm m e g k > y alpha~2\n", GEMM "Gemm m e g2 k > y\n");
    CHECK_SAME(GEMM "Gemm m e g k > y beta~2\n", GEMM "Gemm m e g k2 > y\n");
    CHECK_OTHER(GEMM "Gemm m e g k > y\n", GEMM "Gemm m e g k2 > y\n");
    CHECK_SAME(GEMM "Transpose t g > t perm=1,0\nGemm m e t k > y transB=1\n",
               GEMM "Gemm m e g k > y\n");
    CHECK_SAME(GEMM "Transpose t g > t\nTranspose u t > u\nGemm m e u k > y\n",
               GEMM "Gemm m e g k > y\n");
}

static void test_norms(void) {
#define NORM                                                                             \
    "tensor g 3 2\ntensor v 3 4\ntensor m 3 1\ntensor q 3 3\ntensor z 3 0\n"             \
    "tensor two 1 2\n"
    /* 2·(x − 1) / √4 + 3 is x + 2. */
    CHECK_SAME(NORM OPEN "BatchNormalization - c b b b b > n\n"
                         "BatchNormalization - n g q m v > a epsilon~0\n" END,
               NORM OPEN "BatchNormalization - c b b b b > n\nAdd - n two > a\n" END);
    CHECK_STR(read_text(HEAD NORM OPEN
                        "BatchNormalization - c b b b b > n\nMul - n two > a\n" END),
              "3C3vb of 8x8x1, 4 classes");
    CHECK_SAME(NORM OPEN "tensor t 3 4\nBatchNormalization - c t z m v > a\n" END,
               NORM OPEN "BatchNormalization - c g z m v > n\nMul - n two > a\n" END);
    /* An epsilon that is smaller than ours, of a variance of 0, goes into the factor. */
    CHECK_STR(read_text(HEAD NORM OPEN
                        "BatchNormalization - c g q m z > a epsilon~0.000001\n" END),
              "3C3vb of 8x8x1, 4 classes");
    CHECK_OTHER(NORM OPEN "BatchNormalization - c g q m z > a epsilon~0.000001\n" END,
                NORM OPEN "BatchNormalization - c g q m z > a\n" END);
    CHECK_STR(read_text(HEAD CONV "tensor h 4,4\nFlatten - d > e\nMatMul - e f > g\n"
                                  "BatchNormalization - g four four four four > n\n"
                                  "Relu - n > r\nMatMul - r h > y\n"),
              "3C3v-4Nb of 8x8x1, 4 classes");
    /* The output layer's becomes a part of its weights: ·2 and − 1, with nothing
     * before. */
#define LAST CONV "tensor i4 4 2\ntensor v4 4 0.99999\ntensor z4 4 0\nFlatten - d > e\n"
    size_t size = 0, other = 0;
    float *folded = model_of(HEAD LAST "MatMul - e f > g\n"
                                       "BatchNormalization - g i4 z4 z4 v4 > y\n",
                             &size);
    float *plainly = model_of(HEAD LAST "tensor f2 108,4 0.2,0.4,0.6,0.8,1,1.2,1.4\n"
                                        "MatMul - e f2 > y\n",
                              &other);
    CHECK(size == other && size > 108 * 4 * sizeof(float));
    int far = 0;
    for (size_t i = size / 4 - 432 - 4 - 2; folded && plainly && i < size / 4; i++)
        far += !(fabsf(folded[i] - plainly[i]) <= 1e-5f);
    CHECK(folded && plainly && far == 0);
    free(folded);
    free(plainly);
}

static void test_windows(void) {
    const expected all[] = {
        {HEAD "Conv - x w > a pads=1,1,1,1\n"
              "Relu - a > d\ntensor k 192,4\n"
              "Flatten - d > e\nMatMul - e k > y\n",
         "3C3 of 8x8x1, 4 classes"},
        {HEAD "Conv - x w > a auto_pad:SAME_UPPER\nRelu - a > d\ntensor k 192,4\n"
              "Flatten - d > e axis=-3\nMatMul - e k > y\n",
         "3C3 of 8x8x1, 4 classes"},
        {HEAD "Conv - x w > a auto_pad:SAME_LOWER\nRelu - a > d\ntensor k 192,4\n"
              "Flatten - d > e\nMatMul - e k > y\n",
         "3C3 of 8x8x1, 4 classes"},
        {HEAD "Conv - x w > a auto_pad:VALID pads=9,9,9,9\n" END,
         "3C3v of 8x8x1, 4 classes"},
        {HEAD "Conv - x w > a auto_pad:NOTSET strides=1,1\n" END,
         "3C3v of 8x8x1, 4 classes"},
        {HEAD "tensor o 3,1,1,1\ntensor k 48,4\nConv - x o > a strides=2,2 "
              "auto_pad:SAME_UPPER\nRelu - a > d\nFlatten - d > e\nMatMul - e k > y\n",
         "3C1/2 of 8x8x1, 4 classes"},
        {HEAD "tensor o 3,1,2,2\nConv c x o > a auto_pad:SAME_LOWER\n",
         "3C2p1.1.0.0i-OUT of 8x8x1, 192 classes"},
        {HEAD "Conv c x w > a pads=0,1,0,0\n", "3C3p0.1.0.0i-OUT of 8x8x1, 126 classes"},
        {HEAD "Conv c x w > a pads=0,0,1,0\n", "3C3p0.0.1.0i-OUT of 8x8x1, 126 classes"},
        {HEAD "Conv c x w > a pads=0,0,0,1\n", "3C3p0.0.0.1i-OUT of 8x8x1, 126 classes"},
        {HEAD "Conv c x w > a pads=1,0,1,0\n", "3C3p1.0.1.0i-OUT of 8x8x1, 144 classes"},
        {HEAD "Conv c x w > a pads=1,1,0,1\n", "3C3p1.1.0.1i-OUT of 8x8x1, 168 classes"},
        {HEAD "Conv c x w > a pads=1,1,1,0\n", "3C3p1.1.1.0i-OUT of 8x8x1, 168 classes"},
        {HEAD "Conv c x w > a pads=5000,0,0,0\n",
         "Conv 'c' (node 1): a pad is 5000; expected 0..4096"},
        {HEAD "Conv c x w > a strides=65,65\n", " of 8x8x1, 3 classes"},
        {HEAD "Conv c x w > a dilations=1,2\n", "3C5p0.0.2.0i-OUT of 8x8x1, 72 classes"},
        {HEAD "Conv c x > a\n",
         "Conv 'c' (node 1): its weights are no constant of 4 dimensions"},
        {HEAD "ints z 1,2\nConv c x z > a\n",
         "Conv 'c' (node 1): its weights are no constant of 4 dimensions"},
        {HEAD "tensor o 1,1,65,65\nConv c x o > a\n",
         "Conv 'c' (node 1): a window of 65x65 does not fit maps of 8x8"},
        {"input x 0,1,9,8\noutput y\ntensor o 1,1,9,9\nConv c x o > a\n",
         "Conv 'c' (node 1): a window of 9x9 does not fit maps of 9x8"},
        {HEAD "tensor o 3,1,3,3 0,inf\nConv c x o > a\n",
         "number 1 of tensor 'o' is not a finite float"},
        {HEAD CONV "MaxPool p d > e\n",
         "MaxPool 'p' (node 3): a side of the window is 0; expected 1..4096"},
        {HEAD CONV "MaxPool p d > e kernel_shape=65,65\n",
         "MaxPool 'p' (node 3): a window of 65x65 does not fit maps of 6x6"},
        {HEAD CONV "MaxPool p d > e kernel_shape=2,0\n",
         "MaxPool 'p' (node 3): a side of the window is 0; expected 1..4096"},
        {HEAD CONV "MaxPool p d > e kernel_shape=2,5000\n",
         "MaxPool 'p' (node 3): a side of the window is 5000; expected 1..4096"},
        {HEAD CONV "AveragePool p d > e kernel_shape=6,5\n",
         "3C3v-AP6.5/1-OUT of 8x8x1, 6 classes"},
        {HEAD CONV "MaxPool p d > e kernel_shape=2,2 strides=2,1\n",
         "3C3v-MP2/2.1-OUT of 8x8x1, 45 classes"},
        {HEAD CONV "MaxPool p d > e kernel_shape=2,2 strides=2,65\n",
         "MaxPool 'p' (node 3): strides are 2 and 65; expected 1..64"},
        {HEAD "tensor two 1 2\n" CONV "Pow - d two > a\n"
              "Flatten - a > e\nMatMul m e f > y\n",
         "3C3v-(@1|@1)* of 8x8x1, 4 classes"},
        {HEAD "tensor h 1 0.5\n" CONV "Pow p d h > a\n",
         "Pow 'p' (node 3): exponent is 0.5; expected 1, 2 or 3"},
        {HEAD CONV "Flatten - d > e\nMaxPool p e > g kernel_shape=2,2\n",
         "MaxPool 'p' (node 4): reads values of 2 dimensions; expected 4, [N, C, H, W]"},
        {HEAD CONV "Flatten - d > e\nGlobalMaxPool p e > g\n",
         "GlobalMaxPool 'p' (node 4): reads values of 2 dimensions; expected 4, "
         "[N, C, H, W]"},
        {"input x 0,1,9,8\noutput y\ntensor w 3,1,3,3\nConv - x w > a\n"
         "GlobalMaxPool p a > y\n",
         "3C3vi-MP7.6-OUT of 9x8x1, 3 classes"},
        {"input x 0,1,70,70\noutput y\ntensor w 3,1,3,3\nConv - x w > a\n"
         "GlobalMaxPool p a > y\n",
         "GlobalMaxPool 'p' (node 2): sides of the window are 68 and 68; expected 1..64"},
        {HEAD "tensor k 3,4\n" CONV "GlobalMaxPool - d > p\nFlatten - p > e\n"
              "MatMul - e k > y\n",
         "3C3v-MP6 of 8x8x1, 4 classes"},
        {HEAD "tensor k 3,4\n" CONV
              "GlobalAveragePool - d > p\nSqueeze - p > e axes=-1,-2\n"
              "MatMul - e k > y\n",
         "3C3v-GAP of 8x8x1, 4 classes"},
        {"input x 0,1,9,8\noutput y\ntensor w 3,1,3,3\ntensor b 3\ntensor k 3,4\n" CONV
         "AveragePool - d > p kernel_shape=7,6\nFlatten - p > e\nMatMul - e k > y\n",
         "3C3v-GAP of 9x8x1, 4 classes"},
        {HEAD "tensor k 3,4\n" CONV "ReduceMean - d > e axes=2,3 keepdims=0\n"
              "MatMul - e k > y\n",
         "3C3v-GAP of 8x8x1, 4 classes"},
        {HEAD "tensor k 3,4\n" CONV "ReduceMean - d > e axes=-1,-2\nFlatten - e > g\n"
              "MatMul - g k > y\n",
         "3C3v-GAP of 8x8x1, 4 classes"},
        {HEAD "tensor k 3,4\n" CONV "Transpose - d > t perm=0,2,3,1\n"
              "ReduceMean - t > e axes=1,2 keepdims=0\nMatMul - e k > y\n",
         "3C3v-GAP of 8x8x1, 4 classes"},
        {HEAD CONV "ReduceMean r d > e axes=1,2\n",
         "ReduceMean 'r' (node 3): is not over height and width of maps alone"},
        {HEAD CONV "ReduceMean r d > e axes=9,-9\n",
         "ReduceMean 'r' (node 3): is not over height and width of maps alone"},
        {HEAD CONV "ReduceMean r d > e axes=2,\n",
         "3C3v-AP6.1/1-OUT of 8x8x1, 18 classes"},
        {HEAD "ReduceMean r x > e axes=2,3\n",
         "ReduceMean 'r' (node 1): is not over height and width of maps after a layer"},
        {HEAD CONV "Flatten - d > e\nReduceMean r e > g axes=2,3\n",
         "ReduceMean 'r' (node 4): is not over height and width of maps alone"},
        {HEAD OPEN "ReduceMean r c > e axes=2,3\n", "3C3vi-GAP-OUT of 8x8x1, 3 classes"},
    };
    CHECK_ALL(all);
}

/* --- dimensions --------------------------------------------------------------------- */

static void test_shapes(void) {
#define LISTS  "GlobalAveragePool - p > g\nTranspose - g > t perm=0,2,3,1\n"
#define SHAPES "takes two values of different shapes"
    const expected all[] = {
        {"input x 0,1,5000,8\noutput y\ntensor w 3,1,3,3\nConv c x w > y\n",
         "Conv 'c' (node 1): images are 5000x8x1; expected sides of 1..4096 and 1..4096 "
         "channels"},
        {"input x 0,1,8,5000\noutput y\ntensor w 3,1,3,3\nConv c x w > y\n",
         "Conv 'c' (node 1): images are 8x5000x1; expected sides of 1..4096 and 1..4096 "
         "channels"},
        {"input x 0,5000,8,8\noutput y\ntensor w 3,1,3,3\nConv c x w > y\n",
         "Conv 'c' (node 1): images are 8x8x5000; expected sides of 1..4096 and 1..4096 "
         "channels"},
        /* A number for each column beside one for each channel, of which there are as
         * many: numpy lays the first along W. */
        {HEAD OPEN POOL LISTS "Mul m p t > a\n", "Mul 'm' (node 5): " SHAPES},
        {HEAD OPEN POOL LISTS "Add m t p > a\n", "Add 'm' (node 5): " SHAPES},
        {HEAD OPEN POOL LISTS "Transpose - p > h perm=0,2,3,1\nMul m h g > a\n",
         "Mul 'm' (node 6): " SHAPES},
        {HEAD "tensor v 1,1,3,3\nConv - x v > c\n"
              "Transpose - c > t perm=0,2,3,1\nAdd m c t > a\n",
         "Add 'm' (node 3): " SHAPES},
        {HEAD "tensor v 1,1,3,3\nConv - x v > c\nGlobalAveragePool - c > g\n"
              "Transpose - c > t perm=0,2,3,1\nAdd - t g > h\n"
              "Transpose - h > d perm=0,3,1,2\ntensor k 36,4\nFlatten - d > e\n"
              "MatMul - e k > y\n",
         "1C3vi-GAP-@1-1C1i-(@3|@2)*-(@1|@4)+i of 8x8x1, 4 classes"},
        /* Channels that come last, and one channel, which is both. */
        {"input x 0,8,8,1\noutput y\ntensor w 3,1,3,3\ntensor b 3\ntensor f 108,4\n"
         "Transpose - x > t perm=0,3,1,2\nConv - t w b > a\n" END,
         "3C3v of 8x8x1, 4 classes"},
        {HEAD "Transpose - x > t perm=0,2,3,1\nConv - t w > a\n" END,
         "Conv node 2: its weights are for 1 channels; it reads 8"},
        {HEAD "tensor k 64,4\nFlatten - x > e\nMatMul - e k > y\n",
         " of 8x8x1, 4 classes"},
        {"input x 0,8,8,1\noutput y\ntensor k 64,4\nFlatten - x > e\nMatMul - e k > y\n",
         " of 8x8x1, 4 classes"},
        {"input x 0,8,8,8\noutput y\ntensor k 512,4\nFlatten - x > e\n"
         "MatMul - e k > y\n",
         " of 8x8x8, 4 classes"},
        {"input x 0,8,4\noutput y\ntensor k 32,4\nFlatten - x > e\nMatMul - e k > y\n",
         " of 8x4x1, 4 classes"},
        {"input x 0,64\noutput y\ntensor w 3,1,3,3\ntensor f 108,4\nints s -1,1,8,8\n"
         "Reshape - x s > r\nConv - r w > a\n" END,
         "3C3v of 8x8x1, 4 classes"},
        /* Pad, Cast: nothing is done. */
        {HEAD CONV "Pad - d > p pads=0,0,0,0,0,0,0,0\nCast - p > q to=1\n"
                   "Cast - q > r to=10\nCast - r > s to=11\nFlatten - s > e\n"
                   "MatMul - e f > y\n",
         "3C3v of 8x8x1, 4 classes"},
        {HEAD CONV "Pad p d > e\n", "Pad 'p' (node 3): its pads are no constant"},
        /* Reshape. */
        {HEAD CONV "ints s -1,3,6,6\nReshape - d s > e\nints t 0,-1\nReshape - e t > g\n"
                   "MatMul - g f > y\n",
         "3C3v of 8x8x1, 4 classes"},
        {HEAD CONV "ints s 1,0,6,6\nReshape - d s > e\nFlatten - e > g\n"
                   "MatMul - g f > y\n",
         "3C3v of 8x8x1, 4 classes"},
        {HEAD CONV "Transpose - d > t perm=0,2,3,1\nints s -1,6,6,3\nReshape - t s > e\n"
                   "Flatten - e > g\nMatMul - g f > y\n",
         "3C3v of 8x8x1, 4 classes"},
        {HEAD CONV "Transpose - d > t perm=0,2,3,1\nints s -1,3,6,6\nReshape r t s > e\n",
         "3C3v of 8x8x1, 108 classes"},
        {HEAD CONV "ints s -1,6,6,3\nReshape r d s > e\n",
         "3C3v-OUT of 8x8x1, 108 classes"},
        {HEAD CONV "ints s -1,3,4,9\nReshape r d s > e\n",
         "3C3v-OUT of 8x8x1, 108 classes"},
        {HEAD CONV "ints s -1,6,2,9\nReshape r d s > e\n",
         "3C3v-OUT of 8x8x1, 108 classes"},
        {HEAD "tensor o 1,1,3,3\ntensor k 36,4\nConv - x o > a\nRelu - a > d\n"
              "ints s -1,6,6,1\nReshape - d s > r\nints t -1,1,6,6\nReshape - r t > q\n"
              "Flatten - q > e\nMatMul - e k > y\n",
         "1C3v of 8x8x1, 4 classes"},
        {HEAD CONV "ints s -1,3,36\nReshape r d s > e\n",
         "3C3v-OUT of 8x8x1, 108 classes"},
        {HEAD CONV "Flatten - d > e\nMatMul - e f > g\nRelu - g > h\nints s -1,2,2\n"
                   "Reshape r h s > i\nMatMul m i f > y\n",
         "MatMul 'm' (node 7): reads values of 3 dimensions; expected 2, [N, inputs]"},
        {HEAD CONV "ints s -1\nReshape r d s > e\n", "3C3v-OUT of 8x8x1, 108 classes"},
        {HEAD CONV "ints s -1,1,1,1,108\nReshape r d s > e\n",
         "3C3v-OUT of 8x8x1, 108 classes"},
        {HEAD CONV "ints s -1,-1,-1\nReshape r d s > e\n",
         "Reshape 'r' (node 3): makes a dimension of -1"},
        {HEAD CONV "Flatten - d > e\nints s -1,108,0\nReshape r e s > g\n",
         "Reshape 'r' (node 4): makes a dimension of 0"},
        {HEAD CONV "ints s -1,200,-1\nReshape r d s > e\n",
         "Reshape 'r' (node 3): makes a dimension of -1"},
        {HEAD CONV "ints s -1,65536,65536\nReshape r d s > e\n",
         "Reshape 'r' (node 3): makes a dimension of 65536"},
        {HEAD CONV "Reshape r d > e\n",
         "Reshape 'r' (node 3): its shape is not a constant that can be computed"},
        {"input x 5,1,8,8\noutput y\ntensor w 3,1,3,3\ntensor b 3\ntensor f 108,4\n" CONV
         "ints s 5,108\nReshape - d s > e\nMatMul - e f > y\n",
         "3C3v of 8x8x1, 4 classes"},
        /* Squeeze, Unsqueeze. */
        {HEAD CONV "Squeeze q d > e\n", "3C3v-OUT of 8x8x1, 108 classes"},
        {HEAD CONV "Squeeze q d > e axes=1,2,3\n",
         "Squeeze 'q' (node 3): removes a dimension of 3; expected 1"},
        {HEAD CONV "Squeeze q d b > e\n",
         "Squeeze 'q' (node 3): its axes are no constant"},
        {HEAD CONV "Unsqueeze q d > e\n", "Unsqueeze 'q' (node 3): has no axes"},
        {HEAD CONV "Unsqueeze q d > e axes=4,\n", "3C3v-OUT of 8x8x1, 108 classes"},
        {HEAD CONV "Squeeze q d > e axes=0,\n", "3C3v-OUT of 8x8x1, 108 classes"},
        {HEAD CONV "Squeeze q d > e axes=4,\n",
         "Squeeze 'q' (node 3): an axis is 4; expected each of 4 once at most"},
        {HEAD CONV "Squeeze q d > e axes=2,2\n",
         "Squeeze 'q' (node 3): an axis is 2; expected each of 4 once at most"},
        {HEAD CONV "tensor k 4,4,1,1\nFlatten - d > e\nMatMul - e f > g\nRelu - g > h\n"
                   "Unsqueeze - h > i axes=2,3\nConv - i k > j\nFlatten - j > y\n",
         "3C3v-4N of 8x8x1, 4 classes"},
    /* Transpose. */
#define PERM  "perm is no order of its 4 dimensions"
#define ORDER "3C3v of 8x8x1, 108 classes" /* a layer that puts them into it */
        {HEAD CONV "Transpose t d > e\n", ORDER},
        {HEAD CONV "Transpose t d > e perm=0,2,3\n", "Transpose 't' (node 3): " PERM},
        {HEAD CONV "Transpose t d > e perm=1,2,3,1\n", "Transpose 't' (node 3): " PERM},
        {HEAD CONV "Transpose t d > e perm=0,3,1,1\n", "Transpose 't' (node 3): " PERM},
        {HEAD CONV "Transpose t d > e perm=0,3,2,1\n", ORDER},
        {HEAD CONV "Transpose t d > e perm=0,2,1,3\n", ORDER},
        {HEAD CONV "Transpose t d > e perm=0,2,3,2\n", "Transpose 't' (node 3): " PERM},
        {HEAD CONV "Flatten - d > e\nTranspose t e > g perm=0,2,3,1\n",
         "Transpose 't' (node 4): perm is no order of its 2 dimensions"},
    };
    CHECK_ALL(all);
}

/* Images whose shape is said. */
static void test_given(void) {
    static const struct {
        int h, w, c;
        const char *graph, *says;
    } all[] = {
#define FLAT "Flatten - x > e\nMatMul m e k > y\n"
#define SAID(is, said)                                                                   \
    "MatMul 'm' (node 2): images are " is "; expected " said ", as said"
        {8, 8, 1, "input x 0,8,8,1\noutput y\ntensor k 64,4\n" FLAT,
         " of 8x8x1, 4 classes"},
        {8, 8, 1, "input x 0,1,8,8\noutput y\ntensor k 64,4\n" FLAT,
         " of 8x8x1, 4 classes"},
        {8, 8, 3, "input x 0,8,8,8\noutput y\ntensor k 512,4\n" FLAT,
         SAID("8x8x8", "8x8x3")},
        {8, 8, 3, "input x 0,3,9,8\noutput y\ntensor k 216,4\n" FLAT,
         SAID("3x9x8", "8x8x3")},
        {8, 8, 3, "input x 0,3,8,9\noutput y\ntensor k 216,4\n" FLAT,
         SAID("3x8x9", "8x8x3")},
        {8, 9, 1, "input x 0,8,8\noutput y\ntensor k 64,4\n" FLAT,
         SAID("8x8x1", "8x9x1")},
        {4, 12, 3, "input x 0,100\noutput y\ntensor k 100,4\nMatMul m x k > y\n",
         "MatMul 'm' (node 1): images are 100 values in a row; give their shape in "
         "options, as {\"shape\": \"28x28x1\"}; the one given is of another size"},
        {8, 8, 1, "input x 0,0\noutput y\n",
         "dimension 2 of input 'x' has no number; give the images' shape in options, "
         "as {\"shape\": \"28x28x1\"}"},
        {9, 9, 1,
         "input x 0,1,8,8\noutput y\nFlatten t x > y\ntensor k 64,4\n"
         "MatMul m y k > z\n",
         "the output is 'y', which is the image; expected layers"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const dn_onnx_given given = {.shape = {all[i].h, all[i].w, all[i].c}, .std = 1};
        CHECK_STR(read_set(all[i].graph, 13, &given), all[i].says);
    }
}

/* --- computed constants ------------------------------------------------------------- */

/* Dimensions of integers say along what they lie, as those of floats do. */
static void test_integers(void) {
#define MAPS   OPEN POOL "tensor f 3,1,1 1,2,3\n" /* 3 maps of 3×3 */
#define NUMBER "ints t 1,2,3\nints i 0,1,2\nints k 1,2\nints z 0\n"
    CHECK_SAME(MAPS NUMBER "Unsqueeze - t k > u\nCast - u > g to=1\nMul - p g > m\n"
                           "Flatten - m > y\n",
               MAPS "Mul - p f > m\nFlatten - m > y\n");
    CHECK_SAME(MAPS NUMBER "Unsqueeze - i k > u\nGather - t u > v\nCast - v > g to=1\n"
                           "Mul - p g > m\nFlatten - m > y\n",
               MAPS "Mul - p f > m\nFlatten - m > y\n");
    CHECK_SAME(MAPS NUMBER "Unsqueeze - t z > u\nSqueeze - u > v\nCast - v > g to=1\n"
                           "Mul - p g > m\nFlatten - m > y\n",
               MAPS "tensor g 3 1,2,3\nMul - p g > m\nFlatten - m > y\n");
}

static void test_constants(void) {
#define ROWS  "ints b 0,1\nints o 1\nUnsqueeze - b o > u\nUnsqueeze - b o > v\n"
#define SIZES CONV "Shape - d > s\n" /* [N, 3, 6, 6] */
#define USE   "Reshape - d k > e\nMatMul - e f > y\n"
    const expected all[] = {
        {HEAD CONV "Constant - > k value_ints=-1,108\n" USE, FINE},
        {HEAD SIZES "Constant - > i value_int=0\nGather - s i > g\nints m -1\n"
                    "Concat - g m > k\n" USE,
         FINE},
        {HEAD SIZES "ints i -4\nGather - s i > g\nints m 108\nConcat - g m > k\n" USE,
         FINE},
        {HEAD SIZES "ints from -99\nints to 1\nints axis 0\nints step 1\n"
                    "Slice - s from to axis step > g\nints m -1\n"
                    "Unsqueeze - m axis > u\nSqueeze - u axis > v\nCast - v > q "
                    "to=7\nCast - q > n to=6\n"
                    "Identity - n > o\nConcat - g o > k\n" USE,
         FINE},
        {HEAD SIZES "ints from 3\nints to -2\nSlice - s from to > g\n" /* nothing */
                    "ints m -1,108\nConcat - g m > k\n" USE,
         FINE},
        {HEAD CONV "Shape - d > g start=0 end=1\nints m -1\nConcat - g m > k\n" USE,
         FINE},
        {HEAD CONV "Shape - d > g start=3 end=1\nints m -1,108\nConcat - g m > k\n" USE,
         FINE},
        {HEAD "Identity - w > i\nCast - i > j to=10\nCast - j > k to=11\nCast - k > l "
              "to=1\nConv - x l > a\n" END,
         FINE},
        {HEAD "tensor t 27\nints s 3,0,-1,3\nReshape r t s > r\n",
         "Reshape 'r' (node 1): " CANNOT},
        {HEAD "tensor t 3,9\nints s 0,1,-1,3\nReshape - t s > r\nConv - x r > a\n" END,
         FINE},
        {HEAD "tensor t 3,9\nints s 3,1,3,3\nReshape - t s > r\nConv - x r > a\n" END,
         FINE},
        {HEAD "Constant k > k\n",
         "Constant 'k' (node 1): it has none of value, value_float, value_int and "
         "value_ints"},
        {HEAD "Transpose t f > t perm=0,1,2\n", "Transpose 't' (node 1): " CANNOT},
        {HEAD "Transpose t f > t perm=0,5\n", "Transpose 't' (node 1): " CANNOT},
        {HEAD "Transpose t f > t perm=-1,0\n", "Transpose 't' (node 1): " CANNOT},
        {HEAD "Transpose t f > t perm=0,0\n", "Transpose 't' (node 1): " CANNOT},
        {HEAD "ints z 1,3\nReshape r z z > t\n", "Reshape 'r' (node 1): " CANNOT},
        {HEAD "ints z 432\nTranspose - f > t\nReshape r t z > u\n",
         "Reshape 'r' (node 2): " CANNOT},
        {HEAD "Reshape r f > t\n", "Reshape 'r' (node 1): " CANNOT},
        {HEAD "Reshape r f one > t\n", "Reshape 'r' (node 1): " CANNOT},
        {HEAD "ints z 108,4,0\nReshape r f z > t\n", "Reshape 'r' (node 1): " CANNOT},
        {HEAD "ints z -1,-1\nReshape r f z > t\n", "Reshape 'r' (node 1): " CANNOT},
        {HEAD "ints z 433\nReshape r f z > t\n", "Reshape 'r' (node 1): " CANNOT},
        {HEAD "ints z 108,5\nReshape r f z > t\n", "Reshape 'r' (node 1): " CANNOT},
        {HEAD "ints z 5,-1\nReshape r f z > t\n", "Reshape 'r' (node 1): " CANNOT},
        {HEAD "ints z 108,2\nReshape r f z > t\n", "Reshape 'r' (node 1): " CANNOT},
        {HEAD "Unsqueeze u w > u\n", "Unsqueeze 'u' (node 1): " CANNOT},
        {HEAD ROWS "Concat k u v > k axis=1\n", "Concat 'k' (node 3): " CANNOT},
        {HEAD ROWS "Transpose - v > t\nAdd a u t > k\n", "Add 'a' (node 4): " CANNOT},
        {HEAD "ints z 0\nGather g w z > g\n", "Gather 'g' (node 1): " CANNOT},
        {HEAD "ints z 0\nGather g z > g\n", "Gather 'g' (node 1): " CANNOT},
        {HEAD "ints z 0\nGather g z one > g\n", "Gather 'g' (node 1): " CANNOT},
        {HEAD "ints z 0\nGather g z z > g axis=1\n", "Gather 'g' (node 1): " CANNOT},
        {HEAD "ints z 1\nGather g z z > g\n", "Gather 'g' (node 1): " CANNOT},
        {HEAD "ints z -2\nGather g z z > g\n", "Gather 'g' (node 1): " CANNOT},
        {HEAD "ints z 0\nSlice s w z z > t\n", "Slice 's' (node 1): " CANNOT},
        {HEAD "ints z 0,1\nints i 1\nSlice s z z i > t\n", LENGTHS},
        {HEAD "ints z 0,1\nints i 1\nSlice s z i z > t\n", LENGTHS},
        {HEAD "ints z 0,0\nints i 1\nSlice s z i i z > t\n", LENGTHS},
        {HEAD "ints z 1,1\nints i 1\nSlice s z i i - z > t\n", LENGTHS},
        {HEAD "ints z 1,1\nints i 1\nSlice s z i w > t\n", LENGTHS},
        {HEAD "ints z 0,1\nints i 1\nSlice s z i i i > t\n",
         "Slice 's' (node 1): axis is 1 and step 1; expected an axis of 1, and no step "
         "of "
         "0"},
        {HEAD "ints z 2,1\nints i 1\nints n 0\nSlice s z i i n n > t\n",
         "Slice 's' (node 1): axis is 0 and step 0; expected an axis of 1, and no step "
         "of "
         "0"},
        {HEAD "Concat k - > k\n", "Concat 'k' (node 1): " CANNOT},
        {HEAD "Concat k w > k\n", "Concat 'k' (node 1): " CANNOT},
        {HEAD "ints z 1,2,3\nConcat k z z z > k\n", "Concat 'k' (node 1): " CANNOT},
        {HEAD "Cast k w > k to=7\n", "Cast 'k' (node 1): " CANNOT},
        {HEAD "ints z 1\nCast k z > k to=9\n", "Cast 'k' (node 1): " CANNOT},
        {HEAD "Round r one > r\n", "Round 'r' (node 1): " CANNOT},
        {HEAD "ints z 1,2,3,4,5,6,7,8,9\nSub s x z > p\nConv - p w > a\n" END,
         "Sub 's' (node 1): constant 'z' has 9 numbers; expected 1, or as many as "
         "there are channels, 1"},
        {HEAD "ints s 1,2,3,4,5,6,7,8,9\nReshape r x s > e\n",
         "Reshape 'r' (node 1): its shape is not a constant that can be computed"},
        /* A list that became shorter or longer than the tensor it came from, and floats:
         * that tensor's numbers are no more. */
        {HEAD CONV "ints i 0,1,2,0,1,2,0,1\nints o 0\nints two 2\nSlice - i o two > s\n"
                   "Cast - s > t to=1\nGather g d t > e axis=1\n",
         "Gather 'g' (node 5): " PLACES},
        {HEAD CONV "ints i 0\nConcat - i i i > s\nCast - s > t to=1\n"
                   "Gather g d t > e axis=1\n",
         "Gather 'g' (node 5): " PLACES},
        {HEAD CONV "Constant - > t value_float~1\nGather g d t > e axis=1\n",
         "Gather 'g' (node 4): " PLACES},
        /* Divided by −1. */
        {HEAD CONV "ints a -108\nints m -1\nDiv - a m > q\nConcat - m q > k\n" USE, FINE},
        {HEAD CONV "ints a -9223372036854775808\nints m -1\nDiv - a m > q\n"
                   "Concat - m q > k\nReshape r d k > e\n",
         "Reshape 'r' (node 5): makes a dimension of -9223372036854775808"},
        /* The number of images is none that a Slice could count to. */
        {HEAD SIZES "ints o 0\nGather - s o > n\nints m 1\nSlice c d n m m > e\n",
         "Slice 'c' (node 5): " BATCH},
        {HEAD SIZES "ints o 0\nGather - s o > n\nints m 1\nSlice c d o n m > e\n",
         "Slice 'c' (node 5): " BATCH},
        {HEAD SIZES "ints o 0\nGather - s o > n\nCast c n > f to=1\n"
                    "Add - d f > e\n",
         "Cast 'c' (node 5): " CANNOT},
        /* Of nothing. */
        {HEAD CONV "Shape s > k\n" USE, "Shape 's' (node 3): " CANNOT},
        {HEAD CONV "Identity i > k\n" USE, "Identity 'i' (node 3): " CANNOT},
    };
    CHECK_ALL(all);
}

/* --- attributes of another type, casts --------------------------------------------- */

static void test_types(void) {
    CHECK_SAME(OPEN "LeakyRelu - c > d alpha!0.5\n" DENSE,
               OPEN "LeakyRelu - c > d alpha~0.5\n" DENSE);
    CHECK_SAME(OPEN "tensor t 1 0.1\nCast - t > h to=10\nCast - h > g to=1\n"
                    "Mul - c g > a\n" END,
               OPEN "tensor t 1 0.0999755859375\nMul - c t > a\n" END);
    const expected all[] = {
        {HEAD OPEN "LeakyRelu l c > d alpha=1\n" DENSE,
         "LeakyRelu 'l' (node 2): attribute 'alpha' is an integer; expected a float"},
        {HEAD "Conv c x w b > c strides=2\n",
         "Conv 'c' (node 1): attribute 'strides' is an integer; expected a list of "
         "integers"},
        {HEAD OPEN "Flatten f c > e axis!1\n",
         "Flatten 'f' (node 2): attribute 'axis' is a float; expected an integer"},
        {HEAD OPEN "Pad p c > e pads=0,0,1,1,0,0,1,1 value=1\n",
         "Pad 'p' (node 2): attribute 'value' is an integer; expected a float"},
        {HEAD OPEN "Constant k > k value~1\nMul - c k > a\n",
         "Constant 'k' (node 2): attribute 'value' is a float; expected a tensor"},
        {HEAD "Conv c x w b > c strides=2,2,2\n",
         "Conv 'c' (node 1): strides are 3 numbers; expected 2, for rows and columns"},
        {HEAD "Conv c x w b > c pads=1,1\n",
         "Conv 'c' (node 1): pads are 2 numbers; expected 4, for rows and columns"},
        {HEAD OPEN "MaxPool p c > p kernel_shape=2,\n",
         "MaxPool 'p' (node 2): kernel_shape are 1 numbers; expected 2, for rows and "
         "columns"},
        {HEAD CONV "ints a 4294967404\nCast - a > q to=6\nints m -1\n"
                   "Concat - m q > k\n" USE,
         FINE},
        {HEAD OPEN "tensor t 1 70000\nCast k t > h to=10\nMul - c h > a\n",
         "Cast 'k' (node 2): casts 70000 to float16, which has -65504..65504"},
    };
    CHECK_ALL(all);
}

/* --- around the graph --------------------------------------------------------------- */

static void test_file(void) {
    pb_writer w = file_of(HEAD CONV DENSE, 13);
    const size_t size = w.size;
    /* Operators of others have versions of their own. */
    size_t at_start = dn_pb_open(&w, MODEL_OPSET_IMPORT);
    dn_pb_put_text(&w, OPSET_DOMAIN, "com.x");
    dn_pb_put_int(&w, OPSET_VERSION, 1);
    dn_pb_close(&w, at_start);
    CHECK_STR(read_bytes(w.p, w.size, &plain), FINE);
    at_start = dn_pb_open(&w, MODEL_OPSET_IMPORT);
    dn_pb_put_text(&w, OPSET_DOMAIN, "ai.onnx");
    dn_pb_put_int(&w, OPSET_VERSION, 5);
    dn_pb_close(&w, at_start);
    CHECK_STR(read_bytes(w.p, w.size, &plain), "3C3v of 8x8x1, 4 classes");
    w.size = size;
    /* Properties: one is the classes' names, the last one that has a value. */
    static const char *const keys[3] = {"other", "classes", "classes"};
    static const char *const values[3] = {"1", "[1,2,3,4]", NULL};
    for (int i = 0; i < 3; i++) {
        at_start = dn_pb_open(&w, MODEL_METADATA_PROPS);
        dn_pb_put_text(&w, PROP_KEY, keys[i]);
        if (values[i]) dn_pb_put_text(&w, PROP_VALUE, values[i]);
        dn_pb_close(&w, at_start);
    }
    dn_onnx *net = NULL;
    dn_onnx_info info;
    CHECK(dn_onnx_read(&net, w.p, w.size, &plain, NULL, words_error,
                       sizeof words_error) == DN_OK);
    dn_onnx_get_info(net, &info);
    CHECK(info.labels_size == 9 && memcmp(info.labels, "[1,2,3,4]", 9) == 0);
    CHECK_STR(info.producer, "");
    dn_onnx_free(net);
    dn_pb_put_text(&w, MODEL_PRODUCER_NAME, "me");
    CHECK(dn_onnx_read(&net, w.p, w.size, &plain, NULL, words_error,
                       sizeof words_error) == DN_OK);
    dn_onnx_get_info(net, &info);
    CHECK_STR(info.producer, "me");
    dn_onnx_free(net);
    dn_pb_put_text(&w, MODEL_PRODUCER_VERSION, "2");
    CHECK(dn_onnx_read(&net, w.p, w.size, &plain, NULL, words_error,
                       sizeof words_error) == DN_OK);
    dn_onnx_get_info(net, &info);
    CHECK_STR(info.producer, "me 2");
    dn_onnx_free(net);
    free(w.p);
}

int main(void) {
    test_arithmetic();
    test_norms();
    test_windows();
    test_shapes();
    test_given();
    test_integers();
    test_constants();
    test_types();
    test_file();
    return check_done("test_onnx_nodes");
}
