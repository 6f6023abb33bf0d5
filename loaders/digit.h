/* digit.h - a picture of a digit, of any size, becomes what MNIST's pictures are.
 *
 *     unsigned char image[28 * 28];
 *     if (digit_normalise(image, 28, 28, grey, NULL, height, width)) … out of memory …
 */
#ifndef DIGIT_H
#define DIGIT_H

/* digit_normalise - finds the digit in a picture, brings it to MNIST's form.
 *
 *   out            [h][w] written: 0 paper … 255 ink; all 0 if there is no ink
 *   grey           [height][width] 0 black … 255 white, row by row
 *   alpha          [height][width] 0 transparent … 255 opaque; NULL: all opaque
 *   h, w           ≥ 1: MNIST's are 28, 28
 *   height, width  ≥ 1
 *
 * The digit fills 20/28 of out in its longer direction, its aspect is kept, its centre of
 * mass is in the middle. The same bits on every machine. Returns 0, or -1: out of memory. */
int digit_normalise(unsigned char *out, int h, int w, const unsigned char *grey,
                    const unsigned char *alpha, int height, int width);

#endif
