/* test_onnx_forms.c - forms in which files say the same network: nodes in any order,
 * dimensions that come and go, pixels that are scaled in one way or another, activations
 * that are written out, ends. Each is compared with a plain file, to the bit or, where
 * numbers are rounded once more, closely. */
#include "onnx_close.h"

/* A small network: 2 maps of 2×2, 3 classes. */
#define SMALL                                                                            \
    "input x 0,1,4,4\noutput y\ntensor w 2,1,3,3 0.5,-0.25,0.125,1,-1,0.75,-0.5\n"       \
    "tensor b 2 0.5,-0.25\ntensor f 8,3 0.5,-1,0.25,0.75,-0.5\ntensor z 3 0.1,0.2,0.3\n"
#define SMALL_CONV "Conv - x w b > c\nRelu - c > r\n"
#define SMALL_END  "Flatten - r > l\nGemm - l f z > y\n"

static void test_order(void) {
    const char *plain_one = SMALL SMALL_CONV SMALL_END;
    CHECK(same(plain_one, SMALL "Gemm - l f z > y\nFlatten - r > l\nRelu - c > r\n"
                                "Conv - x w b > c\n"));
    /* What the output does not need is not read. */
    CHECK(same(plain_one, SMALL "Fancy - c > v\n" SMALL_CONV SMALL_END));
    CHECK_STR(
        read_text(SMALL "Relu - b2 > a2\nRelu - a2 > b2\nAdd - x b2 > y\n"),
        "the graph runs in a circle: Relu node 1 reads 'b2', which depends on its own "
        "result");
    CHECK_STR(
        read_text(SMALL "Relu - y > y\n"),
        "the graph runs in a circle: Relu node 1 reads 'y', which depends on its own "
        "result");
    CHECK_STR(read_text(SMALL "Conv c x w b > c\nAdd a c zz > y\n"),
              "Add 'a' (node 2): reads 'zz', which no node outputs");
}

static void test_dimensions(void) {
    const char *plain_one = SMALL SMALL_CONV SMALL_END;
    /* The batch goes, and comes back. */
    CHECK(same(plain_one, SMALL SMALL_CONV "Flatten - r > l axis=0\nGemm - l f z > y\n"));
    CHECK(same(plain_one,
               SMALL SMALL_CONV "ints s -1\nReshape - r s > l\nMatMul - l f > m\n"
                                "Add - m z > y\n"));
    CHECK(same(plain_one, SMALL SMALL_CONV "ints s 8\nReshape - r s > l\nMatMul - l f > "
                                           "m\nAdd - z m > y\n"));
    CHECK(same(plain_one, SMALL "Squeeze - x > q axes=0,\nUnsqueeze - q > u axes=0,\n"
                                "Conv - u w b > c\nRelu - c > r\n" SMALL_END));
    CHECK(same(plain_one, SMALL SMALL_CONV "Flatten - r > l\nUnsqueeze - l > u axes=1,\n"
                                           "MatMul - u f > m\nAdd - m z > y\n"));
    CHECK(same(plain_one, SMALL
               "Shape - r > s\nints i 0\nGather - s i > g\nints m -1\nConcat - g m > "
               "k\n" SMALL_CONV "Reshape - r k > l\nGemm - l f z > y\n"));
    CHECK(same(plain_one, SMALL SMALL_CONV
               "ints s -1,2,2,2,1\nReshape - r s > a\nTranspose - a > t perm=0,4,1,2,3\n"
               "Flatten - t > l\nGemm - l f z > y\n"));
    /* An image in a row. */
    CHECK(same("input x 0,16\noutput y\ntensor w 16,3\nMatMul - x w > y\n",
               "input x 0,16,1\noutput y\ntensor w 16,3\nFlatten - x > f\n"
               "MatMul - f w > y\n"));
    CHECK(same("input x 0,16\noutput y\ntensor w 16,3\nMatMul - x w > y\n",
               "input x 1,1,16\noutput y\ntensor w 16,3\nSqueeze - x > f\n"
               "MatMul - f w > y\n"));
    /* Maps that lie [H, W, C]: the inputs of the dense layer change places. */
    CHECK_CLOSE(SMALL SMALL_CONV
                "Transpose - r > t perm=0,2,3,1\nFlatten - t > l\nGemm - l f z > y\n",
                SMALL SMALL_CONV
                "tensor n 8,3 "
                "0.5,-1,0.25,-1,0.25,0.75,0.25,0.75,-0.5,0.75,-0.5,0.5,0.75,-"
                "0.5,0.5,-0.5,0.5,-1,0.5,-1,0.25,-1,0.25,0.75\n"
                "Flatten - r > l\n"
                "Gemm - l n z > y\n");
    CHECK_STR(read_text("input x 5,1,4,4\noutput y\ntensor w 2,1,3,3\nConv - x w > c\n"
                        "Flatten f c > y axis=0\n"),
              "Flatten 'f' (node 2): is right for one image at a time, but the file's "
              "input has 5; export it for batches of 1, or of any size");
}

static void test_pixels(void) {
    const char *plain_one = SMALL SMALL_CONV SMALL_END;
#define FROM(p) "Conv - " p " w b > c\nRelu - c > r\n" SMALL_END
    /* 1 − x, and back. */
    CHECK(
        same(plain_one, SMALL "tensor o 1 1\nSub - o x > p\nSub - o p > q\n" FROM("q")));
    CHECK(same(plain_one, SMALL "Neg - x > p\nNeg - p > q\n" FROM("q")));
    CHECK_CLOSE(SMALL "tensor o 1 1\nSub - o x > p\n" FROM("p"),
                SMALL "tensor n 2,1,3,3 -0.5,0.25,-0.125,-1,1,-0.75,0.5\n"
                      "tensor h 2 1.375,1.5\nConv - x n h > c\nRelu - c > r\n" SMALL_END);
    /* Of each channel by itself, and negative, before padding. */
#define RGB                                                                              \
    "input x 0,3,4,4\noutput y\ntensor w 2,3,3,3 0.5,-0.25,0.125,1,-1,0.75,-0.5\n"       \
    "tensor m 1,3,1,1 0.5,0.25,0.75\ntensor s 1,3,1,1 0.5,0.25,2\ntensor b 2\n"          \
    "tensor f 32,3 0.5,-1,0.25,0.75,-0.5\ntensor g 3 2,4,0.5\ntensor z 3 0\n"            \
    "tensor n 3 -0.5,-0.25,-0.75\ntensor v 3 1\n"
#define RGB_END(p)                                                                       \
    "Conv - " p " w b > c pads=1,1,1,1\nRelu - c > r\nFlatten - r > l\n"                 \
    "MatMul - l f > y\n"
    CHECK_CLOSE(RGB "Sub - x m > p\nDiv - p s > q\n" RGB_END("q"),
                RGB "BatchNormalization - x v n z v > p epsilon~0\ntensor k 1,3,1,1 2,4,"
                    "0.5\nMul - p k > q\n" RGB_END("q"));
    CHECK_STR(read_text(RGB "Sub - x m > p\nDiv - p s > q\n" RGB_END("q")),
              "DW1i-2C3 of 4x4x3, 3 classes");
    CHECK_STR(read_text(RGB "Div - x s > q\n" RGB_END("q")), "2C3 of 4x4x3, 3 classes");
    /* Bytes. */
    CHECK_CLOSE("input x 0,16 2\noutput y\ntensor w 16,3\ntensor k 1 255\nCast - x > f "
                "to=1\nDiv - f k > p\nMatMul - p w > y\n",
                "input x 0,16\noutput y\ntensor w 16,3\nMatMul - x w > y\n");
    /* A picture of means, one for each pixel. */
    CHECK_CLOSE("input x 0,1,2,2\noutput y\ntensor m 1,1,2,2 0.1,0.2,0.3,0.4\ntensor w "
                "4,2 1,2,3,4,5,6,7,8\nSub - x m > p\nFlatten - p > f\nMatMul - f w > y\n",
                "input x 0,1,2,2\noutput y\ntensor w 4,2 1,2,3,4,5,6,7,8\ntensor b 2 "
                "-5,-6\nFlatten - x > f\nGemm - f w b > y\n");
}

/* Normalisation and scales after a ReLU or a pooling, which only the layer after can
 * take. */
static void test_scales(void) {
#define AFTER(nodes, last)                                                               \
    SMALL "tensor k 1,2,1,1 2,-4\ntensor u 2 2,-4\ntensor o 2 0\ntensor e 2 "            \
          "1\n" SMALL_CONV nodes "Flatten - " last " > l\nGemm - l f z > y\n"
    const char *wanted = SMALL SMALL_CONV
        "tensor g 8,3 1,-2,0.5,1.5,-1,1,-2,0.5,1.5,-1,1,-2,-1,-3,2,-2,4,-1,"
        "-3,2,-2,4,-1,-3\nFlatten - r > l\nGemm - l g z > y\n";
    CHECK_CLOSE(AFTER("Mul - r k > q\n", "q"), wanted);
    CHECK_CLOSE(AFTER("BatchNormalization - r u o o e > q epsilon~0\n", "q"), wanted);
    CHECK_STR(read_text(AFTER("Mul - r k > q\n", "q")), "2C3v of 4x4x1, 3 classes");
    CHECK_STR(read_text(AFTER("AveragePool - r > a kernel_shape=2,2\nMul - a k > q\n"
                              "ReduceMean - q > p axes=2,3\ntensor f2 2,3\n"
                              "Flatten - p > l2\nMatMul - l2 f2 > y\nIdentity - r > a0\n",
                              "a0")),
              "two nodes give 'y'; expected each name once");
    /* Of 3 dimensions. */
    CHECK_STR(
        read_text(SMALL SMALL_CONV
                  "tensor e 8 1\ntensor o 8 0.5\nFlatten - r > l\nUnsqueeze - l > u "
                  "axes=2,\nBatchNormalization - u e o o e > n\nSqueeze - n > q "
                  "axes=2,\nGemm - q f z > y\n"),
        "2C3v of 4x4x1, 3 classes");
    /* Alone, before padding: a layer of its own. */
    CHECK_STR(read_text("input x 0,1,4,4\noutput y\ntensor w 2,1,3,3\ntensor v 2,2,3,3\n"
                        "tensor b 1,2,1,1\nConv - x w > c pads=1,1,1,1\nRelu - c > r\n"
                        "Add - r b > a\nConv - a v > d pads=1,1,1,1\nRelu - d > e\n"
                        "GlobalAveragePool - e > g\nFlatten - g > y\n"),
              "2C3-DW1i-2C3-GAP-OUT of 4x4x1, 2 classes");
}

static void test_activations(void) {
    const expected all[] = {
        {SMALL "Conv - x w > c\nSigmoid - c > r\n" SMALL_END,
         "2C3vs of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nTanh - c > r\n" SMALL_END, "2C3vt of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nLeakyRelu - c > r alpha~0.25\n" SMALL_END,
         "2C3vl0.25 of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nElu - c > r\n" SMALL_END, "2C3ve of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nCelu - c > r\n" SMALL_END, "2C3ve of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nClip - c > r min~0 max~6\n" SMALL_END,
         "2C3vr6 of 4x4x1, 3 classes"},
        {SMALL "tensor o 1 0\nConv - x w > c\nClip - c o > r\n" SMALL_END,
         "2C3v of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nHardSwish - c > r\n" SMALL_END,
         "2C3vh of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nGelu - c > r\n" SMALL_END, "2C3vg of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nMish - c > r\n" SMALL_END, "2C3vm of 4x4x1, 3 classes"},
        {SMALL "tensor p 1,1,1 0.5\nConv - x w > c\nPRelu - c p > r\n" SMALL_END,
         "2C3vl0.5 of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nSoftplus - c > r\n" SMALL_END,
         "2C3vf of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nSoftsign - c > r\n" SMALL_END,
         "2C3vo of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nThresholdedRelu - c > r alpha~0.25\n" SMALL_END,
         "2C3vu0.25 of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nThresholdedRelu - c > r\n" SMALL_END,
         "2C3vu of 4x4x1, 3 classes"},
        /* Written out. */
        {SMALL "Conv - x w > c\nSigmoid - c > s\nMul - s c > r\n" SMALL_END,
         "2C3vw of 4x4x1, 3 classes"},
        {SMALL
         "Conv - x w > c\nSoftplus - c > s\nTanh - s > t\nMul - c t > r\n" SMALL_END,
         "2C3vm of 4x4x1, 3 classes"},
        {SMALL "tensor t 1 3\ntensor h 1 6\nConv - x w > c\nAdd - c t > a\n"
               "Clip - a > p min~0 max~6\nMul - c p > m\nDiv - m h > r\n" SMALL_END,
         "2C3vh of 4x4x1, 3 classes"},
        {SMALL "tensor t 1 3\ntensor h 1 6\nConv - x w > c\nAdd - c t > a\n"
               "Clip - a > p min~0 max~6\nDiv - p h > m\nMul - c m > r\n" SMALL_END,
         "2C3vh of 4x4x1, 3 classes"},
        {SMALL "tensor t 1 3\ntensor h 1 6\nConv - x w > c\nAdd - c t > a\n"
               "Clip - a > p min~0 max~6\nDiv - p h > r\n" SMALL_END,
         "2C3vd of 4x4x1, 3 classes"},
        {SMALL "tensor q 1 1.4142135\ntensor o 1 1\ntensor h 1 0.5\nConv - x w > c\n"
               "Div - c q > a\nErf - a > e\nAdd - e o > p\nMul - c p > m\nMul - m h > "
               "r\n" SMALL_END,
         "2C3vg of 4x4x1, 3 classes"},
        {SMALL "tensor q 1 1.4142135\ntensor o 1 1\ntensor h 1 0.5\nConv - x w > c\n"
               "Div - c q > a\nErf - a > e\nAdd - e o > p\nMul - p h > m\nMul - c m > "
               "r\n" SMALL_END,
         "2C3vg of 4x4x1, 3 classes"},
        {SMALL "tensor q 1 1.4142135\ntensor o 1 1\ntensor h 1 0.5\nConv - x w > c\n"
               "Div - c q > a\nErf - a > e\nAdd - e o > p\nMul - c h > m\nMul - m p > "
               "r\n" SMALL_END,
         "2C3vg of 4x4x1, 3 classes"},
        /* After a pooling: a rising one changes places with the maxima. */
        {SMALL
         "tensor g 2,3\nConv - x w > c\nMaxPool - c > p kernel_shape=2,2\nTanh - p > "
         "r\nFlatten - r > l\nMatMul - l g > y\n",
         "2C3vt-MP2 of 4x4x1, 3 classes"},
        {SMALL "tensor g 2,3\nConv - x w > c\nMaxPool - c > p kernel_shape=2,2\n"
               "Softplus - p > q\nSoftsign - q > s\nThresholdedRelu - s > r\n"
               "Flatten - r > l\nMatMul - l g > y\n",
         "2C3vf-MP2-DW1o-DW1u of 4x4x1, 3 classes"},
        {SMALL
         "tensor g 2,3\nConv - x w > c\nAveragePool - c > p kernel_shape=2,2\nTanh - "
         "p > r\nFlatten - r > l\nMatMul - l g > y\n",
         "2C3vi-GAP-DW1t of 4x4x1, 3 classes"},
        /* None of ours. */
        {SMALL "Conv - x w > c\nExp s c > r\n" SMALL_END,
         "Exp 's' (node 2): is an activation that layers do not have; expected "
         "Relu, "
         "LeakyRelu, Sigmoid, Tanh, Elu, Selu, Gelu, Clip, HardSigmoid, HardSwish, "
         "Swish, Mish, Softplus, Softsign or ThresholdedRelu"},
        {SMALL "Conv - x w > c\nGelu g c > r approximate:tanh\n" SMALL_END,
         "2C3vq of 4x4x1, 3 classes"},
        {SMALL "Conv - x w > c\nGelu g c > r approximate:sin\n" SMALL_END,
         "Gelu 'g' (node 2): approximate is 'sin'; expected none or tanh"},
        {SMALL "tensor k 1 0.044715\ntensor h 1 0.5\ntensor t 1 0.7978845608\ntensor o 1 "
               "1\nConv - x w > c\nMul - c c > s\nMul - c s > d\nMul - d k > e\nAdd - c "
               "e > g\nMul - g t > i\nTanh - i > j\nAdd - j o > m\nMul - c m > n\nMul - "
               "n h > r\n" SMALL_END,
         "2C3vq of 4x4x1, 3 classes"},
        {SMALL "tensor k 1 0.0713548\ntensor o 1 1.5957691\nConv - x w > c\nMul - c c > "
               "s\nMul - s k > d\nAdd - d o > e\nMul - c e > g\nSigmoid - g > h\nMul - h "
               "c > r\n" SMALL_END,
         "2C3vq of 4x4x1, 3 classes"},
        {SMALL "tensor p 1,2,2,2 0.5,0.25\nConv - x w > c\nPRelu p c p > r\n" SMALL_END,
         "PRelu 'p' (node 2): is an activation that layers do not have; expected Relu, "
         "LeakyRelu, Sigmoid, Tanh, Elu, Selu, Gelu, Clip, HardSigmoid, HardSwish, "
         "Swish, Mish, Softplus, Softsign or ThresholdedRelu"},
    };
    CHECK_ALL(all);
    /* |u| is leaky with a slope of −1; a·ELU(u/a) and u·σ(a·u) have their scales. */
    CHECK_STR(read_text(SMALL "Conv - x w > c\nAbs - c > r\n" SMALL_END),
              "2C3vl#bf800000 of 4x4x1, 3 classes");
    CHECK_CLOSE(SMALL "Conv - x w b > c\nAbs - c > r\n" SMALL_END,
                SMALL "Conv - x w b > c\nNeg - c > n\nRelu - c > p\nRelu - n > m\n"
                      "Add - p m > r\n" SMALL_END);
    CHECK_CLOSE(SMALL "Conv - x w b > c\nCelu - c > r alpha~0.25\n" SMALL_END,
                SMALL "tensor a 1 0.25\nConv - x w b > c\nDiv - c a > d\nElu - d > e\n"
                      "Mul - e a > r\n" SMALL_END);
    CHECK_CLOSE(SMALL "Conv - x w b > c\nSwish - c > r alpha~1.5\n" SMALL_END,
                SMALL "tensor a 1 1.5\nConv - x w b > c\nMul - c a > d\nSigmoid - d > e\n"
                      "Mul - e c > r\n" SMALL_END);
    CHECK_STR(read_text(SMALL "Conv - x w > c\nCelu u c > r alpha~0\n" SMALL_END),
              "Celu 'u' (node 2): alpha is 0; expected 0.001..1000");
    CHECK_STR(read_text(SMALL "Conv - x w > c\nSwish u c > r alpha~-1\n" SMALL_END),
              "Swish 'u' (node 2): alpha is -1; expected 0.001..1000");
    CHECK_CLOSE(SMALL "tensor k 1 1.702\nConv - x w b > c\nMul - c k > s\nSigmoid - s > "
                      "t\nMul - c t > r\n" SMALL_END,
                SMALL "tensor k 1 1.702\nConv - x w b > c\nMul - c k > s\nSwish - s > "
                      "t\nDiv - t k > r\n" SMALL_END);
    CHECK(same(SMALL "Conv - x w b > c\nMul - c c2 > r\nSigmoid - c > c2\n" SMALL_END,
               SMALL "Conv - x w b > c\nSwish - c > r\n" SMALL_END));
}

#define ONE                                                                              \
    "expected one for each class, or a Sigmoid of the one, which is then the "           \
    "probability of the second of two classes"

static void test_ends(void) {
    const char *plain_one = SMALL SMALL_CONV SMALL_END;
#define ENDS_WITH(nodes) SMALL SMALL_CONV "Flatten - r > l\nGemm - l f z > e\n" nodes
    CHECK(same(plain_one, ENDS_WITH("Identity - e > y\n")));
    CHECK(same(plain_one, ENDS_WITH("Softmax - e > y\n")));
    CHECK(same(plain_one, ENDS_WITH("LogSoftmax - e > y axis=1\n")));
    CHECK(same(plain_one, ENDS_WITH("Softmax - e > s\nLog - s > y\n")));
    CHECK(same(plain_one, ENDS_WITH("Softmax - e > s\nArgMax - s > y axis=1\n")));
    CHECK(same(plain_one, ENDS_WITH("Dropout - e > s\nSoftmax - s > y\n")));
    /* Each class by itself. */
    CHECK_STR(read_text(ENDS_WITH("Sigmoid - e > y\n")),
              "2C3v-3Ni-OUTs of 4x4x1, 3 classes");
    CHECK_STR(read_text(ENDS_WITH("Sigmoid - e > s\nArgMax - s > y axis=1\n")),
              "2C3v-3Ni-OUTs of 4x4x1, 3 classes");
    CHECK_STR(read_text(SMALL SMALL_CONV "GlobalAveragePool - r > g\nFlatten - g > f\n"
                                         "Sigmoid - f > y\n"),
              "2C3v-GAP-OUTs of 4x4x1, 2 classes");
    /* Two classes. */
    CHECK_CLOSE(
        "input x 0,4\noutput y\ntensor w 4,1 1,-2,3,-1\nMatMul - x w > z\n"
        "Sigmoid - z > y\n",
        "input x 0,4\noutput y\ntensor w 4,2 0,1,0,-2,0,3,0,-1\nMatMul - x w > z\n"
        "Softmax - z > y\n");
    /* With 1 − p beside p, as scikit-learn has it; the other way round; and what is no
     * such pair. */
#define ONE_NUMBER                                                                       \
    "input x 0,4\noutput y\ntensor w 4,1 1,-2,3,-1\ntensor one 1 1\n"                    \
    "tensor half 1 0.5\nMatMul - x w > z\nSigmoid - z > p\n"
    CHECK(same(ONE_NUMBER "Sub - one p > q\nConcat - q p > y axis=1\n",
               ONE_NUMBER "Identity - p > y\n"));
    CHECK(same(ONE_NUMBER "Sub - one p > q\nConcat - q p > s axis=1\n"
                          "ArgMax - s > y axis=1\n",
               ONE_NUMBER "Identity - p > y\n"));
    CHECK_CLOSE(ONE_NUMBER "Sub - one p > q\nConcat - p q > y axis=1\n",
                "input x 0,4\noutput y\ntensor w 4,2 1,0,-2,0,3,0,-1,0\n"
                "MatMul - x w > z\nSoftmax - z > y\n");
    CHECK_STR(read_text(ONE_NUMBER "Sub - half p > q\nConcat - q p > y axis=1\n"),
              "1Ns-1Ni-(@2|@1)&-OUT of 2x2x1, 2 classes");
    CHECK_STR(read_text(ONE_NUMBER "Sub - one z > q\nConcat - q p > y axis=1\n"),
              "1Ni-1Ni-@1-1Ns-(@2|@3)&-OUT of 2x2x1, 2 classes");
    /* One number is no class. */
    CHECK_STR(read_text(ONE_NUMBER "Relu r z > y\n"),
              "the network ends with MatMul node 1, which gives one number; " ONE);
    /* What is no layer of weights gets one that gives what it reads. */
    CHECK_STR(read_text(SMALL SMALL_CONV "GlobalAveragePool - r > g\nFlatten - g > y\n"),
              "2C3v-GAP-OUT of 4x4x1, 2 classes");
    CHECK_STR(read_text(SMALL SMALL_CONV "Flatten - r > y\n"),
              "2C3v-OUT of 4x4x1, 8 classes");
    CHECK_STR(read_text(ENDS_WITH("Relu - e > y\n")), "2C3v-3N-OUT of 4x4x1, 3 classes");
    CHECK_STR(read_text(ENDS_WITH("Sigmoid - e > s\nSoftmax - s > y\n")),
              "2C3v-3Ns-OUT of 4x4x1, 3 classes");
    CHECK_STR(read_text(ENDS_WITH("Softmax a e > s\nSoftmax b s > y\n")),
              "Softmax 'a' (node 5): is within the network; expected it last");
    /* A kernel that covers the maps, square or not, is a fully connected layer. */
    CHECK_CLOSE(
        "input x 0,1,2,3\noutput y\ntensor w 4,1,2,3\nConv - x w > c\nFlatten - c "
        "> y\n",
        "input x 0,1,2,3\noutput y\ntensor w 4,6\nFlatten - x > f\nGemm - f w > y "
        "transB=1\n");
    CHECK_STR(
        read_text("input x 0,1,2,3\noutput y\ntensor w 4,1,2,3\ntensor v 5,4,1,1\n"
                  "Conv - x w > c\nRelu - c > r\nConv - r v > d\nFlatten - d > y\n"),
        "4N of 2x3x1, 5 classes");
}

/* What a fully connected layer gave, as maps of one place: a pooling gives what it reads.
 * What would make it more, or counts zeros around it, is refused in ONNX's words. */
static void test_places(void) {
#define PLACES                                                                           \
    "input x 0,4\noutput y\ntensor w 4,6 1,-2,3\ntensor v 6,3 0.5,2,-1\n"                \
    "tensor v4 24,3 0.5,2,-1\nints s -1,6,1,1\nMatMul - x w > d\nReshape - d s > r\n"
#define PLACES_END "Flatten - p > g\nMatMul - g v > y\n"
#define MORE                                                                             \
    " (node 3): makes larger maps of what a fully connected layer gave, or pads it; "    \
    "expected Gemm, MatMul or a Conv of 1x1"
    static const char *const idle[] = {
        "MaxPool - r > p kernel_shape=1,1\n",
        "MaxPool - r > p kernel_shape=1,1 strides=2,2\n",
        "MaxPool - r > p kernel_shape=3,3 pads=1,1,1,1\n",
        "AveragePool - r > p kernel_shape=1,1 count_include_pad=1\n",
        "AveragePool - r > p kernel_shape=3,1 pads=1,0,1,0\n",
        "GlobalAveragePool - r > p\n",
        "MaxPool - r > q kernel_shape=1,1\nGlobalMaxPool - q > p\n"};
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++) {
        char graph[500];
        snprintf(graph, sizeof graph, PLACES "%s" PLACES_END, idle[i]);
        CHECK_CLOSE(graph, PLACES "Flatten - r > g\nMatMul - g v > y\n");
    }
    CHECK_CLOSE(PLACES "Relu - r > a\nMaxPool - a > b kernel_shape=1,1\n"
                       "Add - b r > p\n" PLACES_END,
                PLACES "Relu - r > b\nAdd - b r > p\n" PLACES_END);
    CHECK_STR(read_text(PLACES "GlobalMaxPool - r > p\nFlatten - p > y\n"),
              "6Ni-OUT of 2x2x1, 6 classes");
    CHECK_STR(read_text(PLACES "MaxPool a r > p kernel_shape=2,2 pads=1,1,1,1\n"
                               "Flatten - p > g\nMatMul - g v4 > y\n"),
              "MaxPool 'a'" MORE);
    CHECK_STR(read_text(PLACES "AveragePool a r > p kernel_shape=3,3 pads=1,1,1,1 "
                               "count_include_pad=1\n" PLACES_END),
              "AveragePool 'a'" MORE);
}

/* One of several outputs: the first, or by its name. */
static void test_outputs(void) {
    const char *graph = SMALL "output r\n" SMALL_CONV SMALL_END;
    dn_onnx_given given = {.std = 1};
    CHECK_STR(read_set(graph, 13, &given), "2C3v of 4x4x1, 3 classes");
    given.output = "r";
    CHECK_STR(read_set(graph, 13, &given), "2C3v-OUT of 4x4x1, 8 classes");
    given.output = "q";
    CHECK_STR(read_set(graph, 13, &given),
              "output is 'q'; the file's outputs are 'y', 'r'");
}

static void test_given(void) {
    const double mean[3] = {0.5, 0.25, 0.75}, std[3] = {0.5, 0.25, 2};
    dn_onnx_given given = {.std = 1, .means = mean, .stds = std, .channels = 3};
    CHECK_STR(read_set(RGB RGB_END("x"), 13, &given), "DW1i-2C3 of 4x4x3, 3 classes");
    given.channels = 2;
    CHECK_STR(read_set(RGB RGB_END("x"), 13, &given),
              "mean and std have 2 numbers; the images have 3 channels");
    given = (dn_onnx_given){.mean = 1, .std = -1};
    CHECK_STR(read_set(SMALL SMALL_CONV SMALL_END, 13, &given),
              "2C3v of 4x4x1, 3 classes");
}

/* --- graphs ------------------------------------------------------------------------- */

/* What reads several values, and what our notation says with more words: each is compared
 * with the same network said in another way. */
static void test_graphs(void) {
#define MAPS                                                                             \
    "input x 0,2,5,5\noutput y\ntensor w 2,2,3,3 0.5,-0.25,0.125,0.75,-0.5\n"            \
    "tensor v 2,2,1,1 0.5,-1,0.25,0.75\ntensor f 50,3 0.3,-0.2,0.1,0.4\n"                \
    "tensor two 1 2\ntensor half 1 0.5\n"
#define MAPS_END(last)      "Flatten - " last " > l\nMatMul - l f > y\n"
#define SAME_CONV(from, to) "Conv - " from " w > " to " pads=1,1,1,1\n"
    const expected all[] = {
        {MAPS SAME_CONV("x", "a") "Relu - a > r\nConv - r v > b\nAdd - b r > s\n"
                                  "Relu - s > t\n" MAPS_END("t"),
         "2C3-2C1i-(@2|@1)+ of 5x5x2, 3 classes"},
        {MAPS SAME_CONV("x", "a") "Conv - x v > b\nConcat - a b > s axis=1\n"
                                  "GlobalAveragePool - s > g\nFlatten - g > y\n",
         "2C3i-@0-2C1i-(@1|@2)&-GAP-OUT of 5x5x2, 4 classes"},
        {MAPS SAME_CONV("x", "a") "GlobalAveragePool - a > g\nConv - g v > h\n"
                                  "Sigmoid - h > q\nMul - q a > m\n" MAPS_END("m"),
         "2C3i-GAP-2C1s-(@1|@3)* of 5x5x2, 3 classes"},
        {MAPS SAME_CONV("x", "a") "Add - a x > s\nTanh - s > t\n" MAPS_END("t"),
         "2C3i-(@1|@0)+t of 5x5x2, 3 classes"},
    };
    CHECK_ALL(all);
    /* A ReLU of what lies side by side, or is multiplied, is one of each before. */
    CHECK_CLOSE(MAPS SAME_CONV("x", "a") "Conv - x v > b\nConcat - a b > s axis=1\n"
                                         "Relu - s > t\nGlobalAveragePool - t > g\n"
                                         "Flatten - g > y\n",
                MAPS SAME_CONV("x", "a") "Conv - x v > b\nRelu - a > c\nRelu - b > d\n"
                                         "Concat - c d > s axis=1\n"
                                         "GlobalAveragePool - s > g\nFlatten - g > y\n");
    CHECK_CLOSE(MAPS SAME_CONV("x", "a") "Mul - a x > s\nRelu - s > t\n" MAPS_END("t"),
                MAPS SAME_CONV("x", "a") "Relu - a > r\nMul - r x > t\n" MAPS_END("t"));
    /* A mean of channels in another order. */
    CHECK_CLOSE("input x 0,4,2,2\noutput y\ntensor w 4,4,1,1\nints a -1,2,2,2,2\nints b "
                "-1,4,2,2\nConv - x w > c\nReshape - c a > d\nTranspose - d > e "
                "perm=0,2,1,3,4\nReshape - e b > g\nReduceMean - g > m axes=2,3\n"
                "Flatten - m > y\n",
                "input x 0,4,2,2\noutput y\ntensor w 4,4,1,1\nConv - x w > c\n"
                "GlobalAveragePool - c > m\nSplit - m > p q r s axis=1\n"
                "Concat - p r q s > g axis=1\nFlatten - g > y\n");
    /* A part of channels in another order is a convolution with zeros among its weights;
     * in another order alone, one whose weights have changed places. */
#define FOUR                                                                             \
    "input x 0,4,2,2\noutput y\ntensor w 4,4,1,1 1,2,-1,3,-2\ntensor v 2,2,1,1 "         \
    "1,2,3,4\n"                                                                          \
    "tensor u 2,4,1,1 1,0,2,0,3,0,4,0\nints a -1,2,2,2,2\nints b -1,4,2,2\nints zero "   \
    "0\nints one 1\nints two 2\ntensor k 1,4,1,1 1,2,3,4\ntensor j 1,4,1,1 "             \
    "1,3,2,4\nConv - x w > c\n"
#define TURNED   "Reshape - c a > d\nTranspose - d > e perm=0,2,1,3,4\nReshape - e b > g\n"
#define FOUR_END "GlobalAveragePool - p > q\nFlatten - q > y\n"
    CHECK(same(FOUR TURNED "Slice - g zero two one > s\nConv - s v > p\n" FOUR_END,
               FOUR "tensor t 2,4,1,1 1,0,2,0,3,0,4,0\nConv - c t > p\n" FOUR_END));
    CHECK(same(FOUR TURNED "Split - g > s r axis=1\nConv - s v > p\n" FOUR_END,
               FOUR "Conv - c u > p\n" FOUR_END));
    CHECK_CLOSE(FOUR TURNED "Conv - g u > p\n" FOUR_END,
                FOUR "tensor t 2,4,1,1 1,2,0,0,3,4,0,0\nConv - c t > p\n" FOUR_END);
    CHECK_STR(read_text(FOUR TURNED "Split - g > s r axis=1\nConv - s v > t\n"
                                    "Concat - r t > p axis=1\n" FOUR_END),
              "4C1i-2C1i-@1-2C1i-(@2|@3)&-GAP-OUT of 2x2x4, 4 classes");
    /* A mean over windows that are not square; strides along an axis with one result. */
    CHECK_CLOSE(
        MAPS SAME_CONV("x",
                       "a") "tensor s 2,1,1,2 0.5,0.5,0.5,0.5\nAveragePool - a "
                            "> r kernel_shape=1,2 strides=2,2\nRelu - r > p\n" FOUR_END,
        MAPS SAME_CONV("x", "a") "tensor s 2,1,1,2 0.5,0.5,0.5,0.5\nConv - a s > r "
                                 "strides=2,2 group=2\nRelu - r > p\n" FOUR_END);
    CHECK_STR(read_text(MAPS
                        "tensor s 2,2,5,3\nConv - x s > a strides=1,2\nMaxPool - a > p "
                        "kernel_shape=1,1 strides=2,1\n" FOUR_END),
              "2C5p0.0.0.2/2i-MP1-GAP-OUT of 5x5x2, 2 classes");
    /* PRelu with a slope for each channel: of maps, and of a vector. */
    CHECK_CLOSE(MAPS SAME_CONV(
                    "x", "a") "tensor s 2,1,1 0.25,0.25\nPRelu - a s > p\n" MAPS_END("p"),
                MAPS SAME_CONV("x", "a") "LeakyRelu - a > p alpha~0.25\n" MAPS_END("p"));
    CHECK_CLOSE(MAPS SAME_CONV(
                    "x", "a") "tensor s 2,1,1 0.25,-0.5\nPRelu - a s > p\n" MAPS_END("p"),
                MAPS SAME_CONV("x", "a") "Split - a > b c axis=1\nLeakyRelu - b > d "
                                         "alpha~0.25\nLeakyRelu - c > e alpha~-0.5\n"
                                         "Concat - d e > p axis=1\n" MAPS_END("p"));
    CHECK_CLOSE(MAPS SAME_CONV(
                    "x", "a") "tensor s 2,1,1 0.25,1.5\nPRelu - a s > p\n" MAPS_END("p"),
                MAPS SAME_CONV("x", "a") "Split - a > b c axis=1\nLeakyRelu - b > d "
                                         "alpha~0.25\nLeakyRelu - c > e alpha~1.5\n"
                                         "Concat - d e > p axis=1\n" MAPS_END("p"));
    CHECK_CLOSE(
        "input x 0,4\noutput y\ntensor w 4,2 1,-1,-2,0.5\ntensor s 2 0.25,2\nMatMul - x "
        "w > a\nPRelu - a s > y\n",
        "input x 0,4\noutput y\ntensor w 4,2 1,-1,-2,0.5\nMatMul - x w > a\nSplit - a > "
        "b "
        "c axis=1\nLeakyRelu - b > d alpha~0.25\nLeakyRelu - c > e alpha~2\nConcat - d e "
        "> y axis=1\n");
    /* x + x is 2·x; a − b and its like. */
    CHECK_CLOSE(MAPS SAME_CONV("x", "a") "Add - a a > s\n" MAPS_END("s"),
                MAPS SAME_CONV("x", "a") "Mul - a two > s\n" MAPS_END("s"));
    CHECK_CLOSE(
        MAPS SAME_CONV("x",
                       "a") "Conv - x v > b\nSub - a b > s\nRelu - s > r\n" MAPS_END("r"),
        MAPS SAME_CONV("x", "a") "Conv - x v > b\nNeg - b > n\nAdd - n a > s\n"
                                 "Relu - s > r\n" MAPS_END("r"));
    /* One number a channel is added to maps, or they to it; here it is a mean, which a
     * window that reaches over all of them gives, too. */
#define MEAN "tensor m 2,1,9,9 0.04\nConv - a m > g group=2 pads=4,4,4,4\n"
    CHECK_CLOSE(MAPS SAME_CONV("x", "a") "GlobalAveragePool - a > g\nAdd - a g > s\n"
                                         "Relu - s > t\n" MAPS_END("t"),
                MAPS SAME_CONV("x", "a") MEAN
                "Add - g a > s\nRelu - s > t\n" MAPS_END("t"));
    CHECK_CLOSE(MAPS SAME_CONV("x", "a") "GlobalAveragePool - a > g\nSub - g a > s\n"
                                         "Relu - s > t\n" MAPS_END("t"),
                MAPS SAME_CONV("x", "a") MEAN
                "Sub - g a > s\nRelu - s > t\n" MAPS_END("t"));
    CHECK_CLOSE(MAPS SAME_CONV("x", "a") "GlobalAveragePool - a > g\nSub - x g > s\n"
                                         "Tanh - s > t\n" MAPS_END("t"),
                MAPS SAME_CONV("x", "a") MEAN
                "Sub - x g > s\nTanh - s > t\n" MAPS_END("t"));
    CHECK_CLOSE(
        MAPS SAME_CONV("x", "a") "tensor d 2,2 0.5,-1,0.25,0.75\nGlobalAveragePool - a > "
                                 "g\nFlatten - g > e\nGemm - e d > h transB=1\n"
                                 "Unsqueeze - h > q axes=2,3\nAdd - q a > s\n"
                                 "Mul - s x > t\n" MAPS_END("t"),
        MAPS SAME_CONV("x", "a") MEAN
        "Conv - g v > q\nAdd - q a > s\nMul - s x > t\n" MAPS_END("t"));
    /* Groups, dilation and pads: zeros among the weights. */
    CHECK_CLOSE(
        MAPS
        "tensor g 2,1,3,3 1,2,3,-4,5\nConv - x g > a group=2 pads=1,1,1,1\n" MAPS_END(
            "a"),
        MAPS "tensor g 2,2,3,3 1,2,3,-4,5,1,2,3,-4,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
             "0,0,5,1,2,3,-4,5,1,2,3\nConv - x g > a pads=1,1,1,1\n" MAPS_END("a"));
    CHECK_STR(read_text(MAPS "Conv - x w > a pads=1,1,1,1 strides=2,2\nRelu - a > b\n"
                             "GlobalAveragePool - b > c\nFlatten - c > y\n"),
              "2C3/2-GAP-OUT of 5x5x2, 2 classes");
    CHECK_STR(read_text("input x 0,1,6,6\noutput y\ntensor w 2,1,3,3\nConv - x w > a "
                        "pads=1,1,1,1 strides=2,2\nRelu - a > b\n"
                        "GlobalAveragePool - b > c\nFlatten - c > y\n"),
              "2C3p1.1.0.0/2-GAP-OUT of 6x6x1, 2 classes");
    /* Channels: some of them, or in another order. */
    CHECK_CLOSE(
        MAPS SAME_CONV("x", "a") "Split - a > p q axis=1\nConcat - q p > s "
                                 "axis=1\n" MAPS_END("s"),
        MAPS SAME_CONV("x", "a") "ints i -1,2,1,5,5\nints j -1,2,5,5\n"
                                 "ints from 1\nints to 2\nints zero 0\nints one 1\n"
                                 "Slice - a from to one > q\n"
                                 "Slice - a zero one one > p\n"
                                 "Concat - q p > s axis=1\n" MAPS_END("s"));
    CHECK_CLOSE(
        "input x 0,4,2,2\noutput y\ntensor w 4,4,1,1\ntensor f 16,3\nints a "
        "-1,2,2,2,2\nints b -1,4,2,2\nConv - x w > c\nReshape - c a > d\n"
        "Transpose - d > e perm=0,2,1,3,4\nReshape - e b > g\nFlatten - g > l\n"
        "MatMul - l f > y\n",
        "input x 0,4,2,2\noutput y\ntensor w 4,4,1,1\ntensor f 16,3\n"
        "ints i 1\nints a -1,2,2,2,2\nConv - x w > c\nSplit - c > p q r s axis=1\n"
        "Concat - p r q s > g axis=1\nFlatten - g > l\nMatMul - l f > y\n");
}

/* --- data beside the file ----------------------------------------------------------- */

/* 12 floats, after 4 bytes that are not theirs. */
static const uint8_t *twelve(void) {
    static uint8_t bytes[52];
    for (int i = 0; i < 12; i++) {
        const float value = (float)(i % 7 + 1) / 10;
        memcpy(bytes + 4 + 4 * i, &value, 4); /* little-endian, as files are */
    }
    return bytes;
}

static const char *read_beside(const char *tensor, size_t size) {
    static char graph[400];
    uint8_t *copy = malloc(size ? size : 1); /* so that a sanitizer sees the byte after */
    memcpy(copy, twelve(), size);
    snprintf(graph, sizeof graph, "input x 0,4\noutput y\n%s\nMatMul - x w > y\n",
             tensor);
    const dn_onnx_given given = {.std = 1, .data = copy, .data_size = size};
    const char *says = read_set(graph, 13, &given);
    free(copy);
    return says;
}

#define WITHIN(offset, length, size)                                                     \
    "tensor 'w' has 48 bytes of data at '" offset "'; expected '" length                 \
    "' bytes, as many as its elements, within the " size                                 \
    " of the data that was given: is it the file 'd' that was written with this one?"

static void test_data(void) {
    CHECK_STR(read_beside("external w 4,3 d 4 48", 52), " of 2x2x1, 3 classes");
    CHECK_STR(read_beside("external w 4,3 d - -", 48), " of 2x2x1, 3 classes");
    CHECK_STR(read_beside("external w 4,3 d 4 -", 51), WITHIN("4", "", "51"));
    CHECK_STR(read_beside("external w 4,3 d 8 48", 52), WITHIN("8", "48", "52"));
    CHECK_STR(read_beside("external w 4,3 d 4 44", 52), WITHIN("4", "44", "52"));
    CHECK_STR(read_beside("external w 4,3 d 4 52", 52), WITHIN("4", "52", "52"));
    CHECK_STR(read_beside("external w 4,3 d -4 48", 52), WITHIN("-4", "48", "52"));
    CHECK_STR(read_beside("external w 4,3 d 18446744073709551612 48", 52),
              WITHIN("18446744073709551612", "48", "52"));
    CHECK_STR(read_beside("external w 4,3 d 4611686018427387904 48", 52),
              WITHIN("4611686018427387904", "48", "52"));
    CHECK(strstr(read_beside("external w 2147483647,2147483647 d 0 -", 52),
                 "within the 52 of the data") != NULL);
    CHECK_STR(
        read_text("input x 0,4\noutput y\nexternal w 4,3 m.onnx.data 0 48\n"
                  "MatMul - x w > y\n"),
        "tensor 'w' keeps its numbers in the file 'm.onnx.data' beside this one: "
        "give its bytes as the fourth argument of import_model (readfile gives NULL "
        "where it cannot read them), or write one file, "
        "by torch.onnx.export(..., external_data=False) or "
        "onnx.save(onnx.load('model.onnx'), 'one.onnx')");
    CHECK_STR(read_beside("external w 4,3 d 0 48", 52),
              "the tensors are in the first 48 bytes of the data, and 52 were given: is "
              "it the file 'd' that was written with this one? If several share it, give "
              "substr(data, 1, 48)");
    CHECK_STR(read_beside("external v 1 d 0 4\nexternal w 4,3 e 4 48", 52),
              "its tensors are in several files, 'd', 'e'; expected one: "
              "onnx.save(model, 'one.onnx') writes all into the ONNX file");
    CHECK_STR(read_beside("tensor w 4,3", 52),
              "52 bytes of data were given, but the ONNX file has all its tensors "
              "within; leave data out");
    const float padded[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const dn_onnx_given zeros = {.std = 1, .data = padded, .data_size = sizeof padded};
    CHECK_STR(read_set("input x 0,4\noutput y\nexternal w 4,3 d 0 48\n"
                       "MatMul - x w > y\n",
                       13, &zeros),
              " of 2x2x1, 3 classes");
    static const char pointer[] =
        "version https://git-lfs.github.com/spec/v1\noid sha256:";
    CHECK_STR(read_bytes((const uint8_t *)pointer, sizeof pointer - 1, &plain),
              "the ONNX file is a Git LFS pointer, a short text in place of a large "
              "file; 'git lfs pull' fetches the file");
    const dn_onnx_given given = {
        .std = 1, .data = pointer, .data_size = sizeof pointer - 1};
    CHECK_STR(read_set(SMALL SMALL_CONV SMALL_END, 13, &given),
              "the data is a Git LFS pointer, a short text in place of a large file; "
              "'git lfs pull' fetches the file");
}

/* Constants that are computed: a batch normalisation written out. */
static void test_computed(void) {
    CHECK_CLOSE(
        SMALL "tensor v 2,1,1 4,0.25\ntensor e 1 0\ntensor g 2,1,1 0.5,3\n"
              "Add - v e > a\nSqrt - a > s\nDiv - g s > k\nNeg - k > n\n"
              "Sub - e n > m\nConv - x w b > c\nMul - c m > d\nRelu - d > r\n" SMALL_END,
        SMALL "tensor m 2,1,1 0.25,6\nConv - x w b > c\nMul - c m > d\n"
              "Relu - d > r\n" SMALL_END);
    CHECK_CLOSE(SMALL "tensor t 1 2\nints i 2,4\nCast - i > j to=1\nDiv - j t > k\n"
                      "ints s 2,1,1\nReshape - k s > m\nConv - x w b > c\nMul - c m > "
                      "d\nRelu - d > r\n" SMALL_END,
                SMALL "tensor m 2,1,1 1,2\nConv - x w b > c\nMul - c m > d\n"
                      "Relu - d > r\n" SMALL_END);
    CHECK_STR(read_text(SMALL "tensor t 3\nAdd a b t > k\nConv - x w k > c\nRelu - c > "
                              "r\n" SMALL_END),
              "Add 'a' (node 1): its arithmetic on constants is not supported; onnxsim "
              "writes a file with what comes of them");
    CHECK_STR(read_text(SMALL "tensor t 2 0\nDiv a b t > k\nConv - x w k > c\nRelu - c > "
                              "r\n" SMALL_END),
              "2 weights of Conv node 2 are not finite once the nodes behind it are "
              "folded into it");
    /* Sizes. */
    CHECK(
        same(SMALL SMALL_CONV SMALL_END, SMALL SMALL_CONV
             "Shape - r > s\nints i 1\nGather - s i > g\nints four 4\nMul - g four > m\n"
             "ints one -1\nConcat - one m > k\nReshape - r k > l\n"
             "Gemm - l f z > y\n"));
}

/* --- inspection --------------------------------------------------------------------- */

typedef struct told {
    char text[2000];
    int parts, stop_at; /* 0: never */
} told;

static int tell(void *context, const dn_onnx_part *part) {
    told *t = context;
    const size_t n = strlen(t->text);
    snprintf(t->text + n, sizeof t->text - n, "%s %s %lld %s %s %d %s\n", part->part,
             part->name, (long long)part->count, part->shape ? part->shape : "-",
             part->type ? part->type : "-", part->supported,
             part->note ? part->note : "-");
    return ++t->parts == t->stop_at ? DN_STOPPED : DN_OK;
}

/* Data that is not the file's is no error: what is in the file is told all the same. */
static void check_data_told(const char *data, size_t size, const char *says) {
    const dn_onnx_given given = {.std = 1, .data = data, .data_size = size};
    pb_writer w = file_of("input x 0,4\noutput y\nexternal w 4,3 d 4 48\n"
                          "MatMul - x w > y\n",
                          13);
    char error[512] = "", wanted[1000];
    told t = {.text = ""};
    CHECK(dn_onnx_inspect(w.p, w.size, &given, NULL, tell, &t, error, sizeof error) ==
          DN_OK);
    snprintf(wanted, sizeof wanted,
             "data d 1 - - 0 %s\noperator MatMul 1 - - 1 -\n"
             "network  -1 - - 0 %s\n",
             says, says);
    const char *from = strstr(t.text, "data d");
    CHECK_STR(from ? from : t.text, wanted);
    free(w.p);
}

static void test_data_told(void) {
    const char *data = (const char *)twelve();
    check_data_told(data, 51, WITHIN("4", "48", "51"));
    check_data_told(data, 1, WITHIN("4", "48", "1"));
    char longer[60] = {0};
    longer[59] = 1;
    check_data_told(longer, sizeof longer,
                    "the tensors are in the first 52 bytes of the data, and 60 were "
                    "given: is it the file 'd' that was written with this one? If "
                    "several share it, give substr(data, 1, 52)");
    static const char pointer[] =
        "version https://git-lfs.github.com/spec/v1\noid sha256:";
    check_data_told(pointer, sizeof pointer - 1,
                    "the data is a Git LFS pointer, a short text in place of a large "
                    "file; 'git lfs pull' fetches the file");
}

static void test_inspect(void) {
    const char *graph =
        "input x 0,1,4,4\ninput k 3 6\noutput y\nexternal w 2,1,3,3 d 0 -\n"
        "Conv - x w > c\nConv - x w > e\nResize up c > r\nQLinearConv - r > y\n";
    pb_writer w = file_of(graph, 13);
    told t = {.text = ""};
    char error[512] = "";
    CHECK(dn_onnx_inspect(w.p, w.size, &plain, NULL, tell, &t, error, sizeof error) ==
          DN_OK);
    CHECK_STR(t.text,
              "file  -1 - - -1 operator set 13\ninput x -1 [N, 1, 4, 4] float32 1 "
              "-\ninput k -1 [3] int32 0 expected floats or bytes\noutput y -1 - - -1 "
              "-\ndata d 1 - - 0 give its bytes as the last argument\noperator Conv 2 - "
              "- 1 -\noperator Resize 1 - - 0 node 3: makes maps of another size; "
              "expected Conv with strides, or MaxPool\noperator QLinearConv 1 - - 0 node "
              "4: belongs to a quantised network, of 8-bit integers; expected one of "
              "floats: export it before it is quantised\nnetwork  -1 - - 0 the graph has "
              "2 inputs that are not constants; expected one, the images\n");
    for (int k = 1; k <= t.parts; k++) { /* it stops when it is told to */
        told some = {.stop_at = k};
        CHECK(dn_onnx_inspect(w.p, w.size, &plain, NULL, tell, &some, error,
                              sizeof error) == DN_STOPPED);
        CHECK(some.parts == k);
    }
    for (long k = 1;; k++) { /* each allocation fails once */
        words_heap heap = {.fail_at = k};
        const dn_host host = {.heap = {words_allocate, words_release, &heap}};
        told some = {.text = ""};
        const int status =
            dn_onnx_inspect(w.p, w.size, &plain, &host, tell, &some, error, sizeof error);
        CHECK(heap.held == 0 && status == (heap.made < k ? DN_OK : DN_NOMEM));
        if (heap.made < k) break;
    }
    free(w.p);
}

int main(void) {
    test_order();
    test_dimensions();
    test_pixels();
    test_scales();
    test_activations();
    test_ends();
    test_places();
    test_outputs();
    test_given();
    test_graphs();
    test_data();
    test_computed();
    test_inspect();
    test_data_told();
    return check_done("test_onnx_forms");
}
