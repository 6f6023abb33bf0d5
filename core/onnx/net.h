/* net.h - the network that an ONNX file holds, before it becomes layers: a list of steps,
 * each of which comes after those whose results it reads.
 *
 *     onnx_net net;
 *     int status = dn_onnx_net_new(&net, 100, &heap);     // room for 100 steps
 *     onnx_step *image, *relu;
 *     int source = dn_onnx_step_new(&net, STEP_IMAGE, -1, &image);
 *     int number = dn_onnx_step_new(&net, STEP_ACT, source, &relu);
 *     dn_onnx_net_free(&net);
 *
 * The importer's operators (op_*.c) write it down as the file says it; fold.c then
 * rewrites it, pass by pass, until few kinds of steps are left; layers.c makes our layers
 * of it. Results are maps [c][h][w]; a vector has h = w = 1. Dimensions and
 * orders that an ONNX file gives its values are not in it: view.h. */
#ifndef DN_ONNX_NET_H
#define DN_ONNX_NET_H

#include "../activation.h"
#include "onnx.h"

typedef enum onnx_kind {
    STEP_GONE,    /* was taken out */
    STEP_IMAGE,   /* the image: step 0 */
    STEP_CONV,    /* out, window, group, w [out][in/group][kh][kw], ends */
    STEP_DENSE,   /* all values of its maps; w [in][out], ends */
    STEP_MAXPOOL, /* window */
    STEP_AVGPOOL, /* window, whole */
    STEP_SCALE,   /* y = gain·x + shift: ends [2][each]; each is out.c or all values */
    STEP_NORM,    /* batch normalisation with epsilon: ends [4][each] */
    STEP_ACT,     /* act, curve; ends [1][each]: slopes of PRelu */
    STEP_ADD,     /* of its inputs, number by number; the second may have h = w = 1 */
    STEP_MUL,
    STEP_CONCAT,  /* channels of all inputs, one after the other */
    STEP_CHOICE,  /* channel k of out.c is channel order[k] of what it reads */
    STEP_SHAPE,   /* other maps of the same numbers */
    STEP_PAD,     /* zeros around maps: window's top, left, bottom, right; below 0: fewer
                     rows or columns */
    STEP_DROPOUT, /* drop */
    STEP_SOFTMAX, /* over all values; with act, which of them is the largest */
    STEP_OUTPUT   /* the end, after folding: y = w·x + bias, number by number */
} onnx_kind;

/* Numbers of a layer, one an output each. A SCALE has the first two. */
enum { ENDS_BIAS, ENDS_GAIN, ENDS_MEAN, ENDS_VARIANCE, ENDS };

/* A window over maps: of a convolution or a pooling. */
typedef struct onnx_window {
    int64_t kh, kw, stride_y, stride_x, dilation_y, dilation_x;
    int64_t top, left, bottom, right; /* padding; what ceil_mode adds is in it */
    int ceil, counts_pads; /* average pooling: the mean is of the padding, too */
} onnx_window;

typedef struct onnx_step {
    onnx_kind kind;
    int n;       /* inputs: */
    int *inputs; /* numbers of steps before; one lies in `input` */
    int input;
    int readers; /* steps that read it, and 1 for the network's result */
    dn_shape in, out;
    onnx_window window;
    int whole; /* the window is the whole map */
    int group;
    int pads;     /* CONV, poolings: how their padding is said (layers.c) */
    size_t reads; /* CONV, DENSE: inputs of an output */
    size_t each;  /* numbers of a list in ends */
    float *w, *ends;
    int norm;    /* CONV, DENSE: batch normalisation follows; ends has four lists */
    int divides; /* SCALE: x is divided by gain, to the bit */
    double epsilon;
    int *order;
    const char *act; /* the ONNX operator's name: of an ACT, or after CONV and DENSE */
    dn_curve curve;  /* that is it; DN_LINEAR: we have none */
    float drop;
    int vector;    /* of a layer: what it gives has no maps any more, as spec.c sees it */
    char name[64]; /* of its node, for errors: "Conv 'c1' (node 3)" */
} onnx_step;

typedef struct onnx_net {
    dn_heap heap;
    onnx_step *steps; /* [n], of room */
    int n, room;
    int result;       /* the step whose values are the classes' */
    int sigmoid;      /* each of them has a Sigmoid of its own, in place of a Softmax */
    uint64_t weights; /* numbers in all of w */
} onnx_net;

/* dn_onnx_net_new - no steps yet. DN_OK or DN_NOMEM; free it after either. */
int dn_onnx_net_new(onnx_net *net, uint64_t room, const dn_heap *heap);
void dn_onnx_net_free(onnx_net *net);

/* dn_onnx_step_new - a step that reads one other (−1: none) and gives what that gives.
 * Its number; −1: there is no room. */
int dn_onnx_step_new(onnx_net *net, onnx_kind kind, int input, onnx_step **out);

/* dn_onnx_step_inputs - it reads these n steps. DN_OK or DN_NOMEM. */
int dn_onnx_step_inputs(onnx_net *net, onnx_step *step, const int *inputs, int n);

/* dn_onnx_step_input - number i of what it reads. */
static inline int dn_onnx_step_input(const onnx_step *s, int i) {
    return s->n == 1 ? s->input : s->inputs[i];
}

/* dn_onnx_step_remove - takes a step with one input out: its readers read that. */
void dn_onnx_step_remove(onnx_net *net, int step);

/* dn_onnx_step_swap - a step and the one that it reads change places; each has one input,
 * and the one before no other reader. The numbers stay: what was step a does now what b
 * did. */
void dn_onnx_step_swap(onnx_net *net, int before, int after);

/* dn_onnx_count_readers - sets readers of all. */
void dn_onnx_count_readers(onnx_net *net);

/* dn_onnx_only_reader - the one step that reads step i; −1: there are several, or it is
 * the result. */
int dn_onnx_only_reader(const onnx_net *net, int i);

/* dn_onnx_drop_unread - what the result does not depend on goes; readers are counted. */
void dn_onnx_drop_unread(onnx_net *net);

/* dn_onnx_weight - weight i of output o of a CONV or DENSE. */
static inline float *dn_onnx_weight(const onnx_step *s, size_t o, size_t i) {
    return s->kind == STEP_CONV ? &s->w[o * s->reads + i]
                                : &s->w[i * (size_t)s->out.c + o];
}

#endif
