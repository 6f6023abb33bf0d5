/* operands.c - constants as the numbers of a layer: one, or one a channel. See import.h. */
#include <stdlib.h>
#include "../bytes.h"
#include "../memory.h"
#include "import.h"

/* Input i of the node, a constant whose numbers are all the same one. */
int dn_onnx_one_number(onnx_import *im, int i, double *out) {
    const onnx_constant *c = dn_onnx_constant_at(im, i);
    float *numbers;
    int status = dn_onnx_constant_read(im, c, &numbers);
    if (status != DN_OK) return status;
    const uint64_t n = dn_onnx_constant_size(c);
    for (uint64_t k = 1; k < n && status == DN_OK; k++)
        if (numbers[k] != numbers[0])
            status = dn_onnx_fail(im, "changes one pixel or channel in another way than "
                                      "the next; expected one number for all");
    if (n == 0) status = dn_onnx_fail(im, "its constant is empty");
    *out = (double)numbers[0];
    free(numbers);
    return status;
}

/* Input i as one number a channel, [maps.c], malloc'd. It may have one for all of them; else
 * it is laid along the values as numpy does it, which must come out as one a channel.
 *
 *   plain  it is a vector, whatever the dimensions of what is read */
int dn_onnx_per_channel(onnx_import *im, int i, int plain, float **out) {
    const onnx_constant *c = dn_onnx_constant_at(im, i);
    const int n = im->maps.c;
    const onnx_text name = dn_onnx_text(dn_onnx_input(im->node, i));
    if (!c) return dn_onnx_fail(im, "input '%s' is no constant", name.text);
    const uint64_t size = dn_onnx_constant_size(c);
    int fits = size == 1 || size == (uint64_t)n;
    /* Which dimension has them, counted from the last. */
    const int place = plain ? 0 : im->rank - 1 - dn_onnx_channel_axis(im);
    for (int k = 0; fits && size > 1 && k < c->rank; k++)
        if (c->dims[c->rank - 1 - k] != 1) fits = k == place;
    if (fits && size > 1 && !plain && im->rank == 1 && im->maps.h * im->maps.w != 1)
        fits = 0; /* one for each place of each map */
    if (!fits)
        return dn_onnx_fail(im,
                            "constant '%s' has %llu numbers; expected 1, or %d, one for "
                            "each channel",
                            name.text, (unsigned long long)size, n);
    int status = dn_onnx_constant_read(im, c, out);
    if (status != DN_OK || size == (uint64_t)n) return status;
    float *all = dn_floats((size_t)n);
    for (int k = 0; all && k < n; k++) all[k] = (*out)[0];
    free(*out);
    *out = all;
    return all ? DN_OK : DN_NOMEM;
}
