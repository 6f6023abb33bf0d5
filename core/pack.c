/* pack.c - weights in the order that the convolution kernels read them: see kernels.h. */
#include "kernels.h"

/* packed[o/block][i][tap][o%block] = w(o, i, tap) */
static void pack(float *packed, const float *w, int out, int in, int k, int block,
                 int transposed) {
    const int taps = k * k;
    for (int first = 0; first < out; first += block)
        for (int i = 0; i < in; i++)
            for (int tap = 0; tap < taps; tap++)
                for (int o = first; o < first + block; o++) {
                    ptrdiff_t from = transposed
                                         ? ((ptrdiff_t)i * out + o) * taps + taps - 1 - tap
                                         : ((ptrdiff_t)o * in + i) * taps + tap;
                    *packed++ = o < out ? w[from] : 0.0f;
                }
}

void dn_pack_conv(float *packed, const float *w, int out, int in, int k) {
    pack(packed, w, out, in, k, 4, 0);
}

void dn_pack_conv_transposed(float *packed, const float *w, int out, int in, int k) {
    /* The gradient's outputs are the layer's inputs, and the other way round. */
    pack(packed, w, in, out, k, 4, 1);
}

void dn_pack_single(float *packed, const float *w, int out, int in, int k) {
    pack(packed, w, out, in, k, 16, 0);
}
