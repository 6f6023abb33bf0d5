/* input.h - pixels of the outside become inputs of a network: (x − mean)·inverse. */
#ifndef DN_INPUT_H
#define DN_INPUT_H

#include "dn.h"
#include "kernels.h"
#include "view.h"

/* dn_input_table - table[k] = (k/255 − mean)·inverse, k = 0..255. */
void dn_input_table(float *table, float mean, float inverse);

/* dn_input_group - up to 16 images into a group of the batch layout.
 *
 *   x       [c][h][w][16] view, written; lanes n … 15 become zero
 *   table   by dn_input_table
 *   images  [n], shape [h][w][c] */
void dn_input_group(const dn_view *x, const dn_image *images, int n, const float *table,
                    float mean, float inverse);

/* dn_input_single - one image into single layout: pixel (y, x, c) to
 * p[y·row + x·shape.c + c]. */
void dn_input_single(float *p, ptrdiff_t row, dn_shape shape, const dn_image *image,
                     const float *table, float mean, float inverse);

/* dn_input_row - row y, channel c of an image to every step-th float of to. */
void dn_input_row(float *to, ptrdiff_t step, const dn_image *image, dn_shape shape, int y,
                  int c, const float *table, float mean, float inverse);

/* dn_is_blank - whether the image of a random stream is replaced by a picture of
 * nothing. */
int dn_is_blank(uint64_t key, double share);

/* dn_input_distorted - the same as dn_input_group, but each image is shifted, turned,
 * scaled, sheared and mirrored at random, or is replaced by pure noise: see augment.c.
 *
 *   keys      [n] random streams' keys
 *   strength  1: up to 2.5 pixels of 28, 12°, 12 % and a shear of 0.15
 *   flip      share of the images that are mirrored left to right
 *   blank     share of the images that are nothing
 *   work      dn_distorted_work(shape) floats */
void dn_input_distorted(const dn_kernels *kernels, const dn_view *x,
                        const dn_image *images, const uint64_t *keys, int n,
                        double strength, double flip, double blank, const float *table,
                        float mean, float inverse, float *work);
uint64_t dn_distorted_work(dn_shape shape);

#endif
