/* digit.h - from a photograph of a digit to one like MNIST's. */
#ifndef DIGIT_H
#define DIGIT_H

/* digit_normalise - a picture of a digit becomes what MNIST's are: see digit.c.
 *   out    [h][w] written: 0 paper .. 255 ink
 *   grey   [height][width] 0..255;  alpha [height][width] or NULL: opaque
 *   h, w   size wanted, e.g. 28, 28
 * returns 0, or -1: out of memory (malloc'd work of its own, freed). A picture with no ink
 * gives all zeros. */
int digit_normalise(unsigned char *out, int h, int w, const unsigned char *grey,
                    const unsigned char *alpha, int height, int width);

#endif
