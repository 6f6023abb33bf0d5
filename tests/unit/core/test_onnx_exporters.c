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
#define MEANS "GlobalAveragePool - m > g\nFlatten - g > y\n"
#define FOLDS "Relu - m > r\nConv - r v > s\nGlobalAveragePool - s > g\nFlatten - g > y\n"

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
    /* More channels: the shortcut of a ResNet that has no weights. */
    CHECK_CLOSE(TWO "Pad - c > m pads=0,1,0,0,0,2,0,0\n" MEANS,
                TWO "tensor z 5,2,1,1 0,0,1,0,0,1,0,0,0,0\nConv - c z > m\n" MEANS);
    const expected all[] = {
        {TWO "Pad p c > m pads=0,0,-3,0,0,0,-3,0\n" MEANS,
         "Pad 'p' (node 2): makes maps of 0x6"},
        {TWO "Pad p c > m pads=0,-1,0,0,0,0,0,0\n" MEANS,
         "Pad 'p' (node 2): pads by -1 and 0 channels; expected 0..65536"},
        {TWO "Pad p c > m pads=0,0,64,0,0,0,0,0\n" FOLDS,
         "Pad 'p' (node 2): adds or cuts off too many rows or columns; expected 63 at "
         "most"},
        {TWO "Pad p c > m pads=1,0,0,0,0,0,0,0\n" MEANS,
         "Pad 'p' (node 2): pads other dimensions than those of maps"},
        {TWO "Pad p c > m mode:reflect pads=0,0,1,0,0,0,0,0\n" MEANS,
         "Pad 'p' (node 2): mode is 'reflect'; expected constant"},
        {CUT("-1", "-9", "2", "-1"),
         "Slice node 2: axis is 2; expected the channels of a layer, or rows or columns "
         "of maps, forwards"},
    };
    CHECK_ALL(all);
}

int main(void) {
    test_channels();
    test_maps();
    test_pads();
    return check_done("test_onnx_exporters");
}
