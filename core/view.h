/* view.h - a batch tensor for 16 images, somewhere in a buffer.
 *
 * Batch layout keeps one pixel of 16 images side by side:
 *
 *     value(c, y, x, image) = p[c·channel + y·row + x·column + image]      image in 0..15
 *
 * so every operator is the same arithmetic on 16 lanes, whatever its channels and sizes
 * are: nothing is padded to a vector's width, nothing is ever shuffled. A group of fewer
 * than 16 images leaves its last lanes unused: they hold numbers that no result takes in.
 *
 * Strides are free, in floats, so a view can stand inside a larger buffer: with a margin
 * of zeros around each map, which turns a padded convolution into one without borders;
 * or spread out with zeros between, which turns the gradient of a strided convolution
 * into that of a dense one. */
#ifndef DN_VIEW_H
#define DN_VIEW_H

#include <stddef.h>
#include <string.h>

typedef struct dn_view {
    float *p;
    ptrdiff_t channel, row, column;
    int c, h, w;
} dn_view;

/* dn_view_copy - y = x. */
static inline void dn_view_copy(const dn_view *y, const dn_view *x) {
    for (int c = 0; c < y->c; c++)
        for (int row = 0; row < y->h; row++)
            for (int column = 0; column < y->w; column++)
                memcpy(y->p + c * y->channel + row * y->row + column * y->column,
                       x->p + c * x->channel + row * x->row + column * x->column,
                       16 * sizeof(float));
}

#endif
