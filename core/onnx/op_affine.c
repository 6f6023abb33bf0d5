/* op_affine.c - what is added to or multiplied with an ONNX graph's values: it becomes
 * part of the layer before, or before the first one of how pixels are standardised. */
#include <math.h>
#include "../bytes.h"
#include "../memory.h"
#include "import.h"

#define MAX_STD 1e6 /* as model bytes have it */

/* Whether only images came by so far, untouched but for dropout. */
static int at_input(const onnx_import *im) {
    for (int i = 0; i < im->net->n; i++)
        if (im->net->layers[i].kind != DN_DROPOUT) return 0;
    return 1;
}

/* Whether there is something that the node's numbers can become part of. */
static int need_open(onnx_import *im) {
    if (im->open >= 0) return DN_OK;
    return dn_onnx_fail(im,
                        "comes after a Relu or a pooling; expected it between a Conv, "
                        "Gemm or MatMul and its Relu");
}

/* What is done to each pixel x before the first layer: x·a + b, in steps. It becomes
 * (x − mean) / std. */
static int input_scale(onnx_import *im, double a) {
    if (!(a > 0))
        return dn_onnx_fail(im, "multiplies the pixels by %g; expected a number above 0",
                            a);
    im->net->std /= a;
    return DN_OK;
}

static void input_add(onnx_import *im, double b) { im->net->mean -= b * im->net->std; }

static int input_check(onnx_import *im) {
    const dn_onnx *net = im->net;
    if (fabs(net->mean) <= MAX_STD && net->std >= 1 / MAX_STD && net->std <= MAX_STD)
        return DN_OK;
    return dn_onnx_fail(im,
                        "with it the pixels' mean is %g and their deviation %g, which is "
                        "out of range",
                        net->mean, net->std);
}

static int input_arithmetic(onnx_import *im, char op, int constant) {
    double value;
    int status = dn_onnx_one_number(im, constant, &value);
    if (status != DN_OK) return status;
    switch (op) {
    case 'A': input_add(im, value); break;
    case 'S': input_add(im, -value); break;
    case 'M': status = input_scale(im, value); break;
    default:
        if (!(value > 0))
            return dn_onnx_fail(im, "divides the pixels by %g; expected a number above 0",
                                value);
        im->net->std *= value; /* not by 1 / value, which is rounded */
    }
    return status == DN_OK ? input_check(im) : status;
}

/* A scale that is negative cannot change places with a max pooling. */
static int need_order(onnx_import *im, const float *scale) {
    for (int k = 0; im->pooled && k < im->maps.c; k++)
        if (scale[k] < 0)
            return dn_onnx_fail(im,
                                "multiplies channel %d by %g after a MaxPool; expected "
                                "no negative number there",
                                k, (double)scale[k]);
    return DN_OK;
}

/* Add, Sub, Mul or Div with a constant: y = a·x + b in each channel of the open layer. */
static int layer_arithmetic(onnx_import *im, char op, int constant) {
    float *numbers = NULL, *other = NULL;
    const int n = im->maps.c, scales = op == 'M' || op == 'D';
    int status = need_open(im);
    if (status == DN_OK) status = dn_onnx_per_channel(im, constant, 0, &numbers);
    if (status == DN_OK && !(other = dn_floats(&im->file.heap, (uint64_t)n)))
        status = DN_NOMEM;
    for (int k = 0; k < n && status == DN_OK; k++) {
        other[k] = scales ? 0.0f : 1.0f;
        if (op == 'S') numbers[k] = -numbers[k];
        if (op == 'D' && numbers[k] == 0) status = dn_onnx_fail(im, "divides by 0");
        if (op == 'D') numbers[k] = 1.0f / numbers[k];
    }
    if (status == DN_OK && scales) status = need_order(im, numbers);
    if (status == DN_OK)
        dn_onnx_layer_affine(&im->net->layers[im->open], scales ? numbers : other,
                             scales ? other : numbers, im->file.work);
    dn_floats_release(&im->file.heap, numbers);
    dn_floats_release(&im->file.heap, other);
    return status;
}

int dn_onnx_op_arithmetic(onnx_import *im) {
    const char op = (char)im->node->op.p[0]; /* Add, Sub, Mul, Div */
    const int first = dn_onnx_constant_at(im, 0) != NULL;
    if (!first && !dn_onnx_constant_at(im, 1))
        return dn_onnx_fail(im, "takes two results of the network; expected a constant "
                                "for one of them");
    if (first && (op == 'S' || op == 'D'))
        return dn_onnx_fail(im, "takes the constant first; expected it second");
    return im->open < 0 && at_input(im) ? input_arithmetic(im, op, !first)
                                        : layer_arithmetic(im, op, !first);
}

/* numbers is [4][maps.c], as in layers.h. */
static int norm_open(onnx_import *im, float *numbers, double epsilon) {
    onnx_layer *l = &im->net->layers[im->open];
    const int n = im->maps.c;
    float *gain = numbers + ENDS_GAIN * n, *mean = numbers + ENDS_MEAN * n;
    const int status = need_order(im, gain);
    if (status != DN_OK) return status;
    if (!l->norm) {
        dn_onnx_layer_norm(l, numbers, epsilon);
        return DN_OK;
    }
    /* The second one in a row is no more than a scale and a bias. */
    for (int k = 0; k < n; k++) {
        const double variance = (double)numbers[ENDS_VARIANCE * n + k];
        const double a = (double)gain[k] / sqrt(variance + epsilon);
        numbers[k] = (float)((double)numbers[k] - (double)mean[k] * a);
        gain[k] = (float)a;
    }
    dn_onnx_layer_affine(l, gain, numbers, im->file.work);
    return DN_OK;
}

static int norm_input(onnx_import *im, const float *numbers, double epsilon) {
    if (im->maps.c != 1)
        return dn_onnx_fail(im,
                            "normalises an image of %d channels; expected 1, or to "
                            "find it between a Conv and its Relu",
                            im->maps.c);
    input_add(im, -(double)numbers[ENDS_MEAN]);
    const double deviation = sqrt((double)numbers[ENDS_VARIANCE] + epsilon);
    const int status = input_scale(im, (double)numbers[ENDS_GAIN] / deviation);
    if (status != DN_OK) return status;
    input_add(im, (double)numbers[ENDS_BIAS]);
    return input_check(im);
}

int dn_onnx_op_norm(onnx_import *im) {
    static const int inputs[ENDS] = {2, 1, 3, 4}; /* bias, scale, mean, variance */
    const double epsilon = dn_onnx_real(im->node, "epsilon", 1e-5);
    const int input = im->open < 0 && at_input(im);
    float *numbers = NULL;
    if (dn_onnx_int(im->node, "spatial", 1) != 1)
        return dn_onnx_fail(im, "spatial is 0; expected 1");
    int status = im->rank == 1 && !input ? dn_onnx_need_flat(im) : dn_onnx_need_maps(im);
    if (status == DN_OK && !input) status = need_open(im);
    if (status != DN_OK) return status;
    const int n = im->maps.c;
    if (dn_onnx_int(im->node, "training_mode", 0))
        return dn_onnx_fail(im, "training_mode is 1; expected 0");
    if (!(epsilon >= 0 && epsilon <= 1))
        return dn_onnx_fail(im, "epsilon is %g; expected 0..1", epsilon);
    if (!(numbers = dn_floats(&im->file.heap, ENDS * (uint64_t)n))) return DN_NOMEM;
    for (int i = 0; i < ENDS && status == DN_OK; i++) {
        float *list = NULL;
        status = dn_onnx_per_channel(im, inputs[i], 1, &list);
        if (status == DN_OK) memcpy(numbers + i * n, list, (size_t)n * sizeof *list);
        dn_floats_release(&im->file.heap, list);
    }
    for (int k = 0; k < n && status == DN_OK; k++)
        if (!((double)numbers[ENDS_VARIANCE * n + k] + epsilon > 0) ||
            numbers[ENDS_VARIANCE * n + k] < 0)
            status = dn_onnx_fail(im, "variance %d is %g; expected a number above 0", k,
                                  (double)numbers[ENDS_VARIANCE * n + k]);
    if (status == DN_OK)
        status = input ? norm_input(im, numbers, epsilon)
                       : norm_open(im, numbers, epsilon);
    dn_floats_release(&im->file.heap, numbers);
    return status;
}
