/* digit.c - from a photograph of a digit to one like MNIST's: so far a plain resampling. */
#include <stddef.h>
#include "digit.h"

int digit_normalise(unsigned char *out, int h, int w, const unsigned char *grey,
                    const unsigned char *alpha, int height, int width) {
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            const size_t k = (size_t)(y * height / h) * (size_t)width +
                             (size_t)(x * width / w);
            out[y * w + x] = (unsigned char)(alpha ? grey[k] * alpha[k] / 255 : grey[k]);
        }
    return 0;
}
