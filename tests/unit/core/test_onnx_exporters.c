/* test_onnx_exporters.c - what exporters write for things that are simple: pads that are
 * computed, channels by number, sums of several, rows of numbers. */
#include "onnx_close.h"

/* The end of a network that has maps a. */
#define OVER                                                                             \
    "Relu - a > d\nGlobalAveragePool - d > g\nFlatten - g > e\n"                         \
    "tensor k 3,4\nMatMul - e k > y\n"

/* --- lists of integers -------------------------------------------------------------- */

/* The pads of F.pad(x, (0, 1, 2, 3)), as PyTorch 1.8 to 2.8 computes them: from the last
 * dimension to the first, both sides of each one after the other. The first line is what
 * it folds, if it folds at all. */
#define PADS                                                                             \
    "ints more 4\nConstantOfShape - more > z\nConcat - pads z > all axis=0\n"            \
    "ints two -1,2\nReshape - all two > pairs\n"                                         \
    "ints o 0\nints back -1\nints least -9223372036854775807\n"                          \
    "Slice - pairs back least o back > turned\nTranspose - turned > sides perm=1,0\n"    \
    "Reshape - sides list > flat\nCast - flat > p to=7\n"

static void test_pads(void) {
    CHECK_SAME("ints pads 0,1,2,3\nints list -1\n" PADS
               "Pad - x p > q mode:constant\nConv c q w b > a\n" OVER,
               "Conv c x w b > a pads=2,0,3,1\n" OVER);
    /* How many dimensions there are is computed, too. */
    CHECK_SAME("ints pads 0,1,2,3\nints list -1\nShape - pads > len\nints four 4\n"
               "ints twice 2\nMul - four twice > eight\nSub - eight len > more\n"
               "ConstantOfShape - more > z\nConcat - pads z > all axis=0\n"
               "ints two -1,2\nReshape - all two > pairs\nints o 0\nints back -1\n"
               "ints least -99\nSlice - pairs back least o back > turned\n"
               "Transpose - turned > sides\nReshape - sides list > p\n"
               "Pad - x p > q\nConv c q w b > a\n" OVER,
               "Conv c x w b > a pads=2,0,3,1\n" OVER);
}

/* --- parts -------------------------------------------------------------------------- */

/* Two channels of 6×6, of which a graph makes maps m, and a class of each of these. */
#define TWO                                                                              \
    "input x 0,2,6,6\noutput y\ntensor w 2,2,1,1 0.5,-1,0.25,0.75\n"                     \
    "tensor one 2,1,1,1 1\ntensor middle 2,1,3,3 0,0,0,0,1,0,0,0,0\n"                    \
    "tensor v 2,2,3,3 0.5,-0.25,0.125,0.75,-0.5,0.3,-0.7\nConv - x w > c\n"
#define MEANS  "GlobalAveragePool - m > g\nFlatten - g > y\n"
#define FOLDS6 "Conv - m v > s\nGlobalAveragePool - s > g\nFlatten - g > y\n"
#define FOLDS  "Relu - m > r\nConv - r v > s\nGlobalAveragePool - s > g\nFlatten - g > y\n"

static void test_channels(void) {
    static const char *const backwards = TWO
        "tensor t 2,2,1,1 0,1,1,0\nConv - c t > m\n" MEANS;
    CHECK_CLOSE(TWO "ints a 1,0\nGather - c a > m axis=1\n" MEANS, backwards);
    CHECK_CLOSE(TWO "ints a 1,0\nGather - c a > m axis=-3\n" MEANS, backwards);
    CHECK_CLOSE(TWO "ints a -1\nints l -9\nints one1 1\nSlice - c a l one1 a > m\n" MEANS,
                backwards);
    /* As rows of three channels, of which the last is the first, before any layer. */
#define RGB                                                                              \
    "input x 0,5,5,3\noutput y\ntensor w 2,3,3,3 0.5,-0.25,0.125,0.75,-0.5\n"            \
    "tensor b 3 0.5,0.25,0.125\n"
#define RGB_END "Transpose - q > t perm=0,3,1,2\nConv - t w > m\n" MEANS
    static const char *const blue_first = RGB
        "tensor p 3,3,1,1 0,0,1,0,1,0,1,0,0\nTranspose - x > u perm=0,3,1,2\n"
        "Conv - u p > i\nTranspose - i > j perm=0,2,3,1\nSub - j b > q\n" RGB_END;
    CHECK_CLOSE(RGB "ints a 2,1,0\nGather - x a > z axis=3\nSub - z b > q\n" RGB_END,
                blue_first);
    CHECK_CLOSE(RGB "ints a -1\nints l -4\nints three 3\nSlice - x a l three a > z\n"
                    "Sub - z b > q\n" RGB_END,
                blue_first);
    /* A single one takes its dimension along, and one of 1 is no choice. */
    CHECK_CLOSE(TWO "Constant - > k value_int=1\nGather - c k > d axis=1\n"
                    "Flatten - d > y\n",
                TWO "Split - c > a b axis=1\nFlatten - b > y\n");
    CHECK_CLOSE(TWO "Constant - > k value_int=0\nGlobalAveragePool - c > g\n"
                    "Gather - g k > h axis=3\nGather - h k > y axis=2\n",
                TWO "Identity - c > m\n" MEANS);
    const expected all[] = {
        {TWO "ints a 2,0\nGather g c a > m axis=1\n" MEANS,
         "Gather 'g' (node 2): takes number 2 of 2"},
        {TWO "ints a -3\nGather g c a > m axis=1\n" MEANS,
         "Gather 'g' (node 2): takes number -1 of 2"},
        {TWO "ints a 0\nGather g c a > m axis=4\n" MEANS,
         "Gather 'g' (node 2): axis is 4; expected -4..3"},
        {TWO "ints a 0\nGather g c a > m axis=2\n" MEANS,
         "Gather 'g' (node 2): axis is 2; expected the channels' of a layer"},
        {TWO "Gather g c c > m axis=1\n" MEANS,
         "Gather 'g' (node 2): which it takes is no constant of one dimension"},
        {TWO "tensor a 1 1\nGather g c a > m axis=1\n" MEANS,
         "tensor 'a' has elements of type 1; expected integers"},
        {RGB "ints a 0\nGather g x a > z axis=3\nSub - z b > q\n" RGB_END,
         "Gather 'g' (node 1): axis is 3; expected the channels' of a layer"},
        {TWO "ints a 3\nints l 2\nints t 1\nSlice s c a l t > m\n" MEANS,
         "Slice 's' (node 2): takes nothing of dimension 1"},
    };
    CHECK_ALL(all);
}

/* Rows and columns: as kernels of one 1 take them. */
static void test_maps(void) {
#define CUT(from, to, axes, steps)                                                       \
    TWO "ints f " from "\nints t " to "\nints a " axes "\nints s " steps                 \
        "\nSlice - c f t a s > m\n" MEANS
    CHECK_CLOSE(CUT("1,1", "-1,5", "2,3", "1,1"),
                TWO "Conv - c middle > m group=2\n" MEANS);
    CHECK_CLOSE(CUT("0,0", "6,99", "-2,-1", "2,2"),
                TWO "Conv - c one > m group=2 strides=2,2\n" MEANS);
    CHECK_CLOSE(CUT("1,1", "-1,-1", "2,3", "2,3"),
                TWO "Conv - c middle > d group=2\n"
                    "MaxPool - d > m kernel_shape=1,1 strides=2,3\n" MEANS);
    /* One axis after the other is the same layer. */
    CHECK(same(CUT("1,1", "5,5", "2,3", "1,1"),
               TWO "ints f 1\nints t 5\nints two 2\nints three 3\nSlice - c f t two > d\n"
                   "Slice - d f t three > m\n" MEANS));
    CHECK_CLOSE(TWO "Pad - c > m pads=0,0,1,1,0,0,1,1\n" FOLDS,
                TWO "Conv - c middle > m group=2 pads=2,2,2,2\n" FOLDS);
    CHECK_CLOSE(TWO "Pad - c > m pads=0,0,1,-1,0,0,-2,3\n" MEANS,
                TWO "ints f 0,1\nints t 4,6\nints a 2,3\nSlice - c f t a > d\n"
                    "Pad - d > m pads=0,0,1,0,0,0,0,3\n" MEANS);
    /* Zeros go around what is cut off. */
    CHECK_CLOSE(TWO "Pad - c > d pads=0,0,-1,0,0,0,0,0\n"
                    "Pad - d > m pads=0,0,1,0,0,0,0,0\n" FOLDS,
                TWO "tensor k 2,1,1,1 1\nConv - c k > m group=2\nPad - c > d "
                    "pads=0,0,-1,0,0,0,0,0\nConv - d middle > m2 group=2 "
                    "pads=2,1,1,1\nRelu - m2 > r\nConv - r v > s\n"
                    "GlobalAveragePool - s > g\nFlatten - g > y\n");
    /* Padding that is wider than the window that reads it. */
    CHECK_CLOSE(TWO "Relu - c > d\nPad - d > e pads=0,0,2,2,0,0,2,2\n"
                    "Conv - e v > m pads=1,1,1,1\n" MEANS,
                TWO "Relu - c > d\nConv - d middle > e group=2 pads=3,3,3,3\n"
                    "Conv - e v > m pads=1,1,1,1\n" MEANS);
    CHECK_STR(read_text(TWO "Relu - c > d\nPad - d > e pads=0,0,2,2,0,0,2,2\n"
                            "Conv - e v > m pads=1,1,1,1\n" MEANS),
              "2C1-DW3p2i-2C3p2i-GAP-OUT of 6x6x2, 2 classes");
    CHECK_CLOSE(TWO "Relu - c > d\nConv - d one > m group=2 pads=1,0,2,0\n" MEANS,
                TWO "Relu - c > d\nPad - d > m pads=0,0,1,0,0,0,2,0\n" MEANS);
    CHECK_CLOSE(TWO "Pad - c > d pads=0,0,3,3,0,0,3,3\n"
                    "AveragePool - d > m kernel_shape=2,2 strides=2,2\n" MEANS,
                TWO "tensor k 2,1,2,2 0.25\nConv - c k > m group=2 strides=2,2 "
                    "pads=3,3,3,3\n" MEANS);
    /* A number of its own around maps. */
    CHECK_CLOSE(TWO "tensor h 1 0.5\nints p 0,0,1,1,0,0,1,1\nPad - x p h > e\n"
                    "Conv - e v > m\n" MEANS,
                TWO "tensor h 1 0.5\nSub - x h > z\nPad - z > q pads=0,0,1,1,0,0,1,1\n"
                    "Add - q h > e\nConv - e v > m\n" MEANS);
    /* A large one, as before a MaxPool: nothing is lost of what it lies around. */
#define LOW(value)                                                                       \
    TWO "tensor h 1 " value "\nints p 0,1,2,1,0,0,1,1\nPad - c p h > d\n"                \
        "MaxPool - d > e kernel_shape=3,3 strides=2,2\nints one 1\nints three 3\n"       \
        "Slice - e one three one > m\n" MEANS
#define POOLED TWO "MaxPool - c > m kernel_shape=3,3 strides=2,2 pads=2,1,1,1\n" MEANS
    CHECK_CLOSE(LOW("-10000"), POOLED);
    CHECK_CLOSE(LOW("-1e9"), POOLED);
    CHECK_CLOSE(LOW("-1e30"), POOLED);
    CHECK_CLOSE(LOW("-9"), POOLED);
    /* More channels: the shortcut of a ResNet that has no weights. */
    CHECK_CLOSE(TWO "Pad - c > m pads=0,1,0,0,0,2,0,0\n" MEANS,
                TWO "tensor z 5,2,1,1 0,0,1,0,0,1,0,0,0,0\nConv - c z > m\n" MEANS);
#define NO_NUMBER                                                                        \
    "Pad 'p' (node 2): the number that it pads with is no constant of -1e30..1e30; "     \
    "before a MaxPool -1e30 does what less does"
    const expected all[] = {
        {TWO "Pad p c > m pads=0,0,-3,0,0,0,-3,0\n" MEANS,
         "Pad 'p' (node 2): gives 2 maps of 0x6; expected sides of 1..4096, and 67108864 "
         "numbers at "
         "most"},
        {TWO "Pad p c > m pads=0,-1,0,0,0,0,0,0\n" MEANS,
         "Pad 'p' (node 2): pads by -1 and 0 channels; expected 0..65536"},
        {TWO "Pad p c > m pads=0,0,64,0,0,0,0,0\n" FOLDS,
         "Pad 'p' (node 2): adds or cuts off too many rows or columns; expected 63 at "
         "most"},
        {TWO "Pad p c > m pads=1,0,0,0,0,0,0,0\n" MEANS,
         "Pad 'p' (node 2): pads other dimensions than those of maps"},
        {TWO "Pad p c > m value~-inf pads=0,0,1,0,0,0,0,0\n" MEANS, NO_NUMBER},
        {TWO "tensor h 1 -3.4e38\nints q 0,0,1,0,0,0,0,0\nPad p c q h > m\n" MEANS,
         NO_NUMBER},
        {TWO "Pad p c > m mode:reflect pads=0,0,1,0,0,0,0,0\n" MEANS,
         "Pad 'p' (node 2): mode is 'reflect', which repeats rows and columns; expected "
         "constant: zeros, or another number, around maps"},
        {CUT("-1", "-9", "2", "-1"),
         "Slice node 2: axis is 2; expected the channels of a layer, or rows or columns "
         "of maps, forwards"},
    };
    CHECK_ALL(all);
}

/* --- several values ----------------------------------------------------------------- */

static void test_joins(void) {
    CHECK_CLOSE(TWO "Conv - x v > d pads=1,1,1,1\nRelu - d > e\nSum - c d e > m\n" MEANS,
                TWO "Conv - x v > d pads=1,1,1,1\nRelu - d > e\nAdd - c d > f\n"
                    "Add - f e > m\n" MEANS);
    CHECK_CLOSE(TWO "Sum - c > m\n" MEANS, TWO "Identity - c > m\n" MEANS);
    /* Bounds are one activation, however they are written. */
    CHECK(same(TWO "tensor six 1 6\nRelu - c > d\nMin - d six > m\n" FOLDS6,
               TWO "tensor z 1 0\ntensor six 1 6\nClip - c z six > m\n" FOLDS6));
    CHECK(same(TWO "tensor z 1 0\nMax - z c > m\n" FOLDS6, TWO "Relu - c > m\n" FOLDS6));
    CHECK(same(TWO "tensor a 1 -1\ntensor b 1 2\nMin - c b > d\nMax - a d > m\n" FOLDS6,
               TWO "tensor a 1 -1\ntensor b 1 2\nClip - c a b > m\n" FOLDS6));
    CHECK(same(TWO "tensor z 1 0.5\nMax - c z > d\nRelu - d > m\n" FOLDS6,
               TWO "tensor z 1 0.5\nMax - c z > m\n" FOLDS6));
    /* The larger of x and x/4, and the smaller. */
    CHECK_CLOSE(TWO "tensor q 1 0.25\nMul - c q > d\nMax - d c > m\n" FOLDS6,
                TWO "LeakyRelu - c > m alpha~0.25\n" FOLDS6);
    CHECK_CLOSE(TWO "tensor q 1 0.25\nMul - c q > d\nMin - c d > m\n" FOLDS6,
                TWO "Neg - c > d\nLeakyRelu - d > e alpha~0.25\nNeg - e > m\n" FOLDS6);
    CHECK_CLOSE(TWO "Max - c > m\n" MEANS, TWO "Identity - c > m\n" MEANS);
    /* A mask leaves the other as it is, before and behind, added and multiplied. */
#define MASK                                                                             \
    "tensor k 1 -1e9\ntensor unit 1 1\nRelu - c > r\nConv - r v > t pads=1,1,1,1\n"
#define MASKED(nodes) CHECK_CLOSE(TWO MASK nodes MEANS, TWO "Identity - c > m\n" MEANS)
    MASKED("Add - t k > q\nMax - c q > m\n");
    MASKED("Add - t k > q\nMax - q c > m\n");
    MASKED("Sub - t k > q\nMin - c q > m\n");
    MASKED("Sub - t k > q\nRelu - q > p\nMin - p c > m\n");
    MASKED("Add - r unit > p\nMul - p k > d\nAdd - t d > q\nMax - c q > m\n");
    MASKED("Add - r unit > p\nMul - p k > d\nAdd - t d > q\nMax - q c > m\n");
    /* One map for all channels: as if it were as many. */
#define ONE_MAP "tensor p 1,2,1,1 0.5,-0.75\nConv - x p > s\n"
    CHECK_CLOSE(TWO ONE_MAP "Mul - c s > m\n" MEANS,
                TWO ONE_MAP "Concat - s s > t axis=1\nMul - t c > m\n" MEANS);
    CHECK_CLOSE(TWO ONE_MAP "Sub - s c > m\n" MEANS,
                TWO ONE_MAP "Concat - s s > t axis=1\nSub - t c > m\n" MEANS);
    const expected all[] = {
        {TWO "tensor t 2,1,1 1,2\nSum s c t > m\n" MEANS,
         "Sum 's' (node 2): input 2 is a constant; expected what a layer gives"},
        {TWO "tensor t 2,1,1 1,2\nMax s c t > m\n" MEANS,
         "Max 's' (node 2): input 2, 't', is no constant of one number"},
        {TWO "Min s c c c > m\n" MEANS, "Min 's' (node 2): has 3 inputs; expected two"},
        {TWO "Max s c x > m\n" MEANS,
         "2C1i-@0-DW1i-(@1|@2)+-(@0|@3)+i-GAP-OUT of 6x6x2, 2 classes"},
    };
    CHECK_ALL(all);
}

/* --- rows of numbers ---------------------------------------------------------------- */

static void test_rows(void) {
#define LAST "Transpose - c > t perm=0,2,3,1\ntensor k 2,3 0.5,-1,0.25,2\n"
#define BACK "Transpose - u > n perm=0,3,1,2\nRelu - n > m\n" MEANS
    static const char *const conv = TWO
        "tensor k 3,2,1,1 0.5,2,-1,0.5,0.25,-1\nConv - c k > n\nRelu - n > m\n" MEANS;
    /* A fully connected layer of each place. */
    CHECK_CLOSE(TWO LAST "MatMul - t k > u\n" BACK, conv);
    CHECK_CLOSE(TWO LAST "ints r -1,2\nReshape - t r > f\nMatMul - f k > h\n"
                         "ints s -1,6,6,3\nReshape - h s > u\n" BACK,
                conv);
    CHECK_CLOSE(TWO LAST "ints r -1,2\nReshape - t r > f\ntensor b 3 0.5,1,2\n"
                         "Transpose - k > kt\nGemm - f kt b > h transB=1 alpha~0.5\n"
                         "ints s 1,6,6,3\nReshape - h s > u\n" BACK,
                TWO "tensor k 3,2,1,1 0.25,1,-0.5,0.25,0.125,-0.5\ntensor b 3 0.5,1,2\n"
                    "Conv - c k b > n\nRelu - n > m\n" MEANS);
    CHECK_STR(read_text(TWO LAST "tensor q 3,3\nMatMul m t q > u\n" BACK),
              "MatMul 'm' (node 3): its weights are no constant of 2 dimensions, for 2 "
              "channels");
    /* Means over places in a row, and sums. */
    CHECK_CLOSE(TWO "ints s -1,2,36\nReshape - c s > f\nReduceMean - f > y axes=2, "
                    "keepdims=0\n",
                TWO "Identity - c > m\n" MEANS);
    CHECK_CLOSE(TWO "ReduceSum - c > f axes=2,3 keepdims=0\ntensor q 1 36\n"
                    "Div - f q > y\n",
                TWO "Identity - c > m\n" MEANS);
    CHECK_CLOSE(TWO "ReduceSum - c > f axes=3, keepdims=0\ntensor q 1 6\nDiv - f q > g\n"
                    "ReduceMean - g > y axes=-1, keepdims=0\n",
                TWO "Identity - c > m\n" MEANS);
}

/* --- ends --------------------------------------------------------------------------- */

static void test_last(void) {
#define FOUR                                                                             \
    "input x 0,9\noutput y\ntensor w 9,4 0.5,-1,0.25,0.75,-0.3\nMatMul - x w > c\n"
#define OTHERS "tensor v 9,4\ntensor p 4,4 1,0,0,0,0,0,1,0,0,1,0,0,0,0,0,1\n"
    static const char *const turned = FOUR OTHERS "MatMul - c p > d\nSigmoid - d > y\n";
    CHECK_CLOSE(FOUR "ints a -1,2,2\nints b -1,4\nReshape - c a > d\n"
                     "Transpose - d > e perm=0,2,1\nReshape - e b > f\nSigmoid - f > y\n",
                turned);
    CHECK_CLOSE(FOUR "ints a -1,2,2\nints b -1,4\nReshape - c a > d\nSigmoid - d > s\n"
                     "Transpose - s > e perm=0,2,1\nReshape - e b > y\n",
                turned);
    CHECK_CLOSE(FOUR "ints a -1,2,2\nints b -1,4\nReshape - c a > d\n"
                     "Transpose - d > e perm=0,2,1\nReshape - e b > f\nSoftmax - f > y\n",
                FOUR OTHERS "MatMul - c p > d\nSoftmax - d > y\n");
    CHECK_CLOSE(TWO "Transpose - c > y perm=0,2,3,1\n",
                TWO "Transpose - c > d perm=0,2,3,1\nints s -1,72\nReshape - d s > y\n");
    /* The largest class, and how probable it is. */
    CHECK(same(FOUR "ReduceMax - c > y axes=1, keepdims=0\n",
               FOUR "ArgMax - c > y axis=1\n"));
    CHECK(same(FOUR "ints three 3\nTopK - c three > y i\n",
               FOUR "ArgMax - c > y axis=1\n"));
    CHECK_STR(read_text(FOUR "ints three 3\nTopK t c three > y i largest=0\n"),
              "TopK 't' (node 2): largest is 0; expected 1");
    /* What MXNet writes for one scale a channel, and what it would be. */
    CHECK(same(TWO
               "tensor b 2 0.5,2\nBatchNormalization - c b b b b > m spatial=0\n" MEANS,
               TWO "tensor b 2 0.5,2\nBatchNormalization - c b b b b > m\n" MEANS));
    CHECK_CLOSE("input x 0,9\noutput y\ntensor s 9 0.5,1\ntensor v 9 0.99999\n"
                "tensor w 9,4 0.5,-1,0.25,0.75,-0.3\nBatchNormalization - x s s s v > d "
                "spatial=0\nMatMul - d w > y\n",
                "input x 0,9\noutput y\ntensor s 9 0.5,1\ntensor w 9,4 "
                "0.5,-1,0.25,0.75,-0.3\nSub - x s > a\nMul - a s > b\nAdd - b s > d\n"
                "MatMul - d w > y\n");
}

/* --- inputs and outputs ------------------------------------------------------------- */

/* A network of one image, without a dimension for more. */
static void test_alone(void) {
#define ALONE(dims) "input x " dims "\noutput y\ntensor w 3,1,3,3\ntensor f 16,3\n"
    static const char *const plain_one = ALONE("1,16") "Gemm - x f > y\n";
    CHECK(
        same(ALONE("4,4") "ints r 1,16\nReshape - x r > d\nGemm - d f > y\n", plain_one));
    CHECK(same(ALONE("4,4") "ints r -1,16\nReshape - x r > d\nGemm - d f > y\n",
               plain_one));
    CHECK(same(ALONE("4,4") "Flatten - x > d axis=0\nGemm - d f > y\n", plain_one));
    CHECK(same(ALONE("16") "MatMul - x f > y\n", plain_one));
    CHECK_STR(read_text(ALONE("4,5") "ints a 0,1\nUnsqueeze - x a > u\nConv - u w > c\n"
                                     "GlobalAveragePool - c > y\n"),
              "3C3vi-GAP-OUT of 4x5x1, 3 classes");
    CHECK_STR(read_text("input x 3,6,6\noutput y\ntensor w 2,3,3,3\nints z 0\n"
                        "Unsqueeze - x z > u\nConv - u w > c\nSqueeze - c z > d\n"
                        "ReduceMean - d > y axes=1,2 keepdims=0\n"),
              "2C3vi-GAP-OUT of 6x6x3, 2 classes");
    /* The first error is the one that is told. */
    CHECK_STR(read_text(ALONE("4,4") "ints r -1,17\nReshape r x r > d\n"),
              "Reshape 'r' (node 1): is right for one image at a time, but the file's "
              "input has 4; export it for batches of 1, or of any size");
}

static void test_others(void) {
    CHECK_STR(read_text("input x 0,9\noutput label\noutput y\ntensor w 9,4\nints z 1\n"
                        "MatMul - x w > y\nArrayFeatureExtractor e z y > label "
                        "domain:ai.onnx.ml\n"),
              "ArrayFeatureExtractor 'e' (node 2): is of domain 'ai.onnx.ml'; expected "
              "ONNX's own operators; that was for output 'label': in options, "
              "{\"output\": \"y\"} asks for another");
    CHECK_STR(
        read_text("input x 0,9\noutput y\ntensor w 9,4\nMatMul - x w > p\n"
                  "ZipMap z p > y domain:ai.onnx.ml\n"),
        "ZipMap 'z' (node 2): makes pairs of probabilities and labels; expected the "
        "probabilities: skl2onnx leaves it out with options={'zipmap': False}");
    /* A long list is no damage. */
    const expected all[] = {
        {TWO "AveragePool p c > m kernel_shape=1,1 pads=0,0,0,0,0,0,0,0,0\n" MEANS,
         "AveragePool 'p' (node 2): attribute 'pads' has more than 8 numbers"},
        {TWO "Odd o c > m list=1,2,3,4,5,6,7,8,9,10\n" MEANS,
         "Odd 'o' (node 2): is an unsupported operator; expected Conv, Gemm, MatMul, "
         "poolings, activations and reshapes"},
        {TWO "Constant k > k value_ints=1,2,3,4,5,6,7,8,9\nReshape r c k > m\n" MEANS,
         "Constant 'k' (node 2): attribute 'value_ints' has more than 8 numbers"},
        {TWO "tensor s 1 1\nints q 1\nDequantizeLinear d q s > k\nMul - c k > m\n" MEANS,
         "DequantizeLinear 'd' (node 2): belongs to a quantised network, of 8-bit "
         "integers; expected one of floats: export it before it is quantised"},
    };
    CHECK_ALL(all);
}

/* Parts of channels: more sizes than a short list has, and those that are none. */
static void test_parts(void) {
#define EIGHTEEN                                                                         \
    "input x 0,2,6,6\noutput y\ntensor w 18,2,1,1 0.5,-1,0.25,0.75,0.1\nConv - x w > "   \
    "c\n"                                                                                \
    "ints one 1\nints four 4\nints seven 7\n"
#define NINE_PARTS(sizes)                                                                \
    EIGHTEEN "ints n " sizes "\nSplit s c n > a b m d e f g h i axis=1\n"                \
             "GlobalAveragePool - m > q\nFlatten - q > y\n"
    CHECK_CLOSE(NINE_PARTS("1,3,3,2,2,2,2,2,1"),
                EIGHTEEN "Slice - c four seven one > m\nGlobalAveragePool - m > q\n"
                         "Flatten - q > y\n");
    const expected all[] = {
        {NINE_PARTS("1,3,3,2,2,2,2,3"),
         "Split 's' (node 2): its sizes are no constant of 9 numbers"},
        {NINE_PARTS("1,3,3,2,2,2,2,2,1,0"),
         "Split 's' (node 2): its sizes are no constant of 9 numbers"},
        {NINE_PARTS("1,3,3,2,2,2,2,2,9223372036854775807"),
         "Split 's' (node 2): makes a part of 9223372036854775807 channels of 1 that are "
         "left"},
        {EIGHTEEN "tensor n 9 2\nSplit s c n > a b m d e f g h i axis=1\n"
                  "GlobalAveragePool - m > q\nFlatten - q > y\n",
         "tensor 'n' has elements of type 1; expected integers"},
        {EIGHTEEN "Split s c c > a m axis=1\nGlobalAveragePool - m > q\n"
                  "Flatten - q > y\n",
         "Split 's' (node 2): its sizes are no constant of 2 numbers"},
        {EIGHTEEN "Slice s c four seven c > m\n" MEANS,
         "Slice 's' (node 2): its starts, ends, axes and steps are no constants of one "
         "length"},
        {EIGHTEEN "Slice s c four seven one c > m\n" MEANS,
         "Slice 's' (node 2): its starts, ends, axes and steps are no constants of one "
         "length"},
    };
    CHECK_ALL(all);
}

/* Each place of a block of 2×2 beside the others, as four Slices and a Concat say it. */
static void test_space(void) {
#define PLACE(name, y, x)                                                                \
    "ints s" name " " y "," x "\nSlice - c s" name " far axes by > " name "\n"
    CHECK_CLOSE(TWO "SpaceToDepth - c > m blocksize=2\nRelu - m > r\n"
                    "GlobalMaxPool - r > g\nFlatten - g > y\n",
                TWO "ints far 9,9\nints axes 2,3\nints by 2,2\n" PLACE("p", "0", "0")
                    PLACE("q", "0", "1") PLACE("u", "1", "0")
                        PLACE("t", "1", "1") "Concat - p q u t > m axis=1\nRelu - m > r\n"
                                             "GlobalMaxPool - r > g\nFlatten - g > y\n");
    const expected all[] = {
        {TWO "SpaceToDepth d c > m blocksize=4\n" MEANS,
         "SpaceToDepth 'd' (node 2): its blocks are of 4x4; expected to divide 6x6"},
        {TWO "SpaceToDepth d c > m\n" MEANS,
         "SpaceToDepth 'd' (node 2): its blocks are of 0x0; expected to divide 6x6"},
        {TWO "SpaceToDepth d c > m blocksize=4294967297\n" MEANS,
         "SpaceToDepth 'd' (node 2): its blocks are of 4294967297x4294967297; expected "
         "to "
         "divide 6x6"},
        {TWO "DepthToSpace d c > m blocksize=1\n" MEANS,
         "DepthToSpace 'd' (node 2): makes maps larger; expected layers that lead to "
         "classes: Conv, MaxPool, AveragePool, Gemm"},
        {TWO "Where w c c c > m\n" MEANS,
         "Where 'w' (node 2): chooses between values; expected Max, Min, Clip or Relu"},
    };
    CHECK_ALL(all);
}

/* Pads of some axes, as operator set 18 has them. */
static void test_pad_axes(void) {
    CHECK_SAME(
        "ints p 2,0,3,1\nints ax -2,3\nPad - x p - ax > q\nConv c q w b > a\n" OVER,
        "Conv c x w b > a pads=2,0,3,1\n" OVER);
    CHECK_SAME("ints p 0,2,1,3\nints ax 3,2\nPad - x p - ax > q\nConv c q w b > a\n" OVER,
               "Conv c x w b > a pads=2,0,3,1\n" OVER);
    const expected all[] = {
        {TWO "ints p 2,0,3,1\nints a 2,2\nPad p c p - a > m\n" MEANS,
         "Pad 'p' (node 2): pads other dimensions than those of maps"},
        {TWO "ints p 2,0,3,1\nints a 2,4\nPad p c p - a > m\n" MEANS,
         "Pad 'p' (node 2): pads other dimensions than those of maps"},
        {TWO "ints p 2,0,3,1\nints a 2\nPad p c p - a > m\n" MEANS,
         "Pad 'p' (node 2): pads other dimensions than those of maps"},
        {TWO "ints p 2,0,3,1\nPad p c p - c > m\n" MEANS,
         "Pad 'p' (node 2): pads other dimensions than those of maps"},
    };
    CHECK_ALL(all);
}

int main(void) {
    test_parts();
    test_space();
    test_pad_axes();
    test_joins();
    test_rows();
    test_last();
    test_alone();
    test_others();
    test_channels();
    test_maps();
    test_pads();
    return check_done("test_onnx_exporters");
}
