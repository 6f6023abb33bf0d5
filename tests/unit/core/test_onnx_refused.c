/* test_onnx_refused.c - nodes of ONNX graphs that cannot be read, each with its reason,
 * beside some that just can. test_onnx_nodes.c has those that are read. */
#include "onnx_words.h"

static void test_refused(void) {
    const expected all[] = {
        {HEAD "tensor n 1 -2\nMul u x n > p\nConv - p w > a\n" END,
         "3C3v of 8x8x1, 4 classes"},
        {HEAD "tensor n 1 -2\nDiv u x n > p\nConv - p w > a\n" END,
         "3C3v of 8x8x1, 4 classes"},
        {HEAD "tensor n 1 2000000\nSub s x n > p\nConv - p w > a\n" END,
         "Sub 's' (node 1): with it the pixels' mean is 2e+06 and their deviation 1; "
         "expected a mean of -1e6..1e6 and a deviation of 1e-6..1e6"},
        {HEAD "tensor n 1 2000000\nMul u x n > p\nConv - p w > a\n" END,
         "Mul 'u' (node 1): with it the pixels' mean is 0 and their deviation 5e-07; "
         "expected a mean of -1e6..1e6 and a deviation of 1e-6..1e6"},
        {HEAD "tensor n 1 2000000\nDiv u x n > p\nConv - p w > a\n" END,
         "Div 'u' (node 1): with it the pixels' mean is 0 and their deviation 2e+06; "
         "expected a mean of -1e6..1e6 and a deviation of 1e-6..1e6"},
        {HEAD "Div u one x > p\nConv - p w > a\n" END,
         "Div 'u' (node 1): divides a constant by a value; expected a value first"},
        {HEAD "Add u one one x > p\nConv - p w > a\n" END,
         "Add 'u' (node 1): has 3 inputs; expected two"},
        {HEAD "Shape u one x > p\nConv - p w > a\n" END,
         "Shape 'u' (node 1): is supported on constants alone, and reads a layer's "
         "result"},
        {HEAD OPEN POOL "tensor n 1,3,1,1 1,-2,1\nMul u p n > e\n",
         "3C3vi-MP2-OUT of 8x8x1, 27 classes"},
        {HEAD OPEN POOL "tensor n 3 1,-2,1\nBatchNormalization u p n b b b > e\n",
         "3C3vi-MP2-OUT of 8x8x1, 27 classes"},
        {HEAD OPEN "tensor n 1,3,1,1 1,0,1\nDiv u c n > e\n",
         "Div 'u' (node 2): divides by 0"},
        {HEAD OPEN "Flatten - c > g\nAdd a g b > e\n",
         "Add 'a' (node 3): constant 'b' has 3 numbers; expected 1, or as many as "
         "there are channels, 3"},
        {HEAD CONV "Flatten - d > e\nGemm m e f zz > y\n",
         "Gemm 'm' (node 4): reads 'zz', which no node outputs"},
        {HEAD CONV "Flatten - d > e\nGemm m e f > y alpha~10000000\n",
         "Gemm 'm' (node 4): alpha or beta is out of range"},
        {HEAD CONV "Flatten - d > e\nGemm m e f > y beta~10000000\n",
         "Gemm 'm' (node 4): alpha or beta is out of range"},
        {HEAD CONV "Flatten - d > e\nGemm m e f b > y\n",
         "Gemm 'm' (node 4): constant 'b' has 3 numbers; expected 4"},
        {HEAD OPEN "Flatten - c > e\nMatMul m e f > y\n", "3C3vi of 8x8x1, 4 classes"},
        {HEAD CONV "Flatten - d > e\nMatMul m e > y\n",
         "MatMul 'm' (node 4): its weights are no constant of 2 dimensions"},
        {HEAD CONV "Flatten - d > e\nints z 1,2\nMatMul m e z > y\n",
         "MatMul 'm' (node 4): its weights are no constant of 2 dimensions"},
        {HEAD CONV "Flatten - d > e\ntensor n 108,4 nan\nMatMul m e n > y\n",
         "number 0 of tensor 'n' is not a finite float"},
        {"input x 0,1\noutput y\ntensor k 1,70000\nMatMul m x k > y\n",
         "MatMul 'm' (node 1): has 70000 outputs of 1 inputs; expected 67108864 weights "
         "at most in all layers"},
        /* BatchNormalization. */
        {"input x 0,3,8,8\noutput y\ntensor b 3\nBatchNormalization n x b b b b > y\n",
         "OUT of 8x8x3, 192 classes"},
        {HEAD "tensor n 1 -2\ntensor v 1 4\nBatchNormalization n x n one one v > y "
              "epsilon~0\n",
         "OUT of 8x8x1, 64 classes"},
        {"input x 0,64\noutput y\ntensor one\nBatchNormalization n x one one one one > "
         "y\n",
         "the output is 'y', which is the image; expected layers"},
        {HEAD OPEN "BatchNormalization n c b b b b > y training_mode=1\n",
         "BatchNormalization 'n' (node 2): training_mode is 1; expected 0: export it "
         "after model.eval()"},
        {HEAD OPEN "BatchNormalization n c b b b b > y epsilon~2\n",
         "BatchNormalization 'n' (node 2): epsilon is 2; expected 0..1"},
        {HEAD OPEN "BatchNormalization n c b b b b > y epsilon~-1\n",
         "BatchNormalization 'n' (node 2): epsilon is -1; expected 0..1"},
        {HEAD OPEN "tensor n 3 1,-2,1\nBatchNormalization n c b b b n > y\n",
         "BatchNormalization 'n' (node 2): variance 1 is -2; expected a number above 0"},
        {HEAD OPEN "tensor n 3 -0.5\nBatchNormalization n c b b b n > y epsilon~1\n",
         "BatchNormalization 'n' (node 2): variance 0 is -0.5; expected a number above "
         "0"},
        /* Dropout. */
        {HEAD CONV "tensor h 1 0.25\nints off 0\nDropout - d h off > k\nFlatten - k > e\n"
                   "MatMul - e f > y\n",
         "3C3v-D0.25 of 8x8x1, 4 classes"},
        {HEAD CONV "ints z 1\nDropout k d z > e\n",
         "Dropout 'k' (node 3): its ratio is not one float"},
        {HEAD CONV "Dropout k d b > e\n",
         "Dropout 'k' (node 3): its ratio is not one float"},
        {HEAD CONV "tensor h 1 nan\nDropout k d h > e\n",
         "number 0 of tensor 'h' is not a finite float"},
        {HEAD CONV "ints z 1\nDropout k d - z > e\n",
         "Dropout 'k' (node 3): its training_mode is not false: export it after "
         "model.eval()"},
        {HEAD CONV "ints z 0,0\nDropout k d - z > e\n",
         "Dropout 'k' (node 3): its training_mode is not false: export it after "
         "model.eval()"},
        {HEAD CONV "Dropout k d - one > e\n",
         "Dropout 'k' (node 3): its training_mode is not false: export it after "
         "model.eval()"},
        {HEAD CONV "Dropout k d - zz > e\n",
         "Dropout 'k' (node 3): reads 'zz', which no node outputs"},
        {HEAD CONV "Dropout k d > e ratio~-1\n",
         "Dropout 'k' (node 3): the ratio is -1; expected 0..1"},
        /* The end. */
        {HEAD OPEN "MaxPool - c > p kernel_shape=6,6\nSoftmax s p > y\n",
         "Softmax 's' (node 3): axis is -1; expected that of the classes"},
        {HEAD OPEN "Softmax s c > y\n",
         "Softmax 's' (node 2): axis is -1; expected that of the classes"},
        {HEAD OPEN "Identity - c > y\n", "3C3vi-OUT of 8x8x1, 108 classes"},
        {HEAD OPEN "MaxPool - c > y kernel_shape=6,6\n",
         "3C3vi-MP6-OUT of 8x8x1, 3 classes"},
        {"input x 0,12\noutput x\n",
         "the output is 'x', which is the image; expected layers"},
        {HEAD "Conv c x w > y strides=64,64\n", " of 8x8x1, 3 classes"},
        {"input x 0,1,3,5\noutput y\ntensor w 3,1,3,3\nConv c x w > y strides=64,64\n",
         " of 3x5x1, 3 classes"},
        {"input x 0,1,3,3\noutput y\ntensor w 3,1,3,3\nConv c x w > y strides=3,3\n",
         " of 3x3x1, 3 classes"},
        {HEAD CONV "Flatten - d > e\nMatMul - e f > g\nSoftmax - g > h\nFlatten - h > i\n"
                   "Cast - i > y to=1\n",
         FINE},
        /* Nodes. */
        {HEAD OPEN "Relu - c > d domain:ai.onnx\n" DENSE, FINE},
        {HEAD CONV "Relu - d > r\nFlatten - r > e\nMatMul - e f > y\n", FINE},
        {HEAD OPEN "Relu r c > - z\nIdentity - z > y\n",
         "Relu 'r' (node 2): has no output"},
        {HEAD OPEN "Relu - c > z\nRelu - c > z\nIdentity - z > y\n",
         "two nodes give 'z'; expected each name once"},
        {"input x 0,1,8,8,8\noutput y\n", "input 'x' has 5 dimensions; expected 1 to 4, "
                                          "the first for the images if there is "
                                          "more than one"},
        {"input x\noutput y\n", "input 'x' has 0 dimensions; expected 1 to 4, the first "
                                "for the images if there is "
                                "more than one"},
        {"input x 0,1,8,3000000000\noutput y\n",
         "dimension 4 of input 'x' has no number; give the images' shape in options, "
         "as {\"shape\": \"28x28x1\"}"},
        {"input x 0,64 10\noutput y\ntensor k 64,4\nMatMul - x k > y\n",
         " of 8x8x1, 4 classes"},
        {"input x 0,64 11\noutput y\ntensor k 64,4\nMatMul - x k > y\n",
         " of 8x8x1, 4 classes"},
        {"input x 0,64 0\noutput y\ntensor k 64,4\nMatMul - x k > y\n",
         " of 8x8x1, 4 classes"},
        {"input x 0,64 2000\noutput y\ntensor k 64,4\nMatMul - x k > y\n",
         " of 8x8x1, 4 classes"},
        /* What it comes to. */
        {HEAD OPEN "tensor n 1 1e30\nMul - c n > g\nMul - g n > a\n" END,
         "30 weights of Conv 'c' (node 1) are not finite once the nodes behind it are "
         "folded into it"},
        {HEAD OPEN "BatchNormalization - c b b b b > n\ntensor h 1 1e30\nMul - n h > g\n"
                   "Mul - g h > a\n" END,
         "6 weights of Conv 'c' (node 1) are not finite once the nodes behind it are "
         "folded into it"},
    };
    CHECK_ALL(all);
    /* As long as it likes: the notation comes from a file. */
    static char many[12000] = HEAD CONV "Dropout - d > k0 ratio~0.123456789\n";
    for (int i = 0; i < 190; i++)
        snprintf(many + strlen(many), 64, "Dropout - k%d > k%d ratio~0.123456789\n", i,
                 i + 1);
    strcat(many, "Flatten - k190 > e\nMatMul - e f > y\n");
    CHECK(strncmp(read_text(many), "3C3v-D0.12345679-D0.12345679-", 29) == 0);
    CHECK_STR(read_text(HEAD OPEN
                        "Conv averyveryveryveryveryveryveryveryveryveryverylongname c > "
                        "e\n"),
              "Conv 'averyveryveryveryveryveryveryveryveryver...' (node 2): its weights "
              "are no constant of 4 dimensions");
}

/* A list that cannot be read is nobody's, wherever it is asked for: dn_onnx_constant_read
 * once freed what its callers freed again. */
#define NINE                                                                             \
    "input x 0,64\noutput y\ntensor k 64,9\nMatMul - x k > m\ntensor b 9\n"              \
    "tensor n 9 nan\ntensor one 1 inf\nints z 1,2,3,4,5,6,7,8,9\n"
#define NO_FLOAT "number 0 of tensor 'n' is not a finite float"
#define INTEGERS "tensor 'z' has elements of type 7; expected floats"

static void test_lists(void) {
    const expected all[] = {
        {NINE "Add a m n > y\n", NO_FLOAT},
        {NINE "Add a n m > y\n", NO_FLOAT},
        {NINE "Sub a m n > y\n", NO_FLOAT},
        {NINE "Mul a m n > y\n", NO_FLOAT},
        {NINE "Div a m n > y\n", NO_FLOAT},
        {NINE "Div a m one > y\n", "number 0 of tensor 'one' is not a finite float"},
        {NINE "Add a m z > y\n", INTEGERS},
        {NINE "Mul a m z > y\n", INTEGERS},
        {NINE "Div a m z > y\n", INTEGERS},
        {NINE "BatchNormalization a m n b b b > y\n", NO_FLOAT},
        {NINE "BatchNormalization a m b n b b > y\n", NO_FLOAT},
        {NINE "BatchNormalization a m b b n b > y\n", NO_FLOAT},
        {NINE "BatchNormalization a m b b b n > y\n", NO_FLOAT},
        {NINE "BatchNormalization a m b b b z > y\n", INTEGERS},
        {NINE "BatchNormalization a m b b b > y\n",
         "BatchNormalization 'a' (node 2): input '' is no constant"},
        {NINE "Relu - m > r\ntensor q 9,9\nGemm g r q n > y\n", NO_FLOAT},
        {NINE "Relu - m > r\ntensor q 9,9\nGemm g r q z > y\n", INTEGERS},
        {NINE "Constant - > n value#1,2,3,4,5,6,7,8,9\nAdd a m n > y\n",
         " of 8x8x1, 9 classes"},
        {NINE "Constant - > n value#0.5\nMul a m n > y\n", " of 8x8x1, 9 classes"},
        {NINE "Constant - > q value#inf\nMul a m q > y\n",
         "number 0 of tensor 'q' is not a finite float"},
        {HEAD "tensor g 4,108\nTranspose - g > t\n" CONV
              "Flatten - d > e\nMatMul m e t > y\n",
         FINE},
        {HEAD "tensor n 3,1,3,3 nan\nConv c x n > c\n", NO_FLOAT},
        {HEAD "tensor n 3 nan\nConv c x w n > c\n", NO_FLOAT},
        {HEAD "tensor n 1 nan\nConv c x w n > c\n", NO_FLOAT},
        {HEAD "tensor n 1 nan\nAdd a x n > p\nConv - p w > a\n" END, NO_FLOAT},
        {HEAD "tensor n 1,1 nan\nTranspose - n > t\nAdd a x t > p\nConv - p w > a\n" END,
         NO_FLOAT},
    };
    CHECK_ALL(all);
}

int main(void) {
    test_lists();
    test_refused();
    return check_done("test_onnx_refused");
}
