/* resize.h - a picture at another size, antialiased.
 *
 *     const resize_picture photo = {pixels, 480, 640, 3};
 *     unsigned char small[48 * 64 * 3], square[48 * 48 * 3];
 *     resize_stretch(small, 64 * 3, 48, 64, &photo, NULL);
 *     resize_cover(square, 48 * 3, 48, 48, &photo, NULL);
 *
 * Each pixel of the result is a mean of those around its place, weighted by a triangle.
 * The triangle is as wide as two pixels of the result, or of the picture where that is
 * the smaller one: enlarging is bilinear interpolation, and reducing leaves no pixel out.
 * The results are those of Pillow's Image.resize with BILINEAR (of 9.4: at most 1 of 255
 * away), in whole numbers: the same on every machine. */
#ifndef LOADERS_RESIZE_H
#define LOADERS_RESIZE_H

#include <stddef.h>
#include "stop.h"

enum { RESIZE_OK = 0, RESIZE_NOMEM = LOAD_NOMEM, RESIZE_STOPPED = LOAD_STOPPED };

typedef struct resize_picture {
    const unsigned char *pixels; /* [h][w][channels] */
    int h, w, channels;          /* 1..4096 each */
} resize_picture;

/* resize_stretch - the whole picture on h×w pixels.
 *
 *   out      [h][w][channels] written
 *   stride   bytes from a row of it to the next
 *   h, w     1..4096 each
 *   stop     asked every few milliseconds; may be NULL
 *
 * Returns RESIZE_OK, RESIZE_NOMEM or RESIZE_STOPPED. */
int resize_stretch(unsigned char *out, size_t stride, int h, int w,
                   const resize_picture *picture, const load_stop *stop);

/* resize_cover - the same of the picture's middle part that has the result's aspect, as
 * large as it can be: as Pillow's ImageOps.fit with BILINEAR. */
int resize_cover(unsigned char *out, size_t stride, int h, int w,
                 const resize_picture *picture, const load_stop *stop);

#endif
