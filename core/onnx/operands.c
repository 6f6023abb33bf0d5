/* operands.c - constants as the numbers of a layer: one, or one a channel. See
 * import.h. */
#include "../bytes.h"
#include "../memory.h"
#include "import.h"

int dn_onnx_one_number(onnx_import *im, int i, double *out) {
    const onnx_constant *c = dn_onnx_constant_at(im, i);
    float *numbers;
    int status = dn_onnx_constant_read(im, c, &numbers);
    const uint64_t n = dn_onnx_constant_size(c);
    for (uint64_t k = 1; status == DN_OK && k < n; k++)
        if (numbers[k] != numbers[0])
            status = dn_onnx_fail(im, "changes one pixel or channel in another way than "
                                      "the next; expected one number for all");
    if (status == DN_OK && n == 0) status = dn_onnx_fail(im, "its constant is empty");
    if (status == DN_OK) *out = (double)numbers[0];
    dn_floats_release(&im->file.heap, numbers);
    return status;
}

/* spread - n numbers, all of them the first of a list. NULL: no memory. */
static float *spread(const dn_heap *heap, const float *one, int n) {
    float *all = dn_floats(heap, (uint64_t)n);
    for (int k = 0; all && k < n; k++) all[k] = one[0];
    return all;
}

int dn_onnx_per_channel(onnx_import *im, int i, int plain, float **out) {
    const onnx_constant *c = dn_onnx_constant_at(im, i);
    const int n = im->maps.c;
    const onnx_text name = dn_onnx_text(dn_onnx_input(im->node, i));
    float *numbers;
    *out = NULL;
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
    int status = dn_onnx_constant_read(im, c, &numbers);
    if (status == DN_OK && size == (uint64_t)n) {
        *out = numbers;
        return DN_OK;
    }
    if (status == DN_OK && !(*out = spread(&im->file.heap, numbers, n)))
        status = DN_NOMEM;
    dn_floats_release(&im->file.heap, numbers);
    return status;
}
