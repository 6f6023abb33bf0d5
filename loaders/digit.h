/* digit.h - a picture of a digit, of any size, becomes what MNIST's pictures are.
 *
 *     unsigned char image[28 * 28];
 *     digit_picture picture = {.grey = grey, .height = 400, .width = 300};
 *     switch (digit_normalise(image, 28, 28, &picture, NULL)) {
 *     case DIGIT_INK: … case DIGIT_BLANK: … case DIGIT_NOMEM: …
 *     }
 */
#ifndef DIGIT_H
#define DIGIT_H

#include <stdint.h>
#include "stop.h"

enum {
    DIGIT_STOPPED = -2,
    DIGIT_NOMEM = -1,
    DIGIT_BLANK = 0,
    DIGIT_INK = 1,
    DIGIT_SEVERAL = 2
};

typedef struct digit_picture {
    const unsigned char
        *grey; /* [height][width] 0 black … 255 white, row by row; or NULL: */
    const uint16_t *deep;       /* the same, 0 … 65535 */
    const unsigned char *alpha; /* 0 transparent … 255 opaque; NULL: all opaque */
    int height, width;          /* ≥ 1 */
    const unsigned char *rgb;   /* [height][width][3] colours, instead of grey and deep */
} digit_picture;

/* digit_normalise - finds the digit in a picture, brings it to MNIST's form.
 *
 *   out    [h][w] written: 0 paper … 255 ink
 *   h, w   ≥ 1: MNIST's are 28, 28
 *   stop   asked every few milliseconds; may be NULL
 *
 * The digit fills 20/28 of out in its longer direction, its aspect is kept, its centre of
 * mass is in the middle. The same bits on every machine. Returns DIGIT_INK; DIGIT_SEVERAL
 * if others seem to stand beside it: out is one of them, or all at once; DIGIT_BLANK if
 * no ink was found, and out is all 0; DIGIT_NOMEM; DIGIT_STOPPED. */
int digit_normalise(unsigned char *out, int h, int w, const digit_picture *picture,
                    const load_stop *stop);

#endif
